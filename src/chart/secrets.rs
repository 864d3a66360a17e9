//! Which bytes of a text are secret: the one place that decides it.
//!
//! ```text
//! names, shapes: the tables of secret names, and of what is secret by its looks
//! keys:          what the keys of a pair are called
//! words:         a name and its secret in one line of text;  commands: what a command is given;  prose: plain words
//! tree:          a text that parses, node by node;  inner: the text that a scalar spells, read the same way
//! pairs:         names that stand beside their values;  pointers: names in another object;  terraform: another language
//! lines:         what does not parse: a broken file, a comment, a message;  inside: how far a secret reaches there
//! modes:         where the mode is set;   known: secrets that are known, wherever they are repeated
//! ```
//!
//! In doubt a thing is taken for secret. The mode of a cluster never is, wherever it is written.

mod assigned;
mod beside;
mod brought;
mod commands;
mod inner;
mod inside;
mod issuers;
mod keys;
mod known;
mod line;
mod lines;
mod logins;
mod modes;
mod named;
mod names;
mod pairs;
mod pointers;
mod prose;
mod random;
mod reader;
mod shapes;
mod terraform;
mod tree;
mod words;

use std::{borrow::Cow, ops::Range};

pub use self::{brought::Brought, known::Known};
use self::{line::Extent, names::Secrecy, reader::Found};
use crate::finding::Finding;

/// What is shown in place of a secret.
pub const MASK: &str = "********";

/// Whether a value of this name is secret.
///
/// ```
/// use helm_clas::chart::secrets::is_secret_name;
///
/// assert!(is_secret_name("cluster_token") && is_secret_name("maintenanceTokn"));
/// assert!(!is_secret_name("clusterMode") && !is_secret_name("pce_url") && !is_secret_name("existingSecret"));
/// ```
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    names::secrecy(name) > Secrecy::Open
}

/// The secret bytes of a file, in order: the whole value of a secret name, and what looks like a secret wherever it is
/// (a cluster token, a private key, a login in a URL). A range never crosses a line break.
///
/// ```
/// use helm_clas::chart::secrets::secret_ranges;
///
/// let text = "cven:\n- maintenanceToken: x1\n  clusterMode: legacy\n";
/// assert_eq!(secret_ranges(text).into_iter().map(|range| &text[range]).collect::<Vec<_>>(), ["x1"]);
/// ```
#[must_use]
pub fn secret_ranges(text: &str) -> Vec<Range<usize>> {
    secret_ranges_with(text, &Brought::default())
}

/// The same, with what other files bring to secret names from this one.
#[must_use]
pub fn secret_ranges_with(text: &str, brought: &Brought) -> Vec<Range<usize>> {
    secret_ranges_in(text, &(0..text.len()), brought)
}

/// Those of a file's secret bytes that are in a piece of it; some others, too. The rest of the file is read no further than
/// it decides what is secret in the piece.
pub(crate) fn secret_ranges_in(text: &str, piece: &Range<usize>, brought: &Brought) -> Vec<Range<usize>> {
    let found = terraform::ranges(text).or_else(|| tree::ranges_with(text, 0, piece.clone(), &brought.0));
    let mut found = found.unwrap_or_else(|| of_lines(text, Extent::ToNextName));
    found.secrets.extend(prose::lone_word(text));
    settled(text, found)
}

/// Words with their secrets replaced by [`MASK`]: a message, a name, what another program said. Of a file, see
/// [`secret_ranges`].
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    if is_harmless_word(text) {
        return Cow::Borrowed(text);
    }
    let found = settled(text, of_lines(text, Extent::Said));
    if found.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(without(text, 0, &found)) }
}

/// The words of a command as they may be shown: without logins in addresses, and without what follows an option whose
/// name is secret.
///
/// ```
/// use helm_clas::chart::secrets::masked_words;
///
/// let words = ["helm", "upgrade", "a", "https://me:x1@h/c.tgz", "--password", "x1"].map(str::to_owned);
/// let shown = ["helm", "upgrade", "a", "https://********@h/c.tgz", "--password", "********"];
/// assert_eq!(masked_words(words.to_vec()), shown);
/// ```
#[must_use]
pub fn masked_words(mut words: Vec<String>) -> Vec<String> {
    let mut is_named = false;
    for word in &mut words {
        // that option names a file
        let is_option = |name: &str| !name.contains('=') && name != "kubeconfig" && is_secret_name(name);
        let names = word.strip_prefix("--").is_some_and(is_option);
        if is_named && !word.starts_with('-') {
            MASK.clone_into(word);
        } else if word.contains("://") {
            *word = masked(word).into_owned();
        }
        is_named = names;
    }
    words
}

/// Takes out of what findings say the secrets at their places: a key below a secret name is one that no word before it
/// reveals.
pub(crate) fn hide_at_places(findings: &mut [Finding], text: &str) {
    let mut secrets: Option<Vec<Range<usize>>> = None;
    for finding in findings {
        let Some(said) = finding.span.clone().and_then(|span| text.get(span)).filter(|said| !said.is_empty()) else {
            continue;
        };
        let bare = said.trim_matches(['"', '\'']);
        if bare.is_empty() || !finding.message.contains(bare) {
            continue;
        }
        let span = finding.span.clone().unwrap_or_default();
        let secrets = secrets.get_or_insert_with(|| secret_ranges(text));
        if within(secrets, &span).iter().any(|range| range.start <= span.start && span.end <= range.end) {
            finding.message = with_word(&finding.message, bare, MASK);
        }
    }
}

/// A text with another word in the place of one, where that is not part of a longer one.
fn with_word(text: &str, word: &str, other: &str) -> String {
    let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut shown, mut at) = (String::with_capacity(text.len()), 0);
    for (start, _) in text.match_indices(word) {
        let end = start + word.len();
        let begins = !(word.starts_with(is_of_word) && text[..start].ends_with(is_of_word));
        let ends = !(word.ends_with(is_of_word) && text[end..].starts_with(is_of_word));
        shown.push_str(&text[at..start]);
        shown.push_str(if begins && ends { other } else { word });
        at = end;
    }
    shown + &text[at..]
}

/// The name of a file as it may be shown: whole, but for a login where it is a URL.
#[must_use]
pub fn masked_name(file: &str) -> Cow<'_, str> {
    if file.contains("://") { masked(file) } else { Cow::Borrowed(file) }
}

/// What is found in a text that is not YAML.
fn of_lines(text: &str, extent: Extent) -> Found {
    Found { secrets: lines::ranges(text, extent), modes: modes::said(text) }
}

/// Whether a text is a word without anything by which a secret is recognized: most names are. Without a sign or a
/// space, no name comes before a value, and what remains are the tokens of known issuers and long runs of digits.
fn is_harmless_word(text: &str) -> bool {
    let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/');
    let mut is_harmless = text.bytes().all(is_of_word) && !text.contains("PuTTY");
    if is_harmless {
        shapes::shapes(text, |_| is_harmless = false);
    }
    is_harmless
}

/// A piece of a text without its secrets, which are given as bytes of the whole; the piece begins at a byte of it.
#[must_use]
pub(crate) fn without(piece: &str, start: usize, secrets: &[Range<usize>]) -> String {
    let mut shown = String::with_capacity(piece.len());
    let mut at = start;
    for range in secrets {
        shown.push_str(&piece[at - start..range.start - start]);
        shown.push_str(MASK);
        at = range.end;
    }
    shown.push_str(&piece[at - start..]);
    shown
}

/// The ranges that lie in a piece of a text, of those of the whole in order.
pub(crate) fn within<'r>(ranges: &'r [Range<usize>], piece: &Range<usize>) -> &'r [Range<usize>] {
    let first = ranges.partition_point(|range| range.end <= piece.start);
    let last = ranges.partition_point(|range| range.start < piece.end);
    &ranges[first..last.max(first)]
}

/// Ranges in order, none over another, none over a line break, and none over a mode.
fn settled(text: &str, Found { secrets: mut found, modes }: Found) -> Vec<Range<usize>> {
    found.retain(|range| range.start < range.end);
    let merged = self::merged(found);
    if merged.is_empty() {
        return merged;
    }
    let modes = self::merged(modes);
    let mut settled = Vec::with_capacity(merged.len());
    for range in merged {
        let mut at = range.start;
        for mode in within(&modes, &range) {
            push_lines(text, at..mode.start.max(at), &mut settled);
            at = mode.end.min(range.end);
        }
        push_lines(text, at..range.end, &mut settled);
    }
    settled
}

/// A range line by line, without indentation and line breaks.
fn push_lines(text: &str, range: Range<usize>, settled: &mut Vec<Range<usize>>) {
    let mut at = range.start;
    for line in text[range].split_inclusive('\n') {
        let written = line.trim();
        let start = at + (line.len() - line.trim_start().len());
        if !written.is_empty() {
            settled.push(start..start + written.len());
        }
        at += line.len();
    }
}

/// Ranges that meet or overlap as one.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_hidden_and_not_a_part_of_another() {
        let said = "`cluster_token` is not the number of an organisation: a";
        assert_eq!(with_word(said, "a", MASK), "`cluster_token` is not the number of an organisation: ********");
        assert_eq!(with_word("not an", "an", MASK), "not ********");
    }

    #[track_caller]
    fn shown(text: &str, expected: &str) {
        assert_eq!(without(text, 0, &secret_ranges(text)), expected);
    }

    #[track_caller]
    fn said(words: &str, expected: &str) {
        assert_eq!(masked(words), expected);
    }

    /// In Terraform a line has a name of its own, so a secret ends with its line unless a bracket or a heredoc is open.
    #[test]
    fn what_is_assigned_is_secret_up_to_the_next_name() {
        let lines = |text: &str| -> Vec<usize> {
            let line = |at: usize| text[..at].matches('\n').count() + 1;
            let mut lines: Vec<usize> = secret_ranges(text).iter().map(|range| line(range.start)).collect();
            lines.dedup();
            lines
        };
        let release = "resource \"helm_release\" \"a\" {\n  values = [yamlencode({\n    cluster_token = var.token\n    \
                       clusterMode = \"clas\"\n    cluster_code = \"s3cr3t\"\n  })]\n  set {\n    name = \"a\"\n  }\n}\n";
        assert!(lines(release).iter().all(|line| [3, 5].contains(line)), "{:?}", lines(release));
        assert!(lines(release).contains(&5));
        let provider = "provider \"helm\" {\n  token = \"s3cr3t\"\n}\nresource \"a\" \"b\" {\n  x = 1\n}\n";
        assert_eq!(lines(provider), [2]);
        // what is open goes on, whatever its lines look like
        assert!(lines("a \"b\" {\n  token = <<EOF\ns = 1\nt = 2\nEOF\n}\n").contains(&4));
        assert!(lines("a \"b\" {\n  token = join(\"\", [\ns = 1\n])\n}\n").contains(&3));
    }

    /// What is secret in a line does not depend on how much of the file is looked at.
    #[test]
    fn a_piece_has_the_secrets_that_it_has_in_the_whole() {
        const TEXTS: &[&str] = &[
            "cluster_token: 1_ab # x\nclusterMode: clas\n",
            "? cluster_token\n# c\n: abc\nx: 1\n",
            "password: |\n  a\n\n  b\nx: 1\n# token: x1\n#   y\n\n",
            "password: x\n  # was s3cr3t\nx: 1\n",
            "secrets:\n- name: tls\n  x1y2z3: y\n- b\n",
            "a: &p s\nb: &pq 1\npassword: *p\n",
            "d: &d {name: TOKEN}\ne:\n- <<: *d\n  value: s\n",
            "- value: x\n  a: 1\n\n  name: TOKEN\n- name: b\n",
            "kind: Secret\nb: 1\ndata:\n  a: b\nx: 1\n",
            "args:\n- --token\n- x\n- -v\n",
            "v: |\n  token: x\n  a: 1\nc: \"{\\\"password\\\": \\\"x\\\"}\"\n",
            "# password: |\n#   s3cr3t\n# a\na: 1 # token x1y2z3\nb:\n# token: y1\n",
            "cluster_code: |\ns\n  t\na: [\n",
        ];
        for text in TEXTS {
            let whole = secret_ranges(text);
            let lines: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
            for (number, start) in lines.iter().enumerate() {
                for end in &lines[number + 1..] {
                    let piece = *start..*end;
                    let found = secret_ranges_in(text, &piece, &Brought::default());
                    assert_eq!(within(&found, &piece), within(&whole, &piece), "{text:?} {piece:?}");
                }
            }
        }
    }

    #[test]
    fn a_value_is_hidden_whole_and_nothing_beside_it() {
        shown("cluster_token: 1_ab # x\nclusterMode: clas\n", "cluster_token: ********\nclusterMode: clas\n");
        shown("{pce_url: a, cluster_token: b, c: d}", "{pce_url: a, cluster_token: ********, c: d}");
        shown("- cluster_token: x\n  clusterMode: legacy\n", "- cluster_token: ********\n  clusterMode: legacy\n");
        shown("password: |\n  a\n\n  b\nx: 1\n", "password: ********\n  ********\n\n  ********\nx: 1\n");
        shown("token: \"a\nb: c\nd\"\nx: 1\n", "token: ********\n********\n********\nx: 1\n");
        shown("? cluster_token\n# c\n: abc\nx: 1\n", "? cluster_token\n# c\n: ********\nx: 1\n");
        shown("cluster_code:\n# from x\n  1ab\nx: 1\n", "cluster_code:\n********\n  ********\nx: 1\n");
        shown("token: [a,\n b]\nx: 1\n", "token: ********\n ********\nx: 1\n");
        shown("password: x\n  # was s3cr3t\nx: 1\n", "password: ********\n  ********\nx: 1\n");
    }

    #[test]
    fn below_a_secret_name_the_names_are_shown_and_what_says_nothing() {
        shown("admin:\n  enabled: true\n  x: y\nz: 1\n", "admin:\n  enabled: true\n  x: ********\nz: 1\n");
        shown("secrets:\n- name: tls\n  x1y2z3: y\n", "secrets:\n- name: tls\n  ********\n");
        shown("secret:\n  existingSecret: tls\n  token: ${T}\n", "secret:\n  existingSecret: tls\n  token: ${T}\n");
    }

    #[test]
    fn aliases_and_merges_carry_a_secret_to_where_it_stands() {
        shown("a: &p s\nb: &pq 1\npassword: *p\n", "a: &p ********\nb: &pq 1\npassword: ********\n");
        shown("x: &p\n  a: s\nsecret:\n  <<: *p\n", "x: &p\n  a: ********\nsecret:\n  ********\n");
        shown("k: &k token\n*k : s\n", "k: &k token\n*k : ********\n");
        shown(
            "d: &d {name: TOKEN}\ne:\n- <<: *d\n  value: s\n",
            "d: &d {name: TOKEN}\ne:\n- <<: *d\n  value: ********\n",
        );
    }

    #[test]
    fn pairs_arguments_and_objects_name_their_secrets_otherwise() {
        shown("- name: TOKEN\n  value: x\n- name: b\n", "- name: TOKEN\n  value: ********\n- name: b\n");
        shown("- {value: x, name: TOKEN}\n", "- {value: ********, name: TOKEN}\n");
        shown("args: [--token, x, -v]\n", "args: [--token, ********, -v]\n");
        shown("run: a --token x --b\n", "run: a --token ********\n");
        shown("run: curl -u me:x http://h\n", "run: curl -u ********\n");
        shown("kind: Secret\ndata:\n  a: b\nx: 1\n", "kind: Secret\ndata:\n  a: ********\nx: 1\n");
        shown(
            "c: \"{\\\"password\\\": \\\"x\\\", \\\"a\\\": 1}\"\n",
            "c: \"{\\\"password\\\": ********, \\\"a\\\": 1}\"\n",
        );
        shown("v: |\n  token: x\n  a: 1\n", "v: |\n  token: ********\n  a: 1\n");
    }

    #[test]
    fn a_broken_text_shows_no_line_below_a_secret_name_until_the_next_name() {
        shown("cluster_code: |\ns\n  t\na: [\n", "cluster_code: ********\n********\n  ********\na: [\n");
        shown("a: [\ncluster_code\u{a0}: s\n", "a: [\ncluster_code\u{a0}: ********\n");
        shown("- token: s\n  clusterMode: legacy\nx: [\n", "- token: ********\n  clusterMode: legacy\nx: [\n");
        shown("kind: Secret\ndata:\n  a: \"\\q\"\nb: 1\n", "kind: Secret\ndata:\n  ********\nb: 1\n");
    }

    #[test]
    fn the_mode_is_shown_wherever_it_stands() {
        let plain = "kind: Secret\nstringData:\n  v.yaml: |\n    clusterMode: legacy\n";
        shown(plain, plain);
        shown("token: {clusterMode: clas, a: b}\n", "token: {clusterMode: clas, a: ********\n");
        shown("cluster_code: clusterMode\n", "cluster_code: ********\n");
    }

    #[test]
    fn comments_are_read_as_text_and_sentences_are_none() {
        shown("#cluster_code: 1ab\n", "#cluster_code: ********\n");
        shown("# password: |\n#   s3cr3t\na: 1\n", "# password: ********\n#   ********\na: 1\n");
        shown("# the password is s3cr3t\n", "# the password is ********\n");
        let plain = "# password: the one of the database\n# the token was rotated in May\na: 1\n";
        shown(plain, plain);
    }

    #[test]
    fn what_looks_like_a_secret_is_hidden_under_any_name() {
        shown(&format!("x: 7_{}!\n", "0f".repeat(32)), "x: ********!\n");
        shown("x: http://me:pw@proxy:3128 # a\n", "x: http://********@proxy:3128 # a\n");
        shown("x: Bearer ab12cd34\n", "x: Bearer ********\n");
        shown("x: Bearer ‘Health’\n", "x: Bearer ********\n");
        let key = "-----BEGIN RSA PRIVATE KEY-----";
        shown(
            &format!("k: |\n  {key}\n  ab\n  -----END X\nx: 1\n"),
            "k: |\n  ********\n  ********\n  ********\nx: 1\n",
        );
        let plain = format!(
            "i: r@sha256:{}\nca: -----BEGIN CERTIFICATE-----\nid: 5a1e0000-0000-4000-8000-0000000000c1\n",
            "0f".repeat(32)
        );
        shown(&plain, &plain);
    }

    #[test]
    fn words_keep_the_names_of_files_and_of_secrets() {
        let plain = "cannot read secrets.yaml: no such file; `cluster_token` is missing";
        said(plain, plain);
        said("--set env[0].name=DB_PASSWORD,env[0].value=x", "--set env[0].name=DB_PASSWORD,env[0].value=********");
        said("token: \"a\nb\"\nc", "token: ********\n********\nc");
    }

    #[test]
    fn names_near_a_secret_one_are_secret_and_the_mode_is_not() {
        for name in ["maintenanceTokn", "cluster_cod", "illumio.passwrd", "DB_PWD", "githubPat", "cluster\\x5ftoken"] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in
            ["clusterMode", "clusterMod", "clustrMode", "path", "topologyKey", "secretName", "tokenTTL", "pce_url"]
        {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
