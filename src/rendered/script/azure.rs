//! Azure Pipelines: the task `HelmDeploy`, whose inputs are what a command of Helm says.

use super::{
    command::{Command, told},
    never::never,
};
use crate::{
    overrides::Kind,
    rendered::shell::{self, folders::Folders, parameters, text::Said},
    yaml::Document,
};

/// The tasks of a document that begins at a byte of the file.
pub(super) fn tasks(source: &str, document: &Document<'_>, start: usize) -> Vec<Command> {
    const MOST: usize = 64;
    let named = document.texts_with(&|text| text.contains("HelmDeploy@"), start);
    let told = |at: usize| {
        let mut command = of_task(document, at - start, start)?;
        command.never = never(document, at, start);
        let job = document.job_around(at, start);
        command.turns = command.repeated(&[], &[]).or_else(|| parameters::of_job(source, job?).map(Said::of));
        Some(command)
    };
    named.iter().take(MOST).filter_map(|task| told(task.span.start)).collect()
}

/// A path from the top of the checkout, where the agent runs a task. (Azure Pipelines, `System.DefaultWorkingDirectory`)
fn placed(path: Said) -> Said {
    Said { text: Folders::from(":".to_owned()).place(&path.text), ..path }
}

fn of_task(document: &Document<'_>, at: usize, start: usize) -> Option<Command> {
    let inputs = document.sibling_entries(at, "inputs")?;
    let said = |name: &str| -> Option<Said> {
        let (_, text, span) = inputs.iter().find(|(key, _, _)| key == name)?;
        Some(Said { text: text.trim().to_owned(), at: span.start + start..span.end + start })
    };
    let verb = said("command")?;
    if !["upgrade", "install"].contains(&verb.text.as_str()) {
        return None;
    }
    let mut command = Command {
        at: at + start..at + start + 1,
        name: said("releaseName"),
        chart: said("chartName").or_else(|| said("chartPath").map(placed)),
        version: said("chartVersion").or_else(|| said("version")),
        namespace: said("namespace"),
        is_applied: true,
        is_unsure: true,
        ..Command::default()
    };
    command.files.extend(said("valueFile"));
    if let Some(arguments) = said("arguments") {
        let whole = format!("helm upgrade a b {}", arguments.text);
        let tokens = shell::tokens(&whole, 0..whole.len());
        let words = shell::words(&tokens).into_iter();
        let words = words.map(|word| Said { text: word.said.clone(), at: arguments.at.clone() });
        let words: Vec<Said> = words.collect();
        let told = told(&words).unwrap_or_default();
        command.version = command.version.or(told.version);
        command.files.extend(told.files);
        command.sets.extend(told.sets);
        command.more.extend(told.more);
    }
    command.files = command.files.into_iter().map(placed).collect();
    command.context = said("kubernetesCluster").or_else(|| said("kubernetesServiceEndpoint"));
    // lines separate the values as commas do (Azure Pipelines documentation, HelmDeploy@0, `overrideValues`)
    if let Some(said) = said("overrideValues") {
        let lines = said.text.lines().map(str::trim).filter(|line| !line.is_empty());
        command.sets.extend(lines.map(|line| (Kind::Set, Said { text: line.to_owned(), at: said.at.clone() })));
    }
    Some(command)
}
