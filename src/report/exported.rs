//! [`Exported`]: what the PCE answered, as a person reads it in a file of `helm clas policy export`.

use std::{borrow::Cow, collections::BTreeSet, fmt::Write as _};

use serde_json::Value;

use super::{
    pretty::pretty,
    text::{TITLE, filled},
};
use crate::chart::secrets::{MASK, is_secret_name, masked};

/// A JSON text on many lines, without credentials.
///
/// Numbers, the order of names and the spelling of texts stay as the PCE wrote them: nothing is read and written again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// The text.
    pub text: String,
    /// The names under which a text was replaced by [`MASK`], because a credential might be there.
    pub masked: BTreeSet<String>,
}

impl Exported {
    /// Lays out a valid JSON text; invalid JSON stays invalid.
    ///
    /// ```
    /// use helm_clas::report::exported::Exported;
    ///
    /// let exported = Exported::of(r#"[{"name":"a b","n":1.50,"none":[],"api_secret":"s"}]"#);
    /// let text = "[\n  {\n    \"name\": \"a b\",\n    \"n\": 1.50,\n    \"none\": [],\n    \"api_secret\": \"********\"\n  }\n]\n";
    /// assert_eq!(exported.text, text);
    /// assert!(exported.masked.contains("api_secret"));
    /// ```
    #[must_use]
    pub fn of(json: &str) -> Self {
        let mut exported = Self { text: String::with_capacity(json.len() * 2), masked: BTreeSet::new() };
        let mut tokens = Tokens { rest: json }.peekable();
        let mut depth = 0;
        let mut name = "";
        // a secret name, and its depth: everything below it is secret
        let mut secret: Option<(&str, usize)> = None;
        while let Some(token) = tokens.next() {
            match token {
                "{" | "[" => {
                    exported.text.push_str(token);
                    if let Some(end) = tokens.next_if(|next| matches!(*next, "}" | "]")) {
                        exported.text.push_str(end);
                    } else {
                        depth += 1;
                        exported.line(depth);
                    }
                }
                "}" | "]" => {
                    depth = depth.saturating_sub(1);
                    exported.line(depth);
                    exported.text.push_str(token);
                }
                "," => {
                    exported.text.push(',');
                    exported.line(depth);
                }
                ":" => exported.text.push_str(": "),
                text if tokens.peek() == Some(&":") => {
                    name = text.trim_matches('"');
                    if secret.is_none_or(|(_, above)| depth <= above) {
                        secret = is_secret_name(name).then_some((name, depth));
                    }
                    exported.text.push_str(text);
                }
                value => match secret {
                    Some((name, _)) if !matches!(value, "null" | "true" | "false") => exported.mask(name),
                    _ => exported.value(name, value),
                },
            }
        }
        exported.text.push('\n');
        exported
    }

    /// A value whose name is not one of a secret; a text may hold a credential anyway, but an href names an object.
    fn value(&mut self, name: &str, value: &str) {
        let inside = value.strip_prefix('"').and_then(|text| text.strip_suffix('"')).filter(|_| name != "href");
        match inside.map(masked) {
            Some(Cow::Owned(masked)) => {
                let text = format!("\"{masked}\"");
                // a mask may cut an escape in two
                if serde_json::from_str::<String>(&text).is_err() {
                    return self.mask(name);
                }
                self.text.push_str(&text);
                self.masked.insert(name.to_owned());
            }
            _ => self.text.push_str(value),
        }
    }

    fn mask(&mut self, name: &str) {
        let _ = write!(self.text, "\"{MASK}\"");
        self.masked.insert(name.to_owned());
    }

    fn line(&mut self, depth: usize) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n("  ", depth));
    }
}

/// What an export wrote, and what it did not.
#[derive(Clone, Copy, Debug)]
pub struct Summary<'s> {
    /// The folder.
    pub folder: &'s str,
    /// The host of the PCE.
    pub pce: &'s str,
    /// The files, with the number of objects in each.
    pub files: &'s [(&'s str, usize)],
    /// The files that are not there, because the PCE has nothing of the kind.
    pub absent: &'s [&'s str],
    /// The files that are not there, because the PCE does not show such objects to this API key, each with why.
    pub refused: &'s [(&'s str, String)],
    /// The names under which something was masked.
    pub masked: &'s [&'s str],
}

impl Summary<'_> {
    /// As a person reads it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{TITLE}{}{TITLE:#}: sent by the PCE {}\n", self.folder, self.pce);
        for (file, count) in self.files {
            let _ = writeln!(out, "  {count:>7}  {file}");
        }
        if !self.absent.is_empty() {
            let text = format!("The PCE has nothing for: {}.", self.absent.join(", "));
            out += &filled(&text, "", "");
        }
        for (file, why) in self.refused {
            out += &filled(&format!("Could not be checked: {file}. {}.", sentence(why)), "", "");
        }
        let masked = match self.masked {
            [] if !self.refused.is_empty() => "The rest contains no credentials.".to_owned(),
            [] => "It contains no credentials, and nothing was omitted.".to_owned(),
            names => format!("Masked, because it may be a credential: {}.", names.join(", ")),
        };
        out + &filled(&masked, "", "")
    }

    /// As one JSON object.
    #[must_use]
    pub fn json(&self) -> String {
        let files: Vec<Value> =
            self.files.iter().map(|(file, count)| serde_json::json!({ "file": file, "count": count })).collect();
        let refused: Vec<Value> =
            self.refused.iter().map(|(file, why)| serde_json::json!({ "file": file, "why": why })).collect();
        pretty(&serde_json::json!({
            "schema": "helm-clas/policy-export/v1",
            "folder": self.folder,
            "pce": self.pce,
            "files": files,
            "absent": self.absent,
            "refused": refused,
            "masked": self.masked,
        }))
    }
}

/// Words of a failure, as a sentence begins.
fn sentence(words: &str) -> String {
    let mut rest = words.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

/// The words of a JSON text: a text in its quotes, a bracket, a sign, a number or a word.
struct Tokens<'j> {
    rest: &'j str,
}

impl<'j> Iterator for Tokens<'j> {
    type Item = &'j str;

    fn next(&mut self) -> Option<&'j str> {
        self.rest = self.rest.trim_start();
        let bytes = self.rest.as_bytes();
        let length = match bytes.first()? {
            b'"' => {
                let mut escaped = false;
                let closes = |byte: &u8| {
                    let closes = *byte == b'"' && !escaped;
                    escaped = *byte == b'\\' && !escaped;
                    closes
                };
                bytes[1..].iter().position(closes).map_or(bytes.len(), |at| at + 2)
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
            _ => self.rest.find(|c: char| c.is_whitespace() || "{}[],:\"".contains(c)).unwrap_or(bytes.len()),
        };
        let (token, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn means_the_same(json: &str) {
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect(text);
        let exported = Exported::of(json);
        assert_eq!(read(&exported.text), read(json));
        assert_eq!(Exported::of(&exported.text), exported);
    }

    #[test]
    fn nothing_but_the_layout_changes() {
        means_the_same(r#"{"a":"\\","b":"\"}","c":[[],{},[1,-2.5e+3,true,null]],"d":{"e":"é\u00e9 , : ["}}"#);
        means_the_same("[]");
        means_the_same("3");
        means_the_same(" [ 1 ,\n 2 ] ");
    }

    #[test]
    fn a_credential_is_masked_whatever_its_name_looks_like() {
        let exported = Exported::of(
            r#"{"token":"t1","deep":{"maintenanceToken":"t2"},"who":{"x":"kept"},"secret":{"a":["t3",4711],"b":null},"c":"kept"}"#,
        );
        assert!(!["t1", "t2", "t3", "4711"].iter().any(|secret| exported.text.contains(secret)), "{}", exported.text);
        assert_eq!(exported.text.matches("kept").count(), 2);
        assert_eq!(Vec::from_iter(&exported.masked), ["maintenanceToken", "secret", "token"]);
    }

    #[test]
    fn a_credential_in_a_text_is_masked() {
        let exported =
            Exported::of(r#"{"description":"asks \"x\", password: geheim","more":"secret: \"geheim\"","href":"/a"}"#);
        assert!(!exported.text.contains("geheim"), "{}", exported.text);
        assert!(exported.text.contains(r#"asks \"x\""#), "{}", exported.text);
        serde_json::from_str::<serde_json::Value>(&exported.text).expect("JSON");
        assert_eq!(Vec::from_iter(&exported.masked), ["description", "more"]);
    }
}
