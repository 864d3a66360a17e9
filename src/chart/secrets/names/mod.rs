//! Which names are secret.
//!
//! A name is compared by its letters and digits alone, without case: `cluster_token`, `clusterToken` and `Cluster Token`
//! are one name. Its words are what `_`, `-`, `.` and capitals part: `githubPat` has the word `pat`, `path` has not.

mod table;

use Part::{Anywhere, Last, Name, Word};
use Secrecy::{Open, Text, Whole};
pub(super) use table::Secrecy;
use table::{ABOUT, ADDRESSES, DOCUMENTED, OPEN_KEYS, OPEN_NAMES, OTHER_WORDS, Part, Row, TABLE, mask};

use crate::spelling::distance;

/// The letters of a name, lower case, and where its words begin.
struct Letters {
    bytes: [u8; Self::LONGEST],
    length: usize,
    /// A bit for each letter that begins a word; and one behind the last letter.
    starts: u128,
}

impl Letters {
    /// What is longer is no name.
    const LONGEST: usize = 96;

    fn of(name: &str) -> Self {
        let mut letters = Self { bytes: [0; Self::LONGEST], length: 0, starts: 0 };
        let mut before = ' ';
        let mut chars = name.chars().peekable();
        while let Some(c) = chars.next() {
            if letters.length == Self::LONGEST {
                break;
            }
            if c.is_alphanumeric() {
                let ends_capitals =
                    before.is_uppercase() && c.is_uppercase() && chars.peek().is_some_and(|next| next.is_lowercase());
                let begins = !before.is_alphanumeric() || c.is_uppercase() && !before.is_uppercase() || ends_capitals;
                letters.starts |= u128::from(begins) << letters.length;
                // a letter of another script may look like one of ours: it is one that differs
                letters.bytes[letters.length] = if c.is_ascii() { c.to_ascii_lowercase() as u8 } else { b'?' };
                letters.length += 1;
            }
            before = c;
        }
        letters.starts |= 1 << letters.length;
        letters
    }

    fn all(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn is_start(&self, at: usize) -> bool {
        self.starts >> at & 1 == 1
    }

    /// The words, in order.
    fn words(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        let starts = (0..self.length).filter(|at| self.is_start(*at));
        starts.map(|at| {
            let end = (at + 1..=self.length).find(|end| self.is_start(*end)).unwrap_or(self.length);
            &self.bytes[at..end]
        })
    }
}

/// How secret the values of a name are.
pub(super) fn secrecy(name: &str) -> Secrecy {
    // a name that spells its letters as escapes (`cluster\u005ftoken`)
    if name.contains('\\') {
        return secrecy(&unescaped(name).replace('\\', ""));
    }
    let whole = secrecy_of(&Letters::of(name));
    // the last name of a path may be misspelled
    match name.rsplit_once(['.', '/', ' ']) {
        Some((_, last)) if whole == Open && !is_about(last) => resembled(&Letters::of(last)),
        _ => whole,
    }
}

fn secrecy_of(letters: &Letters) -> Secrecy {
    let all = letters.all();
    if all.len() < 2 || OPEN_NAMES.iter().any(|name| name.as_bytes() == all) {
        return Open;
    }
    let Some(last) = letters.words().next_back() else { return Open };
    if ADDRESSES.iter().any(|name| all.ends_with(name.as_bytes())) {
        return Text;
    }
    let is_word = |words: &[&str], word: &[u8]| words.iter().any(|own| own.as_bytes() == word);
    let is_single = letters.words().nth(1).is_none();
    let is_about = is_word(ABOUT, last);
    let refers = |word: &[u8]| matches!(word, b"existing" | b"external");
    if letters.words().any(refers) || !is_single && is_about {
        return Open;
    }
    if is_single && is_compound(all) {
        return Text;
    }
    let named = rows(letters, last, is_single).max().unwrap_or(Open);
    if named == Whole { named } else { named.max(resembled(letters)) }
}

/// Whether a name in one word ends in `pass` or `key`: `adminpass`, `zipkey`, and no word of the language.
fn is_compound(word: &[u8]) -> bool {
    const ENDINGS: &[&[u8]] = &[b"pass", b"key", b"pwd"];
    const WORDS: &[&[u8]] = &[
        b"bypass",
        b"compass",
        b"trespass",
        b"encompass",
        b"surpass",
        b"overpass",
        b"monkey",
        b"turkey",
        b"hockey",
        b"whiskey",
        b"donkey",
        b"jockey",
        b"hotkey",
        b"pubkey",
        b"sortkey",
        b"subkey",
        b"rekey",
        b"valkey",
        b"keykey",
    ];
    ENDINGS.iter().any(|ending| word.len() > ending.len() && word.ends_with(ending)) && !WORDS.contains(&word)
}

/// Whether a name says where a secret is, or what holds for it: `name`, `tokenTTL`, `existingSecret`.
pub(super) fn is_about(name: &str) -> bool {
    let letters = Letters::of(name);
    let is_it = |word: &[u8]| ABOUT.iter().chain(&["secretname"]).any(|own| own.as_bytes() == word);
    letters.words().next_back().is_some_and(is_it) || letters.words().next() == Some(b"existing")
}

/// Whether a name is that of a key in a Secret, which is a name itself: `existingSecretPasswordKey`, `passwordKey`.
pub(super) fn is_key_of_secret(name: &str) -> bool {
    const BEFORE: &[&str] = &[
        "secret",
        "password",
        "token",
        "user",
        "username",
        "credentials",
        "ref",
        "existing",
        "id",
        "ca",
        "cert",
        "crt",
        "tls",
    ];
    let letters = Letters::of(name);
    let words: Vec<&[u8]> = letters.words().collect();
    let is_before = |word: &&[u8]| BEFORE.iter().any(|own| own.as_bytes() == *word);
    words.last() == Some(&&b"key"[..]) && words.iter().any(is_before) && *words != [&b"secret"[..], &b"key"[..]]
}

/// Whether a name is a documented one of the chart, as it is or misspelled.
pub(super) fn is_documented(name: &str) -> bool {
    const LONG: usize = 11;
    let letters = Letters::of(name);
    let is_it = |documented: &str| documented.len() >= LONG && documented.as_bytes() == letters.all();
    DOCUMENTED.iter().any(|documented| is_it(documented))
}

/// What the rows of the table say that hold for a name.
fn rows<'l>(letters: &'l Letters, last: &'l [u8], is_single: bool) -> impl Iterator<Item = Secrecy> + 'l {
    let all = letters.all();
    let open_key = || {
        let mut words = letters.words();
        words.next_back();
        words.next_back().is_some_and(|before| OPEN_KEYS.iter().any(|own| own.as_bytes() == before))
    };
    let holds = move |row: &&Row| {
        let text = row.letters.as_bytes();
        match row.part {
            Anywhere => all.windows(text.len()).any(|letters| letters == text),
            Word => (0..letters.length)
                .any(|at| letters.is_start(at) && all[at..].starts_with(text) && letters.is_start(at + text.len())),
            Last => !is_single && last == text && !(matches!(text, b"key" | b"keys") && open_key()),
            Name => all == text,
        }
    };
    let own = mask(all);
    // what stands before another word makes that secret, and not what stands below it: `passwordUpdateJob`
    let ends = move |row: &Row| {
        let rest = all.strip_suffix(b"s").unwrap_or(all);
        all.ends_with(row.letters.as_bytes()) || rest.ends_with(row.letters.as_bytes())
    };
    let secrecy = move |row: &Row| if ends(row) { row.secrecy } else { row.secrecy.min(Text) };
    TABLE.iter().filter(move |row| row.mask & !own == 0).filter(holds).map(secrecy)
}

/// Names that are misspelled ones of the chart, or have a word that is.
fn resembled(letters: &Letters) -> Secrecy {
    const LONG: usize = 11;
    let near = |word: &[u8], most: usize, documented: &str| {
        let lacking = mask(documented.as_bytes()) & !mask(word);
        word.len().abs_diff(documented.len()) <= most
            && lacking.count_ones() as usize <= most
            && std::str::from_utf8(word).is_ok_and(|word| distance(word, documented) <= most)
    };
    let all = letters.all();
    let is_near = |word: &[u8]| {
        const SHORTEST: usize = 4;
        word.len() >= SHORTEST
            && !DOCUMENTED.iter().any(|documented| documented.as_bytes() == word)
            && !OTHER_WORDS.iter().any(|other| other.as_bytes() == word)
            && DOCUMENTED.iter().any(|documented| near(word, if documented.len() >= LONG { 2 } else { 1 }, documented))
    };
    // what is as near to the mode is meant for it
    let is_mode = || near(all, 1, "clustermode") || near(all, 2, "clustermode") && !near(all, 1, "clustercode");
    let is_it = (is_near(all) && !is_mode()) || letters.words().any(|word| word.len() < all.len() && is_near(word));
    if is_it { Whole } else { Open }
}

/// A name without the escapes `\xNN`, `\uNNNN` and `\UNNNNNNNN` of a double-quoted text.
fn unescaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let digits = match escape.bytes().next() {
            Some(b'x') => 2,
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => 0,
        };
        let code = escape.get(1..=digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match code.and_then(char::from_u32).filter(|_| digits > 0) {
            Some(c) => {
                text.push(c);
                rest = &escape[1 + digits..];
            }
            None => rest = escape,
        }
    }
    text + rest
}
