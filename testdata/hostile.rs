//! Texts that are made to hurt, and texts that were cut anywhere: each is refused by name or edited, and none takes long.

mod shapes;

use std::{env, fs, time::Duration};

use self::shapes::{SHAPES, Shape};
use crate::support::{
    measure::{Cost, ENDLESS, Size, cost, grows_with_number, is_linear, thread_time},
    reading::{Ask, found, outcome, standings},
};
use helm_clas::{
    Called, Rule, Severity, Status, Verb,
    chart::{MODE_KEY, TEMPLATE_SCALARS, secrets::Brought},
    check::{CheckedFile, Run},
    fix,
    report::{
        self,
        diff::{Diff, Options, Secrets},
        findings::drawn,
    },
    status::Overview,
    yaml::{Document, Edit, MAX_BYTES},
};

const PATH: &[&str] = &[MODE_KEY];
const SET: Edit<'static> = Edit::Set { value: "clas", beside: TEMPLATE_SCALARS };

#[track_caller]
fn refused(text: &str, rule: Rule) {
    let finding = Document::read(text).map(|document| document.is_empty()).expect_err("this is refused");
    assert_eq!(finding.rule, rule, "{finding:?}");
}

/// The mode is put in, and everything else is still there.
#[track_caller]
fn edited(text: &str) {
    let after = Document::read(text).unwrap().edited(PATH, SET).unwrap();
    let (replaced, replacement) = (after.replaced, after.replacement);
    assert!(replaced.is_empty() && after.text[replacement.clone()].contains("clas"));
    assert!([&after.text[..replacement.start], &after.text[replacement.end..]].concat() == text);
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

#[test]
fn depth() {
    refused(&format!("a: {}\n", "[".repeat(10_000)), Rule::OutsideDialect);
    refused(&format!("a: {}{}\n", "[".repeat(10_000), "]".repeat(10_000)), Rule::OutsideDialect);
    refused(&"{a: ".repeat(10_000), Rule::OutsideDialect);
    refused(&"- ".repeat(10_000), Rule::OutsideDialect);
    refused(&lines(3_000, |level| format!("{}k:\n", " ".repeat(level))), Rule::OutsideDialect);
    edited(&lines(250, |level| format!("{}k:\n", " ".repeat(level))));
    edited(&format!("a: {}{}\n", "[".repeat(250), "]".repeat(250)));
}

#[test]
fn aliases() {
    let laughs = lines(12, |level| {
        let below = if level == 0 { "x".to_owned() } else { format!("*a{}", level - 1) };
        format!("a{level}: &a{level} [{}]\n", vec![below; 9].join(", "))
    });
    refused(&laughs, Rule::OutsideDialect);
    refused(
        &(String::from("a0: &a0 {x: 1}\n") + &lines(1_000, |n| format!("a{0}: &a{0} {{y: *a{n}}}\n", n + 1))),
        Rule::OutsideDialect,
    );
    let long = "x".repeat(1_000_000);
    refused(
        &format!("a: &a {long}\nb: [{}]\nc: [{}]\n", vec!["1"; 500].join(","), vec!["*a"; 500].join(",")),
        Rule::OutsideDialect,
    );
    refused("a: &a [*a]\n", Rule::InvalidYaml);
    refused("a: &a\n  <<: *a\n", Rule::InvalidYaml);
    edited(&(String::from("a: &a x\n") + &lines(40_000, |n| format!("k{n}: *a\n"))));
    edited(&(String::from("a0: &a0 {x: 1}\n") + &lines(200, |n| format!("a{0}: &a{0} {{<<: *a{n}}}\n", n + 1))));
}

#[test]
fn length() {
    refused(&"#".repeat(MAX_BYTES + 1), Rule::OutsideDialect);
    edited(&format!("a: {}\nb: 1\n", "x".repeat(2_000_000)));
    edited(&format!("a: \"{}\"\n", "x ".repeat(500_000)));
    edited(&format!("a: 1{}\n", " ".repeat(1_000_000)));
    edited(&format!("a: 1{}", "\n".repeat(1_000_000)));
}

#[test]
fn numbers_of_things() {
    edited(&lines(20_000, |n| format!("key{n}: {n}\n")));
    edited(&format!("{{{}}}", lines(10_000, |n| format!("\"key{n}\": {n},"))));
    edited(&lines(10_000, |n| format!("{n}: {n}\n")));
    edited(&"# a remark\n".repeat(50_000));
    edited(&("#clusterMode: x\n".repeat(20_000) + "a: 1\n"));
    edited(&format!("b: 1\n{}a: |\n  x", "# a remark\n".repeat(20_000)));
    edited(&format!("{{a: 1,\n{}}}\n", "\t\n".repeat(20_000)));
    edited(&format!("a: |\n{}", "  line\n".repeat(30_000)));
    edited(&lines(5_000, |n| format!("k{n}: &a{n} 1\n")));
    let twice = lines(5_000, |n| format!("k{n}: 1\nk{n}: 2\n"));
    edited(&twice);
    assert_eq!(Document::read(&twice).unwrap().duplicates().len(), 5_000);
    let often = "a: 1\n".repeat(5_000);
    let duplicates = Document::read(&often).unwrap().duplicates();
    assert!(duplicates.len() == 100 && duplicates[99].message.contains("occurs 5000 times"), "{:?}", duplicates.last());
}

#[test]
fn a_fleet_in_one_manifest() {
    let release = "    chart: quay/illumio\n    version: 5.1.0\n    values:\n";
    grows_with_number("releases", 200, 8, |count| {
        let one =
            |n| format!("  - name: east{n}\n{release}      - pce_url: pce{n}:8443\n        clusterMode: legacy\n");
        let text = format!("releases:\n{}", lines(count, one));
        assert_eq!(standings(&[("helmfile.yaml", &text)], None).len(), count);
    });
    grows_with_number("values of a release", 200, 8, |count| {
        let one = |n| format!("      - clusterMode: legacy\n        x{n}: 1\n");
        let text = format!("releases:\n  - name: east\n{release}{}", lines(count, one));
        assert_eq!(standings(&[("helmfile.yaml", &text)], None).len(), 1);
    });
}

/// Modes that are all repaired in one pass, and one that is given twice, which is not.
#[test]
fn many_fixes_are_made_at_once() {
    let judge = |text: &str| found(&[("helmfile.yaml", text)]);
    let fleet = |count: usize, key: &str, mode: &str| {
        let one = |n| {
            format!(
                "- name: r{n}\n  chart: illumio/illumio\n  version: 5.1.0\n  values:\n  - {key}: {mode} # {n}\n    useTLS: 1\n"
            )
        };
        format!("releases:\n{}", lines(count, one))
    };
    let passes = std::cell::Cell::new(0);
    let counted = |text: &str| {
        passes.set(passes.get() + 1);
        judge(text)
    };
    let (mended, made) = fix::mended(&fleet(60, "clustermode", "LEGACY"), counted);
    assert_eq!(mended.matches("clusterMode: legacy # ").count(), 60, "{}", &mended[..300]);
    assert!(made >= 120 && passes.get() <= 6, "{made} in {}", passes.get());
    let twice = "clustermode: LEGACY\ncluster_mode: clas\n";
    let (mended, made) = fix::mended(twice, judge);
    assert!(made <= 2 && mended.matches("clusterMode:").count() <= 1, "{mended}");
    grows_with_number("fixes", 25, 8, |count| {
        let (_, made) = fix::mended(&fleet(count, "clusterMode", "LEGACY"), judge);
        assert!(made >= count);
    });
}

/// How many errors a check finds in a manifest, read together with some files.
fn errors<N: AsRef<str>, B: AsRef<[u8]>>(files: &[(N, B)]) -> usize {
    let findings = found(files);
    findings.iter().filter(|finding| finding.severity == Severity::Error).count()
}

#[test]
fn a_fleet_that_names_what_it_takes() {
    // the second of two modes is not valid, so that each object and file is known to have been read
    let mode = |n: usize| if n.is_multiple_of(2) { "legacy" } else { "klas" };
    grows_with_number("objects of Flux", 25, 8, |count| {
        let one = |n| {
            format!(
                "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: east{n}}}\nspec:\n  chartRef: \
                 {{kind: OCIRepository, name: chart{n}}}\n  values: {{pce_url: 'pce{n}:8443'}}\n  valuesFrom:\n  - {{kind: ConfigMap, name: values{n}}}\n---\n\
                 apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {{name: chart{n}}}\nspec:\n  \
                 ref: {{tag: 5.1.0}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: values{n}}}\ndata:\n  \
                 values.yaml: |\n    clusterMode: {}\n",
                mode(n)
            )
        };
        let text = lines(count, one);
        let files = [("flux.yaml", &text)];
        assert_eq!(standings(&files, None).iter().filter(|standing| standing.version.is_some()).count(), count);
        assert_eq!(errors(&files), count / 2);
    });
    grows_with_number("files of a helmfile", 25, 8, |count| {
        let one = |n| {
            format!(
                "- {{name: east{n}, chart: quay/illumio, version: 5.1.0, values: [{{pce_url: 'p:1'}}, east{n}/values.yaml]}}\n"
            )
        };
        let text = format!("releases:\n{}", lines(count, one));
        let files = (0..count).map(|n| (format!("a/east{n}/values.yaml"), format!("clusterMode: {}\n", mode(n))));
        let files: Vec<(String, String)> = [("a/helmfile.yaml".to_owned(), text)].into_iter().chain(files).collect();
        assert_eq!(errors(&files), count / 2);
    });
}

/// What is done with a text, in the library: a step with its diff, a check with its reports and what it repairs, and
/// the modes that the clusters are in.
const WORK: &[(&str, fn(&Shape, &str))] = &[
    ("step", |shape, text| {
        let outcome = outcome(&[(shape.file, text)], &Ask::of(Verb::Migrate));
        assert_eq!(
            drawn(&outcome.findings, Called::default(), |_| Some(text), &Brought::default()).is_empty(),
            outcome.findings.is_empty()
        );
        if let Status::Step(edited) = &outcome.status {
            let options = Options { context: 3, secrets: Secrets::Hide, brought: &Brought::default() };
            assert!(!Diff::between(text, &edited.text, shape.file, options).styled().is_empty());
        }
    }),
    ("check", |shape, text| {
        let findings = found(&[(shape.file, text)]);
        let file =
            CheckedFile { name: shape.file.to_owned(), text: text.to_owned(), findings, ..CheckedFile::default() };
        let mut run = Run { files: vec![file], ..Run::default() };
        run.leave_out_beyond(10_000);
        let reports = [report::text::check, report::json::check, report::sarif::check, report::gitlab::check];
        assert!(reports.iter().all(|report| !report(&run).is_empty()));
    }),
    ("fix", |shape, text| _ = fix::mended(text, |text| found(&[(shape.file, text)]))),
    ("status", |shape, text| {
        let found = standings(&[(shape.file, text)], None);
        let overview = Overview { found, ..Overview::default() };
        assert!(!report::status::text(&overview, None, Called::OF_HELM).is_empty());
    }),
];

/// Four times the text takes no more than linear time, of every shape.
#[test]
fn no_shape_costs_more_than_it_is_long() {
    const BYTES: usize = 6_000;
    let costs_too_much = |shape: &&Shape| {
        let bytes = BYTES.max((shape.text)(4).len() + 1);
        let texts = [shape.sized(bytes), shape.sized(bytes * 4)];
        #[allow(clippy::cast_precision_loss)]
        let ratio = texts[1].len() as f64 / texts[0].len() as f64;
        let measure = |(name, work): &(&str, fn(&Shape, &str))| {
            is_linear(&format!("{}, {name}", shape.name), ratio, |size| {
                thread_time(|| work(shape, &texts[usize::from(size == Size::More)]))
            });
        };
        std::panic::catch_unwind(|| WORK.iter().for_each(measure)).is_err()
    };
    let too_much: Vec<&str> = SHAPES.iter().filter(costs_too_much).map(|shape| shape.name).collect();
    assert!(too_much.is_empty(), "{too_much:?}");
}

/// The program, not the library alone: how it reads, what it prints. Of a build without optimisation only the memory
/// is looked at: 20 times the file, and twice what is taken for an empty one.
///
/// `MEASURED_PROGRAM=target/release/helm-clas SHAPE_BYTES=16000000 cargo test hostile::what_the_program -- --nocapture`
/// prints what takes longer than two seconds or more memory, of every shape.
#[test]
fn what_the_program_takes_for_a_shape() {
    const COMMANDS: &[&[&str]] = &[
        &["migrate", "--version", "5.1.0", "--pce-version", "24.2.20", "-f"],
        &["check", "--partial", "--no-skip"],
        &["check", "--partial", "--no-skip", "-o", "json"],
        &["check", "--partial", "--no-skip", "--diff"],
        &["status"],
        &["runbook", "--version", "5.1.0", "--pce-version", "24.2.20", "-f"],
    ];
    let asked = env::var("SHAPE_BYTES").ok().and_then(|bytes| bytes.parse().ok());
    let most = if asked.is_some() { Duration::from_secs(2) } else { ENDLESS };
    let folder = tempfile::tempdir().unwrap();
    let mut beyond = Vec::new();
    for shape in SHAPES.iter().step_by(if asked.is_some() { 1 } else { 12 }) {
        let text = shape.sized(asked.unwrap_or(400_000));
        fs::write(folder.path().join(shape.file), &text).unwrap();
        for command in COMMANDS {
            let Cost { code, time, megabytes } = cost(folder.path(), &[command, &[shape.file][..]].concat());
            let row = format!(
                "{} ({}), {}: {code}, {time:.1?}, {megabytes:.0} MB",
                shape.name,
                text.len(),
                command.join(" ")
            );
            println!("{row}");
            #[allow(clippy::cast_precision_loss)]
            let allowed = 75.0 + text.len() as f64 * 20e-6;
            if !(0..=2).contains(&code) || megabytes > allowed || time > most {
                beyond.push(row);
            }
        }
        fs::remove_file(folder.path().join(shape.file)).unwrap();
    }
    assert!(beyond.is_empty(), "{}", beyond.join("\n"));
}

#[test]
fn what_is_too_long_is_refused_before_it_costs_anything() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("values.yaml"), "#".repeat(MAX_BYTES + 1)).unwrap();
    for command in
        [&["status"][..], &["check", "--no-skip"], &["migrate", "--version", "5.1.0", "--pce-version", "24.2.20", "-f"]]
    {
        let Cost { code, megabytes, .. } = cost(folder.path(), &[command, &["values.yaml"]].concat());
        assert!(
            code == i32::from(command[0] != "status")
                && megabytes < 75.0 + 2.5e-6 * f64::from(u32::try_from(MAX_BYTES).unwrap()),
            "{command:?}: {code}, {megabytes} MB"
        );
    }
}

#[test]
fn odd_characters() {
    refused("a: 1\0\n", Rule::InvalidYaml);
    refused(&"\0".repeat(100_000), Rule::InvalidYaml);
    refused("a: \u{1b}[31mred\n", Rule::InvalidYaml);
    refused("a: \"\\ud800\"\n", Rule::InvalidYaml);
    refused("a: \"\\ud83d\\ude00\"\n", Rule::InvalidYaml);
    refused("a: \"\\U00110000\"\n", Rule::InvalidYaml);
    refused("a: \u{ffff}\n", Rule::InvalidYaml);
    refused("\u{feff}\u{feff}a: 1\n", Rule::OutsideDialect);
    edited("a: \u{fffd}\n");
    edited("a: \u{10ffff}\u{1f980}\u{301}\u{202e}\n");
    edited("\u{202e}a: 1\n");
}

#[test]
fn every_beginning_of_a_file() {
    let names =
        ["vendor-template.yaml", "braces-with-remarks.yaml", "umbrella.yaml", "bom-crlf-cut.yaml", "json-line.json"];
    let awkward =
        ["block-like-the-key.yaml", "merge-beside.yaml", "markers.yaml", "other-scripts.yaml", "explicit-keys.yaml"];
    let (mut count, mut done) = (0, 0);
    for name in names.iter().chain(&awkward) {
        let text = fs::read_to_string(format!("testdata/values/{name}")).unwrap();
        for (end, _) in text.char_indices() {
            count += 1;
            let beginning = &text[..end];
            let Ok(document) = Document::read(beginning) else { continue };
            let Ok(after) = document.edited(PATH, SET) else { continue };
            done += 1;
            let again = Document::read(&after.text).unwrap().edited(PATH, SET).unwrap();
            assert_eq!(again.text, after.text, "{beginning:?}");
        }
    }
    println!("{done} of {count} beginnings edited");
    assert!(done * 2 > count);
}
