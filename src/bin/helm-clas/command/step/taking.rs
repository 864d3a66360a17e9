//! What is needed before the live release is upgraded: the release as it is, and the checks before the step.

use helm_clas::{CommandLine, Finding, Severity, Source, chart::reference::is_address};

use crate::{
    args::{PceOptions, ProofOptions, Running},
    command::{
        setting::Setting,
        step::{
            aim::Aim,
            run::{self, Upgrade},
        },
        verify::before::{self, Asking, Gates},
        ways::Reporter,
    },
    failure::Failure,
    output::Output,
    workspace::overrides,
};

/// A step, or the software upgrade, that is to be taken on the cluster.
pub(crate) struct Taking<'t, 's> {
    pub(crate) running: &'t Running,
    pub(crate) proof: &'t ProofOptions,
    pub(crate) pce: &'t PceOptions,
    pub(crate) setting: &'t Setting<'t, 's>,
}

/// What came of looking.
pub(crate) struct Prepared<'u> {
    /// Ready to be run; nothing where a finding stops it.
    pub(crate) upgrade: Option<Upgrade<'u>>,
    /// The checks before it, where they were made.
    pub(crate) gates: Option<Gates>,
    /// What was found at the release and by the checks.
    pub(crate) findings: Vec<Finding>,
}

impl Taking<'_, '_> {
    /// Looks at the release and makes the checks. Nothing is changed.
    pub(crate) fn prepared<'u>(
        &self,
        aim: Aim<'u>,
        commands: &CommandLine<'u>,
        output: &mut Output,
    ) -> Result<Prepared<'u>, Failure> {
        if let Some(failure) = run::impossible(commands) {
            return Err(failure);
        }
        if let Some(address) = commands.files.iter().find(|name| is_address(name)) {
            return Err(Failure::new(format!(
                "--run compares the release with its files, and does not read {address}"
            ))
            .help("drop --run, and run the printed command yourself"));
        }
        let Setting { workspace, overrides, values: cluster, .. } = self.setting;
        let sources: Vec<Source<'_>> = workspace.given.iter().map(|number| workspace.files.source(*number)).collect();
        let values = before::values_of(&sources, &overrides::sound(overrides))?;
        let reporter = Reporter {
            options: self.pce.clone(),
            values: cluster.clone().unwrap_or_default(),
            without_pce: self.running.without_pce,
        };
        let (mut upgrade, mut findings) = Upgrade::prepared(aim, commands, (&values, reporter), output)?;
        let gates = match &upgrade {
            Some(upgrade) => self.gates(aim, upgrade, commands, output)?,
            None => None,
        };
        let of_gates = gates.as_ref().map(Gates::findings).unwrap_or_default();
        if of_gates.iter().any(|finding| finding.severity == Severity::Error) {
            upgrade = None;
        }
        findings.extend(of_gates);
        Ok(Prepared { upgrade, gates, findings })
    }

    /// The checks before it; none where the release is there already, or pods run what an attempt brings: then they are
    /// over. An attempt that moved no pod has everything before it.
    fn gates(
        &self,
        aim: Aim<'_>,
        upgrade: &Upgrade<'_>,
        commands: &CommandLine<'_>,
        output: &mut Output,
    ) -> Result<Option<Gates>, Failure> {
        let account = upgrade.account();
        let Some(from) = account.stands_in().filter(|_| !upgrade.has_begun()) else {
            if !aim.is_reached(account) {
                output.remark("note: the step has started, so the checks before it are not run again\n");
            }
            return Ok(None);
        };
        let version = Some(commands.version.clone());
        let Setting { workspace, overrides, values, .. } = self.setting;
        let judged = before::judged(workspace, self.setting.path(), overrides, version, self.proof);
        let cluster = values.clone().unwrap_or_default();
        let asking = Asking {
            release: commands.release,
            namespace: commands.namespace().to_owned(),
            values: commands.place_options(),
            of_pce: commands.carried.asking().map(str::to_owned).collect(),
            cluster: &cluster,
            pce: self.pce,
            without_pce: self.running.without_pce,
            account,
            from,
        };
        let step = before::Step { act: aim.act, goal: aim.goal, at_once: self.running.at_once, ..judged };
        before::gates(step, &asking, &self.running.despite, output)
    }
}
