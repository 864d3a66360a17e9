//! A line of text that names a secret: `password=x`, `--token x`, `"token": "x"`, `<pwd>x`, `curl -u me:x`.

use super::names::{Secrecy, is_documented, is_key_of_secret, secrecy};

/// The secret in a line: from where on, and in which column the name stands that makes it one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named<'l> {
    pub(super) name: &'l str,
    /// The first byte behind the sign that parts it from its value, blanks passed over. The line ends there where the
    /// value stands below.
    pub(super) value: usize,
    /// The sign: a colon, an equals sign, a blank; and where it stands.
    pub(super) sign: char,
    pub(super) at: usize,
}

/// The first secret in a line that a name before it makes one.
pub(super) fn named(line: &str) -> Option<Named<'_>> {
    let by_sign = signs(line).find(|named| is_secret(line, named));
    let by_option = option(line);
    let by_command = command(line);
    let by_pair = pair(line);
    [by_sign, by_option, by_command, by_pair].into_iter().flatten().min_by_key(|named| named.value)
}

/// Each name in a line that a colon, an equals sign or the bracket of a tag parts from a value.
fn signs(line: &str) -> impl Iterator<Item = Named<'_>> {
    let is_sign = |(_, c): &(usize, char)| matches!(c, ':' | '=' | '>' | '：');
    let mut from = 0;
    line.char_indices().filter(is_sign).filter_map(move |(at, sign)| {
        let name = name_before(&line[from..at]);
        let behind = &line[at + sign.len_utf8()..];
        from = at + sign.len_utf8();
        let value = line.len() - behind.trim_start_matches(is_blank).len();
        let name = name?;
        // `<password>`, and nothing else that ends so
        let is_tag = sign != '>' || line[..at].strip_suffix(name).is_some_and(|before| before.ends_with('<'));
        is_tag.then_some(Named { name, value, sign, at })
    })
}

/// Blanks of any script: a no-break space before a colon is none for YAML, and no way round for a secret.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// The name at the end of a text, out of its quotes.
fn name_before(text: &str) -> Option<&str> {
    let text = text.trim_end_matches(|c| is_blank(c) || matches!(c, '"' | '\'' | '`' | '\\' | ']' | ')' | '*'));
    let is_of_name =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\\' | '\u{a0}' | '\u{200b}'..='\u{200d}');
    let start = text.char_indices().rev().find(|(_, c)| !is_of_name(*c)).map_or(0, |(at, c)| at + c.len_utf8());
    let name = text[start..].trim_start_matches(['-', '\\', '.']);
    (!name.is_empty()).then_some(name)
}

/// Whether what a name is parted from is a secret.
fn is_secret(line: &str, named: &Named<'_>) -> bool {
    // what is longer is no word, and reading to the end of a line at each of its names would never end
    const LONGEST: usize = 256;
    let Named { name, value, sign, at } = *named;
    let secrecy = secrecy(name);
    if secrecy == Secrecy::Open || is_file(name) {
        return false;
    }
    let value = &line[value..];
    let is_apart = line[..named.value].ends_with(is_blank) || value.is_empty() || value.starts_with(['"', '\'', '\\']);
    // `image:tag`, `host:8443`, `http://`
    let is_tag = sign == ':' && !is_apart && {
        let before = line[..at].strip_suffix(name).unwrap_or_default();
        before.ends_with(['/', '@']) || value.starts_with(|c: char| c.is_ascii_digit() || c == '/' || c == ':')
    };
    // a comparison
    let compares = sign == '=' && value.starts_with(['=', '~']) || line[..at].ends_with(['!', '=']);
    let short = value.get(..LONGEST).unwrap_or(value);
    let is_joined = sign == ':' && !is_apart && !looks_made(short.split(is_blank).next().unwrap_or_default());
    let is_whole = value.len() <= LONGEST;
    let refers = is_whole && (is_reference(value) || is_key_of_secret(name) && is_identifier(value));
    let is_empty = is_whole && is_empty(value);
    !is_tag && !compares && !is_joined && !refers && !is_empty
}

/// Whether a value is filled in later: `{{ .Values.token }}`, `${TOKEN}`, `$(TOKEN)`, `<your token>`. A text between quotes
/// in it may be a secret.
pub(super) fn is_reference(value: &str) -> bool {
    let value = value.split(" #").next().unwrap_or_default();
    let value = unquoted(value.trim().trim_end_matches([',', ';', '.']));
    let between = |open: &str, close: &str| {
        let inner = value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        inner.is_some_and(|inner| !inner.contains(['{', '}', '<', '>']))
    };
    let is_variable = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let is_constant = value.strip_prefix('$').is_some_and(|name| {
        let name = name.trim_start_matches(['{', '(']).trim_end_matches(['}', ')']);
        !name.is_empty() && name.chars().all(is_variable) && name.starts_with(|c: char| !c.is_ascii_digit())
    });
    let is_template = value.starts_with("{{")
        && value.ends_with("}}")
        && value.split(['"', '`', '\'']).skip(1).step_by(2).all(|text| !text.split(' ').any(looks_made));
    is_constant || is_template || between("<", ">")
}

/// Whether a value is a name, with no digit in it.
pub(super) fn is_identifier(value: &str) -> bool {
    const LONGEST: usize = 40;
    let value = unquoted(value.split(" #").next().unwrap_or_default().trim().trim_end_matches(','));
    value.len() <= LONGEST && value.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_' | b'.'))
}

/// Whether a name is that of a file: `cannot read secrets.yaml: no such file`.
fn is_file(name: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "yaml", "yml", "json", "gotmpl", "tmpl", "tpl", "toml", "txt", "md", "sh", "tgz", "gz", "html", "csv", "rs",
        "go",
    ];
    name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

/// Whether a value is none, or one that says nothing: a truth, an empty text, an empty collection. What stands below
/// its name is not empty.
pub(super) fn is_empty(value: &str) -> bool {
    const EMPTY: &[&str] =
        &["true", "false", "null", "~", "yes", "no", "on", "off", "\"\"", "''", "{}", "[]", "none", "nil"];
    let value = value.split(" #").next().unwrap_or_default().trim().trim_end_matches([',', ';']).trim();
    let is_one = |value: &str| EMPTY.iter().any(|empty| value.eq_ignore_ascii_case(empty));
    is_one(value) || is_one(value.trim_end_matches(['}', ']', ')']).trim())
}

/// What stands behind an option whose name is secret: `--token x`, `-token=x` is a sign.
fn option(line: &str) -> Option<Named<'_>> {
    let mut at = 0;
    while let Some(offset) = line[at..].find("--") {
        let start = at + offset + 2;
        let length = line[start..].find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')));
        let end = length.map_or(line.len(), |length| start + length);
        let behind = line[end..].trim_start_matches(|c| matches!(c, '"' | '\'' | ',' | '\\') || is_blank(c));
        let value = line.len() - behind.len();
        let begins = !line[..start - 2].ends_with(|c: char| c.is_alphanumeric() || c == '-');
        if begins
            && value > end
            && !behind.is_empty()
            && !behind.starts_with('-')
            && secrecy(&line[start..end]) > Secrecy::Open
        {
            return Some(Named { name: &line[start..end], value, sign: ' ', at: 0 });
        }
        at = end.max(start);
    }
    None
}

/// Programs that take a password behind a short option, parted from it or not. (Their manuals.)
const COMMANDS: &[(&str, &str)] = &[
    ("curl", "-u"),
    ("curl", "-U"),
    ("curl", "--user"),
    ("curl", "--proxy-user"),
    ("wget", "--user"),
    ("login", "-p"), // docker, podman, helm registry, oras, crane, az
    ("mysql", "-p"),
    ("mysqldump", "-p"),
    ("mysqladmin", "-p"),
    ("mariadb", "-p"),
    ("mongo", "-p"),
    ("mongosh", "-p"),
    ("mongodump", "-p"),
    ("sshpass", "-p"),
    ("ldapsearch", "-w"),
    ("ldapadd", "-w"),
    ("ldapmodify", "-w"),
    ("redis-cli", "-a"),
    ("sqlcmd", "-P"),
    ("smbclient", "-U"),
    ("snmpwalk", "-A"),
    ("ipmitool", "-P"),
    ("mosquitto_pub", "-P"),
    ("mosquitto_sub", "-P"),
];

/// Whether a word is the name of a program that may take a password.
pub(super) fn is_program(word: &str) -> bool {
    let program = word.rsplit('/').next().unwrap_or(word);
    COMMANDS.iter().any(|(own, _)| *own == program)
}

/// Whether an option has a password behind it.
pub(super) fn takes_password(program: &str, option: &str) -> bool {
    let program = program.rsplit('/').next().unwrap_or(program);
    COMMANDS.contains(&(program, option))
}

fn command(line: &str) -> Option<Named<'_>> {
    if let Some(at) = line.find("pass:") {
        // openssl: `-passin pass:x`
        let is_source = line[..at].trim_end().ends_with(|c: char| c.is_ascii_alphanumeric());
        if is_source && line[..at].contains("-pass") && line.len() > at + 5 {
            return Some(Named { name: "pass", value: at + 5, sign: ':', at: 0 });
        }
    }
    if let (Some(login), Some(at)) = (line.find("login "), line.find(" password "))
        && login < at
    {
        return Some(Named { name: "password", value: at + " password ".len(), sign: ' ', at: 0 });
    }
    if !line.contains('-') {
        return None;
    }
    let is_end =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '`' | ';' | '|' | '&' | '(' | '[' | '\\');
    let mut program = "";
    let mut start = 0;
    for word in line.split(is_end) {
        let at = start;
        start += word.len() + line[start + word.len()..].chars().next().map_or(0, char::len_utf8);
        if is_program(word) {
            program = word.rsplit('/').next().unwrap_or(word);
            continue;
        }
        let mut options = COMMANDS.iter().filter(|(own, _)| *own == program);
        let Some((_, option)) = options.find(|(_, option)| word.starts_with(option)) else { continue };
        let joined = &word[option.len()..];
        let behind = line[start.min(line.len())..].trim_start_matches(is_end);
        let is_long = word.starts_with("--");
        if joined.starts_with('=') || !joined.is_empty() && !is_long {
            return Some(Named { name: "password", value: at + option.len(), sign: ' ', at: 0 });
        }
        if joined.is_empty() && !behind.is_empty() && !behind.starts_with('-') {
            return Some(Named { name: "password", value: line.len() - behind.len(), sign: ' ', at: 0 });
        }
    }
    None
}

/// `name: TOKEN, value: x` in one line, in either order, and `env[0].name=TOKEN,env[0].value=x`.
fn pair(line: &str) -> Option<Named<'_>> {
    let value_of = |named: &Named<'_>| is_value(last_part(named.name));
    let says = signs(line).find(|named| {
        is_name(last_part(named.name)) && {
            let said = line[named.value..].get(..64).unwrap_or(&line[named.value..]);
            let said = said.split([',', '}', ' ', ']', '\t']).next().unwrap_or_default();
            secrecy(unquoted(said)) > Secrecy::Open
        }
    });
    says?;
    signs(line).find(value_of).filter(|value| !line[value.value..].is_empty())
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// What the keys of a pair are called.
pub(super) fn is_name(key: &str) -> bool {
    ["name", "key", "path", "parameter", "variable", "option"].iter().any(|own| key.eq_ignore_ascii_case(own))
}

/// What the other one is called.
pub(super) fn is_value(key: &str) -> bool {
    ["value", "val", "default", "defaultvalue", "content"].iter().any(|own| key.eq_ignore_ascii_case(own))
}

/// The last part of a name in a path of keys, as JSON Pointer and dots write it.
pub(super) fn pointed(name: &str) -> &str {
    name.rsplit(['/', '=']).next().unwrap_or(name)
}

pub(super) fn unquoted(text: &str) -> &str {
    text.trim_matches(|c| is_blank(c) || matches!(c, '"' | '\'' | '`' | '\\'))
}

/// The secret in a comment: like any line, but prose about a secret is none.
pub(super) fn commented(line: &str) -> Option<Named<'_>> {
    named(line).filter(|named| !is_prose(line, named)).or_else(|| said(line))
}

/// Whether what stands behind a name is a sentence about it: several words, none of which looks like a secret.
fn is_prose(line: &str, Named { name, value, .. }: &Named<'_>) -> bool {
    let value = &line[*value..];
    let mut words = value.split_whitespace();
    let first = words.next().unwrap_or_default();
    let is_quoted = first.starts_with(['"', '\'', '|', '>', '{', '[', '&', '!', '*']);
    words.next().is_some_and(|next| !next.starts_with('#')) && !is_quoted && !is_documented(name) && !looks_made(first)
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
            Some(name) if looks_made(unquoted(word)) => return Some(Named { name, value: start, sign: ' ', at: 0 }),
            Some(_) if matches!(bare, "is" | "was" | "") => {}
            _ => secret = Some(bare).filter(|bare| secrecy(bare) > Secrecy::Open),
        }
    }
    None
}

/// Whether a word is none of a sentence: long enough, with digits or signs in it.
pub(super) fn looks_made(word: &str) -> bool {
    const SHORTEST: usize = 6;
    let word = word.trim_end_matches(['.', ',', ';', ')', '"', '\'']);
    let is_version = word.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let is_name = word.contains(['/', '(', '<', '{']) || word.starts_with(['$', '.', '-', '`']) || is_version;
    let has_digit = word.bytes().any(|b| b.is_ascii_digit());
    let has_letter = word.bytes().any(|b| b.is_ascii_alphabetic());
    word.len() >= SHORTEST && has_digit && has_letter && !is_name
}
