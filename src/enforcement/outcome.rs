//! [`Outcome`]: a plan, and its result.

use std::collections::HashMap;

use super::{Deed, Planned, Seen};

/// A plan that is shown, or one that was carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The plan.
    pub planned: Vec<Planned>,
    /// Whether the PCE was asked to change it.
    pub written: bool,
    /// Of what was to get a mode and does not have it: why, by address.
    pub failed: HashMap<String, String>,
}

impl Outcome {
    /// A plan that nothing was sent of.
    #[must_use]
    pub fn shown(planned: Vec<Planned>) -> Self {
        Self { planned, ..Self::default() }
    }

    /// A plan that was sent. `refused` are the addresses that the PCE refused, with its words; what counts is what it
    /// has afterwards.
    #[must_use]
    pub fn sent(planned: Vec<Planned>, refused: &[(String, String)], after: &[Seen]) -> Self {
        let words: HashMap<&str, &str> = refused.iter().map(|(href, words)| (href.as_str(), words.as_str())).collect();
        let now: HashMap<&str, &Seen> = after.iter().map(|seen| (seen.href.as_str(), seen)).collect();
        let mut failed = HashMap::new();
        for Planned { row, deed } in &planned {
            let Deed::Set(mode) = deed else { continue };
            let has = now.get(row.href.as_str()).map(|seen| seen.mode);
            if has == Some(Some(*mode)) {
                continue;
            }
            let why = match (words.get(row.href.as_str()), has) {
                (Some(words), _) => format!("the PCE reports {words}"),
                (None, None) => "it is no longer on the PCE".to_owned(),
                (None, Some(has)) => {
                    format!("the PCE has it in {}", has.map_or("a mode that is not known", super::Mode::as_str))
                }
            };
            failed.insert(row.href.clone(), why);
        }
        Self { planned, written: true, failed }
    }

    /// How many objects were to get a mode, or got one.
    #[must_use]
    pub(crate) fn count_set(&self) -> usize {
        self.planned.iter().filter(|planned| matches!(planned.deed, Deed::Set(_))).count() - self.failed.len()
    }

    /// How many are not as they should be, and were left.
    #[must_use]
    pub(crate) fn count_left(&self) -> usize {
        self.planned.iter().filter(|planned| matches!(planned.deed, Deed::Leave(_))).count()
    }

    /// Whether everything that was asked for is, or would be, done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.count_left() == 0
    }
}
