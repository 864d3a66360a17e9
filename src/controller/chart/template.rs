//! What a manifest names by templates whose result is not known here: the folder of a chart, and files.

use super::{Chart, place::is_filled_in};
use crate::{
    chart::names_illumio,
    controller::{To, element::Elements},
    rendered::as_pattern,
    yaml::Node,
};

/// A name that is a template.
pub(crate) struct Template<'s> {
    /// Where it is written.
    pub(crate) node: Node<'s>,
    /// The path that it leads to, from the top of the checkout, with the template in it.
    pub(crate) path: String,
    /// Whether that is in the folder of the chart.
    pub(crate) is_of_chart: bool,
    /// Whether it is the last that is named, which overrides the others.
    pub(crate) is_last: bool,
}

impl<'s> Chart<'_, 's> {
    /// The values files that it takes from a repository by names that are templates, or patterns.
    pub(crate) fn templates(&self) -> Vec<Template<'s>> {
        if self.has_elements() || self.is_another() {
            return Vec::new();
        }
        let folder = self.folder_by_template();
        let lists = self.controller.more.iter().filter(|more| more.to == To::Repository);
        let named: Vec<Node<'s>> = lists.flat_map(|more| self.items(more.path)).collect();
        let of_folder = folder.as_ref().map(|(node, folder)| Template {
            node: *node,
            path: format!(":/{folder}/values.yaml"),
            is_of_chart: true,
            is_last: named.is_empty(),
        });
        let count = named.len();
        let of_file = |(number, node): (usize, Node<'s>)| {
            let name = node.str()?;
            let filled = self.filled(name);
            // of several files that fit a pattern each may override the others
            let is_pattern = filled.contains(['*', '?']);
            let is_last = number + 1 == count && !is_pattern;
            if let Some((_, path)) = filled.strip_prefix('$').and_then(|name| name.split_once('/')) {
                let path = format!(":/{path}");
                return (is_pattern || is_filled_in(&path)).then_some(Template {
                    node,
                    path,
                    is_of_chart: false,
                    is_last,
                });
            }
            let is_of_chart = folder.is_some();
            let known = || self.folder_in_git().and_then(Node::str).filter(|_| self.controller.chart.contains(&"path"));
            let folder = folder.as_ref().map(|(_, folder)| folder.as_str()).or_else(known).unwrap_or_default();
            let path = if filled.starts_with('/') { format!(":{filled}") } else { format!(":/{folder}/{filled}") };
            (is_pattern || is_filled_in(&path)).then_some(Template { node, path, is_of_chart, is_last })
        };
        let of_files = named.into_iter().enumerate().filter_map(of_file);
        of_folder.into_iter().chain(self.template_of_plugin()).chain(of_files).collect()
    }

    /// What a plugin of Argo CD may take: any file in the folder that it renders. (Argo CD documentation, Config Management
    /// Plugins)
    fn template_of_plugin(&self) -> Option<Template<'s>> {
        let node = self.get("plugin").filter(|_| self.controller.chart.contains(&"path"))?;
        let folder = self.folder_in_git()?.str().filter(|folder| !is_filled_in(folder))?;
        Some(Template { node, path: format!(":/{folder}/*"), is_of_chart: false, is_last: false })
    }

    /// Whether it is known what generators fill its template in with.
    pub(super) fn has_elements(&self) -> bool {
        let are_known = |generated: super::super::Generated| !matches!(generated(self), Elements::Unknown);
        self.element.is_some() || self.controller.rest.generated.is_some_and(are_known)
    }

    /// The folder of the chart by a template. One that may be any folder counts where the release is called after this
    /// chart, or has its values.
    fn folder_by_template(&self) -> Option<(Node<'s>, String)> {
        let node = self.folder_in_git()?;
        let folder = self.filled(node.str()?).into_owned();
        let is_any = || as_pattern(&folder).trim_matches(['*', '/', '.']).is_empty();
        let is_called_so = || self.str("/metadata.name").is_some_and(names_illumio);
        (is_filled_in(&folder) && (!is_any() || is_called_so() || self.is_ours())).then_some((node, folder))
    }
}
