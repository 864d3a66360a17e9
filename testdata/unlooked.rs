//! What could not be looked for is not absent: its place is another repository, another revision, or outside of what is
//! read. The mode is not known then, and the answer says why and what to do.

use std::fs;

use crate::support::program::Folder;

const VERSIONS: &str = "--version 5.1.0 --pce-version 24.2.20";

/// An Application whose chart is a folder of a repository, and whose parameters set the mode.
const OF_FOLDER: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: illumio-east}
spec:
  source:
    repoURL: https://git.example.com/team/fleet.git
    targetRevision: main
    path: charts/illumio
    helm: {parameters: [{name: clusterMode, value: legacy}]}
";

/// One with files that may be missing.
const OPTIONAL: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: illumio-east}
spec:
  sources:
  - repoURL: quay.io/illumio
    chart: illumio
    targetRevision: 5.1.0
    helm: {ignoreMissingValueFiles: true, valueFiles: [$values/clusters/east.yaml, $values/clusters/none.yaml]}
  - {repoURL: https://git.example.com/team/fleet.git, targetRevision: main, ref: values}
";

/// The same of Flux.
const FLUX: &str = "\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: flux-system}
spec: {url: https://git.example.com/team/fleet, ref: {branch: main}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: illumio-east, namespace: flux-system}
spec:
  chart:
    spec:
      chart: charts/illumio
      sourceRef: {kind: GitRepository, name: fleet}
      ignoreMissingValuesFiles: true
      valuesFiles: [clusters/east.yaml, clusters/none.yaml]
";

/// An ApplicationSet whose elements are folders of a repository, or are in its list.
fn set(generator: &str, name: &str, helm: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: illumio}}\nspec:\n  generators:\n  - \
         {generator}\n  template:\n    metadata: {{name: '{name}'}}\n    spec:\n      source:\n        repoURL: \
         https://git.example.com/team/fleet.git\n        targetRevision: main\n        path: charts/illumio\n        \
         helm: {helm}\n"
    )
}

/// A work tree with a manifest and the chart's folder beside it, on the branch `main`.
fn checkout(manifest: &str) -> Folder {
    let folder = Folder::new();
    folder.sh("mkdir -p apps charts/illumio clusters && git init -q -b main .").exits(0);
    folder.write("apps/m.yaml", manifest);
    folder.write("charts/illumio/values.yaml", "pce_url: pce.example.com:8443\n");
    folder
}

/// `MODE` of each row of the manifest, and what its findings say.
fn told(folder: &Folder, line: &str) -> (Vec<String>, String) {
    let json = folder.run(&format!("status -o json {line}")).json();
    let rows = json["files"].as_array().unwrap().iter().filter(|row| row["file"].as_str().unwrap().contains("m.yaml"));
    let modes = rows.clone().map(|row| row["mode"].as_str().unwrap_or("unknown").to_owned()).collect();
    (modes, rows.map(ToString::to_string).collect())
}

/// That the mode is not known, that a step is refused, and both say why.
#[track_caller]
fn is_unknown(folder: &Folder, words: &[&str]) {
    let (modes, said) = told(folder, "-f apps/m.yaml");
    assert!(!modes.is_empty() && modes.iter().all(|mode| mode == "unknown"), "{modes:?} {said}");
    let ran = folder.run(&format!("migrate -q -f apps/m.yaml {VERSIONS}")).exits(1);
    for words in words {
        assert!(said.contains(words), "{words}: {said}");
        assert!(ran.stderr.contains(words), "{words}: {ran}");
    }
    assert!(ran.stdout.is_empty(), "{ran}");
}

const ELSEWHERE: &str = "in the repository https://git.example.com/team/fleet";

#[test]
fn what_another_repository_holds_is_not_known_to_be_absent() {
    let list = "list: {elements: [{cluster: east, mode: legacy}]}";
    let of_list = set(list, "illumio-{{cluster}}", "{parameters: [{name: clusterMode, value: '{{mode}}'}]}");
    let source = "charts/illumio/.argocd-source-illumio-east.yaml";
    for manifest in [OF_FOLDER, OPTIONAL, FLUX, &of_list] {
        let folder = checkout(manifest);
        // it is not known whether the file that is here is the one of that repository
        folder.write(source, "helm: {parameters: [{name: clusterMode, value: clas}]}\n");
        // without a remote, of another repository, and without git
        is_unknown(&folder, &[ELSEWHERE]);
        folder.sh("git remote add origin git@git.example.com:team/other.git").exits(0);
        is_unknown(&folder, &[ELSEWHERE, "which is not checked out here"]);
        folder.sh("rm -rf .git").exits(0);
        is_unknown(&folder, &[ELSEWHERE]);
        let ran = folder.run(&format!("migrate -q -f apps/m.yaml {VERSIONS}"));
        ran.says("run it in a checkout of https://git.example.com/team/fleet");
        // in the repository itself they are looked for
        fs::remove_file(folder.path(source)).unwrap();
        folder.sh("git init -q -b main . && git remote add origin https://git.example.com/team/fleet").exits(0);
        let (modes, said) = told(&folder, "-f apps/m.yaml");
        assert!(modes.iter().all(|mode| mode == "legacy"), "{modes:?} {said}");
    }
}

#[test]
fn a_manifest_on_standard_input_is_in_no_checkout() {
    let folder = Folder::new();
    let ran = folder.run_on(&format!("migrate -q -f - {VERSIONS}"), OF_FOLDER).exits(0);
    ran.says(
        "warning[mode-elsewhere]: a file that Argo CD merges into this source may set another mode, and could not be \
         read",
    );
    folder.run_on(&format!("migrate -q -f - {VERSIONS}"), OPTIONAL).exits(1).says(
        "no file that was read sets the \
        mode",
    );
}

#[test]
fn a_file_that_is_named_says_where_its_folder_is() {
    let folder = checkout(OF_FOLDER);
    folder.sh("mkdir other && mv charts other").exits(0);
    let line = format!("migrate -q -f apps/m.yaml -f other/charts/illumio/values.yaml {VERSIONS}");
    folder.run(&line).exits(0);
    folder.write(
        "other/charts/illumio/.argocd-source-illumio-east.yaml",
        "helm: {parameters: [{name: clusterMode, value: clas}]}\n",
    );
    let ran = folder.run(&line).exits(0);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("clas"), "{ran}");
    let folder = checkout(OPTIONAL);
    folder.write("clusters/east.yaml", "clusterMode: clas\n");
    folder.run(&format!("revert -q -f apps/m.yaml -f clusters/east.yaml {VERSIONS}")).exits(0);
}

#[test]
fn the_file_for_one_application_of_a_set_is_looked_for() {
    let list = "list: {elements: [{cluster: east, mode: legacy}, {cluster: west, mode: legacy}]}";
    let git =
        "git: {repoURL: 'https://git.example.com/team/fleet.git', revision: main, files: [{path: 'clusters/*.yaml'}]}";
    for (generator, name) in [(list, "illumio-{{cluster}}"), (git, "illumio-{{cluster}}")] {
        let folder = checkout(&set(generator, name, "{parameters: [{name: clusterMode, value: '{{mode}}'}]}"));
        folder.write("clusters/east.yaml", "cluster: east\nmode: legacy\n");
        folder.write("clusters/west.yaml", "cluster: west\nmode: legacy\n");
        folder.sh("git remote add origin https://git.example.com/team/fleet").exits(0);
        assert_eq!(told(&folder, "-f apps/m.yaml").0, ["legacy", "legacy"], "{generator}");
        folder.write(
            "charts/illumio/.argocd-source-illumio-west.yaml",
            "helm: {parameters: [{name: clusterMode, value: clas}]}\n",
        );
        let modes = told(&folder, "-f apps/m.yaml").0;
        assert!(modes[0] == "legacy" && modes[1] != "legacy", "{generator}: {modes:?}");
    }
}

#[test]
fn a_file_of_another_branch_is_compared_as_the_work_tree_has_it() {
    let folder = checkout(OPTIONAL);
    folder.write("clusters/east.yaml", "clusterMode: clas\n");
    let commit = "git add -A && git -c user.name=a -c user.email=a@b commit -q -m x";
    // neither branch is begun from the other one
    let branches =
        format!("git checkout -q -b prod && echo x >x && {commit} && git checkout -q main && echo y >y && {commit}");
    folder.sh(&format!("git remote add origin https://git.example.com/team/fleet && {commit} && {branches}")).exits(0);
    let again =
        "git config core.autocrlf true && git checkout -q prod && rm clusters/east.yaml && git checkout -q -f .";
    folder.sh(again).exits(0);
    assert_eq!(folder.read("clusters/east.yaml"), b"clusterMode: clas\r\n");
    assert_eq!(told(&folder, "-f apps/m.yaml").0, ["clas"]);
}

#[test]
fn another_branch_tells_what_it_holds() {
    let folder = checkout(OF_FOLDER);
    let commit = "git add -A && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x";
    folder
        .sh(&format!(
            "git remote add origin https://git.example.com/team/fleet && {commit} && git checkout -q -b feature"
        ))
        .exits(0);
    assert_eq!(told(&folder, "-f apps/m.yaml").0, ["legacy"]);
    let file = "charts/illumio/.argocd-source-illumio-east.yaml";
    folder
        .sh(&format!("git checkout -q main && echo 'helm: {{}}' >{file} && {commit} && git checkout -q feature"))
        .exits(0);
    is_unknown(&folder, &["on the branch `main`, and `feature` is checked out"]);
    // a branch that is not known here could hold anything; few Applications have such a file
    folder.sh("git checkout -q --detach && git branch -q -D main feature && git checkout -q -b feature").exits(0);
    let (modes, said) = told(&folder, "-f apps/m.yaml");
    assert!(modes == ["legacy"] && said.contains("on the branch `main`, and `feature` is checked out"), "{said}");
}

#[test]
fn the_elements_of_a_generator_are_all_of_them_or_none() {
    let git = |name: &str| {
        format!(
            "git: {{repoURL: 'https://git.example.com/team/{name}', revision: main, files: [{{path: 'clusters/*.yaml'}}]}}"
        )
    };
    let manifest = set(
        &format!("{}\n  - {}", git("fleet"), git("other")),
        "illumio-{{cluster}}",
        "{valueFiles: ['../../{{path}}/{{cluster}}.yaml']}",
    );
    let folder = checkout(&manifest);
    folder.write("clusters/east.yaml", "cluster: east\nclusterMode: legacy\n");
    folder.sh("git remote add origin https://git.example.com/team/fleet").exits(0);
    is_unknown(&folder, &["filled in from files in the repository https://git.example.com/team/other"]);
}

#[test]
fn what_is_outside_of_the_checkout_is_not_known_to_be_absent() {
    let helmfile = "releases:\n- {name: east, chart: 'oci://quay.io/illumio/illumio', version: 5.1.0, missingFileHandler: Warn, \
                    values: [../../VALUES]}\n";
    let folder = Folder::new();
    folder.sh("mkdir -p repo/apps common && cd repo && git init -q . && ln -s ../common common").exits(0);
    for values in ["common/east.yaml", "common/none.yaml", "repo/common/east.yaml", "nowhere/none.yaml"] {
        folder.write("repo/apps/m.yaml", helmfile.replace("VALUES", values));
        folder.write("common/east.yaml", "clusterMode: clas\n");
        let ran = folder.sh(&format!("cd repo && helm-clas migrate -q -f apps/m.yaml {VERSIONS}")).exits(1);
        ran.says("outside this checkout, so it is not read");
    }
    let by_hand = format!("cd repo/apps && helm-clas revert -q -f m.yaml -f ../../common/east.yaml {VERSIONS}");
    folder.write("repo/apps/m.yaml", helmfile.replace("VALUES", "common/east.yaml"));
    folder.sh(&by_hand).exits(0);
    // a chart that is there has a mode of its own
    folder.write("common/illumio/Chart.yaml", "apiVersion: v2\nname: illumio\nversion: 5.1.0\n");
    folder.write("common/illumio/values.yaml", "clusterMode: clas\n");
    let kustomization = "helmGlobals: {chartHome: ../../common}\nhelmCharts: [{name: illumio, releaseName: illumio}]\n";
    folder.write("repo/east/kustomization.yaml", kustomization);
    let ran = folder.sh("cd repo && helm-clas status east -o json").exits(0);
    assert!(ran.stdout.contains("outside this checkout, so it is not read"), "{ran}");
    assert_eq!(ran.json()["summary"]["unknown"], 1, "{ran}");
    // within it what is not there is absent
    folder.write("repo/apps/m.yaml", helmfile.replace("../../VALUES", "none.yaml"));
    let ran = folder.sh("cd repo && helm-clas status -f apps/m.yaml").exits(0);
    assert!(ran.stdout.contains("legacy (default)"), "{ran}");
}

#[test]
fn a_component_that_is_fetched_may_say_another_mode() {
    let folder = checkout(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio}\nspec:\n  chart: {spec: {chart: \
         illumio, version: 5.1.0, sourceRef: {kind: HelmRepository, name: illumio}}}\n  values: {clusterMode: legacy}\n",
    );
    for component in [
        "https://github.com/team/a//clas?ref=main",
        "github.com/team/a//clas",
        "git@github.com:team/a.git//clas",
        "../../../a",
    ] {
        folder.write("apps/kustomization.yaml", format!("resources: [m.yaml]\ncomponents: ['{component}']\n"));
        is_unknown(&folder, &["a component that"]);
    }
    folder.write("apps/kustomization.yaml", "resources: [m.yaml, 'https://github.com/team/a//other']\n");
    assert_eq!(told(&folder, "-f apps/m.yaml").0, ["legacy"]);
}

/// An Application that takes a values file from a branch of a repository.
const OF_BRANCH: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: illumio-east}
spec:
  sources:
  - {repoURL: quay.io/illumio, chart: illumio, targetRevision: 5.1.0, helm: {valueFiles: [$values/clusters/east.yaml]}}
  - {repoURL: 'https://git.example.com/team/fleet.git', targetRevision: production, ref: values}
";

/// A step in the file of the path that is taken from elsewhere is refused, unless an option says that it is meant.
#[track_caller]
fn is_taken_from_elsewhere(folder: &Folder, words: &str) {
    let before = folder.read("clusters/east.yaml");
    let line = format!("migrate -q -f clusters/east.yaml {VERSIONS}");
    let ran = folder.run(&format!("{line} --write")).exits(1);
    assert!(ran.stderr.contains("illumio-east in apps/m.yaml uses the file of this path that is"), "{ran}");
    assert!(ran.stderr.contains(words), "{ran}");
    assert_eq!(folder.read("clusters/east.yaml"), before);
    folder.run(&format!("{line} --path .")).exits(0);
    // it is not a cluster of its own, but its mode is reported anyway
    let json = folder.run("status -o json").json();
    let rows: Vec<&serde_json::Value> = json["files"].as_array().unwrap().iter().collect();
    assert!(rows.len() == 2 && rows[1]["file"] == "clusters/east.yaml" && rows[1]["mode"].is_null(), "{json}");
    assert!(rows[1].to_string().contains("mode-not-judged"), "{json}");
    assert_eq!((&json["summary"]["clusters"], &json["summary"]["unknown"]), (&1.into(), &1.into()), "{json}");
}

#[test]
fn a_values_file_that_is_taken_from_another_branch_is_not_edited_here() {
    let commit = "git add -A && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x";
    let folder = checkout(OF_BRANCH);
    folder.sh("rm -r charts").exits(0);
    folder.write("clusters/east.yaml", "pce_url: pce.example.com:8443\nclusterMode: legacy\n");
    folder.sh(commit).exits(0);
    is_taken_from_elsewhere(&folder, "which is not checked out here");
    folder.sh("git remote add origin https://git.example.com/team/other").exits(0);
    is_taken_from_elsewhere(&folder, "which is not checked out here");
    folder.sh("git remote set-url origin https://git.example.com/team/fleet").exits(0);
    is_taken_from_elsewhere(&folder, "on the branch `production`, and `main` is checked out");
    // what is done on a branch for one change comes to the branch that it was begun from
    folder.sh("git branch production && git checkout -q -b clas-east production").exits(0);
    folder.run(&format!("migrate -q --write -f clusters/east.yaml {VERSIONS}")).exits(0);
    folder.sh(commit).exits(0);
    assert_eq!(told(&folder, "-f apps/m.yaml").0, ["migrateLegacyToClas"]);
    // what is ahead on a branch that stays need not come there, and what came to that one since is not here
    folder.sh("git checkout -q main && git merge -q clas-east").exits(0);
    assert_eq!(told(&folder, "-f apps/m.yaml").0, ["unknown"]);
    folder.sh(&format!("git checkout -q production && {commit} && git checkout -q clas-east")).exits(0);
    assert_eq!(told(&folder, "-f apps/m.yaml").0, ["unknown"]);
}

#[test]
fn values_of_an_environment_of_helmfile_are_no_cluster() {
    let values = "inherited: x\nclusterMode: legacy\n";
    for (list, file) in [
        ("environments: {default: {values: [clusters/east.yaml]}}", "helmfile.yaml"),
        ("environments: {default: {values: ['clusters/{{ .Environment.Name }}.yaml']}}", "helmfile.yaml"),
        ("environments:\n  east:\n    values:\n    - ../clusters/*.yaml", "fleet/any.yaml"),
        ("helmfiles: [{path: other.yaml, values: [clusters/east.yaml]}]", "helmfile.yaml"),
    ] {
        let folder = Folder::new();
        folder.sh("mkdir clusters fleet && git init -q .").exits(0);
        folder.write("clusters/east.yaml", values);
        folder.write(file, format!("{list}\n---\nreleases: [{{name: a, chart: other/chart}}]\n"));
        let json = folder.run("status -o json").json();
        assert_eq!((&json["summary"]["clusters"], &json["files"][0]["kind"]), (&0.into(), &"mention".into()), "{json}");
        let line = format!("migrate -q -f clusters/east.yaml {VERSIONS}");
        let ran = folder.run(&format!("{line} --write")).exits(1);
        ran.says(&format!("{file} reads this file for an environment"));
        assert_eq!(folder.read("clusters/east.yaml"), values.as_bytes());
        folder.run(&format!("{line} --path .")).exits(0);
    }
}

/// What shows no value of this chart is not given a mode, unless the place is named.
#[test]
fn a_file_that_may_be_any_charts_is_not_edited() {
    let of_another = "containerRuntime: containerd\nKubernetes: true\noperator: {}\nfluentbit: {}\nnameOverride: ''\n";
    const NONE: &str = "none of the values belongs to this chart";
    let said = "other tools have a `containerRuntime`, too";
    for (text, why) in
        [("# the values of east\n", NONE), ("---\n# none yet\n", NONE), ("{}\n", NONE), (of_another, said)]
    {
        let folder = Folder::new();
        folder.write("values.yaml", text);
        let line = format!("migrate -q -f values.yaml {VERSIONS}");
        folder.run(&format!("{line} --write")).exits(1).says(why);
        assert_eq!(folder.read("values.yaml"), text.as_bytes());
        folder.run(&format!("{line} --path .")).exits(0);
        folder.write("common.yaml", "pce_url: pce.example.com:8443\n");
        // a file with names that the chart has not stays another tool's, whatever is named beside it
        let code = i32::from(text == of_another);
        folder.run(&format!("migrate -q -f common.yaml -f values.yaml {VERSIONS}")).exits(code);
    }
}

#[test]
fn a_secret_that_a_release_takes_is_no_cluster_beside_it() {
    let folder = Folder::new();
    folder.write(
        "release.yaml",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio}\nspec:\n  chart: {spec: {chart: illumio, \
         version: 5.1.0, sourceRef: {kind: HelmRepository, name: illumio}}}\n  valuesFrom: [{kind: Secret, name: mode}]\n",
    );
    folder.write(
        "secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: mode}\nstringData:\n  values.yaml: |\n    clusterMode: clas\n",
    );
    let json = folder.run("status -o json").json();
    assert_eq!((&json["summary"]["clusters"], &json["summary"]["unknown"]), (&1.into(), &1.into()), "{json}");
    let rules: Vec<&serde_json::Value> =
        json["files"].as_array().unwrap().iter().map(|row| &row["findings"][0]["rule"]).collect();
    assert_eq!(rules, ["mode-elsewhere", "mode-not-judged"], "{json}");
}

#[test]
fn a_values_file_that_decides_for_none_of_its_takers_is_not_edited() {
    let folder = checkout(OF_FOLDER);
    folder.sh("git remote add origin https://git.example.com/team/fleet").exits(0);
    let plugin = OF_FOLDER.replace("illumio-east", "other").replace("helm: {parameters", "plugin: {parameters");
    folder.write("apps/plugin.yaml", plugin);
    folder.write("charts/illumio/Chart.yaml", "apiVersion: v2\nname: illumio\nversion: 5.1.0\n");
    let values = "pce_url: pce.example.com:8443\nclusterMode: legacy\n";
    folder.write("charts/illumio/values.yaml", values);
    let line = format!("migrate -q -f charts/illumio/values.yaml {VERSIONS}");
    let ran = folder.run(&format!("{line} --write")).exits(1);
    ran.says("a plugin renders this source, and may set another mode");
    assert_eq!(folder.read("charts/illumio/values.yaml"), values.as_bytes());
    folder.run(&format!("{line} --path .")).exits(0);
    // where it does, it is refused for the others that it moves
    folder.write("apps/m.yaml", OF_FOLDER.replace("name: clusterMode, value: legacy", "name: verbosity, value: '2'"));
    folder.run(&line).exits(1).says("error[several-clusters-at-once]: one edit here moves 2 clusters");
}
