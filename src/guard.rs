//! [`policies`]: the table of the procedure as admission policies of Kubernetes, for clusters whose releases Flux or Argo
//! CD brings. The steps in them are those of the table; nothing is written beside it.
//!
//! Of a release only what stands in the object itself is judged: values in a ConfigMap, in `helm.values` as text or in a
//! values file are out of the reach of CEL, and the printed policies say so.

use std::fmt::Write as _;

use crate::{
    mode::ClusterMode,
    procedure::{Move, Verb},
};

/// A controller whose objects can be guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarded {
    /// The HelmRelease of Flux.
    Flux,
    /// The Application of Argo CD.
    ArgoCd,
}

/// What the API server does with an object that the policy refuses. (`validationActions` of the binding)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It refuses it.
    Deny,
    /// It takes it, and warns the user.
    Warn,
    /// It takes it, and writes it to the audit log.
    Audit,
}

/// Where a kind of object says what the policy judges. In the expressions `OBJECT` stands for the object after the
/// change or before it, `NAME` for the chart's name, and `s` is one of the places where the chart is named.
struct Reach {
    guarded: Guarded,
    name: &'static str,
    title: &'static str,
    group: &'static str,
    versions: &'static [&'static str],
    resource: &'static str,
    /// Whether an object brings the chart.
    is_ours: &'static str,
    /// The places in it that do.
    sources: &'static str,
    mode: &'static str,
    version: &'static str,
    /// What it does not see.
    blind: &'static str,
}

/// Source: the API of Flux (`helm.toolkit.fluxcd.io/v2`, `HelmReleaseSpec`), and of Argo CD (`application-crd.yaml`: a
/// parameter overrides `valuesObject`, the last of several counts).
const REACHES: &[Reach] = &[
    Reach {
        guarded: Guarded::Flux,
        name: "helm-clas-guard-flux",
        title: "the HelmRelease of Flux",
        group: "helm.toolkit.fluxcd.io",
        versions: &["v2", "v2beta2"],
        resource: "helmreleases",
        is_ours: "OBJECT.spec.?chart.spec.chart.orValue('') == NAME \
                  || has(OBJECT.spec.values) && type(OBJECT.spec.values) == map && 'clusterMode' in OBJECT.spec.values",
        sources: "[OBJECT.spec]",
        // values that are null are none; those that are no mapping have no mode
        mode: "!has(s.values) || s.values == null ? dyn('legacy') \
               : type(s.values) == map ? s.values.?clusterMode.orValue('legacy') : dyn(false)",
        version: "s.?chart.spec.version.orValue('')",
        blind: "a mode from valuesFrom or a postBuild variable, and a version from chartRef",
    },
    Reach {
        guarded: Guarded::ArgoCd,
        name: "helm-clas-guard-argo-cd",
        title: "the Application of Argo CD",
        group: "argoproj.io",
        versions: &["v1alpha1"],
        resource: "applications",
        is_ours: "SOURCES(OBJECT).size() > 0",
        sources: "SOURCES(OBJECT)",
        mode: "PARAMETERS.size() > 0 ? PARAMETERS[PARAMETERS.size() - 1].?value.orValue('') \
               : s.?helm.valuesObject.?clusterMode.orValue('legacy')",
        version: "s.?targetRevision.orValue('')",
        blind: "values as text (helm.values), valueFiles, and the values of an umbrella chart",
    },
];

/// The sources of an Application that bring the chart. Where it has `sources`, Argo CD ignores `source`.
/// (`ApplicationSpec.GetSources`)
const SOURCES: &str = "(OBJECT.spec.?sources.orValue([]).size() > 0 ? OBJECT.spec.sources \
                       : has(OBJECT.spec.source) ? [OBJECT.spec.source] : [])\
                       .filter(s, s.?chart.orValue('') == NAME || s.?helm.valuesObject.?clusterMode.hasValue() \
                       || PARAMETERS.size() > 0)";

/// The parameters of a source that set the mode.
const PARAMETERS: &str = "s.?helm.parameters.orValue([]).filter(p, p.?name.orValue('') == 'clusterMode')";

/// A rule of the policy: when it holds, and what is said otherwise.
struct Rule {
    holds: String,
    said: String,
}

/// The rules, the same for every kind of object.
fn rules() -> [Rule; 4] {
    let steps: Vec<String> = steps().map(|(from, to)| format!("'{from} -> {to}'")).collect();
    let listed = |is_one: fn(ClusterMode) -> bool| -> String {
        let modes = ClusterMode::ALL.into_iter().filter(|mode| is_one(*mode));
        let modes = modes.map(|mode| format!("'{}'", mode.as_str().to_ascii_lowercase()));
        format!("[{}]", modes.collect::<Vec<_>>().join(", "))
    };
    let same_mode = "variables.before == variables.after";
    let same_version = "variables.versionBefore == variables.versionAfter";
    // a blank mode has a rule of its own, and may be filled in
    let no_text = "variables.before == 'no text' || variables.after == 'no text'";
    // what is no mode came with the object, and may be put right
    let repaired = format!(
        "!variables.before.contains(' + ') && !(variables.before in {modes}) && variables.after in {modes}",
        modes = listed(|_| true)
    );
    let text = |words: &str| format!("'{words}'");
    [
        Rule {
            holds: "variables.after != 'no text'".to_owned(),
            said: text("clusterMode is empty or not text: write one of the modes"),
        },
        Rule {
            holds: format!("{same_mode} || {no_text} || {repaired} || variables.step in [{}]", steps.join(", ")),
            said: "'clusterMode: the procedure has no step ' + variables.step".to_owned(),
        },
        Rule {
            holds: format!("{same_mode} || {same_version}"),
            said: text("clusterMode and the chart version change together: first the version, then the mode"),
        },
        Rule {
            holds: format!("!(variables.before in {}) || {same_version}", listed(ClusterMode::is_migrating)),
            said: text("the chart version changes while the cluster is between two modes: finish or revert first"),
        },
    ]
}

/// The steps of the table, in small letters: the chart reads a mode without regard to case.
fn steps() -> impl Iterator<Item = (String, String)> {
    let mut found: Vec<(ClusterMode, ClusterMode)> = Vec::new();
    for verb in Verb::ALL {
        for from in ClusterMode::ALL {
            if let Move::Go(to) = verb.applied_to(from)
                && !found.contains(&(from, to))
            {
                found.push((from, to));
            }
        }
    }
    let small = |mode: ClusterMode| mode.as_str().to_ascii_lowercase();
    found.into_iter().map(move |(from, to)| (small(from), small(to)))
}

/// The policies and their bindings for these controllers, as YAML for `kubectl apply -f -`.
///
/// ```
/// use helm_clas::guard::{Action, Guarded, policies};
///
/// let text = policies(&[Guarded::Flux], "illumio", Action::Deny);
/// assert!(text.contains("kind: ValidatingAdmissionPolicy\n") && text.contains("'legacy -> migratelegacytoclas'"));
/// assert!(!text.contains("argoproj.io"));
/// ```
#[must_use]
pub fn policies(guarded: &[Guarded], chart: &str, action: Action) -> String {
    let reaches = REACHES.iter().filter(|reach| guarded.contains(&reach.guarded));
    reaches.map(|reach| policy(reach, chart) + &binding(reach, action)).collect()
}

fn policy(reach: &Reach, chart: &str) -> String {
    let Reach { name, title, group, versions, resource, blind, .. } = reach;
    let filled = |expression: &str, object: &str| {
        expression
            .replace("SOURCES(OBJECT)", SOURCES)
            .replace("PARAMETERS", PARAMETERS)
            .replace("NAME", &format!("'{}'", chart.replace(['\'', '\\'], "")))
            .replace("OBJECT", object)
    };
    let variable =
        |name: &str, expression: String| format!("    - name: {name}\n      expression: {}\n", quoted(&expression));
    let mut out = format!(
        "---\n# The order of Illumio's cluster modes, for {title}. Made by helm-clas from the procedure's table.\n\
         # It does not see {blind}.\n\
         # `unpair` is not part of the procedure, and is refused as well: to remove the C-VENs, as the vendor documents\n\
         # it for an uninstallation, first delete the ValidatingAdmissionPolicyBinding {name}.\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\n\
         metadata:\n  name: {name}\nspec:\n  failurePolicy: Fail\n  matchConstraints:\n    resourceRules:\n      \
         - apiGroups: [{group}]\n        apiVersions: [{}]\n        operations: [UPDATE]\n        resources: [{resource}]\n",
        versions.join(", ")
    );
    let is_ours = format!("({}) || ({})", filled(reach.is_ours, "object"), filled(reach.is_ours, "oldObject"));
    let _ = write!(
        out,
        "  matchConditions:\n    - name: brings-illumio\n      expression: {}\n  variables:\n",
        quoted(&is_ours)
    );
    for (end, object) in [("Before", "oldObject"), ("After", "object")] {
        let (sources, said) = (format!("variables.sources{end}"), format!("variables.said{end}"));
        let each = |expression: &str| format!("{sources}.map(s, {})", filled(expression, object));
        out += &variable(&format!("sources{end}"), filled(reach.sources, object));
        out += &variable(&format!("said{end}"), each(reach.mode));
        // an object that brings the chart twice has two modes, and no step leads from one such pair to another
        out += &variable(&format!("version{end}"), format!("{}.join(' + ')", each(reach.version)));
        let mode = format!(
            "{said}.size() == 0 ? 'legacy' : {said}.all(m, type(m) == string && m != '') \
             ? {said}.map(m, string(m).lowerAscii()).join(' + ') : 'no text'"
        );
        out += &variable(&end.to_ascii_lowercase(), mode);
    }
    out += &variable("step", "variables.before + ' -> ' + variables.after".to_owned());
    out += "  validations:\n";
    for Rule { holds, said } in rules() {
        let _ = write!(out, "    - expression: {}\n      messageExpression: {}\n", quoted(&holds), quoted(&said));
    }
    out
}

fn binding(reach: &Reach, action: Action) -> String {
    let action = match action {
        Action::Deny => "Deny",
        Action::Warn => "Warn",
        Action::Audit => "Audit",
    };
    format!(
        "---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata:\n  \
         name: {name}\nspec:\n  policyName: {name}\n  validationActions: [{action}]\n",
        name = reach.name
    )
}

/// An expression as YAML: what JSON quotes, YAML reads the same.
fn quoted(expression: &str) -> String {
    serde_json::Value::from(expression).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_are_those_of_the_table() {
        let steps: Vec<String> = steps().map(|(from, to)| format!("{from} -> {to}")).collect();
        assert_eq!(
            steps,
            [
                "legacy -> migratelegacytoclas",
                "migratelegacytoclas -> clas",
                "migratelegacytoclas -> migrateclastolegacy",
                "clas -> migrateclastolegacy",
                "migrateclastolegacy -> legacy"
            ]
        );
    }

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        let text = policies(&[Guarded::Flux], "x' || true || '", Action::Audit);
        assert!(text.contains("'x || true || '") && text.contains("[Audit]"), "{text}");
    }
}
