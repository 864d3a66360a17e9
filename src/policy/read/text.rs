//! [`Text`]: text of a JSON file, which knows its place there.

use std::{borrow::Cow, fmt, marker::PhantomData, ops::Deref};

use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};

/// Text of a JSON file: borrowed from it, unless it is written with escapes there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text<'t>(Cow<'t, str>);

impl Text<'_> {
    /// The byte of a file at which the text begins; nothing where it is not borrowed from that file.
    #[must_use]
    pub(crate) fn place_in(&self, file: &str) -> Option<usize> {
        let Cow::Borrowed(text) = self.0 else { return None };
        let at = text.as_ptr().addr().checked_sub(file.as_ptr().addr())?;
        (at + text.len() <= file.len()).then_some(at)
    }
}

impl<'t> Text<'t> {
    /// The same as text that is borrowed where it can be.
    pub(in crate::policy) fn into_cow(self) -> Cow<'t, str> {
        self.0
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self)
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl<'t> From<&'t str> for Text<'t> {
    fn from(text: &'t str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl<'de: 't, 't> Deserialize<'de> for Text<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AText<'t>(PhantomData<&'t ()>);

        impl<'de: 't, 't> Visitor<'de> for AText<'t> {
            type Value = Text<'t>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("text")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'t>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'t>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(AText(PhantomData))
    }
}
