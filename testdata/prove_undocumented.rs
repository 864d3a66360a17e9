//! What is not documented proves nothing: `prove` names what it takes for granted, or answers "not known".

use helm_clas::{
    Finding, Severity,
    policy::{
        Book, Question, export, judge,
        prove::{Answer, Comparison, prove},
    },
};
use serde_json::{Value, json};

use crate::prove_input::{CLUSTER, policy, with_policy};

/// What is made of the comparison of a policy with itself, or with its drafts.
pub(crate) fn compared<T>(files: &Value, with_drafts: bool, made: impl Fn(&Comparison<'_>) -> T) -> T {
    with_policy(files, |policy| {
        let drafts = with_drafts.then(|| policy.clone().provisioned().unwrap());
        let (before, after) = (Book::of(policy), drafts.as_ref().map(Book::of));
        made(&prove(&before, after.as_ref().unwrap_or(&before), &Question::default()))
    })
}

/// The answer, and the reasons for what is not known.
fn answer(files: &Value) -> (Answer, Vec<&'static str>) {
    compared(files, false, |found| {
        (found.answer(), found.changes.iter().flat_map(|change| change.doubts.names()).collect())
    })
}

fn rests_on(files: &Value, id: &str) -> bool {
    compared(files, false, |found| found.assumptions.iter().any(|assumption| assumption.id == id))
}

fn rule(files: &mut Value) -> &mut Value {
    &mut files[export::RULE_SETS][0]["rules"][0]
}

/// A deny rule that overrides others, to some destinations.
fn denying(files: &mut Value, providers: &Value) {
    files[export::RULE_SETS][0]["deny_rules"] = json!([{ "href": "/orgs/3/sec_policy/active/rule_sets/1/deny_rules/1",
        "enabled": true, "override": true, "consumers": [{ "label": { "href": "/orgs/3/labels/2" } }], "providers": providers,
        "ingress_services": [{ "proto": 6, "port": 22 }] }]);
}

#[test]
fn an_answer_that_rests_on_a_field_that_is_not_documented_says_so() {
    const ID: &str = "other-fields-stay";
    assert!(!rests_on(&policy(), ID));
    for (field, value, is_used) in [
        ("use_workload_subnets", json!(["providers"]), true),
        ("use_workload_subnets", json!([]), false),
        ("sec_connect", json!(true), true),
        ("sec_connect", json!(false), false),
        ("stateless", json!(true), true),
        ("machine_auth", json!(true), true),
        ("network_type", json!("all"), true),
        ("network_type", json!("non_brn"), true),
        ("network_type", json!("brn"), false),
        ("egress_services", json!([{ "href": "/orgs/3/sec_policy/active/services/1" }]), true),
    ] {
        let mut files = policy();
        rule(&mut files)[field] = value.clone();
        assert_eq!(rests_on(&files, ID), is_used, "{field} {value}");
        rule(&mut files)["enabled"] = json!(false);
        assert!(!rests_on(&files, ID), "{field} of a rule that is not in force");
    }
    let mut files = policy();
    denying(&mut files, &json!([{ "ip_list": { "href": "/orgs/3/sec_policy/active/ip_lists/1" } }]));
    assert!(!rests_on(&files, ID));
    files[export::RULE_SETS][0]["deny_rules"][0]["egress_services"] = json!([{ "href": "/orgs/3/services/1" }]);
    assert!(rests_on(&files, ID));
}

#[test]
fn a_deny_rule_that_names_a_virtual_service_is_named() {
    let service = json!({ "virtual_service": { "href": "/orgs/3/sec_policy/active/virtual_services/1" } });
    let label = json!({ "label": { "href": "/orgs/3/labels/1" } });
    let fields = |files: &Value| {
        compared(files, false, |found| {
            (
                found.answer(),
                found
                    .not_understood
                    .iter()
                    .flat_map(helm_clas::policy::prove::RuleOf::unknown_fields)
                    .collect::<Vec<_>>(),
            )
        })
    };
    let mut files = policy();
    denying(&mut files, &json!([label]));
    assert_eq!(fields(&files), (Answer::Same, vec![]));
    for providers in [json!([service]), json!([label, service])] {
        denying(&mut files, &providers);
        assert_eq!(fields(&files), (Answer::NotKnown, vec!["providers[].virtual_service".to_owned()]));
    }
    denying(&mut files, &json!([label]));
    files[export::RULE_SETS][0]["deny_rules"][0]["consumers"] = json!([service]);
    assert_eq!(fields(&files), (Answer::NotKnown, vec!["consumers[].virtual_service".to_owned()]));
    // a rule that allows may name one
    let mut files = policy();
    rule(&mut files)["providers"] = json!([service]);
    assert_eq!(fields(&files).1, Vec::<String>::new());
}

#[test]
fn destinations_that_are_everything_but_something_are_not_known() {
    for (destination, port) in [("ip_list", 8080), ("ip_list", 22), ("label", 8080), ("label", 22)] {
        let mut files = policy();
        let href = if destination == "label" { "/orgs/3/labels/3" } else { "/orgs/3/sec_policy/active/ip_lists/1" };
        rule(&mut files)["providers"] = json!([{ destination: { "href": href } }]);
        rule(&mut files)["ingress_services"][0]["port"] = json!(port);
        assert_eq!(answer(&files).0, Answer::Same, "{destination} {port}");
        rule(&mut files)["all_ips_except_for_in_providers"] = json!(true);
        let (answer, doubts) = answer(&files);
        assert!(answer == Answer::NotKnown && doubts.contains(&"all-but"), "{destination} {port}: {doubts:?}");
    }
}

#[test]
fn addresses_are_not_certainly_cut_off_from_a_service_that_they_may_reach_from_outside() {
    let mut files = policy();
    let addresses = json!([{ "ip_list": { "href": "/orgs/3/sec_policy/active/ip_lists/1" } }]);
    rule(&mut files)["consumers"] = addresses.clone();
    rule(&mut files)["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
    assert_eq!(answer(&files).0, Answer::Lost, "ClusterIP");
    let info = |files: &mut Value, info: Value| files[export::VIRTUAL_SERVICES][0]["k8s_service_info"] = info;
    for untold in [Value::Null, json!({}), json!({ "service_type": "" }), json!({ "service_type": null })] {
        info(&mut files, untold.clone());
        let (answer, doubts) = answer(&files);
        assert!(answer == Answer::NotKnown && doubts.contains(&"type-not-told"), "{untold}: {answer:?} {doubts:?}");
    }
    files[export::IP_LISTS][0]["ip_ranges"] = json!([{ "from_ip": "192.0.2.0/24" }]);
    for kind in ["NodePort", "LoadBalancer"] {
        info(&mut files, json!({ "service_type": kind }));
        assert_eq!(answer(&files).0, Answer::Same, "{kind}");
        assert!(rests_on(&files, "two-sides") && rests_on(&files, "lists-open-one-half"));
        // all but some addresses are fewer than all, which are not lost
        rule(&mut files)["all_ips_except_for_in_consumers"] = json!(true);
        let (answer, doubts) = answer(&files);
        assert_eq!((answer, doubts), (Answer::NotKnown, vec!["sources-may-be-inside"]), "{kind}");
        rule(&mut files)["all_ips_except_for_in_consumers"] = json!(false);
    }
    // pods are inside, whatever the type is
    info(&mut files, Value::Null);
    rule(&mut files)["consumers"] = json!([{ "label": { "href": "/orgs/3/labels/2" } }]);
    assert_eq!(answer(&files).0, Answer::Lost);
}

#[test]
fn addresses_that_may_be_those_of_pods_may_call_the_cluster_address() {
    let mut files = policy();
    rule(&mut files)["consumers"] = json!([{ "ip_list": { "href": "/orgs/3/sec_policy/active/ip_lists/1" } }]);
    rule(&mut files)["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
    files[export::VIRTUAL_SERVICES][0]["k8s_service_info"] = json!({ "service_type": "NodePort" });
    let held = |blocks: &[&str]| {
        let range = |block: &&str| match block.strip_prefix('!') {
            Some(out) => json!({ "from_ip": out, "exclusion": true }),
            None => json!({ "from_ip": block }),
        };
        blocks.iter().map(range).collect::<Value>()
    };
    let nodes = |pods: &[&str]| pods.iter().map(|pods| json!({ "name": "n", "pod_subnet": pods })).collect::<Value>();
    let (none, told, half_told) = (Value::Null, nodes(&["10.8.0.0/24", "10.8.1.0/24"]), nodes(&["10.8.0.0/24", ""]));
    let public = [
        "0.0.0.0/0",
        "!10.0.0.0/8",
        "!172.16.0.0/12",
        "!192.168.0.0/16",
        "!100.64.0.0/10",
        "!198.18.0.0/15",
        "!240.0.0.0/4",
    ];
    for (blocks, is_left_out, nodes, may_be_pods) in [
        (&["0.0.0.0/0"][..], false, &none, true),
        (&["::/0"], false, &none, true),
        (&["0.0.0.0/1"], false, &none, true),
        (&["10.0.0.0/9", "10.128.0.0/9"], false, &none, true),
        (&public, false, &none, false),
        (&["10.8.0.0/16"], false, &none, true),
        (&["10.8.7.7"], false, &none, true),
        (&["fd00:1::/64"], false, &none, true),
        (&["192.0.2.0/24", "2001:db8::/32"], false, &none, false),
        (&["10.8.0.0/16"], false, &told, true),
        (&["10.8.1.7"], false, &told, true),
        (&["10.9.0.0/16", "192.168.0.0/16"], false, &told, false),
        (&["10.9.0.0/16", "192.168.0.0/16"], false, &half_told, true),
        (&["10.9.0.0/16"], true, &told, true),
        (&["10.0.0.0/8"], true, &told, false),
        (&["10.0.0.0/8"], true, &half_told, true),
    ] {
        files[export::IP_LISTS][0]["ip_ranges"] = held(blocks);
        files[export::CONTAINER_CLUSTERS] =
            json!([{ "href": format!("/orgs/3/container_clusters/{CLUSTER}"), "nodes": nodes }]);
        rule(&mut files)["all_ips_except_for_in_consumers"] = json!(is_left_out);
        let (answer, doubts) = answer(&files);
        let is_warned = with_policy(&files, |policy| {
            let book = Book::of(policy);
            let judged = judge(&book, &Question::default());
            let is_grave = |finding: &Finding| finding.severity > Severity::Info;
            judged.all_findings().any(|finding| finding.rule.name() == "virtual-services-only" && is_grave(finding))
        });
        let expected = if may_be_pods { Answer::NotKnown } else { Answer::Same };
        assert_eq!((answer, is_warned), (expected, may_be_pods), "{blocks:?} {is_left_out} {nodes} {doubts:?}");
    }
}

#[test]
fn a_port_of_the_nodes_is_not_certainly_one_of_the_service() {
    let mut files = policy();
    rule(&mut files)["consumers"] = json!([{ "label": { "href": "/orgs/3/labels/2" } }]);
    rule(&mut files)["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
    rule(&mut files)["ingress_services"][0]["port"] = json!(30080);
    let info = |info: Value| {
        let mut files = files.clone();
        files[export::VIRTUAL_SERVICES][0]["k8s_service_info"] = info;
        answer(&files)
    };
    assert_eq!(info(json!({ "service_type": "NodePort" })).0, Answer::Same);
    for ports in [
        json!({ "service_type": "NodePort", "node_ports": [30080] }),
        json!({ "service_type": "NodePort", "node_ports": [{ "port": 30080, "protocol": 6 }] }),
        json!({ "service_type": "LoadBalancer", "service_ports": [{ "protocol": 6, "port": 8080, "node_port": 30080 }] }),
    ] {
        assert_eq!(info(ports.clone()), (Answer::NotKnown, vec!["node-port"]), "{ports}");
    }
}

#[test]
fn the_port_of_a_cluster_address_leads_to_the_service() {
    let mut files = policy();
    rule(&mut files)["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
    rule(&mut files)["ingress_services"][0]["port"] = json!(80);
    assert_eq!(answer(&files).0, Answer::Same);
    let address = |port: u16| json!({ "ip": "10.96.0.7", "port": port });
    for (addresses, ports, expected) in [
        (json!([address(80)]), json!([{ "proto": 6, "port": 8080 }]), Answer::Lost),
        (json!([address(80), address(80)]), json!([{ "proto": 6, "port": 8080 }]), Answer::Lost),
        (json!([address(81)]), json!([{ "proto": 6, "port": 8080 }]), Answer::Same),
        (json!([address(80)]), json!([{ "proto": 6, "port": 8080 }, { "proto": 6, "port": 9090 }]), Answer::NotKnown),
        (json!([address(80)]), json!([{ "proto": 6, "port": 80 }, { "proto": 6, "port": 9090 }]), Answer::Lost),
    ] {
        files[export::VIRTUAL_SERVICES][0]["service_addresses"] = addresses.clone();
        files[export::VIRTUAL_SERVICES][0]["service_ports"] = ports.clone();
        assert_eq!(answer(&files).0, expected, "{addresses} {ports}");
    }
}

#[test]
fn a_virtual_service_that_a_user_made_is_by_hand_whatever_it_is_tagged_with() {
    let mut files = policy();
    let mut by_hand = files[export::VIRTUAL_SERVICES][0].clone();
    by_hand.as_object_mut().unwrap().remove("k8s_service_info");
    by_hand["href"] = json!("/orgs/3/sec_policy/active/virtual_services/2");
    files[export::VIRTUAL_SERVICES].as_array_mut().unwrap().push(Value::Null);
    rule(&mut files)["providers"] = json!([{ "virtual_service": { "href": by_hand["href"] } }]);
    rule(&mut files)["consumers"] = json!([{ "label": { "href": "/orgs/3/labels/2" } }]);
    for (made_by, tag, expected) in [
        (json!({ "href": "/users/1" }), "servicenow|cmdb".to_owned(), Answer::Same),
        (json!({ "href": "/users/1" }), format!("{CLUSTER}|shop"), Answer::Same),
        (Value::Null, "servicenow|cmdb".to_owned(), Answer::Same),
        (Value::Null, format!("{CLUSTER}|shop"), Answer::Lost),
        (json!({ "href": format!("/orgs/3/container_clusters/{CLUSTER}") }), String::new(), Answer::Lost),
    ] {
        by_hand["created_by"] = made_by.clone();
        by_hand["external_data_set"] = json!(tag);
        files[export::VIRTUAL_SERVICES][1] = by_hand.clone();
        assert_eq!(answer(&files).0, expected, "{made_by} {tag}");
    }
}

#[test]
fn sources_that_are_virtual_services_which_stay_are_assumed_to_mean_their_pods() {
    const ID: &str = "sources-behind-node-ports";
    let mut files = policy();
    rule(&mut files)["consumers"] = json!([{ "label": { "href": "/orgs/3/labels/1" } }]);
    rule(&mut files)["providers"] = json!([{ "label": { "href": "/orgs/3/labels/2" } }]);
    rule(&mut files)["resolve_labels_as"]["consumers"] = json!(["virtual_services"]);
    assert!(answer(&files).0 == Answer::Lost && !rests_on(&files, ID));
    files[export::VIRTUAL_SERVICES][0]["k8s_service_info"] = json!({ "service_type": "NodePort" });
    assert!(answer(&files).0 == Answer::Same && rests_on(&files, ID));
}

#[test]
fn what_is_about_some_flows_only_says_which() {
    let mut files = policy();
    rule(&mut files)["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
    let mut beside = rule(&mut files).clone();
    beside["href"] = json!("/orgs/3/sec_policy/active/rule_sets/1/sec_rules/2");
    beside["resolve_labels_as"]["providers"] = json!(["workloads"]);
    files[export::RULE_SETS][0]["rules"].as_array_mut().unwrap().push(beside);
    rule(&mut files)["network_type"] = json!("all");
    let said = compared(&files, false, |found| {
        let lost = found.changes.iter().filter(|change| change.answer == Answer::Lost);
        lost.flat_map(|change| found.circumstances_of(change)).collect::<Vec<_>>()
    });
    assert_eq!(said, ["on networks other than the corporate one (network_type)"]);
    files[export::RULE_SETS][0]["rules"].as_array_mut().unwrap().pop();
    assert!(compared(&files, false, |found| found.circumstances_of(&found.changes[0]).is_empty()));
}

#[test]
fn what_is_certainly_gained_is_not_told_as_not_known_as_well() {
    let mut files = policy();
    let href = "/orgs/3/sec_policy/active/services/7";
    rule(&mut files)["resolve_labels_as"]["providers"] = json!(["workloads"]);
    rule(&mut files)["ingress_services"] = json!([{ "href": href }]);
    let with = |ports: Value| {
        let mut files = files.clone();
        files[export::SERVICES] = json!([{ "href": href, "name": "Ping", "service_ports": ports }]);
        compared(&files, false, |found| found.changes.iter().map(|change| change.answer).collect::<Vec<_>>())
    };
    assert_eq!(with(json!([{ "proto": 1, "icmp_type": 8 }])), [Answer::NotKnown]);
    assert_eq!(with(json!([{ "proto": 1, "icmp_type": 8 }, { "proto": 58 }])), [Answer::Gained]);
}

#[test]
fn virtual_services_that_are_changed_in_draft_are_named() {
    let mut files = policy();
    files[export::DRAFT_RULE_SETS] = files[export::RULE_SETS].clone();
    let named =
        |files: &Value| compared(files, true, |found| (found.answer(), found.objects_not_understood.join("; ")));
    assert_eq!(named(&files).0, Answer::Same);
    files[export::DRAFT_VIRTUAL_SERVICES] = files[export::VIRTUAL_SERVICES].clone();
    assert_eq!(named(&files), (Answer::Same, String::new()));
    for kind in ["create", "update", "delete"] {
        files[export::DRAFT_VIRTUAL_SERVICES][0]["update_type"] = json!(kind);
        let (answer, said) = named(&files);
        assert!(answer == Answer::NotKnown && said.contains("changed in draft: `api`"), "{kind}: {answer:?} {said}");
    }
}

#[test]
fn two_objects_that_are_not_in_the_input_are_not_the_same() {
    let answer = |files: &Value| {
        compared(files, true, |found| found.changes.iter().map(|one| one.answer).fold(found.answer(), Answer::max))
    };
    let mut files = policy();
    let actor = |number: u32| json!([{ "label_group": { "href": format!("/orgs/3/sec_policy/active/label_groups/{number}") } }]);
    let deny = json!([{ "href": "/orgs/3/sec_policy/active/rule_sets/1/deny_rules/1", "enabled": true, "override": true,
        "consumers": [{ "actors": "ams" }], "providers": actor(8), "ingress_services": [{ "proto": 6, "port": 22 }] }]);
    for side in ["consumers", "providers", "deny"] {
        let mut own = files.clone();
        own[export::RULE_SETS][0]["deny_rules"] = if side == "deny" { deny.clone() } else { json!([]) };
        own[export::DRAFT_RULE_SETS] = own[export::RULE_SETS].clone();
        for (list, number) in [(export::RULE_SETS, 8), (export::DRAFT_RULE_SETS, 9)] {
            let set = &mut own[list][0];
            // what CLAS changes is another matter
            set["rules"][0]["providers"] = json!([{ "workload": { "href": "/orgs/3/workloads/1" } }]);
            set["rules"][0]["ingress_services"] = json!([{ "proto": 6, "port": 22 }]);
            set["rules"][0]["resolve_labels_as"] = json!({ "providers": ["workloads"], "consumers": ["workloads"] });
            match side {
                "deny" => set["deny_rules"][0]["consumers"] = actor(number),
                side => set["rules"][0][side] = actor(number),
            }
        }
        if side == "deny" {
            for list in [export::RULE_SETS, export::DRAFT_RULE_SETS] {
                own[list][0]["deny_rules"][0]["providers"] = json!([{ "workload": { "href": "/orgs/3/workloads/1" } }]);
            }
        }
        assert_eq!(answer(&own), Answer::NotKnown, "{side}");
    }
    files[export::DRAFT_RULE_SETS] = files[export::RULE_SETS].clone();
    assert_eq!(answer(&files), Answer::Same);
}

#[test]
fn the_clusters_that_are_compared_together_are_told() {
    let mut files = policy();
    assert_eq!(compared(&files, false, |found| found.clusters().len()), 1);
    let mut other = files[export::VIRTUAL_SERVICES][0].clone();
    other["href"] = json!("/orgs/3/sec_policy/active/virtual_services/2");
    other["external_data_set"] = json!(format!("{}|shop", CLUSTER.replace("c1", "c2")));
    files[export::VIRTUAL_SERVICES].as_array_mut().unwrap().push(other);
    assert_eq!(compared(&files, false, |found| found.clusters().len()), 2);
}

#[test]
fn a_group_of_groups_holds_the_labels_of_all_of_them_whichever_way_they_lead() {
    let mut files = policy();
    let group = |number: u8, labels: Value, inner: &[u8]| {
        let href = |number: &u8| json!({ "href": format!("/orgs/3/sec_policy/active/label_groups/{number}") });
        json!({ "href": href(&number)["href"], "name": format!("G{number}"), "key": "role", "labels": labels,
            "sub_groups": inner.iter().map(href).collect::<Vec<_>>() })
    };
    files[export::LABEL_GROUPS] = json!([
        group(1, json!([]), &[2, 3]),
        group(2, json!([]), &[3, 1]),
        group(3, json!([{ "href": "/orgs/3/labels/2" }]), &[2])
    ]);
    rule(&mut files)["consumers"] = json!([{ "label_group": { "href": "/orgs/3/sec_policy/active/label_groups/1" } }]);
    rule(&mut files)["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
    let sources = compared(&files, false, |found| {
        found.changes.iter().filter_map(|change| Some(found.witness(change)?.source)).collect::<Vec<_>>()
    });
    assert_eq!(sources, ["a workload with role=web"]);
}

#[test]
fn a_service_that_is_not_in_the_input_is_not_the_same_in_both_models() {
    let opened = json!([{ "href": "/orgs/3/sec_policy/active/services/99" }]);
    for uses in [json!(["workloads"]), json!(["virtual_services", "workloads"])] {
        let mut files = policy();
        rule(&mut files)["ingress_services"] = opened.clone();
        rule(&mut files)["resolve_labels_as"] = json!({ "consumers": ["workloads"], "providers": uses });
        let (answer, doubts) = answer(&files);
        assert!(answer != Answer::Same && doubts.contains(&"service-not-known"), "{uses}: {answer:?} {doubts:?}");
    }
}
