//! Requests for the PCE's REST API, valid by the vendor's schemas `sec_policy_rule_sets_sec_rules_put` and `_post`
//! (25.2.20, 26.3.0): a PUT to each rule that changes, in draft, and a POST for each rule beside it.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{in_draft, network, original};
use crate::{
    policy::{
        model::{Actor, Condition, Object, Opened, SecRule, Uses},
        rewritten::{ByHand, Change, Rewritten},
        words::shown,
    },
    report::pretty::pretty,
};

pub(super) fn text(rewritten: &Rewritten<'_, '_>) -> String {
    let Rewritten { changes, by_hand } = rewritten;
    pretty(&RequestsJson {
        schema: "helm-clas/rewrite-requests/v1",
        requests: changes.iter().flat_map(requests).collect(),
        by_hand: by_hand.iter().map(LeftJson::of).collect(),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestsJson<'r> {
    schema: &'static str,
    requests: Vec<RequestJson>,
    by_hand: Vec<LeftJson<'r>>,
}

#[derive(Serialize)]
struct RequestJson {
    method: &'static str,
    path: String,
    body: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LeftJson<'r> {
    href: &'r str,
    rule_set: Cow<'r, str>,
    why: &'r [String],
}

impl<'r> LeftJson<'r> {
    fn of(by_hand: &'r ByHand<'_, '_>) -> Self {
        Self { href: &by_hand.rule.rule.href, rule_set: shown(by_hand.set.name), why: &by_hand.why }
    }
}

fn requests(change: &Change<'_, '_>) -> Vec<RequestJson> {
    let rule = in_draft(&change.old.rule.href);
    let set = in_draft(change.set.href);
    let request = |(number, new): (usize, &SecRule<'_>)| {
        let (method, path) = if number == 0 { ("PUT", rule.clone()) } else { ("POST", format!("{set}/sec_rules")) };
        RequestJson { method, path, body: body(new, number > 0) }
    };
    change.rules.iter().enumerate().map(request).collect()
}

/// A rule with all that narrows it. What its author says about it is only sent where the rule is new: a PUT changes the
/// fields that it has, and in a PUT this one would be the same. (Source: the vendor's schema, which requires no field)
fn body(rule: &SecRule<'_>, is_new: bool) -> Value {
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| body.insert(key.to_owned(), value);
    put("enabled", rule.is_enabled.into());
    if let Some(description) = original(&rule.description).filter(|said| is_new && !said.is_empty()) {
        put("description", description.into());
    }
    put("providers", rule.providers.iter().map(actor).collect());
    put("consumers", rule.consumers.iter().map(actor).collect());
    put("ingress_services", rule.ingress_services.iter().map(service).collect());
    let uses = rule.resolve_labels_as;
    put("resolve_labels_as", json!({ "providers": stand_for(uses.providers), "consumers": stand_for(uses.consumers) }));
    put("unscoped_consumers", rule.has_unscoped_consumers.into());
    if !rule.user_groups.is_empty() {
        put("consuming_security_principals", rule.user_groups.iter().map(reference).collect());
    }
    let mut subnets = Vec::new();
    for condition in &rule.conditions {
        match condition {
            Condition::OtherNetworks | Condition::EveryNetwork => drop(put("network_type", network(rule).into())),
            Condition::SubnetsOfSources => subnets.push("consumers"),
            Condition::SubnetsOfDestinations => subnets.push("providers"),
            flag => drop(put(flag.field(), true.into())),
        }
    }
    if !subnets.is_empty() {
        put("use_workload_subnets", json!(subnets));
    }
    Value::Object(body)
}

fn stand_for(uses: Uses) -> Vec<&'static str> {
    let words = [(uses.workloads, "workloads"), (uses.virtual_services, "virtual_services")];
    words.into_iter().filter_map(|(is_meant, word)| is_meant.then_some(word)).collect()
}

fn reference(object: &Object<'_>) -> Value {
    json!({ "href": in_draft(&object.href) })
}

fn actor(actor: &Actor<'_>) -> Value {
    // a rule with something that is not known is not rewritten
    let Some(key) = actor.kind.key() else { return json!({}) };
    let is_word = matches!(key, "actors" | "label_dimension");
    let named = if is_word { json!(&*actor.object.href) } else { reference(&actor.object) };
    if actor.is_exclusion { json!({ key: named, "exclusion": true }) } else { json!({ key: named }) }
}

fn service(opened: &Opened<'_>) -> Value {
    if let Some(href) = &opened.href {
        return json!({ "href": in_draft(href) });
    }
    let numbers = [("proto", opened.proto), ("port", opened.port), ("to_port", opened.to_port)];
    numbers.into_iter().filter_map(|(key, number)| Some((key.to_owned(), Value::from(number?)))).collect()
}
