//! Who takes values files that were named alone: a manifest of their checkout may bring them to the cluster, and then
//! its controller's commands lead on, not Helm's.

use std::{fmt, path::Path};

use helm_clas::{
    Texts, brings_charts,
    chart::reference::is_address,
    look::{is_kustomization, taken_by},
    may_take, names_of_decided, names_of_takers,
};

use crate::{
    failure::Failure,
    output::Output,
    outside::files::{self, STDIN},
    paths,
    workspace::{
        Workspace,
        search::takers,
        top::{from_here, top_of},
    },
};

/// What a command is about.
pub(crate) struct Meant {
    pub(crate) files: Vec<String>,
    pub(crate) path: Option<String>,
    /// Whether other releases take the files, and it is not known that one of them is meant.
    is_unclear: bool,
}

impl Meant {
    /// The values files that were given; or the one manifest of their checkout that takes them, which is named then.
    /// Where
    /// `--path` or an option beside the files is given, it is what was given.
    pub(crate) fn by(given: &[String], path: Option<&str>, has_options: bool, output: &mut Output) -> Self {
        let as_given = || Self { files: given.to_vec(), path: path.map(str::to_owned), is_unclear: false };
        if path.is_some() || has_options || given.iter().any(|name| name == STDIN || is_address(name)) {
            return as_given();
        }
        if given.iter().any(|name| is_no_values_file(name)) {
            return as_given();
        }
        let files = given.join(", ");
        let takers = takers_of(given).unwrap_or_default();
        let deciding: Vec<&Taker> = takers.iter().filter(|taker| taker.is_decided).collect();
        let meant = match (&takers[..], &deciding[..]) {
            ([taker], _) => Some(taker),
            // for the others something above the file decides
            (_, [taker]) => Some(*taker),
            _ => None,
        };
        match (&takers[..], meant) {
            ([], _) => as_given(),
            (_, Some(Taker { manifest, name: Some(name), is_alone, .. })) => {
                output.remark(&format!(
                    "note: {manifest} gets values from {files}, so the commands are those of its controller\n"
                ));
                let path = Some(name.clone()).filter(|_| !is_alone);
                Self { files: vec![manifest.clone()], path, is_unclear: false }
            }
            (several, _) => {
                let lines: Vec<String> = several.iter().map(|taker| format!("  {taker}\n")).collect();
                output.remark(&format!("note: {files} is also used by\n{}", lines.concat()));
                Self { is_unclear: true, ..as_given() }
            }
        }
    }

    /// The same, where it is compared with what runs: the release is known, or `named` by the user.
    pub(crate) fn of_one_release(self, named: Option<&str>) -> Result<Self, Failure> {
        if !self.is_unclear || named.is_some() {
            return Ok(self);
        }
        Err(Failure::new(format!("which release is meant is not known: {} is used by others", self.files.join(", ")))
            .help("name one with -f and --path as listed above, or the release of these files with --release and -n"))
    }
}

/// Whether a file brings releases by itself, or is one that describes what is taken: none takes it for values.
fn is_no_values_file(name: &str) -> bool {
    let describes = Path::new(name).file_name().is_some_and(|file| file == files::CHART) || is_kustomization(name);
    let brings = || {
        let texts = Texts::new();
        let workspace = Workspace::open(&texts, &[name.to_owned()], None).ok()?;
        Some(brings_charts(&workspace.files, *workspace.given.first()?))
    };
    let takes_others = || files::read(Path::new(name)).is_ok_and(|bytes| !taken_by(name, &bytes).is_empty());
    describes || takes_others() || brings().unwrap_or_default()
}

/// A release that takes the files.
struct Taker {
    manifest: String,
    /// Its name; nothing where it is not known what the files mean to it.
    name: Option<String>,
    /// Whether its manifest has no other.
    is_alone: bool,
    /// Whether the last of the files decides its mode.
    is_decided: bool,
}

impl fmt::Display for Taker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(_) if self.is_alone => write!(out, "-f {}", self.manifest),
            Some(name) => write!(out, "-f {} --path {name}", self.manifest),
            None => write!(out, "{}, in a way that this tool does not read", self.manifest),
        }
    }
}

/// The releases of the checkout that take all of these files.
fn takers_of(given: &[String]) -> Option<Vec<Taker>> {
    let last = Path::new(given.last()?);
    let top = top_of(last)?;
    let file = paths::real(last).ok()?;
    let mut found = Vec::new();
    for manifest in takers(&[from_here(&top)], &file) {
        let Some(Named { names, decided, is_alone }) =
            names_in(&manifest, given).unwrap_or_else(|_| Some(Named::default()))
        else {
            continue;
        };
        let taker = |name: Option<String>| {
            let is_decided = name.as_ref().is_some_and(|name| decided.contains(name));
            Taker { manifest: manifest.clone(), name, is_alone, is_decided }
        };
        found.extend(names.is_empty().then(|| taker(None)));
        found.extend(names.into_iter().map(|name| taker(Some(name))));
    }
    Some(found)
}

/// The releases of a manifest that take some files.
#[derive(Default)]
struct Named {
    /// Those that take all of them.
    names: Vec<String>,
    /// Those whose mode the last of them decides.
    decided: Vec<String>,
    /// Whether the manifest has no other.
    is_alone: bool,
}

/// The releases of a manifest that take all of these files; nothing where it is known that none has to do with them.
fn names_in(manifest: &str, given: &[String]) -> Result<Option<Named>, Failure> {
    let texts = Texts::new();
    let workspace = Workspace::open(&texts, &[manifest.to_owned()], None)?;
    let files = &workspace.files;
    let number = |name: &String| {
        let file = paths::real(name).ok()?;
        (0..files.len()).find(|number| paths::real(files.name(*number)).is_ok_and(|other| other == file))
    };
    let Some(taken) = given.iter().map(number).collect::<Option<Vec<usize>>>() else {
        // all that a kustomization builds with is read
        return Ok((!is_kustomization(manifest)).then(Named::default));
    };
    if !may_take(files, 0, &taken) {
        return Ok(None);
    }
    let names = names_of_takers(files, 0, &taken);
    let decided = taken.last().map(|last| names_of_decided(files, 0, *last)).unwrap_or_default();
    let is_alone = names_of_takers(files, 0, &[]).len() == 1;
    Ok(Some(Named { names, decided, is_alone }))
}
