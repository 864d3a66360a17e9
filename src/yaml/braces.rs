//! How an edit between braces is proposed: JSON, and mappings written in one line.

use super::{
    document::{Document, Entry},
    ends::line_end,
    splice::{Splice, without_line_break, written},
    tree::{Kind, NodeId},
};
use crate::finding::Finding;

const BLANKS: [char; 2] = [' ', '\t'];

impl Document<'_> {
    /// A new last entry, written as the one before it: in quotes or not, on a line of its own or not.
    pub(super) fn inserting_in_braces(&self, mapping: NodeId, name: &str, value: &str) -> Splice {
        let Some((key, last)) = self.tree.entries(mapping).last() else {
            let at = self.tree.span(mapping).start + 1;
            return Splice { at: at..at, text: format!("{name}: {}", written(value, Kind::Plain)) };
        };
        let entry = match self.tree.node(key).kind {
            Kind::DoubleQuoted => format!("\"{name}\": {}", written(value, Kind::DoubleQuoted)),
            _ => format!("{name}: {}", written(value, Kind::Plain)),
        };
        let last = Entry { key, value: last };
        let end = self.entry_end(last);
        let Some(behind) = self.rest_of_its_line(mapping, last) else {
            return Splice { at: end..end, text: format!(", {entry}") };
        };
        let line_start = self.line_start(key);
        let line_break = self.line_break_before(line_start);
        let indentation = &self.text()[line_start..self.tree.span(key).start];
        let end_of_line = end + behind.len();
        if behind.contains(',') && begins_with_comma(behind) {
            return Splice { at: end_of_line..end_of_line, text: format!("{line_break}{indentation}{entry},") };
        }
        // the comma goes before a remark on the last entry, which stays where it is
        Splice { at: end..end_of_line, text: format!(",{behind}{line_break}{indentation}{entry}") }
    }

    pub(super) fn removing_from_braces(&self, mapping: NodeId, entry: Entry) -> Result<Splice, Finding> {
        let text = self.text();
        let end = self.entry_end(entry);
        let others = self.tree.entries(mapping).take_while(|(key, _)| *key < entry.key);
        let previous = others.last().map(|(key, value)| self.entry_end(Entry { key, value }));
        let nothing = String::new();
        match (self.rest_of_its_line(mapping, entry), previous) {
            (Some(behind), Some(previous)) if !begins_with_comma(behind) => {
                // the comma before goes along, remarks behind it stay
                let between = text[previous..self.line_start(entry.key)].replacen(',', "", 1);
                Ok(Splice { at: previous..end + behind.len(), text: without_line_break(&between).to_owned() })
            }
            (Some(_), _) => Ok(Splice { at: self.line_start(entry.key)..line_end(text, end), text: nothing }),
            (None, Some(previous)) => {
                let start = self.tree.span(entry.key).start;
                if text[previous..start].trim() != "," {
                    return Err(self.shares_its_line(entry));
                }
                Ok(Splice { at: previous..end, text: nothing })
            }
            (None, None) => {
                let rest = text[end..].trim_start_matches(BLANKS);
                let end = rest.strip_prefix(',').map_or(end, |rest| text.len() - rest.trim_start_matches(BLANKS).len());
                Ok(Splice { at: self.tree.span(entry.key).start..end, text: nothing })
            }
        }
    }

    /// What comes after an entry that has its lines to itself: a comma, spaces and a comment at most.
    fn rest_of_its_line(&self, mapping: NodeId, entry: Entry) -> Option<&str> {
        let text = self.text();
        let (start, end) = (self.line_start(entry.key), self.entry_end(entry));
        let before = &text[start..self.tree.span(entry.key).start];
        let behind = without_line_break(&text[end..line_end(text, end)]);
        let rest = behind.trim_start_matches(BLANKS);
        let rest = rest.strip_prefix(',').unwrap_or(rest).trim_start_matches(BLANKS);
        let is_alone = start > self.tree.span(mapping).start
            && before.trim_start_matches(BLANKS).is_empty()
            && (rest.is_empty() || rest.starts_with('#'));
        is_alone.then_some(behind)
    }
}

fn begins_with_comma(behind: &str) -> bool {
    behind.trim_start_matches(BLANKS).starts_with(',')
}
