//! The manifests in which values stand, as one table: what a controller's document looks like, where in it the chart's
//! values are, and what stands beside them.

use super::{Apply, IN_CONFIG_MAP};
use crate::{procedure::Deployer, rule::Rule};

/// A kind of document that holds the values of charts.
#[derive(Debug)]
pub(super) struct Shape {
    /// What people call it.
    pub(super) title: &'static str,
    /// How its `apiVersion` begins; nothing where it has none.
    pub(super) api: &'static str,
    /// Its `kind`; nothing where it has none.
    pub(super) kind: &'static str,
    /// The list at its root that tells it where `kind` and `apiVersion` may be left out.
    pub(super) root: &'static str,
    /// The path to each place that names a chart; `*` is any item of a list, any entry of a mapping.
    pub(super) charts: &'static str,
    /// From there: where the chart is named.
    pub(super) chart: &'static [&'static str],
    /// From there: where its version is named.
    pub(super) version: &'static str,
    /// From there: where its values are, the ones that override first; a mapping takes the place of a text.
    pub(super) values: &'static [(&'static str, Form)],
    /// From there: what names files or objects that hold more values.
    pub(super) more: &'static [More],
    /// From there, or from the root where it begins with a slash: the name of the release.
    pub(super) name: &'static str,
    /// From there: settings that keep, or bring back, a mode that the values do not say.
    pub(super) traps: &'static [Trap],
    /// From there, or from the root: what the controller calls it, which may be a template.
    pub(super) called: &'static str,
    /// Who brings the chart to the cluster.
    pub(super) deployer: Deployer,
    /// From there, or from the root, the first that is said: the namespace that the chart is brought to.
    pub(super) target: &'static [&'static str],
    /// The same: the namespace in which Helm keeps the release.
    pub(super) storage: &'static [&'static str],
    /// What brings a change to the cluster once it is pushed, in order.
    pub(super) apply: &'static [Apply],
    /// Whose documentation this was read in.
    #[allow(dead_code)] // for the reader of the table
    pub(super) source: &'static str,
}

/// What names files or objects that hold more values, and how they rank among the [layers](Form::layer).
#[derive(Debug)]
pub(super) struct More {
    pub(super) path: &'static str,
    pub(super) layer: u8,
    pub(super) to: To,
}

/// What a name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    /// A file, from the manifest's folder.
    Beside,
    /// A file in a repository: behind the name of a source (`$values/east.yaml`), or in the folder of the chart.
    Repository,
    /// An encrypted file.
    Secret,
    /// What is not read here.
    Elsewhere,
}

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As a mapping.
    Mapping,
    /// As text that is YAML itself.
    Text,
    /// As a list of names and values, as of `--set`.
    Parameters,
    /// As a list of mappings, of which the last counts, or of names of files.
    List,
    /// As a mapping whose entries a template elsewhere in the document takes: `{{clusterMode}}`, `{{ .clusterMode }}`.
    Element,
}

impl Form {
    /// The layer of values in a manifest itself: what names files says above or below which they rank.
    pub(super) const fn layer(self) -> u8 {
        match self {
            Self::List => 0,
            Self::Mapping | Self::Text | Self::Element => 1,
            Self::Parameters => 3,
        }
    }
}

/// A setting that keeps, or brings back, a mode that the values do not say.
#[derive(Debug)]
pub(super) struct Trap {
    pub(super) path: &'static str,
    pub(super) is: Is,
    pub(super) rule: Rule,
    pub(super) message: &'static str,
    pub(super) help: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Is {
    True,
    /// Flux: a number that is not zero, or `true`, where a failure is remediated, and by a rollback, which is the default.
    Rollback,
}

const ARGO: &str = "Argo CD documentation, Helm and ApplicationSet";
const ARGO_VALUES: &[(&str, Form)] =
    &[("helm.parameters", Form::Parameters), ("helm.valuesObject", Form::Mapping), ("helm.values", Form::Text)];
const ARGO_MORE: &[More] = &[More { path: "helm.valueFiles", layer: 0, to: To::Repository }];
/// Without `chart` a source is a folder of a Git repository, whose name tells nothing.
const ARGO_CHART: &[&str] = &["chart", "repoURL", "path"];
const ARGO_APPLY: &[Apply] = &[
    Apply::Say(
        "the Application itself comes first: sync the app of apps that brings it, or apply the file with kubectl; \
                synced too early it brings the old values once more",
    ),
    Apply::Run(&["argocd", "app", "get", "NAME", "--refresh"]),
    Apply::Run(&["argocd", "app", "sync", "NAME"]),
];
const VALUES_APPLY: &[Apply] = &[Apply::Say(
    "what brings this object to the cluster comes first: flux get kustomizations, then flux reconcile kustomization \
                THAT-ONE --with-source; then the release that takes its values: flux get helmreleases --all-namespaces, \
                then flux reconcile helmrelease THAT-ONE -n ITS-NAMESPACE",
)];
const ARGO_SET_APPLY: &[Apply] = &[
    Apply::Say(
        "the ApplicationSet comes first: sync what brings it, or apply the file with kubectl; it then changes its \
                Applications, and each that does not sync by itself is synced by its name",
    ),
    Apply::Run(&["argocd", "app", "get", "NAME", "--refresh"]),
    Apply::Run(&["argocd", "app", "sync", "NAME"]),
];

/// Of a release, or of all by `helmDefaults`.
pub(super) const HELMFILE_TRAPS: &[Trap] = &[
    Trap {
        path: "reuseValues",
        is: Is::True,
        rule: Rule::ReuseValues,
        message: "`reuseValues` keeps the values of the old release, a removed mode among them",
        help: "write the mode out, or take `reuseValues` away",
    },
    Trap {
        path: "atomic",
        is: Is::True,
        rule: Rule::RollbackFlipsMode,
        message: "with `atomic` a failed upgrade is rolled back, and the mode with it",
        help: ROLLBACK_HELP,
    },
];
const ROLLBACK_HELP: &str =
    "watch the upgrade: after a rollback the cluster is in the old mode and the file in the new one";

/// The table. Of two rows about one kind of document both count.
#[rustfmt::skip]
pub(super) const SHAPES: &[Shape] = &[
    Shape {
        title: "Argo CD Application", api: "argoproj.io/", kind: "Application", root: "", source: ARGO,
        charts: "spec.source", chart: ARGO_CHART, version: "targetRevision", values: ARGO_VALUES,
        deployer: Deployer::ArgoCd, target: &["/spec.destination.namespace"], storage: &[],
        more: ARGO_MORE, name: "/metadata.name", called: "/metadata.name", traps: &[], apply: ARGO_APPLY,
    },
    Shape {
        title: "Argo CD Application", api: "argoproj.io/", kind: "Application", root: "", source: ARGO,
        charts: "spec.sources.*", chart: ARGO_CHART, version: "targetRevision", values: ARGO_VALUES,
        deployer: Deployer::ArgoCd, target: &["/spec.destination.namespace"], storage: &[],
        more: ARGO_MORE, name: "/metadata.name", called: "/metadata.name", traps: &[], apply: ARGO_APPLY,
    },
    Shape {
        title: "Argo CD ApplicationSet", api: "argoproj.io/", kind: "ApplicationSet", root: "", source: ARGO,
        charts: "spec.template.spec.source", chart: ARGO_CHART, version: "targetRevision", values: ARGO_VALUES,
        deployer: Deployer::ArgoCd, target: &["/spec.template.spec.destination.namespace"], storage: &[],
        more: ARGO_MORE, name: "/metadata.name", called: "/spec.template.metadata.name", traps: &[], apply: ARGO_SET_APPLY,
    },
    Shape {
        title: "Argo CD ApplicationSet", api: "argoproj.io/", kind: "ApplicationSet", root: "", source: ARGO,
        charts: "spec.template.spec.sources.*", chart: ARGO_CHART, version: "targetRevision", values: ARGO_VALUES,
        deployer: Deployer::ArgoCd, target: &["/spec.template.spec.destination.namespace"], storage: &[],
        more: ARGO_MORE, name: "/metadata.name", called: "/spec.template.metadata.name", traps: &[], apply: ARGO_SET_APPLY,
    },
    Shape {
        title: "Argo CD ApplicationSet, list generator", api: "argoproj.io/", kind: "ApplicationSet", root: "", source: ARGO,
        charts: "spec.generators.*.list.elements.*", chart: &[], version: "/spec.template.spec.source.targetRevision",
        values: &[("", Form::Element)],
        deployer: Deployer::ArgoCd, target: &["/spec.template.spec.destination.namespace"], storage: &[],
        more: &[], name: "cluster", called: "/spec.template.metadata.name", traps: &[], apply: ARGO_SET_APPLY,
    },
    Shape {
        title: "Flux HelmRelease", api: "helm.toolkit.fluxcd.io/", kind: "HelmRelease", root: "",
        source: "Flux documentation, HelmRelease",
        charts: "spec", chart: &["chart.spec.chart", "chart.spec.sourceRef.name", "chartRef.name"],
        version: "chart.spec.version", values: &[("values", Form::Mapping)],
        // the chart's own files take the place of its defaults, and the objects override them
        more: &[
            More { path: "chart.spec.valuesFiles", layer: 0, to: To::Repository },
            More { path: "valuesFrom", layer: 0, to: To::Elsewhere },
        ],
        name: "/metadata.name", called: "/metadata.name",
        traps: &[
            Trap { path: "upgrade.preserveValues", is: Is::True, rule: Rule::ReuseValues,
                   message: "`preserveValues` keeps the values of the old release, a removed mode among them",
                   help: "write the mode out, or take `preserveValues` away" },
            Trap { path: "upgrade.remediation.retries", is: Is::Rollback, rule: Rule::RollbackFlipsMode,
                   message: "between its retries a failed upgrade is rolled back here, and the mode with it",
                   help: ROLLBACK_HELP },
            Trap { path: "upgrade.remediation.remediateLastFailure", is: Is::Rollback, rule: Rule::RollbackFlipsMode,
                   message: "a failed upgrade is rolled back here, and the mode with it", help: ROLLBACK_HELP },
        ],
        deployer: Deployer::Helm, target: &["targetNamespace", "/metadata.namespace"], storage: &["storageNamespace", "/metadata.namespace"],
        apply: &[
            Apply::Say("the Git source and the Kustomization that bring this file come first (reconciled too early the \
                        release keeps the old values): list them, then bring that one"),
            Apply::Say("flux get kustomizations --all-namespaces"),
            Apply::Say("flux reconcile kustomization THAT-ONE --with-source"),
            Apply::Run(&["flux", "reconcile", "helmrelease", "NAME", "-n", "NAMESPACE", "--context", "CONTEXT"]),
        ],
    },
    Shape {
        title: "helmfile release", api: "", kind: "", root: "releases", source: "helmfile documentation, Configuration",
        charts: "releases.*", chart: &["chart"], version: "version",
        values: &[
            ("setString", Form::Parameters), ("set", Form::Parameters), ("setTemplate", Form::Parameters),
            ("values", Form::List), ("valuesTemplate", Form::List),
        ],
        // the list of values in its order, that of `valuesTemplate` before it, then the secrets, then `set`
        // (helmfile, pkg/state/state.go, generateValuesFiles)
        more: &[
            More { path: "valuesTemplate", layer: 0, to: To::Beside },
            More { path: "values", layer: 0, to: To::Beside },
            More { path: "secrets", layer: 2, to: To::Secret },
        ],
        name: "name", called: "name",
        traps: HELMFILE_TRAPS,
        deployer: Deployer::Helm, target: &["namespace"], storage: &["namespace"],
        apply: &[Apply::Run(&["helmfile", "-f", "FILE", "--kube-context", "CONTEXT", "--selector", "name=NAME", "apply"])],
    },
    Shape {
        title: "kustomize helmCharts", api: "kustomize.config.k8s.io/", kind: "Kustomization", root: "helmCharts",
        source: "kustomize documentation, helmCharts",
        charts: "helmCharts.*", chart: &["name", "repo"], version: "version",
        values: &[("valuesInline", Form::Mapping)],
        // by `valuesMerge` the file ranks below the values or above; the additional ones are given to Helm behind both
        // (kustomize, HelmChartInflationGenerator.go, replaceValuesInline; helmchartargs.go, AsHelmArgs)
        more: &[
            More { path: "valuesFile", layer: 0, to: To::Beside },
            More { path: "additionalValuesFiles", layer: 2, to: To::Beside },
        ],
        name: "releaseName", called: "releaseName", traps: &[],
        deployer: Deployer::Kustomize, target: &["namespace", "/namespace"], storage: &[],
        apply: &[
            Apply::Say("where a controller builds this folder, let it; by hand:"),
            Apply::Pipe(&[
                &["kustomize", "build", "--enable-helm", "FOLDER"],
                &["kubectl", "--context", "CONTEXT", "apply", "-f", "-"],
            ]),
        ],
    },
    Shape {
        title: IN_CONFIG_MAP, api: "v1", kind: "ConfigMap", root: "", source: "Flux documentation, HelmRelease, on values references",
        charts: "data.*", chart: &[], version: "", values: &[("", Form::Text)],
        deployer: Deployer::Unknown, target: &[], storage: &[],
        more: &[], name: "/metadata.name", called: "/metadata.name", traps: &[], apply: VALUES_APPLY,
    },
    // its `data` is base64, which is not edited
    Shape {
        title: "values in a Secret", api: "v1", kind: "Secret", root: "", source: "Flux documentation, HelmRelease, on values references",
        charts: "stringData.*", chart: &[], version: "", values: &[("", Form::Text)],
        deployer: Deployer::Unknown, target: &[], storage: &[],
        more: &[], name: "/metadata.name", called: "/metadata.name", traps: &[], apply: VALUES_APPLY,
    },
];
