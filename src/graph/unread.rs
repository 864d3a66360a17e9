//! Files that may take others and cannot be read: what they name, they may build with another mode.

use std::collections::BTreeSet;

use super::{
    remote::Remote,
    taker::{ARGO, FLUX, folder_of, is_kustomization},
    way::Way,
};
use crate::{
    files::{Files, cleaned, joined},
    finding::{Doubt, Finding},
    release::Release,
    rule::Rule,
};

/// The most words of one file that are taken for paths.
const MOST: usize = 1_000;

/// The paths from the top that what cannot be read of a file may take others by, for one that is at a path from there.
pub(super) fn may_take(files: &Files<'_>, number: usize, at: &str) -> Vec<String> {
    let source = files.source(number);
    let mut texts = Vec::new();
    match source.text() {
        Err(_) => texts.push(String::from_utf8_lossy(source.bytes).into_owned()),
        Ok(text) => {
            let unread = files.parts(number).iter().filter(|part| part.text.is_err());
            texts.extend(unread.filter_map(|part| text.get(part.range.clone())).map(str::to_owned));
        }
    }
    let is_kustomization = is_kustomization(at);
    texts.iter().flat_map(|text| if is_kustomization { words(text, at) } else { folders(text) }).take(MOST).collect()
}

/// What the words of a kustomization name beside it.
fn words(text: &str, at: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.split(" #").next().unwrap_or(line)).filter(|line| !line.starts_with('#'));
    let words = lines.flat_map(|line| line.split(|c: char| c.is_whitespace() || "[]{},\"'".contains(c)));
    let is_path = |word: &&str| !word.is_empty() && *word != "-" && !word.ends_with(':');
    let named = |word: &str| match Remote::of(word) {
        Some(remote) => Some(remote.path),
        None => (!word.contains("://")).then(|| joined(at, word)),
    };
    words.filter(is_path).filter_map(named).collect()
}

/// The folders that an object of a controller names.
fn folders(text: &str) -> Vec<String> {
    let is_kustomization = text.contains(FLUX) && text.contains("Kustomization");
    if !is_kustomization && !text.contains(ARGO) {
        return Vec::new();
    }
    let paths = text.lines().filter_map(|line| line.trim_start_matches([' ', '\t', '-', '{']).strip_prefix("path:"));
    let paths = paths.map(|path| path.split(" #").next().unwrap_or(path).trim().trim_matches(['"', '\'']));
    let paths = paths.filter(|path| !path.is_empty() && !path.contains(['$', '{', '*']));
    paths.map(|path| cleaned(path.trim_start_matches('/'))).collect()
}

/// Says of releases of a file that what may take it cannot be read.
pub(super) fn doubt_takers(files: &Files<'_>, number: usize, ways: &[Way<'_>], releases: &mut [Release<'_>]) {
    let of_ways = ways.iter().flat_map(|way| &way.takers).map(|taker| taker.file());
    let on_way: BTreeSet<usize> = of_ways.chain([number]).collect();
    let mut found = BTreeSet::new();
    for file in on_way {
        let path = files.path_from_top(file);
        let takers = files.takers_of(&path).unwrap_or_default();
        let is_unread = |taker: &&usize| {
            let at = files.path_from_top(**taker);
            let may_take = may_take(files, **taker, &at);
            **taker != number && may_take.iter().any(|named| takes(&at, named, &path))
        };
        found.extend(takers.iter().filter(is_unread).copied());
    }
    for taker in found {
        let message = "this cannot be read, and may build the release with another mode, or for another cluster";
        let finding = Finding::new(Rule::ModeElsewhere, message).help("write it without what cannot be read");
        let finding = finding.doubting(Doubt::Elsewhere).in_file(files.name(taker));
        for release in &mut *releases {
            release.mode.mode = None;
            release.findings.push(finding.clone());
        }
    }
}

/// Whether what is named in a file may be a file: itself, its folder, or, for a controller, a folder around it.
fn takes(at: &str, named: &str, path: &str) -> bool {
    let is_folder = is_kustomization(path) && named == folder_of(path);
    let is_around = || named.is_empty() || path.strip_prefix(named).is_some_and(|rest| rest.starts_with('/'));
    named == path || is_folder || !is_kustomization(at) && is_around()
}

#[cfg(test)]
mod tests {
    use super::{folders, words};

    #[test]
    fn words_of_a_kustomization_are_paths_beside_it() {
        let text = "# ../old\nresources: [../base, https://a/b, https://c]\npatches:\n- path: \"mode.yaml\" # why\n";
        assert_eq!(words(text, "east/kustomization.yaml"), ["base", "", "", "east/mode.yaml"]);
    }

    #[test]
    fn an_object_of_a_controller_names_folders() {
        let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  path: ./apps/east\n";
        assert_eq!(folders(flux), ["apps/east"]);
        assert!(folders("kind: Other\npath: ./apps\n").is_empty());
    }
}
