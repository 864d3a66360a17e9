//! What a policy does not say itself proves nothing: addresses of workloads, modes of enforcement, fields whose effect is
//! not documented, what is masked, and what two objects say differently.

use helm_clas::policy::{
    Book, Question, export, judge,
    prove::{Answer, prove},
};
use serde_json::{Value, json};

use crate::{
    policy_doubts::{answer, deny, label, named, rests_on, rule},
    prove_input::{CLUSTER, policy, with_policy},
    prove_undocumented::compared,
    support::program::Folder,
};

const ACTIVE: &str = "/orgs/3/sec_policy/active";

/// A policy of which each flow is the same: `web` reaches both ports of `api`.
fn two_ports() -> Value {
    let mut files = policy();
    let ports = json!([{ "proto": 6, "port": 8080 }, { "proto": 6, "port": 9090 }]);
    files[export::VIRTUAL_SERVICES][0]["service_ports"] = ports.clone();
    let rule = rule(&mut files);
    rule["consumers"] = json!([label(2)]);
    rule["ingress_services"] = ports;
    files
}

/// Adds an IP list of these blocks, or of a DNS name.
fn list(files: &mut Value, block: &str) -> Value {
    let is_address = block.contains('/');
    let (ranges, names) =
        if is_address { (json!([{ "from_ip": block }]), json!([])) } else { (json!([]), json!([{ "fqdn": block }])) };
    let list = json!({ "href": format!("{ACTIVE}/ip_lists/9"), "name": "L", "ip_ranges": ranges, "fqdns": names });
    files[export::IP_LISTS].as_array_mut().unwrap().push(list);
    named("ip_list", "ip_lists/9")
}

/// Everything that the check does not know, line by line.
fn untold(files: &Value, cluster: Option<&str>) -> String {
    with_policy(files, |policy| {
        let book = Book::of(policy);
        judge(&book, &Question { cluster, ..Question::default() }).untold.join("\n")
    })
}

#[test]
fn an_override_deny_by_addresses_counts_for_the_workloads_that_may_have_them() {
    assert_eq!(answer(&two_ports()).0, Answer::Same);
    let with = |block: &str, port: u16, to_port: u16| {
        let mut files = two_ports();
        let sources = list(&mut files, block);
        let deny = deny(&mut files, true);
        deny["consumers"] = json!([sources]);
        deny["ingress_services"] = json!([{ "proto": 6, "port": port, "to_port": to_port }]);
        (answer(&files), rests_on(&files, "lists-open-one-half"))
    };
    for block in ["10.8.0.0/16", "192.168.7.0/24", "fd00::/64", "0.0.0.0/0", "*.shop.svc"] {
        let (found, _) = with(block, 8080, 8080);
        assert_eq!(found, (Answer::NotKnown, vec!["denied-ports", "address-of-workload"]), "{block}");
        // all ports are denied in both models, and another one is not one of the service's
        assert_eq!(with(block, 8080, 9090).0.0, Answer::Same, "{block}");
        assert_eq!(with(block, 22, 22).0.0, Answer::Same, "{block}");
    }
    assert_eq!(with("192.0.2.0/24", 8080, 8080), ((Answer::Same, vec![]), true), "assumed to be of no workload");
}

#[test]
fn an_override_deny_by_labels_counts_for_the_workloads_that_only_an_ip_list_allows() {
    let with = |block: &str, port: u16| {
        let mut files = two_ports();
        let sources = list(&mut files, block);
        rule(&mut files)["consumers"] = json!([sources]);
        deny(&mut files, true)["ingress_services"] = json!([{ "proto": 6, "port": port }]);
        answer(&files)
    };
    for block in ["10.8.0.0/16", "0.0.0.0/0", "*.shop.svc"] {
        let (found, doubts) = with(block, 8080);
        assert_eq!(found, Answer::NotKnown, "{block}");
        assert_eq!(doubts, ["address-of-workload"], "{block}");
        assert_eq!(with(block, 22).0, Answer::Same, "{block}: none of its ports");
    }
    assert_eq!(with("192.0.2.0/24", 8080).0, Answer::Same, "assumed to be of no workload");
}

#[test]
fn an_override_deny_to_addresses_is_the_same_in_both_models_and_may_deny_what_is_lost() {
    let mut files = two_ports();
    let destinations = list(&mut files, "10.96.0.0/12");
    deny(&mut files, true)["providers"] = json!([destinations]);
    files[export::RULE_SETS][0]["deny_rules"][0]["ingress_services"] = json!([{ "proto": 6, "port": 8080 }]);
    assert_eq!(answer(&files).0, Answer::Same);
    rule(&mut files)["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
    let found = compared(&files, false, |found| {
        found.changes.iter().map(|change| (change.answer, change.ports.to_string())).collect::<Vec<_>>()
    });
    assert_eq!(found, [(Answer::Lost, "9090/TCP".to_owned()), (Answer::NotKnown, "8080/TCP".to_owned())]);
}

#[test]
fn what_another_rule_allows_to_addresses_may_be_allowed_to_a_workload() {
    let with = |block: &str| {
        let mut files = two_ports();
        let sources = list(&mut files, block);
        let mut other = rule(&mut files).clone();
        rule(&mut files)["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
        other["href"] = json!(format!("{ACTIVE}/rule_sets/1/sec_rules/2"));
        other["consumers"] = json!([sources]);
        files[export::RULE_SETS][0]["rules"].as_array_mut().unwrap().push(other);
        answer(&files)
    };
    assert_eq!(with("192.0.2.0/24"), (Answer::Lost, vec![]));
    for block in ["10.8.0.0/16", "0.0.0.0/0", "*.shop.svc"] {
        assert_eq!(with(block), (Answer::NotKnown, vec!["address-of-workload"]), "{block}");
    }
}

#[test]
fn nothing_is_the_same_where_a_deny_rule_decides_in_selective_enforcement() {
    let boundary = json!({ "href": format!("{ACTIVE}/enforcement_boundaries/1"), "name": "b", "enabled": true,
        "consumers": [label(2)], "providers": [label(1)], "ingress_services": [{ "proto": 6, "port": 8080 }] });
    let profile = |mode: &str, managed: bool| {
        json!([{ "href": format!("/orgs/3/container_clusters/{CLUSTER}/container_workload_profiles/1"),
            "namespace": "shop", "managed": managed, "enforcement_mode": mode }])
    };
    let with = |is_boundary: bool, profiles: &Value| {
        let mut files = two_ports();
        if is_boundary {
            files[export::ENFORCEMENT_BOUNDARIES] = json!([boundary]);
        } else {
            deny(&mut files, false);
        }
        files[export::CONTAINER_WORKLOAD_PROFILES] = profiles.clone();
        files
    };
    for is_boundary in [false, true] {
        let files = with(is_boundary, &profile("selective", true));
        let said = compared(&files, false, |found| (found.answer(), found.objects_not_understood.join("\n")));
        assert_eq!(said.0, Answer::NotKnown);
        assert!(said.1.contains("namespaces in selective enforcement: `shop`"), "{said:?}");
        for (mode, managed) in [("full", true), ("visibility_only", true), ("selective", false)] {
            assert_eq!(answer(&with(is_boundary, &profile(mode, managed))).0, Answer::Same, "{mode} {managed}");
        }
    }
    let mut files = two_ports();
    files[export::CONTAINER_WORKLOAD_PROFILES] = profile("selective", true);
    assert_eq!(answer(&files).0, Answer::Same, "nothing is denied");
}

#[test]
fn a_rule_with_a_field_that_is_not_documented_does_not_stand_for_one_without_it() {
    let with = |own: (&str, Value), other: (&str, Value)| {
        let mut files = two_ports();
        let mut second = rule(&mut files).clone();
        rule(&mut files)["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
        rule(&mut files)[own.0] = own.1;
        second["href"] = json!(format!("{ACTIVE}/rule_sets/1/sec_rules/2"));
        second[other.0] = other.1;
        files[export::RULE_SETS][0]["rules"].as_array_mut().unwrap().push(second);
        answer(&files)
    };
    let plain = || ("stateless", json!(false));
    let subnets = |side: &str| ("use_workload_subnets", json!([side]));
    assert_eq!(with(plain(), plain()).0, Answer::Same);
    for of in [|| ("stateless", json!(true)), || ("use_workload_subnets", json!(["providers"]))] {
        assert_eq!(with(of(), of()).0, Answer::Same, "{:?}", of());
        for (own, other) in [(of(), plain()), (plain(), of())] {
            assert_eq!(with(own, other), (Answer::NotKnown, vec!["other-fields"]), "{:?}", of());
        }
    }
    assert_eq!(with(subnets("consumers"), subnets("providers")), (Answer::NotKnown, vec!["other-fields"]));
    // alone, it does the same in both models
    let mut files = two_ports();
    rule(&mut files)["stateless"] = json!(true);
    assert_eq!(answer(&files).0, Answer::Same);
    rule(&mut files)["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
    let (lost, circumstances) = compared(&files, false, |found| {
        (found.answer(), found.changes.iter().flat_map(|change| found.circumstances_of(change)).collect::<Vec<_>>())
    });
    assert_eq!((lost, circumstances), (Answer::Lost, vec![]), "of all flows");
}

#[test]
fn no_service_is_the_same_beside_what_is_not_understood() {
    let services = |files: &Value| {
        with_policy(files, |policy| {
            let book = Book::of(policy);
            let found = prove(&book, &book, &Question::default());
            (found.count(Answer::Same), found.count(Answer::NotKnown))
        })
    };
    assert_eq!(services(&two_ports()), (1, 0));
    let mut with_field = two_ports();
    rule(&mut with_field)["new"] = json!(1);
    let mut elsewhere = two_ports();
    let mut other = rule(&mut elsewhere).clone();
    other["href"] = json!(format!("{ACTIVE}/rule_sets/1/sec_rules/2"));
    other["providers"] = json!([label(3), { "starship": { "href": "/orgs/3/starships/1" } }]);
    elsewhere[export::RULE_SETS][0]["rules"].as_array_mut().unwrap().push(other);
    let mut of_object = two_ports();
    of_object[export::RULE_SETS][0]["new"] = json!(1);
    for files in [with_field, elsewhere, of_object] {
        assert_eq!(services(&files), (0, 1), "{files}");
    }
}

/// The proof of a mandatory rule: its status, with what is reported about it.
fn proof(files: &Value, id: &str) -> (&'static str, String) {
    with_policy(files, |policy| {
        let book = Book::of(policy);
        let service_cidrs = ["10.96.0.0/12".parse().unwrap()];
        let node_labels = [("role".to_owned(), "web".to_owned())];
        let question = Question { service_cidrs: &service_cidrs, node_labels: &node_labels, ..Question::default() };
        let judged = judge(&book, &question);
        let proof = judged.infrastructure.iter().find(|proof| proof.mandatory.id == id).unwrap();
        (proof.status.as_str(), proof.finding().map(|finding| finding.message).unwrap_or_default())
    })
}

/// A policy in whose namespace everything has the label `api`.
fn enforced(sources: Value, destinations: Value, ports: &[u16]) -> Value {
    let mut files = policy();
    files[export::CONTAINER_WORKLOAD_PROFILES] = json!([{ "namespace": "illumio-system", "enforcement_mode": "full",
        "href": format!("/orgs/3/container_clusters/{CLUSTER}/container_workload_profiles/1"), "managed": true,
        "labels": [{ "key": "role", "assignment": { "href": "/orgs/3/labels/1" } }] }]);
    files[export::IP_LISTS] = json!([{ "href": format!("{ACTIVE}/ip_lists/1"), "name": "Any",
        "ip_ranges": [{ "from_ip": "0.0.0.0/0" }, { "from_ip": "::/0" }] },
        { "href": format!("{ACTIVE}/ip_lists/2"), "name": "PCE", "ip_ranges": [{ "from_ip": "192.0.2.7" }] }]);
    let rule = rule(&mut files);
    rule["consumers"] = Value::Array(vec![sources]);
    rule["providers"] = Value::Array(vec![destinations]);
    rule["resolve_labels_as"]["providers"] = json!(["workloads"]);
    rule["ingress_services"] = ports.iter().map(|port| json!({ "proto": 6, "port": port })).collect();
    files
}

#[test]
fn the_pods_of_illumio_are_known_by_the_labels_of_their_namespace() {
    let any = || named("ip_list", "ip_lists/1");
    let ams = || json!({ "actors": "ams" });
    let status = |files: &Value, id| proof(files, id).0;
    let kubelink = [8080, 8081, 9000];
    for (files, id) in [
        (enforced(label(1), any(), &[2379]), "kubelink-to-any-etcd"),
        (enforced(ams(), any(), &[2379]), "kubelink-to-any-etcd"),
        (enforced(any(), label(1), &[2379]), "any-to-storage-etcd"),
        (enforced(any(), ams(), &[2379]), "any-to-storage-etcd"),
        (enforced(label(2), label(1), &kubelink), "nodes-to-kubelink"),
        (enforced(label(1), any(), &[8443]), "kubelink-to-pce"),
    ] {
        assert_eq!(status(&files, id), "proven", "{files}");
        let mut scoped = files.clone();
        scoped[export::RULE_SETS][0]["scopes"] = json!([[label(3)]]);
        assert_ne!(status(&scoped, id), "proven", "in another scope: {files}");
        let mut unlabelled = files.clone();
        unlabelled[export::CONTAINER_WORKLOAD_PROFILES][0]["labels"] = json!([]);
        assert_eq!(status(&unlabelled, id) == "proven", files.to_string().contains("ams"), "{files}");
        let mut only = files.clone();
        rule(&mut only)["resolve_labels_as"] =
            json!({ "consumers": ["virtual_services"], "providers": ["virtual_services"] });
        assert_ne!(status(&only, id), "proven", "as virtual services only: {files}");
    }
    assert_eq!(status(&enforced(label(2), any(), &[2379]), "kubelink-to-any-etcd"), "not-found", "another label");
    assert_eq!(status(&enforced(label(3), any(), &[2379]), "kubelink-to-any-etcd"), "likely", "of another kind");
    assert_eq!(status(&enforced(label(1), named("ip_list", "ip_lists/2"), &[443]), "kubelink-to-pce"), "likely");
}

#[test]
fn of_two_halves_the_one_in_doubt_is_named() {
    let mut files = policy();
    let half = |number: u8, block: &str| {
        json!({ "href": format!("{ACTIVE}/ip_lists/{number}"), "name": format!("half {number}"),
            "ip_ranges": [{ "from_ip": block }] })
    };
    files[export::IP_LISTS] = json!([half(1, "10.96.0.0/13"), half(2, "10.104.0.0/13")]);
    let first = rule(&mut files);
    first["consumers"] = json!([label(2)]);
    first["providers"] = json!([named("ip_list", "ip_lists/1")]);
    first["ingress_services"] = json!([{ "proto": 6, "port": 9000 }]);
    let mut second = first.clone();
    second["href"] = json!(format!("{ACTIVE}/rule_sets/1/sec_rules/2"));
    second["providers"] = json!([named("ip_list", "ip_lists/2")]);
    files[export::RULE_SETS][0]["rules"].as_array_mut().unwrap().push(second);
    let id = "nodes-to-service-cidr";
    assert_eq!(proof(&files, id).0, "proven");
    for (number, of) in [(0, "for rule 1: its field"), (1, "for rule 2: its field")] {
        let mut files = files.clone();
        files[export::RULE_SETS][0]["rules"][number]["sec_connect"] = json!(true);
        let (status, said) = proof(&files, id);
        assert_eq!(status, "likely");
        assert!(said.contains("rule 1 of `RS`") && said.contains("rule 2 of `RS`") && said.contains(of), "{said}");
    }
}

#[test]
fn ports_that_kubernetes_reports_otherwise_are_named() {
    let with = |ports: Value| {
        let mut files = two_ports();
        files[export::VIRTUAL_SERVICES][0]["k8s_service_info"]["service_ports"] = ports;
        answer(&files).0
    };
    let port = |number: u16, protocol: u8| json!({ "port": number, "protocol": protocol });
    assert_eq!(with(json!([port(9090, 6), port(8080, 6)])), Answer::Same);
    for ports in [json!([port(8080, 6)]), json!([port(8080, 6), port(9091, 6)]), json!([port(8080, 6), port(9090, 17)])]
    {
        assert_eq!(with(ports.clone()), Answer::NotKnown, "{ports}");
    }
}

#[test]
fn the_check_says_what_a_node_port_rests_on() {
    let with = |policy: Value, sources: &str| {
        let mut files = two_ports();
        let sources = list(&mut files, sources);
        rule(&mut files)["consumers"] = json!([sources]);
        rule(&mut files)["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
        files[export::VIRTUAL_SERVICES][0]["k8s_service_info"] =
            json!({ "service_type": "NodePort", "external_traffic_policy": policy });
        untold(&files, None)
    };
    let of_local = "(`api` with `Local`)";
    for (policy, is_local) in [(json!("cluster"), false), (json!(null), false), (json!("local"), true)] {
        let said = with(policy, "192.0.2.0/24");
        assert!(said.contains("still reach `api`: release 5.1"), "{said}");
        assert_eq!(said.contains(of_local), is_local, "{said}");
        assert!(said.contains("taken for callers outside the cluster"), "{said}");
    }
    assert!(!with(json!("cluster"), "10.8.0.0/16").contains("taken for callers"), "they may be inside");
    assert!(!untold(&two_ports(), None).contains("release 5.1"), "no node port");
}

#[test]
fn a_cluster_that_is_not_in_the_legacy_model_is_named() {
    let with = |cluster: Value, asked: Option<&str>| {
        let mut files = two_ports();
        let mut other = cluster;
        other["href"] = json!(format!("/orgs/3/container_clusters/{CLUSTER}"));
        other["name"] = json!("east");
        files[export::CONTAINER_CLUSTERS] = json!([other]);
        (untold(&files, asked).contains("what is allowed today in cluster east"), answer(&files).0)
    };
    for cluster in [json!({}), json!({ "cluster_mode": "legacy" }), json!({ "cluster_mode": null, "clas_mode": false })]
    {
        assert_eq!(with(cluster.clone(), None), (false, Answer::Same), "{cluster}");
    }
    for cluster in [
        json!({ "cluster_mode": "clas" }),
        json!({ "cluster_mode": "migrateLegacyToClas" }),
        json!({ "cluster_mode": 7 }),
        json!({ "clas_mode": true }),
    ] {
        assert_eq!(with(cluster.clone(), Some(CLUSTER)), (true, Answer::NotKnown), "{cluster}");
        assert!(
            !with(cluster.clone(), Some("5a1e0000-0000-4000-8000-0000000000c2")).0,
            "another cluster is asked about"
        );
    }
}

#[test]
fn what_is_masked_is_not_sent() {
    let with = |description: &str| {
        let home = Folder::new();
        let mut files = two_ports();
        files[export::VIRTUAL_SERVICES].as_array_mut().unwrap().push(json!({
            "href": format!("{ACTIVE}/virtual_services/2"), "name": "db", "external_data_set": format!("{CLUSTER}|shop"),
            "labels": [{ "href": "/orgs/3/labels/3" }], "service_ports": [{ "proto": 6, "port": 5432 }],
            "k8s_service_info": { "service_type": "ClusterIP" } }));
        let rule = rule(&mut files);
        rule["description"] = json!(description);
        rule["providers"] =
            json!([named("virtual_service", "virtual_services/1"), named("virtual_service", "virtual_services/2")]);
        rule["ingress_services"] = json!([]);
        for (file, value) in files.as_object().unwrap() {
            home.write(&format!("export/{file}"), value.to_string());
        }
        home.run("policy rewrite export --into new").exits(0);
        ["requests.json", "rule-import.csv", "rules.tf"]
            .map(|file| std::fs::read_to_string(home.path("new").join(file)).unwrap())
    };
    let [requests, csv, hcl] = with("of the \"shop\"");
    let requests: Value = serde_json::from_str(&requests).unwrap();
    let bodies: Vec<&Value> = requests["requests"].as_array().unwrap().iter().map(|one| &one["body"]).collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0].get("description"), None, "a PUT leaves it as it is");
    assert_eq!(bodies[1]["description"], "of the \"shop\"");
    assert!(csv.contains("shop") && hcl.contains("of the \\\"shop\\\""));
    for masked in ["cluster token ******** of k8s-a", "password: hunter2hunter2"] {
        for text in with(masked) {
            assert!(!text.contains("******") && !text.contains("hunter2"), "{text}");
        }
    }
}
