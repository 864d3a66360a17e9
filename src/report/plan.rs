//! The next steps in a fleet, as a person reads them, and as a program does.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::{Value, json};

use super::{
    columns::cell,
    pretty::pretty,
    printable::printable,
    text::{NAME, TITLE, command, filled},
    unjudged::{self, UnjudgedJson},
};
use crate::{
    act::Act,
    chart::secrets::masked,
    finding::Unjudged,
    mode::ClusterMode,
    plan::{Cluster, Frozen, Plan, Seen, Software, Turn, Who},
    rule::Rule,
    shell::shell_quoted,
    shown::count,
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
        (of("frozen"), "frozen"),
        (of("refused"), "refused"),
        (of("apart"), "apart"),
        (of("done"), "done"),
        (of("unknown"), "not known"),
        (of("foreign"), "only on the PCE"),
    ];
    let said: Vec<String> =
        counted.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    let said = if said.is_empty() { "no clusters".to_owned() } else { said.join(", ") };
    format!("To {}, at most {} of one PCE between two modes: {said}", plan.goal, plan.at_once)
}

/// What is next for each cluster: the steps to take now with their commands, then what waits, and for whom.
#[must_use]
pub fn text(plan: Plan, rows: &[Row<'_>]) -> String {
    format!("{TITLE}{}{TITLE:#}\n", summary(plan, rows)) + &body(plan, rows)
}

/// The same of the one step that comes next, if any does, among all clusters.
#[must_use]
pub fn next_text(plan: Plan, all: &[Row<'_>], next: Option<&Row<'_>>) -> String {
    let none = if all.is_empty() { "" } else { "\n  no step can be taken now\n" };
    let next = next.map_or_else(|| none.to_owned(), |next| body(plan, std::slice::from_ref(next)));
    format!("{TITLE}{}{TITLE:#}\n{next}", summary(plan, all))
}

fn body(plan: Plan, rows: &[Row<'_>]) -> String {
    let names = names(rows);
    let mut out = String::new();
    for (row, name) in rows.iter().zip(&names) {
        match &row.turn {
            Turn::Now(_, to) => {
                let from = row.cluster.stands().map_or("?", ClusterMode::as_str);
                let is_written = row.cluster.mode == Some(*to);
                let written = if is_written { ", which the file says already" } else { "" };
                let _ = writeln!(out, "\n  {NAME}{name}{NAME:#}: {from} -> {to}{written}");
                out += &match &row.command {
                    Some(words) => command(words, "    ", "      "),
                    None => "    name the chart version with --version to see the command\n".to_owned(),
                };
            }
            Turn::Upgrade(Software { from, to }) => {
                let mode = row.cluster.stands().map_or("?", ClusterMode::as_str);
                let _ = writeln!(out, "\n  {NAME}{name}{NAME:#}: chart {from} -> {to}, in {mode}");
                out += &row.command.as_deref().map(|words| command(words, "    ", "      ")).unwrap_or_default();
            }
            Turn::Refused(verb, rules) => {
                let _ = writeln!(out, "\n  {NAME}{name}{NAME:#}: {verb} is refused: {}", named(rules));
                out += &row.command.as_deref().map(|words| command(words, "    ", "      ")).unwrap_or_default();
            }
            Turn::Apart(seen) => {
                let _ = writeln!(out, "\n  {NAME}{name}{NAME:#}: {}", apart(row.cluster, *seen));
                out += &row.command.as_deref().map(|words| command(words, "    ", "      ")).unwrap_or_default();
            }
            Turn::After(..) | Turn::Frozen(..) | Turn::Done | Turn::Unknown | Turn::Foreign => {}
        }
    }
    let waiting = rows.iter().zip(&names).filter_map(|(row, name)| match &row.turn {
        Turn::After(verb, after) => Some(format!("  {name}: {verb}, {}\n", waits(after, &names))),
        Turn::Frozen(verb, frozen) => Some(format!("  {name}: {verb}, {}\n", held(frozen))),
        Turn::Unknown => Some(format!("  {name}: {}\n", unknown(row.cluster, plan.goal))),
        Turn::Foreign if row.cluster.may_be_between() => Some(format!("  {name}: {}\n", foreign(row.cluster))),
        Turn::Now(..) | Turn::Upgrade(..) | Turn::Refused(..) | Turn::Apart(..) | Turn::Done | Turn::Foreign => None,
    });
    let waiting: String = waiting.collect();
    if !waiting.is_empty() {
        let _ = write!(out, "\n{TITLE}Later{TITLE:#}\n{waiting}");
    }
    out + &open_pces(rows).map(|words| format!("\n{}", filled(&format!("note: {words}"), "", "  "))).unwrap_or_default()
}

/// Why nothing is known of what is next for a cluster.
fn unknown(cluster: &Cluster, goal: ClusterMode) -> String {
    let silent = cluster.seen.iter().find(|seen| seen.mode.is_none()).map(|seen| seen.who);
    match (cluster.mode, silent) {
        _ if cluster.is_mention => "a mode is set there, and it is not known for which cluster".to_owned(),
        (None, _) => "the mode of the files is not known".to_owned(),
        (_, Some(Who::Release)) => {
            "the mode of its release is not known, or the release is another cluster's".to_owned()
        }
        (_, Some(Who::Pce)) => "the PCE does not say its mode".to_owned(),
        (Some(mode), None) => format!("no step leads to {goal} from {mode}"),
    }
}

/// That it is not known which clusters are of one PCE, where nothing names that of one, or references name it in
/// different ways.
fn open_pces(rows: &[Row<'_>]) -> Option<String> {
    let named: BTreeSet<Option<&str>> = rows.iter().map(|row| row.cluster.pce.as_deref()).collect();
    let open = rows.iter().filter(|row| row.cluster.has_open_pce()).count();
    (open > 0 && named.len() > 1).then(|| {
        let count = count(open, "cluster");
        format!(
            "`pce_url` of {count} is not known, so it is not known which clusters are of one PCE, and all count as those of \
             one; name it with `pceHost` in .helm-clas.yaml"
        )
    })
}

fn named(rules: &[Rule]) -> String {
    rules.iter().map(|rule| rule.name()).collect::<Vec<_>>().join(", ")
}

/// Why a cluster is apart, in words.
fn apart(cluster: &Cluster, seen: Seen) -> String {
    let mode = |mode: Option<ClusterMode>| mode.map_or("a mode that is not known", ClusterMode::as_str);
    let file = mode(cluster.mode);
    match (seen.who, seen.tried) {
        (Who::Release, Some(tried)) => format!(
            "the last upgrade of the release, to {}, did not end well; before it the release was in {}, and the file says \
             {file}: make them agree first",
            mode(tried.mode),
            mode(seen.mode)
        ),
        (Who::Release, None) => {
            format!("the file says {file}, and the release {}: make them agree first", mode(seen.mode))
        }
        (Who::Pce, _) => format!(
            "the file says {file}, and the PCE {}: wait until the PCE agrees, or find out why not",
            mode(seen.mode)
        ),
    }
}

fn held(frozen: &Frozen) -> String {
    let why = frozen.why.as_ref().map(|why| format!(" ({})", printable(&masked(why))));
    format!("after the freeze until {}{}", frozen.until, why.unwrap_or_default())
}

fn foreign(cluster: &Cluster) -> String {
    let mode = cluster.mode.map_or("in a mode that is not documented", ClusterMode::as_str);
    format!("no file belongs to it, but on the PCE it is {mode}, so it counts")
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
        let stands = row.cluster.stands().map_or("?", ClusterMode::as_str);
        let (next, more) = match &row.turn {
            Turn::Now(verb, _) => (verb.to_string(), row.command.as_deref().map(shell_quoted).unwrap_or_default()),
            Turn::Upgrade(_) => {
                (Act::Upgrade.to_string(), row.command.as_deref().map(shell_quoted).unwrap_or_default())
            }
            Turn::After(verb, after) => (verb.to_string(), waits(after, &names)),
            Turn::Refused(verb, rules) => (verb.to_string(), format!("refused: {}", named(rules))),
            Turn::Frozen(verb, frozen) => (verb.to_string(), held(frozen)),
            Turn::Apart(seen) => ("apart".to_owned(), apart(row.cluster, *seen)),
            Turn::Done => ("done".to_owned(), String::new()),
            Turn::Unknown => ("not known".to_owned(), String::new()),
            Turn::Foreign => ("only on the PCE".to_owned(), String::new()),
        };
        let cells = [name.as_str(), stands, &next, &more].map(cell);
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    let open = open_pces(rows).map(|words| format!("\n{}\n", cell(&words))).unwrap_or_default();
    out + &open + &unjudged::markdown(unjudged)
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
            Turn::Refused(act, _) | Turn::Frozen(act, _) => (Some(act.to_string()), None, Vec::new()),
            Turn::Upgrade(_) => (Some(Act::Upgrade.to_string()), None, Vec::new()),
            Turn::Apart(_) | Turn::Done | Turn::Unknown | Turn::Foreign => (None, None, Vec::new()),
        };
        let frozen = match &row.turn {
            Turn::Frozen(_, Frozen { until, why }) => json!({ "until": until, "why": why.as_deref().map(masked) }),
            _ => Value::Null,
        };
        let seen: Vec<Value> = row
            .cluster
            .seen
            .iter()
            .map(|seen| {
                let mut said = json!({ "who": seen.who.as_str(), "mode": seen.mode.map(ClusterMode::as_str) });
                if let Some(tried) = seen.tried {
                    said["tried"] = json!(tried.mode.map(ClusterMode::as_str));
                }
                said
            })
            .collect();
        json!({
            "cluster": row.cluster.name,
            "pce": row.cluster.pce,
            "mode": row.cluster.mode.map(ClusterMode::as_str),
            "turn": row.turn.as_str(),
            "step": command,
            "to": to,
            "after": after,
            "refusedBy": refused_by,
            "frozen": frozen,
            "seen": seen,
            "software": row.cluster.software.as_ref().map(|one| json!({ "from": one.from, "to": one.to })),
            "wave": Some(row.cluster.wave).filter(|wave| *wave != u32::MAX),
            "command": row.command,
        })
    };
    let mut answer = json!({
        "schema": "helm-clas/plan/v1",
        "goal": plan.goal.as_str(),
        "atOnce": plan.at_once,
        "clusters": rows.iter().map(row).collect::<Vec<_>>(),
    });
    if let Some(words) = open_pces(rows) {
        answer["note"] = json!(words);
    }
    if !unjudged.is_empty() {
        answer["notJudged"] = unjudged.iter().map(|one| json!(UnjudgedJson::of(one))).collect();
    }
    pretty(&answer)
}
