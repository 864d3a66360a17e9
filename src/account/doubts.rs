//! [`Doubts`]: what was not compared with the files, because one of the two does not say it.

use super::{Account, differences::listed, unlike::Expected};
use crate::{cluster::OfUmbrella, release::USUAL, shown::verbatim};

/// What was not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubts {
    /// The values by which a PCE knows a cluster that are references in the files, or may stand in a file that was not
    /// read.
    values: Vec<&'static str>,
    /// Why the version of Illumio's chart in an umbrella chart is not known, in words.
    chart: Option<String>,
    /// That the umbrella chart runs in another version than the one of the checkout, in words. Pipelines name a version of
    /// their own when they package a chart, so that is not yet another chart.
    own_version: Option<String>,
}

impl Doubts {
    /// Whether it is not known that this is the release of the files. The id is enough to tell two clusters apart.
    #[must_use]
    pub fn is_grave(&self) -> bool {
        self.chart.is_some() || self.values.contains(&"cluster_id")
    }

    /// A sentence each.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let names: Vec<String> = self.values.iter().map(ToString::to_string).collect();
        let values = (!names.is_empty()).then(|| {
            format!("not compared, because the files that were read do not have the values: {}", listed(&names))
        });
        values.into_iter().chain(self.chart.clone()).chain(self.own_version.clone()).collect()
    }
}

impl Account {
    /// What was not compared with the files.
    #[must_use]
    pub fn doubts(&self, expected: &Expected) -> Doubts {
        // of another chart it does not matter what that brings
        let umbrella = expected.umbrella.as_ref().filter(|_| expected.other_than(&self.chart).is_none());
        let chart = umbrella.and_then(|umbrella| self.doubt_of_dependency(umbrella));
        let own_version = umbrella.and_then(|umbrella| {
            let here = umbrella.own_version.as_deref().filter(|here| *here != self.version)?;
            let [chart, runs, here] = [&self.chart, &self.version, here].map(verbatim);
            Some(format!(
                "the release has version {runs} of the umbrella chart {chart}, and its Chart.yaml here has {here}; a pipeline \
                 may name its own, so this is not judged"
            ))
        });
        Doubts { values: expected.identity.unknown(&self.identity), chart, own_version }
    }

    /// The version of Illumio's chart that the umbrella chart of the release brings, where there is one and it is known.
    #[must_use]
    pub fn brought(&self, expected: &Expected) -> Option<&str> {
        expected.umbrella.as_ref()?;
        self.illumio_version(expected)
    }

    /// The version of Illumio's chart that runs, where that is known.
    pub(super) fn illumio_version(&self, expected: &Expected) -> Option<&str> {
        match &expected.umbrella {
            None => Some(&self.version),
            Some(umbrella) => self.dependency(umbrella).filter(|version| is_exact(version)),
        }
    }

    /// The version of Illumio's chart that the umbrella chart of the release names. Helm gives a dependency its alias for
    /// a name. (Helm, pkg/chartutil/dependencies.go.)
    fn dependency(&self, umbrella: &OfUmbrella) -> Option<&str> {
        let [key] = &umbrella.keys[..] else { return None };
        let found = self.dependencies.iter().find(|chart| [&chart.name, &chart.alias].contains(&key));
        Some(&found?.version)
    }

    fn doubt_of_dependency(&self, umbrella: &OfUmbrella) -> Option<String> {
        let named = umbrella.version.as_deref()?;
        match self.dependency(umbrella) {
            Some(runs) if is_exact(runs) || runs == named => None,
            Some(runs) => {
                let runs = verbatim(runs);
                Some(format!("the version of the chart `{USUAL}` in the release is not known: it names {runs}"))
            }
            None => {
                Some(format!("the version of the chart `{USUAL}` in the release is not known: Helm does not say it"))
            }
        }
    }
}

/// Whether a version is one, and not a range of them.
fn is_exact(version: &str) -> bool {
    version.parse::<crate::version::ChartVersion>().is_ok()
}
