//! Scripts: the heredocs that they write to files, and the commands that give Helm these files, or set values beside
//! them.

pub(super) mod arguments;
pub(super) mod azure;
pub(super) mod called;
pub(super) mod calls;
pub(super) mod chart;
pub(super) mod command;
pub(super) mod jobs;
pub(super) mod kept;
pub(super) mod never;
pub(super) mod ran;
pub(super) mod run;
pub(super) mod running;
pub(super) mod targets;
pub(super) mod together;
pub(super) mod told;
pub(super) mod turned;
pub(super) mod turns;
pub(super) mod written;

use std::ops::Range;

use self::{
    calls::{Calls, always_called, without_shifts},
    command::Command,
    jobs::of_jobs,
    kept::TakenUp,
    ran::Ran,
    run::{Given, MOST_COMPARED, Run},
    targets::tell_parts,
    together::Passing,
    told::{rendered_command, rendered_heredoc},
    written::{Files, Gets},
};
use crate::{
    chart::may_mention,
    rendered::shell::{
        self, Part, Token,
        branches::{Branches, Scope, turned},
        chain::Chain,
        folders::Folders,
        heredoc::{Heredoc, Line},
        references::assignment,
        text::{MARKDOWN, Said, Text, fences},
        variables::Variables,
    },
    yaml::Rendering,
};

/// The releases of a script.
pub(super) fn of_script(source: &str) -> Vec<Rendering> {
    releases(source, &[Text::whole(source)], &[], false)
}

/// Those of the fences of a text for people. What it says without a heredoc is an example.
pub(super) fn of_prose(source: &str) -> Vec<Rendering> {
    releases(source, &fences(source, MARKDOWN), &[], true)
}

/// Those of the commands in a YAML file: the jobs of a pipeline.
pub(super) fn of_yaml(source: &str) -> Vec<Rendering> {
    let (texts, tasks) = of_jobs(source);
    releases(source, &texts, &tasks, false)
}

/// What the commands of some texts ask of Helm, and what is done to files.
pub(super) struct Commands {
    pub(super) given: Vec<Given>,
    /// The other commands that name values files.
    pub(super) passing: Vec<Passing>,
    /// Those that run what is in another file.
    pub(super) ran: Vec<Ran>,
    files: Files,
    /// Whether options that are not written out may set a mode.
    pub(super) is_loose: bool,
}

impl Commands {
    pub(in crate::rendered) fn of(source: &str, texts: &[Text]) -> Self {
        let mut files = Files::default();
        let (mut given, mut passing, mut ran): (Vec<Given>, Vec<Passing>, Vec<Ran>) = Default::default();
        let mut taken_up = TakenUp::of(source);
        let mut current: Option<(Range<usize>, Said)> = None;
        for (number, text) in texts.iter().enumerate() {
            let mut lines = lines_of(source, text);
            let functions = without_shifts(&mut lines);
            let variables = variables_of(text, &lines);
            let calls = Calls::of(functions);
            files.called = always_called(&lines);
            let (branches, turns, sourced, moves) = (Branches::default(), text.turns.clone(), Vec::new(), 0);
            let (options, part, is_unsure) = (Vec::new(), String::new(), false);
            let folders = Folders::from(text.folder.clone());
            let (files, given, passing, ran) = (&mut files, &mut given, &mut passing, &mut ran);
            let taken_up = &mut taken_up;
            // what a step of a job makes the current cluster is that of the steps behind it
            let of_job = current.take().filter(|(job, _)| text.job.as_ref() == Some(job)).map(|(_, at)| at);
            let at = of_job.or_else(|| text.context.clone());
            let mut run = Run {
                text,
                number,
                variables,
                files,
                given,
                passing,
                ran,
                taken_up,
                calls,
                branches,
                at,
                turns,
                folders,
                sourced,
                moves,
                options,
                part,
                is_unsure,
            };
            run.all(lines);
            current = text.job.clone().zip(run.at);
        }
        for command in given.iter_mut().map(|one| &mut one.command) {
            command.is_applied |= command.into.iter().any(|file| taken_up.has(file));
        }
        let is_loose =
            given.iter().any(|one| !one.command.unread.is_empty()) && says_mode_elsewhere(source, &given, &files);
        Self { given, passing, ran, files, is_loose }
    }
}

fn releases(source: &str, texts: &[Text], tasks: &[Command], only_written: bool) -> Vec<Rendering> {
    let Commands { mut given, mut files, is_loose, .. } = Commands::of(source, texts);
    keep_values(&mut given);
    tell_parts(&mut given, source);
    let mut renderings = Vec::new();
    for number in (0..given.len()).filter(|number| is_read(&given, *number)) {
        let one = &given[number];
        renderings.extend(rendered_command(source, &one.command, (&one.gets, &mut files), is_loose, only_written));
    }
    for task in tasks {
        let gets: Vec<Gets> = task.files.iter().map(|file| files.get(&file.text, &[])).collect();
        renderings.extend(rendered_command(source, task, (&gets, &mut files), false, only_written));
    }
    let alone = files.written.iter().filter(|one| !one.is_used && one.target.text != "-");
    renderings.extend(alone.map(|one| rendered_heredoc(source, one)));
    renderings
}

/// Whether a command counts: none before it says the same, and none behind it replaces it.
fn is_read(given: &[Given], number: usize) -> bool {
    let one = &given[number];
    let is_same = |other: &Given| other.command.is_applied && other.says_same(one);
    // of two that say the same the first is read
    let is_again =
        |other: &Given| other.command.replaces(&one.command) && !(one.command.is_applied && one.says_same(other));
    !given[..number].iter().rev().take(MOST_COMPARED).any(is_same)
        && !given[number + 1..].iter().take(MOST_COMPARED).any(is_again)
}

/// Gives each command that keeps the values of the release what the command before it gave that.
fn keep_values(given: &mut [Given]) {
    for number in 1..given.len() {
        let (before, behind) = given.split_at_mut(number);
        let Some(one) = behind.first_mut().filter(|one| one.command.adds()) else { continue };
        let is_before = |other: &&Given| one.command.replaces(&other.command);
        let Some(other) = before.iter().rev().take(MOST_COMPARED).find(is_before) else { continue };
        one.command.files.clone_from(&other.command.files);
        one.gets.clone_from(&other.gets);
        one.command.sets.splice(0..0, other.command.sets.iter().cloned());
        one.command.reuses_values.clone_from(&other.command.reuses_values);
    }
}

/// The lines of a text, up to a heredoc that has no end.
fn lines_of(source: &str, text: &Text) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut at = 0;
    while at < text.content.len() {
        let end = shell::line_end(&text.content, at);
        let line = at..end;
        at = end;
        let start = text.content[line.clone()].trim_start();
        if ["#", "//", "/*"].iter().any(|mark| start.starts_with(mark)) {
            // a comment ends with its line, even behind a backslash
            at = text.content[line.start..].find('\n').map_or(line.end, |feed| line.start + feed + 1);
            continue;
        }
        let is_of_recipe = text.content[line.clone()].starts_with('\t');
        let tokens = shell::tokens(&text.content, line);
        let mut heredocs = Vec::new();
        for (number, token) in tokens.iter().enumerate() {
            let Token::Heredoc { .. } = token else { continue };
            // what a shell is given is run
            if matches!(tokens.first(), Some(Token::Word(word)) if ["bash", "sh", "zsh", "ssh"].contains(&word.said.as_str()))
            {
                continue;
            }
            let Some((heredoc, next)) = Heredoc::read(source, text, token, at) else { return lines };
            at = next;
            let program = tokens[..number].iter().find_map(|token| match token {
                Token::Word(word) => Some(word.said.as_str()),
                _ => None,
            });
            let is_program = program.is_some_and(|it| ["python", "python3", "ruby", "node", "perl"].contains(&it));
            heredocs.push((number, if is_program { heredoc.into_program(source) } else { heredoc }));
        }
        lines.push(Line { tokens, heredocs, is_of_recipe });
    }
    lines
}

/// The variables that a text sets once.
fn variables_of(text: &Text, lines: &[Line]) -> Variables {
    const SETTING: [&str; 6] = ["export", "local", "readonly", "declare", "typeset", "env"];
    let mut variables = Variables::new();
    text.variables.iter().for_each(|(name, value)| variables.give(name, value.clone()));
    let (mut branches, mut chain) = (Branches::default(), Chain::default());
    for part in lines.iter().flat_map(|line| shell::parts(&line.tokens)) {
        let raw = shell::words(part.tokens);
        let skipped = branches.take(&part, &raw);
        let here = branches.here();
        turned(&here).for_each(|name| variables.lose(name));
        let raw = &raw[skipped.min(raw.len())..];
        let words: Vec<Said> = raw.iter().map(|word| text.said(word)).collect();
        let need_not_run = chain.take(&part, words.first().map(|word| word.text.as_str()));
        let is_certain = here.is_empty() && !need_not_run && part.before != "|";
        if words.first().is_some_and(|word| ["include", "-include", "sinclude"].contains(&word.text.as_str())) {
            variables.include(&words[words.len() - 1]);
        }
        // what a recipe of just is given has the name of a variable
        if let Some(end) = words.iter().position(|word| word.text.ends_with(':')).filter(|end| *end > 0) {
            let names = words[1..=end].iter().filter_map(|word| word.text.trim_end_matches(':').split('=').next());
            names.for_each(|name| variables.lose(name.trim_start_matches(['+', '*', '$'])));
        }
        if set_by_make(&words, is_certain, &mut variables) {
            continue;
        }
        let setting =
            words.iter().skip_while(|word| SETTING.contains(&word.text.as_str()) || word.text.starts_with('-'));
        let set: Vec<(String, Said, bool)> = setting.clone().map_while(assignment).collect();
        let is_setting = words.first().is_some_and(|word| SETTING[..5].contains(&word.text.as_str()));
        // what comes before a command is set for that one alone, and not where its own words are put in
        if setting.count() > set.len() && !is_setting {
            if may_set_any(&words) {
                variables.set_any(&words[words.len() - 1]);
            }
            mark_read(&words, &mut variables);
            continue;
        }
        if is_setting && words[1..].iter().any(|word| word.text.starts_with("$(")) {
            variables.set_any(&words[0]);
        }
        let skipped = words.len() - set.len();
        for ((name, value, is_added), word) in set.into_iter().zip(&raw[skipped.min(raw.len())..]) {
            // of a command in backticks no word remains
            let is_written = !value.text.is_empty() || !text.content[word.at.end..].starts_with('`');
            let function = here.iter().rev().find_map(Scope::function);
            if let Some(function) = function.filter(|_| is_written) {
                let is_certain = here.len() == 1 && !need_not_run && part.before != "|";
                variables.set_within(&name, value, is_added, (is_certain, function));
            } else if is_written {
                variables.set(&name, value, is_added, is_certain);
            } else {
                variables.lose(&name);
            }
        }
    }
    variables
}

/// Takes the variable that a line of a makefile sets; whether it does.
fn set_by_make(words: &[Said], is_certain: bool, variables: &mut Variables) -> bool {
    // what is set for one target holds where that is made
    let words = match words {
        // a block of Jenkins in one line
        [block, open, rest @ ..] if block.text == "environment" && open.text == "{" => rest,
        all => all,
    };
    let is_of_target = words.first().is_some_and(|word| word.text.ends_with(':') && word.text != ":");
    let [name, sign, value @ ..] = &words[usize::from(is_of_target)..] else { return false };
    let sign = sign.text.as_str();
    if ![":=", "=", "::=", "?=", "+="].contains(&sign) {
        return false;
    }
    let value = match value {
        [value @ .., close] if close.text == "}" && !value.is_empty() => value,
        all => all,
    };
    let is_certain = is_certain && !is_of_target;
    match (sign, joined(value)) {
        ("?=", value) => variables.usual(&name.text, value),
        (_, Some(value)) => variables.set_everywhere(&name.text, value, sign == "+=", is_certain),
        // nothing is a value, too
        (_, None) => {
            let value = Said { text: String::new(), at: name.at.clone() };
            variables.set_everywhere(&name.text, value, sign == "+=", is_certain);
        }
    }
    true
}

/// Takes the variables that a command sets by their names.
fn mark_read(words: &[Said], variables: &mut Variables) {
    const SETTING: [&str; 7] = ["read", "mapfile", "readarray", "getopts", "unset", "let", "declare"];
    let Some((program, rest)) = words.split_first() else { return };
    let of_option = program.text == "printf" && rest.first().is_some_and(|word| word.text == "-v");
    let named =
        if of_option { rest.get(1..2) } else { Some(rest).filter(|_| SETTING.contains(&program.text.as_str())) };
    for word in named.into_iter().flatten() {
        let end = word.text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(word.text.len());
        variables.lose(&word.text[..end]);
    }
}

/// Whether a command may set any variable: it runs another script, or a text, in this shell. What makes programs found is
/// known to set no others.
fn may_set_any(words: &[Said]) -> bool {
    let [program, file, ..] = words else { return false };
    let is_known = ["/activate", "/.bashrc", "/.profile", "/os-release"].iter().any(|end| file.text.ends_with(end));
    ["source", ".", "eval"].contains(&program.text.as_str()) && !is_known && !file.text.starts_with("<(")
}

/// Words as one, with the spaces between them.
fn joined(words: &[Said]) -> Option<Said> {
    let (first, last) = (words.first()?, words.last()?);
    let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    Some(Said { text, at: first.at.start..last.at.end.max(first.at.start) })
}

/// The words of each command of a text in a file, with the variables put in that are known.
pub(super) fn commands(source: &str, text: &Text) -> Vec<Vec<Said>> {
    let lines = lines_of(source, text);
    let variables = variables_of(text, &lines);
    let parts = lines.iter().flat_map(|line| shell::parts(&line.tokens));
    let said = |part: Part<'_>| {
        let words = shell::words(part.tokens).into_iter().map(|word| variables.put_into(&text.said(word)));
        words.skip_while(|word| ["do", "then", "else"].contains(&word.text.as_str())).collect()
    };
    parts.map(said).collect()
}

/// Whether a mode is set in a script outside of its heredocs and its commands of Helm: it may be an option of one of
/// these.
fn says_mode_elsewhere(source: &str, given: &[Given], files: &Files) -> bool {
    let of_commands = given.iter().map(|one| one.command.at.clone());
    let of_heredocs = files.written.iter().flat_map(|one| one.heredoc.lines.iter().map(|(line, _)| line.clone()));
    let mut taken: Vec<Range<usize>> = of_commands.chain(of_heredocs).collect();
    taken.sort_by_key(|range| range.start);
    let mut at = 0;
    for range in taken.into_iter().chain(std::iter::once(source.len()..source.len())) {
        let between = source.get(at..range.start.max(at)).unwrap_or_default();
        let is_said = |line: &str| {
            !line.trim_start().starts_with('#') && may_mention(line.as_bytes()) && kept::shows(line, source).is_none()
        };
        if between.lines().any(is_said) {
            return true;
        }
        at = at.max(range.end);
    }
    false
}
