//! Modes in words that are not YAML: scripts, programs, templates. A name of the mode followed by a value is one,
//! anywhere; a name alone, one that is compared, and one in a comment are not.

use std::ops::Range;

use crate::{chart::is_mode_key, mode::ClusterMode};

/// A name of the mode with the value behind it, by their bytes.
pub(crate) struct Words {
    pub(crate) name: Range<usize>,
    pub(crate) value: Range<usize>,
}

/// What is known of the file that words are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Among {
    /// Nothing.
    Any,
    /// It is about Illumio.
    Illumio,
    /// It is a program about Illumio.
    Program,
}

/// Those that are a mode. Where the file is about Illumio, what is to be filled in is one, too; in a program, whatever
/// comes of an expression.
pub(crate) fn words_in(text: &str, among: Among) -> Vec<Words> {
    let names = memchr::memchr2_iter(b'm', b'M', text.as_bytes()).filter_map(|at| name_around(text, at));
    let comments = block_comments(text);
    let is_in_block = |name: &Range<usize>| {
        let before = comments.partition_point(|comment| comment.start < name.start);
        before.checked_sub(1).is_some_and(|last| name.start < comments[last].end)
    };
    let is_said = |name: &Range<usize>| !is_in_comment(&text[..name.start]) && !is_in_block(name);
    let with_value = |name: Range<usize>| Some(Words { value: value_behind(text, &name)?, name });
    let words = names.filter(is_said).filter_map(with_value);
    words.filter(|words| is_mode_word(&text[words.value.clone()], among)).collect()
}

/// Whether a word is a mode, or is replaced by one where the file is about Illumio.
pub(crate) fn is_mode_word(word: &str, among: Among) -> bool {
    const FILLED_IN: [&str; 10] = ["$", "{{", "<<", "<path:", "%", "#@", "@", "var.", "local.", "ENC["];
    let is_filled_in = FILLED_IN.iter().any(|mark| word.starts_with(mark));
    let is_nearly = || ClusterMode::nearest(word).is_some();
    let is_expression = || among == Among::Program && !names_type(word);
    ClusterMode::named(word).is_some() || among != Among::Any && (is_filled_in || is_nearly() || is_expression())
}

/// Whether a word of a program names the type of a value, or begins a description of it.
fn names_type(word: &str) -> bool {
    #[rustfmt::skip] // a table
    const TYPES: [&str; 18] = [
        "string", "str", "String", "any", "bool", "boolean", "Optional", "Literal", "z", "ClusterMode", "Input",
        "pulumi", "None", "null", "true", "false", "True", "False",
    ];
    let name = word.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let begins_more = word.starts_with(['[', '|', ',', '.']) || word == "{" || word.starts_with("{\"");
    // what a function of Pulumi wraps is a value: `pulumi.String(mode)`
    TYPES.contains(&name) && !(name == "pulumi" && word.contains('(')) || begins_more
}

/// The name whose second word begins at a byte.
fn name_around(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let end = at + "mode".len();
    let start = ["cluster".len(), "cluster_".len()]
        .into_iter()
        .filter_map(|length| at.checked_sub(length))
        .find(|start| text.get(*start..end).is_some_and(is_mode_key))?;
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$');
    // the letter of an escape, as in `printf 'a: 1\nclusterMode: clas\n'`, is not part of the name
    let is_escape = ["\\n", "\\t", "\\r"].iter().any(|escape| text[..start].ends_with(escape));
    let is_part = !is_escape && start.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(is_word)
        || bytes.get(end).is_some_and(is_word);
    (!is_part).then_some(start..end)
}

/// The comments over several lines, `/*` to `*/`, that begin a line: elsewhere these may be patterns of paths.
fn block_comments(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (start, _) in text.match_indices("/*") {
        let is_outside = found.last().is_none_or(|last| last.end <= start);
        let before = text[..start].trim_end_matches([' ', '\t']);
        if !is_outside || !before.is_empty() && !before.ends_with(['\n', '\r']) {
            continue;
        }
        // one that does not end is not a comment
        let Some(length) = text[start + 2..].find("*/") else { break };
        found.push(start..start + 2 + length + 2);
    }
    found
}

/// Whether what comes before on the line makes a comment of the rest.
fn is_in_comment(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let start = line.trim_start();
    ["#", "//", "/*", "* ", "<!--"].iter().any(|mark| start.starts_with(mark))
        || line.contains(" #")
        || line.contains(" //")
}

/// What is assigned to a name: behind a sign, behind the word `value` that comes next, or as the next argument of a call
/// (`setdefault("clusterMode", "clas")`). Of a call that is given one text it is that: `pulumi.String("clas")`.
fn value_behind(text: &str, name: &Range<usize>) -> Option<Range<usize>> {
    let end = name.end;
    let is_closing = |c: char| matches!(c, '"' | '\'' | '`' | ']' | '\\' | ' ' | '\t');
    let rest = text[end..].trim_start_matches(is_closing);
    let is_quoted = text[end..].starts_with(['"', '\'']);
    let assigned = |rest: &str| -> Option<usize> {
        let behind = SIGNS.iter().find_map(|sign| rest.strip_prefix(sign));
        // Jsonnet hides a field, and Rust has the same sign in names
        let hidden = [":::", "::"].iter().find_map(|sign| rest.strip_prefix(sign));
        let hidden = hidden.filter(|behind| behind.starts_with([' ', '"', '\'']));
        let is_colon = rest.starts_with("::");
        let paired = ["->", "to "].iter().find_map(|sign| rest.strip_prefix(sign)).filter(|_| is_quoted);
        let behind = hidden.or(behind.filter(|_| !is_colon)).or(paired)?;
        (!behind.starts_with('=')).then(|| text.len() - behind.len())
    };
    let start = assigned(rest).or_else(|| {
        let is_between = |c: char| matches!(c, '"' | '\'' | ',' | ' ' | '\t' | '\r' | '\n' | '\\');
        let named = rest.trim_start_matches(is_between).strip_prefix("value")?;
        assigned(named.trim_start_matches(is_closing))
    });
    let is_argument = || ["(\"", "('", "(`"].iter().any(|call| text[..name.start].ends_with(call));
    // in a list of names and values only a mode, or a call, shows that it is the value of the name before it
    let is_pair = |behind: &str| {
        let word = behind.trim_start().strip_prefix(['"', '\'']).and_then(|rest| rest.split(['"', '\'']).next());
        let is_call = || {
            let behind = behind.trim_start();
            let name = behind.find(|c: char| !c.is_alphanumeric() && c != '.').unwrap_or(behind.len());
            name > 0 && behind[name..].starts_with('(')
        };
        is_quoted && (word.is_some_and(|word| ClusterMode::named(word).is_some()) || is_call())
    };
    let argument = || rest.strip_prefix(',').filter(|behind| is_argument() || is_pair(behind));
    let start = start.or_else(|| argument().map(|behind| text.len() - behind.len()))?;
    let is_opening = |c: char| matches!(c, '"' | '\'' | '`' | '\\' | ' ' | '\t');
    let start = text.len() - text[start..].trim_start_matches(is_opening).len();
    let start = start + wrapped(&text[start..]);
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ')' | '}' | ']' | ';' | '\\');
    let length = text[start..].find(is_end).unwrap_or(text.len() - start);
    (length > 0).then_some(start..start + length)
}

/// What assigns a value to a name, in any language.
const SIGNS: [&str; 5] = [":=", "=>", "+:", ":", "="];

/// How far behind the beginning of a call the text is that it wraps, where it is given nothing else; nothing where there is
/// no call: `pulumi.String("clas")`, `Output.of('clas')`, `json!("clas")`.
fn wrapped(text: &str) -> usize {
    let is_of_name = |c: char| c.is_alphanumeric() || "._:!<>[]".contains(c);
    let name = text.find(|c: char| !is_of_name(c)).unwrap_or(text.len());
    let Some(inside) = text[name..].strip_prefix('(').filter(|_| name > 0) else { return 0 };
    let trimmed = inside.trim_start();
    let Some(quote) = trimmed.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) else { return 0 };
    let only = trimmed[1..].split_once(quote).filter(|(_, behind)| behind.trim_start().starts_with(')'));
    let is_mode = only.is_some_and(|(word, _)| ClusterMode::named(word).is_some());
    if is_mode { text.len() - trimmed.len() + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = words_in(text, Among::Illumio);
        assert_eq!(found.iter().map(|words| &text[words.value.clone()]).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn a_comment_of_several_lines_holds_no_mode() {
        check("/* set {\n  name  = \"clusterMode\"\n  value = \"clas\"\n} */\nclusterMode = \"legacy\"", &["legacy"]);
        check("rm a/*\nclusterMode=clas\nls b/* c*/", &["clas"]);
        check("/* never ends\nclusterMode=clas", &["clas"]);
    }

    #[test]
    fn a_name_with_a_value_is_a_mode() {
        check("  clusterMode      = \"clas\"\n", &["clas"]);
        check("helm upgrade a b --set clusterMode=clas -n c\n", &["clas"]);
        check("--set illumio.clusterMode=$MODE,a=b", &["$MODE"]);
        check("{ pce_url: 'a:1', clusterMode: 'clas' }", &["clas"]);
        check("{\\\"clusterMode\\\": \\\"clas\\\"}", &["clas"]);
        check("printf 'pce_url: a:1\\nclusterMode: clas\\n' > values.yaml", &["clas"]);
        check("set { name = \"clusterMode\", value = \"clas\" }", &["clas"]);
        check("set {\n  name  = \"clusterMode\"\n  value = \"legacy\"\n}", &["legacy"]);
        check("values[\"clusterMode\"] = mode_of(east)\nCLUSTER_MODE: legacy", &["legacy"]);
        check("clusterMode: #@ data.values.mode", &["#@"]);
        check("- op: replace\n  path: /spec/values/clusterMode\n  value: clas\n", &["clas"]);
        check("\"clusterMode\": pulumi.String(\"clas\"),", &["clas"]);
        check("Map.of(\"a\", b, \"clusterMode\", Output.of(\"clas\"))", &["clas"]);
        check("values.put(\"clusterMode\", Output.of(\"clas\"));", &["clas"]);
        check("Map.of(\"pce_url\", url, \"clusterMode\", \"clas\")", &["clas"]);
        check("\"clusterMode\" to \"clas\", \"clusterMode\" -> \"legacy\"", &["clas", "legacy"]);
        check("{clusterMode:: 'clas', clusterMode:::'legacy', clusterMode+: 'clas'}", &["clas", "legacy", "clas"]);
        check("clusterMode: @MODE@\n[\"clusterMode\"] = \"clas\"", &["@MODE@", "clas"]);
    }

    #[test]
    fn what_is_compared_said_of_it_or_left_out_is_none() {
        for text in [
            "if values.clusterMode == \"clas\" {",
            "# clusterMode: clas",
            "  // clusterMode: \"clas\",",
            "x # clusterMode: clas",
            "{{ if eq .Values.clusterMode \"clas\" }}",
            "my_cluster_mode: clas",
            "--cluster-mode=clas",
            "\"clusterMode\": {\"enum\": [\"clas\"]}",
            "clusterMode: string;",
            "ClusterMode::Clas => 1",
            "change clusterMode to clas",
            "[\"clusterMode\", \"pce_url\"]",
            "clusterMode:",
            "clusterMode",
            "é clustermode",
        ] {
            check(text, &[]);
        }
        assert!(words_in("clusterMode: $MODE", Among::Any).is_empty());
        assert_eq!(words_in("clusterMode: clas", Among::Any).len(), 1);
    }

    #[test]
    fn what_comes_of_an_expression_in_a_program_is_a_mode() {
        let values = |text: &str| {
            let found = words_in(text, Among::Program);
            found.into_iter().map(|words| text[words.value].to_owned()).collect::<Vec<String>>()
        };
        for (text, value) in [
            ("f\"clusterMode={mode}\"", "{mode"),
            ("'--set clusterMode=' + mode", "+"),
            ("vals[\"clusterMode\"] = mode", "mode"),
            ("clusterMode: cfg.require(\"x\")", "cfg.require("),
            ("values.setdefault(\"clusterMode\", \"clas\")", "clas"),
            ("\"clusterMode=#{MODES[cluster", "#{MODES[cluster"),
        ] {
            assert_eq!(values(text), [value], "{text}");
        }
        for text in ["clusterMode: string;", "clusterMode: Optional[str]", "KEYS = [\"clusterMode\", \"pce_url\"]"] {
            assert_eq!(values(text), [""; 0], "{text}");
        }
    }
}
