//! Reading values files, and replacing one so that its old content is never lost.

use std::{
    borrow::Cow,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Component, Path, PathBuf},
};

use helm_clas::{Outcome, Release, yaml::MAX_BYTES};

use tempfile::NamedTempFile;

#[path = "files/kept.rs"]
mod kept;
#[path = "files/placed.rs"]
mod placed;

pub(crate) use self::kept::Keep;
use self::{kept::Lost, placed::put_in_place};
use crate::{failure::Failure, paths};

/// The name of standard input.
pub(crate) const STDIN: &str = "-";

/// The file that an address of helm-secrets names.
fn of_plugin(name: &str) -> Option<&str> {
    let (scheme, file) = name.split_once("://")?;
    let is_plugin = scheme == "secrets" || scheme.starts_with("secrets+");
    is_plugin.then(|| file.rsplit('?').next().unwrap_or(file))
}

/// What a file holds, at most one byte more than the library reads. Only ordinary files are opened: a pipe without a
/// writer would never answer.
pub(crate) fn read(name: impl AsRef<Path>) -> Result<Vec<u8>, Failure> {
    let path = name.as_ref();
    if path.as_os_str() == STDIN {
        return read_bounded(io::stdin().lock()).map_err(Failure::while_doing("cannot read standard input"));
    }
    if path.as_os_str().is_empty() {
        return Err(Failure::new("the name of a file is empty").help("is the variable that holds it set?"));
    }
    let name = paths::name(path);
    if let Some(file) = path.to_str().and_then(of_plugin).filter(|_| !path.exists()) {
        let shown = helm_clas::chart::secrets::masked(&name).into_owned();
        return Err(Failure::new(format!("{shown} is not read: helm-secrets decrypts it, and only for Helm")).help(
            format!("keep `clusterMode` in a file of its own in plain text; this tool reads what it can of {file}"),
        ));
    }
    if path.to_str().is_some_and(|name| name.contains("://")) && !path.exists() {
        return Err(Failure::new(format!(
            "cannot read {}: it is a URL, and only files are supported",
            helm_clas::chart::secrets::masked(&name)
        ))
        .help("download it first, and pass the downloaded file to Helm, too"));
    }
    read_ordinary(path).map_err(|failure| failure.about(path))
}

/// What is in a file of this computer.
fn read_ordinary(path: &Path) -> Result<Vec<u8>, Failure> {
    let name = paths::name(path);
    let while_reading = || Failure::while_doing(format!("cannot read {name}"));
    let metadata = fs::metadata(path).map_err(|error| match fs::read_link(path) {
        Ok(goal) if error.kind() == io::ErrorKind::NotFound => {
            let goal = paths::name(&goal);
            Failure::new(format!("cannot read {name}: it is a symbolic link to {goal}, which does not exist"))
        }
        _ => while_reading()(error),
    })?;
    if metadata.is_dir() {
        return Err(Failure::new(format!("cannot read {name}: it is a folder")).help("name the file in it"));
    }
    if !metadata.is_file() {
        return Err(Failure::new(format!("cannot read {name}: it is not an ordinary file"))
            .help("use `-` to read the output of another program"));
    }
    File::open(path).and_then(read_bounded).map_err(while_reading())
}

/// At most one byte more than the library reads.
pub(crate) fn read_bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The file beside values that makes them a chart's.
pub(crate) const CHART: &str = "Chart.yaml";

/// The umbrella chart, where the values are below a key of one: Helm installs that, not Illumio's own. It is the one
/// that was named, else the one that the file is in, else a placeholder for it.
pub(crate) fn umbrella<'f>(outcome: &'f Outcome, chart: &'f str) -> Option<&'f str> {
    const UNKNOWN: &str = "UMBRELLA_CHART";
    if outcome.release.is_some() || outcome.path.len() < 2 && outcome.umbrella.is_none() {
        return None;
    }
    if chart != Release::default().chart {
        return Some(chart);
    }
    Some(outcome.umbrella.as_deref().unwrap_or(UNKNOWN))
}

/// The folder of a `Chart.yaml`; nothing of another file.
pub(crate) fn folder_of_chart(file: &str) -> Option<&str> {
    let folder = file.strip_suffix(CHART).filter(|folder| folder.is_empty() || folder.ends_with('/'))?;
    Some(folder.trim_end_matches('/')).map(|folder| if folder.is_empty() { "." } else { folder })
}

/// Writes a new file, whole or not at all. Refused where there is one of this name.
pub(crate) fn create(name: impl AsRef<Path>, content: &[u8]) -> Result<(), Failure> {
    let path = name.as_ref();
    let while_writing = || Failure::while_doing(format!("cannot write {}", paths::name(path)));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let made = tempfile::Builder::new().prefix(".helm-clas-").suffix(".tmp").tempfile_in(folder);
    let mut file = made.map_err(while_writing())?;
    file.write_all(content).and_then(|()| file.as_file().sync_all()).map_err(while_writing())?;
    file.persist_noclobber(path).map_err(|error| while_writing()(error.error))?;
    // some folders cannot be read, and some file systems have no such thing
    let _ = sync_folder(folder);
    Ok(())
}

/// What [`replace`] could not keep, each as the rest of a sentence about the file.
pub(crate) type Losses = Vec<String>;

/// Puts new content in place of `old`, whole or not at all.
///
/// The new content is written to a file beside the old one, brought to the disk, given what belongs to the old one
/// (mode, access control list, extended attributes and, where permitted, owner), and put in its place. A symbolic link
/// stays one: what it points to is replaced. Where the group cannot be kept, nothing is granted to the new one. Refused
/// where the file may not be written to, does not hold `old` any more, is or was empty (someone else may be writing
/// it), or would lose what it must [`Keep`].
pub(crate) fn replace(name: impl AsRef<Path>, old: &[u8], new: &[u8], keep: Keep) -> Result<Losses, Failure> {
    let path = name.as_ref();
    let name = paths::name(path);
    let while_writing = || Failure::while_doing(format!("cannot write {name}"));
    if old.is_empty() {
        return Err(Failure::new(format!("{name} is empty, or was while it was read; it is not changed"))
            .help("if another program is writing it, run the command again"));
    }
    // in the form that Windows takes at any length
    let path = fs::canonicalize(path).map_err(while_writing())?;
    // a rename asks only the folder for permission, so the file itself is asked here
    let held = OpenOptions::new().read(true).write(true).open(&path).map_err(while_writing())?;
    // `ReplaceFileW` opens the old file alone
    #[cfg(unix)]
    let Some(_lock) = Lock::on(&held) else { return Err(changed_meanwhile(&name)) };
    let folder = path.parent().ok_or_else(|| Failure::new(format!("cannot write {name}: it has no folder")))?;
    let file = beside(folder).map_err(|error| {
        Failure::new(format!("cannot write {name}: no new file can be created in its folder: {}", error.kind()))
            .help("the new file is written beside the old one before it replaces it")
    })?;
    file.as_file().write_all(new).map_err(while_writing())?;
    let Lost { refused, mut noted } = kept::take_over(file.as_file(), &held).map_err(while_writing())?;
    if !refused.is_empty() && keep == Keep::Everything {
        return Err(Failure::new(format!("cannot write {name}: the new file would lose {}", refused.join(", ")))
            .help("--drop-attributes writes it anyway"));
    }
    noted.extend(refused.iter().map(|lost| format!("has lost {lost}")));
    file.as_file().sync_all().map_err(while_writing())?;
    let is_changed = || Ok::<_, io::Error>(fs::read(&path)? != old);
    if is_changed().map_err(while_writing())? {
        return Err(changed_meanwhile(&name));
    }
    if !put_in_place(file, &path, &held, old, keep).map_err(while_writing())? {
        return Err(changed_meanwhile(&name));
    }
    // the new content is in place; some folders cannot be read, and some file systems have no such thing
    let _ = sync_folder(folder);
    Ok(noted)
}

fn changed_meanwhile(name: &impl std::fmt::Display) -> Failure {
    Failure::new(format!("{name} was changed by someone else in the meantime; it is not written"))
        .help("run the command again")
}

/// A lock on the old file until the new one is in its place: of two runs that replace a file at once the first one
/// does, and the second finds other content then. Where the file system knows no locks, the content alone decides.
#[cfg(unix)]
struct Lock<'f>(&'f File);

#[cfg(unix)]
impl<'f> Lock<'f> {
    /// Nothing where another run has it.
    fn on(held: &'f File) -> Option<Self> {
        use rustix::{
            fs::{FlockOperation, flock},
            io::Errno,
        };
        (flock(held, FlockOperation::NonBlockingLockExclusive) != Err(Errno::WOULDBLOCK)).then_some(Self(held))
    }
}

#[cfg(unix)]
impl Drop for Lock<'_> {
    fn drop(&mut self) {
        // a program that was started in between may hold the file for a moment longer; where there are no locks,
        // nothing is to be undone
        let _ = rustix::fs::flock(self.0, rustix::fs::FlockOperation::Unlock);
    }
}

fn beside(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(".helm-clas-").suffix(".tmp").tempfile_in(folder)
}

/// A rename is on the disk once its folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A file's name in a diff, so that git can apply it.
pub(crate) struct NameInDiff<'n> {
    pub(crate) name: Cow<'n, str>,
    /// It is the name below the top of the work tree, where the diff can be applied, and not below the folder where the
    /// command runs.
    pub(crate) is_of_top: bool,
}

/// What a person must know of a diff of the top of the work tree.
pub(crate) const IS_OF_TOP: &str = "note: git applies this diff at the top of the work tree\n";

/// The name below the folder where the command runs, or else below the top of the work tree that the file is in. Of a
/// symbolic link, that of the file which is changed: git would apply the diff to the link.
pub(crate) fn name_in_diff(name: &str) -> NameInDiff<'_> {
    let as_given = NameInDiff { name: name.into(), is_of_top: false };
    let is_plain = Path::new(name).components().all(|part| matches!(part, Component::CurDir | Component::Normal(_)));
    if name == STDIN || is_plain && !has_link(Path::new(name)) {
        return as_given;
    }
    let found = paths::real(name).and_then(|file| Ok((file, paths::real(".")?)));
    let Ok((file, here)) = found else { return as_given };
    let below = |folder: &Path| file.strip_prefix(folder).ok().map(|rest| paths::name(rest).into());
    let is_top = |folder: &&Path| folder.join(".git").exists();
    match (below(&here), file.ancestors().skip(1).find(is_top).and_then(below)) {
        (Some(name), _) => NameInDiff { name, is_of_top: false },
        (None, Some(name)) => NameInDiff { name, is_of_top: true },
        (None, None) if is_plain => NameInDiff { name: paths::name(&file).into(), is_of_top: false },
        (None, None) => as_given,
    }
}

/// Whether a part of a name is a symbolic link.
fn has_link(name: &Path) -> bool {
    let mut way = PathBuf::new();
    name.components().any(|part| {
        way.push(part);
        way.is_symlink()
    })
}
