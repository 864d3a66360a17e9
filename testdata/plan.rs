//! `helm clas plan`: whose turn it is in a fleet, and the command that takes the step.

use serde_json::{Value, json};

use crate::support::{program::Folder, schema::fits};

const VERSION: &str = "--version 5.1.0 --pce-version 24.2.20";

/// A fleet: a file a cluster, with its PCE and its mode.
fn fleet(clusters: &[(&str, &str, &str)]) -> Folder {
    let folder = Folder::new();
    for (name, pce, mode) in clusters {
        folder.write(name, format!("pce_url: {pce}:8443\nclusterMode: {mode}\n"));
    }
    folder
}

fn turns(folder: &Folder, words: &str) -> Vec<(String, String)> {
    let answer = folder.run(&format!("plan {words} -o json")).exits(0).json();
    fits(&answer);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    answer["clusters"].as_array().unwrap().iter().map(|one| (text(&one["cluster"]), text(&one["turn"]))).collect()
}

#[track_caller]
fn check(folder: &Folder, words: &str, expected: &[(&str, &str)]) {
    let expected: Vec<(String, String)> =
        expected.iter().map(|(name, turn)| ((*name).to_owned(), (*turn).to_owned())).collect();
    assert_eq!(turns(folder, words), expected);
}

#[test]
fn one_cluster_of_a_pce_starts_and_the_others_wait() {
    let folder = fleet(&[("a.yaml", "one", "legacy"), ("b.yaml", "one", "legacy"), ("c.yaml", "two", "clas")]);
    check(&folder, VERSION, &[("a.yaml", "now"), ("b.yaml", "after"), ("c.yaml", "done")]);
    check(&folder, "--at-once 2", &[("a.yaml", "now"), ("b.yaml", "now"), ("c.yaml", "done")]);
    check(&folder, "--revert", &[("a.yaml", "done"), ("b.yaml", "done"), ("c.yaml", "now")]);
    check(&folder, "--next", &[("a.yaml", "now")]);
    let ran = folder.run(&format!("plan {VERSION}")).exits(0);
    ran.prints(
        "To clas, at most 1 of one PCE between two modes: 1 now, 1 later, 1 done\n\n  a.yaml: legacy -> migrateLegacyToClas\n    \
         helm clas migrate -f a.yaml --version 5.1.0 --pce-version 24.2.20\n\nLater\n  b.yaml: migrate, after a.yaml\n",
    );
}

#[test]
fn the_printed_commands_lead_the_whole_fleet_to_clas() {
    let folder =
        fleet(&[("a.yaml", "one", "legacy"), ("b.yaml", "one", "migrateClasToLegacy"), ("c.yaml", "two", "legacy")]);
    for steps in 0.. {
        let answer = folder.run(&format!("plan --next {VERSION} -o json")).exits(0).json();
        fits(&answer);
        let Some(next) = answer["clusters"].as_array().unwrap().first() else {
            assert_eq!(steps, 7);
            break;
        };
        let words: Vec<&str> = next["command"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        folder.run(&format!("{} --write", words[2..].join(" "))).exits(0);
        assert_eq!(folder.run("status -o json").json()["summary"]["unknown"], json!(0));
    }
    check(&folder, "", &[("a.yaml", "done"), ("b.yaml", "done"), ("c.yaml", "done")]);
}

#[test]
fn what_is_not_known_is_said_and_nothing_starts_beside_it() {
    let folder = fleet(&[("a.yaml", "one", "legacy"), ("b.yaml", "one", "klas")]);
    check(&folder, VERSION, &[("a.yaml", "after"), ("b.yaml", "unknown")]);
    // of a file that cannot be read nothing is known, and so neither its PCE
    for broken in ["pce_url: p:1\nclusterMode: [\n", "clusterMode: klas\n"] {
        folder.write("b.yaml", broken);
        check(&folder, VERSION, &[("a.yaml", "after"), ("b.yaml", "unknown")]);
    }
    folder.run(&format!("plan {VERSION}")).has("note: `pce_url` of 1 cluster is not known");
    let folder = fleet(&[("a.yaml", "one", "legacy")]);
    let answer = folder.run("plan -o json").exits(0).json();
    assert_eq!(answer["clusters"][0]["command"], Value::Null, "without a version there is no command");
    folder.run("plan --version 5.1").exits(2);
    let markdown = folder.run(&format!("plan {VERSION} -o markdown")).exits(0);
    markdown.prints(
        "# To clas, at most 1 of one PCE between two modes: 1 now\n\n| Cluster | Mode | Next | |\n|---|---|---|---|\n| a.yaml | legacy | migrate \
         | helm clas migrate -f a.yaml --version 5.1.0 --pce-version 24.2.20 |\n",
    );
}

#[test]
fn the_options_of_the_plan_are_those_of_its_steps() {
    let folder = fleet(&[("a.yaml", "one", "legacy")]);
    folder.write("other.yaml", "clusters:\n- release: rel\n  namespace: illu\n  version: 5.1.0\n");
    let answer = folder.run("plan --config other.yaml -n east --kube-context e --kubeconfig k -o json").exits(0).json();
    let words = answer["clusters"][0]["command"].as_array().unwrap();
    let words: Vec<&str> = words.iter().map(|word| word.as_str().unwrap()).collect();
    let expected =
        "--version 5.1.0 --pce-version PCE-VERSION --config other.yaml -n east --kubeconfig k --kube-context e";
    assert!(words.join(" ").ends_with(expected), "{words:?}");
    folder.run("plan -").exits(2).says("standard input");
}

#[test]
fn a_step_that_its_versions_refuse_is_no_turn_and_lets_another_start() {
    let folder = fleet(&[("b.yaml", "one", "legacy"), ("flat.yaml", "two", "legacy")]);
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: east}\nspec:\n  source:\n    \
                       chart: illumio\n    repoURL: quay.io/illumio\n    targetRevision: 4.3.0\n    helm:\n      \
                       valuesObject: {pce_url: 'one:8443', clusterMode: legacy}\n";
    folder.write("a.yaml", application);
    folder.write("flat.yaml", "pce_url: two:8443\nclusterMode: legacy\nnetworkType: flat\n");
    // the chart of the first is upgraded first, which takes no place
    let expected = [("a.yaml (east)", "now"), ("b.yaml", "now"), ("flat.yaml", "refused")];
    check(&folder, VERSION, &expected);
    let answer = folder.run(&format!("plan {VERSION} -o json")).json();
    assert_eq!(answer["clusters"][0]["step"], "upgrade");
    assert_eq!(answer["clusters"][0]["software"], json!({ "from": "4.3.0", "to": "5.1.0" }));
    assert_eq!(answer["clusters"][2]["refusedBy"], json!(["flat-network-in-clas"]));
    let text = folder.run(&format!("plan {VERSION}")).exits(0);
    let upgrade =
        "a.yaml (east): chart 4.3.0 -> 5.1.0, in legacy\n    helm clas upgrade -f a.yaml --path east --version 5.1.0";
    assert!(text.stdout.contains(upgrade), "{text}");
    let text = folder.run("plan").exits(0);
    assert!(text.stdout.contains("a.yaml (east): migrate is refused: chart-too-old\n"), "{text}");
    // what is not named yet refuses nothing, and a PCE that is too old does
    check(&folder, "", &[("a.yaml (east)", "refused"), ("b.yaml", "now"), ("flat.yaml", "now")]);
    let old = "--version 5.1.0 --pce-version 22.5.0";
    check(&folder, old, &[("a.yaml (east)", "refused"), ("b.yaml", "refused"), ("flat.yaml", "refused")]);
}

#[test]
fn what_could_not_be_read_is_said_in_every_form() {
    let folder = fleet(&[("a.yaml", "one", "legacy")]);
    for command in ["plan", "status"] {
        let answer = folder.run(&format!("{command} a.yaml nowhere -o json")).exits(2).json();
        fits(&answer);
        let message = answer["notJudged"][0]["message"].as_str().unwrap();
        assert!(message.contains("nowhere"), "{answer}");
        assert_eq!(folder.run(&format!("{command} a.yaml -o json")).exits(0).json()["notJudged"], Value::Null);
        let markdown = folder.run(&format!("{command} a.yaml nowhere -o markdown")).exits(2);
        assert!(markdown.stdout.contains("- not judged: cannot read nowhere"), "{markdown}");
    }
    let page = folder.run("status a.yaml nowhere -o html").exits(2);
    assert!(page.stdout.contains("<strong>Not judged</strong>: cannot read nowhere"), "{page}");
}

/// The clusters in their order, each with its turn and the end of its freeze.
fn planned(folder: &Folder, words: &str) -> Vec<(String, String, Value)> {
    let answer = folder.run(&format!("plan {words} -o json")).exits(0).json();
    fits(&answer);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let clusters = answer["clusters"].as_array().unwrap().iter();
    clusters.map(|one| (text(&one["cluster"]), text(&one["turn"]), one["frozen"]["until"].clone())).collect()
}

#[test]
fn waves_order_and_freezes_stand_in_the_file_of_the_fleet() {
    let clusters = [("a.yaml", "one", "legacy"), ("lab/x.yaml", "two", "legacy"), ("prod/y.yaml", "two", "legacy")];
    let folder = fleet(&clusters);
    folder.write(
        ".helm-clas.yaml",
        "clusters:\n- {version: 5.1.0}\n- {files: 'prod/*', wave: 2}\n- {files: 'lab/*', wave: 1}\nfreezes:\n- from: \
         2025-12-20\n  until: 2026-01-05\n  files: 'prod/*'\n  why: end of the year\n",
    );
    let turns = |words: &str| {
        let planned = planned(&folder, words);
        planned.into_iter().map(|(name, turn, until)| format!("{name} {turn} {until}")).collect::<Vec<_>>()
    };
    // in the order of waves; those without one come last
    let first = ["lab/x.yaml now null", "prod/y.yaml after null", "a.yaml after null"];
    assert_eq!(turns("--at 2025-12-19T12:00:00Z"), first);
    folder.write("lab/x.yaml", "pce_url: two:8443\nclusterMode: clas\n");
    let frozen = ["lab/x.yaml done null", "prod/y.yaml frozen \"2026-01-05T23:59:59Z\"", "a.yaml after null"];
    assert_eq!(turns("--at 2025-12-31T12:00:00Z"), frozen);
    assert_eq!(turns("--at 2026-01-06T00:00:00Z")[1], "prod/y.yaml now null");
    let ran = folder.run("plan --at 2025-12-31T12:00:00Z").exits(0);
    let words = "prod/y.yaml: migrate, after the freeze until 2026-01-05T23:59:59Z (end of the year)\n";
    assert!(ran.stdout.contains(words), "{ran}");
    // the way back is open
    folder.write("prod/y.yaml", "pce_url: two:8443\nclusterMode: clas\n");
    assert_eq!(turns("--revert --at-once 2 --at 2025-12-31T12:00:00Z")[1], "prod/y.yaml now null");
    folder.run("plan --at yesterday").exits(2).says("`yesterday` is not a time");
    folder.run("plan --run").exits(2).says("add --next");
}

#[test]
fn the_values_file_of_a_release_says_when_it_goes() {
    let folder = fleet(&[("values/east.yaml", "one", "legacy"), ("values/west.yaml", "one", "legacy")]);
    let release = |name: &str| {
        format!("- {{name: {name}, chart: illumio, version: 5.1.0, namespace: {name}, values: [values/{name}.yaml]}}\n")
    };
    folder.write("helmfile.yaml", format!("releases:\n{}{}", release("east"), release("west")));
    check(&folder, "", &[("helmfile.yaml (east)", "now"), ("helmfile.yaml (west)", "after")]);
    let first = "clusters: [{files: values/west.yaml, wave: 1}, {files: values/east.yaml, wave: 2}]\n";
    let frozen = "freezes: [{from: 2025-12-20, until: 2026-01-05, files: values/west.yaml, why: end of the year}]\n";
    folder.write(".helm-clas.yaml", first);
    check(&folder, "", &[("helmfile.yaml (west)", "now"), ("helmfile.yaml (east)", "after")]);
    folder.write(".helm-clas.yaml", format!("{first}{frozen}"));
    check(
        &folder,
        "--at 2025-12-31T12:00:00Z",
        &[("helmfile.yaml (west)", "frozen"), ("helmfile.yaml (east)", "after")],
    );
}
