//! Modes among the values that templates of helmfile take, and no chart.

use crate::{
    controller::{among_state_values, is_of_helmfile},
    files::Files,
    finding::{Doubt, Finding, Severity},
    release::Mention,
    rule::Rule,
    yaml::{keys, written},
};

/// Says of the modes in a helmfile that its templates alone take what they are.
pub(super) fn tell_state_values(files: &Files<'_>, number: usize, mentions: &mut [Mention]) {
    if !mentions.iter().any(|mention| among_state_values(&mention.path).is_some()) || !is_of_helmfile(files, number) {
        return;
    }
    for mention in mentions {
        if let Some(Finding { message, help, .. }) = of_state_value(&mention.path) {
            let finding = mention.finding.clone().doubting(Doubt::Foreign);
            mention.finding = Finding { message, help, ..finding };
        }
    }
}

/// The same of what `--path` names in a file.
pub(crate) fn state_value_at(files: &Files<'_>, number: usize, path: &str) -> Option<Finding> {
    of_state_value(&keys(path)).filter(|_| is_of_helmfile(files, number)).map(|it| it.in_file(files.name(number)))
}

/// What keys in a helmfile lead to, where no chart gets it.
fn of_state_value(path: &[String]) -> Option<Finding> {
    let (list, behind) = among_state_values(path)?;
    let taken = [".Values"].into_iter().chain(behind.iter().map(String::as_str)).collect::<Vec<_>>().join(".");
    let [list, taken] = [written(list), taken].map(|keys| keys.escape_debug().to_string());
    let message = format!("`{list}` is what templates of helmfile take, here as `{taken}`, and no chart gets it");
    let help = format!("if a template uses `{taken}`, change it here by hand");
    let finding = Finding::new(Rule::ForeignValues, message).help(help).weighing(Severity::Error);
    Some(finding.doubting(Doubt::Foreign))
}
