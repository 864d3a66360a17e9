//! Findings about a value that does not fit.

use serde_json::Value;

use super::{
    super::{reference, secrets::masked},
    File, is_blank, placeholder,
    schema::{Keep, Kind, Misfit},
    setting::Setting,
};
use crate::{
    finding::{Change, Finding, Severity},
    rule::Rule,
    spelling::distance,
};

impl File<'_> {
    /// What is wrong with a value: the one thing that explains the others.
    pub(super) fn misfit(&self, setting: &Setting<'_>) -> Option<Finding> {
        let text = setting.value.as_str().unwrap_or_default();
        let is_mandatory = matches!(&setting.path[..], [name] if self.schema.root().required.contains(name));
        // the blank ones are judged as missing, and what SOPS has encrypted cannot be judged
        if text.starts_with("ENC[") || is_mandatory && is_blank(setting.value) {
            return None;
        }
        if let Some(reference) = self.reference(setting, text) {
            let message = format!("`{}` is filled in by {}, and was not checked", setting.name, reference.title);
            let help = "nothing to do here; Helm itself does not fill it in, so upgrade through that tool";
            return Some(self.at_value(Finding::new(Rule::ReferenceNotRead, message).help(help), setting));
        }
        let finding = if let Some(why) = self.placeholder(setting, is_mandatory) {
            Finding::new(Rule::PlaceholderLeft, format!("`{}` is still a placeholder: {why}", setting.name))
                .help("write the real value, or remove the line if the value comes from elsewhere")
        } else if text.contains("{{") {
            let message = format!("`{}` is a template expression, and Helm does not render it", setting.name);
            Finding::new(Rule::TemplateInValues, message).help("write the value itself, or check the rendered file")
        } else if let Some(former) = setting.known.former.iter().find(|former| former.value == *setting.value) {
            if former.before.as_ref().zip(self.version).is_some_and(|(before, version)| version < before) {
                return None;
            }
            let rule = setting.known.rule.unwrap_or(Rule::ValueNotAllowed);
            Finding::new(rule, format!("`{}` is {}: {}", setting.name, quoted(setting.value), former.say))
                .help(setting.known.help.clone().unwrap_or_else(|| choices(setting)))
        } else {
            match setting.known.misfit(setting.value)? {
                Misfit::Type => self.of_another_type(setting)?,
                Misfit::Pattern => self.of_another_shape(setting),
                Misfit::Choice => not_among_the_choices(setting),
                Misfit::Range => Finding::new(
                    Rule::ValueNotAllowed,
                    format!("`{}` is {}, which is out of range", setting.name, quoted(setting.value)),
                )
                .help(format!("write {}", range(setting))),
            }
        };
        Some(self.at_value(finding, setting))
    }

    /// The tool that fills in a value. `[[ .x ]]` without quotes is a list for YAML.
    fn reference(&self, setting: &Setting<'_>, text: &str) -> Option<&'static reference::Reference> {
        if !setting.value.is_array() {
            return reference::of(text.trim(), self.document.text());
        }
        let place = self.locate(setting.steps())?;
        let written = &self.document.text()[place.value];
        written.starts_with("[[").then(|| reference::of(written, written)).flatten()
    }

    /// Why a value is a placeholder. `[from the PCE]` without quotes is a list for YAML.
    fn placeholder(&self, setting: &Setting<'_>, is_mandatory: bool) -> Option<&'static str> {
        match setting.value {
            Value::String(text) => placeholder::reason(text.trim(), is_mandatory),
            Value::Array(items) if is_mandatory && items.iter().all(Value::is_string) => {
                let place = self.locate(setting.steps())?;
                let is_bracketed = self.document.text()[place.value].starts_with('[');
                is_bracketed.then_some("square brackets, which make it a list")
            }
            _ => None,
        }
    }

    fn of_another_type(&self, setting: &Setting<'_>) -> Option<Finding> {
        let Setting { name, known, value, .. } = setting;
        let (found, wanted) = (Kind::of(value), known.kinds());
        let first = *wanted.first()?;
        if found == Kind::Null {
            // what has no default loses nothing by being blank
            let default = known.default.as_ref().filter(|default| !Kind::of(default).is_collection())?;
            let message = format!("`{name}` is empty: Helm deletes the chart's default {}", quoted(default));
            let finding = Finding::new(Rule::WrongType, message).help("write a value, or remove the line");
            return (!is_blank(default)).then(|| finding.weighing(Severity::Warning));
        }
        if known.pattern_error_message.is_some() && !found.is_collection() {
            return Some(self.of_another_shape(setting));
        }
        if wanted == [Kind::Object] && !found.is_collection() {
            let message = format!("`{name}` is {}, but the chart expects a mapping", found.words());
            return Some(Finding::new(Rule::ScalarForMap, message).help(below(setting)));
        }
        if let Some(word) = unquoted(value, first) {
            let message = format!("`{name}` is the text `{word}`, not {}", first.words());
            let help = match first {
                Kind::Boolean => "without quotes; a template may treat any text as true",
                _ => "without quotes",
            };
            let finding = Finding::new(Rule::WrongType, message).help(format!("write `{word}` {help}"));
            // the vendor's own article writes it so, which suggests that the chart takes it
            return Some(self.fixed(finding.weighing(Severity::Warning), setting, Change::Word(word)));
        }
        let wanted_words: Vec<&str> = wanted.iter().map(|kind| kind.words()).collect();
        let message = format!("`{name}` is {}, not {}", found.words(), wanted_words.join(" or "));
        if found.is_collection() || !known.is_free_text() {
            let help = if known.allowed.is_empty() { first.help().to_owned() } else { choices(setting) };
            return Some(Finding::new(Rule::WrongType, message).help(help));
        }
        let finding = Finding::new(Rule::WrongType, message).help("put it in quotes");
        let place = self.locate(setting.steps())?;
        let written = self.document.text()[place.value].to_owned();
        Some(self.fixed(finding, setting, Change::Text(written)))
    }

    fn of_another_shape(&self, setting: &Setting<'_>) -> Finding {
        let Setting { name, known, .. } = setting;
        let text = setting.value.as_str().unwrap_or_default();
        let slip = known.slips.iter().find(|slip| {
            slip.has.as_ref().is_some_and(|part| text.contains(part.as_str()))
                || slip.lacks.as_ref().is_some_and(|part| !text.contains(part.as_str()))
        });
        let why = match slip {
            _ if text.is_empty() => format!(": it is {}", Kind::of(setting.value).words()),
            Some(slip) => format!(": {}", slip.say),
            None if setting.is_secret() => format!(": it has {} characters", text.chars().count()),
            None => odd_port(text).map(|why| format!(": {why}")).unwrap_or_default(),
        };
        let shape = known.pattern_error_message.as_deref().unwrap_or("not in the expected format");
        let rule = known.rule.unwrap_or(Rule::ValueNotAllowed);
        let finding = Finding::new(rule, format!("`{name}` is {shape}{why}"));
        let finding = Finding { help: known.help.clone().map(Into::into), ..finding };
        let kept = slip.and_then(|slip| {
            let part = slip.has.as_deref()?;
            match slip.keep? {
                Keep::Before => text.split_once(part).map(|(before, _)| before),
                Keep::Behind => text.trim_end_matches('/').rsplit_once(part).map(|(_, behind)| behind),
            }
        });
        match kept.filter(|text| known.misfit(&Value::from(*text)).is_none()) {
            Some(text) => self.fixed(finding, setting, Change::Text(text.to_owned())),
            None => finding,
        }
    }
}

/// What is wrong with the number that a text ends with, where it is not that of a port: 1 to 65535, without a zero before.
fn odd_port(text: &str) -> Option<&'static str> {
    let (_, port) = text.rsplit_once(':')?;
    if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return port.is_empty().then_some("its port is empty");
    }
    let digits = port.trim_start_matches('0');
    match digits.parse::<u32>() {
        _ if digits.is_empty() => Some("its port is 0, where nothing can be reached"),
        Ok(0..=65_535) => (digits != port).then_some("its port begins with a zero"),
        _ => Some("its port is above 65535, the highest there is"),
    }
}

fn not_among_the_choices(setting: &Setting<'_>) -> Finding {
    let Setting { name, known, value, .. } = setting;
    let message = if setting.is_secret() {
        format!("the chart does not allow the value of `{name}`")
    } else {
        format!("`{name}` is {}, which the chart does not allow", quoted(value))
    };
    let given = plain(value).to_lowercase();
    let near = known.allowed.iter().filter_map(Value::as_str).find(|choice| distance(choice, &given) <= 1);
    Finding::new(Rule::ValueNotAllowed, message).help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => choices(setting),
    })
}

/// What may be written: "write `overlay` or `flat`".
fn choices(setting: &Setting<'_>) -> String {
    if setting.known.allowed.is_empty() {
        return "remove it".to_owned();
    }
    format!("write {}", joined(setting.known.allowed.iter().map(quoted).collect(), "or"))
}

fn range(setting: &Setting<'_>) -> String {
    match (setting.known.minimum, setting.known.maximum) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("{least} or more"),
        (None, Some(most)) => format!("{most} or less"),
        (None, None) => "another number".to_owned(),
    }
}

/// What to write where a plain value stands for a mapping.
fn below(setting: &Setting<'_>) -> String {
    let names: Vec<&str> = setting.known.properties.iter().flatten().map(|(name, _)| name.as_str()).collect();
    match setting.value {
        Value::Bool(value) if names.contains(&"enabled") => {
            format!("write `enabled: {value}` on the next line, indented under `{}`", setting.name)
        }
        _ if names.is_empty() => Kind::Object.help().to_owned(),
        _ => format!("write its values under it, indented: {}", names.join(", ")),
    }
}

/// The boolean or the number that a text in quotes spells.
fn unquoted(value: &Value, wanted: Kind) -> Option<String> {
    let text = value.as_str()?;
    let is_word = match wanted {
        Kind::Boolean => ["true", "True", "TRUE", "false", "False", "FALSE"].contains(&text),
        Kind::Integer => text.parse::<u32>().is_ok_and(|number| number.to_string() == text),
        _ => false,
    };
    is_word.then(|| text.to_ascii_lowercase())
}

/// "`a`, `b` and `c`".
pub(super) fn joined(mut words: Vec<String>, last: &str) -> String {
    match words.pop() {
        Some(word) if words.is_empty() => word,
        Some(word) => format!("{} {last} {word}", words.join(", ")),
        None => String::new(),
    }
}

/// A value in backticks.
pub(super) fn quoted(value: &Value) -> String {
    format!("`{}`", plain(value))
}

/// A value fit to be quoted in a message: short, on one line, and masked where it looks like a secret.
fn plain(value: &Value) -> String {
    const LONGEST: usize = 40;
    let text = match value {
        Value::String(text) => text.escape_debug().to_string(),
        Value::Number(number) => number.as_f64().unwrap_or_default().to_string(),
        other => other.to_string(),
    };
    let text = masked(&text);
    let short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() { format!("{short}...") } else { short }
}
