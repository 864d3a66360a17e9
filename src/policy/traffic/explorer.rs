//! What Explorer exports, as CSV: a column for each thing, a column for each key of labels on either side.
//!
//! Two generations are known: `Source IP`, `Destination App`, and before that `Consumer IP`, `Provider Application`.
//! Spreadsheets write the same with semicolons or tabs where the comma is a decimal sign.
//! (Source: exports as people process them in public; RFC 4180 for the form)

use std::{borrow::Cow, collections::HashMap};

use super::{
    rows::Rows,
    seen::{Label, Seen, Side, Traffic, protocol},
};
use crate::{
    finding::Position,
    policy::{
        read::{LONGEST_KEY, Unreadable},
        shown::{shortened, shown},
    },
};

/// Some lines of a file end with `\n`, and one with `\r` alone.
const LONE_RETURN: &str = "there is a carriage return within the line: save the file with one kind of line ends";

/// What the columns of a side are called that hold no label.
const NO_LABELS: [&str; 19] = [
    "ip",
    "iplist",
    "ip list",
    "ip lists",
    "iplists",
    "name",
    "hostname",
    "managed",
    "enforcement",
    "enforcement mode",
    "fqdn",
    "type",
    "process",
    "service",
    "username",
    "port",
    "network",
    "virtual service",
    "virtual server",
];

/// The keys of labels that older exports write out.
const KEYS: [(&str, &str); 4] = [("application", "app"), ("environment", "env"), ("location", "loc"), ("role", "role")];

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Column {
    Address(usize),
    Name(usize),
    Service(usize),
    Managed(usize),
    Label(usize, String),
    Port,
    Protocol,
    Connections,
    Reported,
    Draft,
    LastSeen,
    Other,
}

impl Column {
    fn of(title: &str) -> Self {
        let title = title.trim().to_lowercase();
        let sides = [
            ("source ", 0),
            ("consumer ", 0),
            ("consuming ", 0),
            ("destination ", 1),
            ("provider ", 1),
            ("providing ", 1),
        ];
        let of_side = sides.iter().find_map(|(prefix, side)| Some((title.strip_prefix(prefix)?, *side)));
        match (title.as_str(), of_side) {
            (_, Some(("ip", side))) => Self::Address(side),
            (_, Some(("name", side))) => Self::Name(side),
            (_, Some(("virtual service", side))) => Self::Service(side),
            (_, Some(("managed", side))) => Self::Managed(side),
            ("port" | "destination port" | "provider port", _) => Self::Port,
            (_, Some((what, side))) if !NO_LABELS.contains(&what) => {
                let key = KEYS.iter().find(|(written, _)| *written == what).map_or(what, |(_, key)| key);
                Self::Label(side, key.to_owned())
            }
            ("protocol", _) => Self::Protocol,
            ("num flows" | "flows" | "number of flows" | "connections", _) => Self::Connections,
            ("reported policy decision" | "policy decision", _) => Self::Reported,
            ("draft policy decision", _) => Self::Draft,
            ("last detected" | "last seen", _) => Self::LastSeen,
            _ => Self::Other,
        }
    }
}

pub(super) fn read<'t>(name: &str, text: &'t str) -> Result<Traffic<'t>, Unreadable> {
    let mut rows = Rows::of(text);
    let no_export = |line: usize, reason: &str| Unreadable {
        file: name.to_owned(),
        position: Position { line, column: 1 },
        path: "the header".to_owned(),
        reason: reason.to_owned(),
    };
    let Some((_, header)) = rows.next() else { return Err(no_export(1, "the file is empty")) };
    let columns: Vec<Column> = header.iter().map(|title| Column::of(title)).collect();
    let needed = [Column::Address(0), Column::Address(1), Column::Port, Column::Protocol];
    if let Some(missing) = needed.iter().find(|column| !columns.contains(column)) {
        let title = match missing {
            Column::Address(0) => "Source IP",
            Column::Address(_) => "Destination IP",
            Column::Port => "Port",
            _ => "Protocol",
        };
        return Err(no_export(
            1,
            &format!("there is no column `{title}`: this is neither flows as JSON nor an export of Explorer"),
        ));
    }
    // of two that mean the same, nothing says which one counts
    let mut earlier = HashMap::new();
    for (column, title) in columns.iter().zip(&header).filter(|(column, _)| **column != Column::Other) {
        let title = title.trim();
        if let Some(first) = earlier.insert(column, title) {
            let (first, title) = (first.escape_debug(), title.escape_debug());
            let is_same = first.to_string().eq_ignore_ascii_case(&title.to_string());
            return Err(no_export(
                1,
                &if is_same {
                    format!("the column `{title}` occurs twice")
                } else {
                    format!("the columns `{first}` and `{title}` have the same meaning")
                },
            ));
        }
    }
    let mut traffic = Traffic { columns: Some([0, 1].map(|side| keys(&columns, side))), ..Traffic::default() };
    while let Some((line, cells)) = rows.next() {
        if rows.has_lone_return {
            return Err(Unreadable { path: "the end of the line".to_owned(), ..no_export(line, LONE_RETURN) });
        }
        let numbers = columns
            .iter()
            .zip(&cells)
            .filter(|(column, cell)| **column == Column::Connections && !cell.trim().is_empty());
        if let Some((_, cell)) = numbers.into_iter().find(|(_, cell)| count(cell.trim()).is_none()) {
            let reason = format!("expected a number of flows here, found `{}`", shortened(&shown(cell), LONGEST_KEY));
            return Err(Unreadable { path: "Num Flows".to_owned(), ..no_export(line, &reason) });
        }
        match seen(&columns, cells) {
            Ok(seen) => traffic.flows.push(seen),
            Err(why) => {
                traffic.passed_over += 1;
                traffic.reason.get_or_insert_with(|| format!("line {line}: {why}"));
            }
        }
    }
    Ok(traffic)
}

/// The keys of labels that have a column on a side.
fn keys(columns: &[Column], side: usize) -> Vec<String> {
    let of_side = columns.iter().filter_map(|column| match column {
        Column::Label(of, key) if *of == side => Some(key.clone()),
        _ => None,
    });
    of_side.collect()
}

fn seen<'t>(columns: &[Column], cells: Vec<Cow<'t, str>>) -> Result<Seen<'t>, &'static str> {
    let mut seen = Seen { connections: 1, ..Seen::default() };
    let mut sides = [Side::default(), Side::default()];
    let (mut port, mut of_protocol) = (None, None);
    let mut is_managed = [None, None];
    for (column, cell) in columns.iter().zip(cells) {
        let text = cell.trim();
        match column {
            Column::Address(side) => sides[*side].address = cell,
            Column::Name(side) => sides[*side].name = cell,
            Column::Service(side) if !text.is_empty() => sides[*side].service = Some(cell),
            Column::Managed(side) => {
                is_managed[*side] = Some(matches!(text.to_lowercase().as_str(), "true" | "yes" | "managed"));
            }
            Column::Label(side, key) if !text.is_empty() => {
                let label = Label::Words(Cow::Owned(key.clone()), Cow::Owned(text.to_owned()));
                sides[*side].labels.get_or_insert_default().push(label);
            }
            Column::Port => port = text.parse().ok().or(text.is_empty().then_some(0)),
            Column::Protocol => of_protocol = protocol(text),
            Column::Connections => seen.connections = count(text).unwrap_or(1),
            Column::Reported => seen.reported = Cow::Owned(decision(text)),
            Column::Draft => seen.draft = Cow::Owned(decision(text)),
            Column::LastSeen => seen.last_seen = cell,
            _ => {}
        }
    }
    for (side, is_managed) in sides.iter_mut().zip(is_managed) {
        if is_managed == Some(true) {
            side.labels.get_or_insert_default();
        }
    }
    let [source, destination] = sides;
    seen.port = port.ok_or("its port is not a port")?;
    seen.protocol = of_protocol.ok_or("its protocol is not known")?;
    Ok(Seen { source, destination, ..seen })
}

/// `Potentially Blocked` as the API writes it.
fn decision(text: &str) -> String {
    text.to_lowercase().replace([' ', '-'], "_")
}

/// A number, also one in groups: `1,234`, `1 234`.
fn count(text: &str) -> Option<u64> {
    let digits = text.replace([',', '.', ' ', '\u{a0}', '\''], "");
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_be_in_groups() {
        assert_eq!(["1,234", "1\u{a0}234", "7", "many"].map(count), [Some(1234), Some(1234), Some(7), None]);
    }

    #[test]
    fn a_column_that_stands_twice_is_refused() {
        let header = "Source IP,Destination IP,Port,Protocol,Source App";
        assert!(read("t.csv", &format!("{header},Bytes,Bytes\n1.2.3.4,1.2.3.5,80,TCP,shop,1,1\n")).is_ok());
        let twice = format!("{header},source app\n1.2.3.4,1.2.3.5,80,TCP,shop,bank\n");
        let refused = read("t.csv", &twice);
        assert_eq!(refused.expect_err("two columns of one title").reason, "the column `source app` occurs twice");
        let alike = format!("{header},Consumer Application\n1.2.3.4,1.2.3.5,80,TCP,shop,bank\n");
        assert_eq!(
            read("t.csv", &alike).expect_err("two titles of one meaning").reason,
            "the columns `Source App` and `Consumer Application` have the same meaning"
        );
    }

    #[test]
    fn both_generations_of_titles_are_known() {
        assert_eq!(Column::of("Provider Application"), Column::Label(1, "app".to_owned()));
        assert_eq!(Column::of("Source App"), Column::Label(0, "app".to_owned()));
        assert_eq!(Column::of("Destination BU"), Column::Label(1, "bu".to_owned()));
        assert_eq!(Column::of("Consumer Enforcement Mode"), Column::Other);
        assert_eq!(Column::of("Destination Port"), Column::Port);
    }
}
