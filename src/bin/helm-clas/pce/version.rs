//! `--pce-version auto`: the PCE is asked what it runs.

use helm_clas::{PceVersion, chart::cluster::ClusterValues, policy::export::PRODUCT_VERSION_PATH};
use serde::Deserialize;

use super::{Pce, Settings};
use crate::{args::PceOptions, failure::Failure, output::Output};

/// What is written for a version that the PCE should tell.
const AUTO: &str = "auto";

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProductVersion {
    version: String,
    long_display: String,
}

/// The PCE version as it was given, or as the PCE tells it where `auto` was given.
///
/// Nothing where the values files cannot be read: they name the PCE, and what is wrong with them is found later on.
pub(crate) fn resolved(
    given: Option<&str>,
    options: &PceOptions,
    values: Option<&ClusterValues>,
    output: &mut Output,
) -> Result<Option<String>, Failure> {
    if given != Some(AUTO) {
        return Ok(given.map(str::to_owned));
    }
    let Some(values) = values else { return Ok(None) };
    let pce = Pce::new(Settings::required(options, values)?, output)?;
    let version = pce.version()?;
    output.remark(&format!("the PCE {} runs {version}\n", pce.host()));
    Ok(Some(version.to_string()))
}

impl Pce {
    /// What it runs.
    pub(crate) fn version(&self) -> Result<PceVersion, Failure> {
        let said: ProductVersion = self.object(&format!("/{PRODUCT_VERSION_PATH}"))?;
        PceVersion::reported(&said.version, &said.long_display).map_err(|error| {
            let given = self.connection.clean(error.given());
            Failure::new(format!("the PCE {} says it runs `{given}`, which is not one exact PCE version", self.host()))
                .help("name the version yourself, as 24.2.20 or 23.5.0+A1, and please report what the PCE says")
        })
    }
}
