//! The text behind an option, taken apart: `NAME=VALUE,NAME=VALUE`.

use std::{fmt, mem::take};

use serde_json::{Number, Value};

use super::Kind;

/// One name with its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Assignment {
    /// The name; it begins with a key.
    pub(super) path: Vec<Segment>,
    /// The value; for `--set-file`, the names of files in its place.
    pub(super) value: Value,
    /// The byte of the text at which the value begins.
    pub(super) start: usize,
}

/// A part of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// A key of a mapping.
    Key(String),
    /// An item of a list, counted from 0.
    Item(usize),
}

impl fmt::Display for Segment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(out, ".{key}"),
            Self::Item(item) => write!(out, "[{item}]"),
        }
    }
}

/// Why a name cannot be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    NoValue,
    EmptyKey,
    BadIndex,
    LargeIndex,
    BehindIndex,
    EndsInName,
    TooDeep,
    ListWithoutEnd,
    NoFile,
    NotJson,
    WholeObject,
    DroppedValue,
    BelowNoMapping,
    ItemOfNoList,
    FileNotRead,
}

impl Problem {
    /// Whether every Helm refuses it as well, the reason, and what to do.
    pub(super) const fn explained(self) -> (bool, &'static str, &'static str) {
        const OURS: bool = false;
        const HELMS: bool = true;
        const WRITE: &str = r"write NAME=VALUE, and a comma inside a value as `\,`";
        const COUNT: &str = "count the items of a list from 0, as in `list[0]=value`";
        const QUOTE: &str = "quote text: --set-json 'clusterMode=\"clas\"'";
        const FIT: &str = "set the whole value instead, or drop this";
        #[rustfmt::skip] // a table
        let row = match self {
            Self::NoValue        => (HELMS, "it has no value", WRITE),
            Self::EmptyKey       => (OURS,  "a part of the name is empty, and Helm may drop the value", WRITE),
            Self::BadIndex       => (HELMS, "its list index is not a number", COUNT),
            Self::LargeIndex     => (OURS,  "its list index is larger than any list", COUNT),
            Self::BehindIndex    => (HELMS, "there is text between a list index and the `=`", COUNT),
            Self::EndsInName     => (OURS,  "it ends within the name, which only some Helms reject", WRITE),
            Self::TooDeep        => (OURS,  "its name has more than 31 parts", WRITE),
            Self::ListWithoutEnd => (HELMS, "its list has no `}`", r"write `list={a,b}`, and a comma inside an item \
                                                                     as `\,`"),
            Self::NoFile         => (HELMS, "it names no file", "write NAME=FILE"),
            Self::NotJson        => (OURS,  "its value is not JSON", QUOTE),
            Self::WholeObject    => (OURS,  "it is a whole object, which Helm 3.17 rejects", "write NAME=JSON for each of its keys"),
            Self::DroppedValue   => (OURS,  "Helm drops an empty value here if the list item is new", "write a comma \
                after the `=`, and Helm keeps it"),
            Self::BelowNoMapping => (HELMS, "it sets a key under a value that is not a mapping", FIT),
            Self::ItemOfNoList   => (HELMS, "it sets an item of a value that is not a list", FIT),
            Self::FileNotRead    => (OURS,  "its file was not read", "set the mode in a values file"),
        };
        row
    }
}

/// The most parts of a name; Helm refuses more keys than these.
const DEEPEST: usize = 31;

/// The largest sum of the list indices of a text; Helm refuses a single index beyond it.
const LARGEST_INDEX: usize = 65_536;

/// Every name of a text with its value; or the number of the first that cannot be accepted, and why.
pub(super) fn assignments(kind: Kind, text: &str) -> Result<Vec<Assignment>, (usize, Problem)> {
    if kind == Kind::SetJson && text.trim_start().starts_with('{') {
        return Err((0, Problem::WholeObject));
    }
    let mut line = Line { kind, text, rest: text, indices: 0 };
    let mut assignments = Vec::new();
    while let Some(assignment) = line.assignment().map_err(|problem| (assignments.len(), problem))? {
        assignments.push(assignment);
    }
    Ok(assignments)
}

struct Line<'t> {
    kind: Kind,
    text: &'t str,
    /// What is not taken yet.
    rest: &'t str,
    /// The sum of the list indices so far.
    indices: usize,
}

impl Line<'_> {
    fn assignment(&mut self) -> Result<Option<Assignment>, Problem> {
        let Some(path) = self.path()? else { return Ok(None) };
        let start = self.text.len() - self.rest.len();
        let value = self.value(&path)?;
        Ok(Some(Assignment { path, value, start }))
    }

    /// The next name with its `=`; nothing at the end.
    fn path(&mut self) -> Result<Option<Vec<Segment>>, Problem> {
        let stops: &[char] = if self.kind == Kind::SetLiteral { &['=', '[', '.'] } else { &['=', '[', '.', ','] };
        let mut path = Vec::new();
        loop {
            let (key, stop) = self.word(stops);
            let mut stop = match stop {
                None if key.is_empty() && path.is_empty() => return Ok(None),
                None if key.is_empty() => return Err(Problem::EndsInName),
                None | Some(',') => return Err(Problem::NoValue),
                Some(_) if key.is_empty() => return Err(Problem::EmptyKey),
                Some(stop) => stop,
            };
            path.push(Segment::Key(key));
            while stop == '[' {
                path.push(Segment::Item(self.index()?));
                stop = self.behind_index()?;
            }
            if path.len() > DEEPEST {
                return Err(Problem::TooDeep);
            }
            if stop == '=' {
                return Ok(Some(path));
            }
        }
    }

    fn index(&mut self) -> Result<usize, Problem> {
        let (digits, stop) = self.word(&[']']);
        stop.ok_or(Problem::EndsInName)?;
        let number: i64 = digits.parse().map_err(|_| Problem::BadIndex)?;
        let index = usize::try_from(number).map_err(|_| Problem::BadIndex)?;
        self.indices = self.indices.saturating_add(index);
        if self.indices > LARGEST_INDEX { Err(Problem::LargeIndex) } else { Ok(index) }
    }

    fn behind_index(&mut self) -> Result<char, Problem> {
        let mut characters = self.rest.chars();
        match characters.next() {
            Some(stop @ ('[' | '.' | '=')) => {
                self.rest = characters.as_str();
                Ok(stop)
            }
            None | Some('\\') => Err(Problem::EndsInName),
            Some(_) => Err(Problem::BehindIndex),
        }
    }

    /// The value of a name, with the comma behind it.
    fn value(&mut self, path: &[Segment]) -> Result<Value, Problem> {
        match self.kind {
            Kind::SetLiteral => Ok(take(&mut self.rest).into()),
            Kind::SetJson => self.json(),
            Kind::Set | Kind::SetString | Kind::SetFile => {
                if self.rest.is_empty() {
                    let is_key_of_item = matches!(path, [items @ .., Segment::Key(_)] if items.iter().any(is_item));
                    return if is_key_of_item { Err(Problem::DroppedValue) } else { Ok("".into()) };
                }
                if let Some(items) = self.rest.strip_prefix('{') {
                    self.rest = items;
                    return self.list();
                }
                let (text, _) = self.word(&[',']);
                self.typed(text)
            }
        }
    }

    /// A list without its `{`. Another name may follow without a comma; `{}` has one item, an empty one.
    fn list(&mut self) -> Result<Value, Problem> {
        let mut items = Vec::new();
        loop {
            let (item, stop) = self.word(&[',', '}']);
            let stop = stop.ok_or(Problem::ListWithoutEnd)?;
            items.push(self.typed(item)?);
            if stop == '}' {
                self.rest = self.rest.strip_prefix(',').unwrap_or(self.rest);
                return Ok(Value::Array(items));
            }
        }
    }

    fn typed(&self, text: String) -> Result<Value, Problem> {
        match self.kind {
            Kind::Set => Ok(typed(text)),
            Kind::SetFile if text.is_empty() => Err(Problem::NoFile),
            _ => Ok(Value::String(text)),
        }
    }

    /// A JSON value; nothing is a null. Another name may follow without a comma, and a space behind the comma belongs
    /// to the next name.
    fn json(&mut self) -> Result<Value, Problem> {
        if self.ends_value() {
            return Ok(Value::Null);
        }
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter();
        let value = values.next().and_then(Result::ok).ok_or(Problem::NotJson)?;
        self.rest = &self.rest[values.byte_offset()..];
        self.ends_value();
        Ok(floating(value))
    }

    /// Passes over spaces and a comma; whether the text before it ends here.
    fn ends_value(&mut self) -> bool {
        let rest = self.rest.trim_start();
        let behind_comma = rest.strip_prefix(',');
        self.rest = behind_comma.unwrap_or(rest);
        behind_comma.is_some() || rest.is_empty()
    }

    /// The text up to one of these characters, or to the end, with that character. A backslash takes the next character
    /// as it is.
    fn word(&mut self, stops: &[char]) -> (String, Option<char>) {
        let mut word = String::new();
        let mut stop = None;
        let mut characters = self.rest.chars();
        while let Some(character) = characters.next() {
            if stops.contains(&character) {
                stop = Some(character);
                break;
            }
            if character == '\\' && self.kind != Kind::SetLiteral {
                word.extend(characters.next());
            } else {
                word.push(character);
            }
        }
        self.rest = characters.as_str();
        (word, stop)
    }
}

const fn is_item(segment: &Segment) -> bool {
    matches!(segment, Segment::Item(_))
}

/// The type that `--set` gives to a text.
fn typed(text: String) -> Value {
    // Go folds a long s as well
    let is = |word: &str| text.replace('ſ', "s").eq_ignore_ascii_case(word);
    if is("true") || is("false") {
        return Value::Bool(is("true"));
    }
    if is("null") {
        return Value::Null;
    }
    match text.parse::<i64>() {
        Ok(number) if text == "0" || !text.starts_with('0') => number.into(),
        _ => Value::String(text),
    }
}

/// A value whose numbers are all floating-point numbers, as Helm reads JSON.
fn floating(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().and_then(Number::from_f64).map_or(Value::Null, Value::Number),
        Value::Array(items) => items.into_iter().map(floating).collect(),
        Value::Object(map) => map.into_iter().map(|(name, value)| (name, floating(value))).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(kind: Kind, text: &str, expected: &[(&str, Value)]) {
        let found = assignments(kind, text).unwrap();
        let found: Vec<(String, Value)> =
            found.into_iter().map(|one| (one.path.iter().map(Segment::to_string).collect(), one.value)).collect();
        let expected: Vec<(String, Value)> =
            expected.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        assert_eq!(found, expected);
    }

    #[track_caller]
    fn check_refused(kind: Kind, text: &str, number: usize, problem: Problem) {
        assert_eq!(assignments(kind, text), Err((number, problem)));
    }

    #[test]
    fn set_reads_words_and_whole_numbers() {
        check(
            Kind::Set,
            "a=True,b=nuLL,c=-05,d=+7",
            &[(".a", json!(true)), (".b", json!(null)), (".c", json!(-5)), (".d", json!(7))],
        );
        check(
            Kind::Set,
            "a=007,b=1e3,c=,d=9223372036854775808",
            &[(".a", json!("007")), (".b", json!("1e3")), (".c", json!("")), (".d", json!("9223372036854775808"))],
        );
        check(Kind::SetString, "a=true,b={1,null}", &[(".a", json!("true")), (".b", json!(["1", "null"]))]);
    }

    #[test]
    fn a_backslash_takes_the_next_character_as_it_is() {
        check(Kind::Set, r"a\.b\=c=x\,y\\", &[(".a.b=c", json!(r"x,y\"))]);
        check(Kind::Set, r"a=\{x}", &[(".a", json!("{x}"))]);
        check(Kind::Set, "a=\\", &[(".a", json!(""))]);
        check(Kind::SetLiteral, r"a,b.c=x\,y=", &[(".a,b.c", json!(r"x\,y="))]);
    }

    #[test]
    fn lists_stand_in_braces() {
        check(Kind::Set, "a={x,,1},b={}c=2", &[(".a", json!(["x", "", 1])), (".b", json!([""])), (".c", json!(2))]);
        check(Kind::Set, "a[0].b[+1][2]=x", &[(".a[0].b[1][2]", json!("x"))]);
        check_refused(Kind::Set, "a=1,b={x,y", 1, Problem::ListWithoutEnd);
        check_refused(Kind::Set, "a[-1]=x", 0, Problem::BadIndex);
        check_refused(Kind::Set, "a[60000]=x,a[60000]=y", 1, Problem::LargeIndex);
    }

    #[test]
    fn json_ends_where_it_ends() {
        check(
            Kind::SetJson,
            r#"a={"b":[1,"x,y"]} , c=null d="#,
            &[(".a", json!({"b": [1.0, "x,y"]})), (". c", json!(null)), (".d", json!(null))],
        );
        check_refused(Kind::SetJson, "clusterMode=clas", 0, Problem::NotJson);
        check_refused(Kind::SetJson, r#" {"a":1}"#, 0, Problem::WholeObject);
    }

    #[test]
    fn what_sets_nothing_sets_nothing() {
        check(Kind::Set, "", &[]);
        check(Kind::Set, "a=1,", &[(".a", json!(1))]);
        check_refused(Kind::Set, "a=1,,b=2", 1, Problem::NoValue);
        check_refused(Kind::Set, "a..b=1", 0, Problem::EmptyKey);
        check_refused(Kind::Set, "a[0]", 0, Problem::EndsInName);
    }

    #[test]
    fn an_empty_value_at_the_end_stays_but_below_a_list_item() {
        check(Kind::Set, "a[0]=", &[(".a[0]", json!(""))]);
        check(Kind::Set, "a[0].b=,", &[(".a[0].b", json!(""))]);
        check_refused(Kind::Set, "a[0].b=", 0, Problem::DroppedValue);
    }
}
