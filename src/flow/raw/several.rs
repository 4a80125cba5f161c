//! One value or a list of them.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

/// A value that may be written as one word.
pub trait OneOrMore: Sized {
    /// What the bare word means.
    fn from_word(word: String) -> Self;
}

/// One value, written bare, or a list of them.
#[derive(Debug)]
pub struct Several<T>(pub Vec<T>);

impl<T> Default for Several<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// One item: a bare word, or what `T` is.
struct Item<T>(T);

impl<'de, T: OneOrMore + Deserialize<'de>> Deserialize<'de> for Item<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(SeveralVisitor::<T> {
                list: false,
                item: PhantomData,
            })
            .and_then(|several| {
                several
                    .0
                    .into_iter()
                    .next()
                    .map(Self)
                    .ok_or_else(|| de::Error::custom("expected one value"))
            })
    }
}

impl<'de, T: OneOrMore + Deserialize<'de>> Deserialize<'de> for Several<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SeveralVisitor {
            list: true,
            item: PhantomData,
        })
    }
}

struct SeveralVisitor<T> {
    list: bool,
    item: PhantomData<T>,
}

impl<'de, T: OneOrMore + Deserialize<'de>> Visitor<'de> for SeveralVisitor<T> {
    type Value = Several<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("one value or a list of them")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Self::Value, E> {
        Ok(Several(vec![T::from_word(word.to_owned())]))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|one| Several(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        if !self.list {
            return Err(de::Error::custom("a list inside a list"));
        }
        let mut several = Vec::new();
        while let Some(Item(item)) = items.next_element()? {
            several.push(item);
        }
        Ok(Several(several))
    }
}

impl<T: JsonSchema> JsonSchema for Several<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Several_{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        if T::schema_name() == "string" {
            return json_schema!({"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]});
        }
        json_schema!({"anyOf": [
            {"type": "string"},
            one,
            {"type": "array", "minItems": 1, "items": {"anyOf": [{"type": "string"}, one]}},
        ]})
    }
}
