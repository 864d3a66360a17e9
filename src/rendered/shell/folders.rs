//! [`Folders`]: the folder that the commands of a script run in, as far as it is known.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Part,
    branches::{Left, Scope, left},
    chain::Chain,
};

/// What is written for a folder that is not known: no file is looked for in it.
const UNKNOWN: &str = "$PWD";

/// The folder that commands run in, and those that they go back to.
#[derive(Default)]
pub(in crate::rendered) struct Folders {
    /// From where the script began; empty for that one.
    pub(in crate::rendered) here: String,
    before: Option<String>,
    pushed: Vec<String>,
    brackets: Vec<(String, bool)>,
    /// The branches in which a command went to another folder.
    moved: Vec<Moved>,
    /// The functions that do.
    moving: BTreeSet<String>,
    chain: Chain,
    /// Whether a command that need not run went here.
    is_unsure: bool,
    /// The blocks that are run in a folder, with the one to go back to.
    blocks: Vec<(Vec<Scope>, String)>,
    block: Block,
    /// The one that the command which was taken last began in.
    pub(in crate::rendered) from: String,
    /// The folder in which each function begins.
    starts: BTreeMap<String, String>,
}

/// How much of the beginning of a block was read that is run in a folder.
#[derive(Default)]
enum Block {
    #[default]
    No,
    /// That it is one.
    Named,
    /// Its folder.
    Of(String),
}

struct Moved {
    scopes: Vec<Scope>,
    before: String,
    /// Whether another arm did, so that it is not known behind all of them.
    is_split: bool,
}

impl Folders {
    /// Those of a text that begins in a folder.
    pub(in crate::rendered) fn from(here: String) -> Self {
        Self { here, ..Self::default() }
    }

    /// Takes a command, which may go to another folder; one in brackets goes back behind them, and one that is piped, or
    /// runs beside others, is in a shell of its own.
    pub(in crate::rendered) fn take(&mut self, part: &Part<'_>, words: &[&str], scopes: &[Scope], is_apart: bool) {
        self.bracketed(&part.before);
        self.blocked(part, words, scopes);
        let words = &words[words.iter().take_while(|word| ["eval", "builtin", "command"].contains(*word)).count()..];
        let program = words.first().map(|word| word.trim_start_matches('@'));
        let need_not_run = self.chain.take(part, program);
        if self.is_unsure && !self.chain.is_joined() {
            UNKNOWN.clone_into(&mut self.here);
            self.is_unsure = false;
        }
        self.leave(scopes);
        self.from.clone_from(&self.here);
        if let Some(function) = scopes.iter().rev().find_map(Scope::function) {
            self.starts.entry(function.to_owned()).or_insert_with(|| self.here.clone());
        }
        let folder = words.iter().skip(1).find(|word| !["-P", "-L", "-e", "--"].contains(*word));
        let next = match program {
            Some("cd" | "pushd") => match folder {
                Some(&"-") => self.before.clone().unwrap_or_else(|| UNKNOWN.to_owned()),
                Some(folder) if is_of_turns(folder, scopes) => cleaned(&format!("{}/{folder}", self.here)),
                Some(folder) => self.folder(folder),
                None => UNKNOWN.to_owned(),
            },
            Some("popd") => self.pushed.pop().unwrap_or_else(|| UNKNOWN.to_owned()),
            Some(program) if self.moving.contains(program) => UNKNOWN.to_owned(),
            _ => return,
        };
        if is_apart {
            return;
        }
        if program == Some("pushd") && self.pushed.len() < DEEPEST {
            self.pushed.push(self.here.clone());
        }
        self.moving.extend(scopes.iter().filter_map(Scope::function).map(str::to_owned));
        let is_new = self.moved.last().is_none_or(|moved| moved.scopes != scopes);
        if !scopes.is_empty() && is_new {
            self.moved.push(Moved { scopes: scopes.to_vec(), before: self.here.clone(), is_split: false });
        }
        self.before = Some(std::mem::replace(&mut self.here, next));
        self.is_unsure |= need_not_run;
        if self.here.len() > 1_000 {
            UNKNOWN.clone_into(&mut self.here);
        }
    }

    /// Takes the block of a pipeline of Jenkins that runs in a folder: `dir('prod') { ... }`.
    fn blocked(&mut self, part: &Part<'_>, words: &[&str], scopes: &[Scope]) {
        while let Some((block, before)) = self.blocks.last() {
            if scopes.starts_with(block) {
                break;
            }
            self.here.clone_from(before);
            self.blocks.pop();
        }
        self.block = match (std::mem::take(&mut self.block), words) {
            (_, [.., "dir"]) => Block::Named,
            (Block::Named, [folder]) if part.before == "(" => Block::Of((*folder).to_owned()),
            (Block::Of(folder), _) if part.before == ")" && !scopes.is_empty() && self.blocks.len() < DEEPEST => {
                let next = self.folder(&folder);
                self.blocks.push((scopes.to_vec(), std::mem::replace(&mut self.here, next)));
                Block::No
            }
            _ => Block::No,
        };
    }

    fn bracketed(&mut self, signs: &str) {
        for sign in signs.chars() {
            match sign {
                '(' if self.brackets.len() < DEEPEST => self.brackets.push((self.here.clone(), self.is_unsure)),
                ')' => {
                    if let Some((here, is_unsure)) = self.brackets.pop() {
                        (self.here, self.is_unsure) = (here, is_unsure);
                    }
                }
                _ => {}
            }
        }
    }

    /// Leaves the branches that a command does not stand in.
    fn leave(&mut self, scopes: &[Scope]) {
        let mut arm = None;
        while let Some(moved) = self.moved.last() {
            match left(&moved.scopes, scopes) {
                Left::Inside => break,
                Left::OtherArm(depth) => {
                    arm = Some(scopes[..=depth].to_vec());
                    self.here.clone_from(&moved.before);
                }
                Left::Function => self.here.clone_from(&moved.before),
                Left::Choice if moved.is_split || self.here != moved.before => UNKNOWN.clone_into(&mut self.here),
                Left::Choice | Left::Group => {}
            }
            self.moved.pop();
        }
        self.moved.extend(arm.map(|scopes| Moved { scopes, before: self.here.clone(), is_split: true }));
    }

    /// The folder that a command goes to.
    fn folder(&self, folder: &str) -> String {
        let folder = folder.trim_end_matches('/');
        if let Some(told) = told(folder) {
            return told;
        }
        match of_current(folder).unwrap_or(folder) {
            folder if folder.starts_with(['/', '$', '~', '-', '%', ':']) => folder.to_owned(),
            folder => cleaned(&format!("{}/{folder}", self.here)),
        }
    }

    /// The folder in which a function begins.
    pub(in crate::rendered) fn start_of(&self, function: &str) -> &str {
        self.starts.get(function).map_or("", String::as_str)
    }

    /// Goes to a folder.
    pub(in crate::rendered) fn go(&mut self, folder: &str) {
        self.here = self.folder(folder);
    }

    /// The name of a file from where the script began, from its own folder (`:./a`), or from the top of the checkout (`:/a`).
    pub(in crate::rendered) fn place(&self, file: &str) -> String {
        if let Some(told) = told(file) {
            return told;
        }
        let file = of_current(file).unwrap_or(file);
        let is_away = self.here.is_empty() || file == "-" || file.starts_with(['/', '$', '~', ':', '<']);
        if is_away { file.to_owned() } else { cleaned(&format!("{}/{file}", self.here)) }
    }
}

/// Whether a folder begins with what a loop is in each turn, and that is a folder from here each time.
fn is_of_turns(folder: &str, scopes: &[Scope]) -> bool {
    let name = folder.strip_prefix('$').map(|rest| rest.trim_start_matches('{'));
    let is_it = |own: &str| {
        let behind = name.and_then(|name| name.strip_prefix(own));
        behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(['/', '}']))
    };
    let is_away = |item: &String| item.starts_with(['/', '$', '~', '-', '"', '*']);
    let mut loops = scopes.iter().rev().filter_map(Scope::items).filter(|(name, _)| is_it(name));
    loops.next().is_some_and(|(_, items)| !items.is_empty() && !items.iter().any(is_away))
}

/// What is behind the current folder in a path that begins with that.
fn of_current(path: &str) -> Option<&str> {
    const CURRENT: [&str; 5] = ["$PWD", "${PWD}", "$(pwd)", "$(CURDIR)", "$(PWD)"];
    let behind = CURRENT.iter().find_map(|here| path.strip_prefix(here))?;
    (behind.is_empty() || behind.starts_with('/')).then(|| behind.trim_start_matches('/'))
}

/// The variables that lead to the top of the checkout, each with its source.
#[rustfmt::skip] // a table
const TOPS: &[&str] = &[
    "CI_PROJECT_DIR", // GitLab documentation, Predefined CI/CD variables
    "GITHUB_WORKSPACE", // GitHub documentation, Default environment variables
    "BUILD_SOURCESDIRECTORY", "Build.SourcesDirectory", "SYSTEM_DEFAULTWORKINGDIRECTORY", // Azure, Predefined variables
    "System.DefaultWorkingDirectory", "Build.Repository.LocalPath",
    "WORKSPACE", // Jenkins, Using environment variables
    "BITBUCKET_CLONE_DIR", // Bitbucket, Variables and secrets
    "TRAVIS_BUILD_DIR", // Travis CI, Default Environment Variables
    "DRONE_WORKSPACE", "CI_WORKSPACE", // Drone, Woodpecker: environment reference
    "BUILDKITE_BUILD_CHECKOUT_PATH", // Buildkite, Environment variables
];

/// The folder that a text names from the top of the checkout, or from where the script itself is; nothing where it is
/// another one.
pub(super) fn told(text: &str) -> Option<String> {
    let text = text.replace(['"', '\''], "");
    let of_task = |name: &str| {
        let behind = text.strip_prefix("{{")?.trim_start().strip_prefix(name)?.trim_start().strip_prefix("}}")?;
        (behind.is_empty() || behind.starts_with('/')).then(|| behind.to_owned())
    };
    // Task documentation, Special variables
    if let Some(behind) = of_task(".ROOT_DIR") {
        return Some(cleaned(&format!(":/{behind}")));
    }
    if let Some(behind) = of_task(".TASKFILE_DIR") {
        return Some(cleaned(&format!(":./{behind}")));
    }
    if !text.starts_with(['$', '%']) {
        return None;
    }
    // Azure, Predefined variables: the agent checks one repository out there
    if let Some(behind) =
        ["$(Pipeline.Workspace)/s", "$(Agent.BuildDirectory)/s"].iter().find_map(|own| text.strip_prefix(own))
    {
        return (behind.is_empty() || behind.starts_with('/')).then(|| cleaned(&format!(":/{behind}")));
    }
    let of_top = |name: &&str| {
        let forms = [format!("${{{name}}}"), format!("$({name})"), format!("${name}"), format!("${{env.{name}}}")];
        forms.iter().find_map(|form| text.strip_prefix(form.as_str())).map(str::to_owned)
    };
    let of_expression = || {
        let (expression, behind) = text.strip_prefix("${{")?.split_once("}}")?;
        (expression.trim() == "github.workspace").then(|| behind.to_owned())
    };
    let behind = TOPS.iter().find_map(of_top).or_else(of_expression);
    match behind.filter(|behind| behind.is_empty() || behind.starts_with('/')) {
        Some(behind) => Some(cleaned(&format!(":/{behind}"))),
        None => own(&text, DEEPEST),
    }
}

/// No script is nested so deep.
const DEEPEST: usize = 64;

/// The same for commands: `$(dirname "$0")/..`, `${BASH_SOURCE%/*}`, `$(cd "$(dirname "$0")" && pwd)`,
/// `$(git rev-parse --show-toplevel)`. The text is without quotes.
fn own(text: &str, deeper: usize) -> Option<String> {
    if let Some(inside) = text.strip_prefix("$(").filter(|_| deeper > 0) {
        let end = closing(inside)?;
        let (command, behind) = (inside[..end].trim(), &inside[end + 1..]);
        let (program, words) = command.split_once(' ')?;
        let words = words.trim_start_matches(['-', 'P', 'L', 'f', 'e', 'm', ' ']);
        let folder = match program {
            "cd" => own(words[..end_of_command(words)].trim(), deeper - 1)?,
            "realpath" | "readlink" => own(words, deeper - 1)?,
            "git" if words == "rev-parse --show-toplevel" => ":".to_owned(),
            "git" if words.ends_with("rev-parse --show-toplevel") && words.starts_with("C ") => ":".to_owned(),
            "dirname" if is_script(words) => ":.".to_owned(),
            "dirname" => own(words, deeper - 1)? + "/..",
            _ => return None,
        };
        let whole = cleaned(&format!("{folder}/{behind}"));
        return Some(whole)
            .filter(|whole| !whole.starts_with(":/..") && (behind.is_empty() || behind.starts_with('/')));
    }
    let behind = ["${BASH_SOURCE%/*}", "${BASH_SOURCE[0]%/*}", "${0%/*}", "%~dp0"]
        .iter()
        .find_map(|own| text.strip_prefix(own))?;
    Some(cleaned(&format!(":./{}", behind.replace('\\', "/"))))
}

/// Where the first command of a text ends, which may hold others in brackets.
fn end_of_command(text: &str) -> usize {
    let mut depth = 0_usize;
    let end = text.char_indices().find(|(at, c)| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && ["&&", " &", ";", " >", " 2>", " |"].iter().any(|end| text[*at..].starts_with(end))
    });
    end.map_or(text.len(), |(at, _)| at)
}

/// Whether words name the script itself: `$0`, `${BASH_SOURCE[0]}`, `$(readlink -f $0)`.
fn is_script(words: &str) -> bool {
    let word = words.strip_prefix("$(").and_then(|inside| inside.strip_suffix(')')).unwrap_or(words);
    let last = word.rsplit(' ').next().unwrap_or(word);
    let is_program = word == last || word.starts_with("readlink") || word.starts_with("realpath");
    let named = ["$0", "${0}", "$BASH_SOURCE", "${BASH_SOURCE}", "${BASH_SOURCE[0]}"];
    is_program && (named.contains(&last) || ["${BASH_SOURCE:-$0}", "${BASH_SOURCE[0]:-$0}", "${0:a}"].contains(&last))
}

/// Where the bracket closes that precedes a text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1_usize;
    text.char_indices().find_map(|(at, c)| {
        depth = if c == '(' { depth + 1 } else { depth - usize::from(c == ')') };
        (depth == 0).then_some(at)
    })
}

/// A path without the parts that lead nowhere, as far as its beginning is known.
pub(in crate::rendered) fn cleaned(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match parts.last() {
            Some(last) if part == ".." && *last != ".." && !last.contains('$') && !last.starts_with(':') => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn the_folder_of_the_script_is_where_names_lead_from() {
        #[track_caller]
        fn check(text: &str, expected: Option<&str>) {
            assert_eq!(told(text).as_deref(), expected, "{text}");
        }
        check("$(cd \"$(cd \"$(dirname \"$0\")\" && pwd)/..\" && pwd)/charts", Some(":./../charts"));
        check("$(dirname $0)", Some(":."));
        check("$(dirname \"$0\")/..", Some(":./.."));
        check("$(dirname $(readlink -f \"$0\"))/prod", Some(":./prod"));
        check("$(dirname $(dirname \"${BASH_SOURCE[0]}\"))", Some(":./.."));
        check("$(cd $(dirname \"$0\")/.. && pwd)/prod", Some(":./../prod"));
        check("$(cd \"$(dirname \"$0\")\"; pwd)", Some(":."));
        check("$(cd -- \"$(dirname -- \"${BASH_SOURCE[0]}\")\" &> /dev/null && pwd -P)/a", Some(":./a"));
        check("${BASH_SOURCE%/*}/..", Some(":./.."));
        check("$(dirname $0)/${ENV}", Some(":./${ENV}"));
        check("%~dp0\\..\\prod", Some(":./../prod"));
        check("$(git rev-parse --show-toplevel)", Some(":"));
        check("$(git rev-parse --show-toplevel)/prod", Some(":/prod"));
        check("$(cd \"$(git rev-parse --show-toplevel)/prod\" && pwd)", Some(":/prod"));
        check("$(git rev-parse --show-toplevel)/..", None);
        check("${CI_PROJECT_DIR}/prod", Some(":/prod"));
        check("{{.ROOT_DIR}}/prod", Some(":/prod"));
        check("{{.TASKFILE_DIR}}", Some(":."));
        check("${{ github.workspace }}", Some(":"));
        check("$(Pipeline.Workspace)/s/prod", Some(":/prod"));
        check("$(Pipeline.Workspace)/self/prod", None);
        check("$CI_PROJECT_DIRECTORY/prod", None);
        check("$(dirname $FILE)", None);
        check("prod", None);
    }
}
