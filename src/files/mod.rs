//! [`Files`]: texts by name at one moment, the work tree, the index or a revision, each parsed at most once, whichever
//! caller asks; and what else must be read before they can answer.

mod folder;
mod objects;
mod place;
mod wanted;

use std::{
    cell::OnceCell,
    collections::{BTreeSet, HashMap},
    ops::Range,
    sync::Arc,
};

use hcl_edit::structure::Body;

pub use crate::rendered::{
    is_of_other_language, is_prose, may_be_values, may_hold_values, may_mention_mode, may_speak, stands_for,
};
use crate::{
    allow::Allowances,
    finding::{Doubt, Finding, Lines, Position, Severity},
    rendered::{
        Call, calls, is_among_templates, is_helmfile, is_template, renderer, shaded, takes_arguments, without_switch,
    },
    rule::Rule,
    source::Source,
    terraform::body_of,
    yaml::{Edit, Edited, MAX_DOCUMENTS, MAX_PROGRAM_BYTES, Node, Text, Texts, documents, moved},
};
pub(crate) use folder::Folder;
pub(crate) use objects::{
    Generator, Held, Made, Objects, generated_files, generated_paths, group_of, may_hold_objects, objects_in,
    objects_of, of_base64, refers_to_releases, texts_of_secret,
};
use place::Place;
pub(crate) use place::{cleaned, folder_of_module, joined};
pub(crate) use wanted::Found;
pub use wanted::{Left, ObjectRef, Wanted};

/// Texts by name at one moment.
pub struct Files<'s> {
    texts: &'s Texts<'s>,
    all: Vec<File<'s>>,
    by_path: HashMap<String, Vec<usize>>,
    /// The first two files whose paths end with each of these whole parts.
    by_end: HashMap<&'s str, (usize, Option<usize>)>,
    /// What was looked for, and the files that it is in; none where it is not there.
    answers: HashMap<Wanted, Vec<usize>>,
    /// The names of what was looked for, where these alone were asked for and the files need not be read.
    names: HashMap<Wanted, Arc<BTreeSet<String>>>,
    /// What was not looked at.
    left: HashMap<Wanted, Left>,
    objects: OnceCell<Objects<'s>>,
    place: Place,
    /// The folder of the chart that the files are given to, where a person named it.
    chart: Option<String>,
}

#[derive(Clone)]
struct File<'s> {
    name: &'s str,
    bytes: &'s [u8],
    /// Its path from the top of the checkout.
    path: OnceCell<String>,
    takes_arguments: OnceCell<bool>,
    text: OnceCell<Result<&'s str, Finding>>,
    allowances: OnceCell<Allowances>,
    whole: OnceCell<Result<&'s Text<'s>, Finding>>,
    /// What it says in the language of Terraform, and the modules that it calls there.
    terraform: OnceCell<Option<Body>>,
    calls: OnceCell<Vec<Call>>,
    lines: OnceCell<Lines<'s>>,
    /// A condition around all of it, and its text without that.
    switch: OnceCell<Option<(Range<usize>, String)>>,
    parts: OnceCell<Vec<Part<'s>>>,
}

impl<'s> File<'s> {
    fn new(name: &'s str, bytes: &'s [u8]) -> Self {
        let (text, allowances, whole) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self {
            name,
            bytes,
            path: OnceCell::new(),
            takes_arguments: OnceCell::new(),
            text,
            allowances,
            whole,
            terraform: OnceCell::new(),
            calls: OnceCell::new(),
            lines: OnceCell::new(),
            switch: OnceCell::new(),
            parts: OnceCell::new(),
        }
    }
}

/// A document of a file that may hold several.
#[derive(Clone)]
pub(crate) struct Part<'s> {
    pub(crate) range: Range<usize>,
    pub(crate) text: Result<&'s Text<'s>, Finding>,
}

/// Whether a text may hold an object of Kubernetes.
fn holds_object(text: &str) -> bool {
    text.contains("apiVersion:")
}

impl<'s> Files<'s> {
    /// No files yet.
    #[must_use]
    pub fn new(texts: &'s Texts<'s>) -> Self {
        Self {
            texts,
            all: Vec::new(),
            by_path: HashMap::new(),
            by_end: HashMap::new(),
            answers: HashMap::new(),
            names: HashMap::new(),
            left: HashMap::new(),
            objects: OnceCell::new(),
            place: Place::default(),
            chart: None,
        }
    }

    /// Says which chart the files are given to: its folder, as `helm upgrade` takes it. Nothing changes where it is not
    /// an umbrella chart of the checkout that brings Illumio's.
    pub fn give_to(&mut self, chart: &str) {
        self.chart = Some(cleaned(chart));
    }

    /// The folder of the chart that the files are given to, where a person named it.
    pub(crate) fn given_to(&self) -> Option<&str> {
        self.chart.as_deref()
    }

    /// Some files, in order.
    pub fn of<N: Into<String>, B: Into<Vec<u8>>>(
        texts: &'s Texts<'s>,
        files: impl IntoIterator<Item = (N, B)>,
    ) -> Self {
        let mut all = Self::new(texts);
        for (name, bytes) in files {
            all.add(name, bytes);
        }
        all
    }

    /// Adds a file, and returns its number. The same name may be given twice, as Helm takes a file twice.
    pub fn add(&mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> usize {
        let number = self.all.len();
        let name = self.texts.keep(name.into());
        let path = cleaned(name);
        let kept = if path == name { name } else { self.texts.keep(path.clone()) };
        self.by_path.entry(path).or_default().push(number);
        for end in ends(kept) {
            self.by_end
                .entry(end)
                .and_modify(|(_, second)| *second = second.or(Some(number)))
                .or_insert((number, None));
        }
        self.objects = OnceCell::new();
        let bytes = self.texts.keep_bytes(bytes.into());
        self.all.push(File::new(name, bytes));
        number
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The file of this number.
    #[must_use]
    pub fn source(&self, number: usize) -> Source<'s> {
        let File { name, bytes, .. } = &self.all[number];
        Source { name, bytes }
    }

    /// What the file of this number holds, as text; whether it is that is found out once.
    pub(crate) fn text(&self, number: usize) -> Result<&'s str, Finding> {
        self.all[number].text.get_or_init(|| self.source(number).text()).clone()
    }

    /// What a file says in the language of Terraform; nothing where it cannot be read as that.
    pub(crate) fn terraform(&self, number: usize) -> Option<&Body> {
        self.all[number].terraform.get_or_init(|| body_of(self.text(number).unwrap_or_default())).as_ref()
    }

    /// The modules that a file of Terraform calls.
    pub(crate) fn calls(&self, number: usize) -> &[Call] {
        self.all[number].calls.get_or_init(|| calls(self.name(number), self.text(number).unwrap_or_default()))
    }

    /// What the comments of a file allow.
    pub(crate) fn allowances(&self, number: usize) -> &Allowances {
        self.all[number].allowances.get_or_init(|| Allowances::read(self.text(number).unwrap_or_default()))
    }

    /// The name of the file of this number.
    #[must_use]
    pub fn name(&self, number: usize) -> &'s str {
        self.all[number].name
    }

    /// The number of the first file of a name.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<usize> {
        self.by_path.get(&cleaned(name))?.first().copied()
    }

    /// The place of a byte of a file, as people count. The lines of a file with many findings are counted only once.
    #[must_use]
    pub fn position(&self, number: usize, byte: usize) -> Position {
        let read = || Lines::of(self.text(number).unwrap_or_default());
        self.all[number].lines.get_or_init(read).position(byte)
    }

    /// The text of the file of a name; empty where it is not text, or not there.
    #[must_use]
    pub fn text_of(&self, name: &str) -> Option<&'s str> {
        self.source(self.number(name)?).text().ok()
    }

    /// The same files, to be read again, with another content of one.
    #[must_use]
    pub fn changed<'t>(&self, texts: &'t Texts<'t>, number: usize, bytes: &[u8]) -> Files<'t> {
        let mut files = Files::new(texts);
        for other in 0..self.all.len() {
            let Source { name, bytes: old } = self.source(other);
            files.add(name, if other == number { bytes } else { old });
        }
        files.answers.clone_from(&self.answers);
        files.names.clone_from(&self.names);
        files.left.clone_from(&self.left);
        files.place = self.place.clone();
        files.chart.clone_from(&self.chart);
        files
    }

    /// The same files with another text in place of one. What was read of the others stays read.
    pub(crate) fn with(&self, number: usize, text: String) -> Self {
        let mut files = Self {
            objects: OnceCell::new(),
            answers: self.answers.clone(),
            names: self.names.clone(),
            by_path: self.by_path.clone(),
            by_end: self.by_end.clone(),
            place: self.place.clone(),
            chart: self.chart.clone(),
            left: self.left.clone(),
            all: self.all.clone(),
            texts: self.texts,
        };
        let bytes = self.texts.keep_bytes(text.into_bytes());
        files.all[number] = File::new(self.name(number), bytes);
        files
    }

    /// Makes an edit at a path of a text, with the proof in every text around it.
    ///
    /// # Errors
    ///
    /// Those of [`Document::edited`](crate::yaml::Document::edited), with their place in the file.
    pub(crate) fn edited(&self, text: &Text<'s>, path: &[String], edit: Edit<'_>) -> Result<Edited, Finding> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let Range { start, end } = text.range();
        let edited = text.edited(&path, edit).map_err(|finding| moved(finding, start))?;
        let file = self.text(text.file)?;
        Ok(Edited {
            text: [&file[..start], &edited.text, &file[end..]].concat(),
            replaced: edited.replaced.start + start..edited.replaced.end + start,
            replacement: edited.replacement.start + start..edited.replacement.end + start,
        })
    }

    /// A file as Helm reads it: one document.
    pub(crate) fn whole(&self, number: usize) -> Result<&'s Text<'s>, Finding> {
        let read = || {
            if is_of_other_language(self.name(number), self.source(number).bytes) {
                return Err(not_values());
            }
            self.read_filled(number, 0, self.text(number)?)
        };
        self.all[number].whole.get_or_init(read).clone()
    }

    /// The condition around all of a template of a chart with objects, by its bytes, and the text without that: what is there
    /// or not as a whole is read as it is where it is there. (see `without_switch`)
    pub(crate) fn switch(&self, number: usize) -> Option<&(Range<usize>, String)> {
        let found = || {
            let text =
                self.text(number).ok().filter(|text| is_among_templates(self.name(number)) && holds_object(text));
            without_switch(text?)
        };
        self.all[number].switch.get_or_init(found).as_ref()
    }

    /// A document of a file; of a template, and of an object in one of a chart, also without what its tool fills in.
    fn read_filled(&self, number: usize, start: usize, text: &'s str) -> Result<&'s Text<'s>, Finding> {
        let quiet = || Some(self.switch(number)?.1.get(start..start + text.len())?.to_owned());
        let is_of_chart = || is_among_templates(self.name(number)) && holds_object(text);
        let is_filled_in = || self.is_template(number) || is_of_chart() || is_helmfile(text);
        let shaded = || match quiet() {
            Some(quiet) => shaded(&quiet).or(Some(quiet)),
            None => shaded(text).filter(|_| is_filled_in()),
        };
        self.texts.read(number, start, text).or_else(|finding| {
            shaded().and_then(|shaded| self.texts.read_shaded(number, start, text, shaded)).ok_or(finding)
        })
    }

    /// Whether a tool renders a file before Helm reads it, by its name: helmfile one of `.gotmpl`, Kluctl the values beside a
    /// chart. (helmfile documentation, Templating; Kluctl documentation, Helm Integration)
    pub(crate) fn is_template(&self, number: usize) -> bool {
        let name = self.name(number);
        let (folder, own) = name.rsplit_once('/').unwrap_or((".", name));
        let is_of_kluctl = ["helm-values.yaml", "helm-values.yml"].contains(&own);
        let charts = ["helm-chart.yaml", "helm-chart.yml"].map(|chart| cleaned(&format!("{folder}/{chart}")));
        is_template(name) || is_of_kluctl && charts.iter().any(|chart| self.by_path.contains_key(chart))
    }

    /// Whether a file is a script that takes arguments.
    pub(crate) fn takes_arguments(&self, number: usize) -> bool {
        *self.all[number].takes_arguments.get_or_init(|| self.text(number).is_ok_and(takes_arguments))
    }

    /// A file as controllers read it: a document behind each line of three dashes.
    pub(crate) fn parts(&self, number: usize) -> &[Part<'s>] {
        self.all[number].parts.get_or_init(|| {
            let Ok(text) = self.text(number) else { return Vec::new() };
            let (content, all) = (text, documents(text));
            if all.len() > MAX_DOCUMENTS {
                let message = format!("the file has more than {MAX_DOCUMENTS} documents");
                let finding = Finding::new(Rule::OutsideDialect, message).help("split the file");
                return vec![Part { range: 0..text.len(), text: Err(finding) }];
            }
            let is_only = all.len() == 1;
            let part = |range: Range<usize>| {
                let text = if range == (0..text.len()) {
                    self.whole(number)
                } else {
                    self.read_filled(number, range.start, &text[range.clone()])
                };
                let is_no_mapping = text.as_ref().is_err_and(|finding| finding.rule == Rule::NotAMapping) && is_only;
                // Ansible's files are lists, and no controller's manifest is
                let list = || self.texts.read_list(number, range.start, &content[range.clone()]);
                let text = if is_no_mapping { list().map_or(text, Ok) } else { text };
                Part { range, text }
            };
            let rendered = self.rendered(number, text);
            if is_of_other_language(self.name(number), self.source(number).bytes) {
                return rendered;
            }
            all.into_iter().map(part).chain(rendered).collect()
        })
    }

    /// Why it is not read what commands in a file, or Terraform, say of releases.
    pub(crate) fn unread_program(&self, number: usize) -> Option<Finding> {
        let source = self.source(number);
        renderer(source.name, source.bytes)?;
        if source.bytes.len() <= MAX_PROGRAM_BYTES {
            return source.text().err();
        }
        let most = MAX_PROGRAM_BYTES >> 20;
        let message = format!("releases are read in programs of up to {most} MiB, and this is longer");
        let help = "move what brings the chart to a file of its own";
        Some(Finding::new(Rule::OutsideDialect, message).help(help))
    }

    /// What a file of another language says of releases, or commands in a YAML file do.
    fn rendered(&self, number: usize, text: &'s str) -> Vec<Part<'s>> {
        let Some((language, render)) = renderer(self.name(number), text.as_bytes()) else { return Vec::new() };
        if let Some(finding) = self.unread_program(number) {
            return vec![Part { range: 0..text.len(), text: Err(finding) }];
        }
        let texts = self.texts.read_rendered(number, text, language, render);
        texts.into_iter().map(|part| Part { range: 0..text.len(), text: part }).collect()
    }

    /// A document of a file whose root is a list; nothing where it is not one. It is read again.
    pub(crate) fn list(&self, number: usize, range: &Range<usize>) -> Option<&'s Text<'s>> {
        let text = self.text(number).ok()?.get(range.clone())?;
        self.texts.read_list(number, range.start, text)
    }

    /// The documents of a file that can be read, by their roots.
    pub(crate) fn roots(&self, number: usize) -> impl Iterator<Item = Node<'s>> {
        let roots = self.parts(number).iter().filter_map(|part| part.text.as_ref().ok()?.root());
        roots.flat_map(objects_of)
    }

    /// An object that is in no file, but is made of one.
    pub(crate) fn made(&self, number: usize, object: &serde_json::Value) -> Option<Node<'s>> {
        self.texts.read(number, 0, self.texts.keep(object.to_string())).ok()?.root()
    }

    /// The objects of all files.
    pub(crate) fn objects(&self) -> &Objects<'s> {
        self.objects.get_or_init(|| Objects::of(self))
    }
}

/// A path, and what is behind each slash in it.
fn ends(path: &str) -> impl Iterator<Item = &str> {
    [path].into_iter().chain(path.match_indices('/').map(|(at, _)| &path[at + 1..])).filter(|end| !end.is_empty())
}

/// That a file is written in another language than values are.
pub(crate) fn not_values() -> Finding {
    let message = "the file is not a values file, and has no release of Illumio's chart that can be read";
    let help = "pass the file that the release is upgraded with, or change the mode by hand where it is set";
    Finding::new(Rule::ForeignValues, message).help(help).weighing(Severity::Error).doubting(Doubt::Foreign)
}
