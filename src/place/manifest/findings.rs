//! What there is to say of the mode of a chart beside its value.

use super::{
    super::{
        Place,
        shape::{Form, Is},
        template::hiding_lines_of_manifest,
    },
    Chart, overridden_by,
    spot::Spot,
    with,
};
use crate::{
    chart::{MODE_KEY, SECTIONS},
    finding::{Finding, Severity},
    rule::Rule,
    yaml::Scalar,
};

impl Chart<'_> {
    /// An object that holds values and no release: whoever takes them may say the mode besides.
    pub(super) fn said_by_release(&self, place: &Place) -> Option<Finding> {
        let holds_only_values = self.shape.chart.is_empty() && self.shape.version.is_empty();
        let text = self.document.locate(self.base.iter().map(String::as_str)).filter(|_| holds_only_values);
        let text = text.filter(|_| place.span.is_none())?;
        let message =
            format!("the {} does not say the mode, and the release that takes its values may", self.shape.kind);
        let help = "where it does, take the step there; where nothing does, write `clusterMode: legacy` here";
        Some(Finding::new(Rule::ModeElsewhere, message).help(help).at(self.shifted(text.key.unwrap_or(text.value))))
    }

    /// A mode below keys that may lead to the chart, as those of an umbrella chart do: a second one beside it could be
    /// the one that counts, or not.
    pub(super) fn said_deeper(&self, place: &Place) -> Option<Finding> {
        let deeper = self.values().into_iter().flat_map(|(path, form)| self.modes_of(&path, form));
        let is_section = |keys: &Vec<String>| {
            let below = keys.strip_prefix(self.below.as_slice());
            below.and_then(<[String]>::first).is_some_and(|key| SECTIONS.contains(&key.as_str()))
        };
        let found = deeper.filter(|(keys, _)| !is_section(keys)).find(|_| place.span.is_none());
        let (keys, layers) = found?;
        let parents = keys[..keys.len() - 1].join(".");
        let message =
            format!("the mode may be this one, below `{}`: the manifest does not tell", parents.escape_debug());
        let help = "where that is the name or the alias of Illumio's chart in an umbrella chart, change it by hand; \
            where nothing reads it, remove it";
        let finding = Finding::new(Rule::ModeElsewhere, message).help(help);
        Some(Finding { span: self.place_at(layers).span, ..finding })
    }

    /// A parameter or an element from which the mode is taken, and which does not say it.
    pub(super) fn left_blank(&self, form: Form) -> Finding {
        let message = match (form, self.taken) {
            (Form::Element, Some(name)) => {
                format!("the template takes `clusterMode` from `{name}` of this element, which has none")
            }
            _ => "the parameter `clusterMode` has no value, which does not mean `legacy`".to_owned(),
        };
        let finding = Finding::new(Rule::BlankMode, message).help("write the mode the cluster is in");
        let name = self.path(self.shape.name);
        match self.document.locate(name.iter().map(String::as_str)) {
            Some(name) => finding.at(self.shifted(name.value)),
            None => finding,
        }
    }

    pub(super) fn overridden(&self, spot: &Spot, place: &Place) -> Option<Finding> {
        self.place_at(spot.layers.clone()).span.map(|span| overridden_by(place, self.text).at(span))
    }

    /// What there is to say of a mode in a text whose place a mapping takes.
    pub(super) fn hidden(&self, spot: &Spot) -> Option<Finding> {
        let message = format!("`{}` takes the place of this text, the mode in it included", self.first_mapping());
        let finding = Finding::new(Rule::ModeOverridden, message)
            .help("remove the text, so that nobody takes its mode for the cluster's")
            .weighing(Severity::Warning);
        self.place_at(spot.layers.clone()).span.map(|span| finding.at(span))
    }

    /// What overrides the mode from elsewhere, whatever stands here: in Flux an entry of `valuesFrom` with a
    /// `targetPath`, in Argo CD one of `fileParameters`.
    pub(super) fn set_from_elsewhere(&self) -> Option<Finding> {
        const LISTS: [(&str, &str, &str); 2] =
            [("valuesFrom", "targetPath", "a ConfigMap or Secret"), ("helm.fileParameters", "name", "a file")];
        let mode = self.below.iter().map(String::as_str).chain([MODE_KEY]).collect::<Vec<_>>().join(".");
        LISTS.iter().find_map(|(list, key, what)| {
            let item = self.items(&self.path(list)).rfind(|item| self.text_at(&with(item, &[key])) == Some(&mode))?;
            let located = self.document.locate(with(&item, &[key]).iter().map(String::as_str))?;
            let message = format!("the mode is decided by {what}, whatever stands here");
            let finding = Finding::new(Rule::ModeOverridden, message).help("change it there, or take this entry away");
            Some(finding.at(self.shifted(located.value)))
        })
    }

    /// kustomize: the chart's own file says `legacy`, and stays where it is merged into.
    pub(super) fn kept_by_chart(&self, place: &Place) -> Option<Finding> {
        let merge = self.merges_into_chart().filter(|_| place.span.is_some())?;
        let message = "`valuesMerge: merge` keeps the mode of the chart's own `values.yaml`, whatever stands here";
        let help = "leave `valuesMerge` out, which lets these values override";
        Some(Finding::new(Rule::ModeOverridden, message).help(help).at(merge))
    }

    /// Argo CD: a text of an `ApplicationSet` is a template as a whole, the comments in it too.
    pub(super) fn hidden_in_text(&self) -> Option<Finding> {
        let is_template = self.document.scalar_at(["spec", "goTemplate"]) == Some(Scalar::Bool(true));
        let texts = self.values().into_iter().filter(|(_, form)| is_template && *form == Form::Text);
        texts.filter_map(|(path, _)| self.document.locate(path.iter().map(String::as_str))).find_map(|located| {
            let start = located.value.start;
            let finding = hiding_lines_of_manifest(&self.document.text()[located.value])?;
            let span = finding.span.clone().map(|span| self.shifted(span.start + start..span.end + start));
            Some(Finding { span, ..finding })
        })
    }

    /// Argo CD: what changes the Applications of a template behind it.
    pub(super) fn patched(&self) -> Option<Finding> {
        let patch = ["spec", "templatePatch"];
        let text = self.document.text_at(patch).unwrap_or_default();
        let mut templates = self.items(&["spec".to_owned(), "generators".to_owned()]).filter_map(|generator| {
            let kinds = self.document.names_at(generator.iter().map(String::as_str));
            let located = |kind: &str| {
                let template = with(&generator, &[kind, "template"]);
                self.document.locate(template.iter().map(String::as_str))
            };
            kinds.into_iter().find_map(located)
        });
        let (message, located) = if text.contains(MODE_KEY) {
            ("the `templatePatch` decides the mode, whatever stands here", self.document.locate(patch)?)
        } else if text.contains("helm") {
            ("the `templatePatch` changes the values, and may say another mode", self.document.locate(patch)?)
        } else {
            ("the generator has a `template` of its own, which may say another mode", templates.next()?)
        };
        let help =
            "write the mode of each cluster into the elements of the generator, and the values into the template";
        Some(
            Finding::new(Rule::ModeOverridden, message)
                .help(help)
                .at(self.shifted(located.key.unwrap_or(located.value))),
        )
    }

    pub(super) fn trapped(&self) -> Vec<Finding> {
        let is_text = |path: &str, text: &str| self.text_at(&self.path(path)) == Some(text);
        let is_rollback = !is_text("upgrade.remediation.strategy", "uninstall")
            && !is_text("upgrade.strategy.name", "RetryOnFailure");
        let is_set = |path: &[String], is: Is| match (self.document.scalar_at(path.iter().map(String::as_str)), is) {
            (Some(Scalar::Bool(value)), Is::True) => value,
            (Some(Scalar::Bool(value)), Is::Rollback) => value && is_rollback,
            (Some(Scalar::Integer(value)), Is::Rollback) => value != 0 && is_rollback,
            _ => false,
        };
        let traps = self.shape.traps.iter().filter_map(|trap| {
            let path = self.path(trap.path);
            let located = is_set(&path, trap.is).then(|| self.document.locate(path.iter().map(String::as_str)))??;
            Some(Finding::new(trap.rule, trap.message).help(trap.help).at(self.shifted(located.value)))
        });
        traps.collect()
    }
}
