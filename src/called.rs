//! [`Called`]: what this program is called, and [`Help`], words which may contain one of its commands.

use std::{fmt, ops::Deref};

/// What the program is called by the person who runs it, and where that person reads its manual. The program knows
/// both at its start; the code that makes words gets them from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Called {
    is_alone: bool,
    manual: Option<&'static str>,
}

impl Called {
    /// A plugin of Helm: `helm clas`.
    pub const OF_HELM: Self = Self { is_alone: false, manual: None };
    /// A program of its own: `helm-clas`.
    pub const ALONE: Self = Self { is_alone: true, manual: None };

    /// The same with a manual, by the URL of its first page's folder: findings link to the pages of their rules. A URL
    /// is one of HTTP, without a login; nothing else is a place that a browser may be sent to.
    ///
    /// ```
    /// use helm_clas::{Called, Rule};
    ///
    /// let called = Called::OF_HELM.with_manual("https://docs.example.org/clas/").unwrap();
    /// let url = Rule::MissingValue.url(called).unwrap();
    /// assert_eq!(url, "https://docs.example.org/clas/src/rule/missing-value.html");
    /// assert_eq!(Rule::MissingValue.url(Called::OF_HELM), None);
    /// assert_eq!(Called::OF_HELM.with_manual("javascript:alert(1)"), None);
    /// assert_eq!(Called::OF_HELM.with_manual("https://me:x1@docs.example.org"), None);
    /// ```
    #[must_use]
    pub fn with_manual(self, url: &'static str) -> Option<Self> {
        let place = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme))?;
        let is_url =
            !place.is_empty() && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>`?#()@".contains(&byte));
        is_url.then_some(Self { manual: Some(url.trim_end_matches('/')), ..self })
    }

    /// The folder of the manual, without a slash behind it.
    #[must_use]
    pub const fn manual(self) -> Option<&'static str> {
        self.manual
    }

    /// The words with which a command line begins.
    ///
    /// ```
    /// use helm_clas::Called;
    ///
    /// assert_eq!(Called::OF_HELM.words(), ["helm", "clas"]);
    /// assert_eq!(Called::ALONE.words(), ["helm-clas"]);
    /// ```
    #[must_use]
    pub const fn words(self) -> &'static [&'static str] {
        if self.is_alone { &["helm-clas"] } else { &["helm", "clas"] }
    }

    /// The same as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        if self.is_alone { "helm-clas" } else { "helm clas" }
    }
}

impl fmt::Display for Called {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// What to do about something. A command of this program in it is marked as one, so it can be printed under either
/// name; as text it has the name of the plugin.
///
/// ```
/// use helm_clas::{Called, Help};
///
/// let help = Help::naming("`", " rules` lists them");
/// assert_eq!(&*help, "`helm clas rules` lists them");
/// assert_eq!(help.said(Called::ALONE), "`helm-clas rules` lists them");
/// assert_eq!(Help::from("say `helm clas`").said(Called::ALONE), "say `helm clas`");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Help {
    words: Box<str>,
    /// Where the name of the program is in them.
    own: Option<u32>,
}

impl Help {
    /// Words before the name of the program, and words behind it.
    #[must_use]
    pub fn naming(before: &str, behind: &str) -> Self {
        Self { words: format!("{before}{}{behind}", Called::OF_HELM).into(), own: u32::try_from(before.len()).ok() }
    }

    /// The words under the name by which the program was called.
    #[must_use]
    pub fn said(&self, called: Called) -> String {
        let Some(at) = self.own.map(|at| at as usize) else { return self.words.to_string() };
        format!("{}{called}{}", &self.words[..at], &self.words[at + Called::OF_HELM.as_str().len()..])
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
