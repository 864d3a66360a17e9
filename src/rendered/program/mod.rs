//! Which values files a program in a language that is not read hands to Helm together.

pub(super) mod brackets;

use std::{collections::HashSet, ops::Range};

use self::brackets::{Brackets, has_list, is_glued, joins_by_comma};
use crate::rendered::shell::pattern::paths_in;

/// Names in a file, with the bytes of the first.
pub(super) type Names = (Vec<String>, Range<usize>);

/// The options by which Helm is given files.
const OPTIONS: [&str; 2] = ["-f", "--values"];

/// What makes one list, or one text, of several in some language: its words may be those of one command.
#[rustfmt::skip] // a table
const JOINING: &[&str] = &[
    "append", "Append", "extend", "insert", "push", "concat", "join", "Join", "merge", "Merge", "reduce", "fold", "flat",
    "chain", "zip", "splat", "+=", "<<", "...", "[*", " *", "(*", "**", "] +", "]+", "+ [", "+[", "||=", "implode",
    "reuse-values", "reset-then", "+ ','", "+','", "',' +", "','+", "+ \",\"", "+\",\"", "\",\" +", "\",\"+",
];

/// What joins the parts of one path, and no words.
const OF_PATHS: [&str; 6] = ["path.join", "path.Join", "filepath.Join", "File.join", "Path.join", "posix.join"];

/// Those of a program: of each command of Helm that is written out with several. Where any command may get more files than
/// are written in it, all that the program names may be together.
pub(super) fn in_program(text: &str) -> Vec<Names> {
    apart(text).unwrap_or_else(|| vec![named(text, 0..text.len())])
}

/// The files of each command that names several, where every command is written out; nothing where one may not be.
fn apart(text: &str) -> Option<Vec<Names>> {
    let plain = OF_PATHS.iter().fold(text.to_owned(), |text, of_path| text.replace(of_path, ""));
    let options = options(text)?;
    let is_joined = JOINING.iter().any(|word| plain.contains(word)) || joins_by_comma(text);
    if is_joined {
        return None;
    }
    let brackets = Brackets::around(text, &options);
    let within = |range: &Range<usize>| {
        let first = options.partition_point(|option| option.start < range.start);
        first..options.partition_point(|option| option.end <= range.end).max(first)
    };
    let (mut next, mut at, mut is_any, mut found) = (0, 0, false, Vec::new());
    while let Some(option) = options.get(next) {
        let range = brackets.command(text, next, option);
        if range.start < at {
            return None;
        }
        let command = &text[range.clone()];
        at = range.end.max(option.end);
        next = options.partition_point(|option| option.start < at);
        let says = |words: &[&str]| words.iter().any(|word| command.contains(word));
        match says(&["helm", "upgrade", "install", "template"]) {
            true => is_any = true,
            false if says(&["kubectl", "docker", "podman"]) => continue,
            false => return None,
        }
        let several = within(&range).len();
        let names = named(text, range);
        match (several, names.0.len()) {
            (1, 0 | 1) => {}
            // each of them is written out
            (several, written) if several == written && !names.0.iter().any(|name| name.contains('$')) => {
                found.push(names);
            }
            _ => return None,
        }
    }
    (is_any && !has_list(text, |list| !within(list).is_empty())).then_some(found)
}

/// The options for files, each a word of its own, in order; nothing where the file of one is in the same word.
fn options(text: &str) -> Option<Vec<Range<usize>>> {
    let mut found = Vec::new();
    for option in OPTIONS {
        for (start, _) in text.match_indices(option) {
            let behind = &text[start + option.len()..];
            if !text[..start].chars().next_back().is_none_or(|c| "\"'` \t(\n".contains(c)) {
                continue;
            }
            if behind.chars().next().is_none_or(|c| "\"'`= \t".contains(c)) {
                found.push(start..start + option.len());
            } else if option == OPTIONS[0] && is_glued(behind) {
                return None;
            }
        }
    }
    found.sort_by_key(|option| option.start);
    Some(found)
}

/// The names of files in a program, with what it fills in as a variable of the shell: `f"{env}.yaml"`, `"#{env}.yaml"`,
/// `"%s.yaml"`.
pub(crate) fn names_in_program(text: &str) -> Vec<String> {
    let plain = text.replace("${path.module}/", "").replace("${", "{").replace("#{", "{");
    // those of other tools are kept: `${{ matrix.env }}`, `{{ env }}`
    let filled = plain.replace("{{", "\u{1}").replace('{', "${").replace('\u{1}', "{{");
    let filled = filled.replace("%s", "${s}").replace("%v", "${v}");
    // those that an expression names are within it: `{{ lookup('file', 'a.yaml') }}`
    let inside = paths_in(&filled.replace("{{", " ").replace("}}", " ")).into_iter();
    let inside = inside.filter(|name| name.starts_with(|c: char| c.is_alphanumeric()) && !name.contains('$'));
    let names = paths_in(&filled).into_iter().map(|name| {
        // what follows another text is the end of a name
        if name.starts_with('.') && !name.contains('/') { format!("${{x}}{name}") } else { name }
    });
    let names = names.map(|name| name.strip_prefix("-f").map(str::to_owned).unwrap_or(name));
    let mut names: Vec<String> = names.chain(inside).collect();
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

/// The files that a part of a program names, if it writes any of them out.
fn named(text: &str, part: Range<usize>) -> Names {
    let names = names_in_program(&text[part.clone()]);
    let plain = names.iter().find(|name| !name.contains('$'));
    let at = plain.and_then(|plain| Some((text[part.clone()].find(plain.as_str())?, plain.len())));
    let at = at.map_or(0..0, |(start, length)| part.start + start..part.start + start + length);
    if plain.is_some() { (names, at) } else { (Vec::new(), at) }
}

#[cfg(test)]
mod tests {
    use super::in_program;

    #[track_caller]
    fn check(text: &str, together: &[&[&str]]) {
        let found = in_program(text);
        let names: Vec<Vec<&str>> = found.iter().map(|(names, _)| names.iter().map(String::as_str).collect()).collect();
        assert_eq!(names, together, "{text}");
    }

    #[test]
    fn files_of_several_commands_are_apart() {
        for text in [
            "F = {'e': 'e.yaml', 'w': 'w.yaml'}\nfor n, f in F.items():\n  run(['helm', 'upgrade', n, 'c', '-f', f])\n",
            "run(['helm', 'upgrade', 'i', 'c', '-f', 'e.yaml'])\nrun(['helm', 'upgrade', 'i', 'c', '-f', 'w.yaml'])\n",
            "exec.Command(\"helm\", \"upgrade\", \"i\", \"c\", \"-f\", c.File)\nvar a = []string{\"e.yaml\", \"w.yaml\"}",
            "%w[e.yaml w.yaml].each do |f|\n  system \"helm upgrade i c -f #{f}\"\nend",
            "for (const f of ['e.yaml', 'w.yaml']) execSync(`helm upgrade i c --values=${f}`);",
            "execFileSync('helm', ['upgrade', 'i', 'c', '-f', path.join(dir, 'e.yaml')]); const w = 'w.yaml';",
            "F = ['e.yaml', 'w.yaml']\nfor f in F:\n  run(['helm', 'upgrade', 'i', 'c', '-f', f])\n",
            "for n, f in [('e', 'e.yaml'), ('w', 'w.yaml')]:\n  run(['helm', 'upgrade', n, 'c', '-f', f])\n",
            "E = [{n: 'e', f: 'e.yaml'}, {n: 'w', f: 'w.yaml'}];\nfor (const e of E) execSync(`helm upgrade i c -f ${e.f}`);",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn files_that_one_command_may_get_are_together() {
        check("run(['helm', 'upgrade', 'i', 'c', '-f', 'a.yaml', '-f', 'b.yaml'])", &[&["a.yaml", "b.yaml"]]);
        for text in [
            "A = ['a.yaml', 'b.yaml']\nc = ['helm', 'upgrade']\nfor f in A: c += ['-f', f]\n",
            "A = ['a.yaml', 'b.yaml']\nrun(['helm', 'upgrade', 'i', 'c', '-f', ','.join(A)])\n",
            "A = ['a.yaml', 'b.yaml']\nrun(['helm', 'upgrade', 'i', 'c', '-f', A[0], '-f', A[1]])\n",
            "A = ['a.yaml', 'b.yaml']\nrun(['helm', 'upgrade', *[x for f in A for x in ('-f', f)]])\n",
            "a = 'a.yaml'; b = 'b.yaml'; deploy(a, b)",
            "F = 'a.yaml,b.yaml'\nrun(['helm', 'upgrade', 'i', 'c', '-f', F])\n",
            "const F = ['a.yaml', 'b.yaml'];\nexecSync(`helm upgrade i c -f ${F}`);\n",
            "const F = ['a.yaml', 'b.yaml'];\nfor (const f of F) log(f);\nexecSync(`helm upgrade i c -f ${F}`);\n",
            "F = ('a.yaml', 'b.yaml')\nrun(['helm', 'upgrade', 'i', 'c', '-f', F])\n",
            "A = 'a.yaml'\nB = 'b.yaml'\nrun(['helm', 'upgrade', 'i', 'c', '-f', f'{A},{B}'])\n",
            "A = 'a.yaml'\nB = 'b.yaml'\nrun(['helm', 'upgrade', 'i', 'c', '-f', A + ',' + B])\n",
            "system \"helm upgrade i c -f a.yaml -fb.yaml\"",
            "A = 'a.yaml'; B = 'b.yaml'\nos.system(f'helm upgrade i c -f {A} -f{B}')\n",
            "client.upgrade(values=['a.yaml', 'b.yaml'])\nrun(['helm', 'upgrade', 'i', 'c', '-f', x])\n",
            "A = 'a.yaml'\nB = 'b.yaml'\nclient.upgrade(values=[A, B])\nrun(['helm', 'upgrade', 'i', 'c', '-f', x])\n",
        ] {
            check(text, &[&["a.yaml", "b.yaml"]]);
        }
    }

    #[test]
    fn a_long_program_is_read_in_one_pass() {
        let text = "system \"helm upgrade x c -f #{f}\"\n".repeat(16_000) + "a = 'a.yaml'; b = 'b.yaml'\n";
        check(&text, &[]);
    }
}
