//! [`ClusterValues`]: what values files say of the cluster they are for.

use crate::{
    finding::Finding,
    mode::ClusterMode,
    place::ModeInFile,
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
    /// Reads the values files of one cluster, of which later ones override earlier ones.
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
        let documents: Vec<Document<'_>> = sources
            .iter()
            .map(|source| {
                source.text().and_then(Document::read).map_err(|finding| finding.in_file(source.name))
            })
            .collect::<Result<_, _>>()?;
        let text_at = |name: &str| match documents.iter().rev().find_map(|document| document.effective(name)) {
            Some(Scalar::Text(text)) if !text.is_empty() => Some(text.to_owned()),
            _ => None,
        };
        let places: Vec<ModeInFile> = documents.iter().map(ModeInFile::read).collect();
        let mode = match places.iter().rev().find(|place| place.span.is_some()) {
            Some(place) => place.mode,
            None if places.iter().any(|place| !place.findings.is_empty()) => None,
            None => Some(ClusterMode::Legacy),
        };
        Ok(Self {
            pce_url: text_at("pce_url"),
            org: text_at("cluster_token").as_deref().and_then(org_of).map(str::to_owned),
            cluster_id: text_at("cluster_id"),
            namespace: text_at("namespaceOverride"),
            mode,
        })
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
        check(&["pce_url: a:1\n", "x: 1\n"], |values| values.pce_url, Some("a:1"));
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
        check(&["cluster_mode: clas\n"], mode, None);
    }
}
