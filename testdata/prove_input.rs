//! What is absent from an input, given twice or not a value at all never counts as proven: `prove` answers "not known",
//! and `policy` names it.

use helm_clas::policy::{
    Book, Judged, Policy, Question, Source, export, judge,
    prove::{Answer, prove},
    traffic::{self, hold},
};
use serde_json::{Value, json};

pub(crate) const CLUSTER: &str = "5a1e0000-0000-4000-8000-0000000000c1";

/// A policy in which nothing changes with CLAS.
pub(crate) fn policy() -> Value {
    let by_href = |kind: &str, path: &str| json!({ kind: { "href": format!("/orgs/3/sec_policy/active/{path}") } });
    let of_api = json!({ "label": { "href": "/orgs/3/labels/1" } });
    let rule = json!({ "href": "/orgs/3/sec_policy/active/rule_sets/1/sec_rules/1", "enabled": true,
        "consumers": [by_href("ip_list", "ip_lists/1"), by_href("label_group", "label_groups/1")], "providers": [of_api],
        "ingress_services": [{ "proto": 6, "port": 8080 }],
        "resolve_labels_as": { "consumers": ["workloads"], "providers": ["workloads", "virtual_services"] } });
    json!({
        export::RULE_SETS: [{ "href": "/orgs/3/sec_policy/active/rule_sets/1", "name": "RS", "enabled": true,
            "scopes": [[]], "rules": [rule] }],
        export::VIRTUAL_SERVICES: [{ "href": "/orgs/3/sec_policy/active/virtual_services/1", "name": "api",
            "external_data_set": format!("{CLUSTER}|shop"), "labels": [{ "href": "/orgs/3/labels/1" }],
            "service_ports": [{ "proto": 6, "port": 8080 }], "k8s_service_info": { "service_type": "ClusterIP" } }],
        export::IP_LISTS: [{ "href": "/orgs/3/sec_policy/active/ip_lists/1", "name": "offices", "ip_ranges": [{ "from_ip": "10.0.0.0/8" }] }],
        export::LABEL_GROUPS: [{ "href": "/orgs/3/sec_policy/active/label_groups/1", "name": "G", "key": "role",
            "labels": [{ "href": "/orgs/3/labels/2" }] }],
        export::LABELS: [{ "href": "/orgs/3/labels/1", "key": "role", "value": "api" },
            { "href": "/orgs/3/labels/2", "key": "role", "value": "web" }, { "href": "/orgs/3/labels/3", "key": "app", "value": "shop" }],
    })
}

/// Asks about a policy as it is read from the files of an export.
pub(crate) fn with_policy<T>(files: &Value, ask: impl FnOnce(&Policy<'_>) -> T) -> T {
    let names = export::COLLECTIONS.iter().map(|collection| collection.file);
    let names = names.chain([export::CONTAINER_WORKLOAD_PROFILES]);
    let texts: Vec<(&'static str, String)> =
        names.filter_map(|file| Some((file, files.get(file)?.to_string()))).collect();
    let sources: Vec<Source<'_>> = texts.iter().map(|(file, text)| Source { file, name: file, text }).collect();
    ask(&Policy::read(&sources).unwrap())
}

/// What both say of a policy: the answer of `prove`, and all that `policy` names.
fn said(files: &Value, cluster: Option<&str>) -> (Answer, String) {
    with_policy(files, |policy| {
        let book = Book::of(policy);
        let question = Question { cluster, ..Question::default() };
        let judged: Judged<'_> = judge(&book, &question);
        let findings = judged.all_findings().map(|finding| finding.message.clone());
        (prove(&book, &book, &question).answer(), findings.chain(judged.untold.clone()).collect::<Vec<_>>().join("\n"))
    })
}

/// Changes the policy at a place (`remove` where the value is nothing), and sees that it is not known and named.
#[track_caller]
fn check(file: &str, place: &str, value: Option<Value>, named: &str) {
    let mut files = policy();
    let (above, field) = place.rsplit_once('/').unwrap();
    let object = files[file].pointer_mut(above).unwrap();
    match (object, value) {
        (Value::Object(object), Some(value)) => drop(object.insert(field.to_owned(), value)),
        (Value::Object(object), None) => assert!(object.remove(field).is_some(), "{place}"),
        (Value::Array(list), Some(value)) => list.push(value),
        _ => panic!("{place}"),
    }
    let (answer, said) = said(&files, None);
    assert_eq!(answer, Answer::NotKnown, "{file} {place}");
    assert!(said.contains(named), "{file} {place}: {said}");
}

#[test]
fn the_policy_itself_is_proven_the_same() {
    let (answer, said) = said(&policy(), Some(CLUSTER));
    assert_eq!(answer, Answer::Same, "{said}");
}

#[test]
fn what_a_pce_always_writes_is_not_taken_for_empty_where_it_is_absent() {
    check(export::RULE_SETS, "/0/rules", None, "`rules (missing)`");
    check(export::RULE_SETS, "/0/rules", Some(Value::Null), "`rules (missing)`");
    for field in ["providers", "consumers", "ingress_services", "resolve_labels_as"] {
        let named = format!("`{field} (missing)`");
        check(export::RULE_SETS, &format!("/0/rules/0/{field}"), None, &named);
        check(export::RULE_SETS, &format!("/0/rules/0/{field}"), Some(Value::Null), &named);
    }
    check(export::VIRTUAL_SERVICES, "/0/labels", None, "`labels (missing)`");
    check(export::VIRTUAL_SERVICES, "/0/labels", Some(Value::Null), "`labels (missing)`");
}

#[test]
fn an_empty_object_matters_where_a_rule_in_force_uses_it() {
    let href = |path: &str| json!({ "href": format!("/orgs/3/sec_policy/active/{path}") });
    for (file, path, side, reference) in [
        (export::LABEL_GROUPS, "label_groups/7", "consumers", json!({ "label_group": href("label_groups/7") })),
        (export::IP_LISTS, "ip_lists/7", "consumers", json!({ "ip_list": href("ip_lists/7") })),
        (export::SERVICES, "services/7", "ingress_services", href("services/7")),
    ] {
        let mut files = policy();
        let mut empty = json!({ "href": href(path)["href"], "name": "empty" });
        if file == export::LABEL_GROUPS {
            empty["key"] = json!("role");
        }
        match &mut files[file] {
            Value::Array(list) => list.push(empty),
            none => *none = json!([empty]),
        }
        let is_passed_over = |files: &Value| {
            let (answer, said) = said(files, Some(CLUSTER));
            assert_eq!(answer == Answer::NotKnown, said.contains("`empty`"), "{path}: {answer:?} {said}");
            answer == Answer::Same
        };
        assert!(is_passed_over(&files), "{path}: of no rule");
        let mut set = files[export::RULE_SETS][0].clone();
        set["href"] = json!("/orgs/3/sec_policy/active/rule_sets/2");
        set["rules"][0]["href"] = json!("/orgs/3/sec_policy/active/rule_sets/2/sec_rules/2");
        set["rules"][0][side].as_array_mut().unwrap().push(reference);
        for (of_set, of_rule) in [(true, false), (false, true), (true, true)] {
            set["enabled"] = json!(of_set);
            set["rules"][0]["enabled"] = json!(of_rule);
            files[export::RULE_SETS].as_array_mut().unwrap().truncate(1);
            files[export::RULE_SETS].as_array_mut().unwrap().push(set.clone());
            assert_eq!(is_passed_over(&files), !(of_set && of_rule), "{path}: {of_set} {of_rule}");
        }
    }
}

#[test]
fn a_service_that_is_not_in_the_input_is_named() {
    let mut files = policy();
    files[export::SERVICES] = json!([]);
    let href = "/orgs/3/sec_policy/active/services/99";
    files[export::RULE_SETS][0]["rules"][0]["ingress_services"] = json!([{ "href": href }]);
    for providers in ["/orgs/3/labels/1", "/orgs/3/labels/3"] {
        files[export::RULE_SETS][0]["rules"][0]["providers"] = json!([{ "label": { "href": providers } }]);
        let (_, said) = said(&files, None);
        assert!(said.contains(&format!("what {href} is: unknown object")), "{said}");
    }
    let mut files = policy();
    files[export::SERVICES] = json!([]);
    let service = files[export::VIRTUAL_SERVICES][0].as_object_mut().unwrap();
    service.remove("service_ports");
    service.insert("service".to_owned(), json!({ "href": href }));
    let (answer, said) = said(&files, None);
    assert!(answer == Answer::NotKnown && said.contains(&format!("what {href} is")), "{answer:?} {said}");
}

#[test]
fn a_range_that_holds_no_address_is_named() {
    for (from, to) in [
        ("10.0.0.300", None),
        ("10.0.0.0/33", None),
        ("fd00::/129", None),
        ("office", None),
        ("10.0.0.9", Some("10.0.0.1")),
        ("10.0.0.1", Some("fd00::1")),
        ("10.0.0.1", Some("")),
    ] {
        let range = json!([{ "from_ip": from, "to_ip": to }]);
        check(export::IP_LISTS, "/0/ip_ranges", Some(range), &format!("`ip_ranges[].from_ip={from}"));
    }
}

#[test]
fn a_group_of_one_key_does_not_hold_labels_of_another() {
    let other = json!({ "href": "/orgs/3/labels/3" });
    check(export::LABEL_GROUPS, "/0/labels/-", Some(other), "`labels[].key=app`");
    let mut files = policy();
    let inner = json!({ "href": "/orgs/3/sec_policy/active/label_groups/2", "name": "H", "key": "app" });
    files[export::LABEL_GROUPS][0]["sub_groups"] = json!([{ "href": inner["href"] }]);
    files[export::LABEL_GROUPS].as_array_mut().unwrap().push(inner);
    let (answer, said) = said(&files, None);
    assert!(answer == Answer::NotKnown && said.contains("`sub_groups[].key=app`"), "{answer:?} {said}");
}

#[test]
fn a_cluster_without_services_is_not_proven() {
    let (answer, said) = said(&policy(), Some("5a1e0000-0000-4000-8000-0000000000c2"));
    assert_eq!(answer, Answer::NotKnown);
    assert!(said.contains("8000-0000000000c2: its Kubelink created no virtual service"), "{said}");
}

#[test]
fn ports_that_are_none_are_named() {
    for (port, named) in [
        (json!({ "proto": 6, "port": 9999, "to_port": 8000 }), "port=9999-8000"),
        (json!({ "proto": 6, "port": 70000 }), "port=70000"),
        (json!({ "proto": 6, "port": 80, "to_port": 70000 }), "port=80-70000"),
        (json!({ "proto": 6, "port": -5 }), "port=-5"),
        (json!({ "proto": 999, "port": 80 }), "proto=999"),
    ] {
        let named = format!("ingress_services[].{named}`");
        check(export::RULE_SETS, "/0/rules/0/ingress_services", Some(json!([port])), &named);
    }
    let reversed = json!([{ "proto": 6, "port": 8080, "to_port": 8000 }]);
    check(export::VIRTUAL_SERVICES, "/0/service_ports", Some(reversed), "`service_ports[].port=8080-8000`");
}

#[test]
fn an_href_that_two_objects_have_is_named() {
    for (file, list) in [
        (export::IP_LISTS, ""),
        (export::LABELS, ""),
        (export::LABEL_GROUPS, ""),
        (export::VIRTUAL_SERVICES, ""),
        (export::RULE_SETS, ""),
        (export::RULE_SETS, "/0/rules"),
    ] {
        let twin = policy()[file].pointer(&format!("{list}/0")).unwrap().clone();
        check(file, &format!("{list}/-"), Some(twin), "`href (given twice)`");
    }
}

/// What becomes of traffic, and what was skipped; or why it cannot be read.
fn held(text: &str) -> Result<(Answer, String), String> {
    held_against(&policy(), text)
}

fn held_against(files: &Value, text: &str) -> Result<(Answer, String), String> {
    with_policy(files, |policy| {
        let book = Book::of(policy);
        let question = Question::default();
        let traffic = traffic::read("t", text).map_err(|unreadable| unreadable.to_string())?;
        let held = hold(&prove(&book, &book, &question), &judge(&book, &question), &traffic);
        let rows = held.rows.iter().map(|row| {
            format!("{} {}", row.source, row.why.as_ref().map(traffic::held::Why::words).unwrap_or_default())
        });
        Ok((held.answer(), rows.chain(held.left_out()).collect::<Vec<_>>().join("\n")))
    })
}

const HEADER: &str = "Source IP,Source Role,Destination IP,Destination Role,Port,Protocol,Num Flows";

#[test]
fn a_column_that_is_absent_is_not_a_label_that_is_absent() {
    assert_eq!(held(&format!("{HEADER}\n10.1.1.1,web,10.1.1.2,api,8080,TCP,3\n")).unwrap().0, Answer::Same);
    for (text, lacking) in [
        ("Source IP,Destination IP,Port,Protocol\n10.1.1.1,10.1.1.2,8080,TCP\n", "Source role, Destination role"),
        ("Source IP,Source Role,Destination IP,Port,Protocol\n10.1.1.1,web,10.1.1.2,8080,TCP\n", ": Destination role"),
        (
            "Source IP,Source App,Destination IP,Destination Role,Port,Protocol\n10.1.1.1,shop,10.1.1.2,api,1,TCP\n",
            ": Source role",
        ),
    ] {
        let (answer, said) = held(text).unwrap();
        assert!(answer == Answer::NotKnown && said.contains(lacking), "{answer:?} {said}");
    }
}

#[test]
fn a_workload_whose_labels_are_not_told_is_not_one_without_labels() {
    let flow = |labels: &Value| {
        let mut workload = json!({ "hostname": "pod-7" });
        if !labels.is_null() {
            workload["labels"] = labels.clone();
        }
        let flows = json!([{ "src": { "ip": "10.1.1.1", "workload": workload }, "num_connections": 1,
            "dst": { "ip": "10.1.1.2", "workload": { "labels": [{ "href": "/orgs/3/labels/1" }] } },
            "service": { "port": 8080, "proto": 6 } }]);
        held(&flows.to_string()).unwrap()
    };
    assert_eq!(flow(&json!([{ "href": "/orgs/3/labels/2" }])).0, Answer::Same);
    assert_eq!(flow(&json!([])).0, Answer::Same);
    let (answer, said) = flow(&Value::Null);
    assert!(
        answer == Answer::NotKnown && said.contains("pod-7 the labels of the workload are not in the input"),
        "{said}"
    );
    let (answer, said) = flow(&json!([{ "key": "role", "value": "web" }]));
    assert!(answer == Answer::Same && said.contains("role=web"), "{said}");
    let (answer, said) = flow(&json!([{}, {}]));
    assert!(answer == Answer::NotKnown && said.contains("a label without a name"), "{said}");
}

#[test]
fn a_flow_that_only_a_narrowed_rule_allows_is_told_with_that_rule() {
    let line = |reported: &str| {
        format!("{HEADER},Reported Policy Decision\n10.1.1.1,web,10.1.1.2,api,8080,TCP,3,{reported}\n")
    };
    for (field, value, words) in [
        (
            "consuming_security_principals",
            json!([{ "href": "/orgs/3/security_principals/1" }]),
            "for members of certain user groups",
        ),
        ("network_type", json!("non_brn"), "on networks other than the corporate one"),
        ("machine_auth", json!(true), "if both machines authenticate"),
    ] {
        let mut files = policy();
        let rule = files[export::RULE_SETS].pointer_mut("/0/rules/0").unwrap();
        rule[field] = value;
        // as workloads it allows the same in both models
        assert_eq!(held_against(&files, &line("Allowed")).unwrap(), (Answer::Same, "role=web ".to_owned()), "{field}");
        files[export::RULE_SETS][0]["rules"][0]["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
        files[export::VIRTUAL_SERVICES][0]["service_addresses"] = json!([{ "ip": "10.1.1.2", "port": 8080 }]);
        for reported in ["Allowed", "Unknown", ""] {
            let (answer, said) = held_against(&files, &line(reported)).unwrap();
            assert_eq!(answer, Answer::NotKnown, "{field} {reported}: {said}");
            assert!(said.contains(&format!("only this rule allows them, and only {words}")), "{said}");
        }
        assert_eq!(held_against(&files, &line("Blocked")).unwrap().0, Answer::Same, "{field}");
    }
}

#[test]
fn traffic_without_a_flow_proves_nothing() {
    for text in ["[]", HEADER, &format!("{HEADER}\r\n\r\n")] {
        let (answer, said) = held(text).unwrap();
        assert!(answer == Answer::NotKnown && said.contains("the traffic has no flows"), "{text}: {answer:?} {said}");
    }
}

#[test]
fn lines_may_end_in_any_one_way() {
    let lines = [HEADER, "10.1.1.1,web,10.1.1.2,api,8080,TCP,3", "10.1.1.1,web,10.1.1.2,api,8081,TCP,3"];
    for end in ["\n", "\r\n", "\r"] {
        assert_eq!(held(&lines.join(end)).unwrap(), (Answer::Same, "role=web \nrole=web ".to_owned()), "{end:?}");
    }
    let mixed = held(&format!("{HEADER}\n{}\r{}\n", lines[1], lines[2])).unwrap_err();
    assert!(mixed.starts_with("t:2:1: there is a carriage return within the line"), "{mixed}");
}

#[test]
fn a_number_of_flows_that_is_none_is_refused() {
    for number in ["many", "-3", "1e3", "0x10"] {
        let refused = held(&format!("{HEADER}\n\n10.1.1.1,web,10.1.1.2,api,8080,TCP,{number}\n")).unwrap_err();
        let words = format!("t:3:1: expected a number of flows here, found `{number}`");
        assert!(refused.starts_with(&words), "{refused}");
    }
}

/// The places of all values below one.
fn places(way: &str, value: &Value, found: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => return,
    };
    for (step, value) in below {
        let way = format!("{way}/{step}");
        places(&way, value, found);
        found.push(way);
    }
}

/// Fields that may be absent or empty, and why the answer is proven without them.
const NOT_NEEDED: &[(&str, &str)] = &[
    ("name", "words for people"),
    ("port", "without it every port of the protocol is meant, says the vendor's schema"),
    ("external_data_set", "what Kubernetes reports about a service shows as well that a Kubelink made it"),
    ("k8s_service_info", "the rule reaches the service on the same ports whatever becomes of it"),
    ("service_type", "the rule reaches the service on the same ports whatever becomes of it"),
    ("rules", "a rule set may have none yet"),
];

/// What becomes of the policy without a field, or with nothing in it.
fn without(file: &str, place: &str, instead: Option<&Value>) -> Option<(Answer, String)> {
    let (above, field) = place.rsplit_once('/').unwrap();
    let mut files = policy();
    let object = files[file].pointer_mut(above).unwrap().as_object_mut()?;
    match instead {
        Some(value) => drop(object.insert(field.to_owned(), value.clone())),
        None => drop(object.remove(field)),
    }
    let text = files[file].to_string();
    let file = export::COLLECTIONS.iter().find(|collection| collection.file == file).unwrap().file;
    // what cannot be read is refused with its place
    Policy::read(&[Source { file, name: file, text: &text }]).ok()?;
    Some(said(&files, None))
}

#[test]
fn no_field_may_be_absent_or_empty_without_an_answer_that_says_so() {
    let base = policy();
    let mut silent = Vec::new();
    let mut number = 0;
    for (file, list) in base.as_object().unwrap() {
        let mut found = Vec::new();
        places("", list, &mut found);
        for place in found {
            let field = place.rsplit('/').next().unwrap();
            let is_list = list.pointer(&place).unwrap().is_array();
            for instead in [None, Some(Value::Null), Some(json!([])).filter(|_| is_list)] {
                let Some((answer, said)) = without(file, &place, instead.as_ref()) else { continue };
                number += 1;
                let is_needed = !NOT_NEEDED.iter().any(|(name, _)| *name == field) || instead == Some(json!([]));
                // a list that is empty on purpose
                let is_said =
                    matches!(place.as_str(), "/0/labels" if file.contains("virtual_services")) && instead.is_some();
                if answer == Answer::Same && is_needed && !is_said && !(field == "rules" && instead.is_some()) {
                    silent.push(format!("{file} {place} {instead:?}"));
                }
                assert!(answer == Answer::Same || !said.is_empty(), "{file} {place}: no reason");
            }
        }
    }
    assert!(silent.is_empty(), "proven the same without {silent:#?}");
    assert!(number > 60, "{number}");
}

#[test]
fn nothing_is_proven_of_empty_lists() {
    for file in [export::RULE_SETS, export::VIRTUAL_SERVICES] {
        for cluster in [None, Some(CLUSTER)] {
            let mut files = policy();
            files[file] = json!([]);
            let (answer, said) = said(&files, cluster);
            assert_eq!(answer, Answer::NotKnown, "{file}");
            let named = if file == export::RULE_SETS { "no rule set is in the input" } else { "virtual service" };
            assert!(said.contains(named), "{file}: {said}");
        }
    }
    // those that were made by hand are in no cluster
    let mut files = policy();
    let service = files[export::VIRTUAL_SERVICES][0].as_object_mut().unwrap();
    service.retain(|field, _| !matches!(field.as_str(), "external_data_set" | "k8s_service_info"));
    let (answer, said) = said(&files, None);
    assert!(answer == Answer::NotKnown && said.contains("no virtual service of a Kubelink"), "{answer:?} {said}");
}

#[test]
fn what_only_the_other_kind_of_rule_says_is_named() {
    check(export::RULE_SETS, "/0/rules/0/override", Some(json!(true)), "`override`");
    let mut denying = policy()[export::RULE_SETS][0]["rules"][0].clone();
    denying["href"] = json!("/orgs/3/sec_policy/active/rule_sets/1/deny_rules/1");
    denying["ingress_services"][0]["port"] = json!(22);
    denying["override"] = json!(true);
    check(export::RULE_SETS, "/0/deny_rules", Some(json!([denying])), "`resolve_labels_as`");
    denying.as_object_mut().unwrap().remove("resolve_labels_as");
    let mut files = policy();
    files[export::RULE_SETS][0]["deny_rules"] = json!([denying]);
    assert_eq!(said(&files, None).0, Answer::Same);
    denying["consumers"] = json!([{ "actors": "container_host" }]);
    check(export::RULE_SETS, "/0/deny_rules", Some(json!([denying])), "`consumers[].actors=container_host`");
}

#[test]
fn lists_that_a_pce_never_leaves_empty_are_named() {
    for (file, place, named) in [
        (export::RULE_SETS, "/0/rules/0/providers", "`providers (empty)`"),
        (export::RULE_SETS, "/0/rules/0/consumers", "`consumers (empty)`"),
        (export::RULE_SETS, "/0/rules/0/resolve_labels_as/consumers", "`resolve_labels_as.consumers (empty)`"),
        (export::RULE_SETS, "/0/rules/0/resolve_labels_as/providers", "`resolve_labels_as.providers (empty)`"),
        (export::RULE_SETS, "/0/scopes", "`scopes (empty)`"),
        (export::IP_LISTS, "/0/ip_ranges", "`ip_ranges (empty)`"),
        (export::LABEL_GROUPS, "/0/labels", "`labels (empty)`"),
        (export::VIRTUAL_SERVICES, "/0/service_ports", "`service_ports (empty)`"),
    ] {
        check(file, place, Some(json!([])), named);
    }
    let left_out = json!([{ "from_ip": "10.9.0.0/16", "exclusion": true }]);
    check(export::IP_LISTS, "/0/ip_ranges", Some(left_out), "`ip_ranges (empty)`");
    check(export::LABELS, "/0/key", None, "`key (missing)`");
    check(export::LABELS, "/0/value", None, "`value (missing)`");
}
