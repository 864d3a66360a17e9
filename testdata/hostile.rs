//! Texts that are made to hurt, and texts that were cut anywhere: each is refused by name or edited, and none takes long.

use std::{fmt::Write, fs};

use crate::support::{
    measure::{Size, cost, grows_with_number, is_linear},
    reading::{judged, standings},
};
use helm_clas::{
    CompatibilityMatrix, Rule, Severity,
    chart::{MODE_KEY, TEMPLATE_SCALARS, values::Schema},
    check::Circumstances,
    fix,
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
    edited(&(String::from("a: &a x\n") + &lines(50_000, |n| format!("k{n}: *a\n"))));
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
    edited(&lines(200_000, |n| format!("key{n}: {n}\n")));
    edited(&format!("{{{}}}", lines(100_000, |n| format!("\"key{n}\": {n},"))));
    edited(&lines(100_000, |n| format!("{n}: {n}\n")));
    edited(&"# a remark\n".repeat(500_000));
    edited(&("#clusterMode: x\n".repeat(200_000) + "a: 1\n"));
    edited(&format!("b: 1\n{}a: |\n  x", "# a remark\n".repeat(200_000)));
    edited(&format!("{{a: 1,\n{}}}\n", "\t\n".repeat(200_000)));
    edited(&format!("a: |\n{}", "  line\n".repeat(300_000)));
    edited(&lines(50_000, |n| format!("k{n}: &a{n} 1\n")));
    let twice = "a: 1\n".repeat(50_000);
    edited(&twice);
    assert_eq!(Document::read(&twice).unwrap().duplicates().len(), 49_999);
}

/// Ten megabytes such as a person would write.
#[test]
fn an_ordinary_file_that_is_large() {
    let mut text = String::new();
    let mut number = 0;
    while text.len() < 10_000_000 {
        number += 1;
        write!(
            text,
            "# -- the service of cluster {number}\n\
             cluster{number}:\n  name: \"cluster-{number}\" # as in the PCE\n  replicas: {number}\n  labels: {{app: a, tier: b}}\n  \
             ports:\n    - name: http\n      port: 8443\n  script: |\n    #!/bin/sh\n    echo {number}\n\n"
        )
        .unwrap();
    }
    edited(&text);
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

/// Modes that are all mended in one pass, and one that is given twice, which is not.
#[test]
fn many_fixes_are_made_at_once() {
    let (matrix, schema) = (CompatibilityMatrix::shipped(), Schema::shipped());
    let judge = |text: &str| {
        let circumstances = Circumstances {
            version: None,
            pce_version: None,
            matrix: &matrix,
            schema: &schema,
            is_partial: true,
            judges_all: false,
        };
        judged(&[("helmfile.yaml", text)], &circumstances).map(|judged| judged.findings).unwrap_or_default()
    };
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
    let circumstances = Circumstances {
        version: None,
        pce_version: None,
        matrix: &CompatibilityMatrix::shipped(),
        schema: &Schema::shipped(),
        is_partial: true,
        judges_all: false,
    };
    let findings = judged(files, &circumstances).unwrap().findings;
    findings.iter().filter(|finding| finding.severity == Severity::Error).count()
}

#[test]
fn a_fleet_that_names_what_it_takes() {
    // the second of two modes is none, so that each object and file is known to have been read
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

/// A class of texts that cost the most, of any size.
struct Class {
    name: &'static str,
    text: fn(usize) -> String,
    /// The smaller of two sizes; the larger is twice that. Small, so that it is quick without optimisation, too.
    count: usize,
    /// How a step ends, and a check.
    code: i32,
}

const CLASSES: &[Class] = &[
    Class { name: "more than 32 MiB", text: |count| "#".repeat(count), count: MAX_BYTES + 1, code: 1 },
    Class { name: "`[`", text: |count| format!("a: {}\n", "[".repeat(count)), count: 20_000, code: 1 },
    Class {
        name: "levels of keys",
        text: |count| lines(count, |level| format!("{}k:\n", " ".repeat(level))),
        count: 500,
        code: 1,
    },
    Class {
        name: "a billion laughs",
        text: |count| {
            let below = |level| if level == 0 { "x".to_owned() } else { format!("*a{}", level - 1) };
            lines(count, |level| format!("a{level}: &a{level} [{}]\n", vec![below(level); 9].join(", ")))
        },
        count: 12,
        code: 1,
    },
    Class {
        name: "aliases",
        text: |count| String::from("clusterMode: legacy\na: &a x\n") + &lines(count, |n| format!("k{n}: *a\n")),
        count: 5_000,
        code: 0,
    },
    Class {
        name: "names",
        text: |count| String::from("clusterMode: legacy\n") + &lines(count, |n| format!("key{n}: {n}\n")),
        count: 10_000,
        code: 0,
    },
    Class {
        name: "names, each given twice",
        text: |count| String::from("clusterMode: legacy\n") + &lines(count, |n| format!("key{n}: {n}\n").repeat(2)),
        count: 2_000,
        code: 0,
    },
    Class {
        name: "one line",
        text: |count| format!("clusterMode: legacy\na: {}\n", "x".repeat(count)),
        count: 500_000,
        code: 0,
    },
    Class {
        name: "comments",
        text: |count| String::from("clusterMode: legacy\n") + &"# a remark\n".repeat(count),
        count: 50_000,
        code: 0,
    },
];

/// The program, not the library alone: how it reads, what it prints. The memory is 20 times the file, and what a build
/// without optimisation takes for an empty one, twice.
#[test]
fn what_the_worst_of_each_class_costs() {
    let folder = tempfile::tempdir().unwrap();
    let mut beyond = String::new();
    for class in CLASSES {
        let sizes = [("less.yaml", class.count), ("more.yaml", class.count * 2)].map(|(name, count)| {
            let text = (class.text)(count);
            fs::write(folder.path().join(name), &text).unwrap();
            f64::from(u32::try_from(text.len()).unwrap())
        });
        let ratio = sizes[1] / sizes[0];
        let step = ["migrate", "--version", "5.1.0", "--pce-version", "24.2.20", "-f"];
        let check = ["check", "--partial", "--no-skip"];
        for arguments in [&step[..], &check] {
            let name = format!("{}, {}", class.name, arguments[0]);
            is_linear(&name, ratio, |size| {
                let (file, bytes) = if size == Size::Less { ("less.yaml", sizes[0]) } else { ("more.yaml", sizes[1]) };
                let cost = cost(folder.path(), &[arguments, &[file]].concat());
                let row = format!("{name}: {file} ends {}, {:.0} MB", cost.code, cost.megabytes);
                println!("{row}, {:?}", cost.time);
                if cost.code != class.code || cost.megabytes > 75.0 + bytes * 20e-6 {
                    beyond += &format!("{row} for {bytes} bytes\n");
                }
                cost.time
            });
        }
    }
    assert!(beyond.is_empty(), "{beyond}");
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
