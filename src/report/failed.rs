//! A command that could not do its work, in the formats that have a place for it, so that no empty file is taken for an
//! answer.

use serde::Serialize;

use super::{
    columns::cell,
    html::{self, escaped},
    policy::csv::push_row,
    pretty::pretty,
    printable::printable,
    sarif,
};
use crate::{called::Called, check::Run, finding::Unjudged};

/// What could not be done, and what to do about it. The same words as on standard error, where the names of files stand
/// in them: nothing is masked.
#[derive(Clone, Copy, Debug)]
pub struct Failed<'f> {
    /// What could not be done.
    pub message: &'f str,
    /// What to do about it.
    pub help: Option<&'f str>,
}

#[derive(Serialize)]
struct FailureJson<'a> {
    schema: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

impl Failed<'_> {
    /// As one JSON object. (`schemas/output.schema.json`)
    #[must_use]
    pub fn json(&self) -> String {
        let Self { message, help } = *self;
        pretty(&FailureJson { schema: "helm-clas/failure/v1", message, help })
    }

    /// As Markdown.
    ///
    /// ```
    /// use helm_clas::report::failed::Failed;
    ///
    /// let failed = Failed { message: "cannot read v.yaml", help: None };
    /// assert_eq!(failed.markdown(), "**Error**: cannot read v.yaml\n");
    /// ```
    #[must_use]
    pub fn markdown(&self) -> String {
        let help = self.help.map(|help| format!("\n\nHelp: {}", cell(&printable(help)))).unwrap_or_default();
        format!("**Error**: {}{help}\n", cell(&printable(self.message)))
    }

    /// As a page.
    #[must_use]
    pub fn html(&self, made: &html::Made<'_>) -> String {
        let help = self.help.map(|help| format!("<p>Help: {}</p>\n", escaped(help))).unwrap_or_default();
        let body = format!("<p><strong>Error</strong>: {}</p>\n{help}", escaped(self.message));
        html::page("There is no answer", &body, made)
    }

    /// As CSV: a table of this one row.
    ///
    /// ```
    /// use helm_clas::report::failed::Failed;
    ///
    /// let failed = Failed { message: "cannot read a,b", help: None };
    /// assert_eq!(failed.csv(), "severity,message,help\r\nerror,\"cannot read a,b\",\r\n");
    /// ```
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = String::new();
        push_row(&mut out, &["severity", "message", "help"]);
        push_row(&mut out, &["error", self.message, self.help.unwrap_or_default()]);
        out
    }

    /// As SARIF.
    #[must_use]
    pub fn sarif(&self, called: Called) -> String {
        let (message, help) = (self.message.to_owned(), self.help.map(str::to_owned));
        let unjudged = vec![Unjudged { file: None, message, help }];
        sarif::check(&Run { called, unjudged, ..Run::default() })
    }
}
