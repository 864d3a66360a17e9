//! [`Named`]: the files and objects that a manifest takes more values from, and who of all of them says the mode.

use std::{
    collections::{BTreeSet, HashSet},
    ops::Range,
};

use super::{
    Holder, IN_CONFIG_MAP, Object, Pin, Place, Sources, hiding_lines, is_template,
    object::{Generator, Held},
    shape::SHAPES,
};
use crate::{
    chart::{MODE_KEY, may_hold_place},
    finding::{Finding, Severity},
    rule::Rule,
    step::Source,
    yaml::{Address, Document},
};

/// A file or an object that a manifest takes more values from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What it is called, as a sentence shows it.
    pub shown: String,
    /// Where it stands.
    pub stands: Stands,
    /// Its rank among the sources of values: what ranks higher overrides.
    pub rank: Rank,
    /// The bytes of the manifest that name it.
    pub span: Range<usize>,
    /// Whether the controller goes on where it is not there.
    pub is_optional: bool,
    /// The address of the repository that it stands in, where it [does](Stands::InRepository) and the manifest tells.
    pub repository: Option<String>,
}

/// Where something stands that a manifest names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands {
    /// At this path from the manifest's folder.
    Beside(String),
    /// At this path from the top of a repository, which need not be the manifest's: only a person can tell.
    InRepository(String),
    /// In this object, below this key of its data.
    Object(Object, String),
    /// Among the encrypted values.
    Secret,
    /// Where this crate does not read: in a cluster, or behind a URL, a pattern or a template.
    Elsewhere,
}

/// The rank of a source of values: its layer, and its number in the list of that layer.
pub type Rank = (u8, usize);

impl Named {
    /// The sources behind the manifest that are the file, in order.
    fn files<'n>(&self, sources: &'n Sources<'_>) -> impl Iterator<Item = usize> + use<'n> {
        let numbers = match &self.stands {
            Stands::Beside(path) => sources.at(&joined(sources[0].name, path)),
            Stands::InRepository(path) => sources.ending(&cleaned(path)),
            Stands::Object(..) | Stands::Secret | Stands::Elsewhere => &[],
        };
        numbers.iter().copied().filter(|number| *number > 0)
    }
}

/// Where a plain name leads to, or [`Stands::Elsewhere`] for a URL, a pattern, a template and the like.
pub(super) fn plain(name: &str) -> Option<&str> {
    let is_odd = |c: char| "*?[]{}$\\~".contains(c) || c.is_control();
    let is_remote = name.contains("://") || name.contains("::") || name.starts_with("ref+");
    let is_plain = !name.is_empty() && !name.contains(is_odd) && !is_remote;
    Some(name).filter(|_| is_plain)
}

/// The files that the manifest among some sources, the first, takes values from, by their names from where its own name
/// leads; without those that are among the sources. None where the first is no manifest.
///
/// Those that a kustomization among the sources makes a `ConfigMap` of count where the manifest takes that, and so do those
/// that say which names this kustomization changes: with what was read, more may be told.
///
/// ```
/// use helm_clas::{Source, place::files_beside};
///
/// let text = "releases:\n- {name: east, chart: quay/illumio, values: [values/east.yaml]}\n";
/// let manifest = Source { name: "apps/helmfile.yaml", bytes: text.as_bytes() };
/// assert_eq!(files_beside(&[manifest]), ["apps/values/east.yaml"]);
/// assert!(files_beside(&[manifest, Source { name: "./apps/values/east.yaml", bytes: b"" }]).is_empty());
/// ```
#[must_use]
pub fn files_beside(sources: &[Source<'_>]) -> Vec<String> {
    let Some(manifest) = sources.first() else { return Vec::new() };
    let sources = Sources::of(sources);
    let (mut files, mut seen) = (Vec::new(), HashSet::new());
    for named in places_of(manifest).iter().flat_map(|place| &place.named) {
        let found = match &named.stands {
            Stands::Beside(path) => vec![joined(manifest.name, path)],
            Stands::Object(object, key) => files_of(object, key, &sources),
            Stands::InRepository(_) | Stands::Secret | Stands::Elsewhere => Vec::new(),
        };
        for file in found {
            if !sources.at(&file).iter().any(|number| *number > 0) && seen.insert(file.clone()) {
                files.push(file);
            }
        }
    }
    files
}

/// The files that the manifest among some sources, the first, takes values from in repositories which it names: the address
/// of each repository, and the path from its top; without those that are among the sources.
///
/// ```
/// use helm_clas::{Source, place::files_in_repositories};
///
/// let text = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: illumio}\nspec:\n  source:\n    \
///     repoURL: https://git.example.com/fleet\n    path: illumio\n    helm: {valueFiles: [east.yaml], values: 'pce_url: x:1'}\n";
/// let files = files_in_repositories(&[Source { name: "application.yaml", bytes: text.as_bytes() }]);
/// let url = "https://git.example.com/fleet".to_owned();
/// assert_eq!(files, [(url.clone(), "illumio/values.yaml".to_owned()), (url, "illumio/east.yaml".to_owned())]);
/// ```
#[must_use]
pub fn files_in_repositories(sources: &[Source<'_>]) -> Vec<(String, String)> {
    let Some(manifest) = sources.first() else { return Vec::new() };
    let sources = Sources::of(sources);
    let (mut files, mut seen) = (Vec::new(), HashSet::new());
    for named in places_of(manifest).into_iter().flat_map(|place| place.named) {
        if named.files(&sources).next().is_some() {
            continue;
        }
        if let (Some(repository), Stands::InRepository(path)) = (named.repository, named.stands) {
            let file = (repository, path);
            if seen.insert(file.clone()) {
                files.push(file);
            }
        }
    }
    files
}

/// The objects that the manifest among some sources, the first, takes values or the version of the chart from, and that
/// stand in none of the sources.
///
/// ```
/// use helm_clas::{Source, place::objects_beside};
///
/// let text = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio}\nspec:\n  \
///     chartRef: {kind: OCIRepository, name: illumio}\n  valuesFrom: [{kind: ConfigMap, name: east}]\n";
/// let objects = objects_beside(&[Source { name: "release.yaml", bytes: text.as_bytes() }]);
/// assert_eq!(objects.iter().map(|object| &object.name).collect::<Vec<_>>(), ["east", "illumio"]);
/// ```
#[must_use]
pub fn objects_beside(sources: &[Source<'_>]) -> Vec<Object> {
    let places = sources.first().map(places_of).unwrap_or_default();
    let sources = Sources::of(sources);
    let (mut objects, mut seen) = (Vec::new(), BTreeSet::new());
    for place in places {
        let named = place.named.into_iter().filter_map(|named| match named.stands {
            Stands::Object(object, _) => Some(object),
            _ => None,
        });
        for object in named.chain(place.chart.filter(|_| place.version.is_none())) {
            if sources.held(&object).is_empty() && seen.insert(object.clone()) {
                objects.push(object);
            }
        }
    }
    objects
}

/// The places of a file, where it is a manifest.
fn places_of(manifest: &Source<'_>) -> Vec<Place> {
    let may_be_one = |text: &&str| may_hold_place(text.as_bytes()) && may_be_manifest(text);
    manifest.text().ok().filter(may_be_one).map(Place::in_manifest).unwrap_or_default()
}

/// Whether a word that tells a manifest stands anywhere in a text: a quick look that spares reading values files for what
/// they name. (One that is written with an escape is missed, and what it names counts as not read.)
fn may_be_manifest(text: &str) -> bool {
    let words = SHAPES.iter().filter(|shape| !shape.more.is_empty()).flat_map(|shape| [shape.kind, shape.root]);
    let mut words = words.filter(|word| !word.is_empty());
    words.any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}

/// The files that kustomize makes a key of an object of, and those that say which names it changes.
fn files_of(object: &Object, key: &str, sources: &Sources<'_>) -> Vec<String> {
    let [(number, Held::Generated(range, item))] = &sources.held(object)[..] else { return Vec::new() };
    let source = sources[*number];
    let text = source.text().unwrap_or_default();
    let Ok(document) = Document::read(&text[range.clone()]) else { return Vec::new() };
    let generator = Generator { document: &document, item: *item };
    let files = generator.configurations().chain(generator.file_of(key)).filter_map(plain);
    files.map(|file| joined(source.name, file)).collect()
}

/// A path from a file's folder, as a path from where the file's name leads from.
pub(super) fn joined(file: &str, path: &str) -> String {
    match file.rsplit_once('/') {
        Some((folder, _)) if !path.starts_with('/') => cleaned(&format!("{folder}/{path}")),
        _ => cleaned(path),
    }
}

/// A path without `.`, and without `..` where it has something to take back.
pub(crate) fn cleaned(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !["", "."].contains(part)) {
        if part == ".." && parts.last().is_some_and(|last| *last != "..") {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

/// A file that a manifest names, read.
struct Candidate {
    source: usize,
    rank: Rank,
    place: Place,
}

/// Something that a manifest names and that was not read.
pub(super) struct Unread<'n> {
    pub(super) named: &'n Named,
    /// Why, as the rest of a sentence.
    pub(super) reason: Option<String>,
}

/// What came of looking for something that a manifest names among some sources.
pub(crate) enum Look {
    /// The place that its values have in a source.
    Read(usize, Box<Place>),
    /// It stands in this source, which cannot be read.
    Broken(usize, Finding),
    /// It stands in this source, which is a template: helmfile may render anything of it.
    Hidden(usize, Finding),
    /// It is a file, and none of the sources.
    Absent,
    /// It cannot be told what it says, for this reason.
    Unread(Option<String>),
}

impl Named {
    /// Looks for it among some sources, of which the first is the manifest.
    pub(crate) fn look(&self, sources: &Sources<'_>) -> Look {
        if sources.is_empty() {
            return Look::Unread(None);
        }
        if let Stands::Object(object, key) = &self.stands {
            return look_into(object, key, sources);
        }
        match self.files(sources).next() {
            Some(number) => look_at(number, sources),
            None if matches!(self.stands, Stands::Beside(_)) => Look::Absent,
            None => Look::Unread(None),
        }
    }
}

/// Looks at a source that is a file of values.
fn look_at(number: usize, sources: &[Source<'_>]) -> Look {
    let source = sources[number];
    if is_template(source.name) {
        let hides = |text| hiding_lines(text).or_else(|| Document::read(text).err());
        if let Some(finding) = source.text().map_or_else(Some, hides) {
            return Look::Hidden(number, finding);
        }
    }
    match source.text().and_then(Document::read) {
        Ok(document) if says_where(&document) => Look::Read(number, Box::new(Place::in_values(&document, &[]))),
        Ok(_) => Look::Unread(None),
        Err(finding) => Look::Broken(number, finding),
    }
}

/// Whether values say where the chart's stand: below keys of its own it may be a dependency of another one.
fn says_where(document: &Document<'_>) -> bool {
    Place::below(std::slice::from_ref(document)).is_empty()
        && (document.locate([MODE_KEY]).is_some() || document.nested(&[], MODE_KEY).is_empty())
}

/// Looks for the text of a key of an object.
fn look_into(object: &Object, key: &str, sources: &Sources<'_>) -> Look {
    let held = sources.held(object);
    let (number, held) = match &held[..] {
        [(number, held)] => (*number, *held),
        [] => return Look::Unread(Some("which none of the files read holds".to_owned())),
        several => {
            let mut files: Vec<&str> = several.iter().map(|(number, _)| sources[*number].name).collect();
            files.dedup();
            return Look::Unread(Some(format!("of which there are several: {}", files.join(", "))));
        }
    };
    let source = sources[number];
    let text = source.text().unwrap_or_default();
    let (Held::Written(range) | Held::Generated(range, _)) = held;
    let Ok(document) = Document::read(&text[range.clone()]) else { return Look::Unread(None) };
    let Held::Generated(_, item) = held else {
        let data = ["data", key];
        let Some(values) = document.text_at(data) else {
            return Look::Unread(Some(format!("which has no text `{}`", key.escape_debug())));
        };
        if Document::read(values).is_ok_and(|values| !says_where(&values)) {
            return Look::Unread(None);
        }
        let layers = vec![data.map(str::to_owned).to_vec(), vec![MODE_KEY.to_owned()]];
        let address = Address { document: range.clone(), layers };
        return Look::Read(number, Box::new(Place::at(&document, address, Holder::Manifest(IN_CONFIG_MAP))));
    };
    let generator = Generator { document: &document, item: *item };
    let Some(file) = generator.file_of(key) else {
        return Look::Unread(Some(format!("which {} makes without a file `{}`", source.name, key.escape_debug())));
    };
    if !generator.is_taken_by(object, source.name, sources) {
        return Look::Unread(Some(format!(
            "which {} brings under another name, of which no nameReference tells the release",
            source.name
        )));
    }
    match sources.at(&joined(source.name, file)).first() {
        Some(number) => look_at(*number, sources),
        None => Look::Unread(Some(format!("made of {}, which is not there", joined(source.name, file)))),
    }
}

impl Place {
    /// The sources that the manifest, the first of them, takes values or the version from.
    pub(crate) fn takes_from(&self, sources: &Sources<'_>) -> Vec<usize> {
        let held = |object: &Object| sources.held(object).into_iter().map(|(number, _)| number).collect::<Vec<_>>();
        let mut taken: Vec<usize> = self.chart.iter().flat_map(held).collect();
        for named in &self.named {
            taken.extend(named.files(sources));
            if let Stands::Object(object, key) = &named.stands {
                taken.extend(held(object));
                taken.extend(files_of(object, key, sources).iter().flat_map(|file| sources.at(file)));
            }
        }
        taken
    }

    /// The version of the chart that it refers to, where that stands in one of some sources.
    fn version_beside(&self, sources: &Sources<'_>) -> Option<Pin> {
        let chart = self.chart.as_ref()?;
        let [(_, _)] = sources.held(chart)[..] else { return None };
        let (number, pin) = sources.version_of(chart)?;
        Some(Pin { file: Some(sources[number].name.to_owned()), ..pin })
    }

    /// Of this place in a manifest, the first of some sources, and of the files that it names, which are the others: the
    /// place that decides the mode, with the number of its source. Each finding has its file.
    ///
    /// Where none of them says the mode, it is the one that overrides the others; but only where all that is named was
    /// read, else there is a `mode-elsewhere`.
    pub(crate) fn among(mut self, sources: &Sources<'_>) -> (usize, Self) {
        let Some(manifest) = sources.first().map(|source| source.name) else { return (0, self) };
        // those that are about what is named are found anew
        let is_named = |finding: &Finding| self.named.iter().any(|named| Some(&named.span) == finding.span.as_ref());
        self.findings.retain(|finding| finding.rule != Rule::ModeElsewhere || !is_named(finding));
        let mut findings: Vec<Finding> = self.findings.drain(..).map(|finding| finding.in_file(manifest)).collect();
        let mut candidates: Vec<Candidate> = Vec::new();
        self.version = self.version.take().or_else(|| self.version_beside(sources));
        let mut unread: Vec<Unread<'_>> = Vec::new();
        let mut is_broken = false;
        let mut hidden: Vec<(Rank, Finding)> = Vec::new();
        for named in &self.named {
            match named.look(sources) {
                Look::Read(source, place) => candidates.push(Candidate { source, rank: named.rank, place: *place }),
                Look::Hidden(number, finding) => hidden.push((named.rank, finding.in_file(sources[number].name))),
                Look::Broken(number, finding) => {
                    is_broken = true;
                    findings.push(finding.in_file(sources[number].name));
                }
                Look::Absent => unread.push(Unread { named, reason: None }),
                Look::Unread(reason) => unread.push(Unread { named, reason }),
            }
        }
        candidates.sort_by_key(|candidate| candidate.rank);
        let own = self.rank.filter(|_| self.span.is_some());
        let said = candidates.iter().rposition(|candidate| candidate.place.span.is_some());
        let decides = match (said, own) {
            (Some(said), own) if own.is_none_or(|own| candidates[said].rank > own) => Some(said),
            (None, None) if unread.is_empty() && hidden.is_empty() && self.span.is_none() => {
                candidates.len().checked_sub(1).filter(|last| self.rank.is_none_or(|own| candidates[*last].rank > own))
            }
            _ => None,
        };
        let network_type = {
            let inline = self.network_type.iter().map(|name| (self.rank.unwrap_or_default(), name));
            let of_files = candidates.iter().filter_map(|file| Some((file.rank, file.place.network_type.as_ref()?)));
            inline.chain(of_files).max_by_key(|(rank, _)| *rank).map(|(_, name)| name.clone())
        };
        let is_said = said.is_some() || self.span.is_some();
        let rank = decides.map_or(self.rank, |number| Some(candidates[number].rank));
        for (number, candidate) in candidates.iter().enumerate() {
            let file = sources[candidate.source].name;
            findings.extend(candidate.place.findings.iter().cloned().map(|finding| {
                // what another source overrides does no harm, but is worth knowing
                let is_harmless = is_said && decides != Some(number);
                let severity = if is_harmless { finding.severity.min(Severity::Warning) } else { finding.severity };
                finding.in_file(file).weighing(severity)
            }));
        }
        let may_override = |other: Rank| !is_said || rank.is_none_or(|rank| other > rank);
        unread.retain(|unread| may_override(unread.named.rank));
        findings.extend(hidden.into_iter().filter(|(rank, _)| may_override(*rank)).map(|(_, finding)| finding));
        if !is_broken && findings.iter().all(|finding| finding.severity < Severity::Error) {
            // nobody keeps the mode among the secrets; any other file may be the one of this cluster
            let is_secret = unread.iter().all(|unread| unread.named.stands == Stands::Secret);
            let is_certain = decides.is_none() || is_secret;
            let of_said = is_said.then_some(if is_certain { Severity::Warning } else { Severity::Error });
            findings.extend(said_elsewhere(&unread, of_said).map(|finding| finding.in_file(manifest)));
        }
        let Some(number) = decides else { return (0, Self { network_type, findings, ..self }) };
        let Candidate { source, place, .. } = candidates.swap_remove(number);
        let Self { release, version, chart, named, .. } = self;
        (source, Self { network_type, release, version, chart, named, rank, findings, ..place })
    }
}

/// What there is to say of files and objects that were not read, and may say the mode: all of them where nothing that was
/// read does, else those that override it, of the weight that is given.
pub(super) fn said_elsewhere(unread: &[Unread<'_>], of_said: Option<Severity>) -> Option<Finding> {
    let span = unread.first()?.named.span.clone();
    let shown = |Unread { named, reason }: &Unread<'_>| match reason {
        Some(reason) => format!("{}, {reason}", named.shown),
        None => named.shown.clone(),
    };
    let has_reasons = unread.iter().any(|unread| unread.reason.is_some());
    let list = unread.iter().map(shown).collect::<Vec<_>>().join(if has_reasons { "; " } else { ", " });
    let message = match of_said {
        Some(_) => format!("the mode is overridden if it stands here, too: {list}"),
        None => format!("nothing that is read says the mode, and this may: {list}"),
    };
    let is_any = |stands: fn(&Stands) -> bool| unread.iter().any(|unread| stands(&unread.named.stands));
    let help = match of_said {
        Some(severity) if severity < Severity::Error => "see that it does not, or put it last".to_owned(),
        _ if is_any(|stands| matches!(stands, Stands::Beside(_))) => {
            "see that the file is there, with the chart's values at its root".to_owned()
        }
        _ if is_any(|stands| matches!(stands, Stands::InRepository(_) | Stands::Object(..))) => {
            "give the files behind the manifest, -f MANIFEST -f FILE".to_owned()
        }
        Some(_) => "put it before the file that says the mode".to_owned(),
        None => "where it does, take the step in that file, with the version of this manifest".to_owned(),
    };
    let help = if of_said.is_none() {
        format!("{help}; where nothing says the mode, write `clusterMode: legacy` here")
    } else {
        help
    };
    let finding = Finding::new(Rule::ModeElsewhere, message).help(help).at(span);
    Some(finding.weighing(of_said.unwrap_or(Severity::Error)))
}
