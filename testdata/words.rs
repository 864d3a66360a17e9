//! Advice that leads on, and words that are true: what a person reads where the usual way is closed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::program::{Folder, Ran};

const VERSIONS: &str = "--version 5.1.0 --pce-version 24.2.20";

fn application(version: &str, mode: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: east}}\nspec:\n  source:\n    \
         repoURL: quay.io/illumio\n    chart: illumio\n    targetRevision: {version}\n    helm:\n      \
         valuesObject: {{clusterMode: {mode}}}\n"
    )
}

/// The commands of the advice, one after the other, lead to CLAS with a chart of the procedure.
#[test]
fn between_two_modes_on_an_old_chart_the_way_back_comes_first() {
    let folder = Folder::with("app.yaml", application("5.0.5", "migrateLegacyToClas"));
    let pce = "--pce-version 24.2.20";
    let ran = folder.run("status .");
    assert!(ran.stdout.contains("  revert\n") && !ran.stdout.contains("migrate --finish"), "{ran}");
    folder.run("check app.yaml").exits(1).has("revert, once every workload is active: the chart is too old to finish");
    let back = "go back first: `helm clas revert`, then `revert --finish`";
    folder.run(&format!("check app.yaml {pce}")).exits(1).has("error[chart-too-old]").has(back);
    folder.run(&format!("migrate -f app.yaml --finish {pce}")).exits(1).says(back);
    folder.run(&format!("upgrade -f app.yaml {VERSIONS}")).exits(1).says(back);
    let ran = folder.run(&format!("revert -f app.yaml --write {pce}")).exits(0);
    let ran = ran.says("go back all the way, then upgrade to chart 5.1.0 or later before you migrate again");
    assert!(!ran.stderr.contains("in its present mode"), "{ran}");
    folder.run(&format!("revert -f app.yaml --finish --write {pce}")).exits(0);
    folder.run(&format!("upgrade -f app.yaml --write {VERSIONS}")).exits(0);
    folder.run(&format!("migrate -f app.yaml --write {pce}")).exits(0);
    folder.run(&format!("migrate -f app.yaml --finish --write {pce}")).exits(0);
    assert_eq!(String::from_utf8(folder.read("app.yaml")).unwrap(), application("5.1.0", "clas"));
}

#[test]
fn between_two_modes_on_a_chart_of_the_procedure_both_ways_are_open() {
    let folder = Folder::with("app.yaml", application("5.1.0", "migrateLegacyToClas"));
    let line = "upgrade -f app.yaml --version 5.2.0 --pce-version 24.2.20";
    folder.run(line).exits(1).says("finish the migration or go back: `helm clas migrate --finish`, or `revert`");
    folder.write("app.yaml", application("5.0.5", "migrateClasToLegacy"));
    folder.run(line).exits(1).says("finish the way back first: `helm clas revert --finish`");
    // another version than the one that runs is not a reason to upgrade now
    folder.write("app.yaml", application("5.1.0", "migrateLegacyToClas"));
    let ran = folder.run("migrate -f app.yaml --finish --version 5.2.0 --pce-version 24.2.20").exits(1);
    assert!(ran.says("the software is not upgraded between two modes").stderr.contains("mode-and-version-together"));
}

/// A chart without CLAS ignores the mode, so a newer one would change it without a migration.
#[test]
fn a_mode_that_the_chart_ignores_is_not_brought_to_life_by_an_upgrade() {
    let folder = Folder::with("app.yaml", application("4.3.0", "clas"));
    let ran = folder.run(&format!("upgrade -f app.yaml {VERSIONS}")).exits(1);
    ran.says("chart-too-old").says("the cluster is in `legacy`: write that, upgrade to chart 5.1.0 or later");
    folder.write("app.yaml", application("4.3.0", "legacy"));
    folder.run(&format!("upgrade -f app.yaml {VERSIONS}")).exits(0);
    folder.write("app.yaml", application("5.0.5", "clas"));
    folder.run(&format!("upgrade -f app.yaml {VERSIONS}")).exits(0);
}

#[test]
fn a_version_that_was_changed_between_two_modes_has_a_way_out() {
    for (version, words) in [("5.0.5", "go back first: `helm"), ("5.1.0", "finish the migration or go back: `helm")] {
        let folder = Folder::with("app.yaml", application(version, "migrateLegacyToClas"));
        folder.sh("git init -q . && git add -A && git -c user.name=a -c user.email=a@b commit -qm x");
        folder.write("app.yaml", application("5.2.0", "migrateLegacyToClas"));
        folder.run("check app.yaml --against HEAD").exits(1).has("version-changed-in-migration").has(words);
    }
}

const SEALED: [(&str, &str); 6] = [
    ("$ANSIBLE_VAULT;1.1;AES256\n3363\n", "encrypted by Ansible Vault"),
    ("\u{feff}$ANSIBLE_VAULT;1.1;AES256\n3363\n", "encrypted by Ansible Vault"),
    ("# east\n\n-----BEGIN PGP MESSAGE-----\n\nx\n", "encrypted by PGP"),
    ("age-encryption.org/v1\n-> X25519 x\n", "encrypted by age"),
    ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "a pointer of Git LFS"),
    ("{\"data\": \"ENC[AES256_GCM,data:x]\", \"sops\": {\"mac\": \"x\"}}\n", "encrypted by SOPS as a whole"),
];

#[test]
fn an_encrypted_file_that_is_named_is_one_that_could_not_be_judged() {
    for (text, words) in SEALED {
        let folder = Folder::with("secrets.yaml", text);
        let ran = folder.run("check secrets.yaml").exits(2).has("[encrypted-file]").has(words);
        assert!(ran.stderr.contains("secrets.yaml was not judged"), "{ran}");
        let sarif = folder.run("check secrets.yaml -o sarif").exits(2).json();
        let run = &sarif["runs"][0];
        assert_eq!(run["invocations"][0]["executionSuccessful"], false, "{sarif}");
        assert_eq!(run["results"][0]["ruleId"], "encrypted-file", "{sarif}");
        let status = folder.run("status secrets.yaml -o json").json();
        assert_eq!(status["summary"]["unknown"], 1, "{status}");
        assert!(status.to_string().contains(words), "{status}");
        // a folder and a hook name every file, and this one need not be of this chart
        folder.run("check .").exits(0);
        assert_eq!(folder.run("status . -o json").json()["summary"]["clusters"], 0);
        let mut hook = folder.command(["check", "secrets.yaml"]);
        hook.env("PRE_COMMIT", "1");
        Ran::of(hook, "check secrets.yaml").exits(0);
    }
}

#[test]
fn reports_name_files_from_the_top_of_their_own_checkout() {
    let folder = Folder::new();
    folder.sh("mkdir -p fleet/east other && git init -q fleet && ln -s fleet/east link");
    folder.write("fleet/east/values.yaml", "clusterMode: klas\n");
    let whole = folder.path("fleet/east/values.yaml").display().to_string();
    for (from, name) in [
        (".", "fleet/east/values.yaml"),
        ("other", "../fleet/east/values.yaml"),
        ("other", whole.as_str()),
        (".", "link/values.yaml"),
        (".", "fleet"),
        ("/", whole.as_str()),
        ("fleet/east", "values.yaml"),
    ] {
        let told = |form: &str| folder.sh(&format!("cd {from} && helm-clas check --partial -o {form} '{name}'")).stdout;
        let path = "east/values.yaml";
        let gitlab: serde_json::Value = serde_json::from_str(&told("gitlab")).unwrap();
        assert_eq!(gitlab[0]["location"]["path"], path, "{from} {name}");
        assert!(told("sarif").contains(&format!("\"uri\": \"{path}\"")), "{from} {name}");
        assert!(told("github").contains(&format!("::error file={path},")), "{from} {name}: {}", told("github"));
        assert!(told("junit").contains(&format!("\"{path}\"")), "{from} {name}: {}", told("junit"));
    }
    // what could not be judged as well, and without a checkout the name stays
    let ran = folder.sh("helm-clas check --partial -o gitlab fleet/gone.yaml");
    assert_eq!(ran.json()[0]["location"]["path"], "gone.yaml");
    folder.write("other/values.yaml", "clusterMode: klas\n");
    assert_eq!(
        folder.run("check --partial -o gitlab other/values.yaml").json()[0]["location"]["path"],
        "other/values.yaml"
    );
}

#[test]
fn whom_a_checkout_belongs_to_is_answered_with_its_top() {
    let folder = Folder::with("a b/deep/values.yaml", "pce_url: p.example.com:443\nclusterMode: legacy\n");
    folder.write("locale", "");
    let ran = folder.sh(
        "git init -q 'a b' && cd 'a b/deep' && LANG=de_DE.UTF-8 LANGUAGE=de GIT_TEST_ASSUME_DIFFERENT_OWNER=1 helm-clas \
         check --partial --against HEAD values.yaml",
    );
    let top = fs::canonicalize(folder.path("a b")).unwrap();
    let command = format!("git config --global --add safe.directory '{}'", top.display());
    assert!(ran.exits(2).says("another user").stderr.contains(&command), "{command}");
}

/// A patch that is piped is applied, whatever a log wants.
#[test]
fn a_patch_has_colours_where_it_is_read_and_where_the_command_line_asks() {
    let values = "pce_url: p.example.com:443\nclusterMode: legacy\n";
    let folder = Folder::with("v.yaml", values);
    folder.sh("git init -q .").exits(0);
    for asked in ["FORCE_COLOR=1", "CLICOLOR_FORCE=1", "FORCE_COLOR=3"] {
        for quiet in ["", "-q"] {
            let line = format!("{asked} helm-clas migrate -f v.yaml {quiet} {VERSIONS} | git apply --check -");
            folder.sh(&line).exits(0);
        }
        folder.write("fix.yaml", "pce_url: https://p.example.com:443\nclusterMode: legacy\n");
        folder.sh(&format!("{asked} helm-clas check --partial --diff fix.yaml | git apply --check -")).exits(0);
        let ran = folder.sh(&format!("{asked} helm-clas migrate -f v.yaml {VERSIONS}"));
        assert!(ran.stderr.contains('\u{1b}') && !ran.stdout.contains('\u{1b}'), "{ran}");
    }
    let ran = folder.run(&format!("migrate -f v.yaml -q --color always {VERSIONS}"));
    assert!(ran.stdout.contains('\u{1b}'), "{ran}");
}

#[test]
fn what_a_program_is_told_is_shown_with_debug() {
    let folder = Folder::with("v.yaml", "pce_url: p.example.com:443\nclusterMode: legacy\n");
    folder.sh("mkdir bin; for p in helm kubectl; do printf '#!/bin/sh\\nexit 3\\n' >bin/$p; chmod +x bin/$p; done");
    let ran = folder.sh(
        "PATH=$PWD/bin:$PATH helm-clas --debug --kubeconfig 'my config' --kube-context east status --live -f v.yaml",
    );
    let ran = ran.says("debug: KUBECONFIG='my config' helm history illumio").says("--kube-context east");
    let line = ran.stderr.lines().find(|line| line.contains("cannot read the release")).unwrap_or_default().to_owned();
    assert_eq!(ran.stderr.matches(&line).count(), 1, "{ran}");
    let ran = folder.sh(
        "PATH=$PWD/bin:$PATH HELM_DEBUG=1 helm-clas --kubeconfig 'my config' --kube-context east verify --without-pce \
         --after-mode clas",
    );
    ran.says("debug: KUBECONFIG='my config' kubectl get").says("--context=east");
    let ran = folder.sh(
        "git init -q .; git remote add origin https://git.example.com/f.git; ILLUMIO_API_KEY_USERNAME=api_1 \
         ILLUMIO_API_KEY_SECRET=geheim helm-clas --debug --kubeconfig 'my config' policy --pce-host 127.0.0.1:9 --pce-org 1 \
         --pce-timeout 1s; helm-clas --debug --kubeconfig 'my config' check --against HEAD v.yaml",
    );
    ran.says("debug: GET https://127.0.0.1:9/api/v2/orgs/1/").says("debug: git rev-parse");
}

#[test]
fn tags_of_other_tools_are_named() {
    let folder = Folder::new();
    for (value, words) in [
        ("!vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3363", "the tag `!vault` is for Ansible: the value is encrypted"),
        ("!Ref Token", "the tag `!Ref` is for CloudFormation, which fills in the value"),
    ] {
        folder.write("v.yaml", format!("pce_url: p.example.com:443\nclusterMode: legacy\ncluster_token: {value}\n"));
        let ran = folder.run("check --partial v.yaml").exits(1).has(words);
        assert!(!ran.stdout.contains("remove the tag"), "{ran}");
        folder.run(&format!("migrate -f v.yaml {VERSIONS}")).exits(1).says(words);
    }
}

#[test]
fn a_layer_that_was_not_read_leaves_the_mode_unknown() {
    let folder = Folder::with("v.yaml", "pce_url: p.example.com:443\nclusterMode: legacy\n");
    for address in ["https://example.com/b.yaml", "s3://bucket/b.yaml", "secrets://b.yaml"] {
        for files in [format!("-f v.yaml -f {address}"), format!("-f {address} -f v.yaml")] {
            let ran = folder.run(&format!("status {files}"));
            assert!(ran.stdout.contains("this was not read, and may set the mode"), "{files}: {ran}");
            let status = folder.run(&format!("status -o json {files}")).json();
            let is_last = files.ends_with(address);
            assert_eq!(status["summary"]["unknown"], u8::from(is_last), "{files}: {status}");
            assert_eq!(status["effective"]["mode"].is_null(), is_last, "{files}: {status}");
        }
    }
    let status = folder.run("status -o json -f secrets://b.yaml --set clusterMode=clas").json();
    assert_eq!(status["effective"]["mode"], "clas", "{status}");
    let status = folder.run("status -o json -f secrets://b.yaml").json();
    assert_eq!(status["summary"]["unknown"], 1, "{status}");
}

/// An object of another kind is not a values file, for an upgrade as for a step.
#[test]
fn what_is_no_values_file_is_not_upgraded() {
    let folder = Folder::with("secret.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: eA==}\n");
    folder.write("other.yaml", "replicas: 2\nimage: {tag: x}\n");
    for (file, verb) in [("secret.yaml", "upgrade"), ("secret.yaml", "migrate"), ("other.yaml", "upgrade")] {
        folder.run(&format!("{verb} -f {file} {VERSIONS}")).exits(1).says("error[foreign-values]");
    }
}

/// The refusal of a file that only leads to clusters names their files.
#[test]
fn a_file_that_leads_to_others_names_them() {
    let folder = Folder::new();
    folder.sh("mkdir -p clusters/east clusters/west helm/east; git init -q .; git remote add origin https://git.example.com/f.git");
    let chart = "helmCharts: [{name: illumio, repo: oci://quay.io/illumio, version: 5.1.0, releaseName: r, valuesFile: v.yaml}]\n";
    for cluster in ["east", "west"] {
        folder.write(&format!("clusters/{cluster}/kustomization.yaml"), chart);
        folder.write(&format!("clusters/{cluster}/v.yaml"), "clusterMode: legacy\n");
    }
    let release = "releases: [{name: r, chart: illumio/illumio, version: 5.1.0, values: [{clusterMode: legacy}]}]\n";
    folder.write("helm/east/helmfile.yaml", release);
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: i}\nspec:\n  generators:\n  - git: \
               {repoURL: https://git.example.com/f.git, revision: HEAD, directories: [{path: clusters/*}]}\n  template:\n    \
               metadata: {name: 'i-{{path.basename}}'}\n    spec: {source: {repoURL: https://git.example.com/f.git, \
               targetRevision: HEAD, path: '{{path}}'}}\n";
    folder.write("appset.yaml", set);
    folder.write("helmfile.yaml", "helmfiles: [helm/*/helmfile.yaml]\n");
    let both = "clusters/east/kustomization.yaml, clusters/west/kustomization.yaml";
    let helmfile = "pass one of them: helm/east/helmfile.yaml";
    for verb in ["migrate", "revert", "upgrade", "runbook"] {
        let both = format!("it leads to these files, so pass one of them: {both}");
        folder.run(&format!("{verb} -f appset.yaml {VERSIONS}")).exits(1).says(&both);
        folder.run(&format!("{verb} -f helmfile.yaml {VERSIONS}")).exits(1).says(helmfile);
    }
    folder
        .sh(&format!("cd helm && helm-clas migrate -f ../helmfile.yaml {VERSIONS}"))
        .exits(1)
        .says("of them: ../helm/east");
    folder.write("helmfile.yaml", "helmfiles: [{path: helm/east/helmfile.yaml}, {path: git::https://x@y}]\n");
    folder.run(&format!("migrate -f helmfile.yaml {VERSIONS}")).exits(1).says(helmfile);
    // the rows of folders that others build as well are theirs, and decided in files of the folders
    let app = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: e}\nspec: {source: {repoURL: \
               https://git.example.com/f.git, targetRevision: HEAD, path: clusters/east}}\n";
    folder.write("app.yaml", app);
    let ran = folder.run(&format!("migrate -f appset.yaml {VERSIONS}")).exits(1).says("so pass one of them: clusters/");
    assert!(ran.stderr.contains("clusters/east/") && ran.stderr.contains("clusters/west/"), "{ran}");
    // two of one name are distinguished by their files
    folder.write("kustomization.yaml", "resources: [clusters/east, clusters/west]\n");
    let ran = folder.run(&format!("migrate -f kustomization.yaml {VERSIONS}")).exits(1).says("pass the file of one: ");
    assert!(ran.stderr.contains("clusters/east/kustomization.yaml") && ran.stderr.contains("clusters/west/"), "{ran}");
}

#[test]
fn each_port_that_is_none_has_words_of_its_own() {
    for (port, words) in [
        ("0", "its port is 0"),
        ("00", "its port is 0"),
        ("65536", "its port is above 65535"),
        ("99999999999999999999", "its port is above 65535"),
        ("08443", "its port begins with a zero"),
        ("", "its port is empty"),
    ] {
        let folder = Folder::with("v.yaml", format!("pce_url: \"p.example.com:{port}\"\nclusterMode: legacy\n"));
        folder.run("check --partial v.yaml").exits(1).has(words);
    }
    let folder = Folder::with("v.yaml", "pce_url: p.example.com:65535\nclusterMode: legacy\n");
    folder.run("check --partial v.yaml").exits(0);
}

/// The caret is below the key, whatever Helm calls it.
#[test]
fn a_label_that_is_no_text_is_marked_where_it_stands() {
    for (key, name) in [("1.0", "1.0"), ("yes", "yes"), ("0x1F", "0x1F"), ("1_000", "1_000"), ("5", "5")] {
        let text = format!("pce_url: p.example.com:443\ncommonLabels:\n  team: x\n  {key}: z\n");
        let folder = Folder::with("v.yaml", text);
        let json = folder.run("check --partial v.yaml -o json").json();
        let findings = json["files"][0]["findings"].as_array().unwrap().clone();
        let found = findings.iter().find(|finding| finding["rule"] == "wrong-type").unwrap_or_else(|| panic!("{json}"));
        assert!(found["message"].as_str().unwrap().starts_with(&format!("`{name}` in `commonLabels`")), "{found}");
        assert_eq!((&found["line"], &found["column"]), (&4.into(), &3.into()), "{found}");
    }
    for key in ["nan", "inf", "'1.0'", "\"yes\"", "v1"] {
        let text = format!("pce_url: p.example.com:443\ncommonLabels: {{team: x, {key}: z}}\n");
        let ran = Folder::with("v.yaml", text).run("check --partial v.yaml").exits(0);
        assert!(!ran.stdout.contains("wrong-type"), "{key}: {ran}");
    }
}

/// Microsoft's own validator, with its rules for GitHub's code scanning, finds no error and no warning.
#[test]
fn microsofts_validator_takes_the_reports() {
    let Some(validator) = validator_of_sarif() else {
        println!("Microsoft's validator cannot be had here: the schema of SARIF was looked at, and no more");
        return;
    };
    let folder = Folder::with("bad.yaml", "clusterMode: klas\npce_url: https://p.example.com:443\n");
    folder.write("other.yaml", "replicas: 2\n");
    folder.write("vault.yaml", SEALED[0].0);
    let mut reports = Vec::new();
    for (name, files) in [("a", "bad.yaml gone.yaml"), ("b", "other.yaml"), ("c", "vault.yaml"), ("d", "gone.yaml")] {
        folder.run(&format!("check {files} --output-file sarif:{name}.sarif"));
        reports.push(format!("{name}.sarif"));
    }
    let said = |reports: &[String]| {
        let mut command = Command::new(&validator);
        command.arg("validate").args(reports).args(["--rule-kind", "Sarif;Gh", "--level", "Error;Warning"]);
        command.current_dir(folder.path(".")).env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains(&format!("{} file", reports.len())), "{said}");
        // where the project is at home is not known before it is published
        let said = said.lines().filter(|line| !line.contains("does not provide 'informationUri'"));
        said.filter(|line| line.contains(": error ") || line.contains(": warning ")).map(str::to_owned).collect()
    };
    let found: Vec<String> = said(&reports);
    assert_eq!(found, [""; 0]);
    let report = String::from_utf8(folder.read("a.sarif")).unwrap();
    folder.write("broken.sarif", report.replace("\"startLine\": 1", "\"startLine\": 0"));
    assert!(!said(&["broken.sarif".to_owned()]).is_empty(), "it finds what is wrong");
}

/// The validator, from the package registry, kept once it is there; nothing where it cannot be had or does not run.
fn validator_of_sarif() -> Option<PathBuf> {
    const PACKAGE: &str = "@microsoft/sarif-multitool-linux@5.7.0";
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/sarif-multitool");
    let program = place.join("package/Sarif.Multitool");
    if !program.exists() {
        let folder = Folder::new();
        let script = format!(
            "timeout 100 npm pack --silent --fetch-retries=0 {PACKAGE} >/dev/null 2>&1 && tar xzf microsoft-*.tgz && chmod \
             u+x package/Sarif.Multitool && mkdir -p '{0}' && rm -rf '{0}/package' && mv package '{0}'",
            place.display()
        );
        let status = folder.shell(&script).status().unwrap();
        if !status.success() {
            return None;
        }
    }
    let mut command = Command::new(&program);
    let runs = command.arg("version").env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1").output();
    runs.is_ok_and(|output| output.status.success()).then_some(program)
}
