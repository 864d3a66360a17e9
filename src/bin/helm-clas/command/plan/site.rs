//! What is known of each cluster of a fleet beside its file: the options that its step needs, and the step itself as
//! `migrate` and `revert` would judge it.

use std::path::Path;

use helm_clas::{
    Act, ChartVersion, CompatibilityMatrix, Finding, Release, Request, Rule, Severity, Status, Texts, Verb,
    fleet::{Order, Said},
    open_word::PCE_VERSION,
    plan::Software,
    status::{Holder, Standing},
    upgrade::Upgrade,
};

use crate::{
    args::{Everywhere, PceOptions, described::called, plan::Plan as Arguments},
    command::ways,
    failure::Failure,
    outside::pce::authority,
    workspace::{
        Workspace,
        fleet::{self, Nearest},
        reach,
    },
};

/// The word for the version that the PCE itself says.
const AUTO: &str = "auto";

/// The files by which `.helm-clas.yaml` may name a cluster: its own, and the one of a manifest that decides its mode.
pub(super) fn files_of(standing: &Standing) -> impl Iterator<Item = &str> {
    [Some(&standing.file), standing.decided_in.as_ref()].into_iter().flatten().map(String::as_str)
}

/// A cluster of the files, with what `.helm-clas.yaml` and the command line say of it.
pub(super) struct Site<'s> {
    pub(super) standing: &'s Standing,
    said: Vec<&'s Said>,
    pub(super) order: Order,
    /// The version of a step, where one is named beside the values, on the command line or in `.helm-clas.yaml`.
    version: Option<ChartVersion>,
    pce_version: String,
}

impl<'s> Site<'s> {
    pub(super) fn of(
        standing: &'s Standing,
        nearest: &'s Nearest,
        version: Option<&ChartVersion>,
        asked: &Arguments,
    ) -> Self {
        let own = Path::new(&standing.file);
        let mut files = files_of(standing).map(Path::new);
        let file = files.find(|file| nearest.order_of(file) != Order::LAST).unwrap_or(own);
        let said = nearest.of(file);
        let of_fleet = || fleet::value(&said, "version").and_then(|version| version.parse().ok());
        let version = version.cloned().or_else(of_fleet);
        let pce_version = asked.pce_version.as_deref().or_else(|| fleet::value(&said, "pceVersion"));
        // who takes the step asks the PCE; a printed command names it only where it can be asked
        let usual = if asked.running.run { AUTO } else { ways::pce_version(&asked.pce) };
        let pce_version = pce_version.unwrap_or(usual).to_owned();
        Self { standing, order: nearest.order_of(file), version, pce_version, said }
    }

    /// What `.helm-clas.yaml` says under a key.
    pub(super) fn said(&self, key: &str) -> Option<&'s str> {
        fleet::value(&self.said, key)
    }

    /// What the command line says of it, else `.helm-clas.yaml`, else its values.
    pub(super) fn named(&self, option: Option<&String>, key: &str, own: Option<&String>) -> Option<String> {
        let option = option.filter(|given| !given.trim().is_empty()).map(String::as_str);
        option.or_else(|| self.said(key)).or_else(|| own.map(String::as_str)).map(|said| said.trim().to_owned())
    }

    /// The PCE that knows it: host and port in one spelling, as far as they can be read.
    pub(super) fn pce(&self, options: &PceOptions) -> Option<String> {
        let named = self.named(options.host.as_ref(), "pceHost", self.standing.cluster.pce_url.as_ref())?;
        Some(authority(&named).unwrap_or(named).to_ascii_lowercase())
    }

    /// What names the release in its file, as `--path` takes it.
    pub(super) fn path(&self) -> Option<&'s str> {
        self.standing.release.as_deref().filter(|_| matches!(self.standing.holder, Holder::Manifest(_)))
    }

    /// The release that Helm keeps for it: as the command line names it, then `.helm-clas.yaml`, then its manifest.
    pub(super) fn release(&'s self, everywhere: &'s Everywhere) -> Release<'s> {
        let customary = Release::default();
        let release = everywhere.release_of(self.said("release"), &self.standing.cluster);
        let is_named = everywhere.release_namespace() != customary.namespace;
        let namespace = self.said("namespace").filter(|_| !is_named).unwrap_or(release.namespace);
        let context = everywhere.context().or_else(|| self.said("kubeContext"));
        let context = context.or(release.kube_context).or(self.standing.context.as_deref());
        Release { namespace, kube_context: context, ..release }
    }

    /// The rules by which what is next is refused, asked as `migrate`, `revert` and `upgrade` ask it. What is not named yet
    /// refuses nothing here.
    pub(super) fn refused_by(&self, act: Act, matrix: &CompatibilityMatrix) -> Result<Vec<Rule>, Failure> {
        let texts = Texts::new();
        let names = [self.standing.file.clone()];
        let workspace = Workspace::open_for(&texts, &names, self.path(), Release::default().chart)?;
        let pce_version = Some(&*self.pce_version).filter(|version| ![AUTO, PCE_VERSION].contains(version));
        let mut rules = match act {
            Act::Step(verb) => self.step_refused_by(verb, &workspace, pce_version, matrix),
            Act::Upgrade => self.upgrade_refused_by(&workspace, pce_version, matrix),
        };
        rules.retain(|rule| *rule != Rule::PceVersionMissing || pce_version.is_some());
        let mut seen = Vec::new();
        rules.retain(|rule| {
            !seen.contains(rule) && {
                seen.push(*rule);
                true
            }
        });
        Ok(rules)
    }

    fn step_refused_by(
        &self,
        verb: Verb,
        workspace: &Workspace<'_>,
        pce_version: Option<&str>,
        matrix: &CompatibilityMatrix,
    ) -> Vec<Rule> {
        let path = self.path();
        let version = self.standing.version.clone().or_else(|| self.version.as_ref().map(ToString::to_string));
        let request = Request {
            verb,
            unset: false,
            files: &workspace.files,
            given: &workspace.given,
            overrides: &[],
            path,
            version: version.as_deref(),
            pce_version,
            matrix,
            allowed: &[],
        };
        let mut outcome = request.outcome();
        if !matches!(outcome.status, Status::Refused) {
            // the plan names steps that are to be taken
            reach::told(workspace, &mut outcome, reach::Step { path, allowed: &[], is_taken: true });
        }
        let is_open = |rule: &Rule| *rule == Rule::VersionMissing && version.is_none() && outcome.release.is_none();
        errors(&outcome.findings).filter(|rule| !is_open(rule)).collect()
    }

    fn upgrade_refused_by(
        &self,
        workspace: &Workspace<'_>,
        pce_version: Option<&str>,
        matrix: &CompatibilityMatrix,
    ) -> Vec<Rule> {
        let version = self.version.as_ref().map(ToString::to_string);
        let upgrade = Upgrade {
            files: &workspace.files,
            given: &workspace.given,
            overrides: &[],
            path: self.path(),
            version: version.as_deref(),
            pce_version,
            matrix,
            allowed: &[],
        };
        let mut upgraded = upgrade.outcome();
        reach::told_of_version(workspace, &mut upgraded, &[]);
        errors(&upgraded.findings).collect()
    }

    /// The software upgrade that its first step needs, where what runs is older than the version that is named: by the
    /// version beside the values, else by the release.
    pub(super) fn software(&self, release: Option<&ChartVersion>) -> Option<Software> {
        let to = self.version.as_ref()?;
        let pinned = self.standing.version.as_deref().map(str::parse::<ChartVersion>);
        let from = pinned.map_or_else(|| release.cloned(), Result::ok)?;
        (from < *to).then(|| Software { from: from.to_string(), to: to.to_string() })
    }

    /// The command that upgrades the software.
    pub(super) fn upgrade(&self, to: &str, options: &[String]) -> Vec<String> {
        self.doing(Act::Upgrade, to, options)
    }

    /// The command that takes a step; nothing where the chart version is not known.
    pub(super) fn step(&self, verb: Verb, options: &[String]) -> Option<Vec<String>> {
        // the version beside the values counts, as for the step itself
        let pinned = self.standing.version.as_deref().map(str::parse::<ChartVersion>).transpose().ok()?;
        let version = pinned.as_ref().or(self.version.as_ref())?.to_string();
        Some(self.doing(verb.into(), &version, options))
    }

    fn doing(&self, act: Act, version: &str, options: &[String]) -> Vec<String> {
        let mut words = [called().words(), &[act.command()]].concat();
        words.extend(act.is_finish().then_some("--finish"));
        words.extend(self.place());
        words.extend(["--version", version, "--pce-version", &self.pce_version]);
        words.extend(options.iter().map(String::as_str));
        words.into_iter().map(str::to_owned).collect()
    }

    /// The command that shows what brings the file and the release together.
    pub(super) fn look(&self, options: &[String]) -> Vec<String> {
        let mut words = [called().words(), &["status", "--live"]].concat();
        words.extend(self.place());
        words.extend(options.iter().map(String::as_str));
        words.into_iter().map(str::to_owned).collect()
    }

    /// The options that name the values.
    fn place(&self) -> impl Iterator<Item = &str> {
        ["-f", &self.standing.file].into_iter().chain(self.path().into_iter().flat_map(|path| ["--path", path]))
    }
}

/// The rules of the findings that stop something.
fn errors(findings: &[Finding]) -> impl Iterator<Item = Rule> {
    findings.iter().filter(|finding| finding.severity == Severity::Error).map(|finding| finding.rule)
}
