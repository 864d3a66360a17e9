//! The command line as a script meets it: exit codes, streams, colours, JSON, bad input, secrets, and `git apply`.

use std::{fmt::Write as _, fs, path::Path};

use serde_json::{Value, json};

use crate::support::{
    program::{FIT, Folder, Ran},
    schema::{closed, output_schema, read_json},
};

const LEGACY: &str = "networkType: overlay\nclusterMode: legacy # why\nverbosity: 0\n";

const DIFF: &str = "\
--- a/v.yaml
+++ b/v.yaml
@@ -1,3 +1,3 @@
 networkType: overlay
-clusterMode: legacy # why
+clusterMode: migrateLegacyToClas # why
 verbosity: 0
";

// Streams.

#[test]
fn the_diff_alone_goes_to_standard_output() {
    let folder = Folder::with("v.yaml", LEGACY);
    let ran = folder.run(&format!("migrate -f v.yaml {FIT}")).exits(0).prints(DIFF);
    ran.says("v.yaml: legacy -> migrateLegacyToClas").says("helm upgrade illumio").says("migrate --finish");
    folder.run(&format!("migrate -q -f v.yaml {FIT}")).exits(0).prints(DIFF).says_only("");
    assert_eq!(folder.read("v.yaml"), LEGACY.as_bytes());
}

#[test]
fn quiet_is_silent_where_there_is_nothing_to_do_and_says_why_not() {
    let folder = Folder::with("v.yaml", LEGACY);
    folder.run(&format!("revert -q -f v.yaml {FIT}")).exits(0).prints("").says_only("");
    folder.run(&format!("migrate -q --finish -f v.yaml {FIT}")).exits(1).prints("").says("error[wrong-step]");
    folder.run(&format!("migrate -q -f absent.yaml {FIT}")).exits(2).prints("").says("absent.yaml");
}

#[test]
fn a_warning_is_said_and_stops_nothing() {
    let folder = Folder::with("v.yaml", LEGACY.replace("legacy", "LEGACY"));
    let ran = folder.run(&format!("migrate -q -f v.yaml {FIT}"));
    ran.exits(0).prints(&DIFF.replace("legacy", "LEGACY")).says("warning[mode-spelling]");
}

#[test]
fn the_filter_prints_the_file_and_nothing_else() {
    let folder = Folder::new();
    let filter = |verb: &str, input: &str| folder.run_on(&format!("{verb} -f - -o yaml {FIT}"), input);
    for input in [LEGACY.to_owned(), LEGACY.replace('\n', "\r\n"), format!("\u{feff}{}", LEGACY.trim_end())] {
        filter("migrate", &input).exits(0).prints(&input.replace("legacy", "migrateLegacyToClas")).says_only("");
        filter("revert", &input).exits(0).prints(&input).says_only("");
        filter("migrate --finish", &input).exits(1).prints("").says("error[wrong-step]");
    }
}

#[test]
fn an_answer_that_cannot_be_delivered_is_a_failure() {
    let folder = Folder::with("v.yaml", LEGACY);
    if !Path::new("/dev/full").exists() {
        return println!("skipped: this system has no /dev/full");
    }
    for command in every_command() {
        let ran = folder.sh(&format!("helm-clas {command} >/dev/full"));
        ran.exits(2).says("error: cannot write to standard output: No space left on device");
    }
    // there is nowhere to print it, but the exit code shows it
    folder.sh("helm-clas migrate -f absent.yaml 2>/dev/full").exits(2);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = Folder::with("v.yaml", LEGACY);
    for command in every_command() {
        let script = format!("{{ helm-clas {command}; echo \"exit code $?\" >&2; }} | head -n 0");
        folder.sh(&script).exits(0).says("exit code 0\n");
        folder.sh(&format!("helm-clas {command} >&-")).exits(0);
        folder.sh(&format!("helm-clas {command} 2>&-")).exits(0);
    }
}

/// One call of each command and form, on `v.yaml`.
fn every_command() -> Vec<String> {
    let forms = ["text", "json", "yaml"].map(|form| format!("migrate -f v.yaml -o {form} {FIT}"));
    let others = ["compat", "rules", "explain blank-mode", "version"].map(str::to_owned);
    forms.into_iter().chain(others).collect()
}

// Exit codes.

#[track_caller]
fn exit_code(line: &str, expected: i32) {
    let folder = Folder::with("v.yaml", LEGACY);
    let ran = folder.run(line).exits(expected);
    assert_eq!(folder.read("v.yaml"), LEGACY.as_bytes(), "{ran}");
    assert!(expected == 0 || ran.stdout.is_empty(), "{ran}");
}

#[test]
fn zero_is_shown_or_already_there() {
    exit_code(&format!("migrate -f v.yaml {FIT}"), 0);
    exit_code(&format!("revert -f v.yaml {FIT}"), 0);
    exit_code(&format!("revert --finish --write -f v.yaml {FIT}"), 0);
    exit_code("version", 0);
    exit_code("--help", 0);
    exit_code("migrate -h", 0);
    exit_code("compat --version 5.1.0 --pce-version 24.2.20", 0);
}

#[test]
fn one_is_refused() {
    exit_code(&format!("migrate --finish -f v.yaml {FIT}"), 1);
    exit_code("migrate -f v.yaml", 1);
    exit_code("migrate -f v.yaml --write --version 5.1 --pce-version 24.2.20", 1);
    exit_code("migrate -f v.yaml --write --version= --pce-version=", 1);
    let folder = Folder::new();
    folder.run("compat --version 4.0.0 --pce-version 24.2.20").exits(1).says_only("");
}

#[test]
fn two_is_a_tool_that_could_not_do_its_work() {
    for line in ["", "klas", "migrate", "migrate --finsh", "migrate -f", "explain", "explain klas", "version v.yaml"] {
        exit_code(line, 2);
    }
    exit_code(&format!("revert --unset -f v.yaml {FIT}"), 2);
    exit_code(&format!("migrate --unset --finish -f v.yaml {FIT}"), 2);
    exit_code(&format!("migrate -f v.yaml -o sarif {FIT}"), 2);
    exit_code(&format!("migrate -f v.yaml --write -o yaml {FIT}"), 2);
    exit_code("compat --pce-version 24.2.20", 2);
    exit_code("compat --version 5.1.0", 2);
    exit_code("compat --version 5.1 --pce-version 24.2.20", 2);
    exit_code("compat --version 5.1.0 --pce-version 24.2", 2);
}

#[test]
fn what_people_are_used_to_is_answered_with_words_that_help() {
    let folder = Folder::with("v.yaml", LEGACY);
    let says = |line: &str, words: &str| {
        folder.run(line).exits(2).prints("").says(words);
    };
    says("check -f v.yaml", "name files without -f: check v.yaml");
    says(&format!("migrate --unset -f v.yaml {FIT}"), "or use `revert --finish --unset`");
    says(&format!("migrate --dry-run -f v.yaml {FIT}"), "without --write the tool changes nothing");
    says(&format!("revert --dry-run=server -f v.yaml {FIT}"), "without --write the tool changes nothing");
    says(&format!("migrate -f https://example.com/v.yaml {FIT}"), "download it first");
    for name in ["Bad Name", "a_b", "-a", "a.", &"a".repeat(54)] {
        says(&format!("migrate -f v.yaml --release '{name}' {FIT}"), "lower-case letters");
    }
    folder.run(&format!("migrate -f v.yaml --release a.b-c1 {FIT}")).exits(0).says("helm upgrade a.b-c1 ");
    says("compat --pce-version auto", "add --version, such as --version 5.1.0");
    says("check --diff -o sarif v.yaml", "use only one of them");
    folder.run("check --partial --diff -o text v.yaml").exits(0);
    says("explain WRONG-STEP", "did you mean `wrong-step`?");
}

#[test]
fn help_is_there_in_each_of_its_forms() {
    let folder = Folder::new();
    let help = folder.run("migrate --help").exits(0).stdout;
    folder.run("help migrate").exits(0).prints(&help);
    folder.run("help").exits(0).prints(&folder.run("--help").stdout);
    let short = folder.run("").exits(2).prints("").stderr;
    assert!(short.contains("Commands:"), "{short}");
    // Helm sets it
    folder.sh("HELM_NAMESPACE=default helm-clas").exits(2).says_only(&short);
    let page = folder.run("man migrate").exits(0).stdout;
    let version = env!("CARGO_PKG_VERSION");
    assert!(page.contains(".TH helm-clas-migrate 1") && page.contains(&format!("helm-clas {version}")), "{page}");
}

// Colours.

#[test]
fn colours_are_where_they_are_wanted() {
    let folder = Folder::with("v.yaml", LEGACY);
    let is_coloured = |environment: &[(&str, &str)], options: &str| {
        let line = format!("{options} migrate -f v.yaml {FIT}");
        let mut command = folder.command(line.split_whitespace());
        command.envs(environment.iter().copied());
        let ran = Ran::of(command, &line).exits(0);
        let [stdout, stderr] = [&ran.stdout, &ran.stderr].map(|text| text.contains('\u{1b}'));
        // what is piped is a patch to be applied: it has colours only where the command line asks for them
        assert_eq!(stdout, stderr && options.contains("always"), "{environment:?} {ran}");
        stderr
    };
    // none of this is a terminal
    assert!(!is_coloured(&[], ""));
    assert!(!is_coloured(&[], "--color auto"));
    assert!(is_coloured(&[], "--color always"));
    assert!(is_coloured(&[("NO_COLOR", "1")], "--color=always"));
    assert!(is_coloured(&[("CLICOLOR_FORCE", "1")], ""));
    assert!(!is_coloured(&[("CLICOLOR_FORCE", "1")], "--color never"));
    assert!(!is_coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], ""));
}

#[test]
fn help_and_what_is_not_taken_have_the_same_colours() {
    let folder = Folder::new();
    for line in ["migrate --help", "check", "migrate --nothing"] {
        let is_coloured = |environment: &[(&str, &str)], options: &str| {
            let line = format!("{options} {line}");
            let mut command = folder.command(line.split_whitespace());
            command.envs(environment.iter().copied());
            let ran = Ran::of(command, &line);
            ran.stdout.contains('\u{1b}') || ran.stderr.contains('\u{1b}')
        };
        assert!(!is_coloured(&[], ""), "{line}");
        assert!(!is_coloured(&[("CLICOLOR_FORCE", "0")], ""), "{line}");
        assert!(!is_coloured(&[("FORCE_COLOR", "0")], ""), "{line}");
        assert!(is_coloured(&[("CLICOLOR_FORCE", "1")], ""), "{line}");
        assert!(is_coloured(&[("FORCE_COLOR", "1")], ""), "{line}");
        assert!(is_coloured(&[], "--color always"), "{line}");
        assert!(is_coloured(&[("CLICOLOR_FORCE", "0")], "--color=always"), "{line}");
        assert!(!is_coloured(&[("FORCE_COLOR", "1")], "--color never"), "{line}");
    }
}

#[test]
fn answers_for_machines_have_no_colours() {
    let folder = Folder::with("v.yaml", LEGACY);
    let line = format!("--color always migrate -f v.yaml {FIT}");
    folder.run(&format!("{line} -o yaml")).prints(&LEGACY.replace("legacy", "migrateLegacyToClas"));
    assert_eq!(folder.run(&format!("{line} -o json")).json()["diff"], DIFF);
}

// Options.

#[test]
fn options_of_all_commands_may_stand_anywhere() {
    let folder = Folder::with("v.yaml", LEGACY);
    let lines = [
        "migrate -f v.yaml --version 5.1.0 --pce-version 24.2.20 -n ns --color always -q",
        "--color always --version 5.1.0 migrate -q -f v.yaml -nns --pce-version=24.2.20",
        "--version=5.1.0 -q --namespace ns --color=always migrate --values v.yaml --pce-version 24.2.20",
        "--debug -nns migrate --values=v.yaml --debug=true -q --pce-version 24.2.20 --version 5.1.0 --color always",
        "migrate --qps 5 --burst-limit=100 -fv.yaml --pce-version 24.2.20 --version 5.1.0 -qn ns --color always",
    ];
    let answers = lines.map(|line| folder.run(line).exits(0).says_only("").stdout);
    assert!(answers[0].contains("\u{1b}["), "{}", answers[0]);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
}

#[test]
fn the_namespace_is_that_of_helm_unless_it_is_only_its_default() {
    let folder = Folder::with("v.yaml", LEGACY);
    let namespace = |environment: Option<&str>, options: &str| {
        let line = format!("migrate -f v.yaml {FIT} -o json {options}");
        let mut command = folder.command(line.split_whitespace());
        command.envs(environment.map(|value| ("HELM_NAMESPACE", value)));
        let step = Ran::of(command, &line).exits(0).json();
        let words = step["helmCommand"].as_array().unwrap();
        assert_eq!(words[3], "-n");
        words[4].as_str().unwrap().to_owned()
    };
    assert_eq!(namespace(None, ""), "illumio-system");
    assert_eq!(namespace(Some(""), ""), "illumio-system");
    assert_eq!(namespace(Some("default"), ""), "illumio-system");
    assert_eq!(namespace(Some("east"), ""), "east");
    assert_eq!(namespace(Some("east"), "-nwest"), "west");
    assert_eq!(namespace(Some("east"), "--namespace=west"), "west");
    assert_eq!(namespace(Some("east"), "-n default"), "illumio-system");
    assert_eq!(namespace(Some("east"), "--namespace="), "illumio-system");
}

#[test]
fn commands_that_are_printed_can_be_run() {
    let folder = Folder::with("my values.yaml", LEGACY);
    folder.write("it's.yaml", LEGACY);
    let mut command = folder.command(["migrate", "--write", "-f", "my values.yaml", "-f", "it's.yaml"]);
    let options = "--release r --chart ./chart -n ns --version 5.1.0 --pce-version 23.5.10";
    command.args(options.split_whitespace());
    let ran = Ran::of(command, "migrate --write").exits(0).says("The file is changed.");
    let next = ran.stderr.split("\nNext\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let script = format!("helm() {{ shift; helm-clas \"$@\"; }}\n{next} --write");
    folder.sh(&script).exits(0).says("-f 'my values.yaml'").says("helm upgrade r -n ns").says("./chart");
    let expected = LEGACY.replace("legacy", "clas");
    assert_eq!(folder.read("it's.yaml"), expected.as_bytes(), "the last file that names the mode decides");
    assert_eq!(folder.read("my values.yaml"), LEGACY.as_bytes());
}

// JSON.

/// What each command prints as JSON, in all its forms.
fn every_answer(folder: &Folder) -> Vec<Value> {
    folder.write("v.yaml", LEGACY);
    folder.write("absent.yaml", "networkType: flat\n");
    folder.write("only.yaml", "clusterMode: migrateClasToLegacy\n");
    folder.write("klas.yaml", "clusterMode: klas\nclustermode: é\n");
    folder.write("broken.yaml", "a: [\n");
    folder.write("bytes.yaml", b"\xff");
    folder.write("empty.yaml", "");
    folder.write("matrix.yaml", fs::read_to_string("schemas/compatibility.yaml").unwrap());
    folder.write("written.yaml", LEGACY);
    let mut lines: Vec<String> = [
        "migrate -f v.yaml",
        "migrate -f empty.yaml",
        "migrate -f absent.yaml",
        "migrate -f absent.yaml -f v.yaml -f empty.yaml",
        "migrate -f written.yaml --write",
        "migrate -f written.yaml --write",
        "migrate --finish -f v.yaml",
        "revert -f v.yaml",
        "revert --finish -f only.yaml",
        "revert --finish --unset -f v.yaml",
        "revert --finish --unset -f only.yaml",
        "revert --finish --unset -f v.yaml -f only.yaml",
        "migrate -f klas.yaml",
        "migrate -f broken.yaml -f v.yaml",
        "migrate -f bytes.yaml",
        "migrate -f -",
    ]
    .iter()
    .map(|line| format!("{line} {FIT}"))
    .collect();
    lines.extend(helm_clas::Rule::ALL.iter().map(|rule| format!("explain {}", rule.name())));
    lines.extend(
        [
            "migrate -f v.yaml",
            "migrate -f v.yaml --version 5.1 --pce-version 24.2",
            "migrate -f v.yaml --version 4.0.0 --pce-version 21.1.0",
            "revert -f v.yaml --version 5.0.0-rc.1+b --pce-version 23.5.0+A1-2",
            "compat",
            "compat --version 5.1.0 --pce-version 23.5.0+A1",
            "compat --version 5.1.0 --pce-version 24.2.20 --compat matrix.yaml",
            "rules",
            "version",
        ]
        .map(str::to_owned),
    );
    let ran = lines.iter().map(|line| folder.run_on(&format!("{line} -o json"), LEGACY));
    ran.map(|ran| {
        assert!(matches!(ran.code, Some(0 | 1)), "{ran}");
        assert_eq!(ran.stderr, "", "{ran}");
        ran.json()
    })
    .collect()
}

#[test]
fn every_answer_fits_the_schema_and_the_schema_fits_nothing_else() {
    let schema = output_schema();
    let is_open = jsonschema::validator_for(&schema).unwrap();
    let is_closed = closed(schema.clone());
    let answers = every_answer(&Folder::new());
    let mut statuses: Vec<&str> = answers.iter().filter_map(|answer| answer["status"].as_str()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    assert_eq!(statuses, ["already", "refused", "step"]);
    for form in ["step", "compat", "rules", "rule", "version"] {
        let word = &schema["$defs"][form]["properties"]["schema"]["const"];
        assert!(answers.iter().any(|answer| answer["schema"] == *word), "no answer has the form {word}");
    }
    for answer in answers {
        let errors: Vec<String> =
            is_closed.iter_errors(&answer).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{answer:#}");
        let is_list_of_text = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
        for (field, value) in answer.as_object().unwrap() {
            let other = if is_list_of_text(value) { json!([1]) } else { json!([{ "x": "y" }]) };
            let mut wrong = answer.clone();
            wrong[field] = other;
            assert!(!is_open.is_valid(&wrong), "`{field}` may be anything in\n{wrong:#}");
        }
        let mut newer = answer.clone();
        newer["aFieldToCome"] = json!(1);
        assert!(is_open.is_valid(&newer) && !is_closed.is_valid(&newer));
    }
}

#[test]
fn a_failure_is_an_object_too() {
    let validator = jsonschema::validator_for(&read_json("schemas/output.schema.json")).unwrap();
    let folder = Folder::with("broken.yaml", "rows: [");
    for command in [
        &format!("migrate -f absent.yaml {FIT}"),
        &format!("revert -f absent.yaml {FIT}"),
        &format!("compat --compat broken.yaml {FIT}"),
        "check --compat absent.yaml x.yaml",
        "check absent.yaml",
        "status absent.yaml",
        "status -f absent.yaml",
        "explain klas",
        "policy absent",
        "policy export broken.yaml",
        "verify -f absent.yaml",
    ] {
        let ran = folder.run(&format!("{command} -o json")).exits(2).says("error: ");
        let answer = ran.json();
        assert!(validator.is_valid(&answer), "{ran}");
        if answer["schema"] == "helm-clas/failure/v1" {
            let message = answer["message"].as_str().unwrap();
            assert!(ran.stderr.starts_with(&format!("error: {message}\n")), "{ran}");
        }
        folder.run(command).exits(2).prints("");
    }
}

#[test]
fn a_written_step_says_so() {
    let folder = Folder::with("v.yaml", LEGACY);
    let line = format!("migrate --write -o json -f v.yaml {FIT}");
    let first = folder.run(&line).exits(0).json();
    assert_eq!((&first["status"], &first["written"]), (&json!("step"), &json!(true)));
    let second = folder.run(&line).exits(0).json();
    assert_eq!((&second["status"], &second["written"]), (&json!("already"), &json!(false)));
}

#[test]
fn the_shipped_matrix_fits_its_schema() {
    let schema = jsonschema::validator_for(&read_json("schemas/compatibility.schema.json")).unwrap();
    let matrix: Value = serde_yaml::from_str(&fs::read_to_string("schemas/compatibility.yaml").unwrap()).unwrap();
    let errors: Vec<String> = schema.iter_errors(&matrix).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn a_broken_matrix_is_refused_by_its_schema_and_by_the_tool() {
    let shipped = fs::read_to_string("schemas/compatibility.yaml").unwrap();
    let schema = jsonschema::validator_for(&read_json("schemas/compatibility.schema.json")).unwrap();
    let folder = Folder::with("v.yaml", LEGACY);
    let check = |from: &str, to: &str, reason: &str| {
        assert!(shipped.contains(from), "{from}");
        let broken = shipped.replacen(from, to, 1);
        let fits = serde_yaml::from_str::<Value>(&broken).is_ok_and(|matrix| schema.is_valid(&matrix));
        assert!(!fits, "{to}");
        folder.write("broken.yaml", broken);
        for command in ["compat", "migrate -f v.yaml", "revert -f v.yaml --write"] {
            let ran = folder.run(&format!("{command} --compat broken.yaml {FIT}")).exits(2).prints("");
            ran.says("error: broken.yaml is not a compatibility matrix: ").says(reason);
        }
    };
    check("schema: helm-clas/compatibility/v1", "schema: v2", "unknown variant `v2`");
    check("matrix:", "# matrix:", "missing field `matrix`");
    check("rows:", "rows: 1\nx:", "line ");
    check("    source: chart README 5.7.0", "", "missing field `source`");
    check("    else: always\n", "", "row `clas-needs-chart`: `rule` and `else` belong together");
    check("else: always", "else: never", "unknown variant `never`");
    check("rule: chart-too-old", "rule: too-old", "unknown variant `too-old`");
    check("needs: { chart: 5.0.0 }", "needs: {}", "`needs` must name exactly one version");
    check("needs: { chart: 5.0.0 }", "needs: { chart: 5.0 }", "`5.0` is not an exact version");
    check("needs: { pce: 23.5.10 }", "needs: { pce: 23.5 }", "`23.5` is not one exact PCE version");
    check("{ modes: clas }", "{ modes: legacy }", "unknown variant `legacy`");
    check("{ modes: clas }", "{ mode: clas }", "unknown field `mode`");
    check("text: CLAS needs", "text: [CLAS needs", "line ");
}

// Bad input.

/// Gives the program a file, twice; whether it is refused or cannot be read, it says so once, and leaves it alone.
#[track_caller]
fn bad_input(content: impl AsRef<[u8]>, code: i32, says: &str) {
    let folder = Folder::with("bad.yaml", &content);
    for command in ["migrate --write", "revert --finish --unset --write"] {
        let ran = folder.run(&format!("{command} -f bad.yaml {FIT}")).exits(code).prints("").says(says);
        assert_eq!(ran.stderr.matches("error").count(), 1, "{ran}");
        assert!(ran.stderr.contains("bad.yaml"), "{ran}");
        assert!(ran.stderr.len() < 1500, "{ran}");
    }
    assert!(folder.read("bad.yaml") == content.as_ref(), "the file changed");
    assert_eq!(folder.names(), ["bad.yaml"]);
}

#[test]
fn a_file_that_is_no_text_is_refused() {
    bad_input(b"\x7fELF\x02\x01\x01\0\0\0", 1, "error[invalid-yaml]: Helm rejects a file with this control character");
    bad_input(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 1, "error[invalid-yaml]: the file is not text");
    bad_input(b"a: 1\nclusterMode: leg\xe9cy\n", 1, "line 2, column 17 is not UTF-8");
    bad_input(b"clusterMode: legacy\0\n", 1, "error[invalid-yaml]");
    let wide: Vec<u8> = LEGACY.encode_utf16().flat_map(u16::to_le_bytes).collect();
    bad_input([b"\xff\xfe", wide.as_slice()].concat(), 1, "error[outside-dialect]: the file is UTF-16");
    bad_input(wide, 1, "error[invalid-yaml]");
}

#[test]
fn a_file_beyond_all_measure_is_refused_at_once() {
    bad_input("a: 1\n".repeat(4 * 1024 * 1024), 1, "error[outside-dialect]: longer than 16 MiB");
    bad_input("[".repeat(10_000), 1, "error[outside-dialect]: nested more than");
    bad_input("{a: ".repeat(10_000), 1, "error[outside-dialect]: nested more than");
    let stairs = (0..2_000).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "a:\n");
    bad_input(stairs, 1, "error[outside-dialect]: nested more than");
    let bomb = (1..12).fold("a0: &a0 [x]\n".to_owned(), |mut text, level| {
        let aliases = vec![format!("*a{}", level - 1); 9].join(",");
        writeln!(text, "a{level}: &a{level} [{aliases}]").unwrap();
        text
    });
    bad_input(bomb, 1, "error[outside-dialect]: the aliases in this file expand to");
    bad_input(format!("clusterMode: {}\n", "x".repeat(1 << 20)), 1, "error[unknown-mode]");
    bad_input(format!("clusterMode: legacy # {}\nx: [\n", "y".repeat(1 << 20)), 1, "error[invalid-yaml]");
}

#[test]
fn an_empty_file_is_one_without_values() {
    let folder = Folder::with("v.yaml", "");
    folder.run(&format!("migrate --write -f v.yaml {FIT}")).exits(1).says("error[foreign-values]: the file is empty");
    assert_eq!(folder.read("v.yaml"), b"");
    for file in ["v.yaml", "- < v.yaml"] {
        let ran = folder.sh(&format!("helm-clas check --no-skip --partial -o json {file}")).exits(1);
        assert!(ran.json()["files"][0]["mode"].is_null() && ran.stdout.contains("the file is empty"), "{ran}");
    }
    for content in ["\n", "# nothing yet\n", "---\n", "{}\n"] {
        let folder = Folder::with("v.yaml", content);
        // it may be any chart's, unless it is declared to be this one's
        folder
            .run(&format!("migrate -q --write -f v.yaml {FIT}"))
            .exits(1)
            .says("error[foreign-values]: none of the values");
        folder.run(&format!("revert --write -f v.yaml --path . {FIT}")).exits(0).says("v.yaml: already legacy");
        assert_eq!(folder.read("v.yaml"), content.as_bytes());
        folder.run(&format!("migrate -q --write -f v.yaml --path . {FIT}")).exits(0);
        let text = String::from_utf8(folder.read("v.yaml")).unwrap();
        assert!(text.contains("clusterMode: migrateLegacyToClas"), "{text}");
    }
}

/// A file that cannot be read: one sentence that names it, and help where there is any.
#[track_caller]
fn unreadable(folder: &Folder, name: &str, says: &str) {
    for command in ["migrate", "revert --finish --unset --write"] {
        let ran = folder.run(&format!("{command} -f {name} {FIT}")).exits(2).prints("");
        assert!(ran.stderr.starts_with(&format!("error: cannot read {name}: {says}")), "{ran}");
        assert_eq!(ran.stderr.matches("error: ").count(), 1, "{ran}");
    }
    folder.run(&format!("compat --compat {name}")).exits(2).prints("").says(&format!("cannot read {name}: {says}"));
}

#[test]
fn what_is_no_file_is_not_read() {
    let folder = Folder::new();
    unreadable(&folder, "absent.yaml", "No such file or directory");
    unreadable(&folder, "absent/v.yaml", "No such file or directory");
    fs::create_dir(folder.path("folder")).unwrap();
    unreadable(&folder, "folder", "it is a folder");
    unreadable(&folder, ".", "it is a folder");
    unreadable(&folder, "/dev/null", "it is not an ordinary file");
    unreadable(&folder, "/dev/zero", "it is not an ordinary file");
    folder.sh("mkfifo pipe && ln -s nowhere dangling && ln -s round round && : >file").exits(0);
    unreadable(&folder, "pipe", "it is not an ordinary file");
    unreadable(&folder, "dangling", "it is a symbolic link to nowhere, which does not exist");
    unreadable(&folder, "round", "Too many levels of symbolic links");
    unreadable(&folder, "file/v.yaml", "Not a directory");
    unreadable(&folder, &"x".repeat(300), "File name too long");
}

#[test]
fn a_file_without_permission_is_not_read() {
    let folder = Folder::with("v.yaml", LEGACY);
    let Some(bound) = folder.bound_by_modes() else {
        return println!("skipped: root, and no setpriv that takes its powers away");
    };
    let ran = folder.sh(&format!("chmod 0 v.yaml; {bound} helm-clas migrate -f v.yaml {FIT}"));
    ran.exits(2).prints("").says_only("error: cannot read v.yaml: Permission denied (os error 13)\n");
}

#[test]
fn a_name_that_is_empty_is_said_to_be() {
    let folder = Folder::with("v.yaml", LEGACY);
    let script = format!("helm-clas migrate -f \"$UNSET\" {FIT}");
    folder.sh(&script).exits(2).prints("").says("error: the name of a file is empty");
    folder.run(&format!("migrate -f v.yaml, {FIT}")).exits(2).prints("").says("error: the name of a file is empty");
}

#[test]
fn a_name_that_is_not_text_is_refused() {
    let folder = Folder::new();
    let script = format!("helm-clas migrate -f \"$(printf '\\377.yaml')\" {FIT}");
    folder.sh(&script).exits(2).prints("").says("error: invalid UTF-8");
}

#[test]
fn standard_input_is_read_once_and_not_written() {
    let folder = Folder::with("v.yaml", LEGACY);
    for line in ["-f - -f -", "-f v.yaml,- -f -", "-f - --compat -"] {
        let ran = folder.run_on(&format!("migrate {line} {FIT}"), LEGACY).exits(2).prints("");
        ran.says_only("error: `-` is given twice, but standard input can be read only once\n");
    }
    let ran = folder.run_on(&format!("migrate -f - --write {FIT}"), LEGACY).exits(2).prints("");
    ran.says("error: standard input cannot be changed by --write");
    // the file that is written is another one
    folder.run_on(&format!("migrate -q -f - -f v.yaml --write {FIT}"), "clusterMode: clas\n").exits(0).prints(DIFF);
    assert_eq!(folder.read("v.yaml"), LEGACY.replace("legacy", "migrateLegacyToClas").as_bytes());
}

#[test]
fn one_bad_file_among_good_ones_stops_all() {
    let folder = Folder::with("v.yaml", LEGACY);
    folder.write("bad.yaml", "a: [\n");
    for files in ["-f v.yaml -f bad.yaml", "-f bad.yaml -f v.yaml"] {
        let ran = folder.run(&format!("migrate --write {files} {FIT}")).exits(1).prints("");
        ran.says("error[invalid-yaml]").says("--> bad.yaml:");
    }
    folder.run(&format!("migrate --write -f v.yaml -f absent.yaml {FIT}")).exits(2).prints("").says("absent.yaml");
    assert_eq!(folder.read("v.yaml"), LEGACY.as_bytes());
}

// Secrets.

/// Of the shape of a cluster token, so it is one wherever it occurs.
const TOKEN: &str = "7_9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0";

/// Of no shape, so it is one behind the name of a secret only.
const WORD: &str = "Hunter2SaysOpenSesame";

/// Texts with `SECRET` in every position, under a name that says so.
const UNDER_A_NAME: &[&str] = &[
    "cluster_token: SECRET\nclusterMode: legacy\n",
    "clusterMode: legacy\ncluster_token: SECRET\n",
    "clusterMode: legacy\ncluster_token: SECRET",
    "\u{feff}cluster_token: SECRET\r\nclusterMode: legacy\r\n",
    "cluster_token:\tSECRET\nclusterMode: legacy\n",
    "cluster_token : SECRET\nclusterMode: legacy\n",
    "\"cluster_token\": 'SECRET'\nclusterMode: legacy\n",
    "CLUSTER-TOKEN: SECRET\nclusterMode: klas\n",
    "cven:\n  maintenanceToken: SECRET\nclusterMode: legacy\n",
    "cven: {maintenanceToken: SECRET}\nclusterMode: legacy\n",
    "{clusterMode: legacy, cluster_token: SECRET}\n",
    "{cluster_token: SECRET, clusterMode: legacy}\n",
    "{clusterMode: klas, cluster_token: SECRET}\n",
    "{\"clusterMode\": \"legacy\", \"cluster_token\": \"SECRET\"}\n",
    "{\n\"cluster_token\":\n\"SECRET\",\n\"clusterMode\": \"legacy\"}\n",
    "{clusterMode: legacy, cluster_token: SECRET, clusterMode: clas}\n",
    "imagePullSecrets:\n- SECRET\n- name: SECRET\nclusterMode: legacy\n",
    "passwords: [a, SECRET]\nclusterMode: legacy\n",
    "influxdb:\n  auth:\n    admin:\n      username: SECRET\n      password: SECRET\nclusterMode: legacy\n",
    "cluster_token: |\n  SECRET\n\n  SECRET\nclusterMode: legacy\n",
    "cluster_token: >-\n  SECRET\nclusterMode: legacy\n",
    "cluster_token: 'x\n  SECRET'\nclusterMode: legacy\n",
    "cluster_token:\n  SECRET\nclusterMode: legacy\n",
    "cluster_token: x\n  SECRET\nclusterMode: legacy\n",
    "# cluster_token: SECRET\nclusterMode: legacy\n",
    "clusterMode: legacy # cluster_token=SECRET\n",
    "clusterMode: klas # cluster_token: SECRET\n",
    "httpProxy: http://me:SECRET@proxy:3128\nclusterMode: legacy\n",
    // broken
    "cluster_token: \"SECRET\nclusterMode: legacy\n",
    "cluster_token: 'SECRET\nclusterMode: legacy\n",
    "cluster_token: SECRET\n\tclusterMode: legacy\n",
    "x:\n\tcluster_token: SECRET\nclusterMode: legacy\n",
    "cluster_token: [SECRET\nclusterMode: legacy\n",
    "cluster_token: {x: SECRET\nclusterMode: legacy\n",
    "cluster_token: |\n\tSECRET\nclusterMode: legacy\n",
    "cluster_token: |x SECRET\nclusterMode: legacy\n",
    "cluster_token: %SECRET\nclusterMode: legacy\n",
    "cluster_token: @SECRET\nclusterMode: legacy\n",
    "cluster_token: `SECRET`\nclusterMode: legacy\n",
    "cluster_token: *SECRET\nclusterMode: legacy\n",
    "cluster_token: &SECRET\nclusterMode: legacy\n",
    "cluster_token: a: SECRET\nclusterMode: legacy\n",
    "cluster_token: \"a\" SECRET\nclusterMode: legacy\n",
    "cluster_token: {{ SECRET }}\nclusterMode: legacy\n",
    "cluster_token: \u{1}SECRET\nclusterMode: legacy\n",
    "cluster_token: SECRET\0\nclusterMode: legacy\n",
    "cluster_token:SECRET\nclusterMode: legacy\n",
    "cluster_token: SECRET\ncluster_token: SECRET\nclusterMode: legacy\nclusterMode: legacy\n",
    "clusterMode: legacy\rcluster_token: SECRET\r",
    "clusterMode: legacy\n---\ncluster_token: SECRET\n",
    "clusterMode: legacy\n--- # cluster_token: SECRET\nx: 1\n",
    "clusterMode: legacy\n...\ncluster_token: SECRET\n",
    "httpProxy: \"http://me:SECRET@proxy:3128\nclusterMode: legacy\n",
    "clusterMode:\n  cluster_token: SECRET\n",
    "clusterMode: {token: SECRET}\n",
    "clusterMode: \"token: SECRET\"\n",
];

/// Texts with `SECRET` in positions that only its shape gives away.
const ANYWHERE: &[&str] = &[
    "clusterMode: SECRET\n",
    "clusterMode: \"SECRET\"\n",
    "clusterMode: [SECRET]\n",
    "clusterMode:\n- SECRET\n",
    "clusterMode: !SECRET legacy\n",
    "clusterMode: &SECRET legacy\n",
    "clusterMode: *SECRET\n",
    "clusterMode: legacy # SECRET\n",
    "clusterMode: legacy\nclusterMode: legacy # SECRET\n",
    "cluster_mode: SECRET\n",
    "clusterMode: ENC[SECRET]\n",
    "networkType: SECRET\nclusterMode: legacy\n",
    "a: SECRET\nclusterMode: legacy\n",
    "SECRET: cluster_token\nclusterMode: legacy\n",
    "SECRET: 1\nSECRET: 1\nclusterMode: legacy\n",
    "? SECRET\n: SECRET\nclusterMode: legacy\n",
    "a: &SECRET 1\nb: *SECRET\nclusterMode: legacy\n",
    "a: &SECRET {clusterMode: legacy}\n<<: *SECRET\n",
    "cluster_token SECRET\nclusterMode: legacy\n",
    "SECRET\n",
    "- SECRET\n",
    "\"SECRET\n",
    "%SECRET\n---\nclusterMode: legacy\n",
    "---SECRET\nclusterMode: legacy\n",
    "clusterMode: legacy\n... SECRET\n",
    "clusterMode: legacy\n...\nSECRET: 1\n",
    "{{ \"SECRET\" }}: 1\nclusterMode: legacy\n",
    "<<: SECRET\nclusterMode: legacy\n",
    "sops:\n  mac: SECRET\nclusterMode: legacy\n",
    "env:\n- name: CLUSTER_TOKEN\n  value: SECRET\nclusterMode: legacy\n",
];

/// Everything the program says of a text, in every form but the filter.
fn everything_said(text: &str) -> Vec<Ran> {
    let folder = Folder::with("v.yaml", text);
    let mut said = vec![folder.run("migrate -f v.yaml")];
    for verb in ["migrate", "revert --finish --unset"] {
        for form in ["-o text", "-o json"] {
            said.push(folder.run(&format!("{verb} {form} -f v.yaml {FIT} --context 9")));
        }
    }
    said
}

/// The longest run of letters of a secret that a text holds.
fn shown_of<'s>(secret: &'s str, text: &str) -> Option<&'s str> {
    const TELLING: usize = 10;
    let digits = &secret[2..];
    (0..=digits.len() - TELLING).map(|at| &digits[at..at + TELLING]).find(|part| text.contains(part))
}

#[track_caller]
fn keeps(secret: &str, text: &str) {
    let text = text.replace("SECRET", secret);
    for ran in everything_said(&text) {
        assert!(matches!(ran.code, Some(0 | 1)), "of {text:?}: {ran}");
        assert!(ran.stdout.len() + ran.stderr.len() > 0, "of {text:?}: nothing is said by {ran}");
        let shown = [&ran.stdout, &ran.stderr].into_iter().find_map(|said| shown_of(secret, said));
        assert_eq!(shown, None, "of {text:?}: {ran}");
    }
}

#[test]
fn a_secret_under_its_name_is_never_shown() {
    for text in UNDER_A_NAME {
        keeps(WORD, text);
        keeps(TOKEN, text);
    }
}

#[test]
fn a_token_is_never_shown_wherever_it_stands() {
    for text in ANYWHERE {
        keeps(TOKEN, text);
    }
}

#[test]
fn secrets_in_rare_positions_are_not_shown() {
    keeps(TOKEN, "clusterMode: \"pasted SECRET\"\n");
    keeps(WORD, "cluster_token: !SECRET\nclusterMode: legacy\n");
    keeps(WORD, "? cluster_token\n: SECRET\nclusterMode: legacy\n");
    keeps(WORD, "cluster_token: \"a\\\"b\nSECRET\"\nclusterMode: legacy\n");
    keeps(WORD, "cluster_token: [x,\nSECRET, .inf]\nclusterMode: legacy\n");
    keeps(WORD, "httpProxy: https://SECRET@proxy:3128\nclusterMode: legacy\n");
    keeps(WORD, "env:\n- name: CLUSTER_TOKEN\n  value: SECRET\nclusterMode: legacy\n");
    keeps(WORD, "clusterMode: legacy\nenv:\n- value: SECRET\n  name: CLUSTER_TOKEN\n");
    keeps(WORD, "clusterMode: legacy\nenv:\n- {name: CLUSTER_TOKEN, value: SECRET}\n");
    keeps(WORD, "clusterMode: legacy\ncluster_token: &t \"a\nSECRET\"\n");
    keeps(WORD, "clusterMode: legacy\nhttpProxy: http://user:p/SECRET@proxy:3128\npce_url: http://a:b@SECRET@c\n");
    keeps(WORD, "cluster_token SECRET\nclusterMode: legacy\n");
    keeps(WORD, "clusterMode: legacy\na: &p SECRET\nb: {password: *p}\n");
    keeps(WORD, "clusterMode: legacy\nuserPass: SECRET\n# the password is SECRET\n");
    keeps(WORD, "clusterMode: legacy\nkey: |\n  -----BEGIN PRIVATE KEY-----\n  SECRET\n  -----END PRIVATE KEY-----\n");
    keeps(WORD, "clusterMode: legacy\nstringData:\n  any: SECRET\nheader: 'Authorization: Bearer SECRET'\n");
}

#[test]
fn secrets_are_shown_where_they_are_asked_for() {
    let folder = Folder::with("v.yaml", format!("cluster_token: {TOKEN}\nclusterMode: legacy\n"));
    for (option, is_shown) in [("", false), ("--show-secrets", true)] {
        for form in ["text", "json"] {
            let ran = folder.run(&format!("migrate -f v.yaml {FIT} {option} -o {form}")).exits(0);
            assert_eq!(shown_of(TOKEN, &ran.stdout).is_some(), is_shown, "{ran}");
        }
    }
    // the filter prints the file, all of it
    let ran = folder.run(&format!("migrate -f v.yaml {FIT} -o yaml")).exits(0);
    assert!(ran.stdout.contains(TOKEN), "{ran}");
}

// Git.

/// Whether `git apply` makes of a file what `--write` makes of it.
#[track_caller]
fn applies(name: &str, content: &str) {
    let folder = Folder::new();
    let quoted = format!("'{}'", name.replace('\'', r"'\''"));
    let (inner, file) = name.rsplit_once('/').unwrap_or((".", name));
    let from_inside =
        format!("cd '{inner}' && helm-clas migrate -q -f '{}' {FIT} 2>/dev/null", file.replace('\'', r"'\''"));
    let from_root = format!("helm-clas migrate -q -f {quoted} {FIT} 2>/dev/null");
    folder.sh("git init -q").exits(0);
    for command in [from_root, from_inside] {
        folder.write(name, content);
        folder.sh("git add .").exits(0);
        let ran = folder.sh(&format!("{command} | git apply")).exits(0).says_only("");
        let applied = folder.read(name);
        assert_ne!(applied, content.as_bytes(), "{ran}");
        folder.write(name, content);
        folder.sh(&format!("helm-clas migrate -q --write -f {quoted} {FIT}")).exits(0);
        assert_eq!(applied, folder.read(name), "{ran}");
        assert_eq!(folder.sh("git diff --numstat").stdout.lines().count(), 1);
    }
}

#[test]
fn git_applies_the_diff_of_any_name() {
    applies("values.yaml", LEGACY);
    applies("clusters/east/values.yaml", LEGACY);
    applies("my clusters/my values.yaml", LEGACY);
    applies("größe/日本.yaml", LEGACY);
    applies("it's.yaml", LEGACY);
    applies("a\"b.yaml", LEGACY);
    applies("back\\slash.yaml", LEGACY);
    applies("tab\there.yaml", LEGACY);
    applies("line\nbreak.yaml", LEGACY);
    applies(" blank around ", LEGACY);
    applies("trailing ", LEGACY);
}

#[test]
fn git_applies_the_diff_of_a_file_beside_or_by_its_whole_name() {
    let folder = Folder::new();
    folder.sh("git init -q && mkdir -p one/two other").exits(0);
    folder.write("one/v.yaml", LEGACY);
    let whole = folder.path("one/v.yaml").display().to_string();
    let migrated = LEGACY.replace("legacy", "migrateLegacyToClas");
    for (here, name, applied_in) in [
        ("one", "two/../v.yaml", "one"),
        ("one", whole.as_str(), "one"),
        ("one/two", "../v.yaml", "."),
        ("other", whole.as_str(), "."),
    ] {
        folder.write("one/v.yaml", LEGACY);
        let ran = folder.sh(&format!("cd {here} && helm-clas migrate -f '{name}' {FIT}")).exits(0);
        folder.write("step.diff", &ran.stdout);
        let note = "note: git applies this diff at the top of the work tree\n";
        assert_eq!(ran.stderr.contains(note), applied_in == ".", "{ran}");
        folder.sh(&format!("git -C {applied_in} apply \"$PWD/step.diff\"")).exits(0).says_only("");
        assert_eq!(folder.read("one/v.yaml"), migrated.as_bytes(), "{ran}");
    }
}

#[test]
fn git_applies_what_check_mends_above_the_folder() {
    let folder = Folder::new();
    folder.sh("git init -q && mkdir sub").exits(0);
    folder.write("v.yaml", "clusterMode: CLAS\n");
    let ran = folder.sh("cd sub && helm-clas check --partial --diff ../v.yaml").exits(0);
    assert!(ran.stderr.contains("note: git applies this diff at the top of the work tree\n"), "{ran}");
    folder.write("step.diff", &ran.stdout);
    folder.sh("git apply step.diff").exits(0).says_only("");
    assert_eq!(folder.read("v.yaml"), b"clusterMode: clas\n");
}

#[test]
fn git_applies_the_diff_of_any_content() {
    applies("v.yaml", &LEGACY.replace('\n', "\r\n"));
    applies("v.yaml", LEGACY.trim_end());
    applies("v.yaml", &LEGACY.trim_end().replace('\n', "\r\n"));
    applies("v.yaml", &format!("\u{feff}{LEGACY}"));
    applies("v.yaml", "clusterMode: legacy");
    applies("v.yaml", "pce_url: a");
    applies("v.yaml", "{pce_url: a}\n");
    applies("v.yaml", "# größe: 日本\nclusterMode: 'legacy' \t# why\n\n\n");
    applies("v.yaml", &format!("{}clusterMode: legacy\n{}", "a: [\n]\n".repeat(9), "b:\n - 1\n".repeat(9)));
    // lines with secrets beside the change are omitted from the diff
    applies("v.yaml", &format!("cluster_token: {TOKEN}\nclusterMode: legacy\nx: 1\ncluster_token2: {TOKEN}\n"));
    applies("v.yaml", &format!("cluster_token: {TOKEN}\nclusterMode: legacy\n"));
    applies("v.yaml", &format!("pce_url: a\nx: 1\ncluster_token: {TOKEN}\n"));
}

#[test]
fn git_refuses_a_masked_diff_and_it_says_so() {
    let content = format!("clusterMode: legacy\ncluster_token: {TOKEN}\nx: 1\n");
    let folder = Folder::with("v.yaml", &content);
    folder.sh("git init -q && git add .").exits(0);
    let ran = folder.sh(&format!("helm-clas migrate -q -f v.yaml {FIT} | git apply"));
    ran.exits(128).says("note: a credential is masked in this diff").says("corrupt patch at line 3");
    assert_eq!(folder.read("v.yaml"), content.as_bytes());
    folder.sh(&format!("helm-clas migrate -q --show-secrets -f v.yaml {FIT} | git apply")).exits(0).says_only("");
    assert_eq!(folder.read("v.yaml"), content.replace("legacy", "migrateLegacyToClas").as_bytes());
}

// Umbrella charts.

#[test]
fn the_upgrade_of_an_umbrella_chart_installs_that_chart() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("um/envs")).unwrap();
    folder.write("um/envs/prod.yaml", "illumio:\n  clusterMode: legacy\n  networkType: overlay\n");
    let printed = |options: &str| {
        let ran = folder.run(&format!("migrate -f um/envs/prod.yaml {FIT} {options} -o json")).exits(0);
        ran.json()["helmCommand"].as_array().unwrap().last().unwrap().as_str().unwrap().to_owned()
    };
    assert_eq!(printed(""), "UMBRELLA_CHART");
    assert_eq!(printed("--chart ../security"), "../security");
    // which version of it is not known here, and Helm would take the newest
    assert_eq!(printed("--chart oci://registry.example.com/security"), "UMBRELLA_VERSION");
    folder.write("um/Chart.yaml", "name: um\ndependencies: [{name: redis, version: 1.0.0}]\n");
    assert_eq!(printed(""), "UMBRELLA_CHART");
    folder.write("um/Chart.yaml", "name: um\ndependencies: [{name: illumio, version: 5.1.0}]\n");
    assert_eq!(printed(""), "um");
}

// What other programs read.

#[test]
fn every_schema_is_printed_as_it_ships() {
    let folder = Folder::new();
    let shipped = |name: &str| fs::read_to_string(format!("{}/schemas/{name}.schema.json", env!("CARGO_MANIFEST_DIR")));
    for name in ["values", "output", "compatibility"] {
        let ran = folder.run(&format!("schema {name}")).exits(0).says_only("");
        assert_eq!(ran.stdout, shipped(name).unwrap(), "{name}");
    }
    assert_eq!(folder.run("schema").stdout, shipped("values").unwrap());
}

#[test]
fn bash_completes_commands_and_options() {
    let folder = Folder::new();
    folder.sh("helm-clas completion bash >completion.sh").exits(0);
    let complete = |words: &str, last: &str, place: usize| {
        let script = format!(
            "bash -c '. ./completion.sh; COMP_WORDS=({words}); COMP_CWORD={place}; _helm__clas helm-clas {last} x; \
             echo ${{COMPREPLY[@]}}'"
        );
        folder.sh(&script).exits(0).says_only("").stdout
    };
    assert_eq!(complete("helm-clas mig", "mig", 1), "migrate\n");
    assert_eq!(complete("helm-clas revert --uns", "--uns", 2), "--unset\n");
    // bash takes this apart
    assert_eq!(complete("helm-clas migrate --output = js", "js", 4), "json\n");
    assert_eq!(complete("helm-clas explain wrong-s", "wrong-s", 2), "wrong-step\n");
}

#[test]
fn the_tool_and_its_commands_have_pages() {
    let folder = Folder::new();
    assert!(folder.run("man").exits(0).stdout.contains("helm\\-clas\\-migrate(1)"));
    assert!(folder.run("man revert").exits(0).stdout.contains("Remove the key instead of writing"));
    folder.run("man nope").exits(2);
    let export = folder.run("man policy export").exits(0).stdout;
    assert!(export.contains("policy export exported"), "{export}");
    folder.run("man policy nope").exits(2).says("there is no command `policy nope`");
}

#[test]
fn the_version_is_told_however_it_is_asked_for() {
    let folder = Folder::new();
    for line in ["version", "--version", "-V"] {
        assert_eq!(folder.run(line).exits(0).stdout, format!("helm-clas {}\n", env!("CARGO_PKG_VERSION")));
    }
}

/// A name of a file that looks like a secret is shown, and the reason behind it.
#[test]
fn the_name_of_a_file_that_cannot_be_read_is_shown() {
    let folder = Folder::new();
    for name in ["cluster_code: 77.yaml", "password=hunter2.yaml", "my secret: v.yaml", "token abc.yaml"] {
        for line in ["status -o json -f", "status -o json", "status -o markdown", "check -o json"] {
            let ran = folder.sh(&format!("helm-clas {line} '{name}'")).exits(2);
            let said = ran.stdout.replace('\\', "");
            assert!(said.contains(&format!("cannot read {name}: No such file")), "{ran}");
        }
    }
}

/// What is given in the place of something else may be a secret.
#[test]
fn what_an_option_does_not_take_is_not_shown() {
    let folder = Folder::with("v.yaml", LEGACY);
    folder.write("w.yaml", "pce_url: p:8443\n");
    for options in
        ["--pce-user api_12ab:hunter2", "--pce-host 'pce:8443?token=hunter2'", "--set a=b cluster_token=hunter2"]
    {
        let ran = folder.sh(&format!("helm-clas migrate -f v.yaml {FIT} {options}"));
        assert!(!ran.stdout.contains("hunter2") && !ran.stderr.contains("hunter2"), "{ran}");
    }
}
