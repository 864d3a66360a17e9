//! What a helmfile says beside a release that reaches it: its parts, the settings for all releases, and templates.

use std::ops::Range;

use super::{
    super::{
        Named, Place, Stands,
        shape::{Form, HELMFILE_TRAPS, Is, Trap},
        template::hiding_lines_of_manifest,
    },
    Chart, with,
};
use crate::{
    chart::MODE_KEY,
    finding::Finding,
    rule::Rule,
    yaml::{Document, Scalar, documents},
};

/// The lists of a release that set values one by one.
const SETS: [&str; 3] = ["set", "setString", "setTemplate"];

/// A file of helmfile.
#[derive(Default)]
pub(super) struct Helmfile {
    /// Where the document begins whose releases count: helmfile merges the parts of a file, and a list takes the place of
    /// the one before.
    part: Option<usize>,
    /// The settings that [`HELMFILE_TRAPS`] are about.
    traps: Vec<(&'static Trap, Finding)>,
    /// What is wrong for every release.
    findings: Vec<Finding>,
    /// An action that decides which lines there are.
    hides: Option<Finding>,
}

/// A template that a release inherits from.
pub(super) struct Template {
    name: String,
    span: Range<usize>,
    /// The keys that lead to it; nothing where it is not in this document.
    pub(super) path: Option<Vec<String>>,
}

impl Helmfile {
    /// Reads a file; one that is none of helmfile says nothing.
    pub(super) fn of(text: &str) -> Self {
        let mut file = Self::default();
        if !text.contains("releases") {
            return file;
        }
        for range in documents(text) {
            let Ok(document) = Document::read(&text[range.clone()]) else { continue };
            if document.length_at(["releases"]) > 0 {
                file.part = Some(range.start);
            }
            let shifted = |span: Range<usize>| span.start + range.start..span.end + range.start;
            for trap in HELMFILE_TRAPS {
                let is_set =
                    trap.is == Is::True && document.scalar_at(["helmDefaults", trap.path]) == Some(Scalar::Bool(true));
                let located = document.locate(["helmDefaults", trap.path]).filter(|_| is_set);
                let finding = |span| Finding::new(trap.rule, trap.message).help(trap.help).at(span);
                file.traps.extend(located.map(|located| (trap, finding(shifted(located.value)))));
            }
            for item in 0..document.length_at(["helmDefaults", "args"]) {
                let path = ["helmDefaults", "args", &item.to_string()];
                let Some(argument) = document.text_at(path) else { continue };
                let finding = of_argument(argument).zip(document.locate(path));
                file.findings.extend(finding.map(|(finding, located)| finding.at(shifted(located.value))));
            }
        }
        file.hides = hiding_lines_of_manifest(text);
        file
    }

    /// Whether the releases of this document count.
    pub(super) fn counts(&self, document: &Range<usize>) -> bool {
        self.part == Some(document.start)
    }

    /// What there is to say of a release.
    pub(super) fn judge(&self, release: &Chart<'_>, place: &mut Place) {
        place.findings.extend(self.findings.iter().cloned());
        place.findings.extend(release.set_by_template(place));
        // what the release says itself counts more
        let is_open = |trap: &Trap| !release.has(&release.path(trap.path));
        place.findings.extend(self.traps.iter().filter(|(trap, _)| is_open(trap)).map(|(_, finding)| finding.clone()));
        if let Some(finding) = &self.hides {
            place.hide(finding.clone());
        }
    }
}

/// What is wrong with an argument that Helm gets for every release.
fn of_argument(argument: &str) -> Option<Finding> {
    if argument.contains(MODE_KEY) {
        let message = "`helmDefaults.args` sets the mode of every release, whatever stands there";
        let finding = Finding::new(Rule::ModeOverridden, message);
        return Some(finding.help("take it away here, and write the mode of each cluster beside its release"));
    }
    let gives_file = ["-f", "--values", "--set-file"].iter().any(|option| argument.starts_with(option));
    let finding = || {
        let message = "`helmDefaults.args` gives Helm more values, which override those of a release";
        Finding::new(Rule::ModeElsewhere, message).help("name the file in the `values` of the release instead")
    };
    gives_file.then(finding)
}

impl Chart<'_> {
    /// How many items stand before those of a list: helmfile puts `valuesTemplate` before `values`, and Flux the files of
    /// the chart before the objects.
    pub(super) fn length_before(&self, list: &[String]) -> usize {
        const LISTS: [(&str, &str); 2] = [("values", "valuesTemplate"), ("valuesFrom", "chart.spec.valuesFiles")];
        let before = LISTS.iter().find(|(behind, _)| list == self.path(behind)).map(|(_, before)| self.path(before));
        before.map_or(0, |before| self.document.length_at(before.iter().map(String::as_str)))
    }

    /// The templates that a release of helmfile inherits from.
    pub(super) fn templates(&self) -> Vec<Template> {
        let inherited = self.items(&self.path("inherit")).filter_map(|item| {
            let name = with(&item, &["template"]);
            let span = self.document.locate(name.iter().map(String::as_str))?.value;
            let name = self.text_at(&name)?.to_owned();
            let path = vec!["templates".to_owned(), name.clone()];
            let path = Some(path).filter(|path| self.is_mapping_at(path));
            Some(Template { name, span: self.shifted(span), path })
        });
        inherited.collect()
    }

    /// A path from the chart, or from the last of the templates that has it where the release does not.
    pub(super) fn path_or_inherited(&self, path: &str) -> Vec<String> {
        let own = self.path(path);
        if path.is_empty() || path.starts_with('/') || self.has(&own) {
            return own;
        }
        let keys: Vec<&str> = path.split('.').collect();
        let templates = self.templates();
        let of_templates = templates.iter().rev().filter_map(|template| Some(with(template.path.as_ref()?, &keys)));
        of_templates.into_iter().find(|path| self.has(path)).unwrap_or(own)
    }

    /// The values that a template sets one by one override the lists of a release, and yield to what that sets.
    fn set_by_template(&self, place: &Place) -> Option<Finding> {
        const SET: u8 = Form::Parameters.layer();
        let sets = |template: &Template| -> Option<Finding> {
            let path = template.path.as_ref()?;
            let mut items = SETS.iter().flat_map(|list| self.items(&with(path, &[list])));
            let item = items.find(|item| self.text_at(&with(item, &["name"])) == Some(MODE_KEY))?;
            let span = self.document.locate(item.iter().map(String::as_str))?.value;
            let message =
                format!("the template `{}` sets the mode, whatever stands here", template.name.escape_debug());
            let help = "take it away there, and write the mode of each cluster beside its release";
            Some(Finding::new(Rule::ModeOverridden, message).help(help).at(self.shifted(span)))
        };
        let yields = place.span.is_some() && place.rank.is_some_and(|(layer, _)| layer >= SET);
        self.templates().iter().filter(|_| !yields).find_map(sets)
    }

    /// A template by what it may say of the mode: by `set` above the values of a release, by `values` below. Nothing where
    /// it says none for certain.
    pub(super) fn named_by(&self, template: &Template) -> Option<Named> {
        const ABOVE: (u8, usize) = (2, usize::MAX);
        let rank = match &template.path {
            None => ABOVE,
            Some(path) => {
                let items = |lists: &[&str]| -> Vec<Vec<String>> {
                    lists.iter().flat_map(|list| self.items(&with(path, &[list]))).collect()
                };
                let sets = |item: &Vec<String>| {
                    let name = self.text_at(&with(item, &["name"]));
                    name.is_none_or(|name| name != MODE_KEY && (name.contains(MODE_KEY) || name.contains("{{")))
                };
                let may_say = |item: &Vec<String>| {
                    let keys = self.document.names_at(item.iter().map(String::as_str));
                    !self.is_mapping_at(item) || keys.iter().any(|key| *key == MODE_KEY || key.contains("{{"))
                };
                if items(&SETS).iter().any(sets) {
                    ABOVE
                } else if items(&["values", "valuesTemplate", "secrets"]).iter().any(may_say) {
                    (0, 0)
                } else {
                    return None;
                }
            }
        };
        let shown = format!("the template `{}`", template.name.escape_debug());
        let span = template.span.clone();
        Some(Named { shown, stands: Stands::Elsewhere, rank, span, is_optional: false, repository: None })
    }
}
