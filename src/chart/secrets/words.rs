//! A line of text that names a secret: `password=x`, `--token x`, `"token": "x"`, `<pwd>x`, `the cluster_token is x`.

use super::{
    beside::beside,
    commands::command,
    keys::{is_name, is_value, pointed},
    named::{Named, is_file, words},
    names::{Secrecy, is_entered, is_key_of_secret, is_of_chart, secrecy},
    prose::{is_blank, is_count, is_empty, is_identifier, is_prose, is_reference, is_telling, looks_made, unquoted},
};

/// The first secret in a line that a name before it makes one.
pub(super) fn named(line: &str) -> Option<Named<'_>> {
    [signed(line), mentioned(line), beside(line)].into_iter().flatten().min_by_key(|named| named.value)
}

/// The same, where a sign is between them, or a command says so.
pub(super) fn signed(line: &str) -> Option<Named<'_>> {
    first(line, |_| true)
}

/// The first secret in a comment: a sentence about one is not one.
pub(super) fn commented(line: &str) -> Option<Named<'_>> {
    let is_value = |named: &Named<'_>| !is_sentence(line, named);
    let spoken = [mentioned(line), said(line), subject(line), bracketed(line)].into_iter().flatten();
    first(line, is_value).into_iter().chain(spoken).min_by_key(|named| named.value)
}

fn first<'l>(line: &'l str, is_value: impl Fn(&Named<'l>) -> bool) -> Option<Named<'l>> {
    let by_sign = signs(line).find(|named| is_secret(line, named) && is_value(named));
    let by_option = options(line).find(&is_value);
    let by_command = command(line).filter(&is_value);
    let by_pair = pair(line).filter(&is_value);
    [by_sign, by_option, by_command, by_pair].into_iter().flatten().min_by_key(|named| named.value)
}

/// Each name in a line that a colon, an equals sign or the bracket of a tag parts from a value.
fn signs(line: &str) -> impl Iterator<Item = Named<'_>> {
    let is_sign = |(_, c): &(usize, char)| matches!(c, ':' | '=' | '>' | '：');
    let mut from = 0;
    line.char_indices().filter(is_sign).filter_map(move |(at, sign)| {
        let before = line.get(from..at)?;
        let arrow = before.strip_suffix('-').filter(|_| sign == '>');
        let name = declared(arrow.unwrap_or(before));
        from = at + sign.len_utf8();
        // of a run of signs the first alone has a name, so the run is read once
        let name = name?;
        // `:=`, `=>`, `==`
        let behind = line[from..].trim_start_matches(['=', '>', '~']);
        let value = line.len() - behind.trim_start_matches(is_blank).len();
        // `<password>`, and nothing else that ends so
        let is_tag =
            sign != '>' || arrow.is_some() || line[..at].strip_suffix(name).is_some_and(|before| before.ends_with('<'));
        is_tag.then_some(Named { name, value, sign, at })
    })
}

/// The name at the end of a text, out of its quotes and without the rest of a sign (`+=`, `?=`, `!=`).
fn name_before(text: &str) -> Option<&str> {
    let is_behind = |c| is_blank(c) || "\"'`\\])*+?!|[".contains(c);
    let text = text.trim_end_matches(is_behind);
    let is_of_name =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\\' | '\u{a0}' | '\u{200b}'..='\u{200d}');
    let start = text.char_indices().rev().find(|(_, c)| !is_of_name(*c)).map_or(0, |(at, c)| at + c.len_utf8());
    let name = text[start..].trim_start_matches(['-', '\\', '.']);
    (!name.is_empty()).then_some(name)
}

/// The name at the end of a text, before its type: `var token string`.
fn declared(text: &str) -> Option<&str> {
    const TYPES: &[&str] = &["string", "str", "text", "varchar", "bytes", "char"];
    let name = name_before(text)?;
    let before =
        || text.trim_end().strip_suffix(name).filter(|_| TYPES.iter().any(|own| name.eq_ignore_ascii_case(own)));
    before().and_then(name_before).or(Some(name))
}

/// Whether what a name is parted from is a secret.
fn is_secret(line: &str, named: &Named<'_>) -> bool {
    // what is longer is not a word, and reading to the end of a line at each of its names would never end
    const LONGEST: usize = 256;
    let Named { name, value, sign, at } = *named;
    let secrecy = secrecy(name);
    if secrecy == Secrecy::Open || is_file(name) {
        return false;
    }
    let is_of_chart = is_of_chart(name);
    let between = &line[at + sign.len_utf8()..value];
    let value = &line[value..];
    let is_apart = !between.is_empty() || value.is_empty() || value.starts_with(['"', '\'', '\\']);
    let before = line[..at].strip_suffix(name).unwrap_or_default();
    // `image:tag`, `host:8443`, `http://`
    let is_tag = sign == ':' && !is_apart && {
        let is_scheme = value.starts_with("//");
        let is_numbered =
            before.ends_with(['/', '@']) || value.starts_with(|c: char| c.is_ascii_digit() || c == '/' || c == ':');
        is_scheme || is_numbered && !is_of_chart
    };
    let short = value.get(..LONGEST).unwrap_or(value);
    let first = short.split(is_blank).next().unwrap_or_default();
    let begins_line = || secrecy == Secrecy::Whole && before.trim_start_matches(['-', ' ', '"', '\'', '\t']).is_empty();
    let is_joined =
        sign == ':' && !is_apart && !looks_made(first) && !is_of_chart && (!begins_line() || is_prose(first));
    // `if token == other`
    let compares = (between.starts_with(['=', '~']) || line[..at].ends_with(['!', '='])) && is_prose(first);
    let is_whole = value.len() <= LONGEST;
    let refers = is_whole && (is_reference(value) || is_key_of_secret(name) && is_identifier(value));
    // `password: "" # x`
    let tells = || value.split_once('#').is_some_and(|(_, comment)| is_telling(comment));
    let is_nothing = is_empty(value) || !is_of_chart && !is_entered(name) && is_count(value);
    let is_empty = is_whole && is_nothing && !tells();
    !is_tag && !compares && !is_joined && !refers && !is_empty
}

/// What follows the options of a line whose names are secret: `--token x`, `-storepass x`. With `-token=x` it is a
/// sign.
fn options(line: &str) -> impl Iterator<Item = Named<'_>> {
    const SHORTEST: usize = 4;
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(offset) = line[at..].find('-') {
            let dash = at + offset;
            let start = dash + (line.len() - dash - line[dash..].trim_start_matches('-').len());
            let length = line[start..].find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')));
            let end = length.map_or(line.len(), |length| start + length);
            at = end.max(start);
            let behind = line[end..].trim_start_matches(|c| matches!(c, '"' | '\'' | ',' | '\\') || is_blank(c));
            let value = line.len() - behind.len();
            let begins = !line[..dash].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'));
            let is_long = start - dash == 2 || start - dash == 1 && end - start >= SHORTEST;
            if begins
                && is_long
                && value > end
                && !behind.is_empty()
                && !behind.starts_with('-')
                && secrecy(&line[start..end]) > Secrecy::Open
            {
                return Some(Named::apart(&line[start..end], value));
            }
        }
        None
    })
}

/// `name: TOKEN, value: x` in one line, in either order, and `env[0].name=TOKEN,env[0].value=x`.
fn pair(line: &str) -> Option<Named<'_>> {
    let value_of = |named: &Named<'_>| is_value(last_part(named.name));
    let says = signs(line).find(|named| {
        is_name(last_part(named.name)) && {
            let said = line[named.value..].get(..64).unwrap_or(&line[named.value..]);
            let said = said.split([',', '}', ' ', ']', '\t', '&']).next().unwrap_or_default();
            secrecy(pointed(unquoted(said.trim_end_matches(['/', '>'])))) > Secrecy::Open
        }
    });
    says?;
    signs(line).find(value_of).filter(|value| !line[value.value..].is_empty())
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Whether what follows a name is a sentence about it: several words, the first one of prose.
fn is_sentence(line: &str, Named { name, value, .. }: &Named<'_>) -> bool {
    const LONGEST: usize = 256;
    let value = &line[*value..];
    let value = value.get(..LONGEST).unwrap_or(value);
    let mut words = value.split_whitespace();
    let first = words.next().unwrap_or_default();
    let is_quoted = first.starts_with(['"', '\'', '|', '>', '{', '[', '&', '!', '*']);
    let has_more = words.next().is_some_and(|next| !next.starts_with('#'));
    if is_of_chart(name) {
        // what follows may be the value, and then the word behind that is found
        return has_more && !is_quoted && is_prose(value);
    }
    has_more && !is_quoted && is_prose(first) && !looks_made(first)
}

/// What a comment says of a secret: `# the password is x1`, and `# token 4x7...`, where the word looks like one.
pub(super) fn said(line: &str) -> Option<Named<'_>> {
    // most words are those of a sentence, and a glance at them is less than asking the table for each
    if !line.split([' ', '\t']).skip(1).any(|word| looks_made(unquoted(word))) {
        return None;
    }
    let mut at = 0;
    let mut secret: Option<&str> = None;
    for word in line.split([' ', '\t']) {
        let start = at;
        at += word.len() + 1;
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        match secret {
            Some(name) if looks_made(unquoted(word)) => return Some(Named::apart(name, start)),
            Some(_) if matches!(bare, "is" | "was" | "") => {}
            // `token (prod) is x1`
            Some(_) if word.starts_with('(') && word.ends_with(')') => {}
            _ => secret = Some(bare).filter(|bare| secrecy(bare) > Secrecy::Open),
        }
    }
    None
}

/// The one word in brackets behind a secret name: `# the password (x1)`.
fn bracketed(line: &str) -> Option<Named<'_>> {
    line.match_indices(" (").find_map(|(at, sign)| {
        let name = name_before(&line[..at])?;
        let value = at + sign.len();
        let said = line[value..].split(')').next()?;
        let is_it = line[value..].contains(')') && !said.contains([' ', ':', '=', '/', ',']) && !is_prose(said);
        (is_it && secrecy(name) > Secrecy::Open && !is_file(name) && !is_file(said)).then(|| Named::apart(name, value))
    })
}

/// Where the first credential of the chart is named in a line, by one word or two (`cluster token`).
pub(super) fn chart_name(line: &str) -> Option<(usize, usize)> {
    const SHORTEST: usize = 9;
    let mut before = "";
    let mut first = 0;
    words(line).find_map(|(start, end)| {
        let word = line[start..end].trim_end_matches(['.', '-']);
        let is_two = (word.eq_ignore_ascii_case("token") || word.eq_ignore_ascii_case("code"))
            && (before.eq_ignore_ascii_case("cluster") || before.eq_ignore_ascii_case("maintenance"));
        let found = if is_two {
            Some((first, end))
        } else {
            (word.len() >= SHORTEST && is_of_chart(word)).then_some((start, start + word.len()))
        };
        (before, first) = (word, start);
        found
    })
}

/// What follows a credential of the chart that is named without a sign: `cluster_token -> x`,
/// `the cluster_token was x before`. Words of sentences are not it.
fn mentioned(line: &str) -> Option<Named<'_>> {
    let (start, end) = chart_name(line)?;
    let name = &line[start..end];
    if is_file(name) {
        return None;
    }
    let mut at = end;
    for word in line[end..].split(|c| is_blank(c) || c == ',') {
        let from = at;
        at += word.len();
        at += line[at..].chars().next().map_or(0, char::len_utf8);
        let is_option = word.starts_with('-') && !word.contains('=');
        let value = word.trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '$' | '<' | '{'));
        if is_option || is_reference(word) || is_reference(value) || is_prose(word) || is_file(value) {
            continue;
        }
        return Some(Named::apart(name, from + word.len() - value.len()));
    }
    None
}

/// `x is the cluster_token`, `x (cluster_token)`: what the text calls a credential of the chart.
fn subject(line: &str) -> Option<Named<'_>> {
    const LONGEST: usize = 8;
    let (name, _) = chart_name(line)?;
    let mut before = line[..name].split_whitespace();
    let first = before.next()?;
    let links = |word: &str| {
        matches!(word, "is" | "was" | "as" | "for" | "the" | "our" | "a" | "(" | "=" | "-" | "old" | "new")
    };
    let is_it = before.clone().count() < LONGEST && before.all(links) && !is_prose(first);
    is_it.then(|| Named::apart(&line[name..], line.len() - line.trim_start().len()))
}
