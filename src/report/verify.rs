//! The checks around a step as a person reads them: a tick, a cross or a question mark, what was seen, what to do.

use std::{borrow::Cow, fmt::Write as _};

use serde::Serialize;

use super::{
    columns::cell,
    pretty::pretty,
    printable::printable,
    text::{BAD, GOOD, NAME, TITLE, filled},
    way::{self, Commands, WaysJson},
};
use crate::{
    account::Ways,
    chart::secrets::masked,
    verify::{Before, Checked, Facts, Outcome, State},
};

/// Around which step the checks were made.
#[derive(Clone, Copy, Debug)]
pub enum Around<'f> {
    /// After the last one.
    After(&'f Facts),
    /// Before the next one.
    Before(&'f Before),
}

/// What is to be done where a step did not end well.
#[derive(Clone, Copy, Debug)]
pub struct Onward<'f> {
    /// The way on and the way back.
    pub ways: &'f Ways,
    /// Their commands.
    pub commands: &'f Commands<'f>,
}

impl Around<'_> {
    const fn facts(&self) -> &Facts {
        match self {
            Self::After(facts) => facts,
            Self::Before(before) => &before.present,
        }
    }

    /// `After clas`, `Before clas (migrate --finish)`.
    fn title(&self) -> String {
        match self {
            Self::After(facts) => format!("After {}", facts.goal),
            Self::Before(before) => format!("Before {} ({})", before.goal, before.act),
        }
    }

    /// What they are about: the namespace, the cluster of the PCE, since when.
    fn subject(&self) -> String {
        let facts = self.facts();
        let cluster = match facts.pce.answer() {
            Some(pce) => format!("cluster {} of the PCE", pce.cluster.shown_name()),
            None => "PCE not asked".to_owned(),
        };
        let is_since = matches!(self, Self::After(_)) || matches!(self, Self::Before(before) if before.act.is_finish());
        let since = facts.since.as_ref().filter(|_| is_since).map(|since| format!(", since {since}"));
        format!("namespace {}, {cluster}{}", facts.namespace, since.unwrap_or_default())
    }
}

/// The list, without credentials that others wrote into their words, and under it how many of each there are.
#[must_use]
pub fn text(around: Around<'_>, checked: &[Checked]) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{TITLE}{}{TITLE:#}: {}\n", around.title(), around.subject());
    for one in checked {
        let mark = mark(one.state);
        let line = filled(&format!("{}: {}", one.id, one.text), "  @ ", "    ");
        out += &line.replacen('@', &mark, 1).replacen(one.id, &format!("{NAME}{}{NAME:#}", one.id), 1);
        for seen in &one.seen {
            out += &filled(&masked(seen), "      ", "      ");
        }
        if let Some(help) = &one.help {
            out += &filled(&help.said(around.facts().called), "      = help: ", "              ");
        }
        for command in &one.run {
            // whole, however long it is: it may be copied
            let _ = writeln!(out, "      = run: {command}");
        }
    }
    let _ = writeln!(out, "\n{}", summary(checked));
    out
}

/// The same as a task list of Markdown: what is right is ticked, the rest is not.
#[must_use]
pub fn markdown(around: Around<'_>, checked: &[Checked]) -> String {
    let mut out = format!("# {}\n\n{}\n\n", around.title(), cell(&printable(&around.subject())));
    for one in checked {
        let (tick, word) = match one.state {
            State::Right => ("x", String::new()),
            state => (" ", format!(" ({})", state.words())),
        };
        let _ = writeln!(out, "- [{tick}] **{}**: {}{word}", one.id, one.text);
        let lines = one
            .seen
            .iter()
            .map(|seen| masked(seen))
            .chain(one.help.iter().map(|help| help.said(around.facts().called).into()));
        for line in lines {
            let _ = writeln!(out, "  - {}", cell(&printable(&line)));
        }
        for command in &one.run {
            let _ = writeln!(out, "  - `{command}`");
        }
    }
    let _ = writeln!(out, "\n{}.", summary(checked));
    out
}

impl State {
    /// The word for it as a person reads it.
    const fn words(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Unknown => "not known",
            Self::NotAsked => "not asked",
            Self::Yours => "left to you",
        }
    }
}

/// How many of each there are, in a line: `7 right, 1 wrong, 2 left to you`.
#[must_use]
pub fn summary(checked: &[Checked]) -> String {
    let states = [State::Right, State::Wrong, State::Unknown, State::NotAsked, State::Yours];
    let counted = states.map(|state| (checked.iter().filter(|one| one.state == state).count(), state.words()));
    let said = counted.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}"));
    said.collect::<Vec<_>>().join(", ")
}

fn mark(state: State) -> String {
    match state {
        State::Right => format!("{GOOD}\u{2713}{GOOD:#}"),
        State::Wrong => format!("{BAD}\u{2717}{BAD:#}"),
        State::Unknown | State::NotAsked => format!("{BAD}?{BAD:#}"),
        State::Yours => "-".to_owned(),
    }
}

impl Onward<'_> {
    /// What stands below the list in text.
    #[must_use]
    pub fn text(&self) -> String {
        way::text(self.ways, self.commands)
    }

    /// What stands below the list in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        format!("\n{}", way::markdown(self.ways, self.commands))
    }
}

/// The same as one JSON object. (`schemas/output.schema.json`)
#[must_use]
pub fn json(around: Around<'_>, checked: &[Checked], onward: Option<Onward<'_>>) -> String {
    let facts = around.facts();
    let (goal, before) = match around {
        Around::After(facts) => (facts.goal, None),
        Around::Before(before) => (before.goal, Some(before)),
    };
    let checks: Vec<VerifiedJson<'_>> = checked.iter().map(VerifiedJson::from).collect();
    let number = |state| checked.iter().filter(|one| one.state == state).count();
    pretty(&VerifyJson {
        schema: "helm-clas/verify/v1",
        when: if before.is_some() { "before" } else { "after" },
        command: before.map(|before| before.act.to_string()),
        mode: goal.as_str(),
        namespace: &facts.namespace,
        since: facts.since.as_ref().map(ToString::to_string),
        pce_asked: facts.pce.answer().is_some(),
        status: Outcome::of(checked).as_str(),
        checks,
        summary: SummaryJson {
            right: number(State::Right),
            wrong: number(State::Wrong),
            could_not_tell: number(State::Unknown),
            not_asked: number(State::NotAsked),
            left_to_you: number(State::Yours),
        },
        ways: onward.map(|onward| way::json(onward.ways, onward.commands)),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VerifyJson<'a> {
    schema: &'static str,
    when: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    mode: &'static str,
    namespace: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    pce_asked: bool,
    status: &'static str,
    checks: Vec<VerifiedJson<'a>>,
    summary: SummaryJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    ways: Option<WaysJson>,
}

#[derive(Serialize)]
pub(super) struct VerifiedJson<'a> {
    id: &'static str,
    text: &'a str,
    state: &'static str,
    seen: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    run: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryJson {
    right: usize,
    wrong: usize,
    could_not_tell: usize,
    not_asked: usize,
    left_to_you: usize,
}

impl<'a> From<&'a Checked> for VerifiedJson<'a> {
    fn from(one: &'a Checked) -> Self {
        let Checked { id, text, state, seen, help, run, .. } = one;
        let seen = seen.iter().map(|seen| masked(seen)).collect();
        Self { id, text, state: state.as_str(), seen, help: help.as_deref(), run }
    }
}
