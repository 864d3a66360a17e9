//! Scripts: which folder a command runs in, which value a variable has there, and what changes a values file before Helm
//! gets it. Where that is not known, neither is the mode.

use crate::{graphs::said, support::program::Folder};

const HELM: &str = "helm upgrade --install illumio repo/illumio --version 5.1.0 -n illumio-system";

const TEMPLATE: &str = "helm template illumio repo/illumio --set pce_url=a:1,clusterMode=legacy";

/// The mode that is reported for a script beside a values file `legacy` and one in `prod` that says `clas`.
fn of_script(script: &str) -> Option<String> {
    let folder = Folder::new();
    folder.sh("git init -q").exits(0);
    for (name, mode) in [("base.yaml", "legacy"), ("bin/base.yaml", "legacy"), ("prod/base.yaml", "clas")] {
        folder.write(name, format!("pce_url: a:1\nclusterMode: {mode}\n"));
    }
    folder.write("bin/prod/base.yaml", "pce_url: a:1\nclusterMode: clas\n");
    folder.write("bin/deploy.sh", format!("#!/bin/bash\n{}\n", script.replace("HELM", HELM)));
    said(&folder, "bin/deploy.sh")
}

#[track_caller]
fn check(script: &str, mode: Option<&str>) {
    let said = of_script(script).filter(|said| said != "unknown");
    assert_eq!(said.as_deref(), mode, "{script}");
}

#[test]
fn a_command_runs_in_the_folder_that_the_script_went_to() {
    check("cd prod\nHELM -f base.yaml", Some("clas"));
    check("cd prod || exit 1\nHELM -f base.yaml", Some("clas"));
    check("mkdir -p prod && cd prod\nHELM -f base.yaml", Some("clas"));
    check("cd \"$(dirname \"$0\")/..\"\nHELM -f prod/base.yaml", Some("clas"));
    check("cd \"$(dirname \"$0\")/prod\"\nHELM -f base.yaml", Some("clas"));
    check("cd \"$(dirname \"${BASH_SOURCE[0]}\")\"\nHELM -f base.yaml", Some("legacy"));
    check("pushd prod\npopd\nHELM -f base.yaml", Some("legacy"));
    check("pushd prod > /dev/null\nHELM -f base.yaml\npopd", Some("clas"));
    check("cd prod\ncd -\nHELM -f base.yaml", Some("legacy"));
    check("(cd prod; ls)\nHELM -f base.yaml", Some("legacy"));
    check("f() {\n  cd prod\n}\nHELM -f base.yaml", Some("legacy"));
    check("if true; then\n  cd prod\n  cd ..\nfi\nHELM -f base.yaml", Some("legacy"));
    check("if true; then\n  cd prod\n  HELM -f base.yaml\nfi", Some("clas"));
}

#[test]
fn a_folder_that_depends_is_not_known() {
    check("[ \"$E\" = prod ] && cd prod\nHELM -f base.yaml", None);
    check("[ \"$E\" = prod ] &&\n  cd prod\nHELM -f base.yaml", None);
    check("cd prod || cd test\nHELM -f base.yaml", None);
    check("if [ \"$E\" = prod ]; then cd prod; fi\nHELM -f base.yaml", None);
    check("case $E in\n  prod) cd prod ;;\nesac\nHELM -f base.yaml", None);
    check("f() {\n  cd prod\n}\nf\nHELM -f base.yaml", None);
    check("function f {\n  cd prod\n}\nf\nHELM -f base.yaml", None);
    check("for d in prod; do\n  cd $d\ndone\nHELM -f base.yaml", None);
    check("cd\nHELM -f base.yaml", None);
    check("popd\nHELM -f base.yaml", None);
}

#[test]
fn a_variable_counts_where_it_is_set_for_certain_and_before() {
    check("MODE=clas\nHELM --set pce_url=a:1,clusterMode=$MODE", Some("clas"));
    check("export MODE=clas\nHELM --set pce_url=a:1,clusterMode=$MODE", Some("clas"));
    check("set -e && MODE=clas\nHELM --set pce_url=a:1,clusterMode=$MODE", Some("clas"));
    check("[ \"$1\" = prod ] && MODE=clas\nHELM --set pce_url=a:1,clusterMode=$MODE", None);
    check("[ \"$1\" = prod ] || MODE=clas\nHELM --set pce_url=a:1,clusterMode=$MODE", None);
    check("[ \"$1\" = prod ] && F=prod/base.yaml\nHELM -f base.yaml -f $F", None);
    check("HELM --set pce_url=a:1,clusterMode=$MODE\nMODE=clas", None);
    check("MODE=clas helm version\nHELM --set pce_url=a:1,clusterMode=$MODE", None);
    check("MODE=clas\n. ./prod.env\nHELM --set pce_url=a:1,clusterMode=$MODE", None);
    check("MODE=clas\nsource prod.env\nHELM --set pce_url=a:1,clusterMode=$MODE", None);
    check(". ./prod.env\nMODE=clas\nHELM --set pce_url=a:1,clusterMode=$MODE", Some("clas"));
}

#[test]
fn what_changes_a_values_file_leaves_the_mode_unknown() {
    for change in [
        "curl -fsSLo base.yaml https://example.com/v",
        "curl -fsSLO https://example.com/base.yaml",
        "cp prod/base.yaml .",
        "cp -r prod/. .",
        "rsync -a prod/ .",
        "aws s3 cp s3://bucket/base.yaml .",
        "git checkout prod -- base.yaml",
        "git apply prod.patch",
        "yq -iy '.a = 1' base.yaml",
        "sed -Ei.bak s/a/b/ base.yaml",
    ] {
        check(&format!("{change}\nHELM -f base.yaml"), None);
    }
    for other in [
        "curl -fsSLo helm.tgz https://example.com/v",
        "cp prod/base.yaml prod/other.yaml",
        "git pull",
        "git checkout main",
        "sed -E s/a/b/ base.yaml",
        "grep -qi clas base.yaml",
        "cp base.yaml prod",
    ] {
        check(&format!("{other}\nHELM -f base.yaml"), Some("legacy"));
    }
}

#[test]
fn a_command_is_known_by_every_name_of_helm_and_its_options() {
    check("helm3 upgrade --install illumio repo/illumio -f base.yaml -f prod/base.yaml", Some("clas"));
    check("helm.exe upgrade --install illumio repo/illumio -f base.yaml", Some("legacy"));
    check("HELM -f base.yaml --kube-version 1.30 --name-template x", Some("legacy"));
    check("HELM -f base.yaml --post-renderer ./change.sh", None);
    check(&format!("{TEMPLATE} | kubectl apply -f -"), Some("legacy"));
    let folder = Folder::with("deploy.sh", format!("{TEMPLATE} | kubectl diff -f -\n"));
    assert_eq!(said(&folder, "deploy.sh").filter(|said| said != "unknown"), None);
}
