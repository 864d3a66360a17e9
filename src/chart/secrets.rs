//! Which bytes of a text are secret: the one place that decides it.
//!
//! ```text
//! names, shapes: the tables of secret names, and of what is secret by its looks
//! words:         a name and its secret in one line of text
//! tree:          a text that parses, node by node;  inner: the text that a scalar spells, read the same way
//! lines:         what does not parse: a broken file, a comment, a message
//! ```
//!
//! In doubt a thing is taken for secret. The mode of a cluster never is, wherever it stands.

mod inner;
mod lines;
mod names;
mod shapes;
mod tree;
mod words;

use std::{borrow::Cow, ops::Range};

use self::{lines::Extent, names::Secrecy};
use super::MODE_KEY;
use crate::mode::ClusterMode;

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

/// The secret bytes of a file, in order: the whole value of a secret name, and what looks like a secret wherever it
/// stands (a cluster token, a private key, a login in a URL). A range never crosses a line break.
///
/// ```
/// use helm_clas::chart::secrets::secret_ranges;
///
/// let text = "cven:\n- maintenanceToken: x1\n  clusterMode: legacy\n";
/// assert_eq!(secret_ranges(text).into_iter().map(|range| &text[range]).collect::<Vec<_>>(), ["x1"]);
/// ```
#[must_use]
pub fn secret_ranges(text: &str) -> Vec<Range<usize>> {
    let found = tree::ranges(text, 0).unwrap_or_else(|| lines::ranges(text, Extent::ToNextName));
    settled(text, found)
}

/// Words with their secrets replaced by [`MASK`]: a message, a name, what another program said. Of a file, see
/// [`secret_ranges`].
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    let found = settled(text, lines::ranges(text, Extent::Indented));
    if found.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(without(text, 0, &found)) }
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
fn settled(text: &str, mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    found.retain(|range| range.start < range.end);
    found.sort_unstable_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for range in found {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    if merged.is_empty() {
        return merged;
    }
    let modes = modes(text);
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

/// Where a text says the mode, key and value: what a migration changes is shown, whatever it stands in.
fn modes(text: &str) -> Vec<Range<usize>> {
    const QUOTES: [char; 3] = ['"', '\'', '\\'];
    let of_key = |at: usize| {
        let behind = at + MODE_KEY.len();
        let sign = text[behind..].trim_start_matches(QUOTES).trim_start_matches([' ', '\t']);
        let value = sign.strip_prefix([':', '='])?.trim_start_matches([' ', '\t']).trim_start_matches(QUOTES);
        let length = value.bytes().take_while(u8::is_ascii_alphanumeric).count();
        ClusterMode::named(&value[..length])?;
        let begins = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        begins.then_some(at..text.len() - value.len() + length)
    };
    memchr::memmem::find_iter(text.as_bytes(), MODE_KEY.as_bytes()).filter_map(of_key).collect()
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
