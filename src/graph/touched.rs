//! What a patch or a replacement touches of an object beside the values in it: it may decide which values count, or which
//! chart gets them.

use super::patch::Patched;
use crate::{
    controller::{Form, LayerRule, unapplied_by},
    release::{Layer, Pin, Values},
    yaml::{Node, Scalar, keys},
};

/// What no mode depends on, below `spec` of an object, by the documentation of its controller. Anything else may decide
/// which values count. The same holds for `sources` as for `source`.
#[rustfmt::skip] // a table
const HARMLESS: &[&str] = &[
    // Flux documentation, HelmRelease
    "interval", "timeout", "suspend", "releaseName", "targetNamespace", "storageNamespace", "serviceAccountName",
    "dependsOn", "install", "upgrade", "rollback", "uninstall", "test", "maxHistory", "driftDetection",
    "persistentClient", "kubeConfig", "commonMetadata", "waitStrategy", "chart.metadata", "chart.spec.interval",
    "chart.spec.reconcileStrategy", "chart.spec.sourceRef.name", "chart.spec.sourceRef.namespace", "chart.spec.verify",
    // Argo CD documentation, Application Specification
    "project", "destination", "syncPolicy", "info", "ignoreDifferences", "revisionHistoryLimit", "source.repoURL",
    "source.helm.releaseName", "source.helm.version", "source.helm.namespace", "source.helm.skipCrds",
    "source.helm.skipTests", "source.helm.skipSchemaValidation", "source.helm.passCredentials",
    "source.helm.kubeVersion", "source.helm.apiVersions",
    // k3s documentation, HelmChart
    "repo", "repoCA", "repoCAConfigMap", "authSecret", "authPassCredentials", "dockerRegistrySecret", "bootstrap",
    "jobImage", "backOffLimit", "createNamespace", "failurePolicy", "podSecurityContext", "securityContext",
    // Cluster API, HelmChartProxy; Sveltos, ClusterProfile; Crossplane, Release
    "namespace", "repoURL", "clusterSelector", "clusterRefs", "setRefs", "syncMode", "tier", "continueOnConflict", "maxUpdate",
    "reconcileStrategy", "providerConfigRef", "deletionPolicy", "managementPolicies", "rollbackLimit",
];

/// The lists of `metadata` whose entries may keep an object from being changed.
const KEEPING: [&str; 2] = ["annotations", "labels"];

/// The one setting below those that keeps a mode which the values do not say. (Flux documentation, `HelmRelease`)
const KEEPS: &str = "upgrade.preserveValues";

/// Whether no mode depends on what is at a path of an object.
fn is_harmless(path: &[String]) -> bool {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let names = match &names[..] {
        ["spec", "template", "metadata", ..] => return true,
        ["spec", "template", rest @ ..] => rest,
        all => all,
    };
    let [spec, below @ ..] = names else { return true };
    if *spec != "spec" {
        return true;
    }
    let below = match below {
        ["sources", number, rest @ ..] if is_any(number) || is_number(number) => [&["source"], rest].concat(),
        _ => below.to_vec(),
    };
    let starts = |known: &str| keys(known).iter().zip(&below).filter(|(known, name)| known == *name).count();
    let is_whole = |known: &&&str| starts(known) == keys(known).len();
    let keeps = keys(KEEPS).iter().zip(&below).all(|(known, name)| known == name) && below.len() > 1;
    HARMLESS.iter().any(|known| is_whole(&known)) && !keeps
}

/// Whether a name of a path of a replacement matches any.
fn is_any(name: &str) -> bool {
    name == "*" || name.starts_with('[')
}

fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether one of two paths may lead to where the other does, or above it.
fn meets(path: &[String], other: &[String]) -> bool {
    path.iter().zip(other).all(|(name, other)| name == other || is_any(name))
}

/// The values in a patch that are not mappings of others, with their paths.
fn leaves<'s>(node: Node<'s>, path: Vec<String>, found: &mut Vec<(Vec<String>, Node<'s>)>) {
    /// No object of a controller has more.
    const MOST: usize = 10_000;
    if found.len() >= MOST {
        return;
    }
    if !node.is_mapping() {
        found.push((path, node));
        return;
    }
    for (key, value) in node.entries() {
        let path = path.iter().cloned().chain([key.to_owned()]).collect();
        leaves(value, path, found);
    }
}

/// The names of the path of a field, as a replacement of kustomize writes it: `spec.values.[name=a\.b].mode`.
pub(super) fn field_path(text: &str) -> Vec<String> {
    let (mut names, mut name, mut is_in_brackets) = (Vec::new(), String::new(), false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => name.extend(chars.next()),
            '.' if !is_in_brackets => names.push(std::mem::take(&mut name)),
            c => {
                is_in_brackets = c == '[' || is_in_brackets && c != ']';
                name.push(c);
            }
        }
    }
    names.push(name);
    names
}

impl<'s> Patched<'_, '_, 's> {
    /// The names from the object to what a path of the table leads to.
    fn whole(&self, path: &str) -> Vec<String> {
        match path.strip_prefix('/') {
            Some(path) => keys(path),
            None => self.at().into_iter().chain(keys(path)).collect(),
        }
    }

    /// Whether it is an object that holds values, which releases find by its name.
    pub(super) fn holds_values(&self) -> bool {
        self.chart.controller.holds_only_values()
    }

    fn version(&self) -> Option<Vec<String>> {
        let version = self.chart.controller.version;
        (!version.is_empty()).then(|| self.whole(version))
    }

    fn loses_pin(&mut self) {
        self.release.pin = None;
        self.is_touched = true;
    }

    /// Takes what a strategic merge patch says of the object.
    pub(super) fn touch_merged(&mut self, patch: Node<'s>, named: Node<'s>) {
        let mut found = Vec::new();
        leaves(patch, Vec::new(), &mut found);
        for (path, value) in found {
            self.touch(named, &path, Some(value));
        }
    }

    /// Takes what an operation puts in the place of what is at a path, or that it removes that.
    pub(super) fn touch_replaced(&mut self, operation: Node<'s>, path: &[String], value: Option<Node<'s>>) {
        let is_values = |rule: &LayerRule| rule.form == Form::Mapping && self.whole(rule.path) == path;
        if value.is_none() && self.chart.controller.values.iter().any(is_values) {
            // the layer goes with it
            return;
        }
        let Some(value) = value.filter(|value| value.is_mapping()) else {
            if self.version().is_some_and(|version| version.len() > path.len() && version.starts_with(path)) {
                self.loses_pin();
            }
            return self.touch(operation, path, value);
        };
        if let Some(version) = self.version().filter(|version| version.len() > path.len() && version.starts_with(path))
        {
            self.loses_pin();
            let said = value.follow(&version[path.len()..]).filter(|node| node.scalar().is_some());
            self.release.pin = said.map(Pin::at);
        }
        let mut found = Vec::new();
        leaves(value, path.to_vec(), &mut found);
        for (path, value) in found {
            self.touch(operation, &path, Some(value));
        }
    }

    /// Takes that a name of an annotation, a label or a key keeps the object from being changed.
    pub(super) fn keep(&mut self, name: &str, value: Node<'s>) {
        if let Some(finding) = unapplied_by(self.object, name, value) {
            let rank = self.rank(u8::MAX);
            self.push(Layer::own(rank, value.text.file, Values::Hidden(finding)));
        }
    }

    /// Takes that one value of the object is another one, or removed.
    fn touch(&mut self, named: Node<'s>, path: &[String], value: Option<Node<'s>>) {
        let controller = self.chart.controller;
        let is_removed = value.is_none_or(|value| value.scalar() == Some(Scalar::Null));
        if let (Some(value), [.., name]) = (value, path) {
            let is_on_object =
                matches!(path, [first, second, _] if first == "metadata" && KEEPING.contains(&second.as_str()));
            if is_on_object || path.len() == 1 {
                self.keep(name, value);
            }
        }
        if controller.holds_only_values() {
            if is_removed && self.at().starts_with(path) {
                self.doubt_above(named, "a patch that removes values");
            }
            return;
        }
        let of_values = controller.values.iter().map(|rule| rule.path);
        let known: Vec<Vec<String>> =
            of_values.chain(controller.more.iter().map(|more| more.path)).map(|path| self.whole(path)).collect();
        if is_removed && known.iter().any(|known| known.starts_with(path) && self.object.follow(known).is_some()) {
            return self.doubt_above(named, "a patch that removes values");
        }
        if known.iter().any(|known| path.starts_with(known)) {
            return;
        }
        if let Some(version) = self.version().filter(|version| version.starts_with(path)) {
            if is_removed {
                self.loses_pin();
            }
            if version == path {
                return;
            }
        }
        let same =
            value.and_then(Node::str).is_some_and(|said| self.object.follow(path).and_then(Node::str) == Some(said));
        let keeps_nothing = value.is_some_and(|value| value.scalar() == Some(Scalar::Bool(false)));
        let is_trap = path.last().is_some_and(|last| KEEPS.ends_with(last.as_str()));
        if same || is_harmless(path) || is_trap && (keeps_nothing || is_removed) {
            return;
        }
        if is_trap {
            // the old values count where the new ones say nothing
            let below = Layer::doubtful((0, 0), named, "a patch that keeps the old values");
            self.release.layers.insert(0, below);
            self.is_touched = true;
            return;
        }
        if controller.chart.iter().any(|chart| self.whole(chart) == path) {
            self.loses_pin();
        }
        self.doubt_above(named, "a patch of what decides which values count");
    }

    /// Takes that a replacement puts something at a path of the object.
    pub(super) fn touch_field(&mut self, named: Node<'s>, path: &[String]) {
        let controller = self.chart.controller;
        let deciding = self.deciding_paths();
        let of_values = |form: Form, path: &str| -> Vec<Vec<String>> {
            let is_tree = matches!(form, Form::Mapping | Form::Entries);
            let below = |inner: &Vec<String>| self.whole(path).into_iter().chain(inner.iter().cloned()).collect();
            if is_tree { deciding.iter().map(below).collect() } else { vec![self.whole(path)] }
        };
        let mut said = controller.values.iter().flat_map(|rule| of_values(rule.form, rule.path));
        let more = controller.more.iter().map(|more| self.whole(more.path));
        if said.any(|said| meets(path, &said)) || more.into_iter().any(|more| meets(path, &more)) {
            return self.doubt_above(named, "a replacement of kustomize");
        }
        if controller.values.iter().any(|rule| meets(path, &self.whole(rule.path))) {
            return;
        }
        if self.version().is_some_and(|version| meets(path, &version)) {
            return self.loses_pin();
        }
        self.touch(named, path, Some(named));
    }
}

#[cfg(test)]
mod tests {
    use super::{field_path, is_harmless};

    #[test]
    fn what_decides_which_values_count_is_not_harmless() {
        #[track_caller]
        fn check(path: &str, expected: bool) {
            let path = field_path(path);
            assert_eq!(is_harmless(&path), expected, "{path:?}");
        }
        for harmless in [
            "metadata.labels.a",
            "spec.interval",
            "spec.upgrade.remediation.retries",
            "spec.chart.spec.sourceRef.name",
            "spec.template.metadata.labels.a",
            "spec.template.spec.destination.server",
            "spec.sources.1.helm.releaseName",
        ] {
            check(harmless, true);
        }
        for other in [
            "spec",
            "spec.upgrade.preserveValues",
            "spec.sources",
            "spec.source.plugin",
            "spec.source.helm.fileParameters",
            "spec.generators",
            "spec.chart.spec.chart",
            "spec.sources.0.targetRevision",
        ] {
            check(other, false);
        }
    }

    #[test]
    fn a_field_path_has_dots_in_brackets_and_behind_backslashes() {
        assert_eq!(field_path(r"a.[name=b.c].d\.e.0"), ["a", "[name=b.c]", "d.e", "0"]);
    }
}
