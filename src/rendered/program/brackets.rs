//! What a program in a language that is not read writes together: in brackets, in lists, and in one text.

use std::{collections::HashMap, ops::Range};

/// How the names of values files end.
const ENDINGS: [&str; 3] = [".yaml", ".yml", ".json"];

/// How what is filled in as a part of a text begins.
const FILLED: [&str; 6] = ["{", "$", "#{", "%s", "%v", "%{"];

const QUOTES: [char; 3] = ['"', '\'', '`'];

/// The most lists whose use is looked for.
const MOST: usize = 64;

/// The brackets around some places of a program.
pub(super) struct Brackets {
    /// Where the nearest begins around each place; nothing where a statement ends between them.
    starts: Vec<Option<usize>>,
    /// Where each of them ends, by where it begins.
    ends: HashMap<usize, usize>,
}

impl Brackets {
    /// Those around places, which are in order.
    pub(in crate::rendered) fn around(text: &str, places: &[Range<usize>]) -> Self {
        let (mut open, mut of_statement) = (Vec::new(), Vec::new());
        let mut found = Self { starts: Vec::with_capacity(places.len()), ends: HashMap::new() };
        let mut places = places.iter().peekable();
        for (at, byte) in text.bytes().enumerate() {
            if places.next_if(|place| place.start == at).is_some() {
                found.starts.push(of_statement.last().copied());
            }
            match byte {
                b'(' | b'[' => {
                    open.push(at);
                    of_statement.push(at);
                }
                b')' | b']' => {
                    found.ends.extend(open.pop().map(|start| (start, at + 1)));
                    of_statement.pop();
                }
                b';' => of_statement.clear(),
                _ => {}
            }
        }
        found
    }

    /// What is written of the command that one of the places is a word of: its brackets, or else its line.
    pub(in crate::rendered) fn command(&self, text: &str, number: usize, place: &Range<usize>) -> Range<usize> {
        if let Some(start) = self.starts.get(number).copied().flatten() {
            return start..self.ends.get(&start).copied().unwrap_or(text.len());
        }
        let line = text[..place.start].rfind('\n').map_or(0, |at| at + 1);
        line..text[place.end..].find('\n').map_or(text.len(), |end| place.end + end)
    }
}

/// Whether a program has a list of several files that no loop goes through, outside of commands: something may hand them
/// over together. A list is in brackets; one in braces names each of its entries.
pub(super) fn has_list(text: &str, is_of_command: impl Fn(&Range<usize>) -> bool) -> bool {
    let lists = lists(text);
    let mut lists = lists.iter().filter(|list| !is_of_command(list));
    lists.by_ref().take(MOST).any(|list| !is_looped(text, list)) || lists.next().is_some()
}

/// The brackets that several files are named in, or that are given as the values.
fn lists(text: &str) -> Vec<Range<usize>> {
    struct Open<'t> {
        at: usize,
        first: Option<&'t str>,
        is_list: bool,
    }
    let (mut open, mut found): (Vec<Open<'_>>, Vec<Range<usize>>) = (Vec::new(), Vec::new());
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => {
                open.push(Open { at, first: None, is_list: byte == b'[' && is_of_values(&text[..at]) });
            }
            b')' | b']' | b'}' => {
                let closed = open.pop().filter(|closed| text.as_bytes()[closed.at] != b'{');
                // a single one is not a list
                let is_several = |closed: &Open<'_>| closed.first == Some("") || text[closed.at..at].contains(',');
                let is_it = |closed: &Open<'_>| closed.is_list && is_several(closed);
                found.extend(closed.filter(is_it).map(|closed| closed.at..at + 1));
            }
            b'.' if ENDINGS.iter().any(|ending| text[at..].starts_with(ending)) => {
                let Some(around) = open.last_mut() else { continue };
                let is_edge = |c: char| c.is_whitespace() || QUOTES.contains(&c) || "([{,=:".contains(c);
                let name = text[..at].rsplit(is_edge).next().unwrap_or_default();
                match around.first {
                    None => around.first = Some(name),
                    Some(first) if first != name => {
                        around.is_list = true;
                        around.first = Some("");
                    }
                    Some(_) => {}
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether what is before a bracket names values that it gives: `values=`, `valueFiles: `.
fn is_of_values(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '\t']);
    let Some(before) = before.strip_suffix(['=', ':']) else { return false };
    let before = before.trim_end_matches([' ', '\t', '"', '\'', ':']);
    let name =
        before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_ascii_lowercase();
    name.contains("value") && !name.starts_with("set")
}

/// What declares a name in some language.
const DECLARING: [&str; 10] = ["const", "let", "var", "final", "static", "val", "local", "my", "our", "export"];

/// Whether a loop goes through a list, and nothing else takes it.
fn is_looped(text: &str, list: &Range<usize>) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let is_behind = |behind: &str| [".each", ".forEach"].iter().any(|it| behind.starts_with(it));
    let is_before = |before: &str| {
        let before = before.trim_end_matches([' ', '\t', '(']);
        ["in", "of", "range"].contains(&before.rsplit(|c| !is_word(c)).next().unwrap_or_default())
    };
    // Ruby writes a list of words so
    let before = text[..list.start].trim_end_matches("%w").trim_end_matches("%i");
    if is_before(before) || is_behind(&text[list.end..]) {
        return true;
    }
    let statement = before.rsplit(['\n', ';', '{', '}']).next().unwrap_or_default();
    let Some((declared, _)) = statement.split_once('=') else { return false };
    let mut words = declared.split(|c| !is_word(c)).filter(|name| !name.is_empty() && !DECLARING.contains(name));
    let Some(name) = words.next() else { return false };
    let is_whole = |at: usize| {
        !text[..at].chars().next_back().is_some_and(is_word)
            && !text[at + name.len()..].chars().next().is_some_and(is_word)
    };
    let mut uses = text.match_indices(name).map(|(at, _)| at).filter(|at| is_whole(*at));
    let own = before.len() - statement.len()..list.end;
    let mut count = 0;
    let are_loops = uses.all(|at| {
        if own.contains(&at) {
            return true;
        }
        count += 1;
        is_before(&text[..at]) || is_behind(&text[at + name.len()..])
    });
    are_loops && count > 0
}

/// Whether a program writes several files into one text, with a comma between them: Helm takes each of them.
pub(super) fn joins_by_comma(text: &str) -> bool {
    let is_edge = |c: char| c.is_whitespace() || QUOTES.contains(&c);
    let is_quote = |c: Option<char>| c.is_some_and(|c| QUOTES.contains(&c));
    let mut before = None;
    text.split_inclusive(is_edge).any(|piece| {
        let word = piece.trim_end_matches(is_edge);
        let behind = piece[word.len()..].chars().next();
        let (is_begun, is_ended) = (is_quote(before), is_quote(behind));
        before = behind;
        word.match_indices(',').any(|(at, _)| {
            let (left, right) = (&word[..at], &word[at + 1..]);
            let is_inside = (is_begun || !left.is_empty()) && (is_ended || !right.is_empty());
            is_inside && (ends_as_file(left) || begins_as_file(right))
        })
    })
}

fn ends_as_file(text: &str) -> bool {
    let last = text.rsplit(',').next().unwrap_or(text);
    ENDINGS.iter().chain(&["}", "%s", "%v"]).any(|ending| last.ends_with(ending)) || last.starts_with('$')
}

fn begins_as_file(text: &str) -> bool {
    let first = text.split(',').next().unwrap_or(text);
    FILLED.iter().any(|it| first.starts_with(it)) || ENDINGS.iter().any(|ending| first.ends_with(ending))
}

/// Whether what is right behind a short option is its value: `-fb.yaml`, `-f{file}`.
pub(super) fn is_glued(behind: &str) -> bool {
    let is_edge = |c: char| c.is_whitespace() || QUOTES.contains(&c);
    let word = behind.split(is_edge).next().unwrap_or(behind);
    let whole = word.trim_end_matches([')', ']', ',', ';']);
    FILLED.iter().any(|it| word.starts_with(it)) || ENDINGS.iter().any(|ending| whole.ends_with(ending))
}
