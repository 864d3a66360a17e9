//! Changes that are not provisioned: they are reported, not judged.
//!
//! An object of a draft says what of it is pending in `update_type`: `create`, `update` or `delete`; where nothing is,
//! that is null or absent. (Source: `illumio-py`; the vendor's operator code)

use std::collections::HashMap;

use super::{
    Book, JudgedSet, Policy, export, id,
    model::{Actor, RuleSet, SecRule},
    words::few,
};
use crate::{finding::Finding, rule::Rule};

/// Adds a finding to each rule set with such changes; those about anything else are returned.
pub(super) fn tell<'p>(book: &'p Book<'p>, rule_sets: &mut Vec<JudgedSet<'p>>) -> Vec<Finding> {
    let by_id: HashMap<&str, usize> = rule_sets.iter().map(|set| id(set.href)).zip(0..).collect();
    for draft in book.policy.draft_rule_sets.iter().flatten() {
        let Some(changes) = changes(draft) else { continue };
        let message = format!("changed in draft, not provisioned: {changes}");
        let finding = Finding::new(Rule::UnprovisionedDraft, message)
            .help("the policy in force was checked: provision or revert the draft, then check again");
        let finding = book.policy.placed(finding, export::DRAFT_RULE_SETS, &draft.href);
        match by_id.get(id(&draft.href)) {
            Some(set) => rule_sets[*set].findings.push(finding),
            None => rule_sets.push(JudgedSet {
                name: &draft.name,
                href: &draft.href,
                is_enabled: draft.is_enabled,
                scopes: &draft.scopes,
                findings: vec![finding],
                rules: Vec::new(),
            }),
        }
    }
    let services = book.policy.draft_virtual_services.iter().flatten();
    let changed: Vec<&str> =
        services.filter(|service| is_pending(service.update_type.as_deref())).map(|service| &*service.name).collect();
    let finding = (!changed.is_empty()).then(|| {
        let message = format!("virtual services changed in draft, not provisioned: {}", few(changed.iter().copied()));
        let finding = Finding::new(Rule::UnprovisionedDraft, message)
            .help("the ones in force were checked: provision or revert the draft, then check again");
        match book.policy.source(export::DRAFT_VIRTUAL_SERVICES) {
            Some(source) => finding.in_file(source.name),
            None => finding,
        }
    });
    finding.into_iter().collect()
}

/// The drafts of rules, for what must not be put in their place.
pub(super) struct Drafts<'p> {
    sets: HashMap<&'p str, &'p RuleSet<'p>>,
    rules: HashMap<(&'p str, &'p str), &'p SecRule<'p>>,
}

impl<'p> Drafts<'p> {
    /// Those of a policy in force; nothing where none are given, or where they are what is judged.
    pub(super) fn of(policy: &'p Policy<'p>) -> Option<Self> {
        let sets = policy.draft_rule_sets.as_deref().filter(|_| !policy.is_draft)?;
        let rules =
            sets.iter().flat_map(|set| set.rules.iter().map(move |rule| ((id(&set.href), id(&rule.href)), rule)));
        Some(Self { rules: rules.collect(), sets: sets.iter().map(|set| (id(&set.href), set)).collect() })
    }

    /// Why a rule cannot be replaced without a person: its draft is another one.
    pub(super) fn pending(&self, set: &JudgedSet<'_>, rule: &SecRule<'_>) -> Option<String> {
        let gone = |what: &str| Some(format!("{what} is deleted in draft, not provisioned"));
        let Some(drafted) = self.sets.get(id(set.href)) else { return gone("its rule set") };
        let Some(draft) = self.rules.get(&(id(set.href), id(&rule.href))) else { return gone("the rule") };
        if drafted.update_type.as_deref() == Some("delete") {
            return gone("its rule set");
        }
        if draft.update_type.as_deref() == Some("delete") {
            return gone("the rule");
        }
        let is_other = is_pending(draft.update_type.as_deref()) || content(draft) != content(rule);
        let of_rule = is_other.then_some("the rule has a pending change in draft, which a request would replace");
        let is_moved = drafted.is_enabled != set.is_enabled || scopes(&drafted.scopes) != scopes(set.scopes);
        let of_set = is_moved.then_some(
            "its rule set is enabled, or has its scopes, differently in draft than in \
                                         force",
        );
        of_rule.or(of_set).map(ToOwned::to_owned)
    }
}

fn scopes(scopes: &[Vec<Actor<'_>>]) -> String {
    format!("{scopes:?}").replace("/sec_policy/draft/", "/sec_policy/active/")
}

/// What a rule says, whether as a draft or in force.
fn content(rule: &SecRule<'_>) -> String {
    let said = (
        (rule.is_enabled, &rule.description, &rule.providers, &rule.consumers, &rule.ingress_services),
        (&rule.egress_services, rule.resolve_labels_as, rule.has_unscoped_consumers, &rule.user_groups),
        (&rule.conditions, &rule.unknown),
    );
    format!("{said:?}").replace("/sec_policy/draft/", "/sec_policy/active/")
}

fn is_pending(update: Option<&str>) -> bool {
    update.is_some_and(|update| !update.is_empty())
}

/// What of a rule set is pending: `the rule set (update), 1 rule (create), 2 rules (delete)`.
fn changes(draft: &RuleSet<'_>) -> Option<String> {
    let mut changes = Vec::new();
    if let Some(update) = draft.update_type.as_deref().filter(|update| is_pending(Some(update))) {
        changes.push(format!("the rule set ({})", word(update)));
    }
    for update in ["create", "update", "delete", "changed"] {
        let is_meant = |rule: &&SecRule<'_>| {
            rule.update_type.as_deref().is_some_and(|pending| is_pending(Some(pending)) && word(pending) == update)
        };
        match draft.all_rules().filter(is_meant).count() {
            0 => {}
            1 => changes.push(format!("1 rule ({update})")),
            number => changes.push(format!("{number} rules ({update})")),
        }
    }
    (!changes.is_empty()).then(|| changes.join(", "))
}

/// A word that a PCE is known to say; any other might be anything.
fn word(update: &str) -> &str {
    if matches!(update, "create" | "update" | "delete") { update } else { "changed" }
}
