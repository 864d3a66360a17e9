//! What runs on each cluster, as `status --live` answers in JSON, as a table for a page.

use std::fmt::Write as _;

use serde_json::Value;

use super::{columns::cell, html::escaped, printable::printable};
use crate::{chart::secrets::masked, shell::shell_quoted};

const HEAD: [&str; 5] = ["Cluster", "Release", "Runs", "Agrees", "To continue"];

/// A row for each cluster.
#[derive(Clone, Debug, Default)]
pub struct Releases(Vec<[String; 5]>);

impl Releases {
    /// Of clusters by their names, each with the answer about it alone; nothing where there was none.
    #[must_use]
    pub fn of<'a>(answers: impl IntoIterator<Item = (String, Option<&'a Value>)>) -> Self {
        Self(answers.into_iter().map(|(name, answer)| row(&name, answer.unwrap_or(&Value::Null))).collect())
    }

    /// The table in Markdown.
    pub(super) fn markdown(&self) -> String {
        let mut out = format!("## Releases\n\n| {} |\n|---|---|---|---|---|\n", HEAD.join(" | "));
        for row in &self.0 {
            let _ = writeln!(out, "| {} |", row.each_ref().map(|text| cell(text)).join(" | "));
        }
        out
    }

    /// The same as a part of a page.
    pub(super) fn html(&self) -> String {
        let mut out = "<h2 id=\"releases\">Releases</h2>\n<table class=\"rows\" aria-labelledby=\"releases\">\n\
                       <thead><tr>"
            .to_owned();
        for name in HEAD {
            let _ = write!(out, "<th scope=\"col\">{name}</th>");
        }
        out += "</tr></thead>\n<tbody>\n";
        for [name, rest @ ..] in &self.0 {
            let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escaped(name));
            for (text, title) in rest.iter().zip(&HEAD[1..]) {
                let _ = write!(out, "<td data-label=\"{title}\">{}</td>", escaped(text));
            }
            out += "</tr>\n";
        }
        out + "</tbody>\n</table>\n"
    }
}

fn row(name: &str, answer: &Value) -> [String; 5] {
    let text = |path: &str| answer.pointer(path).and_then(Value::as_str);
    let shown = |text: &str| printable(&masked(text));
    let live = answer.get("live");
    let release = text("/live/release").zip(text("/live/namespace"));
    let release = release.map_or_else(|| "-".to_owned(), |(name, namespace)| format!("{name} in {namespace}"));
    let runs = match live {
        Some(Value::Null) => "there is no release".to_owned(),
        Some(live) => format!(
            "{} (chart {}, revision {}, {})",
            text("/live/mode").unwrap_or("a mode that is not known"),
            text("/live/version").unwrap_or("?"),
            live["revision"],
            text("/live/status").unwrap_or("?")
        ),
        // it was not asked, or did not answer
        None => text("/message").unwrap_or("no answer").to_owned(),
    };
    let why = answer.get("disagreements").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let why: Vec<&str> = why.iter().filter_map(Value::as_str).collect();
    let agrees = match answer.get("agree").and_then(Value::as_bool) {
        Some(true) => "yes".to_owned(),
        Some(false) if why.is_empty() => "no".to_owned(),
        Some(false) => format!("no: {}", why.join("; ")),
        None => "not known".to_owned(),
    };
    let words = answer.pointer("/ways/on/command").and_then(Value::as_array);
    let words: Vec<String> = words.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let way =
        if words.is_empty() { text("/ways/on/what").unwrap_or_default().to_owned() } else { shell_quoted(&words) };
    [shown(name), shown(&release), shown(&runs), shown(&agrees), shown(&way)]
}
