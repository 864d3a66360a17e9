//! [`Claim`]: a release that says which cluster of the PCE it is for. Two clusters that say the same contradict each
//! other, and neither is known to be the right one.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use crate::{
    chart,
    controller::IN_SCRIPT,
    files::Files,
    finding::{Doubt, Finding, Position, Related, Severity},
    mode::ClusterMode,
    open_word::{is_filled_in, is_open},
    release::{Id, Release, Says},
    rule::Rule,
    shown::on_one_line,
    yaml::Node,
};

/// Who gets values, as far as that distinguishes clusters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claimant {
    /// The manifest, or the values file.
    pub file: String,
    /// The release, where a manifest names it.
    pub release: Option<String>,
    /// The cluster that a command names for the release.
    pub context: Option<String>,
    /// Whether a command of Helm brings it: several of these may bring one release to one cluster.
    pub is_command: bool,
    /// The values files that it is given.
    pub given: Vec<String>,
    /// What is installed by that, where the files say so.
    pub installed: Option<Installed>,
    /// What it has in common with others of its file that bring the same release to the cluster of one `cluster_id`.
    pub arm: Option<String>,
}

/// A release as a cluster has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Installed {
    name: String,
    namespace: String,
    /// The context of the cluster, where one is named.
    context: Option<String>,
}

impl Installed {
    /// What a release installs: nothing where its name or its namespace is not known.
    pub(crate) fn of(id: &Id, at: Option<Node<'_>>) -> Option<Self> {
        // Argo CD names what it renders, too (Argo CD documentation, Helm, Helm Release Name)
        let named = at.and_then(|at| at.str_at("helm.releaseName"));
        let name = id.helm_name.as_deref().or(named).or(id.called.as_deref());
        let context = id.context.as_ref().or(id.kube_context.as_ref());
        Some(Self {
            name: known(name?)?,
            namespace: known(id.target.as_deref()?)?,
            context: context.and_then(|context| known(context)),
        })
    }
}

/// A name that nothing fills in.
fn known(name: &str) -> Option<String> {
    let is_known = !name.is_empty() && !is_open(name) && !is_filled_in(name);
    is_known.then(|| name.to_owned())
}

impl Claimant {
    /// The name that distinguishes it from others.
    fn name(&self) -> String {
        match &self.release {
            Some(release) => format!("{release} in {}", self.file),
            None => self.file.clone(),
        }
    }

    /// The name of the release alone, without what distinguishes it from others of its manifest.
    fn plain(&self) -> &str {
        let release = self.release.as_deref().unwrap_or_default();
        let release = release.rsplit('/').next().unwrap_or(release);
        release.split(" (").next().unwrap_or(release)
    }

    /// Whether both are one, or bring one release to one cluster.
    pub(crate) fn is_one_with(&self, other: &Self) -> bool {
        self == other || self.file == other.file && self.arm.is_some() && self.arm == other.arm
    }

    /// Whether both may be one, as far as their names say it.
    pub(crate) fn is_as(&self, other: &Self) -> bool {
        self.file == other.file && self.plain() == other.plain()
    }

    /// Whether two commands that name no cluster are of two: each is given a file that the other is not.
    fn is_apart(&self, other: &Self) -> bool {
        let has_more = |one: &Self, other: &Self| one.given.iter().any(|file| !other.given.contains(file));
        has_more(self, other) && has_more(other, self)
    }

    /// The same, as a finding about another one names it.
    fn beside(&self, other: &Self) -> String {
        match &self.release {
            Some(release) if self.file == other.file => format!("`{}`", on_one_line(release)),
            Some(release) => format!("`{}` in {}", on_one_line(release), self.file),
            None => self.file.clone(),
        }
    }
}

/// The clusters of some claimants, by the names that distinguish them. Commands that bring a release of one name are of
/// one cluster, unless they name different ones, or each of two is given a file of its own.
#[must_use]
pub fn clusters_of<'c>(claimants: impl IntoIterator<Item = &'c Claimant>) -> Vec<String> {
    let mut clusters: Vec<(String, &Claimant)> = Vec::new();
    let mut commands: BTreeMap<&str, Vec<&Claimant>> = BTreeMap::new();
    let mut arms = BTreeSet::new();
    for claimant in claimants {
        if claimant.arm.as_ref().is_some_and(|arm| !arms.insert((&claimant.file, arm))) {
            continue;
        }
        if !claimant.is_command {
            clusters.push((claimant.name(), claimant));
            continue;
        }
        let of_release = commands.entry(claimant.plain()).or_default();
        let is_one = |known: &&Claimant| {
            known.context == claimant.context && (known.context.is_some() || !known.is_apart(claimant))
        };
        if !of_release.iter().any(is_one) {
            of_release.push(claimant);
        }
    }
    for mut of_release in commands.into_values() {
        // one that names no cluster may be any of the others
        if of_release.iter().any(|claimant| claimant.context.is_some()) {
            of_release.retain(|claimant| claimant.context.is_some());
        }
        clusters.extend(of_release.into_iter().map(|claimant| match (&claimant.context, claimant.name()) {
            (Some(context), name) if !name.starts_with(context.as_str()) => (format!("{name} ({context})"), claimant),
            (_, name) => (name, claimant),
        }));
    }
    installed_once(&clusters)
}

/// The names of some clusters, without those in which a person installs a release before a controller takes it over: that
/// is of the same cluster, if both name the same one, or none.
fn installed_once(clusters: &[(String, &Claimant)]) -> Vec<String> {
    let taken_over = clusters.iter().filter(|(_, claimant)| !is_bootstrap(&claimant.file));
    let taken_over: BTreeSet<&Installed> = taken_over.filter_map(|(_, claimant)| claimant.installed.as_ref()).collect();
    let is_before = |claimant: &Claimant| {
        is_bootstrap(&claimant.file) && claimant.installed.as_ref().is_some_and(|it| taken_over.contains(it))
    };
    let names = clusters.iter().filter(|(_, claimant)| !is_before(claimant)).map(|(name, _)| name.clone());
    names.collect::<BTreeSet<String>>().into_iter().collect()
}

/// Whether a file is for the time before a controller runs in the cluster, as its path says. Without that, the usual name of
/// the release in the usual namespace may be that of another cluster.
///
/// ```
/// assert!(helm_clas::is_bootstrap("clusters/east/bootstrap/helmfile.yaml"));
/// assert!(!helm_clas::is_bootstrap("clusters/west/install.sh"));
/// ```
#[must_use]
pub fn is_bootstrap(path: &str) -> bool {
    path.to_ascii_lowercase().contains("bootstrap")
}

/// A `cluster_id`, and who has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who gets the values that say it.
    pub by: Claimant,
    /// The id.
    pub id: String,
    /// The file that says it.
    pub file: String,
    /// Where.
    pub span: Range<usize>,
    /// The same, as people count.
    pub region: Range<Position>,
    /// The other files that the release takes values from.
    layers: Vec<String>,
    /// Whether a comment there says that another cluster may have it as well.
    is_allowed: bool,
}

impl Claim {
    /// The id of a release's cluster, where a file says one and nothing has to fill it in; nothing of one that is not
    /// installed.
    pub(crate) fn of(files: &Files<'_>, release: &Release<'_>) -> Option<Self> {
        if !release.is_installed() {
            return None;
        }
        let (layer, says) = release.deciding(&release.path_to("cluster_id"))?;
        let Says::Is(node) = says else { return None };
        let is_set = release.value_of("cluster_id").is_some_and(|(_, is_set)| is_set);
        let id = node.str().filter(|id| chart::is_id(id) && !is_set)?.to_owned();
        let (number, span) = (release.layers[layer].file, node.span());
        let region = files.position(number, span.start)..files.position(number, span.end);
        let here = Finding::new(Rule::DuplicateClusterId, "").at(span.clone());
        let by = Claimant {
            file: files.name(release.overlay.unwrap_or(release.file)).to_owned(),
            release: release.is_of_manifest().then(|| release.id.name.clone()),
            context: release.id.context.clone(),
            is_command: release.id.title() == Some(IN_SCRIPT),
            given: release.given(files),
            installed: Installed::of(&release.id, release.at),
            arm: release.arm.as_ref().map(|arm| format!("{} {id}", arm.of)),
        };
        let is_allowed = files.allowances(number).speak_of(&here);
        let layers = release.layers.iter().map(|layer| files.name(layer.file).to_owned());
        let layers = layers.filter(|file| *file != by.file).collect();
        Some(Self { by, id, file: files.name(number).to_owned(), span, region, layers, is_allowed })
    }

    /// The same, by the name that distinguishes the release from others of its manifest.
    pub(crate) fn of_release(mut self, name: &str) -> Self {
        self.by.release = self.by.release.map(|_| name.to_owned());
        self
    }

    /// That another command gives the same release another mode, or one that is not known.
    pub(crate) fn disputed_in_mode(&self, other: &Claimant, mode: Option<ClusterMode>) -> Finding {
        let mode = mode.map_or_else(|| "a mode that is not known".to_owned(), |mode| format!("`{mode}`"));
        let who = other.beside(&self.by);
        let message = format!("{who} brings the same release to this cluster with {mode}: which counts is not known");
        let help = "if they are for two clusters, give each its own `cluster_id`, or name its context; if not, set the mode \
                    in one place";
        let finding = Finding::new(Rule::ModeElsewhere, message).help(help).weighing(Severity::Error);
        finding.doubting(Doubt::Overridden).in_file(&self.by.file)
    }

    /// That another one has the same id.
    #[must_use]
    pub fn disputed_by(&self, other: &Claimant) -> Finding {
        let message = format!("another cluster has the same `cluster_id`: {}", other.beside(&self.by));
        let related = Some(Box::new(Related { files: vec![other.file.clone(), self.by.file.clone()] }));
        let help =
            "give each cluster its own id from the PCE; if both are of one cluster, write the id into one of them only";
        let finding = Finding { related, ..Finding::new(Rule::DuplicateClusterId, message).help(help) };
        finding.at(self.span.clone()).in_file(&self.file)
    }
}

/// The claims, by their numbers, that have one id and are of several clusters: each time all of them. A values file that
/// another claimant takes values from is a part of that one. What a comment allows is not a claim.
#[must_use]
pub fn disputed(claims: &[&Claim]) -> Vec<Vec<usize>> {
    let by_id = by_id(claims, |claim| !claim.is_allowed);
    let is_several = |numbers: &Vec<usize>| clusters_of(numbers.iter().map(|number| &claims[*number].by)).len() > 1;
    let mut found = Vec::new();
    for numbers in by_id.into_iter().filter(is_several) {
        let taken = numbers.iter().flat_map(|number| &claims[*number].layers).map(String::as_str);
        let takers: BTreeSet<&str> = taken.collect();
        let is_part = |claim: &Claim| claim.by.release.is_none() && takers.contains(claim.by.file.as_str());
        let whole: Vec<usize> = numbers.into_iter().filter(|number| !is_part(claims[*number])).collect();
        found.extend(Some(whole).filter(is_several));
    }
    found
}

/// The claims, by their numbers, by which commands of several files bring one release to the cluster of one id: each time
/// all of them. What runs before a controller takes the release over is not among them.
pub(crate) fn brought_by_several(claims: &[&Claim]) -> Vec<Vec<usize>> {
    let mut groups = by_id(claims, |claim| claim.by.is_command && !is_bootstrap(&claim.by.file));
    groups.retain(|numbers| {
        let files: BTreeSet<&str> = numbers.iter().map(|number| claims[*number].by.file.as_str()).collect();
        files.len() > 1 && clusters_of(numbers.iter().map(|number| &claims[*number].by)).len() == 1
    });
    groups
}

/// The numbers of some claims, those of one id together.
fn by_id(claims: &[&Claim], counts: impl Fn(&Claim) -> bool) -> Vec<Vec<usize>> {
    let mut by_id: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (number, claim) in claims.iter().enumerate().filter(|(_, claim)| counts(claim)) {
        by_id.entry(claim.id.to_ascii_lowercase()).or_default().push(number);
    }
    by_id.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(by: &str, release: Option<&str>, id: &str) -> Claim {
        let (file, from) = by.split_once('<').unwrap_or((by, by));
        let (file, context) = file.split_once('@').map_or((file, None), |(file, context)| (file, Some(context)));
        let at = Position { line: 1, column: 1 };
        Claim {
            by: Claimant {
                file: file.to_owned(),
                release: release.map(str::to_owned),
                context: context.map(str::to_owned),
                is_command: file.ends_with("sh"),
                given: Vec::from_iter((from != file && from != by).then(|| from.to_owned())),
                installed: release.filter(|release| release.contains('/')).map(|release| Installed {
                    name: release.to_owned(),
                    namespace: "n".to_owned(),
                    context: context.map(str::to_owned),
                }),
                arm: None,
            },
            id: id.to_owned(),
            file: from.to_owned(),
            span: 0..1,
            region: at..at,
            layers: Vec::from_iter((from != file).then(|| from.to_owned())),
            is_allowed: file.starts_with("allowed"),
        }
    }

    #[track_caller]
    fn check(claims: &[(&str, Option<&str>, &str)], expected: &[&[usize]]) {
        let claims: Vec<Claim> = claims.iter().map(|(by, release, id)| claim(by, *release, id)).collect();
        assert_eq!(disputed(&claims.iter().collect::<Vec<_>>()), expected);
    }

    #[test]
    fn one_id_of_several_clusters_is_disputed() {
        check(&[("a", None, "1f"), ("b", None, "2f"), ("c", None, "1F")], &[&[0, 2]]);
        check(&[("a", None, "1"), ("a", None, "1")], &[]);
        check(&[("a", Some("x"), "1"), ("a", Some("y"), "1"), ("b", None, "1")], &[&[0, 1, 2]]);
        check(&[("a", None, "1"), ("allowed", None, "1")], &[]);
    }

    #[test]
    fn commands_for_one_release_are_of_one_cluster() {
        check(&[("a.sh", Some("n/x"), "1"), ("b.sh", Some("x"), "1")], &[]);
        check(&[("a.sh", Some("x"), "1"), ("b.sh@east", Some("x"), "1")], &[]);
        check(&[("a.sh@west", Some("x"), "1"), ("b.sh@east", Some("x"), "1")], &[&[0, 1]]);
        check(&[("a.sh", Some("x"), "1"), ("b.sh", Some("y"), "1")], &[&[0, 1]]);
        check(&[("a.sh<v", Some("x"), "1"), ("b.sh<w", Some("x"), "1")], &[&[0, 1]]);
        check(&[("a.sh<v", Some("x"), "1"), ("b.sh", Some("x"), "1")], &[]);
    }

    #[test]
    fn commands_of_several_files_may_bring_one_release() {
        fn check(claims: &[(&str, Option<&str>, &str)], expected: &[&[usize]]) {
            let claims: Vec<Claim> = claims.iter().map(|(by, release, id)| claim(by, *release, id)).collect();
            assert_eq!(brought_by_several(&claims.iter().collect::<Vec<_>>()), expected);
        }
        check(&[("a.sh<v", Some("x"), "1"), ("b.sh<v", Some("x"), "1")], &[&[0, 1]]);
        check(&[("a.sh<v", Some("x"), "1"), ("a.sh<v", Some("x"), "1")], &[]);
        check(&[("a.sh<v", Some("x"), "1"), ("b.sh<v", Some("x"), "2")], &[]);
        check(&[("a.sh@east<v", Some("x"), "1"), ("b.sh@west<v", Some("x"), "1")], &[]);
        check(&[("a.sh<v", Some("x"), "1"), ("b.tf<v", Some("x"), "1")], &[]);
        check(&[("bootstrap/a.sh<v", Some("x"), "1"), ("b.sh<v", Some("x"), "1")], &[]);
    }

    #[test]
    fn what_is_installed_before_a_controller_takes_it_over_is_of_its_cluster() {
        let (x, y) = (Some("n/x"), Some("n/y"));
        check(&[("bootstrap.sh", x, "1"), ("hr", x, "1")], &[]);
        check(&[("bootstrap/helmfile", x, "1"), ("bootstrap.sh", x, "1"), ("hr", x, "1")], &[]);
        check(&[("bootstrap/helmfile", x, "1"), ("bootstrap.sh", x, "1")], &[&[0, 1]]);
        check(&[("west/install.sh", x, "1"), ("hr", x, "1")], &[&[0, 1]]);
        check(&[("bootstrap.sh", x, "1"), ("hr", y, "1")], &[&[0, 1]]);
        check(&[("east", x, "1"), ("west", x, "1"), ("bootstrap.sh", x, "1")], &[&[0, 1, 2]]);
        check(&[("bootstrap.sh@east", x, "1"), ("hr@west", x, "1")], &[&[0, 1]]);
        check(&[("bootstrap.sh@east", x, "1"), ("hr", x, "1")], &[&[0, 1]]);
    }

    #[test]
    fn a_file_that_another_takes_the_id_from_is_a_part_of_it() {
        check(&[("v", None, "1"), ("app<v", Some("x"), "1")], &[]);
        check(&[("v", None, "1"), ("app<v", Some("x"), "1"), ("w", None, "1")], &[&[1, 2]]);
        check(&[("v", None, "1"), ("east<v", None, "1"), ("west<v", None, "1")], &[&[1, 2]]);
    }
}
