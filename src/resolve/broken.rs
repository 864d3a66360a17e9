//! Manifests that cannot be read: what they are, and what they name, their lines show.

use std::ops::Range;

use super::unread::unread;
use crate::{
    chart::speaks_of_illumio,
    controller::CONTROLLERS,
    files::{Files, is_of_other_language, joined},
    finding::Finding,
    graph::is_kustomization,
    release::is_among_templates,
    rendered::{
        MayTake, is_of_terraform, is_program, is_read_for_jobs, is_template_of_other, may_be_manifest, paths_in,
    },
    rule::Rule,
    source::Source,
};

/// The kinds that bring a chart to a cluster, or what brings one, beside those of the table of controllers.
const KINDS: [&str; 4] = ["Kustomization", "OCIRepository", "HelmRepository", "GitRepository"];

/// The lists at the root of a helmfile.
const LISTS: [&str; 2] = ["releases:", "helmfiles:"];

/// What opens a template: such a line is YAML once a tool renders it.
const TEMPLATES: [&str; 4] = ["{{", "{%", "<%", "[["];

/// The parts of a manifest or a program that cannot be read, each with its place and why.
fn unread_parts<'f>(files: &'f Files<'_>, number: usize) -> Vec<(&'f Range<usize>, &'f Finding)> {
    let source = files.source(number);
    if !may_bring_releases(source) || is_read_for_jobs(source) {
        return Vec::new();
    }
    let unread = files.parts(number).iter().filter_map(|part| Some((&part.range, part.text.as_ref().err()?)));
    unread.filter(|(range, _)| files.list(number, range).is_none()).collect()
}

/// Why a manifest cannot be read, in its first part that is not YAML, or a file of Terraform that brings Illumio's chart.
/// Nothing of one that can be read or that a tool renders first, and of what is not a manifest by its lines.
pub(crate) fn broken_manifest(files: &Files<'_>, number: usize) -> Option<Finding> {
    let source = files.source(number);
    let text = source.text().ok()?;
    let is_terraform = is_of_terraform(source.name);
    let is_rendered = is_among_templates(source.name) || is_template_of_other(source.name);
    let is_of_yaml =
        || !is_rendered && !is_of_other_language(source.name, source.bytes) && is_manifest(source.name, text);
    let is_of_release = || text.contains("helm_release") && speaks_of_illumio(source.bytes);
    let is_told = if is_terraform { is_of_release() } else { is_of_yaml() };
    if !is_told {
        return None;
    }
    let (_, finding) = unread_parts(files, number).into_iter().next()?;
    let finding = if is_terraform { finding.clone() } else { unread(finding.clone(), source.name, text) };
    let start = finding.span.as_ref().map_or(0, |span| span.start);
    let line = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let line = text[line..].lines().next().unwrap_or_default();
    let is_template = !is_terraform && TEMPLATES.iter().any(|open| line.contains(open));
    (finding.rule == Rule::InvalidYaml && !is_template).then(|| finding.in_file(source.name))
}

/// Whether a text is a manifest, by its lines.
fn is_manifest(name: &str, text: &str) -> bool {
    let is_kind = |kind: &str| {
        let kind = kind.trim().trim_matches(['"', '\'', ',']);
        KINDS.contains(&kind) || CONTROLLERS.iter().any(|controller| !kind.is_empty() && controller.kind == kind)
    };
    let tells = |line: &str| {
        let kind = line.trim_start_matches([' ', '"', '{']).strip_prefix("kind").and_then(|rest| rest.split_once(':'));
        LISTS.iter().any(|list| line.starts_with(list)) || kind.is_some_and(|(_, kind)| is_kind(kind))
    };
    is_kustomization(name) || text.lines().any(tells)
}

/// Whether a file may be a manifest, or a program that does what one says.
fn may_bring_releases(source: Source<'_>) -> bool {
    may_be_manifest(source) || is_program(source)
}

/// Whether a file speaks of charts and of what gives them values, or has templates as a base of a helmfile.
fn speaks_of_charts(bytes: &[u8]) -> bool {
    const WORDS: [&str; 7] = ["helm", "chart", "releases", "argoproj.io", "alueFiles", "aluesFile", "templates:"];
    WORDS.into_iter().any(|word| memchr::memmem::find(bytes, word.as_bytes()).is_some())
}

/// Whether a part that cannot be read may bring Illumio's chart: it names it, or a chart by a variable or by its folder, or
/// no chart at all, as what includes other files does.
fn may_bring_ours(part: &str) -> bool {
    let said = |line: &'_ str| -> Option<(String, String)> {
        let (key, value) = line.trim_start_matches([' ', '\t', '-', '{']).split_once([':', '='])?;
        Some((key.trim_end().to_owned(), value.trim().trim_matches(['"', '\'']).to_owned()))
    };
    let all: Vec<(String, String)> = part.lines().filter_map(said).collect();
    let is_repository = |name: &str| all.iter().any(|(key, value)| key == "name" && value == name);
    // `bitnami/redis` is in a repository that is named, or in a folder
    let is_closed = |chart: &str| {
        let is_in_repository = chart.contains("://") || chart.split_once('/').is_none_or(|(of, _)| is_repository(of));
        !chart.is_empty() && !chart.starts_with('.') && !chart.contains(['{', '$', '<']) && is_in_repository
    };
    let mut charts = all.iter().filter(|(key, _)| key == "chart").peekable();
    speaks_of_illumio(part.as_bytes()) || charts.peek().is_none() || !charts.all(|(_, chart)| is_closed(chart))
}

/// The files that what cannot be read of a manifest names: these may be given to a release, beside others.
pub(crate) fn taken_unread(files: &Files<'_>, number: usize) -> Vec<MayTake> {
    let source = files.source(number);
    if source.text().is_err() {
        let is_sealed = crate::chart::reference::sealed(source.bytes).is_some() || !may_bring_releases(source);
        let text = if is_sealed { String::new() } else { String::from_utf8_lossy(source.bytes).into_owned() };
        return MayTake::unread(&text, 0..0)
            .filter(|_| text.contains("helm") || text.contains("chart"))
            .into_iter()
            .collect();
    }
    let text = source.text().unwrap_or_default();
    let take = |(range, finding): (&Range<usize>, &Finding)| {
        let part = text.get(range.clone()).filter(|part| may_bring_ours(part))?;
        MayTake::unread(part, finding.span.clone().unwrap_or(range.start..range.start))
    };
    // those of Terraform lead from the folder of the module
    let is_asked = speaks_of_charts(source.bytes) && !is_of_terraform(source.name);
    let unread = Some(()).filter(|()| is_asked).map(|()| unread_parts(files, number));
    unread.into_iter().flatten().filter_map(take).collect()
}

/// That a manifest which brings Illumio's chart cannot be read, under a rule; nothing of one that can be.
pub(super) fn broken(files: &Files<'_>, number: usize, rule: Rule) -> Option<Finding> {
    let text = files.text(number).ok()?;
    let is_ours = |range: &Range<usize>| {
        let part = text[range.clone()].to_ascii_lowercase();
        part.contains("illumio") && ["chart", "argoproj.io", "helm_release"].iter().any(|word| part.contains(word))
    };
    let (_, why) = unread_parts(files, number).into_iter().find(|(range, _)| is_ours(range))?;
    let message = format!("this cannot be read, so its releases and their modes are not known: {}", why.message);
    let help = "write it without what cannot be read; until then, change its mode by hand";
    let finding = Finding::new(rule, message).help(help);
    Some(Finding { span: why.span.clone(), ..finding })
}

/// The files that a text may name, as paths: each word that ends as the name of a values file does, from the file itself
/// and from the top.
pub(crate) fn files_named(name: &str, text: &str) -> Vec<String> {
    let words = paths_in(text);
    let mut found: Vec<String> = words
        .iter()
        .map(|word| {
            word.split_once('/').filter(|(source, _)| source.starts_with('$')).map_or(&**word, |(_, path)| path)
        })
        .flat_map(|word| [joined(name, word), word.trim_start_matches(['.', '/']).to_owned()])
        .collect();
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Texts;

    #[track_caller]
    fn check(name: &str, text: &str, is_broken: bool) {
        let texts = Texts::new();
        let files = Files::of(&texts, [(name, text)]);
        assert_eq!(broken_manifest(&files, 0).is_some(), is_broken, "{text}");
    }

    #[test]
    fn a_manifest_that_is_not_yaml_is_told_by_its_lines() {
        let markers = "<<<<<<< HEAD\nversion: 1\n=======\nversion: 2\n>>>>>>> x\n";
        check("app.yaml", &format!("kind: Application\n{markers}"), true);
        check("hr.yaml", &format!("kind: \"HelmRelease\"\n{markers}"), true);
        check("helmfile.yaml", &format!("releases:\n{markers}"), true);
        check("east/kustomization.yaml", &format!("resources:\n{markers}"), true);
        check("hr.yaml", "kind: HelmRelease\nspec:\n\tchart: illumio\n", true);
        check("hr.yaml", "kind: ConfigMap\n---\nkind: HelmRelease\nspec: {\n", true);
        check("hr.yaml", "kind: HelmRelease\nspec: {chart: illumio}\n", false);
        check("app.yaml", &format!("kind: Deployment\n{markers}"), false);
        check("hr.yaml", "kind: HelmRelease\n{{ if .Values.east }}\nspec: {}\n{{ end }}\n", false);
        check("templates/hr.yaml", &format!("kind: HelmRelease\n{markers}"), false);
        let release = "resource \"helm_release\" \"a\" {\n  chart = \"illumio\"\n";
        for (end, is_broken) in [("}\n", false), ("", true), ("  name = \"x\n}\n", true), (markers, true)] {
            check("main.tf", &format!("{release}{end}"), is_broken);
            check("main.tf", &format!("{release}{end}").replace("illumio", "nginx"), false);
        }
    }

    #[test]
    fn files_are_named_from_the_manifest_and_from_the_top() {
        let named = files_named("apps/hf.yaml", "values: [../env/east.yaml]\nfiles: \"$values/west.yml\"\nx: y\n");
        assert_eq!(named, ["apps/west.yml", "env/east.yaml", "west.yml"]);
    }
}
