//! The steps: what each verb does to a file in each mode, and to several files.

use helm_clas::{ClusterMode, Outcome, Rule, Severity, Status, Verb};

use crate::support::reading::{self, Ask};

use ClusterMode::{Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas, Unpair};
use Verb::{FinishMigrate, FinishRevert, Migrate, Revert};

const CHART: &str = "5.2.0";
const PCE: &str = "24.2.20";

fn outcome_of(verb: Verb, texts: &[&str]) -> Outcome {
    taken(verb, Key::Written, texts, None, [CHART, PCE])
}

/// What becomes of the key at the end of the way back.
#[derive(Clone, Copy, PartialEq)]
enum Key {
    Written,
    Unset,
}

fn taken(verb: Verb, key: Key, texts: &[&str], path: Option<&str>, [version, pce_version]: [&str; 2]) -> Outcome {
    let names = ["a.yaml", "b.yaml", "c.yaml"];
    let files: Vec<(&str, &str)> = names.into_iter().zip(texts.iter().copied()).collect();
    let (unset, version, pce_version) = (key == Key::Unset, Some(version), Some(pce_version));
    reading::outcome(&files, &Ask { verb, unset, path, version, pce_version, allowed: &[] })
}

/// The text after a step; nothing where there is no step.
fn text_after(outcome: &Outcome) -> Option<&str> {
    match &outcome.status {
        Status::Step(edited) => Some(&edited.text),
        Status::Already | Status::Refused => None,
    }
}

fn errors(outcome: &Outcome) -> Vec<Rule> {
    let errors = outcome.findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| finding.rule).collect()
}

#[track_caller]
fn refused(outcome: &Outcome, rule: Rule) {
    assert!(matches!(outcome.status, Status::Refused), "{outcome:?}");
    assert_eq!(errors(outcome), [rule]);
}

// The table.

enum Expected {
    To(ClusterMode),
    Already,
    Refused,
}

/// As the product's description has it.
#[rustfmt::skip]
const TABLE: [(ClusterMode, [(Verb, Expected); 4]); 5] = {
    use Expected::{Already, Refused, To};
    [
        (Legacy,              [(Migrate, To(MigrateLegacyToClas)), (FinishMigrate, Refused),  (Revert, Already),                 (FinishRevert, Already)]),
        (MigrateLegacyToClas, [(Migrate, Already),                 (FinishMigrate, To(Clas)), (Revert, To(MigrateClasToLegacy)), (FinishRevert, Refused)]),
        (Clas,                [(Migrate, Already),                 (FinishMigrate, Already),  (Revert, To(MigrateClasToLegacy)), (FinishRevert, Refused)]),
        (MigrateClasToLegacy, [(Migrate, Refused),                 (FinishMigrate, Refused),  (Revert, Already),                 (FinishRevert, To(Legacy))]),
        (Unpair,              [(Migrate, Refused),                 (FinishMigrate, Refused),  (Revert, Refused),                 (FinishRevert, Refused)]),
    ]
};

/// Files that set the mode, which takes the place of the `@`.
const SAYING: &[&str] = &[
    "clusterMode: @\n",
    "clusterMode: @",
    "pce_url: a:1\r\nclusterMode: @ # why\r\nstorage: {}\r\n",
    "\u{feff}clusterMode: '@'\n",
    "\"clusterMode\": \"@\"\n",
    "{\"clusterMode\": \"@\"}",
    "{\n  \"a\": 1,\n  \"clusterMode\": \"@\"\n}\n",
    "---\na: |\n  clusterMode: x\nclusterMode:\n  @\n...\n",
    "? clusterMode\n: @\n",
    "  a: 1\n  clusterMode: @\n",
    "clusterMode: |-\n  @\nb: 1\n",
    "#clusterMode: clas\nclusterMode :\t@   \n# 🦀 集群",
    "illumio:\n  clusterMode: @ # of the subchart\n",
];

/// Files that say nothing, and what they are after the first step: `@` is the mode.
const SILENT: &[(&str, &str)] = &[
    ("pce_url: a:1\n", "pce_url: a:1\nclusterMode: @\n"),
    ("pce_url: a:1", "pce_url: a:1\nclusterMode: @"),
    ("pce_url: a:1 # one\n  # two\n\nb: 1\n", "pce_url: a:1 # one\n  # two\nclusterMode: @\n\nb: 1\n"),
    ("a: 1\r\n#clusterMode: clas\r\nb: 1\r\n", "a: 1\r\n#clusterMode: clas\r\nclusterMode: @\r\nb: 1\r\n"),
    ("\u{feff}a: 1\r\nb: 2", "\u{feff}a: 1\r\nb: 2\r\nclusterMode: @"),
    ("a: 1\nb: |\n  x", "a: 1\nclusterMode: @\nb: |\n  x"),
    ("a: |+\n  x\n\n", "a: |+\n  x\n\nclusterMode: @\n"),
    ("{\"a\": 1}", "{\"a\": 1, \"clusterMode\": \"@\"}"),
    ("{\n  a: 1 # why\n}\n", "{\n  a: 1, # why\n  clusterMode: @\n}\n"),
    ("    a: 1\n    b: 2\n\n", "    a: 1\n    b: 2\n    clusterMode: @\n\n"),
    ("--- # begin\na: 1\n...\n", "--- # begin\na: 1\nclusterMode: @\n...\n"),
    ("illumio:\n  pce_url: a:1\nb: 1\n", "illumio:\n  pce_url: a:1\n  clusterMode: @\nb: 1\n"),
];

/// Where the values of the chart are: `.` says that a file is meant although it shows none of them.
fn path_of(text: &str) -> &'static str {
    if text.starts_with("illumio:") { "illumio" } else { "." }
}

#[test]
fn every_verb_in_every_mode_in_files_that_say_it() {
    for (mode, row) in &TABLE {
        for (verb, expected) in row {
            for file in SAYING {
                // the chart does not look at the case
                for spelling in [mode.to_string(), mode.to_string().to_uppercase()] {
                    let text = file.replace('@', &spelling);
                    let outcome = taken(*verb, Key::Written, &[&text], Some(path_of(&text)), [CHART, PCE]);
                    assert_eq!(outcome.from, Some(*mode), "{text:?}");
                    compare(&outcome, *mode, expected, file);
                }
            }
        }
    }
}

#[test]
fn every_verb_in_files_that_say_nothing() {
    let (mode, row) = &TABLE[0];
    for (verb, expected) in row {
        for (before, after) in SILENT {
            let outcome = taken(*verb, Key::Written, &[before], Some(path_of(before)), [CHART, PCE]);
            assert_eq!(outcome.from, Some(*mode), "{before:?}");
            compare(&outcome, *mode, expected, after);
        }
    }
}

#[track_caller]
fn compare(outcome: &Outcome, mode: ClusterMode, expected: &Expected, after: &str) {
    match expected {
        Expected::To(goal) => {
            assert_eq!(outcome.to, Some(*goal));
            assert_eq!(text_after(outcome), Some(&*after.replace('@', goal.as_str())), "{:?}", outcome.findings);
        }
        Expected::Already => {
            assert_eq!(outcome.to, Some(mode));
            assert!(matches!(outcome.status, Status::Already), "{outcome:?}");
            assert_eq!(errors(outcome), []);
        }
        Expected::Refused => refused(outcome, Rule::WrongStep),
    }
}

// There and back.

#[test]
fn a_file_that_said_nothing_comes_home() {
    for (before, _) in SILENT {
        let step = |verb, key, text: &str| -> String {
            let outcome = taken(verb, key, &[text], Some(path_of(before)), [CHART, PCE]);
            text_after(&outcome).unwrap_or_else(|| panic!("{before:?}: {:?}", outcome.findings)).to_owned()
        };
        let migrating = step(Migrate, Key::Written, before);
        let arrived = step(FinishMigrate, Key::Written, &migrating);
        for on_the_way in [migrating, arrived] {
            let back = step(Revert, Key::Written, &on_the_way);
            assert_eq!(step(FinishRevert, Key::Unset, &back), *before);
        }
    }
}

#[test]
fn a_file_that_said_legacy_comes_home() {
    for file in SAYING {
        let before = file.replace('@', "legacy");
        let after = [Migrate, FinishMigrate, Revert, FinishRevert].iter().fold(before.clone(), |text, verb| {
            let outcome = taken(*verb, Key::Written, &[&text], Some(path_of(&text)), [CHART, PCE]);
            text_after(&outcome).unwrap_or_else(|| panic!("{text:?}: {:?}", outcome.findings)).to_owned()
        });
        assert_eq!(after, before);
    }
}

#[test]
fn the_last_value_of_a_file_stays() {
    let unset = |texts: &[&str]| taken(FinishRevert, Key::Unset, texts, None, [CHART, PCE]);
    refused(&unset(&["# ours\nclusterMode: migrateClasToLegacy\n"]), Rule::EmptyValues);
    refused(&unset(&["# nothing\n", "clusterMode: migrateClasToLegacy\n"]), Rule::EmptyValues);
    let outcome = unset(&["a: 1\n", "clusterMode: migrateClasToLegacy\n"]);
    assert_eq!((outcome.file, text_after(&outcome)), (1, Some("")));
    assert!(outcome.findings.iter().any(|finding| finding.rule == Rule::ReuseValues));
}

// Several files.

#[test]
fn the_last_file_that_says_the_mode_decides() {
    let outcome = outcome_of(Migrate, &["clusterMode: legacy\n", "clusterMode: legacy # b\n", "c: 1\n"]);
    assert_eq!((outcome.file, text_after(&outcome)), (1, Some("clusterMode: migrateLegacyToClas # b\n")));
    let outcome = outcome_of(Migrate, &["clusterMode: clas\n", "clusterMode: legacy\n"]);
    assert_eq!((outcome.file, outcome.from), (1, Some(Legacy)));
    let outcome = outcome_of(FinishMigrate, &["clusterMode: migrateLegacyToClas\n", "b: 1\n"]);
    assert_eq!((outcome.file, text_after(&outcome)), (0, Some("clusterMode: clas\n")));
}

#[test]
fn where_no_file_says_the_mode_the_last_gets_it() {
    refused(&outcome_of(Migrate, &["a: 1\n", "b: 1\n"]), Rule::ForeignValues);
    let outcome = taken(Migrate, Key::Written, &["a: 1\n", "b: 1\n"], Some("."), [CHART, PCE]);
    assert_eq!((outcome.file, text_after(&outcome)), (1, Some("b: 1\nclusterMode: migrateLegacyToClas\n")));
}

#[test]
fn a_mode_that_would_come_into_force_again_is_not_uncovered() {
    let back = "b: 1\nclusterMode: migrateClasToLegacy\n";
    let unset = |texts: &[&str]| taken(FinishRevert, Key::Unset, texts, None, [CHART, PCE]);
    refused(&unset(&["clusterMode: clas\n", back]), Rule::UnfaithfulEdit);
    assert_eq!(text_after(&unset(&["clusterMode: legacy\n", back])), Some("b: 1\n"));
    assert_eq!(text_after(&unset(&["a: 1\n", back])), Some("b: 1\n"));
}

#[test]
fn one_unreadable_file_stops_the_step() {
    refused(&outcome_of(Migrate, &["a: 1\n---\nb: 1\n", "clusterMode: legacy\n"]), Rule::SeveralDocuments);
    refused(&outcome_of(Migrate, &["clusterMode: legacy\n", "a: \"\n"]), Rule::InvalidYaml);
    refused(&outcome_of(Migrate, &["clusterMode: a\n", "clusterMode:\n"]), Rule::BlankMode);
}

#[test]
fn what_is_wrong_in_a_file_that_is_overridden_only_warns() {
    let outcome = outcome_of(Migrate, &["clusterMode: klas\n", "clusterMode: legacy\n"]);
    assert_eq!(text_after(&outcome), Some("clusterMode: migrateLegacyToClas\n"));
    let warned =
        |finding: &helm_clas::Finding| finding.rule == Rule::UnknownMode && finding.severity == Severity::Warning;
    assert!(outcome.findings.iter().any(warned), "{:?}", outcome.findings);
}

// Versions.

#[test]
fn versions_stop_the_way_to_clas_and_warn_on_the_way_back() {
    let with = |verb, text: &str, versions| taken(verb, Key::Written, &[text], None, versions);
    refused(&with(Migrate, "pce_url: a\n", [CHART, "23.5.0+A1"]), Rule::PceTooOld);
    refused(&with(Migrate, "pce_url: a\n", ["4.3.0", PCE]), Rule::ChartTooOld);
    let back = with(Revert, "clusterMode: clas\n", [CHART, "23.5.0+A1"]);
    assert_eq!(text_after(&back), Some("clusterMode: migrateClasToLegacy\n"));
    assert!(back.findings.iter().any(|finding| finding.rule == Rule::PceTooOld), "{:?}", back.findings);
    refused(&with(Revert, "clusterMode: clas\n", ["4.3.0", PCE]), Rule::ChartTooOld);
    refused(&with(Migrate, "pce_url: a\n", ["5.1", PCE]), Rule::VersionNotExact);
    refused(&with(Migrate, "pce_url: a\n", [CHART, "24"]), Rule::PceVersionNotExact);
}
