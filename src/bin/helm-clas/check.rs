//! `helm clas check`.

use std::{
    collections::HashSet,
    path::{self, Path, PathBuf},
    process::ExitCode,
};

use helm_clas::{
    Finding, Severity, Source,
    change::Before,
    chart::values::Schema,
    check::{CheckedFile, Circumstances, Judgement, Run, check_change},
    fix,
    place::{files_beside, files_in_repositories, objects_beside},
    report::{
        diff::{Diff, Options, Secrets},
        findings::drawn,
        github, gitlab, json, junit, sarif, text,
    },
};

use crate::{
    args::{Check, CheckForm, Everywhere},
    compat::{chart_version, matrix, pce_version},
    failure::Failure,
    files,
    follow::{Checkout, Files},
    git::{Changes, Comparison, Contents, Versions},
    objects::Objects,
    output::Output,
    pce, workers,
};

pub(crate) fn run(everywhere: &Everywhere, check: &Check, output: &mut Output) -> Result<ExitCode, Failure> {
    if check.diff && check.output != CheckForm::Text {
        return Err(Failure::new("--diff shows a diff, and -o another form").help("leave out one of them"));
    }
    let version = everywhere.version.as_deref().map(chart_version).transpose()?;
    let pce = pce::resolved(check.pce_version.as_deref(), &check.pce, pce::Values::default(), output)?;
    let (matrix, schema) = (matrix(check.compat.as_deref())?, Schema::shipped());
    let circumstances = Circumstances {
        version: version.as_ref(),
        pce_version: pce.as_deref().map(pce_version).transpose()?,
        matrix: &matrix,
        schema: &schema,
        is_partial: check.partial,
        judges_all: check.no_skip,
        chart: None,
        beside: None,
    };
    let changes = Comparison::asked(check).map(|comparison| Changes::between(&comparison)).transpose();
    // without git, a file can still be judged as it is
    let (changes, failure) = changes.map_or_else(|failure| (None, Some(failure)), |changes| (changes, None));
    let inspection = Inspection { check, circumstances, changes, objects: Objects::default() };
    let inspect = |contents: &mut Option<Contents>, file: &&Path| inspection.of(file, contents);
    let inspected = workers::each(&once_each(&check.files), || None, inspect, !everywhere.quiet);

    let mut run = Run::default();
    let mut mended = Vec::new();
    let mut failures: Vec<Failure> = failure.into_iter().collect();
    for inspected in inspected {
        match inspected {
            Ok(None) => run.skipped += 1,
            Ok(Some(inspected)) => {
                run.files.push(inspected.file);
                mended.extend(inspected.mended);
                failures.extend(inspected.failure);
            }
            Err(failure) => failures.push(failure),
        }
    }
    mended.iter().filter(|_| check.fix).for_each(|mended: &Mended| output.changed(&mended.name));
    run.say_once();
    run.limit_migrating(check.max_migrating);
    run.allow(&check.allowed);
    if check.strict {
        run.take_warnings_for_errors();
    }
    match check.output {
        CheckForm::Text => {
            show(&run, &mended, check, output);
            // where something failed and nothing was found, "nothing found" would say too much
            if failures.is_empty() || run.all_findings().next().is_some() {
                output.remark(&text::check(&run));
            }
        }
        CheckForm::Json => output.answer(&json::check(&run)),
        CheckForm::Sarif => output.answer(&sarif::check(&run)),
        CheckForm::Github => output.answer(&github::check(&run)),
        CheckForm::Gitlab => output.answer(&gitlab::check(&run)),
        CheckForm::Junit => output.answer(&junit::check(&run)),
    }
    let has_errors = run.count(Severity::Error) > 0 && !check.exit_zero;
    let status = if has_errors { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    Ok(failures.iter().fold(status, |_, failure| output.failed(failure)))
}

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
        let versions = self.versions_of(file, contents)?;
        let name = file.to_string_lossy().into_owned();
        let beside = self.beside(&name, &versions.new, contents)?;
        let sources: Option<Vec<Source<'_>>> = beside.as_deref().map(files::sources);
        let before = versions.old.as_ref().map(|values| Before { values, chart: versions.old_chart.as_deref() });
        let chart_name = file.with_file_name(files::CHART).to_string_lossy().into_owned();
        let chart = versions.chart.as_ref().map(|bytes| Source { name: &chart_name, bytes });
        let circumstances = Circumstances { chart, beside: sources.as_deref(), ..self.circumstances };
        let judged = |bytes: &[u8]| check_change(Source { name: &name, bytes }, before.as_ref(), &circumstances);
        let Some(mut judgement) = judged(&versions.new) else { return Ok(None) };
        let mut text = String::from_utf8(versions.new).unwrap_or_default();
        let (mut mended, mut failure) = (None, None);
        if self.check.fix || self.check.diff {
            let (new, times) = fix::mended(&text, |text| {
                judged(text.as_bytes()).map(|judgement| self.mended(&name, &judgement.findings)).unwrap_or_default()
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
                judgement = judged(new.as_bytes()).unwrap_or(judgement);
                text = new;
            }
        }
        let of_chart = chart.iter().filter_map(|chart| Some((chart_name.clone(), chart.text().ok()?.to_owned())));
        let takes_from = beside.iter().flatten().map(|(name, _)| name.clone()).collect();
        let of_beside =
            beside.into_iter().flatten().map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap_or_default()));
        let is_spoken_of =
            |(name, _): &(String, String)| judgement.findings.iter().any(|finding| finding.file.as_ref() == Some(name));
        let others = of_chart.chain(of_beside).filter(is_spoken_of).collect();
        let Judgement { mode, findings } = judgement;
        let mendable = fix::count(&text, &self.mended(&name, &findings));
        let file = CheckedFile { name, text, mode, findings, mendable, others, takes_from, is_part: false };
        Ok(Some(Inspected { file, mended, failure }))
    }

    /// The findings of a file that are to be mended: not those of files that it names, nor those that are allowed.
    fn mended(&self, name: &str, findings: &[Finding]) -> Vec<Finding> {
        let is_meant =
            |finding: &&Finding| !self.check.allowed.contains(&finding.rule) && finding.file.as_deref() == Some(name);
        findings.iter().filter(is_meant).cloned().collect()
    }

    fn versions_of(&self, file: &Path, contents: &mut Option<Contents>) -> Result<Versions, Failure> {
        match &self.changes {
            Some(changes) if file.as_os_str() != files::STDIN => changes.versions_of(file, contents),
            _ => Ok(Versions { new: files::read(file)?, old: None, chart: files::chart_beside(file), old_chart: None }),
        }
    }

    /// The files that a manifest takes values from, in the same state as itself; nothing where none are looked for.
    fn beside(&self, name: &str, bytes: &[u8], contents: &mut Option<Contents>) -> Result<Option<Files>, Failure> {
        let manifest = Source { name, bytes };
        let takes_more = || {
            !files_beside(&[manifest]).is_empty()
                || !objects_beside(&[manifest]).is_empty()
                || !files_in_repositories(&[manifest]).is_empty()
        };
        if name == files::STDIN || !takes_more() {
            return Ok(None);
        }
        let mut files = vec![(name.to_owned(), bytes.to_owned())];
        let Some(checkout) = Checkout::of(Path::new(name), &[]) else { return Ok(None) };
        let unreadable =
            checkout.follow(&mut files, &self.objects, |name| Ok(self.versions_of(Path::new(name), contents)?.new));
        match unreadable.into_iter().next() {
            Some((_, failure)) => Err(failure),
            None => Ok(Some(files.split_off(1))),
        }
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
    let findings: String = run.files.iter().map(|file| drawn(&file.findings, |name| file.text_of(name))).collect();
    let findings = findings + &drawn(&run.findings, |name| run.text_of(name));
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
