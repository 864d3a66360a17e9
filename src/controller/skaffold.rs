//! Skaffold: the releases of Helm in a `skaffold.yaml`, and in each of its profiles.

use super::{Applying, Chart, Controller, Form, LayerRule, More, Rest, To, chart::decided_by, run, say};
use crate::{
    finding::{Doubt, Finding},
    instruction::Instruction,
    procedure::Deployer,
    release::{Layer, Reach, Release},
    rule::Rule,
    yaml::Node,
};

/// A release of a chart that is fetched. The files are merged over `overrides`, and what is set over both.
pub(super) const RELEASE: Controller = Controller {
    title: "Skaffold release",
    api: "skaffold/",
    kind: "Config",
    root: "",
    // below `deploy`, and in newer files below `manifests`
    charts: "*.helm.releases.*",
    chart: &["remoteChart", "repo"],
    version: "version",
    values: &[
        LayerRule { path: "overrides", level: 0, form: Form::Mapping },
        LayerRule { path: "setValues", level: 2, form: Form::Entries },
        LayerRule { path: "setValueTemplates", level: 3, form: Form::Entries },
    ],
    more: &[More { path: "valuesFiles", level: 1, to: To::Beside, behind: "" }],
    name: "name",
    called: "name",
    traps: &[],
    deployer: Deployer::Helm,
    target: &["namespace"],
    storage: &["namespace"],
    source: "Skaffold documentation, Helm, and skaffold.yaml; GoogleContainerTools/skaffold, pkg/skaffold/helm/args.go",
    rest: Rest {
        is_passed_over: |at, _| at.get("remoteChart").is_none() && at.get("chartPath").is_some(),
        layers,
        findings,
        expanded,
        apply,
        ..Rest::NOTHING
    },
};

/// One of a chart that is a folder.
pub(super) const OF_FOLDER: Controller = Controller {
    chart: &["chartPath"],
    rest: Rest { is_passed_over: |at, _| at.get("chartPath").is_none(), folder: "chartPath", ..RELEASE.rest },
    ..RELEASE
};

/// Those of a profile take the place of the others.
pub(super) const OF_PROFILE: Controller = Controller { charts: "profiles.*.*.helm.releases.*", ..RELEASE };

/// The same of charts that are folders.
pub(super) const OF_FOLDER_AND_PROFILE: Controller = Controller { charts: "profiles.*.*.helm.releases.*", ..OF_FOLDER };

/// What is set below keys, which a list of single values does not show.
fn layers<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    let entries = ["setValues", "setValueTemplates"].into_iter().filter_map(|list| chart.get(list));
    let nested = entries.flat_map(Node::entries).filter(|(_, value)| value.scalar().is_none());
    nested.map(|(_, value)| Layer::doubtful((2, 1), value, "what is set below a key")).collect()
}

/// What overrides the values whatever they say: a file for the mode, options of Helm, and a profile that patches them.
fn findings(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let files = chart.get("setFiles").into_iter().flat_map(Node::entries);
    let of_file = files
        .filter(|(name, _)| chart.names_mode(Some(name)))
        .map(|(_, file)| decided_by("a file overrides this mode", "change it there, or remove this entry", file));
    let path = chart.at.path();
    let above = path.iter().position(|key| key == "releases").and_then(|at| chart.root.follow(&path[..at]));
    let flags = above.and_then(|helm| helm.get("flags")).into_iter().flat_map(Node::entries);
    let sets = |flag: &Node<'_>| {
        let text = flag.str().unwrap_or_default();
        ["--set", "-f", "--values", "--reuse-values", "--post-renderer"].iter().any(|option| text.starts_with(option))
    };
    let of_flag = flags
        .flat_map(|(_, list)| list.items())
        .filter(sets)
        .map(|flag| decided_by("an option of Helm may override this mode", "remove it from `flags`", flag));
    of_file.chain(of_flag).chain(patched(chart, &path)).collect()
}

/// The profile that patches a release which is outside of all profiles.
fn patched(chart: &Chart<'_, '_>, own: &[String]) -> Option<Finding> {
    let profiles = chart.items("/profiles").filter(|_| own.first().is_some_and(|key| key != "profiles"));
    let own = format!("/{}", own.join("/"));
    let mut patches =
        profiles.flat_map(|profile| profile.get("patches").into_iter().flat_map(Node::items).collect::<Vec<_>>());
    let patch = patches.find(|patch| {
        let at = patch.str_at("path").unwrap_or_default();
        at.starts_with(&own)
            || own.starts_with(at)
            || at.starts_with("/deploy/helm")
            || at.starts_with("/manifests/helm")
    })?;
    let message = "a profile patches the releases, and may set another mode";
    let help = "write the release of each profile out below it, or change the mode by hand";
    let finding = Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Overridden);
    Some(finding.at(patch.key_span()))
}

/// One of a profile is called after that, too.
fn expanded<'s>(chart: &Chart<'_, 's>, mut release: Release<'s>) -> Vec<Release<'s>> {
    if let [of, number, ..] = &chart.at.path()[..]
        && of == "profiles"
        && let Some(profile) = chart.root.follow(["profiles", number]).and_then(|profile| profile.str_at("name"))
    {
        release.id.name = format!("{}.{profile}", release.id.name);
        release.id.environment = Some(profile.to_owned());
    } else {
        release.reach = of_profiles(chart);
    }
    vec![release]
}

/// The profiles that bring a release outside of all of them to clusters of their own. (Skaffold documentation, Kube-context
/// Activation)
fn of_profiles(chart: &Chart<'_, '_>) -> Reach {
    let brings = |profile: &Node<'_>| {
        let has_releases =
            ["deploy", "manifests"].iter().any(|at| profile.at(&format!("{at}.helm.releases")).is_some());
        profile.at("deploy.kubeContext").is_some() && !has_releases
    };
    let of_profiles = chart.items("/profiles").filter(brings).filter_map(|profile| profile.str_at("name"));
    let own = chart.root.at("deploy.kubeContext").and_then(Node::str);
    Reach::of(of_profiles.chain(own).map(str::to_owned).collect())
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    let profile = Applying::option("-p", applying.environment);
    let context = Applying::option("--kube-context", applying.context);
    vec![
        say("Skaffold builds what the file names, and upgrades every release in it:"),
        run(["skaffold", "run", "-f", applying.file].into_iter().chain(profile).chain(context)),
    ]
}
