//! What is reported for files of many kinds now, compared with what was reported before releases were a noun: the same,
//! or what a list of corrections says, in every variant. The files are shared by several projects and are beside this
//! one.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use helm_clas::{
    ClusterMode, Files, Texts,
    status::{Holder, Standing, found_in},
};

use crate::support::{files_below, helm::on_threads, program::Folder};

/// Files that are read one by one, and folders that are read as a whole.
const FILES: [&str; 2] = ["corpus/values", "helm-values-cases"];
const FOLDERS: &str = "cases/places/public";

/// How a text may be written without meaning anything else.
const DRESSES: [fn(&str) -> String; 4] = [
    str::to_owned,
    |text| text.replace("\r\n", "\n").replace('\n', "\r\n"),
    |text| text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text)).to_owned(),
    |text| format!("\u{feff}{}", text.trim_start_matches('\u{feff}')),
];

/// Files that mean something by their length: Helm looks for JSON in the first 4,096 bytes alone.
const BY_LENGTH: &str = "-4096-";

/// The lines of a list, by the path that each begins with.
fn listed(text: &str) -> BTreeMap<&str, Vec<&str>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split('\t').collect::<Vec<_>>()).map(|parts| (parts[0], parts[1..].to_vec())).collect()
}

/// The mode of a place, as the lists have it.
fn row(file: &str, release: Option<&str>, mode: Option<&str>) -> String {
    let release = release.map(|release| format!("#{release}")).unwrap_or_default();
    format!("{file}{release} {}", mode.unwrap_or("unknown"))
}

fn together(mut rows: Vec<String>) -> String {
    rows.sort();
    rows.join("; ")
}

/// What is reported for one file.
fn said_of_file(name: &str, bytes: &[u8]) -> String {
    let texts = Texts::new();
    let found = found_in(&Files::of(&texts, [(name, bytes)]), 0, None);
    let is_cluster = |standing: &&Standing| standing.holder != Holder::Mention;
    let row = |standing: &Standing| row(name, standing.release.as_deref(), standing.mode.map(ClusterMode::as_str));
    together(found.iter().filter(is_cluster).map(row).collect())
}

/// What is reported for the files of a folder, each in this variant.
fn said_of_folder(folder: &Path, dress: fn(&str) -> String) -> String {
    let mut files = Vec::new();
    files_below(folder, &mut files);
    let home = Folder::new();
    for file in files {
        let inside = file.strip_prefix(folder).unwrap().to_str().unwrap();
        let bytes = fs::read(&file).unwrap();
        home.write(inside, std::str::from_utf8(&bytes).map_or(bytes.clone(), |text| dress(text).into_bytes()));
    }
    let answer = home.run("status -o json .").json();
    let rows = answer["files"].as_array().unwrap().iter().filter(|standing| standing["kind"] != "mention");
    let row = |standing: &serde_json::Value| {
        row(standing["file"].as_str().unwrap(), standing["release"].as_str(), standing["mode"].as_str())
    };
    together(rows.map(row).collect())
}

#[test]
fn what_was_said_before_is_said_or_corrected() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if !shared.join(FOLDERS).is_dir() {
        println!("skipped: no ../shared/{FOLDERS} here");
        return;
    }
    let before = listed(include_str!("reading/before.txt"));
    let corrected = listed(include_str!("reading/corrections.txt"));
    let expected = |path: &str| corrected.get(path).or(before.get(path)).map_or("", |said| said[0]);
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut entries: Vec<PathBuf> = Vec::new();
    for folder in FILES {
        entries.extend(fs::read_dir(shared.join(folder)).unwrap().map(|entry| entry.unwrap().path()));
    }
    let is_values = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    for path in entries.iter().filter(|path| is_values(path)) {
        let (inside, bytes) = (path.strip_prefix(&shared).unwrap().to_str().unwrap(), fs::read(path).unwrap());
        let name = path.file_name().unwrap().to_str().unwrap();
        count += 1;
        let dressed: Vec<Vec<u8>> = match std::str::from_utf8(&bytes) {
            Ok(text) if !name.contains(BY_LENGTH) => DRESSES.iter().map(|dress| dress(text).into_bytes()).collect(),
            _ => vec![bytes.clone()],
        };
        for (dress, bytes) in dressed.iter().enumerate() {
            let said = said_of_file(name, bytes);
            if said != expected(inside) {
                wrong.push(format!("{inside}, dress {dress}: {said:?} instead of {:?}", expected(inside)));
            }
        }
    }
    let folders: Vec<PathBuf> = fs::read_dir(shared.join(FOLDERS))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|it| it.is_dir())
        .collect();
    count += folders.len();
    let judged = on_threads(&folders, |folder| {
        let inside = folder.strip_prefix(&shared).unwrap().to_str().unwrap();
        let wrong = DRESSES.iter().enumerate().filter_map(|(dress, dressed)| {
            let said = said_of_folder(folder, *dressed);
            (said != expected(inside))
                .then(|| format!("{inside}, dress {dress}: {said:?} instead of {:?}", expected(inside)))
        });
        wrong.collect::<Vec<_>>()
    });
    wrong.extend(judged.into_iter().flatten());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 500 && corrected.len() < 30, "{count} files and folders, {} corrections", corrected.len());
    println!("{count} files and folders in {} dresses, {} corrections", DRESSES.len(), corrected.len());
}
