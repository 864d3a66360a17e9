//! What the generators of an ApplicationSet fill its template in with, as far as they are lists: alone, combined in a
//! matrix, or merged.

use std::collections::HashMap;

use crate::{
    chart::names_illumio,
    controller::{
        Chart,
        element::{MOST, action_of, listed, name_of},
    },
    release::Reach,
    yaml::Node,
};

/// What a generator fills a template in with: an element, with those that are merged over it.
pub(super) struct Merged<'s> {
    /// Its elements, the weakest first.
    pub(super) parts: Vec<Node<'s>>,
    /// Which clusters it is for.
    pub(super) reach: Reach,
    /// What its generator puts over the template of the set.
    pub(super) template: Option<Node<'s>>,
}

impl<'s> Merged<'s> {
    /// The last of its elements that says something under a name.
    pub(super) fn saying(&self, key: &str) -> Option<Node<'s>> {
        self.parts.iter().rev().copied().find(|part| part.get(key).or_else(|| part.at(key)).is_some())
    }

    /// The name of the chart, where the template takes it from there.
    fn names_chart(&self, chart: &Chart<'_, 's>) -> Option<&'s str> {
        let key = taken(chart.str(chart.controller.chart.first()?)?, chart.root)?;
        self.saying(key)?.str_at(key)
    }

    /// What people call its cluster.
    pub(super) fn name(&self) -> Option<&'s str> {
        self.parts.iter().find_map(|part| name_of(*part))
    }
}

/// The elements of list generators: below `matrix` one is combined with others, and below `merge` those of the first
/// are changed by those of the others that fit.
pub(super) fn elements<'s>(chart: &Chart<'_, 's>) -> Vec<Merged<'s>> {
    let lists = |node: Node<'s>| node.get("list").and_then(listed).into_iter().flatten();
    let alone = |element, reach| Merged { parts: vec![element], reach, template: None };
    let mut elements = Vec::new();
    for generator in chart.root.at("spec.generators").into_iter().flat_map(Node::items) {
        let before = elements.len();
        if let Some(counted) = counted(generator) {
            elements.extend(counted.into_iter().map(|parts| Merged { parts, reach: Reach::One, template: None }));
        } else {
            let nested = generator.at("matrix.generators").into_iter().flat_map(Node::items);
            let of_matrix = || Reach::AllOf("the generator `matrix` with this element".to_owned());
            elements.extend(nested.flat_map(lists).map(|element| alone(element, of_matrix())));
        }
        elements.extend(generator.get("merge").and_then(merged).into_iter().flatten());
        if let Some(selector) = generator.get("selector") {
            let of_others = elements.drain(..before).collect::<Vec<_>>();
            elements.retain(|element| is_selected(element, selector));
            elements.splice(0..0, of_others);
        }
        let template = template_of(generator);
        elements[before..].iter_mut().for_each(|element| element.template = template);
    }
    elements.retain(|element| element.parts.iter().all(|part| part.is_mapping()));
    // those that name another chart are of that
    let names_ours = |element: &Merged<'s>| element.names_chart(chart).is_some_and(names_illumio);
    if elements.iter().any(names_ours) {
        elements.retain(|element| element.names_chart(chart).is_none_or(names_illumio));
    }
    elements
}

/// What a generator puts over the template of its set.
pub(super) fn template_of(generator: Node<'_>) -> Option<Node<'_>> {
    generator.entries().find_map(|(_, kind)| kind.get("template"))
}

/// The elements of a generator that is a list, or a matrix of lists, each with those that are combined in it; nothing
/// where not all of them are known. (Argo CD documentation, Matrix Generator)
pub(super) fn counted<'s>(generator: Node<'s>) -> Option<Vec<Vec<Node<'s>>>> {
    if let Some(list) = generator.get("list") {
        return Some(listed(list)?.into_iter().map(|element| vec![element]).collect());
    }
    let mut all = vec![Vec::new()];
    for nested in generator.at("matrix.generators")?.items() {
        let list = nested.get("list").filter(|list| nested.entries().count() == 1 && list.entries().count() == 1)?;
        let elements = listed(list)?;
        // what the first says may be filled into the second
        if elements.len() * all.len() > MOST || elements.iter().any(|element| element.source().contains("{{")) {
            return None;
        }
        let with_each = |parts: &Vec<Node<'s>>| {
            elements.iter().map(|element| [&parts[..], &[*element]].concat()).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(with_each).collect();
    }
    Some(all)
}

/// The elements of a merge of lists; nothing where any of its generators is another one, or selects. (Argo CD
/// documentation, Merge Generator.)
fn merged<'s>(merge: Node<'s>) -> Option<Vec<Merged<'s>>> {
    let keys: Vec<&str> = merge.get("mergeKeys")?.items().filter_map(Node::str).collect();
    let of_generator = |generator: Node<'s>| {
        let list = generator.get("list").filter(|list| list.entries().count() == 1)?;
        listed(list).filter(|_| generator.entries().count() == 1)
    };
    let mut lists = merge.get("generators")?.items().map(of_generator).collect::<Option<Vec<_>>>()?.into_iter();
    // a key with dots is looked up in a way of its own
    if keys.is_empty() || keys.iter().any(|key| key.contains('.')) {
        return None;
    }
    let values = |element: Node<'s>| keys.iter().map(|key| element.str_at(key)).collect::<Option<Vec<&str>>>();
    let mut found = Vec::new();
    let mut by_keys = HashMap::new();
    for element in lists.next()? {
        by_keys.insert(values(element)?, found.len());
        found.push(Merged { parts: vec![element], reach: Reach::One, template: None });
    }
    // two of one generator with the same keys are an error of Argo CD
    if by_keys.len() < found.len() {
        return None;
    }
    for element in lists.flatten() {
        if let Some(number) = by_keys.get(&values(element)?) {
            found[*number].parts.push(element);
        }
    }
    Some(found)
}

/// Whether the selector of a generator leaves an element in. (Argo CD documentation, Post Selector)
fn is_selected(element: &Merged<'_>, selector: Node<'_>) -> bool {
    let said = |key: &str| element.saying(key).and_then(|part| part.get(key)).map(plain_text);
    let has_label = |(key, value): (&str, Node<'_>)| said(key).is_some_and(|said| said == plain_text(value));
    let fits = |expression: Node<'_>| {
        let (Some(key), values) = (expression.str_at("key"), expression.get("values")) else { return true };
        let is_listed =
            said(key).map(|said| values.into_iter().flat_map(Node::items).any(|value| plain_text(value) == said));
        match expression.str_at("operator") {
            Some("In") => is_listed == Some(true),
            Some("NotIn") => is_listed != Some(true),
            Some("Exists") => is_listed.is_some(),
            Some("DoesNotExist") => is_listed.is_none(),
            _ => true,
        }
    };
    selector.get("matchLabels").into_iter().flat_map(Node::entries).all(has_label)
        && selector.get("matchExpressions").into_iter().flat_map(Node::items).all(fits)
}

/// A value as a label has it.
fn plain_text(value: Node<'_>) -> &str {
    value.str().unwrap_or_else(|| value.source())
}

/// The name that a text takes from an element, where it is nothing but that: `{{name}}`, `{{ .name }}`.
pub(super) fn taken<'t>(text: &'t str, root: Node<'_>) -> Option<&'t str> {
    taken_inside(action_of(text)?, root)
}

/// The name that an action takes. A template of Go has a dot before the name, and the other language has none: what
/// is written in the one where the set is in the other remains as it is. (Argo CD documentation, Go Template)
pub(super) fn named_in<'t>(action: &'t str, root: Node<'_>) -> Option<&'t str> {
    let action = action.trim_matches(['-', ' ']);
    if root.is_true_at("spec.goTemplate") { action.strip_prefix('.') } else { Some(action) }
}

/// The same, where it is one of an element.
pub(super) fn taken_inside<'t>(action: &'t str, root: Node<'_>) -> Option<&'t str> {
    named_in(action, root).filter(|name| is_plain(name))
}

/// Whether a name is one, and no path of several.
pub(super) fn is_plain(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
