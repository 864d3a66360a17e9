//! [`Page`]: a text with headings, commands and lists to tick off, in the forms in which people keep one.

// a page is written once, for a person: what reads best wins over an allocation
#![allow(clippy::format_push_string, clippy::format_collect)]

use std::{borrow::Cow, fmt::Write as _};

use super::{
    html::escaped as html,
    text::{command, filled},
};
use crate::{instruction::Instruction, open_word, shell::shell_quoted};

/// A text for people, without its form.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// What it is about.
    pub title: String,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A part of a [`Page`].
#[derive(Clone, Debug)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// Commands, with the remarks between them.
    Commands(Vec<Instruction>),
    /// Things to tick off.
    Checks(Vec<Item>),
    /// A text in a language, as it is.
    Code(&'static str, String),
    /// Markdown, as it is.
    Raw(String),
    /// A table with its head.
    Table(Vec<&'static str>, Vec<Vec<String>>),
}

/// A thing to tick off.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name.
    pub name: &'static str,
    /// What must be true.
    pub text: Cow<'static, str>,
    /// How to look.
    pub how: Vec<Instruction>,
}

impl Page {
    /// As plain text, 80 columns wide; commands are broken between their options, as a shell takes them.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{}\n{}\n", self.title, "=".repeat(self.title.chars().count()));
        for block in &self.blocks {
            out.push('\n');
            match block {
                Block::Heading(heading) => {
                    let _ = writeln!(out, "{heading}\n{}", "-".repeat(heading.chars().count()));
                }
                Block::Text(text) => out += &filled(text, "", ""),
                Block::Commands(commands) => out.extend(commands.iter().map(|one| match one {
                    Instruction::Say(words) => filled(words, "    # ", "    # "),
                    Instruction::Run(words) => command(words, "    ", "        "),
                })),
                Block::Checks(items) => {
                    for item in items {
                        out += &filled(&format!("{}: {}", item.name, item.text), "[ ] ", "    ");
                        for how in &item.how {
                            out += &match how {
                                Instruction::Run(words) => command(words, "      $ ", "          "),
                                Instruction::Say(words) => filled(words, "      - ", "        "),
                            };
                        }
                    }
                }
                Block::Code(_, text) | Block::Raw(text) => out += text,
                Block::Table(head, rows) => out += &table(head, rows),
            }
        }
        out
    }

    /// As Markdown, with a task list where there is something to tick off.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = format!("# {}\n", escaped(&self.title));
        for block in &self.blocks {
            out.push('\n');
            match block {
                Block::Heading(heading) => {
                    let _ = writeln!(out, "## {}", escaped(heading));
                }
                Block::Text(text) => {
                    let _ = writeln!(out, "{}", escaped(text));
                }
                Block::Commands(commands) => {
                    let _ = writeln!(out, "```sh\n{}```", script(commands));
                }
                Block::Checks(items) => {
                    for item in items {
                        let _ = writeln!(out, "- [ ] **{}**: {}", item.name, escaped(&item.text));
                        for how in &item.how {
                            let _ = match how {
                                Instruction::Run(words) => {
                                    writeln!(out, "  - `{}`{}", shell_quoted(words), beside(words))
                                }
                                Instruction::Say(words) => writeln!(out, "  - {}", escaped(words)),
                            };
                        }
                    }
                }
                Block::Code(language, text) => {
                    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
                    let fence = "`".repeat((longest + 1).max(3));
                    let _ = writeln!(out, "{fence}{language}\n{}\n{fence}", text.trim_end_matches('\n'));
                }
                Block::Raw(text) => out += text,
                Block::Table(head, rows) => {
                    let line = |cells: &mut dyn Iterator<Item = String>| {
                        format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
                    };
                    out += &line(&mut head.iter().map(|cell| (*cell).to_owned()));
                    out += &line(&mut head.iter().map(|_| "---".to_owned()));
                    out.extend(
                        rows.iter().map(|row| line(&mut row.iter().map(|cell| escaped(cell).replace('|', "\\|")))),
                    );
                }
            }
        }
        out
    }

    /// As the body of an HTML page, headings below its title.
    #[must_use]
    pub fn html_body(&self) -> String {
        let mut out = String::new();
        for block in &self.blocks {
            let _ = match block {
                Block::Heading(heading) => writeln!(out, "<h2>{}</h2>", html(heading)),
                Block::Text(text) => writeln!(out, "<p>{}</p>", html(text)),
                Block::Commands(commands) => {
                    writeln!(out, "<pre tabindex=\"0\"><code>{}</code></pre>", html(script(commands).trim_end()))
                }
                Block::Checks(items) => {
                    let items: String = items.iter().map(html_item).collect();
                    writeln!(out, "<ul class=\"checks\">\n{items}</ul>")
                }
                Block::Code(_, text) | Block::Raw(text) => {
                    writeln!(out, "<pre tabindex=\"0\"><code>{}</code></pre>", html(text))
                }
                Block::Table(head, rows) => {
                    let head: String =
                        head.iter().map(|cell| format!("<th scope=\"col\">{}</th>", html(cell))).collect();
                    let row = |row: &Vec<String>| {
                        let cells: String = row.iter().map(|cell| format!("<td>{}</td>", html(cell))).collect();
                        format!("<tr>{cells}</tr>\n")
                    };
                    let rows: String = rows.iter().map(row).collect();
                    writeln!(out, "<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>")
                }
            };
        }
        out
    }
}

/// Commands as a shell takes them, a line each, with the remarks as comments.
fn script(commands: &[Instruction]) -> String {
    let line = |one: &Instruction| match one {
        Instruction::Say(words) => filled(words, "# ", "# "),
        Instruction::Run(words) => {
            let remarks = open_word::remarks(words).map(|remark| format!("# {remark}\n"));
            shell_quoted(words) + "\n" + &remarks.collect::<String>()
        }
    };
    commands.iter().map(line).collect()
}

/// The remarks behind a command about the words in it that a person replaces.
fn beside(words: &[String]) -> String {
    let remarks: Vec<String> = open_word::remarks(words).collect();
    if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join("; ")) }
}

fn html_item(item: &Item) -> String {
    let how = |how: &Instruction| match how {
        Instruction::Run(words) => {
            format!("<li><code>{}</code>{}</li>\n", html(&shell_quoted(words)), html(&beside(words)))
        }
        Instruction::Say(words) => format!("<li>{}</li>\n", html(words)),
    };
    let how: String = item.how.iter().map(how).collect();
    format!(
        "<li><label><input type=\"checkbox\"> <strong>{}</strong>: {}</label>\n<ul>\n{how}</ul></li>\n",
        item.name,
        html(&item.text)
    )
}

fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = String::new();
    for row in rows {
        for (name, cell) in head.iter().zip(row) {
            out += &filled(&format!("{name}: {cell}"), "  ", "    ");
        }
        out.push('\n');
    }
    out.truncate(out.trim_end_matches('\n').len());
    out + "\n"
}

/// Text that stays what it is in Markdown.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_code = false;
    for c in text.chars() {
        is_code ^= c == '`';
        if !is_code && matches!(c, '*' | '_' | '<' | '[' | ']' | '#') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
