//! What Helm says of the release, and what follows from it: a step that was written and never brought to the cluster is
//! not done, whatever the pods say.

use super::{Asked, Checked, Facts, State};
use crate::shown::verbatim;
use crate::{
    account::{Account, Templates, Trouble, Way},
    mode::ClusterMode,
    procedure::Deployer,
    release::Id,
    shell::shell_quoted,
};

/// The release that a step was taken on.
#[derive(Debug)]
pub struct OfRelease {
    /// Its name, its namespace and the context of its cluster.
    pub name: String,
    /// The namespace in which Helm keeps it.
    pub namespace: String,
    /// The chart version that it should run, where one was named.
    pub version: Option<String>,
    /// Who brings the chart where no release of Helm is made of it.
    pub brought_by: Option<Id>,
    /// What Helm says of it; nothing where there is no such release.
    pub account: Asked<Result<Option<Account>, String>>,
}

impl OfRelease {
    /// Whether the last attempt was the software upgrade: another chart version in the same mode, which restarts pods
    /// where it changes their templates.
    #[must_use]
    pub fn is_after_software(&self) -> bool {
        let Some(Ok(Some(account))) = self.account.answer() else { return false };
        account.before.as_ref().is_some_and(|before| before.mode == account.newest.mode)
    }
}

/// What a step changes in the pods' templates.
#[derive(Clone, Debug)]
pub struct Step {
    /// The revision before it.
    pub revision_before: u64,
    /// The templates of that revision.
    pub before: Templates,
    /// The templates of the newest revision.
    pub now: Templates,
}

pub(super) fn checked(facts: &Facts) -> Option<Checked> {
    const TEXT: &str = "the release runs in this mode, and its last upgrade succeeded";
    let of = |state| Checked::new("release-in-mode", TEXT, state);
    let OfRelease { name, namespace, version, brought_by, account } = &facts.release;
    if let Some(id) = brought_by {
        return Some(brought(of(State::Yours), id));
    }
    Some(match account {
        Asked::LeftToReader => return None,
        Asked::No => of(State::Unknown).seen("Helm was not asked"),
        Asked::Answer(Err(words)) => of(State::Unknown).seen(words).help("check that `helm list` works"),
        Asked::Answer(Ok(None)) => match facts.kubernetes.brought_by() {
            Some((title, brought)) => of(State::Yours)
                .seen(format!("{title} {} installs the chart, without a Helm release", verbatim(brought)))
                .help("check there which mode it applied last"),
            None => of(State::Unknown)
                .seen(format!("there is no release {name} in the namespace {namespace}"))
                .help("name it with --release and -n; `helm list -A` shows all"),
        },
        Asked::Answer(Ok(Some(account))) => judged(of(State::Right), account, version.as_deref(), facts),
    })
}

/// What to look at where Helm has no release.
pub(super) fn brought(check: Checked, id: &Id) -> Checked {
    let title = id.title().unwrap_or("another tool");
    let check = check.seen(format!("{title} installs the chart, without a Helm release"));
    match (id.deployer(), &id.called) {
        (Deployer::ArgoCd, Some(name)) => check
            .help("check there that it is synced and healthy, at the commit with the step")
            .run(shell_quoted(&["argocd".to_owned(), "app".to_owned(), "get".to_owned(), name.clone()])),
        _ => check.help("check there that it has applied the commit with the step"),
    }
}

fn judged(mut check: Checked, account: &Account, version: Option<&str>, facts: &Facts) -> Checked {
    let mode = account.mode().map_or("a mode that is not known", ClusterMode::as_str);
    check = check.seen(format!(
        "revision {} is {}, in {mode}, with chart {}",
        account.newest.number,
        verbatim(&account.newest.status),
        verbatim(&account.version)
    ));
    let is_other_version = version.is_some_and(|version| version != account.version);
    if account.runs_in(facts.goal) && !is_other_version {
        return check;
    }
    check.state = State::Wrong;
    if is_other_version {
        check = check.seen(format!("chart {} was expected", version.unwrap_or_default()));
    }
    if account.runs_in(facts.goal) {
        return check.help(if facts.goal.is_migrating() {
            "name the version that runs, or restore it: the software is not upgraded between two modes"
        } else {
            "upgrade the release to that chart version, in its present mode"
        });
    }
    let way = account.ways(Some(facts.goal), facts.pce_mode(), Trouble::None).on;
    match way.helm(facts.release()) {
        Some(words) if matches!(way, Way::RollBack(_)) => {
            check.help("the last operation did not finish; this restores the release").run(shell_quoted(&words))
        }
        _ if account.mode() == Some(facts.goal) => {
            check.help("this upgrade did not finish, and some pods may run it: continue it, or go back")
        }
        _ => check.help(format!(
            "{} did not reach the cluster: run the step with --run, or the `helm upgrade` that it prints",
            facts.goal
        )),
    }
}
