//! `helm clas enforcement`: what was saved, what is there, and what is done about it.

use std::{borrow::Cow, fmt::Write as _};

use serde::Serialize;

use super::{
    columns::columns,
    pretty::pretty,
    printable::printable,
    text::{TITLE, filled},
};
use crate::{
    called::Called,
    chart::secrets::masked,
    enforcement::{Changed, Conflict, Deed, Kind, Mode, Outcome, Planned, Row, Saved, Standing},
};

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// To save.
    Save,
    /// To lower.
    Lower,
    /// To compare.
    Diff,
    /// To put back.
    Restore,
}

impl Word {
    /// The word itself.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Save => "save",
            Self::Lower => "lower",
            Self::Diff => "diff",
            Self::Restore => "restore",
        }
    }

    const fn done(self) -> &'static str {
        match self {
            Self::Save => "saved",
            Self::Lower => "lowered",
            Self::Diff => "compared",
            Self::Restore => "restored",
        }
    }

    const fn to_do(self) -> &'static str {
        match self {
            Self::Save => "to save",
            Self::Lower => "to lower",
            Self::Diff => "to compare",
            Self::Restore => "to restore",
        }
    }
}

/// What is reported: the command's word, the name of the file, what is in it, and the result.
#[derive(Clone, Copy, Debug)]
pub struct Told<'t> {
    /// What this program is called.
    pub called: Called,
    /// What was asked.
    pub word: Word,
    /// The name of the file, as it was given.
    pub file: &'t str,
    /// What is in it.
    pub saved: &'t Saved,
    /// The result.
    pub outcome: &'t Outcome,
}

/// A list of what is not as it was saved, or changes; and how many of each there are.
#[must_use]
pub fn text(told: &Told<'_>) -> String {
    let Told { word, file, saved, outcome, .. } = told;
    let cluster = shown(saved.cluster.name.as_deref().unwrap_or(&saved.cluster.href));
    let mut out = format!("{TITLE}cluster {cluster}{TITLE:#} of the PCE {}\n", printable(&saved.pce));
    let _ = writeln!(out, "{}: saved {}\n", shown(file), printable(&saved.saved_at));
    if *word == Word::Save {
        return out + &counts(saved);
    }
    let rows: Vec<[String; 4]> =
        outcome.planned.iter().filter(|planned| is_told(planned)).map(|planned| line(told, planned)).collect();
    out += &columns(&rows);
    if !rows.is_empty() {
        out.push('\n');
    }
    out += &filled(&summary(told), "", "");
    for advice in advice(told) {
        out += &filled(&advice, "= help: ", "        ");
    }
    out
}

/// Whether a row is worth a line: it changes, or is not as it was saved.
fn is_told(planned: &Planned) -> bool {
    planned.deed != Deed::Keep || planned.row.standing != Standing::Same
}

fn line(told: &Told<'_>, Planned { row, deed }: &Planned) -> [String; 4] {
    let modes = match deed {
        Deed::Set(mode) => format!("{} -> {}", said(row.now), mode.as_str()),
        _ if row.standing == Standing::New => said(row.now).to_owned(),
        _ if row.standing == Standing::Gone => format!("saved {}", said(row.saved)),
        _ => format!("{}, saved {}", said(row.now), said(row.saved)),
    };
    [row.kind.as_str().to_owned(), name(row), modes, words(told, row, *deed)]
}

fn words(told: &Told<'_>, row: &Row, deed: Deed) -> String {
    let changed = || format!("changed since it was saved{}", by(&row.changed));
    // perhaps by someone else, who is named, so that a person can tell
    let lowered = || match &row.changed.by {
        Some(who) if row.by_another && row.standing == Standing::Lowered => {
            format!(", last changed by {}{}", shown(who), at(&row.changed))
        }
        _ => String::new(),
    };
    match (deed, row.standing) {
        (Deed::Set(_), _) => match told.outcome.failed.get(&row.href) {
            Some(why) => format!("not {}: {}", told.word.done(), printable(&masked(why))),
            None if told.outcome.written => told.word.done().to_owned(),
            None => format!("{}{}", told.word.to_do(), lowered()),
        },
        (Deed::Leave(Conflict::Changed), _) => format!("skipped: {}", changed()),
        (Deed::Leave(Conflict::NotSaved), _) => "skipped: it is not in the file".to_owned(),
        (Deed::Leave(Conflict::Unknown), _) => "skipped: this mode is not known".to_owned(),
        (Deed::Leave(Conflict::Gone), _) => "lowered, and no longer on the PCE".to_owned(),
        (Deed::Keep, Standing::Lowered) => format!("lowered{}", lowered()),
        (Deed::Keep, Standing::Changed) => changed(),
        (Deed::Keep, Standing::New) => "new since it was saved".to_owned(),
        (Deed::Keep, Standing::Gone) => "no longer on the PCE".to_owned(),
        (Deed::Keep, Standing::Unknown) => "this mode is not known".to_owned(),
        (Deed::Keep, Standing::Same) => "as saved".to_owned(),
    }
}

fn by(changed: &Changed) -> String {
    let by = changed.by.as_deref().map(|by| format!(", last by {}", shown(by)));
    by.unwrap_or_default() + &at(changed)
}

fn at(changed: &Changed) -> String {
    changed.at.as_deref().map(|at| format!(" at {}", printable(at))).unwrap_or_default()
}

fn name(row: &Row) -> String {
    match (&row.name, row.kind) {
        (Some(name), _) => shown(name),
        (None, Kind::Namespace) => "(new namespaces)".to_owned(),
        (None, Kind::Node) => shown(&row.href),
    }
}

fn shown(text: &str) -> String {
    printable(&masked(text))
}

const fn said(mode: Option<Mode>) -> &'static str {
    match mode {
        Some(mode) => mode.as_str(),
        None => "?",
    }
}

/// How many objects of each kind have which mode.
fn counts(saved: &Saved) -> String {
    let mut out = String::new();
    for kind in [Kind::Namespace, Kind::Node] {
        let of_kind = || saved.objects.iter().filter(move |object| object.kind == kind);
        let modes = Mode::ALL.into_iter().map(Some).chain([None]);
        let counted = modes.map(|mode| (of_kind().filter(|object| object.mode == mode).count(), said(mode)));
        let counted: Vec<String> =
            counted.filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
        let rest = if counted.is_empty() { "none".to_owned() } else { counted.join(", ") };
        let _ = writeln!(out, "  {}s: {rest}", kind.as_str());
    }
    out
}

/// How many of each there are, in a line.
fn summary(told: &Told<'_>) -> String {
    let Told { word, outcome, .. } = told;
    let of = |standing| outcome.planned.iter().filter(|planned| planned.row.standing == standing).count();
    let is_set = |planned: &&Planned| matches!(planned.deed, Deed::Set(_));
    let same = outcome.planned.iter().filter(|planned| planned.row.standing == Standing::Same);
    let same = same.filter(|planned| !is_set(planned)).count();
    let verb = if outcome.written { word.done() } else { word.to_do() };
    let counted = match word {
        Word::Diff | Word::Save => vec![
            (of(Standing::Lowered), "lowered"),
            (of(Standing::Changed), "changed"),
            (of(Standing::New), "new"),
            (of(Standing::Gone), "gone"),
            (of(Standing::Unknown), "not known"),
            (same, "as saved"),
        ],
        Word::Lower | Word::Restore => vec![
            (outcome.count_set(), verb),
            (outcome.failed.len(), "failed"),
            (outcome.count_left(), "skipped"),
            (same, "as saved"),
        ],
    };
    let counted: Vec<String> =
        counted.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    if counted.is_empty() { "Nothing was saved, and the PCE has nothing.".to_owned() } else { counted.join(", ") }
}

fn advice(told: &Told<'_>) -> Vec<Cow<'static, str>> {
    let Told { word, outcome, .. } = told;
    let leaves = |conflict| outcome.planned.iter().any(|planned| planned.deed == Deed::Leave(conflict));
    let mut advice = Vec::new();
    if !outcome.written && outcome.count_set() > 0 {
        advice.push(match word {
            Word::Lower => "nothing was sent to the PCE; --write lowers them".into(),
            _ => "nothing was sent to the PCE; --write restores them".into(),
        });
    }
    if !outcome.failed.is_empty() {
        advice.push("run the same command again to continue; what is done is not repeated".into());
    }
    if *word == Word::Restore && (leaves(Conflict::Changed) || leaves(Conflict::Unknown)) {
        advice.push("what someone else changed is skipped; --also NAME restores it anyway".into());
    }
    if *word == Word::Lower && leaves(Conflict::Changed) {
        advice.push(
            "lowering these would lose their saved mode: save into another file, or lower them in the \
                     PCE"
            .into(),
        );
    }
    if leaves(Conflict::NotSaved) {
        advice.push(format!("`{} enforcement save --add` adds what is new to the file", told.called).into());
    }
    advice
}

/// The same as one JSON object. (`schemas/output.schema.json`)
#[must_use]
pub fn json(told: &Told<'_>) -> String {
    let Told { word, file, saved, outcome, .. } = told;
    let objects: Vec<ObjectJson<'_>> = outcome.planned.iter().map(|planned| ObjectJson::of(told, planned)).collect();
    pretty(&ToldJson {
        schema: "helm-clas/enforcement/v1",
        command: word.as_str(),
        file,
        pce: &saved.pce,
        org: &saved.org,
        cluster: &saved.cluster.href,
        name: saved.cluster.name.as_deref(),
        saved_at: &saved.saved_at,
        written: outcome.written,
        complete: outcome.is_complete(),
        objects,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToldJson<'t> {
    schema: &'static str,
    command: &'static str,
    file: &'t str,
    pce: &'t str,
    org: &'t str,
    cluster: &'t str,
    name: Option<&'t str>,
    saved_at: &'t str,
    written: bool,
    complete: bool,
    objects: Vec<ObjectJson<'t>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ObjectJson<'t> {
    kind: &'static str,
    name: Option<&'t str>,
    href: &'t str,
    saved: Option<Mode>,
    now: Option<Mode>,
    standing: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_by: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_at: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Mode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
}

impl<'t> ObjectJson<'t> {
    fn of(told: &Told<'t>, Planned { row, deed }: &'t Planned) -> Self {
        Self {
            kind: row.kind.as_str(),
            name: row.name.as_deref(),
            href: &row.href,
            saved: row.saved,
            now: row.now,
            standing: row.standing.as_str(),
            changed_by: row.changed.by.as_deref().filter(|_| row.by_another),
            changed_at: row.changed.at.as_deref().filter(|_| row.by_another),
            to: if let Deed::Set(mode) = deed { Some(*mode) } else { None },
            left: if let Deed::Leave(conflict) = deed { Some(conflict.as_str()) } else { None },
            failed: told.outcome.failed.get(&row.href).map(|why| masked(why).into_owned()),
        }
    }
}
