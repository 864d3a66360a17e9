//! Pairs and lists that name their secrets otherwise than by a key: `{name: TOKEN, value: x}`, `["--token", "x"]`.

use std::collections::HashSet;

use super::{
    commands::{is_given, is_joined, is_program, names_next, takes_password},
    keys::{is_name, is_value, pointed},
    modes::{is_mode, is_mode_key},
    names::{Secrecy, is_about, is_of_chart, secrecy},
    prose::{is_empty, is_prose},
    reader::{Below, Node, Pair, Reader},
};
use crate::yaml::Form;

/// A value that is set: by which path, what it is, and its key and value where it is a mapping.
type Set<'t> = (&'t str, &'t str, Option<(Node, Node)>);

impl Reader<'_, '_> {
    /// Takes what a secret name beside them makes secret in a mapping.
    pub(super) fn paired(&mut self, mapping: Node) {
        let outline = self.outline;
        let pair = self.pair(mapping, 0);
        let said = pair.value.filter(|(_, value)| outline.text(*value).is_some_and(is_mode));
        if let Some((key, value)) = said.filter(|_| pair.is_mode) {
            self.show_mode(key, value);
        }
        if !pair.is_secret {
            return;
        }
        let below = Below::of(if pair.is_of_chart { "cluster_token" } else { "password" });
        if let Some((key, value)) = pair.value {
            self.entry(key, value, below);
        }
        for (key, value) in outline.entries(mapping) {
            let Some(name) = outline.text(key) else { continue };
            if is_value(name) || pair.is_of_chart && self.is_beside(name, value) {
                self.entry(key, value, below);
            }
        }
    }

    /// Whether an entry beside the name of a credential of the chart may hold it.
    fn is_beside(&self, name: &str, value: Node) -> bool {
        let is_open = is_name(name) || is_about(name) || secrecy(name) > Secrecy::Open;
        let is_telling = |text: &str| !is_prose(text) && !is_of_chart(text);
        !is_open && self.outline.text(value).is_some_and(is_telling)
    }

    /// The pair that a mapping is, what it merges included.
    fn pair(&mut self, mapping: Node, depth: usize) -> Pair {
        const DEEPEST: usize = 8;
        if let Some(pair) = self.merged.get(&mapping) {
            return *pair;
        }
        let outline = self.outline;
        let mut pair = Pair::default();
        for (key, value) in outline.entries(mapping) {
            if outline.is_merge(key) && depth < DEEPEST {
                let merged = outline.resolved(value);
                let members: Vec<Node> = match outline.form(merged) {
                    Form::Mapping => vec![merged],
                    Form::Sequence => outline.items(merged).map(|member| outline.resolved(member)).collect(),
                    _ => Vec::new(),
                };
                for member in members.into_iter().filter(|member| outline.form(*member) == Form::Mapping) {
                    let other = self.pair(member, depth + 1);
                    pair.is_secret |= other.is_secret;
                    pair.is_of_chart |= other.is_of_chart;
                    pair.is_mode |= other.is_mode;
                    pair.value = pair.value.or(other.value);
                }
                continue;
            }
            let Some(name) = outline.text(key) else { continue };
            self.take(&mut pair, name, (key, value));
        }
        // what others merge may be asked for many times
        if depth > 0 {
            self.merged.insert(mapping, pair);
        }
        pair
    }

    /// Takes an entry of a pair.
    fn take(&self, pair: &mut Pair, name: &str, (key, value): (Node, Node)) {
        const LONGEST: usize = 256;
        let said = self.outline.text(value).filter(|said| said.len() <= LONGEST);
        if is_value(name) {
            pair.value = pair.value.or(Some((key, value)));
        } else if is_name(name) {
            let said = said.or_else(|| self.first(value)).unwrap_or_default();
            pair.is_secret |= secrecy(pointed(said)) > Secrecy::Open || is_in_secret(said);
            pair.is_of_chart |= is_of_chart(pointed(said));
            pair.is_mode |= is_mode_key(said);
        } else if said.is_some_and(|said| !said.contains(' ') && is_of_chart(said)) {
            pair.is_secret = true;
            pair.is_of_chart = true;
        }
    }

    /// The first text of a list.
    fn first(&self, list: Node) -> Option<&str> {
        let is_list = self.outline.form(list) == Form::Sequence;
        let first = self.outline.items(list).next().filter(|_| is_list)?;
        self.outline.text(first)
    }

    /// What follows an option in a list of words, or a credential of the chart: `["--token", "x"]`, `[curl, -u, "me:x"]`,
    /// `[cluster_token, x]`.
    pub(super) fn sequence(&mut self, sequence: Node) {
        let outline = self.outline;
        let mut program = "";
        let (mut first, mut before) = ("", "");
        for item in outline.items(sequence) {
            let Some(word) = outline.text(item) else {
                (first, before) = ("", "");
                continue;
            };
            let option = before.strip_prefix('-').filter(|option| !option.contains('='));
            let is_named = option.is_some_and(|option| secrecy(option) > Secrecy::Open);
            let is_taken = is_named || takes_password(program, before) || names_next(first, before);
            let is_behind = is_taken && !word.starts_with("--") && !is_empty(word);
            let is_given = is_behind || is_given(before, word) || is_joined(word);
            let bare = before.trim_end_matches(['=', ':', ' ']);
            let is_listed =
                is_of_chart(bare) && !bare.contains([' ', '=', ':']) && !is_of_chart(word) && !is_prose(word);
            if is_given || is_listed {
                self.node(item, Below::of(bare));
            }
            if is_program(word) {
                program = word;
            }
            (first, before) = (before, word);
        }
        for pair in outline.items(sequence).filter(|item| outline.form(*item) == Form::Sequence) {
            self.listed_pair(pair);
        }
        self.elements(sequence);
    }

    /// A name and its value as one of several lists in a list: `[[password, x]]`.
    fn listed_pair(&mut self, pair: Node) {
        let outline = self.outline;
        let items: Vec<Node> = outline.items(pair).take(3).collect();
        let [name, value] = items[..] else { return };
        let said = outline.text(name).filter(|name| !name.contains(' ') && secrecy(name) > Secrecy::Open);
        if said.is_some() && outline.text(value).is_some_and(|value| !is_prose(value)) {
            self.node(value, Below::of("password"));
        }
    }

    /// Values that are set one by one: `env[0].name` names `env[0].value`, in another item of the list.
    fn elements(&mut self, sequence: Node) {
        let outline = self.outline;
        let mut secret: HashSet<String> = HashSet::new();
        let mut values = Vec::new();
        for item in outline.items(sequence).map(|item| outline.resolved(item)) {
            let set = match outline.form(item) {
                Form::Mapping => self.pair_of(item),
                Form::Sequence => None,
                _ => outline.text(item).and_then(|text| text.split_once('=')).map(|(path, said)| (path, said, None)),
            };
            let Some((path, said, value)) = set.filter(|(path, ..)| path.contains("].")) else { continue };
            let Some((element, last)) = path.rsplit_once('.') else { continue };
            if is_name(last) && secrecy(said) > Secrecy::Open {
                secret.insert(element.to_owned());
            } else if is_value(last) {
                values.push((element, value, item));
            }
        }
        values.retain(|(element, ..)| secret.contains(*element));
        let values: Vec<_> = values.into_iter().map(|(_, value, item)| (value, item)).collect();
        for (value, item) in values {
            match value {
                Some((key, value)) => self.entry(key, value, Below::of("password")),
                None => self.behind_sign(item),
            }
        }
    }

    /// The name and the value of a pair, as texts.
    fn pair_of(&self, mapping: Node) -> Option<Set<'_>> {
        let (mut name, mut value) = (None, None);
        for (key, node) in self.outline.entries(mapping) {
            match self.outline.text(key) {
                Some(key) if is_name(key) => name = self.outline.text(node),
                Some(own) if is_value(own) => value = Some((key, node)),
                _ => {}
            }
        }
        let (key, node) = value?;
        Some((name?, self.outline.text(node).unwrap_or_default(), Some((key, node))))
    }

    /// The literals of a generator of Secrets: `- key=x`.
    pub(super) fn literals(&mut self, generator: Node) {
        let outline = self.outline;
        let generator = outline.resolved(generator);
        if outline.form(generator) != Form::Mapping {
            return;
        }
        for (_, value) in outline.entries(generator).filter(|(key, _)| outline.text(*key) == Some("literals")) {
            outline.items(outline.resolved(value)).for_each(|literal| self.behind_sign(literal));
        }
    }

    /// What follows the equals sign of a text.
    pub(super) fn behind_sign(&mut self, node: Node) {
        let span = self.outline.span(node);
        let sign = self.text[span.clone()].find('=').map_or(0, |sign| sign + 1);
        self.found.push(span.start + sign..span.end);
        self.is_secret[node] = true;
    }
}

/// Whether a path of a patch is that of a value in a Secret: `/stringData/foo`, `/data/foo`. What ends like a file may be
/// that of a `ConfigMap`.
fn is_in_secret(path: &str) -> bool {
    let is_data = path.strip_prefix("/data/").is_some_and(|key| !key.contains(['.', '/']));
    path.starts_with("/stringData/") || is_data
}
