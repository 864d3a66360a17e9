//! [`Sources`]: a manifest and what is read with it, where its releases look for what they name.

use std::{cell::OnceCell, collections::HashMap, ops::Deref};

use super::{
    Object, Pin,
    named::cleaned,
    object::{Catalog, Held},
};
use crate::step::Source;

/// Some sources, of which the first is a manifest. What its releases look for in them is found without reading them for
/// each anew.
pub(crate) struct Sources<'s> {
    all: &'s [Source<'s>],
    objects: OnceCell<Catalog>,
    files: OnceCell<HashMap<String, Vec<usize>>>,
    ends: OnceCell<HashMap<String, Vec<usize>>>,
}

impl<'s> Sources<'s> {
    pub(crate) fn of(sources: &'s [Source<'s>]) -> Self {
        Self { all: sources, objects: OnceCell::new(), files: OnceCell::new(), ends: OnceCell::new() }
    }

    /// Where an object stands, each by the number of its source, in order.
    pub(super) fn held<'o>(&'o self, object: &'o Object) -> Vec<(usize, &'o Held)> {
        self.objects.get_or_init(|| Catalog::of(self.all)).held(object).collect()
    }

    /// The version that an object tells, with the number of its source.
    pub(super) fn version_of(&self, object: &Object) -> Option<(usize, Pin)> {
        self.objects.get_or_init(|| Catalog::of(self.all)).version_of(object)
    }

    /// The sources that are the file of a path, in order.
    pub(super) fn at(&self, path: &str) -> &[usize] {
        let files = self.files.get_or_init(|| self.by(|file| vec![file.to_owned()]));
        files.get(path).map_or(&[], Vec::as_slice)
    }

    /// The sources whose path is this one, or ends with it, in order.
    pub(super) fn ending(&self, path: &str) -> &[usize] {
        let ends = self.ends.get_or_init(|| {
            self.by(|file| {
                let behind_slash = file.match_indices('/').map(|(slash, _)| file[slash + 1..].to_owned());
                [file.to_owned()].into_iter().chain(behind_slash).collect()
            })
        });
        ends.get(path).map_or(&[], Vec::as_slice)
    }

    fn by(&self, keys: impl Fn(&str) -> Vec<String>) -> HashMap<String, Vec<usize>> {
        let mut numbers: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, source) in self.all.iter().enumerate() {
            for key in keys(&cleaned(source.name)) {
                numbers.entry(key).or_default().push(number);
            }
        }
        numbers
    }
}

impl<'s> Deref for Sources<'s> {
    type Target = [Source<'s>];

    fn deref(&self) -> &[Source<'s>] {
        self.all
    }
}
