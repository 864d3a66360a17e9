//! [`Files`]: texts by name at one moment, the work tree, the index or a revision, each parsed at most once, whoever
//! asks; and what else must be read before they can answer.

use std::{
    cell::OnceCell,
    collections::{BTreeSet, HashMap},
    ops::Range,
};

use crate::{
    finding::{Doubt, Finding, Position, Severity},
    release::{Objects, charts_wanted, objects_of, releases_of_manifest},
    rendered::renderer,
    rule::Rule,
    source::Source,
    yaml::{Edit, Edited, Node, Text, Texts, documents, moved},
};

pub use crate::rendered::is_of_other_language;

/// Texts by name at one moment.
pub struct Files<'s> {
    texts: &'s Texts<'s>,
    all: Vec<File<'s>>,
    by_path: HashMap<String, Vec<usize>>,
    /// What was looked for, and the files that it is in; none where it is not there.
    answers: HashMap<Wanted, Vec<usize>>,
    /// What was not looked at.
    left: HashMap<Wanted, Left>,
    objects: OnceCell<Objects<'s>>,
    place: Place,
    /// The folder of the chart that the files are given to, where a person named it.
    chart: Option<String>,
}

/// Where the names of files lead from.
#[derive(Clone, Default)]
struct Place {
    /// The current folder, and the top of the checkout, from the top of the file system; empty where they are one.
    here: String,
    top: String,
    /// Whether names are from the top of the file system.
    is_absolute: bool,
}

/// What became of something that was not looked at: it may say anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Why, as the rest of a sentence.
    pub reason: String,
    /// Whether there is such a file here, of which nobody knows whether it is the one that is meant.
    pub is_likely: bool,
}

#[derive(Clone)]
struct File<'s> {
    name: &'s str,
    bytes: &'s [u8],
    whole: OnceCell<Result<&'s Text<'s>, Finding>>,
    /// Where its lines end.
    feeds: OnceCell<Vec<usize>>,
    parts: OnceCell<Vec<Part<'s>>>,
}

/// A document of a file that may hold several.
#[derive(Clone)]
pub(crate) struct Part<'s> {
    pub(crate) range: Range<usize>,
    pub(crate) text: Result<&'s Text<'s>, Finding>,
}

/// Something that a file names and that must be read before it is known what a cluster gets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wanted {
    /// A file, by its path from where the names of the other files lead from.
    File(String),
    /// A file in a repository, by its path from the top: only a person, or git, knows whether this checkout is of it.
    InRepository {
        /// The address of the repository, where the manifest names it and follows a branch.
        url: Option<String>,
        /// The branch, tag or commit, as it is written.
        revision: Option<String>,
        /// The path from its top.
        path: String,
    },
    /// The files in a repository whose paths from the top fit a pattern: `*` is any part of a name, `**` any folders.
    Fitting {
        /// The address of the repository, where the manifest names it.
        url: Option<String>,
        /// The branch, tag or commit, as it is written.
        revision: Option<String>,
        /// The pattern.
        pattern: String,
    },
    /// An object of Kubernetes, wherever in the checkout it is.
    Object(ObjectRef),
    /// The archives of a chart among those that another one has fetched.
    Fetched {
        /// The file that describes the other one.
        by: Box<Wanted>,
        /// The name of the chart.
        name: String,
    },
    /// The kustomizations, of kustomize or of Flux, that take the file of this path from the top of the checkout.
    Takers(String),
}

/// An object of Kubernetes, as another one refers to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectRef {
    /// Its API group: `helm.toolkit.fluxcd.io`; empty for `v1`.
    pub group: String,
    /// Its kind: `ConfigMap`, `OCIRepository`, `HelmChart`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its namespace; nothing where the manifest does not say it, and any is meant.
    pub namespace: Option<String>,
}

impl<'s> Files<'s> {
    /// No files yet.
    #[must_use]
    pub fn new(texts: &'s Texts<'s>) -> Self {
        Self {
            texts,
            all: Vec::new(),
            by_path: HashMap::new(),
            answers: HashMap::new(),
            left: HashMap::new(),
            objects: OnceCell::new(),
            place: Place::default(),
            chart: None,
        }
    }

    /// Says which chart the files are given to: its folder, as `helm upgrade` takes it. Nothing changes where it is not an
    /// umbrella chart of the checkout that brings Illumio's.
    pub fn give_to(&mut self, chart: &str) {
        self.chart = Some(cleaned(chart));
    }

    /// The folder of the chart that the files are given to, where a person named it.
    pub(crate) fn given_to(&self) -> Option<&str> {
        self.chart.as_deref()
    }

    /// Says where the names of files lead from: the current folder, and the top of the checkout, both from the top of the
    /// file system. Without this they lead from the top of the checkout.
    pub fn stand_in(&mut self, here: &str, top: &str, is_absolute: bool) {
        self.place = Place { here: here.to_owned(), top: top.to_owned(), is_absolute };
    }

    /// The path of a file from the top of the checkout.
    pub(crate) fn path_from_top(&self, number: usize) -> String {
        let Place { here, top, .. } = &self.place;
        let path =
            if top.is_empty() { cleaned(self.name(number)) } else { joined(&format!("{here}/x"), self.name(number)) };
        match path.strip_prefix(top.as_str()) {
            Some(below) if !top.is_empty() => below.trim_start_matches('/').to_owned(),
            _ => path,
        }
    }

    /// The name of the file of a path from the top of the checkout.
    pub(crate) fn named(&self, path: &str) -> String {
        let Place { here, top, is_absolute } = &self.place;
        if top.is_empty() {
            return cleaned(path);
        }
        let whole = cleaned(&format!("{top}/{path}"));
        if *is_absolute {
            return whole;
        }
        let (from, to): (Vec<&str>, Vec<&str>) = (here.split('/').collect(), whole.split('/').collect());
        let common = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
        let up = from.iter().skip(common).filter(|part| !part.is_empty()).map(|_| "..");
        up.chain(to[common..].iter().copied()).collect::<Vec<&str>>().join("/")
    }

    /// What came of looking for something: nothing where nobody did.
    pub(crate) fn answer_to(&self, wanted: &Wanted) -> Option<&[usize]> {
        self.answers.get(wanted).map(Vec::as_slice)
    }

    /// Some files, in order.
    pub fn of<N: Into<String>, B: Into<Vec<u8>>>(
        texts: &'s Texts<'s>,
        files: impl IntoIterator<Item = (N, B)>,
    ) -> Self {
        let mut all = Self::new(texts);
        for (name, bytes) in files {
            all.add(name, bytes);
        }
        all
    }

    /// Adds a file, and returns its number. The same name may be given twice, as Helm takes a file twice.
    pub fn add(&mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> usize {
        let number = self.all.len();
        let name = self.texts.keep(name.into());
        self.by_path.entry(cleaned(name)).or_default().push(number);
        self.objects = OnceCell::new();
        let bytes = self.texts.keep_bytes(bytes.into());
        let (whole, parts, feeds) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        self.all.push(File { name, bytes, whole, feeds, parts });
        number
    }

    /// Tells what came of looking for something: the files that it is in, by their numbers; none where it is not there.
    pub fn answer(&mut self, wanted: Wanted, files: Vec<usize>) {
        self.answers.insert(wanted, files);
    }

    /// Tells that something was not looked at.
    pub fn leave(&mut self, wanted: Wanted, left: Left) {
        self.left.insert(wanted, left);
    }

    /// What is known of something that was not looked at.
    pub(crate) fn left(&self, wanted: &Wanted) -> Option<&Left> {
        self.left.get(wanted)
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The file of this number.
    #[must_use]
    pub fn source(&self, number: usize) -> Source<'s> {
        let File { name, bytes, .. } = &self.all[number];
        Source { name, bytes }
    }

    /// The name of the file of this number.
    #[must_use]
    pub fn name(&self, number: usize) -> &'s str {
        self.all[number].name
    }

    /// The number of the first file of a name.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<usize> {
        self.by_path.get(&cleaned(name))?.first().copied()
    }

    /// Where a byte of a file stands, as people count. Of a file with many findings its lines are counted once.
    #[must_use]
    pub fn position(&self, number: usize, byte: usize) -> Position {
        let text = self.source(number).text().unwrap_or_default();
        let read = || memchr::memchr_iter(b'\n', text.as_bytes()).collect();
        let feeds = self.all[number].feeds.get_or_init(read);
        let line = feeds.partition_point(|feed| *feed < byte.min(text.len()));
        let start = line.checked_sub(1).map_or(0, |before| feeds[before] + 1);
        let Position { column, .. } = Position::of(&text[start..], byte.saturating_sub(start));
        Position { line: line + 1, column }
    }

    /// The text of the file of a name; empty where it is no text, or not there.
    #[must_use]
    pub fn text_of(&self, name: &str) -> Option<&'s str> {
        self.source(self.number(name)?).text().ok()
    }

    /// What the first files name, and nobody looked for yet: those of the release that one file brings, or all together.
    #[must_use]
    pub fn wanted(&self, given: &[usize], path: Option<&str>) -> Vec<Wanted> {
        let mut wanted = BTreeSet::new();
        let Some(first) = given.first() else { return Vec::new() };
        let releases = releases_of_manifest(self, *first);
        if !releases.is_empty() || is_kustomization(self.name(*first)) {
            wanted.extend(crate::graph::wanted(self, *first));
        }
        wanted.extend(charts_wanted(self, *first).into_iter().filter(|wanted| self.is_open(wanted)));
        if releases.is_empty() && wanted.is_empty() {
            let umbrella = crate::umbrella::Umbrella::above(self, given);
            let wanted = umbrella.into_iter().flat_map(|umbrella| umbrella.wanted);
            return wanted.filter(|wanted| self.is_open(wanted)).collect();
        }
        let is_unfolded = |release: &crate::release::Release<'_>| {
            release.more.iter().any(|more| matches!(more, Wanted::Fitting { .. }) && self.is_open(more))
        };
        let is_meant = |release: &&crate::release::Release<'_>| {
            is_unfolded(release) || path.is_none_or(|path| release.is_called(path))
        };
        for release in releases.iter().filter(is_meant) {
            wanted.extend(release.wanted().filter(|wanted| self.is_open(wanted)).cloned());
        }
        wanted.into_iter().collect()
    }

    /// The same files, to be read anew, with another content of one.
    #[must_use]
    pub fn changed<'t>(&self, texts: &'t Texts<'t>, number: usize, bytes: &[u8]) -> Files<'t> {
        let mut files = Files::new(texts);
        for other in 0..self.all.len() {
            let Source { name, bytes: old } = self.source(other);
            files.add(name, if other == number { bytes } else { old });
        }
        files.answers.clone_from(&self.answers);
        files.left.clone_from(&self.left);
        files.place = self.place.clone();
        files.chart.clone_from(&self.chart);
        files
    }

    /// The same files with another text in place of one. What was read of the others stays read.
    pub(crate) fn with(&self, number: usize, text: String) -> Self {
        let mut files = Self {
            objects: OnceCell::new(),
            answers: self.answers.clone(),
            by_path: self.by_path.clone(),
            place: self.place.clone(),
            chart: self.chart.clone(),
            left: self.left.clone(),
            all: self.all.clone(),
            texts: self.texts,
        };
        let bytes = self.texts.keep_bytes(text.into_bytes());
        files.all[number] = File {
            bytes,
            whole: OnceCell::new(),
            parts: OnceCell::new(),
            feeds: OnceCell::new(),
            ..self.all[number].clone()
        };
        files
    }

    /// Makes an edit at a path of a text, with the proof in every text around it.
    ///
    /// # Errors
    ///
    /// Those of [`Document::edited`](crate::yaml::Document::edited), with their place in the file.
    pub(crate) fn edited(&self, text: &Text<'s>, path: &[String], edit: Edit<'_>) -> Result<Edited, Finding> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let Range { start, end } = text.range();
        let edited = text.edited(&path, edit).map_err(|finding| moved(finding, start))?;
        let file = self.source(text.file).text()?;
        Ok(Edited {
            text: [&file[..start], &edited.text, &file[end..]].concat(),
            replaced: edited.replaced.start + start..edited.replaced.end + start,
            replacement: edited.replacement.start + start..edited.replacement.end + start,
        })
    }

    /// Whether nobody looked for something yet. An object that a given file holds is that one.
    fn is_open(&self, wanted: &Wanted) -> bool {
        let is_held = || matches!(wanted, Wanted::Object(object) if !self.objects().held(object).is_empty());
        !self.answers.contains_key(wanted) && !self.left.contains_key(wanted) && !is_held()
    }

    /// A file as Helm reads it: one document.
    pub(crate) fn whole(&self, number: usize) -> Result<&'s Text<'s>, Finding> {
        let read = || {
            if is_of_other_language(self.name(number)) {
                return Err(not_values());
            }
            self.texts.read(number, 0, self.source(number).text()?)
        };
        self.all[number].whole.get_or_init(read).clone()
    }

    /// A file as controllers read it: a document behind each line of three dashes.
    pub(crate) fn parts(&self, number: usize) -> &[Part<'s>] {
        self.all[number].parts.get_or_init(|| {
            let Ok(text) = self.source(number).text() else { return Vec::new() };
            let (content, all) = (text, documents(text));
            let is_only = all.len() == 1;
            let part = |range: Range<usize>| {
                let text = if range == (0..text.len()) {
                    self.whole(number)
                } else {
                    self.texts.read(number, range.start, &text[range.clone()])
                };
                let is_no_mapping = text.as_ref().is_err_and(|finding| finding.rule == Rule::NotAMapping) && is_only;
                // Ansible's files are lists, and no controller's manifest is
                let list = || self.texts.read_list(number, range.start, &content[range.clone()]);
                let text = if is_no_mapping { list().map_or(text, Ok) } else { text };
                Part { range, text }
            };
            let rendered = self.rendered(number, text);
            if is_of_other_language(self.name(number)) {
                return rendered;
            }
            all.into_iter().map(part).chain(rendered).collect()
        })
    }

    /// What a file of another language says of releases, or commands in a YAML file do.
    fn rendered(&self, number: usize, text: &'s str) -> Vec<Part<'s>> {
        let Some((language, render)) = renderer(self.name(number), text.as_bytes()) else { return Vec::new() };
        let texts = self.texts.read_rendered(number, text, language, render);
        texts.into_iter().map(|part| Part { range: 0..text.len(), text: part }).collect()
    }

    /// A document of a file whose root is a list; nothing where it is none. It is read anew.
    pub(crate) fn list(&self, number: usize, range: &Range<usize>) -> Option<&'s Text<'s>> {
        let text = self.source(number).text().ok()?.get(range.clone())?;
        self.texts.read_list(number, range.start, text)
    }

    /// The documents of a file that can be read, by their roots.
    pub(crate) fn roots(&self, number: usize) -> impl Iterator<Item = Node<'s>> {
        let roots = self.parts(number).iter().filter_map(|part| part.text.as_ref().ok()?.root());
        roots.flat_map(objects_of)
    }

    /// The objects of all files.
    pub(crate) fn objects(&self) -> &Objects<'s> {
        self.objects.get_or_init(|| Objects::of(self))
    }

    /// Where something stands, among the files that a file was read with: by the number of each file.
    pub(crate) fn find(&self, wanted: &Wanted, asking: usize) -> Found {
        let others = |numbers: &[usize]| numbers.iter().copied().find(|number| *number != asking);
        match (self.answers.get(wanted), wanted) {
            (Some(files), _) if !files.is_empty() => Found::Here(files[0]),
            (answer, Wanted::File(path)) => match self.by_path.get(path).and_then(|numbers| others(numbers)) {
                Some(number) => Found::Here(number),
                None if answer.is_some() || self.left.contains_key(wanted) => Found::Absent,
                None => Found::Unasked,
            },
            // a file that was given by hand is it where its path ends so
            (answer, Wanted::InRepository { path, .. }) => match self.ending(path).find(|number| *number != asking) {
                Some(number) => Found::Here(number),
                None if answer.is_some() => Found::Absent,
                None => Found::Unasked,
            },
            (answer, Wanted::Object(_) | Wanted::Takers(_) | Wanted::Fetched { .. } | Wanted::Fitting { .. }) => {
                if answer.is_some() {
                    Found::Absent
                } else {
                    Found::Unasked
                }
            }
        }
    }

    /// The files that fit a pattern, as far as somebody looked for them, or they were given; nothing where neither is so.
    pub(crate) fn fitting(&self, wanted: &Wanted) -> Option<Vec<usize>> {
        if let Some(files) = self.answers.get(wanted) {
            return Some(files.clone());
        }
        let Wanted::Fitting { pattern, .. } = wanted else { return None };
        let fits = |number: &usize| crate::glob::fits(pattern, &self.path_from_top(*number));
        let given: Vec<usize> = (0..self.all.len()).filter(fits).collect();
        Some(given).filter(|given| !given.is_empty() && self.answers.is_empty())
    }

    /// The files whose path is this one, or ends with it.
    fn ending(&self, path: &str) -> impl Iterator<Item = usize> {
        let path = cleaned(path);
        (0..self.all.len()).filter(move |number| {
            let name = cleaned(self.all[*number].name);
            name.strip_suffix(&path).is_some_and(|before| before.is_empty() || before.ends_with('/'))
        })
    }
}

/// That a file is written in another language than values are.
fn not_values() -> Finding {
    let message = "the file is not a values file, and brings no release of Illumio's chart that can be read";
    let help = "give the file that the release is upgraded with, or change the mode by hand where it is said";
    Finding::new(Rule::ForeignValues, message).help(help).weighing(Severity::Error).doubting(Doubt::Foreign)
}

/// What came of looking for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// It is the file of this number.
    Here(usize),
    /// It was looked for, and is not there; or it is a file outside of the checkout.
    Absent,
    /// Nobody looked for it.
    Unasked,
}

/// Whether a path fits a pattern: `*` is any part of a name, `**` any folders.
///
/// ```
/// assert!(helm_clas::files::fits_pattern("clusters/*/values.yaml", "clusters/east/values.yaml"));
/// ```
#[must_use]
pub fn fits_pattern(pattern: &str, path: &str) -> bool {
    crate::glob::fits(pattern, path)
}

/// A path without `.`, and without `..` where it has something to take back: `./a/../b` is `b`.
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

/// A path from a file's folder, as a path from where the file's name leads from.
pub(crate) fn joined(file: &str, path: &str) -> String {
    match file.rsplit_once('/') {
        Some((folder, _)) if !path.starts_with('/') => cleaned(&format!("{folder}/{path}")),
        _ => cleaned(path),
    }
}

/// The objects in a file that a release may take values or its chart from: `ConfigMaps`, those that a kustomization in it
/// generates, and sources of charts.
///
/// ```
/// use helm_clas::files::objects_in;
///
/// let text = "configMapGenerator:\n- name: illumio-values\n  files: [values.yaml]\n";
/// assert_eq!(objects_in(text.as_bytes())[0].name, "illumio-values");
/// ```
#[must_use]
pub fn objects_in(bytes: &[u8]) -> Vec<ObjectRef> {
    const WORDS: [&str; 5] = ["ConfigMap", "OCIRepository", "HelmChart", "configMapGenerator", "GitRepository"];
    if !WORDS.iter().any(|word| memchr::memmem::find(bytes, word.as_bytes()).is_some()) {
        return Vec::new();
    }
    let texts = Texts::new();
    let files = Files::of(&texts, [("", bytes)]);
    crate::release::objects_in(files.roots(0))
}

/// The objects that the releases of a file take values or their chart from, and that are not in it.
#[must_use]
pub fn objects_taken(bytes: &[u8]) -> Vec<ObjectRef> {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    if !has("HelmRelease") && !has("helm.cattle.io") {
        return Vec::new();
    }
    let texts = Texts::new();
    let files = Files::of(&texts, [("", bytes)]);
    let object = |wanted: Wanted| match wanted {
        Wanted::Object(object) if files.objects().held(&object).is_empty() => Some(object),
        _ => None,
    };
    files.wanted(&[0], None).into_iter().filter_map(object).collect()
}

/// What a file takes from others of its checkout, by their paths from its top, files and folders, where it is a
/// kustomization or holds one of Flux. `path` is its own.
///
/// ```
/// use helm_clas::files::taken_by;
///
/// assert_eq!(taken_by("east/kustomization.yaml", b"resources: [../base]\n"), ["base"]);
/// ```
#[must_use]
pub fn taken_by(path: &str, bytes: &[u8]) -> Vec<String> {
    let is_flux = || memchr::memmem::find(bytes, b"kustomize.toolkit.fluxcd.io").is_some();
    if !is_kustomization(path) && !is_flux() {
        return Vec::new();
    }
    let texts = Texts::new();
    let files = Files::of(&texts, [(path, bytes)]);
    crate::graph::taken_in(&files, 0, path)
}

/// Whether a file may bring a chart that is a folder of the checkout: a quick look.
///
/// ```
/// use helm_clas::files::may_name_folder;
///
/// assert!(may_name_folder(b"helm upgrade --install a ./charts/platform -f east.yaml"));
/// assert!(!may_name_folder(b"replicas: 2"));
/// ```
#[must_use]
pub fn may_name_folder(bytes: &[u8]) -> bool {
    crate::release::may_name_folder(bytes)
}

/// Whether a template of a chart may bring a release of Illumio's chart, as a chart of Applications does: a quick look. Of
/// other templates only what becomes of them is values.
///
/// ```
/// use helm_clas::files::may_bring_release;
///
/// assert!(may_bring_release(b"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: illumio}\n"));
/// assert!(!may_bring_release(b"kind: ConfigMap\ndata: {illumio: '{{ .Values.clusterMode }}'}\n"));
/// ```
#[must_use]
pub fn may_bring_release(template: &[u8]) -> bool {
    crate::release::may_bring_release(template)
}

/// Whether kustomize takes a file of this name for a kustomization.
#[must_use]
pub fn is_kustomization(name: &str) -> bool {
    crate::graph::is_kustomization(name)
}

/// Whether a `Chart.yaml` depends on Illumio's chart.
///
/// # Errors
///
/// The finding of one that cannot be read, and names that chart.
pub fn depends_on_illumio(chart: &[u8]) -> Result<bool, Finding> {
    // most charts are none of ours, and need not even be YAML
    if !chart.to_ascii_lowercase().windows(7).any(|window| window == b"illumio") {
        return Ok(false);
    }
    let texts = Texts::new();
    let files = Files::of(&texts, [("Chart.yaml", chart)]);
    let text = files.whole(0)?;
    Ok(text.root().is_some_and(crate::umbrella::lists_illumio))
}
