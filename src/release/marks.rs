//! What other tools leave in a file: the lines that their templates are made of, and the markers of a merge that is not
//! resolved. Helm reads none of them as they are meant.

use memchr::memmem;

use crate::{
    finding::{Doubt, Finding},
    rule::Rule,
};

/// How a line begins, and whose it is; the marks that count in comments as well, since the tool reads these, too.
const TEMPLATES: &[(&str, &str)] = &[
    ("{%", "Jinja (Ansible, Salt)"),
    ("{#", "Jinja (Ansible, Salt)"),
    ("<%", "ERB (Puppet, Chef)"),
    ("%{", "Terraform's `templatefile`"),
    ("[[ ", "Levant, or another tool with `[[ ]]`"),
    ("[[- ", "Levant, or another tool with `[[ ]]`"),
    ("(@ ", "ytt"),
    ("(@- ", "ytt"),
];

/// ytt keeps its templates in comments.
const YTT: &str = "#@";

const CONFLICT: &[&str] = &["<<<<<<< ", "||||||| ", ">>>>>>> "];

/// The first line of another tool in a values file.
pub(crate) fn other_tools(text: &str) -> Option<Finding> {
    let marks = TEMPLATES.iter().map(|(mark, _)| *mark).chain([YTT]).chain(CONFLICT.iter().copied());
    let mut there = marks.filter(|mark| memmem::find(text.as_bytes(), mark.as_bytes()).is_some());
    there.next()?;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some((mark, finding)) = of_line(line) {
            let at = start + line.find(mark).unwrap_or_default();
            return Some(finding.at(at..at + mark.trim_end().len()));
        }
        start += line.len();
    }
    None
}

/// The tool whose comment is in the place of a value, which that tool fills in: of a line of a file.
pub(super) fn tool_of_comment(line: &str) -> Option<&'static str> {
    let (_, comment) = line.split_once('#')?;
    if comment.starts_with("@ ") {
        return Some("ytt");
    }
    if comment.starts_with("##ZARF_") {
        return Some("Zarf");
    }
    let is_token = comment.starts_with('{') && comment.contains('}');
    is_token.then_some("a release pipeline")
}

/// What Helm prints of a release is not a values file: that it is what `helm get all` or `helm get values` prints.
pub(crate) fn dump_of_release(text: &str) -> Option<Finding> {
    const HEADING: &str = "USER-SUPPLIED VALUES:";
    let start = text.starts_with(HEADING).then_some(0);
    let start = start.or_else(|| text.find("\nUSER-SUPPLIED VALUES:").map(|at| at + 1))?;
    let command = if text[..start].contains("NAME:") { "helm get all" } else { "helm get values" };
    let finding = Finding::new(Rule::InvalidYaml, format!("this is the output of `{command}`, not a values file"));
    let help = "use the output of `helm get values RELEASE -o yaml`";
    Some(finding.help(help).at(start..start + HEADING.len()))
}

fn of_line(line: &str) -> Option<(&'static str, Finding)> {
    if let Some(mark) = CONFLICT.iter().find(|mark| line.starts_with(**mark)) {
        let message = "the file has markers of an unresolved merge";
        let finding = Finding::new(Rule::InvalidYaml, message).help("choose one side, and remove the markers");
        return Some((mark, finding));
    }
    let template = |title: &str| {
        let message =
            format!("the file is a template of {title}, which Helm does not render: it decides which lines exist");
        let help = "write `clusterMode` in a values file of its own, without templates; or use the rendered file";
        Finding::new(Rule::TemplateInValues, message).help(help).doubting(Doubt::Elsewhere)
    };
    let bare = line.trim_start();
    if bare.strip_prefix(YTT).is_some_and(is_of_ytt) || line.contains(" #@ ") || line.contains(" #@overlay/") {
        return Some((YTT, template("ytt")));
    }
    let bare = bare.trim_start_matches('#').trim_start();
    let (mark, title) = TEMPLATES.iter().find(|(mark, _)| bare.starts_with(mark))?;
    Some((mark, template(title)))
}

/// Whether a comment is code of ytt, or an annotation of one of its libraries: `#@ if x:`, `#@overlay/match by="name"`.
/// `#@data/values` makes another kind of file of it.
fn is_of_ytt(behind: &str) -> bool {
    let word = behind.trim_start_matches(|c: char| c.is_ascii_lowercase() || c == '-');
    let is_annotation = word.len() < behind.len() && word.starts_with(['/', '(']) && !behind.starts_with("data/");
    behind.starts_with([' ', '/', '\n', '\r']) || is_annotation
}

#[cfg(test)]
mod tests {
    use super::other_tools;

    #[track_caller]
    fn check(text: &str, words: Option<(&str, usize)>) {
        let found = other_tools(text);
        let at = found.as_ref().and_then(|finding| finding.span.as_ref()).map(|span| span.start);
        assert_eq!(at, words.map(|(_, at)| at), "{text}");
        if let (Some(finding), Some((words, _))) = (found, words) {
            assert!(finding.message.contains(words), "{}", finding.message);
        }
    }

    #[test]
    fn each_tool_is_named() {
        check("a: 1\n{% if clas %}\nclusterMode: clas\n{% endif %}\n", Some(("Jinja", 5)));
        check("a: 1\n  # {%- if clas %}\n", Some(("Jinja", 9)));
        check("{# why #}\n", Some(("Jinja", 0)));
        check("<% if @clas %>\n", Some(("ERB", 0)));
        check("%{ if clas }\n", Some(("Terraform", 0)));
        check("#@ load(\"@ytt:data\", \"data\")\n", Some(("ytt", 0)));
        check("clusterMode: #@ data.values.mode\n", Some(("ytt", 13)));
        check("clusterMode: legacy #@ data.values.mode\n", Some(("ytt", 20)));
        check("#@load(\"@ytt:data\", \"data\")\n", Some(("ytt", 0)));
        check("#@overlay/match-child-defaults missing_ok=True\n", Some(("ytt", 0)));
        check("a: 1 #@overlay/remove\n", Some(("ytt", 5)));
        check("a: 1\n(@ if data.values.x: @)\nb: 2\n(@ end @)\n", Some(("ytt", 5)));
        check("#@data/values\na: 1\n", None);
        check("a: 1 #@todo\n#@me\n#@ \n", Some(("ytt", 17)));
        check("a: 1\n<<<<<<< HEAD\nb: 2\n=======\n", Some(("merge", 5)));
    }

    #[test]
    fn what_only_looks_like_it_is_left() {
        for text in
            ["a: '100%{x}'\n", "a: \"<%= b %>\"\n", "# mail me@example.com #@home\n", "a: <<<<<<< b\n", "=======\n", ""]
        {
            check(text, None);
        }
    }
}
