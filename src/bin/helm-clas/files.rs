//! Reading values files, and replacing one so that its old content is never lost.

use std::{
    borrow::Cow,
    env,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Component, Path},
};

use helm_clas::{
    Release, Source,
    place::{Dependency, Holder, Place, dependency},
    yaml::MAX_BYTES,
};

use crate::failure::Failure;

/// The name that stands for standard input.
pub(crate) const STDIN: &str = "-";

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
    let name = path.display();
    if path.to_str().is_some_and(|name| name.contains("://")) && !path.exists() {
        return Err(Failure::new(format!(
            "cannot read {}: it is a URL, and files alone are read",
            helm_clas::chart::secrets::masked(&name.to_string())
        ))
        .help("download it first, and give the file that you got to Helm, too"));
    }
    let while_reading = || Failure::while_doing(format!("cannot read {name}"));
    let metadata = fs::metadata(path).map_err(while_reading())?;
    if metadata.is_dir() {
        return Err(Failure::new(format!("cannot read {name}: it is a folder")).help("name the file in it"));
    }
    if !metadata.is_file() {
        return Err(Failure::new(format!("cannot read {name}: it is not an ordinary file"))
            .help("use `-` to read what another program writes"));
    }
    File::open(path).and_then(read_bounded).map_err(while_reading())
}

/// At most one byte more than the library reads.
pub(crate) fn read_bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Files that were read, as the library takes them.
pub(crate) fn sources(files: &[(String, Vec<u8>)]) -> Vec<Source<'_>> {
    files.iter().map(|(name, bytes)| Source { name, bytes }).collect()
}

/// The file beside values that makes them a chart's.
pub(crate) const CHART: &str = "Chart.yaml";

/// What the `Chart.yaml` in a file's folder holds; nothing where there is none that can be read.
pub(crate) fn chart_beside(name: impl AsRef<Path>) -> Option<Vec<u8>> {
    let chart = name.as_ref().with_file_name(CHART);
    if name.as_ref().as_os_str() == STDIN || !chart.is_file() {
        return None;
    }
    read(chart).ok()
}

/// The dependency on Illumio's chart that the `Chart.yaml` in a file's folder names, where there is one: the file then
/// holds the values of an umbrella chart.
pub(crate) fn dependency_beside(name: impl AsRef<Path>) -> Result<Option<Dependency>, Failure> {
    let chart = name.as_ref().with_file_name(CHART);
    if name.as_ref().as_os_str() == STDIN || !chart.is_file() {
        return Ok(None);
    }
    let bytes = read(&chart)?;
    let unreadable = |what: &str| Failure::new(format!("cannot read {}: {what}", chart.display()));
    let text = std::str::from_utf8(&bytes).map_err(|_| unreadable("it is not UTF-8"))?;
    dependency(text).map_err(|finding| unreadable(&finding.message))
}

/// The umbrella chart, where the values stand below a key of one: Helm installs that, not Illumio's own. It is the one
/// that was named, else the nearest above the file whose `Chart.yaml` depends on Illumio's, else words that stand for it.
pub(crate) fn umbrella<'f>(place: &Place, file: &'f str, chart: &'f str) -> Option<&'f str> {
    const UNKNOWN: &str = "UMBRELLA_CHART";
    if place.holder != Holder::Values || place.path().len() == 1 {
        return None;
    }
    if chart != Release::default().chart {
        return Some(chart);
    }
    let is_umbrella = |folder: &&Path| matches!(dependency_beside(folder.join(CHART)), Ok(Some(_)));
    let found = Path::new(file).ancestors().skip(1).find(is_umbrella).and_then(Path::to_str);
    Some(found.map_or(UNKNOWN, |folder| if folder.is_empty() { "." } else { folder }))
}

/// Writes a new file, whole or not at all. Refused where there is one of this name.
pub(crate) fn create(name: impl AsRef<Path>, content: &[u8]) -> Result<(), Failure> {
    let path = name.as_ref();
    let while_writing = || Failure::while_doing(format!("cannot write {}", path.display()));
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
pub(crate) type Losses = Vec<&'static str>;

/// Puts new content in place of `old`, whole or not at all.
///
/// The new content is written to a file beside the old one, brought to the disk, given the old one's mode and (where
/// permitted) owner, and renamed over it. A symbolic link stays one: what it points to is replaced. Where the group
/// cannot be kept, nothing is granted to the new one. Refused where the file may not be written to, or does not hold
/// `old` any more.
pub(crate) fn replace(name: impl AsRef<Path>, old: &[u8], new: &[u8]) -> Result<Losses, Failure> {
    let path = name.as_ref();
    let name = path.display();
    let while_writing = || Failure::while_doing(format!("cannot write {name}"));
    let path = fs::canonicalize(path).map_err(while_writing())?;
    // a rename asks only the folder for permission, so the file itself is asked here
    OpenOptions::new().write(true).open(&path).map_err(while_writing())?;
    let metadata = fs::metadata(&path).map_err(while_writing())?;
    let folder = path.parent().ok_or_else(|| Failure::new(format!("cannot write {name}: it has no folder")))?;
    let made = tempfile::Builder::new().prefix(".helm-clas-").suffix(".tmp").tempfile_in(folder);
    let file = made.map_err(|error| {
        Failure::new(format!("cannot write {name}: its folder takes no new file: {}", error.kind()))
            .help("the new file is written beside the old one before it takes its place")
    })?;
    file.as_file().write_all(new).map_err(while_writing())?;
    let losses = take_over(file.as_file(), &metadata).map_err(while_writing())?;
    file.as_file().sync_all().map_err(while_writing())?;
    if fs::read(&path).map_err(while_writing())? != old {
        return Err(Failure::new(format!("{name} was changed by someone else in the meantime; it is left as it is"))
            .help("run the command again"));
    }
    file.persist(&path).map_err(|error| while_writing()(error.error))?;
    // the new content is in place; some folders cannot be read, and some file systems have no such thing
    let _ = sync_folder(folder);
    Ok(losses)
}

#[cfg(unix)]
fn take_over(file: &File, old: &fs::Metadata) -> io::Result<Losses> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    const OF_GROUP: u32 = 0o070;
    let mut losses = Losses::new();
    if old.nlink() > 1 {
        losses.push("has other names (hard links), which keep the old content");
    }
    let own = file.metadata()?;
    let mut mode = old.mode();
    // only root may give a file away; others keep the group where they are in it
    let is_given =
        (own.uid(), own.gid()) == (old.uid(), old.gid()) || fchown(file, Some(old.uid()), Some(old.gid())).is_ok();
    if !is_given {
        losses.push("is yours now: only root may write it and keep its owner");
        if fchown(file, None, Some(old.gid())).is_err() {
            mode &= !OF_GROUP;
        }
    }
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    Ok(losses)
}

#[cfg(not(unix))]
fn take_over(file: &File, old: &fs::Metadata) -> io::Result<Losses> {
    file.set_permissions(old.permissions())?;
    Ok(Losses::new())
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

/// The name below the folder where the command runs, or else below the top of the work tree that the file is in.
pub(crate) fn name_in_diff(name: &str) -> NameInDiff<'_> {
    let as_given = NameInDiff { name: name.into(), is_of_top: false };
    let is_plain = Path::new(name).components().all(|part| matches!(part, Component::CurDir | Component::Normal(_)));
    if name == STDIN || is_plain {
        return as_given;
    }
    let found = fs::canonicalize(name).and_then(|file| Ok((file, env::current_dir()?.canonicalize()?)));
    let Ok((file, here)) = found else { return as_given };
    let below = |folder: &Path| file.strip_prefix(folder).ok().map(|rest| rest.to_string_lossy().into_owned().into());
    let is_top = |folder: &&Path| folder.join(".git").exists();
    match (below(&here), file.ancestors().skip(1).find(is_top).and_then(below)) {
        (Some(name), _) => NameInDiff { name, is_of_top: false },
        (None, Some(name)) => NameInDiff { name, is_of_top: true },
        (None, None) => as_given,
    }
}
