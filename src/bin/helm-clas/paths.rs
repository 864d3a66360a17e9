//! Paths as the library knows them: with `/` between their names on every system, and whole ones as people write them.

use std::{
    fs, io,
    path::{MAIN_SEPARATOR, Path, PathBuf},
};

/// A path as text.
pub(crate) fn name(path: &Path) -> String {
    slashed(path.to_string_lossy().into_owned())
}

/// The name of a file as a person gives it, as text.
pub(crate) fn slashed(name: String) -> String {
    if MAIN_SEPARATOR == '/' {
        return name;
    }
    let mut name = name.replace(MAIN_SEPARATOR, "/");
    // a drive has its letter in both cases
    if name.get(1..).is_some_and(|rest| rest.starts_with(':')) {
        name[..1].make_ascii_uppercase();
    }
    name
}

/// A whole path, without links.
pub(crate) fn real(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    let whole = fs::canonicalize(path)?;
    let usual = whole.to_str().and_then(usual).map(PathBuf::from);
    Ok(usual.unwrap_or(whole))
}

/// The usual form of a path of Windows: `C:\fleet` of `\\?\C:\fleet`, to which nothing with `/` can be joined.
fn usual(whole: &str) -> Option<String> {
    let rest = whole.strip_prefix(r"\\?\")?;
    match rest.strip_prefix(r"UNC\") {
        Some(share) => Some(format!(r"\\{share}")),
        None => rest.get(1..)?.starts_with(':').then(|| rest.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::usual;

    #[test]
    fn a_whole_path_has_its_usual_form() {
        for (whole, form) in [
            (r"\\?\C:\fleet\east", Some(r"C:\fleet\east")),
            (r"\\?\UNC\server\share\east", Some(r"\\server\share\east")),
            (r"\\?\Volume{7e4f1c1e}\east", None),
            (r"\\server\share", None),
            (r"C:\fleet", None),
            ("/fleet/east", None),
        ] {
            assert_eq!(usual(whole).as_deref(), form, "{whole}");
        }
    }
}
