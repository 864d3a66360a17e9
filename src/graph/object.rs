//! [`Object`]: an object that holds values as kustomizations and Flux build it on one way. What a release gets of it need
//! not be what is written in its file.

use serde_json::{Value, json};

use super::{
    along::go_along,
    generated::OnWay,
    patch::Patched,
    substituted::substituted,
    taker::{By, Taker, takers_in},
    way::Way,
};
use crate::{
    chart::MODE_KEY,
    controller::{CONFIG_KIND, Chart, holder_of, made_for, unapplied, unapplied_by, values_of_config},
    files::{Files, Held, ObjectRef},
    finding::{Doubt, Finding},
    release::{Filled, Layer, Release, Says, Values},
    rule::Rule,
    yaml::Node,
};

/// An object that holds values, as it is built on a way.
pub(super) struct Object<'s> {
    /// The names that it has had, its own first.
    pub(super) names: Vec<String>,
    /// The namespace that it is in, where that is known.
    pub(super) namespace: Option<String>,
    /// Whether kustomize puts a hash behind its name.
    pub(super) has_hash: bool,
    /// The file with the patch that deletes it.
    pub(super) deleted_by: Option<usize>,
    /// What its key gives to a release, weakest first.
    pub(super) layers: Vec<Layer<'s>>,
    /// The bytes of a variable in it that Flux fills in.
    pub(super) filled: Option<Filled>,
}

/// The ways of an object, of those from its file: what is generated is first built by the kustomization that does it.
pub(super) fn ways_of<'s>(files: &Files<'s>, held: Held<'s>, all: Vec<Way<'s>>) -> Vec<Way<'s>> {
    let Held::Generated(generator) = held else { return all };
    let place = |taker: &Taker<'s>| (taker.file(), taker.root.span().start);
    let mut here = takers_in(files, generator.file()).into_iter();
    let Some(own) = here.find(|taker| place(taker) == generator.place()) else { return all };
    let all = if all.is_empty() { vec![Way::none()] } else { all };
    let with_own = |way: Way<'s>| Way { takers: [own].into_iter().chain(way.takers).collect(), ..way };
    all.into_iter().map(with_own).collect()
}

/// A text of an object as it is before anything is put over it.
struct Start<'s> {
    object: Node<'s>,
    at: Node<'s>,
    file: usize,
    values: Values<'s>,
}

impl<'s> Start<'s> {
    fn of(chart: &Chart<'_, 's>, held: Held<'s>, object: &ObjectRef, key: &str, is_told: bool) -> Option<Self> {
        let files = chart.files;
        if let Held::Written(root) = held
            && object.kind == CONFIG_KIND
        {
            let (at, file) = (root.get("spec")?, root.text.file);
            let values = values_of_config(root, key);
            return Some(Self { object: root, at, file, values });
        }
        let list = if object.kind == "Secret" { "stringData" } else { "data" };
        let (metadata, file, values) = match held {
            Held::Written(root) => {
                let (file, values) = chart.look_into(object, key, &[held]);
                if let Some(at) = root.get(list).and_then(|list| list.get(key)) {
                    return Some(Self { object: root, at, file, values });
                }
                (root.get("metadata")?.value(), file, values)
            }
            Held::Generated(generator) => {
                let (file, values) = made_for(files, generator, key, is_told)
                    .unwrap_or_else(|reason| (generator.file(), Values::Unread(Some(reason))));
                let mut metadata = json!({ "name": generator.name()? });
                if let Some(namespace) = generator.own_namespace() {
                    metadata["namespace"] = Value::from(namespace);
                }
                (metadata, file, values)
            }
        };
        // a patch may be about a text that is not written here
        let made = json!({ "apiVersion": "v1", "kind": object.kind, "metadata": metadata, list: { key: "" } });
        let object = files.made(held.file(), &made)?;
        Some(Self { object, at: object.get(list)?.get(key)?, file, values })
    }
}

/// Says of a variable in a Secret that is generated that Flux does not fill it in: kustomize encodes the text before. (Flux
/// documentation, Kustomization, Post build variable substitution)
fn keep_variable<'s>(way: &Way<'s>, built: &mut Release<'s>) {
    let names = built.path_to(MODE_KEY);
    let Some((number, Says::Is(node))) = built.deciding(&names) else { return };
    let is_of_flux = way.takers.iter().any(|taker| taker.by == By::Flux);
    let Some(text) = node.str().filter(|text| is_of_flux && text.contains("${")) else { return };
    let text = text.escape_debug();
    let message = format!(
        "Flux does not fill in `{text}`: kustomize encodes the Secret before, so the chart gets the text as it is written"
    );
    let finding = Finding::new(Rule::TemplateInValues, message).doubting(Doubt::Elsewhere);
    let finding = finding.help("write the mode itself: it is not a secret").at(node.span());
    let Layer { rank, file, .. } = built.layers[number];
    built.filled = Some((node.text.file, node.span()));
    built.layers.push(Layer::own(rank, file, Values::Hidden(finding)));
}

/// That a change of an object, which is made like this one, does not reach its cluster. One with a hash in its name is
/// another one after each change.
fn kept<'s>(held: Held<'s>, made: Node<'s>) -> Option<Finding> {
    match held {
        Held::Written(root) => unapplied(root),
        Held::Generated(generator) if generator.disables_hash() => {
            generator.options().find_map(|(name, value)| unapplied_by(made, name, value))
        }
        Held::Generated(_) => None,
    }
}

impl<'s> Object<'s> {
    /// What a way makes of a key of an object that a release takes values from.
    pub(super) fn built(
        (chart, release): (&Chart<'_, 's>, &Release<'s>),
        (held, way): (Held<'s>, &Way<'s>),
        (object, key): (&ObjectRef, &str),
    ) -> Option<Self> {
        let files = chart.files;
        let start = Start::of(chart, held, object, key, release.umbrella.is_some())?;
        let mut own = Chart::new(files, holder_of(&object.kind)?, start.object, start.at);
        own.below.clone_from(&release.below);
        let rules = own.controller.values;
        let level = rules.iter().find(|rule| rule.path == key).or(rules.first())?.level;
        let mut built = Release {
            below: release.below.clone(),
            umbrella: release.umbrella.clone(),
            layers: vec![Layer::own((level, 0), start.file, start.values)],
            ..Release::blank(start.file)
        };
        let mut patched = Patched::of(&mut built, &own, start.object);
        patched.identities.is_labelled = matches!(held, Held::Generated(_));
        go_along(files, way, &mut patched);
        let (deleted_by, identities) = (patched.deleted_by, patched.identities);
        // the other texts of it are asked for by themselves
        let is_other = |layer: &Layer<'s>| rules.iter().any(|rule| rule.level != level && rule.level == layer.rank.0);
        built.layers.retain(|layer| !is_other(layer));
        built.layers.sort_by_key(|layer| layer.rank);
        if object.kind == "Secret" && matches!(held, Held::Generated(_)) {
            keep_variable(way, &mut built);
        } else {
            substituted(files, way, start.object, &mut built);
        }
        if built.layers.is_empty() {
            let reason = format!("which has no text `{}`", key.escape_debug());
            built.layers.push(Layer::own((level, 0), start.file, Values::Unread(Some(reason))));
        }
        if let Some(finding) = kept(held, start.object) {
            built.layers.push(Layer::own((u8::MAX, 0), held.file(), Values::Hidden(finding)));
        }
        let names = identities.names();
        let leave_hash = || OnWay::of(files, way.takers.iter().copied()).leave_hash(&object.kind, &names);
        let written = start.object.str_at("metadata.namespace");
        Some(Self {
            namespace: identities.namespace().or(written).map(str::to_owned),
            has_hash: matches!(held, Held::Generated(own) if !own.disables_hash()) && leave_hash(),
            deleted_by,
            layers: built.layers,
            filled: built.filled,
            names,
        })
    }

    /// What it is called.
    pub(super) fn name(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    /// Whether a release gets the same from both.
    pub(super) fn gives_same_as(&self, other: &Self) -> bool {
        self.layers.len() == other.layers.len()
            && self
                .layers
                .iter()
                .zip(&other.layers)
                .all(|(one, other)| one.file == other.file && one.holds_same_as(other))
    }
}
