//! What Helm says of the release, and what follows from it: a step that was written and never brought to the cluster is
//! not done, whatever the pods say.

use super::{Asked, Checked, Facts, State};
use crate::shown::verbatim;
use crate::{
    account::{Account, Expected, FileIs, Templates, Way},
    instruction::of_app,
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
    /// What else than the mode it should have.
    pub expected: Expected,
    /// Who brings the chart where no release of Helm is made of it.
    pub brought_by: Option<Id>,
    /// What people call the controller that brings the release, where one does.
    pub controller: Option<&'static str>,
    /// What Helm says of it; nothing where there is no such release.
    pub account: Asked<Result<Option<Account>, Untold>>,
}

/// Why Helm says nothing of a release, and what to do about it.
#[derive(Clone, Debug)]
pub struct Untold {
    /// Why, in words.
    pub why: String,
    /// What to do about it, where that is known.
    pub help: Option<String>,
}

impl Untold {
    /// A check that it leaves without an answer.
    pub(super) fn of(&self, mut check: Checked) -> Checked {
        check.state = State::Unknown;
        let help = self.help.clone().unwrap_or_else(|| "check that `helm list` works".to_owned());
        check.seen(&self.why).help(help)
    }
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
    let of = |state| Checked::own("release-in-mode", state);
    let OfRelease { name, namespace, expected, brought_by, account, .. } = &facts.release;
    if let Some(id) = brought_by {
        return Some(brought(of(State::Yours), id));
    }
    Some(match account {
        Asked::LeftToReader => return None,
        Asked::No => of(State::Unknown).seen("Helm was not asked"),
        Asked::Answer(Err(untold)) => untold.of(of(State::Unknown)),
        Asked::Answer(Ok(None)) => match facts.kubernetes.brought_by() {
            Some((title, brought)) => of(State::Yours)
                .seen(format!("{title} {} installs the chart, without a Helm release", verbatim(brought)))
                .help("check there which mode it applied last"),
            None => of(State::Unknown)
                .seen(format!("there is no release {name} in the namespace {namespace}"))
                .help("name it with --release and -n; `helm list -A` shows all"),
        },
        Asked::Answer(Ok(Some(account))) => judged(of(State::Right), account, expected, facts),
    })
}

/// What to look at where Helm has no release.
pub(super) fn brought(check: Checked, id: &Id) -> Checked {
    let title = id.title().unwrap_or("another tool");
    let check = check.seen(format!("{title} installs the chart, without a Helm release"));
    match (id.deployer(), &id.called) {
        (Deployer::ArgoCd, Some(name)) => {
            let words = ["argocd", "app", "get", name].into_iter().chain(of_app(id.namespace.as_deref()));
            check
                .help("check there that it is synced and healthy, at the commit with the step")
                .run(shell_quoted(&words.map(str::to_owned).collect::<Vec<String>>()))
        }
        _ => check.help("check there that it has applied the commit with the step"),
    }
}

fn judged(mut check: Checked, account: &Account, expected: &Expected, facts: &Facts) -> Checked {
    let mode = account.mode().map_or("a mode that is not known", ClusterMode::as_str);
    let brought = account.brought(expected).map(|version| format!(", which brings chart {version}"));
    check = check.seen(format!(
        "revision {} is {}, in {mode}, with chart {}{}",
        account.newest.number,
        verbatim(&account.newest.status),
        verbatim(&account.version),
        brought.unwrap_or_default()
    ));
    let (unlike, doubts) = (account.unlike(expected), account.doubts(expected));
    for words in doubts.sentences() {
        check = check.seen(words);
    }
    if doubts.is_grave() {
        check.state = State::Unknown;
    }
    if account.runs_in(facts.goal) && unlike.is_empty() {
        return check;
    }
    check.state = State::Wrong;
    for one in &unlike {
        check = check.seen(one.to_string());
    }
    let ways = account.ways_beside(expected, (Some(facts.goal), facts.pce_mode()));
    if ways.file == FileIs::Unlike || account.runs_in(facts.goal) {
        return check.help(unlike.first().map_or("", |one| one.help(account.mode())));
    }
    match (ways.on, ways.on.helm(facts.release())) {
        (Way::RollBack(_), Some(words)) => {
            check.help("the last operation did not finish; this restores the release").run(shell_quoted(&words))
        }
        (Way::WriteFile, _) => check.help("the release has taken a step that the files have not: take it there alone"),
        (Way::Look, Some(words)) => check
            .help("no step of the procedure leads from there to this mode: find out who changed the release last")
            .run(shell_quoted(&words)),
        _ if account.mode() == Some(facts.goal) => {
            check.help("this upgrade did not finish, and some pods may run it: continue it, or go back")
        }
        _ => {
            let how = match facts.release.controller {
                Some(title) => format!("it comes with the {title}, so check that this was applied with the step in it"),
                None => "run the step with --run, or the `helm upgrade` that it prints".to_owned(),
            };
            check.help(format!("{} did not reach the cluster: {how}", facts.goal))
        }
    }
}
