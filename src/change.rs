//! A values file judged against what it was: did the change follow the procedure?

use crate::{
    finding::Finding,
    mode::ClusterMode::{self, Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas},
    place::{Dependency, Place, Sources, dependency},
    procedure::{Move, Verb},
    rule::Rule,
    step::Source,
    yaml::{Document, Reading},
};

/// What there was before the change.
#[derive(Clone, Copy, Debug)]
pub struct Before<'b> {
    /// What the values file held.
    pub values: &'b [u8],
    /// What the `Chart.yaml` in its folder held; nothing where it stayed as it was, or is new.
    pub chart: Option<&'b [u8]>,
}

/// Judges the change of each mode that a file says.
///
/// Nothing to say where the mode stayed or cannot be told, where the change is a step of the procedure, and where the
/// cluster is another one: a fresh install starts in any mode. `skipped-migration` where a mode on the way was left
/// out, `wrong-step` where the way back was left for the way to CLAS, `mode-and-version-together` where the chart
/// version changed as well, in a manifest beside the values or in the `Chart.yaml` beside the file, whose dependency on
/// this chart tells where the values stand.
///
/// ```
/// use helm_clas::{Finding, Source, change::{Before, judge}};
///
/// let rules = |findings: Vec<Finding>| findings.iter().map(|finding| finding.rule.name()).collect::<Vec<_>>();
/// let judged = |before, after| {
///     rules(judge(&Before { values: before, chart: None }, Source { name: "values.yaml", bytes: after }, None))
/// };
/// assert_eq!(judged(b"clusterMode: legacy", b"clusterMode: clas"), ["skipped-migration"]);
/// assert!(judged(b"clusterMode: legacy", b"clusterMode: migrateLegacyToClas").is_empty());
/// assert!(judged(b"{}", b"{cluster_id: f5f7, clusterMode: clas}").is_empty());
///
/// let before = Before {
///     values: b"{illumio: {clusterMode: legacy}}",
///     chart: Some(b"dependencies: [{name: illumio, version: 4.3.0}]"),
/// };
/// let after = Source { name: "values.yaml", bytes: b"{illumio: {clusterMode: migrateLegacyToClas}}" };
/// let chart = Source { name: "Chart.yaml", bytes: b"dependencies: [{name: illumio, version: 5.1.0}]" };
/// assert_eq!(rules(judge(&before, after, Some(chart))), ["mode-and-version-together"]);
/// ```
#[must_use]
pub fn judge(before: &Before<'_>, after: Source<'_>, chart: Option<Source<'_>>) -> Vec<Finding> {
    let after_chart = chart.and_then(|chart| dependency_of(chart.bytes));
    let below = after_chart.as_ref();
    let (all_old, all_new) = (clusters(before.values, below), clusters(after.bytes, below));
    let before_chart = before.chart.and_then(dependency_of);
    let pinned = before_chart.zip(after_chart.clone()).and_then(|(old, new)| version_change(old, new));
    let mut findings = Vec::new();
    for new in &all_new {
        let same_spot = |all| only(all, |other: &Cluster| other.spot == new.spot);
        // of two that are told apart by nothing but their order, nobody knows which was which
        let (Some(old), Some(_)) = (same_spot(&all_old), same_spot(&all_new)) else { continue };
        let (Some(from), Some(to)) = (old.place.effective_mode(), new.place.effective_mode()) else { continue };
        // git takes the file of a new cluster for the renamed one of another when both change at once, and a file may
        // have been there before it was about a cluster
        let is_another = new.id.is_some() && new.id != old.id;
        if from == to || is_another {
            continue;
        }
        let versions = match (&old.place.version, &new.place.version) {
            (Some(old), Some(new)) => Some([old.text.clone(), new.text.clone()]),
            _ => pinned.clone(),
        };
        let together = versions.filter(|[old, new]| old != new).map(|versions| together([from, to], &versions));
        let found = mode_change(from, to).into_iter().chain(together);
        findings.extend(found.map(|finding| Finding { span: new.place.span.clone(), ..finding.in_file(after.name) }));
    }
    findings
}

/// A place, and what tells its cluster from others.
struct Cluster {
    place: Place,
    /// Where it stands, whatever stands before it: the name of its release, and the keys that lead to it.
    spot: (Option<String>, Vec<String>),
    /// The `cluster_id` beside it.
    id: Option<String>,
}

/// The clusters of a file; none where it cannot be read.
fn clusters(bytes: &[u8], dependency: Option<&Dependency>) -> Vec<Cluster> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Vec::new() };
    let read = Document::read(text);
    let mut places = Vec::new();
    if read.as_ref().map_or(true, Place::may_be_manifest) {
        // what the manifest takes from an object beside it counts
        let alone = [Source { name: "", bytes }];
        let alone = Sources::of(&alone);
        places = Place::in_manifest(text).into_iter().map(|place| place.among(&alone).1).collect();
    }
    if places.is_empty() {
        places.extend(read.iter().map(|document| match dependency {
            Some(dependency) => Place::in_values(document, std::slice::from_ref(&dependency.key)),
            None => Place::read(document),
        }));
    }
    let mut reading = read.map_or_else(|_| Reading::of(text), Reading::having);
    let cluster = |place: Place| {
        let is_key = |step: &&str| step.parse::<usize>().is_err();
        let path = place.path().into_iter().filter(is_key).map(str::to_owned).collect();
        let spot = (place.release.as_ref().map(|release| release.name.clone()), path);
        Cluster { id: cluster_id(&mut reading, &place), spot, place }
    };
    places.into_iter().map(cluster).collect()
}

fn cluster_id(reading: &mut Reading<'_>, place: &Place) -> Option<String> {
    let [path] = place.address.layers.as_slice() else { return None };
    let document = reading.document(&place.address.document)?;
    let beside = path.iter().take(path.len() - 1).map(String::as_str).chain(["cluster_id"]);
    document.text_at(beside).map(str::to_owned)
}

/// The one of which this is true; nothing where it is true of none or of several.
fn only<T>(all: &[T], is_it: impl Fn(&T) -> bool) -> Option<&T> {
    let mut found = all.iter().filter(|one| is_it(one));
    found.next().filter(|_| found.next().is_none())
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

/// What is wrong where the version changed together with the mode.
fn together([from, to]: [ClusterMode; 2], [old, new]: &[String; 2]) -> Finding {
    let message = format!("the mode went from `{from}` to `{to}` together with the chart, from `{old}` to `{new}`");
    Finding::new(Rule::ModeAndVersionTogether, message)
        .help("make two changes of it: first the version, in the old mode, and see that all is well; then the mode")
}

/// The dependency on this chart of a `Chart.yaml`; nothing where it has none, or cannot be read.
fn dependency_of(chart: &[u8]) -> Option<Dependency> {
    dependency(std::str::from_utf8(chart).ok()?).ok()?
}

/// The versions of a dependency before and after its change.
fn version_change(old: Dependency, new: Dependency) -> Option<[String; 2]> {
    (old.key == new.key).then_some([old.version?.text, new.version?.text])
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
        let before = Before { values: before.as_bytes(), chart: chart.map(|[old, _]| old.as_bytes()) };
        let chart = chart.map(|[_, new]| Source { name: "Chart.yaml", bytes: new.as_bytes() });
        let findings = judge(&before, Source { name: "v", bytes: after.as_bytes() }, chart);
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
        let below = |key: &str, mode: &str| format!("{key}: {{clusterMode: {mode}}}\n");
        let (legacy, step) = (&below("illumio", "legacy"), &below("illumio", "migrateLegacyToClas"));
        let together: &[&str] = &["mode-and-version-together"];
        for (new, expected) in [
            ("{name: illumio, version: 5.1.0}", together),
            ("{name: illumio, version: 5.1}", together),
            ("{name: illumio, version: 5.0.0, condition: illumio.enabled}", &[]),
            ("{name: other, version: 5.1.0}", &[]),
            ("{name: illumio, alias: a, version: 5.1.0}", &[]),
            ("{name: illumio}", &[]),
            ("no mapping", &[]),
        ] {
            check(legacy, Some([&old, &chart(new)]), step, expected);
            check(legacy, Some([&old, &chart(new)]), legacy, &[]);
        }
        let mirror = |version: &str| chart(&format!("{{name: core, repository: oci://m/illumio, version: {version}}}"));
        let newer = Some([mirror("5.0.0"), mirror("5.1.0")]);
        let newer = newer.as_ref().map(|charts| charts.each_ref().map(String::as_str));
        let legacy = below("core", "legacy");
        check(&legacy, newer, &below("core", "migrateLegacyToClas"), together);
        check(&legacy, newer, &below("core", "clas"), &["skipped-migration", "mode-and-version-together"]);
    }

    #[test]
    fn a_manifest_says_the_version_beside_the_mode() {
        let app = |name: &str, version: &str, mode: &str| {
            format!(
                "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {name}\nspec:\n  source:\n    \
                 chart: illumio\n    targetRevision: {version}\n    helm:\n      valuesObject:\n        \
                 clusterMode: {mode}\n"
            )
        };
        let old = app("a", "5.0.0", "legacy");
        check(&old, None, &app("a", "5.0.0", "migrateLegacyToClas"), &[]);
        check(&old, None, &app("a", "5.1.0", "legacy"), &[]);
        check(&old, None, &app("a", "5.1.0", "migrateLegacyToClas"), &["mode-and-version-together"]);
        check(&old, None, &app("a", "5.0.0", "clas"), &["skipped-migration"]);
        check(&old, None, &app("b", "5.0.0", "clas"), &[]);
        // another one before it, and two that nothing tells apart
        let with_b = app("b", "5.0.0", "clas") + "---\n" + &app("a", "5.0.0", "clas");
        check(&old, None, &with_b, &["skipped-migration"]);
        check(&old, None, &(app("a", "5.0.0", "clas") + "---\n" + &app("a", "5.0.0", "clas")), &[]);
    }
}
