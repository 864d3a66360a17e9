//! `--pce-version auto`: the PCE is asked what it runs.

use helm_clas::{ClusterValues, PceVersion, policy::export::PRODUCT_VERSION_PATH};
use serde::Deserialize;

use super::{Pce, Settings};
use crate::{args::PceOptions, failure::Failure, output::Output};

/// What the user writes to have the PCE asked for its version.
const AUTO: &str = "auto";

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProductVersion {
    version: String,
    long_display: String,
}

/// The answer; PCE 25.2.20's published schema wraps it once more than that of 26.3.0, and than the PCEs that were seen.
#[derive(Deserialize)]
#[serde(untagged)]
enum Wrapped {
    Once { product_version: ProductVersion },
    Not(ProductVersion),
}

/// The PCE version as it was given, or as the PCE reports it where `auto` was given.
///
/// Nothing where the values files cannot be read: they name the PCE, and what is wrong with them is found later on.
pub(crate) fn resolved(
    given: Option<&str>,
    options: &PceOptions,
    values: Option<&ClusterValues>,
    output: &mut Output,
) -> Result<Option<String>, Failure> {
    if given != Some(AUTO) {
        remark_hot_fix(given.into_iter(), output);
        return Ok(given.map(str::to_owned));
    }
    let Some(values) = values else { return Ok(None) };
    let pce = Pce::new(Settings::required(options, values)?, output)?;
    let said = pce.product_version()?;
    let version = pce.version(&said)?;
    output.remark(&format!("the PCE {} runs {version}\n", pce.host()));
    remark_hot_fix([&*said.version, &*said.long_display].into_iter(), output);
    Ok(Some(version.to_string()))
}

/// Says of the first text that names a hot fix that it does not count.
fn remark_hot_fix<'t>(mut texts: impl Iterator<Item = &'t str>, output: &mut Output) {
    if let Some((text, fix)) = texts.find_map(|text| Some((text, PceVersion::hot_fix(text)?))) {
        output.remark(&format!("note: the hot fix {fix} of {text} is ignored; the version that it fixes counts\n"));
    }
}

impl Pce {
    fn product_version(&self) -> Result<ProductVersion, Failure> {
        let said: Wrapped = self.object(&format!("/{PRODUCT_VERSION_PATH}"))?;
        Ok(match said {
            Wrapped::Once { product_version } => product_version,
            Wrapped::Not(version) => version,
        })
    }

    fn version(&self, said: &ProductVersion) -> Result<PceVersion, Failure> {
        PceVersion::reported(&said.version, &said.long_display).map_err(|error| {
            let given = self.connection.clean(error.given());
            Failure::new(format!("the PCE {} reports `{given}`, which is not one exact PCE version", self.host()))
                .help("name the version yourself, as 24.2.20 or 23.5.0+A1, and please report what the PCE reports")
        })
    }
}
