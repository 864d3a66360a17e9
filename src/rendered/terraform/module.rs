//! What files of Terraform take from others of the checkout: modules by their folders, and the resources that an override
//! file changes.

use hcl_edit::{
    Span,
    structure::{Block, Body},
};

use serde_json::Value;

use super::{
    instances::{Instances, instances},
    is_release,
};
use crate::{mode::ClusterMode, rendered::shell::folders::cleaned, terraform::body_of};

/// A call of a module whose files are in a checkout.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// What the call is named; nothing of a configuration of Terragrunt, which is the module itself.
    pub(crate) name: Option<String>,
    /// Where the files are.
    pub(crate) folder: Folder,
    /// How many it makes.
    pub(crate) instances: Instances,
}

/// The folder of a module, as a call names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Folder {
    /// From that of the file.
    Beside(String),
    /// From the top of a repository: of that of the file where there is no address.
    Repository {
        /// Its address.
        url: Option<String>,
        /// The branch, the tag or the commit of it; nothing where it is what is usual there.
        revision: Option<String>,
        /// The path from its top.
        path: String,
    },
}

impl Folder {
    /// That of a source. What follows two slashes is a folder in what is fetched, or copied. (Terraform documentation, Module
    /// Sources; Terragrunt documentation, Built-in Functions)
    fn of(source: &str) -> Option<Self> {
        let (source, asked) = source.split_once('?').unwrap_or((source, ""));
        let revision = asked.split('&').find_map(|part| part.strip_prefix("ref=")).map(str::to_owned);
        let clean = |path: &str| cleaned(path.trim_matches('/'));
        let here = source.strip_prefix("${get_terragrunt_dir()}/").unwrap_or(source);
        if here.starts_with("./") || here.starts_with("../") || here == ".." {
            return Some(Self::Beside(clean(here)));
        }
        if let Some(path) =
            ["${get_repo_root()}", "${get_path_to_repo_root()}"].iter().find_map(|it| here.strip_prefix(it))
        {
            return Some(Self::here(clean(path)));
        }
        let address = source.strip_prefix("git::").unwrap_or(source);
        let way = address.find("://").map_or(0, |at| at + 3);
        let (repository, path) = address[way..].split_once("//").unwrap_or((&address[way..], ""));
        // a registry has names of three parts, too
        let is_host = |part: &str| part.contains('.') && !part.starts_with('.');
        let is_address = way > 0 || address.starts_with("git@") || address.split('/').next().is_some_and(is_host);
        let is_known = is_address && !address.contains("${");
        let url = Some(address[..way + repository.len()].to_owned());
        is_known.then(|| Self::Repository { url, revision, path: clean(path) })
    }

    /// A folder of the repository of the file.
    fn here(path: String) -> Self {
        Self::Repository { url: None, revision: None, path }
    }

    /// That of a source which begins with an expression: it may be the folder of the repository that the rest names.
    fn behind_expression(source: &str) -> Option<Self> {
        let source = source.strip_prefix("git::").unwrap_or(source);
        let (_, rest) = source.strip_prefix("${")?.rsplit_once('}')?;
        let rest = rest.split('?').next().unwrap_or(rest);
        let names: Vec<&str> = rest.split('/').filter(|name| !["", ".", ".."].contains(name)).collect();
        (!names.is_empty()).then(|| Self::here(names.join("/")))
    }
}

/// The modules of checkouts that a file calls.
pub(crate) fn calls(name: &str, text: &str) -> Vec<Call> {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    if !has("source") || !may_call(name) {
        return Vec::new();
    }
    let ends = |ending: &str| name.ends_with(ending);
    if ends(".json") {
        return calls_of_json(name, text);
    }
    let Some(body) = body_of(text) else { return calls_unread(text) };
    let modules = body.get_blocks("module").filter_map(|block| call(&body, block));
    let own = body
        .get_blocks("terraform")
        .filter(|_| ends(".hcl"))
        .filter_map(|block| own_call(name, &written(&block.body, text)?));
    modules.chain(own).collect()
}

/// What a configuration of Terragrunt takes as its module. One that others include is for each of them. (Terragrunt
/// documentation, `terraform` block; Includes)
fn own_call(name: &str, source: &str) -> Option<Call> {
    let is_included = !TERRAGRUNT.contains(&name.rsplit('/').next().unwrap_or(name));
    let known = Folder::of(source);
    let instances = if is_included || known.is_none() { Instances::Unknown(0..0) } else { Instances::One };
    Some(Call { name: None, folder: known.or_else(|| Folder::behind_expression(source))?, instances })
}

/// The source of a block, as it is written between its quotes.
fn written(block: &Body, text: &str) -> Option<String> {
    let said = block.get_attribute("source")?.value.span().and_then(|span| text.get(span))?;
    Some(said.trim().strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

/// The calls in the JSON form of the language, where each value is the text of an expression, and a list of objects means
/// several blocks. (Terraform documentation, JSON Configuration Syntax, Nested Block Mapping)
fn calls_of_json(name: &str, text: &str) -> Vec<Call> {
    let Ok(root) = serde_json::from_str::<Value>(text) else { return calls_unread(text) };
    let labelled = blocks_of_json(&root, "module").into_iter().filter_map(Value::as_object).flatten();
    let modules = labelled.flat_map(|(name, said)| each(said).iter().map(move |said| (name, said)));
    let own = blocks_of_json(&root, "terraform").into_iter().filter(|_| is_terragrunt(name));
    let own = own.filter_map(|said| own_call(name, said.get("source")?.as_str()?));
    let call = |(name, said): (&String, &Value)| {
        let folder = Folder::of(said.get("source")?.as_str()?)?;
        let is_counted = ["count", "for_each"].iter().any(|key| said.get(key).is_some());
        let instances = if is_counted { Instances::Unknown(0..0) } else { Instances::One };
        Some(Call { name: Some(name.clone()), folder, instances })
    };
    modules.filter_map(call).chain(own).collect()
}

/// What the blocks of a kind say.
fn blocks_of_json<'v>(root: &'v Value, kind: &str) -> Vec<&'v Value> {
    each(root).iter().filter_map(|root| root.get(kind)).flat_map(each).collect()
}

/// The items of a list, or the value that is not one.
fn each(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

/// The calls in a file that cannot be read, by its lines: each may be made any number of times.
fn calls_unread(text: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut name = "?";
    for line in text.lines().map(|line| line.trim_start_matches([' ', '\t', '"'])) {
        if let Some(label) = line.strip_prefix("module").and_then(quoted) {
            name = label;
        }
        let said = line.strip_prefix("source").map(|rest| rest.trim_start_matches([' ', '"', '=', ':']));
        if let Some(folder) = said.and_then(|said| Folder::of(said.split('"').next()?)) {
            calls.push(Call { name: Some(name.to_owned()), folder, instances: Instances::Unknown(0..0) });
        }
    }
    calls
}

/// The first text in quotes on a line.
fn quoted(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix('"')?.split('"').next()
}

fn call(file: &Body, block: &Block) -> Option<Call> {
    let folder = Folder::of(block.body.get_attribute("source")?.value.as_str()?)?;
    let name = Some(block.labels.first()?.as_str().to_owned());
    Some(Call { name, folder, instances: instances(file, &block.body) })
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

/// Whether a file of this name may call modules of Terraform.
pub(crate) fn may_call(name: &str) -> bool {
    let ends = |ending: &str| name.ends_with(ending);
    crate::rendered::is_of_terraform(name)
        || is_override(name)
        || [".tf.json", ".tofu.json", ".tfvars.json", VARIABLES].into_iter().any(ends)
        || is_terragrunt(name)
}

/// How a configuration of Terragrunt is called that is applied.
const TERRAGRUNT: [&str; 2] = ["terragrunt.hcl", "terragrunt.hcl.json"];

/// Whether a file of this name may be a configuration of Terragrunt, or one that others include.
pub(crate) fn is_terragrunt(name: &str) -> bool {
    [".hcl", ".hcl.json"].iter().any(|ending| name.ends_with(ending)) && !name.ends_with(".lock.hcl")
}

/// How the names of files end that give a configuration its variables.
pub(crate) const VARIABLES: &str = ".tfvars";

/// What a configuration says that is applied to several workspaces.
pub(crate) const WORKSPACE: &str = "terraform.workspace";

/// Whether a file may give a variable, or a local value, a mode: it has one in quotes.
fn may_give_mode(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    let is_mode = |mode: &ClusterMode| has(&format!("\"{mode}\""));
    ["variable", "locals"].into_iter().any(has) && ClusterMode::ALL.iter().any(is_mode)
}

/// The folders that a file of this name has a part in: those of modules that it calls, and its own where it overrides
/// releases there, says which clusters they are for, or how they are applied.
pub(crate) fn folders_taken(name: &str, text: &str) -> Vec<Folder> {
    if name.strip_suffix(".json").unwrap_or(name).ends_with(VARIABLES) {
        return [".", ".."].map(|folder| Folder::Beside(folder.to_owned())).to_vec();
    }
    let own = is_override(name)
        && match body_of(text) {
            Some(body) => body.blocks().any(is_release),
            None => is_unread_override(name, text),
        };
    let is_applied = TERRAGRUNT.contains(&name.rsplit('/').next().unwrap_or(name));
    let own =
        (own || is_applied || text.contains(WORKSPACE) || may_give_mode(text)).then(|| Folder::Beside(".".to_owned()));
    calls(name, text).into_iter().map(|call| call.folder).chain(own).collect()
}
