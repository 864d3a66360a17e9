//! The words of commands, as far as they are known without running anything.

use std::ops::Range;

/// A word of a command, without its quotes.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) said: String,
    /// Its bytes in the text, with its quotes.
    pub(super) at: Range<usize>,
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
    pub(super) tokens: &'t [Token],
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
    at
}

/// The tokens of a line. A quote that is not closed on it belongs to what is around the command, and ends it.
pub(super) fn tokens(text: &str, line: Range<usize>) -> Vec<Token> {
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
            all.push(Token::End(';'));
            all.extend(inner.tokens);
            all.push(Token::End(';'));
        }
    }
    all
}

/// Whether a command shows its words, and runs none of them.
pub(super) fn is_shown_only(command: &str) -> bool {
    ["echo", "printf", "grep", "#", "//"].contains(&command.trim_start_matches('@'))
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
        let mut depth = 0_usize;
        let close = self.rest().char_indices().find(|(_, c)| {
            depth = if *c == '(' { depth + 1 } else { depth - usize::from(*c == ')') };
            *c == ')' && depth == 0
        });
        let whole = close.map(|(at, _)| self.rest()[..=at].to_owned()).filter(|whole| !whole.contains("helm"));
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
                '(' if !self.text[start..self.at].ends_with('$') => break,
                '(' => {
                    let close = if self.has_no_bracket { None } else { self.rest().find(')') };
                    self.has_no_bracket = close.is_none();
                    let length = close.map_or(1, |close| close + 1);
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
        Some(Word { said, at: start..self.at })
    }
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

/// How many bytes there are before the quote that closes another one.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        if c == quote && !is_escaped {
            return Some(at);
        }
        is_escaped = quote == '"' && c == '\\' && !is_escaped;
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

/// Whether the name of Helm is before other words anywhere in a text, as [`is_helm`] knows it: a quick look.
pub(crate) fn mentions_helm(bytes: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, "elm").chain(memchr::memmem::find_iter(bytes, "ELM")).any(|start| {
        let behind = &bytes[start + 3..bytes.len().min(start + 11)];
        let ending = ["3", "4", ".exe", "_bin"].iter().find(|ending| {
            behind.get(..ending.len()).is_some_and(|behind| behind.eq_ignore_ascii_case(ending.as_bytes()))
        });
        let behind = &behind[ending.map_or(0, |ending| ending.len())..];
        let next = behind.iter().find(|byte| !b")}\"'".contains(byte));
        start > 0
            && bytes[start - 1].eq_ignore_ascii_case(&b'h')
            && next.is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'\\')
    })
}

/// Whether a word is the name of Helm: `helm`, `@helm`, `/usr/bin/helm`, `$(HELM)`, `"${HELM}"`.
pub(super) fn is_helm(word: &str) -> bool {
    let name = word.trim_start_matches(['@', '-', '+']);
    let name = name.trim_start_matches(['$', '(', '{']).trim_end_matches([')', '}']);
    let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    ["helm", "helm3", "helm4", "helm.exe", "helm_bin"].contains(&name.as_str())
}
