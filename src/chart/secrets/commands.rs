//! Commands that are given a secret by their place in the line: `curl -u me:x`, `echo x > cluster_token`.

use super::{
    keys::{is_name, is_value, pointed},
    named::{Named, is_file, words},
    names::{Secrecy, is_certain, secrecy},
    prose::{is_empty, is_prose, is_reference, looks_made, unquoted},
};

/// Programs that take a password behind a short option, parted from it or not. (Their manuals.)
const COMMANDS: &[(&str, &str)] = &[
    ("curl", "-u"),
    ("curl", "-U"),
    ("curl", "--user"),
    ("curl", "--proxy-user"),
    ("curl", "-b"),
    ("curl", "--cookie"),
    ("wget", "--user"),
    ("login", "-p"), // docker, podman, helm registry, oras, crane, az
    ("mysql", "-p"),
    ("mysqldump", "-p"),
    ("mysqladmin", "-p"),
    ("mariadb", "-p"),
    ("mongo", "-p"),
    ("mongosh", "-p"),
    ("mongodump", "-p"),
    ("sshpass", "-p"),
    ("ldapsearch", "-w"),
    ("ldapadd", "-w"),
    ("ldapmodify", "-w"),
    ("ldapwhoami", "-w"),
    ("redis-cli", "-a"),
    ("sqlcmd", "-P"),
    ("bcp", "-P"),
    ("smbclient", "-U"),
    ("snmpwalk", "-A"),
    ("snmpwalk", "-c"),
    ("snmpget", "-A"),
    ("snmpget", "-c"),
    ("ipmitool", "-P"),
    ("mosquitto_pub", "-P"),
    ("mosquitto_sub", "-P"),
    ("zip", "-P"),
    ("unzip", "-P"),
    ("7z", "-p"),
    ("7za", "-p"),
    ("openssl", "-k"),
    ("openssl", "-K"),
    ("ssh-keygen", "-N"),
    ("ssh-keygen", "-P"),
    ("winexe", "-U"),
    ("xfreerdp", "/p:"),
    ("useradd", "-p"),
    ("usermod", "-p"),
    ("gpg", "--passphrase"),
    ("gh", "-b"), // gh secret set NAME -b x
    ("gh", "--with-token"),
    ("http", "-a"), // HTTPie
    ("https", "-a"),
    ("xh", "-a"),
];

/// Commands that keep a secret, and behind which option or sign they are given it. (Their manuals.)
const KEEPERS: &[(&str, &str)] = &[
    ("keyvault secret set", "--value"),
    ("ssm put-parameter", "--value"),
    ("gh secret set", "--body"),
    ("gcloud secrets", "<<<"),
    ("gh secret set", "<<<"),
    ("secret create", "<<<"),
    ("kv put", "<<<"),
    ("kubeseal", "<<<"),
    ("patch secret", "-p"),
    ("IDENTIFIED", "BY"),
    ("identified", "by"),
    ("ConvertTo-SecureString", ""),
    ("base64", "<<<"),
    ("-stdin", "<<<"),
];

/// Commands whose later words are secret, and how many words stand between. (Their manuals.)
const PLACES: &[(&str, usize)] = &[
    ("vault login", 0),
    ("vault kv put", 1),
    ("vault kv patch", 1),
    ("vault write", 1),
    ("bao kv put", 1),
    ("fly secrets set", 0),
    ("flyctl secrets set", 0),
    ("pulumi config set --secret", 1),
    ("mc alias set", 3),
    ("net use", 2),
    ("net user", 1),
    ("snmp-server community", 0),
    ("rocommunity", 0),
    ("rwcommunity", 0),
    ("isakmp key", 0),
    ("encrypt_string", 0),
    ("rclone obscure", 0),
];

/// Words that are followed by a name, and that by its value.
const SETTERS: &[&str] =
    &["set", "setenv", "export", "put", "config", "configure", "arg", "read", "-x", "-gx", "setx", "read-only", "ENV"];

/// The same, where any word behind them is a name.
const NAMERS: &[&str] = &["--arg", "--argjson", "setx", "setenv"];

/// Programs that a secret is piped into.
const READERS: &[&str] = &[
    "--password-stdin",
    "--passphrase-fd",
    "--with-token",
    "chpasswd",
    "passwd",
    "base64",
    "create secret",
    "kubeseal",
    "sudo -S",
];

/// Options that are given a user with a password, `me:x`, whatever the program is.
const LOGINS: &[&str] =
    &["-u", "-U", "--user", "--userpwd", "--login", "--auth", "--basic-auth", "--creds", "--credentials"];

/// Whether a word is the name of a program that may take a password.
pub(super) fn is_program(word: &str) -> bool {
    let program = word.rsplit('/').next().unwrap_or(word);
    COMMANDS.iter().any(|(own, _)| *own == program)
}

/// Whether an option has a password behind it.
pub(super) fn takes_password(program: &str, option: &str) -> bool {
    let program = program.rsplit('/').next().unwrap_or(program);
    COMMANDS.contains(&(program, option)) || program == "curl" && bundled(option).is_some_and(str::is_empty)
}

/// Whether an option in a list of words has a secret behind it, by what that looks like: `["-p", "x"]` where it is
/// neither a port nor a path, `["-u", "me:x"]`.
pub(super) fn is_given(option: &str, word: &str) -> bool {
    let is_password = || {
        let is_other = word.starts_with(['/', '.', '-', '$', '{', '~']) || word.contains(['/', ':', '=', ' ']);
        !is_other && word.contains(|c: char| !c.is_ascii_digit()) && !is_prose(word)
    };
    LOGINS.contains(&option) && is_login(word) || matches!(option, "-p" | "-P") && is_password()
}

/// Whether a word of a list has the password behind its option without a space: `-px1y2z3`.
pub(super) fn is_joined(word: &str) -> bool {
    word.strip_prefix("-p").is_some_and(|rest| looks_made(rest) && !rest.contains(['-', '=', '.', '/', ':']))
}

/// Whether a word is a user with a password: `me:x`, and no numbers of them, address or path.
fn is_login(word: &str) -> bool {
    let Some((user, secret)) = word.split_once(':') else { return false };
    let is_number = secret.bytes().all(|b| b.is_ascii_digit());
    let is_other = user.is_empty() || user.contains(['/', '.']) || secret.starts_with(['/', '$', '{']) || is_number;
    !is_other && !is_prose(secret) && !is_reference(secret)
}

/// The password behind the option of a login: `--user me:x`, `-u=me:x`.
fn logged_in(line: &str) -> Option<Named<'_>> {
    let mut before = "";
    let mut start = 0;
    line.split([' ', '\t', '"', '\'', ',']).find_map(|word| {
        let at = start;
        start += word.len() + 1;
        let (option, value) = match word.split_once('=') {
            Some((option, value)) => (option, value),
            None => (before, word),
        };
        before = if word.is_empty() { before } else { word };
        let is_it = LOGINS.contains(&option) && is_login(value);
        is_it.then(|| Named::apart("password", at + word.len() - value.len() + value.find(':').unwrap_or_default() + 1))
    })
}

/// Whether a word behind another is a secret name whose value comes next: `--arg token x`.
pub(super) fn names_next(before: &str, word: &str) -> bool {
    NAMERS.contains(&before) && secrecy(word) > Secrecy::Open
}

/// What follows the user in short options of curl: nothing in `-su`, the login in `-sume:x`.
fn bundled(word: &str) -> Option<&str> {
    let letters = word.strip_prefix('-')?;
    let rest = letters.trim_start_matches(['s', 'S', 'k', 'L', 'f', 'v', 'g', 'i', 'I', 'N', '#']);
    rest.strip_prefix(['u', 'U']).filter(|_| rest.len() < letters.len())
}

/// The secret that a command is given.
pub(super) fn command(line: &str) -> Option<Named<'_>> {
    let found = [
        source(line),
        login(line),
        logged_in(line),
        literal(line),
        defaulted(line),
        fallen_back(line),
        optioned(line),
        by_place(line),
        printed(line),
        set(line),
        kept(line),
        option(line),
    ];
    found.into_iter().flatten().min_by_key(|named| named.value)
}

/// openssl: `-passin pass:x`.
fn source(line: &str) -> Option<Named<'_>> {
    let at = line.find("pass:")?;
    let is_source = line[..at].trim_end().ends_with(|c: char| c.is_ascii_alphanumeric());
    let is_it = is_source && line[..at].contains("-pass") && line.len() > at + 5;
    is_it.then(|| Named::apart("pass", at + 5))
}

/// `machine h login u password x`, as `.netrc` has it.
fn login(line: &str) -> Option<Named<'_>> {
    const PASSWORD: &str = " password ";
    let (login, at) = (line.find("login ")?, line.find(PASSWORD)?);
    (login < at).then(|| Named::apart("password", at + PASSWORD.len()))
}

/// `kubectl create secret generic a --from-literal=k=x`; of a `ConfigMap` it is not one.
fn literal(line: &str) -> Option<Named<'_>> {
    const OPTION: &str = "--from-literal";
    let at = line.find(OPTION).filter(|_| !line.contains("configmap"))? + OPTION.len();
    let entry = at + line[at..].len() - line[at..].trim_start_matches([' ', '=', '"', '\'', '\t', ',']).len();
    let value = entry + line[entry..].find('=')? + 1;
    (!is_reference(&line[value..])).then(|| Named::apart(OPTION, value))
}

/// What an action of a template takes where a secret is not set: `{{ .Values.password | default "x" }}`,
/// `{{ default "x" .Values.token }}`, `{{ coalesce .Values.token "x" }}`. In YAML the braces may be gone.
fn defaulted(line: &str) -> Option<Named<'_>> {
    const LONGEST: usize = 512;
    const BY: &[&str] = &["default", "coalesce", "ternary"];
    const QUOTES: [char; 3] = ['"', '`', '\''];
    if !BY.iter().any(|by| line.contains(by)) {
        return None;
    }
    let is_bare = !line.contains("{{") && (line.contains(".Values") || line.contains("| default"));
    let starts = line.match_indices("{{").map(|(start, _)| start).chain(is_bare.then_some(0));
    starts.into_iter().find_map(|start| {
        let action = line[start..].get(..LONGEST).unwrap_or(&line[start..]);
        let action = &action[..action.find("}}").unwrap_or(action.len())];
        let is_quoted = |at: usize| action[..at].matches(['"', '`']).count() % 2 == 1;
        let bare = || words(action).filter(|(at, _)| !is_quoted(*at));
        let (name, end) = bare().find(|(at, end)| secrecy(&action[*at..*end]) > Secrecy::Open)?;
        let (_, by) = bare().find(|(at, end)| BY.contains(&&action[*at..*end]))?;
        let quote = by + action[by..].find(QUOTES)? + 1;
        let said = action[quote..].split(QUOTES).next().unwrap_or_default();
        let is_it = !said.is_empty() && !is_empty(said) && !is_reference(said);
        is_it.then(|| Named::apart(&line[start + name..start + end], start + quote))
    })
}

/// What a shell takes where a secret is not set: `${PASSWORD:-x}`.
fn fallen_back(line: &str) -> Option<Named<'_>> {
    line.match_indices("${").find_map(|(start, sign)| {
        let name = start + sign.len();
        let end = name + line[name..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
        let behind = line[end..].strip_prefix(':').unwrap_or(&line[end..]).strip_prefix(['-', '='])?;
        let said = &behind[..behind.find('}')?];
        let is_it = !said.is_empty() && !is_empty(said) && !is_reference(said) && !said.starts_with('$');
        (is_it && secrecy(&line[name..end]) > Secrecy::Open)
            .then(|| Named::apart(&line[name..end], line.len() - behind.len()))
    })
}

/// `Set-Variable -Name password -Value x`, `put --key token --value x`: a pair as options.
fn optioned(line: &str) -> Option<Named<'_>> {
    let option =
        |start: usize, end: usize| line[start..end].strip_prefix('-').map(|option| option.trim_start_matches('-'));
    let mut before = (0, 0);
    let mut is_named = false;
    words(line).find_map(|(start, end)| {
        let of = option(before.0, before.1);
        before = (start, end);
        let of = of.filter(|_| option(start, end).is_none())?;
        is_named |= is_name(of) && secrecy(pointed(&line[start..end])) > Secrecy::Open;
        (is_named && is_value(of) && !is_reference(&line[start..])).then(|| Named::apart("password", start))
    })
}

/// What is in the place where a command has its secret.
fn by_place(line: &str) -> Option<Named<'_>> {
    if line.contains("htpasswd ") && words(line).any(|(start, end)| is_batch(&line[start..end])) {
        let (start, _) = words(line).last()?;
        return Some(Named::apart("password", start));
    }
    PLACES.iter().find_map(|(command, between)| {
        let behind = line.find(command)? + command.len();
        if !line[behind..].starts_with([' ', '\t']) {
            return None;
        }
        let mut at = behind;
        let mut left = *between;
        for word in line[behind..].split([' ', '\t']) {
            let start = at;
            at += word.len() + 1;
            if word.is_empty() || word.starts_with('-') {
                continue;
            }
            if left == 0 {
                let value = word.find('=').map_or(start, |sign| start + sign + 1);
                return (!is_reference(&line[value..])).then(|| Named::apart("secret", value));
            }
            left -= 1;
        }
        None
    })
}

/// `-b` among the options of htpasswd: the password is in the command.
fn is_batch(word: &str) -> bool {
    word.starts_with('-') && word.contains('b')
}

/// `echo x > cluster_token`, `echo x | docker login --password-stdin`: what is printed into a secret.
fn printed(line: &str) -> Option<Named<'_>> {
    let (_, end) = words(line).find(|(start, end)| matches!(&line[*start..*end], "echo" | "printf" | "print"))?;
    let sign = end + line[end..].find(['>', '|'])?;
    let is_target = |(start, end): (usize, usize)| {
        let word = &line[start..end];
        start > sign && !is_file(word) && secrecy(word) == Secrecy::Whole
    };
    let is_it = READERS.iter().any(|reader| line[sign..].contains(reader)) || words(line).any(is_target);
    let value = line.len() - line[end..].trim_start_matches([' ', '\t']).len();
    // its options
    let options: usize =
        line[value..].split_inclusive(' ').take_while(|word| word.starts_with('-')).map(str::len).sum();
    let value = value + options;
    (is_it && value < sign && !is_reference(&line[value..sign])).then(|| Named::apart("echo", value))
}

/// `aws configure set aws_secret_access_key x`, `setenv TOKEN x`, `jq --arg token x`, `read token <<< x`.
fn set(line: &str) -> Option<Named<'_>> {
    let mut before = "";
    let mut first = "";
    words(line).find_map(|(start, end)| {
        let word = &line[start..end];
        let is_setter = SETTERS.contains(&before) || (first, before) == ("printf", "-v");
        let is_set = is_setter && is_certain(word) && !is_file(word) || names_next(before, word);
        first = before;
        // options of `read`, and what comes before the last name of a path
        let is_passed = word == "-r" || word == "-s" || line[end..].starts_with('/');
        before = if is_passed { before } else { word };
        let behind = line[end..].trim_start_matches(['"', '\'']);
        let value = behind.trim_start_matches([' ', '\t', '<', '"', '\'', ',']);
        let is_it =
            is_set && behind.starts_with([' ', '\t', ',']) && !value.is_empty() && !value.starts_with(['=', '-', ':']);
        (is_it && !is_reference(value)).then(|| Named::apart(word, line.len() - value.len()))
    })
}

/// What a command is given to keep.
fn kept(line: &str) -> Option<Named<'_>> {
    KEEPERS.iter().find_map(|(command, option)| {
        let behind = line.find(command)? + command.len();
        let at = behind + line[behind..].find(option)? + option.len();
        let value = line[at..].trim_start_matches([' ', '\t', '=', '"', '\'', ',']);
        let is_it = !value.is_empty() && value.len() < line[at..].len() && !is_reference(value);
        is_it.then(|| Named::apart("secret", line.len() - value.len()))
    })
}

/// Behind a short option of a program.
fn option(line: &str) -> Option<Named<'_>> {
    if !line.contains(['-', '/']) {
        return None;
    }
    let is_end =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '`' | ';' | '|' | '&' | '(' | '[' | '\\');
    let mut program = "";
    let mut start = 0;
    for word in line.split(is_end) {
        let at = start;
        start += word.len() + line[start + word.len()..].chars().next().map_or(0, char::len_utf8);
        if is_program(word) {
            program = word.rsplit('/').next().unwrap_or(word);
            continue;
        }
        let mut options = COMMANDS.iter().filter(|(own, _)| *own == program);
        let short = || bundled(word).filter(|_| program == "curl");
        let Some(joined) = options.find_map(|(_, option)| word.strip_prefix(option)).or_else(short) else {
            continue;
        };
        let behind = line[start.min(line.len())..].trim_start_matches(is_end);
        let is_long = word.starts_with("--");
        if joined.starts_with('=') || !joined.is_empty() && !is_long {
            return Some(Named::apart("password", at + word.len() - joined.len()));
        }
        if joined.is_empty() && !behind.is_empty() && !behind.starts_with('-') && !is_reference(unquoted(behind)) {
            return Some(Named::apart("password", line.len() - behind.len()));
        }
    }
    None
}
