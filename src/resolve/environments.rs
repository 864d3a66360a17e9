//! Files that a helmfile takes for its environments: what its templates use, and no values of a chart.

use crate::{
    files::{Files, joined},
    yaml::Node,
};

/// The paths of the files that a helmfile takes for its environments, or hands to other helmfiles; where a part of a
/// name is a variable, the path has a star. None where the file is not a helmfile. (helmfile documentation, Environment
/// Values.)
///
/// ```
/// use helm_clas::{Files, Texts, environment_files};
///
/// let texts = Texts::new();
/// let helmfile = "environments:\n  east: {values: [env/east.yaml, 'env/{{ .Environment.Name }}.yaml']}\n";
/// let files = Files::of(&texts, [("fleet/helmfile.yaml", helmfile)]);
/// assert_eq!(environment_files(&files, 0), ["fleet/env/east.yaml", "fleet/env/*.yaml"]);
/// ```
#[must_use]
pub fn environment_files(files: &Files<'_>, number: usize) -> Vec<String> {
    let has = |word: &str| memchr::memmem::find(files.source(number).bytes, word.as_bytes()).is_some();
    if !has("environments") && !has("helmfiles") {
        return Vec::new();
    }
    let name = files.name(number);
    let is_helmfile = |root: &Node<'_>| root.get("kind").is_none() && root.get("apiVersion").is_none();
    let mut found = Vec::new();
    for root in files.roots(number).filter(is_helmfile) {
        let environments = root.get("environments").into_iter().flat_map(Node::entries).map(|(_, entry)| entry);
        let others = root.get("helmfiles").into_iter().flat_map(Node::items);
        for taker in environments.chain(others) {
            let lists = ["values", "secrets"].into_iter().filter_map(|list| taker.get(list));
            let paths = lists.flat_map(Node::items).filter_map(Node::str).filter(|path| !path.contains("://"));
            found.extend(paths.map(|path| joined(name, &without_actions(path))));
        }
    }
    found
}

/// A path with a star for each action of a template in it.
fn without_actions(path: &str) -> String {
    let mut pieces = path.split("{{");
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        whole.push('*');
        whole.push_str(piece.split_once("}}").map_or("", |(_, rest)| rest));
    }
    whole
}
