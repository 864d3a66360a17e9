//! `object!`: types that are read from a JSON object.

/// A type that is read from a JSON object by a table of its fields. What is absent or null has its default. What is
/// neither in the table nor under `without` is kept in `unknown`, so that nothing is skipped silently, and so is what
/// is expected and absent: a PCE always writes it, so its default would be a guess.
macro_rules! object {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $object:ident<$t:lifetime>, called $what:literal, needs [$($needed:ident),*],
        $(expects [$($expected:ident $(as $called:literal)?),*],)?
        without [$($ignored:literal),*] {
            $($(#[$doc:meta])* $key:literal => $field:ident: $type:ty $(= $default:expr)?,)*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug)]
        $visibility struct $object<$t> {
            $($(#[$doc])* $visibility $field: $type,)*
            /// Fields that this crate does not know.
            $visibility unknown: Vec<$crate::policy::read::Unknown<$t>>,
        }

        impl<'de: $t, $t> serde::Deserialize<'de> for $object<$t> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Fields<$t>(std::marker::PhantomData<&$t ()>);

                impl<'de: $t, $t> serde::de::Visitor<'de> for Fields<$t> {
                    type Value = $object<$t>;

                    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        out.write_str($what)
                    }

                    fn visit_map<M: serde::de::MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                        $(let mut $field: Option<Option<$type>> = None;)*
                        let mut unknown = Vec::new();
                        while let Some(key) = map.next_key::<$crate::policy::read::Text<$t>>()? {
                            match &*key {
                                $($key => {
                                    if $field.is_some() {
                                        return Err(serde::de::Error::duplicate_field($key));
                                    }
                                    $field = Some(map.next_value()?);
                                })*
                                $($ignored => {
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                })*
                                audit if $crate::policy::read::AUDIT.contains(&audit) => {
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                }
                                _ => {
                                    if map.next_value::<$crate::policy::read::IsSaid>()?.0 {
                                        unknown.push($crate::policy::read::Unknown::field(key));
                                    }
                                }
                            }
                        }
                        $(if $needed.as_ref().is_none_or(Option::is_none) {
                            return Err(serde::de::Error::missing_field(stringify!($needed)));
                        })*
                        $($(if $expected.as_ref().is_none_or(Option::is_none) {
                            unknown.push($crate::policy::read::Unknown::missing($crate::policy::read::name_of!($expected $($called)?)));
                        })*)?
                        Ok($object {
                            $($field: $field.flatten().unwrap_or($crate::policy::read::default_of!($($default)?)),)*
                            unknown,
                        })
                    }
                }

                deserializer.deserialize_map(Fields(std::marker::PhantomData))
            }
        }
    };
}

macro_rules! default_of {
    () => {
        Default::default()
    };
    ($default:expr) => {
        $default
    };
}

macro_rules! name_of {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $name:literal) => {
        $name
    };
}

pub(in crate::policy) use {default_of, name_of, object};
