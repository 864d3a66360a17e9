//! What a file uses others for, beside the values of a release of Illumio's chart.

use super::{charts::for_each_chart, named::named_by_unknown};
use crate::{
    controller::{data_of_set, elsewhere_of_set, handed_over, is_of_helmfile, read_bases, variable_files},
    files::{Files, Wanted, joined},
    graph::FLEET,
    release::USUAL,
    umbrella::{CHART, lists_illumio},
    yaml::{Node, Text},
};

/// A file that is used for another purpose than the values of a release of Illumio's chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherUse {
    /// Where it is; where a part of its name is a variable, the path has a star.
    pub wanted: Wanted,
    /// For what.
    pub purpose: Purpose,
}

/// What a file is used for that gives no values to a release of Illumio's chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Helmfile takes it for its environments, or hands it to other helmfiles: its templates use it.
    Environment,
    /// A release names it, and takes other values in its place.
    Replaced,
    /// It holds variables of Ansible, which tasks may take for values.
    Variables,
    /// Releases of this chart, which is another one, take their values from it.
    OtherChart(String),
    /// It is what the chart says by itself.
    Defaults,
    /// A set of Applications takes the file of this path from another revision; which one, as the rest of a sentence.
    Elsewhere(String),
    /// A generator of a set of Applications reads it, and it is not known what the template takes of it.
    Generator,
    /// It is in an overlay of a bundle of Fleet.
    Overlay,
    /// An object of this kind, which is not known, names it.
    UnknownKind(String),
}

/// The files that a file uses for something else than the values of a release of Illumio's chart.
///
/// ```
/// use helm_clas::{Files, Purpose, Texts, Wanted, other_uses};
///
/// let texts = Texts::new();
/// let helmfile = "environments:\n  east: {values: [env/east.yaml, 'env/{{ .Environment.Name }}.yaml']}\n";
/// let files = Files::of(&texts, [("fleet/helmfile.yaml", helmfile)]);
/// let uses = other_uses(&files, 0);
/// assert_eq!(uses[0].wanted, Wanted::File("fleet/env/east.yaml".to_owned()));
/// assert_eq!(uses[1].wanted, Wanted::File("fleet/env/*.yaml".to_owned()));
/// assert_eq!(uses[1].purpose, Purpose::Environment);
/// ```
#[must_use]
pub fn other_uses(files: &Files<'_>, number: usize) -> Vec<OtherUse> {
    let has = |word: &str| memchr::memmem::find(files.source(number).bytes, word.as_bytes()).is_some();
    let name = files.name(number);
    if name.rsplit('/').next() == Some(CHART) {
        let root = files.whole(number).ok().and_then(Text::root);
        // what brings a chart of the same name is another one
        let is_ours = root.is_some_and(|root| root.str_at("name") == Some(USUAL) && !lists_illumio(root));
        let wanted = Wanted::File(joined(name, "values.yaml"));
        return is_ours.then_some(OtherUse { wanted, purpose: Purpose::Defaults }).into_iter().collect();
    }
    let unknown = named_by_unknown(files, number).into_iter().map(|naming| OtherUse {
        wanted: Wanted::Object(naming.object),
        purpose: Purpose::UnknownKind(naming.kind.to_owned()),
    });
    let mut uses: Vec<OtherUse> = unknown.collect();
    if name.rsplit('/').next() == Some(FLEET) {
        // Fleet documentation, fleet.yaml, `yaml.overlays`
        let wanted = Wanted::File(joined(name, "overlays/**"));
        uses.push(OtherUse { wanted, purpose: Purpose::Overlay });
    }
    if has("ApplicationSet") {
        let elsewhere = files.roots(number).flat_map(|root| elsewhere_of_set(files, root));
        let other_use = |(pattern, reason): (String, String)| OtherUse {
            wanted: Wanted::File(files.named(&pattern)),
            purpose: Purpose::Elsewhere(reason),
        };
        uses.extend(elsewhere.map(other_use));
        let data = files.roots(number).flat_map(|root| data_of_set(files, root));
        uses.extend(data.map(|wanted| OtherUse { wanted, purpose: Purpose::Generator }));
    }
    if ["environments", "helmfiles", "bases", "releases"].into_iter().any(has) {
        let paths = environment_files(files, number).into_iter();
        uses.extend(paths.map(|path| OtherUse { wanted: Wanted::File(path), purpose: Purpose::Environment }));
    }
    if ["vars_files", "include_vars", "ansible-playbook"].into_iter().any(has) {
        let paths = files_of_variables(files, number).into_iter();
        uses.extend(paths.map(|path| OtherUse { wanted: Wanted::File(path), purpose: Purpose::Variables }));
    }
    if [".yaml", ".yml", ".json"].into_iter().any(has) {
        for_each_chart(files, number, |chart, _| {
            let replaced = chart.replaced().into_iter().map(|wanted| (wanted, Purpose::Replaced));
            let name = chart.other_name();
            let of_other = |name: String| {
                let releases = chart.releases(&[]);
                let named = releases.iter().flat_map(|release| &release.layers).filter_map(|it| it.named.as_ref());
                let wanted: Vec<Wanted> = named.filter_map(|named| named.wanted.clone()).collect();
                wanted.into_iter().map(move |wanted| (wanted, Purpose::OtherChart(name.clone())))
            };
            let all = replaced.chain(name.into_iter().flat_map(of_other));
            uses.extend(all.map(|(wanted, purpose)| OtherUse { wanted, purpose }));
        });
    }
    uses
}

/// The paths of the files that a helmfile and its bases take for what their templates use, of all environments or of one, or
/// hand to other helmfiles; where a part of a name is a variable, the path has a star. None where the file is not a
/// helmfile. The names of a base lead from the folder of the helmfile. (helmfile documentation, Environment Values)
fn environment_files(files: &Files<'_>, number: usize) -> Vec<String> {
    let name = files.name(number);
    let is_object = |root: &Node<'_>| root.get("kind").is_some() || root.get("apiVersion").is_some();
    let mut found = Vec::new();
    let own = Some(number).filter(|number| is_of_helmfile(files, *number));
    let roots = read_bases(files, number).into_iter().chain(own).flat_map(|file| files.roots(file));
    for root in roots.filter(|root| !is_object(root)) {
        let environments = root.get("environments").into_iter().flat_map(Node::entries).map(|(_, entry)| entry);
        let others = root.get("helmfiles").into_iter().flat_map(Node::items);
        for taker in environments.chain(others).chain([root]) {
            let lists = ["values", "secrets"].into_iter().filter_map(|list| taker.get(list));
            let paths = lists.flat_map(Node::items).filter_map(Node::str).filter(|path| !path.contains("://"));
            found.extend(paths.map(|path| joined(name, &without_actions(path))));
        }
    }
    found
}

/// The paths of the files that plays, tasks and commands of a file read variables of Ansible from. A task of a role names
/// those in the folder `vars` of that, and a command is run beside its script, or at the top of the checkout.
fn files_of_variables(files: &Files<'_>, number: usize) -> Vec<String> {
    let name = files.name(number);
    // a name of which nothing is known may be that of any file
    let is_known = |path: &String| path.trim_start_matches("./").split('.').next().is_some_and(|stem| stem != "*");
    let lists = files.roots(number).filter(|root| root.is_list());
    let named = lists.flat_map(variable_files).map(|path| without_actions(&path)).filter(is_known);
    let mut found: Vec<String> = named.collect();
    if name.contains("/tasks/") || name.starts_with("tasks/") {
        found.extend(found.clone().into_iter().map(|path| format!("../vars/{path}")));
    }
    let mut paths: Vec<String> = found.iter().map(|path| joined(name, path)).collect();
    let text = files.source(number).text().unwrap_or_default();
    let handed = handed_over(text).into_iter().filter(|path| !path.contains('$'));
    paths.extend(handed.flat_map(|path| [joined(name, path), files.named(path)]));
    paths
}

/// A path with a star for each action of a template in it.
fn without_actions(path: &str) -> String {
    let mut pieces = path.split("{{");
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        whole.push('*');
        whole.push_str(piece.split_once("}}").map_or("", |(_, rest)| rest));
    }
    whole
}
