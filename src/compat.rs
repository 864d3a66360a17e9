//! [`CompatibilityMatrix`]: which versions fit together, one documented sentence a row.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    called::Help,
    finding::{Finding, Severity},
    mode::ClusterMode,
    procedure::Verb,
    rule::Rule,
    version::{ChartVersion, PceVersion},
};

/// The matrix: data, shipped as `schemas/compatibility.yaml` and replaceable by `--compat FILE`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompatibilityMatrix {
    schema: Schema,
    /// Where the vendor's own matrix is.
    pub matrix: String,
    /// The newest versions that the rows were compared with; of newer ones nothing is documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// The rows, in the order in which they are judged.
    pub rows: Vec<Row>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "helm-clas/compatibility/v1")]
    V1,
}

/// The newest versions that were seen when the matrix was written.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The newest chart.
    pub chart: ChartVersion,
    /// The newest PCE.
    pub pce: PceVersion,
}

/// One documented sentence about versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// A stable name.
    pub id: String,
    /// Where it applies; everywhere if this is empty.
    #[serde(default, skip_serializing_if = "When::is_always")]
    pub when: When,
    /// The least version of one thing.
    pub needs: Needs,
    /// The finding where the need is not met; without one the row only informs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// What the finding does.
    #[serde(default, rename = "else", skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Otherwise>,
    /// The sentence.
    pub text: String,
    /// Who says so, and where.
    pub source: String,
}

/// The circumstances in which a row applies; all that are given must hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct When {
    /// The step leads from or to a mode of this group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modes: Option<ModesOf>,
    /// The values say this `networkType`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_type: Option<String>,
    /// The chart is this version or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chart: Option<ChartVersion>,
}

impl When {
    fn is_always(&self) -> bool {
        self.modes.is_none() && self.network_type.is_none() && self.chart.is_none()
    }
}

/// A group of modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModesOf {
    /// Those that exist only with CLAS.
    Clas,
}

/// The least version of one thing: exactly one of these is given. What a cluster runs on is not known to this crate,
/// so the rows about Kubernetes and OpenShift only inform.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the names say it
pub struct Needs {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chart: Option<ChartVersion>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pce: Option<PceVersion>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<ChartVersion>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openshift: Option<ChartVersion>,
}

/// What becomes of a need that is not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Otherwise {
    /// Stops a step towards CLAS, warns on the way back: the way back is never closed by us.
    Error,
    /// Stops a step towards CLAS, warns on the way back and about a cluster that is in CLAS already.
    Step,
    /// Stops both ways, since the chart cannot express the step.
    Always,
    /// Warns.
    Warning,
}

/// What the matrix is asked about.
#[derive(Clone, Debug)]
pub struct Question<'q> {
    /// The chart's version, where it is known.
    pub chart: Option<&'q ChartVersion>,
    /// The PCE's version, where it is known.
    pub pce: Option<PceVersion>,
    /// The modes the step leads from and to; twice the same where a cluster is judged as it is.
    pub modes: [ClusterMode; 2],
    /// Whether the step leads away from CLAS.
    pub is_way_back: bool,
    /// The `networkType` of the values.
    pub network_type: Option<&'q str>,
}

/// What a row says to a [`Question`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It speaks of something else.
    DoesNotApply,
    /// It speaks of something that is not known here.
    CannotTell,
    /// The need is met.
    Holds,
    /// It is not met, which weighs this much.
    Fails(Severity),
}

/// Why a text is not a matrix.
#[derive(Debug)]
pub struct UnreadableMatrix(String);

impl fmt::Display for UnreadableMatrix {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for UnreadableMatrix {}

/// The shipped matrix as text.
pub const SHIPPED: &str = include_str!("../schemas/compatibility.yaml");

/// The same in a form that is read in a fraction of the time; `testdata/house.rs` writes it.
const SHIPPED_JSON: &str = include_str!("../schemas/compatibility.json");

impl CompatibilityMatrix {
    /// The matrix that is shipped inside the crate.
    ///
    /// # Panics
    ///
    /// Never: a test reads it.
    #[must_use]
    pub fn shipped() -> Self {
        serde_json::from_str(SHIPPED_JSON).expect("the shipped matrix is readable")
    }

    /// Reads a matrix in the form of `schemas/compatibility.yaml`.
    ///
    /// # Errors
    ///
    /// Where the text is not of that form, with the place and what was expected there.
    pub fn read(text: &str) -> Result<Self, UnreadableMatrix> {
        let matrix: Self = serde_yaml::from_str(text).map_err(|error| UnreadableMatrix(error.to_string()))?;
        for row in &matrix.rows {
            let Needs { chart, pce, kubernetes, openshift } = &row.needs;
            let given = [chart.is_some(), pce.is_some(), kubernetes.is_some(), openshift.is_some()];
            if given.iter().filter(|given| **given).count() != 1 {
                return Err(UnreadableMatrix(format!("row `{}`: `needs` must name exactly one version", row.id)));
            }
            if row.rule.is_some() != row.otherwise.is_some() {
                return Err(UnreadableMatrix(format!("row `{}`: `rule` and `else` belong together", row.id)));
            }
        }
        Ok(matrix)
    }

    /// Whether no row stops what is asked about.
    #[must_use]
    pub fn fits(&self, question: &Question<'_>) -> bool {
        !self.rows.iter().any(|row| row.verdict(question) == Verdict::Fails(Severity::Error))
    }

    /// How far the matrix reaches, where a version that is asked about is newer: `chart 5.9.0 and PCE 26.30.2`.
    #[must_use]
    pub fn reach(&self, question: &Question<'_>) -> Option<String> {
        let Seen { chart, pce } = self.seen.as_ref()?;
        let is_beyond =
            question.chart.is_some_and(|asked| asked > chart) || question.pce.is_some_and(|asked| asked > *pce);
        is_beyond.then(|| format!("chart {chart} and PCE {pce}"))
    }

    /// The findings of all rows whose need is not met, in the order of the rows. A thing is reported once, by the
    /// weightiest row about it; of equal ones by the one that asks for most.
    #[must_use]
    pub fn judge(&self, question: &Question<'_>) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        for row in &self.rows {
            let (Some(rule), Verdict::Fails(severity)) = (row.rule, row.verdict(question)) else { continue };
            let message = format!("{}, and this is {}", row.text, row.found(question));
            let finding = Finding::new(rule, message).weighing(severity).help(self.advice(row, question));
            match findings.iter_mut().find(|earlier| earlier.rule == rule) {
                Some(earlier) if earlier.severity <= severity => *earlier = finding,
                Some(_) => {}
                None => findings.push(finding),
            }
        }
        findings
    }

    /// Whether the versions allow the next step of a cluster that is between two modes; the way back is always open.
    pub(crate) fn leads_on(&self, question: &Question<'_>) -> bool {
        let [mode, _] = question.modes;
        let on = Question { modes: [mode, ClusterMode::Clas], is_way_back: false, ..question.clone() };
        mode != ClusterMode::MigrateLegacyToClas || self.fits(&on)
    }

    /// What comes before the software upgrade of a cluster between two modes, since the procedure upgrades none there:
    /// the last step, where the versions allow it, or the way back. Nothing for a cluster at rest.
    pub(crate) fn before_upgrade(&self, question: &Question<'_>) -> Option<Help> {
        match question.modes[0] {
            ClusterMode::MigrateLegacyToClas if self.leads_on(question) => Some(Help::naming(
                "finish the migration or go back: `",
                &format!(" {}`, or `{}` and `{}`", Verb::FinishMigrate, Verb::Revert, Verb::FinishRevert),
            )),
            ClusterMode::MigrateLegacyToClas => {
                Some(Help::naming("go back first: `", &format!(" {}`, then `{}`", Verb::Revert, Verb::FinishRevert)))
            }
            ClusterMode::MigrateClasToLegacy => {
                Some(Help::naming("finish the way back first: `", &format!(" {}`", Verb::FinishRevert)))
            }
            _ => None,
        }
    }

    /// What to do about a need that is not met. The software is upgraded where a cluster rests, to a version that meets
    /// every need.
    fn advice(&self, row: &Row, question: &Question<'_>) -> Help {
        let least = match &row.needs {
            Needs { pce: Some(least), .. } => return format!("upgrade the PCE to {least} or later first").into(),
            Needs { chart: Some(least), .. } => least,
            _ => return Help::default(),
        };
        let unmet = |row: &&Row| matches!(row.verdict(question), Verdict::Fails(_));
        let least = self.rows.iter().filter(unmet).filter_map(|row| row.needs.chart.as_ref()).max().unwrap_or(least);
        let is_ignored = self.rows.iter().filter(unmet).any(|row| row.otherwise == Some(Otherwise::Always));
        let [from, to] = question.modes;
        if is_ignored && from.needs_clas() {
            let before = format!(
                "if this chart runs, it ignores the mode (inferred), and the cluster is in `legacy`: write that, upgrade \
                 to chart {least} or later, then migrate; `"
            );
            return Help::naming(&before, " status --live` shows what runs");
        }
        match self.before_upgrade(question) {
            Some(_) if question.is_way_back && from != to => {
                format!("go back all the way, then upgrade to chart {least} or later before you migrate again").into()
            }
            Some(first) => first.and(&format!("; then upgrade to chart {least} or later, and migrate again")),
            None => format!("upgrade the release to chart {least} or later first, in its present mode").into(),
        }
    }
}

impl Row {
    /// What the row says.
    #[must_use]
    pub fn verdict(&self, question: &Question<'_>) -> Verdict {
        let When { modes, network_type, chart } = &self.when;
        let applies = modes.is_none_or(|ModesOf::Clas| question.modes.into_iter().any(ClusterMode::needs_clas))
            && network_type.as_deref().is_none_or(|wanted| question.network_type == Some(wanted))
            && chart.as_ref().zip(question.chart).is_none_or(|(least, chart)| chart >= least);
        if !applies {
            return Verdict::DoesNotApply;
        }
        let holds = match &self.needs {
            _ if chart.is_some() && question.chart.is_none() => None,
            Needs { chart: Some(least), .. } => question.chart.map(|chart| chart >= least),
            Needs { pce: Some(least), .. } => question.pce.map(|pce| pce >= *least),
            _ => None,
        };
        let Some(holds) = holds else { return Verdict::CannotTell };
        let is_at_rest = question.modes[0] == question.modes[1] && !question.modes[0].is_migrating();
        match (holds, self.otherwise) {
            (true, _) => Verdict::Holds,
            (false, Some(Otherwise::Always)) => Verdict::Fails(Severity::Error),
            (false, Some(Otherwise::Error)) if !question.is_way_back => Verdict::Fails(Severity::Error),
            (false, Some(Otherwise::Step)) if !question.is_way_back && !is_at_rest => Verdict::Fails(Severity::Error),
            (false, Some(Otherwise::Error | Otherwise::Step | Otherwise::Warning)) => Verdict::Fails(Severity::Warning),
            (false, None) => Verdict::Fails(Severity::Info),
        }
    }

    /// The need, as a person writes it: `PCE >= 23.5.10`.
    #[must_use]
    pub fn need(&self) -> String {
        let Needs { chart, pce, kubernetes, openshift } = &self.needs;
        let named = [("chart", chart), ("Kubernetes", kubernetes), ("OpenShift", openshift)];
        let version = named.into_iter().find_map(|(name, least)| Some(format!("{name} >= {}", least.as_ref()?)));
        version.or_else(|| Some(format!("PCE >= {}", pce.as_ref()?))).unwrap_or_default()
    }

    fn found(&self, question: &Question<'_>) -> String {
        let pce = question.pce.filter(|_| self.needs.pce.is_some()).map(|pce| format!("PCE {pce}"));
        pce.or_else(|| Some(format!("chart {}", question.chart?))).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ClusterMode::{Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas};

    #[track_caller]
    fn check(chart: &str, pce: &str, modes: [ClusterMode; 2], network_type: Option<&str>, expected: &[&str]) {
        let chart: Option<ChartVersion> = (chart != "?").then(|| chart.parse().expect("a chart version"));
        let pce = (pce != "?").then(|| pce.parse().expect("a PCE version"));
        let is_way_back = matches!(modes[1], MigrateClasToLegacy | Legacy);
        let question = Question { chart: chart.as_ref(), pce, modes, is_way_back, network_type };
        let findings = CompatibilityMatrix::shipped().judge(&question);
        let said: Vec<String> =
            findings.iter().map(|finding| format!("{} {}", finding.severity.as_str(), finding.rule.name())).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn versions_stop_the_way_to_clas() {
        let there = [Legacy, MigrateLegacyToClas];
        check("5.1.0", "24.2.20", there, None, &[]);
        check("5.1.0", "23.5.10", there, None, &[]);
        check("5.1.0", "23.5.0+A1", there, None, &["error pce-too-old"]);
        check("5.0.0", "24.2.20", there, None, &["error chart-too-old"]);
        check("5.0.5", "24.2.20", [MigrateLegacyToClas, Clas], None, &["error chart-too-old"]);
        check("4.4.0", "24.2.20", there, None, &["error chart-too-old"]);
        check("4.4.0", "21.2.0", there, None, &["error chart-too-old", "error pce-too-old"]);
        check("5.1.0-rc.1", "24.2.20", there, None, &["error chart-too-old"]);
        check("5.1.0", "24.2.20", there, Some("flat"), &["error flat-network-in-clas"]);
        check("5.2.0", "24.2.20", there, Some("flat"), &[]);
        check("5.1.0", "24.2.20", there, Some("overlay"), &[]);
    }

    #[test]
    fn versions_warn_on_the_way_back_unless_the_chart_cannot_express_it() {
        let back = [Clas, MigrateClasToLegacy];
        check("5.1.0", "23.5.0+A1", back, None, &["warning pce-too-old"]);
        check("5.1.0", "24.2.20", back, Some("flat"), &["warning flat-network-in-clas"]);
        check("4.4.0", "24.2.20", back, None, &["error chart-too-old"]);
        check("5.1.0", "23.5.0", [MigrateClasToLegacy, Legacy], None, &["warning pce-too-old"]);
    }

    #[test]
    fn one_version_alone_is_judged_by_what_it_decides() {
        let rests = [Clas, Clas];
        check("4.3.0", "?", rests, None, &["error chart-too-old"]);
        check("5.0.0", "?", rests, None, &["warning chart-too-old"]);
        check("5.0.0", "?", [MigrateLegacyToClas; 2], None, &["error chart-too-old"]);
        check("5.1.0", "?", rests, Some("flat"), &["error flat-network-in-clas"]);
        check("5.2.0", "?", rests, Some("flat"), &[]);
        check("4.3.0", "?", [Legacy, Legacy], Some("flat"), &[]);
        check("?", "23.5.0+A1", rests, None, &["error pce-too-old"]);
        // chart 5 needs this PCE, and which chart it is is not known
        check("?", "22.5.0", [Legacy, Legacy], None, &[]);
        check("?", "?", rests, Some("flat"), &[]);
    }

    /// No advice leads to a command that refuses: no upgrade between two modes, no step with a chart that is too old.
    #[test]
    fn the_advice_fits_the_mode() {
        let advice = |chart: &str, modes: [ClusterMode; 2], network_type: Option<&str>| {
            let chart: ChartVersion = chart.parse().expect("a chart version");
            let is_way_back = matches!(modes[1], MigrateClasToLegacy | Legacy);
            let question = Question { chart: Some(&chart), pce: None, modes, is_way_back, network_type };
            let findings = CompatibilityMatrix::shipped().judge(&question);
            findings.iter().map(|finding| finding.help.as_deref().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        let back = "go back first: `helm clas revert`, then `revert --finish`; then upgrade to chart 5.1.0 or later, and \
                    migrate again";
        assert_eq!(advice("5.0.5", [MigrateLegacyToClas; 2], None), [back]);
        assert_eq!(advice("5.0.5", [MigrateLegacyToClas, Clas], None), [back]);
        let finish = "finish the way back first: `helm clas revert --finish`; then upgrade to chart 5.1.0 or later, and \
                      migrate again";
        assert_eq!(advice("5.0.5", [MigrateClasToLegacy; 2], None), [finish]);
        let all_the_way = "go back all the way, then upgrade to chart 5.1.0 or later before you migrate again";
        for modes in [[MigrateLegacyToClas, MigrateClasToLegacy], [MigrateClasToLegacy, Legacy]] {
            assert_eq!(advice("5.0.5", modes, None), [all_the_way]);
        }
        let rests = "upgrade the release to chart 5.1.0 or later first, in its present mode";
        for modes in [[Legacy, MigrateLegacyToClas], [Clas; 2], [Clas, MigrateClasToLegacy]] {
            assert_eq!(advice("5.0.5", modes, None), [rests]);
        }
        // one version for all needs
        let flat = advice("5.0.5", [MigrateLegacyToClas; 2], Some("flat"));
        assert_eq!(flat, [&*back.replace("5.1.0", "5.2.0"); 2]);
        // a chart without CLAS is in legacy, whatever the file says
        for modes in [[MigrateLegacyToClas; 2], [Clas; 2], [Clas, MigrateClasToLegacy]] {
            let help = advice("4.3.0", modes, None).concat();
            assert!(help.contains("write that, upgrade to chart 5.1.0 or later, then migrate"), "{modes:?}: {help}");
        }
    }

    #[test]
    fn beyond_what_was_seen_it_says_how_far_it_reaches() {
        let reach = |chart: &str, pce: &str| {
            let chart = chart.parse().expect("a chart version");
            let pce = Some(pce.parse().expect("a PCE version"));
            let question = Question {
                chart: Some(&chart),
                pce,
                modes: [Legacy, MigrateLegacyToClas],
                is_way_back: false,
                network_type: None,
            };
            CompatibilityMatrix::shipped().reach(&question)
        };
        assert_eq!(reach("5.9.0", "26.30.2"), None);
        let reached = Some("chart 5.9.0 and PCE 26.30.2".to_owned());
        assert_eq!(reach("6.0.0", "24.2.20"), reached);
        assert_eq!(reach("5.1.0", "27.1.0"), reached);
    }

    #[test]
    fn a_matrix_of_another_form_is_refused_with_the_reason() {
        let broken = SHIPPED.replace("chart: 5.2.0", "chart: 5.2");
        let error = CompatibilityMatrix::read(&broken).expect_err("an inexact version").to_string();
        assert!(error.contains("`5.2` is not an exact version") && error.contains("line"), "{error}");
        let error = CompatibilityMatrix::read(&SHIPPED.replace("source:", "sauce:")).expect_err("a misspelling");
        assert!(error.to_string().contains("sauce"), "{error}");
        let error = CompatibilityMatrix::read(&SHIPPED.replacen("    else: always\n", "", 1)).expect_err("no else");
        assert_eq!(error.to_string(), "row `clas-needs-chart`: `rule` and `else` belong together");
    }
}
