//! Argo CD: the Application and the ApplicationSet.

pub(super) mod apps;
mod beside;
mod elements;
mod folders;
mod git;
mod patch;
mod said;
mod set;
mod switch;
mod unfilled;

use self::beside::{layers, sources_beside};
pub(crate) use self::{
    apps::SETS,
    folders::{Built, OfSet, built_by_set, data_of_set, elsewhere_of_set, folders_of_set},
    said::revisions_of_set,
    set::{FILLED_IN, reach_of_set},
};
use super::{
    Applying, Chart, Controller, Form, LayerRule, More, Rest, Text, To,
    chart::{decided_by, is_of_terraform, plain},
    flux::reconciled,
    say,
};
use crate::{
    chart,
    finding::{Doubt, Finding, Severity},
    instruction::{Bringing, Instruction, synced_in},
    procedure::Deployer,
    rule::Rule,
    yaml::Node,
};

const SOURCE: &str = "Argo CD documentation, Helm and ApplicationSet";
const VALUES: &[LayerRule] = &[
    LayerRule { path: "helm.values", level: 1, form: Form::Text },
    LayerRule { path: "helm.valuesObject", level: 1, form: Form::Mapping },
    LayerRule { path: "helm.parameters", level: 3, form: Form::Parameters },
];
const MORE: &[More] = &[More { path: "helm.valueFiles", level: 0, to: To::Repository, behind: "" }];
/// Without `chart` a source is a folder of a Git repository, whose name says nothing.
const CHART: &[&str] = &["chart", "repoURL", "path"];

/// An Application with one source.
pub(super) const APPLICATION: Controller = Controller {
    title: "Argo CD Application",
    api: "argoproj.io/",
    kind: "Application",
    root: "",
    charts: "spec.source",
    chart: CHART,
    version: "targetRevision",
    values: VALUES,
    more: MORE,
    name: "/metadata.name",
    called: "/metadata.name",
    traps: &[],
    deployer: Deployer::ArgoCd,
    target: &["/spec.destination.namespace"],
    storage: &[],
    source: SOURCE,
    rest: Rest {
        is_passed_over,
        repository: repository_of,
        wanted: sources_beside,
        layers,
        findings,
        apply: apply_application,
        text: Text::Replaced,
        ..Rest::NOTHING
    },
};

/// An Application with several.
pub(super) const APPLICATION_OF_SOURCES: Controller = Controller { charts: "spec.sources.*", ..APPLICATION };

/// An Application whose source is rendered into a branch before it is synced.
pub(super) const HYDRATED: Controller = Controller { charts: "spec.sourceHydrator.drySource", ..APPLICATION };

/// An ApplicationSet.
pub(super) const SET: Controller = Controller {
    title: "Argo CD ApplicationSet",
    kind: "ApplicationSet",
    charts: "spec.template.spec.source",
    called: "/spec.template.metadata.name",
    target: &["/spec.template.spec.destination.namespace"],
    rest: Rest {
        findings: |chart| findings(chart).into_iter().chain(patch::findings(chart)).collect(),
        expanded: set::expanded,
        elements: Some("spec.generators"),
        generated: Some(git::elements),
        fills_in_text: true,
        known: said::known,
        apply: apply_set,
        ..APPLICATION.rest
    },
    ..APPLICATION
};

/// An ApplicationSet whose template has several sources.
pub(super) const SET_OF_SOURCES: Controller = Controller { charts: "spec.template.spec.sources.*", ..SET };

/// An ApplicationSet whose template has such a source.
pub(super) const SET_OF_HYDRATED: Controller =
    Controller { charts: "spec.template.spec.sourceHydrator.drySource", ..SET };

/// Argo CD skips `source` where `sources` has any; and one of these that other ones refer to, and that has
/// neither a chart nor a folder, brings nothing to the cluster.
fn is_passed_over(at: Node<'_>, path: &[String]) -> bool {
    let Some((last, before)) = path.split_last() else { return false };
    let root = at.text.root();
    let has_sources =
        || root.and_then(|root| root.follow(before)?.get("sources")).is_some_and(|sources| sources.length() > 0);
    let is_reference = at.get("ref").is_some() && at.get("chart").is_none() && at.get("path").is_none();
    let is_among_sources = path.iter().any(|key| key == "sources");
    last == "source" && has_sources() || is_among_sources && (is_reference || is_beside_chart(at, before))
}

/// Whether a source is a folder that says nothing of Helm and is not called after the chart, beside one that is the chart
/// itself: what it brings is for that, as manifests are. An Application cannot bring one chart twice.
fn is_beside_chart(at: Node<'_>, sources: &[String]) -> bool {
    let is_chart = |source: Node<'_>| source.str_at("chart").is_some_and(chart::is_named_so);
    let folder = at.str_at("path").filter(|_| at.get("helm").is_none() && at.get("chart").is_none());
    let own = folder.map(|folder| folder.trim_end_matches('/').rsplit('/').next().unwrap_or_default());
    let all = || at.text.root().and_then(|root| root.follow(sources)).into_iter().flat_map(Node::items);
    own.is_some_and(|own| plain(own).is_some() && !chart::is_named_so(own)) && all().any(is_chart)
}

/// The address of the repository that a file is in, and the branch of it: of the source that its name begins with, or
/// of the one that names it. Nothing where that is a template, or a commit or a version: a change would not reach it.
fn repository_of<'s>(chart: &Chart<'_, 's>, name: &str) -> Option<(&'s str, Option<&'s str>)> {
    let source = match name.strip_prefix('$').and_then(|name| name.split('/').next()) {
        Some(reference) => {
            let path = chart.at.path();
            let (_, list) = path.split_last()?;
            chart.at.text.root()?.follow(list)?.items().find(|source| source.str_at("ref") == Some(reference))?
        }
        None => chart.at,
    };
    followed(source)
}

/// The address of the repository of a source, and the branch of it that is followed; nothing where it is a template, or
/// a commit or a version.
pub(crate) fn followed(source: Node<'_>) -> Option<(&str, Option<&str>)> {
    let revision = source.str_at("targetRevision").filter(|revision| !revision.is_empty());
    let named = revision.unwrap_or("HEAD");
    let is_commit = named.len() >= 7 && named.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_version = named.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    let is_followed = !is_commit && !is_version && plain(named).is_some();
    let url = source.str_at("repoURL").filter(|url| is_followed && !url.contains("{{"))?;
    Some((url, revision))
}

/// What overrides the values whatever they say: one of `fileParameters`.
fn findings<'s>(chart: &Chart<'_, 's>) -> Vec<Finding> {
    let item = chart.items("helm.fileParameters").rfind(|item| chart.names_mode(item.str_at("name")));
    let decides = item.and_then(|item| item.get("name")).map(|name| {
        let message = "a file overrides this mode";
        decided_by(message, "change it there, or remove this entry", name)
    });
    let switched = |item: Node<'s>| {
        let name = item.get("name")?;
        chart.switched_by(name, name.str()?, "a file sets")
    };
    let switched = chart.items("helm.fileParameters").find_map(switched);
    decides.into_iter().chain(switched).chain(by_plugin(chart)).chain(skipped(chart)).collect()
}

/// Argo CD ignores the mode in `source` beside `sources`.
fn skipped(chart: &Chart<'_, '_>) -> Option<Finding> {
    let path = chart.at.path();
    let above = path.strip_suffix(&["sources".to_owned(), path.last()?.clone()])?;
    let skipped = chart.at.text.root()?.follow(above)?.get("source")?;
    let is_of_mode = chart::may_mention(skipped.source().as_bytes());
    let message = "Argo CD ignores `source` beside `sources`, so the mode in it does not count";
    let finding = Finding::new(Rule::ModeOverridden, message).help("remove `source`").weighing(Severity::Warning);
    is_of_mode.then(|| finding.at(skipped.span()))
}

/// A plugin renders the source in its own way: what Helm would read beside it need not count.
fn by_plugin(chart: &Chart<'_, '_>) -> Option<Finding> {
    // beside `helm` Argo CD refuses it
    let plugin = chart.get("plugin").filter(|_| chart.get("helm").is_none())?;
    let message = "a plugin renders this source, and may set another mode";
    let help = "change the mode by hand where the plugin reads it";
    let finding = Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere);
    Some(finding.at(plugin.key_span()))
}

fn apply_application(applying: &Applying<'_>) -> Vec<Instruction> {
    let first = || {
        say(if is_of_terraform(applying.file) {
            "this file is a template: first run what renders it and brings the Application to the cluster, as `terraform \
             apply` does. Otherwise the sync below still uses the old values"
        } else {
            "update the Application first: sync the app of apps that contains it, or apply this file with kubectl. \
             Otherwise the sync below still uses the old values"
        })
    };
    // a file that it names is read again at each refresh
    let before = applying.is_changed.then(|| by_flux(applying, "Application").unwrap_or_else(|| vec![first()]));
    before.into_iter().flatten().chain(synced(applying)).collect()
}

fn apply_set(applying: &Applying<'_>) -> Vec<Instruction> {
    let first = || {
        say("update the ApplicationSet first: sync what contains it, or apply this file with kubectl. It then changes \
             its Applications; sync each one that does not sync by itself")
    };
    let reads =
        say("where the generator reads this file, its ApplicationSet takes it within three minutes, and changes its \
         Application; the values files of that are read again at each refresh");
    let before = if applying.is_changed {
        by_flux(applying, "ApplicationSet").unwrap_or_else(|| vec![first()])
    } else {
        vec![reads]
    };
    before.into_iter().chain(synced(applying)).collect()
}

/// What brings the object of Argo CD itself to the cluster, where that is Flux.
fn by_flux(applying: &Applying<'_>, kind: &str) -> Option<Vec<Instruction>> {
    let bringer = applying.brought_by.filter(|bringer| bringer.kind == Bringing::Flux)?;
    let name = bringer.name.as_deref()?;
    let words =
        format!("update the {kind} first, which Flux brings. Otherwise the sync below still uses the old values");
    Some([say(&words)].into_iter().chain(reconciled(applying, bringer, name)).collect())
}

pub(super) fn synced(applying: &Applying<'_>) -> Vec<Instruction> {
    let Some(name) = applying.name else { return Vec::new() };
    synced_in(name, applying.namespace)
}
