//! Variables and local values of Terraform that are a mode: what the files of a checkout give them.

use std::{cmp::Reverse, fmt::Write as _};

use super::{MOST, addresses, calls_of, folder, source, takers};
use crate::{
    chart::MODE_KEY,
    files::Files,
    finding::{Doubt, Finding, Severity},
    release::{ByDefault, Reach, Release, Says, mode_of},
    rendered::{
        Call, Given, Instances, Place, VARIABLES, given, gives_variable, is_of_terraform, is_override, is_terragrunt,
        may_call,
    },
    rule::Rule,
    yaml::{Node, Scalar},
};

/// How often a name may stand for another one.
const LONGEST: usize = 16;

/// A text that a name is known to be, and the file that gives it.
struct Known {
    file: usize,
    given: Given,
    text: String,
    /// What may override it as it is applied, in the words of the help.
    over: Option<String>,
}

/// What a name comes to within the files of a folder.
enum End {
    Known(Known),
    Variable(String),
    Unknown,
}

/// The release with the mode that its variable is known to have; one for each call of its module, where these say which.
/// `own` is for whom the resource is made in one of them.
pub(super) fn filled_in<'s>(files: &Files<'s>, mut release: Release<'s>, own: &Reach) -> Vec<Release<'s>> {
    let Some(node) = reference(&release) else { return vec![release] };
    let expression = node.str().and_then(inside).unwrap_or_default();
    let variable = match followed(files, release.file, expression) {
        End::Known(known) => {
            fill_in(files, &mut release, node, expression, Some(&known));
            return vec![release];
        }
        End::Unknown => return vec![release],
        End::Variable(variable) => variable,
    };
    let Some(calls) = calls(files, release.file) else { return vec![release] };
    if calls.is_empty() {
        if let Some((file, at)) = given_by_command(files, release.file, &variable) {
            let line = files.position(file, at).line;
            let (file, name) = (files.name(file).escape_debug(), variable.escape_debug());
            let message = format!("{file} line {line} gives Terraform the variable `{name}`, and the mode with it");
            let help = "change the mode by hand there, or set it only in the files of Terraform";
            let finding = Finding::new(Rule::ModeElsewhere, message).help(help).weighing(Severity::Error);
            release
                .findings
                .push(finding.doubting(Doubt::Overridden).at(node.span()).in_file(files.name(release.file)));
            return vec![release];
        }
        let known = of_root(files, release.file, &variable);
        fill_in(files, &mut release, node, expression, known.as_ref());
        return vec![release];
    }
    if let [(taker, call)] = &calls[..]
        && matches!(call.instances, Instances::One)
    {
        let known = of_call(files, release.file, (*taker, call), None, &variable);
        fill_in(files, &mut release, node, expression, known.as_ref());
        return vec![release];
    }
    let each: Option<Vec<_>> = calls.iter().map(|(taker, call)| made(files, *taker, call)).collect();
    let each: Vec<_> = each.unwrap_or_default().into_iter().flatten().collect();
    if each.len() > MOST {
        return vec![release];
    }
    let known = |(taker, call, key): (usize, &Call, Option<String>)| {
        let known = of_call(files, release.file, (taker, call), key.as_deref(), &variable);
        (taker, address(call, key.as_deref()), known)
    };
    let all: Vec<_> = each.into_iter().map(known).collect();
    if all.iter().all(|(_, _, known)| known.is_none()) {
        return vec![release];
    }
    let one = |(taker, address, known): (usize, String, Option<Known>)| {
        let mut one = release.clone();
        one.id.name = format!("{address}.{}", release.id.name);
        one.id.called = Some(one.id.name.clone());
        one.reach = own.clone().with(super::of_configuration(files, taker));
        fill_in(files, &mut one, node, expression, known.as_ref());
        one
    };
    all.into_iter().map(one).collect()
}

/// The expression that decides the mode of a release, in its own file.
fn reference<'s>(release: &Release<'s>) -> Option<Node<'s>> {
    let (number, Says::Is(node)) = release.deciding(&release.path_to(MODE_KEY))? else { return None };
    let is_own = release.layers[number].is_own() && node.text.file == release.file;
    node.str().and_then(inside).filter(|_| is_own).map(|_| node)
}

/// The name that Terraform fills in as a whole text.
fn inside(text: &str) -> Option<&str> {
    text.strip_prefix("${")?.strip_suffix('}').filter(|inside| is_name(inside))
}

/// Whether an expression is the name of a variable or a local value, and nothing else.
fn is_name(expression: &str) -> bool {
    let is_plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    expression.split_once('.').is_some_and(|(kind, name)| ["var", "local"].contains(&kind) && is_plain(name))
}

/// Lets a variable have the mode that it is known to be.
fn fill_in<'s>(files: &Files<'s>, release: &mut Release<'s>, node: Node<'s>, expression: &str, known: Option<&Known>) {
    let Some(Known { file, given, text, over }) = known else { return };
    let Ok((mode, _)) = mode_of(Some(Scalar::Text(text))) else { return };
    let place = format!("{} line {}", files.name(*file), files.position(*file, given.span.start).line);
    let (place, expression) = (place.escape_debug(), expression.escape_debug());
    let message = format!("Terraform fills in `{expression}` here, and {place} sets it to `{mode}`");
    let mut help = format!("change the mode by hand in {place}");
    if let Some(over) = over {
        let _ = write!(help, "; {over} would override it");
    }
    if *file == release.file {
        release.filled = Some((*file, given.span.clone()));
    }
    let given = Some((*file, given.span.start));
    release.by_default = Some(ByDefault { file: node.text.file, span: node.span(), mode, given, message, help });
}

/// The files of a folder that say what a name is there, and were read; those that override the others come first, and
/// the last of these by its name before them. (Terraform documentation, Override Files)
fn beside<'f>(files: &'f Files<'_>, number: usize) -> impl Iterator<Item = usize> + 'f {
    let own = files.path_from_top(number);
    let is_beside = move |other: &usize| {
        is_of_terraform(files.name(*other)) && folder(&files.path_from_top(*other)) == folder(&own)
    };
    let others = takers(files, number).iter().copied().filter(move |other| *other != number).filter(is_beside);
    let all: Vec<usize> = std::iter::once(number).chain(others).collect();
    let (mut over, rest): (Vec<usize>, Vec<usize>) = all.into_iter().partition(|it| is_override(files.name(*it)));
    over.sort_unstable_by_key(|it| Reverse(files.name(*it)));
    over.into_iter().chain(rest)
}

/// What the first of some files that says something of a name gives it.
///
/// # Errors
///
/// One of them cannot be read.
fn first(
    files: &Files<'_>,
    all: impl Iterator<Item = usize>,
    name: &str,
    place: Place<'_>,
) -> Result<Option<(usize, Given)>, ()> {
    for file in all {
        if let Some(given) = in_file(files, file, name, place)? {
            return Ok(Some((file, given)));
        }
    }
    Ok(None)
}

/// What a file says of a name; nothing where it does not.
///
/// # Errors
///
/// It has the name, and cannot be read.
fn in_file(files: &Files<'_>, file: usize, name: &str, place: Place<'_>) -> Result<Option<Given>, ()> {
    let text = files.text(file).unwrap_or_default();
    if memchr::memmem::find(text.as_bytes(), name.as_bytes()).is_none() {
        return Ok(None);
    }
    Ok(given(text, files.terraform(file).ok_or(())?, place))
}

/// Follows local values of a folder to what they are in the end.
fn followed(files: &Files<'_>, number: usize, expression: &str) -> End {
    let mut expression = expression.to_owned();
    for _ in 0..LONGEST {
        if let Some(variable) = expression.strip_prefix("var.") {
            return End::Variable(variable.to_owned());
        }
        let Some(name) = expression.strip_prefix("local.") else { return End::Unknown };
        let Ok(Some((file, given))) = first(files, beside(files, number), name, Place::Local(name)) else {
            return End::Unknown;
        };
        expression = match &given.said {
            Ok(text) => return End::Known(Known { text: text.clone(), file, given, over: None }),
            Err(next) if is_name(next) => next.clone(),
            Err(_) => return End::Unknown,
        };
    }
    End::Unknown
}

/// What a variable of a folder is where nothing gives it a value.
fn default(files: &Files<'_>, number: usize, variable: &str) -> Option<Known> {
    let (file, given) = first(files, beside(files, number), variable, Place::Default(variable)).ok()??;
    Some(Known { text: given.said.clone().ok()?, file, given, over: None })
}

/// Where a command gives a variable of a configuration a value: one beside it, at the top, or that names its folder.
fn given_by_command(files: &Files<'_>, number: usize, variable: &str) -> Option<(usize, usize)> {
    let own = files.path_from_top(number);
    let last = folder(&own).rsplit('/').next().unwrap_or_default();
    let mut all = takers(files, number).iter().copied().filter(|taker| !may_call(files.name(*taker)));
    all.find_map(|taker| {
        let text = files.text(taker).ok()?;
        let is_near = folder(&files.path_from_top(taker)) == folder(&own) || text.contains(last);
        gives_variable(text, variable).filter(|_| is_near).map(|at| (taker, at))
    })
}

/// What a variable of a configuration is: what the files say that Terraform reads by itself, the last of them, or its
/// default. Nothing where another file may be given to it, or Terragrunt runs it. (Terraform documentation, Input
/// Variables, Variable Definition Precedence)
fn of_root(files: &Files<'_>, number: usize, variable: &str) -> Option<Known> {
    let own = files.path_from_top(number);
    let all = || takers(files, number).iter().copied().filter(|taker| *taker != number);
    if all().any(|taker| is_terragrunt(files.name(taker))) || given_by_command(files, number, variable).is_some() {
        return None;
    }
    let (mut by_itself, mut found) = (Vec::new(), None);
    for file in all() {
        let name = files.name(file).rsplit('/').next().unwrap_or_default();
        let stem = name.strip_suffix(".json").unwrap_or(name);
        if !stem.ends_with(VARIABLES) {
            continue;
        }
        let is_first = stem == "terraform.tfvars";
        let is_by_itself = is_first || stem.ends_with(".auto.tfvars");
        let is_here = folder(&files.path_from_top(file)) == folder(&own);
        let text = files.text(file).unwrap_or_default();
        let says = memchr::memmem::find(text.as_bytes(), variable.as_bytes()).is_some();
        match is_by_itself {
            // the form in JSON is not read
            true if is_here && says && stem != name => return None,
            true if is_here && says => by_itself.push((!is_first, name, file)),
            false if in_file(files, file, variable, Place::Set(variable)).map_or(true, |it| it.is_some()) => {
                return None;
            }
            _ => {}
        }
    }
    by_itself.sort_unstable();
    for (_, _, file) in by_itself {
        let given = in_file(files, file, variable, Place::Set(variable)).ok()?;
        found = given.map(|given| (file, given)).or(found);
    }
    let (known, over) = match found {
        Some((file, given)) => {
            (Known { text: given.said.clone().ok()?, file, given, over: None }, "`-var` or `-var-file`".to_owned())
        }
        // the environment is below the files
        None => {
            (default(files, number, variable)?, format!("`-var`, `-var-file` or `TF_VAR_{}`", variable.escape_debug()))
        }
    };
    Some(Known { over: Some(over), ..known })
}

/// The calls of the module that a file is in, each with its file; nothing where these are too many.
fn calls(files: &Files<'_>, number: usize) -> Option<Vec<(usize, Call)>> {
    let others = takers(files, number).iter().copied().filter(|taker| *taker != number);
    let of_taker = |taker: usize| {
        let is_there = move |call: &Call| source(files, call, number).is_none_or(|asked| !files.is_missing(&asked));
        calls_of(files, taker, number).into_iter().filter(is_there).map(move |call| (taker, call))
    };
    let found: Vec<_> = others.flat_map(of_taker).take(MOST + 1).collect();
    (found.len() <= MOST).then_some(found)
}

/// One that a call makes, with its key.
type Made<'c> = (usize, &'c Call, Option<String>);

/// Each that a call makes, where its configuration calls no other one on the way, and it is known how many these are.
fn made<'c>(files: &Files<'_>, taker: usize, call: &'c Call) -> Option<Vec<Made<'c>>> {
    call.name.as_ref().filter(|_| addresses(files, taker, 1).0.is_empty())?;
    match &call.instances {
        Instances::None => Some(Vec::new()),
        Instances::One => Some(vec![(taker, call, None)]),
        Instances::Of(keys) => Some(keys.iter().map(|key| (taker, call, Some(key.clone()))).collect()),
        Instances::Unknown(_) => None,
    }
}

/// The address of one of those.
fn address(call: &Call, key: Option<&str>) -> String {
    let key = key.map(|key| format!("[\"{key}\"]")).unwrap_or_default();
    format!("module.{}{key}", call.name.as_deref().unwrap_or_default())
}

/// What a call gives a variable of the module that a file is in.
fn of_call(
    files: &Files<'_>,
    number: usize,
    (taker, call): (usize, &Call),
    key: Option<&str>,
    variable: &str,
) -> Option<Known> {
    let place = Place::Argument { module: call.name.as_ref()?, name: variable, key };
    let given = in_file(files, taker, variable, place).ok()?;
    let Some(given) = given else { return default(files, number, variable) };
    match &given.said {
        Ok(text) => Some(Known { text: text.clone(), file: taker, given, over: None }),
        Err(expression) => match followed(files, taker, Some(expression).filter(|it| is_name(it))?) {
            End::Known(known) => Some(known),
            End::Variable(outer) if calls(files, taker).is_some_and(|calls| calls.is_empty()) => {
                of_root(files, taker, &outer)
            }
            End::Variable(_) | End::Unknown => None,
        },
    }
}
