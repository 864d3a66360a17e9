//! What the program was made of, and when and by what a page was made.

use std::{
    env,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use helm_clas::report::html;

use crate::{args::described::called, outside::git};

/// The commit that the program was built from, and its date, where `build.rs` or the build environment set them.
pub(crate) const BUILT_FROM: Option<(&str, &str)> =
    match (option_env!("HELM_CLAS_COMMIT"), option_env!("HELM_CLAS_COMMIT_DATE")) {
        (Some(commit), Some(date)) => Some((commit, date)),
        _ => None,
    };

/// `0.1.0 (0abc123 2026-11-28)`
pub(crate) fn version_and_commit() -> String {
    let built_from = BUILT_FROM.map(|(commit, date)| format!(" ({commit} {date})")).unwrap_or_default();
    format!("{}{built_from}", env!("CARGO_PKG_VERSION"))
}

/// What the last line of a page says.
pub(crate) struct Made {
    by: String,
    on: String,
    from: Option<String>,
}

impl Made {
    /// A page about these files and folders.
    pub(crate) fn from_files(paths: &[impl AsRef<Path>]) -> Self {
        Self::from(git::commit_of(paths))
    }

    /// A page about what this PCE says now.
    pub(crate) fn from_pce(host: &str) -> Self {
        Self::from(Some(format!("the PCE {host}")))
    }

    /// A page about what could not be done.
    pub(crate) fn of_failure() -> Self {
        Self::from(None)
    }

    fn from(from: Option<String>) -> Self {
        Self { by: format!("{} {}", called(), version_and_commit()), on: minute(moment()), from }
    }

    /// The same, for the page.
    pub(crate) fn of_page(&self) -> html::Made<'_> {
        html::Made { by: &self.by, on: &self.on, from: self.from.as_deref() }
    }
}

/// Now, or the moment that a build which is to be reproduced names.
/// (<https://reproducible-builds.org/specs/source-date-epoch/>)
fn moment() -> SystemTime {
    let named = env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok());
    // more seconds than the last date has are not a time
    let named = named.filter(|seconds| *seconds < 253_402_300_800_u64);
    named.map_or_else(SystemTime::now, |seconds| UNIX_EPOCH + Duration::from_secs(seconds))
}

/// `2026-11-28 06:25 UTC`
fn minute(moment: SystemTime) -> String {
    let written = humantime::format_rfc3339_seconds(moment).to_string();
    format!("{} {} UTC", &written[..10], &written[11..16])
}
