//! Whether the sides of a rule are what a mandatory rule needs.

use super::{Doubt, Held, facts::Facts, narrowing};
use crate::policy::{
    Book,
    address::{Addresses, Block},
    book::LabelId,
    infrastructure::{End, Mandatory},
    model::{Actor, Condition, IpList, Kind, RuleSet, SecRule},
    reach::{Reach, Selection, Term},
    words::{has_labels, shown},
};

/// A rule set seen with what is known.
pub(super) struct View<'v, 'p> {
    pub(super) reach: &'v mut Reach<'p>,
    pub(super) facts: &'v Facts,
    pub(super) scopes: Vec<Selection>,
}

/// The side of a rule.
#[derive(Clone, Copy)]
struct Given<'p> {
    actors: &'p [Actor<'p>],
    uses_workloads: bool,
    is_scoped: bool,
    is_left_out: bool,
}

type Fit = Option<(Vec<Doubt>, Held)>;

impl<'p> View<'_, 'p> {
    /// What is not known where a rule may be one of the table, and what it holds of the addresses; nothing where it is
    /// not.
    pub(super) fn fit(&mut self, mandatory: &Mandatory, set: &RuleSet<'p>, rule: &'p SecRule<'p>) -> Fit {
        let uses = rule.resolve_labels_as;
        let source = Given {
            actors: &rule.consumers,
            uses_workloads: uses.consumers.workloads,
            is_scoped: !rule.has_unscoped_consumers,
            is_left_out: rule.has(Condition::SourcesLeftOut),
        };
        let destination = Given {
            actors: &rule.providers,
            uses_workloads: uses.providers.workloads,
            is_scoped: true,
            is_left_out: rule.has(Condition::DestinationsLeftOut),
        };
        let (mut doubts, held) = self.end(mandatory.source, source)?;
        let (of_destination, of_destinations) = self.end(mandatory.destination, destination)?;
        doubts.extend(of_destination);
        doubts.extend(narrowing(self.reach, set, rule));
        Some((doubts, if held == Held::All { of_destinations } else { held }))
    }

    fn end(&mut self, end: End, given: Given<'p>) -> Fit {
        let whole = |doubts: Vec<Doubt>| (doubts, Held::All);
        match end {
            End::Nodes if given.uses_workloads => self.nodes(given).map(whole),
            End::Nodes => None,
            End::Everything if given.is_left_out => None,
            End::Everything => self.addresses(given.actors),
            End::ServiceCidr => self.service_cidr(given),
            End::Kubelink => self.pods(given, end.words(), &["kubelink"]).map(whole),
            End::Storage => self.pods(given, end.words(), &["storage", "etcd"]).map(whole),
            End::Pce => self.pce(given).map(whole),
        }
    }

    /// Whether a rule means all addresses but some of the Service CIDR, where that is known: it is certainly not the
    /// one.
    pub(super) fn is_opposite(&self, mandatory: &Mandatory, rule: &SecRule<'_>) -> bool {
        let is_of_cidr = mandatory.destination == End::ServiceCidr && !self.facts.service_cidrs.is_empty();
        let is_turned = rule.has(Condition::DestinationsLeftOut) && !rule.has(Condition::SourcesLeftOut);
        is_of_cidr
            && is_turned
            && self
                .union(&rule.providers)
                .is_some_and(|(held, _)| self.facts.service_cidrs.iter().any(|cidr| held.meet(cidr)))
    }

    /// The addresses of all IP lists together; in doubt where they are not known.
    fn addresses(&self, actors: &[Actor<'_>]) -> Fit {
        let (held, names) = self.union(actors)?;
        if self.facts.everything.iter().all(|block| held.hold(block)) {
            return Some((Vec::new(), Held::All));
        }
        if self.reach.book.policy.ip_lists.is_none() {
            return Some((vec![Doubt::UnknownList(self.reach.book.actors_in_words(actors))], Held::All));
        }
        (!held.is_empty()).then(|| (Vec::new(), Held::Some(held, names)))
    }

    /// The addresses of all IP lists of a side, and their names; nothing where there are no lists.
    fn union(&self, actors: &[Actor<'_>]) -> Option<(Addresses, String)> {
        let mut names: Vec<String> = Vec::new();
        let mut held = Addresses::default().settled();
        let mut are_some = false;
        for actor in actors.iter().filter(|actor| actor.kind == Kind::IpList) {
            are_some = true;
            if let Some((list, addresses)) = self.reach.book.ip_list(&actor.object.href) {
                held = held.and(addresses.clone());
                names.push(format!("`{}`", shown(&list.name)));
            }
        }
        are_some.then(|| (held, names.join(", ")))
    }

    fn service_cidr(&self, given: Given<'_>) -> Fit {
        let facts = self.facts;
        let (held, names) = self.union(given.actors)?;
        let lists = || if names.is_empty() { self.reach.book.actors_in_words(given.actors) } else { names.clone() };
        if self.reach.book.policy.ip_lists.is_none() {
            return Some((vec![Doubt::UnknownList(lists())], Held::All));
        }
        let in_doubt = || Some((vec![Doubt::ServiceCidr { lists: lists(), seen: facts.seen.len() }], Held::All));
        if given.is_left_out {
            let is_apart = |blocks: &[Block]| blocks.iter().all(|block| !held.meet(block));
            return match facts.service_cidrs.as_slice() {
                [] if is_apart(&facts.seen) => in_doubt(),
                [] => None,
                cidrs => is_apart(cidrs).then(|| (Vec::new(), Held::All)),
            };
        }
        if !facts.service_cidrs.is_empty() {
            if facts.service_cidrs.iter().all(|cidr| held.hold(cidr)) {
                return Some((Vec::new(), Held::All));
            }
            let is_some = facts.service_cidrs.iter().any(|cidr| held.meet(cidr));
            return is_some.then(|| (Vec::new(), Held::Some(held, names)));
        }
        if facts.everything.iter().all(|block| held.hold(block)) {
            return Some((Vec::new(), Held::All));
        }
        if held.is_empty() || !facts.seen.iter().all(|address| held.hold(address)) {
            return None;
        }
        in_doubt()
    }

    /// Whether all nodes are meant.
    fn nodes(&mut self, given: Given<'p>) -> Option<Vec<Doubt>> {
        let actors = given.actors;
        let is_every = |actor: &Actor<'_>| matches!(actor.kind, Kind::AllWorkloads | Kind::ContainerHosts);
        let mut doubts = Vec::new();
        if given.is_left_out {
            let are_left_out = if has_labels(actors) {
                let selection = self.reach.selection(actors);
                self.fits_every_node(&selection)
            } else {
                Some(false)
            };
            if actors.iter().any(is_every) || are_left_out == Some(true) {
                return None;
            }
            if are_left_out.is_some() {
                doubts.push(Doubt::Nodes(format!("outside {}", self.reach.book.actors_in_words(actors))));
            }
        } else if !actors.iter().any(is_every) {
            if !has_labels(actors) {
                return None;
            }
            let selection = self.reach.selection(actors);
            if !self.fits_every_node(&selection)? {
                doubts.push(Doubt::Nodes(self.reach.book.actors_in_words(actors)));
            }
        }
        if given.is_scoped {
            let fits: Vec<Option<bool>> = self.scopes.iter().map(|scope| self.fits_every_node(scope)).collect();
            if fits.iter().all(Option::is_none) {
                return None;
            }
            if !fits.contains(&Some(true)) {
                doubts.push(Doubt::Scope);
            }
        }
        Some(doubts)
    }

    /// Whether a selection certainly fits every node (`true`), may fit it (`false`), or certainly does not (nothing).
    pub(super) fn fits_every_node(&self, selection: &Selection) -> Option<bool> {
        self.fits(self.facts.node_labels.as_deref(), selection)
    }

    /// The same of anything with some labels; nothing is known where these are not given.
    fn fits(&self, labels: Option<&[LabelId]>, selection: &Selection) -> Option<bool> {
        if selection.constraints.is_empty() {
            return Some(!selection.is_vague);
        }
        let Some(labels) = labels else { return Some(false) };
        let mut is_certain = !selection.is_vague;
        for constraint in &selection.constraints {
            let of_kind = |label: &&LabelId| self.reach.book.label(**label).dimension == constraint.dimension;
            match labels.iter().find(of_kind) {
                None => is_certain = false,
                Some(label) => {
                    let is_one_of = |terms: &[Term]| terms.iter().any(|term| self.reach.means(*term, *label));
                    let is_included = constraint.included.as_deref().is_none_or(is_one_of);
                    if !is_included || is_one_of(&constraint.excluded) {
                        return None;
                    }
                }
            }
        }
        Some(is_certain)
    }

    /// Whether the pods of a name are meant: by an IP list with that DNS name, by labels that their namespace has, or
    /// by All Workloads. Where the labels of the namespace are not given, labels that sound like the name may mean
    /// them.
    fn pods(&mut self, given: Given<'p>, name: &str, words: &[&str]) -> Option<Vec<Doubt>> {
        let book = self.reach.book;
        let actors = given.actors;
        let said = book.actors_in_words(actors);
        let in_doubt = |said: String| Doubt::Pods { name: name.to_owned(), said };
        if given.is_left_out {
            return Some(vec![in_doubt(format!("outside {said}"))]);
        }
        let start = name.trim_end_matches('*');
        let holds = |pattern: &str| pattern.strip_suffix('*').is_some_and(|of| start.starts_with(of));
        let by_list =
            in_list(book, actors, |list| list.fqdns.iter().any(|pattern| holds(&pattern.fqdn)).then(Vec::new));
        if by_list.is_some() || !(given.uses_workloads && has_labels(actors)) {
            return by_list;
        }
        let labels = self.facts.pod_labels.as_deref();
        let selection = self.reach.selection(actors);
        let sounds = words.iter().any(|word| said.to_lowercase().contains(word));
        let mut doubts = match self.fits(labels, &selection)? {
            true => Vec::new(),
            false if sounds || labels.is_some() => vec![in_doubt(said)],
            false => return None,
        };
        if given.is_scoped {
            let fits: Vec<Option<bool>> = self.scopes.iter().map(|scope| self.fits(labels, scope)).collect();
            if fits.iter().all(Option::is_none) {
                return None;
            }
            let is_within = fits.contains(&Some(true));
            doubts.extend((!is_within).then(|| in_doubt("in the scope of its rule set".to_owned())));
        }
        Some(doubts)
    }

    /// Whether an IP list holds the PCE: by a DNS name or an address that may be its own, or as it holds every address.
    fn pce(&self, given: Given<'_>) -> Option<Vec<Doubt>> {
        if given.is_left_out {
            return Some(vec![Doubt::Pce(format!("outside {}", self.reach.book.actors_in_words(given.actors)))]);
        }
        in_list(self.reach.book, given.actors, |list| {
            let held = self.reach.book.ip_list(&list.href).map(|(_, held)| held)?;
            if self.facts.everything.iter().all(|block| held.hold(block)) {
                return Some(Vec::new());
            }
            let is_named = list.fqdns.iter().any(|name| !name.fqdn.starts_with("illumio-"));
            (is_named || !held.is_empty()).then(|| vec![Doubt::Pce(format!("`{}`", shown(&list.name)))])
        })
    }
}

/// What one of the IP lists among the actors is for `judge`; in doubt where it is not known what they hold.
fn in_list<'p>(
    book: &Book<'p>,
    actors: &[Actor<'_>],
    judge: impl Fn(&'p IpList<'p>) -> Option<Vec<Doubt>>,
) -> Option<Vec<Doubt>> {
    let lists = actors.iter().filter(|actor| actor.kind == Kind::IpList);
    let judged = lists.filter_map(|actor| match book.ip_list(&actor.object.href) {
        Some((list, _)) => judge(list),
        None if book.policy.ip_lists.is_none() => {
            Some(vec![Doubt::UnknownList(book.actors_in_words(std::slice::from_ref(actor)))])
        }
        None => None,
    });
    judged.min_by_key(Vec::len)
}
