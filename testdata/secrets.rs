//! Secrets planted in files, and lines of public files that hold none.

use std::{fs, path::Path};

use helm_clas::chart::secrets::{MASK, secret_ranges};

use crate::support::measure::grows_with_number;

const SECRET: &str = "hunter2hunter2";

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

/// Files with a secret: `NAME` and `UPPER` are its name, `SECRET` is it. Whatever else they say is shown.
const SHAPES: &[&str] = &[
    "NAME: SECRET\n",
    "\"NAME\" : 'SECRET'\n",
    "NAME:\n# from the vault\n  SECRET\n",
    "NAME: x\n  # was SECRET\nz: 1\n",
    "NAME: |\n  a\n\n  SECRET\nz: 1\n",
    "NAME: |2-\n    a\n  SECRET\n",
    "NAME: >- # why\n  SECRET\n",
    "NAME: \"a\n  b: c\n  SECRET\"\n",
    "NAME: a\n  SECRET\n",
    "? NAME\n# why\n: SECRET\n",
    "? |-\n  NAME\n: SECRET\n",
    "x: &a SECRET\nNAME: *a\n",
    "x: &a\n  y: &b SECRET\nq: &c [*b]\nNAME: {z: *c}\n",
    "x: &p\n  a: SECRET\nNAME:\n  <<: *p\n",
    "x: &p {a: SECRET}\nNAME: {<<: [*p]}\n",
    "k: &k NAME\n*k : SECRET\n",
    "NAME: !vault |\n  SECRET\n",
    "l:\n- NAME: SECRET\n  clusterMode: legacy\n",
    "NAME:\n- SECRET\n",
    "NAME:\n  SECRET: a\n",
    "x: {a: b, NAME: SECRET, clusterMode: legacy}\n",
    "{\"x\":{\"NAME\":\"SECRET\"},\"clusterMode\":\"legacy\"}\n",
    "env:\n- name: UPPER\n  value: SECRET\n",
    "env:\n- value: |\n    SECRET\n  other: 1\n  name: UPPER\n",
    "env: [{\"Value\": \"SECRET\", \"Name\": \"UPPER\"}]\n",
    "d: &d {key: NAME}\nenv:\n- <<: *d\n  value: SECRET\n",
    "parameters:\n- name: illumio.NAME\n  value: SECRET\n",
    "patch:\n- op: add\n  path: /spec/NAME\n  value: SECRET\n",
    "args: [\"--NAME\", \"SECRET\"]\n",
    "args:\n- --NAME\n# the secret\n- SECRET\n",
    "run: a --NAME SECRET --b\n",
    "run: [sh, -c, \"a --NAME=SECRET\"]\n",
    "args: [--set, \"env[0].name=UPPER,env[0].value=SECRET\"]\n",
    "c: \"{\\\"NAME\\\": \\\"SECRET\\\"}\"\n",
    "c: '{\"a\": \"{\\\"NAME\\\": \\\"SECRET\\\"}\"}'\n",
    "v: |\n  clusterMode: legacy\n  NAME: |\n    SECRET\n",
    "v: |\n  a: [\n  NAME: |\n  SECRET\n  clusterMode: legacy\n",
    "v: |\n  {{- if .x }}\n  NAME: SECRET\n  {{- end }}\n",
    "v: \"a: 1\\nNAME: SECRET\\n\"\n",
    "v: |\n  #!/bin/sh\n  export UPPER=\"SECRET\"\n  run\n",
    "v: |\n  [a]\n  NAME = \"\"\"\n  SECRET\n  \"\"\"\n",
    "v: <NAME>SECRET</NAME>\n",
    "u: https://h/p?a=b&NAME=SECRET\n",
    "# NAME: SECRET\nz: 1\n",
    "# NAME: |\n#   SECRET\nz: 1\n",
    "# - name: UPPER\n#   value: SECRET\nz: 1\n",
    "a: 1\n---\nNAME: SECRET\n...\n",
    "kind: Secret\nstringData:\n  NAME.yaml: |\n    clusterMode: legacy\n    y: SECRET\n",
    "NAME\u{a0}: SECRET\n",
    "illumio.NAME: SECRET\n",
    // broken
    "NAME: SECRET\nz: [\n",
    "NAME: |\nSECRET\nz: 1\n",
    "NAME:\n# why\n  SECRET\nz: [\n",
    "env:\n- value: SECRET\n  name: UPPER\nz: [\n",
    "env:\n- name: UPPER\n  value: |\nSECRET\nz: \"\n",
    "- NAME: SECRET\n  clusterMode: legacy\nz: [\n",
    "x: &a\n  y: SECRET\nNAME: *a\nz: [\n",
    "args:\n- --NAME\n- SECRET\nz: [\n",
    "NAME: \"a\nSECRET\nz: 1\n",
    "NAME\u{a0}: |\n\nSECRET\nz: [\n",
    "NAME SECRET\nz: [\n",
    "kind: Secret\ndata:\n  a: \"\\qSECRET\"\nz: 1\n",
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

#[test]
fn no_secret_of_a_documented_name_is_seen_in_any_shape() {
    let (mut planted, mut seen) = (0, String::new());
    for (name, shape) in NAMES.iter().flat_map(|name| SHAPES.iter().map(move |shape| (name, shape))) {
        let upper = name.to_uppercase();
        let text = shape.replace("SECRET", SECRET).replace("NAME", name).replace("UPPER", &upper);
        let text = format!("pce_url: a.b:8443\n{text}");
        for text in [text.replace('\n', "\r\n"), text] {
            planted += 1;
            let shown = shown(&text);
            let hides_mode =
                shown.matches("clusterMode: legacy").count() != text.matches("clusterMode: legacy").count();
            if shown.contains(SECRET) || hides_mode || !shown.starts_with("pce_url: a.b:8443") {
                seen += &format!("{text}\n=>\n{shown}\n");
            }
        }
    }
    println!("{planted} planted");
    assert!(seen.is_empty(), "{seen}");
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
    ("one line", |n| format!("x: {{{}}}\n", repeated(n, "password#: v#, "))),
    ("merges", |n| format!("x: &a {{{}}}\n{}", repeated(n, "k#: v, "), repeated(n, "y#: {<<: *a, value: 1}\n"))),
    ("pairs, broken", |n| repeated(n, "name: token\nvalue: x\n") + "z: [\n"),
    ("quotes", |n| format!("a: \"{}\"\n", "\\\"password\\\": \\\"x\\\" ".repeat(n))),
    ("addresses", |n| format!("a: \"{}\"\n", "://hooks.slack.com/".repeat(n))),
    ("comments", |n| "password: x\n".to_owned() + &"  # a password: x y\n".repeat(n)),
    ("brackets", |n| format!("a: {}\n", "[".repeat(n * 20))),
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
