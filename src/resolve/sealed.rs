//! Values that a Secret holds and that are not read: those in base64, and those that are encrypted. A mode in them is
//! named, and no cluster's.

use crate::{
    chart::{is_mode_key, speaks_of_illumio},
    files::{Files, objects_of, of_base64},
    finding::Finding,
    release::{Among, Mention, words_in},
    rule::Rule,
    yaml::Node,
};

/// The kinds of object that hold secrets, and where in them.
const KINDS: [(&str, &[&str]); 3] = [
    // Kubernetes API reference, Secret
    ("Secret", &["data", "stringData"]),
    // github.com/bitnami-labs/sealed-secrets, README
    ("SealedSecret", &["spec.encryptedData"]),
    // github.com/isindir/sops-secrets-operator, README
    ("SopsSecret", &["spec.secretTemplates"]),
];

/// The name of the mode in base64, by where in three bytes it begins: a quick look.
const IN_BASE64: [&[u8]; 3] = [b"Y2x1c3Rlck1vZG", b"NsdXN0ZXJNb2Rl", b"jbHVzdGVyTW9kZ"];

/// Whether a file may hold values that are not read: a quick look.
pub(crate) fn may_be_sealed(bytes: &[u8]) -> bool {
    let has = |word: &[u8]| memchr::memmem::find(bytes, word).is_some();
    has(b"Secret") && (speaks_of_illumio(bytes) || IN_BASE64.into_iter().any(has))
}

/// What the Secrets of a file may say of the mode, without those of some names, which a release takes.
pub(super) fn sealed(files: &Files<'_>, number: usize, taken: &[String]) -> Vec<Mention> {
    let source = files.source(number);
    if !may_be_sealed(source.bytes) {
        return Vec::new();
    }
    let is_of_illumio = speaks_of_illumio(source.bytes);
    let mut found = Vec::new();
    for object in files.roots(number).flat_map(objects_of) {
        let is_taken = object.str_at("metadata.name").is_some_and(|name| taken.iter().any(|taken| taken == name));
        let places = KINDS.into_iter().filter(|(kind, _)| !is_taken && object.str_at("kind") == Some(kind));
        let holders = places.flat_map(|(_, places)| places).filter_map(|place| object.at(place));
        let texts = holders.flat_map(|holder| {
            let items = holder.items().filter_map(|item| item.get("stringData").or_else(|| item.get("data")));
            [holder].into_iter().chain(items).flat_map(Node::entries).collect::<Vec<_>>()
        });
        found.extend(texts.filter_map(|(name, value)| told(name, value, is_of_illumio)).map(|(message, value)| {
            let help = "decrypt or decode it to check; the tool can read and change a mode in plain text, beside the \
                        release or in a ConfigMap";
            let finding = Finding::new(Rule::ModeNotJudged, message).help(help).at(value.key_span());
            Mention { path: Vec::new(), finding: finding.in_file(source.name), shows: None, is_release: false }
        }));
    }
    found
}

/// What one text of a Secret shows: nothing where it does not hold values.
fn told<'s>(name: &str, value: Node<'s>, is_of_illumio: bool) -> Option<(&'static str, Node<'s>)> {
    let text = value.str()?;
    let ends_so = |ending: &str| name.to_ascii_lowercase().ends_with(ending);
    let is_of_values = is_mode_key(name) || ["yaml", "yml", "values"].into_iter().any(ends_so);
    let is_encrypted = text.starts_with("ENC[") || text.starts_with("Ag");
    if is_of_illumio && is_of_values && is_encrypted {
        return Some(("these values are encrypted, and may set a mode", value));
    }
    let decoded = of_base64(text)?;
    (!words_in(&decoded, Among::Illumio).is_empty())
        .then_some(("a mode is set here in base64, which is not read as values", value))
}
