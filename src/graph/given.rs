//! What the objects give to a release that it takes values from.

use super::held::Nearby;
use crate::{
    files::Wanted,
    release::{Layer, Release, Values},
};

impl<'s> Nearby<'_, '_, 's> {
    /// Gives a release on a way, by its number, what the objects hold that it takes values from, as they are built for it. Whether that is anything
    /// else than what is written in them.
    pub(super) fn give(&self, way: usize, release: &mut Release<'s>, namespace: Option<&str>) -> bool {
        /// The most layers of one object.
        const MOST: usize = 1 << 10;
        let namespace = namespace.filter(|name| !name.contains(['{', '$']));
        let mut is_any = false;
        for layer in std::mem::take(&mut release.layers) {
            let rank = (layer.rank.0, layer.rank.1.saturating_mul(MOST));
            let named = layer.named.as_ref().filter(|_| !matches!(layer.values, Values::Hidden(_)));
            let object = named.and_then(|named| match named.wanted.as_ref()? {
                Wanted::Object(object) => Some((object, named.key.as_deref()?)),
                _ => None,
            });
            let built = object.and_then(|object| self.looked_up(way, object, namespace));
            let Some(built) = built else {
                release.layers.push(Layer { rank, ..layer });
                continue;
            };
            let named = layer.named.clone().map(|mut named| {
                named.brought = built.brought;
                named
            });
            if built.layers.len() == 1 && built.layers[0].holds_same_as(&layer) {
                release.layers.push(Layer { rank, named, ..layer });
                continue;
            }
            is_any = true;
            // what a patch replaces in the object is overridden, where it is known what the release gets of that
            if !built.layers.iter().any(|one| one.is_unknown() || one.holds_same_as(&layer)) {
                release.replaced.push(layer.clone());
            }
            release.filled = built.filled.or(release.filled.take());
            let below = |(number, one): (usize, Layer<'s>)| Layer {
                rank: (rank.0, rank.1 + number),
                named: named.clone(),
                under: layer.under.clone(),
                ..one
            };
            release.layers.extend(built.layers.into_iter().enumerate().take(MOST).map(below));
        }
        is_any
    }
}
