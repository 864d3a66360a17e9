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
fn what_is_not_known_of_a_file_is_said_in_words() {
    let folder = Folder::new();
    folder.sh("git init -q").exits(0);
    folder.write("a.yaml", "pce_url: a:1\nclusterMode: legacy\n");
    let script = format!("sed -i \"s/legacy/$MODE/\" a.yaml\n{HELM} -f a.yaml\necho x | {HELM} -f -\n");
    folder.write("deploy.sh", script);
    let shown = folder.run("status -o json .").exits(0).stdout;
    assert!(shown.contains("`a.yaml`, which commands of this file write or change"), "{shown}");
    assert!(shown.contains("`-`, standard input") && !shown.contains("{standard"), "{shown}");
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
        "git checkout prod",
        "git switch prod",
        "git reset --hard origin/prod",
        "git merge prod",
        "patch -p1 < prod.patch",
        "tar xzf bundle.tgz",
        "tar -xzf bundle.tgz -C .",
        "unzip -o bundle.zip",
        "scp host:base.yaml .",
        "ln -sf prod/base.yaml",
        "ln -sf prod/base.yaml base.yaml",
        "cp -t . prod/base.yaml",
        "aws s3 sync s3://bucket .",
        "docker run --rm -v $PWD:/w mikefarah/yq -i .a=1 /w/base.yaml",
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
        "git checkout -b change",
        "git reset HEAD",
        "git fetch origin",
        "make prepare",
        "tar xzf helm-v3.17-linux-amd64.tgz",
        "tar czf backup.tgz base.yaml",
        "aws s3 sync . s3://bucket/backup",
        "sed -E s/a/b/ base.yaml",
        "grep -qi clas base.yaml",
        "cp base.yaml prod",
    ] {
        check(&format!("{other}\nHELM -f base.yaml"), Some("legacy"));
    }
}

/// The modes that are reported for a script beside values files in two folders, with others beside them; and whether a
/// step in one of these is refused.
fn beside(name: &str, script: &str) -> (Vec<Option<String>>, bool) {
    let folder = Folder::new();
    folder.sh("git init -q").exits(0);
    for place in ["prod", "dev"] {
        folder.write(&format!("{place}/values.yaml"), "pce_url: a:1\nclusterMode: legacy\n");
        folder.write(&format!("{place}/over.yaml"), "clusterMode: clas\n");
    }
    folder.write("other/base.yaml", "pce_url: a:1\nclusterMode: legacy\n");
    folder.write("env.sh", "cd prod\n");
    folder.write("names.sh", "NS=illumio-system\n");
    folder.write(name, script.replace("HELM", HELM));
    let modes = ["prod/values.yaml", "dev/values.yaml", "other/base.yaml"].map(|file| said(&folder, file)).into();
    let before = folder.read("prod/values.yaml");
    folder.run("migrate -f prod/values.yaml --version 5.1.0 --write --pce-version 24.2.20");
    (modes, folder.read("prod/values.yaml") == before)
}

/// What a command may give to Helm by a name that is not known is not known either; what it cannot name, is.
#[test]
fn files_that_a_command_may_name_are_in_no_mode_that_is_known() {
    for script in [
        "cd \"$ENV\" && HELM -f values.yaml -f over.yaml",
        "HELM -f \"$ENV/values.yaml\" -f \"$ENV/over.yaml\"",
        "HELM -f ${1}/values.yaml --set clusterMode=clas",
        "HELM -f $ENV/values.yaml --post-renderer ./x.sh",
        "cd \"$ENV\"\nMORE=\"\"\n[ -f over.yaml ] && MORE=\"-f over.yaml\"\nHELM -f values.yaml $MORE",
        "deploy() {\n  cd \"$1\"\n  HELM -f values.yaml -f over.yaml\n}\ndeploy $ENV",
        "for d in */; do\n  HELM -f $d/values.yaml -f $d/over.yaml\ndone",
        "for d in $ALL; do\n  (cd $d && HELM -f values.yaml -f over.yaml)\ndone",
        "cd `cat where` && helm upgrade a $CHART -f values.yaml -f over.yaml",
        "cd \"$ENV\"\ncurl -sO https://example.com/values.yaml\nHELM -f values.yaml",
        "HELM -f \"/work/$ENV/values.yaml\" -f more.yaml",
        "HELM -f \"$(git rev-parse --show-toplevel)/$ENV/values.yaml\" --set-json \"$MORE\"",
        "up() {\n  helm upgrade --install \"$@\"\n}\nup illumio repo/illumio -f $E/values.yaml -f $E/over.yaml",
        "for d in \"$@\"; do MORE=\"$MORE -f $d/values.yaml -f $d/over.yaml\"; done\nHELM $MORE",
        "MORE=$(printf -- \"-f %s \" */values.yaml */over.yaml)\nHELM $MORE",
    ] {
        let (modes, is_refused) = beside("deploy.sh", &format!("#!/bin/bash\n{script}\n"));
        assert_eq!(modes, ["unknown", "unknown", "legacy"].map(|mode| Some(mode.to_owned())), "{script}");
        assert!(is_refused, "{script}");
    }
    for (name, script) in [
        ("Makefile", "deploy-%:\n\tHELM -f $*/values.yaml -f $*/over.yaml\n"),
        ("Makefile", "define go\n\tcd $(1) && HELM -f values.yaml -f over.yaml\nendef\ndeploy:\n\t$(call go,prod)\n"),
        ("Makefile", "deploy:\n\tHELM $(addprefix -f ,$(wildcard */values.yaml))\n"),
        ("justfile", "deploy env:\n  cd {{env}} && HELM -f values.yaml -f over.yaml\n"),
        (".gitlab-ci.yml", "deploy:\n  script:\n  - cd $WHERE\n  - HELM -f values.yaml -f over.yaml\n"),
        ("Jenkinsfile", "steps { dir(\"${where}\") { sh 'HELM -f values.yaml -f over.yaml' } }\n"),
    ] {
        let (modes, is_refused) = beside(name, script);
        assert_eq!(modes[..2], ["unknown", "unknown"].map(|mode| Some(mode.to_owned())), "{script}");
        assert!(is_refused, "{script}");
    }
}

/// One file alone is all that a release gets, whichever it is; and a command for another chart is not asked about.
#[test]
fn files_keep_their_modes_where_a_command_cannot_change_them() {
    for script in [
        "HELM -f $ENV/values.yaml",
        "cd \"$ENV\" && HELM -f values.yaml --set image.tag=$TAG",
        "cd \"$ENV\" && helm upgrade --install loki grafana/loki -f values.yaml -f over.yaml",
        "cd \"$ENV\" && helm template illumio repo/illumio -f values.yaml -f over.yaml",
        "cd \"$ENV\" && HELM -f values.yaml -f over.yaml --dry-run",
        "cd \"$ENV\" && HELM -f settings.yaml -f more.yaml",
        "make prepare\n. ./names.sh\nHELM -n $NS -f other/base.yaml",
    ] {
        let (modes, is_refused) = beside("deploy.sh", &format!("#!/bin/bash\n{script}\n"));
        assert_eq!(modes[..2], ["legacy", "legacy"].map(|mode| Some(mode.to_owned())), "{script}");
        assert!(!is_refused, "{script}");
    }
}

/// What a script says of its files is put in: its own folder, the top of the checkout, variables, arrays.
#[test]
fn names_that_a_script_makes_of_others_are_known() {
    for script in [
        "HERE=\"$(cd \"$(dirname \"${BASH_SOURCE[0]}\")\" && pwd)\"\nHELM -f \"$HERE/../prod/values.yaml\" -f \"$HERE/../prod/over.yaml\"",
        "cd \"$(git rev-parse --show-toplevel)/prod\"\nHELM -f values.yaml -f over.yaml",
        "ROOT=$(git rev-parse --show-toplevel)\nHELM -f $ROOT/prod/values.yaml -f ${ROOT}/prod/over.yaml",
        "ARGS=(-f prod/values.yaml)\nARGS+=(-f prod/over.yaml)\nHELM \"${ARGS[@]}\"",
        "args=(\n  -f prod/values.yaml\n  # the mode\n  -f prod/over.yaml\n)\nHELM \"${args[@]}\"",
        "MORE=\"-f prod/values.yaml\"\nMORE=\"$MORE -f prod/over.yaml\"\nHELM $MORE",
        "E=dev\nE=prod\nHELM -f $E/values.yaml -f $E/over.yaml",
        "H=${H:-helm}\n$H upgrade --install illumio repo/illumio -f prod/values.yaml -f prod/over.yaml",
        "\"${HELM_BIN:-helm}\" upgrade --install illumio repo/illumio -f prod/values.yaml -f prod/over.yaml",
        "docker run --rm -v \"$PWD:/w\" -w /w alpine/helm:3.17 upgrade -i illumio repo/illumio -f prod/values.yaml -f prod/over.yaml",
        "cd prod | tee log\nHELM -f prod/values.yaml -f prod/over.yaml",
        "env -C prod HELM -f values.yaml -f over.yaml",
        "HELM -f \"$PWD/prod/values.yaml\" -f <(sops -d prod/over.yaml)",
        "HELM -f prod/values.yaml -f prod/over.yaml",
        "main() {\n  local dir=prod\n  HELM -f $dir/values.yaml -f $dir/over.yaml\n}\nmain",
        "C=\"HELM -f prod/values.yaml -f prod/over.yaml\"\neval \"$C\"",
        "HELM \\\n  -f prod/values.yaml \\\n  `# the mode` \\\n  -f prod/over.yaml",
        "bash <<EOF\ncd prod\nHELM -f values.yaml -f over.yaml\nEOF",
    ] {
        let folder = Folder::new();
        folder.sh("git init -q").exits(0);
        folder.write("prod/values.yaml", "pce_url: a:1\nclusterMode: legacy\n");
        folder.write("prod/over.yaml", "clusterMode: clas\n");
        folder.write("bin/deploy.sh", format!("#!/bin/bash\n{}\n", script.replace("HELM ", &format!("{HELM} "))));
        assert_eq!(said(&folder, "bin/deploy.sh").as_deref(), Some("clas"), "{script}");
        assert_eq!(said(&folder, "prod/values.yaml"), None, "{script}");
    }
}

/// The variables and folders that the file of a pipeline sets for its jobs.
#[test]
fn jobs_run_with_the_variables_and_in_the_folder_of_their_file() {
    const BOTH: &str = "HELM -f $E/values.yaml -f $E/over.yaml";
    const IN: &str = "HELM -f values.yaml -f over.yaml";
    let cases = [
        (".gitlab-ci.yml", format!("variables: {{E: prod}}\nd:\n  script:\n  - {BOTH}\n")),
        (".gitlab-ci.yml", format!("d:\n  variables: {{E: {{value: prod, description: x}}}}\n  script:\n  - {BOTH}\n")),
        (".gitlab-ci.yml", format!("d:\n  script:\n  - cd $CI_PROJECT_DIR/prod\n  - {IN}\n")),
        (".gitlab-ci.yml", format!("default:\n  before_script:\n  - cd prod\nd:\n  script:\n  - {IN}\n")),
        (".gitlab-ci.yml", format!(".t:\n  script:\n  - {BOTH}\nd:\n  extends: .t\n  variables: {{E: prod}}\n")),
        (".gitlab-ci.yml", format!(".t: &t\n  script:\n  - {BOTH}\nd:\n  <<: *t\n  variables: {{E: prod}}\n")),
        (".gitlab-ci.yml", format!(".t:\n  before_script:\n  - cd prod\nd:\n  extends: [.t]\n  script:\n  - {IN}\n")),
        (".gitlab-ci.yml", format!(".t: &t\n- cd prod\nd:\n  script:\n  - *t\n  - {IN}\n")),
        (
            ".gitlab-ci.yml",
            format!(".t:\n  script:\n  - cd prod\nd:\n  script:\n  - !reference [.t, script]\n  - {IN}\n"),
        ),
        ("ci/deploy.yml", format!("d:\n  script:\n  - cd prod\n  - {IN}\n")),
        (".github/workflows/d.yml", format!("env: {{E: prod}}\njobs:\n  d:\n    steps:\n    - run: {BOTH}\n")),
        (".github/workflows/d.yml", format!("jobs:\n  d:\n    env: {{E: prod}}\n    steps:\n    - run: {BOTH}\n")),
        (".github/workflows/d.yml", format!("jobs:\n  d:\n    steps:\n    - env: {{E: prod}}\n      run: {BOTH}\n")),
        (
            ".github/workflows/d.yml",
            format!(
                "env: {{E: prod}}\njobs:\n  d:\n    steps:\n    - working-directory: ${{{{ env.E }}}}\n      run: {IN}\n"
            ),
        ),
        (".github/workflows/d.yml", format!("jobs:\n  d:\n    steps:\n    - run: cd $GITHUB_WORKSPACE/prod && {IN}\n")),
        (
            "azure-pipelines.yml",
            "steps:\n- task: HelmDeploy@0\n  inputs:\n    command: upgrade\n    chartName: oci://quay.io/illumio/illumio\n    \
             releaseName: illumio\n    valueFile: $(Build.SourcesDirectory)/prod/values.yaml\n    arguments: -f prod/over.yaml\n"
                .to_owned(),
        ),
        ("Makefile", format!(".ONESHELL:\nd:\n\tcd prod\n\t{IN}\n")),
        ("Makefile", "V := -f prod/values.yaml\nV += -f prod/over.yaml\nd:\n\tHELM $(V)\n".to_owned()),
        (
            "Jenkinsfile",
            format!("pipeline {{ stages {{ stage('d') {{ steps {{ dir('prod') {{ sh '{IN}' }} }} }} }} }}\n"),
        ),
        ("Jenkinsfile", format!("steps {{\n  dir('prod') {{\n    sh '{IN}'\n  }}\n}}\n")),
    ];
    for (name, text) in cases {
        let folder = Folder::new();
        folder.sh("git init -q").exits(0);
        folder.write("prod/values.yaml", "pce_url: a:1\nclusterMode: legacy\n");
        folder.write("prod/over.yaml", "clusterMode: clas\n");
        folder.write("ci/prod/values.yaml", "pce_url: a:1\nclusterMode: unpair\n");
        folder.write(name, text.replace("HELM", HELM));
        assert_eq!(said(&folder, name).as_deref(), Some("clas"), "{name}: {text}");
        assert_eq!(said(&folder, "prod/values.yaml"), None, "{name}: {text}");
    }
}

/// A variable that a step, or a rule, may set for a job is not the one that the file sets.
#[test]
fn a_variable_that_a_pipeline_may_set_anew_is_not_known() {
    for (name, text) in [
        (
            ".github/workflows/d.yml",
            "env: {E: dev}\njobs:\n  d:\n    steps:\n    - run: echo E=prod >> $GITHUB_ENV\n    - run: HELM -f $E/values.yaml -f $E/over.yaml\n",
        ),
        (
            ".gitlab-ci.yml",
            "d:\n  variables: {E: dev}\n  rules:\n  - variables: {E: prod}\n  script:\n  - HELM -f $E/values.yaml -f $E/over.yaml\n",
        ),
    ] {
        let (modes, is_refused) = beside(name, text);
        assert_eq!(modes[..2], ["unknown", "unknown"].map(|mode| Some(mode.to_owned())), "{text}");
        assert!(is_refused, "{text}");
    }
}

/// A script that is read into another one may go to another folder.
#[test]
fn a_script_that_goes_elsewhere_takes_the_one_that_reads_it_along() {
    let (modes, is_refused) = beside("deploy.sh", "#!/bin/bash\n. ./env.sh\nHELM -f values.yaml\n");
    assert_eq!((modes[0].as_deref(), is_refused), (Some("unknown"), true));
    let folder = Folder::with("values.yaml", "pce_url: a:1\nclusterMode: legacy\n");
    folder.sh("git init -q").exits(0);
    folder.write("env.sh", "cd prod\n");
    folder.write("deploy.sh", format!("source ./env.sh\n{HELM} -f values.yaml\n"));
    assert_eq!(said(&folder, "deploy.sh").as_deref(), Some("unknown"));
    folder.write("env.sh", "NS=illumio\n");
    assert_eq!(said(&folder, "deploy.sh").as_deref(), Some("legacy"));
}

/// What may be added to a command makes its mode unknown, where it names a file or sets the mode.
#[test]
fn options_that_may_be_added_leave_the_mode_unknown() {
    for added in [
        "M=\"\"\n[ -f prod/base.yaml ] && M=\"-f prod/base.yaml\"\nHELM -f base.yaml $M",
        "if [ \"$1\" = x ]; then M=\"--set clusterMode=clas\"; fi\nHELM -f base.yaml $M",
        "M=()\nif [ \"$1\" = x ]; then M+=(-f prod/base.yaml); fi\nHELM -f base.yaml \"${M[@]}\"",
        "M=\"$M -f prod/base.yaml\"\nHELM -f base.yaml $M",
        "for f in prod/base.yaml \"$1.yaml\"; do M=\"$M -f $f\"; done\nHELM -f base.yaml $M",
        "while read f; do M=\"${M} --values $f\"; done < list\nHELM -f base.yaml $M",
        "HELM -f base.yaml ${M:+-f prod/base.yaml}",
        "HELM -f base.yaml -f <(envsubst < prod/base.yaml)",
        "more() { M=\"-f prod/base.yaml\"; }\nmore\nHELM -f base.yaml $M",
        "printf -v F base.yaml\nHELM -f base.yaml -f $F",
        "mapfile -t F < files\nHELM -f base.yaml -f $F",
    ] {
        check(added, None);
    }
    for harmless in [
        "M=\"\"\n[ -n \"$D\" ] && M=\"--debug\"\nHELM -f base.yaml $M",
        "M=\"$M --debug\"\nHELM -f base.yaml $M",
        "HELM -f base.yaml ${W:+--wait}",
        "M=\"\"\nHELM -f base.yaml $M",
        "HELM -f base.yaml \"$@\"",
    ] {
        check(harmless, Some("legacy"));
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

/// The modes of the releases of a script that calls functions, beside files of two clusters.
#[track_caller]
fn of_calls(script: &str, modes: &[&str]) {
    let folder = Folder::new();
    folder.sh("git init -q").exits(0);
    for place in ["", "east/", "west/"] {
        let mode = if place == "west/" { "legacy" } else { "clas" };
        folder.write(&format!("{place}values.yaml"), format!("clusterMode: {mode}\n"));
        folder.write(&format!("{place}base.yaml"), "pce_url: a:1\nclusterMode: migrateLegacyToClas\n");
    }
    folder.write("deploy.sh", format!("#!/bin/bash\n{}\n", script.replace("HELM", HELM)));
    let answer = folder.run("status -o json .").exits(0).json();
    let rows = answer["files"].as_array().unwrap().iter().filter(|row| row["file"] == "deploy.sh");
    let said: Vec<&str> = rows.map(|row| row["mode"].as_str().unwrap_or("unknown")).collect();
    assert_eq!(said, modes, "{script}");
}

/// A command in a function is the one that its calls make of it: what they give it, and the folder that they are in.
#[test]
fn a_function_deploys_what_its_calls_give_it() {
    const BOTH: &[&str] = &["clas", "legacy"];
    of_calls("up() {\n  HELM -f base.yaml -f \"$1\"\n}\nup east/values.yaml\nup west/values.yaml", BOTH);
    of_calls("up() { HELM -f base.yaml -f $1/values.yaml; }; up west", &["legacy"]);
    of_calls("up() {\n  local e=$1\n  HELM -f base.yaml -f $e/values.yaml\n}\nup east\nup west", BOTH);
    of_calls(
        "up() {\n  local e=$1; shift\n  HELM -f base.yaml -f $e/values.yaml \"$@\"\n}\nup west --wait",
        &["legacy"],
    );
    of_calls("up() {\n  (cd \"$1\" && HELM -f base.yaml -f values.yaml)\n}\nfor e in east west; do up $e; done", BOTH);
    of_calls("up() {\n  helm upgrade \"$@\"\n}\nup -i a repo/illumio -f base.yaml -f west/values.yaml", &["legacy"]);
    of_calls("up() {\n  HELM -f base.yaml -f ${1:-west}/values.yaml\n}\nup", &["legacy"]);
    of_calls("up() {\n  HELM -f values.yaml\n}\ncd west\nup", &["legacy"]);
    of_calls("main() {\n  up west\n}\nup() {\n  HELM -f base.yaml -f $1/values.yaml\n}\nmain", &["legacy"]);
    of_calls("for e in east west; do (cd $e && HELM -f base.yaml -f values.yaml); done", BOTH);
    for unknown in [
        "up() {\n  HELM -f base.yaml -f $1/values.yaml\n}\nup $E",
        "up() {\n  HELM -f base.yaml -f $1/values.yaml\n}\nup east\nup \"$@\"",
        "up() {\n  sed -i s/legacy/clas/ $1/values.yaml\n  HELM -f base.yaml -f $1/values.yaml\n}\nup west",
        "up() {\n  if [ -n \"$2\" ]; then shift; fi\n  HELM -f base.yaml -f $1/values.yaml\n}\nup east west",
        "up() {\n  HELM -f values.yaml\n}\ncd $E\nup",
    ] {
        let folder = Folder::new();
        folder.write("base.yaml", "pce_url: a:1\nclusterMode: legacy\n");
        for place in ["", "east/", "west/"] {
            folder.write(&format!("{place}values.yaml"), "clusterMode: legacy\n");
        }
        folder.write("deploy.sh", format!("#!/bin/bash\n{}\n", unknown.replace("HELM", HELM)));
        assert_eq!(said(&folder, "deploy.sh").as_deref().unwrap_or("unknown"), "unknown", "{unknown}");
    }
}
