//! Values files of the checkout that are not what a cluster gets: one that has the path of a file which a release takes
//! from another branch or repository, and one that is used for something else.

use std::{
    borrow::Cow,
    collections::HashMap,
    path::{Path, PathBuf},
};

use helm_clas::{
    Finding, OtherUse, Purpose, Rule, Severity, Wanted,
    look::{fits_pattern, has_own_values, says_mode_key},
    status::{Holder, IN_CONFIG_MAP, IN_SECRET, Standing},
};

use crate::{
    outside::files,
    paths,
    workspace::{Checkout, checkout::Sight, taking::Taking},
};

/// The files that something uses for another purpose than a cluster's values here.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    files: HashMap<PathBuf, Why>,
    /// By patterns of their paths.
    patterns: Vec<(String, Why)>,
    /// By commands that give them to helmfile.
    handed: Vec<Taking>,
    /// Objects with values, by their kinds and names: they are in a file among others. Each with its namespace, where what
    /// uses it says that.
    objects: HashMap<Name, Vec<Use>>,
}

/// The kind and the name of an object.
type Name = (String, String);

/// The namespace in which an object is used, where that is known, and by whom.
type Use = (Option<String>, Why);

/// Who takes a file, and for what.
#[derive(Clone, Debug)]
struct Why {
    who: String,
    rule: Rule,
    help: &'static str,
    /// Whether a file with values that no other chart has is used for those anyway.
    is_of_other: bool,
    /// Whether what takes it may bring a release of the chart that is not read.
    may_bring: bool,
}

impl Elsewhere {
    /// What the rows of the checkout say, and what other files in it use for something else.
    pub(super) fn of(rows: &[Standing], uses: &[(PathBuf, Vec<OtherUse>)], handed: Vec<Taking>) -> Self {
        let mut all = Self { handed, ..Self::default() };
        for row in rows {
            let release = row.release.as_ref().map(|release| format!("{release} in ")).unwrap_or_default();
            let taker = format!("{release}{}", row.file);
            for (file, reason) in &row.namesakes {
                let who = format!("{taker} uses the file of this path that is {reason}");
                let help = "make the change there";
                all.insert(file, Why { who, rule: Rule::ModeElsewhere, help, is_of_other: false, may_bring: false });
            }
            for name in &row.secrets {
                let who = format!("{taker} uses values of this Secret");
                let help = "keep `clusterMode` in the release itself, or in a ConfigMap";
                let why = Why { who, rule: Rule::ModeElsewhere, help, is_of_other: false, may_bring: false };
                all.objects.entry(("Secret".to_owned(), name.clone())).or_default().push((None, why));
            }
        }
        for (user, OtherUse { wanted, purpose }) in
            uses.iter().flat_map(|(user, all)| all.iter().map(move |it| (user, it)))
        {
            if let Wanted::Object(object) = wanted {
                // what other charts take is distinguished by what is in it
                if let Purpose::UnknownKind(_) = purpose {
                    let of_name = all.objects.entry((object.kind.clone(), object.name.clone())).or_default();
                    of_name.push((object.namespace.clone(), Why::of(user, purpose)));
                }
                continue;
            }
            let Some(path) = path_of(user, wanted) else { continue };
            all.insert(&path, Why::of(user, purpose));
        }
        all
    }

    /// Takes up a file, or with a star those that fit.
    fn insert(&mut self, path: &str, why: Why) {
        let Some((before, _)) = path.split_once('*') else {
            self.files.entry(canonical(path)).or_insert(why);
            return;
        };
        let (folder, rest) =
            before.rsplit_once('/').map_or((".", path), |(folder, _)| (folder, &path[folder.len() + 1..]));
        let pattern = format!("{}/{rest}", paths::name(&canonical(folder)));
        if !self.patterns.iter().any(|(known, _)| *known == pattern) {
            self.patterns.push((pattern, why));
        }
    }

    fn why(&self, file: &Path) -> Option<Cow<'_, Why>> {
        let by_pattern = || {
            let path = paths::name(file);
            self.patterns.iter().find(|(pattern, _)| fits_pattern(pattern, &path)).map(|(_, why)| why)
        };
        let by_command = || self.handed.iter().find_map(|taking| taking.hands(file)).map(|who| Why::of_helmfile(&who));
        let known = self.files.get(file).or_else(by_pattern).map(Cow::Borrowed);
        let why = known.or_else(|| by_command().map(Cow::Owned))?;
        let has_own_values = || files::read(file).is_ok_and(|bytes| has_own_values(&bytes));
        Some(why).filter(|why| !why.is_of_other || !has_own_values())
    }

    /// Why a step in a file is not one of a cluster's values.
    pub(crate) fn refuses(&self, changed: &Path) -> Option<Finding> {
        let Why { who, rule, help, .. } = &*self.why(changed)?;
        let message = format!("{who}; an edit here does not reach a cluster");
        let help =
            format!("{help}; if you mean this file, name the place with --path (--path . for values at the root)");
        Some(Finding::new(*rule, message).weighing(Severity::Error).help(help))
    }

    /// Why a step in an object with values, which its namespace may stand before the name of, is not one of a cluster that is
    /// known: something takes it, and it is not known what that gets.
    pub(crate) fn refuses_object(&self, kind: &str, name: &str, namespace: Option<&str>) -> Option<Finding> {
        let Why { who, help, .. } = self.why_of_object(kind, name, namespace)?;
        let message = format!("{who}, and it is not known which mode its clusters get");
        let help = format!("{help}; to change this {kind} anyway, name its place with --path");
        Some(Finding::new(Rule::ModeElsewhere, message).weighing(Severity::Error).help(help))
    }

    fn why_of_object(&self, kind: &str, name: &str, namespace: Option<&str>) -> Option<&Why> {
        let uses = self.objects.get(&(kind.to_owned(), name.to_owned()))?;
        let is_near = |used: &Option<String>| used.as_deref().zip(namespace).is_none_or(|(one, other)| one == other);
        uses.iter().find(|(used, _)| is_near(used)).map(|(_, why)| why)
    }

    /// The same of a row; nothing where it is not about such an object.
    fn why_of_row(&self, row: &Standing) -> Option<&Why> {
        let kind = match row.holder {
            Holder::Manifest(IN_SECRET) => "Secret",
            Holder::Manifest(IN_CONFIG_MAP) => "ConfigMap",
            _ => return None,
        };
        let id = row.cluster.release.as_ref()?;
        self.why_of_object(kind, &id.name, id.namespace.as_deref())
    }

    /// Makes of the values files among some rows what they are: no clusters of their own.
    pub(crate) fn take_out(&self, rows: &mut Vec<Standing>) {
        if self.files.is_empty() && self.patterns.is_empty() && self.objects.is_empty() && self.handed.is_empty() {
            return;
        }
        rows.retain_mut(|row| {
            let why = match row.holder {
                Holder::Values => self.why(&canonical(&row.file)),
                Holder::Mention => self.why(&canonical(&row.file)).filter(|why| why.is_of_other || row.may_count()),
                Holder::Manifest(_) => self.why_of_row(row).map(Cow::Borrowed),
                Holder::Option => None,
            };
            let Some(Why { who, help, is_of_other, may_bring, .. }) = why.as_deref() else { return true };
            // what is not a mode of Illumio's chart is a value of the other one
            if *is_of_other && row.mode.is_none() {
                return false;
            }
            // what uses it may bring a cluster whose mode is not known
            if *may_bring && row.position.is_none() {
                row.mode = None;
                return true;
            }
            // of a template that may hide lines, it is only known that it sets a mode somewhere
            let is_of_file = !matches!(row.holder, Holder::Manifest(_));
            if is_of_file && row.position.is_none() && row.mode.is_none() {
                let says_mode = files::read(&row.file).is_ok_and(|bytes| says_mode_key(&bytes));
                let mut regions = row.findings.iter().filter_map(|noted| noted.region.as_ref());
                row.position = regions.next().map(|region| region.start).filter(|_| says_mode);
            }
            row.becomes_mention(&format!("a mode is set here, and {who}"), help)
        });
    }
}

/// What to do where nothing that is read takes an object.
const BY_HAND: &str = "find out which mode the cluster gets, `helm get values --all` shows it, and change it by hand";

impl Why {
    /// That a command gives a file to helmfile, in these words.
    fn of_helmfile(who: &str) -> Self {
        let who = format!("{who}, which merges it with other values");
        let help = "take the step in the values of the release, in the helmfile; or change the mode here by hand";
        Self { who, rule: Rule::ForeignValues, help, is_of_other: false, may_bring: false }
    }

    /// That something uses a file for another purpose.
    fn of(user: &Path, purpose: &Purpose) -> Self {
        let user = paths::name(user);
        let (who, help) = match purpose {
            Purpose::Environment => (
                format!(
                    "{user} reads this file for an environment, so a release gets it where a template takes it from there"
                ),
                "if a release does, change it here by hand, for the cluster of that environment",
            ),
            Purpose::Variables => (
                format!(
                    "{user} reads variables of Ansible from this file, so a release gets the mode where a task takes it"
                ),
                "if a task does, change the variable here by hand, and run the playbook",
            ),
            Purpose::Generator => (
                format!(
                    "a generator in {user} reads this file, so a cluster gets the mode where a template takes it from there"
                ),
                "if a template does, change it here by hand, for the cluster of this file",
            ),
            Purpose::Overlay => (
                format!("this file is in an overlay of {user}, which a target with that overlay adds to the bundle"),
                "write the mode of a target into its `helm.values`, or into a file of its `helm.valuesFiles`",
            ),
            Purpose::Replaced => (
                format!("{user} names this file, and takes other values in its place (`valuesMerge: replace`)"),
                "change the mode among those values",
            ),
            Purpose::OtherChart(chart) => (
                format!("{user} uses this file for the chart `{}`", chart.escape_debug()),
                "if a release of Illumio's chart uses it as well, change the mode by hand",
            ),
            Purpose::Elsewhere(reason) => {
                (format!("{user} uses the files of this folder that are {reason}"), "make the change there")
            }
            Purpose::UnknownKind(kind) => {
                let kind = kind.escape_debug();
                let who = format!("{user} uses this in an object of kind `{kind}`, which this tool does not read");
                return Self { who, rule: Rule::ModeElsewhere, help: BY_HAND, is_of_other: false, may_bring: true };
            }
            Purpose::Defaults => (
                "these are the chart's own values, which a release has where its own say nothing".to_owned(),
                "write `clusterMode` into the values of the release",
            ),
        };
        let is_of_other = matches!(purpose, Purpose::OtherChart(_));
        Self { who, rule: Rule::ForeignValues, help, is_of_other, may_bring: false }
    }
}

/// The path of a file that another one uses, as it leads from here.
fn path_of(user: &Path, wanted: &Wanted) -> Option<String> {
    match wanted {
        Wanted::File(path) => Some(path.clone()),
        Wanted::InRepository { path, .. } => {
            let top = Checkout::of(user, &[])?;
            Some(paths::name(&top.top().join(path)))
        }
        Wanted::Fitting { pattern, .. } => {
            let checkout = Checkout::of(user, &[])?;
            let is_here = matches!(checkout.sight(wanted, &paths::name(user)), Sight::Open);
            is_here.then(|| paths::name(&checkout.top().join(pattern)))
        }
        _ => None,
    }
}

fn canonical(file: &str) -> PathBuf {
    paths::real(file).unwrap_or_else(|_| PathBuf::from(file))
}
