//! Reading an [`Actor`], of which the key says what it is.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

use super::{IsSaid, Text, Unknown};
use crate::policy::model::{Actor, Kind, Object};

/// `{"actors": "ams"}`, `{"label": {"href": ...}, "exclusion": true}` and the like. One that names nothing this crate
/// knows is kept under the name it has.
impl<'de: 't, 't> Deserialize<'de> for Actor<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnActor<'t>(PhantomData<&'t ()>);

        impl<'de: 't, 't> Visitor<'de> for AnActor<'t> {
            type Value = Actor<'t>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a source or a destination")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Actor<'t>, M::Error> {
                let mut named: Option<(Kind, Object<'t>)> = None;
                let mut is_exclusion = false;
                let mut unknown = Vec::new();
                while let Some(key) = map.next_key::<Text<'t>>()? {
                    if &*key == "exclusion" {
                        is_exclusion = map.next_value::<Option<bool>>()?.unwrap_or_default();
                        continue;
                    }
                    let found = if let Some(kind) = Kind::of_key(&key) {
                        map.next_value::<Option<Object<'t>>>()?.map(|mut object| {
                            let fields = std::mem::take(&mut object.unknown).into_iter();
                            unknown.extend(fields.map(|field| field.within(kind.key().unwrap_or_default())));
                            (kind, object)
                        })
                    } else if matches!(&*key, "actors" | "label_dimension") {
                        let word = map.next_value::<Option<Text<'t>>>()?;
                        word.map(|word| {
                            (if &*key == "actors" { Kind::of_word(&word) } else { Kind::LabelDimension }, word)
                        })
                        .map(|(kind, word)| (kind, Object::from_href(word)))
                    } else {
                        if map.next_value::<IsSaid>()?.0 {
                            unknown.push(Unknown::field(key));
                        }
                        continue;
                    };
                    match (found, &named) {
                        (None, _) => {}
                        (Some((Kind::Other, word)), None) => {
                            unknown.push(Unknown::value("actors", word.href.clone()));
                            named = Some((Kind::Other, word));
                        }
                        (found, None) => named = found,
                        // an actor names one thing: what two of them mean together is not documented
                        (Some(_), Some(_)) => unknown.push(Unknown::field(key)),
                    }
                }
                let (kind, object) = named.unwrap_or_else(|| {
                    let word = unknown.first().map(|unknown| unknown.field.clone());
                    (Kind::Other, Object::from_href(word.unwrap_or_default()))
                });
                if is_exclusion && !matches!(kind, Kind::Label | Kind::LabelGroup | Kind::Other) {
                    unknown.push(Unknown::field("exclusion".into()));
                }
                Ok(Actor { kind, object, is_exclusion, unknown })
            }
        }

        deserializer.deserialize_map(AnActor(PhantomData))
    }
}
