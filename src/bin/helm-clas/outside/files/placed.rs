//! A new file in the place of an old one, which must still be the one that was read.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use tempfile::NamedTempFile;

use super::{Keep, beside};

/// Puts a new file in the place of an old one; false where that is not the one which was read, or was written to up to the
/// last moment. What was there is back in its place then, and what is still being written to it is not lost.
#[cfg(unix)]
pub(super) fn put_in_place(file: NamedTempFile, path: &Path, held: &File, old: &[u8], _: Keep) -> io::Result<bool> {
    use rustix::{
        fs::{CWD, RenameFlags, renameat_with},
        io::Errno,
    };
    let exchange = || renameat_with(CWD, file.path(), CWD, path, RenameFlags::EXCHANGE);
    match exchange() {
        // the old file has the name of the new one then, and goes with it
        Ok(()) if is_still(held, file.path(), old) => Ok(true),
        Ok(()) if exchange().is_ok() => Ok(false),
        Ok(()) => put_back(file, path).map(|()| false),
        Err(Errno::NOENT) => Ok(false),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => put_over(file, path, held, old),
        Err(error) => Err(error.into()),
    }
}

/// Puts back what was exchanged for a file that has gone since.
#[cfg(unix)]
fn put_back(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.persist_noclobber(path).map(drop).or_else(|error| {
        let kept = error.file.into_temp_path().keep()?;
        Err(io::Error::other(format!("what another program put there is in {} now", crate::paths::name(&kept))))
    })
}

/// The same where a file system cannot exchange two files: what is put in place between the last look and the change is
/// lost.
#[cfg(unix)]
fn put_over(file: NamedTempFile, path: &Path, held: &File, old: &[u8]) -> io::Result<bool> {
    // a second name of the old file, where the file system has such; it goes when it is dropped
    let folder = path.parent().unwrap_or(path);
    let second = beside(folder).and_then(|name| {
        fs::remove_file(name.path())?;
        let name = name.into_temp_path();
        fs::hard_link(path, &name).map(|()| name)
    });
    match &second {
        Ok(second) if !is_still(held, second, old) => return Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        _ => {}
    }
    file.persist(path).map_err(|error| error.error)?;
    match second {
        Ok(second) if !is_still(held, &second, old) => {
            second.persist(path).map(|()| false).map_err(|error| error.error)
        }
        _ => Ok(true),
    }
}

/// Whether a name is that of a file which is held open, and which holds what it held.
#[cfg(unix)]
fn is_still(mut held: &File, name: &Path, old: &[u8]) -> bool {
    use std::{io::Seek, os::unix::fs::MetadataExt as _};
    let is_same = |held: fs::Metadata, named: fs::Metadata| (held.dev(), held.ino()) == (named.dev(), named.ino());
    let is_it = held.metadata().and_then(|held| Ok(is_same(held, fs::symlink_metadata(name)?)));
    let mut left = Vec::new();
    let is_read = held.rewind().and_then(|()| held.read_to_end(&mut left));
    is_it.unwrap_or(false) && (is_read.is_err() || left == old)
}

/// `ReplaceFileW` gives the new file the security descriptor, the streams and the attributes of the old one, or fails.
#[cfg(windows)]
pub(super) fn put_in_place(file: NamedTempFile, path: &Path, _: &File, _: &[u8], keep: Keep) -> io::Result<bool> {
    use winsafe::{ReplaceFile, co::REPLACEFILE};
    let flags = match keep {
        Keep::Everything => REPLACEFILE::default(),
        Keep::WhatCanBe => REPLACEFILE::IGNORE_MERGE_ERRORS | REPLACEFILE::IGNORE_ACL_ERRORS,
    };
    let new = file.into_temp_path();
    let (Some(old), Some(new)) = (path.to_str(), new.to_str()) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "its name is not Unicode"));
    };
    let code = |error: winsafe::co::ERROR| io::Error::from_raw_os_error(error.raw().cast_signed());
    ReplaceFile(old, new, None, flags).map(|()| true).map_err(code)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::Write as _;

    use super::*;

    type Put = fn(NamedTempFile, &Path, &File, &[u8]) -> io::Result<bool>;

    const WAYS: [Put; 2] = [|file, path, held, old| put_in_place(file, path, held, old, Keep::Everything), put_over];

    /// A file with `old` in it that is held open, what happens to it before it is replaced, and what is in its place then.
    #[track_caller]
    fn check(meanwhile: impl Fn(&Path, &File), is_put: bool, left: Option<&str>) {
        for put in WAYS {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("values.yaml");
            fs::write(&path, "old").unwrap();
            let held = File::options().read(true).write(true).open(&path).unwrap();
            let file = beside(folder.path()).unwrap();
            file.as_file().write_all(b"new").unwrap();
            meanwhile(&path, &held);
            let done = put(file, &path, &held, b"old");
            assert_eq!(done.ok(), Some(is_put));
            assert_eq!(fs::read_to_string(&path).ok().as_deref(), left);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), usize::from(left.is_some()));
        }
    }

    #[test]
    fn what_another_program_put_there_is_not_lost() {
        check(|_, _| (), true, Some("new"));
        let replaced = |path: &Path| {
            fs::write(path.with_extension("tmp"), "of another").unwrap();
            fs::rename(path.with_extension("tmp"), path).unwrap();
        };
        check(|path, _| replaced(path), false, Some("of another"));
        let made_anew = |path: &Path| {
            fs::remove_file(path).unwrap();
            fs::write(path, "old").unwrap();
        };
        check(|path, _| made_anew(path), false, Some("old"));
        check(|path, _| fs::remove_file(path).unwrap(), false, None);
        check(|path, _| fs::write(path, "longer than before").unwrap(), false, Some("longer than before"));
        check(|_, held| held.set_len(0).unwrap(), false, Some(""));
    }
}
