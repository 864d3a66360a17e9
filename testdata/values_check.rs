//! What is wrong with values: a case is one line of YAML and what is said of it; `shapes/` holds whole files, as people
//! have them.

#![allow(clippy::unwrap_used)]

use std::{collections::BTreeSet, fs};

use helm_clas::{
    Change, ChartVersion, CompatibilityMatrix, Finding, Position, Source,
    chart::{
        secrets::is_secret_name,
        values::{self, Schema},
    },
    check::{Circumstances, check as check_file},
    yaml::Document,
};
use serde_json::{Value, json};

const GOOD: &str = "\
pce_url: pce.example.com:8443
cluster_id: 5a1e0000-0000-4000-8000-0000000000c1
cluster_token: 7_0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f
cluster_code: 70a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a
containerRuntime: containerd
containerManager: kubernetes
";

fn findings(text: &str, is_partial: bool, version: Option<&str>) -> Vec<Finding> {
    let version: Option<ChartVersion> = version.map(|version| version.parse().unwrap());
    values::check(&Document::read(text).unwrap(), &Schema::shipped(), is_partial, version.as_ref())
}

/// `error wrong-type 1:7 message`.
fn said(finding: &Finding, text: &str) -> String {
    let place = match &finding.span {
        Some(span) => {
            let Position { line, column } = Position::of(text, span.start);
            format!("{line}:{column}")
        }
        None => "file".to_owned(),
    };
    format!("{} {} {place} {}", finding.severity.as_str(), finding.rule.name(), finding.message)
}

#[track_caller]
fn expect(findings: &[Finding], text: &str, expected: &[&str]) {
    let said: Vec<String> = findings.iter().map(|finding| said(finding, text)).collect();
    assert_eq!(said, expected, "in\n{text}");
}

/// A part of a file, the rest of which is elsewhere.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    expect(&findings(text, true, None), text, expected);
}

/// The same for a chart version.
#[track_caller]
fn check_with(version: &str, text: &str, expected: &[&str]) {
    expect(&findings(text, true, Some(version)), text, expected);
}

/// A whole file.
#[track_caller]
fn check_whole(text: &str, expected: &[&str]) {
    expect(&findings(text, false, None), text, expected);
}

/// What is to be done about the one finding, and the change that does it.
#[track_caller]
fn mend(text: &str, help: &str, path: &[&str], change: Option<Change>) {
    let findings = findings(text, true, None);
    let [finding] = &findings[..] else { panic!("{findings:#?}") };
    assert_eq!(finding.help.as_deref(), Some(help));
    let fix = finding.fix.clone();
    assert_eq!(fix.as_ref().map(|fix| &fix.change), change.as_ref());
    assert!(fix.is_none_or(|fix| fix.path == path));
}

fn text(text: &str) -> Option<Change> {
    Some(Change::Text(text.to_owned()))
}

fn word(text: &str) -> Option<Change> {
    Some(Change::Word(text.to_owned()))
}
#[test]
fn probe() {
    let show = |text: &str, partial: bool, version: Option<&str>| {
        for f in findings(text, partial, version) {
            println!("{}  = {:?} {:?}", said(&f, text), f.help, f.fix.as_ref().map(|f| (&f.path, &f.change)));
        }
    };
    for text in [
        "waitForPolicy: true\n",
        "waitForPolicy: {}\n",
        "pce_url: https://pce.example.com:8443/\n",
        "pce_url: https://pce.example.com\n",
        "pce_url: pce.example.com:8443/api/v2\n",
        "pce_url: pce.example.com\n", "pce_url: 8443\n",
        "cluster_id: /orgs/7/container_clusters/5a1e0000-0000-4000-8000-0000000000c1\n",
        "cluster_id: 5A1E0000-0000-4000-8000-0000000000C1\n",
        "cluster_token: 7_ab\n", "cluster_token: 5a1e0000-0000-4000-8000-0000000000c1\n",
        "cluster_code: 1234\n",
        "networkType: flt\nenforceNodePortTraffic: Always\ncontainerRuntime: cri-o\n",
        "kubelink: {pceApiTimeout: 5, lastAppliedPolicyUpdateInterval: 1}\n",
        "storage: {sizeGi: 1.5, imageTag: 3.6}\n",
        "verbosity: 3\n",
        "networkType:\nstorage:\n",
        "extraVolumes: {a: 1}\nimagePullSecrets: [{name: 7}, 8]\n",
        "imagePullSecrets: regcred\n",
        "metrics: {enabled: true}\n",
        "firewallBackend: x\n",
        "kubelink: {clusterMode: clas}\nillumio: {clusterMode: clas}\n",
        "containerRunTime: crio\nclusterName: x\nhttpsProxy: x\nkubelink: {pceApiTimeOut: 60}\n",
        "pce_url: '{{ .x }}'\n",
        "",
        "cluster_id:\ncontainerManager:\n",
    ] {
        println!("--- {text}");
        show(text, true, None);
        println!("  +++ whole");
        show(text, false, Some("5.1.0"));
    }
}
