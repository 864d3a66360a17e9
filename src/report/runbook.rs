//! A [`Runbook`] as a [`Page`].

use super::page::{Block, Item, Page};
use crate::{
    act::Act,
    command_line::CommandLine,
    instruction::Instruction,
    mode::ClusterMode,
    policy::infrastructure::{MANDATORY, When},
    procedure::{Check, Deployer, Verb},
    runbook::{Leg, Runbook, Software},
};

/// The page of a runbook, for a change ticket.
#[must_use]
pub fn page(runbook: &Runbook<'_>) -> Page {
    let commands = &runbook.commands;
    let mut blocks = vec![Block::Text(overview(runbook))];
    let mut number = 0;
    if let Some(first) = &runbook.software {
        number += 1;
        let title = format!("Step 1: chart {} -> {}, in {}", first.from, commands.version, runbook.from);
        blocks.push(Block::Heading(title));
        blocks.extend(software(first, runbook.from));
    }
    for leg in &runbook.legs {
        number += 1;
        blocks.push(Block::Heading(format!("Step {number}: {} -> {}", leg.from, leg.to)));
        blocks.extend(step(leg, commands));
    }
    if runbook.legs.iter().any(|leg| !leg.verb.is_way_back()) {
        blocks.push(Block::Heading("The mandatory rules".to_owned()));
        blocks.push(Block::Text(
            "Write these before the first step. The ones for full enforcement are needed only if the namespace of \
             Kubelink and C-VEN is in full enforcement."
                .to_owned(),
        ));
        blocks.push(infrastructure_rules());
    }
    let title = format!("From {} to {}: {}", runbook.from, runbook.goal, commands.files.join(", "));
    Page { title, blocks }
}

fn overview(runbook: &Runbook<'_>) -> String {
    let commands = &runbook.commands;
    let CommandLine { version, pce_version, .. } = commands;
    let what = match commands.controller.map(crate::Id::deployer) {
        Some(Deployer::ArgoCd) => "Application",
        Some(Deployer::Kustomize) => "Helm chart of kustomize",
        Some(Deployer::Unknown) => "Values of",
        Some(Deployer::Helm) | None => "Release",
    };
    let name = commands.name().or_else(|| Some(commands.controller?.name.as_str())).unwrap_or(commands.release.name);
    let (namespace, storage) = (commands.namespace(), commands.storage());
    let namespace = match commands.controller.map(crate::Id::deployer) {
        Some(Deployer::Helm) | None if storage != namespace => format!("{storage}, its software in {namespace}"),
        _ => namespace.to_owned(),
    };
    let steps = match runbook.legs.len() + usize::from(runbook.software.is_some()) {
        0 => "The cluster is already there; there is nothing to do.".to_owned(),
        1 => "One step.".to_owned(),
        number => format!(
            "{number} steps, which can be days apart. After each step you can pause, continue or go \
                           back."
        ),
    };
    // between two modes it is not upgraded, and the way back does not need it
    let first = if runbook.from == ClusterMode::Legacy && runbook.software.is_none() {
        " Upgrade the software first, as a change of its own."
    } else {
        ""
    };
    format!(
        "{what} {name} in namespace {namespace}, chart {version}, PCE {pce_version}. {steps} Every command uses the \
         same chart version.{first}"
    )
}

fn software(first: &Software<'_>, mode: ClusterMode) -> Vec<Block> {
    let commands = &first.commands;
    let [before, after] = Software::checks();
    let mut run = Vec::new();
    if first.is_pinned {
        let mut write = commands.doing(Act::Upgrade);
        write.push("--write".to_owned());
        run.push(Instruction::Run(write));
    }
    run.extend(commands.upgrading());
    let change = if first.is_pinned {
        "Change the file, review the diff, and apply it to the cluster"
    } else {
        "Upgrade the release; no file changes, because no version is beside these values"
    };
    vec![
        Block::Text("The mode and all values stay. Before it, run these checks".to_owned()),
        Block::Commands(vec![Instruction::Run(commands.checking(Act::Upgrade))]),
        Block::Text("and check that".to_owned()),
        Block::Checks(items(&before, commands)),
        Block::Text(change.to_owned()),
        Block::Commands(run),
        Block::Text("After it, run these checks".to_owned()),
        Block::Commands(vec![Instruction::Run(commands.verification(mode))]),
        Block::Text("and check that".to_owned()),
        Block::Checks(items(&after, commands)),
    ]
}

fn step(leg: &Leg, commands: &CommandLine<'_>) -> Vec<Block> {
    let mut blocks = vec![
        Block::Text("Before the step, run these checks".to_owned()),
        Block::Commands(vec![Instruction::Run(commands.checking(leg.verb.into()))]),
        Block::Text("and check that".to_owned()),
        Block::Checks(items(&leg.before, commands)),
        Block::Text("Change the file, review the diff, and apply it to the cluster".to_owned()),
        Block::Commands(taking(leg.verb, leg.to, commands).collect()),
        Block::Text(
            "After it, run these checks (--since is how long ago the step was taken; PCE checks need an API key)"
                .to_owned(),
        ),
        Block::Commands(vec![Instruction::Run(commands.verification(leg.to))]),
        Block::Text("and check that".to_owned()),
        Block::Checks(items(&leg.after, commands)),
    ];
    for (number, (back, to)) in leg.back.iter().enumerate() {
        let title = match number {
            0 => format!("To go back from here, to {to}"),
            _ => format!("and, once these checks pass, to {to}"),
        };
        blocks.push(Block::Text(title));
        let verification = Instruction::Run(commands.verification(*to));
        blocks.push(Block::Commands(taking(*back, *to, commands).chain([verification]).collect()));
    }
    blocks
}

/// The commands of a step: the file is changed, and brought to the cluster.
fn taking<'c>(
    verb: Verb,
    to: ClusterMode,
    commands: &'c CommandLine<'_>,
) -> impl Iterator<Item = Instruction> + use<'c> {
    let mut write = commands.step(verb);
    write.push("--write".to_owned());
    std::iter::once(Instruction::Run(write)).chain(commands.instructions(to))
}

pub(super) fn items(checks: &[&'static Check], commands: &CommandLine<'_>) -> Vec<Item> {
    let item = |check: &&'static Check| Item {
        name: check.id,
        text: check.text_in(commands.namespace()),
        how: check.how.iter().filter_map(|how| commands.looking(*how)).collect(),
    };
    checks.iter().map(item).collect()
}

fn infrastructure_rules() -> Block {
    let rows = MANDATORY.iter().map(|rule| {
        let when = match rule.when {
            When::Always => "always",
            When::FullEnforcement => "in full enforcement",
        };
        vec![rule.to_string(), when.to_owned(), rule.why.to_owned()]
    });
    Block::Table(vec!["rule", "needed", "why"], rows.collect())
}
