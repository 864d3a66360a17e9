//! Variables that stand for options of Helm: which ones a command takes, and which ones the lines of any file set so that
//! they give Helm values. The one may be in another file than the other.

use std::ops::Range;

use super::may_take::MayTake;
use crate::{
    chart::MODE_KEY,
    rendered::{
        Kind, kind_of,
        script::command::{Command, told_options},
        shell::{self, leading::from_top, text::Said},
    },
    source::Source,
};

/// A line that sets a variable to options which give Helm values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defined {
    /// The name of the variable.
    pub name: String,
    /// The bytes of the options.
    pub span: Range<usize>,
    /// The values files that they name.
    files: Vec<String>,
    /// Whether they may set a mode beside files.
    sets_mode: bool,
    /// Whether they are given to another command of the line: `make deploy ARGS="-f prod.yaml"`.
    pub is_given: bool,
}

/// As many are kept of one file.
const MOST: usize = 200;

/// Those of a file. What text for people says is only an example.
pub(crate) fn defined_in(source: Source<'_>) -> Vec<Defined> {
    let has = |word: &str| memchr::memmem::find(source.bytes, word.as_bytes()).is_some();
    let is_aside =
        matches!(kind_of(source.name, source.bytes), Some(Kind::Prose | Kind::Note | Kind::Compiled | Kind::Lock));
    if is_aside || !OPTIONS.into_iter().any(has) {
        return Vec::new();
    }
    let Ok(text) = source.text() else { return Vec::new() };
    let (mut found, mut open, mut at) = (Vec::new(), Open::default(), 0);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        // what a command of Helm has is read with that
        if line.len() > LONGEST || line.split_whitespace().any(shell::is_helm) || found.len() > MOST {
            open = Open::default();
            continue;
        }
        let set = assignments(line);
        let is_of_options = line.trim_start().starts_with('-') && !line.trim_start().starts_with("- ");
        let is_inside = open.goes_on(line) && (set.is_empty() || is_of_options);
        let own = set.iter().map(|(name, value)| (*name, *value));
        let inside = open.name.filter(|_| is_inside).map(|name| (name, line.len() - line.trim_start().len()));
        for (name, value) in own.chain(inside) {
            let span = start + value..start + line.trim_end().len().max(value);
            let is_given = is_given(line, name);
            found.extend(options_of(&line[value..]).map(|one| Defined {
                name: name.to_owned(),
                span,
                is_given,
                ..one
            }));
        }
        if !is_inside {
            open = Open::of(line, set.last().map(|(name, _)| *name));
        }
    }
    found
}

/// What may give Helm values.
const OPTIONS: [&str; 4] = ["-f", "--values", "--set", "--post-renderer"];

/// No line with options is longer.
const LONGEST: usize = 4_000;

/// A variable whose value goes on behind its line.
#[derive(Default)]
struct Open<'t> {
    name: Option<&'t str>,
    indent: usize,
}

impl<'t> Open<'t> {
    fn of(line: &'t str, name: Option<&'t str>) -> Self {
        let last = line.trim_end();
        let opens = last.ends_with(['\\', '(', '[', '{', '|', '>', ':', '"', '\'', '=', ',', '-']);
        Self { name: name.filter(|_| opens), indent: line.len() - line.trim_start().len() }
    }

    fn goes_on(&self, line: &str) -> bool {
        let indent = line.len() - line.trim_start().len();
        self.name.is_some() && (indent > self.indent || line.trim_start().starts_with('-'))
    }
}

/// Whether a name is set beside a command.
fn is_given(line: &str, name: &str) -> bool {
    const SETTING: [&str; 6] = ["export", "override", "local", "readonly", "declare", "env"];
    let first = line.trim_start_matches([' ', '\t', '@', '-']).split([' ', '\t']).next().unwrap_or_default();
    !first.starts_with(name) && !SETTING.contains(&first) && first.ends_with(|c: char| c.is_alphanumeric() || c == ')')
}

/// The names that a line sets, each with the byte at which its value begins.
fn assignments(line: &str) -> Vec<(&str, usize)> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let set = |at: usize| {
        let before = line[..at].trim_end_matches([':', '?', '+']).trim_end_matches([' ', '\t', '"', '\'', ']']);
        let start = before.trim_end_matches(is_of_name).len();
        let name = &before[start..];
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let value = at + 1 + line[at + 1..].len() - line[at + 1..].trim_start_matches(['=', ' ', '\t']).len();
        let is_part = ["$", "${", ".", "/"].iter().any(|sign| before[..start].ends_with(sign));
        (is_name && !is_part).then_some((name, value))
    };
    let mut found: Vec<(&str, usize)> = line.match_indices(['=', ':']).filter_map(|(at, _)| set(at)).collect();
    found.dedup_by_key(|(_, value)| *value);
    found
}

/// What options give Helm, of a text that begins with them, in quotes or brackets or not: nothing where it is other text, or
/// gives no values.
fn options_of(value: &str) -> Option<Defined> {
    let value = value.trim();
    let value = value.strip_prefix("- ").unwrap_or(value);
    let options = match value.chars().next()? {
        quote @ ('"' | '\'' | '`') => value[1..].split(quote).next()?.to_owned(),
        '(' | '[' => value[1..].split([')', ']']).next()?.replace(['"', '\'', ','], " "),
        _ => value.trim_end_matches(['\\', '"', '\'', ')']).to_owned(),
    };
    let options = options.trim();
    let is_asked = ["-", "$", "{{"].iter().any(|start| options.starts_with(start));
    if !is_asked || !OPTIONS.iter().any(|option| options.contains(option)) {
        return None;
    }
    let Command { files, sets, more, .. } = told_options(options, &(0..0))?;
    let may_be_mode = |set: &Said| set.text.contains(MODE_KEY) || set.text.starts_with('$');
    let sets_mode = sets.iter().any(|(_, set)| may_be_mode(set)) || !more.is_empty();
    let files: Vec<String> = files.into_iter().map(|file| file.text).collect();
    (sets_mode || !files.is_empty()).then(|| Defined {
        name: String::new(),
        span: 0..0,
        files,
        sets_mode,
        is_given: false,
    })
}

/// The files that a text reads for more variables. (GNU make, Including Other Makefiles; POSIX, dot; Task, `dotenv`; just,
/// Imports)
pub(super) fn included(text: &str) -> Vec<String> {
    const BEFORE: [&str; 8] = ["include ", "-include ", "sinclude ", ". ", "source ", "import ", "import? ", "dotenv:"];
    let mut found = Vec::new();
    for line in text.lines().map(|line| line.trim_start_matches([' ', '\t', '@'])) {
        let Some(rest) = BEFORE.iter().find_map(|word| line.strip_prefix(word)) else { continue };
        let rest = rest.split(['#', ';', '&', '|']).next().unwrap_or_default();
        let names = rest.split([' ', '\t', ',', '[', ']', '"', '\'']).filter(|name| !name.is_empty());
        // what is the machine's own sets no options of Helm
        let is_of_checkout =
            |name: &&str| !name.starts_with(['/', '~', '$', '-', '<']) && !name.contains(['*', '$', '{']);
        found.extend(names.filter(is_of_checkout).take(MOST - MOST.min(found.len())).map(str::to_owned));
    }
    found
}

/// Whether a line of a text sets a variable.
pub(super) fn is_set_in(text: &str, name: &str) -> bool {
    text.lines().filter(|line| line.contains(name)).any(|line| assignments(line).iter().any(|(own, _)| *own == name))
}

impl MayTake {
    /// The variables that the command takes for its options, where that is why it is here.
    #[must_use]
    pub fn variables(&self) -> &[String] {
        self.added.as_ref().map_or(&[], |added| &added.variables)
    }

    /// Takes the options that a file gives one of its variables.
    pub fn takes(&mut self, defined: &Defined) {
        if !self.names.is_empty() || defined.sets_mode || defined.files.len() > 1 {
            self.names.extend(defined.files.iter().cloned());
        }
    }

    /// The files that may set such a variable, each by the paths from the top of the checkout that it may have.
    #[must_use]
    pub fn included<'m>(&'m self, script: &'m str) -> Vec<(&'m str, Vec<String>)> {
        let names = self.added.iter().flat_map(|added| &added.included);
        let paths = |name: &String| {
            from_top(name, script).into_iter().map(|path| path.trim_start_matches('/').to_owned()).collect()
        };
        names.map(|name| (name.as_str(), paths(name))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_sets_options_in_any_language() {
        #[track_caller]
        fn check(text: &str, expected: &[&str]) {
            let found = defined_in(Source { name: "ci.env", bytes: text.as_bytes() });
            let names: Vec<String> = found.iter().map(|one| one.name.clone()).collect();
            assert_eq!(names, expected, "{text}");
        }
        check("HELM_ARGS=--set clusterMode=clas\n", &["HELM_ARGS"]);
        check("export A=\"--wait -f prod.yaml\"\n", &["A"]);
        check("A := -f prod.yaml\nB ?= --values=a.yaml\nC += -f b.yaml\n", &["A", "B", "C"]);
        check("A=(\n  --wait\n  -f prod.yaml\n)\n", &["A"]);
        check("A = --wait \\\n  --set clusterMode=clas\n", &["A"]);
        check("  HELM_EXTRA: \"-f prod.yaml\"\n", &["HELM_EXTRA"]);
        check("  HELM_EXTRA: >-\n    -f prod.yaml\n", &["HELM_EXTRA"]);
        check("with: {args: '--values prod.yaml'}\n", &["args"]);
        check("\t$(MAKE) deploy ARGS=\"-f prod.yaml\"\n", &["ARGS"]);
        check("os.environ[\"A\"] = \"-f prod.yaml\"\n", &["A"]);
        for text in
            ["A=--wait\n", "A=--set replicas=2\n", "KUBECTL=kubectl apply -f a.yaml\n", "helm upgrade a b -f c.yaml\n"]
        {
            check(text, &[]);
        }
    }
}
