//! What came of a request, as data.

use crate::{
    cluster::{Claim, disputed},
    finding::{Finding, Severity},
    mode::ClusterMode,
    release::{Id, Reach},
    rule::Rule,
    version::{ChartVersion, PceVersion},
    yaml::Edited,
};

/// What came of a [`Request`](super::Request).
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The mode the values say; nothing where that is not known.
    pub from: Option<ClusterMode>,
    /// The mode they say afterwards; nothing where the request is refused before that is known.
    pub to: Option<ClusterMode>,
    /// The number of the file that decides the mode: the last that names it, else the last.
    pub file: usize,
    /// The names that lead to the mode in that file; none where an option decides.
    pub path: Vec<String>,
    /// The bytes of the mode in that file; nothing where it is not said.
    pub span: Option<std::ops::Range<usize>>,
    /// The release that a controller brings, if that is what the first file is for.
    pub release: Option<Id>,
    /// Which cluster of the PCE it is for, where a file says that.
    pub claim: Option<Claim>,
    /// The folder of the umbrella chart whose values these are, where that is in the checkout.
    pub umbrella: Option<String>,
    /// Whom the edit moves, as far as the files that were read say.
    pub reach: Reach,
    /// How one of several overlays gets a mode of its own, where one is meant.
    pub to_part: Option<String>,
    /// The chart version, if it was exact.
    pub version: Option<ChartVersion>,
    /// The PCE version, if it was exact.
    pub pce_version: Option<PceVersion>,
    /// What there is to do.
    pub status: Status,
    /// What is wrong, or worth knowing: of severity error only if it is refused.
    pub findings: Vec<Finding>,
}

impl Outcome {
    /// Takes over whom else the edit moves, as the checkout says: more than one cluster is refused, unless that is
    /// allowed.
    pub fn moves(&mut self, more: Reach, file: &str, allowed: &[Rule]) {
        if more == Reach::One || !matches!(self.status, Status::Step(_)) {
            return;
        }
        self.reach = match std::mem::take(&mut self.reach) {
            Reach::AllOf(generator) => Reach::AllOf(generator),
            _ => more,
        };
        self.findings.retain(|finding| finding.rule != Rule::SeveralClustersAtOnce);
        let help = self.to_part.clone().unwrap_or_else(|| match (&self.umbrella, self.from, self.path.split_last()) {
            (Some(_), Some(from), Some((_, keys))) if self.release.is_none() => {
                let below = crate::yaml::written(keys);
                format!(
                    "write `clusterMode: {from}` under `{below}` into the values file of the first cluster, and take \
                     the step with that file"
                )
            }
            _ => "write `clusterMode` for the first cluster into a layer of its own that overrides this one".to_owned(),
        });
        let Some(finding) = self.reach.finding(&help, allowed) else { return };
        if finding.severity == Severity::Error {
            self.status = Status::Refused;
        }
        let finding = finding.in_file(file);
        self.findings.push(Finding { span: self.span.clone(), ..finding });
    }

    /// Warns where another cluster has the same id, by what the checkout says of others: it is not known which of the two
    /// the PCE means. A step towards CLAS `is_taken` on neither.
    pub fn stands_beside(&mut self, mut claims: Vec<Claim>, is_taken: bool) {
        let (Some(own), Status::Step(_), Some(to)) = (&self.claim, &self.status, self.to) else { return };
        let is_same_spot = |claim: &Claim| claim.file == own.file && claim.span == own.span;
        let is_own = |claim: &Claim| claim.by == own.by || is_same_spot(claim) && claim.by.is_as(&own.by);
        claims.retain(|claim| !is_own(claim));
        claims.push(own.clone());
        let groups = disputed(&claims.iter().collect::<Vec<_>>());
        let Some(group) = groups.iter().find(|group| group.iter().any(|number| is_same_spot(&claims[*number]))) else {
            return;
        };
        let others = || group.iter().map(|number| &claims[*number]).filter(|claim| !is_own(claim));
        let Some(other) = others().find(|claim| !is_same_spot(claim)).or_else(|| others().next()) else { return };
        let finding = own.disputed_by(&other.by);
        if is_taken && !matches!(to, ClusterMode::Legacy | ClusterMode::MigrateClasToLegacy) {
            self.findings.push(finding);
            self.status = Status::Refused;
        } else {
            self.findings.push(finding.weighing(Severity::Warning));
        }
    }
}

/// What there is to do.
#[derive(Clone, Debug)]
pub enum Status {
    /// One edit.
    Step(Edited),
    /// Nothing, the values say so already.
    Already,
    /// Nothing, and the findings say why.
    Refused,
}
