//! Programs and texts of others that the tests use, fetched by `.ci/tool` when they are not there yet.

use std::{
    env,
    path::{Path, PathBuf, absolute},
    process::Command,
    sync::OnceLock,
};

/// Where a tool is; nothing where it cannot be had, which is printed. CI must have it.
pub(crate) fn tool(name: &'static str) -> Option<PathBuf> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = FOLDER.get_or_init(|| {
        let helms = env::var_os("HELM_CLAS_HELM_DIR").map_or(repository.join("target/helm"), PathBuf::from);
        absolute(helms).unwrap().join("tools")
    });
    let place = folder.join(name);
    if !place.exists() {
        let output = Command::new("python3").arg(repository.join(".ci/tool")).arg(name).arg(folder).output().unwrap();
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(env::var_os("CI").is_none(), "{name} could not be fetched: {why}");
            println!("skipped: {name} could not be fetched: {}", why.trim());
            return None;
        }
    }
    Some(place)
}
