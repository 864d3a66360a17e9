//! [`Output`]: what goes to standard output, what to standard error, and whether it has colours.

use std::{
    env,
    io::{self, IsTerminal as _, Write},
    process::ExitCode,
};

use anstream::{
    AutoStream, ColorChoice,
    adapter::strip_str,
    stream::{AsLockedWrite, RawStream},
};

use crate::{
    args::{Color, Everywhere, Shape, colors},
    failure::Failure,
    waiting::Waiting,
};

/// Two streams: the answer, and what is said about it.
pub(crate) struct Output {
    answer: AutoStream<io::Stdout>,
    /// Whether a patch has colours.
    patch_colors: bool,
    remarks: AutoStream<io::Stderr>,
    is_quiet: bool,
    /// Why the answer could not be delivered.
    failure: Option<io::Error>,
    /// The same of what is said about it.
    unheard: Option<io::Error>,
    /// What was changed, until a failure has said so.
    changed: Vec<String>,
}

impl Output {
    pub(crate) fn new(everywhere: &Everywhere) -> Self {
        let choice = match everywhere.color {
            Color::Auto => colors::wanted(|name| env::var(name).ok()),
            Color::Always => ColorChoice::AlwaysAnsi,
            Color::Never => ColorChoice::Never,
        };
        Self {
            answer: AutoStream::new(io::stdout(), choice),
            patch_colors: everywhere.color == Color::Always || io::stdout().is_terminal(),
            remarks: AutoStream::new(io::stderr(), choice),
            is_quiet: everywhere.quiet,
            failure: None,
            unheard: None,
            changed: Vec::new(),
        }
    }

    /// Takes note of a file, a release or a PCE that was changed: a failure from now on says so, in whatever form the
    /// answer is.
    pub(crate) fn changed(&mut self, name: impl Into<String>) {
        self.changed.push(name.into());
    }

    /// What could not be done, and which files were changed anyway.
    pub(crate) fn with_changes(&self, what: &str) -> String {
        match self.changed[..] {
            [] => what.to_owned(),
            _ => format!("{what}; {}", was_changed(&self.changed)),
        }
    }

    /// The answer itself, to standard output.
    pub(crate) fn answer(&mut self, text: &str) {
        let written = write(&mut self.answer, text);
        self.note(written);
    }

    /// An answer that git can apply. Like `git diff`, it has colours without a terminal only if the command line asks for
    /// them: `FORCE_COLOR`, which is meant for logs, would break it.
    pub(crate) fn patch(&mut self, text: &str) {
        if self.patch_colors { self.answer(text) } else { self.answer_raw(&strip_str(text).to_string()) }
    }

    /// The answer as bytes that must arrive as they are: never a colour, never one taken out.
    pub(crate) fn answer_raw(&mut self, text: &str) {
        let written = self.answer.flush().and_then(|()| io::stdout().write_all(text.as_bytes()));
        self.note(written);
    }

    /// What a person reads beside the answer, to standard error unless asked to be quiet.
    pub(crate) fn remark(&mut self, text: &str) {
        if !self.is_quiet {
            self.complaint(text);
        }
    }

    /// Whether it was asked to be quiet.
    pub(crate) const fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    /// The line that says what is being waited for.
    pub(crate) fn waiting(&self) -> Waiting {
        Waiting::new(!self.is_quiet)
    }

    /// What must be read, quiet or not, to standard error.
    pub(crate) fn complaint(&mut self, text: &str) {
        // the answer stands where it was given: between what was said before it and what comes now
        let written = self.answer.flush();
        self.note(written);
        self.unheard = self.unheard.take().or(write(&mut self.remarks, text).err());
    }

    /// Sees that everything arrived. A reader that went away early, such as `head`, is not a failure, unless something
    /// was changed and that was not reported. Of two streams the one that works says what the other cannot.
    pub(crate) fn finish(mut self, status: ExitCode, shape: Shape) -> ExitCode {
        let flushed = self.answer.flush();
        self.note(flushed);
        let has_changed = !self.changed.is_empty();
        let is_lost = |error: &io::Error| error.kind() != io::ErrorKind::BrokenPipe || has_changed;
        let lost = self.failure.take().filter(is_lost);
        let status =
            lost.map_or(status, |error| self.failed(&Failure::while_doing("cannot write to standard output")(error)));
        let Some(error) = self.unheard.take().filter(is_lost) else { return status };
        if shape == Shape::Prose && has_changed {
            let failure = Failure::while_doing("cannot write to standard error")(error);
            self.answer(&format!("error: {failure}\nnote: {}\n", was_changed(&self.changed)));
        }
        ExitCode::from(2)
    }

    pub(crate) fn failed(&mut self, failure: &Failure) -> ExitCode {
        let style = anstyle::AnsiColor::Red.on_default().bold();
        self.complaint(&format!("{style}error{style:#}: {failure}\n"));
        if !self.changed.is_empty() {
            self.complaint(&format!("note: {}\n", was_changed(&self.changed)));
        }
        // what nobody heard is not said yet
        if self.unheard.is_none() {
            self.changed.clear();
        }
        ExitCode::from(2)
    }

    fn note(&mut self, written: io::Result<()>) {
        self.failure = self.failure.take().or(written.err());
    }
}

fn was_changed(names: &[String]) -> String {
    match names {
        [name] => format!("{name} was changed before this"),
        names => format!("{} were changed before this", names.join(", ")),
    }
}

/// Writes a text at once: the stream would write the pieces between the colours that it takes out one by one.
fn write(stream: &mut AutoStream<impl RawStream + AsLockedWrite>, text: &str) -> io::Result<()> {
    if stream.current_choice() == ColorChoice::Never {
        return stream.write_all(strip_str(text).to_string().as_bytes());
    }
    stream.write_all(text.as_bytes())
}
