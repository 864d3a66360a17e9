//! [`Request`] in, [`Outcome`] out: a verb applied to the values files of one cluster.

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    chart::TEMPLATE_SCALARS,
    compat::{CompatibilityMatrix, Question},
    finding::{Finding, Position, Severity},
    merged::Merged,
    mode::ClusterMode,
    overrides::{Decider, Override},
    place::{
        Dependency, Object, Pin, Place, Sources, clusters, complete_sops_command, foreign_manifest, foreign_object,
        foreign_section, has_values, hiding_lines, is_template, mode_of_value, unread,
    },
    procedure::{Move, Verb},
    rule::Rule,
    version::{ChartVersion, InexactChartVersion, PceVersion},
    yaml::{Document, Edit, Edited, edited_at},
};

/// A values file.
#[derive(Clone, Copy, Debug)]
pub struct Source<'s> {
    /// Its name, as the user gave it.
    pub name: &'s str,
    /// What it holds.
    pub bytes: &'s [u8],
}

impl<'s> Source<'s> {
    /// What it holds, as text.
    ///
    /// # Errors
    ///
    /// `invalid-yaml` where it is not UTF-8, `outside-dialect` where it is UTF-16, which only some Helms read.
    pub fn text(&self) -> Result<&'s str, Finding> {
        std::str::from_utf8(self.bytes).map_err(|error| {
            if self.bytes.starts_with(&[0xff, 0xfe]) || self.bytes.starts_with(&[0xfe, 0xff]) {
                return Finding::new(Rule::OutsideDialect, "the file is UTF-16, which Helm 4 does not read")
                    .help("save it as UTF-8; PowerShell: Set-Content -Encoding utf8");
            }
            let before = String::from_utf8_lossy(&self.bytes[..error.valid_up_to()]);
            let Position { line, column } = Position::of(&before, before.len());
            Finding::new(Rule::InvalidYaml, format!("the file is not text: line {line}, column {column} is not UTF-8"))
                .help("save it as UTF-8, or give the right file")
        })
    }
}

/// What the user asks for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// The verb.
    pub verb: Verb,
    /// With [`Verb::FinishRevert`]: remove the key instead of writing `legacy`.
    pub unset: bool,
    /// The values files in the order in which Helm merges them, at least one. Or a manifest, and behind it those of the
    /// files that it names which could be read: see [`files_beside`](crate::place::files_beside).
    pub sources: &'r [Source<'r>],
    /// The options that set values beside the files, or what is wrong with one.
    pub overrides: &'r [Result<Override, Finding>],
    /// Where in the files the values stand, where it cannot be told: the keys that lead to them in an umbrella chart's
    /// values (`illumio`, `security.illumio`), or the name of the release in a manifest that holds several.
    pub path: Option<&'r str>,
    /// The dependency that the `Chart.yaml` beside the files names.
    pub dependency: Option<&'r Dependency>,
    /// The chart version, as given.
    pub version: Option<&'r str>,
    /// The PCE version, as given.
    pub pce_version: Option<&'r str>,
    /// Which versions fit together.
    pub matrix: &'r CompatibilityMatrix,
}

/// What came of a [`Request`].
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The mode the values say; nothing where they do not tell.
    pub from: Option<ClusterMode>,
    /// The mode they say afterwards; nothing where the request is refused before that is known.
    pub to: Option<ClusterMode>,
    /// The number of the source that decides the mode: the last that names it, else the last.
    pub source: usize,
    /// The place in that source.
    pub place: Option<Place>,
    /// The chart version, if it was exact.
    pub version: Option<ChartVersion>,
    /// The PCE version, if it was exact.
    pub pce_version: Option<PceVersion>,
    /// What there is to do.
    pub status: Status,
    /// What there is to say: of severity error only if it is refused.
    pub findings: Vec<Finding>,
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

impl Request<'_> {
    /// Applies the verb.
    ///
    /// Refused where any file cannot be read as every Helm reads it, where the mode cannot be told, where the procedure
    /// has no such step, where a version is missing, inexact or too old, and where the edit cannot be proven. On the
    /// way back, versions that are too old only warn, unless the chart cannot express the step.
    ///
    /// ```
    /// use helm_clas::{ClusterMode, CompatibilityMatrix, Request, Source, Status, Verb};
    ///
    /// let outcome = Request {
    ///     verb: Verb::Migrate,
    ///     unset: false,
    ///     sources: &[Source { name: "illumio-values.yaml", bytes: b"clusterMode: legacy # for now\n" }],
    ///     overrides: &[],
    ///     path: None,
    ///     dependency: None,
    ///     version: Some("5.1.0"),
    ///     pce_version: Some("24.2.20"),
    ///     matrix: &CompatibilityMatrix::shipped(),
    /// }
    /// .outcome();
    /// let Status::Step(edited) = outcome.status else { panic!("{:?}", outcome.findings) };
    /// assert_eq!(edited.text, "clusterMode: migrateLegacyToClas # for now\n");
    /// assert_eq!(outcome.to, Some(ClusterMode::MigrateLegacyToClas));
    /// ```
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let mut outcome = Outcome {
            from: None,
            to: None,
            source: self.sources.len().saturating_sub(1),
            place: None,
            version: None,
            pce_version: None,
            status: Status::Refused,
            findings: Vec::new(),
        };
        let merged = self.read(&mut outcome);
        self.take_versions(&mut outcome);
        self.decide(merged.as_ref(), &mut outcome);
        if outcome.findings.iter().any(|finding| finding.severity == Severity::Error) {
            outcome.status = Status::Refused;
        }
        outcome
    }

    /// Finds the place that decides the mode: in a manifest, or in the values files together with the options beside
    /// them, which are returned.
    fn read(&self, outcome: &mut Outcome) -> Option<Merged<'_>> {
        let mut documents = Vec::new();
        for (number, source) in self.sources.iter().enumerate() {
            let document = source.text().and_then(Document::read);
            let hidden = source.text().ok().filter(|_| is_template(source.name) && document.is_ok());
            outcome.findings.extend(hidden.and_then(hiding_lines).map(|finding| finding.in_file(source.name)));
            if document.as_ref().map_or(true, Place::may_be_manifest) {
                let places = source.text().map(Place::in_manifest).unwrap_or_default();
                if !places.is_empty() {
                    self.choose(places, number, outcome);
                    return None;
                }
            }
            match document {
                Ok(document) => documents.push(document),
                Err(finding) => {
                    let finding = unread(finding, source.name, source.text().unwrap_or_default());
                    outcome.findings.push(finding.in_file(source.name));
                }
            }
        }
        let mut overrides = Vec::new();
        for given in self.overrides {
            match given {
                Ok(given) => overrides.push(given.clone()),
                Err(finding) => outcome.findings.push(finding.clone()),
            }
        }
        if documents.len() < self.sources.len() || documents.is_empty() || overrides.len() < self.overrides.len() {
            return None;
        }
        let below = match (self.path, self.dependency) {
            (Some(path), _) => keys(path),
            (None, Some(dependency)) => vec![dependency.key.clone()],
            (None, None) => Place::below(&documents),
        };
        match Merged::new(documents, overrides, below) {
            Ok(merged) => {
                self.take_mode(&merged, outcome);
                Some(merged)
            }
            Err(finding) => {
                outcome.findings.push(finding);
                None
            }
        }
    }

    /// Takes the mode that the values files and the options come to.
    fn take_mode(&self, merged: &Merged<'_>, outcome: &mut Outcome) {
        let is_overridden = matches!(merged.decision().by, Decider::Override(_));
        outcome.source = merged.deciding_file();
        for (index, document) in merged.documents.iter().enumerate() {
            let place = Place::in_values(document, &merged.below);
            let decides = index == outcome.source && !is_overridden;
            outcome.findings.extend(place.findings.iter().cloned().map(|finding| {
                // what another source overrides does no harm, but is worth knowing
                let severity = if decides { finding.severity } else { finding.severity.min(Severity::Warning) };
                finding.in_file(self.sources[index].name).weighing(severity)
            }));
            if decides {
                outcome.from = place.effective_mode();
                outcome.place = Some(place);
            }
        }
        outcome.findings.extend(self.foreign_values(merged, outcome));
        if let Some(mut overridden) = merged.overridden() {
            let said = merged.decision().value.as_ref().and_then(Value::as_str).and_then(ClusterMode::named);
            if let Some((mode, Move::Go(goal))) = said.map(|mode| (mode, self.verb.applied_to(mode))) {
                let file = self.sources[outcome.source].name;
                overridden = overridden.help(format!(
                    "let {file} say `{mode}`, leave the option out and take the step; or say `{goal}` in the option"
                ));
            }
            outcome.findings.push(overridden);
            match merged.decision().value.as_ref().map(mode_of_value) {
                Some(Ok((mode, spelling))) => {
                    outcome.from = Some(mode);
                    outcome.findings.extend(spelling);
                }
                Some(Err(finding)) => outcome.findings.push(finding),
                None => {}
            }
        }
    }

    /// What makes one doubt that the mode belongs into these files at all.
    fn foreign_values(&self, merged: &Merged<'_>, outcome: &Outcome) -> Option<Finding> {
        let place = outcome.place.as_ref()?;
        let file = self.sources[outcome.source].name;
        let target = &merged.documents[outcome.source];
        if let Some(finding) = foreign_object(target, &merged.below, place, self.path.is_some()) {
            return Some(finding.in_file(file));
        }
        if place.span.is_some() || !place.findings.is_empty() {
            return None;
        }
        if merged.documents.iter().any(|document| has_values(document, &merged.below)) {
            return None;
        }
        let of_other_chart = merged.documents.iter().find_map(foreign_manifest).filter(|_| self.path.is_none());
        if let Some(finding) = of_other_chart {
            return Some(finding.in_file(file));
        }
        let section = foreign_section(target, &merged.below).filter(|_| self.path.is_none());
        if let Some(finding) = section {
            return Some(finding.in_file(file));
        }
        let message = match &merged.below[..] {
            [] => "none of the values is one of this chart's".to_owned(),
            keys => format!("no value of this chart stands below `{}`", keys.join(".").escape_debug()),
        };
        let finding = Finding::new(Rule::ForeignValues, message)
            .help("give the file that the release is upgraded with, or name the place with --path");
        Some(finding.in_file(file))
    }

    /// Takes the one place of a manifest that is meant, or of the files that the manifest names.
    fn choose(&self, places: Vec<Place>, number: usize, outcome: &mut Outcome) {
        let file = self.sources[number].name;
        outcome.source = number;
        let sources = Sources::of(self.sources);
        let named: HashSet<usize> = places.iter().flat_map(|place| place.takes_from(&sources)).collect();
        if number > 0 || !(1..sources.len()).all(|other| named.contains(&other)) {
            let finding =
                Finding::new(Rule::SeveralPlaces, "a manifest is a cluster of its own, not one of several files")
                    .help("give it alone, or first and behind it files that it names");
            return outcome.findings.push(finding.in_file(file));
        }
        if let Some(Ok(given)) = self.overrides.first() {
            let message = format!("`{}` does not reach a manifest", given.kind().option());
            let finding = Finding::new(Rule::BadOverride, message)
                .help("leave it out: the controller that reads the manifest knows nothing of it");
            outcome.findings.push(finding.in_file(file));
        }
        let places = clusters(places);
        match self.meant(&places) {
            Ok(place) => {
                let (source, decides) = place.clone().among(&sources);
                outcome.findings.extend(decides.findings.iter().cloned());
                outcome.findings.extend(self.shared(&places, source, &sources));
                outcome.from = decides.effective_mode();
                outcome.source = source;
                outcome.place = Some(decides);
            }
            Err(finding) => outcome.findings.push(finding.in_file(file)),
        }
    }

    /// The one of several places of a manifest that is meant.
    fn meant<'p>(&self, places: &'p [Place]) -> Result<&'p Place, Finding> {
        let name_of = |place: &Place| place.release.as_ref().map_or(String::new(), |release| release.name.clone());
        let meant: Vec<&Place> =
            places.iter().filter(|place| self.path.is_none_or(|path| place.is_called(path))).collect();
        let what = match meant[..] {
            [place] => return Ok(place),
            [] => "no release of this file is called so",
            _ => "the file holds the modes of several clusters",
        };
        let names: Vec<String> = places.iter().map(name_of).collect();
        Err(Finding::new(Rule::SeveralPlaces, what).help(format!("name one with --path: {}", names.join(", "))))
    }

    /// That a file which a manifest names decides the mode of more than one of its releases.
    fn shared(&self, places: &[Place], source: usize, sources: &Sources<'_>) -> Option<Finding> {
        let is_decided = |place: &&Place| source > 0 && (*place).clone().among(sources).0 == source;
        let names: Vec<&str> = places
            .iter()
            .filter(is_decided)
            .filter_map(|place| place.release.as_ref().map(|release| release.name.as_str()))
            .collect();
        let is_shared = names.len() > 1;
        let finding = || {
            let message = format!("the file holds the mode of several clusters: {}", names.join(", "));
            Finding::new(Rule::SeveralPlaces, message)
                .help("write the mode of each beside its release, or into a file of its own; then take the step")
                .in_file(self.sources[source].name)
        };
        is_shared.then(finding)
    }

    fn take_versions(&self, outcome: &mut Outcome) {
        let beside = outcome.place.as_ref().and_then(|place| place.version.clone());
        // the place of one in a `Chart.yaml` is none in the values
        let of_chart = || self.dependency?.version.clone().map(|pin| Pin { span: None, ..pin });
        let pin = beside.or_else(of_chart);
        let named = self.version.map(str::parse::<ChartVersion>);
        let pinned = pin.as_ref().map(|pin| pin.text.parse::<ChartVersion>());
        match (named, pinned) {
            // which of several places is meant tells the version as well
            (None, None) if outcome.findings.iter().any(|finding| finding.rule == Rule::SeveralPlaces) => {}
            (None, None) => {
                let chart = outcome.place.as_ref().and_then(|place| place.chart.as_ref());
                outcome.findings.push(version_missing(chart, &Sources::of(self.sources)));
            }
            (Some(Err(error)), _) => outcome.findings.push(
                Finding::new(Rule::VersionNotExact, error.to_string())
                    .help(format!("name one exact version, such as --version {}", suggested(&error))),
            ),
            (named, Some(Err(error))) => {
                let finding = Finding::new(Rule::VersionNotExact, format!("the version beside the values: {error}"))
                    .help(format!("write the one exact version that runs, such as {}", suggested(&error)));
                // with the version named, the way back stays open
                let named = named.and_then(Result::ok);
                outcome.findings.push(self.at_pin(finding, pin.as_ref()).weighing(self.weight_of_pin(named.is_some())));
                outcome.version = named;
            }
            (Some(Ok(version)), Some(Ok(pinned))) if version != pinned => {
                let message = format!("the values stand beside chart {pinned}, and --version says {version}");
                let finding = Finding::new(Rule::ModeAndVersionTogether, message)
                    .help("the software upgrade is a change of its own and comes first; then take the step");
                outcome.findings.push(self.at_pin(finding, pin.as_ref()).weighing(self.weight_of_pin(true)));
                // the pinned one is what the step runs with
                outcome.version = Some(pinned);
            }
            (Some(Ok(version)), _) | (None, Some(Ok(version))) => outcome.version = Some(version),
        }
        match self.pce_version.map(str::parse::<PceVersion>) {
            None => outcome.findings.push(
                Finding::new(Rule::PceVersionMissing, "no PCE version is named")
                    .help("give the version the PCE shows under About: --pce-version 24.2.20"),
            ),
            Some(Ok(version)) => outcome.pce_version = Some(version),
            Some(Err(error)) => outcome.findings.push(
                Finding::new(Rule::PceVersionNotExact, error.to_string())
                    .help("write it as 24.2.20, 23.5.0+A1 or 24.2.20-431"),
            ),
        }
    }

    /// How much a bad version beside the values weighs: it stops the way back only where no other version is known.
    fn weight_of_pin(&self, is_version_known: bool) -> Severity {
        if self.verb.is_way_back() && is_version_known { Severity::Warning } else { Severity::Error }
    }

    /// Looks the step up in the table and takes it.
    fn decide(&self, merged: Option<&Merged<'_>>, outcome: &mut Outcome) {
        let Some(from) = outcome.from else { return };
        match self.verb.applied_to(from) {
            Move::Already => {
                outcome.to = Some(from);
                outcome.status = Status::Already;
                // the mode is the one that was asked for, whoever says so
                let overridden = |finding: &&mut Finding| finding.rule == Rule::ModeOverridden && merged.is_some();
                for finding in outcome.findings.iter_mut().filter(overridden) {
                    finding.severity = Severity::Warning;
                }
            }
            Move::Refuse(why) => {
                let (reason, help) = why.explained();
                let finding = Finding::new(Rule::WrongStep, format!("no such step from `{from}`: {reason}")).help(help);
                outcome.findings.push(self.at_place(finding, outcome));
            }
            Move::Go(goal) => {
                outcome.to = Some(goal);
                for finding in &mut outcome.findings {
                    complete_sops_command(finding, Some(goal));
                }
                self.judge_versions(merged, [from, goal], outcome);
                self.edit(merged, goal, outcome);
            }
        }
    }

    fn judge_versions(&self, merged: Option<&Merged<'_>>, modes: [ClusterMode; 2], outcome: &mut Outcome) {
        let (Some(chart), Some(pce)) = (&outcome.version, outcome.pce_version) else { return };
        let network_type = match merged {
            Some(merged) => merged.network_type(),
            None => outcome.place.as_ref().and_then(|place| place.network_type.as_deref()),
        };
        let is_way_back = self.verb.is_way_back();
        let question = Question { chart, pce, modes, is_way_back, network_type };
        outcome.findings.extend(self.matrix.judge(&question));
    }

    fn edit(&self, merged: Option<&Merged<'_>>, goal: ClusterMode, outcome: &mut Outcome) {
        let source = self.sources[outcome.source];
        let edit = if self.unset { Edit::Remove } else { Edit::Set { value: goal.as_str(), beside: TEMPLATE_SCALARS } };
        let blockers = outcome
            .findings
            .iter()
            .any(|finding| finding.severity == Severity::Error && finding.file.as_deref() == Some(source.name));
        let Some(place) = outcome.place.as_ref().filter(|_| !blockers) else { return };
        let edited = match merged {
            Some(merged) => merged.documents[outcome.source].edited(&place.path(), edit),
            None => source.text().and_then(|text| edited_at(text, &place.address, edit)),
        };
        match edited {
            Err(finding) => outcome.findings.push(finding.in_file(source.name)),
            Ok(edited) => {
                let findings = match merged {
                    Some(merged) => self.consequences(merged, &edited, goal, outcome),
                    None => self.read_back(outcome, &edited, goal).into_iter().collect(),
                };
                outcome.findings.extend(findings);
                outcome.status = Status::Step(edited);
            }
        }
    }

    /// What stands against the edit of a manifest, or of a file that it names: that the mode is not the one that was asked
    /// for afterwards, as where another place comes into force.
    fn read_back(&self, outcome: &Outcome, edited: &Edited, goal: ClusterMode) -> Option<Finding> {
        let place = outcome.place.as_ref()?;
        let manifest = self.sources.first()?.text().ok()?;
        let before = Sources::of(self.sources);
        let mut sources = self.sources.to_vec();
        sources[outcome.source].bytes = edited.text.as_bytes();
        let after = if outcome.source == 0 {
            // the place may be that of an object which another one in the file takes values from
            let is_it = |other: &Place| other.clone().among(&before).1.address == place.address;
            let number = Place::in_manifest(manifest).iter().position(is_it);
            number.and_then(|number| Place::in_manifest(&edited.text).into_iter().nth(number))
        } else {
            self.meant(&clusters(Place::in_manifest(manifest))).ok().cloned()
        };
        let after = after.map(|after| after.among(&Sources::of(&sources)).1);
        if after.as_ref().and_then(Place::effective_mode) == Some(goal) {
            return None;
        }
        let why = after.iter().flat_map(|place| &place.findings).find(|finding| finding.severity == Severity::Error);
        let why = why.map_or("another place comes into force", |finding| finding.message.as_str());
        let finding = Finding::new(Rule::UnfaithfulEdit, format!("the manifest would not say `{goal}` then: {why}"));
        let help = if self.unset { "leave out --unset, which writes `legacy`" } else { "change it by hand" };
        let finding = finding.help(help).in_file(self.sources[outcome.source].name);
        Some(Finding { span: place.span.clone(), ..finding })
    }

    /// What the edit of a file brings about beyond that file.
    fn consequences(&self, merged: &Merged<'_>, edited: &Edited, goal: ClusterMode, outcome: &Outcome) -> Vec<Finding> {
        if merged.is_alone() && !self.unset {
            return Vec::new();
        }
        let after = match merged.with(outcome.source, &edited.text) {
            Ok(after) => after,
            Err(finding) => return vec![finding],
        };
        let mut findings = Vec::new();
        let mut left = None;
        if self.unset {
            findings.push(
                Finding::new(
                    Rule::ReuseValues,
                    "`helm upgrade --reuse-values` would keep the mode that is removed here",
                )
                .help("upgrade without --reuse-values and --reset-then-reuse-values, or write `legacy` instead"),
            );
            if after.is_empty() {
                let message =
                    "without `clusterMode` no value is left, and Helm would silently reuse those of the old release";
                let finding = Finding::new(Rule::EmptyValues, message);
                findings.push(self.at_place(finding.help("leave out --unset, which writes `legacy`"), outcome));
            }
            if let (Decider::File(number), Some(value)) = (after.decision().by, &after.decision().value) {
                left = value.as_str();
                if left.and_then(ClusterMode::named) != Some(ClusterMode::Legacy) {
                    let message = "removing `clusterMode` elsewhere would leave this one in force";
                    let finding = Finding::new(Rule::UnfaithfulEdit, message)
                        .help("remove this one first, or leave out --unset, which writes `legacy`")
                        .in_file(self.sources[number].name);
                    let place = Place::in_values(&after.documents[number], &after.below);
                    findings.push(Finding { span: place.span, ..finding });
                    return findings;
                }
            }
        }
        let mode = if self.unset { left } else { Some(goal.as_str()) };
        if !after.differs_only_in_mode(merged, mode) {
            let message = "with this edit, more than the mode would change in the values of all files together";
            let finding = Finding::new(Rule::UnfaithfulEdit, message).help(
                "a null in one file takes away what another one says: write the mode beside the other values by hand",
            );
            findings.push(finding.in_file(self.sources[outcome.source].name));
        }
        findings
    }

    fn at_pin(&self, finding: Finding, pin: Option<&Pin>) -> Finding {
        match pin.and_then(|pin| pin.span.clone()) {
            Some(span) => {
                let file = pin.and_then(|pin| pin.file.as_deref()).unwrap_or(self.sources[0].name);
                finding.at(span).in_file(file)
            }
            None => finding,
        }
    }

    fn at_place(&self, finding: Finding, outcome: &Outcome) -> Finding {
        match outcome.place.as_ref().and_then(|place| place.span.clone()) {
            Some(span) => finding.at(span).in_file(self.sources[outcome.source].name),
            // an option decides
            None if outcome.place.is_none() => finding,
            None => finding.in_file(self.sources[outcome.source].name),
        }
    }
}

/// That no version is named: where a manifest refers to an object that names one, what came of looking for that.
fn version_missing(chart: Option<&Object>, sources: &Sources<'_>) -> Finding {
    let help = "give the exact version the release runs: --version 5.1.0";
    let Some(chart) = chart else {
        return Finding::new(Rule::VersionMissing, "no chart version is named").help(help);
    };
    let what = chart.whereabouts(sources);
    let message = format!("no chart version is named: the manifest refers to {}, {what}", chart.shown());
    Finding::new(Rule::VersionMissing, message).help(format!("{help}, or the file that holds it: -f MANIFEST -f FILE"))
}

/// The keys of a path as people write it: `security.illumio`.
fn keys(path: &str) -> Vec<String> {
    path.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect()
}

fn suggested(error: &InexactChartVersion) -> String {
    error.suggestion().unwrap_or_else(|| "5.1.0".to_owned())
}
