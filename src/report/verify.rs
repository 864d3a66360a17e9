//! The checks after a step as a person reads them: a tick, a cross or a question mark, what was seen, what to do.

use std::{borrow::Cow, fmt::Write as _};

use serde::Serialize;

use super::{
    json::pretty,
    text::{BAD, GOOD, NAME, TITLE, filled},
};
use crate::{
    chart::secrets::masked,
    verify::{Checked, Facts, Outcome, State},
};

/// The list, without credentials that others wrote into their words, and under it how many of each there are.
#[must_use]
pub fn text(facts: &Facts, checked: &[Checked]) -> String {
    let mut out = String::new();
    let cluster = match facts.pce.answer() {
        Some(pce) => format!("cluster {} of the PCE", pce.cluster.shown_name()),
        None => "the PCE not asked".to_owned(),
    };
    let since = facts.since.as_ref().map(|since| format!(", since {since}"));
    let _ = writeln!(
        out,
        "{TITLE}After {}{TITLE:#}: namespace {}, {cluster}{}\n",
        facts.goal,
        facts.namespace,
        since.unwrap_or_default()
    );
    for one in checked {
        let mark = mark(one.state);
        let line = filled(&format!("{}: {}", one.id, one.text), "  @ ", "    ");
        out += &line.replacen('@', &mark, 1).replacen(one.id, &format!("{NAME}{}{NAME:#}", one.id), 1);
        for seen in &one.seen {
            out += &filled(&masked(seen), "      ", "      ");
        }
        if let Some(help) = &one.help {
            out += &filled(help, "      = help: ", "              ");
        }
        for command in &one.run {
            // whole, however long it is: somebody may copy it
            let _ = writeln!(out, "      = run: {command}");
        }
    }
    let _ = writeln!(out, "\n{}", summary(checked));
    out
}

/// How many of each there are, in a line: `7 right, 1 wrong, 2 left to you`.
#[must_use]
pub fn summary(checked: &[Checked]) -> String {
    let words = [
        (State::Right, "right"),
        (State::Wrong, "wrong"),
        (State::Unknown, "could not tell"),
        (State::NotAsked, "not asked"),
        (State::Yours, "left to you"),
    ];
    let counted = words.map(|(state, word)| (checked.iter().filter(|one| one.state == state).count(), word));
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

/// The same as one JSON object. (`schemas/output.schema.json`)
#[must_use]
pub fn json(facts: &Facts, checked: &[Checked]) -> String {
    let checks: Vec<VerifiedJson<'_>> = checked.iter().map(VerifiedJson::from).collect();
    let number = |state| checked.iter().filter(|one| one.state == state).count();
    pretty(&VerifyJson {
        schema: "helm-clas/verify/v1",
        mode: facts.goal.as_str(),
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
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VerifyJson<'a> {
    schema: &'static str,
    mode: &'static str,
    namespace: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    pce_asked: bool,
    status: &'static str,
    checks: Vec<VerifiedJson<'a>>,
    summary: SummaryJson,
}

#[derive(Serialize)]
pub(super) struct VerifiedJson<'a> {
    id: &'static str,
    text: &'static str,
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
