//! Files in, answers out, as the program asks the library.

use helm_clas::{
    CompatibilityMatrix, Files, Finding, Outcome, Request, Rule, Texts, Verb,
    chart::values::Schema,
    check::{Circumstances, Judgement, check},
    status::{Standing, found_in},
};

/// What is asked for beside the files; the versions fit.
pub(crate) struct Ask<'a> {
    pub(crate) verb: Verb,
    pub(crate) unset: bool,
    pub(crate) path: Option<&'a str>,
    pub(crate) version: Option<&'a str>,
    pub(crate) pce_version: Option<&'a str>,
    pub(crate) allowed: &'a [Rule],
}

impl Ask<'_> {
    pub(crate) fn of(verb: Verb) -> Self {
        Self { verb, unset: false, path: None, version: Some("5.1.0"), pce_version: Some("24.2.20"), allowed: &[] }
    }
}

/// The result of a step, all files given.
pub(crate) fn outcome<N: AsRef<str>, B: AsRef<[u8]>>(files: &[(N, B)], ask: &Ask<'_>) -> Outcome {
    let given: Vec<usize> = (0..files.len()).collect();
    outcome_of(files, &given, ask)
}

/// The same with only some of them given: the others are what these name.
pub(crate) fn outcome_of<N: AsRef<str>, B: AsRef<[u8]>>(files: &[(N, B)], given: &[usize], ask: &Ask<'_>) -> Outcome {
    let texts = Texts::new();
    Request {
        verb: ask.verb,
        unset: ask.unset,
        files: &of(&texts, files),
        given,
        overrides: &[],
        path: ask.path,
        version: ask.version,
        pce_version: ask.pce_version,
        matrix: &CompatibilityMatrix::shipped(),
        allowed: ask.allowed,
    }
    .outcome()
}

/// The modes of the clusters of the first of some files.
pub(crate) fn standings<N: AsRef<str>, B: AsRef<[u8]>>(files: &[(N, B)], path: Option<&str>) -> Vec<Standing> {
    let texts = Texts::new();
    found_in(&of(&texts, files), 0, path)
}

/// What is wrong with the first of some files; nothing of one that is skipped.
pub(crate) fn judged<N: AsRef<str>, B: AsRef<[u8]>>(
    files: &[(N, B)],
    circumstances: &Circumstances<'_>,
) -> Option<Judgement> {
    let texts = Texts::new();
    check(&of(&texts, files), 0, circumstances)
}

/// What is wrong with the first of some files, whether it is Illumio's or not, where nothing is known of the versions.
pub(crate) fn found<N: AsRef<str>, B: AsRef<[u8]>>(files: &[(N, B)]) -> Vec<Finding> {
    let judgement =
        without_versions(|circumstances| judged(files, &Circumstances { judges_all: true, ..*circumstances }));
    judgement.map(|judgement| judgement.findings).unwrap_or_default()
}

/// Asks about values of which nothing else is known: no version, and the rest may come from elsewhere.
pub(crate) fn without_versions<T>(ask: impl FnOnce(&Circumstances<'_>) -> T) -> T {
    ask(&Circumstances {
        version: None,
        pce_version: None,
        matrix: &CompatibilityMatrix::shipped(),
        schema: &Schema::shipped(),
        is_partial: true,
        version_before: None,
        judges_all: false,
        path: None,
        options: &[],
    })
}

fn of<'t, N: AsRef<str>, B: AsRef<[u8]>>(texts: &'t Texts<'t>, files: &[(N, B)]) -> Files<'t> {
    Files::of(texts, files.iter().map(|(name, bytes)| (name.as_ref(), bytes.as_ref())))
}
