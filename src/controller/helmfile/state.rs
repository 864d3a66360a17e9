//! What a helmfile says around its releases: its bases, its environments, and which releases are installed.

use crate::{
    chart::{may_mention, secrets::masked},
    controller::{Chart, element::Element},
    files::{Files, Found, Wanted, joined},
    finding::{Doubt, Finding, Severity},
    open_word::{KUBE_CONTEXT, is_filled_in, known_or},
    release::{Arm, Layer, Reach, Release},
    rule::Rule,
    shown::verbatim,
    yaml::{Node, Scalar},
};

/// The most environments that are distinguished.
const MOST: usize = 256;

/// The bases of the file. (helmfile documentation, Layering State Files)
pub(super) fn bases(chart: &Chart<'_, '_>) -> Vec<Wanted> {
    bases_of(chart.files, chart.root.text.file)
}

fn bases_of(files: &Files<'_>, file: usize) -> Vec<Wanted> {
    listed_bases(files, file).into_iter().filter_map(|(_, base)| base).collect()
}

/// The entries for the bases of a file, each with where that is; nothing of one behind an address or a template.
fn listed_bases<'s>(files: &Files<'s>, file: usize) -> Vec<(Node<'s>, Option<Wanted>)> {
    let lists = files.roots(file).filter_map(|root| root.get("bases"));
    let is_path = |path: &&str| !["{{", "://", "::"].iter().any(|sign| path.contains(sign));
    let wanted = |path: &str| Wanted::File(joined(files.name(file), path));
    lists.flat_map(Node::items).map(|item| (item, item.str().filter(is_path).map(wanted))).collect()
}

/// The bases of a file that were read, by their numbers.
pub(crate) fn read_bases(files: &Files<'_>, file: usize) -> Vec<usize> {
    let found = bases_of(files, file).into_iter().filter_map(|base| match files.find(&base, file) {
        Found::Here(number) => Some(number),
        _ => None,
    });
    found.collect()
}

/// Whether a file is a helmfile, or a part of one: a document has a key that only these have.
pub(crate) fn is_of_helmfile(files: &Files<'_>, file: usize) -> bool {
    const KEYS: [&str; 4] = ["environments", "helmfiles", "bases", "releases"];
    let mut roots = files.roots(file).filter(|root| root.get("kind").is_none() && root.get("apiVersion").is_none());
    roots.any(|root| KEYS.iter().any(|key| root.get(key).is_some()))
}

/// What keys in a helmfile lead to, where that is among the values which its templates take, of all environments or of
/// one, or those of a helmfile that it lists, as `.Values`: the keys of the list, and those behind its item. No chart gets
/// them. (helmfile documentation, Environment Values, Glob patterns; compared with helmfile 0.166)
pub(crate) fn among_state_values(path: &[String]) -> Option<(&[String], &[String])> {
    let length = match path.first()?.as_str() {
        "values" => 1,
        "environments" | "helmfiles" if path.get(2).is_some_and(|key| key == "values") => 3,
        _ => return None,
    };
    let (list, rest) = path.split_at_checked(length)?;
    let (item, behind) = rest.split_first()?;
    item.bytes().all(|byte| byte.is_ascii_digit()).then_some((list, behind))
}

/// The documents that helmfile merges into one: those of the file, and of its bases.
pub(super) fn roots<'s>(chart: &Chart<'_, 's>) -> Vec<Node<'s>> {
    let file = chart.root.text.file;
    read_bases(chart.files, file)
        .into_iter()
        .chain([file])
        .flat_map(|number| chart.files.roots(number).collect::<Vec<_>>())
        .collect()
}

/// What helmfile fills in by itself. Where a file has no environments, there is the one called `default`. (helmfile
/// documentation, Release Template and Environment)
pub(super) fn known(chart: &Chart<'_, '_>) -> Vec<(String, String)> {
    let environments = environments(chart);
    let is_default = environments.iter().all(|(name, _)| *name == "default");
    let environment = is_default.then(|| (".Environment.Name".to_owned(), "default".to_owned()));
    let namespace = of_all(chart, "namespace").or_else(|| of_release(chart, "namespace"));
    let name = of_release(chart, "name").map(|name| (".Release.Name".to_owned(), name));
    name.into_iter().chain(namespace.map(|it| (".Release.Namespace".to_owned(), it))).chain(environment).collect()
}

/// The environments, by their names.
fn environments<'s>(chart: &Chart<'_, 's>) -> Vec<(&'s str, Node<'s>)> {
    let roots = roots(chart).into_iter();
    let found = roots.filter_map(|root| root.get("environments")).flat_map(Node::entries);
    found.take(MOST).collect()
}

/// That the release is not there, or may not be: `installed`, or a condition that the values of every environment leave
/// unmet. (helmfile documentation, Configuration, `installed`, `installedTemplate` and `condition`)
pub(super) fn findings(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let not_installed = |message: String, at: Node<'_>| {
        let finding = Finding::new(Rule::NotInstalled, message).help("if the cluster should run it, change that first");
        finding.doubting(Doubt::Overridden).at(at.span())
    };
    let installed =
        ["installedTemplate", "installed"].into_iter().find_map(|name| Some((name, chart.inherited(name)?)));
    let installed = installed.and_then(|(name, at)| match (at.scalar(), at.str()) {
        (Some(Scalar::Bool(true)), _) | (_, Some("true")) => None,
        (Some(Scalar::Bool(false)), _) | (_, Some("false")) => {
            Some(not_installed(format!("helmfile uninstalls the release: `{name}` is false"), at))
        }
        (None, _) => Some(may_be_installed(name).at(at.key_span())),
        _ => Some(may_be_installed(name).at(at.span())),
    });
    let condition = chart.inherited("condition").and_then(|node| Some((node, node.str()?)));
    let condition = condition.and_then(|(at, name)| match (is_met(chart, name), name.escape_debug()) {
        (Some(true), _) => None,
        (Some(false), name) => {
            Some(not_installed(format!("helmfile does not install the release: `{name}` is false"), at))
        }
        (None, name) => {
            let message =
                format!("helmfile installs the release only where `{name}` is true, and the mode counts there");
            let finding = Finding::new(Rule::ModeElsewhere, message).weighing(Severity::Info);
            Some(finding.help("check with `helmfile list` that it is installed").at(at.span()))
        }
    });
    let set = chart.items("set").chain(chart.items("setString"));
    let of_file = set.filter(|item| chart.names_mode(item.str_at("name"))).find_map(|item| item.get("file"));
    let of_file = of_file.map(|at| {
        let message = "the text of a file overrides this mode";
        let finding = Finding::new(Rule::ModeOverridden, message).help("write the mode itself, as `value`");
        finding.doubting(Doubt::Overridden).at(at.span())
    });
    let found = installed.into_iter().chain(condition).chain(of_file).chain(hook(chart));
    found.chain(unread_layers(chart)).collect()
}

/// That it is not known whether the release is there.
fn may_be_installed(name: &str) -> Finding {
    let message = format!("helmfile fills in `{name}`, so it is not known whether it installs the release");
    let help = "write `true` or `false` there by hand; if it is `false`, helmfile uninstalls the release";
    Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere)
}

/// That a hook names the mode: it runs before the release gets its values. (helmfile documentation, Hooks)
fn hook(chart: &Chart<'_, '_>) -> Option<Finding> {
    let of_all = roots(chart).into_iter().filter_map(|root| root.get("hooks"));
    let hooks = chart.inherited("hooks").into_iter().chain(of_all);
    let hook = hooks.flat_map(Node::items).find(|hook| may_mention(hook.source().as_bytes()))?;
    let message = "this hook may change the mode before the release gets its values";
    let finding = Finding::new(Rule::ModeElsewhere, message).help("write the mode into the values, and remove it here");
    Some(finding.doubting(Doubt::Elsewhere).at(hook.span()).in_file(chart.files.name(hook.text.file)))
}

/// That a part of the file, or one of its bases, cannot be read or is not here: helmfile merges them, so it may set a mode.
fn unread_layers(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let (files, own) = (chart.files, chart.root.text.file);
    let is_unread =
        |number: &usize| files.text(*number).is_err() || files.parts(*number).iter().any(|part| part.text.is_err());
    let unread = read_bases(files, own).into_iter().chain([own]).filter(is_unread).map(|number| {
        let message = "this cannot be read, and may set another mode for the releases";
        of_unread(message.to_owned()).in_file(files.name(number))
    });
    let is_absent = |base: &Wanted| files.find(base, own) == Found::Absent;
    let absent = listed_bases(files, own).into_iter().filter(|(_, base)| base.as_ref().is_none_or(is_absent));
    let absent = absent.map(|(item, _)| {
        let named = item.str().map(|name| format!(" `{}`", masked(name).escape_debug())).unwrap_or_default();
        of_unread(format!("the base{named} is not read, and may set another mode for the releases")).at(item.span())
    });
    unread.chain(absent).collect()
}

fn of_unread(message: String) -> Finding {
    let help = "`helmfile build` shows what they get; write the mode into a values file that the release names last";
    Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere)
}

/// Whether a value of the environments is `true` wherever it is set, or `false`; nothing where that is not known.
fn is_met(chart: &Chart<'_, '_>, name: &str) -> Option<bool> {
    let of_all = roots(chart).into_iter().filter_map(|root| root.get("values"));
    let lists = environments(chart).into_iter().filter_map(|(_, environment)| environment.get("values")).chain(of_all);
    let mut said = Vec::new();
    for item in lists.flat_map(Node::items) {
        // what is in a file may say otherwise
        if !item.is_mapping() {
            return None;
        }
        said.extend(item.at(name).map(Node::scalar));
    }
    let is_each = |value: bool| !said.is_empty() && said.iter().all(|it| *it == Some(Scalar::Bool(value)));
    [true, false].into_iter().find(|value| is_each(*value))
}

/// Whether a text is what it will be, and not a template.
fn is_known(text: &str) -> bool {
    !text.is_empty() && !is_filled_in(text)
}

/// The text that a release, or a template that it inherits from, has under a name.
fn of_release(chart: &Chart<'_, '_>, name: &str) -> Option<String> {
    chart.inherited(name).and_then(Node::str).filter(|text| is_known(text)).map(str::to_owned)
}

/// The text that the file, or a base of it, has for all releases. The file comes last.
fn of_all(chart: &Chart<'_, '_>, path: &str) -> Option<String> {
    let said = roots(chart).into_iter().rev().find_map(|root| root.str_at(path));
    said.filter(|text| is_known(text)).map(str::to_owned)
}

/// Whom a context means that is filled in: the person who runs helmfile chooses the environment, or the variable of that.
fn of_context(context: &str, environments: &[(&str, Node<'_>)]) -> Reach {
    let names = |words: &[&str]| is_filled_in(context) && words.iter().any(|word| context.contains(word));
    if names(&["env \"", "env `", "env '", "requiredEnv", "exec "]) {
        // without quotes around it, the file is read with another sign
        let context = if context.contains("{{") { context.to_owned() } else { context.replacen('$', "{", 1) };
        return Reach::AllOf(format!("the context `{}`", context.escape_debug()));
    }
    let of_environments = environments.iter().filter(|_| names(&[".Environment", ".Values", ".StateValues"]));
    Reach::of(of_environments.map(|(name, _)| (*name).to_owned()).collect())
}

/// What templates call the values of an environment that are texts in the helmfile itself: nothing of those that a file may
/// override. (helmfile documentation, Environment Values: the later ones override, and all of them those of the root)
fn values_of<'s>(chart: &Chart<'_, 's>, environment: Node<'s>) -> Vec<(String, String)> {
    const ROOTS: [&str; 3] = [".Environment.Values", ".Values", ".StateValues"];
    let own = environment.get("values").into_iter().flat_map(Node::items);
    let of_all = roots(chart).into_iter().filter_map(|root| root.get("values")).flat_map(Node::items);
    let mut said: Vec<(String, Option<String>)> = Vec::new();
    for item in of_all.chain(own) {
        if !item.is_mapping() {
            for (_, value) in &mut said {
                *value = None;
            }
            continue;
        }
        for (name, value) in item.entries() {
            let value = value.str().filter(|text| is_known(text)).map(str::to_owned);
            said.retain(|(other, _)| other != name);
            said.push((name.to_owned(), value));
        }
    }
    // what is decrypted overrides them all
    let is_over = environment.get("secrets").is_some_and(|files| files.length() > 0);
    let known = said.into_iter().filter(|_| !is_over).filter_map(|(name, value)| Some((name, value?)));
    known.flat_map(|(name, value)| ROOTS.map(|root| (format!("{root}.{name}"), value.clone()))).collect()
}

/// A release as one of those that may bring one: only where its condition holds.
pub(super) fn arm(chart: &Chart<'_, '_>, release: &Release<'_>) -> Option<Arm> {
    let id = &release.id;
    let [namespace, context, environment] =
        [&id.storage, &id.kube_context, &id.environment].map(|said| said.as_deref().unwrap_or_default());
    let of = Arm::identity(chart.str("name")?, namespace, context, environment);
    let condition = chart.inherited("condition").and_then(Node::str);
    let runs = condition.map(|name| format!("where {} is true", verbatim(name))).unwrap_or_default();
    Some(Arm { what: "release", of, only: None, runs, order: None, at: chart.at.span() })
}

/// The releases of each environment: where the name of a file holds that of the environment, one for each; where each
/// is a cluster of its own, one spot moves them all.
pub(super) fn expanded<'s>(
    chart: &Chart<'_, 's>,
    release: Release<'s>,
    layers: fn(&Chart<'_, 's>) -> Vec<Layer<'s>>,
) -> Vec<Release<'s>> {
    const NAME: &str = ".Environment.Name";
    let environments = environments(chart);
    let mut release = release;
    if let Some(namespace) = of_all(chart, "namespace").or_else(|| of_release(chart, "namespace")) {
        release.id.storage = Some(namespace.clone());
        release.id.target = Some(namespace);
    }
    let of_all_releases = || roots(chart).into_iter().rev().find_map(|root| root.str_at("helmDefaults.kubeContext"));
    let named = chart.inherited("kubeContext").and_then(Node::str).or_else(of_all_releases);
    // one that is filled in is not known, and none is asked for it
    let context = |environment: Option<Node<'s>>| {
        let said = named.or_else(|| environment?.str_at("kubeContext")).filter(|text| !text.is_empty())?;
        Some(known_or(said, KUBE_CONTEXT).to_owned())
    };
    let shown = |layer: &Layer<'s>| layer.named.as_ref().map(|named| named.shown.clone()).unwrap_or_default();
    let by_name = |shown: &String| shown.contains(NAME);
    let by_value = |shown: &String| {
        let mut all = environments.iter().flat_map(|(_, node)| values_of(chart, *node));
        shown.contains("{{") && all.any(|(action, _)| shown.contains(&action))
    };
    let is_filled_in = |layer: &Layer<'s>| [shown(layer)].iter().any(|it| by_name(it) || by_value(it));
    if !environments.is_empty() && chart.element.is_none() && release.layers.iter().any(is_filled_in) {
        let of_environment = |(name, node): &(&'s str, Node<'s>)| {
            let element = Element { path: (*name).to_owned(), root: None, file: None, is_go: true };
            let known = chart.known.iter().cloned().chain(values_of(chart, *node)).collect();
            let own = Chart { element: Some(element), known, ..chart.clone() };
            let mut one = release.clone();
            // what a chart says by itself is the same in each
            one.layers.retain(|layer| layer.is_own() || layer.is_of_chart());
            one.layers.extend(own.named_layers().into_iter().filter(|layer| !layer.is_of_chart()));
            one.layers.extend(layers(&own).into_iter().filter(|layer| !layer.is_own()));
            one.layers.sort_by_key(|layer| layer.rank);
            one.id.name = format!("{}.{name}", release.id.name);
            one.id.environment = Some((*name).to_owned());
            one.id.kube_context = context(Some(*node));
            one
        };
        return environments.iter().map(of_environment).collect();
    }
    // one that the release names is that of every environment
    let is_cluster = |(_, environment): &&(&str, Node<'_>)| environment.get("kubeContext").is_some();
    let of_clusters = environments.iter().filter(is_cluster).map(|(name, _)| (*name).to_owned());
    let reach = if chart.inherited("kubeContext").is_some() { Reach::One } else { Reach::of(of_clusters.collect()) };
    let reach = reach.with(named.map_or(Reach::One, |context| of_context(context, &environments)));
    let mut release = Release { reach, ..release };
    release.id.kube_context = context(None);
    let parent = super::parent::parent(chart).filter(|_| environments.is_empty());
    let of_parent = parent.map(|parent| super::parent::environments_of(chart, parent)).unwrap_or_default();
    if let [(name, node)] = [&environments[..], &of_parent].concat()[..] {
        release.id.environment = Some(name.to_owned());
        release.id.kube_context = context(Some(node));
    }
    vec![release]
}
