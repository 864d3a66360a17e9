//! The ApplicationSet of Argo CD fills in a template for each element of its generators.

use std::collections::{HashMap, HashSet};

use super::{
    beside::{self, is_beside, strongest},
    elements::{Merged, counted, elements, is_plain, named_in, taken, taken_inside, template_of},
    git, patch,
    switch::{set_switches, taken_switches},
    unfilled::{action_for_mode, unfilled_text},
};
use crate::{
    chart::MODE_KEY,
    controller::{
        Chart,
        element::{Elements, action_of, name_of},
    },
    release::{Id, Layer, Parameter, Pin, Reach, Release, Says, Values},
    yaml::Node,
};

/// Of what is filled in from files that are not read, the words before where these are.
pub(crate) const FILLED_IN: &str = "filled in from files ";

/// A release for each element of the generators, with the files beside the source that are for the Application of each.
pub(super) fn expanded<'s>(chart: &Chart<'_, 's>, release: Release<'s>) -> Vec<Release<'s>> {
    let generators = || chart.root.at("spec.generators").into_iter().flat_map(Node::items);
    let (mut releases, templates) = match filled(chart, release) {
        Filled::Each(all) => all.into_iter().unzip(),
        Filled::Together(all) => (all, vec![generators().find_map(template_of)]),
    };
    let one_for_each = templates.iter().cycle().take(releases.len());
    for (release, template) in releases.iter_mut().zip(one_for_each) {
        beside::take_own(chart, release);
        let finding = template.map(patch::by_generator);
        release.findings.extend(finding.map(|finding| finding.in_file(chart.files.name(chart.root.text.file))));
    }
    releases
}

/// The releases of a set.
enum Filled<'s> {
    /// One for each element, with what its generator puts over the template.
    Each(Vec<(Release<'s>, Option<Node<'s>>)>),
    /// Those of which that is not known.
    Together(Vec<Release<'s>>),
}

/// A release for each element of the list generators, where the template takes the mode from these, or says it for all
/// of them.
fn filled<'s>(chart: &Chart<'_, 's>, mut release: Release<'s>) -> Filled<'s> {
    // the folder of one of them is the chart
    if let Some(element) = &chart.element {
        return Filled::Together(vec![element.release(chart, &release)]);
    }
    match git::elements(chart) {
        Elements::Are(elements) => {
            return Filled::Together(elements.iter().map(|element| element.release(chart, &release)).collect());
        }
        Elements::Wanted(wanted) => {
            if let Some(left) = wanted.iter().find_map(|wanted| chart.files.left(wanted)) {
                let reason = format!("{FILLED_IN}{}", left.reason);
                let unread = release.layers.iter_mut().filter(|layer| matches!(layer.values, Values::Unread(None)));
                unread.for_each(|layer| layer.values = Values::Unread(Some(reason.clone())));
            }
            release.more.extend(wanted);
        }
        Elements::Unknown => {}
    }
    if let Some(key) = taken_key(&release, chart) {
        if let Some(key) = key.strip_prefix(OF_VALUES) {
            if let Some(releases) = of_values(chart, &release, key) {
                return Filled::Together(releases);
            }
            if let Some(reach) = uncounted(chart.root) {
                return Filled::Together(vec![Release { reach, ..release }]);
            }
        }
        let mut taken = elements(chart);
        taken.retain(|merged| merged.reach == Reach::One || merged.saying(key).is_some());
        let shared = sharing(&taken, key, chart);
        let of_element = |merged: &Merged<'s>| {
            let shared = merged.saying(key).and_then(|own| shared.get(&own.span().start));
            let reach = shared.unwrap_or(&merged.reach).clone();
            (Release { reach, ..of_element(chart, &release, merged, key) }, merged.template)
        };
        let releases: Vec<_> = taken.iter().map(of_element).collect();
        return if releases.is_empty() { Filled::Together(vec![release]) } else { Filled::Each(releases) };
    }
    if let Some(pin) = said_pin(chart) {
        (release.pin, release.unpinned) = (Some(pin), None);
    }
    let elements = elements(chart);
    if let Some(reach) = uncounted(chart.root) {
        return Filled::Together(vec![Release { reach, ..release }]);
    }
    let names: Vec<String> = elements.iter().filter_map(|element| element.name().map(str::to_owned)).collect();
    let reach = match elements.len() {
        0 => return Filled::Together(vec![release]),
        1 => return Filled::Together(vec![Release { pin: pin_of(chart, &elements[0]), ..release }]),
        count => of_elements(count, names.clone()),
    };
    // what the template says for all has a row for each
    let path = release.path_to(MODE_KEY);
    let is_said = release.layers.iter().any(|layer| {
        layer.is_own()
            && matches!(layer.says(&path), Says::Is(node) if node.str().is_none_or(|text| !text.contains("{{")))
    });
    let switched = taken_switches(&release, chart.root);
    let is_for_each = is_said || !switched.is_empty();
    if !is_for_each || !matches!(reach, Reach::Several(_)) {
        return Filled::Together(vec![Release { reach, ..release }]);
    }
    let releases = elements.iter().zip(names).map(|(element, name)| {
        let mut of_element = Release {
            id: Id { name, called: called(chart, element), ..release.id.clone() },
            // whom it is installed for is known for each
            reach: if switched.is_empty() { reach.clone() } else { Reach::One },
            pin: if switched.is_empty() { pin_of(chart, element) } else { release.pin.clone() },
            ..release.clone()
        };
        set_switches(&mut of_element, &switched, |key| element.saying(key)?.get(key));
        (of_element, element.template)
    });
    Filled::Each(releases.collect())
}

/// Whom the elements are for that say something under a name, by where they begin: all of those that a matrix combines
/// one with. Several may be for one cluster, and each has an Application of its own.
fn sharing(all: &[Merged<'_>], key: &str, chart: &Chart<'_, '_>) -> HashMap<usize, Reach> {
    let mut those: HashMap<usize, Vec<&Merged<'_>>> = HashMap::new();
    for merged in all {
        if let Some(own) = merged.saying(key) {
            those.entry(own.span().start).or_default().push(merged);
        }
    }
    those.retain(|_, shared| shared.len() > 1);
    let reach = |shared: Vec<&Merged<'_>>| {
        let apart =
            |names: Vec<String>| Some(names).filter(|names| names.iter().collect::<HashSet<_>>().len() == shared.len());
        let of_clusters = shared.iter().filter_map(|merged| merged.name().map(str::to_owned)).collect();
        let of_applications = || shared.iter().filter_map(|merged| called(chart, merged)).collect();
        let names = apart(of_clusters).or_else(|| apart(of_applications()));
        of_elements(shared.len(), names.unwrap_or_default())
    };
    those.into_iter().map(|(own, shared)| (own, reach(shared))).collect()
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
        let merged = Merged { parts: vec![values], reach: reach.clone(), template: None };
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

/// Whom several elements of lists are for, by the names that they have.
fn of_elements(count: usize, names: Vec<String>) -> Reach {
    if names.len() == count { Reach::of(names) } else { Reach::AllOf(format!("the {count} elements of the generator")) }
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

/// The name by which the template takes the mode from the elements beside it.
fn taken_key<'s>(release: &Release<'s>, chart: &Chart<'_, 's>) -> Option<&'s str> {
    let (action, _) = action_for_mode(release, chart)?;
    taken_inside(action, chart.root).or_else(|| taken_of_values(action, chart.root))
}

/// The name that an action takes of what a generator says beside what it finds: `values.name`, `.values.name`.
fn taken_of_values<'t>(action: &'t str, root: Node<'_>) -> Option<&'t str> {
    named_in(action, root).filter(|name| name.strip_prefix(OF_VALUES).is_some_and(is_plain))
}

fn of_element<'s>(chart: &Chart<'_, 's>, template: &Release<'s>, merged: &Merged<'s>, key: &'s str) -> Release<'s> {
    let mut release = template.clone();
    let element = merged.saying(key).or(merged.parts.first().copied()).unwrap_or(chart.root);
    let name: Vec<String> = release.path_to(MODE_KEY).iter().map(ToString::to_string).collect();
    // an element may have `values` of its own
    let (item, key) = match key.split_once('.') {
        Some((above, own)) => (element.get(above).unwrap_or(element), own),
        None => (element, key),
    };
    let parameter = Parameter { name, item, key, value: item.get(key) };
    let strongest = strongest(&release);
    // the spot that takes it is not a mode, nor is a text that is YAML only once it is filled in
    let unfilled = || unfilled_text(chart).map(|text| (text.text.file, text.span()));
    release.filled = release.strongest_spot().or_else(unfilled);
    release.layers.retain(|layer| is_beside(layer) || !(layer.is_own() && layer.is_unknown()));
    release.layers.push(Layer::own(strongest, release.file, Values::Parameters(vec![parameter])));
    let called = called(chart, merged);
    let name = merged.name().map(str::to_owned).or_else(|| called.clone());
    release.id = Id { name: name.unwrap_or_else(|| release.id.name.clone()), called, ..release.id };
    let switched = taken_switches(&release, chart.root);
    set_switches(&mut release, &switched, |key| merged.saying(key)?.get(key));
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
    let said = super::said::said_by_all(chart.root);
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
