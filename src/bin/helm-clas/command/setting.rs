//! What a change of a release is judged by: its files, the options beside them and the versions, each read once.

use helm_clas::{
    Carried, ChartVersion, ClusterValues, CommandLine, CompatibilityMatrix, Finding, Id, PceVersion, Request, Rule,
    Texts, Verb, overrides::Override, upgrade::Upgrade,
};

use crate::{
    args::{Everywhere, Sources, described::called},
    command::compat::matrix,
    failure::Failure,
    output::Output,
    outside::pce,
    workspace::{Workspace, overrides, taker::Meant},
};

/// What was read.
pub(crate) struct Setting<'a, 't> {
    pub(crate) workspace: Workspace<'t>,
    pub(crate) overrides: Vec<Result<Override, Finding>>,
    /// What the values say of their cluster, where they can be read.
    pub(crate) values: Option<ClusterValues>,
    everywhere: &'a Everywhere,
    sources: Sources<'a>,
    meant: Meant,
    matrix: CompatibilityMatrix,
    pce_version: Option<String>,
    /// As the commands that lead on repeat them.
    sound: Vec<Override>,
    software: String,
    pce: Vec<String>,
}

impl<'a, 't> Setting<'a, 't> {
    pub(crate) fn read(
        everywhere: &'a Everywhere,
        sources: Sources<'a>,
        texts: &'t Texts<'t>,
        output: &mut Output,
    ) -> Result<Self, Failure> {
        let Sources { files, path, set, release, compat, pce_version, pce } = sources;
        let meant = Meant::by(files, path, set.given().next().is_some(), output);
        let workspace = Workspace::open_for(texts, &meant.files, meant.path.as_deref(), &release.chart)?;
        let matrix = matrix(compat)?;
        let overrides = overrides::read(set)?;
        let values = workspace.cluster_values(meant.path.as_deref(), &overrides).ok();
        let pce_version = pce::resolved(pce_version, pce, values.as_ref(), output)?;
        let of_release = everywhere.release_namespace();
        let software = values.clone().unwrap_or_default().software_namespace(of_release).to_owned();
        let (sound, pce) = (overrides::sound(&overrides), pce.given());
        Ok(Self { workspace, overrides, values, everywhere, sources, meant, matrix, pce_version, sound, software, pce })
    }

    pub(crate) fn path(&self) -> Option<&str> {
        self.meant.path.as_deref()
    }

    /// The files that the command is about.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.meant.files.iter().map(String::as_str).collect()
    }

    pub(crate) fn request<'s>(&'s self, verb: Verb, unset: bool, allowed: &'s [Rule]) -> Request<'s, 't> {
        Request {
            verb,
            unset,
            files: &self.workspace.files,
            given: &self.workspace.given,
            overrides: &self.overrides,
            path: self.path(),
            version: self.everywhere.version.as_deref(),
            pce_version: self.pce_version.as_deref(),
            matrix: &self.matrix,
            allowed,
        }
    }

    pub(crate) fn upgrade<'s>(&'s self, allowed: &'s [Rule]) -> Upgrade<'s, 't> {
        Upgrade {
            files: &self.workspace.files,
            given: &self.workspace.given,
            overrides: &self.overrides,
            path: self.path(),
            version: self.everywhere.version.as_deref(),
            pce_version: self.pce_version.as_deref(),
            matrix: &self.matrix,
            allowed,
        }
    }

    /// What names the release of an outcome, where its file has several, and none was named; or another one of them.
    pub(crate) fn one_of<'c>(&'c self, release: Option<&Id>) -> Option<&'c str> {
        let several = &self.values.as_ref()?.several;
        let is_it = |path: &&String| {
            release.is_some_and(|id| id.built_in.as_ref() == Some(*path) || id.names().contains(*path))
        };
        several.iter().find(is_it).or(several.first()).map(String::as_str)
    }

    /// The commands for the release that the options name, which Helm installs from the chart.
    pub(crate) fn commands<'c>(
        &'c self,
        names: &'c [&'c str],
        version: &'c ChartVersion,
        pce_version: PceVersion,
    ) -> CommandLine<'c> {
        let release = self.sources.release;
        CommandLine {
            called: called(),
            release: self.everywhere.release(release.name.as_deref(), &release.chart),
            files: names,
            changed: names.last().copied().unwrap_or_default(),
            is_of_other_checkout: false,
            overrides: &self.sound,
            path: self.path(),
            one_of: self.one_of(None),
            controller: None,
            umbrella: None,
            software: Some(&self.software),
            compat: self.sources.compat,
            run: None,
            carried: Carried { config: self.everywhere.config.as_deref(), pce: &self.pce, ..Carried::default() },
            version,
            pce_version,
        }
    }
}
