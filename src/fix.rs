//! Findings mended: the safe changes, made with the same proof as a step.

use crate::{
    finding::{Change, Finding, Fix},
    rule::Rule,
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

/// Mends a text until `judge` finds nothing more in it that can be mended, and returns it with the number of changes
/// made. A fix that cannot be proven is left out: its finding stays.
///
/// Where the step that a mode has taken is itself wrong, the mode is left as it stands: mended, it would only look as if
/// it were right.
///
/// ```
/// use helm_clas::{Finding, Source, fix::mended, place::Place, yaml::Document};
///
/// let judge = |text: &str| Document::read(text).map_or_else(|finding| vec![finding], |it| Place::read(&it).findings);
/// assert_eq!(mended("clustermode: LEGACY\n", judge), ("clusterMode: legacy\n".to_owned(), 2));
/// ```
#[must_use]
pub fn mended(text: &str, judge: impl Fn(&str) -> Vec<Finding>) -> (String, usize) {
    // one mended may show another: a key under its right name has a value to be judged
    const ROUNDS: usize = 8;
    let mut text = text.to_owned();
    let mut made = 0;
    for _ in 0..ROUNDS {
        let (new, times) = once(&text, &judge(&text));
        if times == 0 {
            break;
        }
        (text, made) = (new, made + times);
    }
    (text, made)
}

/// Makes the fixes of these findings, one after the other.
fn once(text: &str, findings: &[Finding]) -> (String, usize) {
    let is_of_mode = |rule: Rule| matches!(rule, Rule::ModeSpelling | Rule::MisspelledKey);
    let is_of_step = |rule: Rule| matches!(rule, Rule::SkippedMigration | Rule::WrongStep);
    let keeps_mode = findings.iter().any(|finding| is_of_step(finding.rule));
    let is_certain = |finding: &&Finding| !(keeps_mode && is_of_mode(finding.rule));
    let mut fixes: Vec<&Fix> = findings.iter().filter(is_certain).filter_map(|it| it.fix.as_deref()).collect();
    // a new name comes last: other fixes find the entry by its old one
    fixes.sort_by_key(|fix| matches!(fix.change, Change::Name(_)));
    let mut text = text.to_owned();
    let mut made = 0;
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
