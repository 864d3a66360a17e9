//! [`fn@judge`]: what CLAS makes of each rule.
//!
//! Source, where nothing else is named: the vendor's pages "Upgrade to CLAS Architecture" (Core 24.5) for what to look
//! for, and "Rules and Traffic Considerations with CLAS" for what stays a virtual service. The weights are ours.

use super::{
    Book,
    address::Block,
    case::{Case, hit},
    draft, export,
    hit::{Hit, What},
    model::{Actor, RuleSet, SecRule},
    proof::{self, Proof},
    reach::{Reach, Selection},
    rewrite::Rewrite,
    sentences,
    weight::{Room, Weight},
    words::shown,
};
use crate::{finding::Finding, rule::Rule};

/// What is asked about a policy.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// The UUID of the cluster that is to be migrated; of all clusters where none is named.
    pub cluster: Option<&'q str>,
    /// The cluster's Service CIDR, one a family.
    pub service_cidrs: &'q [Block],
    /// Key and value of the labels that every node of the cluster has.
    pub node_labels: &'q [(String, String)],
    /// The namespace of Kubelink and the C-VENs.
    pub namespace: &'q str,
}

impl Default for Question<'_> {
    fn default() -> Self {
        Self {
            cluster: None,
            service_cidrs: &[],
            node_labels: &[],
            namespace: crate::command_line::Release::default().namespace,
        }
    }
}

/// A policy with all findings about it.
#[derive(Debug)]
pub struct Judged<'p> {
    /// Where the names are.
    pub book: &'p Book<'p>,
    /// The cluster that was asked about.
    pub cluster: Option<String>,
    /// The rule sets, in the order of their file; then those that are only drafts, then the enforcement boundaries.
    pub rule_sets: Vec<JudgedSet<'p>>,
    /// The mandatory rules.
    pub infrastructure: Vec<Proof<'p>>,
    /// What is about no rule set.
    pub findings: Vec<Finding>,
    /// How many clusters were judged, by whose Kubelink made the virtual services.
    pub clusters: usize,
    /// What was not known.
    pub untold: Vec<String>,
}

/// A rule set with all findings about it.
#[derive(Debug)]
pub struct JudgedSet<'p> {
    /// Its name.
    pub name: &'p str,
    /// Where it is on the PCE; empty for the enforcement boundaries, which are not set there.
    pub href: &'p str,
    /// Whether its rules are in force.
    pub is_enabled: bool,
    /// Where its rules apply.
    pub scopes: &'p [Vec<Actor<'p>>],
    /// What is about it as a whole.
    pub findings: Vec<Finding>,
    /// Its rules, also those without findings.
    pub rules: Vec<JudgedRule<'p>>,
}

/// A rule with all findings about it.
#[derive(Debug)]
pub struct JudgedRule<'p> {
    /// The rule.
    pub rule: &'p SecRule<'p>,
    /// What it does.
    pub sort: Sort,
    /// What was found of it, as facts.
    pub hits: Vec<Hit<'p>>,
    /// What each finding of it is, and how much it weighs.
    pub weights: Vec<Weight>,
    /// The findings in words, with the place of each; none where there are too many to put them all into words.
    pub findings: Vec<Finding>,
    /// What it should become.
    pub rewrite: Rewrite<'p>,
}

impl JudgedRule<'_> {
    /// What it should become in words, one line a rule.
    #[must_use]
    pub fn becomes(&self, book: &Book<'_>) -> Vec<String> {
        sentences::becomes(book, self.rule, self.sort, &self.rewrite)
    }

    /// Whether it has findings that are counted and not put into words.
    #[must_use]
    pub const fn is_counted_only(&self) -> bool {
        self.findings.is_empty() && !self.weights.is_empty()
    }
}

impl JudgedSet<'_> {
    /// The findings of one of its rules in words, however many there are of others.
    pub(crate) fn in_words(&self, rule: &JudgedRule<'_>) -> Vec<Finding> {
        sentences::findings(&rule.hits, self.is_enabled && rule.rule.is_enabled)
    }
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// It allows.
    Allow,
    /// It denies what no rule allows.
    Deny,
    /// It denies what other rules allow.
    OverrideDeny,
    /// The deny rule of older PCEs.
    Boundary,
}

impl Sort {
    /// What it is called.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Allow => "rule",
            Self::Deny => "deny rule",
            Self::OverrideDeny => "override deny rule",
            Self::Boundary => "enforcement boundary",
        }
    }

    /// The word for it in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::OverrideDeny => "override-deny",
            Self::Boundary => "enforcement-boundary",
        }
    }

    fn of_deny_rule(rule: &SecRule<'_>) -> Self {
        if rule.is_override { Self::OverrideDeny } else { Self::Deny }
    }
}

/// Judges a policy.
#[must_use]
pub fn judge<'p>(book: &'p Book<'p>, question: &Question<'_>) -> Judged<'p> {
    let mut reach = Reach::among(book, question.cluster);
    let mut room = Room::default();
    let sets = book.policy.rule_sets.iter();
    let mut rule_sets: Vec<JudgedSet<'p>> = sets.map(|set| judged_set(&mut reach, &mut room, set)).collect();
    let mut findings = draft::tell(book, &mut rule_sets);
    rule_sets.extend(judged_boundaries(&mut reach, &mut room));
    let infrastructure = proof::prove(&mut reach, question);
    findings.extend(sentences::not_understood(book));
    findings.extend(infrastructure.iter().filter_map(Proof::finding));
    let clusters = reach.clusters().len();
    let untold = untold(&reach, question, clusters, &rule_sets);
    let cluster = question.cluster.map(str::to_owned);
    Judged { book, cluster, rule_sets, infrastructure, findings, clusters, untold }
}

fn judged_set<'p>(reach: &mut Reach<'p>, room: &mut Room, set: &'p RuleSet<'p>) -> JudgedSet<'p> {
    let scopes = reach.scopes(&set.scopes);
    let allow = set.rules.iter().map(|rule| (rule, Sort::Allow));
    let rules = allow.chain(set.deny_rules.iter().map(|rule| (rule, Sort::of_deny_rule(rule))));
    let judged = rules.map(|(rule, sort)| {
        let is_enabled = set.is_enabled && rule.is_enabled;
        judged_rule(Case::of(reach, Some(set), rule, sort, &scopes), is_enabled, export::RULE_SETS, room)
    });
    JudgedSet {
        rules: judged.collect(),
        name: &set.name,
        href: &set.href,
        is_enabled: set.is_enabled,
        scopes: &set.scopes,
        findings: Vec::new(),
    }
}

fn judged_rule<'p>(mut case: Case<'_, 'p>, is_enabled: bool, file: &'static str, room: &mut Room) -> JudgedRule<'p> {
    if is_enabled {
        case.note_staying();
    }
    let mut hits = case.hits();
    let rewrite = if hits.is_empty() { Rewrite::Unneeded } else { Rewrite::of(&mut case) };
    if let Rewrite::ByHand(why) = &rewrite {
        hits.push(hit(Rule::RewriteByHand, What::ByHand(why.clone())));
    }
    hits.shrink_to_fit();
    let Case { reach, rule, sort, .. } = case;
    let book = reach.book;
    let weights = Weight::of(&hits, is_enabled);
    let findings = if room.take(&weights) { sentences::findings(&hits, is_enabled) } else { Vec::new() };
    let findings = findings.into_iter().map(|finding| book.policy.placed(finding, file, &rule.href)).collect();
    JudgedRule { rule, sort, hits, weights, findings, rewrite }
}

fn judged_boundaries<'p>(reach: &mut Reach<'p>, room: &mut Room) -> Option<JudgedSet<'p>> {
    let boundaries = reach.book.policy.enforcement_boundaries.as_deref().filter(|list| !list.is_empty())?;
    let everywhere = [Selection::default()];
    let judged = boundaries.iter().map(|rule| {
        let case = Case::of(reach, None, rule, Sort::Boundary, &everywhere);
        judged_rule(case, rule.is_enabled, export::ENFORCEMENT_BOUNDARIES, room)
    });
    Some(JudgedSet {
        rules: judged.collect(),
        name: "Enforcement boundaries",
        href: "",
        is_enabled: true,
        scopes: &[],
        findings: Vec::new(),
    })
}

/// What is not known, in sentences.
fn untold<'p>(reach: &Reach<'p>, question: &Question<'_>, clusters: usize, rule_sets: &[JudgedSet<'p>]) -> Vec<String> {
    let policy = reach.book.policy;
    let mut untold = Vec::new();
    for collection in export::COLLECTIONS.iter().filter(|collection| !collection.tells.is_empty()) {
        let is_judged = policy.is_draft && collection.file == export::DRAFT_RULE_SETS;
        if policy.source(collection.file).is_none() && !is_judged {
            untold.push(format!("{} (without {})", collection.tells, collection.file));
        }
    }
    if !proof::tells_enforcement(reach.book, question) {
        let without = export::CONTAINER_WORKLOAD_PROFILES;
        let namespace = question.namespace;
        untold.push(format!(
            "whether the namespace {namespace} is in Full Enforcement (without a mode that is known in {without})"
        ));
    }
    untold.extend(sentences::empty_lists(reach.book, question.cluster));
    untold.extend(sentences::not_legacy(reach.book, question.cluster));
    untold.extend(sentences::external_traffic(&reach.staying()));
    untold.extend(sentences::taken_for_outside(rule_sets));
    if question.cluster.is_none() && clusters > 1 {
        untold.push(format!("which of {clusters} clusters you mean, so all were checked together (see --cluster)"));
    }
    let unknown_label = |(key, value): &&(String, String)| reach.book.label_named(key, value).is_none();
    for (key, value) in question.node_labels.iter().filter(unknown_label) {
        untold.push(format!("which nodes are {}: no such label is known", shown(&format!("{key}={value}"))));
    }
    untold.extend(sentences::unknown_fields(reach.book, rule_sets));
    untold.extend(unknown_objects(reach.book));
    untold
}

/// The objects that are referred to and that are not there, in sentences.
fn unknown_objects(book: &Book<'_>) -> Vec<String> {
    const FEW: usize = 20;
    let policy = book.policy;
    let sets = || policy.rule_sets.iter();
    let actors = sets().flat_map(|set| set.scopes.iter().flatten().chain(set.all_rules().flat_map(SecRule::actors)));
    let of_rules = sets().flat_map(RuleSet::all_rules).flat_map(|rule| &rule.ingress_services);
    let of_services = policy.virtual_services.iter().flatten().filter_map(|one| Some(&*one.service.as_ref()?.href));
    let services = of_rules.filter_map(|one| one.href.as_deref()).chain(of_services);
    let mut unknown: Vec<&str> =
        actors.filter(|actor| book.is_unknown(actor)).map(|actor| &*actor.object.href).collect();
    unknown.extend(services.filter(|href| policy.services.is_some() && book.service(href).is_none()));
    unknown.sort_unstable();
    unknown.dedup();
    let more = unknown.len().saturating_sub(FEW);
    let first = unknown.iter().take(FEW).map(|href| format!("what {href} is: unknown object"));
    first.chain((more > 0).then(|| format!("what {more} more unknown objects are"))).collect()
}
