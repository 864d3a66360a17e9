//! The files that a script writes, and what changes them: which heredoc a command of Helm gets, if that is known.

use std::collections::{HashMap, HashSet};

use super::arguments::is_argument;
use crate::rendered::shell::{
    branches::{Counts, Scope, counts},
    heredoc::Heredoc,
    programs::{Does, does},
    text::Said,
};

/// A heredoc, and the file that it becomes; `-` for standard input.
pub(super) struct Written {
    pub(in crate::rendered) target: Said,
    pub(super) heredoc: Heredoc,
    pub(super) is_used: bool,
}

/// What is done to a file.
struct Done {
    at: Vec<Scope>,
    what: What,
    number: usize,
}

#[derive(Clone, Copy)]
enum What {
    /// A heredoc becomes it, by its number.
    Written(usize),
    /// Something else is put in its place, or into it.
    Changed,
}

/// What a command gets of a file that it names.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::rendered) enum Gets {
    /// What was there already.
    Nothing,
    /// A heredoc.
    Heredoc(usize),
    /// One of several, or what something else makes of it.
    Unknown,
    /// That of another branch, or of another repository.
    Elsewhere,
}

/// What is done to files, in order.
#[derive(Default)]
pub(super) struct Files {
    pub(super) written: Vec<Written>,
    done: HashMap<String, Vec<Done>>,
    /// The folders of which any file may be changed.
    folders: Vec<(String, Done)>,
    count: usize,
    /// The functions that always run.
    pub(super) called: HashSet<String>,
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
        // what a function writes to its argument is that of each of its calls
        let is_used = is_argument(&target.text) && at.iter().any(|scope| scope.function().is_some());
        self.count += 1;
        done.push(Done { at, what: What::Written(number), number: self.count });
        self.written.push(Written { target, heredoc, is_used });
    }

    /// Takes a command that may change a file.
    pub(super) fn change(&mut self, file: &str, at: &[Scope]) {
        /// As much is kept of one file.
        const MOST: usize = 100;
        let done = self.done.entry(clean(file).to_owned()).or_default();
        if done.len() < MOST {
            self.count += 1;
            done.push(Done { at: at.to_vec(), what: What::Changed, number: self.count });
        }
    }

    /// Takes a command that may change any file below a folder.
    pub(super) fn change_all(&mut self, folder: &str, at: &[Scope]) {
        /// As many are kept.
        const MOST: usize = 100;
        if self.folders.len() < MOST {
            self.count += 1;
            let done = Done { at: at.to_vec(), what: What::Changed, number: self.count };
            self.folders.push((clean(folder).trim_end_matches('/').to_owned(), done));
        }
    }

    /// Whether any file of a folder that a file is in may be changed before a place, and behind what was done last to it.
    fn is_changed_with_others(&self, file: &str, at: &[Scope], since: usize) -> bool {
        let is_in =
            |folder: &str| folder.is_empty() || file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let may_run = |done: &Done| done.number > since && counts(&done.at, at) != Counts::Never;
        self.folders.iter().any(|(folder, done)| is_in(folder) && may_run(done))
    }

    /// Whether anything is done to a file whose name fits.
    pub(super) fn any(&self, fits: impl Fn(&str) -> bool) -> bool {
        self.done.keys().any(|file| fits(file))
    }

    /// What a command at a place gets of a file.
    pub(super) fn get(&mut self, file: &str, at: &[Scope]) -> Gets {
        let last =
            self.done.get(clean(file)).and_then(|done| done.iter().rfind(|one| counts(&one.at, at) == Counts::Always));
        let is_changed = self.is_changed_with_others(clean(file), at, last.map_or(0, |done| done.number));
        let Some(done) = self.done.get(clean(file)) else {
            return if is_changed { Gets::Unknown } else { Gets::Nothing };
        };
        if is_changed {
            for one in done {
                if let What::Written(number) = one.what {
                    self.written[number].is_used = true;
                }
            }
            return Gets::Unknown;
        }
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
                    let mut functions = one.at.iter().filter_map(Scope::function);
                    is_choice |=
                        counts == Counts::Sometimes || functions.any(|function| !self.called.contains(function));
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

/// A name from where the script began; its own folder is taken for that.
fn clean(path: &str) -> &str {
    path.strip_prefix(":./").unwrap_or(path).trim_start_matches("./")
}

/// Options by which a program changes the file that it is given.
const CHANGING: &[&str] = &["-i", "--in-place", "--inplace", "-w", "--write", "-o", "--output", "-O"];

/// The verbs of Git that put other contents into the files which they name, or into any. What `pull` and `clone` bring
/// is what is in the repository.
const GIT_CHANGES: &[&str] =
    &["checkout", "switch", "restore", "reset", "merge", "rebase", "revert", "apply", "am", "stash", "cherry-pick"];

/// Whether a program copies what it is given to what comes last.
fn is_copy(program: &str) -> bool {
    ["cp", "install", "ln", "mv", "rsync", "scp", "aws", "gsutil", "gcloud", "az"].contains(&program)
}

/// The files that a command changes, of those that it names: `FOLDER/*` for any in a folder.
pub(super) fn changed(words: &[&str]) -> Vec<String> {
    let Some((program, rest)) = words.split_first() else { return Vec::new() };
    let program = program.rsplit('/').next().unwrap_or(program);
    let values = rest.iter().map(|word| word.split_once('=').map_or(*word, |(_, value)| value));
    let named: Vec<&str> = values.filter(|word| !word.starts_with('-')).collect();
    let is_file = |word: &&str| word.contains(['.', '/']);
    let files = || named.iter().copied().filter(is_file);
    match program {
        _ if is_copy(program) => copied(program, rest, named),
        // what is fetched gets the name that ends the address, where no other is given
        "curl" | "wget" => {
            let of_addresses = files().filter(|word| word.contains("://")).filter_map(|word| word.rsplit('/').next());
            files().chain(of_addresses).map(str::to_owned).collect()
        }
        "git" => changed_by_git(rest, &named),
        "patch" => vec!["*".to_owned()],
        "tar" | "unzip" => unpacked(program, rest),
        // the folder of the script has another name in a container
        "docker" | "podman" => {
            let inside = files().filter_map(|file| file.strip_prefix('/')?.split_once('/')).map(|(_, file)| file);
            files().chain(inside).map(str::to_owned).collect()
        }
        _ => files().map(str::to_owned).collect(),
    }
}

/// What a copy writes: the last file that it names, or what has the name of each in that folder.
fn copied<'w>(program: &str, words: &[&'w str], mut named: Vec<&'w str>) -> Vec<String> {
    if let Some(at) = words.iter().position(|word| *word == "-t") {
        let folder = words.get(at + 1).copied().unwrap_or(".");
        named.retain(|word| *word != folder);
        named.push(folder);
    }
    // a link has the name of what it leads to, where no other is given
    let last = if program == "ln" && named.len() == 1 { Some(".") } else { named.pop() };
    let Some(last) = last else { return Vec::new() };
    let name = |from: &str| from.rsplit(['/', ':']).next().unwrap_or(from).to_owned();
    let is_open = |from: &&str| from.ends_with(['/', '.']) || from.contains(['*', '$']);
    let is_folder = last.ends_with(['/', '.']) || !name(last).contains('.');
    let folder = last.trim_end_matches('.').trim_end_matches('/');
    let inside = |name: String| if folder.is_empty() { name } else { format!("{folder}/{name}") };
    if !is_folder {
        let moved = named.into_iter().filter(|_| program == "mv");
        return moved.chain([last]).map(str::to_owned).collect();
    }
    let is_of_cloud = ["aws", "gsutil", "gcloud", "az"].contains(&program);
    let takes_all = ["sync", "rsync", "-r", "--recursive", "download-batch"].iter().any(|word| words.contains(word));
    let all = named.iter().any(is_open) || named.is_empty() || is_of_cloud && takes_all;
    let each = named.iter().map(|from| inside(name(from)));
    if all { vec![inside("*".to_owned())] } else { each.collect() }
}

/// What a command of Git writes: the files that it names, or any of another commit.
fn changed_by_git(words: &[&str], named: &[&str]) -> Vec<String> {
    let has = |options: &[&str]| words.iter().any(|word| options.contains(word));
    let verb = words.first().copied().unwrap_or_default();
    let behind = words.iter().position(|word| *word == "--").map(|at| &words[at + 1..]);
    let is_new = has(&["-b", "-B", "-c", "-C", "--create", "--orphan"]) && named.len() <= 2;
    let ending = |word: &&str| [".yaml", ".yml", ".json"].iter().any(|ending| word.ends_with(ending)) || *word == ".";
    let files: Vec<&str> = named.iter().skip(1).copied().filter(ending).collect();
    match (verb, behind) {
        _ if is_of_other_branch(words) => vec!["*".to_owned()],
        ("checkout" | "switch", _) if is_new => Vec::new(),
        ("reset", None) if !has(&["--hard", "--merge", "--keep"]) => Vec::new(),
        (_, Some(behind)) => behind.iter().map(|file| of_path(file)).collect(),
        ("checkout" | "restore", None) if !files.is_empty() => files.into_iter().map(of_path).collect(),
        _ => vec!["*".to_owned()],
    }
}

/// Whether a step of Jenkins checks out another branch: `git branch: 'production', url: '...'`.
fn is_of_other_branch(words: &[&str]) -> bool {
    let branch = words.iter().position(|word| *word == "branch:").and_then(|at| words.get(at + 1));
    let name = branch.map(|name| name.trim_matches([',', '"', '\'']));
    name.is_some_and(|name| !name.contains('$') && !["main", "master"].contains(&name))
}

/// A file, or any of a folder.
fn of_path(path: &str) -> String {
    let is_file = path.rsplit('/').next().is_some_and(|name| name.trim_start_matches('.').contains('.'));
    if is_file { path.to_owned() } else { all_of(path) }
}

/// Any file of a folder.
fn all_of(folder: &str) -> String {
    let folder = folder.trim_end_matches('.').trim_end_matches('/');
    if folder.is_empty() { "*".to_owned() } else { format!("{folder}/*") }
}

/// What comes out of an archive: any file of the folder. What programs are fetched in holds no values.
fn unpacked(program: &str, words: &[&str]) -> Vec<String> {
    const OF_PROGRAMS: [&str; 8] = ["helm", "linux", "darwin", "amd64", "arm64", "kubectl", "sops", "cli"];
    let is_file = |word: &&&str| !word.starts_with('-') && word.contains('.');
    let Some(archive) = words.iter().find(is_file) else { return Vec::new() };
    let unpacks = program == "unzip" || words.iter().take(2).any(|word| word.contains('x'));
    if !unpacks || OF_PROGRAMS.iter().any(|name| archive.contains(name)) {
        return Vec::new();
    }
    let option = if program == "tar" { "-C" } else { "-d" };
    let folder = words.iter().position(|word| *word == option).and_then(|at| words.get(at + 1));
    vec![folder.map_or_else(|| "*".to_owned(), |folder| all_of(folder))]
}

/// Whether a program may change the files that it names, by its words.
pub(super) fn may_change(words: &[&str]) -> bool {
    let Some(first) = words.first() else { return false };
    let name = first.rsplit('/').next().unwrap_or(first);
    // options may stand in one word: `sed -Ei.bak`, `curl -fsSLo FILE`
    let letters = |word: &str| {
        let short = word.strip_prefix('-').filter(|rest| !rest.starts_with('-')).unwrap_or_default();
        short.chars().take_while(char::is_ascii_alphabetic).collect::<String>()
    };
    let is_cluster = |word: &&str| match name {
        "sed" | "gsed" | "yq" | "perl" | "ruby" | "sops" => letters(word).contains('i'),
        "curl" => letters(word).contains(['o', 'O', 'J']),
        _ => false,
    };
    let is_changing = |word: &&str| {
        CHANGING.iter().any(|option| {
            word == option || word.strip_prefix(option).is_some_and(|rest| rest.starts_with(['.', '=', 'i', 'e', 'n']))
        }) || is_cluster(word)
    };
    if name == "git" {
        return words.get(1).is_some_and(|verb| GIT_CHANGES.contains(verb)) || is_of_other_branch(&words[1..]);
    }
    // `sops set FILE`, which older ones say as an option (SOPS README, Set a sub-part in a document tree)
    if name == "sops" && words[1..].iter().any(|word| ["set", "unset", "--set", "edit"].contains(word)) {
        return true;
    }
    let is_program_of_its_own = ["ruby", "python", "python3", "docker"].contains(&name);
    let is_reader = does(name).is_some_and(|does| does != Does::Edits);
    !is_reader || is_program_of_its_own || words[1..].iter().any(is_changing)
}
