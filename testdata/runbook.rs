//! `helm clas runbook -o html`, in a real browser and on paper. Its text is tested in `cli/runbook.md`.

use crate::support::{
    cluster::{Cluster, STEP, newest},
    program::{FIT, Folder},
};

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
    let commands =
        browser.run("return [...document.querySelectorAll('pre')].map(pre => pre.textContent).join()").to_string();
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

/// The commands of the way back behind a step, as a person copies them.
fn way_back(book: &str, step: &str) -> Vec<Vec<String>> {
    let joined = book.replace("\\\n", " ");
    let behind = joined.lines().skip_while(|line| !line.starts_with(step));
    let back = behind.skip_while(|line| !line.starts_with("To go back from here"));
    let back = back.take_while(|line| !line.starts_with("Step ") && *line != "The mandatory rules");
    let commands = back.filter_map(|line| line.strip_prefix("    "));
    commands.map(|command| command.split_whitespace().map(str::to_owned).collect()).collect()
}

#[test]
fn the_way_back_is_followed_as_it_is_written() {
    let forward = ["migrateLegacyToClas", "clas"];
    for (number, _) in forward.iter().enumerate() {
        let cluster = Cluster::empty(newest());
        let deploy = |mode: &str| {
            cluster.write("values.yaml", &format!("clusterMode: {mode}\n"));
            cluster.deploy();
        };
        deploy("legacy");
        let ran = cluster.clas(&[&["runbook"], &STEP[..], &["--chart", "./chart"]].concat());
        let commands = way_back(&ran.exits(0).answer, &format!("Step {}: ", number + 1));
        forward[..=number].iter().for_each(|mode| deploy(mode));
        let mut modes = Vec::new();
        for command in &commands {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            match words[..] {
                ["helm", "clas", "verify", ref given @ ..] => {
                    // no PCE knows this cluster, and its pods are quick
                    let given = given.iter().map(|word| if *word == "10m" { "9s" } else { word });
                    let given: Vec<&str> = ["verify", "--without-pce"].into_iter().chain(given).collect();
                    cluster.clas(&given).exits(0);
                    modes.push(cluster.values()["clusterMode"].as_str().unwrap().to_owned());
                }
                ["helm", "clas", ref step @ ..] => drop(cluster.clas(step).exits(0)),
                ["helm", ref upgrade @ ..] => drop(cluster.helm(upgrade)),
                _ => panic!("{words:?}"),
            }
        }
        assert_eq!((modes, commands.len()), (vec!["migrateClasToLegacy".to_owned(), "legacy".to_owned()], 6));
        assert_eq!(cluster.read("values.yaml"), "clusterMode: legacy\n");
    }
}
