//! Values from several files and from `--set` and its siblings: what we make of them against what real Helms do.
//!
//! `testdata/overrides/command-lines.txt` lists command lines with what becomes of them; others are made up, the same
//! ones in every run.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use crate::support::helm::helms;
use helm_clas::{
    overrides::{Decider, Decision, Kind, Override, decided_by, effective},
    yaml::Document,
};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Map, Value, json};

const FOLDER: &str = "testdata/overrides/";
const KINDS: [Kind; 5] = [Kind::SetJson, Kind::Set, Kind::SetString, Kind::SetFile, Kind::SetLiteral];
const PATHS: [&[&str]; 2] = [&["clusterMode"], &["illumio", "clusterMode"]];

// ---------------------------------------------------------------------------------------------- listed command lines

#[test]
fn every_listed_command_line_comes_out_as_listed() {
    let list = fs::read_to_string(format!("{FOLDER}command-lines.txt")).unwrap();
    let stdin = fs::read(format!("{FOLDER}stdin.yaml")).unwrap();
    for line in list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (expected, options) = line.split_once(' ').unwrap();
        let words = words(&options.replace('@', FOLDER));
        let ours = taken_in(&words, &stdin);
        let theirs: Vec<Result<Value, String>> = helms().iter().map(|helm| helm.values(&words, Some(&stdin))).collect();
        let seen = match &ours {
            Ok(values) if theirs.iter().all(|theirs| theirs.as_ref().is_ok_and(|theirs| same(values, theirs))) => {
                "same"
            }
            Err(_) if theirs.iter().all(Result::is_err) => "error",
            Err(_) => "refused",
            Ok(_) => "DIFFERENT",
        };
        assert_eq!(seen, expected, "{options}\n{ours:?}\n{theirs:?}");
        if let Err(message) = ours {
            assert!(seen == "error" || !message.starts_with("Helm rejects"), "{options}: {message}");
        }
    }
}

/// What Helm 3.17 and 4.3 were observed to answer, kept beside this repository.
#[test]
fn every_observed_command_line_comes_out_as_observed() {
    let folder = Path::new("../shared/helm-values-cases/merge");
    if !folder.is_dir() {
        println!("skipped: the observed cases are not at hand");
        return;
    }
    let stdin = fs::read(folder.join("stdin.yaml")).unwrap();
    let (mut taken, mut refused) = (0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "args") {
            continue;
        }
        let args = fs::read_to_string(&path).unwrap();
        let args = args.trim().trim_end_matches("< stdin.yaml");
        let is_file = |word: &str| folder.join(word).is_file();
        let placed = |word: &str| if is_file(word) { folder.join(word).display().to_string() } else { word.to_owned() };
        let words: Vec<String> = words(args)
            .iter()
            .map(|word| match word.split_once('=') {
                Some((name, file)) if is_file(file) => format!("{name}={}", placed(file)),
                Some(_) => word.clone(),
                None => word.split(',').map(placed).collect::<Vec<_>>().join(","),
            })
            .collect();
        let observed = |helm: &str| -> Option<Value> {
            let answer = fs::read(path.with_extension(format!("{helm}.json"))).ok()?;
            Some(serde_json::from_slice(&answer).unwrap())
        };
        let observed = [observed("helm3"), observed("helm4")];
        match taken_in(&words, &stdin) {
            Ok(ours) => {
                let agree = observed.iter().all(|theirs| theirs.as_ref().is_some_and(|theirs| same(&ours, theirs)));
                assert!(agree, "{args}\nwe: {ours}\nHelm: {observed:?}");
                taken += 1;
            }
            Err(message) => {
                let is_theirs = observed.iter().all(Option::is_none);
                assert!(is_theirs || !message.starts_with("Helm rejects"), "{args}\n{message}\n{observed:?}");
                refused += 1;
            }
        }
    }
    println!("{taken} taken in, {refused} refused");
    assert!(taken >= 30 && (5..=9).contains(&refused), "{taken} {refused}");
}

/// From end to end: what the program says about a listed command line is what the vendor's chart would get.
#[test]
fn the_program_tells_the_mode_that_every_helm_hands_to_the_chart() {
    let list = fs::read_to_string(format!("{FOLDER}command-lines.txt")).unwrap();
    let mut told = 0;
    for line in list.lines().filter(|line| line.starts_with("same ") && !line.contains(" -f - ")) {
        let options = line.split_once(' ').unwrap().1.trim().replace('@', FOLDER);
        let mut words = words(&options);
        if !words.iter().any(|word| word == "-f") || options.ends_with("-f -") {
            words.retain(|word| word != "-f" && word != "-");
            words.extend(["-f".to_owned(), format!("{FOLDER}a.yaml")]);
        }
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_helm-clas"))
            .args(["status", "-o", "json"])
            .args(&words)
            .output()
            .unwrap();
        let status: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{options}: {output:?}"));
        let mode = &status["effective"]["mode"];
        for helm in helms() {
            let values = helm.values_over("clusterMode: legacy\n", &words, None).unwrap();
            let seen = values.get("clusterMode").and_then(Value::as_str).map(str::to_ascii_lowercase);
            let said = mode.as_str().map(str::to_ascii_lowercase);
            let is_mode = |seen: &String| helm_clas::ClusterMode::named(seen).is_some();
            assert_eq!(said, seen.filter(is_mode), "{options}: Helm {}: {values}", helm.version);
        }
        told += usize::from(mode.is_string());
    }
    println!("{told} modes told");
    assert!(told > 20, "{told}");
}

// --------------------------------------------------------------------------------------------- made-up command lines

#[test]
fn made_up_command_lines_are_taken_in_as_every_helm_does() {
    let [same_count, refused_by_all, refused_by_us] = [const { AtomicUsize::new(0) }; 3];
    for_all(30, case, |case| {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let words = case.words(folder.path());
        let ours = taken_in(&words, &[]);
        let theirs: Vec<_> = helms().iter().map(|helm| helm.values(&words, None)).collect();
        let count = match &ours {
            Ok(ours) => {
                for theirs in &theirs {
                    let agrees = theirs.as_ref().is_ok_and(|theirs| same(ours, theirs));
                    prop_assert!(agrees, "we: {}\nHelm: {:?}", ours, theirs);
                }
                &same_count
            }
            Err(message) if message.starts_with("Helm rejects") => {
                prop_assert!(theirs.iter().all(Result::is_err), "we: {}\nHelm: {:?}", message, theirs);
                &refused_by_all
            }
            Err(_) => &refused_by_us,
        };
        count.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    let counts = [same_count, refused_by_all, refused_by_us].map(AtomicUsize::into_inner);
    println!("same, refused by all, refused by us: {counts:?}");
    let [same_count, refused_by_all, refused_by_us] = counts;
    assert!(same_count > 40 && refused_by_all > 20 && refused_by_us < 30, "{counts:?}");
}

/// An experiment shows what decides: a new value is put into one file, and it is seen or not.
#[test]
fn the_source_that_decides_is_the_one_whose_change_is_seen() {
    let [by_file, by_override, by_nobody] = [const { AtomicUsize::new(0) }; 3];
    for_all(30, case, |case| {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let Ok((files, overrides)) = read(&case.words(folder.path()), &[]) else { return Ok(()) };
        for path in PATHS {
            let Ok(decision) = decided_by(&files, &overrides, path) else { continue };
            let is_seen_in = |number: usize| -> Option<bool> {
                let mut changed = case.clone();
                put(&mut changed.files[number], path, json!("sentinel"))?;
                // that they agree is proven above, so one of them is asked
                let helm = &helms()[number % 3];
                let values = helm.values(&changed.words(folder.path()), None);
                Some(values.is_ok_and(|values| at(&values, path) == Some(&json!("sentinel"))))
            };
            let count = match decision.by {
                Decider::File(number) => {
                    prop_assert_ne!(is_seen_in(number), Some(false), "{:?}", decision);
                    for earlier in 0..number {
                        prop_assert_ne!(is_seen_in(earlier), Some(true), "{:?}", decision);
                    }
                    &by_file
                }
                Decider::Override(_) => {
                    for number in 0..files.len() {
                        prop_assert_ne!(is_seen_in(number), Some(true), "{:?}", decision);
                    }
                    &by_override
                }
                Decider::Nobody => {
                    if let Some(last) = files.len().checked_sub(1) {
                        prop_assert_ne!(is_seen_in(last), Some(false), "{:?}", decision);
                    }
                    &by_nobody
                }
            };
            count.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    });
    let counts = [by_file, by_override, by_nobody].map(AtomicUsize::into_inner);
    println!("decided by a file, an override, nobody: {counts:?}");
    assert!(counts.iter().all(|count| *count > 10), "{counts:?}");
}

/// The chart of the vendor says `clusterMode: legacy`.
#[test]
fn what_is_decided_is_what_the_chart_sees_over_its_default() {
    for_all(15, case, |case| {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let words = case.words(folder.path());
        let Ok((files, overrides)) = read(&words, &[]) else { return Ok(()) };
        let Ok(Decision { value, .. }) = decided_by(&files, &overrides, PATHS[0]) else { return Ok(()) };
        let expected = match value {
            None => Some(json!("legacy")),
            Some(Value::Null) => None,
            Some(value) => Some(value),
        };
        let helm = &helms()[words.len() / 2 % 3];
        let values = helm.values_over("clusterMode: legacy\n", &words, None).map_err(TestCaseError::fail)?;
        let (seen, expected) = (values.get("clusterMode"), expected.as_ref());
        let agrees = seen.zip(expected).map_or(seen == expected, |(seen, expected)| same(expected, seen));
        prop_assert!(agrees, "Helm {}: {:?}, we: {:?}", helm.version, seen, expected);
        Ok(())
    });
}

#[test]
fn no_message_holds_a_piece_of_a_value() {
    let seen = AtomicUsize::new(0);
    for_all(
        2000,
        || (secrets(), select(&["clusterMode", "a", "b"][..])),
        |(overrides, key)| {
            let mut findings = Vec::new();
            let mut read = Vec::new();
            for (kind, text) in overrides {
                match Override::read(kind, &text) {
                    Ok(given) => read.push(given.reading(|name| Ok::<_, ()>(name.to_owned())).unwrap()),
                    Err(finding) => findings.push(finding),
                }
            }
            match decided_by(&[json!({"a": {"x": 1}, "b": [1]})], &read, &[key]) {
                Ok(decision) => findings.extend(decision.overridden(&read, &[key])),
                Err(finding) => findings.push(finding),
            }
            for finding in findings {
                let shown = format!("{} {:?}", finding.message, finding.help);
                prop_assert!(!shown.contains("s3cr3t"), "{}", shown);
                seen.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        },
    );
    assert!(seen.into_inner() > 1000);
}

/// Options whose values are secrets with commas and other signs in them.
fn secrets() -> impl Strategy<Value = Vec<(Kind, String)>> {
    let values = [
        "s3cr3t",
        "s3cr3t,s3cr3t",
        "s3cr3t,s3cr3t=",
        "{s3cr3t",
        "\"s3cr3t\"s3cr3t",
        "s3cr3t.s3cr3t=[",
        "s3cr3t,b.s3cr3t=1",
    ];
    let pair = (option_name(), select(values.to_vec())).prop_map(|(name, value)| format!("{name}={value}"));
    vec((select(&KINDS[..]), vec(pair, 1..4).prop_map(|pairs| pairs.join(","))), 1..4)
}

/// A law for made-up cases, the same in every run, on as many threads as are useful beside a Helm.
fn for_all<S: Strategy>(
    cases: u32,
    strategy: impl Fn() -> S + Sync,
    law: impl Fn(S::Value) -> Result<(), TestCaseError> + Sync,
) {
    const THREADS: u8 = 4;
    thread::scope(|scope| {
        for seed in 1..=THREADS {
            let (strategy, law) = (&strategy, &law);
            scope.spawn(move || {
                let config = Config { cases, failure_persistence: None, ..Config::default() };
                let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
                TestRunner::new_with_rng(config, rng)
                    .run(&strategy(), law)
                    .unwrap_or_else(|failure| panic!("{failure}"));
            });
        }
    });
}

/// Values files with options.
#[derive(Clone, Debug)]
struct Case {
    files: Vec<Value>,
    options: Vec<(Kind, String)>,
}

impl Case {
    /// Writes the files, and gives the command line.
    fn words(&self, folder: &Path) -> Vec<String> {
        let mut words = Vec::new();
        for (number, file) in self.files.iter().enumerate() {
            let path = folder.join(format!("{number}.yaml"));
            fs::write(&path, file.to_string()).unwrap();
            words.extend(["-f".to_owned(), path.display().to_string()]);
        }
        for (kind, text) in &self.options {
            words.extend([kind.option().to_owned(), text.clone()]);
        }
        words
    }
}

fn case() -> BoxedStrategy<Case> {
    let option =
        (0..KINDS.len(), vec((option_name(), any::<Index>()), 0..4), damage()).prop_map(|(kind, pairs, damage)| {
            let kind = KINDS[kind];
            let pairs = pairs.into_iter().map(|(name, value)| format!("{name}={}", value.get(values_of(kind))));
            (kind, damaged(pairs.collect::<Vec<_>>().join(","), damage.as_ref()))
        });
    (vec(file(), 0..4), vec(option, 0..4)).prop_map(|(files, options)| Case { files, options }).boxed()
}

fn file() -> impl Strategy<Value = Value> + Clone {
    let leaf = select(vec![json!("clas"), json!("legacy"), json!(null), json!(true), json!(1.5), json!(7), json!("")]);
    let inner = leaf.prop_recursive(
        3,
        12,
        3,
        |inner| prop_oneof![2 => mapping(inner.clone()), 1 => vec(inner, 0..3).prop_map(Value::Array)],
    );
    mapping(inner.boxed())
}

fn mapping(inner: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let key = select(&["clusterMode", "clusterMode", "illumio", "illumio", "a"][..]);
    vec((key, inner), 0..4)
        .prop_map(|pairs| pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>().into())
        .boxed()
}

fn option_name() -> impl Strategy<Value = String> + Clone {
    let key = || select(&["clusterMode", "clusterMode", "illumio", "a", "b", r"c\.d", "ä"][..]);
    let below = select(&[".clusterMode", ".clusterMode", ".a", ".b", "[0]", "[2]"][..]);
    (key(), prop_oneof![2 => Just(Vec::new()), 3 => vec(below, 1..3)])
        .prop_map(|(key, below)| key.to_owned() + &below.concat())
}

const fn values_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::SetJson => {
            &["\"clas\"", "\"legacy\" ", "null", "", " ", "true ", "5", "[1,{}]", "{\"clusterMode\":\"clas\"}", "x"]
        }
        Kind::SetFile => &[
            "testdata/overrides/mode.txt",
            "testdata/overrides/mode-without-break.txt",
            "{testdata/overrides/mode.txt,testdata/overrides/map.yaml}",
            "",
        ],
        _ => &[
            "clas", "legacy", "TRUE", "null", "0", "007", "-5", "", "1.5", "{x,y}", "{}", "{null,1}", r"x\,y", r"\{x}",
            " b ", "a=b",
        ],
    }
}

/// Now and then a character more.
fn damage() -> impl Strategy<Value = Option<(Index, char)>> + Clone {
    let characters: Vec<char> = r#"=,.[]{}\ "0x"#.chars().collect();
    prop_oneof![3 => Just(None), 1 => (any::<Index>(), select(characters)).prop_map(Some)]
}

fn damaged(mut text: String, damage: Option<&(Index, char)>) -> String {
    if let Some((at, character)) = damage {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        text.insert(*at.get(&places), *character);
    }
    text
}

// ----------------------------------------------------------------------------------------------- what both sides see

/// What we make of a command line; the message where we refuse it or a file is not there.
fn taken_in(words: &[String], stdin: &[u8]) -> Result<Value, String> {
    let (files, overrides) = read(words, stdin)?;
    effective(&files, &overrides).map_err(|finding| finding.message)
}

/// The options of a command line, as Helm and our shell read them.
fn read(words: &[String], stdin: &[u8]) -> Result<(Vec<Value>, Vec<Override>), String> {
    let (mut files, mut overrides) = (Vec::new(), Vec::new());
    for pair in words.chunks(2) {
        let [option, text] = pair else { panic!("{words:?}") };
        if let Some(kind) = KINDS.into_iter().find(|kind| kind.option() == option) {
            let given = Override::read(kind, text).map_err(|finding| finding.message)?;
            overrides.push(given.reading(|name| fs::read_to_string(name).map_err(|error| error.to_string()))?);
            continue;
        }
        assert!(option == "-f" || option == "--values", "{words:?}");
        for name in text.split(',') {
            let bytes = if name == "-" { stdin.to_vec() } else { fs::read(name).map_err(|error| error.to_string())? };
            let document = String::from_utf8(bytes).unwrap();
            files.push(Document::read(&document).map_err(|finding| finding.message)?.values());
        }
    }
    Ok((files, overrides))
}

/// Words as a shell takes them apart that knows single quotes only.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut is_quoted = false;
    for character in line.trim().chars() {
        match character {
            '\'' => {
                is_quoted = !is_quoted;
                word.get_or_insert_default();
            }
            ' ' if !is_quoted => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

/// Whether Helm printed these values: floating-point numbers as the shortest text that reads as the same.
fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(number), _) if number.is_f64() => theirs.as_f64() == number.as_f64(),
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().all(|(name, ours)| theirs.get(name).is_some_and(|theirs| same(ours, theirs)))
        }
        _ => ours == theirs,
    }
}

fn at<'v>(values: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(values, |value, key| value.get(key))
}

/// Puts a value at a path of keys; nothing where a key on the way has what is not a mapping.
fn put(values: &mut Value, path: &[&str], value: Value) -> Option<()> {
    let (last, parents) = path.split_last()?;
    let mut mapping = values;
    for key in parents {
        mapping = mapping.as_object_mut()?.entry(*key).or_insert_with(|| json!({}));
    }
    mapping.as_object_mut()?.insert((*last).to_owned(), value);
    Some(())
}
