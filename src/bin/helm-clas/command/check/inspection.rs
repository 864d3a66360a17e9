//! Each file judged, and repaired where that is asked for.

use std::{
    collections::HashSet,
    path::{self, Path, PathBuf},
};

use helm_clas::{
    ChartVersion, Finding, Texts,
    check::{CheckedFile, Circumstances, Judgement, Run, check_change},
    fix,
    look::sealed,
};

use super::{around::Around, unread};
use crate::{
    args::{Check, DiffOptions},
    command::edited::Shown,
    failure::Failure,
    outside::{
        files,
        git::{Changes, Contents},
    },
    paths, workers,
    workspace::{
        Checkout, Workspace, brought,
        fleet::{self, Nearest},
        objects::Objects,
        walk,
    },
};

/// What is done with each file.
pub(super) struct Inspection<'i> {
    pub(super) check: &'i Check,
    pub(super) circumstances: Circumstances<'i>,
    pub(super) fleet: Nearest,
    /// The same before the change that is judged; nothing where it did not change.
    pub(super) fleet_before: Option<Nearest>,
    pub(super) changes: Option<Changes>,
    pub(super) objects: Objects,
}

/// What came of all files.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) run: Run,
    pub(super) mended: Vec<Mended>,
    /// What could not be done, and with which file.
    pub(super) failures: Vec<(Option<String>, Failure)>,
    /// What is in the checkout beside the files that are named.
    pub(super) around: Around,
}

/// What came of one file.
enum Outcome {
    /// It was judged.
    Judged(Box<Inspected>),
    /// It is another chart's.
    Skipped,
    /// It is a ciphertext or a pointer, and nothing says whose; what to do to read it.
    Sealed((&'static str, &'static str)),
}

/// A file that was judged.
struct Inspected {
    file: CheckedFile,
    mended: Option<Mended>,
    failure: Option<Failure>,
}

/// What was repaired in a file, or would be.
pub(super) struct Mended {
    pub(super) name: String,
    pub(super) times: usize,
    pub(super) shown: Shown,
    pub(super) losses: files::Losses,
}

/// A file as it was judged, with what the report shows of those beside it; nothing is repaired.
fn checked(workspace: &Workspace<'_>, text: String, judgement: Judgement) -> CheckedFile {
    let (files, given) = (&workspace.files, workspace.given[0]);
    let beside = || (0..files.len()).filter(|number| *number != given);
    let is_chart = |number: &usize| Path::new(files.name(*number)).file_name().is_some_and(|it| it == files::CHART);
    let takes_from = beside().filter(|number| !is_chart(number)).map(|number| files.name(number).to_owned()).collect();
    let is_spoken_of = |name: &str| judgement.findings.iter().any(|finding| finding.file.as_deref() == Some(name));
    let others = beside().map(|number| files.source(number)).filter(|source| is_spoken_of(source.name));
    let others = others.map(|it| (it.name.to_owned(), it.text().unwrap_or_default().to_owned())).collect();
    let Judgement { mode, migrating, findings, clusters, judges } = judgement;
    CheckedFile {
        name: files.name(given).to_owned(),
        text,
        mode,
        migrating,
        findings,
        clusters,
        judges,
        mendable: 0,
        repaired: 0,
        brought: brought(files),
        others,
        takes_from,
        is_part: false,
    }
}

impl Inspection<'_> {
    /// Judges the files that are named, those below the folders that are, and where a change is judged, those of the
    /// checkout whose clusters take from one that changed.
    pub(super) fn of_all(&self, shows_progress: bool) -> Judged {
        let (listed, unreadable) = files_of(&self.check.files);
        let files = once_each(&listed);
        let around = Around::of(
            self.changes.as_ref(),
            |file| [self.version_before(file), self.fleet.version_of(file)],
            |file| self.fleet.is(file),
            &files,
        );
        let files: Vec<PathBuf> = files.into_iter().map(Path::to_path_buf).chain(around.readers.clone()).collect();
        let inspect = |contents: &mut Option<Contents>, file: &PathBuf| self.of(file, contents);
        let inspected = workers::each(&files, || None, inspect, shows_progress);
        let mut judged = Judged { around, ..Judged::default() };
        let mut of_nobody = Vec::new();
        for (number, inspected) in inspected.into_iter().enumerate() {
            let name = || files.get(number).map(|file| paths::name(file));
            match inspected {
                Ok(Outcome::Judged(inspected)) => {
                    judged.run.files.push(inspected.file);
                    judged.mended.extend(inspected.mended);
                    judged.failures.extend(inspected.failure.map(|failure| (name(), failure)));
                }
                Ok(outcome) => {
                    judged.run.skipped += 1;
                    if let Outcome::Sealed(sealed) = outcome {
                        of_nobody.extend(name().map(|name| (name, sealed)));
                    }
                }
                Err(failure) => judged.failures.push((name(), failure)),
            }
        }
        judged.failures.extend(unread::sealed(self.check, &judged.run, of_nobody));
        let name = |path: PathBuf| Some(paths::name(&path)).filter(|name| !name.is_empty());
        judged.failures.extend(unreadable.into_iter().map(|(path, failure)| (name(path), failure)));
        judged
    }

    /// The chart version that was named for the cluster of a file before the change that is judged.
    fn version_before(&self, file: &Path) -> Option<ChartVersion> {
        self.fleet_before.as_ref().unwrap_or(&self.fleet).version_of(file)
    }

    /// Judges a file, and repairs it where that is asked for; nothing where it is another chart's.
    fn of(&self, file: &Path, contents: &mut Option<Contents>) -> Result<Outcome, Failure> {
        let name = paths::name(file);
        let new = self.new_of(file, contents)?;
        let sealed = sealed(&new);
        let texts = Texts::new();
        let workspace = self.opened(&texts, &name, new.clone(), |checkout, name| match &self.changes {
            Some(changes) => changes.beside(Path::new(name), |name| checkout.read(name), contents),
            None => checkout.read(name),
        })?;
        let before = self.before(file, &texts, &workspace, contents)?;
        let before = before.as_ref().map(|before| (&before.files, before.given[0]));
        let files = &workspace.files;
        let (version, version_before) = (self.fleet.version_of(file), self.version_before(file));
        let pce_version = fleet::value(&self.fleet.of(file), "pceVersion").and_then(|version| version.parse().ok());
        let circumstances = Circumstances {
            version: self.circumstances.version.or(version.as_ref()),
            version_before: version_before.as_ref().filter(|_| self.circumstances.version.is_none()),
            pce_version: self.circumstances.pce_version.or(pce_version),
            judges_all: self.circumstances.judges_all || sealed.is_some() && unread::is_named(self.check, file),
            ..self.circumstances
        };
        let Some(mut judgement) = check_change(files, workspace.given[0], before, &circumstances) else {
            let broken = unread::broken_manifest(file, &name, &new);
            return Ok(match (broken, sealed) {
                (Some(file), _) => Outcome::Judged(Box::new(Inspected { file, mended: None, failure: None })),
                (None, Some(sealed)) => Outcome::Sealed(sealed),
                (None, None) => Outcome::Skipped,
            });
        };
        let mut text = String::from_utf8(new).unwrap_or_default();
        let asks_for_repair = self.check.fix || self.check.diff;
        let repair = asks_for_repair.then(|| self.repaired(&workspace, &text, &judgement, &circumstances));
        let (mended, failure) = match repair.transpose() {
            Ok(repaired) => (repaired.flatten(), None),
            Err(failure) => (None, Some(failure)),
        };
        let mended = mended.map(|(mended, new)| {
            if self.check.fix {
                let again = files.changed(&texts, workspace.given[0], new.as_bytes());
                if let Some(judged) = check_change(&again, workspace.given[0], before, &circumstances) {
                    judgement = judged;
                }
                text = new;
            }
            mended
        });
        let repaired = mended.as_ref().filter(|_| self.check.fix).map_or(0, |mended| mended.times);
        let mendable = fix::count(&text, &self.mended(&name, &judgement.findings));
        let file = CheckedFile { repaired, mendable, ..checked(&workspace, text, judgement) };
        Ok(Outcome::Judged(Box::new(Inspected { file, mended, failure })))
    }

    /// What is repaired in a file, written where that is asked for, with its new text; nothing where there is nothing to
    /// repair.
    fn repaired(
        &self,
        workspace: &Workspace<'_>,
        text: &str,
        judgement: &Judgement,
        circumstances: &Circumstances<'_>,
    ) -> Result<Option<(Mended, String)>, Failure> {
        let (files, number) = (&workspace.files, workspace.given[0]);
        let name = files.name(number);
        let findings_of = |text: &str| {
            let texts = Texts::new();
            // what the file was before does not change what is to be repaired
            let judged = check_change(&files.changed(&texts, number, text.as_bytes()), number, None, circumstances);
            judged.map(|it| it.findings).unwrap_or_default()
        };
        let of_step: Vec<Finding> = judgement.findings.iter().filter(|it| fix::is_of_step(it)).cloned().collect();
        let (new, times) = fix::mended(text, |text| {
            let findings: Vec<Finding> = findings_of(text).into_iter().chain(of_step.iter().cloned()).collect();
            self.mended(name, &findings)
        });
        if times == 0 {
            return Ok(None);
        }
        let losses = self.replaced(Path::new(name), text, &new)?;
        let shown = Shown::of(files, number, &new, DiffOptions { context: 3, show_secrets: false });
        Ok(shown.map(|shown| (Mended { name: name.to_owned(), times, shown, losses }, new)))
    }

    /// The findings of a file that are to be repaired: not those of files that it names, nor those that are allowed.
    fn mended(&self, name: &str, findings: &[Finding]) -> Vec<Finding> {
        let is_meant =
            |finding: &&Finding| !self.check.allowed.contains(&finding.rule) && finding.file.as_deref() == Some(name);
        findings.iter().filter(is_meant).cloned().collect()
    }

    /// A file as it is to be judged.
    fn new_of(&self, file: &Path, contents: &mut Option<Contents>) -> Result<Vec<u8>, Failure> {
        match &self.changes {
            Some(changes) if file.as_os_str() != files::STDIN => changes.new_of(file, contents),
            _ => files::read(file),
        }
    }

    /// A file with what it names, in one state of the files.
    fn opened<'s>(
        &self,
        texts: &'s Texts<'s>,
        name: &str,
        bytes: Vec<u8>,
        mut read: impl FnMut(&Checkout, &str) -> Result<Option<Vec<u8>>, Failure>,
    ) -> Result<Workspace<'s>, Failure> {
        let mut workspace = Workspace::without_files(texts);
        workspace.given.push(workspace.files.add(name, bytes));
        let Some(checkout) = Checkout::of(Path::new(name), &[]).filter(|_| name != files::STDIN) else {
            return Ok(workspace);
        };
        let followed = workspace.follow(&checkout, None, &self.objects, |name| read(&checkout, name));
        match followed.into_iter().next() {
            Some((_, failure)) => Err(failure),
            None => Ok(workspace),
        }
    }

    /// The files of the moment before; nothing where none of them changed, or the file was not there.
    fn before<'s>(
        &self,
        file: &Path,
        texts: &'s Texts<'s>,
        now: &Workspace<'s>,
        contents: &mut Option<Contents>,
    ) -> Result<Option<Workspace<'s>>, Failure> {
        let Some(changes) = &self.changes else { return Ok(None) };
        if file.as_os_str() == files::STDIN {
            return Ok(None);
        }
        let is_changed = |number: usize| changes.is_changed(Path::new(now.files.name(number)));
        let is_as_it_was = || self.version_before(file) == self.fleet.version_of(file);
        if !changes.is_changed(file) && !(0..now.files.len()).any(is_changed) && is_as_it_was() {
            return Ok(None);
        }
        let Some(bytes) = changes.old_of(file, contents)? else { return Ok(None) };
        let name = paths::name(file);
        self.opened(texts, &name, bytes, |_, name| changes.old_of(Path::new(name), contents).or(Ok(None))).map(Some)
    }

    /// Writes the repaired text where that is asked for; what could not be kept is returned.
    fn replaced(&self, file: &Path, old: &str, new: &str) -> Result<files::Losses, Failure> {
        if !self.check.fix {
            return Ok(files::Losses::new());
        }
        if file.as_os_str() == files::STDIN {
            return Err(Failure::new("standard input cannot be changed by --fix").help("use --diff to see the change"));
        }
        let keep = if self.check.drop_attributes { files::Keep::WhatCanBe } else { files::Keep::Everything };
        files::replace(file, old.as_bytes(), new.as_bytes(), keep)
    }
}

/// The files that are named, and those below the folders that are.
fn files_of(named: &[PathBuf]) -> (Vec<PathBuf>, Vec<(PathBuf, Failure)>) {
    let (mut files, mut failures) = (Vec::new(), Vec::new());
    for path in named {
        if path.is_dir() {
            let (below, unreadable) = walk::files_below(path);
            files.extend(below);
            failures.extend(unreadable);
        } else {
            files.push(path.clone());
        }
    }
    (files, failures)
}

/// The files, each where it is named first, whatever its names are.
fn once_each(files: &[PathBuf]) -> Vec<&Path> {
    let mut seen = HashSet::new();
    let whole = |file: &Path| paths::real(file).or_else(|_| path::absolute(file));
    let is_new = |file: &&Path| seen.insert(whole(file).unwrap_or_else(|_| file.to_path_buf()));
    files.iter().map(PathBuf::as_path).filter(is_new).collect()
}
