//! [`Folders`]: the folder that the commands of a script run in, as far as it is known.

use std::collections::BTreeSet;

use super::{
    branches::{Left, Scope, left},
    chain::Chain,
    shell::Part,
};

/// What is written for a folder that is not known: no file is looked for in it.
const UNKNOWN: &str = "$PWD";

/// The folder that commands run in, and those that they go back to.
#[derive(Default)]
pub(super) struct Folders {
    /// From where the script began; empty for that one.
    pub(super) here: String,
    before: Option<String>,
    pushed: Vec<String>,
    brackets: Vec<(String, bool)>,
    /// The branches in which a command went to another folder.
    moved: Vec<Moved>,
    /// The functions that do.
    moving: BTreeSet<String>,
    chain: Chain,
    /// Whether a command that need not run went here.
    is_unsure: bool,
}

struct Moved {
    scopes: Vec<Scope>,
    before: String,
    /// Whether another arm did, so that it is not known behind all of them.
    is_split: bool,
}

impl Folders {
    /// Those of a text that begins in a folder.
    pub(super) fn from(here: String) -> Self {
        Self { here, ..Self::default() }
    }

    /// Takes a command, which may go to another folder; one in brackets goes back behind them.
    pub(super) fn take(&mut self, part: &Part<'_>, words: &[&str], scopes: &[Scope]) {
        self.bracketed(&part.before);
        let program = words.first().map(|word| word.trim_start_matches('@'));
        let need_not_run = self.chain.take(part, program);
        if self.is_unsure && !self.chain.is_joined() {
            UNKNOWN.clone_into(&mut self.here);
            self.is_unsure = false;
        }
        self.leave(scopes);
        let folder = words.iter().skip(1).find(|word| !["-P", "-L", "-e", "--"].contains(*word));
        let next = match program {
            Some("cd" | "pushd") => match folder {
                Some(&"-") => self.before.clone().unwrap_or_else(|| UNKNOWN.to_owned()),
                Some(folder) => self.folder(folder),
                None => UNKNOWN.to_owned(),
            },
            Some("popd") => self.pushed.pop().unwrap_or_else(|| UNKNOWN.to_owned()),
            Some(program) if self.moving.contains(program) => UNKNOWN.to_owned(),
            _ => return,
        };
        if program == Some("pushd") && self.pushed.len() < DEEPEST {
            self.pushed.push(self.here.clone());
        }
        self.moving.extend(scopes.iter().filter_map(Scope::function).map(str::to_owned));
        let is_new = self.moved.last().is_none_or(|moved| moved.scopes != scopes);
        if !scopes.is_empty() && is_new {
            self.moved.push(Moved { scopes: scopes.to_vec(), before: self.here.clone(), is_split: false });
        }
        self.before = Some(std::mem::replace(&mut self.here, next));
        self.is_unsure |= need_not_run;
        if self.here.len() > 1_000 {
            UNKNOWN.clone_into(&mut self.here);
        }
    }

    fn bracketed(&mut self, signs: &str) {
        for sign in signs.chars() {
            match sign {
                '(' if self.brackets.len() < DEEPEST => self.brackets.push((self.here.clone(), self.is_unsure)),
                ')' => {
                    if let Some((here, is_unsure)) = self.brackets.pop() {
                        (self.here, self.is_unsure) = (here, is_unsure);
                    }
                }
                _ => {}
            }
        }
    }

    /// Leaves the branches that a command does not stand in.
    fn leave(&mut self, scopes: &[Scope]) {
        let mut arm = None;
        while let Some(moved) = self.moved.last() {
            match left(&moved.scopes, scopes) {
                Left::Inside => break,
                Left::OtherArm(depth) => {
                    arm = Some(scopes[..=depth].to_vec());
                    self.here.clone_from(&moved.before);
                }
                Left::Function => self.here.clone_from(&moved.before),
                Left::Choice if moved.is_split || self.here != moved.before => UNKNOWN.clone_into(&mut self.here),
                Left::Choice | Left::Group => {}
            }
            self.moved.pop();
        }
        self.moved.extend(arm.map(|scopes| Moved { scopes, before: self.here.clone(), is_split: true }));
    }

    /// The folder that a command goes to.
    fn folder(&self, folder: &str) -> String {
        let folder = folder.trim_end_matches('/');
        if let Some(own) = own(folder, DEEPEST) {
            return own;
        }
        match folder {
            folder if folder.starts_with(['/', '$', '~', '-', '%']) => folder.to_owned(),
            folder => cleaned(&format!("{}/{folder}", self.here)),
        }
    }
}

/// No script is nested so deep.
const DEEPEST: usize = 64;

/// The folder that a text names from where the script itself is: `$(dirname "$0")/..`, `${BASH_SOURCE%/*}`,
/// `$(cd "$(dirname "$0")" && pwd)`. Nothing where it is another one.
fn own(text: &str, deeper: usize) -> Option<String> {
    let text = text.trim_start_matches('"');
    if let Some(inside) = text.strip_prefix("$(").filter(|_| deeper > 0) {
        let end = closing(inside)?;
        let (command, behind) = (inside[..end].trim(), inside[end + 1..].trim_start_matches('"'));
        let (program, words) = command.split_once(' ')?;
        let words = words.trim_start_matches("-P ").trim_start_matches("-- ");
        let folder = match program {
            "cd" => {
                let end = words.find(" &&").or_else(|| words.find(';')).unwrap_or(words.len());
                own(words[..end].trim_end_matches(['"', ' ']), deeper - 1)?
            }
            "dirname" if is_script(words) => String::new(),
            "dirname" => own(words.trim_end_matches('"'), deeper - 1)? + "/..",
            _ => return None,
        };
        return Some(cleaned(&format!("{folder}/{behind}")));
    }
    let behind = ["${BASH_SOURCE%/*}", "${BASH_SOURCE[0]%/*}", "${0%/*}", "%~dp0"]
        .iter()
        .find_map(|own| text.strip_prefix(own))?;
    Some(cleaned(&behind.replace('\\', "/")))
}

/// Whether words name the script itself: `"$0"`, `"${BASH_SOURCE[0]}"`, `$(readlink -f "$0")`.
fn is_script(words: &str) -> bool {
    let word = words.trim_matches('"');
    let word = word.strip_prefix("$(").and_then(|inside| inside.strip_suffix(')')).unwrap_or(word);
    let last = word.rsplit(' ').next().unwrap_or(word).trim_matches('"');
    let is_program = word == last || word.starts_with("readlink") || word.starts_with("realpath");
    is_program
        && ["$0", "${0}", "$BASH_SOURCE", "${BASH_SOURCE}", "${BASH_SOURCE[0]}", "${BASH_SOURCE:-$0}"].contains(&last)
}

/// Where the bracket closes that precedes a text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1_usize;
    text.char_indices().find_map(|(at, c)| {
        depth = if c == '(' { depth + 1 } else { depth - usize::from(c == ')') };
        (depth == 0).then_some(at)
    })
}

/// A path without the parts that lead nowhere, as far as its beginning is known.
pub(super) fn cleaned(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match parts.last() {
            Some(last) if part == ".." && *last != ".." && !last.contains('$') => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::{DEEPEST, own};

    #[test]
    fn the_folder_of_the_script_is_where_names_lead_from() {
        #[track_caller]
        fn check(text: &str, expected: Option<&str>) {
            assert_eq!(own(text, DEEPEST).as_deref(), expected, "{text}");
        }
        check("$(dirname $0)", Some(""));
        check("$(dirname \"$0\")/..", Some(".."));
        check("$(dirname $(readlink -f \"$0\"))/prod", Some("prod"));
        check("$(dirname $(dirname \"${BASH_SOURCE[0]}\"))", Some(".."));
        check("$(cd $(dirname \"$0\")/.. && pwd)/prod", Some("../prod"));
        check("$(cd \"$(dirname \"$0\")\"; pwd)", Some(""));
        check("${BASH_SOURCE%/*}/..", Some(".."));
        check("$(dirname $0)/${ENV}", Some("${ENV}"));
        check("%~dp0\\..\\prod", Some("../prod"));
        check("$(git rev-parse --show-toplevel)", None);
        check("$(dirname $FILE)", None);
        check("prod", None);
    }
}
