//! Words that can be trusted: no green where something is wrong, and no advice that leads nowhere.

use helm_clas::{
    CompatibilityMatrix, Files, Request, Severity, Status, Texts, Verb,
    chart::values::Schema,
    check::{Circumstances, check},
};
use serde_json::Value;

use crate::support::program::Folder;

const EAST: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const WEST: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

/// What `check` says of a file: `error chart-too-old`.
fn judged(files: &[(&str, &str)], version: Option<&str>) -> Vec<String> {
    let texts = Texts::new();
    let version = version.map(|version| version.parse().unwrap());
    let circumstances = Circumstances {
        version: version.as_ref(),
        pce_version: None,
        matrix: &CompatibilityMatrix::shipped(),
        schema: &Schema::shipped(),
        is_partial: true,
        version_before: None,
        judges_all: false,
        path: None,
        options: &[],
    };
    let findings = check(&Files::of(&texts, files.iter().copied()), 0, &circumstances).unwrap().findings;
    findings.iter().map(|finding| format!("{} {}", finding.severity.as_str(), finding.rule.name())).collect()
}

fn application(version: &str, values: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: east}}\nspec:\n  source:\n    \
         repoURL: quay.io/illumio\n    chart: illumio\n{version}    helm:\n      valuesObject: {{{values}}}\n"
    )
}

#[test]
fn a_chart_version_is_judged_without_a_pce() {
    let clas = "pce_url: p.example.com:443\nclusterMode: clas\n";
    assert_eq!(judged(&[("v.yaml", clas)], None), [""; 0]);
    assert_eq!(judged(&[("v.yaml", clas)], Some("4.3.0")), ["error chart-too-old"]);
    assert_eq!(judged(&[("v.yaml", clas)], Some("5.0.0")), ["warning chart-too-old"]);
    let flat = "pce_url: p.example.com:443\nnetworkType: flat\nclusterMode: clas\n";
    assert_eq!(judged(&[("v.yaml", flat)], Some("5.1.0")), ["error flat-network-in-clas"]);
    assert_eq!(judged(&[("v.yaml", flat)], Some("5.2.0")), [""; 0]);
    let app = |version: &str| application(&format!("    targetRevision: {version}\n"), "clusterMode: clas");
    assert_eq!(judged(&[("app.yaml", &app("4.3.0"))], None), ["error chart-too-old"]);
    assert_eq!(judged(&[("app.yaml", &app("5.1.0"))], None), [""; 0]);
    let umbrella =
        |version: &str| format!("name: u\nversion: 1.0.0\ndependencies: [{{name: illumio, version: {version}}}]\n");
    let below = "illumio: {clusterMode: clas, networkType: flat}\n";
    for (version, expected) in [("4.4.0", "error chart-too-old"), ("5.1.3", "error flat-network-in-clas")] {
        let files = [("values.yaml", below), ("Chart.yaml", &umbrella(version))];
        assert!(judged(&files, None).contains(&expected.to_owned()), "{version}");
    }
}

/// The findings of a step, and whether there is one.
fn step(files: &[(&str, &str)], given: &[usize], verb: Verb, version: Option<&str>) -> (bool, Vec<String>) {
    let texts = Texts::new();
    let files = Files::of(&texts, files.iter().copied());
    let outcome = Request {
        verb,
        unset: false,
        files: &files,
        given,
        overrides: &[],
        path: None,
        version,
        pce_version: Some("24.2.20"),
        matrix: &CompatibilityMatrix::shipped(),
        allowed: &[],
    }
    .outcome();
    let heavy = outcome.findings.iter().filter(|finding| finding.severity > Severity::Info);
    let said = heavy.map(|finding| format!("{} {}", finding.severity.as_str(), finding.rule.name())).collect();
    (matches!(outcome.status, Status::Step(_)), said)
}

#[test]
fn the_floor_of_the_procedure_stops_the_way_there_and_not_the_way_back() {
    let file = |mode: &str| format!("pce_url: p.example.com:443\nclusterMode: {mode}\n");
    let taken = |mode: &str, verb| step(&[("v.yaml", &file(mode))], &[0], verb, Some("5.0.0"));
    assert_eq!(taken("legacy", Verb::Migrate), (false, vec!["error chart-too-old".to_owned()]));
    assert_eq!(taken("migrateLegacyToClas", Verb::FinishMigrate), (false, vec!["error chart-too-old".to_owned()]));
    assert_eq!(taken("clas", Verb::Revert), (true, vec!["warning chart-too-old".to_owned()]));
}

#[test]
fn a_manifest_without_a_version_is_told_and_refused() {
    let flux = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio}\nspec:\n  chart:\n    \
                spec: {chart: illumio, sourceRef: {kind: HelmRepository, name: illumio}}\n  values: {clusterMode: legacy}\n";
    let helmfile =
        "releases:\n- name: illumio\n  chart: oci://quay.io/illumio/illumio\n  values: [{clusterMode: legacy}]\n";
    let kustomize = "kind: Kustomization\nhelmCharts:\n- name: illumio\n  repo: oci://quay.io/illumio\n  releaseName: illumio\n  \
                     valuesInline: {clusterMode: legacy}\n";
    let argo = application("", "clusterMode: legacy");
    let blank = application("    targetRevision: ''\n", "clusterMode: legacy");
    for manifest in [flux, helmfile, kustomize, &argo, &blank] {
        let files = [("m.yaml", manifest)];
        assert_eq!(judged(&files, None), ["warning version-missing"], "{manifest}");
        assert_eq!(judged(&files, Some("5.1.0")), ["warning version-missing"], "{manifest}");
        for version in [None, Some("5.1.0")] {
            let (is_taken, said) = step(&files, &[0], Verb::Migrate, version);
            assert!(!is_taken && said.contains(&"error version-missing".to_owned()), "{said:?}\n{manifest}");
        }
        let between = manifest.replace("legacy", "migrateLegacyToClas");
        assert!(judged(&[("m.yaml", &between)], None).contains(&"error version-missing".to_owned()), "{manifest}");
    }
    // neither of these says which chart, or the version is not its to say
    let patch = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio}\nspec:\n  \
                 values: {pce_url: 'p:1', clusterMode: legacy}\n";
    let local = helmfile.replace("oci://quay.io/illumio/illumio", "./charts/illumio");
    for manifest in [patch, &local] {
        assert_eq!(judged(&[("m.yaml", manifest)], None), [""; 0], "{manifest}");
    }
}

#[test]
fn the_files_of_two_clusters_are_not_one() {
    let file = |id: &str, mode: &str| format!("cluster_id: {id}\nclusterMode: {mode}\n");
    let (east, west) = (file(EAST, "legacy"), file(WEST, "clas"));
    let (is_taken, said) = step(&[("east.yaml", &east), ("west.yaml", &west)], &[0, 1], Verb::Migrate, Some("5.1.0"));
    assert!(!is_taken && said.contains(&"error several-places".to_owned()), "{said:?}");
    // what several clusters share, and a placeholder, are layers
    for base in
        ["pce_url: p.example.com:443\nclusterMode: legacy\n", "cluster_id: ILO_CLUSTER_UUID\nclusterMode: legacy\n"]
    {
        let own = format!("cluster_id: {EAST}\n");
        let (is_taken, said) = step(&[("base.yaml", base), ("east.yaml", &own)], &[0, 1], Verb::Migrate, Some("5.1.0"));
        assert!(is_taken, "{said:?}");
    }
    let folder = Folder::with("east.yaml", east);
    folder.write("west.yaml", west);
    let ran = folder.run("status -f east.yaml -f west.yaml -o json");
    let status: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(status["summary"]["clusters"], 2, "{}", ran.stdout);
}

#[test]
fn what_was_not_judged_is_told_in_every_form() {
    let folder = Folder::with("v.yaml", "pce_url: p.example.com:443\nclusterMode: legacy\n");
    let files = "check --partial v.yaml gone.yaml";
    let outputs = "--output-file json:o.json --output-file sarif:o.sarif --output-file junit:o.xml --output-file \
                   gitlab:o.gitlab --output-file markdown:o.md --output-file text:o.txt";
    let ran = folder.run(&format!("{files} -o github {outputs}"));
    assert_eq!(ran.code, Some(2));
    let read = |name: &str| String::from_utf8(folder.read(name)).unwrap();
    let json: Value = serde_json::from_str(&read("o.json")).unwrap();
    assert_eq!(json["notJudged"][0]["file"], "gone.yaml");
    let sarif: Value = serde_json::from_str(&read("o.sarif")).unwrap();
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let place = "/locations/0/physicalLocation/artifactLocation/uri";
    assert_eq!(invocation["toolExecutionNotifications"][0].pointer(place).unwrap(), "gone.yaml");
    assert!(read("o.xml").contains("tests=\"2\" failures=\"0\" errors=\"1\"") && read("o.xml").contains("<error "));
    let gitlab: Value = serde_json::from_str(&read("o.gitlab")).unwrap();
    assert_eq!(gitlab[0]["location"]["path"], "gone.yaml");
    assert!(ran.stdout.contains("::error file=gone.yaml"), "{}", ran.stdout);
    assert!(read("o.md").contains("`gone.yaml`: not judged"), "{}", read("o.md"));
    assert!(read("o.txt").contains("1 file checked"), "{}", read("o.txt"));
    folder
        .run("check --partial v.yaml --output-file sarif:o --output-file junit:o")
        .exits(2)
        .says("two formats would go to one file");
    folder.run("check --partial v.yaml --output-file sarif:-").exits(2).says("`-` is not a file");
    let ran = folder.run("check --partial v.yaml -o sarif");
    assert!(ran.code == Some(0) && ran.stdout.contains("\"executionSuccessful\": true"), "{}", ran.stdout);
}

#[test]
fn reports_name_files_from_the_top_of_the_checkout() {
    let folder = Folder::new();
    let ran = folder.sh(
        "git init -q . && mkdir -p clusters/east && cd clusters/east && printf 'clusterMode: klas\\n' >values.yaml && \
         helm-clas check --partial . -o gitlab",
    );
    let gitlab: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(gitlab[0]["location"]["path"], "clusters/east/values.yaml", "{}", ran.stderr);
}

#[test]
fn before_a_first_push_and_a_first_commit_there_is_nothing() {
    let folder = Folder::with("values.yaml", "pce_url: p.example.com:443\nclusterMode: clas\n");
    let commit = "git -c user.name=a -c user.email=a@b";
    assert_eq!(folder.sh(&format!("git init -q . && git add -A && {commit} commit -qm x")).code, Some(0));
    for revision in ["0".repeat(40).as_str(), "HEAD~1", "HEAD^"] {
        let ran = folder.run(&format!("check --partial values.yaml --against {revision}"));
        assert_eq!(ran.code, Some(0), "{revision}: {}", ran.stderr);
    }
    let ran = folder.run("check --partial values.yaml --against HEAD~2");
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
}

#[test]
fn one_cluster_at_a_time_counts_the_whole_checkout() {
    let folder = Folder::with("a.yaml", format!("cluster_id: {EAST}\nclusterMode: legacy\n"));
    folder.write("b.yaml", format!("cluster_id: {WEST}\nclusterMode: migrateLegacyToClas\n"));
    let commit = "git -c user.name=a -c user.email=a@b";
    folder.sh(&format!("git init -q . && git add -A && {commit} commit -qm x"));
    folder.write("a.yaml", format!("cluster_id: {EAST}\nclusterMode: migrateLegacyToClas\n"));
    let ran = folder.run("check --partial a.yaml --against HEAD");
    assert!(ran.stdout.contains("several-clusters-migrating") && ran.stdout.contains("b.yaml"), "{}", ran.stdout);
    let ran = folder.run("check --partial a.yaml --against HEAD --max-migrating 2");
    assert!(!ran.stdout.contains("several-clusters-migrating"), "{}", ran.stdout);
}

#[test]
fn a_values_address_stays_in_the_commands_and_is_not_read() {
    let folder = Folder::with("v.yaml", "pce_url: p.example.com:443\nclusterMode: legacy\n");
    let ran = folder.run("migrate -f v.yaml -f secrets://secrets.yaml --version 5.1.0 --pce-version 24.2.20");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("-f v.yaml -f secrets://secrets.yaml"), "{}", ran.stderr);
    assert!(ran.stderr.contains("warning[mode-elsewhere]"), "{}", ran.stderr);
    let ran = folder.run("migrate -f secrets://secrets.yaml --version 5.1.0 --pce-version 24.2.20");
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
}

#[test]
fn references_are_named_and_no_placeholders() {
    for (value, who) in [
        ("<path:secret/data/illumio#token>", "Argo CD Vault Plugin"),
        ("ref+vault://secret/illumio#/token", "vals"),
        ("${cluster_token}", "Flux, Terraform or envsubst"),
        ("vault:secret/data/illumio#token", "bank-vaults"),
        ("op://vault/illumio/token", "1Password"),
        ("'#{token}#'", "a release pipeline"),
        ("__CLUSTER_TOKEN__", "a release pipeline"),
        ("secrets+age-import://k?s.yaml", "helm-secrets"),
    ] {
        let folder = Folder::with("v.yaml", format!("cluster_token: {value}\nclusterMode: legacy\n"));
        let ran = folder.run("check --partial v.yaml");
        assert_eq!(ran.code, Some(0), "{value}: {}", ran.stdout);
        assert!(ran.stdout.contains(&format!("`cluster_token` is filled in by {who}")), "{value}: {}", ran.stdout);
    }
    for (text, words) in [
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "a pointer of Git LFS"),
        ("$ANSIBLE_VAULT;1.1;AES256\n3363\n", "encrypted by Ansible Vault"),
    ] {
        let folder = Folder::with("illumio-values.yaml", text);
        let ran = folder.run("check illumio-values.yaml");
        assert!(ran.stdout.contains(&format!("the file is {words}")), "{}", ran.stdout);
        let ran = folder.run("migrate -f illumio-values.yaml --version 5.1.0 --pce-version 24.2.20");
        assert!(ran.code == Some(1) && ran.stderr.contains(words), "{}", ran.stderr);
    }
}

#[test]
fn a_layer_that_is_encrypted_as_a_whole_may_say_any_mode() {
    for text in
        ["version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "$ANSIBLE_VAULT;1.1;AES256\n3363\n"]
    {
        let folder = Folder::with("v.yaml", text);
        let release = "{name: illumio, chart: oci://quay.io/illumio/illumio, version: 5.1.0, values: [v.yaml]}";
        folder.write("helmfile.yaml", format!("releases:\n- {release}\n"));
        let status = folder.run("status -o json .").exits(0).json();
        assert_eq!((&status["summary"]["unknown"], &status["files"][0]["mode"]), (&1.into(), &Value::Null), "{status}");
    }
}

#[test]
fn the_namespace_of_the_software_is_the_charts() {
    let folder = Folder::with("v.yaml", "pce_url: p.example.com:443\nclusterMode: legacy\n");
    let namespace = |more: &str, option: &str| {
        folder.write("v.yaml", format!("pce_url: p.example.com:443\nclusterMode: legacy\n{more}"));
        let ran = folder.run(&format!("runbook -f v.yaml --version 5.1.0 --pce-version 24.2.20 {option}"));
        let line = ran.stdout.lines().find(|line| line.contains("rollout status deployment")).unwrap();
        line.split_whitespace().skip_while(|word| *word != "-n").nth(1).unwrap().to_owned()
    };
    assert_eq!(namespace("", "-n other"), "illumio-system");
    assert_eq!(namespace("namespaceOverride: null\n", "-n other"), "other");
    assert_eq!(namespace("namespaceOverride: security\n", "-n other"), "security");
}

#[test]
fn printed_commands_carry_the_kubeconfig() {
    let folder = Folder::with("v.yaml", "pce_url: p.example.com:443\nclusterMode: legacy\n");
    let line = "migrate -f v.yaml --version 5.1.0 --pce-version 24.2.20 --kubeconfig my.conf --kube-context east -n x";
    let ran = folder.run(line);
    let commands = ran.stderr.replace("\\\n", "");
    for start in ["helm upgrade ", "helm clas migrate ", "helm clas revert ", "helm clas verify "] {
        let command = commands.lines().find(|line| line.trim_start().starts_with(start)).expect(start);
        assert!(command.contains("my.conf") && command.contains("east") && command.contains("-n x"), "{command}");
    }
}

#[test]
fn printed_commands_carry_the_kubeconfig_of_the_environment() {
    let folder = Folder::with("v.yaml", "pce_url: p.example.com:443\nclusterMode: legacy\n");
    let line = "helm-clas migrate -f v.yaml --version 5.1.0 --pce-version 24.2.20";
    let of = |files: &str| folder.sh(&format!("KUBECONFIG={files} {line}")).stderr.replace("\\\n    ", "");
    let told = of("east.conf");
    assert!(told.contains("helm upgrade illumio -n illumio-system --kubeconfig east.conf "), "{told}");
    // no option names several
    assert!(!of("east.conf:west.conf").contains("--kubeconfig"));
}

const ARGO: &str = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: illumio-east}\nspec:\n  sources:\n  \
                    - repoURL: quay.io/illumio\n    chart: illumio\n    targetRevision: 5.1.0\n    helm: {valueFiles: \
                    [$values/values/east.yaml]}\n  - {repoURL: 'https://git.example.com/fleet.git', ref: values}\n";

/// What a step of a values file prints in a checkout with this manifest beside it.
fn advice(manifest: &str, text: &str, more: &str) -> String {
    let folder = Folder::with(manifest, text);
    let script = format!(
        "mkdir values; printf 'pce_url: p.example.com:443\\nclusterMode: legacy\\n' >values/east.yaml; git init -q .; \
         git remote add origin git@git.example.com:fleet.git; helm-clas migrate -f values/east.yaml --pce-version \
         24.2.20 --kube-context e --kubeconfig k {more}"
    );
    let ran = folder.sh(&script);
    assert!(ran.stdout.contains("+clusterMode: migrateLegacyToClas"), "{}", ran.stderr);
    ran.stderr.replace("\\\n    ", "")
}

#[test]
fn a_values_file_that_a_controller_takes_gets_the_commands_of_that_controller() {
    let release = "name: east, chart: illumio/illumio, version: 5.1.0, values: [values/east.yaml]";
    let map = "configMapGenerator: [{name: v, files: [values.yaml=values/east.yaml], options: {disableNameSuffixHash: \
               true}}]\nresources: [release.yaml]\n";
    let kustomize = "helmCharts:\n- {name: illumio, repo: 'oci://quay.io/illumio', version: 5.1.0, releaseName: illumio, \
                     valuesFile: values/east.yaml}\n";
    for (manifest, text, command) in [
        ("app.yaml", ARGO, "argocd app sync illumio-east"),
        (
            "helmfile.yaml",
            &*format!("releases: [{{{release}}}]\n"),
            "helmfile -f helmfile.yaml --kubeconfig k --kube-context e --selector name=east apply",
        ),
        ("kustomization.yaml", kustomize, "kubectl --kubeconfig k --context e apply -f -"),
    ] {
        let told = advice(manifest, text, "");
        assert!(told.contains(command), "{manifest}: {told}");
        assert!(told.contains("git commit -m ") && !told.contains("helm upgrade"), "{manifest}: {told}");
        assert!(told.contains(&format!("helm clas verify -f {manifest} ")), "{manifest}: {told}");
    }
    let flux = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio, namespace: f}\nspec:\n  \
                chart: {spec: {chart: illumio, version: 5.1.0, sourceRef: {kind: HelmRepository, name: illumio}}}\n  \
                valuesFrom: [{kind: ConfigMap, name: v}]\n";
    let folder = Folder::with("release.yaml", flux);
    folder.write("kustomization.yaml", format!("namespace: f\n{map}"));
    folder.sh("mkdir values; printf 'pce_url: p:1\\nclusterMode: legacy\\n' >values/east.yaml");
    let told = folder.run("migrate -f values/east.yaml --pce-version 24.2.20").stderr;
    assert!(told.contains("flux reconcile helmrelease illumio -n f"), "{told}");
    // one of several of a manifest is named, and by hand it stays
    let two = format!("releases: [{{{release}}}, {{name: west, chart: illumio/illumio, version: 5.1.0}}]\n");
    assert!(
        advice("helmfile.yaml", &two, "").contains("-f helmfile.yaml --pce-version 24.2.20 --path east") || {
            let told = advice("helmfile.yaml", &two, "");
            told.contains("--path east")
        }
    );
    let by_hand = advice("helmfile.yaml", &two, "--version 5.1.0 --set networkType=overlay");
    assert!(by_hand.contains("helm upgrade illumio "), "{by_hand}");
}

#[test]
fn a_file_that_several_take_names_them_and_is_refused() {
    let helmfile = "releases:\n- {name: east, chart: illumio/illumio, version: 5.1.0, values: [v.yaml]}\n- {name: west, chart: \
                    illumio/illumio, version: 5.1.0, values: [v.yaml]}\n";
    let folder = Folder::with("helmfile.yaml", helmfile);
    folder.write("v.yaml", "pce_url: p.example.com:443\nclusterMode: legacy\n");
    let ran = folder.run("migrate -f v.yaml --version 5.1.0 --pce-version 24.2.20");
    assert!(ran.stderr.contains("  -f helmfile.yaml --path east\n  -f helmfile.yaml --path west\n"), "{}", ran.stderr);
    assert!(ran.code == Some(1) && ran.stderr.contains("error[several-clusters-at-once]"), "{}", ran.stderr);
}

#[test]
fn checks_are_about_the_namespace_of_the_software() {
    let folder =
        Folder::with("v.yaml", "pce_url: p.example.com:443\nnamespaceOverride: security\nclusterMode: legacy\n");
    let step = "-f v.yaml --version 5.1.0 --pce-version 24.2.20";
    let text = folder.run(&format!("migrate {step}")).stderr;
    let words: Vec<&str> = text.split_whitespace().collect();
    assert!(words.join(" ").contains("the namespace security is in Visibility Only"), "{text}");
    let json: Value = serde_json::from_str(&folder.run(&format!("migrate {step} -o json")).stdout).unwrap();
    assert!(json["before"].to_string().contains("the namespace security is in Visibility Only"), "{json}");
    let runbook = folder.run(&format!("runbook {step}")).stdout;
    assert!(runbook.contains("Container Workload Profiles > security"), "{runbook}");
}

#[test]
fn names_are_whole_where_there_is_no_terminal() {
    let folder = Folder::new();
    let name = |number: u8| {
        format!("environments/production/eu-central-1/cluster-frankfurt-0{number}/apps/illumio/values.yaml")
    };
    for number in [1, 2] {
        let path = folder.path(&name(number));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        folder.write(&name(number), "pce_url: p.example.com:443\nclusterMode: legacy\n");
    }
    let ran = folder.run("status");
    assert!([1, 2].iter().all(|number| ran.stdout.contains(&name(*number))), "{}", ran.stdout);
}

#[test]
fn other_tools_are_named() {
    for (text, words) in [
        ("pce_url: p:1\n{% if clas %}\nclusterMode: clas\n{% endif %}\n", "Jinja"),
        ("pce_url: p:1\n<% if clas %>\nclusterMode: clas\n<% end %>\n", "ERB"),
        ("pce_url: p:1\n%{ if clas }\nclusterMode: clas\n%{ endif }\n", "Terraform"),
        ("pce_url: p:1\n#@ if data.values.clas:\nclusterMode: clas\n#@ end\n", "ytt"),
        ("pce_url: p:1\n{# the mode #}\nclusterMode: clas\n", "Jinja"),
        ("pce_url: p:1\nclusterMode: \"{% if clas %}clas{% endif %}\"\n", "Jinja"),
        ("pce_url: p:1\nclusterMode: \"%{ if clas ~}clas%{ else }legacy%{ endif }\"\n", "Terraform"),
        ("pce_url: p:1\nclusterMode: #@ data.values.mode\n", "ytt fills in the mode"),
        ("pce_url: p:1\nclusterMode: #{Illumio.Mode}\n", "a release pipeline fills in the mode"),
        ("USER-SUPPLIED VALUES:\nnull\n# pce_url:\nclusterMode: legacy\n", "the output of `helm get values`"),
        (
            "NAME: illumio\nSTATUS: deployed\nUSER-SUPPLIED VALUES:\nclusterMode: clas\n\nMANIFEST:\n---\nkind: Pod\n",
            "the output of `helm get all`",
        ),
        (
            "pce_url: p:1\n<<<<<<< HEAD\nclusterMode: legacy\n=======\nclusterMode: clas\n>>>>>>> b\n",
            "an unresolved merge",
        ),
    ] {
        let folder = Folder::with("v.yaml", text);
        let ran = folder.run("check --partial v.yaml");
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
        let ran = folder.run("migrate -f v.yaml --version 5.1.0 --pce-version 24.2.20");
        assert!(ran.code == Some(1) && ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
    for (text, words) in [
        ("kubelink.pceApiTimeout: 600\nclusterMode: legacy\n", "one key with dots in its name"),
        ("USER-SUPPLIED VALUES:\nclusterMode: legacy\n", "the heading that `helm get values` prints"),
        ("COMPUTED VALUES:\nclusterMode: legacy\n", "the heading of `helm get values --all`"),
        ("pce_url: pce.example.com:84433\n", "its port is above 65535"),
        ("pce_url: p:1\ncommonLabels:\n  on: \"x\"\n", "not text"),
        ("pce_url: p:1\ncommonLabels:\n  team: yes\n", "`commonLabels.team` is"),
    ] {
        let folder = Folder::with("v.yaml", text);
        let ran = folder.run("check --partial v.yaml");
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
}

#[test]
fn printed_commands_carry_what_was_given() {
    const GIVEN: &str = "--pce-host pce.x:8443 --pce-org 3 --pce-user api_1 --pce-ca-file ca.pem --pce-timeout 1m";
    let values = format!("pce_url: p.example.com:443\ncluster_id: {EAST}\nclusterMode: legacy\n");
    let folder = Folder::with("v.yaml", values);
    folder.write("fleet.yaml", "clusters: []\n");
    let proof = "--service-cidr 10.96.0.0/12 --node-labels role=node";
    let line = format!("-f v.yaml --version 5.1.0 --pce-version 24.2.20 {GIVEN} --config fleet.yaml -n core");
    let commands = |told: &str| -> Vec<String> {
        let joined = told.replace("\\\n", " ").split_inclusive('\n').collect::<String>();
        let own = joined.lines().filter(|line| line.trim_start().trim_start_matches("$ ").starts_with("helm clas "));
        own.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    let ran = folder.run(&format!("migrate {line} {proof}"));
    let printed = commands(&ran.stderr);
    assert!(printed.len() >= 4, "{}", ran.stderr);
    for command in printed.iter().filter(|command| !command.contains(" status ")) {
        assert!(command.contains(GIVEN) && command.contains("--config fleet.yaml"), "{command}");
        assert!(command.contains("-n core"), "{command}");
        assert!(command.contains(proof) || command.contains(" verify "), "{command}");
    }
    let ran = folder.run(&format!("runbook {line}"));
    let printed = commands(&ran.stdout);
    let asks = |command: &&String| {
        ["policy", "enforcement", "verify", "migrate", "revert"].iter().any(|it| command.contains(it))
    };
    let asking: Vec<&String> = printed.iter().filter(asks).collect();
    assert!(asking.len() > 8, "{}", ran.stdout);
    assert!(asking.iter().all(|command| command.contains(GIVEN)), "{asking:#?}");
    // what the environment says is there for the next command as well, and a login in an address is hidden
    let ran = folder.sh("ILLUMIO_PCE_ORG_ID=3 helm-clas migrate -f v.yaml --version 5.1.0 --pce-version 24.2.20 --pce-org 3 --pce-host https://me:x1@pce.x:8443");
    assert!(!ran.stderr.contains("--pce-org") && !ran.stderr.contains("x1"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--pce-host 'https://********@pce.x:8443'"), "{}", ran.stderr);
}

#[test]
fn check_is_told_where_the_values_stand() {
    let folder = Folder::with("v.yaml", "agent:\n  core:\n    clusterMode: klas\nother:\n  clusterMode: klas\n");
    let ran = folder.run("check --partial v.yaml --path agent.core");
    assert!(
        ran.code == Some(1) && ran.stdout.contains("v.yaml:3:18") && !ran.stdout.contains("v.yaml:5"),
        "{}",
        ran.stdout
    );
    folder.write(
        "apps.yaml",
        "releases:\n- {name: east, chart: illumio, version: 5.1.0, values: [{clusterMode: klas}]}\n\
         - {name: west, chart: illumio, version: 5.1.0, values: [{clusterMode: clas}]}\n",
    );
    std::fs::rename(folder.path("apps.yaml"), folder.path("helmfile.yaml")).unwrap();
    folder.run("check --partial helmfile.yaml --path west").exits(0);
    let ran = folder.run("check --partial helmfile.yaml --path east");
    assert!(ran.code == Some(1) && ran.stdout.contains("`klas`"), "{}", ran.stdout);
    let ran = folder.run("check --partial helmfile.yaml --path north");
    assert!(ran.code == Some(0) && ran.stderr.contains("skipped"), "{}", ran.stderr);
}

/// The files that the pages name.
fn folder_of_pages() -> Folder {
    let folder = Folder::with("illumio-values.yaml", "pce_url: p.example.com:443\nclusterMode: legacy\n");
    folder.write("fleet.yaml", "helm: {values: {clusterMode: legacy}}\n");
    std::fs::create_dir(folder.path("values")).unwrap();
    folder.write("values/east.yaml", "clusterMode: legacy\n");
    for name in ["base.yaml", "cluster-a.yaml", "cluster-b.yaml", "influx-secrets.yaml"] {
        folder.write(name, "networkType: overlay\n");
    }
    for (name, id) in [("values-east.yaml", EAST), ("values-west.yaml", WEST)] {
        folder.write(name, format!("cluster_id: {id}\nclusterMode: legacy\n"));
    }
    folder.write(
        "clusters.yaml",
        "releases:\n- {name: east, chart: illumio, version: 5.1.0, values: [{clusterMode: legacy}]}\n\
         - {name: west, chart: illumio, version: 5.1.0, values: [{clusterMode: legacy}]}\n",
    );
    folder.sh("git init -q . && git add -A && git -c user.name=a -c user.email=a@b commit -qm x");
    folder
}

#[test]
fn every_command_of_every_page_runs() {
    let folder = folder_of_pages();
    let mut count = 0;
    for rule in helm_clas::Rule::ALL {
        let page = rule.page().replace("\\\n", " ");
        let commands =
            page.lines().map(|line| line.strip_prefix("$ ").unwrap_or(line)).flat_map(|line| line.split(" | "));
        for line in commands.filter_map(|command| command.strip_prefix("helm clas ")) {
            let line = line.trim_end_matches("...").trim_end();
            let ran = folder.run_on(line, "pce_url: p.example.com:443\nclusterMode: legacy\n");
            count += 1;
            // what asks a cluster or a PCE finds none here; what is misspelled says how it is used
            let asks = ["verify", "policy", "status --live"].iter().any(|word| line.starts_with(word));
            assert!(!ran.stderr.contains("Usage:"), "{}: {line}\n{}", rule.name(), ran.stderr);
            assert!(asks || ran.code != Some(2), "{}: {line}\n{}", rule.name(), ran.stderr);
        }
        // what a sentence names is there, too
        for line in
            rule.page().split("`helm clas ").skip(1).filter_map(|rest| rest.split_once('`')).map(|(line, _)| line)
        {
            let ran = folder.run(&format!("{} --help", line.replace('\n', " ")));
            assert!(ran.code == Some(0), "{}: {line}\n{}", rule.name(), ran.stderr);
        }
    }
    assert!(count > 20, "{count}");
}

#[test]
fn the_jobs_and_rules_of_the_pages_are_read_by_what_they_are_for() {
    let pages: String = [include_str!("../README.md"), include_str!("../docs/check.md")].concat();
    let blocks = |language: &str| {
        let fence = format!("\n```{language}\n");
        let blocks: Vec<String> =
            pages.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_owned()).collect();
        blocks
    };
    let jobs: Vec<Value> =
        blocks("yaml").iter().filter_map(|text| serde_yaml::from_str(text).ok()).filter(Value::is_object).collect();
    let steps = jobs.iter().find_map(|job| job["jobs"]["check"]["steps"].as_array()).expect("a job of GitHub's");
    let github = steps.iter().filter_map(|step| step["run"].as_str()).map(str::to_owned);
    let gitlab = jobs.iter().find_map(|job| job["helm-clas"]["script"].as_array()).expect("a job of GitLab's");
    let lines: Vec<String> = github.chain(gitlab.iter().filter_map(Value::as_str).map(str::to_owned)).collect();
    let folder = folder_of_pages();
    let checks: Vec<&String> = lines.iter().filter(|line| line.starts_with("helm-clas ")).collect();
    assert_eq!(checks.len(), 2, "{lines:?}");
    for line in checks {
        let head = folder.sh(&format!(
            "GITHUB_BASE_REF=main CI_MERGE_REQUEST_DIFF_BASE_SHA=HEAD; git branch -f origin/main; {line}"
        ));
        assert!(head.code == Some(0), "{line}: {}", head.stderr);
    }
    let is_of_readme = |text: &&String| include_str!("../README.md").contains(text.as_str());
    let renovate: Vec<Value> =
        blocks("json").iter().filter(is_of_readme).filter_map(|text| serde_json::from_str(text).ok()).collect();
    let renovate = renovate.iter().find(|json| json["packageRules"].is_array()).expect("README shows it");
    assert_eq!(renovate["packageRules"][0]["enabled"], false);
    match schema_of_renovate() {
        Some(schema) => {
            let validator = jsonschema::draft7::new(&schema).unwrap();
            let errors: Vec<String> = validator.iter_errors(renovate).map(|error| error.to_string()).collect();
            assert_eq!(errors, [""; 0]);
            assert!(!validator.is_valid(&serde_json::json!({ "packageRules": [{ "enabled": "no" }] })));
        }
        None => println!("Renovate's schema cannot be had here: the names of the fields were looked at, and no more"),
    }
    let fields = ["description", "enabled", "matchDatasources", "matchPackageNames"];
    let rule = renovate["packageRules"][0].as_object().unwrap();
    assert!(rule.keys().eq(fields), "{rule:?}");
}

/// Renovate's own schema: of its package at the registry, kept once it is there; nothing where the registry does not
/// answer.
fn schema_of_renovate() -> Option<Value> {
    const PACKAGE: &str = "renovate@44.121.2";
    let place = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/renovate-schema.json");
    if !place.exists() {
        let folder = Folder::new();
        let script = format!(
            "timeout 60 npm pack --silent --fetch-retries=0 {PACKAGE} >/dev/null 2>&1 && tar xzf renovate-*.tgz package/renovate-schema.json"
        );
        if folder.sh(&script).code != Some(0) {
            return None;
        }
        std::fs::write(&place, folder.read("package/renovate-schema.json")).unwrap();
    }
    serde_json::from_slice(&std::fs::read(place).unwrap()).ok()
}

#[test]
fn the_hook_takes_every_file_that_may_hold_a_mode() {
    let hooks = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml")).unwrap();
    let hooks: Value = serde_yaml::from_str(&hooks).unwrap();
    let pattern = hooks[0]["files"].as_str().unwrap();
    assert!(hooks.as_array().unwrap().iter().all(|hook| hook["files"] == pattern));
    let names = [
        "clusters/east/helmrelease.yaml",
        "apps/east.yaml",
        "helmfile.yaml",
        "helmfile.yaml.gotmpl",
        "kustomization.yml",
        "values/east.yaml",
        "Kustomization",
        "values.json",
        ".argocd-source-east.yaml",
        "illumio.yaml",
        "values.YAML",
        "values.yaml.j2",
        "Chart.lock",
        "deploy.Jenkinsfile",
        "bin/deploy",
        "illumio-values.yaml.gpg",
        "clusters/east/values.yaml.dvc",
    ];
    let script = "import re,sys; print(*[name for name in sys.argv[2:] if not re.search(sys.argv[1], name)])";
    let passed_over = |names: &[&str]| {
        let output = std::process::Command::new("python3").args(["-c", script, pattern]).args(names).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(passed_over(&names), "");
    assert_eq!(passed_over(&["a.png", "b.yaml.bak", "c/d.zip"]), "a.png b.yaml.bak c/d.zip");
}

#[test]
fn the_schema_for_an_editor_fits_the_file() {
    let folder = Folder::new();
    let schema = |options: &str| {
        let ran = folder.run(&format!("schema values {options}"));
        let schema: Value = serde_json::from_str(&ran.stdout).unwrap();
        jsonschema::draft202012::new(&schema).unwrap()
    };
    let some = serde_json::json!({ "clusterMode": "clas" });
    assert!(!schema("").is_valid(&some) && schema("--partial").is_valid(&some));
    let below = |mode: &str| serde_json::json!({ "a": { "b": { "clusterMode": mode } }, "other": 1 });
    let of_umbrella = schema("--partial --path a.b");
    assert!(of_umbrella.is_valid(&below("clas")) && !of_umbrella.is_valid(&below("klas")));
    assert_eq!(folder.run("schema output --partial").code, Some(2));
}

#[test]
fn a_run_that_ends_before_it_begins_says_so_in_every_form() {
    let folder = Folder::with("v.yaml", "pce_url: p.example.com:443\nclusterMode: legacy\n");
    folder.write(".helm-clas.yaml", "clusters:\n- files: [x\n");
    let outputs = "--output-file json:o.json --output-file sarif:o.sarif --output-file junit:o.xml --output-file \
                   gitlab:o.gitlab --output-file markdown:o.md --output-file text:o.txt";
    for options in ["", "--config gone.yaml", "--compat gone.yaml", "--version 5.x", "--pce-version auto"] {
        for name in ["o.json", "o.sarif", "o.xml", "o.gitlab", "o.md", "o.txt"] {
            folder.write(name, "of an earlier run");
        }
        let ran = folder.run(&format!("check --partial v.yaml -o sarif {options} {outputs}")).exits(2);
        let sarif: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], false, "{options}");
        let read = |name: &str| String::from_utf8(folder.read(name)).unwrap();
        assert_eq!(read("o.sarif"), ran.stdout);
        let json: Value = serde_json::from_str(&read("o.json")).unwrap();
        assert!(json["notJudged"][0]["message"].is_string(), "{options}");
        assert!(read("o.xml").contains("<error "), "{options}");
        let gitlab: Value = serde_json::from_str(&read("o.gitlab")).unwrap();
        assert_eq!(gitlab[0]["check_name"], "not-judged");
        assert!(read("o.md").starts_with("### ") && read("o.md").contains("1 could not be judged"), "{}", read("o.md"));
        assert!(read("o.txt").contains("1 could not be judged"), "{}", read("o.txt"));
        let ran = folder.run(&format!("check --partial v.yaml -o json {options}")).exits(2);
        assert_eq!(ran.json()["schema"], "helm-clas/failure/v1");
    }
}

#[test]
fn what_could_not_be_judged_is_told_apart_by_what_it_is() {
    let folder = Folder::with("v.yaml", "pce_url: p.example.com:443\nclusterMode: legacy\n");
    let fingerprints = |files: &str| {
        let ran = folder.run(&format!("check --partial -o gitlab {files}")).exits(2);
        let all: Vec<Value> = serde_json::from_str(&ran.stdout).unwrap();
        let pair = |one: &Value| (one["location"]["path"].to_string(), one["fingerprint"].to_string());
        all.iter().map(pair).collect::<std::collections::BTreeMap<_, _>>()
    };
    let both = fingerprints("gone.yaml lost.yaml");
    assert_eq!(both, fingerprints("lost.yaml gone.yaml"));
    assert_eq!(both["\"lost.yaml\""], fingerprints("lost.yaml")["\"lost.yaml\""]);
    let ran = folder.run("check --partial -o markdown v.yaml gone.yaml").exits(2);
    assert!(ran.stdout.lines().next().unwrap().contains("1 could not be judged"), "{}", ran.stdout);
    // a name that looks like a secret's has no value behind it
    let ran = folder.run("check --partial -o json api_secret").exits(2);
    assert!(ran.json()["notJudged"][0]["message"].as_str().unwrap().contains("No such file"), "{}", ran.stdout);
}

#[test]
fn a_report_overwrites_no_values() {
    let text = "pce_url: p.example.com:443\nclusterMode: legacy\n";
    let folder = Folder::with("v.yaml", text);
    folder.write("other.yml", "a: 1\n");
    for file in ["v.yaml", "./v.yaml", "other.yml"] {
        folder.run(&format!("check --partial v.yaml --output-file sarif:{file}")).exits(2).says("is not overwritten");
    }
    assert_eq!((folder.read("v.yaml"), folder.read("other.yml")), (text.into(), "a: 1\n".into()));
    folder.run("check --partial . --output-file json:new.json").exits(0);
    folder.run("check --partial . --output-file json:new.json").exits(0);
}

#[test]
fn the_files_of_two_clusters_are_those_of_none() {
    let folder = Folder::new();
    for (name, id) in [("e.yaml", "c1"), ("w.yaml", "c2")] {
        folder.write(name, format!("cluster_id: 5a1e0000-0000-4000-8000-0000000000{id}\nclusterMode: legacy\n"));
    }
    let words = "belong to two clusters";
    folder.run("upgrade -f e.yaml -f w.yaml --version 5.1.0 --pce-version 24.2.20").exits(1).says(words);
    folder.run("verify -f e.yaml -f w.yaml --without-pce").exits(2).says(words);
    folder.run("verify --before -f e.yaml -f w.yaml --without-pce").exits(2).says(words);
    folder.run("status --live --exit-code -f e.yaml -f w.yaml").exits(2).says(words);
}
