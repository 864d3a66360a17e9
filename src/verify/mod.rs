//! The checks after a step, and before one, that a machine can make: facts in, a list of [`Checked`] out.
//!
//! [`checked`] lists the checks for a mode, in the order in which a person goes through them. Ids that
//! [`checks`](fn@crate::checks) has as well name the same thing. What the vendor does not document is not judged: it is
//! shown as the PCE says it and left to the reader.

mod before;
mod checked;
mod gate;
mod kubernetes;
mod objects;
mod pce;
mod pods;
mod release;
mod restart;

pub use crate::chart::pods::Kind;
pub use crate::moment::Moment;
pub use crate::pce_clusters::ContainerCluster;
pub use before::{Before, Beside, OfPolicy, OfStart, checked_before, next_step};
pub use checked::{Checked, Outcome, State, Stays, may_change};
pub use gate::gate;
pub use kubernetes::Kubernetes;
pub use objects::{Controller, List, Version};
pub use pce::{Kept, Pce, Profile, Workload};
pub use pods::Pod;
pub use release::{OfRelease, Step, Untold};

use std::borrow::Cow;

use crate::{
    account::{Says, Ways},
    called::Called,
    command_line::Release,
    mode::ClusterMode::{self, Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas},
    procedure::{checks, in_namespace},
    shell::shell_word,
};

/// What there is to judge.
#[derive(Debug)]
pub struct Facts {
    /// What this program is called.
    pub called: Called,
    /// The mode the last step led to.
    pub goal: ClusterMode,
    /// The namespace in which Kubelink and the C-VENs run.
    pub namespace: String,
    /// The context of the cluster in the user's kubeconfig, where one was named.
    pub kube_context: Option<String>,
    /// The user's kubeconfig, where one was named.
    pub kubeconfig: Option<String>,
    /// When the step was taken, by the clock of the API server. It counts where the pods' templates do not say whether
    /// they are those of the step.
    pub since: Option<Moment>,
    /// Ten minutes ago by that clock: after as long a run, Kubernetes itself takes a container for settled.
    pub settled: Moment,
    /// The options that name the values, as the user gave them.
    pub values: Vec<String>,
    /// The options that name the PCE and how it is asked, as the user gave them.
    pub asking: Vec<String>,
    /// The release.
    pub release: OfRelease,
    /// What the step changes in the pods' templates, where the history of the release says so.
    pub step: Option<Step>,
    /// What the cluster says.
    pub kubernetes: Kubernetes,
    /// What the PCE says.
    pub pce: Asked<Pce>,
}

impl Facts {
    /// The mode that the PCE reports of the cluster, where it was asked and knows a word for it.
    #[must_use]
    pub fn pce_mode(&self) -> Option<ClusterMode> {
        self.pce.answer().and_then(|pce| pce.cluster.mode())
    }

    /// Whether pods run what the step changes.
    #[must_use]
    pub fn has_moved_pods(&self) -> bool {
        Kind::ALL.into_iter().any(|kind| self.template_is(kind) == Some(Says::New))
    }

    /// What the template of a kind of pods says of the step, where both are known.
    fn template_is(&self, kind: Kind) -> Option<Says> {
        let step = self.step.as_ref()?;
        let controller = self.kubernetes.controller(kind)?;
        Some(step.now.against(&step.before, kind, controller.template()))
    }

    /// The release, as commands name it.
    #[must_use]
    pub fn release(&self) -> Release<'_> {
        let OfRelease { name, namespace, .. } = &self.release;
        let (kube_context, kubeconfig) = (self.kube_context.as_deref(), self.kubeconfig.as_deref());
        Release { name, namespace, kube_context, kubeconfig, ..Release::default() }
    }

    /// How to continue and how to get back, where the release is not as the files say, or its last upgrade failed.
    #[must_use]
    pub fn ways(&self) -> Option<Ways> {
        let account = self.release.account.answer()?.as_ref().ok()?.as_ref()?;
        let ways = account.ways_beside(&self.release.expected, (Some(self.goal), self.pce_mode()));
        (!ways.is_done()).then_some(ways)
    }

    /// A command of this tool, about the values that the user named.
    fn helm_clas(&self, words: &str) -> String {
        let values = self.values.iter().map(|word| format!(" {}", shell_word(word)));
        self.at_pce(&format!("{words}{}", values.collect::<String>()))
    }

    /// A command of this tool that asks the PCE.
    fn at_pce(&self, words: &str) -> String {
        let asking = self.asking.iter().map(|word| format!(" {}", shell_word(word)));
        self.own(words) + &asking.collect::<String>()
    }

    /// A command of this tool.
    fn own(&self, words: &str) -> String {
        format!("{} {words}", self.called)
    }

    /// A command of kubectl for this cluster.
    fn kubectl(&self, words: &str) -> String {
        let options = [("--kubeconfig", &self.kubeconfig), ("--context", &self.kube_context)];
        let option =
            |(option, value): (&str, &Option<String>)| Some(format!(" {option} {}", shell_word(value.as_deref()?)));
        let options: String = options.into_iter().filter_map(option).collect();
        format!("kubectl{options} {words} -n {}", self.namespace)
    }
}

/// What was asked.
#[derive(Clone, Debug)]
pub enum Asked<T> {
    /// This was the answer.
    Answer(T),
    /// There was no one to ask.
    No,
    /// This is not asked: the reader looks.
    LeftToReader,
}

impl<T> Asked<T> {
    /// The answer, if there is one.
    #[must_use]
    pub const fn answer(&self) -> Option<&T> {
        match self {
            Self::Answer(answer) => Some(answer),
            Self::No | Self::LeftToReader => None,
        }
    }
}

/// An answer of the PCE, or in words why there is none.
pub type Answer<T> = Result<T, String>;

/// Why the cluster gave no answer, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// It refuses to give this user one; asking again does not change that.
    Refused(String),
    /// It could not give one now.
    Unanswered(String),
}

/// Judges the facts.
///
/// `unpair` is not part of the migration, and nothing is checked after it but the pods.
#[must_use]
pub fn checked(facts: &Facts) -> Vec<Checked> {
    let mut checked: Vec<Checked> = release::checked(facts).into_iter().chain(kubernetes::checked(facts)).collect();
    checked.extend(pce::checked(facts));
    if matches!(facts.goal, MigrateLegacyToClas | MigrateClasToLegacy) {
        checked.push(Checked::own("peers-active", State::Yours));
    }
    if matches!(facts.goal, Legacy | MigrateLegacyToClas | Clas | MigrateClasToLegacy) {
        checked.push(Checked::new("traffic-works", "the applications still reach each other", State::Yours));
    }
    checked
}

/// The text of a check that is not one of the procedure's, by its name; nothing where none has it.
#[must_use]
pub fn text_of_check(id: &str) -> Option<&'static str> {
    checked::own_text(id).or_else(|| pce::text_of(id))
}

/// The same, said of the namespace in which the software runs.
fn text_in(id: &str, namespace: &str) -> Cow<'static, str> {
    in_namespace(text_of(id), namespace)
}

/// The text that the procedure has for a check.
fn text_of(id: &str) -> &'static str {
    checks().iter().find(|check| check.id == id).map_or("", |check| check.text)
}
