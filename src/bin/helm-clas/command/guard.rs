//! `helm clas guard`: the procedure's table as admission policies. Nothing is asked and nothing is applied.

use std::process::ExitCode;

use helm_clas::guard::{Action, Guarded, policies};

use crate::{
    args::{Guard, GuardAction, GuardedBy},
    output::Output,
};

pub(crate) fn run(guard: &Guard, output: &mut Output) -> ExitCode {
    let guarded: &[Guarded] = match guard.controller {
        GuardedBy::All => &[Guarded::Flux, Guarded::ArgoCd],
        GuardedBy::Flux => &[Guarded::Flux],
        GuardedBy::ArgoCd => &[Guarded::ArgoCd],
    };
    let action = match guard.action {
        GuardAction::Deny => Action::Deny,
        GuardAction::Warn => Action::Warn,
        GuardAction::Audit => Action::Audit,
    };
    output.answer_raw(&policies(guarded, &guard.chart_name, action));
    ExitCode::SUCCESS
}
