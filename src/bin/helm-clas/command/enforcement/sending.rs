//! [`Sending`]: a plan that is sent to the PCE. Whatever someone else set meanwhile is kept: before each request that
//! had to wait, and before each more of nodes, the PCE is asked again.

use std::collections::HashSet;

use helm_clas::enforcement::{Conflict, Deed, Kind, Mode, Planned, Row, compare};
use serde_json::json;

use super::file::File;
use crate::{
    failure::Failure,
    outside::pce::{Pce, change::MOST_AT_ONCE},
};

/// An object that gets a mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    kind: Kind,
    href: String,
    mode: Mode,
}

/// What gets a mode, and which.
pub(super) fn wanted(plan: &[Planned]) -> Vec<Wanted> {
    let set = plan.iter().filter_map(|Planned { row, deed }| match deed {
        Deed::Set(mode) => Some(Wanted { kind: row.kind, href: row.href.clone(), mode: *mode }),
        Deed::Keep | Deed::Leave(_) => None,
    });
    set.collect()
}

/// A plan on its way.
pub(super) struct Sending<'s> {
    pub(super) pce: &'s Pce,
    /// The path of the cluster.
    pub(super) cluster: &'s str,
    /// The name of the file, and what is in it.
    pub(super) name: &'s str,
    pub(super) file: File,
    pub(super) plan: Vec<Planned>,
    /// The plan for other rows.
    pub(super) anew: &'s dyn Fn(Vec<Row>) -> Vec<Planned>,
    /// Whether what is sent is marked as lowered before.
    pub(super) marks: bool,
    /// Whether a request had to wait: then so much time may have passed before those after it as well.
    pub(super) has_waited: bool,
    /// Whether something was sent.
    pub(super) has_sent: bool,
    /// What the PCE refused of single objects.
    pub(super) refused: Vec<(String, String)>,
    /// The addresses that it took the mode of.
    pub(super) taken: HashSet<String>,
}

impl Sending<'_> {
    /// Sends what gets a mode, profiles one by one, nodes by the thousand. A refusal of a whole request is a failure, and
    /// ends it.
    pub(super) fn all(&mut self) -> Result<(), Failure> {
        let (nodes, profiles): (Vec<Wanted>, Vec<Wanted>) =
            wanted(&self.plan).into_iter().partition(|one| one.kind == Kind::Node);
        for one in profiles {
            let path = one.href.clone();
            let refused = self.some(&path, vec![one], false, |some| json!({ "enforcement_mode": some[0].mode }))?;
            self.refused.extend(refused.into_iter().map(|(_, words)| (path.clone(), words)));
        }
        let path = self.pce.in_org("workloads/bulk_update")?;
        for (number, some) in nodes.chunks(MOST_AT_ONCE).enumerate() {
            let one = |one: &Wanted| json!({ "href": one.href, "enforcement_mode": one.mode });
            let body = |some: &[Wanted]| some.iter().map(one).collect();
            let refused = self.some(&path, some.to_vec(), number > 0, body)?;
            self.refused.extend(refused);
        }
        Ok(())
    }

    /// Sends one request about some objects; what the PCE refused comes back.
    fn some(
        &mut self,
        path: &str,
        mut some: Vec<Wanted>,
        mut is_late: bool,
        body: impl Fn(&[Wanted]) -> serde_json::Value,
    ) -> Result<Vec<(String, String)>, Failure> {
        let pce = self.pce;
        let refused = pce.change(path, |has_waited| {
            self.has_waited |= has_waited;
            if self.has_waited || is_late {
                is_late = false;
                self.still(&mut some)?;
            }
            if some.is_empty() {
                return Ok(None);
            }
            self.mark(&some)?;
            self.has_sent = true;
            Ok(Some(body(&some)))
        })?;
        let is_refused = |one: &Wanted| refused.iter().any(|(href, _)| href.is_empty() || *href == one.href);
        self.taken.extend(some.into_iter().filter(|one| !is_refused(one)).map(|one| one.href));
        Ok(refused)
    }

    /// Drops what someone else changed meanwhile, or what is there already.
    fn still(&mut self, some: &mut Vec<Wanted>) -> Result<(), Failure> {
        let seen = self.pce.enforced(self.cluster)?.objects;
        let anew = (self.anew)(compare(&self.file.saved, &seen));
        some.retain(|one| {
            let Some(planned) = self.plan.iter_mut().find(|planned| planned.row.href == one.href) else { return false };
            let Some(now) = anew.iter().find(|planned| planned.row.href == one.href) else { return false };
            let is_as_before = now.row.now == planned.row.now;
            match now.deed {
                Deed::Set(mode) if is_as_before && mode == one.mode => return true,
                Deed::Keep if now.row.now == Some(one.mode) => *planned = now.clone(),
                // whatever it is now, someone else set it
                Deed::Set(_) | Deed::Keep => {
                    *planned = Planned { row: now.row.clone(), deed: Deed::Leave(Conflict::Changed) }
                }
                Deed::Leave(_) => *planned = now.clone(),
            }
            false
        });
        Ok(())
    }

    /// The file says that they are lowered before they are.
    fn mark(&mut self, some: &[Wanted]) -> Result<(), Failure> {
        let hrefs: HashSet<&str> = some.iter().map(|one| one.href.as_str()).collect();
        let marked = self.file.saved.with_marks(&hrefs);
        if self.marks && marked != self.file.saved {
            self.file = self.file.replace(self.name, &marked)?;
        }
        Ok(())
    }
}
