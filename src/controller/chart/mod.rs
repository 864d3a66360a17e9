//! [`Chart`]: a chart that a manifest names, on the way to a [`Release`](crate::release::Release).

mod layers;
mod place;
mod referred;
mod release;
mod template;
mod text;

use std::borrow::Cow;

use super::{
    Controller,
    element::{Element, action_of},
};
use crate::{
    chart::{MODE_KEY, Shown, are_its_own, is_named_so, names_illumio, shown},
    files::{Files, Folder, Found, Wanted},
    finding::Finding,
    glob::Glob,
    release::{Layer, USUAL, below_which, unknown_switch},
    rendered::as_pattern,
    umbrella::Way,
    yaml::{Language, Node, keys, written},
};

use place::is_filled_in;
pub(super) use place::is_in_reach;
pub(crate) use place::plain;
pub(super) use referred::{VALUES_FILE, VALUES_FILES};
pub(crate) use release::decided_by;
pub(super) use text::{is_blank, is_of_terraform, mapping};
pub(crate) use text::{made_by, made_for, text_layer};

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
    /// What Illumio's chart says by itself, where it is a folder of the checkout.
    pub(crate) own_values: Option<Layer<'s>>,
    /// Whether its folder is Illumio's own chart, whatever that folder is called.
    pub(crate) is_own_folder: bool,
    /// Whether it is Illumio's own chart in a registry, whose values are at the root.
    pub(crate) is_published: bool,
    /// What must be read before that is known.
    pub(crate) wanted: Vec<Wanted>,
    /// What a generator fills its template in with.
    pub(super) element: Option<Element<'s>>,
    /// What its controller fills in itself, by the action.
    pub(super) known: Vec<(String, String)>,
}

/// The way by which Illumio's chart gets into the chart of a folder, and that folder.
#[derive(Clone)]
pub(crate) struct OfUmbrella<'s> {
    pub(crate) way: Way<'s>,
    pub(crate) folder: Folder,
    /// Whether there are others, so that its keys are part of its name.
    pub(crate) is_one_of_several: bool,
}

/// Where the vendor publishes the chart. (`illumio/illumio` on quay.io)
const REGISTRY: &str = "quay.io/illumio";

/// Whether a path leads to the address of a repository, which names no chart.
fn is_repository(path: &str) -> bool {
    path.rsplit('.').next().is_some_and(|last| last.starts_with("repo"))
}

impl<'f, 's> Chart<'f, 's> {
    pub(crate) fn new(files: &'f Files<'s>, controller: &'static Controller, root: Node<'s>, at: Node<'s>) -> Self {
        let (below, wanted, known) = (Vec::new(), Vec::new(), Vec::new());
        let (umbrella, own_values, element) = (None, None, None);
        let (is_own_folder, is_published) = (false, false);
        let mut chart = Self {
            files,
            controller,
            root,
            at,
            below,
            umbrella,
            own_values,
            is_own_folder,
            is_published,
            wanted,
            element,
            known,
        };
        chart.known = (controller.rest.known)(&chart);
        let own = chart.own_layers();
        chart.below = below_which(|below| {
            let below: Vec<String> = below.iter().map(ToString::to_string).collect();
            own.iter().flat_map(|layer| layer.names(&below)).collect()
        });
        chart.take_published();
        if chart.root.text.language() == Some(Language::Script) {
            chart.wanted = chart.around_command();
        }
        chart.wanted.extend(crate::controller::helmfile::bases_of_chart(&chart));
        chart
    }

    /// Takes the chart for Illumio's own, whatever is below its name: the vendor's registry has that, and a chart of the same
    /// name elsewhere is it where a file of its values shows them at the root.
    fn take_published(&mut self) {
        if self.is_in_git() || !self.has_name_of_own() {
            return;
        }
        let is_published = |path: &&str| self.names_at(path).iter().any(|said| said.contains(REGISTRY));
        self.is_published = self.controller.chart.iter().any(is_published);
        let below = std::mem::take(&mut self.below);
        if self.is_published || below.is_empty() {
            return;
        }
        let named: Vec<Layer<'s>> =
            self.named_layers().into_iter().chain((self.controller.rest.layers)(self)).collect();
        self.is_published = named.iter().any(|layer| are_its_own(&layer.names(&[])));
        self.wanted.extend(named.into_iter().filter_map(|layer| layer.named.and_then(|named| named.wanted)));
        if !self.is_published {
            self.below = below;
        }
    }

    /// Whether what names the chart, which is not a folder, ends with the name of Illumio's own.
    fn has_name_of_own(&self) -> bool {
        let names = self.controller.chart.first().map(|path| self.names_at(path)).unwrap_or_default();
        let is_own = |name: &Cow<'_, str>| {
            let last = name.rsplit('/').next().unwrap_or_default();
            !name.starts_with(['.', '/', ':', '~']) && last.split(['@', ':']).next() == Some(USUAL)
        };
        !names.is_empty() && names.iter().all(is_own)
    }

    /// Whether it is known where the chart's values are.
    pub(crate) fn is_placed(&self) -> bool {
        self.umbrella.is_some() || self.is_own_folder || self.is_published
    }

    /// Whether it is known by a command of Helm that says nothing of its values but the names of files.
    fn is_of_files(&self) -> bool {
        self.root.text.language() == Some(Language::Script) && self.str("from") == Some("files")
    }

    /// The files that a command of a script names, where nothing else is known of what is in them.
    fn files_of_command(&self) -> impl Iterator<Item = &'s str> + Clone {
        self.items("layers").filter_map(Node::str).collect::<Vec<_>>().into_iter()
    }

    /// Whether its command takes a file of which it is known in words what it is.
    fn is_told_in_words(&self) -> bool {
        self.items("layers").any(|item| item.get("words").is_some())
    }

    /// Whether its command takes values files.
    fn takes_files(&self) -> bool {
        self.files_of_command().next().is_some() || self.is_told_in_words()
    }

    /// Whether the chart is named so, or one of the files that the command names is there, and holds values of this chart.
    fn is_told_by_files(&self) -> bool {
        let found = |name: &str| match self.files.find(&self.beside_command(name)?, self.root.text.file) {
            Found::Here(number) => Some(number),
            _ => None,
        };
        let named = self.str("chart").map_or("", |chart| chart.trim_end_matches('/'));
        let is_named = is_named_so(named);
        let is_open = named.is_empty() || is_filled_in(named);
        let has_values = |number: usize| {
            let root = self.files.whole(number).ok().and_then(crate::yaml::Text::root);
            let own: Vec<&str> = root.into_iter().flat_map(Node::entries).map(|(name, _)| name).collect();
            shown(&own) == Shown::Surely
        };
        is_named || self.files_of_command().filter_map(found).any(|number| is_open && has_values(number))
    }

    /// Whether the names of a value, as an entry of a list writes them, are those of the mode.
    pub(crate) fn names_mode(&self, names: Option<&str>) -> bool {
        let mode = self.below.iter().map(String::as_str).chain([MODE_KEY]);
        names.is_some_and(|names| keys(names).iter().map(String::as_str).eq(mode))
    }

    /// That an entry of a list sets what the chart is installed by, or what that is in, to something that is not read.
    pub(crate) fn switched_by(&self, entry: Node<'s>, names: &str, by: &str) -> Option<Finding> {
        let set = keys(names);
        let switches = self.umbrella.iter().flat_map(|of_umbrella| &of_umbrella.way.switches);
        let mut paths = switches.flat_map(|switch| switch.paths().map(|path| (switch.name.clone(), path)));
        let (name, path) = paths.find(|(_, path)| !set.is_empty() && path.starts_with(&set))?;
        let (name, path) = (name.escape_debug().to_string(), written(&path).escape_debug().to_string());
        Some(unknown_switch(&name, &path, by).at(entry.span()))
    }

    /// What a path leads to, from the chart, or from the root where it begins with a slash. What describes the chart may
    /// stand in an object that the manifest refers to.
    pub(crate) fn get(&self, path: &str) -> Option<Node<'s>> {
        match path.strip_prefix('/') {
            Some(path) => self.root.at(path),
            None => match path.trim_start_matches('^') {
                inner if inner.len() == path.len() => self.at.at(path).or_else(|| self.said_of_chart(path)),
                inner => self.around(path.len() - inner.len())?.at(inner),
            },
        }
    }

    /// What surrounds the place that names the chart, so many levels up: an item of a list, or an entry of a mapping.
    fn around(&self, levels: usize) -> Option<Node<'s>> {
        let mut path = self.at.path();
        while path.pop().is_some_and(|key| key.bytes().all(|byte| byte.is_ascii_digit())) {}
        path.truncate((path.len() + 1).checked_sub(levels)?);
        self.at.text.root()?.follow(path)
    }

    /// The key by which a mapping holds what surrounds the place that names the chart, and has its name.
    fn key_around(&self) -> Option<&'s str> {
        let name = self.controller.name;
        let around = self.around(name.len() - name.trim_start_matches('^').len())?;
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
            let templates = crate::controller::helmfile::templates(self);
            let mut of_templates = templates.iter().rev().filter_map(|template| template.node?.at(path));
            of_templates.next().filter(|_| !is_own)
        })
    }

    /// Whether the chart is the one this crate is about: it is named so, or its values are. Where it has another name,
    /// `clusterMode` alone does not tell: other charts have a value of that name, too.
    pub(crate) fn is_ours(&self) -> bool {
        if self.umbrella.is_some() || self.is_own_folder {
            return true;
        }
        // a command that gives Helm a folder says nothing of the chart in it
        if self.str("from") == Some("folder") && self.root.text.language() == Some(Language::Script) {
            return false;
        }
        if self.is_of_files() {
            return self.is_told_by_files();
        }
        if self.is_named_so() && !self.is_of_manifests() && !self.leads_to_no_chart() {
            return true;
        }
        if self.is_called_so_and_unread() || super::helmfile::may_inherit_ours(self) {
            return true;
        }
        self.has_values(self.has_other_name())
    }

    /// Whether the source of an Application is known to be a folder of manifests, or of a kustomization, and no chart.
    fn is_of_manifests(&self) -> bool {
        let has_manifests = |wanted: &Wanted| self.files.answer_to(wanted).is_some_and(|found| !found.is_empty());
        let is_chart = || self.beside_chart(crate::umbrella::CHART).is_none_or(|chart| !self.files.is_missing(&chart));
        self.manifests_wanted().is_some_and(|manifests| !is_chart() && has_manifests(&manifests))
    }

    /// What says whether the source of an Application, which has no settings of Helm, is a folder of manifests.
    pub(in crate::controller) fn manifests_wanted(&self) -> Option<Wanted> {
        let is_plain = self.is_in_git() && ["helm", "plugin"].iter().all(|key| self.get(key).is_none());
        let folder = self.folder_in_git().filter(|_| is_plain && self.controller.chart.contains(&"path"))?;
        let folder = crate::files::cleaned(plain(&self.filled(folder.str()?))?);
        (!folder.is_empty() && !folder.starts_with("..")).then_some(Wanted::Below(folder))
    }

    /// What says whether any folder is a chart that the source of an Application may be, whose path is a template.
    pub(in crate::controller) fn charts_wanted(&self) -> Option<Wanted> {
        let folder = self.filled(self.folder_in_git()?.str()?);
        let pattern = format!("{}/{}", as_pattern(&folder), crate::umbrella::CHART);
        // what is filled in may be several folders
        let pattern = Glob::of(&pattern)?.loose();
        let Wanted::InRepository { url, revision, .. } = self.in_repository("", String::new()) else { return None };
        folder.contains("{{").then_some(Wanted::Fitting { url, revision, pattern })
    }

    /// Whether the template of a path leads to no chart here, and nothing else says that one is meant.
    fn leads_to_no_chart(&self) -> bool {
        let is_plain = ["helm", "plugin"].iter().all(|key| self.get(key).is_none());
        is_plain && self.charts_wanted().is_some_and(|charts| self.files.is_missing(&charts))
    }

    /// Whether its chart is named so, or may be: of an ApplicationSet, for one of its elements. Where its name is known, its
    /// repository says nothing.
    pub(in crate::controller) fn is_named_so(&self) -> bool {
        let in_git = self.is_in_git();
        let names = self.controller.chart.first().map(|path| self.names_at(path)).unwrap_or_default();
        let is_name = |name: &Cow<'_, str>| !is_filled_in(name) && !name.starts_with(['.', '/', ':', '~']);
        if !in_git && !names.is_empty() && names.iter().all(is_name) {
            return names.iter().any(|name| is_named_so(name)) || self.named_folder().is_some_and(names_illumio);
        }
        let tells = |path: &&&str| !(in_git && is_repository(path));
        let mut names = self.controller.chart.iter().filter(tells).flat_map(|path| self.names_at(path));
        names.any(|name| names_illumio(&name)) || self.named_folder().is_some_and(names_illumio)
    }

    /// The names that a path has for the chart, with what is filled in there: several where elements differ.
    pub(in crate::controller) fn names_at(&self, path: &str) -> Vec<Cow<'s, str>> {
        let Some(text) = self.inherited(path).and_then(Node::str) else { return Vec::new() };
        let filled = self.filled(text);
        let action = action_of(text).filter(|_| filled == text);
        let names = self.known.iter().filter(|(own, _)| Some(own.as_str()) == action);
        let names: Vec<Cow<'s, str>> = names.map(|(_, name)| Cow::Owned(name.clone())).collect();
        if names.is_empty() { vec![filled] } else { names }
    }

    /// Whether the release is called after this chart, and its chart is a folder of a branch or a repository that was
    /// not read: what that brings is not known, so it is not ignored.
    fn is_called_so_and_unread(&self) -> bool {
        let is_helm = self.get("helm").is_some() || self.get("chart.spec").is_some();
        let is_left = || self.beside_chart(crate::umbrella::CHART).is_some_and(|it| self.files.left(&it).is_some());
        let is_open = || self.folder_in_git().and_then(Node::str).is_some_and(|path| self.filled(path).contains("{{"));
        let is_unknown = || {
            let is_left_open = is_open() && !self.has_elements() && super::built_by_set(self.root, self.at).is_empty();
            is_left_open && !self.leads_to_no_chart()
        };
        self.is_in_git() && self.is_called_so() && (is_helm && is_left() || is_unknown())
    }

    /// Whether the release is called after this chart.
    pub(crate) fn is_called_so(&self) -> bool {
        let has = |path: &&str| self.str(path).is_some_and(names_illumio);
        ["/metadata.name", "helm.releaseName", "/spec.releaseName"].iter().any(has)
    }

    /// Whether it is a chart of another name, whose values are not this chart's.
    pub(crate) fn is_another(&self) -> bool {
        self.has_other_name() && !self.is_of_files() && !self.is_ours()
    }

    /// Whether a command takes it from a folder in which no chart was found: it may be any.
    pub(crate) fn may_be_any(&self) -> bool {
        let is_command = self.root.text.language() == Some(Language::Script);
        let Some(name) = self.str("chart").filter(|_| is_command && self.get("repository").is_none()) else {
            return false;
        };
        let is_path = name.starts_with(['.', '/', ':', '~']) || !name.contains('/');
        let chart = Wanted::File(self.path_of(&format!("{name}/{}", crate::umbrella::CHART)));
        is_path && !matches!(self.files.find(&chart, self.root.text.file), Found::Here(_))
    }

    /// The name of a chart that is known to be another one; nothing of a folder, of which only what is in it would say so.
    pub(crate) fn other_name(&self) -> Option<String> {
        let is_unasked = |wanted: &Wanted| self.files.find(wanted, self.root.text.file) == Found::Unasked;
        let name = self.names_at(self.controller.chart.first()?).first()?.to_string();
        let is_folder = name.starts_with(['.', '/', ':']) || self.is_in_git();
        let is_known = self.has_other_name() && !is_folder && !self.wanted.iter().any(is_unasked);
        (is_known && !self.is_ours()).then_some(name)
    }

    /// Whether it has a name: what a template fills in is not one, and an umbrella chart has one of its own.
    fn has_other_name(&self) -> bool {
        let names = self.controller.chart.first().map(|path| self.names_at(path)).unwrap_or_default();
        !names.is_empty() && names.iter().all(|name| !is_filled_in(name)) && self.below.is_empty()
    }
}
