//! [`Request`] in, [`Outcome`] out: a verb applied to the values files of one cluster.

mod meant;
mod outcome;
mod proof;
mod versions;

pub use self::outcome::{Outcome, Status};

use crate::{
    called::Help,
    chart::TEMPLATE_SCALARS,
    cluster::Claim,
    compat::{CompatibilityMatrix, Question},
    files::Files,
    finding::{Doubt, Finding, Severity},
    mode::ClusterMode,
    overrides::Override,
    procedure::{Move, Verb},
    release::{Foreign, Mention, Pin, Reach, Release, guarded},
    rule::Rule,
    shell::shell_word,
    yaml::Edit,
};

/// What the user asks for.
#[derive(Clone, Copy)]
pub struct Request<'r, 's> {
    /// The verb.
    pub verb: Verb,
    /// With [`Verb::FinishRevert`]: remove the key instead of writing `legacy`.
    pub unset: bool,
    /// What was read: the files that were given, and what these name.
    pub files: &'r Files<'s>,
    /// Those that were given, by their numbers: the values files in the order in which Helm merges them, at least one;
    /// or a manifest, and behind it files that it names.
    pub given: &'r [usize],
    /// The options that set values beside the files, or what is wrong with one.
    pub overrides: &'r [Result<Override, Finding>],
    /// Where in the files the values stand, if the files do not say it: the keys that lead to them in an umbrella
    /// chart's values (`illumio`, `security.illumio`), or the name of the release in a manifest that holds several.
    pub path: Option<&'r str>,
    /// The chart version, as given.
    pub version: Option<&'r str>,
    /// The PCE version, as given.
    pub pce_version: Option<&'r str>,
    /// Which versions fit together.
    pub matrix: &'r CompatibilityMatrix,
    /// The rules that a person allows: [`Rule::SeveralClustersAtOnce`] alone has a meaning for a step.
    pub allowed: &'r [Rule],
}

impl<'r, 's> Request<'r, 's> {
    /// The verb for the first of the files, without options, versions and allowances.
    #[must_use]
    pub const fn of(verb: Verb, files: &'r Files<'s>, matrix: &'r CompatibilityMatrix) -> Self {
        Self {
            verb,
            unset: false,
            files,
            given: &[0],
            overrides: &[],
            path: None,
            version: None,
            pce_version: None,
            matrix,
            allowed: &[],
        }
    }

    /// Applies the verb.
    ///
    /// Refused where any file cannot be read as every Helm reads it, where the mode is not known, where the procedure
    /// has no such step, where a version is missing, inexact or too old, and where the edit cannot be proven. On the
    /// way back, versions that are too old only warn, unless the chart cannot express the step.
    ///
    /// ```
    /// use helm_clas::{ClusterMode, CompatibilityMatrix, Files, Request, Status, Texts, Verb};
    ///
    /// let (texts, matrix) = (Texts::new(), CompatibilityMatrix::shipped());
    /// let files = Files::of(&texts, [("illumio-values.yaml", "clusterMode: legacy # for now\n")]);
    /// let step = Request::of(Verb::Migrate, &files, &matrix);
    /// let outcome = Request { version: Some("5.1.0"), pce_version: Some("24.2.20"), ..step }.outcome();
    /// let Status::Step(edited) = outcome.status else { panic!("{:?}", outcome.findings) };
    /// assert_eq!(edited.text, "clusterMode: migrateLegacyToClas # for now\n");
    /// assert_eq!(outcome.to, Some(ClusterMode::MigrateLegacyToClas));
    /// ```
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let mut outcome = Outcome {
            from: None,
            to: None,
            file: self.given.last().copied().unwrap_or_default(),
            path: Vec::new(),
            span: None,
            release: None,
            claim: None,
            umbrella: None,
            reach: Reach::One,
            to_part: None,
            version: None,
            pce_version: None,
            status: Status::Refused,
            findings: Vec::new(),
        };
        let release = self.release(&mut outcome);
        if let Some(release) = &release {
            self.take_mode(release, &mut outcome);
        }
        self.take_versions(release.as_ref(), &mut outcome);
        if let Some(release) = &release {
            self.decide(release, &mut outcome);
        }
        self.refuse_template(&mut outcome);
        outcome.findings.sort_by_key(|finding| finding.rule.asks_for_version());
        if outcome.findings.iter().any(|finding| finding.severity == Severity::Error) {
            outcome.status = Status::Refused;
        }
        outcome
    }

    /// Takes over the mode, the findings about it, and what sets it.
    fn take_mode(&self, release: &Release<'s>, outcome: &mut Outcome) {
        let mode = &release.mode;
        outcome.from = mode.mode;
        outcome.file = mode.file;
        outcome.to_part = release.is_of_manifest().then(|| release.help_to_part());
        outcome.claim = Claim::of(self.files, release);
        outcome.release = release.is_of_manifest().then(|| release.id.clone());
        outcome.umbrella = release.umbrella.as_ref().and_then(|folder| folder.shown()).map(str::to_owned);
        if mode.option.is_none() {
            outcome.path = mode.path();
            outcome.span.clone_from(&mode.span);
        }
        outcome.findings.extend(self.guard(release, None));
        outcome.findings.extend(mode.findings.iter().chain(&release.findings).cloned());
        if self.path.is_none() {
            let is_object = matches!(release.foreign, Some(Foreign::Object(_)));
            let is_said = |mention: &&Mention| {
                let is_told = is_object && mention.path == mode.path();
                is_told || mode.findings.iter().any(|said| said.span == mention.finding.span)
            };
            let others = release.mentions.iter().filter(|mention| mention.may_count() && !is_said(mention));
            let own = shell_word(&release.place());
            // the name of a release is one of its manifest's, not of a values file
            let is_elsewhere = release.is_of_manifest() && mode.file != release.file;
            let of = is_elsewhere.then(|| format!("-f {} ", shell_word(self.files.name(release.file))));
            let of = of.unwrap_or_default();
            let without =
                |help: Help| help.and(&format!("; to leave it as it is, name the place of the step: {of}--path {own}"));
            let refused = |mention: &Mention| Finding {
                severity: Severity::Error,
                help: mention.finding.help.clone().map(without),
                ..mention.finding.clone()
            };
            outcome.findings.extend(others.map(refused));
        }
        match &release.foreign {
            Some(Foreign::Doubtful(finding) | Foreign::Object(finding)) => outcome.findings.push(finding.clone()),
            Some(Foreign::Other(finding)) if self.path.is_none() => outcome.findings.push(finding.clone()),
            _ => {}
        }
        if let (Some(_), Some((from, Move::Go(goal)))) =
            (&mode.option, mode.mode.map(|from| (from, self.verb.applied_to(from))))
        {
            let file = self.files.name(outcome.file);
            let help = format!(
                "write `{from}` into {file}, drop the option and take the step; or write `{goal}` in the option"
            );
            let by_option = outcome.findings.iter_mut().filter(|finding| finding.doubt == Some(Doubt::Overridden));
            by_option.for_each(|finding| finding.help = Some(help.clone().into()));
        }
    }

    /// That SOPS guards the file that would be changed.
    fn guard(&self, release: &Release<'s>, goal: Option<ClusterMode>) -> Option<Finding> {
        // there is no mode in an object of another kind, and so no command would write one there
        let is_object = matches!(release.foreign, Some(Foreign::Object(_)));
        let spot = release.mode.spot.as_ref().filter(|_| !is_object)?;
        let file = self.files.name(release.mode.file);
        guarded(spot, file, goal).map(|finding| finding.in_file(file))
    }

    /// Looks the step up in the table and takes it.
    fn decide(&self, release: &Release<'s>, outcome: &mut Outcome) {
        let Some(from) = outcome.from else { return };
        match self.verb.applied_to(from) {
            Move::Already => {
                outcome.to = Some(from);
                outcome.status = Status::Already;
                // nothing is written, so nothing is in the way
                if let Some(guard) = self.guard(release, None) {
                    outcome.findings.retain(|finding| finding.rule != guard.rule || finding.span != guard.span);
                }
                // the mode is the one that was asked for, whatever sets it
                let overridden = |finding: &&mut Finding| finding.doubt == Some(Doubt::Overridden);
                for finding in outcome.findings.iter_mut().filter(overridden).filter(|_| !release.is_of_manifest()) {
                    finding.severity = Severity::Warning;
                }
            }
            Move::Refuse(why) => {
                let (reason, help) = why.explained();
                let finding =
                    Finding::new(Rule::WrongStep, format!("the procedure has no such step from `{from}`: {reason}"))
                        .help(help);
                outcome.findings.push(self.at_mode(finding, release));
            }
            Move::Go(goal) => {
                outcome.to = Some(goal);
                if let Some(guard) = self.guard(release, Some(goal)) {
                    let guarded = outcome.findings.iter_mut().filter(|finding| finding.span == guard.span);
                    guarded.filter(|finding| finding.rule == guard.rule).for_each(|finding| *finding = guard.clone());
                }
                self.judge_versions(release, [from, goal], outcome);
                let help = release.help_to_part();
                let several = outcome.reach.finding(&help, self.allowed).map(|finding| self.at_mode(finding, release));
                outcome.findings.extend(several);
                self.edit(release, goal, outcome);
            }
        }
    }

    fn judge_versions(&self, release: &Release<'s>, modes: [ClusterMode; 2], outcome: &mut Outcome) {
        let network_type = release.text("networkType");
        let is_way_back = self.verb.is_way_back();
        let (chart, pce) = (outcome.version.as_ref(), outcome.pce_version);
        let question = Question { chart, pce, modes, is_way_back, network_type: network_type.as_deref() };
        outcome.findings.extend(self.matrix.judge(&question));
    }

    fn edit(&self, release: &Release<'s>, goal: ClusterMode, outcome: &mut Outcome) {
        let name = self.files.name(outcome.file);
        let edit = if self.unset { Edit::Remove } else { Edit::Set { value: goal.as_str(), beside: TEMPLATE_SCALARS } };
        let blockers = outcome
            .findings
            .iter()
            .any(|finding| finding.severity == Severity::Error && finding.file.as_deref() == Some(name));
        if blockers || release.mode.option.is_some() {
            return;
        }
        if let Some(finding) = release.without_room(self.files, goal) {
            return outcome.findings.push(finding);
        }
        let Some(spot) = &release.mode.spot else { return };
        match self.files.edited(spot.text, &spot.path, edit) {
            Err(finding) => outcome.findings.push(finding.in_file(name)),
            Ok(edited) => {
                outcome.findings.extend(self.consequences(release, &edited, goal));
                outcome.status = Status::Step(edited);
            }
        }
    }

    fn at_pin(&self, finding: Finding, pin: Option<&Pin>) -> Finding {
        match pin {
            Some(pin) => finding.at(pin.span.clone()).in_file(self.files.name(pin.file)),
            None => finding,
        }
    }

    fn at_mode(&self, finding: Finding, release: &Release<'s>) -> Finding {
        match (&release.mode.option, &release.mode.span) {
            // an option decides
            (Some(_), _) => finding,
            (None, Some(span)) => finding.at(span.clone()).in_file(self.files.name(release.mode.file)),
            (None, None) => finding.in_file(self.files.name(release.mode.file)),
        }
    }
}
