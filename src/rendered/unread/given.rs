//! Values files that a document of a tool which is not read gives to Illumio's chart, one or several: `DevSpace`, Garden, an
//! action of a pipeline. What the tool makes of them, and how it deploys them, is not known.

use std::ops::Range;

use super::may_take::MayTake;
use crate::{
    chart::{may_mention, names_illumio},
    rendered::shell::pattern::paths_in,
    yaml::Document,
};

/// Whether a file may give values files to Illumio's chart so: a quick look.
pub(crate) fn may_give(bytes: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    ["alue", "ALUE", "hart", "path"].into_iter().any(has) && crate::chart::speaks_of_illumio(bytes)
}

/// Those of a document that begins at a byte: the files under keys for values, where something beside their names is called
/// after Illumio; and the folder of the chart, where a mode is set beside that.
pub(crate) fn given_alone(text: &str, start: usize) -> Vec<MayTake> {
    if !names_chart(text) {
        return Vec::new();
    }
    let Ok(document) = Document::read_any(text) else { return Vec::new() };
    // what inherits from the templates of a base of helmfile is read with it
    let has = |key: &str| document.find(&[key]).is_ok_and(|found| found.is_some());
    if has("templates") && !has("releases") {
        return Vec::new();
    }
    let held = |is_key: &dyn Fn(&str) -> bool| document.held_by(is_key, &|key| EACH.contains(&key), start).into_iter();
    let files = held(&|key| key.to_ascii_lowercase().contains("value")).filter_map(|held| {
        let at = held.first()?.1.clone();
        // in a script the command says more
        let plain = held.iter().filter(|(text, _)| !text.contains([' ', '\n']));
        let names: Vec<String> = plain.flat_map(|(text, _)| paths_in(text)).map(from_top).collect();
        (!names.is_empty()).then(|| MayTake::given((names, at), Vec::new()))
    });
    let is_folder = |text: &str| text.contains('/') && !text.contains("://") && !text.contains([' ', '$', '{']);
    let folders =
        held(&|key| ["path", "chart", "chartPath"].contains(&key)).flatten().filter(|(text, _)| is_folder(text));
    let folders = folders.filter(|_| may_mention(text.as_bytes())).map(|(folder, at): (String, Range<usize>)| {
        let own = format!("{}/*.yaml", folder.trim_end_matches('/'));
        MayTake::given((vec![], at), vec![own])
    });
    files.chain(folders).collect()
}

/// Where each of several is for itself, or not the file of a release.
const EACH: [&str; 8] = ["matrix", "parallel", "paths", "paths-ignore", "on", "exclude", "changes", "environments"];

/// Whether a word of a document that is not the name of a values file is called after Illumio.
fn names_chart(text: &str) -> bool {
    let words = text.split(|c: char| c.is_whitespace() || "\"',[]{}".contains(c));
    let is_file = |word: &str| [".yaml", ".yml", ".json"].iter().any(|ending| word.ends_with(ending));
    words.filter(|word| !is_file(word)).any(names_illumio)
}

/// A name that begins with a slash leads from the top of the repository.
fn from_top(name: String) -> String {
    if name.starts_with('/') { format!(":{name}") } else { name }
}
