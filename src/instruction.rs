//! [`Instruction`]: what brings a change to a cluster, for a person to do.

/// A part of what brings a change to the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// What a person has to check before they go on.
    Say(String),
    /// A command, word by word.
    Run(Vec<String>),
}

/// With what a controller takes a change of the file that decides a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TakenWith {
    /// With the commit.
    Commit,
    /// With another version of the chart, which the file is packed with.
    ChartVersion,
}

/// What a command does to a release that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// It brings the release up to date.
    Upgrade,
    /// It fails: `helm install` only brings one that is not there.
    OnlyInstall,
}

/// How a controller selects one of the releases of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selected {
    /// By its name.
    ByName,
    /// By its name and this.
    And(String),
    /// By its name, which others have as well.
    WithOthers,
}

/// A controller's object that brings manifests to a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bringer {
    pub(crate) kind: Bringing,
    /// Its name, where the file says one that is not a template.
    pub(crate) name: Option<String>,
    pub(crate) namespace: Option<String>,
    /// Whether it does nothing until it is changed.
    pub(crate) is_suspended: bool,
}

/// Whose object that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bringing {
    /// An Application of Argo CD.
    ArgoCd,
    /// A Kustomization of Flux.
    Flux,
}

/// What the commands of a controller name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Applying<'a> {
    /// What the controller calls the release; nothing where the file does not say.
    pub(crate) name: Option<&'a str>,
    /// The manifest.
    pub(crate) file: &'a str,
    /// The namespace of the object.
    pub(crate) namespace: Option<&'a str>,
    /// The context of the cluster in the user's kubeconfig.
    pub(crate) context: Option<&'a str>,
    /// That kubeconfig, where one was named.
    pub(crate) kubeconfig: Option<&'a str>,
    /// The file of the outermost kustomization that builds it.
    pub(crate) built_by: Option<&'a str>,
    /// What brings the manifest itself to the cluster, where the files say so.
    pub(crate) brought_by: Option<&'a Bringer>,
    /// Whether the controller leaves the release alone until it is changed.
    pub(crate) is_suspended: bool,
    /// With what the controller takes the change.
    pub(crate) taken_with: TakenWith,
    /// The environment that the controller needs to be given.
    pub(crate) environment: Option<&'a str>,
    /// The folder in which a script must be run.
    pub(crate) run_in: Option<&'a str>,
    /// Whether a script takes arguments.
    pub(crate) takes_arguments: bool,
    /// What a command does to a release that is there.
    pub(crate) does: Does,
    /// The folder in which Terragrunt runs Terraform.
    pub(crate) terragrunt: Option<&'a str>,
    /// The file that the change is in.
    pub(crate) changed: &'a str,
    /// Whether the manifest is what the change is in, not a file that it names.
    pub(crate) is_changed: bool,
    /// The file that the manifest is run through.
    pub(crate) parent: Option<&'a str>,
    /// How the controller selects the release.
    pub(crate) selected: &'a Selected,
    /// The options that the folder cannot be built without.
    pub(crate) build_options: &'static [&'static str],
}

impl<'a> Applying<'a> {
    /// The folder that is built: that of the manifest, or of the outermost kustomization that takes it.
    pub(crate) fn folder(&self) -> &str {
        self.built_by.unwrap_or(self.file).rsplit_once('/').map_or(".", |(folder, _)| folder)
    }

    /// The options that name the cluster; that for its context has several names.
    pub(crate) fn cluster(&self, context: &'a str) -> impl Iterator<Item = &'a str> {
        Self::option("--kubeconfig", self.kubeconfig).chain(Self::option(context, self.context))
    }

    /// An option with its value, where that is known.
    pub(crate) fn option(option: &'a str, value: Option<&'a str>) -> impl Iterator<Item = &'a str> {
        value.into_iter().flat_map(move |value| [option, value])
    }
}

/// The option of Argo CD for an Application in another namespace than that of Argo CD. (Argo CD documentation, Applications
/// in any namespace)
pub(crate) fn of_app(namespace: Option<&str>) -> impl Iterator<Item = &str> {
    let is_other = |name: &&str| !name.is_empty() && *name != "argocd" && *name != crate::open_word::NAMESPACE;
    namespace.filter(is_other).into_iter().flat_map(|name| ["-N", name])
}

/// The commands that sync an Application in a namespace.
pub(crate) fn synced_in(name: &str, namespace: Option<&str>) -> Vec<Instruction> {
    let namespace = || of_app(namespace);
    vec![
        run(["argocd", "app", "get", name].into_iter().chain(namespace()).chain(["--refresh"])),
        run(["argocd", "app", "sync", name].into_iter().chain(namespace())),
    ]
}

/// A sentence for a person.
pub(crate) fn say(words: &str) -> Instruction {
    Instruction::Say(words.to_owned())
}

/// A command.
pub(crate) fn run<'a>(words: impl IntoIterator<Item = &'a str>) -> Instruction {
    Instruction::Run(words.into_iter().map(str::to_owned).collect())
}

/// What brings an object to a cluster: a controller that syncs it, or a person.
pub(crate) fn applied(applying: &Applying<'_>, first: &str) -> Vec<Instruction> {
    vec![say(first), apply_change(applying)]
}

/// The command that applies what the change is in: its file, or the folder of the kustomization that builds that.
pub(crate) fn apply_change(applying: &Applying<'_>) -> Instruction {
    let what = match applying.built_by {
        Some(_) => ["-k", applying.folder()],
        None => ["-f", applying.changed],
    };
    run(["kubectl"].into_iter().chain(applying.cluster("--context")).chain(["apply"]).chain(what))
}
