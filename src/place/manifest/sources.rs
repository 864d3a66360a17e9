//! The files and objects that a chart takes more values from.

use super::{
    super::{
        Named, Stands,
        named::{cleaned, plain},
        shape::{Form, More, To},
    },
    Chart,
};

impl Chart<'_> {
    /// The files and objects that more values come from.
    pub(super) fn named(&self) -> Vec<Named> {
        // with these a release takes values from templates, or files from another folder
        let is_unsure = !self.below.is_empty()
            || ["inherit", "valuesTemplate", "setTemplate", "valuesPathPrefix"]
                .iter()
                .any(|key| self.document.locate(self.path(key).iter().map(String::as_str)).is_some());
        let mut all = Vec::new();
        for more in self.shape.more {
            let Some(layer) = self.layer_of(more) else { continue };
            let path = self.path(more.path);
            let items = (0..self.document.length_at(path.iter().map(String::as_str)))
                .map(|item| (item, path.iter().cloned().chain([item.to_string()]).collect()));
            // only a list has an order, and what is no list is named alone
            for (item, path) in [(1, path.clone())].into_iter().chain(items) {
                let keys = || path.iter().map(String::as_str);
                let Some(located) = self.document.locate(keys()) else { continue };
                let span = self.shifted(located.value);
                if let Some(file) = self.document.text_at(keys()) {
                    let stands = if is_unsure { Stands::Elsewhere } else { self.stands(file, more.to) };
                    all.push(Named { shown: format!("`{}`", file.escape_debug()), stands, rank: (layer, item), span });
                } else if let Some(shown) = self.object_at(&path) {
                    all.push(Named { shown, stands: Stands::Elsewhere, rank: (layer, item), span });
                }
            }
        }
        // kustomize takes the chart's own file then, and what that says stays
        let merge = self.path("valuesMerge");
        let merge = || merge.iter().map(String::as_str);
        let takes_chart = self.document.text_at(merge()) == Some("merge") && all.iter().all(|named| named.rank.0 != 1);
        if let Some(located) = self.document.locate(merge()).filter(|_| takes_chart) {
            let shown = "the chart's own `values.yaml`".to_owned();
            let span = self.shifted(located.value);
            all.push(Named { shown, stands: Stands::Elsewhere, rank: (Form::Mapping.layer(), 1), span });
        }
        all
    }

    /// The layer of what is named; nothing where it is not used.
    pub(super) fn layer_of(&self, more: &More) -> Option<u8> {
        let merge = self.path("valuesMerge");
        let merge = self.document.text_at(merge.iter().map(String::as_str)).filter(|_| more.path == "valuesFile");
        match merge {
            // kustomize: what the file says stays, and the values add to it
            Some("merge") => Some(Form::Mapping.layer()),
            Some("replace") if !self.spots().is_empty() => None,
            _ => Some(more.layer),
        }
    }

    /// Where a file stands, by its name.
    pub(super) fn stands(&self, name: &str, to: To) -> Stands {
        let in_repository = || -> Option<String> {
            if let Some(name) = name.strip_prefix('$') {
                return Some(cleaned(plain(name.split_once('/')?.1)?));
            }
            // in a chart that is fetched nobody can change a file
            let folder = self.path("path");
            let folder = self.document.text_at(folder.iter().map(String::as_str)).and_then(plain)?;
            let name = plain(name)?;
            Some(match name.strip_prefix('/') {
                Some(name) => cleaned(name),
                None => cleaned(&format!("{folder}/{name}")),
            })
        };
        let is_in_reach = |path: &String| !path.is_empty() && !path.starts_with("..");
        match to {
            To::Beside => plain(name).map(|name| Stands::Beside(name.to_owned())),
            To::Repository => in_repository().filter(is_in_reach).map(Stands::InRepository),
            To::Secret => Some(Stands::Secret),
            To::Elsewhere => None,
        }
        .unwrap_or(Stands::Elsewhere)
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
