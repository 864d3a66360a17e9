//! What files name and must be looked for, and the result of that.

use std::{collections::BTreeSet, sync::Arc};

use super::{Files, cleaned};

/// Something that a file names and that must be read before it is known what a cluster gets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wanted {
    /// A file, by its path from where the names of the other files lead from.
    File(String),
    /// A file in a repository, by its path from the top: only a person, or git, knows whether this checkout is of it.
    InRepository {
        /// The address of the repository, where the manifest names it and follows a branch.
        url: Option<String>,
        /// The branch, tag or commit, as it is written.
        revision: Option<String>,
        /// The path from its top.
        path: String,
    },
    /// The files in a repository whose paths from the top fit a pattern: `*` is any part of a name, `**` any folders; or,
    /// where a slash ends it, the folders, by their names alone.
    Fitting {
        /// The address of the repository, where the manifest names it.
        url: Option<String>,
        /// The branch, tag or commit, as it is written.
        revision: Option<String>,
        /// The pattern.
        pattern: String,
    },
    /// An object of Kubernetes, wherever in the checkout it is.
    Object(ObjectRef),
    /// The archives of a chart among those that another one has fetched.
    Fetched {
        /// The file that describes the other one.
        by: Box<Wanted>,
        /// The name of the chart.
        name: String,
    },
    /// Whether the file of this path from the top of the checkout is the one that a controller builds, which takes it
    /// from a repository: it is there, or that repository is another one.
    Source {
        /// The address of the repository; nothing where it is not followed, but taken as it was once.
        url: Option<String>,
        /// The branch, as it is written.
        revision: Option<String>,
        /// The path from its top.
        path: String,
    },
    /// The files below a folder, by its path from the top of the checkout, that Flux builds where no kustomization is
    /// in it.
    Below(String),
    /// The kustomizations, of kustomize or of Flux, and Applications of Argo CD, that take the file of this path from
    /// the top of the checkout.
    Takers(String),
    /// The same by their names alone: which of them must be read follows from what else is.
    NamesOfTakers(String),
}

/// An object of Kubernetes, as another one refers to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectRef {
    /// Its API group: `helm.toolkit.fluxcd.io`; empty for `v1`.
    pub group: String,
    /// Its kind: `ConfigMap`, `OCIRepository`, `HelmChart`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its namespace; nothing where the manifest does not say it, and any is meant.
    pub namespace: Option<String>,
}

/// What became of something that was not looked at: it may say anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Why, as the rest of a sentence.
    pub reason: String,
    /// Whether there is such a file here, for which it is not known whether it is the one that is meant.
    pub is_likely: bool,
}

/// The result of looking for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// It is the file of this number.
    Here(usize),
    /// It was looked for, and is not there; or it is a file outside of the checkout.
    Absent,
    /// It was not looked for.
    Unasked,
}

impl Files<'_> {
    /// Records the result of looking for something: the files that it is in, by their numbers; none where it is not
    /// there.
    pub fn answer(&mut self, wanted: Wanted, files: Vec<usize>) {
        self.answers.insert(wanted, files);
    }

    /// Records the result of looking for names: the files that are read in any case, and the names of the others. These may
    /// be many, and the same for many files.
    pub fn answer_names(&mut self, wanted: Wanted, files: Vec<usize>, names: Arc<BTreeSet<String>>) {
        if !names.is_empty() {
            self.names.insert(wanted.clone(), names);
        }
        self.answers.insert(wanted, files);
    }

    /// The files that take the one of a path, as far as they are read; nothing where it was not asked who does.
    pub(crate) fn takers_of(&self, path: &str) -> Option<Vec<usize>> {
        if let Some(all) = self.answer_to(&Wanted::Takers(path.to_owned())) {
            return Some(all.to_vec());
        }
        let asked = Wanted::NamesOfTakers(path.to_owned());
        let mut takers = self.answer_to(&asked)?.to_vec();
        takers.extend(self.names.get(&asked).into_iter().flat_map(|names| self.read_of(names)));
        Some(takers)
    }

    /// Those of some names that are of files which were read, in their order.
    fn read_of(&self, names: &BTreeSet<String>) -> Vec<usize> {
        let number = |name: &String| self.by_path.get(name)?.first().copied();
        if names.len() <= self.by_path.len() {
            return names.iter().filter_map(number).collect();
        }
        let mut read: Vec<&String> = self.by_path.keys().filter(|name| names.contains(*name)).collect();
        read.sort_unstable();
        read.into_iter().filter_map(number).collect()
    }

    /// How many files may take the one of a path, read or not.
    pub(crate) fn count_of_takers(&self, path: &str) -> usize {
        let asked = Wanted::NamesOfTakers(path.to_owned());
        self.answer_to(&asked).map_or(0, <[usize]>::len) + self.names.get(&asked).map_or(0, |names| names.len())
    }

    /// The folders that fit a pattern, by their paths from the top; nothing where they were not looked for.
    pub(crate) fn folders_fitting(&self, wanted: &Wanted) -> Option<Vec<String>> {
        self.answer_to(wanted)?;
        Some(
            self.names
                .get(wanted)
                .into_iter()
                .flat_map(|names| names.iter())
                .map(|name| self.name_from_top(name))
                .collect(),
        )
    }

    /// The first of those that is not read, by its name.
    pub(crate) fn unread_taker(&self, path: &str) -> Option<Wanted> {
        let named = self.names.get(&Wanted::NamesOfTakers(path.to_owned()))?;
        let unread = named.iter().filter(|name| !self.by_path.contains_key(*name));
        unread.map(|name| Wanted::File(name.clone())).find(|wanted| self.is_open(wanted))
    }

    /// Records that something was not looked at.
    pub fn leave(&mut self, wanted: Wanted, left: Left) {
        self.left.insert(wanted, left);
    }

    /// What is known of something that was not looked at.
    pub(crate) fn left(&self, wanted: &Wanted) -> Option<&Left> {
        self.left.get(wanted)
    }

    /// The result of a search; nothing if there was none.
    pub(crate) fn answer_to(&self, wanted: &Wanted) -> Option<&[usize]> {
        self.answers.get(wanted).map(Vec::as_slice)
    }

    /// Whether it was looked for in vain.
    pub(crate) fn is_missing(&self, wanted: &Wanted) -> bool {
        self.answer_to(wanted).is_some_and(<[usize]>::is_empty)
    }

    /// Whether it has not been looked for yet. An object that a given file holds is that one.
    pub(crate) fn is_open(&self, wanted: &Wanted) -> bool {
        let is_held = || matches!(wanted, Wanted::Object(object) if !self.objects().held(object).is_empty());
        !self.answers.contains_key(wanted) && !self.left.contains_key(wanted) && !is_held()
    }

    /// Where something is, among the files that a file was read with: by the number of each file.
    pub(crate) fn find(&self, wanted: &Wanted, asking: usize) -> Found {
        let others = |numbers: &[usize]| numbers.iter().copied().find(|number| *number != asking);
        match (self.answers.get(wanted), wanted) {
            (Some(files), _) if !files.is_empty() => Found::Here(files[0]),
            (answer, Wanted::File(path)) => match self.by_path.get(path).and_then(|numbers| others(numbers)) {
                Some(number) => Found::Here(number),
                None if answer.is_some() || self.left.contains_key(wanted) => Found::Absent,
                None => Found::Unasked,
            },
            // one at another revision is not the one of this path here
            (_, Wanted::InRepository { .. }) if self.left.contains_key(wanted) => Found::Absent,
            // a file that was given by hand is it where its path ends so
            (answer, Wanted::InRepository { path, .. }) => match self.ending(path, asking) {
                Some(number) => Found::Here(number),
                None if answer.is_some() => Found::Absent,
                None => Found::Unasked,
            },
            (
                answer,
                Wanted::Object(_)
                | Wanted::Takers(_)
                | Wanted::NamesOfTakers(_)
                | Wanted::Fetched { .. }
                | Wanted::Fitting { .. }
                | Wanted::Source { .. }
                | Wanted::Below(_),
            ) => {
                if answer.is_some() {
                    Found::Absent
                } else {
                    Found::Unasked
                }
            }
        }
    }

    /// The files that fit a pattern, as far as they were looked for, or they were given; nothing where neither is so.
    pub(crate) fn fitting(&self, wanted: &Wanted) -> Option<Vec<usize>> {
        if let Some(files) = self.answers.get(wanted) {
            return Some(files.clone());
        }
        let Wanted::Fitting { pattern, .. } = wanted else { return None };
        let fits = |number: &usize| crate::glob::fits(pattern, &self.path_from_top(*number));
        let given: Vec<usize> = (0..self.all.len()).filter(fits).collect();
        Some(given).filter(|given| !given.is_empty() && self.answers.is_empty())
    }

    /// The first file but one whose path is this one, or ends with it.
    fn ending(&self, path: &str, asking: usize) -> Option<usize> {
        let (first, second) = *self.by_end.get(cleaned(path).as_str())?;
        if first == asking { second } else { Some(first) }
    }
}
