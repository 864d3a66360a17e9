//! Traffic that was seen, compared with both models: which flows of the last days would be lost, which gained.
//!
//! | module | one thing |
//! |---|---|
//! | [`seen`] | a flow as the PCE reports it |
//! | `flows` | the API's flows, as JSON |
//! | `explorer` | what Explorer exports, as CSV |
//! | `rows` | the rows of a CSV text |
//! | `place` | which source, destination and port of a policy a flow has |
//! | [`held`] | flows compared with both models, grouped |

mod explorer;
mod flows;
pub mod held;
mod place;
mod rows;
pub mod seen;

pub use held::{Held, Row, hold};
pub use seen::{Seen, Traffic};

use super::read::Unreadable;

/// Reads flows: a JSON list as the PCE's API answers it, or the CSV that Explorer exports.
///
/// # Errors
///
/// Where a file is neither, with the place and what was expected there.
pub fn read<'t>(name: &str, text: &'t str) -> Result<Traffic<'t>, Unreadable> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.trim_start().as_bytes().first() {
        Some(b'[' | b'{') => flows::read(name, text),
        _ => explorer::read(name, text),
    }
}
