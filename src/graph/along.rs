//! What a way says of a release, or of an object that one takes values from, from its file to the cluster.

use super::{
    identity::Level,
    inherited::{doubt_by_instance, doubt_patched},
    over::put_over,
    patch::Patched,
    source,
    way::{Way, ways},
};
use crate::files::Files;

/// Puts what a way says over a release, or over an object that one takes values from.
pub(super) fn go_along<'s>(files: &Files<'s>, way: &Way<'s>, patched: &mut Patched<'_, '_, 's>) {
    for level in Level::all(files, &way.takers) {
        put_over(files, level, patched, 0);
    }
    doubt_source(files, way, patched);
    if let Some(first) = way.takers.first().filter(|_| way.is_circle) {
        let message = "kustomizations include each other in a circle, and kustomize builds none of them";
        patched.fails(first.root, message, "remove one of them from the `resources` of the other");
    }
}

/// Says where a controller is not known to build what is in this checkout.
fn doubt_source<'s>(files: &Files<'s>, way: &Way<'s>, patched: &mut Patched<'_, '_, 's>) {
    let mut below = vec![patched.object.text.file];
    for taker in &way.takers {
        // a controller takes all of it from one place
        let built = if taker.is_outer() { &below[..] } else { &below[below.len() - 1..] };
        for file in built {
            let Some(left) = source::left(files, *taker, &files.path_from_top(*file)) else { continue };
            let message = format!("{} is built as it is {}", files.name(*file), left.reason);
            let help =
                "take the step where it is built from: on that branch, or where the tag or the commit comes from";
            return patched.fails(taker.root, &message, help);
        }
        below.push(taker.file());
    }
    let Some(outer) = way.takers.last().filter(|last| last.is_outer()) else { return };
    doubt_by_instance(files, *outer, patched);
    for taker in ways(files, outer.file()).iter().flat_map(|way| &way.takers) {
        doubt_patched(files, *taker, *outer, patched);
        doubt_by_instance(files, *taker, patched);
    }
}
