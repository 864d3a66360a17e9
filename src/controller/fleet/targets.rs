//! The targets of a bundle of Fleet: which clusters each means, and which of several customizes the release of one.
//!
//! Fleet goes through them in order, and takes the first that fits a cluster. (Fleet documentation, fleet.yaml,
//! `targetCustomizations`; rancher/fleet, `target/matcher`: all that a target says must fit, and one that says nothing fits
//! no cluster)

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    finding::{Doubt, Finding},
    mode::ClusterMode,
    rule::Rule,
    yaml::Node,
};

/// The labels that Rancher gives each cluster with its name. (Rancher, `pkg/controllers/provisioningv2/fleetcluster`;
/// `clusterName` fits the one that is displayed, too)
const NAME_LABELS: [&str; 2] = ["management.cattle.io/cluster-display-name", "management.cattle.io/cluster-name"];

/// What the name of a cluster is called among the labels.
const NAME: &str = NAME_LABELS[0];

/// How often two targets are compared, for each target of a bundle: in one with more that look alike, a cluster may get
/// another target as far as is known.
const COMPARISONS: usize = 64;

/// What a cluster must have, so that a target fits.
#[derive(Default)]
struct Meant<'s> {
    /// Labels, each with the values of which it has one.
    labels: BTreeMap<&'s str, BTreeSet<&'s str>>,
    /// What else must hold, as it is written.
    others: BTreeSet<(&'s str, &'s str)>,
}

impl<'s> Meant<'s> {
    fn of(target: Node<'s>) -> Self {
        let mut meant = Self::default();
        if let Some(name) = target.str_at("clusterName") {
            meant.one_of(NAME, &BTreeSet::from([name]));
        }
        for key in ["clusterGroup", "clusterGroupSelector"] {
            meant.others.extend(target.get(key).map(|value| (key, value.source().trim())));
        }
        for (key, value) in target.at("clusterSelector.matchLabels").into_iter().flat_map(Node::entries) {
            match value.str() {
                Some(value) => meant.one_of(key, &BTreeSet::from([value])),
                None => meant.others.extend([(key, value.source())]),
            }
        }
        for item in target.at("clusterSelector.matchExpressions").into_iter().flat_map(Node::items) {
            let listed: Option<BTreeSet<&str>> =
                item.get("values").and_then(|values| values.items().map(Node::str).collect());
            match (item.str_at("key"), item.str_at("operator"), listed) {
                (Some(key), Some("In"), Some(values)) => meant.one_of(key, &values),
                _ => meant.others.extend([("matchExpressions", item.source().trim())]),
            }
        }
        meant
    }

    /// Takes that a cluster has one of some values of a label.
    fn one_of(&mut self, key: &'s str, values: &BTreeSet<&'s str>) {
        let key = if NAME_LABELS.contains(&key) { NAME } else { key };
        let known = self.labels.entry(key).or_insert_with(|| values.clone());
        known.retain(|value| values.contains(value));
    }

    /// The clusters by their names, where it says these.
    fn names(&self) -> Option<&BTreeSet<&'s str>> {
        self.labels.get(NAME)
    }

    fn says_only_names(&self) -> bool {
        self.names().is_some() && self.labels.len() == 1 && self.others.is_empty()
    }

    /// Whether no cluster fits both: it would have two values of one label.
    fn is_apart(&self, other: &Self) -> bool {
        let differ =
            |(key, values): (&&str, &BTreeSet<&str>)| other.labels.get(key).is_some_and(|it| it.is_disjoint(values));
        self.labels.iter().any(differ)
    }

    /// Whether each cluster that fits another one fits this, too.
    fn holds_all_of(&self, other: &Self) -> bool {
        let has =
            |(key, values): (&&str, &BTreeSet<&str>)| other.labels.get(key).is_some_and(|it| it.is_subset(values));
        self.others.is_subset(&other.others) && self.labels.iter().all(has)
    }
}

/// The clusters that a target means, where it names them: by their name, or by a label that holds it.
pub(crate) fn clusters_named(target: Node<'_>) -> Option<Vec<String>> {
    let meant = Meant::of(target);
    let names = meant.names().filter(|names| !names.is_empty())?;
    Some(names.iter().map(ToString::to_string).collect())
}

/// Whether a target says nothing but the names of clusters.
pub(super) fn says_only_names(target: Node<'_>) -> bool {
    Meant::of(target).says_only_names()
}

/// The clusters that targets mean, where each names them.
pub(crate) fn all_named<'s>(targets: impl Iterator<Item = Node<'s>>) -> Option<Vec<String>> {
    targets.map(clusters_named).collect::<Option<Vec<_>>>().map(|all| all.into_iter().flatten().collect())
}

/// Whether a target says nothing of the clusters that it is for.
pub(super) fn fits_none(target: Node<'_>) -> bool {
    ["clusterName", "clusterSelector", "clusterGroup", "clusterGroupSelector"]
        .iter()
        .all(|key| target.get(key).is_none())
}

/// Whether a target fits every cluster: its selector is empty, and it says nothing else.
pub(super) fn fits_all(target: Node<'_>) -> bool {
    let is_empty = |selector: Node<'_>| selector.is_mapping() && selector.entries().next().is_none();
    let others = ["clusterName", "clusterGroup", "clusterGroupSelector"];
    target.get("clusterSelector").is_some_and(is_empty) && others.iter().all(|key| target.get(key).is_none())
}

/// A target that may be taken before others.
struct Taken<'s> {
    target: Node<'s>,
    meant: Meant<'s>,
}

/// Targets that say one label: all of them, and by the values of that.
type Labelled<'s> = (Vec<usize>, HashMap<&'s str, Vec<usize>>);

/// Targets whose clusters get one mode.
#[derive(Default)]
struct OfMode<'s> {
    mode: Option<ClusterMode>,
    /// By the first label that each says.
    labelled: BTreeMap<&'s str, Labelled<'s>>,
    /// The first that says no label.
    unlabelled: Option<usize>,
}

/// Those targets of a bundle that come before another one.
#[derive(Default)]
pub(super) struct Before<'s> {
    all: Vec<Taken<'s>>,
    /// Those that only name clusters, by these.
    named: HashMap<&'s str, Node<'s>>,
    /// The others by the first label that each says, and by each value of that.
    labelled: HashMap<(&'s str, &'s str), Vec<usize>>,
    /// The same by the modes that their clusters get.
    by_mode: Vec<OfMode<'s>>,
    /// Those that say no label.
    unlabelled: Vec<usize>,
    comparisons: usize,
}

/// What is known of a target beside those before it.
#[derive(Default)]
pub(super) struct Rest {
    /// Its clusters that no target before it names, where it names its clusters.
    pub(super) names: Option<Vec<String>>,
    pub(super) finding: Option<Finding>,
}

impl<'s> Before<'s> {
    /// Adds a target, whose clusters get a mode.
    pub(super) fn add(&mut self, target: Node<'s>, mode: Option<ClusterMode>) {
        self.comparisons += COMPARISONS;
        let meant = Meant::of(target);
        if fits_none(target) {
            return;
        }
        if meant.says_only_names() {
            for name in meant.names().into_iter().flatten() {
                self.named.entry(name).or_insert(target);
            }
            return;
        }
        let number = self.all.len();
        let known = self.by_mode.iter().position(|one| one.mode == mode).unwrap_or(self.by_mode.len());
        if known == self.by_mode.len() {
            self.by_mode.push(OfMode { mode, ..OfMode::default() });
        }
        let of_mode = &mut self.by_mode[known];
        if let Some((key, values)) = meant.labels.first_key_value() {
            let (all, by_value) = of_mode.labelled.entry(key).or_default();
            all.push(number);
            for value in values {
                by_value.entry(value).or_default().push(number);
                self.labelled.entry((key, value)).or_default().push(number);
            }
        } else {
            self.unlabelled.push(number);
            of_mode.unlabelled.get_or_insert(number);
        }
        self.all.push(Taken { target, meant });
    }

    /// Whether it is of use to know the mode of the next target.
    pub(super) fn has_selecting(&self) -> bool {
        !self.all.is_empty()
    }

    /// What these leave of a target whose clusters get a mode.
    pub(super) fn rest(&mut self, target: Node<'s>, mode: Option<ClusterMode>) -> Rest {
        if fits_none(target) {
            let message = "this target selects no cluster, so Fleet never uses it";
            let help = "name its clusters by `clusterName` or `clusterSelector`, or remove it";
            return Rest { finding: Some(found(message, help).at(target.span())), ..Rest::default() };
        }
        let mut meant = Meant::of(target);
        let by_name = meant.names().and_then(|names| names.iter().find_map(|name| self.named.get(name))).copied();
        if let Some(names) = meant.labels.get_mut(NAME) {
            names.retain(|name| !self.named.contains_key(name));
        }
        let names = meant.names().map(|names| names.iter().map(ToString::to_string).collect::<Vec<_>>());
        let is_empty = names.as_ref().is_some_and(Vec::is_empty);
        let first = by_name.filter(|_| is_empty).or_else(|| self.holding_all_of(&meant));
        if let Some(first) = first {
            let message = "this target is never used: one that selects the same clusters takes them first";
            let help = "remove one of the two, or let each select other clusters";
            return Rest { names: None, finding: Some(found(message, help).at(first.span())) };
        }
        let finding = names.as_ref().and_then(|_| self.may_come_first(&meant, mode));
        Rest { names, finding }
    }

    /// That another target may select the clusters of one that names them: they may get its mode, or get a step there only.
    fn may_come_first(&mut self, meant: &Meant<'s>, mode: Option<ClusterMode>) -> Option<Finding> {
        let message = "this target may select the cluster of a later one, and Fleet takes the first that fits";
        let help = "put the target that names one cluster before those that select several";
        if let Some(first) = self.first_that_meets(meant, |other| other != mode || mode.is_none()) {
            return Some(found(message, help).at(first.span()));
        }
        let first = self.first_that_meets(meant, |_| true)?;
        Some(Finding::new(Rule::ModeElsewhere, message).help(help).at(first.span()))
    }

    /// The first that fits all clusters of another one.
    fn holding_all_of(&mut self, meant: &Meant<'s>) -> Option<Node<'s>> {
        let same = meant.labels.iter().flat_map(|(key, values)| {
            let of_value = || self.labelled.get(&(*key, *values.first()?));
            of_value().into_iter().flatten()
        });
        for number in self.unlabelled.iter().chain(same) {
            self.comparisons = self.comparisons.checked_sub(1)?;
            let taken = &self.all[*number];
            if taken.meant.holds_all_of(meant) {
                return Some(taken.target);
            }
        }
        None
    }

    /// The first whose mode is one of these, and that may fit a cluster of another one.
    fn first_that_meets(
        &mut self,
        meant: &Meant<'s>,
        is_asked: impl Fn(Option<ClusterMode>) -> bool,
    ) -> Option<Node<'s>> {
        let mut first: Option<usize> = None;
        let mut take = |number: usize| first = Some(first.map_or(number, |first| first.min(number)));
        for of_mode in self.by_mode.iter().filter(|one| is_asked(one.mode)) {
            of_mode.unlabelled.into_iter().for_each(&mut take);
            for (key, (all, by_value)) in &of_mode.labelled {
                let of_values =
                    meant.labels.get(key).map(|values| values.iter().filter_map(|value| by_value.get(value)));
                let lists: Vec<&Vec<usize>> = of_values.map_or_else(|| vec![all], Iterator::collect);
                for number in lists.into_iter().flatten() {
                    let taken = &self.all[*number];
                    let Some(left) = self.comparisons.checked_sub(1) else { return Some(taken.target) };
                    self.comparisons = left;
                    if !taken.meant.is_apart(meant) {
                        take(*number);
                        break;
                    }
                }
            }
        }
        first.map(|number| self.all[number].target)
    }
}

/// That another target may decide the mode.
pub(super) fn found(message: &'static str, help: &'static str) -> Finding {
    Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere)
}
