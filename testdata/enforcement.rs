//! `helm clas enforcement`: what it saves, lowers and puts back on a PCE that is played, and that nothing is lost.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use helm_clas::enforcement::{Changed, Deed, Kind, Mode, Planned, Saved, Seen, Target, compare, lower, restore};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    fake_pce::{CLUSTER, FakePce, Ran, Reply, Request, Silence, run},
    measure::ENDLESS,
    played::{ANOTHER, OURSELVES, cluster, node, own_profile},
    schema::{closed, fits, read_json},
};

/// A PCE with a cluster whose namespace and nodes are enforced, and a file for its modes.
struct Site {
    pce: FakePce,
    folder: TempDir,
}

const NODES: [(&str, &str); 4] = [("n1", "full"), ("n2", "selective"), ("n3", "visibility_only"), ("n4", "idle")];

impl Site {
    fn new() -> Self {
        Self::with(|_, _| None)
    }

    fn with(quirk: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let site = Self { pce: FakePce::with(quirk), folder: TempDir::new().unwrap() };
        site.nodes(&NODES);
        site.another(&own_profile(), "full");
        site
    }

    /// Puts nodes on the PCE, between those of another cluster and of none.
    fn nodes(&self, nodes: &[(&str, &str)]) {
        let ours = nodes.iter().map(|(name, mode)| node(name, &cluster(), mode));
        let mut list: Vec<Value> = ours.collect();
        list.push(node("other", "/orgs/3/container_clusters/5a1e0000-0000-4000-8000-0000000000c2", "full"));
        let mut vm = node("vm", "", "full");
        vm.as_object_mut().unwrap().remove("container_cluster");
        list.push(vm);
        self.pce.put("/orgs/3/workloads", Value::Array(list));
    }

    /// Someone else sets a mode.
    fn another(&self, href: &str, mode: &str) {
        self.pce.played().set_mode(href, mode, ANOTHER);
    }

    fn modes(&self) -> BTreeMap<String, String> {
        self.pce.played().modes()
    }

    fn mode(&self, href: &str) -> String {
        self.modes()[href].clone()
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("saved.json")
    }

    fn command(&self, words: &str) -> Command {
        let mut command = self.pce.command();
        let mut words = words.split_whitespace();
        command.arg("enforcement").arg(words.next().unwrap()).arg(self.file()).args(words);
        command.args(["--cluster-id", CLUSTER]);
        command
    }

    fn run(&self, words: &str) -> Ran {
        run(&mut self.command(words))
    }

    fn saved(&self) -> Value {
        serde_json::from_slice(&fs::read(self.file()).unwrap()).unwrap()
    }

    /// How many objects the file marks as lowered.
    fn marks(&self) -> usize {
        self.saved()["objects"].as_array().unwrap().iter().filter(|object| object["lowered"] == true).count()
    }
}

fn workload(name: &str) -> String {
    format!("/orgs/3/workloads/{name}")
}

/// The object of this name in an answer.
#[track_caller]
fn object(ran: &Ran, name: &str) -> Value {
    let answer = ran.json();
    fits(&answer);
    answer["objects"].as_array().unwrap().iter().find(|object| object["name"] == name).expect(name).clone()
}

// What each word does.

#[test]
fn the_modes_are_saved_in_a_file_that_fits_its_schema() {
    let site = Site::new();
    let ran = site.run("save");
    assert_eq!(
        ran.exits(0).answer.lines().skip(3).collect::<Vec<_>>(),
        ["  namespaces: 1 visibility_only, 1 full", "  nodes: 1 idle, 1 visibility_only, 1 selective, 1 full",]
    );
    let saved = site.saved();
    let schema = closed(read_json("schemas/enforcement.schema.json"));
    let errors: Vec<String> = schema.iter_errors(&saved).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(saved["cluster"], json!({ "href": cluster(), "name": "k8s-a" }));
    assert_eq!(saved["pce"], site.pce.host);
    let names: Vec<&Value> = saved["objects"].as_array().unwrap().iter().map(|object| &object["name"]).collect();
    assert_eq!(names, [&json!(null), &json!("illumio-system"), &json!("n1"), &json!("n2"), &json!("n3"), &json!("n4")]);
    assert!(site.pce.changes().is_empty());
    let shown = run(site.pce.command().args(["schema", "enforcement"]));
    assert_eq!(shown.exits(0).answer, fs::read_to_string("schemas/enforcement.schema.json").unwrap());
}

#[test]
fn a_file_that_is_there_is_never_overwritten() {
    let site = Site::new();
    site.run("save").exits(0);
    let before = site.saved();
    site.run("save").fails(&["exists, and is not overwritten", "--add"]);
    assert_eq!(site.saved(), before);
    site.nodes(&[("n1", "idle"), ("n5", "full")]);
    site.run("save --add").exits(0);
    let saved = site.saved();
    let mode = |name: &str| {
        let objects = saved["objects"].as_array().unwrap();
        objects.iter().find(|object| object["name"] == name).unwrap()["mode"].clone()
    };
    assert_eq!((mode("n1"), mode("n5")), (json!("full"), json!("full")), "what it held stays");
}

#[test]
fn lowering_is_shown_and_only_written_when_asked() {
    let site = Site::new();
    site.run("save").exits(0);
    let before = site.modes();
    let ran = site.run("lower");
    let line = "  namespace  illumio-system  full -> visibility_only  to lower\n";
    assert!(ran.exits(0).answer.contains(line), "{}", ran.answer);
    assert!(ran.answer.contains("--write lowers them"), "{}", ran.answer);
    assert!(site.pce.changes().is_empty());
    assert_eq!((site.modes(), site.marks()), (before.clone(), 0));

    let ran = site.run("lower --write");
    assert!(ran.exits(0).answer.contains(&line.replace("to lower", "lowered")), "{}", ran.answer);
    assert_eq!(
        site.pce.changes(),
        [(format!("/api/v2{}", own_profile()), json!({ "enforcement_mode": "visibility_only" }))]
    );
    assert_eq!(site.mode(&workload("n1")), "full", "nodes only with --nodes");
    assert_eq!(site.marks(), 1);

    let ran = site.run("lower --nodes --write -o json");
    assert_eq!(ran.exits(0).json()["complete"], true);
    assert_eq!(object(&ran, "n2")["to"], "visibility_only");
    assert_eq!(object(&ran, "n4")["to"], Value::Null, "what blocks nothing is not touched");
    assert_eq!(object(&ran, "illumio-system")["standing"], "lowered");
    assert_eq!(site.pce.changes().len(), 2);
    let mut expected = before;
    for href in [own_profile(), workload("n1"), workload("n2")] {
        expected.insert(href, "visibility_only".to_owned());
    }
    assert_eq!(site.modes(), expected, "and nothing of other clusters");
}

#[test]
fn what_was_lowered_is_put_back() {
    let site = Site::new();
    let before = site.modes();
    site.run("save").exits(0);
    site.run("lower --nodes --write").exits(0);
    let ran = site.run("restore");
    assert!(
        ran.exits(0).answer.contains("  node       n2              visibility_only -> selective  to restore\n"),
        "{}",
        ran.answer
    );
    assert!(ran.answer.contains("3 to restore, 3 as saved"), "{}", ran.answer);
    assert_eq!(site.pce.changes().len(), 2);
    let ran = site.run("restore --write");
    assert!(ran.exits(0).answer.contains("3 restored, 3 as saved"), "{}", ran.answer);
    assert_eq!((site.modes(), site.marks()), (before, 0));
    // again there is nothing to do
    let sent = site.pce.changes().len();
    site.run("restore --write").exits(0);
    assert_eq!(site.pce.changes().len(), sent);
}

#[test]
fn a_difference_is_shown_with_who_made_it() {
    let site = Site::new();
    site.run("save").exits(0);
    site.run("diff --exit-code").exits(0);
    site.run("lower --write").exits(0);
    site.another(&workload("n1"), "idle");
    let ran = site.run("diff -o json");
    let changed = object(ran.exits(0), "n1");
    assert_eq!((&changed["standing"], &changed["changedBy"]), (&json!("changed"), &json!(ANOTHER)));
    assert!(changed["changedAt"].as_str().unwrap().starts_with("2025-06-02T"));
    assert_eq!(object(&ran, "illumio-system")["standing"], "lowered");
    let ran = site.run("diff --exit-code");
    let line = format!(
        "  node       n1              idle, saved full             changed since it was saved, last by {ANOTHER} at"
    );
    assert!(ran.exits(1).answer.contains(&line), "{}", ran.answer);
    assert!(ran.answer.ends_with("1 lowered, 1 changed, 4 as saved\n"), "{}", ran.answer);
    assert!(site.pce.all_requests().iter().filter(|request| request.method != "GET").count() == 1);
}

#[test]
fn the_page_shows_what_is_answered() {
    let site = Site::new();
    let page = fs::read_to_string("docs/pce.md").unwrap();
    let shown = |ran: &Ran| {
        let (start, rest) = ran.answer.split_once(": saved ").unwrap();
        let time = rest.split('\n').next().unwrap();
        let file = start.rsplit('\n').next().unwrap();
        let answer = ran.answer.replace(&site.pce.host, "pce.example.com:8443");
        answer.replace(file, "enforcement.json").replace(time, "2025-06-01T08:00:00Z")
    };
    site.run("save").exits(0);
    let lowered = shown(&site.run("lower --nodes --write"));
    assert!(page.contains(&lowered), "docs/pce.md does not show\n{lowered}");
    site.another(&workload("n1"), "idle");
    let restored = shown(&site.run("restore"));
    assert!(page.contains(&restored), "docs/pce.md does not show\n{restored}");
}

// What someone else does meanwhile.

#[test]
fn what_someone_else_changed_is_left_unless_it_is_named() {
    let site = Site::new();
    site.run("save").exits(0);
    site.run("lower --nodes --write").exits(0);
    site.another(&workload("n1"), "selective");
    site.another(&workload("n3"), "full");
    let ran = site.run("restore --write");
    assert!(ran.exits(1).answer.contains("skipped: changed since it was saved, last by /users/7"), "{}", ran.answer);
    assert!(ran.answer.contains("--also NAME"), "{}", ran.answer);
    assert_eq!((site.mode(&workload("n1")), site.mode(&workload("n3"))), ("selective".into(), "full".into()));
    assert_eq!((site.mode(&workload("n2")), site.mode(&own_profile())), ("selective".into(), "full".into()));
    site.run("restore --also n9 --write").fails(&["no namespace and no node `n9`"]);
    let ran = site.run("restore --also n1 --write -o json");
    assert_eq!(object(ran.exits(1), "n3")["left"], "changed-by-another");
    assert_eq!(site.mode(&workload("n1")), "full");
    site.run("restore --also n3 --write").exits(0);
    assert_eq!(site.marks(), 0);
}

#[test]
fn what_someone_else_lowered_is_not_raised() {
    let site = Site::new();
    site.run("save").exits(0);
    site.another(&workload("n1"), "visibility_only");
    site.run("lower --nodes --write").exits(0);
    site.run("restore --write").exits(1);
    assert_eq!(site.mode(&workload("n1")), "visibility_only");
    assert_eq!(site.mode(&workload("n2")), "selective");
}

#[test]
fn what_changed_since_it_was_saved_is_not_lowered() {
    let site = Site::new();
    site.run("save").exits(0);
    site.another(&own_profile(), "selective");
    site.nodes(&[("n1", "full"), ("n9", "full")]);
    let ran = site.run("lower --nodes --write");
    assert!(ran.exits(1).answer.contains("1 lowered, 2 skipped"), "{}", ran.answer);
    assert!(ran.answer.contains("save into another file"), "{}", ran.answer);
    assert!(ran.answer.contains("`helm clas enforcement save --add`"), "{}", ran.answer);
    assert_eq!(site.mode(&own_profile()), "selective");
    assert_eq!((site.mode(&workload("n1")), site.mode(&workload("n9"))), ("visibility_only".into(), "full".into()));
}

#[test]
fn a_change_just_before_it_is_sent_stops_everything() {
    // the second look, after the file is written, sees another mode than the first
    let site = Site::with(|request, before| {
        let profiles = request.path.ends_with("/container_workload_profiles");
        (profiles && before == 5).then(|| {
            let profile =
                json!({ "href": own_profile(), "namespace": "illumio-system", "enforcement_mode": "selective" });
            Reply::json(200, &json!([profile]))
        })
    });
    site.run("save").exits(0);
    assert_eq!(site.pce.all_requests().len(), 3);
    site.run("lower --write").fails(&["someone else changed an enforcement mode just now; nothing was sent"]);
    assert!(site.pce.changes().is_empty());
    assert_eq!(site.marks(), 0);
}

// Whose file it is.

#[test]
fn a_file_of_another_cluster_organisation_or_pce_is_refused() {
    let site = Site::new();
    site.run("save").exits(0);
    let saved = site.saved();
    let other = |place: &str, value: &str| {
        let mut changed = saved.clone();
        *changed.pointer_mut(place).unwrap() = json!(value);
        fs::write(site.file(), changed.to_string()).unwrap();
        for words in ["lower --write", "restore --write", "diff", "save --add"] {
            site.run(words).fails(&["was saved from", "name the file of this cluster"]);
        }
    };
    other("/pce", "pce.example.com:8443");
    other("/org", "4");
    other("/cluster/href", "/orgs/3/container_clusters/5a1e0000-0000-4000-8000-0000000000c2");
    for text in
        ["", "{}", "[]", &saved.to_string().replace("v1", "v2"), &saved.to_string().replace("\"full\"", "\"fulll\"")]
    {
        fs::write(site.file(), text).unwrap();
        site.run("restore --write").fails(&["does not contain saved modes"]);
    }
    let mut twice = saved.clone();
    let first = twice["objects"][0].clone();
    twice["objects"].as_array_mut().unwrap().push(first);
    fs::write(site.file(), twice.to_string()).unwrap();
    site.run("restore --write").fails(&["is in it twice"]);
    fs::remove_file(site.file()).unwrap();
    site.run("lower --write").fails(&["`helm clas enforcement save FILE` writes it"]);
    assert!(site.pce.changes().is_empty());
}

#[test]
fn the_file_names_the_pce_and_the_cluster() {
    let site = Site::new();
    site.run("save").exits(0);
    let mut command = site.pce.command();
    command.env_remove("ILLUMIO_PCE_HOST").env_remove("ILLUMIO_PCE_ORG_ID").args(["enforcement", "diff"]);
    run(command.arg(site.file())).exits(0);
    let mut command = site.pce.command();
    run(command.args(["enforcement", "save", "new.json"])).fails(&["no cluster is given"]);
}

#[test]
fn the_values_name_the_namespace() {
    let site = Site::new();
    let values = site.folder.path().join("values.yaml");
    fs::write(&values, "namespaceOverride: agents\nclusterMode: legacy\n").unwrap();
    site.run("save").exits(0);
    let lower = |more: &[&str]| run(site.command("lower").args(more));
    lower(&["-f", values.to_str().unwrap()]).fails(&["no Container Workload Profile for the namespace agents"]);
    lower(&["--profile", "shop"]).fails(&["for the namespace shop", "--profile"]);
    lower(&["--profile", "illumio-system"]).exits(0);
}

// What the PCE refuses.

#[test]
fn a_key_that_may_not_change_anything_is_told_the_role() {
    let site = Site::with(|request, _| (request.method == "PUT").then(|| Reply::refusal(403, "forbidden", "no")));
    let before = site.modes();
    site.run("save").exits(0);
    let role = "it needs the role Global Administrator or Organization Owner";
    site.run("lower --write").fails(&["may not change", "(403): forbidden: no", role]);
    assert_eq!((site.modes(), site.marks()), (before, 0), "what was not sent is not marked");
}

#[test]
fn refusals_of_single_nodes_are_told_and_the_rest_is_done() {
    let site = Site::new();
    let mut list = vec![node("n1", &cluster(), "full"), node("n2", &cluster(), "full")];
    list[0]["locked"] = json!(true);
    site.pce.put("/orgs/3/workloads", Value::Array(list));
    site.run("save").exits(0);
    let ran = site.run("lower --nodes --write -o json");
    assert_eq!(ran.exits(1).json()["complete"], false);
    assert_eq!(object(&ran, "n1")["failed"], "the PCE reports locked_error: refused");
    assert_eq!(object(&ran, "n2")["failed"], Value::Null);
    assert_eq!(site.marks(), 2, "the profile and n2");
    site.pce.played().objects.get_mut("/orgs/3/workloads").unwrap()[0]["locked"] = json!(false);
    let ran = site.run("lower --nodes --write");
    assert!(ran.exits(0).answer.contains("1 lowered"), "{}", ran.answer);
}

#[test]
fn a_pce_that_takes_everything_and_does_nothing_is_seen_through() {
    let site = Site::with(|request, _| (request.method == "PUT").then(|| Reply::of(204, "")));
    site.run("save").exits(0);
    let ran = site.run("lower --write");
    assert!(ran.exits(1).answer.contains("not lowered: the PCE has it in full"), "{}", ran.answer);
    assert_eq!(site.marks(), 0);
}

#[test]
fn a_busy_pce_is_asked_again() {
    let site = Site::with(|request, before| {
        (request.method == "PUT" && before % 2 == 0)
            .then(|| Reply::refusal(429, "too_many_requests_error", "").header("Retry-After", "0"))
    });
    let before = site.modes();
    site.run("save").exits(0);
    site.run("lower --nodes --write").exits(0);
    site.run("restore --write").exits(0);
    assert_eq!(site.modes(), before);
}

/// A word whose first change has to wait, and what someone else does meanwhile.
fn run_throttled(armed: &AtomicBool, site: &Site, words: &str, meanwhile: impl Fn()) -> Ran {
    armed.store(true, Ordering::SeqCst);
    let child = site.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while armed.load(Ordering::SeqCst) {
        assert!(start.elapsed() < ENDLESS, "{words} changes nothing");
        thread::sleep(Duration::from_millis(2));
    }
    meanwhile();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { status: output.status.code().unwrap(), answer: text(output.stdout), remarks: text(output.stderr) }
}

#[test]
fn what_someone_else_sets_while_the_pce_throttles_is_left() {
    let armed = Arc::new(AtomicBool::new(false));
    for (words, href) in [
        ("lower --nodes --write", own_profile()),
        ("lower --nodes --write", workload("n1")),
        ("restore --write", own_profile()),
        ("restore --write", workload("n1")),
    ] {
        let is_armed = Arc::clone(&armed);
        let site = Site::with(move |request, _| {
            let throttles = request.method == "PUT" && is_armed.swap(false, Ordering::SeqCst);
            throttles.then(|| Reply::refusal(429, "too_many_requests_error", "").header("Retry-After", "2"))
        });
        site.run("save").exits(0);
        if words.starts_with("restore") {
            site.run("lower --nodes --write").exits(0);
        }
        let before = site.modes();
        let ran = run_throttled(&armed, &site, words, || site.another(&href, "idle"));
        assert_eq!(site.mode(&href), "idle", "{words}: {}", ran.answer);
        assert!(ran.exits(1).answer.contains("skipped: "), "{words}: {}", ran.answer);
        // what they left is not ours to restore, and the rest was done
        assert_ne!(site.mode(&workload("n2")), before[&workload("n2")], "{words}");
        site.run("restore --write").exits(1);
        assert_eq!(site.mode(&href), "idle");
    }
}

#[test]
fn what_was_not_sent_is_not_marked_and_what_someone_else_lowers_then_is_not_raised() {
    // killed at its first change, after two looks of two requests: the nodes were never sent
    let site = Site::new();
    site.run("save").exits(0);
    site.pce.fall_silent(4, Silence::Before);
    assert!(matches!(kill_when_silent(&site, "lower --nodes --write"), End::Killed));
    assert_eq!((site.pce.changes().len(), site.marks()), (1, 1));
    site.another(&workload("n1"), "visibility_only");
    site.run("restore --write").exits(1);
    assert_eq!(site.mode(&workload("n1")), "visibility_only");
}

#[test]
fn what_someone_else_lowers_behind_a_broken_off_lower_is_theirs() {
    let site = Site::new();
    site.run("save").exits(0);
    site.run("lower --write").exits(0);
    site.pce.fall_silent(4, Silence::Before);
    assert!(matches!(kill_when_silent(&site, "lower --nodes --write"), End::Killed));
    assert_eq!(site.marks(), 3);
    site.another(&workload("n1"), "visibility_only");
    let told = site.run("diff -o json");
    let [n1, own] = ["n1", "illumio-system"].map(|name| object(&told, name));
    assert_eq!((&n1["standing"], &n1["changedBy"]), (&json!("changed"), &json!(ANOTHER)));
    assert_eq!((&own["standing"], &own["changedBy"]), (&json!("lowered"), &Value::Null));
    // twice: what is theirs stays theirs, also once nothing of ours is lowered any more
    for _ in 0..2 {
        assert_eq!(object(site.run("restore --write -o json").exits(1), "n1")["left"], "changed-by-another");
        assert_eq!((site.mode(&workload("n1")), site.mode(&own_profile())), ("visibility_only".into(), "full".into()));
    }
    assert_eq!(site.marks(), 0);
}

#[test]
fn who_may_have_lowered_it_is_named_where_that_is_not_known() {
    let site = Site::new();
    site.run("save").exits(0);
    site.pce.fall_silent(4, Silence::Before);
    assert!(matches!(kill_when_silent(&site, "lower --write"), End::Killed));
    site.another(&own_profile(), "visibility_only");
    for (words, said) in [("diff", "lowered"), ("restore", "to restore")] {
        let said = format!("{said}, last changed by {ANOTHER} at ");
        let shown = site.run(words).exits(0).answer.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(&said), "{shown}");
    }
    // it is ours once it was seen to be
    let site = Site::new();
    site.run("save").exits(0);
    site.run("lower --write").exits(0);
    assert!(!site.run("diff").exits(0).answer.contains("last changed"));
    assert_eq!(site.saved()["objects"][1]["loweredBy"], OURSELVES);
}

#[test]
fn many_nodes_are_sent_by_the_thousand() {
    let site = Site::new();
    let names: Vec<String> = (0..2_345).map(|number| format!("n{number:04}")).collect();
    let modes = ["full", "selective", "full", "visibility_only"];
    let nodes: Vec<(&str, &str)> =
        names.iter().enumerate().map(|(number, name)| (name.as_str(), modes[number % 4])).collect();
    site.nodes(&nodes);
    let before = site.modes();
    site.run("save").exits(0);
    site.run("lower --nodes --write").exits(0);
    let sizes = |changes: &[(String, Value)]| -> Vec<usize> {
        changes.iter().filter_map(|(_, body)| body.as_array().map(Vec::len)).collect()
    };
    assert_eq!(sizes(&site.pce.changes()), [1_000, 759]);
    assert_eq!(site.marks(), 1_760);
    site.run("restore --write").exits(0);
    assert_eq!((site.modes(), site.marks()), (before, 0));
}

#[test]
fn a_pce_that_does_not_know_the_filter_is_no_danger() {
    for passes_over_it in [true, false] {
        let site = Site::with(move |request, _| {
            let is_filtered = request.path.contains("container_clusters=");
            let all = [node("n1", &cluster(), "full"), node("other", "/orgs/3/container_clusters/x", "full")];
            let passed_over = || Reply::json(200, &json!(all));
            let refused = || Reply::refusal(406, "invalid_query_parameter", "container_clusters");
            is_filtered.then(|| if passes_over_it { passed_over() } else { refused() })
        });
        let before = site.modes();
        site.run("save").exits(0);
        assert!(!fs::read_to_string(site.file()).unwrap().contains("other"));
        site.run("lower --write").exits(0);
        site.run("restore --write").exits(0);
        assert_eq!(site.modes(), before);
    }
}

// The law: what was saved, lowered and restored is as it was, wherever it breaks off.

/// How the program ends when the PCE falls silent: killed, or by itself because it asked nothing more.
enum End {
    Killed,
    Done,
}

fn kill_when_silent(site: &Site, words: &str) -> End {
    let mut child = site.command(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    loop {
        if site.pce.is_silent() {
            child.kill().unwrap();
            child.wait().unwrap();
            site.pce.speak();
            return End::Killed;
        }
        if child.try_wait().unwrap().is_some() {
            site.pce.speak();
            return End::Done;
        }
        assert!(start.elapsed() < ENDLESS, "{words} hangs");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Kills the program at one of its requests, goes on, and finds everything as it was. False where it asks less often.
fn survives(words: &str, request: usize, silence: Silence) -> bool {
    // every other time the same word goes on first
    let goes_on = request.is_multiple_of(2) == (silence == Silence::Before);
    let site = Site::new();
    let before = site.modes();
    site.run("save").exits(0);
    if words.starts_with("restore") {
        site.run("lower --nodes --write").exits(0);
    }
    site.pce.fall_silent(request, silence);
    if matches!(kill_when_silent(&site, words), End::Done) {
        return false;
    }
    let at = format!("{words}, {silence:?} request {request}");
    assert!(site.folder.path().join("saved.json").exists(), "{at}");
    if goes_on {
        site.run(words).exits(0);
    }
    if goes_on && words.starts_with("lower") {
        let modes = site.modes();
        let lowered = [own_profile(), workload("n1"), workload("n2")];
        assert!(lowered.iter().all(|href| modes[href] == "visibility_only"), "{at}: {modes:?}");
    }
    site.run("restore --write").exits(0);
    assert_eq!(site.modes(), before, "{at}");
    assert_eq!(site.marks(), 0, "{at}");
    true
}

#[test]
fn a_kill_at_any_request_loses_nothing() {
    let mut kills = 0;
    for words in ["lower --nodes --write", "restore --write"] {
        for silence in [Silence::Before, Silence::After] {
            kills += (0..100).take_while(|request| survives(words, *request, silence)).count();
        }
    }
    // lower: two looks of two requests, two changes, a look; restore: a look, two changes, a look
    assert_eq!(kills, 2 * (8 + 6));
}

#[test]
fn a_failure_of_any_request_loses_nothing() {
    for words in ["lower --nodes --write", "restore --write"] {
        for failing in 0..8 {
            let site = Site::with(move |request, before| {
                let first = if words.starts_with("lower") { 3 } else { 3 + 8 };
                // from one request on the PCE refuses everything, for four requests
                let is_failing = (first + failing..first + failing + 4).contains(&before);
                is_failing.then(|| {
                    let status = if request.method == "PUT" { 500 } else { 403 };
                    Reply::refusal(status, "broken", "no").header("Retry-After", "0")
                })
            });
            let before = site.modes();
            site.run("save").exits(0);
            if words.starts_with("restore") {
                site.run("lower --nodes --write").exits(0);
            }
            let ran = site.run(words);
            assert!(ran.status != 1, "{}", ran.answer);
            while site.pce.all_requests().len() < 25 {
                site.run("diff");
            }
            site.run("restore --write").exits(0);
            assert_eq!((site.modes(), site.marks()), (before, 0), "{words}, request {failing}");
        }
    }
}

#[test]
fn another_who_changes_things_meanwhile_keeps_what_they_set() {
    // every mode that someone else may set, between each two words
    for mode in ["idle", "visibility_only", "selective", "full"] {
        for moment in 0..3 {
            let site = Site::new();
            let was = site.mode(&workload("n1"));
            site.run("save").exits(0);
            let set = |at: usize| {
                if at == moment {
                    site.another(&workload("n1"), mode);
                }
            };
            set(0);
            let lowered = site.run("lower --nodes --write").status;
            assert!(lowered < 2);
            set(1);
            let restored = site.run("restore --write").status;
            assert!(restored < 2);
            set(2);
            // lowered by us and set to the same again by another cannot be distinguished, and is put back
            let expected = if moment == 1 && mode == "visibility_only" { was.as_str() } else { mode };
            assert_eq!(site.mode(&workload("n1")), expected, "{mode} at {moment}");
            assert_eq!(site.mode(&workload("n2")), "selective");
        }
    }
    assert_ne!(OURSELVES, ANOTHER);
}

// The same on the plans alone, for many histories.

/// A cluster of nodes in memory.
struct Model {
    modes: Vec<Mode>,
    /// Where another set a mode last, and `lower` could not have left it so.
    others: Vec<Option<Mode>>,
    saved: Saved,
}

/// What happens to it.
#[derive(Clone, Debug)]
enum Event {
    /// `lower` is sent to this many nodes, then it breaks off.
    Lower(usize),
    /// `restore` in the same way.
    Restore(usize),
    /// Another sets a mode.
    Another(usize, Mode),
    /// A command ends as it should, and takes marks away.
    Settle,
}

impl Model {
    fn new(modes: &[Mode]) -> Self {
        let empty = Self { modes: modes.to_vec(), others: vec![None; modes.len()], saved: Saved::read(EMPTY).unwrap() };
        Self { saved: empty.saved.with_new(&empty.seen()), ..empty }
    }

    fn seen(&self) -> Vec<Seen> {
        let node = |(index, mode): (usize, &Mode)| Seen {
            kind: Kind::Node,
            href: workload(&index.to_string()),
            name: Some(index.to_string()),
            mode: Some(*mode),
            changed: Changed::default(),
        };
        self.modes.iter().enumerate().map(node).collect()
    }

    fn send(&mut self, plan: &[Planned], most: usize) {
        let set = plan.iter().filter_map(|planned| match planned.deed {
            Deed::Set(mode) => Some((planned.row.name.as_ref().unwrap().parse::<usize>().unwrap(), mode)),
            _ => None,
        });
        for (index, mode) in set.take(most) {
            self.modes[index] = mode;
        }
    }

    fn happen(&mut self, event: &Event) {
        let rows = compare(&self.saved, &self.seen());
        match *event {
            Event::Lower(most) => {
                let plan = lower(rows, &Target::WithNodes(Vec::new()));
                let set = plan.iter().filter(|planned| matches!(planned.deed, Deed::Set(_)));
                self.saved = self.saved.with_marks(&set.map(|planned| planned.row.href.as_str()).collect());
                self.send(&plan, most);
            }
            Event::Restore(most) => self.send(&restore(rows, &[]), most),
            Event::Settle => self.saved = self.saved.settled(&rows),
            Event::Another(index, mode) => {
                let index = index % self.modes.len();
                self.modes[index] = mode;
                let marked = self.saved.objects[index].lowered;
                // back to what was saved, or as `lower` would leave it: not distinguishable from no change
                let is_visible =
                    Some(mode) != self.saved.objects[index].mode && !(marked && mode == Mode::VisibilityOnly);
                self.others[index] = is_visible.then_some(mode);
            }
        }
    }
}

const EMPTY: &str = r#"{ "schema": "helm-clas/enforcement-saved/v1", "pce": "p", "org": "3",
    "cluster": { "href": "/orgs/3/container_clusters/c1", "name": null }, "savedAt": "2025-06-01T08:00:00Z", "objects": [] }"#;

proptest! {
    #[test]
    fn whatever_happens_restore_brings_back_what_is_ours_and_nothing_else(
        modes in vec(select(&Mode::ALL), 1..6),
        events in vec(
            prop_oneof![
                (0..6_usize).prop_map(Event::Lower),
                (0..6_usize).prop_map(Event::Restore),
                (0..6_usize, select(&Mode::ALL)).prop_map(|(index, mode)| Event::Another(index, mode)),
                Just(Event::Settle),
            ],
            0..12,
        ),
    ) {
        let mut model = Model::new(&modes);
        for event in &events {
            model.happen(event);
        }
        model.happen(&Event::Restore(usize::MAX));
        for (index, was) in modes.iter().enumerate() {
            let expected = model.others[index].unwrap_or(*was);
            prop_assert_eq!(model.modes[index], expected, "node {} after {:?}", index, events);
        }
        let text = model.saved.text();
        prop_assert_eq!(Saved::read(&text).unwrap(), model.saved);
    }
}
