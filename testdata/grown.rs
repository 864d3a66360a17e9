//! Checkouts that grow: many overlays of one base, many clusters of one file.

use crate::support::{
    measure::{Size, cost, is_linear},
    program::Folder,
};

const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio}\nspec:\n";

/// A base with overlays, each with a patch of its own.
fn overlays(count: usize) -> Folder {
    let chart =
        "  chart: {spec: {chart: illumio, version: 5.1.0}}\n  values: {pce_url: 'p:8443', clusterMode: legacy}\n";
    let folder = Folder::with("base/release.yaml", format!("{RELEASE}{chart}"));
    folder.write("base/kustomization.yaml", "resources: [release.yaml]\n");
    for number in 0..count {
        let of = |file: &str| format!("overlays/c{number}/{file}");
        folder.write(&of("kustomization.yaml"), "resources: [../../base]\npatches: [{path: patch.yaml}]\n");
        folder.write(&of("patch.yaml"), format!("{RELEASE}  values: {{cluster_id: c{number}, clusterMode: legacy}}\n"));
    }
    folder
}

#[test]
fn twice_the_overlays_of_a_base_take_twice_as_long() {
    let [less, more] = [20, 80].map(overlays);
    for command in [&["status", "."][..], &["check", "--partial", "."]] {
        is_linear(&format!("overlays, {}", command[0]), 4.0, |size| {
            cost(if size == Size::Less { less.path("") } else { more.path("") }.as_path(), command).time
        });
    }
}

/// A base that takes values from an object which each overlay has for itself.
fn objects(count: usize) -> Folder {
    let from = "  valuesFrom: [{kind: ConfigMap, name: over}]\n  values: {pce_url: 'p:8443'}\n";
    let chart = "  chart: {spec: {chart: illumio, version: 5.1.0}}\n";
    let folder = Folder::with("base/release.yaml", format!("{RELEASE}{chart}{from}"));
    folder.write(".git/HEAD", "ref: refs/heads/main\n");
    folder.write("base/kustomization.yaml", "resources: [release.yaml]\n");
    for number in 0..count {
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: over}\ndata: {values.yaml: 'clusterMode: clas'}\n";
        folder.write(&format!("c{number}/kustomization.yaml"), "resources: [../base, over.yaml]\n");
        folder.write(&format!("c{number}/over.yaml"), map);
    }
    folder
}

#[test]
fn twice_the_objects_of_one_name_take_twice_as_long() {
    let [less, more] = [20, 80].map(objects);
    assert!(less.run("status .").exits(0).stdout.ends_with("20 clusters: 20 clas\n"));
    is_linear("objects of one name", 4.0, |size| {
        cost(if size == Size::Less { less.path("") } else { more.path("") }.as_path(), &["status", "."]).time
    });
}

/// Applications of Argo CD in one file, each of a folder with a chart of its own.
fn applications(count: usize) -> Folder {
    let folder = Folder::with(".git/HEAD", "ref: refs/heads/main\n");
    let mut file = String::new();
    for number in 0..count {
        let of = |file: &str| format!("clusters/c{number}/{file}");
        file += &format!(
            "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: c{number}}}\n\
             spec: {{source: {{repoURL: https://git.example.com/p.git, path: clusters/c{number}}}}}\n"
        );
        folder.write(&of("Chart.yaml"), "name: c\nversion: 1.0.0\ndependencies: [{name: illumio, version: 5.1.0}]\n");
        folder.write(&of("values.yaml"), "illumio: {pce_url: 'p:8443', clusterMode: legacy}\n");
    }
    folder.write("apps.yaml", file);
    folder
}

#[test]
fn four_times_the_applications_over_folders_take_four_times_as_long() {
    let [less, more] = [50, 200].map(applications);
    is_linear("applications", 4.0, |size| {
        cost(if size == Size::Less { less.path("") } else { more.path("") }.as_path(), &["status", "."]).time
    });
}

/// Targets of Fleet that select clusters, and others behind them that name one each.
fn targets(count: usize) -> Folder {
    let mut file =
        "defaultNamespace: illumio-system\nhelm: {chart: illumio, version: 5.1.0}\ntargetCustomizations:\n".to_owned();
    let values = "helm: {values: {clusterMode: clas}}";
    for number in 0..count {
        file += &format!("- {{name: t{number}, clusterSelector: {{matchLabels: {{env: e{number}}}}}, {values}}}\n");
    }
    for number in 0..count {
        file += &format!("- {{name: c{number}, clusterName: c{number}, {values}}}\n");
    }
    Folder::with("fleet.yaml", file)
}

#[test]
fn four_times_the_targets_of_fleet_take_four_times_as_long() {
    let [less, more] = [100, 400].map(targets);
    assert!(less.run("status .").exits(0).stdout.ends_with("201 clusters: 200 clas, 1 legacy\n"));
    is_linear("targets", 4.0, |size| {
        cost(if size == Size::Less { less.path("") } else { more.path("") }.as_path(), &["status", "."]).time
    });
}

/// What one overlay is called does not depend on whether it or its base is asked about.
#[test]
fn an_overlay_has_one_name() {
    let folder = overlays(3);
    folder.write(".git/HEAD", "ref: refs/heads/main\n");
    for asked in [".", "overlays", "overlays/c1", "base overlays/c2"] {
        let rows = folder.run(&format!("status -o json {asked}")).exits(0).json();
        let rows = rows["files"].as_array().unwrap();
        let mut names: Vec<String> = rows.iter().map(|row| format!("{} {}", row["file"], row["release"])).collect();
        names.sort();
        let before = names.len();
        names.dedup();
        assert_eq!(
            (names.len(), before),
            (if asked == "overlays/c1" { 1 } else { 3 }, names.len()),
            "{asked}: {names:?}"
        );
        assert!(names.iter().all(|name| name.contains("overlays/c")), "{names:?}");
    }
}

/// Each runbook of a file with many clusters reads that file.
#[test]
fn runbooks_of_too_much_are_refused_first() {
    let release = |number| {
        format!(
            "- name: r{number}\n  chart: illumio/illumio\n  version: 5.1.0\n  values: [{{pce_url: 'p:8443', clusterMode: legacy}}]\n"
        )
    };
    let remark = "# a remark\n".repeat(9_100);
    let releases: String = (0..50).map(release).collect();
    let folder = Folder::with("helmfile.yaml", format!("{remark}releases:\n{releases}"));
    let ran = folder.run("runbook --version 5.1.0 --pce-version 24.2.20 helmfile.yaml").exits(2);
    ran.says("50 runbooks would take too long: each reads the whole file of its cluster, 6 MB in all, and 4 MB are read at most");
    folder.run("runbook --version 5.1.0 --pce-version 24.2.20 -f helmfile.yaml --path r7").exits(0);
}
