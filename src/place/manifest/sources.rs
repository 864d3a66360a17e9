//! The files and objects that a chart takes more values from.

use std::ops::Range;

use super::{
    super::{
        Named, Object, Stands,
        named::{cleaned, plain},
        shape::{Form, More, To},
    },
    Chart,
    helmfile::Template,
    with,
};
use crate::yaml::Scalar;

impl Chart<'_> {
    /// kustomize takes the chart's own file where no other is named, and with this setting what that says stays.
    pub(super) fn merges_into_chart(&self) -> Option<Range<usize>> {
        let merge = self.path("valuesMerge");
        let merge = || merge.iter().map(String::as_str);
        let is_alone = self.document.text_at(merge()) == Some("merge") && !self.has(&self.path("valuesFile"));
        self.document.locate(merge()).filter(|_| is_alone).map(|located| self.shifted(located.value))
    }

    /// The files and objects that more values come from.
    pub(super) fn named(&self) -> Vec<Named> {
        let templates = self.templates();
        // the files of such a release are in another folder
        let has_prefix = |base: &[String]| self.has(&with(base, &["valuesPathPrefix"]));
        let is_prefixed = |template: &Template| template.path.as_ref().is_none_or(|path| has_prefix(path));
        let is_unsure = !self.below.is_empty() || has_prefix(&self.base) || templates.iter().any(is_prefixed);
        let mut all: Vec<Named> = templates.iter().filter_map(|template| self.named_by(template)).collect();
        // helmfile says so of files, Argo CD of those of a source
        let is_optional =
            self.text_at(&self.path_or_inherited("missingFileHandler")).is_some_and(|handler| handler != "Error")
                || ["helm.ignoreMissingValueFiles", "chart.spec.ignoreMissingValuesFiles"]
                    .iter()
                    .any(|path| self.scalar_at(path) == Some(Scalar::Bool(true)));
        all.extend(self.own_file(is_unsure));
        for more in self.shape.more {
            let Some(layer) = self.layer_of(more) else { continue };
            let path = self.path(more.path);
            let items = (0..self.document.length_at(path.iter().map(String::as_str)))
                .map(|item| (item, path.iter().cloned().chain([item.to_string()]).collect()));
            let before = self.length_before(&path);
            // only a list has an order, and what is no list is named alone
            for (item, path) in [(1, path.clone())].into_iter().chain(items) {
                let item = item + before;
                let keys = || path.iter().map(String::as_str);
                let Some(located) = self.document.locate(keys()) else { continue };
                let span = self.shifted(located.value);
                if let Some(file) = self.document.text_at(keys()) {
                    let stands = if is_unsure { Stands::Elsewhere } else { self.stands(file, more.to) };
                    let shown = format!("`{}`", file.escape_debug());
                    let repository = self.repository_of(file);
                    all.push(Named { shown, stands, rank: (layer, item), span, is_optional, repository });
                } else if let Some(shown) = self.object_at(&path) {
                    let stands = if is_unsure { Stands::Elsewhere } else { self.stands_in_object(&path) };
                    let rank = (layer, item);
                    all.push(Named { shown, stands, rank, span, is_optional, repository: None });
                }
            }
        }
        if let Some(merge) = self.merges_into_chart() {
            let shown = "the chart's own `values.yaml`".to_owned();
            let rank = (Form::Mapping.layer(), 1);
            let stands = Stands::Elsewhere;
            all.push(Named { shown, stands, rank, span: merge, is_optional, repository: None });
        }
        all
    }

    fn scalar_at(&self, path: &str) -> Option<Scalar<'_>> {
        self.document.scalar_at(self.path(path).iter().map(String::as_str))
    }

    /// The values of a chart in a folder of Git, which anybody may change, and which everything else overrides.
    fn own_file(&self, is_unsure: bool) -> Option<Named> {
        let path = self.folder_in_git()?;
        let path = || path.iter().map(String::as_str);
        // Flux does not take it where others are named
        let folder = self.document.text_at(path()).filter(|_| !self.has(&self.path("chart.spec.valuesFiles")))?;
        let shown = format!("`{}/values.yaml`", folder.trim_end_matches('/').escape_debug());
        let file = plain(folder).map(|folder| cleaned(&format!("{folder}/values.yaml")));
        let stands =
            file.filter(|file| !is_unsure && is_in_reach(file)).map_or(Stands::Elsewhere, Stands::InRepository);
        let span = self.shifted(self.document.locate(path())?.value);
        let repository = self.repository_of("");
        Some(Named { shown, stands, rank: (0, 0), span, is_optional: true, repository })
    }

    /// The address of the repository that a file of Argo CD's stands in: of the source that its name begins with, or of the
    /// one that names it. Nothing where that is a template, or of a commit or a version: a change would not reach it.
    fn repository_of(&self, name: &str) -> Option<String> {
        let source = match name.strip_prefix('$').and_then(|name| name.split('/').next()) {
            Some(reference) => {
                let (_, list) = self.base.split_last()?;
                self.items(list).find(|source| self.text_at(&with(source, &["ref"])) == Some(reference))?
            }
            None => self.base.clone(),
        };
        let revision = self.text_at(&with(&source, &["targetRevision"])).unwrap_or("HEAD");
        let is_commit = revision.len() >= 7 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_version = revision.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
        let is_followed = !is_commit && !is_version && plain(revision).is_some();
        let url = self.text_at(&with(&source, &["repoURL"])).filter(|url| is_followed && !url.contains("{{"))?;
        Some(url.to_owned())
    }

    /// The layer of what is named; nothing where it is not used.
    pub(super) fn layer_of(&self, more: &More) -> Option<u8> {
        let merge = self.path("valuesMerge");
        let merge = self.document.text_at(merge.iter().map(String::as_str)).filter(|_| more.path == "valuesFile");
        match merge {
            // kustomize: what the file says stays, and the values add to it
            Some("merge") => Some(Form::Mapping.layer()),
            Some("replace") if self.has_inline_values() => None,
            _ => Some(more.layer),
        }
    }

    fn has_inline_values(&self) -> bool {
        self.values().iter().any(|(path, form)| !self.names(path, *form, &[]).is_empty())
    }

    /// Where a file stands, by its name.
    pub(super) fn stands(&self, name: &str, to: To) -> Stands {
        let in_repository = || -> Option<String> {
            if let Some(name) = name.strip_prefix('$') {
                return Some(cleaned(plain(name.split_once('/')?.1)?));
            }
            // in a chart that is fetched nobody can change a file
            let folder = self.text_at(&self.folder_in_git()?).and_then(plain)?;
            let name = plain(name)?;
            // for Argo CD from that folder, for Flux from the top
            Some(match name.strip_prefix('/') {
                Some(name) => cleaned(name),
                None if !self.shape.chart.contains(&"path") => cleaned(name),
                None => cleaned(&format!("{folder}/{name}")),
            })
        };
        match to {
            To::Beside => plain(name).map(|name| Stands::Beside(name.to_owned())),
            To::Repository => in_repository().filter(|path| is_in_reach(path)).map(Stands::InRepository),
            To::Secret => Some(Stands::Secret),
            To::Elsewhere => None,
        }
        .unwrap_or(Stands::Elsewhere)
    }

    /// Where the values of an object stand that is named at a path: of a `ConfigMap`, below a key. (Flux documentation,
    /// `HelmRelease`, on values references: without `valuesKey` that is `values.yaml`.)
    fn stands_in_object(&self, path: &[String]) -> Stands {
        let text = |name: &str| self.document.text_at(path.iter().map(String::as_str).chain([name]));
        let name = text("name").and_then(plain);
        match (text("kind"), name) {
            (Some("Secret"), _) => Stands::Secret,
            (Some(kind), Some(name)) => {
                let namespace = self.document.text_at(["metadata", "namespace"]).and_then(plain);
                let (kind, name, namespace) = (kind.to_owned(), name.to_owned(), namespace.map(str::to_owned));
                let key = text("valuesKey").unwrap_or("values.yaml").to_owned();
                Stands::Object(Object { kind, name, namespace }, key)
            }
            _ => Stands::Elsewhere,
        }
    }

    /// The object that names the chart and its version.
    pub(super) fn chart_referred_to(&self) -> Option<Object> {
        let text = |name: &str| self.text_at(&self.path(&format!("chartRef.{name}")));
        let namespace = text("namespace").or_else(|| self.document.text_at(["metadata", "namespace"]));
        let namespace = namespace.and_then(plain).map(str::to_owned);
        Some(Object { kind: text("kind")?.to_owned(), name: text("name").and_then(plain)?.to_owned(), namespace })
    }

    /// What it takes more values from, that its own override.
    pub(super) fn takes_from(&self) -> Vec<String> {
        let more = self.shape.more.iter().flat_map(|more| self.items(&self.path(more.path)));
        more.filter_map(|item| self.object_at(&item)).collect()
    }

    /// The object that is named at a path. With a `targetPath` it sets one value, which is looked at by itself.
    pub(super) fn object_at(&self, path: &[String]) -> Option<String> {
        let text = |name: &str| self.document.text_at(path.iter().map(String::as_str).chain([name]));
        Some(format!("{} `{}`", text("kind")?, text("name")?)).filter(|_| text("targetPath").is_none())
    }
}

/// Whether a path stays in the repository.
fn is_in_reach(path: &str) -> bool {
    !path.is_empty() && !path.starts_with("..")
}
