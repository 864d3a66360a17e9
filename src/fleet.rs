//! [`Fleet`]: what a checkout's `.helm-clas.yaml` says of its clusters, by the files that hold their values: what would
//! else be repeated on each command line.

mod freeze;
mod setting;

use std::fmt;

use crate::{
    chart::secrets::masked,
    finding::Position,
    glob::Glob,
    moment::Moment,
    rule::Rule,
    yaml::{Node, Texts},
};

pub use freeze::Freeze;
pub use setting::{SETTINGS, Setting};

/// The name of the file, which is looked for from the current folder up to the top of the checkout.
pub const FLEET_FILE: &str = ".helm-clas.yaml";

/// What is set for the clusters of a checkout.
#[derive(Debug, Default)]
pub struct Fleet {
    clusters: Vec<Cluster>,
    freezes: Vec<Freeze>,
}

#[derive(Debug)]
struct Cluster {
    /// Patterns of paths, from the folder of the file; a cluster without any is every cluster.
    files: Option<Vec<Pattern>>,
    wave: Option<u32>,
    said: Vec<Said>,
}

/// A pattern of paths, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The pattern.
    pub text: String,
    /// Its line, from 1.
    pub line: usize,
}

impl Pattern {
    /// Whether a path, from the folder of `.helm-clas.yaml`, fits it.
    #[must_use]
    pub fn fits(&self, path: &str) -> bool {
        Glob::of(&self.text).is_some_and(|glob| glob.fits(path))
    }

    /// The folder in which everything is that fits it, and how many names lead from there to what fits, where that is not
    /// any number.
    #[must_use]
    pub fn reach(&self) -> (String, Option<usize>) {
        let glob = Glob::of(&self.text).map(Glob::text).unwrap_or_default();
        let names: Vec<&str> = glob.split('/').collect();
        let is_open = |name: &&str| name.contains(['*', '?']);
        let folders = names.iter().position(is_open).unwrap_or(names.len()).min(names.len() - 1);
        let depth = (!names.contains(&"**")).then_some(names.len() - folders);
        (names[..folders].join("/"), depth)
    }
}

/// When a cluster goes: in the order of waves, then of entries. Clusters without a wave go last, and so do those of
/// which no entry names the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    /// Its wave; a cluster of the next one starts once all of this one are there.
    pub wave: u32,
    /// The first entry that names its files.
    pub entry: usize,
}

impl Order {
    /// The order of a cluster for which nothing is set.
    pub const LAST: Self = Self { wave: u32::MAX, entry: usize::MAX };
}

/// A setting with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Which one.
    pub setting: &'static Setting,
    /// The value, as the option takes it.
    pub value: String,
    /// The line of the file that says it, from 1.
    pub line: usize,
}

/// Why a `.helm-clas.yaml` is not taken.
#[derive(Debug)]
pub struct BadFleet {
    /// Where it is wrong.
    pub position: Position,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl fmt::Display for BadFleet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}, column {}: {}", self.position.line, self.position.column, self.message)
    }
}

impl std::error::Error for BadFleet {}

impl Fleet {
    /// Reads the file.
    ///
    /// ```
    /// use helm_clas::fleet::Fleet;
    ///
    /// let text = "clusters:\n- version: 5.1.0\n- files: east/*.yaml\n  pceVersion: auto\n  version: 5.2.0\n";
    /// let fleet = Fleet::read(text)?;
    /// let said = fleet.of("east/values.yaml");
    /// let said: Vec<_> = said.iter().map(|said| (said.setting.key, said.value.as_str(), said.line)).collect();
    /// assert_eq!(said, [("version", "5.2.0", 5), ("pceVersion", "auto", 4)]);
    /// assert_eq!(fleet.of("west/values.yaml")[0].value, "5.1.0");
    /// # Ok::<(), helm_clas::fleet::BadFleet>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where it is not YAML, where it has a key that is not known or a value of another form, and where a value looks
    /// like a credential.
    pub fn read(text: &str) -> Result<Self, BadFleet> {
        let bad = |at: usize, message: String, help: &str| BadFleet {
            position: Position::of(text, at),
            message: masked(&message).into_owned(),
            help: help.to_owned(),
        };
        let texts = Texts::new();
        let read = texts.read(0, 0, text).map_err(|finding| {
            let at = finding.span.as_ref().map_or(0, |span| span.start);
            let message = match finding.rule {
                // of the file itself, not of what Helm reads
                Rule::NotAMapping => "the file is not a mapping".to_owned(),
                _ => finding.message.clone(),
            };
            bad(at, message, "write YAML with one key, `clusters`, and a list under it")
        })?;
        if let Some(twice) = read.outermost().duplicates().into_iter().next() {
            let at = twice.span.as_ref().map_or(0, |span| span.start);
            let name = text[at..].lines().next().unwrap_or_default().split(':').next().unwrap_or_default();
            return Err(bad(at, format!("`{}` is given twice", name.trim().escape_debug()), "keep one of them"));
        }
        let Some(root) = read.root() else { return Ok(Self::default()) };
        if let Some((name, value)) = root.entries().find(|(name, _)| !["clusters", "freezes"].contains(name)) {
            let message = format!("the key `{}` is not known", name.escape_debug());
            return Err(bad(
                value.key_span().start,
                message,
                "known are `clusters` and `freezes`, each with a list below it",
            ));
        }
        let list = |name: &str| match root.get(name) {
            Some(list) if !list.is_list() => {
                Err(bad(list.span().start, format!("`{name}` is not a list"), "begin each of its items with `- `"))
            }
            list => Ok(list.into_iter().flat_map(Node::items)),
        };
        let mut lines = Lines { text, at: 0, line: 1 };
        let clusters = list("clusters")?;
        let clusters = clusters.map(|item| Cluster::read(item, &mut lines, &bad)).collect::<Result<_, _>>()?;
        let freezes = list("freezes")?;
        let freezes = freezes.map(|item| Freeze::read(item, &mut lines, &bad)).collect::<Result<_, _>>()?;
        Ok(Self { clusters, freezes })
    }

    /// When it is the turn of the cluster whose values are in a file, by its path from the folder of `.helm-clas.yaml`.
    ///
    /// ```
    /// use helm_clas::fleet::{Fleet, Order};
    ///
    /// let fleet = Fleet::read("clusters:\n- {files: lab/*, wave: 1}\n- files: prod/*\n  wave: 2\n")?;
    /// assert_eq!(fleet.order_of("prod/a.yaml"), Order { wave: 2, entry: 1 });
    /// assert_eq!(fleet.order_of("other.yaml"), Order::LAST);
    /// # Ok::<(), helm_clas::fleet::BadFleet>(())
    /// ```
    #[must_use]
    pub fn order_of(&self, path: &str) -> Order {
        let fitting = || self.clusters.iter().enumerate().filter(|(_, cluster)| fits(cluster.files.as_ref(), path));
        let wave = fitting().filter_map(|(_, cluster)| cluster.wave).next_back();
        let entry = fitting().find(|(_, cluster)| cluster.files.is_some()).map(|(number, _)| number);
        Order { wave: wave.unwrap_or(Order::LAST.wave), entry: entry.unwrap_or(Order::LAST.entry) }
    }

    /// The freeze, at a moment, of the cluster whose values are in a file: of several, the one that ends last.
    #[must_use]
    pub fn freeze_of(&self, path: &str, now: &Moment) -> Option<&Freeze> {
        let lasting = self.freezes.iter().filter(|freeze| freeze.lasts(now) && fits(freeze.files.as_ref(), path));
        lasting.max_by(|one, other| one.until.cmp(&other.until))
    }

    /// The patterns of all entries, in their order.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let of_clusters = self.clusters.iter().flat_map(|cluster| cluster.files.iter().flatten());
        of_clusters.chain(self.freezes.iter().flat_map(|freeze| freeze.files.iter().flatten()))
    }

    /// Whether nothing is set for any cluster.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clusters.is_empty() && self.freezes.is_empty()
    }

    /// What is set for the cluster whose values are in a file, by its path from the folder of `.helm-clas.yaml`: of the
    /// entries that fit, the later one counts. In the order of [`SETTINGS`].
    #[must_use]
    pub fn of(&self, path: &str) -> Vec<&Said> {
        let fitting = self.clusters.iter().filter(|cluster| fits(cluster.files.as_ref(), path));
        let said: Vec<&Said> = fitting.flat_map(|cluster| &cluster.said).collect();
        SETTINGS.iter().filter_map(|setting| said.iter().rfind(|said| said.setting == setting).copied()).collect()
    }
}

/// Whether a path fits one of some patterns; any does where there are none.
fn fits(files: Option<&Vec<Pattern>>, path: &str) -> bool {
    files.is_none_or(|files| files.iter().any(|file| file.fits(path)))
}

impl Cluster {
    fn read(
        node: Node<'_>,
        lines: &mut Lines<'_>,
        bad: &impl Fn(usize, String, &str) -> BadFleet,
    ) -> Result<Self, BadFleet> {
        let mut cluster = Self { files: None, wave: None, said: Vec::new() };
        if !node.is_mapping() {
            return Err(bad(node.span().start, "a cluster is not a mapping".to_owned(), "write keys with values"));
        }
        for (name, value) in node.entries() {
            let start = value.key_span().start;
            if name == "files" {
                cluster.files = Some(patterns(value, lines, bad)?);
                continue;
            }
            if name == "wave" {
                let wave = value.scalar().and_then(|_| value.source().parse().ok()).filter(|wave| *wave < u32::MAX);
                let wrong = || bad(value.span().start, "`wave` is not a number".to_owned(), "write 1, 2, 3");
                cluster.wave = Some(wave.ok_or_else(wrong)?);
                continue;
            }
            let Some(setting) = SETTINGS.iter().find(|setting| setting.key == name) else {
                let known: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
                let help = format!("known are files, wave, {}; credentials do not belong here", known.join(", "));
                return Err(bad(start, format!("the key `{}` is not known", name.escape_debug()), &help));
            };
            let said = setting.read(value).map_err(|(message, help)| bad(value.span().start, message, help))?;
            cluster.said.push(Said { setting, value: said, line: lines.of(start) });
        }
        Ok(cluster)
    }
}

/// Counts the lines of a text once, where it is asked for one place after the other.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of a place, from 1.
    fn of(&mut self, at: usize) -> usize {
        // an alias may lead back
        if at < self.at {
            (self.at, self.line) = (0, 1);
        }
        self.line += memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.at..at]).count();
        self.at = at;
        self.line
    }
}

/// The patterns of `files`: one, or a list.
fn patterns(
    node: Node<'_>,
    lines: &mut Lines<'_>,
    bad: &impl Fn(usize, String, &str) -> BadFleet,
) -> Result<Vec<Pattern>, BadFleet> {
    const HELP: &str =
        "write paths relative to the folder of this file: `*` matches within a name, `**` matches folders";
    let items: Vec<Node<'_>> = if node.is_list() { node.items().collect() } else { vec![node] };
    let pattern = |item: &Node<'_>| {
        let start = item.span().start;
        let text = item.str().filter(|text| Glob::of(text).is_some());
        let text = text.ok_or_else(|| bad(start, "not a pattern of paths".to_owned(), HELP))?;
        Ok(Pattern { text: text.to_owned(), line: lines.of(start) })
    };
    items.iter().map(pattern).collect()
}

#[cfg(test)]
mod tests {
    use super::Fleet;
    use crate::moment::Moment;

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        assert_eq!(Fleet::read(text).expect_err(text).to_string(), expected);
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_place() {
        refused("a: 1\n", "line 1, column 1: the key `a` is not known");
        refused("- a\n", "line 1, column 1: the file is not a mapping");
        refused("clusters:\r\n- release: a\r\n  release: b\r\n", "line 3, column 3: `release` is given twice");
        refused("clusters: 1\n", "line 1, column 11: `clusters` is not a list");
        refused("clusters:\n- 1\n", "line 2, column 3: a cluster is not a mapping");
        refused("clusters:\n- apiKey: x\n", "line 2, column 3: the key `apiKey` is not known");
        refused("clusters:\n- files: ../x\n", "line 2, column 10: not a pattern of paths");
        refused("clusters:\n- files: [a, {b: c}]\n", "line 2, column 14: not a pattern of paths");
        refused("clusters:\n- nodeLabels: x\n", "line 2, column 15: `nodeLabels` is not a mapping of keys to text");
        refused("clusters:\n- pceOrg: abc\n", "line 2, column 11: `pceOrg` is not a number");
        refused("clusters:\n- namespace: [a]\n", "line 2, column 14: `namespace` is not one line of text");
        let token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
        refused(&format!("clusters:\n- pceHost: {token}\n"), "line 2, column 12: `pceHost` looks like a credential");
        assert!(
            Fleet::read("clusters:\n- version: ^5.1\n")
                .expect_err("a range")
                .message
                .contains("`version` is not a version")
        );
    }

    #[test]
    fn the_line_is_that_of_the_key_also_where_an_alias_leads_back() {
        let fleet = Fleet::read("clusters:\n- &a {release: a,\n  namespace: b}\n- release: c\n- *a\n").unwrap();
        let lines: Vec<(&str, usize)> = fleet.of("x").iter().map(|said| (said.value.as_str(), said.line)).collect();
        assert_eq!(lines, [("a", 2), ("b", 3)]);
    }

    #[test]
    fn a_pattern_says_where_to_look() {
        let text = "clusters:\n- files: [./a/b.yaml, 'a/*/c', 'a/**']\nfreezes:\n- {from: 2025-12-20, until: 2025-12-24, \
                    files: 'c?'}\n";
        let fleet = Fleet::read(text).unwrap();
        let reach: Vec<_> = fleet.patterns().map(|pattern| (pattern.line, pattern.reach())).collect();
        let of = |line, folder: &str, depth| (line, (folder.to_owned(), depth));
        assert_eq!(reach, [of(2, "a", Some(1)), of(2, "a", Some(2)), of(2, "a", None), of(4, "", Some(1))]);
    }

    #[test]
    fn numbers_are_taken_as_they_are_written() {
        let fleet = Fleet::read("clusters:\n- pceOrg: 10\n  serviceCidr: [10.0.0.0/8, fd00::/108]\n").unwrap();
        let values: Vec<&str> = fleet.of("x").iter().map(|said| said.value.as_str()).collect();
        assert_eq!(values, ["10", "10.0.0.0/8,fd00::/108"]);
    }

    #[test]
    fn a_freeze_lasts_from_its_first_day_to_the_end_of_its_last() {
        let text = "freezes:\n- {from: 2025-12-20, until: 2025-12-24, why: rest}\n- from: '2025-12-24T12:00:00Z'\n  until: \
                    2026-01-05\n  files: prod/*\n";
        let fleet = Fleet::read(text).unwrap();
        let until = |path: &str, now: &str| {
            let now = Moment::read(now).unwrap();
            fleet.freeze_of(path, &now).map(|freeze| (freeze.until.to_string(), freeze.why.clone()))
        };
        let first = Some(("2025-12-24T23:59:59Z".to_owned(), Some("rest".to_owned())));
        assert_eq!(until("lab/a", "2025-12-19T23:59:59Z"), None);
        assert_eq!(until("lab/a", "2025-12-20T00:00:00Z"), first);
        assert_eq!(until("prod/a", "2025-12-24T11:59:59Z"), first);
        assert_eq!(until("prod/a", "2025-12-24T12:00:00Z"), Some(("2026-01-05T23:59:59Z".to_owned(), None)));
        assert_eq!(until("lab/a", "2025-12-25T00:00:00Z"), None);
        refused("freezes: 1\n", "line 1, column 10: `freezes` is not a list");
        refused("freezes:\n- {from: 2025-12-20}\n", "line 2, column 3: the freeze has no `until`");
        refused("freezes:\n- {from: 2025-13-20, until: 2025-12-24}\n", "line 2, column 10: `2025-13-20` is not a day");
        refused(
            "freezes:\n- {from: 2025-12-25, until: 2025-12-24}\n",
            "line 2, column 3: the freeze ends before it begins",
        );
        refused("freezes:\n- {since: 2025-12-25}\n", "line 2, column 4: the key `since` is not known");
        refused("clusters:\n- wave: soon\n", "line 2, column 9: `wave` is not a number");
    }

    #[test]
    fn the_later_entry_counts() {
        let text = "clusters:\n- files: ['**/*.yaml']\n  version: 5.1.0\n- files: a/*\n  version: 5.2.0\n  nodeLabels: {role: n}\n";
        let fleet = Fleet::read(text).unwrap();
        let of = |path: &str| fleet.of(path).iter().map(|said| said.value.clone()).collect::<Vec<_>>();
        assert_eq!(of("a/b.yaml"), ["5.2.0", "role=n"]);
        assert_eq!(of("b/b.yaml"), ["5.1.0"]);
        assert_eq!(of("b/b.json"), Vec::<String>::new());
        assert!(Fleet::read("# nothing\n").unwrap().of("a").is_empty());
    }
}
