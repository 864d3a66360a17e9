//! The controllers that run on this machine, helmfile and kustomize, and the values that each of them passes to Helm.

use std::{
    collections::BTreeMap,
    env, fs,
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{
    helm::{BRIEF, bytes_of, helms},
    tool::tool,
};

/// A controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Controller {
    Helmfile,
    Kustomize,
}

/// What prints the values of a release.
const PROBE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata: {values: {{ .Values | toJson | printf \"%x\" | quote }}}\n";

impl Controller {
    /// The name it looks for.
    pub(crate) const fn manifest(self) -> &'static str {
        match self {
            Self::Helmfile => "helmfile.yaml",
            Self::Kustomize => "kustomization.yaml",
        }
    }

    /// The values that each release of a folder gets, by all pairs of this controller and a Helm that work together:
    /// helmfile 0.166 knows no Helm 4, and of kustomize only the one in the kubectl of Kubernetes 1.37 does.
    ///
    /// # Errors
    ///
    /// What it says on stderr when it refuses.
    pub(crate) fn values(self, files: &[(&str, &str)]) -> Result<BTreeMap<String, Value>, String> {
        let folder = tempfile::tempdir().unwrap();
        let manifest = files.iter().find(|(name, _)| *name == self.manifest()).expect("a manifest").1;
        for (name, text) in files {
            write(&folder, name, text);
        }
        let pairs: Vec<Command> = match self {
            Self::Helmfile => vec![helmfile(&folder)],
            Self::Kustomize => ["3.17", "4.3"].map(|version| kustomize(&folder, version, manifest)).into(),
        };
        let read = pairs.into_iter().map(|mut command| {
            command
                .env_clear()
                .envs(BRIEF)
                .env("HOME", folder.path())
                .env("PATH", "/usr/bin:/bin")
                .current_dir(&folder);
            values_in(&command.output().unwrap())
        });
        let mut read = read.collect::<Result<Vec<_>, _>>()?;
        let last = read.pop().unwrap();
        assert!(read.iter().all(|other| *other == last), "they read the same");
        Ok(last)
    }
}

fn write(folder: &TempDir, name: &str, text: &str) {
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A chart that shows its values, with those that the vendor's chart has for a default.
fn chart(folder: &TempDir, place: &str, name: &str) {
    write(folder, &format!("{place}/Chart.yaml"), &format!("apiVersion: v2\nname: {name}\nversion: 5.1.0\n"));
    write(folder, &format!("{place}/values.yaml"), "clusterMode: legacy\n");
    write(folder, &format!("{place}/templates/values.yaml"), PROBE);
}

/// Renders with one chart in the place of those that are named.
fn helmfile(folder: &TempDir) -> Command {
    chart(folder, "probe", "probe");
    let helm = helms().iter().find(|helm| helm.version == "3.17").unwrap();
    let mut command = Command::new(tool("helmfile").expect("there is a helmfile"));
    command.args(["--quiet", "--chart", "./probe", "--helm-binary"]).arg(&helm.path).args(["template", "--skip-deps"]);
    command
}

/// Builds with a chart for each that is named, where kustomize keeps those that it has fetched.
fn kustomize(folder: &TempDir, helm: &str, manifest: &str) -> Command {
    let manifest: Value = serde_yaml::from_str(manifest).unwrap();
    for item in manifest["helmCharts"].as_array().unwrap() {
        let name = item["name"].as_str().unwrap();
        chart(folder, &format!("charts/{name}"), name);
        if let Some(version) = item["version"].as_str() {
            chart(folder, &format!("charts/{name}-{version}/{name}"), name);
        }
    }
    for resource in manifest["resources"].as_array().into_iter().flatten() {
        write(
            folder,
            resource.as_str().unwrap(),
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: illumio-system}\n",
        );
    }
    let helm = &helms().iter().find(|other| other.version == helm).unwrap().path;
    let mut command = Command::new(helm.with_file_name("kubectl"));
    command.args(["kustomize", "--enable-helm", "--load-restrictor", "LoadRestrictionsNone", "--helm-command"]);
    command.arg(helm).arg(".");
    command
}

/// The values of each release in what was rendered.
fn values_in(output: &Output) -> Result<BTreeMap<String, Value>, String> {
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout));
    }
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let objects = serde_yaml::Deserializer::from_str(&text)
        .map(|document| <Value as serde::Deserialize>::deserialize(document).unwrap());
    let release = |object: Value| {
        let digits = object["data"]["values"].as_str()?;
        let values = serde_json::from_slice(&bytes_of(digits)).unwrap();
        Some((object["metadata"]["name"].as_str()?.to_owned(), values))
    };
    Ok(objects.filter_map(release).collect())
}

/// Whether a kubectl, and kustomize in it, is beside each Helm; a missing one is reported. CI must have them.
pub(crate) fn has_kubectl() -> bool {
    let missing = helms().iter().map(|helm| helm.path.with_file_name("kubectl")).find(|kubectl| !kubectl.exists());
    if let Some(missing) = &missing {
        assert!(env::var_os("CI").is_none(), "there is no {}", missing.display());
        println!("skipped: there is no {}", missing.display());
    }
    missing.is_none()
}
