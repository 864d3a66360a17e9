//! Whether a patch is for an object.

use super::identity::Identities;
use crate::yaml::Node;

/// Whether a patch is for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    Yes,
    No,
    /// A label decides it, or a pattern that is not read here.
    Maybe,
}

/// Whether the patch of an entry, which has a `target`, is for an object. Where something may have given it other labels
/// than it has in its file, those do not tell.
pub(crate) fn by_target(target: Node<'_>, object: Node<'_>, identities: &Identities) -> Meant {
    let api = object.str_at("apiVersion").unwrap_or_default();
    let (group, version) = api.split_once('/').unwrap_or(("", api));
    let kind = object.str_at("kind").unwrap_or_default();
    let names = || identities.ends().map(|(name, _)| name).collect::<Vec<_>>();
    let namespaces = || identities.ends().map(|(_, namespace)| namespace).collect::<Vec<_>>();
    let fields = [
        ("group", vec![group]),
        ("version", vec![version]),
        ("kind", vec![kind]),
        ("name", names()),
        ("namespace", namespaces()),
    ];
    let mut meant = Meant::Yes;
    for (field, is) in fields {
        let Some(pattern) = target.str_at(field).filter(|pattern| !pattern.is_empty()) else { continue };
        let all: Vec<Meant> = is.into_iter().map(|text| fits(pattern, text)).collect();
        if all.contains(&Meant::Yes) {
            continue;
        }
        if !all.contains(&Meant::Maybe) {
            return Meant::No;
        }
        meant = Meant::Maybe;
    }
    for (selector, place) in [("labelSelector", "metadata.labels"), ("annotationSelector", "metadata.annotations")] {
        let Some(selector) = target.str_at(selector).filter(|selector| !selector.is_empty()) else { continue };
        match selects(selector, object.at(place)).filter(|_| !identities.is_labelled) {
            Some(true) => {}
            Some(false) => return Meant::No,
            None => meant = Meant::Maybe,
        }
    }
    meant
}

/// Whether a selector of labels selects what has some; nothing where it is not read here. (Kubernetes documentation,
/// Labels and Selectors)
fn selects(selector: &str, labels: Option<Node<'_>>) -> Option<bool> {
    let label = |name: &str| labels.and_then(|labels| labels.get(name)).and_then(Node::str);
    let is_plain = |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    if labels.is_some_and(|labels| labels.entries().any(|(_, value)| value.str().is_none())) {
        return None;
    }
    let mut is_selected = true;
    let mut rest = selector;
    while !rest.is_empty() {
        // a comma within brackets is one of a set
        let open = rest.find('(').filter(|open| rest.find(',').is_none_or(|comma| open < &comma));
        let from = open.map_or(Some(0), |open| rest[open..].find(')').map(|close| open + close))?;
        let end = rest[from..].find(',').map_or(rest.len(), |comma| from + comma);
        let one = rest[..end].trim();
        rest = rest.get(end + 1..).unwrap_or_default();
        let (name, is_in, words) = match (one.split_once('('), one.split_once('=')) {
            (Some((head, set)), _) => {
                let mut head = head.split_whitespace();
                let (name, verb) = (head.next()?, head.next()?);
                let words = set.strip_suffix(')')?.split(',').map(str::trim).collect::<Vec<_>>();
                (name, if verb == "in" { true } else { (verb == "notin").then_some(false)? }, Some(words))
            }
            (None, Some((name, value))) => {
                let is_in = !name.ends_with('!');
                (name.trim_end_matches('!').trim(), is_in, Some(vec![value.trim_start_matches('=').trim()]))
            }
            (None, None) => (one.trim_start_matches('!').trim(), !one.starts_with('!'), None),
        };
        if !is_plain(name) || words.iter().flatten().any(|word| !is_plain(word)) {
            return None;
        }
        let has = match words {
            Some(words) => label(name).is_some_and(|label| words.contains(&label)),
            None => label(name).is_some(),
        };
        is_selected &= has == is_in;
    }
    Some(is_selected)
}

/// Whether a text fits a pattern of kustomize, which is a regular expression for the whole of it. Plain names, choices of
/// them, `.` and `.*` are read.
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

/// Whether a text is what a pattern says, where a dot is any character, and `.*` any text. The time is that of both
/// lengths multiplied.
fn covers(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // how many characters of the text fit the pattern so far
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    let mut signs = pattern.chars().peekable();
    while let Some(sign) = signs.next() {
        let mut next = vec![false; reached.len()];
        if sign == '.' && signs.next_if_eq(&'*').is_some() {
            let first = reached.iter().position(|is_reached| *is_reached).unwrap_or(reached.len());
            next[first..].fill(true);
        } else {
            for (at, c) in text.iter().enumerate() {
                next[at + 1] = reached[at] && (sign == '.' || sign == *c);
            }
        }
        reached = next;
    }
    reached.last() == Some(&true)
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
        check("il.umio", "illumio", Meant::Yes);
        check("il.umio", "ilumio", Meant::No);
        check("i.l.*o", "illumio-o", Meant::Yes);
    }
}
