//! Files of Terraform and `OpenTofu`: what is read of one at all.

use hcl_edit::structure::Body;

/// The longest file, and the deepest nesting, that is read.
const LONGEST: usize = 4 * 1024 * 1024;
const DEEPEST: usize = 48;

/// What a file says; nothing where it cannot be read, or is longer or deeper than a person writes one.
pub(crate) fn body_of(source: &str) -> Option<Body> {
    let is_read = source.len() <= LONGEST && !is_deep(source);
    is_read.then(|| hcl_edit::parser::parse_body(source).ok()).flatten()
}

/// Where a text is not Terraform's language, and why; nothing where it is, or is longer or deeper than a person writes one.
pub(crate) fn why_unread(source: &str) -> Option<(usize, String)> {
    let is_read = source.len() <= LONGEST && !is_deep(source);
    let error = is_read.then(|| hcl_edit::parser::parse_body(source).err()).flatten()?;
    Some((error.location().offset().min(source.len()), error.message().to_owned()))
}

/// Whether brackets are nested so deep that no person wrote the file.
fn is_deep(source: &str) -> bool {
    let mut depth = 0_usize;
    source.bytes().any(|byte| {
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > DEEPEST
    })
}
