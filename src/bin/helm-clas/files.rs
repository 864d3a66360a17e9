//! Reading values files, and replacing one so that its old content is never lost.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::Path,
};

use helm_clas::{
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

/// The folder of the umbrella chart, where the values stand below a key of one: Helm installs that, not Illumio's own.
pub(crate) fn umbrella<'f>(place: &Place, file: &'f str) -> Option<&'f str> {
    let is_umbrella = place.holder == Holder::Values && place.path().len() > 1;
    let folder = Path::new(file).parent().and_then(Path::to_str).filter(|folder| !folder.is_empty());
    is_umbrella.then(|| folder.unwrap_or("."))
}

/// What [`replace`] could not keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Replaced {
    /// The file had other names (hard links), which keep the old content.
    pub(crate) had_other_names: bool,
}

/// Puts new content in place of `old`, whole or not at all.
///
/// The new content is written to a file beside the old one, brought to the disk, given the old one's mode and (where
/// permitted) owner, and renamed over it. A symbolic link stays one: what it points to is replaced. Refused where the
/// file may not be written to, or does not hold `old` any more.
pub(crate) fn replace(name: impl AsRef<Path>, old: &[u8], new: &[u8]) -> Result<Replaced, Failure> {
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
    take_over(file.as_file(), &metadata).map_err(while_writing())?;
    file.as_file().sync_all().map_err(while_writing())?;
    if fs::read(&path).map_err(while_writing())? != old {
        return Err(Failure::new(format!("{name} was changed by someone else in the meantime; it is left as it is"))
            .help("run the command again"));
    }
    file.persist(&path).map_err(|error| while_writing()(error.error))?;
    // the new content is in place; some folders cannot be read, and some file systems have no such thing
    let _ = sync_folder(folder);
    Ok(Replaced { had_other_names: number_of_names(&metadata) > 1 })
}

#[cfg(unix)]
fn take_over(file: &File, old: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (old.uid(), old.gid()) {
        // only root may give a file away; others keep the group where they can, and own the file otherwise
        let _ = fchown(file, Some(old.uid()), Some(old.gid())).or_else(|_| fchown(file, None, Some(old.gid())));
    }
    file.set_permissions(old.permissions())
}

#[cfg(not(unix))]
fn take_over(file: &File, old: &fs::Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())
}

#[cfg(unix)]
fn number_of_names(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn number_of_names(_: &fs::Metadata) -> u64 {
    1
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
