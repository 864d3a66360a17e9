//! `helm clas runbook -o html`, in a real browser and on paper. Its text is tested in `cli/runbook.md`.

use crate::support::program::{FIT, Folder};

#[test]
fn the_page_is_right_in_a_browser_and_on_paper() {
    let folder = Folder::new();
    let name = "<img src=x onerror=alert(1)>&amp;.yaml";
    folder.write(name, "clusterMode: legacy\n");
    let line = ["runbook", "-o", "html", "-f", name].into_iter().chain(FIT.split(' '));
    let ran = crate::support::program::Ran::of(folder.command(line), "runbook -o html").exits(0);
    folder.write("page.html", &ran.stdout);
    let Some(browser) = crate::support::browser::Browser::start() else { return };
    browser.is_right(&folder.path("page.html"), "runbook", |_| ());
    let title = browser.run("return document.querySelector('h1').textContent");
    assert_eq!(title, format!("From legacy to clas: {name}"));
    assert_eq!(browser.run("return document.querySelectorAll('h2').length"), 3, "two steps, and the rules");
    let commands = browser.run("return document.querySelector('pre').textContent").to_string();
    assert!(commands.contains("helm clas migrate -f '<img src=x onerror=alert(1)>&amp;.yaml'"), "{commands}");
    for role in ["heading", "table", "columnheader"] {
        assert!(browser.roles().iter().any(|seen| seen == role), "no {role}");
    }
    assert!((2..8).contains(&browser.pages_on_paper("runbook.pdf")));
}

/// The words of a runbook, and the answers that its own commands give, one after the other.
#[track_caller]
fn first_steps(name: &str, text: &str, words: &str, expected: &[&str]) -> Folder {
    let folder = Folder::with(name, text);
    let ran = folder.run(&format!("runbook -f {name} {FIT} {words}")).exits(0);
    let headings: Vec<&str> = ran.stdout.lines().filter(|line| line.starts_with("Step ")).collect();
    assert_eq!(headings, expected, "{ran}");
    folder
}

#[test]
fn the_software_upgrade_is_the_first_step_where_the_chart_is_older() {
    let steps = ["Step 2: legacy -> migrateLegacyToClas", "Step 3: migrateLegacyToClas -> clas"];
    let first = ["Step 1: chart 4.3.0 -> 5.1.0, in legacy", steps[0], steps[1]];
    let manifest = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: east}\nspec:\n  chart: {spec: \
                    {chart: illumio, version: 4.3.0}}\n  values: {clusterMode: legacy, pce_url: 'a:1'}\n";
    let folder = first_steps("release.yaml", manifest, "", &first);
    let ran = folder.run(&format!("runbook -f release.yaml {FIT}")).exits(0);
    let upgrade = "helm clas upgrade -f release.yaml --version 5.1.0 --pce-version 24.2.20";
    assert!(
        ran.stdout
            .replace('\\', " ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .contains(&format!("{upgrade} --write")),
        "{ran}"
    );
    // what it says can be done: the upgrade, then the step
    folder.run(&format!("upgrade -f release.yaml {FIT} --write")).exits(0);
    folder.run(&format!("migrate -f release.yaml {FIT} --write")).exits(0);

    let values = "clusterMode: legacy\npce_url: a:1\n";
    first_steps("values.yaml", values, "--running 4.3.0", &first);
    let none = ["Step 1: legacy -> migrateLegacyToClas", "Step 2: migrateLegacyToClas -> clas"];
    first_steps("values.yaml", values, "--running 5.1.0", &none);
    let folder = first_steps("values.yaml", values, "", &none);
    folder.run(&format!("runbook -f values.yaml {FIT} --running 5.2.0")).exits(2).says("newer than 5.1.0");
    folder.run(&format!("runbook -f values.yaml {FIT} --running 4")).exits(2).says("--running");
    // what refuses the upgrade refuses the runbook
    let folder = Folder::with("release.yaml", manifest.replace("legacy", "migrateLegacyToClas"));
    folder.run(&format!("runbook -f release.yaml {FIT}")).exits(1).says("between two modes");
}
