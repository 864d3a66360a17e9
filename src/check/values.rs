//! A release judged: its mode, its versions, and the values of every layer.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Circumstances, duplicates};
use crate::{
    chart::values,
    compat::Question,
    files::Files,
    finding::{Doubt, Finding, Severity},
    mode::ClusterMode,
    release::{Layer, Named, Parameter, Pin, Release, Says, Values, guarded, inexact_version, unversioned},
    rule::Rule,
    version::ChartVersion,
    yaml::{Document, Node},
};

/// What a release is judged with.
pub(super) struct Judging<'j, 's> {
    files: &'j Files<'s>,
    release: &'j Release<'s>,
    circumstances: &'j Circumstances<'j>,
    /// The chart version: the one beside the values, which is what is installed, or else the one that is named.
    version: Option<ChartVersion>,
    /// Whether it is the one beside the values.
    is_pinned: bool,
}

impl<'j, 's> Judging<'j, 's> {
    pub(super) fn of(files: &'j Files<'s>, release: &'j Release<'s>, circumstances: &'j Circumstances<'j>) -> Self {
        let pinned: Option<ChartVersion> = release.pin.as_ref().and_then(|pin| pin.text.parse().ok());
        let is_pinned = pinned.is_some();
        let version = pinned.or_else(|| circumstances.version.cloned());
        Self { files, release, circumstances, version, is_pinned }
    }

    /// One for the version that is named, which is what the release is brought to.
    pub(super) fn for_named(files: &'j Files<'s>, release: &'j Release<'s>, named: &'j Circumstances<'j>) -> Self {
        let judging = Self::of(files, release, named);
        match named.version {
            Some(version) => Self { version: Some(version.clone()), is_pinned: false, ..judging },
            None => judging,
        }
    }

    /// Findings about the release.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut findings = self.absent();
        let is_absent = |finding: &Finding| {
            let is_it = |absent: &Finding| absent.span == finding.span && absent.file == finding.file;
            finding.rule == Rule::ModeElsewhere && findings.iter().any(is_it)
        };
        let mut of_mode = self.mode();
        of_mode.retain(|finding| !is_absent(finding));
        findings.extend(of_mode);
        findings.extend(self.versions());
        for layer in &self.release.layers {
            findings.extend(self.layer(layer));
        }
        findings.extend(self.missing());
        findings
    }

    /// The findings about the mode.
    fn mode(&self) -> Vec<Finding> {
        let Release { mode, findings, .. } = self.release;
        let mut all: Vec<Finding> = mode.findings.iter().chain(findings).cloned().collect();
        for finding in &mut all {
            // a manifest need not set the mode; only who takes a step must know it
            let is_filled_in = finding.rule == Rule::TemplateInValues && self.release.is_filled_in;
            if is_filled_in || [Rule::ModeElsewhere, Rule::ModeNotJudged, Rule::NotInstalled].contains(&finding.rule) {
                finding.severity = finding.severity.min(Severity::Info);
            } else if finding.doubt == Some(Doubt::Lines) {
                finding.severity = Severity::Warning;
            }
        }
        let file = self.files.name(mode.file);
        // a file that sets no mode is not edited
        let guard = mode.spot.as_ref().filter(|_| mode.span.is_some()).and_then(|spot| guarded(spot, file, None));
        all.extend(guard.map(|finding| finding.in_file(file)));
        if let (Some(mode), Some(span)) = (mode.mode.filter(|mode| mode.is_migrating()), &mode.span) {
            let message = format!("the cluster is between two modes: `{mode}`");
            let help = if self.circumstances.matrix.leads_on(&self.question(mode, None)) {
                "finish or revert, once every workload is active; the vendor documents no time limit"
            } else {
                "revert, once every workload is active: the chart is too old to finish"
            };
            all.push(Finding::new(Rule::LeftInMigration, message).help(help).at(span.clone()).in_file(file));
        }
        all
    }

    /// Findings about the chart version beside the values.
    fn versions(&self) -> Vec<Finding> {
        let circumstances = self.circumstances;
        let mut findings = Vec::new();
        if let Some(pin) = &self.release.pin
            && let Some(finding) = inexact_version(&pin.text)
        {
            findings.push(self.at_pin(finding, pin));
        }
        findings.extend(self.disagreement());
        if let Some(unpinned) = self.release.without_version() {
            let is_migrating = self.release.mode.mode.is_some_and(ClusterMode::is_migrating);
            let severity = if is_migrating { Severity::Error } else { Severity::Warning };
            findings.push(self.at_pin(unversioned(self.release), unpinned).weighing(severity));
        }
        if let Some(mode) = self.release.mode.mode {
            let network_type = self.release.text("networkType");
            let network_type = network_type.as_deref();
            let question = self.question(mode, network_type);
            let is_about_pin = |finding: &Finding| self.is_pinned && finding.rule == Rule::ChartTooOld;
            findings.extend(circumstances.matrix.judge(&question).into_iter().map(|finding| match &self.release.pin {
                Some(pin) if is_about_pin(&finding) => self.at_pin(finding, pin),
                _ => finding,
            }));
        }
        findings
    }

    /// What the matrix is asked about the cluster as it is.
    fn question<'q>(&'q self, mode: ClusterMode, network_type: Option<&'q str>) -> Question<'q> {
        let is_way_back = mode == ClusterMode::MigrateClasToLegacy;
        let (chart, pce) = (self.version.as_ref(), self.circumstances.pce_version);
        Question { chart, pce, modes: [mode, mode], is_way_back, network_type }
    }

    /// That another version is named than the one beside the values.
    fn disagreement(&self) -> Option<Finding> {
        let (named, pinned) = (self.circumstances.version?, self.version.as_ref().filter(|_| self.is_pinned)?);
        let pin = self.release.pin.as_ref().filter(|_| named != pinned)?;
        let message = format!("the values are beside chart {pinned}, but --version is {named}");
        let help = "the version beside the values is the one that is installed, so the check uses it";
        let finding = Finding::new(Rule::ModeAndVersionTogether, message).help(help).weighing(Severity::Warning);
        Some(self.at_pin(finding, pin))
    }

    fn at_pin(&self, finding: Finding, pin: &Pin) -> Finding {
        finding.at(pin.span.clone()).in_file(self.files.name(pin.file))
    }

    /// Findings about the values of one layer.
    fn layer(&self, layer: &Layer<'s>) -> Vec<Finding> {
        let is_of_chart = layer.is_of_chart();
        let found = match &layer.values {
            // the chart's own file says what is to be filled in
            Values::Mapping { text, path, node }
                if !is_of_chart && (node.is_some() || !self.release.is_of_manifest()) =>
            {
                let below: Vec<String> = path.iter().chain(&self.release.below).cloned().collect();
                let mut found = self.judged(&text.document, &below);
                if !layer.is_own() {
                    found.extend(duplicates(&text.document, &[]));
                }
                let reported = layer.mode(&self.release.below).map(|reading| reading.findings).unwrap_or_default();
                let placed = found.into_iter().map(|finding| text.placed(finding));
                let is_new = |finding: &Finding| {
                    finding.rule != Rule::DuplicateKey || !reported.iter().any(|other| other.span == finding.span)
                };
                placed.filter(is_new).chain(node.and_then(undecrypted)).collect()
            }
            Values::Parameters(parameters) => parameters.iter().flat_map(|one| self.parameter(one)).collect(),
            _ => Vec::new(),
        };
        found.into_iter().map(|finding| finding.in_file(self.files.name(layer.file))).collect()
    }

    fn judged(&self, document: &Document<'_>, below: &[String]) -> Vec<Finding> {
        let Circumstances { schema, is_partial, .. } = *self.circumstances;
        // a controller may take the others from elsewhere: from files, ConfigMaps, Secrets
        let is_manifest = self.release.is_of_manifest();
        let is_partial = is_partial || is_manifest || self.release.layers.iter().any(Layer::is_of_chart);
        let mut findings = values::check(document, below, schema, is_partial, self.version.as_ref());
        // and what it fills in is not there to be judged
        findings.retain(|finding| !(is_manifest && is_filled_in(finding, document)));
        findings
    }

    /// Findings about a value that is set by its name.
    fn parameter(&self, one: &Parameter<'s>) -> Vec<Finding> {
        let Some(value) = one.value.filter(|value| value.scalar().is_some()) else { return Vec::new() };
        let nest = |value: Value, name: &String| Value::Object(Map::from_iter([(name.clone(), value)]));
        let values = one.name.iter().rev().fold(value.value(), nest).to_string();
        let Ok(document) = Document::read(&values) else { return Vec::new() };
        let found = self.judged(&document, &self.release.below);
        // everything that is set so is text, and Helm types it
        let is_about_value = |finding: &Finding| finding.rule != Rule::WrongType;
        let at = |finding: Finding| Finding { fix: None, ..finding.at(value.span()) };
        found.into_iter().filter(is_about_value).map(at).collect()
    }

    /// The files that the manifest names and that are not there. Encrypted ones are kept out of the checkout by some.
    fn absent(&self) -> Vec<Finding> {
        let absent = self.release.layers.iter().filter(|layer| matches!(layer.values, Values::Absent));
        let is_needed = |named: &&Named| !(named.is_optional || named.is_secret && named.object.is_none());
        let needed = absent.filter_map(|layer| layer.named.as_deref()).filter(is_needed);
        needed
            .map(|named| {
                let message = format!("{} does not exist, or is not in this checkout", named.shown);
                let help = "correct its path, or remove it: without the file the controller fails";
                let finding = Finding::new(Rule::MissingFile, message).help(help).at(named.span.clone());
                finding.in_file(self.files.name(self.release.file))
            })
            .collect()
    }

    /// What is missing in all the values that a manifest takes, its own among them; nothing where some were not read.
    fn missing(&self) -> Vec<Finding> {
        let release = self.release;
        let is_read = |layer: &Layer<'_>| layer.is_own() || matches!(layer.values, Values::Mapping { .. });
        let has_named = release.layers.iter().any(|layer| !layer.is_own());
        if self.circumstances.is_partial || !has_named || !release.layers.iter().all(is_read) {
            return Vec::new();
        }
        let Ok(together) = release.together() else { return Vec::new() };
        let together = release.below.iter().try_fold(&together, |value, name| value.get(name));
        let own = release.layers.iter().filter(|layer| layer.is_own());
        let own: BTreeSet<String> = own.flat_map(|layer| layer.names(&release.below)).collect();
        let mut missing = values::missing(together.unwrap_or(&Value::Null), self.circumstances.schema);
        missing.retain(|(_, finding)| {
            finding.rule == Rule::MissingValue || !["metrics", "influxdb"].iter().any(|name| own.contains(*name))
        });
        let manifest = self.files.name(release.file);
        let first = release.layers.iter().find_map(|layer| layer.named.as_ref());
        let named = first.map(|named| named.span.clone()).filter(|span| !span.is_empty());
        let placed = |(blank, finding): (Option<String>, Finding)| {
            let said = blank.and_then(|name| release.deciding(&release.path_to(&name)));
            let Some((number, Says::Is(node))) = said else {
                return Finding { span: named.clone(), ..finding.in_file(manifest) };
            };
            finding.at(node.span()).in_file(self.files.name(release.layers[number].file))
        };
        missing.into_iter().map(placed).collect()
    }
}

/// Whether a finding is about a value that a template or a variable fills in.
fn is_filled_in(finding: &Finding, document: &Document<'_>) -> bool {
    let judged = finding.span.clone().and_then(|span| document.text().get(span));
    judged.is_some_and(|judged| judged.contains("{{") || judged.contains("${"))
}

/// That values are ciphertexts, and nothing decrypts them on their way to Helm: what SOPS encrypts needs its `sops` block,
/// and neither Helm nor its plugins know hiera-eyaml. Only the values of the release itself are looked through.
fn undecrypted(values: Node<'_>) -> Option<Finding> {
    let source = values.source();
    let starting = |mark: &str| {
        let begins = |at: &usize| source[..*at].ends_with([' ', '"', '\'', '\n']);
        let at = source.match_indices(mark).map(|(at, _)| at).find(begins)?;
        Some(values.span_of(at..at + mark.len()))
    };
    let is_of_sops = || values.text.outermost().locate(["sops"]).is_some();
    let (at, message, help, severity) = if let Some(at) = starting("ENC[AES256_GCM,").filter(|_| !is_of_sops()) {
        let message = "SOPS encrypted this value, and the file has no `sops` block, so nothing can decrypt it";
        let help = "restore the whole file, as SOPS wrote it";
        (at, message, help, Severity::Error)
    } else {
        let message = "hiera-eyaml encrypted this value; neither Helm nor its plugins decrypt that";
        let help = "decrypt the file where it is deployed: eyaml decrypt -f FILE";
        (starting("ENC[PKCS7,")?, message, help, Severity::Warning)
    };
    Some(Finding::new(Rule::EncryptedFile, message).help(help).weighing(severity).at(at))
}
