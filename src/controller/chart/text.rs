//! Values in a text or a file of their own.

use crate::{
    files::Files,
    release::{Values, hiding_lines, other_tools, told_by, unrendered},
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
    match files.whole(number) {
        Ok(text) if is_told || text.root().is_none_or(says_where) => text_of(text),
        Ok(_) => Values::Unread(None),
        Err(finding) => Values::Broken(finding),
    }
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
