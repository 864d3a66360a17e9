//! `.helm-clas.yaml`: found from the current folder up to the top of the checkout, and used for options that are not on
//! the command line. The command line wins over the environment, and that over the file.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::{ArgMatches, Command, parser::ValueSource};
use helm_clas::{
    ChartVersion,
    chart::secrets::masked,
    fleet::{FLEET_FILE, Fleet, Freeze, Order, Pattern, SETTINGS, Said, Setting},
    verify::Moment,
};
use ignore::{DirEntry, WalkBuilder};

use crate::{
    args::{Arguments, described},
    failure::Failure,
    outside::{files, git::Changes},
    paths,
};

/// What was found, with its place.
#[derive(Default)]
pub(crate) struct Nearest {
    fleet: Fleet,
    /// As a person named it, or as it leads from here.
    name: String,
    /// The folder from which its paths lead, without links.
    folder: PathBuf,
}

impl Nearest {
    /// The file that `--config` names, else the nearest; one that says nothing where there is none.
    pub(crate) fn named_or_found(named: Option<&str>) -> Result<Self, Failure> {
        let Some(path) = named.map(PathBuf::from).or_else(found) else { return Ok(Self::default()) };
        Self::read(&path, files::read(&path)?)
    }

    /// The file with this content.
    fn read(path: &Path, text: Vec<u8>) -> Result<Self, Failure> {
        let name = paths::name(path);
        let text = String::from_utf8(text).map_err(|_| Failure::new(format!("{name}: not text in UTF-8")))?;
        let fleet = Fleet::read(&text).map_err(|bad| Failure::new(format!("{name}: {bad}")).help(bad.help))?;
        let whole = paths::real(path).map_err(Failure::while_doing(format!("cannot find {name}")))?;
        let folder = whole.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok(Self { fleet, name, folder })
    }

    /// The file as it was before a change; nothing where it did not change. One that could not be read sets nothing.
    pub(crate) fn before(&self, changes: &Changes) -> Option<Self> {
        let path = Path::new(&self.name);
        let is_changed = !self.name.is_empty() && changes.is_changed(path);
        let old = || changes.old_of(path, &mut None).ok().flatten();
        is_changed.then(|| old().and_then(|text| Self::read(path, text).ok()).unwrap_or_default())
    }

    /// A value as it counts here: the path of a chart leads from the folder of the file.
    fn value_here(&self, said: &Said) -> String {
        let is_path = said.setting.key == "chart" && (said.value.starts_with("./") || said.value.starts_with("../"));
        match Path::new(&self.name).parent().filter(|folder| is_path && !folder.as_os_str().is_empty()) {
            Some(folder) => paths::name(&folder.join(said.value.trim_start_matches("./"))),
            None => said.value.clone(),
        }
    }

    /// Whether it is this file.
    pub(crate) fn is(&self, file: &Path) -> bool {
        let real = |path: &Path| paths::real(path).ok();
        !self.name.is_empty() && real(Path::new(&self.name)).is_some_and(|own| real(file) == Some(own))
    }

    /// The chart version that is set for the cluster whose values are in a file.
    pub(crate) fn version_of(&self, file: &Path) -> Option<ChartVersion> {
        value(&self.of(file), "version").and_then(|version| version.parse().ok())
    }

    /// What is set for the cluster whose values are in a file.
    pub(crate) fn of(&self, file: &Path) -> Vec<&Said> {
        self.path_of(file).map(|path| self.fleet.of(&path)).unwrap_or_default()
    }

    /// When it is the turn of the cluster whose values are in a file.
    pub(crate) fn order_of(&self, file: &Path) -> Order {
        self.path_of(file).map_or(Order::LAST, |path| self.fleet.order_of(&path))
    }

    /// The freeze in which it is at a moment.
    pub(crate) fn freeze_of(&self, file: &Path, now: &Moment) -> Option<&Freeze> {
        self.fleet.freeze_of(&self.path_of(file)?, now)
    }

    /// A warning for each of its patterns that no file fits.
    pub(crate) fn unmatched(&self) -> Vec<String> {
        let unmatched = self.fleet.patterns().filter(|pattern| !self.has_file_for(pattern));
        let warning = |pattern: &Pattern| {
            let Pattern { text, line } = pattern;
            format!("warning: line {line} of {}: `{}` matches no file", self.name, masked(text).escape_debug())
        };
        unmatched.map(warning).collect()
    }

    /// Whether a file fits a pattern. What is hidden or ignored counts as well, for it can be named.
    fn has_file_for(&self, pattern: &Pattern) -> bool {
        let (folder, depth) = pattern.reach();
        let mut walk = WalkBuilder::new(self.folder.join(folder));
        walk.standard_filters(false).max_depth(depth).filter_entry(|entry| entry.file_name() != ".git");
        let path_of = |entry: &DirEntry| Some(paths::name(entry.path().strip_prefix(&self.folder).ok()?));
        let is_file = |entry: &DirEntry| entry.file_type().is_some_and(|kind| !kind.is_dir());
        walk.build().flatten().filter(is_file).filter_map(|entry| path_of(&entry)).any(|path| pattern.fits(&path))
    }

    /// The path of a file from the folder of `.helm-clas.yaml`; nothing where it is elsewhere, or nothing is set.
    fn path_of(&self, file: &Path) -> Option<String> {
        if self.fleet.is_empty() {
            return None;
        }
        let whole = paths::real(file).ok()?;
        Some(paths::name(whole.strip_prefix(&self.folder).ok()?))
    }
}

/// The value of one key, among what is set for a cluster.
pub(crate) fn value<'s>(said: &[&'s Said], key: &str) -> Option<&'s str> {
    said.iter().find(|said| said.setting.key == key).map(|said| said.value.as_str())
}

/// The nearest file, from the current folder up to the top of the checkout; without a checkout, that of the current
/// folder.
fn found() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    let has_top = here.ancestors().any(|folder| folder.join(".git").exists());
    let mut from_here = PathBuf::new();
    for folder in here.ancestors() {
        if folder.join(FLEET_FILE).is_file() {
            return Some(from_here.join(FLEET_FILE));
        }
        if !has_top || folder.join(".git").exists() {
            return None;
        }
        from_here.push("..");
    }
    None
}

/// A command line with what it did not say.
#[derive(Default)]
pub(crate) struct Filled {
    /// Nothing where none was added.
    pub(crate) arguments: Option<Arguments>,
    /// Where each of the added options comes from, and what is odd about that, for a person.
    pub(crate) notes: Vec<String>,
}

/// The command line with the options that it does not have, and the environment or the file has.
pub(crate) fn filled(words: &[OsString], matches: &ArgMatches) -> Result<Filled, Failure> {
    let (way, matches) = deepest(matches);
    let files = values_of(matches);
    if files.is_empty() {
        return Ok(Filled::default());
    }
    let mut command = described::command();
    command.build();
    let asked = way.iter().try_fold(&command, |command, name| command.find_subcommand(name)).unwrap_or(&command);
    let named = matches.try_get_one::<String>("config").ok().flatten();
    let nearest = Nearest::named_or_found(named.map(String::as_str))?;
    let mut added = Vec::new();
    for setting in SETTINGS.iter().filter(|setting| is_open(setting, asked, matches)) {
        let from_environment = env::var(setting.variable).ok().filter(|value| !value.is_empty());
        added.extend(match (from_environment, nearest.one_of(&files, setting)?) {
            (Some(value), _) => Some(Added { setting, value, source: setting.variable.to_owned() }),
            (None, Some(said)) => {
                let source = format!("line {} of {}", said.line, nearest.name);
                Some(Added { setting, value: nearest.value_here(said), source })
            }
            (None, None) => None,
        });
    }
    let mut notes = nearest.unmatched();
    if added.is_empty() {
        return Ok(Filled { arguments: None, notes });
    }
    let (arguments, _) = Arguments::of(&with(words, added.iter().map(Added::word))).map_err(|error| {
        let wrong = added.iter().find_map(|added| Some((added, Arguments::of(&with(words, [added.word()])).err()?)));
        let (source, error) =
            wrong.map_or((nearest.name.clone(), error), |(added, error)| (added.source.clone(), error));
        let why = error.to_string();
        let why = why.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Failure::new(format!("{source}: {why}")).help("correct it, or set it on the command line")
    })?;
    notes.extend(added.iter().map(Added::note));
    Ok(Filled { arguments: Some(arguments), notes })
}

/// An option that the command line does not have.
struct Added {
    setting: &'static Setting,
    value: String,
    /// Who says it.
    source: String,
}

impl Added {
    fn word(&self) -> OsString {
        format!("--{}={}", self.setting.option, self.value).into()
    }

    fn note(&self) -> String {
        format!("note: {} is {}, as {} says", self.setting.what, self.value, self.source)
    }
}

impl Nearest {
    /// The value of a setting for the cluster whose values are in some files together.
    fn one_of(&self, files: &[&String], setting: &'static Setting) -> Result<Option<&Said>, Failure> {
        let said =
            files.iter().flat_map(|file| self.of(Path::new(file.as_str()))).filter(|said| said.setting == setting);
        let mut said: Vec<&Said> = said.collect();
        said.dedup_by(|a, b| a.value == b.value);
        match said[..] {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            [one, other, ..] => Err(Failure::new(format!(
                "{}: `{}` is {} by line {} and {} by line {}, and the files of -f are for one cluster",
                self.name, setting.key, one.value, one.line, other.value, other.line,
            ))
            .help(format!("pass --{} on the command line, or use one entry for these files", setting.option))),
        }
    }
}

/// The names of the commands that lead to the one that is asked for, and what it was given.
fn deepest(mut matches: &ArgMatches) -> (Vec<&str>, &ArgMatches) {
    let mut names = Vec::new();
    while let Some((name, below)) = matches.subcommand() {
        names.push(name);
        matches = below;
    }
    (names, matches)
}

/// The files of `-f`.
fn values_of(matches: &ArgMatches) -> Vec<&String> {
    let files = |id| matches.try_get_many::<String>(id).ok().flatten();
    let files = files("files").or_else(|| files("values"));
    files.into_iter().flatten().filter(|file| *file != "-").collect()
}

/// Whether a command has an option that its command line does not set. Helm sets a namespace and a context even if the
/// user did not. The version of `upgrade` is the new one: the user names it each time.
fn is_open(setting: &Setting, command: &Command, matches: &ArgMatches) -> bool {
    let option = command.get_arguments().find(|argument| argument.get_long() == Some(setting.option));
    let Some(option) = option else { return false };
    let id = option.get_id().as_str();
    let is_of_helm =
        || matches.try_get_one::<String>(id).ok().flatten().is_some_and(|said| ["", "default"].contains(&&**said));
    match matches.value_source(id) {
        Some(ValueSource::CommandLine) => false,
        Some(ValueSource::EnvVariable) => is_of_helm(),
        _ => !(setting.key == "version" && command.get_name() == "upgrade"),
    }
}

/// Some words with more options, before those that are Helm's.
fn with(words: &[OsString], more: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    words[..end].iter().cloned().chain(more).chain(words[end..].iter().cloned()).collect()
}
