//! How to continue after an attempt and how to get back: what the PCE reports of it, and the commands.

use helm_clas::{
    ChartVersion, ClusterMode, ClusterValues, Move, Release, Verb,
    account::Account,
    open_word::PCE_VERSION,
    report::way::{Commands, Spot},
    status::{Holder, Standing},
    verify::ContainerCluster,
};

use crate::{
    args::{PceOptions, described::called},
    failure::Failure,
    output::Output,
    outside::{
        files::STDIN,
        pce::{Pce, Settings},
    },
};

/// Whom to ask about the mode of a cluster after an attempt that failed.
#[derive(Clone)]
pub(crate) struct Reporter {
    pub(crate) options: PceOptions,
    pub(crate) values: ClusterValues,
    pub(crate) without_pce: bool,
}

impl Reporter {
    /// The mode that the PCE reports; nothing where it is not to be asked, or does not answer. It matters only where the
    /// last upgrade failed.
    pub(crate) fn mode(&self, account: &Account, output: &mut Output) -> Option<ClusterMode> {
        if self.without_pce || account.is_sound() {
            return None;
        }
        self.asked(output).ok().flatten()
    }

    fn asked(&self, output: &mut Output) -> Result<Option<ClusterMode>, Failure> {
        let Some(settings) = Settings::of(&self.options, &self.values)? else { return Ok(None) };
        let pce = Pce::new(settings.without_remarks(), output)?;
        let path = pce.cluster(self.values.cluster_id.as_deref())?;
        pce.object::<ContainerCluster>(&path).map(|cluster| cluster.mode())
    }
}

/// The version of the PCE as a printed command names it: `auto` where the PCE can be asked, else a word to be replaced.
pub(crate) fn pce_version(options: &PceOptions) -> &'static str {
    if Settings::has_key(options) { "auto" } else { PCE_VERSION }
}

/// What the commands of an attempt name: the release, the options of the values, and those of the PCE.
pub(crate) struct Place<'p> {
    pub(crate) release: Release<'p>,
    pub(crate) values: Vec<String>,
    pub(crate) pce: Vec<String>,
    /// The version of the PCE.
    pub(crate) pce_version: &'p str,
    /// Where the mode is set.
    pub(crate) spot: Spot,
}

/// Where the mode of some values files is set, by the rows of their status.
pub(crate) fn spot(files: &[String], standings: &[Standing]) -> Spot {
    if standings.iter().any(|standing| standing.holder == Holder::Option) {
        Spot::Option
    } else if files.iter().any(|file| file == STDIN) {
        Spot::Input
    } else {
        Spot::File
    }
}

impl<'p> Place<'p> {
    /// The commands of the attempt that the files and the release are in.
    pub(crate) fn commands(
        &self,
        account: &Account,
        files: Option<ClusterMode>,
        pce: Option<ClusterMode>,
    ) -> Commands<'p> {
        let attempted = account.attempted(files, pce);
        // where the file is behind, its step is the one that the release took
        let behind = files
            .zip(account.stands_in())
            .and_then(|(files, stands)| Verb::ALL.into_iter().find(|verb| verb.applied_to(files) == Move::Go(stands)));
        let step = |verb: Verb, how: &[&str]| self.step(verb, &account.version, how);
        Commands {
            release: self.release,
            spot: self.spot,
            controller: None,
            again: attempted.map(|verb| step(verb, &["--run"])),
            put_back: attempted.map(|verb| step(verb, &["--undo", "--write"])),
            write: behind.map(|verb| step(verb, &["--write"])),
            revert: Some(step(Verb::Revert, &["--run"])),
            upgrade: None,
            verify: None,
        }
    }

    /// The command that upgrades the software first, on the cluster.
    pub(crate) fn upgrade(&self, version: &ChartVersion) -> Vec<String> {
        self.doing(&["upgrade", "--run"], &version.to_string())
    }

    fn step(&self, verb: Verb, version: &str, how: &[&str]) -> Vec<String> {
        let mut words = vec![verb.command()];
        words.extend(verb.is_finish().then_some("--finish"));
        words.extend(how);
        self.doing(&words, version)
    }

    fn doing(&self, what: &[&str], version: &str) -> Vec<String> {
        let (release, customary) = (self.release, Release::default());
        let mut words = [called().words(), what].concat();
        words.extend(self.values.iter().map(String::as_str));
        words.extend(["--version", version, "--pce-version", self.pce_version]);
        let given = [
            ("--release", release.name, customary.name),
            ("-n", release.namespace, customary.namespace),
            ("--chart", release.chart, customary.chart),
        ];
        let given = given.iter().filter(|(_, name, customary)| name != customary);
        words.extend(given.flat_map(|(option, name, _)| [*option, *name]));
        words.extend(release.cluster_options());
        words.extend(self.pce.iter().map(String::as_str));
        words.into_iter().map(str::to_owned).collect()
    }
}
