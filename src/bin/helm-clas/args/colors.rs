//! Whether there are colours: what the command line asks for, and the environment.

use std::{
    env,
    io::{self, IsTerminal as _},
};

use anstream::ColorChoice;

/// The colours of help and of errors in the command line: those that it asks for, in words that need
/// not be understood otherwise, or else the environment.
pub(crate) fn of_command_line() -> ColorChoice {
    let words: Vec<String> = env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let behind = words.iter().rposition(|word| word == "--color").and_then(|at| words.get(at + 1));
    let asked = words.iter().rev().find_map(|word| word.strip_prefix("--color=")).or(behind.map(String::as_str));
    match asked {
        Some("always") => ColorChoice::AlwaysAnsi,
        Some("never") => ColorChoice::Never,
        _ => wanted(|name| env::var(name).ok()),
    }
}

/// The colours that the environment asks for: none with `NO_COLOR`, always with `FORCE_COLOR` or `CLICOLOR_FORCE`, unless
/// that is empty, 0 or false, which for `FORCE_COLOR` means none; otherwise where there is a terminal. (no-color.org, force-color.org, bixense.com/clicolors)
pub(crate) fn wanted(given: impl Fn(&str) -> Option<String>) -> ColorChoice {
    let is_set = |name| given(name).is_some_and(|value| !["", "0", "false"].contains(&value.as_str()));
    if given("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return ColorChoice::Never;
    }
    if is_set("FORCE_COLOR") || is_set("CLICOLOR_FORCE") {
        return ColorChoice::AlwaysAnsi;
    }
    if given("FORCE_COLOR").is_some_and(|value| ["0", "false"].contains(&value.as_str())) {
        return ColorChoice::Never;
    }
    if given("CLICOLOR_FORCE").is_none() {
        return ColorChoice::Auto;
    }
    // the library takes any value of it for a wish
    let is_terminal = io::stdout().is_terminal() && given("CLICOLOR").is_none_or(|value| value != "0");
    if is_terminal { ColorChoice::Auto } else { ColorChoice::Never }
}
