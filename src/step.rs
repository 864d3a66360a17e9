//! [`Request`] in, [`Outcome`] out: a verb applied to the values files of one cluster.

use crate::{
    chart::TEMPLATE_SCALARS,
    compat::{CompatibilityMatrix, Question},
    finding::{Finding, Position, Severity},
    mode::ClusterMode,
    place::{Dependency, Pin, Place, SOPS_FILE, SOPS_MODE},
    procedure::{Move, Verb},
    release::shell_word,
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
    /// The values files in the order in which Helm merges them, at least one.
    pub sources: &'r [Source<'r>],
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
        let documents = self.read(&mut outcome);
        self.take_versions(&mut outcome);
        self.decide(documents.as_deref().unwrap_or_default(), &mut outcome);
        if outcome.findings.iter().any(|finding| finding.severity == Severity::Error) {
            outcome.status = Status::Refused;
        }
        outcome
    }

    /// Finds the place that decides the mode: in a manifest, or in the last of the values files that says it. The
    /// documents of the values files are returned.
    fn read(&self, outcome: &mut Outcome) -> Option<Vec<Document<'_>>> {
        let mut documents = Vec::new();
        for source in self.sources {
            let document = source.text().and_then(Document::read);
            if document.as_ref().map_or(true, Place::may_be_manifest) {
                let places = source.text().map(Place::in_manifest).unwrap_or_default();
                if !places.is_empty() {
                    self.choose(places, source.name, outcome);
                    return None;
                }
            }
            match document {
                Ok(document) => documents.push(document),
                Err(finding) => outcome.findings.push(finding.in_file(source.name)),
            }
        }
        if documents.len() < self.sources.len() || documents.is_empty() {
            return None;
        }
        let places: Vec<Place> = documents.iter().map(|document| self.place_in(document)).collect();
        outcome.source = places.iter().rposition(|place| place.span.is_some()).unwrap_or(places.len() - 1);
        for (index, place) in places.into_iter().enumerate() {
            let decides = index == outcome.source;
            outcome.findings.extend(place.findings.iter().cloned().map(|finding| {
                // what another file overrides does no harm, but is worth knowing
                let severity = if decides { finding.severity } else { finding.severity.min(Severity::Warning) };
                finding.in_file(self.sources[index].name).weighing(severity)
            }));
            if decides {
                outcome.from = place.effective_mode();
                outcome.place = Some(place);
            }
        }
        Some(documents)
    }

    /// The place in a values file: below the keys that are named, or that the chart beside it or the file itself tells.
    fn place_in(&self, document: &Document<'_>) -> Place {
        match (self.path, self.dependency) {
            (Some(path), _) => Place::in_values(document, &keys(path)),
            (None, Some(dependency)) => Place::in_values(document, std::slice::from_ref(&dependency.key)),
            (None, None) => Place::read(document),
        }
    }

    /// Takes the one place of a manifest that is meant.
    fn choose(&self, places: Vec<Place>, file: &str, outcome: &mut Outcome) {
        if self.sources.len() > 1 {
            let finding =
                Finding::new(Rule::SeveralPlaces, "a manifest is a cluster of its own, not one of several files")
                    .help("give it alone");
            return outcome.findings.push(finding.in_file(file));
        }
        let name_of = |place: &Place| place.release.as_ref().map_or(String::new(), |release| release.name.clone());
        let names: Vec<String> = places.iter().map(name_of).collect();
        let is_meant = |place: &Place| {
            self.path.is_none_or(|path| name_of(place) == path || place.path().join(".").starts_with(path))
        };
        let mut meant: Vec<Place> = places.into_iter().filter(is_meant).collect();
        match (meant.pop(), meant.is_empty()) {
            (Some(place), true) => {
                outcome.findings.extend(place.findings.iter().cloned().map(|finding| finding.in_file(file)));
                outcome.from = place.effective_mode();
                outcome.place = Some(place);
            }
            (found, _) => {
                let what = if found.is_some() {
                    "the file holds the modes of several clusters"
                } else {
                    "no release of this file is called so"
                };
                let help = format!("name one with --path: {}", names.join(", "));
                outcome.findings.push(Finding::new(Rule::SeveralPlaces, what).help(help).in_file(file));
            }
        }
    }

    fn take_versions(&self, outcome: &mut Outcome) {
        let beside = outcome.place.as_ref().and_then(|place| place.version.clone());
        let pin = beside.or_else(|| self.dependency.and_then(|dependency| dependency.version.clone()));
        let named = self.version.map(str::parse::<ChartVersion>);
        let pinned = pin.as_ref().map(|pin| pin.text.parse::<ChartVersion>());
        match (named, pinned) {
            (None, None) => outcome.findings.push(
                Finding::new(Rule::VersionMissing, "no chart version is named")
                    .help("give the exact version the release runs: --version 5.1.0"),
            ),
            (Some(Err(error)), _) => outcome.findings.push(
                Finding::new(Rule::VersionNotExact, error.to_string())
                    .help(format!("name one exact version, such as --version {}", suggested(&error))),
            ),
            (_, Some(Err(error))) => {
                let finding = Finding::new(Rule::VersionNotExact, format!("the version beside the values: {error}"))
                    .help(format!("write the one exact version that runs, such as {}", suggested(&error)));
                outcome.findings.push(self.at_pin(finding, pin.as_ref()));
            }
            (Some(Ok(version)), Some(Ok(pinned))) if version != pinned => {
                let message = format!("the values stand beside chart {pinned}, and --version says {version}");
                let finding = Finding::new(Rule::ModeAndVersionTogether, message)
                    .help("the software upgrade is a change of its own and comes first; then take the step");
                outcome.findings.push(self.at_pin(finding, pin.as_ref()));
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

    /// Looks the step up in the table and takes it.
    fn decide(&self, documents: &[Document<'_>], outcome: &mut Outcome) {
        let Some(from) = outcome.from else { return };
        match self.verb.applied_to(from) {
            Move::Already => {
                outcome.to = Some(from);
                outcome.status = Status::Already;
            }
            Move::Refuse(why) => {
                let (reason, help) = why.explained();
                let finding = Finding::new(Rule::WrongStep, format!("no such step from `{from}`: {reason}")).help(help);
                outcome.findings.push(self.at_place(finding, outcome));
            }
            Move::Go(goal) => {
                outcome.to = Some(goal);
                name_in_sops_command(&mut outcome.findings, goal);
                self.judge_versions(documents, [from, goal], outcome);
                self.edit(documents, goal, outcome);
            }
        }
    }

    fn judge_versions(&self, documents: &[Document<'_>], modes: [ClusterMode; 2], outcome: &mut Outcome) {
        let (Some(chart), Some(pce)) = (&outcome.version, outcome.pce_version) else { return };
        let path: Vec<&str> = outcome.place.iter().flat_map(Place::path).collect();
        let beside_mode = path.iter().copied().take(path.len().saturating_sub(1)).chain(["networkType"]);
        let network_type = match &outcome.place {
            Some(Place { network_type: Some(network_type), .. }) => Some(network_type.as_str()),
            _ => documents.iter().rev().find_map(|document| document.text_at(beside_mode.clone())),
        };
        let is_way_back = self.verb.is_way_back();
        let question = Question { chart, pce, modes, is_way_back, network_type };
        outcome.findings.extend(self.matrix.judge(&question));
    }

    fn edit(&self, documents: &[Document<'_>], goal: ClusterMode, outcome: &mut Outcome) {
        let source = outcome.source;
        let edit = if self.unset { Edit::Remove } else { Edit::Set { value: goal.as_str(), beside: TEMPLATE_SCALARS } };
        let blockers = outcome.findings.iter().any(|finding| {
            finding.severity == Severity::Error && finding.file.as_deref() == Some(self.sources[source].name)
        });
        if blockers {
            return;
        }
        let Some(place) = &outcome.place else { return };
        let edited = match documents.get(source) {
            Some(document) => document.edited(&place.path(), edit),
            None => self.sources[source].text().and_then(|text| edited_at(text, &place.address, edit)),
        };
        match edited {
            Err(finding) => outcome.findings.push(finding.in_file(self.sources[source].name)),
            Ok(edited) => {
                if self.unset && !documents.is_empty() {
                    let findings = self.consequences_of_unsetting(documents, &edited, outcome);
                    outcome.findings.extend(findings);
                }
                outcome.status = Status::Step(edited);
            }
        }
    }

    /// What removing the key brings about beyond the file.
    fn consequences_of_unsetting(
        &self,
        documents: &[Document<'_>],
        edited: &Edited,
        outcome: &Outcome,
    ) -> Vec<Finding> {
        let mut findings = vec![
            Finding::new(Rule::ReuseValues, "`helm upgrade --reuse-values` would keep the mode that is removed here")
                .help("upgrade without --reuse-values and --reset-then-reuse-values, or write `legacy` instead"),
        ];
        let others = || documents.iter().enumerate().filter(|(index, _)| *index != outcome.source);
        let is_empty = Document::read(&edited.text).is_ok_and(|document| document.is_empty());
        if is_empty && others().all(|(_, document)| document.is_empty()) {
            let finding = Finding::new(
                Rule::EmptyValues,
                "without `clusterMode` no value is left, and Helm would silently reuse those of the old release",
            );
            findings.push(self.at_place(finding.help("leave out --unset, which writes `legacy`"), outcome));
        }
        for (index, document) in others() {
            let place = self.place_in(document);
            if let Some(span) = place.span
                && place.mode != Some(ClusterMode::Legacy)
            {
                let message = "removing `clusterMode` elsewhere would leave this one in force";
                findings.push(
                    Finding::new(Rule::UnfaithfulEdit, message)
                        .help("remove this one first, or leave out --unset, which writes `legacy`")
                        .at(span)
                        .in_file(self.sources[index].name),
                );
            }
        }
        findings
    }

    fn at_pin(&self, finding: Finding, pin: Option<&Pin>) -> Finding {
        match pin.and_then(|pin| pin.span.clone()) {
            Some(span) => finding.at(span).in_file(self.sources[0].name),
            None => finding,
        }
    }

    fn at_place(&self, finding: Finding, outcome: &Outcome) -> Finding {
        match outcome.place.as_ref().and_then(|place| place.span.clone()) {
            Some(span) => finding.at(span).in_file(self.sources[outcome.source].name),
            None => finding.in_file(self.sources[outcome.source].name),
        }
    }
}

/// The keys of a path as people write it: `security.illumio`.
fn keys(path: &str) -> Vec<String> {
    path.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect()
}

fn suggested(error: &InexactChartVersion) -> String {
    error.suggestion().unwrap_or_else(|| "5.1.0".to_owned())
}

/// Completes the command that changes an encrypted file.
fn name_in_sops_command(findings: &mut [Finding], goal: ClusterMode) {
    for finding in findings.iter_mut().filter(|finding| finding.rule == Rule::EncryptedFile) {
        let file = shell_word(finding.file.as_deref().unwrap_or(SOPS_FILE));
        let complete = |help: String| help.replace(SOPS_FILE, &file).replace(SOPS_MODE, goal.as_str());
        finding.help = finding.help.take().map(complete);
    }
}
