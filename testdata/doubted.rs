//! What may change a mode beside the values that are read: it is taken into account, or the mode is not known. What changes no
//! mode leaves it as it is.

use std::fs;

use crate::{
    graphs::{built, checkout, said},
    support::program::Folder,
};

const TARGET: &str = "- target: {kind: HelmRelease, name: illumio}\n  patch: |\n";
const OBJECT: &str = "    apiVersion: helm.toolkit.fluxcd.io/v2\n    kind: HelmRelease\n    metadata: {name: illumio, namespace: \
                      illumio-system}\n";

/// Operations, or the `spec` of a patch that looks like the object; and whether the mode is known with them.
const PATCHES: &[(&str, bool)] = &[
    ("- {op: add, path: /spec/interval, value: 10m}", true),
    ("- {op: add, path: /spec/upgrade, value: {cleanupOnFail: true, remediation: {retries: 3}}}", true),
    ("- {op: add, path: /metadata/labels, value: {a: b}}", true),
    ("- {op: replace, path: /spec/chart/spec/sourceRef/name, value: mirror}", true),
    ("- {op: replace, path: /spec/values/pce_url, value: 'b:1'}", true),
    ("- {op: add, path: /spec/upgrade, value: {preserveValues: true}}", true),
    ("- {op: replace, path: /spec/chart/spec/chart, value: other}", false),
    ("- {op: replace, path: /spec/chart/spec, value: {chart: other, version: 4.0.0}}", false),
    ("- {op: add, path: /spec/chartRef, value: {kind: OCIRepository, name: other}}", false),
    ("spec: {interval: 10m, install: {crds: Skip}}", true),
    ("spec: {values: {pce_url: 'b:1'}}", true),
    ("spec: {values: null}", false),
    ("spec: null", false),
    ("spec: {upgrade: {preserveValues: true}}", true),
    ("spec: {chart: {spec: {chart: other}}}", false),
];

/// A patch beside the values is known to change no mode, or the mode is not known. Where it is known, kustomize builds it.
#[test]
fn a_patch_beside_the_values_changes_no_mode_or_leaves_it_unknown() {
    for (patch, is_known) in PATCHES {
        let east = if patch.starts_with('-') {
            format!("patches:\n{TARGET}    {patch}\n")
        } else {
            format!("patches:\n- patch: |\n{OBJECT}    {patch}\n")
        };
        let folder = checkout(&east, &[]);
        let expected = if *is_known { built(&folder, "east") } else { Some("unknown".to_owned()) };
        assert_eq!(said(&folder, "east"), expected, "{patch}");
        assert_eq!(said(&folder, "west").as_deref(), Some("legacy"), "{patch}");
    }
}

/// The version is the one that a patch leaves of it.
#[test]
fn a_version_is_the_one_that_patches_leave() {
    let cases = [
        ("- {op: replace, path: /spec/chart/spec/version, value: 4.3.0}", Some("4.3.0")),
        (
            "- op: replace\n      path: /spec/chart/spec\n      value: {chart: illumio, version: 4.3.0, sourceRef: {kind: \
             HelmRepository, name: illumio}}",
            Some("4.3.0"),
        ),
        ("- {op: remove, path: /spec/chart/spec/version}", None),
    ];
    for (patch, version) in cases {
        let folder = checkout(&format!("patches:\n{TARGET}    {patch}\n"), &[]);
        let json = folder.run("status -o json").exits(0).json();
        let rows = json["files"].as_array().unwrap();
        let row = rows.iter().find(|row| row["file"].as_str().unwrap().starts_with("east")).unwrap();
        assert_eq!(row["version"].as_str(), version, "{patch}: {row}");
    }
}

/// A dot in the pattern of a target is any character, as for kustomize.
#[test]
fn a_dot_in_a_target_is_any_character() {
    let patch = "  patch: |\n    - {op: add, path: /spec/values/clusterMode, value: clas}\n";
    for (name, mode) in [("il.umio", "clas"), ("i.l.*o", "clas"), ("il.mio", "legacy")] {
        let folder = checkout(&format!("patches:\n- target: {{kind: HelmRelease, name: {name}}}\n{patch}"), &[]);
        assert_eq!(built(&folder, "east").as_deref(), Some(mode), "{name}");
        assert_eq!(said(&folder, "east").as_deref(), Some(mode), "{name}");
    }
}

/// A transformer that is not known to leave values alone may set a mode, and a replacement where it reaches it.
#[test]
fn transformers_and_replacements_leave_the_mode_unknown_where_they_may_reach_it() {
    let of_fields = |fields: &str| {
        format!(
            "resources: [../base, map.yaml]\nreplacements:\n- source: {{kind: ConfigMap, name: map, fieldPath: data.a}}\n  \
             targets:\n  - select: {{kind: HelmRelease}}\n    fieldPaths: [{fields}]\n    options: {{create: true}}\n"
        )
    };
    let map = ("east/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\ndata: {a: clas}\n");
    let cases = [
        (
            "transformers: [one.yaml]\n".to_owned(),
            "kind: ValueAddTransformer\nmetadata: {name: a}\nvalue: clas\ntargets: [{fieldPath: spec.values.clusterMode}]\n",
            false,
        ),
        (
            "transformers: [one.yaml]\n".to_owned(),
            "kind: LabelTransformer\nmetadata: {name: a}\nlabels: {a: b}\nfieldSpecs: [{path: metadata/labels, create: true}]\n",
            true,
        ),
        (of_fields("spec.values.clusterMode"), "", false),
        (of_fields("spec.values"), "", false),
        (of_fields("spec.upgrade.preserveValues"), "", true),
        (of_fields("spec.values.pce_url"), "", true),
        (of_fields("metadata.annotations.a"), "", true),
    ];
    for (east, one, is_known) in cases {
        let one = format!("apiVersion: builtin\n{one}");
        let folder = checkout("", &[("east/one.yaml", &one), map]);
        let kind = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
        let resources = if east.starts_with("resources") { "" } else { "resources: [../base]\n" };
        folder.write("east/kustomization.yaml", format!("{kind}{resources}{east}"));
        let expected = if is_known { built(&folder, "east") } else { Some("unknown".to_owned()) };
        assert_eq!(said(&folder, "east"), expected, "{east}{one}");
    }
}

/// A label goes to the fields that a kustomization names, and a configuration names more of them: any of them may be the
/// mode. A reference to a name only follows it.
#[test]
fn fields_of_labels_and_of_configurations_may_be_the_mode() {
    let label = |pair: &str, path: &str| {
        format!("labels:\n- pairs: {{{pair}}}\n  fields: [{{path: {path}, kind: HelmRelease, create: true}}]\n")
    };
    let configured = "commonLabels: {clusterMode: clas}\nconfigurations: [one.yaml]\n";
    let harmless = "configurations: [one.yaml]\n";
    let cases = [
        (label("clusterMode: clas", "spec/values"), "", false),
        (label("a: clas", "metadata/annotations"), "", true),
        (label("a: b", "spec/values/labels"), "", true),
        (label("clusterMode: clas", "spec/values").replace("HelmRelease", "Deployment"), "", true),
        (configured.to_owned(), "commonLabels: [{path: spec/values, create: true, kind: HelmRelease}]\n", false),
        (configured.to_owned(), "commonLabels: [{path: metadata/annotations, create: true}]\n", true),
        (
            harmless.to_owned(),
            "nameReference:\n- kind: ConfigMap\n  fieldSpecs: [{path: spec/valuesFrom/name, kind: HelmRelease}]\n",
            true,
        ),
    ];
    for (east, one, is_known) in cases {
        let folder = checkout("", &[]);
        let kind = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../base]\n";
        folder.write("east/kustomization.yaml", format!("{kind}{east}"));
        if !one.is_empty() {
            folder.write("east/one.yaml", one);
        }
        let built = built(&folder, "east");
        assert!(is_known || built.as_deref() == Some("clas"), "{east}{one}: kustomize builds {built:?}");
        let expected = if is_known { built } else { Some("unknown".to_owned()) };
        assert_eq!(said(&folder, "east"), expected, "{east}{one}");
    }
    let folder = checkout("", &[("east/kustomization.yaml", "resources: [../base]\nconfigurations: [absent.yaml]\n")]);
    assert_eq!(said(&folder, "east").as_deref(), Some("unknown"));
}

/// A kustomization that cannot be read may build what its words name, with any mode: no step is taken in that.
#[test]
fn what_takes_a_file_and_cannot_be_read_leaves_its_mode_unknown() {
    let patch = "patches:\n- target: {kind: HelmRelease}\n  patch: |\n    - {op: add, path: /spec/values/clusterMode, value: clas}\n";
    let unread = [
        format!("commonAnnotations: {{a: !custom b}}\nresources: [../base]\n{patch}"),
        format!("resources: [https://example.com/a?ref=v1, ../base]\n{patch}{{{{ if .a }}}}\n"),
        format!("resources:\n- ../base/\n{patch}# \u{e9}\n"),
        format!("resources:\n- \"../base\" # all\n{patch}nameprefix: [\n"),
    ];
    for text in unread {
        let folder = checkout("", &[]);
        folder.sh("rm -r west").exits(0);
        // a comment in Latin-1 is not UTF-8
        let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        fs::write(folder.path("east/kustomization.yaml"), bytes).unwrap();
        assert_eq!(said(&folder, "base").as_deref(), Some("unknown"), "{text}");
        let before = folder.read("base/release.yaml");
        folder.run("migrate -f base/release.yaml --write --pce-version 24.2.20").exits(1);
        assert_eq!(folder.read("base/release.yaml"), before, "{text}");
        // what it does not name it does not take
        let other = text.replace("../base", "../other");
        fs::write(folder.path("east/kustomization.yaml"), other.replace('\u{e9}', "e")).unwrap();
        assert_eq!(said(&folder, "base").as_deref(), Some("legacy"), "{other}");
    }
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a, labels: {a: !b c}}\nspec:\n  \
                path: ./base\n  patches: []\n";
    let folder = checkout("", &[("clusters/apps.yaml", flux)]);
    folder.sh("rm -r east west").exits(0);
    assert_eq!(said(&folder, "base").as_deref(), Some("unknown"));
}

/// What a `templatePatch` changes of how an Application is synced changes no mode; anything else may.
#[test]
fn a_template_patch_changes_how_an_application_is_synced_or_leaves_the_mode_unknown() {
    let cases = [
        ("spec:\n  syncPolicy:\n    automated:\n      prune: {{ .prune }}\n", true),
        ("{{- if .auto }}\nspec:\n  syncPolicy:\n    automated: {}\n{{- end }}\n", true),
        ("metadata:\n  annotations:\n    a: '{{ .name }}'\n", true),
        ("spec:\n  project: other\n  syncPolicy:\n  - a\n", true),
        ("spec:\n  source:\n    chart: other\n", false),
        ("spec:\n  syncPolicy: {}\n  sources:\n  - chart: other\n", false),
        ("spec:\n  {{ toYaml .spec | nindent 2 }}\n", false),
        ("spec: {source: {chart: other}}\n", false),
        ("- op: add\n", false),
    ];
    for (patch, is_known) in cases {
        let patch = patch.trim_end().replace('\n', "\n    ");
        let set = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: illumio}}\nspec:\n  goTemplate: true\n  \
             generators:\n  - list: {{elements: [{{name: east}}]}}\n  templatePatch: |\n    {patch}\n  template:\n    metadata: \
             {{name: '{{{{ .name }}}}'}}\n    spec:\n      project: default\n      destination: {{name: east}}\n      source:\n        \
             repoURL: https://example.com\n        chart: illumio\n        targetRevision: 5.1.0\n        helm: {{valuesObject: \
             {{clusterMode: legacy}}}}\n"
        );
        let folder = Folder::with("set.yaml", &set);
        let expected = if is_known { "legacy" } else { "unknown" };
        assert_eq!(said(&folder, "set").as_deref(), Some(expected), "{patch}");
    }
}

/// What the bases of a helmfile say for all releases counts as if the file said it.
#[test]
fn the_defaults_of_a_base_are_those_of_the_releases() {
    let helmfile =
        "bases: [base.yaml]\nreleases:\n- {name: illumio, chart: illumio, version: 5.1.0, values: [{pce_url: a}]}\n";
    for (base, is_known) in [
        ("helmDefaults: {wait: true}\n", true),
        ("helmDefaults: {args: ['--set', 'clusterMode=clas']}\n", false),
        ("helmDefaults: {args: ['--values', 'more.yaml']}\n", false),
        ("helmDefaults: {reuseValues: true}\n", false),
        ("helmDefaults: {args: ['--reuse-values']}\n", false),
    ] {
        let folder = Folder::with("helmfile.yaml", helmfile);
        folder.write("base.yaml", base);
        let ran = folder.run("migrate -f helmfile.yaml --pce-version 24.2.20").exits(i32::from(!is_known));
        if !is_known {
            ran.says("base.yaml");
        }
    }
}

/// What an override file of Terraform says of a resource beside its values counts, too.
#[test]
fn an_override_of_terraform_counts_as_a_whole() {
    let main = "resource \"helm_release\" \"illumio\" {\n  name    = \"illumio\"\n  chart   = \"illumio\"\n  version = \"5.1.0\"\n  \
                values  = [yamlencode({ clusterMode = \"legacy\" })]\n}\n";
    let of = |body: &str| format!("resource \"helm_release\" \"illumio\" {{\n  {body}\n}}\n");
    for (text, is_known) in [
        (of("timeout = 300"), true),
        (of("count = 0"), false),
        (of("lifecycle {\n    ignore_changes = [values]\n  }"), false),
        (of("values = ["), false),
    ] {
        let folder = Folder::with("main.tf", main);
        folder.sh("git init -q").exits(0);
        folder.write("override.tf", &text);
        assert_eq!(said(&folder, "main").as_deref(), Some(if is_known { "legacy" } else { "unknown" }), "{text}");
    }
    // a file that cannot be read may call the module any number of times
    let folder = Folder::new();
    folder.sh("git init -q").exits(0);
    folder.write("modules/illumio/main.tf", main);
    let call = |name: &str| format!("module \"{name}\" {{\n  source = \"./modules/illumio\"\n}}\n");
    folder.write("main.tf", call("east"));
    folder.run("migrate -f modules/illumio/main.tf --pce-version 24.2.20").exits(0);
    folder.write("main.tf", call("east") + &call("west") + "locals {\n");
    folder.run("migrate -f modules/illumio/main.tf --pce-version 24.2.20").exits(1);
}

/// A `count` that may be 0 is named, whichever way it comes to that.
#[test]
fn a_count_of_terraform_that_may_be_0_is_named() {
    let main = "resource \"helm_release\" \"illumio\" {\n  name    = \"illumio\"\n  chart   = \"illumio\"\n  version = \"5.1.0\"\n  \
                values  = [yamlencode({ pce_url = \"a:1\", clusterMode = \"legacy\" })]\n";
    for (count, is_named) in [
        ("1", false),
        ("0", false),
        ("3", false),
        ("var.is_on ? 1 : 0", true),
        ("var.is_off ? 0 : 1", true),
        ("var.is_spread ? 3 : 1", false),
        ("var.is_on ? 3 : 0", true),
        ("var.number", true),
        ("local.number", true),
        ("local.one", false),
    ] {
        let locals = "locals {\n  number = var.is_on ? 1 : 0\n  one = 1\n}\n";
        let folder = Folder::with("main.tf", format!("{main}  count = {count}\n}}\n{locals}"));
        folder.sh("git init -q").exits(0);
        let shown = folder.run("check main.tf -o json").stdout;
        assert_eq!(shown.contains("only where `count` is not 0"), is_named, "{count}: {shown}");
    }
}

/// What fills in a reference is the tool of that row, whatever another row has at its root.
#[test]
fn a_reference_is_filled_in_by_its_own_tool() {
    let values = "pce_url: \"p:8443\", clusterMode: \"${MODE}\"";
    let task = format!(
        "- hosts: localhost\n  tasks:\n  - kubernetes.core.helm: {{name: illumio, chart_ref: illumio/illumio, \
         chart_version: 5.1.0, values: {{{values}}}}}\n"
    );
    let bundle = format!("helm: {{chart: illumio/illumio, version: 5.1.0, values: {{{values}}}}}\n");
    for (file, text, is_of_fleet) in [("play.yml", task, false), ("fleet.yaml", bundle, true)] {
        let folder = Folder::with(file, text);
        let said = folder.run("status -o json .").exits(0).stdout;
        assert!(said.contains("template-in-values"), "{said}");
        assert_eq!(said.contains("which Fleet fills in"), is_of_fleet, "{said}");
    }
}

/// The environment overrides the default of a variable, and files of variables override it. (Terraform documentation,
/// Variable Definition Precedence)
#[test]
fn the_environment_is_below_files_of_variables() {
    let main = "variable \"mode\" { default = \"legacy\" }\nresource \"helm_release\" \"illumio\" {\n  name    = \"illumio\"\n  \
                chart   = \"illumio\"\n  version = \"5.1.0\"\n  values  = [yamlencode({ clusterMode = var.mode })]\n}\n";
    let folder = Folder::with("main.tf", main);
    folder.sh("git init -q").exits(0);
    let help = || folder.run("migrate -f main.tf --pce-version 24.2.20 -o json").exits(1).stdout;
    assert!(help().contains("`-var`, `-var-file` or `TF_VAR_mode` would override it"), "{}", help());
    folder.write("terraform.tfvars", "mode = \"legacy\"\n");
    assert!(help().contains("; `-var` or `-var-file` would override it"), "{}", help());
}

/// A patch for labels that the release has not is for another object.
#[test]
fn a_selector_tells_where_the_labels_are_known() {
    let patch = "  patch: |\n    - {op: add, path: /spec/values/clusterMode, value: clas}\n";
    for (selector, mode) in [
        ("app=podinfo", "legacy"),
        ("app", "legacy"),
        ("app in (podinfo, web)", "legacy"),
        ("!app", "clas"),
        ("app!=podinfo", "clas"),
        ("app notin (podinfo, web),!b", "clas"),
    ] {
        let folder = checkout(&format!("patches:\n- target: {{labelSelector: \"{selector}\"}}\n{patch}"), &[]);
        assert_eq!(built(&folder, "east").as_deref(), Some(mode), "{selector}");
        assert_eq!(said(&folder, "east").as_deref(), Some(mode), "{selector}");
    }
    // the labels that a kustomization below gives are not followed
    let folder = checkout(
        "",
        &[
            (
                "east/kustomization.yaml",
                "resources: [../mid]\npatches:\n- target: {labelSelector: a=b}\n  patch: |\n    - {op: add, path: /spec/values/clusterMode, value: clas}\n",
            ),
            ("mid/kustomization.yaml", "resources: [../base]\nlabels: [{pairs: {a: b}}]\n"),
        ],
    );
    assert_eq!(said(&folder, "east").as_deref(), Some("unknown"));
}

/// What cannot be read and names a values file may give it to a release with others above it.
#[test]
fn what_names_a_values_file_and_cannot_be_read_leaves_its_mode_unknown() {
    const CHART: &str = "chart: oci://quay.io/illumio/illumio";
    let app = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: illumio, annotations: {a: !b c}}\nspec:\n  sources:\n  - repoURL: quay.io/illumio\n    chart: illumio\n    helm: {valueFiles: [$values/prod/values.yaml, $values/prod/over.yaml]}\n";
    let cases = [
        ("helmfile.yaml", format!("releases:\n- name: illumio\n  {CHART}\n  values: [prod/values.yaml, prod/over.yaml]\n  labels: {{a: !x b}}\n")),
        ("helmfile.yaml", format!("releases:\n- name: illumio\n  {CHART}\n  values:\n<<<<<<< HEAD\n  - prod/values.yaml\n=======\n  - prod/over.yaml\n>>>>>>> x\n")),
        ("helmfile.yaml.gotmpl", format!("releases:\n- name: illumio\n  {CHART}\n  values:\n  - {{{{ .Environment.Name }}}}/values.yaml\n  - {{{{ .Environment.Name }}}}/over.yaml\n")),
        ("prod/fleet.yaml", format!("helm:\n  {CHART}\n  valuesFiles: [values.yaml, over.yaml]\nlabels: {{a: !x b}}\n")),
        ("site.yml", "- hosts: localhost\n  vars: {a: !b c}\n  tasks:\n  - kubernetes.core.helm:\n      chart_ref: oci://quay.io/illumio/illumio\n      values_files: [prod/values.yaml, prod/over.yaml]\n".to_owned()),
        ("app.yaml", app.to_owned()),
        ("kustomization.yaml", "helmCharts:\n- name: illumio\n  valuesFile: prod/values.yaml\n  valuesInline: {clusterMode: clas}\n  x: !a b\n".to_owned()),
        ("main.tf", "locals { files = [\"prod/values.yaml\", \"prod/over.yaml\"] }\nresource \"helm_release\" \"a\" {\n  name = \"illumio\"\n  chart = \"oci://quay.io/illumio/illumio\"\n  values = [for f in local.files : file(\"${path.module}/${f}\")]\n}\n".to_owned()),
        ("main.tf", "locals { e = \"prod\" }\nresource \"helm_release\" \"a\" {\n  name = \"illumio\"\n  chart = \"oci://quay.io/illumio/illumio\"\n  values = [file(\"${local.e}/values.yaml\"), file(\"${local.e}/over.yaml\")]\n}\n".to_owned()),
        ("main.tf.json", "{\"resource\":{\"helm_release\":{\"a\":{\"name\":\"illumio\",\"chart\":\"oci://quay.io/illumio/illumio\",\"values\":[\"${file(\\\"prod/values.yaml\\\")}\",\"${file(\\\"prod/over.yaml\\\")}\"]}}}}\n".to_owned()),
    ];
    for (name, text) in cases {
        let folder = Folder::with("prod/values.yaml", "pce_url: a:1\nclusterMode: legacy\n");
        folder.sh("git init -q").exits(0);
        folder.write("prod/over.yaml", "clusterMode: clas\n");
        folder.write("other/values.yaml", "pce_url: a:1\nclusterMode: legacy\n");
        folder.write(name, &text);
        assert_eq!(said(&folder, "prod/values.yaml").as_deref(), Some("unknown"), "{name}: {text}");
        let before = folder.read("prod/values.yaml");
        folder.run("migrate -f prod/values.yaml --version 5.1.0 --write --pce-version 24.2.20").exits(1);
        assert_eq!(folder.read("prod/values.yaml"), before, "{name}: {text}");
        // its name is shown
        let shown = folder.run("status .");
        assert!(shown.stdout.contains(name.rsplit('/').next().unwrap()), "{}", shown.stdout);
        let is_other_known = name.contains("gotmpl")
            || text.contains("local.e}")
            || said(&folder, "other/values.yaml").as_deref() == Some("legacy");
        assert!(is_other_known, "{name}: {text}");
    }
}
