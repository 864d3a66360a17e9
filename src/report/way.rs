//! How to continue and how to get back, as a person reads it and as JSON.

use std::{borrow::Cow, fmt::Write as _};

use serde::Serialize;

use super::text::{TITLE, command, filled};
use crate::{
    account::{FileIs, Stands, Way, Ways},
    command_line::Release,
    open_word,
    shell::shell_quoted,
};

/// Where the mode of the files is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spot {
    /// In a file, which a step of this tool can change.
    #[default]
    File,
    /// In an option, such as `--set`.
    Option,
    /// In what came from standard input.
    Input,
}

/// The commands of an attempt, each where it can be named.
#[derive(Clone, Debug, Default)]
pub struct Commands<'c> {
    /// The release.
    pub release: Release<'c>,
    /// Where the mode is set: what is not a file, no step of this tool changes.
    pub spot: Spot,
    /// What people call the controller that brings it, where one does.
    pub controller: Option<&'static str>,
    /// Takes the step again, on the cluster.
    pub again: Option<Vec<String>>,
    /// Puts the file back.
    pub put_back: Option<Vec<String>>,
    /// Takes the step in the file alone.
    pub write: Option<Vec<String>>,
    /// Takes the procedure's own way back, on the cluster.
    pub revert: Option<Vec<String>>,
    /// Upgrades the software to the chart version that the files name, on the cluster.
    pub upgrade: Option<Vec<String>>,
    /// Waits until the PCE reports the mode of the release.
    pub verify: Option<Vec<String>>,
}

impl Commands<'_> {
    fn of(&self, way: Way) -> Option<Vec<String>> {
        let is_step = way.helm(self.release).is_none();
        match way {
            _ if is_step && self.spot != Spot::File => None,
            Way::Again => self.again.clone(),
            Way::ForceConflicts => self.again.clone().map(|mut words| {
                if !words.iter().any(|word| word == "--") {
                    words.push("--".to_owned());
                }
                words.push("--force-conflicts".to_owned());
                words
            }),
            Way::PutBack => self.put_back.clone(),
            Way::WriteFile => self.write.clone(),
            Way::Revert => self.revert.clone(),
            Way::Upgrade => self.upgrade.clone(),
            way => way.helm(self.release),
        }
    }
}

/// Why to continue this way, in words. What a controller brings, no step of this tool does.
fn on(ways: &Ways, commands: &Commands<'_>) -> Cow<'static, str> {
    match (ways.on, commands.controller) {
        (Way::Again, Some(title)) => format!(
            "the step has not reached the release: it comes with the {title}, so check that this was applied with the step \
             in it, and what it reported"
        )
        .into(),
        (Way::WriteFile, Some(title)) => format!(
            "the release has already taken the step: take it in the {title} as well, before that takes it back"
        )
        .into(),
        (Way::Upgrade, Some(title)) => format!(
            "the {title} names a newer chart than the release runs: check that it was applied, and what it reported"
        )
        .into(),
        _ => elsewhere(ways.on, commands.spot).unwrap_or_else(|| by_hand(ways)).into(),
    }
}

/// The same where the mode is not set in a file.
const fn elsewhere(on: Way, spot: Spot) -> Option<&'static str> {
    match (on, spot) {
        (Way::WriteFile, Spot::Option) => {
            Some("the release has already taken the step: write its mode in the option that sets it")
        }
        (Way::WriteFile, Spot::Input) => {
            Some("the release has already taken the step: take it as well where standard input comes from")
        }
        (Way::Again | Way::ForceConflicts, Spot::Option | Spot::Input) => {
            Some("the release has not taken the step of these values: fix the cause, and run `helm upgrade` again")
        }
        _ => None,
    }
}

/// The same of a release that is upgraded by hand.
fn by_hand(ways: &Ways) -> &'static str {
    match (ways.on, ways.stands, ways.file) {
        (Way::Nothing, ..) => "nothing to do: the file and the release agree",
        (Way::Again, _, FileIs::Same) => "the release is in place; run the same step again to check its pods",
        (Way::Again, Stands::Unknown, _) => "once the cluster answers, run the same step again: it checks first",
        (Way::Again, Stands::Sound, _) => {
            "fix what Helm reported, if anything, and run the same step again: nothing reached the release"
        }
        (Way::Again, Stands::RolledBack, _) => {
            "fix the cause, and run the same step again: the attempt was rolled back"
        }
        (Way::Again, ..) => "fix the cause, and run the same step again: it continues the attempt",
        (Way::ForceConflicts, ..) => {
            "another program wrote fields that the chart sets: find out which, and take them over if the chart's \
             values are right"
        }
        (Way::PutBack, ..) => "restore the file",
        (Way::WriteFile, ..) => "the release has already taken the step: change only the file, with --write",
        (Way::Revert, ..) => "take the way back of the procedure",
        (Way::RollBack(_), Stands::Pending, FileIs::Ahead) => {
            "if Helm is no longer running, clear the operation; then run the same step again"
        }
        (Way::RollBack(_), Stands::Pending, _) => "if Helm is no longer running, clear the operation",
        (Way::RollBack(_), Stands::Uninstalled, _) => "the release was uninstalled: restore it",
        (Way::RollBack(_), Stands::RollbackFailed, FileIs::Ahead) => {
            "run the rollback again; then run the same step again"
        }
        (Way::RollBack(_), Stands::RollbackFailed, _) => "run the rollback again",
        (Way::RollBack(_), _, FileIs::Behind | FileIs::Apart) => {
            "roll the release back to its last sound revision; then make the file agree with it"
        }
        (Way::RollBack(_), ..) => "the file is as it was when the release was sound: roll the release back as well",
        (Way::Look, Stands::NeverSound, _) => {
            "the release was never fully installed: find out why, and install it before any step"
        }
        (Way::Look, Stands::Unknown, _) => "it is not known how the last upgrade ended: check the cluster first",
        (Way::Look, _, FileIs::Unlike) => {
            "the release differs from the files in what no step changes: find out which of them is right, and make them \
             agree first"
        }
        (Way::Look, ..) => "no step of the procedure connects the file and the release: find out who changed it last",
        (Way::Upgrade, ..) => {
            "first upgrade the software to the chart version that the files name, in the present mode"
        }
        (Way::Install, ..) => "there is no release: is this its name and namespace? `helm list -A` shows all",
    }
}

/// What the way back does, in words.
fn back(ways: &Ways, spot: Spot) -> &'static str {
    match ways.back[..] {
        [Way::PutBack] if spot != Spot::File => "set the mode as it was before; the release needs nothing",
        [Way::PutBack, Way::RollBack(_)] if spot != Spot::File => {
            "set the mode as it was before, and roll the release back to its last sound revision"
        }
        [Way::PutBack] => "restore the file; the release needs nothing",
        [Way::PutBack, Way::RollBack(_)] => "restore the file, and roll the release back to its last sound revision",
        [Way::Revert] => "the PCE has followed the attempt, so go back with the procedure's own step",
        _ => "undo the attempt",
    }
}

/// The one way on, and under it the way back, each with its commands.
#[must_use]
pub fn text(ways: &Ways, commands: &Commands<'_>) -> String {
    let mut out = String::new();
    let mut part = |title: &str, words: &str, all: &[Way]| {
        let _ = write!(out, "\n{TITLE}{title}{TITLE:#}\n{}", filled(words, "  ", "  "));
        for words in all.iter().filter_map(|way| commands.of(*way)) {
            out += &command(&words, "    ", "      ");
        }
    };
    part("To continue", &on(ways, commands), &[ways.on]);
    if !ways.back.is_empty() {
        part("To go back", back(ways, commands.spot), &ways.back);
    }
    out
}

/// How to continue where the files and the release agree, and the PCE reports another mode.
const AWAITED: &str = "Kubelink reports the mode to the PCE after its restart: wait until it has; if it does not, its log shows \
                       why";

/// The same in words.
pub(super) fn awaiting(commands: &Commands<'_>) -> String {
    let verify = commands.verify.iter().map(|words| command(words, "    ", "      "));
    format!("\n{TITLE}To continue{TITLE:#}\n{}{}", filled(AWAITED, "  ", "  "), verify.collect::<String>())
}

/// The same as JSON.
pub(super) fn awaiting_json(commands: &Commands<'_>) -> WaysJson {
    WaysJson { on: WayJson { what: "verify", command: commands.verify.clone() }, back: Vec::new() }
}

/// The same as Markdown.
pub(super) fn markdown(ways: &Ways, commands: &Commands<'_>) -> String {
    let part = |title: &str, words: &str, all: &[Way]| {
        let commands = all.iter().filter_map(|way| commands.of(*way));
        let mut out = format!("- **{title}**: {words}\n");
        for words in commands {
            let _ = writeln!(out, "  - `{}`", shell_quoted(&words));
            out.extend(open_word::remarks(&words).map(|remark| format!("    {remark}\n")));
        }
        out
    };
    let back =
        if ways.back.is_empty() { String::new() } else { part("To go back", back(ways, commands.spot), &ways.back) };
    part("To continue", &on(ways, commands), &[ways.on]) + &back
}

/// The same as JSON.
#[derive(Serialize)]
pub(super) struct WaysJson {
    on: WayJson,
    back: Vec<WayJson>,
}

#[derive(Serialize)]
struct WayJson {
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<Vec<String>>,
}

pub(super) fn json(ways: &Ways, commands: &Commands<'_>) -> WaysJson {
    let one = |way: Way| WayJson { what: way.as_str(), command: commands.of(way) };
    WaysJson { on: one(ways.on), back: ways.back.iter().copied().map(one).collect() }
}
