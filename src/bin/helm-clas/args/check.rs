//! The arguments of `helm clas check`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use helm_clas::Rule;

use super::options::{PceOptions, Set, rule};

#[derive(Debug, Args)]
#[command(after_help = "\
Files of other charts are skipped. Exit codes: 0 no errors; 1 errors found; 2 a file could not be read, or Git could \
not say what changed.

If pre-commit runs it before a push, or with --from-ref and --to-ref, it checks the change between those two \
revisions: pre-commit sets PRE_COMMIT_FROM_REF and PRE_COMMIT_TO_REF, and --against overrides them. If pre-commit \
runs it otherwise, --staged compares HEAD with the work tree, from which pre-commit has removed what is not staged.")]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Check {
    /// The values files, manifests, and folders to search; `-` reads standard input
    #[arg(value_name = "PATH", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// A file that was named with `-f`.
    #[arg(short = 'f', long = "values", value_name = "FILE", hide = true, value_parser = with_option)]
    stray: Vec<String>,
    /// The version of the PCE, such as 24.2.20 or 23.5.0+A1; `auto` asks the PCE
    #[arg(long, value_name = "VERSION")]
    pub(crate) pce_version: Option<String>,
    /// A compatibility matrix to use instead of the shipped one
    #[arg(long, value_name = "FILE")]
    pub(crate) compat: Option<String>,
    /// The place of the values, if the tool cannot find it: keys (`illumio`), or the name of a release in a manifest
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// Output format
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: CheckForm,
    /// Also write the result in another format to a file, as in sarif:helm-clas.sarif; repeat it for several
    #[arg(long = "output-file", value_name = "FORM:FILE", value_parser = form_in_file)]
    pub(crate) output_files: Vec<FormInFile>,
    /// Mandatory values may come from elsewhere: another file, or a Secret
    #[arg(long)]
    pub(crate) partial: bool,
    /// Treat warnings as errors
    #[arg(long)]
    pub(crate) strict: bool,
    /// Silence a rule; repeat it for several
    #[arg(long = "allow", value_name = "RULE", value_parser = rule)]
    pub(crate) allowed: Vec<Rule>,
    /// Also check files that do not look like this chart's values
    #[arg(long)]
    pub(crate) no_skip: bool,
    /// How many clusters may be between two modes at once
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) max_migrating: usize,
    /// Also check how each file changed since a Git revision
    #[arg(long, value_name = "REVISION", conflicts_with = "staged")]
    pub(crate) against: Option<String>,
    /// Check each file as it is staged, and its change from HEAD
    #[arg(long)]
    pub(crate) staged: bool,
    /// Repair what can be proven, in the work tree, and check again
    #[arg(long)]
    pub(crate) fix: bool,
    /// With --fix, write the file even if it loses its access control list or extended attributes
    #[arg(long)]
    pub(crate) drop_attributes: bool,
    /// Show the repairs of --fix as a diff, without writing; with --fix, show them and write
    #[arg(long)]
    pub(crate) diff: bool,
    /// Exit with 0 even if there are errors
    #[arg(long)]
    pub(crate) exit_zero: bool,
    #[command(flatten)]
    pub(crate) set: Set,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckForm {
    Text,
    Json,
    Sarif,
    Github,
    Gitlab,
    Junit,
    Markdown,
}

/// A form of the answer, and the file that it is written to.
#[derive(Clone, Debug)]
pub(crate) struct FormInFile {
    pub(crate) form: CheckForm,
    pub(crate) file: PathBuf,
}

fn form_in_file(text: &str) -> Result<FormInFile, String> {
    let help = "name the format and the file, as in sarif:helm-clas.sarif";
    let (form, file) = text.split_once(':').filter(|(_, file)| !file.is_empty()).ok_or(help)?;
    let form = CheckForm::from_str(form, true).map_err(|_| {
        let forms: Vec<String> = CheckForm::value_variants()
            .iter()
            .filter_map(|form| Some(form.to_possible_value()?.get_name().to_owned()))
            .collect();
        format!("there is no format `{}`; the formats are {}", form.escape_debug(), forms.join(", "))
    })?;
    if file == "-" {
        return Err("`-` is not a file; --output sets the format of standard output".to_owned());
    }
    Ok(FormInFile { form, file: file.into() })
}

fn with_option(name: &str) -> Result<String, String> {
    Err(format!("each file is checked by itself, so name files without -f: check {name}"))
}
