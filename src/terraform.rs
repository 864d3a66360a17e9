//! Files of Terraform and `OpenTofu`: what is read of one at all.

use hcl_edit::structure::Body;

use crate::{finding::Finding, rule::Rule};

/// The longest file, and the deepest nesting, that is read.
const LONGEST: usize = 4 * 1024 * 1024;
const DEEPEST: usize = 48;

/// What a file says; nothing where it cannot be read, or is longer or deeper than a person writes one.
pub(crate) fn body_of(source: &str) -> Option<Body> {
    read(source).ok()
}

/// What a file says; or where it is not Terraform's language, and why.
pub(crate) fn read(source: &str) -> Result<Body, Finding> {
    if source.len() > LONGEST || is_deep(source) {
        let message = "this file of Terraform is longer, or its brackets are deeper, than is read";
        return Err(Finding::new(Rule::OutsideDialect, message).help("split the file"));
    }
    hcl_edit::parser::parse_body(source).map_err(|error| {
        let at = error.location().offset().min(source.len());
        let message = format!("not Terraform: {}", error.message());
        let help = "check quotes, brackets and braces here and in the lines above: `terraform validate`";
        Finding::new(Rule::InvalidYaml, message).help(help).at(at..at)
    })
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
