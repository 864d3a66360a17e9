//! The programs that are run here: which cluster they are told of, and, with `--debug`, what they are asked.

use std::{
    env, io,
    process::{Command, Output},
    sync::OnceLock,
};

use helm_clas::{chart::secrets::masked, shell_quoted};

use crate::args::Everywhere;

/// What the command line says to all of them.
struct Told {
    kubeconfig: Option<String>,
    is_shown: bool,
}

static TOLD: OnceLock<Told> = OnceLock::new();

/// Takes note of what the command line says to all programs. Helm hands `--debug` to a plugin as `HELM_DEBUG`.
pub(crate) fn told(everywhere: &Everywhere) {
    let is_on = |text: &str| !["", "0", "f", "false", "off", "no"].contains(&text.to_ascii_lowercase().as_str());
    let of_helm = || env::var("HELM_DEBUG").is_ok_and(|text| is_on(&text));
    let is_shown = everywhere.debug.as_deref().map_or_else(of_helm, is_on);
    let _ = TOLD.set(Told { kubeconfig: everywhere.kubeconfig.clone(), is_shown });
}

/// The kubeconfig that the command line names.
pub(crate) fn kubeconfig() -> Option<&'static str> {
    TOLD.get()?.kubeconfig.as_deref()
}

/// Whether `--debug` is on.
pub(crate) fn is_shown() -> bool {
    TOLD.get().is_some_and(|told| told.is_shown)
}

/// Says what is asked, with `--debug`: never a credential.
pub(crate) fn shown(question: &str) {
    if is_shown() {
        eprintln!("debug: {}", masked(question));
    }
}

/// What a program prints, which is told of the kubeconfig.
pub(crate) fn asked(command: &mut Command) -> io::Result<Output> {
    if let Some(file) = kubeconfig() {
        command.env("KUBECONFIG", file);
    }
    if is_shown() {
        let words = [command.get_program()].into_iter().chain(command.get_args());
        let words: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
        shown(&shell_quoted(&words));
    }
    command.output()
}
