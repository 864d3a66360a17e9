//! The table, for a terminal.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
};

use anstyle::{AnsiColor, Effects, Style};

use super::{NOTHING, decided, decided_elsewhere, label, next, overridden, removed, shown_file, words};
use crate::{
    called::Called,
    finding::Severity,
    mode::ClusterMode,
    release::Reach,
    report::{
        printable::printable,
        text::{BAD, GOOD, TITLE, filled_to},
    },
    status::{Holder, Moved, Noted, Overview, Standing, moved, without_row},
};

const FAINT: Style = Style::new().effects(Effects::DIMMED);

const ON_THE_WAY: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);

/// The table, what makes a mode unknown below its row, and how many clusters are in each mode. Names are cut only for a
/// terminal of so many columns, and never so that two of them look alike.
#[must_use]
pub fn text(overview: &Overview, columns: Option<usize>, called: Called) -> String {
    let summary = overview.summary();
    if summary.clusters == 0 && summary.not_judged == 0 {
        return format!("{TITLE}{summary}{TITLE:#}: {NOTHING}\n");
    }
    let without_row = without_row(overview.standings());
    let rows: Vec<Row<'_>> = overview.standings().map(|standing| Row::of(standing, &without_row)).collect();
    let mut out = Columns::of(&rows, columns).table(&rows, called);
    let summary = summary.to_string();
    let line = filled_to(columns.unwrap_or(usize::MAX), &format!("{summary}{}", decided(overview)), "", "  ");
    let rest = line.strip_prefix(&summary).unwrap_or_default();
    let title = &line[..line.len() - rest.len()];
    let _ = write!(out, "\n{TITLE}{title}{TITLE:#}{rest}");
    out
}

/// A line of the table.
struct Row<'r> {
    standing: &'r Standing,
    file: String,
    mode: String,
    version: String,
    next: Vec<String>,
    /// Whether it is for clusters that have no row of their own.
    is_for_more: bool,
}

impl<'r> Row<'r> {
    fn of(standing: &'r Standing, without_row: &HashMap<Moved<'_>, usize>) -> Self {
        let has_more = || without_row.get(&moved(standing)).is_some_and(|more| *more > 0);
        Self {
            standing,
            is_for_more: matches!(standing.is_for, Reach::AllOf(_)) || has_more(),
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

    /// That it is for several clusters.
    fn all_of(&self) -> Option<String> {
        let Standing { is_for, reach, .. } = self.standing;
        let reach = if *is_for == Reach::One { reach } else { is_for };
        self.is_for_more.then(|| format!("one row for {}", printable(&reach.to_string())))
    }

    /// The last part of its path.
    fn file_name(&self) -> &str {
        let path = self.file.split_once(": ").map_or(self.file.as_str(), |(path, _)| path);
        path.rsplit('/').next().unwrap_or(path)
    }

    /// The row where no table has room: its name, whole, and the rest below it.
    fn stacked(&self, room: usize, plain: Style) -> String {
        let chart = self.standing.version.is_some().then(|| format!("chart {}", self.version));
        let next = self.next.join(", ");
        let next = if self.standing.is_overridden { next } else { format!("next: {next}") };
        let next = Some(next).filter(|_| !self.next.is_empty());
        let words: Vec<String> = [Some(self.mode.clone()), chart, next].into_iter().flatten().collect();
        let words = words.join(", ");
        let style = self.style();
        let below =
            filled_to(room, &words, "  ", "    ").replacen(&self.mode, &format!("{style}{}{style:#}", self.mode), 1);
        format!("{plain}{}{plain:#}\n{below}", self.file)
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

/// How wide each column is.
struct Columns<'r> {
    file: usize,
    mode: usize,
    /// Nothing where no row has a version.
    version: Option<usize>,
    /// Whether of several next steps each has a line of its own.
    stacks_next: bool,
    /// Whether each name has a line of its own, whole, and the rest is below it: no table is as narrow as this.
    stacks_all: bool,
    /// How long a line may be.
    room: usize,
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
        let room = columns.unwrap_or(usize::MAX);
        let whole = Self { file, mode, version, stacks_next, stacks_all: false, room, usual };
        let Some(columns) = columns else { return whole };
        let left = columns.saturating_sub(between + if stacks_next { one_next } else { next });
        let cut = Self { file: file.min(left.max(SHORTEST_NAME)), ..whole };
        let mut shown: HashMap<String, &str> = HashMap::new();
        let is_told_apart = rows.iter().all(|row| *shown.entry(cut.name_of(row)).or_insert(&row.file) == row.file);
        let fits = cut.file <= left;
        Self { stacks_all: !fits || !is_told_apart, ..cut }
    }

    /// The name of a row as there is room for it.
    fn name_of(&self, row: &Row<'_>) -> String {
        let usual = row.file_name();
        shortened(&row.file, self.file, if self.usual.contains(usual) { usual } else { "" })
    }

    fn table(&self, rows: &[Row<'_>], called: Called) -> String {
        let filled = |words: String| filled_to(self.room, &words, "  ", "    ");
        let head = || self.line(TITLE, HEAD[0], (TITLE, HEAD[1]), HEAD[2], HEAD[3]);
        let mut out = if self.stacks_all { String::new() } else { head() };
        let mut told = HashSet::new();
        for row in rows {
            let plain = if row.standing.is_overridden { FAINT } else { Style::new() };
            if self.stacks_all {
                out += &row.stacked(self.room, plain);
            } else {
                out += &self.lines(row, plain);
            }
            out.extend(decided_elsewhere(row.standing).map(filled));
            out.extend(removed(row.standing).map(filled));
            out.extend(overridden(row.standing).map(filled));
            out.extend(row.all_of().map(filled));
            out.extend(row.standing.shown().map(|noted| error(noted, &row.standing.file, self.room)));
            let helps = row.standing.hinders().filter_map(|noted| Some(noted.finding.help.as_ref()?.said(called)));
            out.extend(
                helps
                    .filter(|help| told.insert(help.clone()))
                    .map(|help| filled(format!("help: {}", printable(&help)))),
            );
        }
        out
    }

    /// The lines of a row.
    fn lines(&self, row: &Row<'_>, plain: Style) -> String {
        let (next, others) = match &row.next[..] {
            [next, others @ ..] if self.stacks_next && !others.is_empty() => (format!("{next},"), others),
            all => (all.join(", "), &[][..]),
        };
        let mut out = self.line(plain, &self.name_of(row), (row.style(), &row.mode), &row.version, &next);
        out.extend(others.iter().map(|next| self.line(plain, "", (plain, ""), "", next)));
        out
    }

    /// A line without spaces at its end.
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

/// A name as long as there is room. It is cut in the part that is `usual` where that is long enough, since that
/// distinguishes nothing, and in the middle otherwise.
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

fn error(noted: &Noted, file: &str, room: usize) -> String {
    let rule = noted.finding.rule.name();
    // a mode that is not judged stops a step, whatever weight it has elsewhere
    let severity = noted.finding.severity;
    let severity = if severity == Severity::Warning { severity } else { Severity::Error };
    let title = format!("{}[{rule}]", severity.as_str());
    let line = filled_to(room, &format!("{title}: {}", words(noted, file)), "  ", "    ");
    line.replacen(&title, &format!("{BAD}{title}{BAD:#}"), 1)
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
        let text = text(overview, columns, Called::OF_HELM);
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
            let is_name = |line: &&str| line.contains("helmrelease");
            let names: HashSet<&str> = text.lines().filter(is_name).filter_map(|line| line.split(' ').next()).collect();
            assert_eq!(names.len(), 2, "{text}");
            let is_narrow = |line: &str| columns.is_none_or(|columns| width(line) <= columns);
            assert!(text.lines().all(|line| is_name(&line) || is_narrow(line)), "{text}");
            assert!(columns.is_some_and(|columns| columns < 200) || text.contains(&one), "{text}");
        }
    }

    #[test]
    fn where_no_table_has_room_the_rest_stands_below_each_name() {
        let (one, two) = ("clusters/frankfurt-01/deep/illumio.yaml", "clusters/frankfurt-02/deep/illumio.yaml");
        let fleet = overview(&[(one, "clusterMode: migrateLegacyToClas\n"), (two, "x: 1\nclusterMode: klas\n")]);
        assert_eq!(
            plain(&fleet, Some(36)),
            "clusters/frankfurt-01/deep/illumio.yaml\n  migrateLegacyToClas, next: migrate\n    --finish, revert\n\
             clusters/frankfurt-02/deep/illumio.yaml\n  unknown\n  error[unknown-mode]: line 2:\n\
             \u{20}   `klas` is not a cluster mode\n\n2 clusters: 1 migrating, 1 unknown\n"
        );
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
        check(&Overview::default(), "0 clusters: no file here has values of the Illumio chart\n");
    }
}
