//! What is wrong with values: a case is one line of YAML and the findings about it; `shapes/` holds whole files, as
//! people have them.

use std::{collections::BTreeSet, fs, sync::LazyLock};

use helm_clas::{
    ChartVersion, CompatibilityMatrix, Files, Finding, Position, Severity, Texts,
    chart::{
        secrets::is_secret_name,
        values::{self, Schema, Values, schema_for_editor},
    },
    check::Circumstances,
    fix,
    status::found_in,
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

static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::shipped);

fn findings(text: &str, is_partial: bool, version: Option<&str>) -> Vec<Finding> {
    let version: Option<ChartVersion> = version.map(|version| version.parse().unwrap());
    values::check(&Document::read(text).unwrap(), &[], &SCHEMA, is_partial, version.as_ref())
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

/// What is to be done about the one finding, where no change is certain to be right.
#[track_caller]
fn advise(text: &str, help: &str) {
    let findings = findings(text, true, None);
    let [finding] = &findings[..] else { panic!("{findings:#?}") };
    assert_eq!((finding.help.as_deref(), &finding.fix), (Some(help), &None));
}

/// What the file says once the one finding is repaired, and the findings that remain.
#[track_caller]
fn mend(text: &str, mended: &str, expected: &[&str]) {
    let judge = |text: &str| findings(text, true, None);
    assert_eq!(judge(text).len(), 1, "{:#?}", judge(text));
    assert_eq!(fix::mended(text, judge), (mended.to_owned(), 1));
    check(mended, expected);
}

#[test]
fn a_mandatory_value_is_missing() {
    check_whole(
        "containerRuntime: crio\ncontainerManager: openshift\n",
        &["error missing-value file `pce_url`, `cluster_id`, `cluster_token` and `cluster_code` are missing"],
    );
    check_whole(&GOOD.replace("cluster_id", "id"), &["error missing-value file `cluster_id` is missing"]);
    check("containerRuntime: crio\n", &[]);
    check_whole(GOOD, &[]);
}

#[test]
fn a_mandatory_value_with_a_default_is_missed_less() {
    let text = GOOD.replace("containerRuntime: containerd\n", "");
    let expected = "warning missing-value file `containerRuntime` is missing, so the chart takes `containerd`";
    check_whole(&text, &[expected]);
    check_whole(
        &text.replace("containerManager: kubernetes\n", ""),
        &["warning missing-value file `containerRuntime` and `containerManager` are missing, so the chart takes \
           `containerd` and `kubernetes`"],
    );
}

#[test]
fn a_blank_value_is_missing_too() {
    let blank = |value: &str| GOOD.replace("pce_url: pce.example.com:8443", &format!("pce_url: {value}"));
    check_whole(&blank(""), &["error missing-value 1:1 `pce_url` is empty"]);
    check_whole(&blank("\"\""), &["error missing-value 1:10 `pce_url` is empty"]);
    check_whole(&blank("' '"), &["error missing-value 1:10 `pce_url` is empty"]);
    check_whole(
        &GOOD.replace("containerd", ""),
        &["error missing-value 5:1 `containerRuntime` is empty: Helm deletes the chart's default `containerd`"],
    );
    check("pce_url:\ncluster_id: \"\"\ncontainerRuntime: null\n", &[]);
}

#[test]
fn a_placeholder_is_left() {
    let left = |words: &str| format!("error placeholder-left 1:10 `pce_url` is still a placeholder: {words}");
    check("pce_url: URL_PORT\n", &[&left("it is the vendor's own")]);
    check("pce_url: <URL_PORT>\n", &[&left("angle brackets")]);
    check("pce_url: [from the PCE]\n", &[&left("square brackets, which make it a list")]);
    check("pce_url: [from the PCE, under Settings]\n", &[&left("square brackets, which make it a list")]);
    check("pce_url: '[from the PCE]'\n", &[&left("square brackets")]);
    check("pce_url: paste-url-here\n", &[&left("it asks for the value")]);
    check("pce_url: dummy_url\n", &[&left("it asks for the value")]);
    check("pce_url: CHANGE_ME\n", &[&left("it asks to be changed")]);
    advise("pce_url: <x>\n", "write the real value, or remove the line if the value comes from elsewhere");
    // nearly: a list of other things, a list in a block, a host with a name like that
    check("pce_url: [1]\n", &["error wrong-type 1:10 `pce_url` is a list, not text"]);
    check("pce_url:\n- a\n", &["error wrong-type 1:1 `pce_url` is a list, not text"]);
    check("pce_url: your.example.com:8443\n", &[]);
}

#[test]
fn elsewhere_only_a_plain_placeholder_counts() {
    check(
        "imagePullSecret: {password: changeme}\n",
        &["error placeholder-left 1:29 `imagePullSecret.password` is still a placeholder: it asks to be changed"],
    );
    check("registry: <mirror>\n", &["error placeholder-left 1:11 `registry` is still a placeholder: angle brackets"]);
    check("imagePullSecret: {password: \"a$b\", username: your-name}\nnodeSelector: {pool: dummy}\n", &[]);
}

#[test]
fn the_pce_is_named_by_host_and_port() {
    let bad = |why: &str| format!("error bad-pce-url 1:10 `pce_url` is not HOST:PORT{why}");
    check("pce_url: https://pce.example.com:8443\n", &[&bad(": it has a scheme")]);
    check("pce_url: pce.example.com\n", &[&bad(": it has no port")]);
    check("pce_url: pce.example.com:8443/api/v2\n", &[&bad(": it has a path")]);
    check("pce_url: me:pw@pce.example.com:8443\n", &[&bad(": it has a login in it")]);
    check("pce_url: pce.example.com:https\n", &[&bad("")]);
    check("pce_url: 8443\n", &[&bad(": it is a whole number")]);
    advise("pce_url: x:y\n", "write the host and the port only, such as `pce.example.com:8443`");
    check("pce_url: pce.example.com:8443\n", &[]);
    check("pce_url: 10.0.0.1:443\n", &[]);
    check("pce_url: '[2001:db8::1]:8443'\n", &[]);
}

#[test]
fn a_scheme_or_a_path_is_taken_off_where_a_host_and_a_port_are_left() {
    mend("pce_url: https://pce.example.com:8443/ # x\n", "pce_url: pce.example.com:8443 # x\n", &[]);
    mend("pce_url: 'pce.example.com:8443/'\n", "pce_url: 'pce.example.com:8443'\n", &[]);
    let help = "write the host and the port only, such as `pce.example.com:8443`";
    advise("pce_url: https://pce.example.com\n", help);
    advise("pce_url: https://pce.example.com:8443/api\n", help);
    advise("x: &x\n- 1\npce_url: &y https://pce.example.com:8443\nz: *y\n", help);
}

#[test]
fn a_cluster_id_is_a_uuid() {
    let bad = |why: &str| format!("error bad-cluster-id 1:13 `cluster_id` is not a UUID in lower case{why}");
    check("cluster_id: 5A1E0000-0000-4000-8000-0000000000C1\n", &[&bad("")]);
    check("cluster_id: 5a1e0000-0000-4000-8000-0000000000\n", &[&bad("")]);
    check("cluster_id: 7_0f0f0f0f\n", &[&bad(": it looks like a cluster token")]);
    check("cluster_id: production\n", &[&bad(": it has no dashes")]);
    check("cluster_id: \"5a1e0000-0000-4000-8000-0000000000c1 \"\n", &[&bad(": it contains a space")]);
    let id = "5a1e0000-0000-4000-8000-0000000000c1";
    mend(&format!("cluster_id: /orgs/7/container_clusters/{id}\n"), &format!("cluster_id: {id}\n"), &[]);
    check(&format!("cluster_id: {id}\n"), &[]);
}

#[test]
fn a_cluster_token_has_a_shape_and_is_not_shown() {
    let shape = "`cluster_token` is not the organisation's number, `_` and 64 hexadecimal digits";
    let bad = |why: &str| format!("error bad-cluster-token 1:16 {shape}: {why}");
    check("cluster_token: 7_0f0f\n", &[&bad("it has 6 characters")]);
    check(&format!("cluster_token: ILO_{}\n", "0f".repeat(32)), &[&bad("it has 68 characters")]);
    check("cluster_token: 5a1e0000-0000-4000-8000-0000000000c1\n", &[&bad("it looks like a cluster id")]);
    check("cluster_token: 0f0f0f0f\n", &[&bad("it has no `_`")]);
    check(&format!("cluster_token: 12_{}\n", "0F".repeat(32)), &[]);
}

#[test]
fn a_value_has_another_type() {
    check(
        "disableDegradedMode: 0\n",
        &["error wrong-type 1:22 `disableDegradedMode` is a whole number, not a boolean"],
    );
    check("nodeSelector: [a]\n", &["error wrong-type 1:15 `nodeSelector` is a list, not a mapping"]);
    check("imagePullSecrets: login\n", &["error wrong-type 1:19 `imagePullSecrets` is text, not a list"]);
    check("extraVolumes: {name: a}\n", &["error wrong-type 1:15 `extraVolumes` is a mapping, not a list"]);
    check("extraVolumes:\n  name: a\n  b: c\n", &["error wrong-type 1:1 `extraVolumes` is a mapping, not a list"]);
    check("storage: {sizeGi: 1.5}\n", &["error wrong-type 1:19 `storage.sizeGi` is a number, not a whole number"]);
    check("networkType: on\n", &["error wrong-type 1:14 `networkType` is a boolean, not text"]);
    advise("networkType: on\n", "write `overlay` or `flat`");
    advise("imagePullSecrets: login\n", "write a list: each item on its own line after `- `");
    check("disableDegradedMode: off\nnodeSelector: {}\nextraVolumes: {}\nstorage: {sizeGi: 2}\n", &[]);
    check("imagePullSecrets: [login, {name: login}]\nextraVolumes: []\n", &[]);
}

#[test]
fn what_is_text_is_put_in_quotes() {
    mend("registry: 1.10\n", "registry: \"1.10\"\n", &[]);
    mend("registry: on\n", "registry: \"on\"\n", &[]);
    check(
        "commonLabels: {team: 7}\ncluster_code: 1_000\n",
        &[
            "error wrong-type 2:15 `cluster_code` is a whole number, not text",
            "error wrong-type 1:22 `commonLabels.team` is a whole number, not text",
        ],
    );
    check(
        "commonLabels: {\"a\\nb\": 7}\n",
        &["error wrong-type 1:24 `commonLabels.a\\nb` is a whole number, not text"],
    );
    check("commonLabels: {team: \"7\"}\nimagePullSecrets: [{name: a}]\n", &[]);
    mend("imagePullSecrets: [{name: 7}]\n", "imagePullSecrets: [{name: \"7\"}]\n", &[]);
}

#[test]
fn a_boolean_or_a_number_in_quotes_is_text() {
    check("ignore_cert: \"false\"\n", &["warning wrong-type 1:14 `ignore_cert` is the text `false`, not a boolean"]);
    check("verbosity: '0'\n", &["warning wrong-type 1:12 `verbosity` is the text `0`, not a whole number"]);
    mend("useTLS: 'True'\n", "useTLS: true\n", &[]);
    mend("verbosity: \"2\"\n", "verbosity: 2\n", &[]);
    mend(
        "verbosity: \"7\"\n",
        "verbosity: 7\n",
        &["error value-not-allowed 1:12 `verbosity` is `7`, which the chart does not allow"],
    );
    check("useTLS: 'yes'\n", &["error wrong-type 1:9 `useTLS` is text, not a boolean"]);
    check("verbosity: 'high'\n", &["error wrong-type 1:12 `verbosity` is text, not a whole number"]);
    check("useTLS: yes\nverbosity: 0x2\n", &[]);
}

#[test]
fn a_blank_value_deletes_the_default() {
    check(
        "networkType:\n",
        &["warning wrong-type 1:1 `networkType` is empty: Helm deletes the chart's default `overlay`"],
    );
    // what has no default to lose, or may be null, or is empty by default
    check("storage:\nnodeSelector:\nnamespaceOverride: null\nhttpProxy:\nregistry: ~\n", &[]);
}

#[test]
fn a_value_is_not_allowed() {
    let not = |place: &str, name: &str, value: &str| {
        format!("error value-not-allowed {place} `{name}` is `{value}`, which the chart does not allow")
    };
    check("networkType: vxlan\n", &[&not("1:14", "networkType", "vxlan")]);
    check("containerRuntime: cri-o\n", &[&not("1:19", "containerRuntime", "cri-o")]);
    check("verbosity: 3\n", &[&not("1:12", "verbosity", "3")]);
    check("cven: {imagePullPolicy: always}\n", &[&not("1:25", "cven.imagePullPolicy", "always")]);
    check("degradedModePolicyFail: ''\n", &[&not("1:25", "degradedModePolicyFail", "")]);
    advise("networkType: vxlan\n", "write `overlay` or `flat`");
    advise("verbosity: 3\n", "write `0`, `1` or `2`");
    advise("containerRuntime: cri-o\n", "did you mean `crio`?");
    advise("cven: {imagePullPolicy: ALWAYS}\n", "did you mean `Always`?");
    check("networkType: flat\ncontainerRuntime: k3s_containerd\nverbosity: 2\n", &[]);
}

#[test]
fn a_number_is_out_of_its_range() {
    check(
        "kubelink: {pceApiTimeout: 59, lastAppliedPolicyUpdateInterval: 4}\n",
        &[
            "error value-not-allowed 1:64 `kubelink.lastAppliedPolicyUpdateInterval` is `4`, which is out of range",
            "error value-not-allowed 1:27 `kubelink.pceApiTimeout` is `59`, which is out of range",
        ],
    );
    advise("kubelink: {pceApiTimeout: 7201}\n", "write 60 to 7200");
    advise("kubelink: {lastAppliedPolicyUpdateInterval: 4}\n", "write 5 or more");
    check("kubelink: {pceApiTimeout: 7200, pceApiMinBackoff: 5, lastAppliedPolicyUpdateInterval: 99999}\n", &[]);
}

#[test]
fn docker_was_a_runtime_of_older_charts() {
    let text = "containerRuntime: docker\n";
    let expected = "error value-not-allowed 1:19 `containerRuntime` is `docker`: charts up to 5.0 allowed it; the \
       version that removed it is not documented";
    check(text, &[expected]);
    check_with("5.1.0", text, &[expected]);
    check_with("5.0.3", text, &[]);
    check_with("3.2.0", text, &[]);
    advise(text, "write `containerd`, `crio` or `k3s_containerd`");
}

#[test]
fn a_plain_value_stands_for_a_mapping() {
    check(
        "waitForPolicy: true\n",
        &["error scalar-for-map 1:16 `waitForPolicy` is a boolean, but the chart expects a mapping"],
    );
    check("cven: x\n", &["error scalar-for-map 1:7 `cven` is text, but the chart expects a mapping"]);
    advise("waitForPolicy: true\n", "write `enabled: true` on the next line, indented under `waitForPolicy`");
    advise("priorityClasses: x\n", "write its values under it, indented: cven, enabled, kubelink");
    advise("nodeSelector: x\n", "write a mapping: `name: value`, each on its own line, indented");
    check("waitForPolicy: {enabled: true, ignoredNamespaces: [kube-system]}\n", &[]);
    check("waitForPolicy:\n", &[]);
}

#[test]
fn a_value_was_renamed() {
    check("ignoreCert: true\n", &["warning renamed-value 1:1 `ignoreCert` is the old name of `ignore_cert`"]);
    mend("ignoreCert: true\n", "ignore_cert: true\n", &[]);
    advise("ignoreCert: true\nignore_cert: true\n", "remove it: `ignore_cert` is set as well");
    check(
        "ignoreCert: \"false\"\n",
        &[
            "warning renamed-value 1:1 `ignoreCert` is the old name of `ignore_cert`",
            "warning wrong-type 1:13 `ignoreCert` is the text `false`, not a boolean",
        ],
    );
    check("ignore_cert: true\n", &[]);
}

#[test]
fn a_name_is_nearly_one_that_is_known() {
    let near =
        |place: &str, name: &str| format!("warning unknown-value {place} `{name}` is not a known value of the chart");
    check("containerRunTime: crio\n", &[&near("1:1", "containerRunTime")]);
    check("network_type: flat\n", &[&near("1:1", "network_type")]);
    check("kubelink:\n  pceApiTimeuot: 60\n", &[&near("2:3", "kubelink.pceApiTimeuot")]);
    check("imagePullSecrets:\n- nam: a\n- Name: b\n", &[&near("3:3", "imagePullSecrets[1].Name")]);
    check("networktype: flat\nnetworkType: flat\n", &[&near("1:1", "networktype")]);
    advise("containerRunTime: crio\n", "did you mean `containerRuntime`?");
    advise("ignore-cert: true\n", "did you mean `ignore_cert`?");
}

#[test]
fn other_unknown_names_are_welcome() {
    check("replicas: 1\naffinity: {}\ntolerations: []\nclusterName: a\nimage: {repository: a}\npodLabels: {}\n", &[]);
    check("log_level: 7\nsops: {mac: x}\nillumio: {containerRunTime: x}\ncommonLabels: {clusterNode: a}\n", &[]);
    check("httpsProxy: a\nhttpProxy: b\n", &[]);
    // the mode's own spellings are judged where the mode is
    check("clustermode: clas\ncluster_mode: clas\nclusterNode: clas\nclusterMode: klas\n", &[]);
}

/// The nearest of real names: no other chart's values look like slips of this one's.
#[test]
fn names_of_other_charts_are_not_taken_for_slips() {
    let Ok(folder) = fs::read_dir("../shared/corpus/values") else {
        println!("skipped: no ../shared here");
        return;
    };
    let mut near = BTreeSet::new();
    for entry in folder {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        let Ok(document) = Document::read(text) else { continue };
        let all = values::check(&document, &[], &SCHEMA, true, None);
        near.extend(
            all.into_iter()
                .filter(|it| it.rule.name() == "unknown-value")
                .map(|it| format!("{}: {}", it.message, it.help.unwrap())),
        );
    }
    let expected = "`argocd` is not a known value of the chart: did you mean `argoCD`?";
    assert_eq!(near, BTreeSet::from([expected.to_owned()]));
}

#[test]
fn a_value_is_newer_than_the_chart() {
    let text = "waitForPolicy:\n  enabled: true\ncven:\n  maintenanceToken: abc\nuseTLS: true\n";
    let newer = |place: &str, name: &str, since: &str, version: &str| {
        format!("warning needs-newer-chart {place} `{name}` needs chart {since}, and the chart is {version}")
    };
    check_with(
        "5.1.0",
        text,
        &[
            &newer("4:3", "cven.maintenanceToken", "5.7.0", "5.1.0"),
            &newer("5:1", "useTLS", "5.6.0", "5.1.0"),
            &newer("1:1", "waitForPolicy", "5.2.0", "5.1.0"),
        ],
    );
    check_with("5.6.9", text, &[&newer("4:3", "cven.maintenanceToken", "5.7.0", "5.6.9")]);
    check_with("5.7.0", text, &[]);
    check_with("5.1.0", "clusterMode: clas\nnetworkType: flat\n", &[]);
    check_with("4.4.0", "metrics: {enabled: false}\n", &[]);
    check(text, &[]);
}

#[test]
fn a_storage_image_is_stale() {
    let whole = "storage:\n  registry: docker.io/bitnami\n  repo: etcd\n  imageTag: \"3.5.7\"\n";
    check(
        whole,
        &["warning stale-storage-image 2:13 `storage.registry` is `docker.io/bitnami`: older charts used the \
               image from there"],
    );
    check(
        "storage: {repo: etcd}\n",
        &["warning stale-storage-image 1:17 `storage.repo` is `etcd`: older charts used this image"],
    );
    check("storage: {registry: quay.io/illumio, repo: storage, imageTag: 3.6.6}\n", &[]);
    check("storage: {registry: mirror.example.com/illumio}\n", &[]);
}

#[test]
fn metrics_need_secrets() {
    let on = format!("{GOOD}metrics:\n  enabled: true\n");
    let needs = |what: &str| format!("warning metrics-need-secrets 8:12 with metrics on, each upgrade needs {what}");
    check_whole(&on, &[&needs("`influxdb.auth.admin.password` and `influxdb.auth.admin.token`")]);
    check_whole(
        &format!("{on}influxdb: {{auth: {{admin: {{password: a, token: \"\"}}}}}}\n"),
        &[&needs("`influxdb.auth.admin.token`")],
    );
    check_whole(&format!("{on}influxdb: {{auth: {{admin: {{password: a, token: b}}}}}}\n"), &[]);
    check_whole(&on.replace("true", "false"), &[]);
    check("metrics: {enabled: true}\n", &[]);
}

#[test]
fn the_place_of_the_firewall_backend_is_ambiguous() {
    check(
        "firewallBackend: auto\n",
        &["warning ambiguous-firewall-backend 1:1 the vendor's documents disagree on whether the chart reads \
           `firewallBackend` here"],
    );
    check("cven: {firewallBackend: auto}\n", &[]);
}

#[test]
fn a_template_is_not_rendered() {
    check(
        "networkType: '{{ .type }}'\n",
        &["error template-in-values 1:14 `networkType` is a template expression, and Helm does not render it"],
    );
    check("other: '{{ .type }}'\nclusterMode: '{{ .mode }}'\n", &[]);
}

#[test]
fn what_is_encrypted_is_not_judged() {
    check_whole(
        "pce_url: ENC[AES256_GCM,data:a]\ncluster_id: ENC[a]\ncluster_token: ENC[a]\ncluster_code: ENC[a]\n\
         containerRuntime: ENC[a]\ncontainerManager: ENC[a]\nuseTLS: ENC[AES256_GCM,data:a,type:bool]\n",
        &[],
    );
}

#[test]
fn the_mode_itself_is_judged_elsewhere() {
    check("clusterMode: CLAS\n", &[]);
    check("clusterMode: [nonsense]\n", &[]);
    check("clusterMode:\n", &[]);
}

#[test]
fn what_helm_reads_last_is_judged() {
    check("verbosity: 9\nverbosity: 1\n", &[]);
    check(
        "base: &base\n  pceApiTimeout: 1\nkubelink:\n  <<: *base\n",
        &["error value-not-allowed 2:18 `kubelink.pceApiTimeout` is `1`, which is out of range"],
    );
}

/// No message and no help holds what is below a secret name.
#[test]
fn no_secret_is_said() {
    const SECRET: &str = "Sesame";
    let names = "cluster_token cluster_code cven.maintenanceToken imagePullSecret.password \
                 influxdb.auth.admin.password influxdb.auth.admin.token httpProxy cluster_id pce_url";
    let hex = "0f".repeat(30);
    let values = [
        SECRET.to_owned(),
        format!("\"{SECRET} \""),
        format!("[{SECRET}]"),
        format!("{{{SECRET}: {SECRET}}}"),
        format!("'<{SECRET}>'"),
        format!("'${{{SECRET}}}'"),
        format!("'{{{{ {SECRET} }}}}'"),
        format!("https://{SECRET}"),
        format!("'{SECRET}@x:1'"),
        format!("paste-{SECRET}"),
        format!("7_{hex}"),
        format!("12{}", "3".repeat(79)),
    ];
    let mut count = 0;
    for name in names.split_whitespace() {
        for value in &values {
            let opened = name.replace('.', ": {");
            let text = format!("{opened}: {value}{}\n", "}".repeat(name.matches('.').count()));
            for finding in findings(&text, false, Some("4.0.0")) {
                count += 1;
                let words = format!("{} {}", finding.message, finding.help.unwrap_or_default());
                assert!(!words.contains(SECRET) && !words.contains(&hex) && !words.contains("3333"), "{text}{words}");
            }
        }
    }
    assert!(count > 200, "{count}");
}

/// One of the files in `shapes/`, judged as `helm clas check` judges it.
fn judged(name: &str, version: Option<&str>, is_partial: bool) -> (Vec<Finding>, String) {
    let bytes = fs::read(format!("testdata/shapes/{name}")).unwrap();
    let version: Option<ChartVersion> = version.map(|version| version.parse().unwrap());
    let circumstances = Circumstances {
        version: version.as_ref(),
        pce_version: None,
        matrix: &CompatibilityMatrix::shipped(),
        schema: &SCHEMA,
        is_partial,
        version_before: None,
        judges_all: false,
        path: None,
        options: &[],
    };
    let judged = crate::support::reading::judged(&[(name, &bytes)], &circumstances).unwrap();
    (judged.findings, String::from_utf8(bytes).unwrap())
}

#[track_caller]
fn shape(name: &str, expected: &[&str]) {
    let (findings, text) = judged(name, Some("5.7.0"), false);
    expect(&findings, &text, expected);
}

#[test]
fn shape_of_the_vendors_template() {
    let left = |place: &str, name: &str| {
        format!("error placeholder-left {place} `{name}` is still a placeholder: it is the vendor's own")
    };
    shape(
        "01-vendor-template.yaml",
        &[
            &left("1:10", "pce_url"),
            &left("2:13", "cluster_id"),
            &left("3:16", "cluster_token"),
            &left("4:15", "cluster_code"),
        ],
    );
}

#[test]
fn shapes_with_nothing_wrong() {
    shape("02-mode-on-the-last-line.yaml", &[]);
    shape("03-mode-commented-out.yaml", &[]);
    shape("04-line-left-empty.yaml", &[]);
    shape("10-private-authority.yaml", &[]);
    shape("16_VALUES_1234", &[]);
}

#[test]
fn shape_with_a_block_appended() {
    shape(
        "05-block-appended.yaml",
        &[
            "error duplicate-key 25:1 `clusterMode` occurs twice, and Helm silently reads the last",
            "warning duplicate-key 26:1 `verbosity` occurs twice, and Helm silently reads the last",
            "warning duplicate-key 27:1 `ignore_cert` occurs twice, and Helm silently reads the last",
        ],
    );
}

#[test]
fn shape_with_comments_above_and_angle_brackets() {
    let left = |place: &str, name: &str| {
        format!("error placeholder-left {place} `{name}` is still a placeholder: angle brackets")
    };
    shape(
        "06-comments-above.yaml",
        &[&left("2:10", "pce_url"), &left("6:16", "cluster_token"), &left("8:15", "cluster_code")],
    );
}

#[test]
fn shape_with_square_brackets() {
    let left = |place: &str, name: &str| {
        format!("error placeholder-left {place} `{name}` is still a placeholder: square brackets, which make it a list")
    };
    shape(
        "07-square-brackets.yaml",
        &[
            &left("1:10", "pce_url"),
            &left("2:13", "cluster_id"),
            &left("3:16", "cluster_token"),
            &left("4:15", "cluster_code"),
        ],
    );
}

#[test]
fn shape_with_placeholders_of_all_kinds() {
    let left = |place: &str, name: &str, why: &str| {
        format!("error placeholder-left {place} `{name}` is still a placeholder: {why}")
    };
    shape(
        "08-placeholders.yaml",
        &[
            &left("1:10", "pce_url", "it is the vendor's own"),
            &left("2:13", "cluster_id", "it asks for the value"),
            &left("3:16", "cluster_token", "it asks for the value"),
            &left("4:15", "cluster_code", "it is the vendor's own"),
            &left("7:12", "httpProxy", "angle brackets"),
        ],
    );
}

#[test]
fn shape_with_words_in_quotes() {
    shape(
        "09-quoted-words.yaml",
        &[
            "error value-not-allowed 5:19 `containerRuntime` is `docker`: charts up to 5.0 allowed it; the version \
               that removed it is not documented",
            "warning renamed-value 7:1 `ignoreCert` is the old name of `ignore_cert`",
            "warning wrong-type 7:13 `ignoreCert` is the text `false`, not a boolean",
            "warning wrong-type 8:12 `verbosity` is the text `0`, not a whole number",
            "warning wrong-type 9:9 `useTLS` is the text `true`, not a boolean",
        ],
    );
}

#[test]
fn shape_with_the_storage_pinned() {
    shape(
        "11-storage-pinned.yaml",
        &["warning stale-storage-image 9:13 `storage.registry` is `docker.io/bitnami`: older charts used the \
               image from there"],
    );
}

/// The words are those of `yaml/events.rs`; here counts that the secret is not among them.
#[test]
fn shape_with_a_value_wrapped() {
    let (findings, text) = judged("12-value-wrapped.yaml", None, false);
    let [finding] = &findings[..] else { panic!("{findings:#?}") };
    assert!(said(finding, &text).starts_with("error invalid-yaml 5:1 "));
    assert!(!finding.message.contains("0a0a"), "{}", finding.message);
}

#[test]
fn shape_without_credentials() {
    let name = "13-without-credentials.yaml";
    shape(name, &["error missing-value file `cluster_id`, `cluster_token` and `cluster_code` are missing"]);
    assert_eq!(judged(name, None, true).0, []);
}

#[test]
fn shape_with_variables_that_were_not_expanded() {
    let filled_in = |place: &str, name: &str, tool: &str| {
        format!("info reference-not-read {place} `{name}` is filled in by {tool}, and was not checked")
    };
    shape(
        "14-unexpanded.yaml",
        &[
            &filled_in("1:10", "pce_url", "envsubst or a shell"),
            &filled_in("2:13", "cluster_id", "Flux, Terraform or envsubst"),
            &filled_in("3:16", "cluster_token", "Azure Pipelines or a shell"),
            &filled_in("4:15", "cluster_code", "envsubst or a shell"),
            &filled_in("5:19", "containerRuntime", "envsubst or a shell"),
        ],
    );
}

#[test]
fn shape_with_other_scripts() {
    shape(
        "15-not-ascii.yaml",
        &[
            "error bad-pce-url 2:10 `pce_url` is not HOST:PORT: it has a scheme",
            "error wrong-type 7:19 `containerManager` is a mapping, not text",
        ],
    );
}

/// Whole files, each with all that its chart knows.
#[test]
fn a_good_file_is_good_for_its_chart() {
    let mut text = GOOD.to_owned();
    for (version, more) in [
        (
            "3.0.0",
            "networkType: flat\nenforceNodePortTraffic: never\nverbosity: 2\nignore_cert: false\nhttpProxy: \"\"\n\
             extraVolumes:\n  - name: ca\n    configMap: {name: ca}\nextraVolumeMounts: {}\nnodeSelector: {a: b}\n\
             imagePullSecret: {username: me, password: it}\nimagePullSecrets: [a, {name: b}]\ncommonLabels: {}\n\
             commonAnnotations: {a: \"1\"}\npriorityClasses: {enabled: false, kubelink: a, cven: b}\n\
             registry: mirror.example.com\nlog_level: debug\nnameOverride: a\nfullnameOverride: null\n\
             serviceAccount: {create: true}\npolicyLabelSetEnable: false\nargoCD: true\nkubelink:\n\
             \x20 pceApiTimeout: 60\n  pceApiMinBackoff: 600\n  pceApiMaxBackoff: 1200\n  pceApiPolicyInterval: 10\n\
             \x20 lastAppliedPolicyUpdateInterval: 5\n  imagePullPolicy: Always\n  resources: {limits: {cpu: 1}}\n",
        ),
        (
            "4.4.0",
            "metrics: {enabled: on}\ninfluxdb: {auth: {admin: {password: it, token: it}}, persistence: {size: 1Gi}}\n",
        ),
        (
            "5.0.0",
            "clusterMode: clas\ndegradedModePolicyFail: closed\ndisableDegradedMode: true\nstorage:\n\
             \x20 registry: quay.io/illumio\n  repo: storage\n  imageTag: 3.6.6\n  imagePullPolicy: Never\n\
             \x20 sizeGi: 2\n",
        ),
        ("5.1.0", ""),
        ("5.2.0", "waitForPolicy:\n  enabled: true\n  ignoredNamespaces:\n    - kube-system\n"),
        ("5.4.0", "reportHostNetworkKubernetesWorkloads: true\nuserAllowedAnnotations: [example.com/owner]\n"),
        ("5.6.1", "useTLS: false\n"),
        (
            "5.7.0",
            "namespaceOverride:\ncven:\n  maintenanceToken: it\n  hostBasePath: /var/opt\n  tolerations: []\n\
             \x20 firewallBackend: nftables\n  aggressiveTamperingDetection: true\n  imagePullPolicy: IfNotPresent\n",
        ),
        ("5.9.0", "toolbox: {registry: a, repo: b, imageTag: c}\ninitContainer: {registry: a, repo: b, imageTag: c}\n"),
    ] {
        text.push_str(more);
        expect(&findings(&text, false, Some(version)), &text, &[]);
        expect(&findings(&text, false, None), &text, &[]);
        let circumstances = Circumstances {
            version: Some(&version.parse().unwrap()),
            pce_version: None,
            matrix: &CompatibilityMatrix::shipped(),
            schema: &SCHEMA,
            is_partial: false,
            version_before: None,
            judges_all: false,
            path: None,
            options: &[],
        };
        let judged = crate::support::reading::judged(&[("x", &text)], &circumstances).unwrap();
        let is_of_versions = |rule| [helm_clas::Rule::FlatNetworkInClas, helm_clas::Rule::ChartTooOld].contains(&rule);
        let others: Vec<_> = judged.findings.iter().filter(|finding| !is_of_versions(finding.rule)).collect();
        assert!(others.is_empty(), "{others:#?}");
    }
}

fn schema() -> Value {
    serde_json::from_str(include_str!("../schemas/values.table.json")).unwrap()
}

/// All subschemas, each with the names that lead to it: `cven.tolerations[]`.
fn subschemas(schema: &Value, name: &str, found: &mut Vec<(String, Value)>) {
    found.push((name.to_owned(), schema.clone()));
    for (below, subschema) in schema["properties"].as_object().into_iter().flatten() {
        let dot = if name.is_empty() { "" } else { "." };
        subschemas(subschema, &format!("{name}{dot}{below}"), found);
    }
    for (keyword, suffix) in [("items", "[]"), ("additionalProperties", ".*")] {
        if let Some(subschema) = schema.get(keyword) {
            subschemas(subschema, &format!("{name}{suffix}"), found);
        }
    }
}

fn all_subschemas() -> Vec<(String, Value)> {
    let mut found = Vec::new();
    subschemas(&schema(), "", &mut found);
    found
}

#[test]
fn the_schema_is_one() {
    assert_eq!(schema()["$schema"], "https://json-schema.org/draft/2020-12/schema");
    jsonschema::draft202012::meta::validate(&schema()).unwrap();
    jsonschema::draft7::meta::validate(&schema()).unwrap();
}

/// These mean the same in all drafts, and these are what `values/schema.rs` makes findings of.
#[test]
fn the_schema_uses_few_keywords_and_explains_its_own() {
    let words = "$schema $comment title description default examples deprecated type enum pattern minimum maximum \
                 maxProperties required properties items additionalProperties patternErrorMessage \
                 markdownEnumDescriptions deprecationMessage";
    let comment = schema()["$comment"].as_str().unwrap().to_owned();
    for (name, subschema) in all_subschemas() {
        for keyword in subschema.as_object().unwrap().keys() {
            let is_explained = keyword.starts_with("x-") && comment.contains(&format!("{keyword}: "));
            assert!(is_explained || words.split(' ').any(|word| word == keyword), "{name}: {keyword}");
        }
    }
}

#[test]
fn the_schema_speaks_to_a_person() {
    for (name, subschema) in all_subschemas() {
        if name.ends_with("[]") || name.ends_with(".*") {
            continue;
        }
        let title = subschema["title"].as_str().unwrap_or_else(|| panic!("{name} has no title"));
        let description = subschema["description"].as_str().unwrap_or_else(|| panic!("{name} has no description"));
        assert!(!title.ends_with('.') && title.len() < 60, "{name}: {title}");
        assert!(description.ends_with('.') && (10..300).contains(&description.len()), "{name}: {description}");
        // editors show the description, and nothing of what is ours
        let since = subschema["x-since"].as_str().unwrap_or_default();
        assert!(description.contains(since), "{name} does not say that it is there since {since}");
    }
}

/// What editors read is written from the table. `UPDATE=1 cargo test values_check::` writes it again.
#[test]
fn the_schema_for_editors_is_that_of_the_table() {
    let expected = serde_json::to_string_pretty(&schema_for_editor(Values::Whole, "")).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        fs::write("schemas/values.schema.json", &expected).unwrap();
    }
    assert_eq!(fs::read_to_string("schemas/values.schema.json").unwrap(), expected);
    jsonschema::draft202012::meta::validate(&schema_for_editor(Values::Whole, "")).unwrap();
    jsonschema::draft7::meta::validate(&schema_for_editor(Values::Partial, "a.b")).unwrap();
}

/// An editor names a title as the type that it expects.
#[test]
fn an_editor_reads_no_title_as_a_type() {
    let mut found = Vec::new();
    subschemas(&schema_for_editor(Values::Whole, ""), "", &mut found);
    for (name, subschema) in &found {
        assert!(name.is_empty() || subschema.get("title").is_none(), "{name}");
    }
    let of = |name: &str| found.iter().find(|(found, _)| found == name).unwrap().1["description"].to_string();
    assert!(of("pce_url").starts_with("\"Host and port of the PCE. Where Kubelink"), "{}", of("pce_url"));
}

/// What is not an error for `check` is not one in an editor either.
#[test]
fn what_is_only_a_warning_is_no_error_in_an_editor() {
    let editor = jsonschema::draft202012::new(&schema_for_editor(Values::Partial, "")).unwrap();
    let shipped = Schema::shipped();
    let (mut accepted, mut refused) = (0, 0);
    for (name, subschema) in all_subschemas() {
        if name.is_empty() || name.contains("[]") || name.contains('*') {
            continue;
        }
        let former = subschema["x-former"].as_array().into_iter().flatten().map(|former| former["value"].clone());
        let examples = subschema["examples"].as_array().into_iter().flatten().cloned();
        let tried = [
            json!(null),
            json!(true),
            json!("true"),
            json!("FALSE"),
            json!("yes"),
            json!(7),
            json!("7"),
            json!("07"),
            json!("x"),
            json!(""),
            json!("${VALUE}"),
            json!("<path:a#b>"),
            json!("ref+vault://a#/b"),
            json!("__A__"),
            json!("CLAS"),
            json!("MigrateLegacyToClas"),
            json!([]),
            json!({}),
            json!(-1),
            json!(1.5),
            json!("docker"),
            json!("ENC[AES256_GCM,data:eA==]"),
            subschema["default"].clone(),
        ];
        for value in tried.into_iter().chain(former).chain(examples) {
            let mut values = value.clone();
            for key in name.rsplit('.') {
                values = json!({ key: values });
            }
            let text = serde_yaml::to_string(&values).unwrap();
            let document = Document::read(&text).unwrap();
            let mut findings = values::check(&document, &[], &shipped, true, None);
            if name == "clusterMode" {
                let texts = Texts::new();
                // alone it may be another chart's
                let files = Files::of(&texts, [("v.yaml", format!("{text}pce_url: 'p:1'\n"))]);
                findings.extend(found_in(&files, 0, None).into_iter().flat_map(|it| it.findings).map(|it| it.finding));
            }
            let is_error = findings.iter().any(|finding| finding.severity == Severity::Error);
            if is_error {
                refused += usize::from(!editor.is_valid(&values));
            } else {
                accepted += 1;
                assert!(editor.is_valid(&values), "{name}: {value}: {findings:?}");
            }
        }
    }
    assert!(accepted > 300 && refused > 100, "{accepted} {refused}");
}

#[test]
fn its_examples_and_defaults_fit() {
    let mut count = 0;
    for (name, subschema) in all_subschemas() {
        let validator = jsonschema::draft202012::new(&subschema).unwrap();
        let examples = subschema["examples"].as_array().into_iter().flatten();
        // a mandatory value is empty by default, and does not fit so
        let default = subschema.get("default").filter(|default| *default != &json!(""));
        for value in examples.chain(default) {
            count += 1;
            assert!(validator.is_valid(value), "{name}: {value}");
        }
    }
    assert!(count > 50, "{count}");
}

#[test]
fn what_is_secret_there_is_secret_everywhere() {
    let mut secrets = Vec::new();
    for (name, subschema) in all_subschemas() {
        if subschema.get("x-secret").is_some() {
            assert!(name.split('.').any(is_secret_name), "{name}");
            assert!(subschema.get("examples").is_none(), "{name}");
            secrets.push(name);
        }
    }
    let expected = [
        "cluster_code",
        "cluster_token",
        "cven.maintenanceToken",
        "imagePullSecret.password",
        "influxdb.auth.admin.password",
        "influxdb.auth.admin.token",
    ];
    assert_eq!(secrets, expected);
}

/// The values of the vendor's documents and of public files, as the shared facts list them.
#[test]
fn all_known_values_are_in_the_schema() {
    let names = "pce_url cluster_id cluster_token cluster_code containerRuntime containerManager clusterMode \
                 namespaceOverride networkType enforceNodePortTraffic degradedModePolicyFail disableDegradedMode \
                 waitForPolicy waitForPolicy.enabled waitForPolicy.ignoredNamespaces policyLabelSetEnable \
                 reportHostNetworkKubernetesWorkloads userAllowedAnnotations useTLS argoCD cven.maintenanceToken \
                 cven.hostBasePath cven.tolerations cven.firewallBackend cven.aggressiveTamperingDetection \
                 kubelink.pceApiTimeout kubelink.pceApiMinBackoff kubelink.pceApiMaxBackoff \
                 kubelink.pceApiPolicyInterval kubelink.lastAppliedPolicyUpdateInterval kubelink.imagePullPolicy \
                 cven.imagePullPolicy kubelink.resources cven.resources storage.resources storage.registry \
                 storage.repo storage.imageTag storage.imagePullPolicy storage.sizeGi priorityClasses.enabled \
                 priorityClasses.kubelink priorityClasses.cven imagePullSecret.username imagePullSecret.password \
                 imagePullSecrets commonLabels commonAnnotations extraVolumes extraVolumeMounts ignore_cert \
                 ignoreCert verbosity nodeSelector httpProxy metrics.enabled influxdb influxdb.auth.admin.password \
                 influxdb.auth.admin.token registry log_level initContainer toolbox nameOverride fullnameOverride \
                 serviceAccount firewallBackend";
    let known: BTreeSet<String> = all_subschemas().into_iter().map(|(name, _)| name).collect();
    let missing: Vec<&str> = names.split_whitespace().filter(|name| !known.contains(*name)).collect();
    assert_eq!(missing, [""; 0]);
}

/// One table says what a text is, whatever it is a value of: known, named, and never a placeholder or a wrong value.
#[test]
fn a_reference_is_one_in_every_value() {
    for reference in [
        "<path:kv/data/illumio#x>",
        "<secret:x#y>",
        "awssm://a/b",
        "awsssm://a/b",
        "sm://p/a",
        "gcpsecretmanager://a",
        "azkv://v/a",
        "k8s://ns/a/b",
        "doppler://p/a",
        "bws://0",
        "berglas://b/a",
        "ssm:/x",
        "infisical://x",
        "[[ .x ]]",
        "@@X@@",
        "@x@",
        "%TOKEN%",
        "((x))",
        "(( grab x ))",
        "<%= x %>",
        "%{x}",
        "$X",
        "$(X)",
        "${X}",
        "${{ x }}",
        "ref+vault://a#/b",
        "op://a/b/c",
        "vault:a#b",
        "#{x}#",
        "__X__",
    ] {
        let names = ["pce_url", "cluster_id", "cluster_token", "cluster_code", "containerRuntime", "registry"];
        for name in names {
            let findings = crate::support::reading::found(&[("v.yaml", format!("{name}: '{reference}'\n"))]);
            let rules: Vec<&str> = findings.iter().map(|finding| finding.rule.name()).collect();
            assert_eq!(rules, ["reference-not-read"], "{name}: {reference}");
            assert!(findings[0].fix.is_none(), "{name}: {reference}");
        }
        let findings = crate::support::reading::found(&[("v.yaml", format!("clusterMode: '{reference}'\n"))]);
        let [finding] = &findings[..] else { panic!("{reference}: {findings:#?}") };
        assert_eq!(finding.rule.name(), "template-in-values", "{reference}");
        assert!(finding.message.contains("fills in"), "{}", finding.message);
        let chart = format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: a}}\nspec:\n  \
             chart: {{spec: {{chart: illumio, version: '{reference}'}}}}\n  values: {{clusterMode: clas}}\n"
        );
        let findings = crate::support::reading::found(&[("v.yaml", chart)]);
        let [finding] = &findings[..] else { panic!("{reference}: {findings:#?}") };
        assert_eq!(finding.rule.name(), "version-not-exact", "{reference}");
        assert!(finding.message.contains("fills in the version"), "{}", finding.message);
    }
}
