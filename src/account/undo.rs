//! A values file put back, byte for byte, to what it was before a step.

use crate::{
    chart::TEMPLATE_SCALARS,
    finding::Finding,
    mode::ClusterMode,
    rule::Rule,
    yaml::{Document, Edit},
};

/// What a file said about the mode before the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Was<'w> {
    /// Nothing: the key was not there.
    Absent,
    /// This text.
    Text(&'w str),
    /// All of this: a text that another place kept, such as the last commit.
    Whole(&'w str),
}

/// The text before the step to `goal` at a path of keys. What comes back is proven: the step, taken on it, gives the
/// present text and no other.
///
/// # Errors
///
/// `unfaithful-edit` where no such text is found; the findings of [`Document::edited`].
///
/// ```
/// use helm_clas::{ClusterMode, account::{Was, undone}};
///
/// let (text, path) = ("clusterMode: 'clas' # why\n", ["clusterMode"]);
/// assert_eq!(undone(text, &path, ClusterMode::Clas, Was::Text("legacy"))?, "clusterMode: 'legacy' # why\n");
/// assert!(undone(text, &path, ClusterMode::Clas, Was::Whole("a: 1\n")).is_err());
/// # Ok::<(), helm_clas::Finding>(())
/// ```
pub fn undone(text: &str, path: &[&str], goal: ClusterMode, was: Was<'_>) -> Result<String, Finding> {
    let edited = |edit| Document::read(text)?.edited(path, edit).map(|edited| edited.text);
    let before = match was {
        Was::Whole(before) => before.to_owned(),
        Was::Absent => edited(Edit::Remove)?,
        Was::Text(was) => edited(Edit::Set { value: was, beside: TEMPLATE_SCALARS })?,
    };
    // a key that was put in behind a last line without a line break gave it one
    let without_break = before.strip_suffix('\n').map(str::to_owned).filter(|_| !text.ends_with('\n'));
    [Some(before), without_break].into_iter().flatten().find(|before| leads_to(before, text, path, goal)).ok_or_else(
        || {
            Finding::new(
                Rule::UnfaithfulEdit,
                "the file was changed after the step, or the step was made in another \
                                                way",
            )
            .help("restore it by hand, or from Git: git checkout FILE")
        },
    )
}

/// Whether the step to `goal` leads from one text to another.
fn leads_to(before: &str, after: &str, path: &[&str], goal: ClusterMode) -> bool {
    let edit = Edit::Set { value: goal.as_str(), beside: TEMPLATE_SCALARS };
    let edited = Document::read(before).and_then(|document| document.edited(path, edit));
    before != after && edited.is_ok_and(|edited| edited.text == after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ClusterMode::{Clas, MigrateLegacyToClas};

    /// The step is taken, and taken back.
    #[track_caller]
    fn check(before: &str, was: Was<'_>) {
        let path = ["clusterMode"];
        let edit = Edit::Set { value: "clas", beside: TEMPLATE_SCALARS };
        let after = Document::read(before).and_then(|document| document.edited(&path, edit)).expect("a step").text;
        assert_eq!(undone(&after, &path, Clas, was).as_deref(), Ok(before), "{after:?}");
    }

    #[test]
    fn a_step_that_is_taken_back_leaves_no_trace() {
        check("a: 1\nclusterMode: legacy # why\nb: 2\n", Was::Text("legacy"));
        check("clusterMode: \"LEGACY\"", Was::Text("LEGACY"));
        check("clusterMode: migrateLegacyToClas\r\nb: 2\r\n", Was::Text("migrateLegacyToClas"));
        check("networkType: overlay\nstorage: {}\n", Was::Absent);
        check("pce_url: a:1\n", Was::Absent);
        check("pce_url: a:1", Was::Absent);
        check("# clusterMode: clas\na: 1\n", Was::Absent);
        check("a: 1\nclusterMode:   legacy\n", Was::Whole("a: 1\nclusterMode:   legacy\n"));
    }

    #[test]
    fn what_is_not_proven_is_refused() {
        let path = ["clusterMode"];
        let refused = |text: &str, was| undone(text, &path, MigrateLegacyToClas, was).unwrap_err().rule;
        assert_eq!(refused("clusterMode: clas\n", Was::Text("legacy")), Rule::UnfaithfulEdit);
        assert_eq!(refused("clusterMode: migrateLegacyToClas\n", Was::Whole("a: 1\n")), Rule::UnfaithfulEdit);
    }
}
