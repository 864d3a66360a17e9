//! `helm clas check`.

use std::{
    collections::HashSet,
    env, fs,
    path::{self, Path, PathBuf},
    process::ExitCode,
};

use helm_clas::{
    ClusterMode, Files, Finding, Rule, Severity, Texts,
    chart::{cluster::ClusterValues, values::Schema},
    check::{Base, CheckedFile, Circumstances, Judgement, Run, Unjudged, check_change},
    files::{is_kustomization, objects_in},
    fix,
    report::{
        diff::{Diff, Options, Secrets},
        findings::drawn,
        github, gitlab, json, junit, markdown, sarif, text,
    },
};

use crate::{
    args::{Check, CheckForm, Everywhere, FormInFile, described::called},
    command::compat::{chart_version, matrix, pce_version},
    failure::Failure,
    output::Output,
    outside::{
        files,
        git::{self, Changes, Comparison, Contents},
        pce,
    },
    workers,
    workspace::{
        Checkout, Workspace,
        fleet::{self, Nearest},
        objects::Objects,
        search,
    },
};

pub(crate) fn run(everywhere: &Everywhere, check: &Check, output: &mut Output) -> Result<ExitCode, Failure> {
    if check.diff && check.output != CheckForm::Text {
        return Err(Failure::new("--diff shows a diff, and -o another form").help("leave out one of them"));
    }
    no_file_twice(&check.output_files)?;
    let version = everywhere.version.as_deref().map(chart_version).transpose()?;
    let pce = pce::resolved(check.pce_version.as_deref(), &check.pce, Some(&ClusterValues::default()), output)?;
    let (matrix, schema) = (matrix(check.compat.as_deref())?, Schema::shipped());
    let circumstances = Circumstances {
        version: version.as_ref(),
        pce_version: pce.as_deref().map(pce_version).transpose()?,
        matrix: &matrix,
        schema: &schema,
        is_partial: check.partial,
        judges_all: check.no_skip,
    };
    let changes = Comparison::asked(check).map(|comparison| Changes::between(&comparison)).transpose();
    // without git, a file can still be judged as it is
    let (changes, failure) = changes.map_or_else(|failure| (None, Some(failure)), |changes| (changes, None));
    let fleet = Nearest::named_or_found(everywhere.config.as_deref())?;
    let inspection = Inspection { check, circumstances, fleet, changes, objects: Objects::default() };
    let inspect = |contents: &mut Option<Contents>, file: &&Path| inspection.of(file, contents);
    let (listed, mut unreadable) = files_of(&check.files);
    let files = once_each(&listed);
    let mut inspected = workers::each(&files, || None, inspect, !everywhere.quiet);
    inspected.extend(inspection.of_takers(&files, &inspected));

    let mut run = Run::default();
    let mut mended = Vec::new();
    let mut failures: Vec<(Option<String>, Failure)> = failure.map(|failure| (None, failure)).into_iter().collect();
    for (number, inspected) in inspected.into_iter().enumerate() {
        let name = || files.get(number).map(|file| file.to_string_lossy().into_owned());
        match inspected {
            Ok(None) => run.skipped += 1,
            Ok(Some(inspected)) => {
                run.files.push(inspected.file);
                mended.extend(inspected.mended);
                failures.extend(inspected.failure.map(|failure| (name(), failure)));
            }
            Err(failure) => failures.push((name(), failure)),
        }
    }
    mended.iter().filter(|_| check.fix).for_each(|mended: &Mended| output.changed(&mended.name));
    failures.extend(unreadable.drain(..).map(|failure| (None, failure)));
    run.called = called();
    run.base = base();
    run.unjudged.extend(failures.iter().map(|(file, failure)| Unjudged {
        file: file.clone(),
        message: failure.what().to_owned(),
        help: failure.advice().map(str::to_owned),
    }));
    run.say_once();
    run.tell_clusters_apart();
    if check.staged || check.against.is_some() {
        run.migrating_elsewhere = migrating_elsewhere(&run);
    }
    run.limit_migrating(check.max_migrating);
    run.allow(&check.allowed);
    if check.strict {
        run.take_warnings_for_errors();
    }
    let left_out = run.leave_out_beyond(MOST_SHOWN);
    if left_out > 0 {
        output.complaint(&format!("note: {left_out} more findings are counted and not shown\n"));
    }
    match written(&run, check.output) {
        None => {
            show(&run, &mended, check, output);
            // where something failed and nothing was found, "nothing found" would say too much
            if failures.is_empty() || run.all_findings().next().is_some() {
                output.remark(&text::check(&run));
            }
        }
        Some(answer) => output.answer(&answer),
    }
    for FormInFile { form, file } in &check.output_files {
        let answer = written(&run, *form).unwrap_or_else(|| of_text(&run));
        let cannot = Failure::while_doing(format!("cannot write {}", file.display()));
        failures.extend(fs::write(file, answer).map_err(cannot).err().map(|failure| (None, failure)));
    }
    let has_errors = run.count(Severity::Error) > 0 && !check.exit_zero;
    let status = if has_errors { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    Ok(failures.iter().fold(status, |_, (_, failure)| output.failed(failure)))
}

/// One file cannot hold two answers.
fn no_file_twice(files: &[FormInFile]) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    match files.iter().find(|written| !seen.insert(&written.file)) {
        None => Ok(()),
        Some(FormInFile { file, .. }) => Err(Failure::new(format!("two forms go to one file, {}", file.display()))
            .help("name a file of its own for each --output-file")),
    }
}

/// The answer in a form of machines, or of pages; nothing for text, which has colours.
fn written(run: &Run, form: CheckForm) -> Option<String> {
    Some(match form {
        CheckForm::Text => return None,
        CheckForm::Json => json::check(run),
        CheckForm::Sarif => sarif::check(run),
        CheckForm::Github => github::check(run),
        CheckForm::Gitlab => gitlab::check(run),
        CheckForm::Junit => junit::check(run),
        CheckForm::Markdown => markdown::check(run),
    })
}

/// The text as a file keeps it.
fn of_text(run: &Run) -> String {
    let text = findings_of(run) + &text::check(run);
    anstream::adapter::strip_str(&text).to_string()
}

/// The findings, as a person reads them.
fn findings_of(run: &Run) -> String {
    let of_files: String =
        run.files.iter().map(|file| drawn(&file.findings, run.called, |name| file.text_of(name))).collect();
    of_files + &drawn(&run.findings, run.called, |name| run.text_of(name))
}

/// The files that are named, and those below the folders that are.
fn files_of(named: &[PathBuf]) -> (Vec<PathBuf>, Vec<Failure>) {
    let (mut files, mut failures) = (Vec::new(), Vec::new());
    for path in named {
        if path.is_dir() {
            let (below, unreadable) = search::files_below(path);
            files.extend(below);
            failures.extend(unreadable);
        } else {
            files.push(path.clone());
        }
    }
    (files, failures)
}

/// Where the paths of the reports begin; nothing outside of a checkout, or without git.
fn base() -> Option<Base> {
    let slashed = |path: PathBuf| path.to_string_lossy().replace(path::MAIN_SEPARATOR, "/");
    let real = |path: PathBuf| fs::canonicalize(&path).unwrap_or(path);
    Some(Base { top: slashed(real(git::top().ok()?)), here: slashed(real(env::current_dir().ok()?)) })
}

/// The clusters of the checkout that are between two modes, beside those that were judged.
fn migrating_elsewhere(run: &Run) -> Vec<String> {
    let is_migrating = |mode: Option<ClusterMode>| mode.is_some_and(ClusterMode::is_migrating);
    if !run.files.iter().any(|file| is_migrating(file.mode)) {
        return Vec::new();
    }
    let (Ok(top), Ok(here)) = (git::top(), env::current_dir()) else { return Vec::new() };
    let top = match here.strip_prefix(&top) {
        Ok(inside) if inside.as_os_str().is_empty() => PathBuf::from("."),
        Ok(inside) => inside.iter().map(|_| "..").collect(),
        Err(_) => top,
    };
    let judged: Vec<String> =
        run.files.iter().flat_map(|file| [&file.name].into_iter().chain(&file.takes_from)).cloned().collect();
    let (standings, _) = search::search(&[top], &judged, None);
    let mut names: Vec<String> =
        standings.into_iter().filter(|standing| is_migrating(standing.mode)).map(|standing| standing.file).collect();
    names.dedup();
    names
}

/// How many findings are shown: nobody reads more, and a hostile file has millions.
const MOST_SHOWN: usize = 10_000;

/// The files, each where it is named first.
fn once_each(files: &[PathBuf]) -> Vec<&Path> {
    let mut seen = HashSet::new();
    let is_new = |file: &&Path| seen.insert(path::absolute(file).unwrap_or_else(|_| file.to_path_buf()));
    files.iter().map(PathBuf::as_path).filter(is_new).collect()
}

/// What is done with each file.
struct Inspection<'i> {
    check: &'i Check,
    circumstances: Circumstances<'i>,
    fleet: Nearest,
    changes: Option<Changes>,
    objects: Objects,
}

/// What came of it.
struct Inspected {
    file: CheckedFile,
    mended: Option<Mended>,
    failure: Option<Failure>,
}

/// What was mended in a file, or would be.
struct Mended {
    name: String,
    times: usize,
    diff: Diff,
    /// The diff is one of the top of the work tree.
    is_of_top: bool,
    losses: files::Losses,
}

impl Inspection<'_> {
    /// Judges a file, and mends it where that is asked for; nothing where it is another chart's.
    fn of(&self, file: &Path, contents: &mut Option<Contents>) -> Result<Option<Inspected>, Failure> {
        let name = file.to_string_lossy().into_owned();
        let new = self.new_of(file, contents)?;
        let texts = Texts::new();
        let workspace = self.opened(&texts, &name, new.clone(), |checkout, name| match &self.changes {
            Some(changes) => changes.beside(Path::new(name), checkout, contents),
            None => checkout.read(name),
        })?;
        let before = self.before(file, &texts, &workspace, contents)?;
        let before = before.as_ref().map(|before| (&before.files, before.given[0]));
        let files = &workspace.files;
        let said = self.fleet.of(file);
        let version = fleet::value(&said, "version").and_then(|version| version.parse().ok());
        let pce_version = fleet::value(&said, "pceVersion").and_then(|version| version.parse().ok());
        let circumstances = Circumstances {
            version: self.circumstances.version.or(version.as_ref()),
            pce_version: self.circumstances.pce_version.or(pce_version),
            ..self.circumstances
        };
        let Some(mut judgement) = check_change(files, workspace.given[0], before, &circumstances) else {
            return Ok(None);
        };
        let judged = |text: &str| {
            let texts = Texts::new();
            let again = files.changed(&texts, workspace.given[0], text.as_bytes());
            // what the file was before does not change what is to be repaired
            let findings = check_change(&again, workspace.given[0], None, &circumstances).map(|it| it.findings);
            findings.unwrap_or_default()
        };
        let mut text = String::from_utf8(new).unwrap_or_default();
        let (mut mended, mut failure) = (None, None);
        if self.check.fix || self.check.diff {
            let of_step: Vec<Finding> = judgement.findings.iter().filter(|it| fix::is_of_step(it)).cloned().collect();
            let (new, times) = fix::mended(&text, |text| {
                let findings: Vec<Finding> = judged(text).into_iter().chain(of_step.iter().cloned()).collect();
                self.mended(&name, &findings)
            });
            if times > 0 {
                let options = Options { context: 3, secrets: Secrets::Hide };
                let in_diff = files::name_in_diff(&name);
                let diff = Diff::between(&text, &new, &in_diff.name, options);
                let is_of_top = in_diff.is_of_top;
                match self.replaced(file, &text, &new) {
                    Ok(losses) => mended = Some(Mended { name: name.clone(), times, diff, is_of_top, losses }),
                    Err(reason) => failure = Some(reason),
                }
            }
            if self.check.fix && mended.is_some() {
                let again = files.changed(&texts, workspace.given[0], new.as_bytes());
                let judged = check_change(&again, workspace.given[0], before, &circumstances);
                judgement = judged.unwrap_or(judgement);
                text = new;
            }
        }
        let beside: Vec<usize> = (0..files.len()).filter(|number| *number != workspace.given[0]).collect();
        let is_chart =
            |number: &&usize| Path::new(files.name(**number)).file_name().is_some_and(|it| it == files::CHART);
        let takes_from = beside.iter().filter(|number| !is_chart(number)).map(|number| files.name(*number).to_owned());
        let takes_from = takes_from.collect();
        let is_spoken_of = |name: &str| judgement.findings.iter().any(|finding| finding.file.as_deref() == Some(name));
        let others = beside.iter().map(|number| files.source(*number)).filter(|source| is_spoken_of(source.name));
        let others = others.map(|it| (it.name.to_owned(), it.text().unwrap_or_default().to_owned())).collect();
        let Judgement { mode, findings, clusters } = judgement;
        let mendable = fix::count(&text, &self.mended(&name, &findings));
        let file = CheckedFile { name, text, mode, findings, clusters, mendable, others, takes_from, is_part: false };
        Ok(Some(Inspected { file, mended, failure }))
    }

    /// The files of the checkout that take their version or their values from one that changed and says no mode by itself,
    /// where the change of it is wrong for them: a dependency bot changes a `Chart.yaml` and nothing else.
    fn of_takers(
        &self,
        named: &[&Path],
        inspected: &[Result<Option<Inspected>, Failure>],
    ) -> Vec<Result<Option<Inspected>, Failure>> {
        let Some(changes) = &self.changes else { return Vec::new() };
        let may_be_taken = |file: &Path| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let is_of_chart = ["Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock"].contains(&&*name);
            is_of_chart
                || is_kustomization(&name)
                || files::read(file).is_ok_and(|bytes| !objects_in(&bytes).is_empty())
        };
        let passed_over = named.iter().zip(inspected).filter(|(_, it)| matches!(it, Ok(None))).map(|(file, _)| *file);
        let taken: Vec<&Path> = passed_over.filter(|file| changes.is_changed(file) && may_be_taken(file)).collect();
        let Some(top) = taken.first().and_then(|file| Checkout::of(file, &[])) else { return Vec::new() };
        let is_named = |file: &str| {
            let real = |path: &Path| fs::canonicalize(path).ok();
            let file = real(Path::new(file));
            named.iter().any(|named| real(named) == file)
        };
        let (standings, _) = search::search(&[top.shown()], &[], None);
        let mut takers: Vec<String> = standings.into_iter().map(|standing| standing.file).collect();
        takers.dedup();
        takers.retain(|file| !is_named(file));
        let is_of_change = |finding: &Finding| {
            [Rule::VersionChangedInMigration, Rule::ModeAndVersionTogether, Rule::SkippedMigration, Rule::WrongStep]
                .contains(&finding.rule)
        };
        let mut contents = None;
        let judged = takers.iter().filter_map(|file| match self.of(Path::new(file), &mut contents) {
            Ok(Some(mut inspected)) => {
                inspected.file.findings.retain(is_of_change);
                inspected.mended = None;
                (!inspected.file.findings.is_empty()).then_some(Ok(Some(inspected)))
            }
            _ => None,
        });
        judged.collect()
    }

    /// The findings of a file that are to be mended: not those of files that it names, nor those that are allowed.
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
        let mut workspace = Workspace { files: Files::new(texts), given: Vec::new() };
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
        if !changes.is_changed(file) && !(0..now.files.len()).any(is_changed) {
            return Ok(None);
        }
        let Some(bytes) = changes.old_of(file, contents)? else { return Ok(None) };
        let name = file.to_string_lossy().into_owned();
        self.opened(texts, &name, bytes, |_, name| changes.old_of(Path::new(name), contents).or(Ok(None))).map(Some)
    }

    /// Writes the mended text where that is asked for; what could not be kept is returned.
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

/// The findings are the answer; with --diff the diff is, so that git can apply it.
fn show(run: &Run, mended: &[Mended], check: &Check, output: &mut Output) {
    let findings = findings_of(run);
    if check.diff {
        for mended in mended {
            output.answer(&mended.diff.styled());
        }
        if mended.iter().any(|mended| mended.diff.is_masked) {
            let instead = if check.fix { "" } else { "; --fix changes the file" };
            output.complaint(&format!("note: a credential is masked in this diff, so it cannot be applied{instead}\n"));
        }
        if mended.iter().any(|mended| mended.is_of_top) {
            output.complaint(files::IS_OF_TOP);
        }
        output.remark(&findings);
    } else {
        output.answer(&findings);
    }
    for Mended { name, times, losses, .. } in mended.iter().filter(|_| check.fix) {
        output.remark(&format!("{name}: {times} mended\n"));
        for loss in losses {
            output.complaint(&format!("note: {name} {loss}\n"));
        }
    }
}
