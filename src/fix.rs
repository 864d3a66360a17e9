//! Findings mended: the safe changes, made with the same proof as a step.

use crate::{
    finding::{Change, Finding, Fix},
    rule::Rule,
    yaml::{Edit, Edited, Reading},
};

/// Makes one fix.
///
/// # Errors
///
/// The findings of [`edited_at`](crate::yaml::edited_at).
///
/// ```
/// use helm_clas::{Change, Fix, fix::edited, yaml::Address};
///
/// let text = "cluster_mode: clas # x\n";
/// let address = Address::whole(text, vec!["cluster_mode".to_owned()]);
/// let fix = Fix { address, change: Change::Name("clusterMode".to_owned()) };
/// assert_eq!(edited(text, &fix)?.text, "clusterMode: clas # x\n");
///
/// let text = "useTLS: 'true'\n";
/// let address = Address::whole(text, vec!["useTLS".to_owned()]);
/// assert_eq!(edited(text, &Fix { address, change: Change::Word("true".to_owned()) })?.text, "useTLS: true\n");
/// # Ok::<(), helm_clas::Finding>(())
/// ```
pub fn edited(text: &str, fix: &Fix) -> Result<Edited, Finding> {
    edited_in(&mut Reading::of(text), fix)
}

fn edited_in(reading: &mut Reading<'_>, fix: &Fix) -> Result<Edited, Finding> {
    let edit = match &fix.change {
        Change::Text(value) => Edit::Set { value, beside: &[] },
        Change::Word(word) => Edit::Word(word),
        Change::Name(name) => Edit::Rename(name),
    };
    reading.edited(&fix.address, edit)
}

/// Mends a text until `judge` finds nothing more in it that can be mended, and returns it with the number of changes
/// made. A fix that cannot be proven is left out: its finding stays.
///
/// Where the step that a mode has taken is itself wrong, the mode is left as it stands: mended, it would only look as if
/// it were right. A file that SOPS guards is left as it is.
///
/// ```
/// use helm_clas::{CompatibilityMatrix, Files, Texts, chart::values::Schema, check::{Circumstances, check}, fix::mended};
///
/// let (matrix, schema) = (CompatibilityMatrix::shipped(), Schema::shipped());
/// let circumstances = Circumstances {
///     version: None, pce_version: None, matrix: &matrix, schema: &schema, is_partial: true, judges_all: false,
/// };
/// let judge = |text: &str| {
///     let texts = Texts::new();
///     let judged = check(&Files::of(&texts, [("v.yaml", text)]), 0, &circumstances);
///     judged.map(|judged| judged.findings).unwrap_or_default()
/// };
/// assert_eq!(mended("clustermode: LEGACY\n", judge), ("clusterMode: legacy\n".to_owned(), 2));
///
/// let guarded = "clusterMode: LEGACY\nsops:\n  mac: ENC[x]\n";
/// assert_eq!(mended(guarded, judge), (guarded.to_owned(), 0));
/// ```
#[must_use]
pub fn mended(text: &str, judge: impl Fn(&str) -> Vec<Finding>) -> (String, usize) {
    // no text has as many fixes; it is only certain that this ends
    const MOST: usize = 10_000;
    let mut text = text.to_owned();
    for made in 0..MOST {
        // one at a time: it moves what stands behind it, and may show what it hid, as a key does under its right name
        match first_change(&text, &judge(&text)) {
            Some(new) => text = new,
            None => return (text, made),
        }
    }
    (text, MOST)
}

/// Whether a finding says that the step which a mode has taken is wrong: the mode is then not repaired.
#[must_use]
pub fn is_of_step(finding: &Finding) -> bool {
    matches!(finding.rule, Rule::SkippedMigration | Rule::WrongStep)
}

/// How many of the findings in a text can be mended.
#[must_use]
pub fn count(text: &str, findings: &[Finding]) -> usize {
    changes(text, findings).count()
}

/// The text with the first of the fixes made that can be proven and changes something.
fn first_change(text: &str, findings: &[Finding]) -> Option<String> {
    changes(text, findings).next()
}

/// The text with each of those fixes made alone.
fn changes(text: &str, findings: &[Finding]) -> impl Iterator<Item = String> {
    // SOPS keeps a checksum over the file: nothing in it is mended here
    let is_guarded = findings.iter().any(|finding| finding.rule == Rule::EncryptedFile);
    let is_of_mode = |rule: Rule| matches!(rule, Rule::ModeSpelling | Rule::MisspelledKey);
    let keeps_mode = findings.iter().any(is_of_step);
    let is_certain = move |finding: &&Finding| !(is_guarded || keeps_mode && is_of_mode(finding.rule));
    let fixes = findings.iter().filter(is_certain).filter_map(|finding| finding.fix.as_deref());
    let mut reading = Reading::of(text);
    let edited = fixes.filter_map(move |fix| edited_in(&mut reading, fix).ok());
    edited.map(|edited| edited.text).filter(move |new| new != text)
}
