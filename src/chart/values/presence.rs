//! What there is to say of a name: that it is missing, too new, renamed, misspelled or in the wrong place.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    super::MODE_KEY,
    File, is_blank,
    misfit::plain,
    schema::{Known, Setting},
};
use crate::{
    finding::{Change, Finding, Severity},
    rule::Rule,
    spelling::distance,
};

impl File<'_> {
    /// Mandatory values that are absent or blank.
    pub(super) fn missing(&self) -> Vec<Finding> {
        let root = self.schema.root();
        let known = |name: &str| root.properties.as_ref().and_then(|properties| properties.get(name));
        let default_of = |name: &str| known(name)?.default.as_ref().filter(|default| !is_blank(default)).map(plain);
        let help = "add it; if it comes from elsewhere (--set, another file, a Secret), check with --partial";
        let finding = |message: String| Finding::new(Rule::MissingValue, message).help(help);
        let judge = |name: &String| match (self.values.get(name), default_of(name)) {
            (None, None) => Some(finding(format!("`{name}` is missing"))),
            (None, Some(default)) => Some(
                finding(format!("`{name}` is missing, so the chart takes `{default}`")).weighing(Severity::Warning),
            ),
            (Some(value), default) if is_blank(value) => {
                let deleted = default.filter(|_| value.is_null());
                let why = deleted.map(|default| format!(": Helm deletes the chart's default `{default}`"));
                let finding = finding(format!("`{name}` is blank{}", why.unwrap_or_default()));
                Some(match self.document.locate([name.as_str()]) {
                    Some(place) => finding.at(place.value),
                    None => finding,
                })
            }
            _ => None,
        };
        root.required.iter().filter_map(judge).collect()
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
        let missing: Vec<String> = ["password", "token"]
            .iter()
            .filter(|name| !is_given(name))
            .map(|name| format!("`influxdb.auth.admin.{name}`"))
            .collect();
        let finding = Finding::new(
            Rule::MetricsNeedSecrets,
            format!("with metrics on, each upgrade needs {} again", missing.join(" and ")),
        )
        .help("pass it with every `helm upgrade`; if it comes from elsewhere, check with --partial");
        (!missing.is_empty()).then(|| match self.document.locate(["metrics", "enabled"]) {
            Some(place) => finding.at(place.value),
            None => finding,
        })
    }

    /// What there is to say of a value because it is set, whatever it is.
    pub(super) fn presence(&self, setting: &Setting<'_>) -> Vec<Finding> {
        let Setting { name, known, path, .. } = setting;
        let newer = known.since.as_ref().zip(self.version).filter(|(since, version)| version < since);
        let newer = newer.map(|(since, version)| {
            Finding::new(Rule::NeedsNewerChart, format!("`{name}` needs chart {since}, and the chart is {version}"))
                .help("upgrade the chart first, in the present mode; or remove the value until then")
        });
        let remark =
            known.when_set.as_ref().map(|remark| Finding::new(remark.rule, &*remark.say).help(&*remark.help));
        let renamed = known.renamed_to.as_ref().map(|new| {
            let finding = Finding::new(Rule::RenamedValue, format!("`{name}` is the old name of `{new}`"));
            if self.values.get(new).is_some() {
                return finding.help(format!("remove it: `{new}` is set as well"));
            }
            self.fixed(finding.help(format!("rename it to `{new}`")), setting, Change::Name(new.clone()))
        });
        let path = || path.iter().map(String::as_str);
        [newer, remark, renamed].into_iter().flatten().map(|finding| self.at_key(finding, path())).collect()
    }

    /// Names below a value that are nearly, but not quite, those of known ones.
    pub(super) fn misspelled(&self, setting: &Setting<'_>) -> Vec<Finding> {
        let (Some(known), Some(given)) = (&setting.known.properties, setting.value.as_object()) else {
            return Vec::new();
        };
        let unknown = given.keys().filter(|name| !known.contains_key(*name));
        unknown
            .filter_map(|name| {
                let near = nearest(known, name, |known| given.contains_key(known))?;
                let dot = if setting.path.is_empty() { "" } else { "." };
                let shown = format!("{}{dot}{}", setting.name, name.escape_debug());
                let finding = Finding::new(Rule::UnknownValue, format!("`{shown}` is not a known value of the chart"))
                    .help(format!("did you mean `{near}`?"));
                let path = setting.path.iter().map(String::as_str).chain([name.as_str()]);
                Some(self.at_key(finding, path))
            })
            .collect()
    }

    /// The mode below a section of the chart, where nothing reads it.
    pub(super) fn misplaced_modes(&self) -> Vec<Finding> {
        let properties = self.schema.root().properties.as_ref();
        let is_section = |name: &str| {
            let known = properties.and_then(|properties| properties.get(name));
            known.is_some_and(|known| known.properties.is_some())
        };
        let nested = self.document.nested(MODE_KEY).into_iter().filter(|(path, _)| is_section(path[0]));
        nested
            .map(|(path, span)| {
                let message = format!("the chart does not read `{MODE_KEY}` below `{}`", path.join(".").escape_debug());
                Finding::new(Rule::MisplacedMode, message)
                    .help(format!("move `{MODE_KEY}` to the left margin, out of `{}`", path[0]))
                    .at(span)
            })
            .collect()
    }
}

/// The known name that was probably meant. A name that differs by more than its case and its dashes counts only if it
/// is close for its length, and if the known one is not there as well: `httpsProxy` beside `httpProxy` is meant so.
/// What is closest to `clusterMode` is left to [`crate::place`].
fn nearest<'k>(known: &'k BTreeMap<String, Known>, name: &str, is_given: impl Fn(&str) -> bool) -> Option<&'k str> {
    let wanted = letters(name);
    let candidates = known.iter().map(|(near, known)| {
        let letters = letters(near);
        let allowed = if letters.len() < 5 { 0 } else { (letters.len() / 6).max(1) };
        (distance(&letters, &wanted), near != MODE_KEY, known.renamed_to.is_some(), allowed, near.as_str())
    });
    let (distance, _, _, allowed, near) = candidates.min()?;
    let is_near = distance == 0 || distance <= allowed && !is_given(near);
    (is_near && near != MODE_KEY).then_some(near)
}

fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
