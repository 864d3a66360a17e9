//! What is not understood, in words.

use crate::{
    finding::Finding,
    policy::{
        Book, JudgedSet,
        model::{Fate, VirtualService},
        unknown::{self, Meant},
        words::{few, shown},
    },
    rule::Rule,
};

/// What of the rule sets, and of the objects that rules refer to, is not understood.
pub(in crate::policy) fn not_understood(book: &Book<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (kind, by_field) in unknown::objects_by_field(book, Meant::All) {
        for (field, names) in by_field {
            let names = few(names.iter().copied());
            let message = format!("this tool does not understand `{field}` of these {kind}: {names}");
            let help = "a person must find out what it means, and what the rules that use them do in CLAS";
            findings.push(Finding::new(Rule::RuleNotUnderstood, message).help(help));
        }
    }
    findings
}

/// The fields that are not understood, a sentence each.
pub(in crate::policy) fn unknown_fields<'p>(book: &Book<'p>, judged: &[JudgedSet<'p>]) -> Vec<String> {
    let of_rules = unknown::rules_by_field(book, judged).into_iter().map(|(field, rules)| {
        let more = rules.len() - 1;
        let more = match more {
            0 => String::new(),
            1 => " and 1 more rule".to_owned(),
            _ => format!(" and {more} more rules"),
        };
        format!("the effect of `{field}` in CLAS: {}{more}", shown(rules[0]))
    });
    of_rules.chain(unknown_of_objects(book, Meant::All)).collect()
}

/// The fields that are not known of rule sets and of the objects that rules refer to, a sentence each.
pub(in crate::policy) fn unknown_of_objects<'p>(
    book: &Book<'p>,
    meant: Meant,
) -> impl Iterator<Item = String> + use<'p> {
    unknown::objects_by_field(book, meant).into_iter().flat_map(|(kind, by_field)| {
        let sentence = move |(field, names): (String, Vec<&str>)| {
            format!("the meaning of `{field}` of {kind}: {}", few(names.iter().copied()))
        };
        by_field.into_iter().map(sentence).collect::<Vec<_>>()
    })
}

/// What of a policy there is none of, though it is given: nothing is proven of an empty list.
pub(in crate::policy) fn empty_lists(book: &Book<'_>, cluster: Option<&str>) -> Vec<String> {
    let policy = book.policy;
    let mut empty = Vec::new();
    if policy.rule_sets.is_empty() {
        empty.push("what is allowed: no rule set is in the input".to_owned());
    }
    let is_of_kubelink = |service: &VirtualService<'_>| match cluster {
        Some(cluster) => service.cluster() == Some(cluster),
        None => service.fate() != Fate::MadeByHand,
    };
    match &policy.virtual_services {
        Some(services) if !services.iter().any(is_of_kubelink) => empty.push(match cluster {
            Some(cluster) => {
                format!("what the rules reach in cluster {}: its Kubelink created no virtual service", shown(cluster))
            }
            None => "what the rules reach in a cluster: no virtual service of a Kubelink is in the input".to_owned(),
        }),
        _ => {}
    }
    empty
}
