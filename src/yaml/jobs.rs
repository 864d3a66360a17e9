//! What a file of pipelines or tasks says around a command: the matrix and the folder of its job, and what is beside
//! it.

use std::{collections::HashSet, ops::Range};

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

/// A variable that a pipeline sets for a command.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) name: String,
    pub(crate) text: String,
    /// The bytes of the value in the file.
    pub(crate) span: Range<usize>,
}

/// The keys of variables. (GitLab, `variables`; GitHub, `env`; Azure, `variables`; `CircleCI`, Drone, `environment`; Task,
/// `vars`; Bitbucket, `deployment`)
pub(super) const SETTINGS: [&str; 5] = ["variables", "env", "environment", "vars", "deployment"];

/// The name under which the environment is kept that a job deploys to, which no variable has. (GitLab and GitHub,
/// `environment`; Bitbucket, `deployment`)
pub(crate) const ENVIRONMENT: &str = "environment:";

/// What may send a task of Ansible to another cluster. (Ansible documentation, Playbook Keywords)
pub(crate) const PLACES: [&str; 5] = ["hosts", "delegate_to", "vars", "environment", "module_defaults"];

/// A text by which such an entry is the same as another one: what is written there, or its bytes where that is long, as each
/// task below it has a copy.
pub(crate) fn place_of(key: &str, text: &str, at: &Range<usize>) -> String {
    const LONGEST: usize = 500;
    if text.len() <= LONGEST { format!("{key} {text}\n") } else { format!("{key} {at:?}\n") }
}

impl Document<'_> {
    /// Whether the value at a byte is in a job of a pipeline, which runs at the top of the checkout.
    pub(crate) fn is_of_job(&self, byte: usize, start: usize) -> bool {
        const KEYS: [&str; 8] =
            ["script", "before_script", "after_script", "steps", "jobs", "stages", "pipeline", "pipelines"];
        let tree = &self.tree;
        let is_object = self.text_at(["kind"]).is_some() && self.text_at(["apiVersion"]).is_some();
        let is_in = |id: NodeId| {
            let span = tree.span(id);
            span.start + start <= byte && byte < span.end + start
        };
        let is_job = |(key, value): (NodeId, NodeId)| KEYS.contains(&tree.text(key)) && is_in(value);
        !is_object && self.mappings_around(byte, start).any(|id| tree.entries(id).any(is_job))
    }

    /// The mappings that a byte is in, the innermost first.
    pub(super) fn mappings_around(&self, byte: usize, start: usize) -> impl Iterator<Item = NodeId> {
        let tree = &self.tree;
        let around = move |id: &NodeId| {
            let span = tree.span(*id);
            tree.node(*id).kind.is_mapping() && span.start + start <= byte && byte < span.end + start
        };
        (0..tree.nodes.len()).rev().filter(around)
    }

    /// What sends the command at a byte to the hosts of a play of Ansible, or to another one than others, outermost first.
    pub(crate) fn places_around(&self, byte: usize, start: usize) -> String {
        let tree = &self.tree;
        if !tree.nodes.first().is_some_and(|root| root.kind.is_sequence()) {
            return String::new();
        }
        let mut around: Vec<NodeId> = self.mappings_around(byte, start).collect();
        around.reverse();
        let of = |mapping: NodeId| {
            let entry = move |key: &&str| tree.entries(mapping).find(|(own, _)| tree.text(*own) == *key);
            PLACES.iter().filter_map(move |key| Some((*key, entry(key)?.1)))
        };
        let all = around.into_iter().flat_map(of);
        let said = |(key, value): (&str, NodeId)| {
            let (text, span) = (tree.scalar(value).and_then(super::scalar::Scalar::name), tree.span(value));
            let text = text.unwrap_or_else(|| self.text().get(span.clone()).unwrap_or_default().to_owned());
            place_of(key, &text, &(span.start + start..span.end + start))
        };
        all.map(said).collect()
    }

    /// The bytes of the job that a byte is in: of the outermost mapping with steps, or the stage around it.
    pub(crate) fn job_around(&self, byte: usize, start: usize) -> Option<Range<usize>> {
        const KEYS: [&str; 3] = ["steps", "script", "stage"];
        let is_job = |id: &NodeId| self.tree.entries(*id).any(|(key, _)| KEYS.contains(&self.tree.text(key)));
        let span = self.tree.span(self.mappings_around(byte, start).filter(is_job).last()?);
        Some(span.start + start..span.end + start)
    }

    /// The variables that are set for the command at a byte, once for each job that it is run in: a job that extends
    /// another one runs its commands with variables of its own. (GitLab, `extends`.)
    pub(crate) fn settings_of(&self, byte: usize, start: usize) -> Vec<Vec<Setting>> {
        /// As many jobs are distinguished.
        const MOST: usize = 64;
        let mut of_own: Vec<Setting> = Vec::new();
        if !SETTINGS.iter().any(|key| self.text().contains(key)) {
            return vec![of_own];
        }
        let job = self.job_at(byte, start);
        for mapping in self.mappings_around(byte, start) {
            self.add_settings(mapping, start, &mut of_own);
            let extended = job.filter(|(_, value)| *value == mapping).map(|(_, job)| self.extended(job));
            extended.into_iter().flatten().for_each(|job| self.add_settings(job, start, &mut of_own));
        }
        let Some((key, own)) = job else { return vec![of_own] };
        let of_rules = self.set_by_rules(own);
        of_own.retain(|setting| !of_rules.contains(&setting.name.as_str()));
        let has_own = |job: NodeId| self.tree.entries(job).any(|(key, _)| self.tree.text(key) == "script");
        let takes = |job: &NodeId| *job != own && !has_own(*job) && self.extended(*job).contains(&own);
        let others = self.jobs().map(|(_, job)| job).filter(takes);
        let mut all: Vec<Vec<Setting>> = Vec::new();
        for taker in others.take(MOST) {
            let mut settings = Vec::new();
            self.add_settings(taker, start, &mut settings);
            self.extended(taker).into_iter().for_each(|job| self.add_settings(job, start, &mut settings));
            settings.extend(of_own.iter().cloned());
            let mut seen = HashSet::new();
            settings.retain(|one| seen.insert(one.name.clone()));
            all.push(settings);
        }
        if all.is_empty() || !self.tree.text(key).starts_with('.') {
            all.push(of_own);
        }
        all
    }

    /// The variables that the rules of a job, or of the whole pipeline, set. (GitLab, `rules:variables`)
    fn set_by_rules(&self, job: NodeId) -> Vec<&str> {
        let tree = &self.tree;
        let below = |mapping: NodeId, name: &'static str| {
            let entries = Some(mapping).filter(|id| tree.node(*id).kind.is_mapping()).into_iter();
            let entries = entries.flat_map(|mapping| tree.entries(mapping));
            entries.filter(move |(key, _)| tree.text(*key) == name).map(|(_, value)| tree.resolved(value))
        };
        let pipeline = below(0, "workflow").flat_map(|workflow| below(workflow, "rules").collect::<Vec<_>>());
        let lists = below(job, "rules").chain(pipeline).filter(|list| tree.node(*list).kind.is_sequence());
        let rules = lists.flat_map(|list| tree.children(list)).map(|rule| tree.resolved(rule));
        let settings = rules.flat_map(|rule| below(rule, "variables").collect::<Vec<_>>());
        let settings = settings.filter(|settings| tree.node(*settings).kind.is_mapping());
        settings.flat_map(|settings| tree.entries(settings)).map(|(name, _)| tree.text(name)).collect()
    }

    /// The entries of the root, which are the jobs of a pipeline of GitLab.
    pub(super) fn jobs(&self) -> impl Iterator<Item = (NodeId, NodeId)> {
        let tree = &self.tree;
        let root = Some(0).filter(|_| tree.nodes.first().is_some_and(|root| root.kind.is_mapping()));
        let jobs = root.into_iter().flat_map(move |root| tree.entries(root));
        jobs.map(move |(key, value)| (key, tree.resolved(value))).filter(|(_, job)| tree.node(*job).kind.is_mapping())
    }

    /// The hidden jobs that jobs extend, or refer to, and that are not in the document, each with a byte of that job.
    pub(crate) fn jobs_elsewhere(&self, start: usize) -> Vec<(String, usize)> {
        let tree = &self.tree;
        let known: HashSet<&str> = self.jobs().map(|(key, _)| tree.text(key)).collect();
        let items = |value: NodeId| {
            let value = tree.resolved(value);
            let is_list = tree.node(value).kind.is_sequence();
            if is_list { tree.children(value).map(|item| tree.resolved(item)).collect() } else { vec![value] }
        };
        let mut found: Vec<(String, usize)> = Vec::new();
        for (_, job) in self.jobs() {
            for (key, value) in tree.entries(job) {
                let names: Vec<NodeId> = match tree.text(key) {
                    "extends" => items(value),
                    // of a reference the first name is that of the job
                    "script" | "before_script" => {
                        let lists = items(value).into_iter().filter(|item| tree.node(*item).kind.is_sequence());
                        lists.filter_map(|list| tree.children(list).next()).collect()
                    }
                    _ => continue,
                };
                let names = names.into_iter().map(|name| tree.text(name));
                let elsewhere = names.filter(|name| name.starts_with('.') && !known.contains(name));
                found.extend(elsewhere.map(|name| (name.to_owned(), tree.span(job).start + start)));
            }
        }
        found
    }

    /// The names of the hidden jobs that have commands.
    pub(crate) fn hidden_jobs(&self) -> Vec<String> {
        let has_script = |job: NodeId| self.tree.entries(job).any(|(key, _)| self.tree.text(key).contains("script"));
        let hidden = self.jobs().filter(|(key, job)| self.tree.text(*key).starts_with('.') && has_script(*job));
        hidden.map(|(key, _)| self.tree.text(key).to_owned()).collect()
    }

    pub(super) fn job_at(&self, byte: usize, start: usize) -> Option<(NodeId, NodeId)> {
        self.jobs().find(|(_, job)| {
            let span = self.tree.span(*job);
            span.start + start <= byte && byte < span.end + start
        })
    }

    /// The jobs that a job extends, or merges into it, the nearest first.
    pub(super) fn extended(&self, job: NodeId) -> Vec<NodeId> {
        const MOST: usize = 32;
        let tree = &self.tree;
        let mut found: Vec<NodeId> = Vec::new();
        let mut open = vec![job];
        while let Some(job) = open.pop() {
            let mut of_job = Vec::new();
            for (key, value) in tree.entries(job) {
                let value = tree.resolved(value);
                let is_list = tree.node(value).kind.is_sequence();
                let items: Vec<NodeId> = if is_list { tree.children(value).collect() } else { vec![value] };
                match tree.text(key) {
                    "extends" => {
                        let names: Vec<&str> = items.into_iter().map(|item| tree.text(item)).collect();
                        of_job.extend(self.jobs().filter(|(key, _)| names.contains(&tree.text(*key))).map(|it| it.1));
                    }
                    "<<" => of_job.extend(items.into_iter().map(|item| tree.resolved(item))),
                    _ => {}
                }
            }
            of_job.retain(|job| tree.node(*job).kind.is_mapping() && !found.contains(job));
            if found.len() < MOST {
                found.extend(of_job.iter().copied());
                open.extend(of_job);
            }
        }
        found
    }

    /// Adds the variables that a mapping sets and that are not set yet.
    fn add_settings(&self, mapping: NodeId, start: usize, settings: &mut Vec<Setting>) {
        let tree = &self.tree;
        let text = |id: NodeId| tree.scalar(id).and_then(super::scalar::Scalar::name);
        let entry = |mapping: NodeId, name: &str| {
            let is_it = |(key, _): &(NodeId, NodeId)| tree.text(*key) == name;
            tree.node(mapping).kind.is_mapping().then(|| tree.entries(mapping).find(is_it))?.map(|(_, value)| value)
        };
        let mut add = |name: Option<String>, value: NodeId| {
            // GitLab describes a variable beside its value
            let value = entry(tree.resolved(value), "value").unwrap_or(value);
            let (Some(name), Some(text)) = (name, text(value)) else { return };
            if settings.iter().all(|known| known.name != name) {
                let span = tree.span(value);
                settings.push(Setting { name, text, span: span.start + start..span.end + start });
            }
        };
        for (key, list) in tree.entries(mapping).filter(|(key, _)| SETTINGS.contains(&tree.text(*key))) {
            let list = tree.resolved(list);
            if tree.text(key) == "deployment" {
                add(Some(ENVIRONMENT.to_owned()), list);
                continue;
            }
            if tree.text(key) == "environment" {
                let named =
                    entry(list, "name").filter(|_| entry(list, "url").is_some() || tree.entries(list).count() == 1);
                add(Some(ENVIRONMENT.to_owned()), named.unwrap_or(list));
            }
            if tree.node(list).kind.is_mapping() {
                tree.entries(list).for_each(|(name, value)| add(text(name), value));
            } else if tree.node(list).kind.is_sequence() {
                for item in tree.children(list).map(|item| tree.resolved(item)) {
                    let pair = entry(item, "name").zip(entry(item, "value"));
                    if let Some((name, value)) = pair {
                        add(text(name), value);
                    }
                }
            }
        }
    }

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
