//! The scripts, targets and helmfiles that the commands of a file run, and the clusters that these are run for: what is run
//! may not say for which cluster it is.

use super::passed_on::texts_of;
use crate::{
    rendered::{
        Kind, kind_of,
        script::{Commands, jobs::taken_by_jobs, ran::Ran},
        shell::{leading::from_top, text::Said},
    },
    source::Source,
};

/// What a command, a job or a play runs that is in another file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runs {
    pub(crate) target: Target,
    /// What it is given, as a target of make: another one may be for another cluster.
    pub part: String,
    /// The clusters that it is run for, by their names; none where that is the one of the caller.
    pub clusters: Vec<String>,
    /// What says which clusters these are, where they are not known.
    pub all_of: Option<String>,
}

/// What is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A file of one of these names.
    Files(Vec<String>),
    /// A hidden job of GitLab.
    Job(String),
}

impl Runs {
    /// The patterns of the paths from the top of the checkout that what is run may have, for a caller at a path from there,
    /// each with a slash before it.
    #[must_use]
    pub fn paths(&self, caller: &str) -> Vec<String> {
        match &self.target {
            Target::Files(names) => names.iter().flat_map(|name| from_top(name, caller)).collect(),
            Target::Job(_) => Vec::new(),
        }
    }

    /// The hidden job of GitLab that is run.
    #[must_use]
    pub fn job(&self) -> Option<&str> {
        match &self.target {
            Target::Files(_) => None,
            Target::Job(name) => Some(name),
        }
    }
}

/// Those of a script, or of the commands in YAML, and the jobs of GitLab that take a hidden one of another file.
pub(crate) fn runs_of(source: Source<'_>) -> Vec<Runs> {
    let has = |word: &str| memchr::memmem::find(source.bytes, word.as_bytes()).is_some();
    let kind = kind_of(source.name, source.bytes);
    let is_asked = [".sh", "./", "make", "MAKE", "helmfile", "task ", "just "].into_iter().any(has);
    let commands = Some(()).filter(|()| is_asked && matches!(kind, Some(Kind::Script | Kind::Yaml)));
    let commands = commands.and_then(|()| texts_of(source)).map(|(texts, _)| {
        let commands = Commands::of(source.text().unwrap_or_default(), &texts);
        commands.ran.into_iter().map(Ran::told)
    });
    let is_of_gitlab = kind == Some(Kind::Yaml) && has("include") && ["extends", "!reference"].into_iter().any(has);
    let of_jobs = is_of_gitlab.then(|| taken_by_jobs(source.text().unwrap_or_default()).into_iter());
    let of_job = |(name, cluster): (String, Option<Said>)| Runs {
        target: Target::Job(name),
        part: String::new(),
        clusters: cluster.into_iter().map(|said| said.text).collect(),
        all_of: None,
    };
    commands.into_iter().flatten().chain(of_jobs.into_iter().flatten().map(of_job)).collect()
}

impl Ran {
    fn told(self) -> Runs {
        let Self { names, part, clusters, all_of } = self;
        Runs { target: Target::Files(names), part, clusters, all_of }
    }
}
