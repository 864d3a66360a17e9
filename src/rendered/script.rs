//! Scripts: the heredocs that they write to files, and the commands that give Helm these files, or set values beside them.

use std::ops::Range;

use super::{
    azure, entry,
    heredoc::Heredoc,
    shell::{self, Token, Word},
};
use crate::{
    chart::MODE_KEY,
    yaml::{Document, Rendering, Spelled, documents},
};

/// A text with commands in it, and where its bytes stand in the file.
pub(super) struct Text {
    content: String,
    /// The byte at which each part begins, and its bytes in the file. A part is a line, or the whole.
    parts: Vec<(usize, Range<usize>)>,
    /// The bytes of the whole.
    whole: Range<usize>,
}

/// What Helm is told on one line.
#[derive(Default)]
pub(super) struct Command {
    pub(super) at: Range<usize>,
    pub(super) name: Option<Said>,
    pub(super) chart: Option<Said>,
    pub(super) version: Option<Said>,
    pub(super) namespace: Option<Said>,
    pub(super) files: Vec<Said>,
    /// The texts behind `--set` and its kin.
    pub(super) sets: Vec<Said>,
    /// What sets values, and does not say which.
    pub(super) more: Vec<Said>,
    pub(super) reuses_values: Option<Range<usize>>,
    pub(super) is_atomic: Option<Range<usize>>,
    /// Whether it brings the chart to a cluster, and does not only show what it would bring.
    pub(super) is_applied: bool,
}

/// A text, with its bytes in the file.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) at: Range<usize>,
}

/// A heredoc, and the file that it becomes; `-` for standard input.
struct Written {
    target: Said,
    heredoc: Heredoc,
    is_used: bool,
}

/// The releases of a script.
pub(super) fn of_script(source: &str) -> Vec<Rendering> {
    let whole = 0..source.len();
    let text = Text { content: source.to_owned(), parts: vec![(0, whole.clone())], whole };
    releases(source, &[text], &[], false)
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

impl Text {
    fn of(spelled: Spelled) -> Self {
        let Spelled { text, lines, span } = spelled;
        let starts: Vec<usize> = if lines.len() == 1 {
            vec![0]
        } else {
            let feeds = text.match_indices('\n').map(|(feed, _)| feed + 1);
            std::iter::once(0).chain(feeds).collect()
        };
        let parts = starts.into_iter().zip(lines).collect();
        Self { content: text, parts, whole: span }
    }

    /// The bytes in the file of some of the text; nothing where they are not written as they are read.
    fn place(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let number = self.parts.partition_point(|(start, _)| *start <= range.start).checked_sub(1)?;
        let (start, file) = &self.parts[number];
        let moved = range.start - start + file.start..range.end - start + file.start;
        (moved.end <= file.end).then_some(moved)
    }

    fn said(&self, word: &Word) -> Said {
        Said { text: word.said.clone(), at: self.place(&word.at).unwrap_or_else(|| self.whole.clone()) }
    }
}

/// The fences of a text for people, each a script, without the indentation that they have together.
fn fences(source: &str) -> Vec<Text> {
    let mut texts = Vec::new();
    let mut open: Option<(&str, usize, Text)> = None;
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let trimmed = line.trim_start_matches([' ', '\t']);
        let indent = line.len() - trimmed.len();
        let mark = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark));
        match (&mut open, mark) {
            (Some((own, _, _)), Some(mark)) if *own == mark => texts.extend(open.take().map(|(_, _, text)| text)),
            (None, Some(mark)) => {
                open = Some((
                    mark,
                    indent,
                    Text { content: String::new(), parts: Vec::new(), whole: at..at + line.len() },
                ));
            }
            (Some((_, margin, text)), _) => {
                let skipped = indent.min(*margin);
                text.parts.push((text.content.len(), at + skipped..at + line.len()));
                text.content += &line[skipped..];
                text.whole.end = at + line.len();
            }
            (None, None) => {}
        }
        at += line.len();
    }
    texts
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

/// The options of Helm that a value follows, beside those that are read.
const WITH_VALUE: &[&str] = &[
    "--timeout",
    "--kubeconfig",
    "--history-max",
    "--max-history",
    "--description",
    "--repo",
    "--username",
    "--password",
    "--ca-file",
    "--cert-file",
    "--key-file",
    "--keyring",
    "--post-renderer",
    "--post-renderer-args",
    "-l",
    "--labels",
    "-o",
    "--output",
    "--kube-apiserver",
    "--kube-as-user",
    "--kube-as-group",
    "--kube-ca-file",
    "--kube-context",
    "--kube-token",
    "--kube-tls-server-name",
    "--registry-config",
    "--repository-cache",
    "--repository-config",
    "--burst-limit",
    "--qps",
];

/// What a command tells Helm; nothing where it is another command, or brings no release.
fn told(text: &Text, command: &[Token]) -> Option<Command> {
    let words = shell::words(command);
    if words.first().is_some_and(|word| shell::is_shown_only(&word.said)) {
        return None;
    }
    let helm = words.iter().position(|word| shell::is_helm(&word.said))?;
    let (first, last) = (words[helm], words.last()?);
    let at = text.place(&(first.at.start..first.at.end)).unwrap_or_else(|| text.whole.clone());
    let end = text.place(&last.at).map_or(at.end, |last| last.end);
    let mut told = Command { at: at.start..end.max(at.end), ..Command::default() };
    let mut names = Vec::new();
    let mut rest = words[helm + 1..].iter();
    while let Some(word) = rest.next() {
        let whole = text.said(word);
        let (option, mut value) = match whole.text.split_once('=') {
            Some((option, _)) if option.starts_with('-') => {
                let skipped = whole.text.find('=').unwrap_or(0) + 1;
                let start = (whole.at.start + skipped).min(whole.at.end);
                (option.to_owned(), Some(Said { text: whole.text[skipped..].to_owned(), at: start..whole.at.end }))
            }
            _ => (whole.text.clone(), None),
        };
        let reads = |option: &str| {
            ["-f", "--values", "--version", "-n", "--namespace"].contains(&option) || option.starts_with("--set")
        };
        if value.is_none() && (reads(&option) || WITH_VALUE.contains(&option.as_str())) {
            value = rest.next().map(|word| text.said(word));
        }
        match (option.as_str(), value) {
            ("-f" | "--values", Some(value)) => told.files.extend(several(&value)),
            ("--version", value) => told.version = value,
            ("-n" | "--namespace", value) => told.namespace = value,
            ("--set-file", Some(value)) if value.text.contains(MODE_KEY) => told.more.push(value),
            (set, Some(value)) if set.starts_with("--set") && set != "--set-file" => told.sets.push(value),
            ("--reuse-values" | "--reset-then-reuse-values", _) => told.reuses_values = Some(whole.at),
            ("--atomic" | "--rollback-on-failure", _) => told.is_atomic = Some(whole.at),
            (option, _) if option.starts_with('-') => {}
            _ => names.push(whole),
        }
    }
    let mut names = names.into_iter();
    let verb = names.next().filter(|verb| verb.text != "secrets").or_else(|| names.next())?;
    if !["upgrade", "install", "template"].contains(&verb.text.as_str()) {
        return None;
    }
    told.is_applied = verb.text != "template";
    told.name = names.next();
    told.chart = names.next();
    // `helm install CHART --generate-name`
    if told.chart.is_none() && verb.text != "upgrade" {
        told.chart = told.name.take();
    }
    Some(told)
}

/// The files of a list with commas.
fn several(value: &Said) -> Vec<Said> {
    let mut start = value.at.start;
    let one = |text: &str| {
        let at = start.min(value.at.end)..(start + text.len()).min(value.at.end);
        start += text.len() + 1;
        Said { text: text.to_owned(), at }
    };
    value.text.split(',').map(one).collect()
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
