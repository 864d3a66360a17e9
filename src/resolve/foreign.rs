//! What is not a values file of the chart, and would look like one whose mode is not set.

use super::state_values::state_value_at;
use crate::{
    called::Help,
    chart::{Shown, TEMPLATE_SCALARS, is_known, is_mode_key, names_illumio, shown, speaks_of_illumio},
    controller::CONTROLLERS,
    files::{Files, Found, Wanted, joined, objects_of},
    finding::{Doubt, Finding, Severity},
    release::{Foreign, Layer, Release, USUAL, Values, kind_by_form, kind_by_name, tool_of_variables},
    rule::Rule,
    umbrella::{CHART, VALUES, is_test_of_chart, part_of},
    yaml::{Node, Text},
};

/// Judges the values files of a release. `path` is where the values are, if that was named.
pub(super) fn foreign_of(files: &Files<'_>, release: &Release<'_>, path: Option<&str>) -> Option<Foreign> {
    let (number, name) = (release.mode.file, files.name(release.mode.file));
    if let Some(finding) = path.and_then(|path| state_value_at(files, number, path)) {
        return Some(Foreign::Object(finding));
    }
    let target = release.mode.layer.map(|number| &release.layers[number]);
    let below = release.below.get(target.map_or(0, |layer| layer.under.len())..).unwrap_or_default();
    let is_empty =
        matches!(target.map(|it| &it.values), Some(Values::Mapping { text, .. }) if text.document.text().is_empty());
    let target = target.and_then(root_of);
    let is_unsaid = release.mode.span.is_none() && release.mode.is_sound();
    let is_named = path.is_some();
    let of_place = || if is_named { None } else { of_place(files, release).or_else(|| of_ytt(target?)) };
    let of_object = || target.and_then(|root| object(root, below, is_unsaid, is_named));
    let of_other = || if is_named { None } else { of_other_chart(files, release, is_unsaid) };
    let of_kind = || if is_named { None } else { of_kind(name, target, below, is_unsaid) };
    let known = is_empty.then(empty_file).or_else(of_place).or_else(of_object).or_else(of_other).or_else(of_kind);
    if let Some(finding) = known {
        return Some(Foreign::Object(finding.in_file(name)));
    }
    let is_shown = shown_by(files, release) == Shown::Surely;
    if !is_unsaid || is_shown || has_mode(release) || is_told_by_umbrella(release) {
        return None;
    }
    let roots: Vec<Node<'_>> = release.layers.iter().filter_map(root_of).collect();
    let other = || roots.iter().find_map(|root| manifest(*root)).or_else(|| section(target?, below));
    if let Some(finding) = Some(()).filter(|()| !is_named).and_then(|()| other()) {
        return Some(Foreign::Other(finding.in_file(name)));
    }
    Some(Foreign::Doubtful(doubtful(release, target, below, is_named).in_file(name)))
}

/// That Helm is not given a file, by where it is: what another tool fills in, a part of another chart, or a test of one.
fn of_place(files: &Files<'_>, release: &Release<'_>) -> Option<Finding> {
    let number = release.mode.file;
    let of_variables = tool_of_variables(&files.path_from_top(number)).map(|tool| {
        let message = format!("the file holds variables of {tool}, not values of this chart");
        foreign(message, format!("change the variable by hand if a release takes it, and run {tool}"))
    });
    let is_alone = || release.text("cluster_id").is_some();
    let of_part = || part_of(files, &[release.file]).filter(|_| !is_alone());
    let of_test = || {
        let message = "the file holds values with which chart-testing tries the chart, not those of a cluster";
        let help = "pass the file that the release is upgraded with; if a cluster gets this one, name the place with --path \
                    (--path . for values at the root)";
        is_test_of_chart(files, number).then(|| foreign(message, help))
    };
    of_variables.or_else(of_part).or_else(of_test)
}

/// That a file holds what ytt fills in its templates with.
fn of_ytt(root: Node<'_>) -> Option<Finding> {
    let help = "ytt fills in its templates with it: change the mode by hand if it sets one";
    let finding = || foreign("the file is data values of ytt, not values of this chart", help);
    is_of_ytt(root.text.document.text()).then(finding)
}

/// That a file has the values of the chart beside it, which is another one.
fn of_other_chart(files: &Files<'_>, release: &Release<'_>, is_unsaid: bool) -> Option<Finding> {
    let number = release.mode.file;
    let is_own = is_unsaid && is_own_of_chart(files.name(number));
    let is_of_other = release.umbrella.is_none() && (is_own || shown_by(files, release) != Shown::Surely);
    let chart = Some(()).filter(|()| is_of_other).and_then(|()| other_chart(files, number))?;
    let message = format!("the file has the values of another chart, `{}`", chart.escape_debug());
    let help = "pass the values file of Illumio's chart; if this chart reads the same values, write the mode there";
    Some(foreign(message, help))
}

/// That a file is known as something else, by its name or its form.
fn of_kind(name: &str, target: Option<Node<'_>>, below: &[String], is_unsaid: bool) -> Option<Finding> {
    if target.is_some_and(|root| has_values(root, &[]) || has_values(root, below)) {
        return None;
    }
    let by_form = || target.filter(|_| is_unsaid).and_then(kind_by_form);
    let kind = kind_by_name(name).or_else(by_form)?;
    let help = "pass the file that the release is upgraded with; if the chart's values are deeper in this one, name the \
                place with --path";
    Some(foreign(format!("the file is {kind}, not values of this chart"), help))
}

/// That nothing shows that values are this chart's. A file of comments alone may be any chart's: another one's, or one of an
/// environment; and an item of a list without a value of the chart is what another tool reads.
fn doubtful(release: &Release<'_>, target: Option<Node<'_>>, below: &[String], is_named: bool) -> Finding {
    let message = match (below, only_shared(release)) {
        ([], Some(name)) => {
            format!("other tools have a `{name}`, too, and nothing else shows that the values are this chart's")
        }
        ([], None) => "none of the values belongs to this chart".to_owned(),
        (keys, _) => format!("there is no value of this chart under `{}`", keys.join(".").escape_debug()),
    };
    let help = match only_shared(release).filter(|_| below.is_empty()) {
        Some(_) => {
            "pass it with the other values files of the release; if it is one of this chart's, say so with --path ."
        }
        None => "pass the file that the release is upgraded with, or name the place with --path",
    };
    let is_item = target.is_some_and(Node::is_list);
    let severity = if is_item || !is_named { Severity::Error } else { Severity::Warning };
    Finding::new(Rule::ForeignValues, message).help(help).weighing(severity)
}

/// How far the values show that they are this chart's, without the mode. Below its name, and in a file that is called after
/// Illumio, one that others have, too, is enough.
fn shown_by(files: &Files<'_>, release: &Release<'_>) -> Shown {
    let names: Vec<String> = release.layers.iter().flat_map(|layer| layer.names(&release.below)).collect();
    // of several files the one to be written to is judged by itself, too: it may be another tool's
    let own = release.mode.layer.map(|number| release.layers[number].names(&release.below)).unwrap_or_default();
    if shown(&own) == Shown::Not && own.iter().any(|name| !is_known(name)) {
        return Shown::Not;
    }
    let is_named = || names_illumio(&files.path_from_top(release.mode.file));
    match shown(&names) {
        Shown::Perhaps if !release.below.is_empty() || is_named() => Shown::Surely,
        shown => shown,
    }
}

/// Whether an umbrella chart says that the values below a key are this chart's, and there are such.
fn is_told_by_umbrella(release: &Release<'_>) -> bool {
    let mut names = release.layers.iter().flat_map(|layer| layer.names(&release.below));
    release.umbrella.is_some() && names.any(|name| is_known(&name))
}

/// The first of the values that have a name of this chart's.
fn only_shared(release: &Release<'_>) -> Option<&'static str> {
    let names = || release.layers.iter().flat_map(|layer| layer.names(&release.below));
    names().find_map(|name| TEMPLATE_SCALARS.iter().find(|scalar| **scalar == name)).copied()
}

/// Whether the values have the mode, in any spelling.
fn has_mode(release: &Release<'_>) -> bool {
    release.layers.iter().flat_map(|layer| layer.names(&release.below)).any(|name| is_mode_key(&name))
}

/// Whether a file is what the chart in its folder says by itself, by its name.
fn is_own_of_chart(file: &str) -> bool {
    file.rsplit('/').next() == Some(VALUES)
}

/// The name of the chart beside a file that is named as one of its values files, where that is another one than Illumio's.
fn other_chart(files: &Files<'_>, number: usize) -> Option<String> {
    let file = files.name(number);
    let name = file.rsplit('/').next().unwrap_or(file);
    let is_named_so = name.strip_prefix("values").is_some_and(|rest| rest.starts_with(['.', '-', '_']));
    let chart = Some(joined(file, CHART)).filter(|_| is_named_so && !names_illumio(name))?;
    let Found::Here(chart) = files.find(&Wanted::File(chart), number) else { return None };
    let is_ours = speaks_of_illumio(files.source(chart).bytes);
    let root = files.whole(chart).ok().and_then(Text::root).filter(|_| !is_ours)?;
    root.str_at("name").map(str::to_owned)
}

/// Whether a file is data values of ytt, or their schema, as one of its lines says. (Carvel documentation, ytt, Data
/// Values)
fn is_of_ytt(text: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), b"#@data/values").is_some()
        && text.lines().any(|line| line.starts_with("#@data/values"))
}

fn root_of<'s>(layer: &Layer<'s>) -> Option<Node<'s>> {
    match &layer.values {
        Values::Mapping { text, .. } => text.root(),
        _ => None,
    }
}

/// That a file is empty.
pub(crate) fn empty_file() -> Finding {
    let help = "pass the file that the release is upgraded with; if another program is writing it, try again";
    foreign("the file is empty, so it is not a values file", help)
}

/// Whether a value that the chart alone reads is below some keys.
fn has_values(root: Node<'_>, below: &[String]) -> bool {
    root.follow(below).into_iter().flat_map(Node::entries).any(|(name, _)| TEMPLATE_SCALARS.contains(&name))
}

fn object(root: Node<'_>, below: &[String], is_unsaid: bool, is_named: bool) -> Option<Finding> {
    let kind = root.get("kind")?;
    let is_object = root.str_at("apiVersion").is_some();
    let is_foreign = is_unsaid || !is_named && is_object;
    let name = kind.str().filter(|_| is_foreign && !has_values(root, below))?;
    let message =
        format!("the file is an object of Kubernetes (`kind: {}`), not values of this chart", name.escape_debug());
    let help = match name {
        "Secret" => {
            "`data` of a Secret is base64, which the tool does not edit: keep `clusterMode` in a values file, or in a \
             ConfigMap"
        }
        _ => {
            "pass the file with the values; in an object of an unknown kind, name the keys with --path, or change the \
             mode by hand"
        }
    };
    Some(foreign(message, help).at(kind.span()))
}

/// Values below `illumio` that are not of the chart's: whether it reads those, or those beside them, is not known.
fn section(root: Node<'_>, below: &[String]) -> Option<Finding> {
    let section = root.get(USUAL).filter(|_| below.is_empty())?;
    let message = format!("it is not known whether the mode belongs under `{USUAL}` or beside it");
    let help = if section.is_mapping() {
        format!("if it is the name of the chart in an umbrella chart, name the place: --path {USUAL}")
    } else {
        format!(
            "values of a chart are a mapping, and `{USUAL}` is not: pass the file that the release is upgraded with"
        )
    };
    Some(foreign(message, help).at(section.key_span()))
}

/// A manifest of a kind that is known, of other charts.
fn manifest(root: Node<'_>) -> Option<Finding> {
    let help = "pass the file that has them, or name the place with --path";
    may_be_manifest(root).then(|| foreign("the manifest has no values of Illumio's chart", help))
}

/// Whether a document looks like one of the manifests that are known.
pub(crate) fn may_be_manifest(root: Node<'_>) -> bool {
    let is_known = |root: Node<'_>| CONTROLLERS.iter().any(|controller| controller.describes(root));
    objects_of(root).into_iter().any(is_known)
}

fn foreign(message: impl Into<String>, help: impl Into<Help>) -> Finding {
    let finding = Finding::new(Rule::ForeignValues, message).help(help).weighing(Severity::Error);
    finding.doubting(Doubt::Foreign)
}
