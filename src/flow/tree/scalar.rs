//! Single values and their types.

/// A single value.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar {
    /// The text, without quotes.
    pub text: String,
    /// Whether it was written without quotes or block signs, so that it can be
    /// something else than text.
    pub plain: bool,
}

/// The type of a single value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarType {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// Another number.
    Number,
    /// Text.
    Text,
}

impl Scalar {
    /// The type, by YAML 1.2's core schema (10.3.2): `yes`, `no` and `on` are
    /// text.
    pub fn scalar_type(&self) -> ScalarType {
        if !self.plain {
            return ScalarType::Text;
        }
        match self.text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => return ScalarType::Null,
            "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => return ScalarType::Boolean,
            _ => {}
        }
        match serde_yaml::from_str::<serde_yaml::Value>(&self.text) {
            Ok(serde_yaml::Value::Number(number)) if number.is_f64() => ScalarType::Number,
            Ok(serde_yaml::Value::Number(_)) if self.looks_like_a_number() => ScalarType::Integer,
            _ => ScalarType::Text,
        }
    }

    fn looks_like_a_number(&self) -> bool {
        self.text
            .starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_those_of_yaml_1_2() {
        for (text, expected) in [
            ("yes", ScalarType::Text),
            ("on", ScalarType::Text),
            ("True", ScalarType::Boolean),
            ("1433", ScalarType::Integer),
            ("0x1f", ScalarType::Integer),
            ("1.5", ScalarType::Number),
            (".inf", ScalarType::Number),
            ("5s", ScalarType::Text),
            ("1.2.3", ScalarType::Text),
            ("~", ScalarType::Null),
            ("", ScalarType::Null),
        ] {
            let scalar = Scalar {
                text: text.to_owned(),
                plain: true,
            };
            assert_eq!(scalar.scalar_type(), expected, "{text}");
        }
    }
}
