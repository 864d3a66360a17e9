//! Findings repaired: the safe changes, made with the same proof as a step.

use std::{collections::BTreeMap, ops::Range};

use crate::{
    finding::{Change, Finding, Fix},
    rule::Rule,
    yaml::{Edit, Edited, Reading, edited_at_once},
};

/// Makes one fix.
///
/// # Errors
///
/// Those of reading and of editing the text, with their place; `outside-dialect` where a text within the text is not a
/// literal block (`|`), or is not indented evenly.
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
    reading.edited(&fix.address, edit_of(fix))
}

fn edit_of(fix: &Fix) -> Edit<'_> {
    match &fix.change {
        Change::Text(value) => Edit::Set { value, beside: &[] },
        Change::Word(word) => Edit::Word(word),
        Change::Name(name) => Edit::Rename(name),
    }
}

/// Repairs a text until `judge` finds nothing more in it that can be repaired, and returns it with the number of
/// changes made. A fix that cannot be proven is not made: its finding stays.
///
/// Where the step that a mode has taken is itself wrong, the mode is not changed: repaired, it would only look as if it
/// were right. A file encrypted with SOPS is not changed either.
///
/// ```
/// use helm_clas::{CompatibilityMatrix, Files, Texts, chart::values::Schema, check::{Circumstances, check}, fix::mended};
///
/// let (matrix, schema) = (CompatibilityMatrix::shipped(), Schema::shipped());
/// let circumstances = Circumstances {
///     version: None, version_before: None, pce_version: None, matrix: &matrix, schema: &schema, is_partial: true, judges_all: false, path: None, options: &[],
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
    // no text has fixes within fixes so deep; it is only certain that this ends
    const MOST: usize = 100;
    let mut text = text.to_owned();
    let mut made = 0;
    for _ in 0..MOST {
        let findings = judge(&text);
        // a fix may show what it hid, as a key does under its right name
        let Some((new, more)) = at_once(&text, &findings).or_else(|| Some((changes(&text, &findings).next()?, 1)))
        else {
            break;
        };
        (text, made) = (new, made + more);
    }
    (text, made)
}

/// Whether a finding says that the step which a mode has taken is wrong: the mode is then not repaired.
#[must_use]
pub fn is_of_step(finding: &Finding) -> bool {
    matches!(finding.rule, Rule::SkippedMigration | Rule::WrongStep)
}

/// How many of the findings in a text can be repaired now: those that a repaired one shows come then.
#[must_use]
pub fn count(text: &str, findings: &[Finding]) -> usize {
    at_once(text, findings).map_or_else(|| changes(text, findings).count(), |(_, made)| made)
}

/// An edit and the path of keys to what it changes.
type Made<'f> = (Vec<&'f str>, Edit<'f>);

/// A text that edits are made in: where its document starts and ends in the file, and the layers around it.
type InnerText<'f> = (usize, usize, &'f [Vec<String>]);

/// The text with all those fixes made that do not concern each other, and how many they are: proven together in each
/// text that they are in. Nothing where none can be made so.
fn at_once(text: &str, findings: &[Finding]) -> Option<(String, usize)> {
    let mut groups: BTreeMap<InnerText<'_>, Vec<Made<'_>>> = BTreeMap::new();
    for fix in certain(findings) {
        let (path, outer) = fix.address.layers.split_last()?;
        let Range { start, end } = fix.address.document;
        let edit = (path.iter().map(String::as_str).collect(), edit_of(fix));
        groups.entry((start, end, outer)).or_default().push(edit);
    }
    let (mut new, mut made) = (text.to_owned(), 0);
    // from the last document to the first, so that those before it stay where they are
    let mut document: Option<(usize, usize)> = None;
    for ((start, end, outer), edits) in groups.iter().rev() {
        let now = document.filter(|(own, _)| own == start).map_or(*end, |(_, now)| now);
        let (edited, more) = edited_at_once(&new[*start..now], outer, edits).unwrap_or_default();
        let is_made = more > 0;
        document = Some((*start, if is_made { start + edited.len() } else { now }));
        if is_made {
            new.replace_range(*start..now, &edited);
            made += more;
        }
    }
    (made > 0).then_some((new, made))
}

/// The fixes of those findings that may be repaired.
fn certain(findings: &[Finding]) -> impl Iterator<Item = &Fix> {
    // SOPS keeps a checksum over the file: nothing in it is repaired here
    let is_guarded = findings.iter().any(|finding| finding.rule == Rule::EncryptedFile);
    let is_of_mode = |rule: Rule| matches!(rule, Rule::ModeSpelling | Rule::MisspelledKey);
    let keeps_mode = findings.iter().any(is_of_step);
    let is_certain = move |finding: &&Finding| !(is_guarded || keeps_mode && is_of_mode(finding.rule));
    findings.iter().filter(is_certain).filter_map(|finding| finding.fix.as_deref())
}

/// The text with each of those fixes made alone; each is a proof of its own, so of very many the first ones are tried.
fn changes(text: &str, findings: &[Finding]) -> impl Iterator<Item = String> {
    const MOST: usize = 100;
    let fixes = certain(findings).take(MOST);
    let mut reading = Reading::of(text);
    let edited = fixes.filter_map(move |fix| edited_in(&mut reading, fix).ok());
    edited.map(|edited| edited.text).filter(move |new| new != text)
}
