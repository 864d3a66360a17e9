//! Files of other languages that bring the chart to a cluster, as YAML that says the same: each release is a
//! [`Rendering`](crate::yaml::Rendering) of the shape that `controller/rendered.rs` reads.
//!
//! ```text
//! name, chart, version, namespace, releaseName: as they are said
//! layers: [TEXT OF A FILE'S NAME, {text: |...}, {values: {...}}, {file: NAME, words: WHAT IT IS}, ...]    weakest first
//! set:    [{name: ..., value: ...}, ...]                                 above them
//! more:   [WHAT WAS NOT UNDERSTOOD, {words: WHAT THAT IS}, ...]          above all, and may say anything
//! ```
//!
//! `terraform` and `script` read what is run. `shell` is what both the scripts and the jobs of pipelines are made of: words,
//! variables, folders, branches. What gives files to Helm and cannot be read so is in `unread`, and programs of other
//! languages are in `program`.

mod live;
mod program;
mod prose;
mod script;
mod shaded;
mod shell;
mod template;
mod terraform;
mod unread;

pub use live::LiveChange;
pub(crate) use live::live_changes;
pub(crate) use program::names_in_program;
pub(crate) use prose::{lines_with_mode, only_mentions};
pub(crate) use script::arguments::takes_arguments;
pub(crate) use script::jobs::hidden_jobs;
use script::jobs::without_references;
pub(crate) use script::kept::{Shows, shows};
pub(crate) use script::together::{may_name_together, named_together};
pub(crate) use shaded::{is_helmfile, shaded};
pub(crate) use shell::mentions_helm;
pub(crate) use shell::pattern::{as_pattern, paths_in};
pub(crate) use template::{
    hiding_lines, hiding_lines_of_manifest, is_among_templates, is_template, unrendered, without_switch,
};
pub(crate) use terraform::commands::{gives_variable, may_give_variables};
pub(crate) use terraform::given::{Given, Place, given};
pub(crate) use terraform::instances::Instances;
pub(crate) use terraform::module::{
    Call, Folder, VARIABLES, WORKSPACE, calls, folders_taken, is_override, is_terragrunt, is_unread_override, may_call,
};
pub(crate) use terraform::values::ROOT;
pub use unread::defined::Defined;
pub(crate) use unread::defined::defined_in;
pub(crate) use unread::given::{given_alone, may_give};
pub(crate) use unread::may_take;
pub use unread::may_take::{MayTake, Why};
pub use unread::runs::Runs;
pub(crate) use unread::runs::{Target, runs_of};

use crate::{
    source::Source,
    yaml::{Language, Renderer, Rendering},
};

/// What reads a file, by its name and a glance at it; nothing for most.
pub(crate) fn renderer(name: &str, bytes: &[u8]) -> Option<(Language, Renderer)> {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    match kind_of(name, bytes)? {
        Kind::Terraform => has("helm_release").then_some((Language::Terraform, terraform::render as Renderer)),
        Kind::Script => may_deploy(bytes).then_some((Language::Script, |text| Ok(script::of_script(text)))),
        Kind::Prose => has("<<").then_some((Language::Script, |text| Ok(script::of_prose(text)))),
        Kind::Unread | Kind::Compiled | Kind::Template | Kind::Recipe | Kind::Note | Kind::Settings | Kind::Lock => {
            None
        }
        Kind::Yaml | Kind::Values => {
            let is_job = has("HelmDeploy@") || (mentions_helm(bytes) || has("<<")) && may_deploy(bytes);
            is_job.then_some((Language::Script, |text| Ok(script::of_yaml(text))))
        }
    }
}

/// Whether commands in a text may give Helm values: by a heredoc, or one by one.
fn may_deploy(bytes: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    let names_chart = || ["upgrade", "install", "template"].into_iter().any(has);
    has("<<") && (has("cat") || has("tee") || has("elm"))
        || mentions_helm(bytes) && (has(crate::chart::MODE_KEY) || names_chart())
        || has(crate::chart::MODE_KEY) && has("helm")
}

/// Whether a file of this name, and with these first bytes, is written in another language than YAML, and read anyway.
///
/// ```
/// use helm_clas::files::is_of_other_language;
///
/// assert!(is_of_other_language("infra/main.tf", b"") && is_of_other_language("deploy.sh", b""));
/// assert!(is_of_other_language("ci/Jenkinsfile", b"") && !is_of_other_language("values.yaml", b""));
/// assert!(is_of_other_language("bin/deploy", b"#!/usr/bin/env bash") && !is_of_other_language("bin/deploy", b""));
/// ```
#[must_use]
pub fn is_of_other_language(name: &str, start: &[u8]) -> bool {
    matches!(kind_of(name, start), Some(Kind::Terraform | Kind::Script | Kind::Prose))
}

/// Whether a file of this name is one of Terraform.
pub(crate) fn is_of_terraform(name: &str) -> bool {
    kind_of(name, &[]) == Some(Kind::Terraform)
}

/// Whether a file is read for its commands, though it is not YAML as others have it: a reference of GitLab is one of its
/// commands.
pub(crate) fn is_read_for_jobs(source: Source<'_>) -> bool {
    let Ok(text) = source.text() else { return false };
    let plain = without_references(text);
    let is_readable = |range: std::ops::Range<usize>| crate::yaml::Document::read_any(&plain[range]).is_ok();
    plain != text && crate::yaml::documents(&plain).into_iter().all(is_readable)
}

/// Whether a file may be YAML, or a template of that.
pub(crate) fn may_be_manifest(source: Source<'_>) -> bool {
    use Kind::{Template, Values, Yaml};
    kind_of(source.name, source.bytes).is_some_and(|kind| matches!(kind, Template | Values | Yaml))
}

/// What a file is, in words, where its name, or its first bytes, say that it is neither values nor a manifest.
pub(crate) fn other_kind(name: &str, start: &[u8]) -> Option<&'static str> {
    Some(match kind_of(name, start)? {
        Kind::Terraform => "a configuration of Terraform",
        Kind::Script => "a script",
        Kind::Prose | Kind::Note => "a text for people",
        Kind::Unread | Kind::Compiled => "a file of another language than YAML",
        Kind::Recipe => "a recipe of an image",
        Kind::Settings => "a file of settings",
        Kind::Yaml | Kind::Values | Kind::Template | Kind::Lock => return None,
    })
}

/// Whether a file is a program: what it says of a mode it may do, where prose only speaks of it.
pub(crate) fn is_program(source: Source<'_>) -> bool {
    matches!(kind_of(source.name, source.bytes), Some(Kind::Terraform | Kind::Script))
}

/// Whether a file is a program in a language that is not read here: what it says of a mode is mentioned.
pub(crate) fn is_unread_program(source: Source<'_>) -> bool {
    matches!(kind_of(source.name, source.bytes), Some(Kind::Unread | Kind::Compiled))
}

/// Whether a file of this name is a template of another tool: what comes of it may be values.
pub(crate) fn is_template_of_other(name: &str) -> bool {
    kind_of(name, &[]) == Some(Kind::Template)
}

/// Whether a file of this name is a text for people: what it says of a mode is only mentioned, not done.
///
/// ```
/// use helm_clas::files::is_prose;
///
/// assert!(is_prose("docs/README.md") && !is_prose("deploy.sh"));
/// ```
#[must_use]
pub fn is_prose(name: &str) -> bool {
    matches!(kind_of(name, &[]), Some(Kind::Prose | Kind::Note))
}

/// Whether a file of this name, and with these first bytes, only mentions a mode: text for people, and any text of which
/// the name says nothing, as an example or a copy that is kept. No cluster gets what it sets.
///
/// ```
/// use helm_clas::files::may_speak;
///
/// assert!(may_speak("README.md", b"") && may_speak("values.yaml.example", b"") && may_speak("VALUES_4711", b"a: 1"));
/// assert!(!may_speak("values.yaml", b"") && !may_speak("deploy.sh", b"") && !may_speak("photo.png", b"\x89PNG\0"));
/// ```
#[must_use]
pub fn may_speak(name: &str, start: &[u8]) -> bool {
    only_mentions(Source { name, bytes: start }) && !start.contains(&0)
}

/// Whether a file of this name may be a values file anyway, where a person says so: it is not one of another language.
#[must_use]
pub fn may_be_values(name: &str) -> bool {
    matches!(kind_of(name, &[]), None | Some(Kind::Yaml | Kind::Values | Kind::Lock | Kind::Note | Kind::Settings))
}

/// Whether a file of this name, and with these first bytes, may set a mode that is passed to Helm, though it is not a
/// values file: a script, a program, a template of another tool, a recipe of an image.
///
/// ```
/// use helm_clas::files::may_mention_mode;
///
/// assert!(may_mention_mode("deploy.py", b"") && may_mention_mode("group_vars/all.yml.j2", b""));
/// assert!(!may_mention_mode("values.yaml", b"") && !may_mention_mode("README.md", b""));
/// ```
#[must_use]
pub fn may_mention_mode(name: &str, start: &[u8]) -> bool {
    use Kind::{Lock, Note, Prose, Values, Yaml};
    kind_of(name, start).is_some_and(|kind| !matches!(kind, Prose | Note | Yaml | Values | Lock))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Terraform,
    Script,
    Prose,
    Yaml,
    /// Values in another form than YAML, or in a file that has no ending.
    Values,
    /// The versions that Helm or helmfile chose. It holds no values, and what a cluster gets changes with it.
    Lock,
    /// A program in a language that is not read.
    Unread,
    /// The same in a language in which tools are written, and nothing that deploys charts: no SDK of Pulumi or cdk8s has it.
    Compiled,
    /// A template of another tool.
    Template,
    /// The recipe of an image.
    Recipe,
    /// A text for people that is not read for commands.
    Note,
    /// What programs are configured with.
    Settings,
}

/// Whether a file of this name, and with these first bytes, may hold values: those of Helm, a manifest, or commands that
/// hand values to Helm.
///
/// ```
/// use helm_clas::files::may_hold_values;
///
/// assert!(may_hold_values("values.YAML", b"") && may_hold_values("apps/Kustomization", b""));
/// assert!(may_hold_values("main.tf", b"") && may_hold_values("bin/deploy", b"#!/bin/sh"));
/// assert!(!may_hold_values("notes.txt", b"") && !may_hold_values("deploy.py", b""));
/// ```
#[must_use]
pub fn may_hold_values(name: &str, start: &[u8]) -> bool {
    use Kind::{Prose, Script, Terraform, Values, Yaml};
    matches!(kind_of(name, start), Some(Terraform | Script | Prose | Yaml | Values))
}

/// The name of the file that an encrypted copy or a pointer takes the place of, where that may hold values.
///
/// ```
/// use helm_clas::files::stands_for;
///
/// assert_eq!(stands_for("prod/values.yaml.gpg"), Some("prod/values.yaml"));
/// assert!(stands_for("photo.png.dvc").is_none() && stands_for("values.yaml").is_none());
/// ```
#[must_use]
pub fn stands_for(name: &str) -> Option<&str> {
    let stem = COPIES.iter().find_map(|ending| name.strip_suffix(ending)?.strip_suffix('.'))?;
    matches!(kind_of(stem, &[]), Some(Kind::Yaml | Kind::Values)).then_some(stem)
}

/// The endings of encrypted copies and of pointers. The hooks of pre-commit take those of YAML.
const COPIES: [&str; 6] = ["dvc", "gpg", "pgp", "asc", "age", "enc"];

/// How files are known: by their ending, or by their whole name or its beginning before a dot. The hooks of pre-commit take
/// all of them.
#[rustfmt::skip] // a table
const KINDS: &[(Kind, &[&str], &[&str])] = &[
    (Kind::Terraform, &["tf", "tofu"], &[]),
    (
        Kind::Script,
        &["sh", "bash", "zsh", "ksh", "dash", "fish", "mk", "mak", "groovy", "jenkinsfile", "just", "earth"],
        &["Makefile", "GNUmakefile", "makefile", "Jenkinsfile", "Justfile", "justfile", ".justfile", "Earthfile", ".envrc"],
    ),
    (Kind::Prose, &["md", "markdown", "mdx"], &[]),
    (
        Kind::Template,
        &["tpl", "tmpl", "tftpl", "j2", "jinja", "jinja2", "erb", "template", "mustache", "hbs", "handlebars", "ejs"],
        &[],
    ),
    (Kind::Recipe, &["dockerfile"], &["Dockerfile", "Containerfile"]),
    (
        Kind::Unread,
        &[
            "ts", "mts", "cts", "tsx", "js", "mjs", "cjs", "jsx", "py", "go", "rb", "pl", "pm", "php", "lua", "kt", "kts",
            "java", "scala", "gradle", "cs", "fs", "fsx", "vb", "swift", "dart", "ex", "exs", "clj", "edn", "nu",
            "xsh", "cue", "jsonnet", "libsonnet", "k", "pkl", "star", "bzl", "nix", "dhall", "bicep", "xml",
            "toml", "hcl", "tfvars", "ps1", "psm1", "bat", "cmd",
        ],
        &["Rakefile", "Tiltfile", "Vagrantfile", "Fastfile", "Procfile", "SConstruct"],
    ),
    (Kind::Compiled, &["rs"], &[]),
    (Kind::Note, &["txt", "adoc", "rst"], &[]),
    (Kind::Settings, &["ini", "cfg", "conf", "properties", "env", "service", "in"], &[".env"]),
    (Kind::Yaml, &["yaml", "yml"], &[]),
    (Kind::Values, &["json", "gotmpl"], &["Kustomization", "Kptfile"]),
    (Kind::Lock, &["lock"], &[]),
];

/// The kind of a file; one whose name says nothing may name in its first line what runs it.
fn kind_of(name: &str, start: &[u8]) -> Option<Kind> {
    let name = name.rsplit('/').next().unwrap_or(name);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let has_ending = |endings: &[&str]| endings.iter().any(|known| ending.eq_ignore_ascii_case(known));
    let has_name = |names: &[&str]| names.iter().any(|known| name.strip_prefix(known).is_some_and(is_end_of_name));
    let by_ending = KINDS.iter().find(|(_, endings, _)| has_ending(endings));
    let known = by_ending.or_else(|| KINDS.iter().find(|(_, _, names)| has_name(names)));
    known.map(|(kind, _, _)| *kind).or_else(|| kind_of_program(start).filter(|_| ending.is_empty()))
}

fn is_end_of_name(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('.')
}

/// What runs a file, by its first line: `#!/usr/bin/env bash`.
fn kind_of_program(start: &[u8]) -> Option<Kind> {
    const SHELLS: [&str; 8] = ["sh", "bash", "zsh", "ksh", "dash", "ash", "fish", "make"];
    let line = start.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let words = String::from_utf8_lossy(&line[..line.len().min(200)]).into_owned();
    let is_shell = |word: &str| SHELLS.contains(&word.rsplit('/').next().unwrap_or(word));
    Some(if words.split_ascii_whitespace().any(is_shell) { Kind::Script } else { Kind::Unread })
}

/// Adds an entry of a release.
fn entry(rendering: &mut Rendering, source: &str, key: &str, said: &str, from: std::ops::Range<usize>) {
    rendering.push(&format!("{key}: "), from.start..from.start);
    rendering.quote(source, said, from.clone());
    rendering.push("\n", from.end..from.end);
}

#[cfg(test)]
mod tests {
    use super::{KINDS, other_kind};

    #[test]
    fn what_is_no_values_file_has_words() {
        let kinds = ["Dockerfile", "deploy/.env", "a.ini", "deploy.sh", "main.tf", "deploy.py", "README.md"];
        assert!(kinds.iter().all(|name| other_kind(name, b"").is_some()));
        assert_eq!(other_kind("Dockerfile", b""), Some("a recipe of an image"));
        assert!(["values.yaml", "values.yaml.j2", "VALUES"].iter().all(|name| other_kind(name, b"").is_none()));
    }

    #[test]
    fn the_hooks_take_every_name_that_a_folder_is_searched_for() {
        let quoted = |word: &&str| word.replace('.', r"\.");
        let all = |words: Vec<String>| words.join("|");
        // a note is looked at where a folder is, and is not a reason to stop a commit
        let kinds = || KINDS.iter().filter(|(kind, ..)| *kind != super::Kind::Note);
        let endings = all(kinds().flat_map(|(_, endings, _)| *endings).map(&quoted).collect());
        let names = all(kinds().flat_map(|(_, _, names)| *names).map(quoted).collect());
        let copies = super::COPIES.join("|");
        let pattern = format!(
            r"files: &files '(?i:\.({endings})$|\.(yaml|yml|json)\.({copies})$)|(^|/)(({names})(\.[^/]*)?|[^./]+)$'"
        );
        // what has no ending may name in its first line what runs it
        let hooks = include_str!("../../.pre-commit-hooks.yaml");
        let written = hooks.lines().find(|line| line.contains("&files")).map(str::trim);
        assert_eq!(written, Some(&pattern[..]));
    }
}
