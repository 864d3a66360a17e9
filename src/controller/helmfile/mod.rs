//! helmfile: its releases, the settings for all of them, and the templates that they inherit from.

use std::ops::Range;

mod lock;
mod parent;
mod state;

pub(crate) use self::{
    parent::listed,
    state::{among_state_values, is_of_helmfile, read_bases},
};
use super::{
    Applying, Chart, Controller, Form, Is, LayerRule, More, ROLLBACK_HELP, Rest, Settings, To, Trap, run, say,
};
use crate::{
    chart::{MODE_KEY, names_illumio},
    files::{Files, Found, Wanted},
    finding::{Doubt, Finding},
    instruction::{Instruction, Selected},
    procedure::Deployer,
    release::{Filler, Layer, Named, Rank, Release, Values, hiding_lines_of_manifest},
    rule::Rule,
    yaml::{Node, Scalar},
};

/// What people call it.
pub const IN_HELMFILE: &str = "helmfile release";

/// A release of helmfile. The list of values counts in its order, that of `valuesTemplate` before it, then the secrets,
/// then `set` (helmfile, pkg/state/state.go, generateValuesFiles).
pub(super) const HELMFILE: Controller = Controller {
    title: IN_HELMFILE,
    api: "",
    kind: "",
    root: "releases",
    charts: "releases.*",
    chart: &["chart"],
    version: "version",
    values: &[
        LayerRule { path: "valuesTemplate", level: OWN, form: Form::List },
        LayerRule { path: "values", level: OWN, form: Form::List },
        LayerRule { path: "setTemplate", level: SET, form: Form::Parameters },
        LayerRule { path: "set", level: SET, form: Form::Parameters },
        LayerRule { path: "setString", level: SET, form: Form::Parameters },
    ],
    more: &[
        More { path: "valuesTemplate", level: OWN, to: To::Beside, behind: "" },
        More { path: "values", level: OWN, to: To::Beside, behind: "valuesTemplate" },
        More { path: "secrets", level: 3, to: To::Secret, behind: "" },
    ],
    name: "name",
    called: "name",
    traps: TRAPS,
    deployer: Deployer::Helm,
    target: &["namespace"],
    storage: &["namespace"],
    source: "helmfile documentation, Configuration",
    rest: Rest {
        settings,
        is_folder_first: true,
        known: state::known,
        wanted: |chart| state::bases(chart).into_iter().chain([lock::lock(chart), parent::wanted(chart)]).collect(),
        layers,
        findings: state::findings,
        expanded: |chart, release| {
            let mut releases = state::expanded(chart, named_for_commands(chart, lock::locked(chart, release)), layers);
            for release in &mut releases {
                release.arm = state::arm(chart, release);
            }
            releases
        },
        fills_in_itself: Some(Filler { tool: "helmfile", marks: &["{{"] }),
        own_mode: OWN_MODE,
        own_mode_of_one: Some(OF_ENVIRONMENT),
        apply,
        ..Rest::NOTHING
    },
};

/// The file of an environment counts for that alone, and the others need none.
const OF_ENVIRONMENT: &str = "behind the other values of the release, name `mode-{{ .Environment.Name }}.yaml`, with `missingFileHandler: Warn`, and \
     write the present mode into the one of the first environment as `clusterMode`";

/// What a release sets by name overrides every list of values, also one that it takes by an alias.
const OWN_MODE: &str = "write `set: [{name: clusterMode, value: MODE}]` into the release of the first cluster, with its present \
                        mode, and take the step there";

/// What a template that a release inherits from puts below it.
static TEMPLATE_ROW: Controller = Controller {
    root: "",
    charts: "templates.*",
    values: &[
        LayerRule { path: "valuesTemplate", level: 0, form: Form::List },
        LayerRule { path: "values", level: 0, form: Form::List },
        LayerRule { path: "setTemplate", level: SET - 1, form: Form::Parameters },
        LayerRule { path: "set", level: SET - 1, form: Form::Parameters },
        LayerRule { path: "setString", level: SET - 1, form: Form::Parameters },
    ],
    more: &[
        More { path: "valuesTemplate", level: 0, to: To::Beside, behind: "" },
        More { path: "values", level: 0, to: To::Beside, behind: "valuesTemplate" },
        More { path: "secrets", level: 2, to: To::Secret, behind: "" },
    ],
    rest: Rest::NOTHING,
    ..HELMFILE
};

/// The level of the lists of a release itself, and that of what it sets: its secrets, those of its templates and what
/// these set stand between.
const OWN: u8 = 1;
const SET: u8 = 5;

/// The most templates of one release, and the most values in one of their lists.
const MOST: usize = 1 << 16;

/// Of a release, or of all by `helmDefaults`.
const TRAPS: &[Trap] = &[
    Trap {
        path: "reuseValues",
        is: Is::True,
        rule: Rule::ReuseValues,
        message: "`reuseValues` keeps the values of the old release, including a removed mode",
        help: "write the mode out, or remove `reuseValues`",
    },
    Trap {
        path: "atomic",
        is: Is::True,
        rule: Rule::RollbackFlipsMode,
        message: "with `atomic`, a failed upgrade rolls the release back, and the mode with it",
        help: ROLLBACK_HELP,
    },
];

/// What the parts of a file, and its bases, say for all releases. helmfile merges all of them, and a list takes the place
/// of the one before.
fn settings(files: &Files<'_>, number: usize) -> Settings {
    let mut settings = Settings::default();
    let text = files.text(number).unwrap_or_default();
    for part in files.parts(number) {
        let Some(root) = part.text.as_ref().ok().and_then(|text| text.root()) else { continue };
        if root.get("releases").is_some_and(|list| list.length() > 0) {
            settings.only = Some(part.range.start);
        }
        settings.findings.extend(defaults(root));
    }
    for base in state::read_bases(files, number) {
        let found = files.roots(base).flat_map(defaults);
        settings.findings.extend(found.map(|(path, finding)| (path, finding.in_file(files.name(base)))));
    }
    settings.findings.extend(hiding_lines_of_manifest(text).map(|finding| (None, finding)));
    settings
}

/// What is wrong with the `helmDefaults` of a document; with a path, for the releases that do not say otherwise there.
fn defaults(root: Node<'_>) -> Vec<(Option<&'static str>, Finding)> {
    let mut found = Vec::new();
    for trap in TRAPS {
        let node = root.get("helmDefaults").and_then(|defaults| defaults.get(trap.path));
        let set = node.filter(|node| trap.is == Is::True && node.scalar() == Some(Scalar::Bool(true)));
        found.extend(set.map(|node| (Some(trap.path), of_trap(trap).at(node.span()))));
    }
    for argument in root.at("helmDefaults.args").into_iter().flat_map(Node::items) {
        let finding = argument.str().and_then(of_argument);
        found.extend(finding.map(|finding| (None, finding.at(argument.span()))));
    }
    found
}

fn of_trap(trap: &Trap) -> Finding {
    Finding::new(trap.rule, trap.message).help(trap.help)
}

/// The options of Helm that are traps when they are written as keys, too. (Helm 4 has the last name for `--atomic`.)
const TRAPS_AS_OPTIONS: [(&str, &str); 4] = [
    ("--reuse-values", "reuseValues"),
    ("--reset-then-reuse-values", "reuseValues"),
    ("--atomic", "atomic"),
    ("--rollback-on-failure", "atomic"),
];

/// What is wrong with an argument that Helm gets for every release.
fn of_argument(argument: &str) -> Option<Finding> {
    if argument.contains(MODE_KEY) {
        let message = "`helmDefaults.args` sets the mode of every release, and overrides theirs";
        let finding = Finding::new(Rule::ModeOverridden, message).doubting(Doubt::Overridden);
        return Some(finding.help("remove it here, and write the mode of each cluster beside its release"));
    }
    let (option, value) = argument.split_once('=').unwrap_or((argument, "true"));
    let of_option = TRAPS_AS_OPTIONS.iter().find(|(known, _)| *known == option && value != "false");
    if let Some(trap) = of_option.and_then(|(_, path)| TRAPS.iter().find(|trap| trap.path == *path)) {
        return Some(of_trap(trap));
    }
    let gives_file = ["-f", "--values", "--set-file"].iter().any(|option| argument.starts_with(option));
    let finding = || {
        let message = "`helmDefaults.args` gives Helm more values, which override those of a release";
        let finding = Finding::new(Rule::ModeElsewhere, message).doubting(Doubt::Elsewhere);
        finding.help("name the file in the `values` of the release instead")
    };
    gives_file.then(finding)
}

/// A template that a release inherits from.
pub(super) struct Template<'s> {
    name: &'s str,
    span: Range<usize>,
    /// Nothing where it is in none of the documents, or in several.
    pub(super) node: Option<Node<'s>>,
    /// Whether some of its values are omitted.
    is_partial: bool,
}

/// The bases that must be read before it is known which chart a release takes from its templates.
pub(super) fn bases_of_chart(chart: &Chart<'_, '_>) -> Vec<Wanted> {
    let is_asked = chart.controller.root == HELMFILE.root && chart.get("chart").is_none();
    let bases = if is_asked { state::bases(chart) } else { Vec::new() };
    let number = chart.root.text.file;
    bases.into_iter().filter(|base| matches!(chart.files.find(base, number), Found::Unasked)).collect()
}

/// The templates that a release inherits from, weakest first: those of all releases, then its own; a template comes
/// behind those that it inherits from itself. (helmfile, `pkg/state/state_exec_tmpl.go`,
/// `releaseWithInheritedTemplate`.)
pub(super) fn templates<'s>(chart: &Chart<'_, 's>) -> Vec<Template<'s>> {
    if chart.controller.root != HELMFILE.root {
        return Vec::new();
    }
    let mut found = Vec::new();
    let roots = || state::roots(chart).into_iter();
    let of_all: Vec<Node<'s>> = roots().filter_map(|root| root.get("defaultInherit")).collect();
    let lists = of_all.into_iter().chain(chart.get("inherit"));
    let mut named = lists.flat_map(named_in).peekable();
    if named.peek().is_none() {
        return found;
    }
    let all: Vec<Node<'s>> = roots().filter_map(|root| root.get("templates")).collect();
    for named in named {
        collect(&all, named, false, &mut Vec::new(), &mut found);
    }
    found
}

/// The names of templates in a list, or of one alone, each as text or below `template`.
fn named_in(list: Node<'_>) -> Vec<Node<'_>> {
    let items: Vec<Node<'_>> = if list.is_list() { list.items().collect() } else { vec![list] };
    items
        .into_iter()
        .filter_map(|item| item.get("template").or(Some(item)))
        .filter(|name| name.str().is_some())
        .collect()
}

/// The keys of a release that say something of its values.
const OF_VALUES: [&str; 6] = ["values", "valuesTemplate", "set", "setTemplate", "setString", "secrets"];

/// Whether what names a template leaves out some of its values: `except: [values]`.
fn leaves_out(named: Node<'_>) -> bool {
    let Some(root) = named.text.root() else { return true };
    let mut path = named.path();
    let is_entry = path.pop().is_some_and(|key| key == "template");
    let except = root.follow(path).filter(|_| is_entry).and_then(|entry| entry.get("except"));
    except.is_some_and(|list| list.items().any(|key| key.str().is_none_or(|key| OF_VALUES.contains(&key))))
}

fn collect<'s>(
    all: &[Node<'s>],
    named: Node<'s>,
    is_partial: bool,
    way: &mut Vec<&'s str>,
    found: &mut Vec<Template<'s>>,
) {
    const DEEPEST: usize = 64;
    let may_go_on = |name: &&str| !way.contains(name) && way.len() < DEEPEST && found.len() < DEEPEST;
    let Some(name) = named.str().filter(may_go_on) else { return };
    let mut of_name = all.iter().filter_map(|templates| templates.get(name)).filter(|it| it.is_mapping());
    // those of one name are merged into one
    let node = of_name.next().filter(|_| of_name.next().is_none());
    let is_partial = is_partial || leaves_out(named);
    way.push(name);
    for inherited in node.and_then(|node| node.get("inherit")).into_iter().flat_map(named_in) {
        collect(all, inherited, is_partial, way, found);
    }
    way.pop();
    found.push(Template { name, span: named.span(), node, is_partial });
}

/// Whether the files of a release are in another folder than they seem to be. A template that was not found may say so,
/// too, but may override them anyway.
pub(super) fn has_prefix(chart: &Chart<'_, '_>) -> bool {
    const PREFIX: &str = "valuesPathPrefix";
    let is_prefixed = |template: &Template<'_>| template.node.is_some_and(|node| node.get(PREFIX).is_some());
    chart.at.get(PREFIX).is_some() || templates(chart).iter().any(is_prefixed)
}

/// Whether a release is called after this chart, and names its own in a template that was not found.
pub(super) fn may_inherit_ours(chart: &Chart<'_, '_>) -> bool {
    chart.controller.root == HELMFILE.root
        && chart.inherited("chart").is_none()
        && chart.str("name").is_some_and(names_illumio)
        && templates(chart).iter().any(|template| template.node.is_none())
}

/// The layers of the templates: their lists come before those of a release, each behind what it inherits from itself,
/// and what they set comes before what the release sets. (helmfile 0.166, `helmfile build`)
fn layers<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    let mut layers = Vec::new();
    for (number, template) in templates(chart).iter().enumerate() {
        let Some(node) = template.node.filter(|_| !template.is_partial) else {
            layers.push(unread(chart, template));
            continue;
        };
        let root = node.text.root().unwrap_or(chart.root);
        let mut of_template = Chart::new(chart.files, &TEMPLATE_ROW, root, node);
        of_template.below.clone_from(&chart.below);
        of_template.element.clone_from(&chart.element);
        of_template.known.clone_from(&chart.known);
        let mut found = of_template.own_layers();
        // the names of a base lead from the folder of the helmfile that takes it (helmfile 0.166, `helmfile build`)
        let from_here = Chart { root: chart.root, ..of_template };
        found.extend(from_here.named_layers().into_iter().map(|mut layer| {
            if has_prefix(chart)
                && let Some(named) = &mut layer.named
            {
                named.wanted = None;
                layer.values = Values::Unread(None);
            }
            layer
        }));
        layers.extend(
            found.into_iter().map(|layer| Layer { rank: (layer.rank.0, number * MOST + layer.rank.1), ..layer }),
        );
    }
    layers
}

/// A template that was not found may say anything.
fn unread<'s>(chart: &Chart<'_, 's>, template: &Template<'s>) -> Layer<'s> {
    const ABOVE: Rank = (SET - 1, usize::MAX);
    let named = Named::only(format!("the template `{}`", template.name.escape_debug()), template.span.clone());
    Layer { named: Some(named.into()), ..Layer::own(ABOVE, chart.root.text.file, Values::Unread(None)) }
}

/// A release with what the commands of helmfile need to be given.
fn named_for_commands<'s>(chart: &Chart<'_, 's>, mut release: Release<'s>) -> Release<'s> {
    release.id.parent = parent::parent(chart).map(|parent| chart.files.name(parent).to_owned());
    release.id.selected = parent::selected(chart);
    release
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    let Some(name) = applying.name else { return Vec::new() };
    let context = applying.cluster("--kube-context");
    let selector = match applying.selected {
        Selected::And(more) => format!("name={name},{more}"),
        Selected::ByName | Selected::WithOthers => format!("name={name}"),
    };
    // `default` is the one that is taken where none is named
    let environment = applying.environment.filter(|name| *name != "default");
    let environment = Applying::option("--environment", environment);
    let file = applying.parent.unwrap_or(applying.file);
    let words = ["helmfile", "-f", file].into_iter().chain(environment).chain(context);
    let others = "the selector also takes the other releases of this name in the helmfile: give each a label of its own, and \
                  add that to the selector. Without that, the command applies all of them:";
    let others = (*applying.selected == Selected::WithOthers).then(|| say(others));
    others.into_iter().chain([run(words.chain(["--selector", &selector, "apply"]))]).collect()
}
