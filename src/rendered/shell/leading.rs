//! Where a name in a script leads: a script may be run in its own folder, or at the top of the checkout.

use super::{folders::cleaned, pattern::as_pattern};

/// The folder that the files of a script are in: its own, or the one around a folder that holds only scripts.
pub(in crate::rendered) fn around(script: &str) -> &str {
    const OF_SCRIPTS: [&str; 10] =
        ["bin", "scripts", "script", "ci", ".ci", "hack", "tools", "build", "workflows", ".github"];
    let of_github = script.split_once(".github/").map(|(before, _)| before.trim_end_matches('/'));
    let mut folder = of_github.unwrap_or_else(|| script.rsplit_once('/').map_or("", |(folder, _)| folder));
    while OF_SCRIPTS.contains(&folder.rsplit('/').next().unwrap_or(folder)) {
        folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
    }
    folder
}

/// The patterns of paths that a name may lead to, for a script at a path. A script may be run in its own folder, or at the
/// top; a folder that is the top of a file system may be the checkout.
pub(in crate::rendered) fn from_top(name: &str, script: &str) -> Vec<String> {
    let mut pattern = as_pattern(name);
    while pattern.contains("*/..") {
        pattern = pattern.replace("*/..", "*");
    }
    let folder = script.rsplit_once('/').map_or("", |(folder, _)| folder);
    let beside = |path: &str| cleaned(&format!("{folder}/{path}"));
    let below = |path: String| Some(format!("/{path}")).filter(|_| !path.split('/').any(|part| part == ".."));
    if let Some(path) = pattern.strip_prefix(":./").or_else(|| pattern.strip_prefix(":.")) {
        return below(beside(path)).into_iter().collect();
    }
    if let Some(path) = pattern.strip_prefix(':') {
        return vec![format!("/{}", cleaned(path.trim_start_matches('/')))];
    }
    if let Some(path) = pattern.strip_prefix('/') {
        const ELSEWHERE: [&str; 6] = ["tmp", "dev", "etc", "var", "proc", "usr"];
        let first = path.split('/').next().unwrap_or_default();
        let mounted = path.split_once('/').filter(|_| !ELSEWHERE.contains(&first)).map(|(_, rest)| rest);
        let deeper = mounted.and_then(|rest| rest.split_once('/')).map(|(_, rest)| rest);
        return mounted.into_iter().chain(deeper).map(|rest| format!("/{rest}")).collect();
    }
    if pattern.starts_with('*') {
        return vec![pattern];
    }
    if pattern.starts_with('~') || pattern.contains("://") {
        return Vec::new();
    }
    // what is filled in may be one folder, which `..` leaves again
    let as_one = as_pattern(name);
    let all = [beside(&pattern), cleaned(&pattern), beside(&as_one), cleaned(&as_one)];
    let mut all: Vec<String> = all.into_iter().filter_map(below).collect();
    all.sort();
    all.dedup();
    if all.is_empty() {
        // it is run in another folder: what a makefile includes is run in that of the makefile
        all.push(format!("*/{}", cleaned(&pattern).trim_start_matches("../")));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::from_top;

    #[test]
    fn a_name_leads_from_the_folder_of_its_script_and_from_the_top() {
        for (name, patterns) in [
            ("$ENV/values.yaml", &["*/values.yaml"][..]),
            ("prod/$X.yaml", &["/bin/prod/*.yaml", "/prod/*.yaml"]),
            (":./../prod/$X.yaml", &["/prod/*.yaml"]),
            (":/prod/$X.yaml", &["/prod/*.yaml"]),
            ("../prod/$X.yaml", &["/prod/*.yaml"]),
            ("/w/prod/values.yaml", &["/prod/values.yaml", "/values.yaml"]),
            ("/tmp/values.yaml", &[]),
            ("$ENV/../a.yaml", &["*/a.yaml"]),
        ] {
            assert_eq!(from_top(name, "bin/deploy.sh"), patterns, "{name}");
        }
    }
}
