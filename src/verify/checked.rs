//! A check, and what came of it; and what came of all of them.

use std::borrow::Cow;

use super::Silence;
use crate::called::Help;

/// A check, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// A stable name, the same in text and JSON.
    pub id: &'static str,
    /// What should be so.
    pub text: Cow<'static, str>,
    /// Whether it is.
    pub state: State,
    /// What was seen, a sentence each; what others wrote is in backticks.
    pub seen: Vec<String>,
    /// What to do about it.
    pub help: Option<Help>,
    /// Commands that help with it.
    pub run: Vec<String>,
    /// Whether asking again may bring another answer.
    pub stays: Stays,
}

/// Whether asking again may bring another answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stays {
    /// It may.
    ForNow,
    /// It does not: the question was refused.
    Refused,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is so.
    Right,
    /// It is not, or not yet.
    Wrong,
    /// No answer: the question found no answer, or one that no documentation explains.
    Unknown,
    /// The PCE would know, and was not asked.
    NotAsked,
    /// Only a person can check it, or a fact was not given.
    Yours,
}

impl State {
    /// The word for it, as it is written in text and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Unknown => "could-not-tell",
            Self::NotAsked => "not-asked",
            Self::Yours => "left-to-you",
        }
    }
}

/// The checks of which neither the procedure nor the PCE has the text.
const OWN: [(&str, &str); 6] = [
    ("release-in-mode", "the release runs in this mode, and its last upgrade succeeded"),
    ("kubelink-rolled-out", "the Deployment illumio-kubelink is rolled out"),
    ("cven-rolled-out", "the DaemonSet illumio-ven is rolled out"),
    ("storage-rolled-out", "the StatefulSet illumio-storage is rolled out"),
    ("no-crash-loops", "no pod of Illumio crashes or fails to start"),
    ("peers-active", "every peer workload is Active"),
];

/// The text of one of these; nothing where it is not one.
pub(super) fn own_text(id: &str) -> Option<&'static str> {
    OWN.iter().find(|(own, _)| *own == id).map(|(_, text)| *text)
}

impl Checked {
    /// One whose text is here.
    pub(super) fn own(id: &'static str, state: State) -> Self {
        Self::new(id, own_text(id).unwrap_or_default(), state)
    }

    pub(super) fn new(id: &'static str, text: impl Into<Cow<'static, str>>, state: State) -> Self {
        Self { id, text: text.into(), state, seen: Vec::new(), help: None, run: Vec::new(), stays: Stays::ForNow }
    }

    /// The cluster gave no answer.
    pub(super) fn silent(mut self, silence: &Silence) -> Self {
        let (words, stays) = match silence {
            Silence::Refused(words) => (words, Stays::Refused),
            Silence::Unanswered(words) => (words, Stays::ForNow),
        };
        self.state = State::Unknown;
        self.stays = stays;
        self.seen(words)
    }

    pub(super) fn seen(mut self, seen: impl Into<String>) -> Self {
        self.seen.push(seen.into());
        self
    }

    /// What to do; said only where something is to be done.
    pub(super) fn help(mut self, help: impl Into<Help>) -> Self {
        if self.state != State::Right {
            self.help = Some(help.into());
        }
        self
    }

    /// A command that helps; said only where something is to be done.
    pub(super) fn run(mut self, command: impl Into<String>) -> Self {
        if self.state != State::Right {
            self.run.push(command.into());
        }
        self
    }
}

/// What came of all checks. What the reader has to check does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every check passed.
    Right,
    /// Something is wrong.
    NotRight,
    /// No check failed, but some had no answer.
    CouldNotTell,
}

impl Outcome {
    /// The outcome of these checks.
    #[must_use]
    pub fn of(checked: &[Checked]) -> Self {
        let has = |state| checked.iter().any(|one| one.state == state);
        if has(State::Wrong) {
            Self::NotRight
        } else if has(State::Unknown) || has(State::NotAsked) {
            Self::CouldNotTell
        } else {
            Self::Right
        }
    }

    /// The word for it in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::NotRight => "not-right",
            Self::CouldNotTell => "could-not-tell",
        }
    }
}

/// Whether asking again may bring more: something is wrong, or found no answer. A refusal is not waited for.
#[must_use]
pub fn may_change(checked: &[Checked]) -> bool {
    checked.iter().any(|one| matches!(one.state, State::Wrong | State::Unknown) && one.stays == Stays::ForNow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_to_the_reader_does_not_count() {
        let of = |state| Checked::new("id", "text", state);
        assert_eq!(Outcome::of(&[of(State::Right), of(State::Yours)]), Outcome::Right);
        assert_eq!(Outcome::of(&[of(State::Right), of(State::Unknown)]), Outcome::CouldNotTell);
        assert_eq!(Outcome::of(&[of(State::Right), of(State::NotAsked)]), Outcome::CouldNotTell);
        assert_eq!(Outcome::of(&[of(State::Wrong), of(State::Unknown)]), Outcome::NotRight);
    }
}
