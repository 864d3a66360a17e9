//! [`ModeInFile`]: the spot of a values file that decides a cluster's mode.

use std::ops::Range;

use crate::{
    chart::{MODE_KEY, TEMPLATE_SCALARS, secrets::masked},
    finding::{Change, Finding, Fix, Severity},
    mode::ClusterMode,
    rule::Rule,
    spelling::distance,
    yaml::{Document, Scalar},
};

/// What a values file says of `clusterMode`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModeInFile {
    /// The keys that lead to it.
    pub path: &'static [&'static str],
    /// The bytes of the value (of the key, where the value is blank); nothing where the file does not say.
    pub span: Option<Range<usize>>,
    /// The mode; nothing where the file does not say, or says what is no mode.
    pub mode: Option<ClusterMode>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

/// Where the chart reads the mode, in a values file of its own.
const PATH: &[&str] = &[MODE_KEY];

impl ModeInFile {
    /// Reads the mode at the root of a values file.
    ///
    /// Findings: those of [`Document::find`], `blank-mode`, `mode-not-text`, `unknown-mode`, `mode-spelling`,
    /// `template-in-values` and `encrypted-file`, and `misspelled-key` for keys that look like `clusterMode`: an error
    /// where the file has no such key, a warning where it has.
    ///
    /// ```
    /// use helm_clas::{ClusterMode, place::ModeInFile, yaml::Document};
    ///
    /// let place = ModeInFile::read(&Document::read("clusterMode: clas\n")?);
    /// assert_eq!((place.mode, place.span), (Some(ClusterMode::Clas), Some(13..17)));
    /// assert_eq!(ModeInFile::read(&Document::read("cluster_mode: clas\n")?).findings[0].rule.name(), "misspelled-key");
    /// # Ok::<(), helm_clas::Finding>(())
    /// ```
    #[must_use]
    pub fn read(document: &Document<'_>) -> Self {
        let mut place = Self { path: PATH, span: None, mode: None, findings: encryption(document) };
        match document.find(PATH) {
            Err(finding) => {
                place.span.clone_from(&finding.span);
                place.findings.push(finding);
            }
            Ok(Some(entry)) => {
                let span = document.value_span(entry);
                match mode_of(document.scalar(entry)) {
                    Ok((mode, finding)) => {
                        place.mode = Some(mode);
                        place.findings.extend(finding.map(|finding| finding.at(span.clone())));
                    }
                    Err(finding) => place.findings.push(finding.at(span.clone())),
                }
                place.span = Some(span);
            }
            Ok(None) => {}
        }
        place.findings.extend(misspelled_keys(document, place.span.is_some()));
        place
    }
}

/// The mode of a value, with a remark on its spelling; or what is wrong with it.
fn mode_of(value: Option<Scalar<'_>>) -> Result<(ClusterMode, Option<Finding>), Finding> {
    let text = match value {
        Some(Scalar::Text(text)) if !text.is_empty() => text,
        Some(Scalar::Null | Scalar::Text(_)) => {
            return Err(Finding::new(Rule::BlankMode, "`clusterMode` is blank, which does not mean `legacy`")
                .help("write the mode the cluster is in; Helm deletes the chart's default where the value is blank"));
        }
        Some(Scalar::Bool(value)) => return Err(not_text(&format!("the boolean `{value}`"))),
        Some(Scalar::Integer(_) | Scalar::Float(_)) => return Err(not_text("a number")),
        None => return Err(not_text("a list or a mapping")),
    };
    if text.starts_with("ENC[") {
        return Err(Finding::new(Rule::EncryptedFile, "the mode is encrypted, so it cannot be read here").help(
            "leave `clusterMode` in plain text (`unencrypted_regex` in .sops.yaml), or keep it in another file",
        ));
    }
    if text.contains("{{") {
        return Err(Finding::new(Rule::TemplateInValues, "the mode is a template expression; Helm does not render it")
            .help("write the mode itself"));
    }
    let Some(mode) = ClusterMode::named(text) else {
        let help = match ClusterMode::nearest(text) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the modes are {}", ClusterMode::ALL.map(|mode| format!("`{mode}`")).join(", ")),
        };
        return Err(Finding::new(Rule::UnknownMode, format!("`{}` is not a cluster mode", shown(text))).help(help));
    };
    let spelling = (mode.as_str() != text).then(|| {
        Finding::new(Rule::ModeSpelling, format!("`{text}` is spelled `{mode}` in the vendor's documentation"))
            .help(format!("write `{mode}`"))
            .fixed_by(Fix { path: vec![MODE_KEY.to_owned()], change: Change::Text(mode.as_str().to_owned()) })
    });
    Ok((mode, spelling))
}

fn not_text(what: &str) -> Finding {
    Finding::new(Rule::ModeNotText, format!("Helm reads {what} here, not the name of a mode"))
        .help("write one of `legacy`, `migrateLegacyToClas`, `clas`, `migrateClasToLegacy`")
}

/// A value fit to be quoted in a message: short, on one line, not secret.
fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let line = text.escape_debug().to_string();
    let short: String = line.chars().take(LONGEST).collect();
    let dots = if short.len() < line.len() { "..." } else { "" };
    format!("{}{dots}", masked(&short))
}

/// SOPS keeps a checksum over all values of a file, plain ones too, beside the file's own keys.
fn encryption(document: &Document<'_>) -> Vec<Finding> {
    let Ok(Some(mac)) = document.find(&["sops", "mac"]) else { return Vec::new() };
    vec![
        Finding::new(Rule::EncryptedFile, "SOPS guards this file by a checksum (MAC) that an edit would break")
            .help("change it through SOPS: sops set FILE '[\"clusterMode\"]' '\"MODE\"'")
            .at(document.key_span(mac)),
    ]
}

fn misspelled_keys(document: &Document<'_>, has_mode: bool) -> Vec<Finding> {
    let letters = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
    };
    let wanted = letters(MODE_KEY);
    let looks_like_it = |name: &str| {
        name != MODE_KEY
            && !TEMPLATE_SCALARS.contains(&name)
            && name.len().abs_diff(MODE_KEY.len()) <= 4
            && distance(&letters(name), &wanted) <= 1
    };
    document
        .names()
        .filter(|(name, _)| looks_like_it(name))
        .map(|(name, span)| {
            let finding =
                Finding::new(Rule::MisspelledKey, format!("the chart does not read `{}`", name.escape_debug()));
            if has_mode {
                return finding.help("remove it").weighing(Severity::Warning).at(span);
            }
            let fix = Fix { path: vec![name.to_owned()], change: Change::Name(MODE_KEY.to_owned()) };
            finding.help("write `clusterMode`, or remove it").fixed_by(fix).at(span)
        })
        .collect()
}
