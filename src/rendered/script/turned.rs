//! What a command of Helm is given, as [`Run`] takes it: in each turn of a loop, with what its variables may be, and in the
//! folder that it runs in.

use std::ops::Range;

use super::{
    calls::Pending,
    command::{Open, told, told_options, varies},
    kept::Kept,
    run::{Given, Run},
    turns::Turns,
    written::Gets,
};
use crate::{
    chart::MODE_KEY,
    mode::ClusterMode,
    rendered::shell::{
        self,
        branches::{Scope, turned},
        pattern::{is_open, paths_in},
        references::variables_in,
        text::Said,
    },
};

impl Run<'_> {
    /// Takes a command of Helm, which is another one at each call where it is in a function.
    pub(in crate::rendered) fn command(&mut self, words: &[Said], here: &[Scope], kept: &Kept) {
        let first = self.given.len();
        self.command_of_turns(words, here, kept);
        let function = here.iter().rev().find_map(Scope::function);
        if let Some(function) = function.filter(|_| self.given.len() == first + 1) {
            let start = self.folders.start_of(function).to_owned();
            let (words, here, folder) = (words.to_vec(), here.to_vec(), self.folders.here.clone());
            let pending = Pending {
                words,
                here,
                folder,
                start,
                context: self.at.clone(),
                kept: kept.clone(),
                number: first,
                is_open: false,
            };
            self.calls.take(function, pending);
        }
    }

    /// Takes one of a loop whose turns are known: one for each.
    pub(super) fn command_of_turns(&mut self, words: &[Said], here: &[Scope], kept: &Kept) {
        let Some(turns) = self.turns_of(words, here) else { return self.command_of_turn(words, here, kept, None) };
        let context = self.at.take();
        let is_only = turns.is_of_matrix && self.text.matrix.as_ref().is_some_and(|matrix| matrix.names.len() == 1);
        let matrix = self.turns.take_if(|_| is_only);
        let folder = self.folders.here.clone();
        for (item, put) in turns.each() {
            self.at = context.as_ref().map(&put);
            self.folders.here = put(&Said { text: folder.clone(), at: 0..0 }).text;
            let of_turn: Vec<Said> = words.iter().map(&put).collect();
            let is_named =
                words.iter().zip(&of_turn).any(|(word, put)| word.text != put.text && !is_option_or_file(put));
            self.command_of_turn(&of_turn, here, kept, Some(item).filter(|_| !is_named));
        }
        self.folders.here = folder;
        self.at = context;
        self.turns = matrix.or_else(|| self.turns.take());
    }

    /// The turns that a command is one of, where what it takes of them is known.
    fn turns_of(&self, words: &[Said], here: &[Scope]) -> Option<Turns> {
        if !words.iter().any(|word| shell::is_helm(&word.text)) {
            return None;
        }
        let taken = |turns: &Turns| {
            words.iter().chain(&self.at).any(|word| turns.is_in(&word.text)) || turns.is_in(&self.folders.here)
        };
        let mut all = Turns::of_loops(here, &self.variables);
        all.extend(self.text.matrix.iter().flat_map(Turns::of_matrix));
        let mut all = all.into_iter().filter(taken);
        let turns = all.next().filter(Turns::is_told)?;
        // what is written or changed in a turn is not followed, and what is written for all is one place
        let is_touched =
            |file: &Said| self.files.any(|name| name == self.in_folder(file).text.trim_start_matches("./"));
        let of_command = told(words).map(|command| command.files).unwrap_or_default();
        let is_written = of_command.iter().map(|file| self.variables.put_file(file)).any(|file| is_touched(&file));
        (all.next().is_none() && !is_written && !self.files.any(|file| turns.is_in(file))).then_some(turns)
    }

    /// Takes a command of Helm as it is in one turn, with what distinguishes it from those of other turns.
    fn command_of_turn(&mut self, words: &[Said], here: &[Scope], kept: &Kept, turn: Option<&str>) {
        let Some(mut command) = told(words) else { return };
        let before = self.folders.here.clone();
        if let Some(folder) = run_in(words) {
            self.folders.go(folder);
        }
        command.version = command.version.map(|version| self.variables.put_version(&version));
        command.is_applied |= *kept == Kept::Brought;
        if let Kept::Into(files) = kept {
            command.into.clone_from(files);
        }
        command.turn = turn.filter(|turn| is_of_cluster(turn)).map(str::to_owned);
        command.is_unsure = self.is_unsure;
        command.text = self.number;
        command.never.clone_from(&self.text.never);
        command.places.clone_from(&self.text.places);
        command.context = command.context.or_else(|| self.at.clone());
        let of_loops: Vec<&str> = turned(here).collect();
        command.turns = command.repeated(words, &of_loops).or_else(|| self.turns.clone());
        self.variables.function = here.iter().rev().find_map(Scope::function).map(str::to_owned);
        command.passes_on = words.iter().any(|word| ["$@", "${@", "$*"].iter().any(|all| word.text.contains(all)));
        command.scopes = here.to_vec();
        command.part.clone_from(&self.part);
        command.sourced.clone_from(&self.sourced);
        command.moves = self.moves;
        let unread: Vec<Said> = command.unread.clone();
        command.variables.clone_from(&self.options);
        for word in unread {
            command.variables.extend(variables_in(&word.text));
            let texts = self.perhaps(&word);
            let files: Vec<Said> = texts.iter().flat_map(|text| told_files(text, &word.at)).collect();
            command.more.extend(
                (!files.is_empty() || texts.iter().any(|text| sets_values(text)) || is_file(&word.text))
                    .then(|| word.clone()),
            );
            command.open.extend(files.iter().map(|file| Open { names: self.all_names(file), said: file.clone() }));
        }
        for file in &mut command.files {
            if let Some(decrypted) = decrypted(&file.text) {
                file.text = decrypted;
            }
            let certain = self.in_folder(&self.variables.put_into(file));
            if is_open(&certain.text) || self.text.is_of_other_branch {
                command.open.push(Open { names: self.all_names(file), said: certain.clone() });
            }
            // what is usual for a whole name is what it is nearly always; a part distinguishes clusters
            let usual = self.in_folder(&self.variables.put_file(file));
            *file = if is_open(&certain.text) && varies(&file.text) { certain } else { usual };
        }
        let chart_at = command.chart.as_ref().map(|chart| self.in_folder(&self.variables.put_into(chart)).text);
        command.chart_at = chart_at;
        self.folders.here = before;
        if self.text.is_of_other_branch {
            command.elsewhere.clone_from(&command.files);
        }
        let mut gets: Vec<Gets> = command.files.iter().map(|file| self.files.get(&file.text, here)).collect();
        let of_checkout = gets.iter_mut().filter(|gets| matches!(gets, Gets::Nothing));
        of_checkout.filter(|_| self.text.is_of_other_branch).for_each(|gets| *gets = Gets::Elsewhere);
        self.given.push(Given { command, gets, text: self.number });
    }

    /// What a word that is options may add to a command, as far as the script says it.
    fn perhaps(&self, word: &Said) -> Vec<String> {
        let usual = || word.text.strip_prefix("${")?.strip_suffix('}')?.split_once([':', '+']).map(|(_, text)| text);
        let of_word = usual().map(|text| text.strip_prefix(['+', '-', '=']).unwrap_or(text).to_owned());
        let of_variable = self.variables.ever(word);
        let of_variable = of_variable.iter().map(|text| self.variables.put_into(text).text);
        // a command, or a function of make, names what it brings
        let of_command = Some(word.text.clone()).filter(|text| text.starts_with("$(") && text.contains(' '));
        of_variable.chain(of_word).chain(of_command).chain(self.of_reference(word)).collect()
    }

    /// What a reference of make substitutes: `$(FILES:%=-f %)`.
    fn of_reference(&self, word: &Said) -> Option<String> {
        let (name, how) = word.text.strip_prefix("$(")?.strip_suffix(')')?.split_once(':')?;
        let all = self.variables.ever(&Said { text: format!("$({name})"), at: word.at.clone() });
        let option = how.split_once('=')?.1.split('%').next()?;
        let files = all.iter().flat_map(|value| value.text.split_whitespace());
        Some(files.flat_map(|file| [option, file, " "]).collect())
    }

    /// The names that a file may have, from where the script began.
    pub(super) fn all_names(&self, file: &Said) -> Vec<String> {
        let mut inner: Vec<String> = Vec::new();
        if let Some(command) = file.text.strip_prefix("<(") {
            // what a command reads is what it writes again, changed or not
            let words = command.trim_end_matches(')').split([' ', '<']).skip(1).filter(|word| word.contains('.'));
            inner.extend(words.map(str::to_owned));
        }
        let names = if inner.is_empty() { vec![file.text.clone()] } else { inner };
        let said = |text: String| Said { text, at: file.at.clone() };
        let all = names.into_iter().flat_map(|name| self.variables.all(&said(name)));
        all.map(|name| self.in_folder(&self.variables.put_into(&said(name))).text).collect()
    }
}

/// Whether what distinguishes a turn may be a cluster: a mode is what one cluster gets after another one.
pub(super) fn is_of_cluster(turn: &str) -> bool {
    ClusterMode::named(turn).is_none()
}

/// The file that is decrypted, or only shown, where that is given to Helm: `<(sops -d values.yaml)`.
fn decrypted(text: &str) -> Option<String> {
    let command = text.strip_prefix("<(")?.strip_suffix(')')?;
    let mut words = command.split_whitespace();
    let program = words.next().filter(|program| ["sops", "cat"].contains(program))?;
    let is_verb = |word: &&str| !(word.starts_with('-') || program == "sops" && *word == "decrypt");
    let mut files = words.filter(is_verb);
    let file = files.next().filter(|_| files.next().is_none() && !command.contains(['|', ';', '&', '<', '>']))?;
    Some(file.trim_matches(['"', '\'']).to_owned())
}

/// The folder that one command runs in: `env -C prod helm ...`.
fn run_in(words: &[Said]) -> Option<&str> {
    let first = words.iter().find(|word| word.text != "sudo")?;
    let at = words.iter().position(|word| word.text == "-C").filter(|_| first.text == "env")?;
    words.get(at + 1).map(|word| word.text.as_str())
}

/// The files of values that options name.
pub(super) fn told_files(options: &str, at: &Range<usize>) -> Vec<Said> {
    if options.starts_with("$(") {
        let inside = paths_in(options.trim_start_matches("$("));
        return inside.into_iter().map(|text| Said { text, at: at.clone() }).collect();
    }
    told_options(options, at).map(|command| command.files).unwrap_or_default()
}

/// Whether options may set the mode beside files.
pub(super) fn sets_values(options: &str) -> bool {
    const SETTING: [&str; 6] = [MODE_KEY, "--post-renderer", "-values", "-f ", ",-f", "--set-json"];
    SETTING.iter().any(|setting| options.contains(setting))
}

/// Whether a word is what a file holds: `$(cat options)`, `$(< options)`.
fn is_file(word: &str) -> bool {
    ["$(cat ", "$(<", "$(file <", "$(shell cat "].iter().any(|start| word.starts_with(start))
}

/// Whether a word is not the name of a release: an option, a file, or what an option sets.
fn is_option_or_file(word: &Said) -> bool {
    word.text.starts_with('-') || word.text.contains(['/', '.', '=', ','])
}
