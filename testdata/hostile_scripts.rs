//! Heaps of words in every kind of file that runs Helm: whatever they say, they are read to the end. The same heaps in
//! every run.

use helm_clas::{
    ClusterMode,
    status::Holder,
    yaml::{MAX_PROGRAM_BYTES, MAX_RELEASES},
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{
    properties::for_all,
    support::{program::Folder, reading::standings},
};

const HELM: &str = "helm upgrade illumio oci://quay.io/illumio/illumio --version 5.1.0 ";

/// A kind of file: its name, what comes before the commands, and how far each line of them is indented.
const FILES: [(&str, &str, &str); 6] = [
    ("deploy.sh", "", ""),
    ("Makefile", "deploy:\n", "\t"),
    ("Jenkinsfile", "pipeline { steps { sh '''\n", ""),
    (".gitlab-ci.yml", "deploy:\n  script:\n  - |\n", "    "),
    (".github/workflows/deploy.yml", "on: push\njobs:\n  deploy:\n    steps:\n    - run: |\n", "        "),
    ("README.md", "```sh\n", ""),
];

const WORDS: &[&str] = &[
    "\"\"",
    "''",
    "é",
    "🦀",
    "$",
    "$é",
    "${",
    "${A",
    "${A}",
    "$A",
    "\"$A\"",
    "\"${A[@]}\"",
    "$(",
    "$(A)",
    "`",
    "\\",
    "\\\n",
    "A=",
    "A=é",
    "A+=(x",
    "A=($A)",
    ")",
    "(",
    "{",
    "}",
    "&&",
    "||",
    "|",
    ";",
    "&",
    "\n",
    "\n",
    "\n",
    "if x; then",
    "fi",
    "for d in a b; do",
    "done",
    "f() {",
    "f",
    "case $1 in",
    "a)",
    ";;",
    "esac",
    "cd é",
    "cd \"$A\"",
    "cd -",
    "pushd",
    "popd",
    "<<EOF",
    "<<-'E'",
    "EOF",
    "<(",
    ">",
    "2>&1",
    "-f",
    "-f v.yaml",
    "-fé.yaml",
    "--values=",
    "--set",
    "--set clusterMode=clas",
    "--set=clusterMode=$A",
    "clusterMode: legacy",
    "$1",
    "$@",
    "\"$0\"",
    "xargs",
    "-I{}",
    "{}",
    "${{ env.A }}",
    "${{",
    "{{",
    "}}",
    "$$",
    "$$A",
    "@",
    "-",
    "--",
    "#",
    "# é",
    "!",
    "*",
    "?",
    "[",
    "]",
    "'",
    "\"",
    "\t",
    "\r\n",
    "\u{a0}",
    "helm",
    "yq -i .clusterMode=clas v.yaml",
    "sed -i s/é/x/ v.yaml",
    "envsubst",
    "cat > v.yaml",
    "tee",
];

#[test]
fn a_heap_of_words_is_read_to_its_end() {
    let heap = (select(&FILES[..]), vec(select(WORDS), 0..14));
    for_all(6000, &heap, |((name, head, indent), words)| {
        let script = format!("{HELM}{}\n{HELM}-f v.yaml\n", words.join(" "));
        let lines: Vec<String> = script.lines().map(|line| format!("{indent}{line}\n")).collect();
        let text = format!("{head}{}", lines.concat());
        // whether there is a release at all depends on the heap
        for row in standings(&[(name, text.as_str()), ("v.yaml", "clusterMode: legacy\n")], None) {
            prop_assert!(row.mode.is_some() || !row.findings.is_empty(), "it is said why no mode is known: {}", text);
        }
        Ok(())
    });
}

#[test]
fn an_empty_word_hides_nothing() {
    for word in ["\"\"", "''", "é", "\"é$\"", "$é", "🦀$A"] {
        let script = format!("{HELM}{word} --set clusterMode=clas\n");
        let found = standings(&[("deploy.sh", script)], None);
        assert_eq!(found.len(), 1, "{word}");
        assert_eq!(found[0].mode, Some(ClusterMode::Clas), "{word}");
    }
}

/// A program that cannot be read may give the files that it names to one release, so their modes are not known.
#[test]
fn a_program_that_cannot_be_read_is_named() {
    let terraform = "resource \"helm_release\" \"illumio\" {\n  name = \"illumio\"\n  repository = \"oci://quay.io/illumio\"\n  \
                     chart = \"illumio\"\n  version = \"5.1.0\"\n  values = [file(\"a.yaml\"), file(\"b.yaml\")]\n}\n";
    let command = format!("{HELM}-f a.yaml -f b.yaml\n");
    let recipe = format!("deploy:\n\t{command}");
    let long = "#".repeat(MAX_PROGRAM_BYTES);
    for (name, text) in [("deploy.sh", &command[..]), ("Makefile", &recipe), ("main.tf", terraform)] {
        for (tail, why) in [(&b"# caf\xe9\n"[..], "is not UTF-8"), (long.as_bytes(), "up to 1 MiB")] {
            let folder = Folder::with(name, text);
            folder.write("a.yaml", "pce_url: p:8443\nclusterMode: legacy\n");
            folder.write("b.yaml", "clusterMode: clas\n");
            assert!(folder.run("status .").stdout.contains("1 cluster: 1 clas"), "{name}");
            folder.write(name, [text.as_bytes(), tail].concat());
            let ran = folder.run("status -o json .").exits(0).json();
            let rows = ran["files"].as_array().unwrap();
            assert_eq!(rows.len(), 3, "{name}: {rows:#?}");
            assert!(rows.iter().all(|row| row["mode"].is_null()), "{name}: {rows:#?}");
            assert!(rows.iter().any(|row| row.to_string().contains(why)), "{name}, {why}: {rows:#?}");
            folder.run(&format!("check --partial {name}")).exits(1).has(why);
            folder.run("migrate -f a.yaml --version 5.1.0 --pce-version 24.2.20").exits(1).says("mode-elsewhere");
        }
    }
}

#[test]
fn releases_beyond_the_limit_are_named() {
    let release = |number| {
        format!("- {{name: r{number}, chart: illumio/illumio, version: 5.1.0, values: [{{clusterMode: clas}}]}}\n")
    };
    let releases: String = (0..=MAX_RELEASES).map(release).collect();
    let found = standings(&[("helmfile.yaml", format!("releases:\n{releases}"))], None);
    let clusters = found.iter().filter(|row| row.holder != Holder::Mention);
    assert_eq!((clusters.count(), found.len()), (MAX_RELEASES, MAX_RELEASES + 1), "the mode of the last is mentioned");
    let said = &found[0].findings[0].finding.message;
    assert_eq!(said, "the file brings more than 5000 releases of the chart, and the rest is not read");
}
