//! What could not be judged because there is no text to read: ciphertexts and pointers, and manifests that are not YAML.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    path::{Path, PathBuf},
};

use helm_clas::{
    Finding, Rule, Severity,
    check::{CheckedFile, Run},
    look,
};

use crate::{
    args::Check,
    failure::Failure,
    outside::files,
    workspace::{
        names::{is_for_secrets, is_of_one_kind},
        top::top_of,
    },
};

/// Whether the user names this file, and wants to know of it. A comparison and pre-commit name every changed file, and a
/// folder names every file in it.
pub(super) fn is_named(check: &Check, file: &Path) -> bool {
    let is_hook = || env::var_os("PRE_COMMIT").is_some_and(|value| !value.is_empty());
    let is_compared = check.against.is_some() || check.staged;
    !is_compared && check.files.iter().any(|named| named == file) && !is_hook()
}

/// The files that hold something else in place of their text, so that their modes were not judged. One that is made for
/// secrets has no mode, as far as there are others that were judged. Those of which nothing says whose they are count
/// where a folder has nothing else, or their names are of one kind with those that were judged: the values may well be in
/// them.
pub(super) fn sealed(
    check: &Check,
    run: &Run,
    of_nobody: Vec<(String, (&'static str, &'static str))>,
) -> Vec<(Option<String>, Failure)> {
    if check.allowed.contains(&Rule::EncryptedFile) {
        return Vec::new();
    }
    let is_sealed = |finding: &&Finding| {
        finding.rule == Rule::EncryptedFile && finding.span.is_none() && finding.severity >= Severity::Warning
    };
    let is_readable = |file: &CheckedFile| !file.findings.iter().any(|finding| is_sealed(&finding));
    let has_others = run.files.iter().any(is_readable);
    let mut found: BTreeMap<String, (String, Option<String>)> = BTreeMap::new();
    for file in &run.files {
        for finding in file.findings.iter().filter(is_sealed) {
            let name = finding.file.clone().unwrap_or_else(|| file.name.clone());
            let help = finding.help.as_ref().map(ToString::to_string);
            let is_of_secrets = has_others && finding.severity < Severity::Error && is_for_secrets(Path::new(&name));
            if !is_of_secrets || is_named(check, Path::new(&name)) {
                found.insert(name, (finding.message.clone(), help));
            }
        }
    }
    let is_lone = !has_others && check.files.iter().any(|path| path.is_dir());
    let has_kind = |name: &str| run.files.iter().any(|file| is_of_one_kind(Path::new(name), Path::new(&file.name)));
    let counts = |name: &str| !is_for_secrets(Path::new(name)) && (is_lone || has_kind(name));
    let of_nobody = of_nobody.into_iter().filter(|(name, _)| counts(name));
    found
        .extend(of_nobody.map(|(name, (title, help))| (name, (format!("the file is {title}"), Some(help.to_owned())))));
    let failure = |(name, (why, help)): (String, (String, Option<String>))| {
        let failure = Failure::new(format!("{name} was not judged: {why}"));
        let help = help.unwrap_or_else(|| "decrypt or fetch it; --allow encrypted-file passes over it".to_owned());
        (Some(name), failure.help(help))
    };
    found.into_iter().map(failure).collect()
}

/// A manifest that is not YAML and does not name the chart, where a file that it names holds values of it.
pub(super) fn broken_manifest(file: &Path, name: &str, bytes: &[u8]) -> Option<CheckedFile> {
    let (finding, named) = look::broken_manifest(name, bytes)?;
    let top = top_of(file);
    let places: BTreeSet<PathBuf> = named
        .iter()
        .flat_map(|path| [Some(PathBuf::from(path)), top.as_ref().map(|top| top.join(path))])
        .flatten()
        .collect();
    let holds_values = |path: &PathBuf| files::read(path).is_ok_and(|bytes| look::shows_values(&bytes));
    let is_of_chart = file.file_name().is_some_and(|name| name == files::CHART);
    (is_of_chart || places.iter().any(holds_values)).then(|| CheckedFile {
        name: name.to_owned(),
        text: String::from_utf8_lossy(bytes).into_owned(),
        findings: vec![finding],
        ..CheckedFile::default()
    })
}
