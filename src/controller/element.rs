//! [`Element`]: what a generator of an ApplicationSet fills a template in with.

use crate::{
    files::Wanted,
    yaml::{Node, Scalar},
};

/// What a git generator makes of a folder or a file.
#[derive(Clone)]
pub(crate) struct Element<'s> {
    /// The path of the folder, from the top of the repository; nothing of an element of a list.
    pub(super) path: String,
    /// What the file holds, or the element of the list; nothing of a folder.
    pub(super) root: Option<Node<'s>>,
    /// The name of the file.
    pub(super) file: Option<String>,
    /// Whether its names are written as templates of Go.
    pub(super) is_go: bool,
}

/// The most elements that are made.
pub(super) const MOST: usize = 2_000;

/// The result of looking for elements.
pub(crate) enum Elements<'s> {
    /// The generators are others, or not all is known of them.
    Unknown,
    /// These must be looked for first.
    Wanted(Vec<Wanted>),
    /// These, and no others.
    Are(Vec<Element<'s>>),
}

/// A text with the value of each of its actions; nothing where one is not known. An action may hold the one of the next
/// reading: ``{{`{{ .A }}`}}``.
pub(super) fn filled(text: &str, said: impl Fn(&str) -> Option<String>) -> Option<String> {
    let (mut rest, mut filled) = (text, String::new());
    while let Some((before, action)) = rest.split_once("{{") {
        filled += before;
        let (inside, behind) = match action.strip_prefix("`{{") {
            Some(inner) => inner.split_once("}}`}}")?,
            None => action.split_once("}}")?,
        };
        filled += &said(inside.trim_matches(['-', ' ']))?;
        rest = behind;
    }
    Some(filled + rest)
}

impl<'s> Element<'s> {
    /// A text with what its templates take from the element; nothing where that is not known.
    pub(super) fn fill(&self, text: &str) -> Option<String> {
        filled(text, |action| self.said(action))
    }

    /// The value of an action.
    pub(super) fn said(&self, action: &str) -> Option<String> {
        let parts: Vec<&str> = self.path.split('/').collect();
        let segment = |number: &str| parts.get(number.trim().parse::<usize>().ok()?).map(|part| (*part).to_owned());
        let name = if self.is_go {
            if let Some(number) = action.strip_prefix("index .path.segments ") {
                return segment(number);
            }
            action.strip_prefix('.')?
        } else {
            if let Some(number) = action.strip_prefix("path[").and_then(|rest| rest.strip_suffix(']')) {
                return segment(number);
            }
            action
        };
        match name {
            "path" if !self.is_go => return Some(self.path.clone()),
            "path.path" if self.is_go => return Some(self.path.clone()),
            "path.basename" => return parts.last().map(|part| (*part).to_owned()),
            // of helmfile
            "Environment.Name" if self.is_go && self.root.is_none() => return Some(self.path.clone()),
            "path.filename" => return self.file.clone(),
            _ => {}
        }
        let node = self.node(name)?;
        match node.scalar()? {
            Scalar::Bool(_) | Scalar::Integer(_) => Some(node.source().to_owned()),
            _ => node.str().map(str::to_owned),
        }
    }

    /// What its file says under a name with dots.
    pub(super) fn node(&self, name: &str) -> Option<Node<'s>> {
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        self.root.filter(|_| is_plain && !name.starts_with("path")).and_then(|root| root.at(name))
    }
}

/// The elements of a list generator: those of its list, and of its text where nothing fills that in. Nothing where not
/// all of them are known.
pub(super) fn listed(list: Node<'_>) -> Option<Vec<Node<'_>>> {
    let own: Vec<Node<'_>> = list.get("elements").into_iter().flat_map(Node::items).collect();
    let Some(text) = list.get("elementsYaml") else { return Some(own).filter(|own| !own.is_empty()) };
    let root = text.inner_of_any_root().filter(|_| !text.source().contains("{{"))?.ok()?.root()?;
    Some(own.into_iter().chain(root.items()).collect()).filter(|_| root.is_list())
}

/// What people call the cluster of an element.
pub(super) fn name_of(element: Node<'_>) -> Option<&str> {
    ["cluster", "name", "clusterName"].into_iter().find_map(|key| element.str_at(key))
}

/// The action that a text is, and nothing beside it.
pub(super) fn action_of(text: &str) -> Option<&str> {
    let action = text.strip_prefix("{{")?.strip_suffix("}}")?;
    Some(action.trim_matches(['-', ' '])).filter(|action| !action.contains("{{"))
}
