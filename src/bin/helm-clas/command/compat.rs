//! `helm clas compat`, and the matrix for the other commands.

use std::process::ExitCode;

use helm_clas::{
    ChartVersion, ClusterMode, ClusterValues, CompatibilityMatrix, InexactChartVersion, InexactPceVersion, PceVersion,
    compat::Question,
    report::{json, text},
};

use crate::{
    args::{Compat, Everywhere, Form},
    failure::Failure,
    output::Output,
    outside::{files, pce},
};

/// The matrix of a file, or the shipped one.
pub(crate) fn matrix(file: Option<&str>) -> Result<CompatibilityMatrix, Failure> {
    let Some(file) = file else { return Ok(CompatibilityMatrix::shipped()) };
    let bytes = files::read(file)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| Failure::new(format!("{file} is not UTF-8: {error}")))?;
    CompatibilityMatrix::read(text).map_err(|error| {
        Failure::new(format!("{file} is not a compatibility matrix: {error}"))
            .help("it needs the format of schemas/compatibility.yaml")
    })
}

pub(crate) fn chart_version(text: &str) -> Result<ChartVersion, Failure> {
    text.parse().map_err(|error: InexactChartVersion| {
        Failure::new(error.to_string()).help("name one exact version, such as --version 5.1.0")
    })
}

pub(crate) fn pce_version(text: &str) -> Result<PceVersion, Failure> {
    text.parse().map_err(|error: InexactPceVersion| {
        Failure::new(error.to_string()).help("write it as 24.2.20, 23.5.0+A1 or 24.2.20-431")
    })
}

pub(crate) fn run(everywhere: &Everywhere, compat: &Compat, output: &mut Output) -> Result<ExitCode, Failure> {
    let matrix = matrix(compat.compat.as_deref())?;
    let chart = everywhere.version.as_deref().map(chart_version).transpose()?;
    if chart.is_none() && compat.pce_version.is_some() {
        return Err(Failure::new("--pce-version needs a chart version")
            .help("add --version, such as --version 5.1.0, or drop --pce-version to see the whole matrix"));
    }
    let pce = pce::resolved(compat.pce_version.as_deref(), &compat.pce, Some(&ClusterValues::default()), output)?;
    let pce = pce.as_deref().map(pce_version).transpose()?;
    let modes = [ClusterMode::Legacy, ClusterMode::MigrateLegacyToClas];
    let question = match (&chart, pce) {
        (Some(chart), pce @ Some(_)) => {
            Some(Question { chart: Some(chart), pce, modes, is_way_back: false, network_type: None })
        }
        (Some(_), None) => {
            return Err(Failure::new("--version needs a PCE version")
                .help("add --pce-version, such as --pce-version 24.2.20, or drop --version to see the whole matrix"));
        }
        _ => None,
    };
    match compat.output {
        Form::Text => output.answer(&text::compat(&matrix, question.as_ref())),
        Form::Json => output.answer(&json::compat(&matrix, question.as_ref())),
    }
    let fits = question.is_none_or(|question| matrix.fits(&question));
    Ok(if fits { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
