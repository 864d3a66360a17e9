//! What git knows of the files: what they held before, and what is staged.
//!
//! Git runs in the folder and the environment of this program, so the `GIT_DIR` and `GIT_INDEX_FILE` that it sets for
//! its hooks hold for it here, too.

use std::{
    collections::{HashMap, HashSet},
    env,
    ffi::OsStr,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{LazyLock, Mutex, PoisonError},
};

use helm_clas::chart::secrets::masked;

use crate::{
    args::Check,
    failure::Failure,
    outside::{self, files},
    paths,
};

/// Which two states of the files are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comparison {
    old: Old,
    new: New,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Old {
    Revision(String),
    /// The last commit; nothing before the first.
    Head,
    /// Where the second revision left the first: what happened to the first since then is not its doing.
    Fork(String, String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum New {
    WorkTree,
    Index,
    Revision(String),
}

impl Comparison {
    /// What the command line and pre-commit ask for.
    ///
    /// What is to be repaired is taken from the work tree, for there it is repaired. So is what is staged when
    /// pre-commit asks: at the time of a commit it has taken everything else from there, and with `--all-files` it
    /// means what is there.
    pub(crate) fn asked(check: &Check) -> Option<Self> {
        let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
        if let Some(revision) = &check.against {
            return Some(Self { old: Old::Revision(revision.clone()), new: New::WorkTree });
        }
        if let (Some(from), Some(to)) = (set("PRE_COMMIT_FROM_REF"), set("PRE_COMMIT_TO_REF")) {
            let new = if check.fix { New::WorkTree } else { New::Revision(to.clone()) };
            return Some(Self { old: Old::Fork(from, to), new });
        }
        let new = if check.fix || set("PRE_COMMIT").is_some() { New::WorkTree } else { New::Index };
        check.staged.then_some(Self { old: Old::Head, new })
    }
}

/// What changed between two states of a repository.
#[derive(Debug)]
pub(crate) struct Changes {
    top: PathBuf,
    /// What to write before a path to name its content in the new state; nothing where that is the work tree.
    new: Option<String>,
    /// The names of the old contents, by the paths that the files have now; nothing for a file that is new.
    old: HashMap<Vec<u8>, Option<String>>,
}

impl Changes {
    pub(crate) fn between(comparison: &Comparison) -> Result<Self, Failure> {
        let top = top()?;
        let new = match &comparison.new {
            New::WorkTree => None,
            New::Index => Some(":0:".to_owned()),
            New::Revision(revision) => Some(tree(revision)? + ":"),
        };
        let old = match &comparison.old {
            Old::Revision(revision) => old_tree(revision)?,
            Old::Head => tree("HEAD").ok(),
            Old::Fork(from, _) if is_null(from) => None,
            Old::Fork(from, to) => {
                let (old, _) = (tree(from)?, tree(to)?);
                let fork = git(["merge-base", from, to]).ok().map(|fork| String::from_utf8_lossy(&fork).into_owned());
                Some(fork.map_or(Ok(old), |fork| tree(fork.trim_end()))?)
            }
        };
        let raw = match (&old, &comparison.new) {
            (None, _) => Vec::new(),
            (Some(old), New::WorkTree) => git(["diff-index", "--raw", "-z", "-M", "--ignore-submodules", old, "--"])?,
            (Some(old), New::Index) => git(["diff-index", "--cached", "--raw", "-z", "-M", old, "--"])?,
            (Some(old), New::Revision(_)) => {
                let new = new.as_deref().unwrap_or_default().trim_end_matches(':');
                git(["diff-tree", "-r", "--raw", "-z", "-M", old, new, "--"])?
            }
        };
        Ok(Self { top: paths::real(&top).unwrap_or(top), new, old: old_contents(&raw) })
    }

    /// The top of the work tree, without links.
    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    /// A file in the new state. One that this does not know is taken as it is in the work tree.
    pub(crate) fn new_of(&self, file: &Path, contents: &mut Option<Contents>) -> Result<Vec<u8>, Failure> {
        match self.new_content(&self.path_of(file)?, contents)? {
            Some(new) => Ok(new),
            None => files::read(file),
        }
    }

    /// A file that another one names, in the new state; nothing where it is not there, or not in the checkout.
    /// What did not change is read from the work tree by `read`.
    pub(crate) fn beside(
        &self,
        file: &Path,
        read: impl Fn(&str) -> Result<Option<Vec<u8>>, Failure>,
        contents: &mut Option<Contents>,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let name = paths::name(file);
        let Ok(path) = self.path_of(file) else { return read(&name) };
        match self.new_content(&path, contents)? {
            Some(new) => Ok(Some(new)),
            None => read(&name),
        }
    }

    /// A file in the old state; nothing where it was not there.
    pub(crate) fn old_of(&self, file: &Path, contents: &mut Option<Contents>) -> Result<Option<Vec<u8>>, Failure> {
        let path = self.path_of(file)?;
        match self.old.get(&path) {
            Some(Some(name)) => Contents::opened(contents)?.get(name.as_bytes(), &path),
            None if file.is_file() || self.new.is_some() => self.new_of(file, contents).map(Some).or(Ok(None)),
            Some(None) | None => Ok(None),
        }
    }

    /// Whether a file is another one than it was.
    pub(crate) fn is_changed(&self, file: &Path) -> bool {
        self.path_of(file).is_ok_and(|path| self.old.contains_key(&path))
    }

    /// The path of a file as git writes it: from the top of the work tree, with slashes. A link means its target.
    fn path_of(&self, file: &Path) -> Result<Vec<u8>, Failure> {
        let folder = || match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => paths::real(folder),
            _ => paths::real("."),
        };
        // a file may be staged, or part of a revision, without being there
        let whole = paths::real(file).or_else(|_| Ok(folder()?.join(file.file_name().unwrap_or_default())));
        let whole =
            whole.map_err(|error: io::Error| Failure::new(format!("cannot read {}: {error}", paths::name(file))))?;
        let inside = whole.strip_prefix(&self.top).map_err(|_| {
            Failure::new(format!(
                "cannot find out how {} changed: it is not in {}",
                paths::name(file),
                paths::name(&self.top)
            ))
            .help("run the command in the repository that the file is in")
        })?;
        let parts: Vec<&[u8]> = inside.iter().map(OsStr::as_encoded_bytes).collect();
        Ok(parts.join(&b'/'))
    }

    fn new_content(&self, path: &[u8], contents: &mut Option<Contents>) -> Result<Option<Vec<u8>>, Failure> {
        let Some(before_path) = &self.new else { return Ok(None) };
        Contents::opened(contents)?.get(&[before_path.as_bytes(), path].concat(), path)
    }
}

/// Reads what `git diff-index --raw -z` prints: `:MODE MODE OLD NEW STATUS`, the path, and the new path of what was
/// renamed, each ended by a zero. What was added has no old content.
fn old_contents(raw: &[u8]) -> HashMap<Vec<u8>, Option<String>> {
    let mut old = HashMap::new();
    let mut fields = raw.split(|byte| *byte == 0);
    while let (Some(change), Some(path)) = (fields.next(), fields.next()) {
        let change = String::from_utf8_lossy(change);
        let mut words = change.split(' ').skip(2);
        let (Some(name), Some(status)) = (words.next(), words.nth(1)) else { break };
        let path = if status.starts_with('R') { fields.next().unwrap_or(path) } else { path };
        let is_new = status.starts_with('A');
        old.insert(path.to_owned(), Some(name.to_owned()).filter(|_| !is_new));
    }
    old
}

/// One `git cat-file` that gives the contents of many files.
pub(crate) struct Contents {
    _git: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Contents {
    fn opened(contents: &mut Option<Self>) -> Result<&mut Self, Failure> {
        match contents {
            Some(opened) => Ok(opened),
            None => Ok(contents.insert(Self::open().map_err(cannot_run)?)),
        }
    }

    fn open() -> io::Result<Self> {
        let mut command = Command::new("git");
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut git = command.spawn()?;
        let (Some(questions), Some(answers)) = (git.stdin.take(), git.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        Ok(Self { _git: git, questions, answers: BufReader::new(answers) })
    }

    /// What a file holds whose content has this name; nothing where there is no such file.
    fn get(&mut self, name: &[u8], path: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
        // a name ends with its line
        if name.contains(&b'\n') {
            return Ok(None);
        }
        let content = self.ask(name).map_err(Failure::while_doing("cannot read Git's objects"))?;
        // what is kept encrypted (git-crypt) is not text before its filter has seen it
        Ok(content.map(|content| if content.contains(&0) { filtered(name, path).unwrap_or(content) } else { content }))
    }

    /// Git answers `ID blob SIZE` and the content, or `NAME missing`.
    fn ask(&mut self, name: &[u8]) -> io::Result<Option<Vec<u8>>> {
        self.questions.write_all(&[name, b"\n"].concat())?;
        let mut head = Vec::new();
        self.answers.read_until(b'\n', &mut head)?;
        if head.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let head = String::from_utf8_lossy(&head);
        let mut words = head.trim_end().rsplit(' ');
        let (size, kind) = (words.next().and_then(|size| size.parse().ok()), words.next());
        let Some(size) = size else { return Ok(None) };
        let mut rest = (&mut self.answers).take(size);
        let content = files::read_bounded(&mut rest)?;
        io::copy(&mut rest, &mut io::sink())?;
        self.answers.read_exact(&mut [0])?;
        Ok((kind == Some("blob")).then_some(content))
    }
}

/// A content as it would stand in the work tree.
fn filtered(name: &[u8], path: &[u8]) -> Option<Vec<u8>> {
    let path = [b"--path=", path].concat();
    git([OsStr::new("cat-file"), "--filters".as_ref(), self::path(&path).as_ref(), self::path(name).as_ref()]).ok()
}

/// The addresses of the repositories that a work tree is of; none where git knows of none.
pub(crate) fn remotes(top: &Path) -> Vec<String> {
    let answer = git_in(top, &["config", "--get-regexp", r"^remote\..*\.url$"]).unwrap_or_default();
    let lines = String::from_utf8_lossy(&answer);
    lines.lines().filter_map(|line| line.split_once(' ')).map(|(_, url)| url.to_owned()).collect()
}

/// The folder that the work tree of this folder is.
pub(crate) fn top() -> Result<PathBuf, Failure> {
    let top = git(["rev-parse", "--show-toplevel"]).map_err(|failure| match failure.advice() {
        Some(_) => failure,
        None => failure.help("run the command in the repository that the files are in"),
    })?;
    Ok(path(top.strip_suffix(b"\n").unwrap_or(&top)))
}

/// Whether a revision is not one: what a forge gives for what was before a first push.
fn is_null(revision: &str) -> bool {
    revision.len() >= 40 && revision.bytes().all(|byte| byte == b'0')
}

/// The tree of a revision that was before; nothing where there was nothing before: at a first push, and for the parent
/// of a first commit.
fn old_tree(revision: &str) -> Result<Option<String>, Failure> {
    if is_null(revision) {
        return Ok(None);
    }
    let failure = match tree(revision) {
        Ok(tree) => return Ok(Some(tree)),
        Err(failure) => failure,
    };
    // zeros that a person shortened name no object; HEAD names none before the first commit
    let is_short_null = !revision.is_empty() && revision.bytes().all(|byte| byte == b'0');
    if is_short_null || revision == "HEAD" && git(["symbolic-ref", "--quiet", "HEAD"]).is_ok() {
        return Ok(None);
    }
    let child = revision.split(['~', '^']).next().unwrap_or_default();
    let is_first = |child: &str| {
        let parents = git(["rev-list", "--max-count=1", "--parents", child, "--"]).ok();
        let parents = parents.is_some_and(|line| line.split(|byte| *byte == b' ').count() == 1);
        // a shallow clone has no parent of its last commit, and there is one
        parents && git(["rev-parse", "--is-shallow-repository"]).is_ok_and(|answer| answer.starts_with(b"false"))
    };
    let is_parent = ["~", "~1", "^", "^1"].iter().any(|suffix| revision == format!("{child}{suffix}"));
    let is_named = !child.is_empty() && !child.starts_with('-');
    if is_parent && is_named && is_first(child) { Ok(None) } else { Err(failure) }
}

/// The branch that is checked out in a work tree; nothing where none is, or where nothing was committed yet.
pub(crate) fn branch(top: &Path) -> Option<String> {
    git_in(top, &["rev-parse", "-q", "--verify", "HEAD"])?;
    let answer = git_in(top, &["symbolic-ref", "--short", "-q", "HEAD"])?;
    Some(String::from_utf8_lossy(&answer).trim_end().to_owned()).filter(|branch| !branch.is_empty())
}

/// What a branch holds at a path from the top: the one of this name, or that of a remote.
pub(crate) fn on_branch(top: &Path, branch: &str, path: &str) -> Option<Vec<u8>> {
    names_of(branch).iter().find_map(|name| held(top, name, path))
}

/// What a branch, a tag or a commit holds at a path from the top.
pub(crate) fn at_revision(top: &Path, revision: &str, path: &str) -> Option<Vec<u8>> {
    let tag = format!("refs/tags/{}", revision.strip_prefix("refs/tags/").unwrap_or(revision));
    let commit = Some(revision.to_owned()).filter(|revision| is_commit(revision));
    on_branch(top, revision, path).or_else(|| [tag].into_iter().chain(commit).find_map(|name| held(top, &name, path)))
}

fn held(top: &Path, revision: &str, path: &str) -> Option<Vec<u8>> {
    let name = &format!("{revision}:{path}");
    let blob = git_in(top, &["cat-file", "blob", name])?;
    // as it would stand in the work tree, where lines may end in another way
    Some(git_in(top, &["cat-file", "--filters", name]).unwrap_or(blob))
}

/// Whether a revision is named as a commit is.
fn is_commit(revision: &str) -> bool {
    (7..=64).contains(&revision.len()) && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Where a revision is, in words. A name that is not known here is that of a branch, unless it reads as a version or is the
/// name of a commit.
pub(crate) fn in_words(top: &Path, revision: &str) -> String {
    let is_known = |name: &String| git_in(top, &["rev-parse", "-q", "--verify", name]).is_some();
    let is_branch = names_of(revision).iter().any(is_known);
    let tag = revision.strip_prefix("refs/tags/").unwrap_or(revision);
    let is_version = || tag.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()) && tag.contains('.');
    match revision {
        _ if is_branch => format!("on the branch `{revision}`"),
        _ if tag != revision || is_known(&format!("refs/tags/{tag}")) || is_version() => format!("at the tag `{tag}`"),
        _ if is_commit(revision) => format!("at the commit `{revision}`"),
        _ => format!("on the branch `{revision}`"),
    }
}

/// Whether all of a branch is in what is checked out: that of this name, or that of a remote, which is the newer one.
pub(crate) fn is_begun_from(top: &Path, branch: &str) -> bool {
    let is_known = |name: &&String| git_in(top, &["rev-parse", "-q", "--verify", name]).is_some();
    let is_within = |name: &String| git_in(top, &["merge-base", "--is-ancestor", name, "HEAD"]).is_some();
    names_of(branch).iter().rfind(is_known).is_some_and(is_within)
}

/// The paths of everything that a branch holds; nothing where it is not known here.
pub(crate) fn paths_on_branch(top: &Path, branch: &str) -> Option<HashSet<Vec<u8>>> {
    let listed = |name: &String| git_in(top, &["ls-tree", "-r", "-z", "--name-only", "--full-tree", name]);
    let listed = names_of(branch).iter().find_map(listed)?;
    Some(listed.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect())
}

fn names_of(branch: &str) -> [String; 2] {
    [format!("refs/heads/{branch}"), format!("refs/remotes/origin/{branch}")]
}

/// What a git command prints in a work tree; nothing where it fails. Nothing here changes what git knows, so each is asked
/// once.
fn git_in(top: &Path, question: &[&str]) -> Option<Vec<u8>> {
    type Question = (PathBuf, Vec<String>);
    /// A longer answer is not kept.
    const LONGEST: usize = 64 * 1024;
    static ANSWERS: LazyLock<Mutex<HashMap<Question, Option<Vec<u8>>>>> = LazyLock::new(Mutex::default);
    let kept = || ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (top.to_path_buf(), question.iter().map(ToString::to_string).collect());
    if let Some(answer) = kept().get(&key) {
        return answer.clone();
    }
    let words = question.iter().map(OsStr::new);
    let answer = git([OsStr::new("-C"), top.as_os_str()].into_iter().chain(words)).ok();
    if answer.as_ref().is_none_or(|answer| answer.len() <= LONGEST) {
        kept().insert(key, answer.clone());
    }
    answer
}

/// The name of the tree of a revision.
fn tree(revision: &str) -> Result<String, Failure> {
    let peeled = format!("{revision}^{{tree}}");
    // what begins like an option would be taken for one
    let found = if revision.starts_with('-') { None } else { git(["rev-parse", "--verify", "--quiet", &peeled]).ok() };
    let name = found.map(|name| String::from_utf8_lossy(&name).trim_end().to_owned());
    name.ok_or_else(|| match revision.split_once("..") {
        Some((before, _)) if !before.is_empty() => Failure::new(format!("`{revision}` is a range of revisions"))
            .help(format!("name the one to compare with: --against {before}")),
        _ => Failure::new(format!("Git does not know the revision `{revision}`"))
            .help("name a commit, a branch or a tag; a shallow clone, as in many CI jobs, lacks older ones"),
    })
}

/// The commit of these files and folders, in words, which say so if they differ from it. Nothing where they are not all in
/// one checkout, or where Git does not track one of them.
pub(crate) fn commit_of(paths: &[impl AsRef<Path>]) -> Option<String> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| paths::real(path).ok()).collect::<Option<_>>()?;
    let first = paths.first()?;
    let folder = if first.is_dir() { first } else { first.parent()? };
    let ask = |question: &[&str], paths: &[PathBuf]| {
        let words = ["--no-optional-locks", "-C"].into_iter().map(OsStr::new).chain([folder.as_os_str()]);
        git(words.chain(question.iter().map(OsStr::new)).chain(paths.iter().map(|path| path.as_os_str()))).ok()
    };
    let name = ask(&["rev-parse", "--short", "--verify", "--quiet", "HEAD"], &[])?;
    ask(&["ls-files", "--error-unmatch", "--"], &paths)?;
    // the page itself, which a shell has made already, is not one of the files
    let pages = ":(exclude,top,glob)**/*.html";
    let new = ask(&["ls-files", "--others", "--exclude-standard", "--", pages], &paths)?;
    let changed = ask(&["status", "--porcelain", "--untracked-files=no"], &[])?;
    let beside = if new.is_empty() && changed.is_empty() { "" } else { " and changes that are not committed" };
    Some(format!("commit {}{beside}", String::from_utf8_lossy(&name).trim_end()))
}

/// What a git command prints.
fn git<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Result<Vec<u8>, Failure> {
    // its complaints are read, so they must not be translated
    let mut command = Command::new("git");
    command.env("LC_ALL", "C").args(arguments).stdin(Stdio::null());
    let output = outside::asked(&mut command).map_err(cannot_run)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().next().unwrap_or("it ended with an error").trim_start_matches("fatal: ");
    if said.contains("dubious ownership") {
        // git prints the command with the folder that it means, in quotes for a shell
        let own = said.lines().map(str::trim).find(|line| line.starts_with("git config ")).map(masked);
        let trust = own.map(|command| format!("; trust it: {command}")).unwrap_or_default();
        return Err(Failure::new(format!("git: {}", masked(line)))
            .help(format!("the folder belongs to another user, as in many CI containers{trust}")));
    }
    // a remote may be named with its login
    Err(Failure::new(format!("git: {}", masked(line))))
}

fn cannot_run(error: io::Error) -> Failure {
    if error.kind() == io::ErrorKind::NotFound {
        return Failure::new("cannot run git: it is not on the PATH").help(
            "Git is needed to find out how a file \
            changed",
        );
    }
    Failure::while_doing("cannot run git")(error)
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}
