//! What was found, in sentences.

use crate::{
    policy::{
        model::Condition,
        prove::{Answer, Cause, Change, Comparison, Direction, RuleOf},
        words::{self, shown},
    },
    shown::first,
};

/// At most so many services are named.
const FEW: usize = 5;

/// `3 services`.
pub(super) fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// `rule 77 of RS-shop`.
pub(super) fn title(rule: RuleOf<'_>) -> String {
    format!("{} of {}", words::title(rule.rule, rule.sort), shown(&rule.set.name))
}

/// The rule written out.
pub(super) fn rule(comparison: &Comparison<'_>, rule: RuleOf<'_>) -> String {
    let written = comparison.book.words(rule.rule, rule.sort);
    let uses = if written.uses.is_empty() { String::new() } else { format!(" ({})", written.uses) };
    format!("{}{uses}", written.line())
}

/// What is lost, gained or not known, in a sentence.
pub(super) fn change(comparison: &Comparison<'_>, change: &Change<'_>) -> String {
    let services = services(comparison, change);
    let ports = if change.ports.is_empty() { String::new() } else { format!(" on {}", change.ports) };
    let part = match (change.answer, change.is_whole) {
        (Answer::Lost, true) => "all sources of this rule lose",
        (Answer::Lost, false) => "some sources of this rule lose",
        (Answer::Gained, true) => "all sources of this rule gain",
        (Answer::Gained, false) => "some sources of this rule gain",
        (Answer::NotKnown, _) if change.direction == Direction::Lost => "not known whether this rule still allows",
        _ => "not known whether this rule newly allows",
    };
    let what = if services.is_empty() { "its destinations".to_owned() } else { services };
    format!("{part} {what}{ports}")
}

/// The services of a change: a few by name.
pub(super) fn services(comparison: &Comparison<'_>, change: &Change<'_>) -> String {
    let names = comparison
        .services_of(change)
        .map(|service| format!("`{}`", shown(if service.name.is_empty() { &service.href } else { &service.name })));
    first(FEW, comparison.services_of(change).count(), ", ", names)
}

/// Why, in a sentence.
pub(super) fn why(change: &Change<'_>) -> String {
    let model = if change.direction == Direction::Lost { "in CLAS" } else { "in the legacy model" };
    if change.answer == Answer::NotKnown {
        let doubts: Vec<&str> = change.doubts.words().collect();
        let denied = change.denied_by.map(|rule| format!("; {} may deny it {model}", title(rule)));
        return format!("not known: {}{}", doubts.join("; "), denied.unwrap_or_default());
    }
    let denied = |what: &str| change.denied_by.map(|rule| format!("{} denies {what} {model}", title(rule)));
    let missing = match change.cause {
        Cause::Denied => return denied("it").unwrap_or_default(),
        Cause::NamesService => {
            "the rule names a virtual service, and its cluster address is a Kubernetes Workload in CLAS: name its labels"
        }
        Cause::VirtualServicesOnly => {
            "the destination uses virtual services only, and the cluster address is a Kubernetes Workload in CLAS"
        }
        Cause::SourceServicesOnly => "the source uses virtual services only, which CLAS does not have for these pods",
        Cause::NoPort => "the destination uses workloads in CLAS, and the rule names no port",
        Cause::ReachesService => "the labels of the rule reach the service, which is a Kubernetes Workload in CLAS",
        Cause::PortsReplaced => "CLAS opens every port of the service instead of those that the rule names",
        Cause::RuleChanged => "no rule of the other model allows the same",
    };
    let rest = denied("the rest").map(|said| format!("; {said}")).unwrap_or_default();
    format!("{missing}{rest}")
}

/// One flow of a change, in a sentence.
pub(super) fn witness(comparison: &Comparison<'_>, change: &Change<'_>) -> Option<String> {
    let witness = comparison.witness(change)?;
    Some(format!("{} -> {}, {}", witness.source, witness.destination, witness.port))
}

/// Which flows alone it is about, and what else narrows the rule.
pub(super) fn narrowed(comparison: &Comparison<'_>, change: &Change<'_>) -> Option<String> {
    let circumstances = comparison.circumstances_of(change);
    let only = (!circumstances.is_empty()).then(|| format!("only flows {}", circumstances.join(", or ")));
    let widens = |field: &&str| *field != "network_type" || !change.rule.rule.has(Condition::EveryNetwork);
    let is_said = |field: &&str| circumstances.iter().any(|said| said.contains(*field));
    let mut fields = change.rule.rule.narrowing_fields();
    fields.retain(|field| widens(field) && !is_said(field));
    let rest = (!fields.is_empty()).then(|| format!("the rule is narrowed by {}", fields.join(", ")));
    let said: Vec<String> = only.into_iter().chain(rest).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// What else to know of a comparison, in sentences.
pub(super) fn notes(comparison: &Comparison<'_>) -> Vec<String> {
    several_clusters(comparison).into_iter().collect()
}

/// That several clusters were compared together, where none was named.
#[must_use]
pub fn several_clusters(comparison: &Comparison<'_>) -> Option<String> {
    let number = comparison.clusters().len();
    (!comparison.is_of_one_cluster && number > 1).then(|| {
        format!("which of {number} clusters is meant is not known, so all were compared together (see --cluster)")
    })
}

/// The answer to the whole question.
pub(super) fn verdict(comparison: &Comparison<'_>) -> String {
    let of = |answer| comparison.count(answer);
    let services = counted(comparison.services.len(), "service");
    let said = match comparison.answer() {
        Answer::Same => "the same: every flow that is allowed before is allowed after, and no other".to_owned(),
        Answer::Gained => "nothing is lost; some flows are gained".to_owned(),
        Answer::NotKnown => "nothing is proven to be lost, but not everything is known".to_owned(),
        Answer::Lost => "some flows are lost".to_owned(),
    };
    format!(
        "{said}. Of {services} with a cluster address: {} lost, {} not known, {} gained, {} the same; {} compared as {}",
        of(Answer::Lost),
        of(Answer::NotKnown),
        of(Answer::Gained),
        of(Answer::Same),
        counted(comparison.counts.rules, "rule"),
        if comparison.counts.boxes == 1 { "1 box".to_owned() } else { format!("{} boxes", comparison.counts.boxes) },
    )
}

/// What the input lacks, and what of it is not understood, in sentences.
#[must_use]
pub fn gaps(comparison: &Comparison<'_>) -> Vec<String> {
    let missing = comparison.missing.iter().map(|file| format!("nothing is known of services without {file}"));
    let unknown = comparison.not_understood.iter().map(|rule| {
        let fields = rule.unknown_fields().join(", ");
        format!("{} has fields that this tool does not know: {fields}", title(*rule))
    });
    let not_weighed = (comparison.counts.not_weighed > 0).then(|| {
        let rules = counted(comparison.counts.not_weighed, "deny rule");
        format!(
            "ignored: {rules} without override (or enforcement boundaries), which matter only in selective enforcement"
        )
    });
    let too_large = (comparison.counts.too_large > 0).then(|| {
        let groups = counted(comparison.counts.too_large, "group");
        format!("{groups} of services with the same labels and ports: too many rules reach them to compare all of them")
    });
    let of_objects = comparison.objects_not_understood.iter().cloned();
    missing.chain(unknown).chain(of_objects).chain(too_large).chain(not_weighed).collect()
}
