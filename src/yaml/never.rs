//! What a file of pipelines or tasks says never runs.

use std::ops::Range;

use super::{document::Document, tree::NodeId};

impl Document<'_> {
    /// The key by which the command at a byte never runs, with what it says and its bytes; nothing where it may run. (GitHub,
    /// `if`; GitLab, `when: never`, `rules`; Azure, `condition`, `enabled`; Ansible, `when`)
    pub(crate) fn never_runs(&self, byte: usize, start: usize) -> Option<(&str, &str, Range<usize>)> {
        const KEYS: [&str; 4] = ["if", "when", "condition", "enabled"];
        const FALSE: [&str; 6] = ["false", "False", "never", "${{ false }}", "not true", "not True"];
        let tree = &self.tree;
        let is_false = |value: &NodeId| {
            let said = tree.scalar(tree.resolved(*value)).and_then(super::scalar::Scalar::name);
            said.is_some_and(|said| FALSE.contains(&said.trim()))
        };
        let entry = |mapping: NodeId, keys: &'static [&'static str]| {
            let entries = Some(mapping).filter(|id| tree.node(*id).kind.is_mapping()).into_iter();
            entries.flat_map(|id| tree.entries(id)).filter(|(key, _)| keys.contains(&tree.text(*key)))
        };
        let items = |value: NodeId| {
            let list = tree.resolved(value);
            if tree.node(list).kind.is_sequence() { tree.children(list).collect() } else { vec![value] }
        };
        // a rule without a condition is the last that counts
        let is_left_out = |rules: NodeId| {
            let rules = items(rules).into_iter().map(|rule| tree.resolved(rule));
            let mut never = rules.map(|rule| {
                let is_never = entry(rule, &["when"]).any(|(_, value)| tree.text(tree.resolved(value)) == "never");
                (is_never, entry(rule, &["if", "changes", "exists"]).next().is_some())
            });
            never.find(|(is_never, is_conditional)| !is_never || !is_conditional) == Some((true, false))
        };
        let own = |mapping: NodeId| {
            let by_key = entry(mapping, &KEYS).find_map(|(key, value)| {
                let found = items(value).into_iter().find(is_false)?;
                Some((tree.text(key), found))
            });
            let by_rules = || entry(mapping, &["rules"]).find(|(_, rules)| is_left_out(*rules));
            by_key.or_else(|| by_rules().map(|(key, rules)| (tree.text(key), rules)))
        };
        let by_condition = self.mappings_around(byte, start).find_map(own);
        let Some((key, value)) = by_condition else { return self.extended_by_none(byte, start) };
        let span = tree.span(value);
        let said = if key == "rules" { "never" } else { self.text().get(span.clone()).unwrap_or_default() };
        Some((key, said, span.start + start..span.end + start))
    }

    /// The same for a hidden job of GitLab that nothing takes, in a file with others which takes none of another one. (GitLab,
    /// Hide jobs)
    fn extended_by_none(&self, byte: usize, start: usize) -> Option<(&str, &str, Range<usize>)> {
        let tree = &self.tree;
        let (key, job) = self.job_at(byte, start)?;
        let name = tree.text(key);
        let has_script = |job: NodeId| tree.entries(job).any(|(key, _)| tree.text(key) == "script");
        let own = self.text().get(tree.span(key).start..tree.span(job).end).unwrap_or_default();
        let is_taken =
            self.text().matches(name).take(2).count() > 1 || [": &", "- &"].iter().any(|it| own.contains(it));
        let has_others = self.jobs().any(|(key, job)| !tree.text(key).starts_with('.') && has_script(job));
        let is_alone = !is_taken && has_others && !self.text().contains("include:");
        let span = tree.span(key);
        let at = span.start + start..span.end + start;
        (is_alone && has_script(job) && self.is_never_run(job)).then_some(("extends", name, at))
    }
}
