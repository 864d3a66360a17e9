//! HCL for Terraform's provider `illumio/illumio-core`: a resource `illumio-core_security_rule` a rule. What that
//! resource cannot say is not written, and it is said why: a rule without its user groups would allow more.

use std::fmt::Write as _;

use super::{in_draft, original};
use crate::policy::{
    id,
    model::{Actor, Condition, Kind, Opened, SecRule, Uses},
    rewritten::{Change, Rewritten},
    words::shown,
};

const HEAD: &str = "\
# Rules that must change before the upgrade to CLAS, for the provider illumio/illumio-core.
# Each replaces the rule named above it: change that rule's block if Terraform manages it already, or delete the
# old rule when the new one is provisioned.
";

pub(super) fn text(rewritten: &Rewritten<'_, '_>) -> String {
    let mut out = String::from(HEAD);
    for change in &rewritten.changes {
        let title = title(change);
        match change.rules.iter().find_map(unwritten) {
            Some(field) => {
                let _ = writeln!(out, "\n# {title} is not written: the resource has no {field}");
            }
            None => push_change(&mut out, change, &title),
        }
    }
    out
}

/// The rules that are not written, each with the field that the resource does not have.
pub(super) fn left(rewritten: &Rewritten<'_, '_>) -> Vec<(String, &'static str)> {
    let changes = rewritten.changes.iter();
    changes.filter_map(|change| Some((title(change), change.rules.iter().find_map(unwritten)?))).collect()
}

fn title(change: &Change<'_, '_>) -> String {
    format!("rule {} of {}", id(&change.old.rule.href), shown(change.set.name))
}

/// What the resource has no argument for.
fn unwritten(rule: &SecRule<'_>) -> Option<&'static str> {
    let is_unwritten = |condition: &&Condition| {
        !matches!(condition, Condition::Encrypted | Condition::Authenticated | Condition::Stateless)
    };
    let condition = rule.conditions.iter().find(is_unwritten).map(|condition| condition.field());
    let groups = (!rule.user_groups.is_empty()).then_some("consuming_security_principals");
    let exclusion = rule.actors().any(|actor| actor.is_exclusion).then_some("exclusion");
    let dimension = rule.actors().any(|actor| actor.kind == Kind::LabelDimension).then_some("label_dimension");
    condition.or(groups).or(exclusion).or(dimension)
}

fn push_change(out: &mut String, change: &Change<'_, '_>, title: &str) {
    let set = in_draft(change.set.href);
    for (number, rule) in change.rules.iter().enumerate() {
        let name = format!("set_{}_rule_{}", name_of(change.set.href), name_of(&change.old.rule.href));
        let name = if number == 0 { name } else { format!("{name}_{}", number + 1) };
        let beside = if number == 0 { "in place of" } else { "beside the one above, in place of" };
        let _ = writeln!(out, "\n# {beside} {title}, {}", shown(&in_draft(&change.old.rule.href)));
        let _ = writeln!(out, "resource \"illumio-core_security_rule\" \"{name}\" {{");
        let _ = writeln!(out, "  rule_set_href      = {}", quoted(&set));
        let _ = writeln!(out, "  enabled            = {}", rule.is_enabled);
        match original(&rule.description) {
            Some("") => {}
            Some(description) => drop(writeln!(out, "  description        = {}", quoted(description))),
            None => out.push_str("  # description: the export masks it, copy it from the rule\n"),
        }
        let _ = writeln!(out, "  unscoped_consumers = {}", rule.has_unscoped_consumers);
        for flag in &rule.conditions {
            let _ = writeln!(out, "  {:<18} = true", flag.field());
        }
        let uses = rule.resolve_labels_as;
        let _ = writeln!(
            out,
            "\n  resolve_labels_as {{\n    consumers = {}\n    providers = {}\n  }}",
            stand_for(uses.consumers),
            stand_for(uses.providers)
        );
        rule.consumers.iter().for_each(|actor| push_actor(out, "consumers", actor));
        rule.providers.iter().for_each(|actor| push_actor(out, "providers", actor));
        rule.ingress_services.iter().for_each(|opened| push_service(out, opened));
        out.push_str("}\n");
    }
}

/// The last part of an href as a name may be written.
fn name_of(href: &str) -> String {
    id(href).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

fn push_actor(out: &mut String, side: &str, actor: &Actor<'_>) {
    let named = quoted(&in_draft(&actor.object.href));
    let _ = match actor.kind.key() {
        Some("actors") => writeln!(out, "\n  {side} {{\n    actors = {named}\n  }}"),
        Some(kind) => writeln!(out, "\n  {side} {{\n    {kind} {{\n      href = {named}\n    }}\n  }}"),
        // a rule with something that is not known is not rewritten
        None => return,
    };
}

fn push_service(out: &mut String, opened: &Opened<'_>) {
    out.push_str("\n  ingress_services {\n");
    if let Some(href) = opened.href.as_deref() {
        let _ = writeln!(out, "    href = {}", quoted(&in_draft(href)));
    } else {
        let numbers = [("proto", opened.proto), ("port", opened.port), ("to_port", opened.to_port)];
        let named: Vec<(&str, i64)> = numbers.into_iter().filter_map(|(key, number)| Some((key, number?))).collect();
        // as `terraform fmt` aligns them
        let width = named.iter().map(|(key, _)| key.len()).max().unwrap_or_default();
        for (key, number) in named {
            let _ = writeln!(out, "    {key:<width$} = \"{number}\"");
        }
    }
    out.push_str("  }\n");
}

fn stand_for(uses: Uses) -> &'static str {
    match (uses.workloads, uses.virtual_services) {
        (_, false) => r#"["workloads"]"#,
        (false, true) => r#"["virtual_services"]"#,
        (true, true) => r#"["workloads", "virtual_services"]"#,
    }
}

/// Text in quotes, in which nothing is a template.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            '\t' => out += "\\t",
            '$' | '%' if rest.peek() == Some(&'{') => out.extend([c, c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_template() {
        assert_eq!(quoted("a ${b} %{c} $d \"e\"\\\n"), r#""a $${b} %%{c} $d \"e\"\\\n""#);
        assert_eq!(quoted("\u{1b}"), r#""\u001b""#);
    }
}
