//! Plain English: the mannerisms that crept in once, held at zero in everything that a person reads, and what to write
//! instead.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::support::files_below;

/// A mannerism, what to write instead, and where the same words are right. Words are compared without regard to case.
const MANNERISMS: &[(&str, &str, &[&str])] = &[
    ("tells", "says, shows, returns", &[]),
    ("told", "says, is known, is distinguished", &[]),
    ("untold", "not known", &[]),
    ("to say of", "findings about", &[]),
    ("nothing to say", "no findings, does not occur", &[]),
    ("something to say", "findings", &[]),
    ("mend", "repair, fix", &[]),
    ("mends", "repairs, fixes", &[]),
    ("mended", "repaired, fixed", &[]),
    ("take in", "accept", &[]),
    ("takes in", "accepts", &[]),
    ("taken in", "accepted", &["is taken in that", "is taken in this"]),
    ("take away", "remove", &[]),
    ("takes away", "removes", &[]),
    ("taken away", "removed", &[]),
    ("nobody", "name the program or the person", &[]),
    ("somebody", "name the program or the person", &[]),
    ("whoever", "name the program or the person", &[]),
    ("is no", "is not a", &["there is no", "is no longer", "where is no", "if there is no"]),
    ("are no", "are not", &["there are no", "are no longer"]),
    ("is none", "is not one", &["there is none"]),
    ("are none", "are not", &["there are none"]),
    ("as such", "those, these", &["credentials such as such"]),
    ("and such", "and the like", &[]),
    ("of such", "of those", &[]),
    ("blank", "space; empty; without a value", &["blank line", "blank lines", "blank-mode", "blank_issues_enabled"]),
    ("blanks", "spaces", &[]),
    ("belongs into", "belongs in", &[]),
    ("belong into", "belong in", &[]),
    ("is left", "remains", &["is left to you", "is left to a person"]),
    ("are left", "remain", &["are left to you", "are left to a person"]),
    ("see that", "check that", &[]),
    ("see to", "check", &[]),
    ("passed over", "skipped, ignored", &[]),
    ("all the same", "anyway", &[]),
    ("called so", "has that name", &[]),
    ("whatever stands", "overrides", &[]),
    ("stands", "is", &[]),
    ("anew", "again", &[]),
    ("the form of the answer", "output format", &[]),
    ("the way on", "to continue", &[]),
    ("is said", "is set, is known", &[]),
    ("says the mode", "sets the mode", &[]),
    ("say the mode", "set the mode", &[]),
    ("says a mode", "sets a mode", &[]),
    ("say a mode", "set a mode", &[]),
    ("unless given", "by default", &[]),
    ("held against", "compared with", &[]),
    ("come to rest", "finish", &[]),
    ("cannot do without", "needs", &[]),
    ("beyond all measure", "too many", &[]),
    ("hand on", "pass on", &[]),
    ("handed on", "passed on", &[]),
];

/// A dictionary of words, which are data.
const WORDS_AS_DATA: &str = "src/chart/secrets/prose.rs";

#[test]
fn what_people_read_is_plain_english() {
    let mut found = Vec::new();
    let read = prose().into_iter().chain(strings_of_the_program()).chain(comments());
    for (place, text) in read {
        for (pattern, instead, right) in MANNERISMS {
            for shown in hits(&text, pattern, right) {
                found.push(format!("{place}: `{pattern}` in `{shown}`: write {instead}"));
            }
        }
    }
    assert!(found.is_empty(), "{} mannerisms:\n{}", found.len(), found.join("\n"));
}

#[test]
fn a_mannerism_is_found_where_it_is_one() {
    let hits = |text| MANNERISMS.iter().flat_map(|(pattern, _, right)| hits(text, pattern, right)).count();
    for text in
        ["which its Chart.yaml\ntells", "There is something to say of it", "it is no list", "Indent with BLANKS"]
    {
        assert!(hits(text) > 0, "{text}");
    }
    for text in ["there is no list", "it is no longer here", "a blank line", "retells", "such as this", "left to you"] {
        assert_eq!(hits(text), 0, "{text}");
    }
    let strings: Vec<String> =
        strings("let a = 'x'; // \"no\"\nf(\"it \\\n   is \\\"so\\\"\", r#\"raw \"text\"\"#, '\"');").collect();
    assert_eq!(strings, ["it is \"so\"", "raw \"text\""]);
}

/// Where a text has a mannerism, with the words around it.
fn hits(text: &str, pattern: &str, right: &[&str]) -> Vec<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = text.to_ascii_lowercase();
    let is_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let at = lower.match_indices(pattern).map(|(at, _)| at).filter(|at| {
        let (before, behind) = (&lower[..*at], &lower[at + pattern.len()..]);
        let is_alone = !before.ends_with(is_word) && !behind.starts_with(is_word);
        let is_right = right.iter().any(|words| {
            words.match_indices(pattern).any(|(inner, _)| {
                let (start, end) = (at.checked_sub(inner), at - inner.min(*at) + words.len());
                start.is_some_and(|start| lower.get(start..end) == Some(words))
            })
        });
        is_alone && !is_right
    });
    let around = |at: usize| {
        let start = lower[..at].char_indices().rev().nth(40).map_or(0, |(start, _)| start);
        let end = lower[at..].char_indices().nth(60).map_or(lower.len(), |(end, _)| at + end);
        lower[start..end].to_owned()
    };
    at.map(around).collect()
}

/// Pages, schemas and manifests, by their names.
fn prose() -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> =
        ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "plugin.yaml", ".pre-commit-hooks.yaml"]
            .map(PathBuf::from)
            .into();
    for folder in ["docs", "src/rule", "schemas", ".github/ISSUE_TEMPLATE", "testdata/cli"] {
        files_below(Path::new(folder), &mut files);
    }
    let is_input = |folder: &Path| folder.extension().is_some_and(|ending| ending == "in") || folder.ends_with("in");
    files.retain(|file| !file.ancestors().any(is_input));
    assert!(files.len() > 80, "{files:?}");
    let read = |file: PathBuf| (file.display().to_string(), fs::read_to_string(file).unwrap());
    files.into_iter().map(read).collect()
}

/// The texts in the code, by their files: messages, and what the help of the command line is made of.
fn strings_of_the_program() -> Vec<(String, String)> {
    let mut files = Vec::new();
    files_below(Path::new("src"), &mut files);
    files.retain(|file| file.extension().is_some_and(|ending| ending == "rs") && file != Path::new(WORDS_AS_DATA));
    let mut texts = Vec::new();
    for file in files.into_iter().filter(|file| !file.ends_with("tests.rs")) {
        let code = fs::read_to_string(&file).unwrap();
        let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let place = file.display().to_string();
        if file.starts_with("src/bin/helm-clas/args") {
            let help = code.lines().filter_map(|line| line.trim_start().strip_prefix("/// "));
            texts.push((place.clone(), help.collect::<Vec<_>>().join(" ")));
        }
        let shown = strings(code).filter(|text| text.contains(' ')).map(|text| without_names(&text));
        texts.extend(shown.map(|text| (place.clone(), text)));
    }
    assert!(texts.len() > 2000, "{}", texts.len());
    texts
}

/// The comments of the code, by their files. What is between fences is an example.
fn comments() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for folder in ["src", "testdata", "fuzz", "benches"] {
        files_below(Path::new(folder), &mut files);
    }
    files.retain(|file| file.extension().is_some_and(|ending| ending == "rs"));
    assert!(files.len() > 500, "{}", files.len());
    let read = |file: PathBuf| {
        let (mut text, mut is_example) = (String::new(), false);
        for line in fs::read_to_string(&file).unwrap().lines() {
            let comment = line.trim_start().strip_prefix("//").map(|comment| comment.trim_start_matches(['/', '!']));
            // code between two comments parts them
            let comment = comment.unwrap_or("|").trim();
            is_example ^= comment.starts_with("```");
            if !is_example {
                text.extend([comment, "\n"]);
            }
        }
        assert!(!is_example, "{} has a fence that is not closed", file.display());
        (file.display().to_string(), text)
    };
    files.into_iter().map(read).collect()
}

/// A text without the names of what is put into it: `{name}`.
fn without_names(text: &str) -> String {
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let parts = text.split('{').enumerate();
    let parts = parts.map(|(number, part)| match part.split_once('}') {
        Some((name, rest)) if number > 0 && is_name(name) => format!("{{}}{rest}"),
        _ if number > 0 => format!("{{{part}"),
        _ => part.to_owned(),
    });
    parts.collect()
}

/// The literals of Rust code that are text.
fn strings(code: &str) -> impl Iterator<Item = String> {
    let mut rest = code;
    std::iter::from_fn(move || {
        loop {
            let at = rest.find(['"', '/', '\'', 'r'])?;
            let is_word = rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            rest = &rest[at..];
            let hashes = rest.strip_prefix('r').map_or(0, |raw| raw.len() - raw.trim_start_matches('#').len());
            let raw = rest.get(1 + hashes..).and_then(|raw| raw.strip_prefix('"'));
            if let Some(comment) = rest.strip_prefix("//") {
                rest = &comment[comment.find('\n')?..];
            } else if let (true, false, Some(raw)) = (rest.starts_with('r'), is_word, raw) {
                let end = format!("\"{}", "#".repeat(hashes));
                let (text, behind) = raw.split_once(&end)?;
                rest = behind;
                return Some(text.to_owned());
            } else if let Some(text) = rest.strip_prefix('"') {
                let end = text.char_indices().scan(false, |is_escaped, (at, c)| {
                    let is_end = c == '"' && !*is_escaped;
                    *is_escaped = c == '\\' && !*is_escaped;
                    Some((at, is_end))
                });
                let end = end.into_iter().find(|(_, is_end)| *is_end)?.0;
                rest = &text[end + 1..];
                return Some(joined(&text[..end]));
            } else {
                // a character such as '"' is not the start of a text
                let quoted = ["'\"'", "'\\''", "'\\\\'"].into_iter().find(|quoted| rest.starts_with(quoted));
                rest = &rest[quoted.map_or(1, str::len)..];
            }
        }
    })
}

/// A literal over several lines as one text.
fn joined(literal: &str) -> String {
    let mut lines = literal.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    let text = lines.fold(first, |text, line| text + line.trim_start());
    text.replace("\\n", "\n").replace("\\\"", "\"")
}
