//! What a result says in words, kept apart from the language it is said in.

use std::collections::BTreeMap;

use fluent_bundle::FluentArgs;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Language, shortened};
use crate::segment::ToldApart;
use crate::units::{Currency, Week};

/// A message with its values: it can be said again in the other language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Message {
    /// Key of the message.
    pub key: String,
    /// Values by the names that the message has for them.
    pub values: BTreeMap<String, Value>,
}

/// A message as a file has it; earlier versions kept some as text alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Message { key: String, values: BTreeMap<String, Value> },
    Text(String),
}

impl From<Stored> for Message {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Message { key, values } => Self { key, values },
            Stored::Text(text) => Self::as_it_was(&text),
        }
    }
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
    /// How many there are: the message's words agree with it; `x-text` is the number as written.
    Count(u64),
    /// A number with so many decimals.
    Decimal(f64, usize),
    /// A share, in whole per cent.
    Percent(f64),
    /// A day.
    Date(Date),
    /// An ISO week.
    Week(Week),
    /// A name that a person chose, or that is the same in every language.
    Name(String),
    /// Several of them.
    Names(Vec<String>),
    /// A segment, by its id.
    Segment(String),
    /// Some segments by their ids, long lists cut short.
    Segments(Vec<String>),
    /// Several values taken together: `a + b`.
    Sum(Vec<Value>),
    /// Another message without values, by its key.
    Message(String),
    /// What a history tells apart of what was bought, as the end of a sentence; nothing where there
    /// is nothing.
    Apart(Vec<ToldApart>),
    /// Another message with its own values.
    #[serde(rename = "told")]
    Nested(Box<Message>),
}

/// Who writes values: a language, a currency, and the names that readers have for segments.
pub trait Writer {
    /// The language.
    fn language(&self) -> Language;
    /// Currency of all money.
    fn currency(&self) -> Option<Currency>;
    /// A segment within a sentence.
    fn segment(&self, id: &str) -> String;
    /// Some segments within a sentence.
    fn segments(&self, ids: &[String]) -> String;
}

/// Writes segments by their ids: on a terminal, and for machines.
#[derive(Debug, Clone, Copy)]
pub struct Plain {
    /// Language.
    pub language: Language,
    /// Currency of all money.
    pub currency: Option<Currency>,
}

impl Writer for Plain {
    fn language(&self) -> Language {
        self.language
    }

    fn currency(&self) -> Option<Currency> {
        self.currency
    }

    fn segment(&self, id: &str) -> String {
        id.to_owned()
    }

    fn segments(&self, ids: &[String]) -> String {
        self.language.some_of(ids)
    }
}

impl Message {
    /// A message with its values.
    #[must_use]
    pub fn new<'a>(key: &str, values: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        let named = |(name, value): (&str, Value)| (name.to_owned(), value);
        Self { key: key.to_owned(), values: values.into_iter().map(named).collect() }
    }

    /// What an earlier version wrote down as text: it is told as it was, whoever reads it.
    #[must_use]
    pub fn as_it_was(text: &str) -> Self {
        Self::new("told-as-it-was", [("text", Value::Name(text.to_owned()))])
    }

    /// The message in a language, segments by their ids.
    #[must_use]
    pub fn say(&self, language: Language, currency: Option<Currency>) -> String {
        self.write(&Plain { language, currency })
    }

    /// The message as somebody writes it.
    #[must_use]
    pub fn write(&self, writer: &dyn Writer) -> String {
        let mut arguments = FluentArgs::new();
        for (name, value) in &self.values {
            // A name of ten thousand characters would bury the sentence.
            let text = shortened(&value.write(writer)).into_owned();
            match value {
                // Beside each number `x` stands `x-points`: the word that agrees with it.
                Value::Short(number) | Value::Whole(number) => {
                    arguments.set(format!("{name}-points"), points(writer.language(), *number));
                    arguments.set(name.as_str(), text);
                }
                Value::Count(n) => {
                    arguments.set(format!("{name}-text"), text);
                    arguments.set(name.as_str(), *n);
                }
                _ => arguments.set(name.as_str(), text),
            }
        }
        writer.language().format(&self.key, &arguments)
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
    /// Why money by these attributes cannot be planned, and what can be asked for instead.
    #[must_use]
    pub fn not_broken_down(self, attributes: &[String], apart: &[ToldApart]) -> String {
        self.say("error-not-broken-down", &[("by", &attributes.join(", "))]) + &self.offered(apart)
    }

    /// `; the history tells apart 4 ad sets: split_by = ["ad_set"]`, where it does.
    #[must_use]
    pub fn offered(self, apart: &[ToldApart]) -> String {
        if apart.is_empty() {
            return String::new();
        }
        self.say("error-told-apart", &[("apart", &self.apart(apart))])
    }

    /// `4 ad sets: split_by = ["ad_set"]`, for each way to ask.
    #[must_use]
    pub fn apart(self, apart: &[ToldApart]) -> String {
        let told = |own: &ToldApart| {
            let names: Vec<String> =
                own.split_by.iter().map(|name| format!("\"{}\"", name.column())).collect();
            let what = own.split_by.last().map_or("ad_set", |attribute| attribute.column());
            let what = self.count(&format!("told-apart-{what}"), own.values as u64, &[]);
            let split_by = format!("split_by = [{}]", names.join(", "));
            self.say("told-apart", &[("what", &what), ("split-by", &split_by)])
        };
        apart.iter().map(told).collect::<Vec<_>>().join("; ")
    }

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
    /// The value in words.
    #[must_use]
    pub fn write(&self, writer: &dyn Writer) -> String {
        let language = writer.language();
        match self {
            Self::Money(amount) => language.money(*amount, writer.currency()),
            Self::Short(value) => language.short(*value),
            Self::Whole(value) => language.number(*value, 0),
            Self::Count(n) => language.number(*n as f64, 0),
            Self::Decimal(value, decimals) => language.number(*value, *decimals),
            Self::Percent(share) => language.percent(*share, 0),
            Self::Date(day) => language.date(*day),
            Self::Week(week) => language.week(*week),
            Self::Name(name) => name.clone(),
            Self::Names(names) => names.join(", "),
            Self::Segment(id) => writer.segment(id),
            Self::Segments(ids) => writer.segments(ids),
            Self::Sum(values) => {
                let parts: Vec<String> = values.iter().map(|value| value.write(writer)).collect();
                parts.join(" + ")
            }
            Self::Message(key) => language.text(key),
            Self::Nested(told) => told.write(writer),
            Self::Apart(apart) => language.offered(apart),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_ten_thousand_characters_does_not_bury_its_sentence() {
        let long = |c: char| c.to_string().repeat(10_000);
        let plain = Plain { language: Language::En, currency: None };
        for value in [
            Value::Name(long('n')),
            Value::Names(vec![long('a'), long('b')]),
            Value::Segment(long('s')),
            Value::Segments(vec![long('a'), long('b')]),
        ] {
            let told = Message::new("told-as-it-was", [("text", value.clone())]).write(&plain);
            assert!(told.chars().count() <= 1_000 && told.contains('…'), "{value:?}");
        }
    }

    #[test]
    fn points_agree_with_their_number() {
        let told = |brings: f64| {
            let values = [("unit", Value::Money(1.0)), ("brings", Value::Short(brings))];
            Message::new("allocate-reason-free", values).say(Language::Fr, Some(Currency::EUR))
        };
        assert!(told(1.31).contains("1,31 point,"), "{}", told(1.31));
        assert!(told(2.5).contains("2,50 points,"), "{}", told(2.5));
    }

    #[test]
    fn what_is_kept_is_said_again_in_either_language() {
        let told = Message::new("allocate-reason-pin", [("amount", Value::Money(1250.0))]);
        let json = serde_json::to_string(&told).unwrap();
        let again: Message = serde_json::from_str(&json).unwrap();
        assert_eq!(again, told);
        let euro = Some(Currency::EUR);
        assert!(again.say(Language::Fr, euro).contains("1\u{202f}250\u{a0}€"));
        assert!(again.say(Language::En, euro).contains("€1,250"));
    }
    #[test]
    fn every_kind_of_value_is_kept_and_written_in_both_languages() {
        let ballot = |name: &str| Value::Message(format!("rules-ballot-{name}"));
        let ids = || (1..=5).map(|n| format!("s{n}")).collect::<Vec<_>>();
        let nested = Message::new("rules-to-be-checked", [("source", Value::Name("A".into()))]);
        let day = jiff::civil::date(2026, 11, 22);
        for (value, french, english) in [
            (Value::Money(1250.5), "1\u{202f}250,50\u{a0}€", "€1,250.50"),
            (Value::Short(1.3125), "1,31", "1.31"),
            (Value::Whole(1240.0), "1\u{202f}240", "1,240"),
            (Value::Count(2), "2", "2"),
            (Value::Decimal(0.791, 2), "0,79", "0.79"),
            (Value::Percent(0.2), "20\u{a0}%", "20%"),
            (Value::Date(day), "22/11/2026", "22 Nov 2026"),
            (Value::Week(Week::of(day)), "S47\u{a0}2026", "W47\u{a0}2026"),
            // Names stay what they are, whatever they look like.
            (Value::Name("1,5".into()), "1,5", "1,5"),
            (Value::Names(vec!["santé".into(), "1,5".into()]), "santé, 1,5", "santé, 1,5"),
            (Value::Segment("s1".into()), "s1", "s1"),
            (Value::Segments(ids()), "s1, s2, s3 et 2 autres", "s1, s2, s3 and 2 more"),
            (
                Value::Sum(vec![ballot("regional"), ballot("departmental")]),
                "élections régionales + élections départementales",
                "regional elections + departmental elections",
            ),
            (Value::Nested(Box::new(nested)), "A, à vérifier", "A, to be checked"),
        ] {
            let kept: Value =
                serde_json::from_str(&serde_json::to_string(&value).unwrap()).unwrap();
            assert_eq!(kept, value);
            let by = |language| kept.write(&Plain { language, currency: Some(Currency::EUR) });
            assert_eq!(by(Language::Fr), french);
            assert_eq!(by(Language::En), english);
        }
    }

    #[test]
    fn a_text_of_an_earlier_version_is_told_as_it_was() {
        let told: Message = serde_json::from_str("\"Vol d\u{2019}hiver, S47\"").unwrap();
        assert_eq!(told.say(Language::En, None), "Vol d\u{2019}hiver, S47");
    }

    #[test]
    fn words_agree_with_a_count() {
        let told = |days| {
            let values = [("days", Value::Count(days)), ("budget", Value::Money(5.0))];
            Message::new("finding-minimum-budget", values)
        };
        assert!(told(1).say(Language::Fr, None).contains("pour 1\u{a0}jour\u{a0};"));
        assert!(told(2).say(Language::Fr, None).contains("pour 2\u{a0}jours\u{a0};"));
        assert!(told(1).say(Language::En, None).contains("for 1 day,"));
        assert!(told(1200).say(Language::En, None).contains("for 1,200 days,"));
    }
}
