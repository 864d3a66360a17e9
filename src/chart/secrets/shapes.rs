//! What is secret by its looks, under whatever name: the tokens of known issuers, keys, logins in addresses.

use std::ops::Range;

use super::{
    issuers::{bots, clients, joining, known},
    logins::{addresses, fields, logins, schemes},
    random::{SHORTEST, is_digest, is_digits, random, random_with_signs},
};

/// Where a private key begins in a line, if one does: PEM, SSH2 (RFC 4716) or that of `PuTTY`.
pub(super) fn private_key(line: &str) -> Option<usize> {
    if let Some(at) = line.find("PuTTY-User-Key-File-") {
        return Some(at);
    }
    let begin = line.find("---- BEGIN ").or_else(|| line.find("-----BEGIN "))?;
    line[begin..].contains("PRIVATE KEY").then_some(begin)
}

/// Whether a private key ends in a line.
pub(super) fn ends_key(line: &str) -> bool {
    line.contains("---- END ") || line.contains("-----END ") || line.contains("Private-MAC:")
}

/// What looks like a secret in a line.
pub(super) fn shapes(line: &str, found: impl FnMut(Range<usize>)) {
    shapes_behind(&[], line, found);
}

/// The same of a line behind some bytes: the name of a value shows that it is a digest.
pub(super) fn shapes_behind(name: &[u8], line: &str, mut found: impl FnMut(Range<usize>)) {
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let begins = at == 0 || !bytes[at - 1].is_ascii_alphanumeric() && bytes[at - 1] != b'_';
        if !begins || !(bytes[at].is_ascii_alphanumeric() || matches!(bytes[at], b'$' | b'{')) {
            at += 1;
            continue;
        }
        if let Some(length) = known(&line[at..]) {
            found(at..at + length);
            at += length;
            continue;
        }
        let word = bytes[at..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        if word >= SHORTEST && is_digits(&bytes[at..at + word]) && !is_digest(name, &bytes[..at]) {
            found(at..at + word);
        }
        at += word.max(1);
    }
    random(name, line, &mut found);
    random_with_signs(name, line, &mut found);
    clients(line, &mut found);
    joining(line, &mut found);
    bots(line, &mut found);
    logins(line, &mut found);
    addresses(line, &mut found);
    schemes(line, &mut found);
    fields(line, &mut found);
}
