//! [`ClusterMode`]: the one value of the chart that a migration changes.

use std::fmt;

/// The value of `clusterMode`.
///
/// `Legacy` and `Clas` are states in which a cluster rests. The two `Migrate...` modes are the way between them: in
/// these, the PCE shows the workloads of both worlds. `Unpair` removes the C-VENs before the chart is deleted; this
/// crate recognises and names it, and never writes it.
///
/// Source: the vendor's page "Upgrade to CLAS Architecture" (Core 24.5) and the chart's README (5.7.0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClusterMode {
    /// `legacy`: the chart's default, so also what an absent key means.
    Legacy,
    /// `migrateLegacyToClas`: on the way to CLAS.
    MigrateLegacyToClas,
    /// `clas`.
    Clas,
    /// `migrateClasToLegacy`: on the way back.
    MigrateClasToLegacy,
    /// `unpair`: of charts later than 5.0; in which one it appeared is not documented.
    Unpair,
}

impl ClusterMode {
    /// Every mode, in the order in which the tables of this crate list them.
    pub const ALL: [Self; 5] =
        [Self::Legacy, Self::MigrateLegacyToClas, Self::Clas, Self::MigrateClasToLegacy, Self::Unpair];

    /// The canonical spelling, the only one this crate writes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::MigrateLegacyToClas => "migrateLegacyToClas",
            Self::Clas => "clas",
            Self::MigrateClasToLegacy => "migrateClasToLegacy",
            Self::Unpair => "unpair",
        }
    }

    /// The mode a text names, without regard to case, as the chart's templates compare it (they lower-case the value
    /// first). Spaces are not trimmed: the chart does not trim them either.
    ///
    /// ```
    /// use helm_clas::ClusterMode;
    ///
    /// assert_eq!(ClusterMode::named("CLAS"), Some(ClusterMode::Clas));
    /// assert_eq!(ClusterMode::named(" clas"), None);
    /// ```
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str().eq_ignore_ascii_case(text))
    }

    /// The mode whose spelling is nearest to a text that names none, where one is near enough to be what was meant.
    ///
    /// ```
    /// use helm_clas::ClusterMode;
    ///
    /// assert_eq!(ClusterMode::nearest("klas"), Some(ClusterMode::Clas));
    /// assert_eq!(ClusterMode::nearest("migrate-legacy-to-clas"), Some(ClusterMode::MigrateLegacyToClas));
    /// assert_eq!(ClusterMode::nearest("production"), None);
    /// ```
    #[must_use]
    pub fn nearest(text: &str) -> Option<Self> {
        let letters = |text: &str| -> String {
            text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
        };
        let wanted = letters(text);
        Self::ALL
            .into_iter()
            .map(|mode| (crate::spelling::distance(&wanted, &letters(mode.as_str())), mode))
            .filter(|(distance, mode)| distance * 3 <= mode.as_str().len())
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, mode)| mode)
    }

    /// Whether a cluster passes through this mode rather than resting in it.
    #[must_use]
    pub const fn is_migrating(self) -> bool {
        matches!(self, Self::MigrateLegacyToClas | Self::MigrateClasToLegacy)
    }

    /// Whether the mode exists only where the chart knows CLAS.
    #[must_use]
    pub(crate) const fn needs_clas(self) -> bool {
        matches!(self, Self::MigrateLegacyToClas | Self::Clas | Self::MigrateClasToLegacy)
    }
}

impl fmt::Display for ClusterMode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
