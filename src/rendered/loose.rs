//! [`MayTake`]: the files that a command of Helm may give to a release, where its names are not known.

use std::ops::Range;

use super::{
    Kind,
    command::Command,
    folders::cleaned,
    hcl::has_open_values,
    is_of_terraform,
    jobs::of_jobs,
    kind_of,
    pattern::{as_pattern, is_open, paths_in},
    run::Given,
    script::Commands,
    shell::mentions_helm,
    text::{Said, Text},
    written::Gets,
};
use crate::{chart::MODE_KEY, glob::fits_text, source::Source, terraform::body_of};

/// Files that a command of Helm may give to a release, by names that are not known, or from a folder that is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MayTake {
    /// What names them, as it is written.
    pub said: String,
    /// The bytes of that.
    pub span: Range<usize>,
    /// The scripts that were read before, by names as those of the files: it holds where one of them goes to a folder.
    pub sourced: Vec<String>,
    /// Whether what the files say of a mode counts, so that only those may be in another one which say none.
    pub only_silent: bool,
    /// Whether it is not a command, but a file that cannot be read and names them.
    pub is_unread: bool,
    /// The names that they may have.
    names: Vec<String>,
    /// The names that they may have if a chart that brings Illumio's is around them: what cannot be read may name its folder.
    of_chart: Vec<String>,
    /// The folder that the chart may be; nothing where it is Illumio's, or may be.
    chart: Option<String>,
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
        (!words.is_empty() || !of_chart.is_empty()).then_some(Self {
            said: String::new(),
            span,
            sourced: Vec::new(),
            only_silent: false,
            is_unread: true,
            names: words,
            of_chart,
            chart: None,
        })
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
        Self::any_is(&self.names, script, path)
    }

    /// The same, for a file of a chart of the checkout that brings Illumio's.
    #[must_use]
    pub fn is_of_chart(&self, script: &str, path: &str) -> bool {
        Self::any_is(&self.of_chart, script, path)
    }

    fn any_is(names: &[String], script: &str, path: &str) -> bool {
        let path = format!("/{path}");
        // a name of which nothing is known is one of those around the script
        let is_near = || path.starts_with(&format!("/{}", around(script)));
        let fits = |pattern: String| {
            let is_any = pattern.trim_matches(['*', '/']).is_empty();
            fits_text(&pattern, &path) && (!is_any || is_near())
        };
        names.iter().flat_map(|name| from_top(name, script)).any(fits)
    }

    /// The folders that the chart may be, for a script at a path from the top of the checkout; nothing where it may be
    /// Illumio's anyway.
    #[must_use]
    pub fn charts(&self, script: &str) -> Option<Vec<String>> {
        let folders = from_top(self.chart.as_ref()?, script);
        Some(folders.into_iter().map(|folder| folder.trim_start_matches('/').to_owned()).collect())
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
    let mut folder = script.rsplit_once('/').map_or("", |(folder, _)| folder);
    while OF_SCRIPTS.contains(&folder.rsplit('/').next().unwrap_or(folder)) {
        folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
    }
    folder
}

/// The patterns of paths that a name may lead to, for a script at a path. A script may be run in its own folder, or at the
/// top; a folder that is the top of a file system may be the checkout.
fn from_top(name: &str, script: &str) -> Vec<String> {
    let pattern = as_pattern(name).replace("*/..", "*");
    let folder = script.rsplit_once('/').map_or("", |(folder, _)| folder);
    let beside = |path: &str| cleaned(&format!("{folder}/{path}"));
    let below = |path: String| Some(format!("/{path}")).filter(|_| !path.starts_with(".."));
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
    let mut both: Vec<String> = [beside(&pattern), cleaned(&pattern)].into_iter().filter_map(below).collect();
    both.dedup();
    both
}

/// Those of a file: of a script, or of the commands in YAML. Prose only mentions them.
pub(crate) fn may_take(source: Source<'_>) -> Vec<MayTake> {
    let has = |word: &str| memchr::memmem::find(source.bytes, word.as_bytes()).is_some();
    if is_of_terraform(source.name) || source.name.ends_with(".tf.json") {
        return source.text().ok().filter(|_| has("helm_release")).and_then(of_terraform).into_iter().collect();
    }
    let is_of_helm =
        mentions_helm(source.bytes) && ["upgrade", "install", "template"].into_iter().any(has) || has("HelmDeploy@");
    let Some(text) = source.text().ok().filter(|_| is_of_helm) else { return Vec::new() };
    let (texts, tasks) = match kind_of(source.name, source.bytes) {
        Some(Kind::Script) => (vec![Text::whole(text)], Vec::new()),
        Some(Kind::Yaml) => of_jobs(text),
        _ => return Vec::new(),
    };
    let commands = Commands::of(text, &texts);
    let of_given = |Given { command, gets, .. }: &Given| {
        let all = command.files.iter().zip(gets);
        let changed: Vec<&Said> = all.filter(|(_, gets)| matches!(gets, Gets::Unknown)).map(|(file, _)| file).collect();
        let is_loose = !changed.is_empty() || commands.is_loose && !command.unread.is_empty();
        of_command(command, &changed, is_loose)
    };
    let of_tasks = tasks.iter().flat_map(|task| of_command(task, &[], false));
    commands.given.iter().flat_map(of_given).chain(of_tasks).collect()
}

/// What a release of Terraform may take by expressions that are not read.
fn of_terraform(text: &str) -> Option<MayTake> {
    let is_open = body_of(text).is_none_or(|body| has_open_values(text, &body));
    let is_ours = text.to_ascii_lowercase().contains("illumio") || text.contains("var.") || text.contains("local.");
    let start = text.find("helm_release")?;
    let may = MayTake::unread(text, start..start + "helm_release".len())?;
    (is_open && is_ours).then_some(MayTake { said: "helm_release".to_owned(), is_unread: false, ..may })
}

fn of_command(command: &Command, changed: &[&Said], is_loose: bool) -> Vec<MayTake> {
    let Some(chart) = chart_of(command).filter(|_| command.is_applied) else { return Vec::new() };
    let sets_mode = command.sets.iter().any(|(_, set)| set.text.split(',').any(may_set_mode));
    // one file alone is all that such a release gets, whichever it is
    let is_beside = command.files.len() > 1 || !command.more.is_empty() || command.is_alternative;
    let decides = !(is_beside || sets_mode || is_loose);
    let changed = changed.iter().filter(|file| !is_open(&file.text)).map(|file| MayTake {
        said: file.text.clone(),
        span: file.at.clone(),
        sourced: Vec::new(),
        only_silent: false,
        is_unread: false,
        names: vec![file.text.clone()],
        of_chart: Vec::new(),
        chart: chart.clone(),
    });
    let open = command.open.iter().filter(|_| !decides || command.reuses_values.is_some()).map(|open| MayTake {
        said: open.said.text.clone(),
        span: open.said.at.clone(),
        sourced: Vec::new(),
        only_silent: decides,
        is_unread: false,
        names: open.names.clone(),
        of_chart: Vec::new(),
        chart: chart.clone(),
    });
    let moved = command.files.iter().filter(|file| {
        !command.sourced.is_empty() && !is_open(&file.text) && !file.text.starts_with(['/', ':', '~', '-', '<'])
    });
    let moved = moved.map(|file| MayTake {
        said: file.text.clone(),
        span: file.at.clone(),
        sourced: command.sourced.clone(),
        only_silent: false,
        is_unread: false,
        names: vec![format!("*/{}", file.text)],
        of_chart: Vec::new(),
        chart: chart.clone(),
    });
    changed.chain(open).chain(moved).collect()
}

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
