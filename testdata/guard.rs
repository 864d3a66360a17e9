//! `helm clas guard`, judged by Google's CEL runtime, and its shape by the schema of Kubernetes.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use helm_clas::{ClusterMode, Move, Verb};
use serde_json::{Value, json};

use crate::support::program::Folder;

/// What judges, from `PyPI`.
const PACKAGES: [&str; 3] = ["cel-expr-python==0.1.3", "kubernetes-validate==1.37.0", "pyyaml==6.0.4"];

/// The folder with the packages, which are fetched when they are not there yet.
///
/// # Panics
///
/// When they cannot be had.
fn packages() -> PathBuf {
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let place = cache.join("guard");
    if !place.exists() {
        fs::create_dir_all(&cache).unwrap();
        let draft = tempfile::tempdir_in(&cache).unwrap();
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
        let output = pip.arg(draft.path()).args(PACKAGES).output().expect("python3 starts");
        assert!(output.status.success(), "these tests need PyPI: {}", String::from_utf8_lossy(&output.stderr));
        fs::rename(draft.keep(), &place).unwrap();
    }
    place
}

/// A change of an object, and how many rules it breaks; nothing where no policy looks at it.
struct Case {
    kind: &'static str,
    before: Value,
    after: Value,
    broken: Option<usize>,
}

/// The ways in which objects say a mode and a version.
fn shapes() -> [(&'static str, fn(Option<&str>, &str) -> Value); 4] {
    fn values(mode: Option<&str>) -> Value {
        mode.map_or_else(|| json!({}), |mode| json!({ "clusterMode": mode }))
    }
    [
        (
            "flux",
            |mode, version| json!({ "spec": { "chart": { "spec": { "chart": "illumio", "version": version } }, "values": values(mode) } }),
        ),
        // a chart of another name is ours by its values
        ("flux", |mode, version| {
            let chart = json!({ "spec": { "chart": "vendor/illumio-core", "version": version } });
            json!({ "spec": { "chart": chart, "values": { "clusterMode": mode.unwrap_or("legacy") } } })
        }),
        ("argo-cd", |mode, version| {
            let helm = json!({ "valuesObject": values(mode) });
            json!({ "spec": { "source": { "chart": "illumio", "targetRevision": version, "helm": helm } } })
        }),
        // the last parameter counts, over the values
        ("argo-cd", |mode, version| {
            let last = json!({ "name": "clusterMode", "value": mode.unwrap_or("legacy") });
            let parameters = json!([{ "name": "clusterMode", "value": "klas" }, last]);
            let helm = json!({ "parameters": parameters, "valuesObject": { "clusterMode": "unpair" } });
            let ours = json!({ "chart": "illumio", "targetRevision": version, "helm": helm });
            json!({ "spec": { "sources": [{ "ref": "values", "repoURL": "x", "targetRevision": version }, ours] } })
        }),
    ]
}

/// How many rules a change breaks, by the table.
fn broken(before: Option<&str>, after: Option<&str>, is_one_version: bool) -> usize {
    let low = |mode: Option<&str>| mode.unwrap_or("legacy").to_ascii_lowercase();
    let (from, to) = (ClusterMode::named(&low(before)), ClusterMode::named(&low(after)));
    let is_same = low(before) == low(after);
    let is_step =
        from.zip(to).is_some_and(|(from, to)| Verb::ALL.iter().any(|verb| verb.applied_to(from) == Move::Go(to)));
    let is_between = from.is_some_and(ClusterMode::is_migrating);
    // a word that is no mode came with the object, and is put right
    let is_repair = from.is_none() && to.is_some();
    [is_same || is_step || is_repair, is_same || is_one_version, !is_between || is_one_version]
        .iter()
        .filter(|holds| !**holds)
        .count()
}

fn cases() -> Vec<Case> {
    const MODES: [Option<&str>; 8] = [
        None,
        Some("legacy"),
        Some("migrateLegacyToClas"),
        Some("clas"),
        Some("migrateClasToLegacy"),
        Some("CLAS"),
        Some("klas"),
        Some("unpair"),
    ];
    let mut cases = Vec::new();
    for (kind, shape) in shapes() {
        for before in MODES {
            for after in MODES {
                for version in ["5.1.0", "5.7.0"] {
                    let broken = Some(broken(before, after, version == "5.1.0"));
                    cases.push(Case { kind, before: shape(before, "5.1.0"), after: shape(after, version), broken });
                }
            }
        }
    }
    cases
}

/// Objects that say nothing, and what is no text.
fn odd_cases() -> Vec<Case> {
    let flux = |values: Value| json!({ "spec": { "chart": { "spec": { "chart": "illumio" } }, "values": values } });
    let case = |kind, before: Value, after: Value, broken| Case { kind, before, after, broken };
    vec![
        case("flux", flux(json!({})), flux(json!({ "clusterMode": null })), Some(1)),
        case("flux", flux(json!({ "clusterMode": 7 })), flux(json!({ "clusterMode": "clas" })), Some(0)),
        case("flux", json!({ "spec": { "chartRef": {} } }), flux(json!({ "clusterMode": "clas" })), Some(1)),
        case("flux", json!({ "spec": {} }), json!({ "spec": { "values": { "a": 1 } } }), None),
        case("argo-cd", json!({ "spec": {} }), json!({ "spec": { "source": { "chart": "nginx" } } }), None),
        case("argo-cd", json!({ "spec": { "sources": [] } }), json!({ "spec": { "source": { "path": "x" } } }), None),
        case("flux", flux(Value::Null), flux(json!({ "clusterMode": "migrateLegacyToClas" })), Some(0)),
        case("flux", flux(json!({})), flux(json!("clusterMode: clas")), Some(1)),
        case("flux", flux(json!({ "clusterMode": "" })), flux(json!({ "clusterMode": "legacy" })), Some(0)),
        case("flux", flux(json!({ "clusterMode": "clas" })), flux(json!({ "clusterMode": "" })), Some(1)),
    ]
}

/// Objects of other charts, however odd they are: no policy looks at them.
fn foreign_cases() -> Vec<Case> {
    let chart = json!({ "spec": { "chart": "nginx" } });
    let values = [json!(null), json!([]), json!("clusterMode: clas"), json!(7), json!({ "clustermode": "clas" })];
    let flux = values.map(|values| ("flux", json!({ "spec": { "chart": chart, "values": values } })));
    let helms = [
        json!({ "parameters": [{ "value": "clas" }] }),
        json!({ "parameters": [] }),
        json!({ "valuesObject": {} }),
        json!({ "valuesObject": { "a": [null] } }),
    ];
    let argo = helms.map(|helm| ("argo-cd", json!({ "spec": { "source": { "chart": "nginx", "helm": helm } } })));
    let objects = flux.into_iter().chain(argo);
    objects.map(|(kind, object)| Case { kind, before: object.clone(), after: object, broken: None }).collect()
}

/// Applications with more than one place for the chart: what Argo CD ignores is not judged, and what it takes is.
fn several_sources() -> Vec<Case> {
    let source = |mode: &str| json!({ "chart": "illumio", "targetRevision": "5.1.0", "helm": { "valuesObject": { "clusterMode": mode } } });
    let all = |ignored: &str, modes: &[&str]| {
        let sources: Vec<Value> = modes.iter().map(|mode| source(mode)).collect();
        json!({ "spec": { "source": source(ignored), "sources": sources } })
    };
    let case = |before, after, broken| Case { kind: "argo-cd", before, after, broken: Some(broken) };
    vec![
        case(all("legacy", &["legacy"]), all("legacy", &["clas"]), 1),
        case(all("legacy", &["legacy"]), all("clas", &["legacy"]), 0),
        case(all("clas", &["legacy"]), all("clas", &["migrateLegacyToClas"]), 0),
        case(all("legacy", &["legacy", "legacy"]), all("legacy", &["legacy", "clas"]), 1),
        case(all("legacy", &["legacy", "clas"]), all("legacy", &["legacy", "clas"]), 0),
        case(all("legacy", &["legacy"]), all("legacy", &["legacy", "clas"]), 2),
        case(all("legacy", &["klas", "clas"]), all("legacy", &["legacy"]), 2),
        case(all("clas", &[]), all("legacy", &[]), 1),
    ]
}

#[test]
fn the_policies_refuse_what_the_table_does_not_have() {
    let folder = Folder::new();
    let policies = folder.run("guard").exits(0).stdout.clone();
    let more = odd_cases().into_iter().chain(foreign_cases()).chain(several_sources());
    let cases: Vec<Case> = cases().into_iter().chain(more).collect();
    let changes: Vec<Value> =
        cases.iter().map(|case| json!({ "kind": case.kind, "before": case.before, "after": case.after })).collect();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/guard/judge.py");
    let mut judge = Command::new("python3")
        .arg(script)
        .env("PYTHONPATH", packages())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let asked = json!({ "policies": policies, "changes": changes }).to_string();
    judge.stdin.take().unwrap().write_all(asked.as_bytes()).unwrap();
    let output = judge.wait_with_output().unwrap();
    let judged: Value = serde_json::from_slice(&output.stdout).expect("the judge answers");
    assert_eq!(judged["shape"], json!([]), "{policies}");
    for (case, answer) in cases.iter().zip(judged["answers"].as_array().unwrap()) {
        assert!(!answer.is_string(), "{answer}: {} -> {}", case.before, case.after);
        let found = answer.as_array().map(Vec::len);
        assert_eq!(found, case.broken, "{answer}: {} -> {}", case.before, case.after);
    }
    assert!(cases.len() > 500);
}

#[test]
fn one_controller_and_a_softer_action_can_be_asked_for() {
    let folder = Folder::new();
    let flux = folder.run("guard --controller flux --action warn").exits(0).stdout.clone();
    assert!(flux.contains("[Warn]") && !flux.contains("argoproj.io"), "{flux}");
    let named = folder.run("guard --controller argo-cd --chart-name illumio-core").exits(0).stdout.clone();
    assert!(named.contains("== 'illumio-core'") && !named.contains("fluxcd"), "{named}");
}
