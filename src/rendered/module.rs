//! What files of Terraform take from others of the checkout: modules by their folders, and the resources that an override
//! file changes.

use hcl_edit::structure::{Block, Body};

use super::{
    hcl::is_release,
    instances::{Instances, instances},
};
use crate::terraform::body_of;

/// A call of a module in a folder beside the file.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// What the call is named.
    pub(crate) name: String,
    /// The folder, as it is written.
    pub(crate) folder: String,
    /// How many it makes.
    pub(crate) instances: Instances,
}

/// The modules that a file calls, where these are folders.
pub(crate) fn calls(text: &str) -> Vec<Call> {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    if !has("module") || !has("source") {
        return Vec::new();
    }
    let Some(body) = body_of(text) else { return calls_unread(text) };
    body.get_blocks("module").filter_map(|block| call(&body, block)).collect()
}

/// The calls in a file that cannot be read, by its lines: each may be made any number of times.
fn calls_unread(text: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut name = "?";
    for line in text.lines().map(str::trim_start) {
        if let Some(label) = line.strip_prefix("module").and_then(quoted) {
            name = label;
        }
        let folder = line.strip_prefix("source").and_then(|rest| quoted(rest.trim_start().strip_prefix('=')?));
        if let Some(folder) = folder.filter(|folder| is_local(folder)) {
            let instances = Instances::Unknown(0..0);
            calls.push(Call { name: name.to_owned(), folder: folder.to_owned(), instances });
        }
    }
    calls
}

/// The first text in quotes on a line.
fn quoted(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix('"')?.split('"').next()
}

fn is_local(folder: &str) -> bool {
    folder.starts_with("./") || folder.starts_with("../")
}

fn call(file: &Body, block: &Block) -> Option<Call> {
    let folder = block.body.get_attribute("source")?.value.as_str()?;
    let name = block.labels.first()?.as_str().to_owned();
    is_local(folder).then(|| Call { name, folder: folder.to_owned(), instances: instances(file, &block.body) })
}

/// Whether Terraform merges a file of this name over the others of its folder. (Terraform documentation, Override Files)
pub(crate) fn is_override(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name);
    ["tf", "tofu", "tf.json", "tofu.json"].iter().any(|ending| {
        let stem = name.strip_suffix(ending).and_then(|stem| stem.strip_suffix('.'));
        stem.is_some_and(|stem| stem == "override" || stem.ends_with("_override"))
    })
}

/// Whether a file may override a release, and cannot be read.
pub(crate) fn is_unread_override(name: &str, text: &str) -> bool {
    is_override(name) && text.contains("helm_release") && body_of(text).is_none()
}

/// The folders, by paths from the file, that a file of Terraform has a part in: those of modules that it calls, and its own
/// where it overrides releases there.
pub(crate) fn folders_taken(name: &str, text: &str) -> Vec<String> {
    let own = is_override(name)
        && match body_of(text) {
            Some(body) => body.blocks().any(is_release),
            None => is_unread_override(name, text),
        };
    calls(text).into_iter().map(|call| call.folder).chain(own.then(|| ".".to_owned())).collect()
}
