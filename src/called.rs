//! [`Called`]: what this program is called, and [`Help`], words in which one of its commands may stand.

use std::{fmt, ops::Deref};

/// What the program is called by the person who runs it. The one who starts it knows; the code that makes words is
/// told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Called {
    /// A plugin of Helm: `helm clas`.
    #[default]
    OfHelm,
    /// A program of its own: `helm-clas`.
    Alone,
}

impl Called {
    /// The words with which a command line begins.
    ///
    /// ```
    /// use helm_clas::Called;
    ///
    /// assert_eq!(Called::OfHelm.words(), ["helm", "clas"]);
    /// assert_eq!(Called::Alone.words(), ["helm-clas"]);
    /// ```
    #[must_use]
    pub const fn words(self) -> &'static [&'static str] {
        match self {
            Self::OfHelm => &["helm", "clas"],
            Self::Alone => &["helm-clas"],
        }
    }

    /// The same as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OfHelm => "helm clas",
            Self::Alone => "helm-clas",
        }
    }
}

impl fmt::Display for Called {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// What to do about something. A command of this program in it is known as such, so it can be said under either name;
/// as a text it is that of the plugin.
///
/// ```
/// use helm_clas::{Called, Help};
///
/// let help = Help::naming("`", " rules` lists them");
/// assert_eq!(&*help, "`helm clas rules` lists them");
/// assert_eq!(help.said(Called::Alone), "`helm-clas rules` lists them");
/// assert_eq!(Help::from("say `helm clas`").said(Called::Alone), "say `helm clas`");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Help {
    words: Box<str>,
    /// Where the name of the program stands in them.
    own: Option<u32>,
}

impl Help {
    /// Words before the name of the program, and words behind it.
    #[must_use]
    pub fn naming(before: &str, behind: &str) -> Self {
        Self { words: format!("{before}{}{behind}", Called::OfHelm).into(), own: u32::try_from(before.len()).ok() }
    }

    /// The words under the name by which the program was called.
    #[must_use]
    pub fn said(&self, called: Called) -> String {
        let Some(at) = self.own.map(|at| at as usize) else { return self.words.to_string() };
        format!("{}{called}{}", &self.words[..at], &self.words[at + Called::OfHelm.as_str().len()..])
    }

    /// The same with more words behind it.
    #[must_use]
    pub fn and(mut self, more: &str) -> Self {
        self.words = format!("{}{more}", self.words).into();
        self
    }
}

impl Deref for Help {
    type Target = str;

    fn deref(&self) -> &str {
        &self.words
    }
}

impl fmt::Display for Help {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.words)
    }
}

impl From<String> for Help {
    fn from(words: String) -> Self {
        Self { words: words.into(), own: None }
    }
}

impl From<&str> for Help {
    fn from(words: &str) -> Self {
        words.to_owned().into()
    }
}
