//! How the words of a script refer to variables, and set them.

use super::text::Said;

/// Where something that is filled in may begin first.
pub(super) fn opening(text: &str) -> Option<usize> {
    text.find('$').into_iter().chain(text.find("{{")).min()
}

/// The name of the variable at a dollar sign, and where it ends: `$A`, `${A}`, `${A[@]}`, `$(A)` of make, `$$A` in a recipe
/// of it, `{{.A}}` of Task, `{{A}}` of just. Nothing where there is none.
pub(super) fn name_at(text: &str, dollar: usize) -> Option<(&str, usize)> {
    let rest = text.get(dollar..)?;
    if let Some(inside) = rest.strip_prefix("{{") {
        let end = inside.find("}}")?;
        let name = inside[..end].trim();
        let name = name.strip_prefix('.').unwrap_or(name);
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        return is_name.then_some((name, dollar + end + 4));
    }
    let rest = rest.strip_prefix('$')?;
    if let Some(expression) = rest.strip_prefix("{{") {
        return name_in_expression(expression).map(|(name, length)| (name, dollar + 3 + length));
    }
    let (open, close) = match rest.chars().next()? {
        '{' => (1, Some('}')),
        '(' => (1, Some(')')),
        _ => (0, None),
    };
    let length = rest[open..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len() - open);
    let name = &rest[open..open + length];
    let behind = &rest[open + length..];
    let all = ["[@]", "[*]"].iter().find(|all| open == 1 && behind.starts_with(**all)).map_or(0, |all| all.len());
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_closed = close.is_none_or(|close| behind[all..].starts_with(close));
    (is_name && is_closed).then_some((name, dollar + 1 + open + length + all + usize::from(close.is_some())))
}

/// The name of the variable that an expression is, and how long that is: `${{ env.A }}` of GitHub, `${{ variables.A }}` of
/// Azure.
fn name_in_expression(expression: &str) -> Option<(&str, usize)> {
    let end = expression.find("}}")?;
    let name = expression[..end].trim();
    let name = ["env.", "variables."].iter().find_map(|room| name.strip_prefix(room))?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then_some((name, end + 2))
}

/// Whether something is put into a word before it is what is run.
pub(in crate::rendered) fn is_variable(text: &str) -> bool {
    text.contains(['$', '%']) || text.contains("{{") || text.contains("{}") || text.contains("<<")
}

/// Whether a word is options that are not written out: `$OPTS`, `"${ARGS[@]}"`, `$(EXTRA)`.
pub(in crate::rendered) fn is_options(text: &str) -> bool {
    text.starts_with('$') || text.starts_with("{{") || text.starts_with('@')
}

/// The names of the variables that a word which is options takes: `$(ARGS)`, `${{ inputs.args }}`, `{{.ARGS | default ""}}`.
pub(in crate::rendered) fn variables_in(word: &str) -> Vec<String> {
    if !is_options(word) {
        return Vec::new();
    }
    let name = |at: usize| {
        let rest = word[at..].trim_start_matches(['$', '{', '(', ' ', '.']);
        let is_expression = word[at..].contains("{{");
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || is_expression && "-.".contains(c);
        let length = rest.find(|c: char| !is_of_name(c)).unwrap_or(rest.len());
        let name = rest[..length].rsplit('.').next().unwrap_or_default();
        let behind = rest[length..].trim_start();
        let ends = behind.is_empty() || behind.starts_with(['}', ')', '[', ':', '-', '+', '?', '|', '"', '\'']);
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        (ends && is_name).then(|| name.to_owned())
    };
    let starts = word.match_indices(['$', '{']).filter(|(at, _)| *at == 0 || !word[..*at].ends_with(['$', '{']));
    starts.filter_map(|(at, _)| name(at)).collect()
}

/// The assignment that a word is: `A=b`, `A+=b`, `A=(b c)`, and whether it is added to what is there; nothing where it is
/// not one.
pub(in crate::rendered) fn assignment(said: &Said) -> Option<(String, Said, bool)> {
    let (name, value) = said.text.split_once('=')?;
    let (name, is_added) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let start = (said.at.start + said.text.len() - value.len()).min(said.at.end);
    let items = value.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let text = items.map_or_else(|| value.to_owned(), words_of_array);
    let text = if is_added && items.is_some() { format!(" {text}") } else { text };
    let value = Said { text, at: start..said.at.end.max(start) };
    (is_name && !name.as_bytes()[0].is_ascii_digit()).then(|| (name.to_owned(), value, is_added))
}

/// What is between the brackets of an array, without its comments.
fn words_of_array(inside: &str) -> String {
    let lines = inside.lines().filter(|line| !line.trim_start().starts_with('#'));
    let lines = lines.map(|line| line.split(" #").next().unwrap_or(line).trim_end_matches('\\').trim());
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_of_a_word() {
        for (word, names) in [
            ("$(HELM_ARGS)", &["HELM_ARGS"][..]),
            ("${A:-}", &["A"]),
            ("${A[@]}", &["A"]),
            ("$A", &["A"]),
            ("${{ inputs.extra-args }}", &["extra-args"]),
            ("{{.ARGS}}", &["ARGS"]),
            ("{{ .ARGS | default \"\" }}", &["ARGS"]),
            ("{{args}}", &["args"]),
            ("$(if $(X),$(Y))", &["X", "Y"]),
            ("$(cat file)", &[]),
            ("$@", &[]),
            ("--wait", &[]),
        ] {
            assert_eq!(variables_in(word), names, "{word}");
        }
    }
}
