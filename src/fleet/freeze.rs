//! [`Freeze`]: a time in which no cluster goes on towards its goal.

use crate::{moment::Moment, yaml::Node};

use super::{BadFleet, Lines, Pattern, patterns};

/// A time in which no cluster goes on towards its goal. The way back stays open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// Its first moment.
    pub from: Moment,
    /// Its last one.
    pub until: Moment,
    /// The reason, where one is given.
    pub why: Option<String>,
    /// The clusters that it is for, by their files; every cluster where none are named.
    pub(super) files: Option<Vec<Pattern>>,
}

impl Freeze {
    /// Whether it lasts at a moment.
    #[must_use]
    pub fn lasts(&self, now: &Moment) -> bool {
        self.from <= *now && *now <= self.until
    }

    pub(super) fn read(
        node: Node<'_>,
        lines: &mut Lines<'_>,
        bad: &impl Fn(usize, String, &str) -> BadFleet,
    ) -> Result<Self, BadFleet> {
        const KEYS: &str = "known are from, until, files and why";
        let at = node.span().start;
        if !node.is_mapping() {
            return Err(bad(at, "a freeze is not a mapping".to_owned(), KEYS));
        }
        let (mut from, mut until, mut files, mut why) = (None, None, None, None);
        for (name, value) in node.entries() {
            match name {
                "from" => from = Some(moment(value, "T00:00:00Z", bad)?),
                "until" => until = Some(moment(value, "T23:59:59Z", bad)?),
                "files" => files = Some(patterns(value, lines, bad)?),
                "why" => why = value.str().map(str::to_owned),
                _ => {
                    let message = format!("the key `{}` is not known", name.escape_debug());
                    return Err(bad(value.key_span().start, message, KEYS));
                }
            }
        }
        let missing = |name: &str| bad(at, format!("the freeze has no `{name}`"), "name its first and its last day");
        let freeze = Self {
            from: from.ok_or_else(|| missing("from"))?,
            until: until.ok_or_else(|| missing("until"))?,
            files,
            why,
        };
        if freeze.from > freeze.until {
            return Err(bad(at, "the freeze ends before it begins".to_owned(), "put the earlier day behind `from`"));
        }
        Ok(freeze)
    }
}

/// A day, of which the first or last second is meant, or a time in UTC.
fn moment(node: Node<'_>, of_day: &str, bad: &impl Fn(usize, String, &str) -> BadFleet) -> Result<Moment, BadFleet> {
    let text = node.str().unwrap_or_else(|| node.source());
    let whole = if text.len() == "0000-00-00".len() { format!("{text}{of_day}") } else { text.to_owned() };
    let is_real = |moment: &Moment| {
        let text = moment.to_string();
        let part = |from: usize, to: usize| text[from..to].parse::<u8>().unwrap_or(u8::MAX);
        (1..=12).contains(&part(5, 7)) && (1..=31).contains(&part(8, 10)) && part(11, 13) < 24 && part(14, 16) < 60
    };
    Moment::read(&whole).filter(is_real).ok_or_else(|| {
        let help = "write a day, 2025-12-24, or a time in UTC, 2025-12-24T18:00:00Z";
        bad(node.span().start, format!("`{}` is not a day", text.escape_debug()), help)
    })
}
