//! What belongs to a file beside its content: owner, mode, access control list, extended attributes. It goes with the
//! file when that is replaced.

use std::{fs::File, io};

/// What a replaced file must keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// All of it, or it is not replaced.
    Everything,
    /// What the system lets it keep.
    WhatCanBe,
}

/// What the new file did not get.
#[derive(Debug, Default)]
pub(crate) struct Lost {
    /// For which the file is not replaced unless that was asked for: `its access control list`.
    pub(crate) refused: Vec<String>,
    /// What is noted only, each as the rest of a sentence about the file.
    pub(crate) noted: Vec<String>,
}

/// Gives a new file what belongs to an old one, before it takes its place.
///
/// The group never gains: the group bits of a file with an access control list are its mask, not what the group may do.
#[cfg(unix)]
pub(crate) fn take_over(new: &File, old: &File) -> io::Result<Lost> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    const GROUP: u32 = 0o070;
    let metadata = old.metadata()?;
    let mut lost = Lost::default();
    if metadata.nlink() > 1 {
        lost.noted.push("has other names (hard links), which still have the old content".to_owned());
    }
    // what a folder's default list granted; it would outlive the mode below
    attributes::forget(new, attributes::ACL)?;
    let own = new.metadata()?;
    let mut mode = metadata.mode();
    let owner = (metadata.uid(), metadata.gid());
    let mut keeps_group = true;
    // only root may give a file away; others keep the group where they are in it
    if (own.uid(), own.gid()) != owner && fchown(new, Some(owner.0), Some(owner.1)).is_err() {
        lost.noted.push("is now yours: only root can keep its owner".to_owned());
        keeps_group = fchown(new, None, Some(owner.1)).is_ok();
    }
    let rights = attributes::value(old, attributes::ACL)?;
    if let Some(rights) = &rights {
        mode = mode & !GROUP | acl::of_group(rights) << 3;
    }
    if !keeps_group {
        mode &= !GROUP;
    }
    new.set_permissions(std::fs::Permissions::from_mode(mode))?;
    if let Some(mut rights) = rights {
        if !keeps_group {
            acl::close_group(&mut rights);
        }
        if attributes::set(new, attributes::ACL, &rights).is_err() {
            lost.refused.push("its access control list".to_owned());
        }
    }
    lost.refused.extend(attributes::copied(old, new)?);
    Ok(lost)
}

/// Windows keeps all of it by itself where one file replaces the other: see [`replace`](super::replace).
#[cfg(not(unix))]
pub(crate) fn take_over(new: &File, old: &File) -> io::Result<Lost> {
    new.set_permissions(old.metadata()?.permissions())?;
    Ok(Lost::default())
}

/// Access control lists as Linux stores them: a version, then eight bytes an entry (tag, rights, id), little-endian.
/// (`linux/posix_acl_xattr.h`)
#[cfg(unix)]
mod acl {
    const HEAD: usize = 4;
    const ENTRY: usize = 8;
    const OWNING_GROUP: u8 = 0x04;
    const MASK: u8 = 0x10;

    fn rights(list: &[u8], tag: u8) -> Option<u8> {
        let mut entries = list.get(HEAD..)?.chunks_exact(ENTRY);
        entries.find(|entry| entry[0] == tag && entry[1] == 0).map(|entry| entry[2] & 7)
    }

    /// What the group may do that the file belongs to.
    pub(super) fn of_group(list: &[u8]) -> u32 {
        let mask = rights(list, MASK).unwrap_or(7);
        u32::from(rights(list, OWNING_GROUP).unwrap_or_default() & mask)
    }

    /// Takes every right from the group that the file belongs to.
    pub(super) fn close_group(list: &mut [u8]) {
        let entries = list.get_mut(HEAD..).unwrap_or_default().chunks_exact_mut(ENTRY);
        entries.filter(|entry| entry[0] == OWNING_GROUP && entry[1] == 0).for_each(|entry| entry[2] = 0);
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod attributes {
    use std::{
        ffi::{CStr, CString},
        fs::File,
        io,
    };

    use rustix::{
        fs::{XattrFlags, fgetxattr, flistxattr, fremovexattr, fsetxattr},
        io::Errno,
    };

    /// The access control list of POSIX, which is an attribute on Linux.
    pub(super) const ACL: &str = "system.posix_acl_access";

    /// A kernel gives no more.
    const LONGEST: usize = 64 * 1024;

    /// What the file system lacks is not there.
    fn absent<T: Default>(result: rustix::io::Result<T>) -> io::Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(Errno::NODATA | Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Ok(None),
            #[cfg(target_vendor = "apple")]
            Err(Errno::NOATTR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn value(file: &File, name: &str) -> io::Result<Option<Vec<u8>>> {
        let name = CString::new(name)?;
        value_of(file, &name)
    }

    fn value_of(file: &File, name: &CStr) -> io::Result<Option<Vec<u8>>> {
        let mut value = vec![0; LONGEST];
        let length = absent(fgetxattr(file, name, &mut value[..]))?;
        Ok(length.map(|length| {
            value.truncate(length);
            value
        }))
    }

    pub(super) fn set(file: &File, name: &str, value: &[u8]) -> io::Result<()> {
        Ok(fsetxattr(file, name, value, XattrFlags::empty())?)
    }

    pub(super) fn forget(file: &File, name: &str) -> io::Result<()> {
        absent(fremovexattr(file, name)).map(|_| ())
    }

    /// Copies all attributes but the access control list, which belongs to the mode; the names of those that stay
    /// behind.
    pub(super) fn copied(old: &File, new: &File) -> io::Result<Vec<String>> {
        // signatures of the content, which is another one now
        const OF_CONTENT: [&[u8]; 2] = [b"security.ima", b"security.evm"];
        let mut names = vec![0; LONGEST];
        let length = absent(flistxattr(old, &mut names[..]))?.unwrap_or_default();
        let mut lost = Vec::new();
        for name in names[..length].split_inclusive(|byte| *byte == 0) {
            let Ok(name) = CStr::from_bytes_with_nul(name) else { continue };
            if name.to_bytes() == ACL.as_bytes() || OF_CONTENT.contains(&name.to_bytes()) {
                continue;
            }
            let Some(value) = value_of(old, name)? else { continue };
            let has_it = value_of(new, name).is_ok_and(|own| own.as_ref() == Some(&value));
            if !has_it && fsetxattr(new, name, &value, XattrFlags::empty()).is_err() {
                lost.push(format!("its extended attribute `{}`", name.to_string_lossy().escape_debug()));
            }
        }
        Ok(lost)
    }
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android", target_vendor = "apple"))))]
mod attributes {
    use std::{fs::File, io};

    pub(super) const ACL: &str = "";

    pub(super) fn value(_: &File, _: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(None)
    }

    pub(super) fn set(_: &File, _: &str, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn forget(_: &File, _: &str) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn copied(_: &File, _: &File) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }
}
