//! A CSV for `workloader rule-import`: a row a rule, its objects by name. (Source: brian1917/workloader 12.1.9: columns in
//! `cmd/ruleexport/headers.go`, how they are read in `cmd/ruleimport`. The order of the columns does not matter there.)

use super::{in_draft, network, original};
use crate::policy::{
    Book, Judged,
    model::{Actor, Condition, Kind, Opened, SecRule, Uses},
    rewritten::Rewritten,
};

const COLUMNS: &[&str] = &[
    "ruleset_name",
    "rule_enabled",
    "rule_type",
    "rule_description",
    "unscoped_consumers",
    "src_all_workloads",
    "src_labels",
    "src_labels_exclusions",
    "src_label_groups",
    "src_label_groups_exclusions",
    "src_iplists",
    "src_user_groups",
    "src_virtual_services",
    "src_use_workload_subnets",
    "dst_all_workloads",
    "dst_labels",
    "dst_labels_exclusions",
    "dst_label_groups",
    "dst_label_groups_exclusions",
    "dst_iplists",
    "dst_virtual_services",
    "dst_use_workload_subnets",
    "services",
    "src_resolve_labels_as",
    "dst_resolve_labels_as",
    "machine_auth_enabled",
    "secure_connect_enabled",
    "stateless_enabled",
    "network_type",
    "rule_href",
];

/// Why a rule is left out of which not every text is the PCE's own.
const MASKED: &str = "a credential may be in a name or in its description, which the export masks";

/// The CSV, and for each rule that cannot be written in it its href and why.
pub(super) fn text(judged: &Judged<'_>, rewritten: &Rewritten<'_, '_>) -> (String, Vec<(String, &'static str)>) {
    let mut out = COLUMNS.join(",") + "\r\n";
    let mut left = Vec::new();
    for change in &rewritten.changes {
        // all rules in place of one, or none of them
        let rows: Result<Vec<Vec<String>>, &'static str> = change
            .rules
            .iter()
            .enumerate()
            .map(|(number, rule)| {
                let href = if number == 0 { in_draft(&rule.href) } else { String::new() };
                row(judged.book, change.set.name, rule, href)
            })
            .collect();
        match rows {
            Ok(rows) => rows.iter().for_each(|row| push_row(&mut out, row)),
            Err(why) => left.push((change.old.rule.href.to_string(), why)),
        }
    }
    (out, left)
}

fn row(book: &Book<'_>, set: &str, rule: &SecRule<'_>, href: String) -> Result<Vec<String>, &'static str> {
    if rule.has(Condition::SourcesLeftOut) || rule.has(Condition::DestinationsLeftOut) {
        return Err("it has no column for all_ips_except_for_in_consumers and all_ips_except_for_in_providers");
    }
    let has = |condition| rule.has(condition).to_string();
    let groups = rule.user_groups.iter().map(|group| named(group.names.as_deref().map(|names| &*names.name)));
    let groups = joined(&groups.collect::<Result<Vec<String>, _>>()?)?;
    let [sources, destinations] = [&rule.consumers, &rule.providers].map(|actors| side(book, actors));
    let (sources, destinations) = (sources?, destinations?);
    let services = rule.ingress_services.iter().map(|one| service(book, one)).collect::<Result<Vec<String>, _>>()?;
    let mut row = vec![
        set.to_owned(),
        rule.is_enabled.to_string(),
        "allow".to_owned(), // no other rule is rewritten
        rule.description.to_string(),
        rule.has_unscoped_consumers.to_string(),
    ];
    let [of_sources, vs_sources] = sources;
    row.extend(of_sources);
    row.push(groups);
    row.extend(vs_sources);
    row.push(has(Condition::SubnetsOfSources));
    let [of_destinations, vs_destinations] = destinations;
    row.extend(of_destinations);
    row.extend(vs_destinations);
    row.push(has(Condition::SubnetsOfDestinations));
    row.push(joined(&services)?);
    row.extend([rule.resolve_labels_as.consumers, rule.resolve_labels_as.providers].map(stand_for));
    row.extend([Condition::Authenticated, Condition::Encrypted, Condition::Stateless].map(has));
    row.extend([network(rule).to_owned(), href]);
    // what is masked would take the place of what is not
    if row.iter().all(|cell| original(cell).is_some()) { Ok(row) } else { Err(MASKED) }
}

/// All Workloads, labels, label groups and IP lists; then the virtual services.
fn side(book: &Book<'_>, actors: &[Actor<'_>]) -> Result<[Vec<String>; 2], &'static str> {
    let mut lists: [Vec<String>; 6] = Default::default();
    let mut is_every = false;
    for actor in actors {
        let own = actor.object.names.as_deref().map(|names| &*names.name);
        let href = &*actor.object.href;
        let (list, name) = match actor.kind {
            Kind::AllWorkloads => {
                is_every = true;
                continue;
            }
            Kind::Label => (usize::from(actor.is_exclusion), Some(book.label_in_words(href).ok_or(UNNAMED)?)),
            Kind::LabelGroup => (2 + usize::from(actor.is_exclusion), Some(named(book.group_name(href).or(own))?)),
            Kind::IpList => (4, Some(named(book.ip_list_name(href).or(own))?)),
            Kind::VirtualService => {
                let name = named(book.virtual_service_name(href).or(own))?;
                if book.has_twin_by_name(&name) {
                    return Err("several virtual services have one name, and it knows them by their names only");
                }
                (5, Some(name))
            }
            Kind::ContainerHosts | Kind::LabelDimension | Kind::Workload | Kind::VirtualServer | Kind::Other => {
                (0, None)
            }
        };
        lists[list].push(name.ok_or("it has no column for one of the sources or destinations")?);
    }
    let [labels, labels_out, groups, groups_out, ip_lists, services] = lists;
    let by_name = [labels, labels_out, groups, groups_out, ip_lists].into_iter().map(|names| joined(&names));
    let mut first = vec![is_every.to_string()];
    first.extend(by_name.collect::<Result<Vec<String>, _>>()?);
    Ok([first, vec![joined(&services)?]])
}

const UNNAMED: &str = "the name of one of its objects is not known";

fn named(name: Option<&str>) -> Result<String, &'static str> {
    name.filter(|name| !name.is_empty()).map(ToOwned::to_owned).ok_or(UNNAMED)
}

fn joined(names: &[String]) -> Result<String, &'static str> {
    if names.iter().any(|name| name.contains([';', '\n', '\r'])) {
        return Err("the name of one of its objects has a semicolon or a line break, which separates names in it");
    }
    Ok(names.join(";"))
}

/// `8080 TCP`, `8000-8100 UDP`, or the name of a service. What begins with a digit is taken for ports where it ends as they
/// do, and stops the import where it is shorter than the protocol (`cmd/ruleimport/service.go`).
fn service(book: &Book<'_>, opened: &Opened<'_>) -> Result<String, &'static str> {
    if let Some(href) = opened.href.as_deref() {
        let name = named(book.service(href).map(|(name, _)| name).or(Some(&opened.name)))?;
        if book.has_service_twin_by_name(&name) {
            return Err("several services have one name, and it knows them by their names only");
        }
        let end = name.to_ascii_lowercase();
        let is_port =
            name.len() < 3 || (end.ends_with("tcp") || end.ends_with("udp")) && name.matches(' ').count() == 1;
        let is_misread = name.starts_with(|c: char| c.is_ascii_digit()) && is_port;
        return if is_misread { Err("it takes the name of one of its services for a port") } else { Ok(name) };
    }
    let protocol = match opened.proto {
        Some(6) => "TCP",
        Some(17) => "UDP",
        _ => return Err("it knows the ports of TCP and UDP only"),
    };
    match (opened.port, opened.to_port) {
        (Some(from), Some(to)) => Ok(format!("{from}-{to} {protocol}")),
        (Some(port), None) => Ok(format!("{port} {protocol}")),
        (None, _) => Err("it cannot name a protocol without ports"),
    }
}

fn stand_for(uses: Uses) -> String {
    match (uses.workloads, uses.virtual_services) {
        (_, false) => "workloads",
        (false, true) => "virtual_services",
        (true, true) => "workloads;virtual_services",
    }
    .to_owned()
}

fn push_row(out: &mut String, row: &[String]) {
    for (index, cell) in row.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        if cell.contains(['"', ',', '\n', '\r']) || cell.starts_with(' ') || cell.ends_with(' ') {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
    }
    out.push_str("\r\n");
}
