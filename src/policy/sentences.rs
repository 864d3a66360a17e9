//! Facts in words: the one place that makes the sentences of the check.

use std::iter::once;

use super::{
    Book, JudgedSet, Policy, Sort,
    hit::{Certainty, Hit, Met, Only, Remain, What, Which, Why},
    model::{Fate, SecRule},
    ports::Ports,
    proof::Doubt,
    rewrite::{NewRule, Rewrite},
    unknown,
    words::{few, shown},
};
use crate::{
    finding::{Finding, Severity},
    rule::Rule,
};

/// At most so many lines of what a rule should become.
const MOST_LINES: usize = 12;

/// What was found of a rule; of one that is not in force, what would be.
pub(super) fn findings(hits: &[Hit<'_>], is_enabled: bool) -> Vec<Finding> {
    let findings = hits.iter().map(|hit| {
        let (message, help) = sentences(hit);
        Finding::new(hit.rule, message).weighing(hit.severity).help(help)
    });
    if is_enabled { findings.collect() } else { disabled(&findings.collect::<Vec<_>>()).into_iter().collect() }
}

/// What is wrong, and what to do about it.
fn sentences(hit: &Hit<'_>) -> (String, String) {
    let side = hit.side.map_or("rule", Which::word);
    match &hit.what {
        What::Named { fate, is_called_inside } => named(hit, side, *fate, *is_called_inside),
        What::OnlyVirtualServices { of, remain } => only_virtual_services(hit, side, *of, remain),
        What::AlsoVirtualServices { remain } => {
            let message = match hit.certainty {
                Certainty::Certain => as_virtual_services(hit, side, "also"),
                _ => format!("whether the {side} reaches virtual services that CLAS removes is not known"),
            };
            (message, format!("{}; as workloads they are reached as before", use_workloads(side, remain)))
        }
        What::AllWorkloads { is_scoped, allows, labels } => {
            let within = if *is_scoped { " (in the scope)" } else { "" };
            let message = format!("the destination is All Workloads{within}, which the vendor advises against in CLAS");
            let labels = if labels.is_empty() { String::new() } else { format!(", for example {}", labels.join(", ")) };
            (message, if *allows { format!("name the destinations by labels{labels}") } else { test_denying() })
        }
        What::EveryLabelled { key, allows } => {
            let message = format!(
                "the destination is everything with a label of the kind `{}` (label_dimension), so every service that has \
                 one: nearly All Workloads, which the vendor advises against in CLAS",
                shown(key)
            );
            (message, if *allows { "name the destinations by labels".to_owned() } else { test_denying() })
        }
        What::WithoutPort(ports) => {
            let of = if ports.is_empty() { String::new() } else { format!("; the services it reaches have {ports}") };
            ("the destination uses workloads, and no port is named".to_owned(), format!("name at least one port{of}"))
        }
        What::Widened(named) => widened(hit, named),
        What::DeniedPorts(named) => (
            format!(
                "the rule denies {} alone, and whether CLAS makes of that every port of a service, as it does for rules \
                 that allow, is not documented: {}{}",
                known_ports(named),
                with_ports(&hit.reached),
                certainty(hit.certainty)
            ),
            test_denying(),
        ),
        What::Replaced(named) => {
            let message = format!(
                "the rule names {}, no port of these services, and CLAS replaces its ports by theirs: {}{}",
                known_ports(named),
                with_ports(&hit.reached),
                certainty(hit.certainty)
            );
            let help = "leave these services out, or accept it: the vendor's pages say so of every rule that reaches a \
                        service with a cluster address; test it";
            (message, help.to_owned())
        }
        What::NotUnderstood(fields) => (
            format!("the rule has fields that this tool does not know: {}", list(fields)),
            "what they mean, and what CLAS makes of the rule, is for a person to judge".to_owned(),
        ),
        What::Narrowed(fields) => (
            format!("what these fields do in CLAS is not documented: {}", list(fields)),
            "test the rule in CLAS; what it should become keeps them".to_owned(),
        ),
        What::OfProcesses(fields) => (
            format!("its services are for certain processes only, which CLAS does not document: {}", list(fields)),
            "test the rule in CLAS; what it should become keeps the services".to_owned(),
        ),
        What::ByHand(reasons) => (
            format!("no rule is offered in its place: {}", reasons.iter().map(why).collect::<Vec<_>>().join("; ")),
            "decide what it should become, and check again".to_owned(),
        ),
    }
}

fn test_denying() -> String {
    "nothing is documented about rules that deny: test it".to_owned()
}

fn list(fields: &[impl AsRef<str>]) -> String {
    let fields: Vec<String> = fields.iter().map(|field| format!("`{}`", field.as_ref())).collect();
    fields.join(", ")
}

fn named(hit: &Hit<'_>, side: &str, fate: Fate, is_called_inside: bool) -> (String, String) {
    let (one, several, help) = match fate {
        Fate::Goes => (
            "whose type is ClusterIP: CLAS removes it",
            "of type ClusterIP, which CLAS removes",
            "name what is behind it by labels, and Use Workloads",
        ),
        Fate::CannotTell => (
            "whose type is not known",
            "whose types are not known",
            "one of type ClusterIP must become labels; NodePort and LoadBalancer remain",
        ),
        Fate::Stays if is_called_inside => (
            "which remains in CLAS for callers outside of the cluster; for pods that call its cluster address it is a \
             Kubernetes Workload there, which this rule does not reach",
            "that remain in CLAS for callers outside of the cluster; for pods that call their cluster addresses they are \
             Kubernetes Workloads there, which this rule does not reach",
            "name it by its labels with \"Uses Virtual Services and Workloads\", and name the ports",
        ),
        Fate::Stays => ("which remains in CLAS", "that remain in CLAS", "leave it as it is"),
        Fate::MadeByHand => (
            "which was made by hand: CLAS leaves it",
            "that were made by hand: CLAS leaves them",
            "where pods are bound to it, name them by labels instead",
        ),
    };
    let names = names(&hit.reached);
    let message = if hit.reached.number == 1 {
        format!("the {side} names the virtual service {names}, {one}")
    } else {
        format!("the {side} names virtual services {several}: {names}")
    };
    (message, help.to_owned())
}

fn only_virtual_services(hit: &Hit<'_>, side: &str, of: Only, remain: &Remain) -> (String, String) {
    let names = names(&hit.reached);
    match of {
        Only::Going => (as_virtual_services(hit, side, "only"), use_workloads(side, remain)),
        Only::Unclear => (
            format!("the {side} means virtual services only, and whether CLAS removes them is not known"),
            use_workloads(side, remain),
        ),
        Only::Nothing { is_of_one_cluster: true } => (
            format!("the {side} means virtual services only, and reaches none of this cluster"),
            "nothing is to be done for this cluster".to_owned(),
        ),
        Only::Nothing { is_of_one_cluster: false } => (
            format!("the {side} means virtual services only, and reaches none today"),
            "see whether it is still needed".to_owned(),
        ),
        Only::Staying => (
            format!("the {side} means virtual services only; those that it reaches remain in CLAS: {names}"),
            "leave it as it is".to_owned(),
        ),
        Only::CalledInside => (
            format!(
                "the {side} means virtual services only; those that it reaches remain in CLAS for callers outside of the \
                 cluster, but pods that call their cluster addresses meet Kubernetes Workloads, which it does not reach: \
                 {names}"
            ),
            use_workloads(side, remain),
        ),
    }
}

fn as_virtual_services(hit: &Hit<'_>, side: &str, adverb: &str) -> String {
    let names = names(&hit.reached);
    match hit.reached.number {
        1 => format!(
            "the {side} reaches the ClusterIP service {names} {adverb} as a virtual service, which CLAS removes"
        ),
        number => {
            format!(
                "the {side} reaches {number} ClusterIP services {adverb} as virtual services, which CLAS removes: {names}"
            )
        }
    }
}

fn use_workloads(side: &str, remain: &Remain) -> String {
    let choose = if remain.are_some {
        format!("choose \"Uses Virtual Services and Workloads\" for the {side}: some of them remain")
    } else {
        format!("choose \"Use Workloads\" for the {side}")
    };
    if remain.ports.is_empty() { choose } else { format!("{choose}, and name the ports: {}", remain.ports) }
}

fn widened(hit: &Hit<'_>, named: &Ports) -> (String, String) {
    let message = format!(
        "CLAS opens every port of a service, and the rule names {}: {}{}",
        known_ports(named),
        with_ports(&hit.reached),
        certainty(hit.certainty)
    );
    (message, "accept it, or split the Kubernetes service: a single port cannot be picked in CLAS".to_owned())
}

fn known_ports(named: &Ports) -> String {
    if named.is_empty() { "none that is known".to_owned() } else { named.to_string() }
}

const fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Certain => "",
        Certainty::OfWhatIsReached => " (as far as this export shows)",
        Certainty::OfPorts => " (not all services of the rule are known)",
        Certainty::OfTypes => " (if they have a cluster address: their types are not known)",
    }
}

/// A few names in backticks, and how many more there are.
fn names(reached: &Met<'_>) -> String {
    let names = few(reached.first.iter().map(|service| service.name));
    match reached.number - reached.first.len() {
        0 => names,
        more => format!("{names} and {more} more"),
    }
}

/// A few services with their ports.
fn with_ports(reached: &Met<'_>) -> String {
    let words = reached.first.iter().map(|service| format!("{} ({})", few(once(service.name)), service.ports));
    let words = words.collect::<Vec<_>>().join(", ");
    match reached.number - reached.first.len() {
        0 => words,
        more => format!("{words} and {more} more"),
    }
}

/// Why a rule is not rewritten.
pub(super) fn why(why: &Why) -> String {
    match why {
        Why::NotUnderstood(fields) => format!("this tool does not know its fields {}", list(fields)),
        Why::LeftOut(side) => {
            format!("the {} is everything but what it names, and that must change", side.word())
        }
        Why::Unclear(side) => format!("what the {} reaches is not known", side.word()),
        Why::EveryService(side) => {
            format!("the {} would reach every service and every workload: name labels", side.word())
        }
        Why::NoLabels { service } => {
            format!("`{service}` has no label beside those of the scope: every service of the scope would be reached")
        }
        Why::ReachesMore { labels, others, are_of_other_clusters } => {
            let whose = if *are_of_other_clusters { "of another cluster" } else { "with the same labels" };
            format!("{labels} would reach services {whose}, too, with their ports: {others}")
        }
        Why::ReachesNothing { labels, service } => {
            format!("{labels}, the labels of `{service}`, do not reach it in each scope of the rule set")
        }
        Why::NoPorts => "which ports it needs is not known".to_owned(),
        Why::Protocol(ports) => format!("{ports} cannot be written into a rule without a service object"),
        Why::WrittenOut => "a service is written out in the rule, not named".to_owned(),
        Why::TooMany(number) => format!("it would become {number} rules"),
    }
}

/// What a rule should become, one line a rule, with all that it keeps.
pub(super) fn becomes(book: &Book<'_>, old: &SecRule<'_>, sort: Sort, rewrite: &Rewrite<'_>) -> Vec<String> {
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

/// `disabled-but-affected`: what would be found if the rule were enabled, where that is more than a remark.
fn disabled(findings: &[Finding]) -> Option<Finding> {
    let mut names: Vec<&str> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.severity > Severity::Info) {
        if !names.contains(&finding.rule.name()) {
            names.push(finding.rule.name());
        }
    }
    let first = findings.iter().find(|finding| finding.severity > Severity::Info)?;
    let message = format!("disabled today; when enabled it will have: {}", few(names.iter().copied()));
    let finding = Finding::new(Rule::DisabledButAffected, message);
    Some(finding.help(format!("before you enable it: {}", first.help.as_deref().unwrap_or("repair it"))))
}

/// What of the rule sets, and of the objects that rules refer to, is not understood.
pub(super) fn not_understood(policy: &Policy<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (kind, by_field) in unknown::objects_by_field(policy) {
        for (field, names) in by_field {
            let names = few(names.iter().copied());
            let message = format!("this tool does not know the field `{field}` of these {kind}: {names}");
            let help = "what it means, and what CLAS makes of the rules that use them, is for a person to judge";
            findings.push(Finding::new(Rule::RuleNotUnderstood, message).help(help));
        }
    }
    findings
}

/// The fields that are not understood, a sentence each.
pub(super) fn unknown_fields<'p>(book: &Book<'p>, judged: &[JudgedSet<'p>]) -> Vec<String> {
    let of_rules = unknown::rules_by_field(book, judged).into_iter().map(|(field, rules)| {
        let more = rules.len() - 1;
        let more = match more {
            0 => String::new(),
            1 => " and 1 more rule".to_owned(),
            _ => format!(" and {more} more rules"),
        };
        format!("what `{field}` does in CLAS: {}{more}", shown(rules[0]))
    });
    of_rules.chain(unknown_of_objects(book.policy)).collect()
}

/// The fields that are not known of rule sets and of the objects that rules refer to, a sentence each.
pub(super) fn unknown_of_objects<'p>(policy: &'p Policy<'_>) -> impl Iterator<Item = String> + use<'p> {
    unknown::objects_by_field(policy).into_iter().flat_map(|(kind, by_field)| {
        let sentence = move |(field, names): (String, Vec<&str>)| {
            format!("what `{field}` of {kind} means: {}", few(names.iter().copied()))
        };
        by_field.into_iter().map(sentence).collect::<Vec<_>>()
    })
}

/// Why a rule may not be the mandatory one.
pub(super) fn doubt(doubt: &Doubt) -> String {
    match doubt {
        Doubt::NotHeld { lists, block } => format!("the IP list {lists} does not hold {block}"),
        Doubt::UnknownList(words) => format!("what the {words} holds is not known"),
        Doubt::ServiceCidr { lists, seen: 0 } => {
            format!("whether the IP list {lists} holds the Service CIDR is not known")
        }
        Doubt::ServiceCidr { lists, seen } => format!(
            "whether the IP list {lists} holds the Service CIDR is not known (it fits all {seen} service addresses that \
             were seen)"
        ),
        Doubt::Nodes(words) => format!("whether every node is {words} is not known"),
        Doubt::Scope => "whether every node is in the scope of its rule set is not known".to_owned(),
        Doubt::Pods { name, said } => format!("whether {name} is {said} is not known"),
        Doubt::Pce(list) => format!("whether the IP list `{list}` holds the PCE is not known"),
        Doubt::UserGroups => {
            "it is for members of user groups only (consuming_security_principals), which nodes are not".to_owned()
        }
        Doubt::Narrowed(field) => format!("its field `{field}` narrows it"),
        Doubt::NotDocumented(field) => format!("what its field `{field}` does in CLAS is not documented"),
        Doubt::OfProcesses(service) => format!("its service `{service}` is for certain processes only"),
        Doubt::NotUnderstood(fields) => format!("this tool does not know its fields {}", list(fields)),
        Doubt::Overridden { title, set } => format!("{title} of `{set}` overrides it, or may"),
        Doubt::Enforcement { namespace, mode } => format!("the namespace {namespace} is in enforcement mode `{mode}`"),
    }
}
