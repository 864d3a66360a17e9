//! The next steps in a fleet, as a person reads them, and as a program does.

use std::fmt::Write as _;

use serde_json::json;

use super::{
    columns::cell,
    pretty::pretty,
    printable::printable,
    text::{NAME, TITLE, command},
    unjudged::{self, UnjudgedJson},
};
use crate::{
    chart::secrets::masked,
    finding::Unjudged,
    mode::ClusterMode,
    plan::{Cluster, Plan, Turn},
    rule::Rule,
    shell::shell_quoted,
};

/// A cluster with what is next for it.
#[derive(Clone, Debug)]
pub struct Row<'r> {
    /// The cluster.
    pub cluster: &'r Cluster,
    /// What is next.
    pub turn: Turn,
    /// The command of the step, where its versions are known; of one that is refused it says why.
    pub command: Option<Vec<String>>,
}

/// What each row is called.
fn names(rows: &[Row<'_>]) -> Vec<String> {
    rows.iter().map(|row| printable(&masked(&row.cluster.name))).collect()
}

/// How many of each there are, in a line.
fn summary(plan: Plan, rows: &[Row<'_>]) -> String {
    let of = |word: &str| rows.iter().filter(|row| row.turn.as_str() == word).count();
    let counted = [
        (of("now"), "now"),
        (of("after"), "later"),
        (of("refused"), "refused"),
        (of("done"), "done"),
        (of("unknown"), "not known"),
    ];
    let said: Vec<String> =
        counted.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    let said = if said.is_empty() { "no clusters".to_owned() } else { said.join(", ") };
    format!("To {}, at most {} of one PCE between two modes: {said}", plan.goal, plan.at_once)
}

/// What is next for each cluster: the steps to take now with their commands, then what waits, and for whom.
#[must_use]
pub fn text(plan: Plan, rows: &[Row<'_>]) -> String {
    let names = names(rows);
    let mut out = format!("{TITLE}{}{TITLE:#}\n", summary(plan, rows));
    for (row, name) in rows.iter().zip(&names) {
        match &row.turn {
            Turn::Now(_, to) => {
                let from = row.cluster.mode.map_or("?", ClusterMode::as_str);
                let _ = writeln!(out, "\n  {NAME}{name}{NAME:#}: {from} -> {to}");
                out += &match &row.command {
                    Some(words) => command(words, "    ", "      "),
                    None => "    name the chart version with --version to see the command\n".to_owned(),
                };
            }
            Turn::Refused(verb, rules) => {
                let _ = writeln!(out, "\n  {NAME}{name}{NAME:#}: {verb} is refused: {}", named(rules));
                out += &row.command.as_deref().map(|words| command(words, "    ", "      ")).unwrap_or_default();
            }
            Turn::After(..) | Turn::Done | Turn::Unknown => {}
        }
    }
    let waiting = rows.iter().zip(&names).filter_map(|(row, name)| match &row.turn {
        Turn::After(verb, after) => Some(format!("  {name}: {verb}, {}\n", waits(after, &names))),
        Turn::Unknown => Some(format!("  {name}: the mode is not known, or no step leads to {} from it\n", plan.goal)),
        Turn::Now(..) | Turn::Refused(..) | Turn::Done => None,
    });
    let waiting: String = waiting.collect();
    if !waiting.is_empty() {
        let _ = write!(out, "\n{TITLE}Later{TITLE:#}\n{waiting}");
    }
    out
}

fn named(rules: &[Rule]) -> String {
    rules.iter().map(|rule| rule.name()).collect::<Vec<_>>().join(", ")
}

fn waits(after: &[usize], names: &[String]) -> String {
    let names: Vec<String> = after.iter().map(|number| names[*number].clone()).collect();
    if names.is_empty() {
        "when --at-once allows one".to_owned()
    } else {
        format!("after {}", crate::shown::some_of(&names))
    }
}

/// The same as a table of Markdown, and below it what could not be read.
#[must_use]
pub fn markdown(plan: Plan, rows: &[Row<'_>], unjudged: &[Unjudged]) -> String {
    let names = names(rows);
    let mut out = format!("# {}\n\n| Cluster | Mode | Next | |\n|---|---|---|---|\n", summary(plan, rows));
    for (row, name) in rows.iter().zip(&names) {
        let stands = row.cluster.mode.map_or("?", ClusterMode::as_str);
        let (next, more) = match &row.turn {
            Turn::Now(verb, _) => (verb.to_string(), row.command.as_deref().map(shell_quoted).unwrap_or_default()),
            Turn::After(verb, after) => (verb.to_string(), waits(after, &names)),
            Turn::Refused(verb, rules) => (verb.to_string(), format!("refused: {}", named(rules))),
            Turn::Done => ("done".to_owned(), String::new()),
            Turn::Unknown => ("not known".to_owned(), String::new()),
        };
        let cells = [name.as_str(), stands, &next, &more].map(cell);
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    out + &unjudged::markdown(unjudged)
}

/// The same as one JSON object. (`schemas/output.schema.json`)
#[must_use]
pub fn json(plan: Plan, rows: &[Row<'_>], unjudged: &[Unjudged]) -> String {
    let names: Vec<&str> = rows.iter().map(|row| row.cluster.name.as_str()).collect();
    let row = |row: &Row<'_>| {
        let refused_by = match &row.turn {
            Turn::Refused(_, rules) => rules.iter().map(|rule| rule.name()).collect(),
            _ => Vec::new(),
        };
        let (command, to, after) = match &row.turn {
            Turn::Now(verb, to) => (Some(verb.to_string()), Some(to.as_str()), Vec::new()),
            Turn::After(verb, after) => {
                (Some(verb.to_string()), None, after.iter().map(|number| names[*number]).collect())
            }
            Turn::Refused(verb, _) => (Some(verb.to_string()), None, Vec::new()),
            Turn::Done | Turn::Unknown => (None, None, Vec::new()),
        };
        json!({
            "cluster": row.cluster.name,
            "pce": row.cluster.pce,
            "mode": row.cluster.mode.map(ClusterMode::as_str),
            "turn": row.turn.as_str(),
            "step": command,
            "to": to,
            "after": after,
            "refusedBy": refused_by,
            "command": row.command,
        })
    };
    let mut answer = json!({
        "schema": "helm-clas/plan/v1",
        "goal": plan.goal.as_str(),
        "atOnce": plan.at_once,
        "clusters": rows.iter().map(row).collect::<Vec<_>>(),
    });
    if !unjudged.is_empty() {
        answer["notJudged"] = unjudged.iter().map(|one| json!(UnjudgedJson::of(one))).collect();
    }
    pretty(&answer)
}
