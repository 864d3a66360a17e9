//! What is in the checkout beside the named files, where a change is judged: the named files are the ones that are
//! judged, and everything that a cluster takes is read.

use std::{
    collections::{BTreeSet, HashSet},
    path::{Path, PathBuf},
};

use helm_clas::{ChartVersion, ClusterMode, check::Run, status::Standing};

use crate::{
    outside::git::Changes,
    paths,
    workspace::{
        search::{Searched, searched},
        top::from_here,
    },
};

/// The rest of the checkout.
#[derive(Default)]
pub(super) struct Around {
    /// The files that are not named, and hold clusters that take from one that is named and changed.
    pub(super) readers: Vec<PathBuf>,
    /// What is found in all of the checkout.
    standings: Vec<Standing>,
    /// Where that begins.
    top: PathBuf,
}

impl Around {
    /// Nothing where no change is judged. `versions` are those that were and are named for the cluster of a file, in a
    /// file of which `is_fleet` is true.
    pub(super) fn of(
        changes: Option<&Changes>,
        versions: impl Fn(&Path) -> [Option<ChartVersion>; 2],
        is_fleet: impl Fn(&Path) -> bool,
        named: &[&Path],
    ) -> Self {
        let Some(changes) = changes else { return Self::default() };
        let real = |path: &Path| paths::real(path).unwrap_or_else(|_| path.to_path_buf());
        let Searched { standings, readers, .. } = searched(&[from_here(changes.top())], &[], None);
        let is_named: HashSet<PathBuf> = named.iter().map(|file| real(file)).collect();
        let of_commit = named.iter().filter(|file| changes.is_changed(file));
        let of_change = of_commit.flat_map(|file| readers.get(&real(file)).into_iter().flatten());
        let mut judged: BTreeSet<PathBuf> = of_change.map(PathBuf::from).collect();
        if named.iter().any(|file| is_fleet(file)) {
            let is_other = |file: &&Path| {
                let [old, new] = versions(file);
                old != new
            };
            let files = standings.iter().map(|standing| Path::new(&standing.file)).filter(is_other);
            judged.extend(files.map(Path::to_path_buf));
        }
        judged.retain(|file| !is_named.contains(&real(file)) && !is_of_another(file, changes.top()));
        Self { readers: judged.into_iter().collect(), standings, top: changes.top().to_path_buf() }
    }

    /// What a search of some folders finds, where that is all of the checkout; nothing where it was not searched.
    pub(super) fn rows_of(&self, folders: &[PathBuf]) -> Option<&[Standing]> {
        (!self.top.as_os_str().is_empty() && *folders == [from_here(&self.top)]).then_some(&self.standings)
    }

    /// Adds to a run the clusters that are not judged in it: which of them are between two modes, and their ids.
    pub(super) fn tell(self, run: &mut Run) {
        let absolute = |file: &str| paths::real(file).unwrap_or_else(|_| PathBuf::from(file));
        let judged: HashSet<PathBuf> = run
            .files
            .iter()
            .flat_map(|file| [&file.name].into_iter().chain(&file.takes_from))
            .map(|file| absolute(file))
            .collect();
        let is_other =
            |row: &Standing| !judged.contains(&absolute(&row.file)) && !is_of_another(Path::new(&row.file), &self.top);
        let others = self.standings.into_iter().filter(is_other);
        for Standing { file, mode, cluster, .. } in others {
            if mode.is_some_and(ClusterMode::is_migrating) && run.migrating_elsewhere.last() != Some(&file) {
                run.migrating_elsewhere.push(file.clone());
            }
            run.clusters_elsewhere.extend(cluster.claim);
        }
    }
}

/// Whether a file is in another checkout, within this one.
fn is_of_another(file: &Path, top: &Path) -> bool {
    let Ok(file) = paths::real(file) else { return false };
    file.ancestors().skip(1).take_while(|folder| *folder != top).any(|folder| folder.join(".git").exists())
}
