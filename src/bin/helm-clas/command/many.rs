//! One command about several clusters: those of files and folders. Each is asked by a run of this program of its own,
//! several at once, so that one that hangs or fails keeps no other waiting.

use std::{
    collections::HashMap,
    env,
    ffi::OsString,
    fs,
    path::PathBuf,
    process::{Command as Process, ExitCode, Output as Said, Stdio},
};

use clap::{ArgAction, ArgMatches};
use helm_clas::{
    pce_clusters::compared,
    report::{
        many::{Answer, Form, json, markdown, text},
        releases::Releases,
    },
    status::{Holder, Overview, Standing},
};
use serde_json::Value;

use crate::{
    args::{Command, Everywhere, RunbookForm, Status, StatusForm, VerifyForm, described},
    command::status::{fleet::Fleet, on_page},
    failure::Failure,
    output::Output,
    outside::files::STDIN,
    workers,
    workspace::search::search,
};

/// The paths of a command that is about all clusters found there, and the output format.
pub(crate) struct Many<'c> {
    command: &'static str,
    paths: &'c [PathBuf],
    form: Result<Form, Failure>,
    /// Where it is `status`: the form of the whole, and the PCE, which is asked once for all.
    status: Option<&'c Status>,
}

impl<'c> Many<'c> {
    /// Whether a command is one; the values files of `-f` are one cluster.
    pub(crate) fn asked(command: &'c Command) -> Option<Self> {
        let (command, paths, form) = match command {
            Command::Verify(verify) => ("verify", &verify.paths, Ok(form_of(verify.output))),
            Command::Status(status) if status.live && status.files.is_empty() => {
                // a page is made of what each says as JSON
                let form = if status.output == StatusForm::Text { Form::Text } else { Form::Json };
                return Some(Self { command: "status", paths: &status.paths, form: Ok(form), status: Some(status) });
            }
            Command::Runbook(runbook) => {
                let form = match runbook.output {
                    RunbookForm::Text => Ok(Form::Text),
                    RunbookForm::Markdown => Ok(Form::Markdown),
                    RunbookForm::Html => Err(Failure::new("a page is the runbook of one cluster")
                        .help("name its values with -f, or use -o markdown")),
                };
                ("runbook", &runbook.paths, form)
            }
            _ => return None,
        };
        (!paths.is_empty()).then_some(Self { command, paths, form, status: None })
    }

    pub(crate) fn run(
        self,
        everywhere: &Everywhere,
        matches: &ArgMatches,
        output: &mut Output,
    ) -> Result<ExitCode, Failure> {
        let form = self.form?;
        if self.paths.iter().any(|path| path.as_os_str() == STDIN) {
            return Err(Failure::new("standard input is not a folder").help("name its values with -f -"));
        }
        let here = [PathBuf::from(".")];
        let roots = if self.paths.is_empty() { &here } else { self.paths };
        let (found, mut failures) = search(roots, &[], None);
        let is_cluster = |standing: &&Standing| standing.holder != Holder::Mention;
        let standings: Vec<&Standing> = found.iter().filter(is_cluster).collect();
        if self.command == "runbook" {
            refuse_too_many(&standings)?;
        }
        if standings.is_empty() && failures.is_empty() && self.status.is_none_or(|status| status.exit_code) {
            failures.push(
                Failure::new("no cluster is found there, so none was asked")
                    .help("name a folder with values of the Illumio chart, or the values of one cluster with -f"),
            );
        }
        let answers = answers(self.command, self.status, &standings, matches, !everywhere.quiet)?;
        let mut overview = Overview { found: standings.into_iter().cloned().collect(), ..Overview::default() };
        let asks_pce = self.status.filter(|status| status.with_pce);
        let fleet = asks_pce.map(|status| Fleet::of(status, &overview, output)).transpose();
        let fleet = fleet.unwrap_or_else(|failure| {
            failures.push(failure);
            None
        });
        let rows = fleet.as_ref().map(|fleet| compared(&fleet.clusters, &fleet.files)).unwrap_or_default();
        let of_pce = fleet.as_ref().map(|fleet| fleet.told(&rows));
        let of_pce = of_pce.as_ref();
        overview.unjudged = failures.iter().map(Failure::unjudged).collect();
        match (form, self.status) {
            (_, Some(status)) if matches!(status.output, StatusForm::Markdown | StatusForm::Html) => {
                let said: Vec<Option<Value>> =
                    answers.iter().map(|one| serde_json::from_str(&one.answer).ok()).collect();
                let named = answers.iter().map(Answer::name).zip(said.iter().map(Option::as_ref));
                for (standing, said) in overview.found.iter_mut().zip(&said) {
                    let next = said.as_ref().and_then(|said| said.pointer("/effective/next")?.as_array());
                    standing.is_held = next.is_some_and(Vec::is_empty);
                }
                on_page(status, &overview, of_pce, Some(&Releases::of(named)), output);
            }
            (Form::Text, _) => {
                output.answer(&text(&answers));
                output.answer(&of_pce.map(|of_pce| format!("\n{}", of_pce.text())).unwrap_or_default());
            }
            (Form::Json, _) => output.answer(&json(self.command, &answers, of_pce, &overview.unjudged)),
            (Form::Markdown, _) => output.answer_raw(&markdown(&answers, &overview.unjudged)),
        }
        for one in answers.iter().filter(|one| !one.remarks.is_empty()) {
            output.complaint(&format!("{}:\n{}", one.name(), one.remarks));
        }
        let is_apart = asks_pce.is_some_and(|status| status.exit_code) && of_pce.is_some_and(|of_pce| !of_pce.agrees());
        let codes = answers.iter().map(|one| one.code).chain([u8::from(is_apart)]);
        let code = codes.max().unwrap_or_default();
        Ok(failures.iter().fold(ExitCode::from(code), |_, failure| output.failed(failure)))
    }
}

/// The answer of each cluster, which a process of its own gives.
fn answers(
    command: &str,
    status: Option<&Status>,
    standings: &[&Standing],
    matches: &ArgMatches,
    shows_progress: bool,
) -> Result<Vec<Answer>, Failure> {
    let program = env::current_exe().map_err(Failure::while_doing("cannot find this program"))?;
    let options = options(command, matches);
    let ask = |standing: &&Standing| {
        let mut process = Process::new(&program);
        process.arg(command).args(["-f", &standing.file]);
        if let (Some(release), Holder::Manifest(_)) = (&standing.release, standing.holder) {
            process.args(["--path", release]);
        }
        if let Some(status) = status {
            // whether they agree is counted in any case
            process.args((!status.exit_code).then_some("--exit-code"));
            process.arg(if status.output == StatusForm::Text { "--output=text" } else { "--output=json" });
        }
        process.args(&options).stdin(Stdio::null()).output()
    };
    let said = workers::each_asked(standings, ask, "clusters", shows_progress);
    let mut answers: Vec<Answer> = standings.iter().zip(said).map(|(standing, said)| answer(standing, said)).collect();
    if status.is_some_and(|status| !status.exit_code) {
        for one in answers.iter_mut().filter(|one| one.code == 1) {
            (one.code, one.disagrees) = (0, true);
        }
    }
    Ok(answers)
}

/// Refuses runbooks that would take long: each reads the file of its cluster, whatever else is in that.
fn refuse_too_many(standings: &[&Standing]) -> Result<(), Failure> {
    /// Some two seconds on two cores.
    const MOST_BYTES: u64 = 4_000_000;
    let mut sizes: HashMap<String, u64> = HashMap::new();
    let size = |standing: &&Standing| {
        let read = |file: &String| fs::metadata(file).map_or(0, |file| file.len());
        *sizes.entry(standing.file.clone()).or_insert_with_key(read)
    };
    let bytes: u64 = standings.iter().map(size).sum();
    if bytes <= MOST_BYTES {
        return Ok(());
    }
    let (count, most) = (standings.len(), MOST_BYTES / 1_000_000);
    let message = format!(
        "{count} runbooks would take too long: each reads the whole file of its cluster, {} MB in all, and {most} MB are \
         read at most",
        bytes.div_ceil(1_000_000)
    );
    Err(Failure::new(message).help("name one cluster with -f FILE --path NAME, or fewer files"))
}

const fn form_of(form: VerifyForm) -> Form {
    match form {
        VerifyForm::Text => Form::Text,
        VerifyForm::Json => Form::Json,
        VerifyForm::Markdown => Form::Markdown,
    }
}

fn answer(standing: &Standing, said: std::io::Result<Said>) -> Answer {
    let (code, answer, remarks) = match said {
        Ok(Said { status, stdout, stderr }) => {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            // one that was ended has no code
            let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(2);
            (code, text(&stdout), text(&stderr))
        }
        Err(error) => (2, String::new(), format!("cannot run this program: {error}\n")),
    };
    Answer { file: standing.file.clone(), release: standing.release.clone(), code, disagrees: false, answer, remarks }
}

/// The options of the command line as they were given, without the paths.
fn options(name: &str, matches: &ArgMatches) -> Vec<OsString> {
    let mut command = described::command();
    command.build();
    let Some((command, (_, matches))) = command.find_subcommand(name).zip(matches.subcommand()) else {
        return Vec::new();
    };
    let mut words = Vec::new();
    for argument in command.get_arguments() {
        let id = argument.get_id().as_str();
        let is_given = matches.value_source(id) == Some(clap::parser::ValueSource::CommandLine);
        // the PCE is asked once for all, and the form of one answer follows from that of the whole
        let is_of_whole = name == "status" && ["with_pce", "output"].contains(&id);
        let Some(option) = argument.get_long().filter(|_| is_given && !is_of_whole) else { continue };
        if matches!(argument.get_action(), ArgAction::SetTrue) {
            words.push(format!("--{option}").into());
            continue;
        }
        for value in matches.get_raw(id).into_iter().flatten() {
            let mut word = OsString::from(format!("--{option}="));
            word.push(value);
            words.push(word);
        }
    }
    words
}
