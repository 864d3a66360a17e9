//! What nobody may take for proven: a mandatory rule beside something that is not understood, a rule that denies and is not
//! understood, a port of another protocol, and a new rule that would open what the old one does not.

use helm_clas::policy::{
    Book, Question, export, judge,
    prove::{Answer, RuleOf, prove},
};
use serde_json::{Value, json};

use crate::{
    prove_input::{CLUSTER, policy, with_policy},
    prove_undocumented::compared,
    support::program::Folder,
};

const ACTIVE: &str = "/orgs/3/sec_policy/active";

pub(crate) fn named(kind: &str, path: &str) -> Value {
    json!({ kind: { "href": format!("{ACTIVE}/{path}") } })
}

pub(crate) fn label(number: u8) -> Value {
    json!({ "label": { "href": format!("/orgs/3/labels/{number}") } })
}

pub(crate) fn rule(files: &mut Value) -> &mut Value {
    &mut files[export::RULE_SETS][0]["rules"][0]
}

pub(crate) fn deny(files: &mut Value, is_override: bool) -> &mut Value {
    files[export::RULE_SETS][0]["deny_rules"] = json!([{ "href": format!("{ACTIVE}/rule_sets/1/deny_rules/1"),
        "enabled": true, "override": is_override, "consumers": [label(2)], "providers": [label(1)],
        "ingress_services": [{ "proto": 6, "port": 22 }] }]);
    &mut files[export::RULE_SETS][0]["deny_rules"][0]
}

pub(crate) fn answer(files: &Value) -> (Answer, Vec<&'static str>) {
    compared(files, false, |found| {
        (found.answer(), found.changes.iter().flat_map(|change| change.doubts.names()).collect())
    })
}

/// Whether each assumption is among those that an answer rests on.
pub(crate) fn rests_on(files: &Value, id: &str) -> bool {
    compared(files, false, |found| found.assumptions.iter().any(|assumption| assumption.id == id))
}

/// A policy that has the rule `any-to-nodes-etcd`.
fn mandatory() -> Value {
    let mut files = policy();
    files[export::IP_LISTS] = json!([{ "href": format!("{ACTIVE}/ip_lists/1"), "name": "Any",
        "ip_ranges": [{ "from_ip": "0.0.0.0/0" }, { "from_ip": "::/0" }] }]);
    let ports = [6, 17].map(|proto| json!({ "proto": proto, "port": 2379, "to_port": 2380 }));
    files[export::SERVICES] =
        json!([{ "href": format!("{ACTIVE}/services/7"), "name": "etcd", "service_ports": ports }]);
    let rule = rule(&mut files);
    rule["consumers"] = json!([named("ip_list", "ip_lists/1")]);
    rule["providers"] = json!([{ "actors": "ams" }]);
    rule["ingress_services"] = json!([{ "href": format!("{ACTIVE}/services/7") }]);
    rule["resolve_labels_as"]["providers"] = json!(["workloads"]);
    files
}

/// What is said of that rule: the status, and what is not known.
fn proof(files: &Value) -> (&'static str, String) {
    with_policy(files, |policy| {
        let book = Book::of(policy);
        let judged = judge(&book, &Question::default());
        let proof = judged.infrastructure.iter().find(|proof| proof.mandatory.id == "any-to-nodes-etcd").unwrap();
        (proof.status.as_str(), proof.doubts.join("; "))
    })
}

#[test]
fn a_mandatory_rule_is_not_proven_beside_something_that_is_not_understood() {
    assert_eq!(proof(&mandatory()), ("proven", String::new()));
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 9] = [
        ("of the IP list Any", |files| files[export::IP_LISTS][0]["new"] = json!(1)),
        ("of the IP list Any", |files| files[export::IP_LISTS][0]["ip_ranges"][0]["new"] = json!(1)),
        ("of the service etcd", |files| files[export::SERVICES][0]["service_ports"][0]["new"] = json!(1)),
        ("of its rule set", |files| files[export::RULE_SETS][0]["new"] = json!(1)),
        ("scopes[].new of its rule set", |files| {
            files[export::RULE_SETS][0]["scopes"] =
                json!([[], [{ "label": { "href": "/orgs/3/labels/1" }, "new": 1 }]]);
        }),
        ("of the label group G", |files| {
            files[export::LABEL_GROUPS][0]["new"] = json!(1);
            files[export::RULE_SETS][0]["scopes"] = json!([[], [named("label_group", "label_groups/1")]]);
        }),
        ("of the label group inner", |files| {
            let inner = json!({ "href": format!("{ACTIVE}/label_groups/2"), "name": "inner", "key": "role", "new": 1,
                "labels": [{ "href": "/orgs/3/labels/2" }] });
            files[export::LABEL_GROUPS].as_array_mut().unwrap().push(inner);
            files[export::LABEL_GROUPS][0]["sub_groups"] = json!([{ "href": format!("{ACTIVE}/label_groups/2") }]);
            rule(files)["providers"].as_array_mut().unwrap().push(named("label_group", "label_groups/1"));
        }),
        ("of the label web", |files| {
            files[export::LABELS][1]["new"] = json!(1);
            rule(files)["providers"].as_array_mut().unwrap().push(label(2));
        }),
        ("exclusion (beside actors=ams)", |files| {
            let left_out = json!({ "label": { "href": "/orgs/3/labels/2" }, "exclusion": true });
            rule(files)["providers"].as_array_mut().unwrap().push(left_out);
        }),
    ];
    for (said, change) in changes {
        let mut files = mandatory();
        change(&mut files);
        let (status, doubts) = proof(&files);
        assert!(status == "likely" && doubts.contains(said), "{said}: {status} {doubts}");
    }
}

#[test]
fn a_mandatory_rule_is_not_proven_beside_an_override_deny_that_may_deny_it() {
    let with = |change: fn(&mut Value)| {
        let mut files = mandatory();
        let (port, list) = (json!([{ "proto": 6, "port": 2379 }]), json!([named("ip_list", "ip_lists/1")]));
        let deny = deny(&mut files, true);
        (deny["ingress_services"], deny["consumers"], deny["providers"]) = (port, list.clone(), list);
        // by addresses, which are not those of the nodes
        deny["providers"] = json!([named("ip_list", "ip_lists/2")]);
        files[export::IP_LISTS].as_array_mut().unwrap().push(json!({ "href": format!("{ACTIVE}/ip_lists/2"),
            "name": "two", "ip_ranges": [], "fqdns": [] }));
        change(&mut files);
        proof(&files)
    };
    let overridden = |change| {
        let (status, doubts) = with(change);
        assert!(status == "likely" && doubts.contains("overrides it, or may"), "{status} {doubts}");
    };
    overridden(|files| files[export::IP_LISTS][1]["fqdns"] = json!([{ "fqdn": "node-1.example.com" }]));
    overridden(|files| files[export::IP_LISTS][1]["ip_ranges"] = json!([{ "from_ip": "10.0.0.0/8" }]));
    overridden(|files| files[export::RULE_SETS][0]["deny_rules"][0]["new"] = json!(1));
    overridden(|files| {
        let deny = &mut files[export::RULE_SETS][0]["deny_rules"][0];
        deny["egress_services"] = json!([{ "href": format!("{ACTIVE}/services/7") }]);
        deny["ingress_services"] = json!([{ "proto": 6, "port": 22 }]);
    });
    // on another port, where it is understood, it denies something else
    let other = |files: &mut Value, named: &str| {
        files[export::IP_LISTS][1]["ip_ranges"] = json!([{ "from_ip": "10.0.0.0/8" }]);
        files[export::RULE_SETS][0]["deny_rules"][0]["ingress_services"] = json!([{ "proto": 6, "port": 22 }]);
        if !named.is_empty() {
            files[export::RULE_SETS][0]["deny_rules"][0]["enabled"] = serde_json::from_str(named).unwrap();
        }
    };
    let mut files = mandatory();
    deny(&mut files, true);
    let twin = files[export::IP_LISTS][0].clone();
    files[export::IP_LISTS].as_array_mut().unwrap().push(twin);
    files[export::IP_LISTS][1]["href"] = json!(format!("{ACTIVE}/ip_lists/2"));
    other(&mut files, "");
    assert_eq!(proof(&files).0, "proven");
    // whether it is in force is not known
    other(&mut files, "null");
    assert_eq!(proof(&files).0, "likely");
}

#[test]
fn nothing_is_the_same_beside_a_rule_that_denies_and_is_not_understood() {
    for is_override in [true, false] {
        let mut files = policy();
        deny(&mut files, is_override);
        assert_eq!(answer(&files).0, Answer::Same, "{is_override}");
        let with = |field: &str, value: Value| {
            let mut files = files.clone();
            files[export::RULE_SETS][0]["deny_rules"][0][field] = value;
            answer(&files).0
        };
        for (field, value) in [
            ("new", json!(1)),
            ("enabled", Value::Null),
            ("consuming_security_principals", json!([{ "href": "/orgs/3/security_principals/1" }])),
            ("machine_auth", json!(true)),
            ("network_type", json!("vpn")),
            ("consumers", json!([{ "starship": { "href": "/orgs/3/starships/1" } }])),
        ] {
            assert_eq!(with(field, value), Answer::NotKnown, "{field} {is_override}");
        }
        assert_eq!(with("enabled", json!(false)), Answer::Same);
    }
    let mut files = policy();
    let boundary = json!({ "href": format!("{ACTIVE}/enforcement_boundaries/1"), "name": "B", "enabled": true,
        "consumers": [label(2)], "providers": [label(1)], "ingress_services": [{ "proto": 6, "port": 22 }] });
    files[export::ENFORCEMENT_BOUNDARIES] = json!([boundary]);
    assert_eq!(answer(&files).0, Answer::Same);
    files[export::ENFORCEMENT_BOUNDARIES][0]["new"] = json!(1);
    let said = compared(&files, false, |found| (found.answer(), found.objects_not_understood.join("; ")));
    assert_eq!(said, (Answer::NotKnown, "the meaning of `new` of enforcement boundaries: `B`".to_owned()));
    files[export::ENFORCEMENT_BOUNDARIES][0]["enabled"] = json!(false);
    assert_eq!(answer(&files).0, Answer::Same);
}

#[test]
fn labels_that_are_left_out_beside_all_workloads_are_not_understood() {
    for side in ["consumers", "providers"] {
        for other in [label(2), named("label_group", "label_groups/1")] {
            let mut files = policy();
            rule(&mut files)[side] = json!([{ "actors": "ams" }, other]);
            let fields = |files: &Value| {
                compared(files, false, |found| {
                    found.not_understood.iter().flat_map(RuleOf::unknown_fields).collect::<Vec<_>>()
                })
            };
            assert!(fields(&files).is_empty());
            rule(&mut files)[side][1]["exclusion"] = json!(true);
            assert_eq!(fields(&files), [format!("{side}[].exclusion (beside actors=ams)")]);
            assert_eq!(answer(&files).0, Answer::NotKnown);
        }
    }
}

#[test]
fn a_port_of_one_protocol_is_not_one_of_another() {
    let mut files = policy();
    rule(&mut files)["consumers"] = json!([label(2)]);
    rule(&mut files)["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
    let service = &mut files[export::VIRTUAL_SERVICES][0];
    service["service_ports"] = json!([{ "proto": 6, "port": 53 }, { "proto": 17, "port": 5353 }]);
    service["service_addresses"] = json!([{ "ip": "10.96.0.10", "port": 53 }]);
    let named = |proto: u8, port: u16| {
        let mut files = files.clone();
        rule(&mut files)["ingress_services"] = json!([{ "proto": proto, "port": port }]);
        answer(&files)
    };
    assert_eq!(named(6, 53).0, Answer::Lost);
    assert_eq!(named(17, 5353).0, Answer::Lost);
    // it may lead to 5353/UDP
    assert_eq!(named(17, 53), (Answer::NotKnown, vec!["client-ports"]));
    assert_eq!(named(6, 5353).0, Answer::Same);
    // paired with its ports, a number leads to one of them
    files[export::VIRTUAL_SERVICES][0]["consumer_ports"] = json!([53, 53]);
    let named = |proto: u8, port: u16| {
        let mut files = files.clone();
        rule(&mut files)["ingress_services"] = json!([{ "proto": proto, "port": port }]);
        answer(&files).0
    };
    assert_eq!([named(17, 53), named(6, 53), named(6, 80)], [Answer::Lost, Answer::Lost, Answer::Same]);
}

#[test]
fn the_ports_of_clients_that_only_kubernetes_tells_count() {
    let mut files = policy();
    rule(&mut files)["consumers"] = json!([label(2)]);
    rule(&mut files)["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
    rule(&mut files)["ingress_services"] = json!([{ "proto": 6, "port": 80 }]);
    assert_eq!(answer(&files).0, Answer::Same);
    files[export::VIRTUAL_SERVICES][0]["consumer_ports"] = json!([443]);
    assert_eq!(answer(&files).0, Answer::Same);
    files[export::VIRTUAL_SERVICES][0]["k8s_service_info"]["consumer_ports"] = json!([80]);
    assert_eq!(answer(&files).0, Answer::Lost);
}

#[test]
fn a_port_of_clients_or_nodes_that_cannot_be_read_is_named() {
    let said = |change: &dyn Fn(&mut Value)| {
        let mut files = policy();
        change(&mut files[export::VIRTUAL_SERVICES][0]);
        compared(&files, false, |found| (found.answer(), found.objects_not_understood.join("; ")))
    };
    for ports in
        [json!(["30080"]), json!([null]), json!([{ "nodePort": 30080 }]), json!([{ "port": 30080, "name": "x" }])]
    {
        let (answer, said) = said(&|service| service["k8s_service_info"]["node_ports"] = ports.clone());
        let is_named = said.contains("`k8s_service_info.node_ports[]` of virtual services");
        assert!(answer == Answer::NotKnown && is_named, "{ports}: {answer:?} {said}");
    }
    for ports in [json!([30080]), json!([{ "node_port": 30080 }]), json!([{ "port": 30080, "protocol": 6 }])] {
        assert_eq!(said(&|service| service["k8s_service_info"]["node_ports"] = ports.clone()).1, "", "{ports}");
    }
    let (_, named) = said(&|service| service["consumer_ports"] = json!([70_000]));
    assert!(named.contains("`consumer_ports[]=70000`"), "{named}");
}

#[test]
fn a_port_beside_the_href_of_a_service_is_not_understood() {
    for (field, value) in [("proto", json!(6)), ("port", json!(8080)), ("service_ports", json!([{ "proto": 6 }]))] {
        let mut files = policy();
        files[export::SERVICES] = mandatory()[export::SERVICES].clone();
        rule(&mut files)["ingress_services"] = json!([{ "href": format!("{ACTIVE}/services/7") }]);
        assert!(answer(&files).0 != Answer::NotKnown);
        rule(&mut files)["ingress_services"][0][field] = value;
        let named = format!("ingress_services[].{field} (beside href)");
        let said = compared(&files, false, |found| found.not_understood[0].unknown_fields().join("; "));
        assert!(said.contains(&named), "{said}");
        assert_eq!(answer(&files).0, Answer::NotKnown);
    }
}

#[test]
fn lists_that_may_hold_addresses_of_pods_may_call_the_cluster_address() {
    let mut files = policy();
    rule(&mut files)["consumers"] = json!([named("ip_list", "ip_lists/1"), named("ip_list", "ip_lists/2")]);
    rule(&mut files)["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
    files[export::VIRTUAL_SERVICES][0]["k8s_service_info"] = json!({ "service_type": "NodePort" });
    let with = |first: Value, second: Value| {
        let mut files = files.clone();
        let list = |number: u8, mut list: Value| {
            list["href"] = json!(format!("{ACTIVE}/ip_lists/{number}"));
            list["name"] = json!("L");
            list
        };
        files[export::IP_LISTS] = json!([list(1, first), list(2, second)]);
        (answer(&files), rests_on(&files, "lists-are-outside"))
    };
    let ranges = |blocks: &[&str]| {
        let ranges: Value = blocks.iter().map(|block| json!({ "from_ip": block })).collect();
        json!({ "ip_ranges": ranges })
    };
    let inside = (Answer::NotKnown, vec!["sources-may-be-inside"]);
    // public addresses are assumed to be outside
    assert_eq!(with(ranges(&["192.0.2.0/24"]), ranges(&["2001:db8::/32"])), ((Answer::Same, vec![]), true));
    assert_eq!(with(ranges(&["192.0.2.0/24"]), ranges(&["10.9.0.0/16"])).0, inside);
    assert_eq!(with(ranges(&["192.0.2.0/24"]), json!({ "fqdns": [{ "fqdn": "db.shop.svc" }] })).0, inside);
    let vague = json!({ "ip_ranges": [{ "from_ip": "10.0.0.0/8" }, { "from_ip": "offices", "exclusion": true }] });
    assert_eq!(with(ranges(&["192.0.2.0/24"]), vague).0, inside);
}

#[test]
fn the_lists_of_a_draft_are_its_own() {
    let mut files = policy();
    rule(&mut files)["consumers"] = json!([named("ip_list", "ip_lists/1")]);
    rule(&mut files)["resolve_labels_as"]["providers"] = json!(["workloads"]);
    files[export::VIRTUAL_SERVICES][0]["k8s_service_info"] = json!({ "service_type": "NodePort" });
    files[export::IP_LISTS][0]["ip_ranges"] = json!([{ "from_ip": "192.0.2.0/24" }]);
    let mut drafted = files.clone();
    drafted[export::IP_LISTS][0]["ip_ranges"] = json!([{ "from_ip": "0.0.0.0/0" }]);
    let of_service = |after: &Value| {
        with_policy(&files, |before| {
            with_policy(after, |after| {
                let books = [before, after].map(Book::of);
                prove(&books[0], &books[1], &Question::default()).services[0].answer
            })
        })
    };
    assert_eq!((of_service(&files), of_service(&drafted)), (Answer::Same, Answer::NotKnown));
}

#[test]
fn a_virtual_service_that_is_another_in_draft_is_named_whatever_is_pending() {
    let files = policy();
    let with = |change: fn(&mut Value)| {
        let mut after = files.clone();
        change(&mut after[export::VIRTUAL_SERVICES]);
        with_policy(&files, |before| {
            with_policy(&after, |after| {
                let books = [before, after].map(Book::of);
                prove(&books[0], &books[1], &Question::default()).objects_not_understood.join("; ")
            })
        })
    };
    assert_eq!(with(|_| {}), "");
    for change in [
        |services: &mut Value| services[0]["service_ports"][0]["port"] = json!(9090),
        |services: &mut Value| services[0]["labels"] = json!([{ "href": "/orgs/3/labels/2" }]),
        |services: &mut Value| services[0]["k8s_service_info"]["service_type"] = json!("NodePort"),
        |services: &mut Value| services[0]["href"] = json!(format!("{ACTIVE}/virtual_services/2")),
    ] {
        assert!(with(change).contains("changed in draft"), "{}", with(change));
    }
}

#[test]
fn a_draft_is_compared_with_what_is_assumed_of_other_drafts() {
    let mut files = policy();
    files[export::DRAFT_RULE_SETS] = files[export::RULE_SETS].clone();
    let ids = compared(&files, true, |found| found.assumptions.iter().map(|one| one.id).collect::<Vec<_>>());
    assert!(ids.contains(&"other-drafts-stay"), "{ids:?}");
    assert!(!rests_on(&files, "other-drafts-stay"));
}

#[test]
fn the_rule_that_denies_is_told_where_it_is_the_reason() {
    // the rule reaches the service as workloads as well, and is denied there once the draft is provisioned
    let mut files = policy();
    rule(&mut files)["consumers"] = json!([label(2)]);
    files[export::DRAFT_RULE_SETS] = files[export::RULE_SETS].clone();
    let told = |files: &Value| {
        compared(files, true, |found| {
            let lost = found.changes.iter().filter(|change| change.answer == Answer::Lost);
            lost.map(|change| (format!("{:?}", change.cause), change.denied_by.is_some())).collect::<Vec<_>>()
        })
    };
    assert_eq!(told(&files), []);
    let rules = json!([{ "href": "/orgs/3/sec_policy/draft/rule_sets/1/deny_rules/1", "enabled": true, "override": true,
        "consumers": [label(2)], "providers": [label(1)], "ingress_services": [{ "proto": 6, "port": 8080 }] }]);
    files[export::DRAFT_RULE_SETS][0]["deny_rules"] = rules.clone();
    let denied = ("Denied".to_owned(), true);
    assert!(!told(&files).is_empty() && told(&files).iter().all(|told| *told == denied), "{:?}", told(&files));
    // another rule would allow it, so it is not this one's virtual services that are the reason
    rule(&mut files)["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
    let mut beside = rule(&mut files).clone();
    beside["href"] = json!("/orgs/3/sec_policy/draft/rule_sets/1/sec_rules/2");
    beside["resolve_labels_as"]["providers"] = json!(["workloads"]);
    files[export::DRAFT_RULE_SETS][0]["rules"].as_array_mut().unwrap().push(beside);
    assert!(!told(&files).is_empty() && told(&files).iter().all(|told| *told == denied), "{:?}", told(&files));
    // and where no rule allows it any more, the deny rule is none
    files[export::DRAFT_RULE_SETS] = files[export::RULE_SETS].clone();
    files[export::DRAFT_RULE_SETS][0]["deny_rules"] = rules;
    assert_eq!(told(&files), [("VirtualServicesOnly".to_owned(), false)]);
}

#[test]
fn the_circumstances_of_many_flows_are_all_told() {
    let mut files = policy();
    rule(&mut files)["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
    // another rule keeps the flows of the corporate network to most of the services
    let mut beside = rule(&mut files).clone();
    beside["href"] = json!(format!("{ACTIVE}/rule_sets/1/sec_rules/2"));
    beside["providers"] = json!([label(3)]);
    beside["resolve_labels_as"]["providers"] = json!(["workloads"]);
    files[export::RULE_SETS][0]["rules"].as_array_mut().unwrap().push(beside);
    rule(&mut files)["network_type"] = json!("all");
    let mut services = Vec::new();
    for number in 1..=300 {
        let mut service = files[export::VIRTUAL_SERVICES][0].clone();
        service["href"] = json!(format!("{ACTIVE}/virtual_services/{number}"));
        service["service_ports"] = json!([{ "proto": 6, "port": 8080 }, { "proto": 6, "port": 10_000 + number }]);
        if number < 290 {
            service["labels"].as_array_mut().unwrap().push(json!({ "href": "/orgs/3/labels/3" }));
        }
        services.push(service);
    }
    files[export::VIRTUAL_SERVICES] = json!(services);
    let said = compared(&files, false, |found| {
        let lost = found.changes.iter().find(|change| change.answer == Answer::Lost).unwrap();
        found.circumstances_of(lost)
    });
    assert_eq!(said, Vec::<String>::new(), "on the corporate network as well");
}

/// What a rule becomes, or why that is for a person to decide.
pub(crate) fn becomes(files: &Value, cluster: Option<&str>) -> (Vec<String>, String) {
    with_policy(files, |policy| {
        let book = Book::of(policy);
        let judged = judge(&book, &Question { cluster, ..Question::default() });
        let rewritten = judged.rewritten();
        let by_hand: Vec<String> = rewritten.by_hand.iter().flat_map(|one| one.why.clone()).collect();
        (judged.rule_sets[0].rules[0].becomes(&book), by_hand.join("; "))
    })
}

/// A rule from web to the virtual services of api, which opens this.
fn only(opened: Value) -> Value {
    let mut files = policy();
    let rule = rule(&mut files);
    rule["consumers"] = json!([label(2)]);
    rule["ingress_services"] = opened;
    rule["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
    files[export::SERVICES] = json!([
        { "href": format!("{ACTIVE}/services/1"), "name": "All Services", "service_ports": [{ "proto": -1 }] },
        { "href": format!("{ACTIVE}/services/2"), "name": "sshd", "process_name": "/usr/sbin/sshd",
          "service_ports": [{ "proto": 6, "port": 8080 }] },
        { "href": format!("{ACTIVE}/services/3"), "name": "IIS", "windows_services": [{ "service_name": "w3svc" }] },
    ]);
    files
}

fn services(number: u8) -> Value {
    json!([{ "href": format!("{ACTIVE}/services/{number}") }])
}

#[test]
fn a_new_rule_opens_no_range_at_workloads_that_no_service_has() {
    let one = |opened: Value| becomes(&only(opened), None).0;
    let narrow = ["role=web -> role=api, 8080/TCP (Use Workloads)"];
    for opened in [
        services(1),
        json!([{ "proto": 6 }]),
        json!([{ "proto": 6, "port": 1, "to_port": 65535 }]),
        json!([{ "proto": 6, "port": 8000, "to_port": 9000 }]),
        json!([{ "proto": 17 }, { "proto": 6, "port": 8080 }]),
    ] {
        assert_eq!(one(opened.clone()), narrow, "{opened}");
    }
    // a single port that no service has opens nothing today
    assert_eq!(one(json!([{ "proto": 6, "port": 8080 }])), narrow);
    let two = json!([{ "proto": 6, "port": 8080 }, { "proto": 6, "port": 22 }]);
    assert_eq!(one(two), narrow);
    // a range of the ports of clients leads to those behind it
    let mut files = only(json!([{ "proto": 6, "port": 80, "to_port": 90 }]));
    files[export::VIRTUAL_SERVICES][0]["consumer_ports"] = json!([80]);
    assert_eq!(becomes(&files, None).0, narrow);
    // what stands beside the labels keeps its ports
    let mut files = only(services(1));
    rule(&mut files)["providers"].as_array_mut().unwrap().push(named("ip_list", "ip_lists/1"));
    let beside = "role=web -> IP list offices, All Services (source Use Workloads)";
    assert_eq!(becomes(&files, None).0, [narrow[0], beside]);
}

#[track_caller]
fn is_by_hand(files: &Value, cluster: Option<&str>, said: &str) {
    let (becomes, why) = becomes(files, cluster);
    assert!(becomes.is_empty() && why.contains(said), "{becomes:?} {why}");
}

#[test]
fn what_cannot_be_written_is_left_to_a_person() {
    is_by_hand(&only(services(2)), None, "for certain processes (`process_name`)");
    let mut both = services(3);
    both.as_array_mut().unwrap().push(json!({ "proto": 6, "port": 8080 }));
    is_by_hand(&only(both), None, "for certain processes (`windows_services`)");
    // the ports of a service cannot be written by themselves
    let mut files = only(services(1));
    files[export::VIRTUAL_SERVICES][0]["service_ports"] =
        json!([{ "proto": 6, "port": 8080 }, { "proto": 132, "port": 9 }]);
    is_by_hand(&files, None, "9/SCTP cannot be written into a rule");
    let mut files = only(json!([]));
    rule(&mut files)["providers"].as_array_mut().unwrap().push(named("ip_list", "ip_lists/1"));
    is_by_hand(&files, None, "would also be open at IP list offices");
    let mut files = only(json!([{ "proto": 6, "port": 8080 }]));
    rule(&mut files)["egress_services"] = services(1);
    is_by_hand(&files, None, "the PCE does not accept `egress_services` in a request");
}

#[test]
fn what_is_not_understood_is_left_to_a_person() {
    let base = only(json!([]));
    assert_eq!(becomes(&base, None).0, ["role=web -> role=api, 8080/TCP (Use Workloads)"]);
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 8] = [
        // two labels of one kind, which are alternatives in a rule
        ("it is not known what the destination reaches", |files| {
            files[export::VIRTUAL_SERVICES][0]["labels"] =
                json!([{ "href": "/orgs/3/labels/1" }, { "href": "/orgs/3/labels/2" }]);
            rule(files)["providers"] = json!([named("virtual_service", "virtual_services/1")]);
        }),
        ("new of its rule set", |files| files[export::RULE_SETS][0]["new"] = json!(1)),
        ("new of the label web", |files| files[export::LABELS][1]["new"] = json!(1)),
        ("new of the virtual service api", |files| files[export::VIRTUAL_SERVICES][0]["new"] = json!(1)),
        ("labels[].key=app of the label group G", |files| {
            files[export::LABEL_GROUPS][0]["labels"] = json!([{ "href": "/orgs/3/labels/3" }]);
            rule(files)["consumers"] = json!([named("label_group", "label_groups/1")]);
        }),
        ("exclusion (beside actors=ams)", |files| {
            let left_out = json!({ "label": { "href": "/orgs/3/labels/3" }, "exclusion": true });
            rule(files)["consumers"] = json!([{ "actors": "ams" }, left_out]);
        }),
        // two labels of kinds that are not known
        ("it is not known what the destination reaches", |files| {
            files[export::LABELS] = json!([{ "href": "/orgs/3/labels/2", "key": "role", "value": "web" }]);
            files[export::VIRTUAL_SERVICES][0]["labels"] =
                json!([{ "href": "/orgs/3/labels/8" }, { "href": "/orgs/3/labels/9" }]);
            rule(files)["providers"] = json!([named("virtual_service", "virtual_services/1")]);
        }),
        // ports are filled in where workloads are meant as well
        ("it is not known what the destination reaches", |files| {
            rule(files)["providers"] = json!([label(1), label(77)]);
            rule(files)["resolve_labels_as"]["providers"] = json!(["workloads", "virtual_services"]);
        }),
    ];
    for (said, change) in changes {
        let mut files = base.clone();
        change(&mut files);
        is_by_hand(&files, None, said);
    }
}

#[test]
fn a_new_rule_opens_nothing_in_another_cluster() {
    let with_twin = |opened: Value, uses: Value| {
        let mut files = only(opened);
        rule(&mut files)["resolve_labels_as"]["providers"] = uses;
        let mut twin = files[export::VIRTUAL_SERVICES][0].clone();
        twin["href"] = json!(format!("{ACTIVE}/virtual_services/2"));
        twin["external_data_set"] = json!(format!("{}|shop", CLUSTER.replace("c1", "c2")));
        twin["service_ports"] = json!([{ "proto": 6, "port": 9090 }]);
        files[export::VIRTUAL_SERVICES].as_array_mut().unwrap().push(twin);
        files
    };
    let (vs, both) = (json!(["virtual_services"]), json!(["workloads", "virtual_services"]));
    let said = "role=api would also reach services of another cluster";
    is_by_hand(&with_twin(json!([]), vs.clone()), Some(CLUSTER), said);
    is_by_hand(&with_twin(services(1), vs.clone()), Some(CLUSTER), said);
    is_by_hand(&with_twin(json!([]), both), Some(CLUSTER), said);
    // where both are asked about, both are meant
    let lines = becomes(&with_twin(json!([]), vs), None).0;
    assert_eq!(lines, ["role=web -> role=api, 8080/TCP, 9090/TCP (Use Workloads)"]);
}

#[test]
fn what_is_not_known_of_the_policy_is_said_in_every_form() {
    let mut files = policy();
    files[export::VIRTUAL_SERVICES][0]["new"] = json!(1);
    let home = Folder::new();
    for (file, text) in files.as_object().unwrap() {
        let path = home.path("export").join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text.to_string()).unwrap();
    }
    let header = "Source IP,Source Role,Destination IP,Destination Role,Port,Protocol,Num Flows";
    home.write("flows.csv", format!("{header}\n10.1.1.1,web,10.1.1.2,api,8080,TCP,3\n"));
    let said = "the meaning of `new` of virtual services: `api`";
    for traffic in ["", "--traffic flows.csv"] {
        for form in ["text", "json", "csv", "html"] {
            let ran = home.run(&format!("policy prove export {traffic} -o {form}")).exits(2);
            let all = format!("{}{}", ran.stdout, ran.stderr).replace("\n    ", " ");
            assert!(all.contains(said), "{traffic} {form}: {ran}");
        }
    }
}
