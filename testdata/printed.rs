//! The printed commands carry what was given, run as they stand, and have a word in capitals where the files leave
//! something open.

use crate::support::program::{FIT, Folder};

const VALUES: &str = "pce_url: pce.example.com:8443\ncluster_id: 5f3e1a52-0f3c-4f0a-9a51-3a1d6c2f8b11\ncluster_token: \
                      1_f8a2c0d5e6b7981234567890abcdef1234567890abcdef1234567890abcdef12\ncluster_code: 00ff00ff\ncontainerManager: kubernetes\ncontainerRuntime: containerd\n\
                      clusterMode: legacy\n";

#[test]
fn what_is_set_beside_the_files_is_set_in_every_printed_command() {
    let folder = Folder::with("v.yaml", VALUES);
    let set = "--set networkType=overlay --set-string pce_url=other.example.com:8443";
    let ran = folder.run(&format!("runbook -f v.yaml {set} {FIT}")).exits(0);
    let said = ran.stdout.replace(" \\\n", " ");
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    for command in [
        "policy -f v.yaml",
        "enforcement save enforcement.json -f v.yaml",
        "check v.yaml",
        "verify -f v.yaml",
        "migrate -f v.yaml",
    ] {
        assert!(said.contains(&format!("{command} {set}")), "no `{command} {set}` in {ran}");
    }
    // a credential is not printed, so a command without it does not miss it
    let ran = folder.run(&format!("runbook -f v.yaml --set cluster_code=5ecre7 {FIT}")).exits(0);
    assert!(ran.stdout.contains("check v.yaml --partial") && !ran.stdout.contains("5ecre7"), "{ran}");
}

#[test]
fn a_file_is_checked_with_what_is_set_beside_it() {
    let folder = Folder::with("v.yaml", VALUES);
    folder.run("check v.yaml").exits(0);
    folder.run("check v.yaml --set clusterMode=klas").exits(1).has("error[unknown-mode]");
    folder.write("v.yaml", VALUES.replace("cluster_code: 00ff00ff\n", ""));
    folder.run("check v.yaml").exits(1).has("error[missing-value]");
    folder.run("check v.yaml --set-string cluster_code=00ff00ff").exits(0);
    folder.run("check v.yaml --set a[").exits(2).says("`--set` is not accepted");
}

#[test]
fn a_namespace_that_is_a_reference_is_not_printed_as_a_name() {
    for reference in ["${NS}", "ref+vault://kv#/ns", "#{ns}#"] {
        let folder = Folder::with("v.yaml", format!("{VALUES}namespaceOverride: '{reference}'\n"));
        let ran = folder.run(&format!("runbook -f v.yaml {FIT}")).exits(0);
        let ran = ran.has("-n SOFTWARE-NAMESPACE").has("replace SOFTWARE-NAMESPACE with the namespace");
        assert!(!ran.stdout.contains(reference), "{ran}");
        folder.run("verify -f v.yaml --without-pce").exits(2).says("`namespaceOverride` is a reference");
        let set = "--set namespaceOverride=sec";
        let ran = folder.run(&format!("runbook -f v.yaml {set} {FIT}")).exits(0).has("-n sec");
        assert!(!ran.stdout.contains("SOFTWARE-NAMESPACE"), "{ran}");
    }
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio, namespace: '${NS}'}\n\
                   spec:\n  targetNamespace: '${NS}'\n  storageNamespace: '${NS}'\n  releaseName: illumio\n  chart: {spec: \
                   {chart: illumio, version: 5.1.0, sourceRef: {kind: HelmRepository, name: illumio}}}\n  values: \
                   {clusterMode: legacy}\n";
    let folder = Folder::with("hr.yaml", release);
    let ran = folder.run(&format!("runbook -f hr.yaml {FIT}")).exits(0);
    let ran =
        ran.has("flux reconcile helmrelease illumio -n ITS-NAMESPACE").has("helm history illumio -n ITS-NAMESPACE");
    let ran = ran.has("# replace ITS-NAMESPACE with the namespace that its manifest leaves open");
    assert!(!ran.stdout.contains("${NS}"), "{ran}");
    // one that is given counts, also the customary one
    for namespace in ["illumio-system", "sec"] {
        let ran = folder.run(&format!("runbook -f hr.yaml -n {namespace} {FIT}")).exits(0);
        let ran = ran.has(&format!("helm history illumio -n {namespace}"));
        assert!(!ran.stdout.contains("ITS-NAMESPACE"), "{ran}");
    }
}

#[test]
fn an_oci_repository_without_a_ref_takes_latest() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio}\nspec:\n  chartRef: \
                   {kind: OCIRepository, name: ill}\n  values: {clusterMode: legacy}\n";
    let repository = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: ill}\nspec:\n  url: \
                      oci://quay.io/illumio/illumio\n";
    let folder = Folder::with("hr.yaml", release);
    folder.sh("git init -q .");
    for reference in ["", "  ref: {}\n", "  ref:\n"] {
        folder.write("repo.yaml", format!("{repository}{reference}"));
        let ran = folder.run("check hr.yaml").exits(0).has("warning[version-missing]").has("the tag `latest`");
        ran.has("`spec.ref.tag` of the OCIRepository");
        folder.run(&format!("migrate -f hr.yaml {FIT}")).exits(1).says("error[version-missing]");
    }
    folder.write("repo.yaml", format!("{repository}  ref: {{tag: 5.1.0}}\n"));
    let ran = folder.run("check hr.yaml").exits(0);
    assert!(!ran.stdout.contains("version-missing"), "{ran}");
}
