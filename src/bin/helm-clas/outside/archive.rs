//! The archives of charts in the folder `charts`: the files in them that say what a chart brings, and nothing else.

use std::{
    io::{self, Read},
    path::Path,
};

use flate2::read::GzDecoder;
use tar::{Archive, Entry};

use crate::failure::Failure;

/// How much an archive holds at most once it is unpacked, and a file in it. (Helm 3.17 and 4,
/// `MaxDecompressedChartSize` and `MaxDecompressedFileSize`)
const MOST_BYTES: u64 = 100 * 1024 * 1024;
const MOST_OF_FILE: u64 = 5 * 1024 * 1024;

/// How many files are gone through, and how many archives within archives.
const MOST_FILES: usize = 20_000;
const DEEPEST: usize = 4;

/// The files of the charts in an archive that say what these bring, by their paths in it.
pub(crate) fn files_of(name: &str, bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut files = Vec::new();
    unpack(bytes, "", DEEPEST, &mut files).map_err(|error| {
        Failure::new(format!("cannot read {name}: {error}"))
            .help("fetch it again with `helm dependency update`, and check where it comes from")
    })?;
    Ok(files)
}

fn unpack(bytes: &[u8], below: &str, deeper: usize, files: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    let mut archive = Archive::new(Bounded { reader: GzDecoder::new(bytes), left: MOST_BYTES });
    for (number, entry) in archive.entries()?.enumerate() {
        let mut entry = entry?;
        if number >= MOST_FILES {
            return Err(io::Error::other(format!("it contains more than {MOST_FILES} files")));
        }
        let kind = entry.header().entry_type();
        if kind.is_symlink() || kind.is_hard_link() {
            return Err(io::Error::other(format!("`{}` in it is a link", shown(&entry))));
        }
        let path = inside(&entry)?;
        let last = path.rsplit('/').next().unwrap_or_default();
        let is_of_chart = ["Chart.yaml", "requirements.yaml", "values.yaml"].contains(&last);
        let is_archive = Path::new(last).extension().is_some_and(|ending| ending == "tgz")
            && path.rsplit('/').nth(1) == Some("charts")
            && deeper > 0;
        if !kind.is_file() || !is_of_chart && !is_archive {
            continue;
        }
        if entry.size() > MOST_OF_FILE {
            return Err(io::Error::other(format!(
                "`{}` in it is larger than {} MiB",
                shown(&entry),
                MOST_OF_FILE >> 20
            )));
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        let path = format!("{below}{path}");
        if is_archive {
            unpack(&content, &format!("{path}/"), deeper - 1, files)?;
        } else {
            files.push((path, content));
        }
    }
    Ok(())
}

/// The path of a file in the archive; an error where it leads out of it.
fn inside<R: Read>(entry: &Entry<'_, R>) -> io::Result<String> {
    let path = String::from_utf8_lossy(&entry.path_bytes()).replace('\\', "/");
    let is_out = path.starts_with('/') || path.split('/').any(|part| part == ".." || part.ends_with(':'));
    if is_out {
        return Err(io::Error::other(format!("`{}` in it points outside", shown(entry))));
    }
    Ok(path.split('/').filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>().join("/"))
}

/// The name of a file in the archive, fit for one line.
fn shown<R: Read>(entry: &Entry<'_, R>) -> String {
    const LONGEST: usize = 80;
    String::from_utf8_lossy(&entry.path_bytes()).escape_debug().take(LONGEST).collect()
}

/// What is read until it is too much.
struct Bounded<R> {
    reader: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(into)?;
        self.left = self
            .left
            .checked_sub(length as u64)
            .ok_or_else(|| io::Error::other(format!("it contains more than {} MiB", MOST_BYTES >> 20)))?;
        Ok(length)
    }
}
