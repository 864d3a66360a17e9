//! From a chart that a manifest names to its releases: what they are called, which version, what is wrong with them.

use super::{Chart, is_repository, place::is_filled_in, text::is_blank};
use crate::{
    controller::{Form, Is, chart::OfUmbrella, unapplied::unapplied},
    files::{Found, Held, ObjectRef, Wanted},
    finding::{Doubt, Finding},
    instruction::{Does, Selected, TakenWith},
    open_word,
    procedure::Deployer,
    release::{Id, Layer, Pin, Release, USUAL, Values, unread_chart},
    rule::Rule,
    umbrella::{CHART, Way},
    yaml::{Node, Scalar, keys, written},
};

/// The name of a chart's archive without its ending, in a path or an address.
fn archive_in(text: &str) -> Option<&str> {
    const ENDING: &str = ".tgz";
    let path = text.split(['?', '#']).next()?;
    let name = path.rsplit('/').next()?;
    let (name, ending) = name.split_at_checked(name.len().checked_sub(ENDING.len())?)?;
    ending.eq_ignore_ascii_case(ENDING).then_some(name)
}

/// The version in the name of an archive of the chart: `NAME-VERSION.tgz`, as `helm package` calls it.
fn of_archive(address: Node<'_>) -> Option<Pin> {
    let version = archive_in(address.str()?)?.strip_prefix(USUAL)?.strip_prefix('-')?;
    let is_version = version.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    let elsewhere = Some("change the version in the address of the chart by hand");
    Some(Pin { text: version.to_owned(), elsewhere, ..Pin::at(address) }).filter(|_| is_version)
}

impl<'s> Chart<'_, 's> {
    /// Whether the version beside the values is that of another chart: an umbrella chart's, or a branch of Git.
    pub(crate) fn is_of_another_chart(&self) -> bool {
        // the address of a chart in a registry ends with its name
        let is_chart = |path: &str, name: &str| !is_repository(path) || name.starts_with("oci://");
        let has_name = |path: &&str| self.inherited(path).and_then(Node::str).is_some_and(|name| is_chart(path, name));
        // Flux may refer to a chart instead of naming it
        let names_chart =
            self.controller.chart.is_empty() || !self.is_in_git() && self.controller.chart.iter().any(has_name);
        !self.below.is_empty() || !names_chart
    }

    fn pin(&self) -> Option<Pin> {
        if self.controller.version.is_empty() || self.is_of_another_chart() {
            return None;
        }
        if let Some(address) = self.address() {
            return self.tag().or_else(|| of_archive(address));
        }
        let is_said = |node: &Node<'_>| node.scalar().is_some() && !is_blank(*node);
        self.inherited(self.controller.version)
            .filter(is_said)
            .map(Pin::at)
            .or_else(|| self.tag())
            .or_else(|| self.vendored())
    }

    /// The version of the chart in the folder beside a kustomization, which is the one that kustomize takes.
    fn vendored(&self) -> Option<Pin> {
        let is_beside = self.is_own_folder && self.controller.deployer == Deployer::Kustomize;
        let folder = self.folder().filter(|_| is_beside)?;
        let Found::Here(number) = self.files.find(&folder.file(CHART), usize::MAX) else { return None };
        let version = self.files.whole(number).ok()?.root()?.get("version")?;
        let elsewhere = Some("put the chart of the other version into its folder");
        Some(Pin { elsewhere, ..Pin::at(version) })
    }

    /// The address of the chart itself, which is not looked up by its version: that of an archive, or the `url` that
    /// Crossplane prefers to all else. (Helm, `pkg/downloader`, `ResolveChartVersion`; helm-controller, `HelmChartSpec`;
    /// crossplane-contrib/provider-helm, pkg/clients/helm/client.go, `PullAndLoadChart`)
    fn address(&self) -> Option<Node<'s>> {
        let is_address = |(number, path): (usize, &str), node: Node<'_>| {
            let text = node.str().filter(|text| text.contains("://"));
            let is_chart = |text: &str| number == 0 && !text.starts_with("oci://") || archive_in(text).is_some();
            path.ends_with("chart.url") && !is_blank(node) || text.is_some_and(is_chart)
        };
        let mut said = self.controller.chart.iter().enumerate();
        said.find_map(|(number, path)| self.inherited(path).filter(|node| is_address((number, path), *node)))
    }

    /// The tag behind the address of a chart in a registry. (Helm documentation, Use OCI-based registries)
    fn tag(&self) -> Option<Pin> {
        let first = || self.controller.chart.first().and_then(|path| self.inherited(path));
        let node = self.address().or_else(first)?;
        let address = node.str()?.strip_prefix("oci://")?;
        let name = address.rsplit('/').next()?.split('@').next()?;
        let (_, tag) = name.split_once(':')?;
        // it is within another value, which is not a version
        Some(Pin {
            text: tag.to_owned(),
            elsewhere: Some("change the tag in the address of the chart by hand"),
            ..Pin::at(node)
        })
        .filter(|_| !tag.is_empty())
    }

    /// Where the chart is named, if nothing names its version, so that the controller takes the newest (Argo CD, Flux,
    /// helmfile, kustomize, k3s: each documents it so). A folder, an archive and a patch have none to name.
    fn unpinned(&self, chart: Option<&ObjectRef>) -> Option<Pin> {
        let address = self.address();
        if address.is_none() && self.inherited(self.controller.version).is_some_and(|version| !is_blank(version)) {
            return None;
        }
        if let Some(chart) = chart {
            let held = self.files.objects().held(chart);
            let has_digest =
                |held: &Held<'_>| matches!(held, Held::Written(root) if root.at("spec.ref.digest").is_some());
            return self
                .get("chartRef.name")
                .filter(|_| held.len() == 1 && !held.iter().any(has_digest) && !self.is_in_git())
                .map(Pin::at);
        }
        if self.controller.version.is_empty() || self.is_of_another_chart() {
            return None;
        }
        let name = address.or_else(|| self.controller.chart.first().and_then(|path| self.inherited(path)))?;
        let is_local =
            |text: &str| text.starts_with(['.', '/', ':']) || archive_in(text).is_some() || text.contains("{{");
        // behind another address there is one version, which that need not say
        let is_one = address.is_some_and(|address| address.str().is_none_or(|text| !text.starts_with("oci://")));
        // kustomize takes a chart that is in no repository from a folder beside it
        let is_beside = self.controller.deployer == Deployer::Kustomize && self.get("repo").is_none();
        let is_named = name.str().is_some_and(|text| !text.is_empty() && !is_local(text)) && self.tag().is_none();
        let is_folder = || self.named_folder().is_some() || self.own_values.is_some() || self.is_own_folder;
        (is_named && !is_one && !is_beside && !is_folder()).then(|| Pin::at(name))
    }

    /// The first of these paths that says a text which is not a template.
    pub(crate) fn first_of(&self, paths: &[&str]) -> Option<String> {
        let text = paths.iter().find_map(|path| self.str(path))?;
        Some(text).filter(|text| !text.is_empty() && !is_filled_in(text)).map(str::to_owned)
    }

    /// The namespace that the first of these paths names which says a text; a word that a person replaces where that is a
    /// template or a reference.
    fn namespace_at(&self, paths: &[&str]) -> Option<String> {
        self.named_at(paths, open_word::NAMESPACE)
    }

    fn named_at(&self, paths: &[&str], open: &str) -> Option<String> {
        let name = paths.iter().filter_map(|path| self.str(path)).find(|name| !name.is_empty())?;
        Some(open_word::known_or(name, open).to_owned())
    }

    /// What Helm calls the release. (Flux documentation, `HelmRelease`: without `releaseName` its name is that of the
    /// object, behind the `targetNamespace` where there is one.)
    fn helm_name(&self, called: Option<&str>) -> Option<String> {
        const NAMED: [&str; 2] = ["releaseName", "spec.releaseName"];
        self.first_of(&NAMED).or_else(|| {
            let is_left_open = NAMED.iter().filter_map(|path| self.str(path)).any(is_filled_in);
            let called = called.filter(|_| !is_left_open)?;
            let is_of_flux = self.controller.title.contains("Flux");
            let names = ["targetNamespace", "spec.targetNamespace"];
            let name = match self.first_of(&names).filter(|_| is_of_flux) {
                Some(namespace) => format!("{namespace}-{called}"),
                None => called.to_owned(),
            };
            // Flux shortens a longer one, to a name that is not known here
            (name.len() <= 53).then_some(name)
        })
    }

    fn id(&self) -> Id {
        let key = || self.key_around().filter(|_| self.controller.name.starts_with('^'));
        let name = self.str(self.controller.name).or_else(key).unwrap_or("?");
        let called =
            self.str(self.controller.called).or_else(key).filter(|name| !is_filled_in(name)).map(str::to_owned);
        Id {
            name: match self.umbrella.as_ref().filter(|of_umbrella| of_umbrella.is_one_of_several) {
                Some(OfUmbrella { way, .. }) => format!("{name}.{}", written(&way.keys)),
                None => name.to_owned(),
            },
            namespace: self.root.str_at("metadata.namespace").map(str::to_owned),
            helm_name: self.helm_name(called.as_deref()).filter(|_| self.controller.deployer == Deployer::Helm),
            called,
            storage: self.namespace_at(self.controller.storage),
            target: self.namespace_at(self.controller.target),
            controller: Some(self.controller),
            built_in: None,
            context: None,
            built_by: None,
            generated_by: None,
            brought_by: None,
            is_decided_in_manifest: false,
            is_suspended: self.controller.kind == "HelmRelease" && self.root.is_true_at("spec.suspend"),
            taken_with: TakenWith::Commit,
            environment: None,
            run_in: None,
            takes_arguments: false,
            parts: Vec::new(),
            does: Does::Upgrade,
            terragrunt: None,
            kube_context: self.named_at(self.controller.rest.context, open_word::KUBE_CONTEXT),
            parent: None,
            selected: Selected::ByName,
            build_options: self.build_options(),
        }
    }

    /// Takes over the name, and the namespace, that kustomizations give the object which brings the chart.
    pub(crate) fn rename(&self, id: &mut Id, name: &str, namespace: Option<&str>) {
        const NAME: &str = "/metadata.name";
        const NAMESPACE: &str = "/metadata.namespace";
        if self.controller.called == NAME && id.called.is_some() {
            id.called = Some(name.to_owned());
            id.helm_name = self.helm_name(Some(name)).filter(|_| id.helm_name.is_some());
        }
        let Some(namespace) = namespace else { return };
        let is_own = |paths: &[&str]| {
            let before = paths.iter().take_while(|path| **path != NAMESPACE);
            paths.contains(&NAMESPACE) && before.into_iter().all(|path| self.str(path).is_none_or(str::is_empty))
        };
        let new = || Some(namespace.to_owned());
        id.namespace = new();
        if is_own(self.controller.storage) {
            id.storage = new();
        }
        if is_own(self.controller.target) {
            id.target = new();
        }
    }

    /// The releases that the chart is brought by: one, unless a generator fills in a template.
    pub(crate) fn releases(&self, of_file: &[Finding]) -> Vec<Release<'s>> {
        let mut layers = self.own_layers();
        layers.extend(self.room());
        layers.extend(self.named_layers());
        layers.extend((self.controller.rest.layers)(self));
        let way = self.umbrella.as_ref().map(|of_umbrella| of_umbrella.way.clone());
        if let Some(way) = &way {
            // what the charts say by themselves comes before everything
            let (level, first) = (0, way.layers.len());
            layers.iter_mut().filter(|layer| layer.rank.0 == level).for_each(|layer| layer.rank.1 += first);
            let own = way.layers.iter().enumerate();
            layers.extend(own.map(|(number, layer)| Layer { rank: (level, number), ..layer.clone() }));
        }
        if let Some(layer) = &self.own_values {
            layers.iter_mut().filter(|layer| layer.rank.0 == 0).for_each(|layer| layer.rank.1 += 1);
            layers.push(Layer { rank: (0, 0), ..layer.clone() });
        }
        layers.sort_by_key(|layer| layer.rank);
        layers.shrink_to_fit();
        let way = way.unwrap_or_else(|| {
            let no_default = unread_chart(&self.below).map(|finding| finding.in_file(self.manifest()));
            Way { no_default: no_default.into_iter().collect(), ..Way::default() }
        });
        let chart = self.chart_referred_to();
        // of a folder in Git Flux takes what is there, whatever version an object names
        let of_chart = || Pin::of_object(self.files.objects(), chart.as_ref().filter(|_| !self.is_in_git())?);
        let pin = way.pin.clone().or_else(|| self.pin()).or_else(of_chart);
        let unpinned =
            if pin.as_ref().is_none_or(|pin| pin.text.is_empty()) { self.unpinned(chart.as_ref()) } else { None };
        let unpinned = unpinned.or_else(|| way.unpinned.clone());
        let pin = pin.filter(|_| unpinned.is_none());
        let manifest = self.manifest();
        let mut findings = (self.controller.rest.findings)(self);
        findings.extend(unapplied(self.root));
        findings.extend(self.hidden_modes());
        findings.extend(self.trapped());
        findings.extend(of_file.iter().cloned());
        findings.shrink_to_fit();
        let of_way = way.findings;
        let mut more = (self.controller.rest.wanted)(self);
        more.extend(self.wanted.iter().cloned());
        more.extend(chart.clone().filter(|_| pin.is_none()).map(Wanted::Object));
        let release = Release {
            id: self.id(),
            at: Some(self.at),
            pin,
            unpinned,
            digest: chart.as_ref().and_then(|chart| Pin::digest_of(self.files.objects(), chart)),
            chart,
            below: self.below.clone(),
            is_own_chart: self.umbrella.is_none() && self.is_placed(),
            switches: way.switches,
            no_default: way.no_default,
            imported: way.imported,
            umbrella: self.umbrella.as_ref().map(|of_umbrella| of_umbrella.folder.clone()),
            layers,
            replaced: self.hidden_layers(),
            more,
            findings: findings.into_iter().map(|it| it.in_file_or(manifest)).chain(of_way).collect(),
            ..Release::blank(self.file())
        };
        (self.controller.rest.expanded)(self, release)
    }

    /// Where a mapping of values would be written, if there is none yet.
    fn room(&self) -> Option<Layer<'s>> {
        let has_room = |form: Form| matches!(form, Form::Mapping | Form::List);
        let path = self.controller.values.iter().rfind(|rule| has_room(rule.form))?.path;
        if self.get(path).is_some_and(Node::is_mapping) {
            return None;
        }
        let mut names = self.at.path();
        names.extend(keys(path));
        let values = Values::Mapping { text: self.root.text, path: names, node: None };
        Some(Layer::own((0, 0), self.file(), values))
    }

    /// Findings about a mode in a text whose place a mapping takes.
    fn hidden_modes(&self) -> Vec<Finding> {
        let taker = self.controller.values.iter().find(|rule| rule.form == Form::Mapping);
        let taker = taker.map_or("values", |rule| rule.path);
        let hidden = self.hidden_layers().into_iter().filter_map(|layer| layer.mode(&self.below)?.span);
        hidden
            .map(|span| {
                let message = format!("`{taker}` replaces this text, including its mode");
                Finding::new(Rule::ModeOverridden, message)
                    .help("remove the text, so that its mode is not mistaken for the cluster's")
                    .weighing(crate::finding::Severity::Warning)
                    .at(span)
            })
            .collect()
    }

    pub(in crate::controller) fn trapped(&self) -> Vec<Finding> {
        let is_rollback = self.str("upgrade.remediation.strategy") != Some("uninstall")
            && self.str("upgrade.strategy.name") != Some("RetryOnFailure");
        let is_set = |node: Node<'_>, is: Is| match (node.scalar(), is) {
            (Some(Scalar::Bool(value)), Is::True) => value,
            (Some(Scalar::Bool(value)), Is::Rollback) => value && is_rollback,
            (Some(Scalar::Integer(value)), Is::Rollback) => value != 0 && is_rollback,
            _ => false,
        };
        let traps = self.controller.traps.iter().filter_map(|trap| {
            let node = self.get(trap.path).filter(|node| is_set(*node, trap.is))?;
            Some(Finding::new(trap.rule, trap.message).help(trap.help).at(node.span()))
        });
        traps.collect()
    }
}

/// That a mode is decided by something that this crate does not read, whatever the values say.
pub(crate) fn decided_by(message: &str, help: &str, at: Node<'_>) -> Finding {
    Finding::new(Rule::ModeOverridden, message).help(help).doubting(Doubt::Overridden).at(at.span())
}
