//! Files that set a mode that is not judged, and name others: a cluster that gets one of those may be in that mode.

use std::{
    collections::{HashMap, HashSet},
    path::{Component, Path, PathBuf},
};

use helm_clas::{
    ClusterMode, Finding, Position, Reach, Rule, Severity,
    files::{is_of_other_language, may_mention_mode, may_speak},
    look::{LiveChange, named_beside_mode, says_mode_key},
    status::{Holder, IN_SCRIPT, Noted, Standing},
};

use super::taking::{About, By, Taking};
use crate::{outside::files, paths, workspace::Checkout};

/// A file that may set a mode, by its name.
#[derive(Clone, Debug)]
struct Speaker {
    file: String,
    line: Option<usize>,
    /// Whether a mode is set in that line; else it is not known what the file says.
    sets_mode: bool,
}

/// A command that changes a release in its controller, with the file and the place in it.
pub(crate) type Change = (String, LiveChange, Position);

/// The files named by files that set a mode of their own, and the releases that commands change beside their files.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    named: HashMap<PathBuf, Vec<Speaker>>,
    changes: Vec<Change>,
    takes: Vec<Taking>,
    /// Values files that are not given alone, each with one that may be given before it and sets another mode than `legacy`.
    partial: HashMap<PathBuf, String>,
    /// The own values of a chart in the checkout that set another mode than `legacy`, where no release is known to get it.
    of_chart: Option<String>,
}

impl Beside {
    /// What the rows of a checkout say, and the commands in its files. What only mentions a mode does not count.
    pub(crate) fn of(rows: &[Standing], changes: Vec<Change>, takes: Vec<Taking>) -> Self {
        /// As many are kept of one file: one of them is enough, and it is not the one that is asked about.
        const KEPT: usize = 3;
        let mut all = Self { named: HashMap::new(), changes, takes, partial: partial(rows), of_chart: of_chart(rows) };
        let mut seen = HashSet::new();
        let is_speaker = |row: &&Standing| row.holder == Holder::Mention && row.may_count() && !is_aside(&row.file);
        for row in rows.iter().filter(is_speaker).filter(|row| seen.insert(row.file.as_str())) {
            let line = row.position.map(|position| position.line);
            let bytes = files::read(&row.file).ok();
            let text = bytes.as_deref().map(String::from_utf8_lossy);
            let sets_mode = text.as_deref().is_none_or(|text| sets_mode(text, line));
            let text = text.unwrap_or_default();
            let by_pattern = named_beside_mode(&text).zip(row.position);
            all.takes.extend(by_pattern.and_then(|(may, at)| Taking::of(&row.file, may, at)));
            all.changes.extend(row.position.into_iter().flat_map(|at| changed_in(&row.file, &text, at)));
            let speaker = Speaker { file: row.file.clone(), line, sets_mode };
            for path in named_in(Path::new(&row.file), &text, line) {
                let speakers = all.named.entry(path).or_default();
                if speakers.len() < KEPT {
                    speakers.push(speaker.clone());
                }
            }
        }
        all
    }

    /// The finding that another file names the given one and sets a mode. The given path must be a whole one.
    pub(crate) fn refuses(&self, file: &Path, is_given: impl Fn(&Path) -> bool) -> Option<Finding> {
        let is_other = |speaker: &&Speaker| {
            let own = Path::new(&speaker.file);
            !is_given(own) && paths::real(own).is_ok_and(|own| own != file)
        };
        let Speaker { file: speaker, line, sets_mode } = self.named.get(file)?.iter().find(is_other)?;
        let line = line.map(|line| format!(" line {line}")).unwrap_or_default();
        let (what, help) = if *sets_mode {
            (
                format!("and{line} sets a mode there, which the cluster may get"),
                "change that mode by hand, or first remove it there and write it here",
            )
        } else {
            (
                format!("and it is not known what the cluster gets there, because of{line}"),
                "take the step by hand, with what the tool that reads that file makes of it",
            )
        };
        let message = format!("{speaker} names this file, {what}");
        Some(Finding::new(Rule::ModeNotJudged, message).weighing(Severity::Error).help(help))
    }

    /// The finding that a command may give a release a file, by its whole path, by a name that is not known.
    pub(crate) fn takes(&self, file: &Path, about: About, is_given: impl Fn(&Path) -> bool) -> Option<Finding> {
        let taken = self.takes.iter().find_map(|taking| taking.refuses(file, about, &is_given));
        let base = self.partial.get(file).filter(|base| !about.is_said && !is_given(Path::new(base)));
        let error = |message: String, help: &str| {
            Finding::new(Rule::ModeElsewhere, message).weighing(Severity::Error).help(help)
        };
        let of_base = |base: &String| {
            let message =
                format!("this file has no `pce_url`, so another one is given with it: {base} has one, and sets a mode");
            error(message, "pass all files of the cluster in Helm's order, or write the present mode here")
        };
        let of_chart = |chart: &String| {
            let message = format!("{chart} sets a mode, which a release has that gets this chart");
            error(message, "write the present mode here; `helm get values --all` shows it")
        };
        let is_open = |chart: &&String| {
            !about.is_said && about.by != By::Controller && !is_given(Path::new(chart.as_str())) && !is_in_chart(file)
        };
        let of_template = || {
            let message =
                "helmfile fills in a file of this name, and no helmfile is known that takes this one".to_owned();
            let help = "take the step with the helmfile; if Helm is given this file as it is, say so with --path .";
            error(message, help)
        };
        let is_untaken = about.by == By::Hand && !about.is_meant && is_gotmpl(file);
        taken
            .or_else(|| is_untaken.then(of_template))
            .or_else(|| base.map(of_base))
            .or_else(|| self.of_chart.as_ref().filter(is_open).map(of_chart))
    }

    /// The file of a controller that may take a file by such a name.
    pub(crate) fn taking(&self, file: &Path, about: About) -> Option<&str> {
        self.takes.iter().find(|taking| taking.refuses(file, about, &|_| false).is_some()).map(Taking::file)
    }

    /// That a command changes a release of one of these names in its controller itself.
    pub(crate) fn changes(&self, names: &[String]) -> Option<Finding> {
        let is_it = |(_, change, _): &&Change| names.iter().any(|name| change.is_about(name));
        let (file, LiveChange { command, .. }, Position { line, .. }) = self.changes.iter().find(is_it)?;
        let name = names.first()?;
        let message = format!("{file} line {line}: `{command}` may set another mode of {name} than the files say");
        let help = "write the mode into the files and remove it there, or change it there by hand";
        Some(Finding::new(Rule::ModeOverridden, message).weighing(Severity::Error).help(help))
    }

    /// Makes the mode unknown of each row whose file, or the one that decides its mode, is named so; or leaves no step from
    /// it, where that would be refused.
    pub(crate) fn doubt(&self, rows: &mut [Standing]) {
        let is_empty = self.named.is_empty() && self.changes.is_empty() && self.takes.is_empty();
        tell_counted(&self.takes, rows);
        let is_plain = rows.iter().all(|row| !is_gotmpl(Path::new(&row.file)));
        if is_empty && self.partial.is_empty() && self.of_chart.is_none() && is_plain {
            return;
        }
        let is_used = |row: &&Standing| !matches!(row.holder, Holder::Values | Holder::Manifest(IN_SCRIPT));
        let used = rows.iter().filter(is_used).filter(|row| row.mode.is_some());
        let used: HashSet<PathBuf> = used.filter_map(|row| paths::real(row.decided_in.as_ref()?).ok()).collect();
        for row in rows.iter_mut().filter(|row| matches!(row.holder, Holder::Values | Holder::Manifest(_))) {
            let is_of_controller = row.holder != Holder::Manifest(IN_SCRIPT);
            if let Some(finding) = self.changes(&row.called).filter(|_| is_of_controller) {
                row.mode = None;
                row.findings.push(Noted { finding: finding.in_file(&row.file), region: None });
                continue;
            }
            let own = |speaker: &Path| speaker == Path::new(&row.file);
            let deciding = row.decided_in.as_ref().unwrap_or(&row.file);
            let both = [deciding, &row.file].into_iter().filter_map(|file| paths::real(file).ok());
            let both: Vec<PathBuf> = both.collect();
            let named = both.iter().find_map(|file| self.refuses(file, own));
            let is_open = row.mode.is_some() || row.errors().next().is_none();
            let by = match row.holder {
                Holder::Values => By::Hand,
                Holder::Manifest(IN_SCRIPT) if both.iter().any(|file| used.contains(file)) => By::Both,
                Holder::Manifest(IN_SCRIPT) => By::Script,
                _ => By::Controller,
            };
            let about = |is_step| About { is_said: row.position.is_some(), by, is_step, is_meant: false };
            let taken = |is_step| both.iter().find_map(|file| self.takes(file, about(is_step), own));
            let taken = |is_step| taken(is_step).filter(|_| is_open);
            let unknown = named.or_else(|| taken(false));
            let is_known = unknown.is_none();
            let Some(finding) = unknown.or_else(|| taken(true)) else { continue };
            row.findings.push(Noted { finding: finding.in_file(deciding), region: None });
            row.is_held = true;
            row.mode = row.mode.filter(|_| is_known);
        }
    }
}

/// Marks the commands that may take one of several files, by a name with a variable, where such a file has a row of its own.
fn tell_counted(takes: &[Taking], rows: &mut [Standing]) {
    let files: Vec<PathBuf> =
        rows.iter().filter(|row| row.holder == Holder::Values).filter_map(|row| paths::real(&row.file).ok()).collect();
    let is_open = |row: &Standing| {
        row.holder == Holder::Manifest(IN_SCRIPT) && row.mode.is_none() && matches!(row.is_for, Reach::AllOf(_))
    };
    if files.is_empty() || !rows.iter().any(is_open) {
        return;
    }
    let counted: HashSet<&str> =
        takes.iter().filter(|taking| files.iter().any(|file| taking.may_be(file))).map(Taking::file).collect();
    rows.iter_mut()
        .filter(|row| is_open(row) && counted.contains(row.file.as_str()))
        .for_each(|row| row.is_counted_elsewhere = true);
}

/// Whether helmfile fills in a values file before Helm reads it, by its name. (helmfile documentation, Templating)
fn is_gotmpl(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "gotmpl")
}

/// The values files that set no mode and lack what every cluster needs, each with one that has it and sets a mode.
fn partial(rows: &[Standing]) -> HashMap<PathBuf, String> {
    let values = || rows.iter().filter(|row| row.holder == Holder::Values);
    let is_partial = |row: &&Standing| row.position.is_none() && row.cluster.pce_url.is_none();
    if !values().any(|row| is_partial(&row)) {
        return HashMap::new();
    }
    let is_base = |row: &&Standing| row.position.is_some() && row.cluster.pce_url.is_some();
    let sets_mode = |row: &&Standing| row.mode != Some(ClusterMode::Legacy);
    // that of a manifest is another file, which need not have both
    let has_both =
        |file: &&String| files::read(file).is_ok_and(|bytes| memchr::memmem::find(&bytes, b"pce_url").is_some());
    let bases = rows.iter().filter(is_base).filter(sets_mode).filter_map(|row| match row.holder {
        Holder::Values => Some(&row.file).filter(|_| row.decided_in.is_none()),
        _ => row.decided_in.as_ref().filter(has_both),
    });
    let bases: Vec<&String> = bases.collect();
    // what an umbrella chart says by itself is given with each of its files, which null removes
    let both = |row: &Standing| {
        let base = bases.iter().find(|base| row.defaults_in.as_ref() != Some(**base))?;
        Some((paths::real(&row.file).ok()?, (*base).clone()))
    };
    values().filter(is_partial).filter_map(both).collect()
}

/// Whether a file only mentions a mode. One without an ending may be a program, by its first line. Nothing that deploys
/// charts is written in Rust, but tools are. (Pulumi documentation, Languages; cdk8s documentation)
fn is_aside(file: &str) -> bool {
    let ending = Path::new(file).extension();
    if ending.is_some_and(|ending| ending == "rs") {
        return true;
    }
    let has_ending = ending.is_some();
    let start = if has_ending { None } else { files::read(file).ok() };
    may_speak(file, start.as_deref().unwrap_or_default())
}

/// The own values of a chart that set another mode than `legacy`, and decide the mode of no row.
fn of_chart(rows: &[Standing]) -> Option<String> {
    let is_own = |row: &&Standing| {
        let file = Path::new(&row.file);
        row.holder == Holder::Mention && file.ends_with("values.yaml") && file.with_file_name(files::CHART).is_file()
    };
    let decides = |row: &&Standing| rows.iter().any(|other| other.decided_in.as_ref() == Some(&row.file));
    let is_other = |row: &&Standing| {
        let bytes = files::read(&row.file).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let line = |at: Position| text.lines().nth(at.line.checked_sub(1)?);
        let column = row.position.map_or(0, |at| at.column.saturating_sub(1));
        let own: String = row.position.and_then(line).unwrap_or_default().chars().skip(column).collect();
        // the place is that of the value, or of its key
        let value = own.split_once(':').filter(|(key, _)| says_mode_key(key.as_bytes())).map_or(&*own, |it| it.1);
        let value = value.split_whitespace().next().map(|value| value.trim_matches(['"', '\'', '}', ',']));
        value.and_then(ClusterMode::named) != Some(ClusterMode::Legacy)
    };
    rows.iter().filter(is_own).filter(|row| !decides(row)).find(is_other).map(|row| row.file.clone())
}

/// Whether a chart is around a file, so that the file is given to that one.
fn is_in_chart(file: &Path) -> bool {
    file.ancestors().skip(1).any(|folder| folder.join(files::CHART).is_file())
}

/// Whether a mode is set in a line of a text, as far as it is known.
fn sets_mode(text: &str, line: Option<usize>) -> bool {
    let Some(line) = line else { return true };
    // a value may stand above its name
    text.lines().skip(line.saturating_sub(1)).take(2).any(|line| says_mode_key(line.as_bytes()))
}

/// What a program that sets a mode, in a language that is not read, may change: each name in it, where it calls a
/// controller.
fn changed_in(file: &str, text: &str, at: Position) -> Vec<Change> {
    const CALLS: [&str; 4] = ["argocd", "kubectl", "helmrelease", "HelmRelease"];
    let is_program = may_mention_mode(file, text.as_bytes()) && !is_of_other_language(file, text.as_bytes());
    let Some(call) = CALLS.into_iter().find(|call| text.contains(call)).filter(|_| is_program) else {
        return Vec::new();
    };
    let names: HashSet<&str> = text.split(|c: char| !(c.is_alphanumeric() || "-.".contains(c))).collect();
    let names = names.into_iter().filter(|name| name.len() > 2);
    let change = |name: &str| LiveChange { command: call.to_owned(), name: name.to_owned(), span: 0..0 };
    names.map(|name| (file.to_owned(), change(name), at)).collect()
}

/// The files that the words of one lead to: from its folder, from the top of its checkout, and from where it goes.
fn named_in(file: &Path, text: &str, line: Option<usize>) -> HashSet<PathBuf> {
    /// The most folders that a script is followed into.
    const MOST: usize = 16;
    let Ok(whole) = paths::real(file) else { return HashSet::new() };
    let mut folders: Vec<PathBuf> = whole.parent().map(Path::to_path_buf).into_iter().collect();
    folders.extend(Checkout::of(file, &[]).map(|checkout| checkout.top().to_path_buf()));
    for folder in gone_to(text).take(MOST) {
        let below: Vec<PathBuf> = folders.iter().take(2).map(|from| cleaned(&from.join(folder))).collect();
        folders.extend(below);
    }
    folders.dedup();
    let is_of_helmfile = |line: usize| text.lines().nth(line - 1).is_some_and(|line| line.contains("helmfile"));
    let usual: &[&str] =
        if line.is_some_and(is_of_helmfile) { &["helmfile.yaml", "helmfile.yml", "helmfile.yaml.gotmpl"] } else { &[] };
    // a folder that is the top of a file system may be the checkout: `/vagrant/values.yaml`
    let is_whole = |word: &&str| text.contains(&format!(" /{word}"));
    let mounted = words(text).filter(is_whole).filter_map(|word| Some(word.split_once('/')?.1));
    let words: HashSet<&str> = words(text).chain(mounted).chain(usual.iter().copied()).collect();
    words.iter().flat_map(|word| folders.iter().map(move |folder| cleaned(&folder.join(word)))).collect()
}

/// The folders that a script goes to, or a job runs in.
fn gone_to(text: &str) -> impl Iterator<Item = &str> {
    const BEFORE: [&str; 5] = ["cd ", "pushd ", "working-directory: ", "workingDirectory: ", "-C "];
    let behind = |line: &'_ str| -> Option<usize> {
        BEFORE.into_iter().find_map(|word| line.find(word).map(|at| at + word.len()))
    };
    let folder = move |line| {
        let rest: &str = &line[behind(line)?..];
        let rest = rest.trim_start_matches([' ', '"', '\'', '/']);
        rest.split(|c: char| !is_of_path(c)).next().filter(|folder| !folder.is_empty())
    };
    text.lines().filter_map(folder)
}

/// The words that may be the path of a file. A variable at their beginning is skipped.
fn words(text: &str) -> impl Iterator<Item = &str> {
    const LONGEST: usize = 300;
    let mut at = 0;
    let with_sign = text.split(|c: char| !is_of_path(c)).map(move |word| {
        let is_of_variable = text[..at].ends_with(['$', '%']);
        at += word.len();
        at += text[at..].chars().next().map_or(0, char::len_utf8);
        (word, is_of_variable)
    });
    let path = |(word, is_of_variable): (&'_ str, bool)| -> (usize, usize) {
        let rest = if is_of_variable { word.find('/').unwrap_or(0) } else { 0 };
        let rest = word.len() - word[rest..].trim_start_matches('/').len();
        // `-fvalues.yaml`
        let rest = if word[rest..].starts_with("-f") && word.len() > rest + 2 { rest + 2 } else { rest };
        (rest, word[rest..].trim_end_matches(['.', '/']).len())
    };
    let words = with_sign.map(move |(word, is_of_variable)| {
        let (start, length) = path((word, is_of_variable));
        &word[start..start + length]
    });
    words.filter(|word| word.contains('.') && word.len() <= LONGEST)
}

fn is_of_path(c: char) -> bool {
    c.is_alphanumeric() || "_-./+@~".contains(c)
}

/// A path without the parts that lead nowhere.
fn cleaned(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(clean.pop()),
            part => clean.push(part),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::{gone_to, words};

    #[test]
    fn the_words_of_a_script_that_may_be_files() {
        let text = "helm upgrade a ./b -f \"$DIR/values.yaml\" --values=../c/east.yaml,/w/x.yml -fz.yaml ${D}/y.yaml.";
        let found: Vec<&str> = words(text).collect();
        assert_eq!(found, ["./b", "values.yaml", "../c/east.yaml", "w/x.yml", "z.yaml", "y.yaml"]);
        assert_eq!(
            gone_to("cd \"deploy/east\" && helm\n  working-directory: ./b\nx").collect::<Vec<_>>(),
            ["deploy/east", "./b"]
        );
    }
}
