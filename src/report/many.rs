//! The answers of one command about several clusters, one after the other.

use std::fmt::Write as _;

use serde_json::{Value, json as object};

use super::{
    pce_clusters::OfPce,
    pretty::pretty,
    printable::printable,
    text::TITLE,
    unjudged::{self, UnjudgedJson},
};
use crate::{
    chart::secrets::{masked, masked_name},
    finding::Unjudged,
    shown::count,
};

/// The forms that such an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For a person.
    Text,
    /// One object.
    Json,
    /// Sections of one document.
    Markdown,
}

/// The answer about one cluster.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its file.
    pub file: String,
    /// The release in it, where the file is a manifest.
    pub release: Option<String>,
    /// The exit code.
    pub code: u8,
    /// Whether it says that something disagrees; that alone fails only where an exit code for it is asked for.
    pub disagrees: bool,
    /// The answer itself, in the form that was asked for.
    pub answer: String,
    /// The remarks about it.
    pub remarks: String,
}

impl Answer {
    /// What the cluster is called.
    #[must_use]
    pub fn name(&self) -> String {
        let name = match &self.release {
            Some(release) => format!("{} ({})", masked_name(&self.file), masked(release)),
            None => masked_name(&self.file).into_owned(),
        };
        printable(&name)
    }
}

/// How many there are, by their results.
fn summary(answers: &[Answer]) -> String {
    let of = |code: fn(u8) -> bool| answers.iter().filter(|one| code(one.code.max(u8::from(one.disagrees)))).count();
    let counted = [
        (of(|code| code == 0), "in order"),
        (of(|code| code == 1), "to look at"),
        (of(|code| code > 1), "without an answer"),
    ];
    let said = counted.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}"));
    let said: Vec<String> = said.collect();
    let total = count(answers.len(), "cluster");
    if said.is_empty() { total } else { format!("{total}: {}", said.join(", ")) }
}

/// Each answer below the name of its cluster, and how many there are.
#[must_use]
pub fn text(answers: &[Answer]) -> String {
    let mut out = String::new();
    for one in answers {
        let _ = writeln!(out, "{TITLE}{}{TITLE:#}\n{}", one.name(), one.answer);
    }
    out + &summary(answers) + "\n"
}

/// The same as one document: the headings of each answer are below the name of its cluster.
#[must_use]
pub fn markdown(answers: &[Answer], unjudged: &[Unjudged]) -> String {
    let mut out = String::new();
    for one in answers {
        let _ = writeln!(out, "# {}\n", one.name());
        let mut is_code = false;
        for line in one.answer.lines() {
            is_code ^= line.starts_with("```");
            let mark = if line.starts_with('#') && !is_code { "#" } else { "" };
            let _ = writeln!(out, "{mark}{line}");
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{}.", summary(answers));
    out + &unjudged::markdown(unjudged)
}

/// The same as one JSON object. (`schemas/output.schema.json`)
#[must_use]
pub fn json(command: &str, answers: &[Answer], of_pce: Option<&OfPce<'_>>, unjudged: &[Unjudged]) -> String {
    let one = |one: &Answer| {
        object!({
            "file": one.file,
            "release": one.release,
            "exitCode": one.code,
            "answer": serde_json::from_str(&one.answer).unwrap_or(Value::Null),
        })
    };
    let mut answer = object!({
        "schema": "helm-clas/clusters/v1",
        "command": command,
        "clusters": answers.iter().map(one).collect::<Vec<_>>(),
    });
    if let Some(of_pce) = of_pce {
        answer["pceClusters"] = of_pce.json();
    }
    if !unjudged.is_empty() {
        answer["notJudged"] = unjudged.iter().map(|one| object!(UnjudgedJson::of(one))).collect();
    }
    pretty(&answer)
}
