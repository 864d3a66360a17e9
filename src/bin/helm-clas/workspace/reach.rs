//! Whom a step moves beside the cluster that it is meant for: other manifests of the same checkout may take the file
//! that it changes.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use helm_clas::{
    Claim, Claimant, Doubt, Finding, Id, Outcome, Reach, Rule, Severity, Status, clusters_of, is_bootstrap,
    look::is_kustomization,
    status::{Holder, IN_CONFIG_MAP, IN_SCRIPT, IN_SECRET, Standing},
    upgrade::{Kind, Upgraded},
};
use ignore::{WalkBuilder, WalkState};

use crate::{
    outside::files::{self, STDIN},
    paths,
    workspace::{
        Workspace,
        names::{is_seen, may_hold_place, may_mention},
        search::{Searched, searched},
        taking::{About, By},
        top::{from_here, top_of},
    },
};

/// A step that is taken, or only shown.
#[derive(Clone, Copy)]
pub(crate) struct Step<'s> {
    pub(crate) path: Option<&'s str>,
    pub(crate) allowed: &'s [Rule],
    /// Whether it is taken on the cluster.
    pub(crate) is_taken: bool,
}

/// Takes over whom the edit moves, as the manifests of the checkout say that take the changed file, and why it does not
/// reach the cluster that is meant. Nothing where there is no checkout. What comes back is the release of a manifest that
/// takes the changed file, where a path says that this is meant.
pub(crate) fn told(workspace: &Workspace<'_>, outcome: &mut Outcome, step: Step<'_>) -> Option<Id> {
    let Step { path, allowed, is_taken } = step;
    let file = workspace.files.name(outcome.file);
    // what stops a step whatever the versions are is looked for at once
    let mut errors = outcome.findings.iter().filter(|finding| finding.severity == Severity::Error).peekable();
    let waits =
        outcome.to.is_some() && errors.peek().is_some() && errors.all(|finding| finding.rule.asks_for_version());
    if file == STDIN || matches!(outcome.status, Status::Refused) && !waits {
        return None;
    }
    let changed = paths::real(file).ok()?;
    let mut rows = Searched::default();
    let reach = of(workspace, outcome, &changed, &mut rows);
    if outcome.to_part.is_none() {
        let helps = takers_of(&rows, &changed).into_iter().filter_map(Standing::to_part);
        outcome.to_part = helps.map(str::to_owned).next();
    }
    outcome.moves(reach, file, allowed);
    outcome.stands_beside(claims_beside(workspace, outcome, &rows), is_taken);
    let is_given = |file: &Path| workspace.given.iter().any(|number| Path::new(workspace.files.name(*number)) == file);
    let is_of_values = path.is_none() && (outcome.release.is_none() || is_map(outcome));
    let undecided = || undecided(&rows, &changed, outcome).filter(|_| workspace.given.len() == 1);
    let of_object = || {
        let id = outcome.release.as_ref().filter(|_| path.is_none())?;
        let kind = if is_map(outcome) { Some("ConfigMap") } else { secret_of(outcome).map(|_| "Secret") };
        rows.elsewhere.refuses_object(kind?, &id.name, id.namespace.as_deref())
    };
    let is_moved = waits || matches!(outcome.status, Status::Step(_));
    let of_base = || rows.bases.refuses(&changed).filter(|_| is_moved && workspace.given == [outcome.file]);
    let takers = takers_of(&rows, &changed);
    let of_values = || rows.elsewhere.refuses(&changed).or_else(undecided).or_else(of_base);
    let elsewhere = || of_values().filter(|_| is_of_values).or_else(of_object);
    let is_of_controller = outcome.release.as_ref().is_some_and(|release| release.title() != Some(IN_SCRIPT));
    let given = workspace.given.iter().filter_map(|number| paths::real(workspace.files.name(*number)).ok());
    let beside = || {
        let mut files = [changed.clone()].into_iter().chain(given);
        let is_step = path.is_none() || is_of_controller;
        let is_used = takers.iter().any(|row| row.holder != Holder::Manifest(IN_SCRIPT));
        let of_script = if is_used { By::Both } else { By::Script };
        let by = match &outcome.release {
            None => match takers.first().map(|row| row.holder) {
                Some(Holder::Manifest(IN_SCRIPT)) => of_script,
                Some(_) => By::Controller,
                None if rows.takers.contains_key(&changed) => By::Controller,
                None => By::Hand,
            },
            Some(_) if is_of_controller => By::Controller,
            Some(_) => of_script,
        };
        let is_meant = path.is_some() && outcome.release.is_none();
        let about = About { is_said: outcome.span.is_some(), by, is_step, is_meant };
        files
            .find_map(|file| rows.beside.refuses(&file, is_given).or_else(|| rows.beside.takes(&file, about, is_given)))
    };
    // where the place is meant, it need not decide anything
    let warned = undecided().filter(|_| path.is_some() && outcome.release.is_none());
    let names = outcome.release.as_ref().map(Id::names).unwrap_or_default();
    let changed_live = || rows.beside.changes(&names).filter(|_| is_of_controller);
    let of_other_command = || disputed(&rows, &changed).filter(|_| path.is_none());
    if let Some(finding) = beside().or_else(elsewhere).or_else(changed_live).or_else(of_other_command) {
        outcome.status = Status::Refused;
        outcome.findings.push(finding.in_file(file));
    } else if let Some(branch) = workspace.branch_of(outcome.file) {
        let branch = branch.escape_debug();
        let message = format!("this file is used from the branch `{branch}`, which is not checked out");
        let finding = Finding::new(Rule::ModeElsewhere, message).weighing(Severity::Info);
        let help = format!("merge the change into `{branch}`: it takes effect there");
        outcome.findings.push(finding.help(help).in_file(file));
    }
    outcome.findings.sort_by_key(|finding| finding.rule.asks_for_version());
    outcome.findings.extend(warned.map(|finding| finding.weighing(Severity::Warning).in_file(file)));
    let has_several = takers.len() > 1 || rows.takers.get(&changed).is_some_and(|takers| takers.len() > 1);
    brought_by(&rows, &changed).filter(|_| outcome.release.is_none() && (path.is_some() || has_several))
}

/// That another command gives the release another mode which a file decides.
fn disputed(rows: &Searched, changed: &Path) -> Option<Finding> {
    let decides = |row: &&Standing| {
        let file = row.decided_in.as_ref().filter(|_| row.mode.is_none() && row.is_held);
        file.is_some_and(|file| paths::real(file).is_ok_and(|file| file == changed))
    };
    let is_it = |finding: &&Finding| finding.rule == Rule::ModeElsewhere && finding.doubt == Some(Doubt::Overridden);
    let said = |row: &Standing| row.errors().map(|noted| &noted.finding).find(is_it).cloned();
    rows.standings.iter().filter(decides).find_map(said)
}

/// The rows of manifests that take a values file, of which it is known that it decides the mode there.
fn takers_of<'r>(rows: &'r Searched, changed: &Path) -> Vec<&'r Standing> {
    let decides = |row: &&Standing| {
        let file = row.decided_in.as_ref().filter(|_| row.mode.is_some() && !row.is_held);
        matches!(row.holder, Holder::Manifest(_))
            && file.is_some_and(|file| paths::real(file).is_ok_and(|file| file == changed))
    };
    rows.standings.iter().filter(decides).collect()
}

/// The release of a manifest that takes a file, or may: that of a controller before what people install first.
fn brought_by(rows: &Searched, changed: &Path) -> Option<Id> {
    let about = About { is_said: true, by: By::Hand, is_step: true, is_meant: false };
    let by_template = rows.beside.taking(changed, about);
    let takers = rows.takers.get(changed).into_iter().flatten().map(String::as_str);
    let of_manifest = |manifest: &str| {
        let mut of_file = rows.standings.iter().filter(|row| row.file == manifest);
        let mut release = of_file.find_map(|row| row.cluster.release.clone())?;
        release.built_in.get_or_insert_with(|| manifest.to_owned());
        Some((is_bootstrap(manifest), release))
    };
    let releases = takers.chain(by_template).filter_map(of_manifest);
    releases.min_by_key(|(is_before, _)| *is_before).map(|(_, release)| release)
}

/// Takes over whom the edit of a chart version moves, as the manifests of the checkout say that take the version from
/// the same spot.
pub(crate) fn told_of_version(workspace: &Workspace<'_>, upgraded: &mut Upgraded, allowed: &[Rule]) {
    let (Kind::Edit(_), Some((number, span))) = (&upgraded.kind, &upgraded.pin) else { return };
    let file = workspace.files.name(*number);
    let found = paths::real(file).ok().and_then(|changed| {
        let top = top_of(&changed)?;
        // an object is named by what it is called, and not by its file
        let is_own = workspace.given.first() == Some(number);
        (!is_own || is_named_by_others(&top, &changed, (&[], None))).then_some((top, changed))
    });
    let position = workspace.files.position(*number, span.start);
    let more = found.map_or(Reach::One, |(top, changed)| {
        let is_same = |standing: &&Standing| {
            let (name, at) = standing.version_at.as_ref().map_or(("", None), |(name, at)| (name, Some(*at)));
            at == Some(position) && paths::real(name).is_ok_and(|name| name == changed)
        };
        let rows = searched(&[from_here(&top)], &[], None).standings;
        let moved: Vec<&Standing> = rows.iter().filter(is_same).collect();
        let among = moved.iter().fold(Reach::One, |reach, standing| reach.with(standing.reach.clone()));
        Reach::of(names_of(&moved)).with(among)
    });
    upgraded.moves(more, file, allowed);
}

/// Whether a step is in a `ConfigMap` that was named alone.
fn is_map(outcome: &Outcome) -> bool {
    outcome.release.as_ref().is_some_and(|release| release.title() == Some(IN_CONFIG_MAP))
}

/// The name of the Secret that a step is in, which was named alone.
fn secret_of(outcome: &Outcome) -> Option<&str> {
    let release = outcome.release.as_ref().filter(|release| release.title() == Some(IN_SECRET))?;
    Some(&release.name)
}

/// The clusters of some rows, by their names.
fn names_of(rows: &[&Standing]) -> Vec<String> {
    clusters_of(&rows.iter().map(|row| row.claimant()).collect::<Vec<Claimant>>())
}

/// That manifests take a values file, and none of them is known to get its mode from the spot that would be changed.
fn undecided(rows: &Searched, changed: &Path, outcome: &Outcome) -> Option<Finding> {
    let takers = rows.takers.get(changed).filter(|takers| !takers.is_empty())?;
    let is_decided = |row: &Standing| {
        let decides = row.decided_in.as_ref().is_some_and(|file| paths::real(file).is_ok_and(|it| it == changed));
        decides && row.mode.is_some()
    };
    if outcome.to.is_none() || rows.standings.iter().any(is_decided) {
        return None;
    }
    let names: Vec<&str> = takers.iter().map(String::as_str).collect();
    let message = format!("this file has values for {}, and is not known to decide the mode there", names.join(", "));
    let help = format!(
        "take the step with -f {}; to change this file anyway, name the place with --path (--path . for values at the \
         root)",
        names[0]
    );
    Some(Finding::new(Rule::ModeElsewhere, message).weighing(Severity::Error).help(help))
}

/// Whom the edit moves, and what is found in the checkout on the way.
fn of(workspace: &Workspace<'_>, outcome: &Outcome, changed: &Path, rows: &mut Searched) -> Reach {
    // what a chart says by itself counts for each of its values files that says nothing
    let is_of_chart =
        changed.file_name().is_some_and(|name| name == "values.yaml") && changed.with_file_name(files::CHART).is_file();
    let beside = || changed.parent().filter(|_| is_of_chart).map(Path::to_path_buf);
    let Some(top) = top_of(changed).or_else(beside) else { return Reach::One };
    let given: Vec<PathBuf> =
        workspace.given.iter().filter_map(|number| paths::real(workspace.files.name(*number)).ok()).collect();
    // an object is named by what it is called, and not by its file
    let is_object = outcome.release.is_some()
        && (workspace.given.first() != Some(&outcome.file) || is_map(outcome) || secret_of(outcome).is_some());
    let id = outcome.claim.as_ref().map(|claim| claim.id.as_str());
    // what sets no mode may have one of any other file, or of the chart
    let is_silent = outcome.span.is_none() && outcome.release.is_none();
    if !is_of_chart && !is_object && !is_silent && !is_named_by_others(&top, changed, (&given, id)) {
        return Reach::One;
    }
    let position = outcome.span.as_ref().map(|span| workspace.files.position(outcome.file, span.start));
    let is_same = |standing: &&Standing| {
        let decides = standing.decided_in.as_ref().unwrap_or(&standing.file);
        standing.position == position
            && (position.is_some() || standing.path == outcome.path)
            && paths::real(decides).is_ok_and(|decides| decides == changed)
    };
    let takes_defaults = |standing: &&Standing| {
        let has_none = standing.position.is_none() && standing.path.ends_with(&outcome.path);
        is_of_chart
            && has_none
            && standing.defaults_in.as_ref().is_some_and(|file| paths::real(file).is_ok_and(|file| file == changed))
    };
    let takes_secret =
        |standing: &&Standing| secret_of(outcome).is_some_and(|own| standing.secrets.iter().any(|name| name == own));
    let is_moved = |standing: &&Standing| is_same(standing) || takes_defaults(standing) || takes_secret(standing);
    *rows = searched(&[from_here(&top)], &[], None);
    let mut moved: Vec<&Standing> = rows.standings.iter().filter(is_moved).collect();
    // what does not install the chart is moved by nothing
    if moved.iter().any(|standing| standing.is_installed()) {
        moved.retain(|standing| standing.is_installed());
    }
    let mut names: BTreeSet<String> = names_of(&moved).into_iter().collect();
    // a file that says nothing of the chart is not a row, and takes what the chart says anyway
    if is_of_chart && !given.iter().any(|given| given == changed) && !moved.is_empty() {
        let silent = workspace.given.last().map(|number| workspace.files.name(*number).to_owned());
        names.extend(silent.filter(|_| outcome.release.is_none()));
    }
    let among = moved.iter().fold(Reach::One, |reach, standing| reach.with(standing.reach.clone()));
    match (Reach::of(names.into_iter().collect()), among) {
        (_, Reach::AllOf(generator)) => Reach::AllOf(generator),
        (Reach::One, among) => among,
        (names, _) => names,
    }
}

/// The ids of the other clusters of the checkout, with the names of files that this one names spelled as it does.
fn claims_beside(workspace: &Workspace<'_>, outcome: &Outcome, rows: &Searched) -> Vec<Claim> {
    let Some(own) = &outcome.claim else { return Vec::new() };
    let given = workspace.given.iter().map(|number| workspace.files.name(*number));
    let named: Vec<(PathBuf, &str)> =
        given.chain([&*own.by.file, &*own.file]).filter_map(|name| Some((paths::real(name).ok()?, name))).collect();
    let spelled = |name: &mut String| {
        let real = paths::real(&*name).ok();
        let own = named.iter().find(|(path, _)| real.as_ref() == Some(path));
        own.inspect(|(_, own)| (*own).clone_into(name)).is_some()
    };
    let claims = rows.standings.iter().filter_map(|row| row.cluster.claim.clone());
    let beside = |mut claim: Claim| {
        spelled(&mut claim.file);
        // the files that were given are of one cluster
        let is_given = spelled(&mut claim.by.file) && claim.by.release.is_none();
        (!is_given).then_some(claim)
    };
    claims.filter_map(beside).collect()
}

/// What marks the name of a file with a part that is filled in.
const MARKS: [&[u8]; 9] = [b"{{", b"${", b"*.y", b"}.y", b"%s", b"$(", b"#{", b">.y", b">/"];

fn has(bytes: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(bytes, word).is_some()
}

/// Whether any file names the changed one, beside that itself and those that were given, or an id.
fn is_named_by_others(top: &Path, changed: &Path, (given, id): (&[PathBuf], Option<&str>)) -> bool {
    let Some(name) = changed.file_name() else { return false };
    // these are named by their folder
    let is_of_folder = name.to_str().is_some_and(|name| is_kustomization(name) || name.starts_with(".argocd-source"));
    let named = if is_of_folder { changed.parent().and_then(Path::file_name) } else { Some(name) };
    let Some(name) = named.map(|name| name.as_encoded_bytes().to_vec()) else { return true };
    if is_of_folder && changed.parent() == Some(top) {
        return true;
    }
    let id = id.map(|id| id.to_ascii_lowercase().into_bytes());
    let is_found = AtomicBool::new(false);
    let mut walk = WalkBuilder::new(top);
    walk.hidden(false).filter_entry(is_seen);
    walk.build_parallel().run(|| {
        let (is_found, name, id) = (&is_found, &name, &id);
        Box::new(move |entry| {
            let Ok(entry) = entry else { return WalkState::Continue };
            let is_other = || entry.path() != changed && !given.iter().any(|given| given == entry.path());
            let may_say = may_hold_place(entry.path()) || may_mention(entry.path());
            let is_file = entry.file_type().is_some_and(|kind| kind.is_file()) && may_say;
            // a helmfile may name those of its environments by a pattern, and what calls it names none
            // and a command that changes a release names that alone
            // and what runs it may name its folder, or what it is called
            let words: [&[u8]; 14] = [
                b"values_files",
                b"environments:",
                b"helmfile ",
                b"argocd",
                b" patch ",
                b" upgrade ",
                b" install ",
                b"argoproj.io",
                b"roles:",
                b"_role",
                b"_tasks",
                b"helmfiles:",
                b"extends:",
                b"!reference",
            ];
            // nor does what names files by patterns of them
            let any_has = |it: &[u8], words: &[&[u8]]| words.iter().any(|word| has(it, word));
            let is_open = |it: &[u8]| any_has(it, &MARKS) && any_has(it, &[b".yaml", b".yml"]);
            let has_id = |it: &[u8]| id.as_ref().is_some_and(|id| has(&it.to_ascii_lowercase(), id));
            let names_it = |it: Vec<u8>| has(&it, name) || any_has(&it, &words) || is_open(&it) || has_id(&it);
            let names_it = || files::read(entry.path()).is_ok_and(names_it);
            if is_file && is_other() && names_it() {
                is_found.store(true, Ordering::Relaxed);
                return WalkState::Quit;
            }
            WalkState::Continue
        })
    });
    is_found.into_inner()
}
