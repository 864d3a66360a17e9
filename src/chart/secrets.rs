//! Which bytes of a text are secret. Told from the text alone, line by line, so that it also works on a file that is
//! broken; in doubt a thing is taken for secret.

use std::{borrow::Cow, ops::Range};

/// Parts of names under which secrets stand: those of the chart (`cluster_token`, `cven.maintenanceToken`,
/// `imagePullSecret.password`, `influxdb.auth.admin.*`) and those that people give to secrets. Compared without case,
/// `_`, `-` and `.`.
const NAME_PARTS: &[&str] = &[
    "token",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "authorization",
    "credential",
    "apikey",
    "accesskey",
    "privatekey",
    "clustercode",
    "dockerconfig",
    "licensekey",
    "activationcode",
    "pairingkey",
];

/// Whole names of the same kind.
const NAMES: &[&str] = &["admin", "auth", "code", "psk", "pw", "pwd", "registryauth", "stringdata", "tlskey"];

/// What names of the same kind end in (`userPass`).
const NAME_ENDS: &[&str] = &["pass"];

/// What is shown in place of a secret.
pub const MASK: &str = "********";

/// Whether a value of this name is secret.
///
/// ```
/// use helm_clas::chart::secrets::is_secret_name;
///
/// assert!(is_secret_name("cluster_token") && is_secret_name("maintenanceToken"));
/// assert!(!is_secret_name("clusterMode") && !is_secret_name("pce_url"));
/// ```
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    // asked of every key of a file, so without a copy on the heap; what is longer is no name
    const LONGEST: usize = 128;
    let mut letters = [0; LONGEST];
    let mut length = 0;
    for byte in name.bytes().filter(|b| !matches!(b, b'_' | b'-' | b'.')).take(LONGEST) {
        letters[length] = byte.to_ascii_lowercase();
        length += 1;
    }
    let letters = &letters[..length];
    let starts_at = |at: usize, part: &&str| letters[at..].starts_with(part.as_bytes());
    NAMES.iter().any(|name| name.as_bytes() == letters)
        || NAME_ENDS.iter().any(|end| letters.ends_with(end.as_bytes()))
        || (0..length).any(|at| NAME_PARTS.iter().any(|part| starts_at(at, part)))
}

/// The secret bytes of a text, in order: what stands behind a secret name up to the end of its value, and what looks
/// like a secret wherever it stands (a cluster token, a long run of hexadecimal digits, a login in a URL). A range
/// never crosses a line break.
#[must_use]
pub fn secret_ranges(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut reader = SecretReader::of(text);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        ranges.extend(reader.line(line).into_iter().map(|range| at + range.start..at + range.end));
        at += line.len();
    }
    ranges
}

/// Reads a text line by line and knows whether a secret goes on from one line to the next.
#[derive(Clone, Debug)]
pub(crate) struct SecretReader<'t> {
    /// How much has been read.
    at: usize,
    inside: Option<Inside>,
    /// There is a private key anywhere.
    has_pem: bool,
    /// One has begun.
    is_in_pem: bool,
    /// The anchors of values that stand under a secret name as well (`password: *p`).
    anchors: Vec<&'t str>,
    /// Where lines start that say `value: ...` beside a `name: ...` that is secret, in order.
    values: Vec<usize>,
}

impl<'t> SecretReader<'t> {
    /// One that has read nothing of a text yet.
    pub(crate) fn of(text: &'t str) -> Self {
        Self {
            at: 0,
            inside: None,
            has_pem: text.contains(PEM),
            is_in_pem: false,
            anchors: anchors_of_secrets(text),
            values: values_of_pairs(text),
        }
    }

    /// One that has read a text up to a line start.
    pub(crate) fn within(text: &'t str, start: usize) -> Self {
        let mut reader = Self::of(text);
        reader.read(&text[..start]);
        reader
    }

    /// One at the same place of another text, which is the same up to there.
    pub(crate) fn moved_to<'o>(&self, other: &'o str) -> SecretReader<'o> {
        let Self { at, is_in_pem, .. } = *self;
        SecretReader { at, inside: self.inside.clone(), is_in_pem, ..SecretReader::of(other) }
    }

    /// Reads on, whole lines.
    pub(crate) fn read(&mut self, lines: &str) {
        for line in lines.split_inclusive('\n') {
            self.named(line);
        }
    }

    /// The secret bytes of the next line, which is given with its line break, unless none follows.
    pub(crate) fn line(&mut self, line: &str) -> Vec<Range<usize>> {
        let named = self.named(line);
        let mut ranges = shapes(&line[..named.start]);
        if !named.is_empty() {
            ranges.push(named);
        }
        ranges
    }

    /// What is secret of the next line because of a name, an anchor or a private key: always up to its end.
    fn named(&mut self, line: &str) -> Range<usize> {
        let start = self.at;
        self.at += line.len();
        let line = line.trim_end_matches(['\n', '\r']);
        let begins =
            self.has_pem.then(|| line.find(PEM)).flatten().filter(|begin| line[*begin..].contains("PRIVATE KEY"));
        if let Some(begin) = begins.or(self.is_in_pem.then(|| indentation(line))) {
            self.is_in_pem = !line[begin..].contains("-----END ");
            return begin..line.len();
        }
        if let Some(inside) = self.inside.take() {
            self.inside = inside.behind(line);
            if self.inside.is_some() {
                return indentation(line)..line.len();
            }
        }
        let paired = || self.values.binary_search(&start).ok().and_then(|_| paired(line));
        let Some((value, inside)) = paired().or_else(|| secret_value_of(line)).or_else(|| self.anchored(line)) else {
            return line.len()..line.len();
        };
        self.inside = Some(inside);
        value
    }

    /// The value behind the anchor of a secret.
    fn anchored(&self, line: &str) -> Option<(Range<usize>, Inside)> {
        let start = self.anchors.iter().find_map(|anchor| {
            let is_whole = |at: &usize| line[at + anchor.len()..].chars().next().is_none_or(char::is_whitespace);
            let (at, _) =
                line.match_indices(anchor).find(|(at, _)| *at > 0 && &line[at - 1..*at] == "&" && is_whole(at))?;
            Some(at + anchor.len())
        })?;
        let value = line[start..].trim_start();
        Some((line.len() - value.len()..line.len(), Inside::of(indentation(line), value)))
    }
}

/// The anchors that stand as values of secret names.
fn anchors_of_secrets(text: &str) -> Vec<&str> {
    if !text.contains('&') {
        return Vec::new();
    }
    let of_line = |line| {
        let (value, _) = secret_value_of(line)?;
        line[value].strip_prefix('*')?.split(|c: char| c.is_whitespace() || "[]{},".contains(c)).next()
    };
    text.lines().filter(|line| line.contains('*')).filter_map(of_line).filter(|anchor| !anchor.is_empty()).collect()
}

/// Where the lines start that hold the value of a pair whose name is secret (`name: CLUSTER_TOKEN`, `value: ...`), before
/// the name or behind it.
fn values_of_pairs(text: &str) -> Vec<usize> {
    let mut values = Vec::new();
    if !text.contains("value") {
        return values;
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(("name", column, value)) = entry(line)
            && is_secret_name(unquoted(value))
        {
            let opens = |line: &str| line.trim_start().starts_with("- ");
            let others = |line: &&str| entry(line).is_none_or(|(name, at, _)| at != column || name != "name");
            let belongs = |line: &&str| {
                let body = line.trim_start();
                body.is_empty()
                    || body.starts_with('#')
                    || entry(line).map_or(indentation(line), |entry| entry.1) >= column
            };
            let is_value = |line: &str| entry(line).is_some_and(|(name, at, _)| at == column && name == "value");
            let mut start = at;
            let mut reaches_back = !opens(line);
            for before in text[..at].split_inclusive('\n').rev().take_while(others).take_while(belongs) {
                if !reaches_back {
                    break;
                }
                start -= before.len();
                values.extend(is_value(before).then_some(start));
                reaches_back = !(opens(before) && entry(before).is_some_and(|entry| entry.1 == column));
            }
            let mut start = at + line.len();
            for behind in text[start..].split_inclusive('\n').take_while(others).take_while(belongs) {
                if opens(behind) && entry(behind).is_some_and(|entry| entry.1 == column) {
                    break;
                }
                values.extend(is_value(behind).then_some(start));
                start += behind.len();
            }
        }
        at += line.len();
    }
    values.sort_unstable();
    values
}

/// The name in `name: value` or `- name: value`, its column, and the value.
fn entry(line: &str) -> Option<(&str, usize, &str)> {
    let line = line.trim_end();
    let body = line.trim_start().trim_start_matches(['-', ' ']);
    let (name, value) = body.split_once(':')?;
    Some((unquoted(name), line.len() - body.len(), value))
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}

/// The value of a line that says `value: ...`.
fn paired(line: &str) -> Option<(Range<usize>, Inside)> {
    let (_, column, value) = entry(line)?;
    let value = value.trim_start();
    let end = line.trim_end().len();
    Some((end - value.len()..line.len(), Inside::of(column, value)))
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// A text with its secrets replaced by [`MASK`].
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    let ranges = secret_ranges(text);
    if ranges.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    for range in ranges {
        shown.push_str(&text[at..range.start]);
        shown.push_str(MASK);
        at = range.end;
    }
    shown.push_str(&text[at..]);
    Cow::Owned(shown)
}

/// Why the lines behind a secret name may still be secret.
#[derive(Clone, Debug)]
struct Inside {
    /// The column of the name: what stands further to the right belongs to its value.
    column: usize,
    /// Nothing stood behind the name, so the next line may be the value, wherever it begins.
    awaits_value: bool,
    /// The quote that is still open.
    quote: Option<char>,
    /// How many brackets are still open.
    brackets: usize,
}

impl Inside {
    fn of(column: usize, mut value: &str) -> Self {
        // an anchor and a tag stand before the value
        while value.starts_with(['&', '!']) {
            value = value.split_once([' ', '\t']).map_or("", |(_, rest)| rest.trim_start());
        }
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let quote = quote.filter(|quote| !closes(&value[1..], *quote));
        let brackets = if value.starts_with(['[', '{']) { open_brackets(0, value) } else { 0 };
        Self { column, awaits_value: value.is_empty(), quote, brackets }
    }

    /// What holds for the line after this one; nothing where this one does not belong to the value any more.
    fn behind(self, line: &str) -> Option<Self> {
        if let Some(quote) = self.quote {
            return Some(Self { quote: Some(quote).filter(|quote| !closes(line, *quote)), ..self });
        }
        if self.brackets > 0 {
            return Some(Self { brackets: open_brackets(self.brackets, line), ..self });
        }
        let body = line.trim_start_matches([' ', '\t']);
        if body.is_empty() {
            return Some(self);
        }
        let column = line.len() - body.len();
        let is_item = body.starts_with("- ") && column >= self.column;
        let is_wrapped = self.awaits_value && !body.starts_with('#') && name_before_colon(body).is_none();
        (column > self.column || is_item || is_wrapped).then_some(Self { awaits_value: false, ..self })
    }
}

/// Whether a quoted text ends in a line.
fn closes(line: &str, quote: char) -> bool {
    let line = if quote == '"' { line.replace("\\\\", "").replace("\\\"", "") } else { line.replace("''", "") };
    line.contains(quote)
}

/// How many brackets are open behind a line; those in quotes are text.
fn open_brackets(open: usize, line: &str) -> usize {
    let mut quote = None;
    line.chars().fold(open, |open, c| match (quote, c) {
        (Some(own), c) => {
            quote = (c != own).then_some(own);
            open
        }
        (None, '"' | '\'') => {
            quote = Some(c);
            open
        }
        (None, '[' | '{') => open + 1,
        (None, ']' | '}') => open.saturating_sub(1),
        (None, _) => open,
    })
}

/// The secret value in a line: its bytes, and what follows from it for the next lines.
fn secret_value_of(line: &str) -> Option<(Range<usize>, Inside)> {
    let body = line.trim_start_matches([' ', '\t']);
    let column = line.len() - body.len();
    let nothing = line.len()..line.len();
    if body.strip_prefix("? ").is_some_and(|name| is_secret_name(unquoted(name))) {
        return Some((nothing, Inside::of(column, "")));
    }
    if let Some(value) = value_without_colon(body) {
        return Some((line.len() - value.len()..line.len(), Inside::of(column, value)));
    }
    let is_separator = |(at, byte)| matches!(byte, b':' | b'=').then_some(at);
    for separator in line.bytes().enumerate().filter_map(is_separator) {
        let before = line[..separator].trim_end_matches([' ', '\t']).trim_end_matches(['"', '\'']);
        let name_start = before
            .char_indices()
            .rev()
            .find(|(_, c)| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')))
            .map_or(0, |(at, c)| at + c.len_utf8());
        let name = &before[name_start..];
        let value = line[separator + 1..].trim_start_matches([' ', '\t']);
        if is_secret_name(name) {
            return Some((line.len() - value.len()..line.len(), Inside::of(column, value)));
        }
        // a pair in braces, in either order
        if name == "name" && is_secret_name(unquoted(value.split([',', '}']).next().unwrap_or_default())) {
            let brace = line.find('{')?;
            let shown = line.find("value")? + "value".len();
            let brackets = open_brackets(0, &line[brace..]);
            let inside = Inside { column: usize::MAX, awaits_value: false, quote: None, brackets };
            return Some((shown..line.len(), inside));
        }
    }
    let value = secret_in_comment(line)?;
    Some((line.len() - value.len()..line.len(), Inside { column: usize::MAX, ..Inside::of(column, "x") }))
}

/// What a comment says of a secret: `# the password is ...`, and `# token 4x7...`, where the word looks like one.
fn secret_in_comment(line: &str) -> Option<&str> {
    const SHORTEST: usize = 6;
    let sign = line.match_indices('#').find(|(at, _)| *at == 0 || line[..*at].ends_with([' ', '\t']))?;
    let mut rest = line[sign.0 + 1..].trim_start();
    while let Some((word, behind)) = rest.split_once([' ', '\t']) {
        rest = behind.trim_start();
        if !is_secret_name(word) {
            continue;
        }
        let said = rest.strip_prefix("is ");
        let next = rest.split([' ', '\t']).next().unwrap_or_default();
        let looks_so = next.len() >= SHORTEST && next.bytes().any(|b| b.is_ascii_digit());
        if let Some(value) = said.or(looks_so.then_some(rest)) {
            return Some(value);
        }
    }
    None
}

/// The one word behind a secret name whose colon was forgotten.
fn value_without_colon(body: &str) -> Option<&str> {
    let (name, value) = body.split_once([' ', '\t'])?;
    let value = value.trim_start();
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    let is_word = !value.is_empty() && !value.starts_with([':', '=', '#']) && !value.trim_end().contains(' ');
    (is_name && is_word && is_secret_name(name)).then_some(value)
}

/// The name at the start of `name: ...`.
fn name_before_colon(body: &str) -> Option<&str> {
    let (name, rest) = body.split_once(':')?;
    (!name.is_empty() && (rest.is_empty() || rest.starts_with([' ', '\t']))).then_some(name)
}

/// What looks like a secret by itself.
fn shapes(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut at = 0;
    while let Some(offset) = line[at..].find(is_word) {
        let start = at + offset;
        let end = line[start..].find(|c: char| !is_word(c)).map_or(line.len(), |length| start + length);
        if looks_secret(&line[start..end]) {
            found.push(start..end);
        }
        at = end;
    }
    for login in logins(line) {
        found.retain(|range| range.end <= login.start || range.start >= login.end);
        found.push(login);
    }
    found.sort_by_key(|range| range.start);
    found
}

/// How a private key begins.
const PEM: &str = "-----BEGIN ";

/// How that begins in Base64. Keys are written so, and certificates, which are no loss.
const PEM_IN_BASE64: &str = "LS0tLS1CRUdJTi";

/// A cluster token (`7_` and many hexadecimal digits), a pairing code or a hash, a private key in Base64, the name of an
/// AWS access key. A UUID is none: its runs are short.
fn looks_secret(word: &str) -> bool {
    const SHORTEST: usize = 32;
    let digits = word.rsplit('_').next().unwrap_or(word);
    let is_key = word.starts_with(PEM_IN_BASE64) && word.len() >= SHORTEST;
    let is_aws_key = word.len() == 20 && word.starts_with("AKIA");
    is_key || is_aws_key || digits.len() >= SHORTEST && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The logins in `scheme://user:password@host`, `scheme://token@host` and `user:password@host`. A password may hold
/// anything but blanks and quotes.
fn logins(line: &str) -> Vec<Range<usize>> {
    if !line.contains('@') {
        return Vec::new();
    }
    let breaks = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`');
    let mut start = 0;
    let words = line.split(breaks).map(|word| {
        let at = start;
        start += word.len() + line[start + word.len()..].chars().next().map_or(0, char::len_utf8);
        (at, word)
    });
    let login = |(start, word): (usize, &str)| {
        let end = word.rfind('@')?;
        let begin = match word[..end].find("://") {
            Some(scheme) => scheme + "://".len(),
            None => word[..end].contains(':').then(|| word[..end].rfind(['/', '=']).map_or(0, |before| before + 1))?,
        };
        Some(start + begin..start + end)
    };
    words.filter_map(login).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(masked(text), expected);
    }

    #[test]
    fn a_secret_is_hidden_up_to_the_end_of_its_line() {
        check("cluster_token: 1_ab # x\nclusterMode: clas\n", "cluster_token: ********\nclusterMode: clas\n");
        check("  \"password\" : 'a b'\r\nx: 1\r\n", "  \"password\" : ********\r\nx: 1\r\n");
        check("#cluster_code: 1ab\n", "#cluster_code: ********\n");
        check("{pce_url: a, cluster_token: b}", "{pce_url: a, cluster_token: ********");
    }

    #[test]
    fn a_secret_over_several_lines_is_hidden_whole() {
        check("cluster_code:\n  1ab\nx: 1\n", "cluster_code:\n  ********\nx: 1\n");
        check("cluster_code:\n1ab\nx: 1\n", "cluster_code:\n********\nx: 1\n");
        check("password: |\n  a\n\n  b\nx: 1\n", "password: ********\n  ********\n\n  ********\nx: 1\n");
        check("token: \"a\nb: c\nd\"\nx: 1\n", "token: ********\n********\n********\nx: 1\n");
        check("imagePullSecrets:\n- a\n- b\nx: 1\n", "imagePullSecrets:\n********\n********\nx: 1\n");
        check("? cluster_token\n: abc\nx: 1\n", "? cluster_token\n********\nx: 1\n");
        check("token: \"a\\\"b\nc\"\nx: 1\n", "token: ********\n********\nx: 1\n");
        check("token: [a,\nb]\nx: 1\n", "token: ********\n********\nx: 1\n");
        check("token: [\"a]\",\nb]\nx: 1\n", "token: ********\n********\nx: 1\n");
        check("token: &t \"a\nb: c\"\nx: 1\n", "token: ********\n********\nx: 1\n");
        check("token: !!str \"a\nb: c\"\nx: 1\n", "token: ********\n********\nx: 1\n");
        check("- name: cluster_token\n- name: b\n", "- name: cluster_token\n- name: b\n");
        check("admin:\n  username: u\n  x: y\nz: 1\n", "admin:\n  ********\n  ********\nz: 1\n");
    }

    #[test]
    fn the_value_of_a_pair_is_hidden_on_either_side_of_its_name() {
        check(
            "- name: CLUSTER_TOKEN\n  value: x\n- name: b\n",
            "- name: CLUSTER_TOKEN\n  value: ********\n- name: b\n",
        );
        check("- value: x\n  name: TOKEN\n- value: y\n", "- value: ********\n  name: TOKEN\n- value: y\n");
        check("- a: 1\n  value: x\n  b: 2\n  name: TOKEN\n", "- a: 1\n  value: ********\n  b: 2\n  name: TOKEN\n");
        check(
            "- name: TOKEN\n\n  # why\n  value: >\n    x\n- a\n",
            "- name: TOKEN\n\n  # why\n  value: ********\n    ********\n- a\n",
        );
        check("- {name: TOKEN, value: x}\n- a: 1\n", "- {name: TOKEN, value********\n- a: 1\n");
        check("- {value: x, name: TOKEN}\n", "- {value********\n");
        let plain = "- name: A\n  value: x\n- name: TOKEN\n- value: y\n  name: B\nsecrets: []\n";
        check(plain, &plain.replace("[]", "********"));
    }

    #[test]
    fn a_secret_is_hidden_where_its_name_stands_otherwise() {
        check("a: &p secret\nb: &pq 1\npassword: *p\n", "a: &p ********\nb: &pq 1\npassword: ********\n");
        check("a: &p\n  x: y\nb: 1\ntoken: *p # x\n", "a: &p\n  ********\nb: 1\ntoken: ********\n");
        check("cluster_token abc\nx: 1\n", "cluster_token ********\nx: 1\n");
        check("# the password is a b\n# it is so\n", "# the password is ********\n# it is so\n");
        check(
            "auth:\n  userPass: a\nheader: \"Authorization: Bearer a\"\n",
            "auth:\n  ********\nheader: \"Authorization: ********\n",
        );
        check("stringData:\n  a: b\nx: 1\n", "stringData:\n  ********\nx: 1\n");
        let plain =
            "- key: node-role\n  operator: Exists\n# the token was rotated in May\n`cluster_token` is missing\n";
        check(plain, plain);
    }

    #[test]
    fn a_private_key_is_hidden_under_any_name() {
        let (begin, end) = ("-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----");
        check(
            &format!("key: |\n  {begin}\n  ab\n  {end}\nx: 1\n"),
            "key: |\n  ********\n  ********\n  ********\nx: 1\n",
        );
        check(&format!("key: \"{begin}\\nab\\n{end}\"\nx: 1\n"), "key: \"********\nx: 1\n");
        let public = "ca: |\n  -----BEGIN CERTIFICATE-----\n  ab\n  -----END CERTIFICATE-----\n";
        check(public, public);
        check("key: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t\n", "key: ********\n");
    }

    #[test]
    fn what_looks_like_a_secret_is_hidden_wherever_it_stands() {
        check(&format!("x: 7_{}!\n", "0f".repeat(32)), "x: ********!\n");
        check("x: http://me:pw@proxy:3128 # a\n", "x: http://********@proxy:3128 # a\n");
        check("x: https://abc@host/ # a\n", "x: https://********@host/ # a\n");
        check("x: http://me:p/w@proxy:3128\n", "x: http://********@proxy:3128\n");
        check("x: a@b, http://me:p@ss@proxy:3128\n", "x: a@b, http://********@proxy:3128\n");
        check("pull: \"me:pw@host\"\n", "pull: \"********@host\"\n");
        let plain = "cluster_id: 5a1e0000-0000-4000-8000-0000000000c1\npce_url: pce.example.com:8443\n";
        check(plain, plain);
    }
}
