//! What runs against what the files say beside the mode: `status --live`, `verify` and `plan --live` see a release of
//! another cluster, of another chart, and of another version, and say so in every format without its credentials.

use serde_json::{Value, json};

use crate::support::{
    program::{Folder, Ran},
    schema::{closed, output_schema},
};

const EAST: &str = "5f3e1a52-0f3c-4f0a-9a51-3a1d6c2f8b11";
const TOKEN: &str = "1_f8a2c0d5e6b7981234567890abcdef1234567890abcdef1234567890abcdef12";
const CODE: &str = "9c2d1e0f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d";

const HELM: &str = "#!/bin/sh\necho \"$*\" >>asked\ncase \"$1 $2\" in\n\
    \"history \"*) echo '[{\"revision\":1,\"status\":\"deployed\",\"updated\":\"2025-06-01T08:00:00Z\"}]' ;;\n\
    \"get metadata\") cat metadata.json ;;\n\"get values\") cat release.json ;;\nesac\n";

/// The values of a release.
fn values(mode: &str) -> Value {
    json!({ "pce_url": "pce.example.com:8443", "cluster_id": EAST, "cluster_token": TOKEN, "cluster_code": CODE,
        "containerManager": "kubernetes", "containerRuntime": "containerd", "clusterMode": mode })
}

/// A folder with values, and a release of them that is played.
struct Cluster(Folder);

impl Cluster {
    fn in_mode(mode: &str) -> Self {
        let folder = Folder::with("v.yaml", values(mode).to_string());
        folder.write("bin/helm", HELM);
        folder.write("bin/kubectl", "#!/bin/sh\n");
        folder.sh("chmod +x bin/helm bin/kubectl");
        let cluster = Self(folder);
        cluster.runs("illumio", "5.1.0", &values(mode));
        cluster
    }

    fn runs(&self, chart: &str, version: &str, values: &Value) {
        self.0.write("metadata.json", json!({ "chart": chart, "version": version }).to_string());
        self.0.write("release.json", values.to_string());
    }

    fn run(&self, line: &str) -> Ran {
        self.0.sh(&format!("PATH=$PWD/bin:$PATH helm-clas {line}"))
    }

    /// Every command that compares says this, and is not green.
    #[track_caller]
    fn is_told(&self, words: &str) {
        let status = "status --live --exit-code -f v.yaml";
        for form in ["text", "json", "markdown", "html"] {
            let ran = self.run(&format!("{status} -o {form}")).exits(1);
            let plain = |text: &str| text.replace(['\\', '\n', '`'], "").replace("  ", " ");
            assert!(plain(&ran.stdout).contains(&plain(words)), "no `{words}` in {ran}");
            assert!(!ran.stdout.contains("They agree") && !ran.stdout.contains("nothing to do"), "{ran}");
            for secret in [&TOKEN[2..], CODE, "0th3r"] {
                assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{ran}");
            }
        }
        let answer = self.run(&format!("{status} -o json")).json();
        assert!(closed(output_schema()).is_valid(&answer), "{answer:#}");
        assert_eq!((&answer["agree"], &answer["ways"]["on"]["what"]), (&json!(false), &json!("history")));
        let (state, seen) = self.release_in_mode();
        assert_eq!(state, "wrong", "{seen}");
        assert!(seen.contains(words), "{seen}");
    }

    /// What `verify` says of the release.
    fn release_in_mode(&self) -> (String, String) {
        let answer = self.run("verify --without-pce -f v.yaml -o json").json();
        let checks = answer["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["id"] == "release-in-mode").unwrap();
        (check["state"].as_str().unwrap().to_owned(), check.to_string())
    }
}

#[test]
fn a_release_of_another_cluster_is_never_green() {
    let cluster = Cluster::in_mode("clas");
    cluster.run("status --live --exit-code -f v.yaml").exits(0).has("They agree");
    assert_eq!(cluster.release_in_mode().0, "right");
    for (key, other) in [
        ("cluster_id", "00000000-0000-4000-8000-000000000000"),
        ("cluster_token", "1_0th3r0th3r"),
        ("cluster_code", "0th3r0th3r"),
        ("pce_url", "pce2.example.com:8443"),
    ] {
        let mut given = values("clas");
        given[key] = json!(other);
        cluster.runs("illumio", "5.1.0", &given);
        cluster.is_told(&format!("the release does not have the values of the files in `{key}`"));
        given.as_object_mut().unwrap().remove(key);
        cluster.runs("illumio", "5.1.0", &given);
        cluster.is_told(&format!("the release does not have the values of the files in `{key}`"));
    }
    // what fills in a value is not one, and neither case nor a layer that is not read makes another
    for (key, same) in
        [("cluster_token", "ref+vault://kv#/t"), ("pce_url", "PCE.example.com:8443"), ("cluster_code", "ILO_CODE")]
    {
        let mut file = values("clas");
        file[key] = json!(same);
        cluster.0.write("v.yaml", file.to_string());
        cluster.runs("illumio", "5.1.0", &values("clas"));
        cluster.run("status --live --exit-code -f v.yaml").exits(0).has("They agree");
    }
}

#[test]
fn another_chart_and_another_version_are_never_green() {
    let cluster = Cluster::in_mode("clas");
    cluster.runs("nginx", "5.1.0", &values("clas"));
    cluster.is_told("the release is one of the chart `nginx`, not of `illumio`");
    cluster.runs("illumio", "4.3.0", &values("clas"));
    cluster.is_told("the chart of the release does not know its mode");
    cluster.runs("illumio", "5.1.0", &values("clas"));
    let other = "the release runs chart `5.1.0`, and the files name chart 5.2.0";
    cluster.run("status --live --exit-code -f v.yaml --version 5.2.0").exits(1).has(other);
    cluster.run("status --live --exit-code -f v.yaml --version 5.1.0").exits(0);
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio}\nspec:\n  chart: {spec: \
                   {chart: illumio, version: 5.2.0, sourceRef: {kind: HelmRepository, name: illumio}}}\n  values: \
                   {clusterMode: clas}\n";
    cluster.0.write("hr.yaml", release);
    cluster.run("status --live --exit-code -f hr.yaml").exits(1).has(other);
    cluster.run("verify --without-pce -f hr.yaml").exits(1).has(other);
    // beside a range nothing is compared
    cluster.0.write("hr.yaml", release.replace("5.2.0", "5.x"));
    cluster.run("status --live -f hr.yaml").exits(0).has("They agree");
}

#[test]
fn a_plan_takes_no_step_for_a_release_of_another_cluster() {
    let cluster = Cluster::in_mode("legacy");
    cluster.run("plan --live v.yaml --version 5.1.0").exits(0).has("legacy -> migrateLegacyToClas");
    let mut other = values("legacy");
    other["cluster_id"] = json!("00000000-0000-4000-8000-000000000000");
    cluster.runs("illumio", "5.1.0", &other);
    let ran = cluster.run("plan --live v.yaml --version 5.1.0").exits(2);
    let ran = ran.says("the release does not have the values of the files in `cluster_id`");
    assert!(!ran.stdout.contains("->"), "{ran}");
}

/// The file is behind the release: the same step would not be one.
#[test]
fn a_release_that_is_ahead_of_the_file_leads_to_the_file() {
    for (file, runs, verb) in [
        ("legacy", "migrateLegacyToClas", "migrate --write"),
        ("migrateLegacyToClas", "clas", "migrate --finish --write"),
        ("clas", "migrateClasToLegacy", "revert --write"),
        ("migrateClasToLegacy", "legacy", "revert --finish --write"),
    ] {
        let cluster = Cluster::in_mode(file);
        cluster.runs("illumio", "5.1.0", &values(runs));
        let ran = cluster.run("verify --without-pce -f v.yaml").exits(1);
        let ran =
            ran.has("the release has taken a step that the files have not").has(&format!("clas {verb} -f v.yaml"));
        assert!(!ran.stdout.contains("run the step with --run"), "{ran}");
        let ran = cluster.run("status --live -f v.yaml").exits(0);
        let ran = ran.has("change only the file").has(&format!("clas {verb} -f v.yaml"));
        assert!(!ran.stdout.contains("--run"), "{ran}");
    }
    let cluster = Cluster::in_mode("legacy");
    cluster.runs("illumio", "5.1.0", &values("clas"));
    let ran = cluster.run("verify --without-pce -f v.yaml").exits(1);
    ran.has("no step of the procedure leads from there").has("helm history illumio");
}

#[test]
fn without_an_api_key_no_printed_command_asks_the_pce_for_its_version() {
    let cluster = Cluster::in_mode("migrateLegacyToClas");
    cluster.runs("illumio", "5.1.0", &values("legacy"));
    let ran = cluster.run("status --live -f v.yaml --set a.b=1").exits(0);
    let ran = ran.has("--pce-version PCE-VERSION").has("# replace PCE-VERSION with the version that the PCE runs");
    assert!(ran.stdout.contains("--set a.b=1") && !ran.stdout.contains("auto"), "{ran}");
    let key = "ILLUMIO_API_KEY_USERNAME=api_1 ILLUMIO_API_KEY_SECRET=x";
    let ran = cluster.0.sh(&format!("{key} PATH=$PWD/bin:$PATH helm-clas verify --without-pce -f v.yaml"));
    ran.has("--pce-version auto");
}

/// The manifest of the checkout that takes a file says which release is asked about.
#[test]
fn a_values_file_that_is_named_alone_is_of_the_release_that_takes_it() {
    let cluster = Cluster::in_mode("clas");
    let helmfile = "helmDefaults: {kubeContext: ctx}\nreleases:\n- name: il\n  namespace: other\n  chart: \
                    oci://quay.io/illumio/illumio\n  version: 5.1.0\n  values: [v.yaml]\n";
    cluster.0.write("helmfile.yaml", helmfile);
    cluster.0.sh("git init -q .");
    for line in ["status --live -f v.yaml", "verify --without-pce -f v.yaml"] {
        cluster.0.write("asked", "");
        cluster.run(line).says("helmfile.yaml gets values from v.yaml");
        let asked = String::from_utf8(cluster.0.read("asked")).unwrap();
        assert!(asked.contains("history il -n other -o json --kube-context ctx"), "{line}: {asked}");
    }
    // what is named on the command line counts
    cluster.0.write("asked", "");
    cluster.run("status --live -f v.yaml --release own -n mine --kube-context here");
    let asked = String::from_utf8(cluster.0.read("asked")).unwrap();
    assert!(asked.contains("history own -n mine -o json --kube-context here"), "{asked}");
    // a variable is not a namespace that can be asked
    cluster.0.write("helmfile.yaml", helmfile.replace("other", "'{{ .Environment.Name }}'"));
    let ran = cluster.run("status --live -f v.yaml").exits(2);
    ran.says("the namespace of the release is not known").says("name it with -n");
}

/// Which release some values are of is never a guess.
#[test]
fn values_that_several_releases_take_are_not_compared_with_the_usual_one() {
    let cluster = Cluster::in_mode("clas");
    let release = |name| format!("  - {{name: {name}, chart: illumio/illumio, version: 5.1.0, values: [v.yaml]}}\n");
    cluster.0.write("helmfile.yaml", format!("releases:\n{}{}", release("east"), release("west")));
    for command in ["status --live", "verify --without-pce"] {
        let ran = cluster.run(&format!("{command} -f v.yaml")).exits(2);
        let ran = ran.says("-f helmfile.yaml --path east").says("which release is meant is not known");
        assert!(!ran.stdout.contains("illumio-system"), "{ran}");
        cluster.run(&format!("{command} -f v.yaml --release illumio")).has("illumio-system");
        cluster.run(&format!("{command} -f helmfile.yaml --path east")).has("clas");
    }
}

#[test]
fn a_release_whose_name_a_variable_fills_in_is_not_taken_for_another() {
    let cluster = Cluster::in_mode("clas");
    let release = "resource \"helm_release\" \"x\" {\n  name = var.name\n  chart = \"oci://quay.io/illumio/illumio\"\n  \
                   version = \"5.1.0\"\n  values = [file(\"v.yaml\")]\n}\n";
    cluster.0.write("main.tf", release);
    let ran = cluster.run("verify --without-pce -f main.tf").exits(1);
    ran.has("? release-in-mode").has("the name of the release is not known").has("--release and -n");
    cluster.run("status --live -f main.tf").exits(2).says("the name of the release of this manifest is not known");
    cluster.run("verify --without-pce -f main.tf --release illumio").has("\u{2713} release-in-mode");
}

#[test]
fn an_umbrella_chart_is_compared_by_its_name_and_by_what_it_brings() {
    let cluster = Cluster::in_mode("clas");
    let mut values = json!({ "illumio": values("clas") });
    cluster.0.write("v.yaml", values.to_string());
    let chart = "apiVersion: v2\nname: platform\nversion: 1.0.0\ndependencies:\n- {name: illumio, version: 5.1.0}\n";
    cluster.0.write("Chart.yaml", chart);
    let runs = |chart: &str, version: Option<&str>| {
        let brought = version.map(|version| json!([{ "name": "illumio", "version": version }]));
        let metadata = json!({ "chart": chart, "version": "0.9.0", "dependencies": brought.unwrap_or(json!([])) });
        cluster.0.write("metadata.json", metadata.to_string());
    };
    cluster.0.write("release.json", values.to_string());
    runs("platform", Some("5.1.0"));
    let agree = cluster.run("status --live --exit-code -f v.yaml").exits(0).has("They agree");
    let agree = agree.has("(chart platform 0.9.0 with illumio 5.1.0, revision 1, deployed)");
    agree
        .has("Could not tell: the release has version `0.9.0` of the umbrella chart")
        .has("Chart.yaml here has `1.0.0`");
    runs("illumio", Some("5.1.0"));
    cluster.is_told("the release is one of the chart `illumio`, not of `platform`");
    runs("platform", Some("5.0.5"));
    let other = "the release runs chart `5.0.5`, and the files name chart 5.1.0";
    cluster.run("status --live --exit-code -f v.yaml").exits(1).has(other).has("first upgrade the software");
    assert_eq!(cluster.release_in_mode().0, "wrong");
    for unknown in [None, Some("^5.0.0")] {
        runs("platform", unknown);
        let ran = cluster.run("status --live --exit-code -f v.yaml").exits(1);
        ran.has("Could not tell: the version of the chart `illumio`").has("Whether they agree is not known");
        assert_eq!(cluster.release_in_mode().0, "could-not-tell");
    }
    // without its chart in the checkout, it is any but Illumio's own, which reads nothing below the key
    cluster.0.sh("rm Chart.yaml");
    runs("illumio", None);
    cluster.is_told("the release is one of the chart `illumio`, not of an umbrella chart");
    values["illumio"]["cluster_id"] = json!("ref+vault://kv#/id");
    cluster.0.write("v.yaml", values.to_string());
    runs("platform", None);
    let ran = cluster.run("status --live --exit-code -f v.yaml").exits(1);
    ran.has("not compared, because the files that were read do not have the").has("values: `cluster_id`");
    assert_eq!(cluster.release_in_mode().0, "could-not-tell");
}

/// What no step can change, no printed command is to change.
#[test]
fn a_mode_that_is_not_in_a_file_is_not_said_to_be_changed_there() {
    let cluster = Cluster::in_mode("legacy");
    cluster.runs("illumio", "5.1.0", &values("migrateLegacyToClas"));
    let option = "-f v.yaml --set clusterMode=legacy";
    for command in ["status --live", "verify --without-pce"] {
        let ran = cluster.run(&format!("{command} {option}")).has("write its mode in the option");
        assert!(!ran.stdout.contains("--write"), "{ran}");
        let ran = cluster.0.sh(&format!("PATH=$PWD/bin:$PATH helm-clas {command} -f - <v.yaml"));
        let ran = ran.has("take it as well where standard");
        assert!(!ran.stdout.contains("--write"), "{ran}");
    }
    // nor does an option reach what a controller brings
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio}\nspec:\n  chart: {spec: \
                   {chart: illumio, version: 5.1.0, sourceRef: {kind: HelmRepository, name: illumio}}}\n  values: \
                   {clusterMode: clas, namespaceOverride: '${NS}'}\n";
    cluster.0.write("hr.yaml", release);
    for command in ["status --live", "verify --without-pce"] {
        let ran = cluster.run(&format!("{command} -f hr.yaml --set clusterMode=clas")).exits(2);
        ran.says("`--set` does not reach a manifest");
    }
    cluster.run("verify --without-pce -f hr.yaml").exits(2).says("name it with --set namespaceOverride=NAME");
    let ran = cluster.run("verify --without-pce -f hr.yaml --set namespaceOverride=soft");
    ran.has("namespace soft");
    let ran = cluster.run("migrate -f v.yaml --version 5.1.0 --pce-version 24.2.20 -o json").json();
    let back = &ran["next"][1];
    assert!(back["back"] == true && back["command"].to_string().contains("\"revert\""), "{ran:#}");
    let open = cluster.run("revert -f hr.yaml --version 5.1.0 --pce-version 24.2.20");
    open.says("verify -f hr.yaml --set namespaceOverride=SOFTWARE-NAMESPACE").says("# replace SOFTWARE-NAMESPACE");
}
