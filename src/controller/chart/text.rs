//! Values in a text or a file of their own.

use crate::{
    files::{Files, Found, Generator, Made, Wanted, joined},
    finding::Finding,
    release::{Values, hiding_lines, other_tools, told_by, unrendered},
    rule::Rule,
    yaml::{Node, Scalar, Text},
};

/// Whether there is no value.
pub(in crate::controller) fn is_blank(node: Node<'_>) -> bool {
    matches!(node.scalar(), Some(Scalar::Null)) || node.str() == Some("")
}

pub(in crate::controller) fn mapping(node: Node<'_>) -> Values<'_> {
    Values::Mapping { text: node.text, path: node.path(), node: Some(node) }
}

/// The values that the text of a node is; nothing where it is not text.
pub(crate) fn text_layer(node: Node<'_>) -> Option<Values<'_>> {
    Some(match node.inner()? {
        Ok(text) => text_of(text),
        Err(finding) => Values::Broken(finding),
    })
}

/// The values that a text is.
pub(in crate::controller) fn text_of<'s>(text: &'s Text<'s>) -> Values<'s> {
    Values::Mapping { text, path: Vec::new(), node: text.root().filter(|root| root.is_mapping()) }
}

/// The values of a file that a manifest names. Unless it is known where the chart's are in it, the file has to show
/// that.
pub(crate) fn values_of_file<'s>(files: &Files<'s>, number: usize, is_told: bool) -> Values<'s> {
    let source = files.source(number);
    if files.is_template(number) {
        let unread = |text| files.whole(number).err().map(|finding| unrendered(text).unwrap_or(finding));
        let hides = |text| hiding_lines(text).or_else(|| unread(text));
        if let Some(finding) = source.text().map_or_else(Some, hides) {
            return Values::Hidden(finding);
        }
    }
    if let Some(finding) = other_tools(source.text().unwrap_or_default()) {
        let is_rendered = is_of_terraform(source.name);
        return Values::Hidden(if is_rendered { finding.doubting(crate::Doubt::Lines) } else { finding });
    }
    values_read(files.whole(number), is_told)
}

fn values_read<'s>(read: Result<&'s Text<'s>, Finding>, is_told: bool) -> Values<'s> {
    match read {
        Ok(text) if is_told || text.root().is_none_or(says_where) => text_of(text),
        Ok(_) => Values::Unread(None),
        Err(finding) => Values::Broken(finding),
    }
}

/// The values that a generator of kustomize makes of a key, with the file that they are in; nothing where it makes no such
/// key.
///
/// # Errors
///
/// Why it is not known, as the rest of a sentence.
pub(crate) fn made_by<'s>(
    files: &Files<'s>,
    generator: Generator<'s>,
    key: &str,
    is_told: bool,
) -> Result<Option<(usize, Values<'s>)>, String> {
    let kustomization = files.name(generator.file());
    let unknown = || format!("which {kustomization} generates from literals or variables");
    match generator.made(key) {
        Made::Nothing => Ok(None),
        Made::Unknown => Err(unknown()),
        Made::Literal(literal, start) => {
            let message = "values in a literal of a generator cannot be changed in place";
            let help = format!("write the values into a file, and name it: `files: [{}=FILE]`", key.escape_debug());
            let refused = Finding::new(Rule::OutsideDialect, message).help(help);
            let read = literal.inner_behind(start, refused).ok_or_else(unknown)?;
            Ok(Some((generator.file(), values_read(read, is_told))))
        }
        Made::Of(path) => {
            let path = joined(kustomization, path);
            match files.find(&Wanted::File(path.clone()), generator.file()) {
                Found::Here(number) => Ok(Some((number, values_of_file(files, number, is_told)))),
                Found::Absent | Found::Unasked => Err(format!("generated from {path}, which does not exist")),
            }
        }
    }
}

/// The same, of an object that must have the key.
///
/// # Errors
///
/// Why it is not known, as the rest of a sentence.
pub(crate) fn made_for<'s>(
    files: &Files<'s>,
    generator: Generator<'s>,
    key: &str,
    is_told: bool,
) -> Result<(usize, Values<'s>), String> {
    let kustomization = files.name(generator.file());
    let without = || format!("which {kustomization} generates without a file `{}`", key.escape_debug());
    made_by(files, generator, key, is_told).and_then(|made| made.ok_or_else(without))
}

/// Whether a file is a template of Terraform, by its name.
pub(in crate::controller) fn is_of_terraform(name: &str) -> bool {
    const ENDINGS: [&str; 3] = [".tftpl", ".tpl", ".tmpl"];
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether values show where the chart's are: below keys of its own it may be a dependency of another one.
pub(in crate::controller) fn says_where(root: Node<'_>) -> bool {
    use crate::chart::MODE_KEY;
    told_by(&[root]).is_empty() && (root.get(MODE_KEY).is_some() || root.text.document.nested(&[], MODE_KEY).is_empty())
}
