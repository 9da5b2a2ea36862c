//! What an analyst asks: `network = instagram and age = 18-24 and engagement_rate > 3 %`.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use thiserror::Error;

use crate::action::Action;
use crate::language::{Explain, Language, nearest};
use crate::segment::Attribute;
use crate::units::number::{Unread, Writing, alone};
use crate::units::one_reading;

/// Something a post is filtered or sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Who is addressed, what is shown.
    Attribute(Attribute),
    /// A number.
    Measure(Measure),
}

/// A number that is known of a post or a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Money.
    Spend,
    /// Impressions.
    Impressions,
    /// Distinct people.
    Reach,
    /// One kind of action.
    Action(Action),
    /// Active actions, unweighted.
    Active,
    /// Active actions per impression.
    EngagementRate,
    /// Money per thousand impressions.
    Cpm,
    /// Money per active action.
    CostPerActive,
    /// Active actions per follower gained so far.
    ActivePerFollower,
}

impl Measure {
    const NAMED: [(&'static str, Self); 8] = [
        ("spend", Self::Spend),
        ("impressions", Self::Impressions),
        ("reach", Self::Reach),
        ("active", Self::Active),
        ("engagement_rate", Self::EngagementRate),
        ("cpm", Self::Cpm),
        ("cost_per_active", Self::CostPerActive),
        ("active_per_follower", Self::ActivePerFollower),
    ];

    /// Its name in filters and columns.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Action(action) => action.column(),
            other => Self::NAMED
                .iter()
                .find(|(_, measure)| *measure == other)
                .map_or("", |(name, _)| name),
        }
    }

    fn names() -> impl Iterator<Item = &'static str> {
        Self::NAMED.iter().map(|(name, _)| *name).chain(Action::ALL.map(Action::column))
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Measure {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        let named = Self::NAMED.iter().find(|(name, _)| *name == text);
        named
            .map(|(_, measure)| *measure)
            .or_else(|| text.parse().ok().map(Self::Action))
            .ok_or_else(|| unknown(text, &Self::names().collect::<Vec<_>>()))
    }
}

/// French names for what a French-speaking analyst types first.
const FRENCH: [(&str, &str); 11] = [
    ("réseau", "network"),
    ("profil", "profile"),
    ("campagne", "campaign"),
    ("genre", "gender"),
    ("territoire", "territory"),
    ("âge", "age"),
    ("dépense", "spend"),
    ("couverture", "reach"),
    ("taux_engagement", "engagement_rate"),
    ("actifs", "active"),
    ("cout_par_actif", "cost_per_active"),
];

impl FromStr for Field {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        let lower = text.to_lowercase();
        let name =
            FRENCH.iter().find(|(french, _)| *french == lower).map_or(&*lower, |(_, name)| name);
        if let Ok(attribute) = name.parse() {
            return Ok(Self::Attribute(attribute));
        }
        let names = Attribute::ALL.into_iter().map(Attribute::column).chain(Measure::names());
        let names = names.chain([NAME[0]]);
        name.parse().map(Self::Measure).map_err(|_| unknown(text, &names.collect::<Vec<_>>()))
    }
}

/// A question that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FilterError {
    /// No such name.
    #[error("found `{found}`, expected one of: {allowed}")]
    Unknown {
        /// What was written.
        found: String,
        /// The nearest known name, when one is near.
        nearest: Option<String>,
        /// All known names.
        allowed: String,
    },
    /// A condition is not of the form `name operator value`.
    #[error("found `{found}`, expected a condition such as `network = instagram`")]
    Condition {
        /// What was written.
        found: String,
    },
    /// A number is needed.
    #[error("`{field}`: found `{found}`, expected a number")]
    Number {
        /// What is compared.
        field: String,
        /// What was written.
        found: String,
    },
    /// Three digits after the one separator of a number.
    #[error("`{field}`: found `{found}`, which may be {fraction} or {thousands}")]
    TwoReadings {
        /// What is compared.
        field: String,
        /// What was written.
        found: String,
        /// The separator read as a decimal mark.
        fraction: Decimal,
        /// The separator read as one of thousands.
        thousands: Decimal,
    },
    /// Texts are equal or not; none is greater.
    #[error("`{field}` is text; it can be compared by =, !=, ~ and in (…)")]
    Text {
        /// What is compared.
        field: String,
    },
}

fn unknown(found: &str, names: &[&'static str]) -> FilterError {
    let nearest = nearest(found, names.iter().copied()).map(str::to_owned);
    FilterError::Unknown { found: found.to_owned(), nearest, allowed: names.join(", ") }
}

impl Explain for FilterError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::Unknown { found, nearest: Some(nearest), allowed } => language.say(
                "error-history-unknown-near",
                &[("found", found), ("nearest", nearest), ("allowed", allowed)],
            ),
            Self::Unknown { found, nearest: None, allowed } => {
                language.say("error-history-unknown", &[("found", found), ("allowed", allowed)])
            }
            Self::Condition { found } => {
                language.say("error-history-condition", &[("found", found)])
            }
            Self::Number { field, found } => {
                language.say("error-history-number", &[("field", field), ("found", found)])
            }
            Self::TwoReadings { field, found, fraction, thousands } => {
                let [fraction, thousands] = [fraction, thousands].map(|own| one_reading(*own));
                let arguments = [
                    ("field", field.as_str()),
                    ("found", found),
                    ("fraction", &fraction),
                    ("thousands", &thousands),
                ];
                language.say("error-history-two-readings", &arguments)
            }
            Self::Text { field } => language.say("error-history-text", &[("field", field)]),
        }
    }
}

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Holds,
    In,
}

/// Longest first, so that `<=` is not read as `<`.
const OPERATORS: [(&str, Operator); 8] = [
    ("!=", Operator::Unequal),
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("==", Operator::Equal),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("~", Operator::Holds),
];

#[derive(Debug, Clone, PartialEq)]
enum Condition {
    Text {
        attribute: Attribute,
        operator: Operator,
        values: Vec<String>,
    },
    Number {
        measure: Measure,
        operator: Operator,
        value: f64,
    },
    /// Any of the names by which a post is known holds this.
    Named {
        value: String,
    },
}

/// Names by which a post is known.
pub(crate) const NAMES: [Attribute; 5] =
    [Attribute::Network, Attribute::Profile, Attribute::Campaign, Attribute::AdSet, Attribute::Ad];

/// What any of these names is called in a condition.
const NAME: [&str; 2] = ["name", "nom"];

/// Conditions that must all hold; none lets everything through.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    conditions: Vec<Condition>,
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        let parts = conjuncts(text);
        let conditions = parts.iter().map(|part| condition(part)).collect::<Result<_, _>>()?;
        Ok(Self { conditions })
    }
}

impl Filter {
    /// The attributes that it asks about.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = Attribute> {
        self.conditions.iter().flat_map(|condition| {
            match condition {
                Condition::Text { attribute, .. } => std::slice::from_ref(attribute),
                Condition::Number { .. } => &[],
                Condition::Named { .. } => &NAMES,
            }
            .iter()
            .copied()
        })
    }

    /// The same, and an attribute that is one of these values; none lets every value through.
    #[must_use]
    pub fn any_of(mut self, attribute: Attribute, values: &[String]) -> Self {
        if !values.is_empty() {
            let values = values.iter().map(|value| value.to_lowercase()).collect();
            self.conditions.push(Condition::Text { attribute, operator: Operator::In, values });
        }
        self
    }

    /// The same, and a name of the post that holds this text; an empty one lets all through.
    #[must_use]
    pub fn named(mut self, text: &str) -> Self {
        let value = text.trim().to_lowercase();
        if !value.is_empty() {
            self.conditions.push(Condition::Named { value });
        }
        self
    }

    /// Whether all conditions hold; a number that is not known satisfies none.
    pub(crate) fn holds<'a>(
        &self,
        text: impl Fn(Attribute) -> Option<&'a str>,
        number: impl Fn(Measure) -> Option<f64>,
    ) -> bool {
        self.conditions.iter().all(|condition| match condition {
            Condition::Text { attribute, operator, values } => {
                text_holds(text(*attribute), *operator, values)
            }
            Condition::Number { measure, operator, value } => {
                number(*measure).is_some_and(|found| number_holds(found, *operator, *value))
            }
            Condition::Named { value } => NAMES.iter().any(|name| {
                text(*name).is_some_and(|found| found.to_lowercase().contains(value.as_str()))
            }),
        })
    }
}

fn text_holds(found: Option<&str>, operator: Operator, values: &[String]) -> bool {
    let found = found.unwrap_or_default().to_lowercase();
    match operator {
        Operator::Unequal => values.iter().all(|value| *value != found),
        Operator::Holds => values.iter().any(|value| found.contains(value.as_str())),
        _ => values.contains(&found),
    }
}

fn number_holds(found: f64, operator: Operator, value: f64) -> bool {
    match operator {
        Operator::Unequal => found != value,
        Operator::Less => found < value,
        Operator::AtMost => found <= value,
        Operator::Greater => found > value,
        Operator::AtLeast => found >= value,
        Operator::Equal | Operator::Holds | Operator::In => found == value,
    }
}

/// Splits at `and` and `et` outside quotes.
fn conjuncts(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut quoted) = (Vec::new(), String::new(), false);
    for word in text.split_inclusive(char::is_whitespace) {
        let is_joint = ["and", "et"].contains(&word.trim().to_lowercase().as_str());
        if is_joint && !quoted {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push_str(word);
            quoted ^= word.split('"').count() % 2 == 0;
        }
    }
    parts.push(part);
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn condition(text: &str) -> Result<Condition, FilterError> {
    let lacking = || FilterError::Condition { found: text.to_owned() };
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').ok_or_else(lacking)?;
    if NAME.contains(&text[..end].to_lowercase().as_str()) {
        let value = text[end..].trim_start().strip_prefix('~').ok_or_else(lacking)?;
        let value = value.trim().trim_matches('"').to_lowercase();
        return if value.is_empty() { Err(lacking()) } else { Ok(Condition::Named { value }) };
    }
    let field: Field = text[..end].parse()?;
    let rest = text[end..].trim_start();
    let (operator, value) = operator(rest).ok_or_else(lacking)?;
    if value.is_empty() {
        return Err(lacking());
    }
    match field {
        Field::Attribute(attribute) => text_condition(attribute, operator, value),
        Field::Measure(measure) => number_condition(measure, operator, value),
    }
}

fn operator(rest: &str) -> Option<(Operator, &str)> {
    if let Some(list) = rest.get(..2).filter(|word| word.eq_ignore_ascii_case("in")) {
        return Some((Operator::In, rest[list.len()..].trim()));
    }
    OPERATORS
        .iter()
        .find_map(|(sign, operator)| rest.strip_prefix(sign).map(|value| (*operator, value.trim())))
}

fn text_condition(
    attribute: Attribute,
    operator: Operator,
    value: &str,
) -> Result<Condition, FilterError> {
    let clean = |value: &str| value.trim().trim_matches('"').to_lowercase();
    let values = match operator {
        Operator::In => {
            value.trim_start_matches('(').trim_end_matches(')').split(',').map(clean).collect()
        }
        Operator::Equal | Operator::Unequal | Operator::Holds => vec![clean(value)],
        _ => return Err(FilterError::Text { field: attribute.column().to_owned() }),
    };
    Ok(Condition::Text { attribute, operator, values })
}

fn number_condition(
    measure: Measure,
    operator: Operator,
    value: &str,
) -> Result<Condition, FilterError> {
    let bad = || FilterError::Number { field: measure.name().to_owned(), found: value.to_owned() };
    let (number, is_share) = match alone(value, Writing::Any) {
        Ok(number) if !number.below && number.sign.is_none() => (number.value, number.percent),
        // Nobody groups thousands after a nought: `0.031`.
        Err(Unread::TwoReadings { fraction, .. }) if fraction < Decimal::ONE => {
            (fraction, value.trim_end().ends_with('%'))
        }
        Err(Unread::TwoReadings { fraction, thousands }) => {
            let (field, found) = (measure.name().to_owned(), value.to_owned());
            return Err(FilterError::TwoReadings { field, found, fraction, thousands });
        }
        _ => return Err(bad()),
    };
    let number = number.to_f64().ok_or_else(bad)?;
    if matches!(operator, Operator::In | Operator::Holds) {
        return Err(bad());
    }
    let scale = if is_share { 0.01 } else { 1.0 };
    Ok(Condition::Number { measure, operator, value: number * scale })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(filter: &str, network: &str, rate: f64) -> bool {
        filter.parse::<Filter>().unwrap().holds(
            |attribute| (attribute == Attribute::Network).then_some(network),
            |measure| (measure == Measure::EngagementRate).then_some(rate),
        )
    }

    #[test]
    fn conditions_are_read_as_people_write_them() {
        for filter in [
            "network = Instagram and engagement_rate > 3 %",
            "engagement_rate>=0.031",
            "réseau = instagram et taux_engagement > 3,0%",
            "network in (facebook, instagram) and engagement_rate != 0",
            "network ~ insta",
            "name ~ GRAM",
            "nom ~ \"insta\"",
            "network = \"instagram\"",
            "",
        ] {
            assert!(passes(filter, "instagram", 0.031), "{filter}");
        }
        for filter in [
            "network = x",
            "name ~ x",
            "engagement_rate > 3.2 %",
            "spend > 0",
            "network != instagram",
        ] {
            assert!(!passes(filter, "instagram", 0.031), "{filter}");
        }
    }

    #[test]
    fn mistakes_are_told_with_what_is_allowed() {
        let error = |text: &str| text.parse::<Filter>().unwrap_err();
        assert!(matches!(
            error("netwrok = x"),
            FilterError::Unknown { nearest: Some(name), .. } if name == "network"
        ));
        assert!(matches!(error("network"), FilterError::Condition { .. }));
        assert!(matches!(error("network ="), FilterError::Condition { .. }));
        assert!(matches!(error("name = x"), FilterError::Condition { .. }));
        assert!(matches!(error("name ~"), FilterError::Condition { .. }));
        assert!(matches!(error("network > 3"), FilterError::Text { .. }));
        assert!(matches!(error("spend > much"), FilterError::Number { .. }));
        assert!(matches!(error("spend > nan"), FilterError::Number { .. }));
        assert!(matches!(error("spend > 1e3"), FilterError::Number { .. }));
        for two in ["spend > 12,000", "spend > 12.000", "cpm < 1.250"] {
            assert!(matches!(error(two), FilterError::TwoReadings { .. }), "{two}");
        }
        assert!("spend > 12 000,50".parse::<Filter>().is_ok());
        assert!(error("= 3").to_string().contains("expected"));
        assert!("é = 3 and ~".parse::<Filter>().is_err());
    }
}
