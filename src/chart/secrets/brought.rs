//! [`Brought`]: the values that some files bring to secret names from others.

use std::collections::HashSet;

use super::{
    pointers::{Place, points},
    tree::places,
};

/// The values that some texts bring to secret names from others: a manifest of Flux or a kustomization says so, and the
/// object is in another file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brought(pub(super) HashSet<Place>);

impl Brought {
    /// What some texts say.
    ///
    /// ```
    /// use helm_clas::chart::secrets::{Brought, secret_ranges_with};
    ///
    /// let release = "valuesFrom: [{kind: ConfigMap, name: a, valuesKey: k, targetPath: cluster_token}]\n";
    /// let object = "kind: ConfigMap\nmetadata: {name: a}\ndata: {k: x1, l: y}\n";
    /// let secrets = secret_ranges_with(object, &Brought::of([release]));
    /// assert_eq!(secrets.into_iter().map(|range| &object[range]).collect::<Vec<_>>(), ["x1"]);
    /// ```
    #[must_use]
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let of_text = |text: &'t str| if points(text) { places(text) } else { HashSet::new() };
        Self(texts.into_iter().flat_map(of_text).collect())
    }
}
