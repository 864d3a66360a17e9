//! What no person wrote: runs of letters and digits as random ones are, and what is public though it looks so.

use std::ops::Range;

/// Whether what follows is public: the digest of an image or a file, the hash of a commit, by the word before it. (OCI image
/// specification, "Digests"; Git; Helm's `checksum/` annotations)
pub(super) fn is_digest(name: &[u8], line: &[u8]) -> bool {
    const WORDS: [&[u8]; 30] = [
        b"sha256",
        b"sha512",
        b"sha384",
        b"sha1",
        b"sha",
        b"digest",
        b"checksum",
        b"commit",
        b"rev",
        b"revision",
        b"tag",
        b"hash",
        b"ref",
        b"blob",
        b"tree",
        b"raw",
        b"md5",
        b"fingerprint",
        b"thumbprint",
        b"head",
        b"compare",
        b"gitsha",
        b"version",
        b"sum",
        // the public half of a pair of keys, as OpenSSH writes it and as it is called
        b"ed25519",
        b"ssh-rsa",
        b"publickey",
        b"public_key",
        b"public-key",
        b"pubkey",
    ];
    const LONGEST: usize = 48;
    // `tag: v1.2-4f...`
    let is_of_version = |b: &u8| b.is_ascii_digit() || b"v.-+".contains(b);
    let line = if !name.is_empty() && line.iter().all(is_of_version) { &[] } else { line };
    let tail = |bytes: &[u8]| bytes[bytes.len().saturating_sub(LONGEST)..].to_vec();
    let before = tail(&[tail(name), tail(line)].concat());
    let is_sign = |b: &u8| b" \t:=\"'/@#-_.`(\\".contains(b);
    let end = before.iter().rposition(|b| !is_sign(b)).map_or(0, |at| at + 1);
    // `uses: actions/checkout@4f...`, and no login before a token
    let word = &before[..end];
    let word = &word[word.iter().rposition(|b| b" \t\"'".contains(b)).map_or(0, |at| at + 1)..];
    if before[end..].contains(&b'@') && word.contains(&b'/') && !word.windows(3).any(|three| three == b"://") {
        return true;
    }
    let before = before[..end].to_ascii_lowercase();
    // `{name: commit, value: 4f...}`
    let before = before.strip_suffix(b"value").and_then(named_before).map_or(before.clone(), <[u8]>::to_vec);
    // `checksum/config: 4f...`: its word may stand before another
    let line = before.strip_suffix(b"config").or(before.strip_suffix(b"secret")).unwrap_or(&before);
    let line = &line[..line.iter().rposition(|b| !is_sign(b)).map_or(0, |at| at + 1)];
    end < LONGEST && WORDS.iter().any(|word| before.ends_with(word) || line.ends_with(word))
}

/// The name of a pair that comes before its value, up to its end.
fn named_before(pair: &[u8]) -> Option<&[u8]> {
    let is_between = |b: &u8| b" \t\r\n,\"'".contains(b);
    let name = &pair[..=pair.iter().rposition(|b| !is_between(b))?];
    let colon = name.iter().rposition(|b| *b == b':')?;
    let key = &name[..=name[..colon].iter().rposition(|b| !is_between(b))?];
    (key.ends_with(b"name") || key.ends_with(b"key")).then_some(name)
}

/// Long runs that no person wrote, of an issuer that is not listed: an AWS secret key has 40 characters, a key of 256 bits 43
/// or 44, and most tokens 20 or more. The signs of URL-safe Base64 beside such a run belong to it.
pub(super) fn random(name: &[u8], line: &str, found: &mut impl FnMut(Range<usize>)) {
    let bytes = line.as_bytes();
    let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    let is_of_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'_' | b'-' | b'~' | b'=');
    let mut at = 0;
    while let Some(offset) = bytes[at..].iter().position(is_base64) {
        let start = at + offset;
        let length = bytes[start..].iter().take_while(|b| is_base64(b)).count();
        let run = &bytes[start..start + length];
        let is_key =
            length >= SHORTEST_RUN && (is_random(run) || is_encoded(run, bytes.get(start + length) == Some(&b'=')));
        if length >= SHORTEST_RUN && !is_key && run.contains(&b'/') {
            // a part of a path may be one; of a long path each is looked at by itself
            if run.split(|b| *b == b'/').nth(MOST_PARTS).is_some() {
                let mut from = start;
                for part in run.split(|b| *b == b'/') {
                    if part.len() >= SHORTEST_RUN && is_random(part) && !is_digest(name, &bytes[..from]) {
                        found(from..from + part.len());
                    }
                    from += part.len() + 1;
                }
                at = start + length;
                continue;
            }
            let part = run.iter().take_while(|b| **b != b'/').count();
            if part < length {
                at = start + part + 1;
                if part >= SHORTEST_RUN && is_random(&run[..part]) && !is_digest(name, &bytes[..start]) {
                    found(start..start + part);
                }
                continue;
            }
        }
        at = start + length;
        let is_short = (SHORTEST_WORD..SHORTEST_RUN).contains(&length);
        let is_password = || is_short && is_word_alone(bytes, start..at) && is_random_word(run);
        if !(is_key || is_password()) || is_digest(name, &bytes[..start]) || is_client(&bytes[at..]) {
            continue;
        }
        let behind = bytes[at..].iter().take_while(|b| is_of_word(b)).count();
        let before = bytes[..start].iter().rev().take_while(|b| is_of_word(b)).count();
        found(start - before..at + behind);
        at += behind;
    }
}

/// The same with the signs of URL-safe Base64 within: more of it must alternate, as names have such signs as well.
pub(super) fn random_with_signs(name: &[u8], line: &str, found: &mut impl FnMut(Range<usize>)) {
    let bytes = line.as_bytes();
    let is_of_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'~');
    let mut at = 0;
    while let Some(offset) = bytes[at..].iter().position(is_of_word) {
        let start = at + offset;
        let run: Vec<u8> = bytes[start..].iter().copied().take_while(is_of_word).collect();
        at = start + run.len();
        let letters: Vec<u8> = run.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
        let is_it = run.len() >= SHORTEST && letters.len() < run.len() && alternates(&letters);
        if is_it && !is_digest(name, &bytes[..start]) && !is_client(&bytes[at..]) {
            found(start..at);
        }
    }
}

/// Whether what is before some bytes is the number of a client of Google, which is public.
fn is_client(behind: &[u8]) -> bool {
    behind.starts_with(b".apps.googleusercontent.com")
}

/// Whether letters of both cases and digits alternate as often as in random ones, where two of three neighbours differ.
fn alternates(letters: &[u8]) -> bool {
    let class = |b: &u8| (b.is_ascii_uppercase(), b.is_ascii_digit());
    let count = |is_it: fn(&u8) -> bool| letters.iter().filter(|b| is_it(b)).count();
    let changes = letters.windows(2).filter(|pair| class(&pair[0]) != class(&pair[1])).count();
    count(u8::is_ascii_lowercase) > 3
        && count(u8::is_ascii_uppercase) > 3
        && count(u8::is_ascii_digit) > 1
        && changes * 2 > letters.len()
}

/// Among other letters and signs, what is shorter is a name as well.
const SHORTEST_RUN: usize = 20;

/// A run with more signs of a path is one.
const MOST_PARTS: usize = 16;

/// A word alone may be shorter: in 300 public values files one such word is not a secret.
const SHORTEST_WORD: usize = 10;

/// Whether a run has neither a letter nor a sign of a name or a path beside it.
fn is_word_alone(bytes: &[u8], run: Range<usize>) -> bool {
    let is_joined = |b: &u8| b.is_ascii_alphanumeric() || b"+/_.-~".contains(b);
    // `NAME=x`, and no `x=y`
    let before = run.start.checked_sub(1).and_then(|before| bytes.get(before));
    !before.is_some_and(is_joined) && !bytes.get(run.end).is_some_and(|b| is_joined(b) || *b == b'=')
}

/// How often the letters of a run change their kind, and how many of each it has: small, capital, digit, sign.
fn kinds(run: &[u8]) -> (usize, [usize; 4]) {
    let kind = |b: &u8| match b {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let mut counts = [0_usize; 4];
    for b in run {
        counts[kind(b)] += 1;
    }
    (run.windows(2).filter(|pair| kind(&pair[0]) != kind(&pair[1])).count(), counts)
}

/// Whether a short word of letters and digits alone is a password that was made: its kinds change with every other
/// letter. Hexadecimal digits of one case are the hash of a commit, and `1h30m20s10ms` is a time.
fn is_random_word(run: &[u8]) -> bool {
    const LONGER: usize = 12;
    let (changes, [lower, upper, digits, signs]) = kinds(run);
    let is_mixed = lower >= 2 && upper >= 2 && digits >= 1 && changes * 2 >= run.len();
    let is_of_one_case = (lower == 0 || upper == 0)
        && digits >= 3
        && lower + upper >= 4
        && run.len() >= LONGER
        && changes * 5 >= run.len() * 2
        && !run.iter().all(u8::is_ascii_hexdigit)
        && !run.iter().all(|b| b.is_ascii_digit() || b"dhmnsu".contains(b));
    signs == 0 && (is_mixed || is_of_one_case)
}

/// Whether a run is a key in Base64, with the signs of that: it is filled up to its length, or has a `+`, which no path has.
fn is_encoded(run: &[u8], is_padded: bool) -> bool {
    let (changes, [lower, upper, digits, _]) = kinds(run);
    lower > 2 && upper > 2 && digits > 0 && changes * 2 > run.len() && (is_padded || run.contains(&b'+'))
}

/// Whether letters of both cases and digits alternate as they do in random ones: names and paths keep to one kind for a
/// while. Of one case alone more is asked for.
fn is_random(run: &[u8]) -> bool {
    const LONG: usize = 24;
    const LONGER: usize = 28;
    const KEY: usize = 40;
    let (changes, [lower, upper, digits, signs]) = kinds(run);
    let length = run.len();
    // a long name in capitals and small letters may have a digit, too
    let often = changes * 5 > length * 2;
    let is_mixed = lower > 3
        && upper > 3
        && changes * 3 > length
        && (digits > 0 && (length < LONGER || often) || length >= LONG && often);
    // Base32, and what has one case: digits stand everywhere in it
    let is_of_one_case =
        (lower == 0 || upper == 0) && signs == 0 && length >= LONG && digits > 3 && changes * 4 > length;
    // letters of one case alone: no word is as long, and its vowels are rare
    let vowels = run.iter().filter(|b| b"aeiouAEIOU".contains(b)).count();
    let is_of_letters = lower == 0 && digits + signs == 0 && length >= KEY && vowels * 4 < length;
    signs * 8 < length && (length >= KEY || signs == 0) && (is_mixed || is_of_one_case || is_of_letters)
}

/// A cluster token (`7_` and many hexadecimal digits), a pairing code, a hash. A UUID is not one: its runs are short.
pub(super) const SHORTEST: usize = 32;

pub(super) fn is_digits(word: &[u8]) -> bool {
    let digits = word.rsplit(|b| *b == b'_').next().unwrap_or(word);
    // Twilio; New Relic
    let digits = digits.strip_prefix(b"SK").or(digits.strip_suffix(b"NRAL")).unwrap_or(digits);
    digits.len() >= SHORTEST && digits.iter().all(u8::is_ascii_hexdigit)
}
