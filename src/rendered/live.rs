//! Commands that change what a controller deploys beside its files: `argocd app set`, `kubectl patch` of a release.
//! What they set overrides the manifest until that is applied again.

use std::ops::Range;

use super::{
    Kind, kind_of,
    script::{commands, jobs::without_references},
    shell::{
        self,
        pattern::as_pattern,
        text::{Said, Text},
    },
};
use crate::{
    chart::MODE_KEY,
    glob::fits_text,
    source::Source,
    yaml::{Document, documents},
};

/// A command that may change the mode of a release in its controller itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveChange {
    /// What it is called: `argocd app set`.
    pub command: String,
    /// The release that it changes, which may have variables in it.
    pub name: String,
    /// The bytes of the name.
    pub span: Range<usize>,
}

impl LiveChange {
    /// Whether it changes the release of this name. A variable may be anything.
    ///
    /// ```
    /// let change = |name: &str| helm_clas::look::LiveChange { command: "argocd app set".into(), name: name.into(), span: 0..1 };
    ///
    /// assert!(change("illumio-east").is_about("illumio-east") && change("illumio-${c}").is_about("illumio-east"));
    /// assert!(!change("illumio").is_about("illumio-east") && !change("illumio-$c").is_about("other"));
    /// ```
    #[must_use]
    pub fn is_about(&self, name: &str) -> bool {
        fits_text(&as_pattern(&self.name), name)
    }
}

/// Those of a file: of a script, or of the commands in YAML. Prose only mentions them.
pub(crate) fn live_changes(source: Source<'_>) -> Vec<LiveChange> {
    let has = |word: &str| memchr::memmem::find(source.bytes, word.as_bytes()).is_some();
    if !has("argocd") && !has("patch") && !has("edit") && !has("flux create") {
        return Vec::new();
    }
    let Ok(text) = source.text() else { return Vec::new() };
    let texts = match kind_of(source.name, source.bytes) {
        Some(Kind::Script | Kind::Unread) => vec![Text::whole(text)],
        Some(Kind::Yaml) => in_yaml(text),
        _ => return Vec::new(),
    };
    texts.iter().flat_map(|part| commands(text, part)).filter_map(|words| changed_by(&words)).collect()
}

/// The texts of a YAML file that name such a command. Most manifests of Argo CD only have its name as a namespace, and
/// are not read once more for that.
fn in_yaml(source: &str) -> Vec<Text> {
    const WORDS: [&str; 4] = ["argocd ", " patch ", " edit ", "flux create"];
    let mut texts = Vec::new();
    if !WORDS.iter().any(|word| memchr::memmem::find(source.as_bytes(), word.as_bytes()).is_some()) {
        return texts;
    }
    let source = without_references(source);
    for range in documents(&source) {
        let Ok(document) = Document::read_any(&source[range.clone()]) else { continue };
        let mut spelled: Vec<_> =
            WORDS.iter().flat_map(|word| document.commands_with(&|text| text.contains(word), range.start)).collect();
        spelled.sort_by_key(|spelled| spelled.span.start);
        spelled.dedup_by_key(|spelled| spelled.span.clone());
        texts.extend(spelled.into_iter().map(Text::of));
    }
    texts
}

/// What a command changes, by its words.
fn changed_by(words: &[Said]) -> Option<LiveChange> {
    let words: Vec<&Said> = words.iter().skip_while(|word| shell::is_passed(&word.text)).collect();
    let by_xargs = words.first().is_some_and(|word| word.text == "xargs");
    let programs = ["argocd", "kubectl", "oc"];
    let words = if by_xargs {
        &words[words.iter().position(|word| programs.contains(&word.text.as_str()))?..]
    } else {
        &words[..]
    };
    let program = words.first()?.text.trim_start_matches(['@', '-']);
    let says = |marks: &[&str]| words.iter().any(|word| marks.iter().any(|mark| word.text.contains(mark)));
    let (command, name) = match program.rsplit('/').next()? {
        "argocd" => {
            const VERBS: [&str; 7] = ["set", "unset", "patch", "edit", "create", "add-source", "rollback"];
            let at = words.iter().position(|word| word.text == "app" || word.text == "application")?;
            let verb = words.get(at + 1).filter(|verb| VERBS.contains(&verb.text.as_str()))?;
            let gives_values =
                says(&[MODE_KEY, "--values", "helm.values", "\"values", "valuesObject", "--file", "patch-file"]);
            let may_change = ["edit", "rollback"].contains(&verb.text.as_str()) || gives_values || is_patch_open(words);
            // what xargs appends is any of them
            let any = || by_xargs.then(|| Said { text: "*".to_owned(), at: verb.at.clone() });
            let name = name_behind(&words[at + 2..]).map(without_namespace).or_else(any);
            (format!("argocd app {}", verb.text), name.filter(|_| may_change)?)
        }
        "kubectl" | "oc" => {
            let at = words.iter().position(|word| word.text == "patch" || word.text == "edit")?;
            let verb = &words[at].text;
            let may_change = verb == "edit" || says(&[MODE_KEY, "values", "patch-file"]) || is_patch_open(words);
            (format!("{program} {verb}"), object(&words[at + 1..]).filter(|_| may_change)?)
        }
        "flux" => {
            let at = words.iter().position(|word| word.text == "helmrelease" || word.text == "hr")?;
            let creates = words[..at].last().is_some_and(|word| word.text == "create") && !says(&["--export"]);
            let name = name_behind(&words[at + 1..]).filter(|_| creates && says(&["--values", MODE_KEY]))?;
            ("flux create helmrelease".to_owned(), name)
        }
        _ => return None,
    };
    Some(LiveChange { command, name: name.text.clone(), span: name.at })
}

/// Whether a patch, or a parameter, is not written out where the command is: it may set any value.
fn is_patch_open(words: &[&Said]) -> bool {
    const GIVING: [&str; 6] = ["-p", "--patch", "--parameter", "--helm-set", "--helm-set-string", "--helm-set-file"];
    let is_open_name = |text: &str| text.starts_with(['$', '`']) || text.starts_with("{{");
    words.iter().enumerate().any(|(number, word)| match word.text.split_once('=') {
        Some((option, value)) if GIVING.contains(&option) => is_open_name(value),
        _ => GIVING.contains(&word.text.as_str()) && words.get(number + 1).is_some_and(|word| is_open_name(&word.text)),
    })
}

/// The options of these programs that no value follows. (`argocd app set --help` and its kin, `kubectl patch --help`)
#[rustfmt::skip] // a table
const SWITCHES: &[&str] = &[
    "--upsert", "--plaintext", "--insecure", "--core", "--grpc-web", "--port-forward", "--validate", "--allow-empty",
    "--auto-prune", "--self-heal", "--set-finalizer", "--directory-recurse", "--helm-pass-credentials",
    "--helm-skip-crds", "--helm-skip-tests", "--helm-skip-schema-validation", "--ignore-missing-value-files",
    "--kustomize-force-common-label", "--kustomize-force-common-annotation", "--kustomize-ignore-missing-components",
    "--kustomize-label-without-selector", "--kustomize-label-include-templates", "--prune", "--values-literal",
    "--local", "--record", "--allow-missing-template-keys", "--show-managed-fields",
    "--export",
];

/// A name without the namespace before it: `argocd/illumio-east`.
fn without_namespace(name: Said) -> Said {
    match name.text.split_once('/') {
        Some((namespace, own)) if !name.text.contains(['$', '{']) => {
            let start = (name.at.start + namespace.len() + 1).min(name.at.end);
            Said { text: own.to_owned(), at: start..name.at.end }
        }
        _ => name,
    }
}

/// The first word that is not an option, nor the value of one.
fn name_behind(words: &[&Said]) -> Option<Said> {
    let mut is_value = false;
    let name = words.iter().find(|word| {
        let is_option = word.text.starts_with('-');
        let is_name = !is_option && !is_value;
        is_value = is_option && !word.text.contains('=') && !SWITCHES.contains(&word.text.as_str());
        is_name
    })?;
    Some((*name).clone())
}

/// The object that is patched, where it is of a kind that brings charts: `helmrelease illumio`, `app/illumio`.
fn object(words: &[&Said]) -> Option<Said> {
    const KINDS: [&str; 8] =
        ["helmrelease", "hr", "application", "app", "applicationset", "appset", "helmchart", "helmchartconfig"];
    let is_kind = |word: &str| {
        let kind = word.split('.').next().unwrap_or(word).to_ascii_lowercase();
        KINDS.contains(&kind.as_str()) || KINDS.contains(&kind.trim_end_matches('s'))
    };
    words.iter().enumerate().find_map(|(number, word)| match word.text.split_once('/') {
        Some((kind, name)) if is_kind(kind) => {
            let start = (word.at.start + kind.len() + 1).min(word.at.end);
            Some(Said { text: name.to_owned(), at: start..word.at.end })
        }
        None if is_kind(&word.text) => name_behind(&words[number + 1..]),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::live_changes;
    use crate::source::Source;

    #[test]
    fn a_heredoc_behind_a_long_line_of_a_text_in_yaml_has_its_place_in_the_file() {
        let text =
            "- |\n  argocd app set x \\\n    --helm-set clusterMode=clas\n  cat <<EOF | oc apply -f -\n  foo\n  EOF\n";
        let found = live_changes(Source { name: "job.yaml", bytes: text.as_bytes() });
        assert_eq!(found.iter().map(|change| change.name.as_str()).collect::<Vec<_>>(), ["x"]);
    }
}
