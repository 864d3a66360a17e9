//! `helm clas check`.

mod around;
mod inspection;
mod unread;

use std::{
    collections::{BTreeSet, HashSet},
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use helm_clas::{
    ClusterValues, Severity,
    chart::{secrets::Brought, values::Schema},
    check::{Base, Circumstances, Run, Unjudged},
    report::{findings::drawn, github, gitlab, json, junit, markdown, sarif, text},
};

use self::inspection::{Inspection, Judged, Mended};
use crate::{
    args::{Check, CheckForm, Everywhere, FormInFile, described::called},
    command::compat::{chart_version, matrix, pce_version},
    failure::Failure,
    output::Output,
    outside::{
        files,
        git::{self, Changes, Comparison},
        pce,
    },
    paths,
    workspace::{fleet::Nearest, objects::Objects, overrides, search::search},
};

pub(crate) fn run(everywhere: &Everywhere, check: &Check, output: &mut Output) -> Result<ExitCode, Failure> {
    if check.diff && check.output != CheckForm::Text {
        return Err(Failure::new("--diff shows a diff, and -o another format").help("use only one of them"));
    }
    no_file_twice(&check.output_files)?;
    judged(everywhere, check, output).or_else(|failure| not_begun(check, failure, output))
}

/// The files judged; a failure before the first of them was.
fn judged(everywhere: &Everywhere, check: &Check, output: &mut Output) -> Result<ExitCode, Failure> {
    let version = everywhere.version.as_deref().map(chart_version).transpose()?;
    let pce = pce::resolved(check.pce_version.as_deref(), &check.pce, Some(&ClusterValues::default()), output)?;
    let (matrix, schema) = (matrix(check.compat.as_deref())?, Schema::shipped());
    let options = overrides::read(&check.set)?;
    if let Some(finding) = options.iter().find_map(|option| option.as_ref().err()) {
        return Err(Failure::new(finding.message.clone()));
    }
    let circumstances = Circumstances {
        version: version.as_ref(),
        version_before: version.as_ref(),
        pce_version: pce.as_deref().map(pce_version).transpose()?,
        matrix: &matrix,
        schema: &schema,
        is_partial: check.partial,
        judges_all: check.no_skip,
        path: check.path.as_deref(),
        options: &options,
    };
    let changes = Comparison::asked(check).map(|comparison| Changes::between(&comparison)).transpose();
    // without git, a file can still be judged as it is
    let (changes, failure) = changes.map_or_else(|failure| (None, Some(failure)), |changes| (changes, None));
    let fleet = Nearest::named_or_found(everywhere.config.as_deref())?;
    fleet.unmatched().iter().for_each(|warning| output.remark(&format!("{warning}\n")));
    let fleet_before = changes.as_ref().and_then(|changes| fleet.before(changes));
    let inspection = Inspection { check, circumstances, fleet, fleet_before, changes, objects: Objects::default() };
    let Judged { mut run, mended, failures: of_files, around } = inspection.of_all(!everywhere.quiet);
    let mut failures: Vec<(Option<String>, Failure)> = failure.map(|failure| (None, failure)).into_iter().collect();
    failures.extend(of_files);
    mended.iter().filter(|_| check.fix).for_each(|mended| output.changed(&mended.name));
    run.called = called();
    run.unjudged.extend(failures.iter().map(|(file, failure)| Unjudged {
        file: file.clone(),
        message: failure.what().to_owned(),
        help: failure.advice().map(str::to_owned),
    }));
    run.base = base(&run);
    run.say_once();
    let folders: Vec<PathBuf> = check.files.iter().filter(|path| path.is_dir()).cloned().collect();
    match around.rows_of(&folders).filter(|_| check.path.is_none()) {
        Some(rows) => run.take_rows(rows),
        None if folders.is_empty() => {}
        None => run.take_rows(&search(&folders, &[], check.path.as_deref()).0),
    }
    around.tell(&mut run);
    weigh(&mut run, check);
    let left_out = run.leave_out_beyond(MOST_SHOWN);
    if left_out > 0 {
        output.complaint(&format!("note: {left_out} more findings are counted but not shown\n"));
    }
    failures.extend(reported(&run, &mended, check, failures.is_empty(), output));
    let has_errors = run.count(Severity::Error) > 0 && !check.exit_zero;
    let status = if has_errors { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    Ok(failures.iter().fold(status, |_, (_, failure)| output.failed(failure)))
}

/// Weighs what was found in all files as the command line asks for it.
fn weigh(run: &mut Run, check: &Check) {
    run.tell_clusters_apart();
    run.limit_migrating(check.max_migrating);
    run.allow(&check.allowed);
    if check.strict {
        run.take_warnings_for_errors();
    }
}

/// Prints the report, and writes it where files are asked for; which of those could not be written.
fn reported(
    run: &Run,
    mended: &[Mended],
    check: &Check,
    has_judged_all: bool,
    output: &mut Output,
) -> Vec<(Option<String>, Failure)> {
    match written(run, check.output) {
        None => {
            show(run, mended, check, output);
            // where something failed and nothing was found, "nothing found" would say too much
            if has_judged_all || run.all_findings().next().is_some() {
                output.remark(&text::check(run));
            }
        }
        Some(answer) => output.answer(&answer),
    }
    write_files(run, check).into_iter().map(|failure| (None, failure)).collect()
}

/// A run that ended before it began says so in every form as well, so the report of an earlier run is not mistaken for
/// its own.
fn not_begun(check: &Check, failure: Failure, output: &mut Output) -> Result<ExitCode, Failure> {
    let (message, help) = (failure.what().to_owned(), failure.advice().map(str::to_owned));
    let unjudged = vec![Unjudged { file: None, message, help }];
    let run = Run { called: called(), unjudged, ..Run::default() };
    for failure in write_files(&run, check) {
        output.failed(&failure);
    }
    match written(&run, check.output).filter(|_| check.output != CheckForm::Json) {
        Some(answer) => {
            output.answer(&answer);
            Ok(output.failed(&failure))
        }
        // JSON has a form of its own for it
        None => Err(failure),
    }
}

/// Writes the answer in each form to its file; what could not be written is returned. No file that was judged, or that
/// may hold values, is overwritten.
fn write_files(run: &Run, check: &Check) -> Vec<Failure> {
    let real = |path: &Path| paths::real(path).ok();
    let judged: HashSet<PathBuf> = run.files.iter().filter_map(|file| real(Path::new(&file.name))).collect();
    let write = |FormInFile { form, file }: &FormInFile| {
        let is_named = || check.files.iter().any(|named| real(named) == real(file));
        let is_yaml =
            || file.extension().is_some_and(|it| ["yaml", "yml"].iter().any(|yaml| it.eq_ignore_ascii_case(yaml)));
        if real(file).is_some_and(|whole| judged.contains(&whole) || is_named() || is_yaml()) {
            let failure = Failure::new(format!("{} is not overwritten: it may contain values", paths::name(file)));
            return Some(failure.help("name another file for the report"));
        }
        let answer = written(run, *form).unwrap_or_else(|| of_text(run));
        let cannot = Failure::while_doing(format!("cannot write {}", paths::name(file)));
        fs::write(file, answer).map_err(cannot).err()
    };
    check.output_files.iter().filter_map(write).collect()
}

/// One file cannot hold two answers.
fn no_file_twice(files: &[FormInFile]) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    match files.iter().find(|written| !seen.insert(&written.file)) {
        None => Ok(()),
        Some(FormInFile { file, .. }) => {
            Err(Failure::new(format!("two formats would go to one file, {}", paths::name(file)))
                .help("name a file of its own for each --output-file"))
        }
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
    let of_files: String = run
        .files
        .iter()
        .map(|file| drawn(&file.findings, run.called, |name| file.text_of(name), &file.brought))
        .collect();
    of_files + &drawn(&run.findings, run.called, |name| run.text_of(name), &Brought::default())
}

/// Where the paths of the reports begin: at the top of the checkout in which the run was started, for files of others at
/// the top of theirs. Nothing where there is none.
fn base(run: &Run) -> Option<Base> {
    let here = paths::real(env::current_dir().ok()?).ok()?;
    let own = git::top().ok().map(|top| paths::real(&top).unwrap_or(top));
    let folders = own.iter().map(|top| (paths::name(top), String::new())).collect();
    let mut base = Base { folders, here: paths::name(&here) };
    let of_others = run.files.iter().flat_map(|file| &file.others).map(|(name, _)| name);
    let judged = run.files.iter().map(|file| &file.name).chain(of_others);
    let names = judged.chain(run.unjudged.iter().filter_map(|unjudged| unjudged.file.as_ref()));
    let parents: BTreeSet<&Path> = names.filter_map(|name| Path::new(name).parent()).collect();
    // a folder may be reached through a link into a checkout
    let found = parents.into_iter().filter_map(|folder| {
        let real = paths::real(here.join(folder)).ok()?;
        let top = own.as_deref().filter(|top| real.starts_with(top));
        let top = top.or_else(|| real.ancestors().find(|above| above.join(".git").exists()))?;
        Some((base.whole(&paths::name(folder)), paths::name(real.strip_prefix(top).ok()?)))
    });
    let mut found: Vec<(String, String)> = found.collect();
    // the nearest folder first
    found.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.len()));
    base.folders.extend(found);
    (!base.folders.is_empty()).then_some(base)
}

/// How many findings are shown: people do not read more, and a hostile file has millions.
const MOST_SHOWN: usize = 10_000;

/// The findings are the answer; with --diff the diff is, so that git can apply it.
fn show(run: &Run, mended: &[Mended], check: &Check, output: &mut Output) {
    let findings = findings_of(run);
    if check.diff {
        for mended in mended {
            output.patch(&mended.shown.diff.styled());
        }
        if mended.iter().any(|mended| mended.shown.diff.is_masked) {
            let instead = if check.fix { "" } else { "; --fix changes the file" };
            output.complaint(&format!("note: a credential is masked in this diff, so it cannot be applied{instead}\n"));
        }
        if mended.iter().any(|mended| mended.shown.is_of_top) {
            output.complaint(files::IS_OF_TOP);
        }
        output.remark(&findings);
    } else {
        output.answer(&findings);
    }
    for Mended { name, times, losses, .. } in mended.iter().filter(|_| check.fix) {
        output.remark(&format!("{name}: {times} repaired\n"));
        for loss in losses {
            output.complaint(&format!("note: {name} {loss}\n"));
        }
    }
}
