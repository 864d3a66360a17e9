//! Where in the values of an umbrella chart those of Illumio's stand, and what its `Chart.yaml` says of it.

use std::ops::Range;

use super::Pin;
use crate::{
    chart::is_distinguishing,
    yaml::{Node, Text},
};

/// The name of the chart, and so of its values in those of an umbrella chart.
pub(crate) const USUAL: &str = "illumio";

/// The keys below which the chart's values stand, if keys of its own stand there and not at the root.
pub(crate) fn below_which(has_ours: impl Fn(&[&str]) -> bool) -> Vec<String> {
    if !has_ours(&[]) && has_ours(&[USUAL]) { vec![USUAL.to_owned()] } else { Vec::new() }
}

/// The same, told by the values of some files themselves: what one of them tells holds for all.
pub(crate) fn told_by(roots: &[Node<'_>]) -> Vec<String> {
    below_which(|keys| {
        let below = roots.iter().filter_map(|root| root.follow(keys));
        below.flat_map(Node::entries).any(|(name, _)| is_distinguishing(name))
    })
}

/// The keys of a path as people write it: `security.illumio`; none for `.`, the root.
pub(crate) fn keys(path: &str) -> Vec<String> {
    path.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect()
}

/// A chart that depends on Illumio's.
pub(crate) struct Umbrella {
    /// The key below which the values of the dependency stand: its alias, or its name.
    pub(crate) key: String,
    /// The version that it names.
    pub(crate) pin: Option<Pin>,
}

impl Umbrella {
    /// What a `Chart.yaml` says; nothing where it does not depend on Illumio's chart. A dependency is Illumio's if that is
    /// its name, or if its repository says so. Helm reads its values below its alias, where it has one.
    pub(crate) fn of<'s>(chart: &'s Text<'s>) -> Option<Self> {
        let root = chart.root()?;
        let is_ours = |item: &Node<'_>| {
            let repository = item.str_at("repository").unwrap_or_default().to_ascii_lowercase();
            item.str_at("name") == Some(USUAL) || repository.contains(USUAL)
        };
        let item = root.get("dependencies")?.items().find(is_ours)?;
        let key = item.str_at("alias").or_else(|| item.str_at("name"))?.to_owned();
        let pin = item.get("version").map(|version| Pin::at(version));
        Some(Self { key, pin })
    }
}

impl Pin {
    /// The version that a value is, as it is written where it is no text: an unquoted 5.1 is a number.
    pub(crate) fn at(value: Node<'_>) -> Self {
        let span: Range<usize> = value.span();
        let text = value.str().filter(|text| !text.is_empty()).unwrap_or_else(|| value.source());
        Self { text: text.to_owned(), span, file: value.text.file, path: value.path() }
    }
}
