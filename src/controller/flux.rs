//! Flux: the HelmRelease.

use super::{
    Applying, Chart, Controller, Form, Is, LayerRule, More, ROLLBACK_HELP, Rest, To, Trap,
    chart::{VALUES_FILE, VALUES_FILES, decided_by, plain},
    run, say,
};
use crate::{
    files::{Held, ObjectRef, Wanted},
    finding::Finding,
    instruction::{Bringer, Bringing, Instruction, TakenWith, synced_in},
    open_word,
    procedure::Deployer,
    release::{Layer, Named, Values},
    rule::Rule,
    yaml::Node,
};

/// A release of Flux. The chart's own files take the place of its defaults, and the objects override them.
pub(super) const HELM_RELEASE: Controller = Controller {
    title: "Flux HelmRelease",
    api: "helm.toolkit.fluxcd.io/",
    kind: "HelmRelease",
    root: "",
    charts: "spec",
    chart: &["chart.spec.chart", "chart.spec.sourceRef.name", "chartRef.name"],
    version: "chart.spec.version",
    values: &[LayerRule { path: "values", level: 2, form: Form::Mapping }],
    more: &[
        More { path: VALUES_FILE, level: 0, to: To::Repository, behind: "" },
        More { path: VALUES_FILES, level: 1, to: To::Repository, behind: "" },
        More { path: "valuesFrom", level: 1, to: To::Elsewhere, behind: VALUES_FILES },
    ],
    name: "/metadata.name",
    called: "/metadata.name",
    traps: &[
        Trap {
            path: "upgrade.preserveValues",
            is: Is::True,
            rule: Rule::ReuseValues,
            message: "`preserveValues` keeps the values of the old release, including a removed mode",
            help: "write the mode out, or remove `preserveValues`",
        },
        Trap {
            path: "upgrade.remediation.retries",
            is: Is::Rollback,
            rule: Rule::RollbackFlipsMode,
            message: "if an upgrade fails, Flux rolls the release back between retries, and the mode with it",
            help: ROLLBACK_HELP,
        },
        Trap {
            path: "upgrade.remediation.remediateLastFailure",
            is: Is::Rollback,
            rule: Rule::RollbackFlipsMode,
            message: "a failed upgrade rolls the release back, and the mode with it",
            help: ROLLBACK_HELP,
        },
    ],
    deployer: Deployer::Helm,
    target: &["targetNamespace", "/metadata.namespace"],
    storage: &["storageNamespace", "/metadata.namespace"],
    source: "Flux documentation, HelmRelease",
    rest: Rest {
        repository: repository_of,
        repository_object: object_wanted,
        layers,
        findings,
        apply,
        ..Rest::NOTHING
    },
};

/// What must be read first: the HelmChart, then the repository that it is in.
fn object_wanted(chart: &Chart<'_, '_>) -> Option<ObjectRef> {
    let unread = chart.object_named().filter(|object| chart.files.objects().held(object).is_empty());
    unread.or_else(|| source_of(chart))
}

/// A HelmChart that was not read: it may name files with values.
fn layers<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    let Some(object) = chart.object_named().filter(|_| chart.object().is_none()) else { return Vec::new() };
    let Some(at) = chart.at.get("chartRef") else { return Vec::new() };
    let reason = match chart.files.objects().held(&object)[..] {
        [] => "which is in none of the files that were read",
        _ => "of which there are several",
    };
    let shown = format!("HelmChart `{}`", object.name.escape_debug());
    let named = Named { wanted: Some(Wanted::Object(object)), ..Named::only(shown, at.span()) };
    let values = Values::Unread(Some(reason.to_owned()));
    vec![Layer { named: Some(Box::new(named)), ..Layer::own((0, 0), at.text.file, values) }]
}

/// An entry of `valuesFrom` with a `targetPath` overrides whatever is in the values.
pub(super) fn findings<'s>(chart: &Chart<'_, 's>) -> Vec<Finding> {
    let item = chart.items("valuesFrom").rfind(|item| chart.names_mode(item.str_at("targetPath")));
    let decides = item.and_then(|item| item.get("targetPath")).map(|target| {
        let message = "a ConfigMap or Secret overrides this mode";
        decided_by(message, "change it there, or remove this entry", target)
    });
    let switched = |item: Node<'s>| {
        let target = item.get("targetPath")?;
        chart.switched_by(target, target.str()?, "a ConfigMap or Secret sets")
    };
    decides.into_iter().chain(chart.items("valuesFrom").find_map(switched)).collect()
}

/// The object that says of which repository the folder of a chart is.
fn source_of(chart: &Chart<'_, '_>) -> Option<ObjectRef> {
    let kind = chart.str("chart.spec.sourceRef.kind").filter(|kind| *kind == "GitRepository")?;
    let name = chart.str("chart.spec.sourceRef.name").and_then(plain)?.to_owned();
    let own = || chart.object().unwrap_or(chart.root).str_at("metadata.namespace");
    let namespace = chart.str("chart.spec.sourceRef.namespace").or_else(own);
    let namespace = namespace.and_then(plain).map(str::to_owned);
    Some(ObjectRef { group: "source.toolkit.fluxcd.io".to_owned(), kind: kind.to_owned(), name, namespace })
}

/// The address of the repository that the folder of a chart is in, and the branch of it, as its object says both.
/// Nothing where a tag or a commit is taken: a change would not reach it. (Flux documentation, `GitRepository`: without
/// a `ref` it is the branch `master`.) Each cluster of a checkout may have one of that name: they must say the same.
fn repository_of<'s>(chart: &Chart<'_, 's>, _: &str) -> Option<(&'s str, Option<&'s str>)> {
    let said = |held: Held<'s>| {
        let Held::Written(root) = held else { return None };
        let url = url_of(root).filter(|url| !url.contains('$'))?;
        Some((url, Some(branch_of(root)?)))
    };
    let mut all = chart.files.objects().held(&source_of(chart)?).into_iter().map(said);
    let first = all.next()??;
    all.all(|other| other == Some(first)).then_some(first)
}

/// The address of the repository that a `GitRepository` is of, or the one that a `FluxInstance` makes. (Flux Operator
/// documentation, `FluxInstance`, Sync configuration)
pub(crate) fn url_of(root: Node<'_>) -> Option<&str> {
    root.str_at("spec.sync.url").or_else(|| root.str_at("spec.url"))
}

/// The branch that a `GitRepository` follows; nothing where it takes a tag or a commit. (Flux documentation,
/// `GitRepository`: without a `ref` it is the branch `master`.)
pub(crate) fn branch_of(root: Node<'_>) -> Option<&str> {
    if let Some(sync) = root.at("spec.sync") {
        let name = sync.str_at("ref").unwrap_or("HEAD");
        return name.strip_prefix("refs/heads/").or(Some(name).filter(|name| !name.starts_with("refs/")));
    }
    let is_pinned = |key: &&str| root.at("spec.ref").is_some_and(|it| it.get(key).is_some());
    if ["tag", "semver", "commit", "name"].iter().any(is_pinned) {
        return None;
    }
    Some(root.str_at("spec.ref.branch").unwrap_or("master"))
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    let packed = say(
        "Flux takes this file only with another version of the chart, because `reconcileStrategy` is not `Revision`: \
         raise `version` in the Chart.yaml of that chart in the same commit",
    );
    let mut all: Vec<Instruction> =
        Some(packed).filter(|_| applying.taken_with == TakenWith::ChartVersion).into_iter().collect();
    all.extend(brought(applying));
    if let Some(name) = applying.name {
        if applying.is_suspended {
            all.push(say("the release is suspended: Flux does not upgrade it until you resume it"));
        }
        // flux refuses to reconcile what is suspended, and reconciles what it resumes
        let verb = if applying.is_suspended { "resume" } else { "reconcile" };
        // without it flux looks in flux-system
        let namespace = ["-n", applying.namespace.unwrap_or(open_word::NAMESPACE)];
        let context = applying.cluster("--context");
        all.push(run(["flux", verb, "helmrelease", name].into_iter().chain(namespace).chain(context)));
    }
    all
}

/// What brings the manifest itself to the cluster.
fn brought(applying: &Applying<'_>) -> Vec<Instruction> {
    const FIRST: &str = "that contain this file come first; otherwise the release keeps the old values";
    let name = applying.brought_by.and_then(|bringer| Some((bringer, bringer.name.as_deref()?)));
    match name {
        Some((bringer @ Bringer { kind: Bringing::ArgoCd, .. }, name)) => {
            let first = "sync the Application that contains this file first; until then the release keeps the old \
                         values";
            let sync = synced_in(name, bringer.namespace.as_deref());
            [say(first)].into_iter().chain(sync).collect()
        }
        Some((bringer, name)) => {
            let mut all = vec![say(&format!("the Git source and the Kustomization {FIRST}"))];
            all.extend(reconciled(applying, bringer, name));
            all
        }
        None => vec![
            say(&format!("the Git source and the Kustomization {FIRST}. List them, then reconcile that one:")),
            say("flux get kustomizations --all-namespaces"),
            say("flux reconcile kustomization THAT-ONE --with-source"),
        ],
    }
}

/// What has a Kustomization apply what it builds.
pub(super) fn reconciled(applying: &Applying<'_>, bringer: &Bringer, name: &str) -> Vec<Instruction> {
    let namespace = bringer.namespace.as_deref();
    let namespace = namespace.map_or(open_word::NAMESPACE, |name| open_word::known_or(name, open_word::NAMESPACE));
    let options = || ["-n", namespace].into_iter().chain(applying.cluster("--context"));
    let mut all = Vec::new();
    if bringer.is_suspended {
        all.push(say("the Kustomization is suspended: Flux does not apply this file until you resume it"));
        all.push(run(["flux", "resume", "kustomization", name].into_iter().chain(options())));
    }
    let words = ["flux", "reconcile", "kustomization", name, "--with-source"];
    all.push(run(words.into_iter().chain(options())));
    all
}
