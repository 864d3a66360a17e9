//! What was not read, or cannot be, and may set another mode than the one that was found.

use super::{Layer, Rank, Release, Values};
use crate::{
    chart::secrets::masked,
    files::{Files, Held, Wanted},
    finding::{Doubt, Finding, Severity},
    rule::Rule,
    yaml::{Node, Scalar},
};

impl<'s> Release<'s> {
    /// What was not read, or cannot be, and may say another mode than the one that was found.
    pub(super) fn doubts(&self, files: &Files<'s>, layer: Option<usize>, is_said: bool) -> Vec<Finding> {
        let manifest = files.name(self.file);
        let rank = layer.map(|number| self.layers[number].rank);
        let may_override = |other: &Layer<'_>| !is_said || rank.is_none_or(|rank| other.rank > rank);
        let mut findings = Vec::new();
        let mut unread: Vec<&Layer<'s>> = Vec::new();
        let mut is_broken = self.findings.iter().any(|finding| finding.severity == Severity::Error);
        for other in &self.layers {
            match &other.values {
                Values::Broken(finding) => {
                    is_broken = true;
                    findings.push(finding.clone().in_file(files.name(other.file)));
                }
                Values::Hidden(finding) if may_override(other) => {
                    is_broken |= finding.severity == Severity::Error;
                    findings.push(finding.clone().in_file(files.name(other.file)));
                }
                Values::Mapping { node: Some(root), .. } if may_override(other) => {
                    let found = self.filled_in(other, *root);
                    findings.extend(found.map(|finding| finding.in_file(files.name(other.file))));
                }
                Values::Absent if other.named.as_ref().is_some_and(|named| named.is_optional) => {}
                Values::Unread(_) | Values::Absent if may_override(other) => unread.push(other),
                _ => {}
            }
        }
        if !is_broken && !unread.is_empty() {
            findings.extend(said_elsewhere(&unread, rank.filter(|_| is_said)).map(|finding| finding.in_file(manifest)));
        }
        findings
    }

    /// That Kubernetes refuses a change of the object that decides the mode. (Kubernetes documentation, Immutable
    /// `ConfigMaps`)
    pub(super) fn immutable(&self, files: &Files<'s>, layer: Option<usize>) -> Option<Finding> {
        let layer = layer.and_then(|number| self.layers.get(number))?;
        let Values::Mapping { text, .. } = &layer.values else { return None };
        let object = layer.named.as_ref().and_then(|named| named.object.as_ref());
        let generated = object.and_then(|object| match files.objects().held(object)[..] {
            [Held::Generated(generator)] if generator.is_immutable() => Some(object.kind.as_str()),
            _ => None,
        });
        let document = text.outermost();
        let is_immutable = document.scalar_at(["immutable"]) == Some(Scalar::Bool(true));
        let written = document.text_at(["kind"]).filter(|kind| is_immutable && ["ConfigMap", "Secret"].contains(kind));
        let kind = generated.or(written)?;
        let message = format!("this {kind} is `immutable`, so Kubernetes refuses a change of its values");
        let help = format!(
            "write the values into a {kind} of another name, and change the reference to it; the mode changes with that"
        );
        let finding = Finding::new(Rule::ModeElsewhere, message).help(help).weighing(Severity::Error);
        let span = layer.mode(&self.below).and_then(|reading| reading.span);
        Some(Finding { span, ..finding }.in_file(files.name(layer.file)))
    }

    /// That another tool fills in all of the chart's values of a layer, or what has them, as one.
    fn filled_in(&self, layer: &Layer<'s>, root: Node<'s>) -> Option<Finding> {
        let below = self.below.get(layer.under.len()..)?;
        let all = (1..=below.len()).filter_map(|depth| root.follow(&below[..depth]));
        let is_filled_in = |node: &Node<'_>| node.str().is_some_and(|text| text.contains('$') || text.contains("{{"));
        let node = all.into_iter().find(is_filled_in)?;
        let message = "what is filled in here as the values may set another mode";
        let help = "if it does, change it there by hand";
        let finding = Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere);
        Some(finding.weighing(Severity::Error).at(node.span()))
    }
}

/// That files and objects were not read, and may set the mode: all of them where nothing that was read does, else those
/// that override it, which has this rank.
fn said_elsewhere(unread: &[&Layer<'_>], said: Option<Rank>) -> Option<Finding> {
    let is_said = said.is_some();
    // what sets values one by one overrides them, wherever it is
    let is_file = |layer: &&Layer<'_>| layer.named.as_ref().is_some_and(|named| named.wanted.is_some());
    let is_above = said.is_some_and(|said| unread.iter().all(|layer| layer.rank.0 > said.0 && !is_file(layer)));
    let named = |layer: &&Layer<'_>| layer.named.clone();
    let all: Vec<_> = unread.iter().filter_map(named).collect();
    let message = if is_said {
        format!("these were not read; if one of them sets the mode, it overrides this one: {}", listed(unread))
    } else {
        format!("no file that was read sets the mode; these were not read and may set it: {}", listed(unread))
    };
    // those of objects that were read show no mode, and the encrypted files of helmfile are not where a mode is kept
    let is_kept_away =
        is_said && all.iter().all(|named| named.is_secret) && unread.iter().all(|layer| reason(layer).is_none());
    let is_of_secrets = || all.iter().all(|named| named.is_secret);
    let help = way_to(unread).filter(|_| !is_kept_away).unwrap_or_else(|| {
        if is_kept_away {
            "check that they do not".to_owned()
        } else if is_said && is_of_secrets() {
            "check that it sets no mode, and write the mode where it overrides the secret values; or change the mode by \
             hand"
                .to_owned()
        } else if is_said && all.iter().all(|named| named.object.is_some()) {
            "check that it sets no mode, and remove its entry here; or change the mode by hand".to_owned()
        } else if is_above {
            "write out what it sets, without the mode; or change the mode by hand".to_owned()
        } else if is_said {
            "move it before the entry that sets the mode; or change the mode by hand".to_owned()
        } else {
            "if one does, take the step in that file, with the version of this manifest".to_owned()
        }
    });
    // what the user names by hand is in no manifest
    let is_by_hand = !is_said && all.iter().all(|named| named.span.is_empty());
    let help = match (is_said, is_by_hand) {
        (true, _) => help,
        (_, true) => "write `clusterMode` into a file of its own in plain text, and pass that last with -f".to_owned(),
        _ => format!("{help}; if nothing sets the mode, write `clusterMode: legacy` here"),
    };
    let span = Some(all.first()?.span.clone()).filter(|span| !span.is_empty());
    let finding = Finding { span, ..Finding::new(Rule::ModeElsewhere, message).help(help) };
    if is_kept_away {
        return Some(finding.weighing(Severity::Warning));
    }
    Some(finding.weighing(Severity::Error).doubting(Doubt::Elsewhere))
}

/// How what was not read can be read; nothing where it cannot.
fn way_to(unread: &[&Layer<'_>]) -> Option<String> {
    const GIVE: &str = "pass the files after the manifest, -f MANIFEST -f FILE";
    let wanted = |layer: &&Layer<'_>| layer.named.as_ref().and_then(|named| named.wanted.clone());
    let all: Vec<Wanted> = unread.iter().filter_map(wanted).collect();
    let has_reason = unread.iter().any(|layer| reason(layer).is_some());
    if all.iter().any(|wanted| matches!(wanted, Wanted::File(_))) {
        return Some(if has_reason {
            format!("run it from a folder above them, or {GIVE}")
        } else {
            "check that the file exists, with the chart's values at its root".to_owned()
        });
    }
    let repository = all.iter().find_map(|wanted| match wanted {
        Wanted::InRepository { url, .. } => url.as_deref(),
        _ => None,
    });
    match repository.filter(|_| has_reason) {
        Some(url) => Some(format!("run it in a checkout of {}, or {GIVE}", masked(url).escape_debug())),
        None => all
            .iter()
            .any(|wanted| match wanted {
                Wanted::Object(object) => object.kind != "Secret",
                wanted => matches!(wanted, Wanted::InRepository { .. }),
            })
            .then(|| GIVE.to_owned()),
    }
}

/// Why a layer was not read, where that is known.
fn reason<'l>(layer: &'l Layer<'_>) -> Option<&'l str> {
    match &layer.values {
        Values::Unread(reason) => reason.as_deref(),
        _ => None,
    }
}

/// What was not read, and why: a reason behind all that have it.
fn listed(unread: &[&Layer<'_>]) -> String {
    let has_reasons = unread.iter().any(|layer| reason(layer).is_some());
    let parts = unread.chunk_by(|one, other| reason(one) == reason(other)).map(|chunk| {
        let shown = chunk.iter().filter_map(|layer| layer.named.as_ref()).map(|named| named.shown.as_str());
        let reason = chunk.first().and_then(|layer| reason(layer));
        shown.chain(reason).collect::<Vec<&str>>().join(", ")
    });
    parts.collect::<Vec<String>>().join(if has_reasons { "; " } else { ", " })
}
