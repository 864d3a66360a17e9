//! Flux: the HelmRelease.

use super::{
    Applying, Chart, Controller, Form, Is, LayerRule, More, ROLLBACK_HELP, Rest, To, Trap,
    chart::{decided_by, plain},
    run, say,
};
use crate::{
    chart::MODE_KEY, files::Held, files::ObjectRef, finding::Finding, instruction::Instruction, procedure::Deployer,
    rule::Rule,
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
    values: &[LayerRule { path: "values", level: 1, form: Form::Mapping }],
    more: &[
        More { path: "chart.spec.valuesFiles", level: 0, to: To::Repository, behind: "" },
        More { path: "valuesFrom", level: 0, to: To::Elsewhere, behind: "chart.spec.valuesFiles" },
    ],
    name: "/metadata.name",
    called: "/metadata.name",
    traps: &[
        Trap {
            path: "upgrade.preserveValues",
            is: Is::True,
            rule: Rule::ReuseValues,
            message: "`preserveValues` keeps the values of the old release, a removed mode among them",
            help: "write the mode out, or take `preserveValues` away",
        },
        Trap {
            path: "upgrade.remediation.retries",
            is: Is::Rollback,
            rule: Rule::RollbackFlipsMode,
            message: "between its retries a failed upgrade is rolled back here, and the mode with it",
            help: ROLLBACK_HELP,
        },
        Trap {
            path: "upgrade.remediation.remediateLastFailure",
            is: Is::Rollback,
            rule: Rule::RollbackFlipsMode,
            message: "a failed upgrade is rolled back here, and the mode with it",
            help: ROLLBACK_HELP,
        },
    ],
    deployer: Deployer::Helm,
    target: &["targetNamespace", "/metadata.namespace"],
    storage: &["storageNamespace", "/metadata.namespace"],
    source: "Flux documentation, HelmRelease",
    rest: Rest { repository: repository_of, repository_object: source_of, findings, apply, ..Rest::NOTHING },
};

/// An entry of `valuesFrom` with a `targetPath` overrides whatever stands in the values.
fn findings(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let names: Vec<&str> = chart.below.iter().map(String::as_str).chain([MODE_KEY]).collect();
    let names = names.join(".");
    let item = chart.items("valuesFrom").rfind(|item| item.str_at("targetPath") == Some(&names));
    let decides = item.and_then(|item| item.get("targetPath")).map(|target| {
        let message = "the mode is decided by a ConfigMap or Secret, whatever stands here";
        decided_by(message, "change it there, or take this entry away", target)
    });
    decides.into_iter().collect()
}

/// The object that says of which repository the folder of a chart is.
fn source_of(chart: &Chart<'_, '_>) -> Option<ObjectRef> {
    let kind = chart.str("chart.spec.sourceRef.kind").filter(|kind| *kind == "GitRepository")?;
    let name = chart.str("chart.spec.sourceRef.name").and_then(plain)?.to_owned();
    let namespace = chart.str("chart.spec.sourceRef.namespace").or_else(|| chart.root.str_at("metadata.namespace"));
    let namespace = namespace.and_then(plain).map(str::to_owned);
    Some(ObjectRef { group: "source.toolkit.fluxcd.io".to_owned(), kind: kind.to_owned(), name, namespace })
}

/// The address of the repository that the folder of a chart is in, and the branch of it, as its object says both. Nothing
/// where a tag or a commit is taken: a change would not reach it. (Flux documentation, `GitRepository`: without a `ref` it
/// is the branch `master`.)
fn repository_of<'s>(chart: &Chart<'_, 's>, _: &str) -> Option<(&'s str, Option<&'s str>)> {
    let held = chart.files.objects().held(&source_of(chart)?);
    let [Held::Written(root)] = held[..] else { return None };
    let is_pinned = ["tag", "semver", "commit", "name"]
        .iter()
        .any(|key| root.at("spec.ref").is_some_and(|it| it.get(key).is_some()));
    let url = root.str_at("spec.url").filter(|url| !is_pinned && !url.contains('$'))?;
    Some((url, Some(root.str_at("spec.ref.branch").unwrap_or("master"))))
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    let mut all = vec![
        say("the Git source and the Kustomization that bring this file come first (reconciled too early the \
             release keeps the old values): list them, then bring that one"),
        say("flux get kustomizations --all-namespaces"),
        say("flux reconcile kustomization THAT-ONE --with-source"),
    ];
    if let Some(name) = applying.name {
        // without it flux looks in flux-system
        let namespace = ["-n", applying.namespace.unwrap_or("ITS-NAMESPACE")];
        let context = applying.cluster("--context");
        all.push(run(["flux", "reconcile", "helmrelease", name].into_iter().chain(namespace).chain(context)));
    }
    all
}
