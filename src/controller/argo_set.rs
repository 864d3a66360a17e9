//! The ApplicationSet of Argo CD fills in a template for each element of its generators.

use std::collections::HashMap;

use super::{
    Chart,
    argo_beside::{self, is_beside, strongest},
    argo_git,
    element::{Elements, MOST, action_of, listed, name_of},
};
use crate::{
    chart::{MODE_KEY, names_illumio},
    release::{Id, Layer, Parameter, Pin, Reach, Release, Says, Values},
    yaml::Node,
};

/// A release for each element of the generators, with the files beside the source that are for the Application of each.
pub(super) fn expanded<'s>(chart: &Chart<'_, 's>, release: Release<'s>) -> Vec<Release<'s>> {
    let mut releases = filled(chart, release);
    for release in &mut releases {
        argo_beside::take_own(chart, release);
    }
    releases
}

/// A release for each element of the list generators, where the template takes the mode from these, or says it for all
/// of them.
fn filled<'s>(chart: &Chart<'_, 's>, mut release: Release<'s>) -> Vec<Release<'s>> {
    // the folder of one of them is the chart
    if let Some(element) = &chart.element {
        return vec![element.release(chart, &release)];
    }
    match argo_git::elements(chart) {
        Elements::Are(elements) => return elements.iter().map(|element| element.release(chart, &release)).collect(),
        Elements::Wanted(wanted) => {
            if let Some(left) = wanted.iter().find_map(|wanted| chart.files.left(wanted)) {
                let reason = format!("filled in from files {}", left.reason);
                let unread = release.layers.iter_mut().filter(|layer| matches!(layer.values, Values::Unread(None)));
                unread.for_each(|layer| layer.values = Values::Unread(Some(reason.clone())));
            }
            release.more.extend(wanted);
        }
        Elements::Unknown => {}
    }
    if let Some(key) = taken_key(&release, chart) {
        if let Some(key) = key.strip_prefix(OF_VALUES) {
            let reach = uncounted(chart.root).unwrap_or_else(|| release.reach.clone());
            return of_values(chart, &release, key).unwrap_or_else(|| vec![Release { reach, ..release }]);
        }
        let mut taken = elements(chart);
        taken.retain(|merged| merged.reach == Reach::One || merged.saying(key).is_some());
        let shared = sharing(&taken, key);
        let of_element = |merged: &Merged<'s>| {
            let shared = merged.saying(key).and_then(|own| shared.get(&own.span().start));
            Release { reach: shared.unwrap_or(&merged.reach).clone(), ..of_element(chart, &release, merged, key) }
        };
        let releases: Vec<Release<'s>> = taken.iter().map(of_element).collect();
        return if releases.is_empty() { vec![release] } else { releases };
    }
    if let Some(pin) = said_pin(chart) {
        (release.pin, release.unpinned) = (Some(pin), None);
    }
    let elements = elements(chart);
    if let Some(reach) = uncounted(chart.root) {
        return vec![Release { reach, ..release }];
    }
    let names: Vec<String> = elements.iter().filter_map(|element| element.name().map(str::to_owned)).collect();
    let reach = match elements.len() {
        0 => return vec![release],
        1 => return vec![Release { pin: pin_of(chart, &elements[0]), ..release }],
        count => of_elements(count, names.clone()),
    };
    // what the template says for all has a row for each
    let path = release.path_to(MODE_KEY);
    let is_said = release.layers.iter().any(|layer| {
        layer.is_own()
            && matches!(layer.says(&path), Says::Is(node) if node.str().is_none_or(|text| !text.contains("{{")))
    });
    if !is_said || !matches!(reach, Reach::Several(_)) {
        return vec![Release { reach, ..release }];
    }
    let releases = elements.iter().zip(names).map(|(element, name)| Release {
        id: Id { name, called: called(chart, element), ..release.id.clone() },
        reach: reach.clone(),
        pin: pin_of(chart, element),
        ..release.clone()
    });
    releases.collect()
}

/// Whom the elements are for that say something under a name, by where they begin: all of those that a matrix combines
/// one with.
fn sharing(all: &[Merged<'_>], key: &str) -> HashMap<usize, Reach> {
    let mut those: HashMap<usize, Vec<Option<&str>>> = HashMap::new();
    for merged in all {
        if let Some(own) = merged.saying(key) {
            those.entry(own.span().start).or_default().push(merged.name());
        }
    }
    those.retain(|_, names| names.len() > 1);
    let reach =
        |names: Vec<Option<&str>>| of_elements(names.len(), names.into_iter().flatten().map(str::to_owned).collect());
    those.into_iter().map(|(own, names)| (own, reach(names))).collect()
}

/// What the names begin with of what a generator says beside what it finds.
const OF_VALUES: &str = "values.";

/// The generators that say such names. (argoproj/argo-cd, `applicationset_types.go`)
const WITH_VALUES: [&str; 6] = ["clusters", "git", "scmProvider", "pullRequest", "plugin", "clusterDecisionResource"];

/// A release for each generator, where all of them have a mode beside what they find. (Argo CD documentation, Cluster
/// Generator, "Pass additional key-value pairs via `values` field")
fn of_values<'s>(chart: &Chart<'_, 's>, release: &Release<'s>, key: &'s str) -> Option<Vec<Release<'s>>> {
    let of_generator = |generator: Node<'s>| {
        let (kind, said) = generator.entries().find(|(kind, _)| WITH_VALUES.contains(kind))?;
        let values = said.get("values").filter(|values| values.str_at(key).is_some_and(|mode| !mode.contains("{{")))?;
        let reach = Reach::AllOf(format!("the generator `{}`", kind.escape_debug()));
        let merged = Merged { parts: vec![values], reach: reach.clone() };
        Some(Release { reach, ..of_element(chart, release, &merged, key) })
    };
    chart.root.at("spec.generators")?.items().map(of_generator).collect()
}

/// All clusters of the generators of a set, where not all of these are lists that can be read.
fn uncounted(root: Node<'_>) -> Option<Reach> {
    let generators = || root.at("spec.generators").into_iter().flat_map(Node::items);
    let is_counted = |generator: Node<'_>| counted(generator).is_some() && generator.get("selector").is_none();
    if generators().all(is_counted) {
        return None;
    }
    let kinds: Vec<&str> =
        generators().filter_map(|generator| generator.entries().next()).map(|(kind, _)| kind).collect();
    Some(Reach::AllOf(format!("the generator `{}`", kinds.join("`, `").escape_debug())))
}

/// The elements of a generator that is a list, or a matrix of lists, each with those that are combined in it; nothing
/// where not all of them are known. (Argo CD documentation, Matrix Generator)
fn counted<'s>(generator: Node<'s>) -> Option<Vec<Vec<Node<'s>>>> {
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

/// Whom several elements of lists are for, by the names that they have.
fn of_elements(count: usize, names: Vec<String>) -> Reach {
    if names.len() == count {
        Reach::of(names)
    } else {
        Reach::AllOf(format!("the {count} elements of the generator `list`"))
    }
}

/// Whom the Applications of a set are for, as its generators say.
pub(crate) fn reach_of_set(root: Node<'_>) -> Reach {
    let generators = root.at("spec.generators").into_iter().flat_map(Node::items);
    let elements: Vec<Vec<Node<'_>>> = generators.filter_map(counted).flatten().collect();
    let name = |parts: &Vec<Node<'_>>| parts.iter().find_map(|part| name_of(*part)).map(str::to_owned);
    let names = elements.iter().filter_map(name).collect();
    let counted = || if elements.len() < 2 { Reach::One } else { of_elements(elements.len(), names) };
    uncounted(root).unwrap_or_else(counted)
}

/// What a generator fills a template in with: an element, with those that are merged over it.
struct Merged<'s> {
    /// Its elements, the weakest first.
    parts: Vec<Node<'s>>,
    /// Which clusters it is for.
    reach: Reach,
}

impl<'s> Merged<'s> {
    /// The last of its elements that says something under a name.
    fn saying(&self, key: &str) -> Option<Node<'s>> {
        self.parts.iter().rev().copied().find(|part| part.get(key).is_some())
    }

    /// The name of the chart, where the template takes it from there.
    fn names_chart(&self, chart: &Chart<'_, 's>) -> Option<&'s str> {
        let key = taken(chart.str(chart.controller.chart.first()?)?, chart.root)?;
        self.saying(key)?.str_at(key)
    }

    /// What people call its cluster.
    fn name(&self) -> Option<&'s str> {
        self.parts.iter().find_map(|part| name_of(*part))
    }
}

/// The elements of list generators: below `matrix` one is combined with others, and below `merge` those of the first
/// are changed by those of the others that fit.
fn elements<'s>(chart: &Chart<'_, 's>) -> Vec<Merged<'s>> {
    let lists = |node: Node<'s>| node.get("list").and_then(listed).into_iter().flatten();
    let alone = |element, reach| Merged { parts: vec![element], reach };
    let mut elements = Vec::new();
    for generator in chart.root.at("spec.generators").into_iter().flat_map(Node::items) {
        let before = elements.len();
        if let Some(counted) = counted(generator) {
            elements.extend(counted.into_iter().map(|parts| Merged { parts, reach: Reach::One }));
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
    }
    elements.retain(|element| element.parts.iter().all(|part| part.is_mapping()));
    // those that name another chart are of that
    let names_ours = |element: &Merged<'s>| element.names_chart(chart).is_some_and(names_illumio);
    if elements.iter().any(names_ours) {
        elements.retain(|element| element.names_chart(chart).is_none_or(names_illumio));
    }
    elements
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
        found.push(Merged { parts: vec![element], reach: Reach::One });
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

/// The name by which the template takes the mode from the elements beside it.
fn taken_key<'s>(release: &Release<'s>, chart: &Chart<'_, 's>) -> Option<&'s str> {
    let names = release.path_to(MODE_KEY);
    let said = release.layers.iter().rev().find_map(|layer| match layer.says(&names) {
        Says::Is(node) => Some(node),
        _ => None,
    });
    if let Some(node) = said {
        return node
            .str()
            .and_then(|text| taken(text, chart.root).or_else(|| taken_of_values(action_of(text)?, chart.root)));
    }
    let text = unfilled_text(chart)?;
    let value = |line: &'s str| {
        let value = line.trim_start().strip_prefix(MODE_KEY)?.trim_start().strip_prefix(':')?;
        let value = value.trim().trim_matches(['"', '\'']);
        let action = unquoted(action_of(value)?);
        taken_inside(action, chart.root).or_else(|| taken_of_values(action, chart.root))
    };
    text.str()?.lines().find_map(value)
}

/// A text that is not YAML before it is filled in.
fn unfilled_text<'s>(chart: &Chart<'_, 's>) -> Option<Node<'s>> {
    chart.get("helm.values").filter(|node| matches!(node.inner(), Some(Err(_))))
}

/// What is between the braces, without the function that puts the value into quotes.
fn unquoted(action: &str) -> &str {
    let quote =
        ["quote", "squote"].into_iter().find_map(|name| action.strip_suffix(name)?.trim_end().strip_suffix('|'));
    quote.map_or(action, str::trim_end)
}

/// The name that a text takes from an element, where it is nothing but that: `{{name}}`, `{{ .name }}`.
fn taken<'t>(text: &'t str, root: Node<'_>) -> Option<&'t str> {
    taken_inside(action_of(text)?, root)
}

/// The same of what a generator says beside what it finds: `{{values.name}}`, `{{ .values.name }}`.
fn taken_of_values<'t>(action: &'t str, root: Node<'_>) -> Option<&'t str> {
    let name = if root.is_true_at("spec.goTemplate") { action.strip_prefix('.')? } else { action };
    let is_plain = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    Some(name).filter(|name| name.strip_prefix(OF_VALUES).is_some_and(is_plain))
}

/// The same of what is between the braces. A template of Go has a dot before the name, and the other language has none: what
/// is written in the one where the set is in the other remains as it is. (Argo CD documentation, Go Template)
fn taken_inside<'t>(action: &'t str, root: Node<'_>) -> Option<&'t str> {
    let action = action.trim_matches(['-', ' ']);
    let name = if root.is_true_at("spec.goTemplate") { action.strip_prefix('.')? } else { action };
    Some(name).filter(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

fn of_element<'s>(chart: &Chart<'_, 's>, template: &Release<'s>, merged: &Merged<'s>, key: &'s str) -> Release<'s> {
    let mut release = template.clone();
    let element = merged.saying(key).or(merged.parts.first().copied()).unwrap_or(chart.root);
    let name: Vec<String> = release.path_to(MODE_KEY).iter().map(ToString::to_string).collect();
    let parameter = Parameter { name, item: element, key, value: element.get(key) };
    let strongest = strongest(&release);
    // the spot that takes it is not a mode, nor is a text that is YAML only once it is filled in
    let spot = release.layers.iter().rev().find_map(|layer| layer.mode(&release.below)?.span);
    release.filled = spot.or_else(|| unfilled_text(chart).map(Node::span));
    release.layers.retain(|layer| is_beside(layer) || !(layer.is_own() && layer.is_unknown()));
    release.layers.push(Layer::own(strongest, release.file, Values::Parameters(vec![parameter])));
    let called = called(chart, merged);
    let name = merged.name().map(str::to_owned).or_else(|| called.clone());
    release.id = Id { name: name.unwrap_or_else(|| release.id.name.clone()), called, ..release.id };
    release.pin = pin_of(chart, merged);
    release
}

/// The version of the chart, in the element where the template takes it from there.
fn pin_of(chart: &Chart<'_, '_>, merged: &Merged<'_>) -> Option<Pin> {
    let version = chart.get(chart.controller.version).filter(|_| !chart.is_of_another_chart())?;
    match version.str().and_then(|text| taken(text, chart.root)) {
        Some(name) => merged.saying(name)?.get(name).map(Pin::at),
        None => Some(Pin::at(version)),
    }
}

/// The version of the chart, where only one place among the generators has it.
fn said_pin(chart: &Chart<'_, '_>) -> Option<Pin> {
    let action = action_of(chart.str(chart.controller.version)?)?;
    let said = super::argo_said::said_by_all(chart.root);
    let mut said = said.iter().filter(|(name, _)| name == action).map(|(_, value)| *value);
    let first = said.next().filter(|_| said.next().is_none() && !chart.is_of_another_chart())?;
    Some(Pin::at(first))
}

/// What the controller calls the release, with the names in it that it takes from the element. What is filled in is not
/// filled in once more.
fn called(chart: &Chart<'_, '_>, merged: &Merged<'_>) -> Option<String> {
    let mut rest = chart.str(chart.controller.called)?;
    let mut name = String::new();
    while let Some((before, action)) = rest.split_once("{{") {
        let (inside, behind) = action.split_once("}}")?;
        let key = taken_inside(inside, chart.root)?;
        name.extend([before, merged.saying(key)?.str_at(key)?]);
        rest = behind;
    }
    Some(name + rest)
}
