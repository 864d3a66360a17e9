//! Azure Pipelines: the task `HelmDeploy`, whose inputs are what a command of Helm says.

use super::{command::Command, text::Said};
use crate::{overrides::Kind, yaml::Document};

/// The tasks of a document that begins at a byte of the file.
pub(super) fn tasks(document: &Document<'_>, start: usize) -> Vec<Command> {
    const MOST: usize = 64;
    let named = document.texts_with(&|text| text.contains("HelmDeploy@"), start);
    named.iter().take(MOST).filter_map(|task| of_task(document, task.span.start - start, start)).collect()
}

fn of_task(document: &Document<'_>, at: usize, start: usize) -> Option<Command> {
    let inputs = document.sibling_entries(at, "inputs")?;
    let said = |name: &str| -> Option<Said> {
        let (_, text, span) = inputs.iter().find(|(key, _, _)| key == name)?;
        Some(Said { text: text.clone(), at: span.start + start..span.end + start })
    };
    let verb = said("command")?;
    if !["upgrade", "install"].contains(&verb.text.as_str()) {
        return None;
    }
    let mut command = Command {
        at: at + start..at + start + 1,
        name: said("releaseName"),
        chart: said("chartName").or_else(|| said("chartPath")),
        version: said("chartVersion").or_else(|| said("version")),
        namespace: said("namespace"),
        is_applied: true,
        ..Command::default()
    };
    command.files.extend(said("valueFile"));
    command.context = said("kubernetesCluster").or_else(|| said("kubernetesServiceEndpoint"));
    command.sets.extend(said("overrideValues").map(|set| (Kind::Set, set)));
    command.more.extend(said("arguments").filter(|arguments| arguments.text.contains(crate::chart::MODE_KEY)));
    Some(command)
}
