//! A page for a browser.

use std::fmt::Write as _;

use super::{NOTHING, decided, decided_elsewhere, label, next, removed, shown_file, words};
use crate::{
    mode::ClusterMode,
    report::{
        html::{self, escaped},
        pce_clusters::OfPce,
        printable::printable,
        releases::Releases,
        sortable::{Cell, Column, Order, sortable},
        unjudged,
    },
    status::{Holder, Overview, Standing},
};

const COLUMNS: [Column; 5] = [
    Column { title: "File", width: "3fr", order: Order::Rising },
    Column { title: "Release", width: "1.25fr", order: Order::Rising },
    Column { title: "Mode", width: "2fr", order: Order::Rising },
    Column { title: "Chart", width: "6rem", order: Order::Rising },
    Column { title: "Next", width: "10.5rem", order: Order::Rising },
];

/// The clusters as a page for a browser: the diagram, how many are in each mode, and a row for each.
#[must_use]
pub fn page(
    overview: &Overview,
    of_pce: Option<&OfPce<'_>>,
    releases: Option<&Releases>,
    made: &html::Made<'_>,
) -> String {
    let summary = overview.summary();
    let count = |mode| match summary.count(mode) {
        0 => String::new(),
        1 => "1 cluster".to_owned(),
        count => format!("{count} clusters"),
    };
    let mut body = format!("<p class=\"lead\">{summary}{}</p>\n", escaped(&decided(overview)));
    let _ = write!(
        body,
        "<div class=\"beside\">\n<figure>\n{}</figure>\n{}</div>\n<h2>Each cluster</h2>\n",
        html::diagram(count),
        modes(overview)
    );
    if summary.clusters == 0 {
        let _ = writeln!(body, "<p>Nowhere: {NOTHING}.</p>");
    } else {
        let rows: Vec<Vec<Cell>> = overview.standings().map(row).collect();
        body += &sortable("clusters", "Clusters", &COLUMNS, &rows);
    }
    body += &unjudged::html(&overview.unjudged);
    body += &releases.map(Releases::html).unwrap_or_default();
    body += &of_pce.map(OfPce::html).unwrap_or_default();
    html::page("Illumio clusters and their modes", &body, made)
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

fn row(standing: &Standing) -> Vec<Cell> {
    let mut mode = match standing.mode {
        None if standing.is_overridden => String::new(),
        mode => html::mode(mode),
    };
    let remarks = [
        (standing.is_default(), "the chart's default".to_owned()),
        (standing.is_overridden && standing.mode.is_some(), "overridden by another file".to_owned()),
    ];
    let said = remarks.into_iter().filter(|(is_so, _)| *is_so).map(|(_, words)| words);
    let said = said.chain(decided_elsewhere(standing)).chain(removed(standing));
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
    let shown = |text: &Option<String>| Cell::of(printable(text.as_deref().unwrap_or_default()));
    // in the order of the procedure
    let order = standing.mode.map_or(u64::MAX, |mode| mode as u64);
    let next: Vec<String> = next(standing).collect();
    vec![
        Cell::shown(format!("{file}{kind}"), shown_file(standing)),
        shown(&standing.release),
        Cell::shown(mode, "").by(Some(order)),
        shown(&standing.version),
        Cell::shown(commands(next.iter().cloned()), next.join(" ")),
    ]
}

fn commands(verbs: impl Iterator<Item = String>) -> String {
    verbs.map(|verb| format!("<code>{verb}</code>")).collect::<Vec<_>>().join("<br>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Files, Texts, status::found_in};

    #[test]
    fn nothing_is_said_so() {
        let page = page(&Overview::default(), None, None, &html::Made::default());
        assert!(page.contains("<p>Nowhere: no file here has values of the Illumio chart.</p>"));
    }

    #[test]
    fn a_page_takes_names_for_text() {
        let texts = Texts::new();
        let name = "<img src=x onerror=alert(1)>\u{202e}/\"&'.yaml";
        let files = Files::of(&texts, [(name, "clusterMode: clas\n")]);
        let overview = Overview { found: found_in(&files, 0, None), ..Overview::default() };
        let page = page(&overview, None, None, &html::Made::default());
        assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;\\u{202e}/<wbr>&quot;&amp;&#39;.yaml"), "{page}");
    }
}
