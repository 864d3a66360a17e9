//! The programs that are run here: which cluster they are told of, and, with `--debug`, what they are asked.

pub(crate) mod archive;
pub(crate) mod files;
pub(crate) mod git;
pub(crate) mod helm;
pub(crate) mod interrupt;
pub(crate) mod kubectl;
pub(crate) mod pce;
pub(crate) mod terminal;

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
    shown_command(command);
    command.output()
}

/// Prints, with `--debug`, which program is started, as a command for a shell, with its kubeconfig.
pub(crate) fn shown_command(command: &Command) {
    if is_shown() {
        let words = [command.get_program()].into_iter().chain(command.get_args());
        let words: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
        // git has no use for it
        let is_told = command.get_program() != "git";
        let file = command.get_envs().find_map(|(name, file)| file.filter(|_| name == "KUBECONFIG" && is_told));
        let file = file.map(|file| format!("KUBECONFIG={} ", shell_quoted(&[file.to_string_lossy().into_owned()])));
        eprintln!("debug: {}{}", file.unwrap_or_default(), readable(&words));
    }
}

/// A command without credentials. The ids of git's objects look like one, and are not.
fn readable(words: &[String]) -> String {
    if words.first().is_none_or(|program| program != "git") {
        return masked(&shell_quoted(words)).into_owned();
    }
    let word = |word: &String| if names_object(word) { word.clone() } else { masked(word).into_owned() };
    shell_quoted(&words.iter().map(word).collect::<Vec<_>>())
}

/// Whether a word is the id of an object, alone or before what git lets stand behind it: `ID:file`, `ID^{commit}`, `ID..ID`.
/// (gitrevisions(7))
fn names_object(word: &str) -> bool {
    let (id, behind) = word.split_at(word.bytes().take_while(u8::is_ascii_hexdigit).count());
    let is_id = [40, 64].contains(&id.len()) && (behind.is_empty() || behind.starts_with([':', '^', '~', '.']));
    is_id && masked(behind) == behind
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[track_caller]
    fn check(words: &[&str], expected: &str) {
        assert_eq!(readable(&words.iter().map(ToString::to_string).collect::<Vec<_>>()), expected);
    }

    #[test]
    fn an_id_of_git_is_no_secret_and_a_token_is_one() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        check(&["git", "show", &format!("{id}:a.yaml")], &format!("git show {id}:a.yaml"));
        check(&["git", "diff", id, "HEAD"], &format!("git diff {id} HEAD"));
        check(&["git", "rev-parse", &format!("{id}^{{commit}}")], &format!("git rev-parse '{id}^{{commit}}'"));
        let token = "ghp_0123456789abcdefghij";
        for words in [
            ["git", "fetch", &format!("https://x:{token}@example.com/a")],
            ["git", "show", &format!("{id}:{token}")],
            ["helm", "--set", &format!("cluster_token={token}")],
        ] {
            assert!(!readable(&words.map(str::to_owned)).contains(token), "{words:?}");
        }
    }
}
