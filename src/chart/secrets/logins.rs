//! The logins in addresses and before commands, and addresses that are a secret themselves.

use std::ops::Range;

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

/// Services whose addresses hold their tokens behind a scheme of its own. (Apprise, "Supported Notifications"; Shoutrrr,
/// "Services")
const SERVICES: &[&str] = &[
    "bark",
    "barks",
    "dingtalk",
    "discord",
    "feishu",
    "gchat",
    "googlechat",
    "gotify",
    "gotifys",
    "ifttt",
    "join",
    "lark",
    "mailgun",
    "matrix",
    "matrixs",
    "mattermost",
    "mmost",
    "mmosts",
    "msteams",
    "opsgenie",
    "pagerduty",
    "pbul",
    "pover",
    "prowl",
    "pushbullet",
    "pushdeer",
    "pushover",
    "rocket",
    "rocketchat",
    "rockets",
    "sendgrid",
    "simplepush",
    "slack",
    "spush",
    "teams",
    "telegram",
    "tgram",
    "twilio",
    "workflows",
    "wxpusher",
    "zulip",
];

/// The logins in `scheme://user:password@host`, `scheme://token@host` and `user:password@host`. A password may hold
/// anything but spaces and quotes.
pub(super) fn logins(line: &str, found: &mut impl FnMut(Range<usize>)) {
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
pub(super) fn addresses(line: &str, found: &mut impl FnMut(Range<usize>)) {
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
        let service = word[..scheme].rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if SERVICES.contains(&service) {
            found(at + scheme + "://".len()..at + word.len());
            continue;
        }
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
pub(super) fn schemes(line: &str, found: &mut impl FnMut(Range<usize>)) {
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
pub(super) fn fields(line: &str, found: &mut impl FnMut(Range<usize>)) {
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

/// Whether a part may be one of an address of hardware or of IPv6.
fn is_hexadecimal(part: &str) -> bool {
    part.len() <= 4 && part.bytes().all(|b| b.is_ascii_hexdigit())
}
