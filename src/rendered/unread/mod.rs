//! Which commands, tasks and calls of a file may give files to Helm that are not known: those of scripts, of jobs, of
//! Terraform, and of the examples of a text for people.

pub(super) mod defined;
pub(super) mod given;
pub(super) mod may_take;
pub(super) mod named;
pub(super) mod passed_on;
pub(super) mod runs;

use std::collections::HashSet;

use self::{
    defined::{included, is_set_in},
    may_take::{Added, MayTake, Why},
    named::{named_loosely, runs_commands},
    passed_on::texts_of,
};
use crate::{
    chart::{MODE_KEY, names_illumio},
    rendered::{
        Kind, is_of_terraform, is_prose, kind_of,
        program::names_in_program,
        script::{Commands, chart::Named, command::Command, run::Given, together::may_name, written::Gets},
        shell::{
            mentions_helm,
            pattern::{as_pattern, is_open},
            text::{ASCIIDOC, MARKDOWN, Said, Text, fences},
        },
        terraform::has_open_values,
    },
    source::Source,
    terraform,
    yaml::MAX_PROGRAM_BYTES,
};

/// Those of a file: of a script, or of the commands in YAML. Prose only mentions them.
pub(crate) fn may_take(source: Source<'_>) -> Vec<MayTake> {
    let has = |word: &str| memchr::memmem::find(source.bytes, word.as_bytes()).is_some();
    if is_of_terraform(source.name) || source.name.ends_with(".tf.json") {
        let text = source.text().unwrap_or_default();
        let of_release = has("helm_release").then(|| of_terraform(source, text)).flatten();
        let run = |text| of_examples(text, &[Text::whole(text)]);
        let of_commands = Some(text).filter(|_| has("local-exec")).into_iter().flat_map(run);
        let of_calls = (has("helm_template") || has("module") && !has_release(text)).then(|| passed_in(text));
        return of_release.into_iter().chain(of_commands).chain(of_calls.into_iter().flatten()).collect();
    }
    if source.name.rsplit('/').next() == Some("terragrunt.hcl") {
        return passed_in(source.text().unwrap_or_default());
    }
    if is_prose(source.name) {
        let is_asked = mentions_helm(source.bytes) && may_name(source.bytes);
        let text = source.text().ok().filter(|_| is_asked);
        let is_asciidoc = ["adoc", "asciidoc"].iter().any(|ending| source.name.ends_with(ending));
        let marks = if is_asciidoc { ASCIIDOC } else { MARKDOWN };
        // `<cluster>` is a place that people fill in, and no redirection
        let plain = text.map(with_braces);
        return plain.map(|text| of_examples(&text, &fences(&text, marks))).unwrap_or_default();
    }
    let is_of_helm =
        mentions_helm(source.bytes) && ["upgrade", "install", "template"].into_iter().any(has) || has("HelmDeploy@");
    let may_pass = || may_name(source.bytes) && [" -f", "--", ".sh", "="].into_iter().any(has);
    let Some((texts, tasks)) = Some(()).filter(|()| is_of_helm || may_pass()).and_then(|()| texts_of(source)) else {
        return Vec::new();
    };
    let text = source.text().unwrap_or_default();
    let commands = Commands::of(text, &texts);
    let includes = included(text);
    let of_given = |Given { command, gets, .. }: &Given| {
        let all = command.files.iter().zip(gets);
        let changed: Vec<&Said> = all.filter(|(_, gets)| matches!(gets, Gets::Unknown)).map(|(file, _)| file).collect();
        let is_loose = !changed.is_empty() || commands.is_loose && !command.unread.is_empty();
        let all = command.files.iter().zip(gets);
        let unwritten: Vec<&Said> = all.filter(|(_, gets)| **gets == Gets::Nothing).map(|(file, _)| file).collect();
        let of_options = of_options(command, text, &includes);
        of_command(command, &changed, &unwritten, is_loose).into_iter().chain(of_options)
    };
    let of_tasks = tasks.iter().flat_map(of_task);
    let passing = commands.passing.iter().flat_map(MayTake::passing);
    let speaks_of_helm = has("helm") || has("HELM");
    let is_script = kind_of(source.name, source.bytes) == Some(Kind::Script);
    let mut seen = HashSet::new();
    let found =
        texts.iter().filter(|text| speaks_of_helm && (is_script || runs_commands(text))).flat_map(named_loosely);
    let named = found.filter(|said| seen.insert(said.text.clone())).take(MOST_NAMED).map(|said| {
        // what is included is run in another folder
        let is_included = source.name.rsplit_once('.').is_some_and(|(_, ending)| ending == "mk");
        let name = if is_included { format!("*/{}", said.text) } else { said.text.clone() };
        MayTake::new(Why::Named, said.text, said.at, vec![name])
    });
    commands.given.iter().flat_map(of_given).chain(of_tasks).chain(passing).chain(named).collect()
}

/// So many names of a script are looked at.
const MOST_NAMED: usize = 1_000;

/// A text with braces for the angle brackets around the words that people fill in.
fn with_braces(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('<') {
        let length = behind.find(|c: char| !(c.is_alphanumeric() || "-_".contains(c))).unwrap_or(behind.len());
        plain += before;
        rest = behind;
        if let Some(behind) = behind[length..].strip_prefix('>').filter(|_| length > 0) {
            plain.extend(["{", &rest[..length], "}"]);
            rest = behind;
        } else {
            plain.push('<');
        }
    }
    plain + rest
}

/// Whether a text of Terraform has a release of its own; a module may have that name, too.
fn has_release(text: &str) -> bool {
    let is_sign = |c: char| c.is_whitespace() || "\":{[".contains(c);
    let is_resource = |(at, _): (usize, &str)| text[..at].trim_end_matches(is_sign).ends_with("resource");
    text.match_indices("helm_release").any(is_resource)
}

/// What a release of Terraform may take by expressions that are not read, or in a file that cannot be.
fn of_terraform(source: Source<'_>, text: &str) -> Option<MayTake> {
    let is_ours = names_illumio(text) || text.contains("var.") || text.contains("local.");
    let start = text.find("helm_release").filter(|_| is_ours)?;
    let may = MayTake::unread(text, start..start + "helm_release".len())?;
    let is_root = !source.name.split('/').any(|folder| folder == "modules");
    let names = may.names.iter().map(|name| from_module(name, is_root)).collect();
    let body = match terraform::read(text) {
        Ok(body) if text.len() <= MAX_PROGRAM_BYTES => body,
        Ok(_) => return Some(MayTake { names, ..may }),
        Err(why) => return Some(MayTake { span: why.span.unwrap_or(start..start), names, ..may }),
    };
    has_open_values(text, &body).then(|| MayTake { said: "helm_release".to_owned(), why: Why::Open, names, ..may })
}

/// A name with the folder of its own module, where it begins with that. The folder where Terraform is run is the same, if no
/// other configuration calls this one.
fn from_module(name: &str, is_root: bool) -> String {
    const RUN_IN: [&str; 2] = ["${path.root}", "${path.cwd}"];
    let own = name.strip_prefix("${path.module}");
    let own = own.or_else(|| RUN_IN.iter().filter(|_| is_root).find_map(|start| name.strip_prefix(start)));
    own.map_or_else(|| name.to_owned(), |rest| format!(":./{}", rest.trim_start_matches('/')))
}

/// The values files that calls of modules are given, each with its place.
fn passed_in(text: &str) -> Vec<MayTake> {
    let place = |name: &String| {
        let start = text.find(name.as_str()).unwrap_or_default();
        start..start + name.len()
    };
    let passed = |name: String| MayTake::new(Why::Passed, name.clone(), place(&name), vec![name]);
    names_in_program(text).into_iter().map(passed).collect()
}

/// The files that commands of Helm name together and which are not read as releases: what Terraform runs, and the examples of a
/// text for people. An example with a mode only says how one is set.
fn of_examples(source: &str, texts: &[Text]) -> Vec<MayTake> {
    let commands = Commands::of(source, texts);
    let given =
        commands.given.iter().map(|given| &given.command).filter(|command| Named::by(command) != Named::Another);
    let several = given.filter(|command| command.files.len() > 1);
    // Terraform runs a command in the folder that is named beside it
    let start = if source.contains("working_dir") { "*/" } else { "" };
    let names = |command: &Command| command.files.iter().map(|file| format!("{start}{}", file.text)).collect();
    several.map(|command| MayTake::together((names(command), command.at.clone()))).collect()
}

/// Those of a command: of the files that it names, some are changed before, and nothing writes some.
fn of_command(command: &Command, changed: &[&Said], unwritten: &[&Said], is_loose: bool) -> Vec<MayTake> {
    let chart = match Named::by(command) {
        Named::Illumio => None,
        Named::Folder(folder) => Some(folder),
        Named::Another => return Vec::new(),
    };
    if !command.is_applied {
        return Vec::new();
    }
    let sets_mode = command.sets.iter().any(|(_, set)| set.text.split(',').any(may_set_mode));
    // one file alone is all that such a release gets, whichever it is
    let is_beside = command.files.len() > 1 || !command.more.is_empty() || !command.elsewhere.is_empty();
    let decides = !(is_beside || sets_mode || is_loose);
    let may = |why: Why, said: &Said, names: Vec<String>| MayTake {
        chart: chart.clone(),
        ..MayTake::new(why, said.text.clone(), said.at.clone(), names)
    };
    let changed = changed.iter().filter(|file| !is_open(&file.text));
    let changed = changed.map(|file| may(Why::Open, file, vec![file.text.clone()]));
    let open = command.open.iter();
    let why = match (decides, &command.reuses_values) {
        (true, Some(_)) => Why::Silent,
        (true, None) => Why::Alone,
        (false, _) => Why::Open,
    };
    let open = open.map(|open| may(why, &open.said, open.names.clone()));
    let moved = command.files.iter().filter(|file| {
        !command.sourced.is_empty() && !is_open(&file.text) && !file.text.starts_with(['/', ':', '~', '-', '<'])
    });
    let moved = moved.map(|file| MayTake {
        sourced: command.sourced.clone(),
        ..may(Why::Open, file, vec![format!("*/{}", file.text)])
    });
    let away = unwritten.iter().filter(|_| is_beside || sets_mode).map(|file| (file, if_not_there(&file.text)));
    let away = away.filter(|(_, names)| !names.is_empty()).map(|(file, names)| may(Why::Away, file, names));
    let any = || ["yaml", "yml", "json"].map(|ending| format!("*.{ending}")).to_vec();
    // what the script says of a word is known
    let is_told = |word: &Said| command.open.iter().any(|open| open.said.at == word.at);
    let unread = command.unread.iter().filter(|word| command.files.is_empty() && chart.is_none() && !is_told(word));
    let unread = unread.map(|word| may(Why::Open, word, any()));
    changed.chain(open).chain(moved).chain(away).chain(unread).collect()
}

/// The files of a command that takes variables for its options, which another file may set.
fn of_options(command: &Command, text: &str, read: &[String]) -> Option<MayTake> {
    let chart = match Named::by(command) {
        Named::Illumio => None,
        Named::Folder(folder) => Some(folder),
        Named::Another => return None,
    };
    let variables = command.variables.clone();
    let said = variables.first().filter(|_| command.is_applied)?.clone();
    let is_unset = variables.iter().any(|name| !is_set_in(text, name));
    let included = if is_unset { read.to_vec() } else { Vec::new() };
    let names = command.files.iter().map(|file| file.text.clone()).collect();
    let added = Some(Added { variables, included });
    Some(MayTake { chart, added, ..MayTake::new(Why::Added, said, command.at.clone(), names) })
}

/// Those of a task, which names its files itself.
fn of_task(task: &Command) -> Vec<MayTake> {
    let is_alone = task.files.len() < 2 && task.sets.is_empty();
    let open = task.files.iter().filter(|file| is_open(&file.text) || file.text.starts_with('/'));
    let files: Vec<&Said> = task.files.iter().collect();
    let why = if is_alone { Why::Silent } else { Why::Open };
    let may = |file: &Said| MayTake::new(why, file.text.clone(), file.at.clone(), vec![file.text.clone()]);
    open.filter(|_| Named::by(task) != Named::Another).map(may).chain(of_command(task, &[], &files, false)).collect()
}

/// The names of the files that a name may stand for where no such file is: in a folder above that of the script, if it is run
/// there, or without the first folders, where the checkout was put there, or the file was copied. What is named after a
/// folder that is not known begins behind that.
fn if_not_there(name: &str) -> Vec<String> {
    let is_relative = !is_open(name) && !name.starts_with(['/', ':', '~', '-', '<', '.']);
    let above = (1..=HIGHEST).filter(|_| is_relative).map(|up| format!(":./{}{name}", "../".repeat(up)));
    let start = [":./", ":/", "./"].into_iter().find(|start| name.starts_with(start)).unwrap_or_default();
    let behind = &name[start.len()..];
    let is_place = |start: char| "/~-<:".contains(start);
    let tails = behind.match_indices('/').map(|(at, _)| &behind[at + 1..]).take(HIGHEST);
    let tails = tails.filter(|tail| {
        !behind.starts_with(is_place) && !is_open(tail) && !behind.contains("..") && !behind.contains("://")
    });
    let starts_open = as_pattern(behind).starts_with("*/");
    let is_known = !is_open(behind) || starts_open;
    above.chain(tails.filter(|_| is_known).map(|tail| format!("{start}{tail}"))).collect()
}

/// How many folders above its own a script is run in at the most; a name is tried without as many of its first folders.
const HIGHEST: usize = 6;

/// Whether something that is set may be the mode.
fn may_set_mode(set: &str) -> bool {
    let name = set.split_once('=').map_or(set, |(name, _)| name);
    name.contains(MODE_KEY) || is_open(name)
}
