//! `helm clas runbook -o html`, in a real browser and on paper. What it says stands in `cli/runbook.md`.

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
