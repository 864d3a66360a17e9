//! The words in a command that a person replaces, because the files leave them open.

use crate::chart::reference;

/// The name of a release of Helm, which its manifest leaves to a variable or does not say.
pub const RELEASE: &str = "ITS-RELEASE";

/// The namespace of a release or of an object, which its manifest leaves to a variable or does not name.
pub(crate) const NAMESPACE: &str = "ITS-NAMESPACE";

/// The namespace of the software, where `namespaceOverride` is a reference.
pub(crate) const SOFTWARE_NAMESPACE: &str = "SOFTWARE-NAMESPACE";

/// The context of kubectl, which a manifest leaves to a variable.
pub(crate) const KUBE_CONTEXT: &str = "ITS-KUBE-CONTEXT";

/// The version of the PCE, where it is not named and cannot be asked.
pub const PCE_VERSION: &str = "PCE-VERSION";

/// The version of an umbrella chart that is not in the checkout.
pub(crate) const UMBRELLA_VERSION: &str = "UMBRELLA_VERSION";

/// The arguments of a script that takes some.
pub(crate) const ARGUMENTS: &str = "ITS-ARGUMENTS";

/// The words, and what a person puts in their place.
const WORDS: [(&str, &str); 7] = [
    (RELEASE, "the name of the release, which the files leave open"),
    (NAMESPACE, "the namespace that its manifest leaves open"),
    (SOFTWARE_NAMESPACE, "the namespace that `namespaceOverride` sets"),
    (KUBE_CONTEXT, "the context that its manifest leaves open"),
    (PCE_VERSION, "the version that the PCE runs"),
    (UMBRELLA_VERSION, "the version of the umbrella chart"),
    (ARGUMENTS, "the arguments that mean this cluster alone"),
];

/// A name as a command takes it: itself, or this word where a tool fills it in.
pub(crate) fn known_or<'n>(name: &'n str, open: &'n str) -> &'n str {
    if is_filled_in(name) { open } else { name }
}

/// Whether a tool fills in a text, so that it is not known here.
pub(crate) fn is_filled_in(text: &str) -> bool {
    text.contains("{{") || text.contains('$') || reference::of(text, text).is_some()
}

/// Whether a name, a namespace or a context is not known, so that nothing can be asked there.
#[must_use]
pub fn is_open(name: &str) -> bool {
    WORDS.iter().any(|(word, _)| *word == name)
}

/// A remark for each of these words in a command: `replace PCE-VERSION with the version that the PCE runs`.
pub(crate) fn remarks(words: &[String]) -> impl Iterator<Item = String> {
    let open =
        WORDS.into_iter().filter(|(open, _)| words.iter().any(|word| word.split(['=', ' ']).any(|part| part == *open)));
    open.map(|(word, what)| format!("replace {word} with {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_that_is_left_open_has_a_remark() {
        let words = ["helm", "history", "east", "-n", NAMESPACE].map(str::to_owned);
        let remarks: Vec<String> = remarks(&words).collect();
        assert_eq!(remarks, ["replace ITS-NAMESPACE with the namespace that its manifest leaves open"]);
        assert!(is_open(SOFTWARE_NAMESPACE) && !is_open("illumio-system"));
        for filled_in in ["${NS}", "{{ .Values.ns }}", "ref+vault://a#/b", "$NS"] {
            assert_eq!(known_or(filled_in, NAMESPACE), NAMESPACE);
        }
        assert_eq!(known_or("illumio-system", NAMESPACE), "illumio-system");
    }
}
