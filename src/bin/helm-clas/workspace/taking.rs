//! [`Taking`]: a command of a checkout that may give a release a file by a name that is not known.

use std::{
    fs,
    path::{Path, PathBuf},
};

use helm_clas::{
    Finding, Position, Rule, Severity,
    look::{MayTake, goes_elsewhere},
};

use crate::{
    outside::files,
    paths,
    workspace::{Checkout, visitor::may_bring_illumio},
};

/// A command that may give a release a file by a name that is not known.
#[derive(Debug)]
pub(crate) struct Taking {
    /// The file with the command, as it is named, and its whole path.
    file: String,
    whole: PathBuf,
    at: Position,
    top: PathBuf,
    may: MayTake,
}

impl Taking {
    /// Nothing where its chart is known to be another one, or no script that it depends on goes to another folder.
    pub(super) fn of(file: &str, may: MayTake, at: Position) -> Option<Self> {
        let whole = paths::real(file).ok()?;
        let top = Checkout::of(Path::new(file), &[])?.top().to_path_buf();
        let taking = Self { file: file.to_owned(), whole, at, top, may };
        let script = taking.script()?;
        let is_ours = |folder: &String| {
            // where the beginning is not known, the rest is looked for at the top
            let known = folder.trim_start_matches(['*', '/', '.']);
            let chart = taking.top.join(known).join(files::CHART);
            let is_there = chart.is_file();
            is_there && may_bring_illumio(&chart) || !is_there && known != folder
        };
        let goes = |name: &String| fs::read(taking.top.join(name)).is_ok_and(|bytes| goes_elsewhere(&bytes));
        let may_be_ours = taking.may.charts(&script).is_none_or(|folders| folders.iter().any(is_ours));
        let is_moved = taking.may.sourced.is_empty() || taking.may.scripts(&script).iter().any(goes);
        (may_be_ours && is_moved).then_some(taking)
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
    /// known. `is_said` is whether the file sets a mode.
    pub(super) fn refuses(&self, file: &Path, is_said: bool, is_given: &dyn Fn(&Path) -> bool) -> Option<Finding> {
        // what is known of a command beside this one is known of its own release
        if is_given(Path::new(&self.file)) && self.may.sourced.is_empty() || file == self.whole && self.may.is_unread {
            return None;
        }
        let path = paths::name(file.strip_prefix(&self.top).ok()?);
        let is_own = file == self.whole && !self.may.sourced.is_empty();
        let script = self.script()?;
        let of_chart = || self.may.is_of_chart(&script, &path).then(|| self.chart_of(file)).flatten();
        let is_it = is_own || self.may.is(&script, &path);
        let chart = if is_it { None } else { of_chart() };
        if !is_it && chart.is_none() || self.may.only_silent && is_said {
            return None;
        }
        if self.may.is_unread {
            let what = if chart.is_some() { "may give this chart other values" } else { "names this file" };
            let message = format!("{} cannot be read, and {what}: the cluster may get another mode there", self.file);
            let help = "write that file without what cannot be read, or take the step by hand";
            return Some(Finding::new(Rule::ModeElsewhere, message).weighing(Severity::Error).help(help));
        }
        let (said, line) = (self.may.said.trim_start_matches(":./").escape_debug().to_string(), self.at.line);
        let message = format!(
            "{} line {line}: `{said}` may be this file, and the cluster may get another mode from that command",
            self.file
        );
        let help = "write the names of the values files into that command, so that it is known which ones it uses";
        Some(Finding::new(Rule::ModeElsewhere, message).weighing(Severity::Error).help(help))
    }
}
