//! `--undo`: the file as it was before a step that did not reach the release, byte for byte.

use std::{
    path::Path,
    process::{Command, ExitCode, Stdio},
};

use helm_clas::{
    ClusterMode, CompatibilityMatrix, Finding, Move, Request, Texts,
    account::{Account, Trouble, Was, Way, Ways, undone},
    report::way::{self, Commands, Spot},
};

use crate::{
    args::{Asked, Everywhere, described::called},
    command::{
        edited::{self, Shown},
        ways::{Place, Reporter, pce_version},
    },
    failure::Failure,
    output::Output,
    outside::helm::Helm,
    workspace::{Workspace, overrides},
};

pub(crate) fn run(everywhere: &Everywhere, asked: &Asked<'_>, output: &mut Output) -> Result<ExitCode, Failure> {
    let step = asked.step;
    let texts = Texts::new();
    let workspace = Workspace::open_for(&texts, &step.files, step.path.as_deref(), &step.release.chart)?;
    let said = Said::by(asked, &workspace)?;
    let source = workspace.files.source(said.number);
    let release = everywhere.release(step.release.name.as_deref(), &step.release.chart);
    let helm = Helm::new(release);
    let account = helm.account(None)?;
    let values = workspace.cluster_values(step.path.as_deref(), &overrides::read(&step.set)?).unwrap_or_default();
    let reporter = Reporter { options: step.pce.clone(), values, without_pce: step.running.without_pce };
    let pce = account.as_ref().and_then(|account| reporter.mode(account, output));
    let ways = account
        .as_ref()
        .map_or_else(Ways::without_release, |account| account.ways(Some(said.goal), pce, Trouble::None));
    let pce_version = step.pce_version.as_deref().unwrap_or_else(|| pce_version(&step.pce));
    let place = Place { release, values: step.place_options(), pce: step.pce.given(), pce_version, spot: Spot::File };
    let commands = account.as_ref().map(|account| place.commands(account, Some(said.goal), pce));
    let commands = commands.unwrap_or(Commands { release, ..Commands::default() });
    let Some(account) = account.filter(|_| ways.back.contains(&Way::PutBack)) else {
        output.complaint(&way::text(&ways, &commands));
        output.complaint(&helm_clas::report::text::refused("nothing is changed in", &[source.name]));
        return Ok(ExitCode::FAILURE);
    };
    let text = source.text().map_err(unreadable)?;
    let before = before(&account, &helm, source.name, text, &said)?;
    if let Some(shown) = Shown::of(&workspace.files, said.number, &before, step.diff()) {
        shown.print(output);
    }
    if step.write {
        edited::write(&workspace.files, said.number, &before, step.drop_attributes, output)?;
    }
    let done = if step.write { "the file is as it was" } else { "nothing is changed yet; repeat with --write" };
    output.remark(&format!("{}: {done}\n", source.name));
    let rest: Vec<Way> = ways.back.into_iter().filter(|way| *way != Way::PutBack).collect();
    for words in rest.iter().filter_map(|way| way.helm(release)) {
        output.remark(&format!("then restore the release\n  {}\n", helm_clas::shell_quoted(&words)));
    }
    Ok(ExitCode::SUCCESS)
}

/// What the files say.
struct Said {
    /// The number of the file that says it.
    number: usize,
    path: Vec<String>,
    goal: ClusterMode,
}

impl Said {
    /// What they say after the step that is to be taken back.
    fn by(asked: &Asked<'_>, workspace: &Workspace<'_>) -> Result<Self, Failure> {
        let step = asked.step;
        let overrides = overrides::read(&step.set)?;
        let outcome = Request {
            verb: asked.verb,
            unset: false,
            files: &workspace.files,
            given: &workspace.given,
            overrides: &overrides,
            path: step.path.as_deref(),
            version: None,
            pce_version: None,
            matrix: &CompatibilityMatrix::shipped(),
            allowed: &[],
        }
        .outcome();
        let is_of_files = outcome.release.is_none() && !outcome.path.is_empty();
        let Some(goal) = outcome.from.filter(|_| is_of_files) else {
            return Err(Failure::new("--undo restores only a values file whose mode is known")
                .help("restore a manifest with Git: git revert, or git checkout FILE"));
        };
        let leads_here = ClusterMode::ALL.into_iter().any(|mode| asked.verb.applied_to(mode) == Move::Go(goal));
        if !leads_here {
            return Err(Failure::new(format!("the file has {goal}, and `{}` does not lead there", asked.verb))
                .help("name the step that was taken last"));
        }
        Ok(Self { number: outcome.file, path: outcome.path, goal })
    }
}

/// The text from before the step: the last commit's where the step leads from there to here, else the one that the last
/// sound revision was given.
fn before(account: &Account, helm: &Helm<'_>, name: &str, text: &str, said: &Said) -> Result<String, Failure> {
    let path: Vec<&str> = said.path.iter().map(String::as_str).collect();
    let tried = |was: Was<'_>| undone(text, &path, said.goal, was);
    if let Some(before) = committed(name).and_then(|text| tried(Was::Whole(&text)).ok()) {
        return Ok(before);
    }
    let revision = account.sound.as_ref().map_or(account.newest.number, |sound| sound.number);
    let given = helm.given(revision)?.unwrap_or_default();
    let given = path.iter().try_fold(&given, |values, key| values.get(key));
    let was = given.and_then(|given| given.as_str()).map_or(Was::Absent, Was::Text);
    tried(was).map_err(unreadable)
}

/// The file as the last commit has it, where it has it.
fn committed(name: &str) -> Option<String> {
    let path = Path::new(name);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let object = format!("HEAD:./{}", path.file_name()?.to_str()?);
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["show", &object]).stdin(Stdio::null());
    let output = crate::outside::asked(&mut command).ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok())?
}

#[allow(clippy::needless_pass_by_value, reason = "as map_err calls it")]
fn unreadable(finding: Finding) -> Failure {
    let failure = Failure::new(format!("the file cannot be restored: {}", finding.message));
    match finding.help {
        Some(help) => failure.help(help.said(called())),
        None => failure,
    }
}
