//! `helm clas enforcement`: how the PCE enforces policy on a cluster, saved, lowered, compared, put back.
//!
//! The order is what keeps the promise that nothing is lost: the file is on the disk before the PCE is changed, and its
//! marks go away only after the PCE was read again. (`helm_clas::enforcement`)

mod file;
mod sending;

use std::{collections::HashSet, process::ExitCode, time::SystemTime};

use helm_clas::{
    ClusterValues, Release,
    enforcement::{
        Deed, Found, Kind, Outcome, Planned, Row, Saved, SavedCluster, Seen, Standing, Target, compare, lower, restore,
    },
    report::enforcement::{Told, Word as Asked, json, text},
};
use serde::Deserialize;

use self::{
    file::File,
    sending::{Sending, wanted},
};
use crate::args::enforcement::{Common, Diff, Enforcement, Lower, Restore, Save, Word};
use crate::{
    args::Form,
    args::described::called,
    failure::Failure,
    output::Output,
    outside::{
        files,
        pce::{Pce, Settings},
    },
    workspace::{cluster_values, known_namespace},
};

/// A cluster on its PCE, of which something is asked.
struct Desk<'a> {
    common: &'a Common,
    pce: Pce,
    /// The path of the cluster.
    cluster: String,
    /// The namespace of Illumio itself.
    namespace: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cluster {
    name: Option<String>,
    nodes: Option<Vec<serde_json::Value>>,
}

pub(crate) fn run(enforcement: &Enforcement, output: &mut Output) -> Result<ExitCode, Failure> {
    let common = enforcement.common();
    if common.file == files::STDIN {
        return Err(
            Failure::new("the saved modes need a file, and `-` is not one").help("name a file, such as saved.json")
        );
    }
    match &enforcement.word {
        Word::Save(save) => run_save(save, output),
        Word::Lower(lower) => run_lower(lower, output),
        Word::Diff(diff) => run_diff(diff, output),
        Word::Restore(restore) => run_restore(restore, output),
    }
}

fn run_save(save: &Save, output: &mut Output) -> Result<ExitCode, Failure> {
    let common = &save.common;
    let old = if save.add { Some(File::read(&common.file)?) } else { None };
    if old.is_none() && std::path::Path::new(&common.file).exists() {
        return Err(Failure::new(format!("{} exists, and is not overwritten", common.file))
            .help("name a new file; --add adds what is new on the PCE to this one"));
    }
    let desk = Desk::new(common, old.as_ref().map(|file| &file.saved), output)?;
    let found = desk.look()?;
    let saved = match &old {
        Some(file) => file.saved.with_new(&found.objects),
        None => desk.saved(&found, output)?,
    };
    match &old {
        Some(file) => _ = file.replace(&common.file, &saved)?,
        None => files::create(&common.file, saved.text().as_bytes())?,
    }
    output.changed(&common.file);
    let outcome = Outcome::shown(planned(&saved, &found.objects));
    tell(common, Asked::Save, &saved, &outcome, output);
    Ok(ExitCode::SUCCESS)
}

fn run_diff(diff: &Diff, output: &mut Output) -> Result<ExitCode, Failure> {
    let file = File::read(&diff.common.file)?;
    let desk = Desk::new(&diff.common, Some(&file.saved), output)?;
    let outcome = Outcome::shown(planned(&file.saved, &desk.look()?.objects));
    tell(&diff.common, Asked::Diff, &file.saved, &outcome, output);
    let differs = outcome.planned.iter().any(|planned| planned.row.standing != Standing::Same);
    Ok(if diff.exit_code && differs { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn run_lower(asked: &Lower, output: &mut Output) -> Result<ExitCode, Failure> {
    let common = &asked.common;
    let file = File::read(&common.file)?;
    let desk = Desk::new(common, Some(&file.saved), output)?;
    let namespaces = if asked.profiles.is_empty() { vec![desk.namespace.clone()] } else { asked.profiles.clone() };
    let target = if asked.nodes { Target::WithNodes(namespaces) } else { Target::Namespaces(namespaces) };
    let seen = desk.look()?.objects;
    if let Some(missing) = target.missing(&seen).first() {
        return Err(Failure::new(format!("the cluster has no Container Workload Profile for the namespace {missing}"))
            .help("name the namespace that Illumio runs in with --profile, or the values file with -f"));
    }
    let anew = |rows: Vec<Row>| lower(rows, &target);
    let plan = anew(compare(&file.saved, &seen));
    if !asked.write || wanted(&plan).is_empty() {
        return Ok(desk.show(Asked::Lower, &file.saved, plan, output));
    }
    // a change that someone made in between was intended
    let again = desk.look()?.objects;
    if wanted(&anew(compare(&file.saved, &again))) != wanted(&plan) {
        return Err(Failure::new("someone else changed an enforcement mode just now; nothing was sent to the PCE")
            .help("run the command again, and check what it shows"));
    }
    desk.carry_out(Asked::Lower, (file, plan), &anew, output)
}

fn run_restore(asked: &Restore, output: &mut Output) -> Result<ExitCode, Failure> {
    let common = &asked.common;
    let file = File::read(&common.file)?;
    let desk = Desk::new(common, Some(&file.saved), output)?;
    let rows = compare(&file.saved, &desk.look()?.objects);
    if let Some(name) = asked.named.iter().find(|name| !rows.iter().any(|row| row.is_called(name))) {
        return Err(Failure::new(format!("{} has no namespace and no node `{}`", common.file, name.escape_debug()))
            .help("--also needs the name of a namespace or a node, as shown"));
    }
    let anew = |rows: Vec<Row>| restore(rows, &asked.named);
    let plan = anew(rows);
    if !asked.write {
        return Ok(desk.show(Asked::Restore, &file.saved, plan, output));
    }
    desk.carry_out(Asked::Restore, (file, plan), &anew, output)
}

/// A plan in which nothing is to be done.
fn planned(saved: &Saved, seen: &[Seen]) -> Vec<Planned> {
    compare(saved, seen).into_iter().map(|row| Planned { row, deed: Deed::Keep }).collect()
}

fn tell(common: &Common, word: Asked, saved: &Saved, outcome: &Outcome, output: &mut Output) {
    let told = Told { called: called(), word, file: &common.file, saved, outcome };
    match common.output {
        Form::Text => output.answer(&text(&told)),
        Form::Json => output.answer(&json(&told)),
    }
}

fn status(outcome: &Outcome) -> ExitCode {
    if outcome.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl<'a> Desk<'a> {
    /// The cluster that the options, the values or the file name; refused where the file is of another one.
    fn new(common: &'a Common, saved: Option<&Saved>, output: &mut Output) -> Result<Self, Failure> {
        let values = cluster_values(&common.values, common.path.as_deref(), &common.set)?;
        let of_file = |part: fn(&Saved) -> &str| saved.map(|saved| part(saved).to_owned());
        let of_cluster = |saved: &'_ Saved| saved.cluster.href.rsplit('/').next().map(str::to_owned);
        let values = ClusterValues {
            pce_url: values.pce_url.or_else(|| of_file(|saved| &saved.pce)),
            org: values.org.or_else(|| of_file(|saved| &saved.org)),
            cluster_id: values.cluster_id.or_else(|| saved.and_then(of_cluster)),
            ..values
        };
        let pce = Pce::new(Settings::required(&common.pce, &values)?, output)?;
        let cluster = pce.cluster(common.cluster_id.as_deref().or(values.cluster_id.as_deref()))?;
        // without `namespaceOverride` the chart installs there, whatever -n says (chart README 5.7)
        let namespace = known_namespace(values.software_namespace(Release::default().namespace))?;
        let desk = Self { common, pce, cluster, namespace };
        match saved {
            Some(saved) => desk.pce.refuse_foreign(&common.file, saved, &desk.cluster).map(|()| desk),
            None => Ok(desk),
        }
    }

    /// What the PCE has now.
    fn look(&self) -> Result<Found, Failure> {
        self.pce.enforced(&self.cluster)
    }

    /// What is saved of it.
    fn saved(&self, found: &Found, output: &mut Output) -> Result<Saved, Failure> {
        let cluster: Cluster = self.pce.object(&self.cluster)?;
        let listed = cluster.nodes.map_or(0, |nodes| nodes.len());
        let nodes = found.count(Kind::Node);
        if nodes < listed {
            output.remark(&format!(
                "note: the cluster has {listed} nodes, and this API key sees the workloads of {nodes}; a node without \
                 a C-VEN has none,\n      and a key with a limited scope does not see all\n"
            ));
        }
        let saved_at = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        let org = self.pce.org().unwrap_or_default().to_owned();
        let href = self.cluster.clone();
        let cluster = SavedCluster { href, name: cluster.name };
        Ok(Saved::of(self.pce.host().to_owned(), org, cluster, saved_at, &found.objects))
    }

    /// Shows a plan, and sends nothing.
    fn show(&self, word: Asked, saved: &Saved, plan: Vec<Planned>, output: &mut Output) -> ExitCode {
        let outcome = Outcome::shown(plan);
        tell(self.common, word, saved, &outcome, output);
        status(&outcome)
    }

    /// Sends a plan, looks what came of it, and takes the marks away from what has its saved mode.
    fn carry_out(
        &self,
        word: Asked,
        (file, plan): (File, Vec<Planned>),
        anew: &dyn Fn(Vec<Row>) -> Vec<Planned>,
        output: &mut Output,
    ) -> Result<ExitCode, Failure> {
        let (pce, cluster, name) = (&self.pce, self.cluster.as_str(), self.common.file.as_str());
        let (saved, marks) = (file.saved.clone(), word == Asked::Lower);
        let mut sending = Sending {
            pce,
            cluster,
            name,
            file,
            plan,
            anew,
            marks,
            has_waited: false,
            has_sent: false,
            refused: Vec::new(),
            taken: HashSet::new(),
        };
        let sent = sending.all();
        let Sending { file, plan, refused, has_sent, taken, .. } = sending;
        if file.saved != saved {
            output.changed(name);
        }
        if has_sent {
            output.changed("the PCE");
        }
        let seen = match self.look() {
            Ok(found) => found.objects,
            // what was sent is the better story
            Err(failure) => return Err(sent.err().unwrap_or(failure)),
        };
        let noted = if marks { file.saved.with_who_lowered(&taken, &seen) } else { file.saved.clone() };
        let settled = noted.settled(&compare(&noted, &seen));
        if settled != file.saved {
            file.replace(&self.common.file, &settled)?;
            output.changed(&self.common.file);
        }
        sent?;
        let outcome = Outcome::sent(plan, &refused, &seen);
        tell(self.common, word, &settled, &outcome, output);
        Ok(status(&outcome))
    }
}

/// The modes that a file holds.
pub(crate) fn saved_in(name: &str) -> Result<Saved, Failure> {
    File::read(name).map(|file| file.saved)
}
