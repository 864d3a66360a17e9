//! Every container cluster of a PCE against those of some files, as the lists of a PCE give it.

use helm_clas::{
    ClusterMode,
    pce_clusters::{FileCluster, PceCluster, compared},
    report::pce_clusters::{markdown, rows_json, text},
};
use serde_json::{Value, json};

use crate::support::{
    fake_pce::{CLUSTER, FakePce},
    measure::grows_with_number,
    schema::{closed, output_schema},
    vendor,
};

/// The clusters of the played PCE, whole objects as a PCE lists them.
fn clusters(change: impl Fn(&mut Value)) -> Vec<PceCluster> {
    let pce = FakePce::new();
    let mut one = pce.played().objects[&format!("/orgs/3/container_clusters/{CLUSTER}")].clone();
    change(&mut one);
    let mut other = one.clone();
    other["href"] = json!("/orgs/3/container_clusters/5a1e0000-0000-4000-8000-0000000000c2");
    for never_known in ["kubelink_version", "last_connected"] {
        other.as_object_mut().unwrap().remove(never_known);
    }
    other["online"] = json!(false);
    let list = [one, other];
    vendor::fit("container_clusters_get", &list);
    PceCluster::list(&json!(list).to_string(), "").unwrap()
}

fn file(name: &str, id: &str, mode: Option<ClusterMode>) -> FileCluster {
    FileCluster { file: name.to_owned(), id: id.to_owned(), mode }
}

#[test]
fn the_rows_fit_their_schema() {
    let pce = clusters(|cluster| cluster["errors"] = json!([{ "error_type": "kubernetes_connection_failed" }]));
    let files = [
        file("east.yaml", CLUSTER, Some(ClusterMode::MigrateLegacyToClas)),
        file("east-copy.yaml", CLUSTER, None),
        file("gone.yaml", "5a1e0000-0000-4000-8000-0000000000c9", Some(ClusterMode::Clas)),
    ];
    let rows = compared(&pce, &files);
    let mut schema = output_schema();
    schema["$ref"] = json!("#/$defs/pceCluster");
    for name in ["oneOf", "required"] {
        schema.as_object_mut().unwrap().remove(name);
    }
    let validator = closed(schema);
    for row in rows_json(&rows) {
        let errors: Vec<String> = validator.iter_errors(&row).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}\n{row:#}");
    }
    let standings: Vec<&str> = rows.iter().map(|row| row.standing.as_str()).collect();
    assert_eq!(standings, ["unclear", "only-pce", "only-files"]);
    let shown = text(&rows);
    for words in [
        "one cluster_id in east.yaml and east-copy.yaml",
        "another cluster has this name",
        "errors: kubernetes_connection_failed",
        "2 between two modes",
    ] {
        assert!(shown.contains(words), "no {words} in {shown}");
    }
    assert_eq!(markdown(&rows).lines().filter(|line| line.starts_with('|')).count(), 2 + 3);
}

#[test]
fn names_cannot_act_on_the_terminal_or_the_page() {
    let pce = clusters(|cluster| cluster["name"] = json!("a\u{1b}[2J\n| <b>"));
    let rows = compared(&pce, &[]);
    assert!(!text(&rows).contains('\u{1b}'));
    let page = markdown(&rows);
    assert!(!page.contains("<b>\n") && page.contains("\\| \\<b\\>"), "{page}");
    assert_eq!(page.lines().count(), 2 + 2 + 2);
}

#[test]
fn ten_thousand_clusters_are_compared_at_once() {
    grows_with_number("clusters", 1_250, 8, compares_clusters);
}

fn compares_clusters(count: usize) {
    let ids: Vec<String> = (0..count).map(|number| format!("5a1e0000-0000-4000-8000-{number:012}")).collect();
    let list: Vec<Value> = ids
        .iter()
        .map(|id| json!({ "href": format!("/orgs/3/container_clusters/{id}"), "name": "same", "cluster_mode": "clas" }))
        .collect();
    let pce = PceCluster::list(&json!(list).to_string(), "").unwrap();
    let files: Vec<FileCluster> = ids.iter().map(|id| file("f.yaml", id, Some(ClusterMode::Clas))).collect();
    let rows = compared(&pce, &files);
    assert!(rows.iter().all(|row| row.standing.as_str() == "agrees"));
}
