//! Heaps of words in every kind of file that runs Helm: whatever they say, they are read to the end. The same heaps in
//! every run.

use helm_clas::ClusterMode;
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{properties::for_all, support::reading::standings};

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
