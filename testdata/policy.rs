//! `helm clas policy`: what it finds, what it prints, and what it does with files that no PCE wrote.
//!
//! `testdata/policy` holds exports of ours: `shop` has a bit of everything, `demo` is a demonstration as people publish
//! them (virtual services only, without ports; many All Workloads), `vendor-template` is the rule set that the vendor's
//! pages give for Kubernetes clusters. Beside each is what the command prints; `UPDATE=1 cargo test policy::` writes
//! that again. Read the difference.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use helm_clas::{
    Called, Severity,
    policy::{Book, Judged, Policy, Question, Source, export, judge},
    report::policy as report,
};
use serde_json::{Value, json};

use crate::support::{
    measure::{Cost, Size, cost, is_linear},
    program::{Folder, Ran},
};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/policy").join(name)
}

fn shop(file: &str) -> String {
    fs::read_to_string(folder("shop").join(file)).unwrap()
}

/// The UUIDs of the two clusters in `shop`.
const K8S_A: &str = "5a1e0000-0000-4000-8000-0000000000c1";
const K8S_B: &str = "5a1e0000-0000-4000-8000-0000000000c2";

// What is found in one rule.

const ACTIVE: &str = "/orgs/3/sec_policy/active";

/// An actor by the name its object has in `shop`: a label (`cart`, without it `!cart`), or a word with a colon.
fn actor(word: &str) -> Value {
    let (is_exclusion, word) = word.strip_prefix('!').map_or((false, word), |word| (true, word));
    let object = |kind: &str, path: &str| json!({ kind: { "href": format!("{ACTIVE}/{path}") } });
    let label = |number: u8| json!({ "label": { "href": format!("/orgs/3/labels/{number}") } });
    let mut actor = match word {
        "ams" => json!({ "actors": "ams" }),
        "hosts" => json!({ "actors": "container_host" }),
        "ip:any" => object("ip_list", "ip_lists/1"),
        "ip:services" => object("ip_list", "ip_lists/2"),
        "ip:offices" => object("ip_list", "ip_lists/3"),
        "vs:cart" => object("virtual_service", "virtual_services/0b6f0000-0000-4000-8000-000000000001"),
        "vs:checkout" => object("virtual_service", "virtual_services/0b6f0000-0000-4000-8000-000000000002"),
        "vs:web-np" => object("virtual_service", "virtual_services/0b6f0000-0000-4000-8000-000000000003"),
        "vs:web-lb" => object("virtual_service", "virtual_services/0b6f0000-0000-4000-8000-000000000005"),
        "vs:by-hand" => object("virtual_service", "virtual_services/0b6f0000-0000-4000-8000-000000000007"),
        "vs:of-b" => object("virtual_service", "virtual_services/0b6f0000-0000-4000-8000-000000000006"),
        "vs:gone" => object("virtual_service", "virtual_services/gone"),
        "group:stores" => object("label_group", "label_groups/501"),
        "group:gone" => object("label_group", "label_groups/gone"),
        "workload" => json!({ "workload": { "href": "/orgs/3/workloads/1", "name": "vm1" } }),
        "server" => object("virtual_server", "virtual_servers/1"),
        "new" => json!({ "user_group": { "href": "/orgs/3/user_groups/1" } }),
        "shop" => label(12),
        "billing" => label(13),
        "prod" => label(15),
        "test" => label(16),
        "cart" => label(21),
        "checkout" => label(22),
        "web" => label(23),
        "node" => label(24),
        "jumphost" => label(26),
        "redis" => label(27),
        "postgres" => label(28),
        "gone" => label(99),
        _ => panic!("no actor `{word}`"),
    };
    if is_exclusion {
        actor["exclusion"] = json!(true);
    }
    actor
}

fn actors(words: &str) -> Value {
    words.split_whitespace().map(actor).collect()
}

fn services(words: &str) -> Value {
    let service = |word: &str| match word.strip_prefix('s') {
        Some(number) => json!({ "href": format!("{ACTIVE}/services/{number}") }),
        None => json!({ "proto": 6, "port": word.parse::<u16>().unwrap() }),
    };
    words.split_whitespace().map(service).collect()
}

/// `workloads`, `only`, `both`; of sources and destinations, or `SOURCES/DESTINATIONS`.
fn uses(word: &str) -> Value {
    let list = |word: &str| match word {
        "workloads" => json!(["workloads"]),
        "only" => json!(["virtual_services"]),
        "both" => json!(["workloads", "virtual_services"]),
        _ => panic!("no use `{word}`"),
    };
    let (consumers, providers) = word.split_once('/').unwrap_or(("workloads", word));
    json!({ "consumers": list(consumers), "providers": list(providers) })
}

/// A rule in words: `SOURCES -> DESTINATIONS, SERVICES`, and what the labels mean.
fn rule(line: &str, use_word: &str) -> Value {
    let (ends, opened) = line.split_once(',').unwrap_or((line, ""));
    let (sources, destinations) = ends.split_once("->").unwrap();
    json!({
        "href": format!("{ACTIVE}/rule_sets/1/sec_rules/1"),
        "enabled": true,
        "consumers": actors(sources),
        "providers": actors(destinations),
        "ingress_services": services(opened),
        "resolve_labels_as": uses(use_word),
    })
}

fn set_of(rules: &[Value], scope: &str) -> Value {
    let mut rules = rules.to_vec();
    for (number, rule) in (1..).zip(&mut rules) {
        rule["href"] = json!(format!("{ACTIVE}/rule_sets/1/sec_rules/{number}"));
    }
    json!({ "href": format!("{ACTIVE}/rule_sets/1"), "name": "RS", "enabled": true, "scopes": [actors(scope)],
            "rules": rules })
}

/// Judges rule sets among the other objects of `shop`, and passes on the result.
fn with_judged<R>(rule_sets: &Value, question: &Question<'_>, see: impl FnOnce(&Judged<'_>) -> R) -> R {
    let without = |_: &str| false;
    with_judged_without(without, rule_sets, question, see)
}

fn with_judged_without<R>(
    without: impl Fn(&str) -> bool,
    rule_sets: &Value,
    question: &Question<'_>,
    see: impl FnOnce(&Judged<'_>) -> R,
) -> R {
    let files = [
        export::VIRTUAL_SERVICES,
        export::LABEL_GROUPS,
        export::SERVICES,
        export::IP_LISTS,
        export::LABELS,
        export::CONTAINER_CLUSTERS,
        export::CONTAINER_WORKLOAD_PROFILES,
    ];
    let texts: Vec<(&'static str, String)> =
        files.into_iter().filter(|file| !without(file)).map(|file| (file, shop(file))).collect();
    let rule_sets = rule_sets.to_string();
    let mut sources = vec![Source { file: export::RULE_SETS, name: "rule_sets.json", text: &rule_sets }];
    sources.extend(texts.iter().map(|(file, text)| Source { file, name: file, text }));
    let policy = Policy::read(&sources).unwrap();
    let book = Book::of(&policy);
    see(&judge(&book, question))
}

/// What is found in the first rule, and what it should become.
fn found(judged: &Judged<'_>) -> (Vec<String>, Vec<String>) {
    let rule = &judged.rule_sets[0].rules[0];
    let findings = rule.findings.iter();
    let said = findings.map(|finding| format!("{} {}", finding.severity.as_str(), finding.rule.name()));
    (said.collect(), rule.becomes(judged.book))
}

#[track_caller]
fn check(line: &str, use_word: &str, expected: &[&str], becomes: &[&str]) {
    let sets = json!([set_of(&[rule(line, use_word)], "shop prod")]);
    let (findings, lines) = with_judged(&sets, &Question { cluster: Some(K8S_A), ..Question::default() }, found);
    assert_eq!((findings, lines), (owned(expected), owned(becomes)), "{line}");
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

const ONLY_ERROR: &[&str] = &["error virtual-services-only"];
const NOTHING: &[&str] = &[];

#[test]
fn a_virtual_service_by_name_breaks_where_it_goes_away() {
    const BROKEN: &[&str] = &["error virtual-service-in-rule"];
    check("web -> vs:checkout", "workloads", BROKEN, &["role=web -> role=checkout, 8443/TCP (Use Workloads)"]);
    check("web -> vs:checkout, 8443", "only", BROKEN, &["role=web -> role=checkout, 8443/TCP (Use Workloads)"]);
    check(
        "vs:cart -> web, 443 8080",
        "workloads",
        BROKEN,
        &["role=cart -> role=web, 443/TCP, 8080/TCP (Use Workloads)"],
    );
    let each_its_own = [
        "role=web -> role=cart, 8080/TCP, 9090/TCP (Use Workloads)",
        "role=web -> role=checkout, 8443/TCP (Use Workloads)",
    ];
    check("web -> vs:cart vs:checkout", "workloads", BROKEN, &each_its_own);
    let beside = [
        "IP list Offices -> virtual service web-np, the ports of its virtual services",
        "IP list Offices -> role=checkout, 8443/TCP (Use Workloads)",
    ];
    check("ip:offices -> vs:checkout vs:web-np", "workloads", &[BROKEN[0], "info virtual-service-in-rule"], &beside);
}

#[test]
fn a_node_port_has_a_side_that_pods_call() {
    // its labels are those of web-lb as well
    let by_hand = ["warning virtual-service-in-rule", "info rewrite-by-hand"];
    check("web -> vs:web-np", "workloads", &by_hand, NOTHING);
    check("hosts -> vs:web-np", "workloads", &by_hand, NOTHING);
    check("ip:offices hosts -> vs:web-np", "workloads", &by_hand, NOTHING);
    let both = "source Use Workloads, destination Uses Virtual Services and Workloads";
    check(
        "web -> vs:web-np vs:web-lb",
        "workloads",
        &by_hand[..1],
        &[&format!("role=web -> role=web, 443/TCP, 8080/TCP ({both})")],
    );
    check(
        "checkout -> web",
        "only",
        &["warning virtual-services-only"],
        &[&format!("role=checkout -> role=web, 443/TCP, 8080/TCP ({both})")],
    );
    check("ip:offices -> web", "only", &["info virtual-services-only"], NOTHING);
}

#[test]
fn what_is_not_understood_is_named() {
    let narrowed = ["warning rule-not-understood"];
    let with = |field: &str, value: Value| {
        let mut set = set_of(&[rule("web -> checkout, 8443", "workloads")], "shop prod");
        set["rules"][0][field] = value;
        set
    };
    for (field, value) in [
        ("consuming_security_principals", json!([{ "href": "/orgs/3/security_principals/x", "name": "Admins" }])),
        ("network_type", json!("non_brn")),
        ("network_type", json!("vpn")),
        ("machine_auth", json!(true)),
        ("sec_connect", json!(true)),
        ("stateless", json!(true)),
        ("use_workload_subnets", json!(["providers"])),
        ("egress_services", json!([{ "href": format!("{ACTIVE}/services/1") }])),
        ("all_ips_except_for_in_consumers", json!(true)),
        ("all_ips_except_for_in_providers", json!(true)),
        ("tier", json!({ "new": 1 })),
    ] {
        check_set(&with(field, value.clone()), &narrowed);
        with_judged(&json!([with(field, value)]), &Question::default(), |judged| {
            assert!(judged.untold.iter().any(|untold| untold.contains(&format!("`{field}"))), "{:?}", judged.untold);
            assert!(judged.rule_sets[0].rules[0].findings[0].message.contains(field));
        });
    }
    for (field, value) in [
        ("network_type", json!("brn")),
        ("network_type", json!(null)),
        ("stateless", json!(false)),
        ("use_workload_subnets", json!([])),
        ("tier", json!("")),
        ("created_at", json!("2025-01-01T00:00:00Z")),
    ] {
        check_set(&with(field, value), NOTHING);
    }
}

#[test]
fn what_a_rule_should_become_keeps_what_narrows_it() {
    let mut set = set_of(&[rule("web -> checkout", "only")], "shop prod");
    let groups = json!([{ "href": "/orgs/3/security_principals/x", "name": "Admins" }]);
    set["rules"][0]["consuming_security_principals"] = groups.clone();
    set["rules"][0]["machine_auth"] = json!(true);
    let (findings, lines) =
        with_judged(&json!([set]), &Question { cluster: Some(K8S_A), ..Question::default() }, found);
    assert_eq!(findings, ["error virtual-services-only", "warning rule-not-understood"]);
    let kept = "keeps consuming_security_principals: Admins; keeps machine_auth: true";
    assert_eq!(lines, [format!("role=web -> role=checkout, 8443/TCP (Use Workloads; {kept})")]);
}

/// Judges a rule of `shop` after a change to the virtual services, and says what keeps it from being rewritten.
#[track_caller]
fn kept_from(line: &str, use_word: &str, change: impl Fn(&mut Vec<Value>), expected: &str) {
    let mut services: Vec<Value> = serde_json::from_str(&shop(export::VIRTUAL_SERVICES)).unwrap();
    change(&mut services);
    let services = json!(services).to_string();
    let sets = json!([set_of(&[rule(line, use_word)], "shop prod")]).to_string();
    let labels = shop(export::LABELS);
    let sources = [
        Source { file: export::RULE_SETS, name: "r.json", text: &sets },
        Source { file: export::VIRTUAL_SERVICES, name: "v.json", text: &services },
        Source { file: export::LABELS, name: "l.json", text: &labels },
    ];
    let policy = Policy::read(&sources).unwrap();
    let book = Book::of(&policy);
    let judged = judge(&book, &Question { cluster: Some(K8S_A), ..Question::default() });
    let rule = &judged.rule_sets[0].rules[0];
    let said = rule.findings.iter().find(|finding| finding.rule.name() == "rewrite-by-hand");
    assert!(said.is_some_and(|said| said.message.contains(expected)), "{:#?}", rule.findings);
    assert!(rule.becomes(judged.book).is_empty(), "{:?}", rule.becomes(judged.book));
}

/// The services of `shop` with one more, like `checkout` but for its name, its port and its cluster.
fn with_twin(cluster: &'static str) -> impl Fn(&mut Vec<Value>) {
    move |services| {
        let mut twin = services.iter().find(|service| service["name"] == "checkout-svc").unwrap().clone();
        twin["href"] = json!(format!("{ACTIVE}/virtual_services/twin"));
        twin["name"] = json!("twin-svc");
        twin["service_ports"] = json!([{ "port": 9100, "proto": 6 }]);
        twin["created_by"]["href"] = json!(format!("/orgs/3/container_clusters/{cluster}"));
        services.push(twin);
    }
}

#[test]
fn what_a_rule_should_become_reaches_what_it_reached_and_no_more() {
    kept_from(
        "web -> vs:checkout",
        "workloads",
        with_twin(K8S_A),
        "services with the same labels, with their ports: `twin-svc` (9100/TCP)",
    );
    kept_from("web -> vs:checkout", "workloads", with_twin(K8S_B), "services of another cluster");
    let without_labels = |services: &mut Vec<Value>| {
        for service in services {
            service["labels"] = json!([]);
        }
    };
    kept_from("web -> vs:checkout", "workloads", without_labels, "has no labels besides those of the scope");
    let elsewhere = |services: &mut Vec<Value>| {
        let service = services.iter_mut().find(|service| service["name"] == "checkout-svc").unwrap();
        service["labels"] = json!([{ "href": "/orgs/3/labels/22", "key": "role", "value": "checkout" },
                                   { "href": "/orgs/3/labels/16", "key": "env", "value": "test" }]);
    };
    kept_from("web -> vs:checkout", "workloads", elsewhere, "do not reach it in each scope");
    kept_from("web -> ams", "only", |_| {}, "would reach every service and every workload");
    kept_from("web -> !cart", "only", |_| {}, "every service and every workload except those that it excludes");
    kept_from("!node -> checkout, 8443", "only/workloads", |_| {}, "the source would reach every service");
    kept_from("web -> group:gone", "only", |_| {}, "it is not known what the destination reaches");
    // reached as well by the labels of the rule itself
    let sets = json!([set_of(&[rule("web -> checkout vs:cart vs:checkout", "both")], "shop prod")]);
    let (_, lines) = with_judged(&sets, &Question { cluster: Some(K8S_A), ..Question::default() }, found);
    assert_eq!(lines.len(), 3, "{lines:?}");
}

#[test]
fn a_virtual_service_by_name_that_stays_is_a_remark() {
    check("ip:offices -> vs:web-np", "workloads", &["info virtual-service-in-rule"], NOTHING);
    check("web -> vs:by-hand", "workloads", &["info virtual-service-in-rule"], NOTHING);
    check("web -> vs:gone", "workloads", &["warning virtual-service-in-rule"], NOTHING);
    check("web -> vs:of-b", "workloads", NOTHING, NOTHING);
}

#[test]
fn virtual_services_only_breaks_where_some_go_away() {
    check("web -> checkout", "only", ONLY_ERROR, &["role=web -> role=checkout, 8443/TCP (Use Workloads)"]);
    check("web -> checkout, 8443", "only", ONLY_ERROR, &["role=web -> role=checkout, 8443/TCP (Use Workloads)"]);
    check(
        "checkout -> postgres, 5432",
        "only/workloads",
        ONLY_ERROR,
        &["role=checkout -> role=postgres, 5432/TCP (Use Workloads)"],
    );
    // the node port stays a virtual service
    check(
        "jumphost -> web checkout, 443 8080 8443",
        "only",
        ONLY_ERROR,
        &[
            "role=jumphost -> role=(web or checkout), 443/TCP, 8080/TCP, 8443/TCP (source Use Workloads, destination Uses Virtual Services and Workloads)",
        ],
    );
}

#[test]
fn virtual_services_only_is_a_remark_where_all_stay_or_none_are_reached() {
    check("ip:offices -> web", "only", &["info virtual-services-only"], NOTHING);
    check("web -> postgres", "only", &["info virtual-services-only"], NOTHING);
    check("web -> node", "only", &["info virtual-services-only"], NOTHING);
    check("web -> ip:offices, 443", "only", NOTHING, NOTHING);
}

#[test]
fn labels_reach_what_has_one_of_each_kind() {
    check(
        "web -> checkout prod",
        "only",
        ONLY_ERROR,
        &["role=web -> env=prod + role=checkout, 8443/TCP (Use Workloads)"],
    );
    check("web -> checkout test", "only", &["info virtual-services-only"], NOTHING);
    check(
        "web -> checkout test prod",
        "only",
        ONLY_ERROR,
        &["role=web -> env=(test or prod) + role=checkout, 8443/TCP (Use Workloads)"],
    );
    check(
        "web -> !web !cart !postgres !redis",
        "only",
        &["error virtual-services-only", "info rewrite-by-hand"],
        NOTHING,
    );
    // all but some of one kind beside a label of another is not nearly everything
    check(
        "web -> prod !web !cart !postgres !redis",
        "only",
        ONLY_ERROR,
        &["role=web -> env=prod + role=(all but web, cart, postgres, redis), 8443/TCP (Use Workloads)"],
    );
    check("ip:offices -> !cart !checkout !redis", "only", &["info virtual-services-only"], NOTHING);
    check("web -> billing", "only", &["info virtual-services-only"], NOTHING);
}

#[test]
fn label_groups_reach_what_the_groups_in_them_hold() {
    check("web -> group:stores", "only", ONLY_ERROR, &["role=web -> role=group Stores, 6379/TCP (Use Workloads)"]);
    check(
        "web -> group:stores checkout",
        "only",
        ONLY_ERROR,
        &["role=web -> role=(group Stores or checkout), 6379/TCP, 8443/TCP (Use Workloads)"],
    );
    check("ip:offices -> !group:stores !cart !checkout", "only", &["info virtual-services-only"], NOTHING);
}

#[test]
fn what_cannot_be_told_is_a_warning() {
    const WARNING: &[&str] = &["warning virtual-services-only", "info rewrite-by-hand"];
    check("web -> group:gone", "only", WARNING, NOTHING);
    let sets = json!([set_of(&[rule("web -> checkout", "only")], "shop prod")]);
    let without = |file: &str| file == export::VIRTUAL_SERVICES;
    let (findings, _) = with_judged_without(without, &sets, &Question::default(), found);
    assert_eq!(findings, WARNING);
}

#[test]
fn virtual_services_beside_workloads_are_inert() {
    const INERT: &[&str] = &["warning virtual-services-inert"];
    check("web -> checkout, 8443", "both", INERT, &["role=web -> role=checkout, 8443/TCP (Use Workloads)"]);
    check(
        "checkout -> web, 443 8080",
        "both/workloads",
        INERT,
        &["role=checkout -> role=web, 443/TCP, 8080/TCP (Use Workloads)"],
    );
    check(
        "checkout -> checkout, 8443",
        "both/both",
        INERT,
        &["role=checkout -> role=checkout, 8443/TCP (Use Workloads)"],
    );
    check("ip:offices -> web, 443", "both", NOTHING, NOTHING);
}

#[test]
fn all_workloads_as_destination_is_a_warning() {
    check("web -> ams, s1", "workloads", &["warning all-workloads-as-destination"], NOTHING);
    check("ams -> web, 443 8080", "workloads", NOTHING, NOTHING);
    // container hosts are sources only
    check("hosts -> web, 443 8080", "workloads", NOTHING, NOTHING);
    check("web -> hosts, 22", "workloads", &["warning rule-not-understood"], NOTHING);
}

#[test]
fn workloads_need_a_port() {
    // it opens nothing today, so no ports are offered
    const NO_PORT: &[&str] = &["error rule-without-port", "info rewrite-by-hand"];
    check("web -> checkout", "workloads", NO_PORT, NOTHING);
    check(
        "web -> checkout",
        "both",
        &["warning virtual-services-inert", "error rule-without-port"],
        &["role=web -> role=checkout, 8443/TCP (Use Workloads)"],
    );
    check("web -> node", "workloads", NO_PORT, NOTHING);
    check("web -> workload", "workloads", NO_PORT, NOTHING);
    check("web -> ip:offices", "workloads", NOTHING, NOTHING);
    check("web -> server", "workloads", NOTHING, NOTHING);
    check("web -> new, 443", "workloads", &["warning rule-not-understood"], NOTHING);
}

#[test]
fn ports_widen_where_a_service_has_more() {
    const WIDER: &[&str] = &["warning ports-will-widen"];
    check("web -> cart, 8080", "workloads", WIDER, NOTHING);
    check("web -> cart, 8080 9090", "workloads", NOTHING, NOTHING);
    check("web -> cart, s1", "workloads", NOTHING, NOTHING);
    check("web -> cart checkout, 8080 8443", "workloads", WIDER, NOTHING);
    check("web -> checkout, 22", "workloads", &["info ports-will-widen"], NOTHING);
    check("web -> web, 443", "workloads", &["info ports-will-widen"], NOTHING);
    check("ip:offices -> web, 443", "workloads", NOTHING, NOTHING);
    check("web -> cart, 22", "workloads", &["info ports-will-widen"], NOTHING);
    check("web -> cart, s99", "workloads", &["info ports-will-widen"], NOTHING);
    check("web -> ams, 8080", "workloads", &["warning all-workloads-as-destination", WIDER[0]], NOTHING);
    check("web -> ams, 22", "workloads", &["warning all-workloads-as-destination"], NOTHING);
    check(
        "web -> vs:cart, 8080",
        "workloads",
        &["error virtual-service-in-rule", WIDER[0]],
        &["role=web -> role=cart, 8080/TCP (Use Workloads)"],
    );
}

#[test]
fn no_rule_is_offered_that_opens_what_is_closed_today() {
    const CLOSED: &[&str] = &["error virtual-services-only", "info ports-will-widen", "info rewrite-by-hand"];
    for line in ["web -> cart, 22", "web -> cart checkout, 8080", "ip:offices -> checkout, 443"] {
        let sets = json!([set_of(&[rule(line, "only")], "shop prod")]);
        let question = Question { cluster: Some(K8S_A), ..Question::default() };
        let (findings, becomes) = with_judged(&sets, &question, found);
        assert!(becomes.is_empty() && findings.contains(&CLOSED[2].to_owned()), "{line}: {findings:?} {becomes:?}");
    }
    check("web -> checkout, 22", "only", CLOSED, NOTHING);
    check("web -> vs:checkout, 22", "workloads", &["error virtual-service-in-rule", CLOSED[1], CLOSED[2]], NOTHING);
    check("web -> checkout, 22 8443", "only", ONLY_ERROR, &["role=web -> role=checkout, 8443/TCP (Use Workloads)"]);
    // every port of the services is meant, and not of all that has their labels
    check("web -> cart, s1", "only", ONLY_ERROR, &["role=web -> role=cart, 8080/TCP, 9090/TCP (Use Workloads)"]);
    check(
        "web -> cart ip:offices, s1",
        "only",
        ONLY_ERROR,
        &[
            "role=web -> role=cart, 8080/TCP, 9090/TCP (Use Workloads)",
            "role=web -> IP list Offices, All Services (source Use Workloads)",
        ],
    );
    // what the service opens is not known, so neither is what would be opened
    check("web -> checkout, s99", "only", CLOSED, NOTHING);
}

// Around the rule.

#[track_caller]
fn check_set(set: &Value, expected: &[&str]) {
    let question = Question { cluster: Some(K8S_A), ..Question::default() };
    let (findings, _) = with_judged(&json!([set]), &question, found);
    assert_eq!(findings, expected, "{set}");
}

#[test]
fn a_scope_is_one_of_its_lists() {
    let mut set = set_of(&[rule("web -> checkout", "only")], "shop test");
    check_set(&set, &["info virtual-services-only"]);
    set["scopes"] = json!([actors("billing"), actors("shop prod")]);
    check_set(&set, ONLY_ERROR);
    set["scopes"] = json!([actors("!shop")]);
    check_set(&set, &["info virtual-services-only"]);
    set["scopes"] = json!([[]]);
    check_set(&set, ONLY_ERROR);
    // counts as everything, and is not understood
    for nothing in [json!([]), json!(null)] {
        set["scopes"] = nothing;
        check_set(&set, &[ONLY_ERROR[0], "info rewrite-by-hand"]);
    }
}

#[test]
fn unscoped_sources_are_taken_from_everywhere() {
    let mut set = set_of(&[rule("checkout -> node, 22", "only/workloads")], "billing");
    check_set(&set, &["info virtual-services-only"]);
    set["rules"][0]["unscoped_consumers"] = json!(true);
    check_set(&set, ONLY_ERROR);
}

#[test]
fn what_is_off_is_a_remark_if_it_would_be_more() {
    let mut set = set_of(&[rule("web -> checkout", "only")], "shop prod");
    set["rules"][0]["enabled"] = json!(false);
    check_set(&set, &["info disabled-but-affected"]);
    set["rules"][0]["enabled"] = json!(true);
    set["enabled"] = json!(false);
    check_set(&set, &["info disabled-but-affected"]);
    set["rules"] = json!([rule("ip:offices -> web", "only")]);
    check_set(&set, NOTHING);
}

#[test]
fn rules_that_deny_are_judged_by_what_is_known_of_them() {
    let deny = |line: &str| {
        let mut set = set_of(&[], "shop prod");
        set["deny_rules"] = json!([rule(line, "workloads")]);
        set
    };
    check_set(&deny("ip:offices -> ams, 23"), &["info all-workloads-as-destination"]);
    check_set(&deny("ip:offices -> vs:checkout"), &["error virtual-service-in-rule"]);
    check_set(&deny("ip:offices -> cart, 8080"), &["info ports-will-widen"]);
    check_set(&deny("ip:offices -> checkout"), NOTHING);
}

#[test]
fn enforcement_boundaries_are_judged_like_rules_that_deny() {
    let mut boundary = rule("ams -> ams, 23", "workloads");
    boundary["name"] = json!("No telnet");
    boundary["href"] = json!(format!("{ACTIVE}/enforcement_boundaries/3"));
    let text = json!([boundary]).to_string();
    let sources = [
        Source { file: export::RULE_SETS, name: "r.json", text: "[]" },
        Source { file: export::ENFORCEMENT_BOUNDARIES, name: "e.json", text: &text },
    ];
    let policy = Policy::read(&sources).unwrap();
    let book = Book::of(&policy);
    let judged = judge(&book, &Question::default());
    let set = &judged.rule_sets[0];
    assert_eq!((set.name, set.rules[0].findings.len()), ("Enforcement boundaries", 1));
    assert_eq!(set.rules[0].findings[0].file.as_deref(), Some("e.json"));
}

#[test]
fn a_draft_is_judged_as_it_will_be_in_force() {
    let draft = |update: &str| {
        let mut set =
            set_of(&[rule("web -> checkout", "only"), rule("web -> checkout, 8443", "workloads")], "shop prod");
        set["href"] = json!("/orgs/3/sec_policy/draft/rule_sets/1");
        set["rules"][0]["update_type"] = json!(update);
        json!([set]).to_string()
    };
    let judged = |text: &str| {
        let services = shop(export::VIRTUAL_SERVICES);
        let sources = [
            Source { file: export::RULE_SETS, name: "r.json", text: "[]" },
            Source { file: export::DRAFT_RULE_SETS, name: "d.json", text },
            Source { file: export::VIRTUAL_SERVICES, name: "v.json", text: &services },
        ];
        let policy = Policy::read(&sources).unwrap().provisioned().unwrap();
        let book = Book::of(&policy);
        let judged = judge(&book, &Question::default());
        let findings = judged.rule_sets.iter().flat_map(|set| set.rules.iter().flat_map(|rule| &rule.findings));
        let places = findings.map(|finding| (finding.rule.name(), finding.file.clone().unwrap()));
        (judged.count_rules().0, places.collect::<Vec<_>>())
    };
    assert_eq!(judged(&draft("update")), (2, vec![("virtual-services-only", "d.json".to_owned())]));
    assert_eq!(judged(&draft("delete")), (1, vec![]));
    assert!(Policy::read(&[]).unwrap().provisioned().is_none());
}

#[test]
fn one_cluster_is_judged_without_the_others() {
    let set = json!([set_of(&[rule("web -> cart", "only")], "billing prod")]);
    let judged = |cluster| with_judged(&set, &Question { cluster, ..Question::default() }, found).0;
    assert_eq!(judged(Some(K8S_A)), ["info virtual-services-only"]);
    assert_eq!(judged(Some(K8S_B)), ONLY_ERROR);
    assert_eq!(judged(None), ONLY_ERROR);
}

// The rules that CLAS needs.

/// The states of the first two, for rules in a set without a scope.
#[track_caller]
fn check_proof(lines: &[&str], question: &Question<'_>, expected: [&str; 2]) {
    let rules: Vec<Value> = lines.iter().map(|line| rule(line, "workloads")).collect();
    let states = with_judged(&json!([set_of(&rules, "")]), question, |judged| {
        judged.infrastructure.iter().map(|proof| proof.status.as_str()).collect::<Vec<_>>()
    });
    assert_eq!(states[..2], expected, "{lines:?}");
}

#[test]
fn the_mandatory_rules_are_proven_likely_or_not_found() {
    let bare = Question::default();
    let cidr = ["10.96.0.0/12".parse().unwrap()];
    let labels = [("role".to_owned(), "node".to_owned()), ("env".to_owned(), "prod".to_owned())];
    let told = Question { service_cidrs: &cidr, node_labels: &labels, ..bare };
    check_proof(&[], &bare, ["not-found", "not-found"]);
    check_proof(&["hosts -> ip:services, 9000"], &bare, ["likely", "not-found"]);
    check_proof(&["hosts -> ip:services, 9000"], &told, ["proven", "not-found"]);
    check_proof(&["node -> ip:services, 9000"], &told, ["proven", "not-found"]);
    check_proof(&["node shop -> ip:services, 9000"], &told, ["likely", "not-found"]);
    check_proof(&["web -> ip:services, 9000"], &told, ["not-found", "not-found"]);
    check_proof(&["!node -> ip:services, 9000"], &told, ["not-found", "not-found"]);
    check_proof(&["hosts -> ip:offices, 9000"], &told, ["not-found", "not-found"]);
    check_proof(&["hosts -> ip:any, s1"], &told, ["proven", "not-found"]);
    check_proof(&["hosts -> ip:services, 9001"], &told, ["not-found", "not-found"]);
    check_proof(&["ip:any -> ams, s3"], &bare, ["not-found", "proven"]);
    check_proof(&["ip:any -> node, s3"], &bare, ["not-found", "likely"]);
    check_proof(&["ip:any -> node, s3"], &told, ["not-found", "proven"]);
    check_proof(&["ip:any -> hosts, 2379 2380"], &told, ["not-found", "not-found"]);
    check_proof(&["ip:services -> hosts, s3"], &told, ["not-found", "not-found"]);
    check_proof(&["ip:any -> ip:services, s1"], &told, ["not-found", "not-found"]);
}

/// The states of the first two, for rules with a field more, and rules that deny beside them.
#[track_caller]
fn check_changed(line: &str, change: impl Fn(&mut Value), denying: &[Value], expected: [&str; 2]) {
    let cidr = ["10.96.0.0/12".parse().unwrap()];
    let labels = [("role".to_owned(), "node".to_owned())];
    let question = Question { service_cidrs: &cidr, node_labels: &labels, ..Question::default() };
    let mut rule = rule(line, "workloads");
    change(&mut rule);
    let mut set = set_of(&[rule], "");
    set["deny_rules"] = json!(denying);
    for (number, rule) in (1..).zip(set["deny_rules"].as_array_mut().unwrap()) {
        rule["href"] = json!(format!("{ACTIVE}/rule_sets/1/deny_rules/{number}"));
    }
    let states = with_judged(&json!([set]), &question, |judged| {
        judged.infrastructure.iter().map(|proof| proof.status.as_str()).collect::<Vec<_>>()
    });
    assert_eq!(states[..2], expected, "{line}");
}

#[test]
fn a_mandatory_rule_is_proven_only_where_nothing_narrows_it() {
    let line = "node -> ip:services, 9000";
    let with = |field: &'static str, value: Value| move |rule: &mut Value| rule[field] = value.clone();
    for (field, value, expected) in [
        ("stateless", json!(false), "proven"),
        ("network_type", json!("brn"), "proven"),
        ("network_type", json!("all"), "proven"),
        ("network_type", json!("non_brn"), "likely"),
        ("network_type", json!("vpn"), "likely"),
        ("consuming_security_principals", json!([{ "href": "/orgs/3/security_principals/x" }]), "likely"),
        ("machine_auth", json!(true), "likely"),
        ("sec_connect", json!(true), "likely"),
        ("stateless", json!(true), "likely"),
        ("tier", json!("one"), "likely"),
        ("all_ips_except_for_in_providers", json!(true), "not-found"),
        ("all_ips_except_for_in_consumers", json!(true), "not-found"),
        ("use_workload_subnets", json!(["providers"]), "likely"),
        ("egress_services", json!([{ "href": "/orgs/3/sec_policy/active/services/1" }]), "likely"),
        ("log_flow", json!(true), "proven"),
    ] {
        check_changed(line, with(field, value), &[], [expected, "not-found"]);
    }
    // everything is written as one scope without labels
    let mut set = set_of(&[rule(line, "workloads")], "");
    set["scopes"] = json!([]);
    let cidr = ["10.96.0.0/12".parse().unwrap()];
    let labels = [("role".to_owned(), "node".to_owned())];
    let question = Question { service_cidrs: &cidr, node_labels: &labels, ..Question::default() };
    with_judged(&json!([set]), &question, |judged| assert_eq!(judged.infrastructure[0].status.as_str(), "likely"));
    // everything but the Service CIDR is certainly not the Service CIDR
    let mut turned = rule(line, "workloads");
    turned["all_ips_except_for_in_providers"] = json!(true);
    with_judged(&json!([set_of(&[turned], "")]), &question, |judged| {
        let finding = judged.infrastructure[0].finding().unwrap();
        assert_eq!(finding.severity, Severity::Error, "{}", finding.message);
        assert!(finding.message.contains("`RS` means everything but these addresses"), "{}", finding.message);
    });
    // everything but the offices holds the Service CIDR
    let left_out = with("all_ips_except_for_in_providers", json!(true));
    check_changed("node -> ip:offices, 9000", left_out, &[], ["proven", "not-found"]);
    let left_out = with("all_ips_except_for_in_consumers", json!(true));
    check_changed("ip:any -> node, s3", left_out, &[], ["not-found", "not-found"]);
}

#[test]
fn a_mandatory_rule_is_proven_only_where_no_rule_overrides_it() {
    let line = "node -> ip:services, 9000";
    let deny = |line: &str, is_override: bool| {
        let mut rule = rule(line, "workloads");
        rule["override"] = json!(is_override);
        rule
    };
    for (denying, is_override, expected) in [
        ("ams -> ip:any, 9000", true, "likely"),
        ("ams -> ip:any, s1", true, "likely"),
        ("ams -> ip:any, s99", true, "likely"),
        ("node -> ip:services, 9000", true, "likely"),
        ("!web -> ip:services, 9000", true, "likely"),
        ("ams -> ams, 9000", true, "likely"),
        ("ams -> ip:any, 9000", false, "proven"),
        ("ams -> ip:any, 9001", true, "proven"),
        ("ams -> ip:offices, 9000", true, "proven"),
        ("web -> ip:services, 9000", true, "proven"),
    ] {
        check_changed(line, |_| {}, &[deny(denying, is_override)], [expected, "not-found"]);
    }
    let mut off = deny("ams -> ip:any, 9000", true);
    off["enabled"] = json!(false);
    check_changed(line, |_| {}, &[off], ["proven", "not-found"]);
}

#[test]
fn ip_lists_that_hold_everything_together_are_proven_together() {
    let sets = |rules: Vec<Value>| json!([set_of(&rules, "")]).to_string();
    let proven = |rules: Vec<Value>, lists: Value| {
        let (sets, lists) = (sets(rules), lists.to_string());
        let sources = [
            Source { file: export::RULE_SETS, name: "r.json", text: &sets },
            Source { file: export::IP_LISTS, name: "i.json", text: &lists },
            Source { file: export::SERVICES, name: "s.json", text: &shop(export::SERVICES) },
        ];
        let policy = Policy::read(&sources).unwrap();
        let book = Book::of(&policy);
        let judged = judge(&book, &Question::default());
        let proof = &judged.infrastructure[1];
        (proof.status.as_str(), proof.rules.len())
    };
    let list =
        |id: u8, ranges: Value| json!({ "href": format!("{ACTIVE}/ip_lists/{id}"), "name": "l", "ip_ranges": ranges });
    let four = list(1, json!([{ "from_ip": "0.0.0.0/0" }, { "from_ip": "192.0.2.0/24", "exclusion": true }]));
    let six = list(3, json!([{ "from_ip": "::/0" }]));
    let rest = list(2, json!([{ "from_ip": "192.0.2.0/24" }]));
    let both = |number: usize| [four.clone(), six.clone(), rest.clone()][..number].to_vec();
    let one = || rule("ip:any ip:offices ip:services -> ams, s3", "workloads");
    assert_eq!(proven(vec![one()], json!(both(3))), ("proven", 1));
    assert_eq!(proven(vec![one()], json!(both(2))), ("not-found", 0));
    let several = || ["any", "offices", "services"].map(|name| rule(&format!("ip:{name} -> ams, s3"), "workloads"));
    assert_eq!(proven(several().to_vec(), json!(both(3))), ("proven", 3));
    assert_eq!(proven(several()[..2].to_vec(), json!(both(3))), ("not-found", 0));
}

#[test]
fn a_mandatory_rule_counts_only_in_force_and_in_its_scope() {
    let question = Question { cluster: Some(K8S_A), ..Question::default() };
    let states = |set: Value| with_judged(&json!([set]), &question, |judged| judged.infrastructure[1].status.as_str());
    let set = set_of(&[rule("ip:any -> ams, s3", "workloads")], "");
    assert_eq!(states(set.clone()), "proven");
    let scoped = set_of(&[rule("ip:any -> ams, s3", "workloads")], "shop");
    assert_eq!(states(scoped), "likely");
    let mut off = set.clone();
    off["enabled"] = json!(false);
    assert_eq!(states(off), "not-found");
    let mut off = set;
    off["rules"][0]["enabled"] = json!(false);
    assert_eq!(states(off), "not-found");
}

#[test]
fn what_full_enforcement_needs_follows_how_the_namespace_is_enforced() {
    let states = |namespace: &str| {
        let question = Question { namespace, ..Question::default() };
        with_judged(&json!([]), &question, |judged| {
            let last = judged.infrastructure.last().unwrap();
            (last.status.as_str(), last.finding().map(|finding| finding.severity.as_str()))
        })
    };
    assert_eq!(states("illumio-system"), ("not-needed", None));
    assert_eq!(states("elsewhere"), ("not-found", Some("info")));
    let profiles = shop(export::CONTAINER_WORKLOAD_PROFILES).replace("visibility_only", "full");
    let sources = [
        Source { file: export::RULE_SETS, name: "r.json", text: "[]" },
        Source { file: export::CONTAINER_WORKLOAD_PROFILES, name: "p.json", text: &profiles },
    ];
    let policy = Policy::read(&sources).unwrap();
    let book = Book::of(&policy);
    let judged = judge(&book, &Question::default());
    let severities: Vec<&str> = judged.findings.iter().map(|finding| finding.severity.as_str()).collect();
    assert_eq!(severities, ["error", "error", "warning", "warning", "warning", "warning"]);
}

#[test]
fn a_rule_is_only_called_absent_where_none_may_be_it() {
    let severity = |rules: Value| {
        let set = json!([{ "href": "/orgs/3/sec_policy/active/rule_sets/1", "name": "s", "enabled": true, "scopes": [[]],
                "rules": rules }]);
        with_judged(&set, &Question::default(), |judged| {
            let finding = judged.infrastructure[0].finding();
            finding.map(|finding| finding.severity.as_str().to_owned())
        })
    };
    let rule = |consumer: Value, service: Value| {
        json!([{ "href": "/orgs/3/sec_policy/active/rule_sets/1/sec_rules/2", "consumers": [consumer],
                 "providers": [{ "actors": "ams" }], "ingress_services": [service],
                 "resolve_labels_as": { "consumers": ["workloads"], "providers": ["workloads"] } }])
    };
    let workload = json!({ "workload": { "href": "/orgs/3/workloads/1" } });
    let (asked, other) = (json!({ "proto": 6, "port": 9000 }), json!({ "proto": 6, "port": 22 }));
    let unknown = json!({ "href": "/orgs/3/sec_policy/active/services/99" });
    assert_eq!(severity(json!([])).as_deref(), Some("error"));
    assert_eq!(severity(rule(workload.clone(), other)).as_deref(), Some("error"));
    assert_eq!(severity(rule(workload.clone(), asked)).as_deref(), Some("warning"), "single workloads");
    assert_eq!(severity(rule(workload, unknown)).as_deref(), Some("warning"), "ports that are not known");
}

// What is printed.

/// Runs the command in `testdata/policy`.
fn run(line: &str) -> Ran {
    let home = Folder::new();
    let mut command = home.command(line.split_whitespace());
    command.current_dir(folder(""));
    Ran::of(command, line)
}

#[track_caller]
fn prints(line: &str, code: i32, name: &str) {
    let ran = run(line).exits(code).says_only("");
    let path = folder(name);
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, &ran.stdout).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, ran.stdout, "{name} is not what `{line}` prints; UPDATE=1 writes it anew");
}

#[test]
fn the_page_is_right_in_a_browser() {
    let folder = Folder::new();
    folder.write("page.html", run("policy shop --cluster k8s-a -o html").exits(1).says_only("").stdout);
    let Some(browser) = crate::support::browser::Browser::start() else { return };
    browser.is_right(&folder.path("page.html"), "policy", |_| ());
    let names = browser.run("return [...document.querySelectorAll('.line code')].map(code => code.textContent)");
    for name in ["virtual-services-only", "infrastructure-rule-not-proven"] {
        assert!(names.as_array().unwrap().iter().any(|seen| seen == name), "{names}");
    }
    assert!(browser.pages_on_paper("policy.pdf") > 0);
}

#[test]
fn the_answers_are_as_written() {
    prints("policy shop --cluster k8s-a", 1, "shop.txt");
    prints("policy shop --cluster k8s-a -o markdown", 1, "shop.md");
    prints("policy shop --cluster k8s-a -o csv", 1, "shop.csv");
    prints("policy shop --cluster k8s-a -o json", 1, "shop.json");
    prints("policy vendor-template", 1, "vendor-template.txt");
    prints("policy demo --service-cidr 10.96.0.0/12 --node-labels role=node", 1, "demo.txt");
}

#[test]
fn json_fits_its_schema() {
    for line in ["shop", "shop --all --cluster k8s-a", "vendor-template --strict", "demo --exit-zero"] {
        crate::support::schema::fits(&run(&format!("policy {line} -o json")).json());
    }
}

#[test]
fn json_says_where() {
    let answer = run("policy shop -o json").json();
    let rule = &answer["ruleSets"][0]["rules"][0];
    let finding = &rule["findings"][0];
    let text = shop(export::RULE_SETS);
    let line = text.lines().nth(usize::try_from(finding["line"].as_u64().unwrap()).unwrap() - 1).unwrap();
    let start = usize::try_from(finding["column"].as_u64().unwrap()).unwrap() - 1;
    let end = usize::try_from(finding["endColumn"].as_u64().unwrap()).unwrap() - 1;
    assert_eq!(line[start..end], *rule["href"].as_str().unwrap());
    assert_eq!(finding["file"], "shop/active/rule_sets.json");
}

#[test]
fn sarif_fits_its_schema_and_says_where() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/formats/sarif-2.1.0.schema.json");
    // errata 01 of the standard removes a bracket too many in a pattern
    let schema = fs::read_to_string(schema).unwrap().replace("{2}]?$", "{2}$");
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let (sarif, json) = (run("policy shop -o sarif").exits(1).json(), run("policy shop -o json").json());
    let errors: Vec<String> = validator.iter_errors(&sarif).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let counts = ["errors", "warnings", "infos"].map(|count| json["summary"][count].as_u64().unwrap());
    assert_eq!(results.len() as u64, counts.iter().sum::<u64>());
    let first = &results.iter().find(|result| result["ruleId"] == "virtual-services-only").unwrap()["locations"][0];
    let finding = &json["ruleSets"][0]["rules"][0]["findings"][0];
    assert_eq!(first["physicalLocation"]["region"]["startLine"], finding["line"]);
    assert_eq!(first["physicalLocation"]["artifactLocation"]["uri"], "shop/active/rule_sets.json");
}

#[test]
fn csv_has_a_row_a_finding_and_as_many_cells_in_each() {
    let ran = run("policy shop -o csv");
    let rows: Vec<Vec<String>> = ran.stdout.lines().map(cells).collect();
    assert!(rows.len() > 10 && rows.iter().all(|row| row.len() == rows[0].len()), "{ran}");
    let summary = &run("policy shop -o json").json()["summary"];
    let counts = ["errors", "warnings", "infos"].map(|count| summary[count].as_u64().unwrap());
    assert_eq!(rows.len() as u64 - 1, counts.iter().sum::<u64>());
}

/// The cells of a line that has no line breaks in them.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    for c in line.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

// Options.

#[test]
fn the_exit_code_follows_the_weightiest_finding() {
    // the mandatory rules are absent
    run("policy vendor-template -q").exits(1);
    let known = "--allow infrastructure-rule-not-proven";
    run(&format!("policy vendor-template -q {known}")).exits(0);
    run(&format!("policy vendor-template --strict {known}")).exits(1);
    run("policy vendor-template --strict --exit-zero").exits(0);
    run("policy shop").exits(1);
    run("policy shop --exit-zero").exits(0);
    let errors = "--allow virtual-services-only --allow virtual-service-in-rule --allow rule-without-port";
    run(&format!("policy shop {errors}")).exits(0);
}

#[test]
fn a_silenced_rule_is_not_mentioned() {
    let ran = run("policy demo --allow all-workloads-as-destination --allow infrastructure-rule-not-proven");
    assert!(!ran.stdout.contains("all-workloads") && !ran.stdout.contains("[infrastructure"), "{ran}");
}

#[test]
fn all_shows_rules_of_which_there_is_nothing_to_say() {
    assert!(!run("policy shop").stdout.contains("rule 95:"));
    assert!(!run("policy shop").stdout.contains("illumio-storage-*"));
    assert!(run("policy shop --all").stdout.contains("illumio-storage-*"));
    assert!(run("policy shop --all").stdout.contains("rule 95: Container Hosts -> IP list k8s-a services, 9000/TCP"));
}

#[test]
fn the_cluster_is_named_or_taken_from_the_values() {
    let by_name = run("policy shop --cluster k8s-b").exits(0);
    assert!(by_name.stdout.starts_with(&format!("Policy for cluster k8s-b ({K8S_B})\n")), "{by_name}");
    let home = Folder::with("v.yaml", format!("cluster_id: {K8S_B}\n"));
    let values = home.path("v.yaml");
    let by_values = run(&format!("policy shop -f {}", values.display()));
    assert_eq!(by_values.stdout, by_name.stdout);
    let same = shop(export::CONTAINER_CLUSTERS).replace("k8s-b", "k8s-a");
    let home = Folder::with("c.json", same);
    let clusters = home.path("c.json");
    run(&format!("policy shop --cluster k8s-a --container-clusters {}", clusters.display()))
        .exits(2)
        .says("2 clusters have the name `k8s-a`")
        .says(K8S_B);
    run("policy shop --cluster k8s-x").exits(2).says("there is no cluster `k8s-x` in shop/container_clusters.json");
    // two clusters of one name are distinguished by their UUIDs
    let list = |name: &str| {
        let cluster =
            |id: &str| serde_json::json!({ "href": format!("/orgs/1/container_clusters/{id}"), "name": name });
        serde_json::json!([cluster(K8S_A), cluster(K8S_B)]).to_string()
    };
    let twins = Folder::with("twins.json", list("k8s"));
    let twins = format!("--container-clusters {}", twins.path("twins.json").display());
    let rules = "policy --rule-sets demo/active/rule_sets.json";
    run(&format!("{rules} {twins} --cluster k8s")).exits(2).says("2 clusters have the name `k8s`").says(K8S_B);
    run(&format!("{rules} {twins} --cluster {K8S_B}")).exits(0);
    run("policy --rule-sets demo/active/rule_sets.json --cluster k8s-a").exits(2).says("without --container-clusters");
    run(&format!("policy --rule-sets demo/active/rule_sets.json --cluster {K8S_A}")).exits(0);
}

#[test]
fn files_may_be_named_one_by_one_or_beside_a_folder() {
    let named = "--rule-sets demo/active/rule_sets.json --virtual-services demo/active/virtual_services.json \
                 --label-groups demo/active/label_groups.json --services demo/active/services.json \
                 --ip-lists demo/active/ip_lists.json --labels demo/labels.json";
    assert_eq!(run(&format!("policy {named}")).exits(1).stdout, run("policy demo").stdout);
    let other = run("policy demo --rule-sets vendor-template/active/rule_sets.json").exits(1);
    assert!(other.stdout.contains("RS-kubernetes-basics"), "{other}");
}

#[test]
fn without_files_and_without_a_pce_there_is_nothing_to_judge() {
    run("policy").exits(2).says("neither files nor a PCE is given");
    run("policy --draft --rule-sets demo/active/rule_sets.json").exits(2).says("no rule sets are given");
    run("policy demo --draft").exits(2).says("cannot read demo/draft/rule_sets.json");
    run("policy absent").exits(2).says("cannot read absent/active/rule_sets.json");
    run("policy --labels demo/labels.json").exits(2).says("no rule sets are given");
    run("policy shop --service-cidr 10.0.0.0/40")
        .exits(2)
        .says("`/40` is not a prefix length: write a number from 0 to 32");
    run("policy shop --service-cidr 10.96.0.0/012").exits(2).says("`/012` is not a prefix length");
    run("policy shop --service-cidr 10.96.0.0/+12").exits(2).says("`/+12` is not a prefix length");
    run("policy shop --service-cidr 10.96.0.0/255.240.0.0").exits(2).says("write the length of the prefix, as in");
    run("policy shop --service-cidr ::ffff:10.96.0.0/108").exits(2).says("an IPv4 address written as IPv6");
    run("policy shop --service-cidr 010.96.0.0/12").exits(2).says("is neither an address");
    run("policy shop --service-cidr 10.0.0.0").exits(2).says("prefix is missing, as in 10.96.0.0/12");
    assert!(run("policy shop --node-labels role=x").stdout.contains("which nodes are role=x: no such label is known"));
    run("policy shop --node-labels node").exits(2).says("KEY=VALUE");
}

// Files that no PCE wrote.

fn judged_text(rule_sets: &str) -> Ran {
    let home = Folder::with("r.json", rule_sets);
    home.run("policy --rule-sets r.json")
}

#[test]
fn what_is_no_list_of_rule_sets_is_named_with_its_place() {
    judged_text("").exits(2).says("r.json:1:1: the file ends where a value is expected (at `$`)");
    judged_text("{}").exits(2).says("r.json:1:1: expected a list here, found an object (at `$`)");
    judged_text("[{}]").exits(2).says("the field `href` is missing in this object (at `$[0]`)");
    let deep = r#"[{"href": "/a", "rules": [{"href": "/b", "providers": ["ams"]}]}]"#;
    judged_text(deep)
        .exits(2)
        .says("expected a source or a destination here, found the text \"ams\" (at `$[0].rules[0].providers[0]`)");
    judged_text(&"[".repeat(100_000)).exits(2).says("r.json:1:");
    let deep = judged_text(&format!("[{{\"href\": \"/a\", \"x\": {}}}]", "[".repeat(100_000)));
    assert!(deep.exits(2).says("a value is expected here (at `$[0].x[0][0]").stderr.len() < 300);
    judged_text("[{\"href\": \"\u{0}\"}]").exits(2).says("control character");
    let home = Folder::with("r.json", b"[\xff]");
    home.run("policy --rule-sets r.json").exits(2).says("r.json:1: it is not text in UTF-8").says("as \"CSV UTF-8\"");
    let home = Folder::with("r.json", b"\xff\xfe[\0]\0");
    home.run("policy --rule-sets r.json").exits(2).says("it is UTF-16, but UTF-8 is needed").says("iconv -f UTF-16");
    home.run("policy --rule-sets .").exits(2).says("not an ordinary file");
}

#[test]
fn names_are_shown_without_what_a_terminal_or_a_reader_might_obey() {
    let sets = r#"[{"href": "/orgs/3/sec_policy/active/rule_sets/1", "name": "=cmd|' /C'\u001b[31m\u202e`x`", "enabled": true, "rules": [
        {"href": "/orgs/3/sec_policy/active/rule_sets/1/sec_rules/1", "providers": [{"actors": "ams"}],
         "description": "password: geheim", "consumers": [{"actors": "ams"}], "ingress_services": [{"proto": 6, "port": 1}]}]}]"#;
    let home = Folder::with("r.json", sets);
    for form in ["text", "json", "markdown", "csv", "sarif"] {
        let ran = home.run(&format!("policy --rule-sets r.json -o {form}"));
        let is_plain = |c: char| c == '\n' || c == '\r' || !(c.is_control() || c == '\u{202e}');
        assert!(ran.stdout.chars().all(is_plain) && !ran.stdout.contains("geheim"), "{ran}");
    }
    assert!(home.run("policy --rule-sets r.json -o csv").stdout.contains("\r\n\"'=cmd|"));
}

#[test]
fn label_groups_that_hold_each_other_and_hrefs_without_objects_are_no_trouble() {
    let sets = json!([set_of(&[rule("gone group:gone -> vs:gone group:stores, s99", "both")], "gone")]).to_string();
    let home = Folder::with("r.json", sets);
    let shop = folder("shop");
    let ran = home.run(&format!("policy {} --rule-sets r.json", shop.display())).exits(0);
    let said = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for what in ["labels/99", "label_groups/gone", "virtual_services/gone"] {
        assert!(said.contains(&format!("{what} is: unknown object")), "{ran}");
    }
    assert!(said.contains(&format!("unknown object {ACTIVE}/services/99")), "{ran}");
}

/// Rule sets of a thousand rules, the first of which means virtual services only. The largest PCE may have 200,000
/// rules.
fn rules_in_sets(count: usize) -> String {
    let rule = |set: usize, index: usize| {
        let (uses, port) =
            if index == 0 { ("virtual_services", "") } else { ("workloads", r#"{"proto":6,"port":8443}"#) };
        format!(
            r#"{{"href":"{ACTIVE}/rule_sets/{set}/sec_rules/{index}","enabled":true,"providers":[{{"label":{{"href":"/orgs/3/labels/22"}}}}],"consumers":[{{"actors":"ams"}}],"ingress_services":[{port}],"resolve_labels_as":{{"providers":["{uses}"],"consumers":["workloads"]}}}}"#
        )
    };
    let sets = (0..count).map(|set| {
        let rules: Vec<String> = (0..1000).map(|index| rule(set, index)).collect();
        format!(r#"{{"href":"{ACTIVE}/rule_sets/{set}","enabled":true,"scopes":[[]],"rules":[{}]}}"#, rules.join(","))
    });
    format!("[{}]", sets.collect::<Vec<_>>().join(","))
}

#[test]
fn two_hundred_thousand_rules_are_judged_one_by_one() {
    let text = rules_in_sets(200);
    let (services, labels) = (shop(export::VIRTUAL_SERVICES), shop(export::LABELS));
    let sources = [
        Source { file: export::RULE_SETS, name: "r.json", text: &text },
        Source { file: export::VIRTUAL_SERVICES, name: "v.json", text: &services },
        Source { file: export::LABELS, name: "l.json", text: &labels },
    ];
    let policy = Policy::read(&sources).unwrap();
    let book = Book::of(&policy);
    let judged = judge(&book, &Question::default());
    assert_eq!(judged.count_rules(), (200_000, 200));
    for set in &judged.rule_sets {
        assert_eq!(set.rules[0].becomes(&book), ["All Workloads -> role=checkout, 8443/TCP (Use Workloads)"]);
        let span = set.rules[0].findings[0].span.clone().unwrap();
        assert_eq!(text[span], *set.rules[0].rule.href);
    }
}

#[test]
fn findings_beyond_ten_thousand_are_counted_and_errors_are_shown_however_late_they_come() {
    const RULES: usize = 10_050;
    let rule = |index: usize| {
        let (uses, providers) = if index + 1 == RULES {
            ("virtual_services", r#"{"label":{"href":"/orgs/3/labels/22"}}"#)
        } else {
            ("workloads", r#"{"actors":"ams"}"#)
        };
        format!(
            r#"{{"href":"{ACTIVE}/rule_sets/1/sec_rules/{index}","enabled":true,"providers":[{providers}],"consumers":[{{"actors":"ams"}}],"ingress_services":[{{"proto":17,"port":9}}],"resolve_labels_as":{{"providers":["{uses}"],"consumers":["workloads"]}}}}"#
        )
    };
    let rules: Vec<String> = (0..RULES).map(rule).collect();
    let text = format!(
        r#"[{{"href":"{ACTIVE}/rule_sets/1","name":"RS","enabled":true,"scopes":[[]],"rules":[{}]}}]"#,
        rules.join(",")
    );
    let services = shop(export::VIRTUAL_SERVICES);
    let sources = [
        Source { file: export::RULE_SETS, name: "r.json", text: &text },
        Source { file: export::VIRTUAL_SERVICES, name: "v.json", text: &services },
    ];
    let policy = Policy::read(&sources).unwrap();
    let book = Book::of(&policy);
    let judged = judge(&book, &Question::default());
    let of_rules = judged.rule_sets[0].rules.iter();
    let shown = of_rules.clone().filter(|rule| !rule.findings.is_empty()).count();
    let left_out: usize = [Severity::Error, Severity::Warning, Severity::Info]
        .map(|severity| judged.count_left_out(severity))
        .iter()
        .sum();
    let weights: usize = of_rules.clone().map(|rule| rule.weights.len()).sum();
    let in_words: usize = of_rules.map(|rule| rule.findings.len()).sum();
    assert!(shown < RULES && judged.count_rules() == (RULES, RULES), "{shown}");
    assert_eq!((in_words + left_out, judged.count_left_out(Severity::Error)), (weights, 0));
    let last = judged.rule_sets[0].rules.last().unwrap();
    assert!(last.findings.iter().any(|finding| finding.severity == Severity::Error), "{last:?}");
    let json: Value =
        serde_json::from_str(&report::json(&judged, report::Show::All, helm_clas::Called::default())).unwrap();
    let counts = ["errors", "warnings", "infos"].map(|field| json["summary"]["notShown"][field].as_u64().unwrap());
    assert_eq!(counts.iter().sum::<u64>(), left_out as u64);
    assert_eq!(json["ruleSets"][0]["rules"].as_array().unwrap().len(), shown);
    let mut said = [const { String::new() }; 3];
    let [text, markdown, csv] = &mut said;
    report::text(&judged, report::Show::All, Called::default(), &mut |part| *text += part);
    report::markdown(&judged, report::Show::All, &mut |part| *markdown += part);
    report::csv(&judged, report::Show::All, &mut |part| *csv += part);
    for said in said {
        let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("are counted and not shown"), "{}", &words[words.len().saturating_sub(500)..]);
    }
}

/// With optimisation it takes a second or two.
#[test]
fn fifty_thousand_rules_take_a_tenth_of_a_gigabyte_and_time_in_proportion() {
    let home = Folder::with("more.json", rules_in_sets(50));
    home.write("less.json", rules_in_sets(25));
    let services = folder("shop").join(export::VIRTUAL_SERVICES);
    let services = services.to_str().unwrap();
    for form in ["text", "sarif"] {
        is_linear(form, 2.0, |size| {
            let sets = if size == Size::Less { "less.json" } else { "more.json" };
            let line = ["policy", "--rule-sets", sets, "--virtual-services", services, "-o", form];
            let Cost { code, time, megabytes } = cost(&home.path("."), &line);
            println!("{form}: {sets}, {time:?}, {megabytes} MB");
            assert!(code == 1 && (1.0..150.0).contains(&megabytes), "{form}: {code}, {megabytes} MB");
            time
        });
    }
}
