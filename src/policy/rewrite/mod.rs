//! [`Rewrite`]: what a rule should become, so that it does in CLAS what it does today.
//!
//! A virtual service that goes away becomes the labels it has, each set of labels a rule of its own: to name them all
//! in one rule would reach what has one label of the one and one of the other. Labels that the scope already names are
//! not repeated. One that stays and that pods may call becomes its labels as well, as virtual services and workloads.
//! "Uses Virtual Services only" becomes "Use Workloads", or both where some of the services remain. A port that is not
//! named is filled in from the services that are reached. All else of the rule is kept.
//!
//! What comes out is compared with what the rule reaches: a rule that would reach more, or nothing, is not offered, and
//! the reason is given.

mod by_name;
mod closed;
mod side;
mod variant;

use super::{
    Sort,
    case::Case,
    hit::{Which, Whose, Why},
    model::{Actor, Fate, Kind, Opened, ResolveLabelsAs, SecRule},
    ports::Ports,
    words::shown,
};
use closed::opens_what_is_closed;
use side::variants;
use variant::Variant;

/// A rule that should become more rules than this, or name more ports, is left to a person.
const MOST: usize = 256;

/// What a rule should become.
#[derive(Clone, Debug)]
pub enum Rewrite<'p> {
    /// It may stay as it is.
    Unneeded,
    /// These rules in its place, which do in CLAS what it does today.
    Rules(Vec<NewRule<'p>>),
    /// It must change, and a person must decide how.
    ByHand(Vec<Why>),
}

/// A rule that takes the place of another. What it does not say is as it is in the other.
#[derive(Clone, Debug)]
pub struct NewRule<'p> {
    /// The sources.
    pub consumers: Vec<Actor<'p>>,
    /// The destinations.
    pub providers: Vec<Actor<'p>>,
    /// What its labels mean.
    pub resolve_labels_as: ResolveLabelsAs,
    /// The ports that it opens; nothing where they are those of the other.
    pub ports: Option<Ports>,
}

impl<'p> NewRule<'p> {
    /// The rule as a PCE has it, with all that it takes over from the one whose place it takes.
    #[must_use]
    pub(crate) fn in_place_of(&self, old: &SecRule<'p>) -> SecRule<'p> {
        SecRule {
            consumers: self.consumers.clone(),
            providers: self.providers.clone(),
            resolve_labels_as: self.resolve_labels_as,
            ingress_services: match &self.ports {
                Some(ports) => ports.spans().map(|(protocol, from, to)| Opened::of(protocol, from, to)).collect(),
                None => old.ingress_services.clone(),
            },
            ..old.clone()
        }
    }
}

impl<'p> Rewrite<'p> {
    /// The rules that are offered.
    #[must_use]
    pub fn rules(&self) -> &[NewRule<'p>] {
        match self {
            Self::Rules(rules) => rules,
            Self::Unneeded | Self::ByHand(_) => &[],
        }
    }

    /// What a rule should become.
    pub(super) fn of(case: &mut Case<'_, 'p>) -> Self {
        let is_going = || case.source.going().chain(case.destination.going()).next().is_some();
        if case.sort != Sort::Allow && !is_going() {
            return Self::Unneeded;
        }
        let mut why = Vec::new();
        let sources = variants(case, Which::Source, &mut why);
        let destinations = variants(case, Which::Destination, &mut why);
        if sources.is_none() && destinations.is_none() && !case.lacks_port() {
            return Self::Unneeded;
        }
        // of a service whose type is not known the virtual service may remain, and pods lose its cluster address
        let mut kept_in_doubt = case.destination.named.iter().filter(|named| named.fate == Fate::CannotTell);
        if case.is_called_inside(Which::Destination) && kept_in_doubt.any(|named| named.id.is_some()) {
            why.push(Why::Unclear(Which::Destination));
        }
        let new = destinations.as_deref().unwrap_or_default();
        why.extend(unclear(case, [sources.is_some(), destinations.is_some()], new));
        why.extend(opens_what_is_closed(case, destinations.as_deref()));
        let sources = sources.unwrap_or_else(|| vec![Variant::unchanged(case, &case.source)]);
        let destinations = destinations.unwrap_or_else(|| vec![Variant::unchanged(case, &case.destination)]);
        let number = sources.len() * destinations.len();
        if number > MOST {
            why.push(Why::TooMany(number));
        }
        if !why.is_empty() {
            why.dedup();
            return Self::ByHand(why);
        }
        let mut rules = Vec::with_capacity(number);
        for source in &sources {
            for destination in &destinations {
                match destination.opened(case) {
                    Ok(ports) => rules.push(NewRule {
                        consumers: source.actors.clone(),
                        providers: destination.actors.clone(),
                        resolve_labels_as: ResolveLabelsAs { consumers: source.uses, providers: destination.uses },
                        ports,
                    }),
                    Err(reason) if !why.contains(&reason) => why.push(reason),
                    Err(_) => {}
                }
            }
        }
        if why.is_empty() { Self::Rules(rules) } else { Self::ByHand(why) }
    }
}

/// What of a rule is not known well enough to write another in its place, whatever that is. `changes` says which sides
/// change, and `destinations` what the second one becomes.
fn unclear(case: &Case<'_, '_>, changes: [bool; 2], destinations: &[Variant<'_>]) -> Vec<Why> {
    let (reach, rule) = (&*case.reach, case.rule);
    let mut why = Vec::new();
    let mut unknown = rule.unknown_fields();
    unknown.extend(reach.vague.fields_of(reach.book, case.set, rule));
    // where ports are filled in, those of what is reached must be known
    let fills_ports = case.lacks_port() || (changes[1] && case.sort == Sort::Allow && rule.ingress_services.is_empty());
    for (side, changes) in [(&case.source, changes[0]), (&case.destination, changes[1] || fills_ports)] {
        let by_label = side.reached.as_ref().filter(|_| changes);
        let vague = by_label.and_then(|reached| reached.services.vague);
        let named = side.named.iter().filter_map(|named| named.id).find(|id| changes && reach.known(*id).is_vague);
        for id in vague.into_iter().chain(named) {
            let fields = reach.known(id).service.unknown_fields().into_iter();
            let of = shown(reach.name(id));
            let found: Vec<String> = fields.map(|field| format!("{field} of the virtual service {of}")).collect();
            why.extend(found.is_empty().then_some(Why::NoPorts));
            unknown.extend(found);
        }
    }
    if fills_ports {
        why.extend(unclear_ports(case));
    }
    if !unknown.is_empty() {
        why.push(Why::NotUnderstood(unknown));
    }
    let is_written_out = |one: &Opened<'_>| !(one.service_ports.is_empty() && one.windows_services.is_empty());
    if rule.ingress_services.iter().any(is_written_out) {
        why.push(Why::WrittenOut);
    }
    // (Source: the vendor's schemas `sec_policy_rule_sets_sec_rules_put` and `_post`)
    if !rule.egress_services.is_empty() {
        why.push(Why::NoRequest("egress_services"));
    }
    let of_processes = reach.book.process_fields(&rule.ingress_services);
    if !of_processes.is_empty() && destinations.iter().any(|variant| variant.replaces_services) {
        why.push(Why::OfProcesses(of_processes));
    }
    let becomes_workloads = fills_ports || destinations.iter().any(|variant| variant.replaces_services);
    why.extend(other_clusters(case).filter(|_| becomes_workloads));
    why
}

/// Why the ports cannot be filled in that a rule does not name.
fn unclear_ports(case: &Case<'_, '_>) -> Vec<Why> {
    let side = &case.destination;
    let is_unclear = side.reached.as_ref().is_some_and(|reached| !reached.is_certain);
    // it opens nothing of these today, and the ports would be open at them as well
    let is_beside = |actor: &&Actor<'_>| !(actor.kind.is_by_label() || actor.kind == Kind::VirtualService);
    let beside: Vec<Actor<'_>> = side.actors.iter().filter(is_beside).cloned().collect();
    let unclear = is_unclear.then_some(Why::Unclear(side.which));
    let newly = (!beside.is_empty()).then(|| Why::NewlyOpen(case.reach.book.actors_in_words(&beside)));
    unclear.into_iter().chain(newly).collect()
}

/// What the destination reaches of clusters that are not asked about, and whose workloads would be opened with the
/// ports of this one.
fn other_clusters(case: &Case<'_, '_>) -> Option<Why> {
    let side = &case.destination;
    let others = &side.reached.as_ref()?.services.others;
    (!others.is_empty()).then(|| Why::ReachesMore {
        labels: case.reach.book.actors_in_words(side.actors),
        others: case.reach.in_words(others, others.len()),
        whose: Whose::OtherClusters,
    })
}
