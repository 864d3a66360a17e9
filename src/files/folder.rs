//! [`Folder`]: where a chart is.

use super::{Files, Wanted, cleaned, joined};

/// Where a chart is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Folder {
    /// A folder, by its path from where the names of the files lead from; empty where that is itself.
    Here(String),
    /// A folder of a repository, by its path from the top.
    InRepository {
        /// The address of the repository, where the manifest names it.
        url: Option<String>,
        /// The branch, tag or commit, as it is written.
        revision: Option<String>,
        /// The path from its top.
        path: String,
    },
}

impl Folder {
    /// The folder of a file, or so many folders above it.
    pub(crate) fn above(files: &Files<'_>, number: usize, depth: usize) -> Self {
        let name = files.name(number);
        if depth == 0 {
            return Self::Here(name.rsplit_once('/').map_or(String::new(), |(folder, _)| match folder {
                "" => "/".to_owned(),
                folder => cleaned(folder),
            }));
        }
        let path = files.path_from_top(number);
        let up = (0..=depth).fold(path.as_str(), |path, _| path.rsplit_once('/').map_or("", |(folder, _)| folder));
        // the name of a file in it shows how it is reached
        let inside = files.named(&if up.is_empty() { "x".to_owned() } else { format!("{up}/x") });
        Self::Here(inside.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned()))
    }

    /// A file in it.
    pub(crate) fn file(&self, name: &str) -> Wanted {
        match self {
            Self::Here(folder) if folder.is_empty() => Wanted::File(name.to_owned()),
            Self::Here(folder) => Wanted::File(joined(&format!("{folder}/x"), name)),
            Self::InRepository { url, revision, path } => {
                let path = cleaned(&format!("{path}/{name}"));
                Wanted::InRepository { url: url.clone(), revision: revision.clone(), path }
            }
        }
    }

    /// A folder by its path from this one.
    pub(crate) fn to(&self, way: &str) -> Self {
        match self {
            Self::Here(folder) if folder.is_empty() => Self::Here(cleaned(way)),
            Self::Here(folder) => Self::Here(cleaned(&format!("{folder}/{way}"))),
            Self::InRepository { url, revision, path } => Self::InRepository {
                url: url.clone(),
                revision: revision.clone(),
                path: cleaned(&format!("{path}/{way}")),
            },
        }
    }

    /// The folder of the chart in whose folder `charts` this one is.
    pub(crate) fn around_charts(&self) -> Option<Self> {
        let Self::Here(folder) = self else { return None };
        let (charts, _) = folder.rsplit_once('/')?;
        let around = charts.strip_suffix("charts")?;
        (around.is_empty() || around.ends_with('/')).then(|| Self::Here(around.trim_end_matches('/').to_owned()))
    }

    /// What people write for it; nothing where it is not reached by its name.
    pub(crate) fn shown(&self) -> Option<&str> {
        match self {
            Self::Here(folder) if folder.is_empty() => Some("."),
            Self::Here(folder) => Some(folder),
            Self::InRepository { .. } => None,
        }
    }
}
