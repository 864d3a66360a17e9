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
fn one_file_makes_names_of_paths() {
    // what is not a path, and a file that may have a long one
    let except = [
        ("args/colors.rs", "to_string_lossy"),
        ("command/complete.rs", "to_string_lossy"),
        ("outside/mod.rs", "to_string_lossy"),
        ("outside/files/kept.rs", "to_string_lossy"),
        ("outside/files.rs", "canonicalize"),
    ];
    let house = Path::new("src/bin/helm-clas");
    let mut files = Vec::new();
    files_below(house, &mut files);
    files.retain(|file| !file.ends_with("paths.rs"));
    let mut found = BTreeSet::new();
    for file in files {
        let code = fs::read_to_string(&file).unwrap();
        let file = file.strip_prefix(house).unwrap().to_str().unwrap().replace('\\', "/");
        let making = ["to_string_lossy", ".display()", "canonicalize"].into_iter().filter(|made| code.contains(made));
        found.extend(making.map(|made| (file.clone(), made)));
    }
    assert_eq!(found, except.map(|(file, made)| (file.to_owned(), made)).into());
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

/// The code of a file, but for its tests, its remarks and its examples.
fn code_of(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The ways in a tree of names: `a::{b, c::d}` is two.
fn ways_in(tree: &str, way: &[String], ways: &mut BTreeSet<Vec<String>>) -> usize {
    let mut way = way.to_vec();
    let mut at = 0;
    loop {
        let rest = &tree[at..];
        at += rest.len() - rest.trim_start().len();
        let name: String = tree[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        at += name.len();
        way.extend(Some(name).filter(|name| !name.is_empty()));
        let Some(rest) = tree[at..].strip_prefix("::") else { break };
        at += 2;
        let Some(list) = rest.strip_prefix('{') else { continue };
        at += 1;
        let mut inside = 0;
        while inside < list.len() && !list[inside..].trim_start().starts_with('}') {
            inside += ways_in(&list[inside..], &way, ways);
            // behind ` as other`, and the comma
            inside += list[inside..].find([',', '}']).unwrap_or(list.len() - inside);
            inside += usize::from(list[inside..].starts_with(','));
        }
        return at + inside + list[inside..].find('}').map_or(0, |end| end + 1);
    }
    ways.insert(way);
    at
}

/// Where each file of a house leads: to the files whose modules it names, but for a module that names its own
/// submodules.
fn ways_of(house: &Path, except: &[&str]) -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
    let mut files = Vec::new();
    files_below(house, &mut files);
    let name_of = |file: &Path| {
        let path = file.strip_prefix(house).unwrap().with_extension("");
        let mut names: Vec<String> = path.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
        names.pop_if(|last| last == "mod");
        names
    };
    files.retain(|file| file.extension().is_some_and(|ending| ending == "rs") && !file.ends_with("tests.rs"));
    let files: BTreeMap<Vec<String>, PathBuf> = files.into_iter().map(|file| (name_of(&file), file)).collect();
    let files: BTreeMap<_, _> = files.into_iter().filter(|(name, _)| !except.contains(&name[0].as_str())).collect();
    let leads = |from: &[String], file: &Path| {
        let code = code_of(file);
        let mut named = BTreeSet::new();
        for start in ["crate::", "super::", "self::"].into_iter().flat_map(|word| code.match_indices(word)) {
            // `super::super::` is read from its beginning
            if !code[..start.0].ends_with("::") {
                ways_in(&code[start.0..], &[], &mut named);
            }
        }
        let file_of = |way: &Vec<String>| {
            let up = way.iter().take_while(|name| *name == "super").count();
            let base = if way[0] == "crate" { &[] } else { &from[..from.len() - up] };
            let way: Vec<String> = base.iter().chain(&way[up.max(usize::from(way[0] != "super"))..]).cloned().collect();
            (1..=way.len()).rev().map(|length| way[..length].to_vec()).find(|name| files.contains_key(name))
        };
        named.iter().filter_map(file_of).filter(|to| !to.starts_with(from)).collect::<BTreeSet<_>>()
    };
    files.iter().map(|(name, file)| (name.clone(), leads(name, file))).collect()
}

/// From no file a way leads over other files back to it, and from no room over other rooms: what is above is not known
/// below.
#[track_caller]
fn leads_one_way(house: &str, except: &[&str]) {
    let of_files = ways_of(Path::new(house), except);
    let room = |name: &Vec<String>| name[..1].to_vec();
    let mut of_rooms: BTreeMap<Vec<String>, BTreeSet<Vec<String>>> = BTreeMap::new();
    for (from, to) in &of_files {
        let others = to.iter().map(room).filter(|other| *other != room(from));
        of_rooms.entry(room(from)).or_default().extend(others);
    }
    for mut ways in [of_rooms, of_files] {
        assert!(ways.values().map(BTreeSet::len).sum::<usize>() > ways.len(), "hardly any way is seen: {ways:?}");
        // remove what leads nowhere else, or what nothing leads to, until nothing can be removed
        loop {
            let led_to: BTreeSet<_> = ways.values().flatten().cloned().collect();
            let is_between = |name: &Vec<String>, to: &BTreeSet<_>| !to.is_empty() && led_to.contains(name);
            let left: BTreeSet<_> =
                ways.iter().filter(|(name, to)| !is_between(name, to)).map(|(name, _)| name.clone()).collect();
            if left.is_empty() {
                break;
            }
            ways.retain(|name, _| !left.contains(name));
            ways.values_mut().for_each(|to| to.retain(|name| !left.contains(name)));
        }
        let shown = |name: &Vec<String>| name.join("::");
        let ways: Vec<String> = ways
            .iter()
            .map(|(name, to)| format!("{} -> {}", shown(name), to.iter().map(shown).collect::<Vec<_>>().join(", ")))
            .collect();
        assert!(ways.is_empty(), "these lead to each other:\n{}", ways.join("\n"));
    }
}

#[test]
fn the_rooms_and_their_files_are_entered_in_one_direction() {
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

#[test]
fn the_readme_has_a_row_for_every_command_and_the_example_of_the_library() {
    let [readme, library] = ["README.md", "src/lib.rs"].map(|file| fs::read_to_string(file).unwrap());
    let table: String = readme.lines().filter(|line| line.starts_with("| `")).collect::<Vec<_>>().join("\n");
    let command = crate::args::described::command_called(helm_clas::Called::OF_HELM);
    for name in command.get_subcommands().filter(|command| !command.is_hide_set()).map(Command::get_name) {
        assert!(table.contains(&format!("`{name}`")), "no row for `{name}` in README.md");
    }
    let example = library.split("//! ```").nth(1).unwrap().replace("\n//! ", "\n").replace("\n//!\n", "\n\n");
    let example = format!("```rust{}\n```", example.trim_end().trim_end_matches("//!").trim_end());
    assert!(readme.contains(&example), "README.md does not have the example of src/lib.rs:\n{example}");
}

/// The matrix is one table in two forms. `UPDATE=1 cargo test house::` writes the second again.
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

/// What Helm completes is what the command line takes. `UPDATE=1 cargo test house::` writes the file again.
#[test]
fn the_completion_is_that_of_the_command_line() {
    let mut command = crate::args::described::command_called(helm_clas::Called::OF_HELM);
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
    // of a plugin's options Helm takes the first short one for that of the first long one, and so on; for YAML 1.1 an
    // `n` without quotes is not text
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
