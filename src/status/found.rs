//! The clusters of one file of any kind.

use super::{Holder, IN_SCRIPT, Noted, Standing};
use crate::{
    chart::{self, names_illumio},
    files::{Files, is_of_other_language, is_prose},
    finding::Finding,
    graph::is_beyond_ways,
    release::{Among, Foreign, Mention, Reach, Release, is_among_templates, is_mode_word, names, reaches},
    resolve::{
        Asked, is_unrendered, lists_modes, lists_values, may_be_ours, mentions, mentions_alone, mentions_in_words,
        mentions_of, releases_of_manifest, releases_of_values, unread, unread_program,
    },
    rule::Rule,
    source::Source,
    umbrella::Umbrella,
};

/// The places of a file, by its number, that set, or would set, the mode of a cluster; none where nothing in it looks
/// like Illumio's.
///
/// A file that looks like it and cannot be read has one place whose mode is not known. `path` is where the values are,
/// if that was named.
///
/// ```
/// use helm_clas::{Files, Texts, status::found_in};
///
/// let texts = Texts::new();
/// let files = Files::of(&texts, [("values.yaml", "clusterMode: clas\n"), ("other.yaml", "replicas: 2\n")]);
/// let standings = found_in(&files, 0, None);
/// assert_eq!(standings[0].next().map(|verb| verb.command()).collect::<Vec<_>>(), ["revert"]);
/// assert!(found_in(&files, 1, None).is_empty());
/// ```
#[must_use]
pub fn found_in(files: &Files<'_>, number: usize, path: Option<&str>) -> Vec<Standing> {
    let source = files.source(number);
    // its name is all that such a file shows
    if chart::reference::sealed(source.bytes).is_some() && names_illumio(source.name) {
        let sealed = source.text().err();
        return sealed.into_iter().map(|finding| Standing::unreadable(source, finding)).collect();
    }
    let is_of_umbrella = Umbrella::has_file(files, number);
    let is_silent = !is_of_umbrella && path.is_none() && !may_be_ours(source.bytes);
    // what a kustomization builds is found through the files that it takes, as long as they lead back to it
    if is_silent && !is_beyond_ways(files, number) {
        return Vec::new();
    }
    if let Some(finding) = unread_program(files, number) {
        return with_mentions(vec![Standing::unreadable(source, finding)], mentioned_in(files, number));
    }
    match places(files, number, path) {
        Ok(Places { mut standings, mentions, is_ours }) => {
            if !is_ours {
                standings.clear();
            }
            if path.is_none() && !is_of_umbrella {
                for standing in &mut standings {
                    without_foreign(source, standing);
                }
            }
            with_mentions(standings, mentions)
        }
        Err(_) if is_of_other_language(source.name, source.bytes) || is_among_templates(source.name) => {
            Standing::of_mentions(files, &mentions(files, number, &[]))
        }
        Err(finding) if looks_like_ours(files, number, &finding, is_of_umbrella) => {
            let said = if is_unrendered(source) { mentioned_in(files, number) } else { Vec::new() };
            with_mentions(vec![Standing::unreadable(source, finding)], said)
        }
        Err(_) => Standing::of_mentions(files, &mentions(files, number, &[])),
    }
}

/// The modes that a file sets which is not YAML. None of them is a cluster.
#[must_use]
pub fn mentioned_in(files: &Files<'_>, number: usize) -> Vec<Standing> {
    Standing::of_mentions(files, &mentions_in_words(files, number))
}

/// What a file that can be read holds.
pub(super) struct Places {
    /// The places of a manifest that are asked about, or the one of a values file.
    pub(super) standings: Vec<Standing>,
    /// What else mentions the mode.
    pub(super) mentions: Vec<Standing>,
    /// Whether it is a manifest, or anything around the place looks like Illumio's.
    pub(super) is_ours: bool,
}

/// Standings, and the mentions that none of them reports.
pub(super) fn with_mentions(mut standings: Vec<Standing>, mut mentions: Vec<Standing>) -> Vec<Standing> {
    let is_same = |one: &Noted, other: &Noted| one.finding.span == other.finding.span;
    mentions.retain(|mention| {
        let is_told = |noted: &Noted| {
            mention.findings.iter().any(|own| own.finding.rule == noted.finding.rule && is_same(own, noted))
        };
        !standings.iter().flat_map(|standing| &standing.findings).any(is_told)
    });
    standings.extend(mentions);
    standings
}

pub(super) fn places(files: &Files<'_>, number: usize, path: Option<&str>) -> Result<Places, Finding> {
    let mut releases = releases_of_manifest(files, number);
    if !releases.is_empty() {
        let found: Vec<Mention> =
            releases.iter_mut().flat_map(|release| std::mem::take(&mut release.mentions)).collect();
        let (names, reaches) = (names(&releases), reaches(&releases));
        // of thousands of them no more is kept than what is shown
        let with_names = releases.into_iter().zip(names).zip(reaches);
        let asked = with_names.filter(|((release, _), _)| path.is_none_or(|path| release.is_called(path)));
        let standing = |((release, name), reach): ((Release<'_>, String), Reach)| {
            let mut standing = Standing::of(files, &release, None);
            standing.moves(reach, release.help_to_part());
            standing.cluster.claim = standing.cluster.claim.map(|claim| claim.of_release(&name));
            standing.release = release.is_of_manifest().then_some(name);
            standing
        };
        let standings = asked.map(standing).collect();
        let mentions = if path.is_none() { Standing::of_mentions(files, &found) } else { Vec::new() };
        return Ok(Places { standings, mentions, is_ours: true });
    }
    let source = files.source(number);
    source.text()?;
    // a path may lead into a file that is not values as a whole
    if path.is_none() {
        files.whole(number).map_err(|finding| unread(finding, source.name, source.text().unwrap_or_default()))?;
    }
    let releases = releases_of_values(files, &[number], Asked { path, options: &[] }).map_err(|findings| {
        findings.into_iter().next().unwrap_or_else(|| Finding::new(Rule::InvalidYaml, "the file cannot be read"))
    })?;
    let shows_values = |release: &Release<'_>| {
        let is_object = matches!(release.foreign, Some(Foreign::Object(_)));
        let given = release.layers.iter().filter(|layer| !layer.is_of_chart());
        let names: Vec<String> = given.flat_map(|layer| layer.names(&release.below)).collect();
        !is_object && chart::may_be_its_own(&names)
    };
    let is_object = releases.iter().any(|release| matches!(release.foreign, Some(Foreign::Object(_))));
    let is_of_umbrella = || path.is_none() && !is_object && Umbrella::has_file(files, number);
    let is_ours = releases.iter().any(shows_values) || is_of_umbrella();
    let standing = |release: &Release<'_>| {
        let foreign = match &release.foreign {
            Some(Foreign::Object(finding)) => Some(finding),
            Some(Foreign::Other(finding) | Foreign::Doubtful(finding)) if path.is_none() => Some(finding),
            _ => None,
        };
        Standing::of(files, release, foreign)
    };
    let standings: Vec<Standing> = releases.iter().map(standing).collect();
    let found = if is_ours { mentions_of(releases) } else { mentions_alone(files, number, releases) };
    Ok(Places { standings, mentions: Standing::of_mentions(files, &found), is_ours })
}

/// Makes a mention of what is not the mode of a cluster: a placeholder in a text for people, and a value of another chart that
/// has the name of the mode, where nothing else in the file is of Illumio's.
fn without_foreign(source: Source<'_>, standing: &mut Standing) {
    let is_bad = |noted: &&Noted| matches!(noted.finding.rule, Rule::UnknownMode | Rule::ModeNotText);
    let text = source.text().unwrap_or_default();
    let span = standing.errors().find(is_bad).and_then(|noted| noted.finding.span.clone());
    let Some(word) = span.and_then(|span| text.get(span)).filter(|_| standing.decided_in.is_none()) else { return };
    let word = word.trim_matches(['"', '\'']);
    let is_of_other =
        || !is_mode_word(word, Among::Illumio) && !chart::has_own_values(text) && !tells_of_illumio(source);
    match standing.holder {
        Holder::Manifest(IN_SCRIPT) if is_prose(source.name) && chart::values::is_placeholder(word) => standing
            .becomes_mention(
                "a placeholder is set here as the mode",
                "if a cluster is installed by these commands, write its mode here",
            ),
        Holder::Values if is_of_other() => standing.becomes_mention(
            "what is set here is not a mode of Illumio's chart, and nothing else shows that the file is one of its \
             values files",
            "if a cluster uses it, write its mode here",
        ),
        _ => false,
    };
}

/// Whether a file, or its name, mentions Illumio.
fn tells_of_illumio(source: Source<'_>) -> bool {
    chart::speaks_of_illumio(source.bytes) || chart::speaks_of_illumio(source.name.as_bytes())
}

/// Whether a file that cannot be read looks like Illumio's: a line begins with one of its keys, and the file mentions
/// Illumio, or that line is not indented. A list does where an item of it has such a key.
fn looks_like_ours(files: &Files<'_>, number: usize, finding: &Finding, is_of_umbrella: bool) -> bool {
    if finding.rule == Rule::NotAMapping
        && let Some(is_ours) = lists_values(files, number)
    {
        return is_ours && !lists_modes(files, number);
    }
    // UTF-16 without its zeros and its mark is good enough for names in ASCII
    let text = String::from_utf8_lossy(files.source(number).bytes).replace(['\0', char::REPLACEMENT_CHARACTER], "");
    let is_at_root = |line: &str| !line.starts_with([' ', '\t', '-']) && chart::looks_like_values(line);
    let speaks_of_it = || names_illumio(&text);
    chart::looks_like_values(&text) && (is_of_umbrella || text.lines().any(is_at_root) || speaks_of_it())
}
