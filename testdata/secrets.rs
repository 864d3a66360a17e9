//! Secrets planted in files, and lines of public files that hold none.

use std::{fs, path::Path};

use helm_clas::chart::secrets::{Brought, MASK, secret_ranges, secret_ranges_with};

use crate::support::{
    measure::grows_with_number,
    program::{FIT, Folder},
};

mod more;
mod shapes;
mod tokens;

/// One that looks like a secret, and one that is a word.
const SECRETS: &[&str] = &["hunter2hunter2", "quietlarkspur"];

/// The credentials of the chart, the same misspelled, and as another file would write them.
const CHART: &[&str] =
    &["cluster_token", "cluster_code", "maintenanceToken", "maintenanceTokn", "clustr_token", "clusterCode"];

/// The names that are documented, the same misspelled, and the general ones.
const NAMES: &[&str] = &[
    "cluster_token",
    "cluster_code",
    "maintenanceToken",
    "maintenanceTokn",
    "imagePullSecret",
    "password",
    "token",
    "clustr_token",
    "apiKey",
    "encryptionKey",
    "signingKey",
    "sharedKey",
    "masterKey",
    "accountKey",
    "storageKey",
    "sshKey",
    "authKey",
    "unsealKey",
    "passcode",
    "creds",
    "connectionString",
];

/// A text as it is shown.
fn shown(text: &str) -> String {
    let mut shown = String::new();
    let mut at = 0;
    for range in secret_ranges(text) {
        shown = shown + &text[at..range.start] + MASK;
        at = range.end;
    }
    shown + &text[at..]
}

/// What is wrong with how texts that contain a secret of some name are shown.
fn seen<'s>(name: &str, shapes: impl Iterator<Item = &'s &'s str>, planted: &mut usize) -> String {
    const MODE: &str = "clusterMode: legacy";
    let mut seen = String::new();
    for (shape, secret) in shapes.flat_map(|shape| SECRETS.iter().map(move |secret| (shape, secret))) {
        let text = shape.replace("SECRET", secret).replace("NAME", name).replace("UPPER", &name.to_uppercase());
        // what begins like Terraform or a script gets no line before it
        let head = if shape.contains(": ") && !shape.contains('{') { "pce_url: a.b:8443\n" } else { "" };
        let text = format!("{head}{text}");
        for text in [text.replace('\n', "\r\n"), text] {
            *planted += 1;
            let shown = shown(&text);
            let hides_mode = shown.matches(MODE).count() != text.matches(MODE).count();
            if shown.contains(secret) || hides_mode || !shown.starts_with(head.trim_end()) {
                seen += &format!("{text}\n=>\n{shown}\n");
            }
        }
    }
    seen
}

#[test]
fn no_secret_of_a_documented_name_is_seen_in_any_shape() {
    let mut planted = 0;
    let mut all: String = NAMES.iter().map(|name| seen(name, shapes::OF_ANY_NAME.iter(), &mut planted)).collect();
    all.extend(CHART.iter().map(|name| seen(name, shapes::OF_THE_CHART.iter(), &mut planted)));
    all += &seen("foo", shapes::OF_A_PLACE.iter(), &mut planted);
    println!("{planted} planted");
    assert!(all.is_empty(), "{all}");
}

#[test]
fn no_secret_of_a_documented_name_is_seen_however_it_is_given() {
    let shapes = || {
        [more::OF_YAML, more::OF_COMMANDS, more::OF_LANGUAGES, more::OF_COMMENTS, more::OF_REFERENCES]
            .into_iter()
            .flatten()
    };
    let mut planted = 0;
    let names = NAMES.iter().chain(&["bearerToken"]).step_by(3);
    let all: String = names.map(|name| seen(name, shapes(), &mut planted)).collect();
    println!("{planted} planted");
    assert!(all.is_empty(), "{all}");
}

/// A secret by its place in a list of words, and one that names an anchor.
#[test]
fn no_secret_is_seen_that_no_name_stands_before() {
    const OF_LISTS: &[&str] = &[
        "args: [\"-p\", \"SECRET\"]\n",
        "args:\n- -u\n- admin\n- -P\n- SECRET\n",
        "args: [-u, \"me:SECRET\"]\n",
        "command: [tool, --user, \"me:SECRET\"]\n",
        "command: [tool, \"--auth=me:SECRET\"]\n",
        "run: tool --user me:SECRET get\n",
        "run: etcdctl --user=me:SECRET get a\n",
        "run: |\n  CREATE USER a IDENTIFIED BY 'SECRET';\n",
        "run: kubectl patch secret a -p '{\"data\":{\"k\":\"SECRET\"}}'\n",
        "run: echo \"SECRET\" | sudo -S ls\n",
    ];
    let mut planted = 0;
    assert_eq!(seen("", OF_LISTS.iter(), &mut planted), "");
    for text in ["x: &hunter2hunter2 v\n", "a: &s3cr3t v\nb: *s3cr3t\n", "a: 1\nx: &s3cr3t {b: c}\n", "- &s3cr3t\n"] {
        let shown = shown(text);
        assert!(!shown.contains("s3cr3t") && !shown.contains("hunter2"), "{text}\n=>\n{shown}");
    }
}

/// What a file says of an object in another one.
#[test]
fn no_secret_is_seen_that_another_file_brings_to_its_name() {
    const OBJECT: &str = "kind: ConfigMap\nmetadata: {name: s}\ndata:\n  foo: SECRET\n  bar: shown\n";
    const BY: &[&str] = &[
        "spec:\n  valuesFrom:\n  - {kind: ConfigMap, name: s, valuesKey: foo, targetPath: NAME}\n",
        "a: 1\n---\nspec:\n  valuesFrom:\n  - targetPath: illumio.NAME\n    name: s\n    valuesKey: foo\n",
        "replacements:\n- source: {kind: ConfigMap, name: s, fieldPath: data.foo}\n  targets:\n  - fieldPaths: [spec.NAME]\n",
        "vars:\n- name: UPPER\n  objref: {kind: ConfigMap, name: s}\n  fieldref: {fieldpath: data.foo}\n",
    ];
    for (by, secret) in BY.iter().flat_map(|by| SECRETS.iter().map(move |secret| (by, secret))) {
        let by = by.replace("NAME", "cluster_token").replace("UPPER", "CLUSTER_TOKEN");
        let object = OBJECT.replace("SECRET", secret);
        let found = secret_ranges_with(&object, &Brought::of([by.as_str()]));
        let found: Vec<&str> = found.into_iter().map(|range| &object[range]).collect();
        assert_eq!(found, [*secret], "{by}");
        assert!(secret_ranges(&object).is_empty(), "by itself it is nothing");
    }
    // in the diff and in the excerpt of the program as well
    let folder = Folder::with("release.yaml", FLUX);
    folder.write("objects.yaml", OBJECTS);
    let ran = folder.run(&format!("migrate -f release.yaml --context 50 {FIT}")).exits(0);
    assert!(ran.stdout.contains("+    clusterMode: migrateLegacyToClas"), "{ran}");
    assert!(!ran.stdout.contains("hunter2") && !ran.stderr.contains("hunter2"), "{ran}");
    folder.write("objects.yaml", OBJECTS.replace("legacy", "legcy"));
    let ran = folder.run("check --partial release.yaml");
    assert!(!ran.stdout.contains("hunter2") && ran.stdout.contains("legcy"), "{ran}");
}

const FLUX: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: illumio\n  namespace: a\n\
                    spec:\n  chart:\n    spec:\n      chart: illumio\n      version: 5.1.0\n      sourceRef: {kind: \
                    HelmRepository, name: illumio}\n  valuesFrom:\n  - {kind: ConfigMap, name: v}\n  - {kind: \
                    ConfigMap, name: v, valuesKey: foo, targetPath: cluster_token}\n";

const OBJECTS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: v\n  namespace: a\ndata:\n  foo: hunter2hunter2\n  \
                       values.yaml: |\n    clusterMode: legacy\n";

#[test]
fn the_mode_is_shown_as_it_stands() {
    for (text, mode) in shapes::WITH_A_MODE {
        let shown = shown(text);
        assert!(shown.contains(mode), "{text}\n=>\n{shown}");
        assert!(!shown.contains("x1"), "{text}\n=>\n{shown}");
    }
}

/// Names and tokens that the tables were not made of: of a hundred, one may be seen.
#[test]
fn names_and_tokens_that_no_table_lists_are_hidden() {
    let of_name =
        |name: &&&str| SECRETS.iter().any(|secret| shown(&format!("a: 1\n{name}: {secret}\n")).contains(secret));
    let of_token = |token: &String| {
        let end = token.len() - 6;
        let texts = [format!("a: 1\nx: '{token}'\n"), format!("# {token}\n"), format!("x: |\n  {token}\n")];
        texts.iter().any(|text| shown(text).contains(&token[end..]))
    };
    let names: Vec<&&str> = tokens::NAMES.iter().filter(of_name).collect();
    let all = tokens::tokens();
    let tokens: Vec<&String> = all.iter().filter(|token| of_token(token)).collect();
    println!("{} of {} names, {} of {} tokens", names.len(), tokens::NAMES.len(), tokens.len(), all.len());
    assert!(names.len() * 50 < tokens::NAMES.len(), "{names:?}");
    assert!(tokens.len() * 50 < all.len(), "{tokens:?}");
}

/// Tokens by their form, where nothing else says so: in the path of an address, with signs between the letters, and the
/// places of a patch and of a comment before an empty value.
#[test]
fn a_secret_is_seen_by_its_form_and_its_place() {
    const TEXTS: &[&str] = &[
        "url: https://h/nZ4k8QpX2vB7mTq1Rd6L/x\n",
        "a: 8aF3-kP2xQ9_vT7mB4nLz1Rc-6Wd0YhJ5sGe\n",
        "a: x1y8Q~Ab3dEf7Hj9Kl2Mn4Pq6Rs8Tu0Vw1Xy3Za5Bc\n",
        "a: pat-na1-0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f\n",
        "a: rzp_live_A1b2C3d4E5f6G7\n",
        "a: 3RdtzMtrwy0F\n",
        "# as before: Xk9mQ2vL7p\n",
        "a: [x7k2p9q4m1zt]\n",
        "env: [colour=x7k2p9q4m1zt]\n",
        "a: notify gotify://h.example/AbCdEfGhI-JkL\n",
        "- {op: add, path: /a/cluster_token/-, value: hunter2hunter2}\n",
        "cluster_token:\n  # hunter2hunter2\n  null\n",
        "cluster_token:\n  # hunter2hunter2\n  ~\n",
    ];
    let secret = |text: &str| {
        let is_of_word = |c: char| c.is_ascii_alphanumeric() || "_-~".contains(c);
        text.split(|c: char| !is_of_word(c)).max_by_key(|word| word.len()).unwrap_or_default().to_owned()
    };
    let seen: Vec<&&str> = TEXTS.iter().filter(|text| shown(text).contains(&secret(text))).collect();
    assert!(seen.is_empty(), "{seen:?}");
}

/// A key as the list of its bytes: `Zigbee2MQTT`, "Network key".
#[test]
fn a_key_that_is_a_list_of_numbers_is_hidden() {
    let numbers = "196, 144, 3, 77, 201, 18, 90, 255, 0, 61, 14, 33, 8, 99, 120, 7";
    let list = numbers.replace(", ", "\n- ");
    for text in [format!("zigbee_network_key: [{numbers}]\n"), format!("networkKey:\n- {list}\n")] {
        let shown = shown(&format!("a: 1\n{text}"));
        assert!(!shown.contains("196") && !shown.contains("120"), "{shown}");
    }
    let ports = "authPorts: [80, 81, 82, 83, 84, 85, 86, 87]\n";
    assert_eq!(shown(ports), ports);
}

/// Keys of 16 and 24 bytes have signs in the middle of their Base64.
#[test]
fn a_short_key_in_base64_is_hidden() {
    for key in ["q+8Xz1Lr/0VtY3mKp7NaWg==", "mR4/kQ9xT2+LwZ7vB1nYc8HdS5pJ6uEa"] {
        let shown = shown(&format!("a: 1\nx: {key}\n"));
        assert!(!shown.contains(&key[..8]) && !shown.contains(&key[key.len() - 8..]), "{shown}");
    }
}

/// What only resembles a secret is shown.
#[test]
fn what_is_no_secret_is_shown() {
    for text in tokens::HARMLESS {
        assert_eq!(shown(text), *text);
    }
}

#[test]
fn public_files_are_hardly_masked() {
    let folder = Path::new("../shared/corpus/values");
    let Ok(files) = fs::read_dir(folder) else { return println!("skipped: no public values files") };
    let (mut lines, mut masked) = (0, 0);
    for file in files {
        let Ok(text) = fs::read_to_string(file.unwrap().path()) else { continue };
        lines += text.lines().count();
        masked += text.lines().zip(shown(&text).lines()).filter(|(line, shown)| line != shown).count();
    }
    println!("{masked} of {lines} lines masked, most of them passwords");
    assert!(masked * 100 < lines, "{masked} of {lines}");
}

/// A file of so many parts.
type Growing = fn(usize) -> String;

/// Shapes that grow; of double the size the work takes about double the time.
const GROWING: &[(&str, Growing)] = &[
    ("anchors of secrets", |n| repeated(n, "x#: &a# v\n") + &repeated(n, "password#: *a#\n")),
    ("the same, broken", |n| repeated(n, "x#: &a# v\n") + &repeated(n, "password#: *a#\n") + "z: [\n"),
    ("a chain of anchors, broken", |n| repeated(n, "x#: &a# [*b#]\n").replace("*b", "*a") + "token: *a7\nz: [\n"),
    ("signs", |n| format!("a: x{}\nb: x{}\n", "=".repeat(n * 20), ":=>~".repeat(n * 5))),
    ("one line", |n| format!("x: {{{}}}\n", repeated(n, "password#: v#, "))),
    ("merges", |n| format!("x: &a {{{}}}\n{}", repeated(n, "k#: v, "), repeated(n, "y#: {<<: *a, value: 1}\n"))),
    ("pairs, broken", |n| repeated(n, "name: token\nvalue: x\n") + "z: [\n"),
    ("parts of a path", |n| format!("x: {}\n", "a/".repeat(n * 5))),
    ("signs of a client", |n| format!("x: {}\n", "Q~".repeat(n * 5))),
    ("quotes", |n| format!("a: \"{}\"\n", "\\\"password\\\": \\\"x\\\" ".repeat(n))),
    ("addresses", |n| format!("a: \"{}\"\n", "://hooks.slack.com/".repeat(n))),
    ("comments", |n| "password: x\n".to_owned() + &"  # a password: x y\n".repeat(n)),
    ("words of elements", |n| format!("a: |\n  {}\n", repeated(n, "token</a# "))),
    ("long letters", |n| format!("a: |\n  {}\n", "token >é ".repeat(n))),
    ("cells", |n| format!("a: |\n  {}{}\n", " ".repeat(n), "| token".repeat(n))),
    ("logins", |n| format!("a: [{}]\nb: '{}'\n", "-u, 'a:b', -p, x, ".repeat(n), "-u a:b -p x ".repeat(n))),
    ("brackets", |n| format!("a: {}\n", "[".repeat(n * 20))),
    ("sections by aliases", |n| format!("x: &a {{{}}}\n{}", repeated(n, "k#: v, "), repeated(n, "apikey#: *a\n"))),
    ("data by aliases", |n| {
        let data = format!("x: &a {{{}}}\nl: &l [{}]\n", repeated(n, "k#: v, "), repeated(n, "k#=v, "));
        let said = "v: {targetPath: password, name: s1, valuesKey: k1}\n";
        data + said + &repeated(n, "o#: {name: s#, data: *a, literals: *l}\n")
    }),
    ("paths by aliases", |n| {
        let paths = format!("p: &p [{}]\n", repeated(n, "spec.values.x#, "));
        paths + &repeated(n, "r#: {targets: [{fieldPaths: *p}], sourceValue: v}\n")
    }),
    ("texts in texts", |n| format!("a: |\n  b: |\n    c: |\n{}", repeated(n, "      token#: v\n"))),
];

fn repeated(count: usize, line: &str) -> String {
    (0..count).map(|number| line.replace('#', &number.to_string())).collect()
}

#[test]
fn hostile_files_are_masked_in_linear_time() {
    for (name, made) in GROWING {
        grows_with_number(name, 1_000, 4, |count| _ = secret_ranges(&made(count)));
    }
}
