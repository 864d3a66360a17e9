//! [`ClusterValues`]: what values files say of the cluster they are for.

use std::collections::HashMap;

use crate::{
    finding::Finding,
    mode::ClusterMode,
    place::Place,
    step::Source,
    yaml::{Document, Scalar},
};

/// Which PCE knows the cluster, under which name, and where in the cluster the chart lives. Of the token only the part
/// that is no secret is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterValues {
    /// `pce_url`: the PCE's host and port.
    pub pce_url: Option<String>,
    /// The organisation: the number before the first `_` of `cluster_token`.
    pub org: Option<String>,
    /// `cluster_id`: the last part of the cluster's address on the PCE.
    pub cluster_id: Option<String>,
    /// `namespaceOverride`, where it names a namespace.
    pub namespace: Option<String>,
    /// The mode, `legacy` where no file names one; nothing where that cannot be told.
    pub mode: Option<ClusterMode>,
}

impl ClusterValues {
    /// Reads the values files of one cluster, of which later ones override earlier ones. An umbrella chart's values and
    /// a manifest of one release will do as well.
    ///
    /// # Errors
    ///
    /// The finding of the first file that cannot be read as every Helm reads it.
    ///
    /// ```
    /// use helm_clas::{Source, chart::cluster::ClusterValues};
    ///
    /// let bytes = b"pce_url: pce.example.com:8443\ncluster_token: 7_00ff\n";
    /// let values = ClusterValues::read(&[Source { name: "illumio-values.yaml", bytes }])?;
    /// assert_eq!(values.pce_url.as_deref(), Some("pce.example.com:8443"));
    /// assert_eq!(values.org.as_deref(), Some("7"));
    /// # Ok::<(), helm_clas::Finding>(())
    /// ```
    pub fn read(sources: &[Source<'_>]) -> Result<Self, Finding> {
        let found: Vec<Found> = sources
            .iter()
            .map(|source| source.text().and_then(Found::read).map_err(|finding| finding.in_file(source.name)))
            .collect::<Result<_, _>>()?;
        let text_of = |name: &str| match found.iter().rev().find_map(|found| found.values.get(name)) {
            Some(text) if !text.is_empty() => Some(text.clone()),
            _ => None,
        };
        let mode = match found.iter().rev().find(|found| found.says_mode) {
            Some(found) => found.mode,
            None if found.iter().any(|found| found.is_unclear) => None,
            None => Some(ClusterMode::Legacy),
        };
        Ok(Self {
            pce_url: text_of("pce_url"),
            org: text_of("cluster_token").as_deref().and_then(org_of).map(str::to_owned),
            cluster_id: text_of("cluster_id"),
            namespace: text_of("namespaceOverride"),
            mode,
        })
    }
}

/// What one file says.
#[derive(Default)]
struct Found {
    says_mode: bool,
    mode: Option<ClusterMode>,
    /// The mode may be said in a way that the chart does not read.
    is_unclear: bool,
    /// The names that are given; what is no text is an empty one.
    values: HashMap<&'static str, String>,
}

impl Found {
    /// Reads a values file, or a manifest of one release. A manifest of several does not tell which one is meant.
    fn read(text: &str) -> Result<Self, Finding> {
        let mut places = Place::in_manifest(text);
        let place = match (places.pop(), places.is_empty()) {
            (None, _) => Place::read(&Document::read(text)?),
            (Some(place), true) => place,
            (Some(_), false) => return Ok(Self { is_unclear: true, ..Self::default() }),
        };
        let document = Document::read(&text[place.address.document.clone()])?;
        let mut found = Self {
            says_mode: place.span.is_some(),
            mode: place.mode,
            is_unclear: !place.findings.is_empty(),
            values: HashMap::new(),
        };
        found.take(&document, &place.address.layers);
        Ok(found)
    }

    /// Takes what stands beside the mode.
    fn take(&mut self, document: &Document<'_>, layers: &[Vec<String>]) {
        let Some((path, deeper)) = layers.split_first() else { return };
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        if deeper.is_empty() {
            for name in ["pce_url", "cluster_token", "cluster_id", "namespaceOverride"] {
                let beside = path[..path.len() - 1].iter().copied().chain([name]);
                match document.scalar_at(beside) {
                    Some(Scalar::Text(text)) => self.values.insert(name, text.to_owned()),
                    Some(_) => self.values.insert(name, String::new()),
                    None => None,
                };
            }
        } else if let Ok(Some(entry)) = document.find(&path)
            && let Ok(block) = document.block(entry)
            && let Ok(inner) = Document::read(&block.text)
        {
            self.take(&inner, deeper);
        }
    }
}

/// A token whose beginning is no number is a placeholder that was left in.
fn org_of(token: &str) -> Option<&str> {
    let (org, _) = token.split_once('_')?;
    (!org.is_empty() && org.bytes().all(|byte| byte.is_ascii_digit())).then_some(org)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(texts: &[&str], pick: impl Fn(ClusterValues) -> Option<String>, expected: Option<&str>) {
        let sources: Vec<Source<'_>> =
            texts.iter().map(|text| Source { name: "v.yaml", bytes: text.as_bytes() }).collect();
        let values = ClusterValues::read(&sources).expect("the files can be read");
        assert_eq!(pick(values).as_deref(), expected);
    }

    #[test]
    fn a_later_file_overrides_an_earlier_one() {
        check(&["pce_url: a:1\n", "pce_url: b:2\n"], |values| values.pce_url, Some("b:2"));
        check(&["pce_url: a:1\n", "pce_url:\n"], |values| values.pce_url, None);
        check(&["illumio:\n  pce_url: a:1\n"], |values| values.pce_url, Some("a:1"));
        check(&["pce_url: a:1\n", "x: 1\n"], |values| values.pce_url, Some("a:1"));
    }

    #[test]
    fn a_manifest_of_one_release_is_read_as_its_values() {
        let manifest = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: illumio\nspec:\n  \
                        source:\n    repoURL: quay.io/illumio\n    chart: illumio\n    targetRevision: 5.1.0\n    helm:\n      \
                        values: |\n        pce_url: a:1\n        clusterMode: clas\n";
        check(&[manifest], |values| values.pce_url, Some("a:1"));
        check(&[manifest], |values| values.mode.map(|mode| mode.to_string()), Some("clas"));
        let twice = format!("{manifest}---\n{manifest}");
        check(&[&twice], |values| values.pce_url, None);
    }

    #[test]
    fn the_organisation_is_a_number() {
        check(&["cluster_token: 12_ab\n"], |values| values.org, Some("12"));
        check(&["cluster_token: ILO_CLUSTER_TOKEN\n"], |values| values.org, None);
        check(&["cluster_token: 12\n"], |values| values.org, None);
    }

    #[test]
    fn the_mode_is_told_or_not() {
        let mode = |values: ClusterValues| values.mode.map(|mode| mode.to_string());
        check(&["clusterMode: CLAS\n"], mode, Some("clas"));
        check(&["clusterMode: clas\n", "clusterMode:\n"], mode, None);
        check(&["x: 1\n"], mode, Some("legacy"));
        check(&["illumio:\n  clusterMode: clas\n"], mode, Some("clas"));
        check(&["cluster_mode: clas\n"], mode, None);
    }
}
