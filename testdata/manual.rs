//! The manual that `.ci/book` makes of the project's own texts, with the real mdBook, in a real browser.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::browser::Browser;

/// The program: the one that is named, the one that the gate has built, or one on the `PATH`.
fn mdbook() -> Option<PathBuf> {
    let named = env::var_os("HELM_CLAS_MDBOOK").map(PathBuf::from);
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/book/bin/mdbook");
    let known = [named, Some(built), Some("mdbook".into())].into_iter().flatten();
    let found = known.into_iter().find(|path| Command::new(path).arg("--version").output().is_ok());
    if found.is_none() {
        assert!(env::var_os("CI").is_none(), "no mdbook here: cargo install mdbook");
        println!("skipped: no mdbook here");
    }
    found
}

/// What a script answers, once it answers what is wanted.
#[track_caller]
fn comes_to(browser: &Browser, script: &str, is_there: impl Fn(&str) -> bool) {
    let start = Instant::now();
    loop {
        let answer = browser.run(script).to_string();
        if is_there(&answer) {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{answer}");
        sleep(Duration::from_millis(100));
    }
}

#[test]
fn the_manual_can_be_searched_and_read_on_a_phone() {
    let Some(mdbook) = mdbook() else { return };
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/book");
    let made = Command::new("python3").arg(script).arg(mdbook).arg(folder.path()).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));

    let Some(browser) = Browser::start() else { return };
    let page = |name: &str| folder.path().join("book").join(name);
    let mut behind = Vec::new();
    for (width, scheme) in [(1280, "light"), (400, "light"), (400, "dark")] {
        browser.looks_like(width, scheme);
        for name in ["index.html", "docs/pce.html", "src/rule/bad-pce-url.html", "testdata/cli/migrate.html"] {
            browser.open(&page(name));
            let too_wide = browser.run("return document.documentElement.scrollWidth - innerWidth");
            assert!(too_wide.as_i64().unwrap() <= 0, "{name} is wider than {width}: {too_wide}");
        }
        browser.picture(&format!("manual-{width}-{scheme}.png"));
        behind.push(browser.run("return getComputedStyle(document.documentElement).backgroundColor"));
    }
    assert!(behind[1] == behind[0] && behind[2] != behind[1], "dark where that is wished: {behind:?}");

    browser.looks_like(1280, "light");
    browser.open(&page("index.html"));
    browser.run(
        "document.getElementById('mdbook-search-toggle').click();
         const bar = document.getElementById('mdbook-searchbar');
         bar.value = 'scheme port pce_url';
         bar.dispatchEvent(new Event('input', {bubbles: true}));
         bar.dispatchEvent(new KeyboardEvent('keyup', {bubbles: true}));",
    );
    let found =
        "return [...document.querySelectorAll('#mdbook-searchresults a')].map(link => link.getAttribute('href'))";
    comes_to(&browser, found, |links| links.contains("src/rule/bad-pce-url.html"));
    let rules = browser
        .run("return [...document.querySelectorAll('.sidebar a')].filter(link => link.href.includes('/rule/')).length");
    let count = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rule")).unwrap().count();
    assert_eq!(rules, json!(count), "a page for each rule");
}
