//! [`Setting`]: what can be set for a cluster, as a table, and what its value looks like.

use crate::{
    chart::secrets::masked,
    version::{ChartVersion, PceVersion},
    yaml::Node,
};

/// Something that can be set for a cluster.
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
    /// The number of an organisation.
    Number,
    /// One or several.
    List,
    /// Names with values.
    Pairs,
}

const fn setting([key, option, variable]: [&'static str; 3], form: Form, what: &'static str) -> Setting {
    Setting { key, option, variable, what, form }
}

/// All that can be set. No row is for a credential: the file is kept in git.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    setting(["version",     "version",      "HELM_CLAS_VERSION"],      Form::ChartVersion, "the chart version"),
    setting(["pceVersion",  "pce-version",  "HELM_CLAS_PCE_VERSION"],  Form::PceVersion,   "the PCE version"),
    setting(["pceHost",     "pce-host",     "ILLUMIO_PCE_HOST"],       Form::Text,         "the PCE"),
    setting(["pceOrg",      "pce-org",      "ILLUMIO_PCE_ORG_ID"],     Form::Number,        "the organisation"),
    setting(["chart",       "chart",        "HELM_CLAS_CHART"],        Form::Text,         "the chart"),
    setting(["release",     "release",      "HELM_CLAS_RELEASE"],      Form::Text,         "the release"),
    setting(["namespace",   "namespace",    "HELM_CLAS_NAMESPACE"],    Form::Text,         "the namespace"),
    setting(["kubeContext", "kube-context", "HELM_CLAS_KUBE_CONTEXT"], Form::Text,         "the context"),
    setting(["serviceCidr", "service-cidr", "HELM_CLAS_SERVICE_CIDR"], Form::List,         "the service CIDR"),
    setting(["nodeLabels",  "node-labels",  "HELM_CLAS_NODE_LABELS"],  Form::Pairs,        "the node label"),
];

impl Setting {
    /// A value as the option takes it; else what is wrong, and what to do.
    pub(super) fn read(&self, node: Node<'_>) -> Result<String, (String, &'static str)> {
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
            Form::Text | Form::List | Form::ChartVersion | Form::PceVersion | Form::Number => one(node),
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
            Form::Number if !value.bytes().all(|byte| byte.is_ascii_digit()) => {
                return Err(wrong("not a number"));
            }
            _ => Ok(()),
        };
        is_version.map_err(|error| wrong(&format!("not a version: {error}")))?;
        Ok(value)
    }
}
