//! Reading what a PCE answers: lenient where a PCE may differ, exact about the place of what cannot be read.
//!
//! Unknown fields are kept by name, and an absent field means the same as one that is null. A field of another type than
//! expected is an error: it is no answer of a PCE, and a guess at its meaning could hide a rule.

use std::{borrow::Cow, fmt, marker::PhantomData, ops::Deref};

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    Source,
    model::{Actor, Kind, Listed, Object},
    words::shown,
};
use crate::{chart::secrets::masked, finding::Position};

/// Text of a JSON file: borrowed from it, unless it is written with escapes there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text<'t>(Cow<'t, str>);

impl Text<'_> {
    /// The byte of a file at which the text stands; nothing where it is not borrowed from that file.
    #[must_use]
    pub fn place_in(&self, file: &str) -> Option<usize> {
        let Cow::Borrowed(text) = self.0 else { return None };
        let at = text.as_ptr().addr().checked_sub(file.as_ptr().addr())?;
        (at + text.len() <= file.len()).then_some(at)
    }
}

impl<'t> Text<'t> {
    /// The same as text that is borrowed where it can be.
    pub(super) fn into_cow(self) -> Cow<'t, str> {
        self.0
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self)
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl<'t> From<&'t str> for Text<'t> {
    fn from(text: &'t str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl<'de: 't, 't> Deserialize<'de> for Text<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AText<'t>(PhantomData<&'t ()>);

        impl<'de: 't, 't> Visitor<'de> for AText<'t> {
            type Value = Text<'t>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("text")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'t>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'t>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(AText(PhantomData))
    }
}

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

/// A field that this crate does not know, or a value of one that it does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unknown<'t> {
    /// The field it stands in, where that is not the object's own.
    pub within: &'static str,
    /// The field.
    pub field: Text<'t>,
    /// The value, where the field is known.
    pub value: Option<Text<'t>>,
}

impl<'t> Unknown<'t> {
    pub(super) const fn field(field: Text<'t>) -> Self {
        Self { within: "", field, value: None }
    }

    pub(super) fn value(field: &'static str, value: Text<'t>) -> Self {
        Self { within: "", field: Text(Cow::Borrowed(field)), value: Some(value) }
    }

    pub(super) fn within(self, within: &'static str) -> Self {
        Self { within, ..self }
    }
}

/// `egress_services`, `network_type=vpn`, `resolve_labels_as.routers`.
impl fmt::Display for Unknown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.within.is_empty() {
            write!(out, "{}.", self.within)?;
        }
        out.write_str(&shortened(&shown(&self.field), LONGEST_KEY))?;
        match &self.value {
            Some(value) => write!(out, "={}", shortened(&shown(value), LONGEST_KEY)),
            None => Ok(()),
        }
    }
}

/// Fields of any object that say who wrote it and when, or under which name others know it, not what it does.
pub(super) const AUDIT: &[&str] = &[
    "created_at",
    "updated_at",
    "deleted_at",
    "created_by",
    "updated_by",
    "deleted_by",
    "caps",
    "external_data_set",
    "external_data_reference",
];

/// Whether the value of a field says anything: what is null, false or empty does not, as a PCE writes whatever is off.
pub(super) struct IsSaid(pub(super) bool);

impl<'de> Deserialize<'de> for IsSaid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyValue;

        impl<'de> Visitor<'de> for AnyValue {
            type Value = bool;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<bool, E> {
                Ok(false)
            }

            fn visit_bool<E>(self, is_on: bool) -> Result<bool, E> {
                Ok(is_on)
            }

            fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
                Ok(true)
            }

            fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
                Ok(true)
            }

            fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
                Ok(true)
            }

            fn visit_str<E>(self, text: &str) -> Result<bool, E> {
                Ok(!text.is_empty())
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<bool, S::Error> {
                let mut is_said = false;
                while list.next_element::<IgnoredAny>()?.is_some() {
                    is_said = true;
                }
                Ok(is_said)
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<bool, M::Error> {
                let mut is_said = false;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                    is_said = true;
                }
                Ok(is_said)
            }
        }

        deserializer.deserialize_any(AnyValue).map(Self)
    }
}

/// A type that is read from a JSON object by a table of its fields. What is absent or null has its default; what stands
/// neither in the table nor under `without` is kept in `unknown`, so that nothing is passed over in silence.
macro_rules! object {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $object:ident<$t:lifetime>, called $what:literal, needs [$($needed:ident),*],
        without [$($ignored:literal),*] {
            $($(#[$doc:meta])* $key:literal => $field:ident: $type:ty $(= $default:expr)?,)*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug)]
        $visibility struct $object<$t> {
            $($(#[$doc])* $visibility $field: $type,)*
            /// Fields that this crate does not know.
            $visibility unknown: Vec<$crate::policy::read::Unknown<$t>>,
        }

        impl<'de: $t, $t> serde::Deserialize<'de> for $object<$t> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Fields<$t>(std::marker::PhantomData<&$t ()>);

                impl<'de: $t, $t> serde::de::Visitor<'de> for Fields<$t> {
                    type Value = $object<$t>;

                    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        out.write_str($what)
                    }

                    fn visit_map<M: serde::de::MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                        $(let mut $field: Option<Option<$type>> = None;)*
                        let mut unknown = Vec::new();
                        while let Some(key) = map.next_key::<$crate::policy::read::Text<$t>>()? {
                            match &*key {
                                $($key => {
                                    if $field.is_some() {
                                        return Err(serde::de::Error::duplicate_field($key));
                                    }
                                    $field = Some(map.next_value()?);
                                })*
                                $($ignored => {
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                })*
                                audit if $crate::policy::read::AUDIT.contains(&audit) => {
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                }
                                _ => {
                                    if map.next_value::<$crate::policy::read::IsSaid>()?.0 {
                                        unknown.push($crate::policy::read::Unknown::field(key));
                                    }
                                }
                            }
                        }
                        $(if $needed.as_ref().is_none_or(Option::is_none) {
                            return Err(serde::de::Error::missing_field(stringify!($needed)));
                        })*
                        Ok($object {
                            $($field: $field.flatten().unwrap_or($crate::policy::read::default_of!($($default)?)),)*
                            unknown,
                        })
                    }
                }

                deserializer.deserialize_map(Fields(std::marker::PhantomData))
            }
        }
    };
}

macro_rules! default_of {
    () => {
        Default::default()
    };
    ($default:expr) => {
        $default
    };
}

pub(super) use {default_of, object};

/// `{"actors": "ams"}`, `{"label": {"href": ...}, "exclusion": true}` and the like. One that names nothing this crate
/// knows is kept under the name it has.
impl<'de: 't, 't> Deserialize<'de> for Actor<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnActor<'t>(PhantomData<&'t ()>);

        impl<'de: 't, 't> Visitor<'de> for AnActor<'t> {
            type Value = Actor<'t>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object that names a source or a destination")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Actor<'t>, M::Error> {
                let mut named: Option<(Kind, Object<'t>)> = None;
                let mut is_exclusion = false;
                let mut unknown = Vec::new();
                while let Some(key) = map.next_key::<Text<'t>>()? {
                    if &*key == "exclusion" {
                        is_exclusion = map.next_value::<Option<bool>>()?.unwrap_or_default();
                        continue;
                    }
                    let found = if let Some(kind) = Kind::of_key(&key) {
                        map.next_value::<Option<Object<'t>>>()?.map(|object| (kind, object))
                    } else if matches!(&*key, "actors" | "label_dimension") {
                        let word = map.next_value::<Option<Text<'t>>>()?;
                        word.map(|word| {
                            (if &*key == "actors" { Kind::of_word(&word) } else { Kind::LabelDimension }, word)
                        })
                        .map(|(kind, word)| (kind, Object::from_href(word)))
                    } else {
                        if map.next_value::<IsSaid>()?.0 {
                            unknown.push(Unknown::field(key));
                        }
                        continue;
                    };
                    match (found, &named) {
                        (None, _) => {}
                        (Some((Kind::Other, word)), None) => {
                            unknown.push(Unknown::value("actors", word.href.clone()));
                            named = Some((Kind::Other, word));
                        }
                        (found, None) => named = found,
                        // an actor names one thing: what two of them mean together is not documented
                        (Some(_), Some(_)) => unknown.push(Unknown::field(key)),
                    }
                }
                let (kind, object) = named.unwrap_or_else(|| {
                    let word = unknown.first().map(|unknown| unknown.field.clone());
                    (Kind::Other, Object::from_href(word.unwrap_or_default()))
                });
                if is_exclusion && !matches!(kind, Kind::Label | Kind::LabelGroup | Kind::Other) {
                    unknown.push(Unknown::field("exclusion".into()));
                }
                Ok(Actor { kind, object, is_exclusion, unknown })
            }
        }

        deserializer.deserialize_map(AnActor(PhantomData))
    }
}

/// Why a file is not what a PCE answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The name of the file.
    pub file: String,
    /// Where in it.
    pub position: Position,
    /// The same as the way there: `$[3].rules[0].providers`.
    pub path: String,
    /// What is wrong there.
    pub reason: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, position: Position { line, column }, path, reason } = self;
        write!(out, "{file}:{line}:{column}: {reason} (at `{path}`)")
    }
}

impl std::error::Error for Unreadable {}

/// The list of objects that a file holds. Their hrefs tell whether they are of its kind.
pub(super) fn list<'t, T: Deserialize<'t> + Listed>(source: &Source<'t>) -> Result<Vec<T>, Unreadable> {
    let Source { file, name, text } = *source;
    let json = text.strip_prefix('\u{feff}').unwrap_or(text);
    let list: Vec<T> = parsed(name, json)?;
    let kind = file.rsplit_once('/').map_or(file, |(_, kind)| kind).trim_end_matches(".json");
    let is_of_kind = |href: &str| href.rsplit_once('/').is_some_and(|(above, _)| above.ends_with(kind));
    match list.iter().map(Listed::href).enumerate().find(|(_, href)| !is_of_kind(href)) {
        None => Ok(list),
        Some((index, href)) => Err(Unreadable {
            file: name.to_owned(),
            position: Position::of(json, href.place_in(json).unwrap_or_default()),
            path: format!("$[{index}].href"),
            reason: format!("`{}` is none of the {}", shortened(&shown(href), LONGEST_KEY), kind.replace('_', " ")),
        }),
    }
}

fn parsed<'t, T: Deserialize<'t>>(file: &str, json: &'t str) -> Result<Vec<T>, Unreadable> {
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
            reason: shortened(&masked(&reason.replace("invalid type: ", "wrong type: ")), LONGEST_REASON).into_owned(),
        }
    })
}

/// The most characters of a reason, which may quote what stands there.
const LONGEST_REASON: usize = 160;

/// The most characters of a key on the way to a place.
const LONGEST_KEY: usize = 40;

/// The most steps of the way to a place. An answer of a PCE has fewer.
const MOST_STEPS: usize = 12;

/// The same with an ellipsis for what is too long.
fn shortened(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}...", &text[..end]).into(),
        None => text.into(),
    }
}

/// The way to a byte of a JSON text, with the field that is being read there or without it. The text may be broken
/// behind that byte.
fn way_to(json: &str, end: usize, with_field: bool) -> String {
    /// A list with the index, or an object with the key, that is being read.
    enum Level<'j> {
        Index(usize),
        Key(&'j str),
    }
    let mut levels: Vec<Level<'_>> = Vec::new();
    let mut text_start = None;
    let mut last_text = "";
    let mut is_escaped = false;
    for (at, byte) in json.bytes().enumerate().take(end) {
        if let Some(start) = text_start {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => {
                    last_text = &json[start..at];
                    text_start = None;
                }
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => text_start = Some(at + 1),
            b'[' => levels.push(Level::Index(0)),
            b'{' => levels.push(Level::Key("")),
            b']' | b'}' => drop(levels.pop()),
            b':' => {
                if let Some(Level::Key(key)) = levels.last_mut() {
                    *key = last_text;
                }
            }
            b',' => match levels.last_mut() {
                Some(Level::Index(index)) => *index += 1,
                Some(Level::Key(key)) => *key = "",
                None => {}
            },
            _ => {}
        }
    }
    if let (Some(Level::Key(field)), false) = (levels.last_mut(), with_field) {
        *field = "";
    }
    let ellipsis = if levels.len() > MOST_STEPS { "..." } else { "" };
    let steps = levels.into_iter().take(MOST_STEPS).map(|level| match level {
        Level::Index(index) => format!("[{index}]"),
        Level::Key("") => String::new(),
        Level::Key(key) => format!(".{}", shortened(&shown(key), LONGEST_KEY)),
    });
    format!("${}{ellipsis}", steps.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::model::{Condition, RuleSet, Uses};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let error = parsed::<RuleSet<'_>>("f.json", text).expect_err("unreadable");
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_place() {
        check("", "f.json:1:1: EOF while parsing a value (at `$`)");
        check("{}", "f.json:1:1: wrong type: map, expected a sequence (at `$`)");
        check(
            r#"[{"href": "a", "rules": 7}]"#,
            "f.json:1:25: wrong type: integer `7`, expected a sequence (at `$[0].rules`)",
        );
        check(
            "[\n {\"href\": \"a\"},\n {\"href\": \"b\", \"rules\": [{\"href\": \"c\", \"providers\": [{\"label\": {\"href\": 1}}]}]}\n]",
            "f.json:3:73: wrong type: integer `1`, expected text (at `$[1].rules[0].providers[0].label.href`)",
        );
        check(r#"[{"name": "x"}]"#, "f.json:1:14: missing field `href` (at `$[0]`)");
        check(r#"[{"href": "a"}] x"#, "f.json:1:17: trailing characters (at `$`)");
    }

    #[test]
    fn a_place_is_told_in_a_line_however_far_in_it_is() {
        let deep = format!("[{{\"x\": {}", "[".repeat(100));
        check(&deep, "f.json:1:107: EOF while parsing a list (at `$[0].x[0][0][0][0][0][0][0][0][0][0]...`)");
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
        assert_eq!(error.to_string(), "f.json:1:12: `/orgs/3/labels/12` is none of the rule sets (at `$[0].href`)");
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
        assert_eq!(rule.unknown_fields(), ["new_in_30", "providers[].(empty)", "providers[].user_group"]);
    }

    #[test]
    fn what_narrows_a_rule_is_read_and_what_is_not_known_is_named() {
        let text = r#"[{"href": "a", "ip_tables_rules": [{"href": "t"}], "rules": [{"href": "b",
            "network_type": "vpn", "use_workload_subnets": ["providers", "x"], "stateless": true, "sec_connect": false,
            "all_ips_except_for_in_providers": true, "consuming_security_principals": [{"href": "u"}], "off": false,
            "resolve_labels_as": {"providers": ["virtual_services", "pods"], "users": ["x"]},
            "consumers": [{"label": {"href": "l"}, "ip_list": {"href": "i"}}, {"ip_list": {"href": "i"}, "exclusion": true},
                          {"actors": "everything"}, {"label_dimension": "app"}],
            "ingress_services": [{"proto": 6, "port": 1, "tls": "yes"}, {"name": "own", "service_ports": [{"proto": 17}]}]}]}]"#;
        let sets: Vec<RuleSet<'_>> = parsed("f.json", text).expect("readable");
        let rule = &sets[0].rules[0];
        assert_eq!(sets[0].unknown_fields(), ["ip_tables_rules"]);
        assert_eq!(
            rule.unknown_fields(),
            [
                "consumers[].actors=everything",
                "consumers[].exclusion",
                "consumers[].ip_list",
                "ingress_services[].tls",
                "network_type=vpn",
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
        check(r#"[{"href": "a", "href": "b"}]"#, "f.json:1:21: duplicate field `href` (at `$[0]`)");
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
