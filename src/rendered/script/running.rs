//! Commands that run what is in another file, with the cluster that is the current one there.

use super::{
    command::{of_environment, option_of},
    ran::{Ran, run_by},
    run::Run,
    turns::Turns,
};
use crate::rendered::shell::{branches::Scope, is_helm, references::is_variable, text::Said};

/// As many are kept of one file.
const MOST: usize = 500;

impl Run<'_> {
    /// Takes a command that runs what is in another file.
    pub(super) fn runs(&mut self, words: &[Said], here: &[Scope]) {
        if self.ran.len() > MOST || words.iter().any(|word| is_helm(&word.text)) {
            return;
        }
        let Some((names, part)) = run_by(words) else { return };
        let names = names.iter().map(|name| self.folders.place(name)).collect();
        let of_option = || option_of(words, "--kube-context");
        let of_word = words.iter().find_map(of_environment).or_else(of_option);
        let context = of_word.or_else(|| self.at.clone()).map(|context| self.variables.put_into(&context));
        let (clusters, all_of) = match (&context, &self.turns) {
            (Some(context), _) if is_variable(&context.text) => self.clusters_of(context, here),
            (Some(context), _) => (vec![context.text.clone()], None),
            (None, turns) => (Vec::new(), turns.as_ref().map(|turns| turns.text.clone())),
        };
        self.ran.push(Ran { names, part, clusters, all_of });
    }

    /// The clusters that a context means which is filled in, where they are written out; else what says which.
    fn clusters_of(&self, context: &Said, here: &[Scope]) -> (Vec<String>, Option<String>) {
        let mut loops = Turns::of_loops(here, &self.variables).into_iter().filter(|turns| turns.is_in(&context.text));
        match loops.next().filter(Turns::is_told) {
            Some(turns) => (turns.each().map(|(_, put)| put(context).text).collect(), None),
            None => (Vec::new(), Some(format!("the variable {}", context.text))),
        }
    }
}
