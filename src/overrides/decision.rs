//! Which source decides a value.

use serde_json::Value;

use super::{
    Kind, Override, effective, in_order,
    line::{Assignment, Segment},
};
use crate::{finding::Finding, mode::ClusterMode, rule::Rule, shell::shell_word};

/// Who decides a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decider {
    /// The file of this number.
    File(usize),
    /// The override of this number.
    Override(usize),
    /// No source says anything about it, so it is what the chart has.
    Nobody,
}

/// What the sources together say of one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Who decides it.
    pub by: Decider,
    /// The value. Nothing where the chart's default stays; a null takes that away.
    pub value: Option<Value>,
}

/// Who decides the value at a path of keys, and what it is.
///
/// The last source that names it decides, even if it sets the same value as before. To name a key on the way counts
/// where that leaves no room for the value (`illumio: null`), and so does to name one below it (`--set
/// clusterMode.x=1`). A file whose mapping takes the place of an earlier file's `illumio: null` cancels that.
///
/// # Errors
///
/// Those of [`effective`].
///
/// ```
/// use helm_clas::overrides::{Decider, Kind, Override, decided_by};
/// use serde_json::json;
///
/// let files = [json!({"clusterMode": "legacy"}), json!({"pce_url": "pce.example.com:8443"})];
/// let decision = decided_by(&files, &[], &["clusterMode"])?;
/// assert_eq!((decision.by, decision.value), (Decider::File(0), Some(json!("legacy"))));
///
/// let set = Override::read(Kind::Set, "clusterMode=null")?;
/// let decision = decided_by(&files, &[set], &["clusterMode"])?;
/// assert_eq!((decision.by, decision.value), (Decider::Override(0), Some(json!(null))));
/// # Ok::<(), helm_clas::Finding>(())
/// ```
pub fn decided_by(files: &[Value], overrides: &[Override], path: &[&str]) -> Result<Decision, Finding> {
    Ok(decided_in(&effective(files, overrides)?, files, overrides, path))
}

/// The same where it is known what they come to.
pub(crate) fn decided_in(values: &Value, files: &[Value], overrides: &[Override], path: &[&str]) -> Decision {
    let value = match stand(values, path) {
        Stand::Is(value) => Some(value.clone()),
        Stand::NoRoom(_) | Stand::Absent(_) => None,
    };
    let ordered = in_order(overrides);
    let last = ordered.iter().rev().find(|(_, given)| given.assignments.iter().any(|one| names(one, path)));
    let by = last.map_or_else(|| file_that_decides(files, path), |(number, _)| Decider::Override(*number));
    Decision { by, value }
}

impl Decision {
    /// The finding that an option decides the mode, and what to change; nothing where a file decides, or nothing.
    ///
    /// It says the value only if it is a mode or a null, as others may be credentials.
    ///
    /// ```
    /// use helm_clas::overrides::{Kind, Override, decided_by};
    ///
    /// let overrides = [Override::read(Kind::Set, "cluster_token=1_ab,clusterMode=clas")?];
    /// let finding = decided_by(&[], &overrides, &["clusterMode"])?.overridden(&overrides, &["clusterMode"]).unwrap();
    /// assert_eq!(finding.message, "`--set clusterMode=clas` decides the mode, not a values file");
    /// assert_eq!(
    ///     finding.help.as_deref(),
    ///     Some("write `clas` into the values file and drop the option, or change the option")
    /// );
    /// # Ok::<(), helm_clas::Finding>(())
    /// ```
    #[must_use]
    pub fn overridden(&self, overrides: &[Override], path: &[&str]) -> Option<Finding> {
        let option = self.option(overrides, path)?;
        let mode = self.value.as_ref().and_then(Value::as_str).filter(|text| ClusterMode::named(text).is_some());
        let help = match mode {
            Some(mode) => format!("write `{mode}` into the values file and drop the option, or change the option"),
            None => "drop the option, and write the mode into the values file".to_owned(),
        };
        let message = format!("`{option}` decides the mode, not a values file");
        Some(Finding::new(Rule::ModeOverridden, message).help(help))
    }
}

impl Decision {
    /// The option that decides, as it is typed, the value only if it is a mode or a null; nothing where none does.
    #[must_use]
    pub fn option(&self, overrides: &[Override], path: &[&str]) -> Option<String> {
        let Decider::Override(number) = self.by else { return None };
        let given = overrides.get(number)?;
        let assignment = given.assignments.iter().rfind(|one| names(one, path))?;
        Some(shown(given, assignment))
    }
}

/// The option as it is typed, the value only if it is a mode or a null.
fn shown(&Override { kind, is_of_task, .. }: &Override, Assignment { path, value, .. }: &Assignment) -> String {
    let name: String = path.iter().map(Segment::to_string).collect();
    let value = match value {
        Value::Null => "null".to_owned(),
        Value::String(text) if kind != Kind::SetFile && ClusterMode::named(text).is_some() => match kind {
            Kind::SetJson => value.to_string(),
            _ => text.clone(),
        },
        _ => "...".to_owned(),
    };
    let assignment = format!("{}={value}", name.strip_prefix('.').unwrap_or(&name));
    if is_of_task {
        // (kubernetes.core documentation, helm module, `set_values`)
        let of_type = match kind {
            Kind::SetString => ", value_type: string",
            Kind::SetJson => ", value_type: json",
            _ => "",
        };
        return format!("set_values: [{{value: {assignment}{of_type}}}]");
    }
    format!("{} {}", kind.option(), shell_word(&assignment))
}

/// Whether an assignment says anything about the value at a path: at it, below it, or above it.
fn names(assignment: &Assignment, path: &[&str]) -> bool {
    for (segment, key) in assignment.path.iter().zip(path) {
        match segment {
            Segment::Key(name) if name == key => {}
            Segment::Key(_) => return false,
            // the path leads through a list
            Segment::Item(_) => return true,
        }
    }
    true
}

fn file_that_decides(files: &[Value], path: &[&str]) -> Decider {
    let mut mappings = 0;
    for (number, file) in files.iter().enumerate().rev() {
        match stand(file, path) {
            Stand::Absent(depth) => mappings = mappings.max(depth),
            // a later file has a mapping there, which leaves nothing of this file or those before it
            Stand::NoRoom(depth) if depth <= mappings => return Decider::Nobody,
            Stand::NoRoom(_) | Stand::Is(_) => return Decider::File(number),
        }
    }
    Decider::Nobody
}

/// What values say of a path.
enum Stand<'v> {
    /// This value.
    Is(&'v Value),
    /// Nothing; so many keys lead to a mapping that lacks the next.
    Absent(usize),
    /// So many keys lead to what is not a mapping.
    NoRoom(usize),
}

fn stand<'v>(mut value: &'v Value, path: &[&str]) -> Stand<'v> {
    for (depth, key) in path.iter().enumerate() {
        let Value::Object(map) = value else { return Stand::NoRoom(depth) };
        let Some(below) = map.get(*key) else { return Stand::Absent(depth) };
        value = below;
    }
    Stand::Is(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BELOW: &[&str] = &["illumio", "clusterMode"];

    fn read(overrides: &[(Kind, &str)]) -> Vec<Override> {
        overrides.iter().map(|(kind, text)| Override::read(*kind, text).unwrap()).collect()
    }

    #[track_caller]
    fn check(files: &[Value], overrides: &[(Kind, &str)], by: Decider, value: Option<Value>) {
        assert_eq!(decided_by(files, &read(overrides), BELOW), Ok(Decision { by, value }));
    }

    #[test]
    fn the_last_file_that_names_it_decides() {
        let [legacy, other] = [json!({"illumio": {"clusterMode": "legacy"}}), json!({"illumio": {"x": 1}})];
        check(&[legacy.clone(), other.clone()], &[], Decider::File(0), Some(json!("legacy")));
        check(&[legacy.clone(), legacy.clone()], &[], Decider::File(1), Some(json!("legacy")));
        check(&[legacy.clone(), json!({"illumio": null})], &[], Decider::File(1), None);
        check(&[legacy, json!({"illumio": null}), other], &[], Decider::Nobody, None);
        check(&[json!({"clusterMode": "clas"})], &[(Kind::Set, "clusterMode=clas")], Decider::Nobody, None);
    }

    #[test]
    fn an_override_decides_at_the_value_above_it_and_below_it() {
        use Kind::{Set, SetFile, SetJson, SetString};
        let file = json!({"illumio": {"clusterMode": "legacy"}});
        let files = &[file];
        check(files, &[(Set, "illumio.x=1")], Decider::File(0), Some(json!("legacy")));
        check(
            files,
            &[(SetString, "illumio.clusterMode=clas"), (Set, "a=1")],
            Decider::Override(0),
            Some(json!("clas")),
        );
        check(files, &[(SetJson, r#"illumio={"x":1}"#)], Decider::Override(0), None);
        check(files, &[(Set, "illumio=1")], Decider::Override(0), None);
        check(&[], &[(Set, "illumio[0]=1")], Decider::Override(0), None);
        check(&[], &[(Set, "illumio.clusterMode[0]=clas")], Decider::Override(0), Some(json!(["clas"])));
        check(&[], &[(SetFile, ""), (Set, "illumio.clusterMode=")], Decider::Override(1), Some(json!("")));
    }

    #[test]
    fn the_finding_shows_modes_and_nothing_else() {
        #[track_caller]
        fn check(kind: Kind, text: &str, expected: &str) {
            let overrides = read(&[(kind, text)]);
            let finding = decided_by(&[], &overrides, BELOW).unwrap().overridden(&overrides, BELOW).unwrap();
            assert_eq!(finding.message, format!("`{expected}` decides the mode, not a values file"));
        }
        check(Kind::Set, "x=s3cr3t,illumio.clusterMode=clas", "--set illumio.clusterMode=clas");
        check(Kind::SetJson, r#"illumio.clusterMode="clas""#, r#"--set-json 'illumio.clusterMode="clas"'"#);
        check(Kind::SetJson, r#"illumio={"clusterMode":"clas","x":"s3cr3t"}"#, "--set-json illumio=...");
        check(Kind::Set, "illumio.clusterMode=s3cr3t", "--set illumio.clusterMode=...");
        check(Kind::Set, "illumio=null", "--set illumio=null");
        check(Kind::Set, "illumio.clusterMode[0]=clas", "--set 'illumio.clusterMode[0]=clas'");
    }
}
