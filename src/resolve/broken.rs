//! Manifests that cannot be read: what they are, and what they name, their lines show.

use super::unread::{broken_terraform, unread};
use crate::{
    controller::CONTROLLERS,
    files::{Files, is_of_other_language, joined},
    finding::Finding,
    graph::is_kustomization,
    release::is_among_templates,
    rendered::{is_template_of_other, paths_in},
    rule::Rule,
};

/// The kinds that bring a chart to a cluster, or what brings one, beside those of the table of controllers.
const KINDS: [&str; 4] = ["Kustomization", "OCIRepository", "HelmRepository", "GitRepository"];

/// The lists at the root of a helmfile.
const LISTS: [&str; 2] = ["releases:", "helmfiles:"];

/// What opens a template: such a line is YAML once a tool renders it.
const TEMPLATES: [&str; 4] = ["{{", "{%", "<%", "[["];

/// Why a manifest cannot be read, in its first part that is not YAML. Nothing of one that can be read or that a tool renders
/// first, and of what is not a manifest by its lines.
pub(crate) fn broken_manifest(files: &Files<'_>, number: usize) -> Option<Finding> {
    let source = files.source(number);
    if let Some(finding) = broken_terraform(source) {
        return Some(finding);
    }
    let text = source.text().ok()?;
    let is_rendered = is_among_templates(source.name) || is_template_of_other(source.name);
    if is_rendered || is_of_other_language(source.name, source.bytes) || !is_manifest(source.name, text) {
        return None;
    }
    let finding = files.parts(number).iter().find_map(|part| part.text.as_ref().err())?;
    let finding = unread(finding.clone(), source.name, text);
    let start = finding.span.as_ref().map_or(0, |span| span.start);
    let line = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let line = text[line..].lines().next().unwrap_or_default();
    let is_template = TEMPLATES.iter().any(|open| line.contains(open));
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
