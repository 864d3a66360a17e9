//! Findings mended: the safe changes, made with the same proof as a step.

use crate::{
    finding::{Change, Finding, Fix},
    yaml::{Document, Edit, Edited},
};

/// Makes one fix.
///
/// # Errors
///
/// The findings of [`Document::read`] and of [`Document::edited`].
///
/// ```
/// use helm_clas::{Change, Fix, fix::edited};
///
/// let fix = Fix { path: vec!["cluster_mode".to_owned()], change: Change::Name("clusterMode".to_owned()) };
/// assert_eq!(edited("cluster_mode: clas # x\n", &fix)?.text, "clusterMode: clas # x\n");
///
/// let fix = Fix { path: vec!["useTLS".to_owned()], change: Change::Word("true".to_owned()) };
/// assert_eq!(edited("useTLS: 'true'\n", &fix)?.text, "useTLS: true\n");
/// # Ok::<(), helm_clas::Finding>(())
/// ```
pub fn edited(text: &str, fix: &Fix) -> Result<Edited, Finding> {
    let path: Vec<&str> = fix.path.iter().map(String::as_str).collect();
    let edit = match &fix.change {
        Change::Text(value) => Edit::Set { value, beside: &[] },
        Change::Word(word) => Edit::Word(word),
        Change::Name(name) => Edit::Rename(name),
    };
    Document::read(text)?.edited(&path, edit)
}

/// Makes the fixes of all findings that have one, one after the other, and returns the text with the number of fixes
/// that changed something. A fix that cannot be proven is left out: its finding stays.
#[must_use]
pub fn all(text: &str, findings: &[Finding]) -> (String, usize) {
    let mut text = text.to_owned();
    let mut made = 0;
    let mut fixes: Vec<&Fix> = findings.iter().filter_map(|finding| finding.fix.as_deref()).collect();
    // a new name comes last: other fixes find the entry by its old one
    fixes.sort_by_key(|fix| matches!(fix.change, Change::Name(_)));
    for fix in fixes {
        if let Ok(edited) = edited(&text, fix)
            && edited.text != text
        {
            text = edited.text;
            made += 1;
        }
    }
    (text, made)
}
