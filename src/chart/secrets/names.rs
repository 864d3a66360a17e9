//! The one table of secret names, and of what is read into a name.
//!
//! A name is compared by its letters and digits alone, without case: `cluster_token`, `clusterToken` and `Cluster Token`
//! are one name. Its words are what `_`, `-`, `.` and capitals part: `githubPat` has the word `pat`, `path` has not.

use crate::spelling::distance;

/// Which values of a name are secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Secrecy {
    /// None.
    Open,
    /// A text. The name is also that of a section with harmless values (`webhook: {port: 443}`).
    Text,
    /// Everything below the name.
    Whole,
}

/// What a row of the table is compared with.
#[derive(Clone, Copy)]
enum Part {
    /// Letters anywhere in the name.
    Anywhere,
    /// One word of the name, or several in a row.
    Word,
    /// The last word of several.
    Last,
    /// The name as a whole.
    Name,
}

struct Row {
    letters: &'static str,
    /// Which letters these are: what lacks one of them is passed over at a glance.
    mask: u64,
    part: Part,
    secrecy: Secrecy,
}

const fn row(letters: &'static str, part: Part, secrecy: Secrecy) -> Row {
    Row { mask: mask(letters.as_bytes()), letters, part, secrecy }
}

/// The letters and digits that are in a text, each a bit.
const fn mask(letters: &[u8]) -> u64 {
    let mut mask = 0;
    let mut at = 0;
    while at < letters.len() {
        mask |= 1 << (letters[at] % 64);
        at += 1;
    }
    mask
}

use Part::{Anywhere, Last, Name, Word};
use Secrecy::{Open, Text, Whole};

/// Sources: the chart's README 5.7.0 and the PCE's REST API; the keys that Kubernetes gives a meaning to ("Secrets",
/// "Organizing Cluster Access Using kubeconfig Files"); the lists of names by which gitleaks ("generic-api-key"),
/// detect-secrets ("keyword") and the log filters of GitLab and Rails find credentials; the connection strings of
/// Azure, ODBC and JDBC.
const TABLE: &[Row] = &[
    // Illumio: cluster_token, cven.maintenanceToken, cluster_code, imagePullSecret, influxdb.auth.admin, API keys
    row("token", Anywhere, Whole),
    row("secret", Anywhere, Whole),
    row("clustercode", Anywhere, Whole),
    row("apikey", Anywhere, Whole),
    row("admin", Name, Whole),
    row("auth", Name, Text),
    row("code", Name, Text),
    row("activationcode", Anywhere, Whole),
    row("pairingcode", Anywhere, Whole),
    row("pairingkey", Anywhere, Whole),
    row("licensekey", Anywhere, Whole),
    row("licencekey", Anywhere, Whole),
    row("licence", Last, Text),
    row("license", Last, Text),
    // passwords
    row("password", Anywhere, Whole),
    row("passwd", Anywhere, Whole),
    row("passwort", Anywhere, Whole),
    row("passw", Anywhere, Text),
    row("passphrase", Anywhere, Whole),
    row("passcode", Anywhere, Whole),
    row("passkey", Anywhere, Whole),
    row("pwd", Word, Whole),
    row("pwds", Word, Whole),
    row("pw", Word, Whole),
    row("pass", Last, Whole),
    row("pass", Name, Whole),
    row("userpass", Anywhere, Whole),
    row("dbpass", Anywhere, Whole),
    row("requirepass", Anywhere, Whole),
    row("masterauth", Anywhere, Whole),
    row("passhash", Anywhere, Whole),
    row("kennwort", Anywhere, Whole),
    row("contrase", Anywhere, Whole),
    row("motdepasse", Anywhere, Whole),
    row("wachtwoord", Anywhere, Whole),
    row("psk", Word, Whole),
    row("community", Last, Text),
    row("communitystring", Anywhere, Text),
    row("presharedkey", Anywhere, Whole),
    row("pin", Word, Text),
    row("pincode", Word, Whole),
    row("otp", Word, Text),
    row("totp", Word, Text),
    row("mfa", Word, Text),
    row("salt", Word, Whole),
    row("pepper", Word, Whole),
    row("seed", Word, Text),
    row("mnemonic", Anywhere, Whole),
    row("recoverycode", Anywhere, Whole),
    row("backupcode", Anywhere, Whole),
    row("phrase", Last, Text),
    row("bip39", Word, Text),
    row("accesscode", Anywhere, Whole),
    row("securitycode", Anywhere, Whole),
    row("verificationcode", Anywhere, Whole),
    row("unlockcode", Anywhere, Whole),
    row("authcode", Anywhere, Whole),
    row("invitecode", Anywhere, Whole),
    row("cvv", Word, Text),
    row("cvc", Word, Text),
    row("ssn", Word, Text),
    // credentials and logins
    row("regcred", Word, Text),
    row("xsrf", Word, Text),
    row("csrf", Word, Text),
    row("credential", Anywhere, Whole),
    row("cred", Word, Whole),
    row("creds", Word, Whole),
    row("authorization", Anywhere, Text),
    row("basicauth", Anywhere, Text),
    row("registryauth", Anywhere, Whole),
    row("auth", Last, Text),
    row("authstring", Anywhere, Whole),
    row("authdata", Anywhere, Whole),
    row("authheader", Anywhere, Text),
    row("bearer", Word, Text),
    row("jwt", Word, Text),
    row("jws", Word, Text),
    row("jwk", Word, Text),
    row("jwks", Last, Text),
    row("assertion", Last, Text),
    row("pat", Word, Text),
    row("sas", Word, Text),
    row("sig", Word, Text),
    row("signature", Last, Text),
    row("signature", Name, Text),
    row("hmac", Word, Text),
    row("cookie", Last, Text),
    row("cookie", Name, Text),
    row("cookies", Last, Text),
    row("sessionid", Anywhere, Text),
    row("sessid", Anywhere, Text),
    row("htpasswd", Anywhere, Whole),
    row("netrc", Word, Whole),
    row("npmrc", Word, Whole),
    row("pypirc", Word, Whole),
    row("pgpass", Word, Whole),
    row("dockerconfig", Anywhere, Whole),
    row("dockercfg", Anywhere, Whole),
    row("kubeconfig", Anywhere, Text),
    row("stringdata", Name, Whole),
    row("serviceaccountjson", Anywhere, Whole),
    row("sajson", Anywhere, Whole),
    // keys
    row("privatekey", Anywhere, Whole),
    row("privkey", Anywhere, Whole),
    row("accesskey", Anywhere, Whole),
    row("secretkey", Anywhere, Whole),
    row("encryptionkey", Anywhere, Whole),
    row("signingkey", Anywhere, Whole),
    row("sharedkey", Anywhere, Whole),
    row("masterkey", Anywhere, Whole),
    row("accountkey", Anywhere, Whole),
    row("storagekey", Anywhere, Whole),
    row("sshkey", Anywhere, Whole),
    row("authkey", Anywhere, Whole),
    row("unseal", Word, Text),
    row("unsealkey", Anywhere, Whole),
    row("tlskey", Anywhere, Whole),
    row("clientkeydata", Anywhere, Whole),
    row("keydata", Last, Text),
    row("keyshare", Anywhere, Text),
    row("shamir", Word, Text),
    row("dek", Word, Text),
    row("kek", Word, Text),
    row("cmk", Word, Text),
    row("pem", Last, Text),
    row("encrypt", Name, Text),
    row("keymaterial", Anywhere, Whole),
    row("keystore", Anywhere, Text),
    row("keytab", Anywhere, Whole),
    row("keyring", Anywhere, Text),
    row("keypair", Anywhere, Text),
    row("key", Last, Text),
    row("keys", Last, Text),
    row("keybase", Anywhere, Whole),
    row("pkey", Word, Whole),
    row("idrsa", Anywhere, Whole),
    row("idecdsa", Anywhere, Whole),
    row("ided25519", Anywhere, Whole),
    row("jks", Word, Text),
    row("pfx", Word, Text),
    row("p12", Word, Text),
    row("pkcs12", Word, Text),
    row("wallet", Last, Text),
    // addresses that are a credential themselves, or hold one
    row("dsn", Word, Text),
    row("connection", Last, Text),
    row("webhook", Last, Text),
    row("webhook", Name, Text),
    row("webhooks", Last, Text),
    row("connectionstring", Anywhere, Whole),
    row("connstr", Anywhere, Whole),
    row("connstring", Anywhere, Whole),
];

/// Names that end like those of a reference, and are secret all the same.
const ADDRESSES: &[&str] = &[
    "webhookurl",
    "webhookuri",
    "webhookendpoint",
    "hookurl",
    "databaseurl",
    "databaseuri",
    "dburl",
    "dburi",
    "jdbcurl",
    "redisurl",
    "mongourl",
    "mongouri",
    "mongodburi",
    "mongodburl",
    "postgresurl",
    "postgresqlurl",
    "mysqlurl",
    "amqpurl",
    "rabbitmqurl",
    "brokerurl",
    "connectionurl",
    "connectionuri",
    "sasurl",
    "sasuri",
    "signedurl",
    "presignedurl",
    "accesskeyid",
    "secretid",
    "sessionid",
    "sessid",
    "keystore",
];

/// Last words of names that say where a secret is, or what holds for it, and are none: `secretName`, `tokenTTL`.
const ABOUT: &[&str] = &[
    "name",
    "names",
    "ref",
    "refs",
    "reference",
    "references",
    "path",
    "paths",
    "dir",
    "directory",
    "file",
    "files",
    "filename",
    "url",
    "urls",
    "uri",
    "endpoint",
    "endpoints",
    "host",
    "hosts",
    "port",
    "ttl",
    "expiry",
    "expires",
    "expiration",
    "lifetime",
    "duration",
    "timeout",
    "interval",
    "period",
    "seconds",
    "minutes",
    "hours",
    "days",
    "enabled",
    "disabled",
    "required",
    "length",
    "size",
    "min",
    "max",
    "count",
    "limit",
    "limits",
    "policy",
    "policies",
    "type",
    "types",
    "class",
    "mount",
    "mounts",
    "volume",
    "volumes",
    "namespace",
    "namespaces",
    "annotations",
    "labels",
    "label",
    "provider",
    "providers",
    "issuer",
    "audience",
    "audiences",
    "scope",
    "scopes",
    "rotation",
    "algorithm",
    "alg",
    "version",
    "mode",
    "kind",
    "selector",
    "prefix",
    "suffix",
    "format",
    "image",
    "tag",
    "repository",
    "registry",
    "resources",
    "replicas",
    "server",
    "service",
    "controller",
    "manager",
    "operator",
    "strategy",
    "header",
    "field",
    "claim",
    "claims",
    "role",
    "roles",
    "review",
    "method",
    "methods",
    "domain",
    "secure",
    "samesite",
    "httponly",
    "usage",
    "usages",
    "env",
    "group",
    "user",
    "users",
    "username",
    "usernames",
    "id",
    "uid",
    "email",
    "region",
    "job",
    "jobs",
    "store",
    "stores",
    "generator",
    "gen",
    "option",
    "options",
    "settings",
    "template",
    "templates",
    "request",
    "requests",
    "login",
    "principal",
    "tenant",
    "subject",
    "description",
    "comment",
    "title",
    "status",
    "state",
    "date",
    "time",
    "flow",
];

/// What a key is called that is none of a lock: `topologyKey`, `publicKey`, `labelKey`.
const OPEN_KEYS: &[&str] = &[
    "from",
    "to",
    "topology",
    "public",
    "pub",
    "label",
    "annotation",
    "sort",
    "partition",
    "group",
    "foreign",
    "map",
    "hot",
    "object",
    "index",
    "config",
    "configmap",
    "property",
    "tag",
    "name",
    "user",
    "username",
    "email",
    "field",
    "lookup",
    "metadata",
    "taint",
    "toleration",
    "node",
    "match",
    "order",
    "cache",
    "dedup",
    "hash",
    "resource",
    "context",
    "values",
    "authorized",
    "header",
    "attribute",
    "filter",
    "unique",
    "composite",
    "row",
    "column",
    "any",
    "distribution",
    "selector",
    "category",
    "ref",
    "exclude",
    "include",
    "ignore",
    "ignored",
    "allowed",
    "extra",
    "additional",
    "common",
    "merge",
    "known",
    "bucket",
    "url",
    "image",
    "type",
    "log",
    "trusted",
];

/// Names of the chart that hold no secret, whatever they resemble: `clusterMode` is one letter away from `cluster_code`.
const OPEN_NAMES: &[&str] = &["clustermode", "automountserviceaccounttoken", "proxypass", "fastcgipass"];

/// The documented names and words of secrets, which a misspelling is held against.
const DOCUMENTED: &[&str] = &[
    "clustertoken",
    "clustercode",
    "maintenancetoken",
    "imagepullsecret",
    "imagepullsecrets",
    "password",
    "passwd",
    "token",
    "secret",
    "apikey",
    "credentials",
    "passphrase",
];

/// Words that a misspelling is not: one letter away from a secret one, and of another meaning.
const OTHER_WORDS: &[&str] = &["taken", "woken", "toke", "tokes", "secrete", "spoken", "passed"];

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
