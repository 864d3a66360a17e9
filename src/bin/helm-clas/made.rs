//! When and by what a page was made, for its last line.

use std::{
    env,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use helm_clas::report::html;

use crate::{command::explain, outside::git};

/// What the last line of a page says.
pub(crate) struct Made {
    by: String,
    on: String,
    from: Option<String>,
}

impl Made {
    /// A page about what a PCE or a file says.
    pub(crate) fn now() -> Self {
        Self { by: format!("helm clas {}", explain::version_and_commit()), on: minute(moment()), from: None }
    }

    /// A page about files of the checkout that the current folder is in.
    pub(crate) fn from_checkout() -> Self {
        Self { from: git::head(), ..Self::now() }
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
    // more seconds than a date can be made of are no moment
    let named = named.filter(|seconds| *seconds < 253_402_300_800_u64);
    named.map_or_else(SystemTime::now, |seconds| UNIX_EPOCH + Duration::from_secs(seconds))
}

/// `2026-11-28 06:25 UTC`
fn minute(moment: SystemTime) -> String {
    let written = humantime::format_rfc3339_seconds(moment).to_string();
    format!("{} {} UTC", &written[..10], &written[11..16])
}
