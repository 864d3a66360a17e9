//! Overlays of kustomize and what their patches say, compared with the real kustomize: the mode of each overlay is the
//! one in what is built of it, before and after each step, and a step moves one overlay or is refused.

use std::{fs, process::Command};

use crate::support::helm::helms;
use crate::support::program::{FIT, Folder};
use serde_yaml::Value;

const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: illumio\n  namespace: illumio-system\n\
    spec:\n  interval: 1h\n  chart:\n    spec:\n      chart: illumio\n      version: 5.1.0\n      \
    sourceRef: {kind: HelmRepository, name: illumio}\n  values:\n    pce_url: pce.example.com:8443\n    clusterMode: legacy # for now\n";
const BASE: &str = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [release.yaml]\n";
const OVERLAY: &str = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../base]\n";
const MERGED: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio, namespace: illumio-system}\n\
    spec:\n  values:\n    verbosity: 2\n    clusterMode: clas\n";

/// A checkout with a base, an overlay `west` that takes it as it is, and an overlay `east` with more.
pub(crate) fn checkout(east: &str, files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    let east = format!("{OVERLAY}{east}");
    let all = [
        ("base/release.yaml", RELEASE),
        ("base/kustomization.yaml", BASE),
        ("east/kustomization.yaml", &east),
        ("west/kustomization.yaml", OVERLAY),
    ];
    for (name, text) in all.iter().chain(files) {
        folder.write(name, text);
    }
    folder.sh("git init -q").exits(0);
    folder
}

/// The mode that is in what the real kustomize builds of an overlay; nothing where it builds no release.
pub(crate) fn built(folder: &Folder, overlay: &str) -> Option<String> {
    try_built(folder, overlay).expect("kustomize builds the overlay")
}

/// The same, or what kustomize says where it fails.
fn try_built(folder: &Folder, overlay: &str) -> Result<Option<String>, String> {
    let kubectl = helms().iter().find(|helm| helm.version == "4.3").unwrap().path.with_file_name("kubectl");
    let output = Command::new(kubectl).arg("kustomize").arg(folder.path(overlay)).output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let mut objects = serde_yaml::Deserializer::from_slice(&output.stdout)
        .map(|document| <Value as serde::Deserialize>::deserialize(document).unwrap());
    let is_it =
        |object: &Value| object["kind"] == "HelmRelease" && object["spec"]["chart"]["spec"]["chart"] == "illumio";
    let mode = |release: Value| release["spec"]["values"]["clusterMode"].as_str().unwrap_or("legacy").to_owned();
    Ok(objects.find(is_it).map(mode))
}

/// The mode that `status` says of an overlay; `unknown` where it says that, nothing where there is no row.
pub(crate) fn said(folder: &Folder, overlay: &str) -> Option<String> {
    let json = folder.run("status -o json").exits(0).json();
    let rows = json["files"].as_array().unwrap().clone();
    let row = rows.iter().find(|row| row["file"].as_str().unwrap().starts_with(overlay))?;
    Some(row["mode"].as_str().unwrap_or("unknown").to_owned())
}

/// Patches of an overlay, with the file in which its mode is decided then.
const PATCHES: &[(&str, &[(&str, &str)], &str)] = &[
    (
        "patches:\n- target: {kind: HelmRelease, name: illumio}\n  patch: |-\n    - op: replace\n      \
         path: /spec/values/clusterMode\n      value: clas\n",
        &[],
        "east/kustomization.yaml",
    ),
    ("patches:\n- path: mode.yaml\n", &[("east/mode.yaml", MERGED)], "east/mode.yaml"),
    ("patchesStrategicMerge: [mode.yaml]\n", &[("east/mode.yaml", MERGED)], "east/mode.yaml"),
    (
        "patchesJson6902:\n- target: {group: helm.toolkit.fluxcd.io, version: v2, kind: HelmRelease, name: illumio}\n  path: mode.yaml\n",
        &[("east/mode.yaml", "- {op: add, path: /spec/values/clusterMode, value: clas}\n")],
        "east/mode.yaml",
    ),
    (
        "patches:\n- target: {kind: HelmRelease, name: ill.*}\n  patch: |\n    - op: replace\n      path: /spec/values\n      \
         value: {clusterMode: clas}\n",
        &[],
        "east/kustomization.yaml",
    ),
    (
        "components: [../component]\n",
        &[(
            "component/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- target: {kind: HelmRelease}\n  \
             patch: |\n    - {op: add, path: /spec/values/clusterMode, value: clas}\n",
        )],
        "component/kustomization.yaml",
    ),
];

/// A patch decides the mode of its overlay alone, and a step there goes into the patch.
#[test]
fn a_patch_decides_the_mode_of_its_overlay() {
    for (east, files, decides) in PATCHES {
        let folder = checkout(east, files);
        let modes = ["east", "west"].map(|overlay| (built(&folder, overlay), said(&folder, overlay)));
        let both = |mode: &str| (Some(mode.to_owned()), Some(mode.to_owned()));
        assert_eq!(modes, [both("clas"), both("legacy")], "{east}");
        let base = folder.read("base/release.yaml");
        folder.run("revert -f east/kustomization.yaml --write --pce-version 24.2.20").exits(0);
        assert_eq!(folder.read("base/release.yaml"), base, "{east}");
        let text = String::from_utf8(folder.read(decides)).unwrap();
        assert!(text.contains("migrateClasToLegacy"), "{decides}: {text}");
        assert_eq!(built(&folder, "east").as_deref(), Some("migrateClasToLegacy"));
        assert_eq!(built(&folder, "west").as_deref(), Some("legacy"));
        // the base decides for the other one alone
        folder.run("migrate -f west/kustomization.yaml --write --pce-version 24.2.20").exits(0);
        assert_eq!(built(&folder, "east").as_deref(), Some("migrateClasToLegacy"));
        assert_eq!(built(&folder, "west").as_deref(), Some("migrateLegacyToClas"));
    }
}

/// The patches of an overlay over a base that was given two other names, as text; whether kustomize finds what they are
/// for is its own affair.
const NAMED: [(&str, &str); 12] = [
    ("own", "{name: illumio, namespace: illumio-system}"),
    ("own-in-next", "{name: illumio, namespace: inner}"),
    ("middle", "{name: in-illumio, namespace: inner}"),
    ("last", "{name: out-in-illumio, namespace: outer}"),
    ("last-in-own", "{name: out-in-illumio, namespace: illumio-system}"),
    ("later", "{name: top-out-in-illumio, namespace: top}"),
    ("without-namespace", "{name: illumio}"),
    ("other-name", "{name: ilumio, namespace: illumio-system}"),
    ("target-own", "kind: HelmRelease, name: illumio, namespace: outer"),
    ("target-middle", "kind: HelmRelease, name: in-illumio"),
    ("target-last", "kind: HelmRelease, name: out-in.*, namespace: illumio-system"),
    ("target-later", "kind: HelmRelease, namespace: top"),
];

/// A patch is for an object by the names that it has had, with the namespaces of then. Where it is for none, kustomize
/// builds nothing, and the mode is not known.
#[test]
fn a_patch_is_for_the_names_that_an_object_has_had() {
    let with_prefix = |prefix: &str, namespace: &str, base: &str| {
        format!("kind: Kustomization\nnamePrefix: {prefix}-\nnamespace: {namespace}\nresources: [../{base}]\n")
    };
    let folder = checkout("", &[]);
    folder.write("in/kustomization.yaml", with_prefix("in", "inner", "base"));
    folder.write("out/kustomization.yaml", with_prefix("out", "outer", "in"));
    let mut overlays = Vec::new();
    for (name, of) in NAMED {
        for version in ["v2", "v2beta1"] {
            let patch = if name.starts_with("target") {
                format!(
                    "- target: {{{of}}}\n  patch: |\n    - {{op: add, path: /spec/values/clusterMode, value: clas}}\n"
                )
            } else {
                format!(
                    "- patch: |\n    apiVersion: helm.toolkit.fluxcd.io/{version}\n    kind: HelmRelease\n    metadata: {of}\n    \
                     spec: {{values: {{clusterMode: clas}}}}\n"
                )
            };
            let overlay = format!("z-{name}-{version}");
            folder.write(
                &format!("{overlay}/kustomization.yaml"),
                with_prefix("top", "top", "out") + "patches:\n" + &patch,
            );
            overlays.push(overlay);
        }
    }
    let json = folder.run("status -o json").exits(0).json();
    let rows = json["files"].as_array().unwrap();
    let (mut patched, mut failed) = (0, 0);
    for overlay in overlays {
        let is_it = |row: &&serde_json::Value| row["file"].as_str().unwrap().starts_with(&format!("{overlay}/"));
        let said = rows.iter().find(is_it).unwrap()["mode"].as_str();
        let built = try_built(&folder, &overlay).ok().map(Option::unwrap);
        patched += usize::from(built.as_deref() == Some("clas"));
        failed += usize::from(built.is_none());
        assert_eq!(said, built.as_deref(), "{overlay}");
    }
    assert!(patched > 6 && failed > 6, "{patched} {failed}");
}

/// A patch for another object of the build does not apply to the release, and one that a component brings is read with
/// those that include the component.
#[test]
fn a_patch_may_be_for_another_object() {
    let patch = |name: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: illumio-system}}\n\
             spec: {{values: {{clusterMode: clas}}}}\n"
        )
    };
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: with-\nresources: [other.yaml]\n\
                     patches: [{path: mode.yaml}]\n";
    let other = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: other, namespace: illumio-system}\n\
                 spec: {chart: {spec: {chart: nginx, version: 1.0.0}}, values: {replicas: 2}}\n";
    let east = "components: [../component]\npatches: [{path: of-other.yaml}]\n";
    let folder = checkout(
        east,
        &[
            ("component/kustomization.yaml", component),
            ("component/other.yaml", other),
            ("component/mode.yaml", &patch("illumio")),
            ("east/of-other.yaml", &patch("with-other").replace("clusterMode: clas", "replicas: 3")),
        ],
    );
    assert_eq!((built(&folder, "east").as_deref(), said(&folder, "east").as_deref()), (Some("clas"), Some("clas")));
    assert_eq!(said(&folder, "component"), None);
    folder.run("revert -f component/mode.yaml --write --pce-version 24.2.20").exits(0);
    assert_eq!(built(&folder, "east").as_deref(), Some("migrateClasToLegacy"));
    let ran = folder.run("revert --finish -f east/kustomization.yaml --pce-version 24.2.20").exits(0);
    ran.says("flux reconcile helmrelease with-illumio -n illumio-system");
    folder.write("west/kustomization.yaml", format!("{OVERLAY}components: [../component]\n"));
    let ran = folder.run("revert --finish -f component/mode.yaml --pce-version 24.2.20").exits(1);
    ran.says("error[several-clusters-at-once]: one edit here moves 2 clusters");
}

/// Patches of an overlay; whether kustomize builds anything with them is its own affair.
const OPERATIONS: [(&str, &str); 10] = [
    ("add", "- {op: add, path: /spec/values/clusterMode, value: clas}"),
    ("replace", "- {op: replace, path: /spec/values/clusterMode, value: clas}"),
    ("replace-none", "- {op: replace, path: /spec/values/mode, value: clas}"),
    (
        "remove-none",
        "- {op: remove, path: /spec/values/mode}\n- {op: replace, path: /spec/values/clusterMode, value: clas}",
    ),
    ("add-to-none", "- {op: add, path: /spec/other/clusterMode, value: clas}"),
    (
        "test",
        "- {op: test, path: /spec/values/clusterMode, value: legacy}\n- {op: replace, path: /spec/values/clusterMode, value: clas}",
    ),
    (
        "test-fails",
        "- {op: test, path: /spec/values/clusterMode, value: clas}\n- {op: add, path: /spec/values/clusterMode, value: clas}",
    ),
    (
        "twice",
        "- {op: add, path: /spec/values/a, value: {}}\n- {op: add, path: /spec/values/a/b, value: 1}\n- {op: replace, path: /spec/values/clusterMode, value: clas}",
    ),
    ("flow", "[{op: replace, path: /spec/values/clusterMode, value: clas}]"),
    ("json", "[{\"op\": \"replace\", \"path\": \"/spec/values/clusterMode\", \"value\": \"clas\"}]"),
];

/// Of what kustomize cannot build the mode is not known; of everything else it is the one that is built.
#[test]
fn what_kustomize_cannot_build_has_no_mode() {
    let folder = checkout("", &[]);
    let indented = |text: &str| text.replace('\n', "\n    ");
    let mut overlays = Vec::new();
    for (name, operations) in OPERATIONS {
        for (form, target) in [("with", "  target: {kind: HelmRelease}\n"), ("without", "")] {
            let overlay = format!("z-{name}-{form}");
            let text = format!("{OVERLAY}patches:\n- patch: |-\n    {}\n{target}", indented(operations));
            folder.write(&format!("{overlay}/kustomization.yaml"), text);
            overlays.push(overlay);
        }
    }
    let json = folder.run("status -o json").exits(0).json();
    let rows = json["files"].as_array().unwrap();
    let (mut patched, mut failed) = (0, 0);
    for overlay in overlays {
        let is_it = |row: &&serde_json::Value| row["file"].as_str().unwrap().starts_with(&format!("{overlay}/"));
        let said = rows.iter().find(is_it).unwrap()["mode"].as_str();
        let built = try_built(&folder, &overlay).ok().map(Option::unwrap);
        patched += usize::from(built.as_deref() == Some("clas"));
        failed += usize::from(built.is_none());
        assert_eq!(said, built.as_deref(), "{overlay}");
    }
    assert!(patched > 3 && failed > 10, "{patched} {failed}");
    assert_eq!(said(&folder, "west").as_deref(), Some("legacy"));
}

/// Where a patch makes an object decide the mode, the object is not read; where a patch gives Flux more to build, what
/// is built changes.
#[test]
fn what_a_patch_brings_from_elsewhere_leaves_the_mode_unknown() {
    let east = "patches:\n- target: {kind: HelmRelease}\n  patch: |\n    - op: add\n      path: /spec/valuesFrom\n      \
                value: [{kind: ConfigMap, name: mode, valuesKey: mode, targetPath: clusterMode}]\n";
    let folder = checkout(east, &[]);
    assert_eq!(said(&folder, "east").as_deref(), Some("unknown"));
    folder.run("migrate -f east/kustomization.yaml --write --pce-version 24.2.20").exits(1);
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\n\
                spec: {path: ./base, sourceRef: {kind: GitRepository, name: flux-system}}\n";
    let of = |said_of: &str| {
        let folder = checkout("", &[("clusters/apps.yaml", flux)]);
        folder.sh("rm -r east west").exits(0);
        let text = format!(
            "resources: [apps.yaml]\npatches:\n- target: {{kind: Kustomization}}\n  patch: |\n    - {{op: add, path: /spec/{said_of}}}\n"
        );
        folder.write("clusters/kustomization.yaml", text);
        said(&folder, "base")
    };
    assert_eq!(of("prune, value: true").as_deref(), Some("legacy"));
    assert_eq!(of("patches, value: []").as_deref(), Some("legacy"));
    assert_eq!(of("path, value: ./other").as_deref(), Some("unknown"));
}

/// A base that decides for two overlays moves both, which is refused unless it is meant.
#[test]
fn a_base_that_decides_for_several_overlays_is_refused() {
    let folder = checkout("namePrefix: east-\n", &[]);
    for file in ["base/release.yaml", "east/kustomization.yaml"] {
        let line = format!("migrate -f {file} --write --pce-version 24.2.20");
        folder.run(&line).exits(1).says("error[several-clusters-at-once]: one edit here moves 2 clusters");
        assert_eq!(folder.read("base/release.yaml"), RELEASE.as_bytes(), "{file}");
    }
    let line = "migrate -f base/release.yaml --write --pce-version 24.2.20 --allow several-clusters-at-once";
    let ran = folder.run(line).exits(0).says("warning[several-clusters-at-once]");
    // what looks at a cluster looks at one of them
    ran.says("policy -f base/release.yaml --path east/kustomization.yaml\n");
    folder.run("status -f base/release.yaml --path east/kustomization.yaml").exits(0);
    for overlay in ["east", "west"] {
        assert_eq!(built(&folder, overlay).as_deref(), Some("migrateLegacyToClas"));
    }
}

/// What is not read may say anything, and a patch that deletes the release leaves none.
#[test]
fn what_is_not_understood_leaves_the_mode_unknown() {
    let unknown = [
        "patches:\n- target: {labelSelector: 'app in ('}\n  patch: |\n    - {op: add, path: /spec/values/clusterMode, value: clas}\n",
        "patches:\n- target: {kind: HelmRelease}\n  patch: |\n    - {op: copy, from: /spec/values, path: /spec/other}\n",
        "patches:\n- target: {kind: HelmRelease}\n  path: nowhere.yaml\n",
        "patches:\n- target: {kind: HelmRelease}\n  patch: |\n    - {op: remove, path: /spec}\n",
        "components: [../nowhere]\n",
        "replacements:\n- source: {kind: ConfigMap, name: a, fieldPath: data.mode}\n  targets:\n  - select: {kind: HelmRelease}\n    \
         fieldPaths: [spec.values.clusterMode]\n",
    ];
    for east in unknown {
        let folder = checkout(east, &[]);
        assert_eq!(said(&folder, "east").as_deref(), Some("unknown"), "{east}");
        assert_eq!(said(&folder, "west").as_deref(), Some("legacy"), "{east}");
        folder.run("migrate -f east/kustomization.yaml --write --pce-version 24.2.20").exits(1);
        assert_eq!(folder.read("base/release.yaml"), RELEASE.as_bytes(), "{east}");
    }
    let deletes = "patches:\n- patch: |\n    $patch: delete\n    apiVersion: helm.toolkit.fluxcd.io/v2\n    kind: HelmRelease\n    \
                   metadata: {name: illumio, namespace: illumio-system}\n";
    let folder = checkout(deletes, &[]);
    assert_eq!((built(&folder, "east"), said(&folder, "east")), (None, None));
    // kustomizations that take each other end
    let folder = checkout("", &[("base/kustomization.yaml", "resources: [release.yaml, ../east]\n")]);
    folder.run("status").exits(0);
}

/// Flux patches what it builds, and fills in variables; two of its Kustomizations of one folder are two clusters.
#[test]
fn a_kustomization_of_flux_patches_what_it_builds() {
    let flux = |name: &str, more: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\n\
             spec:\n  path: ./apps\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{more}"
        )
    };
    let patch = "  patches:\n  - target: {kind: HelmRelease}\n    patch: |\n      - {op: replace, path: /spec/values/clusterMode, value: clas}\n";
    let of = |release: &str, east: &str, west: Option<&str>| {
        let folder = Folder::new();
        for name in ["apps", "clusters"] {
            fs::create_dir(folder.path(name)).unwrap();
        }
        folder.write("apps/release.yaml", release);
        folder.write("clusters/east.yaml", flux("east", east));
        west.iter().for_each(|west| folder.write("clusters/west.yaml", flux("west", west)));
        folder.sh("git init -q").exits(0);
        folder
    };
    let patched = of(RELEASE, patch, None);
    assert_eq!(said(&patched, "apps/release.yaml").as_deref(), Some("clas"));
    patched.run("revert -f apps/release.yaml --write --pce-version 24.2.20").exits(0);
    assert!(String::from_utf8(patched.read("clusters/east.yaml")).unwrap().contains("value: migrateClasToLegacy"));
    let two = of(RELEASE, patch, Some(""));
    assert_eq!(["clusters/east", "clusters/west"].map(|file| said(&two, file).unwrap()), ["clas", "legacy"]);
    let variable = RELEASE.replace("legacy # for now", "${mode}");
    let substitute = |mode: &str| format!("  postBuild:\n    substitute:\n      mode: {mode}\n");
    let filled = of(&variable, &substitute("clas"), Some(&substitute("legacy")));
    assert_eq!(["clusters/east", "clusters/west"].map(|file| said(&filled, file).unwrap()), ["clas", "legacy"]);
    let shared = of(RELEASE, "", Some(""));
    shared.run("migrate -f apps/release.yaml --pce-version 24.2.20").exits(1).says("error[several-clusters-at-once]");
}

/// A file that one release takes alone, and another one below a file that says another mode, decides for the first: a
/// step moves that one, whichever way it is named, with the commands of who brings it.
#[test]
fn a_shared_file_that_another_one_overrides_moves_one_cluster() {
    let folder = Folder::new();
    folder.write(
        "helmfile.yaml",
        "releases:\n- {name: east, chart: oci://quay.io/illumio/illumio, version: 5.1.0, values: [c.yaml, e.yaml]}\n\
         - {name: west, chart: oci://quay.io/illumio/illumio, version: 5.1.0, values: [c.yaml]}\n",
    );
    folder.write("c.yaml", "pce_url: a.b:8443\nclusterMode: legacy\n");
    folder.write("e.yaml", "clusterMode: clas\n");
    folder.sh("git init -q").exits(0);
    for given in ["-f helmfile.yaml --path west", "-f c.yaml"] {
        let ran = folder.run(&format!("migrate {given} --pce-version 24.2.20")).exits(0);
        ran.says("helmfile -f helmfile.yaml --selector name=west apply");
    }
    folder.write("e.yaml", "verbosity: 2\n");
    for given in ["-f helmfile.yaml --path west", "-f c.yaml --version 5.1.0"] {
        let ran = folder.run(&format!("migrate {given} --pce-version 24.2.20")).exits(1);
        ran.says("error[several-clusters-at-once]: one edit here moves 2 clusters");
    }
}

/// A values file that two Applications take moves both, whichever of the three a step is given.
#[test]
fn a_shared_values_file_moves_all_that_take_it() {
    let application = |name: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec:\n  sources:\n  - chart: illumio\n    \
             repoURL: quay.io/illumio\n    targetRevision: 5.1.0\n    helm:\n      valueFiles: [$values/common.yaml]\n  \
             - {{repoURL: 'https://git.example.com/fleet.git', ref: values}}\n"
        )
    };
    let folder = Folder::new();
    folder.write("common.yaml", "pce_url: a.b:8443\nclusterMode: legacy\n");
    folder.write("east.yaml", application("east"));
    folder.sh("git init -q && git remote add origin https://git.example.com/fleet.git").exits(0);
    for file in ["common.yaml", "east.yaml"] {
        folder
            .run(&format!("migrate -f {file} {}", if file == "common.yaml" { FIT } else { "--pce-version 24.2.20" }))
            .exits(0);
    }
    folder.write("west.yaml", application("west"));
    for file in ["common.yaml", "east.yaml"] {
        let version = if file == "common.yaml" { FIT } else { "--pce-version 24.2.20" };
        let ran = folder.run(&format!("migrate -f {file} {version}")).exits(1).prints("");
        ran.says("2 clusters: east in east.yaml, west in west.yaml");
        let allowed = format!("migrate -f {file} --allow several-clusters-at-once {version}");
        folder.run(&allowed).exits(0);
    }
}

/// A controller that takes its files from another repository builds none of this one, and one that follows another
/// branch builds them as they are there. Without a remote, the checkout counts as the repository.
#[test]
fn a_controller_builds_the_files_of_its_own_repository() {
    let git = |url: &str, more: &str| {
        format!(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {{name: fleet, namespace: flux-system}}\n\
             spec: {{url: '{url}', ref: {{{more}}}}}\n"
        )
    };
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\n\
                spec:\n  path: ./base\n  namePrefix: east-\n  sourceRef: {kind: GitRepository, name: fleet}\n  patches:\n  \
                - target: {kind: HelmRelease, name: illumio}\n    patch: |\n      \
                - {op: replace, path: /spec/values/clusterMode, value: clas}\n";
    let argo = |url: &str, revision: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: east}}\nspec:\n  source:\n    \
             repoURL: {url}\n    targetRevision: {revision}\n    path: base\n    kustomize:\n      namePrefix: east-\n      \
             patches:\n      - target: {{kind: HelmRelease}}\n        patch: |\n          \
             - {{op: replace, path: /spec/values/clusterMode, value: clas}}\n"
        )
    };
    let (own, other) = ("https://git.example.com/fleet.git", "ssh://git@git.example.com/other.git");
    let of_flux = |url, more| [("east/source.yaml", git(url, more)), ("east/apps.yaml", flux.to_owned())];
    let of_argo = |url, revision: &str| [("east/apps.yaml", argo(url, revision)), ("east/more.yaml", String::new())];
    let cases = [
        (of_flux(own, "branch: main"), "clas", "flux reconcile kustomization apps --with-source -n flux-system"),
        (of_flux(other, "branch: main"), "legacy", ""),
        (of_flux(own, "branch: production"), "unknown", "on the branch `production`, and `main` is checked out"),
        (of_flux(own, "tag: v1"), "unknown", "that cannot be followed from here"),
        (of_argo(own, "HEAD"), "clas", "argocd app sync east"),
        (of_argo(other, "HEAD"), "legacy", ""),
        (of_argo(own, "production"), "unknown", "on the branch `production`, and `main` is checked out"),
        (of_argo(own, "v1.2.3"), "unknown", "that cannot be followed from here"),
    ];
    for (files, mode, words) in cases {
        let folder = Folder::new();
        folder.write("base/release.yaml", RELEASE);
        folder.write("base/kustomization.yaml", BASE);
        for (name, text) in &files {
            folder.write(name, text);
        }
        folder
            .sh("git init -q -b main && git remote add origin https://git.example.com/fleet.git && git add . && \
                 git -c user.name=a -c user.email=a@b.c commit -qm first")
            .exits(0);
        let case = format!("{files:?}");
        assert_eq!(said(&folder, "base/release.yaml").as_deref(), Some(mode), "{case}");
        let ran = folder.run("revert -f base/release.yaml --write --pce-version 24.2.20");
        let is_step = mode == "clas";
        assert_eq!(ran.code == Some(1), mode == "unknown", "{case}");
        assert_eq!(folder.read("base/release.yaml"), RELEASE.as_bytes(), "{case}");
        if !words.is_empty() {
            ran.says(words);
        }
        if is_step {
            // the object that patches is given, and read as what it is
            let finish = folder.run("revert --finish -f east/apps.yaml --pce-version 24.2.20").exits(0);
            finish.says("flux reconcile helmrelease east-illumio -n illumio-system");
            assert_eq!(folder.run("status -o json").exits(0).json()["files"].as_array().unwrap().len(), 1, "{case}");
        }
    }
}

/// Past the most ways that are followed from a base, each overlay has a row by its own file, and no step moves them.
#[test]
fn more_overlays_than_are_followed_have_rows() {
    for count in [3, 260] {
        let folder = checkout("", &[]);
        for number in 2..count {
            folder.write(&format!("more/{number}/kustomization.yaml"), OVERLAY.replace("../base", "../../base"));
        }
        let json = folder.run("status -o json").exits(0).json();
        assert_eq!(json["files"].as_array().unwrap().len(), count);
        let summary = &json["summary"];
        assert!(summary["clusters"] == count && summary["notFollowed"].is_null(), "{summary}");
        for overlay in ["west", "more/2"] {
            let json = folder.run(&format!("status -o json {overlay}")).exits(0).json();
            assert_eq!(json["files"].as_array().unwrap().len(), 1, "{json}");
        }
        for file in ["base/release.yaml --path east", "west/kustomization.yaml"] {
            let refused = folder.run(&format!("migrate -f {file} --pce-version 24.2.20 -o json")).exits(1).json();
            assert!(refused["findings"].to_string().contains("several-clusters-at-once"), "{refused}");
        }
    }
}

/// Those that have no file of their own are counted, not shown, and not among those whose mode is known.
#[test]
fn more_ways_than_are_followed_are_counted_apart() {
    let folder = checkout("", &[]);
    let object = |number: usize| {
        format!(
            "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: c{number}, namespace: flux}}\n\
             spec: {{path: ./west, prune: true, interval: 10m, sourceRef: {{kind: GitRepository, name: flux}}}}\n"
        )
    };
    folder.write("clusters.yaml", (0..300).map(object).collect::<String>());
    let json = folder.run("status -o json").exits(0).json();
    let summary = &json["summary"];
    let shown = json["files"].as_array().unwrap().len();
    assert!(shown == 256 && summary["clusters"] == 256 && summary["notFollowed"] == 45, "{shown}: {summary}");
    assert!(folder.run("status").exits(0).stdout.contains("; 45 more clusters, of overlays"));
    folder.run("migrate -f base/release.yaml --path c9/illumio --pce-version 24.2.20").exits(1);
}

/// A revision that is not checked out is called what it is.
#[test]
fn what_is_built_elsewhere_is_at_a_branch_a_tag_or_a_commit() {
    let cases = [
        ("v1.0.0", "at the tag `v1.0.0`"),
        ("stable", "at the tag `stable`"),
        ("production", "on the branch `production`"),
        ("0123456789abcdef0123456789abcdef01234567", "at the commit `0123456789abcdef0123456789abcdef01234567`"),
        ("2024-01", "on the branch `2024-01`"),
    ];
    for (revision, words) in cases {
        let folder = checkout("", &[]);
        folder
            .sh("git remote add origin https://github.com/acme/fleet.git && git checkout -q -b main && git add -A && \
                 commit='git -c user.name=a -c user.email=a@b.c commit -qam x' && $commit && git tag stable && \
                 git checkout -q -b production && echo '# of production' >> base/release.yaml && $commit && \
                 git checkout -q main")
            .exits(0);
        folder.write(
            "east/kustomization.yaml",
            format!("resources: [\"https://github.com/acme/fleet//base?ref={revision}\"]\n"),
        );
        folder.sh("rm -r west").exits(0);
        folder.run("migrate -f base/release.yaml --pce-version 24.2.20").exits(1).says(words);
        // a commit that is checked out may be of any branch, and is not the tag where that says something else
        folder.sh("git checkout -q --detach && echo '# newer' >> base/release.yaml").exits(0);
        let ran = folder.run("migrate -f base/release.yaml --pce-version 24.2.20");
        let is_other = ["stable", "production"].contains(&revision);
        assert_eq!(ran.code, Some(i32::from(is_other)), "{revision}: {}", ran.stderr);
    }
}
