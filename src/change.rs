//! A values file judged against what it was: did the change follow the procedure?

use crate::{
    finding::Finding,
    mode::ClusterMode::{self, Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas},
    place::ModeInFile,
    procedure::{Move, Verb},
    rule::Rule,
    step::Source,
    yaml::Document,
};

/// The mode a values file said; nothing where it cannot be told, in which case a change of it cannot be judged either.
#[must_use]
pub fn mode_of(source: Source<'_>) -> Option<ClusterMode> {
    let document = Document::read(source.text().ok()?).ok()?;
    let place = ModeInFile::read(&document);
    if place.span.is_none() { Some(Legacy) } else { place.mode }
}

/// Judges the change of a file's mode.
///
/// Nothing to say where the mode stayed, where the change is a step of the procedure, and where there was no file
/// before (a fresh install starts in any mode). `skipped-migration` where a mode on the way was left out,
/// `wrong-step` where the way back was left for the way to CLAS.
///
/// ```
/// use helm_clas::{ClusterMode::{Clas, Legacy, MigrateLegacyToClas}, Rule, Source, change::judge};
///
/// let after = Source { name: "values.yaml", bytes: b"clusterMode: clas\n" };
/// assert_eq!(judge(Some(Legacy), after).unwrap().rule, Rule::SkippedMigration);
/// assert_eq!(judge(Some(MigrateLegacyToClas), after), None);
/// assert_eq!(judge(Some(Clas), after), None);
/// assert_eq!(judge(None, after), None);
/// ```
#[must_use]
pub fn judge(before: Option<ClusterMode>, after: Source<'_>) -> Option<Finding> {
    let from = before?;
    let document = Document::read(after.text().ok()?).ok()?;
    let place = ModeInFile::read(&document);
    let to = if place.span.is_none() { Legacy } else { place.mode? };
    if from == to || is_step(from, to) {
        return None;
    }
    let finding = match (from, to) {
        (Legacy, _) => Finding::new(
            Rule::SkippedMigration,
            format!("the mode went from `{from}` to `{to}` past `{MigrateLegacyToClas}`"),
        )
        .help("go back to `legacy` in the file, then take one step at a time: helm clas migrate"),
        (MigrateLegacyToClas | Clas, Legacy) => Finding::new(
            Rule::SkippedMigration,
            format!("the mode went from `{from}` to `{to}` past `{MigrateClasToLegacy}`"),
        )
        .help(format!("go back to `{from}` in the file, then take one step at a time: helm clas revert")),
        (MigrateClasToLegacy, _) => {
            let (reason, help) = crate::Why::GoingBack.explained();
            Finding::new(Rule::WrongStep, format!("no such step from `{from}` to `{to}`: {reason}")).help(help)
        }
        _ => Finding::new(Rule::WrongStep, format!("the procedure has no step from `{from}` to `{to}`"))
            .help("`helm clas explain wrong-step` shows the steps there are"),
    };
    let finding = finding.in_file(after.name);
    Some(match place.span {
        Some(span) => finding.at(span),
        None => finding,
    })
}

fn is_step(from: ClusterMode, to: ClusterMode) -> bool {
    // `unpair` is set by hand before the chart is deleted, from whatever mode the cluster is in
    to == ClusterMode::Unpair || Verb::ALL.into_iter().any(|verb| verb.applied_to(from) == Move::Go(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_is_a_step_or_named() {
        #[rustfmt::skip]
        let table = [
            //                     legacy                  migrateLegacyToClas  clas                    migrateClasToLegacy
            (Legacy,              [None,                   None,                Some("skipped-migration"), Some("skipped-migration")]),
            (MigrateLegacyToClas, [Some("skipped-migration"), None,             None,                   None]),
            (Clas,                [Some("skipped-migration"), Some("wrong-step"), None,                 None]),
            (MigrateClasToLegacy, [None,                   Some("wrong-step"),  Some("wrong-step"),     None]),
        ];
        for (from, row) in table {
            for (to, expected) in ClusterMode::ALL.into_iter().zip(row) {
                let text = format!("clusterMode: {to}\n");
                let finding = judge(Some(from), Source { name: "v", bytes: text.as_bytes() });
                assert_eq!(finding.map(|finding| finding.rule.name()), expected, "{from} -> {to}");
            }
        }
    }
}
