//! The one list of rules. Each has a page, `rule/NAME.md`; a rule without one does not compile.

use Severity::{Error, Info, Warning};

use crate::called::Called;

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth acting on; does not stop a step.
    Warning,
    /// Stops the step.
    Error,
}

impl Severity {
    /// The word in text and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

macro_rules! rules {
    ($($variant:ident, $name:literal, $severity:ident, $defect:literal;)*) => {
        /// What can be wrong. The names are stable and read well after "allow".
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum Rule {
            $(#[doc = $defect] #[serde(rename = $name)] $variant,)*
        }

        impl Rule {
            /// Every rule, in the order of the list.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name of the defect, in kebab case.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The default severity; some cases differ.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => $severity,)* }
            }

            /// The defect in one line.
            #[must_use]
            pub const fn defect(self) -> &'static str {
                match self { $(Self::$variant => $defect,)* }
            }

            /// The page that `helm clas explain` prints: what it means, why it matters, what to do, source.
            #[must_use]
            pub const fn page(self) -> &'static str {
                match self { $(Self::$variant => include_str!(concat!("rule/", $name, ".md")),)* }
            }
        }
    };
}

rules! {
    // the file
    InvalidYaml,        "invalid-yaml",          Error,   "The file is not YAML that Helm can read.";
    NotAMapping,        "not-a-mapping",         Error,   "The file is not a mapping of keys to values.";
    DuplicateKey,       "duplicate-key",         Error,   "A key occurs twice; Helm silently keeps the last.";
    SeveralDocuments,   "several-documents",     Error,   "Helm 3 reads the first document of a file, Helm 4 merges all.";
    OutsideDialect,     "outside-dialect",       Error,   "YAML that Helm 3 and 4 read differently, or that cannot be edited safely.";
    EncryptedFile,      "encrypted-file",        Error,   "The file is encrypted; an edit would break it.";
    TemplateInValues,   "template-in-values",    Error,   "A template expression in a file that Helm reads as plain YAML.";
    TextAfterEnd,       "text-after-end",        Error,   "Helm silently drops text after `...`.";
    // the mode
    UnknownMode,        "unknown-mode",          Error,   "The value of `clusterMode` is not a cluster mode.";
    BlankMode,          "blank-mode",            Error,   "`clusterMode` has no value: Helm deletes the chart's default.";
    ModeNotText,        "mode-not-text",         Error,   "Helm does not read `clusterMode` as text.";
    ModeSpelling,       "mode-spelling",         Warning, "The mode is not written in its canonical spelling.";
    MisspelledKey,      "misspelled-key",        Error,   "A key looks like `clusterMode`, but the chart ignores it.";
    MisplacedMode,      "misplaced-mode",        Error,   "`clusterMode` is in a place that the chart does not read.";
    ModeOverridden,     "mode-overridden",       Error,   "Another place overrides the mode that is set here.";
    ModeElsewhere,      "mode-elsewhere",        Error,   "A manifest does not set the mode, but names files or objects that may set it.";
    ModeNotJudged,      "mode-not-judged",       Info,    "A file sets a mode, and it is not known for which cluster.";
    NotInstalled,       "not-installed",         Error,   "The umbrella chart does not install Illumio's.";
    MissingFile,        "missing-file",          Error,   "A manifest reads values from a file that does not exist.";
    SeveralPlaces,      "several-places",        Error,   "The file has the modes of several clusters, and none was named.";
    // the values
    ForeignValues,      "foreign-values",        Warning, "The place where the mode would be written has no value of this chart.";
    MissingValue,       "missing-value",         Error,   "A mandatory value is missing or empty.";
    PlaceholderLeft,    "placeholder-left",      Error,   "A placeholder was not replaced.";
    ReferenceNotRead,   "reference-not-read",    Info,    "A value is a reference that another tool fills in.";
    BadPceUrl,          "bad-pce-url",           Error,   "`pce_url` is not HOST:PORT.";
    BadClusterId,       "bad-cluster-id",        Error,   "`cluster_id` is not the UUID of a container cluster.";
    DuplicateClusterId, "duplicate-cluster-id",  Error,   "Two clusters have the same `cluster_id`.";
    BadClusterToken,    "bad-cluster-token",     Error,   "`cluster_token` is not ORG_ followed by 64 hexadecimal digits.";
    WrongType,          "wrong-type",            Error,   "A value does not have the type that the chart expects.";
    ValueNotAllowed,    "value-not-allowed",     Error,   "The chart does not allow this value.";
    UnknownValue,       "unknown-value",         Warning, "A key is not a value of the chart, but its name is close to one.";
    RenamedValue,       "renamed-value",         Warning, "A value has its name from an older chart.";
    ScalarForMap,       "scalar-for-map",        Error,   "A single value where the chart expects a mapping.";
    NeedsNewerChart,    "needs-newer-chart",     Warning, "A value is newer than the chart version.";
    FlatNetworkInClas,  "flat-network-in-clas",  Error,   "`networkType: flat` is not supported in CLAS by this chart version.";
    StaleStorageImage,  "stale-storage-image",   Warning, "The storage image is pinned to one of an older chart.";
    MetricsNeedSecrets, "metrics-need-secrets",  Warning, "With metrics on, each upgrade needs the InfluxDB secrets.";
    AmbiguousFirewallBackend, "ambiguous-firewall-backend", Warning, "The vendor's documents disagree about the place of `firewallBackend`.";
    // versions
    VersionMissing,     "version-missing",       Error,   "No chart version is given.";
    VersionNotExact,    "version-not-exact",     Error,   "The chart version is not one exact version.";
    ChartTooOld,        "chart-too-old",         Error,   "The chart version is too old for the step.";
    PceVersionMissing,  "pce-version-missing",   Error,   "No PCE version is given.";
    PceVersionNotExact, "pce-version-not-exact", Error,   "The PCE version is not one exact version.";
    PceTooOld,          "pce-too-old",           Error,   "The PCE is too old for the chart or the mode.";
    // the step
    WrongStep,          "wrong-step",            Error,   "The procedure has no such step from this mode.";
    UnfaithfulEdit,     "unfaithful-edit",       Error,   "An edit could not be proven to change the mode and nothing else.";
    BadOverride,        "bad-override",          Error,   "Helm rejects a `--set` option, or accepts it only by accident.";
    EmptyValues,        "empty-values",          Error,   "Without the key the file would have no values.";
    ReuseValues,        "reuse-values",          Warning, "`--reuse-values` would keep the mode that was removed.";
    ReleaseDiffers,     "release-differs",       Error,   "The release on the cluster does not match the start of the step.";
    NotReady,           "not-ready",             Error,   "A check before the step failed or had no answer.";
    SkippedMigration,   "skipped-migration",     Error,   "The change skips a step of the procedure.";
    ModeAndVersionTogether, "mode-and-version-together", Error, "The mode and the chart version changed together.";
    VersionChangedInMigration, "version-changed-in-migration", Error, "The chart version changed between two modes.";
    SeveralClustersMigrating, "several-clusters-migrating", Warning, "More than one cluster is between two modes.";
    SeveralClustersAtOnce, "several-clusters-at-once", Error, "One edit would move several clusters.";
    RollbackFlipsMode,  "rollback-flips-mode",   Warning, "A failed upgrade rolls the release back, and the mode with it.";
    LeftInMigration,    "left-in-migration",     Info,    "The cluster is between two modes.";
    // policy
    VirtualServiceInRule,      "virtual-service-in-rule",      Error,   "A rule names a virtual service that CLAS removes.";
    VirtualServicesOnly,       "virtual-services-only",        Error,   "Labels mean virtual services only, and CLAS removes some of them.";
    VirtualServicesInert,      "virtual-services-inert",       Warning, "Labels also mean virtual services, and CLAS removes some of them.";
    AllWorkloadsAsDestination, "all-workloads-as-destination", Warning, "A rule has All Workloads as its destination.";
    RuleWithoutPort,           "rule-without-port",            Error,   "A rule uses workloads and names no port.";
    PortsWillWiden,            "ports-will-widen",             Warning, "A rule names some ports of a service, and CLAS opens all of them.";
    InfrastructureRuleNotProven, "infrastructure-rule-not-proven", Error,   "A rule that CLAS needs was not found, or not for certain.";
    RuleNotUnderstood,         "rule-not-understood",         Warning, "A rule has a field whose meaning in CLAS is not known.";
    RewriteByHand,             "rewrite-by-hand",             Info,    "A rule must change, and a person must decide how.";
    UnprovisionedDraft,        "unprovisioned-draft",          Warning, "There are policy changes in draft that are not in force.";
    DisabledButAffected,       "disabled-but-affected",        Info,    "CLAS would break or change a rule that is disabled.";
    // the tool
    UnusedAllow,        "unused-allow",          Warning, "A rule is silenced, but nothing broke that rule.";
}

impl Rule {
    /// The rule of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.name() == name)
    }

    /// Whether it only asks for a version that was not given. What stops a step whatever that is comes before it.
    #[must_use]
    pub const fn asks_for_version(self) -> bool {
        matches!(self, Self::VersionMissing | Self::PceVersionMissing)
    }

    /// Whether it is one about the policy of a PCE.
    #[must_use]
    pub fn is_about_policy(self) -> bool {
        let place = |rule| Self::ALL.iter().position(|one| *one == rule);
        (place(Self::VirtualServiceInRule)..=place(Self::DisabledButAffected)).contains(&place(self))
    }

    /// The rule with the most similar name, for a name that no rule has.
    #[must_use]
    pub fn nearest(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase().replace('_', "-");
        Self::ALL
            .iter()
            .map(|rule| (crate::spelling::distance(&name, rule.name()), *rule))
            .filter(|(distance, rule)| distance * 3 <= rule.name().len())
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, rule)| rule)
    }

    /// Where its page is in the manual, where there is one.
    #[must_use]
    pub fn url(self, called: Called) -> Option<String> {
        called.manual().map(|manual| format!("{manual}/src/rule/{}.html", self.name()))
    }

    /// Its page, with commands spelled as the program was called. A command is what the page marks as code: a line of
    /// an example, or words between backticks.
    #[must_use]
    pub fn page_of(self, called: Called) -> String {
        let named = |code: &str| match code.strip_prefix(Called::OF_HELM.as_str()) {
            Some(words) if words.is_empty() || words.starts_with(' ') => format!("{called}{words}"),
            _ => code.to_owned(),
        };
        let mut out = String::new();
        let mut is_example = false;
        for line in self.page().lines() {
            if line.starts_with("```") {
                is_example = !is_example;
                out += line;
            } else if is_example {
                // in a pipe, each command
                let prompt = if line.starts_with("$ ") { 2 } else { 0 };
                let commands = line[prompt..].split(" | ").map(named);
                out += &line[..prompt];
                out += &commands.collect::<Vec<_>>().join(" | ");
            } else {
                let spans = line.split('`').enumerate();
                let spans = spans.map(|(at, span)| if at % 2 == 1 { named(span) } else { span.to_owned() });
                out += &spans.collect::<Vec<_>>().join("`");
            }
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Rule;
    use crate::Called;

    #[test]
    fn the_nearest_name_is_found_in_any_spelling() {
        for name in ["wrong-stp", "WRONG-STEP", "Wrong_Step"] {
            assert_eq!(Rule::nearest(name), Some(Rule::WrongStep), "{name}");
        }
        assert_eq!(Rule::nearest("x"), None);
    }

    #[test]
    fn every_page_fits_a_terminal() {
        for rule in Rule::ALL {
            let page = crate::report::text::page(rule.name(), &rule.page_of(Called::OF_HELM));
            let wide: Vec<&str> = page.lines().filter(|line| line.chars().count() > 80).collect();
            assert_eq!(wide, [""; 0], "{}", rule.name());
        }
    }

    #[test]
    fn every_page_has_its_title_and_the_four_headings() {
        for rule in Rule::ALL {
            let title = format!("# {}", rule.name());
            let expected = [&title, "## What it means", "## Why it matters", "## What to do", "## Source"];
            let headings: Vec<&str> =
                rule.page().lines().filter(|line| *line == title || line.starts_with("## ")).collect();
            assert_eq!(headings, expected);
        }
    }
}
