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
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
