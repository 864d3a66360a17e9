//! [`gate`]: whether a step may be taken on the cluster, by the checks before it.

use super::{Checked, State};
use crate::shown::some_of;
use crate::{
    act::Act,
    finding::{Finding, Severity},
    rule::Rule,
};

/// The findings of the checks before a step. One that is not right, or had no answer, refuses the step, unless its id
/// is among those `despite` which the user goes on. The way back is never closed: there they warn.
///
/// ```
/// use helm_clas::{Verb, verify::gate};
///
/// assert!(gate(Verb::Migrate.into(), &[], &[]).is_empty());
/// ```
#[must_use]
pub fn gate(act: Act, checked: &[Checked], despite: &[String]) -> Vec<Finding> {
    let (not_asked, asked): (Vec<&Checked>, Vec<&Checked>) =
        checked.iter().partition(|one| one.state == State::NotAsked);
    let is_overruled = |one: &Checked| despite.iter().any(|id| id == one.id);
    let weight = |is_overruled: bool| {
        if is_overruled || act.is_way_back() { Severity::Warning } else { Severity::Error }
    };
    let closed = asked.into_iter().filter(|one| matches!(one.state, State::Wrong | State::Unknown));
    let mut findings: Vec<Finding> =
        closed.map(|one| of_check(one, is_overruled(one)).weighing(weight(is_overruled(one)))).collect();
    let (overruled, left): (Vec<&Checked>, Vec<&Checked>) = not_asked.into_iter().partition(|one| is_overruled(one));
    for (checks, is_overruled) in [(left, false), (overruled, true)] {
        let ids: Vec<String> = checks.iter().map(|one| format!("`{}`", one.id)).collect();
        if !ids.is_empty() {
            let message = format!("no API key is given, so the PCE was not asked about {}", ids.join(", "));
            let help = "set ILLUMIO_API_KEY_USERNAME and ILLUMIO_API_KEY_SECRET, or skip these checks with \
                        --without-pce";
            findings.push(Finding::new(Rule::NotReady, message).help(help).weighing(weight(is_overruled)));
        }
    }
    findings
}

fn of_check(one: &Checked, is_overruled: bool) -> Finding {
    let state = if one.state == State::Wrong { "failed" } else { "could not be checked" };
    let despite = if is_overruled { "despite: " } else { "" };
    let seen = if one.seen.is_empty() { one.text.clone().into_owned() } else { some_of(&one.seen) };
    let finding = Finding::new(Rule::NotReady, format!("{despite}`{}` {state}: {seen}", one.id));
    let option = format!("--despite {} takes the step anyway", one.id);
    match (&one.help, is_overruled) {
        (Some(help), true) => finding.help(help.clone()),
        (None, true) => finding,
        (Some(help), false) => finding.help(help.clone().and(&format!("; {option}"))),
        (None, false) => finding.help(option),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::procedure::Verb;

    fn one(id: &'static str, state: State) -> Checked {
        Checked::new(id, "all is well", state).seen("3 workloads: 3 `syncing`").help("wait for the PCE")
    }

    #[track_caller]
    fn check(verb: Verb, state: State, despite: &[&str], expected: &[(Severity, &str)]) {
        let despite: Vec<String> = despite.iter().map(ToString::to_string).collect();
        let found = gate(verb.into(), &[one("traffic-works", State::Yours), one("workloads-active", state)], &despite);
        let found: Vec<(Severity, &str)> = found.iter().map(|one| (one.severity, one.message.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_cross_refuses_unless_it_is_named_or_the_way_leads_back() {
        let words = "`workloads-active` failed: 3 workloads: 3 `syncing`";
        check(Verb::FinishMigrate, State::Right, &[], &[]);
        check(Verb::FinishMigrate, State::Yours, &[], &[]);
        check(Verb::FinishMigrate, State::Wrong, &[], &[(Severity::Error, words)]);
        check(Verb::FinishMigrate, State::Wrong, &["peers-active"], &[(Severity::Error, words)]);
        check(Verb::Revert, State::Wrong, &[], &[(Severity::Warning, words)]);
        let despite = format!("despite: {words}");
        check(Verb::FinishMigrate, State::Wrong, &["workloads-active"], &[(Severity::Warning, &despite)]);
    }

    #[test]
    fn what_had_no_answer_does_not_open_the_way() {
        let unknown = "`workloads-active` could not be checked: 3 workloads: 3 `syncing`";
        check(Verb::FinishMigrate, State::Unknown, &[], &[(Severity::Error, unknown)]);
        let not_asked = "no API key is given, so the PCE was not asked about `workloads-active`";
        check(Verb::Migrate, State::NotAsked, &[], &[(Severity::Error, not_asked)]);
        check(Verb::Migrate, State::NotAsked, &["workloads-active"], &[(Severity::Warning, not_asked)]);
        check(Verb::FinishRevert, State::NotAsked, &[], &[(Severity::Warning, not_asked)]);
    }
}
