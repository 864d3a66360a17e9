//! [`Visitor`]: one of the threads that go through the folders, and the [`Hit`]s that it sends.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fs, io,
    path::{self, Path, PathBuf},
    sync::mpsc::Sender,
};

use helm_clas::{
    Files, OtherUse, Position, Texts,
    chart::reference::is_address,
    files::may_speak,
    files_taken,
    look::{
        Defined, LiveChange, MayTake, Runs, defined_in, is_kustomization, live_changes, may_bring_chart,
        may_name_folder, may_take, runs_in, sealed,
    },
    other_uses, parts_taken,
    status::{Holder, Standing, found_in, mentioned_in, merged},
};
use ignore::DirEntry;

use crate::{
    failure::Failure,
    outside::files,
    paths,
    workspace::{
        Checkout, Workspace,
        names::{is_file_or_dangling, may_be_named, may_hold_place, may_mention, may_only_mention},
        objects::Objects,
    },
};

/// The result of a file, or of a folder that could not be read.
pub(super) struct Hit {
    pub(super) path: PathBuf,
    pub(super) found: Result<Vec<Standing>, Failure>,
    /// The files that the file takes values from.
    pub(super) beside: Vec<PathBuf>,
    /// Those among them that were read on the way, and give no cluster anything that is known.
    pub(super) seen: HashSet<PathBuf>,
    /// The files that were read to know the modes of its clusters.
    pub(super) reads: Vec<PathBuf>,
    /// The names of the `ConfigMaps` that it takes values from.
    pub(super) maps: Vec<String>,
    /// What it uses for something else than the values of a cluster.
    pub(super) uses: Vec<OtherUse>,
    /// The commands in it that change releases in their controllers.
    pub(super) changes: Vec<(LiveChange, Position)>,
    /// What commands in it may give to releases, by names that are not known.
    pub(super) takes: Vec<(MayTake, Position)>,
    /// What it runs that is in other files.
    pub(super) runs: Vec<Runs>,
    /// The lines in it that set variables to options of Helm.
    pub(super) defined: Vec<(Defined, Position)>,
    /// What it is where it is a ciphertext or a pointer, and nothing says whose; and what to do to read it.
    pub(super) sealed: Option<(&'static str, &'static str)>,
}

impl Hit {
    /// One of which nothing more is known.
    fn of(path: &Path, found: Result<Vec<Standing>, Failure>) -> Self {
        let (beside, seen, reads, maps) = (Vec::new(), HashSet::new(), Vec::new(), Vec::new());
        let (path, uses, changes, takes) = (path.to_path_buf(), Vec::new(), Vec::new(), Vec::new());
        let (defined, runs) = (Vec::new(), Vec::new());
        Self { path, found, beside, seen, reads, maps, uses, changes, takes, runs, defined, sealed: None }
    }

    /// Whether it is about commands, and not about clusters.
    pub(super) fn is_of_commands(&self) -> bool {
        let is_silent = self.changes.is_empty() && self.takes.is_empty();
        !(is_silent && self.defined.is_empty() && self.runs.is_empty())
    }
}

/// One of the threads that go through the folders.
pub(super) struct Visitor<'v> {
    pub(super) place: Option<&'v str>,
    pub(super) roots: &'v [PathBuf],
    pub(super) objects: &'v Objects,
    pub(super) sender: Sender<Hit>,
    /// The folder that was looked at last; nearly always the next file is there too.
    pub(super) folder: Option<PathBuf>,
    /// Whether it is that of a chart which may bring Illumio's, or below one.
    pub(super) is_in_chart: bool,
    /// Whether a chart is in it, whichever that is.
    pub(super) has_chart: bool,
    /// The charts that were looked at.
    pub(super) charts: HashMap<PathBuf, bool>,
    /// The checkout that the folder is in, where it was asked for.
    pub(super) checkout: Option<Checkout>,
}

impl Visitor<'_> {
    pub(super) fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) {
        match entry {
            Ok(entry) => {
                let is_file = is_file_or_dangling(&entry);
                let is_named = entry.depth() == 0 && !entry.path().is_dir();
                let path = without_dot(entry.path());
                if is_file && is_passed_over(&entry) {
                    return;
                }
                if is_named && may_be_named(entry.path()) || is_file && may_hold_place(entry.path()) {
                    self.read(path);
                } else if is_file && may_mention(entry.path()) {
                    self.read_words(path);
                } else if is_file && may_only_mention(entry.path()) {
                    self.read_aside(path);
                }
            }
            Err(error) => {
                let (path, error) = told_apart(error);
                let path = without_dot(&path);
                let failure = || Failure::while_doing(format!("cannot read {}", paths::name(path)))(error);
                // of an address it is known why it cannot be read
                let of_address = path.to_str().filter(|name| is_address(name)).and_then(|_| files::read(path).err());
                let failure = of_address.unwrap_or_else(failure).about(path);
                self.send(path, Err(failure));
            }
        }
    }

    fn read(&mut self, file: &Path) {
        self.look_at_chart(file);
        let bytes = match files::read(file) {
            Ok(bytes) => bytes,
            Err(failure) => return self.send(file, Err(failure)),
        };
        let texts = Texts::new();
        let name = paths::name(file);
        let mut workspace = Workspace::without_files(&texts);
        let may_name_folder = may_name_folder(&bytes);
        workspace.given.push(workspace.files.add(name.clone(), bytes));
        let mut found = found_in(&workspace.files, 0, self.place);
        // the user who names a file wants to know that it is encrypted
        let sealed = sealed(workspace.files.source(0).bytes).filter(|_| found.is_empty());
        if sealed.is_some() && self.roots.iter().any(|root| root == file) {
            found = merged(&workspace.files, &workspace.given, &[], None);
        } else if sealed.is_some() {
            let _ = self.sender.send(Hit { sealed, ..Hit::of(file, Ok(Vec::new())) });
        }
        self.tell_changes(&workspace.files);
        let is_manifest = found.iter().any(|standing| matches!(standing.holder, Holder::Manifest(_)));
        // whose values these are says the chart beside them
        let is_beside_chart = self.has_chart && !found.is_empty();
        if is_kustomization(&name) || is_manifest || self.is_in_chart || may_name_folder || is_beside_chart {
            if self.checkout.is_none() {
                self.checkout = Checkout::of(file, self.roots);
            }
            // of a file with thousands of releases they would be there twice
            drop(found);
            let before = workspace.files.len();
            let unreadable = self
                .checkout
                .as_ref()
                .map(|checkout| workspace.follow(checkout, self.place, self.objects, |name| checkout.read(name)));
            for (name, failure) in unreadable.unwrap_or_default() {
                self.send(Path::new(&name), Err(failure));
            }
            self.tell_uses(&workspace.files);
            // that a file was looked for in vain is news, too
            found = found_in(&workspace.files, 0, self.place);
            if found.is_empty() && !is_manifest && !is_kustomization(&name) {
                return;
            }
            let reads: Vec<PathBuf> =
                (before..workspace.files.len()).map(|number| PathBuf::from(workspace.files.name(number))).collect();
            // of the charts on the way to Illumio's those are not clusters that are part of the one which is installed
            let is_manifest = found.iter().any(|standing| matches!(standing.holder, Holder::Manifest(_)));
            let parts = if is_manifest { BTreeSet::new() } else { parts_taken(&workspace.files, 0, self.place) };
            let number = |(at, file): (usize, &PathBuf)| (before + at, file.clone());
            let has_row = found.iter().any(|standing| standing.holder != Holder::Mention);
            let is_beside = |(number, _): &(usize, PathBuf)| is_manifest || has_row && parts.contains(number);
            let beside = reads.iter().enumerate().map(number).filter(is_beside).map(|(_, file)| file).collect();
            let maps = found.iter().flat_map(|standing| standing.objects.iter().cloned()).collect();
            let taken =
                if is_manifest && !reads.is_empty() { files_taken(&workspace.files, 0) } else { BTreeSet::new() };
            let seen = (before..workspace.files.len()).filter(|number| is_manifest && !taken.contains(number));
            let seen = seen.map(|number| PathBuf::from(workspace.files.name(number))).collect();
            let _ = self.sender.send(Hit { beside, seen, reads, maps, ..Hit::of(file, Ok(found)) });
            return;
        }
        self.tell_uses(&workspace.files);
        if !found.is_empty() {
            // the other end waits for all of them
            self.send(file, Ok(found));
        }
    }

    /// Reads a file that is not YAML for what it says of a mode.
    fn read_words(&mut self, file: &Path) {
        let bytes = match files::read(file) {
            Ok(bytes) => bytes,
            Err(failure) => return self.send(file, Err(failure)),
        };
        let texts = Texts::new();
        let files = Files::of(&texts, [(paths::name(file), bytes)]);
        self.tell_changes(&files);
        let found = mentioned_in(&files, 0);
        if !found.is_empty() {
            self.send(file, Ok(found));
        }
    }

    /// Reads a file of which no cluster gets anything by its name; what is not text says nothing.
    fn read_aside(&self, file: &Path) {
        let Some(bytes) = fs::read(file).ok().filter(|bytes| may_speak(&paths::name(file), bytes)) else { return };
        let defined = defined_in(&paths::name(file), &bytes);
        if !defined.is_empty() {
            let _ = self.sender.send(Hit { defined, ..Hit::of(file, Ok(Vec::new())) });
        }
        let texts = Texts::new();
        let found = mentioned_in(&Files::of(&texts, [(paths::name(file), bytes)]), 0);
        if !found.is_empty() {
            self.send(file, Ok(found));
        }
    }

    /// Sends what a file uses for something else than the values of a cluster.
    fn tell_uses(&self, files: &Files<'_>) {
        let uses = other_uses(files, 0);
        if !uses.is_empty() {
            let _ = self.sender.send(Hit { uses, ..Hit::of(Path::new(files.name(0)), Ok(Vec::new())) });
        }
    }

    /// Sends the commands of a file that change releases in their controllers, give them files that are not known, or run
    /// what is in other files, and those that set variables to options.
    fn tell_changes(&self, files: &Files<'_>) {
        let name = files.name(0);
        let bytes = files.source(0).bytes;
        let (changes, takes, defined) = (live_changes(name, bytes), may_take(files, 0), defined_in(name, bytes));
        let runs = runs_in(files, 0);
        let hit = Hit { changes, takes, runs, defined, ..Hit::of(Path::new(name), Ok(Vec::new())) };
        if hit.is_of_commands() {
            let _ = self.sender.send(hit);
        }
    }

    /// Finds out whether the folder of a file is that of a chart which may bring Illumio's, or below one.
    fn look_at_chart(&mut self, file: &Path) {
        let folder = file.parent();
        if self.folder.as_deref() == folder {
            return;
        }
        self.folder = folder.map(Path::to_path_buf);
        self.checkout = None;
        let folder = path::absolute(file).ok().and_then(|file| Some(file.parent()?.to_path_buf())).unwrap_or_default();
        self.has_chart = folder.join(files::CHART).is_file();
        let below_top = || {
            let mut is_above = false;
            folder.ancestors().take_while(move |folder| !std::mem::replace(&mut is_above, folder.join(".git").exists()))
        };
        let chart = below_top().map(|folder| folder.join(files::CHART)).find(|chart| chart.is_file());
        self.is_in_chart =
            chart.is_some_and(|chart| *self.charts.entry(chart).or_insert_with_key(|chart| may_bring_illumio(chart)));
    }

    fn send(&self, path: &Path, found: Result<Vec<Standing>, Failure>) {
        let _ = self.sender.send(Hit::of(path, found));
    }
}

/// Whether a chart may bring Illumio's: it names it, or other charts are in it or beside it that may.
pub(super) fn may_bring_illumio(chart: &Path) -> bool {
    let says = |name: &str, words: &[&str]| {
        let bytes = fs::read(chart.with_file_name(name)).unwrap_or_default().to_ascii_lowercase();
        words.iter().any(|word| memchr::memmem::find(&bytes, word.as_bytes()).is_some())
    };
    says(files::CHART, &["illumio", "file:"])
        || says("requirements.yaml", &["illumio", "file:"])
        || chart.with_file_name("charts").is_dir()
}

/// A path as people write it: without a leading `./`.
pub(super) fn without_dot(path: &Path) -> &Path {
    path.strip_prefix(".").ok().filter(|rest| !rest.as_os_str().is_empty()).unwrap_or(path)
}

/// Whether a file is a template of a chart, and brings no other chart.
pub(super) fn is_passed_over(entry: &DirEntry) -> bool {
    let is_templates = |folder: &Path| folder.ends_with("templates") && folder.with_file_name(files::CHART).is_file();
    let is_template = entry.path().ancestors().skip(1).take(entry.depth().saturating_sub(1)).any(is_templates);
    is_template && !fs::read(entry.path()).is_ok_and(|bytes| may_bring_chart(&bytes))
}

/// What could not be read, and why.
pub(super) fn told_apart(error: ignore::Error) -> (PathBuf, io::Error) {
    match error {
        ignore::Error::WithPath { path, err } => (path, told_apart(*err).1),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => told_apart(*err),
        // the walk of a folder says once more where it was
        ignore::Error::Io(error) => {
            let first = error.get_ref().and_then(|told| told.source()?.downcast_ref::<io::Error>()?.raw_os_error());
            (PathBuf::new(), first.map_or(error, io::Error::from_raw_os_error))
        }
        error => (PathBuf::new(), io::Error::other(error.to_string())),
    }
}
