//! What a way says of a release, or of an object that one takes values from, from its file to the cluster.

use super::{
    identity::Level,
    inherited::{doubt_by_instance, doubt_patched},
    over::put_over,
    patch::Patched,
    source,
    taker::Taker,
    way::{Way, ways},
};
use crate::files::{Files, Wanted};

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

/// The questions to ask about each file on a way, from one on, with the taker that decides. A controller, and a kustomization
/// that fetches, take all of it from one place.
pub(super) fn asked_on<'s>(files: &Files<'s>, number: usize, way: &Way<'s>) -> Vec<(Taker<'s>, usize, Wanted)> {
    let (mut below, mut asked) = (vec![number], Vec::new());
    for taker in &way.takers {
        let taken = files.path_from_top(below.last().copied().unwrap_or(number));
        if taker.is_outer() || taker.remote_of(&taken).is_some() {
            let question = |file: &usize| {
                let path = files.path_from_top(*file);
                let taken = if taker.is_outer() { &path } else { &taken };
                Some((*taker, *file, source::asked_below(files, *taker, taken, &path)?))
            };
            asked.extend(below.iter().filter_map(question));
        }
        below.push(taker.file());
    }
    asked
}

/// Says where a controller is not known to build what is in this checkout.
fn doubt_source<'s>(files: &Files<'s>, way: &Way<'s>, patched: &mut Patched<'_, '_, 's>) {
    for (taker, file, asked) in asked_on(files, patched.object.text.file, way) {
        let Some(left) = files.left(&asked) else { continue };
        let message = format!("{} is built as it is {}", files.name(file), left.reason);
        let help = "take the step where it is built from: on that branch, or where the tag or the commit comes from";
        return patched.fails(taker.root, &message, help);
    }
    let Some(outer) = way.takers.last().filter(|last| last.is_outer()) else { return };
    doubt_by_instance(files, *outer, patched);
    for taker in ways(files, outer.file()).iter().flat_map(|way| &way.takers) {
        doubt_patched(files, *taker, *outer, patched);
        doubt_by_instance(files, *taker, patched);
    }
}
