//! Which files and objects a manifest means by what it names.

use std::borrow::Cow;

use super::{
    Chart,
    text::{made_for, says_where, text_of, values_of_file},
};
use crate::{
    chart::may_mention,
    controller::To,
    files::{Found, Held, ObjectRef, Wanted, cleaned, joined, texts_of_secret},
    procedure::Deployer,
    release::{Layer, Named, Rank, Values},
    rendered::ROOT,
    umbrella::CHART,
    yaml::{Language, Node},
};

/// The kind of an object that kustomize makes others of by Helm.
const GENERATOR: &str = "HelmChartInflationGenerator";

/// From so many folders above a script it may be run, and from the top.
const HIGHEST: usize = 6;

/// A plain name of a file; nothing for a URL, a pattern, a template and the like.
pub(crate) fn plain(name: &str) -> Option<&str> {
    let is_odd = |c: char| "*?[]{}$\\~<(".contains(c) || c.is_control();
    let is_remote = name.contains("://") || name.contains("::") || name.starts_with("ref+");
    let is_plain = !name.is_empty() && !name.contains(is_odd) && !is_remote;
    Some(name).filter(|_| is_plain)
}

/// The file that the plugin helm-secrets decrypts for Helm, by its address: it is behind the key that is imported for it,
/// where there is one. (helm-secrets documentation, Downloader plugin and Argo CD integration)
pub(in crate::controller) fn decrypted(address: &str) -> Option<&str> {
    const IMPORTS: [&str; 2] = ["secrets+gpg-import", "secrets+age-import"];
    let (scheme, path) = address.split_once("://")?;
    if scheme == "secrets" {
        return Some(path);
    }
    let is_import = IMPORTS.iter().any(|import| scheme.starts_with(import));
    path.split_once('?').filter(|_| is_import).map(|(_, path)| path)
}

/// Whether something fills in a text before it is a name.
pub(in crate::controller) fn is_filled_in(text: &str) -> bool {
    text.contains("{{") || text.contains('$')
}

/// Whether a path stays in the repository.
pub(in crate::controller) fn is_in_reach(path: &str) -> bool {
    !path.is_empty() && !path.starts_with("..")
}

impl<'s> Chart<'_, 's> {
    /// A file in the folder of the chart, where that is one of a Git repository.
    pub(crate) fn beside_chart(&self, file: &str) -> Option<Wanted> {
        let folder = self.filled(self.folder_in_git()?.str()?);
        let path = cleaned(&format!("{}/{file}", plain(&folder)?));
        is_in_reach(&path).then(|| self.in_repository("", path))
    }

    pub(in crate::controller) fn in_repository(&self, name: &str, path: String) -> Wanted {
        let (url, revision) = match (self.controller.rest.repository)(self, name) {
            Some((url, revision)) => (Some(url.to_owned()), revision.map(str::to_owned)),
            None => (None, None),
        };
        Wanted::InRepository { url, revision, path }
    }

    /// The folder above a script, from the top, in which it is run: the nearest from which what its command names is there,
    /// where nothing of that is beside the script.
    fn run_above(&self) -> Option<String> {
        self.may_run_above().into_iter().next()
    }

    /// The folders above a script in which it may be run, the nearest first: from which all files that its command names
    /// are there, or anything of it where that is so in none.
    pub(in crate::controller) fn may_run_above(&self) -> Vec<String> {
        if !self.takes_files() {
            return if self.has_chart_at_top() { vec![String::new()] } else { Vec::new() };
        }
        let names = self.names_of_command();
        let here = |path: String| matches!(self.files.find(&Wanted::File(path), usize::MAX), Found::Here(_));
        if names.is_empty() || names.iter().any(|name| here(joined(self.manifest(), name))) {
            return Vec::new();
        }
        let is_there = |folder: &String, name: &String| here(self.files.named(&format!("{folder}{name}")));
        let is_file = |name: &&String| !name.ends_with(CHART);
        let has_all = |folder: &String| names.iter().filter(is_file).all(|name| is_there(folder, name));
        let has_any = |folder: &String| names.iter().any(|name| is_there(folder, name));
        let some: Vec<String> = self.folders_above().filter(has_any).collect();
        let all: Vec<String> = some.iter().filter(|folder| has_all(folder)).cloned().collect();
        if all.is_empty() { some } else { all }
    }

    /// Whether the folder of the chart that a command names is not beside the script, and may be at the top.
    fn has_chart_at_top(&self) -> bool {
        let Some(name) = self.str("chart").filter(|name| !name.starts_with(':')).and_then(plain) else { return false };
        let at = |file: String| self.files.find(&Wanted::File(file), usize::MAX);
        let chart = format!("{name}/{CHART}");
        at(joined(self.manifest(), &chart)) == Found::Absent && at(self.files.named(&chart)) != Found::Absent
    }

    /// The folders above a script, each with the sign that ends it, to the top.
    fn folders_above(&self) -> impl Iterator<Item = String> {
        let path = self.files.path_from_top(self.file());
        let own = path.rfind('/').unwrap_or_default();
        let ends: Vec<usize> = path[..own].rmatch_indices('/').map(|(at, _)| at + 1).take(HIGHEST).collect();
        ends.into_iter().chain([0]).map(move |end| path[..end].to_owned())
    }

    /// What a command names in the folder in which it is run: its values files, and the chart.
    fn names_of_command(&self) -> Vec<String> {
        let chart = self.str("chart").map(|name| format!("{name}/{CHART}"));
        let names = self.files_of_command().map(str::to_owned).chain(chart);
        names.filter(|name| plain(name).is_some() && !name.starts_with([':', '/'])).collect()
    }

    /// The folder in which a script is run, its own or one above, where a name of its command leads from there.
    pub(in crate::controller) fn run_in(&self) -> Option<String> {
        let is_here = |path: String| matches!(self.files.find(&Wanted::File(path), self.file()), Found::Here(_));
        let is_beside = self.names_of_command().iter().any(|name| is_here(joined(self.manifest(), name)));
        let above = || self.run_above().map(|folder| self.files.named(folder.trim_end_matches('/')));
        if is_beside { Some(joined(self.manifest(), ".")) } else { above() }
    }

    /// The file from whose folder names lead: the jobs of a pipeline run at the top of the repository, wherever they
    /// are written.
    pub(in crate::controller) fn beside(&self) -> Cow<'s, str> {
        let manifest = self.manifest();
        let is_job = self.root.text.language() == Some(Language::Script);
        let hidden = manifest.find("/.").map(|at| at + 1).or_else(|| manifest.starts_with('.').then_some(0));
        if let Some(folder) = Some(()).filter(|()| is_job).and_then(|()| self.run_above()) {
            return Cow::Owned(self.files.named(&format!("{folder}x")));
        }
        let of_job = hidden.filter(|at| is_job && !manifest[*at..].starts_with("..")).map(|at| {
            let length = manifest[at..].find('/').unwrap_or(manifest.len() - at);
            &manifest[..at + length]
        });
        Cow::Borrowed(of_job.or_else(|| self.generating()).unwrap_or(manifest))
    }

    /// The kustomization that names the manifest among its generators, or a folder whose kustomization names it:
    /// kustomize reads from its folder what they name.
    fn generating(&self) -> Option<&'s str> {
        /// As many kustomizations lead from one to another at most.
        const DEEPEST: usize = 8;
        let is_generator =
            self.controller.deployer == Deployer::Kustomize && self.root.str_at("kind") == Some(GENERATOR);
        let has_generators = |taker: &usize| self.files.roots(*taker).any(|root| root.get("generators").is_some());
        let mut number = is_generator.then(|| self.file())?;
        for _ in 0..DEEPEST {
            let takers = self.files.takers_of(&self.files.path_from_top(number))?;
            if let Some(taker) = takers.iter().copied().find(has_generators) {
                return Some(self.files.name(taker));
            }
            number = *takers.first()?;
        }
        None
    }

    /// Where a file is, by its name.
    pub(super) fn wanted(&self, name: &str, to: To) -> Option<Wanted> {
        let name = decrypted(name).unwrap_or(name);
        match to {
            To::Beside | To::Secret => {
                let name = plain(name.strip_prefix(ROOT).filter(|_| self.is_of_root()).unwrap_or(name))?;
                Some(Wanted::File(self.path_of(name)))
            }
            To::Repository => {
                let path = self.path_in_repository(name).filter(|path| is_in_reach(path))?;
                Some(self.in_repository(name, path))
            }
            To::Elsewhere => None,
        }
    }

    /// The path of a file or a folder by its name: a script may say that it means its own folder, or the top.
    pub(in crate::controller) fn path_of(&self, name: &str) -> String {
        let own = name.strip_prefix(":./").or_else(|| (name == ":.").then_some("."));
        match (own, name.strip_prefix(":/")) {
            (Some(path), _) => joined(self.manifest(), path),
            (None, Some(path)) => self.files.named(path),
            (None, None) => joined(&self.beside(), name),
        }
    }

    /// The options that kustomize needs where it takes one of the files that are named from above the folder of its
    /// kustomization. (kustomize documentation, `build`)
    pub(super) fn build_options(&self) -> &'static [&'static str] {
        let is_of_kustomize = self.controller.deployer == Deployer::Kustomize;
        let lists = self.controller.more.iter().filter(|_| is_of_kustomize).filter_map(|more| self.get(more.path));
        let names =
            lists.flat_map(|node| node.str().into_iter().chain(node.items().filter_map(Node::str)).collect::<Vec<_>>());
        let is_above = names.map(cleaned).any(|name| name.starts_with("..") || name.starts_with('/'));
        if is_above { &["--load-restrictor", "LoadRestrictionsNone"] } else { &[] }
    }

    fn path_in_repository(&self, name: &str) -> Option<String> {
        if let Some(name) = name.strip_prefix('$') {
            return Some(cleaned(plain(name.split_once('/')?.1)?));
        }
        // a file in a chart that is fetched cannot be changed
        let folder = self.filled(self.folder_in_git()?.str()?);
        let (folder, name) = (plain(&folder)?, plain(name)?);
        // for Argo CD from that folder, for Flux from the top
        Some(match name.strip_prefix('/') {
            Some(name) => cleaned(name),
            None if !self.controller.chart.contains(&"path") => cleaned(name),
            None => cleaned(&format!("{folder}/{name}")),
        })
    }

    /// Whether no other file of Terraform is known to call the folder of the manifest as a module.
    fn is_of_root(&self) -> bool {
        let path = self.files.path_from_top(self.file());
        let takers = self.files.answer_to(&Wanted::Takers(path.clone())).unwrap_or_default();
        let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
        let is_beside = |taker: &usize| folder(&self.files.path_from_top(*taker)) == folder(&path);
        let is_of_variables = |taker: &usize| self.files.name(*taker).ends_with(crate::rendered::VARIABLES);
        takers.iter().all(|taker| is_beside(taker) || is_of_variables(taker))
    }

    /// A file that a command names.
    pub(super) fn beside_command(&self, name: &str) -> Option<Wanted> {
        self.wanted(name, To::Beside)
    }

    /// Where what a command names may be: beside the script, and above that; or where the name says.
    pub(super) fn around_command(&self) -> Vec<Wanted> {
        let named = self.files_of_command().filter(|name| name.starts_with([':', '/']));
        let named = named.filter_map(|name| self.beside_command(name));
        let folders: Vec<String> = self.folders_above().collect();
        let around = |name: String| {
            let above = folders.iter().map(|folder| self.files.named(&format!("{folder}{name}"))).collect::<Vec<_>>();
            [joined(self.manifest(), &name)].into_iter().chain(above).map(Wanted::File)
        };
        // of a command without files, its chart alone is looked for
        let is_asked = self.takes_files();
        named.chain(self.names_of_command().into_iter().filter(|_| is_asked).flat_map(around)).collect()
    }

    /// The layer of something that is named, with what came of looking for it.
    pub(in crate::controller) fn looked_up(&self, rank: Rank, named: Named, key: Option<&str>) -> Layer<'s> {
        let left = named.wanted.as_ref().and_then(|wanted| self.files.left(wanted));
        let (file, values) = match (&named.wanted, key) {
            (None, _) => (self.file(), Values::Unread(None)),
            (Some(Wanted::Object(object)), Some(key)) => {
                self.look_into(object, key, &self.files.objects().held(object))
            }
            (Some(_), _) if left.is_some() => (self.file(), Values::Unread(left.map(|left| left.reason.clone()))),
            (Some(wanted), _) => match self.files.find(wanted, self.file()) {
                Found::Here(number) => (number, values_of_file(self.files, number, self.is_placed())),
                Found::Absent => (self.file(), Values::Absent),
                Found::Unasked => (self.file(), Values::Unread(None)),
            },
        };
        Layer { named: Some(named.into()), ..Layer::own(rank, file, values) }
    }

    /// Looks for the text of a key of an object, which is one of these; without a key it is not known which texts of it
    /// are taken.
    pub(crate) fn look_into(&self, object: &ObjectRef, key: &str, held: &[Held<'s>]) -> (usize, Values<'s>) {
        let unread = |reason: String| (self.file(), Values::Unread(Some(reason)));
        match *held {
            // what a Secret holds is reported where it is written
            [Held::Written(root)] if object.kind == "Secret" => {
                let taken = texts_of_secret(root).filter(|(name, _)| key.is_empty() || *name == key);
                let texts: Vec<Option<Cow<'s, str>>> = taken.map(|(_, text)| text).collect();
                let sets_mode = texts.iter().flatten().any(|text| may_mention(text.as_bytes()));
                let is_unread = texts.is_empty() || texts.iter().any(Option::is_none);
                let reason = match (sets_mode, is_unread) {
                    (true, _) => Some("which sets a mode"),
                    (false, true) => Some("whose text is not read here"),
                    (false, false) => None,
                };
                (self.file(), Values::Unread(reason.map(str::to_owned)))
            }
            [Held::Written(root)] => {
                let Some(values) = root.get("data").and_then(|data| data.get(key)).filter(|node| node.str().is_some())
                else {
                    return unread(format!("which has no text `{}`", key.escape_debug()));
                };
                match values.inner() {
                    Some(Ok(text)) if self.is_placed() || text.root().is_none_or(says_where) => {
                        (root.text.file, text_of(text))
                    }
                    Some(Err(finding)) => (root.text.file, Values::Broken(finding)),
                    _ => (self.file(), Values::Unread(None)),
                }
            }
            [Held::Generated(_)] if key.is_empty() => unread("of which it is not known what is taken".to_owned()),
            [Held::Generated(generator)] => match made_for(self.files, generator, key, self.is_placed()) {
                Ok(_) if !generator.is_taken_by(object, self.file(), self.files) => unread(format!(
                    "which {} generates under a hashed name, and no `nameReference` passes that name to the release",
                    self.files.name(generator.file())
                )),
                Ok(made) => made,
                Err(reason) => unread(reason),
            },
            [] => unread("which is in none of the files that were read".to_owned()),
            ref several => {
                let mut files: Vec<&str> = several.iter().map(|held| self.files.name(held.file())).collect();
                files.dedup();
                unread(format!("of which there are several: {}", files.join(", ")))
            }
        }
    }

    /// Whether an object that is named is looked for in the namespace of the object that names it.
    pub(crate) fn object_namespace_is_its_own(&self) -> bool {
        self.controller.kind == "HelmRelease" && self.controller.more.iter().any(|more| more.path == "valuesFrom")
    }

    pub(super) fn file(&self) -> usize {
        self.root.text.file
    }

    pub(in crate::controller) fn manifest(&self) -> &'s str {
        self.files.name(self.file())
    }

    /// Where the folder of the chart is named, if it is one of a Git repository: in Argo CD where no chart is, in Flux
    /// as the chart of a source of that kind.
    pub(in crate::controller) fn folder_in_git(&self) -> Option<Node<'s>> {
        const GIT: [&str; 2] = ["GitRepository", "Bucket"];
        if self.controller.chart.contains(&"path") {
            return self.get("path").filter(|_| self.get("chart").is_none() && !self.is_in_registry());
        }
        let source = self.str("chart.spec.sourceRef.kind");
        self.get("chart.spec.chart").filter(|_| source.is_some_and(|kind| GIT.contains(&kind)))
    }

    /// Whether the source is a chart in a registry, by its whole address. (Argo CD documentation, OCI.)
    fn is_in_registry(&self) -> bool {
        let address = self.str("repoURL").filter(|_| self.controller.chart.contains(&"path"));
        address.is_some_and(|address| address.starts_with("oci://"))
    }

    pub(crate) fn is_in_git(&self) -> bool {
        let is_of_path = self.controller.chart.contains(&"path");
        if is_of_path { self.get("chart").is_none() && !self.is_in_registry() } else { self.folder_in_git().is_some() }
    }
}
