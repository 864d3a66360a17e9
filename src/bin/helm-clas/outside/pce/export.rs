//! The policy of a PCE, as `helm clas policy export` writes it and the other commands judge it.

use helm_clas::policy::export::{
    COLLECTIONS, CONTAINER_CLUSTERS, CONTAINER_WORKLOAD_PROFILES, CONTAINER_WORKLOAD_PROFILES_PATH, PRODUCT_VERSION,
    PRODUCT_VERSION_PATH,
};
use serde::Deserialize;

use super::{Collection, Found, Pce};
use crate::failure::Failure;

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
        // otherwise some of the profiles would be taken for all of them
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
