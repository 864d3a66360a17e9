//! What a command of Helm says, in the form of [`rendered`](super).

use super::{
    chart::is_of_illumio,
    command::{Command, several},
    written::{Files, Gets, Written},
};
use crate::{
    chart::MODE_KEY,
    overrides::{Kind, assigned},
    rendered::{entry, shell::text::Said},
    yaml::{Rendering, written},
};

/// A command, where it gives Helm what is not a release from elsewhere: `gets` says what it gets of each file.
pub(super) fn rendered_command(
    source: &str,
    command: &Command,
    (gets, files): (&[Gets], &mut Files),
    is_loose: bool,
    only_written: bool,
) -> Option<Rendering> {
    if !command.is_applied {
        return None;
    }
    let is_written = gets.iter().any(|gets| !matches!(gets, Gets::Nothing | Gets::Elsewhere));
    let sets = command.sets.iter().map(|(_, set)| set).chain(&command.more);
    let sets_mode = sets.into_iter().any(|set| set.text.contains(MODE_KEY));
    let chart = command.chart.as_ref().map(|chart| {
        let certain = command.chart_at.as_ref().filter(|folder| folder.starts_with(':'));
        Said { text: certain.unwrap_or(&chart.text).clone(), at: chart.at.clone() }
    });
    let is_folder = command.repository.is_none() && chart.as_ref().is_some_and(|chart| is_path(&chart.text));
    let from = match () {
        () if is_written || sets_mode && !only_written => "command",
        () if only_written => return None,
        () if is_folder && !is_of_illumio(command) => "folder",
        () if !command.files.is_empty() => "files",
        () if is_folder => "folder",
        () if is_of_illumio(command) => "files",
        () => return None,
    };
    let mut rendering = Rendering::default();
    let start = command.at.start;
    rendering.push(&format!("from: {from}\n"), start..start + 1);
    let name = command.name.clone().unwrap_or(Said { text: "?".to_owned(), at: command.at.clone() });
    entry(&mut rendering, source, "releaseName", &name.text, name.at);
    // which context of another file is the current one is not known
    let of_file = command.context.clone().map(|context| Said { text: "$KUBECONFIG".to_owned(), at: context.at });
    let kube_context = command.kube_context.clone().or(of_file);
    let named = [
        ("chart", &chart),
        ("repository", &command.repository),
        ("version", &command.version),
        ("namespace", &command.namespace),
        ("context", &command.context),
        ("kubeContext", &kube_context),
        ("turns", &command.turns),
        ("never", &command.never),
    ];
    for (key, said) in named {
        if let Some(said) = said {
            entry(&mut rendering, source, key, &said.text, said.at.clone());
        }
    }
    if !command.parts.is_empty() {
        entry(&mut rendering, "", "parts", &command.parts.join(" "), start..start + 1);
    }
    if let Some(turn) = &command.turn {
        entry(&mut rendering, "", "turn", turn, start..start + 1);
    }
    for (key, at) in [
        ("reuseValues", &command.reuses_values),
        ("atomic", &command.is_atomic),
        ("onlyInstalls", &command.only_installs),
    ] {
        if let Some(at) = at {
            rendering.push(&format!("{key}: true\n"), at.clone());
        }
    }
    for (key, text) in [("places", Some(command.places.clone())), ("order", command.order())] {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            entry(&mut rendering, "", key, &text, start..start + 1);
        }
    }
    // the chart needs some values
    let is_bare = [&command.files, &command.more, &command.unread].iter().all(|all| all.is_empty());
    if is_bare && command.sets.is_empty() && from == "files" {
        rendering.push("layers:\n- words: values that the command does not name\n", command.at.clone());
    } else if !command.files.is_empty() {
        rendering.push("layers:\n", start..start);
    }
    for (file, gets) in command.files.iter().zip(gets) {
        match gets {
            Gets::Heredoc(number) => {
                files.written[*number].is_used = true;
                files.written[*number].heredoc.render(&mut rendering, source);
            }
            Gets::Unknown => {
                let name = file.text.trim_start_matches(":./").trim_start_matches(":/");
                let file = Said { text: name.to_owned(), at: file.at.clone() };
                said_of(&mut rendering, source, &file, "which commands of this file write or change");
            }
            Gets::Elsewhere => said_of(&mut rendering, source, file, "of another branch or repository"),
            Gets::Nothing if file.text == "-" => said_of(&mut rendering, source, file, "standard input"),
            Gets::Nothing => item(&mut rendering, source, file),
        }
    }
    given_one_by_one(&mut rendering, source, command, is_loose);
    Some(rendering)
}

/// Adds an item of a list.
fn item(rendering: &mut Rendering, source: &str, said: &Said) {
    rendering.push("- ", said.at.start..said.at.start);
    rendering.quote(source, &said.text, said.at.clone());
    rendering.push("\n", said.at.end..said.at.end);
}

/// Adds an item of which it is known only in words what it is.
fn said_of(rendering: &mut Rendering, source: &str, file: &Said, words: &str) {
    rendering.push("- file: ", file.at.start..file.at.start);
    rendering.quote(source, &file.text, file.at.clone());
    rendering.push(&format!("\n  words: {words}\n"), file.at.end..file.at.end);
}

/// Whether a chart may be a folder, by its name: Helm takes a name without a repository for one.
fn is_path(chart: &str) -> bool {
    !chart.contains("://") && !chart.contains(['$', '{'])
}

/// The most values that are read from one command.
const MOST_SET: usize = 1_000;

/// A value that is set: its name, what it is set to, as YAML writes that, and its place.
struct Pair {
    name: Said,
    value: Said,
    is_text: bool,
}

/// What is set one by one; what cannot be taken apart may say anything.
fn given_one_by_one(rendering: &mut Rendering, source: &str, command: &Command, is_loose: bool) {
    let is_silent = command.files.is_empty() && !command.sets.iter().any(|(_, set)| set.text.contains(MODE_KEY));
    let mut more: Vec<Said> = command.more.clone();
    more.extend(command.unread.iter().filter(|_| is_loose || is_silent).cloned());
    let mut sets: Vec<&(Kind, Said)> = command.sets.iter().collect();
    sets.sort_by_key(|(kind, _)| *kind);
    let mut pairs: Vec<Pair> = Vec::new();
    for (kind, set) in sets {
        if let Some(object) = object(*kind, &set.text) {
            for (name, value) in object {
                let start = value.as_str().and_then(|text| set.text.find(text)).unwrap_or_default();
                pairs_of(set, &[name], &value, start, &mut pairs);
            }
            continue;
        }
        match assigned(*kind, &set.text) {
            Some(assigned) if assigned.iter().all(|(path, _, _)| !written(path).contains('$')) => {
                for (path, value, start) in assigned {
                    pairs_of(set, &path, &value, start, &mut pairs);
                }
            }
            _ => {
                let is_odd = |part: &Said| part.text.contains('$') || part.text.contains(MODE_KEY);
                more.extend(several(set).into_iter().filter(is_odd));
            }
        }
    }
    let start = command.at.start;
    if pairs.len() > MOST_SET {
        // no shell takes a command this long: what it sets is not read
        pairs.clear();
        more.push(Said { text: "--set".to_owned(), at: command.at.clone() });
    }
    if !pairs.is_empty() {
        rendering.push("set:\n", start..start);
    }
    for Pair { name, value, is_text } in pairs {
        rendering.push("- name: ", name.at.start..name.at.start);
        rendering.quote(source, &name.text, name.at.clone());
        rendering.push("\n  value: ", value.at.start..value.at.start);
        if is_text {
            rendering.quote(source, &value.text, value.at.clone());
        } else {
            rendering.push(&value.text, value.at.clone());
        }
        rendering.push("\n", value.at.end..value.at.end);
    }
    if !more.is_empty() {
        rendering.push("more:\n", start..start);
    }
    for said in more {
        item(rendering, "", &said);
    }
}

/// What `--set-json` is given as one object. Helm 3.17 refuses that. (Helm 4.1, `helm upgrade --help`)
fn object(kind: Kind, text: &str) -> Option<serde_json::Map<String, serde_json::Value>> {
    let is_object = kind == Kind::SetJson && text.trim_start().starts_with('{');
    is_object.then(|| serde_json::from_str(text).ok()).flatten()
}

/// The values that one assignment sets, each by its whole name.
fn pairs_of(set: &Said, path: &[String], value: &serde_json::Value, start: usize, pairs: &mut Vec<Pair>) {
    if let serde_json::Value::Object(map) = value
        && !map.is_empty()
    {
        for (name, value) in map {
            if pairs.len() > MOST_SET {
                return;
            }
            pairs_of(set, &[path, std::slice::from_ref(name)].concat(), value, start, pairs);
        }
        return;
    }
    // its bytes, where the file has the text as it is, with or without quotes
    let around = set.at.len().saturating_sub(set.text.len()) / 2;
    let is_as_said = set.at.len() <= set.text.len() + 2;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let begins = set.text[..start.min(set.text.len())].rfind(',').map_or(0, |comma| comma + 1);
    let length =
        if set.text[start.min(set.text.len())..].starts_with(&text) { text.len() } else { set.text.len() - start };
    let moved = |from: usize, to: usize| {
        if is_as_said {
            set.at.start + around + from..(set.at.start + around + to).min(set.at.end)
        } else {
            set.at.clone()
        }
    };
    let name = Said { text: written(path), at: moved(begins, start.saturating_sub(1).max(begins)) };
    pairs.push(Pair { name, value: Said { text, at: moved(start, start + length) }, is_text: value.is_string() });
}

/// A heredoc that no command of the file gives to Helm.
pub(super) fn rendered_heredoc(source: &str, written: &Written) -> Rendering {
    let mut rendering = Rendering::default();
    let at = written.target.at.clone();
    rendering.push("from: heredoc\n", at.clone());
    entry(&mut rendering, source, "target", &written.target.text, at.clone());
    rendering.push("layers:\n", at);
    written.heredoc.render(&mut rendering, source);
    rendering
}
