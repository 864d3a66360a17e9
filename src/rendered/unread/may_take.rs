//! [`MayTake`]: the files that a command of Helm may give to a release, where its names are not known.

use std::ops::Range;

use crate::{
    glob::fits_text,
    rendered::{
        program::{Names, names_in_program},
        script::together::Passing,
        shell::{
            leading::{around, from_top},
            pattern::{as_pattern, is_open, paths_in},
            text::Said,
        },
    },
    shown::on_one_line,
};

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
    pub(in crate::rendered) names: Vec<String>,
    /// The names that they may have if a chart that brings Illumio's is around them: what cannot be read may name its folder.
    pub(super) of_chart: Vec<String>,
    /// The folder that the chart may be; nothing where it is Illumio's, or may be.
    pub(super) chart: Option<String>,
    /// What is run, where that may pass the files on to Helm, and all files that the command names.
    pub(in crate::rendered) program: Option<(String, Vec<String>)>,
    /// The names that a script which is run has for others, with its path.
    pub(super) of_program: Option<(String, Vec<String>)>,
    /// The variables that the command takes for its options.
    pub(super) added: Option<Added>,
}

/// The variables that a command takes for its options, and where they may be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Added {
    pub(in crate::rendered) variables: Vec<String>,
    /// The files that are read before.
    pub(super) included: Vec<String>,
}

/// Why it is not known what a release gets of some files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Their names are not known.
    Open,
    /// No such file is beside the script or at the top: they are in a folder above, if it is run there, or become that file.
    Away,
    /// Their names are not known, but what they say of a mode counts, so that only those may be in another one which say none.
    Silent,
    /// Their names are not known, but the one that the command takes is all that the release gets.
    Alone,
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
    /// A template of their chart brings another one, which may be Illumio's, with what they hold.
    FilledIn,
    /// A call of a module is given them, and it is not known what that makes of them.
    Passed,
    /// A file that names Illumio's chart names them as its values, or its folder, and what reads that file is not known.
    Given,
    /// They are named together, and one of them may override another.
    Together,
    /// A line of a script names them, outside of the releases that are read of it.
    Named,
    /// The file names them by a pattern, and sets a mode beside them.
    Sets,
    /// The command that names them takes a variable for its options, which another file sets, or may set.
    Added,
    /// They are helmfiles, and a command gives their releases another file, which `said` is.
    Beside,
    /// A command gives them to helmfile, for its releases or its templates.
    Handed,
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

    pub(in crate::rendered) fn new(why: Why, said: String, span: Range<usize>, names: Vec<String>) -> Self {
        let (sourced, of_chart) = (Vec::new(), Vec::new());
        Self { said, span, sourced, why, names, of_chart, chart: None, program: None, of_program: None, added: None }
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

    /// Files, and folders of charts, that a document which is not read names as those of Illumio's chart.
    pub(super) fn given((names, span): Names, of_chart: Vec<String>) -> Self {
        let said = names.first().cloned().unwrap_or_default();
        Self { of_chart, ..Self::new(Why::Given, said, span, names) }
    }

    pub(super) fn passing(passing: &Passing) -> Vec<Self> {
        let texts = |all: &[Said]| all.iter().map(|said| said.text.clone()).collect::<Vec<_>>();
        let Said { text, at } = &passing.program;
        let (files, all) = (texts(&passing.files), texts(&passing.all));
        if text.rsplit('/').next() == Some("helmfile") {
            let said = files.join(", ");
            let beside = (!files.is_empty()).then(|| Self::new(Why::Beside, said, at.clone(), all));
            let handed = files.into_iter().chain(texts(&passing.state)).collect();
            return beside.into_iter().chain([Self::new(Why::Handed, text.clone(), at.clone(), handed)]).collect();
        }
        let may = Self::new(Why::Together, text.clone(), at.clone(), files);
        vec![Self { program: Some((text.clone(), all)), ..may }]
    }

    /// What names them, as a sentence shows it.
    #[must_use]
    pub fn shown(&self) -> String {
        on_one_line(self.said.trim_start_matches(":./"))
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
        let unknown = self.said.split_once('/').filter(|(first, _)| as_pattern(first) == "*");
        let name = unknown.map_or(&*self.said, |(_, rest)| rest);
        from_top(name, script).into_iter().map(|path| path.trim_start_matches('/').to_owned()).collect()
    }

    /// The scripts that were read before, by their paths from the top of the checkout.
    #[must_use]
    pub fn scripts(&self, script: &str) -> Vec<String> {
        let paths = self.sourced.iter().flat_map(|name| from_top(name, script));
        paths.map(|path| path.trim_start_matches('/').to_owned()).collect()
    }
}
