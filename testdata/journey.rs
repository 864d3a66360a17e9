//! The journey of a whole cluster, `journey.md`: from chart 4.3 in legacy to CLAS and back, with a real Helm, on a
//! cluster and a PCE that are played. `UPDATE=1 cargo test journey::` writes it again.

use std::{
    env, io,
    io::Read as _,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    before::{ready, values},
    support::{
        cluster::{Cluster, newest},
        fake_pce::{FakePce, SECRET, USER},
        played::{cluster as path_of_cluster, own_profile},
    },
    transcripts::{Part, came_of},
    verify::cluster_on_pce,
};

/// The cluster and its PCE, which follows it as Kubelink makes it.
struct World {
    cluster: Cluster,
    pce: FakePce,
    /// What the PCE has of the cluster, in CLAS and in the legacy model.
    kubernetes: Vec<Value>,
    containers: Vec<Value>,
    mode: String,
}

impl World {
    fn new() -> Self {
        let cluster = Cluster::empty(newest());
        let pce = ready("legacy");
        cluster.write("illumio-values.yaml", &values_for(&pce));
        cluster.write(
            ".helm-clas.yaml",
            "clusters:\n- files: illumio-values.yaml\n  version: 5.1.0\n  pceVersion: 24.2.20\n  chart: ./chart\n  \
             serviceCidr: 10.96.0.0/12\n  nodeLabels: {role: node}\n",
        );
        cluster.chart_version("4.3.0");
        cluster.helm(&["upgrade", "--install", "illumio", "./chart", "-f", "illumio-values.yaml"]);
        cluster.chart_version("5.1.0");
        pce.played().set_mode(&own_profile(), "full", "/users/7");
        let list = |path: &str| -> Vec<Value> {
            let all = pce.played().objects[path].as_array().unwrap().clone();
            all.into_iter().filter(|one| one["container_cluster"]["href"] == path_of_cluster().as_str()).collect()
        };
        let (kubernetes, containers) = (list("/orgs/3/kubernetes_workloads"), list("/orgs/3/container_workloads"));
        symlink(&cluster.helm.path, cluster.folder.path().join("helm")).unwrap();
        let mut world = Self { cluster, pce, kubernetes, containers, mode: String::new() };
        world.settle();
        world
    }

    /// What Kubelink reports to the PCE: the mode at once, and that policy is in force a while later.
    fn settle(&mut self) {
        let mode = self.cluster.values()["clusterMode"].as_str().unwrap_or("legacy").to_owned();
        let state = if mode == self.mode || self.mode.is_empty() { "applied" } else { "syncing" };
        self.pce.put(&path_of_cluster(), cluster_on_pce(&mode));
        let clusters = {
            let mut list = self.pce.played().objects["/orgs/3/container_clusters"].clone();
            list[0] = cluster_on_pce(&mode);
            list
        };
        self.pce.put("/orgs/3/container_clusters", clusters);
        let with = |list: &[Value], has: bool, field: &str| {
            let mut list = if has { list.to_vec() } else { Vec::new() };
            list.iter_mut().for_each(|one| *one.pointer_mut(field).unwrap_or(&mut Value::Null) = json!(state));
            Value::Array(list)
        };
        let kubernetes = with(&self.kubernetes, mode != "legacy", "/security_policy_sync_state");
        let synced = "/agent/status/security_policy_sync_state";
        self.pce.put("/orgs/3/kubernetes_workloads", kubernetes);
        self.pce.put("/orgs/3/container_workloads", with(&self.containers, mode != "clas", synced));
        self.mode = mode;
    }

    fn run(&mut self, part: &Part) -> String {
        let Part::Command { command, .. } = part else { return part.as_written() };
        let (mut reader, writer) = io::pipe().unwrap();
        let mut child = self.shell(command).stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
        let mut answer = String::new();
        reader.read_to_string(&mut answer).unwrap();
        let code = child.wait().unwrap().code().unwrap();
        assert!(!answer.contains(SECRET) && !answer.contains("panicked"), "$ {command}\n{answer}");
        self.settle();
        let answer = self.without_place(&without_time(&answer));
        Part::Command { command: command.clone(), answer, code }.as_written()
    }

    fn shell(&self, command: &str) -> Command {
        let mut shell = Command::new("sh");
        let folder = self.cluster.folder.path();
        let programs = Path::new(env!("CARGO_BIN_EXE_helm-clas")).parent().unwrap();
        let path = env::split_paths(&env::var_os("PATH").unwrap()).collect::<Vec<_>>();
        let path = [folder, programs].map(Path::to_path_buf).into_iter().chain(path);
        shell.args(["-c", command]).stdin(Stdio::null()).current_dir(folder).env_clear();
        shell
            .env("PATH", env::join_paths(path).unwrap())
            .env("HOME", folder)
            .env("LANG", "C.UTF-8")
            .env("COLUMNS", "80");
        shell.env("HELM_KUBEAPISERVER", self.cluster.address()).env("ILLUMIO_CA_FILE", &self.pce.ca_file);
        shell.env("ILLUMIO_API_KEY_USERNAME", USER).env("ILLUMIO_API_KEY_SECRET", SECRET);
        shell
    }

    /// What is a matter of this machine alone.
    fn without_place(&self, answer: &str) -> String {
        answer.replace(&self.pce.host, "pce.example.com:8443").replace(self.cluster.address(), "https://kubernetes")
    }
}

/// Complete values of a cluster of this PCE, in legacy.
fn values_for(pce: &FakePce) -> String {
    let complete = values("legacy");
    let of = |key: &str| complete.lines().find_map(|line| line.strip_prefix(key)).unwrap().to_owned();
    let (url, token) = (of("pce_url: "), of("cluster_token: "));
    let url = url.split_whitespace().next().unwrap();
    let (_, secret) = token.split_once('_').unwrap();
    complete.replace(url, &pce.host).replace(&token, &format!("3_{secret}"))
}

/// Times are those of the run: `2026-01-01T08:00:00Z`, and Helm's own `LAST DEPLOYED`.
fn without_time(answer: &str) -> String {
    const FORM: &str = "0000-00-00T00:00:00Z";
    let mut out = String::new();
    for line in answer.split_inclusive('\n') {
        if line.starts_with("LAST DEPLOYED: ") {
            out += "LAST DEPLOYED: ...\n";
            continue;
        }
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let is_alike = |(byte, form): (u8, u8)| if form == b'0' { byte.is_ascii_digit() } else { byte == form };
            let is_time = rest.len() >= FORM.len() && rest.bytes().zip(FORM.bytes()).all(is_alike);
            out += if is_time { "2026-01-01T08:00:00Z" } else { &rest[..c.len_utf8()] };
            rest = &rest[if is_time { FORM.len() } else { c.len_utf8() }..];
        }
    }
    out
}

#[test]
fn from_chart_4_3_in_legacy_to_clas_and_back() {
    let mut world = World::new();
    let before = world.pce.played().modes();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/journey.md");
    came_of(&file, |part| world.run(part));
    assert_eq!(world.pce.played().modes(), before, "the PCE enforces what it enforced before");
    assert!(world.pce.played().complaints.is_empty());
    assert_eq!(world.cluster.read("illumio-values.yaml"), values_for(&world.pce));
}
