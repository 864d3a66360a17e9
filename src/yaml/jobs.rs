//! What a file of pipelines or tasks says around a command: the matrix and the folder of its job, and what is beside
//! it.

use std::ops::Range;

use super::{document::Document, tree::NodeId};

/// A job that a pipeline runs several times.
#[derive(Clone)]
pub(crate) struct Matrix {
    /// Its bytes in the file.
    pub(crate) job: Range<usize>,
    /// The names that have another value each time, with these, where they are written out.
    pub(crate) names: Vec<(String, Vec<String>)>,
    /// Whether they are written as expressions of GitHub.
    pub(crate) is_github: bool,
}

impl Document<'_> {
    /// The jobs with a matrix, by which a pipeline runs each several times, in a file in which the document begins at a
    /// byte. (GitHub, `strategy.matrix`; GitLab, `parallel:matrix`; Azure, `strategy.matrix`.)
    pub(crate) fn matrices(&self, start: usize) -> Vec<Matrix> {
        const MOST: usize = 200;
        let tree = &self.tree;
        let entry = |id: NodeId, keys: &[&str]| {
            let is_it = |(key, _): &(NodeId, NodeId)| keys.contains(&tree.text(*key));
            tree.node(id).kind.is_mapping().then(|| tree.entries(id).find(is_it))?
        };
        let matrix = |id: NodeId| {
            let (key, below) = entry(id, &["strategy", "parallel"])?;
            let (_, matrix) = entry(tree.resolved(below), &["matrix"])?;
            let (names, span) = (self.names_of_matrix(tree.resolved(matrix)), tree.span(id));
            Some(Matrix { job: span.start + start..span.end + start, names, is_github: tree.text(key) == "strategy" })
        };
        (0..tree.nodes.len()).filter_map(matrix).take(MOST).collect()
    }

    /// The names of a matrix with their values; none where others are added to them, or they are not written out.
    fn names_of_matrix(&self, matrix: NodeId) -> Vec<(String, Vec<String>)> {
        let tree = &self.tree;
        let alone = tree.node(matrix).kind.is_sequence().then(|| tree.children(matrix).collect::<Vec<_>>());
        let mapping = match alone.as_deref() {
            Some([one]) => tree.resolved(*one),
            Some(_) => return Vec::new(),
            None => matrix,
        };
        if !tree.node(mapping).kind.is_mapping() {
            return Vec::new();
        }
        let items = |(key, value): (NodeId, NodeId)| {
            let text = |id: NodeId| tree.scalar(id).and_then(super::scalar::Scalar::name);
            let list = tree.resolved(value);
            let is_list = tree.node(list).kind.is_sequence() && !["include", "exclude"].contains(&tree.text(key));
            let items = tree.children(list).map(text).collect::<Option<Vec<String>>>()?;
            is_list.then(|| (tree.text(key).to_owned(), items))
        };
        tree.entries(mapping).map(items).collect::<Option<Vec<_>>>().unwrap_or_default()
    }

    /// The folder that a command is run in which is the value at a byte, where a key beside it names that.
    pub(crate) fn folder_of(&self, byte: usize, start: usize) -> Option<String> {
        const KEYS: [&str; 5] = ["working-directory", "workingDirectory", "working_directory", "chdir", "dir"];
        let tree = &self.tree;
        if !KEYS[..4].iter().chain(&["cmds:"]).any(|key| self.text().contains(key)) {
            return None;
        }
        let holds = |id: &NodeId| {
            tree.node(*id).kind.is_mapping()
                && tree.entries(*id).any(|(_, value)| tree.span(value).start + start == byte)
        };
        let entry = |mapping: NodeId, keys: &[&str]| {
            let mapping = Some(tree.resolved(mapping)).filter(|id| tree.node(*id).kind.is_mapping())?;
            tree.entries(mapping).find(|(key, _)| keys.contains(&tree.text(*key))).map(|(_, value)| value)
        };
        let mapping = (0..tree.nodes.len()).rev().find(holds);
        let beside = || entry(mapping?, &KEYS);
        let around = |id: &NodeId| {
            let span = tree.span(*id);
            tree.node(*id).kind.is_mapping() && span.start + start <= byte && byte < span.end + start
        };
        // what a job, or the whole workflow, says for all of its steps (GitHub, `defaults.run`)
        let of_job = || {
            let mut outer = (0..tree.nodes.len()).rev().filter(around);
            outer.find_map(|id| entry(entry(entry(id, &["defaults"])?, &["run"])?, &KEYS[..1]))
        };
        // what a task says for all of its commands (Task, `dir` beside `cmds`)
        let of_task = || {
            let mut outer = (0..tree.nodes.len()).rev().filter(around);
            outer.find_map(|id| entry(id, &["cmds"]).and_then(|_| entry(id, &["dir"])))
        };
        let folder = beside().or_else(of_job).or_else(of_task)?;
        Some(tree.text(tree.resolved(folder)).trim_end_matches('/').to_owned())
    }

    /// The entries of the mapping that is under a name beside the value at a byte: name, text and bytes of each.
    pub(crate) fn sibling_entries(&self, byte: usize, name: &str) -> Option<Vec<(String, String, Range<usize>)>> {
        let tree = &self.tree;
        let holds = |id: &NodeId| {
            tree.node(*id).kind.is_mapping() && tree.entries(*id).any(|(_, value)| tree.span(value).start == byte)
        };
        let mapping = (0..tree.nodes.len()).rev().find(holds)?;
        let (_, below) = self.effective_entry(mapping, name)?;
        let below = tree.resolved(below);
        if !tree.node(below).kind.is_mapping() {
            return None;
        }
        let text = |id: NodeId| tree.scalar(id).and_then(super::scalar::Scalar::name);
        let entry = |(key, value): (NodeId, NodeId)| Some((text(key)?, text(value)?, tree.span(value)));
        Some(tree.entries(below).filter_map(entry).collect())
    }
}
