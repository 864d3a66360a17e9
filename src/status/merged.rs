//! The one cluster whose values several files are.

use super::{
    Holder, Noted, Standing,
    found::{Places, places, with_mentions},
};
use crate::{
    chart::reference::is_address,
    files::Files,
    finding::Finding,
    overrides::Override,
    release::Release,
    resolve::{Asked, release_of_values, releases_of_manifest, releases_of_values, state_value_at},
    rule::Rule,
    yaml::written,
};

/// The standing of the one cluster whose values the given files are, in the order in which Helm merges them, with the
/// options beside them: a standing for each file, of which one is not overridden, that of the file that decides the
/// mode. Where an option does, all are, and it has a standing of its own behind them. Helm stops at a file that it
/// cannot read, so such a file decides that the mode is not known.
///
/// A manifest is not a values file: each of its releases is a cluster of its own. So is each of the files where they
/// name different clusters.
///
/// ```
/// use helm_clas::{Files, Texts, overrides::{Kind, Override}, status::merged};
///
/// let texts = Texts::new();
/// let files = Files::of(&texts, [("base.yaml", "clusterMode: clas\n"), ("more.yaml", "networkType: flat\n")]);
/// let standings = merged(&files, &[0, 1], &[], None);
/// assert!(!standings[0].is_overridden);
/// assert_eq!((standings[1].is_overridden, standings[1].mode), (true, None));
///
/// let set = Override::read(Kind::Set, "clusterMode=legacy");
/// let standings = merged(&files, &[0], &[set], None);
/// assert!(standings[0].is_overridden);
/// assert_eq!(standings[1].file, "--set clusterMode=legacy");
/// ```
#[must_use]
pub fn merged(
    files: &Files<'_>,
    given: &[usize],
    overrides: &[Result<Override, Finding>],
    path: Option<&str>,
) -> Vec<Standing> {
    let first = given.first().map(|first| releases_of_manifest(files, *first)).unwrap_or_default();
    let is_taken = |number: &usize| first.iter().any(|release| release.takes(files, *number));
    let alone: Vec<usize> = given
        .iter()
        .enumerate()
        .filter(|(place, number)| *place == 0 || !is_taken(number))
        .map(|(_, it)| *it)
        .collect();
    let bad_option = overrides.iter().find_map(|given| given.as_ref().err().cloned());
    // all that one can tell of what a controller brings is what the namespace of the software comes to
    let is_in_vain = |given: &&Override| !first.is_empty() && !given.is_only("namespaceOverride");
    let bad_option = bad_option.or_else(|| Some(overrides.iter().flatten().find(is_in_vain)?.beside_manifest()));
    let bad_option = bad_option.as_ref();
    let is_values = given.iter().all(|number| {
        files.whole(*number).is_ok_and(|text| text.root().is_none_or(|root| !crate::resolve::may_be_manifest(root)))
    });
    if let Some(standings) = merged_each(files, given, overrides, path).filter(|_| is_values && bad_option.is_none()) {
        return standings;
    }
    let together = (is_values && bad_option.is_none())
        .then(|| release_of_values(files, given, Asked { path, options: overrides }).ok())
        .flatten();
    // what one of the files says about the others holds for all
    let below = together.as_ref().map(|release| release.below.join(".")).filter(|below| !below.is_empty());
    let path = path.or(below.as_deref());
    let mut standings: Vec<Standing> = alone.iter().flat_map(|number| standings_of(files, *number, path)).collect();
    if together.as_ref().is_some_and(|release| release.of_two_clusters(files).is_some()) {
        return standings;
    }
    let is_mention = |standing: &mut Standing| standing.holder == Holder::Mention;
    let mentioned: Vec<Standing> = standings.extract_if(.., is_mention).collect();
    let option = match (&together, bad_option) {
        (_, Some(finding)) => Some(Standing::of_bad_option(finding)),
        (Some(release), None) => Standing::of_option(release),
        (None, None) => None,
    };
    let decides = match (&together, &option) {
        (_, Some(_)) => None,
        // what the chart says by itself counts where no file says anything
        (Some(release), None) => release.mode.layer.map(|layer| {
            let of_chart = release.layers.iter().filter(|layer| layer.is_of_chart()).count();
            layer.checked_sub(of_chart).unwrap_or(given.len() - 1)
        }),
        (None, None) => deciding(&standings),
    };
    // what was not read, and is stronger, may say another mode
    let unread = given.iter().rposition(|number| is_address(files.source(*number).name)).filter(|_| option.is_none());
    let decides = unread.filter(|unread| decides.is_none_or(|decides| decides < *unread)).or(decides);
    let is_values = |standing: &Standing| standing.holder == Holder::Values;
    for (index, standing) in standings.iter_mut().enumerate().filter(|(_, standing)| is_values(standing)) {
        if Some(index) != decides {
            standing.is_overridden = true;
            let is_own = standing.position.is_some() && standing.decided_in.is_none();
            standing.mode = standing.mode.filter(|_| is_own);
        }
    }
    if let Some(release) = &together {
        judged_together(&mut standings, release, decides);
    }
    standings.extend(option);
    standings.extend(mentioned);
    standings
}

/// Takes back that a file shows nothing of the chart where it is one of several that do, or does not decide the mode: a
/// step judges them together, too.
fn judged_together(standings: &mut [Standing], release: &Release<'_>, decides: Option<usize>) {
    let is_doubtful = |noted: &Noted| noted.finding.rule == Rule::ForeignValues && noted.finding.doubt.is_none();
    let is_foreign = release.foreign.is_some();
    for (index, standing) in standings.iter_mut().enumerate() {
        let is_deciding = Some(index) == decides;
        if is_deciding && is_foreign || !standing.findings.iter().any(is_doubtful) {
            continue;
        }
        standing.findings.retain(|noted| !is_doubtful(noted));
        if is_deciding {
            standing.mode = release.mode.mode;
        }
    }
}

/// The same for each of the releases whose values files they are, where an umbrella chart brings Illumio's several
/// times.
fn merged_each(
    files: &Files<'_>,
    given: &[usize],
    overrides: &[Result<Override, Finding>],
    path: Option<&str>,
) -> Option<Vec<Standing>> {
    let releases = releases_of_values(files, given, Asked { path, options: overrides }).ok()?;
    if releases.len() < 2 {
        return None;
    }
    let of = |release: &Release<'_>| merged(files, given, overrides, Some(&written(&release.below)));
    let mut standings: Vec<Standing> = releases.iter().flat_map(of).collect();
    standings.extend(releases.iter().flat_map(|release| Standing::of_mentions(files, &release.mentions)));
    Some(standings)
}

fn standings_of(files: &Files<'_>, number: usize, path: Option<&str>) -> Vec<Standing> {
    let source = files.source(number);
    if is_address(source.name) {
        let finding = Finding::new(Rule::ModeElsewhere, "this was not read, and may set the mode")
            .help("check the decrypted or downloaded values, with the same files before and after them");
        return vec![Standing::unreadable(source, finding)];
    }
    match places(files, number, path) {
        Ok(Places { standings, .. }) if standings.is_empty() => {
            let unknown = || {
                let finding = Finding::new(Rule::SeveralPlaces, "this file has no release of that name");
                finding.help("drop --path to see all of them")
            };
            let finding = path.and_then(|path| state_value_at(files, number, path)).unwrap_or_else(unknown);
            vec![Standing::unreadable(source, finding)]
        }
        Ok(Places { standings, mentions, .. }) => with_mentions(standings, mentions),
        Err(finding) => vec![Standing::unreadable(source, finding)],
    }
}

/// Which of the values files decides the mode, where they cannot be merged: one that cannot be read comes first.
fn deciding(standings: &[Standing]) -> Option<usize> {
    let last = |decides: fn(&Standing) -> bool| {
        standings.iter().rposition(|standing| standing.holder == Holder::Values && decides(standing))
    };
    last(|standing| standing.path.is_empty())
        .or_else(|| last(|standing| standing.position.is_some()))
        .or_else(|| last(|_| true))
}
