//! Calls of the functions of a text, and of programs that may pass files on to Helm.

use super::{
    calls::{Early, has_argument},
    command::Open,
    run::{Run, SOURCED},
    together::{Passing, passing},
    turned::{is_of_cluster, sets_values, told_files},
};
use crate::rendered::shell::{
    branches::{Scope, turned},
    text::Said,
};

impl Run<'_> {
    /// Takes a command that may pass files on to Helm: what it shows may be written to a file, or be what Helm reads.
    pub(super) fn passed(&mut self, words: &[Said], is_written: bool) {
        /// As many are kept.
        const MOST: usize = 200;
        let Some(Passing { program, files, all, state }) =
            passing(words, is_written).filter(|_| self.passing.len() < MOST)
        else {
            return;
        };
        let place =
            |files: Vec<Said>| files.iter().map(|file| self.in_folder(&self.variables.put_into(file))).collect();
        let program = if program.text.contains('/') { self.in_folder(&program) } else { program };
        let passing = Passing { program, files: place(files), all: place(all), state: place(state) };
        self.passing.push(passing);
    }

    /// Takes a call of a function: its commands of Helm are those with what it is given, in the folder of the call.
    pub(super) fn called(&mut self, words: &[Said], here: &[Scope]) {
        let Some((function, given)) = words.split_first() else { return };
        let Some(numbers) = self.calls.of_function(&function.text) else { return };
        if numbers.is_empty() {
            let folder = self.folders.from.clone();
            return self.calls.early.push(Early { words: words.to_vec(), here: here.to_vec(), folder });
        }
        for number in numbers {
            let folder = self.folders.from.clone();
            self.called_in(number, (function, given), here, &folder);
        }
    }

    /// Takes a call of one command of a function.
    fn called_in(&mut self, number: usize, (function, given): (&Said, &[Said]), here: &[Scope], folder: &str) {
        let pending = self.calls.all[number].1.clone();
        if !pending.depends(folder) {
            self.calls.all[number].1.is_open = true;
            return;
        }
        // what is written or changed by a name that is given is not followed
        let known = pending.at(given, folder).filter(|_| !self.files.any(has_argument));
        let Some((words, run_in)) = known else {
            self.calls.all[number].1.is_open = true;
            return self.passed_on(pending.number, function, given);
        };
        let (at, first) = (self.at.clone(), self.given.len());
        let before = std::mem::replace(&mut self.folders.here, run_in);
        self.at = pending.context_at(given).or_else(|| at.clone());
        let here = if turned(here).next().is_some() { here } else { &pending.here };
        self.command_of_turns(&words, here, &pending.kept);
        (self.at, self.folders.here) = (at, before);
        let given: Vec<String> = given.iter().map(|said| said.text.clone()).collect();
        self.calls.made.extend((first..self.given.len()).map(|made| (number, made, given.clone())));
    }

    /// Takes a call that is not known of a function which passes on what it is given to Helm.
    fn passed_on(&mut self, number: usize, function: &Said, given: &[Said]) {
        let text = given.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        let files = told_files(&text, &function.at);
        let open =
            files.iter().map(|file| Open { names: self.all_names(file), said: file.clone() }).collect::<Vec<_>>();
        let command = &mut self.given[number].command;
        let is_any = command.passes_on && (!open.is_empty() || sets_values(&text));
        // one that is in another folder where it is called names other files
        let is_moved = !command.passes_on && open.is_empty() && command.open.is_empty();
        if (is_any || is_moved) && command.open.len() < SOURCED {
            command.open.extend(open);
            command.more.push(function.clone());
        }
    }

    /// Takes the calls that were above their functions, and leaves of each command what it is at its calls.
    pub(super) fn end_of_calls(&mut self) {
        for Early { words, here, folder } in std::mem::take(&mut self.calls.early) {
            let Some((function, given)) = words.split_first() else { continue };
            for number in self.calls.of_function(&function.text).unwrap_or_default() {
                // what is done to files between the call and the function is not known to come before
                let is_touched = self.files.any(|_| true);
                if is_touched {
                    self.calls.all[number].1.is_open = true;
                } else {
                    self.called_in(number, (function, given), &here, &folder);
                }
            }
        }
        for (made, turn) in self.calls.turns().into_iter().filter(|(_, turn)| is_of_cluster(turn)) {
            let command = &mut self.given[made].command;
            command.turn = command.turn.take().or(Some(turn));
        }
        for number in self.calls.resolved() {
            let command = &mut self.given[number].command;
            command.is_applied = false;
            command.into.clear();
            command.unread.clear();
        }
    }
}
