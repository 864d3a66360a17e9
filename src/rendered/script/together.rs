//! Values files that are named together where it is not known what takes them: Helm may merge them, and the values of one
//! override those of another.

use std::ops::Range;

use super::command::{WITH_VALUE, told};
use crate::{
    rendered::{
        Kind, kind_of,
        program::{Names, in_program},
        shell::{self, pattern::paths_in, text::Said},
    },
    source::Source,
    yaml::Document,
};

/// A command that is not one of Helm, and names values files to a program that may pass them on.
pub(in crate::rendered) struct Passing {
    /// What is run: a script, or a target of make.
    pub(in crate::rendered) program: Said,
    /// The files that follow options for values.
    pub(in crate::rendered) files: Vec<Said>,
    /// Every file that it names.
    pub(in crate::rendered) all: Vec<Said>,
    /// The files that templates of helmfile take their values from.
    pub(in crate::rendered) state: Vec<Said>,
}

/// Programs that take several files for what they are themselves, and pass none on to Helm.
#[rustfmt::skip] // a table
const OTHERS: &[&str] = &[
    "kubectl", "oc", "docker", "docker-compose", "podman", "podman-compose", "compose", "kustomize", "yq",
    "jq", "sops", "cat", "grep", "egrep", "awk", "sed", "cp", "mv", "rm", "ln", "ls", "diff", "git", "tar", "rsync", "scp",
    "test", "[", "[[", "touch", "chmod", "yamllint", "prettier", "kubeconform", "kubeval", "conftest", "trivy", "checkov",
    "ytt", "kapp", "kbld", "ct", "ansible-vault", "envsubst", "curl", "wget", "head", "tail", "wc", "echo", "printf",
    "export", "source", ".", "cd", "mkdir", "tee", "pre-commit", "istioctl", "linkerd", "terraform", "tofu", "kind", "k3d",
    "gcloud", "az", "aws", "jsonnet", "cue", "vals", "gomplate", "spruce", "dyff", "nano", "vim", "code", "stat", "file",
];

/// Programs that make one file of several.
const MERGING: &[&str] = &["yq", "jq", "spruce", "cat", "ytt", "gomplate", "vals", "jsonnet", "cue"];

/// The values files that a command of helmfile gives to Helm beside those of its releases: `helmfile apply --values
/// a.yaml`, `--args "-f a.yaml"`. (helmfile documentation, CLI Reference)
fn given_to_helmfile(words: &[Said]) -> Option<Passing> {
    let at = words.iter().position(|word| word.text.rsplit('/').next() == Some("helmfile"))?;
    let is_own = |before: &Said| ["-f", "--file"].contains(&before.text.as_str());
    let behind = &words[at + 1..];
    let pairs = behind.iter().enumerate().filter(|(number, _)| *number == 0 || !is_own(&behind[number - 1]));
    let given: Vec<&Said> = pairs.map(|(_, word)| word).filter(|word| !is_own(word)).collect();
    let (files, state) = (files_of_options(&given), state_values(&given));
    let own = behind.windows(2).find(|pair| is_own(&pair[0])).map(|pair| pair[1].clone());
    let usual = Said { text: "helmfile.yaml".to_owned(), at: words[at].at.clone() };
    let (program, all) = (words[at].clone(), vec![own.unwrap_or(usual)]);
    (!files.is_empty() || !state.is_empty()).then_some(Passing { program, files, all, state })
}

/// The files behind `--state-values-file`, which its templates take as `.Values`.
fn state_values(words: &[&Said]) -> Vec<Said> {
    const OPTION: &str = "--state-values-file";
    let behind = words.iter().skip(1).map(Some).chain([None]);
    let of_option = |(word, next): (&&Said, Option<&&Said>)| match word.text.split_once('=') {
        Some((OPTION, text)) => Some(Said { text: text.to_owned(), at: word.at.clone() }),
        _ => next.filter(|_| word.text == OPTION).map(|next| (*next).clone()),
    };
    words.iter().zip(behind).filter_map(of_option).collect()
}

/// What such a command names, by its words; nothing of another one. `is_written` is whether what it shows is kept.
pub(super) fn passing(words: &[Said], is_written: bool) -> Option<Passing> {
    let words: Vec<&Said> =
        words.iter().skip_while(|word| shell::is_passed(&word.text) && !gives_files(&word.text)).collect();
    let program = words.iter().find(|word| !shell::is_passed(&word.text))?;
    let name = program.text.trim_start_matches(['@', '-', '+']);
    let last = name.rsplit('/').next().unwrap_or(name);
    let is_of_helm = words.iter().any(|word| shell::is_helm(&word.text)) || shell::is_shown_only(&program.text);
    let merges = is_written && MERGING.contains(&last);
    if last == "helmfile" {
        return given_to_helmfile(&words.into_iter().cloned().collect::<Vec<_>>());
    }
    if is_of_helm || OTHERS.contains(&last) && !merges || name.ends_with([':', '=']) {
        return None;
    }
    let interprets = ["bash", "sh", "zsh", "ksh", "python", "python3", "node", "ruby", "perl"].contains(&last);
    let is_option = |word: &&&Said| !word.text.starts_with('-');
    let script = words.iter().skip_while(|word| word.at != program.at).skip(1).find(is_option);
    let program = script.filter(|_| interprets).unwrap_or(program);
    let files: Vec<Said> = files_of_options(&words);
    let other = |word: &&&Said| word.at != program.at;
    let all = words.iter().filter(other).flat_map(|word| named_in(word)).collect::<Vec<Said>>();
    let files = if merges { all.clone() } else { files };
    (!all.is_empty()).then(|| Passing {
        program: Said { text: name_of(program), at: program.at.clone() },
        files,
        all,
        state: Vec::new(),
    })
}

fn name_of(program: &Said) -> String {
    program.text.trim_start_matches(['@', '-', '+']).to_owned()
}

/// The files that a word names.
fn named_in(word: &Said) -> impl Iterator<Item = Said> {
    paths_in(&word.text).into_iter().map(|text| Said { text, at: word.at.clone() })
}

/// Whether a word sets something that options of Helm may be: `ARGS=-f a.yaml`.
fn gives_files(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, value)| is_of_values(name) && !paths_in(value).is_empty())
}

/// Whether a name is one that values, or options, are given by.
fn is_of_values(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["value", "helm", "args", "flags", "opts", "options"].iter().any(|mark| name.contains(mark))
}

/// The files that follow options of Helm for values, of which a word may hold several.
fn files_of_options(words: &[&Said]) -> Vec<Said> {
    let mut files = Vec::new();
    let mut is_next = false;
    for word in words {
        for piece in word.text.split_whitespace() {
            let piece = piece.rsplit(['(', '"', '\'']).next().unwrap_or(piece);
            let (option, value) = piece.split_once('=').unwrap_or((piece, ""));
            let option = option.rsplit(',').next().unwrap_or(option);
            let is_short = option.starts_with("-f") && !option.starts_with("-fo");
            let is_option = is_short
                || option.starts_with("--") && option.contains("value") && !option.starts_with("--state")
                || gives_files(piece);
            let text = if is_next {
                piece
            } else if is_short {
                &piece[piece.find("-f").map_or(0, |at| at + 2)..]
            } else {
                value
            };
            if is_next || is_option {
                files.extend(named_in(&Said { text: text.to_owned(), at: word.at.clone() }));
            }
            is_next = is_option && text.is_empty() && !WITH_VALUE.contains(&option);
        }
    }
    files
}

/// The values files that a file names together outside of commands: in a list, or in a program that is not read. Of each
/// document it is known whether it is a manifest of a controller, which takes them by their names, or not at all.
pub(crate) fn named_together(source: Source<'_>, text: &str, documents: &[(bool, Range<usize>)]) -> Vec<Names> {
    let is_groovy = || ["Jenkinsfile", ".groovy"].iter().any(|name| source.name.contains(name));
    let speaks_of =
        |word: &str| text.to_ascii_lowercase().contains(word) || source.name.to_ascii_lowercase().contains(word);
    let all = match kind_of(source.name, source.bytes) {
        Some(Kind::Yaml | Kind::Values) => {
            let of_document = |(is_manifest, range): &(bool, Range<usize>)| {
                let found = in_lists(&text[range.clone()], range.start).into_iter();
                found.map(|names| if *is_manifest { of_manifest(names) } else { names }).collect::<Vec<_>>()
            };
            documents.iter().flat_map(of_document).collect()
        }
        Some(Kind::Unread) if CONFIGURING.iter().any(|ending| source.name.ends_with(ending)) => in_program(text),
        Some(Kind::Unread | Kind::Template | Kind::Recipe | Kind::Settings) if speaks_of("helm") => in_program(text),
        Some(Kind::Script) if is_groovy() && speaks_of("helm") && told_in(text).is_none() => in_program(text),
        _ => Vec::new(),
    };
    all.into_iter().filter_map(several).collect()
}

/// The endings of languages in which people write what others take for their configuration.
const CONFIGURING: &[&str] =
    &[".hcl", ".tfvars", ".toml", ".cue", ".jsonnet", ".libsonnet", ".nix", ".dhall", ".bicep", ".k"];

/// The names in a manifest of a controller, from the folder of its source: those that are known, and patterns of them.
fn of_manifest((names, at): Names) -> Names {
    let is_plain = |name: &String| !name.contains(['$', '{']) && !name.starts_with('*');
    let moved = |name: String| {
        let below = name.trim_start_matches("../");
        if below.len() < name.len() || name.contains('*') { format!("*/{below}") } else { name }
    };
    let names = names.into_iter().map(|name| name.strip_prefix("$values/").map_or(name.clone(), str::to_owned));
    (names.filter(is_plain).map(moved).collect(), at)
}

/// Whether a line of a text is a command of Helm.
fn told_in(text: &str) -> Option<()> {
    text.lines().find_map(|line| {
        let tokens = shell::tokens(line, 0..line.len());
        let words = shell::words(&tokens).into_iter().map(|word| Said { text: word.said.clone(), at: word.at.clone() });
        told(&words.collect::<Vec<_>>()).map(|_| ())
    })
}

/// Whether a file may name several values files outside of commands: a quick look.
pub(crate) fn may_name_together(source: Source<'_>) -> bool {
    let has = |word: &str| memchr::memmem::find(source.bytes, word.as_bytes()).is_some();
    let endings = [".yaml", ".yml", ".json"].into_iter();
    let count = endings.flat_map(|ending| memchr::memmem::find_iter(source.bytes, ending)).take(2).count();
    (count > 1 || count == 1 && has("*."))
        && ["alue", "elm", "ELM", "args", "lags", "verrides", "onfig-files"].into_iter().any(has)
}

/// Whether a file may name values files: a quick look.
pub(in crate::rendered) fn may_name(bytes: &[u8]) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|ending| memchr::memmem::find(bytes, ending.as_bytes()).is_some())
}

/// Those of the lists and texts in a document that begins at a byte.
fn in_lists(text: &str, start: usize) -> Vec<Names> {
    /// Where each of several is for itself.
    const EACH: [&str; 12] = [
        "matrix",
        "parallel",
        "paths",
        "paths-ignore",
        "on",
        "exclude",
        "include",
        "with_items",
        "loop",
        "changes",
        "environments",
        "helmfiles",
    ];
    let Ok(document) = Document::read_any(text) else { return Vec::new() };
    let is_key = |key: &str| is_of_values(key) || ["config-files", "command", "overrides"].contains(&key);
    let held = document.held_by(&is_key, &|key| EACH.contains(&key), start);
    let names = held.into_iter().filter_map(|held| {
        let at = held.first()?.1.clone();
        Some((held.iter().flat_map(|(text, _)| paths_in(text)).collect::<Vec<_>>(), at))
    });
    names.collect()
}

/// Names of several files; nothing of a single one.
fn several((mut names, at): Names) -> Option<Names> {
    // a pattern of all files names none
    names.retain(|name| !name.starts_with('*') || name.starts_with("*/") && !name.starts_with("*/*"));
    names.sort();
    names.dedup();
    (names.len() > 1 || names.iter().any(|name| name.contains('*'))).then_some((names, at))
}
