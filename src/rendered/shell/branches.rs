//! What of a script runs only sometimes, or several times: the arms of `if` and `case`, functions, loops.

use super::{Part, Word};

/// Something that commands are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rendered) struct Scope {
    number: usize,
    /// Which of its arms it is.
    arm: usize,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    If,
    Case,
    /// With its name.
    Function(String),
    /// With the variables that each turn sets, and what the first one is in the turns, where that is written out.
    Loop(Vec<String>, Vec<String>),
    /// Braces that group.
    Group,
}

impl Scope {
    /// The variable of a loop, and what it is in the turns.
    pub(in crate::rendered) fn items(&self) -> Option<(&str, &[String])> {
        match &self.kind {
            Kind::Loop(names, items) => Some((names.first()?, items)),
            _ => None,
        }
    }
}

impl Scope {
    /// Whether what is in it need not run.
    pub(in crate::rendered) fn is_choice(&self) -> bool {
        matches!(self.kind, Kind::If | Kind::Case)
    }

    /// A text that no other one, and no other arm of it, has.
    pub(in crate::rendered) fn place(&self) -> String {
        format!("{}.{}", self.number, self.arm)
    }

    /// The name of the function that it is.
    pub(in crate::rendered) fn function(&self) -> Option<&str> {
        match &self.kind {
            Kind::Function(name) => Some(name),
            _ => None,
        }
    }
}

/// The scopes of the commands of a text, one after another.
#[derive(Default)]
pub(in crate::rendered) struct Branches {
    open: Vec<Scope>,
    number: usize,
    /// The last word of the command before.
    last: String,
}

impl Branches {
    /// Takes a command, and returns how many of its first words only say how it runs.
    pub(in crate::rendered) fn take(&mut self, part: &Part<'_>, words: &[&Word]) -> usize {
        if part.before.contains(";;") && matches!(self.open.last(), Some(Scope { kind: Kind::Case, .. })) {
            self.next_arm();
        }
        let is_function = part.before.ends_with("()") && words.first().is_some_and(|word| word.said == "{");
        let last = words.last().map(|word| word.said.clone()).unwrap_or_default();
        let name = std::mem::replace(&mut self.last, last);
        if is_function {
            self.open(Kind::Function(name));
        }
        let mut skipped = usize::from(is_function);
        for (number, word) in words.iter().enumerate().skip(skipped) {
            match word.said.trim_start_matches('@') {
                // a word alone is one of another language: `if (...) {`
                "if" if words.len() > 1 => self.open(Kind::If),
                "ifeq" | "ifneq" | "ifdef" | "ifndef" => self.open(Kind::If),
                "case" if words.len() > 1 => self.open(Kind::Case),
                "for" | "select" => {
                    let mut named = words[number + 1..].iter().map(|word| word.said.clone());
                    let name = named.next().into_iter().collect();
                    let is_listed = named.next().is_some_and(|word| word == "in");
                    self.open(Kind::Loop(name, named.filter(|_| is_listed).collect()));
                    return words.len();
                }
                "while" | "until" => {
                    let read = words.iter().skip(number + 1).skip_while(|word| word.said != "read").skip(1);
                    let named = read.filter(|word| !word.said.starts_with('-')).map(|word| word.said.clone());
                    self.open(Kind::Loop(named.collect(), Vec::new()));
                }
                "elif" | "else" if !self.open.is_empty() => self.next_arm(),
                "fi" | "endif" => self.close(|kind| *kind == Kind::If),
                "esac" => self.close(|kind| *kind == Kind::Case),
                "done" => self.close(|kind| matches!(kind, Kind::Loop(..))),
                "{" => self.open(Kind::Group),
                "}" => self.close(|kind| matches!(kind, Kind::Group | Kind::Function(_))),
                "function" => {
                    let name = words.get(number + 1).map(|word| word.said.clone());
                    self.open(Kind::Function(name.unwrap_or_default()));
                    return words.len();
                }
                "then" | "do" | "!" | "time" => {}
                _ => break,
            }
            skipped = number + 1;
        }
        skipped
    }

    /// What a command is in that need not run.
    pub(in crate::rendered) fn choice(&mut self) -> Scope {
        self.number += 1;
        Scope { number: self.number, arm: 0, kind: Kind::If }
    }

    fn open(&mut self, kind: Kind) {
        /// No script is nested so deep.
        const DEEPEST: usize = 64;
        if self.open.len() < DEEPEST {
            self.number += 1;
            self.open.push(Scope { number: self.number, arm: 0, kind });
        }
    }

    fn next_arm(&mut self) {
        if let Some(scope) = self.open.iter_mut().rev().find(|scope| matches!(scope.kind, Kind::If | Kind::Case)) {
            scope.arm += 1;
        }
    }

    fn close(&mut self, is_it: impl Fn(&Kind) -> bool) {
        if let Some(at) = self.open.iter().rposition(|scope| is_it(&scope.kind)) {
            self.open.truncate(at);
        }
    }

    pub(in crate::rendered) fn here(&self) -> Vec<Scope> {
        self.open.clone()
    }
}

/// How what is written at one place counts for a command at another one further down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rendered) enum Counts {
    /// It ran before.
    Always,
    /// It may have run.
    Sometimes,
    /// It ran where the function that it is in was called.
    WhereCalled,
    /// It did not run.
    Never,
}

pub(in crate::rendered) fn counts(of: &[Scope], at: &[Scope]) -> Counts {
    let mut counts = Counts::Always;
    for (depth, scope) in of.iter().enumerate() {
        match at.get(depth) {
            Some(other) if other == scope => {}
            Some(other) if other.number == scope.number => return Counts::Never,
            _ => {
                let rest = &of[depth..];
                let is_called = rest.iter().any(|scope| matches!(scope.kind, Kind::Function(_)));
                let is_choice = rest.iter().any(Scope::is_choice);
                counts = match (is_choice, is_called) {
                    (true, _) => Counts::Sometimes,
                    (false, true) => Counts::WhereCalled,
                    (false, false) => Counts::Always,
                };
                break;
            }
        }
    }
    counts
}

/// How a command relates to a place before it that is in branches.
pub(super) enum Left {
    /// It is in all of them.
    Inside,
    /// It is in another arm of the one of this depth.
    OtherArm(usize),
    /// It is behind a function.
    Function,
    /// It is behind what need not run, or runs several times.
    Choice,
    /// It is behind braces that group.
    Group,
}

pub(super) fn left(of: &[Scope], at: &[Scope]) -> Left {
    let Some(depth) = (0..of.len()).find(|depth| at.get(*depth) != of.get(*depth)) else { return Left::Inside };
    let rest = &of[depth..];
    let has = |is_it: fn(&Kind) -> bool| rest.iter().any(|scope| is_it(&scope.kind));
    match at.get(depth) {
        Some(other) if other.number == of[depth].number => Left::OtherArm(depth),
        _ if has(|kind| matches!(kind, Kind::Function(_))) => Left::Function,
        _ if has(|kind| *kind != Kind::Group) => Left::Choice,
        _ => Left::Group,
    }
}

/// The variables that the loops around a place set, innermost first.
pub(in crate::rendered) fn turned(at: &[Scope]) -> impl Iterator<Item = &str> {
    at.iter().rev().flat_map(|scope| match &scope.kind {
        Kind::Loop(names, _) => names.iter().map(String::as_str).collect::<Vec<_>>(),
        _ => Vec::new(),
    })
}
