//! What a cluster gets, against what it got: did the change follow the procedure?

use crate::{
    called::Help,
    compat::{CompatibilityMatrix, Question},
    files::Files,
    finding::Finding,
    mode::ClusterMode::{self, Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas},
    procedure::{Move, Verb},
    release::{Pin, Release},
    resolve::{Asked, releases_of_manifest, releases_of_values},
    rule::Rule,
    version::ChartVersion,
};

/// Judges the change of each release of a file: its effective mode and its effective chart version, whichever of its
/// layers, its pin or the choice of its files changed.
///
/// Nothing is wrong where the mode stayed or is not known, where the change is a step of the procedure, and where the
/// cluster is another one: a fresh install starts in any mode. `skipped-migration` where a mode on the way was left
/// out, `wrong-step` where the way back was left for the way to CLAS, `mode-and-version-together` where the chart
/// version changed as well, `version-changed-in-migration` where it changed between two modes.
///
/// ```
/// use helm_clas::{Files, Texts, compare::judge};
///
/// let judged = |before, after| {
///     let texts = Texts::new();
///     let [before, after] = [before, after].map(|text: &str| Files::of(&texts, [("values.yaml", text)]));
///     judge((&before, 0), (&after, 0)).iter().map(|finding| finding.rule.name()).collect::<Vec<_>>()
/// };
/// assert_eq!(judged("clusterMode: legacy", "clusterMode: clas"), ["skipped-migration"]);
/// assert!(judged("clusterMode: legacy", "clusterMode: migrateLegacyToClas").is_empty());
/// assert!(judged("{}", "{cluster_id: f5f7, clusterMode: clas}").is_empty());
/// ```
#[must_use]
pub fn judge<'s>(before: (&Files<'s>, usize), after: (&Files<'s>, usize)) -> Vec<Finding> {
    judge_named(before, after, [None, None])
}

/// The same, with the chart versions that were named before and after for the releases that have none beside them.
#[must_use]
pub fn judge_named<'s>(
    before: (&Files<'s>, usize),
    after: (&Files<'s>, usize),
    named: [Option<&ChartVersion>; 2],
) -> Vec<Finding> {
    let (all_old, all_new) = (clusters(before), clusters(after));
    let mut findings = Vec::new();
    for new in &all_new {
        let Some(old) = counterpart(new, &all_old, &all_new) else { continue };
        let (Some(from), Some(to)) = (old.release.mode.mode, new.release.mode.mode) else { continue };
        // git takes the file of a new cluster for the renamed one of another when both change at once, and a file may
        // have been there before it was about a cluster
        if new.id.is_some() && new.id != old.id {
            continue;
        }
        let versions = changed_version(&old.release, &new.release, named);
        let mode = &new.release.mode;
        if from == to {
            let changed = versions.filter(|_| from.is_migrating());
            findings.extend(changed.map(|Changed { old, new, pin }| {
                let finding = between(from, [&old, &new]);
                match pin {
                    Some(pin) => finding.at(pin.span.clone()).in_file(after.0.name(pin.file)),
                    None => Finding { span: mode.span.clone(), ..finding.in_file(after.0.name(mode.file)) },
                }
            }));
            continue;
        }
        let together = versions.map(|changed| together([from, to], [&changed.old, &changed.new]));
        let file = after.0.name(mode.file);
        let found = mode_change(from, to).into_iter().chain(together);
        findings.extend(found.map(|finding| Finding { span: mode.span.clone(), ..finding.in_file(file) }));
    }
    findings
}

/// Another chart version than before.
struct Changed<'r> {
    old: String,
    new: String,
    /// Where the new one is; nothing where it is not beside the values.
    pin: Option<&'r Pin>,
}

/// How the chart version of a release changed, if both are known: a digest takes the place of a tag, whatever version
/// it is of. Where no file says one, it is the one that was named.
fn changed_version<'r>(
    old: &Release<'_>,
    new: &'r Release<'_>,
    named: [Option<&ChartVersion>; 2],
) -> Option<Changed<'r>> {
    let pins = |release: &'r Release<'_>| [release.pin.as_ref(), release.digest.as_ref()];
    let text = |release: &Release<'_>| {
        let pins = [release.pin.as_ref(), release.digest.as_ref()];
        let said: Vec<&str> = pins.into_iter().flatten().map(|pin| pin.text.as_str()).collect();
        (!said.is_empty()).then(|| said.join("@"))
    };
    match (text(old), text(new)) {
        (Some(was), Some(is)) if was != is => {
            let is_new = |pin: &&Pin| !text(old).is_some_and(|was| was.split('@').any(|was| was == pin.text));
            let [pin, digest] = pins(new);
            Some(Changed { old: was, new: is, pin: pin.filter(is_new).or(digest).or(pin) })
        }
        (None, None) if old.unpinned.is_none() && new.unpinned.is_none() => {
            let [was, is] = named;
            let (was, is) = was.zip(is).filter(|(was, is)| was != is)?;
            Some(Changed { old: was.to_string(), new: is.to_string(), pin: None })
        }
        _ => None,
    }
}

/// A release, and what distinguishes its cluster from others.
struct Cluster<'s> {
    release: Release<'s>,
    /// Where it is, whatever is before it: the name of its release, and the keys that lead to its mode.
    spot: (String, Vec<String>),
    /// The `cluster_id` that it gets.
    id: Option<String>,
}

/// The clusters of a file; none where it cannot be read.
fn clusters<'s>((files, number): (&Files<'s>, usize)) -> Vec<Cluster<'s>> {
    let mut releases = releases_of_manifest(files, number);
    if releases.is_empty() {
        releases.extend(releases_of_values(files, &[number], Asked::default()).into_iter().flatten());
    }
    let cluster = |release: Release<'s>| {
        let is_key = |step: &String| step.parse::<usize>().is_err();
        let path = if release.is_of_manifest() { Vec::new() } else { release.mode.path() };
        let spot = (release.id.name.clone(), path.into_iter().filter(is_key).collect());
        Cluster { id: release.text("cluster_id"), spot, release }
    };
    releases.into_iter().map(cluster).collect()
}

/// What a cluster was: the one of its name, or else the one of its `cluster_id`. Of two that are distinguished by
/// nothing but their order, it is not known which was which.
fn counterpart<'o, 's>(new: &Cluster<'s>, old: &'o [Cluster<'s>], all: &[Cluster<'s>]) -> Option<&'o Cluster<'s>> {
    let same_spot = |other: &Cluster<'_>| other.spot == new.spot;
    let same_id = |other: &Cluster<'_>| other.id.is_some() && other.id == new.id;
    let of = |is_it: &dyn Fn(&Cluster<'_>) -> bool| only(old, is_it).filter(|_| only(all, is_it).is_some());
    of(&same_spot).or_else(|| of(&same_id))
}

/// The one of which this is true; nothing where it is true of none or of several.
fn only<'o, 's>(all: &'o [Cluster<'s>], is_it: &dyn Fn(&Cluster<'_>) -> bool) -> Option<&'o Cluster<'s>> {
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
            format!("the mode went from `{from}` to `{to}` without `{MigrateLegacyToClas}`"),
        )
        .help(Help::naming("go back to `legacy` in the file, then take one step at a time: ", " migrate")),
        (MigrateLegacyToClas | Clas, Legacy) => Finding::new(
            Rule::SkippedMigration,
            format!("the mode went from `{from}` to `{to}` without `{MigrateClasToLegacy}`"),
        )
        .help(Help::naming(&format!("go back to `{from}` in the file, then take one step at a time: "), " revert")),
        (MigrateClasToLegacy, _) => {
            let (reason, help) = crate::Why::GoingBack.explained();
            Finding::new(Rule::WrongStep, format!("the procedure has no such step from `{from}` to `{to}`: {reason}"))
                .help(help)
        }
        _ => Finding::new(Rule::WrongStep, format!("the procedure has no step from `{from}` to `{to}`"))
            .help(Help::naming("`", " explain wrong-step` lists the steps")),
    })
}

/// What is wrong where the version changed while the cluster is between two modes.
fn between(mode: ClusterMode, [old, new]: [&String; 2]) -> Finding {
    let message = format!("the chart went from `{old}` to `{new}` while the cluster is in `{mode}`");
    let chart: Option<ChartVersion> = old.parse().ok();
    let modes = [mode, mode];
    let question = Question { chart: chart.as_ref(), pce: None, modes, is_way_back: false, network_type: None };
    let first = CompatibilityMatrix::shipped().before_upgrade(&question).unwrap_or_default();
    Finding::new(Rule::VersionChangedInMigration, message)
        .help(first.and("; restore the version until then, and change it afterwards"))
}

/// What is wrong where the version changed together with the mode.
fn together([from, to]: [ClusterMode; 2], [old, new]: [&String; 2]) -> Finding {
    let message = format!("the mode went from `{from}` to `{to}` together with the chart, from `{old}` to `{new}`");
    Finding::new(Rule::ModeAndVersionTogether, message)
        .help("make it two changes: first the version, in the old mode, and verify it; then the mode")
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
        let texts = crate::Texts::new();
        let files = |values: &str, chart: Option<&str>| {
            let mut files = Files::of(&texts, [("v", values)]);
            if let Some(chart) = chart {
                files.add("Chart.yaml", chart);
            }
            files
        };
        let (old, new) = (files(before, chart.map(|[old, _]| old)), files(after, chart.map(|[_, new]| new)));
        let findings = judge((&old, 0), (&new, 0));
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
        let mirror =
            |version: &str| chart(&format!("{{name: illumio-core, repository: oci://m/illumio, version: {version}}}"));
        let newer = Some([mirror("5.0.0"), mirror("5.1.0")]);
        let newer = newer.as_ref().map(|charts| charts.each_ref().map(String::as_str));
        let legacy = below("illumio-core", "legacy");
        check(&legacy, newer, &below("illumio-core", "migrateLegacyToClas"), together);
        check(&legacy, newer, &below("illumio-core", "clas"), &["skipped-migration", "mode-and-version-together"]);
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
        let between = app("a", "5.0.0", "migrateLegacyToClas");
        check(&between, None, &app("a", "5.1.0", "migrateLegacyToClas"), &["version-changed-in-migration"]);
        check(&between, None, &app("a", "5.1.0", "clas"), &["mode-and-version-together"]);
        check(&old, None, &app("a", "5.1.0", "migrateLegacyToClas"), &["mode-and-version-together"]);
        check(&old, None, &app("a", "5.0.0", "clas"), &["skipped-migration"]);
        check(&old, None, &app("b", "5.0.0", "clas"), &[]);
        // another one before it, and two that nothing distinguishes
        let with_b = app("b", "5.0.0", "clas") + "---\n" + &app("a", "5.0.0", "clas");
        check(&old, None, &with_b, &["skipped-migration"]);
        check(&old, None, &(app("a", "5.0.0", "clas") + "---\n" + &app("a", "5.0.0", "clas")), &[]);
    }
}
