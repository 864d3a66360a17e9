//! Files that manifests name by templates whose result is not known here: whichever fit may be given to a release.

use super::{charts::for_each_chart, unread::may_bring_chart};
use crate::{
    chart::{MODE_KEY, speaks_of_illumio},
    controller::{Chart, SETS, ansible_copies, ansible_expressions},
    files::{Files, generated_files},
    graph::is_kustomization,
    release::is_among_templates,
    rendered::{MayTake, Why, names_in_program, paths_in},
    yaml::Node,
};

/// The files that a kustomization makes objects of, which a release may take values from.
fn generated(files: &Files<'_>, number: usize) -> Vec<MayTake> {
    let entries = files.roots(number).flat_map(generated_files);
    let may = |(entry, path): (Node<'_>, &str)| {
        let names = vec![format!(":./{path}")];
        MayTake::of_template(Why::Generated, path.to_owned(), entry.span(), names, Vec::new())
    };
    entries.map(may).collect()
}

/// The values files of a chart that has this template, where it brings Illumio's chart with a mode of its own.
fn rendered(files: &Files<'_>, number: usize) -> Option<MayTake> {
    let source = files.source(number);
    let is_asked = is_among_templates(source.name) && may_bring_chart(source.bytes) && speaks_of_illumio(source.bytes);
    let at = memchr::memmem::find(source.bytes, MODE_KEY.as_bytes()).filter(|_| is_asked)?;
    let depth = source.name.rsplit('/').position(|folder| folder == "templates")?;
    let names = ["values*.yaml", "values*.yml"].map(|name| format!(":./{}{name}", "../".repeat(depth)));
    let span = at..at + MODE_KEY.len();
    Some(MayTake::of_template(Why::Rendered, MODE_KEY.to_owned(), span, names.to_vec(), Vec::new()))
}

/// The files of its chart that a template gives to Illumio's chart, as whole texts: those that it reads, and where it
/// puts in what `.Values` hold, the values files of its chart. A template that goes through all of them need not name
/// Illumio's chart.
fn filled_in(files: &Files<'_>, number: usize) -> Vec<MayTake> {
    /// What brings a text of several lines.
    const TEXTS: [&str; 4] = ["toYaml", "toJson", "indent", "tpl"];
    let source = files.source(number);
    let is_asked = is_among_templates(source.name) && may_bring_chart(source.bytes);
    let is_ours = speaks_of_illumio(source.bytes);
    let Some(text) = source.text().ok().filter(|_| is_asked) else { return Vec::new() };
    let depth = source.name.rsplit('/').position(|folder| folder == "templates").unwrap_or_default();
    let up = "../".repeat(depth);
    let brings_text = |action: &str| TEXTS.iter().any(|word| action.contains(word));
    let is_filled_in = |action: &str| {
        // of a template that names no chart, what goes through all values
        let is_of_all = || action.contains("range") && action.trim_end().ends_with(".Values") && brings_text(text);
        if is_ours { action.contains(".Values") && brings_text(action) } else { is_of_all() }
    };
    let mut found = Vec::new();
    for (start, _) in text.match_indices("{{") {
        let inside = &text[start + 2..];
        let action = &inside[..inside.find("}}").unwrap_or(inside.len())];
        let names: Vec<String> = if action.contains(".Files.") && is_ours {
            // `printf` fills in a part of a name
            paths_in(&["%s", "%v", "%d"].iter().fold(action.to_owned(), |text, verb| text.replace(verb, "*")))
        } else if is_filled_in(action) {
            ["values*.yaml", "values*.yml"].map(str::to_owned).into()
        } else {
            continue;
        };
        let names: Vec<String> = names.into_iter().map(|name| format!(":./{up}{name}")).collect();
        if !names.is_empty() {
            let span = start..start + 2;
            found.push(MayTake::of_template(Why::FilledIn, String::new(), span, names, Vec::new()));
        }
    }
    found
}

/// The longest expression for a file that is shown as it is written; of another one, its key is.
const LONGEST: usize = 60;

/// The files that tasks of Ansible may give to a chart by expressions: those that fit the name, or any that the file names.
fn expressions(files: &Files<'_>, number: usize) -> Vec<MayTake> {
    let text = files.text(number).unwrap_or_default();
    if !text.contains("helm") {
        return Vec::new();
    }
    // what an expression names is named, too
    let bare = text.replace("{{", "  ").replace("}}", "  ");
    let all = || paths_in(text).into_iter().chain(paths_in(&bare)).collect::<Vec<String>>();
    // one that may be any of them is enough
    let mut is_any_told = false;
    let may = |(node, is_file): (Node<'_>, bool)| {
        let said = node.str().unwrap_or_default();
        let own = if is_file { paths_in(said) } else { Vec::new() };
        let is_any = own.is_empty();
        let is_open = is_file && is_any;
        let names = if is_any && !std::mem::replace(&mut is_any_told, true) { all() } else { own };
        // a role has folders for its files; of another expression, nothing is known
        let names = names.into_iter().flat_map(|name| [format!("*/{name}"), name]);
        let names = names.chain(is_open.then(|| said.to_owned())).collect();
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_short = is_file && said.len() <= LONGEST;
        let key = || node.path().into_iter().rfind(|key| key.parse::<usize>().is_err());
        let said = if is_short { said } else { key().unwrap_or(said) };
        MayTake::of_template(Why::UnderTemplate, said, node.span(), names, Vec::new())
    };
    let copied = files.roots(number).filter(|root| root.is_list()).flat_map(ansible_copies).map(|node| (node, true));
    files.roots(number).flat_map(ansible_expressions).chain(copied).map(may).collect()
}

/// The files that what brings a chart names beside expressions: `env/$(cluster).yaml`. Tasks of Ansible have their own.
fn beside_expressions(chart: &Chart<'_, '_>) -> Vec<MayTake> {
    let source = chart.at.source();
    let has_expression = ["{{", "$(", "${"].iter().any(|mark| source.contains(mark));
    let is_read = chart.at.text.language().is_some() || chart.root.is_list();
    if !has_expression || is_read || chart.is_another() {
        return Vec::new();
    }
    let may =
        |name: String| MayTake::of_template(Why::UnderTemplate, name.clone(), chart.at.span(), vec![name], Vec::new());
    names_in_program(source).into_iter().map(may).collect()
}

/// The files that releases of a helmfile may take by values of its environments: those which these name, and where they
/// are in a file, any that fits.
fn of_environments(files: &Files<'_>, number: usize) -> Vec<MayTake> {
    let releases = files.roots(number).filter_map(|root| root.get("releases")).flat_map(Node::items);
    let values = releases.filter_map(|release| release.get("values")).flat_map(Node::items);
    let is_by_value = |node: &Node<'_>| {
        let said = node.str().unwrap_or_default();
        said.contains("{{") && (said.contains(".Values") || said.contains(".StateValues"))
    };
    let by_value: Vec<Node<'_>> = values.filter(is_by_value).collect();
    if by_value.is_empty() {
        return Vec::new();
    }
    let may = |name: &str, node: Node<'_>| {
        let names = vec![name.to_owned()];
        MayTake::of_template(Why::UnderTemplate, name.to_owned(), node.span(), names, Vec::new())
    };
    let entries = files.roots(number).filter_map(|root| root.get("environments")).flat_map(Node::entries);
    let items: Vec<Node<'_>> = entries.filter_map(|(_, entry)| entry.get("values")).flat_map(Node::items).collect();
    let of_item = |item: &Node<'_>| {
        let names = if item.is_mapping() { names_in_program(item.source()) } else { Vec::new() };
        names.iter().map(|name| may(name, *item)).collect::<Vec<_>>()
    };
    let is_in_file = items.iter().any(|item| item.str().is_some());
    let any = by_value.iter().filter(|_| is_in_file).filter_map(|node| Some(may(node.str()?, *node)));
    items.iter().flat_map(of_item).chain(any).collect()
}

/// The files that the charts of a manifest may take by such names.
pub(crate) fn taken_by_template(files: &Files<'_>, number: usize) -> Vec<MayTake> {
    let bytes = files.source(number).bytes;
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    if has("Generator") && is_kustomization(files.name(number)) {
        return generated(files, number);
    }
    let is_asked = ["argoproj.io", "helm.toolkit.fluxcd.io", "applicationsets"].into_iter().any(has)
        && ["{{", "$", "*", "plugin"].into_iter().any(has);
    let mut found: Vec<MayTake> = rendered(files, number).into_iter().chain(filled_in(files, number)).collect();
    found.extend(expressions(files, number));
    if has("environments") {
        found.extend(of_environments(files, number));
    }
    if !is_asked {
        if [".yaml", ".yml", ".json"].into_iter().any(has) {
            for_each_chart(files, number, |chart, _| found.extend(beside_expressions(chart)));
        }
        return found;
    }
    for_each_chart(files, number, |chart, _| {
        // of those in values of argocd-apps the generators are not read
        let is_read = chart.controller.root != SETS.root;
        let around = [Some(chart.at), chart.root.at("spec.templatePatch")];
        let says_mode = around.into_iter().flatten().any(|node| node.source().contains(MODE_KEY));
        for template in chart.templates() {
            let why = if template.is_last && is_read && !says_mode { Why::Template } else { Why::UnderTemplate };
            // a plugin may take any file of its folder
            let said = template.node.str().unwrap_or_else(|| template.path.trim_start_matches([':', '/']));
            let said = said.to_owned();
            let (names, of_chart) = if template.is_of_chart {
                (Vec::new(), vec![template.path])
            } else {
                (vec![template.path], Vec::new())
            };
            found.push(MayTake::of_template(why, said, template.node.span(), names, of_chart));
        }
    });
    found
}
