//! What could not be judged is never green: ciphertexts and pointers, and manifests that are not YAML. And no command
//! that could not do its work leaves an empty answer.

use serde_json::Value;

use crate::support::{
    program::Folder,
    schema::{closed, output_schema},
};

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n";
const AGE: &str = "-----BEGIN AGE ENCRYPTED FILE-----\nabc\n-----END AGE ENCRYPTED FILE-----\n";
const VALUES: &str =
    "pce_url: pce.example.com:8443\ncluster_id: 5f3e1a52-0f3c-4f0a-9a51-3a1d6c2f8b11\nclusterMode: legacy\n";

/// Every format of `check` says that a file was not judged.
#[track_caller]
fn is_not_judged(folder: &Folder, line: &str, file: &str) {
    for form in ["text", "json", "sarif", "github", "gitlab", "junit", "markdown"] {
        let ran = folder.run(&format!("check {line} --partial -o {form}")).exits(2);
        assert!(ran.stderr.contains(&format!("{file} was not judged")), "{ran}");
        assert!(form == "text" || ran.stdout.contains(file), "{ran}");
    }
    let answer = folder.run(&format!("check {line} --partial -o json")).json();
    assert!(closed(output_schema()).is_valid(&answer), "{answer:#}");
    let sarif = folder.run(&format!("check {line} --partial -o sarif")).json();
    assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], Value::Bool(false));
}

#[test]
fn a_checkout_whose_values_cannot_be_read_is_not_green() {
    for (name, content) in [("illumio-values.yaml", POINTER), ("prod.yaml", POINTER), ("illumio/values.yaml", AGE)] {
        let folder = Folder::with(name, content);
        let name = if name == "prod.yaml" { "prod.yaml" } else { name };
        is_not_judged(&folder, ".", name);
        folder.run("check . --allow encrypted-file").exits(0);
    }
    let folder = Folder::with("README", "x");
    folder.sh("git init -q . && git add . && git -c user.name=a -c user.email=a@b commit -qm a").exits(0);
    folder.write("illumio-values.yaml", POINTER);
    folder.sh("git add .");
    is_not_judged(&folder, "--staged .", "illumio-values.yaml");
    is_not_judged(&folder, "--against HEAD illumio-values.yaml", "illumio-values.yaml");
}

#[test]
fn one_that_cannot_be_read_beside_others_is_said_and_secrets_are_not_modes() {
    let folder = Folder::with("east/illumio.yaml", VALUES);
    folder.write("west/illumio.yaml", POINTER);
    is_not_judged(&folder, ".", "west/illumio.yaml");
    folder.sh("rm -r west");
    // the secrets of a cluster whose mode is in plain text beside them, and those of other charts
    folder.write("east/illumio-secrets.yaml", AGE);
    folder.write("nginx/prod.yaml", POINTER);
    folder.run("check . --partial").exits(0).has("warning[encrypted-file]");
    is_not_judged(&folder, "east/illumio-secrets.yaml", "east/illumio-secrets.yaml");
    folder.sh("rm east/illumio.yaml");
    is_not_judged(&folder, "east", "east/illumio-secrets.yaml");
}

const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: sec}\nspec:\n  chart: \
                       {spec: {chart: CHART, version: 5.1.0}}\n";
const MARKERS: &str = "<<<<<<< HEAD\n  values: {a: 1}\n=======\n  values: {a: 2}\n>>>>>>> x\n";

#[test]
fn a_manifest_that_is_not_yaml_is_an_error_where_it_concerns_the_chart() {
    let broken = |file: &str, text: &str, is_error: bool| {
        let folder = Folder::with(file, text);
        folder.write("env/east.yaml", VALUES);
        folder.write("nginx.yaml", "replicas: 2\n");
        folder.sh("git init -q .");
        for line in [file, "."] {
            let ran = folder.run(&format!("check {line} --partial"));
            assert_eq!(ran.code, Some(i32::from(is_error)), "{text}\n{ran}");
            assert_eq!(ran.stdout.contains("error[invalid-yaml]"), is_error, "{ran}");
        }
    };
    broken("hr.yaml", &format!("{}{MARKERS}", RELEASE.replace("CHART", "illumio")), true);
    broken("hr.yaml", &RELEASE.replace("CHART", "illumio").replace("spec:\n", "spec:\n\tx: 1\n"), true);
    broken("hr.yaml", &format!("{}{MARKERS}", RELEASE.replace("CHART", "nginx")), false);
    broken("app.yaml", &format!("kind: Application\nspec:\n  source: {{chart: illumio}}\n{MARKERS}"), true);
    let helmfile = format!("releases:\n- name: sec\n  chart: ./charts/sec\n{MARKERS}  values: [FILE]\n");
    broken("helmfile.yaml", &helmfile.replace("FILE", "env/east.yaml"), true);
    broken("helmfile.yaml", &helmfile.replace("FILE", "nginx.yaml"), false);
    broken("apps/app.yaml", &format!("kind: Application\nvalueFiles: [$values/env/east.yaml]\n{MARKERS}"), true);
    let kustomization = format!("configMapGenerator:\n- {{name: a, files: [east.yaml]}}\n{MARKERS}");
    broken("env/kustomization.yaml", &kustomization, true);
    // beside a document that can be read, and of another tool before it is YAML
    let whole = format!(
        "{}  values: {{clusterMode: legacy}}\n---\nkind: HelmRelease\n{MARKERS}",
        RELEASE.replace("CHART", "illumio")
    );
    broken("hr.yaml", &whole, true);
    broken(
        "hr.yaml",
        &format!("{}{{{{ if .Values.x }}}}\n  y: 1\n{{{{ end }}}}\n", RELEASE.replace("CHART", "illumio")),
        false,
    );
}

#[test]
fn no_answer_is_empty_where_a_command_could_not_do_its_work() {
    let folder = Folder::new();
    for line in [
        "migrate -f gone.yaml -o markdown",
        "revert -f gone.yaml -o markdown",
        "verify -f gone.yaml -o markdown",
        "runbook -f gone.yaml -o markdown",
        "runbook -f gone.yaml -o html",
        "policy gone -o markdown",
        "policy gone -o html",
        "policy gone -o sarif",
        "status -f gone.yaml -o markdown",
        "check gone.yaml -o markdown",
        "plan gone -o markdown",
    ] {
        let ran = folder.run(line).exits(2);
        assert!(ran.stdout.contains("cannot read gone"), "{ran}");
    }
}

#[test]
fn an_address_of_helm_secrets_is_not_a_missing_file() {
    let folder = Folder::with("v.yaml", VALUES);
    let ran = folder.run("check v.yaml secrets://s.yaml --partial").exits(2);
    ran.says("secrets://s.yaml is not read: helm-secrets decrypts it").says("in a file of its own in plain text");
}

/// A pointer that is called as a file of this chart is: that cluster is named.
#[test]
fn a_pointer_of_the_same_kind_as_what_was_read_is_told() {
    let values = "pce_url: pce.example.com:8443\nclusterMode: legacy\n";
    for (pointer, read, is_told) in [
        ("east/values.yaml", "west/values.yaml", true),
        ("values-east.yaml", "values-west.yaml", true),
        ("east/secrets.yaml", "west/secrets.yaml", false),
        ("nginx.yaml", "values-west.yaml", false),
    ] {
        let folder = Folder::with(read, values);
        folder.write(pointer, POINTER);
        for command in ["check --partial", "status", "plan"] {
            let ran = folder.run(&format!("{command} .")).exits(if is_told { 2 } else { 0 });
            assert_eq!(ran.stderr.contains(pointer) && ran.stderr.contains("git lfs pull"), is_told, "{ran}");
        }
    }
    let folder = Folder::with("values.yaml", POINTER);
    for command in ["check", "status", "plan"] {
        folder.run(&format!("{command} .")).exits(2).says("values.yaml was not");
    }
}

/// Each pointer and ciphertext is called by its name, also where it has an ending of its own; a text beside it is enough.
#[test]
fn pointers_and_ciphertexts_are_named_by_what_they_are() {
    let values = "pce_url: pce.example.com:8443\nclusterMode: legacy\n";
    for (file, bytes, title, help) in [
        ("values-west.yaml", &b"/annex/objects/SHA256E-s12--ab.yaml\n"[..], "a pointer of git-annex", "git annex get"),
        (
            "values-west.yaml.dvc",
            b"outs:\n- md5: a3\n  size: 12\n  path: values-west.yaml\n",
            "a pointer of DVC",
            "dvc pull",
        ),
        ("values-west.yaml", b"\x85\x01\x0c\x03\x9d\x02\xff", "encrypted by PGP", "plain text"),
        ("values-west.yaml.gpg", b"\x85\x01\x0c\x03\x9d\x02\xff", "encrypted by PGP", "plain text"),
        ("values-west.yaml.enc", b"Salted__\x01\x02", "encrypted by OpenSSL", "plain text"),
    ] {
        let folder = Folder::with("values-east.yaml", values);
        folder.write(file, bytes);
        for command in ["check --partial", "status", "plan"] {
            let ran = folder.run(&format!("{command} .")).exits(2);
            assert!(ran.stderr.contains(file) && ran.stderr.contains(title) && ran.stderr.contains(help), "{ran}");
        }
        if [".dvc", ".gpg"].iter().any(|end| file.ends_with(end)) {
            folder.write("values-west.yaml", values);
            folder.run("status .").exits(0).says_only("");
            folder.run("check --partial .").exits(0);
        }
    }
}

#[test]
fn a_broken_file_of_terraform_is_an_error_where_it_brings_the_chart() {
    let release = "resource \"helm_release\" \"a\" {\n  chart = \"illumio\"\n  name = \"x\n}\n";
    let folder = Folder::with("main.tf", release);
    for line in ["check main.tf", "check ."] {
        folder.run(line).exits(1).has("error[invalid-yaml]: not Terraform: ").has("main.tf:3:");
    }
    folder.run("status .").exits(0).has("main.tf  unknown");
    folder.run("plan .").exits(0);
    folder.write("main.tf", release.replace("illumio", "nginx"));
    folder.run("check .").exits(0);
    folder.run("status .").exits(0);
}

/// What nothing decrypts on its way to Helm is not a value.
#[test]
fn a_ciphertext_that_nothing_decrypts_is_told() {
    let values = |token: &str| format!("pce_url: pce.example.com:8443\nclusterMode: legacy\ncluster_token: {token}\n");
    let of_sops = "ENC[AES256_GCM,data:abc,iv:abc,tag:abc,type:str]";
    let folder = Folder::with("v.yaml", values(of_sops));
    let ran = folder.run("check --partial v.yaml").exits(1);
    ran.has("v.yaml:3:16").has("the file has no `sops` block");
    folder.write("v.yaml", values(of_sops) + "sops: {mac: ENC[x], version: 3.9.0}\n");
    assert!(!folder.run("check --partial v.yaml").stdout.contains("no `sops` block"));
    folder.write("v.yaml", values("ENC[PKCS7,MIIBeQYJKoZI]"));
    folder.run("check --partial v.yaml").exits(0).has("hiera-eyaml encrypted this value");
    // a chart that cannot be read, and names this one
    folder.write("Chart.yaml", "apiVersion: v2\nname: p\ndependencies:\n- name: illumio\n  version: 5.1.0\n bad: x\n");
    folder.run("check Chart.yaml").exits(1).has("invalid-yaml");
}
