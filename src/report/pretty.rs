//! JSON as all commands write it.

use serde::Serialize;

/// With a key on each line, and a line's end behind the last.
pub(super) fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}
