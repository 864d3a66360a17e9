//! The variables of a script: what is known of them at each place, by the lines that set them.

use std::collections::{HashMap, HashSet};

use super::{
    references::{name_at, opening},
    text::Said,
};

/// What one word is once its variables are put in.
pub(in crate::rendered) struct Variables {
    /// What sets each, by its name, in order.
    set: HashMap<String, Vec<Set>>,
    /// Those of which nothing is known, wherever they are.
    lost: HashSet<String>,
    /// Those that are set at a time which is not known: where a function is called.
    unordered: HashSet<String>,
    /// What others are by default.
    usual: HashMap<String, Said>,
    /// What is set beside the script, before it runs.
    given: HashMap<String, Said>,
    /// Those that count before the line that sets them, too: make reads all lines first.
    everywhere: HashSet<String>,
    /// Where any may be set: another script is read there.
    set_any: Vec<usize>,
    /// The same for those of make: another makefile is read there.
    included: Vec<usize>,
    /// The function whose commands are gone through.
    pub(in crate::rendered) function: Option<String>,
}

/// What sets a variable.
struct Set {
    value: Said,
    /// Whether it is put behind what the variable is.
    is_added: bool,
    /// Whether the line runs, whatever happens before.
    is_certain: bool,
    /// The function that it is in.
    function: Option<String>,
}

/// What a variable is at a place.
#[derive(Default)]
struct Value {
    /// Where nothing else happens; nothing where it need not be set.
    is: Option<Said>,
    /// What it may be instead.
    perhaps: Vec<Said>,
}

/// As long a text is made of variables.
const LONGEST: usize = 4_000;

/// As often one variable is followed.
const MOST: usize = 32;

impl Variables {
    pub(in crate::rendered) fn new() -> Self {
        Self {
            set: HashMap::new(),
            lost: HashSet::new(),
            unordered: HashSet::new(),
            usual: HashMap::new(),
            given: HashMap::new(),
            everywhere: HashSet::new(),
            set_any: Vec::new(),
            included: Vec::new(),
            function: None,
        }
    }

    /// Takes a variable of which nothing is known.
    pub(in crate::rendered) fn lose(&mut self, name: &str) {
        self.lost.insert(name.to_owned());
    }

    /// Takes one that is set beside the script.
    pub(in crate::rendered) fn give(&mut self, name: &str, value: Said) {
        self.given.insert(name.to_owned(), value);
    }

    /// Takes one that a line sets.
    pub(in crate::rendered) fn set(&mut self, name: &str, value: Said, is_added: bool, is_certain: bool) {
        let set = self.set.entry(name.to_owned()).or_default();
        if set.len() >= MOST || value.text.len() > LONGEST {
            return self.lose(name);
        }
        let own = ["${NAME}", "${NAME:-}", "$NAME", "${NAME[@]}", "$(NAME)"].map(|form| form.replace("NAME", name));
        let behind = own.iter().find_map(|own| value.text.strip_prefix(own.as_str()));
        let behind = behind.filter(|text| !text.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
        let function = None;
        // what it was before the script is not known, and options that are added to that may count
        let is_open = set.is_empty() && !self.given.contains_key(name);
        match behind.map(str::to_owned) {
            Some(text) if is_open && !text.trim_start().starts_with('-') => self.lose(name),
            Some(text) if is_open => {
                set.push(Set { value: Said { text, ..value }, is_added: true, is_certain: false, function });
            }
            Some(text) => set.push(Set { value: Said { text, ..value }, is_added: true, is_certain, function }),
            None => set.push(Set { value, is_added, is_certain, function }),
        }
    }

    /// The same for one that a function sets.
    pub(in crate::rendered) fn set_within(
        &mut self,
        name: &str,
        value: Said,
        is_added: bool,
        (is_certain, function): (bool, &str),
    ) {
        self.unordered.insert(name.to_owned());
        self.set(name, value, is_added, is_certain);
        if let Some(last) = self.set.get_mut(name).and_then(|set| set.last_mut()) {
            last.function = Some(function.to_owned());
        }
    }

    /// The same for one that counts on every line.
    pub(in crate::rendered) fn set_everywhere(&mut self, name: &str, value: Said, is_added: bool, is_certain: bool) {
        self.everywhere.insert(name.to_owned());
        self.set(name, value, is_added, is_certain);
    }

    /// Takes a command that may set any.
    pub(in crate::rendered) fn set_any(&mut self, command: &Said) {
        self.set_any.push(command.at.end);
    }

    /// Takes a line of a makefile that reads another one.
    pub(in crate::rendered) fn include(&mut self, line: &Said) {
        self.included.push(line.at.end);
    }

    /// What a variable is at a place; nothing where that is not known.
    fn value(&self, name: &str, at: usize) -> Option<Value> {
        let given = self.given.get(name).cloned();
        if self.lost.contains(name) {
            return None;
        }
        let Some(set) = self.set.get(name) else {
            return given.map(|given| Value { is: Some(given), perhaps: Vec::new() });
        };
        // within the function that alone sets it, it is set in order
        let is_own = |one: &Set| one.function.is_some() && one.function == self.function;
        if self.unordered.contains(name) && !set.iter().all(is_own) {
            let perhaps = set.iter().map(|one| one.value.clone()).chain(given).collect();
            return Some(Value { is: None, perhaps });
        }
        let is_everywhere = self.everywhere.contains(name);
        let start = |set: &Set| set.value.at.start;
        // what a line further down sets may be set before in a loop, or in a function
        if !is_everywhere && set.iter().any(|one| start(one) > at) {
            return None;
        }
        let last = set.iter().rfind(|one| one.is_certain && !one.is_added).map_or(0, start);
        let again = |any: &usize| last < *any && (is_everywhere || *any <= at);
        let is_set_again = if is_everywhere { &self.included } else { &self.set_any }.iter().any(again);
        if is_set_again {
            return None;
        }
        let mut value = Value { is: given, perhaps: Vec::new() };
        for one in set {
            let Said { text, at } = &one.value;
            let added = |to: &Said| Said { text: joined(&to.text, text), at: at.clone() };
            let next = match &value.is {
                Some(before) if one.is_added => added(before),
                _ => one.value.clone(),
            };
            if next.text.len() > LONGEST {
                return None;
            }
            if !one.is_certain {
                value.perhaps.push(next);
                continue;
            }
            if one.is_added {
                value.perhaps = value.perhaps.iter().map(added).collect();
            } else {
                value.perhaps.clear();
            }
            value.is = Some(next);
        }
        Some(value)
    }

    /// What a variable is at a place, where it is known for certain.
    fn certain(&self, name: &str, at: usize) -> Option<Said> {
        let Value { is, perhaps } = self.value(name, at)?;
        is.filter(|is| is.text.len() <= LONGEST && perhaps.is_empty())
    }

    /// What a word is certain to be where it is a variable, and what it may be instead; nothing where something else may
    /// set it, too.
    pub(in crate::rendered) fn choices(&self, word: &Said) -> Option<(Option<Said>, Vec<Said>)> {
        let (name, end) = name_at(&word.text, 0)?;
        let Value { is, perhaps } = self.value(name, word.at.start).filter(|_| end == word.text.len())?;
        Some((is, perhaps))
    }

    /// What a word that is a variable is set to anywhere.
    pub(in crate::rendered) fn ever(&self, word: &Said) -> Vec<Said> {
        let Some((name, _)) = name_at(&word.text, 0) else { return Vec::new() };
        let set = self.set.get(name).into_iter().flatten().map(|one| &one.value);
        set.chain(self.usual.get(name)).chain(self.given.get(name)).cloned().collect()
    }

    /// What a text may be with its variables put in, where each is known to be one of a few; one that is not stays.
    pub(in crate::rendered) fn all(&self, said: &Said) -> Vec<String> {
        let mut all = vec![said.text.clone()];
        let mut done: Vec<String> = Vec::new();
        let mut steps = 0;
        while let Some(text) = all.pop() {
            steps += 1;
            let known = text.match_indices('$').filter_map(|(dollar, _)| {
                let (name, end) = name_at(&text, dollar)?;
                let Value { is, perhaps } = self.value(name, said.at.start)?;
                let values: Vec<Said> = is.into_iter().chain(perhaps).filter(|it| !it.text.contains('$')).collect();
                (!values.is_empty() && steps <= MOST).then_some((dollar, end, values))
            });
            match known.into_iter().next() {
                Some((dollar, end, values)) => {
                    all.extend(values.iter().map(|it| [&text[..dollar], &it.text, &text[end..]].concat()));
                }
                None => done.push(text),
            }
        }
        done
    }

    /// Takes what a variable is by default.
    pub(in crate::rendered) fn usual(&mut self, name: &str, value: Option<Said>) {
        self.lose(name);
        if let Some(value) = value.filter(|value| value.text.len() <= LONGEST) {
            self.usual.entry(name.to_owned()).or_insert(value);
        }
    }

    /// The name of a file with its variables put in, and those that are usual: the one that is there is meant.
    pub(in crate::rendered) fn put_file(&self, said: &Said) -> Said {
        let put = self.put_into(said);
        let Some(start) = put.text.find('$') else { return put };
        let usual = |name: &str, end: usize| {
            let value = self.usual.get(name)?;
            Some([&put.text[..start], &value.text, &put.text[end..]].concat())
        };
        let or_default = || {
            let (name, rest) = put.text[start..].strip_prefix("${")?.split_once(":-")?;
            let (value, behind) = rest.split_once('}')?;
            let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            is_name.then(|| [&put.text[..start], value, behind].concat())
        };
        let text = name_at(&put.text, start).and_then(|(name, end)| usual(name, end)).or_else(or_default);
        text.filter(|text| text.len() <= LONGEST).map_or_else(|| put.clone(), |text| Said { text, at: put.at.clone() })
    }

    /// A version with its variable put in, or what that usually is: `CHART_VERSION ?= 5.1.0`, `${VERSION:-5.1.0}`. Nothing
    /// else in the text sets it.
    pub(in crate::rendered) fn put_version(&self, said: &Said) -> Said {
        let put = self.put_into(said);
        let name = name_at(&put.text, 0).filter(|(_, end)| *end == put.text.len()).map(|(name, _)| name);
        if let Some(usual) = name.filter(|name| !self.set.contains_key(*name)).and_then(|name| self.usual.get(name)) {
            return self.put_into(usual);
        }
        let by_default = || {
            let (name, value) = put.text.strip_prefix("${")?.strip_suffix('}')?.split_once(":-")?;
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            let is_own = self.set.get(name).is_none_or(|set| set.iter().all(|one| one.value.text == put.text));
            let is_known = is_name && is_own && !value.contains('$') && !self.given.contains_key(name);
            // where the text is as it is written, with or without quotes
            let quotes = put.at.len().checked_sub(put.text.len()).filter(|more| [0, 2].contains(more))? / 2;
            let start = put.at.start + quotes + "${:-".len() + name.len();
            is_known.then(|| Said { text: value.to_owned(), at: start..start + value.len() })
        };
        by_default().unwrap_or(put)
    }

    /// A word with the known variables put in. Where it consists of one, its place is where that is set.
    pub(in crate::rendered) fn put_into(&self, said: &Said) -> Said {
        /// As many are put into one word.
        const MOST: usize = 500;
        self.put(said, 8, &mut MOST.clone())
    }

    fn put(&self, said: &Said, deeper: usize, left: &mut usize) -> Said {
        let (mut text, mut at, mut from) = (String::new(), said.at.clone(), 0);
        while let Some(dollar) = opening(&said.text[from..]).map(|found| from + found) {
            let known = name_at(&said.text, dollar).and_then(|(name, end)| {
                let value = self.certain(name, said.at.start).filter(|_| deeper > 0 && *left > 0)?;
                *left -= 1;
                Some((self.put(&value, deeper - 1, left), end))
            });
            text += &said.text[from..dollar];
            let Some((value, end)) = known else {
                text += &said.text[dollar..=dollar];
                from = dollar + 1;
                continue;
            };
            text += &value.text;
            if text.len() > LONGEST {
                return said.clone();
            }
            if dollar == 0 && end == said.text.len() {
                at = value.at;
            }
            from = end;
        }
        text += &said.text[from..];
        Said { text, at }
    }
}

/// What is added to a text: an option is a word of its own.
fn joined(before: &str, added: &str) -> String {
    let is_apart = before.is_empty() || added.starts_with(' ') || !added.starts_with('-');
    [before, if is_apart { "" } else { " " }, added].concat()
}

#[cfg(test)]
mod tests {
    use super::{super::references::assignment, *};

    fn said(text: &str) -> Said {
        Said { text: text.to_owned(), at: 0..text.len() }
    }

    #[test]
    fn what_is_set_for_certain_is_put_in() {
        let mut variables = Variables::new();
        let mut set = |name: &str, value: &str| variables.set(name, Said { text: value.into(), at: 0..0 }, false, true);
        set("A", "east");
        set("B", "values/$A.yaml");
        set("C", "x");
        set("C", "y");
        set("D", "$D");
        let put = |text: &str| variables.put_into(&said(text)).text;
        assert_eq!(put("-f$(B)"), "-fvalues/east.yaml");
        assert_eq!(put("${A}-$A_x-$C-${C:-z}-$1"), "east-$A_x-y-${C:-z}-$1");
        assert_eq!(put("$D $A/$C"), "$D east/y");
    }

    #[test]
    fn what_is_added_is_behind_what_is_there_and_what_is_not_certain_is_a_choice() {
        let mut variables = Variables::new();
        let mut set = |text: &str, is_certain| {
            let (name, value, is_added) = assignment(&Said { text: text.into(), at: 0..0 }).unwrap();
            variables.set(&name, value, is_added, is_certain);
        };
        set("A=(-f a.yaml\n  # more\n  -f b.yaml\n)", true);
        set("A+=(-f c.yaml)", true);
        set("B=-f a.yaml", true);
        set("B=$B -f b.yaml", false);
        set("C=a", false);
        set("C=b", false);
        let put = |text: &str| variables.put_into(&said(text)).text;
        assert_eq!(put("${A[@]}"), "-f a.yaml -f b.yaml -f c.yaml");
        assert_eq!(put("$B"), "$B");
        let (is, perhaps) = variables.choices(&said("$B")).unwrap();
        assert_eq!((is.unwrap().text, &perhaps[0].text[..]), ("-f a.yaml".to_owned(), "-f a.yaml -f b.yaml"));
        let mut all = variables.all(&said("$C/$D.yaml"));
        all.sort();
        assert_eq!(all, ["a/$D.yaml", "b/$D.yaml"]);
    }
}
