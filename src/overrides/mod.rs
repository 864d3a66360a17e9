//! Values given beside the files: `--set` and its siblings, as every Helm takes them in.
//!
//! | lowest to highest | its value |
//! |---|---|
//! | `-f`, in order | mappings merge, everything else replaces |
//! | `--set-json` | JSON |
//! | `--set` | `true`, `false`, `null` in any case, whole numbers that do not begin with `0`; else text |
//! | `--set-string` | text |
//! | `--set-file` | the text of the file that it names |
//! | `--set-literal` | everything after the `=`, as it is |
//!
//! The kind decides, wherever an option is on the command line; within a kind the last one wins. A name given again
//! replaces what it had: only the files merge. `null` leaves the name with nothing, and where the chart has a default,
//! Helm then removes it.
//!
//! What Helm accepts by accident, or not in every version, is refused with a reason: names that are empty in part, a
//! list index without a value, a whole object for `--set-json`. Of what was given, a message holds the first name and,
//! where it is a mode, the value. The rest may be credentials, a later name too: a comma may have cut one in two.
//!
//! Source: what Helm 3.17.2, 4.1.4 and 4.3.1 were seen to do; `testdata/overrides.rs` tests it with them.

mod decision;
mod line;
mod merge;

pub(crate) use decision::decided_in;
pub use decision::{Decider, Decision, decided_by};
pub use merge::effective;
pub(crate) use merge::merged;

use line::{Assignment, Problem, Segment, assignments};
use serde_json::Value;

use crate::{
    chart::secrets::{MASK, is_secret_name, masked},
    finding::Finding,
    rule::Rule,
};

/// The options that set values, from the one that yields to every other to the one that wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `--set-json`
    SetJson,
    /// `--set`
    Set,
    /// `--set-string`
    SetString,
    /// `--set-file`
    SetFile,
    /// `--set-literal`
    SetLiteral,
}

impl Kind {
    /// The option, as it is typed.
    #[must_use]
    pub const fn option(self) -> &'static str {
        match self {
            Self::SetJson => "--set-json",
            Self::Set => "--set",
            Self::SetString => "--set-string",
            Self::SetFile => "--set-file",
            Self::SetLiteral => "--set-literal",
        }
    }
}

/// One option with what it sets: none, one or several values.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    kind: Kind,
    /// The argument of the option.
    text: String,
    /// The option with its first name, fit for a message.
    label: String,
    assignments: Vec<Assignment>,
    /// Whether the values are still the names of files.
    names_files: bool,
    /// Whether it is an entry of `set_values` in a task of Ansible.
    is_of_task: bool,
}

impl Override {
    /// Reads the argument of an option.
    ///
    /// An empty text sets nothing. Of `--set-file`, see [`reading`](Self::reading) for the files.
    ///
    /// # Errors
    ///
    /// A finding where Helm refuses the text, and where it takes it in by accident or not in every version.
    ///
    /// ```
    /// use helm_clas::overrides::{Kind, Override, effective};
    ///
    /// let set = Override::read(Kind::Set, r"clusterMode=clas,list={a,b},list[2]=c\,d,size=5,id=007,off=FALSE")?;
    /// assert_eq!(
    ///     effective(&[], &[set])?.to_string(),
    ///     r#"{"clusterMode":"clas","id":"007","list":["a","b","c,d"],"off":false,"size":5}"#
    /// );
    /// let error = Override::read(Kind::Set, "clusterMode").unwrap_err();
    /// assert_eq!(error.message, "Helm rejects `--set`: it has no value");
    /// # Ok::<(), helm_clas::Finding>(())
    /// ```
    pub fn read(kind: Kind, text: &str) -> Result<Self, Finding> {
        let label = label(kind, text);
        match assignments(kind, text) {
            Ok(assignments) => {
                let names_files = kind == Kind::SetFile && assignments.iter().any(|one| one.value != "");
                Ok(Self { kind, text: text.to_owned(), label, assignments, names_files, is_of_task: false })
            }
            Err((number, problem)) => Err(refusal(&label, number, problem)),
        }
    }

    /// Puts the text of every file that `--set-file` names in the place of its name; of other kinds, nothing.
    ///
    /// # Errors
    ///
    /// What the reader of the files says.
    ///
    /// ```
    /// use helm_clas::overrides::{Kind, Override, effective};
    ///
    /// let file = Override::read(Kind::SetFile, "ca=ca.pem")?;
    /// let file = file.reading(|name| if name == "ca.pem" { Ok("PEM\n".to_owned()) } else { Err(name.to_owned()) });
    /// assert_eq!(effective(&[], &[file.unwrap()])?["ca"], "PEM\n");
    /// # Ok::<(), helm_clas::Finding>(())
    /// ```
    pub fn reading<E>(mut self, mut read: impl FnMut(&str) -> Result<String, E>) -> Result<Self, E> {
        if self.names_files {
            for text in self.assignments.iter_mut().flat_map(|assignment| texts(&mut assignment.value)) {
                // `name=` at the very end is an empty text, and names no file
                if !text.is_empty() {
                    *text = read(text)?;
                }
            }
            self.names_files = false;
        }
        Ok(self)
    }

    /// The same as an entry of `set_values` in a task of Ansible, which is shown so.
    #[must_use]
    pub(crate) const fn of_task(mut self) -> Self {
        self.is_of_task = true;
        self
    }

    /// Which option it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The argument of the option, credentials and all: to be passed on, never to be shown.
    #[must_use]
    pub fn given(&self) -> &str {
        &self.text
    }

    /// The argument of the option, fit to be shown: a mask replaces everything from the first value on that may be a
    /// credential, since a comma may have cut a credential in two.
    ///
    /// ```
    /// use helm_clas::overrides::{Kind, Override};
    ///
    /// let set = Override::read(Kind::Set, "networkType=flat,cluster_token=1_ab,clusterMode=clas")?;
    /// assert_eq!(set.shown(), "networkType=flat,cluster_token=********");
    /// # Ok::<(), helm_clas::Finding>(())
    /// ```
    #[must_use]
    pub fn shown(&self) -> String {
        // `--set-file` names files, and a file's name is not one
        let secret = self.assignments.iter().filter(|_| self.kind != Kind::SetFile).find(|one| one.is_secret());
        let shown = match secret {
            Some(secret) => format!("{}{MASK}", &self.text[..secret.start]),
            None => self.text.clone(),
        };
        masked(&shown).into_owned()
    }

    /// The option with its argument, as a command takes it; nothing where a credential is in it.
    #[must_use]
    pub fn plain_option(&self) -> Vec<String> {
        if self.is_masked() { Vec::new() } else { vec![self.kind.option().to_owned(), self.text.clone()] }
    }

    /// Whether [`shown`](Self::shown) hides something.
    #[must_use]
    pub fn is_masked(&self) -> bool {
        self.shown() != self.text
    }

    fn refused(&self, number: usize, problem: Problem) -> Finding {
        refusal(&self.label, number, problem)
    }
}

impl Assignment {
    /// Whether its name, or one within its value, is that of a credential.
    fn is_secret(&self) -> bool {
        fn holds_secret(value: &Value) -> bool {
            match value {
                Value::Object(map) => map.iter().any(|(name, value)| is_secret_name(name) || holds_secret(value)),
                Value::Array(items) => items.iter().any(holds_secret),
                _ => false,
            }
        }
        let named = |segment: &Segment| matches!(segment, Segment::Key(key) if is_secret_name(key));
        // `env[0].value=x` is the value of a name that another option gives
        let is_of_item = matches!(&self.path[..], [.., Segment::Item(_), Segment::Key(key)] if key == "value");
        self.path.iter().any(named) || holds_secret(&self.value) || is_of_item && self.value.is_string()
    }
}

/// Overrides in the order in which Helm takes them in, each with its number in the slice.
fn in_order(overrides: &[Override]) -> Vec<(usize, &Override)> {
    let mut ordered: Vec<_> = overrides.iter().enumerate().collect();
    ordered.sort_by_key(|(_, given)| given.kind);
    ordered
}

/// The texts of a value that `--set-file` gives.
fn texts(value: &mut Value) -> Vec<&mut String> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter_mut().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

impl Override {
    /// That it was given beside a manifest.
    pub(crate) fn beside_manifest(&self) -> Finding {
        let message = format!("`{}` does not reach a manifest", self.kind.option());
        Finding::new(Rule::BadOverride, message).help("drop it: the controller that reads the manifest does not see it")
    }

    /// Whether it sets nothing, or only this key.
    pub(crate) fn is_only(&self, key: &str) -> bool {
        self.assignments.is_empty() || self.only(key).is_some()
    }

    /// The text that it gives to this key, where it sets nothing else.
    pub(crate) fn only(&self, key: &str) -> Option<&str> {
        let [Assignment { path, value, .. }] = &self.assignments[..] else { return None };
        matches!(path.last(), Some(Segment::Key(last)) if last == key).then(|| value.as_str()).flatten()
    }
}

/// The names that the text behind an option sets, each with its value and the byte at which that begins; nothing where
/// the text is not accepted.
pub(crate) fn assigned(kind: Kind, text: &str) -> Option<Vec<(Vec<String>, Value, usize)>> {
    let name = |segment: Segment| match segment {
        Segment::Key(key) => key,
        Segment::Item(item) => item.to_string(),
    };
    let one = |Assignment { path, value, start }: Assignment| (path.into_iter().map(name).collect(), value, start);
    Some(assignments(kind, text).ok()?.into_iter().map(one).collect())
}

fn refusal(label: &str, number: usize, problem: Problem) -> Finding {
    let (refuses, reason, help) = problem.explained();
    let which = if number == 0 { format!("`{label}`") } else { format!("name {} of `{label}`", number + 1) };
    let message =
        if refuses { format!("Helm rejects {which}: {reason}") } else { format!("{which} is not accepted: {reason}") };
    Finding::new(Rule::BadOverride, message).help(help)
}

/// The option with its first name: later ones may be pieces of a value that a comma cut in two, and a text without `=`
/// may be a value whose name was forgotten.
fn label(kind: Kind, text: &str) -> String {
    const LONGEST: usize = 60;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']');
    let name = text.split_once('=').map(|(name, _)| name).filter(|name| {
        !name.is_empty() && name.len() <= LONGEST && name.chars().all(is_plain) && masked(name) == *name
    });
    match name {
        Some(name) => format!("{} {name}=...", kind.option()),
        None => kind.option().to_owned(),
    }
}
