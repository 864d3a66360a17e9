//! What is not understood, in words.

use serde_json::Value;

use crate::{
    finding::Finding,
    pce_clusters::ContainerCluster as PceCluster,
    policy::{
        Book, JudgedRule, JudgedSet, Sort,
        hit::{Hit, Only, What, Which},
        model::{Fate, Kind, Profile, VirtualService},
        unknown::{self, Meant},
        words::{few, shown},
    },
    rule::Rule,
};

/// What of the rule sets, and of the objects that rules refer to, is not understood.
pub(in crate::policy) fn not_understood(book: &Book<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (kind, by_field) in unknown::objects_by_field(book, Meant::All) {
        for (field, names) in by_field {
            let names = few(names.iter().copied());
            let message = format!("this tool does not understand `{field}` of these {kind}: {names}");
            let help = "a person must find out what it means, and what the rules that use them do in CLAS";
            findings.push(Finding::new(Rule::RuleNotUnderstood, message).help(help));
        }
    }
    findings
}

/// The fields that are not understood, a sentence each.
pub(in crate::policy) fn unknown_fields<'p>(book: &Book<'p>, judged: &[JudgedSet<'p>]) -> Vec<String> {
    let of_rules = unknown::rules_by_field(book, judged).into_iter().map(|(field, rules)| {
        let more = rules.len() - 1;
        let more = match more {
            0 => String::new(),
            1 => " and 1 more rule".to_owned(),
            _ => format!(" and {more} more rules"),
        };
        format!("the effect of `{field}` in CLAS: {}{more}", shown(rules[0]))
    });
    of_rules.chain(unknown_of_objects(book, Meant::All)).collect()
}

/// The fields that are not known of rule sets and of the objects that rules refer to, a sentence each.
pub(in crate::policy) fn unknown_of_objects<'p>(
    book: &Book<'p>,
    meant: Meant,
) -> impl Iterator<Item = String> + use<'p> {
    unknown::objects_by_field(book, meant).into_iter().flat_map(|(kind, by_field)| {
        let sentence = move |(field, names): (String, Vec<&str>)| {
            format!("the meaning of `{field}` of {kind}: {}", few(names.iter().copied()))
        };
        by_field.into_iter().map(sentence).collect::<Vec<_>>()
    })
}

/// What of a policy there is none of, though it is given: nothing is proven of an empty list.
pub(in crate::policy) fn empty_lists(book: &Book<'_>, cluster: Option<&str>) -> Vec<String> {
    let policy = book.policy;
    let mut empty = Vec::new();
    if policy.rule_sets.is_empty() {
        empty.push("what is allowed: no rule set is in the input".to_owned());
    }
    let is_of_kubelink = |service: &VirtualService<'_>| match cluster {
        Some(cluster) => service.cluster() == Some(cluster),
        None => service.fate() != Fate::MadeByHand,
    };
    match &policy.virtual_services {
        Some(services) if !services.iter().any(is_of_kubelink) => empty.push(match cluster {
            Some(cluster) => {
                format!("what the rules reach in cluster {}: its Kubelink created no virtual service", shown(cluster))
            }
            None => "what the rules reach in a cluster: no virtual service of a Kubelink is in the input".to_owned(),
        }),
        _ => {}
    }
    empty
}

/// The namespaces in which deny rules without override and enforcement boundaries decide, in a sentence: a comparison does
/// not weigh these.
pub(in crate::policy) fn selective(book: &Book<'_>, cluster: Option<&str>) -> Option<String> {
    let profiles = book.policy.container_workload_profiles.iter().flatten();
    let is_selective = |profile: &&Profile<'_>| {
        let is_meant = profile.is_managed != Some(false) && cluster.is_none_or(|cluster| profile.is_of(cluster));
        is_meant && &*profile.enforcement_mode == "selective"
    };
    let names = profiles.filter(is_selective).map(|profile| profile.namespace.as_deref().unwrap_or("(default)"));
    let names: Vec<&str> = names.collect();
    (!names.is_empty()).then(|| {
        format!(
            "what deny rules and enforcement boundaries block in namespaces in selective enforcement: {}",
            few(names.iter().copied())
        )
    })
}

/// The clusters that are not in the legacy model any more, in a sentence each: what is taken for today is not.
pub(in crate::policy) fn not_legacy(book: &Book<'_>, cluster: Option<&str>) -> Vec<String> {
    let clusters = book.policy.container_clusters.iter().flatten();
    let meant = clusters.filter(|of| cluster.is_none_or(|meant| meant == of.id()));
    let of_mode = meant.filter_map(|of| {
        let (cluster_mode, clas_mode) = (of.cluster_mode.clone(), of.clas_mode.clone());
        let told = PceCluster { cluster_mode, clas_mode, ..PceCluster::default() };
        (!told.may_be_legacy()).then(|| {
            let name = shown(if of.name.is_empty() { of.id() } else { &of.name });
            let clas = if of.clas_mode == Value::Bool(true) { ", clas_mode true" } else { "" };
            let mode = told.shown_mode();
            format!("what is allowed today in cluster {name} ({mode}{clas}): only the legacy model is taken for today")
        })
    });
    of_mode.collect()
}

/// Whether callers outside the cluster still reach these, which stay virtual services, in a sentence.
///
/// (Source: the release notes of 5.1, limitations; of later releases nothing is documented)
pub(in crate::policy) fn external_traffic(staying: &[&VirtualService<'_>]) -> Option<String> {
    let is_local = |service: &&&VirtualService<'_>| {
        let info = service.k8s_service_info.as_ref();
        info.is_some_and(|info| info.external_traffic_policy.eq_ignore_ascii_case("local"))
    };
    let named = |services: &[&VirtualService<'_>]| {
        let names: Vec<&str> = services.iter().map(|service| &*service.name).collect();
        few(names.iter().copied())
    };
    let local: Vec<&VirtualService<'_>> = staying.iter().filter(is_local).copied().collect();
    let of_local = if local.is_empty() { String::new() } else { format!(" ({} with `Local`)", named(&local)) };
    (!staying.is_empty()).then(|| {
        format!(
            "whether callers outside the cluster still reach {}: release 5.1 supports the external traffic policy \
             `Cluster` alone{of_local}, and wants the nodes among the sources",
            named(staying)
        )
    })
}

/// The rules whose IP lists are taken for callers outside the cluster, in a sentence.
pub(in crate::policy) fn taken_for_outside(judged: &[JudgedSet<'_>]) -> Option<String> {
    let is_so = |rule: &&JudgedRule<'_>| {
        let stays = |hit: &Hit<'_>| match &hit.what {
            What::Named { fate, is_called_inside } => *fate == Fate::Stays && !is_called_inside,
            What::OnlyVirtualServices { of, .. } => *of == Only::Staying,
            _ => false,
        };
        let is_of_lists = rule.sort == Sort::Allow && rule.rule.consumers.iter().any(|one| one.kind == Kind::IpList);
        is_of_lists && rule.hits.iter().any(|hit| hit.side == Some(Which::Destination) && stays(hit))
    };
    let hrefs: Vec<&str> =
        judged.iter().flat_map(|set| &set.rules).filter(is_so).map(|rule| &*rule.rule.href).collect();
    (!hrefs.is_empty()).then(|| {
        format!(
            "whether pods or nodes have some of the addresses that these rules mean, which are taken for callers \
             outside the cluster: {}",
            few(hrefs.iter().copied())
        )
    })
}
