//! [`Ways`]: the one way on and the one way back, as a table: release x file x PCE.

use super::{Account, Ended, RevisionKind};
use crate::{
    command_line::Release,
    mode::ClusterMode,
    procedure::{Move, Verb},
};

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Nothing: the file and the release agree.
    Nothing,
    /// Run the same step again; it continues where the attempt stopped.
    Again,
    /// The same, and take over the fields that another program wrote (Helm 4).
    ForceConflicts,
    /// Put the file back, exactly.
    PutBack,
    /// Take the step in the file alone: the release has taken it.
    WriteFile,
    /// Take the procedure's own way back, with `revert`: the PCE has followed the attempt.
    Revert,
    /// Roll the release back to this revision.
    RollBack(u64),
    /// Look at the history: no documented step connects the file and the release.
    Look,
    /// Install the release: there is none.
    Install,
    /// First upgrade the software to the chart version that the files name, in the present mode.
    Upgrade,
}

impl Way {
    /// A stable name, the same in text and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Again => "again",
            Self::ForceConflicts => "force-conflicts",
            Self::PutBack => "undo",
            Self::WriteFile => "write",
            Self::Revert => "revert",
            Self::RollBack(_) => "rollback",
            Self::Look => "history",
            Self::Install => "install",
            Self::Upgrade => "upgrade",
        }
    }

    /// The command of Helm's that does it, where it is one of Helm's.
    ///
    /// ```
    /// use helm_clas::{Release, account::Way, shell_quoted};
    ///
    /// let words = Way::RollBack(7).helm(Release::default()).unwrap();
    /// assert_eq!(shell_quoted(&words), "helm rollback illumio 7 -n illumio-system");
    /// ```
    #[must_use]
    pub fn helm(self, release: Release<'_>) -> Option<Vec<String>> {
        let Release { name, namespace, .. } = release;
        let number;
        let mut words = match self {
            Self::RollBack(revision) => {
                number = revision.to_string();
                vec!["helm", "rollback", name, &number, "-n", namespace]
            }
            Self::Look => vec!["helm", "history", name, "-n", namespace],
            _ => return None,
        };
        words.extend(release.cluster_options());
        Some(words.into_iter().map(str::to_owned).collect())
    }
}

/// How to continue, and how to get back where that is something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ways {
    /// The release.
    pub stands: Stands,
    /// The file.
    pub file: FileIs,
    /// The one way on.
    pub on: Way,
    /// What takes the attempt back, in order; empty where continuing is the way back, or where the procedure's own
    /// steps are.
    pub back: Vec<Way>,
}

/// The state of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// There is none.
    Absent,
    /// Its objects are gone, its history is kept.
    Uninstalled,
    /// An operation has not ended.
    Pending,
    /// It was installed once, and never completely.
    NeverSound,
    /// Its last upgrade failed.
    Failed,
    /// Its last rollback failed.
    RollbackFailed,
    /// Its last upgrade was given up, and rolled back.
    RolledBack,
    /// Its last upgrade went well.
    Sound,
    /// It is not known how its last upgrade ended.
    Unknown,
}

/// What the file says, relative to the mode of the release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileIs {
    /// The mode that the release is in.
    Same,
    /// One step further: the step of this attempt.
    Ahead,
    /// One step behind.
    Behind,
    /// A mode that no step connects with it, or one that is not known.
    Apart,
    /// The release differs from it in what no step changes, so that no row of the table is about it.
    Unlike,
}

/// What the PCE says of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pce {
    /// It was not asked, or says nothing that is known.
    Silent,
    /// The mode that the attempt leads to, or that a failed attempt before it led to: it has taken effect.
    Followed,
    /// Another mode.
    Other,
}

/// What Helm complained of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing that changes the way.
    None,
    /// Fields that another program wrote (server-side apply).
    Conflict,
}

/// What a row of the table says; the revision of a rollback is filled in.
#[derive(Clone, Copy)]
enum Do {
    Plain(Way),
    /// Roll back to the last sound revision.
    ToSound,
    /// Roll back to the newest, which was uninstalled.
    ToNewest,
}

use Do::{Plain, ToNewest, ToSound};

const AGAIN: Do = Plain(Way::Again);
const UNDO: Do = Plain(Way::PutBack);
const LOOK: Do = Plain(Way::Look);
const REVERT: Do = Plain(Way::Revert);

const ANY_FILE: &[FileIs] = &[FileIs::Same, FileIs::Ahead, FileIs::Behind, FileIs::Apart];
const ANY_PCE: &[Pce] = &[Pce::Silent, Pce::Followed, Pce::Other];

const FOLLOWED: &[Pce] = &[Pce::Followed];

type Row = (Stands, &'static [FileIs], &'static [Pce], Do, &'static [Do]);

/// The table; the first row that fits counts.
#[rustfmt::skip]
const WAYS: &[Row] = &[
    // release                file                        PCE             on                      back
    (Stands::Absent,          ANY_FILE,                   ANY_PCE,        Plain(Way::Install),    &[]),
    (Stands::Uninstalled,     &[FileIs::Ahead],           ANY_PCE,        ToNewest,               &[UNDO, ToNewest]),
    (Stands::Uninstalled,     ANY_FILE,                   ANY_PCE,        ToNewest,               &[]),
    // Helm refuses everything but a rollback; the step can be taken again behind it
    (Stands::Pending,         &[FileIs::Ahead],           ANY_PCE,        ToSound,                &[UNDO, ToSound]),
    (Stands::Pending,         ANY_FILE,                   ANY_PCE,        ToSound,                &[]),
    (Stands::NeverSound,      ANY_FILE,                   ANY_PCE,        LOOK,                   &[]),
    // what the PCE has seen is not taken back by a rollback: the procedure's own way back is
    (Stands::Failed,          &[FileIs::Ahead],           FOLLOWED,       AGAIN,                  &[REVERT]),
    (Stands::Failed,          &[FileIs::Ahead],           ANY_PCE,        AGAIN,                  &[UNDO, ToSound]),
    (Stands::Failed,          ANY_FILE,                   ANY_PCE,        ToSound,                &[]),
    (Stands::RollbackFailed,  &[FileIs::Ahead],           ANY_PCE,        ToSound,                &[UNDO, ToSound]),
    (Stands::RollbackFailed,  ANY_FILE,                   ANY_PCE,        ToSound,                &[]),
    (Stands::RolledBack,      &[FileIs::Ahead],           ANY_PCE,        AGAIN,                  &[UNDO]),
    (Stands::RolledBack,      &[FileIs::Same],            ANY_PCE,        Plain(Way::Nothing),    &[]),
    (Stands::RolledBack,      &[FileIs::Behind],          ANY_PCE,        Plain(Way::WriteFile),  &[]),
    (Stands::RolledBack,      &[FileIs::Apart],           ANY_PCE,        LOOK,                   &[]),
    (Stands::Sound,           &[FileIs::Same],            ANY_PCE,        Plain(Way::Nothing),    &[]),
    (Stands::Sound,           &[FileIs::Ahead],           ANY_PCE,        AGAIN,                  &[UNDO]),
    (Stands::Sound,           &[FileIs::Behind],          ANY_PCE,        Plain(Way::WriteFile),  &[]),
    (Stands::Sound,           &[FileIs::Apart],           ANY_PCE,        LOOK,                   &[]),
    (Stands::Unknown,         ANY_FILE,                   ANY_PCE,        LOOK,                   &[]),
];

impl FileIs {
    /// What a file says that leads to the mode `file`, relative to a release that is in `release`.
    #[must_use]
    pub(crate) fn seen_from(release: Option<ClusterMode>, file: Option<ClusterMode>) -> Self {
        let (Some(release), Some(file)) = (release, file) else { return Self::Apart };
        let leads = |from: ClusterMode, to| Verb::ALL.into_iter().any(|verb| verb.applied_to(from) == Move::Go(to));
        if release == file {
            Self::Same
        } else if leads(release, file) {
            Self::Ahead
        } else if leads(file, release) {
            Self::Behind
        } else {
            Self::Apart
        }
    }
}

impl Account {
    /// The state of the release.
    #[must_use]
    pub fn stands(&self) -> Stands {
        match (self.newest.ended, self.newest.kind) {
            (Ended::Uninstalled, _) => Stands::Uninstalled,
            (Ended::Unknown, _) => Stands::Unknown,
            (_, _) if self.sound.is_none() => Stands::NeverSound,
            (Ended::NotYet, _) => Stands::Pending,
            (Ended::Badly, RevisionKind::Upgrade) => Stands::Failed,
            (Ended::Badly, RevisionKind::Rollback(_)) => Stands::RollbackFailed,
            (Ended::Well, RevisionKind::Rollback(_)) if self.given_up.is_some() => Stands::RolledBack,
            (Ended::Well, _) => Stands::Sound,
        }
    }

    /// The verb of the attempt: the one that leads from the mode of the release, or the one that the `pce` reports, to
    /// what the file says.
    #[must_use]
    pub fn attempted(&self, file: Option<ClusterMode>, pce: Option<ClusterMode>) -> Option<Verb> {
        let (stands, file) = (self.position(pce)?, file?);
        Verb::ALL.into_iter().find(|verb| verb.applied_to(stands) == Move::Go(file))
    }

    /// Where an attempt starts: in the mode of the release; after an uninstall, in the mode it had; after a turn back
    /// from a failure that the PCE had followed, in the mode that the PCE reports.
    pub(super) fn position(&self, pce: Option<ClusterMode>) -> Option<ClusterMode> {
        let turned = pce.filter(|pce| self.mode().is_some_and(|mode| self.turns_back(*pce, mode)));
        if self.newest.ended == Ended::Uninstalled { self.mode() } else { turned.or_else(|| self.stands_in()) }
    }

    /// Whether `revert` leads to a mode from the one that the PCE reports, which has followed an attempt that failed.
    pub(super) fn turns_back(&self, pce: ClusterMode, to: ClusterMode) -> bool {
        let has_followed = self.stands() == Stands::Failed && self.stands_in() != Some(pce);
        has_followed && Verb::Revert.applied_to(pce) == Move::Go(to)
    }

    /// How to continue and how to get back, for a file and, where it was asked, what the PCE says.
    ///
    /// ```
    /// use helm_clas::{ClusterMode, account::{Account, History, Told, Trouble, Way}};
    ///
    /// let mut history = History::read(r#"[{"revision":6,"status":"deployed"},{"revision":7,"status":"failed"}]"#)?;
    /// history.put(7, Some(ClusterMode::MigrateClasToLegacy));
    /// history.put(6, Some(ClusterMode::Clas));
    /// let told = Told { metadata: r#"{"chart":"illumio","version":"5.1.0"}"#, given: "null" };
    /// let account = Account::read(&history, told)?;
    /// let ways = account.ways(Some(ClusterMode::MigrateClasToLegacy), None, Trouble::None);
    /// assert_eq!((ways.on, &ways.back[..]), (Way::Again, &[Way::PutBack, Way::RollBack(6)][..]));
    /// # Ok::<(), String>(())
    /// ```
    #[must_use]
    pub fn ways(&self, file: Option<ClusterMode>, pce: Option<ClusterMode>, trouble: Trouble) -> Ways {
        let from = self.position(pce);
        let has_turned = from != self.position(None);
        let word = match pce {
            None => Pce::Silent,
            Some(pce) if Some(pce) == file || has_turned => Pce::Followed,
            Some(_) => Pce::Other,
        };
        let mut ways = self.row(FileIs::seen_from(from, file), word, trouble);
        // what goes back already is its own way back
        let reverts = file.is_some_and(|file| matches!(Verb::Revert.applied_to(file), Move::Go(_)));
        ways.back.retain(|way| reverts || *way != Way::Revert);
        ways
    }

    /// What the table says.
    pub(super) fn row(&self, file: FileIs, pce: Pce, trouble: Trouble) -> Ways {
        let stands = self.stands();
        let fits = |row: &&Row| row.0 == stands && row.1.contains(&file) && row.2.contains(&pce);
        let filled = |what: &Do| match what {
            Plain(Way::Again) if trouble == Trouble::Conflict => Way::ForceConflicts,
            Plain(way) => *way,
            ToSound => self.sound.as_ref().map_or(Way::Look, |sound| Way::RollBack(sound.number)),
            ToNewest => Way::RollBack(self.newest.number),
        };
        let (on, back) = WAYS
            .iter()
            .find(fits)
            .map_or((Way::Look, Vec::new()), |row| (filled(&row.3), row.4.iter().map(filled).collect()));
        Ways { stands, file, on, back }
    }
}

impl Ways {
    /// Those where there is no release.
    #[must_use]
    pub const fn without_release() -> Self {
        Self { stands: Stands::Absent, file: FileIs::Apart, on: Way::Install, back: Vec::new() }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.on == Way::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ClusterMode::{Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas};

    const STANDS: [Stands; 9] = [
        Stands::Absent,
        Stands::Uninstalled,
        Stands::Pending,
        Stands::NeverSound,
        Stands::Failed,
        Stands::RollbackFailed,
        Stands::RolledBack,
        Stands::Sound,
        Stands::Unknown,
    ];

    #[test]
    fn every_state_has_a_row() {
        for stands in STANDS {
            for file in ANY_FILE {
                for pce in ANY_PCE {
                    let fits = |row: &Row| row.0 == stands && row.1.contains(file) && row.2.contains(pce);
                    assert!(WAYS.iter().any(fits), "{stands:?} {file:?} {pce:?}");
                }
            }
        }
    }

    #[test]
    fn no_row_hides_another() {
        for (number, row) in WAYS.iter().enumerate() {
            let is_first = |file: &FileIs, pce: &Pce| {
                let fits = |row: &Row, stands| row.0 == stands && row.1.contains(file) && row.2.contains(pce);
                WAYS.iter().position(|one| fits(one, row.0)) == Some(number)
            };
            assert!(row.1.iter().any(|file| row.2.iter().any(|pce| is_first(file, pce))), "row {number} never counts");
        }
    }

    #[test]
    fn nothing_that_may_be_lost_is_advised_where_something_runs() {
        for (stands, _, _, on, back) in WAYS {
            let rolls = |what: &Do| matches!(what, ToSound | ToNewest);
            let has_rollback = rolls(on) || back.iter().any(rolls);
            assert!(!has_rollback || !matches!(stands, Stands::Sound | Stands::RolledBack), "{stands:?}");
        }
    }

    #[test]
    fn a_file_is_seen_from_where_the_release_stands() {
        let check = |release, file, is| assert_eq!(FileIs::seen_from(Some(release), Some(file)), is);
        check(Legacy, Legacy, FileIs::Same);
        check(Legacy, MigrateLegacyToClas, FileIs::Ahead);
        check(MigrateLegacyToClas, Legacy, FileIs::Behind);
        check(MigrateLegacyToClas, MigrateClasToLegacy, FileIs::Ahead);
        check(Legacy, Clas, FileIs::Apart);
        check(Clas, Legacy, FileIs::Apart);
        assert_eq!(FileIs::seen_from(None, Some(Legacy)), FileIs::Apart);
    }
}
