//! What a file runs, or brings in, that is in another one: which clusters those get may be known only here.

use crate::{
    controller::ansible_brings_in,
    files::Files,
    release::Reach,
    rendered::{Runs, Target, runs_of},
    yaml::Node,
};

/// What the commands, jobs, plays and helmfiles of a file run that is in other files.
pub(crate) fn runs_in(files: &Files<'_>, number: usize) -> Vec<Runs> {
    let source = files.source(number);
    let has = |word: &str| memchr::memmem::find(source.bytes, word.as_bytes()).is_some();
    let mut found = runs_of(source);
    if ["hosts:", "_tasks", "_role"].into_iter().any(has)
        && [".yml", ".yaml"].iter().any(|it| source.name.ends_with(it))
    {
        let brought = files.roots(number).filter(|root| root.is_list()).flat_map(ansible_brings_in);
        found.extend(brought.map(|(name, reach)| match reach {
            Reach::One => runs(name, Vec::new(), None),
            Reach::Several(clusters) => runs(name, clusters, None),
            Reach::AllOf(all) => runs(name, Vec::new(), Some(all)),
        }));
    }
    if has("helmfiles") {
        found.extend(files.roots(number).flat_map(helmfiles));
    }
    found
}

fn runs(name: String, clusters: Vec<String>, all_of: Option<String>) -> Runs {
    Runs { target: Target::Files(vec![name]), part: String::new(), clusters, all_of }
}

/// The helmfiles that one of helmfile lists, each with the values that it is given, which tell one from another.
fn helmfiles(root: Node<'_>) -> Vec<Runs> {
    let listed = root.get("helmfiles").into_iter().flat_map(Node::items);
    let run = |item: Node<'_>| {
        let path = item.str_at("path").or_else(|| item.str())?;
        let given = item.get("values").map(|values| texts(values).join(", "));
        Some(runs(format!(":./{path}"), given.into_iter().filter(|given| !given.is_empty()).collect(), None))
    };
    listed.filter_map(run).collect()
}

/// The texts in a value.
fn texts(node: Node<'_>) -> Vec<&str> {
    let inner = node.items().chain(node.entries().map(|(_, value)| value));
    node.str()
        .into_iter()
        .chain(inner.filter_map(|inner| inner.str().or_else(|| inner.entries().find_map(|(_, it)| it.str()))))
        .collect()
}
