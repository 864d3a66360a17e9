//! Scripts: the heredocs that they write to files, and the commands that give Helm these files, or set values beside them.

use super::{
    azure,
    command::{Command, several, told},
    entry,
    heredoc::Heredoc,
    shell::{self, Token},
    text::{Said, Text, fences},
};
use crate::{
    chart::MODE_KEY,
    yaml::{Document, Rendering, Spelled, documents},
};

/// A heredoc, and the file that it becomes; `-` for standard input.
struct Written {
    target: Said,
    heredoc: Heredoc,
    is_used: bool,
}

/// The releases of a script.
pub(super) fn of_script(source: &str) -> Vec<Rendering> {
    releases(source, &[Text::whole(source)], &[], false)
}

/// Those of the fences of a text for people. What it says without a heredoc is an example.
pub(super) fn of_prose(source: &str) -> Vec<Rendering> {
    releases(source, &fences(source), &[], true)
}

/// Those of the commands in a YAML file: the jobs of a pipeline.
pub(super) fn of_yaml(source: &str) -> Vec<Rendering> {
    let (mut texts, mut tasks) = (Vec::new(), Vec::new());
    for range in documents(source) {
        let Ok(document) = Document::read_any(&source[range.clone()]) else { continue };
        let mut spelled: Vec<Spelled> = document.texts_with("helm ", range.start);
        spelled.extend(document.texts_with("<<", range.start));
        spelled.sort_by_key(|spelled| spelled.span.start);
        spelled.dedup_by_key(|spelled| spelled.span.clone());
        texts.extend(spelled.into_iter().map(Text::of));
        tasks.extend(azure::tasks(&document, range.start));
    }
    releases(source, &texts, &tasks, false)
}

fn releases(source: &str, texts: &[Text], tasks: &[Command], only_written: bool) -> Vec<Rendering> {
    let mut written: Vec<Written> = Vec::new();
    let mut renderings = Vec::new();
    for text in texts {
        let mut at = 0;
        while at < text.content.len() {
            let end = shell::line_end(&text.content, at);
            let line = at..end;
            at = end;
            if text.content[line.clone()].trim_start().starts_with(['#', '/']) {
                continue;
            }
            let tokens = shell::tokens(&text.content, line);
            let Some(next) = heredocs(source, text, &tokens, end, &mut written) else { break };
            at = next;
            for command in shell::commands(&tokens).filter_map(|command| told(text, command)) {
                renderings.extend(of_command(source, &command, &mut written, only_written));
            }
        }
    }
    renderings.extend(tasks.iter().filter_map(|task| of_command(source, task, &mut written, only_written)));
    let alone = written.iter().filter(|one| !one.is_used && one.target.text != "-");
    renderings.extend(alone.map(|one| of_heredoc(source, one)));
    renderings
}

/// Takes the heredocs that a line opens, and returns where the next line begins; nothing where one has no end.
fn heredocs(source: &str, text: &Text, tokens: &[Token], end: usize, written: &mut Vec<Written>) -> Option<usize> {
    let mut at = end;
    for token in tokens {
        let Token::Heredoc { word, strips_tabs, is_quoted, at: opened } = token else { continue };
        let mut lines = Vec::new();
        let mut is_altered = false;
        let mut is_ended = false;
        for line in text.content[at..].split_inclusive('\n') {
            let range = at..at + line.len();
            at = range.end;
            let content = line.trim_end_matches(['\n', '\r']);
            let tabs = if *strips_tabs { content.len() - content.trim_start_matches('\t').len() } else { 0 };
            if content[tabs..] == **word {
                is_ended = true;
                break;
            }
            is_altered |= !is_quoted && (content.ends_with('\\') || content.trim_start().starts_with(['$', '`']));
            match text.place(&range) {
                Some(place) => {
                    let start = source[..place.start].rfind('\n').map_or(0, |feed| feed + 1);
                    lines.push((start..place.end, place.start - start + tabs));
                }
                None => is_altered = true,
            }
        }
        if !is_ended {
            return None;
        }
        let opened = text.place(opened).unwrap_or_else(|| text.whole.clone());
        if let Some((target, is_changed)) = target(text, tokens, token) {
            let heredoc = Heredoc { lines, is_altered: is_altered || is_changed, opened };
            written.push(Written { target, heredoc, is_used: false });
        }
    }
    Some(at)
}

/// The file that a heredoc becomes, and whether something else is put to it, or changes it; nothing where it is no file.
fn target(text: &Text, tokens: &[Token], heredoc: &Token) -> Option<(Said, bool)> {
    const PASSING: [&str; 6] = ["cat", "tee", "envsubst", "sudo", "helm", "exec"];
    let mut commands =
        shell::commands(tokens).skip_while(|command| !command.iter().any(|one| std::ptr::eq(one, heredoc)));
    let mut is_changed = false;
    let mut file = None;
    for command in commands.by_ref() {
        let words = shell::words(command);
        let first = words.iter().find(|word| word.said != "sudo").map_or("", |word| word.said.as_str());
        let is_command_of_helm = words.iter().any(|word| shell::is_helm(&word.said));
        is_changed |= !PASSING.contains(&first) && !is_command_of_helm;
        is_changed |= first == "cat" && words.iter().skip(1).any(|word| !["-", "cat"].contains(&word.said.as_str()));
        for token in command {
            if let Token::Into { file: into, appends } = token
                && into.said != "/dev/null"
            {
                is_changed |= appends;
                file = Some(text.said(into));
            }
        }
        if first == "tee" {
            is_changed |= words.iter().any(|word| word.said == "-a" || word.said == "--append");
            let named =
                words.iter().skip_while(|word| word.said != "tee").skip(1).find(|word| !word.said.starts_with('-'));
            file = named.map(|word| text.said(word)).or(file);
        }
        if is_command_of_helm {
            let first = words.first().map(|word| text.said(word));
            file = first.map(|said| Said { text: "-".to_owned(), ..said }).or(file);
        }
    }
    file.map(|file| (file, is_changed))
}

fn of_command(source: &str, command: &Command, written: &mut [Written], only_written: bool) -> Option<Rendering> {
    let used: Vec<Option<usize>> = command
        .files
        .iter()
        .map(|file| written.iter().rposition(|one| clean(&one.target.text) == clean(&file.text)))
        .collect();
    let sets_mode = command.sets.iter().chain(&command.more).any(|set| set.text.contains(MODE_KEY));
    let is_written = used.iter().any(Option::is_some) || sets_mode && !only_written;
    let may_name_folder = || command.is_applied && command.chart.as_ref().is_some_and(|chart| is_path(&chart.text));
    if !is_written && (only_written || !may_name_folder()) {
        return None;
    }
    let mut rendering = Rendering::default();
    let start = command.at.start;
    rendering.push(if is_written { "from: command\n" } else { "from: folder\n" }, start..start + 1);
    let name = command.name.clone().unwrap_or(Said { text: "?".to_owned(), at: command.at.clone() });
    entry(&mut rendering, source, "releaseName", &name.text, name.at);
    let named = [("chart", &command.chart), ("version", &command.version), ("namespace", &command.namespace)];
    for (key, said) in named {
        if let Some(said) = said {
            entry(&mut rendering, source, key, &said.text, said.at.clone());
        }
    }
    for (key, at) in [("reuseValues", &command.reuses_values), ("atomic", &command.is_atomic)] {
        if let Some(at) = at {
            rendering.push(&format!("{key}: true\n"), at.clone());
        }
    }
    if !command.files.is_empty() {
        rendering.push("layers:\n", start..start);
    }
    for (file, used) in command.files.iter().zip(used) {
        if let Some(number) = used {
            written[number].is_used = true;
            written[number].heredoc.render(&mut rendering, source);
        } else {
            rendering.push("- ", file.at.start..file.at.start);
            rendering.quote(source, &file.text, file.at.clone());
            rendering.push("\n", file.at.end..file.at.end);
        }
    }
    sets(&mut rendering, source, command);
    Some(rendering)
}

/// Whether a chart may be a folder, by its name.
fn is_path(chart: &str) -> bool {
    chart == "." || chart.contains('/') && !chart.contains("://") && !chart.contains('$')
}

fn clean(path: &str) -> &str {
    path.trim_start_matches("./")
}

/// As many values as are told of one command.
const MOST_SET: usize = 1_000;

/// What is set one by one; what cannot be taken apart may say anything.
fn sets(rendering: &mut Rendering, source: &str, command: &Command) {
    let mut more: Vec<Said> = command.more.clone();
    let mut pairs: Vec<(Said, Said)> = Vec::new();
    for set in &command.sets {
        let is_odd = set.text.contains(['\\', '{', '[']) && set.text.contains(MODE_KEY);
        for part in several(set) {
            match part.text.split_once('=') {
                Some((name, value)) if !is_odd => {
                    let split = (part.at.start + name.len()).min(part.at.end);
                    let name = Said { text: name.to_owned(), at: part.at.start..split };
                    let value = Said { text: value.to_owned(), at: (split + 1).min(part.at.end)..part.at.end };
                    pairs.push((name, value));
                }
                _ if part.text.contains('$') || is_odd => more.push(part),
                _ => {}
            }
        }
    }
    let start = command.at.start;
    if pairs.len() > MOST_SET {
        // no shell takes so long a command: what it sets is not told
        pairs.clear();
        more.push(Said { text: "--set".to_owned(), at: command.at.clone() });
    }
    if !pairs.is_empty() {
        rendering.push("set:\n", start..start);
    }
    for (name, value) in pairs {
        rendering.push("- name: ", name.at.start..name.at.start);
        rendering.quote(source, &name.text, name.at.clone());
        rendering.push("\n  value: ", value.at.start..value.at.start);
        rendering.quote(source, &value.text, value.at.clone());
        rendering.push("\n", value.at.end..value.at.end);
    }
    if !more.is_empty() {
        rendering.push("more:\n", start..start);
    }
    for said in more {
        rendering.push("- ", said.at.start..said.at.start);
        rendering.quote("", &said.text, said.at.clone());
        rendering.push("\n", said.at.end..said.at.end);
    }
}

/// A heredoc that no command of the file gives to Helm.
fn of_heredoc(source: &str, written: &Written) -> Rendering {
    let mut rendering = Rendering::default();
    let at = written.target.at.clone();
    rendering.push("from: heredoc\n", at.clone());
    entry(&mut rendering, source, "target", &written.target.text, at.clone());
    rendering.push("layers:\n", at);
    written.heredoc.render(&mut rendering, source);
    rendering
}
