//! [`Taking`]: a command of a checkout that may give a release a file by a name that is not known.

use std::{
    fs,
    path::{Path, PathBuf},
};

use helm_clas::{
    Finding, Position, Rule, Severity,
    look::{MayTake, Why, goes_elsewhere, says_mode_key},
};

use crate::{
    outside::files,
    paths,
    workspace::{
        Checkout,
        adding::{Adding, Definitions},
        visitor::may_bring_illumio,
    },
};

/// Who deploys a release, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// Nothing says so: the values files are all that is known.
    Hand,
    /// A script.
    Script,
    /// A script, where the mode of a release of a controller is decided in the file as well.
    Both,
    /// A controller: what that takes of files is known.
    Controller,
}

/// What is known of the release that a file is asked about for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    /// Whether the file sets a mode.
    pub(crate) is_said: bool,
    /// Who deploys it.
    pub(crate) by: By,
    /// Whether the file is to be changed, and not meant by `--path`.
    pub(crate) is_step: bool,
    /// Whether it is meant by `--path`.
    pub(crate) is_meant: bool,
}

impl About {
    fn is_of_controller(self) -> bool {
        self.by == By::Controller
    }

    /// Whether it is known anyway what the release gets.
    fn is_left_by(self, why: Why) -> bool {
        match why {
            Why::Silent => self.is_said,
            Why::Alone | Why::Handed => true,
            Why::Named | Why::Given => self.by != By::Hand,
            Why::Together | Why::Passed => self.is_of_controller(),
            // what a release names by itself is known of that
            Why::Template => !self.is_step && (self.is_of_controller() || self.is_said),
            Why::FilledIn => self.is_meant,
            Why::UnderTemplate => self.is_meant || !self.is_step && self.is_of_controller(),
            Why::Generated => self.is_of_controller() || self.by == By::Both || !self.is_step && self.is_said,
            Why::Open | Why::Away | Why::Unread | Why::Beside | Why::Rendered | Why::Sets | Why::Added => false,
        }
    }
}

/// A command that may give a release a file by a name that is not known.
#[derive(Debug)]
pub(crate) struct Taking {
    /// The file with the command, as it is named, and its whole path.
    file: String,
    whole: PathBuf,
    at: Position,
    top: PathBuf,
    may: MayTake,
    /// What sets a variable with options of the command.
    added: Option<Adding>,
}

impl Taking {
    /// Nothing where its chart is known to be another one, or no script that it depends on goes to another folder.
    pub(super) fn of(file: &str, may: MayTake, at: Position) -> Option<Self> {
        let whole = paths::real(file).ok()?;
        let top = Checkout::of(Path::new(file), &[])?.top().to_path_buf();
        let mut taking = Self { file: file.to_owned(), whole, at, top, may, added: None };
        let script = taking.script()?;
        let program = taking.may.programs(&script).into_iter().find_map(|path| {
            let bytes = fs::read(taking.top.join(&path)).ok()?;
            Some((path, bytes))
        });
        if let Some((path, bytes)) = program {
            taking.may.through(&path, &bytes);
        }
        let is_ours = |folder: &String| {
            // where the beginning is not known, the rest is looked for at the top
            let known = folder.trim_start_matches(['*', '/', '.']);
            let chart = taking.top.join(known).join(files::CHART);
            let is_there = chart.is_file();
            is_there && may_bring_illumio(&chart) || !is_there && known != folder
        };
        let is_there = |path: &String| taking.top.join(path).is_file();
        if taking.may.why == Why::Away && taking.may.usual(&script).iter().any(is_there) {
            return None;
        }
        let goes = |name: &String| fs::read(taking.top.join(name)).is_ok_and(|bytes| goes_elsewhere(&bytes));
        let may_be_ours = taking.may.charts(&script).is_none_or(|folders| folders.iter().any(is_ours));
        let is_moved = taking.may.sourced.is_empty() || taking.may.scripts(&script).iter().any(goes);
        (may_be_ours && is_moved).then_some(taking)
    }

    /// Whether it counts where it is a command with variables for its options: another file sets one of them, or is read for
    /// that and is not there.
    pub(super) fn is_added(&mut self, defined: &Definitions) -> bool {
        if self.may.why != Why::Added {
            return true;
        }
        let mut all = Vec::new();
        for name in self.may.variables() {
            all.extend(defined.of(name).filter(|(file, one, _)| *file != self.file || one.is_given));
        }
        if let Some((file, one, at)) = all.first() {
            self.added = Some(Adding::By { name: one.name.clone(), file: file.clone(), line: at.line });
            for (_, one, _) in &all {
                self.may.takes(one);
            }
            return true;
        }
        let Some(script) = self.script() else { return false };
        let is_there = |path: &String| self.top.join(path).exists();
        let missing = self.may.included(&script).into_iter().find(|(_, paths)| !paths.iter().any(is_there));
        self.added = missing.map(|(name, _)| Adding::Missing(name.to_owned()));
        self.added.is_some()
    }

    /// The file with the command.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// Whether a file, by its whole path, is one that the command names with a variable.
    pub(super) fn may_be(&self, file: &Path) -> bool {
        let path = || Some(paths::name(file.strip_prefix(&self.top).ok()?));
        let is_it = || path().zip(self.script()).is_some_and(|(path, script)| self.may.is(&script, &path));
        matches!(self.may.why, Why::Open | Why::Silent | Why::Alone) && is_it()
    }

    /// The words for a command that gives a file, by its whole path, to helmfile; nothing of another one.
    pub(super) fn hands(&self, file: &Path) -> Option<String> {
        let is_it = |path: &Path| Some(self.may.is(&self.script()?, &paths::name(path.strip_prefix(&self.top).ok()?)));
        let is_handed = self.is_handed() && is_it(file) == Some(true);
        is_handed.then(|| format!("{} line {} gives this file to helmfile", self.file, self.at.line))
    }

    /// Whether it is a command that gives files to helmfile.
    pub(super) fn is_handed(&self) -> bool {
        self.may.why == Why::Handed
    }

    /// The chart around a file, if it may bring Illumio's.
    fn chart_of(&self, file: &Path) -> Option<PathBuf> {
        let folders = file.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.top));
        let chart = folders.map(|folder| folder.join(files::CHART)).find(|chart| chart.is_file());
        chart.filter(|chart| may_bring_illumio(chart))
    }

    fn script(&self) -> Option<String> {
        Some(paths::name(self.whole.strip_prefix(&self.top).ok()?))
    }

    /// The finding that it may give a release a file, by its whole path, or brings that release with a file that is not
    /// known.
    pub(super) fn refuses(&self, file: &Path, about: About, is_given: &dyn Fn(&Path) -> bool) -> Option<Finding> {
        // what is known of a command beside this one is known of its own release
        let is_unread = self.may.why == Why::Unread;
        let is_of_command = self.may.why == Why::Added || !self.may.sourced.is_empty();
        if is_given(Path::new(&self.file)) && !is_of_command || file == self.whole && is_unread {
            return None;
        }
        let path = paths::name(file.strip_prefix(&self.top).ok()?);
        let script = self.script()?;
        let is_own = file == self.whole && is_of_command;
        let of_chart = || self.may.is_of_chart(&script, &path).then(|| self.chart_of(file)).flatten();
        let is_it = is_own || self.may.is(&script, &path);
        let chart = if is_it { None } else { of_chart() };
        if !is_it && chart.is_none() {
            return None;
        }
        if about.is_left_by(self.may.why) {
            return None;
        }
        let what = if chart.is_some() { "the folder of this chart" } else { "this file" };
        let of_rendered = self.of_rendered(about, what);
        let of_named = || self.of_named(what, chart.is_some(), (&script, &path));
        let (message, help) = of_rendered.or_else(of_named)?;
        Some(Finding::new(Rule::ModeElsewhere, message).weighing(Severity::Error).help(help))
    }

    /// The words for what a template or a kustomization makes of a file; nothing of another reason.
    fn of_rendered(&self, about: About, what: &str) -> Option<(String, &'static str)> {
        let (said, line) = (self.may.shown(), self.at.line);
        Some(match self.may.why {
            Why::Generated => (
                format!(
                    "{} line {line}: kustomize makes an object of `{said}`, and it is not known which release uses that",
                    self.file
                ),
                "take the step with the manifest of the release; to change this file anyway, name the place with --path \
                 (--path . for values at the root)",
            ),
            Why::Rendered => (
                format!(
                    "{} line {line}: a template of this chart has a mode there, which the cluster may get",
                    self.file
                ),
                "`helm template` shows what it makes of the values; change the mode by hand where the template has it",
            ),
            Why::FilledIn => (
                format!(
                    "{} line {line}: a template of this chart brings another one with what this file holds, and it is not \
                     known which mode a cluster gets",
                    self.file
                ),
                "`helm template` shows what it makes of the values; to change this file anyway, name the place with --path \
                 (--path . for values at the root)",
            ),
            Why::Template | Why::UnderTemplate if about.is_step => (
                format!(
                    "{} line {line}: `{said}` may be {what}, and then a controller gives it to clusters that are not known",
                    self.file
                ),
                "change the mode by hand; to change this file anyway, name the place with --path (--path . for values at \
                 the root)",
            ),
            Why::Template | Why::UnderTemplate => (
                format!(
                    "{} line {line}: `{said}` may be {what}, and the cluster may get another mode there",
                    self.file
                ),
                "write the names of the files into that manifest, so that it is known which ones it uses",
            ),
            _ => return None,
        })
    }

    /// The words for what a command, or another file, makes of a file at a path.
    fn of_named(&self, what: &str, is_of_chart: bool, (script, path): (&str, &str)) -> Option<(String, &'static str)> {
        let (said, line) = (self.may.shown(), self.at.line);
        Some(match self.may.why {
            Why::Open | Why::Silent | Why::Away => (
                format!(
                    "{} line {line}: `{said}` may be this file, and the cluster may get another mode there",
                    self.file
                ),
                "write the names of the values files into that command, so that it is known which ones it uses",
            ),
            Why::Unread => {
                let what = if is_of_chart { "may give this chart other values" } else { "names this file" };
                (
                    format!(
                        "{} cannot be read (line {line}), and {what}: the cluster may get another mode there",
                        self.file
                    ),
                    "write that file without what cannot be read, or take the step by hand",
                )
            }
            Why::Sets => (
                format!("{} line {line}: a mode is set there beside this file, which the cluster may get", self.file),
                "change that mode by hand, or first remove it there and write it here",
            ),
            Why::Named | Why::Given => (
                format!("{} line {line} names {what}, and it is not known what Helm gets of it there", self.file),
                "find out which mode the cluster gets, `helm get values --all` shows it, and change it by hand",
            ),
            Why::Passed => (
                format!(
                    "{} line {line}: a module is given this file, and it is not known what that makes of it",
                    self.file
                ),
                "find out in the module what the cluster gets, and change the mode by hand",
            ),
            Why::Beside => (
                format!("{} line {line}: `helmfile` is given `{said}` there, which may override the mode", self.file),
                "write that file into the helmfile, and remove it from the command",
            ),
            Why::Added => (
                format!("{} line {line}: {}", self.file, self.added.as_ref()?.shown(&said)),
                "write those options into the command, and the mode into a values file that it names",
            ),
            Why::Together => {
                let other = self.other_that_may_set(script, path)?.escape_debug().to_string();
                (
                    format!(
                        "{} line {line} names this file together with `{other}`, and one may override the other",
                        self.file
                    ),
                    "find out which of the files sets the mode last there, and change the mode in that one by hand",
                )
            }
            _ => return None,
        })
    }

    /// The file that is named together with another one, and that may set a mode: it does, or it is not there.
    fn other_that_may_set<'t>(&'t self, script: &'t str, path: &str) -> Option<&'t str> {
        let read = |path: &String| fs::read(self.top.join(path.trim_start_matches('/'))).ok();
        let may_set = |patterns: &[String]| {
            let mut there = patterns.iter().filter_map(read).peekable();
            there.peek().is_none() || there.any(|bytes| says_mode_key(&bytes))
        };
        let mut others = self.may.others(script, path).into_iter();
        others.find(|(_, patterns)| may_set(patterns)).map(|(name, _)| name)
    }
}
