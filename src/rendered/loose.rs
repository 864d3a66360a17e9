//! [`MayTake`]: the files that a command of Helm may give to a release, where its names are not known.

use std::{collections::HashSet, ops::Range};

use super::{
    Kind,
    command::Command,
    folders::cleaned,
    hcl::has_open_values,
    is_of_terraform, is_prose,
    jobs::of_jobs,
    kind_of,
    named::{named_loosely, runs_commands},
    pattern::{as_pattern, is_open, paths_in},
    program::{Names, names_in_program},
    run::Given,
    script::Commands,
    shell::mentions_helm,
    text::{ASCIIDOC, MARKDOWN, Said, Text, fences},
    together::{Passing, may_name},
    written::Gets,
};
use crate::{chart::MODE_KEY, glob::fits_text, shown::on_one_line, source::Source, terraform, yaml::MAX_PROGRAM_BYTES};

/// Files that a command of Helm may give to a release: by names that are not known, from a folder that is not, or together
/// with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MayTake {
    /// What names them, as it is written.
    pub said: String,
    /// The bytes of that.
    pub span: Range<usize>,
    /// The scripts that were read before, by names as those of the files: it holds where one of them goes to a folder.
    pub sourced: Vec<String>,
    /// Why it is not known what a release gets of them.
    pub why: Why,
    /// The names that they may have.
    names: Vec<String>,
    /// The names that they may have if a chart that brings Illumio's is around them: what cannot be read may name its folder.
    of_chart: Vec<String>,
    /// The folder that the chart may be; nothing where it is Illumio's, or may be.
    chart: Option<String>,
    /// What is run, where that may pass the files on to Helm, and all files that the command names.
    program: Option<(String, Vec<String>)>,
    /// The names that a script which is run has for others, with its path.
    of_program: Option<(String, Vec<String>)>,
}

/// Why it is not known what a release gets of some files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Their names are not known.
    Open,
    /// They are in a folder above that of the script, if it is run there: no such file is beside it or at the top.
    Above,
    /// Their names are not known, but what they say of a mode counts, so that only those may be in another one which say none.
    Silent,
    /// It is not a command, but a file that cannot be read and names them.
    Unread,
    /// A manifest takes them by names that are templates, and nothing in it is above them.
    Template,
    /// The same, and something is, or may be.
    UnderTemplate,
    /// A kustomization makes objects of them, which a release may take.
    Generated,
    /// A template of their chart brings Illumio's with a mode of its own.
    Rendered,
    /// A call of a module is given them, and it is not known what that makes of them.
    Passed,
    /// They are named together, and one of them may override another.
    Together,
    /// A line of a script names them, outside of the releases that are read of it.
    Named,
    /// The file names them by a pattern, and sets a mode beside them.
    Sets,
    /// They are helmfiles, and a command gives their releases another file, which `said` is.
    Beside,
}

impl MayTake {
    /// The files that a text which cannot be read names, and those of the charts whose folders it names, if it gives them
    /// values: all of them if it puts in whatever another file says (`toYaml`).
    pub(crate) fn unread(text: &str, span: Range<usize>) -> Option<Self> {
        const MOST: usize = 1_000;
        let words = paths_in(text);
        let key = |line: &str| {
            line.trim_start_matches([' ', '\t', '-', '{']).split_once(": ").map(|(key, value)| {
                (key.to_owned(), value.split(" #").next().unwrap_or(value).trim().trim_matches(['"', '\'']).to_owned())
            })
        };
        let is_of_folder = |key: &String| ["path", "chart", "chart_ref", "dir"].contains(&key.as_str());
        let folder = |(key, value): (String, String)| Some(as_pattern(&value)).filter(|_| is_of_folder(&key));
        let folders = text.lines().filter_map(key).filter_map(folder);
        let folders: Vec<String> = folders.filter(|folder| !folder.contains("://") && !folder.contains(' ')).collect();
        let gives_any = text.contains("toYaml");
        let keys = text.replace(".Values", "");
        let gives_values = gives_any || ["alues", "alueFiles", "arameters"].iter().any(|key| keys.contains(key));
        let own = folders.iter().filter(|_| gives_values).map(|folder| {
            let name = if gives_any { "*.yaml" } else { "values.yaml" };
            format!("{folder}/{name}")
        });
        let below = folders.iter().flat_map(|folder| words.iter().map(move |word| format!("{folder}/{word}")));
        let of_chart: Vec<String> = own.chain(below).take(MOST).collect();
        // what begins with a part that is filled in, and has no folder, is beside the file
        let is_beside = |word: &str| word.starts_with(['$', '{']) && !word.contains('/');
        let named = words.into_iter().map(|word| if is_beside(&word) { format!(":./{word}") } else { word });
        let words: Vec<String> = named.collect();
        let is_any = !words.is_empty() || !of_chart.is_empty();
        is_any.then(|| Self { of_chart, ..Self::new(Why::Unread, String::new(), span, words) })
    }

    fn new(why: Why, said: String, span: Range<usize>, names: Vec<String>) -> Self {
        let (sourced, of_chart) = (Vec::new(), Vec::new());
        Self { said, span, sourced, why, names, of_chart, chart: None, program: None, of_program: None }
    }

    /// Files that a manifest names by a template: as they may be called, and so in a chart that brings Illumio's.
    pub(crate) fn of_template(
        why: Why,
        said: String,
        span: Range<usize>,
        names: Vec<String>,
        of_chart: Vec<String>,
    ) -> Self {
        Self { of_chart, ..Self::new(why, said, span, names) }
    }

    /// The files that a text which sets a mode names by patterns.
    pub(crate) fn beside_mode(text: &str) -> Option<Self> {
        let names: Vec<String> = names_in_program(text).into_iter().filter(|name| is_open(name)).collect();
        (!names.is_empty()).then(|| Self::new(Why::Sets, String::new(), 0..0, names))
    }

    /// Files that are named together in a file, outside of its commands.
    pub(crate) fn together((names, span): Names) -> Self {
        Self::new(Why::Together, String::new(), span, names)
    }

    fn passing(passing: &Passing) -> Self {
        let texts = |all: &[Said]| all.iter().map(|said| said.text.clone()).collect::<Vec<_>>();
        let Said { text, at } = &passing.program;
        if text.rsplit('/').next() == Some("helmfile") {
            let said = texts(&passing.files).join(", ");
            return Self::new(Why::Beside, said, at.clone(), texts(&passing.all));
        }
        let may = Self::new(Why::Together, text.clone(), at.clone(), texts(&passing.files));
        Self { program: Some((text.clone(), texts(&passing.all))), ..may }
    }

    /// What names them, as a sentence shows it.
    #[must_use]
    pub fn shown(&self) -> String {
        on_one_line(self.said.trim_start_matches(":./"))
    }

    /// The files that what it runs may be, for a script at a path from the top of the checkout.
    #[must_use]
    pub fn programs(&self, script: &str) -> Vec<String> {
        let Some((program, _)) = &self.program else { return Vec::new() };
        let known = RUNNERS.iter().find(|(runner, _)| runner == program).map(|(_, files)| *files);
        let names: Vec<&str> = known.map_or_else(|| vec![program.as_str()], <[&str]>::to_vec);
        let paths = names.iter().flat_map(|name| from_top(name, script)).filter(|path| !path.contains('*'));
        paths.map(|path| path.trim_start_matches('/').to_owned()).collect()
    }

    /// Takes the text of what it runs: which files that gives to Helm beside those that it passes on. One that passes
    /// nothing on takes the files for something else.
    pub fn through(&mut self, path: &str, bytes: &[u8]) {
        let Some((program, all)) = self.program.take() else { return };
        let is_runner = RUNNERS.iter().any(|(runner, _)| *runner == program);
        match passed_on(Source { name: path, bytes }) {
            Some(names) => {
                self.names = all;
                self.of_program = Some((path.to_owned(), names));
            }
            None if !is_runner && !bytes.to_ascii_lowercase().windows(4).any(|word| word == b"helm") => {
                self.names.clear();
            }
            None => {}
        }
    }

    /// The other files beside the one of a path, where several are named together: each as it is written, with the
    /// patterns of the paths that it may have.
    #[must_use]
    pub fn others<'m>(&'m self, script: &'m str, path: &str) -> Vec<(&'m str, Vec<String>)> {
        let path = format!("/{path}");
        // a name that is not known may be that of another one, too
        let all = self.patterns(script).filter(|(_, patterns)| !patterns.contains(&path));
        all.map(|(name, patterns)| (name.trim_start_matches([':', '/', '.']), patterns)).collect()
    }

    /// Each name with the patterns of the paths that it may lead to.
    fn patterns<'m>(&'m self, script: &'m str) -> impl Iterator<Item = (&'m str, Vec<String>)> {
        let of_program = self.of_program.iter().flat_map(|(path, names)| names.iter().map(move |name| (name, &**path)));
        let all = self.names.iter().map(move |name| (name, script)).chain(of_program);
        all.map(|(name, script)| (name.as_str(), from_top(name, script)))
    }

    /// Whether it may be the file of a path, for a script at another one; both from the top of the checkout.
    ///
    /// ```
    /// use helm_clas::{Files, Texts, look::may_take};
    ///
    /// let (texts, script) = (Texts::new(), "cd $ENV && helm upgrade a illumio/illumio -f values.yaml -f more.yaml");
    /// let found = may_take(&Files::of(&texts, [("bin/deploy.sh", script)]), 0);
    /// assert!(found[0].0.is("bin/deploy.sh", "east/values.yaml") && !found[0].0.is("bin/deploy.sh", "east/other.yaml"));
    /// ```
    #[must_use]
    pub fn is(&self, script: &str, path: &str) -> bool {
        self.any_is(self.patterns(script).flat_map(|(_, patterns)| patterns), script, path)
    }

    /// The same, for a file of a chart of the checkout that brings Illumio's.
    #[must_use]
    pub fn is_of_chart(&self, script: &str, path: &str) -> bool {
        self.any_is(self.of_chart.iter().flat_map(|name| from_top(name, script)), script, path)
    }

    fn any_is(&self, mut patterns: impl Iterator<Item = String>, script: &str, path: &str) -> bool {
        let path = format!("/{path}");
        // a name of which nothing is known is one of those around the script
        let is_near = || path.starts_with(&format!("/{}", around(script)));
        let fits = |pattern: String| {
            let known = pattern.trim_matches(['*', '/']);
            let is_whole = matches!(self.why, Why::Unread | Why::Rendered | Why::Generated);
            let is_any = known.is_empty() || !is_whole && [".yaml", ".yml"].contains(&known);
            fits_text(&pattern, &path) && (!is_any || is_near())
        };
        patterns.any(fits)
    }

    /// The folders that the chart may be, for a script at a path from the top of the checkout; nothing where it may be
    /// Illumio's anyway.
    #[must_use]
    pub fn charts(&self, script: &str) -> Option<Vec<String>> {
        let folders = from_top(self.chart.as_ref()?, script);
        Some(folders.into_iter().map(|folder| folder.trim_start_matches('/').to_owned()).collect())
    }

    /// The paths from the top of the checkout where a file of a known name usually is: beside the script, and at the top.
    #[must_use]
    pub fn usual(&self, script: &str) -> Vec<String> {
        from_top(&self.said, script).into_iter().map(|path| path.trim_start_matches('/').to_owned()).collect()
    }

    /// The scripts that were read before, by their paths from the top of the checkout.
    #[must_use]
    pub fn scripts(&self, script: &str) -> Vec<String> {
        let paths = self.sourced.iter().flat_map(|name| from_top(name, script));
        paths.map(|path| path.trim_start_matches('/').to_owned()).collect()
    }
}

/// The folder that the files of a script are in: its own, or the one around a folder that holds only scripts.
fn around(script: &str) -> &str {
    const OF_SCRIPTS: [&str; 10] =
        ["bin", "scripts", "script", "ci", ".ci", "hack", "tools", "build", "workflows", ".github"];
    let of_github = script.split_once(".github/").map(|(before, _)| before.trim_end_matches('/'));
    let mut folder = of_github.unwrap_or_else(|| script.rsplit_once('/').map_or("", |(folder, _)| folder));
    while OF_SCRIPTS.contains(&folder.rsplit('/').next().unwrap_or(folder)) {
        folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
    }
    folder
}

/// The patterns of paths that a name may lead to, for a script at a path. A script may be run in its own folder, or at the
/// top; a folder that is the top of a file system may be the checkout.
fn from_top(name: &str, script: &str) -> Vec<String> {
    let mut pattern = as_pattern(name);
    while pattern.contains("*/..") {
        pattern = pattern.replace("*/..", "*");
    }
    let folder = script.rsplit_once('/').map_or("", |(folder, _)| folder);
    let beside = |path: &str| cleaned(&format!("{folder}/{path}"));
    let below = |path: String| Some(format!("/{path}")).filter(|_| !path.split('/').any(|part| part == ".."));
    if let Some(path) = pattern.strip_prefix(":./").or_else(|| pattern.strip_prefix(":.")) {
        return below(beside(path)).into_iter().collect();
    }
    if let Some(path) = pattern.strip_prefix(':') {
        return vec![format!("/{}", cleaned(path.trim_start_matches('/')))];
    }
    if let Some(path) = pattern.strip_prefix('/') {
        const ELSEWHERE: [&str; 6] = ["tmp", "dev", "etc", "var", "proc", "usr"];
        let first = path.split('/').next().unwrap_or_default();
        let mounted = path.split_once('/').filter(|_| !ELSEWHERE.contains(&first)).map(|(_, rest)| rest);
        let deeper = mounted.and_then(|rest| rest.split_once('/')).map(|(_, rest)| rest);
        return mounted.into_iter().chain(deeper).map(|rest| format!("/{rest}")).collect();
    }
    if pattern.starts_with('*') {
        return vec![pattern];
    }
    if pattern.starts_with('~') || pattern.contains("://") {
        return Vec::new();
    }
    // what is filled in may be one folder, which `..` leaves again
    let as_one = as_pattern(name);
    let all = [beside(&pattern), cleaned(&pattern), beside(&as_one), cleaned(&as_one)];
    let mut both: Vec<String> = all.into_iter().filter_map(below).collect();
    both.sort();
    both.dedup();
    if both.is_empty() {
        // it is run in another folder: what a makefile includes is run in that of the makefile
        both.push(format!("*/{}", cleaned(&pattern).trim_start_matches("../")));
    }
    both
}

/// What runs targets, or scripts, that a file beside the caller has, with the names of that file.
#[rustfmt::skip] // a table
const RUNNERS: &[(&str, &[&str])] = &[
    ("make", &["Makefile", "makefile", "GNUmakefile"]), ("gmake", &["Makefile", "makefile", "GNUmakefile"]),
    ("task", &["Taskfile.yml", "Taskfile.yaml"]), ("just", &["justfile", "Justfile", ".justfile"]),
    ("npm", &["package.json"]), ("yarn", &["package.json"]), ("pnpm", &["package.json"]), ("earthly", &["Earthfile"]),
];

/// The texts with commands of a file, and the tasks of Azure.
fn texts_of(source: Source<'_>) -> Option<(Vec<Text>, Vec<Command>)> {
    let text = source.text().ok()?;
    match kind_of(source.name, source.bytes)? {
        Kind::Script => Some((vec![Text::whole(text)], Vec::new())),
        Kind::Yaml | Kind::Values => Some(of_jobs(text)),
        _ => None,
    }
}

/// Those of a file: of a script, or of the commands in YAML. Prose only mentions them.
pub(crate) fn may_take(source: Source<'_>) -> Vec<MayTake> {
    let has = |word: &str| memchr::memmem::find(source.bytes, word.as_bytes()).is_some();
    if is_of_terraform(source.name) || source.name.ends_with(".tf.json") {
        let text = source.text().unwrap_or_default();
        let of_release = has("helm_release").then(|| of_terraform(source, text)).flatten();
        let run = |text| of_examples(text, &[Text::whole(text)]);
        let of_commands = Some(text).filter(|_| has("local-exec")).into_iter().flat_map(run);
        let of_calls = (has("helm_template") || has("module") && !has("helm_release")).then(|| passed_in(text));
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
    let commands = Commands::of(source.text().unwrap_or_default(), &texts);
    let of_given = |Given { command, gets, .. }: &Given| {
        let all = command.files.iter().zip(gets);
        let changed: Vec<&Said> = all.filter(|(_, gets)| matches!(gets, Gets::Unknown)).map(|(file, _)| file).collect();
        let is_loose = !changed.is_empty() || commands.is_loose && !command.unread.is_empty();
        of_command(command, &changed, is_loose)
    };
    let of_tasks = tasks.iter().flat_map(of_task);
    let passing = commands.passing.iter().map(MayTake::passing);
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

/// The files that commands give to Helm beside those that the caller of the script names; nothing where none passes any
/// on.
fn passed_on(source: Source<'_>) -> Option<Vec<String>> {
    let (texts, _) = texts_of(source)?;
    let commands = Commands::of(source.text().ok()?, &texts);
    let passes = |command: &&Command| {
        let is_open = command.files.len() > 1 && !command.open.is_empty();
        let is_appended = kind_of(source.name, source.bytes) == Some(Kind::Values);
        chart_of(command).is_some()
            && command.is_applied
            && (command.passes_on || !command.unread.is_empty() || is_open || is_appended)
    };
    let passing: Vec<&Command> = commands.given.iter().map(|given| &given.command).filter(passes).collect();
    let plain = passing.iter().flat_map(|command| &command.files).filter(|file| !is_open(&file.text));
    (!passing.is_empty()).then(|| plain.map(|file| file.text.clone()).collect())
}

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

/// What a release of Terraform may take by expressions that are not read, or in a file that cannot be.
fn of_terraform(source: Source<'_>, text: &str) -> Option<MayTake> {
    let is_ours = text.to_ascii_lowercase().contains("illumio") || text.contains("var.") || text.contains("local.");
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
    let given = commands.given.iter().map(|given| &given.command).filter(|command| chart_of(command).is_some());
    let several = given.filter(|command| command.files.len() > 1);
    // Terraform runs a command in the folder that is named beside it
    let start = if source.contains("working_dir") { "*/" } else { "" };
    let names = |command: &Command| command.files.iter().map(|file| format!("{start}{}", file.text)).collect();
    several.map(|command| MayTake::together((names(command), command.at.clone()))).collect()
}

fn of_command(command: &Command, changed: &[&Said], is_loose: bool) -> Vec<MayTake> {
    let Some(chart) = chart_of(command).filter(|_| command.is_applied) else { return Vec::new() };
    let sets_mode = command.sets.iter().any(|(_, set)| set.text.split(',').any(may_set_mode));
    // one file alone is all that such a release gets, whichever it is
    let is_beside =
        command.files.len() > 1 || !command.more.is_empty() || command.is_alternative || command.is_of_other_branch;
    let decides = !(is_beside || sets_mode || is_loose);
    let may = |why: Why, said: &Said, names: Vec<String>| MayTake {
        chart: chart.clone(),
        ..MayTake::new(why, said.text.clone(), said.at.clone(), names)
    };
    let changed = changed.iter().filter(|file| !is_open(&file.text));
    let changed = changed.map(|file| may(Why::Open, file, vec![file.text.clone()]));
    let open = command.open.iter().filter(|_| !decides || command.reuses_values.is_some());
    let why = if decides { Why::Silent } else { Why::Open };
    let open = open.map(|open| may(why, &open.said, open.names.clone()));
    let moved = command.files.iter().filter(|file| {
        !command.sourced.is_empty() && !is_open(&file.text) && !file.text.starts_with(['/', ':', '~', '-', '<'])
    });
    let moved = moved.map(|file| MayTake {
        sourced: command.sourced.clone(),
        ..may(Why::Open, file, vec![format!("*/{}", file.text)])
    });
    let is_relative = |file: &&Said| !is_open(&file.text) && !file.text.starts_with(['/', ':', '~', '-', '<', '.']);
    let above = command.files.iter().filter(|file| is_beside && is_relative(file)).map(|file| {
        let names = (1..=HIGHEST).map(|up| format!(":./{}{}", "../".repeat(up), file.text));
        may(Why::Above, file, names.collect())
    });
    let any = || ["yaml", "yml", "json"].map(|ending| format!("*.{ending}")).to_vec();
    // what the script says of a word is known
    let is_told = |word: &Said| command.open.iter().any(|open| open.said.at == word.at);
    let unread = command.unread.iter().filter(|word| command.files.is_empty() && chart.is_none() && !is_told(word));
    let unread = unread.map(|word| may(Why::Open, word, any()));
    changed.chain(open).chain(moved).chain(above).chain(unread).collect()
}

/// Those of a task, which names its files itself.
fn of_task(task: &Command) -> Vec<MayTake> {
    let is_alone = task.files.len() < 2 && task.sets.is_empty();
    let open = task.files.iter().filter(|file| is_open(&file.text));
    let why = if is_alone { Why::Silent } else { Why::Open };
    let may = |file: &Said| MayTake::new(why, file.text.clone(), file.at.clone(), vec![file.text.clone()]);
    open.filter(|_| chart_of(task).is_some()).map(may).chain(of_command(task, &[], false)).collect()
}

/// How many folders above its own a script is run in at the most.
const HIGHEST: usize = 6;

/// Whether something that is set may be the mode.
fn may_set_mode(set: &str) -> bool {
    let name = set.split_once('=').map_or(set, |(name, _)| name);
    name.contains(MODE_KEY) || is_open(name)
}

/// The folder that the chart may be, or that it may be Illumio's; nothing of another chart.
#[allow(clippy::option_option)]
fn chart_of(command: &Command) -> Option<Option<String>> {
    let Some(chart) = &command.chart else { return Some(None) };
    let name = chart.text.trim_end_matches('/');
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.to_ascii_lowercase().contains("illumio") || is_open(last) {
        return Some(None);
    }
    let folder = command.chart_at.as_deref().unwrap_or(name);
    let is_path = name.starts_with(['.', '/', ':', '~']) || is_open(name);
    let is_called_so = || command.name.as_ref().is_some_and(|name| name.text.to_ascii_lowercase().contains("illumio"));
    match () {
        () if name.contains("://") => None,
        // the name of a repository may be that of a folder
        () if is_open(folder) && !is_path && !is_called_so() => None,
        () => Some(Some(folder.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::from_top;

    #[test]
    fn a_name_leads_from_the_folder_of_its_script_and_from_the_top() {
        for (name, patterns) in [
            ("$ENV/values.yaml", &["*/values.yaml"][..]),
            ("prod/$X.yaml", &["/bin/prod/*.yaml", "/prod/*.yaml"]),
            (":./../prod/$X.yaml", &["/prod/*.yaml"]),
            (":/prod/$X.yaml", &["/prod/*.yaml"]),
            ("../prod/$X.yaml", &["/prod/*.yaml"]),
            ("/w/prod/values.yaml", &["/prod/values.yaml", "/values.yaml"]),
            ("/tmp/values.yaml", &[]),
            ("$ENV/../a.yaml", &["*/a.yaml"]),
        ] {
            assert_eq!(from_top(name, "bin/deploy.sh"), patterns, "{name}");
        }
    }
}
