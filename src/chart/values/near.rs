//! The documented name that a misspelled one is near to.

use super::super::MODE_KEY;
use crate::spelling::Spelling;

/// A documented name, as one that is misspelled is compared with it.
#[derive(Debug)]
pub(super) struct KnownName {
    name: String,
    letters: Spelling,
    is_renamed: bool,
    /// How far another name may be from it and still count as it.
    allowed: usize,
}

impl KnownName {
    pub(super) fn of(name: &str, is_renamed: bool) -> Self {
        let letters = letters(name);
        let allowed = if letters.len() < 5 { 0 } else { (letters.len() / 6).max(1) };
        Self { name: name.to_owned(), letters, is_renamed, allowed }
    }
}

/// The documented name that was probably meant. A name that differs by more than its case and its dashes counts only if
/// it is close for its length, and if the known one is not there as well: `httpsProxy` beside `httpProxy` is intended.
/// `release::mode` handles what is closest to `clusterMode`.
pub(super) fn nearest<'k>(known: &'k [KnownName], name: &str, is_given: impl Fn(&str) -> bool) -> Option<&'k str> {
    let wanted = letters(name);
    // most names are near to none
    if !known.iter().any(|near| near.letters.distance_within(near.allowed, &wanted).is_some()) {
        return None;
    }
    // what is further away than the limit for any name matches none
    let most = known.iter().map(|near| near.allowed).max()?;
    let candidates = known.iter().filter_map(|near| {
        let distance = near.letters.distance_within(most, &wanted)?;
        Some((distance, near.name != MODE_KEY, near.is_renamed, near.allowed, near.name.as_str()))
    });
    let (distance, _, _, allowed, near) = candidates.min()?;
    let is_near = distance == 0 || distance <= allowed && !is_given(near);
    (is_near && near != MODE_KEY).then_some(near)
}

fn letters(name: &str) -> Spelling {
    Spelling::of(name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect())
}
