//! Patterns of texts with parts that are not known before they are run: `*` for each of those.

use super::bracketed;

/// What opens a part that is filled in, and what closes it.
const PARTS: [(&str, &str); 9] =
    [("${{", "}}"), ("{{", "}}"), ("${", "}"), ("<<", ">>"), ("`", "`"), ("{", "}"), ("[", "]"), ("?", ""), ("*", "")];

/// A text with `*` for each part that is filled in: a variable, a command, an expression, a choice.
pub(crate) fn as_pattern(text: &str) -> String {
    let mut pattern = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let Some(length) = length_filled_in(rest) else {
            pattern.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        if !pattern.ends_with('*') {
            pattern.push('*');
        }
        rest = &rest[length..];
    }
    pattern
}

/// The words of a text that may be the names of files with values, with the parts of them that are filled in.
pub(crate) fn paths_in(text: &str) -> Vec<String> {
    const LONGEST: usize = 300;
    const MOST: usize = 1_000;
    const ENDINGS: [&str; 7] = [".yaml", ".yml", ".json", ".gotmpl", ".tmpl", ".tpl", ".tftpl"];
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() && found.len() < MOST {
        let length = length_of_word(rest);
        let word = rest[..length].trim_end_matches(['.', '/']);
        let is_path = word.len() <= LONGEST && ENDINGS.iter().any(|ending| word.ends_with(ending));
        if is_path {
            found.push(word.to_owned());
        }
        rest = &rest[length..];
        rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
    }
    found
}

/// How long the word is that a text begins with, if it does, with what is filled in.
fn length_of_word(text: &str) -> usize {
    let mut length = 0;
    while let Some(first) = text[length..].chars().next() {
        let rest = &text[length..];
        if ["{{", "<<"].iter().any(|mark| rest.starts_with(mark)) || first == '$' {
            let filled_in = length_filled_in(rest).unwrap_or(1);
            // what an expression names is a word of its own; a heredoc is not filled in
            let inside = &rest[..filled_in];
            let names = if rest.starts_with("${{") { &['"', '\''][..] } else { &['"', '\'', ' '] };
            if inside.contains(names) && first == '$' || inside.contains('\n') {
                break;
            }
            length += filled_in;
        } else if first.is_alphanumeric() || "_-./+@~*".contains(first) {
            length += first.len_utf8();
        } else {
            break;
        }
    }
    length
}

/// Whether any part of a text is filled in.
pub(in crate::rendered) fn is_open(text: &str) -> bool {
    as_pattern(text).contains('*')
}

/// How long the part is that a text begins with, where something is filled in there.
fn length_filled_in(text: &str) -> Option<usize> {
    for mark in ["$(", "<("] {
        if text.starts_with(mark) {
            return Some(bracketed(&text[1..]).map_or(text.len(), |length| length + 1));
        }
    }
    if let Some((open, close)) = PARTS.iter().find(|(open, _)| text.starts_with(open)) {
        let inside = &text[open.len()..];
        return Some(inside.find(close).map_or(text.len(), |end| open.len() + end + close.len()));
    }
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_';
    if let Some(name) = text.strip_prefix('$') {
        let length = name.find(|c| !is_of_name(c)).unwrap_or(name.len());
        // `$*`, `$@`, `$1`, `$$NAME`
        return match name.chars().next() {
            Some('*' | '@' | '#' | '?') => Some(2),
            Some('$') => Some(1 + length_filled_in(name)?),
            _ => Some(1 + length),
        };
    }
    let name = text.strip_prefix('%')?;
    let length = name.find(|c| !is_of_name(c)).filter(|length| *length > 0 && name[*length..].starts_with('%'))?;
    Some(length + 2)
}

#[cfg(test)]
mod tests {
    use super::{as_pattern, paths_in};

    #[test]
    fn what_is_filled_in_is_a_star() {
        for (text, pattern) in [
            ("$ENV/values.yaml", "*/values.yaml"),
            ("a/${ENV:-x}.yaml", "a/*.yaml"),
            ("$(dirname $(pwd))/v.yaml", "*/v.yaml"),
            ("${{ matrix.env }}-{{ .Values.a }}.yaml", "*-*.yaml"),
            ("$*/a.yaml", "*/a.yaml"),
            ("%ENV%/a{b,c}[0-9]?.yaml", "*/a*.yaml"),
            ("`pwd`/$1", "*/*"),
            ("plain/50%.yaml", "plain/50%.yaml"),
            ("${unclosed", "*"),
        ] {
            assert_eq!(as_pattern(text), pattern, "{text}");
        }
    }
    #[test]
    fn the_words_of_a_text_that_may_be_files() {
        let text = "values: [a.yaml, \"{{ .Environment.Name }}/b.yaml\"]\n- $values/c.yml # ./d\n${path.root}/e.yaml.";
        assert_eq!(paths_in("\"${file(\\\"a.yaml\\\")}\""), ["a.yaml"]);
        let found = ["a.yaml", "{{ .Environment.Name }}/b.yaml", "$values/c.yml", "${path.root}/e.yaml"];
        assert_eq!(paths_in(text), found);
    }
}
