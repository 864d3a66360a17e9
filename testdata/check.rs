//! `helm clas check` over many files: what is skipped, what is printed where, and what is repaired.

use std::{fs, path::Path};

use crate::support::program::{Folder, Ran};

/// A file of which nothing but the mode is judged.
fn values(mode: &str) -> String {
    format!("cluster_id: cc4997c1-408b-4f1d-a72b-91495c24c6a0\nclusterMode: {mode}\n")
}

/// The program over all files of a folder.
fn run_on_all(files: &Path, options: &str) -> Ran {
    let mut names: Vec<_> = fs::read_dir(files).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert!(names.len() > 200, "{names:?}");
    let folder = Folder::new();
    let mut command = folder.command(["check"].into_iter().chain(options.split_whitespace()));
    command.args(names);
    Ran::of(command, options)
}

#[test]
fn values_of_other_charts_are_skipped() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/values");
    if !corpus.exists() {
        println!("skipped: {} is not there", corpus.display());
        return;
    }
    let count = fs::read_dir(&corpus).unwrap().count();
    let skipped = format!("0 files checked, {count} skipped (no key of this chart; --no-skip checks them)\n");
    run_on_all(&corpus, "").exits(0).prints("").says_only(&skipped);
    run_on_all(&corpus, "--strict --partial").exits(0).prints("").says_only(&skipped);
    run_on_all(&corpus, "-q").exits(0).prints("").says_only("");
    let judged = run_on_all(&corpus, "--no-skip -o json").exits(1);
    assert_eq!(judged.json()["files"].as_array().unwrap().len(), count);
    run_on_all(&corpus, "--no-skip").exits(1);
}

#[test]
fn other_charts_are_skipped_even_broken() {
    let folder = Folder::with("values.yaml", "a: [\n");
    folder.write("cluster.yaml", "cluster: [\n\t- b\n");
    folder.write("binary.yaml", [0xff, 0xfe, 0, 0xd8]);
    folder.write("empty.yaml", "");
    let ran = folder.run("check values.yaml cluster.yaml binary.yaml empty.yaml --strict").exits(0).prints("");
    ran.says_only("0 files checked, 4 skipped (no key of this chart; --no-skip checks them)\n");
    let one = folder.run("check values.yaml").exits(0).prints("");
    one.says_only("0 files checked, 1 skipped (no key of this chart; --no-skip checks it)\n");
    folder.run("check --no-skip --partial values.yaml").exits(1).says("1 file checked: 1 error");
    let json = folder.run("check values.yaml cluster.yaml -o json").exits(0).json();
    assert_eq!(json["summary"]["skipped"], 2);
}

#[test]
fn findings_stand_in_the_order_of_the_files_and_files_given_twice_are_judged_once() {
    let folder = Folder::new();
    let names: Vec<String> = (0..40).map(|number| format!("v{:02}.yaml", (number * 7) % 40)).collect();
    for name in &names {
        folder.write(name, values("klas"));
    }
    let line = names.join(" ");
    let json = folder.run(&format!("check --partial -o json {line} ./{line} v03.yaml")).exits(1).json();
    let judged: Vec<_> = json["files"].as_array().unwrap().iter().map(|file| file["file"].as_str().unwrap()).collect();
    assert_eq!(judged, names);
}

#[test]
fn the_findings_are_the_answer_and_the_rest_is_said_beside_it() {
    let folder = Folder::with("values.yaml", values("klas"));
    let ran = folder.run("check --partial values.yaml").exits(1).says_only("1 file checked: 1 error\n");
    assert!(
        ran.stdout.starts_with("error[unknown-mode]: `klas` is not a cluster mode\n --> values.yaml:2:14\n"),
        "{ran}"
    );
    folder.run("check --partial -q values.yaml").exits(1).says_only("").prints(&ran.stdout);
    folder.run("check --partial --exit-zero values.yaml").exits(0).prints(&ran.stdout);
    folder.run_on("check --partial -", values("klas")).exits(1).says("1 file checked: 1 error");
    for form in ["json", "sarif", "github", "gitlab", "junit"] {
        folder.run(&format!("check --partial -o {form} values.yaml")).exits(1).says_only("");
    }
}

#[test]
fn what_cannot_be_read_is_told_and_the_others_are_judged() {
    let folder = Folder::with("values.yaml", values("klas"));
    fs::create_dir(folder.path("folder")).unwrap();
    let ran = folder.run("check --partial absent.yaml values.yaml folder").exits(2);
    let ran = ran.says("error: cannot read absent.yaml: No such file");
    assert!(ran.stdout.contains("error[unknown-mode]"), "{ran}");
    let json = folder.run("check --partial --exit-zero -o json absent.yaml values.yaml").exits(2);
    assert_eq!(json.json()["summary"]["errors"], 1, "{json}");
    folder.run("check").exits(2).says("<PATH>");
    folder.run("check values.yaml --version 5.1").exits(2).says("error: ");
}

#[test]
fn a_rule_is_silenced_and_a_rule_that_is_none_is_refused() {
    let folder = Folder::with("values.yaml", values("CLAS"));
    folder.run("check --partial values.yaml").exits(0).says("1 warning");
    folder.run("check --partial --strict values.yaml").exits(1).says("1 error");
    folder.run("check --partial --strict --allow mode-spelling values.yaml").exits(0).prints("").says("nothing found");
    folder.run("check --allow mode-speling values.yaml").exits(2).prints("").says("did you mean `mode-spelling`?");
    let unused = folder.run("check --partial --allow blank-mode --allow mode-spelling values.yaml").exits(0);
    assert!(unused.stdout.starts_with("info[unused-allow]: `blank-mode` does not occur in this run\n"), "{unused}");
    folder.write("other.yaml", "a: 1\n");
    folder.run("check -q --allow blank-mode other.yaml").exits(0).prints("").says_only("");
}

#[test]
fn one_cluster_migrates_at_a_time() {
    let of = |cluster: &str, mode| values(mode).replace("cc4997c1", &format!("cc4997{cluster}"));
    let folder = Folder::with("a.yaml", of("0a", "migrateLegacyToClas"));
    folder.write("b.yaml", of("0b", "migrateClasToLegacy"));
    let ran = folder.run("check --partial a.yaml b.yaml").exits(0).says("1 warning");
    assert!(ran.stdout.contains("warning[several-clusters-migrating]: 2 clusters"), "{ran}");
    folder.run("check --partial --max-migrating 2 --strict a.yaml b.yaml").exits(0);
    folder.run("check --partial --strict a.yaml b.yaml").exits(1);
    folder.run("check --partial --strict --allow several-clusters-migrating a.yaml b.yaml").exits(0);
    for cluster in ["0c", "0d", "0e"] {
        folder.write(&format!("{}.yaml", &cluster[1..]), of(cluster, "migrateLegacyToClas"));
    }
    let ran = folder.run("check --partial a.yaml b.yaml c.yaml d.yaml");
    assert!(ran.stdout.contains("4 clusters are between two modes: a.yaml, b.yaml, c.yaml, d.yaml\n"), "{ran}");
    let ran = folder.run("check --partial a.yaml b.yaml c.yaml d.yaml e.yaml");
    assert!(ran.stdout.contains("5 clusters are between two modes: a.yaml, b.yaml, c.yaml and 2 more\n"), "{ran}");
}

#[test]
fn what_is_certain_is_shown_and_mended() {
    let text = format!("# kept\r\n{}", values("CLAS"));
    let folder = Folder::with("values.yaml", &text);
    let diff = folder.run("check --partial --diff values.yaml").exits(0).says("warning[mode-spelling]");
    assert!(diff.stdout.ends_with("-clusterMode: CLAS\n+clusterMode: clas\n"), "{diff}");
    assert_eq!(folder.read("values.yaml"), text.as_bytes());
    folder.sh("git init -q . && helm-clas check --partial -q --diff values.yaml | git apply").exits(0);
    assert_eq!(folder.read("values.yaml"), text.replace("CLAS", "clas").as_bytes());

    folder.write("values.yaml", &text);
    let mended = folder.run("check --partial --fix values.yaml").exits(0).prints("");
    mended.says_only("values.yaml: 1 repaired\n1 file checked: nothing found\n");
    assert_eq!(folder.read("values.yaml"), text.replace("CLAS", "clas").as_bytes());
    folder.run("check --partial --fix values.yaml").exits(0).says_only("1 file checked: nothing found\n");

    // with --diff, what is repaired is shown as well
    folder.write("values.yaml", &text);
    let shown = folder.run("check --partial --fix --diff values.yaml").exits(0).prints(&diff.stdout);
    shown.says_only("values.yaml: 1 repaired\n1 file checked: nothing found\n");
    assert_eq!(folder.read("values.yaml"), text.replace("CLAS", "clas").as_bytes());

    folder.run_on("check --partial --fix -", &text).exits(2).says("standard input cannot be changed by --fix");
    folder.run_on("check --partial --diff -", &text).exits(0).prints(&diff.stdout.replace("values.yaml", "stdin"));
    let failure = folder.run("check --diff -o json values.yaml").exits(2).json();
    assert_eq!(failure["message"], "--diff shows a diff, and -o another format");
}

#[test]
fn what_a_manifest_holds_is_mended_where_it_stands() {
    let app = |values: &str| {
        format!(
            "# two documents\n---\na: 1\n---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: a\n\
             spec:\n  source:\n    chart: illumio\n    targetRevision: 5.7.0\n    helm:\n      {values}"
        )
    };
    let folder = Folder::new();
    for (values, mended) in [
        (
            "values: |\n        clustermode: LEGACY # x\n        verbosity: '0'\n",
            "values: |\n        clusterMode: legacy # x\n        verbosity: 0\n",
        ),
        ("valuesObject: {clusterMode: CLAS, useTLS: 'true'}\n", "valuesObject: {clusterMode: clas, useTLS: true}\n"),
        ("parameters: [{name: clusterMode, value: CLAS}]\n", "parameters: [{name: clusterMode, value: clas}]\n"),
    ] {
        folder.write("app.yaml", app(values));
        folder.run("check --fix --strict app.yaml").exits(0).says("1 file checked: nothing found");
        assert_eq!(String::from_utf8(folder.read("app.yaml")).unwrap(), app(mended));
    }
    let text = app("values: |\n        pce_url: https://a\n        kubelink: {clusterMode: clas}\n");
    folder.write("app.yaml", &text);
    let ran = folder.run("check app.yaml").exits(1).says("2 errors");
    assert!(
        ran.stdout.contains("error[bad-pce-url]: `pce_url` is not HOST:PORT: it has a scheme\n  --> app.yaml:15:18"),
        "{ran}"
    );
    assert!(
        ran.stdout.contains(
            "error[misplaced-mode]: the chart does not read `clusterMode` under `kubelink`\n  --> app.yaml:16:20"
        ),
        "{ran}"
    );
}

#[test]
fn the_values_of_an_umbrella_chart_are_judged_beside_its_chart() {
    let chart = |version: &str| {
        format!("# ours\nname: security\ndependencies:\n- name: illumio\n  alias: sec\n  version: {version}\n")
    };
    let folder = Folder::with("Chart.yaml", chart("5.x"));
    let values = "sec:\n  clusterMode: legacy\n  networkType: overlap\n";
    for name in ["east.yaml", "west.yaml"] {
        folder.write(name, values);
    }
    let ran = folder.run("check --partial east.yaml west.yaml").exits(1).says("2 files checked: 3 errors");
    assert_eq!(ran.stdout.matches("error[version-not-exact]").count(), 1, "{ran}");
    assert!(ran.stdout.contains("--> Chart.yaml:6:12\n  |\n6 |   version: 5.x\n  |            ^^^\n"), "{ran}");
    assert_eq!(ran.stdout.matches("error[value-not-allowed]").count(), 2, "{ran}");
    let json = folder.run("check --partial east.yaml -o json").json();
    let finding = &json["files"][0]["findings"][1];
    assert_eq!((&finding["file"], &finding["line"]), (&"Chart.yaml".into(), &6.into()), "{json:#}");
    let sarif = folder.run("check --partial east.yaml -o sarif").json();
    let place = &sarif["runs"][0]["results"][1]["locations"][0]["physicalLocation"];
    assert_eq!((&place["artifactLocation"]["uri"], &place["region"]["startLine"]), (&"Chart.yaml".into(), &6.into()));

    folder.write("Chart.yaml", chart("5.x # helm-clas: allow version-not-exact"));
    folder.run("check --partial east.yaml").exits(1).says("1 file checked: 1 error\n");
    folder.write("Chart.yaml", chart("4.3.0"));
    let ran = folder.run("check --partial --pce-version 24.2.20 east.yaml").exits(1);
    assert!(!ran.stdout.contains("chart-too-old"), "{ran}");
    folder.write("east.yaml", "sec: {clusterMode: clas, waitForPolicy: {enabled: true}}\n");
    let ran = folder.run("check --partial --pce-version 24.2.20 east.yaml").exits(1);
    assert!(ran.stdout.contains("--> Chart.yaml:6:12\n"), "{ran}");
    assert!(ran.stdout.contains("`waitForPolicy` needs chart 5.2.0, and the chart is 4.3.0"), "{ran}");
    let ran = folder.run("check east.yaml").exits(1);
    assert!(
        ran.stdout.contains("error[missing-value]: `pce_url`, ") && ran.stdout.contains("--> east.yaml:1:1\n"),
        "{ran}"
    );
}

#[test]
fn the_numbers_of_a_check_count_remarks_and_one_cluster_is_one() {
    let folder = Folder::with("a.yaml", "clusterMode: migrateLegacyToClas\n");
    let json = folder.run("check --partial a.yaml -o json").exits(0).json();
    assert_eq!((&json["summary"]["infos"], &json["summary"]["warnings"]), (&1.into(), &0.into()), "{json:#}");
    let ran = folder.run("check --partial --max-migrating 0 a.yaml").exits(0);
    assert!(ran.stdout.contains("1 cluster is between two modes: a.yaml\n"), "{ran}");
}

#[test]
fn what_is_mended_once_is_mended_for_good() {
    let lines = [
        ["clustermode: LEGACY", "clusterMode: LEGACY", "clusterMode: 'Clas'", "# nothing"],
        ["pce_url: https://pce.example.com:8443/", "pce_url: 'http://a:b/'", "\"pce_url\": https://[::1]:1", "x: 1"],
        ["ignoreCert: \"false\"", "ignoreCert: 'true' # x", "{}", "ignore_cert: 'TRUE'"],
        ["verbosity: \"7\"", "verbosity: '0'", "useTLS: \"yes\"", "registry: 1.10"],
        [
            "cluster_id: /orgs/7/container_clusters/5a1e0000-0000-4000-8000-0000000000c1",
            "cluster_id: a/",
            "y: 2",
            "z: 3",
        ],
        ["imagePullSecrets: [{name: 7}]", "commonLabels: {a: on, b: 1}", "waitForPolicy: {enabled: 'true'}", "a: 1"],
    ];
    let folder = Folder::new();
    let mut names = Vec::new();
    for number in 0..4_usize.pow(4) {
        // every pair of lines of neighbours, and the others on the way
        let chosen = |at: usize, choices: &[&'static str; 4]| choices[(number >> (2 * (at % 4))) % 4];
        let text: Vec<&str> =
            lines.iter().enumerate().map(|(at, it)| chosen(at, it)).filter(|it| *it != "{}").collect();
        let name = format!("{number}.yaml");
        folder.write(&name, text.join("\n") + "\n");
        names.push(name);
    }
    let mend = || {
        let mut command = folder.command(["check", "--partial", "--no-skip", "--fix", "-o", "json"]);
        command.args(&names);
        Ran::of(command, "--fix").json()
    };
    let mut judged = mend();
    // the second run finds what remains, and repairs none of it
    for file in judged["files"].as_array_mut().unwrap() {
        file.as_object_mut().unwrap().remove("repaired");
    }
    let read = || names.iter().map(|name| folder.read(name)).collect::<Vec<_>>();
    let mended = read();
    assert_eq!(mend(), judged);
    assert!(mended == read(), "a second run mends more");
    folder.run("check --partial --no-skip --diff 0.yaml").prints("");
}

#[test]
#[cfg(unix)]
fn names_may_hold_any_bytes() {
    use std::os::unix::ffi::OsStrExt;

    let folder = Folder::new();
    let mut command = folder.command(["check", "--partial", "--allow", "duplicate-cluster-id"]);
    for name in [b"a b.yaml".as_slice(), "\u{e9}.yaml".as_bytes(), b"\xff.yaml", b"x\ny.yaml"] {
        let name = std::ffi::OsStr::from_bytes(name);
        fs::write(folder.path("").join(name), values("klas")).unwrap();
        command.arg(name);
    }
    let ran = Ran::of(command, "names").exits(1).says("4 files checked: 4 errors");
    assert!(ran.stdout.contains("--> \u{fffd}.yaml:2:14"), "{ran}");
}

// ---------------------------------------------------------------------------------------------- a manifest as a whole

/// A helmfile of one release, and what is needed in its values but the mode.
const HELMFILE: &str =
    "releases:\n- name: east\n  chart: q/illumio\n  version: 5.1.0\n  values: [v/base.yaml, v/east.yaml]\n";
const NEEDED: &str = "pce_url: pce.example.com:8443\ncluster_id: cc4997c1-408b-4f1d-a72b-91495c24c6a0\n\
    containerRuntime: containerd\ncontainerManager: kubernetes\n";

/// The folder with the helmfile and two files it names, one of which has the credentials.
fn fleet(base: &str, east: &str) -> Folder {
    let token = format!("cluster_token: 1_{}\ncluster_code: {}\n", "0a".repeat(32), "0a".repeat(32));
    let folder = Folder::with("helmfile.yaml", HELMFILE);
    fs::create_dir(folder.path("v")).unwrap();
    folder.write("v/base.yaml", format!("{NEEDED}{base}"));
    folder.write("v/east.yaml", format!("{token}{east}"));
    folder
}

/// `FILE RULE SEVERITY LINE` of each finding.
fn found(ran: &Ran) -> Vec<String> {
    let json = ran.json();
    let files = json["files"].as_array().unwrap().iter();
    let all = files.flat_map(|file| file["findings"].as_array().unwrap());
    let word = |finding: &serde_json::Value, name: &str| finding[name].as_str().unwrap().to_owned();
    all.map(|finding| {
        let words = ["file", "rule", "severity"].map(|name| word(finding, name)).join(" ");
        format!("{words} {}", finding["line"])
    })
    .collect()
}

#[track_caller]
fn check_fleet(folder: &Folder, files: &str, expected: &[&str]) {
    assert_eq!(found(&folder.run(&format!("check -o json {files}"))), expected, "{files}");
}

#[test]
fn a_manifest_is_judged_together_with_the_files_it_takes_values_from() {
    let folder = fleet("networkType: flat\n", "clusterMode: CLAS\n");
    let at_east = "v/east.yaml mode-spelling warning 3";
    let flat = "helmfile.yaml flat-network-in-clas error null";
    let all = ["--pce-version 24.2.20 helmfile.yaml", "--pce-version 24.2.20 v/east.yaml helmfile.yaml v/base.yaml"];
    check_fleet(&folder, all[0], &[flat, at_east]);
    check_fleet(&folder, all[1], &[at_east, flat]);
    // alone neither is whole
    let alone = found(&folder.run("check -o json v/base.yaml"));
    assert_eq!(alone, ["v/base.yaml missing-value error null"]);
    // a required value may be in any of them, and is missing where it is empty
    folder.write("v/base.yaml", "pce_url: ''\n");
    let expected = [
        "helmfile.yaml missing-value error 5",
        "helmfile.yaml missing-value warning 5",
        "v/base.yaml missing-value error 1",
        at_east,
    ];
    check_fleet(&folder, "helmfile.yaml v/base.yaml v/east.yaml", &expected);
    check_fleet(&folder, "--partial helmfile.yaml", &[at_east]);
    // where one is an encrypted file, this is not known
    folder.write("helmfile.yaml", format!("{HELMFILE}  secrets: [v/secrets.yaml]\n"));
    check_fleet(&folder, "helmfile.yaml", &["helmfile.yaml mode-elsewhere info 6", at_east]);
}

#[test]
fn what_a_file_says_weighs_what_it_weighs_in_the_whole() {
    let folder = fleet("clusterMode: klas\n", "clusterMode: clas\n");
    check_fleet(&folder, "v/base.yaml", &["v/base.yaml missing-value error null", "v/base.yaml unknown-mode error 5"]);
    check_fleet(&folder, "helmfile.yaml v/base.yaml", &["v/base.yaml unknown-mode warning 5"]);
    // a comment allows it there
    folder.write("v/base.yaml", format!("{NEEDED}clusterMode: klas # helm-clas: allow unknown-mode\n"));
    check_fleet(&folder, "helmfile.yaml v/base.yaml", &[]);
    // a cluster on its way is one, however many files it has
    let folder = fleet("", "clusterMode: migrateLegacyToClas\n");
    check_fleet(&folder, "helmfile.yaml v/east.yaml v/base.yaml", &["v/east.yaml left-in-migration info 3"]);
    folder.run("check helmfile.yaml v/east.yaml").exits(0).says_only("2 files checked: 1 info\n");
}

#[test]
fn what_is_staged_is_judged_with_what_is_staged_beside_it() {
    let folder = fleet("", "clusterMode: klas\n");
    folder.sh("git init -q && git add .").exits(0);
    folder.write("v/east.yaml", "clusterMode: clas\n");
    check_fleet(&folder, "--staged helmfile.yaml", &["v/east.yaml unknown-mode error 3"]);
    check_fleet(&folder, "--partial helmfile.yaml", &[]);
    // and is repaired in its place
    folder.write("v/east.yaml", "clusterMode: CLAS\n");
    folder.run("check --partial --fix helmfile.yaml").exits(0).says("1 file checked: 1 warning\n");
    folder.run("check --partial --fix helmfile.yaml v/east.yaml").exits(0);
    assert_eq!(fs::read_to_string(folder.path("v/east.yaml")).unwrap(), "clusterMode: clas\n");
}
