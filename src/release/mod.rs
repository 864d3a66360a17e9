//! [`Release`]: a chart that is brought to one cluster, with every layer that gives it values, weakest first. Each
//! command is one question to a release.
//!
//! ```text
//! files ---- find ----> Release: who brings it (controller), which layers, which chart version (pin)
//!                          |
//!   layer: what one source of values says      mode: what one spot says of the mode
//!                          |
//!           said: what the layers come to, and who decides
//! ```

mod arm;
mod below;
mod beside;
mod carrier;
mod held;
mod kinds;
mod layer;
mod marks;
mod misplaced;
mod mode;
mod names;
mod pin;
mod reach;
mod room;
mod said;
mod switch;
mod unsaid;
mod words;

use std::ops::Range;

pub(crate) use crate::rendered::{
    hiding_lines, hiding_lines_of_manifest, is_among_templates, is_template, shaded, unrendered,
};
pub(crate) use arm::Arm;
pub(crate) use below::{USUAL, below_which, shows_values, told_by, unread_chart};
pub(crate) use beside::{Foreign, Mention};
pub(crate) use carrier::{Carrier, Filler, VARIABLE};
pub(crate) use kinds::{kind_by_form, kind_by_name, tool_of_variables};
pub(crate) use layer::{Brought, Layer, Named, Parameter, Rank, Removed, Says, Values};
pub(crate) use marks::{dump_of_release, other_tools};
pub(crate) use mode::{ByDefault, SPLITS_NO_KEYS, guarded, mode_of, mode_of_value};
pub(crate) use names::{OneCluster, help_to_name, merge_arms, names, number, paths};
pub(crate) use pin::{Pin, filled_in_by, inexact_version};
pub use reach::Reach;
pub(crate) use reach::{find_rooms, reaches};
pub(crate) use said::{Decided, overridden_by, sorted_out};
pub(crate) use switch::{Switch, unknown_switch};
pub(crate) use words::{Among, is_mode_word, words_in};

use crate::{
    files::{Folder, ObjectRef, Wanted},
    finding::Finding,
    instruction::{Bringer, Does, Selected, TakenWith},
    overrides::Override,
    procedure::Deployer,
    rule::Rule,
    yaml::{Node, keys},
};

/// A spot that is filled in: the number of its file, and its bytes there.
pub(crate) type Filled = (usize, Range<usize>);

/// A chart that is brought to one cluster, with every layer that gives it values.
#[derive(Clone)]
pub(crate) struct Release<'s> {
    /// What it is called, and by whom.
    pub(crate) id: Id,
    /// The number of the file that brings it: its manifest, or the last of its values files.
    pub(crate) file: usize,
    /// What it is called among others of its name in its file.
    pub(crate) numbered: Option<String>,
    /// Where the manifest names the chart; nothing where Helm is called by hand.
    pub(crate) at: Option<Node<'s>>,
    /// The chart version, where the files name one.
    pub(crate) pin: Option<Pin>,
    /// Where the manifest names the chart, and names no version beside it: the controller takes the newest, unless a
    /// patch names one.
    pub(crate) unpinned: Option<Pin>,
    /// The digest that is taken, whatever the version beside it.
    pub(crate) digest: Option<Pin>,
    /// The object that names the chart and its version, where the manifest refers to one.
    pub(crate) chart: Option<ObjectRef>,
    /// The keys below which an umbrella chart's values hold the chart's.
    pub(crate) below: Vec<String>,
    /// Whether the chart is surely Illumio's own, and no umbrella chart.
    pub(crate) is_own_chart: bool,
    /// By what the charts on the way to this one are installed, or not.
    pub(crate) switches: Vec<Switch>,
    /// Why the chart's default is not known, where nothing sets the mode.
    pub(crate) no_default: Vec<Finding>,
    /// Why what a chart says by itself may not be what counts.
    pub(crate) imported: Vec<Finding>,
    /// The folder of the umbrella chart that brings it, where that is in the checkout.
    pub(crate) umbrella: Option<Folder>,
    /// Where its values come from, weakest first.
    pub(crate) layers: Vec<Layer<'s>>,
    /// The layers whose place patches take, with all that they say.
    pub(crate) replaced: Vec<Layer<'s>>,
    /// The options of Helm's command line, above all layers.
    pub(crate) options: Vec<Override>,
    /// What else must be read before it is known what the layers say.
    pub(crate) more: Vec<Wanted>,
    /// The spot that something else fills in, and that sets no mode itself: its file and its bytes.
    pub(crate) filled: Option<Filled>,
    /// Whether its controller fills in variables of its manifest, as the files say.
    pub(crate) is_filled_in: bool,
    /// The mode that a variable has where nothing sets that.
    pub(crate) by_default: Option<ByDefault>,
    /// What is wrong beside the layers.
    pub(crate) findings: Vec<Finding>,
    /// Modes in its files that it does not take; for several of one manifest, with the first of them.
    pub(crate) mentions: Vec<Mention>,
    /// Whom an edit of its manifest moves beside it.
    pub(crate) reach: Reach,
    /// Where a mode for it alone would stand, where others have theirs from the same spot.
    pub(crate) room: Option<String>,
    /// The numbers of the files that build it with kustomize or Flux, the nearest first.
    pub(crate) way: Vec<usize>,
    /// The one among them that distinguishes it from the others that are built of the same manifest.
    pub(crate) overlay: Option<usize>,
    /// How many releases are built of the same file, where not all of them are known.
    pub(crate) out_of: Option<usize>,
    /// Where it may be one with others of its file, of which conditions decide which one counts.
    pub(crate) arm: Option<Arm>,
    /// Whether another one surely brings it again behind this one.
    pub(crate) is_brought_again: bool,
    /// Whether the files are those of something else.
    pub(crate) foreign: Option<Foreign>,
    /// What the cluster gets, and who decides it.
    pub(crate) mode: Decided<'s>,
}

/// What a release is called, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id {
    /// Its name, or that of what takes its place.
    pub name: String,
    /// What its controller calls it; nothing where that is a template that the file does not fill in.
    pub called: Option<String>,
    /// The namespace that the manifest is in, where it names one.
    pub namespace: Option<String>,
    /// The name of Helm's release, where there is one and the file says it.
    pub helm_name: Option<String>,
    /// The namespace in which Helm keeps that release.
    pub storage: Option<String>,
    /// The namespace that the chart is brought to.
    pub target: Option<String>,
    /// Who brings it; nothing where Helm is called by hand.
    pub(crate) controller: Option<&'static dyn Carrier>,
    /// The file that it is built in or named in, where that is not the given one: that of the overlay, where several build
    /// the same manifest, or the manifest that takes a values file.
    pub built_in: Option<String>,
    /// The cluster that a command names for it, by the context or the file of that.
    pub context: Option<String>,
    /// The file of the outermost kustomization that builds it.
    pub(crate) built_by: Option<String>,
    /// The file of the kustomization that makes the object which decides its mode, of a file.
    pub(crate) generated_by: Option<String>,
    /// What brings the manifest itself to the cluster, where the files say so.
    pub(crate) brought_by: Option<Bringer>,
    /// Whether a kustomization builds it, and its manifest, or a patch of that, decides its mode.
    pub(crate) is_decided_in_manifest: bool,
    /// Whether its controller leaves it alone until it is changed.
    pub(crate) is_suspended: bool,
    /// With what its controller takes a change of the file that decides its mode.
    pub(crate) taken_with: TakenWith,
    /// The environment that its controller needs to be given.
    pub(crate) environment: Option<String>,
    /// The folder of a script, or above it, from which what it names is there.
    pub(crate) run_in: Option<String>,
    /// Whether it is a script that takes arguments.
    pub(crate) takes_arguments: bool,
    /// The targets of a makefile that have the command.
    pub parts: Vec<String>,
    /// What its command does to a release that is there.
    pub does: Does,
    /// The folder in which Terragrunt runs Terraform.
    pub(crate) terragrunt: Option<String>,
    /// The context of its cluster in a kubeconfig, where the manifest names one.
    pub kube_context: Option<String>,
    /// The file that its manifest is run through, because it lacks what that gives it.
    pub(crate) parent: Option<String>,
    /// How its controller selects it.
    pub(crate) selected: Selected,
    /// The options that its folder cannot be built without.
    pub(crate) build_options: &'static [&'static str],
}

impl Id {
    /// Whether Helm has a release of it: Argo CD, kustomize and Config Sync render the chart, and make none.
    #[must_use]
    pub fn is_of_helm(&self) -> bool {
        self.deployer() == Deployer::Helm
    }

    /// The names by which its controller knows it.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.called.iter().chain([&self.name]).cloned().collect();
        names.dedup();
        names
    }

    /// What people call the one who brings it; nothing where Helm is called by hand.
    #[must_use]
    pub fn title(&self) -> Option<&'static str> {
        self.controller.map(Carrier::title)
    }

    /// Who brings the chart to the cluster.
    #[must_use]
    pub(crate) fn deployer(&self) -> Deployer {
        self.controller.map_or(Deployer::Helm, Carrier::deployer)
    }
}

impl Release<'_> {
    /// One of which nothing is known yet but the file that it is of.
    pub(crate) fn blank(file: usize) -> Self {
        Self {
            id: Id {
                name: String::new(),
                called: None,
                namespace: None,
                helm_name: None,
                storage: None,
                target: None,
                controller: None,
                built_in: None,
                context: None,
                built_by: None,
                generated_by: None,
                brought_by: None,
                is_decided_in_manifest: false,
                is_suspended: false,
                taken_with: TakenWith::Commit,
                environment: None,
                run_in: None,
                takes_arguments: false,
                parts: Vec::new(),
                does: Does::Upgrade,
                terragrunt: None,
                kube_context: None,
                parent: None,
                selected: Selected::ByName,
                build_options: &[],
            },
            file,
            numbered: None,
            at: None,
            pin: None,
            unpinned: None,
            digest: None,
            chart: None,
            below: Vec::new(),
            is_own_chart: false,
            switches: Vec::new(),
            no_default: Vec::new(),
            imported: Vec::new(),
            umbrella: None,
            layers: Vec::new(),
            replaced: Vec::new(),
            options: Vec::new(),
            more: Vec::new(),
            filled: None,
            is_filled_in: false,
            by_default: None,
            findings: Vec::new(),
            mentions: Vec::new(),
            reach: Reach::One,
            room: None,
            way: Vec::new(),
            out_of: None,
            overlay: None,
            arm: None,
            is_brought_again: false,
            foreign: None,
            mode: Decided::default(),
        }
    }

    /// What must be read before it is known what its layers say.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = &Wanted> {
        let named = self.layers.iter().filter_map(|layer| layer.named.as_ref()?.wanted.as_ref());
        named.chain(&self.more)
    }

    /// Whether a change of the files of its chart, or of those that it takes from the repository of that, comes to the
    /// cluster with another version of the chart alone. (Flux documentation, `HelmRelease`, `reconcileStrategy`)
    fn packs_by_version(&self) -> bool {
        let chart = self.at.and_then(|at| at.at("chart.spec"));
        self.id.controller.is_some_and(|controller| controller.kind() == "HelmRelease")
            && chart.is_some_and(|chart| chart.str_at("reconcileStrategy") != Some("Revision"))
    }

    /// The number of the umbrella chart's own values file, where that is a layer of it.
    pub(crate) fn chart_values(&self) -> Option<usize> {
        self.layers.iter().rfind(|layer| layer.is_of_chart()).map(|layer| layer.file)
    }

    /// Where the manifest names the chart, if nothing names its version: neither the manifest nor a patch of it.
    pub(crate) fn without_version(&self) -> Option<&Pin> {
        self.unpinned.as_ref().filter(|_| self.pin.is_none())
    }

    /// Whether a controller brings it, or a person who calls Helm.
    pub(crate) fn is_of_manifest(&self) -> bool {
        self.id.controller.is_some()
    }

    /// Whether keys lead to its mode, or to what contains it.
    fn is_below(&self, path: &str) -> bool {
        let keys = keys(path);
        !keys.is_empty() && self.mode.path().starts_with(&keys)
    }

    /// Whether it is the one that `--path` names, by its name or by the keys that lead to its mode.
    pub(crate) fn is_called(&self, path: &str) -> bool {
        let is_overlay = || {
            let built_in = self.id.built_in.as_deref();
            built_in.is_some_and(|file| file == path || file.rsplit_once('/').is_some_and(|(folder, _)| folder == path))
        };
        let names = || [self.id.name_as_built(), self.id.full_name(), self.id.name_behind_bringer()];
        let is_full_name = || names().into_iter().flatten().any(|name| name == path);
        let is_numbered = || self.numbered.as_deref() == Some(path);
        self.id.name == path || is_full_name() || is_numbered() || is_overlay() || self.is_below(path)
    }
}

/// That a manifest names the chart and no version of it. What runs Helm by a command or a task has no controller, and
/// an umbrella chart has none that takes the newest.
pub(crate) fn unversioned(release: &Release<'_>) -> Finding {
    const BY_HAND: [(&str, &str); 3] = [
        ("script", "add --version with the one exact version that runs to that command"),
        ("Terraform helm_release", "write the one exact version that runs into `version` of this resource"),
        ("Ansible task", "write the one exact version that runs into `chart_version` of this task"),
    ];
    if !release.below.is_empty() {
        let message =
            "the umbrella chart names the chart without a version, so Helm installs whatever is in its `charts`";
        return Finding::new(Rule::VersionMissing, message).help(
            "write the one exact version that runs into `version` of this dependency; --version does not reach it",
        );
    }
    if release.chart.as_ref().is_some_and(|chart| chart.kind == "OCIRepository") {
        // Flux documentation, OCIRepository, `ref`
        let message = "the OCIRepository names the chart without a `ref`, so Flux always takes the tag `latest`";
        return Finding::new(Rule::VersionMissing, message)
            .help("write the one exact version that runs into `spec.ref.tag` of the OCIRepository");
    }
    let title = release.id.controller.map_or("the manifest", Carrier::title);
    let message = format!("{title} names the chart without a version, so it always gets the newest chart");
    let by_hand = BY_HAND.iter().find(|(by_hand, _)| *by_hand == title).map(|(_, help)| *help);
    let of_controller =
        "write the one exact version that runs beside the chart; --version does not reach the controller";
    Finding::new(Rule::VersionMissing, message).help(by_hand.unwrap_or(of_controller))
}
