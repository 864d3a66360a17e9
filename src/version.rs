//! [`ChartVersion`] and [`PceVersion`]: versions that are exact by construction.

use std::{fmt, str::FromStr};

/// The version of the chart: one exact semantic version.
///
/// Helm's `--version` also takes ranges, partial versions and nothing at all (then it takes the newest chart). The
/// procedure wants one explicit version on every command, so none of these can become a `ChartVersion`.
///
/// Ordered as semantic versions are: a pre-release comes before its release.
///
/// ```
/// use helm_clas::ChartVersion;
///
/// assert!("5.1.0".parse::<ChartVersion>()? < "5.10.0".parse()?);
/// assert!("5.1".parse::<ChartVersion>().is_err());
/// assert!("^5.1.0".parse::<ChartVersion>().is_err());
/// # Ok::<(), helm_clas::InexactChartVersion>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChartVersion(semver::Version);

/// A text that is not an exact chart version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InexactChartVersion {
    given: String,
    kind: Inexact,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inexact {
    Empty,
    LeadingV,
    Tag,
    Partial,
    Range,
    NoVersion,
}

impl FromStr for ChartVersion {
    type Err = InexactChartVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        semver::Version::parse(text)
            .map(Self)
            .map_err(|_| InexactChartVersion { given: text.to_owned(), kind: Inexact::of(text) })
    }
}

impl Inexact {
    fn of(text: &str) -> Self {
        let numbers = text.trim_start_matches(['v', 'V']);
        if text.trim().is_empty() {
            Self::Empty
        } else if numbers.len() < text.len() && semver::Version::parse(numbers).is_ok() {
            Self::LeadingV
        } else if text.chars().all(|c| c.is_ascii_alphabetic()) {
            Self::Tag
        } else if numbers.split('.').count() < 3 && numbers.split('.').all(|part| number(part).is_some()) {
            Self::Partial
        } else if semver::VersionReq::parse(text).is_ok() || text.contains(['^', '~', '>', '<', '*', '|', '=', ' ']) {
            Self::Range
        } else {
            Self::NoVersion
        }
    }
}

impl InexactChartVersion {
    /// What was given.
    #[must_use]
    pub fn given(&self) -> &str {
        &self.given
    }

    /// The exact version that was most likely meant: `5.1` suggests `5.1.0`, `^5.1.0` suggests `5.1.0`; nothing where
    /// the text names no numbers.
    ///
    /// ```
    /// use helm_clas::ChartVersion;
    ///
    /// assert_eq!("v5.1".parse::<ChartVersion>().unwrap_err().suggestion().as_deref(), Some("5.1.0"));
    /// assert_eq!("latest".parse::<ChartVersion>().unwrap_err().suggestion(), None);
    /// ```
    #[must_use]
    pub fn suggestion(&self) -> Option<String> {
        let start = self.given.find(|c: char| c.is_ascii_digit())?;
        let mut numbers = self.given[start..]
            .split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .next()?
            .split('.')
            .take(3)
            .map_while(|part| part.parse::<u64>().ok());
        let (major, minor, patch) =
            (numbers.next()?, numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
        Some(semver::Version::new(major, minor, patch).to_string())
    }
}

impl fmt::Display for InexactChartVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = &self.given;
        match self.kind {
            Inexact::Empty => write!(out, "the chart version is empty"),
            Inexact::LeadingV => write!(out, "`{given}` begins with a `v`, but the chart's versions do not"),
            Inexact::Tag => write!(out, "`{given}` is not a version: its meaning changes over time"),
            Inexact::Partial => write!(out, "`{given}` is not an exact version: Helm reads it as a range"),
            Inexact::Range => write!(out, "`{given}` is a range, and Helm would choose a version in it"),
            Inexact::NoVersion => write!(out, "`{given}` is not a semantic version"),
        }
    }
}

impl std::error::Error for InexactChartVersion {}

impl fmt::Display for ChartVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl TryFrom<String> for ChartVersion {
    type Error = InexactChartVersion;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ChartVersion> for String {
    fn from(version: ChartVersion) -> Self {
        version.to_string()
    }
}

/// The version of a PCE: three numbers, then an addendum (`+A1`) and a build (`-431`) where there are any.
///
/// The order is numeric part by part, then the addendum, then the build. Two things surprise who expects semantic
/// versions: the addendum counts, and a build does not make a version older.
///
/// ```
/// use helm_clas::PceVersion;
///
/// let ascending = ["23.5.0", "23.5.0+A1", "23.5.0+A2", "23.5.0+A10", "23.5.9", "23.5.10", "24.2.20", "24.2.20-431"];
/// let versions: Vec<PceVersion> = ascending.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
/// assert!(versions.is_sorted_by(|left, right| left < right));
/// # Ok::<(), helm_clas::InexactPceVersion>(())
/// ```
///
/// Source: the vendor writes "23.5.0+A1 and later" and "23.5.10 or later"; clients of its API read a dashed build
/// number from `long_display`. A hot fix (`24.2.20-431-H1`, `24.2.20-H3`, `23.5.10.UI1`) is read as the version that it
/// fixes, and [`hot_fix`](Self::hot_fix) names it. Other suffixes are not documented and are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PceVersion {
    release: [u32; 3],
    addendum: Option<u32>,
    build: Option<u32>,
}

/// A text that is not an exact PCE version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InexactPceVersion {
    given: String,
}

impl InexactPceVersion {
    /// What was given.
    #[must_use]
    pub fn given(&self) -> &str {
        &self.given
    }
}

impl fmt::Display for InexactPceVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.given.trim().is_empty() {
            return write!(out, "the PCE version is empty");
        }
        write!(out, "`{}` is not one exact PCE version", self.given)
    }
}

impl std::error::Error for InexactPceVersion {}

impl FromStr for PceVersion {
    type Err = InexactPceVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or_else(|| InexactPceVersion { given: text.to_owned() })
    }
}

impl PceVersion {
    /// What a PCE says of itself under `product_version`: its `version`, with the addendum or build that
    /// `long_display` adds to the same three numbers. Without a `version` that can be read, `long_display` alone.
    ///
    /// # Errors
    ///
    /// What was given, verbatim, where neither is a version.
    ///
    /// ```
    /// use helm_clas::PceVersion;
    ///
    /// assert_eq!(PceVersion::reported("24.2.20", "24.2.20-431")?.to_string(), "24.2.20-431");
    /// assert_eq!(PceVersion::reported("24.2.20", "24.2.20-H2 (GA)")?.to_string(), "24.2.20");
    /// assert_eq!(PceVersion::reported("24.2.20", "24.2.20-431-H1")?.to_string(), "24.2.20-431");
    /// assert_eq!(PceVersion::reported("trunk", "").unwrap_err().given(), "trunk");
    /// # Ok::<(), helm_clas::InexactPceVersion>(())
    /// ```
    pub fn reported(version: &str, long_display: &str) -> Result<Self, InexactPceVersion> {
        match (version.parse::<Self>(), long_display.parse::<Self>()) {
            (Ok(short), Ok(long)) if long.release == short.release => Ok(long.max(short)),
            (Ok(version), _) | (Err(_), Ok(version)) => Ok(version),
            (Err(_), Err(error)) if version.is_empty() => Err(error),
            (Err(error), Err(_)) => Err(error),
        }
    }

    /// The hot fix that a version names, which does not count: which versions fit together is documented without.
    ///
    /// ```
    /// use helm_clas::PceVersion;
    ///
    /// assert_eq!(PceVersion::hot_fix("24.2.20-431-H1"), Some("H1"));
    /// assert_eq!("24.2.20-431-H1".parse::<PceVersion>()?, "24.2.20-431".parse()?);
    /// assert_eq!(PceVersion::hot_fix("24.2.20H1"), Some("H1"));
    /// assert_eq!(PceVersion::hot_fix("24.2.20-431"), None);
    /// # Ok::<(), helm_clas::InexactPceVersion>(())
    /// ```
    #[must_use]
    pub fn hot_fix(text: &str) -> Option<&str> {
        let (start, fix) = Self::fixed(text)?;
        Self::plain(start).map(|_| fix)
    }

    /// A version in front of its hot fix, and the hot fix: a letter and digits, with or without a dash. (Illumio's Python
    /// client, which reads `long_display`; `.UI1` as the portal writes it) A build of developers (`-dev`) is not a release.
    fn fixed(text: &str) -> Option<(&str, &str)> {
        let before = text.trim_end_matches(|c: char| c.is_ascii_digit());
        let start = match before.strip_suffix(".UI") {
            Some(start) => start,
            None => {
                before.strip_suffix(['u', 'H', 'h', 'c', 's']).map(|start| start.strip_suffix('-').unwrap_or(start))?
            }
        };
        number(&text[before.len()..])?;
        Some((start, text[start.len()..].trim_start_matches(['-', '.'])))
    }

    fn parse(text: &str) -> Option<Self> {
        Self::plain(Self::fixed(text).map_or(text, |(start, _)| start))
    }

    /// Reads a version without a hot fix.
    fn plain(text: &str) -> Option<Self> {
        let (text, build) = match text.split_once('-') {
            Some((text, build)) => (text, Some(number(build)?)),
            None => (text, None),
        };
        let (text, addendum) = match text.split_once("+A") {
            Some((text, addendum)) => (text, Some(number(addendum)?)),
            None => (text, None),
        };
        let mut parts = text.split('.');
        let release = [number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?];
        parts.next().is_none().then_some(Self { release, addendum, build })
    }
}

/// A number as versions write it: digits, no sign, no leading zero.
fn number(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok())?
}

impl TryFrom<String> for PceVersion {
    type Error = InexactPceVersion;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PceVersion> for String {
    fn from(version: PceVersion) -> Self {
        version.to_string()
    }
}

impl fmt::Display for PceVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.release;
        write!(out, "{major}.{minor}.{patch}")?;
        if let Some(addendum) = self.addendum {
            write!(out, "+A{addendum}")?;
        }
        if let Some(build) = self.build {
            write!(out, "-{build}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn chart(text: &str, says: &str, suggests: Option<&str>) {
        let error = text.parse::<ChartVersion>().expect_err(text);
        assert_eq!((error.to_string().as_str(), error.suggestion().as_deref()), (says, suggests));
    }

    #[test]
    fn an_inexact_chart_version_is_refused_and_the_exact_one_suggested() {
        chart("", "the chart version is empty", None);
        chart("v5.1.0", "`v5.1.0` begins with a `v`, but the chart's versions do not", Some("5.1.0"));
        chart("latest", "`latest` is not a version: its meaning changes over time", None);
        chart("5.1", "`5.1` is not an exact version: Helm reads it as a range", Some("5.1.0"));
        chart("5", "`5` is not an exact version: Helm reads it as a range", Some("5.0.0"));
        chart("5.x", "`5.x` is a range, and Helm would choose a version in it", Some("5.0.0"));
        chart("^5.1.0", "`^5.1.0` is a range, and Helm would choose a version in it", Some("5.1.0"));
        chart(">=5.0.0 <6", "`>=5.0.0 <6` is a range, and Helm would choose a version in it", Some("5.0.0"));
        chart("*", "`*` is a range, and Helm would choose a version in it", None);
        chart(" 5.1.0", "` 5.1.0` is a range, and Helm would choose a version in it", Some("5.1.0"));
        chart("5.1.0.2", "`5.1.0.2` is not a semantic version", Some("5.1.0"));
        chart("five", "`five` is not a version: its meaning changes over time", None);
        chart("5.01.0", "`5.01.0` is not a semantic version", Some("5.1.0"));
    }

    #[test]
    fn an_exact_chart_version_is_kept_as_written() {
        for text in ["5.1.0", "5.1.0-rc.1", "5.1.0+build.7", "0.0.1"] {
            assert_eq!(text.parse::<ChartVersion>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn pce_versions_are_read_and_written_alike() {
        for text in ["23.5.10", "23.5.0+A1", "24.2.20-431", "23.5.0+A10-7", "0.0.0"] {
            assert_eq!(text.parse::<PceVersion>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn a_hot_fix_is_read_as_the_version_that_it_fixes() {
        for (text, base, fix) in [
            ("24.2.20-431-H1", "24.2.20-431", "H1"),
            ("24.2.20-H3", "24.2.20", "H3"),
            ("23.5.10.UI1", "23.5.10", "UI1"),
            ("23.5.0+A1-H12", "23.5.0+A1", "H12"),
            ("24.2.20-h2", "24.2.20", "h2"),
            ("24.2.20u1", "24.2.20", "u1"),
            ("24.2.20-431s4", "24.2.20-431", "s4"),
        ] {
            assert_eq!(text.parse::<PceVersion>().expect(text).to_string(), base);
            assert_eq!(PceVersion::hot_fix(text), Some(fix));
        }
    }

    #[test]
    fn what_is_no_exact_pce_version_is_refused() {
        for text in [
            "",
            "23.5",
            "23",
            "v23.5.10",
            "23.5.x",
            "23.05.0",
            "23.5.10.1",
            "23.5.0+B1",
            "23.5.0+A",
            "23.5.0+A01",
            "24.2.20-",
            "24.2.20-H",
            "24.2.20-H02",
            "24.2.20-H1-H2-H3",
            "24.2.20.UI",
            "24.2-H1",
            "-H1",
            "24.2.20-dev",
            "-1.2.3",
            "23.5.+1",
            " 23.5.10",
            "23.5.10 ",
            "99999999999.1.1",
        ] {
            assert!(text.parse::<PceVersion>().is_err(), "{text:?}");
        }
    }
}
