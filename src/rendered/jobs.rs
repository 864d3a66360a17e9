//! The jobs of pipelines: their commands, with the folder and the variables that the file sets for each.

use std::borrow::Cow;

use super::{
    azure,
    command::Command,
    folders::Folders,
    shell::mentions_helm,
    text::{Said, Text},
    variables::Variables,
};
use crate::yaml::{Document, Setting, Spelled, documents};

/// The commands of the jobs in a YAML file, and the tasks of Azure.
pub(super) fn of_jobs(source: &str) -> (Vec<Text>, Vec<Command>) {
    let (mut texts, mut tasks) = (Vec::new(), Vec::new());
    let source = without_references(source);
    for range in documents(&source) {
        let Ok(document) = Document::read_any(&source[range.clone()]) else { continue };
        let mut spelled: Vec<Spelled> = document.commands_with(&|text| mentions_helm(text.as_bytes()), range.start);
        spelled.extend(document.commands_with(&|text| text.contains("<<"), range.start));
        spelled.sort_by_key(|spelled| spelled.span.start);
        spelled.dedup_by_key(|spelled| spelled.span.clone());
        let matrices = document.matrices(range.start);
        let mut start = "";
        for (number, spelled) in spelled.into_iter().enumerate() {
            let span = spelled.span.clone();
            let matrix = matrices.iter().find(|one| one.job.start <= span.start && span.end <= one.job.end);
            let turns = matrix.map(|_| Said { text: "the matrix of this job".to_owned(), at: span.clone() });
            let mut text = Text::of(spelled);
            text.turns = turns;
            text.matrix = matrix.cloned();
            // the jobs of a pipeline run at the top of the checkout, wherever they are written
            let is_asked = number < MOST;
            if is_asked {
                start = if document.is_of_job(span.start, range.start) { ":" } else { "" };
            }
            let folder = if is_asked { document.folder_of(span.start, range.start) } else { None };
            if !is_asked {
                texts.push(run_with(&text, start, None, Vec::new()));
                continue;
            }
            for settings in document.settings_of(span.start, range.start) {
                texts.push(run_with(&text, start, folder.as_deref(), settings));
            }
        }
        tasks.extend(azure::tasks(&document, range.start));
    }
    (texts, tasks)
}

/// For so many commands of a document it is looked up what is set around them.
const MOST: usize = 64;

/// A text of a job as it is run with some variables.
fn run_with(text: &Text, start: &str, folder: Option<&str>, settings: Vec<Setting>) -> Text {
    let said = |Setting { name, text, span }: Setting| (name, Said { text, at: span });
    let mut text = text.clone();
    text.variables = settings.into_iter().map(said).collect();
    let mut variables = Variables::new();
    text.variables.iter().for_each(|(name, value)| variables.give(name, value.clone()));
    let mut folders = Folders::from(start.to_owned());
    if let Some(folder) = folder {
        folders.go(&variables.put_into(&Said { text: folder.to_owned(), at: text.whole.clone() }).text);
    }
    text.folder = folders.here;
    text
}

/// A file of GitLab with its references as lists of names, which they are without their tag.
pub(crate) fn without_references(source: &str) -> Cow<'_, str> {
    const TAG: &str = "!reference ";
    if source.contains(TAG) { Cow::Owned(source.replace(TAG, &" ".repeat(TAG.len()))) } else { Cow::Borrowed(source) }
}
