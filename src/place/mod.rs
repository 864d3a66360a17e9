//! [`Place`]: a spot that decides a cluster's mode: in a values file, below a key of an umbrella chart's, or in the
//! manifest of a controller.

mod around;
mod foreign;
mod manifest;
mod named;
mod object;
mod shape;
mod template;
mod umbrella;

use std::ops::Range;

use serde_json::Value;

pub(crate) use around::Sources;
pub(crate) use foreign::{foreign_manifest, foreign_object, foreign_section, has_values};
pub(crate) use named::{Look, cleaned};
pub use named::{Named, Rank, Stands, files_beside, files_in_repositories, objects_beside};
pub use object::{Object, objects_in};
pub(crate) use template::{hiding_lines, is_about_lines, is_template, unread};
pub use umbrella::{Dependency, dependency};

use crate::{
    chart::{MODE_KEY, SECTIONS, TEMPLATE_SCALARS, is_distinguishing, secrets::masked},
    finding::{Change, Finding, Fix, Severity},
    mode::ClusterMode,
    procedure::Deployer,
    release::shell_word,
    rule::Rule,
    spelling::distance,
    yaml::{Address, Document, Reading, Scalar, judged_in, moved},
};

/// A spot that decides a cluster's mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What kind of file it stands in.
    pub holder: Holder,
    /// Where the mode is, or would be.
    pub address: Address,
    /// The bytes of the value (of the key, where the value is blank); nothing where it is not said.
    pub span: Option<Range<usize>>,
    /// The mode; nothing where it is not said, or what is said is no mode.
    pub mode: Option<ClusterMode>,
    /// The `networkType` beside it.
    pub network_type: Option<String>,
    /// The release of a manifest.
    pub release: Option<Release>,
    /// The chart version that stands beside it.
    pub version: Option<Pin>,
    /// The object that names the chart and its version, where its manifest refers to one.
    pub chart: Option<Object>,
    /// The files and objects that its manifest takes more values from.
    pub named: Vec<Named>,
    /// The names of the values that its manifest holds itself.
    pub(crate) own: Vec<String>,
    /// Its rank among them; nothing where its manifest holds no values itself, or where it stands in none.
    pub rank: Option<Rank>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

/// What kind of file holds a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A values file, of the chart itself or of an umbrella chart.
    Values,
    /// A controller's manifest, by the name people have for it.
    Manifest(&'static str),
    /// An option of Helm's command line.
    Option,
}

/// The name that people have for a `ConfigMap` which holds values.
pub const IN_CONFIG_MAP: &str = "values in a ConfigMap";

/// The release of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its name, or that of what stands for it.
    pub name: String,
    /// What its controller calls it; nothing where that is a template that the file does not fill in.
    pub called: Option<String>,
    /// The namespace that the manifest stands in, where it says one.
    pub namespace: Option<String>,
    /// Who brings the chart to the cluster.
    pub deployer: Deployer,
    /// The name of Helm's release, where there is one and the file tells it.
    pub helm_name: Option<String>,
    /// The namespace in which Helm keeps that release.
    pub storage: Option<String>,
    /// The namespace that the chart is brought to.
    pub target: Option<String>,
    /// What brings a change to the cluster once it is pushed, in order.
    pub apply: &'static [Apply],
}

/// A part of what brings a change to the cluster. In commands `NAME` is what the controller calls the release, `FILE` its
/// manifest, `FOLDER` the folder of that; an option before `NAMESPACE` or `CONTEXT` goes with it where that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apply {
    /// What a person has to see to, as the names are not in the file.
    Say(&'static str),
    /// A command.
    Run(&'static [&'static str]),
    /// Commands of which each reads what the one before it prints.
    Pipe(&'static [&'static [&'static str]]),
}

/// A chart version that stands beside values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// As it is written.
    pub text: String,
    /// Its bytes in the file it stands in.
    pub span: Option<Range<usize>>,
    /// The name of that file, where it is another one than the values'.
    pub file: Option<String>,
}

impl Place {
    /// The place in a document of values, below some keys: none for the chart's own values, those that lead to the
    /// chart for an umbrella chart's.
    ///
    /// Findings: those of [`Document::find`], `blank-mode`, `mode-not-text`, `unknown-mode`, `mode-spelling`,
    /// `template-in-values` and `encrypted-file`, and `misspelled-key` for keys that look like `clusterMode`: an error
    /// where the file has no such key, a warning where it has. So is `misplaced-mode`, for a mode below a section of the
    /// chart, such as `kubelink`.
    ///
    /// ```
    /// use helm_clas::{ClusterMode, place::Place, yaml::Document};
    ///
    /// let place = Place::in_values(&Document::read("clusterMode: clas\n")?, &[]);
    /// assert_eq!((place.mode, place.span), (Some(ClusterMode::Clas), Some(13..17)));
    ///
    /// let place = Place::in_values(&Document::read("cluster_mode: clas\n")?, &[]);
    /// assert_eq!(place.findings[0].rule.name(), "misspelled-key");
    ///
    /// let document = Document::read("illumio:\n  clusterMode: clas\n")?;
    /// assert_eq!(Place::in_values(&document, &["illumio".to_owned()]).mode, Some(ClusterMode::Clas));
    /// # Ok::<(), helm_clas::Finding>(())
    /// ```
    #[must_use]
    pub fn in_values(document: &Document<'_>, below: &[String]) -> Self {
        let path = below.iter().cloned().chain([MODE_KEY.to_owned()]).collect();
        Self::at(document, Address::whole(document.text(), path), Holder::Values)
    }

    /// The keys below which an umbrella chart's values hold the chart's, told by the values themselves: `illumio`,
    /// where its own keys stand there and not at the root. No keys otherwise. Of several files of one cluster, what one
    /// tells holds for all.
    #[must_use]
    pub fn below(documents: &[Document<'_>]) -> Vec<String> {
        below_which(|keys| {
            let names = documents.iter().flat_map(|document| document.names_at(keys.iter().copied()));
            names.into_iter().any(is_distinguishing)
        })
    }

    /// The place in a document of values, wherever it is told to be.
    #[must_use]
    pub fn read(document: &Document<'_>) -> Self {
        Self::in_values(document, &Self::below(std::slice::from_ref(document)))
    }

    /// Whether a document looks like one of the manifests that [`Place::in_manifest`] knows.
    pub(crate) fn may_be_manifest(document: &Document<'_>) -> bool {
        shape::SHAPES.iter().any(|shape| shape.describes(document))
    }

    /// The places of a text that is a manifest of Argo CD, Flux, helmfile or kustomize, or a `ConfigMap` or `Secret` that
    /// holds values; none where it is not, or where it names no chart of Illumio's. What is wrong with a document beside
    /// them that cannot be read is found at each.
    #[must_use]
    pub fn in_manifest(text: &str) -> Vec<Self> {
        manifest::places(text)
    }

    /// The keys that lead to it, through all layers.
    #[must_use]
    pub fn path(&self) -> Vec<&str> {
        self.address.layers.iter().flatten().map(String::as_str).collect()
    }

    /// Whether it is the one of a manifest that `--path` names, by its release or by its keys.
    pub(crate) fn is_called(&self, path: &str) -> bool {
        self.release.as_ref().is_some_and(|release| release.name == path) || self.path().join(".").starts_with(path)
    }

    /// The mode the cluster is in by this place: `legacy` where none is said, nothing where it cannot be told.
    #[must_use]
    pub fn effective_mode(&self) -> Option<ClusterMode> {
        // these say what is wrong around a mode that is, all the same, not said
        let leaves_it_unsaid = |finding: &Finding| {
            let around = [Rule::MisspelledKey, Rule::MisplacedMode, Rule::EncryptedFile];
            finding.severity < Severity::Error || around.contains(&finding.rule)
        };
        // (where it may be said elsewhere, the finding that says so weighs more)
        let is_unsaid = self.span.is_none() && self.findings.iter().all(leaves_it_unsaid);
        if is_unsaid { Some(ClusterMode::Legacy) } else { self.mode }
    }

    /// What `judge` has to say of the values around the mode, of which it is handed the document and the keys that lead
    /// to them. Nothing where the mode stands in no mapping of values, but in a parameter of its own.
    pub(crate) fn judged_around(
        &self,
        reading: &mut Reading<'_>,
        judge: impl Fn(&Document<'_>, &[String]) -> Vec<Finding>,
    ) -> Vec<Finding> {
        let Address { document: range, layers } = &self.address;
        let Some(document) = reading.document(range) else { return Vec::new() };
        let around = |document: &Document<'_>, path: &[String]| match path.split_last() {
            Some((key, below)) if key == MODE_KEY => judge(document, below),
            _ => Vec::new(),
        };
        let found = judged_in(document, layers, &around);
        found.into_iter().map(|finding| moved(finding, range.start)).collect()
    }

    /// Reads what is said at an address of a document.
    fn at(document: &Document<'_>, address: Address, holder: Holder) -> Self {
        let mut place = Self {
            holder,
            span: None,
            mode: None,
            network_type: None,
            release: None,
            version: None,
            chart: None,
            named: Vec::new(),
            own: Vec::new(),
            rank: None,
            findings: encryption(document, &address.layers),
            address,
        };
        let layers: Vec<Vec<String>> = place.address.layers.clone();
        place.read_layers(document, &layers);
        let start = place.address.document.start;
        place.span = place.span.map(|span| span.start + start..span.end + start);
        place.findings = place.findings.into_iter().map(|finding| moved(finding, start)).collect();
        place
    }

    fn read_layers(&mut self, document: &Document<'_>, layers: &[Vec<String>]) {
        let (path, deeper) = layers.split_first().expect("an address has at least one layer");
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let found = match document.find(&path) {
            Ok(found) => found,
            Err(finding) => {
                self.span.clone_from(&finding.span);
                return self.findings.push(finding);
            }
        };
        if deeper.is_empty() {
            return self.read_value(document, &path, found);
        }
        let Some(entry) = found else { return };
        let block = match document.block(entry) {
            Ok(block) => block,
            Err(finding) => return self.findings.push(finding),
        };
        match Document::read(&block.text) {
            Ok(inner) => {
                let outside = std::mem::take(&mut self.findings);
                self.read_layers(&inner, deeper);
                self.span = self.span.take().map(|span| block.outer(span.start)..block.outer(span.end));
                let inside = std::mem::take(&mut self.findings);
                let shown = |finding| block.shown_in(document, &layers[0], finding);
                self.findings = outside.into_iter().chain(inside.into_iter().map(shown)).collect();
            }
            Err(finding) => self.findings.push(block.shown(finding)),
        }
    }

    fn read_value(&mut self, document: &Document<'_>, path: &[&str], found: Option<crate::yaml::Entry>) {
        if let Some(entry) = found {
            let span = document.value_span(entry);
            match mode_of(document.scalar(entry)) {
                Ok(_) if document.gets_line_break(entry) => {
                    let message = "Helm 4 reads a line break behind the mode here, and Helm 3 none";
                    let finding = Finding::new(Rule::OutsideDialect, message).help("write it on the line of its key");
                    self.findings.push(finding.at(span.clone()));
                }
                Ok((mode, finding)) => {
                    self.mode = Some(mode);
                    let address = || Address::whole(document.text(), path.iter().map(ToString::to_string).collect());
                    let change = Change::Text(mode.as_str().to_owned());
                    let fixed = |finding: Finding| finding.fixed_by(Fix { address: address(), change });
                    self.findings.extend(finding.map(|finding| fixed(finding).at(span.clone())));
                }
                Err(finding) => self.findings.push(finding.at(span.clone())),
            }
            self.span = Some(span);
        }
        let parents = &path[..path.len() - 1];
        let network_type = document.text_at(parents.iter().copied().chain(["networkType"]));
        self.network_type = network_type.map(str::to_owned);
        self.findings.extend(misspelled_keys(document, parents, self.span.is_some()));
        self.findings.extend(misplaced_modes(document, parents, self.span.is_some()));
    }
}

/// The name of the chart, and so of its values in those of an umbrella chart.
const USUAL: &str = "illumio";

/// The keys below which the chart's values stand, if keys of its own stand there and not at the root.
fn below_which(has_ours: impl Fn(&[&str]) -> bool) -> Vec<String> {
    if !has_ours(&[]) && has_ours(&[USUAL]) { vec![USUAL.to_owned()] } else { Vec::new() }
}

/// The places of a manifest that are a cluster each: a template that takes its mode from the elements beside it is none.
pub(crate) fn clusters(mut places: Vec<Place>) -> Vec<Place> {
    let said: Vec<Range<usize>> =
        places.iter().filter(|place| place.mode.is_some()).map(|place| place.address.document.clone()).collect();
    let takes = |place: &Place| place.findings.iter().any(|finding| finding.rule == Rule::TemplateInValues);
    let is_template = |place: &Place| place.mode.is_none() && takes(place);
    places.retain(|place| !(is_template(place) && said.contains(&place.address.document)));
    places
}

/// The mode of a value, with a remark on its spelling; or what is wrong with it.
fn mode_of(value: Option<Scalar<'_>>) -> Result<(ClusterMode, Option<Finding>), Finding> {
    let text = match value {
        Some(Scalar::Text(text)) if !text.is_empty() => text,
        Some(Scalar::Null | Scalar::Text(_)) => {
            return Err(Finding::new(Rule::BlankMode, "`clusterMode` is blank, which does not mean `legacy`")
                .help("write the mode the cluster is in; Helm deletes the chart's default where the value is blank"));
        }
        Some(Scalar::Bool(value)) => return Err(not_text(&format!("the boolean `{value}`"))),
        Some(Scalar::Integer(_) | Scalar::Float(_)) => return Err(not_text("a number")),
        None => return Err(not_text("a list or a mapping")),
    };
    if text.starts_with("ENC[") {
        return Err(Finding::new(Rule::EncryptedFile, "the mode is encrypted, so it cannot be read here").help(
            "leave `clusterMode` in plain text (`unencrypted_regex` in .sops.yaml), or keep it in another file",
        ));
    }
    if text.contains("{{") {
        return Err(Finding::new(Rule::TemplateInValues, "the mode is a template expression; Helm does not render it")
            .help("write the mode itself"));
    }
    if text.contains("${") {
        let message = "the mode is a variable, which somebody fills in before Helm reads it";
        let help = "write the mode itself; Flux takes a variable from `postBuild` of its Kustomization";
        return Err(Finding::new(Rule::TemplateInValues, message).help(help));
    }
    let Some(mode) = ClusterMode::named(text) else {
        let help = match ClusterMode::nearest(text) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the modes are {}", ClusterMode::ALL.map(|mode| format!("`{mode}`")).join(", ")),
        };
        return Err(Finding::new(Rule::UnknownMode, format!("`{}` is not a cluster mode", shown(text))).help(help));
    };
    let spelling = (mode.as_str() != text).then(|| {
        Finding::new(Rule::ModeSpelling, format!("`{text}` is spelled `{mode}` in the vendor's documentation"))
            .help(format!("write `{mode}`"))
    });
    Ok((mode, spelling))
}

/// The mode that an option says, with a remark on its spelling; or what is wrong with it.
pub(crate) fn mode_of_value(value: &Value) -> Result<(ClusterMode, Option<Finding>), Finding> {
    let scalar = match value {
        Value::Null => Some(Scalar::Null),
        Value::Bool(value) => Some(Scalar::Bool(*value)),
        Value::Number(number) => number.as_f64().map(Scalar::Float),
        Value::String(text) => Some(Scalar::Text(text)),
        Value::Array(_) | Value::Object(_) => None,
    };
    mode_of(scalar)
}

fn not_text(what: &str) -> Finding {
    Finding::new(Rule::ModeNotText, format!("Helm reads {what} here, not the name of a mode"))
        .help("write one of `legacy`, `migrateLegacyToClas`, `clas`, `migrateClasToLegacy`")
}

/// A value fit to be quoted in a message: short, on one line, not secret.
fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let line = masked(&text.escape_debug().to_string()).into_owned();
    let short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() { short + "..." } else { short }
}

/// SOPS keeps a checksum (MAC) over all values of a file, plain ones too, beside the file's own keys; over the encrypted
/// ones alone with `mac_only_encrypted`. The command names the file and the mode once they are known.
/// (SOPS documentation, "Message Authentication Code".)
fn encryption(document: &Document<'_>, path: &[Vec<String>]) -> Vec<Finding> {
    let Some(mac) = document.locate(["sops", "mac"]).and_then(|mac| mac.key) else { return Vec::new() };
    if document.scalar_at(["sops", "mac_only_encrypted"]) == Some(Scalar::Bool(true)) {
        return Vec::new();
    }
    let keys: Vec<&str> = path.iter().flatten().map(String::as_str).collect();
    let place = format!("[\"{}\"]", keys.join("\"][\""));
    vec![
        Finding::new(Rule::EncryptedFile, "SOPS guards this file by a checksum (MAC) that an edit would break")
            .help(format!("change it through SOPS: sops set {SOPS_FILE} '{place}' '\"{SOPS_MODE}\"'"))
            .at(mac),
    ]
}

/// What stands for the file in the help of `encrypted-file`, and for the mode.
const SOPS_FILE: &str = "FILE";
const SOPS_MODE: &str = "MODE";

/// Names the file, and the mode where it is known, in the command that an `encrypted-file` finding tells.
pub(crate) fn complete_sops_command(finding: &mut Finding, mode: Option<ClusterMode>) {
    if let (Rule::EncryptedFile, Some(file), Some(help)) = (finding.rule, &finding.file, &mut finding.help) {
        *help =
            help.replace(SOPS_FILE, &shell_word(file)).replace(SOPS_MODE, mode.map_or(SOPS_MODE, ClusterMode::as_str));
    }
}

/// Modes below a section of the chart, where nothing reads them.
fn misplaced_modes(document: &Document<'_>, below: &[&str], has_mode: bool) -> Vec<Finding> {
    let section = |path: &[&str]| {
        let name = *path.strip_prefix(below)?.first()?;
        SECTIONS.contains(&name).then(|| name.to_owned())
    };
    let nested = document.nested(below, MODE_KEY).into_iter();
    let found = nested.filter_map(|(path, span)| Some((section(&path)?, path[below.len()..].join("."), span)));
    found
        .map(|(section, path, span)| {
            let message = format!("the chart does not read `{MODE_KEY}` below `{}`", path.escape_debug());
            let finding = Finding::new(Rule::MisplacedMode, message).at(span);
            if has_mode {
                finding.help("remove it").weighing(Severity::Warning)
            } else {
                finding.help(format!("move `{MODE_KEY}` out of `{section}`, to stand beside it, or remove it"))
            }
        })
        .collect()
}

fn misspelled_keys(document: &Document<'_>, below: &[&str], has_mode: bool) -> Vec<Finding> {
    let letters = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
    };
    let wanted = letters(MODE_KEY);
    let looks_like_it = |name: &str| {
        name != MODE_KEY
            && !TEMPLATE_SCALARS.contains(&name)
            && name.len().abs_diff(MODE_KEY.len()) <= 4
            && distance(&letters(name), &wanted) <= 1
    };
    let alike = document.entries_at(below.iter().copied()).filter(|(name, _, _)| looks_like_it(name));
    alike
        .map(|(name, span, value)| {
            let finding =
                Finding::new(Rule::MisspelledKey, format!("the chart does not read `{}`", name.escape_debug()))
                    .at(span);
            if has_mode {
                return finding.help("remove it").weighing(Severity::Warning);
            }
            let finding = finding.help("write `clusterMode`, or remove it");
            // the chart takes the cluster for legacy now: under the right name another mode would begin to count
            let Some(Scalar::Text(text)) = value else { return finding };
            if ClusterMode::named(text) != Some(ClusterMode::Legacy) {
                return finding;
            }
            let path = below.iter().copied().chain([name]).map(str::to_owned).collect();
            let address = Address::whole(document.text(), path);
            finding.fixed_by(Fix { address, change: Change::Name(MODE_KEY.to_owned()) })
        })
        .collect()
}
