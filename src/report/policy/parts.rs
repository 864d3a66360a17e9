//! [`Parts`]: a long answer, passed on part by part: that of a hundred thousand rules need not be in memory at once.

/// A text that is being written.
pub(super) struct Parts<'t> {
    /// What is not passed on yet.
    pub(super) text: String,
    tell: &'t mut dyn FnMut(&str),
}

/// A part is passed on once it has so many bytes.
const LENGTH: usize = 64 * 1024;

impl<'t> Parts<'t> {
    /// Nothing yet.
    pub(super) fn to(tell: &'t mut dyn FnMut(&str)) -> Self {
        Self { text: String::new(), tell }
    }

    /// Passes on what is written, if it is long enough. It must end with a line.
    pub(super) fn line_ends(&mut self) {
        if self.text.len() >= LENGTH {
            self.hand_on();
        }
    }

    /// Passes on what is written.
    pub(super) fn hand_on(&mut self) {
        (self.tell)(&self.text);
        self.text.clear();
    }
}
