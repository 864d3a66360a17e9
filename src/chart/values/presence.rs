//! Findings about a name: that it is missing, too new, renamed, misspelled or in the wrong place.

use std::{collections::BTreeMap, ops::Range};

use serde_json::Value;

use super::{
    File, is_blank,
    misfit::{joined, quoted},
    near::nearest,
    schema::Known,
    setting::Setting,
};
use crate::{
    finding::{Change, Finding, Severity},
    rule::Rule,
};

const ELSEWHERE: &str =
    "add what is missing; if it comes from elsewhere (--set, another file, a Secret), check with --partial";

impl File<'_> {
    /// Mandatory values that are absent or blank.
    pub(super) fn missing(&self) -> Vec<Finding> {
        let root = self.schema.root();
        let default_of = |name: &str| {
            let known = root.properties.as_ref()?.get(name)?;
            known.default.as_ref().filter(|default| !is_blank(default)).map(quoted)
        };
        let names = root.required.iter();
        let (absent, given): (Vec<&String>, Vec<&String>) =
            names.partition(|name| self.values.get(name.as_str()).is_none());
        let (defaulted, needed): (Vec<&String>, Vec<&String>) =
            absent.into_iter().partition(|name| default_of(name).is_some());
        let mut findings = Vec::new();
        let finding = |message: String| Finding::new(Rule::MissingValue, message).help(ELSEWHERE);
        let listed = |names: &[&String]| {
            let verb = if names.len() == 1 { "is" } else { "are" };
            format!("{} {verb} missing", joined(names.iter().map(|name| format!("`{name}`")).collect(), "and"))
        };
        if !needed.is_empty() {
            findings.push(self.at_values(finding(listed(&needed))));
        }
        if !defaulted.is_empty() {
            let defaults = joined(defaulted.iter().filter_map(|name| default_of(name)).collect(), "and");
            let message = format!("{}, so the chart takes {defaults}", listed(&defaulted));
            findings.push(self.at_values(finding(message).weighing(Severity::Warning)));
        }
        for name in given {
            let value = &self.values[name.as_str()];
            if is_blank(value) {
                let deleted = default_of(name).filter(|_| value.is_null());
                let why = deleted.map(|default| format!(": Helm deletes the chart's default {default}"));
                let finding = finding(format!("`{name}` is empty{}", why.unwrap_or_default()));
                findings.push(self.at(finding, [name.as_str()], |place| place.value));
            }
        }
        findings
    }

    /// With metrics on, the secrets that each upgrade needs again.
    pub(super) fn metrics_without_secrets(&self) -> Option<Finding> {
        if self.values.pointer("/metrics/enabled") != Some(&Value::Bool(true)) {
            return None;
        }
        let is_given = |name: &&str| {
            let value = self.values.pointer(&format!("/influxdb/auth/admin/{name}"));
            value.is_some_and(|value| !is_blank(value))
        };
        let missing = ["password", "token"].iter().filter(|name| !is_given(name));
        let missing: Vec<String> = missing.map(|name| format!("`influxdb.auth.admin.{name}`")).collect();
        if missing.is_empty() {
            return None;
        }
        let message = format!("with metrics on, each upgrade needs {}", joined(missing, "and"));
        let finding = Finding::new(Rule::MetricsNeedSecrets, message).help(ELSEWHERE);
        Some(self.at(finding, ["metrics", "enabled"], |place| place.value))
    }

    /// Findings about a value because it is set, whatever it is.
    pub(super) fn presence(&self, setting: &Setting<'_>) -> Vec<Finding> {
        let Setting { name, known, .. } = setting;
        let newer = known.since.as_ref().zip(self.version).filter(|(since, version)| version < since);
        let newer = newer.map(|(since, version)| {
            Finding::new(Rule::NeedsNewerChart, format!("`{name}` needs chart {since}, and the chart is {version}"))
                .help("remove the value, or upgrade the chart first, while the cluster is in `legacy` or `clas`")
        });
        let remark = known.when_set.as_ref().map(|remark| Finding::new(remark.rule, &*remark.say).help(&*remark.help));
        let renamed = known.renamed_to.as_ref().map(|new| {
            let finding = Finding::new(Rule::RenamedValue, format!("`{name}` is the old name of `{new}`"));
            if self.values.get(new).is_some() {
                return finding.help(format!("remove it: `{new}` is set as well"));
            }
            self.fixed(finding.help(format!("rename it to `{new}`")), setting, Change::Name(new.clone()))
        });
        [newer, remark, renamed].into_iter().flatten().map(|finding| self.at_key(finding, setting.steps())).collect()
    }

    /// Names below a value that are nearly, but not quite, those of known ones.
    pub(super) fn misspelled(&self, setting: &Setting<'_>) -> Vec<Finding> {
        let (Some(known), Some(given)) = (&setting.known.properties, setting.value.as_object()) else {
            return Vec::new();
        };
        let unknown = given.keys().filter(|name| !known.contains_key(*name));
        unknown
            .filter_map(|name| {
                if setting.path.is_empty()
                    && let Some(finding) = Self::strange(name, known)
                {
                    return Some(self.at_key(finding, setting.steps().chain([name.as_str()])));
                }
                let near = nearest(setting.known.names(), name, |known| given.contains_key(known))?;
                let dot = if setting.path.is_empty() { "" } else { "." };
                let shown = format!("{}{dot}{}", setting.name, name.escape_debug());
                let finding = Finding::new(Rule::UnknownValue, format!("`{shown}` is not a known value of the chart"))
                    .help(format!("did you mean `{near}`?"));
                Some(self.at_key(finding, setting.steps().chain([name.as_str()])))
            })
            .collect()
    }
}

impl File<'_> {
    /// The names of labels and annotations that are not text for Helm.
    pub(super) fn not_text(&self, setting: &Setting<'_>) -> Vec<Finding> {
        const MAPS: [&str; 4] = ["commonLabels", "commonAnnotations", "labels", "nodeSelector"];
        let name = setting.path.last().map(String::as_str).unwrap_or_default();
        if !MAPS.contains(&name) {
            return Vec::new();
        }
        let keys = self.document.keys_beside_text(self.below.iter().map(String::as_str).chain(setting.steps()));
        let finding = |place: Range<usize>| {
            let shown = self.document.text()[place.clone()].escape_debug();
            let message = format!("`{shown}` in `{}` is not text for Helm, and a key there must be", setting.name);
            Finding::new(Rule::WrongType, message).help(format!("put it in quotes: \"{shown}\"")).at(place)
        };
        keys.into_iter().map(finding).collect()
    }

    /// Findings about a name at the root that no chart reads: one with dots, as `--set` has it, and the
    /// headings that `helm get values` prints.
    fn strange(name: &str, known: &BTreeMap<String, Known>) -> Option<Finding> {
        const HEADINGS: [(&str, &str); 2] = [
            ("USER-SUPPLIED VALUES", "it is the heading that `helm get values` prints"),
            (
                "COMPUTED VALUES",
                "it is the heading of `helm get values --all`, which prints the chart's defaults as well",
            ),
        ];
        if let Some((_, why)) = HEADINGS.iter().find(|(heading, _)| *heading == name) {
            let message = format!("`{name}` is not a value: {why}");
            return Some(Finding::new(Rule::UnknownValue, message).help(if name.starts_with("COMPUTED") {
                "use the output of `helm get values RELEASE -o yaml`: if the defaults are written out, an upgrade \
                 keeps those of the old chart"
            } else {
                "remove this line; `helm get values RELEASE -o yaml` does not print it"
            }));
        }
        let (section, rest) = name.split_once('.')?;
        known.get(section)?;
        let shown = name.escape_debug();
        let message = format!("`{shown}` is one key with dots in its name, which the chart does not read");
        let rest = rest.escape_debug().to_string();
        let help = format!("write `{section}:` and under it `{}`; dots are only for --set", rest.replace('.', ": "));
        Some(Finding::new(Rule::UnknownValue, message).help(help))
    }
}
