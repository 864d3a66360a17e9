//! A real browser, asked through its driver: headless Chromium as Debian packages it (`chromium`, `chromium-driver`).

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::tool::tool;

/// A browser with one page; it ends with the test.
pub(crate) struct Browser {
    driver: Child,
    session: String,
    /// Open as long as the driver may write something.
    _words: BufReader<ChildStdout>,
    _profile: TempDir,
}

impl Browser {
    /// Nothing where no browser is installed, which is printed; CI must have one.
    pub(crate) fn start() -> Option<Self> {
        let start =
            || Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut driver) = start() else {
            assert!(env::var_os("CI").is_none(), "no chromedriver here: apt-get install chromium chromium-driver");
            println!("skipped: no chromedriver here");
            return None;
        };
        let mut words = BufReader::new(driver.stdout.take().unwrap());
        let mut told = port(&mut words);
        // two drivers that start at once may choose the same port, and the second then ends
        for _ in 0..5 {
            if told.is_some() {
                break;
            }
            driver.wait().unwrap();
            driver = start().unwrap();
            words = BufReader::new(driver.stdout.take().unwrap());
            told = port(&mut words);
        }
        let port = told.expect("the driver tells its port");
        let profile = TempDir::new().unwrap();
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            &format!("--user-data-dir={}", profile.path().display()),
        ];
        let wanted = json!({"goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}});
        let mut browser =
            Self { driver, session: format!("http://127.0.0.1:{port}/session"), _words: words, _profile: profile };
        let session = browser.post("", &json!({"capabilities": {"alwaysMatch": wanted}}));
        browser.session = format!("{}/{}", browser.session, session["sessionId"].as_str().unwrap());
        Some(browser)
    }

    /// A page looks right in light and dark, on a screen and on a phone: it fits, fetches nothing, runs nothing, can be
    /// read, and has nothing to complain about. Pictures of it are kept.
    pub(crate) fn is_right(&self, file: &Path, name: &str, see: impl Fn(&str)) {
        for (width, scheme) in [(1280, "light"), (1280, "dark"), (400, "light"), (400, "dark")] {
            self.looks_like(width, scheme);
            self.open(file);
            self.picture(&format!("{name}-{width}-{scheme}.png"));
            let shown = format!("{width} {scheme}");
            assert_eq!(self.run("return document.documentElement.scrollWidth - innerWidth"), 0, "{shown}: too wide");
            assert_eq!(self.run("return performance.getEntriesByType('resource').length"), 0, "{shown}: fetches");
            assert_eq!(self.run("return document.querySelectorAll('img, script').length"), 0, "{shown}");
            assert_eq!(self.run(TOO_FAINT), json!([]), "{shown}: too little contrast");
            assert_eq!(self.audit(), json!([]), "{shown}: accessibility");
            assert_eq!(self.run(TOO_WIDE), json!([]), "{shown}: text outside of its box");
            see(&shown);
            assert_eq!(self.complaints(), json!([]), "{shown}: the console");
        }
    }

    /// How wide the window is, and what its owner prefers.
    pub(crate) fn looks_like(&self, width: u32, scheme: &str) {
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600});
        self.command("Emulation.setDeviceMetricsOverride", &size);
        let scheme = json!({"name": "prefers-color-scheme", "value": scheme});
        self.command("Emulation.setEmulatedMedia", &json!({"features": [scheme]}));
    }

    pub(crate) fn open(&self, file: &Path) {
        self.post("/url", &json!({"url": format!("file://{}", file.display())}));
    }

    /// What a script answers.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// What axe-core finds wrong for people who use a keyboard or a screen reader: each rule with the elements. Nothing
    /// where axe-core cannot be had.
    fn audit(&self) -> Value {
        let Some(axe) = tool("axe.min.js") else { return json!([]) };
        let audit = "axe.run(document, {resultTypes: ['violations']}).then(found => arguments[0](found.violations
            .map(rule => `${rule.id}: ${rule.help}: ${rule.nodes.map(node => node.html.slice(0, 200)).join(' | ')}`)))";
        let script = format!("{}\n{audit}", fs::read_to_string(axe).unwrap());
        self.post("/execute/async", &json!({"script": script, "args": []}))
    }

    /// What the console says since it was asked last.
    fn complaints(&self) -> Value {
        self.post("/se/log", &json!({"type": "browser"}))
    }

    /// The whole page as a picture below the folder that Cargo keeps for tests, for a person to look at.
    pub(crate) fn picture(&self, name: &str) {
        let picture = self.command("Page.captureScreenshot", &json!({"format": "png", "captureBeyondViewport": true}));
        let bytes = BASE64_STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        assert!(bytes.len() > 10_000, "{name} is nearly empty");
        fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name), bytes).unwrap();
    }

    /// What a screen reader finds there.
    pub(crate) fn roles(&self) -> Vec<String> {
        let tree = self.command("Accessibility.getFullAXTree", &json!({}));
        let nodes = tree["nodes"].as_array().unwrap().iter();
        nodes.filter_map(|node| node["role"]["value"].as_str().map(str::to_owned)).collect()
    }

    /// How many sheets of paper the page fills; the print is kept below the same folder.
    pub(crate) fn pages_on_paper(&self, name: &str) -> usize {
        let printed = self.command("Page.printToPDF", &json!({}));
        let bytes = BASE64_STANDARD.decode(printed["data"].as_str().unwrap()).unwrap();
        fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name), &bytes).unwrap();
        String::from_utf8_lossy(&bytes).matches("/Type /Page\n").count()
    }

    fn command(&self, name: &str, params: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({"cmd": name, "params": params}))
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let request = agent.post(format!("{}{path}", self.session)).content_type("application/json");
        let mut answer = request.send(body.to_string()).unwrap();
        let text = answer.body_mut().with_config().limit(1 << 28).read_to_string().unwrap();
        let mut answer: Value = serde_json::from_str(&text).unwrap();
        assert!(answer["value"]["error"].is_null(), "{path}: {answer:#}");
        answer["value"].take()
    }
}

/// `ChromeDriver was started successfully on port 40123.`
fn port(words: &mut BufReader<ChildStdout>) -> Option<u16> {
    words
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok())
}

impl Drop for Browser {
    fn drop(&mut self) {
        let agent = ureq::Agent::new_with_defaults();
        let _ = agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Texts with less contrast to what is behind them than WCAG 2 asks for (4.5).
const TOO_FAINT: &str = "
    const parts = color => color.match(/[\\d.]+/g).map(Number);
    const light = color => {
        const [r, g, b] = parts(color).map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const is_seen = color => color != 'none' && color != 'transparent' && parts(color)[3] !== 0;
    const behind = element => {
        const box = element.closest('.state')?.querySelector('rect');
        if (box && is_seen(getComputedStyle(box).fill)) return getComputedStyle(box).fill;
        for (let at = element; at; at = at.parentElement)
            if (is_seen(getComputedStyle(at).backgroundColor)) return getComputedStyle(at).backgroundColor;
        return 'rgb(255, 255, 255)';
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const faint = [];
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        if (!texts.currentNode.data.trim() || ['title', 'desc'].includes(element.localName)) continue;
        const style = getComputedStyle(element);
        const [one, other] = [light(element.closest('svg') ? style.fill : style.color), light(behind(element))];
        const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        if (contrast < 4.5) faint.push(`${texts.currentNode.data}: ${contrast}`);
    }
    return faint;";

/// Texts of the diagram that reach out of their box or of the picture.
const TOO_WIDE: &str = "
    const wide = [];
    for (const text of document.querySelectorAll('svg text')) {
        const inner = text.getBoundingClientRect();
        const outer = (text.closest('.state')?.querySelector('rect') ?? text.closest('svg')).getBoundingClientRect();
        if (inner.left < outer.left || inner.right > outer.right) wide.push(text.textContent);
    }
    return wide;";
