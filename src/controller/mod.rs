//! The controllers that bring charts to clusters: a file each, with its row of the table and what a table cannot say.
//!
//! A new one is a file here, a line in [`CONTROLLERS`], a folder of cases in `testdata/places` and a line in the
//! README.

mod ansible;
mod argo;
mod carvel;
mod chart;
mod cluster_api;
mod config_sync;
mod crossplane;
mod element;
mod fleet;
mod flux;
mod helm_operator;
mod helmfile;
mod k3s;
mod kluctl;
mod kustomize;
mod object;
mod open_cluster;
mod rancher;
mod rendered;
mod resource_set;
mod skaffold;
mod sveltos;
mod terraform;
mod umbrella;
mod unapplied;
mod unread;
mod zarf;

use crate::instruction::{Applying, applied, run, say};
pub use ansible::IN_TASK;
pub(crate) use ansible::{
    brought_in as ansible_brings_in, copies as ansible_copies, expressions as ansible_expressions, handed_over,
    variable_files,
};
pub(crate) use argo::{
    Built, FILLED_IN, OfSet, SETS, built_by_set, data_of_set, elsewhere_of_set, folders_of_set, followed, reach_of_set,
    revisions_of_set,
};
pub(crate) use chart::{Chart, made_by, made_for, plain, text_layer};
pub(crate) use fleet::{OWN as FLEET, all_named, of_no_target};
pub(crate) use flux::{branch_of, url_of};
pub use helmfile::IN_HELMFILE;
pub(crate) use helmfile::{among_state_values, is_of_helmfile, listed as helmfiles_listed, read_bases};
pub(crate) use k3s::{CONFIG_KIND, values_of_config};
pub use object::{IN_CONFIG_MAP, IN_SECRET};
pub(crate) use object::{ITEM, OBJECT, is_found_by_path};
pub(crate) use sveltos::reach_of_profile;
pub(crate) use unapplied::{unapplied, unapplied_by};

/// The name that people have for what commands of Helm bring.
pub const IN_SCRIPT: &str = "script";

/// The name that people have for values which a HelmChartConfig holds.
pub const IN_CHART_CONFIG: &str = "k3s HelmChartConfig";

use std::{any::Any, ops::Range};

use crate::{
    files::{Files, ObjectRef, Wanted},
    finding::Finding,
    instruction::Instruction,
    procedure::Deployer,
    release::{Carrier, Filler, Id, Layer, Release},
    rule::Rule,
    yaml::Node,
};

/// The table. Of two rows about one kind of document both count.
pub(crate) const CONTROLLERS: &[&Controller] = &[
    &argo::APPLICATION,
    &argo::APPLICATION_OF_SOURCES,
    &argo::HYDRATED,
    &argo::SET,
    &argo::SET_OF_SOURCES,
    &argo::SET_OF_HYDRATED,
    &argo::apps::APPS,
    &argo::apps::APPS_OF_SOURCES,
    &argo::apps::APPS_BELOW,
    &argo::apps::APPS_OF_SOURCES_BELOW,
    &argo::apps::SETS,
    &argo::apps::SETS_OF_SOURCES,
    &argo::apps::SETS_BELOW,
    &argo::apps::SETS_OF_SOURCES_BELOW,
    &flux::HELM_RELEASE,
    &helm_operator::HELM_RELEASE,
    &carvel::APP,
    &helmfile::HELMFILE,
    &kustomize::HELM_CHARTS,
    &kustomize::HELM_CHARTS_OF_COMPONENT,
    &kustomize::GENERATOR,
    &kustomize::GENERATOR_IN_LIST,
    &kustomize::OLD_LIST,
    &kustomize::OLD_GENERATOR,
    &k3s::HELM_CHART,
    &k3s::CONFIG,
    &fleet::FLEET,
    &sveltos::CLUSTER_PROFILE,
    &sveltos::PROFILE,
    &cluster_api::PROXY,
    &crossplane::RELEASE,
    &crossplane::RELEASE_OF_NAMESPACE,
    &config_sync::ROOT_SYNC,
    &config_sync::REPO_SYNC,
    &open_cluster::HELM_RELEASE,
    &rancher::APP,
    &rancher::OLD_APP,
    &ansible::TASK,
    &resource_set::RESOURCE_SET,
    &skaffold::RELEASE,
    &skaffold::OF_FOLDER,
    &skaffold::OF_PROFILE,
    &skaffold::OF_FOLDER_AND_PROFILE,
    &zarf::PACKAGE,
    &kluctl::CHART,
    &rendered::TERRAFORM,
    &rendered::TERRAFORM_JSON,
    &rendered::SCRIPT,
    &object::CONFIG_MAP,
    &object::SECRET,
];

/// A kind of document that brings charts to clusters, or holds their values.
#[derive(Debug)]
pub(crate) struct Controller {
    /// What people call it.
    pub(crate) title: &'static str,
    /// How its `apiVersion` begins; nothing where it has none.
    pub(crate) api: &'static str,
    /// Its `kind`; nothing where it has none.
    pub(crate) kind: &'static str,
    /// The list at its root that it is known by where `kind` and `apiVersion` may be left out.
    pub(crate) root: &'static str,
    /// The path to each place that names a chart; `*` is any item of a list, any entry of a mapping.
    pub(crate) charts: &'static str,
    /// From there: where the chart is named.
    pub(crate) chart: &'static [&'static str],
    /// From there, or from the root where it begins with a slash: where its version is named.
    pub(crate) version: &'static str,
    /// From there: where its values are.
    pub(crate) values: &'static [LayerRule],
    /// From there: what names files or objects that hold more values.
    pub(crate) more: &'static [More],
    /// From there, or from the root, or behind `^` from what surrounds it, one level up for each: the name of the release.
    pub(crate) name: &'static str,
    /// From there, or from the root: what the controller calls it, which may be a template.
    pub(crate) called: &'static str,
    /// From there: settings that keep, or bring back, a mode that the values do not say.
    pub(crate) traps: &'static [Trap],
    /// Who brings the chart to the cluster.
    pub(crate) deployer: Deployer,
    /// From there, or from the root, the first that is set: the namespace that the chart is deployed to.
    pub(crate) target: &'static [&'static str],
    /// The same: the namespace in which Helm keeps the release.
    pub(crate) storage: &'static [&'static str],
    /// Whose documentation this was read in.
    #[allow(dead_code)] // for the reader of the table
    pub(crate) source: &'static str,
    /// What the table cannot say.
    pub(crate) rest: Rest,
}

/// What the table cannot say of a controller. Most have none of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rest {
    /// Whether a document is of this kind, where neither `kind` nor a list at its root says so.
    pub(crate) is: Option<for<'s> fn(Node<'s>) -> bool>,
    /// The places that name a chart, where no pattern leads to them.
    pub(crate) places: Option<for<'s> fn(Node<'s>) -> Vec<Node<'s>>>,
    /// What the file says for all of its releases, read once.
    pub(crate) settings: for<'f, 's> fn(&'f Files<'s>, usize) -> Settings,
    /// Where the document sets what its template may take: where no mode is set elsewhere, a mode there may count.
    pub(crate) elements: Option<&'static str>,
    /// What the generators fill a template in with.
    pub(crate) generated: Option<Generated>,
    /// The address of the repository that a file is in, and its branch; nothing where a change there would have no
    /// effect.
    pub(crate) repository: RepositoryOf,
    /// The object that says which repository the folder of a chart is of.
    pub(crate) repository_object: for<'c, 'f, 's> fn(&'c Chart<'f, 's>) -> Option<ObjectRef>,
    /// Whether it fills in the texts of values before Helm reads them.
    pub(crate) fills_in_text: bool,
    /// What fills in the files that it takes, before they are values.
    pub(crate) fills_in: Option<Filler>,
    /// The same of the values in its own document.
    pub(crate) fills_in_itself: Option<Filler>,
    /// What becomes of a text of values beside a mapping of values.
    pub(crate) text: Text,
    /// Whether a place that names no chart brings the one of the folder that the file is in.
    pub(crate) brings_own_folder: bool,
    /// Where a folder is named that is the chart, and nothing else.
    pub(crate) folder: &'static str,
    /// Whether a name of a chart that is in no repository is that of a folder, where there is one.
    pub(crate) is_folder_first: bool,
    /// What it fills in itself in names, by the action; an action with several texts takes one of them.
    pub(crate) known: for<'c, 'f, 's> fn(&'c Chart<'f, 's>) -> Vec<(String, String)>,
    /// What must be looked for beside what the table names.
    pub(crate) wanted: for<'c, 'f, 's> fn(&'c Chart<'f, 's>) -> Vec<Wanted>,
    /// Whether a place that names a chart brings nothing to a cluster.
    pub(crate) is_passed_over: for<'s> fn(Node<'s>, &[String]) -> bool,
    /// Layers beside those of the table.
    pub(crate) layers: for<'c, 'f, 's> fn(&'c Chart<'f, 's>) -> Vec<Layer<'s>>,
    /// What is wrong with a release beside its layers.
    pub(crate) findings: for<'c, 'f, 's> fn(&'c Chart<'f, 's>) -> Vec<Finding>,
    /// The releases that one makes: one, unless a generator fills in a template.
    pub(crate) expanded: for<'c, 'f, 's> fn(&'c Chart<'f, 's>, Release<'s>) -> Vec<Release<'s>>,
    /// Where the context of the cluster in a kubeconfig is named; the first of these that says one counts.
    pub(crate) context: &'static [&'static str],
    /// How one of several clusters gets a mode of its own, where the controller has a way of its own for that.
    pub(crate) own_mode: &'static str,
    /// The same of several clusters that one release is for, where that is another way.
    pub(crate) own_mode_of_one: Option<&'static str>,
    /// What brings a change to the cluster once it is pushed, in order.
    pub(crate) apply: fn(&Applying<'_>) -> Vec<Instruction>,
}

/// What becomes of a text of values beside a mapping of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// The mapping is merged over it.
    Merged,
    /// The mapping takes its place.
    Replaced,
}

/// How the address of the repository that holds a file of this name is found, and its branch.
pub(crate) type RepositoryOf = for<'c, 'f, 's, 'n> fn(&'c Chart<'f, 's>, &'n str) -> Option<(&'s str, Option<&'s str>)>;

/// How the elements of generators are found.
pub(crate) type Generated = for<'c, 'f, 's> fn(&'c Chart<'f, 's>) -> element::Elements<'s>;

impl Rest {
    /// Nothing.
    pub(crate) const NOTHING: Self = Self {
        is: None,
        places: None,
        settings: |_, _| Settings::default(),
        elements: None,
        generated: None,
        repository: |_, _| None,
        repository_object: |_| None,
        fills_in_text: false,
        fills_in: None,
        fills_in_itself: None,
        text: Text::Merged,
        brings_own_folder: false,
        folder: "",
        is_folder_first: false,
        known: |_| Vec::new(),
        wanted: |_| Vec::new(),
        is_passed_over: |_, _| false,
        layers: |_| Vec::new(),
        findings: |_| Vec::new(),
        expanded: |_, release| vec![release],
        context: &[],
        own_mode: "",
        own_mode_of_one: None,
        apply: |_| Vec::new(),
    };
}

/// What a file says for all of its releases.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    /// The byte at which the only document begins whose releases count; nothing where all do.
    pub(crate) only: Option<usize>,
    /// What is wrong for every release; with a path, for those that do not say otherwise there.
    pub(crate) findings: Vec<(Option<&'static str>, Finding)>,
}

/// Where values are in a manifest, and how they rank.
#[derive(Debug)]
pub(crate) struct LayerRule {
    pub(crate) path: &'static str,
    pub(crate) level: u8,
    pub(crate) form: Form,
}

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As a mapping.
    Mapping,
    /// As text that is YAML itself.
    Text,
    /// As a list of names and values, as of `--set`.
    Parameters,
    /// As a mapping of names and values.
    Entries,
    /// As a list of texts that are YAML themselves, of which the last counts.
    Texts,
    /// As a list of mappings, of which the last counts, or of names of files.
    List,
    /// As a list of mappings with `text` or `values` in them, of which the last counts, or of names of files.
    Stack,
}

/// What names files or objects that hold more values, and how they rank.
#[derive(Debug)]
pub(crate) struct More {
    pub(crate) path: &'static str,
    pub(crate) level: u8,
    pub(crate) to: To,
    /// The list whose items come before these on the same level.
    pub(crate) behind: &'static str,
}

/// What a name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum To {
    /// A file, from the manifest's folder.
    Beside,
    /// A file in a repository: behind the name of a source (`$values/east.yaml`), or in the folder of the chart.
    Repository,
    /// An encrypted file.
    Secret,
    /// What is not read here.
    Elsewhere,
}

/// A setting that keeps, or brings back, a mode that the values do not say.
#[derive(Debug)]
pub(crate) struct Trap {
    pub(crate) path: &'static str,
    pub(crate) is: Is,
    pub(crate) rule: Rule,
    pub(crate) message: &'static str,
    pub(crate) help: &'static str,
}

/// When a setting is a trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Is {
    /// It is `true`.
    True,
    /// Flux: a number that is not zero, or `true`, where a failure is remediated, and by a rollback, which is the
    /// default.
    Rollback,
}

/// What to do about a rollback that takes the mode with it.
pub(crate) const ROLLBACK_HELP: &str =
    "watch the upgrade: after a rollback the cluster is in the old mode, and the file has the new one";

impl Controller {
    /// Whether a document is of this kind.
    pub(crate) fn describes(&self, root: Node<'_>) -> bool {
        if let Some(is) = self.rest.is {
            return is(root);
        }
        let is_told_by_root = || !self.root.is_empty() && root.get(self.root).is_some_and(|list| list.length() > 0);
        if self.kind.is_empty() {
            return is_told_by_root();
        }
        let has = |key: &str, is_it: &dyn Fn(&str) -> bool| match root.get(key) {
            None => is_told_by_root(),
            Some(value) => value.str().is_some_and(is_it),
        };
        has("kind", &|kind| kind == self.kind) && has("apiVersion", &|api| api.starts_with(self.api))
    }

    /// The row of a release; nothing where Helm is called by hand.
    pub(crate) fn of(id: &Id) -> Option<&'static Self> {
        (id.controller? as &dyn Any).downcast_ref()
    }

    /// Whether it holds values, and brings no chart by itself.
    pub(crate) fn holds_only_values(&self) -> bool {
        self.chart.is_empty() && self.version.is_empty()
    }
}

/// The row of objects that hold values, by their kind.
pub(crate) fn holder_of(kind: &str) -> Option<&'static Controller> {
    CONTROLLERS.iter().copied().find(|row| row.holds_only_values() && row.kind == kind)
}

impl Carrier for Controller {
    fn title(&self) -> &'static str {
        self.title
    }

    fn kind(&self) -> &'static str {
        self.kind
    }

    fn deployer(&self) -> Deployer {
        self.deployer
    }

    fn own_mode(&self, of_one_release: bool) -> &'static str {
        self.rest.own_mode_of_one.filter(|_| of_one_release).unwrap_or(self.rest.own_mode)
    }

    fn fills_in(&self) -> Option<Filler> {
        self.rest.fills_in
    }

    fn fills_in_itself(&self) -> Option<Filler> {
        self.rest.fills_in_itself
    }

    fn apply(&self, applying: &Applying<'_>) -> Vec<Instruction> {
        (self.rest.apply)(applying)
    }
}

/// The place of a finding about a whole document, if it has one.
pub(crate) fn moved_by(start: usize, span: Range<usize>) -> Range<usize> {
    span.start + start..span.end + start
}
