//! A cluster whose API server and controllers are played, for real Helms and a real kubectl. (`testdata/live/cluster.py`)

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use super::fake_pce::{CLUSTER, Ran, bare_command, run};
use super::helm::{Helm, helms};

pub(crate) const TOKEN: &str = "3_0f0e0d0c0b0a09080706050403020100f0e0d0c0b0a090807060504030201000";
pub(crate) const STEP: [&str; 6] = ["-f", "values.yaml", "--version", "5.1.0", "--pce-version", "24.2.20"];

/// Takes a step on a cluster that no PCE knows, whose values file is short.
pub(crate) const RUN: [&str; 4] = ["--run", "--without-pce", "--despite", "values-complete"];

/// A cluster with an API server, beside a folder that has a chart and a values file.
pub(crate) struct Cluster {
    pub(crate) folder: TempDir,
    pub(crate) helm: &'static Helm,
    server: Child,
    address: String,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }
}

impl Cluster {
    /// Nothing is installed yet.
    pub(crate) fn empty(helm: &'static Helm) -> Self {
        let folder = TempDir::new().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/live/cluster.py");
        let mut server = Command::new("python3")
            .arg(script)
            .arg(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts");
        let mut port = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let address = format!("http://127.0.0.1:{}", port.trim());
        symlink(helm.path.with_file_name("kubectl"), folder.path().join("kubectl")).unwrap();
        fs::create_dir_all(folder.path().join("chart/templates")).unwrap();
        let cluster = Self { folder, helm, server, address };
        for name in ["Chart.yaml", "values.yaml", "templates/NOTES.txt", "templates/pods.yaml"] {
            cluster.write(&format!("chart/{name}"), &fs::read_to_string(shipped(name)).unwrap());
        }
        cluster
    }

    /// The chart is installed with the values file, which says no mode.
    pub(crate) fn new(helm: &'static Helm) -> Self {
        let cluster = Self::empty(helm);
        cluster.write("values.yaml", &format!("pce_url: pce.example.com:8443\ncluster_id: {CLUSTER}\n"));
        cluster.deploy();
        cluster
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    pub(crate) fn chart_version(&self, version: &str) {
        self.write("chart/Chart.yaml", &format!("apiVersion: v2\nname: illumio\nversion: {version}\n"));
    }

    /// A program that reaches the cluster, in the folder.
    pub(crate) fn reaching<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("PATH", self.folder.path())
            .env("HELM_KUBEAPISERVER", &self.address)
            .env("HELM_BIN", &self.helm.path)
    }

    /// Helm itself; what it prints.
    #[track_caller]
    pub(crate) fn helm(&self, words: &[&str]) -> String {
        let mut command = self.helm.command(self.folder.path());
        let output = self.reaching(&mut command).args(words).args(["-n", "illumio-system"]).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Installs or upgrades without this tool.
    #[track_caller]
    pub(crate) fn deploy(&self) {
        self.helm(&["upgrade", "--install", "illumio", "./chart", "-f", "values.yaml"]);
    }

    /// What the release was given.
    #[track_caller]
    pub(crate) fn values(&self) -> Value {
        serde_json::from_str(&self.helm(&["get", "values", "illumio", "-o", "json"])).unwrap()
    }

    #[track_caller]
    pub(crate) fn revision(&self) -> u64 {
        let told: Value = serde_json::from_str(&self.helm(&["get", "metadata", "illumio", "-o", "json"])).unwrap();
        told["revision"].as_u64().unwrap()
    }

    /// This tool.
    #[track_caller]
    pub(crate) fn clas(&self, words: &[&str]) -> Ran {
        run(self.reaching(&mut bare_command()).args(words))
    }

    /// A step on the cluster, whose values are short, and which no PCE knows.
    #[track_caller]
    pub(crate) fn step(&self, verb: &[&str], more: &[&str]) -> Ran {
        self.clas(&[verb, &STEP, &RUN, &["--chart", "./chart"], more].concat())
    }
}

/// A file of the chart that the tests install.
fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/live/chart").join(name)
}

/// The newest Helm, where one will do.
pub(crate) fn newest() -> &'static Helm {
    &helms()[2]
}
