//! `helm clas runbook -o html`, in a real browser and on paper. What it says stands in `cli/runbook.md`.

#![allow(clippy::unwrap_used)]

use serde_json::json;

use crate::program::{FIT, Folder};

mod browser;
#[path = "cli/program.rs"]
mod program;

#[test]
fn the_page_is_right_in_a_browser_and_on_paper() {
    let folder = Folder::new();
    let name = "<img src=x onerror=alert(1)>&amp;.yaml";
    folder.write(name, "clusterMode: legacy\n");
    let line = ["runbook", "-o", "html", "-f", name].into_iter().chain(FIT.split(' '));
    let ran = program::Ran::of(folder.command(line), "runbook -o html").exits(0);
    folder.write("page.html", &ran.stdout);
    let Some(browser) = browser::Browser::start() else { return };
    for (width, scheme) in [(1280, "light"), (1280, "dark"), (400, "light"), (400, "dark")] {
        browser.looks_like(width, scheme);
        browser.open(&folder.path("page.html"));
        browser.picture(&format!("runbook-{width}-{scheme}.png"));
        let shown = format!("{width} {scheme}");
        assert_eq!(browser.run("return document.documentElement.scrollWidth - innerWidth"), 0, "{shown}: too wide");
        assert_eq!(browser.run("return performance.getEntriesByType('resource').length"), 0, "{shown}: fetches");
        assert_eq!(browser.run("return document.querySelectorAll('img, script').length"), 0, "{shown}");
        assert_eq!(browser.run(browser::TOO_FAINT), json!([]), "{shown}: too little contrast");
        assert_eq!(browser.complaints(), json!([]), "{shown}: the console");
    }
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
