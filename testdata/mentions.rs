//! Modes that are set where it is not known whose they are: each has a row, and no step writes beside it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use helm_clas::{
    Rule, Severity, Status, Verb,
    status::{Holder, Standing},
};

use crate::support::{
    files_below,
    program::Folder,
    reading::{Ask, judged, outcome, standings, without_versions},
};

/// The lines and the keys of the modes in a file that are not judged.
fn mentioned(name: &str, text: &str) -> Vec<String> {
    let is_mention = |standing: &&Standing| standing.holder == Holder::Mention;
    let shown = |standing: &Standing| {
        let line = standing.position.map(|position| position.line).unwrap_or_default();
        format!("{line} {}", standing.path.join("/"))
    };
    standings(&[(name, text)], None).iter().filter(is_mention).map(shown).collect()
}

/// The rules that stop a step.
fn stopped_by(verb: Verb, name: &str, text: &str, path: Option<&str>) -> Vec<Rule> {
    let outcome = outcome(&[(name, text)], &Ask { path, ..Ask::of(verb) });
    assert_eq!(
        matches!(outcome.status, Status::Refused),
        outcome.findings.iter().any(|it| it.severity == Severity::Error)
    );
    outcome.findings.iter().filter(|it| it.severity == Severity::Error).map(|it| it.rule).collect()
}

/// A file whose modes are not judged: the rows, and no step in either direction.
#[track_caller]
fn check(name: &str, text: &str, rows: &[&str]) {
    assert_eq!(mentioned(name, text), rows, "{text}");
    for verb in [Verb::Migrate, Verb::Revert] {
        let rules = stopped_by(verb, name, text, None);
        assert!(rules.contains(&Rule::ModeNotJudged), "{rules:?} {text}");
    }
    let judgement = without_versions(|circumstances| judged(&[(name, text)], circumstances));
    let findings = judgement.expect("a mode is set").findings;
    let own: Vec<_> = findings.iter().filter(|finding| finding.rule == Rule::ModeNotJudged).collect();
    assert_eq!(own.len(), rows.len(), "{findings:?}");
    assert!(own.iter().all(|finding| finding.severity == Severity::Info && finding.span.is_some()), "{own:?}");
}

#[test]
fn a_mode_below_keys_that_may_be_anothers_is_told() {
    check("a.yaml", "security:\n  pce_url: a:1\n  clusterMode: clas\n", &["3 security/clusterMode"]);
    check("a.yaml", "global: {region: east}\nsegmentation: {cluster_mode: legacy}\n", &["2 segmentation/cluster_mode"]);
    check("stack.yaml", "deploy:\n  chart: illumio\n  values: {clusterMode: clas}\n", &["3 deploy/values/clusterMode"]);
    check(
        "a.yaml",
        "key:\n  components:\n  - {pce_url: 'a:1', clusterMode: clas}\n",
        &["3 key/components/0/clusterMode"],
    );
    check(
        "a.yaml",
        "kind: Release\napiVersion: x/v1\nspec:\n  values:\n    clusterMode: clas\n",
        &["5 spec/values/clusterMode"],
    );
}

#[test]
fn a_mode_in_a_text_within_the_file_is_told() {
    check(
        "values.yaml",
        "applications:\n  a:\n    helm:\n      values: |\n        pce_url: a:1\n        clusterMode: legacy\n",
        &["6 applications/a/helm/values/clusterMode"],
    );
    check("a.yaml", "overrides:\n- {name: illumio.clusterMode, value: clas}\n", &["2 "]);
    check(
        "k.yaml",
        "patches:\n- patch: |-\n    - op: replace\n      path: /spec/values/clusterMode\n      value: clas\n",
        &["4 "],
    );
}

#[test]
fn a_mode_in_a_list_is_told_and_the_list_is_not_this_charts() {
    let tasks = "- name: deploy\n  our.own.release:\n    values:\n      pce_url: a:1\n      clusterMode: legacy\n";
    assert_eq!(mentioned("tasks.yml", tasks), ["5 0/our.own.release/values/clusterMode"]);
    assert_eq!(stopped_by(Verb::Migrate, "tasks.yml", tasks, None), [Rule::NotAMapping]);
    assert!(standings(&[("a.yaml", "- name: illumio\n")], None).is_empty());
    // the chart's values as the items of a list are a mistake, and not another file
    assert_eq!(standings(&[("a.yaml", "- pce_url: a:1\n- clusterMode: clas\n")], None)[0].holder, Holder::Values);
}

#[test]
fn what_is_no_mode_of_illumio_is_silent() {
    for text in [
        "redis:\n  clusterMode: cluster\n",
        "redis:\n  clusterMode: true\n",
        "# clusterMode: clas\nredis: {}\n",
        "properties:\n  pce_url: {type: string}\n  clusterMode: {enum: [clas]}\n",
        "text: see clusterMode\n",
        "security:\n  mode: clas\n",
        "a: {cluster_mode: '{{ mode }}'}\n",
    ] {
        assert_eq!(standings(&[("a.yaml", text)], None), [], "{text}");
    }
    assert!(mentioned("values.yaml", "clusterMode: clas\n# clusterMode: legacy\n").is_empty());
    assert!(mentioned("values.yaml", "illumio:\n  clusterMode: clas\n").is_empty());
}

#[test]
fn a_path_means_the_place_through_lists_and_texts() {
    #[track_caller]
    fn check(text: &str, path: &str, expected: &str) {
        let outcome = outcome(&[("a.yaml", text)], &Ask { path: Some(path), ..Ask::of(Verb::Migrate) });
        let Status::Step(edited) = outcome.status else { panic!("{path}: {:?}", outcome.findings) };
        assert_eq!(edited.text, text.replacen(expected, "migrateLegacyToClas", 1), "{path}");
    }
    check("security:\n  pce_url: a:1\n  clusterMode: legacy\n", "security", "legacy");
    check("a:\n- b: {clusterMode: clas}\n- b: {pce_url: 'a:1', clusterMode: legacy}\n", "a.1.b", "legacy");
    check("a.b:\n  c: {clusterMode: legacy}\n", "a\\.b.c", "legacy");
    check("helm:\n  values: |\n    # ours\n    clusterMode: legacy\nx: {clusterMode: clas}\n", "helm.values", "legacy");
    check("helm:\n  values: |\n    illumio:\n      clusterMode: legacy\n", "helm.values.illumio", "legacy");
    check("clusterMode: legacy\nredis: {clusterMode: clas}\n", ".", "legacy");
}

#[test]
fn no_key_is_put_into_the_root_of_a_foreign_file() {
    #[track_caller]
    fn check(name: &str, text: &str) {
        for verb in [Verb::Migrate, Verb::Revert] {
            let rules = stopped_by(verb, name, text, None);
            assert!(rules.contains(&Rule::ForeignValues) || rules.contains(&Rule::SeveralPlaces), "{name} {rules:?}");
        }
    }
    check("kustomization.yaml", "resources: [../base]\n");
    check("prod.yaml", "resources: [../base]\n");
    check("kustomization.yaml", "namePrefix: a-\n");
    check("Kustomization", "clusterMode: legacy\nresources: [../base]\n");
    check("Chart.yaml", "apiVersion: v2\nname: platform\nversion: 0.1.0\n");
    check("requirements.yaml", "dependencies: []\n");
    check("parent.yaml", "helmfiles:\n- path: a.yaml\n");
    check("fleet.yaml", "defaultNamespace: illumio-system\nhelm: {chart: illumio}\n");
    check("Pulumi.yaml", "name: illumio\nruntime: yaml\n");
    check("devspace.yaml", "version: v2beta1\nname: a\n");
    check("helm-chart.yaml", "helmChart: {chartVersion: 5.1.0}\n");
    check("azure-pipelines.yml", "steps: []\n");
    check("compose.yaml", "services: {}\n");
    check("values.yaml", "replicas: 2\n");
    check("group_vars.yml", "illumio_cluster_mode: clas\n");
    check("values.yaml", "clusterMode: legacy\nillumio: {pce_url: 'a:1'}\n");
    // named, the root is meant
    let outcome = outcome(&[("values.yaml", "replicas: 2\n")], &Ask { path: Some("."), ..Ask::of(Verb::Migrate) });
    assert!(matches!(outcome.status, Status::Step(_)), "{:?}", outcome.findings);
    // a file of another tool beside one of this chart's is not written to
    let both = [("values.yaml", "pce_url: 'a:1'\ncluster_id: a\n"), ("job.yaml", "name: databricks\ncluster_id: a\n")];
    let given = crate::support::reading::outcome(&both, &Ask::of(Verb::Migrate));
    assert!(given.findings.iter().any(|finding| finding.rule == Rule::ForeignValues), "{:?}", given.findings);
    // a file of comments alone may be any chart's
    assert_eq!(stopped_by(Verb::Migrate, "values.yaml", "# nothing yet\n", None), [Rule::ForeignValues]);
}

/// The files of `testdata/foreign.txt`: those behind `---` are of other tools, which have a name or two of this chart's
/// values; those behind `+++` are as short, and this chart's.
#[test]
fn files_of_other_tools_with_a_name_of_this_charts_are_left_as_they_are() {
    let all = std::fs::read_to_string("testdata/foreign.txt").unwrap();
    let mut files: Vec<(bool, &str, String)> = Vec::new();
    for line in all.split_inclusive('\n') {
        let marked = |mark| line.strip_prefix(mark).map(str::trim_end);
        match (marked("--- "), marked("+++ ")) {
            (Some(name), _) => files.push((false, name, String::new())),
            (_, Some(name)) => files.push((true, name, String::new())),
            _ => files.last_mut().unwrap().2 += line,
        }
    }
    let count = |ours: bool| files.iter().filter(|(is_ours, ..)| *is_ours == ours).count();
    assert!(count(false) >= 40 && count(true) >= 8, "{} and {}", count(false), count(true));
    for (is_ours, name, text) in &files {
        for path in [None, Some(".")] {
            let outcome = outcome(&[(*name, text.as_str())], &Ask { path, ..Ask::of(Verb::Migrate) });
            let is_edited = matches!(outcome.status, Status::Step(_));
            assert!(path.is_some() || is_edited == *is_ours, "{name}: {:?}", outcome.findings);
        }
        let told = standings(&[(*name, text.as_str())], None);
        assert!(*is_ours || told.iter().all(|one| one.mode.is_none()), "{name}: {told:?}");
    }
}

#[test]
fn the_walk_tells_modes_in_scripts_and_programs() {
    let folder = Folder::new();
    for (name, text) in [
        ("chart.cue", "values: clusterMode: \"clas\"\n"),
        ("deploy.py", "run('helm upgrade illumio x --set clusterMode=clas')\n"),
        ("index.ts", "new Chart({\n  values: { clusterMode: 'clas' },\n})\n"),
        (".#values.yaml", "clusterMode: clas\n"),
        ("other.sh", "echo clusterMode\n"),
    ] {
        folder.write(name, text);
    }
    let ran = folder.run("status -o json").exits(0).says_only("");
    let answer = ran.json();
    crate::support::schema::fits(&answer);
    let rows = answer["files"].as_array().unwrap().iter();
    let told = |row: &serde_json::Value| {
        assert_eq!((&row["kind"], &row["mode"]), (&"mention".into(), &serde_json::Value::Null));
        format!("{} {}", row["file"].as_str().unwrap(), row["line"])
    };
    assert_eq!(rows.map(told).collect::<Vec<_>>(), ["chart.cue 1", "deploy.py 1", "index.ts 2"]);
    let text = folder.run("status").exits(0).stdout;
    assert!(text.contains("0 clusters; 3 modes not judged"), "{text}");
}

/// A helmfile that helmfile renders first: which releases it brings is not known, and that is reported.
#[test]
fn a_helmfile_that_is_rendered_first_is_told_as_one() {
    let range = "releases:\n{{- range $c := list \"east\" \"west\" }}\n- name: illumio-{{ $c }}\n  chart: a/illumio\n{{- end }}\n";
    let said = format!("{range}{}", "- name: b\n  chart: a/illumio\n  values: [{clusterMode: clas}]\n");
    for (text, lines) in [(range, &["2 "][..]), (&said, &["2 ", "8 "])] {
        assert_eq!(mentioned("helmfile.yaml", text), lines, "{text}");
        assert_eq!(stopped_by(Verb::Migrate, "helmfile.yaml", text, None), [Rule::TemplateInValues], "{text}");
    }
    // of another chart, and one that is YAML as it is
    assert_eq!(mentioned("helmfile.yaml", &range.replace("illumio", "redis")), [] as [&str; 0]);
    let quoted =
        "releases:\n- {name: illumio, chart: a/illumio, version: 5.1.0, values: ['{{ .Environment.Name }}.yaml']}\n";
    assert_eq!(mentioned("helmfile.yaml", quoted), [] as [&str; 0]);
}

/// An Application among the templates of a chart is read where it is YAML before Helm renders it, and reported where it
/// is not.
#[test]
fn an_application_among_the_templates_of_a_chart_is_never_silent() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: illumio}\nspec:\n  \
                       destination: {server: '{{ .Values.server }}'}\n  source:\n    repoURL: quay.io/illumio\n    \
                       chart: illumio\n    targetRevision: 5.1.0\n    helm:\n      valuesObject:\n        \
                       clusterMode: legacy\n";
    let folder = Folder::new();
    folder.sh("mkdir -p apps/templates").exits(0);
    folder.write("apps/Chart.yaml", "apiVersion: v2\nname: apps\nversion: 0.1.0\n");
    for (name, text) in [
        ("a-plain", application.to_owned()),
        ("b-chosen", format!("{{{{- if .Values.on }}}}\n{application}{{{{- end }}}}\n")),
        ("c-filled", application.replace("legacy", "'{{ .Values.mode }}'")),
        ("d-hidden", application.replace("        c", "        # {{ if .Values.on }}\n        c")),
        ("e-brought", application.replace("clusterMode: legacy", "{{ toYaml .Values.illumio | nindent 8 }}")),
        ("f-other", "kind: ConfigMap\ndata:\n  of: illumio\n  clusterMode: legacy\n".to_owned()),
        ("g-redis", application.replace("illumio", "redis").replace("clusterMode", "replicas")),
    ] {
        folder.write(&format!("apps/templates/{name}.yaml"), &text);
    }
    let answer = folder.run("status -o json").exits(0).json();
    let row = |row: &serde_json::Value| {
        let name = row["file"].as_str().unwrap().trim_start_matches("apps/templates/").to_owned();
        format!("{name} {} {}", row["kind"].as_str().unwrap(), row["mode"])
    };
    let rows: Vec<String> = answer["files"].as_array().unwrap().iter().map(row).collect();
    let expected = [
        "a-plain.yaml argo-cd \"legacy\"",
        "b-chosen.yaml argo-cd \"legacy\"",
        "c-filled.yaml argo-cd null",
        "d-hidden.yaml argo-cd null",
        "e-brought.yaml mention null",
    ];
    let kinds: Vec<String> = rows.iter().map(|row| row.replace("Argo CD Application", "argo-cd")).collect();
    assert_eq!(kinds, expected);
    for (name, code) in [("a-plain", 0), ("b-chosen", 0), ("c-filled", 1), ("d-hidden", 1), ("e-brought", 1)] {
        let file = format!("apps/templates/{name}.yaml");
        folder.run(&format!("migrate -f {file} --version 5.1.0 --pce-version 24.2.20")).exits(code);
    }
}

/// A values file that a file of another tool names, and overrides, is not changed; the mode is in that file.
#[test]
fn a_step_beside_a_mode_that_is_not_judged_is_refused() {
    let folder = Folder::new();
    folder.write("values.yaml", "pce_url: pce.example.com:8443\n");
    let step = "migrate -f values.yaml --version 5.1.0 --pce-version 24.2.20 --write";
    let release = |file: &str| {
        format!("kind: Config\ndeploy:\n- name: illumio\n  values: {{clusterMode: clas}}\n  valuesFiles: [{file}]\n")
    };
    folder.write("skaffold.yaml", release("values.yaml"));
    let refused = folder.run(step).exits(1).stderr;
    assert!(refused.contains("skaffold.yaml names this file, and line 4 sets a mode there"), "{refused}");
    folder.write("skaffold.yaml", release("other.yml"));
    folder.run(step).exits(0);
}

/// What a Secret holds that cannot be read here is not values, and is named where it may set a mode.
#[test]
fn a_secret_that_may_say_a_mode_is_never_silent() {
    let secret = |kind: &str, name: &str, rest: &str| {
        format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}}}\n{rest}")
    };
    let rows = |text: &str| mentioned("secret.yaml", text);
    let of_sops = "stringData:\n  values.yaml: ENC[AES256_GCM,data:aa,type:str]\nsops: {mac: x}\n";
    assert_eq!(rows(&secret("Secret", "illumio-values", of_sops)), ["5 "]);
    let sealed = "spec:\n  encryptedData:\n    illumio.yml: AgBy8hCi\n    password: AgBy8hCi\n";
    assert_eq!(rows(&secret("SealedSecret", "illumio", sealed)), ["6 "]);
    let operator = "spec:\n  secretTemplates:\n  - name: illumio\n    stringData: {values.yaml: 'ENC[a]'}\n";
    assert_eq!(rows(&secret("SopsSecret", "illumio", operator)), ["7 "]);
    // in base64 the mode itself can be seen, whatever the object is called
    let of_text = |text: &str| format!("data:\n  east: {}\n", BASE64_STANDARD.encode(text));
    for before in ["", "a", "ab"] {
        let text = of_text(&format!("{before}: 1\nclusterMode: clas\n"));
        assert_eq!(rows(&secret("Secret", "platform", &text)), ["5 "], "{text}");
    }
    // in a list of objects
    let item = secret("Secret", "illumio", &of_text("clusterMode: clas\n")).replace('\n', "\n  ");
    assert_eq!(rows(&format!("apiVersion: v1\nkind: List\nitems:\n- {}\n", item.trim_end())).len(), 1);
    for other in [
        secret("Secret", "illumio-pull", "stringData: {password: 'ENC[AES256_GCM]'}\n"),
        secret("Secret", "redis", "stringData: {values.yaml: 'ENC[AES256_GCM]'}\n"),
        secret("Secret", "illumio", &of_text("pce_url: a:1\n")),
        secret("Secret", "redis", &of_text("clusterMode: cluster\n")),
    ] {
        assert!(rows(&other).is_empty(), "{other}");
    }
    let text = secret("Secret", "illumio-values", of_sops);
    assert!(stopped_by(Verb::Migrate, "secret.yaml", &text, None).contains(&Rule::ModeNotJudged));
}

/// What a program in another language says is refused as that, with the line, and not as broken YAML.
#[test]
fn a_program_is_refused_as_one() {
    for (name, text) in [
        ("index.ts", "new Chart('illumio', { values: {\n  clusterMode: \"clas\",\n}});\n"),
        ("bundle.cue", "bundle: {\n\tvalues: clusterMode: \"clas\"\n}\n"),
        ("main.k", "values = {\n    clusterMode = \"clas\"\n}\n"),
        ("main.jsonnet", "{ values: {\n  clusterMode: 'clas' } }\n"),
    ] {
        let outcome = outcome(&[(name, text)], &Ask::of(Verb::Migrate));
        let rules: Vec<Rule> = outcome.findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, [Rule::ModeNotJudged, Rule::ForeignValues], "{name}");
        let span = outcome.findings[0].span.clone().unwrap();
        assert!(text[span].starts_with("clusterMode"), "{name}");
    }
}

/// `check` looks at the same files of a folder as `status`, and does not report a mode twice that a release takes.
#[test]
fn check_names_what_status_names() {
    let folder = Folder::new();
    folder.write(".github/workflows/deploy.yaml", "jobs: {a: {env: {chart: illumio, clusterMode: clas}}}\n");
    folder.write("index.ts", "// illumio\nvalues: { clusterMode: \"clas\" }\n");
    folder.write("other.ts", "values: {}\n");
    folder.write(
        "apps/flux.yaml",
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a, namespace: f}\nspec:\n  \
         path: ./apps\n  sourceRef: {kind: GitRepository, name: f}\n  patches:\n  - target: {kind: HelmRelease}\n    \
         patch: |\n      - op: replace\n        path: /spec/values/clusterMode\n        value: clas\n",
    );
    folder.write(
        "apps/release.yaml",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio, namespace: i}\nspec:\n  \
         chart: {spec: {chart: illumio, version: 5.1.0, sourceRef: {kind: HelmRepository, name: i}}}\n  values: \
         {clusterMode: legacy}\n",
    );
    folder.sh("git init -q .").exits(0);
    let files = |answer: &serde_json::Value, rule: &str| -> Vec<String> {
        let of_file = |file: &serde_json::Value| file["findings"].as_array().unwrap().clone();
        let mut findings = answer["files"].as_array().unwrap().iter().flat_map(of_file).collect::<Vec<_>>();
        findings.retain(|finding| finding["rule"] == rule);
        findings.iter().map(|finding| finding["file"].as_str().unwrap().to_owned()).collect()
    };
    let checked = folder.run("check --partial -o json .").exits(0).json();
    assert_eq!(files(&checked, "mode-not-judged"), [".github/workflows/deploy.yaml", "index.ts"], "{checked}");
    let status = folder.run("status -o json .").exits(0).json();
    assert_eq!(files(&status, "mode-not-judged"), [".github/workflows/deploy.yaml", "index.ts"], "{status}");
    // the file of the patch leads to the release, and the step is the same
    let step = "migrate -q --pce-version 24.2.20 -o json -f";
    let [patch, release] = ["flux", "release"].map(|name| folder.run(&format!("{step} apps/{name}.yaml")).json());
    assert_eq!((&patch["status"], &patch["path"]), (&release["status"], &release["path"]), "{patch}");
}

/// Every file of the small cases, and of the other kinds of file that hold a mode, that says one is named by `status`.
#[test]
fn no_file_of_the_cases_that_says_a_mode_is_silent() {
    let places = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases/places");
    if !places.is_dir() {
        println!("skipped: no ../shared/cases/places here");
        return;
    }
    // the names of variables of other tools, which are not the chart's
    const OTHERS: [&str; 1] = ["17-ansible-template/group_vars/east.yml"];
    let mut silent = Vec::new();
    for case in ["small", "other-kinds"].iter().flat_map(|kind| fs::read_dir(places.join(kind)).unwrap()) {
        let case = case.unwrap().path();
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let folder = Folder::new();
        let mut files = vec![case.clone()];
        if case.is_dir() {
            files.clear();
            files_below(&case, &mut files);
        }
        let inside = |file: &Path| match file.strip_prefix(&case) {
            Ok(path) if path.as_os_str().is_empty() => name.clone(),
            path => path.unwrap().to_string_lossy().into_owned(),
        };
        files.iter().for_each(|file| folder.write(&inside(file), fs::read(file).unwrap()));
        folder.sh("git init -q .").exits(0);
        let told = folder.run("status -q .").exits(0).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        let says_mode = |file: &&PathBuf| {
            let text = String::from_utf8_lossy(&fs::read(file).unwrap()).to_lowercase().replace(['_', '-'], "");
            text.contains("clustermode")
        };
        let missed = files.iter().filter(says_mode).map(|file| inside(file)).filter(|file| !told.contains(file));
        silent.extend(missed.map(|file| format!("{name}/{file}")));
    }
    silent.retain(|file| !OTHERS.contains(&file.as_str()));
    assert_eq!(silent, [] as [&str; 0]);
}

/// A file that names the values file and sets a mode may be what the cluster gets, in whatever language and folder it
/// is.
#[test]
fn a_mode_beside_the_name_of_a_values_file_makes_it_unknown() {
    let line = "helm upgrade illumio oci://quay.io/illumio/illumio -f illumio-values.yaml --set clusterMode=clas\n";
    let action = "on: push\njobs:\n  d:\n    steps:\n    - uses: a/helm@v1\n      with:\n        chart: a/illumio\n        \
                  value-files: illumio-values.yaml\n        values: |\n          clusterMode: clas\n";
    for (name, text) in [
        ("deploy.ps1", line),
        ("tools/deploy.cmd", "helm upgrade illumio x -f ..\\illumio-values.yaml --set clusterMode=clas\n"),
        ("deploy.py", "run(['helm', '-f', 'illumio-values.yaml', '--set', 'clusterMode=clas'])\n"),
        ("mise.toml", "[tasks.deploy]\nrun = 'helm upgrade illumio x -fillumio-values.yaml --set clusterMode=clas'\n"),
        ("deploy.sh.tmpl", line),
        ("ops/run", "#!/usr/bin/python3\nrun('cd .. && helm -f $TOP/../illumio-values.yaml --set clusterMode=clas')\n"),
        (".ci/deploy.pl", line),
        ("illumio.service", "ExecStart=helm upgrade a b -f illumio-values.yaml --set clusterMode=clas\n"),
        (".github/workflows/deploy.yaml", action),
    ] {
        let folder = Folder::with("illumio-values.yaml", "pce_url: a:1\nclusterMode: legacy\n");
        folder.sh("git init -q .").exits(0);
        folder.write(name, text);
        let rows = folder.run("status -o json").exits(0).json();
        let row = rows["files"].as_array().unwrap().iter().find(|row| row["file"] == "illumio-values.yaml").unwrap();
        assert_eq!(row["mode"], serde_json::Value::Null, "{name}: {rows:#}");
        for verb in ["migrate", "revert"] {
            let ran = folder.run(&format!("{verb} -q -f illumio-values.yaml --version 5.1.0 --pce-version 24.2.20"));
            ran.exits(1).says("error[mode-not-judged]: ").says(" names this file, and line ");
        }
    }
}

/// Texts for people, and what programs keep, change no cluster.
#[test]
fn what_only_speaks_of_a_values_file_leaves_it_known() {
    let line = "helm upgrade illumio x -f illumio-values.yaml --set clusterMode=clas\n";
    let folder = Folder::with("illumio-values.yaml", "pce_url: a:1\nclusterMode: legacy\n");
    for name in ["README.md", "notes.txt", ".terraform/deploy.sh", "other.sh"] {
        let text =
            if name == "other.sh" { line.replace("illumio-values", "other") } else { format!("```sh\n{line}```\n") };
        folder.write(name, text);
    }
    folder.run("status").exits(0).has("legacy");
    folder.run("migrate -q -f illumio-values.yaml --version 5.1.0 --pce-version 24.2.20").exits(0);
}

/// A command that changes a release in its controller itself makes the mode of its manifest unknown; one of another
/// release, or of another value, does not.
#[test]
fn commands_that_change_a_release_beside_its_manifest() {
    let app = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: illumio-east}\nspec:\n  source:\n    \
               repoURL: quay.io/illumio\n    chart: illumio\n    targetRevision: 5.1.0\n    helm:\n      valuesObject: \
               {pce_url: 'a:1', clusterMode: legacy}\n";
    let unknown = [
        ("set.sh", "argocd app set illumio-east --helm-set clusterMode=clas\n"),
        ("set.sh", "for c in $CLUSTERS; do\n  argocd --grpc-web app set \"illumio-$c\" -p clusterMode=clas\ndone\n"),
        ("set.sh", "argocd app set illumio-east --values-literal-file clas.yaml\n"),
        (".gitlab-ci.yml", "x:\n  script:\n  - cd a\n  - argocd app set illumio-east -p clusterMode=clas\n"),
        ("Makefile", "set:\n\tkubectl patch app illumio-east --type merge --patch-file clas.yaml\n"),
        ("set.py", "run(['argocd', 'app', 'set', 'illumio-east', '-p', 'clusterMode=clas'])\n"),
        ("set.ps1", "argocd app set illumio-east -p clusterMode=clas\n"),
    ];
    let known = [
        ("set.sh", "argocd app set illumio-west --helm-set clusterMode=clas\n"),
        ("set.sh", "argocd app set illumio-east --helm-set verbosity=2 --sync-policy automated\n"),
        ("set.sh", "kubectl patch app illumio-east --type merge -p '{\"spec\":{\"project\":\"a\"}}'\n"),
        ("README.md", "argocd app set illumio-east --helm-set clusterMode=clas\n"),
    ];
    let all = unknown.iter().map(|one| (one, false)).chain(known.iter().map(|one| (one, true)));
    for ((name, text), is_known) in all {
        let folder = Folder::with("app.yaml", app);
        folder.sh("git init -q .").exits(0);
        folder.write(name, text);
        let rows = folder.run("status -o json").exits(0).json();
        let row = rows["files"].as_array().unwrap().iter().find(|row| row["file"] == "app.yaml").unwrap();
        assert_eq!(row["mode"] == "legacy", is_known, "{name}: {text}: {rows:#}");
        let ran = folder.run("migrate -q -f app.yaml --version 5.1.0 --pce-version 24.2.20");
        if is_known {
            ran.exits(0);
        } else {
            ran.exits(1).says("may set another mode of illumio-east than the files say");
        }
    }
}

#[test]
fn a_mode_at_the_root_above_the_charts_values_is_not_known() {
    for (below, path) in [
        ("seg:\n  pce_url: a:8443\n  cluster_id: x\n", "seg"),
        ("Illumio: {cluster_id: x}\n", "Illumio"),
        ("platform:\n  illumio:\n    pce_url: a:8443\n", "platform.illumio"),
        ("illumio:\n  networkType: overlay\n", "illumio"),
        ("illumio:\n  <<: &i {pce_url: 'a:8443'}\n  clusterMode: clas\n", "illumio"),
        ("x: &i {cluster_token: x}\nillumio: *i\n", "x"),
    ] {
        for text in [format!("clusterMode: legacy\n{below}"), format!("{below}clusterMode: legacy\n")] {
            let outcome = outcome(&[("values.yaml", &text)], &Ask::of(Verb::Migrate));
            let found = outcome.findings.iter().find(|finding| finding.rule == Rule::SeveralPlaces);
            let found = found.unwrap_or_else(|| panic!("{text}{:?}", outcome.findings));
            assert!(found.message.ends_with(&format!("under `{path}`")), "{text}{found:?}");
            assert_eq!(standings(&[("values.yaml", &text)], None)[0].mode, None, "{text}");
            let at_root = outcome_at_root(&text);
            assert!(matches!(at_root, Status::Step(_)), "{text}{at_root:?}");
        }
    }
    for beside in
        ["pce_url: a:8443\n", "global: {cluster_id: x}\n", "a: {b: {c: {cluster_id: x}}}\n", "a: [{cluster_id: x}]\n"]
    {
        let text = format!("clusterMode: legacy\n{beside}");
        let outcome = outcome(&[("values.yaml", &text)], &Ask::of(Verb::Migrate));
        assert!(matches!(outcome.status, Status::Step(_)), "{text}{:?}", outcome.findings);
    }
}

/// The step where `--path .` says that the root is meant.
fn outcome_at_root(text: &str) -> Status {
    outcome(&[("values.yaml", text)], &Ask { path: Some("."), ..Ask::of(Verb::Migrate) }).status
}
