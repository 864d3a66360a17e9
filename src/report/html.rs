//! Pages for a browser: the frame of any page, the state diagram, and what every page says in the same way.
//!
//! A page is one file that fetches nothing and runs nothing; its own policy makes the browser enforce this.

use std::fmt::Write as _;

use super::printable::{is_hidden, written_out};
use crate::{
    mode::ClusterMode,
    procedure::{Move, Verb},
};

const STYLE: &str = include_str!("html.css");

/// How a page came about: what a reader of a printed one asks first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Made<'a> {
    /// The program with its version, such as `helm clas 0.1.0`.
    pub by: &'a str,
    /// When, such as `2026-11-28 06:25 UTC`.
    pub on: &'a str,
    /// What it is about, where that is known: `commit 0abc` of files, or a PCE.
    pub from: Option<&'a str>,
}

impl Made<'_> {
    /// The last line of a page.
    #[must_use]
    pub fn sentence(&self) -> String {
        let from = self.from.map(|from| format!(", from {from}")).unwrap_or_default();
        format!("Made on {} by {}{from}.", self.on, self.by)
    }
}

/// A whole page; `body` is HTML, `title` is text.
#[must_use]
pub fn page(title: &str, body: &str, made: &Made<'_>) -> String {
    let title = escaped(title);
    let generator = escaped(made.by);
    let footer = escaped(&made.sentence());
    format!(
        "<!DOCTYPE html>\n\
         <html lang=\"en\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"{generator}\">\n\
         <title>{title} ({generator})</title>\n\
         <style>\n{STYLE}</style>\n\
         </head>\n\
         <body>\n\
         <main>\n\
         <h1>{title}</h1>\n\
         {body}\
         <footer>{footer}</footer>\n\
         </main>\n\
         </body>\n\
         </html>\n"
    )
}

/// Text that stays what it is in HTML, in an attribute too. Characters that no page can show, or that turn a line
/// around, are written out; line feeds and tabs stay.
///
/// ```
/// use helm_clas::report::html::escaped;
///
/// assert_eq!(escaped("<b title=\"x\">&\u{1b}"), "&lt;b title=&quot;x&quot;&gt;&amp;\\u{1b}");
/// ```
#[must_use]
pub fn escaped(text: &str) -> String {
    let shown = written_out(text, |c| is_hidden(c) && !matches!(c, '\n' | '\t'));
    let mut out = String::with_capacity(shown.len());
    for c in shown.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            _ => out.push(c),
        }
    }
    out
}

/// A mode, in its colour.
#[must_use]
pub fn mode(mode: Option<ClusterMode>) -> String {
    let name = mode.map_or("unknown", ClusterMode::as_str);
    format!("<span class=\"mode {name}\">{name}</span>")
}

/// A box of the diagram: its centre and its size.
#[derive(Clone, Copy)]
struct Spot {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

const WIDTH: f64 = 464.0;
const HEIGHT: f64 = 500.0;

/// Where each mode is drawn, in the order of [`ClusterMode::ALL`]: the way to CLAS on the left, the way back on the
/// right.
const SPOTS: [Spot; 5] = [
    Spot { x: 232.0, y: 36.0, width: 150.0, height: 64.0 },
    Spot { x: 100.0, y: 200.0, width: 190.0, height: 64.0 },
    Spot { x: 232.0, y: 364.0, width: 150.0, height: 64.0 },
    Spot { x: 364.0, y: 200.0, width: 190.0, height: 64.0 },
    Spot { x: 232.0, y: 464.0, width: 150.0, height: 64.0 },
];

/// The states of a cluster and the verbs that lead from one to another, as the procedure has them. `who` says what is
/// in a state, in a word or two; where it returns nothing, the state is only drawn.
#[must_use]
pub fn diagram(who: impl Fn(ClusterMode) -> String) -> String {
    let steps: Vec<(Verb, ClusterMode, ClusterMode)> = Verb::ALL
        .into_iter()
        .flat_map(|verb| ClusterMode::ALL.map(|from| (verb, from, verb.applied_to(from))))
        .filter_map(|(verb, from, to)| if let Move::Go(to) = to { Some((verb, from, to)) } else { None })
        .collect();
    let words: Vec<String> = steps.iter().map(|(verb, from, to)| format!("{verb} leads from {from} to {to}")).collect();
    let arrows: String = steps.iter().map(|(verb, from, to)| arrow(*verb, spot(*from), spot(*to))).collect();
    let states: String = ClusterMode::ALL.iter().map(|mode| state(*mode, &who(*mode))).collect();
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"diagram-title diagram-words\">\n\
         <title id=\"diagram-title\">The modes of a cluster and the steps between them</title>\n\
         <desc id=\"diagram-words\">{}. No step leads to unpair or from there.</desc>\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"9\" markerHeight=\"9\" \
         orient=\"auto\"><path d=\"M0 1 L10 5 L0 9 z\"/></marker></defs>\n\
         {arrows}{states}</svg>\n",
        words.join("; ")
    )
}

const fn spot(mode: ClusterMode) -> Spot {
    SPOTS[mode as usize]
}

/// An arrow from the edge of one box to that of another, with the verb outside of the ring that the boxes make.
fn arrow(verb: Verb, from: Spot, to: Spot) -> String {
    let (x1, y1) = from.edge_towards(to);
    let (x2, y2) = to.edge_towards(from);
    let (x, y) = (f64::midpoint(x1, x2), f64::midpoint(y1, y2));
    let (anchor, x, y) = match x - WIDTH / 2.0 {
        aside if aside < -1.0 => ("end", x - 10.0, y + 5.0),
        aside if aside > 1.0 => ("start", x + 10.0, y + 5.0),
        _ => ("middle", x, y - 8.0),
    };
    format!(
        "<g class=\"arrow\"><line x1=\"{x1:.0}\" y1=\"{y1:.0}\" x2=\"{x2:.0}\" y2=\"{y2:.0}\" marker-end=\"url(#tip)\"/>\
         <text x=\"{x:.0}\" y=\"{y:.0}\" text-anchor=\"{anchor}\">{verb}</text></g>\n"
    )
}

fn state(mode: ClusterMode, who: &str) -> String {
    let Spot { x, y, width, height } = spot(mode);
    let here = if who.is_empty() { "" } else { " here" };
    let (left, top) = (x - width / 2.0, y - height / 2.0);
    let name = if who.is_empty() { y + 5.0 } else { y - 5.0 };
    let mut out = format!(
        "<g class=\"state {mode}{here}\"><rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"12\"/>\
         <text class=\"name\" x=\"{x}\" y=\"{name}\">{mode}</text>"
    );
    if !who.is_empty() {
        let _ = write!(out, "<text class=\"who\" x=\"{x}\" y=\"{}\">{}</text>", y + 17.0, escaped(who));
    }
    out + "</g>\n"
}

impl Spot {
    /// The point where the line to the centre of another box leaves this one.
    fn edge_towards(self, other: Self) -> (f64, f64) {
        let (dx, dy) = (other.x - self.x, other.y - self.y);
        // how far along the line the sides are; a line along a side never meets it
        let to_side = self.width / 2.0 / dx.abs();
        let to_top = self.height / 2.0 / dy.abs();
        let part = to_side.min(to_top);
        (self.x + dx * part, self.y + dy * part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_the_procedure_is_an_arrow_and_every_mode_a_box() {
        let diagram = diagram(|_| String::new());
        let steps = Verb::ALL.into_iter().flat_map(|verb| ClusterMode::ALL.map(|mode| verb.applied_to(mode)));
        let steps = steps.filter(|step| matches!(step, Move::Go(_))).count();
        assert_eq!(diagram.matches("<line ").count(), steps);
        for mode in ClusterMode::ALL {
            assert_eq!(diagram.matches(&format!(">{mode}</text>")).count(), 1, "{mode}");
        }
        assert!(diagram.contains("migrate --finish leads from migrateLegacyToClas to clas"));
    }

    #[test]
    fn arrows_run_from_edge_to_edge() {
        let [above, below] = [SPOTS[0], SPOTS[2]];
        assert_eq!(above.edge_towards(below), (232.0, 68.0));
        assert_eq!(SPOTS[1].edge_towards(SPOTS[3]), (195.0, 200.0));
    }

    #[test]
    fn boxes_stay_apart_and_inside() {
        for (index, one) in SPOTS.iter().enumerate() {
            assert!(one.x - one.width / 2.0 >= 2.0 && one.x + one.width / 2.0 <= WIDTH - 2.0, "{index}");
            assert!(one.y - one.height / 2.0 >= 2.0 && one.y + one.height / 2.0 <= HEIGHT - 2.0, "{index}");
            for other in &SPOTS[..index] {
                let (dx, dy) = ((one.x - other.x).abs(), (one.y - other.y).abs());
                assert!(dx >= one.width.midpoint(other.width) || dy >= one.height.midpoint(other.height), "{index}");
            }
        }
    }

    #[test]
    fn what_stands_in_a_state_is_text() {
        assert!(diagram(|_| "<b>".to_owned()).contains("&lt;b&gt;"));
        let page =
            page("a < b", "<p>c</p>\n", &Made { by: "helm <clas>", on: "2026-11-28", from: Some("commit 0abc") });
        assert!(
            page.contains("<title>a &lt; b (helm &lt;clas&gt;)</title>")
                && page.contains("<h1>a &lt; b</h1>\n<p>c</p>\n<footer>")
        );
        assert!(page.contains("<footer>Made on 2026-11-28 by helm &lt;clas&gt;, from commit 0abc.</footer>\n</main>"));
    }
}
