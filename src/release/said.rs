//! What the layers of a release come to: the mode, who decides it, and any other value by its name.

use std::{collections::HashSet, ops::Range};

use serde_json::Value;

use super::{
    Carrier, Filled, Layer, Release, Removed, Says, Values,
    mode::{Reading, Spot},
    mode_of_value,
};
use crate::{
    chart::{MODE_KEY, SECTIONS, is_id, is_setting},
    files::Files,
    finding::{Doubt, Finding, Position, Severity},
    instruction::TakenWith,
    mode::ClusterMode,
    overrides::{Decider, Decision, Override, decided_in, effective, merged},
    rule::Rule,
};

/// What the cluster gets for its mode, and who decides it.
#[derive(Clone, Default)]
pub(crate) struct Decided<'s> {
    /// The mode: the chart's default where nothing says one; nothing where it is not known.
    pub(crate) mode: Option<ClusterMode>,
    /// The layer that says it, or in which it would be written.
    pub(crate) layer: Option<usize>,
    /// The file of that layer.
    pub(crate) file: usize,
    /// Where in that file it is, or would be.
    pub(crate) spot: Option<Spot<'s>>,
    /// The bytes of the value there; nothing where it is not said.
    pub(crate) span: Option<Range<usize>>,
    /// The option that decides it, as it may be shown.
    pub(crate) option: Option<String>,
    /// What is wrong with it, and around it. Each finding has its file.
    pub(crate) findings: Vec<Finding>,
}

impl Decided<'_> {
    /// The keys that lead to it, through all texts.
    pub(crate) fn path(&self) -> Vec<String> {
        self.spot.as_ref().map(Spot::names).unwrap_or_default()
    }

    /// Whether nothing is wrong with it.
    pub(crate) fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    /// Takes a reason for which the mode is not known.
    pub(crate) fn doubt(&mut self, finding: Finding) {
        self.mode = None;
        self.findings.push(finding);
    }
}

/// Whether a finding about a mode leaves it unset after all.
fn leaves_it_unsaid(finding: &Finding) -> bool {
    let around = [Rule::MisspelledKey, Rule::MisplacedMode];
    // SOPS encrypts values, and marks the place; a file that is encrypted as a whole may say anything
    let is_of_values = finding.rule == Rule::EncryptedFile && finding.span.is_some();
    finding.severity < Severity::Error || around.contains(&finding.rule) || is_of_values
}

impl<'s> Release<'s> {
    /// Whether a spot is filled in by something else.
    fn is_filled(&self, file: usize, span: &Range<usize>) -> bool {
        self.filled.as_ref().is_some_and(|(own, filled)| *own == file && filled == span)
    }

    /// The spots that set a mode of this release, and do not count.
    pub(crate) fn overridden(&self, files: &Files<'_>) -> Vec<(String, Position)> {
        let names = self.path_to(MODE_KEY);
        let spot = |layer: &Layer<'s>, reading: Reading<'s>| {
            // what an element fills in is not a mode, nor is what removes one
            // an anchor may stand in a line that sets no mode
            let alias = reading.findings.iter().find(|finding| finding.rule == Rule::OutsideDialect);
            let alias = alias.and_then(|finding| finding.span.clone());
            if alias.is_some() && reading.mode.is_none() {
                return None;
            }
            let span = reading.span.filter(|span| !self.is_filled(layer.file, span))?;
            let is_decisive = layer.file == self.mode.file && self.mode.span.as_ref() == Some(&span);
            let is_counted = is_decisive && self.mode.option.is_none() || layer.loses(&names) && reading.mode.is_none();
            let start = alias.unwrap_or(span).start;
            (!is_counted).then(|| (files.name(layer.file).to_owned(), files.position(layer.file, start)))
        };
        let of_layer = |layer: &'_ Layer<'s>| -> Vec<(String, Position)> {
            layer.readings(&self.below).into_iter().filter_map(|reading| spot(layer, reading)).collect()
        };
        let mut spots: Vec<(String, Position)> = self.layers.iter().chain(&self.replaced).flat_map(of_layer).collect();
        let mut seen = HashSet::new();
        spots.retain(|(file, Position { line, column })| seen.insert((file.clone(), *line, *column)));
        spots
    }

    /// The patch that removes the mode, where nothing else sets one.
    pub(super) fn removed(&self) -> Option<&Removed> {
        self.layers.get(self.mode.layer.filter(|_| self.mode.span.is_none())?)?.removed.as_deref()
    }

    /// Where a patch removes the mode, where nothing else sets one.
    pub(crate) fn removed_in(&self, files: &Files<'_>) -> Option<(String, Position)> {
        let removed = self.removed()?;
        Some((files.name(removed.file).to_owned(), files.position(removed.file, removed.span.start)))
    }

    /// The spot of the mode in the strongest layer that has one.
    pub(crate) fn strongest_spot(&self) -> Option<Filled> {
        self.layers.iter().rev().find_map(|layer| Some((layer.file, layer.mode(&self.below)?.span?)))
    }

    /// The names that lead to a value of the chart.
    pub(crate) fn path_to<'p>(&'p self, name: &'p str) -> Vec<&'p str> {
        self.below.iter().map(String::as_str).chain([name]).collect()
    }

    /// That two of its files name different clusters: Helm would give the id of the last to the first.
    pub(crate) fn of_two_clusters(&self, files: &Files<'_>) -> Option<Finding> {
        let names = self.path_to("cluster_id");
        // what a chart says by itself is meant to be overridden
        let given = self.layers.iter().filter(|layer| !layer.is_of_chart());
        let mut said = given.filter_map(|layer| match layer.says(&names) {
            Says::Is(node) => Some((layer.file, node, node.str().filter(|id| is_id(id))?)),
            _ => None,
        });
        let (first, _, id) = said.next()?;
        let (other, node, _) = said.find(|(_, _, other)| !other.eq_ignore_ascii_case(id))?;
        let [first, other] = [first, other].map(|file| files.name(file));
        let message = format!("{first} and {other} belong to two clusters: they have different values of `cluster_id`");
        let help = "name the files of one cluster at a time; a shared file has no `cluster_id`";
        Some(Finding::new(Rule::SeveralPlaces, message).help(help).at(node.span()).in_file(other))
    }

    /// The layer that decides a value: the strongest that names it, or leaves no room for it.
    pub(crate) fn deciding(&self, names: &[&str]) -> Option<(usize, Says<'s>)> {
        let mut mappings = 0;
        for (number, layer) in self.layers.iter().enumerate().rev() {
            match layer.says(names) {
                Says::Nothing(depth) => mappings = mappings.max(depth),
                // a stronger layer has a mapping there, which leaves nothing of this one or of those below it
                Says::NoRoom(depth) if depth <= mappings && depth > 0 => return None,
                Says::Unknown => {}
                said => return Some((number, said)),
            }
        }
        None
    }

    /// The value that the release gets under a name, and whether an option sets it; nothing where it gets none. One
    /// without a value is null.
    pub(crate) fn value_of(&self, name: &str) -> Option<(Value, bool)> {
        let names = self.path_to(name);
        let set = effective(&[], &self.options).unwrap_or_default();
        if let Some(value) = names.iter().try_fold(&set, |value, name| value.get(*name)) {
            return Some((value.clone(), true));
        }
        match self.deciding(&names)? {
            (_, Says::Is(node)) => Some((node.value(), false)),
            (_, Says::Blank) => Some((Value::Null, false)),
            _ => None,
        }
    }

    /// The text that the release gets under a name; nothing where it gets none, or something else. Options count.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let (value, _) = self.value_of(name)?;
        value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Whether the release gets a name without a value, which is null for Helm. Options count.
    pub(crate) fn is_null(&self, name: &str) -> bool {
        self.value_of(name).is_some_and(|(value, _)| value.is_null())
    }

    /// The values that the layers come to, in order, with the options above them.
    ///
    /// # Errors
    ///
    /// A finding where Helm refuses an option.
    pub(crate) fn together(&self) -> Result<Value, Finding> {
        merged(self.values(), &self.options)
    }

    /// The values of each layer, weakest first.
    fn values(&self) -> Vec<Value> {
        self.layers.iter().map(Layer::value).collect()
    }

    /// Finds out what the cluster gets for its mode.
    pub(crate) fn settle(&mut self, files: &Files<'s>) {
        let names: Vec<String> = self.below.iter().cloned().chain([MODE_KEY.to_owned()]).collect();
        let path: Vec<&str> = names.iter().map(String::as_str).collect();
        let decides = self.deciding(&path);
        let layer = decides.map(|(number, _)| number).or_else(|| self.fillable());
        let mut mode = Decided { layer, file: self.file, ..Decided::default() };
        let readings = self.readings(files, &names);
        let mut said = None;
        if let Some(number) = layer {
            // what a patch removes is changed in the patch
            let removed = self.layers[number].removed.as_ref().filter(|_| decides.is_none());
            mode.file = removed.map_or(self.layers[number].file, |removed| removed.file);
            self.id.generated_by = self.layers[number].generated_by(files);
            let is_packed = self.packs_by_version() && self.layers[number].is_in_repository();
            self.id.taken_with = if is_packed { TakenWith::ChartVersion } else { TakenWith::Commit };
            if let Some(reading) = &readings[number] {
                (mode.spot, mode.span) = (Some(reading.spot.clone()), reading.span.clone());
                said = reading.mode;
            }
        }
        let is_said = mode.span.is_some();
        self.tell_of_layers(files, readings, &mut mode);
        if let Some(finding) = self.blank_parameter(decides, &mode) {
            mode.findings.push(finding.in_file(files.name(self.file)));
        }
        mode.findings.extend(self.doubts(files, layer, is_said));
        mode.findings.extend(self.immutable(files, layer));
        mode.findings.extend(self.misplaced(files, is_said));
        if mode.findings.iter().all(|finding| finding.severity < Severity::Error) && !is_said && self.is_of_manifest() {
            mode.findings.extend(self.said_deeper().map(|finding| finding.in_file(files.name(self.file))));
        }
        let is_unsaid = !is_said && mode.findings.iter().chain(&self.findings).all(leaves_it_unsaid);
        mode.mode = if is_unsaid { Some(ClusterMode::Legacy) } else { said };
        if mode.findings.iter().chain(&self.findings).any(|finding| finding.doubt.is_some()) {
            mode.mode = None;
        }
        self.doubt_unsaid(&mut mode, is_unsaid);
        self.mode = mode;
        self.settle_options();
        if let Some(finding) = self.turned_off(files) {
            self.mode.doubt(finding);
        }
    }

    /// What each layer says of the mode, with what fills it in.
    fn readings(&self, files: &Files<'s>, names: &[String]) -> Vec<Option<Reading<'s>>> {
        let read = |layer: &Layer<'s>| {
            let fills_in = if layer.is_own() { Carrier::fills_in_itself } else { <dyn Carrier>::fills_in };
            let reading = layer.mode(&self.below).filter(|_| !layer.loses(names))?;
            let filled_in = reading.filled_in_by(self.id.controller.and_then(fills_in));
            Some(filled_in.of_template(files.name(layer.file)).by_default(self.by_default.as_ref()))
        };
        self.layers.iter().map(read).collect()
    }

    /// Takes over what is wrong with what each layer says.
    fn tell_of_layers(&self, files: &Files<'s>, readings: Vec<Option<Reading<'s>>>, mode: &mut Decided<'s>) {
        let mut overridden = None;
        for (number, reading) in readings.into_iter().enumerate() {
            // what an element fills in is not a mode
            let is_filled = |reading: &Reading<'_>| {
                reading.span.as_ref().is_some_and(|it| self.is_filled(self.layers[number].file, it))
            };
            let Some(reading) = reading.filter(|reading| !is_filled(reading)) else {
                continue;
            };
            let file = files.name(self.layers[number].file);
            // what another layer overrides does no harm, but is worth knowing
            let is_harmless = mode.span.is_some() && mode.layer != Some(number);
            let is_odd = |reading: &Reading<'_>| reading.findings.iter().any(|it| it.rule == Rule::OutsideDialect);
            if is_harmless && (!self.way.is_empty() || reading.mode.is_none() && is_odd(&reading)) {
                continue;
            }
            if self.is_of_manifest() && is_harmless && self.layers[number].file == self.file {
                // the same words for each, so the line is counted once
                let finding = overridden.get_or_insert_with(|| overridden_by(mode, files, self.file)).clone();
                mode.findings.extend(reading.span.map(|span| finding.at(span).in_file(file)));
                continue;
            }
            mode.findings.extend(reading.findings.into_iter().map(|finding| {
                let severity = if is_harmless { finding.severity.min(Severity::Warning) } else { finding.severity };
                // what a template has there is overridden, whatever it is
                let doubt = finding.doubt.filter(|doubt| !is_harmless || *doubt != Doubt::Lines);
                Finding { doubt, ..finding.in_file(file).weighing(severity) }
            }));
        }
    }

    /// Takes over why the default is not known, where nothing sets a mode, and what may come before it.
    fn doubt_unsaid(&self, mode: &mut Decided<'s>, is_unsaid: bool) {
        if let Some(kept) = self.findings.iter().find(|finding| is_unsaid && finding.rule == Rule::ReuseValues) {
            let message = "nothing here sets the mode, and the release keeps the one of its old values";
            let finding = Finding::new(Rule::ModeElsewhere, message)
                .help("write its present mode, as `helm get values` shows it");
            mode.doubt(
                Finding { file: kept.file.clone(), span: kept.span.clone(), ..finding }.doubting(Doubt::Elsewhere),
            );
        }
        let no_default = self.no_default.iter().filter(|_| is_unsaid);
        let is_of_chart = mode.layer.is_some_and(|number| self.layers[number].is_of_chart());
        let is_said = mode.span.is_some();
        let imported = self.imported.iter().filter(|_| !is_said || is_of_chart);
        no_default.chain(imported).for_each(|finding| mode.doubt(finding.clone()));
    }

    /// Lets the options of the command line decide, where they do.
    fn settle_options(&mut self) {
        if self.options.is_empty() {
            return;
        }
        let files = self.values();
        let decision = {
            let path = self.path_to(MODE_KEY);
            effective(&files, &self.options).map(|together| decided_in(&together, &files, &self.options, &path))
        };
        let decision = match decision {
            Ok(decision) => decision,
            Err(finding) => return self.mode.doubt(finding.doubting(Doubt::Overridden)),
        };
        if matches!(decision.by, Decider::Override(_)) {
            self.take_option(&decision);
        }
    }

    fn take_option(&mut self, decision: &Decision) {
        let (option, overridden) = {
            let path = self.path_to(MODE_KEY);
            (decision.option(&self.options, &path), decision.overridden(&self.options, &path))
        };
        for finding in &mut self.mode.findings {
            finding.severity = finding.severity.min(Severity::Warning);
        }
        self.mode.option = option;
        self.mode.findings.extend(overridden.map(|finding| finding.doubting(Doubt::Overridden)));
        self.mode.mode = None;
        match decision.value.as_ref().map(mode_of_value) {
            Some(Ok((mode, spelling))) => {
                self.mode.mode = Some(mode);
                self.mode.findings.extend(spelling);
            }
            Some(Err(finding)) => self.mode.findings.push(finding),
            None => {}
        }
    }

    /// The strongest layer in which a mode can be written: the release's own, or one that shows values of the chart, as
    /// another file may be one that other charts take, too. One that is not there yet only where no other can.
    fn fillable(&self) -> Option<usize> {
        let has_node = |layer: &Layer<'_>| matches!(layer.values, Values::Mapping { node: Some(_), .. });
        let is_secret = |layer: &Layer<'_>| layer.named.as_ref().is_some_and(|named| named.is_secret);
        let is_room =
            |layer: &Layer<'_>| layer.is_fillable() && !is_secret(layer) && (has_node(layer) || !self.is_of_manifest());
        let is_near = |layer: &Layer<'_>| is_room(layer) && !self.may_be_for_others(layer);
        let strongest = |is_it: &dyn Fn(&Layer<'s>) -> bool| self.layers.iter().rposition(is_it);
        strongest(&is_near).or_else(|| strongest(&is_room)).or_else(|| strongest(&|layer| layer.is_fillable()))
    }

    /// Whether a manifest takes a layer from elsewhere that has values, and none of them shows that it is for this chart:
    /// other charts may take it, too.
    pub(super) fn may_be_for_others(&self, layer: &Layer<'_>) -> bool {
        let names = if layer.is_own() || !self.is_of_manifest() || !self.below.is_empty() {
            Vec::new()
        } else {
            layer.names(&self.below)
        };
        !names.is_empty() && !names.iter().any(|name| is_setting(name))
    }

    /// A parameter, or an element, from which the mode is taken and which does not say it.
    fn blank_parameter(&self, decides: Option<(usize, Says<'s>)>, mode: &Decided<'_>) -> Option<Finding> {
        let (number, says) = decides?;
        let Values::Parameters(parameters) = &self.layers[number].values else { return None };
        if mode.span.is_some() || !matches!(says, Says::Blank) || !mode.findings.is_empty() {
            return None;
        }
        let one = parameters.iter().rfind(|one| one.value.is_none())?;
        let message = if one.key == "value" {
            "the parameter `clusterMode` has no value, which does not mean `legacy`".to_owned()
        } else {
            format!("the template takes `clusterMode` from `{}` of this element, which has none", one.key)
        };
        let finding = Finding::new(Rule::BlankMode, message).help("write the present mode of the cluster");
        Some(finding.at(one.item.get("name").or_else(|| one.item.get("cluster")).unwrap_or(one.item).span()))
    }

    /// A mode below keys that may lead to the chart, as those of an umbrella chart do: a second one beside it could be
    /// the one that counts, or not.
    fn said_deeper(&self) -> Option<Finding> {
        let own = self.layers.iter().filter(|layer| layer.is_own());
        let deeper = own.flat_map(Layer::modes);
        let is_section = |keys: &[String]| {
            let below = keys.strip_prefix(self.below.as_slice());
            below.and_then(<[String]>::first).is_some_and(|key| SECTIONS.contains(&key.as_str()))
        };
        let (keys, span) = deeper.into_iter().find(|(keys, _)| !is_section(keys))?;
        let parents = keys[..keys.len() - 1].join(".");
        let message =
            format!("the mode may be this one, under `{}`: the manifest does not say", parents.escape_debug());
        let help = "if that is the name or the alias of Illumio's chart in an umbrella chart, change it by hand; if \
                    nothing reads it, remove it";
        Some(Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere).at(span))
    }
}

/// The finding about a mode that another spot overrides.
pub(crate) fn overridden_by(mode: &Decided<'_>, files: &Files<'_>, own: usize) -> Finding {
    let file = if mode.file == own { String::new() } else { format!("{} ", files.name(mode.file)) };
    let line = mode.span.as_ref().map(|span| format!(" in {file}line {}", files.position(mode.file, span.start).line));
    let message = format!("`{}`{} overrides this mode", mode.path().join(".").escape_debug(), line.unwrap_or_default());
    Finding::new(Rule::ModeOverridden, message)
        .help("remove it here, so that it is not mistaken for the mode")
        .weighing(Severity::Warning)
}

/// The sound ones of some options, and what is wrong with the others.
pub(crate) fn sorted_out(given: &[Result<Override, Finding>]) -> (Vec<Override>, Vec<Finding>) {
    let (mut sound, mut wrong) = (Vec::new(), Vec::new());
    for one in given {
        match one {
            Ok(option) => sound.push(option.clone()),
            Err(finding) => wrong.push(finding.clone()),
        }
    }
    (sound, wrong)
}
