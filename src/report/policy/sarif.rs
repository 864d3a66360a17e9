//! SARIF for code scanning: the findings are in the files that were read, at the href of the rule.

use crate::{
    called::Called,
    check::{CheckedFile, Run},
    finding::Finding,
    policy::Judged,
    report,
};

/// A judged policy, in the words of [`report::sarif`].
#[must_use]
pub fn sarif(judged: &Judged<'_>, called: Called) -> String {
    let of = |file: Option<&str>| -> Vec<Finding> {
        judged.all_findings().filter(|finding| finding.file.as_deref() == file).cloned().collect()
    };
    let files = judged.book.policy.sources().iter().map(|source| CheckedFile {
        name: source.name.to_owned(),
        text: source.text.to_owned(),
        mode: None,
        findings: of(Some(source.name)),
        ..CheckedFile::default()
    });
    report::sarif::check(&Run { called, files: files.collect(), findings: of(None), ..Run::default() })
}
