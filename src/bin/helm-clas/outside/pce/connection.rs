//! [`Connection`]: the way to one PCE, and what must not be shown of it.

use std::time::Duration;

use helm_clas::chart::secrets::MASK;
use ureq::{Agent, http::HeaderValue};

/// The longest answer that is read: a PCE with hundreds of thousands of rules stays well below.
pub(super) const MAX_BYTES: u64 = 1 << 30;

/// The way to one PCE.
pub(super) struct Connection {
    pub(super) agent: Agent,
    pub(super) host: String,
    pub(super) proxy: Option<String>,
    pub(super) ca_file: Option<String>,
    pub(super) timeout: Duration,
    pub(super) login: HeaderValue,
    /// What must never be shown, in every spelling in which it is sent.
    pub(super) secrets: [String; 2],
}

impl Connection {
    /// A text from elsewhere without our secrets, on one line and not too long.
    pub(super) fn clean(&self, text: &str) -> String {
        const LONGEST: usize = 300;
        let without = self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), MASK));
        let line: String = without.trim().chars().flat_map(char::escape_debug).collect();
        let line = line.replace("\\\"", "\"").replace("\\'", "'");
        if line.chars().count() <= LONGEST { line } else { line.chars().take(LONGEST).chain("...".chars()).collect() }
    }
}
