//! Every container cluster of a PCE against those of some files, as the lists of a PCE give it.

use helm_clas::{
    ClusterMode,
    pce_clusters::{FileCluster, PceCluster, compared},
    report::pce_clusters::{markdown, rows_json, text},
};
use serde_json::{Value, json};

use crate::support::{
    fake_pce::{CLUSTER, FakePce, Ran, Reply, run},
    measure::grows_with_number,
    program::Folder,
    schema::{closed, fits, output_schema},
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

// `helm clas status --pce`.

const OTHER: &str = "5a1e0000-0000-4000-8000-0000000000c2";

/// A folder with a fleet, and the PCE that knows it.
struct Fleet {
    folder: Folder,
    pce: FakePce,
}

impl Fleet {
    /// Two clusters on the PCE, and a file of the first.
    fn new() -> Self {
        Self::on(FakePce::new())
    }

    fn on(pce: FakePce) -> Self {
        let fleet = Self { folder: Folder::new(), pce };
        let mut one = fleet.pce.played().objects[&format!("/orgs/3/container_clusters/{CLUSTER}")].clone();
        one["cluster_mode"] = json!("clas");
        one["clas_mode"] = json!(true);
        let mut other = one.clone();
        other["href"] = json!(format!("/orgs/3/container_clusters/{OTHER}"));
        other["name"] = json!("k8s-b");
        other["cluster_mode"] = json!("migrateLegacyToClas");
        fleet.has(&[one, other]);
        fleet.file("east.yaml", CLUSTER, "clas", "");
        fleet
    }

    fn has(&self, list: &[Value]) {
        vendor::fit("container_clusters_get", list);
        self.pce.put("/orgs/3/container_clusters", json!(list));
    }

    fn file(&self, name: &str, id: &str, mode: &str, rest: &str) {
        let host = &self.pce.host;
        self.folder.write(name, format!("pce_url: {host}\ncluster_id: {id}\nclusterMode: {mode}\n{rest}"));
    }

    fn status(&self, words: &[&str]) -> Ran {
        let mut command = self.pce.command();
        command.env_remove("ILLUMIO_PCE_HOST").current_dir(self.folder.path("."));
        run(command.args(["status", "--pce"]).args(words))
    }

    /// The standing of each cluster by its id.
    #[track_caller]
    fn standings(&self, words: &[&str]) -> Vec<(String, String)> {
        let answer = self.status(&[words, &["-o", "json"]].concat()).exits(0).json();
        fits(&answer);
        let clusters = answer["pceClusters"]["clusters"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        clusters.iter().map(|row| (text(&row["id"]), text(&row["standing"]))).collect()
    }
}

#[test]
fn the_pce_is_held_against_the_files_of_a_folder() {
    let fleet = Fleet::new();
    let agree = |words: &[&str]| fleet.standings(words).into_iter().map(|(_, standing)| standing).collect::<Vec<_>>();
    assert_eq!(agree(&[]), ["agrees", "only-pce"]);
    fleet.status(&["--exit-code"]).exits(0);
    fleet.file("west.yaml", OTHER, "legacy", "");
    assert_eq!(agree(&[]), ["agrees", "disagrees"]);
    fleet.status(&["--exit-code"]).exits(1);
    fleet.file("copy.yaml", CLUSTER, "clas", "");
    fleet.file("gone.yaml", "5a1e0000-0000-4000-8000-0000000000c9", "clas", "");
    let text = fleet.status(&[]);
    for words in [
        "Clusters of the PCE localhost:",
        ", organisation 3\n",
        "one cluster_id in copy.yaml and east.yaml",
        "this PCE has no such cluster",
        "1 agree, 1 disagree, 1 known to files only, 1 between two modes",
    ] {
        assert!(text.exits(0).answer.contains(words), "no {words:?} in {}", text.answer);
    }
    let markdown = fleet.status(&["-o", "markdown"]);
    assert!(markdown.answer.starts_with("# Clusters\n\n| File |"), "{}", markdown.answer);
    assert!(markdown.answer.contains("\n| k8s-b | migrateLegacyToClas | legacy | yes |"), "{}", markdown.answer);
    let page = fleet.status(&["-o", "html"]);
    assert!(page.answer.contains("<h2 id=\"pce\">Clusters of the PCE"), "{}", page.answer);
    assert!(fleet.pce.changes().is_empty());
}

#[test]
fn events_say_since_when_and_a_pce_without_them_is_right_all_the_same() {
    let fleet = Fleet::new();
    let event = json!({ "href": "/orgs/3/events/1", "event_type": "container_cluster.update",
        "timestamp": "2025-06-01T08:00:00.000Z", "resource_changes": [{
            "resource": { "container_cluster": { "href": format!("/orgs/3/container_clusters/{OTHER}") } },
            "changes": { "cluster_mode": { "before": "legacy", "after": "migrateLegacyToClas" } } }] });
    let words = "migrateLegacyToClas since 2025-06-01T08:00:00.000Z";
    assert!(!fleet.status(&[]).exits(0).answer.contains(words));
    fleet.pce.put("/orgs/3/events", json!([event]));
    assert!(fleet.status(&[]).exits(0).answer.contains(words));
    let refusing = FakePce::with(|request, _| request.path.contains("/events").then(|| Reply::refusal(403, "x", "no")));
    Fleet::on(refusing).status(&[]).exits(0);
}

#[test]
fn only_the_clusters_of_the_pce_that_is_asked_are_compared() {
    let fleet = Fleet::new();
    fleet
        .folder
        .write("abroad.yaml", format!("pce_url: pce.example.com:8443\ncluster_id: {OTHER}\nclusterMode: legacy\n"));
    fleet.status(&[]).exits(2).remarks_have(&["the files name 2 different PCEs: localhost:", "--pce-host"]);
    // each form says what it does not know
    let said = fleet.status(&["-o", "json"]).exits(2).json();
    fits(&said);
    assert!(
        said["notJudged"][0]["message"].as_str().unwrap().starts_with("the files name 2 different PCEs"),
        "{said:#}"
    );
    for form in ["markdown", "html"] {
        let ran = fleet.status(&["-o", form]);
        assert!(ran.exits(2).answer.contains("the files name 2 different PCEs"), "{}", ran.answer);
    }
    let host = fleet.pce.host.clone();
    let ran = fleet.status(&["--pce-host", &host]);
    assert!(ran.exits(0).answer.contains("1 cluster of the files belongs to another PCE"), "{}", ran.answer);
    let standings = fleet.standings(&["--pce-host", &host]);
    assert_eq!(standings[1], (OTHER.to_owned(), "only-pce".to_owned()));
}

#[test]
fn without_a_key_or_a_pce_it_says_so() {
    let fleet = Fleet::new();
    let mut command = crate::support::fake_pce::bare_command();
    let ran = run(command.current_dir(fleet.folder.path(".")).args(["status", "--pce"]));
    ran.exits(2).remarks_have(&["no API key of the PCE is given"]);
    let mut command = crate::support::fake_pce::bare_command();
    run(command.args(["status", "--exit-code"])).fails(&["add --live or --pce"]);
}
