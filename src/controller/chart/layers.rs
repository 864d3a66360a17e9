//! Where the values of a chart that a manifest names come from, weakest first.

use std::borrow::Cow;

use super::{
    Chart,
    place::{decrypted, is_in_reach, plain},
    text::{mapping, text_layer, text_of},
};
use crate::{
    chart::{Shown, are_its_own, is_distinguishing, looks_like_values, shown},
    controller::{Form, More, Text, To, element::filled},
    files::{Found, ObjectRef, Wanted, cleaned, is_of_other_language},
    finding::{Doubt, Finding},
    release::{Layer, Named, Parameter, Rank, Values, is_among_templates, shaded},
    rule::Rule,
    yaml::{Node, Scalar, keys},
};

/// That a text is not known before a generator fills it in.
fn unfilled(finding: Finding) -> Finding {
    let message = "what is filled in here is not known, and may set another mode";
    let help = "put the expression in quotes, or change the mode by hand where it is filled in from";
    let unfilled = Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere);
    Finding { span: finding.span, ..unfilled }
}

/// Whether SOPS decrypts a file for Helm: `-f <(sops -d secrets.yaml)`.
fn is_decrypted(file: &str) -> bool {
    file.starts_with("<(sops ")
}

impl<'s> Chart<'_, 's> {
    /// The layers in the manifest itself, weakest first, without those that do not count.
    pub(crate) fn own_layers(&self) -> Vec<Layer<'s>> {
        let rules = self.controller.values.iter().filter(|rule| !self.is_hidden(rule.form));
        let mut layers: Vec<Layer<'s>> =
            rules.flat_map(|rule| self.layers_of(rule.path, rule.form, rule.level)).collect();
        layers.sort_by_key(|layer| layer.rank);
        layers
    }

    /// The layers whose place others take.
    pub(crate) fn hidden_layers(&self) -> Vec<Layer<'s>> {
        let hidden = self.controller.values.iter().filter(|rule| self.is_hidden(rule.form));
        hidden.flat_map(|rule| self.layers_of(rule.path, rule.form, rule.level)).collect()
    }

    fn layers_of(&self, path: &str, form: Form, level: u8) -> Vec<Layer<'s>> {
        let Some(node) = self.get(path) else { return Vec::new() };
        let own = |rank: Rank, values: Values<'s>| Layer::own(rank, self.file(), values);
        match form {
            Form::Mapping if node.is_mapping() => vec![own((level, 0), mapping(node))],
            // what is filled in as a whole may say anything
            Form::Mapping if node.scalar().is_some_and(|it| it != Scalar::Null && it != Scalar::Text("")) => {
                vec![Layer::doubtful((level, 0), node, "what is filled in here as the values")]
            }
            Form::Mapping => Vec::new(),
            Form::Text => self.text_layer(node).map(|values| own((level, 0), values)).into_iter().collect(),
            Form::Parameters => {
                let parameter = |item: Node<'s>| {
                    let name = keys(item.str_at("name")?);
                    Some(Parameter { name, item, key: "value", value: item.get("value") })
                };
                // helmfile takes the text of a file, which is reported beside the layers
                let is_said = |item: &Node<'_>| item.get("value").is_some() || item.get("file").is_none();
                let parameters: Vec<_> = node.items().filter(is_said).filter_map(parameter).collect();
                if parameters.is_empty() { Vec::new() } else { vec![own((level, 0), Values::Parameters(parameters))] }
            }
            Form::Entries => {
                let parameter = |(name, value): (&'s str, Node<'s>)| Parameter {
                    name: keys(name),
                    item: node,
                    key: name,
                    value: Some(value).filter(|value| value.scalar().is_some()),
                };
                let parameters: Vec<_> = node.entries().map(parameter).collect();
                if parameters.is_empty() { Vec::new() } else { vec![own((level, 0), Values::Parameters(parameters))] }
            }
            Form::Texts => {
                let of_item = |(number, item): (usize, Node<'s>)| match text_layer(item) {
                    Some(values @ Values::Mapping { node: Some(_), .. }) => own((level, number), values),
                    _ => Layer::doubtful((level, number), item, "values that are not in this file"),
                };
                node.items().enumerate().map(of_item).collect()
            }
            Form::Stack => {
                let values = |item: Node<'s>| match item.get("text") {
                    Some(text) => text_layer(text),
                    None => item.get("values").filter(|values| values.is_mapping()).map(mapping),
                };
                let items = node.items().enumerate();
                items.filter_map(|(number, item)| Some(own((level, number), values(item)?))).collect()
            }
            Form::List => {
                let before = self.length_before(path);
                let items = node.items().enumerate().filter(|(_, item)| item.is_mapping());
                items.map(|(number, item)| own((level, number + before), mapping(item))).collect()
            }
        }
    }

    /// The values that a text is; where its controller fills it in, also without the lines in which it does.
    fn text_layer(&self, node: Node<'s>) -> Option<Values<'s>> {
        let is_filled_in = || self.controller.rest.fills_in_text || is_among_templates(self.manifest());
        match text_layer(node)? {
            Values::Broken(finding) if is_filled_in() => {
                if let Some(text) = node.str().and_then(shaded).and_then(|text| node.inner_as(text)) {
                    return Some(text_of(text));
                }
                // what fills it in does so before Helm reads it
                let is_unfilled = finding.rule == Rule::TemplateInValues;
                Some(if is_unfilled { Values::Hidden(unfilled(finding)) } else { Values::Broken(finding) })
            }
            values => Some(values),
        }
    }

    /// How many items come before those of a list on the same level.
    fn length_before(&self, path: &str) -> usize {
        let row = self.controller.more.iter().find(|more| more.path == path);
        row.filter(|row| !row.behind.is_empty()).map_or(0, |row| self.get(row.behind).map_or(0, Node::length))
    }

    /// The layers that are named, weakest first within a list.
    pub(in crate::controller) fn named_layers(&self) -> Vec<Layer<'s>> {
        let is_told = self.below.is_empty() || self.umbrella.is_some();
        let is_unsure = !is_told || crate::controller::helmfile::has_prefix(self);
        let handler = self.inherited("missingFileHandler").or_else(|| self.get("/missingFileHandler"));
        let is_optional = handler.and_then(Node::str).is_some_and(|it| it != "Error")
            || ["helm.ignoreMissingValueFiles", "chart.spec.ignoreMissingValuesFiles"]
                .iter()
                .any(|path| self.get(path).and_then(Node::scalar) == Some(Scalar::Bool(true)));
        let mut layers: Vec<Layer<'s>> = self.file_of_chart(is_unsure).into_iter().collect();
        for more in self.controller.more {
            let Some(level) = crate::controller::kustomize::level_of(self, more) else { continue };
            let is_read = |_: &Node<'s>| !self.is_ignored(more.path);
            let Some(node) = self.get(more.path).filter(is_read) else { continue };
            let before = self.length_before(more.path);
            // only a list has an order, and what is not a list is named alone
            let all: Vec<(usize, Node<'s>)> =
                if node.is_list() { node.items().enumerate().collect() } else { vec![(1, node)] };
            for (number, item) in all {
                let rank = (level, number + before);
                layers.extend(
                    self.named_layer(more, item, rank, is_optional, is_unsure).map(|layer| self.here(layer, item)),
                );
            }
        }
        layers
    }

    /// A layer that another object names for the manifest: findings about it have their place in the manifest.
    fn here(&self, mut layer: Layer<'s>, item: Node<'s>) -> Layer<'s> {
        let reference = self.at.get("chartRef").filter(|_| item.text.file != self.file());
        if let (Some(named), Some(reference)) = (&mut layer.named, reference) {
            named.span = reference.span();
        }
        layer
    }

    /// The files that are named, and whose place other values take.
    pub(crate) fn replaced(&self) -> Vec<Wanted> {
        let is_left = |more: &&More| crate::controller::kustomize::level_of(self, more).is_none();
        let left = self.controller.more.iter().filter(is_left);
        left.filter_map(|more| self.wanted(self.str(more.path)?, more.to)).collect()
    }

    pub(crate) fn named_layer(
        &self,
        more: &More,
        item: Node<'s>,
        rank: Rank,
        is_optional: bool,
        is_unsure: bool,
    ) -> Option<Layer<'s>> {
        let named = |shown: String, wanted: Option<Wanted>, is_secret: bool, is_optional: bool| Named {
            wanted: wanted.filter(|_| !is_unsure),
            is_optional,
            is_secret: is_secret && !is_unsure,
            ..Named::only(shown, item.span())
        };
        // what a reader of another language has words for, alone or behind a name
        if let Some(words) = item.str_at("words").filter(|_| self.root.text.language().is_some()) {
            let name = item.str_at("file").map(|file| format!("`{}`, ", file.escape_debug()));
            let shown = name.unwrap_or_default() + words;
            return Some(self.looked_up(rank, Named::only(shown, item.span()), None));
        }
        if let Some(file) = item.str() {
            let filled = self.filled(file);
            let file = filled.as_ref();
            let is_secret = more.to == To::Secret || is_decrypted(file);
            // helmfile 0.166 fails without them whatever that says
            let is_optional = is_optional && more.to != To::Secret;
            let shown = format!("`{}`", file.escape_debug());
            let named = named(shown, self.wanted(file, more.to), is_secret, is_optional);
            let mut layer = self.looked_up(rank, named, None);
            // no mode is written into it
            let is_read = decrypted(file).is_some() && layer.is_fillable();
            if let Some(named) = layer.named.as_mut().filter(|_| is_read) {
                named.is_secret = true;
            }
            return Some(layer);
        }
        // with a `targetPath` an object sets one value, which is looked at by itself
        let (kind, name) = item.str_at("kind").zip(item.str_at("name"))?;
        if item.get("targetPath").is_some_and(|target| target.str().is_some()) {
            return None;
        }
        let is_optional = is_optional || item.is_true_at("optional");
        let shown = format!("{kind} `{name}`");
        let is_secret = kind == "Secret";
        let namespace = self.root.str_at("metadata.namespace").and_then(plain).map(str::to_owned);
        let object = ObjectRef { group: String::new(), kind: kind.to_owned(), name: name.to_owned(), namespace };
        let wanted = Some(Wanted::Object(object.clone())).filter(|_| object.may_be_read() && plain(name).is_some());
        let key = item.str_at("valuesKey").unwrap_or("values.yaml");
        let (object, held_in) = (Some(object), Some(key.to_owned()));
        let named = Named { object, key: held_in, ..named(shown, wanted, is_secret, is_optional) };
        Some(self.looked_up(rank, named, Some(key)))
    }

    /// The values of a chart in a folder of Git, which anyone may change, and which everything else overrides.
    fn file_of_chart(&self, is_unsure: bool) -> Option<Layer<'s>> {
        // Flux does not take it where others are named
        let is_read = || self.umbrella.is_some();
        let folder = self.folder_in_git().filter(|_| !self.replaces_own() && !is_read())?;
        let name = folder.str()?;
        let shown = format!("`{}/values.yaml`", name.trim_end_matches('/').escape_debug());
        let path = plain(name).map(|folder| cleaned(&format!("{folder}/values.yaml")));
        let wanted = path.filter(|path| is_in_reach(path)).map(|path| self.in_repository("", path));
        let named = Named { wanted, is_optional: true, is_of_chart: true, ..Named::only(shown, folder.span()) };
        let layer = self.here(self.looked_up((0, 0), named, None), folder);
        // how such a chart brings Illumio's is not known, wherever it is
        if is_unsure {
            let reason = layer.named.as_ref().and_then(|named| self.files.left(named.wanted.as_ref()?));
            let values = Values::Unread(reason.map(|left| left.reason.clone()));
            return Some(Layer { file: self.file(), values, ..layer });
        }
        let is_absent = |wanted: &Wanted| self.files.find(wanted, self.file()) == Found::Absent;
        if matches!(layer.values, Values::Absent)
            && self.beside_chart(crate::umbrella::CHART).is_some_and(|it| is_absent(&it))
        {
            let values = Values::Unread(Some("which is not in this checkout".to_owned()));
            return Some(Layer { values, ..layer });
        }
        Some(layer)
    }

    /// A text with what it takes from the element of a generator, and what the controller fills in itself, where that is
    /// known.
    pub(in crate::controller) fn filled(&self, text: &'s str) -> Cow<'s, str> {
        if !text.contains("{{") {
            return Cow::Borrowed(text);
        }
        let known = |action: &str| {
            let mut said = self.known.iter().filter(|(name, _)| name == action).map(|(_, said)| said);
            let first = said.next()?;
            said.all(|other| other == first).then(|| first.clone())
        };
        let said = |action: &str| self.element.as_ref().and_then(|it| it.said(action)).or_else(|| known(action));
        filled(text, said).map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// Whether its own values show that they are this chart's, in one of another name by others than the mode; a text that
    /// cannot be read does where it looks like them.
    pub(super) fn has_values(&self, is_named_otherwise: bool) -> bool {
        let names: Vec<String> = self.own_layers().iter().flat_map(|layer| layer.names(&self.below)).collect();
        let is_below = || !self.below.is_empty() && names.iter().any(|name| is_distinguishing(name));
        let is_shown =
            if is_named_otherwise { shown(&names) == Shown::Surely } else { are_its_own(&names) || is_below() };
        is_shown
            || self.controller.values.iter().filter(|rule| rule.form == Form::Text).any(|rule| {
                let text = self.get(rule.path).filter(|_| !self.is_hidden(rule.form));
                let is_unreadable = |node: &Node<'_>| matches!(node.inner(), Some(Err(_)));
                // an object may hold a script, which has the name of one
                let key = self.at.path().last().cloned().unwrap_or_default();
                let is_values = |text: &str| looks_like_values(text) && !is_of_other_language(&key, text.as_bytes());
                text.filter(is_unreadable).and_then(Node::str).is_some_and(is_values)
            })
    }

    /// Whether a form does not count because of another beside it: Argo CD prefers a mapping to the text and does not
    /// use both.
    pub(crate) fn is_hidden(&self, form: Form) -> bool {
        let mut mappings = self.controller.values.iter().filter(|rule| rule.form == Form::Mapping);
        self.controller.rest.text == Text::Replaced
            && form == Form::Text
            && mappings.any(|rule| self.get(rule.path).is_some_and(Node::is_mapping))
    }
}
