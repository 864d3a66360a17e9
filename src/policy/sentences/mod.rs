//! Facts in words: the one place that makes the sentences of the check.

mod doubt;
mod rewrite;
mod unknown;

pub(super) use doubt::doubt;
pub(super) use rewrite::{becomes, why};
pub(super) use unknown::{
    empty_lists, external_traffic, not_legacy, not_understood, selective, taken_for_outside, unknown_fields,
    unknown_of_objects,
};

use super::{
    hit::{Certainty, Hit, Met, Only, Remain, What, Which},
    model::Fate,
    ports::Ports,
    words::{FEW, few, quoted, shown},
};
use crate::{
    finding::{Finding, Severity},
    rule::Rule,
    shown::first,
};

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
                _ => format!("it is not known whether the {side} reaches virtual services that CLAS removes"),
            };
            let what_to_do = if remain.are_some {
                "leave it as it is: it still reaches them as workloads, and other virtual services remain".to_owned()
            } else {
                format!("{}; it still reaches them as workloads", use_workloads(side, remain))
            };
            (message, what_to_do)
        }
        What::AllWorkloads { is_scoped, allows, labels } => {
            let within = if *is_scoped { " (in the scope)" } else { "" };
            let message = format!("the destination is All Workloads{within}, which the vendor advises against in CLAS");
            let labels = if labels.is_empty() { String::new() } else { format!(", for example {}", labels.join(", ")) };
            (message, if *allows { format!("name the destinations by labels{labels}") } else { test_denying() })
        }
        What::EveryLabelled { key, allows } => {
            let message = format!(
                "the destination is everything with a label of the kind `{}` (label_dimension), so every service with \
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
                "the rule denies only {}, and the vendor does not document whether CLAS extends that to every port of \
                 a service, as it does for allow rules: {}{}",
                known_ports(named),
                with_ports(&hit.reached),
                certainty(hit.certainty)
            ),
            test_denying(),
        ),
        What::Replaced(named) => {
            replaced(hit, named, "no port of these services, and CLAS replaces its ports with theirs")
        }
        What::ReplacedAtNodes(named) => replaced(
            hit,
            named,
            "which these services have at the nodes; the vendor does not document whether it opens them today, and CLAS \
             replaces its ports with theirs",
        ),
        What::NotUnderstood(fields) => (
            format!("the rule has fields that this tool does not know: {}", list(fields)),
            "a person must find out what they mean, and what the rule does in CLAS".to_owned(),
        ),
        What::Narrowed(fields) => (
            format!("the effect of these fields in CLAS is not documented: {}", list(fields)),
            "test the rule in CLAS; a suggested rule keeps them".to_owned(),
        ),
        What::OfProcesses(fields) => (
            format!(
                "its services are only for certain processes, and the effect in CLAS is not documented: {}",
                list(fields)
            ),
            "test the rule in CLAS; a suggested rule keeps the services".to_owned(),
        ),
        What::ByHand(reasons) => (
            format!("no rule is suggested: {}", reasons.iter().map(why).collect::<Vec<_>>().join("; ")),
            "decide how to change it, and check again".to_owned(),
        ),
    }
}

fn test_denying() -> String {
    "the vendor does not document deny rules: test it".to_owned()
}

fn list(fields: &[impl AsRef<str>]) -> String {
    let fields: Vec<String> = fields.iter().map(|field| format!("`{}`", field.as_ref())).collect();
    fields.join(", ")
}

fn named(hit: &Hit<'_>, side: &str, fate: Fate, is_called_inside: bool) -> (String, String) {
    let (one, several, help) = match fate {
        Fate::Goes => (
            "which has the type ClusterIP: CLAS removes it",
            "of type ClusterIP, which CLAS removes",
            "name what is behind it by labels, and choose \"Use Workloads\"",
        ),
        Fate::CannotTell => (
            "whose type is not known",
            "whose types are not known",
            "replace one of type ClusterIP by labels; NodePort and LoadBalancer remain",
        ),
        Fate::Stays if is_called_inside => (
            "which remains in CLAS for callers outside the cluster; pods that call its cluster address reach a \
             Kubernetes Workload, which this rule does not cover",
            "that remain in CLAS for callers outside the cluster; pods that call their cluster addresses reach \
             Kubernetes Workloads, which this rule does not cover",
            "name it by its labels with \"Uses Virtual Services and Workloads\", and name the ports",
        ),
        Fate::Stays => ("which remains in CLAS", "that remain in CLAS", "leave it as it is"),
        Fate::MadeByHand => (
            "which was made by hand: CLAS keeps it",
            "that were made by hand: CLAS keeps them",
            "if pods are bound to it, name them by labels instead",
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
            format!("the {side} means virtual services only, and it is not known whether CLAS removes them"),
            format!("find out what the {side} reaches; if CLAS removes it, {}", use_workloads(side, remain)),
        ),
        Only::Nothing { is_of_one_cluster: true } => (
            format!("the {side} means virtual services only, and reaches none of this cluster"),
            "there is nothing to do for this cluster".to_owned(),
        ),
        Only::Nothing { is_of_one_cluster: false } => (
            format!("the {side} means virtual services only, and reaches none today"),
            "check whether it is still needed".to_owned(),
        ),
        Only::Staying => (
            format!("the {side} means virtual services only; the ones it reaches remain in CLAS: {names}"),
            "leave it as it is".to_owned(),
        ),
        Only::CalledInside => (
            format!(
                "the {side} means virtual services only; the ones it reaches remain in CLAS for callers outside the \
                 cluster, but pods that call their cluster addresses reach Kubernetes Workloads, which it does not \
                 cover: {names}"
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
    (message, "accept it, or split the Kubernetes service: you cannot pick a single port in CLAS".to_owned())
}

fn replaced(hit: &Hit<'_>, named: &Ports, said: &str) -> (String, String) {
    let (services, certainty) = (with_ports(&hit.reached), certainty(hit.certainty));
    let message = format!("the rule names {}, {said}: {services}{certainty}", known_ports(named));
    let help = "exclude these services, or accept it: the vendor's pages say this about every rule that reaches a service with a cluster address; test it";
    (message, help.to_owned())
}

fn known_ports(named: &Ports) -> String {
    if named.is_empty() { "not known".to_owned() } else { named.to_string() }
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
    first(FEW, reached.number, ", ", reached.first.iter().map(|service| quoted(service.name)))
}

/// A few services with their ports.
fn with_ports(reached: &Met<'_>) -> String {
    let words = reached.first.iter().map(|service| format!("{} ({})", quoted(service.name), service.ports));
    first(FEW, reached.number, ", ", words)
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
    Some(finding.help(format!("before you enable it: {}", first.help.as_deref().unwrap_or("fix it"))))
}
