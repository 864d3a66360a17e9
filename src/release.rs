//! [`Release`]: the Helm release a values file belongs to, and the command that brings it up to date.

use crate::version::ChartVersion;

/// What the printed `helm upgrade` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release<'r> {
    /// The release.
    pub name: &'r str,
    /// Its namespace. The chart looks its own generated passwords up there, so it is always named.
    pub namespace: &'r str,
    /// The chart.
    pub chart: &'r str,
}

/// The customary names. (Chart README 5.7.0.)
impl Default for Release<'_> {
    fn default() -> Self {
        Self { name: "illumio", namespace: "illumio-system", chart: "oci://quay.io/illumio/illumio" }
    }
}

impl Release<'_> {
    /// The command that upgrades the release with these values files and this chart version, word by word.
    ///
    /// ```
    /// use helm_clas::{Release, shell_quoted};
    ///
    /// let words = Release::default().upgrade(&["my values.yaml"], &"5.1.0".parse()?);
    /// assert_eq!(
    ///     shell_quoted(&words),
    ///     "helm upgrade illumio -n illumio-system -f 'my values.yaml' oci://quay.io/illumio/illumio --version 5.1.0"
    /// );
    /// # Ok::<(), helm_clas::InexactChartVersion>(())
    /// ```
    #[must_use]
    pub fn upgrade(&self, files: &[&str], version: &ChartVersion) -> Vec<String> {
        let version = version.to_string();
        let mut words = vec!["helm", "upgrade", self.name, "-n", self.namespace];
        for file in files {
            words.extend(["-f", file]);
        }
        words.extend([self.chart, "--version", &version]);
        words.into_iter().map(str::to_owned).collect()
    }
}

/// Words as one line that a POSIX shell takes apart into the same words.
#[must_use]
pub fn shell_quoted<W: AsRef<str>>(words: &[W]) -> String {
    words.iter().map(|word| shell_word(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// One word as a POSIX shell takes it.
pub(crate) fn shell_word(word: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&b);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
