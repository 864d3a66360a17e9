//! Whether a patch is for an object.

use super::Taker;
use crate::yaml::Node;

/// Whether a patch is for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    Yes,
    No,
    /// A label decides it, or a pattern that is not read here.
    Maybe,
}

/// Whether the patch of an entry, which has a `target`, is for an object.
pub(crate) fn by_target(target: Node<'_>, object: Node<'_>) -> Meant {
    let api = object.str_at("apiVersion").unwrap_or_default();
    let (group, version) = api.split_once('/').unwrap_or(("", api));
    let namespace = object.str_at("metadata.namespace");
    let fields = [
        ("group", Some(group)),
        ("version", Some(version)),
        ("kind", object.str_at("kind")),
        ("name", object.str_at("metadata.name").or_else(|| object.str_at("name"))),
        // what a kustomization adds is not known here
        ("namespace", namespace),
    ];
    let mut meant = Meant::Yes;
    for (field, is) in fields {
        let Some(pattern) = target.str_at(field).filter(|pattern| !pattern.is_empty()) else { continue };
        match (is, fits(pattern, is.unwrap_or_default())) {
            (None, _) if field == "namespace" => meant = Meant::Maybe,
            (_, Meant::No) => return Meant::No,
            (_, Meant::Maybe) => meant = Meant::Maybe,
            (_, Meant::Yes) => {}
        }
    }
    let has_selector = ["labelSelector", "annotationSelector"].iter().any(|selector| target.get(selector).is_some());
    if has_selector { Meant::Maybe } else { meant }
}

/// Whether a patch that looks like an object is for an object.
pub(crate) fn by_itself(patch: Node<'_>, object: Node<'_>) -> bool {
    let group = |node: Node<'_>| {
        let api = node.str_at("apiVersion").unwrap_or_default().to_owned();
        api.split_once('/').map(|(group, _)| group.to_owned()).unwrap_or_default()
    };
    let same = |path: &str| patch.str_at(path) == object.str_at(path);
    let namespace = patch.str_at("metadata.namespace").zip(object.str_at("metadata.namespace"));
    same("kind")
        && same("metadata.name")
        && group(patch) == group(object)
        && namespace.is_none_or(|(one, other)| one == other)
}

/// Whether a text fits a pattern of kustomize, which is a regular expression for the whole of it. Plain names, choices of
/// them, and `.*` are read.
fn fits(pattern: &str, text: &str) -> Meant {
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    let pattern = pattern.strip_suffix('$').unwrap_or(pattern);
    let is_plain = |part: &str| part.replace(".*", "").chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    let parts: Vec<&str> = pattern.split('|').collect();
    if !parts.iter().all(|part| is_plain(part)) {
        return Meant::Maybe;
    }
    if parts.iter().any(|part| covers(part, text)) { Meant::Yes } else { Meant::No }
}

/// Whether a text is what stands around each `.*`, in order.
fn covers(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split(".*");
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let others: Vec<&str> = pieces.collect();
    let Some((last, between)) = others.split_last() else { return rest.is_empty() };
    for piece in between {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

/// The name and the namespace that takers give an object, the outermost last.
pub(crate) fn namespace_by(way: &[Taker<'_>]) -> Option<String> {
    way.iter().rev().find_map(|taker| {
        let name = taker.root.str_at(if taker.is_flux { "spec.targetNamespace" } else { "namespace" });
        name.filter(|name| !name.contains(['{', '$'])).map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::{Meant, fits};

    #[test]
    fn a_pattern_fits_the_whole_name() {
        #[track_caller]
        fn check(pattern: &str, text: &str, expected: Meant) {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
        check("illumio", "illumio", Meant::Yes);
        check("illumio", "illumio-east", Meant::No);
        check("illumio.*", "illumio-east", Meant::Yes);
        check(".*", "", Meant::Yes);
        check(".*-east|west", "illumio-east", Meant::Yes);
        check("^ill.*east$", "illumio-west", Meant::No);
        check("ill[um]+io", "illumio", Meant::Maybe);
    }
}
