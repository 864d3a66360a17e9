//! What surrounds a `helm_release` of Terraform in the files of a checkout: modules that call its folder, and files
//! that override it.

use std::{
    collections::{BTreeSet, HashMap},
    iter,
    ops::Range,
};

mod variables;

use super::Chart;
use crate::{
    chart::MODE_KEY,
    files::{Files, Left, Wanted, folder_of_module},
    finding::{Doubt, Finding, Severity},
    release::{Arm, ByDefault, Layer, Reach, Release, Says, mode_of},
    rendered::{
        Call, Folder, Instances, VARIABLES, WORKSPACE, is_override, is_terragrunt, is_unread_override, may_call,
    },
    rule::Rule,
    shown::verbatim,
    yaml::Node,
};

/// How deep modules may stand within modules.
const DEEPEST: usize = 8;

/// The most addresses of one resource.
const MOST: usize = 256;

/// The release with what overrides it, for all whom it is made for. What a file overrides is not a release of its own.
pub(super) fn expanded<'s>(chart: &Chart<'_, 's>, mut release: Release<'s>) -> Vec<Release<'s>> {
    if is_override(chart.manifest()) && chart.get("chart").is_none() {
        return Vec::new();
    }
    let overridden = over(chart, &mut release);
    let own = own_reach(chart, &release).with(overridden);
    release.reach = own.clone().with(reach_of_modules(chart, &mut release));
    if let Some((mode, said)) = given_to_template(chart, &release) {
        (release.by_default, release.filled) = (Some(mode), Some((chart.root.text.file, said)));
        release.arm = arm(chart, &release);
        return vec![release];
    }
    let mut releases = variables::filled_in(chart.files, release, &own);
    for release in &mut releases {
        release.arm = arm(chart, release);
    }
    releases
}

/// A resource as one of those that may bring one release, by the provider for its cluster and the address of its module.
fn arm(chart: &Chart<'_, '_>, release: &Release<'_>) -> Option<Arm> {
    let said = |key: &str| chart.str(key).unwrap_or_default();
    let module = release.id.name.split("helm_release.").next().unwrap_or_default();
    let key = release.id.name.split_once('[').map_or("", |(_, key)| key);
    let of = Arm::identity(chart.str("releaseName")?, said("namespace"), said("provider"), &[module, key].concat());
    let condition = chart.str("condition").map(|count| format!("where {} is not 0", verbatim(count)));
    let runs = condition.unwrap_or_default();
    Some(Arm { what: "resource", of, only: None, runs, order: None, at: chart.at.get("address")?.span() })
}

/// The mode that a template has from what its call gives it, and the bytes of that. (Terraform documentation,
/// `templatefile`)
fn given_to_template(chart: &Chart<'_, '_>, release: &Release<'_>) -> Option<(ByDefault, Range<usize>)> {
    let (number, Says::Is(node)) = release.deciding(&release.path_to(MODE_KEY))? else { return None };
    let name = node.str()?.strip_prefix("${")?.strip_suffix('}')?;
    let named = release.layers[number].named.as_ref()?;
    let is_of_layer = |entry: &Node<'_>| entry.get("file").is_some_and(|file| file.span() == named.span);
    let said = chart.items("given").find(is_of_layer)?.get("with")?.get(name)?;
    let (mode, _) = mode_of(said.scalar()).ok()?;
    let (file, line) = (chart.manifest(), chart.files.position(said.text.file, said.span().start).line);
    let (name, file) = (name.escape_debug(), file.escape_debug());
    let message = format!("`templatefile` fills in `{name}` here, and {file} line {line} gives it `{mode}`");
    let help = format!("change the mode by hand in {file} line {line}");
    let given = Some((said.text.file, said.span().start));
    let by = ByDefault { file: node.text.file, span: node.span(), mode, given, message, help };
    Some((by, said.key_span()))
}

/// The files that call the folder of the resource, or override it, and those that call these.
pub(super) fn wanted(chart: &Chart<'_, '_>) -> Vec<Wanted> {
    let files = chart.files;
    let mut numbers = vec![chart.root.text.file];
    let (mut at, mut sources) = (0, Vec::new());
    while let Some(number) = numbers.get(at).copied().filter(|_| at < MOST) {
        for taker in takers(files, number) {
            sources.extend(calls_of(files, *taker, number).iter().filter_map(|call| source(files, call, number)));
            if !numbers.contains(taker) && may_call(files.name(*taker)) {
                numbers.push(*taker);
            }
        }
        at += 1;
    }
    let takers = numbers.into_iter().take(MOST).map(|number| Wanted::Takers(files.path_from_top(number)));
    takers.chain(sources).collect()
}

/// The calls in a file of the module that another one is in, if the repository that they name is this one.
fn calls_of(files: &Files<'_>, taker: usize, number: usize) -> Vec<Call> {
    let (at, path) = (files.path_from_top(taker), files.path_from_top(number));
    let is_of_it = |call: &&Call| folder_of_module(&at, &call.folder) == folder(&path);
    files.calls(taker).iter().filter(is_of_it).cloned().collect()
}

/// What is asked before it is known whether the module that a call takes from a repository is the one of a file.
fn source(files: &Files<'_>, call: &Call, number: usize) -> Option<Wanted> {
    let Folder::Repository { url: Some(url), revision, .. } = &call.folder else { return None };
    let path = files.path_from_top(number);
    Some(Wanted::Source { url: Some(url.clone()), revision: revision.clone(), path })
}

fn own_reach(chart: &Chart<'_, '_>, release: &Release<'_>) -> Reach {
    if chart.get("forEach").is_some() {
        return Reach::AllOf(format!("`for_each` or `count` of `{}`", release.id.name));
    }
    let names = chart.items("instances").filter_map(Node::str).map(|name| format!("{}[{name}]", release.id.name));
    Reach::of(names.collect())
}

/// For whom the configuration that a file belongs to is applied: its workspaces, or the files of variables of which one is
/// given to it at a time, since they set the same. (Terraform documentation, Workspaces; Assigning values to root module
/// variables)
fn of_configuration(files: &Files<'_>, number: usize) -> Reach {
    let own = files.path_from_top(number);
    let text = |number: usize| files.text(number).unwrap_or_default();
    let is_beside = |taker: &usize| folder(&files.path_from_top(*taker)) == folder(&own);
    let is_of_workspaces = |number: usize| {
        let says = |line: &str| line.contains(WORKSPACE) && !line.trim_start().starts_with(['#', '/']);
        // each of thousands of resources in a file asks, and few files say it
        let may_say = |text: &str| memchr::memmem::find(text.as_bytes(), WORKSPACE.as_bytes()).is_some();
        !files.name(number).ends_with(VARIABLES) && may_say(text(number)) && text(number).lines().any(says)
    };
    let beside = || takers(files, number).iter().copied().filter(is_beside);
    if iter::once(number).chain(beside()).any(is_of_workspaces) {
        return Reach::AllOf("the workspaces of Terraform".to_owned());
    }
    let sets = |number: usize| -> BTreeSet<&str> {
        let name = |line| Some(str::split_once(line, '=')?.0.trim()).filter(|name| !name.starts_with('#'));
        text(number).lines().filter_map(name).collect()
    };
    // these are all given together
    let is_chosen = |number: &usize| {
        let name = files.name(*number).rsplit('/').next().unwrap_or_default();
        name.ends_with(VARIABLES) && name != "terraform.tfvars" && !name.ends_with(".auto.tfvars")
    };
    let chosen = takers(files, number).iter().copied().filter(is_chosen);
    let all: Vec<(usize, BTreeSet<&str>)> = chosen.map(|number| (number, sets(number))).collect();
    let mut times: HashMap<&str, usize> = HashMap::new();
    all.iter().flat_map(|(_, names)| names).for_each(|name| *times.entry(name).or_default() += 1);
    let is_one_of = |(_, names): &&(usize, BTreeSet<&str>)| names.iter().any(|name| times[name] > 1);
    Reach::of(all.iter().filter(is_one_of).map(|(number, _)| files.path_from_top(*number)).collect())
}

/// The files that take a folder of the checkout, or have a part in it.
fn takers<'f>(files: &'f Files<'_>, number: usize) -> &'f [usize] {
    files.answer_to(&Wanted::Takers(files.path_from_top(number))).unwrap_or_default()
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Puts what the override files of the folder say over it: an argument takes the place of that of its name, and blocks
/// that of all blocks of their kind. (Terraform documentation, Override Files, Merging Behavior)
///
/// Returns for whom these say that it is made.
fn over<'s>(chart: &Chart<'_, 's>, release: &mut Release<'s>) -> Reach {
    let files = chart.files;
    let mut reach = Reach::One;
    let of_folder = folder(chart.manifest());
    let is_over = |number: &usize| {
        let name = files.name(*number);
        is_override(name) && folder(name) == of_folder && *number != release.file
    };
    let mut found: Vec<usize> = takers(files, release.file).iter().copied().filter(is_over).collect();
    found.sort_by_key(|number| files.name(*number));
    for number in found {
        let name = files.name(number);
        if is_unread_override(name, files.text(number).unwrap_or_default()) {
            let message = "this cannot be read, and may override the values of the release";
            let finding = Finding::new(Rule::ModeElsewhere, message).help("write it so that Terraform can read it");
            release.findings.push(finding.doubting(Doubt::Elsewhere).in_file(name));
        }
        let same = files.roots(number).find(|root| root.str_at("address") == Some(&release.id.name));
        let Some(root) = same else { continue };
        let mut over = Chart::new(files, chart.controller, root, root);
        over.below.clone_from(&chart.below);
        let said = chart.controller.values.iter().filter(|rule| root.get(rule.path).is_some());
        let levels: Vec<u8> = said.map(|rule| rule.level).collect();
        let is_replaced = |layer: &Layer<'_>| levels.contains(&layer.rank.0);
        let replaced = release.layers.iter().filter(|layer| is_replaced(layer) && layer.file == release.file);
        let spans: Vec<_> = replaced.filter_map(|layer| layer.mode(&release.below)?.span).collect();
        release.findings.extend(spans.into_iter().map(|span| {
            let message = format!("{} replaces these values, including the mode", files.name(number));
            let finding = Finding::new(Rule::ModeOverridden, message)
                .help("remove them here, so that they are not mistaken for the cluster's");
            finding.weighing(Severity::Warning).at(span).in_file(chart.manifest())
        }));
        release.layers.retain(|layer| !is_replaced(layer));
        release.layers.extend(over.own_layers());
        release.layers.extend(over.named_layers());
        release.layers.sort_by_key(|layer| layer.rank);
        if let Some(version) = root.get("version") {
            release.pin = Some(crate::release::Pin::at(version));
        }
        release.findings.extend(beside_values(&over).into_iter().map(|finding| finding.in_file(name)));
        reach = reach.with(own_reach(&over, release));
    }
    reach
}

/// What an override says of a release beside its values.
fn beside_values(over: &Chart<'_, '_>) -> Vec<Finding> {
    let chart = over.get("chart").map(|chart| {
        let help = "change the chart in the resource itself";
        super::chart::decided_by("this override changes the chart, which may have other values", help, chart)
    });
    (over.controller.rest.findings)(over).into_iter().chain(over.trapped()).chain(chart).collect()
}

/// The addresses of the modules that call the folder of a resource; the resource is then called by its whole address.
/// Each configuration has a state of its own, so that the same address in two of them is two releases.
pub(super) fn reach_of_modules(chart: &Chart<'_, '_>, release: &mut Release<'_>) -> Reach {
    let (found, reach) = addresses(chart.files, release.file, DEEPEST);
    release.findings.extend(left_by_all(chart.files, release.file, DEEPEST).map(|(taker, left)| {
        let message = format!("{} takes this module as it is {}", chart.files.name(taker).escape_debug(), left.reason);
        let help = "take the step there; a module that is called by a path is the one of this checkout";
        Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere).in_file(chart.manifest())
    }));
    let whole = |address: &str| [address, &release.id.name].join(if address.is_empty() { "" } else { "." });
    let is_of_one = found.iter().all(|(of, _)| Some(of) == found.first().map(|(of, _)| of));
    let names = found.iter().map(|(of, address)| match &of[..] {
        _ if is_of_one => whole(address),
        "" => format!("{} in the top folder", whole(address)),
        of => format!("{} in {of}", whole(address)),
    });
    let reach = Reach::of(names.collect()).with(reach).with(of_configuration(chart.files, release.file));
    if let [(_, address)] = &found[..] {
        release.id.called = Some(whole(address));
    }
    release.id.terragrunt = terragrunt(chart.files, release.file, DEEPEST);
    reach
}

/// The folder in which Terragrunt is run for a file: one with a file of that, beside it or calling it as a module. Nothing
/// where there is none; the first of several, for which no step is taken together.
fn terragrunt(files: &Files<'_>, number: usize, depth: usize) -> Option<String> {
    let all = || takers(files, number).iter().copied().filter(|taker| *taker != number && depth > 0);
    let mut own =
        all().filter(|taker| is_terragrunt(files.name(*taker))).map(|taker| files.name(taker)).collect::<Vec<_>>();
    own.sort_unstable();
    let here = own.first().map(|name| name.rsplit_once('/').map_or(".", |(folder, _)| folder).to_owned());
    here.or_else(|| {
        let callers = all().filter(|taker| !calls_of(files, *taker, number).is_empty());
        callers.into_iter().find_map(|taker| terragrunt(files, taker, depth - 1))
    })
}

/// Where all that call a module take it as it is in another revision of the repository: one of them, and which.
fn left_by_all<'f>(files: &'f Files<'_>, number: usize, depth: usize) -> Option<(usize, &'f Left)> {
    let mut found = None;
    for taker in takers(files, number).iter().copied().filter(|taker| *taker != number && depth > 0) {
        for call in calls_of(files, taker, number) {
            let asked = source(files, &call, number);
            if asked.as_ref().is_some_and(|asked| files.answer_to(asked).is_some_and(<[usize]>::is_empty)) {
                continue;
            }
            let left = asked.and_then(|asked| files.left(&asked)).map(|left| (taker, left));
            found = Some(left.or_else(|| left_by_all(files, taker, depth - 1))?);
        }
    }
    found
}

/// The addresses of a module, each with the folder of the configuration that it begins in; and for whom else it is made.
fn addresses(files: &Files<'_>, number: usize, depth: usize) -> (Vec<(String, String)>, Reach) {
    let (mut found, mut reach) = (Vec::new(), Reach::One);
    if depth == 0 {
        return (found, reach);
    }
    for taker in takers(files, number).iter().copied().filter(|taker| *taker != number) {
        for call in calls_of(files, taker, number) {
            if source(files, &call, number).is_some_and(|asked| files.is_missing(&asked)) {
                continue;
            }
            let name = call.name.map_or_else(String::new, |name| format!("module.{name}"));
            let names = match call.instances {
                Instances::None => continue,
                Instances::One => vec![name],
                Instances::Of(keys) => keys.iter().map(|key| format!("{name}[\"{key}\"]")).collect(),
                Instances::Unknown(_) => {
                    let of = if name.is_empty() { "Terragrunt".to_owned() } else { format!("`{name}`") };
                    reach = reach.with(Reach::AllOf(format!("the calls of {of}")));
                    vec![name]
                }
            };
            let (above, of_above) = addresses(files, taker, depth - 1);
            reach = reach.with(of_above).with(of_configuration(files, taker));
            let own = || vec![(folder(&files.path_from_top(taker)).to_owned(), String::new())];
            let above = if above.is_empty() { own() } else { above };
            let whole = above.iter().flat_map(|(of, above)| {
                let joined = |name: &str| [above, name].join(if above.is_empty() { "" } else { "." });
                names.iter().map(move |name| (of.clone(), joined(name)))
            });
            found.extend(whole.take(MOST));
        }
    }
    found.sort();
    found.dedup();
    found.truncate(MOST);
    (found, reach)
}
