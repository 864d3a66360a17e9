//! One reading of what a cluster gets: what two commands would have answered differently, and a change judged by what
//! the cluster gets at both revisions.

use helm_clas::{ClusterValues, CompatibilityMatrix, Files, Rule, Texts, Wanted, chart::values::Schema};

use crate::support::{
    program::Folder,
    reading::{self, Ask},
};

const APPLICATION: &str = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: illumio}\nspec:\n  \
    source:\n    repoURL: quay.io/illumio\n    chart: illumio\n    targetRevision: 5.1.0\n    helm:\n";

fn rules(name: &str, text: &str) -> Vec<Rule> {
    let judged = reading::without_versions(|circumstances| reading::judged(&[(name, text)], circumstances)).unwrap();
    judged.findings.iter().map(|finding| finding.rule).collect()
}

/// Every layer is judged, not only the one that sets the mode.
#[test]
fn a_bad_value_is_found_in_whichever_layer_it_stands() {
    for (name, text) in [
        (
            "app.yaml",
            format!(
                "{APPLICATION}      parameters: [{{name: clusterMode, value: clas}}]\n      valuesObject: {{pce_url: \
                 'https://pce:8443'}}\n"
            ),
        ),
        (
            "app.yaml",
            format!(
                "{APPLICATION}      parameters: [{{name: pce_url, value: 'https://pce:8443'}}]\n      valuesObject: \
                 {{clusterMode: clas}}\n"
            ),
        ),
        (
            "helmfile.yaml",
            "releases:\n- name: a\n  chart: q/illumio\n  version: 5.1.0\n  values: [{pce_url: 'https://pce:1'}]\n  set: \
             [{name: clusterMode, value: clas}]\n"
                .to_owned(),
        ),
        (
            "helmfile.yaml",
            "releases:\n- name: a\n  chart: q/illumio\n  version: 5.1.0\n  values: [{pce_url: 'https://pce:1'}, \
             {clusterMode: clas}]\n"
                .to_owned(),
        ),
    ] {
        assert_eq!(rules(name, &text), [Rule::BadPceUrl], "{text}");
    }
}

/// The PCE is the one that the step's release names: in any layer, and below an umbrella chart's alias.
#[test]
fn the_pce_is_found_where_the_mode_is_found() {
    let pce_of = |files: &[(&str, &str)]| {
        let texts = Texts::new();
        let files = Files::of(&texts, files.iter().copied());
        ClusterValues::read(&files, &[0], None, &[]).unwrap().pce_url
    };
    let values = "      parameters: [{name: clusterMode, value: clas}]\n      valuesObject: {pce_url: 'pce:8443'}\n";
    assert_eq!(pce_of(&[("app.yaml", &format!("{APPLICATION}{values}"))]).as_deref(), Some("pce:8443"));
    let chart = "dependencies:\n- {name: illumio, alias: sec, version: 5.1.0}\n";
    let umbrella = "sec: {pce_url: 'pce:8443', clusterMode: clas}\n";
    assert_eq!(pce_of(&[("values.yaml", umbrella), ("Chart.yaml", chart)]).as_deref(), Some("pce:8443"));
}

/// An object is the one of its API group: a k3s `HelmChart` is not a source of Flux's.
#[test]
fn an_object_is_known_by_its_group_too() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio}\nspec:\n  chartRef: \
        {kind: HelmChart, name: illumio}\n  values: {clusterMode: legacy}\n";
    let chart = |group: &str| {
        format!(
            "apiVersion: {group}/v1\nkind: HelmChart\nmetadata: {{name: illumio}}\nspec: {{version: 5.1.0, chart: \
             illumio}}\n"
        )
    };
    let version = |group: &str| {
        let files = [("release.yaml", release.to_owned()), ("chart.yaml", chart(group))];
        reading::standings(&files, None)[0].version.clone()
    };
    assert_eq!(version("source.toolkit.fluxcd.io").as_deref(), Some("5.1.0"));
    assert_eq!(version("helm.cattle.io"), None);
}

/// A finding about a run has the files that it is about, whatever their names are part of.
#[test]
fn a_finding_about_several_files_names_its_own() {
    let folder = Folder::new();
    for name in ["a.yaml", "prod-a.yaml", "prod-b.yaml"] {
        let mode = if name == "a.yaml" { "legacy" } else { "migrateLegacyToClas" };
        folder.write(name, format!("clusterMode: {mode}\n"));
    }
    let sarif = folder.run("check --partial -o gitlab a.yaml prod-a.yaml prod-b.yaml").json();
    let of_run = |one: &&serde_json::Value| one["check_name"] == "several-clusters-migrating";
    let violation = sarif.as_array().unwrap().iter().find(of_run).unwrap();
    assert_eq!(violation["location"]["path"], "prod-a.yaml");
}

/// A command is built of words, not by replacing some in a sentence.
#[test]
fn a_name_in_a_command_stays_as_it_is() {
    let guarded = "clusterMode: legacy\nsops:\n  mac: ENC[x]\n";
    let outcome = reading::outcome(&[("EAST_MODE_FILE.yaml", guarded)], &Ask::of(helm_clas::Verb::Migrate));
    let guard = outcome.findings.iter().find(|finding| finding.rule == Rule::EncryptedFile).unwrap();
    assert_eq!(
        guard.help.as_deref(),
        Some("change it through SOPS: sops set EAST_MODE_FILE.yaml '[\"clusterMode\"]' '\"migrateLegacyToClas\"'")
    );
}

/// Each text is parsed once for each question that a command asks, whichever kind of place it is in.
#[test]
fn each_text_is_parsed_once() {
    let text = format!("{APPLICATION}      values: |\n        pce_url: pce:8443\n        clusterMode: legacy\n");
    let helmfile = "releases:\n- {name: a, chart: q/illumio, version: 5.1.0, values: [a.yaml, {x: 1}, b.yaml]}\n";
    for (files, parses) in [
        (vec![("v.yaml", "clusterMode: legacy\n")], 1),
        (vec![("app.yaml", text.as_str())], 2),
        (vec![("helmfile.yaml", helmfile), ("a.yaml", "clusterMode: legacy\n"), ("b.yaml", "y: 1\n")], 3),
    ] {
        let texts = Texts::new();
        let mut read = Files::of(&texts, files.clone());
        for wanted in read.wanted(&[0], None) {
            let found = match &wanted {
                Wanted::File(path) => read.number(path).into_iter().collect(),
                _ => Vec::new(),
            };
            read.answer(wanted, found);
        }
        assert_eq!(helm_clas::status::found_in(&read, 0, None).len(), 1);
        let circumstances = helm_clas::check::Circumstances {
            version: None,
            pce_version: None,
            matrix: &CompatibilityMatrix::shipped(),
            schema: &Schema::shipped(),
            is_partial: true,
            version_before: None,
            judges_all: false,
            path: None,
            options: &[],
        };
        assert!(helm_clas::check::check(&read, 0, &circumstances).is_some());
        assert!(ClusterValues::read(&read, &[0], None, &[]).is_ok());
        assert_eq!(texts.parsed(), parses, "{files:?}");
    }
}

/// The folder of a repository with a helmfile, and values of both modes.
fn repository(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    folder.sh("git init -q -b main . && git config user.name a && git config user.email a@b").exits(0);
    for (name, text) in files {
        folder.write(name, text);
    }
    folder.sh("git add . && git commit -q -m x").exits(0);
    folder
}

#[track_caller]
fn changes(before: &[(&str, &str)], after: &[(&str, &str)], file: &str, expected: &[&str]) {
    let folder = repository(before);
    for (name, text) in after {
        folder.write(name, text);
    }
    for options in ["--against HEAD", "--staged"] {
        folder.sh("git add .").exits(0);
        let json = folder.run(&format!("check --partial -o json {options} {file}")).json();
        let findings = json["files"][0]["findings"].as_array().unwrap();
        let mut found: Vec<&str> = findings.iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
        found.retain(|rule| *rule != "left-in-migration");
        assert_eq!(found, expected, "{options} {json:#}");
    }
}

/// What counts is the mode that the cluster gets: it changes with the name of a file, too.
#[test]
fn naming_another_file_is_a_change_of_the_mode() {
    let modes = [("legacy.yaml", "clusterMode: legacy\n"), ("clas.yaml", "clusterMode: clas\n")];
    let helmfile =
        |file: &str| format!("releases:\n- {{name: a, chart: q/illumio, version: 5.1.0, values: [{file}]}}\n");
    let (old, new) = (helmfile("legacy.yaml"), helmfile("clas.yaml"));
    let before: Vec<(&str, &str)> = modes.into_iter().chain([("helmfile.yaml", old.as_str())]).collect();
    changes(&before, &[("helmfile.yaml", &new)], "helmfile.yaml", &["skipped-migration"]);
    let kustomization =
        |file: &str| format!("helmCharts:\n- {{name: illumio, releaseName: a, version: 5.1.0, valuesFile: {file}}}\n");
    let (old, new) = (kustomization("legacy.yaml"), kustomization("clas.yaml"));
    let before: Vec<(&str, &str)> = modes.into_iter().chain([("kustomization.yaml", old.as_str())]).collect();
    changes(&before, &[("kustomization.yaml", &new)], "kustomization.yaml", &["skipped-migration"]);
}

/// The mode in one file and the version in another, in one commit.
#[test]
fn mode_and_version_in_two_files_are_one_change() {
    let helmfile =
        |version: &str| format!("releases:\n- {{name: a, chart: q/illumio, version: {version}, values: [v.yaml]}}\n");
    let (old, new) = (helmfile("5.0.0"), helmfile("5.1.0"));
    changes(
        &[("helmfile.yaml", &old), ("v.yaml", "clusterMode: legacy\n")],
        &[("helmfile.yaml", &new), ("v.yaml", "clusterMode: migrateLegacyToClas\n")],
        "helmfile.yaml",
        &["mode-and-version-together"],
    );
}

/// A cluster is known by its `cluster_id` where its release has another name now.
#[test]
fn a_cluster_is_known_by_its_id_in_a_text_too() {
    let application = |name: &str, mode: &str| {
        APPLICATION.replace("name: illumio}", &format!("name: {name}}}"))
            + &format!("      values: |\n        cluster_id: c1\n        clusterMode: {mode}\n")
    };
    let (old, new) = (application("east", "legacy"), application("east-1", "clas"));
    changes(&[("app.yaml", &old)], &[("app.yaml", &new)], "app.yaml", &["bad-cluster-id", "skipped-migration"]);
}
