//! Texts of which a tool fills in values before they are YAML: `cluster_id: {{ name }}`.

use super::template::hiding_lines;
use crate::chart::is_mode_key;

/// A text with each value that is an action of a template, and not in quotes, made one that can be read, byte for byte:
/// `${ name }}`. Nothing where there is none, where actions may bring lines, and where the mode is one.
pub(crate) fn shaded(text: &str) -> Option<String> {
    if hiding_lines(text).is_some() {
        return None;
    }
    // what a helmfile fills in may be the names of its files, and values of any length
    let is_of_helmfile = is_helmfile(text);
    let is_meant = |line: &str| {
        !is_of_helmfile || line.trim_start_matches([' ', '-']).split_once(':').is_some_and(|(key, _)| is_setting(key))
    };
    let mut shaded = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match value_filled_in(line).filter(|_| is_meant(line)) {
            Some(at) => shaded.extend([&line[..at], "$", &line[at + 1..]]),
            None => shaded.push_str(&quoted_once(line).filter(|_| is_meant(line)).unwrap_or_else(|| line.to_owned())),
        }
    }
    (shaded != text).then_some(shaded)
}

/// Whether a key of a helmfile is a setting that says nothing of values, charts and files. (helmfile documentation,
/// Configuration)
fn is_setting(key: &str) -> bool {
    const SETTINGS: [&str; 11] = [
        "kubeContext",
        "namespace",
        "createNamespace",
        "installed",
        "wait",
        "waitForJobs",
        "timeout",
        "historyMax",
        "verify",
        "force",
        "cleanupOnFail",
    ];
    SETTINGS.contains(&key)
}

/// Whether a text is a helmfile, by its lines.
pub(crate) fn is_helmfile(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("releases:"))
}

/// Where the value of a line begins, if that is an action, with plain text behind it at most.
fn value_filled_in(line: &str) -> Option<usize> {
    let at = line.find("{{")?;
    let (before, value) = line.split_at(at);
    let key = before.trim_start().trim_start_matches("- ").trim_end();
    let name = key.strip_suffix(':').map(|name| name.trim().trim_matches(['"', '\'']));
    let is_value = before.ends_with([' ', '-']) && name.map_or(key.is_empty() && before.contains('-'), is_plain_name);
    let value = value.trim_end();
    let is_plain = value.contains("}}") && !value.ends_with(':') && ![": ", " #"].iter().any(|it| value.contains(it));
    (is_value && is_plain).then_some(at)
}

/// A line with the other quotes in the actions of a value that is in quotes: `"{{ env "A" }}"`.
fn quoted_once(line: &str) -> Option<String> {
    let at = line.find("{{")?;
    let quote = ['"', '\''].into_iter().find(|quote| line[..at].matches(*quote).count() % 2 == 1)?;
    let other = if quote == '"' { "'" } else { "\"" };
    let (mut rest, mut found) = (&line[at..], line[..at].to_owned());
    while let Some((before, behind)) = rest.split_once("{{") {
        let (inside, after) = behind.split_once("}}")?;
        found.extend([before, "{{", &inside.replace(quote, other), "}}"]);
        rest = after;
    }
    Some(found + rest)
}

/// Whether a key is a name that is not the mode's.
fn is_plain_name(name: &str) -> bool {
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte));
    is_name && !name.is_empty() && !is_mode_key(name)
}

#[cfg(test)]
mod tests {
    use super::shaded;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(shaded(text).as_deref(), expected, "{text}");
    }

    #[test]
    fn values_that_are_filled_in_are_read_as_text() {
        check("a: {{name}}\nclusterMode: clas\n", Some("a: ${name}}\nclusterMode: clas\n"));
        check("a:\n  b: {{ .x.y }}-z\r\n- {{w}}", Some("a:\n  b: ${ .x.y }}-z\r\n- ${w}}"));
        check("\"a\": {{ index .x \"y\" }}\n", Some("\"a\": ${ index .x \"y\" }}\n"));
        check("a: \"{{ env \"A\" }}-{{ b }}\"\n", Some("a: \"{{ env 'A' }}-{{ b }}\"\n"));
        check("a: '{{name}}'\n", None);
        check("releases:\n- values:\n  - {{name}}/a.yaml\n", None);
        check("releases:\n- pce_url: {{x}}\n", None);
        check("releases:\n- namespace: {{x}}\n  name: a\n", Some("releases:\n- namespace: ${x}}\n  name: a\n"));
        check("clusterMode: {{mode}}\n", None);
        check("a: {{ toYaml .x }}\n", None);
        check("{{ if x }}\na: {{name}}\n{{ end }}\n", None);
        check("{{name}}: a\n", None);
        check("a: {{ x }}: b\n", None);
        check("a: {{ x }} # b\n", None);
        check("a: {b: {{x}}}\n", None);
        check("a: {{ x\n", None);
    }
}
