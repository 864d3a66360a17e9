//! The files that a script writes, and what changes them: which heredoc a command of Helm gets, if that is known.

use std::collections::HashMap;

use super::{
    branches::{Counts, Scope, counts},
    heredoc::Heredoc,
    text::Said,
};

/// A heredoc, and the file that it becomes; `-` for standard input.
pub(super) struct Written {
    pub(super) target: Said,
    pub(super) heredoc: Heredoc,
    pub(super) is_used: bool,
}

/// What is done to a file.
struct Done {
    at: Vec<Scope>,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    /// A heredoc becomes it, by its number.
    Written(usize),
    /// Something else is put in its place, or into it.
    Changed,
}

/// What a command gets of a file that it names.
pub(super) enum Gets {
    /// What was there already.
    Nothing,
    /// A heredoc.
    Heredoc(usize),
    /// One of several, or what something else makes of it.
    Unknown,
}

/// What is done to files, in order.
#[derive(Default)]
pub(super) struct Files {
    pub(super) written: Vec<Written>,
    done: HashMap<String, Vec<Done>>,
}

impl Files {
    /// Takes a heredoc that becomes a file.
    pub(super) fn write(&mut self, target: Said, heredoc: Heredoc, at: Vec<Scope>) {
        let number = self.written.len();
        let done = self.done.entry(clean(&target.text).to_owned()).or_default();
        // what is overwritten before anything gets it belongs to no cluster
        for other in done.iter().filter(|other| counts(&at, &other.at) == Counts::Always) {
            if let What::Written(other) = other.what {
                self.written[other].is_used = true;
            }
        }
        done.push(Done { at, what: What::Written(number) });
        self.written.push(Written { target, heredoc, is_used: false });
    }

    /// Takes a command that may change a file.
    pub(super) fn change(&mut self, file: &str, at: &[Scope]) {
        /// As much is kept of one file.
        const MOST: usize = 100;
        let done = self.done.entry(clean(file).to_owned()).or_default();
        if done.len() < MOST {
            done.push(Done { at: at.to_vec(), what: What::Changed });
        }
    }

    /// Whether anything is done to a file whose name fits.
    pub(super) fn any(&self, fits: impl Fn(&str) -> bool) -> bool {
        self.done.keys().any(|file| fits(file))
    }

    /// What a command at a place gets of a file.
    pub(super) fn get(&mut self, file: &str, at: &[Scope]) -> Gets {
        let Some(done) = self.done.get(clean(file)) else { return Gets::Nothing };
        let mut perhaps: Vec<What> = Vec::new();
        let mut is_choice = false;
        let mut certain = None;
        for one in done.iter().rev() {
            match counts(&one.at, at) {
                Counts::Never => {}
                Counts::Always => {
                    certain = Some(one.what);
                    break;
                }
                counts => {
                    is_choice |= counts == Counts::Sometimes;
                    perhaps.push(one.what);
                }
            }
        }
        // what is changed before anything gets it belongs to no cluster either
        let is_changed = matches!(certain, Some(What::Changed));
        let before = done.iter().filter(|_| is_changed).map(|one| &one.what);
        for what in perhaps.iter().chain(&certain).chain(before) {
            if let What::Written(number) = what {
                self.written[*number].is_used = true;
            }
        }
        match (&perhaps[..], certain) {
            ([], None) => Gets::Nothing,
            ([], Some(What::Written(number))) => Gets::Heredoc(number),
            ([What::Written(number)], None) if !is_choice => Gets::Heredoc(*number),
            _ => Gets::Unknown,
        }
    }
}

fn clean(path: &str) -> &str {
    path.trim_start_matches("./")
}

/// The programs that look at the files which they name, and change none of them.
const READERS: &[&str] = &[
    "cat",
    "grep",
    "egrep",
    "head",
    "tail",
    "less",
    "more",
    "ls",
    "diff",
    "rm",
    "chmod",
    "chown",
    "git",
    "echo",
    "printf",
    "test",
    "[",
    "[[",
    "wc",
    "kubectl",
    "oc",
    "yamllint",
    "helm",
    "stat",
    "file",
    "source",
    ".",
    "export",
    "set",
    "exit",
    "return",
    "kubeconform",
    "kubeval",
    "conftest",
    "kubescape",
    "trivy",
    "checkov",
    "sha256sum",
    "md5sum",
    "curl",
    "cd",
    "jq",
    "docker",
    "sed",
    "yq",
    "awk",
    "perl",
    "ruby",
    "python",
    "python3",
    "envsubst",
    "sops",
    "dirname",
    "basename",
    "realpath",
    "readlink",
    "mkdir",
    "rmdir",
    "if",
    "local",
    "readonly",
    "declare",
    "for",
    "while",
    "case",
    "trap",
    "helmfile",
];

/// Options by which a program changes the file that it is given.
const CHANGING: &[&str] = &["-i", "--in-place", "--inplace", "-w", "--write", "-o", "--output", "-O"];

/// Whether a program may change the files that it names, by its words.
pub(super) fn may_change(words: &[&str]) -> bool {
    let Some(first) = words.first() else { return false };
    let name = first.rsplit('/').next().unwrap_or(first);
    let is_changing = |word: &&str| {
        CHANGING.iter().any(|option| {
            word == option || word.strip_prefix(option).is_some_and(|rest| rest.starts_with(['.', '=', 'i', 'e', 'n']))
        }) || word.starts_with('-') && !word.starts_with("--") && word.ends_with('i') && word.len() <= 4
    };
    let is_program_of_its_own = ["ruby", "python", "python3", "docker"].contains(&name);
    !READERS.contains(&name) || is_program_of_its_own || words[1..].iter().any(is_changing)
}
