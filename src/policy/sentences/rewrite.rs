//! What a rule should become, or why that is for a person to decide, in words.

use super::list;
use crate::policy::{
    Book, Sort,
    hit::{Whose, Why},
    model::SecRule,
    rewrite::{NewRule, Rewrite},
};

/// At most so many lines of what a rule should become.
const MOST_LINES: usize = 12;

/// Why a rule is not rewritten.
pub(in crate::policy) fn why(why: &Why) -> String {
    match why {
        Why::NotUnderstood(fields) => format!("this tool does not know its fields {}", list(fields)),
        Why::LeftOut(side) => {
            format!("the {} means everything but what it names, and that must change", side.word())
        }
        Why::Unclear(side) => format!("it is not known what the {} reaches", side.word()),
        Why::EveryService(side) => {
            format!("the {} would reach every service and every workload: name labels", side.word())
        }
        Why::EveryOther(side) => format!(
            "the {} would reach every service and every workload except those that it excludes: name labels",
            side.word()
        ),
        Why::NoLabels { service } => {
            format!(
                "`{service}` has no labels besides those of the scope: the rule would reach every service of the \
                     scope"
            )
        }
        Why::ReachesMore { labels, others, whose } => {
            let whose = match whose {
                Whose::OtherClusters => "of another cluster",
                Whose::MadeByHand => "that were made by hand",
                Whose::SameCluster => "with the same labels",
            };
            format!("{labels} would also reach services {whose}, with their ports: {others}")
        }
        Why::ReachesNothing { labels, service } => {
            format!("{labels}, the labels of `{service}`, do not reach it in each scope of the rule set")
        }
        Why::OpensClosed { named, services } => format!(
            "nothing shows that {named} opens these services today, and the new rule would open all their ports: {services}"
        ),
        Why::OpensNothing(ports) if ports.is_empty() => "it opens nothing today: name its ports".to_owned(),
        Why::OpensNothing(ports) => {
            format!("it opens nothing today, and its services have {ports}: name its ports")
        }
        Why::UnknownService => "it is not known what a service of the rule opens".to_owned(),
        Why::NewlyOpen(beside) => {
            format!("it names no port, and a named port would also be open at {beside}, which it is not today")
        }
        Why::NoRequest(field) => {
            format!("the PCE does not accept `{field}` in a request, and the new rule would lack it")
        }
        Why::OfProcesses(fields) => format!(
            "its services are for certain processes ({}), and would be open at every workload with these labels",
            list(fields)
        ),
        Why::NoPorts => "it is not known which ports it needs".to_owned(),
        Why::Protocol(ports) => format!("{ports} cannot be written into a rule without a service object"),
        Why::WrittenOut => "a service is defined in the rule, not named".to_owned(),
        Why::TooMany(number) => format!("it would become {number} rules"),
        Why::TooManyPorts(number) => format!("it would name {number} ports or ranges of ports"),
    }
}

/// What a rule should become, one line a rule, with all that it keeps.
pub(in crate::policy) fn becomes(book: &Book<'_>, old: &SecRule<'_>, sort: Sort, rewrite: &Rewrite<'_>) -> Vec<String> {
    let rules = rewrite.rules();
    let mut lines: Vec<String> = rules.iter().take(MOST_LINES).map(|new| line(book, old, sort, new)).collect();
    if rules.len() > MOST_LINES {
        lines.push(format!("and {} more", rules.len() - MOST_LINES));
    }
    lines
}

fn line(book: &Book<'_>, old: &SecRule<'_>, sort: Sort, new: &NewRule<'_>) -> String {
    let words = book.words(&new.in_place_of(old), sort);
    let mut kept: Vec<String> = vec![words.uses.clone()];
    kept.extend(words.conditions.iter().map(|condition| format!("keeps {condition}")));
    kept.retain(|part| !part.is_empty());
    let kept = if kept.is_empty() { String::new() } else { format!(" ({})", kept.join("; ")) };
    format!("{}{kept}", words.line())
}
