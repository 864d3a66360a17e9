//! `helm clas completion` and `helm clas man`: the command line, described to a shell and to `man`.
//!
//! They are for the program `helm-clas`; Helm completes `helm clas` by itself, from the plugin's completion.yaml, and asks
//! the plugin's `plugin.complete` for the rest.

use std::{io::Write as _, process::ExitCode};

use clap_complete::Shell;
use helm_clas::Called;

use crate::{
    args::{
        Completion, Man,
        described::{self, called},
    },
    failure::Failure,
    output::Output,
};

pub(crate) fn completion(completion: &Completion, output: &mut Output) -> ExitCode {
    // these three ask the program itself, which knows rules, modes and releases
    match completion.shell {
        Shell::Bash => output.answer_raw(include_str!("complete/helm-clas.bash")),
        Shell::Zsh => output.answer_raw(include_str!("complete/helm-clas.zsh")),
        Shell::Fish => output.answer_raw(include_str!("complete/helm-clas.fish")),
        shell => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut described::command_called(Called::ALONE), ALONE, &mut script);
            output.answer_raw(&String::from_utf8_lossy(&script));
        }
    }
    ExitCode::SUCCESS
}

pub(crate) fn man(man: &Man, output: &mut Output) -> Result<ExitCode, Failure> {
    let mut all = described::command_called(Called::ALONE);
    all.build();
    let mut command = &all;
    for name in &man.command {
        command = command.find_subcommand(name).ok_or_else(|| {
            Failure::new(format!("there is no command `{}`", man.command.join(" ")))
                .help(format!("run `{} man` for the list", called()))
        })?;
    }
    let title = man.command.iter().fold(ALONE.to_owned(), |title, command| format!("{title}-{command}"));
    let examples = described::examples(&man.command.join(" "), ALONE);
    let words = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let words = words.split("Examples:").next().unwrap_or_default().trim_end().to_owned();
    let command = command.clone().after_help(words);
    let mut page = Vec::new();
    let man = clap_mangen::Man::new(command).title(title).source(format!("{ALONE} {}", env!("CARGO_PKG_VERSION")));
    man.render(&mut page)
        .and_then(|()| page.write_all(section(&examples).as_bytes()))
        .map_err(Failure::while_doing("cannot write the page"))?;
    output.answer_raw(&String::from_utf8_lossy(&page));
    Ok(ExitCode::SUCCESS)
}

/// Both describe the program without Helm.
const ALONE: &str = Called::ALONE.as_str();

/// The examples as a section of a page.
fn section(examples: &[String]) -> String {
    if examples.is_empty() {
        return String::new();
    }
    let lines: Vec<String> =
        examples.iter().map(|line| line.replace('\\', "\\\\").replace('-', "\\-") + "\n").collect();
    format!(".SH EXAMPLES\n.nf\n{}.fi\n", lines.concat())
}
