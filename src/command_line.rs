//! [`CommandLine`]: the commands a person runs for one cluster, word by word.

use crate::{
    act::Act,
    called::Called,
    chart::secrets::masked_words,
    instruction::{Applying, Instruction, of_app, run},
    mode::ClusterMode,
    open_word,
    overrides::Override,
    procedure::{Deployer, How, Verb, in_namespace},
    release::Id,
    rule::Rule,
    version::{ChartVersion, PceVersion},
};

/// The Helm release of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release<'r> {
    /// Its name.
    pub name: &'r str,
    /// Whether that was given, so that it counts for an umbrella chart, too.
    pub is_named: bool,
    /// Its namespace. The chart looks its own generated passwords up there, so it is always named.
    pub namespace: &'r str,
    /// Whether that was given, so that it counts where the manifest leaves it open.
    pub is_placed: bool,
    /// Its chart.
    pub chart: &'r str,
    /// The context of the cluster in the user's kubeconfig, where one was named.
    pub kube_context: Option<&'r str>,
    /// The user's kubeconfig, where one was named.
    pub kubeconfig: Option<&'r str>,
}

impl<'r> Release<'r> {
    /// The options of `helm` that name the cluster.
    pub fn cluster_options(&self) -> impl Iterator<Item = &'r str> {
        let config = self.kubeconfig.into_iter().flat_map(|file| ["--kubeconfig", file]);
        config.chain(self.kube_context.into_iter().flat_map(|context| ["--kube-context", context]))
    }
}

/// The customary names. (Chart README 5.7.0.)
impl Default for Release<'_> {
    fn default() -> Self {
        Self {
            name: "illumio",
            is_named: false,
            namespace: "illumio-system",
            is_placed: false,
            chart: "oci://quay.io/illumio/illumio",
            kube_context: None,
            kubeconfig: None,
        }
    }
}

/// How a step is taken on the cluster at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Run<'c> {
    /// The options that are added to `helm upgrade`.
    pub appended: &'c [String],
    /// The checks despite which this step is taken.
    pub despite: &'c [String],
    /// Who answers the checks that the PCE would answer.
    pub pce: AskPce,
    /// How many clusters of one PCE may be between two modes at once; none says nothing of it.
    pub at_once: usize,
}

/// What else was given to a command, and is given to the next one as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carried<'c> {
    /// The file that says what is known of the clusters (`--config`), where one was named.
    pub config: Option<&'c str>,
    /// The options that name the PCE, whom it is asked as, and how. The secret of the API key is not one of them.
    pub pce: &'c [String],
    /// The options that prove the mandatory rules (`--service-cidr`, `--node-labels`).
    pub proof: &'c [String],
    /// The rules in spite of which a step is taken.
    pub allowed: &'c [Rule],
}

impl<'c> Carried<'c> {
    /// What a command that asks the PCE takes.
    pub fn asking(self) -> impl Iterator<Item = &'c str> {
        let config = self.config.into_iter().flat_map(|file| ["--config", file]);
        config.chain(self.pce.iter().map(String::as_str))
    }
}

/// Whether the PCE is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AskPce {
    /// It is.
    #[default]
    Yes,
    /// The user looks (`--without-pce`).
    LeftToUser,
}

/// What the commands for one cluster have in common.
#[derive(Clone, Copy, Debug)]
pub struct CommandLine<'c> {
    /// What this program is called.
    pub called: Called,
    /// The release.
    pub release: Release<'c>,
    /// The values files, in order.
    pub files: &'c [&'c str],
    /// The one of them, or of those that a manifest names, that the step changes.
    pub changed: &'c str,
    /// Whether the checkout that has the changed file is not the one in which the commands run.
    pub is_of_other_checkout: bool,
    /// The options that set values beside the files. Credentials in them are masked.
    pub overrides: &'c [Override],
    /// Where the values stand in the files, as given.
    pub path: Option<&'c str>,
    /// The `--path` of one cluster, for commands that look at one, where `path` names none.
    pub one_of: Option<&'c str>,
    /// The release of a manifest, which a controller brings to the cluster.
    pub controller: Option<&'c Id>,
    /// The umbrella chart whose values these are: its folder, or its address. It pins the chart's version itself.
    pub umbrella: Option<&'c str>,
    /// The namespace that the chart puts its objects into; the customary one where that was not read.
    pub software: Option<&'c str>,
    /// The matrix that replaces the shipped one.
    pub compat: Option<&'c str>,
    /// How the steps are taken on the cluster at once (`--run`), where they are.
    pub run: Option<Run<'c>>,
    /// What else was given.
    pub carried: Carried<'c>,
    /// The chart version.
    pub version: &'c ChartVersion,
    /// The PCE version.
    pub pce_version: PceVersion,
}

impl CommandLine<'_> {
    /// The command that brings the release up to date with the values files.
    ///
    /// ```
    /// use helm_clas::{Called, Carried, CommandLine, Release, shell_quoted};
    ///
    /// let line = CommandLine {
    ///     called: Called::OF_HELM,
    ///     release: Release::default(),
    ///     files: &["my values.yaml"],
    ///     changed: "my values.yaml",
    ///     is_of_other_checkout: false,
    ///     overrides: &[],
    ///     path: None,
    ///     one_of: None,
    ///     controller: None,
    ///     umbrella: None,
    ///     software: None,
    ///     compat: None,
    ///     run: None,
    ///     carried: Carried::default(),
    ///     version: &"5.1.0".parse()?,
    ///     pce_version: "24.2.20".parse()?,
    /// };
    /// assert_eq!(
    ///     shell_quoted(&line.upgrade()),
    ///     "helm upgrade illumio -n illumio-system -f 'my values.yaml' oci://quay.io/illumio/illumio --version 5.1.0"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn upgrade(&self) -> Vec<String> {
        masked_words(self.upgrade_with(Override::shown))
    }

    /// The same with the credentials that are masked in it: to be run, never to be shown.
    #[must_use]
    pub fn upgrade_to_run(&self) -> Vec<String> {
        self.upgrade_with(|given| given.given().to_owned())
    }

    fn upgrade_with(&self, text_of: impl Fn(&Override) -> String) -> Vec<String> {
        let Release { namespace, chart, .. } = self.release;
        let version = self.version.to_string();
        let mut words = vec!["helm", "upgrade", self.release_name(), "-n", namespace];
        words.extend(self.release.cluster_options());
        words.extend(self.files.iter().flat_map(|file| ["-f", file]));
        let options: Vec<_> = self.overrides.iter().map(|given| (given.kind().option(), text_of(given))).collect();
        words.extend(options.iter().flat_map(|(option, text)| [*option, text]));
        match self.umbrella {
            // without a version Helm would take the newest
            Some(chart) if chart.contains("://") => words.extend([chart, "--version", open_word::UMBRELLA_VERSION]),
            Some(folder) => words.push(folder),
            None => words.extend([chart, "--version", &version]),
        }
        words.extend(self.run.iter().flat_map(|run| run.appended).map(String::as_str));
        words.into_iter().map(str::to_owned).collect()
    }

    /// The options beside the files, as they may be shown.
    fn options(&self) -> Vec<(&'static str, String)> {
        self.overrides.iter().map(|given| (given.kind().option(), given.shown())).collect()
    }

    /// Whether a credential is masked in the commands, which then do not run as they stand.
    #[must_use]
    pub fn is_masked(&self) -> bool {
        self.overrides.iter().any(Override::is_masked)
    }

    /// What brings a changed file to the cluster, in order: `helm upgrade`, or what the user of a controller does.
    #[must_use]
    pub(crate) fn instructions(&self, goal: ClusterMode) -> Vec<Instruction> {
        let name = self.controller.map(|release| release.name.as_str()).filter(|name| *name != "?");
        let of = name.map(|name| format!(" of {name}")).unwrap_or_default();
        self.bringing(&format!("Set clusterMode{of} to {goal}"))
    }

    /// The same of a change that a commit describes with this message.
    #[must_use]
    pub(crate) fn bringing(&self, message: &str) -> Vec<Instruction> {
        let Some(release) = self.controller else {
            return self.repacking().into_iter().chain([Instruction::Run(self.upgrade())]).collect();
        };
        // without another one, the release is in the namespace of its object, wherever that is
        let is_where_object_is = release.namespace.is_none() && release.storage.is_none() && release.is_of_helm();
        let given = self.given_namespace().filter(|_| is_where_object_is);
        let fills = self.fills_namespace();
        let applying = Applying {
            name: release.called.as_deref(),
            file: release.built_in.as_deref().or(self.files.first().copied()).unwrap_or_default(),
            namespace: release
                .namespace
                .as_deref()
                .map(
                    |name| if fills { self.release.namespace } else { open_word::known_or(name, open_word::NAMESPACE) },
                )
                .or(given),
            context: self.release.kube_context,
            kubeconfig: self.release.kubeconfig,
            built_by: release.built_by.as_ref().or(release.generated_by.as_ref()).map(String::as_str),
            brought_by: release.brought_by.as_ref(),
            is_suspended: release.is_suspended,
            taken_with: release.taken_with,
            environment: release.environment.as_deref(),
            run_in: release.run_in.as_deref(),
            takes_arguments: release.takes_arguments,
            does: release.does,
            terragrunt: release.terragrunt.as_deref(),
            changed: self.changed,
            is_changed: self.files.first() == Some(&self.changed) || release.is_decided_in_manifest,
            parent: release.parent.as_deref(),
            selected: &release.selected,
            build_options: release.build_options,
        };
        let apply = release.controller.map(|controller| controller.apply(&applying)).unwrap_or_default();
        self.committing(message).into_iter().chain(apply).collect()
    }

    /// What packs the chart beside an umbrella chart again into that, where the change is in its values: Helm takes it from
    /// the folder `charts`. (Helm documentation, `helm dependency update`, `file://`)
    fn repacking(&self) -> Option<Instruction> {
        let is_within = |folder: &str| match folder {
            "." => !self.changed.starts_with(".."),
            folder => self.changed.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')),
        };
        let folder = self.umbrella.filter(|folder| !self.files.contains(&self.changed) && !is_within(folder))?;
        Some(run(["helm", "dependency", "update", folder]))
    }

    /// What commits and pushes the changed file, from the folder in which the commands run.
    fn committing(&self, message: &str) -> [Instruction; 2] {
        let (folder, own) =
            Some(self.changed).filter(|_| self.is_of_other_checkout).map_or((None, self.changed), |file| {
                let (folder, own) = file.rsplit_once('/').unwrap_or((".", file));
                (Some(if folder.is_empty() { "/" } else { folder }), own)
            });
        let git = |words: &[&str]| {
            let of_folder = folder.into_iter().flat_map(|folder| ["-C", folder]);
            Instruction::Run(
                ["git"].into_iter().chain(of_folder).chain(words.iter().copied()).map(str::to_owned).collect(),
            )
        };
        [git(&["commit", "-m", message, own]), git(&["push"])]
    }

    /// What brings another chart version to the cluster, in order.
    #[must_use]
    pub(crate) fn upgrading(&self) -> Vec<Instruction> {
        let mut instructions = Vec::new();
        if let Some(folder) = self.umbrella.filter(|_| self.controller.is_none()) {
            let words = ["helm", "dependency", "update", folder];
            instructions.push(Instruction::Run(words.map(str::to_owned).to_vec()));
        }
        let name = self.controller.map_or(self.release.name, |release| release.name.as_str());
        instructions.extend(self.bringing(&format!("Upgrade the chart of {name} to {}", self.version)));
        instructions
    }

    /// The commands among the instructions.
    #[must_use]
    pub fn commands(&self, goal: ClusterMode) -> Vec<Vec<String>> {
        let command = |instruction| match instruction {
            Instruction::Run(words) => Some(words),
            Instruction::Say(_) => None,
        };
        self.instructions(goal).into_iter().filter_map(command).collect()
    }

    /// How to look at something, with the names of this cluster in it; nothing where that says nothing here.
    ///
    /// ```
    /// # use helm_clas::{Called, Carried, CommandLine, Release};
    /// use helm_clas::{How, Instruction, shell_quoted};
    ///
    /// # let (called, release, overrides) = (Called::OF_HELM, Release::default(), &[]);
    /// # let (path, one_of, controller, umbrella, software, compat, run) = (None, None, None, None, None, None, None);
    /// # let (carried, is_of_other_checkout) = (Carried::default(), false);
    /// # let (version, pce_version) = (&"5.1.0".parse()?, "24.2.20".parse()?);
    /// let files = &["RELEASE.yaml"];
    /// # let changed = files[0];
    /// # let line = CommandLine {
    /// #     called, release, files, changed, overrides, path, one_of, controller, umbrella, software, compat, run, carried,
    /// #     version, pce_version, is_of_other_checkout,
    /// # };
    /// let Some(Instruction::Run(words)) = line.looking(How::Run("helm diff upgrade RELEASE FILES")) else { panic!() };
    /// assert_eq!(shell_quoted(&words), "helm diff upgrade illumio -f RELEASE.yaml");
    /// assert_eq!(line.looking(How::ArgoCd("argocd app history RELEASE")), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn looking(&self, how: How) -> Option<Instruction> {
        if let How::Say(words) = how {
            return Some(Instruction::Say(in_namespace(words, self.namespace()).into_owned()));
        }
        let command = how.command(self.deployer())?;
        let mut words: Vec<String> = Vec::new();
        if let How::Own(_) = how {
            words.extend(self.called.words().iter().map(ToString::to_string));
        }
        let proof = self.carried.proof;
        let mut is_given = false;
        for word in command.split(' ') {
            // what was given takes the place of what has to be
            let is_value = std::mem::replace(&mut is_given, proof.iter().any(|given| given == word));
            match word {
                _ if is_value || is_given => {}
                "FILES" if matches!(how, How::Own(_)) => words.extend(self.own_options()),
                "FILES" => words.extend(self.place_options()),
                "NAMES" => {
                    words.extend(self.files.iter().map(ToString::to_string));
                    words.extend(self.plain_options());
                    // a credential that is given beside the files is not printed, so there it is missing
                    words.extend(self.is_masked().then(|| "--partial".to_owned()));
                }
                "RELEASE" => {
                    words.push(self.name()?.to_owned());
                    let namespace = self.controller.and_then(|release| release.namespace.as_deref());
                    words.extend(of_app(namespace.filter(|_| matches!(how, How::ArgoCd(_)))).map(str::to_owned));
                }
                "NAMESPACE" => words.push(self.namespace().to_owned()),
                "STORAGE" => words.push(self.storage().to_owned()),
                "VERSION" => words.push(self.version.to_string()),
                word => words.push(word.to_owned()),
            }
        }
        if let How::Own(command) = how
            && command.contains("FILES")
        {
            words.extend(self.carried.asking().map(str::to_owned));
            if command.starts_with("policy") {
                words.extend(proof.iter().cloned());
                words.extend(self.given_namespace().into_iter().flat_map(|given| ["-n", given]).map(str::to_owned));
            }
        }
        let option = match (how, words[0].as_str()) {
            // this program reads files and asks the PCE here
            (How::Own(_), _) => None,
            (_, "kubectl") => Some("--context"),
            (_, "helm") => Some("--kube-context"),
            _ => None,
        };
        if let Some(option) = option {
            let config = self.release.kubeconfig.into_iter().flat_map(|file| ["--kubeconfig", file]);
            let context = self.release.kube_context.into_iter().flat_map(|context| [option, context]);
            words.extend(config.chain(context).map(str::to_owned));
        }
        Some(Instruction::Run(words))
    }

    fn deployer(&self) -> Deployer {
        self.controller.map_or(Deployer::Helm, Id::deployer)
    }

    /// The name of the release. What an umbrella chart is called says nothing of it.
    fn release_name(&self) -> &str {
        let is_open = self.umbrella.is_some() && !self.release.is_named;
        if is_open { open_word::RELEASE } else { self.release.name }
    }

    /// The name of the release, where a command of this program names it.
    fn named_release(&self) -> Option<&str> {
        let is_usual = self.release.name == Release::default().name;
        Some(self.release_name()).filter(|_| !is_usual || self.umbrella.is_some())
    }

    /// What the release is called by the one who brings the chart to the cluster; nothing where the file does not tell.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self.controller {
            None => Some(self.release_name()),
            Some(controller) => controller.helm_name.as_deref().or(controller.called.as_deref()),
        }
    }

    /// The namespace that the chart puts its objects into, wherever the release is kept.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.software.unwrap_or(Release::default().namespace)
    }

    /// The namespace in which Helm keeps the release.
    pub(crate) fn storage(&self) -> &str {
        self.namespace_of(|controller| controller.storage.as_deref())
    }

    fn namespace_of<'n>(&'n self, of_controller: impl Fn(&'n Id) -> Option<&'n str>) -> &'n str {
        let of_controller = || of_controller(self.controller?).filter(|_| !self.fills_namespace());
        let named = self.given_namespace().or_else(of_controller);
        named.unwrap_or(Release::default().namespace)
    }

    /// The namespace of the release, where another than the customary one was given.
    fn given_namespace(&self) -> Option<&str> {
        Some(self.release.namespace).filter(|name| *name != Release::default().namespace)
    }

    /// Whether the namespace was given that the manifest leaves open.
    fn fills_namespace(&self) -> bool {
        let is_open = |name: &str| open_word::is_open(name) || open_word::is_filled_in(name);
        let of_manifest =
            || self.controller.and_then(|release| release.storage.as_ref().or(release.namespace.as_ref()));
        self.release.is_placed && of_manifest().is_some_and(|name| is_open(name))
    }

    /// The options that name the values, but for credentials, which the next command would be given masked.
    #[must_use]
    pub fn place_options(&self) -> Vec<String> {
        let path = self.path.or(self.one_of).into_iter().flat_map(|path| ["--path", path]);
        let files = self.files.iter().flat_map(|file| ["-f", *file]);
        files.chain(path).map(str::to_owned).chain(self.plain_options()).collect()
    }

    /// The options beside the files that set no credential.
    fn plain_options(&self) -> Vec<String> {
        self.overrides.iter().flat_map(Override::plain_option).collect()
    }

    /// The options that name the values to this program, which has to know where the software runs.
    fn own_options(&self) -> Vec<String> {
        let open = self.software.filter(|namespace| open_word::is_open(namespace));
        let told = open.into_iter().flat_map(|open| ["--set".to_owned(), format!("namespaceOverride={open}")]);
        self.place_options().into_iter().chain(told).collect()
    }

    /// The command that checks what the step to `goal` has done, for ten minutes at most. The step was taken twenty minutes
    /// ago, or less.
    #[must_use]
    pub(crate) fn verification(&self, goal: ClusterMode) -> Vec<String> {
        self.verify(&[], &["--after-mode", goal.as_str(), "--since", "20m", "--wait", "10m"])
    }

    /// The command that makes the checks before a step, or before the software upgrade.
    pub(crate) fn checking(&self, act: Act) -> Vec<String> {
        let version = self.version.to_string();
        let which: &[&str] = match act {
            Act::Upgrade => &["--before", "--upgrade"],
            Act::Step(Verb::Migrate) => &["--before"],
            Act::Step(Verb::FinishMigrate) => &["--before", "--finish"],
            Act::Step(Verb::Revert) => &["--before", "--revert"],
            Act::Step(Verb::FinishRevert) => &["--before", "--revert", "--finish"],
        };
        self.verify(which, &["--version", &version])
    }

    fn verify(&self, before: &[&str], behind: &[&str]) -> Vec<String> {
        let mut words = [self.called.words(), &["verify"], before].concat();
        let place = self.own_options();
        words.extend(place.iter().map(String::as_str));
        words.extend(behind);
        words.extend(self.carried.asking());
        words.extend(self.named_release().into_iter().flat_map(|name| ["--release", name]));
        let namespace = self.storage();
        if namespace != Release::default().namespace || self.fills_namespace() {
            words.extend(["-n", namespace]);
        }
        words.extend(self.release.cluster_options());
        words.into_iter().map(str::to_owned).collect()
    }

    /// The command that takes a step for this cluster, with every option that is not the customary one.
    #[must_use]
    pub fn step(&self, verb: Verb) -> Vec<String> {
        self.doing(verb.into())
    }

    /// The command that does something to this cluster, with every option that is not the customary one.
    #[must_use]
    pub fn doing(&self, act: Act) -> Vec<String> {
        let (version, pce_version) = (self.version.to_string(), self.pce_version.to_string());
        let mut words = [self.called.words(), &[act.command()]].concat();
        words.extend(act.is_finish().then_some("--finish"));
        words.extend(self.run.map(|_| "--run"));
        words.extend(self.run.filter(|run| run.pce == AskPce::LeftToUser).map(|_| "--without-pce"));
        words.extend(self.files.iter().flat_map(|file| ["-f", file]));
        let options = self.options();
        words.extend(options.iter().flat_map(|(option, text)| [*option, text]));
        words.extend(["--version", &version, "--pce-version", &pce_version]);
        let Release { namespace, chart, kube_context, kubeconfig, .. } = self.release;
        let customary = Release::default();
        // without it, the next command says that it is open
        let name = self.named_release().filter(|name| !open_word::is_open(name)).unwrap_or_default();
        let options = [
            ("--release", name, ""),
            ("-n", namespace, if self.fills_namespace() { "" } else { customary.namespace }),
            ("--chart", chart, customary.chart),
            ("--kubeconfig", kubeconfig.unwrap_or_default(), ""),
            ("--kube-context", kube_context.unwrap_or_default(), ""),
            ("--path", self.path.unwrap_or_default(), ""),
            ("--compat", self.compat.unwrap_or_default(), ""),
        ];
        for (option, value, usual) in options {
            if value != usual {
                words.extend([option, value]);
            }
        }
        words.extend(self.carried.asking());
        words.extend(self.carried.proof.iter().map(String::as_str));
        words.extend(self.carried.allowed.iter().flat_map(|rule| ["--allow", rule.name()]));
        if let Some(run) = self.run.filter(|run| !run.appended.is_empty()) {
            words.push("--");
            words.extend(run.appended.iter().map(String::as_str));
        }
        masked_words(words.into_iter().map(str::to_owned).collect())
    }
}

impl CommandLine<'_> {
    /// The command that does the same once more, despite the same checks.
    #[must_use]
    pub fn again(&self, act: Act) -> Vec<String> {
        let mut words = self.doing(act);
        let behind_verb = self.called.words().len() + 1 + usize::from(act.is_finish());
        let despite = self.run.iter().flat_map(|run| run.despite).flat_map(|id| ["--despite".to_owned(), id.clone()]);
        let at_once = self.run.map(|run| run.at_once).filter(|number| *number > 1);
        let at_once = at_once.into_iter().flat_map(|number| ["--at-once".to_owned(), number.to_string()]);
        let despite: Vec<String> = despite.chain(at_once).collect();
        let at = behind_verb + usize::from(self.run.is_some());
        words.splice(at..at, despite);
        words
    }

    /// The command that puts the file back as it was before a step.
    #[must_use]
    pub fn put_back(&self, verb: Verb) -> Vec<String> {
        let mut words = CommandLine { run: None, ..*self }.step(verb);
        let behind_verb = self.called.words().len() + 1 + usize::from(verb.is_finish());
        words.splice(behind_verb..behind_verb, ["--undo", "--write"].map(str::to_owned));
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::shell_quoted;

    #[test]
    fn a_named_context_is_that_of_every_command_to_the_cluster() {
        let (version, files) = ("5.1.0".parse().expect("a version"), ["v.yaml"]);
        let line = CommandLine {
            called: Called::ALONE,
            release: Release { kube_context: Some("east"), ..Release::default() },
            files: &files,
            changed: files[0],
            is_of_other_checkout: false,
            overrides: &[],
            path: None,
            one_of: None,
            controller: None,
            umbrella: None,
            software: None,
            compat: None,
            run: None,
            carried: Carried::default(),
            version: &version,
            pce_version: "24.2.20".parse().expect("a version"),
        };
        let said = |how| match line.looking(how) {
            Some(Instruction::Run(words)) => shell_quoted(&words),
            other => panic!("{other:?}"),
        };
        assert_eq!(said(How::Helm("helm list -n STORAGE")), "helm list -n illumio-system --kube-context east");
        assert_eq!(said(How::Run("kubectl get pods")), "kubectl get pods --context east");
        assert_eq!(said(How::Own("status .")), "helm-clas status .");
        assert!(shell_quoted(&line.upgrade()).contains(" --kube-context east "));
    }
}
