//! `helm clas explain`, `helm clas rules` and `helm clas version`.

// every command answers alike, also those that cannot fail
#![allow(clippy::unnecessary_wraps)]

use std::process::ExitCode;

use helm_clas::{
    Rule, Severity,
    report::{
        explained::{nearest_check, page_of_check},
        json, text,
    },
};

use crate::{
    args::{Explain, Form, Rules, Version, described::called},
    failure::Failure,
    made::{BUILT_FROM, version_and_commit},
    output::Output,
};

pub(crate) fn rule(explain: &Explain, output: &mut Output) -> Result<ExitCode, Failure> {
    let of_check = || Some((page_of_check(&explain.rule, called())?, Severity::Info, "A check around a step."));
    let of_rule = |rule: Rule| (rule.page_of(called()), rule.severity(), rule.defect());
    let Some((page, severity, defect)) = Rule::named(&explain.rule).map(of_rule).or_else(of_check) else {
        let near = Rule::nearest(&explain.rule).map(Rule::name).or_else(|| nearest_check(&explain.rule));
        let near = near.map(|near| format!("; did you mean `{near}`?"));
        return Err(Failure::new(format!("there is no rule or check `{}`{}", explain.rule, near.unwrap_or_default()))
            .help(format!("run `{} rules` for the list of rules", called())));
    };
    match explain.output {
        Form::Text => output.answer(&text::page(&explain.rule, &page)),
        Form::Json => output.answer(&json::rule(&explain.rule, severity, defect, &page)),
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn rules(rules: &Rules, output: &mut Output) -> Result<ExitCode, Failure> {
    match rules.output {
        Form::Text => output.answer(&text::rules()),
        Form::Json => output.answer(&json::rules()),
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn version(version: &Version, output: &mut Output) -> Result<ExitCode, Failure> {
    match version.output {
        Form::Text => {
            output.answer(&format!("helm-clas {}\n", version_and_commit()));
        }
        Form::Json => output.answer(&json::version(BUILT_FROM)),
    }
    Ok(ExitCode::SUCCESS)
}
