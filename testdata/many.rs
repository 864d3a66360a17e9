//! One command about several clusters: `verify`, `verify --before`, `status --live` and `runbook` of a folder.

use serde_json::{Value, json};

use crate::support::{
    cluster::{Cluster, newest},
    fake_pce::{CLUSTER, FakePce, Ran, run},
    program::{FIT, Folder},
    schema::fits,
};
use crate::verify::cluster_on_pce;

/// Two releases; the second is not where its file says.
fn fleet() -> Cluster {
    let cluster = Cluster::empty(newest());
    for (name, runs, says) in [("east", "legacy", "legacy"), ("west", "legacy", "migrateLegacyToClas")] {
        let file = format!("fleet/{name}.yaml");
        let values = |mode| format!("pce_url: pce.example.com:8443\nnamespaceOverride: {name}\nclusterMode: {mode}\n");
        std::fs::create_dir_all(cluster.folder.path().join("fleet")).unwrap();
        cluster.write(&file, &values(runs));
        let mut command = cluster.helm.command(cluster.folder.path());
        let words = ["upgrade", "--install", name, "./chart", "-f", &file, "-n", name];
        assert!(cluster.reaching(&mut command).args(words).output().unwrap().status.success());
        cluster.write(&file, &values(says));
    }
    let of =
        |name: &str| format!("- {{files: fleet/{name}.yaml, release: {name}, namespace: {name}, version: 5.1.0}}\n");
    cluster.write(".helm-clas.yaml", &format!("clusters:\n{}{}", of("east"), of("west")));
    cluster
}

fn answers(ran: &Ran) -> Vec<(String, i64, Value)> {
    let answer = ran.json();
    fits(&answer);
    assert_eq!(answer["schema"], "helm-clas/clusters/v1");
    let one = |one: &Value| {
        (one["file"].as_str().unwrap().to_owned(), one["exitCode"].as_i64().unwrap(), one["answer"].clone())
    };
    answer["clusters"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn each_cluster_of_a_folder_is_verified() {
    let cluster = fleet();
    let ran = cluster.clas(&["verify", "fleet", "--without-pce", "-o", "json"]);
    let answers_of = answers(ran.exits(1));
    let told: Vec<(&str, i64, &Value)> =
        answers_of.iter().map(|(file, code, answer)| (file.as_str(), *code, &answer["mode"])).collect();
    assert_eq!(told, [("fleet/east.yaml", 0, &json!("legacy")), ("fleet/west.yaml", 1, &json!("migrateLegacyToClas"))]);
    // the same as of each alone, with what .helm-clas.yaml says of it
    let alone = cluster.clas(&["verify", "-f", "fleet/west.yaml", "--without-pce", "-o", "json"]);
    assert_eq!(alone.exits(1).json()["checks"], answers_of[1].2["checks"]);
    let text = cluster.clas(&["verify", "fleet", "--without-pce"]);
    let words = [
        "fleet/east.yaml\nAfter legacy: namespace east",
        "fleet/west.yaml\nAfter migrateLegacyToClas: namespace west",
        "\n2 clusters: 1 in order, 1 to look at\n",
    ];
    for word in words {
        assert!(text.exits(1).answer.contains(word), "no {word:?} in {}", text.answer);
    }
    text.remarks_have(&["fleet/west.yaml:\nnote: the chart version is 5.1.0, as line 3 of .helm-clas.yaml says"]);
    let markdown = cluster.clas(&["verify", "fleet", "--without-pce", "-o", "markdown"]);
    assert!(markdown.exits(1).answer.starts_with("# fleet/east.yaml\n\n## After legacy\n"), "{}", markdown.answer);
}

#[test]
fn the_checks_before_the_next_step_are_made_for_each() {
    let cluster = fleet();
    let ran = cluster.clas(&["verify", "--before", "fleet", "--without-pce", "-o", "json"]);
    let answers = answers(ran.exits(1));
    let commands: Vec<&Value> = answers.iter().map(|(_, _, answer)| &answer["command"]).collect();
    assert_eq!(commands, ["migrate", "migrate --finish"]);
}

#[test]
fn each_cluster_of_a_folder_is_held_against_its_release() {
    let cluster = fleet();
    let ran = cluster.clas(&["status", "--live", "fleet", "--exit-code", "-o", "json"]);
    let answers = answers(ran.exits(1));
    let agree: Vec<(i64, &Value)> = answers.iter().map(|(_, code, answer)| (*code, &answer["agree"])).collect();
    assert_eq!(agree, [(0, &json!(true)), (1, &json!(false))]);
    // one that does not answer keeps no other waiting
    cluster.write(".helm-clas.yaml", "clusters:\n- {files: fleet/east.yaml, release: east, namespace: east}\n- {files: fleet/west.yaml, kubeContext: nowhere}\n");
    let ran = cluster.clas(&["status", "--live", "fleet"]);
    ran.exits(2).remarks_have(&["fleet/west.yaml:\n"]);
    assert!(ran.answer.ends_with("2 clusters: 1 in order, 1 without an answer\n"), "{}", ran.answer);
    // the pages have what runs as well
    let page = cluster.clas(&["status", "--live", "fleet", "-o", "html"]);
    assert!(page.exits(2).answer.contains("<td data-label=\"Runs\">legacy (chart 5.1.0, revision 1, deployed)</td>"));
    let markdown = cluster.clas(&["status", "--live", "fleet", "-o", "markdown"]);
    let row = "| fleet/east.yaml | east in east | legacy (chart 5.1.0, revision 1, deployed) | yes |  |";
    assert!(markdown.exits(2).answer.contains(row), "{}", markdown.answer);
    let one = cluster.clas(&["status", "--live", "-f", "fleet/east.yaml", "-o", "markdown"]);
    assert!(one.exits(0).answer.contains(row), "{}", one.answer);
}

#[test]
fn the_pce_is_asked_once_for_all_clusters_of_a_folder() {
    let cluster = fleet();
    let pce = FakePce::new();
    for name in ["east", "west"] {
        let file = format!("fleet/{name}.yaml");
        cluster.write(&file, &(cluster.read(&file) + &format!("cluster_id: {CLUSTER}\n")));
    }
    pce.put("/orgs/3/container_clusters", json!([cluster_on_pce("legacy")]));
    let status = |more: &[&str]| {
        let mut command = pce.command();
        run(cluster.reaching(&mut command).args(["status", "--pce", "--live", "fleet", "-o"]).args(more))
    };
    let ran = status(&["json"]);
    fits(&ran.json());
    let found = ran.json()["pceClusters"]["clusters"].clone();
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["files"].as_array().unwrap().len(), 2, "one id in two files: {found:#}");
    let asked = pce.paths().iter().filter(|path| path.ends_with("/container_clusters")).count();
    assert_eq!(asked, 1);
    for form in ["text", "markdown", "html"] {
        let ran = status(&[form]);
        assert_eq!(ran.answer.matches("Clusters of the PCE ").count(), 1, "{form}: {}", ran.answer);
    }
}

#[test]
fn each_cluster_of_a_folder_has_a_runbook() {
    let folder = Folder::with("a/values.yaml", "clusterMode: legacy\npce_url: a:1\n");
    folder.write("b/values.yaml", "clusterMode: clas\npce_url: b:1\n");
    let ran = folder.run(&format!("runbook . {FIT} -o markdown")).exits(0);
    let titles: Vec<&str> =
        ran.stdout.lines().filter(|line| line.starts_with("# ") || line.starts_with("## ")).collect();
    let expected = [
        "# a/values.yaml",
        "## From legacy to clas: a/values.yaml",
        "# b/values.yaml",
        "## From clas to clas: b/values.yaml",
    ];
    assert_eq!(titles, expected, "{ran}");
    folder.run(&format!("runbook . {FIT} -o html")).exits(2).says("-o markdown");
    folder.run(&format!("runbook . -f a/values.yaml {FIT}")).exits(2);
    folder.run(&format!("runbook {FIT}")).exits(2).says("--values");
    folder.run("verify -").exits(2).says("standard input");
    let nowhere = folder.run(&format!("runbook nowhere {FIT}")).exits(2);
    nowhere.says("nowhere");
}
