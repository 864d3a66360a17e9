//! Rules and objects by what of them is not understood.

use std::collections::BTreeMap;

use crate::policy::{Book, JudgedRule, JudgedSet, hit::What, model::RuleSet, read::Unknown, used::Used};

/// Objects by a field of them that is not known.
pub(in crate::policy) type ByField<'p> = BTreeMap<String, Vec<&'p str>>;

/// The rules by the fields that are not understood, whether unknown or not documented for CLAS; each rule by its href.
/// Services of certain processes only count where the check found that they may be those of a cluster.
pub(in crate::policy) fn rules_by_field<'p>(book: &Book<'p>, judged: &[JudgedSet<'p>]) -> ByField<'p> {
    let mut found = ByField::new();
    let policy = book.policy;
    let boundaries = policy.enforcement_boundaries.iter().flatten();
    for rule in policy.rule_sets.iter().flat_map(RuleSet::all_rules).chain(boundaries) {
        if rule.is_plain() {
            continue;
        }
        let narrowing = rule.narrowing_fields().into_iter().map(ToOwned::to_owned);
        for field in rule.unknown_fields().into_iter().chain(narrowing) {
            found.entry(field).or_default().push(&rule.href);
        }
    }
    for JudgedRule { rule, hits, .. } in judged.iter().flat_map(|set| &set.rules) {
        let of_processes = hits.iter().filter_map(|hit| match &hit.what {
            What::OfProcesses(fields) => Some(fields),
            _ => None,
        });
        for field in of_processes.flatten() {
            found.entry(format!("ingress_services[].{field}")).or_default().push(&rule.href);
        }
    }
    found
}

fn by_field<'o>(objects: impl Iterator<Item = (&'o str, Vec<String>)>) -> ByField<'o> {
    let mut found = ByField::new();
    for (name, fields) in objects {
        for field in fields {
            found.entry(field).or_default().push(name);
        }
    }
    found
}

/// Which objects are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::policy) enum Meant {
    /// All; of those that no rule in force uses, what they lack is skipped.
    All,
    /// Those that rules in force use.
    InForce,
}

/// The objects that rules refer to, kind by kind, and the rule sets, by the fields that are not known; each by its name.
pub(in crate::policy) fn objects_by_field<'p>(book: &Book<'p>, meant: Meant) -> Vec<(&'static str, ByField<'p>)> {
    let policy = book.policy;
    let used = Used::by_rules_in_force(book);
    let of = |href: &str, fields: Vec<String>| match meant {
        _ if used.has(href) => fields,
        Meant::All => fields.into_iter().filter(|field| !Unknown::is_empty_list(field)).collect(),
        Meant::InForce => Vec::new(),
    };
    let is_meant = |set: &&RuleSet<'_>| set.is_enabled || meant == Meant::All;
    let sets = policy.rule_sets.iter().filter(is_meant).map(|one| (&*one.name, one.unknown_fields()));
    let virtual_services = policy.virtual_services.iter().flatten().map(|one| (&*one.name, one.unknown_fields()));
    let services = policy.services.iter().flatten().map(|one| (&*one.name, of(&one.href, one.unknown_fields())));
    let labels = policy.labels.iter().flatten().map(|one| (one.label_in_words(), one.unknown_fields_of_label()));
    let lists = policy.ip_lists.iter().flatten().map(|one| (&*one.name, of(&one.href, one.unknown_fields())));
    let groups = policy.label_groups.iter().flatten();
    let groups = groups.map(|one| (&*one.name, of(&one.href, one.fields_not_understood(book))));
    // what is not understood of them is found rule by rule, unless it is asked what is in force
    let boundaries = policy.enforcement_boundaries.iter().flatten();
    let boundaries = boundaries.filter(|rule| meant == Meant::InForce && rule.is_enabled);
    let boundaries = boundaries.map(|rule| (&*rule.name, rule.unknown_fields()));
    let mut kinds = vec![
        ("enforcement boundaries", by_field(boundaries)),
        ("rule sets", by_field(sets)),
        ("virtual services", by_field(virtual_services)),
        ("services", by_field(services)),
        ("IP lists", by_field(lists)),
        ("label groups", by_field(groups)),
        ("labels", by_field(labels)),
    ];
    kinds.retain(|(_, found)| !found.is_empty());
    kinds
}
