//! What is secret by its looks, under whatever name: the tokens of known issuers, keys, logins in addresses.

use std::ops::Range;

/// How the tokens of an issuer begin, how long the rest is at least, and which characters it has beside letters and
/// digits.
struct Shape(&'static str, usize, &'static str);

/// Sources: the issuers' pages on the format of their tokens, as gitleaks, trufflehog and GitHub's "Supported secret
/// scanning patterns" list them; RFC 7519 (JWT, `{"` in Base64 is `eyJ`).
const SHAPES: &[Shape] = &[
    Shape("eyJ", 17, "_-.=+/"), // JWT, and JSON in Base64
    Shape("ghp_", 16, "_"),     // GitHub
    Shape("gho_", 16, "_"),
    Shape("ghu_", 16, "_"),
    Shape("ghs_", 16, "_."),
    Shape("ghr_", 16, "_"),
    Shape("github_pat_", 12, "_"),
    Shape("glpat-", 12, "_-."), // GitLab
    Shape("gldt-", 12, "_-"),
    Shape("glrt-", 12, "_-."),
    Shape("glptt-", 12, "_-"),
    Shape("glcbt-", 12, "_-"),
    Shape("gloas-", 12, "_-"),
    Shape("glagent-", 12, "_-"),
    Shape("GR1348941", 12, "_-"),
    Shape("xoxb-", 8, "-"), // Slack
    Shape("xoxp-", 8, "-"),
    Shape("xoxa-", 8, "-"),
    Shape("xoxr-", 8, "-"),
    Shape("xoxs-", 8, "-"),
    Shape("xoxo-", 8, "-"),
    Shape("xoxe-", 8, "-."),
    Shape("xoxe.", 8, "-."),
    Shape("xapp-", 8, "-"),
    Shape("hvs.", 10, "_-"), // HashiCorp Vault
    Shape("hvb.", 10, "_-"),
    Shape("hvr.", 10, "_-"),
    Shape("atlasv1.", 10, "_-"),
    Shape("sk_live_", 8, ""), // Stripe
    Shape("sk_test_", 8, ""),
    Shape("rk_live_", 8, ""),
    Shape("rk_test_", 8, ""),
    Shape("whsec_", 12, "+/="),
    Shape("sk-", 20, "_-"),  // OpenAI, Anthropic
    Shape("AIza", 20, "_-"), // Google
    Shape("ya29.", 12, "_-."),
    Shape("GOCSPX-", 12, "_-"),
    Shape("1//0", 24, "_-"),
    Shape("AKIA", 16, ""), // AWS
    Shape("ASIA", 16, ""),
    Shape("ABIA", 16, ""),
    Shape("ACCA", 16, ""),
    Shape("LTAI", 12, ""), // Alibaba, Tencent
    Shape("AKID", 24, ""),
    Shape("npm_", 24, ""),
    Shape("pypi-", 16, "_-"),
    Shape("rubygems_", 16, ""),
    Shape("dckr_pat_", 12, "_-"), // Docker
    Shape("dckr_oat_", 12, "_-"),
    Shape("dop_v1_", 16, ""), // DigitalOcean
    Shape("doo_v1_", 16, ""),
    Shape("shpat_", 16, ""), // Shopify
    Shape("shpss_", 16, ""),
    Shape("SG.", 20, "_-."),           // SendGrid
    Shape("AGE-SECRET-KEY-1", 16, ""), // age
    Shape("glsa_", 16, "_"),           // Grafana
    Shape("glc_", 20, "_=+/"),
    Shape("NRAK-", 16, ""), // New Relic
    Shape("NRII-", 16, "_-"),
    Shape("dapi", 32, "-"),     // Databricks
    Shape("hf_", 20, ""),       // Hugging Face
    Shape("lin_api_", 16, ""),  // Linear
    Shape("ATATT3", 20, "_-="), // Atlassian
    Shape("ATBB", 24, "_-="),
    Shape("ATCTT3", 20, "_-="),
    Shape("PMAK-", 16, "-"),    // Postman
    Shape("sq0csp-", 12, "_-"), // Square
    Shape("sq0atp-", 12, "_-"),
    Shape("EAAA", 40, "_-"),
    Shape("tskey-", 12, "-"),   // Tailscale
    Shape("figd_", 16, "_-"),   // Figma
    Shape("xkeysib-", 16, "-"), // Brevo
    Shape("nvapi-", 16, "_-"),  // NVIDIA
    Shape("pul-", 32, ""),      // Pulumi
    Shape("ops_", 40, "_-."),   // 1Password
    Shape("dp.pt.", 16, ""),    // Doppler
    Shape("dp.st.", 16, "_-."),
    Shape("fo1_", 16, "_-"), // Fly.io
    Shape("FlyV1", 16, "_-+/= "),
    Shape("sntrys_", 16, "_+/="), // Sentry
    Shape("sntryu_", 16, ""),
    Shape("phc_", 24, ""),         // PostHog
    Shape("rnd_", 20, ""),         // Render
    Shape("key-", 32, ""),         // Mailgun
    Shape("r8_", 24, ""),          // Replicate
    Shape("v2.local.", 16, "_-."), // PASETO
    Shape("v4.local.", 16, "_-."),
    Shape("HRKU-", 16, "_-"),  // Heroku
    Shape("K10", 48, ":"),     // k3s: "Token types"
    Shape("A3-", 24, "-"),     // 1Password
    Shape("dt0c01.", 24, "."), // Dynatrace
    Shape("dt0s16.", 24, "."),
    Shape("sha256~", 24, "_-"), // OpenShift
    Shape("glffct-", 12, "_-"), // GitLab
    Shape("glft-", 12, "_-"),
    Shape("glimt-", 12, "_-"),
    Shape("glsoat-", 12, "_-"),
    Shape("glrtr-", 12, "_-"),
    Shape("dor_v1_", 16, ""), // DigitalOcean
    Shape("shpca_", 16, ""),  // Shopify
    Shape("shppa_", 16, ""),
    Shape("sk_prod_", 8, ""), // Stripe
    Shape("rk_prod_", 8, ""),
    Shape("pk_", 24, "_"),  // ClickUp
    Shape("NRJS-", 16, ""), // New Relic
    Shape("NRSP-", 16, "_-"),
    Shape("NRRA-", 16, ""),
    Shape("pat.", 20, "._-"), // Harness
    Shape("sat.", 20, "._-"),
    Shape("A3T", 17, ""), // AWS
    Shape("ABSK", 40, "+/="),
    Shape("AKCp", 10, ""), // Artifactory
    Shape("API-", 24, ""), // Octopus Deploy
    Shape("EZAK", 24, ""), // EasyPost
    Shape("EZTK", 24, ""),
    Shape("fm1r_", 24, "+/="), // Fly.io
    Shape("fm2_", 24, "+/="),
    Shape("FLWSECK", 16, "_-"),               // Flutterwave
    Shape("access-", 40, "-"),                // Plaid
    Shape("AAAAAAAAAAAAAAAAAAAAAA", 40, "%"), // X
    Shape("api_", 12, ""),                    // Illumio: the user of an API key
    Shape("s.", 24, ""),                      // Vault before 1.10
    Shape("b.", 24, "_-"),
    Shape("LS0tLS1CRUdJTi", 18, "+/="), // a private key in Base64, and certificates, which are no loss
    Shape("b3BlbnNzaC1rZXktdjE", 8, "+/="), // an OpenSSH key in Base64
    Shape("rzp_live_", 12, ""),         // Razorpay
    Shape("rzp_test_", 12, ""),
    Shape("pat-na1-", 24, "-"), // HubSpot
    Shape("pat-eu1-", 24, "-"),
    Shape("sdk-", 36, "-"),          // LaunchDarkly
    Shape("pscale_tkn_", 16, "_-."), // PlanetScale
    Shape("pscale_pw_", 16, "_-."),
    Shape("pscale_oauth_", 16, "_-."),
    Shape("CFPAT-", 16, "_-"), // Contentful
    Shape("nfp_", 16, ""),     // Netlify
    Shape("$2a$", 20, "$./"),  // hashes of passwords: crypt(5)
    Shape("$2b$", 20, "$./"),
    Shape("$2y$", 20, "$./"),
    Shape("$1$", 16, "$./"),
    Shape("$5$", 16, "$./="),
    Shape("$6$", 16, "$./="),
    Shape("$apr1$", 8, "$./"),
    Shape("$argon2", 16, "$./+=,-"),
    Shape("$pbkdf2", 16, "$./+=,-"),
    Shape("{SHA}", 16, "+/="),
    Shape("{SSHA}", 16, "+/="),
];

/// The bytes that a token may begin with: a glance, before any is compared.
const FIRST: [bool; 256] = {
    let mut first = [false; 256];
    let mut at = 0;
    while at < SHAPES.len() {
        first[SHAPES[at].0.as_bytes()[0] as usize] = true;
        at += 1;
    }
    first
};

/// Addresses that anyone who knows them may use, and what follows them.
const ADDRESSES: &[&str] = &[
    "hooks.slack.com/",
    "hooks.slack-gov.com/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    ".webhook.office.com/",
    "outlook.office.com/webhook/",
    ".logic.azure.com",
    "hooks.zapier.com/",
    "hook.eu1.make.com/",
    "api.telegram.org/bot",
    "events.pagerduty.com/integration/",
    "maker.ifttt.com/trigger/",
    "open.feishu.cn/open-apis/bot/",
    "open.larksuite.com/open-apis/bot/",
    "chat.googleapis.com/v1/spaces/",
    "alert.victorops.com/integrations/",
    "hooks.chime.aws/",
    "/webhook/",
    "/webhooks/",
    "/hooks/",
];

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

/// The length of a token of a known issuer at the start of a text.
fn known(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if !FIRST[bytes[0] as usize] {
        return None;
    }
    let of_shape = |shape: &Shape| {
        let rest = text.strip_prefix(shape.0)?.as_bytes();
        let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || shape.2.as_bytes().contains(b)).count();
        (length >= shape.1).then_some(shape.0.len() + length)
    };
    SHAPES.iter().filter(|shape| bytes[0] == shape.0.as_bytes()[0]).find_map(of_shape)
}

/// A cluster token (`7_` and many hexadecimal digits), a pairing code, a hash. A UUID is not one: its runs are short.
const SHORTEST: usize = 32;

fn is_digits(word: &[u8]) -> bool {
    let digits = word.rsplit(|b| *b == b'_').next().unwrap_or(word);
    // Twilio; New Relic
    let digits = digits.strip_prefix(b"SK").or(digits.strip_suffix(b"NRAL")).unwrap_or(digits);
    digits.len() >= SHORTEST && digits.iter().all(u8::is_ascii_hexdigit)
}

/// Whether what follows is public: the digest of an image or a file, the hash of a commit, by the word before it. (OCI image
/// specification, "Digests"; Git; Helm's `checksum/` annotations)
fn is_digest(name: &[u8], line: &[u8]) -> bool {
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
fn random(name: &[u8], line: &str, found: &mut impl FnMut(Range<usize>)) {
    let bytes = line.as_bytes();
    let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    let is_of_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'_' | b'-' | b'~' | b'=');
    let mut at = 0;
    while let Some(offset) = bytes[at..].iter().position(is_base64) {
        let start = at + offset;
        let length = bytes[start..].iter().take_while(|b| is_base64(b)).count();
        let run = &bytes[start..start + length];
        if length >= SHORTEST_RUN && !is_random(run) && run.contains(&b'/') {
            // a part of a path may be one
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
        if length < SHORTEST_RUN || !is_random(run) || is_digest(name, &bytes[..start]) {
            continue;
        }
        let behind = bytes[at..].iter().take_while(|b| is_of_word(b)).count();
        let before = bytes[..start].iter().rev().take_while(|b| is_of_word(b)).count();
        found(start - before..at + behind);
        at += behind;
    }
}

/// The same with the signs of URL-safe Base64 within: more of it must alternate, as names have such signs as well.
fn random_with_signs(name: &[u8], line: &str, found: &mut impl FnMut(Range<usize>)) {
    let bytes = line.as_bytes();
    let is_of_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'~');
    let mut at = 0;
    while let Some(offset) = bytes[at..].iter().position(is_of_word) {
        let start = at + offset;
        let run: Vec<u8> = bytes[start..].iter().copied().take_while(is_of_word).collect();
        at = start + run.len();
        let letters: Vec<u8> = run.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
        let is_it = run.len() >= SHORTEST && letters.len() < run.len() && alternates(&letters);
        if is_it && !is_digest(name, &bytes[..start]) {
            found(start..at);
        }
    }
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

/// The client secrets of Azure: three signs, a digit, `Q~`, and 31 or more. (gitleaks, "azure-ad-client-secret")
fn clients(line: &str, found: &mut impl FnMut(Range<usize>)) {
    let bytes = line.as_bytes();
    let is_of_secret = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'~' | b'.');
    for (at, _) in line.match_indices("Q~") {
        let before = bytes[..at].iter().rev().take_while(is_of_secret).count();
        let behind = bytes[at + 2..].iter().take_while(is_of_secret).count();
        if before >= 4 && behind >= 31 && bytes[at - 1].is_ascii_digit() {
            found(at - before..at + 2 + behind);
        }
    }
}

/// What is shorter is a name as well.
const SHORTEST_RUN: usize = 20;

/// The tokens of Telegram's bots: the number of one, a colon, 35 characters. (Telegram Bot API, "Authorizing your bot")
fn bots(line: &str, found: &mut impl FnMut(Range<usize>)) {
    let bytes = line.as_bytes();
    for (at, _) in line.match_indices(":AA") {
        let number = bytes[..at].iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let is_of_token = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        let length = bytes[at + 1..].iter().take_while(is_of_token).count();
        if number >= 6 && length >= 30 {
            found(at - number..at + 1 + length);
        }
    }
}

/// Whether letters of both cases and digits alternate as they do in random ones: names and paths keep to one kind for a
/// while. Of one case alone more is asked for.
fn is_random(run: &[u8]) -> bool {
    const LONG: usize = 24;
    const KEY: usize = 40;
    let class = |b: &u8| match b {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let mut counts = [0_usize; 4];
    for b in run {
        counts[class(b)] += 1;
    }
    let changes = run.windows(2).filter(|pair| class(&pair[0]) != class(&pair[1])).count();
    let [lower, upper, digits, signs] = counts;
    let length = run.len();
    let is_mixed =
        lower > 3 && upper > 3 && changes * 3 > length && (digits > 0 || length >= LONG && changes * 5 > length * 2);
    // Base32, and what has one case: digits stand everywhere in it
    let is_of_one_case =
        (lower == 0 || upper == 0) && signs == 0 && length >= LONG && digits > 3 && changes * 4 > length;
    // letters of one case alone: no word is as long, and its vowels are rare
    let vowels = run.iter().filter(|b| b"aeiouAEIOU".contains(b)).count();
    let is_of_letters = lower == 0 && digits + signs == 0 && length >= KEY && vowels * 4 < length;
    signs * 8 < length && (length >= KEY || signs == 0) && (is_mixed || is_of_one_case || is_of_letters)
}

/// The logins in `scheme://user:password@host`, `scheme://token@host` and `user:password@host`. A password may hold
/// anything but spaces and quotes.
fn logins(line: &str, found: &mut impl FnMut(Range<usize>)) {
    if !line.contains('@') {
        return;
    }
    let breaks = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`');
    let mut start = 0;
    for word in line.split(breaks) {
        let at = start;
        start += word.len() + line[start + word.len()..].chars().next().map_or(0, char::len_utf8);
        let Some(end) = word.rfind('@') else { continue };
        let begin = match word[..end].find("://") {
            Some(scheme) => scheme + "://".len(),
            None if word[..end].contains(':') => word[..end].rfind(['/', '=']).map_or(0, |before| before + 1),
            None => continue,
        };
        // `image:tag@sha256:...`
        let is_digest = word[end + 1..].starts_with("sha256:") || word[end + 1..].starts_with("sha512:");
        // `@host/path@1.2`: a login comes before the path
        let is_path = word[..end].find("://").is_some_and(|_| word[begin..end].contains('/')) && {
            let host = word[begin..end].split('/').next().unwrap_or_default();
            !host.contains('@') && !host.contains(':')
        };
        if begin < end && !is_digest && !is_path {
            found(at + begin..at + end);
        }
    }
}

/// Addresses that are a secret themselves.
fn addresses(line: &str, found: &mut impl FnMut(Range<usize>)) {
    const SHORTEST: usize = 6;
    if !line.contains("://") {
        return;
    }
    let breaks = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>');
    let mut start = 0;
    for word in line.split(breaks) {
        let at = start;
        start += word.len() + line[start + word.len()..].chars().next().map_or(0, char::len_utf8);
        let Some(scheme) = word.find("://") else { continue };
        for address in ADDRESSES {
            let Some(offset) = word[scheme..].find(address) else { continue };
            let secret = &word[scheme + offset + address.len()..];
            let is_host = !address.starts_with('/');
            if secret.len() >= SHORTEST && (is_host || secret.bytes().any(|b| b.is_ascii_digit())) {
                found(at + word.len() - secret.len()..at + word.len());
                break;
            }
        }
    }
}

/// What follows the scheme of an HTTP login: `Bearer ...`, `Basic ...`. (RFC 7235; RFC 6750)
fn schemes(line: &str, found: &mut impl FnMut(Range<usize>)) {
    const SCHEMES: &[&str] = &["bearer", "basic", "token", "apikey", "negotiate", "splunk", "digest", "ghost"];
    let is_scheme = |word: &str| {
        let last = word.rsplit(['"', '\'', ':', '=', '`', '(']).next().unwrap_or(word);
        SCHEMES.iter().any(|own| last.eq_ignore_ascii_case(own))
    };
    let mut words = line.split([' ', '\t']);
    let Some(mut before) = words.next() else { return };
    let mut start = before.len() + 1;
    for word in words {
        let at = start;
        start += word.len() + 1;
        let trimmed = word.trim_matches(['"', '\'', '`', ',', '\\', ')', '(']);
        if is_login(trimmed) && is_scheme(before) {
            let offset = word.find(trimmed).unwrap_or_default();
            found(at + offset..at + offset + trimmed.len());
        }
        before = word;
    }
}

/// Whether a word is what follows `Bearer`, and not a word of a sentence.
fn is_login(word: &str) -> bool {
    const SHORTEST: usize = 8;
    let has = |class: fn(&u8) -> bool| word.bytes().any(|b| class(&b));
    let is_mixed =
        has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && !word.chars().skip(1).all(char::is_lowercase);
    word.len() >= SHORTEST
        && !word.starts_with(['{', '$', '<'])
        && (has(u8::is_ascii_digit) || word.ends_with('=') || is_mixed || word.len() >= 20)
}

/// `host:port:database:user:password`, as `.pgpass` has it. (`PostgreSQL`, "The Password File")
fn fields(line: &str, found: &mut impl FnMut(Range<usize>)) {
    let word = line.trim();
    if word.bytes().filter(|b| *b == b':').count() < 4 || word.contains([' ', '"', '/', '[']) {
        return;
    }
    let parts: Vec<&str> = word.splitn(5, ':').collect();
    let is_port = |part: &str| part == "*" || !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if let [host, port, database, user, password] = parts[..]
        && is_port(port)
        && [host, database, user, password].iter().all(|part| !part.is_empty())
        && !is_hexadecimal(password)
    {
        let end = line.trim_end().len();
        found(end - password.len()..end);
    }
}

/// The tokens with which a node joins a cluster: six signs, a dot, sixteen. (kubeadm, "Token format")
fn joining(line: &str, found: &mut impl FnMut(Range<usize>)) {
    const ID: usize = 6;
    const SECRET: usize = 16;
    let bytes = line.as_bytes();
    let is_of_token = |b: &&u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    for (at, _) in line.match_indices('.') {
        let before = bytes[..at].iter().rev().take_while(is_of_token).count();
        let behind = bytes[at + 1..].iter().take_while(is_of_token).count();
        let ends = bytes
            .get(at + 1 + behind)
            .is_none_or(|b| !matches!(b, b'.' | b'/' | b'-' | b'_') && !b.is_ascii_alphanumeric());
        let digits = bytes[at + 1..at + 1 + behind].iter().filter(|b| b.is_ascii_digit()).count();
        if before == ID && behind == SECRET && ends && digits > 1 {
            found(at - before..at + 1 + behind);
        }
    }
}

/// Whether a part may be one of an address of hardware or of IPv6.
fn is_hexadecimal(part: &str) -> bool {
    part.len() <= 4 && part.bytes().all(|b| b.is_ascii_hexdigit())
}
