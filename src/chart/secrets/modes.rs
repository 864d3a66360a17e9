//! Where a text sets the mode: what a migration changes is shown, whatever surrounds it.

use std::ops::Range;

use super::super::MODE_KEY;
use crate::mode::ClusterMode;

const QUOTES: [char; 3] = ['"', '\'', '\\'];

/// Whether a value is a mode.
pub(super) fn is_mode(value: &str) -> bool {
    const LONGEST: usize = 40;
    value.len() <= LONGEST && ClusterMode::named(value.trim()).is_some()
}

/// Whether a name is that of the mode, by itself or at the end of a path: `illumio.clusterMode`.
pub(super) fn is_mode_key(name: &str) -> bool {
    name == MODE_KEY || name.rsplit(['.', '/']).next() == Some(MODE_KEY)
}

/// Where the mode is set in a text that is not read as YAML: key and value, on one line or the next, and as a pair
/// (`name = "clusterMode", value = "legacy"`).
pub(super) fn said(text: &str) -> Vec<Range<usize>> {
    let of_key = |at: usize| {
        let begins = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let behind = text[at + MODE_KEY.len()..].trim_start_matches(QUOTES);
        let value = value_behind(behind).or_else(|| value_of_pair(behind)).filter(|_| begins)?;
        let length = value.bytes().take_while(u8::is_ascii_alphanumeric).count();
        ClusterMode::named(&value[..length])?;
        let rest = &value[length..];
        // a name, and no value
        if rest.starts_with(':') {
            return None;
        }
        let quotes = rest.len() - rest.trim_start_matches(['"', '\'']).len();
        Some(at..text.len() - rest.len() + quotes.min(1))
    };
    memchr::memmem::find_iter(text.as_bytes(), MODE_KEY.as_bytes()).filter_map(of_key).collect()
}

/// The value behind a sign, out of its quotes: tags, anchors, comments and the head of a block scalar come before it.
fn value_behind(behind: &str) -> Option<&str> {
    const MOST: usize = 6;
    const LONGEST: usize = 256;
    let mut value = behind.trim_start_matches([' ', '\t']).strip_prefix([':', '='])?;
    for _ in 0..MOST {
        value = value.trim_start();
        let bytes = &value.as_bytes()[..value.len().min(LONGEST)];
        let until = |ends: fn(&u8) -> bool| bytes.iter().position(ends);
        let skipped = match bytes.first()? {
            b'#' => until(|b| *b == b'\n')?,
            b'|' | b'>' => until(|b| *b == b'\n').filter(|length| *length < 4)?,
            b'!' | b'&' => until(u8::is_ascii_whitespace)?,
            _ => break,
        };
        value = &value[skipped..];
    }
    Some(value.trim_start_matches(QUOTES))
}

/// The value of a pair whose name is the mode's.
fn value_of_pair(behind: &str) -> Option<&str> {
    let rest = behind.trim_start_matches(|c: char| c.is_whitespace() || ",;-{}".contains(c)).trim_start_matches(QUOTES);
    let rest = rest.strip_prefix("value").or_else(|| rest.strip_prefix("Value"))?;
    let rest = rest.trim_start_matches(QUOTES).trim_start().strip_prefix([':', '='])?;
    Some(rest.trim_start().trim_start_matches(QUOTES))
}
