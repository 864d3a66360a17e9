//! [`Object`]: what a release of Flux names by its kind and its name, and where in the files of a checkout it stands.

use std::{collections::HashMap, ops::Range};

use super::{
    Pin, Sources,
    named::{cleaned, joined},
};
use crate::{
    step::Source,
    yaml::{Document, Scalar, documents},
};

/// An object of Kubernetes that a manifest takes values or the version of the chart from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// Its kind: `ConfigMap`, `OCIRepository`, `HelmChart`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its namespace; nothing where the manifest does not say it, and any is meant.
    pub namespace: Option<String>,
}

/// Where an object stands in a text.
pub(super) enum Held {
    /// As a document of its own.
    Written(Range<usize>),
    /// As what kustomize makes of files, by this entry of a kustomization's generators.
    Generated(Range<usize>, usize),
}

/// The list of a kustomization that makes `ConfigMaps`.
const GENERATOR: &str = "configMapGenerator";

/// The objects of a text that a release of Flux may name: its `ConfigMaps`, those that a kustomization in it generates, and
/// the sources of charts.
///
/// ```
/// use helm_clas::place::objects_in;
///
/// let text = "configMapGenerator:\n- name: illumio-values\n  files: [values.yaml]\n";
/// assert_eq!(objects_in(text)[0].name, "illumio-values");
/// ```
#[must_use]
pub fn objects_in(text: &str) -> Vec<Object> {
    const KINDS: [&str; 3] = ["ConfigMap", "OCIRepository", "HelmChart"];
    let may_hold = KINDS.iter().chain([&GENERATOR]).any(|word| text.contains(word));
    let mut objects = Vec::new();
    for range in documents(text).into_iter().filter(|_| may_hold) {
        let Ok(document) = Document::read(&text[range]) else { continue };
        let object = |kind: &str, name: &str, namespace: Option<&str>| Object {
            kind: kind.to_owned(),
            name: name.to_owned(),
            namespace: namespace.map(str::to_owned),
        };
        let kind = document.text_at(["kind"]).filter(|kind| KINDS.contains(kind));
        if let Some((kind, name)) = kind.zip(document.text_at(["metadata", "name"])) {
            objects.push(object(kind, name, document.text_at(["metadata", "namespace"])));
        }
        for item in generators(&document) {
            let generator = Generator { document: &document, item };
            let names = generator.name().into_iter().flat_map(|name| [name.to_owned(), generator.full_name(name)]);
            objects.extend(names.map(|name| object("ConfigMap", &name, generator.namespace())));
        }
    }
    objects.dedup();
    objects
}

impl Object {
    /// Whether it stands in a text: as an object of this kind, name and namespace, or as what a kustomization generates.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        let alone = [Source { name: "", bytes: text.as_bytes() }];
        (text.contains(&self.name) || text.contains(GENERATOR)) && Catalog::of(&alone).held(self).next().is_some()
    }

    /// What it is called in a sentence.
    pub(crate) fn shown(&self) -> String {
        format!("{} `{}`", self.kind, self.name.escape_debug())
    }

    /// Where it stands among some sources, where that tells no version, as the rest of a sentence.
    pub(crate) fn whereabouts(&self, sources: &Sources<'_>) -> String {
        let of = self.namespace.as_deref().map(|namespace| format!(" of namespace `{}`", namespace.escape_debug()));
        let mut files: Vec<&str> = sources.held(self).iter().map(|(number, _)| sources[*number].name).collect();
        files.dedup();
        match &files[..] {
            [] => format!("and none of that name{} is in the files of this checkout", of.unwrap_or_default()),
            [file] => format!("which names none in {file}"),
            several => format!("of which there are several: {}", several.join(", ")),
        }
    }

    /// Whether an object of its kind and name in a namespace is the one.
    fn is_in_namespace(&self, namespace: Option<&str>) -> bool {
        self.namespace.as_deref().zip(namespace).is_none_or(|(one, other)| one == other)
    }
}

/// The objects of some sources by their names, read once for all that look for them.
#[derive(Default)]
pub(super) struct Catalog(HashMap<String, Vec<Entry>>);

struct Entry {
    source: usize,
    kind: String,
    namespace: Option<String>,
    held: Held,
    /// The version that it names, where it is the source of a chart: a tag, or the range that the latest is taken of.
    version: Option<Pin>,
}

impl Catalog {
    pub(super) fn of(sources: &[Source<'_>]) -> Self {
        let mut catalog = Self::default();
        for (number, source) in sources.iter().enumerate() {
            let has = |word: &str| memchr::memmem::find(source.bytes, word.as_bytes()).is_some();
            let may_hold = has("kind") || has(GENERATOR) || has("\\");
            if let Some(text) = source.text().ok().filter(|_| may_hold) {
                catalog.read(number, text);
            }
        }
        catalog
    }

    fn read(&mut self, source: usize, text: &str) {
        for range in documents(text) {
            let Ok(document) = Document::read(&text[range.clone()]) else { continue };
            if let Some((kind, name)) = document.text_at(["kind"]).zip(document.text_at(["metadata", "name"])) {
                self.0.entry(name.to_owned()).or_default().push(Entry {
                    source,
                    kind: kind.to_owned(),
                    namespace: document.text_at(["metadata", "namespace"]).map(str::to_owned),
                    held: Held::Written(range.clone()),
                    version: version_in(&document, range.start),
                });
            }
            for item in generators(&document) {
                let generator = Generator { document: &document, item };
                let Some(name) = generator.name() else { continue };
                let full = generator.full_name(name);
                let names = [Some(name), Some(full.as_str()).filter(|full| *full != name)];
                for name in names.into_iter().flatten() {
                    self.0.entry(name.to_owned()).or_default().push(Entry {
                        source,
                        kind: "ConfigMap".to_owned(),
                        namespace: generator.namespace().map(str::to_owned),
                        held: Held::Generated(range.clone(), item),
                        version: None,
                    });
                }
            }
        }
    }

    fn entries<'c>(&'c self, object: &'c Object) -> impl Iterator<Item = &'c Entry> {
        let entries = self.0.get(&object.name).into_iter().flatten();
        let is_it = |entry: &&Entry| entry.kind == object.kind && object.is_in_namespace(entry.namespace.as_deref());
        entries.filter(is_it)
    }

    /// Where an object stands, each by the number of its source, in order.
    pub(super) fn held<'c>(&'c self, object: &'c Object) -> impl Iterator<Item = (usize, &'c Held)> {
        self.entries(object).map(|entry| (entry.source, &entry.held))
    }

    /// The version that the first of an object's kind, name and namespace tells, with the number of its source.
    pub(super) fn version_of(&self, object: &Object) -> Option<(usize, Pin)> {
        self.entries(object).find_map(|entry| Some((entry.source, entry.version.clone()?)))
    }
}

/// The version in a document that begins at this byte, where it is the source of a chart.
fn version_in(document: &Document<'_>, start: usize) -> Option<Pin> {
    const VERSIONS: [&[&str]; 3] = [&["spec", "ref", "tag"], &["spec", "ref", "semver"], &["spec", "version"]];
    let path = VERSIONS.into_iter().find(|path| document.locate(path.iter().copied()).is_some())?;
    let span = document.locate(path.iter().copied())?.value;
    let text = document.text_at(path.iter().copied()).unwrap_or(&document.text()[span.clone()]).to_owned();
    Some(Pin { text, span: Some(span.start + start..span.end + start), file: None })
}

/// An entry of a kustomization's generators.
pub(super) struct Generator<'d> {
    pub(super) document: &'d Document<'d>,
    pub(super) item: usize,
}

/// The entries of a document that is a kustomization.
fn generators(document: &Document<'_>) -> impl Iterator<Item = usize> + use<> {
    let is_kustomization = document.locate(["kind"]).is_none() || document.text_at(["kind"]) == Some("Kustomization");
    0..if is_kustomization { document.length_at([GENERATOR]) } else { 0 }
}

impl<'d> Generator<'d> {
    fn text_at(&self, path: &[&str]) -> Option<&'d str> {
        let item = self.item.to_string();
        self.document.text_at([GENERATOR, item.as_str()].into_iter().chain(path.iter().copied()))
    }

    fn name(&self) -> Option<&'d str> {
        self.text_at(&["name"])
    }

    /// The name with what kustomize puts around all names.
    fn full_name(&self, name: &str) -> String {
        let around = |key| self.document.text_at([key]).unwrap_or_default();
        format!("{}{name}{}", around("namePrefix"), around("nameSuffix"))
    }

    fn namespace(&self) -> Option<&'d str> {
        self.text_at(&["namespace"]).or_else(|| self.document.text_at(["namespace"]))
    }

    /// The path, from the kustomization's folder, of the file that becomes the text of a key.
    pub(super) fn file_of(&self, key: &str) -> Option<&'d str> {
        let item = self.item.to_string();
        let files = || [GENERATOR, item.as_str(), "files"].into_iter();
        let entries = (0..self.document.length_at(files())).filter_map(|file| {
            let entry = self.document.text_at(files().chain([file.to_string().as_str()]))?;
            Some(match entry.split_once('=') {
                Some((name, path)) => (name, path),
                None => (entry.rsplit('/').next().unwrap_or(entry), entry),
            })
        });
        entries.into_iter().find(|(name, _)| *name == key).map(|(_, path)| path)
    }

    /// The paths of the files that say which names kustomize changes beside that of an object.
    pub(super) fn configurations(&self) -> impl Iterator<Item = &'d str> {
        let document = self.document;
        (0..document.length_at(["configurations"]))
            .filter_map(move |item| document.text_at(["configurations", item.to_string().as_str()]))
    }

    /// Whether the release in a file takes what is generated: by its name as it is written; or by the name with a hash that
    /// kustomize gives it, which it puts into a release that is one of its resources where it is told to.
    pub(super) fn is_taken_by(&self, object: &Object, kustomization: &str, sources: &Sources<'_>) -> bool {
        let item = self.item.to_string();
        let disables = [&["generatorOptions"][..], &[GENERATOR, &item, "options"]].into_iter().any(|options| {
            let path = options.iter().copied().chain(["disableNameSuffixHash"]);
            self.document.scalar_at(path) == Some(Scalar::Bool(true))
        });
        let configures = |file: &str| {
            let source = sources.at(&joined(kustomization, file)).first().map(|number| sources[*number]);
            source.is_some_and(|source| source.text().is_ok_and(refers_to_releases))
        };
        let is_resource = || {
            let manifest = sources.first().map(|source| cleaned(source.name)).unwrap_or_default();
            let resources = (0..self.document.length_at(["resources"]))
                .filter_map(|item| self.document.text_at(["resources", item.to_string().as_str()]));
            resources.into_iter().any(|path| {
                let path = joined(kustomization, path);
                manifest == path || path.is_empty() || manifest.starts_with(&format!("{path}/"))
            })
        };
        if is_resource() && self.configurations().any(configures) {
            return self.name() == Some(&object.name);
        }
        disables && self.name().is_some_and(|name| self.full_name(name) == object.name)
    }
}

/// Whether a configuration of kustomize tells it to change the names of `ConfigMaps` in releases of Flux as well.
fn refers_to_releases(configuration: &str) -> bool {
    let Ok(document) = Document::read(configuration) else { return false };
    (0..document.length_at(["nameReference"])).any(|reference| {
        let reference = reference.to_string();
        let at = |path: &[&str]| {
            document.text_at(["nameReference", reference.as_str()].into_iter().chain(path.iter().copied()))
        };
        let specs = document.length_at(["nameReference", reference.as_str(), "fieldSpecs"]);
        let is_release = |spec: usize| {
            let spec = spec.to_string();
            at(&["fieldSpecs", &spec, "path"]) == Some("spec/valuesFrom/name")
                && at(&["fieldSpecs", &spec, "kind"]).is_none_or(|kind| kind == "HelmRelease")
        };
        at(&["kind"]) == Some("ConfigMap") && (0..specs).any(is_release)
    })
}
