//! `helm clas policy prove`: what it prints, what it asks of a PCE, and what it does with traffic that no PCE wrote.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::support::{
    fake_pce::{FakePce, Reply, run},
    program::Folder,
    schema::{fits, read_json},
};

fn exported(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/policy").join(name).display().to_string()
}

/// The program in a folder with a file, its exit code and what it prints.
fn prove(file: &str, content: &str, words: &[&str]) -> (i32, String, String) {
    let folder = Folder::with(file, content);
    let mut command = folder.command(["policy", "prove"].into_iter().chain(words.iter().copied()));
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_json_of_each_export_fits_the_schema() {
    for name in ["shop", "demo", "vendor-template"] {
        let (status, answer, remarks) = prove("x", "", &[&exported(name), "-o", "json"]);
        let answer: Value = serde_json::from_str(&answer).expect(&remarks);
        fits(&answer);
        let expected = match answer["answer"].as_str().unwrap() {
            "lost" => 1,
            "not-known" => 2,
            _ => 0,
        };
        assert_eq!(status, expected, "{answer:#}");
        let assumed: Vec<&str> =
            answer["assumptions"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert!(assumed.contains(&"full-enforcement") && assumed.contains(&"labels-stay"), "{assumed:?}");
    }
}

#[test]
fn the_json_of_traffic_fits_the_schema() {
    let flows = read_json("testdata/cli/prove.in/flows.json").to_string();
    let (status, answer, remarks) =
        prove("flows.json", &flows, &[&exported("shop"), "--traffic", "flows.json", "-o", "json"]);
    let answer: Value = serde_json::from_str(&answer).expect(&remarks);
    fits(&answer);
    assert!(status < 3 && answer["summary"]["flows"] == 1, "{answer:#}");
}

// Traffic that no PCE wrote.

#[track_caller]
fn is_refused(content: &str, words: &str) {
    let (status, answer, remarks) = prove("t", content, &[&exported("shop"), "--traffic", "t"]);
    assert_eq!(status, 2, "{answer}");
    assert!(remarks.contains(words), "no {words:?} in {remarks}");
}

#[test]
fn what_is_no_traffic_is_refused_with_its_place() {
    is_refused("", "the file is empty");
    is_refused("not,a,header\n1,2,3\n", "there is no column `Source IP`");
    is_refused("{}", "expected a list here");
    is_refused("[{\"src\": 7}]", "1:");
    is_refused(&"[".repeat(100_000), "expected text here");
    is_refused("[{\"num_connections\": \"ghp_0123456789abcdefghijklmnopqrstuvwxyz\"}]", "1:");
}

const HEADER: &str = "Source IP,Source Name,Source App,Destination IP,Destination Name,Destination App,Port,Protocol,Num Flows,Reported Policy Decision,Last Detected";

#[test]
fn lines_that_do_not_say_enough_are_counted_and_never_pass_for_a_proof() {
    let text = format!(
        "{HEADER}\n10.0.0.1,,,10.0.0.2,,,99999,TCP,1,Allowed,x\n10.0.0.1,,,10.0.0.2,,,80,warp,1,Allowed,x\n,,,,,,,,,,\n"
    );
    let (status, answer, _) = prove("t", &text, &[&exported("shop"), "--traffic", "t", "-o", "json"]);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    fits(&answer);
    assert_eq!((status, &answer["summary"]["passedOver"]), (2, &json!(3)), "{answer:#}");
    assert!(answer["unknown"].to_string().contains("line 2"), "{answer:#}");
}

#[test]
fn names_in_traffic_are_only_text() {
    let name = "<script>alert(1)</script>\u{1b}[31m";
    let row = format!("10.0.0.1,\"{name}\",,10.0.0.2,\"=HYPERLINK(1)\",,80,TCP,1,Allowed,\"<b>\"");
    let text = format!("{HEADER}\n{row}\n");
    for form in ["html", "csv", "text", "json"] {
        let (_, answer, remarks) = prove("t", &text, &[&exported("shop"), "--traffic", "t", "-o", form]);
        assert!(!answer.contains('\u{1b}') && !answer.is_empty(), "{form}: {answer:?} {remarks}");
        if form == "html" {
            assert!(!answer.contains("<script") && !answer.contains("<b>"), "{answer}");
        }
        assert!(form != "csv" || !answer.contains(",=HYPERLINK"), "{answer}");
    }
}

#[test]
fn a_click_sorts_the_table_in_a_browser() {
    let folder = Folder::new();
    let row = |name: &str, port: u16, count: u32| {
        format!("10.0.0.1,{name},{name},10.96.4.20,x,x,{port},TCP,{count},Allowed,2026-06-01\n")
    };
    let rows: String =
        [("b", 80, 10), ("a", 9000, 9), ("c", 443, 100)].map(|(name, port, n)| row(name, port, n)).concat();
    folder.write("t.csv", format!("{HEADER}\n{rows}"));
    let page = folder.run(&format!("policy prove {} --traffic t.csv -o html", exported("shop")));
    folder.write("page.html", page.stdout);
    let Some(browser) = crate::support::browser::Browser::start() else { return };
    browser.is_right(&folder.path("page.html"), "prove", |_| {});
    let columns = browser.run("return document.querySelectorAll('.sortable .head label').length").as_u64().unwrap();
    assert!(columns > 3);
    let mut orders = std::collections::BTreeSet::new();
    for column in 0..columns {
        let order = browser.run(&format!(
            "document.querySelectorAll('.sortable .head label')[{column}].click();
             return [...document.querySelectorAll('.sortable .line')]
                 .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
                 .map(line => line.textContent)"
        ));
        let lines = order.as_array().unwrap();
        assert_eq!(lines.len(), 3, "{order}");
        orders.insert(order.to_string());
    }
    // by name, by port and by count they are in other orders
    assert!(orders.len() > 1, "{orders:?}");
}

#[test]
fn a_hundred_thousand_lines_are_read_in_a_moment() {
    let mut text = format!("{HEADER}\n");
    for line in 0..100_000_u32 {
        text += &format!("10.{}.{}.1,n,shop,10.96.4.20,,,80,TCP,1,Allowed,2026\n", line >> 8 & 255, line & 255);
    }
    let (status, answer, remarks) = prove("t", &text, &[&exported("shop"), "--traffic", "t", "-o", "csv"]);
    assert!(status < 3 && answer.lines().count() < 100, "{remarks}");
}

// Asked of a PCE.

/// A PCE with the policy of `shop` and one query of traffic.
fn pce_with_traffic() -> FakePce {
    let query = |status: &str| {
        json!({ "href": "/orgs/3/traffic_flows/async_queries/q1", "status": status, "matches_count": 1, "flows_count": 1,
                "created_at": "2026-06-01T08:00:00Z", "created_by": { "href": "/users/1" }, "query_parameters": {} })
    };
    let pce = FakePce::with(move |request, _| {
        let path = request.path.strip_prefix("/api/v2/orgs/3/traffic_flows/async_queries")?;
        Some(match (&*request.method, path) {
            ("POST", "") => Reply::json(202, &query("queued")),
            ("GET", "/q1") => Reply::json(200, &query("completed")),
            ("PUT", "/q1/update_rules") => Reply::of(202, "").header("Retry-After", "0"),
            ("GET", "/q1/download") => Reply::json(200, &read_json("testdata/cli/prove.in/flows.json")),
            _ => Reply::of(405, ""),
        })
    });
    for (path, file) in [
        ("sec_policy/active/rule_sets", "active/rule_sets.json"),
        ("sec_policy/active/virtual_services", "active/virtual_services.json"),
        ("sec_policy/active/label_groups", "active/label_groups.json"),
        ("sec_policy/active/services", "active/services.json"),
        ("sec_policy/active/ip_lists", "active/ip_lists.json"),
        ("labels", "labels.json"),
    ] {
        let text = fs::read_to_string(Path::new("testdata/cli/prove.in/pce").join(file)).unwrap();
        pce.put(&format!("/orgs/3/{path}"), serde_json::from_str(&text).unwrap());
    }
    pce
}

#[test]
fn the_traffic_of_the_last_days_is_asked_with_one_query_and_nothing_else_is_sent() {
    let pce = pce_with_traffic();
    let ran = run(pce.command().args(["policy", "prove", "--traffic-days", "7", "-o", "json"]));
    let answer = ran.exits(1).json();
    fits(&answer);
    assert_eq!(answer["rows"][0]["answer"], "lost", "{answer:#}");
    assert_eq!(answer["rows"][0]["draft"]["allowed"], 1, "{answer:#}");
    let sent: Vec<_> = pce.all_requests().into_iter().filter(|request| request.method != "GET").collect();
    let words: Vec<String> = sent.iter().map(|request| format!("{} {}", request.method, request.path)).collect();
    let queries = "/api/v2/orgs/3/traffic_flows/async_queries";
    assert_eq!(words, [format!("POST {queries}"), format!("PUT {queries}/q1/update_rules")]);
    let body: Value = serde_json::from_slice(&sent[0].body).unwrap();
    assert_eq!(body["max_results"], 200_000);
    for field in ["query_name", "sources", "destinations", "services", "policy_decisions", "max_results"] {
        assert!(body.get(field).is_some(), "{field}: {body:#}");
    }
}

#[test]
fn a_query_that_is_elsewhere_is_not_followed() {
    let pce = FakePce::with(|request, _| {
        (request.method == "POST")
            .then(|| Reply::json(201, &json!({ "href": "/orgs/3/workloads/1", "status": "queued" })))
    });
    let folder = exported("shop");
    let ran = run(pce.command().args(["policy", "prove", &folder, "--traffic-days", "1"]));
    ran.fails(&["names another place for its answer"]);
    assert_eq!(pce.all_requests().len(), 1);
}
