//! [`Moment`]: a point in time as Kubernetes writes it.

use std::fmt;

/// A point in time in the one form in which Kubernetes writes its own: `2025-06-01T08:00:00Z`.
///
/// In this form, and in no other, the order of the texts is the order of the times, so nothing has to be counted.
///
/// ```
/// use helm_clas::verify::Moment;
///
/// let moment = |text: &str| Moment::read(text).expect(text);
/// assert!(moment("2025-06-01T08:00:00Z") < moment("2025-06-01T08:00:01Z"));
/// assert_eq!(Moment::read("2025-06-01T08:00:00+02:00"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(String);

impl Moment {
    /// Reads a text; nothing where it has another form.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        const FORM: &[u8] = b"0000-00-00T00:00:00Z";
        let is_alike = |(byte, form): (u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == *form };
        (text.len() == FORM.len() && text.bytes().zip(FORM).all(is_alike)).then(|| Self(text.to_owned()))
    }

    /// Reads a time of Helm's, which may have parts of a second and comes in UTC where Helm runs there.
    ///
    /// ```
    /// use helm_clas::verify::Moment;
    ///
    /// let moment = Moment::of_helm("2025-06-01T08:00:00.123456789Z").unwrap();
    /// assert_eq!(moment.to_string(), "2025-06-01T08:00:00Z");
    /// assert_eq!(Moment::of_helm("2025-06-01T08:00:00.1+02:00"), None);
    /// ```
    #[must_use]
    pub fn of_helm(text: &str) -> Option<Self> {
        let text = text.strip_suffix("+00:00").or_else(|| text.strip_suffix('Z'))?;
        let (seconds, parts) = text.split_once('.').unwrap_or((text, ""));
        parts.bytes().all(|byte| byte.is_ascii_digit()).then(|| Self::read(&format!("{seconds}Z")))?
    }

    /// Reads a time as HTTP writes it: `Sun, 01 Jun 2025 08:00:00 GMT`. (RFC 9110, section 5.6.7)
    ///
    /// ```
    /// use helm_clas::verify::Moment;
    ///
    /// let moment = Moment::of_http("Sun, 01 Jun 2025 08:00:00 GMT").unwrap();
    /// assert_eq!(moment.to_string(), "2025-06-01T08:00:00Z");
    /// ```
    #[must_use]
    pub fn of_http(text: &str) -> Option<Self> {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let words: Vec<&str> = text.split_whitespace().collect();
        let [_, day, month, year, time, "GMT"] = words[..] else { return None };
        let month = 1 + MONTHS.iter().position(|name| *name == month)?;
        Self::read(&format!("{year}-{month:02}-{day}T{time}Z"))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
