//! Modes that are said where no release takes them from: below keys that may be another chart's, in an item of a list,
//! in a text within a text, in a file that is not YAML. None is skipped in silence, and none is taken for a
//! cluster's.

use std::{
    collections::{BTreeSet, HashSet},
    ops::Range,
};

use super::{
    broken::broken,
    charts::for_each_chart,
    sealed::sealed,
    state_values::tell_state_values,
    unread::{is_of_ansible, unrendered},
};
use crate::{
    called::Help,
    chart::{is_its_own, is_mode_key, may_be_its_own, may_mention, speaks_of_illumio, values::Schema},
    files::{Files, is_prose},
    finding::{Doubt, Finding, Severity},
    mode::ClusterMode,
    release::{
        Among, Foreign, Layer, Mention, Release, SPLITS_NO_KEYS, Values, is_among_templates, is_mode_word, words_in,
    },
    rendered::{
        Shows, is_of_other_language, is_of_terraform, is_program, is_template_of_other, is_unread_program,
        lines_with_mode, only_mentions, shows,
    },
    rule::Rule,
    source::Source,
    yaml::{Node, Scalar, Text, written},
};

/// A mode that is set somewhere.
struct Said<'s> {
    /// The bytes of the name in the file.
    name: Range<usize>,
    /// Those of the value.
    value: Range<usize>,
    place: Place<'s>,
}

/// Where it is set, as far as it is known.
enum Place<'s> {
    /// Under its name, in a mapping.
    Mapping(Node<'s>),
    /// Beside its name, as in a list of names and values.
    Pair,
    /// In words that are not read as values.
    Words,
}

/// What a file says of the mode that is not a layer of these releases of it.
pub(crate) fn mentions<'s>(files: &Files<'s>, number: usize, releases: &[Release<'s>]) -> Vec<Mention> {
    let source = files.source(number);
    let Ok(whole) = source.text() else { return Vec::new() };
    let is_other = is_of_other_language(source.name, source.bytes) && !is_of_terraform(source.name);
    let is_read = || !releases.is_empty() || is_other;
    let unrendered = (!is_read()).then(|| unrendered(source.name, whole, Rule::ModeNotJudged)).flatten();
    let broken = || (!is_read()).then(|| broken(files, number, Rule::ModeNotJudged)).flatten();
    let is_release = unrendered.is_none();
    let hidden = unrendered.or_else(broken);
    let hidden = hidden.map(|finding| Mention {
        path: Vec::new(),
        finding: finding.in_file(source.name),
        shows: None,
        is_release,
    });
    let secrets: Vec<String> = releases.iter().flat_map(Release::secrets).collect();
    let hidden = hidden.into_iter().chain(sealed(files, number, &secrets));
    if !may_mention(source.bytes) {
        return hidden.collect();
    }
    let hidden: Vec<Mention> = hidden.collect();
    let said = unaccounted(files, number, releases);
    // what a template of a chart says is more useful than that it is one
    let is_told = said.is_empty() || !is_among_templates(source.name);
    let hidden = hidden.into_iter().filter(|_| is_told);
    let is_manifest = releases.iter().any(Release::is_of_manifest) || crate::graph::takes_others(files, number);
    let mut found: Vec<Mention> = hidden.chain(shown_of(said, source, is_manifest)).collect();
    tell_state_values(files, number, &mut found);
    // a key that is given twice, or by a merge key as well, is reported already
    let twice =
        |it: &Finding| [Rule::DuplicateKey, Rule::OutsideDialect].contains(&it.rule) && it.severity == Severity::Error;
    let is_given_twice = |release: &&Release<'_>| release.mode.findings.iter().any(twice);
    for release in releases.iter().filter(is_given_twice) {
        found.retain(|found| found.path != release.mode.path());
    }
    found
}

/// The modes that a file sets, and no release of it, nor of another chart, takes.
fn unaccounted<'s>(files: &Files<'s>, number: usize, releases: &[Release<'s>]) -> Vec<Said<'s>> {
    let source = files.source(number);
    let whole = source.text().unwrap_or_default();
    let mut search = Search { among: among_of(source), said: Vec::new() };
    for part in files.parts(number) {
        match part.text.as_ref().ok().copied().or_else(|| files.list(number, &part.range)) {
            Some(text) => search.text(text),
            None => search.words(&whole[part.range.clone()], part.range.start),
        }
    }
    // beside what a program brings that is read, and what text for people gives in a heredoc
    if is_program(source) || is_prose(source.name) {
        search.file(source, whole);
    }
    let (mut names, mut values) = (HashSet::new(), HashSet::new());
    let mut said = search.said;
    said.retain(|said| names.insert(said.name.start) && values.insert(said.value.start));
    // what decides is nearly always all that there is, and the layers need not be read again
    let deciding = releases.iter().filter(|release| release.mode.file == number).filter_map(|it| it.mode.span.clone());
    let deciding = disjoint(deciding.collect());
    said.retain(|said| !said.is_within(&deciding));
    if !said.is_empty() {
        let own = disjoint(releases.iter().flat_map(|release| accounted(files, number, release)).collect());
        said.retain(|said| !said.is_within(&own));
    }
    // most files say nothing more, and are not asked for other charts
    if !said.is_empty() {
        let others = disjoint(accounted_by_others(files, number, releases));
        said.retain(|said| !said.is_within(&others));
    }
    said
}

/// The bytes that say no mode of this chart: what charts of another name take, unless the release is called after this one
/// and it is one of the four modes, as a copy may have any name.
fn accounted_by_others<'s>(files: &Files<'s>, number: usize, releases: &[Release<'s>]) -> Vec<Range<usize>> {
    let says_mode = releases.iter().all(|release| release.mode.span.is_some());
    let text = files.source(number).text().unwrap_or_default();
    let is_mode = |span: &Range<usize>| {
        let word = text.get(span.clone()).map(|word| word.trim_matches(['"', '\'']));
        word.is_some_and(|word| ClusterMode::named(word).is_some())
    };
    let mut taken = Vec::new();
    for_each_chart(files, number, |chart, _| {
        let is_another = chart.is_another() && !chart.may_be_any();
        if is_another {
            let releases = chart.releases(&[]);
            let of_chart = releases.iter().flat_map(|release| accounted(files, number, release));
            taken.extend(of_chart.filter(|span| !(chart.is_called_so() && is_mode(span))));
        }
        let rest = &chart.controller.rest;
        let is_known = is_another || says_mode && chart.is_ours();
        let elements = rest.elements.filter(|_| is_known).and_then(|path| chart.root.at(path));
        // what a controller reports of an object gives no cluster anything
        let status = chart.root.get("status").filter(|_| is_known && !chart.controller.kind.is_empty());
        taken.extend(elements.into_iter().chain(status).map(Node::span));
    });
    taken
}

/// How many are shown of one file.
const SHOWN: usize = 100;

fn shown_of(mut said: Vec<Said<'_>>, source: Source<'_>, is_manifest: bool) -> Vec<Mention> {
    said.sort_by_key(|said| said.name.start);
    let more = said.len().saturating_sub(SHOWN);
    let mut found: Vec<Mention> = said.iter().take(SHOWN).map(|said| said.mention(source, is_manifest)).collect();
    if let Some(last) = found.last_mut().filter(|_| more > 0) {
        last.finding.message.push_str(&["; ", &more.to_string(), " more follow"].concat());
    }
    found
}

/// Ranges as those that they cover together, in order.
fn disjoint(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut covered: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match covered.last_mut().filter(|last| range.start <= last.end) {
            Some(last) => last.end = last.end.max(range.end),
            None => covered.push(range),
        }
    }
    covered
}

/// Those of a file that is not YAML.
pub(crate) fn mentions_in_words(files: &Files<'_>, number: usize) -> Vec<Mention> {
    let source = files.source(number);
    let Some(text) = source.text().ok().filter(|_| may_mention(source.bytes)) else { return Vec::new() };
    let mut search = Search { among: among_of(source), said: Vec::new() };
    search.file(source, text);
    shown_of(search.said, source, false)
}

/// The bytes of a file that a release takes its mode from, or says something of.
fn accounted<'r>(files: &'r Files<'_>, number: usize, release: &'r Release<'_>) -> impl Iterator<Item = Range<usize>> {
    let layers = release.layers.iter().filter(move |layer| layer.file == number);
    let readings = layers.flat_map(|layer| layer.readings(&release.below)).filter_map(|reading| reading.span);
    let foreign = release.foreign.iter().map(Foreign::finding);
    let findings = release.mode.findings.iter().chain(&release.findings).chain(foreign);
    let is_here = move |finding: &&Finding| finding.file.as_deref() == Some(files.name(number));
    // that an expression is not read says nothing of the modes in it
    let is_expression = is_of_terraform(files.name(number));
    let is_unread = |layer: &&Layer<'_>| is_expression && matches!(layer.values, Values::Unread(_));
    let unread: Vec<&Range<usize>> =
        release.layers.iter().filter(is_unread).filter_map(|it| it.named.as_ref()).map(|it| &it.span).collect();
    let spans = findings.filter(is_here).filter_map(|finding| finding.span.clone());
    let spans = spans.filter(move |span| !unread.contains(&span));
    let filled = release.filled.iter().filter(move |(file, _)| *file == number).map(|(_, span)| span.clone());
    readings.chain(spans).chain(filled)
}

/// The bytes of other files that a release takes its mode from, or says something of, by the names of these.
pub(crate) fn accounted_elsewhere(files: &Files<'_>, release: &Release<'_>) -> Vec<(String, Range<usize>)> {
    let others: BTreeSet<usize> =
        release.layers.iter().map(|layer| layer.file).filter(|file| *file != release.file).collect();
    let of_file = |file: usize| {
        accounted(files, file, release).map(move |span| (files.name(file).to_owned(), span)).collect::<Vec<_>>()
    };
    others.into_iter().flat_map(of_file).collect()
}

/// Whether the list that a file is is one of clusters, of which each has a mode: an item has a key beside it that the
/// chart does not read. The chart's values as the items of a list are a mistake.
pub(crate) fn lists_modes(files: &Files<'_>, number: usize) -> bool {
    let schema = Schema::shipped();
    let is_cluster = |item: Node<'_>| {
        let names: Vec<&str> = item.entries().map(|(name, _)| name).collect();
        names.iter().any(|name| is_mode_key(name)) && names.iter().any(|name| !is_mode_key(name) && !schema.has(name))
    };
    root_list(files, number).is_some_and(|root| root.items().any(is_cluster))
}

/// Whether an item of the list that a file is shows one of the chart's values; nothing where the file is not a list.
pub(crate) fn lists_values(files: &Files<'_>, number: usize) -> Option<bool> {
    let root = root_list(files, number)?;
    let shows = |item: Node<'_>| may_be_its_own(&item.entries().map(|(name, _)| name).collect::<Vec<_>>());
    Some(root.items().any(shows))
}

/// The list that a file is.
fn root_list<'s>(files: &Files<'s>, number: usize) -> Option<Node<'s>> {
    // commands in it are parts of their own
    let of_file =
        files.parts(number).iter().filter(|part| part.text.as_ref().map_or(true, |text| text.language().is_none()));
    let [part] = of_file.collect::<Vec<_>>()[..] else { return None };
    files.list(number, &part.range)?.root()
}

impl Release<'_> {
    /// Takes the first mode that is set beside its layers, and that a cluster may get, as a reason not to take the chart's
    /// default for its own.
    pub(super) fn doubt_default(&mut self, mentions: &[Mention]) {
        let Some(mention) = mentions.iter().find(|mention| mention.may_count()) else { return };
        if self.mode.span.is_none() && self.mode.option.is_none() && self.mode.mode.is_some() {
            self.mode.mode = None;
            let finding = mention.finding.clone().weighing(Severity::Error);
            self.mode.findings.push(finding.doubting(Doubt::Elsewhere));
        }
    }
}

/// What is known of a file by what is in it, and by its name.
fn among_of(source: Source<'_>) -> Among {
    let speaks_of_helm =
        || ["elm", "ELM", "chart"].iter().any(|word| memchr::memmem::find(source.bytes, word.as_bytes()).is_some());
    let is_of_program = is_program(source) || is_unread_program(source);
    match speaks_of_illumio(source.bytes) {
        _ if is_of_program && (speaks_of_illumio(source.bytes) || speaks_of_helm()) => Among::Program,
        true => Among::Illumio,
        false => Among::Any,
    }
}

struct Search<'s> {
    among: Among,
    said: Vec<Said<'s>>,
}

impl<'s> Search<'s> {
    /// Looks through a text, and the texts in it.
    fn text(&mut self, text: &'s Text<'s>) {
        for (mapping, name, value) in text.all_entries() {
            if is_mode_key(name) || is_mode_key(last_of(name)) {
                self.entry(mapping, value);
            } else if value.str().is_some_and(|name| name.rsplit(['.', '/']).next().is_some_and(is_mode_key)) {
                self.pair(mapping, value);
            }
        }
        for scalar in text.all_values() {
            if !may_mention(scalar.source().as_bytes()) {
                continue;
            }
            // what is within one line is kept as long as the file, and says no more
            let inner = if scalar.source().contains('\n') { scalar.inner() } else { None };
            match inner {
                Some(Ok(inner)) => self.text(inner),
                _ => self.words(scalar.source(), scalar.span().start),
            }
        }
    }

    fn entry(&mut self, mapping: Node<'s>, value: Node<'s>) {
        let is_beside_its_own = mapping.entries().any(|(name, _)| is_its_own(name));
        let is_mode = match value.scalar() {
            Some(Scalar::Text(word)) => is_mode_word(word, self.among) || is_beside_its_own,
            Some(_) => is_beside_its_own,
            // JSON Schema describes it
            None => false,
        };
        if is_mode {
            let (name, span) = (value.key_span(), value.span());
            // an anchor is before the alias, and is not what is set there
            let is_alias = span.start < name.start && value.text.language().is_none();
            let span = if is_alias { name.clone() } else { span };
            self.said.push(Said { name, value: span, place: Place::Mapping(value) });
        }
    }

    fn pair(&mut self, mapping: Node<'s>, name: Node<'s>) {
        let Some(value) = mapping.get("value").filter(|value| *value != name) else { return };
        if value.str().is_some_and(|word| is_mode_word(word, self.among)) {
            self.said.push(Said { name: name.span(), value: value.span(), place: Place::Pair });
        }
    }

    /// Looks through a file that is not read as values.
    fn file(&mut self, source: Source<'_>, text: &str) {
        if !only_mentions(source) {
            return self.words(text, 0);
        }
        for line in lines_with_mode(source, text) {
            self.words(&text[line.clone()], line.start);
        }
    }

    fn words(&mut self, text: &str, start: usize) {
        let moved = |span: Range<usize>| span.start + start..span.end + start;
        // an expression of a template is a program
        let is_expression = self.among == Among::Illumio && text.contains("{{");
        let among = if is_expression { Among::Program } else { self.among };
        self.said.extend(words_in(text, among).into_iter().map(|words| Said {
            name: moved(words.name),
            value: moved(words.value),
            place: Place::Words,
        }));
    }
}

impl Said<'_> {
    /// Whether its name or its value is in one of these ranges, which are in order and apart.
    fn is_within(&self, taken: &[Range<usize>]) -> bool {
        [&self.name, &self.value].into_iter().any(|span| {
            let before = taken.partition_point(|own| own.start < span.end);
            before.checked_sub(1).is_some_and(|last| span.start < taken[last].end)
        })
    }

    fn mention(&self, source: Source<'_>, is_manifest: bool) -> Mention {
        let file = source.name;
        let is_unnamed = only_mentions(source) && !is_prose(file);
        let shows = Some(&self.place)
            .filter(|place| matches!(place, Place::Words))
            .and_then(|_| shows_at(source, self.name.start));
        let (path, message, help) = match self.place {
            Place::Mapping(node) => told(node, file, is_manifest),
            Place::Words if shows.is_some() => (
                Vec::new(),
                "a mode is set here for a command that installs nothing: it shows, checks or writes what Helm would install".to_owned(),
                Help::from("if something else brings what it writes to a cluster, change it by hand"),
            ),
            Place::Words if is_unnamed => (
                Vec::new(),
                "a mode is set here, and the name of the file is not that of a values file, so it counts for no cluster"
                    .to_owned(),
                Help::naming("if a cluster gets this file, name it: ", &format!(" status {}", crate::shell::shell_word(file))),
            ),
            Place::Pair => (
                Vec::new(),
                "a mode is set here as the value beside its name, and it is not known for which cluster".to_owned(),
                Help::from("if a cluster uses it, change it by hand"),
            ),
            Place::Words => (
                Vec::new(),
                if is_template_of_other(file) {
                    "a mode is set here, in a template that another tool fills in".to_owned()
                } else {
                    "a mode is set here, in text that is not read as values".to_owned()
                },
                Help::from("if a cluster uses it, change it by hand"),
            ),
        };
        // a value beside its name may stand in another line
        let span = match self.place {
            Place::Mapping(_) => self.name.clone(),
            Place::Pair | Place::Words => self.name.start.min(self.value.start)..self.name.end.max(self.value.end),
        };
        let finding = Finding::new(Rule::ModeNotJudged, message).help(help).at(span).in_file(file);
        Mention { path, finding, shows, is_release: false }
    }
}

/// What the command of Helm does that a byte of a script, or of a pipeline, is in, where that installs nothing.
fn shows_at(source: Source<'_>, byte: usize) -> Option<Shows> {
    /// No command is longer.
    const LONGEST: usize = 4_000;
    let text = source.text().ok()?;
    let is_end = |at: &usize| !text[..*at].trim_end_matches('\r').ends_with('\\');
    let before = text.get(..byte)?.match_indices('\n').rev().map(|(at, _)| at);
    let start = before.take_while(|at| byte - at < LONGEST).find(is_end).map_or(0, |at| at + 1);
    let rest = text.get(start..)?.match_indices('\n').map(|(at, _)| start + at);
    let end = rest.filter(|at| *at >= byte).take_while(|at| at - byte < LONGEST).find(is_end).unwrap_or(text.len());
    text.get(start..end).filter(|line| line.len() < 2 * LONGEST).and_then(|line| shows(line, text))
}

/// The last part of a name that is written with those around it, for Helm one key: `illumio.clusterMode`. The configuration
/// of a stack of Pulumi has the project before a name: `seg:clusterMode`.
fn last_of(name: &str) -> &str {
    name.rsplit([':', '.']).next().unwrap_or(name)
}

/// The keys that lead to a mode in a mapping, and findings about it. In a manifest that brings the chart, a path names one of
/// its releases, and no other place.
fn told(node: Node<'_>, file: &str, is_manifest: bool) -> (Vec<String>, String, Help) {
    let path: Vec<String> = node.text.address(node.path()).layers.into_iter().flatten().collect();
    let below = written(&path[..path.len().saturating_sub(1)]);
    let document = node.text.outermost();
    let of = document.text_at(["kind"]).map(|kind| format!(" in an object of kind `{}`", kind.escape_debug()));
    let is_play = document.root_is_list() && is_of_ansible(document.text());
    let of = of.or_else(|| is_play.then(|| " in a playbook of Ansible, or a list of tasks".to_owned()));
    let of = of.unwrap_or_default();
    // a dot within a key follows a backslash, which is not an escape of the shown text
    let shown = below.escape_debug().to_string().replace(r"\\", r"\");
    let place = match below.is_empty() {
        _ if document.root_is_list() && !is_play => "in an item of a list".to_owned(),
        true => "at the root".to_owned(),
        false => format!("below `{shown}`"),
    };
    let joined = path.last().filter(|name| !name.contains(':') && !is_mode_key(name));
    if let Some(name) = joined {
        let name = name.escape_debug();
        let message =
            format!("a mode is set {place}{of} under the one key `{name}`, which Helm does not read as a path");
        return (path, message, Help::from(SPLITS_NO_KEYS));
    }
    let message = format!("a mode is set {place}{of}, and it is not known for which cluster");
    let help = if document.root_is_list() || below.is_empty() || is_manifest {
        Help::from("if a cluster uses it, change it by hand")
    } else {
        let [file, below] = [file, &below].map(crate::shell::shell_word);
        Help::naming("if it belongs to Illumio's chart, name the place: ", &format!(" status -f {file} --path {below}"))
    };
    (path, message, help)
}
