//! PCE policy, and what CLAS will break in it.
//!
//! Text in, data out: the files of an [`export`] are read into a [`Policy`], which a [`Book`] indexes by href;
//! [`fn@judge`] says per rule what CLAS breaks or widens, what the rule should become, and which of the mandatory rules
//! are not proven to exist.
//!
//! What is judged is the policy in force (`active`); of drafts it is only reported that there are some, unless they are
//! judged in its place ([`Policy::provisioned`]). What is not known from the input is reported as unknown, never
//! guessed.
//!
//! | module | one thing |
//! |---|---|
//! | [`export`] | which files there are, and where on the PCE each comes from |
//! | [`read`] | reading JSON leniently, and the place of what cannot be read |
//! | [`model`] | what a policy is made of |
//! | [`ports`], [`address`] | what a rule opens, and what an IP list holds |
//! | `pods` | whether addresses may be those of pods |
//! | [`Book`] | every object by its href |
//! | `reach` | which virtual services the labels of a rule reach |
//! | `clients` | the ports that clients of a service use |
//! | `widening` | which services have more ports than a rule names |
//! | `words`, `shown` | a rule as a person reads it, and the names in it |
//! | [`judge`](judge()) | a policy judged |
//! | `counted` | findings counted, silenced and hardened |
//! | `case` | one rule, and what CLAS makes of it |
//! | [`hit`] | what was found of a rule, as facts |
//! | `weight` | what a finding is and weighs, and how many are put into words |
//! | [`rewrite`] | what a rule should become |
//! | [`rewritten`] | a policy with the rules that should take the place of others |
//! | `sentences` | facts in words |
//! | `unknown` | what is not understood, by the name of its field |
//! | `used` | which objects the rules in force use |
//! | `draft` | changes that are not provisioned |
//! | [`infrastructure`] | the rules that CLAS needs, as a table |
//! | [`proof`] | whether a policy has them |
//! | [`prove`](mod@prove) | which flows are allowed in both models, and which in one |
//! | [`traffic`] | flows that were seen, compared with both models |
//!
//! ```
//! use helm_clas::policy::{Book, Policy, Question, Source, export, judge};
//!
//! let rule_sets = r#"[{"href": "/orgs/3/sec_policy/active/rule_sets/41", "name": "RS-shop", "enabled": true, "rules":
//! [
//!     {"href": "/orgs/3/sec_policy/active/rule_sets/41/sec_rules/79", "enabled": true, "consumers": [{"actors": "ams"}],
//!      "providers": [{"actors": "ams"}], "ingress_services": [{"proto": 6, "port": 443}]}]}]"#;
//! let policy = Policy::read(&[Source { file: export::RULE_SETS, name: "rule_sets.json", text: rule_sets }])?;
//! let book = Book::of(&policy);
//! let judged = judge(&book, &Question::default());
//! let finding = &judged.rule_sets[0].rules[0].findings[0];
//! assert_eq!(finding.rule.name(), "all-workloads-as-destination");
//! # Ok::<(), helm_clas::policy::read::Unreadable>(())
//! ```

mod book;
mod case;
mod clients;
mod counted;
mod draft;
mod openings;
mod pods;
mod reach;
mod sentences;
mod shown;
mod unknown;
mod used;
mod weight;
mod widening;
pub(crate) mod words;

pub mod address;
pub mod export;
pub mod hit;
pub mod infrastructure;
pub mod judge;
pub mod model;
pub mod ports;
pub mod proof;
pub mod prove;
pub mod read;
pub mod rewrite;
pub mod rewritten;
pub mod traffic;

pub use book::Book;
pub use judge::{Judged, JudgedRule, JudgedSet, Question, Sort, judge};
pub use weight::Weight;

use model::{ContainerCluster, IpList, LabelGroup, Object, Profile, RuleSet, SecRule, Service, VirtualService};
use read::{Text, Unreadable};

use crate::finding::Finding;

/// A file of an export.
#[derive(Clone, Copy, Debug)]
pub struct Source<'t> {
    /// Which one it is: a name of [`export`], such as [`export::RULE_SETS`].
    pub file: &'static str,
    /// Its name, as given.
    pub name: &'t str,
    /// What it holds.
    pub text: &'t str,
}

/// The policy of a PCE. A list that was not given is absent, which is not the same as empty.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)] // the names are those of the files, explained in `export`
pub struct Policy<'t> {
    pub rule_sets: Vec<RuleSet<'t>>,
    pub draft_rule_sets: Option<Vec<RuleSet<'t>>>,
    pub virtual_services: Option<Vec<VirtualService<'t>>>,
    pub draft_virtual_services: Option<Vec<VirtualService<'t>>>,
    pub label_groups: Option<Vec<LabelGroup<'t>>>,
    pub services: Option<Vec<Service<'t>>>,
    pub ip_lists: Option<Vec<IpList<'t>>>,
    pub enforcement_boundaries: Option<Vec<SecRule<'t>>>,
    pub labels: Option<Vec<Object<'t>>>,
    pub container_clusters: Option<Vec<ContainerCluster<'t>>>,
    pub container_workload_profiles: Option<Vec<Profile<'t>>>,
    /// Whether it is as it will be, not as it is in force.
    pub is_draft: bool,
    sources: Vec<Source<'t>>,
}

impl<'t> Policy<'t> {
    /// Reads the files of an export; those that are not a list of policy objects are skipped.
    ///
    /// # Errors
    ///
    /// Where a file is not a list of policy objects, with the place and what was expected there. A list of other
    /// objects is an error, too: no rule would be found among labels, and nothing would be reported.
    pub fn read(sources: &[Source<'t>]) -> Result<Self, Unreadable> {
        let mut policy = Self { sources: sources.to_vec(), ..Self::default() };
        for source in sources {
            match source.file {
                export::RULE_SETS => policy.rule_sets = read::list(source)?,
                export::DRAFT_RULE_SETS => policy.draft_rule_sets = Some(read::list(source)?),
                export::VIRTUAL_SERVICES => policy.virtual_services = Some(read::list(source)?),
                export::DRAFT_VIRTUAL_SERVICES => policy.draft_virtual_services = Some(read::list(source)?),
                export::LABEL_GROUPS => policy.label_groups = Some(read::list(source)?),
                export::SERVICES => policy.services = Some(read::list(source)?),
                export::IP_LISTS => policy.ip_lists = Some(read::list(source)?),
                export::ENFORCEMENT_BOUNDARIES => policy.enforcement_boundaries = Some(read::list(source)?),
                export::LABELS => policy.labels = Some(read::list(source)?),
                export::CONTAINER_CLUSTERS => policy.container_clusters = Some(read::list(source)?),
                export::CONTAINER_WORKLOAD_PROFILES => {
                    policy.container_workload_profiles = Some(read::list(source)?);
                }
                _ => {}
            }
        }
        policy.enforcement_boundaries.iter_mut().flatten().for_each(SecRule::deny);
        for sets in [Some(&mut policy.rule_sets), policy.draft_rule_sets.as_mut()].into_iter().flatten() {
            sets.iter_mut().flat_map(|set| &mut set.rules).for_each(SecRule::allow);
            sets.iter_mut().flat_map(|set| &mut set.deny_rules).for_each(SecRule::deny);
            let rules = sets.iter_mut().flat_map(|set| set.rules.iter_mut().chain(&mut set.deny_rules));
            read::note_twins(&mut rules.collect::<Vec<_>>());
        }
        Ok(policy)
    }

    /// The same as it will be once its drafts are provisioned: they take the place of what is in force, without what is
    /// to be deleted. Nothing where no draft rule sets are given.
    #[must_use]
    pub fn provisioned(mut self) -> Option<Self> {
        let stays = |update: Option<&str>| update != Some("delete");
        let mut rule_sets = self.draft_rule_sets.take()?;
        rule_sets.retain(|set| stays(set.update_type.as_deref()));
        for set in &mut rule_sets {
            set.rules.retain(|rule| stays(rule.update_type.as_deref()));
            set.deny_rules.retain(|rule| stays(rule.update_type.as_deref()));
        }
        self.rule_sets = rule_sets;
        self.replace_source(export::RULE_SETS, export::DRAFT_RULE_SETS);
        if let Some(mut services) = self.draft_virtual_services.take() {
            services.retain(|service| stays(service.update_type.as_deref()));
            self.virtual_services = Some(services);
            self.replace_source(export::VIRTUAL_SERVICES, export::DRAFT_VIRTUAL_SERVICES);
        }
        self.is_draft = true;
        Some(self)
    }

    fn replace_source(&mut self, file: &'static str, by: &str) {
        self.sources.retain(|source| source.file != file);
        self.sources.iter_mut().filter(|source| source.file == by).for_each(|source| source.file = file);
    }

    /// The files it was read from.
    #[must_use]
    pub fn sources(&self) -> &[Source<'t>] {
        &self.sources
    }

    /// The file that is one of an export.
    #[must_use]
    pub fn source(&self, file: &str) -> Option<Source<'t>> {
        self.sources.iter().find(|source| source.file == file).copied()
    }

    /// The same finding with the place of an href in one of the files.
    fn placed(&self, finding: Finding, file: &str, href: &Text<'_>) -> Finding {
        let Some(source) = self.source(file) else { return finding };
        let finding = finding.in_file(source.name);
        match href.place_in(source.text) {
            Some(at) => finding.at(at..at + href.len()),
            None => finding,
        }
    }
}

impl<'t> RuleSet<'t> {
    /// Its allow rules, then its deny rules.
    pub(crate) fn all_rules(&self) -> impl Iterator<Item = &SecRule<'t>> {
        self.rules.iter().chain(&self.deny_rules)
    }
}

impl<'t> SecRule<'t> {
    /// Its sources and destinations.
    pub fn actors(&self) -> impl Iterator<Item = &model::Actor<'t>> {
        self.consumers.iter().chain(&self.providers)
    }
}

/// The last part of an href: what distinguishes an object from its siblings.
#[must_use]
pub fn id(href: &str) -> &str {
    href.rsplit_once('/').map_or(href, |(_, id)| id)
}
