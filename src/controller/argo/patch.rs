//! What changes the Applications of an ApplicationSet beside its template.

use crate::{
    chart::MODE_KEY,
    controller::Chart,
    finding::{Doubt, Finding},
    release::hiding_lines_of_manifest,
    rule::Rule,
    yaml::{Node, Scalar},
};

/// What is wrong with an ApplicationSet beside what is of an Application.
pub(super) fn findings(chart: &Chart<'_, '_>) -> Vec<Finding> {
    patched(chart).into_iter().chain(hidden_in_text(chart)).collect()
}

/// What changes the Applications of a template behind it.
fn patched(chart: &Chart<'_, '_>) -> Option<Finding> {
    let patch = chart.root.at("spec.templatePatch");
    let text = patch.and_then(Node::str).unwrap_or_default();
    let (message, node) = if text.contains(MODE_KEY) {
        ("the `templatePatch` overrides this mode", patch?)
    } else if !leaves_values(text) {
        ("the `templatePatch` changes more than how the Application is synced, and may set another mode", patch?)
    } else {
        return None;
    };
    Some(overriding(message, node))
}

/// That a generator puts a template of its own over that of the set.
pub(super) fn by_generator(template: Node<'_>) -> Finding {
    overriding("the generator has a `template` of its own, which may set another mode", template)
}

fn overriding(message: &'static str, node: Node<'_>) -> Finding {
    let help = "write the mode of each cluster into the elements of the generator, and the values into the template";
    let finding = Finding::new(Rule::ModeOverridden, message).help(help).doubting(Doubt::Overridden);
    finding.at(node.key_span())
}

/// Whether a `templatePatch` changes nothing of an Application that a mode may depend on: what its lines contain is
/// below keys of which that is known. A line that may become anything is not such a line.
fn leaves_values(patch: &str) -> bool {
    const OF_SPEC: [&str; 6] =
        ["destination", "ignoreDifferences", "info", "project", "revisionHistoryLimit", "syncPolicy"];
    const CONTROLS: [&str; 6] = ["if ", "else", "end", "range ", "with ", "/*"];
    let (mut root, mut spec): (Option<usize>, Option<usize>) = (None, None);
    let mut is_below_spec = false;
    for line in patch.lines() {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let action = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).filter(|it| !it.contains("{{"));
        if let Some(action) = action {
            let action = action.trim_matches(['-', ' ']);
            let is_control = CONTROLS.iter().any(|control| action.starts_with(control)) || action.starts_with('$');
            if is_control {
                continue;
            }
            return false;
        }
        let indent = line.len() - line.trim_start().len();
        // an item of a list may stand below the key at its side
        if is_below_spec && text.starts_with("- ") && spec == Some(indent) {
            continue;
        }
        let Some((key, value)) = text.split_once(':') else {
            if root.is_some_and(|root| indent > root) && (!is_below_spec || spec.is_some_and(|spec| indent > spec)) {
                continue;
            }
            return false;
        };
        let root = *root.get_or_insert(indent);
        if indent < root {
            return false;
        }
        if indent == root {
            (is_below_spec, spec) = (key == "spec", None);
            let is_mapping = value.trim().is_empty() || value.trim().starts_with('#');
            if key != "metadata" && !(is_below_spec && is_mapping) {
                return false;
            }
        } else if is_below_spec && indent <= *spec.get_or_insert(indent) && !OF_SPEC.contains(&key) {
            return false;
        }
    }
    true
}

/// A text of an ApplicationSet is a template as a whole, the comments in it too.
fn hidden_in_text(chart: &Chart<'_, '_>) -> Option<Finding> {
    let is_template = chart.root.at("spec.goTemplate").and_then(Node::scalar) == Some(Scalar::Bool(true));
    let text = chart.get("helm.values").filter(|_| is_template && chart.get("helm.valuesObject").is_none())?;
    let finding = hiding_lines_of_manifest(text.source())?;
    let start = text.span().start;
    let span = finding.span.clone().map(|span| crate::controller::moved_by(start, span));
    Some(Finding { span, ..finding })
}
