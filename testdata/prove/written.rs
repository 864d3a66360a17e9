//! The same policy as a PCE writes it.

use helm_clas::policy::export;
use serde_json::{Value, json};

use super::made::{
    ACTIVE, Actor, CLUSTER, CODE, ENCRYPTED, GROUP, ICMP, KEYS, Kind, Made, NARROWED, Network, ORG, Opened, PORTS,
    PROCESS, Range, Rule, Service, TYPE, Uses, VALUES,
};

pub(super) fn label(key: usize, value: usize) -> Value {
    json!({ "href": format!("{ORG}/labels/{}", key * 2 + value + 1) })
}

pub(super) fn written_actor(actor: &Actor) -> Value {
    let object = |path: String| json!({ "href": format!("{ACTIVE}/{path}") });
    match *actor {
        Actor::Everything => json!({ "actors": "ams" }),
        Actor::Label(key, value) => json!({ "label": label(key, value) }),
        Actor::NoLabel(key, value) => json!({ "label": label(key, value), "exclusion": true }),
        Actor::Group(key, is_both) => {
            json!({ "label_group": object(format!("label_groups/{}", key * 2 + usize::from(is_both))) })
        }
        Actor::AnyOf(key) => json!({ "label_dimension": KEYS[key] }),
        Actor::Service(number) => json!({ "virtual_service": object(format!("virtual_services/{number}")) }),
        Actor::Addresses(number) => json!({ "ip_list": object(format!("ip_lists/{number}")) }),
        Actor::Unheard => json!({ "label": { "href": format!("{ORG}/labels/99") } }),
        Actor::Alien => json!({ "starship": { "href": format!("{ORG}/starships/1") } }),
    }
}

pub(super) fn written_actors(actors: &[Actor]) -> Value {
    actors.iter().map(written_actor).collect()
}

pub(super) fn written_uses(uses: Uses) -> Value {
    let words = [(uses.workloads, "workloads"), (uses.services, "virtual_services")];
    words.iter().filter(|(is_so, _)| *is_so).map(|(_, word)| json!(word)).collect()
}

pub(super) fn written_rule(rule: &Rule, set: usize, number: usize) -> Value {
    let kind = if rule.denies { "deny_rules" } else { "sec_rules" };
    let opened = match &rule.opened {
        Opened::Nothing => json!([]),
        Opened::Everything => json!([{ "href": format!("{ACTIVE}/services/1") }]),
        Opened::Unheard => json!([{ "href": format!("{ACTIVE}/services/99") }]),
        Opened::Narrowed(services, beside) => {
            let hrefs = services.iter().map(|number| json!({ "href": format!("{ACTIVE}/services/{}", number + 2) }));
            let beside = beside.iter().map(|(protocol, port)| json!({ "proto": protocol, "port": port }));
            hrefs.chain(beside).collect()
        }
        Opened::Ports(ranges) => ranges
            .iter()
            .map(|(protocol, from, to)| {
                if from == to {
                    json!({ "proto": protocol, "port": from })
                } else {
                    json!({ "proto": protocol, "port": from, "to_port": to })
                }
            })
            .collect(),
    };
    let mut written = json!({
        "href": format!("{ACTIVE}/rule_sets/{set}/{kind}/{number}"),
        "enabled": true,
        "consumers": written_actors(&rule.sources),
        "providers": written_actors(&rule.destinations),
        "ingress_services": opened,
        "unscoped_consumers": rule.is_unscoped,
    });
    if rule.denies {
        written["override"] = json!(true);
    } else {
        written["resolve_labels_as"] =
            json!({ "consumers": written_uses(rule.source_uses), "providers": written_uses(rule.destination_uses) });
    }
    if rule.is_for_all_but_its_sources {
        written["all_ips_except_for_in_consumers"] = json!(true);
    }
    if rule.wants.contains(&GROUP) {
        written["consuming_security_principals"] = json!([{ "href": format!("{ORG}/security_principals/1") }]);
    }
    if rule.wants.contains(&ENCRYPTED) {
        written["sec_connect"] = json!(true);
    }
    match rule.network {
        Network::Corporate => {}
        Network::Others => written["network_type"] = json!("non_brn"),
        Network::Every => written["network_type"] = json!("all"),
    }
    written
}

pub(super) fn written_service(service: &Service, number: usize) -> Value {
    let made_by =
        if service.kind == Kind::ByHand { "users/1".to_owned() } else { format!("container_clusters/{CLUSTER}") };
    let labels = (0..2).filter_map(|key| service.labels[key].map(|value| label(key, value)));
    let ports = service.ports.iter().map(|port| json!({ "proto": PORTS[*port].0, "port": PORTS[*port].1 }));
    let mut written = json!({
        "href": format!("{ACTIVE}/virtual_services/{number}"),
        "name": format!("service-{number}"),
        "created_by": { "href": format!("{ORG}/{made_by}") },
        "labels": labels.collect::<Value>(),
        "service_ports": ports.collect::<Value>(),
    });
    let kind = match service.kind {
        Kind::ClusterIp => Some("ClusterIP"),
        Kind::NodePort => Some("NodePort"),
        Kind::External => Some("ExternalName"),
        Kind::Untyped | Kind::ByHand => None,
    };
    if let Some(kind) = kind {
        written["k8s_service_info"] = json!({ "service_type": kind });
    }
    if !service.clients.is_empty() {
        written["consumer_ports"] = json!(service.clients);
    }
    written
}

pub(super) fn written_narrowed(number: usize, ranges: &[Range]) -> Value {
    let ports = ranges.iter().map(|(protocol, from, to, wants)| {
        let mut port = json!({ "proto": protocol });
        if *protocol != ICMP {
            port["port"] = json!(from);
            port["to_port"] = json!(to);
        }
        for (fact, field) in [(TYPE, "icmp_type"), (CODE, "icmp_code")] {
            if wants.contains(&fact) {
                port[field] = json!(fact.rsplit_once('=').unwrap().1.parse::<u8>().unwrap());
            }
        }
        port
    });
    let mut service = json!({
        "href": format!("{ACTIVE}/services/{}", number + 2),
        "name": format!("narrowed-{number}"),
        "service_ports": ports.collect::<Value>(),
    });
    if ranges.iter().any(|(_, _, _, wants)| wants.contains(&PROCESS)) {
        service["process_name"] = json!(PROCESS.split_once('=').unwrap().1);
    }
    service
}

pub(super) fn written(made: &Made) -> Vec<(&'static str, String)> {
    let sets = made.sets.iter().enumerate().map(|(set, of)| {
        let rules = |denies: bool| -> Value {
            let meant = of.rules.iter().enumerate().filter(|(_, rule)| rule.denies == denies);
            meant.map(|(number, rule)| written_rule(rule, set, number)).collect()
        };
        json!({
            "href": format!("{ACTIVE}/rule_sets/{set}"),
            "enabled": true,
            "name": format!("set-{set}"),
            "scopes": of.scopes.iter().map(|scope| written_actors(scope)).collect::<Value>(),
            "rules": rules(false),
            "deny_rules": rules(true),
        })
    });
    let labels = (0..2).flat_map(|key| {
        (0..2).map(
            move |value| json!({ "href": label(key, value)["href"], "key": KEYS[key], "value": VALUES[key][value] }),
        )
    });
    let groups = (0..2).flat_map(|key| {
        [false, true].map(|is_both| {
            let inner =
                if is_both { json!([{ "href": format!("{ACTIVE}/label_groups/{}", key * 2) }]) } else { json!([]) };
            json!({
                "href": format!("{ACTIVE}/label_groups/{}", key * 2 + usize::from(is_both)),
                "key": KEYS[key],
                "labels": [label(key, usize::from(is_both))],
                "sub_groups": inner,
            })
        })
    });
    let lists = [[[0, 1], [1, 1]], [[1, 1], [2, 1]]].iter().enumerate().map(|(number, ends)| {
        json!({
            "href": format!("{ACTIVE}/ip_lists/{number}"),
            "name": format!("list-{number}"),
            "ip_ranges": [{ "from_ip": format!("10.0.{}.{}", ends[0][0], ends[0][1]),
                            "to_ip": format!("10.0.{}.{}", ends[1][0], ends[1][1]) }],
        })
    });
    let services = made.services.iter().enumerate().map(|(number, service)| written_service(service, number));
    let narrowed = NARROWED.iter().enumerate().map(|(number, ranges)| written_narrowed(number, ranges));
    let every =
        json!({ "href": format!("{ACTIVE}/services/1"), "name": "All Services", "service_ports": [{ "proto": -1 }] });
    let all: Value = [every].into_iter().chain(narrowed).collect();
    vec![
        (export::RULE_SETS, sets.collect::<Value>().to_string()),
        (export::VIRTUAL_SERVICES, services.collect::<Value>().to_string()),
        (export::LABEL_GROUPS, groups.collect::<Value>().to_string()),
        (export::IP_LISTS, lists.collect::<Value>().to_string()),
        (export::LABELS, labels.collect::<Value>().to_string()),
        (export::SERVICES, all.to_string()),
    ]
}
