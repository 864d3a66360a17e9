//! The program and a PCE: what it asks, how patient it is, and what it says when something is wrong.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    certificates::{Certified, other_authority},
    fake_pce::{Break, FakePce, Ran, Reply, SECRET, USER, bare_command, run},
    played::{job_answer, node},
    vendor,
};

/// Asks for the version, the shortest question there is.
const ASK: [&str; 4] = ["compat", "--version", "5.1.0", "--pce-version=auto"];

fn ask(pce: &FakePce) -> Ran {
    run(pce.command().args(ASK))
}

#[track_caller]
fn ask_and_fail(quirk: impl Fn() -> Reply + Send + Sync + 'static, words: &[&str]) -> FakePce {
    let pce = FakePce::with(move |_, _| Some(quirk()));
    ask(&pce).fails(words);
    pce
}

fn version() -> Value {
    json!({ "version": "24.2.20", "build": "431", "long_display": "24.2.20-431" })
}

// What is asked, and of whom.

#[test]
fn the_version_is_asked_with_the_login_and_nothing_else_is() {
    let pce = FakePce::new();
    ask(&pce).exits(0).remarks_have(&[&format!("the PCE {} runs 24.2.20-431", pce.host)]);
    let [request] = &pce.requests()[..] else { panic!("{:?}", pce.paths()) };
    assert_eq!(request.path, "/api/v2/product_version");
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(
        request.header("authorization"),
        Some(&*format!("Basic {}", BASE64_STANDARD.encode(format!("{USER}:{SECRET}"))))
    );
}

#[test]
fn the_values_file_names_the_pce() {
    let pce = FakePce::new();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("values.yaml");
    fs::write(&file, format!("pce_url: {}\ncluster_token: 3_00ff\nclusterMode: legacy\n", pce.host)).unwrap();
    for command in ["migrate", "check"] {
        let mut ask = pce.command();
        ask.arg(command).args(["--version", "5.1.0", "--pce-version", "auto", "-o", "json"]);
        if command == "migrate" {
            ask.env_remove("ILLUMIO_PCE_HOST").arg("-f");
        }
        let ran = run(ask.arg(&file));
        assert!(ran.status < 2, "{}", ran.remarks);
        if command == "migrate" {
            assert_eq!(ran.json()["pceVersion"], "24.2.20-431");
        }
    }
    assert_eq!(pce.paths(), ["/api/v2/product_version"; 2]);
}

#[test]
fn a_path_and_the_options_tell_which_pce_is_meant() {
    let pce = FakePce::new();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("helmfile.yaml");
    let release = |name, host: &str| {
        format!(
            "  - name: {name}\n    chart: illumio\n    version: 5.1.0\n    values:\n      - pce_url: {host}\n        \
             cluster_token: 3_00ff\n        clusterMode: legacy\n"
        )
    };
    let text = format!("releases:\n{}{}", release("east", "absent.example.com:8443"), release("west", &pce.host));
    fs::write(&file, text).unwrap();
    let ask = |file: &std::path::Path, more: &[&str]| {
        let mut command = pce.command();
        command.env_remove("ILLUMIO_PCE_HOST").args(["migrate", "--version", "5.1.0", "--pce-version", "auto", "-f"]);
        run(command.arg(file).args(more))
    };
    ask(&file, &["--path", "west"]).exits(0).remarks_have(&["runs 24.2.20-431"]);
    for more in [&[][..], &["--path", "north"]] {
        ask(&file, more)
            .fails(&["the file has several clusters, and none was named", "name one with --path: east, west"]);
    }
    let bare = folder.path().join("values.yaml");
    fs::write(&bare, "illumio:\n  cluster_token: 3_00ff\n  clusterMode: legacy\n").unwrap();
    let set = format!("illumio.pce_url={}", pce.host);
    ask(&bare, &["--set", &set]).exits(0).remarks_have(&["runs 24.2.20-431"]);
    assert_eq!(pce.paths(), ["/api/v2/product_version"; 2]);
}

#[test]
fn a_pce_that_differs_from_that_of_the_values_is_remarked() {
    let pce = FakePce::new();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("values.yaml");
    fs::write(&file, "pce_url: pce.example.com:8443\ncluster_token: 7_00ff\nclusterMode: legacy\n").unwrap();
    let ran = run(pce.command().args(["migrate", "--version", "5.1.0", "--pce-version", "auto", "-f"]).arg(&file));
    let host = format!("note: asking the PCE {}, although pce_url of the values names pce.example.com:8443", pce.host);
    ran.exits(0).remarks_have(&[&host, "note: asking about organisation 3, although cluster_token belongs to 7"]);
}

#[test]
fn a_version_is_read_however_it_is_told() {
    for (said, understood) in [
        (json!({ "version": "23.5.10", "build": 7 }), "23.5.10"),
        (json!({ "version": "23.5.0", "long_display": "23.5.0+A1" }), "23.5.0+A1"),
        (json!({ "version": "24.2.20", "long_display": "24.2.20-H2" }), "24.2.20"),
        (json!({ "version": "24.2.20-431-H1", "long_display": "24.2.20-431-H1" }), "24.2.20-431"),
        (json!({ "version": "23.5.10.UI1" }), "23.5.10"),
        (json!({ "product_version": { "version": "25.2.20", "build": 7 } }), "25.2.20"),
        (json!({ "long_display": "24.2.20-3" }), "24.2.20-3"),
    ] {
        let pce = FakePce::with(move |_, _| Some(Reply::json(200, &said)));
        ask(&pce).remarks_have(&[&format!("runs {understood}\n")]);
    }
    let odd = json!({ "version": "24.2.20-dev\u{1b}[2J", "long_display": "x" });
    let said = "reports `24.2.20-dev\\u{1b}[2J`, which is not one exact PCE version";
    ask_and_fail(move || Reply::json(200, &odd), &[said, "name the version yourself"]);
}

#[test]
fn a_hot_fix_is_read_as_its_base_and_that_is_said() {
    let pce = FakePce::with(|_, _| {
        Some(Reply::json(200, &json!({ "version": "24.2.20", "build": 431, "long_display": "24.2.20-431-H1" })))
    });
    let note = "note: the hot fix H1 of 24.2.20-431-H1 is ignored; the version that it fixes counts\n";
    ask(&pce).exits(0).remarks_have(&["runs 24.2.20-431\n", note]);
    let mut given = bare_command();
    let ran = run(given.args(["compat", "--version", "5.1.0", "--pce-version", "24.2.20-H3"]));
    ran.exits(0).remarks_have(&["note: the hot fix H3 of 24.2.20-H3 is ignored"]);
    for (version, fix) in [("24.2.20H1", "H1"), ("24.2.20-431h3", "h3"), ("24.2.20-c1", "c1")] {
        let ran = run(bare_command().args(["compat", "--version", "5.1.0", "--pce-version", version]));
        ran.exits(0).remarks_have(&[&format!("note: the hot fix {fix} of {version} is ignored")]);
    }
    ask(&FakePce::new()).exits(0);
    assert!(!ask(&FakePce::new()).remarks.contains("hot fix"));
}

#[test]
fn settings_that_are_missing_or_wrong_are_named() {
    let fails = |change: &dyn Fn(&mut Command), words: &[&str]| {
        let pce = FakePce::new();
        let mut command = pce.command();
        change(command.args(ASK));
        run(&mut command).fails(words);
        assert_eq!(pce.paths().len(), 0, "nothing was to be asked");
    };
    fails(&|command| _ = command.env_remove("ILLUMIO_API_KEY_SECRET"), &["ILLUMIO_API_KEY_SECRET is not set"]);
    fails(&|command| _ = command.env("ILLUMIO_API_KEY_USERNAME", " "), &["ILLUMIO_API_KEY_USERNAME is not set"]);
    fails(&|command| _ = command.env_remove("ILLUMIO_PCE_HOST"), &["no PCE is given", "--pce-host"]);
    fails(
        &|command| _ = command.args(["--pce-host", "http://pce:8443"]),
        &["`http://pce:8443` is not reached over HTTPS"],
    );
    fails(&|command| _ = command.args(["--pce-host", "https://me:pw@pce"]), &["the PCE `https://********@pce`"]);
    fails(&|command| _ = command.env("ILLUMIO_PCE_ORG_ID", "../1"), &["`../1` is not the number of an organisation"]);
    fails(
        &|command| _ = command.env("ILLUMIO_API_KEY_SECRET", format!("{SECRET}\n{SECRET}")),
        &["a control character", "does one of them end with a line break?"],
    );
    let mut command = bare_command();
    run(command.args(ASK)).fails(&["no API key of the PCE is given", "ILLUMIO_API_KEY_SECRET"]);
}

#[test]
fn a_secret_with_a_line_break_behind_it_is_taken() {
    let pce = FakePce::new();
    run(pce.command().args(ASK).env("ILLUMIO_API_KEY_SECRET", format!("{SECRET}\n"))).exits(0);
}

// What the PCE refuses.

#[test]
fn each_refusal_says_what_to_look_at() {
    let secret = "ILLUMIO_API_KEY_SECRET: do they belong to this PCE";
    ask_and_fail(|| Reply::of(401, ""), &["does not accept the API key (401)", "ILLUMIO_API_KEY_USERNAME", secret]);
    ask_and_fail(
        || Reply::of(403, ""),
        &["may not read /product_version", "it needs the role Global Viewer (formerly Global Read Only)"],
    );
    ask_and_fail(|| Reply::of(404, ""), &["has no /product_version (404)", "--pce-org"]);
    ask_and_fail(
        || Reply::refusal(406, "invalid_uri", "Invalid URI: {x}"),
        &["does not accept the request /product_version (406): invalid_uri: Invalid URI: {x}\n"],
    );
    ask_and_fail(
        || Reply::of(302, "").header("Location", "https://elsewhere.invalid/"),
        &["redirects to another address (302)", "--pce-host"],
    );
    ask_and_fail(|| Reply::of(418, "short and stout"), &["with the status 418: short and stout"]);
}

#[test]
fn a_wrong_login_is_refused_by_the_pce() {
    let pce = FakePce::new();
    run(pce.command().args(ASK).env("ILLUMIO_API_KEY_SECRET", "another")).fails(&["(401)"]);
    assert_eq!(pce.paths().len(), 1, "a wrong login is not tried again");
}

#[test]
fn a_pce_that_tells_the_secret_is_not_quoted() {
    let login = BASE64_STANDARD.encode(format!("{USER}:{SECRET}"));
    let echo = format!("you sent {login}, that is {SECRET}\u{1b}[31m");
    ask_and_fail(move || Reply::of(403, &echo), &["you sent ********, that is ********\\u{1b}[31m"]);
    let job = || Reply::json(200, &json!({ "version": SECRET }));
    ask_and_fail(job, &["reports `********`"]);
}

// How patient it is.

#[test]
fn a_busy_pce_is_asked_again() {
    for status in [429, 500, 503] {
        let pce = FakePce::with(move |_, before| {
            (before < 3).then(|| Reply::refusal(status, "too_many_requests_error", "").header("Retry-After", "0"))
        });
        ask(&pce).exits(0);
        assert_eq!(pce.paths().len(), 4);
    }
}

#[test]
fn a_pce_that_stays_busy_is_given_up() {
    let busy = || Reply::refusal(429, "too_many_requests_error", "slow down").header("Retry-After", "0");
    let words = ["limits requests and rejected this one (429): too_many_requests_error: slow down"];
    assert_eq!(ask_and_fail(busy, &words).paths().len(), 4);
    let broken = || Reply::of(502, "<h1>Bad\nGateway</h1>").header("Retry-After", "0");
    let words = ["failed at /product_version (502): <h1>Bad\\nGateway</h1>"];
    assert_eq!(ask_and_fail(broken, &words).paths().len(), 4);
    let away = || Reply::of(503, "").header("Retry-After", "86400");
    assert_eq!(ask_and_fail(away, &["(503)"]).paths().len(), 1, "nobody waits for a day");
}

#[test]
fn without_a_word_on_when_to_come_back_the_pauses_grow() {
    let started = Instant::now();
    let pce = FakePce::with(|_, before| (before < 2).then(|| Reply::of(500, "")));
    ask(&pce).exits(0);
    assert!(started.elapsed() >= Duration::from_millis(750), "{:?}", started.elapsed());
}

#[test]
fn a_broken_connection_is_tried_again() {
    for how in [Break::BeforeIt, Break::InIt] {
        let pce = FakePce::with(move |_, before| (before == 0).then(|| Reply::of(200, "{...}").breaks(how)));
        ask(&pce).exits(0);
        assert_eq!(pce.paths().len(), 2);
    }
}

#[test]
fn a_slow_answer_is_given_up() {
    let long = Duration::from_secs(60);
    for reply in [Reply::json(200, &version()).begins_after(long), Reply::json(200, &version()).ends_after(long)] {
        let pce = FakePce::with(move |_, _| Some(reply.clone()));
        let ran = run(pce.command().args(ASK).args(["--pce-timeout", "200ms"]));
        ran.fails(&["does not answer within 200ms", "--pce-timeout"]);
        assert_eq!(pce.paths().len(), 1);
    }
}

#[test]
fn an_answer_that_is_none_is_refused() {
    let unexpected = ["unexpected answer of the PCE", "is this host and port the PCE's API?"];
    ask_and_fail(|| Reply::of(200, "<html>Welcome</html>"), &unexpected);
    ask_and_fail(|| Reply::of(200, "{\"version\": \"24.2"), &unexpected);
    ask_and_fail(|| Reply::of(200, "[]x"), &unexpected);
    ask_and_fail(|| Reply::of(200, ""), &unexpected);
    ask_and_fail(|| Reply::bytes(200, b"\"\xff\""), &["is not text"]);
    ask_and_fail(|| Reply::of(200, "").breaks(Break::NoHttp), &["did not answer in HTTP"]);
}

// Who vouches for the PCE.

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused() {
    let pce = FakePce::new();
    let folder = TempDir::new().unwrap();
    let other = folder.path().join("other.pem");
    fs::write(&other, other_authority()).unwrap();
    let named = &["signed by an authority that this machine does not trust", "check that the file in ILLUMIO_CA_FILE"];
    run(pce.command().args(ASK).env("ILLUMIO_CA_FILE", &other)).fails(named);
    // without a file only the system's authorities count; a machine may have none
    let ran = run(pce.command().args(ASK).env_remove("ILLUMIO_CA_FILE"));
    ran.fails(&["ILLUMIO_CA_FILE"]);
    run(pce.command().args(ASK).env_remove("ILLUMIO_CA_FILE").env("SSL_CERT_FILE", &other))
        .fails(&["does not trust", "name a PEM file with the authority's certificate in ILLUMIO_CA_FILE"]);
    run(pce.command().args(ASK).env_remove("ILLUMIO_CA_FILE").env("SSL_CERT_FILE", &pce.ca_file)).exits(0);
    assert_eq!(pce.paths().len(), 1, "no request is sent over a connection that is not trusted");
}

/// The results for a PCE with such a certificate, where the file names another authority, its own authority, or the
/// certificate itself.
fn certified(certified: Certified<'_>) -> [Ran; 3] {
    let (pce, pem) = FakePce::with_certificate(certified);
    let folder = TempDir::new().unwrap();
    let named = |text: &str| {
        let file = folder.path().join("ca.pem");
        fs::write(&file, text).unwrap();
        run(pce.command().args(ASK).env("ILLUMIO_CA_FILE", &file))
    };
    let authority = fs::read_to_string(&pce.ca_file).unwrap();
    let answers = [named(&other_authority()), named(&authority), named(&pem)];
    for ran in &answers {
        assert!(!ran.remarks.contains("proxy"), "{certified:?}: {}", ran.remarks);
    }
    let accepted = answers.iter().filter(|ran| ran.status == 0).count();
    assert_eq!(pce.paths().len(), accepted, "nothing is sent where the certificate is refused");
    answers
}

#[test]
fn a_self_signed_certificate_that_was_named_is_accepted_and_no_other() {
    for of in [Certified::SelfSigned("localhost"), Certified::SelfSignedLeaf] {
        let [other, authority, itself] = certified(of);
        other.fails(&["is self-signed\n", "it is not the one in ILLUMIO_CA_FILE"]);
        authority.fails(&["is self-signed\n"]);
        itself.exits(0);
    }
    let [.., itself] = certified(Certified::Authority);
    itself.exits(0);
    // it counts for its names and its time like any other
    certified(Certified::SelfSigned("pce.example.com"))[2].fails(&["is for another name: pce.example.com\n"]);
    certified(Certified::SelfSignedExpired)[2].fails(&["expired 2001-01-01T00:00:00Z"]);
    certified(Certified::SelfSignedNameless)[2].fails(&["has no host name: it has no subjectAltName"]);
}

#[test]
fn without_a_file_a_self_signed_certificate_is_to_be_named() {
    let (pce, pem) = FakePce::with_certificate(Certified::SelfSigned("localhost"));
    let folder = TempDir::new().unwrap();
    let (other, own) = (folder.path().join("other.pem"), folder.path().join("own.pem"));
    fs::write(&other, other_authority()).unwrap();
    fs::write(&own, pem).unwrap();
    let ask = |file| run(pce.command().args(ASK).env_remove("ILLUMIO_CA_FILE").env("SSL_CERT_FILE", file));
    ask(&other).fails(&["is self-signed\n", "name a PEM file with exactly this certificate in ILLUMIO_CA_FILE"]);
    ask(&own).exits(0);
}

#[test]
fn each_refusal_of_a_certificate_has_its_own_words() {
    let mut said = Vec::new();
    for (of, what, help) in [
        (Certified::Nameless, "has no host name: it has no subjectAltName\n", "`subjectAltName=DNS:localhost`"),
        (Certified::Version1, "is of X.509 version 1, which cannot name a host", "a certificate of version 3"),
        (Certified::Expired, "expired 2001-01-01T00:00:00Z\n", "the PCE needs a new certificate"),
        (Certified::NotYet, "is not valid before 4000-01-01T00:00:00Z\n", "the clock of this machine"),
        (Certified::For("pce.example.com"), "is for another name: pce.example.com\n", "--pce-host"),
        (Certified::ForClients, "is not for a server (extendedKeyUsage)\n", "serverAuth"),
        (Certified::Authority, "belongs to an authority (CA:TRUE), not to a server\n", "without CA:TRUE"),
    ] {
        let [_, authority, _] = certified(of);
        authority.fails(&["the certificate of the PCE localhost:", what, help]);
        said.push(authority.remarks.split_once(" is ").map_or(authority.remarks.clone(), |(_, rest)| rest.to_owned()));
    }
    said.sort();
    said.dedup();
    assert_eq!(said.len(), 7, "no two sound alike");
    let [other, _, itself] = certified(Certified::For("localhost"));
    other.fails(&["is signed by an authority that this machine does not trust\n"]);
    // one that was named needs no authority, and counts for its names and its time
    itself.exits(0);
    certified(Certified::For("pce.example.com"))[2].fails(&["is for another name: pce.example.com\n"]);
    certified(Certified::Expired)[2].fails(&["expired 2001-01-01T00:00:00Z"]);
}

#[test]
fn a_proxy_is_suspected_only_where_there_is_one() {
    let pce = FakePce::new();
    let folder = TempDir::new().unwrap();
    let other = folder.path().join("other.pem");
    fs::write(&other, other_authority()).unwrap();
    let (port, _) = proxy();
    let address = format!("http://127.0.0.1:{port}");
    let ran = run(pce.command().args(ASK).env("ILLUMIO_CA_FILE", &other).env("HTTPS_PROXY", address));
    ran.fails(&["does not trust", &format!("does the proxy 127.0.0.1:{port} intercept TLS")]);
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let pce = FakePce::certified("pce.example.com", |_, _| None);
    ask(&pce).fails(&["the certificate of the PCE", "is for another name"]);
    assert_eq!(pce.paths().len(), 0);
}

#[test]
fn a_file_without_certificates_is_refused() {
    let pce = FakePce::new();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("ca.pem");
    let named = |text: &str, words: &[&str]| {
        fs::write(&file, text).unwrap();
        run(pce.command().args(ASK).arg("--pce-ca-file").arg(&file)).fails(words);
    };
    named("", &["cannot read certificates from", "there is none"]);
    named("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &["cannot read certificates from"]);
    named("-----BEGIN CERTIFICATE-----\n%%\n", &["cannot read certificates from", "a PEM file"]);
    run(pce.command().args(ASK).args(["--pce-ca-file", "/no/such/file"])).fails(&["cannot read /no/such/file"]);
}

#[test]
fn a_place_without_a_pce_is_told_from_a_pce() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("localhost:{}", listener.local_addr().unwrap().port());
    let plain = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        // until the other side has understood and gone
        let _ = BufReader::new(stream).lines().count();
    });
    let pce = FakePce::new();
    let ask = |host: &str| run(pce.command().args(ASK).args(["--pce-host", host]));
    ask(&host).fails(&["does not speak TLS", "is this the port of the PCE's API?"]);
    plain.join().unwrap();
    ask(&host).fails(&["refuses the connection"]);
    ask("pce.invalid:8443").fails(&["the name of the PCE pce.invalid:8443 is not found", "DNS"]);
}

/// The sources of the program, but for those of the library.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources.extend(self::sources(path.to_str().unwrap()));
        } else {
            sources.push((path.to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()));
        }
    }
    sources
}

#[test]
fn one_command_can_change_a_pce_and_everything_else_can_only_get() {
    let sources = sources("src/bin/helm-clas");
    let count = |word: &str| sources.iter().map(|(_, text)| text.matches(word).count()).sum::<usize>();
    for (_, text) in &sources {
        for other in [".patch(", ".delete(", ".head(", ".run(", "Method::", "disable_verification"] {
            assert!(!text.contains(other) || !text.contains("ureq"), "{other}");
        }
    }
    assert_eq!(count("agent.get("), 1, "there is one place that asks");
    assert_eq!(count("agent.put("), 1, "there is one place that changes something");
    assert_eq!(count("agent.post("), 1, "there is one place that asks with a query");
    assert_eq!(count("Ask::Query("), 2, "a query is one of traffic alone");
    assert_eq!(count("Ask::Put("), 3, "it is sent by `Pce::change`, and to a query of traffic");
    let callers: Vec<&str> =
        sources.iter().filter(|(_, text)| text.contains("pce.change(")).map(|(path, _)| path.as_str()).collect();
    assert_eq!(callers, ["src/bin/helm-clas/command/enforcement/sending.rs"]);
}

// The way there.

/// A proxy that passes connections on, and how many it passed on.
fn proxy() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let connected = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connected);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let counted = Arc::clone(&counted);
            thread::spawn(move || connect(stream.unwrap(), &counted));
        }
    });
    (port, connected)
}

fn connect(mut client: TcpStream, counted: &AtomicUsize) -> Option<()> {
    let mut lines = BufReader::with_capacity(1, client.try_clone().ok()?).lines();
    let first = lines.next()?.ok()?;
    let target = first.strip_prefix("CONNECT ")?.split(' ').next()?.to_owned();
    lines.find(|line| line.as_ref().is_ok_and(String::is_empty))?.ok()?;
    counted.fetch_add(1, Ordering::SeqCst);
    let Ok(mut server) = TcpStream::connect(target) else {
        return client.write_all(b"HTTP/1.1 502 No Route\r\n\r\n").ok();
    };
    client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").ok()?;
    let (mut from_server, mut to_client) = (server.try_clone().ok()?, client.try_clone().ok()?);
    thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
    std::io::copy(&mut client, &mut server).ok().map(|_| ())
}

#[test]
fn a_proxy_is_used_where_the_environment_names_one() {
    let pce = FakePce::new();
    let (port, connected) = proxy();
    let address = format!("http://me:pa%20ss@127.0.0.1:{port}");
    run(pce.command().args(ASK).env("HTTPS_PROXY", &address)).exits(0);
    run(pce.command().args(ASK).env("all_proxy", &address)).exits(0);
    assert_eq!(connected.load(Ordering::SeqCst), 2);
    for exception in ["localhost", "*", "example.com, localhost", "localhost:443"] {
        run(pce.command().args(ASK).env("HTTPS_PROXY", &address).env("NO_PROXY", exception)).exits(0);
    }
    run(pce.command().args(ASK).env("HTTP_PROXY", &address)).exits(0);
    assert_eq!(connected.load(Ordering::SeqCst), 2, "plain HTTP is not what is spoken");
}

#[test]
fn a_proxy_that_does_not_work_is_named_without_its_password() {
    let pce = FakePce::new();
    let (port, _) = proxy();
    let through = |proxy: &str, host: &str| {
        let ran = run(pce.command().args(ASK).env("HTTPS_PROXY", proxy).args(["--pce-host", host]));
        assert!(!ran.remarks.contains("pa55"), "{}", ran.remarks);
        ran
    };
    let named = format!("through the proxy 127.0.0.1:{port}");
    through(&format!("http://me:pa55@127.0.0.1:{port}"), "localhost:1").fails(&[&named, "HTTPS_PROXY"]);
    through("http://me:pa55@127.0.0.1:1", &pce.host).fails(&["through the proxy 127.0.0.1:1 refuses the connection"]);
    through("socks5://me:pa55@127.0.0.1:1", &pce.host).fails(&["HTTPS_PROXY does not name a usable proxy"]);
    through("me:pa55@", &pce.host).fails(&["HTTPS_PROXY does not name a usable proxy"]);
}

// Collections, whole or not at all.

fn labels(count: usize) -> Value {
    (0..count).map(|number| json!({ "href": format!("/orgs/3/labels/{number}"), "key": "app", "value": "a" })).collect()
}

fn export(pce: &FakePce, folder: &Path) -> Ran {
    run(pce.command().args(["policy", "export"]).arg(folder))
}

#[test]
fn a_long_collection_is_gathered_by_a_job() {
    for (count, is_gathered) in [(499, false), (500, false), (501, true), (1234, true)] {
        let pce = FakePce::new();
        pce.put("/orgs/3/labels", labels(count));
        let folder = TempDir::new().unwrap();
        export(&pce, folder.path()).exits(0);
        let saved: Value = serde_json::from_slice(&fs::read(folder.path().join("labels.json")).unwrap()).unwrap();
        assert_eq!(saved, labels(count));
        let jobs = pce.paths().iter().filter(|path| path.starts_with("/api/v2/orgs/3/jobs/")).count();
        assert_eq!(jobs, if is_gathered { 2 } else { 0 }, "{count}");
    }
}

/// A PCE with more labels than it gives at once, and what it does when asked for a job.
#[track_caller]
fn export_fails(job: impl Fn(&str) -> Option<Reply> + Send + Sync + 'static, words: &[&str]) {
    let pce = FakePce::with(move |request, _| match request.path.as_str() {
        "/api/v2/orgs/3/labels" => {
            let reply = Reply::json(200, &labels(500)).header("X-Total-Count", "1234");
            if request.header("prefer").is_some() { job("labels").or(Some(reply)) } else { Some(reply) }
        }
        path => path.strip_prefix("/api/v2/orgs/3/").filter(|path| path.contains("jobs/")).and_then(&job),
    });
    let folder = TempDir::new().unwrap();
    export(&pce, folder.path()).fails(words);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is written of what is not whole");
}

#[test]
fn a_collection_that_is_cut_short_is_a_failure() {
    let short = "returned 500 of 1234 objects of /orgs/3/labels";
    export_fails(|_| None, &[short, "a job returns no more"]);
    export_fails(|_| Some(Reply::refusal(406, "no_async", "No jobs here")), &[short, "no_async: No jobs here"]);
    export_fails(|_| Some(Reply::of(204, "")), &[short]);
    let accepted = |path: &str| Reply::of(202, "").header("Location", path).header("Retry-After", "0");
    let job = move |status: Value| {
        move |path: &str| {
            let is_job = path.starts_with("jobs/");
            Some(if is_job { Reply::json(200, &status) } else { accepted("/orgs/3/jobs/9") })
        }
    };
    export_fails(
        job(json!({ "status": "failed", "result": { "message": "out of memory" } })),
        &["could not collect /orgs/3/labels: out of memory"],
    );
    export_fails(job(json!({ "status": "failed" })), &["it does not say why"]);
    export_fails(job(json!({ "status": "done" })), &["names `` as the place of its answer"]);
    export_fails(job(json!({ "status": "done", "result": null })), &["names `` as the place of its answer"]);
    export_fails(
        job(json!({ "status": "done", "result": { "href": "https://elsewhere.invalid/data" } })),
        &["names `https://elsewhere.invalid/data`", "sent only to the PCE itself"],
    );
    export_fails(move |_| Some(accepted("@elsewhere.invalid/x")), &["names `@elsewhere.invalid/x`"]);
    export_fails(|_| Some(Reply::of(202, "")), &["names `` as the place of its answer"]);
}

#[test]
fn a_running_job_without_a_result_is_waited_for() {
    let pce = FakePce::with(|request, before| {
        let is_job = request.path.contains("/jobs/") && before % 4 != 0;
        is_job.then(|| Reply::json(200, &json!({ "status": "running", "result": null })).header("Retry-After", "0"))
    });
    pce.put("/orgs/3/labels", labels(501));
    let folder = TempDir::new().unwrap();
    export(&pce, folder.path()).exits(0);
    assert_eq!(fs::read_to_string(folder.path().join("labels.json")).unwrap().matches("href").count(), 501);
}

#[test]
fn without_a_total_five_hundred_objects_are_suspicious() {
    let pce = FakePce::with(|request, _| {
        let is_first = request.path.ends_with("/labels") && request.header("prefer").is_none();
        is_first.then(|| Reply::json(200, &labels(500)))
    });
    pce.put("/orgs/3/labels", labels(777));
    let folder = TempDir::new().unwrap();
    export(&pce, folder.path()).exits(0);
    assert_eq!(fs::read_to_string(folder.path().join("labels.json")).unwrap().matches("href").count(), 777);
}

// The export.

#[test]
fn an_export_holds_what_the_pce_sent_and_no_credential() {
    let pce = FakePce::new();
    pce.put("/orgs/3/labels", json!([{ "href": "/orgs/3/labels/1", "value": "token", "api_token": SECRET }]));
    let folder = TempDir::new().unwrap();
    let place = folder.path().join("new/export");
    let ran = export(&pce, &place);
    ran.exits(0);
    for word in [
        "sent by the PCE localhost:",
        "      1  active/rule_sets.json\n",
        "      3  container_workload_profiles.json\n",
        "The PCE has nothing for: active/enforcement_boundaries.json.",
        "Masked, because it may be a credential: api_token.",
    ] {
        assert!(ran.answer.contains(word), "no {word:?} in {}", ran.answer);
    }
    let read = |name: &str| -> Value { serde_json::from_slice(&fs::read(place.join(name)).unwrap()).expect(name) };
    assert_eq!(read("labels.json"), json!([{ "href": "/orgs/3/labels/1", "value": "token", "api_token": "********" }]));
    assert_eq!(read("active/rule_sets.json")[0]["rules"][0]["ingress_services"][0]["port"], 8080);
    let namespaces: Vec<Value> = read("container_workload_profiles.json")
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["namespace"].clone())
        .collect();
    assert_eq!(namespaces, [json!(null), json!("illumio-system"), json!("illumio-system")]);
    assert_eq!(read("product_version.json")["build"], 431);
    assert!(!place.join("active/enforcement_boundaries.json").exists());
    assert!(fs::read_to_string(place.join("labels.json")).unwrap().starts_with("[\n  {\n    \"api_token\": "));

    let again = export(&pce, &place);
    again.fails(&["is not empty", "name a new or an empty one"]);
}

#[test]
fn an_export_tells_in_json_what_it_did() {
    let pce = FakePce::new();
    let folder = TempDir::new().unwrap();
    let ran = run(pce.command().args(["policy", "export", "-o", "json"]).arg(folder.path()));
    let answer = ran.exits(0).json();
    crate::support::schema::fits(&answer);
    assert_eq!(answer["schema"], "helm-clas/policy-export/v1");
    assert_eq!(answer["absent"], json!(["active/enforcement_boundaries.json"]));
    assert_eq!(answer["masked"], json!([]));
    assert_eq!(answer["files"][0], json!({ "file": "active/rule_sets.json", "count": 1 }));
}

#[test]
fn an_export_needs_the_rule_sets_and_the_organisation() {
    let pce = FakePce::new();
    let folder = TempDir::new().unwrap();
    run(pce.command().env_remove("ILLUMIO_PCE_ORG_ID").args(["policy", "export"]).arg(folder.path()))
        .fails(&["no organisation of the PCE is given", "--pce-org"]);
    pce.remove("/orgs/3/sec_policy/active/rule_sets");
    export(&pce, folder.path()).fails(&["has no /orgs/3/sec_policy/active/rule_sets (404)"]);
    pce.put("/orgs/3/sec_policy/active/rule_sets", json!({ "not": "a list" }));
    export(&pce, folder.path()).fails(&["unexpected answer of the PCE"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_the_key_may_not_read_is_left_out_and_the_role_named() {
    let pce = FakePce::with(|request, _| {
        let is_forbidden =
            request.path.ends_with("/label_groups") || request.path.ends_with("c2/container_workload_profiles");
        is_forbidden.then(|| Reply::refusal(403, "forbidden", "no"))
    });
    let folder = TempDir::new().unwrap();
    let ran = run(pce.command().args(["policy", "export", "-o", "json"]).arg(folder.path()));
    let answer = ran.exits(0).json();
    crate::support::schema::fits(&answer);
    let refused = answer["refused"].as_array().unwrap();
    assert_eq!(refused[0]["file"], "active/label_groups.json");
    assert!(refused[0]["why"].as_str().unwrap().ends_with(
        "(403): forbidden: no; it needs the role Global Viewer (formerly Global Read Only), Global Administrator or Organization Owner"
    ));
    assert_eq!(refused[1]["file"], "container_workload_profiles.json", "some profiles are not all");
    assert!(refused[1]["why"].as_str().unwrap().contains("Global Policy Object Provisioner"));
    assert!(!folder.path().join("active/label_groups.json").exists());
    let text = run(pce.command().args(["policy", "export"]).arg(folder.path().join("text")));
    text.exits(0);
    assert!(
        text.answer.contains("Could not be checked: active/label_groups.json. The API key may not"),
        "{}",
        text.answer
    );
    let judged = run(pce.command().args(["policy"]));
    judged
        .remarks_have(&["note: could not be checked: the API key may not read /orgs/3/sec_policy/active/label_groups"]);
}

// The played PCE itself.

#[test]
fn what_the_played_pce_answers_is_what_the_vendor_publishes() {
    let pce = FakePce::new();
    let played = pce.played();
    let mut seen = 0;
    for (path, answer) in &played.objects {
        let schema = match path.rsplit('/').next().unwrap() {
            "product_version" => "product_version_get",
            "labels" => "labels_get",
            "rule_sets" => "sec_policy_rule_sets_get",
            "services" => "sec_policy_services_get",
            "container_clusters" => "container_clusters_get",
            "container_workload_profiles" => "container_clusters_container_workload_profiles_get",
            "kubernetes_workloads" => "kubernetes_workloads_get",
            id if path.ends_with(&format!("/container_clusters/{id}")) => "container_clusters_get",
            // private, and gone from what is published (10.5 of the vendor's API changes)
            "container_workloads" => continue,
            other => {
                assert_eq!(answer, &json!([]), "no schema for {other}");
                continue;
            }
        };
        let objects = answer.as_array().cloned().unwrap_or_else(|| vec![answer.clone()]);
        seen += objects.len();
        vendor::fit(schema, &objects);
    }
    assert!(seen >= 14, "{seen}");
    vendor::fit("jobs_get", &[job_answer(7, false), job_answer(7, true)]);
    vendor::fit("workloads_get", &[node("a", "/orgs/3/container_clusters/x", "full")]);
    // the schemas do refuse something
    assert_eq!(vendor::complaints("jobs_get", &[json!({ "href": "/x", "status": "done", "made": "up" })]).len(), 2);
}
