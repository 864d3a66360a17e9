//! What a script or a target that another one runs gives to Helm beside what it is given.

use super::may_take::MayTake;
use crate::{
    rendered::{
        Kind, kind_of,
        script::{Commands, chart::Named, command::Command, jobs::of_jobs, ran::RUNNERS},
        shell::{leading::from_top, pattern::is_open, text::Text},
    },
    source::Source,
};

impl MayTake {
    /// The files that what it runs may be, for a script at a path from the top of the checkout.
    #[must_use]
    pub fn programs(&self, script: &str) -> Vec<String> {
        let Some((program, _)) = &self.program else { return Vec::new() };
        let known = RUNNERS.iter().find(|(runner, _)| runner == program).map(|(_, files)| *files);
        let names: Vec<&str> = known.map_or_else(|| vec![program.as_str()], <[&str]>::to_vec);
        let paths = names.iter().flat_map(|name| from_top(name, script)).filter(|path| !path.contains('*'));
        paths.map(|path| path.trim_start_matches('/').to_owned()).collect()
    }

    /// Takes the text of what it runs: which files that gives to Helm beside those that it passes on. One that passes
    /// nothing on takes the files for something else.
    pub fn through(&mut self, path: &str, bytes: &[u8]) {
        let Some((program, all)) = self.program.take() else { return };
        let is_runner = RUNNERS.iter().any(|(runner, _)| *runner == program);
        match passed_on(Source { name: path, bytes }) {
            Some(names) => {
                self.names = all;
                self.of_program = Some((path.to_owned(), names));
            }
            None if !is_runner && !bytes.to_ascii_lowercase().windows(4).any(|word| word == b"helm") => {
                self.names.clear();
            }
            None => {}
        }
    }
}

/// The texts with commands of a file, and the tasks of Azure.
pub(super) fn texts_of(source: Source<'_>) -> Option<(Vec<Text>, Vec<Command>)> {
    let text = source.text().ok()?;
    match kind_of(source.name, source.bytes)? {
        Kind::Script => Some((vec![Text::whole(text)], Vec::new())),
        Kind::Yaml | Kind::Values => Some(of_jobs(text)),
        _ => None,
    }
}

/// The files that commands give to Helm beside those that the caller of the script names; nothing where none passes any
/// on.
fn passed_on(source: Source<'_>) -> Option<Vec<String>> {
    let (texts, _) = texts_of(source)?;
    let commands = Commands::of(source.text().ok()?, &texts);
    let passes = |command: &&Command| {
        let is_open = command.files.len() > 1 && !command.open.is_empty();
        let is_appended = kind_of(source.name, source.bytes) == Some(Kind::Values);
        Named::by(command) != Named::Another
            && command.is_applied
            && (command.passes_on || !command.unread.is_empty() || is_open || is_appended)
    };
    let passing: Vec<&Command> = commands.given.iter().map(|given| &given.command).filter(passes).collect();
    let plain = passing.iter().flat_map(|command| &command.files).filter(|file| !is_open(&file.text));
    (!passing.is_empty()).then(|| plain.map(|file| file.text.clone()).collect())
}
