//! [`Calls`]: commands of Helm in functions, which are known only where those are called: what they are given, and the
//! folder that they run in.

use std::collections::HashSet;

use super::kept::Kept;
use crate::rendered::shell::{
    self, Token,
    branches::{Branches, Scope},
    chain::Chain,
    folders::cleaned,
    heredoc::Line,
    text::Said,
};

/// A command in a function.
#[derive(Clone)]
pub(super) struct Pending {
    pub(super) words: Vec<Said>,
    pub(in crate::rendered) here: Vec<Scope>,
    /// The folder that it runs in, and that in which the function begins.
    pub(in crate::rendered) folder: String,
    pub(super) start: String,
    /// The cluster that is the current one there.
    pub(in crate::rendered) context: Option<Said>,
    pub(super) kept: Kept,
    /// Its number among the commands.
    pub(super) number: usize,
    /// Whether it is not known at each call.
    pub(in crate::rendered) is_open: bool,
}

/// A call above the function.
pub(super) struct Early {
    pub(super) words: Vec<Said>,
    pub(in crate::rendered) here: Vec<Scope>,
    pub(in crate::rendered) folder: String,
}

/// The functions of a text with their commands of Helm, and their calls.
#[derive(Default)]
pub(super) struct Calls {
    /// Those that run Helm.
    pub(super) functions: HashSet<String>,
    pub(in crate::rendered) all: Vec<(String, Pending)>,
    pub(super) early: Vec<Early>,
    /// The commands that calls make: the number of the one in the function, its own, and what is given to it.
    pub(super) made: Vec<(usize, usize, Vec<String>)>,
}

/// As many are kept.
const MOST: usize = 64;

impl Calls {
    pub(in crate::rendered) fn of(functions: HashSet<String>) -> Self {
        Self { functions, ..Self::default() }
    }

    /// Takes a command of Helm in a function.
    pub(in crate::rendered) fn take(&mut self, function: &str, pending: Pending) {
        if self.all.len() < MOST {
            self.all.push((function.to_owned(), pending));
        }
    }

    /// The numbers of the commands of a function, as far as they were read; nothing of what is not a function.
    pub(super) fn of_function(&self, name: &str) -> Option<Vec<usize>> {
        let is_it = |number: &usize| self.all[*number].0 == name;
        let is_full = self.early.len() + self.made.len() > 10 * MOST;
        (self.functions.contains(name) && !is_full).then(|| (0..self.all.len()).filter(is_it).collect())
    }

    /// The commands that are known at every call, by their numbers among all.
    pub(super) fn resolved(&self) -> Vec<usize> {
        let is_made = |number: usize| self.made.iter().any(|(of, _, _)| *of == number);
        let resolved = self.all.iter().enumerate().filter(|(number, (_, it))| !it.is_open && is_made(*number));
        resolved.map(|(_, (_, it))| it.number).collect()
    }

    /// What distinguishes each of the commands that several calls make: the first that is given otherwise.
    pub(in crate::rendered) fn turns(&self) -> Vec<(usize, String)> {
        let turn = |(of, made, given): &(usize, usize, Vec<String>)| {
            let others = || self.made.iter().filter(|(other, ..)| other == of).map(|(_, _, given)| given);
            let differs = |at: &usize| others().any(|other| other.get(*at) != given.get(*at));
            let at = (0..given.len()).find(differs)?;
            Some((*made, given[at].clone()))
        };
        self.made.iter().filter_map(turn).collect()
    }
}

/// The functions that run whenever a script does: those that it calls outside of all branches, and those that these call.
pub(super) fn always_called(lines: &[Line]) -> HashSet<String> {
    let (mut branches, mut chain) = (Branches::default(), Chain::default());
    let mut calls: Vec<(String, Option<String>)> = Vec::new();
    for parts in lines.iter().map(|line| shell::parts(&line.tokens)) {
        for (number, part) in parts.iter().enumerate() {
            let words = shell::words(part.tokens);
            let skipped = branches.take(part, &words).min(words.len());
            let name = words[skipped..].first().map(|word| word.said.as_str());
            let need_not_run = chain.take(part, name);
            let here = branches.here();
            let defines = parts.get(number + 1).is_some_and(|next| next.before.starts_with("()"));
            if let Some(name) = name.filter(|_| !need_not_run && !defines && !here.iter().any(Scope::is_choice)) {
                let within = here.iter().rev().find_map(Scope::function);
                calls.push((name.trim_start_matches('@').to_owned(), within.map(str::to_owned)));
            }
        }
    }
    let mut called = HashSet::new();
    loop {
        let is_new = |(name, within): &&(String, Option<String>)| {
            !called.contains(name) && within.as_ref().is_none_or(|within| called.contains(within))
        };
        let found: Vec<String> = calls.iter().filter(is_new).map(|(name, _)| name.clone()).collect();
        if found.is_empty() {
            return called;
        }
        called.extend(found);
    }
}

impl Pending {
    /// Whether it is another command, or in another folder, where the function is called in one.
    pub(super) fn depends(&self, folder: &str) -> bool {
        folder != self.start || self.words.iter().any(|word| has_argument(&word.text)) || has_argument(&self.folder)
    }

    /// What it is where a call gives it something, and the folder that it runs in; nothing where that is not known.
    pub(in crate::rendered) fn at(&self, given: &[Said], called: &str) -> Option<(Vec<Said>, String)> {
        let words: Vec<Said> = self.words.iter().flat_map(|word| put_into(word, given)).collect();
        let folder = put_into(&Said { text: self.folder.clone(), at: 0..0 }, given)
            .pop()
            .map_or(String::new(), |said| said.text);
        let is_open = |text: &str| has_argument(text);
        if words.iter().any(|word| is_open(&word.text)) || is_open(&folder) {
            return None;
        }
        let is_away = folder.starts_with(['/', '$', '~', ':']) && folder != self.start;
        let below = folder
            .strip_prefix(&self.start)
            .filter(|rest| rest.is_empty() || self.start.is_empty() || rest.starts_with('/'));
        let run_in = if is_away { folder.clone() } else { cleaned(&format!("{called}/{}", below?)) };
        Some((words, run_in))
    }

    /// The cluster that is the current one in the function.
    pub(super) fn context_at(&self, given: &[Said]) -> Option<Said> {
        put_into(self.context.as_ref()?, given).pop()
    }
}

/// A word with what a call gives in place of `$1`, `${2:-a}`, `$@`.
fn put_into(word: &Said, given: &[Said]) -> Vec<Said> {
    if let Some(from) = all_from(&word.text) {
        return given.iter().skip(from - 1).cloned().collect();
    }
    let (mut text, mut rest, mut at) = (String::new(), word.text.as_str(), word.at.clone());
    while let Some(dollar) = rest.find('$') {
        text += &rest[..dollar];
        rest = &rest[dollar..];
        let Some((number, usual, length)) = argument(rest) else {
            text.push('$');
            rest = &rest[1..];
            continue;
        };
        let value = given.get(number - 1).filter(|value| !value.text.is_empty() || usual.is_none());
        match (value, usual) {
            (Some(value), _) => {
                text += &value.text;
                at = if length == word.text.len() { value.at.clone() } else { at };
            }
            (None, usual) => text += usual.unwrap_or_default(),
        }
        rest = &rest[length..];
    }
    text += rest;
    // one that is not given leaves nothing behind
    if text.is_empty() && !word.text.is_empty() { Vec::new() } else { vec![Said { text, at }] }
}

/// Whether a text takes something that a call gives.
pub(super) fn has_argument(text: &str) -> bool {
    let is_all = |rest: &str| ["$@", "$*", "${@", "${*"].iter().any(|all| rest.starts_with(all));
    text.match_indices('$').any(|(dollar, _)| argument(&text[dollar..]).is_some() || is_all(&text[dollar..]))
}

/// From which one on a word is all that a call gives: `$@`, `${@:2}`.
fn all_from(word: &str) -> Option<usize> {
    if ["$@", "$*", "${@}", "${*}"].contains(&word) {
        return Some(1);
    }
    word.strip_prefix("${@:")?.strip_suffix('}')?.parse().ok().filter(|from| *from > 0)
}

/// The number of the argument that a text begins with, what it is where that is not given, and how long that is:
/// `$1`, `${1}`, `${1:-a}`, `${1:?usage}`.
fn argument(text: &str) -> Option<(usize, Option<&str>, usize)> {
    let rest = text.strip_prefix('$')?;
    if let Some(inside) = rest.strip_prefix('{') {
        let inside = &inside[..inside.find('}')?];
        let digits = inside.find(|c: char| !c.is_ascii_digit()).unwrap_or(inside.len());
        let usual = match &inside[digits..] {
            "" => None,
            behind if behind.starts_with([':', '?']) && behind.contains('?') => None,
            behind => Some(behind.strip_prefix(":-").or_else(|| behind.strip_prefix('-'))?),
        };
        let number = inside[..digits].parse().ok().filter(|number| *number > 0)?;
        return Some((number, usual, inside.len() + 3));
    }
    let digit = rest.chars().next()?.to_digit(10).filter(|digit| *digit > 0)?;
    Some((digit as usize, None, 2))
}

/// Writes the arguments of functions as those of their calls: behind `shift`, `$1` is the second one. The names of those
/// that run Helm.
pub(super) fn without_shifts(lines: &mut [Line]) -> HashSet<String> {
    let mut branches = Branches::default();
    let (mut names, mut moved): (HashSet<String>, Option<(Scope, usize)>) = (HashSet::new(), None);
    for line in lines {
        let mut at = 0;
        let parts: Vec<(usize, Vec<Scope>, Option<usize>)> = shell::parts(&line.tokens)
            .iter()
            .map(|part| {
                let words = shell::words(part.tokens);
                let skipped = branches.take(part, &words).min(words.len());
                let shifts = words.get(skipped).filter(|word| word.said == "shift").map(|_| {
                    words.get(skipped + 1).map_or(Some(1), |count| count.said.parse().ok()).unwrap_or(UNKNOWN)
                });
                let here = branches.here();
                let function = here.iter().rev().find_map(Scope::function);
                names.extend(
                    function.filter(|_| words.iter().any(|word| shell::is_helm(&word.said))).map(str::to_owned),
                );
                (part.tokens.len(), here, shifts)
            })
            .collect();
        for (length, here, shifts) in parts {
            at += line.tokens[at..].iter().take_while(|token| matches!(token, Token::End(_))).count();
            let depth = here.iter().rposition(|scope| scope.function().is_some());
            let function = depth.map(|depth| here[depth].clone());
            if moved.as_ref().map(|(scope, _)| scope) != function.as_ref() {
                moved = function.map(|scope| (scope, 0));
            }
            if let Some((_, moved)) = &mut moved {
                for token in &mut line.tokens[at..at + length] {
                    if let Token::Word(word) = token {
                        word.said = shifted(&word.said, *moved);
                    }
                }
                // one that need not run leaves the others unknown
                let is_sure = depth.is_some_and(|depth| depth + 1 == here.len());
                *moved += shifts.map_or(0, |by| if is_sure { by } else { UNKNOWN });
            }
            at += length;
        }
    }
    names
}

/// By so many arguments are moved of which it is not known by how many.
const UNKNOWN: usize = 10_000;

fn shifted(word: &str, by: usize) -> String {
    if by == 0 || !word.contains('$') {
        return word.to_owned();
    }
    if by >= UNKNOWN && has_argument(word) {
        return "${UNKNOWN_ARGUMENT}".to_owned();
    }
    if let Some(from) = all_from(word) {
        return format!("${{@:{}}}", from + by);
    }
    let (mut text, mut rest) = (String::new(), word);
    while let Some(dollar) = rest.find('$') {
        text += &rest[..dollar];
        rest = &rest[dollar..];
        if let Some((number, usual, length)) = argument(rest) {
            let usual = usual.map(|usual| format!(":-{usual}")).unwrap_or_default();
            text += &["${", &(number + by).to_string(), &usual, "}"].concat();
            rest = &rest[length..];
        } else {
            text.push('$');
            rest = &rest[1..];
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Said {
        Said { text: text.to_owned(), at: 0..0 }
    }

    #[test]
    fn what_a_call_gives_is_put_in() {
        let given = [said("east"), said("-f"), said("a.yaml")];
        for (word, put) in [
            ("envs/$1.yaml", &["envs/east.yaml"][..]),
            ("${1}-${4:-x}", &["east-x"]),
            ("${1:?usage}", &["east"]),
            ("$@", &["east", "-f", "a.yaml"]),
            ("${@:2}", &["-f", "a.yaml"]),
            ("$4", &[]),
            ("$E/$0", &["$E/$0"]),
        ] {
            let words: Vec<String> = put_into(&said(word), &given).into_iter().map(|said| said.text).collect();
            assert_eq!(words, put, "{word}");
        }
    }

    #[test]
    fn behind_a_shift_the_others_are_meant() {
        assert_eq!(shifted("$1/${2:-a}$@", 1), "${2}/${3:-a}$@");
        assert_eq!((&*shifted("$@", 2), &*shifted("${@:2}", 1)), ("${@:3}", "${@:3}"));
        assert_eq!(shifted("$1", UNKNOWN), "${UNKNOWN_ARGUMENT}");
    }
}
