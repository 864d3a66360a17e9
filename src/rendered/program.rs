//! Which values files a program in a language that is not read hands to Helm together.

use std::{collections::HashSet, ops::Range};

use super::pattern::paths_in;

/// Names in a file, with the bytes of the first.
pub(super) type Names = (Vec<String>, Range<usize>);

/// The options by which Helm is given files.
const OPTIONS: [&str; 2] = ["-f", "--values"];

/// What makes one list, or one text, of several in some language: its words may be those of one command.
#[rustfmt::skip] // a table
const JOINING: &[&str] = &[
    "append", "Append", "extend", "insert", "push", "concat", "join", "Join", "merge", "Merge", "reduce", "fold", "flat",
    "chain", "zip", "splat", "+=", "<<", "...", "[*", " *", "(*", "**", "] +", "]+", "+ [", "+[", "||=", "implode",
    "reuse-values", "reset-then",
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
    let (mut at, mut is_any, mut found) = (0, false, Vec::new());
    while let Some(option) = next_option(text, at) {
        let range = command_around(text, &option);
        let command = &text[range.clone()];
        at = range.end.max(option.end);
        let says = |words: &[&str]| words.iter().any(|word| command.contains(word));
        match says(&["helm", "upgrade", "install", "template"]) {
            true => is_any = true,
            false if says(&["kubectl", "docker", "podman"]) => continue,
            false => return None,
        }
        let mut options = 0;
        let mut from = range.start;
        while let Some(next) = next_option(&text[..range.end], from) {
            (options, from) = (options + 1, next.end);
        }
        let names = named(text, range);
        match (options, names.0.len()) {
            (1, 0 | 1) => {}
            // each of them is written out
            (several, written) if several == written && !names.0.iter().any(|name| name.contains('$')) => {
                found.push(names);
            }
            _ => return None,
        }
    }
    let is_joined = JOINING.iter().any(|word| plain.contains(word));
    (is_any && !is_joined).then_some(found)
}

/// The first option for files behind a byte: a word of its own.
fn next_option(text: &str, at: usize) -> Option<Range<usize>> {
    let found = OPTIONS.iter().filter_map(|option| {
        let is_word = |start: &usize| {
            let before = text[..*start].chars().next_back().is_none_or(|c| "\"'` \t(\n".contains(c));
            before && text[start + option.len()..].chars().next().is_none_or(|c| "\"'`= \t".contains(c))
        };
        let start = text[at..].match_indices(option).map(|(start, _)| start + at).find(is_word)?;
        Some(start..start + option.len())
    });
    found.min_by_key(|option| option.start)
}

/// The brackets around a place, or else its line: what is written of the command that it is a word of.
fn command_around(text: &str, place: &Range<usize>) -> Range<usize> {
    let line = text[..place.start].rfind('\n').map_or(0, |at| at + 1);
    let (mut depth, mut start) = (0_usize, None);
    for (at, byte) in text[..place.start].bytes().enumerate().rev() {
        match byte {
            b')' | b']' => depth += 1,
            b'(' | b'[' if depth == 0 => {
                start = Some(at);
                break;
            }
            b'(' | b'[' => depth -= 1,
            // a statement ends there
            b';' => break,
            _ => {}
        }
    }
    let Some(start) = start else {
        return line..text[place.end..].find('\n').map_or(text.len(), |end| place.end + end);
    };
    let mut depth = 0_usize;
    for (at, byte) in text[start..].bytes().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' if depth == 1 => return start..start + at + 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    start..text.len()
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
        ] {
            check(text, &[&["a.yaml", "b.yaml"]]);
        }
    }
}
