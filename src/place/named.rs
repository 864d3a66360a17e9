//! [`Named`]: the files and objects that a manifest takes more values from, and who of all of them says the mode.

use std::ops::Range;

use super::{Holder, Place, hiding_lines, is_template};
use crate::{
    chart::{MODE_KEY, may_hold_place},
    finding::{Finding, Severity},
    rule::Rule,
    step::Source,
    yaml::Document,
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
}

/// Where something stands that a manifest names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands {
    /// At this path from the manifest's folder.
    Beside(String),
    /// At this path from the top of a repository, which need not be the manifest's: only a person can tell.
    InRepository(String),
    /// Among the encrypted values.
    Secret,
    /// Where this crate does not read: in a cluster, or behind a URL, a pattern or a template.
    Elsewhere,
}

/// The rank of a source of values: its layer, and its number in the list of that layer.
pub type Rank = (u8, usize);

impl Named {
    /// Whether it is the file of this name, where the manifest is the one of that name.
    fn is(&self, file: &str, manifest: &str) -> bool {
        match &self.stands {
            Stands::Beside(path) => joined(manifest, path) == cleaned(file),
            Stands::InRepository(path) => {
                let (file, path) = (cleaned(file), cleaned(path));
                file == path || file.ends_with(&format!("/{path}"))
            }
            Stands::Secret | Stands::Elsewhere => false,
        }
    }
}

/// Where a plain name leads to, or [`Stands::Elsewhere`] for a URL, a pattern, a template and the like.
pub(super) fn plain(name: &str) -> Option<&str> {
    let is_odd = |c: char| "*?[]{}$\\~".contains(c) || c.is_control();
    let is_remote = name.contains("://") || name.contains("::") || name.starts_with("ref+");
    let is_plain = !name.is_empty() && !name.contains(is_odd) && !is_remote;
    Some(name).filter(|_| is_plain)
}

/// The files that the manifest among some sources, the first, names beside itself, by their names from where its own
/// name leads; without those that are among the sources. None where the first is no manifest.
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
    let Some((manifest, others)) = sources.split_first() else { return Vec::new() };
    // a quick look that spares reading other charts' files
    if !may_hold_place(manifest.bytes) {
        return Vec::new();
    }
    let mut files = Vec::new();
    for named in manifest.text().map(Place::in_manifest).unwrap_or_default().iter().flat_map(|place| &place.named) {
        let Stands::Beside(path) = &named.stands else { continue };
        let file = joined(manifest.name, path);
        if !files.contains(&file) && !others.iter().any(|other| cleaned(other.name) == file) {
            files.push(file);
        }
    }
    files
}

/// A path from a file's folder, as a path from where the file's name leads from.
fn joined(file: &str, path: &str) -> String {
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
    /// It cannot be told what it says.
    Unread,
}

impl Named {
    /// Looks for it among some sources, of which the first is the manifest.
    pub(crate) fn look(&self, sources: &[Source<'_>]) -> Look {
        let Some((manifest, others)) = sources.split_first() else { return Look::Unread };
        let found = others.iter().position(|source| self.is(source.name, manifest.name)).map(|number| number + 1);
        if let Some(number) = found.filter(|number| is_template(sources[*number].name)) {
            let read = sources[number].text().and_then(|text| Document::read(text).map(|_| hiding_lines(text)));
            if let Some(finding) = read.unwrap_or_else(Some) {
                return Look::Hidden(number, finding);
            }
        }
        match found.map(|number| (number, sources[number].text().and_then(Document::read))) {
            // below keys of its own the chart may be a dependency of another one: there is no telling
            Some((number, Ok(document)))
                if Place::below(std::slice::from_ref(&document)).is_empty()
                    && (document.locate([MODE_KEY]).is_some() || document.nested(MODE_KEY).is_empty()) =>
            {
                Look::Read(number, Box::new(Place::in_values(&document, &[])))
            }
            Some((number, Err(finding))) => Look::Broken(number, finding),
            None if matches!(self.stands, Stands::Beside(_)) => Look::Absent,
            Some((_, Ok(_))) | None => Look::Unread,
        }
    }
}

impl Place {
    /// Whether the manifest names this file here.
    pub(crate) fn names(&self, file: &str, manifest: &str) -> bool {
        self.named.iter().any(|named| named.is(file, manifest))
    }

    /// Of this place in a manifest, the first of some sources, and of the files that it names, which are the others: the
    /// place that decides the mode, with the number of its source. Each finding has its file.
    ///
    /// Where none of them says the mode, it is the one that overrides the others; but only where all that is named was
    /// read, else there is a `mode-elsewhere`.
    pub(crate) fn among(mut self, sources: &[Source<'_>]) -> (usize, Self) {
        let Some(manifest) = sources.first().map(|source| source.name) else { return (0, self) };
        // those that are about what is named are found anew
        let is_named = |finding: &Finding| self.named.iter().any(|named| Some(&named.span) == finding.span.as_ref());
        self.findings.retain(|finding| finding.rule != Rule::ModeElsewhere || !is_named(finding));
        let mut findings: Vec<Finding> = self.findings.drain(..).map(|finding| finding.in_file(manifest)).collect();
        let mut candidates: Vec<Candidate> = Vec::new();
        let mut unread: Vec<&Named> = Vec::new();
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
                Look::Absent | Look::Unread => unread.push(named),
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
        unread.retain(|named| may_override(named.rank));
        findings.extend(hidden.into_iter().filter(|(rank, _)| may_override(*rank)).map(|(_, finding)| finding));
        if !is_broken && findings.iter().all(|finding| finding.severity < Severity::Error) {
            // nobody keeps the mode among the secrets; any other file may be the one of this cluster
            let is_secret = unread.iter().all(|named| named.stands == Stands::Secret);
            let is_certain = decides.is_none() || is_secret;
            let of_said = is_said.then_some(if is_certain { Severity::Warning } else { Severity::Error });
            findings.extend(said_elsewhere(&unread, of_said).map(|finding| finding.in_file(manifest)));
        }
        let Some(number) = decides else { return (0, Self { network_type, findings, ..self }) };
        let Candidate { source, place, .. } = candidates.swap_remove(number);
        let Self { release, version, named, .. } = self;
        (source, Self { holder: Holder::Values, release, version, network_type, named, rank, findings, ..place })
    }
}

/// What there is to say of files and objects that were not read, and may say the mode: all of them where nothing that was
/// read does, else those that override it, of the weight that is given.
pub(super) fn said_elsewhere(unread: &[&Named], of_said: Option<Severity>) -> Option<Finding> {
    let span = unread.first()?.span.clone();
    let list = unread.iter().map(|named| named.shown.as_str()).collect::<Vec<_>>().join(", ");
    let message = match of_said {
        Some(_) => format!("the mode is overridden if it stands here, too: {list}"),
        None => format!("nothing that is read says the mode, and this may: {list}"),
    };
    let is_any = |stands: fn(&Stands) -> bool| unread.iter().any(|named| stands(&named.stands));
    let help = match of_said {
        Some(severity) if severity < Severity::Error => "see that it does not, or put it last".to_owned(),
        _ if is_any(|stands| matches!(stands, Stands::Beside(_))) => {
            "see that the file is there, with the chart's values at its root".to_owned()
        }
        _ if is_any(|stands| matches!(stands, Stands::InRepository(_))) => {
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
