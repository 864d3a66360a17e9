//! The words of commands, as far as they are known without running anything.

pub(super) mod branches;
pub(super) mod chain;
pub(super) mod folders;
pub(super) mod heredoc;
pub(super) mod leading;
pub(super) mod parameters;
pub(super) mod pattern;
pub(super) mod programs;
pub(super) mod references;
pub(super) mod text;
pub(super) mod variables;

use std::ops::Range;

use self::programs::Does;

/// A word of a command, without its quotes.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(in crate::rendered) said: String,
    /// Its bytes in the text, with its quotes.
    pub(in crate::rendered) at: Range<usize>,
}

/// What a line is made of.
#[derive(Clone, Debug)]
pub(super) enum Token {
    Word(Word),
    /// `<<WORD`: its lines follow.
    Heredoc {
        word: String,
        strips_tabs: bool,
        is_quoted: bool,
        at: Range<usize>,
    },
    /// `> FILE`, `>> FILE`.
    Into {
        file: Word,
        appends: bool,
    },
    /// The end of a command, with the sign there.
    End(char),
}

/// A command of a line.
pub(super) struct Part<'t> {
    /// Its words, and what else there is.
    pub(in crate::rendered) tokens: &'t [Token],
    /// What is between it and the one before: `||`, `;;`, `()`.
    pub(super) before: String,
}

/// The end of the logical line that begins at a byte: a backslash joins the next one to it.
pub(super) fn line_end(text: &str, start: usize) -> usize {
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        at += line.len();
        if !line.trim_end_matches(['\n', '\r']).ends_with('\\') {
            break;
        }
    }
    end_of_array(text, start..at).unwrap_or(at)
}

/// The end of the line on which an array is closed that a line opens: `ARGS=(`.
fn end_of_array(text: &str, line: Range<usize>) -> Option<usize> {
    let open = line.start + text[line.clone()].rfind("=(")? + 1;
    let is_named = text[..open - 1].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '+');
    let end = open + bracketed(&text[open..]).filter(|_| is_named)?;
    (end > line.end).then(|| text[end..].find('\n').map_or(text.len(), |feed| end + feed + 1))
}

/// How long something in round brackets is, which a text begins with. No longer one is looked for than scripts have.
pub(super) fn bracketed(text: &str) -> Option<usize> {
    const LONGEST: usize = 4_000;
    let mut depth = 0_usize;
    let signs = text.bytes().take(LONGEST).enumerate().filter(|(_, byte)| b"()".contains(byte));
    for (at, byte) in signs {
        depth = if byte == b'(' { depth + 1 } else { depth.saturating_sub(1) };
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// The tokens of a line. A quote that is not closed on it belongs to what is around the command, and ends it.
pub(in crate::rendered) fn tokens(text: &str, line: Range<usize>) -> Vec<Token> {
    let mut reader =
        Reader { text, at: line.start, end: line.end, tokens: Vec::new(), has_no_bracket: false, has_no_braces: false };
    while reader.at < reader.end {
        reader.step();
    }
    let mut all = Vec::new();
    let mut is_shown = false;
    for token in reader.tokens {
        let is_first = matches!(all.last(), None | Some(Token::End(_)));
        let inside = match &token {
            Token::Word(word) => {
                is_shown = if is_first { is_shown_only(&word.said) } else { is_shown };
                inside_quotes(text, word).filter(|_| !is_shown)
            }
            _ => None,
        };
        all.push(token);
        if let Some(inside) = inside {
            let mut inner = Reader {
                text,
                at: inside.start,
                end: inside.end,
                tokens: Vec::new(),
                has_no_bracket: false,
                has_no_braces: false,
            };
            while inner.at < inner.end {
                inner.step();
            }
            // a backslash before a quote is for the text around the command
            let is_escaped = text.get(inside.start - 1..inside.start) == Some("\"");
            for token in &mut inner.tokens {
                if let (Token::Word(word), true) = (token, is_escaped && text[inside.clone()].contains("\\\"")) {
                    word.said = word.said.replace("\\\"", "\"");
                }
            }
            all.push(Token::End(';'));
            all.extend(inner.tokens);
            all.push(Token::End(';'));
        }
    }
    all
}

/// Whether a command shows its words, and runs none of them.
pub(super) fn is_shown_only(command: &str) -> bool {
    let command = command.trim_start_matches('@');
    matches!(programs::does(command), Some(Does::Says | Does::Searches)) || ["#", "//"].contains(&command)
}

/// Whether a word only says how a command runs.
pub(super) fn is_passed(word: &str) -> bool {
    ["sudo", "time", "env", "exec", "command", "nohup", "then", "do", "else", "{", "!"].contains(&word)
        || word.split_once('=').is_some_and(|(name, _)| !name.is_empty() && !name.contains(['-', '/', '.']))
}

/// The bytes between the quotes of a word that holds a command of Helm: `sh 'helm upgrade ...'`.
fn inside_quotes(text: &str, word: &Word) -> Option<Range<usize>> {
    let written = text.get(word.at.clone())?;
    let is_quoted = written.len() > 2 && written.starts_with(['\'', '"']) && written.ends_with(['\'', '"']);
    (is_quoted && mentions_helm(written.as_bytes())).then(|| word.at.start + 1..word.at.end - 1)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    end: usize,
    tokens: Vec<Token>,
    /// No bracket closes from here on.
    has_no_bracket: bool,
    /// No expression of a pipeline closes from here on.
    has_no_braces: bool,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..self.end]
    }

    fn step(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        if first.is_whitespace() {
            self.at += first.len_utf8();
        } else if rest.starts_with("\\\n") || rest.starts_with("\\\r\n") {
            self.at += rest.find('\n').map_or(1, |feed| feed + 1);
        } else if let Some(remark) = rest.strip_prefix("`#") {
            // a remark between the lines of a command
            self.at += remark.find('`').map_or(2, |end| end + 3);
        } else if first == '#' {
            self.at = self.end;
        } else if rest.starts_with("<<<") {
            self.at += 3;
        } else if rest.starts_with("<<") {
            self.heredoc();
        } else if rest.starts_with("<(") {
            self.substitution();
        } else if first == '>' {
            self.file_written();
        } else if ";&|()`".contains(first) {
            self.tokens.push(Token::End(first));
            self.at += 1;
        } else if first == '<' {
            self.at += 1;
        } else {
            match self.word() {
                Some(word) => self.tokens.push(Token::Word(word)),
                None => self.tokens.push(Token::End(';')),
            }
        }
    }

    fn heredoc(&mut self) {
        let start = self.at;
        self.at += 2;
        let strips_tabs = self.rest().starts_with('-');
        self.at += usize::from(strips_tabs);
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
        let from = self.at;
        if let Some(word) = self.word().filter(|word| !word.said.is_empty()) {
            let is_quoted = self.text[from..self.at].contains(['\'', '"', '\\']);
            self.tokens.push(Token::Heredoc { word: word.said, strips_tabs, is_quoted, at: start..self.at });
        }
    }

    /// `<(COMMAND)`: what the command writes is read as a file. One of Helm is read for itself.
    fn substitution(&mut self) {
        let start = self.at;
        let whole = bracketed(&self.rest()[1..]).map(|length| self.rest()[..=length].to_owned());
        let whole = whole.filter(|whole| !whole.contains("helm"));
        let said = whole.unwrap_or_else(|| "<(".to_owned());
        // what it runs is read as a command of its own, where it is not skipped
        self.at += if said == "<(" { 1 } else { said.len() };
        self.tokens.push(Token::Word(Word { at: start..start + said.len(), said }));
    }

    fn file_written(&mut self) {
        let is_errors = self.text[..self.at].ends_with('2');
        self.at += 1;
        let appends = self.rest().starts_with('>');
        self.at += usize::from(appends || self.rest().starts_with('|'));
        if self.rest().starts_with('&') {
            self.at += 1;
        }
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
        if let Some(file) = self.word().filter(|_| !is_errors) {
            self.tokens.push(Token::Into { file, appends });
        }
    }

    /// How long an expression is that a pipeline fills in, which may have spaces in it: `${{ matrix.cluster }}`.
    fn expression(&mut self) -> Option<usize> {
        let rest = self.rest();
        // what is used where a variable is not set may be several words: `${EXTRA:+-f more.yaml}`
        if rest.starts_with("${") && !rest.starts_with("${{") {
            let inside = &rest[2..];
            let end = inside.bytes().take(300).position(|byte| byte == b'}')?;
            return inside[..end].contains([':', '+', '-']).then_some(end + 3);
        }
        if self.has_no_braces || !rest.starts_with("${{") && !rest.starts_with("{{") {
            return None;
        }
        let end = rest.find("}}");
        self.has_no_braces = end.is_none();
        end.map(|end| end + 2)
    }

    /// A word; nothing where a quote in it is not closed, behind which it goes on.
    fn word(&mut self) -> Option<Word> {
        let start = self.at;
        let mut said = String::new();
        while let Some(first) = self.rest().chars().next() {
            if let Some(length) = self.expression() {
                said += &self.rest()[..length];
                self.at += length;
                continue;
            }
            match first {
                c if c.is_whitespace() || ";&|<>)`".contains(c) => break,
                '(' if !self.text[start..self.at].ends_with('$') && !opens_array(&self.text[start..self.at]) => break,
                '(' => {
                    let length = if self.has_no_bracket { None } else { bracketed(self.rest()) };
                    self.has_no_bracket = length.is_none();
                    let length = length.unwrap_or(1);
                    said += &self.rest()[..length];
                    self.at += length;
                }
                '\'' | '"' => {
                    let inside = &self.rest()[1..];
                    let Some(length) = closing(inside, first) else {
                        self.at += 1;
                        return None;
                    };
                    said += &unescaped(&inside[..length], first);
                    self.at += length + 2;
                }
                '\\' => {
                    let escaped = self.rest()[1..].chars().next().filter(|c| !c.is_whitespace());
                    let Some(escaped) = escaped else { break };
                    said.push(escaped);
                    self.at += 1 + escaped.len_utf8();
                }
                c => {
                    said.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
        if self.at == start {
            // anything else is a word of its own
            self.at += self.rest().chars().next().map_or(1, char::len_utf8);
            return None;
        }
        Some(Word { said: without_make(&said), at: start..self.at })
    }
}

/// A word as the shell gets it from make, in whose recipes `$$c` is `$c`: a shell's own number has no name behind it.
fn without_make(said: &str) -> String {
    let is_name = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic() || "_{(".contains(c));
    let mut parts = said.split("$$");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |before, behind| before + if is_name(behind) { "$" } else { "$$" } + behind)
}

/// What is between quotes: in double ones a backslash is dropped only before what it takes the meaning from. (POSIX,
/// Shell Command Language, 2.2.3)
fn unescaped(inside: &str, quote: char) -> String {
    if quote != '"' {
        return inside.to_owned();
    }
    let mut said = String::new();
    let mut chars = inside.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = chars.next_if(|next| c == '\\' && "$\"\\`\n".contains(*next));
        match escaped {
            Some('\n') => {}
            Some(escaped) => said.push(escaped),
            None => said.push(c),
        }
    }
    said
}

/// Whether an array begins behind a text: `ARGS=`, `ARGS+=`.
fn opens_array(before: &str) -> bool {
    let name = before.strip_suffix('=').map(|name| name.trim_end_matches('+'));
    name.is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// How many bytes there are before the quote that closes another one. What a command in double quotes quotes is its own:
/// `"$(dirname "$0")"`.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c == quote {
            return Some(at);
        }
        at += c.len_utf8();
        if quote == '"' && c == '\\' {
            at += text[at..].chars().next().map_or(0, char::len_utf8);
        } else if quote == '"' && c == '$' && text[at..].starts_with('(') {
            at += bracketed(&text[at..]).unwrap_or(0);
        }
    }
    None
}

/// The commands of a line. What follows the last one is a command without words.
pub(super) fn parts(tokens: &[Token]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut before = String::new();
    let mut at = 0;
    while at < tokens.len() {
        if let Token::End(sign) = &tokens[at] {
            before.push(*sign);
            at += 1;
            continue;
        }
        let length = tokens[at..].iter().position(|token| matches!(token, Token::End(_))).unwrap_or(tokens.len() - at);
        parts.push(Part { tokens: &tokens[at..at + length], before: std::mem::take(&mut before) });
        at += length;
    }
    if !before.is_empty() {
        parts.push(Part { tokens: &[], before });
    }
    parts
}

pub(super) fn words(command: &[Token]) -> Vec<&Word> {
    let mut words = Vec::new();
    for token in command {
        if let Token::Word(word) = token {
            words.push(word);
        }
    }
    words
}

/// What may follow the name of Helm in that of its program, or of a variable for it.
const ENDINGS: [&str; 8] = ["", ".exe", "_bin", "_cmd", "_command", "_exe", "_path", "bin"];

/// Whether what follows a name is a version: `3`, `-3.17`, `_v3`, `:3.17.0`.
fn is_version(text: &str) -> bool {
    // `helm:` is a key of many manifests
    let has_digit = text.contains(|c: char| c.is_ascii_digit());
    has_digit && text.chars().all(|c| c.is_ascii_digit() || ".-_:v".contains(c)) && !text.ends_with('.')
}

/// Whether the name of Helm is before other words anywhere in a text, as [`is_helm`] knows it: a quick look.
pub(crate) fn mentions_helm(bytes: &[u8]) -> bool {
    const LONGEST: usize = 24;
    memchr::memmem::find_iter(bytes, "elm").chain(memchr::memmem::find_iter(bytes, "ELM")).any(|start| {
        let behind = &bytes[start + 3..bytes.len().min(start + 3 + LONGEST)];
        let length = behind.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'\\');
        let Some(behind) = length.and_then(|length| std::str::from_utf8(&behind[..length]).ok()) else { return false };
        let behind = behind.trim_end_matches([')', '}', '"', '\'', ',', ']']).to_ascii_lowercase();
        let is_name = ENDINGS.contains(&&*behind) || is_version(&behind);
        is_name && start > 0 && bytes[start - 1].eq_ignore_ascii_case(&b'h')
    })
}

/// Whether a word is the name of Helm: `helm`, `@helm`, `/usr/bin/helm-3.17`, `$(HELM)`, `"${HELM:-helm}"`, or of an image
/// of it: `alpine/helm:3.17.0`.
pub(super) fn is_helm(word: &str) -> bool {
    let name = word.trim_start_matches(['@', '-', '+']);
    let name = name.trim_start_matches(['$', '(', '{']).trim_end_matches([')', '}']);
    let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let name = name.rsplit_once(":-").map_or(&*name, |(_, usual)| usual);
    let name = name.strip_prefix("microk8s.").unwrap_or(name);
    name.strip_prefix("helm").is_some_and(|rest| ENDINGS.contains(&rest) || is_version(rest))
}
