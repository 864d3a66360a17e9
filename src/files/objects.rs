//! [`Objects`]: the objects of some files by their names, and what kustomize generates of files.

use std::{borrow::Cow, collections::HashMap};

use base64::prelude::{BASE64_STANDARD, Engine as _};

use super::{Files, Found, ObjectRef, Wanted, cleaned, joined};
use crate::yaml::Node;

/// The objects of some files by their names.
#[derive(Default)]
pub(crate) struct Objects<'s>(HashMap<&'s str, Vec<Entry<'s>>>, HashMap<String, Vec<Entry<'s>>>);

#[derive(Clone)]
struct Entry<'s> {
    kind: &'s str,
    group: &'s str,
    namespace: Option<&'s str>,
    held: Held<'s>,
}

/// Where an object is.
#[derive(Clone, Copy)]
pub(crate) enum Held<'s> {
    /// As a document of its own.
    Written(Node<'s>),
    /// As what kustomize makes of files.
    Generated(Generator<'s>),
}

impl Held<'_> {
    /// The number of the file that it is in, or that generates it.
    pub(crate) fn file(&self) -> usize {
        match self {
            Self::Written(root) => root.text.file,
            Self::Generated(generator) => generator.file(),
        }
    }
}

/// An entry of a kustomization's generators.
#[derive(Clone, Copy)]
pub(crate) struct Generator<'s> {
    kind: &'static str,
    root: Node<'s>,
    item: Node<'s>,
}

/// What a generator makes of a key.
pub(crate) enum Made<'s> {
    /// The text of the file at this path, from the folder of the kustomization.
    Of(&'s str),
    /// The text of a literal from this byte on.
    Literal(Node<'s>, usize),
    /// Nothing: it has no such key.
    Nothing,
    /// A text whose place is not known.
    Unknown,
}

/// The lists of a kustomization that make objects of files, and the kind of what each makes. (kustomize,
/// `api/types/kustomization.go`)
const GENERATORS: [(&str, &str); 2] = [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")];

/// The kinds of objects that a release takes values or its chart from.
const KINDS: [&str; 6] = ["ConfigMap", "Secret", "OCIRepository", "HelmChart", "HelmChartConfig", "GitRepository"];

/// Whether a text may hold an object that a release takes values or its chart from: a quick look.
pub(crate) fn may_hold_objects(bytes: &[u8]) -> bool {
    KINDS
        .into_iter()
        .chain(GENERATORS.map(|(list, _)| list))
        .any(|word| memchr::memmem::find(bytes, word.as_bytes()).is_some())
}

impl<'s> Objects<'s> {
    pub(crate) fn of(files: &Files<'s>) -> Self {
        let mut objects = Self::default();
        for number in 0..files.len() {
            for root in files.roots(number) {
                objects.take(root);
            }
        }
        objects
    }

    fn take(&mut self, root: Node<'s>) {
        if let (Some(kind), Some(name)) = (root.str_at("kind"), root.str_at("metadata.name")) {
            let group = group_of(root);
            let namespace = root.str_at("metadata.namespace");
            self.0.entry(name).or_default().push(Entry { kind, group, namespace, held: Held::Written(root) });
        }
        if let Some((name, namespace)) = synced_by(root) {
            let (group, kind) = OF_SYNC;
            self.0.entry(name).or_default().push(Entry { kind, group, namespace, held: Held::Written(root) });
        }
        for generator in generators(root) {
            let Some(name) = generator.name() else { continue };
            let held = Held::Generated(generator);
            let entry = Entry { kind: generator.kind, group: "", namespace: generator.namespace(), held };
            let full = generator.full_name(name);
            if full != name {
                self.1.entry(full).or_default().push(entry.clone());
            }
            self.0.entry(name).or_default().push(entry);
        }
    }

    /// Where an object is, in the order of the files.
    pub(crate) fn held(&self, object: &ObjectRef) -> Vec<Held<'s>> {
        let entries = self.0.get(object.name.as_str()).into_iter().flatten();
        let entries = entries.chain(self.1.get(&object.name).into_iter().flatten());
        let is_it = |entry: &&Entry<'_>| {
            entry.kind == object.kind
                && entry.group == object.group
                && object.namespace.as_deref().zip(entry.namespace).is_none_or(|(one, other)| one == other)
        };
        entries.filter(is_it).map(|entry| entry.held).collect()
    }
}

/// The group and the kind of what a `FluxInstance` makes.
const OF_SYNC: (&str, &str) = ("source.toolkit.fluxcd.io", "GitRepository");

/// The name and the namespace of the `GitRepository` that a `FluxInstance` makes. (Flux Operator documentation,
/// `FluxInstance`, Sync configuration)
fn synced_by(root: Node<'_>) -> Option<(&str, Option<&str>)> {
    let is_it = root.str_at("kind") == Some("FluxInstance") && root.str_at("spec.sync.kind") == Some(OF_SYNC.1);
    let namespace = root.str_at("metadata.namespace");
    let name = root.str_at("spec.sync.name").or(namespace).filter(|_| is_it)?;
    Some((name, namespace))
}

/// The texts of a Secret by their names, whether they are written plainly or in base64; nothing for what is neither.
/// (Kubernetes API reference, Secret)
pub(crate) fn texts_of_secret(secret: Node<'_>) -> impl Iterator<Item = (&str, Option<Cow<'_, str>>)> {
    let entries = move |key: &str| secret.get(key).into_iter().flat_map(Node::entries);
    // what SOPS encrypts is text in place of the text
    let open = |text: &&str| !text.starts_with("ENC[");
    let plain = entries("stringData").map(move |(name, text)| (name, text.str().filter(open).map(Cow::Borrowed)));
    let encoded = entries("data").map(|(name, text)| (name, text.str().and_then(of_base64).map(Cow::Owned)));
    plain.chain(encoded).collect::<Vec<_>>().into_iter()
}

/// The text that another one is in base64.
pub(crate) fn of_base64(text: &str) -> Option<String> {
    let decoded = BASE64_STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).ok()?;
    String::from_utf8(decoded).ok()
}

/// The API group of an object; empty for `v1`.
pub(crate) fn group_of(root: Node<'_>) -> &str {
    root.str_at("apiVersion").and_then(|version| version.split_once('/')).map_or("", |(group, _)| group)
}

/// The objects of a document: one, or the items of a `List`, as `kubectl get -o yaml` prints it.
pub(crate) fn objects_of(root: Node<'_>) -> Vec<Node<'_>> {
    let is_list = root.str_at("kind").is_some_and(|kind| kind.ends_with("List")) && root.str_at("apiVersion").is_some();
    match root.get("items").filter(|items| is_list && items.is_list()) {
        Some(items) => items.items().collect(),
        None => vec![root],
    }
}

/// The entries of a document that is a kustomization, or a component of some.
fn generators(root: Node<'_>) -> impl Iterator<Item = Generator<'_>> {
    let is_kustomization =
        root.get("kind").is_none_or(|kind| matches!(kind.str(), Some("Kustomization" | "Component")));
    GENERATORS.into_iter().filter(move |_| is_kustomization).flat_map(move |(list, kind)| {
        root.get(list).into_iter().flat_map(Node::items).map(move |item| Generator { kind, root, item })
    })
}

/// The paths of the files that a kustomization makes objects of, where those are one with others of their name,
/// and of what says which names it changes besides.
pub(crate) fn generated_paths(root: Node<'_>) -> impl Iterator<Item = &str> {
    let files =
        generators(root).filter(|generator| generator.is_over()).filter_map(|generator| generator.item.get("files"));
    let lists = files.chain(root.get("configurations"));
    let paths = lists.flat_map(Node::items).filter_map(Node::str);
    paths.map(|entry| entry.split_once('=').map_or(entry, |(_, path)| path))
}

/// The files that a kustomization makes objects of: where each is named, and its path from there.
pub(crate) fn generated_files(root: Node<'_>) -> impl Iterator<Item = (Node<'_>, &str)> {
    let entries = generators(root).filter_map(|generator| generator.item.get("files")).flat_map(Node::items);
    entries.filter_map(|entry| {
        let text = entry.str()?;
        Some((entry, text.split_once('=').map_or(text, |(_, path)| path)))
    })
}

/// The objects of some roots that a release may name: those that hold values, or that a kustomization generates, and
/// sources of charts.
pub(crate) fn objects_in<'s>(roots: impl Iterator<Item = Node<'s>>) -> Vec<ObjectRef> {
    let mut objects = Vec::new();
    for root in roots {
        let object = |group: &str, kind: &str, name: &str, namespace: Option<&str>| ObjectRef {
            group: group.to_owned(),
            kind: kind.to_owned(),
            name: name.to_owned(),
            namespace: namespace.map(str::to_owned),
        };
        let kind = root.str_at("kind").filter(|kind| KINDS.contains(kind));
        if let Some((kind, name)) = kind.zip(root.str_at("metadata.name")) {
            objects.push(object(group_of(root), kind, name, root.str_at("metadata.namespace")));
        }
        if let Some((name, namespace)) = synced_by(root) {
            objects.push(object(OF_SYNC.0, OF_SYNC.1, name, namespace));
        }
        for generator in generators(root) {
            let names = generator.name().into_iter().flat_map(|name| [name.to_owned(), generator.full_name(name)]);
            objects.extend(names.map(|name| object("", generator.kind, &name, generator.namespace())));
        }
    }
    objects.dedup();
    objects
}

impl ObjectRef {
    /// Whether it may hold values that are read: of a Secret it is what a kustomization makes of files.
    pub(crate) fn may_be_read(&self) -> bool {
        self.group.is_empty() && GENERATORS.iter().any(|(_, kind)| *kind == self.kind)
    }

    /// What it is called in a sentence.
    pub(crate) fn shown(&self) -> String {
        format!("{} `{}`", self.kind, self.name.escape_debug())
    }
}

impl<'s> Generator<'s> {
    /// Those of a kustomization that make an object of a kind whose name is among some.
    pub(crate) fn of(root: Node<'s>, kind: &str, names: &[String]) -> Vec<Self> {
        let is_it = move |generator: &Self| {
            generator.kind == kind && generator.name().is_some_and(|own| names.iter().any(|name| name == own))
        };
        generators(root).filter(is_it).collect()
    }

    /// What it does with an object of its name: `create` where it does not say.
    pub(crate) fn behavior(self) -> &'s str {
        self.item.str_at("behavior").unwrap_or("create")
    }

    /// Whether it changes an object that is there.
    pub(crate) fn is_over(self) -> bool {
        ["merge", "replace"].contains(&self.behavior())
    }

    /// What it makes of a key.
    pub(crate) fn made(self, key: &str) -> Made<'s> {
        let literals = || self.item.get("literals").into_iter().flat_map(Node::items);
        let is_of_key =
            |literal: &Node<'_>| literal.str().and_then(|text| text.split_once('=')).is_none_or(|(own, _)| own == key);
        match (self.file_of(key), literals().find(is_of_key)) {
            (Some(path), _) => Made::Of(path),
            (None, Some(literal)) if is_taken_as_written(literal) => Made::Literal(literal, key.len() + 1),
            (None, None) if ["env", "envs"].iter().all(|list| self.item.get(list).is_none()) => Made::Nothing,
            (None, _) => Made::Unknown,
        }
    }

    /// Whether a change of what it makes is refused: it keeps its name, and says that it is immutable.
    pub(crate) fn is_immutable(&self) -> bool {
        let is_said = |node: Option<Node<'_>>| node.is_some_and(|it| it.is_true_at("immutable"));
        self.disables_hash() && (is_said(self.item.get("options")) || is_said(self.root.get("generatorOptions")))
    }

    /// Whether its object keeps its name, without a hash.
    pub(crate) fn disables_hash(self) -> bool {
        let options = [self.root.get("generatorOptions"), self.item.get("options")];
        options.into_iter().flatten().any(|options| options.is_true_at("disableNameSuffixHash"))
    }

    /// What the options say of its object, by the names of annotations and labels, or of keys of its root.
    pub(crate) fn options(self) -> impl Iterator<Item = (&'s str, Node<'s>)> {
        let options = [self.root.get("generatorOptions"), self.item.get("options")].into_iter().flatten();
        options.flat_map(|options| {
            let lists = ["annotations", "labels"].into_iter().filter_map(move |list| options.get(list));
            options.entries().chain(lists.flat_map(Node::entries))
        })
    }

    pub(crate) fn name(self) -> Option<&'s str> {
        self.item.str_at("name")
    }

    /// The kustomization, by its file and its first byte.
    pub(crate) fn place(self) -> (usize, usize) {
        (self.root.text.file, self.root.span().start)
    }

    /// The number of the file that the kustomization is.
    pub(crate) fn file(self) -> usize {
        self.root.text.file
    }

    /// The name with what kustomize puts around all names.
    fn full_name(self, name: &str) -> String {
        let around = |key| self.root.str_at(key).unwrap_or_default();
        format!("{}{name}{}", around("namePrefix"), around("nameSuffix"))
    }

    /// The namespace that its entry names.
    pub(crate) fn own_namespace(self) -> Option<&'s str> {
        self.item.str_at("namespace")
    }

    fn namespace(self) -> Option<&'s str> {
        self.own_namespace().or_else(|| self.root.str_at("namespace"))
    }

    /// The path, from the kustomization's folder, of the file that becomes the text of a key.
    pub(crate) fn file_of(self, key: &str) -> Option<&'s str> {
        let entries = self.item.get("files").into_iter().flat_map(Node::items).filter_map(|entry| {
            let entry = entry.str()?;
            Some(match entry.split_once('=') {
                Some((name, path)) => (name, path),
                None => (entry.rsplit('/').next().unwrap_or(entry), entry),
            })
        });
        entries.into_iter().find(|(name, _)| *name == key).map(|(_, path)| path)
    }

    /// The paths of the files that say which names kustomize changes beside that of an object.
    pub(crate) fn configurations(self) -> impl Iterator<Item = &'s str> {
        self.root.get("configurations").into_iter().flat_map(Node::items).filter_map(Node::str)
    }

    /// Whether the release in a file takes what is generated: by its name as it is written; or by the name with a hash
    /// that kustomize gives it, which it also writes into a release among its resources, if it is configured to.
    pub(crate) fn is_taken_by(self, object: &ObjectRef, manifest: usize, files: &Files<'_>) -> bool {
        let kustomization = files.name(self.file());
        let configures = |file: &str| {
            let found = files.find(&Wanted::File(joined(kustomization, file)), self.file());
            matches!(found, Found::Here(number) if files.whole(number).is_ok_and(|text| {
                text.root().is_some_and(|root| refers_to_releases(root, self.kind))
            }))
        };
        let is_resource = || {
            let manifest = cleaned(files.name(manifest));
            let resources = self.root.get("resources").into_iter().flat_map(Node::items).filter_map(Node::str);
            resources.into_iter().any(|path| {
                let path = joined(kustomization, path);
                manifest == path || path.is_empty() || manifest.starts_with(&format!("{path}/"))
            })
        };
        if is_resource() && self.configurations().any(configures) {
            return self.name() == Some(&object.name);
        }
        self.disables_hash() && self.name().is_some_and(|name| self.full_name(name) == object.name)
    }
}

/// Whether every version of kustomize takes the value of a literal as it is written: some remove all quotes at its ends,
/// others one pair of them. (kustomize, `api/kv/kv.go`, `parseLiteralSource`)
fn is_taken_as_written(literal: Node<'_>) -> bool {
    let quotes = ['"', '\''];
    let value = literal.str().and_then(|text| text.split_once('=')).map(|(_, value)| value);
    value.is_some_and(|value| !value.starts_with(quotes) && !value.ends_with(quotes))
}

/// Whether a configuration of kustomize makes it change the names of objects of a kind in releases of Flux as well.
pub(crate) fn refers_to_releases(root: Node<'_>, kind: &str) -> bool {
    let is_release = |spec: Node<'_>| {
        spec.str_at("path") == Some("spec/valuesFrom/name")
            && spec.str_at("kind").is_none_or(|kind| kind == "HelmRelease")
    };
    root.get("nameReference").into_iter().flat_map(Node::items).any(|reference| {
        reference.str_at("kind") == Some(kind)
            && reference.get("fieldSpecs").into_iter().flat_map(Node::items).any(is_release)
    })
}
