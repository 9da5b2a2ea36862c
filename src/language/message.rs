//! What a result says in words, kept apart from the language it is said in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Language;
use crate::units::Currency;

/// A message with its values: it can be said again in the other language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// Key of the message.
    pub key: String,
    /// Values by the names that the message has for them.
    pub values: BTreeMap<String, Value>,
}

/// A value of a message, written as each language does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// Money in the plan's currency.
    Money(f64),
    /// A number in about three digits.
    Short(f64),
    /// A whole number.
    Whole(f64),
    /// A share, in whole per cent.
    Percent(f64),
    /// A name that a person chose.
    Name(String),
    /// Another message without values, by its key.
    Message(String),
}

impl Told {
    /// A message with its values.
    #[must_use]
    pub fn new<const N: usize>(key: &str, values: [(&str, Value); N]) -> Self {
        let named = |(name, value): (&str, Value)| (name.to_owned(), value);
        Self { key: key.to_owned(), values: values.map(named).into() }
    }

    /// The message in a language.
    #[must_use]
    pub fn say(&self, language: Language, currency: Option<Currency>) -> String {
        let written = self.written(language, currency);
        let arguments: Vec<(&str, &str)> =
            written.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        language.say(&self.key, &arguments)
    }

    /// The values as a language writes them, by name.
    #[must_use]
    pub fn written(
        &self,
        language: Language,
        currency: Option<Currency>,
    ) -> BTreeMap<String, String> {
        // Beside each number `x` stands `x-points`: the word that agrees with it.
        let word = |(name, value): (&String, &Value)| match value {
            Value::Short(value) | Value::Whole(value) => {
                Some((format!("{name}-points"), points(language, *value)))
            }
            _ => None,
        };
        self.values
            .iter()
            .map(|(name, value)| (name.clone(), value.write(language, currency)))
            .chain(self.values.iter().filter_map(word))
            .collect()
    }
}

/// The word for points that agrees with a number of them: French counts several from 2 on.
#[must_use]
pub fn points(language: Language, value: f64) -> String {
    let one = match language {
        Language::Fr => value.abs() < 2.0,
        Language::En => value == 1.0,
    };
    language.text(if one { "allocate-point" } else { "allocate-points" })
}

impl Language {
    /// The first three names, and how many more there are.
    #[must_use]
    pub fn some_of(self, names: &[String]) -> String {
        const SHOWN: usize = 3;
        let first = names[..names.len().min(SHOWN)].join(", ");
        match names.len().saturating_sub(SHOWN) {
            0 => first,
            more => self.count("rules-and-more", more as u64, &[("first", &first)]),
        }
    }
}

impl Value {
    fn write(&self, language: Language, currency: Option<Currency>) -> String {
        match self {
            Self::Money(amount) => language.money(*amount, currency),
            Self::Short(value) => language.short(*value),
            Self::Whole(value) => language.number(*value, 0),
            Self::Percent(share) => language.percent(*share, 0),
            Self::Name(name) => name.clone(),
            Self::Message(key) => language.text(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_agree_with_their_number() {
        let told = |brings: f64| {
            let values = [("unit", Value::Money(1.0)), ("brings", Value::Short(brings))];
            Told::new("allocate-reason-free", values).say(Language::Fr, Some(Currency::EUR))
        };
        assert!(told(1.31).contains("1,31 point,"), "{}", told(1.31));
        assert!(told(2.5).contains("2,50 points,"), "{}", told(2.5));
    }

    #[test]
    fn what_is_kept_is_said_again_in_either_language() {
        let told = Told::new("allocate-reason-pin", [("amount", Value::Money(1250.0))]);
        let json = serde_json::to_string(&told).unwrap();
        let again: Told = serde_json::from_str(&json).unwrap();
        assert_eq!(again, told);
        let euro = Some(Currency::EUR);
        assert!(again.say(Language::Fr, euro).contains("1\u{202f}250\u{a0}€"));
        assert!(again.say(Language::En, euro).contains("€1,250"));
    }
}
