//! Files of other languages that bring the chart to a cluster, as YAML that says the same: each release is a
//! [`Rendering`](crate::yaml::Rendering) of the shape that `controller/rendered.rs` reads.
//!
//! ```text
//! name, chart, version, namespace, releaseName: as they are said
//! layers: [TEXT OF A FILE'S NAME, {text: |...}, {values: {...}}, ...]    weakest first
//! set:    [{name: ..., value: ...}, ...]                                 above them
//! more:   [WHAT WAS NOT UNDERSTOOD, ...]                                 above all, and may say anything
//! ```

mod azure;
mod command;
mod hcl;
mod heredoc;
mod script;
mod shell;
mod text;

use crate::yaml::{Language, Renderer, Rendering};

/// What reads a file, by its name and a glance at it; nothing for most.
pub(crate) fn renderer(name: &str, bytes: &[u8]) -> Option<(Language, Renderer)> {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    match kind_of(name)? {
        Kind::Terraform => has("helm_release").then_some((Language::Terraform, hcl::render as Renderer)),
        Kind::Script => may_deploy(bytes).then_some((Language::Script, script::of_script as Renderer)),
        Kind::Prose => has("<<").then_some((Language::Script, script::of_prose as Renderer)),
        Kind::Unread | Kind::Template | Kind::Recipe | Kind::Values | Kind::Lock => None,
        Kind::Yaml => {
            let is_job = has("HelmDeploy@") || may_deploy(bytes);
            is_job.then_some((Language::Script, script::of_yaml as Renderer))
        }
    }
}

/// Whether commands in a text may give Helm values: by a heredoc, or one by one.
fn may_deploy(bytes: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    let names_chart = || ["upgrade", "install"].into_iter().any(has) && has("/");
    has("<<") && (has("cat") || has("tee") || has("elm"))
        || (has("helm ") || has("HELM")) && (has(crate::chart::MODE_KEY) || names_chart())
        || has(crate::chart::MODE_KEY) && has("helm")
}

/// Whether a file of this name is written in another language than YAML, and read all the same.
///
/// ```
/// use helm_clas::files::is_of_other_language;
///
/// assert!(is_of_other_language("infra/main.tf") && is_of_other_language("deploy.sh"));
/// assert!(is_of_other_language("ci/Jenkinsfile") && !is_of_other_language("values.yaml"));
/// ```
#[must_use]
pub fn is_of_other_language(name: &str) -> bool {
    matches!(kind_of(name), Some(Kind::Terraform | Kind::Script | Kind::Prose))
}

/// Whether a file of this name is a program: what it says of a mode it may do, where prose only speaks of it.
pub(crate) fn is_program(name: &str) -> bool {
    matches!(kind_of(name), Some(Kind::Terraform | Kind::Script))
}

/// Whether a file of this name is a program in a language that is not read here: what it says of a mode is mentioned.
pub(crate) fn is_unread_program(name: &str) -> bool {
    kind_of(name) == Some(Kind::Unread)
}

/// Whether a file of this name is a template of another tool: what comes of it may be values.
pub(crate) fn is_template_of_other(name: &str) -> bool {
    kind_of(name) == Some(Kind::Template)
}

/// Whether a file of this name may say a mode that somebody hands to Helm, though it holds no values as such: a script, a
/// program, a template of another tool, a recipe of an image.
///
/// ```
/// use helm_clas::files::may_mention_mode;
///
/// assert!(may_mention_mode("deploy.py") && may_mention_mode("group_vars/all.yml.j2"));
/// assert!(!may_mention_mode("values.yaml") && !may_mention_mode("README.md"));
/// ```
#[must_use]
pub fn may_mention_mode(name: &str) -> bool {
    kind_of(name).is_some_and(|kind| !matches!(kind, Kind::Prose | Kind::Yaml | Kind::Values | Kind::Lock))
}

#[derive(Clone, Copy, PartialEq, Eq)]
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
    /// A template of another tool.
    Template,
    /// The recipe of an image.
    Recipe,
}

/// Whether a file of this name may hold values: those of Helm, a manifest, or commands that hand values to Helm.
///
/// ```
/// use helm_clas::files::may_hold_values;
///
/// assert!(may_hold_values("values.YAML") && may_hold_values("apps/Kustomization") && may_hold_values("main.tf"));
/// assert!(!may_hold_values("notes.txt") && !may_hold_values("deploy.py"));
/// ```
#[must_use]
pub fn may_hold_values(name: &str) -> bool {
    use Kind::{Prose, Script, Terraform, Values, Yaml};
    matches!(kind_of(name), Some(Terraform | Script | Prose | Yaml | Values))
}

/// How files are known, by their ending in whatever case, or their whole name. The hooks of pre-commit take all of them.
const KINDS: &[(Kind, &[&str], &[&str])] = &[
    (Kind::Terraform, &["tf", "tofu"], &[]),
    (
        Kind::Script,
        &["sh", "bash", "zsh", "ksh", "mk", "groovy", "Jenkinsfile", "just"],
        &["Makefile", "GNUmakefile", "makefile", "Jenkinsfile", "Justfile", "justfile", ".justfile"],
    ),
    (Kind::Prose, &["md", "markdown"], &[]),
    (Kind::Yaml, &["yaml", "yml"], &[]),
    (Kind::Values, &["json", "gotmpl"], &["Kustomization"]),
    (Kind::Lock, &[], &["Chart.lock", "requirements.lock", "helmfile.lock"]),
    (
        Kind::Unread,
        &[
            "ts",
            "js",
            "py",
            "go",
            "cue",
            "jsonnet",
            "libsonnet",
            "k",
            "toml",
            "hcl",
            "tfvars",
            "ps1",
            "bat",
            "rb",
            "star",
        ],
        &[],
    ),
    (Kind::Template, &["tpl", "tmpl", "tftpl", "j2", "jinja", "jinja2"], &[]),
    (Kind::Recipe, &[], &["Dockerfile", "Containerfile"]),
];

fn kind_of(name: &str) -> Option<Kind> {
    let name = name.rsplit('/').next().unwrap_or(name);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_it = |endings: &[&str], names: &[&str]| {
        endings.iter().any(|known| ending.eq_ignore_ascii_case(known))
            || names.contains(&name)
            || name.starts_with("Jenkinsfile.") && names.contains(&"Jenkinsfile")
    };
    KINDS.iter().find(|(_, endings, names)| is_it(endings, names)).map(|(kind, _, _)| *kind)
}

/// Adds an entry of a release.
fn entry(rendering: &mut Rendering, source: &str, key: &str, said: &str, from: std::ops::Range<usize>) {
    rendering.push(&format!("{key}: "), from.start..from.start);
    rendering.quote(source, said, from.clone());
    rendering.push("\n", from.end..from.end);
}

#[cfg(test)]
mod tests {
    use super::KINDS;

    #[test]
    fn the_hooks_take_every_name_that_a_folder_is_searched_for() {
        let quoted = |word: &&str| word.replace('.', r"\.");
        let all = |words: Vec<String>| words.join("|");
        let endings = all(KINDS.iter().flat_map(|(_, endings, _)| *endings).map(&quoted).collect());
        let names = all(KINDS.iter().flat_map(|(_, _, names)| *names).map(quoted).collect());
        let pattern = format!(r"files: &files '(?i:\.({endings})$)|(^|/)({names}|Jenkinsfile\.[^/]*)$'");
        let hooks = include_str!("../../.pre-commit-hooks.yaml");
        let written = hooks.lines().find(|line| line.contains("&files")).map(str::trim);
        assert_eq!(written, Some(&pattern[..]));
    }
}
