//! [`fn@judge`]: what CLAS makes of each rule.
//!
//! Source, where nothing else is named: the vendor's pages "Upgrade to CLAS Architecture" (Core 24.5) for what to look
//! for, and "Rules and Traffic Considerations with CLAS" for what stays a virtual service. The weights are ours.

use super::{
    Book,
    address::Block,
    case::Case,
    draft, export,
    hit::Hit,
    model::{Actor, RuleSet, SecRule},
    proof::{self, Proof},
    reach::{Reach, Selection},
    rewrite::Rewrite,
    sentences,
    words::shown,
};
use crate::{
    finding::{Finding, Severity},
    rule::Rule,
};

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

/// A policy with all that there is to say of it.
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
    /// What could not be told.
    pub untold: Vec<String>,
}

/// A rule set with all that there is to say of it.
#[derive(Debug)]
pub struct JudgedSet<'p> {
    /// Its name.
    pub name: &'p str,
    /// Where it is on the PCE; empty for the enforcement boundaries, which are no set there.
    pub href: &'p str,
    /// Whether its rules are in force.
    pub is_enabled: bool,
    /// Where its rules apply.
    pub scopes: &'p [Vec<Actor<'p>>],
    /// What is about it as a whole.
    pub findings: Vec<Finding>,
    /// Its rules, also those of which there is nothing to say.
    pub rules: Vec<JudgedRule<'p>>,
}

/// A rule with all that there is to say of it.
#[derive(Debug)]
pub struct JudgedRule<'p> {
    /// The rule.
    pub rule: &'p SecRule<'p>,
    /// What it does.
    pub sort: Sort,
    /// What was found of it, as facts.
    pub hits: Vec<Hit<'p>>,
    /// The same in words, with the place of each.
    pub findings: Vec<Finding>,
    /// What it should become.
    pub rewrite: Rewrite<'p>,
    /// The same in words, one line a rule.
    pub becomes: Vec<String>,
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
    let mut rule_sets: Vec<JudgedSet<'p>> =
        book.policy.rule_sets.iter().map(|set| judged_set(&mut reach, set)).collect();
    let mut findings = draft::tell(book, &mut rule_sets);
    rule_sets.extend(judged_boundaries(&mut reach));
    let infrastructure = proof::prove(&mut reach, question);
    findings.extend(sentences::not_understood(book));
    findings.extend(infrastructure.iter().filter_map(Proof::finding));
    let untold = untold(&reach, question, &rule_sets);
    let clusters = reach.clusters().len();
    let cluster = question.cluster.map(str::to_owned);
    Judged { book, cluster, rule_sets, infrastructure, findings, clusters, untold }
}

impl Judged<'_> {
    /// All findings: those of each rule set and its rules, then the others.
    pub fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        let of_set = |set| {
            let JudgedSet { findings, rules, .. }: &JudgedSet<'_> = set;
            findings.iter().chain(rules.iter().flat_map(|rule| &rule.findings))
        };
        self.rule_sets.iter().flat_map(of_set).chain(&self.findings)
    }

    /// How many findings weigh this much.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.all_findings().filter(|finding| finding.severity == severity).count()
    }

    /// How many rules there are, and of how many there is something to say.
    #[must_use]
    pub fn count_rules(&self) -> (usize, usize) {
        let rules = || self.rule_sets.iter().flat_map(|set| &set.rules);
        (rules().count(), rules().filter(|rule| !rule.findings.is_empty()).count())
    }

    /// Drops the findings of these rules.
    pub fn silence(&mut self, silenced: &[Rule]) {
        self.each_list(|findings| findings.retain(|finding| !silenced.contains(&finding.rule)));
    }

    /// Takes warnings for errors.
    pub fn harden(&mut self) {
        self.each_list(|findings| {
            for finding in findings.iter_mut().filter(|finding| finding.severity == Severity::Warning) {
                finding.severity = Severity::Error;
            }
        });
    }

    fn each_list(&mut self, mut change: impl FnMut(&mut Vec<Finding>)) {
        for set in &mut self.rule_sets {
            change(&mut set.findings);
            set.rules.iter_mut().for_each(|rule| change(&mut rule.findings));
        }
        change(&mut self.findings);
    }
}

fn judged_set<'p>(reach: &mut Reach<'p>, set: &'p RuleSet<'p>) -> JudgedSet<'p> {
    let scopes = scopes(reach, &set.scopes);
    let allow = set.rules.iter().map(|rule| (rule, Sort::Allow));
    let rules = allow.chain(set.deny_rules.iter().map(|rule| (rule, Sort::of_deny_rule(rule))));
    let judged = rules.map(|(rule, sort)| {
        let is_enabled = set.is_enabled && rule.is_enabled;
        Case::of(reach, rule, sort, &scopes).judged(is_enabled, export::RULE_SETS)
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

fn judged_boundaries<'p>(reach: &mut Reach<'p>) -> Option<JudgedSet<'p>> {
    let boundaries = reach.book.policy.enforcement_boundaries.as_deref().filter(|list| !list.is_empty())?;
    let everywhere = [Selection::default()];
    let judged = boundaries.iter().map(|rule| {
        let case = Case::of(reach, rule, Sort::Boundary, &everywhere);
        case.judged(rule.is_enabled, export::ENFORCEMENT_BOUNDARIES)
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

/// What scopes ask for. No scope at all is taken for one that matches everything, so that no rule is passed over; what
/// no PCE has in a scope may narrow it.
pub(super) fn scopes<'p>(reach: &mut Reach<'p>, scopes: &'p [Vec<Actor<'p>>]) -> Vec<Selection> {
    if scopes.is_empty() {
        return vec![Selection::default()];
    }
    let selections = scopes.iter().map(|scope| {
        let selection = reach.selection(scope);
        let is_vague = selection.is_vague || !scope.iter().all(|actor| actor.kind.is_of_scope());
        Selection { is_vague, ..selection }
    });
    selections.collect()
}

/// What could not be told, in sentences.
fn untold<'p>(reach: &Reach<'p>, question: &Question<'_>, rule_sets: &[JudgedSet<'p>]) -> Vec<String> {
    const FEW: usize = 20;
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
        untold.push(format!("whether the namespace {namespace} is in Full Enforcement (without {without})"));
    }
    match (question.cluster, reach.clusters().len()) {
        (Some(cluster), 0) if policy.virtual_services.is_some() => {
            untold.push(sentences::no_service_of(cluster));
        }
        (None, several @ 2..) => {
            untold.push(format!("which of {several} clusters is meant, so all were judged together (see --cluster)"));
        }
        _ => {}
    }
    let unknown_label = |(key, value): &&(String, String)| reach.book.label_named(key, value).is_none();
    for (key, value) in question.node_labels.iter().filter(unknown_label) {
        untold.push(format!("which nodes are {}: no such label is known", shown(&format!("{key}={value}"))));
    }
    untold.extend(sentences::unknown_fields(reach.book, rule_sets));
    let mut unknown: Vec<&str> = Vec::new();
    for set in &policy.rule_sets {
        let actors = set.scopes.iter().flatten().chain(set.all_rules().flat_map(SecRule::actors));
        unknown.extend(actors.filter(|actor| reach.book.is_unknown(actor)).map(|actor| &*actor.object.href));
    }
    unknown.sort_unstable();
    unknown.dedup();
    let more = unknown.len().saturating_sub(FEW);
    untold.extend(unknown.iter().take(FEW).map(|href| format!("what {href} is: unknown object")));
    if more > 0 {
        untold.push(format!("what {more} more unknown objects are"));
    }
    untold
}
