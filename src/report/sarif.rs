//! SARIF 2.1.0, the format of code scanning: structures of its own, of which only what we fill in.
//!
//! The properties are those of the OASIS standard "Static Analysis Results Interchange Format (SARIF) Version 2.1.0";
//! which of them GitHub wants is known by "SARIF support for code scanning" in its documentation.

use std::{collections::BTreeMap, path::Path};

use serde::Serialize;

use super::remark::{Gap, NOT_JUDGED, Remark, gaps, remarks};
use crate::{
    called::Called,
    chart::secrets::secret_ranges,
    check::Run,
    finding::{Position, Severity},
    fix,
    rule::Rule,
    yaml::Edited,
};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The name of our fingerprints. GitHub reads another, `primaryLocationLineHash`, which its upload step computes in its
/// own way; it warns about each that differs, so we leave that one to it.
const FINGERPRINT: &str = "helmClasLine/v1";

#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [RunObject<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunObject<'r> {
    tool: Tool,
    invocations: [Invocation; 1],
    column_kind: &'static str,
    results: Vec<ResultObject<'r>>,
}

/// How the run went: code scanning shows this beside the results.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    descriptor: Reference,
    level: &'static str,
    message: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    locations: Option<[Location; 1]>,
}

#[derive(Serialize)]
struct Reference {
    id: &'static str,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    information_uri: &'static str,
    rules: Vec<ReportingDescriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportingDescriptor {
    id: &'static str,
    short_description: Text,
    full_description: Text,
    default_configuration: Configuration,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
    help: Help,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultObject<'r> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    locations: Option<[Location; 1]>,
    partial_fingerprints: BTreeMap<&'static str, &'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixes: Option<[Fix; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

/// A part of a text. The last column is that of the character behind it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix {
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Text>,
    artifact_changes: [ArtifactChange; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: ArtifactLocation,
    replacements: [Replacement; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Text,
}

/// One run with every rule, whether it fired or not, so that a rule has the same index in every report.
#[must_use]
pub fn check(run: &Run) -> String {
    let remarks = remarks(run);
    let driver = Driver {
        name: "helm-clas",
        version: env!("CARGO_PKG_VERSION"),
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules: Rule::ALL.iter().map(|rule| ReportingDescriptor::of(*rule, run.called)).collect(),
    };
    let run = RunObject {
        tool: Tool { driver },
        invocations: [Invocation {
            execution_successful: run.unjudged.is_empty(),
            tool_execution_notifications: gaps(run).into_iter().map(Notification::of).collect(),
        }],
        column_kind: "unicodeCodePoints",
        results: remarks.iter().map(ResultObject::of).collect(),
    };
    super::pretty::pretty(&Log { schema: SCHEMA, version: "2.1.0", runs: [run] })
}

impl ReportingDescriptor {
    fn of(rule: Rule, called: Called) -> Self {
        let page = rule.page_of(called);
        // the paragraph below the title
        let first = page.lines().skip_while(|line| line.is_empty() || line.starts_with('#'));
        let paragraph: Vec<&str> = first.take_while(|line| !line.is_empty()).collect();
        Self {
            id: rule.name(),
            short_description: Text { text: rule.defect().to_owned() },
            full_description: Text { text: paragraph.join(" ") },
            default_configuration: Configuration { level: level(rule.severity()) },
            help_uri: rule.url(called),
            help: Help { text: page.clone(), markdown: page },
        }
    }
}

impl Notification {
    fn of(gap: Gap) -> Self {
        let location = gap.path.as_deref().map(|path| Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation { uri: uri(path) },
                region: None,
            },
        });
        Self {
            descriptor: Reference { id: NOT_JUDGED },
            level: "error",
            message: Text { text: gap.words },
            locations: location.map(|location| [location]),
        }
    }
}

impl<'r> ResultObject<'r> {
    fn of(remark: &'r Remark<'r>) -> Self {
        let rule = remark.finding.rule;
        let location = remark.path.as_deref().map(|path| Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation { uri: uri(path) },
                region: Some(Region::of(remark)),
            },
        });
        Self {
            rule_id: rule.name(),
            rule_index: Rule::ALL.iter().position(|other| *other == rule).expect("the list names every rule"),
            level: level(remark.finding.severity),
            message: Text { text: remark.words() },
            locations: location.map(|location| [location]),
            partial_fingerprints: BTreeMap::from([(FINGERPRINT, remark.fingerprint.as_str())]),
            // the fix
            fixes: Fix::of(remark).map(|fix| [fix]),
        }
    }
}

impl Region {
    /// GitHub takes no location without a line, so what is about the file as a whole has its first line.
    fn of(remark: &Remark<'_>) -> Self {
        match &remark.region {
            Some(region) => Self::between(region.start, region.end),
            None => Self { start_line: remark.line(), start_column: None, end_line: None, end_column: None },
        }
    }

    fn between(start: Position, end: Position) -> Self {
        Self {
            start_line: start.line,
            start_column: Some(start.column),
            end_line: Some(end.line),
            end_column: Some(end.column),
        }
    }
}

impl Fix {
    /// The fix as one replacement; nothing where it cannot be proven, changes nothing or would show a secret.
    fn of(remark: &Remark<'_>) -> Option<Self> {
        let path = remark.path.as_deref()?;
        let Edited { text, replaced, replacement } = fix::edited(remark.text, remark.finding.fix.as_ref()?).ok()?;
        let is_secret =
            secret_ranges(&text).iter().any(|secret| secret.start < replacement.end && replacement.start < secret.end);
        if text == remark.text || is_secret {
            return None;
        }
        let at = |byte| Position::of(remark.text, byte);
        Some(Self {
            description: remark.help.as_ref().map(|help| Text { text: help.to_string() }),
            artifact_changes: [ArtifactChange {
                artifact_location: ArtifactLocation { uri: uri(path) },
                replacements: [Replacement {
                    deleted_region: Region::between(at(replaced.start), at(replaced.end)),
                    inserted_content: Text { text: text[replacement].to_owned() },
                }],
            }],
        })
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// A path as a URI: relative where the path is. (RFC 3986, 2.3 "Unreserved Characters" and 4.2 "Relative Reference")
fn uri(path: &str) -> String {
    let root = match path {
        _ if !Path::new(path).is_absolute() => "",
        _ if path.starts_with('/') => "file://",
        _ => "file:///",
    };
    let encoded = path.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    root.to_owned() + &encoded.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri() {
        assert_eq!(uri("clusters/a b,c%20d/välues.yaml"), "clusters/a%20b%2Cc%2520d/v%C3%A4lues.yaml");
        assert_eq!(uri("a:b.yaml"), "a%3Ab.yaml");
        #[cfg(unix)]
        assert_eq!(uri("/srv/v.yaml"), "file:///srv/v.yaml");
    }
}
