//! Which names are secret.
//!
//! A name is compared by its letters and digits alone, without case: `cluster_token`, `clusterToken` and `Cluster Token`
//! are one name. Its words are what `_`, `-`, `.` and capitals part: `githubPat` has the word `pat`, `path` has not.

mod table;

use Part::{Anywhere, Last, Name, Word};
use Secrecy::{Open, Text, Whole};
pub(super) use table::Secrecy;
use table::{
    ABOUT, ADDRESSES, CHART, DOCUMENTED, OPEN_CODES, OPEN_KEYS, OPEN_NAMES, OTHER_WORDS, Part, Row, TABLE, mask,
};

use crate::spelling::distance;

/// The letters of a name, lower case, and where its words begin.
struct Letters {
    bytes: [u8; Self::LONGEST],
    length: usize,
    /// A bit for each letter that begins a word; and one behind the last letter.
    starts: u128,
    /// A word begins with a capital only, as in `clusterMode`.
    has_capitals: bool,
}

impl Letters {
    /// Of a longer name its end counts.
    const LONGEST: usize = 96;

    fn of(name: &str) -> Self {
        let mut before_last = name.char_indices().rev().filter(|(_, c)| c.is_alphanumeric()).skip(Self::LONGEST - 1);
        let name = before_last.next().map_or(name, |(at, _)| &name[at..]);
        let mut letters = Self { bytes: [0; Self::LONGEST], length: 0, starts: 0, has_capitals: false };
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
                letters.has_capitals |= begins && before.is_lowercase();
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

/// How secret the values of a name are. A word for which one it is does not count: `pass2`, `PASS_OLD`.
pub(super) fn secrecy(name: &str) -> Secrecy {
    let secrecy = secrecy_as_written(name);
    match unnumbered(name).filter(|_| secrecy == Open) {
        Some(name) => secrecy_as_written(name).min(Text),
        None => secrecy,
    }
}

/// A name without what says which of several it is, or how it is written, where it ends in that: `DEPLOY_KEY_B64`,
/// `tlsKeyPlain`.
fn unnumbered(name: &str) -> Option<&str> {
    const WHICH: &[&str] = &[
        "old",
        "new",
        "prev",
        "previous",
        "current",
        "next",
        "backup",
        "primary",
        "secondary",
        "b64",
        "base64",
        "hex",
        "raw",
        "value",
        "val",
        "content",
        "contents",
        "string",
        "str",
        "plain",
        "plaintext",
        "enc",
        "encoded",
        "txt",
        "bytes",
        "blob",
        "json",
    ];
    let is_which = |word: &str| WHICH.iter().any(|which| word.eq_ignore_ascii_case(which));
    let is_apart = |(rest, word): &(&str, &str)| {
        let is_capital =
            word.starts_with(|c: char| c.is_ascii_uppercase()) && !rest.ends_with(|c: char| c.is_uppercase());
        is_capital || rest.ends_with(['_', '-', '.'])
    };
    let without = |name: &'_ str| -> usize {
        let ends = WHICH.iter().filter_map(|which| name.split_at_checked(name.len().checked_sub(which.len())?));
        let mut ends = ends.filter(is_apart).filter(|(_, word)| is_which(word));
        ends.next().map_or(name.len(), |(rest, _)| rest.trim_end_matches(['_', '-', '.']).len())
    };
    let rest = name.trim_end_matches(|c: char| c.is_ascii_digit());
    // `KEY_V1`
    let is_version = rest.len() < name.len();
    let version = rest.strip_suffix(['V', 'v']).filter(|rest| is_version && rest.ends_with(['_', '-']));
    let rest = version.unwrap_or(rest);
    let shorter =
        [without(name), without(rest.trim_end_matches(['_', '-', '.']))].into_iter().min().unwrap_or_default();
    let rest = &name[..shorter];
    (rest.len() > 2 && rest.len() < name.len()).then_some(rest)
}

fn secrecy_as_written(name: &str) -> Secrecy {
    // a name that spells its letters as escapes (`cluster\u005ftoken`)
    if name.contains('\\') {
        return secrecy_as_written(&unescaped(name).replace('\\', ""));
    }
    // annotations: what Helm compares, and what Vault's injector fills in
    if name.starts_with("checksum/") || name.starts_with("vault.hashicorp.com/agent-inject") {
        return Open;
    }
    // the login for a source of gems (Bundler, "bundle config", Credentials for gem sources)
    if name.strip_prefix("BUNDLE_").is_some_and(|host| host.contains("__")) {
        return Text;
    }
    let whole = secrecy_of(&Letters::of(name));
    // the last name of a path may be misspelled
    match name.rsplit_once(['.', '/', ' ']) {
        Some((_, last)) if whole == Open && !is_about(last) => resembled(&Letters::of(last)),
        _ => whole,
    }
}

/// Whether a name is secret whatever follows it: as a variable of an environment is, in capitals.
pub(super) fn is_certain(name: &str) -> bool {
    let is_constant = || !name.bytes().any(|b| b.is_ascii_lowercase());
    match secrecy(name) {
        Open => false,
        Text => is_constant(),
        Whole => true,
    }
}

fn secrecy_of(letters: &Letters) -> Secrecy {
    let all = letters.all();
    if all.len() < 2 || OPEN_NAMES.iter().any(|name| name.as_bytes() == all) {
        return Open;
    }
    if is_chart_name(letters) {
        return Whole;
    }
    let Some(last) = letters.words().next_back() else { return Open };
    if ADDRESSES.iter().any(|name| all.ends_with(name.as_bytes())) {
        return Text;
    }
    let is_word = |words: &[&str], word: &[u8]| words.iter().any(|own| own.as_bytes() == word);
    let is_single = letters.words().nth(1).is_none();
    let is_about = is_word(ABOUT, last) || all.ends_with(b"serviceaccount") || all.ends_with(b"passwordencryption");
    // what cuts a text into words
    if is_word(&["tokenizer", "tokenizers", "tokenized", "tokenization"], last) {
        return Open;
    }
    if refers(letters) || !is_single && is_about {
        return Open;
    }
    if is_compound(last) {
        return Text;
    }
    let named = rows(letters, last, is_single).max().unwrap_or(Open);
    if named == Whole { named } else { named.max(resembled(letters)) }
}

/// Whether a name is that of an object which is kept elsewhere: `existingSecret`, `externalCredentials`.
fn refers(letters: &Letters) -> bool {
    const OBJECTS: [&[u8]; 6] = [b"secret", b"secrets", b"credentials", b"secretname", b"secretref", b"certificate"];
    let is_kept = |word: &[u8]| matches!(word, b"existing" | b"external");
    letters.words().any(is_kept) && letters.words().any(|word| OBJECTS.contains(&word))
}

/// Whether a name is one of the chart's own credentials, whatever is around it: `externalClusterToken`,
/// `cluster_token_id`, `clustr_token`.
fn is_chart_name(letters: &Letters) -> bool {
    const SHORTEST: usize = 9;
    let all = letters.all();
    if all.len() < SHORTEST {
        return false;
    }
    let own = mask(all);
    let has = |(part, letters): &(&str, u64)| {
        letters & !own == 0 && all.windows(part.len()).any(|letters| letters == part.as_bytes())
    };
    CHART.iter().any(has) || is_near_chart(letters, own)
}

/// Whether a name is a misspelled one of the chart's credentials, or two words of it are.
fn is_near_chart(letters: &Letters, own: u64) -> bool {
    let all = letters.all();
    if is_near(all, own) {
        // what is as near to the mode is meant for it, unless it is written as the code is
        let is_written_so = letters.words().nth(1).is_some_and(|word| word.ends_with(b"ode")) && !letters.has_capitals;
        let to = |most: usize, other: &str| is_within(most, all, other);
        let is_mode = to(1, "clustermode") && !is_written_so || to(2, "clustermode") && !to(1, "clustercode");
        return !is_mode;
    }
    let mut starts = (0..=all.len()).filter(|at| letters.is_start(*at));
    let (Some(mut first), Some(mut second)) = (starts.next(), starts.next()) else { return false };
    starts.any(|third| {
        let words = &all[first..third];
        (first, second) = (second, third);
        words.len() < all.len() && !is_within(2, words, "clustermode") && is_near(words, mask(words))
    })
}

/// Whether some letters are those of a credential of the chart, but for two.
fn is_near(letters: &[u8], own: u64) -> bool {
    const MOST: usize = 2;
    let is_other = || OTHER_WORDS.iter().any(|other| other.as_bytes() == letters);
    let is_it = |(documented, mask): &(&str, u64)| {
        (mask & !own).count_ones() as usize <= MOST && is_within(MOST, letters, documented)
    };
    CHART.iter().any(is_it) && !is_other()
}

fn is_within(most: usize, letters: &[u8], other: &str) -> bool {
    letters.len().abs_diff(other.len()) <= most
        && std::str::from_utf8(letters).is_ok_and(|letters| distance(letters, other) <= most)
}

/// Whether one word ends in `pass` or `key`: `adminpass`, `zipkey`, and no word of the language, nor the name of a field.
fn is_compound(word: &[u8]) -> bool {
    const ENDINGS: &[&[u8]] = &[b"pass", b"key", b"pwd", b"pw", b"psw", b"psk"];
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
        b"cachekey",
        b"foreignkey",
        b"indexkey",
        b"labelkey",
        b"lookupkey",
        b"objectkey",
        b"partitionkey",
        b"primarykey",
        b"publickey",
        b"routingkey",
        b"topologykey",
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

/// Whether a name is one of the chart's own credentials, as it is documented, misspelled or with words around it: nothing
/// below it is harmless.
pub(super) fn is_of_chart(name: &str) -> bool {
    if name.contains('\\') {
        return is_of_chart(&unescaped(name).replace('\\', ""));
    }
    let last = || name.rsplit(['.', '/', ' ']).next().filter(|last| last.len() < name.len());
    is_chart_name(&Letters::of(name)) || last().is_some_and(|last| is_chart_name(&Letters::of(last)))
}

/// Whether a name lists the Secrets by which images are pulled: `imagePullSecrets: [registry]`.
pub(super) fn lists_secrets(name: &str) -> bool {
    Letters::of(name).all().ends_with(b"pullsecrets")
}

/// Whether a name is that of a key of a table, which is the name of a column: `primaryKey: id`. Azure calls a secret so.
pub(super) fn is_key_of_table(name: &str) -> bool {
    const BEFORE: &[&[u8]] =
        &[b"primary", b"candidate", b"natural", b"surrogate", b"shard", b"range", b"i18n", b"translation"];
    let letters = Letters::of(name);
    let words: Vec<&[u8]> = letters.words().collect();
    matches!(words[..], [.., before, b"key" | b"keys"] if BEFORE.contains(&before))
}

/// Whether what a name says of a secret is a name again, which may be the secret: `{name: x}`, `{id: x}`.
pub(super) fn is_naming(name: &str) -> bool {
    const NAMING: &[&[u8]] = &[
        b"name",
        b"names",
        b"id",
        b"uid",
        b"user",
        b"username",
        b"email",
        b"title",
        b"comment",
        b"label",
        b"subject",
        b"type",
    ];
    Letters::of(name).words().next_back().is_some_and(|last| NAMING.contains(&last))
}

/// Whether a name is that of an object which holds secrets, and has a name itself: `imagePullSecrets`, `auth`.
pub(super) fn is_object(name: &str) -> bool {
    const OBJECTS: &[&[u8]] =
        &[b"secret", b"secrets", b"credential", b"credentials", b"creds", b"auth", b"admin", b"tls"];
    Letters::of(name).words().any(|word| OBJECTS.contains(&word))
}

/// Whether a number below a name may be its secret: a password, a PIN, a code that is entered.
pub(super) fn is_entered(name: &str) -> bool {
    const ENTERED: &[&str] = &["pass", "pwd", "pw", "psk", "pin", "otp", "totp", "cvv", "cvc", "ssn", "kennwort"];
    let letters = Letters::of(name);
    letters.words().any(|word| ENTERED.iter().any(|own| word.starts_with(own.as_bytes())))
        || letters.all().ends_with(b"code") && letters.all() != b"code"
}

/// What the rows of the table say that hold for a name.
fn rows<'l>(letters: &'l Letters, last: &'l [u8], is_single: bool) -> impl Iterator<Item = Secrecy> + 'l {
    let all = letters.all();
    let is_open = |names: &[&str]| {
        let mut words = letters.words();
        words.next_back();
        words.next_back().is_some_and(|before| names.iter().any(|own| own.as_bytes() == before))
    };
    let holds = move |row: &&Row| {
        let text = row.letters.as_bytes();
        match row.part {
            Anywhere => all.windows(text.len()).any(|letters| letters == text),
            Word => (0..letters.length)
                .any(|at| letters.is_start(at) && all[at..].starts_with(text) && letters.is_start(at + text.len())),
            Last if is_single || last != text => false,
            Last => match text {
                b"key" | b"keys" => !is_open(OPEN_KEYS),
                b"code" => !is_open(OPEN_CODES),
                _ => true,
            },
            Name => all == text,
        }
    };
    let own = mask(all);
    // what comes before another word makes that secret, and not what is below it: `passwordUpdateJob`
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
