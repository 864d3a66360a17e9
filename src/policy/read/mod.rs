//! Reading what a PCE answers: lenient where a PCE may differ, exact about the place of what cannot be read.
//!
//! Unknown fields are kept by name, and an absent field means the same as one that is null: of what a PCE always
//! writes, a field that is not known. A field of another type than expected is an error: it is not an answer of a PCE,
//! and a guess at its meaning could hide a rule.

mod actor;
mod object;
mod place;
mod reason;
mod text;
mod unknown;

use std::collections::HashMap;

use serde::{Deserialize, Deserializer};

use super::{
    Source,
    shown::{shortened, shown},
};
use crate::{chart::secrets::masked, finding::Position};
use place::{LONGEST_REASON, way_to};

pub use place::Unreadable;
pub use text::Text;
pub use unknown::Unknown;

pub(super) use object::{default_of, name_of, object};
pub(super) use place::LONGEST_KEY;
pub(super) use unknown::{AUDIT, IsSaid};

/// For fields that may be absent or null.
pub(super) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// A list of words.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Words<'t>(#[serde(borrow)] pub(super) Vec<Text<'t>>);

/// An object in a list of the PCE.
pub(in crate::policy) trait Listed {
    /// Where it is on the PCE.
    fn href(&self) -> &Text<'_>;

    /// Notes that another one in the list has the same href: which of them is meant is not known.
    fn note_twin(&mut self);
}

/// The list of objects that a file holds. Their hrefs say whether they are of its kind.
pub(super) fn list<'t, T: Deserialize<'t> + Listed>(source: &Source<'t>) -> Result<Vec<T>, Unreadable> {
    let Source { file, name, text } = *source;
    let json = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut list: Vec<T> = parsed(name, json)?;
    note_twins(&mut list.iter_mut().collect::<Vec<_>>());
    let kind = file.rsplit_once('/').map_or(file, |(_, kind)| kind).trim_end_matches(".json");
    let is_of_kind = |href: &str| href.rsplit_once('/').is_some_and(|(above, _)| above.ends_with(kind));
    match list.iter().map(Listed::href).enumerate().find(|(_, href)| !is_of_kind(href)) {
        None => Ok(list),
        Some((index, href)) => Err(Unreadable {
            file: name.to_owned(),
            position: Position::of(json, href.place_in(json).unwrap_or_default()),
            path: format!("$[{index}].href"),
            reason: format!("`{}` is not one of the {}", shortened(&shown(href), LONGEST_KEY), kind.replace('_', " ")),
        }),
    }
}

/// Notes of objects that they have the same href.
pub(super) fn note_twins(list: &mut [&mut impl Listed]) {
    let mut first = HashMap::with_capacity(list.len());
    let mut twins = Vec::new();
    for (index, one) in list.iter().enumerate() {
        if let Some(first) = first.insert(one.href().to_string(), index) {
            twins.extend([first, index]);
        }
    }
    twins.sort_unstable();
    twins.dedup();
    for index in twins {
        list[index].note_twin();
    }
}

/// The list that a JSON text is.
pub(super) fn parsed<'t, T: Deserialize<'t>>(file: &str, json: &'t str) -> Result<Vec<T>, Unreadable> {
    serde_json::from_str(json).map_err(|error| {
        let before: usize = json.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        // where reading stopped: at most the bytes that are there
        let at = (before + error.column().saturating_sub(1)).min(json.len());
        let at = (0..=at).rev().find(|at| json.is_char_boundary(*at)).unwrap_or_default();
        let whole = error.to_string();
        let reason = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(reason, _)| reason);
        // what an object lacks is known at its end, and is not about the field before that
        let is_about_field = !reason.starts_with("missing field");
        Unreadable {
            file: file.to_owned(),
            position: Position::of(json, at),
            path: way_to(json, at, is_about_field),
            reason: shortened(&masked(&reason::in_words(reason)), LONGEST_REASON).into_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::model::{Condition, Kind, RuleSet, Uses};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let error = parsed::<RuleSet<'_>>("f.json", text).expect_err("unreadable");
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_place() {
        check("", "f.json:1:1: the file ends where a value is expected (at `$`)");
        check("{}", "f.json:1:1: expected a list here, found an object (at `$`)");
        check(
            r#"[{"href": "a", "rules": 7}]"#,
            "f.json:1:25: expected a list here, found the number `7` (at `$[0].rules`)",
        );
        check(
            "[\n {\"href\": \"a\"},\n {\"href\": \"b\", \"rules\": [{\"href\": \"c\", \"providers\": [{\"label\": {\"href\": 1}}]}]}\n]",
            "f.json:3:73: expected text here, found the number `1` (at `$[1].rules[0].providers[0].label.href`)",
        );
        check(r#"[{"name": "x"}]"#, "f.json:1:14: the field `href` is missing in this object (at `$[0]`)");
        check(r#"[{"href": "a"}] x"#, "f.json:1:17: more text follows after the end of the list (at `$`)");
    }

    #[test]
    fn a_place_is_told_in_a_line_however_far_in_it_is() {
        let deep = format!("[{{\"x\": {}", "[".repeat(100));
        check(
            &deep,
            "f.json:1:107: the file ends in the middle of a list (at `$[0].x[0][0][0][0][0][0][0][0][0][0]...`)",
        );
        let long = "k".repeat(1000);
        let error = parsed::<RuleSet<'_>>("f.json", &format!("[{{\"{long}\": x")).expect_err("unreadable");
        assert_eq!(error.path, format!("$[0].{}...", &long[..LONGEST_KEY]));
        let quoted = format!("[{{\"href\": \"a\", \"rules\": \"{long}\"}}]");
        let error = parsed::<RuleSet<'_>>("f.json", &quoted).expect_err("unreadable");
        assert!(error.reason.len() < 200);
    }

    #[test]
    fn a_list_of_other_objects_is_none_of_these() {
        let read = |text| list::<RuleSet<'_>>(&Source { file: "active/rule_sets.json", name: "f.json", text });
        assert!(read(r#"[{"href": "/orgs/3/sec_policy/active/rule_sets/1"}]"#).is_ok());
        let error = read(r#"[{"href": "/orgs/3/labels/12"}]"#).expect_err("labels");
        assert_eq!(error.to_string(), "f.json:1:12: `/orgs/3/labels/12` is not one of the rule sets (at `$[0].href`)");
    }

    #[test]
    fn what_is_absent_or_null_has_its_default() {
        let text = r#"[{"href": "a", "name": null, "scopes": null, "rules": [{"href": "b", "enabled": null,
            "providers": [{"actors": "ams", "label": null}, {"user_group": {"href": "u"}}, {"label": null}],
            "resolve_labels_as": {"providers": []}, "new_in_30": [1, {"x": null}]}]}]"#;
        let sets: Vec<RuleSet<'_>> = parsed("f.json", text).expect("readable");
        let rule = &sets[0].rules[0];
        assert!(sets[0].is_enabled && rule.is_enabled && sets[0].scopes.is_empty());
        let kinds: Vec<(Kind, &str)> = rule.providers.iter().map(|actor| (actor.kind, &*actor.object.href)).collect();
        assert_eq!(kinds, [(Kind::AllWorkloads, "ams"), (Kind::Other, "user_group"), (Kind::Other, "")]);
        assert_eq!(rule.resolve_labels_as.providers, Uses { workloads: true, virtual_services: false });
        assert_eq!(
            rule.unknown_fields(),
            [
                "consumers (missing)",
                "enabled (missing)",
                "ingress_services (missing)",
                "new_in_30",
                "providers[].(empty)",
                "providers[].user_group",
                "resolve_labels_as.consumers (missing)",
                "resolve_labels_as.providers (empty)"
            ]
        );
    }

    #[test]
    fn what_narrows_a_rule_is_read_and_what_is_not_known_is_named() {
        let text = r#"[{"href": "a", "enabled": true, "ip_tables_rules": [{"href": "t"}], "rules": [{"href": "b",
            "enabled": true, "network_type": "vpn", "use_workload_subnets": ["providers", "x"], "stateless": true, "sec_connect": false,
            "all_ips_except_for_in_providers": true, "consuming_security_principals": [{"href": "u"}], "off": false,
            "resolve_labels_as": {"providers": ["virtual_services", "pods"], "users": ["x"]},
            "consumers": [{"label": {"href": "l"}, "ip_list": {"href": "i"}}, {"ip_list": {"href": "i"}, "exclusion": true},
                          {"actors": "everything"}, {"label_dimension": "app"}],
            "ingress_services": [{"proto": 6, "port": 1, "tls": "yes"}, {"name": "own", "service_ports": [{"proto": 17}]}]}]}]"#;
        let sets: Vec<RuleSet<'_>> = parsed("f.json", text).expect("readable");
        let rule = &sets[0].rules[0];
        assert_eq!(sets[0].unknown_fields(), ["ip_tables_rules", "scopes (missing)"]);
        assert_eq!(
            rule.unknown_fields(),
            [
                "consumers[].actors=everything",
                "consumers[].exclusion",
                "consumers[].ip_list",
                "ingress_services[].tls",
                "network_type=vpn",
                "providers (missing)",
                "resolve_labels_as.consumers (missing)",
                "resolve_labels_as.users",
                "resolve_labels_as=pods",
                "use_workload_subnets=x",
            ]
        );
        assert!(rule.has(Condition::DestinationsLeftOut) && !rule.has(Condition::Encrypted));
        assert_eq!(
            rule.narrowing_fields(),
            ["all_ips_except_for_in_providers", "consuming_security_principals", "stateless", "use_workload_subnets"]
        );
        assert_eq!(rule.consumers[3].kind, Kind::LabelDimension);
        assert_eq!(rule.ingress_services[1].ports().expect("ports").to_string(), "UDP");
        check(
            r#"[{"href": "a", "href": "b"}]"#,
            "f.json:1:21: the field `href` occurs twice in this object (at `$[0]`)",
        );
    }

    #[test]
    fn a_text_knows_its_place_unless_it_has_escapes() {
        let text = r#"[{"href": "/a"}, {"href": "\/b"}]"#;
        let sets: Vec<RuleSet<'_>> = parsed("f.json", text).expect("readable");
        assert_eq!((&*sets[0].href, &*sets[1].href), ("/a", "/b"));
        assert_eq!((sets[0].href.place_in(text), sets[1].href.place_in(text)), (Some(11), None));
        assert_eq!(sets[0].href.place_in("another"), None);
    }
}
