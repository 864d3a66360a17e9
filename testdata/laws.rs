//! The laws of the fuzz targets (`fuzz/src/laws.rs`), tested with made-up bytes, the same ones in every run, and with
//! everything that was ever found. `LAWS_SECONDS=600 cargo test --release laws::` goes on with others.

use std::{fs, path::Path, time::Instant};

use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

/// The seeds of a target, and what was found with it.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let mut folders = vec![format!("fuzz/seeds/{target}"), format!("fuzz/found/{target}")];
    if ["read", "edit", "check"].contains(&target) {
        folders.push("testdata/values".to_owned());
        folders.push("fuzz/seeds/manifest".to_owned());
    }
    let mut files: Vec<_> = folders
        .iter()
        .filter(|folder| Path::new(folder).is_dir())
        .flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
        .collect();
    files.sort();
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}

/// The words of `fuzz/dictionary.txt`.
fn words() -> Vec<Vec<u8>> {
    let dictionary = fs::read_to_string("fuzz/dictionary.txt").unwrap();
    let quoted = dictionary.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    let words: Vec<Vec<u8>> = quoted.map(unescaped).collect();
    assert!(words.len() > 60, "{}", words.len());
    words
}

fn unescaped(word: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = word.as_bytes();
    while let [first, more @ ..] = rest {
        rest = more;
        match (first, more) {
            (b'\\', [b'x', high, low, behind @ ..]) => {
                let hex = [*high, *low];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
                rest = behind;
            }
            (b'\\', [escaped, behind @ ..]) => {
                bytes.push(*escaped);
                rest = behind;
            }
            _ => bytes.push(*first),
        }
    }
    bytes
}

/// Something done to bytes: where, how many go, what comes; or what comes from elsewhere in them.
#[derive(Clone, Debug)]
enum Damage {
    Word(Index, usize, Vec<u8>),
    Moved(Index, Index, usize),
}

fn damaged(mut bytes: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        let place = |index: &Index| index.index(bytes.len() + 1);
        let (at, length, new) = match damage {
            Damage::Word(at, length, word) => (place(at), *length, word.clone()),
            Damage::Moved(from, to, length) => {
                let from = place(from);
                (place(to), 0, bytes[from..(from + length).min(bytes.len())].to_vec())
            }
        };
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, new);
    }
    bytes
}

fn inputs(target: &str) -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![9 => select(words()), 1 => vec(any::<u8>(), 1..4)];
    let length = prop_oneof![Just(0_usize), 1..4_usize, 1..60_usize];
    let damage = prop_oneof![
        3 => (any::<Index>(), length, word.clone()).prop_map(|(at, length, word)| Damage::Word(at, length, word)),
        1 => (any::<Index>(), any::<Index>(), 1..40_usize).prop_map(|(from, to, length)| Damage::Moved(from, to, length)),
    ];
    let from_seeds = (select(seeds(target)), vec(damage, 0..6)).prop_map(|(seed, damages)| damaged(seed, &damages));
    let heap = vec(word, 0..30).prop_map(|words| words.concat());
    prop_oneof![4 => from_seeds, 1 => heap]
}

fn hold(target: &str, law: fn(&[u8])) {
    for seed in seeds(target) {
        law(&seed);
    }
    let cases = if target == "check" { 200 } else { 600 };
    let config = |cases| Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let run = |cases, rng| {
        TestRunner::new_with_rng(config(cases), rng)
            .run(&inputs(target), |bytes| {
                law(&bytes);
                Ok(())
            })
            .unwrap_or_else(|failure| panic!("{target}: {failure}"));
    };
    run(cases, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let Some(seconds) = std::env::var("LAWS_SECONDS").ok().and_then(|seconds| seconds.parse::<u64>().ok()) else {
        return;
    };
    let (start, mut executions) = (Instant::now(), 0_u64);
    while start.elapsed().as_secs() < seconds {
        run(20_000, TestRng::from_seed(RngAlgorithm::ChaCha, &fresh_seed()));
        executions += 20_000;
    }
    println!("{target}: {executions} executions in {seconds} s");
}

/// Another one in each run.
fn fresh_seed() -> [u8; 32] {
    use std::hash::{BuildHasher, RandomState};
    let mut seed = [0; 32];
    for chunk in seed.chunks_mut(8) {
        chunk.copy_from_slice(&RandomState::new().hash_one(0).to_le_bytes());
    }
    seed
}

#[test]
fn all_bytes_are_read_or_refused() {
    hold("read", crate::support::laws::read);
}

#[test]
fn every_edit_is_exact_or_refused() {
    hold("edit", crate::support::laws::edit);
}

#[test]
fn versions_have_one_order() {
    hold("versions", crate::support::laws::versions);
}

#[test]
fn every_file_is_judged() {
    hold("check", crate::support::laws::check);
}

#[test]
fn every_manifest_is_edited_in_one_place() {
    hold("manifest", crate::support::laws::manifest);
}

/// The seeds are of use: each kind of manifest is among them, and can be edited.
#[test]
fn every_kind_of_manifest_is_among_the_seeds() {
    let seeds = seeds("manifest");
    assert!(seeds.len() >= 9, "{}", seeds.len());
    // of some it is not known which is meant, or what an action makes of them
    let is_edited = |seed: &&Vec<u8>| crate::support::laws::manifest_edits(std::str::from_utf8(seed).unwrap()) > 0;
    let edited = seeds.iter().filter(is_edited).count();
    assert!(edited + 4 >= seeds.len(), "{edited} of {}", seeds.len());
}
