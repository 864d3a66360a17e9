//! [`ClusterValues`]: what values files say of the cluster they are for.

use std::collections::HashMap;

use crate::{
    chart::MODE_KEY,
    finding::Finding,
    mode::ClusterMode,
    overrides::{Override, effective},
    place::{Look, Place, Rank, Sources, clusters},
    step::Source,
    yaml::{Address, Document, Scalar},
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
    /// The releases of a manifest of which it is not told which one is meant. Nothing is taken from any of them.
    pub several: Vec<String>,
}

impl ClusterValues {
    /// Reads the values files of one cluster, of which later ones override earlier ones, and the options beside them,
    /// which override all. An umbrella chart's values and a manifest will do as well, with the files behind it that it
    /// takes values from; `path` are the keys that lead to the
    /// values, or the name of a release in a manifest, where it cannot be told.
    ///
    /// # Errors
    ///
    /// The finding of the first file that cannot be read as every Helm reads it, or of an option that Helm refuses.
    ///
    /// ```
    /// use helm_clas::{Source, chart::cluster::ClusterValues};
    ///
    /// let bytes = b"pce_url: pce.example.com:8443\ncluster_token: 7_00ff\n";
    /// let values = ClusterValues::read(&[Source { name: "illumio-values.yaml", bytes }], None, &[])?;
    /// assert_eq!(values.pce_url.as_deref(), Some("pce.example.com:8443"));
    /// assert_eq!(values.org.as_deref(), Some("7"));
    /// # Ok::<(), helm_clas::Finding>(())
    /// ```
    pub fn read(sources: &[Source<'_>], path: Option<&str>, overrides: &[Override]) -> Result<Self, Finding> {
        let of_values = |source: &Source<'_>| {
            let found = source.text().and_then(|text| Found::of_values(text, path));
            found.map_err(|finding| finding.in_file(source.name))
        };
        let found = Found::of_manifest(sources, path).map_or_else(|| sources.iter().map(of_values).collect(), Ok)?;
        let set = effective(&[], overrides)?;
        let below = path.map(keys).or_else(|| found.iter().find_map(|found| found.below.clone())).unwrap_or_default();
        let set = below.iter().try_fold(&set, |values, key| values.get(key));
        let set = |name: &str| set.and_then(|values| values.get(name)).map(|value| value.as_str().unwrap_or_default());
        let text_of = |name: &str| match set(name)
            .or_else(|| found.iter().rev().find_map(|found| found.values.get(name)).map(String::as_str))
        {
            Some(text) if !text.is_empty() => Some(text.to_owned()),
            _ => None,
        };
        let mode = match found.iter().rev().find(|found| found.says_mode) {
            Some(found) => found.mode,
            None if found.iter().any(|found| found.is_unclear) => None,
            None => Some(ClusterMode::Legacy),
        };
        let mode = set(MODE_KEY).map_or(mode, ClusterMode::named);
        Ok(Self {
            pce_url: text_of("pce_url"),
            org: text_of("cluster_token").as_deref().and_then(org_of).map(str::to_owned),
            cluster_id: text_of("cluster_id"),
            namespace: text_of("namespaceOverride"),
            mode,
            several: found.into_iter().flat_map(|found| found.several).collect(),
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
    /// The keys below which an umbrella chart's values hold the chart's.
    below: Option<Vec<String>>,
    several: Vec<String>,
}

impl Found {
    /// Reads a values file.
    fn of_values(text: &str, path: Option<&str>) -> Result<Self, Finding> {
        let document = Document::read(text)?;
        let keys = path.map_or_else(|| Place::below(std::slice::from_ref(&document)), keys);
        let place = Place::in_values(&document, &keys);
        let mut found = Self {
            says_mode: place.span.is_some(),
            mode: place.mode,
            is_unclear: !place.findings.is_empty(),
            below: Some(keys).filter(|keys| !keys.is_empty()),
            ..Self::default()
        };
        found.take(&document, &place.address.layers);
        Ok(found)
    }

    /// Reads the release of a manifest that is meant, the first of some sources, with the files that it takes values from:
    /// what is overridden comes first. Nothing where the first is none.
    fn of_manifest(sources: &[Source<'_>], path: Option<&str>) -> Option<Vec<Self>> {
        let places = clusters(Place::in_manifest(sources.first()?.text().ok()?));
        let is_meant = |place: &&Place| path.is_none_or(|path| place.is_called(path));
        let place = match places.iter().filter(is_meant).collect::<Vec<_>>()[..] {
            [place] => place,
            _ if places.is_empty() => return None,
            _ => {
                let names = places.iter().filter_map(|place| Some(place.release.as_ref()?.name.clone()));
                return Some(vec![Self { is_unclear: true, several: names.collect(), ..Self::default() }]);
            }
        };
        let around = Sources::of(sources);
        let own = place.rank.map(|rank| (rank, 0, place.address.clone()));
        let named = place.named.iter().filter_map(|named| match named.look(&around) {
            Look::Read(number, read) => Some((named.rank, number, read.address)),
            _ => None,
        });
        let mut layers: Vec<(Rank, usize, Address)> = own.into_iter().chain(named).collect();
        layers.sort_by_key(|(rank, _, _)| *rank);
        let values = layers.into_iter().filter_map(|(_, number, address)| {
            let document = Document::read(&sources[number].text().ok()?[address.document]).ok()?;
            let mut found = Self::default();
            found.take(&document, &address.layers);
            Some(found)
        });
        let mode = place.clone().among(&around).1.effective_mode();
        let of_mode = Self { says_mode: true, mode, ..Self::default() };
        Some(values.chain([of_mode]).collect())
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

fn keys(path: &str) -> Vec<String> {
    path.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect()
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
        let values = ClusterValues::read(&sources, None, &[]).expect("the files can be read");
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
        check(&[&twice], |values| Some(values.several.join(" ")), Some("illumio illumio"));
    }

    #[test]
    fn a_manifest_is_read_with_the_files_that_it_takes_values_from() {
        let helmfile = "releases:\n- {name: east, chart: illumio, values: [a.yaml, {pce_url: 'e:1'}, b.yaml]}\n\
                        - {name: west, chart: illumio, values: [b.yaml]}\n";
        let read = |path| {
            let files = [
                ("helmfile.yaml", helmfile),
                ("b.yaml", "cluster_token: 2_ab\n"),
                ("a.yaml", "pce_url: a:1\nclusterMode: clas\ncluster_token: 1_ab\n"),
            ];
            let sources = files.map(|(name, text)| Source { name, bytes: text.as_bytes() });
            ClusterValues::read(&sources, path, &[]).expect("the files can be read")
        };
        let east = read(Some("east"));
        assert_eq!((east.pce_url.as_deref(), east.org.as_deref()), (Some("e:1"), Some("2")));
        assert_eq!(east.mode, Some(ClusterMode::Clas));
        let west = read(Some("west"));
        assert_eq!((west.pce_url.as_deref(), west.org.as_deref()), (None, Some("2")));
        assert_eq!(west.mode, Some(ClusterMode::Legacy));
        assert_eq!(read(None).several, ["east", "west"]);
    }

    #[test]
    fn a_path_tells_which_values_are_meant_and_options_override_them() {
        #[track_caller]
        fn check(text: &str, path: Option<&str>, set: &str, expected: Option<&str>) {
            let overrides = [Override::read(crate::overrides::Kind::Set, set).expect("an option")];
            let source = Source { name: "v.yaml", bytes: text.as_bytes() };
            let values = ClusterValues::read(&[source], path, &overrides).expect("the file can be read");
            assert_eq!(values.pce_url.as_deref(), expected);
        }
        let helmfile = "releases:\n  - name: east\n    chart: illumio\n    values: [{pce_url: \"e:1\"}]\n  \
                        - name: west\n    chart: illumio\n    values: [{pce_url: \"w:1\"}]\n";
        check(helmfile, Some("east"), "", Some("e:1"));
        check(helmfile, Some("west"), "", Some("w:1"));
        check(helmfile, Some("north"), "", None);
        check(helmfile, None, "", None);
        let umbrella = "security:\n  pce_url: a:1\npce_url: b:2\n";
        check(umbrella, Some("security"), "", Some("a:1"));
        check(umbrella, Some("security"), "security.pce_url=c:3", Some("c:3"));
        check(umbrella, None, "", Some("b:2"));
        check("illumio:\n  clusterMode: clas\n", None, "illumio.pce_url=c:3", Some("c:3"));
        check("pce_url: a:1\n", None, "pce_url=c:3", Some("c:3"));
        check("pce_url: a:1\n", None, "pce_url=null", None);
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
