//! The charts that the documents of a file name, whether they are Illumio's or not.

use std::collections::HashMap;

use crate::{
    controller::{CONTROLLERS, Chart, Controller, FLEET, Settings},
    files::{Files, Wanted, objects_of},
    yaml::{Node, keys},
};

/// Each chart that the documents of a file name, with what its controller reads for the whole file.
pub(super) fn for_each_chart<'s>(files: &Files<'s>, number: usize, mut take: impl FnMut(&Chart<'_, 's>, &Settings)) {
    if !may_hold_manifest(files.source(number).bytes) {
        return;
    }
    let mut settings: HashMap<*const Controller, Settings> = HashMap::new();
    for part in files.parts(number) {
        let Some(root) = part.text.as_ref().ok().and_then(|text| text.root()) else { continue };
        for (root, controller) in
            objects_of(root).into_iter().flat_map(|root| CONTROLLERS.iter().map(move |it| (root, it)))
        {
            if !controller.describes(root) {
                continue;
            }
            let said = settings
                .entry(std::ptr::from_ref(*controller))
                .or_insert_with(|| (controller.rest.settings)(files, number));
            if said.only.is_some_and(|only| only != part.range.start) {
                continue;
            }
            let places =
                controller.rest.places.map_or_else(|| expanded(root, controller.charts), |places| places(root));
            for at in places.into_iter().filter(|at| !(controller.rest.is_passed_over)(*at, &at.path())) {
                for chart in &Chart::all(files, controller, root, at) {
                    take(chart, said);
                }
            }
        }
    }
}

/// Whether an object names a chart for its controller, whichever that is.
pub(super) fn brings_any_chart(object: Node<'_>) -> bool {
    CONTROLLERS.iter().filter(|controller| !controller.holds_only_values() && controller.describes(object)).any(|it| {
        let places = it.rest.places.map_or_else(|| expanded(object, it.charts), |places| places(object));
        places.into_iter().any(|at| !(it.rest.is_passed_over)(at, &at.path()))
    })
}

/// Whether any word that marks a manifest occurs in a text, or an escape that could spell it: a quick look, which
/// avoids reading values files as what they are not.
fn may_hold_manifest(bytes: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    let mut roots = CONTROLLERS.iter().map(|controller| controller.root).filter(|root| !root.is_empty());
    memchr::memchr(b'\\', bytes).is_some() || ["kind", "<<", "elm"].into_iter().chain(FLEET).any(has) || roots.any(has)
}

/// The nodes that a pattern matches: `*` is every item of a list, every entry of a mapping.
fn expanded<'s>(root: Node<'s>, pattern: &str) -> Vec<Node<'s>> {
    let mut nodes = vec![root];
    for key in keys(pattern) {
        let next = |node: Node<'s>| -> Vec<Node<'s>> {
            if key == "*" {
                node.items().chain(node.entries().map(|(_, value)| value)).collect()
            } else {
                node.get(&key).into_iter().collect()
            }
        };
        nodes = nodes.into_iter().flat_map(next).collect();
    }
    nodes.retain(|node| node.is_mapping() || node.str().is_some());
    nodes
}

/// What must be read before it is known of the charts of a file whether they bring Illumio's: those that are folders.
pub(crate) fn charts_wanted(files: &Files<'_>, number: usize) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    if may_name_folder(files.source(number).bytes) {
        for_each_chart(files, number, |chart, _| wanted.extend(chart.wanted.iter().cloned()));
    }
    wanted
}

/// Whether a file may bring a chart that is a folder: a quick look.
pub(crate) fn may_name_folder(bytes: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    let in_script = || crate::rendered::mentions_helm(bytes) && ["upgrade", "install", "template"].into_iter().any(has);
    has("argoproj.io") && has("path")
        || has("helmChart")
        // a template in a base may name it
        || has("bases:") && has("releases:")
        // what it refers to may be one
        || has("chartRef")
        || has("chart") && (has("./") || has("releases:") || has("GitRepository"))
        || has("helm_release")
        || has("HelmDeploy@")
        || has("chart") && has("helm:")
        || has("localPath")
        // what names no chart in Fleet is beside one
        || FLEET.into_iter().any(has)
        || in_script()
}
