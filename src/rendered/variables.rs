//! The variables of a script that one line sets, to what is written there.

use std::{collections::HashMap, ops::Range};

use super::text::Said;

/// What one word is once its variables are put in.
pub(super) struct Variables {
    /// By name; nothing of one that is set twice, or to what is not written out.
    known: HashMap<String, Option<Said>>,
    /// What others are by default.
    usual: HashMap<String, Said>,
}

/// As long a text is made of variables.
const LONGEST: usize = 4_000;

impl Variables {
    pub(super) fn new() -> Self {
        Self { known: HashMap::new(), usual: HashMap::new() }
    }

    /// Takes a variable that is set for certain, or not.
    pub(super) fn set(&mut self, name: &str, value: Option<Said>) {
        let value = value.filter(|value| value.text.len() <= LONGEST);
        self.known.entry(name.to_owned()).and_modify(|known| *known = None).or_insert(value);
    }

    /// Takes what a variable is by default.
    pub(super) fn usual(&mut self, name: &str, value: Option<Said>) {
        self.set(name, None);
        if let Some(value) = value.filter(|value| value.text.len() <= LONGEST) {
            self.usual.entry(name.to_owned()).or_insert(value);
        }
    }

    /// The name of a file with its variables put in, and those that are usual: the one that is there is meant.
    pub(super) fn put_file(&self, said: &Said) -> Said {
        let put = self.put_into(said);
        let Some(start) = put.text.find('$') else { return put };
        let usual = |name: &str, end: usize| {
            let value = self.usual.get(name)?;
            Some([&put.text[..start], &value.text, &put.text[end..]].concat())
        };
        let or_default = || {
            let (name, rest) = put.text[start..].strip_prefix("${")?.split_once(":-")?;
            let (value, behind) = rest.split_once('}')?;
            let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            is_name.then(|| [&put.text[..start], value, behind].concat())
        };
        let text = name_at(&put.text, start).and_then(|(name, end)| usual(name, end)).or_else(or_default);
        text.filter(|text| text.len() <= LONGEST).map_or_else(|| put.clone(), |text| Said { text, at: put.at.clone() })
    }

    /// A word with the known variables put in. Where it consists of one, its place is where that is set.
    pub(super) fn put_into(&self, said: &Said) -> Said {
        self.put(said, 8)
    }

    fn put(&self, said: &Said, deeper: usize) -> Said {
        let Some((text, at)) = self.replaced(&said.text) else { return said.clone() };
        let put = Said { text, at: at.unwrap_or_else(|| said.at.clone()) };
        if deeper == 0 || put.text.len() > LONGEST { said.clone() } else { self.put(&put, deeper - 1) }
    }

    /// The text with the first known variable replaced, and where that is set.
    fn replaced(&self, text: &str) -> Option<(String, Option<Range<usize>>)> {
        let mut from = 0;
        while let Some(found) = text[from..].find('$') {
            let start = from + found;
            let Some((name, end)) = name_at(text, start) else {
                from = start + 1;
                continue;
            };
            if let Some(Some(value)) = self.known.get(name) {
                let whole = [&text[..start], &value.text, &text[end..]].concat();
                return Some((whole, Some(value.at.clone())));
            }
            from = end;
        }
        None
    }
}

/// The name of the variable at a dollar sign, and where it ends: `$A`, `${A}`, `$(A)` of make, `$$A` in a recipe of it.
fn name_at(text: &str, dollar: usize) -> Option<(&str, usize)> {
    let rest = &text[dollar + 1..];
    let (open, close) = match rest.chars().next()? {
        '{' => (1, Some('}')),
        '(' => (1, Some(')')),
        _ => (0, None),
    };
    let length = rest[open..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len() - open);
    let name = &rest[open..open + length];
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_closed = close.is_none_or(|close| rest[open + length..].starts_with(close));
    (is_name && is_closed).then_some((name, dollar + 1 + open + length + usize::from(close.is_some())))
}

/// Whether something is put into a word before it is what is run.
pub(super) fn is_variable(text: &str) -> bool {
    text.contains(['$', '%']) || text.contains("{{") || text.contains("{}") || text.contains("<<")
}

/// Whether a word is options that are not written out: `$OPTS`, `"${ARGS[@]}"`, `$(EXTRA)`.
pub(super) fn is_options(text: &str) -> bool {
    text.starts_with('$') || text.starts_with("{{") || text.starts_with('@')
}

/// The assignment that a word is: `A=b`; nothing where it is not one.
pub(super) fn assignment(said: &Said) -> Option<(String, Said)> {
    let (name, value) = said.text.split_once('=')?;
    let name = name.trim_end_matches('+');
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let start = (said.at.start + said.text.len() - value.len()).min(said.at.end);
    (is_name && !name.as_bytes()[0].is_ascii_digit())
        .then(|| (name.to_owned(), Said { text: value.to_owned(), at: start..said.at.end.max(start) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Said {
        Said { text: text.to_owned(), at: 0..text.len() }
    }

    #[test]
    fn what_is_set_once_is_put_in() {
        let mut variables = Variables::new();
        variables.set("A", Some(said("east")));
        variables.set("B", Some(said("values/$A.yaml")));
        variables.set("C", Some(said("x")));
        variables.set("C", Some(said("y")));
        variables.set("D", Some(said("$D")));
        let put = |text: &str| variables.put_into(&said(text)).text;
        assert_eq!(put("-f$(B)"), "-fvalues/east.yaml");
        assert_eq!(put("${A}-$A_x-$C-${C:-z}-$1"), "east-$A_x-$C-${C:-z}-$1");
        assert_eq!(put("$D"), "$D");
    }
}
