//! The pages of the checks around a step, made from their rows: what must be true, when, and how to look at it.

use std::fmt::Write as _;

use super::text::filled;
use crate::{
    called::Called,
    mode::ClusterMode,
    procedure::{Check, How, Move, Verb, checks},
    spelling, verify,
};

/// The page of a check by its name, as Markdown; nothing where none has it. `verify` makes some that the procedure
/// does not name.
#[must_use]
pub fn page_of_check(name: &str, called: Called) -> Option<String> {
    let of_procedure = checks().iter().find(|check| check.id == name);
    let text = of_procedure.map(|check| check.text).or_else(|| verify::text_of_check(name))?;
    let mut page = format!("# {name}\n\nA check around a step.\n\n## What must be true\n\n{}", sentence(text));
    let when = of_procedure.map(when).unwrap_or_default();
    let made = if when.is_empty() { "`verify` makes it.\n" } else { when.as_str() };
    let _ = write!(page, "\n## When\n\n{made}\n## How to check\n\n");
    let looks = of_procedure.map(|check| check.how).unwrap_or_default();
    let own = [How::Own("verify --before FILES --version VERSION"), How::Own("verify FILES --wait 10m")];
    for how in looks.iter().chain(&own) {
        let command = |words: &str| words.split(' ').map(word).collect::<Vec<_>>().join(" ");
        let _ = match *how {
            How::Say(words) => writeln!(page, "- {words}"),
            How::Own(words) => writeln!(page, "- `{called} {}`", command(words)),
            How::Run(words) => writeln!(page, "- `{}`", command(words)),
            How::Helm(words) => writeln!(page, "- `{}`, with Helm, Flux or helmfile", command(words)),
            How::ArgoCd(words) => writeln!(page, "- `{}`, with Argo CD", command(words)),
            How::Kustomize(words) => writeln!(page, "- `{}`, with kustomize", command(words)),
        };
    }
    let source = of_procedure.map_or("the objects of the cluster, and the PCE's REST API", |check| check.source);
    let _ = write!(page, "\n## Source\n\n{}", sentence(source));
    Some(page)
}

/// A word of a command, as a page shows it for any cluster.
fn word(word: &str) -> &str {
    match word {
        "NAMES" => "FILE",
        "FILES" => "-f FILE",
        "STORAGE" => "NAMESPACE",
        word => word,
    }
}

/// The name of the procedure's check that is nearest to a word, where one is near.
#[must_use]
pub fn nearest_check(word: &str) -> Option<&'static str> {
    let names = checks().iter().map(|check| check.id);
    let near = names.map(|name| (spelling::distance(word, name), name)).filter(|(far, name)| far * 3 <= name.len());
    near.min_by_key(|(far, _)| *far).map(|(_, name)| name)
}

/// The steps around which a check is made.
fn when(check: &Check) -> String {
    let steps = |goals: &[ClusterMode]| {
        let goes = |verb: &Verb, from| matches!(verb.applied_to(from), Move::Go(goal) if goals.contains(&goal));
        let leads = |verb: &&Verb| ClusterMode::ALL.into_iter().any(|from| goes(verb, from));
        Verb::ALL.iter().filter(leads).map(|verb| format!("`{verb}`")).collect::<Vec<_>>().join(", ")
    };
    let line = |word: &str, goals: &[ClusterMode]| {
        let steps = steps(goals);
        if steps.is_empty() { String::new() } else { format!("{word} {steps}.\n") }
    };
    line("Before", check.before) + &line("After", check.after)
}

/// Words as a sentence, in lines of the page's width.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    filled(&format!("{first}{}.", letters.as_str()), "", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_a_page() {
        for check in checks() {
            let page = page_of_check(check.id, Called::ALONE).expect("it has one");
            assert!(page.contains("\n## When\n\nBefore `") || page.contains("\n## When\n\nAfter `"), "{page}");
            assert!(["NAMES ", "FILES", "STORAGE", "FILEPACE"].iter().all(|word| !page.contains(word)), "{page}");
        }
        for name in ["release-in-mode", "kubelink-rolled-out", "cluster-online", "peers-active", "no-crash-loops"] {
            assert!(
                page_of_check(name, Called::ALONE).is_some_and(|page| page.contains("`verify` makes it")),
                "{name}"
            );
        }
        assert_eq!(page_of_check("wrong-step", Called::ALONE), None);
        assert_eq!(nearest_check("policy-use-labels"), Some("policy-uses-labels"));
        assert_eq!(nearest_check("x"), None);
    }
}
