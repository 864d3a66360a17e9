//! [`Ran`]: a command that runs a script, a target or a helmfile, which is in another file.

use crate::rendered::shell::{is_passed, is_shown_only, references::is_variable, text::Said};

/// A command that runs what is in another file, as a text has it.
pub(in crate::rendered) struct Ran {
    /// Its names from where the text began.
    pub(in crate::rendered) names: Vec<String>,
    pub(in crate::rendered) part: String,
    pub(in crate::rendered) clusters: Vec<String>,
    pub(in crate::rendered) all_of: Option<String>,
}

/// What runs targets, or scripts, that a file beside the caller has, with the names of that file.
#[rustfmt::skip] // a table
pub(in crate::rendered) const RUNNERS: &[(&str, &[&str])] = &[
    ("make", &["Makefile", "makefile", "GNUmakefile"]), ("gmake", &["Makefile", "makefile", "GNUmakefile"]),
    ("task", &["Taskfile.yml", "Taskfile.yaml"]), ("just", &["justfile", "Justfile", ".justfile"]),
    ("npm", &["package.json"]), ("yarn", &["package.json"]), ("pnpm", &["package.json"]), ("earthly", &["Earthfile"]),
];

/// The files that a command may run, and which part of them.
pub(super) fn run_by(words: &[Said]) -> Option<(Vec<String>, String)> {
    const SHELLS: [&str; 7] = ["bash", "sh", "zsh", "ksh", "dash", "source", "."];
    let mut words = words.iter().map(|word| word.text.trim_start_matches(['@', '-', '+']));
    let program = words.find(|word| !is_passed(word) && !word.is_empty())?;
    if is_shown_only(program) {
        return None;
    }
    // without the hyphens of options
    let rest: Vec<&str> = words.collect();
    let behind = |options: &[&str]| {
        let at = rest.iter().position(|word| options.contains(word))?;
        rest.get(at + 1).copied()
    };
    let name = program.trim_start_matches(['$', '(', '{']).trim_end_matches([')', '}']).to_ascii_lowercase();
    if let Some((_, files)) = RUNNERS.iter().find(|(runner, _)| *runner == name) {
        let folder = behind(&["C", "directory", "d", "dir"]).map(|folder| format!("{folder}/")).unwrap_or_default();
        let own = behind(&["f", "file", "makefile", "t", "taskfile", "justfile"]);
        let names = own.map_or_else(|| files.to_vec(), |file| vec![file]);
        return Some((names.into_iter().map(|file| format!("{folder}{file}")).collect(), rest.join(" ")));
    }
    if name.rsplit('/').next() == Some("helmfile") {
        let applies = rest.iter().any(|word| ["apply", "sync"].contains(word));
        let usual = ["helmfile.yaml", "helmfile.yml", "helmfile.yaml.gotmpl", "helmfile.d/*"];
        let names = behind(&["f", "file"]).map_or(usual.to_vec(), |file| vec![file]);
        // each environment may be a cluster, with values of its own
        let environment = behind(&["e", "environment"]).unwrap_or_default();
        let is_known = applies && !is_variable(environment);
        return is_known.then(|| (names.into_iter().map(str::to_owned).collect(), environment.to_owned()));
    }
    let script = if SHELLS.contains(&program) { rest.iter().find(|word| !word.is_empty()).copied()? } else { program };
    let is_script = script.contains('/') && !script.contains("://")
        || script.rsplit_once('.').is_some_and(|(_, ending)| ending == "sh");
    let given: Vec<&str> = rest.iter().copied().filter(|word| *word != script).collect();
    (is_script && !script.starts_with('/')).then(|| (vec![script.to_owned()], given.join(" ")))
}
