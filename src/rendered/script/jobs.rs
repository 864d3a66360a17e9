//! The jobs of pipelines: their commands, with the folder and the variables that the file sets for each.

use std::borrow::Cow;

use super::{
    azure,
    command::{Command, VERBS},
    never::never,
};
use crate::{
    rendered::shell::{
        Word,
        folders::Folders,
        is_helm, mentions_helm, parameters,
        text::{Said, Text},
        tokens,
        variables::Variables,
        words,
    },
    yaml::{Document, ENVIRONMENT, Setting, Spelled, documents},
};

/// The commands of the jobs in a YAML file, and the tasks of Azure.
pub(in crate::rendered) fn of_jobs(source: &str) -> (Vec<Text>, Vec<Command>) {
    let (mut texts, mut tasks) = (Vec::new(), Vec::new());
    let source = without_references(source);
    for range in documents(&source) {
        if holds_texts(&source[range.clone()]) {
            continue;
        }
        let Ok(document) = Document::read_any(&source[range.clone()]) else { continue };
        let renders = source.contains("template ");
        let is_command = |text: &str| {
            mentions_helm(text.as_bytes())
                || text.contains("<<")
                || passes_files(text)
                || runs_other(text)
                || renders && brings_manifests(text)
        };
        let mut spelled: Vec<Spelled> = document.commands_with(&is_command, range.start);
        spelled.extend(of_lists(&document, range.start));
        spelled.sort_by_key(|spelled| spelled.span.start);
        spelled.dedup_by_key(|spelled| spelled.span.clone());
        let matrices = document.matrices(range.start);
        let mut start = "";
        for (number, spelled) in spelled.into_iter().enumerate() {
            let span = spelled.span.clone();
            let matrix = matrices.iter().find(|one| one.job.start <= span.start && span.end <= one.job.end);
            let turns = matrix.map(|_| Said { text: "the matrix of this job".to_owned(), at: span.clone() });
            let job = document.job_around(span.start, range.start).filter(|_| number < MOST);
            let is_of_other_branch = job.clone().is_some_and(|job| checks_out_another(&source[job]));
            let steps = job.clone().filter(|job| source[job.clone()].contains("steps:"));
            let turns = turns.or_else(|| parameters::of_job(&source, job?).map(Said::of));
            let mut text = Text::of(spelled);
            text.is_of_other_branch = is_of_other_branch;
            text.job = steps;
            text.turns = turns;
            text.matrix = matrix.cloned();
            text.places = if number < MOST { document.places_around(span.start, range.start) } else { String::new() };
            text.never = if number < MOST { never(&document, span.start, range.start) } else { None };
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
            for mut settings in document.settings_of(span.start, range.start) {
                settings.retain(|setting| !is_set_by_steps(&source, &setting.name));
                texts.push(run_with(&text, start, folder.as_deref(), settings));
            }
        }
        tasks.extend(azure::tasks(&source, &document, range.start));
    }
    (texts, tasks)
}

/// Whether a document is an object that holds texts, of which nothing says what runs them.
fn holds_texts(document: &str) -> bool {
    document.lines().any(|line| ["kind: ConfigMap", "kind: Secret"].contains(&line.trim_end()))
}

/// Whether a job checks out another branch, or another repository. (`actions/checkout`, `ref` and `repository`)
fn checks_out_another(job: &str) -> bool {
    let given = |step: &str, key: &str| {
        let at = step.match_indices(key).find(|(at, _)| step[..*at].ends_with([' ', '{', ','])).map(|(at, _)| at)?;
        let value = step[at + key.len()..].split(['\n', ',', '}', '#']).next()?;
        Some(value.trim().trim_matches(['"', '\'']).to_owned())
    };
    let is_other = |step: &str| {
        let is_branch = |branch: &String| !branch.contains("${{") && !["", "main", "master"].contains(&branch.as_str());
        let is_away = |repository: &String| !repository.contains("github.repository") && given(step, "path:").is_none();
        given(step, "ref:").is_some_and(|branch| is_branch(&branch))
            || given(step, "repository:").is_some_and(|repository| is_away(&repository))
    };
    let mut steps = job.split("actions/checkout").skip(1).map(|rest| rest.split("- ").next().unwrap_or(rest));
    steps.any(is_other)
}

/// Whether a text may be a command that runs what is in another file, or makes another cluster the current one.
fn runs_other(text: &str) -> bool {
    const WORDS: [&str; 10] = [
        "./",
        ".sh",
        "make ",
        "helmfile ",
        "task ",
        "just ",
        "-context",
        "kubectx ",
        "get-credentials",
        "update-kubeconfig",
    ];
    WORDS.iter().any(|word| text.contains(word))
}

/// Whether a text may be a command that brings manifests to a cluster, or commits them.
fn brings_manifests(text: &str) -> bool {
    ["kubectl ", "oc ", "kapp ", "git "].iter().any(|program| text.contains(program))
}

/// Whether a text may be a command that names files to a program which passes them on.
fn passes_files(text: &str) -> bool {
    (text.contains(".yaml") || text.contains(".yml"))
        && ["-f", "--val", ".sh", "="].iter().any(|mark| text.contains(mark))
}

/// The lists that are the words of a command of Helm: `args: [upgrade, illumio, -f, a.yaml]` in a container.
fn of_lists(document: &Document<'_>, start: usize) -> Vec<Spelled> {
    // an item that is a whole command is read by itself
    let is_command = |line: &str| {
        let tokens = tokens(line, 0..line.len());
        let words = words(&tokens);
        let is_whole = |word: &&Word| word.said.contains(' ') && mentions_helm(word.said.as_bytes());
        words.iter().any(|word| VERBS.contains(&&*word.said)) && !words.iter().any(is_whole)
    };
    let mut lists = document.lists_beside(&|text| text.to_ascii_lowercase().contains("helm"), start);
    lists.retain(|line| is_command(&line.text));
    for line in &mut lists {
        if !line.text.split(' ').any(is_helm) {
            const PROGRAM: &str = "helm ";
            line.text.insert_str(0, PROGRAM);
            line.lines.iter_mut().for_each(|(at, _)| *at += PROGRAM.len());
        }
    }
    lists
}

/// For so many commands of a document it is looked up what is set around them.
const MOST: usize = 64;

/// What says for which cluster a job runs: variables that Helm and kubectl read, or that are passed to them, and the
/// environment.
const OF_CLUSTER: [&str; 5] = ["HELM_KUBECONTEXT", "KUBE_CONTEXT", "KUBECONTEXT", "KUBECONFIG", ENVIRONMENT];

/// A text of a job as it is run with some variables.
fn run_with(text: &Text, start: &str, folder: Option<&str>, settings: Vec<Setting>) -> Text {
    let said = |Setting { name, text, span }: Setting| (name, Said { text, at: span });
    let mut text = text.clone();
    text.variables = settings.into_iter().map(said).collect();
    let of_cluster = |(name, _): &&(String, Said)| OF_CLUSTER.contains(&name.as_str());
    text.context = text.variables.iter().find(of_cluster).map(|(_, context)| context.clone());
    for (name, value) in text.variables.iter().filter(|(name, _)| parameters::chooses(name)) {
        text.places.extend([name, " ", &value.text, "\n"]);
    }
    let mut variables = Variables::new();
    text.variables.iter().for_each(|(name, value)| variables.give(name, value.clone()));
    let mut folders = Folders::from(start.to_owned());
    if let Some(folder) = folder {
        folders.go(&variables.put_into(&Said { text: folder.to_owned(), at: text.whole.clone() }).text);
    }
    text.folder = folders.here;
    text
}

/// The hidden jobs of other files that the jobs of a file of GitLab take, by their names, each with the cluster of the job.
pub(in crate::rendered) fn taken_by_jobs(source: &str) -> Vec<(String, Option<Said>)> {
    let source = without_references(source);
    let mut found = Vec::new();
    for range in documents(&source) {
        let Ok(document) = Document::read_any(&source[range.clone()]) else { continue };
        for (name, byte) in document.jobs_elsewhere(range.start).into_iter().take(MOST) {
            for settings in document.settings_of(byte, range.start) {
                let of_cluster = |setting: &&Setting| OF_CLUSTER.contains(&setting.name.as_str());
                let cluster = settings.iter().find(of_cluster).cloned();
                found.push((name.clone(), cluster.map(|it| Said { text: it.text, at: it.span })));
            }
        }
    }
    found
}

/// The hidden jobs of a file of GitLab that have commands, by their names.
pub(crate) fn hidden_jobs(source: &str) -> Vec<String> {
    let is_asked = source.contains("script:") && source.lines().any(|line| line.starts_with('.'));
    let source = without_references(source);
    let documents = documents(&source).into_iter().filter(|_| is_asked);
    documents
        .filter_map(|range| Document::read_any(&source[range]).ok())
        .flat_map(|document| document.hidden_jobs())
        .collect()
}

/// Whether a step may set a variable for those behind it. (GitHub, `GITHUB_ENV`; Azure, `task.setvariable`; GitLab,
/// `artifacts:reports:dotenv`)
fn is_set_by_steps(source: &str, name: &str) -> bool {
    let sets = |mark: &str, form: String| source.contains(mark) && source.contains(&form);
    sets("GITHUB_ENV", format!("{name}="))
        || sets("dotenv", format!("{name}="))
        || sets("setvariable", format!("variable={name}"))
}

/// A file of GitLab with its references as lists of names, which they are without their tag.
pub(crate) fn without_references(source: &str) -> Cow<'_, str> {
    const TAG: &str = "!reference ";
    if source.contains(TAG) { Cow::Owned(source.replace(TAG, &" ".repeat(TAG.len()))) } else { Cow::Borrowed(source) }
}
