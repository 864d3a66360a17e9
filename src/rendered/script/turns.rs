//! The turns of a loop, or of a job with a matrix, where they are written out: each is a command of its own.

use crate::{
    rendered::shell::{branches::Scope, references::is_variable, text::Said, variables::Variables},
    yaml::Matrix,
};

/// A variable that has another value in each turn.
#[derive(Clone)]
pub(super) struct Turns {
    name: String,
    items: Vec<String>,
    /// Whether it is one of a matrix.
    pub(super) is_of_matrix: bool,
    /// Whether it is written as an expression of GitHub: `${{ matrix.cluster }}`.
    is_expression: bool,
}

/// The most turns that are distinguished.
const MOST: usize = 64;

impl Turns {
    /// Those of a matrix: its names, each with its values.
    pub(super) fn of_matrix(matrix: &Matrix) -> impl Iterator<Item = Self> {
        matrix.names.iter().map(|(name, items)| Self {
            name: name.clone(),
            items: items.clone(),
            is_of_matrix: true,
            is_expression: matrix.is_github,
        })
    }

    /// Those of the loops around a place, innermost first, with the variables put in that are known.
    pub(super) fn of_loops(here: &[Scope], variables: &Variables) -> Vec<Self> {
        let turns = |(name, items): (&str, &[String])| {
            let put = |item: &String| variables.put_into(&Said { text: item.clone(), at: usize::MAX..usize::MAX }).text;
            let items =
                items.iter().flat_map(|item| put(item).split_whitespace().map(str::to_owned).collect::<Vec<_>>());
            Self { name: name.to_owned(), items: items.collect(), is_of_matrix: false, is_expression: false }
        };
        here.iter().rev().filter_map(Scope::items).map(turns).collect()
    }

    /// Whether all that it is in the turns is known.
    pub(super) fn is_told(&self) -> bool {
        let is_plain = |item: &String| !is_variable(item) && !item.contains(['*', '?', '[', '{', '`', '(']);
        !self.items.is_empty() && self.items.len() <= MOST && self.items.iter().all(is_plain)
    }

    /// Whether a text takes it.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.put_into(text, "\u{1}").contains('\u{1}')
    }

    /// A text with an item in its place.
    fn put_into(&self, text: &str, item: &str) -> String {
        if !self.is_expression {
            let mut one = Variables::new();
            one.give(&self.name, Said { text: item.to_owned(), at: 0..0 });
            return one.put_into(&Said { text: text.to_owned(), at: 0..0 }).text;
        }
        let (mut put, mut rest) = (String::new(), text);
        while let Some((before, behind)) = rest.split_once("${{") {
            let Some((expression, behind)) = behind.split_once("}}") else { break };
            put += before;
            match expression.trim().strip_prefix("matrix.").filter(|name| *name == self.name) {
                Some(_) => put += item,
                None => put.extend(["${{", expression, "}}"]),
            }
            rest = behind;
        }
        put + rest
    }

    /// The items, each with what makes of a word that of its turn.
    pub(super) fn each(&self) -> impl Iterator<Item = (&str, impl Fn(&Said) -> Said)> {
        self.items.iter().map(move |item| {
            let put = move |word: &Said| Said { text: self.put_into(&word.text, item), at: word.at.clone() };
            (item.as_str(), put)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_takes_the_place_of_the_variable() {
        let turns =
            |is_expression| Turns { name: "c".into(), items: vec!["east".into()], is_of_matrix: false, is_expression };
        assert_eq!(turns(false).put_into("values-$c.yaml ${c}/x $cluster", "east"), "values-east.yaml east/x $cluster");
        assert_eq!(turns(true).put_into("a/${{ matrix.c }}.${{ matrix.d }}", "east"), "a/east.${{ matrix.d }}");
        assert!(turns(true).is_in("${{matrix.c}}") && !turns(true).is_in("$c") && turns(false).is_told());
        assert!(!Turns { items: vec!["*.yaml".into()], ..turns(false) }.is_told());
    }
}
