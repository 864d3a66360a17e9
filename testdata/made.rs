//! The last line of a page: when it was made, of which commit or PCE, and by which version of the program.

use std::{fs, path::Path};

use crate::support::{
    copy,
    fake_pce::{FakePce, run},
    program::{FIT, Folder},
};

const COMMIT: &str = "git add . && git -c user.name=a -c user.email=a@b commit -q -m x";

/// A checkout with a values file and a policy, and its commit.
fn checkout() -> (Folder, String) {
    let folder = Folder::new();
    let cli = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cli");
    copy(&cli.join("in"), &folder.path("clusters"));
    copy(&cli.join("prove.in"), &folder.path("policy"));
    folder.sh(&format!("git init -q . && {COMMIT}")).exits(0);
    let commit = folder.sh("git rev-parse --short HEAD").exits(0).stdout;
    (folder, format!("commit {}", commit.trim_end()))
}

fn pages(clusters: &str, policy: &str) -> [String; 7] {
    let values = format!("{clusters}/illumio-values.yaml");
    [
        format!("status {clusters} -o html"),
        format!("status -f {values} -o html"),
        format!("runbook -f {values} {FIT} -o html"),
        format!("policy {policy}/pce -o html"),
        format!("policy prove {policy}/pce -o html"),
        format!("policy prove {policy}/pce --traffic {policy}/traffic.csv -o html"),
        format!("policy rewrite {policy}/pce --into ../rewritten"),
    ]
}

/// What each of them says behind its date and its version.
#[track_caller]
fn check(folder: &Folder, pages: &[String], origin: &str) {
    let within = Folder::new();
    let place = within.path("rewritten");
    for line in pages {
        let line = line.replace("../rewritten", place.to_str().unwrap());
        let ran = folder.run(&line);
        let page = if line.contains(" rewrite ") {
            fs::read_to_string(place.join("rewrite.md")).unwrap_or_else(|error| panic!("{error}: {ran}"))
        } else {
            ran.stdout
        };
        let (_, last) = page.rsplit_once("Made on ").unwrap_or_else(|| panic!("{line}: {page}"));
        let (_, found) = last.split_once(concat!(" UTC by helm clas ", env!("CARGO_PKG_VERSION"))).unwrap();
        let found = found.lines().next().unwrap().trim_end_matches("</footer>");
        assert_eq!(found, format!("{origin}."), "{line}");
    }
}

#[test]
fn a_page_names_the_commit_of_its_files() {
    let (folder, commit) = checkout();
    let here = pages("clusters", "policy");
    check(&folder, &here, &format!(", from {commit}"));
    // the page itself changes nothing, and neither does the folder that the program is called in
    folder.sh("helm-clas status . -o html >status.html").exits(0);
    check(&folder, &["status . -o html".to_owned()], &format!(", from {commit}"));
    let elsewhere = Folder::new();
    let path = |name: &str| folder.path(name).to_str().unwrap().to_owned();
    check(&elsewhere, &pages(&path("clusters"), &path("policy")), &format!(", from {commit}"));
    elsewhere.sh(&format!("git init -q . && echo x >x && {COMMIT}")).exits(0);
    check(&elsewhere, &pages(&path("clusters"), &path("policy")), &format!(", from {commit}"));
}

#[test]
fn a_page_names_no_commit_that_its_files_are_not_of() {
    let (folder, commit) = checkout();
    let changed = format!(", from {commit} and changes that are not committed");
    folder.sh("echo '# changed' >>clusters/illumio-values.yaml").exits(0);
    check(&folder, &pages("clusters", "policy"), &changed);

    let (folder, commit) = checkout();
    folder.sh("cp clusters/illumio-values.yaml clusters/new.yaml && cp -R policy untracked").exits(0);
    let changed = format!(", from {commit} and changes that are not committed");
    let [of_folder, of_file, runbook, of_policy @ ..] = pages("clusters", "untracked");
    check(&folder, &[of_folder], &changed);
    check(&folder, &[of_file, runbook], &format!(", from {commit}"));
    check(&folder, &of_policy, "");
    folder.sh("echo untracked/ >.gitignore").exits(0);
    check(&folder, &of_policy, "");

    let none = Folder::new();
    let (clusters, policy) = (folder.path("clusters"), folder.path("policy"));
    copy(&clusters, &none.path("clusters"));
    copy(&policy, &none.path("policy"));
    check(&none, &pages("clusters", "policy"), "");
}

#[test]
fn a_page_about_a_pce_names_it() {
    let pce = FakePce::new();
    for words in [&["policy", "-o", "html"][..], &["policy", "prove", "-o", "html"]] {
        let ran = run(pce.command().args(words));
        assert!(ran.answer.contains(&format!(", from the PCE {}.</footer>", pce.host)), "{}", ran.remarks);
    }
}
