//! What one spot says of the mode: the value, or what is wrong with it and around it.

use std::{borrow::Cow, ops::Range};

use serde_json::Value;

use crate::{
    chart::{MODE_KEY, SECTIONS, TEMPLATE_SCALARS, reference, secrets::masked},
    finding::{Change, Doubt, Finding, Fix, Severity},
    mode::ClusterMode,
    release::{Filler, is_among_templates},
    rule::Rule,
    shell::shell_word,
    shown::on_one_line,
    spelling::distance,
    yaml::{Address, Document, Entry, Node, Scalar, Text},
};

/// What one spot says of the mode.
#[derive(Clone)]
pub(crate) struct Reading<'s> {
    /// Where the mode is, or would be.
    pub(crate) spot: Spot<'s>,
    /// The bytes of the value (of the key, where the value is empty); nothing where it is not set.
    pub(crate) span: Option<Range<usize>>,
    /// The mode; nothing where it is not set, or is set to something else.
    pub(crate) mode: Option<ClusterMode>,
    /// What is wrong with it, with places in the file.
    pub(crate) findings: Vec<Finding>,
}

/// A mode that a variable is known to have, and that is written elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct ByDefault {
    /// The number of the file with the variable.
    pub(crate) file: usize,
    /// The bytes of the variable.
    pub(crate) span: Range<usize>,
    pub(crate) mode: ClusterMode,
    /// The number of the file that gives it, and the byte, where that is another place.
    pub(crate) given: Option<(usize, usize)>,
    /// Where it has that from.
    pub(crate) message: String,
    pub(crate) help: String,
}

/// A place in a text, where a value is or would be.
#[derive(Clone)]
pub(crate) struct Spot<'s> {
    pub(crate) text: &'s Text<'s>,
    pub(crate) path: Vec<String>,
}

impl Spot<'_> {
    /// The names that lead there from the root of the file's document, through all texts.
    pub(crate) fn names(&self) -> Vec<String> {
        self.text.address(self.path.clone()).layers.into_iter().flatten().collect()
    }
}

impl<'s> Reading<'s> {
    /// Reads what is at a path of a text.
    pub(crate) fn at(text: &'s Text<'s>, path: &[String]) -> Self {
        let document = &text.document;
        let spot = Spot { text, path: path.to_vec() };
        let mut reading = Self { spot, span: None, mode: None, findings: Vec::new() };
        let keys: Vec<&str> = path.iter().map(String::as_str).collect();
        match document.find(&keys) {
            Ok(found) => reading.read_value(document, &keys, found),
            Err(finding) => {
                reading.span.clone_from(&finding.span);
                // what is written elsewhere is what the cluster gets, though no edit is made there
                if let Some(entry) = document.find_shared(&keys)
                    && let Ok((mode, _)) = mode_of(document.scalar(entry))
                {
                    (reading.mode, reading.span) = (Some(mode), Some(document.value_span(entry)));
                }
                reading.findings.push(finding);
            }
        }
        reading.span = reading.span.map(|span| text.span(span));
        reading.findings = reading.findings.into_iter().map(|finding| text.placed(finding)).collect();
        reading.findings.extend(text.sealed());
        reading
    }

    /// The same in a file that a tool fills in before it is values: others have such references, too.
    pub(super) fn filled_in_by(mut self, filler: Option<Filler>) -> Self {
        let Some(Filler { tool, marks }) = filler else { return self };
        let is_filled_in = |text: &&str| marks.iter().any(|mark| text.contains(mark));
        let value = || self.spot.text.root()?.follow(&self.spot.path)?.str().filter(is_filled_in);
        if let Some(value) = value() {
            for finding in
                self.findings.iter_mut().filter(|it| it.rule == Rule::TemplateInValues && it.span == self.span)
            {
                let Finding { message, help, .. } = of_reference(value, tool);
                (finding.message, finding.help) = (message, help);
            }
        }
        self
    }

    /// The same where it is known what a variable is, which cannot be changed for one cluster here.
    pub(super) fn by_default(mut self, default: Option<&ByDefault>) -> Self {
        let is_it = |it: &&ByDefault| self.span.as_ref() == Some(&it.span) && self.spot.text.file == it.file;
        let Some(default) = default.filter(is_it) else { return self };
        self.mode = Some(default.mode);
        for finding in self.findings.iter_mut().filter(|it| it.rule == Rule::TemplateInValues && it.span == self.span) {
            finding.message.clone_from(&default.message);
            finding.help = Some(default.help.clone().into());
        }
        self
    }

    /// The same in a manifest that is a template itself: what it takes for the mode is not a mistake, and not known.
    pub(super) fn of_template(mut self, file: &str) -> Self {
        let is_set = || self.spot.text.outermost().text_at(["kind"]) == Some("ApplicationSet");
        let (tool, help) = if is_among_templates(file) {
            (
                "Helm",
                "`helm template` shows it; write the mode itself, or change it by hand where the template takes it from",
            )
        } else if is_set() {
            // one mode in the template would be that of all clusters
            (
                "Argo CD",
                "list the clusters in a list generator with the mode in each element, or change it by hand where the \
                 generator reads it",
            )
        } else {
            return self;
        };
        let value = self.spot.text.root().and_then(|root| root.follow(&self.spot.path)?.str());
        let span = self
            .span
            .clone()
            .filter(|_| value.is_some_and(|value| value.contains("{{") || reference::is_shaded(value)));
        let is_it = |it: &&mut Finding| it.rule == Rule::TemplateInValues && span.is_some() && it.span == span;
        for finding in self.findings.iter_mut().filter(is_it) {
            finding.message = format!("{tool} fills in the mode here, and it is not known with what");
            (finding.help, finding.doubt) = (Some(help.into()), Some(Doubt::Lines));
        }
        self
    }

    fn read_value(&mut self, document: &Document<'_>, path: &[&str], found: Option<Entry>) {
        if let Some(entry) = found {
            let span = document.value_span(entry);
            match mode_of(document.scalar(entry)) {
                Ok(_) if document.gets_line_break(entry) => {
                    let message = "Helm 4 reads a line break after the mode here, and Helm 3 does not";
                    let finding = Finding::new(Rule::OutsideDialect, message).help("write it on the line of its key");
                    self.findings.push(finding.at(span.clone()));
                }
                Ok((mode, finding)) => {
                    self.mode = Some(mode);
                    let address = Address::whole(document.text(), path.iter().map(ToString::to_string).collect());
                    let fix = Fix { address, change: Change::Text(mode.as_str().to_owned()) };
                    self.findings.extend(finding.map(|finding| finding.fixed_by(fix).at(span.clone())));
                }
                Err(finding) => self.findings.push(filled_in(finding, document, &span).at(span.clone())),
            }
            self.span = Some(span);
        }
        let parents = &path[..path.len() - 1];
        self.findings.extend(misspelled_keys(document, path, self.span.is_some()));
        self.findings.extend(misplaced_modes(document, parents, self.span.is_some()));
    }
}

/// What is wrong with a mode, where it is not that another tool fills in what is a comment for YAML.
fn filled_in(finding: Finding, document: &Document<'_>, span: &Range<usize>) -> Finding {
    let text = document.text();
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let written = &text[span.clone()];
    if finding.rule == Rule::ModeNotText && written.starts_with("[[") {
        let reference = reference::of(written, written);
        return reference.map_or(finding, |reference| of_reference(written, reference.title));
    }
    let tool = super::marks::tool_of_comment(line).filter(|_| finding.rule == Rule::BlankMode);
    tool.map_or(finding, |tool| {
        let message = format!("{tool} fills in the mode, and without it the value is a comment, so it is empty");
        Finding::new(Rule::TemplateInValues, message).help("write the mode itself: it is not a secret")
    })
}

/// The mode of a value, with a remark on its spelling; or what is wrong with it.
pub(crate) fn mode_of(value: Option<Scalar<'_>>) -> Result<(ClusterMode, Option<Finding>), Finding> {
    let text = match value {
        Some(Scalar::Text(text)) if !text.is_empty() => text,
        Some(Scalar::Null | Scalar::Text(_)) => {
            return Err(Finding::new(Rule::BlankMode, "`clusterMode` has no value, which does not mean `legacy`")
                .help("write the present mode of the cluster; for an empty value, Helm deletes the chart's default"));
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
    if text.contains("{{") && !text.contains("${{") || text.contains("<<") {
        return Err(Finding::new(Rule::TemplateInValues, "the mode is a template expression; Helm does not render it")
            .help("write the mode itself"));
    }
    if let Some(reference) = reference::of(text, text) {
        return Err(of_reference(text, reference.title));
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
    });
    Ok((mode, spelling))
}

/// That another tool fills in the mode.
fn of_reference(text: &str, tool: &str) -> Finding {
    let text = if reference::is_shaded(text) { text.replacen('$', "{", 1).into() } else { Cow::Borrowed(text) };
    let message = format!("the mode is a reference, `{}`, which {tool} fills in before Helm reads it", shown(&text));
    let help = match tool {
        "Terraform" if !is_name(&text) => {
            "write the mode itself: it is not a secret; `terraform console` shows what the expression comes to"
        }
        "Terraform" => {
            "write the mode itself: it is not a secret; a variable has it in its `default`, or in a .tfvars file"
        }
        "helmfile" => {
            "write the mode itself: it is not a secret; what a template takes is in `environments`, or in the `values` of the \
             helmfile"
        }
        "Flux, Terraform or envsubst" => {
            "write the mode itself: it is not a secret; Flux reads a variable from `postBuild` of its Kustomization"
        }
        _ => "write the mode itself: it is not a secret",
    };
    Finding::new(Rule::TemplateInValues, message).help(help)
}

/// Whether a reference is a name, and not an expression.
fn is_name(reference: &str) -> bool {
    let name = reference.trim_start_matches("${").trim_end_matches('}');
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

/// The mode that an option says, with a remark on its spelling; or what is wrong with it.
pub(crate) fn mode_of_value(value: &Value) -> Result<(ClusterMode, Option<Finding>), Finding> {
    let scalar = match value {
        Value::Null => Some(Scalar::Null),
        Value::Bool(value) => Some(Scalar::Bool(*value)),
        Value::Number(number) => number.as_f64().map(Scalar::Float),
        Value::String(text) => Some(Scalar::Text(text)),
        Value::Array(_) | Value::Object(_) => None,
    };
    mode_of(scalar)
}

fn not_text(what: &str) -> Finding {
    Finding::new(Rule::ModeNotText, format!("Helm reads {what} here, not the name of a mode"))
        .help("write one of `legacy`, `migrateLegacyToClas`, `clas`, `migrateClasToLegacy`")
}

/// A value fit to be quoted in a message: short, on one line, not secret.
fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let line = on_one_line(text);
    let line = masked(&line).into_owned();
    let short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() { short + "..." } else { short }
}

/// SOPS keeps a checksum (MAC) over all values of a file, plain ones too, beside the file's own keys; over the
/// encrypted ones alone with `mac_only_encrypted`. The command for the edit that is refused is part of the help, where
/// the mode is known. (SOPS documentation, "Message Authentication Code".)
pub(crate) fn guarded(spot: &Spot<'_>, file: &str, goal: Option<ClusterMode>) -> Option<Finding> {
    let document = spot.text.outermost();
    let address = spot.text.address(spot.path.clone());
    let mac = document.locate(["sops", "mac"]).and_then(|mac| mac.key)?;
    if document.scalar_at(["sops", "mac_only_encrypted"]) == Some(Scalar::Bool(true)) {
        return None;
    }
    let message = "SOPS protects this file with a checksum (MAC) that an edit would break";
    let help = match (&address.layers[..], goal) {
        ([path], Some(goal)) => {
            let root = spot.text.root();
            let index = |(depth, key): (usize, &String)| {
                // an item of a list has a number, and a key that looks like one is text anyway
                let is_item = root.and_then(|root| root.follow(&path[..depth])).is_some_and(Node::is_list);
                if is_item { format!("[{key}]") } else { format!("[{}]", Value::from(key.as_str())) }
            };
            let place: String = path.iter().enumerate().map(index).collect();
            let (file, place) = (shell_word(file), shell_word(&place));
            format!("change it through SOPS: sops set {file} {place} '\"{goal}\"'")
        }
        // `sops set` replaces whole values: one may be a text with everything else in it, and what to write is not
        // known
        _ => format!("change it through SOPS: sops edit {}", shell_word(file)),
    };
    let start = address.document.start;
    Some(Finding::new(Rule::EncryptedFile, message).help(help).at(mac.start + start..mac.end + start))
}

/// What to do with a key that is written as a path.
pub(crate) const SPLITS_NO_KEYS: &str =
    "Helm splits keys at dots only in --set: write each part as a key of its own, or remove it";

/// Modes below a section of the chart, where nothing reads them.
fn misplaced_modes(document: &Document<'_>, below: &[&str], has_mode: bool) -> Vec<Finding> {
    let section = |path: &[&str]| {
        let name = *path.strip_prefix(below)?.first()?;
        SECTIONS.contains(&name).then(|| name.to_owned())
    };
    let nested = document.nested(below, MODE_KEY).into_iter();
    let found = nested.filter_map(|(path, span)| Some((section(&path)?, path[below.len()..].join("."), span)));
    found
        .map(|(section, path, span)| {
            let message = format!("the chart does not read `{MODE_KEY}` under `{}`", path.escape_debug());
            let finding = Finding::new(Rule::MisplacedMode, message).at(span);
            if has_mode {
                finding.help("remove it").weighing(Severity::Warning)
            } else {
                finding.help(format!("move `{MODE_KEY}` out of `{section}`, beside it, or remove it"))
            }
        })
        .collect()
}

fn misspelled_keys(document: &Document<'_>, path: &[&str], has_mode: bool) -> Vec<Finding> {
    let Some((own, below)) = path.split_last() else { return Vec::new() };
    let letters = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
    };
    let wanted = letters(MODE_KEY);
    let looks_like_it = |name: &str| {
        // an element of a generator, and a variable, have a name of their own for it
        name != MODE_KEY
            && name != *own
            && !TEMPLATE_SCALARS.contains(&name)
            && name.len().abs_diff(MODE_KEY.len()) <= 4
            && distance(&letters(name), &wanted) <= 1
    };
    let is_dotted = |name: &str| name.rsplit_once('.').is_some_and(|(_, last)| last == MODE_KEY);
    // the configuration of a stack of Pulumi has the project before a name
    let is_of_project = |name: &str| name.rsplit_once(':').is_some_and(|(_, last)| last == MODE_KEY);
    let alike = document
        .entries_at(below.iter().copied())
        .filter(|(name, _, _)| looks_like_it(name) || is_of_project(name) || is_dotted(name) && name != own);
    // the keys of an umbrella chart may be written into one name
    let of_umbrella = (0..below.len()).flat_map(|depth| {
        let whole = below[depth..].iter().chain([own]).copied().collect::<Vec<&str>>().join(".");
        let entries = document.entries_at(below[..depth].iter().copied());
        entries.filter(move |(name, _, _)| *name == whole)
    });
    alike
        .chain(of_umbrella)
        .map(|(name, span, value)| {
            let finding =
                Finding::new(Rule::MisspelledKey, format!("the chart does not read `{}`", name.escape_debug()))
                    .at(span);
            if has_mode {
                return finding.help("remove it").weighing(Severity::Warning);
            }
            if is_dotted(name) {
                return finding.help(SPLITS_NO_KEYS);
            }
            let finding = finding.help("write `clusterMode`, or remove it");
            // the chart takes the cluster for legacy now: under the right name another mode would begin to count
            let Some(Scalar::Text(text)) = value else { return finding };
            if ClusterMode::named(text) != Some(ClusterMode::Legacy) {
                return finding;
            }
            let path = below.iter().copied().chain([name]).map(str::to_owned).collect();
            let address = Address::whole(document.text(), path);
            finding.fixed_by(Fix { address, change: Change::Name(MODE_KEY.to_owned()) })
        })
        .collect()
}
