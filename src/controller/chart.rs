//! [`Chart`]: a chart that a manifest names, on the way to a [`Release`].

use std::borrow::Cow;

use super::{Controller, Form, Is, More, To, umbrella::OfUmbrella};
use crate::{
    chart::{is_distinguishing, is_its_own, looks_like_values},
    files::Held,
    files::{Files, Found, ObjectRef, Wanted, cleaned, joined},
    finding::{Doubt, Finding},
    procedure::Deployer,
    release::{
        Id, Layer, Named, Parameter, Pin, Rank, Release, Values, below_which, hiding_lines, is_template, other_tools,
        told_by,
    },
    rule::Rule,
    umbrella::CHART,
    yaml::{Document, Language, Node, Scalar, Text, keys, written},
};

/// A chart that a manifest names.
#[derive(Clone)]
pub(crate) struct Chart<'f, 's> {
    pub(crate) files: &'f Files<'s>,
    pub(crate) controller: &'static Controller,
    /// The root of the document.
    pub(crate) root: Node<'s>,
    /// Where the chart is named.
    pub(crate) at: Node<'s>,
    /// The keys below which an umbrella chart's values hold the chart's.
    pub(crate) below: Vec<String>,
    /// How Illumio's comes into it, where it is an umbrella chart of the checkout.
    pub(crate) umbrella: Option<OfUmbrella<'s>>,
    /// What must be read before that is known.
    pub(crate) wanted: Vec<Wanted>,
    /// What a git generator fills its template in with.
    pub(super) element: Option<super::argo_git::Element<'s>>,
}

/// A plain name of a file; nothing for a URL, a pattern, a template and the like.
pub(crate) fn plain(name: &str) -> Option<&str> {
    let is_odd = |c: char| "*?[]{}$\\~".contains(c) || c.is_control();
    let is_remote = name.contains("://") || name.contains("::") || name.starts_with("ref+");
    let is_plain = !name.is_empty() && !name.contains(is_odd) && !is_remote;
    Some(name).filter(|_| is_plain)
}

/// Whether a path leads to the address of a repository, which names no chart.
fn is_repository(path: &str) -> bool {
    path.rsplit('.').next().is_some_and(|last| last.starts_with("repo"))
}

/// Whether something fills in a text before it is a name.
fn is_filled_in(text: &str) -> bool {
    text.contains("{{") || text.contains('$')
}

/// Whether a path stays in the repository.
pub(super) fn is_in_reach(path: &str) -> bool {
    !path.is_empty() && !path.starts_with("..")
}

impl<'f, 's> Chart<'f, 's> {
    pub(crate) fn new(files: &'f Files<'s>, controller: &'static Controller, root: Node<'s>, at: Node<'s>) -> Self {
        let (below, wanted) = (Vec::new(), Vec::new());
        let mut chart = Self { files, controller, root, at, below, umbrella: None, wanted, element: None };
        let own = chart.own_layers();
        chart.below = below_which(|below| {
            let below: Vec<String> = below.iter().map(ToString::to_string).collect();
            own.iter().flat_map(|layer| layer.names(&below)).any(|name| is_distinguishing(&name))
        });
        chart
    }

    /// The charts that a manifest names in one place: one, unless that is an umbrella chart which brings Illumio's several
    /// times.
    pub(crate) fn all(
        files: &'f Files<'s>,
        controller: &'static Controller,
        root: Node<'s>,
        at: Node<'s>,
    ) -> Vec<Self> {
        Self::new(files, controller, root, at).parted()
    }

    /// What a path leads to, from the chart, or from the root where it begins with a slash.
    pub(crate) fn get(&self, path: &str) -> Option<Node<'s>> {
        match path.strip_prefix('/') {
            Some(path) => self.root.at(path),
            None => match path.strip_prefix("^") {
                Some(path) => self.around()?.at(path),
                None => self.at.at(path),
            },
        }
    }

    /// What stands around the place that names the chart: an item of a list, or an entry of a mapping.
    fn around(&self) -> Option<Node<'s>> {
        let mut path = self.at.path();
        while path.pop().is_some_and(|key| key.bytes().all(|byte| byte.is_ascii_digit())) {}
        self.at.text.root()?.follow(path)
    }

    /// The key by which a mapping holds what stands around the place that names the chart.
    fn key_around(&self) -> Option<&'s str> {
        let around = self.around()?;
        let mut path = around.path();
        path.pop()?;
        let mut entries = self.at.text.root()?.follow(path)?.entries();
        entries.find(|(_, value)| *value == around).map(|(key, _)| key)
    }

    pub(crate) fn str(&self, path: &str) -> Option<&'s str> {
        self.get(path)?.str()
    }

    /// The items of a list.
    pub(crate) fn items(&self, path: &str) -> impl DoubleEndedIterator<Item = Node<'s>> {
        self.get(path).into_iter().flat_map(Node::items).collect::<Vec<_>>().into_iter()
    }

    /// The same from the last of the templates that has it, where the release does not.
    pub(crate) fn inherited(&self, path: &str) -> Option<Node<'s>> {
        self.get(path).or_else(|| {
            let is_own = path.is_empty() || path.starts_with('/');
            let templates = super::helmfile::templates(self);
            let mut of_templates = templates.iter().rev().filter_map(|template| template.node?.at(path));
            of_templates.next().filter(|_| !is_own)
        })
    }

    /// Whether the chart is the one this crate is about: it is named so, or its values are. Where it has another name,
    /// `clusterMode` alone does not tell: other charts have a value of that name, too.
    pub(crate) fn is_ours(&self) -> bool {
        // a command that gives Helm a folder says nothing of the chart in it
        if self.str("from") == Some("folder") && self.root.text.language() == Some(Language::Script) {
            return self.umbrella.is_some();
        }
        let named = |path: &&str| self.inherited(path).and_then(Node::str);
        let is_illumio = |name: &str| name.to_ascii_lowercase().contains("illumio");
        let in_git = self.is_in_git();
        let tells = |path: &&&str| !(in_git && is_repository(path));
        if self.umbrella.is_some() || self.controller.chart.iter().filter(tells).filter_map(named).any(is_illumio) {
            return true;
        }
        self.has_values(if self.has_other_name() { is_its_own } else { is_distinguishing })
    }

    /// Whether it is a chart of another name, whose values are not this chart's.
    pub(crate) fn is_another(&self) -> bool {
        self.has_other_name() && !self.is_ours()
    }

    /// Whether it has a name: what a template fills in is none, and an umbrella chart has one of its own.
    fn has_other_name(&self) -> bool {
        let name = self.controller.chart.first().and_then(|path| self.inherited(path)).and_then(Node::str);
        name.is_some_and(|name| !is_filled_in(name) && self.below.is_empty())
    }

    /// Where the folder of the chart is named, if it is one of a Git repository: in Argo CD where no chart is, in Flux as
    /// the chart of such a source.
    pub(super) fn folder_in_git(&self) -> Option<Node<'s>> {
        const GIT: [&str; 2] = ["GitRepository", "Bucket"];
        if self.controller.chart.contains(&"path") {
            return self.get("path").filter(|_| self.get("chart").is_none());
        }
        let source = self.str("chart.spec.sourceRef.kind");
        self.get("chart.spec.chart").filter(|_| source.is_some_and(|kind| GIT.contains(&kind)))
    }

    pub(crate) fn is_in_git(&self) -> bool {
        let is_of_path = self.controller.chart.contains(&"path");
        if is_of_path { self.get("chart").is_none() } else { self.folder_in_git().is_some() }
    }

    /// Whether its own values have such a name; a text that cannot be read has where it looks like this chart's.
    fn has_values(&self, is_meant: fn(&str) -> bool) -> bool {
        self.own_layers().iter().any(|layer| layer.names(&self.below).iter().any(|name| is_meant(name)))
            || self.controller.values.iter().filter(|rule| rule.form == Form::Text).any(|rule| {
                let text = self.get(rule.path).filter(|_| !self.is_hidden(rule.form));
                let is_unreadable = |node: &Node<'_>| matches!(node.inner(), Some(Err(_)));
                text.filter(is_unreadable).and_then(Node::str).is_some_and(looks_like_values)
            })
    }

    /// Whether a form does not count because of what stands beside it: Argo CD takes a mapping for the text, not both.
    fn is_hidden(&self, form: Form) -> bool {
        let mut mappings = self.controller.values.iter().filter(|rule| rule.form == Form::Mapping);
        form == Form::Text && mappings.any(|rule| self.get(rule.path).is_some_and(Node::is_mapping))
    }

    fn file(&self) -> usize {
        self.root.text.file
    }

    fn manifest(&self) -> &'s str {
        self.files.name(self.file())
    }

    /// The layers that stand in the manifest itself, weakest first; those that do not count are left out.
    pub(crate) fn own_layers(&self) -> Vec<Layer<'s>> {
        let rules = self.controller.values.iter().filter(|rule| !self.is_hidden(rule.form));
        let mut layers: Vec<Layer<'s>> =
            rules.flat_map(|rule| self.layers_of(rule.path, rule.form, rule.level)).collect();
        layers.sort_by_key(|layer| layer.rank);
        layers
    }

    /// The layers whose place others take.
    pub(crate) fn hidden_layers(&self) -> Vec<Layer<'s>> {
        let hidden = self.controller.values.iter().filter(|rule| self.is_hidden(rule.form));
        hidden.flat_map(|rule| self.layers_of(rule.path, rule.form, rule.level)).collect()
    }

    fn layers_of(&self, path: &str, form: Form, level: u8) -> Vec<Layer<'s>> {
        let Some(node) = self.get(path) else { return Vec::new() };
        let own = |rank: Rank, values: Values<'s>| Layer::own(rank, self.file(), values);
        match form {
            Form::Mapping if node.is_mapping() => vec![own((level, 0), mapping(node))],
            Form::Mapping => Vec::new(),
            Form::Text => text_layer(node).map(|values| own((level, 0), values)).into_iter().collect(),
            Form::Parameters => {
                let parameter = |item: Node<'s>| {
                    let name = keys(item.str_at("name")?);
                    Some(Parameter { name, item, key: "value", value: item.get("value") })
                };
                let parameters: Vec<_> = node.items().filter_map(parameter).collect();
                if parameters.is_empty() { Vec::new() } else { vec![own((level, 0), Values::Parameters(parameters))] }
            }
            Form::Entries => {
                let parameter = |(name, value): (&'s str, Node<'s>)| Parameter {
                    name: keys(name),
                    item: node,
                    key: name,
                    value: Some(value).filter(|value| value.scalar().is_some()),
                };
                let parameters: Vec<_> = node.entries().map(parameter).collect();
                if parameters.is_empty() { Vec::new() } else { vec![own((level, 0), Values::Parameters(parameters))] }
            }
            Form::Texts => {
                let of_item = |(number, item): (usize, Node<'s>)| match text_layer(item) {
                    Some(values @ Values::Mapping { node: Some(_), .. }) => own((level, number), values),
                    _ => Layer::doubtful((level, number), item, "what is not said in this file"),
                };
                node.items().enumerate().map(of_item).collect()
            }
            Form::Stack => {
                let values = |item: Node<'s>| match item.get("text") {
                    Some(text) => text_layer(text),
                    None => item.get("values").filter(|values| values.is_mapping()).map(mapping),
                };
                let items = node.items().enumerate();
                items.filter_map(|(number, item)| Some(own((level, number), values(item)?))).collect()
            }
            Form::List => {
                let before = self.length_before(path);
                let items = node.items().enumerate().filter(|(_, item)| item.is_mapping());
                items.map(|(number, item)| own((level, number + before), mapping(item))).collect()
            }
        }
    }

    /// How many items stand before those of a list on the same level.
    fn length_before(&self, path: &str) -> usize {
        let row = self.controller.more.iter().find(|more| more.path == path);
        row.filter(|row| !row.behind.is_empty()).map_or(0, |row| self.get(row.behind).map_or(0, Node::length))
    }

    /// The layers that are named, weakest first within a list.
    pub(super) fn named_layers(&self) -> Vec<Layer<'s>> {
        let is_told = self.below.is_empty() || self.umbrella.is_some();
        let is_unsure = !is_told || super::helmfile::has_prefix(self);
        let is_optional = self.inherited("missingFileHandler").and_then(Node::str).is_some_and(|it| it != "Error")
            || ["helm.ignoreMissingValueFiles", "chart.spec.ignoreMissingValuesFiles"]
                .iter()
                .any(|path| self.get(path).and_then(Node::scalar) == Some(Scalar::Bool(true)));
        let mut layers: Vec<Layer<'s>> = self.file_of_chart(is_unsure).into_iter().collect();
        for more in self.controller.more {
            let Some(level) = super::kustomize::level_of(self, more) else { continue };
            let Some(node) = self.get(more.path) else { continue };
            let before = self.length_before(more.path);
            // only a list has an order, and what is no list is named alone
            let all: Vec<(usize, Node<'s>)> =
                if node.is_list() { node.items().enumerate().collect() } else { vec![(1, node)] };
            for (number, item) in all {
                let rank = (level, number + before);
                layers.extend(self.named_layer(more, item, rank, is_optional, is_unsure));
            }
        }
        layers
    }

    pub(crate) fn named_layer(
        &self,
        more: &More,
        item: Node<'s>,
        rank: Rank,
        is_optional: bool,
        is_unsure: bool,
    ) -> Option<Layer<'s>> {
        let named = |shown: String, wanted: Option<Wanted>, is_secret: bool, is_optional: bool| Named {
            shown,
            span: item.span(),
            wanted: wanted.filter(|_| !is_unsure),
            is_optional,
            is_secret: is_secret && !is_unsure,
            is_of_chart: false,
            key: None,
        };
        if let Some(file) = item.str() {
            let filled = self.filled(file);
            let file = filled.as_ref();
            let is_secret = more.to == To::Secret;
            let named = named(format!("`{}`", file.escape_debug()), self.wanted(file, more.to), is_secret, is_optional);
            return Some(self.looked_up(rank, named, None));
        }
        // with a `targetPath` an object sets one value, which is looked at by itself
        let (kind, name) = item.str_at("kind").zip(item.str_at("name"))?;
        if item.get("targetPath").is_some_and(|target| target.str().is_some()) {
            return None;
        }
        let is_optional = is_optional || item.is_true_at("optional");
        let shown = format!("{kind} `{name}`");
        let is_secret = kind == "Secret";
        let namespace = self.root.str_at("metadata.namespace").and_then(plain).map(str::to_owned);
        let object = ObjectRef { group: String::new(), kind: kind.to_owned(), name: name.to_owned(), namespace };
        let wanted = Some(Wanted::Object(object)).filter(|_| !is_secret && plain(name).is_some());
        let key = item.str_at("valuesKey").unwrap_or("values.yaml");
        let named = Named { key: Some(key.to_owned()), ..named(shown, wanted, is_secret, is_optional) };
        Some(self.looked_up(rank, named, Some(key)))
    }

    /// The values of a chart in a folder of Git, which anybody may change, and which everything else overrides.
    fn file_of_chart(&self, is_unsure: bool) -> Option<Layer<'s>> {
        // Flux does not take it where others are named
        let is_read = || self.umbrella.is_some();
        let folder = self.folder_in_git().filter(|_| self.get("chart.spec.valuesFiles").is_none() && !is_read())?;
        let name = folder.str()?;
        let shown = format!("`{}/values.yaml`", name.trim_end_matches('/').escape_debug());
        let path = plain(name).map(|folder| cleaned(&format!("{folder}/values.yaml")));
        let wanted = path.filter(|path| !is_unsure && is_in_reach(path)).map(|path| self.in_repository("", path));
        let named = Named {
            shown,
            span: folder.span(),
            wanted,
            is_optional: true,
            is_secret: false,
            is_of_chart: true,
            key: None,
        };
        let layer = self.looked_up((0, 0), named, None);
        let is_absent = |wanted: &Wanted| self.files.find(wanted, self.file()) == Found::Absent;
        if matches!(layer.values, Values::Absent)
            && self.beside_chart(crate::umbrella::CHART).is_some_and(|it| is_absent(&it))
        {
            let values = Values::Unread(Some("which is not in this checkout".to_owned()));
            return Some(Layer { values, ..layer });
        }
        Some(layer)
    }

    /// A text with what it takes from the element of a git generator, where that is known.
    pub(super) fn filled(&self, text: &'s str) -> Cow<'s, str> {
        let element = self.element.as_ref().filter(|_| text.contains("{{"));
        element.and_then(|element| element.fill(text)).map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// A file in the folder of the chart, where that is one of a Git repository.
    pub(crate) fn beside_chart(&self, file: &str) -> Option<Wanted> {
        let folder = self.filled(self.folder_in_git()?.str()?);
        let path = cleaned(&format!("{}/{file}", plain(&folder)?));
        is_in_reach(&path).then(|| self.in_repository("", path))
    }

    pub(super) fn in_repository(&self, name: &str, path: String) -> Wanted {
        let repository = super::argo::repository_of(self, name).or_else(|| super::flux::repository_of(self));
        let (url, revision) = match repository {
            Some((url, revision)) => (Some(url.to_owned()), revision.map(str::to_owned)),
            None => (None, None),
        };
        Wanted::InRepository { url, revision, path }
    }

    /// Whether the folder of the chart that a command names is not beside the script, and is at the top of what is read.
    fn is_run_at_top(&self) -> bool {
        let Some(name) = self.str("chart").filter(|name| name.contains('/')).and_then(plain) else { return false };
        let at = |file: String| self.files.find(&Wanted::File(file), usize::MAX);
        let chart = format!("{name}/{CHART}");
        at(joined(self.manifest(), &chart)) == Found::Absent && at(self.files.named(&chart)) != Found::Absent
    }

    /// The file from whose folder names lead: the jobs of a pipeline run at the top of the repository, wherever they are
    /// written.
    pub(super) fn beside(&self) -> Cow<'s, str> {
        let manifest = self.manifest();
        let is_job = self.root.text.language() == Some(Language::Script);
        let hidden = manifest.find("/.").map(|at| at + 1).or_else(|| manifest.starts_with('.').then_some(0));
        if is_job && self.is_run_at_top() {
            return Cow::Owned(self.files.named("x"));
        }
        let of_job = hidden.filter(|at| is_job && !manifest[*at..].starts_with("..")).map(|at| {
            let length = manifest[at..].find('/').unwrap_or(manifest.len() - at);
            &manifest[..at + length]
        });
        Cow::Borrowed(of_job.unwrap_or(manifest))
    }

    /// Where a file stands, by its name.
    fn wanted(&self, name: &str, to: To) -> Option<Wanted> {
        match to {
            To::Beside => plain(name).map(|name| Wanted::File(joined(&self.beside(), name))),
            To::Repository => {
                let path = self.path_in_repository(name).filter(|path| is_in_reach(path))?;
                Some(self.in_repository(name, path))
            }
            To::Secret | To::Elsewhere => None,
        }
    }

    fn path_in_repository(&self, name: &str) -> Option<String> {
        if let Some(name) = name.strip_prefix('$') {
            return Some(cleaned(plain(name.split_once('/')?.1)?));
        }
        // in a chart that is fetched nobody can change a file
        let folder = self.folder_in_git()?.str().and_then(plain)?;
        let name = plain(name)?;
        // for Argo CD from that folder, for Flux from the top
        Some(match name.strip_prefix('/') {
            Some(name) => cleaned(name),
            None if !self.controller.chart.contains(&"path") => cleaned(name),
            None => cleaned(&format!("{folder}/{name}")),
        })
    }

    /// The layer of something that is named, with what came of looking for it.
    fn looked_up(&self, rank: Rank, named: Named, key: Option<&str>) -> Layer<'s> {
        let left = named.wanted.as_ref().and_then(|wanted| self.files.left(wanted));
        let (file, values) = match (&named.wanted, key) {
            (None, _) => (self.file(), Values::Unread(None)),
            (Some(Wanted::Object(object)), Some(key)) => self.look_into(object, key),
            (Some(_), _) if left.is_some() => (self.file(), Values::Unread(left.map(|left| left.reason.clone()))),
            (Some(wanted), _) => match self.files.find(wanted, self.file()) {
                Found::Here(number) => (number, values_of_file(self.files, number, self.umbrella.is_some())),
                Found::Absent => (self.file(), Values::Absent),
                Found::Unasked => (self.file(), Values::Unread(None)),
            },
        };
        Layer { named: Some(named), ..Layer::own(rank, file, values) }
    }

    /// Looks for the text of a key of an object.
    fn look_into(&self, object: &ObjectRef, key: &str) -> (usize, Values<'s>) {
        let unread = |reason: String| (self.file(), Values::Unread(Some(reason)));
        let held = self.files.objects().held(object);
        match held[..] {
            [Held::Written(root)] => {
                let Some(values) = root.get("data").and_then(|data| data.get(key)).filter(|node| node.str().is_some())
                else {
                    return unread(format!("which has no text `{}`", key.escape_debug()));
                };
                match values.inner() {
                    Some(Ok(text)) if text.root().is_none_or(says_where) => (root.text.file, text_of(text)),
                    Some(Err(finding)) => (root.text.file, Values::Broken(finding)),
                    _ => (self.file(), Values::Unread(None)),
                }
            }
            [Held::Generated(generator)] => {
                let kustomization = self.files.name(generator.file());
                let Some(file) = generator.file_of(key) else {
                    let key = key.escape_debug();
                    return unread(format!("which {kustomization} makes without a file `{key}`"));
                };
                if !generator.is_taken_by(object, self.file(), self.files) {
                    return unread(format!(
                        "which {kustomization} brings under another name, of which no nameReference tells the release"
                    ));
                }
                let path = joined(kustomization, file);
                match self.files.find(&Wanted::File(path.clone()), generator.file()) {
                    Found::Here(number) => (number, values_of_file(self.files, number, self.umbrella.is_some())),
                    Found::Absent | Found::Unasked => unread(format!("made of {path}, which is not there")),
                }
            }
            [] => unread("which none of the files read holds".to_owned()),
            ref several => {
                let file = |held: &Held<'_>| match held {
                    Held::Written(root) => root.text.file,
                    Held::Generated(generator) => generator.file(),
                };
                let mut files: Vec<&str> = several.iter().map(|held| self.files.name(file(held))).collect();
                files.dedup();
                unread(format!("of which there are several: {}", files.join(", ")))
            }
        }
    }

    /// The files that kustomize makes of an object that is named, and those that say which names it changes.
    fn more_wanted(&self) -> Vec<Wanted> {
        let objects = self.controller.more.iter().flat_map(|more| self.items(more.path)).filter_map(|item| {
            let (kind, name) = item.str_at("kind").zip(item.str_at("name"))?;
            let namespace = self.root.str_at("metadata.namespace").and_then(plain).map(str::to_owned);
            let (group, kind, name) = (String::new(), kind.to_owned(), name.to_owned());
            Some((ObjectRef { group, kind, name, namespace }, item.str_at("valuesKey").unwrap_or("values.yaml")))
        });
        let mut wanted = Vec::new();
        for (object, key) in objects {
            for held in self.files.objects().held(&object) {
                let Held::Generated(generator) = held else { continue };
                let kustomization = self.files.name(generator.file());
                let files = generator.configurations().chain(generator.file_of(key)).filter_map(plain);
                wanted.extend(files.map(|file| Wanted::File(joined(kustomization, file))));
            }
        }
        wanted.extend(super::argo_beside::sources_beside(self));
        wanted
    }

    /// The object that names the chart and its version.
    fn chart_referred_to(&self) -> Option<ObjectRef> {
        let namespace = self.str("chartRef.namespace").or_else(|| self.root.str_at("metadata.namespace"));
        let namespace = namespace.and_then(plain).map(str::to_owned);
        let kind = self.str("chartRef.kind")?.to_owned();
        let group = match kind.as_str() {
            "OCIRepository" | "HelmChart" => "source.toolkit.fluxcd.io",
            _ => "",
        };
        Some(ObjectRef {
            group: group.to_owned(),
            kind,
            name: self.str("chartRef.name").and_then(plain)?.to_owned(),
            namespace,
        })
    }

    /// Whether the version beside the values is that of another chart: an umbrella chart's, or a branch of Git.
    pub(crate) fn is_of_another_chart(&self) -> bool {
        let has_name =
            |path: &&str| !is_repository(path) && self.inherited(path).is_some_and(|name| name.str().is_some());
        // Flux may refer to a chart instead of naming it
        let names_chart =
            self.controller.chart.is_empty() || !self.is_in_git() && self.controller.chart.iter().any(has_name);
        !self.below.is_empty() || !names_chart
    }

    fn pin(&self) -> Option<Pin> {
        if self.controller.version.is_empty() || self.is_of_another_chart() {
            return None;
        }
        let is_said = |node: &Node<'_>| node.scalar().is_some() && !is_blank(*node);
        self.inherited(self.controller.version).filter(is_said).map(Pin::at)
    }

    /// Where the chart is named, if nothing names its version, so that the controller takes the newest (Argo CD, Flux,
    /// helmfile, kustomize, k3s: each documents it so). A folder, an archive and a patch have none to name.
    fn unpinned(&self, chart: Option<&ObjectRef>) -> Option<Pin> {
        if self.inherited(self.controller.version).is_some_and(|version| !is_blank(version)) {
            return None;
        }
        if let Some(chart) = chart {
            let held = self.files.objects().held(chart);
            let has_digest =
                |held: &Held<'_>| matches!(held, Held::Written(root) if root.at("spec.ref.digest").is_some());
            return self.get("chartRef.name").filter(|_| held.len() == 1 && !held.iter().any(has_digest)).map(Pin::at);
        }
        if self.controller.version.is_empty() || self.is_of_another_chart() {
            return None;
        }
        let name = self.controller.chart.first().and_then(|path| self.inherited(path))?;
        let is_local = |text: &str| {
            text.starts_with(['.', '/']) || text.to_ascii_lowercase().ends_with(".tgz") || text.contains("{{")
        };
        // kustomize takes a chart that is in no repository from a folder beside it
        let is_beside = self.controller.deployer == Deployer::Kustomize && self.get("repo").is_none();
        let is_named = name.str().is_some_and(|text| !text.is_empty() && !is_local(text));
        (is_named && !is_beside).then(|| Pin::at(name))
    }

    /// The first of these paths that says a text which is not a template.
    pub(crate) fn first_of(&self, paths: &[&str]) -> Option<String> {
        let text = paths.iter().find_map(|path| self.str(path))?;
        Some(text).filter(|text| !text.is_empty() && !is_filled_in(text)).map(str::to_owned)
    }

    /// What Helm calls the release. (Flux documentation, `HelmRelease`: without `releaseName` its name is that of the
    /// object, behind the `targetNamespace` where there is one.)
    fn helm_name(&self, called: Option<&str>) -> Option<String> {
        self.first_of(&["releaseName"]).or_else(|| {
            let called = called?;
            Some(match self.first_of(&["targetNamespace"]) {
                Some(namespace) => format!("{namespace}-{called}"),
                None => called.to_owned(),
            })
        })
    }

    fn id(&self) -> Id {
        let key = || self.key_around().filter(|_| self.controller.name.starts_with('^'));
        let name = self.str(self.controller.name).or_else(key).unwrap_or("?");
        let called =
            self.str(self.controller.called).or_else(key).filter(|name| !is_filled_in(name)).map(str::to_owned);
        Id {
            name: match self.umbrella.as_ref().filter(|of_umbrella| of_umbrella.is_one_of_several) {
                Some(OfUmbrella { way, .. }) => format!("{name}.{}", written(&way.keys)),
                None => name.to_owned(),
            },
            namespace: self.root.str_at("metadata.namespace").map(str::to_owned),
            helm_name: self.helm_name(called.as_deref()).filter(|_| self.controller.deployer == Deployer::Helm),
            called,
            storage: self.first_of(self.controller.storage),
            target: self.first_of(self.controller.target),
            controller: Some(self.controller),
            built_in: None,
        }
    }

    /// The releases that the chart is brought by: one, unless a generator fills in a template.
    pub(crate) fn releases(&self, of_file: &[Finding]) -> Vec<Release<'s>> {
        let mut layers = self.own_layers();
        layers.extend(self.room());
        layers.extend(self.named_layers());
        layers.extend((self.controller.rest.layers)(self));
        let way = self.umbrella.as_ref().map(|of_umbrella| of_umbrella.way.clone());
        if let Some(way) = &way {
            // what the charts say by themselves comes before everything
            let (level, first) = (0, way.layers.len());
            layers.iter_mut().filter(|layer| layer.rank.0 == level).for_each(|layer| layer.rank.1 += first);
            let own = way.layers.iter().enumerate();
            layers.extend(own.map(|(number, layer)| Layer { rank: (level, number), ..layer.clone() }));
        }
        layers.sort_by_key(|layer| layer.rank);
        let way = way.unwrap_or_default();
        let chart = self.chart_referred_to();
        let of_chart = || Pin::of_object(self.files.objects(), chart.as_ref()?);
        let pin = way.pin.clone().or_else(|| self.pin()).or_else(of_chart);
        let unpinned =
            if pin.as_ref().is_none_or(|pin| pin.text.is_empty()) { self.unpinned(chart.as_ref()) } else { None };
        let pin = pin.filter(|_| unpinned.is_none());
        let manifest = self.manifest();
        let mut findings = (self.controller.rest.findings)(self);
        findings.extend(self.hidden_modes());
        findings.extend(self.trapped());
        findings.extend(of_file.iter().cloned());
        let of_way = way.findings;
        let mut more = self.more_wanted();
        more.extend(self.wanted.iter().cloned());
        more.extend(chart.clone().filter(|_| pin.is_none()).map(Wanted::Object));
        let release = Release {
            id: self.id(),
            at: Some(self.at),
            pin,
            unpinned,
            chart,
            below: self.below.clone(),
            switches: way.switches,
            no_default: way.no_default,
            imported: way.imported,
            umbrella: self.umbrella.as_ref().map(|of_umbrella| of_umbrella.folder.clone()),
            layers,
            more,
            findings: findings.into_iter().map(|finding| finding.in_file(manifest)).chain(of_way).collect(),
            ..Release::blank(self.file())
        };
        (self.controller.rest.expanded)(self, release)
    }

    /// Where a mapping of values would be written, if there is none yet.
    fn room(&self) -> Option<Layer<'s>> {
        let has_room = |form: Form| matches!(form, Form::Mapping | Form::List);
        let path = self.controller.values.iter().rfind(|rule| has_room(rule.form))?.path;
        if self.get(path).is_some_and(Node::is_mapping) {
            return None;
        }
        let mut names = self.at.path();
        names.extend(keys(path));
        let values = Values::Mapping { text: self.root.text, path: names, node: None };
        Some(Layer::own((0, 0), self.file(), values))
    }

    /// What there is to say of a mode in a text whose place a mapping takes.
    fn hidden_modes(&self) -> Vec<Finding> {
        let taker = self.controller.values.iter().find(|rule| rule.form == Form::Mapping);
        let taker = taker.map_or("values", |rule| rule.path);
        let hidden = self.hidden_layers().into_iter().filter_map(|layer| layer.mode(&self.below)?.span);
        hidden
            .map(|span| {
                let message = format!("`{taker}` takes the place of this text, the mode in it included");
                Finding::new(Rule::ModeOverridden, message)
                    .help("remove the text, so that nobody takes its mode for the cluster's")
                    .weighing(crate::finding::Severity::Warning)
                    .at(span)
            })
            .collect()
    }

    fn trapped(&self) -> Vec<Finding> {
        let is_rollback = self.str("upgrade.remediation.strategy") != Some("uninstall")
            && self.str("upgrade.strategy.name") != Some("RetryOnFailure");
        let is_set = |node: Node<'_>, is: Is| match (node.scalar(), is) {
            (Some(Scalar::Bool(value)), Is::True) => value,
            (Some(Scalar::Bool(value)), Is::Rollback) => value && is_rollback,
            (Some(Scalar::Integer(value)), Is::Rollback) => value != 0 && is_rollback,
            _ => false,
        };
        let traps = self.controller.traps.iter().filter_map(|trap| {
            let node = self.get(trap.path).filter(|node| is_set(*node, trap.is))?;
            Some(Finding::new(trap.rule, trap.message).help(trap.help).at(node.span()))
        });
        traps.collect()
    }
}

/// Whether nothing is said there.
fn is_blank(node: Node<'_>) -> bool {
    matches!(node.scalar(), Some(Scalar::Null)) || node.str() == Some("")
}

/// That a mode is decided by something that this crate does not read, whatever the values say.
pub(crate) fn decided_by(message: &str, help: &str, at: Node<'_>) -> Finding {
    Finding::new(Rule::ModeOverridden, message).help(help).doubting(Doubt::Overridden).at(at.span())
}

fn mapping(node: Node<'_>) -> Values<'_> {
    Values::Mapping { text: node.text, path: node.path(), node: Some(node) }
}

/// The values that the text of a node is; nothing where it is not text.
pub(crate) fn text_layer(node: Node<'_>) -> Option<Values<'_>> {
    Some(match node.inner()? {
        Ok(text) => text_of(text),
        Err(finding) => Values::Broken(finding),
    })
}

/// The values that a text is.
fn text_of<'s>(text: &'s Text<'s>) -> Values<'s> {
    Values::Mapping { text, path: Vec::new(), node: text.root().filter(|root| root.is_mapping()) }
}

/// The values that a file is, which a manifest names. Unless it is known where the chart's stand in it, it has to tell.
pub(crate) fn values_of_file<'s>(files: &Files<'s>, number: usize, is_told: bool) -> Values<'s> {
    let source = files.source(number);
    if is_template(source.name) {
        let hides = |text| hiding_lines(text).or_else(|| Document::read(text).err());
        if let Some(finding) = source.text().map_or_else(Some, hides) {
            return Values::Hidden(finding);
        }
    }
    let hides = || other_tools(source.text().unwrap_or_default());
    if let Some(finding) = is_of_terraform(source.name).then(hides).flatten() {
        return Values::Hidden(finding);
    }
    match files.whole(number) {
        Ok(text) if is_told || text.root().is_none_or(says_where) => text_of(text),
        Ok(_) => Values::Unread(None),
        Err(finding) => Values::Broken(finding),
    }
}

/// Whether a file is a template of Terraform, by its name.
fn is_of_terraform(name: &str) -> bool {
    const ENDINGS: [&str; 3] = [".tftpl", ".tpl", ".tmpl"];
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether values say where the chart's stand: below keys of its own it may be a dependency of another one.
fn says_where(root: Node<'_>) -> bool {
    use crate::chart::MODE_KEY;
    told_by(&[root]).is_empty() && (root.get(MODE_KEY).is_some() || root.text.document.nested(&[], MODE_KEY).is_empty())
}
