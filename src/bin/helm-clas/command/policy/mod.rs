//! `helm clas policy`: the policy of a PCE, from files or asked for, judged.

pub(crate) mod export;
pub(crate) mod prove;
pub(crate) mod rewrite;

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use helm_clas::{
    ClusterValues, Severity,
    policy::{
        Book, Policy, Question, Source,
        export::{CONTAINER_CLUSTERS, DRAFT_RULE_SETS, RULE_SETS},
        judge,
    },
    report::policy::{Show, csv, html, json, left_out, markdown, sarif, text},
};

use crate::{
    args::{self, Everywhere, PceOptions, PolicyFiles, PolicyForm, PolicyOf, described::called},
    failure::Failure,
    made::Made,
    output::Output,
    outside::pce::{
        Pce, Settings,
        export::{File as Exported, Files},
    },
    paths,
    workspace::{cluster_values, known_namespace},
};

/// The largest file that is read. Ten thousand rules have some ten megabytes.
const MAX_BYTES: u64 = 512 * 1024 * 1024;

const FOLDER: &str = "DIR is a folder that `policy export` wrote; name a values file with -f, and files of the PCE \
                      one by one, such as --rule-sets FILE";

/// A file of an export.
pub(crate) struct Given {
    pub(crate) file: &'static str,
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) origin: Origin,
}

/// Where a file of an export comes from.
pub(crate) enum Origin {
    Path(PathBuf),
    /// The PCE of this host.
    Pce(String),
}

impl Made {
    /// A page about these files, which are all of one origin.
    pub(crate) fn from_policy(given: &[Given]) -> Self {
        let path = |given: &Given| match &given.origin {
            Origin::Path(path) => Ok(path.clone()),
            Origin::Pce(host) => Err(host.clone()),
        };
        match given.iter().map(path).collect::<Result<Vec<_>, _>>() {
            Ok(paths) => Self::from_files(&paths),
            Err(host) => Self::from_pce(&host),
        }
    }
}

pub(crate) fn run(everywhere: &Everywhere, policy: &args::Policy, output: &mut Output) -> Result<ExitCode, Failure> {
    let values = cluster_values(&policy.of.values, policy.of.path.as_deref(), &policy.of.set)?;
    let judged = if policy.draft { DRAFT_RULE_SETS } else { RULE_SETS };
    let given = given(policy.of.folder.as_deref(), &policy.files, judged, || asked_for(&policy.pce, &values, output))?;
    let read = read_policy(&given)?;
    let read = if policy.draft { provisioned(read)? } else { read };
    let book = Book::of(&read);
    let cluster = policy.of.cluster_in(&book, &values)?;
    let namespace = &known_namespace(values.software_namespace(everywhere.release_namespace()))?;
    let mut judged = judge(
        &book,
        &Question { cluster, service_cidrs: &policy.service_cidrs, node_labels: &policy.node_labels, namespace },
    );
    judged.silence(&policy.allowed);
    if policy.strict {
        judged.harden();
    }
    let show = if policy.all { Show::All } else { Show::Affected };
    let mut tell = |part: &str| output.answer(part);
    match policy.output {
        PolicyForm::Text => text(&judged, show, called(), &mut tell),
        PolicyForm::Json => tell(&json(&judged, show, called())),
        PolicyForm::Sarif => tell(&sarif(&judged, called())),
        PolicyForm::Markdown => markdown(&judged, show, &mut tell),
        PolicyForm::Html => tell(&html(&judged, show, &Made::from_policy(&given).of_page())),
        PolicyForm::Csv => csv(&judged, show, &mut tell),
    }
    if let Some(left_out) = left_out(&judged).filter(|_| policy.output == PolicyForm::Sarif) {
        output.complaint(&format!("note: {}\n", left_out.replacen("of these", "of the findings", 1)));
    }
    let has_errors = judged.count(Severity::Error) > 0 && !policy.exit_zero;
    // the program ends here: to free what a large policy is made of, piece by piece, takes a while
    std::mem::forget(judged);
    std::mem::forget(book);
    std::mem::forget(read);
    Ok(if has_errors { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The files that are given, or what the PCE has where none are. `judged` is the one without which nothing can be done.
pub(crate) fn given(
    folder: Option<&Path>,
    files: &PolicyFiles,
    judged: &'static str,
    asked_for: impl FnOnce() -> Result<Vec<Given>, Failure>,
) -> Result<Vec<Given>, Failure> {
    if let Some(file) = folder.filter(|folder| folder.is_file()) {
        return Err(Failure::new(format!("{} is a file, but this needs a folder", paths::name(file))).help(FOLDER));
    }
    match inputs(folder, files, judged) {
        None => asked_for(),
        Some(inputs) if inputs.iter().all(|(file, _)| *file != judged) => {
            Err(Failure::new("no rule sets are given").help("name their file (--rule-sets FILE), or a folder"))
        }
        Some(inputs) => inputs.into_iter().map(|(file, path)| read(file, &path, folder)).collect(),
    }
}

/// The policy that the PCE has at this moment.
pub(crate) fn asked_for(pce: &PceOptions, values: &ClusterValues, output: &mut Output) -> Result<Vec<Given>, Failure> {
    let settings = Settings::of(pce, values)?.ok_or_else(|| {
        Failure::new("neither files nor an API key of the PCE is given").help(format!(
            "name a folder that `{} policy export` wrote, or files (--rule-sets FILE), or an API key of the PCE \
             (ILLUMIO_API_KEY_USERNAME, ILLUMIO_API_KEY_SECRET)",
            called()
        ))
    })?;
    let pce = Pce::new(settings, output)?;
    let read = Files::read(&pce)?;
    for (_, why) in &read.refused {
        output.remark(&format!("note: could not be checked: {why}\n"));
    }
    let given = |file: Exported| Given {
        file: file.name,
        name: file.name.to_owned(),
        text: file.text,
        origin: Origin::Pce(pce.host().to_owned()),
    };
    Ok(read.files.into_iter().map(given).collect())
}

/// The UUID of the cluster that is meant.
fn cluster<'b>(book: &'b Book<'_>, named: &'b str) -> Result<&'b str, Failure> {
    let shown = named.escape_debug();
    match book.clusters(named).as_slice() {
        [one] => Ok(one),
        [] => Err(match book.policy.source(CONTAINER_CLUSTERS) {
            Some(source) => Failure::new(format!("there is no cluster `{shown}` in {}", source.name))
                .help("name one by its name on the PCE, or by its UUID (cluster_id in the values)"),
            None => Failure::new(format!("the cluster `{shown}` cannot be found without --container-clusters"))
                .help("name it by its UUID, `cluster_id` in its values"),
        }),
        several => {
            let help = format!("name the one you mean by its UUID, `cluster_id` in its values: {}", several.join(", "));
            Err(Failure::new(format!("{} clusters have the name `{shown}`", several.len())).help(help))
        }
    }
}

pub(crate) fn read(file: &'static str, path: &Path, folder: Option<&Path>) -> Result<Given, Failure> {
    let name = paths::name(path);
    let while_reading = || {
        let failure = Failure::while_doing(format!("cannot read {name}"));
        move |error| match folder {
            Some(folder) if path.starts_with(folder) => failure(error).help(FOLDER),
            _ => failure(error),
        }
    };
    let opened = File::open(path).map_err(while_reading())?;
    if !opened.metadata().map_err(while_reading())?.is_file() {
        return Err(Failure::new(format!("cannot read {name}: it is not an ordinary file")));
    }
    let mut bytes = Vec::new();
    let length = opened.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(while_reading())?;
    if length as u64 > MAX_BYTES {
        return Err(Failure::new(format!("cannot read {name}: it is larger than {} MiB", MAX_BYTES >> 20))
            .help("policy objects are never that large: is this the right file?"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Given { file, name, text, origin: Origin::Path(path.to_path_buf()) }),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            Err(not_utf8(&name, error.as_bytes(), valid))
        }
    }
}

/// Why bytes are not text, and how to make text of them: Excel writes CSV in the code page of Windows, and Windows
/// PowerShell writes UTF-16 with `>`.
fn not_utf8(name: &str, bytes: &[u8], valid: usize) -> Failure {
    let encoding = if matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) { "UTF-16" } else { "WINDOWS-1252" };
    let (line, what) = match encoding {
        "UTF-16" => (1, "it is UTF-16, but UTF-8 is needed"),
        _ => (1 + String::from_utf8_lossy(&bytes[..valid]).matches('\n').count(), "it is not text in UTF-8"),
    };
    Failure::new(format!("cannot read {name}:{line}: {what}")).help(format!(
        "save it as UTF-8: in Excel as \"CSV UTF-8\"; elsewhere `iconv -f {encoding} -t UTF-8 FILE > NEW_FILE`"
    ))
}

/// What the files say.
pub(crate) fn read_policy(given: &[Given]) -> Result<Policy<'_>, Failure> {
    let sources: Vec<Source<'_>> =
        given.iter().map(|given| Source { file: given.file, name: &given.name, text: &given.text }).collect();
    Policy::read(&sources).map_err(|unreadable| {
        Failure::new(unreadable.to_string()).help("each file is a list of objects, as the PCE returns it")
    })
}

/// The policy as it will be once its drafts are provisioned.
pub(crate) fn provisioned(policy: Policy<'_>) -> Result<Policy<'_>, Failure> {
    policy.provisioned().ok_or_else(|| {
        Failure::new("no draft rule sets are given").help("name their file with --draft-rule-sets, or a folder")
    })
}

impl PolicyOf {
    /// The cluster that is named, else that of the values.
    pub(crate) fn cluster_in<'b>(
        &'b self,
        book: &'b Book<'_>,
        values: &'b ClusterValues,
    ) -> Result<Option<&'b str>, Failure> {
        self.cluster.as_ref().or(values.cluster_id.as_ref()).map(|named| cluster(book, named)).transpose()
    }
}

/// The files that are given: those of the folder, and those that are named one by one, which count more. Nothing where
/// none are.
fn inputs(folder: Option<&Path>, files: &PolicyFiles, judged: &str) -> Option<Vec<(&'static str, PathBuf)>> {
    let named = files.named();
    if folder.is_none() && named.iter().all(|(_, path)| path.is_none()) {
        return None;
    }
    let in_folder = |collection: &'static str, is_required: bool| {
        let path = folder?.join(collection);
        (is_required || path.exists()).then_some(path)
    };
    let of_each = named.into_iter().filter_map(|(collection, path)| {
        let is_required = collection == judged;
        Some((collection, path.map(Path::to_path_buf).or_else(|| in_folder(collection, is_required))?))
    });
    Some(of_each.collect())
}
