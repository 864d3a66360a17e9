//! What patches say of a release: a strategic merge patch is a mapping above its values, one of JSON 6902 sets single
//! values.

use std::collections::BTreeSet;

use super::{
    identity::Identities,
    target::{Meant, by_target},
};
use crate::{
    chart::MODE_KEY,
    controller::{Chart, Form, Text},
    files::group_of,
    finding::{Doubt, Finding},
    release::{Layer, Parameter, Pin, Rank, Release, Removed, Says, Switch, Values},
    rule::Rule,
    yaml::{Node, Scalar},
};

/// A patch: its text as a document, and whom it is for.
pub(crate) struct Patch<'s> {
    /// Where it is named.
    pub(crate) named: Node<'s>,
    /// Its documents; nothing where they cannot be read.
    pub(crate) roots: Option<Vec<Node<'s>>>,
    /// Whom it is for; nothing where the patch itself says that.
    pub(crate) target: Option<Node<'s>>,
}

impl<'s> Patch<'s> {
    /// What it is for, where it is of the kind that is being patched, has no `target`, and is not for that release.
    pub(crate) fn unfound(&self, patched: &Patched<'_, '_, 's>) -> Option<Node<'s>> {
        let mut roots = self.roots.as_ref().filter(|_| self.target.is_none())?.iter().copied();
        roots.find(|root| patched.is_of_kind(*root) && !patched.is_for_it(*root))
    }
}

const TOP: u8 = 8;

/// A release that is being patched.
pub(crate) struct Patched<'r, 'f, 's> {
    pub(crate) release: &'r mut Release<'s>,
    pub(crate) chart: &'r Chart<'f, 's>,
    /// The object, without a list around it.
    pub(crate) object: Node<'s>,
    /// The names that it has had so far.
    pub(crate) identities: Identities,
    /// How many layers were put over it.
    pub(crate) count: usize,
    /// The file with the patch that deletes it.
    pub(crate) deleted_by: Option<usize>,
    /// Whether a patch changed it already, so that it need not be as it is written.
    pub(crate) is_changed: bool,
    /// Whether any patch is about its values or its chart.
    pub(crate) is_touched: bool,
    /// The kustomizations on its way so far, by their files.
    pub(super) passed: BTreeSet<usize>,
}

impl<'r, 'f, 's> Patched<'r, 'f, 's> {
    /// A release that no patch was put over yet.
    pub(crate) fn of(release: &'r mut Release<'s>, chart: &'r Chart<'f, 's>, object: Node<'s>) -> Self {
        let identities = Identities::of(object);
        Self {
            release,
            chart,
            object,
            identities,
            count: 0,
            deleted_by: None,
            is_changed: false,
            is_touched: false,
            passed: BTreeSet::new(),
        }
    }

    /// The names from the object to where the chart is named.
    pub(super) fn at(&self) -> Vec<String> {
        let outer = self.object.path().len();
        self.chart.at.path().split_off(outer)
    }

    pub(super) fn rank(&mut self, level: u8) -> Rank {
        const ABOVE: usize = 1 << 20;
        self.count += 1;
        (level, ABOVE + self.count)
    }

    /// Says that something may decide the mode.
    pub(crate) fn doubt(&mut self, level: u8, named: Node<'s>, shown: &str) {
        let rank = self.rank(level);
        self.push(Layer::doubtful(rank, named, shown));
    }

    /// The same, above all values.
    pub(super) fn doubt_above(&mut self, named: Node<'s>, shown: &str) {
        self.doubt(TOP, named, shown);
    }

    pub(super) fn push(&mut self, layer: Layer<'s>) {
        self.is_touched = true;
        self.release.layers.push(layer);
    }

    /// Says that kustomize builds nothing, so that the cluster keeps what it has.
    pub(crate) fn fails(&mut self, named: Node<'s>, message: &str, help: &str) {
        let finding = Finding::new(Rule::ModeElsewhere, message.to_owned()).doubting(Doubt::Elsewhere);
        let finding = finding.help(help.to_owned()).at(named.key_span());
        let rank = self.rank(u8::MAX);
        self.push(Layer::own(rank, named.text.file, Values::Hidden(finding)));
    }

    /// Whether an object is of the kind that is being patched.
    pub(crate) fn is_of_kind(&self, object: Node<'_>) -> bool {
        let is = |key: &str| object.str_at(key) == self.object.str_at(key);
        is("kind") && group_of(object) == group_of(self.object)
    }

    /// Whether a patch that looks like an object is for it.
    fn is_for_it(&self, patch: Node<'_>) -> bool {
        self.is_of_kind(patch) && self.identities.are_of(patch)
    }

    /// Puts a patch over the release.
    pub(crate) fn take(&mut self, patch: &Patch<'s>) {
        let meant = patch.target.map(|target| by_target(target, self.object, &self.identities));
        if meant == Some(Meant::No) {
            return;
        }
        let shown = "a patch that cannot be read here";
        let Some(roots) = &patch.roots else { return self.doubt(TOP, patch.named, shown) };
        if patch.target.is_none() && roots.iter().any(|root| root.is_list()) {
            let message = "kustomize accepts operations only with a `target`, and does not build these";
            return self.fails(patch.named, message, "add a `target` that selects their object");
        }
        for root in roots {
            let replaced = self.release.replaced.len();
            let before = (self.release.layers.clone(), self.release.pin.clone(), self.is_touched);
            if root.is_list() {
                if meant.is_some() {
                    for operation in root.items() {
                        self.operate(operation);
                    }
                }
            } else if meant.is_some() || self.is_for_it(*root) {
                self.merge(*root, patch.named);
            }
            if meant == Some(Meant::Maybe) && self.is_touched && !before.2 {
                (self.release.layers, self.release.pin) = (before.0, before.1);
                self.release.replaced.truncate(replaced);
                self.doubt(TOP, patch.named, "a patch whose target may be this release");
            }
        }
    }

    /// Whether some patches change nothing of it that a mode depends on.
    pub(super) fn is_left_by(&self, patches: &[Patch<'s>]) -> bool {
        let mut release = self.release.clone();
        let mut trial = Patched {
            identities: self.identities.clone(),
            is_changed: self.is_changed,
            ..Patched::of(&mut release, self.chart, self.object)
        };
        for patch in patches {
            trial.take(patch);
        }
        !trial.is_touched && trial.deleted_by.is_none()
    }

    /// Puts a strategic merge patch over it: mappings are merged, and everything else takes the place of what was
    /// there.
    fn merge(&mut self, patch: Node<'s>, named: Node<'s>) {
        if patch.str_at("$patch") == Some("delete") {
            self.deleted_by = Some(named.text.file);
            return;
        }
        if patch.text.document.text().contains("$patch") {
            return self.doubt(TOP, named, "a patch with `$patch`");
        }
        self.touch_merged(patch, named);
        self.identities.is_labelled |=
            patch.get("metadata").is_some_and(|it| ["labels", "annotations"].iter().any(|key| it.get(key).is_some()));
        let Some(at) = patch.follow(self.at()) else { return };
        if self.at().iter().any(|key| key.bytes().all(|byte| byte.is_ascii_digit())) {
            return self.doubt(TOP, named, "a patch that takes the place of a whole list");
        }
        let controller = self.chart.controller;
        let over = Chart::new(self.chart.files, controller, patch, at);
        for rule in controller.values.iter().filter(|rule| over.get(rule.path).is_some()) {
            if matches!(rule.form, Form::Text | Form::Parameters) {
                self.drop_own(rule.level, rule.form);
            }
            if rule.form == Form::Mapping && controller.rest.text == Text::Replaced {
                self.drop_own(rule.level, Form::Text);
            }
        }
        let hides_text = self.chart.is_hidden(Form::Text);
        let mode: Vec<String> = self.chart.below.iter().cloned().chain([MODE_KEY.to_owned()]).collect();
        for layer in over.own_layers() {
            let removed = match layer.says(&mode) {
                Says::Is(node) if node.scalar() == Some(Scalar::Null) => Some(node),
                _ => None,
            };
            let is_text = matches!(&layer.values, Values::Mapping { text, .. } if !std::ptr::eq(*text, patch.text));
            if is_text && hides_text {
                continue;
            }
            let level = layer.rank.0;
            let rank = self.rank(level);
            self.push(Layer { rank, ..layer });
            removed.filter(|_| !is_text).into_iter().for_each(|node| self.remove(node, level));
        }
        self.is_changed = true;
        for more in controller.more {
            let Some(list) = over.get(more.path).filter(|list| !self.take_objects(more, *list)) else { continue };
            let is_above = list.items().any(|item| self.sets_mode(item));
            self.doubt(if is_above { TOP } else { more.level }, named, "files or objects that a patch names");
        }
        if let Some(version) =
            at.at(controller.version).filter(|node| !controller.version.is_empty() && node.scalar().is_some())
        {
            self.release.pin = Some(Pin::at(version));
            self.is_touched = true;
        }
        if at.get("chartRef").is_some() {
            self.release.pin = None;
            self.is_touched = true;
        }
    }

    /// Takes out the layers of the object, or of earlier patches, whose place another takes.
    pub(super) fn drop_own(&mut self, level: u8, form: Form) {
        let own = self.object.text;
        let is_dropped = |layer: &Layer<'s>| {
            let is_form = match &layer.values {
                Values::Parameters(_) => form == Form::Parameters,
                Values::Mapping { text, path, node } => {
                    form == Form::Text && path.is_empty() && !std::ptr::eq(*text, own)
                        || form == Form::Mapping && node.is_some() && !path.is_empty()
                }
                Values::Broken(_) | Values::Unread(_) => form == Form::Text,
                _ => false,
            };
            layer.is_own() && layer.rank.0 == level && is_form
        };
        let layers = std::mem::take(&mut self.release.layers);
        let (dropped, kept): (Vec<_>, Vec<_>) = layers.into_iter().partition(is_dropped);
        self.release.layers = kept;
        self.release.replaced.extend(dropped);
    }

    /// Takes over one operation of a JSON 6902 patch.
    fn operate(&mut self, operation: Node<'s>) {
        let verb = operation.str_at("op").unwrap_or_default();
        let paths = [operation.str_at("path"), operation.str_at("from")];
        let paths: Vec<Vec<String>> = paths.into_iter().flatten().map(pointer).collect();
        let Some(path) = paths.first() else { return };
        let at = self.at();
        if let Some(why) = self.misses(operation, verb, path) {
            let message = format!("{why}, so kustomize fails on this operation of a patch");
            return self.fails(operation, &message, "make the patch fit the object, or remove it");
        }
        if verb == "test" {
            return;
        }
        self.is_changed = true;
        self.identities.is_labelled |= paths.iter().any(|path| path.first().is_none_or(|first| first == "metadata"));
        let said = operation.get("value").filter(|_| ["add", "replace"].contains(&verb));
        for path in &paths {
            self.touch_replaced(operation, path, said);
        }
        if path.iter().map(String::as_str).eq(["metadata", "namespace"]) {
            said.and_then(Node::str).into_iter().for_each(|namespace| self.identities.move_to(namespace));
        }
        let controller = self.chart.controller;
        let below = |path: &str| -> Vec<String> { at.iter().cloned().chain(crate::yaml::keys(path)).collect() };
        let is_moved = ["move", "copy"].contains(&verb);
        for rule in controller.values {
            let values = below(rule.path);
            if path.len() < values.len() && values.starts_with(path)
                || is_moved && paths.iter().any(|path| path.starts_with(&values))
            {
                self.doubt(TOP, operation, "an operation of a patch on more than one value");
            } else if path.starts_with(&values) {
                let rest = path[values.len()..].to_vec();
                self.set(operation, rule.level, rule.form, &values, rest);
            }
        }
        for more in controller.more.iter().filter(|more| path.starts_with(&below(more.path))) {
            if said.is_some_and(|list| *path == below(more.path) && self.take_objects(more, list)) {
                continue;
            }
            let is_one_more = verb == "add" && path[below(more.path).len()..] == ["-"];
            let value = operation.get("value");
            let is_above =
                value.is_some_and(|value| self.sets_mode(value) || value.items().any(|it| self.sets_mode(it)));
            let level = if is_above { TOP } else { more.level };
            match value.filter(|value| is_one_more && value.is_mapping() && !is_above) {
                Some(object) => self.take_object(more, object),
                None => self.doubt(level, operation, "files or objects that a patch names"),
            }
        }
        let value = operation.get("value").filter(|value| value.scalar().is_some());
        if let Some(value) = value.filter(|_| !controller.version.is_empty() && *path == below(controller.version)) {
            self.release.pin = Some(Pin::at(value));
            self.is_touched = true;
        }
    }

    /// Whether an entry of those that a release takes values from sets the mode by itself, over all values.
    fn sets_mode(&self, entry: Node<'_>) -> bool {
        let mode: Vec<String> = self.chart.below.iter().cloned().chain([MODE_KEY.to_owned()]).collect();
        entry.str_at("targetPath").is_some_and(|target| mode.starts_with(&crate::yaml::keys(target)))
    }

    /// Why an operation on the object's `spec` does not fit it, where that is known. (RFC 6902, 4: what is removed or
    /// tested must be there, and what is added must have something to stand in; kustomize adds what it is to replace.)
    fn misses(&self, operation: Node<'s>, verb: &str, path: &[String]) -> Option<&'static str> {
        if self.is_changed || path.first().is_none_or(|first| first != "spec") {
            return None;
        }
        let there = self.object.follow(path);
        match verb {
            "remove" if there.is_none() => Some("its object does not exist"),
            "add" | "replace" if self.object.follow(&path[..path.len() - 1]).is_none() => {
                Some("the place that it adds to does not exist")
            }
            "test" => {
                let (own, value) = (there?, operation.get("value")?);
                let is_other = own.scalar().is_some() && own.scalar() != value.scalar();
                is_other.then_some("its test fails")
            }
            _ => None,
        }
    }

    /// The values that decide which mode a cluster gets: the mode, and by what the charts on the way to it are installed.
    pub(super) fn deciding_paths(&self) -> Vec<Vec<String>> {
        let mode = self.chart.below.iter().cloned().chain([MODE_KEY.to_owned()]).collect();
        [mode].into_iter().chain(self.release.switches.iter().flat_map(Switch::paths)).collect()
    }

    /// Whether one of these is at the end of some names, or below.
    fn decides(&self, names: &[String]) -> bool {
        self.deciding_paths().iter().any(|path| path.starts_with(names))
    }

    /// Takes over an object that an operation adds to those which the release takes values from.
    fn take_object(&mut self, more: &crate::controller::More, object: Node<'s>) {
        let rank = self.rank(more.level);
        let chart = self.chart;
        let Some(mut layer) = chart.named_layer(more, object, rank, false, false) else {
            return self.doubt(more.level, object, "an object that a patch names");
        };
        if let Some(named) = &mut layer.named {
            // the manifest is what findings about it are in
            named.span = chart.at.key_span();
        }
        self.push(layer);
    }

    /// Takes over a list of objects in the place of the one that the release takes values from; nothing where that is not
    /// all that is in it. (kustomize merges no lists of custom resources)
    fn take_objects(&mut self, more: &crate::controller::More, list: Node<'s>) -> bool {
        let is_object = |item: Node<'s>| item.str_at("kind").is_some() && item.get("targetPath").is_none();
        if !list.is_list() || !list.items().all(is_object) {
            return false;
        }
        let is_of_list = |layer: &Layer<'_>| {
            layer.rank.0 == more.level && layer.named.as_ref().is_some_and(|named| named.object.is_some())
        };
        self.release.layers.retain(|layer| !is_of_list(layer));
        self.is_touched = true;
        for object in list.items() {
            self.take_object(more, object);
        }
        true
    }

    /// Takes the mode out of the values of a level: what is below them counts, which is what the release has without it.
    fn remove(&mut self, named: Node<'s>, level: u8) {
        let path: Vec<String> = self.chart.below.iter().cloned().chain([MODE_KEY.to_owned()]).collect();
        let (file, span) = (named.text.file, named.key_span());
        let own: Vec<&mut Layer<'s>> =
            self.release.layers.iter_mut().filter(|layer| layer.is_own() && layer.rank.0 == level).collect();
        // what removes nothing need not mean nothing
        let is_there = |layer: &&mut Layer<'s>| matches!(layer.says(&path), Says::Is(node) if node.str().is_some());
        if own.iter().any(is_there) {
            let removed = Removed { path, file, span };
            for layer in own {
                layer.removed = Some(Box::new(removed.clone()));
            }
            self.is_touched = true;
            return;
        }
        let message = "a patch removes the mode here, and what the release has without it counts";
        let finding = Finding::new(Rule::ModeElsewhere, message).doubting(Doubt::Elsewhere);
        let finding = finding.help("write the mode in place of that").at(span);
        let rank = self.rank(level);
        self.push(Layer::own(rank, file, Values::Hidden(finding)));
    }

    /// Sets what an operation says of a value below the values of a form.
    fn set(&mut self, operation: Node<'s>, level: u8, form: Form, values: &[String], names: Vec<String>) {
        let value = operation.get("value").filter(|_| operation.str_at("op") != Some("remove"));
        let mode: Vec<String> = self.chart.below.iter().cloned().chain([MODE_KEY.to_owned()]).collect();
        let parameter = |name: Vec<String>, item: Node<'s>, key: &'s str, value| {
            Values::Parameters(vec![Parameter { name, item, key, value }])
        };
        let said = match (form, value) {
            (Form::Mapping | Form::Entries, Some(value)) if names.is_empty() && value.is_mapping() => {
                self.drop_own(level, Form::Mapping);
                Values::Mapping { text: value.text, path: value.path(), node: Some(value) }
            }
            (Form::Text, Some(value)) if names.is_empty() => match crate::controller::text_layer(value) {
                Some(values) => {
                    self.drop_own(level, Form::Text);
                    values
                }
                None => return self.doubt(TOP, operation, "an operation of a patch on the text of the values"),
            },
            (Form::Mapping, None) if names.is_empty() && operation.str_at("op") == Some("remove") => {
                self.is_touched = true;
                return self.drop_own(level, Form::Mapping);
            }
            (Form::Mapping | Form::Entries, Some(value)) if !names.is_empty() && value.scalar().is_some() => {
                parameter(names, operation, "value", Some(value))
            }
            (Form::Mapping | Form::Entries, _) if !names.is_empty() && !self.decides(&names) => return,
            (Form::Mapping | Form::Entries, None) if names == mode && operation.str_at("op") == Some("remove") => {
                return self.remove(operation, level);
            }
            (Form::Parameters, Some(value)) => match &names[..] {
                [last] if last == "-" => {
                    let Some(name) = value.str_at("name") else { return };
                    parameter(crate::yaml::keys(name), value, "value", value.get("value"))
                }
                [index, key] if key == "value" => {
                    let item = self.object.follow(values).and_then(|list| list.item(index.parse().ok()?));
                    let Some(name) = item.and_then(|item| item.str_at("name")) else { return };
                    parameter(crate::yaml::keys(name), operation, "value", Some(value))
                }
                _ => return self.doubt(TOP, operation, "an operation of a patch on the parameters"),
            },
            _ => return self.doubt(TOP, operation, "an operation of a patch on the values"),
        };
        let rank = self.rank(level);
        self.push(Layer::own(rank, operation.text.file, said));
    }
}

/// The names of a JSON pointer.
fn pointer(text: &str) -> Vec<String> {
    let names = text.split('/').skip(1);
    names.map(|name| name.replace("~1", "/").replace("~0", "~")).collect()
}
