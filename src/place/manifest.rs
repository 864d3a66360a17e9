//! Places in manifests: the rows of [`super::shape`] found in a file.

use std::ops::Range;

use super::{
    Holder, Pin, Place, Release,
    shape::{Form, Is, SHAPES, Shape},
};
use crate::{
    chart::{MODE_KEY, is_distinguishing},
    finding::{Finding, Position, Severity},
    rule::Rule,
    yaml::{Address, Document, Scalar, documents},
};

/// The places of a file that is a manifest; none where it is not.
pub(super) fn places(text: &str) -> Vec<Place> {
    let mut places = Vec::new();
    for range in documents(text) {
        let Ok(document) = Document::read(&text[range.clone()]) else { continue };
        for shape in SHAPES.iter().filter(|shape| shape.describes(&document)) {
            for base in expanded(&document, shape.charts) {
                let chart = Chart { text, document: &document, range: &range, shape, base };
                if chart.is_ours() {
                    let mut place = chart.place();
                    place.version = place.version.or_else(|| referred(&document, text));
                    places.push(place);
                }
            }
        }
    }
    places
}

/// Flux: the version of the `OCIRepository` that `chartRef` names, where it stands in the same file: its tag, or the
/// range that it takes the latest of.
fn referred(release: &Document<'_>, text: &str) -> Option<Pin> {
    const CHART: [&str; 2] = ["spec", "chartRef"];
    let name = release.text_at(CHART.into_iter().chain(["name"]))?;
    let kind = release.text_at(CHART.into_iter().chain(["kind"]))?;
    documents(text).into_iter().find_map(|range| {
        let document = Document::read(&text[range.clone()]).ok()?;
        let is_it = document.text_at(["kind"]) == Some(kind) && document.text_at(["metadata", "name"]) == Some(name);
        let path = ["tag", "semver"].map(|key| ["spec", "ref", key]);
        let path = path.into_iter().filter(|_| is_it).find(|path| document.locate(*path).is_some())?;
        let span = document.locate(path)?.value;
        let text = document.text_at(path).unwrap_or(&document.text()[span.clone()]).to_owned();
        Some(Pin { text, span: Some(span.start + range.start..span.end + range.start) })
    })
}

impl Shape {
    pub(super) fn describes(&self, document: &Document<'_>) -> bool {
        if self.api.is_empty() {
            return document.length_at([self.kind]) > 0;
        }
        document.text_at(["kind"]) == Some(self.kind)
            && document.text_at(["apiVersion"]).is_some_and(|api| api.starts_with(self.api))
    }
}

/// A chart that a manifest names.
struct Chart<'d> {
    text: &'d str,
    document: &'d Document<'d>,
    range: &'d Range<usize>,
    shape: &'static Shape,
    base: Vec<String>,
}

/// A spot in the values of a chart where the mode is said, or could be.
struct Spot {
    form: Form,
    layers: Vec<Vec<String>>,
    says_mode: bool,
}

impl Chart<'_> {
    /// Whether the chart is the one this crate is about: it is named so, or its values are.
    fn is_ours(&self) -> bool {
        let is_named_so = |path: &&str| {
            let name = self.document.text_at(self.path(path).iter().map(String::as_str));
            name.is_some_and(|name| name.to_ascii_lowercase().contains("illumio"))
        };
        self.shape.chart.iter().any(is_named_so)
            || self.spots().iter().any(|spot| spot.says_mode)
            || self.has_our_values()
    }

    fn has_our_values(&self) -> bool {
        self.shape.values.iter().filter(|(_, form)| *form == Form::Mapping).any(|(path, _)| {
            let path = self.path(path);
            self.document.names_at(path.iter().map(String::as_str)).into_iter().any(is_distinguishing)
        })
    }

    /// A path from the chart, as keys from the root.
    fn path(&self, path: &str) -> Vec<String> {
        match path.strip_prefix('/') {
            Some(path) => keys(path),
            None => self.base.iter().cloned().chain(keys(path)).collect(),
        }
    }

    /// The spots, the ones that override first.
    fn spots(&self) -> Vec<Spot> {
        self.shape.values.iter().flat_map(|(path, form)| self.spots_of(&self.path(path), *form)).collect()
    }

    fn spots_of(&self, path: &[String], form: Form) -> Vec<Spot> {
        let at = |more: &[&str]| -> Vec<String> {
            path.iter().cloned().chain(more.iter().map(|key| (*key).to_owned())).collect()
        };
        let has = |path: &[String]| self.document.locate(path.iter().map(String::as_str)).is_some();
        match form {
            Form::Mapping if self.document.is_mapping_at(path.iter().map(String::as_str)) => {
                let layers = vec![at(&[MODE_KEY])];
                vec![Spot { form, says_mode: has(&layers[0]), layers }]
            }
            Form::Text if self.document.text_at(path.iter().map(String::as_str)).is_some() => {
                let text = self.document.text_at(path.iter().map(String::as_str)).unwrap_or_default();
                let says_mode = Document::read(text).is_ok_and(|inner| inner.locate([MODE_KEY]).is_some());
                vec![Spot { form, layers: vec![path.to_vec(), vec![MODE_KEY.to_owned()]], says_mode }]
            }
            Form::Parameters => {
                let names_mode = |item: &usize| {
                    let name = at(&[&item.to_string(), "name"]);
                    self.document.text_at(name.iter().map(String::as_str)) == Some(MODE_KEY)
                };
                let items = 0..self.document.length_at(path.iter().map(String::as_str));
                // of several the last counts
                let item = items.rev().find(names_mode);
                let spot =
                    |item: usize| Spot { form, layers: vec![at(&[&item.to_string(), "value"])], says_mode: true };
                item.map(spot).into_iter().collect()
            }
            Form::List => {
                let items = (0..self.document.length_at(path.iter().map(String::as_str))).rev();
                items.flat_map(|item| self.spots_of(&at(&[&item.to_string()]), Form::Mapping)).collect()
            }
            // an element that no template takes the mode from says nothing of it
            Form::Element if self.document.text().lines().any(|line| takes(line, MODE_KEY)) => {
                let layers = vec![at(&[MODE_KEY])];
                vec![Spot { form, says_mode: true, layers }]
            }
            Form::Mapping | Form::Text | Form::Element => Vec::new(),
        }
    }

    fn place(&self) -> Place {
        let spots = self.spots();
        let decides = spots.iter().position(|spot| spot.says_mode);
        let is_fillable = |spot: &Spot| spot.form != Form::Parameters;
        let chosen = decides.or_else(|| spots.iter().position(is_fillable));
        let layers = match chosen {
            Some(spot) => spots[spot].layers.clone(),
            None => vec![self.path(&format!("{}.{MODE_KEY}", self.first_mapping()))],
        };
        let address = Address { document: self.range.clone(), layers };
        let mut place = Place::at(self.document, address, Holder::Manifest(self.shape.title));
        if let Some(decides) = decides {
            for spot in spots[decides + 1..].iter().filter(|spot| spot.says_mode) {
                let overriding = (place.path().join("."), place.span.clone());
                place.findings.extend(self.overridden(spot, overriding));
            }
        }
        if let (Some(Spot { form: form @ (Form::Parameters | Form::Element), .. }), None, true) =
            (decides.map(|spot| &spots[spot]), &place.span, place.findings.is_empty())
        {
            place.findings.push(self.left_blank(*form));
        }
        place.findings.extend(self.set_from_elsewhere());
        if place.findings.is_empty() {
            place.findings.extend(self.said_elsewhere(&place));
        }
        place.findings.extend(self.trapped());
        place.release = Some(Release {
            name: self
                .document
                .text_at(self.path(self.shape.name).iter().map(String::as_str))
                .unwrap_or("?")
                .to_owned(),
            called: self.called(),
            namespace: self.document.text_at(["metadata", "namespace"]).map(str::to_owned),
            apply: self.shape.apply,
        });
        place.version = self.pin();
        place
    }

    /// The files and objects from which values come that are not read here, and may say the mode: all of them where the
    /// manifest does not say it, else those that override what it says.
    fn said_elsewhere(&self, place: &Place) -> Option<Finding> {
        let said = place.address.layers.first().filter(|_| place.span.is_some());
        let mut named = Vec::new();
        let mut first = None;
        for more in self.shape.more {
            let path = self.path(more);
            let items = (0..self.document.length_at(path.iter().map(String::as_str))).map(|item| {
                let item: Vec<String> = path.iter().cloned().chain([item.to_string()]).collect();
                item
            });
            for item in std::iter::once(path.clone()).chain(items) {
                // only a list has an order; what stands before the mode in it yields to it, and so does what is no list
                let overrides = match said {
                    None => true,
                    Some(said) => {
                        *more == "secrets"
                            || said.starts_with(&path) && item.len() > path.len() && {
                                let number =
                                    |keys: &[String]| keys.get(path.len()).and_then(|key| key.parse::<usize>().ok());
                                number(&item) > number(said)
                            }
                    }
                };
                let Some(name) = self.named_at(&item).filter(|_| overrides) else { continue };
                first = first.or_else(|| self.document.locate(item.iter().map(String::as_str)));
                named.push(name);
            }
        }
        let first = first?;
        let list = named.join(", ");
        let finding = match said {
            None => Finding::new(Rule::ModeElsewhere, format!("the manifest does not say the mode, and this may: {list}"))
                .help("where it does, take the step in that file, with the version of this manifest; where nothing does, write `clusterMode: legacy` here"),
            Some(_) => Finding::new(Rule::ModeElsewhere, format!("the mode is overridden if it stands here, too: {list}"))
                .help("see that it does not, or put it last")
                .weighing(Severity::Warning),
        };
        Some(finding.at(self.shifted(first.value)))
    }

    /// The file or the object that is named at a path.
    fn named_at(&self, path: &[String]) -> Option<String> {
        let text = |name: &str| self.document.text_at(path.iter().map(String::as_str).chain([name]));
        let file = self.document.text_at(path.iter().map(String::as_str)).map(|file| format!("`{file}`"));
        // with a `targetPath` it sets one value, which is looked at by itself
        let object = || Some(format!("{} `{}`", text("kind")?, text("name")?)).filter(|_| text("targetPath").is_none());
        file.or_else(object)
    }

    /// What the controller calls the release, with the names in it that it takes from the element.
    fn called(&self) -> Option<String> {
        let path = self.path(self.shape.called);
        let mut name = self.document.text_at(path.iter().map(String::as_str))?.to_owned();
        while let Some((before, rest)) = name.split_once("{{") {
            let (inside, behind) = rest.split_once("}}")?;
            let path = self.path(taken(&format!("{{{{{inside}}}}}"))?);
            let filled = self.document.text_at(path.iter().map(String::as_str))?;
            name = [before, filled, behind].concat();
        }
        Some(name)
    }

    fn first_mapping(&self) -> &'static str {
        self.shape.values.iter().find(|(_, form)| *form == Form::Mapping).map_or("values", |(path, _)| path)
    }

    fn pin(&self) -> Option<Pin> {
        if self.shape.version.is_empty() {
            return None;
        }
        let path = self.path(self.shape.version);
        let text = match self.document.scalar_at(path.iter().map(String::as_str))? {
            Scalar::Text(text) => text.to_owned(),
            // an unquoted 5.1 is a number
            _ => String::new(),
        };
        let span = self.document.locate(path.iter().map(String::as_str))?.value;
        let text = if text.is_empty() { self.document.text()[span.clone()].to_owned() } else { text };
        // what a template takes from the element beside the mode
        if let Some(name) = taken(&text) {
            let path = self.path(name);
            let text = self.document.text_at(path.iter().map(String::as_str))?.to_owned();
            let span = self.document.locate(path.iter().map(String::as_str))?.value;
            return Some(Pin { text, span: Some(self.shifted(span)) });
        }
        Some(Pin { text, span: Some(self.shifted(span)) })
    }

    /// What there is to say of a mode that another one overrides, whose path and place are given.
    /// A parameter or an element from which the mode is taken, and which does not say it.
    fn left_blank(&self, form: Form) -> Finding {
        let message = match form {
            Form::Element => "the template takes `clusterMode` from this element, which has none",
            _ => "the parameter `clusterMode` has no value, which does not mean `legacy`",
        };
        let finding = Finding::new(Rule::BlankMode, message).help("write the mode the cluster is in");
        let name = self.path(self.shape.name);
        match self.document.locate(name.iter().map(String::as_str)) {
            Some(name) => finding.at(self.shifted(name.value)),
            None => finding,
        }
    }

    fn overridden(&self, spot: &Spot, (path, span): (String, Option<Range<usize>>)) -> Option<Finding> {
        let weaker = Place::at(
            self.document,
            Address { document: self.range.clone(), layers: spot.layers.clone() },
            Holder::Manifest(self.shape.title),
        );
        let line = span.map_or(String::new(), |span| format!(" in line {}", Position::of(self.text, span.start).line));
        let message = format!("`{}`{line} overrides this mode", path.escape_debug());
        let finding =
            Finding::new(Rule::ModeOverridden, message).help("remove it here, so that nobody takes it for the mode");
        weaker.span.map(|span| finding.weighing(Severity::Warning).at(span))
    }

    /// Flux: a `valuesFrom` entry with `targetPath: clusterMode` overrides whatever stands here.
    fn set_from_elsewhere(&self) -> Option<Finding> {
        let list = self.path("valuesFrom");
        let items = 0..self.document.length_at(list.iter().map(String::as_str));
        let target = |item: usize| {
            let path = self.path(&format!("valuesFrom.{item}.targetPath"));
            let is_mode = self.document.text_at(path.iter().map(String::as_str)) == Some(MODE_KEY);
            is_mode.then(|| self.document.locate(path.iter().map(String::as_str)))?
        };
        let located = items.filter_map(target).next_back()?;
        Some(
            Finding::new(Rule::ModeOverridden, "the mode is decided by a ConfigMap or Secret, whatever stands here")
                .help("change it there, or take this entry away")
                .at(self.shifted(located.value)),
        )
    }

    fn trapped(&self) -> Vec<Finding> {
        let is_set = |path: &[String], is: Is| match (self.document.scalar_at(path.iter().map(String::as_str)), is) {
            (Some(Scalar::Bool(value)), Is::True) => value,
            (Some(Scalar::Text(text)), Is::Text(wanted)) => text == wanted,
            _ => false,
        };
        let traps = self.shape.traps.iter().filter_map(|trap| {
            let path = self.path(trap.path);
            let located = is_set(&path, trap.is).then(|| self.document.locate(path.iter().map(String::as_str)))??;
            Some(Finding::new(trap.rule, trap.message).help(trap.help).at(self.shifted(located.value)))
        });
        traps.collect()
    }

    fn shifted(&self, span: Range<usize>) -> Range<usize> {
        span.start + self.range.start..span.end + self.range.start
    }
}

/// The paths that a pattern stands for in a document: `*` is every item of a list.
fn expanded(document: &Document<'_>, pattern: &str) -> Vec<Vec<String>> {
    let mut paths: Vec<Vec<String>> = vec![Vec::new()];
    for key in keys(pattern) {
        paths = paths
            .into_iter()
            .flat_map(|path| {
                let items = if key == "*" {
                    let length = document.length_at(path.iter().map(String::as_str));
                    (0..length).map(|item| item.to_string()).collect()
                } else {
                    vec![key.clone()]
                };
                items.into_iter().map(move |item| path.iter().cloned().chain([item]).collect::<Vec<_>>())
            })
            .collect();
    }
    paths.retain(|path| document.is_mapping_at(path.iter().map(String::as_str)));
    paths
}

/// The name that a text takes from an element, where it is nothing but that: `{{name}}`, `{{ .name }}`.
fn taken(text: &str) -> Option<&str> {
    let name = text.strip_prefix("{{")?.strip_suffix("}}")?.trim_matches(['-', ' ']).trim_start_matches('.');
    Some(name).filter(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// Whether a line takes a name from an element.
fn takes(line: &str, name: &str) -> bool {
    line.split("{{").skip(1).any(|rest| rest.split("}}").next().is_some_and(|inside| inside.contains(name)))
}

fn keys(path: &str) -> Vec<String> {
    path.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect()
}
