//! What brings the chart in files of other languages: a Terraform `helm_release`, and the commands of a script. Both
//! are read in the form that [`crate::rendered`] gives them.

use super::{
    Applying, Chart, Controller, Form, IN_SCRIPT, Is, LayerRule, More, ROLLBACK_HELP, Rest, To, Trap,
    chart::decided_by, run, say,
};
use crate::{
    chart::MODE_KEY,
    finding::{Doubt, Finding, Severity},
    instruction::{Does, Instruction},
    open_word::ARGUMENTS,
    procedure::Deployer,
    release::{Arm, Filler, Parameter, Reach, Release, VARIABLE, Values},
    rule::Rule,
    shell::shell_word,
    yaml::{Language, Node},
};

/// The level of what is set one by one.
const SET: u8 = 3;

/// A `helm_release`. The list of values counts in its order, and what is set one by one above it.
pub(super) const TERRAFORM: Controller = Controller {
    title: "Terraform helm_release",
    api: "",
    kind: "",
    root: "helm_release",
    charts: "",
    chart: &["chart", "repository"],
    version: "version",
    values: &[
        LayerRule { path: "layers", level: 0, form: Form::Stack },
        LayerRule { path: "set", level: SET, form: Form::Parameters },
    ],
    more: &[
        More { path: "layers", level: 0, to: To::Beside, behind: "" },
        More { path: "more", level: SET + 1, to: To::Elsewhere, behind: "" },
    ],
    name: "address",
    called: "address",
    traps: TRAPS,
    deployer: Deployer::Helm,
    target: &["namespace"],
    storage: &["namespace"],
    source: "hashicorp/terraform-provider-helm, docs/resources/release.md; helm/resource_helm_release.go, getValues",
    rest: Rest {
        is: Some(is_terraform),
        is_folder_first: true,
        fills_in: Some(TEMPLATEFILE),
        fills_in_itself: Some(Filler { tool: "Terraform", marks: VARIABLE }),
        findings: findings_of_terraform,
        wanted: super::terraform::wanted,
        expanded: super::terraform::expanded,
        apply: apply_terraform,
        ..Rest::NOTHING
    },
};

/// What fills in the files that a resource takes. (Terraform documentation, `templatefile`)
const TEMPLATEFILE: Filler = Filler { tool: "Terraform's `templatefile`", marks: VARIABLE };

/// The same in the JSON form of the language, where each value is the text of an expression.
pub(super) const TERRAFORM_JSON: Controller = Controller {
    charts: "resource.helm_release.*",
    values: &[
        LayerRule { path: "values", level: 0, form: Form::Texts },
        LayerRule { path: "set", level: SET, form: Form::Parameters },
    ],
    more: &[],
    name: "name",
    called: "name",
    source: "Terraform documentation, JSON Configuration Syntax, Expression Mapping",
    rest: Rest {
        is: Some(is_terraform_json),
        is_folder_first: true,
        fills_in: Some(TEMPLATEFILE),
        fills_in_itself: Some(Filler { tool: "Terraform", marks: VARIABLE }),
        findings: findings_of_terraform,
        wanted: super::terraform::wanted,
        expanded: of_address,
        apply: apply_terraform,
        ..Rest::NOTHING
    },
    ..TERRAFORM
};

fn is_terraform_json(root: Node<'_>) -> bool {
    root.get("kind").is_none() && root.at("resource.helm_release").is_some_and(Node::is_mapping)
}

/// A resource is called by its address.
fn of_address<'s>(chart: &Chart<'_, 's>, mut release: Release<'s>) -> Vec<Release<'s>> {
    let path = chart.at.path();
    if crate::rendered::is_override(chart.manifest()) && chart.get("chart").is_none() {
        return Vec::new();
    }
    if let Some(key) = path.get(2) {
        release.id.name = format!("helm_release.{key}");
        release.id.called = Some(release.id.name.clone());
    }
    let several = ["for_each", "count"].iter().find(|key| chart.get(key).is_some());
    let reach = several.map_or(Reach::One, |key| Reach::AllOf(format!("`{key}` of `{}`", release.id.name)));
    release.reach = reach.with(super::terraform::reach_of_modules(chart, &mut release));
    vec![release]
}

/// A command of Helm in a script, with the heredocs that become its files.
pub(super) const SCRIPT: Controller = Controller {
    title: IN_SCRIPT,
    more: &[More { path: "layers", level: 0, to: To::Beside, behind: "" }],
    root: "helm",
    name: "releaseName",
    called: "releaseName",
    source: "Helm documentation, helm upgrade; POSIX, Shell Command Language, 2.7.4 Here-Document",
    rest: Rest {
        is: Some(is_script),
        is_folder_first: true,
        fills_in_itself: Some(Filler { tool: "the script", marks: VARIABLE }),
        findings: findings_of_script,
        expanded: of_command,
        context: &["kubeContext"],
        apply: apply_script,
        ..Rest::NOTHING
    },
    ..TERRAFORM
};

/// A command goes to the cluster that it names; where that is a variable, to several.
fn of_command<'s>(chart: &Chart<'_, 's>, mut release: Release<'s>) -> Vec<Release<'s>> {
    release.id.context = chart.str("context").map(str::to_owned);
    release.id.run_in = chart.run_in();
    release.id.parts = chart.str("parts").into_iter().flat_map(str::split_whitespace).map(str::to_owned).collect();
    if chart.get("onlyInstalls").is_some() {
        release.id.does = Does::OnlyInstall;
    }
    release.id.takes_arguments = chart.files.takes_arguments(chart.root.text.file);
    if let Some(turn) = chart.str("turn").filter(|_| release.id.context.is_none()) {
        release.id.name = format!("{}.{turn}", release.id.name);
    }
    release.arm = arm(chart);
    if let Some(turns) = chart.str("turns") {
        release.reach = Reach::AllOf(turns.to_owned());
    }
    if chart.may_run_above().len() > 1 {
        let message =
            "the files that the command names are in several folders above, and it is not known which it is run in";
        let help = "write `cd` into the script, so that it is known";
        let finding = Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Overridden);
        release.findings.push(finding.at(chart.at.span()).in_file(chart.files.name(chart.root.text.file)));
    }
    vec![release]
}

/// A command as one of those that may bring one release.
fn arm(chart: &Chart<'_, '_>) -> Option<Arm> {
    let said = |key: &str| chart.str(key).unwrap_or_default();
    let name = chart.get("releaseName").filter(|name| name.str() != Some("?"))?;
    let places = [said("places"), said("turn")].concat();
    let of = Arm::identity(name.str()?, said("namespace"), said("context"), &places);
    let (order, at) = (chart.str("order").map(str::to_owned), chart.get("from").unwrap_or(name).span());
    Some(Arm { what: "command", of, only: None, runs: String::new(), order, at })
}

const TRAPS: &[Trap] = &[
    Trap {
        path: "reuseValues",
        is: Is::True,
        rule: Rule::ReuseValues,
        message: "this keeps the values of the old release, including a removed mode",
        help: "write the mode out, or remove this",
    },
    Trap {
        path: "atomic",
        is: Is::True,
        rule: Rule::RollbackFlipsMode,
        message: "a failed upgrade rolls the release back, and the mode with it",
        help: ROLLBACK_HELP,
    },
];

fn is_terraform(root: Node<'_>) -> bool {
    root.text.language() == Some(Language::Terraform)
}

fn is_script(root: Node<'_>) -> bool {
    root.text.language() == Some(Language::Script)
}

/// What makes an edit of the resource have no effect.
fn findings_of_terraform(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let ignored = chart.get("ignored").map(|at| {
        let message = "`ignore_changes` keeps Terraform from changing the values of an existing release: it keeps the \
                       values that it was created with";
        decided_by(message, "remove the values from `ignore_changes`, and check the plan", at)
    });
    let left_out = chart.get("isLeftOut").map(|at| {
        let message = "Terraform does not create this release: `count` is 0, or `for_each` is empty";
        let help = "if the cluster should run it, change that first";
        Finding::new(Rule::NotInstalled, message).help(help).doubting(Doubt::Overridden).at(at.span())
    });
    let condition = chart.get("condition").map(|at| {
        let message = "Terraform creates this release only where `count` is not 0, and the mode counts there";
        let finding = Finding::new(Rule::ModeElsewhere, message).weighing(Severity::Info);
        finding.help("check with `terraform plan` that it creates it for the cluster").at(at.span())
    });
    ignored.into_iter().chain(left_out).chain(condition).collect()
}

/// What is set on the command line still overrides the file in which the step is made.
fn findings_of_script(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let names: Vec<&str> = chart.below.iter().map(String::as_str).chain([MODE_KEY]).collect();
    let sets = |one: &Parameter<'_>| one.name == names;
    let layers = chart.own_layers();
    let found = layers.iter().find_map(|layer| match &layer.values {
        Values::Parameters(parameters) => parameters.iter().rfind(|one| sets(one)).map(|one| one.item),
        _ => None,
    });
    let finding = |item: Node<'_>| {
        let message = "the command sets the mode here, and overrides every values file";
        let help = "write the mode into the values file and take the step there, and remove it from this command; or change \
                    it here by hand";
        let value = item.get("value").unwrap_or(item);
        Finding::new(Rule::ModeOverridden, message).help(help).weighing(Severity::Error).at(value.span())
    };
    let more = chart.items("more").next().map(|item| {
        let said = crate::shown::verbatim(item.str().unwrap_or_default());
        let message = format!("the command also has {said}, which may set the mode and override its files");
        let help = "write out what it sets in the command, without the mode, and write the mode into a values file";
        Finding::new(Rule::ModeElsewhere, message)
            .help(help)
            .weighing(Severity::Error)
            .doubting(Doubt::Overridden)
            .at(item.span())
    });
    let never = chart.get("never").map(|at| {
        let message = format!("the command never runs: {}", at.str().unwrap_or_default());
        let help = "if the cluster should run it, change that first";
        Finding::new(Rule::NotInstalled, message).help(help).doubting(Doubt::Overridden).at(at.span())
    });
    found.map(finding).into_iter().chain(more).chain(never).collect()
}

/// What follows the last dot of a name.
fn ending(file: &str) -> &str {
    file.rsplit_once('.').map_or("", |(_, ending)| ending)
}

fn apply_terraform(applying: &Applying<'_>) -> Vec<Instruction> {
    let program = if ending(applying.file) == "tofu" { "tofu" } else { "terraform" };
    let folder = format!("-chdir={}", applying.folder());
    let target = format!("-target={}", applying.name.unwrap_or("helm_release.NAME"));
    let is_in_module = applying.name.is_some_and(|name| name.starts_with("module."));
    let by_terragrunt = |folder: &str, verb: &str| {
        let command = format!("terragrunt {verb} {}", shell_word(&target));
        match folder {
            "." => run(["terragrunt", verb, target.as_str()]),
            folder => run(["sh", "-c", &format!("cd {} && {command}", shell_word(folder))]),
        }
    };
    if let Some(folder) = applying.terragrunt {
        let first = say("check the plan first:");
        return vec![first, by_terragrunt(folder, "plan"), by_terragrunt(folder, "apply")];
    }
    let command = |verb: &str| {
        let chdir = Some(folder.as_str()).filter(|_| applying.folder() != "." && !is_in_module);
        run([program].into_iter().chain(chdir).chain([verb, target.as_str()]))
    };
    vec![
        say(if is_in_module {
            "check the plan first, in the folder whose configuration calls the module:"
        } else {
            "check the plan first; in a module, the address of the resource begins with that of the module:"
        }),
        command("plan"),
        command("apply"),
    ]
}

fn apply_script(applying: &Applying<'_>) -> Vec<Instruction> {
    if applying.does == Does::OnlyInstall {
        return vec![say("the command only installs: run it with `helm upgrade` in place of `helm install`")];
    }
    let shell = if ending(applying.file) == "zsh" { "zsh" } else { "bash" };
    let is_shell = ["sh", "bash", "zsh"].contains(&ending(applying.file));
    if is_shell {
        let first = say("read the script first, because this runs every command in it; then:");
        let arguments = Some(ARGUMENTS).filter(|_| applying.takes_arguments);
        let below = |folder: &str| Some(applying.file.strip_prefix(folder)?.strip_prefix('/')?.to_owned());
        let there = applying.run_in.and_then(|folder| Some((folder, below(folder)?)));
        let Some((folder, script)) = there.filter(|(folder, _)| *folder != ".") else {
            return vec![first, run([shell, applying.file].into_iter().chain(arguments))];
        };
        let arguments = arguments.map(|word| format!(" {word}")).unwrap_or_default();
        let there = format!("cd {} && {shell} {}{arguments}", shell_word(folder), shell_word(&script));
        vec![first, run(["sh", "-c", &there])]
    } else {
        vec![say("run the job, or the commands, with these lines: Helm upgrades the release there")]
    }
}
