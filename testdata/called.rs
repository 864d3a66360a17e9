//! What the program calls itself: `helm clas` as a plugin, `helm-clas` without Helm, in every word that it says.

use std::{fs, path::Path};

use clap::CommandFactory as _;
use helm_clas::{Called, Rule};

use crate::{
    args::Arguments,
    support::program::{FIT, Folder},
};

const VALUES: &str = "pce_url: p.example.com:8443\ncluster_id: 5a1e0000-0000-4000-8000-0000000000c1\n\
                      containerRuntime: containerd\ncontainerManager: kubernetes\nnetworkType: overlay\n";

/// A folder with a cluster in each mode, and what is wrong in many ways.
fn folder() -> Folder {
    let folder = Folder::new();
    for mode in ["legacy", "migrateLegacyToClas", "clas", "migrateClasToLegacy", "klas", "unpair"] {
        folder.write(&format!("{mode}-values.yaml"), format!("{VALUES}clusterMode: {mode}\n"));
    }
    folder.write("allow-values.yaml", "pce_url: p:1 # helm-clas: allow zzzzzz\nclusterMode: legacy\n");
    let app = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: illumio-east}\nspec:\n  source:\n    \
               repoURL: quay.io/illumio\n    chart: illumio\n    targetRevision: 5.1.0\n    helm:\n      values: |\n        \
               clusterMode: legacy\n  destination: {namespace: illumio-system}\n";
    folder.write("app.yaml", app);
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/policy/shop");
    for part in ["", "active"] {
        fs::create_dir_all(folder.path("shop").join(part)).unwrap();
        for file in fs::read_dir(shop.join(part)).unwrap().flatten().filter(|file| file.path().is_file()) {
            fs::copy(file.path(), folder.path("shop").join(part).join(file.file_name())).unwrap();
        }
    }
    folder
}

/// Command lines, each of which names a command of the program in what it says, or may.
fn lines() -> Vec<String> {
    let of = |line: &str| line.to_owned();
    let mut lines: Vec<String> = Rule::ALL.iter().map(|rule| format!("explain {}", rule.name())).collect();
    for mode in ["legacy", "migrateLegacyToClas", "clas", "migrateClasToLegacy", "klas", "unpair"] {
        for verb in ["migrate", "migrate --finish", "revert", "revert --finish", "migrate --undo"] {
            lines.push(format!("{verb} -f {mode}-values.yaml {FIT}"));
        }
        lines.push(format!("migrate -f {mode}-values.yaml {FIT} -o json"));
        lines.push(format!("migrate -f {mode}-values.yaml {FIT} -o markdown"));
        lines.push(format!("upgrade -f {mode}-values.yaml --version 5.2.0 --pce-version 24.2.20"));
    }
    for form in ["text", "json", "sarif", "github", "gitlab", "junit", "markdown"] {
        lines.push(format!("check . -o {form}"));
    }
    for form in ["text", "json", "sarif", "markdown", "csv"] {
        lines.push(format!("policy shop -o {form}"));
    }
    for form in ["text", "markdown", "html"] {
        lines.push(format!("runbook -f legacy-values.yaml {FIT} -o {form}"));
    }
    lines.extend([
        of("migrate -f app.yaml --pce-version 24.2.20"),
        of("explain nothing-like-it"),
        of("explain wrong-step -o json"),
        of("check --allow zzzzzz ."),
        of("man nothing"),
        of("status ."),
        of("status . -o json"),
        of("plan . --version 5.1.0 --pce-version 24.2.20"),
        of("plan . --version 5.1.0 --pce-version 24.2.20 -o json"),
        of("policy"),
        of("policy nowhere"),
        of("verify --before -f klas-values.yaml"),
        of("enforcement diff nowhere.json -f legacy-values.yaml"),
        of("enforcement diff app.yaml -f legacy-values.yaml"),
        of("guard"),
        of("nothing"),
        of("--help"),
    ]);
    for command in Arguments::command().get_subcommands() {
        lines.push(format!("{} --help", command.get_name()));
        lines.push(format!("{} --no-such-option", command.get_name()));
        lines.extend(
            command.get_subcommands().map(|below| format!("{} {} --help", command.get_name(), below.get_name())),
        );
    }
    lines
}

#[test]
fn without_helm_it_never_calls_itself_a_plugin_of_it() {
    let folder = folder();
    let mut named = 0;
    for line in lines() {
        let mut command = folder.command(line.split_whitespace());
        let said = command.env_remove("HELM_PLUGIN_DIR").output().unwrap();
        let said = [said.stdout, said.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        let plugin: Vec<&str> = said.lines().filter(|line| line.contains("helm clas ")).collect();
        // a page names the tool that made it
        let plugin: Vec<&&str> = plugin.iter().filter(|line| !line.contains(env!("CARGO_PKG_VERSION"))).collect();
        assert!(plugin.is_empty(), "{line}: {plugin:#?}");
        named += usize::from(said.contains("helm-clas "));
    }
    assert!(named > 100, "{named}");
}

#[test]
fn what_another_plugin_starts_is_no_plugin() {
    let folder = folder();
    let said = |plugin: &str| {
        let script = format!("HELM_PLUGIN_NAME={plugin} helm-clas migrate -f legacy-values.yaml {FIT}");
        let ran = folder.sh(&script);
        ran.stdout + &ran.stderr
    };
    assert!(said("clas").contains("  helm clas verify"));
    assert!(said("secrets").contains("  helm-clas verify"));
}

#[test]
fn a_page_keeps_every_other_word() {
    for rule in Rule::ALL {
        assert_eq!(rule.page_of(Called::OF_HELM), rule.page(), "{}", rule.name());
        let alone = rule.page_of(Called::ALONE);
        assert_eq!(alone.replace("helm-clas", "helm clas"), rule.page().replace("helm-clas", "helm clas"));
    }
}
