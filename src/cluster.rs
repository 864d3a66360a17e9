//! [`ClusterValues`]: what values files say of the cluster they are for.

mod claim;
mod identity;

pub(crate) use claim::brought_by_several;
pub use claim::{Claim, Claimant, Installed, clusters_of, disputed, is_bootstrap};
pub use identity::Identity;

use crate::{
    files::{Files, Folder, Found},
    finding::Finding,
    mode::ClusterMode,
    open_word,
    overrides::Override,
    release::{Id, Release, paths},
    resolve::{Asked, releases_of_manifest, releases_of_values},
    umbrella::CHART,
    yaml::{Text, written},
};

/// Which PCE knows the cluster, under which name, and where in the cluster the chart lives. Of the token only the part
/// that is not a secret is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterValues {
    /// `pce_url`: the PCE's host and port.
    pub pce_url: Option<String>,
    /// The organisation: the number before the first `_` of `cluster_token`.
    pub org: Option<String>,
    /// `cluster_id`: the last part of the cluster's address on the PCE.
    pub cluster_id: Option<String>,
    /// Where a file says that id, and for whom; nothing where something else has to fill it in.
    pub claim: Option<Claim>,
    /// `namespaceOverride`, where it names a namespace; a word that a person replaces where that is a reference.
    pub namespace: Option<String>,
    /// Whether `namespaceOverride` is null, so that the chart goes into the namespace of its release.
    pub follows_release: bool,
    /// The mode, `legacy` where no file names one; nothing where that is not known.
    pub mode: Option<ClusterMode>,
    /// The release that a manifest brings; nothing where Helm is called by hand.
    pub release: Option<Id>,
    /// The chart version that the release gets, where a file names it: not that of an umbrella chart.
    pub version: Option<String>,
    /// The chart, as the manifest names it.
    pub chart: Option<String>,
    /// The umbrella chart that brings Illumio's, where one does.
    pub umbrella: Option<OfUmbrella>,
    /// What distinguishes it from other clusters, credentials among it.
    pub identity: Identity,
    /// What `--path` names the releases of a manifest by, of which it is not said which one is meant. Nothing is taken
    /// from any of them.
    pub several: Vec<String>,
}

/// An umbrella chart that brings Illumio's, as far as the files say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfUmbrella {
    /// Its name, where it is in the checkout.
    pub name: Option<String>,
    /// Its own version, where it is in the checkout.
    pub own_version: Option<String>,
    /// The keys that lead to the values of Illumio's chart: the names or the aliases of the charts on the way.
    pub keys: Vec<String>,
    /// The version of Illumio's chart that is named there, or a range of them.
    pub version: Option<String>,
}

impl OfUmbrella {
    fn of(files: &Files<'_>, release: &Release<'_>) -> Option<Self> {
        let text = |folder: &Folder| match files.find(&folder.file(CHART), usize::MAX) {
            Found::Here(number) => files.whole(number).ok(),
            Found::Unasked | Found::Absent => None,
        };
        let chart = release.umbrella.as_ref().and_then(text).and_then(Text::root);
        let name = chart.and_then(|chart| chart.str_at("name")).map(str::to_owned);
        let own_version = chart.and_then(|chart| chart.str_at("version")).map(str::to_owned);
        let version = release.pin.as_ref().map(|pin| pin.text.clone());
        (!release.below.is_empty()).then(|| Self { name, own_version, keys: release.below.clone(), version })
    }
}

impl ClusterValues {
    /// Reads the values files of one cluster, of which later ones override earlier ones, and the options beside them,
    /// which override all. An umbrella chart's values and a manifest will do as well, with the files that it takes values
    /// from; `path` are the keys that lead to the values, or the name of a release in a manifest.
    ///
    /// # Errors
    ///
    /// The finding of the first file that cannot be read as every Helm reads it, or of an option that Helm refuses; or that
    /// the files are those of two clusters.
    ///
    /// ```
    /// use helm_clas::{ClusterValues, Files, Texts};
    ///
    /// let texts = Texts::new();
    /// let files = Files::of(&texts, [("illumio-values.yaml", "pce_url: pce.example.com:8443\ncluster_token: 7_00ff\n")]);
    /// let values = ClusterValues::read(&files, &[0], None, &[])?;
    /// assert_eq!(values.pce_url.as_deref(), Some("pce.example.com:8443"));
    /// assert_eq!(values.org.as_deref(), Some("7"));
    /// # Ok::<(), helm_clas::Finding>(())
    /// ```
    pub fn read(
        files: &Files<'_>,
        given: &[usize],
        path: Option<&str>,
        options: &[Result<Override, Finding>],
    ) -> Result<Self, Finding> {
        let releases = given.first().map(|first| releases_of_manifest(files, *first)).unwrap_or_default();
        if releases.is_empty() {
            let asked = Asked { path, options };
            let releases = releases_of_values(files, given, asked).map_err(|findings| {
                let first = findings.into_iter().next();
                first.unwrap_or_else(|| Finding::new(crate::Rule::MissingValue, "no values file is given"))
            })?;
            return match &releases[..] {
                [release] => release.of_two_clusters(files).map_or_else(|| Ok(Self::of(files, release)), Err),
                several => {
                    let several = several.iter().map(|release| written(&release.below)).collect();
                    Ok(Self { several, ..Self::default() })
                }
            };
        }
        let is_meant = |release: &&Release<'_>| path.is_none_or(|path| release.is_called(path));
        match releases.iter().filter(is_meant).collect::<Vec<_>>()[..] {
            [release] => Self::of(files, release).told_beside(options),
            _ => Ok(Self { several: paths(&releases), ..Self::default() }),
        }
    }

    /// The same of a manifest, with the options beside it, which its controller does not see: all that one can tell is what
    /// the namespace of the software comes to.
    fn told_beside(self, options: &[Result<Override, Finding>]) -> Result<Self, Finding> {
        let key = "namespaceOverride";
        let is_open = self.namespace.as_deref().is_some_and(open_word::is_open);
        let mut namespace = None;
        for option in options {
            let option = option.as_ref().map_err(Clone::clone)?;
            if !option.is_only(key) || !is_open && option.only(key).is_some() {
                return Err(option.beside_manifest());
            }
            namespace = option.only(key).map(str::to_owned).or(namespace);
        }
        Ok(Self { namespace: namespace.or(self.namespace), ..self })
    }

    /// The namespace that the chart puts its objects into, where Helm keeps its release in this one: `illumio-system`,
    /// unless `namespaceOverride` says otherwise. (Chart README 5.7.0; before 5.7.0 always.)
    ///
    /// ```
    /// use helm_clas::ClusterValues;
    ///
    /// assert_eq!(ClusterValues::default().software_namespace("other"), "illumio-system");
    /// let follows = ClusterValues { follows_release: true, ..ClusterValues::default() };
    /// assert_eq!(follows.software_namespace("other"), "other");
    /// ```
    #[must_use]
    pub fn software_namespace<'n>(&'n self, of_release: &'n str) -> &'n str {
        let usual = if self.follows_release { of_release } else { crate::Release::default().namespace };
        self.namespace.as_deref().unwrap_or(usual)
    }

    /// What a release gets.
    pub(crate) fn of(files: &Files<'_>, release: &Release<'_>) -> Self {
        Self {
            pce_url: release.text("pce_url"),
            org: release.text("cluster_token").as_deref().and_then(org_of).map(str::to_owned),
            cluster_id: release.text("cluster_id"),
            claim: Claim::of(files, release),
            namespace: release
                .text("namespaceOverride")
                .map(|name| open_word::known_or(&name, open_word::SOFTWARE_NAMESPACE).to_owned()),
            follows_release: release.is_null("namespaceOverride"),
            mode: release.mode.mode,
            release: release.is_of_manifest().then(|| release.id.clone()),
            version: release.pin.as_ref().filter(|_| release.below.is_empty()).map(|pin| pin.text.clone()),
            chart: release.at.and_then(crate::yaml::Node::str).map(str::to_owned),
            umbrella: OfUmbrella::of(files, release),
            identity: Identity::of(release),
            several: Vec::new(),
        }
    }
}

/// A token whose beginning is not a number is a placeholder that was left in.
fn org_of(token: &str) -> Option<&str> {
    let (org, _) = token.split_once('_')?;
    (!org.is_empty() && org.bytes().all(|byte| byte.is_ascii_digit())).then_some(org)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(texts: &[&str], pick: impl Fn(ClusterValues) -> Option<String>, expected: Option<&str>) {
        let store = crate::Texts::new();
        let files = Files::of(&store, texts.iter().map(|text| ("v.yaml", *text)));
        let given: Vec<usize> = (0..files.len()).collect();
        let values = ClusterValues::read(&files, &given, None, &[]).expect("the files can be read");
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
        check(&[&twice], |values| Some(values.several.join(" ")), Some("illumio (1 of 2) illumio (2 of 2)"));
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
            let store = crate::Texts::new();
            ClusterValues::read(&Files::of(&store, files), &[0], path, &[]).expect("the files can be read")
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
            let overrides = [Ok(Override::read(crate::overrides::Kind::Set, set).expect("an option"))];
            let store = crate::Texts::new();
            let files = Files::of(&store, [("v.yaml", text)]);
            let values = ClusterValues::read(&files, &[0], path, &overrides).expect("the file can be read");
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
        // Helm ignores the name, and the chart takes its default
        check(&["cluster_mode: clas\n"], mode, Some("legacy"));
    }
}
