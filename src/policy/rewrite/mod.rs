//! [`Rewrite`]: what a rule should become, so that it does in CLAS what it does today.
//!
//! A virtual service that goes away becomes the labels it has, each set of labels a rule of its own: to name them all in
//! one rule would reach what has one label of the one and one of the other. Labels that the scope names already are left
//! out. One that stays and that pods may call becomes its labels as well, as virtual services and workloads. "Uses
//! Virtual Services only" becomes "Use Workloads", or both where some of the services remain. A port that is not named is
//! filled in from the services that are reached. All else of the rule is kept.
//!
//! What comes out is compared with what the rule reaches: a rule that would reach more, or nothing, is not offered, and
//! it is said why.

mod by_name;
mod closed;
mod side;
mod variant;

use super::{
    Sort,
    case::Case,
    hit::{Which, Why},
    model::{Actor, Fate, Opened, ResolveLabelsAs, SecRule},
    ports::Ports,
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
    /// What its labels stand for.
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
        let unknown = case.rule.unknown_fields();
        if !unknown.is_empty() {
            why.push(Why::NotUnderstood(unknown));
        }
        let is_written_out = |one: &Opened<'_>| !(one.service_ports.is_empty() && one.windows_services.is_empty());
        if case.rule.ingress_services.iter().any(is_written_out) {
            why.push(Why::WrittenOut);
        }
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
