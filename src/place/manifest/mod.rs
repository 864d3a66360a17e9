//! Places in manifests: the rows of [`super::shape`] found in a file.

mod findings;
mod helmfile;
mod sources;
mod spot;

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use self::{helmfile::Helmfile, spot::Spot};
use super::{
    Holder, Named, Pin, Place, Release, Sources, Stands, below_which,
    named::{Unread, said_elsewhere},
    shape::{Form, SHAPES, Shape},
};
use crate::{
    chart::{MODE_KEY, is_distinguishing, is_its_own, looks_like_values},
    finding::{Finding, Position, Severity},
    procedure::Deployer,
    rule::Rule,
    step::Source,
    yaml::{Address, Document, Scalar, documents, moved},
};

/// The places of a file that is a manifest; none where it is not.
pub(super) fn places(text: &str) -> Vec<Place> {
    if !may_be_manifest(text) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut unreadable = Vec::new();
    let helmfile = Helmfile::of(text);
    let alone = [Source { name: "", bytes: text.as_bytes() }];
    let objects = Sources::of(&alone);
    for range in documents(text) {
        let document = match Document::read(&text[range.clone()]) {
            Ok(document) => document,
            Err(finding) => {
                unreadable.push(moved(finding, range.start));
                continue;
            }
        };
        let mut has_template_of_another = false;
        let counts = |shape: &&Shape| !shape.is_helmfile() || helmfile.counts(&range);
        for shape in SHAPES.iter().filter(|shape| shape.describes(&document)).filter(counts) {
            let taken = if shape.is_list() { taken_by(&found, text, &range) } else { None };
            if shape.is_list() && taken.is_none() {
                continue;
            }
            for base in expanded(&document, shape.charts).into_iter().filter(|base| !is_passed_over(&document, base)) {
                let chart = Chart::at(text, &objects, &document, &range, shape, base, taken);
                if chart.is_ours() {
                    let mut one = chart.found();
                    if shape.is_helmfile() {
                        helmfile.judge(&chart, &mut one.place);
                    }
                    // the elements of a list have the chart of the template beside them
                    if one.is_of_another_chart || shape.is_list() && has_template_of_another {
                        one.place.version = None;
                    }
                    has_template_of_another |= one.is_of_another_chart;
                    found.push(one);
                }
            }
        }
    }
    let mut places = without_overridden(found, text);
    // a controller reads the file as a whole, or not at all
    for (number, place) in places.iter_mut().enumerate() {
        let said = if number == 0 { unreadable.len() } else { 1 };
        place.findings.extend(unreadable.iter().take(said).cloned());
    }
    places
}

/// Whether any word that tells a manifest stands in a text, or an escape that could spell it: a glance, which spares reading
/// values files as what they are not.
fn may_be_manifest(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    let mut roots = SHAPES.iter().map(|shape| shape.root).filter(|root| !root.is_empty());
    memchr::memchr(b'\\', text.as_bytes()).is_some() || has("kind") || roots.any(has)
}

/// Argo CD passes over `source` where `sources` has any; and one of these that other ones refer to, and that has neither
/// a chart nor a folder, brings nothing to the cluster.
fn is_passed_over(document: &Document<'_>, base: &[String]) -> bool {
    let has = |key: &str| document.locate(base.iter().map(String::as_str).chain([key])).is_some();
    let has_sources = |before: &[String]| document.length_at(before.iter().map(String::as_str).chain(["sources"])) > 0;
    base.split_last().is_some_and(|(last, before)| last == "source" && has_sources(before))
        || base.iter().any(|key| key == "sources") && has("ref") && !has("chart") && !has("path")
}

/// A place with the object it stands in, as another names it, and the objects whose values its chart takes, too.
struct Found {
    place: Place,
    object: String,
    takes: Vec<String>,
    /// Whether the version beside the values is not that of Illumio's chart, but an umbrella chart's or a branch of Git.
    is_of_another_chart: bool,
}

/// The places without those in objects of the same file whose values yield to another place's: a mode there is no
/// cluster's, and the place that overrides it says so.
fn without_overridden(mut found: Vec<Found>, text: &str) -> Vec<Place> {
    let namespace = |one: &Found| one.place.release.as_ref().and_then(|release| release.namespace.clone());
    let is_taken = |taken: &Found, taker: &Found| {
        let is_elsewhere = namespace(taken).zip(namespace(taker)).is_some_and(|(one, other)| one != other);
        !is_elsewhere
    };
    let mut by_object: HashMap<&str, Vec<usize>> = HashMap::new();
    for (number, taker) in found.iter().enumerate() {
        let objects: HashSet<&str> = taker.takes.iter().map(String::as_str).collect();
        for object in objects {
            by_object.entry(object).or_default().push(number);
        }
    }
    let takers_of = |taken: &Found| -> Vec<usize> {
        let takers = by_object.get(taken.object.as_str()).into_iter().flatten();
        takers.copied().filter(|number| is_taken(taken, &found[*number])).collect()
    };
    let says_mode = |number: &usize| found[*number].place.span.is_some();
    let takers: Vec<Vec<usize>> = found.iter().map(takers_of).collect();
    let yields: Vec<bool> = takers.iter().map(|takers| !takers.is_empty() && takers.iter().all(says_mode)).collect();
    for yielding in (0..found.len()).filter(|number| yields[*number]) {
        let Some(span) = found[yielding].place.span.clone() else { continue };
        for taker in &takers[yielding] {
            let place = &mut found[*taker].place;
            place.findings.push(overridden_by(place, text).at(span.clone()));
        }
    }
    // a text that a release takes is read through it
    let is_read = |taken: &Found, taker: &Found| {
        let key = taken.place.address.layers.first().and_then(|path| path.last());
        taker.place.named.iter().any(|named| match &named.stands {
            Stands::Object(object, wanted) => object.shown() == taken.object && Some(wanted) == key,
            _ => false,
        })
    };
    let are_read: Vec<bool> = (0..found.len())
        .map(|number| {
            !takers[number].is_empty() && takers[number].iter().all(|taker| is_read(&found[number], &found[*taker]))
        })
        .collect();
    let places = found.into_iter().zip(yields.into_iter().zip(are_read));
    places.filter(|(_, (yields, is_read))| !yields && !is_read).map(|(one, _)| one.place).collect()
}

/// What there is to say of a mode that a place overrides.
fn overridden_by(place: &Place, text: &str) -> Finding {
    let line = place.span.as_ref().map(|span| format!(" in line {}", Position::of(text, span.start).line));
    let message =
        format!("`{}`{} overrides this mode", place.path().join(".").escape_debug(), line.unwrap_or_default());
    Finding::new(Rule::ModeOverridden, message)
        .help("remove it here, so that nobody takes it for the mode")
        .weighing(Severity::Warning)
}

impl Shape {
    pub(super) fn describes(&self, document: &Document<'_>) -> bool {
        let is_told_by_root = !self.root.is_empty() && document.length_at([self.root]) > 0;
        let has = |key: &str, is_it: &dyn Fn(&str) -> bool| match document.locate([key]) {
            None => is_told_by_root,
            Some(_) => document.text_at([key]).is_some_and(is_it),
        };
        if self.kind.is_empty() {
            return is_told_by_root;
        }
        has("kind", &|kind| kind == self.kind) && has("apiVersion", &|api| api.starts_with(self.api))
    }

    fn is_helmfile(&self) -> bool {
        self.root == "releases"
    }

    /// Whether it is of the elements that a template takes values from.
    fn is_list(&self) -> bool {
        self.values.iter().any(|(_, form)| *form == Form::Element)
    }
}

/// A chart that a manifest names.
struct Chart<'d> {
    text: &'d str,
    /// The objects of the same text.
    objects: &'d Sources<'d>,
    document: &'d Document<'d>,
    range: &'d Range<usize>,
    shape: &'static Shape,
    base: Vec<String>,
    /// The keys below which an umbrella chart's values hold the chart's, as [`Place::below`] tells them.
    below: Vec<String>,
    /// Of an element: the name by which a template beside it takes the mode.
    taken: Option<&'d str>,
}

impl<'d> Chart<'d> {
    fn at(
        text: &'d str,
        objects: &'d Sources<'d>,
        document: &'d Document<'d>,
        range: &'d Range<usize>,
        shape: &'static Shape,
        base: Vec<String>,
        taken: Option<&'d str>,
    ) -> Self {
        let mut chart = Self { text, objects, document, range, shape, base, below: Vec::new(), taken };
        chart.below = below_which(|keys| {
            let values = chart.values().into_iter();
            values.flat_map(|(path, form)| chart.names(&path, form, keys)).any(|name| is_distinguishing(&name))
        });
        chart
    }

    /// Whether the chart is the one this crate is about: it is named so, or its values are. Where it has another name,
    /// `clusterMode` alone does not tell: other charts have a value of that name, too.
    fn is_ours(&self) -> bool {
        let named = |path: &&str| self.text_at(&self.path_or_inherited(path));
        let is_illumio = |name: &str| name.to_ascii_lowercase().contains("illumio");
        // what a template fills in is no name, and an umbrella chart has one of its own
        let is_other = |name: &str| !name.contains("{{") && self.below.is_empty();
        let in_git = self.is_in_git();
        let tells = |path: &&&str| !(in_git && path.starts_with("repo"));
        if self.taken.is_some() || self.shape.chart.iter().filter(tells).filter_map(named).any(is_illumio) {
            return true;
        }
        if self.shape.chart.first().and_then(named).is_some_and(is_other) {
            return self.has_values(is_its_own);
        }
        self.spots().iter().any(|spot| spot.says_mode) || self.has_values(is_distinguishing)
    }

    /// Where the folder of the chart is named, if it is one of a Git repository: in Argo CD where no chart is, in Flux as
    /// the chart of such a source.
    fn folder_in_git(&self) -> Option<Vec<String>> {
        const GIT: [&str; 2] = ["GitRepository", "Bucket"];
        let source = self.text_at(&self.path("chart.spec.sourceRef.kind"));
        let (path, is_in_git) = if self.shape.chart.contains(&"path") {
            ("path", !self.has(&self.path("chart")))
        } else {
            ("chart.spec.chart", source.is_some_and(|kind| GIT.contains(&kind)))
        };
        Some(self.path(path)).filter(|_| is_in_git)
    }

    fn is_in_git(&self) -> bool {
        self.folder_in_git().is_some()
    }

    /// Whether its values have such a name; a text that cannot be read has where it looks like this chart's.
    fn has_values(&self, is_meant: fn(&str) -> bool) -> bool {
        let below: Vec<&str> = self.below.iter().map(String::as_str).collect();
        self.values().into_iter().any(|(path, form)| {
            let unreadable = self.text_at(&path).filter(|text| form == Form::Text && Document::read(text).is_err());
            self.names(&path, form, &below).iter().any(|name| is_meant(name))
                || unreadable.is_some_and(looks_like_values)
        })
    }

    fn text_at(&self, path: &[String]) -> Option<&str> {
        self.document.text_at(path.iter().map(String::as_str))
    }

    fn has(&self, path: &[String]) -> bool {
        self.document.locate(path.iter().map(String::as_str)).is_some()
    }

    fn is_mapping_at(&self, path: &[String]) -> bool {
        self.document.is_mapping_at(path.iter().map(String::as_str))
    }

    /// The items of a list, each with its path.
    fn items(&self, path: &[String]) -> impl DoubleEndedIterator<Item = Vec<String>> + use<> {
        let length = self.document.length_at(path.iter().map(String::as_str));
        let path = path.to_vec();
        (0..length).map(move |item| path.iter().cloned().chain([item.to_string()]).collect())
    }

    /// The names that stand below some keys of the values at a path.
    fn names(&self, path: &[String], form: Form, below: &[&str]) -> Vec<String> {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<String>>();
        match form {
            Form::Mapping | Form::Element => {
                owned(self.document.names_at(path.iter().map(String::as_str).chain(below.iter().copied())))
            }
            Form::Text => {
                let inner = self.text_at(path).and_then(|text| Document::read(text).ok());
                inner.map_or_else(Vec::new, |inner| owned(inner.names_at(below.iter().copied())))
            }
            Form::List => self.items(path).flat_map(|item| self.names(&item, Form::Mapping, below)).collect(),
            Form::Parameters => {
                let names = self.items(path).filter_map(|item| Some(keys(self.text_at(&with(&item, &["name"]))?)));
                let is_below = |keys: &Vec<String>| keys.iter().zip(below).all(|(one, other)| one == other);
                names.filter(is_below).filter_map(|keys| keys.get(below.len()).cloned()).collect()
            }
        }
    }

    /// A path from the chart, as keys from the root.
    fn path(&self, path: &str) -> Vec<String> {
        match path.strip_prefix('/') {
            Some(path) => keys(path),
            None => self.base.iter().cloned().chain(keys(path)).collect(),
        }
    }

    fn place(&self) -> Place {
        let spots = self.spots();
        let decides = spots.iter().position(|spot| spot.says_mode);
        let is_fillable = |spot: &Spot| spot.form != Form::Parameters;
        let chosen = decides.or_else(|| spots.iter().position(is_fillable));
        let layers = match chosen {
            Some(spot) => spots[spot].layers.clone(),
            None => vec![with(&self.path(self.first_mapping()), &[MODE_KEY])],
        };
        let mut place = self.place_at(layers);
        if let (Some(Spot { form: form @ (Form::Parameters | Form::Element), .. }), None, true) =
            (decides.map(|spot| &spots[spot]), &place.span, place.findings.is_empty())
        {
            place.findings.push(self.left_blank(*form));
        }
        if let Some(decides) = decides {
            for spot in spots[decides + 1..].iter().filter(|spot| spot.says_mode) {
                place.findings.extend(self.overridden(spot, &place));
            }
        }
        place.findings.extend(self.set_from_elsewhere());
        place.findings.extend(self.kept_by_chart(&place));
        if self.shape.kind == "ApplicationSet" {
            place.findings.extend(self.patched());
            if let Some(finding) = self.hidden_in_text() {
                place.hide(finding);
            }
        }
        place.named = self.named();
        place.own = self.values().iter().flat_map(|(path, form)| self.names(path, *form, &[])).collect();
        place.rank = chosen.map(|spot| spots[spot].rank);
        if place.findings.is_empty() {
            let is_said = place.span.is_some();
            let may_say = |named: &&Named| !is_said || place.rank.is_none_or(|rank| named.rank > rank);
            let unread = place.named.iter().filter(may_say).map(|named| Unread { named, reason: None });
            let unread: Vec<Unread<'_>> = unread.collect();
            place.findings.extend(said_elsewhere(&unread, is_said.then_some(Severity::Warning)));
            if place.findings.is_empty() {
                place.findings.extend(self.said_by_release(&place));
            }
            place.findings.extend(self.said_deeper(&place));
        }
        for spot in self.hidden_spots().iter().filter(|spot| spot.says_mode) {
            place.findings.extend(self.hidden(spot));
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
            deployer: self.shape.deployer,
            helm_name: self.helm_name().filter(|_| self.shape.deployer == Deployer::Helm),
            storage: self.first_of(self.shape.storage),
            target: self.first_of(self.shape.target),
            apply: self.shape.apply,
        });
        place.chart = self.chart_referred_to();
        place.version = self.pin().or_else(|| Some(self.objects.version_of(place.chart.as_ref()?)?.1));
        place
    }

    fn found(&self) -> Found {
        let has_name = |path: &&str| !path.starts_with("repo") && self.text_at(&self.path_or_inherited(path)).is_some();
        // Flux may refer to a chart instead of naming it
        let names_chart = self.shape.chart.is_empty() || !self.is_in_git() && self.shape.chart.iter().any(has_name);
        Found {
            place: self.place(),
            object: format!(
                "{} `{}`",
                self.shape.kind,
                self.document.text_at(["metadata", "name"]).unwrap_or_default()
            ),
            takes: self.takes_from(),
            is_of_another_chart: !self.below.is_empty() || !names_chart,
        }
    }

    /// What the controller calls the release, with the names in it that it takes from the element. What is filled in is not
    /// filled in once more.
    fn called(&self) -> Option<String> {
        let path = self.path(self.shape.called);
        let mut rest = self.text_at(&path)?;
        let mut name = String::new();
        while let Some((before, action)) = rest.split_once("{{") {
            let (inside, behind) = action.split_once("}}")?;
            let filled = self.text_at(&self.path(taken_inside(inside)?))?;
            name.extend([before, filled]);
            rest = behind;
        }
        Some(name + rest)
    }

    /// What Helm calls the release. (Flux documentation, `HelmRelease`: without `releaseName` its name is that of the
    /// object, behind the `targetNamespace` where there is one.)
    fn helm_name(&self) -> Option<String> {
        let said = self.first_of(&["releaseName"]);
        said.or_else(|| {
            let called = self.called()?;
            Some(match self.first_of(&["targetNamespace"]) {
                Some(namespace) => format!("{namespace}-{called}"),
                None => called,
            })
        })
    }

    /// The first of these paths that says a text which is no template.
    fn first_of(&self, paths: &[&str]) -> Option<String> {
        let text = |path: &&str| self.document.text_at(self.path(path).iter().map(String::as_str)).map(str::to_owned);
        paths.iter().find_map(text).filter(|text| !text.is_empty() && !text.contains("{{"))
    }

    fn pin(&self) -> Option<Pin> {
        if self.shape.version.is_empty() {
            return None;
        }
        let path = self.path_or_inherited(self.shape.version);
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
            return Some(Pin { text, span: Some(self.shifted(span)), file: None });
        }
        Some(Pin { text, span: Some(self.shifted(span)), file: None })
    }

    fn place_at(&self, layers: Vec<Vec<String>>) -> Place {
        let address = Address { document: self.range.clone(), layers };
        Place::at(self.document, address, Holder::Manifest(self.shape.title))
    }

    fn shifted(&self, span: Range<usize>) -> Range<usize> {
        span.start + self.range.start..span.end + self.range.start
    }
}

/// The paths that a pattern stands for in a document: `*` is every item of a list, every entry of a mapping.
fn expanded(document: &Document<'_>, pattern: &str) -> Vec<Vec<String>> {
    let mut paths: Vec<Vec<String>> = vec![Vec::new()];
    for key in keys(pattern) {
        paths = paths
            .into_iter()
            .flat_map(|path| {
                let items = if key == "*" {
                    let at = || path.iter().map(String::as_str);
                    let items = (0..document.length_at(at())).map(|item| item.to_string());
                    items.chain(document.names_at(at()).into_iter().map(str::to_owned)).collect()
                } else {
                    vec![key.clone()]
                };
                items.into_iter().map(move |item| path.iter().cloned().chain([item]).collect::<Vec<_>>())
            })
            .collect();
    }
    paths.retain(|path| {
        let at = || path.iter().map(String::as_str);
        document.is_mapping_at(at()) || document.text_at(at()).is_some()
    });
    paths
}

/// A path that leads on.
fn with(path: &[String], more: &[&str]) -> Vec<String> {
    path.iter().cloned().chain(more.iter().map(|key| (*key).to_owned())).collect()
}

/// The name that a text takes from an element, where it is nothing but that: `{{name}}`, `{{ .name }}`.
fn taken(text: &str) -> Option<&str> {
    taken_inside(text.strip_prefix("{{")?.strip_suffix("}}")?)
}

/// The same of what stands between the braces.
fn taken_inside(action: &str) -> Option<&str> {
    let name = action.trim_matches(['-', ' ']).trim_start_matches('.');
    Some(name).filter(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// The name by which the templates of Illumio's chart in a document take the mode from the elements beside them.
fn taken_by<'t>(found: &[Found], text: &'t str, document: &Range<usize>) -> Option<&'t str> {
    let mut templates = found.iter().map(|one| &one.place).filter(|place| place.address.document == *document);
    let mode = |place: &Place| Some(text[place.span.clone()?].trim_matches(['"', '\''])).and_then(taken);
    let is_unreadable =
        |place: &Place| place.span.is_none() && place.findings.iter().any(|found| found.rule == Rule::TemplateInValues);
    let line = || {
        let value = |line: &'t str| line.trim_start().strip_prefix(MODE_KEY)?.trim_start().strip_prefix(':');
        let value = |line: &'t str| taken(value(line)?.trim().trim_matches(['"', '\'']));
        text[document.clone()].lines().find_map(value)
    };
    templates.find_map(|place| mode(place).or_else(|| is_unreadable(place).then(line).flatten()))
}

fn keys(path: &str) -> Vec<String> {
    path.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect()
}
