//! The one list of rules. Each has a page, `rule/NAME.md`; a rule without one does not compile.

use Severity::{Error, Info, Warning};

use crate::called::Called;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth acting on; stops nothing.
    Warning,
    /// Stops the step.
    Error,
}

impl Severity {
    /// The word for it, as it stands in text and JSON.
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
        /// A thing that can be wrong. The names are stable and read well after "allow".
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum Rule {
            $(#[doc = $defect] #[serde(rename = $name)] $variant,)*
        }

        impl Rule {
            /// Every rule, in the order of the list.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name: kebab case, says the defect.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How much it weighs unless a case says otherwise.
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
    NotAMapping,        "not-a-mapping",         Error,   "The document is not a mapping of names to values.";
    DuplicateKey,       "duplicate-key",         Error,   "A key is given twice; Helm keeps the last, silently.";
    SeveralDocuments,   "several-documents",     Error,   "Helm 3 reads the first document of a file, Helm 4 merges all.";
    OutsideDialect,     "outside-dialect",       Error,   "YAML that Helm 3 and 4 read differently, or that cannot be edited safely.";
    EncryptedFile,      "encrypted-file",        Error,   "The file is encrypted by SOPS; an edit would break its checksum.";
    TemplateInValues,   "template-in-values",    Error,   "A template expression stands where Helm reads plain YAML.";
    TextAfterEnd,       "text-after-end",        Error,   "Text after `...` is dropped, silently.";
    // the mode
    UnknownMode,        "unknown-mode",          Error,   "The value of `clusterMode` is not a cluster mode.";
    BlankMode,          "blank-mode",            Error,   "`clusterMode` is blank: Helm deletes the chart's default.";
    ModeNotText,        "mode-not-text",         Error,   "`clusterMode` is not text for Helm.";
    ModeSpelling,       "mode-spelling",         Warning, "The mode is not written in its canonical spelling.";
    MisspelledKey,      "misspelled-key",        Error,   "A key looks like `clusterMode` and is ignored by the chart.";
    MisplacedMode,      "misplaced-mode",        Error,   "`clusterMode` stands where the chart does not read it.";
    ModeOverridden,     "mode-overridden",       Error,   "Another place decides the mode, whatever stands here.";
    ModeElsewhere,      "mode-elsewhere",        Error,   "A manifest does not say the mode, and names files or objects that may.";
    ModeNotJudged,      "mode-not-judged",       Info,    "A mode is said where nothing tells which cluster takes it.";
    NotInstalled,       "not-installed",         Error,   "The umbrella chart does not install Illumio's.";
    MissingFile,        "missing-file",          Error,   "A file that a manifest takes values from is not there.";
    SeveralPlaces,      "several-places",        Error,   "The file holds the modes of several clusters.";
    // the values
    ForeignValues,      "foreign-values",        Warning, "No value of this chart stands where the mode would be written.";
    MissingValue,       "missing-value",         Error,   "A mandatory value is missing or blank.";
    PlaceholderLeft,    "placeholder-left",      Error,   "A placeholder of a template was not filled in.";
    ReferenceNotRead,   "reference-not-read",    Info,    "A value is a reference that another tool fills in.";
    BadPceUrl,          "bad-pce-url",           Error,   "`pce_url` is not HOST:PORT.";
    BadClusterId,       "bad-cluster-id",        Error,   "`cluster_id` is not the UUID of a container cluster.";
    DuplicateClusterId, "duplicate-cluster-id",  Error,   "Two clusters have the same `cluster_id`.";
    BadClusterToken,    "bad-cluster-token",     Error,   "`cluster_token` is not ORG_ and 64 hexadecimal digits.";
    WrongType,          "wrong-type",            Error,   "A value is of another type than the chart expects.";
    ValueNotAllowed,    "value-not-allowed",     Error,   "A value is not one of those that the chart knows.";
    UnknownValue,       "unknown-value",         Warning, "A name is nearly, but not quite, one that the chart knows.";
    RenamedValue,       "renamed-value",         Warning, "A value has its name of an older chart.";
    ScalarForMap,       "scalar-for-map",        Error,   "A plain value stands where the chart expects a mapping.";
    NeedsNewerChart,    "needs-newer-chart",     Warning, "A value is newer than the chart version.";
    FlatNetworkInClas,  "flat-network-in-clas",  Error,   "`networkType: flat` is not supported in CLAS by this chart version.";
    StaleStorageImage,  "stale-storage-image",   Warning, "The storage image is pinned to that of an older chart.";
    MetricsNeedSecrets, "metrics-need-secrets",  Warning, "With metrics on, each upgrade needs the InfluxDB secrets again.";
    AmbiguousFirewallBackend, "ambiguous-firewall-backend", Warning, "`firewallBackend` stands where the vendor's documents disagree.";
    // versions
    VersionMissing,     "version-missing",       Error,   "No chart version is named.";
    VersionNotExact,    "version-not-exact",     Error,   "The chart version is not one exact version.";
    ChartTooOld,        "chart-too-old",         Error,   "The chart version is too old for the step.";
    PceVersionMissing,  "pce-version-missing",   Error,   "No PCE version is named.";
    PceVersionNotExact, "pce-version-not-exact", Error,   "The PCE version is not one exact version.";
    PceTooOld,          "pce-too-old",           Error,   "The PCE is too old for the chart or the mode.";
    // the step
    WrongStep,          "wrong-step",            Error,   "The procedure has no such step from this mode.";
    UnfaithfulEdit,     "unfaithful-edit",       Error,   "An edit could not be proven to change the mode and nothing else.";
    BadOverride,        "bad-override",          Error,   "A `--set` option is one that Helm refuses, or takes in by accident.";
    EmptyValues,        "empty-values",          Error,   "Removing the key would leave no values at all.";
    ReuseValues,        "reuse-values",          Warning, "`--reuse-values` would keep the mode that was removed.";
    ReleaseDiffers,     "release-differs",       Error,   "The release on the cluster is not where the step starts.";
    NotReady,           "not-ready",             Error,   "A check before the step is not right.";
    SkippedMigration,   "skipped-migration",     Error,   "The mode was changed past a step of the procedure.";
    ModeAndVersionTogether, "mode-and-version-together", Error, "The mode and the chart version were changed in one go.";
    VersionChangedInMigration, "version-changed-in-migration", Error, "The chart version changed between two modes.";
    SeveralClustersMigrating, "several-clusters-migrating", Warning, "More than one cluster is between two modes.";
    SeveralClustersAtOnce, "several-clusters-at-once", Error, "One edit would move several clusters.";
    RollbackFlipsMode,  "rollback-flips-mode",   Warning, "A failed upgrade is rolled back, and the mode with it.";
    LeftInMigration,    "left-in-migration",     Info,    "The cluster is between two modes.";
    // policy
    VirtualServiceInRule,      "virtual-service-in-rule",      Error,   "A rule names a virtual service that is gone in CLAS.";
    VirtualServicesOnly,       "virtual-services-only",        Error,   "Labels mean virtual services only, and some are gone in CLAS.";
    VirtualServicesInert,      "virtual-services-inert",       Warning, "Labels mean virtual services as well, and some are gone in CLAS.";
    AllWorkloadsAsDestination, "all-workloads-as-destination", Warning, "A rule has All Workloads as its destination.";
    RuleWithoutPort,           "rule-without-port",            Error,   "A rule uses workloads and names no port.";
    PortsWillWiden,            "ports-will-widen",             Warning, "CLAS opens all ports of a service of which a rule names some.";
    InfrastructureRuleNotProven, "infrastructure-rule-not-proven", Error,   "A rule that CLAS cannot do without was not found for certain.";
    RuleNotUnderstood,         "rule-not-understood",         Warning, "A rule has a field whose meaning in CLAS is not known.";
    RewriteByHand,             "rewrite-by-hand",             Info,    "A rule must change, and a person must decide how.";
    UnprovisionedDraft,        "unprovisioned-draft",          Warning, "Policy was changed in draft, and the change is not in force.";
    DisabledButAffected,       "disabled-but-affected",        Info,    "A rule is off that CLAS would break or change.";
    // the tool
    UnusedAllow,        "unused-allow",          Warning, "A rule is allowed where it has nothing to say.";
}

impl Rule {
    /// The rule of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.name() == name)
    }

    /// The rule whose name is nearest to one that no rule has.
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

    /// Its page, with the commands of this program under the name by which it was called. A command is what the page
    /// marks as code: a line of an example, or words between backticks.
    #[must_use]
    pub fn page_of(self, called: Called) -> String {
        let named = |code: &str| match code.strip_prefix(Called::OfHelm.as_str()) {
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
            let page = crate::report::text::page(*rule, Called::OfHelm);
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
