//! Where clusters stand, as a person reads it at a glance, as a program reads it, and as a page.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt::Write as _,
};

use anstyle::{AnsiColor, Effects, Style};
use serde::Serialize;

use super::{
    columns::cell,
    html::{self, escaped},
    json::{FindingJson, pretty},
    live::{Beside, BesideJson},
    pce_clusters::OfPce,
    printable::printable,
    text::{BAD, GOOD, TITLE, filled},
};
use crate::{
    called::Called,
    chart::secrets::masked,
    finding::Position,
    mode::ClusterMode,
    release::Reach,
    status::{Holder, Noted, Overview, Standing},
};

const FAINT: Style = Style::new().effects(Effects::DIMMED);
const ON_THE_WAY: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);

/// Below a table without rows.
const NOTHING: &str = "no file here holds values of the Illumio chart";

/// The table, what makes a mode unknown below its row, and how many clusters stand where. Names are cut only for a terminal
/// of so many columns, and never so that two of them look alike.
#[must_use]
pub fn text(overview: &Overview, columns: Option<usize>) -> String {
    let summary = overview.summary();
    if summary.clusters == 0 && summary.not_judged == 0 {
        return format!("{TITLE}{summary}{TITLE:#}: {NOTHING}\n");
    }
    let rows: Vec<Row<'_>> = overview.standings().map(Row::of).collect();
    let mut out = Columns::of(&rows, columns).table(&rows);
    let _ = writeln!(out, "\n{TITLE}{summary}{TITLE:#}{}", decided(overview));
    out
}

/// Which of several files decides.
fn decided(overview: &Overview) -> String {
    match overview.effective() {
        Some(effective) if overview.merged.len() > 1 && overview.found.is_empty() => match effective.position {
            Some(Position { line, .. }) => format!(", decided in {} line {line}", shown_file(effective)),
            None if effective.holder == Holder::Option && effective.mode.is_some() => {
                format!(", decided by {}", shown_file(effective))
            }
            None if effective.is_default() => ", which no file says: it is the chart's default".to_owned(),
            None => String::new(),
        },
        _ => String::new(),
    }
}

/// A line of the table.
struct Row<'r> {
    standing: &'r Standing,
    file: String,
    mode: String,
    version: String,
    next: Vec<String>,
}

impl<'r> Row<'r> {
    fn of(standing: &'r Standing) -> Self {
        Self {
            standing,
            file: match label(standing) {
                Some(label) => format!("{}: {}", shown_file(standing), printable(&label)),
                None => shown_file(standing),
            },
            mode: match standing.mode {
                Some(mode) if standing.is_default() => format!("{mode} (default)"),
                Some(mode) => mode.to_string(),
                None if standing.is_overridden => "-".to_owned(),
                None if standing.holder == Holder::Mention => "not judged".to_owned(),
                None => "unknown".to_owned(),
            },
            version: standing.version.as_deref().map_or("-".to_owned(), printable),
            next: if standing.is_overridden && standing.mode.is_some() {
                vec!["overridden".to_owned()]
            } else {
                next(standing).collect()
            },
        }
    }

    /// The last part of its path.
    fn file_name(&self) -> &str {
        let path = self.file.split_once(": ").map_or(self.file.as_str(), |(path, _)| path);
        path.rsplit('/').next().unwrap_or(path)
    }

    fn style(&self) -> Style {
        match self.standing.mode {
            _ if self.standing.is_overridden => FAINT,
            Some(ClusterMode::Legacy) => Style::new(),
            Some(ClusterMode::Clas) => GOOD,
            Some(ClusterMode::MigrateLegacyToClas | ClusterMode::MigrateClasToLegacy) => ON_THE_WAY,
            Some(ClusterMode::Unpair) | None => BAD,
        }
    }
}

/// What tells the places of a file apart, and what `--path` takes: the release, or the keys of an umbrella chart.
fn label(standing: &Standing) -> Option<String> {
    match standing.holder {
        Holder::Manifest(_) => standing.release.clone(),
        Holder::Option => None,
        Holder::Values | Holder::Mention => standing.below(),
    }
}

fn shown_file(standing: &Standing) -> String {
    if standing.file == "-" { "stdin".to_owned() } else { printable(&standing.file) }
}

/// How wide each column is.
struct Columns<'r> {
    file: usize,
    mode: usize,
    /// Nothing where no row has a version.
    version: Option<usize>,
    /// Whether of several next steps each has a line of its own.
    stacks_next: bool,
    /// The names of files that are those of several rows, in different folders.
    usual: HashSet<&'r str>,
}

const GAP: usize = 2;
const HEAD: [&str; 4] = ["FILE", "MODE", "CHART", "NEXT"];

impl<'r> Columns<'r> {
    /// What is too wide gives way in this order: several next steps on one line, then long names.
    fn of(rows: &'r [Row<'_>], columns: Option<usize>) -> Self {
        const SHORTEST_NAME: usize = 20;
        let widest = |column: usize, of: &dyn Fn(&Row<'_>) -> usize| {
            rows.iter().map(of).max().unwrap_or_default().max(HEAD[column].len())
        };
        let file = widest(0, &|row| width(&row.file));
        let mode = widest(1, &|row| width(&row.mode));
        let has_versions = rows.iter().any(|row| row.standing.version.is_some());
        let version = has_versions.then(|| widest(2, &|row| width(&row.version)));
        let next = widest(3, &|row| width(&row.next.join(", ")));
        let one_next = widest(3, &|row| row.next.iter().map(|next| width(next) + 1).max().unwrap_or_default());
        let between = GAP + mode + GAP + version.map_or(0, |version| version + GAP);
        let stacks_next = columns.is_some_and(|columns| file + between + next > columns);
        let mut names = HashSet::new();
        let usual = rows.iter().map(Row::file_name).filter(|name| !names.insert(*name)).collect();
        let whole = Self { file, mode, version, stacks_next, usual };
        let Some(columns) = columns else { return whole };
        let room = columns.saturating_sub(between + if stacks_next { one_next } else { next });
        let cut = Self { file: file.min(room.max(SHORTEST_NAME)), ..whole };
        let mut shown: HashMap<String, &str> = HashMap::new();
        let is_told_apart = rows.iter().all(|row| *shown.entry(cut.name_of(row)).or_insert(&row.file) == row.file);
        if is_told_apart { cut } else { Self { file, ..cut } }
    }

    /// The name of a row as there is room for it.
    fn name_of(&self, row: &Row<'_>) -> String {
        let usual = row.file_name();
        shortened(&row.file, self.file, if self.usual.contains(usual) { usual } else { "" })
    }

    fn table(&self, rows: &[Row<'_>]) -> String {
        let mut out = self.line(TITLE, HEAD[0], (TITLE, HEAD[1]), HEAD[2], HEAD[3]);
        for row in rows {
            let plain = if row.standing.is_overridden { FAINT } else { Style::new() };
            let (next, others) = match &row.next[..] {
                [next, others @ ..] if self.stacks_next && !others.is_empty() => (format!("{next},"), others),
                all => (all.join(", "), &[][..]),
            };
            let file = self.name_of(row);
            out += &self.line(plain, &file, (row.style(), &row.mode), &row.version, &next);
            out.extend(others.iter().map(|next| self.line(plain, "", (plain, ""), "", next)));
            out.extend(decided_elsewhere(row.standing).map(|words| filled(&words, "  ", "    ")));
            out.extend(all_of(row.standing).map(|words| filled(&words, "  ", "    ")));
            out.extend(row.standing.shown().map(|noted| error(noted, &row.standing.file)));
        }
        out
    }

    /// A line without blanks at its end.
    fn line(&self, style: Style, file: &str, mode: (Style, &str), version: &str, next: &str) -> String {
        let version = self.version.map(|width| (style, version, width));
        let cells = [(style, file, self.file), (mode.0, mode.1, self.mode)]
            .into_iter()
            .chain(version)
            .chain([(style, next, 0)]);
        let cells: Vec<(Style, &str, usize)> = cells.collect();
        let last = cells.iter().rposition(|(_, text, _)| !text.is_empty()).unwrap_or_default();
        let mut line = String::new();
        for (column, (style, text, room)) in cells.into_iter().take(last + 1).enumerate() {
            let blanks = if column == last { 0 } else { room - width(text) + GAP };
            let _ = write!(line, "{style}{text}{style:#}{:blanks$}", "");
        }
        line + "\n"
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// A name as long as there is room. What is left out is of the part that is `usual` where that is long enough, since it
/// tells nothing apart, and of the middle otherwise.
fn shortened(name: &str, room: usize, usual: &str) -> String {
    let length = width(name);
    if length <= room {
        return name.to_owned();
    }
    let cut = length - room + "…".chars().count();
    let start = match name.rfind(usual) {
        Some(at) if width(usual) > cut => width(&name[..at]),
        _ => (length - cut) / 2,
    };
    name.chars().take(start).chain(['…']).chain(name.chars().skip(start + cut)).collect()
}

/// In which file the mode is decided, where a manifest takes it from one.
fn decided_elsewhere(standing: &Standing) -> Option<String> {
    let (file, position) = standing.decided_in.as_deref().zip(standing.position)?;
    Some(format!("decided in {} line {}", printable(file), position.line))
}

/// That a row stands for more clusters than can be counted.
fn all_of(standing: &Standing) -> Option<String> {
    matches!(standing.reach, Reach::AllOf(_)).then(|| format!("one row for {}", printable(&standing.reach.to_string())))
}

fn error(noted: &Noted, file: &str) -> String {
    let rule = noted.finding.rule.name();
    let title = format!("error[{rule}]");
    let line = filled(&format!("{title}: {}", words(noted, file)), "  ", "    ");
    line.replacen(&title, &format!("{BAD}{title}{BAD:#}"), 1)
}

/// What is wrong, and in which line; in which file, where that is not the one of the row.
fn words(noted: &Noted, file: &str) -> String {
    let message = printable(&masked(&noted.finding.message));
    let other = noted.finding.file.as_deref().filter(|other| *other != file).map(printable);
    match (other, &noted.region) {
        (Some(other), Some(region)) => format!("{other} line {}: {message}", region.start.line),
        (Some(other), None) => format!("{other}: {message}"),
        (None, Some(region)) => format!("line {}: {message}", region.start.line),
        (None, None) => message,
    }
}

#[derive(Serialize)]
struct StatusJson<'a> {
    schema: &'static str,
    files: Vec<StandingJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective: Option<EffectiveJson<'a>>,
    #[serde(rename = "pceClusters", skip_serializing_if = "Option::is_none")]
    pce_clusters: Option<serde_json::Value>,
    #[serde(flatten)]
    beside: Option<BesideJson<'a>>,
    summary: SummaryJson,
}

#[derive(Serialize)]
struct StandingJson<'a> {
    file: &'a str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<&'a str>,
    #[serde(rename = "decidedIn", skip_serializing_if = "Option::is_none")]
    decided_in: Option<&'a str>,
    path: &'a [String],
    mode: Option<&'static str>,
    #[serde(flatten)]
    position: Option<Position>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    overridden: bool,
    next: Vec<String>,
    findings: Vec<FindingJson<'a>>,
}

#[derive(Serialize)]
struct EffectiveJson<'a> {
    mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    next: Vec<String>,
}

#[derive(Serialize)]
struct SummaryJson {
    clusters: usize,
    modes: BTreeMap<&'static str, usize>,
    unknown: usize,
}

/// The answer of `status`. What the files of one cluster come to is there where such files were named;
/// `live`, `pce` and whether they `agree` where the cluster was asked, and every cluster of the PCE where it was asked for all.
#[must_use]
pub fn json(overview: &Overview, called: Called, beside: Option<&Beside<'_>>, of_pce: Option<&OfPce<'_>>) -> String {
    let summary = overview.summary();
    let effective = overview.effective();
    let effective = EffectiveJson {
        mode: effective.and_then(|standing| standing.mode).map(ClusterMode::as_str),
        file: effective
            .filter(|standing| !standing.is_default() && standing.holder != Holder::Option)
            .map(|standing| standing.decided_in.as_ref().unwrap_or(&standing.file).as_str()),
        next: effective.into_iter().flat_map(next).collect(),
    };
    pretty(&StatusJson {
        schema: "helm-clas/status/v1",
        files: overview.standings().map(|standing| StandingJson::of(standing, called)).collect(),
        effective: (!overview.merged.is_empty()).then_some(effective),
        beside: beside.map(Beside::json),
        pce_clusters: of_pce.map(OfPce::json),
        summary: SummaryJson {
            clusters: summary.clusters,
            modes: ClusterMode::ALL.map(|mode| (mode.as_str(), summary.count(mode))).into(),
            unknown: summary.unknown,
        },
    })
}

fn next(standing: &Standing) -> impl Iterator<Item = String> {
    standing.next().map(|verb| verb.to_string())
}

impl<'a> StandingJson<'a> {
    fn of(standing: &'a Standing, called: Called) -> Self {
        Self {
            file: &standing.file,
            kind: kind(standing.holder),
            release: standing.release.as_deref(),
            decided_in: standing.decided_in.as_deref(),
            path: &standing.path,
            mode: standing.mode.map(ClusterMode::as_str),
            position: standing.position,
            version: standing.version.as_deref(),
            overridden: standing.is_overridden,
            next: next(standing).collect(),
            findings: standing
                .findings
                .iter()
                .map(|noted| FindingJson::located(&noted.finding, called, noted.region.clone()))
                .collect(),
        }
    }
}

const fn kind(holder: Holder) -> &'static str {
    match holder {
        Holder::Values => "values",
        Holder::Option => "option",
        Holder::Mention => "mention",
        Holder::Manifest(title) => title,
    }
}

/// The same as a table of Markdown.
#[must_use]
pub fn markdown(overview: &Overview, of_pce: Option<&OfPce<'_>>) -> String {
    let mut out = "# Where the clusters stand\n\n".to_owned();
    if overview.summary().clusters > 0 {
        out += "| File | Release | Mode | Chart | Next |\n|---|---|---|---|---|\n";
    }
    for standing in overview.standings() {
        let mode = match standing.mode {
            Some(mode) if standing.is_default() => format!("{mode} (default)"),
            Some(mode) => mode.to_string(),
            None if standing.is_overridden => String::new(),
            None => "?".to_owned(),
        };
        let next: Vec<String> = next(standing).collect();
        let cells = [
            shown_file(standing),
            standing.release.clone().unwrap_or_default(),
            mode,
            standing.version.clone().unwrap_or_default(),
            next.join(", "),
        ];
        let cells = cells.map(|text| cell(&printable(&masked(&text))));
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    let wrong = overview.standings().flat_map(|standing| standing.shown().map(move |noted| (standing, noted)));
    let wrong = wrong.map(|(standing, noted)| {
        let file = shown_file(standing);
        let place = label(standing).map_or_else(|| file.clone(), |release| format!("{file} ({release})"));
        let words = words(noted, &standing.file);
        format!("- {}: {}: {}\n", cell(&printable(&place)), noted.finding.rule.name(), cell(&words))
    });
    let wrong: String = wrong.collect();
    if !wrong.is_empty() {
        let _ = write!(out, "\n{wrong}");
    }
    let _ = writeln!(out, "\n{}.", overview.summary());
    out += &of_pce.map(|of_pce| format!("\n{}", of_pce.markdown())).unwrap_or_default();
    out
}

/// The same as a page.
#[must_use]
pub fn page(overview: &Overview, of_pce: Option<&OfPce<'_>>, made: &html::Made<'_>) -> String {
    let summary = overview.summary();
    let count = |mode| match summary.count(mode) {
        0 => String::new(),
        1 => "1 cluster".to_owned(),
        count => format!("{count} clusters"),
    };
    let mut body = format!("<p class=\"lead\">{summary}{}</p>\n", escaped(&decided(overview)));
    let _ = write!(
        body,
        "<div class=\"beside\">\n<figure>\n{}</figure>\n{}</div>\n<h2 id=\"clusters\">Where each cluster stands</h2>\n",
        html::diagram(count),
        modes(overview)
    );
    if summary.clusters == 0 {
        let _ = writeln!(body, "<p>Nowhere: {NOTHING}.</p>");
    } else {
        let rows: String = overview.standings().map(row).collect();
        let _ = write!(
            body,
            "<table class=\"rows\" aria-labelledby=\"clusters\">\n<thead><tr><th scope=\"col\">File</th>\
             <th scope=\"col\">Release</th><th scope=\"col\">Mode</th><th scope=\"col\">Chart</th>\
             <th scope=\"col\">Next</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
        );
    }
    body += &of_pce.map(OfPce::html).unwrap_or_default();
    html::page("Where the clusters stand", &body, made)
}

/// The numbers of the diagram in words, with what is next from each mode.
fn modes(overview: &Overview) -> String {
    let summary = overview.summary();
    let rest = ClusterMode::ALL.map(|mode| (Some(mode), summary.count(mode)));
    let unknown = (summary.unknown > 0).then_some((None, summary.unknown));
    let row = |(mode, count): (Option<ClusterMode>, usize)| {
        let steps = mode.into_iter().flat_map(crate::procedure::Verb::legal_from).map(|verb| verb.to_string());
        format!(
            "<tr><th scope=\"row\">{}</th><td class=\"number\">{count}</td><td>{}</td></tr>\n",
            html::mode(mode),
            commands(steps)
        )
    };
    format!(
        "<table class=\"modes\">\n<thead><tr><th scope=\"col\">Mode</th><th scope=\"col\" class=\"number\">Clusters</th><th scope=\"col\">Next</th></tr></thead>\n\
         <tbody>\n{}</tbody>\n</table>\n",
        rest.into_iter().chain(unknown).map(row).collect::<String>()
    )
}

fn row(standing: &Standing) -> String {
    let mut mode = match standing.mode {
        None if standing.is_overridden => String::new(),
        mode => html::mode(mode),
    };
    let remarks = [
        (standing.is_default(), "the chart's default".to_owned()),
        (standing.is_overridden && standing.mode.is_some(), "overridden by another file".to_owned()),
    ];
    let said = remarks.into_iter().filter(|(is_so, _)| *is_so).map(|(_, words)| words);
    let said = said.chain(decided_elsewhere(standing));
    let wrong =
        standing.errors().map(|noted| format!("{}: {}", noted.finding.rule.name(), words(noted, &standing.file)));
    mode.extend(said.chain(wrong).map(|words| format!("<span class=\"note\">{}</span>", escaped(&words))));
    // a path may be broken behind each of its folders
    let file = escaped(&shown_file(standing)).replace('/', "/<wbr>");
    let kind = match (standing.holder, label(standing)) {
        (Holder::Manifest(title), _) => title.to_owned(),
        (Holder::Values, Some(keys)) => format!("umbrella chart, below {}", printable(&keys)),
        (Holder::Mention, _) => "not judged".to_owned(),
        (Holder::Option, _) => "an option of helm upgrade".to_owned(),
        (Holder::Values, None) => String::new(),
    };
    let kind = if kind.is_empty() { kind } else { format!("<span class=\"note\">{}</span>", escaped(&kind)) };
    let shown = |text: Option<String>| escaped(&printable(&text.unwrap_or_default()));
    format!(
        "<tr><th scope=\"row\">{file}{kind}</th><td data-label=\"Release\">{}</td><td data-label=\"Mode\">{mode}</td>\
         <td data-label=\"Chart\">{}</td><td data-label=\"Next\">{}</td></tr>\n",
        shown(standing.release.clone()),
        shown(standing.version.clone()),
        commands(next(standing))
    )
}

fn commands(verbs: impl Iterator<Item = String>) -> String {
    verbs.map(|verb| format!("<code>{verb}</code>")).collect::<Vec<_>>().join("<br>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Files, Texts,
        status::{found_in, merged},
    };

    fn overview(files: &[(&str, &str)]) -> Overview {
        let texts = Texts::new();
        let files = Files::of(&texts, files.iter().copied());
        let found = (0..files.len()).flat_map(|number| found_in(&files, number, None));
        Overview { found: found.collect(), ..Overview::default() }
    }

    /// The table without its colours.
    #[track_caller]
    fn check(overview: &Overview, expected: &str) {
        let text = plain(overview, Some(80));
        assert_eq!(text, expected);
        assert!(text.lines().all(|line| width(line) <= 80 && line.trim_end() == line), "{text}");
    }

    fn plain(overview: &Overview, columns: Option<usize>) -> String {
        let text = text(overview, columns);
        let parts = text.split('\u{1b}').enumerate();
        parts.map(|(index, part)| if index == 0 { part } else { part.split_once('m').expect("a colour").1 }).collect()
    }

    #[test]
    fn no_two_names_look_alike_and_none_is_cut_without_a_terminal() {
        let name = |number: u8| {
            format!("environments/production/eu/cluster-frankfurt-0{number}/apps/illumio/helmrelease.yaml")
        };
        let (one, two) = (name(1), name(2));
        let fleet = overview(&[(&one, "clusterMode: clas\n"), (&two, "clusterMode: clas\n")]);
        for columns in [None, Some(40), Some(60), Some(200)] {
            let text = plain(&fleet, columns);
            let names: HashSet<&str> = text.lines().skip(1).take(2).filter_map(|line| line.split(' ').next()).collect();
            assert_eq!(names.len(), 2, "{text}");
            assert!(columns.is_some_and(|columns| columns < 200) || text.contains(&one), "{text}");
        }
    }

    #[test]
    fn a_table_is_as_wide_as_it_must_be() {
        check(
            &overview(&[("east.yaml", "clusterMode: clas\n"), ("west.yaml", "pce_url: a:1\n")]),
            "FILE       MODE              NEXT\n\
             east.yaml  clas              revert\n\
             west.yaml  legacy (default)  migrate\n\
             \n\
             2 clusters: 1 clas, 1 legacy\n",
        );
    }

    #[test]
    fn a_wide_table_stacks_what_is_next_and_then_shortens_what_files_have_in_common() {
        let (east, west) =
            ("clusters/production-east-1/illumio-values.yaml", "clusters/production-west-1/illumio-values.yaml");
        check(
            &overview(&[(east, "clusterMode: clas\n"), (west, "clusterMode: migrateLegacyToClas\n")]),
            "FILE                                      MODE                 NEXT\n\
             clusters/production-east-1/…-values.yaml  clas                 revert\n\
             clusters/production-west-1/…-values.yaml  migrateLegacyToClas  migrate --finish,\n\
             \u{20}                                                              revert\n\
             \n\
             2 clusters: 1 clas, 1 migrating\n",
        );
    }

    #[test]
    fn a_name_is_shortened_in_the_middle() {
        #[track_caller]
        fn check(name: &str, room: usize, usual: &str, expected: &str) {
            let short = shortened(name, room, usual);
            assert_eq!(short, expected);
            assert!(width(&short) <= room);
        }
        check("clusters/east.yaml", 20, "", "clusters/east.yaml");
        check("clusters/production/east.yaml", 20, "", "clusters/…/east.yaml");
        check("clusters/east-1/values.yaml", 23, "values.yaml", "clusters/east-1/…s.yaml");
        check("clusters/a/very/long/path/v.yaml", 20, "v.yaml", "clusters/…ath/v.yaml");
        check("größe/größe/größe/größe.yaml", 15, "", "größe/g…ße.yaml");
    }

    #[test]
    fn a_name_obeys_the_line() {
        check(
            &overview(&[("a\n\u{1b}[2J.yaml", "clusterMode: clas\n")]),
            "FILE                  MODE  NEXT\na\\u{a}\\u{1b}[2J.yaml  clas  revert\n\n1 cluster: 1 clas\n",
        );
    }

    #[test]
    fn what_makes_a_mode_unknown_stands_below() {
        check(
            &overview(&[("a.yaml", "x: 1\nclusterMode: klas\n")]),
            "FILE    MODE     NEXT\na.yaml  unknown\n  error[unknown-mode]: line 2: `klas` is not a cluster mode\n\n1 cluster: 1 unknown\n",
        );
    }

    #[test]
    fn of_several_files_it_is_said_which_decides() {
        let sources = [("a.yaml", "clusterMode: legacy\n"), ("b.yaml", "clusterMode: clas\n"), ("-", "c: 1\n")];
        let texts = Texts::new();
        let files = Files::of(&texts, sources);
        let merged = |count| Overview { merged: merged(&files, &[0, 1, 2][..count], &[], None), ..Overview::default() };
        check(
            &merged(3),
            "FILE    MODE    NEXT\n\
             a.yaml  legacy  overridden\n\
             b.yaml  clas    revert\n\
             stdin   -\n\
             \n\
             1 cluster: 1 clas, decided in b.yaml line 1\n",
        );
        check(&merged(1), "FILE    MODE    NEXT\na.yaml  legacy  migrate\n\n1 cluster: 1 legacy\n");
    }

    #[test]
    fn nothing_is_said_so() {
        check(&Overview::default(), "0 clusters: no file here holds values of the Illumio chart\n");
        assert!(
            page(&Overview::default(), None, &html::Made::default())
                .contains("<p>Nowhere: no file here holds values of the Illumio chart.</p>")
        );
    }

    #[test]
    fn a_page_takes_names_for_text() {
        let page = page(
            &overview(&[("<img src=x onerror=alert(1)>\u{202e}/\"&'.yaml", "clusterMode: clas\n")]),
            None,
            &html::Made::default(),
        );
        assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;\\u{202e}/<wbr>&quot;&amp;&#39;.yaml"), "{page}");
    }
}
