//! `helm clas policy prove`: a policy in both models, and traffic compared with both.

mod live;

use std::process::ExitCode;

use helm_clas::policy::{
    Book, Question, export, judge,
    prove::{Answer, prove},
    traffic::{self, hold},
};
use helm_clas::report::policy::prove::{
    csv, gaps, html, json, several_clusters, text, traffic_csv, traffic_html, traffic_json, traffic_text,
};

use crate::{
    args::prove::{Prove, ProveForm},
    command::policy::{Given, asked_for, given, provisioned, read, read_policy},
    failure::Failure,
    made::Made,
    output::Output,
    workspace::cluster_values,
};

/// The name under which traffic is read.
const TRAFFIC: &str = "traffic";

pub(crate) fn run(asked: &Prove, output: &mut Output) -> Result<ExitCode, Failure> {
    let values = cluster_values(&asked.of.values, asked.of.path.as_deref(), &asked.of.set)?;
    let folder = asked.of.folder.as_deref();
    let files = given(folder, &asked.files, export::RULE_SETS, || asked_for(&asked.pce, &values, output))?;
    let policy = read_policy(&files)?;
    let drafts = asked.draft.then(|| provisioned(policy.clone())).transpose()?;
    let before = Book::of(&policy);
    let after = drafts.as_ref().map(Book::of);
    let after = after.as_ref().unwrap_or(&before);
    let cluster = asked.of.cluster_in(&before, &values)?;
    let question = Question { cluster, ..Question::default() };
    let comparison = prove(&before, after, &question);
    if let Some(note) = several_clusters(&comparison) {
        output.remark(&format!("note: {note}\n"));
    }
    // a table has no place for it
    let left_out = |output: &mut Output, said: Vec<String>| {
        for said in said.iter().filter(|_| asked.output == ProveForm::Csv) {
            output.remark(&format!("note: {said}\n"));
        }
    };
    let seen = match (&asked.traffic, asked.days) {
        (Some(file), _) => Some(read(TRAFFIC, file, None)?),
        (None, Some(days)) => Some(live::traffic(asked, &values, days, output)?),
        (None, None) => None,
    };
    let Some(Given { name, text: seen, .. }) = seen else {
        output.answer(&match asked.output {
            ProveForm::Text => text(&comparison),
            ProveForm::Json => json(&comparison),
            ProveForm::Csv => csv(&comparison),
            ProveForm::Html => html(&comparison, &Made::from_policy(&files).of_page()),
        });
        left_out(output, gaps(&comparison));
        return Ok(code(comparison.answer(), asked.exit_zero));
    };
    let traffic = traffic::read(&name, &seen).map_err(|unreadable| {
        Failure::new(unreadable.to_string()).help("pass a CSV that Explorer exported, or flows of the API as JSON")
    })?;
    let judged = judge(&before, &question);
    let held = hold(&comparison, &judged, &traffic);
    output.answer(&match asked.output {
        ProveForm::Text => traffic_text(&comparison, &held),
        ProveForm::Json => traffic_json(&comparison, &held),
        ProveForm::Csv => traffic_csv(&comparison, &held),
        ProveForm::Html => traffic_html(&comparison, &held, &Made::from_policy(&files).of_page()),
    });
    left_out(output, held.left_out().into_iter().chain(gaps(&comparison)).collect());
    Ok(code(held.answer(), asked.exit_zero))
}

/// What is not known is not a proof, and does not pass for one.
fn code(answer: Answer, is_zero: bool) -> ExitCode {
    match answer {
        _ if is_zero => ExitCode::SUCCESS,
        Answer::Same | Answer::Gained => ExitCode::SUCCESS,
        Answer::Lost => ExitCode::FAILURE,
        Answer::NotKnown => ExitCode::from(2),
    }
}
