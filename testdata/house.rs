//! The house's own rules: what must be absent, and what must agree with what.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use clap::{Arg, Command};
use helm_clas::{CompatibilityMatrix, compat};

use crate::support::files_below;

/// The library's own sources: all of `src` but the binary.
fn library_sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    files_below(Path::new("src"), &mut files);
    files.retain(|path| !path.starts_with("src/bin") && path.extension().is_some_and(|ending| ending == "rs"));
    assert!(files.len() > 10, "{files:?}");
    files.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn the_library_touches_nothing_of_the_world() {
    let absent =
        ["clap", "tempfile", "anstream", "std::io", "std::fs", "std::env", "std::net", "std::process", "std::time"];
    for (path, text) in library_sources() {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for (number, line) in code.enumerate() {
            let named =
                absent.iter().find(|name| line.contains(&format!("{name}::")) || line.contains(&format!("{name};")));
            assert!(named.is_none(), "{}: code line {}: {line}", path.display(), number + 1);
        }
    }
}

#[test]
fn one_file_names_the_parser_of_users_files_and_one_names_the_reader_of_ours() {
    let naming = |name: &str| -> Vec<PathBuf> {
        let sources = library_sources().into_iter();
        sources.filter(|(_, text)| text.contains(&format!("{name}::"))).map(|(path, _)| path).collect()
    };
    assert_eq!(naming("granit_parser"), [Path::new("src/yaml/events.rs")]);
    assert_eq!(naming("serde_yaml"), [Path::new("src/compat.rs")]);
}

#[test]
fn the_map_of_the_house_shows_every_room() {
    let [rooms, map] = ["src/lib.rs", "src/architecture.md"].map(|file| fs::read_to_string(file).unwrap());
    let modules =
        rooms.lines().filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'));
    let missing: Vec<&str> = modules
        .filter(|module| !map.contains(&format!("\n| `{module}` |")) && !map.contains(&format!("\n| [`{module}`]")))
        .collect();
    assert!(missing.is_empty(), "no row in the table of src/architecture.md: {missing:?}");
}

/// The rooms of the same house that a file takes something from, but for its tests and its examples.
fn taken_from(file: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(file).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let text = lines.collect::<Vec<_>>().join("\n");
    let mut rooms = BTreeSet::new();
    for (start, _) in text.match_indices("crate::") {
        let behind = &text[start + "crate::".len()..];
        let word =
            |text: &str| text.trim_start().split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap().to_owned();
        let Some(list) = behind.strip_prefix('{') else {
            rooms.insert(word(behind));
            continue;
        };
        let mut depth = 0;
        let mut names = vec![String::new()];
        for c in list.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => names.push(String::new()),
                _ if depth == 0 => names.last_mut().unwrap().push(c),
                _ => {}
            }
        }
        rooms.extend(names.iter().map(|name| word(name)));
    }
    rooms
}

/// From no room a way leads over other rooms back to it: what is above is not known below.
#[track_caller]
fn leads_one_way(house: &str, except: &[&str]) {
    let mut ways: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in fs::read_dir(house).unwrap() {
        let path = entry.unwrap().path();
        let room = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut files = Vec::new();
        if path.is_dir() {
            files_below(&path, &mut files);
        } else {
            files.push(path);
        }
        files.retain(|file| file.extension().is_some_and(|it| it == "rs"));
        let files = files.iter().filter(|file| file.file_stem().is_some_and(|name| name != "tests"));
        ways.entry(room).or_default().extend(files.flat_map(|file| taken_from(file)));
    }
    ways.retain(|room, _| !except.contains(&room.as_str()));
    let rooms: BTreeSet<String> = ways.keys().cloned().collect();
    for (room, to) in &mut ways {
        to.retain(|other| other != room && rooms.contains(other));
    }
    assert!(ways.values().map(BTreeSet::len).sum::<usize>() > ways.len(), "hardly any way is seen: {ways:?}");
    // who leads nowhere else is taken away, until nobody is left
    loop {
        let ends: BTreeSet<String> =
            ways.iter().filter(|(_, to)| to.is_empty()).map(|(room, _)| room.clone()).collect();
        if ends.is_empty() {
            break;
        }
        ways.retain(|room, _| !ends.contains(room));
        ways.values_mut().for_each(|to| to.retain(|room| !ends.contains(room)));
    }
    assert!(ways.is_empty(), "these rooms lead to each other: {ways:#?}");
}

#[test]
fn the_rooms_are_entered_in_one_direction() {
    leads_one_way("src", &["bin", "lib"]);
    leads_one_way("src/bin/helm-clas", &["main"]);
}

#[test]
fn no_file_of_the_tests_is_forgotten() {
    for (folder, list) in [("testdata", "testdata/main.rs"), ("testdata/support", "testdata/support/mod.rs")] {
        let list = fs::read_to_string(list).unwrap();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let is_module = path.extension().is_some_and(|ending| ending == "rs") && !["main", "mod"].contains(&name);
            assert!(!is_module || list.contains(&format!("mod {name};\n")), "{} does not run", path.display());
        }
    }
}

#[test]
fn every_rule_page_belongs_to_a_rule() {
    for entry in fs::read_dir("src/rule").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(helm_clas::Rule::named(name).is_some(), "{}: no such rule", path.display());
    }
}

#[test]
fn the_manifests_carry_one_version() {
    let plugin = fs::read_to_string("plugin.yaml").unwrap();
    assert!(plugin.contains(&format!("\nversion: {}\n", env!("CARGO_PKG_VERSION"))), "{plugin}");
}

/// The matrix is one table in two forms. `UPDATE=1 cargo test house::` writes the second anew.
#[test]
fn the_matrix_that_starts_quickly_is_the_one_that_people_read() {
    let matrix = CompatibilityMatrix::read(compat::SHIPPED).unwrap();
    let expected = serde_json::to_string_pretty(&matrix).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        fs::write("schemas/compatibility.json", &expected).unwrap();
    }
    assert_eq!(fs::read_to_string("schemas/compatibility.json").unwrap(), expected);
    assert_eq!(serde_json::to_value(CompatibilityMatrix::shipped()).unwrap(), serde_json::to_value(matrix).unwrap());
}

/// What Helm completes is what the command line takes. `UPDATE=1 cargo test house::` writes the file anew.
#[test]
fn the_completion_is_that_of_the_command_line() {
    let mut command = crate::args::described::command_called(helm_clas::Called::OfHelm);
    command.build();
    let expected = format!(
        "# What Helm completes behind `helm clas`. Written by `UPDATE=1 cargo test house::`.\n{}",
        completion(&command, "clas", "")
    );
    if std::env::var_os("UPDATE").is_some() {
        fs::write("completion.yaml", &expected).unwrap();
    }
    assert_eq!(fs::read_to_string("completion.yaml").unwrap(), expected);
}

fn completion(command: &Command, name: &str, indent: &str) -> String {
    let mut out = format!("name: {name}\n");
    // of a plugin's options Helm takes the first short one for that of the first long one, and so on; for YAML 1.1 an `n`
    // without quotes is no text
    let flag = |argument: &Arg| {
        let long = argument.get_long().map(str::to_owned);
        long.into_iter().chain(argument.get_short().map(|short| format!("\"{short}\""))).collect::<Vec<_>>()
    };
    let shown = command.get_arguments().filter(|argument| !argument.is_hide_set() && !argument.is_positional());
    let (with_short, others): (Vec<&Arg>, Vec<&Arg>) = shown.partition(|argument| argument.get_short().is_some());
    let flags: Vec<String> = with_short.into_iter().chain(others).flat_map(flag).collect();
    out += &format!("{indent}flags: [{}]\n", flags.join(", "));
    // of a command with validArgs Helm does not ask plugin.complete, and offers them behind no option
    let mut commands = command.get_subcommands().filter(|command| !command.is_hide_set()).peekable();
    if commands.peek().is_some() {
        out += &format!("{indent}commands:\n");
        let deeper = format!("{indent}    ");
        out.extend(commands.map(|command| format!("{indent}  - {}", completion(command, command.get_name(), &deeper))));
    }
    out
}
