//! No field of the vendor's schemas is skipped silently: each field of a rule, a rule set, a deny rule, a service, a
//! virtual service, an IP list and a label group is set, one by one, to whatever its schema allows. Then the check says
//! something else than before, or the comparison of both policies finds a difference, or the field is in a table of
//! those that say nothing about what a rule allows.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use helm_clas::policy::{
    Book, Judged, Policy, Question, Source, export, judge,
    prove::{Direction, prove},
};
use serde_json::{Map, Value, json};

use crate::support::vendor;

const ACTIVE: &str = "/orgs/3/sec_policy/active";

/// Fields that say nothing about what a rule allows, for all objects alike, and why.
const SAY_NOTHING: &[(&str, &str)] = &[
    ("href", "the name of the object itself"),
    ("created_at", "who wrote it, and when"),
    ("updated_at", "who wrote it, and when"),
    ("deleted_at", "who wrote it, and when"),
    ("created_by", "who wrote it, and when"),
    ("updated_by", "who wrote it, and when"),
    ("deleted_by", "who wrote it, and when"),
    ("external_data_set", "under which name others know it"),
    ("external_data_reference", "under which name others know it"),
    ("caps", "what the user of the API key may do with it"),
    ("update_type", "whether it is provisioned; the drafts are another list"),
    ("update_label", "whether it is provisioned; the drafts are another list"),
    ("description", "words for people"),
    ("description_url", "words for people"),
    ("risk_details", "words for people"),
    ("usage", "where a label group is used"),
    ("rule_set", "the rule set that the rule stands in"),
    ("log_flow", "what a VEN writes into its log"),
    ("pce_fqdn", "which PCE of a supercluster holds it"),
    ("network", "the name of the network of an address"),
    ("ip_list_attribute", "under which name a filter of the web console finds it"),
    ("size", "how many addresses it has"),
    ("name", "the name of the object itself"),
    ("key", "words of a label that is known by its href"),
    ("value", "words of a label that is known by its href"),
    ("hostname", "words of a workload that is known by its href"),
    ("deleted", "whether the object of an href is still there"),
    ("sid", "words of a user group that is known by its href"),
    ("used_by_ruleset", "where a user group is used"),
];

/// The same for fields in one place only.
const SAY_NOTHING_THERE: &[(&str, &str)] = &[
    ("virtual_services[].apply_to", "whether a host or a bridge of it filters, not what"),
    ("virtual_services[].ip_overrides[]", "addresses under which it is reached; a rule means it by href or labels"),
    ("virtual_services[].service_addresses[].ip", "an address under which it is reached"),
    ("virtual_services[].service_addresses[].fqdn", "a name under which it is reached"),
    ("virtual_services[].k8s_service_info.ip_addresses[]", "an address under which it is reached"),
    (
        "virtual_services[].k8s_service_info.external_traffic_policy",
        "which node takes a call from outside, not whether",
    ),
];

/// A policy in which every object is used.
fn base() -> BTreeMap<&'static str, Value> {
    let label = |number: u8, key: &str, value: &str| json!({ "href": format!("/orgs/3/labels/{number}"), "key": key, "value": value });
    let by_href = |kind: &str, path: &str| json!({ kind: { "href": format!("{ACTIVE}/{path}") } });
    let of_label = |number: u8| json!({ "label": { "href": format!("/orgs/3/labels/{number}") } });
    let uses = json!({ "consumers": ["workloads"], "providers": ["workloads", "virtual_services"] });
    let rule = |number: u8, consumers: Value, providers: Value| {
        json!({ "href": format!("{ACTIVE}/rule_sets/1/sec_rules/{number}"), "enabled": true, "consumers": consumers,
                "providers": providers, "resolve_labels_as": uses, "unscoped_consumers": false,
                "ingress_services": [{ "href": format!("{ACTIVE}/services/1") }] })
    };
    let mut inside = rule(1, json!([of_label(1), of_label(3)]), json!([of_label(2)]));
    inside["unscoped_consumers"] = json!(true);
    let mut outside =
        rule(2, json!([by_href("ip_list", "ip_lists/1")]), json!([by_href("label_group", "label_groups/1")]));
    outside["ingress_services"] = json!([]);
    outside["resolve_labels_as"]["providers"] = json!(["virtual_services"]);
    let mut to_workloads = rule(3, json!([by_href("ip_list", "ip_lists/1")]), json!([of_label(5)]));
    to_workloads["ingress_services"] = json!([{ "proto": 6, "port": 443 }]);
    let mut by_client_port = rule(4, json!([of_label(6)]), json!([of_label(2)]));
    by_client_port["ingress_services"] = json!([{ "proto": 6, "port": 80 }]);
    let denying = json!({ "href": format!("{ACTIVE}/rule_sets/1/deny_rules/1"), "enabled": true, "override": true,
        "consumers": [of_label(3)], "providers": [of_label(2)], "ingress_services": [{ "proto": 6, "port": 8000, "to_port": 8100 }] });
    let of_kubernetes = json!({ "href": format!("{ACTIVE}/virtual_services/1"), "name": "api",
        "created_by": { "href": "/orgs/3/container_clusters/5a1e0000-0000-4000-8000-0000000000c1" },
        "labels": [label(2, "role", "api"), label(4, "env", "prod")], "service_ports": [{ "proto": 6, "port": 8080 }],
        "k8s_service_info": { "service_type": "ClusterIP", "service_ports": [{ "protocol": 6, "port": 8080 }] } });
    BTreeMap::from([
        (
            export::RULE_SETS,
            json!([{ "href": format!("{ACTIVE}/rule_sets/1"), "name": "RS", "enabled": true, "scopes": [[of_label(4)]],
                     "rules": [inside, outside, to_workloads, by_client_port],
                     "deny_rules": [denying] }]),
        ),
        (export::VIRTUAL_SERVICES, json!([of_kubernetes])),
        (
            export::SERVICES,
            json!([{ "href": format!("{ACTIVE}/services/1"), "name": "S", "service_ports": [{ "proto": 6, "port": 8080 }] },
                   { "href": format!("{ACTIVE}/services/2"), "name": "T", "service_ports": [{ "proto": 6, "port": 9090 }] }]),
        ),
        (
            export::IP_LISTS,
            json!([{ "href": format!("{ACTIVE}/ip_lists/1"), "name": "offices",
                     "ip_ranges": [{ "from_ip": "10.0.0.0/8" }] }]),
        ),
        (
            export::LABEL_GROUPS,
            json!([{ "href": format!("{ACTIVE}/label_groups/1"), "name": "G", "key": "role",
                     "labels": [label(2, "role", "api")] }]),
        ),
        (
            export::LABELS,
            json!([
                label(1, "role", "web"),
                label(2, "role", "api"),
                label(3, "role", "batch"),
                label(4, "env", "prod"),
                label(5, "role", "db"),
                label(6, "role", "jobs")
            ]),
        ),
    ])
}

/// Values of a schema, several where they may mean different things.
fn values(schema: &Value) -> Vec<Value> {
    if let Some(words) = schema["enum"].as_array() {
        return words.clone();
    }
    if let Some(object) = schema["properties"].as_object() {
        let of_each = |(name, schema): (&String, &Value)| {
            let value = if name == "href" { json!("/orgs/3/new/1") } else { values(schema).first()?.clone() };
            Some((name.clone(), value))
        };
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let some = object.iter().filter(|(name, _)| required.contains(&name.as_str()) || required.is_empty());
        return vec![Value::Object(some.filter_map(of_each).collect())];
    }
    let is = |kind: &str| {
        schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds.contains(&json!(kind)))
    };
    if is("boolean") {
        vec![json!(true), json!(false)]
    } else if is("integer") || is("number") {
        vec![json!(17), json!(80), json!(8080), json!(9999)]
    } else if is("object") {
        vec![json!({ "href": format!("{ACTIVE}/services/2") })]
    } else {
        vec![json!("x"), json!("10.9.0.0/16"), json!("::/0")]
    }
}

/// A field as the way to it, with its schema.
type Field = (Vec<String>, Value);

/// The fields below a schema: only those without fields of their own, except references, which are both.
fn fields(way: &[String], schema: &Value, found: &mut Vec<Field>) {
    let with = |step: &str| way.iter().cloned().chain([step.to_owned()]).collect::<Vec<String>>();
    let mut has_more = false;
    for alternative in ["oneOf", "anyOf", "allOf"].iter().flat_map(|key| schema[*key].as_array().into_iter().flatten())
    {
        if alternative.get("properties").is_some() || alternative.get("items").is_some() {
            fields(way, alternative, found);
            has_more = true;
        }
    }
    if let Some(items) = schema.get("items").filter(|items| items.is_object()) {
        fields(&with("[]"), items, found);
        has_more = true;
    }
    let properties = schema["properties"].as_object().filter(|properties| !properties.is_empty());
    for (name, property) in properties.into_iter().flatten() {
        fields(&with(name), property, found);
        has_more = true;
    }
    let is_reference = properties.is_some_and(|properties| properties.contains_key("href"));
    if (!has_more || is_reference) && !way.is_empty() {
        found.push((way.to_vec(), schema.clone()));
    }
}

/// The objects below a schema, however deep, each as the way to it with its schema.
fn nested(way: &[String], schema: &Value, found: &mut Vec<Field>) {
    let with = |step: &str| way.iter().cloned().chain([step.to_owned()]).collect::<Vec<String>>();
    let alternatives = ["oneOf", "anyOf", "allOf"].iter().flat_map(|key| schema[*key].as_array().into_iter().flatten());
    alternatives.for_each(|alternative| nested(way, alternative, found));
    if let Some(items) = schema.get("items").filter(|items| items.is_object()) {
        nested(&with("[]"), items, found);
    }
    let properties = schema["properties"].as_object().filter(|properties| !properties.is_empty());
    properties.into_iter().flatten().for_each(|(name, property)| nested(&with(name), property, found));
    if properties.is_some() {
        found.push((way.to_vec(), schema.clone()));
    }
}

/// Puts a value where a way leads. What is missing on it is made; a list is one element long then.
fn put(place: &mut Value, way: &[String], value: &Value) {
    match way {
        [] => *place = value.clone(),
        [list, step, rest @ ..] if step == "[]" => {
            let elements = object(place).entry(list.clone()).or_insert(Value::Null);
            if elements.as_array().is_none_or(Vec::is_empty) {
                *elements = json!([{}]);
            }
            if let Some(field) = rest.first() {
                make_room(object(&mut elements[0]), list, field);
            }
            put(&mut elements[0], rest, value);
        }
        // a list of lists, as scopes are
        [step, rest @ ..] if step == "[]" => {
            if place.as_array().is_none_or(Vec::is_empty) {
                *place = json!([{}]);
            }
            put(&mut place[0], rest, value);
        }
        [step, rest @ ..] => put(object(place).entry(step.clone()).or_insert(Value::Null), rest, value),
    }
}

fn object(place: &mut Value) -> &mut Map<String, Value> {
    if !place.is_object() {
        *place = json!({});
    }
    place.as_object_mut().unwrap()
}

/// In an element of a list, a service is a reference, ports, or ports that are written out: one of them.
fn make_room(element: &mut Map<String, Value>, list: &str, field: &str) {
    let is_reference = element.keys().eq(["href"]) && field != "href";
    if is_reference || matches!(field, "service_ports" | "windows_services") {
        element.clear();
    }
    let has_ports = matches!(list, "ingress_services" | "service_ports" | "windows_services");
    // what Kubernetes says of a port names its protocol otherwise
    if has_ports && matches!(field, "port" | "to_port") && !element.contains_key("protocol") {
        element.entry("proto").or_insert(json!(6));
        element.entry("port").or_insert(json!(8000));
    }
}

fn words(way: &[String]) -> String {
    way.join(".").replace(".[]", "[]")
}

/// All that the check says of a policy, without the names of what it says it of.
fn said(judged: &Judged<'_>) -> Vec<String> {
    let of_rules = judged.rule_sets.iter().flat_map(|set| &set.rules).flat_map(|rule| {
        let findings = rule.findings.iter();
        findings
            .map(|found| format!("{} {} {}", rule.rule.href, found.severity.as_str(), found.message))
            .chain(rule.becomes(judged.book))
    });
    let others = judged.findings.iter().map(|found| format!("{} {}", found.rule.name(), found.message));
    of_rules.chain(others).chain(judged.untold.clone()).collect()
}

/// The files of a policy, each with its text.
type Texts = Vec<(&'static str, String)>;

fn texts(files: &BTreeMap<&'static str, Value>) -> Texts {
    files.iter().map(|(file, value)| (*file, value.to_string())).collect()
}

fn read(texts: &Texts) -> Option<Policy<'_>> {
    let sources: Vec<Source<'_>> = texts.iter().map(|(file, text)| Source { file, name: file, text }).collect();
    Policy::read(&sources).ok()
}

/// What the check says of a policy, and what the comparison of another one with it finds.
fn answers(before: &Book<'_>, after: &Book<'_>) -> (Vec<String>, BTreeSet<String>) {
    let question = Question::default();
    let comparison = prove(before, after, &question);
    let changes = comparison.changes.iter().map(|change| {
        let is_lost = change.direction == Direction::Lost;
        format!("{} {is_lost} {:?} {:?}", change.rule.rule.href, change.answer, comparison.witness(change))
    });
    (said(&judge(after, &question)), changes.collect())
}

/// The objects of a kind: the schema, where an object of it is in the base, and what it is called.
const KINDS: &[(&str, &str, &str, &str)] = &[
    ("v2/sec_policy_rule_sets_get", export::RULE_SETS, "/0", "rule_sets[]"),
    ("v2/sec_policy_rule_sets_sec_rules_get", export::RULE_SETS, "/0/rules/0", "rules[]"),
    ("v2/sec_policy_rule_sets_sec_rules_get", export::RULE_SETS, "/0/rules/1", "rules[]"),
    ("common/sec_rules_get", export::RULE_SETS, "/0/rules/0", "rules[]"),
    ("common/deny_rules_get", export::RULE_SETS, "/0/deny_rules/0", "deny_rules[]"),
    // what only the other kind of rule says
    ("common/deny_rules_get", export::RULE_SETS, "/0/rules/0", "(of a deny rule) rules[]"),
    ("common/sec_rules_get", export::RULE_SETS, "/0/deny_rules/0", "(of an allow rule) deny_rules[]"),
    ("v2/sec_policy_services_get", export::SERVICES, "/0", "services[]"),
    ("v2/sec_policy_virtual_services_get", export::VIRTUAL_SERVICES, "/0", "virtual_services[]"),
    (
        "common/kubernetes_service",
        export::VIRTUAL_SERVICES,
        "/0/k8s_service_info",
        "virtual_services[].k8s_service_info",
    ),
    ("v2/sec_policy_ip_lists_get", export::IP_LISTS, "/0", "ip_lists[]"),
    ("v2/sec_policy_label_groups_get", export::LABEL_GROUPS, "/0", "label_groups[]"),
];

/// Whether the way to a field leads through one that says nothing.
fn says_nothing(name: &str) -> bool {
    SAY_NOTHING_THERE.iter().any(|(field, _)| *field == name)
        || name.split(['.', '[', ']']).any(|step| SAY_NOTHING.iter().any(|(field, _)| *field == step))
}

#[test]
fn a_field_of_tomorrow_is_named_in_whichever_object_it_stands() {
    const NEW: &str = "field_of_tomorrow";
    let base = base();
    let mut silent = BTreeSet::new();
    let mut seen = HashSet::new();
    for (schema, file, place, called) in KINDS {
        for (_, schema) in vendor::whole(schema) {
            let mut found = Vec::new();
            nested(&[], &schema, &mut found);
            for (way, schema) in found {
                let name = format!("{called}.{}", words(&way));
                if says_nothing(&name) || !seen.insert((name.clone(), *place, schema.to_string())) {
                    continue;
                }
                let mut after = base.clone();
                let object = after.get_mut(file).unwrap().pointer_mut(place).unwrap();
                if !way.is_empty() {
                    let mut value = values(&schema).swap_remove(0);
                    if schema["properties"].get("href").is_some() {
                        value["href"] = json!("/orgs/3/new/1");
                    }
                    put(object, &way, &value);
                }
                let way: Vec<String> = way.into_iter().chain([NEW.to_owned()]).collect();
                put(object, &way, &json!("of what a PCE may write one day"));
                let after = texts(&after);
                // what cannot be read is refused with its place
                let Some(policy) = read(&after) else { continue };
                let said = said(&judge(&Book::of(&policy), &Question::default())).join("\n");
                // what is named as a whole need not be named field by field
                let is_named_whole = name.contains("ip_tables_rules") && said.contains("ip_tables_rules");
                if !(is_named_whole || said.contains(NEW)) {
                    silent.insert(name);
                }
            }
        }
    }
    assert!(seen.len() > 40, "{}", seen.len());
    assert!(silent.is_empty(), "a new field is passed over in silence in {silent:#?}");
}

#[test]
fn no_field_of_the_vendors_schemas_is_passed_over_in_silence() {
    let base = base();
    let base_texts = texts(&base);
    let policy = read(&base_texts).unwrap();
    let book = Book::of(&policy);
    let usual = answers(&book, &book);
    let mut silent = BTreeMap::new();
    let mut seen = HashSet::new();
    let mut number = 0;
    for (schema, file, place, called) in KINDS {
        for (version, schema) in vendor::whole(schema) {
            let mut found = Vec::new();
            fields(&[], &schema, &mut found);
            assert!(found.len() > 4, "{called} {version}");
            for (way, schema) in found {
                let name = format!("{called}.{}", words(&way));
                if !seen.insert((name.clone(), *place, schema.to_string())) || silent.get(&name) == Some(&false) {
                    continue;
                }
                let is_heard = values(&schema).iter().any(|value| {
                    let mut after = base.clone();
                    put(after.get_mut(file).unwrap().pointer_mut(place).unwrap(), &way, value);
                    let after = texts(&after);
                    // what cannot be read is refused with its place
                    let Some(policy) = read(&after) else { return true };
                    answers(&book, &Book::of(&policy)) != usual
                });
                number += 1;
                *silent.entry(name).or_insert(true) &= !is_heard;
            }
        }
    }
    let forgotten: Vec<&String> =
        silent.iter().filter(|(name, is_silent)| **is_silent && !says_nothing(name)).map(|(name, _)| name).collect();
    assert!(forgotten.is_empty(), "passed over in silence: {forgotten:#?}");
    let there = SAY_NOTHING_THERE.iter().map(|(name, _)| *name);
    let stale: Vec<&str> = there.filter(|name| silent.get(*name) != Some(&true)).collect();
    assert!(stale.is_empty(), "in the table, and not silent or not in a schema: {stale:#?}");
    assert!(number > 150, "{number}");
}

#[test]
fn services_of_processes_are_silent_where_no_service_of_a_cluster_is_met() {
    let said_of = |label: u8| {
        let mut files = base();
        files.get_mut(export::SERVICES).unwrap()[0]["process_name"] = json!("/usr/sbin/sshd");
        let rule = files.get_mut(export::RULE_SETS).unwrap().pointer_mut("/0/rules/0").unwrap();
        rule["providers"] = json!([{ "label": { "href": format!("/orgs/3/labels/{label}") } }]);
        let texts = texts(&files);
        said(&judge(&Book::of(&read(&texts).unwrap()), &Question::default())).join("\n")
    };
    assert!(said_of(2).contains("process_name"), "{}", said_of(2));
    assert!(!said_of(5).contains("process_name"), "{}", said_of(5));
    // a label that is not known may be one of a service
    assert!(said_of(99).contains("process_name"), "{}", said_of(99));
}
