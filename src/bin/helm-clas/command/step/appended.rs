//! The options of Helm's that `--run` passes on, behind `--`.

use crate::failure::Failure;

/// What may follow `--`, and whether a value follows. What decides values, or names the chart's version, the release or
/// the cluster, must be known before the step, and is given elsewhere. (`helm upgrade --help` of 3.17, 4.1 and 4.3)
const APPENDED: &[(&str, bool)] = &[
    ("--atomic", false),
    ("--ca-file", true),
    ("--cert-file", true),
    ("--cleanup-on-fail", false),
    ("--dependency-update", false),
    ("--description", true),
    ("--disable-openapi-validation", false),
    ("--enable-dns", false),
    ("--force", false),
    ("--force-conflicts", false),
    ("--force-replace", false),
    ("--hide-notes", false),
    ("--history-max", true),
    ("--insecure-skip-tls-verify", false),
    ("--key-file", true),
    ("--keyring", true),
    ("--labels", true),
    ("--no-hooks", false),
    ("--pass-credentials", false),
    ("--plain-http", false),
    ("--post-renderer", true),
    ("--post-renderer-args", true),
    ("--render-subchart-notes", false),
    ("--rollback-on-failure", false),
    ("--server-side", true),
    ("--skip-crds", false),
    ("--skip-schema-validation", false),
    ("--take-ownership", false),
    ("--timeout", true),
    ("--verify", false),
    ("--wait", false),
    ("--wait-for-jobs", false),
];

/// Those that roll the release back when the upgrade fails: the mode flips back as well, and the file does not.
const ROLLING_BACK: [&str; 2] = ["--atomic", "--rollback-on-failure"];

/// Those of them that `helm show chart` needs as well to reach the chart.
const OF_CHART: &[&str] = &[
    "--ca-file",
    "--cert-file",
    "--insecure-skip-tls-verify",
    "--key-file",
    "--keyring",
    "--pass-credentials",
    "--plain-http",
    "--verify",
];

/// An option behind `--`, with its value where it has one.
fn options(words: &[String]) -> Vec<(&str, &[String])> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let name = words[at].split('=').next().unwrap_or_default();
        let takes_value = APPENDED.iter().any(|(option, has_value)| *option == name && *has_value);
        let end = if takes_value && !words[at].contains('=') { at + 2 } else { at + 1 }.min(words.len());
        found.push((name, &words[at..end]));
        at = end;
    }
    found
}

/// Why the words behind `--` cannot be passed on, if so.
pub(crate) fn refused(words: &[String]) -> Option<Failure> {
    let is_known = |name: &str| APPENDED.iter().any(|(option, _)| *option == name);
    let (name, _) = options(words).into_iter().find(|(name, _)| !is_known(name))?;
    let names: Vec<&str> = APPENDED.iter().map(|(option, _)| *option).collect();
    Some(Failure::new(format!("`{}` is not allowed after `--`", name.escape_debug())).help(format!(
        "pass values, versions and names before it, so that the check of the release uses them, too; log in first \
         (`helm registry login`). Allowed after it are {}",
        names.join(", ")
    )))
}

/// What to know of an option that rolls the release back by itself, if one is given.
pub(crate) fn warned(words: &[String]) -> Option<String> {
    let (name, _) = options(words)
        .into_iter()
        .find(|(name, words)| ROLLING_BACK.contains(name) && !words[0].ends_with("=false"))?;
    Some(format!(
        "warning: with {name} a failed upgrade is rolled back at once: pods that restarted go back to the old mode, \
         and the\n         file keeps the new one until you restore it\n"
    ))
}

/// The words that reaching the chart needs.
pub(crate) fn of_chart(words: &[String]) -> Vec<&str> {
    let needed = options(words).into_iter().filter(|(name, _)| OF_CHART.contains(name));
    needed.flat_map(|(_, words)| words.iter().map(String::as_str)).collect()
}
