//! Umbrella charts, compared with the real Helms: the modes that `status` shows are those that Helm passes to Illumio's
//! chart wherever it comes into the umbrella, and a step changes that one alone.

use std::{collections::BTreeMap, fs};

use helm_clas::yaml::Document;

use crate::support::{
    helm::{Helm, helms},
    program::{FIT, Folder},
};

/// A replacement for Illumio's chart: it prints the mode that it gets, and sets `legacy` by itself, as the vendor's
/// does.
const ILLUMIO: [(&str, &str); 2] = [
    ("values.yaml", "clusterMode: legacy\nverbosity: 0\n"),
    ("templates/probe.yaml", "mode: {{ .Values.clusterMode | toJson }}\n"),
];

/// A folder with some files, by their paths.
fn folder_of(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    for (name, text) in files {
        folder.write(name, text);
    }
    folder
}

/// Puts Illumio's chart into a folder.
fn put_illumio(folder: &Folder, into: &str, version: &str) {
    let chart = format!("apiVersion: v2\nname: illumio\nversion: {version}\n");
    for (name, text) in ILLUMIO.into_iter().chain([("Chart.yaml", chart.as_str())]) {
        let name = format!("{into}/{name}");
        folder.write(&name, text);
    }
}

/// What a Helm passes to Illumio's chart for its mode, by the keys that lead to it; `nothing` where it is null.
fn rendered(helm: &Helm, folder: &Folder, chart: &str, given: &[&str]) -> BTreeMap<String, String> {
    let mut command = helm.command(&folder.path(""));
    command.current_dir(folder.path("")).args(["template", "probe", chart]);
    command.args(given.iter().flat_map(|file| ["-f", file]));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}: {}", helm.version, String::from_utf8_lossy(&output.stderr));
    let mut modes = BTreeMap::new();
    let mut keys = String::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        if let Some(source) = line.strip_prefix("# Source: ") {
            let way: Vec<&str> = source.split("/charts/").skip(1).collect();
            keys = way.iter().map(|part| part.split('/').next().unwrap()).collect::<Vec<_>>().join(".");
        } else if let Some(mode) = line.strip_prefix("mode: ") {
            modes.insert(keys.clone(), mode.trim_matches('"').replace("null", "nothing"));
        }
    }
    modes
}

/// The modes that `status` shows for the clusters whose values files these are; `unknown` where it does not know one.
fn told(folder: &Folder, given: &[&str]) -> Vec<String> {
    let files: String = given.iter().map(|file| format!(" -f {file}")).collect();
    let answer = folder.run(&format!("status{files} -o json")).exits(0).json();
    let rows = answer["files"].as_array().unwrap().iter().filter(|row| row["overridden"] == false);
    let mut modes: Vec<String> = rows.map(|row| row["mode"].as_str().unwrap_or("unknown").to_owned()).collect();
    modes.sort();
    modes
}

/// An umbrella chart in the folder `platform`, and what Illumio's chart gets in it.
struct Case<'c> {
    /// Its files, by their paths in its folder.
    files: &'c [(&'c str, &'c str)],
    /// The files that Helm is given, by their paths in its folder; its own where there are none.
    given: &'c [&'c str],
    /// The mode, by the keys that lead to it.
    modes: &'c [(&'c str, &'c str)],
    /// The folders that Illumio's chart is put into for Helm.
    charts: &'c [&'c str],
}

const ONE: &[&str] = &["platform/charts/illumio"];

#[track_caller]
fn check(case: &Case<'_>) {
    let files: Vec<(String, &str)> =
        case.files.iter().map(|(name, text)| (format!("platform/{name}"), *text)).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let given: Vec<String> = case.given.iter().map(|file| format!("platform/{file}")).collect();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let expected: BTreeMap<String, String> =
        case.modes.iter().map(|(keys, mode)| ((*keys).to_owned(), (*mode).to_owned())).collect();
    let folder = folder_of(&files);
    let asked = if given.is_empty() { vec!["platform/values.yaml"] } else { given.clone() };
    let mut modes: Vec<String> = expected.values().cloned().collect();
    modes.sort();
    // where nothing is installed there is no mode to know
    let modes = if modes.is_empty() { vec!["unknown".to_owned()] } else { modes };
    assert_eq!(told(&folder, &asked), modes, "{:?}", case.files);
    case.charts.iter().for_each(|chart| put_illumio(&folder, chart, "5.1.0"));
    for helm in helms() {
        assert_eq!(rendered(helm, &folder, "platform", &given), expected, "{}: {:?}", helm.version, case.files);
    }
}

const CHART: &str =
    "apiVersion: v2\nname: platform\nversion: 0.1.0\ndependencies:\n- {name: illumio, version: 5.1.0}\n";
const OWN: (&str, &str) = ("values.yaml", "illumio:\n  pce_url: pce.example.com:8443\n  clusterMode: clas\n");

#[test]
fn the_charts_own_values_count_where_no_file_says_the_mode() {
    let one = |file: (&'static str, &'static str), mode: &'static str| {
        let files = [("Chart.yaml", CHART), OWN, file];
        check(&Case { files: &files, given: &[file.0], modes: &[("illumio", mode)], charts: ONE });
    };
    one(("values-east.yaml", "illumio:\n  networkType: overlay\n"), "clas");
    one(("values-east.yaml", "illumio: {clusterMode: legacy}\n"), "legacy");
    one(("east.yaml", "web: {replicas: 3}\n"), "clas");
    one(("east.yaml", "# nothing yet\nillumio: {}\n"), "clas");
    one(("env/prod.yaml", "illumio: {networkType: overlay}\n"), "clas");
    one(("env/deep/prod.yaml", "illumio: {clusterMode: migrateClasToLegacy}\n"), "migrateClasToLegacy");
    let files = [("Chart.yaml", CHART), OWN, ("a.yaml", "illumio: {networkType: overlay}\n"), ("b.yaml", "web: {}\n")];
    check(&Case { files: &files, given: &["a.yaml", "b.yaml"], modes: &[("illumio", "clas")], charts: ONE });
    check(&Case { files: &files, given: &[], modes: &[("illumio", "clas")], charts: ONE });
}

#[test]
fn the_list_of_an_old_chart_counts() {
    let chart = "apiVersion: v1\nname: platform\nversion: 0.1.0\n";
    let list = "dependencies:\n- {name: illumio, alias: segmentation, version: 5.1.0}\n";
    let own = "segmentation:\n  pce_url: pce.example.com:8443\n  clusterMode: clas\n";
    for chart in [chart.to_owned(), chart.replace("v1", "v2")] {
        let files = [("Chart.yaml", chart.as_str()), ("requirements.yaml", list), ("values.yaml", own)];
        check(&Case { files: &files, given: &[], modes: &[("segmentation", "clas")], charts: ONE });
    }
}

#[test]
fn a_chart_that_comes_twice_is_two_releases() {
    let chart = "apiVersion: v2\nname: platform\nversion: 0.1.0\ndependencies:\n- {name: illumio, alias: east, version: \
                 5.1.0}\n- {name: illumio, alias: west, version: 5.1.0}\n";
    let own = "east: {pce_url: 'pce.example.com:8443', clusterMode: clas}\nwest: {clusterMode: legacy}\n";
    let files =
        [("Chart.yaml", chart), ("values.yaml", own), ("more.yaml", "west: {clusterMode: migrateLegacyToClas}\n")];
    let two = [("east", "clas"), ("west", "legacy")];
    check(&Case { files: &files, given: &[], modes: &two, charts: ONE });
    let moved = [("east", "clas"), ("west", "migrateLegacyToClas")];
    check(&Case { files: &files, given: &["more.yaml"], modes: &moved, charts: ONE });

    let folder = folder_of(&files[..2]);
    let which = "name one with --path: east, west";
    folder.run(&format!("migrate -f values.yaml {FIT}")).exits(1).says("error[several-places]").says(which);
    let changed = folder.run(&format!("migrate -f values.yaml --path west {FIT} -o yaml")).exits(0).stdout;
    assert_eq!(changed, own.replace("west: {clusterMode: legacy}", "west: {clusterMode: migrateLegacyToClas}"));
}

/// The chart `app` in the folder `charts` of the platform brings Illumio's.
const APP: (&str, &str) = (
    "charts/app/Chart.yaml",
    "apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n- {name: illumio, version: 5.1.0}\n",
);

#[test]
fn a_dependency_of_a_dependency_has_the_values_of_all_charts_on_the_way() {
    let chart = "apiVersion: v2\nname: platform\nversion: 0.1.0\ndependencies:\n- {name: app, version: 0.1.0}\n";
    let inner = ("charts/app/values.yaml", "illumio: {pce_url: 'pce.example.com:8443', clusterMode: clas}\n");
    let charts = &["platform/charts/app/charts/illumio"];
    let one = |own: &'static str, mode: &'static str| {
        let files = [("Chart.yaml", chart), APP, inner, ("values.yaml", own)];
        check(&Case { files: &files, given: &[], modes: &[("app.illumio", mode)], charts });
    };
    one("app:\n  illumio:\n    clusterMode: migrateClasToLegacy\n", "migrateClasToLegacy");
    one("app:\n  illumio:\n    networkType: overlay\n", "clas");
    one("web: {}\n", "clas");
    let alias = chart.replace("name: app,", "name: app, alias: first,");
    let files =
        [("Chart.yaml", alias.as_str()), APP, inner, ("values.yaml", "first: {illumio: {clusterMode: legacy}}\n")];
    check(&Case { files: &files, given: &[], modes: &[("first.illumio", "legacy")], charts });
}

/// An edit of the chart's own values moves each file that does not set the mode itself.
#[test]
fn a_step_in_the_charts_own_values_moves_all_that_say_nothing() {
    let files = [
        ("platform/Chart.yaml", CHART),
        ("platform/values.yaml", OWN.1),
        ("platform/values-east.yaml", "illumio: {networkType: overlay}\n"),
        ("platform/env/west.yaml", "illumio: {networkType: flat}\n"),
        ("platform/env/north.yaml", "illumio: {clusterMode: clas}\n"),
        ("platform/ci/test-values.yaml", "web: {}\n"),
    ];
    let folder = folder_of(&files);
    let several = "3 clusters: platform/env/west.yaml, platform/values-east.yaml, platform/values.yaml";
    for file in ["platform/values.yaml", "platform/values-east.yaml", "platform/env/west.yaml"] {
        for command in ["revert", "runbook --revert"] {
            let ran = folder.run(&format!("{command} -f {file} {FIT}")).exits(1);
            ran.says("error[several-clusters-at-once]").says("platform/values.yaml:3:16").says(several);
        }
    }
    folder
        .run(&format!("revert -f platform/values-east.yaml {FIT}"))
        .exits(1)
        .says("write `clusterMode: clas` under `illumio`");
    folder.run(&format!("revert -f platform/env/north.yaml {FIT} --write")).exits(0);
    let changed = Document::read("illumio: {clusterMode: migrateClasToLegacy}\n").unwrap().values();
    let north = String::from_utf8(folder.read("platform/env/north.yaml")).unwrap();
    assert_eq!(Document::read(&north).unwrap().values(), changed);
    assert_eq!(folder.read("platform/values.yaml"), OWN.1.as_bytes());

    // the mode that a file is given by the chart can be written into it, and then it goes alone
    folder.write("platform/values-east.yaml", "illumio: {networkType: overlay, clusterMode: clas}\n");
    let changed = folder.run(&format!("revert -f platform/values-east.yaml {FIT} -o yaml")).exits(0).stdout;
    assert_eq!(changed, "illumio: {networkType: overlay, clusterMode: migrateClasToLegacy}\n");
}

/// Where no file sets the mode, it would be written into the one that is given; written into the chart's own, it would
/// move all.
#[test]
fn a_first_step_goes_into_the_file_that_is_given() {
    let own = ("platform/values.yaml", "illumio:\n  pce_url: pce.example.com:8443\n");
    let folder = folder_of(&[
        ("platform/Chart.yaml", CHART),
        own,
        ("platform/values-east.yaml", "illumio: {networkType: overlay}\n"),
    ]);
    let changed = folder.run(&format!("migrate -f platform/values-east.yaml {FIT} -o yaml")).exits(0).stdout;
    let values = Document::read(&changed).unwrap().values();
    assert_eq!(values["illumio"]["clusterMode"], "migrateLegacyToClas", "{changed}");
    folder.run(&format!("migrate -f platform/values.yaml {FIT}")).exits(1).says("2 clusters: ");
}

/// The change judge follows the chart's own values, too.
#[test]
fn a_change_of_the_charts_own_values_is_a_change_of_each_file() {
    let folder = folder_of(&[
        ("platform/Chart.yaml", CHART),
        ("platform/values.yaml", &OWN.1.replace("clas", "legacy")),
        ("platform/values-east.yaml", "illumio: {networkType: overlay}\n"),
    ]);
    let git = "git -c user.name=a -c user.email=a@example.com";
    folder.sh(&format!("{git} init -q . && {git} add . && {git} commit -qm one")).exits(0);
    folder.write("platform/values.yaml", OWN.1);
    let ran = folder.run("check --partial --against HEAD platform/values-east.yaml").exits(1);
    assert!(
        ran.stdout.contains("error[skipped-migration]") && ran.stdout.contains("platform/values.yaml:3:16"),
        "{}",
        ran.stdout
    );
}

/// What is in a chart's templates, beside other charts' or at the root is not read through the umbrella.
#[test]
fn files_that_are_not_the_umbrellas_stay_what_they_are() {
    let folder = folder_of(&[
        ("platform/Chart.yaml", CHART),
        ("platform/values.yaml", OWN.1),
        ("platform/direct/east.yaml", "pce_url: pce.example.com:8443\nclusterMode: legacy\n"),
        ("platform/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n"),
        ("platform/web/values-x.yaml", "illumio: {clusterMode: legacy}\n"),
        ("platform/notes.yaml", "a: 1\n"),
    ]);
    let answer = folder.run("status -o json").exits(0).json();
    let row =
        |row: &serde_json::Value| format!("{} {}", row["file"].as_str().unwrap(), row["mode"].as_str().unwrap_or("-"));
    let rows: Vec<String> = answer["files"].as_array().unwrap().iter().map(row).collect();
    // the chart `web` does not bring Illumio's
    assert_eq!(rows, ["platform/direct/east.yaml legacy", "platform/values.yaml clas", "platform/web/values-x.yaml -"]);
}

/// A condition, or a tag, leaves the chart out: then no mode is shown, and no step can be made.
#[test]
fn what_is_turned_off_has_no_mode() {
    let chart = |more: &str| CHART.replace("version: 5.1.0}", &format!("version: 5.1.0, {more}}}"));
    let one = |more: &str, own: &str, modes: &[(&str, &str)]| {
        let (chart, own) = (chart(more), format!("illumio: {{clusterMode: clas}}\n{own}"));
        let files = [("Chart.yaml", chart.as_str()), ("values.yaml", own.as_str()), ("east.yaml", "illumio: {}\n")];
        check(&Case { files: &files, given: &["east.yaml"], modes, charts: ONE });
    };
    let on: &[(&str, &str)] = &[("illumio", "clas")];
    one("condition: agent.enabled", "agent: {enabled: false}\n", &[]);
    one("condition: agent.enabled", "agent: {enabled: true}\n", on);
    one("condition: agent.enabled", "", on);
    one("condition: agent.enabled", "agent: {enabled: 'false'}\n", on);
    one("condition: 'first.live,agent.enabled'", "first: {live: true}\nagent: {enabled: false}\n", on);
    one("condition: 'first.live,agent.enabled'", "agent: {enabled: false}\n", &[]);
    one("tags: [security]", "tags: {security: false}\n", &[]);
    one("tags: [security, agent]", "tags: {security: false, agent: true}\n", on);
    one("tags: [security]", "tags: {other: false}\n", on);
    one("tags: [security], condition: agent.enabled", "tags: {security: false}\nagent: {enabled: true}\n", on);
    one("tags: [security], condition: agent.enabled", "tags: {security: true}\nagent: {enabled: false}\n", &[]);

    let (chart, own) = (chart("condition: illumio.enabled"), "illumio:\n  enabled: false\n  clusterMode: clas\n");
    let folder = folder_of(&[("Chart.yaml", &chart), ("values.yaml", own), ("on.yaml", "illumio: {enabled: true}\n")]);
    let said = "error[not-installed]: the umbrella chart does not install `illumio`: `illumio.enabled` is false";
    folder.run(&format!("revert -f values.yaml {FIT}")).exits(1).says(said).says("values.yaml:2:12");
    assert_eq!(told(&folder, &["on.yaml"]), ["clas"]);
    folder.run("check --partial values.yaml").exits(0);
}

/// The second switch is one of a chart on the way, in the values of the top.
#[test]
fn a_chart_on_the_way_may_be_turned_off() {
    let chart = "apiVersion: v2\nname: platform\nversion: 0.1.0\ndependencies:\n- {name: app, version: 0.1.0, condition: \
                 app.enabled}\n";
    let app = APP.1.replace("5.1.0}", "5.1.0, condition: illumio.enabled}");
    let inner = ("charts/app/values.yaml", "illumio: {clusterMode: clas}\n");
    let charts = &["platform/charts/app/charts/illumio"];
    let one = |own: &str, modes: &[(&str, &str)]| {
        let files = [("Chart.yaml", chart), (APP.0, app.as_str()), inner, ("values.yaml", own)];
        check(&Case { files: &files, given: &[], modes, charts });
    };
    one("app: {enabled: true}\n", &[("app.illumio", "clas")]);
    one("app: {enabled: false}\n", &[]);
    one("app: {illumio: {enabled: false}}\n", &[]);
    one("illumio: {enabled: false}\n", &[("app.illumio", "clas")]);
}

/// What is imported from another dependency overrides what the chart says by itself, and no file that is given.
#[test]
fn what_is_imported_may_be_the_mode() {
    let imports = |import: &str| format!("{CHART}- {{name: modes, version: 0.1.0, import-values: [{import}]}}\n");
    let modes = [
        ("charts/modes/Chart.yaml", "apiVersion: v2\nname: modes\nversion: 0.1.0\n"),
        (
            "charts/modes/values.yaml",
            "data: {clusterMode: legacy, other: 1}\nexports: {all: {illumio: {clusterMode: legacy}}}\n",
        ),
    ];
    for (import, is_known) in [
        ("{child: data, parent: illumio}", false),
        ("all", false),
        ("{child: data, parent: web}", true),
        ("{child: none, parent: illumio}", true),
    ] {
        let chart = imports(import);
        let given = ("east.yaml", "illumio: {clusterMode: migrateClasToLegacy}\n");
        let files = [("Chart.yaml", chart.as_str()), OWN, given, ("silent.yaml", "a: 1\n"), modes[0], modes[1]];
        check(&Case {
            files: &files,
            given: &["east.yaml"],
            modes: &[("illumio", "migrateClasToLegacy")],
            charts: ONE,
        });
        if is_known {
            check(&Case { files: &files, given: &["silent.yaml"], modes: &[("illumio", "clas")], charts: ONE });
        } else {
            let folder = folder_of(&files);
            assert_eq!(told(&folder, &["silent.yaml"]), ["unknown"], "{import}");
        }
    }
}

/// The version of what was fetched is the one that is installed, and a lock file makes one of a range.
#[test]
fn the_version_is_that_of_what_was_fetched() {
    let version = |folder: &Folder| {
        let answer = folder.run("status -f values.yaml -o json").exits(0).json();
        answer["files"][0]["version"].as_str().unwrap_or("none").to_owned()
    };
    let ranged = CHART.replace("version: 5.1.0", "version: ~5.1.0");
    let folder = folder_of(&[("Chart.yaml", &ranged), OWN]);
    assert_eq!(version(&folder), "~5.1.0");
    folder.write("Chart.lock", "dependencies:\n- {name: web, version: 1.0.0}\n- {name: illumio, version: 5.1.3}\n");
    assert_eq!(version(&folder), "5.1.3");
    folder.write("Chart.lock", "dependencies:\n- {name: illumio, version: 5.2.0}\n");
    assert_eq!(version(&folder), "~5.1.0");
    put_illumio(&folder, "charts/illumio", "5.1.2");
    assert_eq!(version(&folder), "5.1.2");
    folder
        .run("upgrade -f values.yaml --version 5.2.0 --pce-version 24.2.20")
        .exits(1)
        .says("charts/illumio/Chart.yaml");

    // of another version than the one that is wanted, Helm installs it without its alias
    let alias = CHART.replace("name: illumio,", "name: illumio, alias: core,");
    let own = "core: {clusterMode: clas}\n";
    let folder = folder_of(&[("Chart.yaml", &alias), ("values.yaml", own)]);
    assert_eq!(told(&folder, &["values.yaml"]), ["clas"]);
    put_illumio(&folder, "charts/illumio", "5.0.3");
    assert_eq!(told(&folder, &["values.yaml"]), ["unknown"]);
    for helm in helms() {
        let gets = rendered(helm, &folder, ".", &["values.yaml"]);
        assert_eq!(gets, BTreeMap::from([("illumio".to_owned(), "legacy".to_owned())]), "{}", helm.version);
    }
}

/// A manifest that takes the folder of the chart takes what the chart says by itself.
#[test]
fn what_brings_the_folder_takes_the_charts_own_values() {
    let files = [
        ("platform/Chart.yaml", CHART),
        ("platform/values.yaml", OWN.1),
        ("platform/env/east.yaml", "illumio: {networkType: overlay}\n"),
        ("platform/env/west.yaml", "illumio: {clusterMode: legacy}\n"),
    ];
    let application = |files: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: core, namespace: argocd}}\nspec:\n  \
             source:\n    repoURL: https://git.example.com/org/fleet.git\n    path: platform\n    targetRevision: HEAD\n    \
             helm: {{valueFiles: [{files}]}}\n"
        )
    };
    let release =
        |file: &str| format!("releases:\n- name: core\n  chart: ./platform\n  values: [platform/env/{file}.yaml]\n");
    for (name, text, mode, line) in [
        ("app.yaml", application(""), "clas", "platform/values.yaml"),
        ("helmfile.yaml", release("east"), "clas", "platform/values.yaml"),
        ("helmfile.yaml", release("west"), "legacy", "platform/env/west.yaml"),
    ] {
        let folder = folder_of(&files);
        folder.write(name, &text);
        let answer = folder.run(&format!("status {name} -o json")).exits(0).json();
        let row = &answer["files"][0];
        assert_eq!((row["mode"].as_str(), row["decidedIn"].as_str()), (Some(mode), Some(line)), "{text}{answer}");
        assert_eq!(row["version"], "5.1.0", "{text}");
    }
    // two clusters of which one spot decides the mode
    let folder = folder_of(&files);
    folder.write("a.yaml", application(""));
    folder.write("b.yaml", application("").replace("name: core", "name: other"));
    let ran = folder.run("status").exits(0);
    assert!(ran.stdout.contains("error[several-clusters-at-once]"), "{ran}");
}

/// Packs files as `helm package` does: an archive of tar in gzip.
fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        archive.append(&header, text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

/// An archive in `charts/` is the chart that is installed, with the charts in it.
#[test]
fn an_archive_decides_as_a_folder_does() {
    let illumio = [
        ("illumio/Chart.yaml", "apiVersion: v2\nname: illumio\nversion: 5.1.4\n"),
        ("illumio/values.yaml", ILLUMIO[0].1),
        ("illumio/templates/probe.yaml", ILLUMIO[1].1),
    ];
    let ranged = CHART.replace("version: 5.1.0", "version: 5.1.x");
    let folder = folder_of(&[("Chart.yaml", &ranged), OWN]);
    fs::create_dir(folder.path("charts")).unwrap();
    folder.write("charts/illumio-5.1.4.tgz", packed(&illumio));
    let answer = folder.run("status -f values.yaml -o json").exits(0).json();
    assert_eq!(
        (answer["files"][0]["version"].as_str(), answer["files"][0]["mode"].as_str()),
        (Some("5.1.4"), Some("clas"))
    );
    for helm in helms() {
        assert_eq!(rendered(helm, &folder, ".", &[]).into_values().collect::<Vec<_>>(), ["clas"]);
    }

    // a chart on the way to Illumio's, which is in it as an archive, too
    let app =
        "apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n- {name: illumio, alias: core, version: 5.1.4}\n";
    let mut files = vec![("app/Chart.yaml", app), ("app/values.yaml", "core: {clusterMode: clas}\n")];
    let inner: Vec<(String, &str)> = illumio.iter().map(|(name, text)| (format!("app/charts/{name}"), *text)).collect();
    files.extend(inner.iter().map(|(name, text)| (name.as_str(), *text)));
    let chart = "apiVersion: v2\nname: platform\nversion: 0.1.0\ndependencies:\n- {name: app, version: 0.1.0}\n";
    let folder = folder_of(&[("Chart.yaml", chart), ("values.yaml", "web: {}\n")]);
    fs::create_dir(folder.path("charts")).unwrap();
    folder.write("charts/app-0.1.0.tgz", packed(&files));
    assert_eq!(told(&folder, &["values.yaml"]), ["clas"]);
    for helm in helms() {
        let gets = rendered(helm, &folder, ".", &[]);
        assert_eq!(gets, BTreeMap::from([("app.core".to_owned(), "clas".to_owned())]), "{}", helm.version);
    }
    let said = "the mode is set in the archive of a chart, which is not edited";
    folder
        .run(&format!("revert -f values.yaml {FIT}"))
        .exits(1)
        .says(said)
        .says("charts/app-0.1.0.tgz/app/values.yaml");
}

#[test]
fn a_hostile_archive_is_refused_with_words() {
    let bomb = "a".repeat(6 * 1024 * 1024);
    let link = {
        let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        archive.append_link(&mut header, "illumio/Chart.yaml", "/etc/passwd").unwrap();
        archive.into_inner().unwrap().finish().unwrap()
    };
    for (bytes, said) in [
        (packed(&[("../Chart.yaml", "name: illumio\n")]), "`../Chart.yaml` in it points outside"),
        (packed(&[("/etc/Chart.yaml", "name: illumio\n")]), "points outside"),
        (packed(&[("illumio/values.yaml", &bomb)]), "is larger than 5 MiB"),
        (link, "`illumio/Chart.yaml` in it is a link"),
        (b"no archive".to_vec(), "cannot read charts/illumio-5.1.0.tgz: "),
    ] {
        let folder = folder_of(&[("Chart.yaml", CHART), OWN]);
        fs::create_dir(folder.path("charts")).unwrap();
        folder.write("charts/illumio-5.1.0.tgz", bytes);
        folder.run(&format!("revert -f values.yaml {FIT}")).exits(2).says(said);
        folder.run("status").exits(2).says(said);
    }
}

/// What is in `charts` is installed without being listed, and the values of a chart there are not passed to Helm.
#[test]
fn what_lies_in_charts_is_part_of_the_chart() {
    let chart = "apiVersion: v2\nname: platform\nversion: 0.1.0\n";
    let folder = folder_of(&[("Chart.yaml", chart), OWN, ("east.yaml", "illumio: {networkType: overlay}\n")]);
    put_illumio(&folder, "charts/illumio", "5.1.0");
    assert_eq!(told(&folder, &["east.yaml"]), ["clas"]);
    for helm in helms() {
        assert_eq!(rendered(helm, &folder, ".", &["east.yaml"]).into_values().collect::<Vec<_>>(), ["clas"]);
    }

    let chart = "apiVersion: v2\nname: platform\nversion: 0.1.0\ndependencies:\n- {name: app, version: 0.1.0}\n";
    let own = ("values.yaml", "app: {illumio: {clusterMode: clas}}\n");
    let inner = ("charts/app/values.yaml", "illumio: {clusterMode: legacy}\n");
    let folder = folder_of(&[("Chart.yaml", chart), own, APP, inner]);
    let said = "the file belongs to a chart inside the one of Chart.yaml, whose values decide";
    folder.run(&format!("migrate -f charts/app/values.yaml {FIT}")).exits(1).says(said);
    let answer = folder.run("status -o json").exits(0).json();
    let rows: Vec<&str> = answer["files"].as_array().unwrap().iter().map(|row| row["file"].as_str().unwrap()).collect();
    assert_eq!(rows, ["values.yaml"]);
}

/// What an umbrella chart says of the mode beside the chart's own values, or under a name that its dependency has not.
#[test]
fn a_mode_that_does_not_reach_the_chart_is_misplaced() {
    const CHART: &str = "apiVersion: v2\nname: um\nversion: 1.0.0\ndependencies:\n- {name: illumio, version: 5.1.0, repository: 'oci://quay.io/illumio'";
    for (alias, values, above) in [
        ("", "clusterMode: clas\nillumio: {pce_url: 'a:8443'}\n", "at the root"),
        ("", "global: {clusterMode: clas}\nillumio: {pce_url: 'a:8443'}\n", "under `global`"),
        (", alias: sec", "illumio: {clusterMode: clas}\nsec: {pce_url: 'a:8443'}\n", "under `illumio`"),
        (", alias: sec", "illumio: {pce_url: 'a:8443', clusterMode: clas}\n", "under `illumio`"),
        ("", "clusterMode: clas\n", "at the root"),
    ] {
        let folder = Folder::with("Chart.yaml", format!("{CHART}{alias}}}\n"));
        folder.write("values.yaml", values);
        let ran = folder.run("check --partial .").exits(1);
        ran.has("error[misplaced-mode]").has(&format!("`clusterMode` {above} does not reach the chart"));
        let rows = folder.run("status -o json .").exits(0).json();
        assert!(rows["files"][0]["mode"].is_null(), "{values}{rows:#}");
        folder.run(&format!("migrate -f values.yaml {FIT}")).exits(1).says("misplaced-mode");
    }
    let folder = Folder::with("Chart.yaml", format!("{CHART}}}\n"));
    folder.write("values.yaml", "clusterMode: legacy\nillumio: {clusterMode: clas, pce_url: 'a:8443'}\n");
    folder.run("check --partial .").exits(0).has("info[mode-not-judged]");
}
