//! [`Request`] in, [`Outcome`] out: a verb applied to the values files of one cluster.

mod proof;
mod versions;

use crate::{
    chart::TEMPLATE_SCALARS,
    compat::{CompatibilityMatrix, Question},
    files::{Files, not_values},
    finding::{Doubt, Finding, Severity},
    mode::ClusterMode,
    overrides::Override,
    procedure::{Move, Verb},
    release::{Foreign, Id, Mention, Pin, Reach, Release, guarded, help_to_name},
    rendered::is_unread_program,
    resolve::{Asked, mentions_in_words, release_of_values, releases_of_manifest},
    rule::Rule,
    version::{ChartVersion, PceVersion},
    yaml::{Edit, Edited, Node},
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

/// What came of a [`Request`].
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The mode the values say; nothing where that is not known.
    pub from: Option<ClusterMode>,
    /// The mode they say afterwards; nothing where the request is refused before that is known.
    pub to: Option<ClusterMode>,
    /// The number of the file that decides the mode: the last that names it, else the last.
    pub file: usize,
    /// The names that lead to the mode in that file; none where an option decides.
    pub path: Vec<String>,
    /// The bytes of the mode in that file; nothing where it is not said.
    pub span: Option<std::ops::Range<usize>>,
    /// The release that a controller brings, if that is what the first file is for.
    pub release: Option<Id>,
    /// The folder of the umbrella chart whose values these are, where that is in the checkout.
    pub umbrella: Option<String>,
    /// Whom the edit moves, as far as the files that were read say.
    pub reach: Reach,
    /// The chart version, if it was exact.
    pub version: Option<ChartVersion>,
    /// The PCE version, if it was exact.
    pub pce_version: Option<PceVersion>,
    /// What there is to do.
    pub status: Status,
    /// What is wrong, or worth knowing: of severity error only if it is refused.
    pub findings: Vec<Finding>,
}

impl Outcome {
    /// Takes over whom else the edit moves, as the checkout says: more than one cluster is refused, unless that is
    /// allowed.
    pub fn moves(&mut self, more: Reach, file: &str, allowed: &[Rule]) {
        if more == Reach::One || !matches!(self.status, Status::Step(_)) {
            return;
        }
        self.reach = match std::mem::take(&mut self.reach) {
            Reach::AllOf(generator) => Reach::AllOf(generator),
            _ => more,
        };
        self.findings.retain(|finding| finding.rule != Rule::SeveralClustersAtOnce);
        let help = match (&self.umbrella, self.from, self.path.split_last()) {
            (Some(_), Some(from), Some((_, keys))) if self.release.is_none() => {
                let below = crate::yaml::written(keys);
                format!(
                    "write `clusterMode: {from}` under `{below}` into the values file of the first cluster, and take \
                     the step with that file"
                )
            }
            _ => "write `clusterMode` for the first cluster into a layer of its own that overrides this one".to_owned(),
        };
        let Some(finding) = self.reach.finding(&help, allowed) else { return };
        if finding.severity == Severity::Error {
            self.status = Status::Refused;
        }
        let finding = finding.in_file(file);
        self.findings.push(Finding { span: self.span.clone(), ..finding });
    }
}

/// What there is to do.
#[derive(Clone, Debug)]
pub enum Status {
    /// One edit.
    Step(Edited),
    /// Nothing, the values say so already.
    Already,
    /// Nothing, and the findings say why.
    Refused,
}

/// That a manifest has no mapping of values into which the mode could be put.
fn without_place(release: &Release<'_>, goal: ClusterMode) -> Finding {
    let message = "there are no values here, neither as a mapping nor as text, so there is no place for `clusterMode`";
    let help = format!("write it by hand where the other values are set, with `{goal}` as its value");
    let finding = Finding::new(Rule::UnfaithfulEdit, message).help(help);
    Finding { span: release.at.map(Node::key_span), ..finding }
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
            umbrella: None,
            reach: Reach::One,
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
        if outcome.findings.iter().any(|finding| finding.severity == Severity::Error) {
            outcome.status = Status::Refused;
        }
        outcome
    }

    /// The one release that is meant; nothing where the findings say why there is none.
    fn release(&self, outcome: &mut Outcome) -> Option<Release<'s>> {
        for (place, number) in self.given.iter().enumerate() {
            let releases = releases_of_manifest(self.files, *number);
            if !releases.is_empty() {
                return self.chosen(&releases, place, outcome);
            }
        }
        if let Some(number) = self.given.iter().find(|number| is_unread_program(self.files.source(**number))) {
            let said = mentions_in_words(self.files, *number).into_iter().map(|mention| mention.finding);
            outcome.findings.extend(said.map(|finding| finding.weighing(Severity::Error)));
            outcome.findings.push(not_values().in_file(self.files.name(*number)));
            return None;
        }
        match release_of_values(self.files, self.given, Asked { path: self.path, options: self.overrides }) {
            Ok(release) => {
                outcome.findings.extend(release.of_two_clusters(self.files));
                Some(release)
            }
            Err(findings) => {
                outcome.findings.extend(findings);
                None
            }
        }
    }

    /// The one of the releases of a manifest that is meant.
    fn chosen(&self, releases: &[Release<'s>], place: usize, outcome: &mut Outcome) -> Option<Release<'s>> {
        let number = self.given[place];
        let file = self.files.name(number);
        outcome.file = number;
        let takes = |other: &usize| releases.iter().any(|release| release.takes(self.files, *other));
        if place > 0 || !self.given[1..].iter().all(takes) {
            let finding =
                Finding::new(Rule::SeveralPlaces, "a manifest is one cluster, and cannot be combined with other files")
                    .help("pass it alone, or first, followed by files that it names");
            outcome.findings.push(finding.in_file(file));
            return None;
        }
        if let Some(Ok(given)) = self.overrides.first() {
            let message = format!("`{}` does not reach a manifest", given.kind().option());
            let finding = Finding::new(Rule::BadOverride, message)
                .help("drop it: the controller that reads the manifest does not see it");
            outcome.findings.push(finding.in_file(file));
        }
        match self.meant(releases) {
            Ok(meant) => {
                outcome.reach = meant.reach_among(releases);
                Some(meant.clone())
            }
            Err(finding) => {
                outcome.findings.push(finding.in_file(file));
                None
            }
        }
    }

    /// The one of several releases of a manifest that is meant.
    fn meant<'m>(&self, releases: &'m [Release<'s>]) -> Result<&'m Release<'s>, Finding> {
        let meant: Vec<&Release<'s>> =
            releases.iter().filter(|release| self.path.is_none_or(|path| release.is_called(path))).collect();
        let what = match meant[..] {
            [release] => return Ok(release),
            // one spot decides for all of them
            [release, ref others @ ..] if others.iter().all(|other| release.is_one_with(other)) => return Ok(release),
            [] => "this file has no release of that name",
            _ => "the file has the modes of several clusters",
        };
        Err(Finding::new(Rule::SeveralPlaces, what).help(help_to_name(releases, self.files)))
    }

    /// Takes over what is said of the mode, and who says it.
    fn take_mode(&self, release: &Release<'s>, outcome: &mut Outcome) {
        let mode = &release.mode;
        outcome.from = mode.mode;
        outcome.file = mode.file;
        outcome.release = release.is_of_manifest().then(|| release.id.clone());
        outcome.umbrella = release.umbrella.as_ref().and_then(|folder| folder.shown()).map(str::to_owned);
        if mode.option.is_none() {
            outcome.path = mode.path();
            outcome.span.clone_from(&mode.span);
        }
        outcome.findings.extend(self.guard(release, None));
        outcome.findings.extend(mode.findings.iter().chain(&release.findings).cloned());
        if self.path.is_none() {
            let is_said = |mention: &&Mention| mode.findings.iter().any(|said| said.span == mention.finding.span);
            let others = release.mentions.iter().filter(|mention| !is_said(mention));
            outcome.findings.extend(others.map(|mention| mention.finding.clone().weighing(Severity::Error)));
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
        // no mode stands in an object of another kind, and so no command would write one there
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
                // the mode is the one that was asked for, whoever says so
                let overridden = |finding: &&mut Finding| finding.doubt == Some(Doubt::Overridden);
                for finding in outcome.findings.iter_mut().filter(overridden).filter(|_| !release.is_of_manifest()) {
                    finding.severity = Severity::Warning;
                }
            }
            Move::Refuse(why) => {
                let (reason, help) = why.explained();
                let finding = Finding::new(Rule::WrongStep, format!("no such step from `{from}`: {reason}")).help(help);
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
        let spot = release.mode.spot.as_ref().filter(|_| !blockers && release.mode.option.is_none());
        let Some(spot) = spot else {
            let is_without_place = !blockers && release.mode.option.is_none();
            return outcome.findings.extend(is_without_place.then(|| without_place(release, goal).in_file(name)));
        };
        if name.contains(".tgz/") {
            let finding =
                Finding::new(Rule::UnfaithfulEdit, "the mode is set in the archive of a chart, which is not edited")
                    .help("first write its mode into the values of the umbrella chart, then take the step there");
            return outcome.findings.push(self.at_mode(finding, release));
        }
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
