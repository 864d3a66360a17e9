//! Moments by this machine's clock, and by that of the API server.

use std::time::{Duration, SystemTime};

use helm_clas::verify::Moment;

use crate::failure::Failure;

/// Now, by this machine's clock.
pub(crate) fn now() -> Moment {
    moment(SystemTime::now())
}

/// A time that an option gives as one, or as how long ago it was by a clock that is `ahead` of this one.
pub(crate) fn time(option: &str, text: &str, ahead: i64) -> Result<Moment, Failure> {
    let time = humantime::parse_rfc3339_weak(text).ok();
    let ago = || shifted(SystemTime::now(), ahead).checked_sub(humantime::parse_duration(text).ok()?);
    time.or_else(ago).map(moment).ok_or_else(|| {
        Failure::new(format!("`{}` is not a time", text.escape_debug())).help(format!(
            "write how long ago it was, such as {option} 20m, or the time in UTC: {option} 2025-06-01T08:00:00Z"
        ))
    })
}

pub(super) fn moment(time: SystemTime) -> Moment {
    let text = humantime::format_rfc3339_seconds(time).to_string();
    Moment::read(&text).expect("humantime writes times in this form")
}

/// How far a moment is ahead of this machine's clock, in seconds.
pub(super) fn seconds_ahead(moment: &Moment) -> i64 {
    let seconds = |time: SystemTime| {
        time.duration_since(SystemTime::UNIX_EPOCH).ok().and_then(|time| i64::try_from(time.as_secs()).ok())
    };
    let there = humantime::parse_rfc3339(&moment.to_string()).ok().and_then(seconds);
    there.zip(seconds(SystemTime::now())).map_or(0, |(there, here)| there - here)
}

/// A time as another clock has it.
pub(super) fn shifted(time: SystemTime, seconds: i64) -> SystemTime {
    let by = Duration::from_secs(seconds.unsigned_abs());
    let moved = if seconds < 0 { time.checked_sub(by) } else { time.checked_add(by) };
    moved.unwrap_or(time)
}
