//! The formats of `helm clas check`: each against what its readers expect.

use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use helm_clas::{
    Change, ClusterMode, Finding, Fix, Rule, Severity,
    check::{CheckedFile, Run},
    fix,
    report::{github, gitlab, json, junit, sarif, text},
    yaml::Address,
};
use serde_json::{Value, json};

use crate::support::{
    program::{Folder, Ran},
    schema::fits,
};

/// A name that has to be escaped in every format.
const AWKWARD: &str = "clusters/a b,c:100%/wért&.yaml";

const SECRET: &str = "geheim";

fn file(name: &str, text: &str, mode: Option<ClusterMode>, findings: Vec<Finding>) -> CheckedFile {
    let findings: Vec<Finding> = findings.into_iter().map(|finding| finding.in_file(name)).collect();
    let mendable = fix::count(text, &findings);
    CheckedFile { name: name.to_owned(), text: text.to_owned(), mode, findings, mendable, ..CheckedFile::default() }
}

/// A run over one file with one finding at a word of its text, or about the file as a whole.
fn run_of(name: &str, text: &str, word: &str, finding: Finding) -> Run {
    let finding = match text.find(word) {
        Some(at) if !word.is_empty() => finding.at(at..at + word.len()),
        _ => finding,
    };
    Run { files: vec![file(name, text, None, vec![finding])], ..Run::default() }
}

fn unknown_mode() -> Finding {
    Finding::new(Rule::UnknownMode, "`klas` is not a cluster mode").help("did you mean `clas`?")
}

/// A bit of everything: places and none, CRLF, a byte order mark, several lines, secrets, a fix, a file that is not
/// text, one without findings, and a finding about several files.
fn variety() -> Run {
    let one = "\u{feff}# wért\r\npce_url: https://pce.example.com:8443\r\nclusterMode: klas # x\r\n";
    let address = Address::whole(one, vec!["pce_url".to_owned()]);
    let fix = Fix { address, change: Change::Text("pce.example.com:8443".to_owned()) };
    let url = one.find("https").unwrap();
    let klas = one.find("klas").unwrap();
    let two =
        format!("clusterMode: \"migrate\n  x\"\ncluster_token: 7_{SECRET}\nhttpProxy: http://me:{SECRET}@proxy\n");
    let token = two.find("7_").unwrap();
    let shown = format!("http://me:{SECRET}@proxy is <b>\u{1b}[1m]]>\r\n100%, no URL");
    let mut run = Run {
        files: vec![
            file(
                AWKWARD,
                one,
                None,
                vec![
                    Finding::new(Rule::BadPceUrl, "`pce_url` has a scheme")
                        .help("remove `https://`")
                        .at(url..url + 28)
                        .fixed_by(fix),
                    unknown_mode().at(klas..klas + 4),
                ],
            ),
            file(
                "./clusters/two.yaml",
                &two,
                Some(ClusterMode::MigrateLegacyToClas),
                vec![
                    Finding::new(Rule::MissingValue, "`pce_url` is missing"),
                    Finding::new(Rule::MissingValue, "`cluster_id` is missing"),
                    Finding::new(Rule::WrongType, "several lines").at(13..26),
                    Finding::new(Rule::BadClusterToken, "too short").at(token..token + 8),
                    Finding::new(Rule::WrongType, shown.clone()).help(shown).at(two.len()..two.len()),
                    Finding::new(Rule::LeftInMigration, "between two modes").at(13..26),
                ],
            ),
            file("clean.yaml", "clusterMode: clas\n", Some(ClusterMode::Clas), Vec::new()),
            file("broken.yaml", "", None, vec![Finding::new(Rule::InvalidYaml, "the file is not text")]),
        ],
        skipped: 2,
        findings: Vec::new(),
        ..Run::default()
    };
    run.limit_migrating(0);
    run
}

#[track_caller]
fn valid(schema: &str, report: &str) -> Value {
    // SARIF's schema has a bracket too many in a pattern, which errata 01 of the standard removes
    let schema = fs::read_to_string(schema).unwrap().replace("{2}]?$", "{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let report: Value = serde_json::from_str(report).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&report).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{report:#}");
    report
}

#[test]
fn no_format_shows_a_secret() {
    let run = variety();
    let reports = [sarif::check, github::check, gitlab::check, junit::check, json::check, text::check];
    for report in reports.map(|check| check(&run)) {
        assert!(!report.contains(SECRET), "{report}");
    }
}

mod json_object {
    use super::*;

    #[test]
    fn fits_its_schema() {
        let report = valid("schemas/output.schema.json", &json::check(&variety()));
        assert_eq!(report["summary"], json!({ "files": 4, "skipped": 2, "errors": 8, "warnings": 1, "infos": 1 }));
        assert_eq!(report["findings"][0]["rule"], "several-clusters-migrating");
        let modes: Vec<&Value> = report["files"].as_array().unwrap().iter().map(|file| &file["mode"]).collect();
        assert_eq!(modes, [&json!(null), &json!("migrateLegacyToClas"), &json!("clas"), &json!(null)]);
        let empty = valid("schemas/output.schema.json", &json::check(&Run::default()));
        assert_eq!(empty["files"], json!([]));
    }

    #[test]
    fn has_a_finding_in_its_file() {
        let report = valid(
            "schemas/output.schema.json",
            &json::check(&run_of("./v.yaml", "a: é\nclusterMode: klas\n", "klas", unknown_mode())),
        );
        let expected = json!({
            "file": "./v.yaml",
            "mode": null,
            "findings": [{
                "rule": "unknown-mode", "severity": "error", "message": "`klas` is not a cluster mode",
                "file": "./v.yaml", "line": 2, "column": 14, "endLine": 2, "endColumn": 18,
                "help": "did you mean `clas`?",
            }],
        });
        assert_eq!(report["files"][0], expected);
    }
}

mod text_summary {
    use super::*;

    #[track_caller]
    fn check(run: &Run, expected: &str) {
        let summary = text::check(run);
        let plain: String = summary
            .split('\u{1b}')
            .enumerate()
            .map(|(at, part)| if at == 0 { part } else { &part[part.find('m').unwrap() + 1..] })
            .collect();
        assert_eq!(plain, expected);
    }

    #[test]
    fn counts_files_and_findings() {
        check(&variety(), "4 files checked, 2 skipped: 8 errors, 1 warning, 1 info\n--fix repairs 1 of them\n");
        check(&run_of("v", "", "", unknown_mode()), "1 file checked: 1 error\n");
        check(
            &Run { skipped: 3, ..Run::default() },
            "0 files checked, 3 skipped (no key of this chart; --no-skip checks them)\n",
        );
    }
}

mod github_annotations {
    use super::*;

    #[track_caller]
    fn check(run: &Run, expected: &str) {
        assert_eq!(github::check(run), expected);
    }

    #[test]
    fn name_the_range_and_the_rule() {
        check(
            &run_of("./v.yaml", "a: é\nclusterMode: klas\n", "klas", unknown_mode()),
            "::error file=v.yaml,line=2,endLine=2,col=14,endColumn=18,title=helm-clas (unknown-mode)::v.yaml:2:14: \
             `klas` is not a cluster mode%0Ahelp: did you mean `clas`?\n",
        );
    }

    #[test]
    fn escape_what_would_end_a_property_or_the_message() {
        check(
            &run_of(AWKWARD, "x\n", "x", Finding::new(Rule::ModeSpelling, "a\r\nb: 1, 2%")),
            "::warning file=clusters/a b%2Cc%3A100%25/wért&.yaml,line=1,endLine=1,col=1,endColumn=2,\
             title=helm-clas (mode-spelling)::clusters/a b,c:100%25/wért&.yaml:1:1: a%0D%0Ab: 1, 2%25\n",
        );
    }

    #[test]
    fn have_no_columns_over_several_lines() {
        check(
            &run_of("v", "a: \"b\r\n c\"\r\n", "\"b\r\n c\"", Finding::new(Rule::LeftInMigration, "x")),
            "::notice file=v,line=1,endLine=2,title=helm-clas (left-in-migration)::v:1:4: x\n",
        );
    }

    #[test]
    fn stand_on_the_first_line_where_they_are_about_the_whole_file() {
        check(
            &run_of("v", "a: 1\n", "", Finding::new(Rule::MissingValue, "x")),
            "::error file=v,line=1,title=helm-clas (missing-value)::v: x\n",
        );
        check(&Run::default(), "");
    }
}

mod gitlab_code_quality {
    use super::*;

    const SCHEMA: &str = "testdata/formats/gitlab-code-quality.schema.json";

    #[test]
    fn has_one_object_a_finding() {
        let run = run_of("./v.yaml", "a: é\nclusterMode: klas\n", "klas", unknown_mode());
        let expected = r#"[
  {
    "description": "`klas` is not a cluster mode; did you mean `clas`?",
    "check_name": "unknown-mode",
    "fingerprint": "61571c364970813e:1",
    "severity": "major",
    "location": {
      "path": "v.yaml",
      "lines": {
        "begin": 2
      }
    }
  }
]
"#;
        assert_eq!(gitlab::check(&run), expected);
        assert_eq!(gitlab::check(&Run::default()), "[]\n");
    }

    #[test]
    fn fits_the_documentation_and_repeats_no_fingerprint() {
        let report = valid(SCHEMA, &gitlab::check(&variety()));
        let violations = report.as_array().unwrap();
        let mut fingerprints: Vec<&str> = violations.iter().map(|it| it["fingerprint"].as_str().unwrap()).collect();
        fingerprints.sort_unstable();
        fingerprints.dedup();
        assert_eq!(fingerprints.len(), variety().all_findings().count());
        assert_eq!(violations.last().unwrap()["location"]["path"], "clusters/two.yaml");
    }
}

mod sarif_log {
    use super::*;

    const SCHEMA: &str = "testdata/formats/sarif-2.1.0.schema.json";

    fn only_result(run: &Run) -> Value {
        valid(SCHEMA, &sarif::check(run))["runs"][0]["results"][0].clone()
    }

    #[test]
    fn fits_the_standard() {
        let run = variety();
        let log = valid(SCHEMA, &sarif::check(&run));
        let results = log["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), run.all_findings().count());
        let rules = &log["runs"][0]["tool"]["driver"]["rules"];
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(result["ruleId"], rules[index]["id"]);
            // GitHub refuses a whole log for one result that has no place
            assert!(result["locations"][0]["physicalLocation"]["region"]["startLine"].is_u64(), "{result:#}");
        }
        let empty = valid(SCHEMA, &sarif::check(&Run::default()));
        assert_eq!(empty["runs"][0]["results"], json!([]));
    }

    /// The lengths are those that "SARIF support for code scanning" names.
    #[test]
    fn tells_of_every_rule_what_code_scanning_shows() {
        let log = valid(SCHEMA, &sarif::check(&Run::default()));
        assert_eq!(log["runs"][0]["columnKind"], "unicodeCodePoints");
        let driver = &log["runs"][0]["tool"]["driver"];
        assert_eq!((&driver["name"], &driver["version"]), (&json!("helm-clas"), &json!(env!("CARGO_PKG_VERSION"))));
        let rules = driver["rules"].as_array().unwrap();
        assert_eq!(rules.len(), Rule::ALL.len());
        for (described, rule) in rules.iter().zip(Rule::ALL) {
            assert_eq!(described["id"], rule.name());
            assert_eq!(described["shortDescription"]["text"], rule.defect());
            let full = described["fullDescription"]["text"].as_str().unwrap();
            assert!(full.ends_with('.') && (20..1024).contains(&full.len()), "{}: {full}", rule.name());
            assert_eq!(described["help"]["markdown"], rule.page());
        }
    }

    #[test]
    fn says_where_and_how_much() {
        let text = "a: é\nclusterMode: klas\n";
        let result = only_result(&run_of(AWKWARD, text, "klas", unknown_mode().weighing(Severity::Info)));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"], json!({ "uri": "clusters/a%20b%2Cc%3A100%25/w%C3%A9rt%26.yaml" }));
        assert_eq!(place["region"], json!({ "startLine": 2, "startColumn": 14, "endLine": 2, "endColumn": 18 }));
        assert_eq!(result["level"], "note");
        assert_eq!(result["message"]["text"], "`klas` is not a cluster mode\nhelp: did you mean `clas`?");
        assert_eq!(result.get("fixes"), None);
    }

    #[test]
    fn counts_the_columns_of_each_line_and_none_for_a_byte_order_mark() {
        let text = "\u{feff}a: \"\u{1f600}b\r\n c\"\r\n";
        let result = only_result(&run_of("v", text, "\"\u{1f600}b\r\n c\"", unknown_mode()));
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!(region, &json!({ "startLine": 1, "startColumn": 4, "endLine": 2, "endColumn": 4 }));
    }

    /// The byte at a line and a column, counted as an editor does.
    fn byte_at(text: &str, line: &Value, column: &Value) -> usize {
        let [line, column] = [line, column].map(|it| usize::try_from(it.as_u64().unwrap()).unwrap() - 1);
        let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let start = text[mark..].split_inclusive('\n').take(line).map(str::len).sum::<usize>() + mark;
        start + text[start..].chars().take(column).map(char::len_utf8).sum::<usize>()
    }

    #[track_caller]
    fn check_fix(text: &str, path: &str, change: Change) {
        let fix = Fix { address: Address::whole(text, vec![path.to_owned()]), change };
        let result = only_result(&run_of("v.yaml", text, path, unknown_mode().fixed_by(fix.clone())));
        let change = &result["fixes"][0]["artifactChanges"][0];
        assert_eq!(change["artifactLocation"]["uri"], "v.yaml");
        let region = &change["replacements"][0]["deletedRegion"];
        let start = byte_at(text, &region["startLine"], &region["startColumn"]);
        let end = byte_at(text, &region["endLine"], &region["endColumn"]);
        let inserted = change["replacements"][0]["insertedContent"]["text"].as_str().unwrap();
        let applied = format!("{}{inserted}{}", &text[..start], &text[end..]);
        assert_eq!(applied, fix::edited(text, &fix).unwrap().text);
        assert_ne!(applied, text);
    }

    #[test]
    fn has_the_fix_that_the_tool_would_make() {
        check_fix("\u{feff}# wért\r\nclusterMode: CLAS # x\r\n", "clusterMode", Change::Text("clas".to_owned()));
        check_fix("a: 1\nuseTLS: 'true'\n", "useTLS", Change::Word("true".to_owned()));
        check_fix("a: 1\nclustermode: clas\n", "clustermode", Change::Name("clusterMode".to_owned()));
    }

    #[test]
    fn has_no_fix_that_would_show_a_secret_or_cannot_be_made() {
        let change = || Change::Text("x".to_owned());
        for (text, path) in [("cluster_token: 'y'\n", "cluster_token"), ("a: &b y\n", "a"), ("a: 'x'\n", "a")] {
            let fix = Fix { address: Address::whole(text, vec![path.to_owned()]), change: change() };
            let result = only_result(&run_of("v.yaml", text, path, unknown_mode().fixed_by(fix)));
            assert_eq!(result.get("fixes"), None, "{text}");
        }
    }
}

mod junit_xml {
    use super::*;

    /// What a real reader finds in a report.
    fn read(report: &str) -> Value {
        const READER: &str = "
import json, sys, xml.etree.ElementTree as tree
def shown(element):
    text = element.text if len(element) == 0 else None
    return [element.tag, element.attrib, text, [shown(child) for child in element]]
json.dump(shown(tree.fromstring(sys.stdin.buffer.read())), sys.stdout)";
        let mut reader = Command::new("python3")
            .args(["-c", READER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is there");
        reader.stdin.take().unwrap().write_all(report.as_bytes()).unwrap();
        let output = reader.wait_with_output().unwrap();
        assert!(output.status.success(), "{report}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    #[test]
    fn has_a_test_case_for_each_file() {
        let mut run = run_of("./v.yaml", "a: 1\nclusterMode: klas\n", "klas", unknown_mode());
        run.files.push(file("clean.yaml", "", None, Vec::new()));
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="helm-clas" tests="2" failures="1" errors="0">
  <testsuite name="helm-clas check" tests="2" failures="1" errors="0">
    <testcase classname="helm-clas check" name="v.yaml" file="v.yaml">
      <failure type="unknown-mode" message="`klas` is not a cluster mode">v.yaml:2:14: error[unknown-mode]: `klas` is not a cluster mode
help: did you mean `clas`?
</failure>
    </testcase>
    <testcase classname="helm-clas check" name="clean.yaml" file="clean.yaml"/>
  </testsuite>
</testsuites>
"#;
        assert_eq!(junit::check(&run), expected);
        read(&junit::check(&Run::default()));
    }

    #[test]
    fn is_read_as_it_was_meant() {
        let report = read(&junit::check(&variety()));
        let suite = &report[3][0];
        assert_eq!(suite[1]["tests"], "5");
        assert_eq!(suite[1]["failures"], "3");
        let cases = suite[3].as_array().unwrap();
        let names: Vec<&Value> = cases.iter().map(|case| &case[1]["name"]).collect();
        assert_eq!(names, [AWKWARD, "clusters/two.yaml", "clean.yaml", "broken.yaml", "all files together"]);
        let [failure, printed] = &cases[1][3].as_array().unwrap()[..] else { panic!("{}", cases[1]) };
        assert_eq!(failure[1], json!({ "type": "missing-value", "message": "`pce_url` is missing (and 4 more)" }));
        let masked = "http://********@proxy is <b>\u{fffd}[1m]]>\r\n100%, no URL";
        let expected = format!(
            "clusters/two.yaml: error[missing-value]: `pce_url` is missing\n\
             clusters/two.yaml: error[missing-value]: `cluster_id` is missing\n\
             clusters/two.yaml:1:14: error[wrong-type]: several lines\n\
             clusters/two.yaml:3:16: error[bad-cluster-token]: too short\n\
             clusters/two.yaml:5:1: error[wrong-type]: {masked}\nhelp: {masked}\n"
        );
        assert_eq!(failure[2], expected);
        assert_eq!(printed[2], "clusters/two.yaml:1:14: info[left-in-migration]: between two modes\n");
        assert_eq!(cases[4][3][0][0], "system-out");
    }
}

#[test]
fn findings_lead_to_the_manual_that_is_named() {
    let folder = Folder::with("v.yaml", "clusterMode: klas\n");
    let ran = |manual: &str, line: &str| {
        let mut command = folder.command(line.split_whitespace());
        command.env("HELM_CLAS_MANUAL", manual);
        Ran::of(command, line)
    };
    let page = "https://docs.example.org/clas/src/rule/unknown-mode.html";
    for manual in ["https://docs.example.org/clas", "https://docs.example.org/clas/"] {
        for (line, at) in [
            ("check --partial -o json v.yaml", "/files/0/findings/0"),
            ("status -f v.yaml -o json", "/files/0/findings/0"),
            ("migrate -f v.yaml --version 5.1.0 --pce-version 24.2.20 -o json", "/findings/0"),
        ] {
            let answer = ran(manual, line).json();
            let finding = answer.pointer(at).unwrap_or_else(|| panic!("{line}: {answer}"));
            assert_eq!(
                (finding["rule"].as_str(), finding["url"].as_str()),
                (Some("unknown-mode"), Some(page)),
                "{line}"
            );
            fits(&answer);
        }
        let sarif = ran(manual, "check --partial -o sarif v.yaml").json();
        let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        for rule in rules {
            let expected = format!("https://docs.example.org/clas/src/rule/{}.html", rule["id"].as_str().unwrap());
            assert_eq!(rule["helpUri"], expected);
        }
        let markdown = ran(manual, "check --partial -o markdown v.yaml").stdout;
        assert!(markdown.contains(&format!("[`unknown-mode`]({page})")), "{markdown}");
        let linked = ran(manual, "check --partial --color always v.yaml");
        assert!(linked.stdout.contains(&format!("\u{1b}]8;;{page}\u{1b}\\")), "{linked}");
        let plain = ran(manual, "check --partial v.yaml");
        assert!(!plain.stdout.contains(page), "{plain}");
    }
    let with_login = ran("https://me:geheim@x/", "check --partial -o json v.yaml");
    assert!(with_login.stderr.contains("HELM_CLAS_MANUAL"), "{with_login}");
    assert!(!with_login.to_string().contains(SECRET), "{with_login}");
    for manual in ["docs", "ftp://x", "javascript:alert(1)", "https://x/\u{1b}]8", "https://x/a b", "https://x/)<b>"] {
        let ran = ran(manual, "check --partial -o json v.yaml");
        assert!(ran.stderr.contains("HELM_CLAS_MANUAL"), "{manual:?}: {ran}");
        assert_eq!(ran.json()["files"][0]["findings"][0]["url"], Value::Null, "{manual:?}");
    }
    assert!(!ran("", "check --partial -o json v.yaml").stderr.contains("MANUAL"));
}
