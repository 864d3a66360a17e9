//! Releases that nothing brings to a cluster as they are here: what applies them takes another branch, or the kustomization
//! beside them leaves them out.

use super::{
    appliers::name_of,
    spread::Spread,
    taker::{folder_of, is_kustomization},
    unread,
    way::{Way, folder_file},
};
use crate::{
    files::Files,
    finding::{Doubt, Finding},
    release::Release,
    rule::Rule,
    yaml::Node,
};

/// Makes the modes unknown of those, in a file and on a way.
pub(super) fn doubt<'s>(spread: &Spread<'_, 's>, number: usize, way: &Way<'s>, releases: &mut [Release<'s>]) {
    let files = spread.files();
    let left = spread.left(number, way);
    for release in releases {
        let finding = if let Some((root, left)) = left {
            let message = format!("{} is applied as it is {}", files.name(number), left.reason);
            let help =
                "take the step where it is applied from: on that branch, or where the tag or the commit comes from";
            Some((Finding::new(Rule::ModeElsewhere, message).help(help).at(root.span()), root.text.file))
        } else {
            let left_out = || left_out(files, number, way, release).map(|finding| (finding, number));
            excluded(spread, number, way, release).or_else(left_out)
        };
        let Some((finding, file)) = finding else { continue };
        release.mode.mode = None;
        release.findings.push(finding.doubting(Doubt::Elsewhere).in_file(files.name(file)));
    }
}

/// That the Application which has the folder of a manifest applied leaves that out, and the file of the Application.
fn excluded<'s>(
    spread: &Spread<'_, 's>,
    number: usize,
    way: &Way<'s>,
    release: &Release<'s>,
) -> Option<(Finding, usize)> {
    release.at?.text.root().filter(|root| way.takers.is_empty() && root.get("apiVersion").is_some())?;
    let Some((root, setting)) = spread.left_out(number) else { return unclear(spread, number) };
    let message = format!(
        "the Application {} leaves {} out by `{setting}`, and nothing else that was read has it applied",
        name_of(root),
        spread.files().name(number)
    );
    let help = "have it applied if a cluster should have it, and delete it if none should";
    Some((Finding::new(Rule::ModeElsewhere, message).help(help).at(root.span()), root.text.file))
}

/// That the Application which has the folder of a manifest applied may leave that out, and the file of the Application.
fn unclear(spread: &Spread<'_, '_>, number: usize) -> Option<(Finding, usize)> {
    let (root, setting) = spread.may_be_left_out(number)?;
    let name = name_of(root);
    let file = spread.files().name(number);
    let message =
        format!("the Application {name} may leave {file} out: its `{setting}` is a pattern that cannot be read");
    let finding = Finding::new(Rule::ModeElsewhere, message).help("write the pattern without these signs");
    Some((finding.at(root.span()), root.text.file))
}

/// Why nothing deploys a `HelmRelease`; nothing where that is not known.
fn left_out<'s>(files: &Files<'s>, number: usize, way: &Way<'s>, release: &Release<'s>) -> Option<Finding> {
    let path = files.path_from_top(number);
    let is_asked = way.takers.is_empty() && files.takers_of(&path).is_some_and(|takers| takers.is_empty());
    release.at?.text.root().filter(|root| is_asked && is_release(*root))?;
    let beside = folder_file(files, folder_of(&path)).filter(|_| !is_kustomization(&path))?;
    if !unread::may_take(files, beside, files.name(beside)).is_empty() {
        return None;
    }
    let message = format!("{} does not list this file, and nothing else that was read does", files.name(beside));
    let help = "list it there if a cluster should have it, and delete it if none should";
    Some(Finding::new(Rule::ModeElsewhere, message).help(help))
}

fn is_release(root: Node<'_>) -> bool {
    root.str_at("kind") == Some("HelmRelease")
        && root.str_at("apiVersion").is_some_and(|api| api.starts_with("helm.toolkit.fluxcd.io/"))
}
