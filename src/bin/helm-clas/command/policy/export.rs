//! `helm clas policy export`: the policy of a PCE as files. What is read here is also what `helm clas policy` judges.

use std::{collections::BTreeSet, fs, path::Path, process::ExitCode};

use helm_clas::{
    policy::export::{
        COLLECTIONS, CONTAINER_CLUSTERS, CONTAINER_WORKLOAD_PROFILES, CONTAINER_WORKLOAD_PROFILES_PATH,
        PRODUCT_VERSION, PRODUCT_VERSION_PATH,
    },
    report::exported::{self, Exported},
};
use serde::Deserialize;

use crate::{
    args::{Export, Form},
    failure::Failure,
    output::Output,
    outside::pce::{Collection, Found, Pce, Settings, cluster_values},
};

/// One file of an export.
pub(crate) struct File {
    /// Its name below the folder, with `/` between its parts.
    pub(crate) name: &'static str,
    /// The JSON that the PCE sent.
    pub(crate) text: String,
    /// How many objects it holds.
    pub(crate) count: usize,
}

/// The files of an export, and the names of those that the PCE has nothing for, or does not show to this key.
#[allow(clippy::struct_field_names, reason = "they are the files of an export")]
pub(crate) struct Files {
    pub(crate) files: Vec<File>,
    pub(crate) absent: Vec<&'static str>,
    /// The names, each with why.
    pub(crate) refused: Vec<(&'static str, String)>,
}

#[derive(Deserialize)]
struct Cluster {
    href: String,
}

impl Files {
    /// Reads everything that the PCE has.
    pub(crate) fn read(pce: &Pce) -> Result<Self, Failure> {
        let mut read = Self { files: Vec::new(), absent: Vec::new(), refused: Vec::new() };
        for collection in COLLECTIONS {
            let path = pce.in_org(collection.path)?;
            let found =
                if collection.required { Found::There(pce.collection(&path)?) } else { pce.collection_if_any(&path)? };
            read.add(collection.file, found);
        }
        let clusters = read.files.iter().find(|file| file.name == CONTAINER_CLUSTERS);
        let clusters: Vec<Cluster> =
            clusters.map_or(Ok(Vec::new()), |file| pce.read(CONTAINER_CLUSTERS, &file.text))?;
        let mut lists = Vec::new();
        let (mut count, mut refusal) = (0, None);
        for cluster in &clusters {
            let path = pce.own_path(&format!("{}/{CONTAINER_WORKLOAD_PROFILES_PATH}", cluster.href))?;
            match pce.collection_if_any(&path)? {
                Found::There(profiles) => {
                    count += profiles.count;
                    lists.push(profiles.text);
                }
                Found::Absent => {}
                Found::Refused(why) => refusal = Some(why),
            }
        }
        // some of the profiles would be taken for all
        let profiles = Collection { text: joined(&lists), count };
        read.add(CONTAINER_WORKLOAD_PROFILES, refusal.map_or(Found::There(profiles), Found::Refused));
        let version = pce.text_if_any(&format!("/{PRODUCT_VERSION_PATH}"))?;
        read.add(PRODUCT_VERSION, version.map_or(Found::Absent, |text| Found::There(Collection { text, count: 1 })));
        Ok(read)
    }

    fn add(&mut self, name: &'static str, found: Found) {
        match found {
            Found::There(Collection { text, count }) => self.files.push(File { name, text, count }),
            Found::Absent => self.absent.push(name),
            Found::Refused(why) => self.refused.push((name, why)),
        }
    }
}

/// One JSON array of several.
pub(crate) fn joined(arrays: &[String]) -> String {
    let inside = |array: &String| array.trim().trim_start_matches('[').trim_end_matches(']').trim().to_owned();
    let parts: Vec<String> = arrays.iter().map(inside).filter(|part| !part.is_empty()).collect();
    format!("[{}]", parts.join(","))
}

pub(crate) fn run(export: &Export, output: &mut Output) -> Result<ExitCode, Failure> {
    let folder = Path::new(&export.folder);
    // what the PCE has no more would stay
    refuse_used(
        folder,
        "name a new or an empty one; remove the files of an older export first, so that none of them stays",
    )?;
    let values = cluster_values(&export.files, export.path.as_deref())?;
    let pce = Pce::new(Settings::required(&export.pce, &values)?, output)?;
    let read = Files::read(&pce)?;
    let mut masked = BTreeSet::new();
    for file in &read.files {
        let exported = Exported::of(&file.text);
        masked.extend(exported.masked);
        let path = folder.join(file.name);
        let while_writing = || Failure::while_doing(format!("cannot write {}", path.display()));
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(while_writing())?;
        fs::write(&path, exported.text).map_err(while_writing())?;
    }
    let counts: Vec<(&str, usize)> = read.files.iter().map(|file| (file.name, file.count)).collect();
    let masked: Vec<&str> = masked.iter().map(String::as_str).collect();
    let summary = exported::Summary {
        folder: &export.folder,
        pce: pce.host(),
        files: &counts,
        absent: &read.absent,
        refused: &read.refused,
        masked: &masked,
    };
    match export.output {
        Form::Text => output.answer(&summary.text()),
        Form::Json => output.answer(&summary.json()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses a folder that holds something; `help` says what to do about it.
pub(crate) fn refuse_used(folder: &Path, help: &'static str) -> Result<(), Failure> {
    match fs::read_dir(folder).map(|mut entries| entries.next()) {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(Failure::new(format!("the folder {} is not empty", folder.display())).help(help)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::while_doing(format!("cannot read the folder {}", folder.display()))(error)),
    }
}
