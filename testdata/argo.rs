//! What an Application of Argo CD takes from files of its own checkout: the work tree of a repository that it names.

use std::fs;

use crate::support::program::Folder;

/// Modelled on the documentation of Argo CD, on value files from an external repository.
const SOURCES: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: illumio
spec:
  sources:
    - repoURL: quay.io/illumio
      chart: illumio
      targetRevision: 5.1.0
      helm:
        valueFiles:
          - $values/clusters/common.yaml
          - $values/clusters/east.yaml
    - repoURL: https://git.example.com/team/fleet.git
      targetRevision: main
      ref: values
";

/// The same of a chart that is a folder of the repository.
const PATH: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: illumio
spec:
  source:
    repoURL: https://git.example.com/team/fleet.git
    path: charts/illumio
    helm:
      valueFiles: [/clusters/common.yaml, ../../clusters/east.yaml]
";

const COMMON: &str = "pce_url: pce.example.com:8443\nclusterMode: clas\n";
const EAST: &str = "clusterMode: legacy # for now\nnetworkType: overlay\n";

fn checkout(application: &str, remote: &str) -> Folder {
    let folder = Folder::new();
    for name in ["apps", "clusters", "charts/illumio"] {
        fs::create_dir_all(folder.path(name)).unwrap();
    }
    folder.write("apps/application.yaml", application);
    folder.write("clusters/common.yaml", COMMON);
    folder.write("clusters/east.yaml", EAST);
    folder.write("charts/illumio/values.yaml", "replicas: 1\n");
    folder.sh(&format!("git init -q && git remote add origin {remote}")).exits(0);
    folder
}

/// `FILE MODE DECIDED-IN` of each row.
fn said(folder: &Folder, line: &str) -> Vec<String> {
    let json = folder.run(&format!("status -o json {line}")).exits(0).says_only("").json();
    let words = |file: &serde_json::Value| {
        let words = ["file", "mode", "decidedIn"].map(|name| file[name].as_str());
        words.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    json["files"].as_array().unwrap().iter().map(words).collect()
}

#[test]
fn the_files_of_its_own_repository_are_followed() {
    for application in [SOURCES, PATH] {
        let folder = checkout(application, "git@git.example.com:team/fleet.git");
        let row = |mode: &str| vec![format!("apps/application.yaml {mode} clusters/east.yaml")];
        assert_eq!(said(&folder, ""), row("legacy"));
        assert_eq!(said(&folder, "-f apps/application.yaml"), row("legacy"));
        let version = if application == PATH { "--version 5.1.0" } else { "" };
        let line = format!("-f apps/application.yaml --pce-version 24.2.20 {version}");
        for (verb, mode) in
            [("migrate", "migrateLegacyToClas"), ("migrate --finish", "clas"), ("revert", "migrateClasToLegacy")]
        {
            folder.run(&format!("{verb} --write {line}")).exits(0);
            assert_eq!(String::from_utf8(folder.read("clusters/east.yaml")).unwrap(), EAST.replace("legacy", mode));
            assert_eq!(said(&folder, ""), row(mode));
        }
        folder.write("clusters/east.yaml", EAST.replace("overlay", "ovrlay"));
        let json = folder.run("check --partial -o json apps/application.yaml").exits(1).json();
        let finding = &json["files"][0]["findings"][0];
        assert_eq!((&finding["rule"], &finding["file"]), (&"value-not-allowed".into(), &"clusters/east.yaml".into()));
    }
}

#[test]
fn what_is_printed_outside_of_the_checkout_commits_inside_of_it() {
    let folder = checkout(SOURCES, "git@git.example.com:team/fleet.git");
    let all = "git init -q --bare ../remote.git; git remote set-url origin ../remote.git; git add .; git commit -qm all; \
               git push -q -u origin HEAD; git remote set-url origin git@git.example.com:team/fleet.git";
    let named = "export GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=user.name GIT_CONFIG_VALUE_0=a GIT_CONFIG_KEY_1=user.email \
                 GIT_CONFIG_VALUE_1=a@b; ";
    let outer = Folder::new();
    outer.sh(&format!("cp -r {} fleet; {named} cd fleet; {all}", folder.path("").display())).exits(0);
    let ran = outer.run("migrate --write -f fleet/apps/application.yaml --pce-version 24.2.20").exits(0);
    let printed = ran.stderr.split_once("run\n").unwrap().1;
    let commands: Vec<&str> = printed.split("argocd").next().unwrap().lines().collect();
    assert_eq!(commands.concat().matches("git -C fleet/clusters ").count(), 2, "{commands:?}");
    outer.sh("git -C fleet remote set-url origin ../remote.git").exits(0);
    outer.sh(&format!("set -e\n{named}\n{}\n", commands.join("\n"))).exits(0);
    outer
        .sh("git -C remote.git show --stat --format=%s")
        .exits(0)
        .has("clusters/east.yaml | 2 +-")
        .has("Set clusterMode");
}

#[test]
fn those_of_another_repository_or_of_a_revision_that_stays_are_not() {
    // the modes of the files are reported, but not as those of a cluster
    let row = ["apps/application.yaml", "clusters/common.yaml", "clusters/east.yaml"];
    let check = |application: &str, remote: &str| {
        let folder = checkout(application, remote);
        assert_eq!(said(&folder, ""), row, "{application} {remote}");
        let ran = folder.run("migrate -f apps/application.yaml --pce-version 24.2.20").exits(1);
        ran.says("no file that was read sets the mode; these were not read and may set it: ");
    };
    check(SOURCES, "https://git.example.com/team/other.git");
    check(&SOURCES.replace("targetRevision: main", "targetRevision: v1.2.0"), "git@git.example.com:team/fleet.git");
    let commit = "targetRevision: 0123456789abcdef0123456789abcdef01234567";
    check(&SOURCES.replace("targetRevision: main", commit), "git@git.example.com:team/fleet.git");
    check(&SOURCES.replace("ref: values", "ref: others"), "git@git.example.com:team/fleet.git");
}
