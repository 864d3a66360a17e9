//! Reading what a PCE answers: lenient where a PCE may differ, exact about the place of what cannot be read.
//!
//! Unknown fields are ignored, and an absent field means the same as one that is null. A field of another type than
//! expected is an error: it is no answer of a PCE, and a guess at its meaning could hide a rule.

use std::{borrow::Cow, fmt, marker::PhantomData, ops::Deref};

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    Source,
    model::{Actor, Kind, Listed, Object, Uses},
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

/// For `enabled`: what does not say that it is off is on.
pub(super) fn or_true<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(true))
}

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
                let mut named = None;
                let mut is_exclusion = false;
                let mut other = None;
                while let Some(key) = map.next_key::<Text<'t>>()? {
                    if &*key == "exclusion" {
                        is_exclusion = map.next_value::<Option<bool>>()?.unwrap_or_default();
                    } else if &*key == "actors" {
                        let word: Option<Text<'t>> = map.next_value()?;
                        named = word.map(|word| (Kind::of_word(&word), Object::from_href(word))).or(named);
                    } else if let Some(kind) = Kind::of_key(&key) {
                        let object: Option<Object<'t>> = map.next_value()?;
                        named = object.map(|object| (kind, object)).or(named);
                    } else if map.next_value::<Option<IgnoredAny>>()?.is_some() {
                        other = Some(key);
                    }
                }
                let unknown = || (Kind::Other, Object::from_href(other.unwrap_or_default()));
                let (kind, object) = named.unwrap_or_else(unknown);
                Ok(Actor { kind, object, is_exclusion })
            }
        }

        deserializer.deserialize_map(AnActor(PhantomData))
    }
}

/// A list of `"workloads"` and `"virtual_services"`; an empty one says nothing.
impl<'de> Deserialize<'de> for Uses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AList;

        impl<'de> Visitor<'de> for AList {
            type Value = Uses;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a list of `workloads` and `virtual_services`")
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Uses, S::Error> {
                let mut uses = Uses { workloads: false, virtual_services: false };
                let mut is_empty = true;
                while let Some(word) = list.next_element::<Text<'de>>()? {
                    uses.workloads |= &*word == "workloads";
                    uses.virtual_services |= &*word == "virtual_services";
                    is_empty = false;
                }
                Ok(if is_empty { Uses::default() } else { uses })
            }
        }

        deserializer.deserialize_seq(AList)
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
    use crate::policy::model::RuleSet;

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
