//! The software upgrade as a person reads it, and as a program does.

use std::fmt::Write as _;

use serde::Serialize;

use super::{
    json::{FindingJson, Gates, GatesJson, Ran, RanJson},
    pretty::pretty,
    printable::printable,
    text::{GOOD, TITLE, command, filled},
};
use crate::{
    called::Called,
    chart::secrets::masked_name,
    command_line::CommandLine,
    files::Files,
    finding::Position,
    instruction::Instruction,
    mode::ClusterMode,
    procedure::Verb,
    upgrade::{Kind, Upgraded},
};

/// What is reported of an upgrade.
#[derive(Clone, Copy)]
pub struct Told<'t, 's> {
    /// What this program is called.
    pub called: Called,
    /// The result.
    pub upgraded: &'t Upgraded,
    /// The files.
    pub files: &'t Files<'s>,
    /// The file that the version is in, or the first that was given.
    pub file: &'t str,
    /// The commands, where both versions are exact.
    pub commands: Option<&'t CommandLine<'t>>,
    /// Whether the file was changed.
    pub is_written: bool,
    /// The checks that were made before it, as they are read.
    pub gates: Option<&'t str>,
}

impl Told<'_, '_> {
    fn instructions(&self) -> Vec<Instruction> {
        self.commands.map(CommandLine::upgrading).unwrap_or_default()
    }
}

/// What is above the diff, and what below it.
#[must_use]
pub fn text(told: &Told<'_, '_>) -> (String, String) {
    let Told { upgraded, .. } = told;
    let (mut above, mut below) = (String::new(), String::new());
    let (Some(version), Some(pce), Some(mode)) = (&upgraded.version, upgraded.pce_version, upgraded.mode) else {
        return (above, below);
    };
    let file = printable(&masked_name(told.file));
    let title = match &upgraded.kind {
        Kind::Edit(_) => {
            let _ =
                write!(above, "{TITLE}{file}: chart {} -> {version}{TITLE:#}", upgraded.from.as_deref().unwrap_or("?"));
            if told.is_written {
                "The file is changed. Now run"
            } else {
                "Nothing is changed yet. Repeat with --write to change the file, then run"
            }
        }
        Kind::Command => {
            let _ = write!(above, "{TITLE}{file}: to chart {version}{TITLE:#}");
            "No version is beside these values, so no file changes. Run"
        }
        Kind::Already => {
            let _ = write!(above, "{GOOD}{file}: already chart {version}{GOOD:#}");
            "Nothing to change. If the cluster does not run it yet, run"
        }
        Kind::Refused => return (above, below),
    };
    let _ = writeln!(above, ", in {mode} as before  (PCE {pce})");
    if let Some(gates) = told.gates {
        let _ = write!(above, "\n{gates}");
    }
    if matches!(upgraded.kind, Kind::Edit(_)) {
        above.push('\n');
    }
    let _ = writeln!(below, "\n{TITLE}{title}{TITLE:#}");
    below.extend(told.instructions().iter().map(|one| match one {
        Instruction::Say(words) => filled(words, "  # ", "  # "),
        Instruction::Run(words) => command(words, "  ", "    "),
    }));
    if let Some(line) = told.commands {
        let words = command(&line.verification(mode), "  ", "    ");
        let _ = write!(below, "\n{TITLE}After it, verify the present mode{TITLE:#}\n{words}");
    }
    (above, below)
}

/// What comes behind an upgrade that went well: to ask the PCE as well, and the steps that are open now.
#[must_use]
pub fn afterwards(told: &Told<'_, '_>) -> String {
    let (Some(line), Some(mode)) = (told.commands, told.upgraded.mode) else { return String::new() };
    let words = command(&line.verification(mode), "  ", "    ");
    let mut out = format!("\n{TITLE}To check the PCE as well{TITLE:#}\n{words}");
    for next in Verb::legal_from(mode) {
        let _ = write!(out, "\n{TITLE}Next{TITLE:#}\n{}", command(&line.step(next), "  ", "    "));
    }
    out
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UpgradeJson<'a> {
    schema: &'static str,
    status: &'static str,
    mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pce_version: Option<String>,
    file: &'a str,
    #[serde(flatten)]
    position: Option<Position>,
    written: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
    commands: Vec<Vec<String>>,
    #[serde(flatten)]
    gates: Option<GatesJson<'a>>,
    #[serde(flatten)]
    ran: Option<RanJson<'a>>,
    findings: Vec<FindingJson<'a>>,
}

/// The same as one JSON object. (`schemas/output.schema.json`)
#[must_use]
pub fn json(told: &Told<'_, '_>, diff: Option<String>, ran: Option<Ran<'_>>, gates: Option<Gates<'_>>) -> String {
    let Told { called, upgraded, files, file, is_written, .. } = *told;
    let is_refused = matches!(upgraded.kind, Kind::Refused);
    let run = |one| match one {
        Instruction::Run(words) => Some(words),
        Instruction::Say(_) => None,
    };
    pretty(&UpgradeJson {
        schema: "helm-clas/upgrade/v1",
        status: upgraded.kind.as_str(),
        mode: upgraded.mode.map(ClusterMode::as_str),
        from: upgraded.from.as_deref(),
        version: upgraded.version.as_ref().map(ToString::to_string),
        pce_version: upgraded.pce_version.map(|version| version.to_string()),
        file,
        position: upgraded.pin.as_ref().map(|(number, span)| files.position(*number, span.start)),
        written: is_written,
        diff,
        commands: if is_refused { Vec::new() } else { told.instructions().into_iter().filter_map(run).collect() },
        gates: gates.map(GatesJson::from),
        ran: ran.map(RanJson::from),
        findings: FindingJson::all(&upgraded.findings, called, |file| files.text_of(file)),
    })
}
