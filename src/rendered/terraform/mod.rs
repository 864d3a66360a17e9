//! Terraform and `OpenTofu`: each `helm_release` as a release.

pub(super) mod commands;
pub(super) mod given;
pub(super) mod instances;
mod joined;
pub(super) mod module;
pub(super) mod values;

use std::{collections::HashSet, iter, ops::Range};

use hcl_edit::{
    Span,
    expr::{Expression, Object, ObjectKey},
    structure::{Block, Body},
};

use self::{
    instances::{Instances, Source, instances, key_is, key_of, pairs, span, switch, usual},
    joined::{Part, encoded, items},
    values::{file, given_to_template, heredoc, is_too_long, object, scalar, shown, unsaid, value, written},
};
use crate::{finding::Finding, rendered::entry, rule::Rule, terraform, yaml::Rendering};

/// The attributes that are taken over as they are written.
const PLAIN: [(&str, &str); 8] = [
    ("name", "releaseName"),
    ("chart", "chart"),
    ("repository", "repository"),
    ("version", "version"),
    ("namespace", "namespace"),
    ("provider", "provider"),
    ("atomic", "atomic"),
    ("reuse_values", "reuseValues"),
];

/// The lists, or blocks, that set values one by one.
const SETS: [&str; 3] = ["set", "set_sensitive", "set_wo"];

/// The longest text that the releases of a file come to: each may take the same local value.
const LONGEST: usize = 8 << 20;

/// The releases of a file. One that is made for each of some keys, which say what it is,
/// is a release for each of them.
pub(in crate::rendered) fn render(source: &str) -> Result<Vec<Rendering>, Finding> {
    let body = terraform::read(source)?;
    let (mut found, mut length) = (Vec::new(), 0);
    for release in body.blocks().filter(|block| is_release(block)).flat_map(|block| releases(source, &body, block)) {
        length += release.text().len();
        if length > LONGEST {
            let message = "what the local values of this file give its releases is longer than is read";
            return Err(Finding::new(Rule::OutsideDialect, message).help("split the file"));
        }
        found.push(release);
    }
    Ok(found)
}

/// Whether a block is a release of Helm.
pub(super) fn is_release(block: &Block) -> bool {
    block.ident.as_str() == "resource" && block.labels.first().is_some_and(|kind| kind.as_str() == "helm_release")
}

/// Whether a release of a file takes values by an expression that is not read here.
pub(super) fn has_open_values(text: &str, body: &Body) -> bool {
    let source = Source::with_locals(text, body);
    let is_read = |item: &Expression| {
        let is_written = matches!(source.plain(item), Expression::HeredocTemplate(_) | Expression::String(_));
        let is_said = |part: &Part<'_>| !matches!(part, Part::Unsaid(_));
        let is_encoded = || encoded(&source, item).is_some_and(|parts| parts.iter().all(is_said));
        is_written || is_encoded() || file(&source, item).is_some()
    };
    let is_open = |block: &Block| !values_of(&source, &block.body).into_iter().all(is_read);
    let is_changed = |block: &Block| block.body.get_blocks("dynamic").next().is_some();
    body.blocks().filter(|block| is_release(block)).any(|block| is_open(block) || is_changed(block))
}

/// The renderings of one resource, each once it is asked for.
fn releases<'f>(source: &'f str, file: &'f Body, block: &'f Block) -> Box<dyn Iterator<Item = Rendering> + 'f> {
    let says = ["values", "set"].into_iter().filter_map(|name| value_of(&block.body, name)).map(span);
    let blocks = block.body.get_blocks("set").filter_map(Span::span);
    let is_of_each = says.chain(blocks).any(|at| source[at].contains("each."));
    let each = value_of(&block.body, "for_each").filter(|_| is_of_each).and_then(|each| pairs(file, each));
    match each.filter(|pairs| !pairs.is_empty()) {
        Some(pairs) => {
            let of_key = move |(key, value): (String, Option<&Expression>)| {
                release(&Source::for_each(source, file, &key, value), file, block)
            };
            Box::new(pairs.into_iter().map(of_key))
        }
        None => Box::new(iter::once_with(move || release(&Source::with_locals(source, file), file, block))),
    }
}

fn release(source: &Source<'_>, file: &Body, block: &Block) -> Rendering {
    let mut rendering = Rendering::default();
    let whole = block.span().unwrap_or_default();
    let name = block.labels.get(1).map_or("?", |label| label.as_str());
    let head = whole.start..whole.start + source[whole.clone()].find('{').unwrap_or(0);
    let address = match source.key() {
        Some(key) => format!("helm_release.{name}[\"{key}\"]"),
        None => format!("helm_release.{name}"),
    };
    entry(&mut rendering, source, "address", &address, head.clone());
    for (attribute, key) in PLAIN {
        let Some(value) = value_of(&block.body, attribute) else { continue };
        rendering.push(&format!("{key}: "), span(value).start..span(value).start);
        if let Some(folder) = folder(source, value).filter(|_| key == "chart") {
            rendering.quote("", &folder, span(value));
        } else {
            let usual = usual(file, source.plain(value)).filter(|_| key == "version");
            scalar(&mut rendering, source, usual.unwrap_or(value));
        }
        rendering.push("\n", span(value).end..span(value).end);
    }
    match instances(file, &block.body) {
        Instances::None => rendering.push("isLeftOut: true\n", head),
        Instances::Of(names) if source.key().is_none() => {
            rendering.push("instances:\n", head.clone());
            for name in names {
                rendering.push("- ", head.clone());
                rendering.quote("", &name, head.clone());
                rendering.push("\n", head.clone());
            }
        }
        Instances::Unknown(at) => entry(&mut rendering, source, "forEach", "${for_each}", at),
        Instances::One | Instances::Of(_) => {}
    }
    if let Some(count) = switch(file, &block.body) {
        entry(&mut rendering, source, "condition", &written(source, count), span(count));
    }
    layers(&mut rendering, source, &block.body);
    given(&mut rendering, source, &block.body, &whole);
    sets(&mut rendering, source, &block.body, &whole);
    more(&mut rendering, source, &block.body, &whole);
    ignored(&mut rendering, &block.body);
    rendering
}

/// A folder that is named from that of the file: `"${path.module}/charts/platform"`.
fn folder(source: &str, value: &Expression) -> Option<String> {
    let text = source.get(span(value))?.trim().strip_prefix("\"${path.module}/")?.strip_suffix('"')?;
    (!text.contains(['$', '"', '\\', '%'])).then(|| format!("./{text}"))
}

/// What Terraform does not change once the release is there: `lifecycle { ignore_changes = [values] }`.
fn ignored(rendering: &mut Rendering, body: &Body) {
    let lists = body.get_blocks("lifecycle").filter_map(|block| value_of(&block.body, "ignore_changes"));
    let counts = |item: &Expression| {
        let name = match item {
            Expression::Traversal(traversal) => traversal.expr.as_variable(),
            other => other.as_variable(),
        };
        name.is_some_and(|name| ["all", "values"].contains(&name.as_str()) || SETS.contains(&name.as_str()))
    };
    let mut found = lists.filter(|list| match list {
        Expression::Array(items) => items.iter().any(counts),
        other => counts(other),
    });
    if let Some(list) = found.next() {
        rendering.push("ignored: true\n", span(list));
    }
}

fn value_of<'b>(body: &'b Body, name: &str) -> Option<&'b Expression> {
    body.get_attribute(name).map(|attribute| &attribute.value)
}

/// The list of values, of which each item is YAML, or a function that brings some.
fn layers(rendering: &mut Rendering, source: &Source<'_>, body: &Body) {
    let Some(values) = value_of(body, "values") else { return };
    let start = span(source.plain(values)).start;
    rendering.push("layers:\n", start..start);
    let items = items(source, values);
    for item in &items {
        if is_too_long(rendering) {
            break;
        }
        layer(rendering, source, item);
    }
    if items.is_empty() {
        rendering.push("- values: {}\n", start..start);
    }
}

/// The values of a release, the weakest first.
fn values_of<'b>(source: &Source<'b>, body: &'b Body) -> Vec<&'b Expression> {
    value_of(body, "values").map(|values| items(source, values)).unwrap_or_default()
}

fn layer(rendering: &mut Rendering, source: &Source<'_>, item: &Expression) {
    let item = source.plain(item);
    let at = span(item);
    if let Some(parts) = encoded(source, item) {
        for part in &parts {
            if is_too_long(rendering) {
                break;
            }
            encoded_layer(rendering, source, part);
        }
        return;
    }
    if let Expression::HeredocTemplate(_) = item {
        return heredoc(source, at).render(rendering, source);
    }
    rendering.push("- ", at.start..at.start);
    match (item, file(source, item)) {
        (_, Some(file)) => rendering.quote("", &file, at.clone()),
        (Expression::String(text), None) if text.contains(": ") => {
            rendering.push("text: ", at.start..at.start);
            rendering.quote(source, text.as_str(), at.clone());
        }
        _ => unsaid(rendering, source, item),
    }
    rendering.push("\n", at.end..at.end);
}

/// A layer of values that are encoded in place.
fn encoded_layer(rendering: &mut Rendering, source: &Source<'_>, part: &Part<'_>) {
    let (Part::Written(_, said, _) | Part::File(_, said) | Part::Unsaid(said)) = part;
    let at = span(said);
    rendering.push("- ", at.start..at.start);
    match part {
        Part::Written(said, _, without) => {
            rendering.push("values: ", at.start..at.start);
            return object(rendering, source, said, &at, 4, without);
        }
        Part::File(name, _) => rendering.quote("", name, at.clone()),
        Part::Unsaid(said) => unsaid(rendering, source, said),
    }
    rendering.push("\n", at.end..at.end);
}

/// What the templates among the values are given, where that is written out, each beside its file.
fn given(rendering: &mut Rendering, source: &Source<'_>, body: &Body, whole: &Range<usize>) {
    let items = values_of(source, body).into_iter().map(|item| source.plain(item));
    let mut found = items.filter_map(|item| Some((item, given_to_template(source, item)?))).peekable();
    if found.peek().is_none() {
        return;
    }
    rendering.push("given:\n", whole.start..whole.start);
    for (item, object) in found {
        if is_too_long(rendering) {
            break;
        }
        rendering.push("- file: ", span(item).start..span(item).start);
        rendering.quote(source, &written(source, item), span(item));
        rendering.push("\n  with: ", span(item).end..span(item).end);
        value(rendering, source, object, 4);
    }
}

/// Names and values that are set one by one, in blocks or in lists, in their order.
fn set_pairs<'b>(source: &Source<'b>, body: &'b Body) -> Vec<(&'b Expression, Option<&'b Expression>)> {
    let mut pairs: Vec<(&Expression, Option<&Expression>)> = Vec::new();
    for kind in SETS {
        for block in body.get_blocks(kind) {
            let name = value_of(&block.body, "name");
            pairs.extend(name.map(|name| (name, value_of(&block.body, "value"))));
        }
        let list = value_of(body, kind).map(|list| items(source, list)).unwrap_or_default();
        for object in list.into_iter().filter_map(|item| source.plain(item).as_object()) {
            let of_name = |name: &str| {
                let mut entries = object.iter().filter(|(key, _)| key_is(key, name));
                entries.next().map(|(_, value)| value.expr())
            };
            pairs.extend(of_name("name").map(|name| (name, of_name("value"))));
        }
    }
    // what is set later in the file counts
    pairs.sort_by_key(|(name, _)| span(name).start);
    pairs
}

/// Values that are set one by one.
fn sets(rendering: &mut Rendering, source: &Source<'_>, body: &Body, whole: &Range<usize>) {
    let pairs = set_pairs(source, body);
    if pairs.is_empty() {
        return;
    }
    rendering.push("set:\n", whole.start..whole.start);
    for (name, value) in pairs {
        if is_too_long(rendering) {
            break;
        }
        rendering.push("- name: ", span(name).start..span(name).start);
        scalar(rendering, source, name);
        rendering.push("\n", span(name).end..span(name).end);
        if let Some(value) = value {
            rendering.push("  value: ", span(value).start..span(value).start);
            scalar(rendering, source, value);
            rendering.push("\n", span(value).end..span(value).end);
        }
    }
}

/// The keys of some values that are computed, and may be that of the mode: where the chart's are here, the mode may be,
/// too.
fn computed<'b>(source: &Source<'b>, mut open: Vec<&'b Object>) -> Vec<&'b Expression> {
    let is_of_chart = |name: &str| name == crate::chart::MODE_KEY || crate::chart::is_its_own(name);
    // a local value may hold another one many times, or itself
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    while let Some(object) = open.pop() {
        if !seen.insert(std::ptr::from_ref(object)) {
            continue;
        }
        let is_here = object.iter().any(|(key, _)| key_of(key).is_some_and(|name| is_of_chart(&name)));
        for (key, value) in object {
            match (key_of(key), key) {
                (None, ObjectKey::Expression(key)) => found.push(key),
                _ if is_here => {}
                _ => open.extend(source.plain(value.expr()).as_object()),
            }
        }
    }
    found
}

/// What sets values, and does not say which.
fn more(rendering: &mut Rendering, source: &Source<'_>, body: &Body, whole: &Range<usize>) {
    let is_set = |name: &str| SETS.contains(&name) || name == "values";
    let dynamic =
        body.get_blocks("dynamic").filter(|block| block.labels.first().is_some_and(|label| is_set(label.as_str())));
    let mut unknown: Vec<(Range<usize>, String)> = Vec::new();
    for block in dynamic {
        let at = block.span().unwrap_or_else(|| whole.clone());
        let head = source[at.clone()].lines().next().unwrap_or_default();
        unknown.push((at.start..at.start + head.len(), "the `dynamic` block that sets values".to_owned()));
    }
    for kind in SETS {
        let all = value_of(body, kind).map(|list| items(source, list)).unwrap_or_default();
        let is_unsaid = |item: &&Expression| !matches!(source.plain(item), Expression::Object(_) | Expression::Null(_));
        let of_item = |item: &Expression| (span(item), format!("{} in `{kind}`", shown(source, item)));
        unknown.extend(all.into_iter().filter(is_unsaid).map(of_item));
    }
    let parts = values_of(source, body).into_iter().filter_map(|item| encoded(source, item)).flatten();
    let written = parts.filter_map(|part| match part {
        Part::Written(object, ..) => Some(object),
        Part::File(..) | Part::Unsaid(_) => None,
    });
    let keys = computed(source, written.collect()).into_iter();
    unknown.extend(keys.map(|key| (span(key), format!("the key in {}", shown(source, key)))));
    let names = set_pairs(source, body).into_iter().map(|(name, _)| name).filter(|name| name.as_str().is_none());
    unknown.extend(names.map(|name| (span(name), format!("the value set under the name {}", shown(source, name)))));
    let renders = value_of(body, "postrender").map(span).or_else(|| body.get_blocks("postrender").next()?.span());
    unknown.extend(renders.map(|at| (at.start..at.start + 1, "the output of `postrender`".to_owned())));
    if is_too_long(rendering) {
        unknown
            .push((whole.start..whole.start + 1, "the rest of its values, which are too long to be read".to_owned()));
    }
    if unknown.is_empty() {
        return;
    }
    rendering.push("more:\n", whole.start..whole.start);
    for (at, words) in unknown {
        rendering.push("- words: ", at.start..at.start);
        rendering.quote("", &words, at.clone());
        rendering.push("\n", at.end..at.end);
    }
}
