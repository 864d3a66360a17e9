//! What functions of Terraform put together, as what they do it of: `concat` of lists, `merge` of objects.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::{Expression, FuncCall, Object};

use super::{
    instances::{Source, key_of},
    values::{file, is_single},
};

/// The most parts of one whole that are distinguished: it may be made of itself, or of another one many times.
const MOST: usize = 64;

/// The most entries that all parts of one whole have, where they are read.
const ENTRIES: usize = 1024;

/// A call of a function with this many arguments that are written out.
fn called<'e>(source: &Source<'e>, item: &'e Expression, names: &[&str]) -> Option<&'e FuncCall> {
    let Expression::FuncCall(call) = source.plain(item) else { return None };
    let is_it = names.contains(&call.name.name.as_str()) && !call.name.is_namespaced() && !call.args.expand_final();
    is_it.then_some(call)
}

/// The only argument of a call.
fn only_argument<'e>(source: &Source<'e>, item: &'e Expression, names: &[&str]) -> Option<&'e Expression> {
    let call = called(source, item, names)?;
    call.args.iter().next().filter(|_| call.args.len() == 1).map(|only| source.plain(only))
}

/// What a function puts together, in the order of its arguments: the expression itself where that does not call it, or
/// where these are too many.
fn parts<'e>(source: &Source<'e>, whole: &'e Expression, function: &str) -> Vec<&'e Expression> {
    let (mut found, mut open, mut calls) = (Vec::new(), vec![whole], 0);
    while let Some(next) = open.pop() {
        match called(source, next, &[function]) {
            Some(call) if calls == MOST || found.len() + open.len() + call.args.len() > MOST => return vec![whole],
            Some(call) => {
                calls += 1;
                let arguments: Vec<_> = call.args.iter().collect();
                open.extend(arguments.into_iter().rev());
            }
            None => found.push(source.plain(next)),
        }
    }
    found
}

/// The items of a list, also of one that is put together; what is not a list in this file, or is too long, is one of them.
/// (Terraform documentation, `concat`)
pub(super) fn items<'e>(source: &Source<'e>, list: &'e Expression) -> Vec<&'e Expression> {
    let mut found = Vec::new();
    for part in parts(source, list, "concat") {
        match part {
            Expression::Array(items) if found.len() + items.len() > ENTRIES => return vec![list],
            Expression::Array(items) => found.extend(items),
            other => found.push(other),
        }
    }
    found
}

/// A part of values that are encoded in place.
pub(super) enum Part<'e> {
    /// An object, and its keys of which a later part replaces the whole value.
    Written(&'e Object, &'e Expression, BTreeSet<String>),
    /// A file.
    File(String, &'e Expression),
    /// What is not said in this file.
    Unsaid(&'e Expression),
}

/// The values that are encoded in place, `yamlencode({...})`, as layers, the weakest first. Of several objects that are
/// merged, the whole value of a key is that of the last which has it. (Terraform documentation, `merge`)
///
/// Helm merges layers deeper, so nothing is known where a file may have what an object behind it replaces as a whole.
pub(super) fn encoded<'e>(source: &Source<'e>, item: &'e Expression) -> Option<Vec<Part<'e>>> {
    let only = only_argument(source, item, &["yamlencode", "jsonencode"])?;
    let mut replaced: BTreeMap<String, bool> = BTreeMap::new();
    let mut found = Vec::new();
    let is_there = |part: &&Expression| !matches!(part, Expression::Null(_));
    let parts = parts(source, only, "merge");
    if parts.iter().filter_map(|part| part.as_object()).map(Object::len).sum::<usize>() > ENTRIES {
        return None;
    }
    for part in parts.into_iter().filter(is_there).rev() {
        found.push(match part {
            Expression::Object(object) => Part::Written(object, part, hidden(source, object, &mut replaced)),
            other => {
                match only_argument(source, other, &["yamldecode", "jsondecode"]).and_then(|it| file(source, it)) {
                    Some(_) if !replaced.values().all(|is_single| *is_single) => return None,
                    Some(name) => Part::File(name, other),
                    None => Part::Unsaid(other),
                }
            }
        });
    }
    found.reverse();
    found.iter().any(|part| !matches!(part, Part::Unsaid(_))).then_some(found)
}

/// The keys of an object that others replace as a whole, which then replaces as well: whether no value of a key may be a
/// mapping, so that Helm overrides it as Terraform does.
fn hidden(source: &Source<'_>, object: &Object, replaced: &mut BTreeMap<String, bool>) -> BTreeSet<String> {
    let mut hidden = BTreeSet::new();
    let is_no_mapping = |value: &Expression| is_single(value) || matches!(value, Expression::Array(_));
    for (key, value) in object {
        let Some(key) = key_of(key) else { continue };
        let is_single = is_no_mapping(source.plain(value.expr())) && replaced.get(&key).copied().unwrap_or(true);
        if !is_single && replaced.contains_key(&key) {
            hidden.insert(key.clone());
        }
        replaced.insert(key, is_single);
    }
    hidden
}
