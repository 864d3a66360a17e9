//! Why a file is not YAML, or none that says what a cluster gets: what else it is.

use std::ops::Range;

use super::foreign::may_be_manifest as is_known_manifest;
use crate::{
    chart::{looks_like_values, names_illumio, reference, secrets::masked, speaks_of_illumio},
    controller::CONTROLLERS,
    files::{Files, Part},
    finding::Finding,
    graph::is_kustomization,
    release::{
        dump_of_release, hiding_lines, is_among_templates, is_template, other_tools, unrendered as unrendered_values,
    },
    rendered::{
        MayTake, given_alone, is_program, may_be_manifest, may_give, may_name_together, named_together, other_kind,
    },
    rule::Rule,
    source::Source,
    yaml::{Document, documents, moved},
};

/// Why the releases of a program that speaks of Illumio are not read; nothing of one that is, and of another.
pub(crate) fn unread_program(files: &Files<'_>, number: usize) -> Option<Finding> {
    let source = files.source(number);
    let is_ours = is_program(source) && speaks_of_illumio(source.bytes);
    is_ours.then(|| files.unread_program(number)).flatten()
}

/// Whether a template of a chart brings a chart through a controller: it names the group of one. What other templates say
/// is not values, but what becomes of them.
pub(crate) fn may_bring_chart(text: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(text, word.as_bytes()).is_some();
    let groups = CONTROLLERS.iter().filter(|controller| !controller.kind.is_empty() && controller.api.contains('.'));
    has("kind") && groups.into_iter().any(|controller| has(controller.api))
}

/// That a template of a chart is YAML only once Helm renders it, at the first action; nothing of one that can be read.
fn unrendered_of_chart(name: &str, text: &str, rule: Rule) -> Option<Finding> {
    if !is_among_templates(name) || !may_bring_chart(text.as_bytes()) || !speaks_of_illumio(text.as_bytes()) {
        return None;
    }
    let start = memchr::memmem::find(text.as_bytes(), b"{{")?;
    documents(text).into_iter().find_map(|range| Document::read(&text[range]).err())?;
    let message = "Helm renders this template before it is YAML, so its releases and their modes are not known";
    let help =
        "`helm template` shows them; write the mode out as plain text in an object of its own, or change it by hand";
    Some(Finding::new(rule, message).help(help).at(start..start + 2))
}

/// That a file which names Illumio's chart is YAML only once a tool renders it, under a rule, at the first action.
pub(crate) fn unrendered(name: &str, text: &str, rule: Rule) -> Option<Finding> {
    unrendered_helmfile(text, rule).or_else(|| unrendered_of_chart(name, text, rule))
}

/// Whether a file is a template that nothing has rendered.
pub(crate) fn is_unrendered(source: Source<'_>) -> bool {
    source.text().is_ok_and(|text| unrendered(source.name, text, Rule::TemplateInValues).is_some())
}

/// The values files that a file names together.
pub(crate) fn taken_together(files: &Files<'_>, number: usize) -> Vec<MayTake> {
    let source = files.source(number);
    let is_asked = (may_name_together(source) || may_give(source.bytes)) && !is_kustomization(source.name);
    let Some(text) = source.text().ok().filter(|_| is_asked) else { return Vec::new() };
    let is_known = |part: &Part<'_>| {
        let root = part.text.as_ref().ok().and_then(|text| text.root());
        root.is_some_and(|root| root.text.language().is_none() && !root.is_list() && is_known_manifest(root))
    };
    let known: Vec<&Range<usize>> =
        files.parts(number).iter().filter(|part| is_known(part)).map(|it| &it.range).collect();
    let ranges: Vec<(bool, Range<usize>)> =
        documents(text).into_iter().map(|range| (known.contains(&&range), range)).collect();
    let together = Some(()).filter(|()| may_name_together(source)).map(|()| named_together(source, text, &ranges));
    let together = together.into_iter().flatten().map(MayTake::together);
    // what a merge key brings into a manifest is not read, and values files read nothing
    let is_unread = |(is_known, range): &&(bool, Range<usize>)| {
        let part = &text[range.clone()];
        let is_at_root = |line: &str| !line.starts_with([' ', '\t', '-']) && looks_like_values(line);
        (!is_known || part.contains("<<:")) && !part.lines().any(is_at_root)
    };
    let is_asked = may_give(source.bytes) && may_be_manifest(source);
    let alone = ranges.iter().filter(|_| is_asked).filter(is_unread);
    let alone = alone.flat_map(|(_, range)| given_alone(&text[range.clone()], range.start));
    together.chain(alone).collect()
}

/// That a helmfile is YAML only once it is rendered, under a rule, at the first action; nothing of one that can be
/// read, and of one that does not name Illumio's chart.
fn unrendered_helmfile(text: &str, rule: Rule) -> Option<Finding> {
    let start = memchr::memmem::find(text.as_bytes(), b"{{")?;
    let has_list = text.starts_with("releases:") || text.contains("\nreleases:");
    if !has_list || !names_illumio(text) {
        return None;
    }
    documents(text).into_iter().find_map(|range| Document::read(&text[range]).err())?;
    let message = "helmfile renders this file before it is YAML, so its releases and their modes are not known";
    let help = "`helmfile build` shows them; take the step in the values file of a release, or change the mode by hand";
    Some(Finding::new(rule, message).help(help).at(start..start + 2))
}

/// That a value which is not YAML is a reference: its tool fills it in before it is.
fn filled_in(finding: &Finding, text: &str) -> Option<Finding> {
    let span = finding.span.clone().filter(|_| finding.rule == Rule::InvalidYaml)?;
    let start = text.get(..span.start)?.rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..].lines().next()?;
    let (_, value) = line.split_once(": ")?;
    let value = value.trim();
    let tool = reference::of(value, value).filter(|_| value.starts_with(['@', '%']))?.title;
    let message = format!("this is not YAML until {tool} fills in `{}`", masked(value).escape_debug());
    let at = start + line.find(value)?;
    let help = "put quotes around it, and write `clusterMode` itself: it is not a secret";
    Some(Finding::new(Rule::TemplateInValues, message).help(help).at(at..at + value.len()))
}

/// Whether a list is one of plays or of tasks of Ansible, by its lines: what a play runs on, or what a task does, by the
/// name of its collection, or of a module that people write without one.
pub(super) fn is_of_ansible(text: &str) -> bool {
    const KEYS: [&str; 8] =
        ["hosts", "import_playbook", "command", "shell", "copy", "template", "include_tasks", "set_fact"];
    const COLLECTIONS: [&str; 3] = ["ansible.builtin.", "kubernetes.core.", "community."];
    let is_it = |line: &str| {
        let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')));
        let key = item.and_then(|item| item.split_once(':')).map_or("", |(key, _)| key.trim());
        KEYS.contains(&key) || COLLECTIONS.iter().any(|collection| key.starts_with(collection))
    };
    text.lines().any(|line| line.starts_with("- ")) && text.lines().any(is_it)
}

/// What is wrong with a file that cannot be read as one document: where an action keeps one of several from being read,
/// the file is a template of manifests, and that there are several is as it should be. What helmfile renders need not
/// be YAML before.
pub(crate) fn unread(finding: Finding, file: &str, text: &str) -> Finding {
    let rendered = || unrendered(file, text, Rule::TemplateInValues);
    // a file that no tool renders by its name is what Helm gets, and Helm does not read it
    let as_it_is = |found| if is_template(file) { found } else { Finding { doubt: None, ..found } };
    if let Some(found) = other_tools(text).map(as_it_is).or_else(rendered) {
        return found;
    }
    if let Some(found) = dump_of_release(text).or_else(|| filled_in(&finding, text)) {
        return found;
    }
    let hiding = || hiding_lines(text).or_else(|| unrendered_values(text));
    if let Some(hiding) = is_template(file).then(hiding).flatten() {
        return hiding;
    }
    if finding.rule == Rule::NotAMapping && is_of_ansible(text) {
        let message = "this is a playbook of Ansible, or a list of tasks, and not a values file";
        let help = "pass the file that the release is upgraded with, or change the mode by hand where a task sets it";
        return Finding { message: message.to_owned(), ..finding }.help(help);
    }
    let is_broken = [Rule::NotAMapping, Rule::InvalidYaml].contains(&finding.rule);
    if let Some(what) = other_kind(file, text.as_bytes()).filter(|_| is_broken) {
        let message = format!("this is {what}, and not a values file");
        let help = "pass the file that the release is upgraded with; if a cluster gets a mode from this one, change it by hand";
        return Finding { message, ..finding }.help(help);
    }
    let of_part =
        |range: Range<usize>| Document::read(&text[range.clone()]).err().map(|found| moved(found, range.start));
    let is_template = |found: &Finding| found.rule == Rule::TemplateInValues;
    let is_several = finding.rule == Rule::SeveralDocuments;
    // there may be several objects in a file, so what keeps one from being read is what is wrong
    let has_objects = text.starts_with("apiVersion:") || text.contains("\napiVersion:");
    let parts = || documents(text).into_iter().filter_map(of_part).find(|found| has_objects || is_template(found));
    is_several.then(parts).flatten().unwrap_or(finding)
}
