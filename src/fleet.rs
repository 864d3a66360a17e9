//! [`Fleet`]: what a checkout's `.helm-clas.yaml` says of its clusters, by the files that hold their values: what would
//! else be repeated on each command line.

use std::fmt;

use crate::{
    chart::secrets::masked,
    finding::Position,
    glob::Glob,
    rule::Rule,
    version::{ChartVersion, PceVersion},
    yaml::{Node, Texts},
};

/// The name of the file, which is looked for from the current folder up to the top of the checkout.
pub const FLEET_FILE: &str = ".helm-clas.yaml";

/// Something that can be said of a cluster.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its key in the file.
    pub key: &'static str,
    /// The option that says the same on the command line, and wins.
    pub option: &'static str,
    /// The environment variable that says the same, and wins over the file.
    pub variable: &'static str,
    /// What it is, for a person.
    pub what: &'static str,
    form: Form,
}

/// What a value looks like.
#[derive(Debug, PartialEq, Eq)]
enum Form {
    Text,
    /// One exact version of the chart.
    ChartVersion,
    /// A version of the PCE, or `auto`.
    PceVersion,
    /// One or several.
    List,
    /// Names with values.
    Pairs,
}

const fn setting([key, option, variable]: [&'static str; 3], form: Form, what: &'static str) -> Setting {
    Setting { key, option, variable, what, form }
}

/// All there is to say. No row is for a credential: the file stands in git.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    setting(["version",     "version",      "HELM_CLAS_VERSION"],      Form::ChartVersion, "the chart version"),
    setting(["pceVersion",  "pce-version",  "HELM_CLAS_PCE_VERSION"],  Form::PceVersion,   "the PCE version"),
    setting(["pceHost",     "pce-host",     "ILLUMIO_PCE_HOST"],       Form::Text,         "the PCE"),
    setting(["pceOrg",      "pce-org",      "ILLUMIO_PCE_ORG_ID"],     Form::Text,         "the organisation"),
    setting(["release",     "release",      "HELM_CLAS_RELEASE"],      Form::Text,         "the release"),
    setting(["namespace",   "namespace",    "HELM_CLAS_NAMESPACE"],    Form::Text,         "the namespace"),
    setting(["kubeContext", "kube-context", "HELM_CLAS_KUBE_CONTEXT"], Form::Text,         "the context"),
    setting(["serviceCidr", "service-cidr", "HELM_CLAS_SERVICE_CIDR"], Form::List,         "the service CIDR"),
    setting(["nodeLabels",  "node-labels",  "HELM_CLAS_NODE_LABELS"],  Form::Pairs,        "the labels of the nodes"),
];

/// What is said of the clusters of a checkout.
#[derive(Debug, Default)]
pub struct Fleet {
    clusters: Vec<Cluster>,
}

#[derive(Debug)]
struct Cluster {
    /// Patterns of paths, from the folder of the file; a cluster without any is every cluster.
    files: Option<Vec<String>>,
    said: Vec<Said>,
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
        if let Some((name, value)) = root.entries().find(|(name, _)| *name != "clusters") {
            let message = format!("the key `{}` is not known", name.escape_debug());
            return Err(bad(value.key_span().start, message, "the only key is `clusters`, with a list under it"));
        }
        let Some(list) = root.get("clusters") else { return Ok(Self::default()) };
        if !list.is_list() {
            return Err(bad(list.span().start, "`clusters` is not a list".to_owned(), "begin each cluster with `- `"));
        }
        let mut lines = Lines { text, at: 0, line: 1 };
        let read = |item| Cluster::read(item, &mut lines, &bad);
        let clusters = list.items().map(read).collect::<Result<_, _>>()?;
        Ok(Self { clusters })
    }

    /// Whether nothing is said of any cluster.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clusters.is_empty()
    }

    /// What is said of the cluster whose values stand in a file, by its path from the folder of `.helm-clas.yaml`: of
    /// every entry that fits, the later one counts. In the order of [`SETTINGS`].
    #[must_use]
    pub fn of(&self, path: &str) -> Vec<&Said> {
        let fits = |files: &Vec<String>| files.iter().filter_map(|file| Glob::of(file)).any(|glob| glob.fits(path));
        let fitting = self.clusters.iter().filter(|cluster| cluster.files.as_ref().is_none_or(fits));
        let said: Vec<&Said> = fitting.flat_map(|cluster| &cluster.said).collect();
        SETTINGS.iter().filter_map(|setting| said.iter().rfind(|said| said.setting == setting).copied()).collect()
    }
}

impl Cluster {
    fn read(
        node: Node<'_>,
        lines: &mut Lines<'_>,
        bad: &impl Fn(usize, String, &str) -> BadFleet,
    ) -> Result<Self, BadFleet> {
        let mut cluster = Self { files: None, said: Vec::new() };
        if !node.is_mapping() {
            return Err(bad(node.span().start, "a cluster is not a mapping".to_owned(), "write keys with values"));
        }
        for (name, value) in node.entries() {
            let start = value.key_span().start;
            if name == "files" {
                cluster.files = Some(patterns(value, bad)?);
                continue;
            }
            let Some(setting) = SETTINGS.iter().find(|setting| setting.key == name) else {
                let known: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
                let help = format!("the keys are files, {}; credentials do not belong here", known.join(", "));
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
fn patterns(node: Node<'_>, bad: &impl Fn(usize, String, &str) -> BadFleet) -> Result<Vec<String>, BadFleet> {
    const HELP: &str =
        "write paths relative to the folder of this file: `*` matches within a name, `**` matches folders";
    let items: Vec<Node<'_>> = if node.is_list() { node.items().collect() } else { vec![node] };
    let pattern = |item: &Node<'_>| {
        let text = item.str().filter(|text| Glob::of(text).is_some());
        text.map(str::to_owned).ok_or_else(|| bad(item.span().start, "not a pattern of paths".to_owned(), HELP))
    };
    items.iter().map(pattern).collect()
}

impl Setting {
    /// A value as the option takes it; else what is wrong, and what to do.
    fn read(&self, node: Node<'_>) -> Result<String, (String, &'static str)> {
        let wrong = |what: &str| (format!("`{}` is {what}", self.key), "write it as for the option of the same name");
        let one = |node: Node<'_>| {
            // numbers as they are written: 5.10 is not 5.1
            let text = node.str().or_else(|| node.scalar().map(|_| node.source()))?;
            Some(text.to_owned()).filter(|text| !text.is_empty() && !text.contains(['\n', ',']))
        };
        let value = match self.form {
            Form::List if node.is_list() => {
                let parts: Option<Vec<String>> = node.items().map(one).collect();
                parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join(","))
            }
            Form::Pairs => {
                let pairs = node.entries().map(|(name, value)| Some(format!("{name}={}", one(value)?)));
                let pairs: Option<Vec<String>> = pairs.collect();
                pairs.filter(|pairs| !pairs.is_empty()).map(|pairs| pairs.join(","))
            }
            Form::Text | Form::List | Form::ChartVersion | Form::PceVersion => one(node),
        };
        let value = value.ok_or_else(|| {
            wrong(if self.form == Form::Pairs { "not a mapping of keys to text" } else { "not one line of text" })
        })?;
        if masked(&value) != value {
            let help = "remove it, and change the credential: the file is in Git";
            return Err((format!("`{}` looks like a credential", self.key), help));
        }
        let is_version = match self.form {
            Form::ChartVersion => value.parse::<ChartVersion>().map(drop).map_err(|error| error.to_string()),
            Form::PceVersion if value != "auto" => {
                value.parse::<PceVersion>().map(drop).map_err(|error| error.to_string())
            }
            _ => Ok(()),
        };
        is_version.map_err(|error| wrong(&format!("not a version: {error}")))?;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::Fleet;

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
        refused("clusters:\n- namespace: [a]\n", "line 2, column 14: `namespace` is not one line of text");
        let token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
        refused(&format!("clusters:\n- pceHost: {token}\n"), "line 2, column 12: `pceHost` looks like a credential");
        assert!(
            Fleet::read("clusters:\n- version: ^5.1\n")
                .expect_err("a range")
                .message
                .contains("`version` is no version")
        );
    }

    #[test]
    fn the_line_is_that_of_the_key_also_where_an_alias_leads_back() {
        let fleet = Fleet::read("clusters:\n- &a {release: a,\n  namespace: b}\n- release: c\n- *a\n").unwrap();
        let lines: Vec<(&str, usize)> = fleet.of("x").iter().map(|said| (said.value.as_str(), said.line)).collect();
        assert_eq!(lines, [("a", 2), ("b", 3)]);
    }

    #[test]
    fn numbers_are_taken_as_they_are_written() {
        let fleet = Fleet::read("clusters:\n- pceOrg: 10\n  serviceCidr: [10.0.0.0/8, fd00::/108]\n").unwrap();
        let values: Vec<&str> = fleet.of("x").iter().map(|said| said.value.as_str()).collect();
        assert_eq!(values, ["10", "10.0.0.0/8,fd00::/108"]);
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
