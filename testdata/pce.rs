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

use crate::support::fake_pce::{Break, FakePce, Ran, Reply, SECRET, USER, bare_command, other_authority, run};

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
        ask(&file, more).fails(&["which of the clusters in the file is meant", "name one with --path: east, west"]);
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
    let host = format!("note: asking the PCE {}, though pce_url of the values names pce.example.com:8443", pce.host);
    ran.exits(0).remarks_have(&[&host, "note: asking about organisation 3, though cluster_token is of 7"]);
}

#[test]
fn a_version_is_read_however_it_is_told() {
    for (said, understood) in [
        (json!({ "version": "23.5.10", "build": 7 }), "23.5.10"),
        (json!({ "version": "23.5.0", "long_display": "23.5.0+A1" }), "23.5.0+A1"),
        (json!({ "version": "24.2.20", "long_display": "24.2.20-H2" }), "24.2.20"),
        (json!({ "long_display": "24.2.20-3" }), "24.2.20-3"),
    ] {
        let pce = FakePce::with(move |_, _| Some(Reply::json(200, &said)));
        ask(&pce).remarks_have(&[&format!("runs {understood}\n")]);
    }
    let odd = json!({ "version": "24.2.20-dev\u{1b}[2J", "long_display": "x" });
    let said = "says it runs `24.2.20-dev\\u{1b}[2J`, which is not one exact PCE version";
    ask_and_fail(move || Reply::json(200, &odd), &[said, "name the version yourself"]);
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
    fails(&|command| _ = command.env_remove("ILLUMIO_PCE_HOST"), &["the PCE is not named", "--pce-host"]);
    fails(
        &|command| _ = command.args(["--pce-host", "http://pce:8443"]),
        &["`http://pce:8443` is not reached over HTTPS"],
    );
    fails(&|command| _ = command.args(["--pce-host", "https://me:pw@pce"]), &["the PCE `https://********@pce`"]);
    fails(&|command| _ = command.env("ILLUMIO_PCE_ORG_ID", "../1"), &["`../1` is not the number of an organisation"]);
    fails(
        &|command| _ = command.env("ILLUMIO_API_KEY_SECRET", format!("{SECRET}\n{SECRET}")),
        &["a control character", "did a line break come along?"],
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
    let secret = "ILLUMIO_API_KEY_SECRET: are they of this PCE";
    ask_and_fail(|| Reply::of(401, ""), &["does not accept the API key (401)", "ILLUMIO_API_KEY_USERNAME", secret]);
    ask_and_fail(|| Reply::of(403, ""), &["may not read /product_version", "a role"]);
    ask_and_fail(|| Reply::of(404, ""), &["has no /product_version (404)", "--pce-org"]);
    ask_and_fail(
        || Reply::refusal(406, "invalid_uri", "Invalid URI: {x}"),
        &["does not take the question /product_version (406): invalid_uri: Invalid URI: {x}\n"],
    );
    ask_and_fail(
        || Reply::of(302, "").header("Location", "https://elsewhere.invalid/"),
        &["sends on to another address (302)", "--pce-host"],
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
    ask_and_fail(job, &["it runs `********`"]);
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
    let words = ["asked too much and refuses to answer (429): too_many_requests_error: slow down"];
    assert_eq!(ask_and_fail(busy, &words).paths().len(), 4);
    let broken = || Reply::of(502, "<h1>Bad\nGateway</h1>").header("Retry-After", "0");
    let words = ["fails at /product_version (502): <h1>Bad\\nGateway</h1>"];
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
    let unexpected = ["with something unexpected", "is this host and port the PCE's API?"];
    ask_and_fail(|| Reply::of(200, "<html>Welcome</html>"), &unexpected);
    ask_and_fail(|| Reply::of(200, "{\"version\": \"24.2"), &unexpected);
    ask_and_fail(|| Reply::of(200, "[]x"), &unexpected);
    ask_and_fail(|| Reply::of(200, ""), &unexpected);
    ask_and_fail(|| Reply::bytes(200, b"\"\xff\""), &["something that is no text"]);
    ask_and_fail(|| Reply::of(200, "").breaks(Break::NoHttp), &["does not speak HTTP"]);
}

// Who vouches for the PCE.

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused() {
    let pce = FakePce::new();
    let folder = TempDir::new().unwrap();
    let other = folder.path().join("other.pem");
    fs::write(&other, other_authority()).unwrap();
    let named = &["signed by an authority that is not trusted here", "see that the file in ILLUMIO_CA_FILE"];
    run(pce.command().args(ASK).env("ILLUMIO_CA_FILE", &other)).fails(named);
    // without a file only the system's authorities count; a machine may have none
    let ran = run(pce.command().args(ASK).env_remove("ILLUMIO_CA_FILE"));
    ran.fails(&["ILLUMIO_CA_FILE"]);
    run(pce.command().args(ASK).env_remove("ILLUMIO_CA_FILE").env("SSL_CERT_FILE", &other))
        .fails(&["not trusted here", "name a PEM file with the authority's certificate in ILLUMIO_CA_FILE"]);
    run(pce.command().args(ASK).env_remove("ILLUMIO_CA_FILE").env("SSL_CERT_FILE", &pce.ca_file)).exits(0);
    assert_eq!(pce.paths().len(), 1, "no request is sent over a connection that is not trusted");
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

/// Policy, labels and workloads are only read. A query of traffic is an object of its own, which one file makes and asks.
#[test]
fn the_code_can_send_nothing_but_get_and_a_query_of_traffic() {
    let (mut asks, mut sends) = (0, 0);
    for entry in fs::read_dir("src/bin/helm-clas/pce").unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for other in [".patch(", ".delete(", ".head(", ".run(", "Method::", "disable_verification"] {
            assert!(!text.contains(other), "{other}");
        }
        asks += text.matches("agent.get(").count();
        sends += text.matches("agent.post(").count() + text.matches("agent.put(").count();
        let sends_by_itself =
            text.contains("self.sent(") || text.contains("Sent::Post,") || text.contains("Sent::Put,");
        let may_send = ["traffic.rs"].iter().any(|name| path.ends_with(name));
        assert!(may_send || !sends_by_itself, "{}", path.display());
        if may_send {
            assert_eq!(text.matches("self.sent(").count(), 2);
            assert!(text.contains(r#"self.in_org("traffic_flows/async_queries")"#));
            assert!(text.contains(r#"&format!("{place}/update_rules")"#));
        }
    }
    assert_eq!((asks, sends), (1, 2), "there is one place that asks, and one that sends");
}

// The way there.

/// A proxy that hands connections on, and how many it handed on.
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
    through("socks5://me:pa55@127.0.0.1:1", &pce.host).fails(&["HTTPS_PROXY names no proxy that can be used"]);
    through("me:pa55@", &pce.host).fails(&["HTTPS_PROXY names no proxy that can be used"]);
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
    let short = "gives 500 of 1234 objects of /orgs/3/labels";
    export_fails(|_| None, &[short, "the job brought no more"]);
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
        &["could not gather /orgs/3/labels: out of memory"],
    );
    export_fails(job(json!({ "status": "failed" })), &["it does not say why"]);
    export_fails(job(json!({ "status": "done" })), &["names `` as the place of its answer"]);
    export_fails(
        job(json!({ "status": "done", "result": { "href": "https://elsewhere.invalid/data" } })),
        &["names `https://elsewhere.invalid/data`", "only sent to the PCE itself"],
    );
    export_fails(move |_| Some(accepted("@elsewhere.invalid/x")), &["names `@elsewhere.invalid/x`"]);
    export_fails(|_| Some(Reply::of(202, "")), &["names `` as the place of its answer"]);
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
        "what the PCE localhost:",
        "      1  active/rule_sets.json\n",
        "      3  container_workload_profiles.json\n",
        "The PCE has nothing for: active/enforcement_boundaries.json.",
        "Masked, because a credential may stand there: api_token.",
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
        .fails(&["the PCE's organisation is not named", "--pce-org"]);
    pce.remove("/orgs/3/sec_policy/active/rule_sets");
    export(&pce, folder.path()).fails(&["has no /orgs/3/sec_policy/active/rule_sets (404)"]);
    pce.put("/orgs/3/sec_policy/active/rule_sets", json!({ "not": "a list" }));
    export(&pce, folder.path()).fails(&["something unexpected"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
