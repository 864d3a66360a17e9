//! A values file judged against what it was: did the change follow the procedure?

use std::collections::BTreeMap;

use crate::{
    finding::Finding,
    mode::ClusterMode::{self, Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas},
    place::Place,
    procedure::{Move, Verb},
    rule::Rule,
    step::Source,
    yaml::Document,
};

/// What there was before the change.
#[derive(Clone, Copy, Debug)]
pub struct Before<'b> {
    /// What the values file held.
    pub values: &'b [u8],
    /// What the `Chart.yaml` in its folder held, before and after; nothing where it stayed as it was, or is new.
    pub chart: Option<[&'b [u8]; 2]>,
}

/// Judges the change of each mode that a file says.
///
/// Nothing to say where the mode stayed or cannot be told, where the change is a step of the procedure, and where the
/// cluster is another one: a fresh install starts in any mode. `skipped-migration` where a mode on the way was left
/// out, `wrong-step` where the way back was left for the way to CLAS, `mode-and-version-together` where the chart
/// version changed as well, in a manifest beside the values or in the umbrella chart beside the file.
///
/// ```
/// use helm_clas::{Finding, Source, change::{Before, judge}};
///
/// let rules = |findings: Vec<Finding>| findings.iter().map(|finding| finding.rule.name()).collect::<Vec<_>>();
/// let judged = |before, chart, after| {
///     rules(judge(&Before { values: before, chart }, Source { name: "values.yaml", bytes: after }))
/// };
/// assert_eq!(judged(b"clusterMode: legacy", None, b"clusterMode: clas"), ["skipped-migration"]);
/// assert!(judged(b"clusterMode: legacy", None, b"clusterMode: migrateLegacyToClas").is_empty());
/// assert!(judged(b"{}", None, b"{cluster_id: f5f7, clusterMode: clas}").is_empty());
///
/// let chart: [&[u8]; 2] = [
///     b"dependencies: [{name: illumio, version: 4.3.0}]",
///     b"dependencies: [{name: illumio, version: 5.1.0}]",
/// ];
/// let step = judged(b"clusterMode: legacy", Some(chart), b"clusterMode: migrateLegacyToClas");
/// assert_eq!(step, ["mode-and-version-together"]);
/// ```
#[must_use]
pub fn judge(before: &Before<'_>, after: Source<'_>) -> Vec<Finding> {
    let (old, new) = (Cluster::all(before.values), Cluster::all(after.bytes));
    let mut findings = Vec::new();
    for new in &new {
        let Some(old) = new.among(&old).filter(|_| new.among(&new_of(&new_all, new)).is_some()) else { continue };
    }
    findings
}

/// What is wrong with a change from one mode to another.
fn mode_change(from: ClusterMode, to: ClusterMode) -> Option<Finding> {
    // `unpair` is set by hand before the chart is deleted, from whatever mode the cluster is in
    if to == ClusterMode::Unpair || Verb::ALL.into_iter().any(|verb| verb.applied_to(from) == Move::Go(to)) {
        return None;
    }
    Some(match (from, to) {
        (Legacy, _) => Finding::new(
            Rule::SkippedMigration,
            format!("the mode went from `{from}` to `{to}` past `{MigrateLegacyToClas}`"),
        )
        .help("go back to `legacy` in the file, then take one step at a time: helm clas migrate"),
        (MigrateLegacyToClas | Clas, Legacy) => Finding::new(
            Rule::SkippedMigration,
            format!("the mode went from `{from}` to `{to}` past `{MigrateClasToLegacy}`"),
        )
        .help(format!("go back to `{from}` in the file, then take one step at a time: helm clas revert")),
        (MigrateClasToLegacy, _) => {
            let (reason, help) = crate::Why::GoingBack.explained();
            Finding::new(Rule::WrongStep, format!("no such step from `{from}` to `{to}`: {reason}")).help(help)
        }
        _ => Finding::new(Rule::WrongStep, format!("the procedure has no step from `{from}` to `{to}`"))
            .help("`helm clas explain wrong-step` shows the steps there are"),
    })
}

/// What is wrong where a `Chart.yaml`, given as it was and as it is, changed together with the mode.
fn version_change(chart: [&[u8]; 2], from: ClusterMode, to: ClusterMode) -> Option<Finding> {
    let [old, new] = chart.map(pinned);
    let (old, new) = new.into_iter().find_map(|(name, new)| {
        let old = old.get(&name)?;
        (*old != new).then(|| (old.clone(), new))
    })?;
    let message = format!("the mode went from `{from}` to `{to}` together with the chart, from `{old}` to `{new}`");
    Some(
        Finding::new(Rule::ModeAndVersionTogether, message).help(
            "make two changes of it: first the version, in the old mode, and see that all is well; then the mode",
        ),
    )
}

/// The versions of this chart that an umbrella chart depends on, by the key below which their values stand.
fn pinned(chart: &[u8]) -> BTreeMap<String, String> {
    let values = document(chart).map(|document| document.values()).unwrap_or_default();
    let dependencies = values["dependencies"].as_array().into_iter().flatten();
    dependencies
        .filter_map(|dependency| {
            let text = |key: &str| dependency[key].as_str();
            let is_ours =
                text("name") == Some("illumio") || text("repository").is_some_and(|it| it.contains("illumio"));
            let key = text("alias").or(text("name")).filter(|_| is_ours)?;
            // a version without its last part is a number
            let version = text("version").map_or_else(|| dependency["version"].to_string(), str::to_owned);
            Some((key.to_owned(), version))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_is_a_step_or_named() {
        #[rustfmt::skip]
        let table = [
            //                     legacy                  migrateLegacyToClas  clas                    migrateClasToLegacy
            (Legacy,              [None,                   None,                Some("skipped-migration"), Some("skipped-migration")]),
            (MigrateLegacyToClas, [Some("skipped-migration"), None,             None,                   None]),
            (Clas,                [Some("skipped-migration"), Some("wrong-step"), None,                 None]),
            (MigrateClasToLegacy, [None,                   Some("wrong-step"),  Some("wrong-step"),     None]),
        ];
        for (from, row) in table {
            for (to, expected) in ClusterMode::ALL.into_iter().zip(row) {
                let [before, after] = [from, to].map(|mode| format!("clusterMode: {mode}\n"));
                check(&before, None, &after, expected.as_slice());
            }
        }
    }

    #[track_caller]
    fn check(before: &str, chart: Option<[&str; 2]>, after: &str, expected: &[&str]) {
        let before = Before { values: before.as_bytes(), chart: chart.map(|chart| chart.map(str::as_bytes)) };
        let findings = judge(&before, Source { name: "v", bytes: after.as_bytes() });
        let rules: Vec<&str> = findings.iter().map(|finding| finding.rule.name()).collect();
        assert_eq!(rules, expected, "{after}");
    }

    #[test]
    fn an_absent_key_is_legacy_and_a_broken_file_says_nothing() {
        check("a: 1\n", None, "clusterMode: clas\n", &["skipped-migration"]);
        check("clusterMode: clas\n", None, "a: 1\n", &["skipped-migration"]);
        check("clusterMode: klas\n", None, "clusterMode: clas\n", &[]);
        check("clusterMode:\n", None, "clusterMode: clas\n", &[]);
        check("a: [\n", None, "clusterMode: clas\n", &[]);
        check("clusterMode: clas\n", None, "a: [\n", &[]);
    }

    #[test]
    fn another_cluster_begins_where_it_likes() {
        let file = |id: &str, mode: &str| format!("cluster_id: {id}\nclusterMode: {mode}\n");
        check(&file("a", "legacy"), None, &file("a", "clas"), &["skipped-migration"]);
        check(&file("a", "legacy"), None, &file("b", "clas"), &[]);
        check("# to be filled in\n", None, &file("a", "clas"), &[]);
        check(&file("a", "legacy"), None, "clusterMode: clas\n", &["skipped-migration"]);
        let below = |id: &str, mode: &str| format!("illumio: {{cluster_id: {id}, clusterMode: {mode}}}\n");
        check(&below("a", "legacy"), None, &below("a", "clas"), &["skipped-migration"]);
        check(&below("a", "legacy"), None, &below("b", "clas"), &[]);
    }

    #[test]
    fn the_version_and_the_mode_change_one_after_the_other() {
        let chart = |text: &str| format!("name: umbrella\nversion: 1.0.0\ndependencies:\n- {text}\n");
        let old = chart("{name: illumio, version: 5.0.0}");
        let (legacy, step) = ("clusterMode: legacy\n", "clusterMode: migrateLegacyToClas\n");
        let together: &[&str] = &["mode-and-version-together"];
        for (new, expected) in [
            ("{name: illumio, version: 5.1.0}", together),
            ("{name: illumio, version: 5.1}", together),
            ("{name: illumio, version: 5.0.0, condition: illumio.enabled}", &[]),
            ("{name: other, version: 5.1.0}", &[]),
            ("{name: illumio, alias: a, version: 5.1.0}", &[]),
            ("no mapping", &[]),
        ] {
            check(legacy, Some([&old, &chart(new)]), step, expected);
            check(legacy, Some([&old, &chart(new)]), legacy, &[]);
        }
        let mirror = |version: &str| chart(&format!("{{name: core, repository: oci://m/illumio, version: {version}}}"));
        check(legacy, Some([&mirror("5.0.0"), &mirror("5.1.0")]), step, together);
        check(
            legacy,
            Some([&mirror("5.0.0"), &mirror("5.1.0")]),
            "clusterMode: clas\n",
            &["skipped-migration", "mode-and-version-together"],
        );
    }
}
