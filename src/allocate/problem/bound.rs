//! Which rule holds a plan, and in what unit its limit counts: values that a report puts into words.

use serde::{Deserialize, Serialize};

use crate::language::message::Value;

/// A rule that a plan keeps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Named", into = "Named")]
pub enum RuleName {
    /// The budget.
    Budget,
    /// Money that moves against the last split.
    ChangeAtMost,
    /// Emissions.
    Carbon,
    /// Mean cost of an action.
    CostPerAction,
    /// No week above what its audience has carried.
    ExtrapolateAtMost,
    /// The number of funded segments.
    FundedAtMost,
    /// Audiences without a week of their own to go by.
    UntriedAtMost,
    /// A rule that the planner wrote and named; its name is never translated.
    Own(String),
}

/// A rule as `plan.json` has it: a word of ours, or a planner's name marked as such.
#[derive(Serialize, Deserialize)]
struct Named {
    rule: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    own: bool,
}

impl From<Named> for RuleName {
    fn from(named: Named) -> Self {
        let ours = Self::OURS.into_iter().find(|rule| rule.word() == named.rule);
        ours.filter(|_| !named.own).unwrap_or(Self::Own(named.rule))
    }
}

impl From<RuleName> for Named {
    fn from(rule: RuleName) -> Self {
        Self { own: matches!(rule, RuleName::Own(_)), rule: rule.word().to_owned() }
    }
}

impl RuleName {
    /// The rules of the program.
    const OURS: [Self; 7] = [
        Self::Budget,
        Self::ChangeAtMost,
        Self::Carbon,
        Self::CostPerAction,
        Self::ExtrapolateAtMost,
        Self::FundedAtMost,
        Self::UntriedAtMost,
    ];

    /// As files name it.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Budget => "budget",
            Self::ChangeAtMost => "change_at_most",
            Self::Carbon => "carbon",
            Self::CostPerAction => "cost_per_action",
            Self::ExtrapolateAtMost => "extrapolate_at_most",
            Self::FundedAtMost => "funded_at_most",
            Self::UntriedAtMost => "untried_at_most",
            Self::Own(name) => name,
        }
    }

    /// Its name within a sentence.
    #[must_use]
    pub fn value(&self) -> Value {
        match self {
            Self::Own(name) => Value::Name(name.clone()),
            ours => Value::Message(format!("allocate-rule-{}", ours.word().replace('_', "-"))),
        }
    }
}

/// What the limit of a rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// Money.
    Money,
    /// Kilograms of CO2e.
    #[serde(rename = "kgCO2e")]
    Carbon,
    /// Funded segments.
    Segments,
    /// Times of what a default allows.
    Times,
    /// Whatever the planner counts in a limit of their own.
    Side,
}

/// What holds a row where it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Limit {
    /// The limit on change against the last split.
    Change,
    /// A rule on several rows.
    Rule(RuleName),
    /// Its maximum.
    Max,
    /// Its minimum.
    Min,
    /// The least that a funded row gets.
    MinIfFunded,
    /// It is not funded.
    Off,
    /// The planner fixed it.
    Pin,
}

/// What stands in files before a planner's name for a rule.
const OWN: &str = "group:";

impl From<String> for Limit {
    fn from(text: String) -> Self {
        let rows = [Self::Change, Self::Max, Self::Min, Self::MinIfFunded, Self::Off, Self::Pin];
        if let Some(row) = rows.into_iter().find(|row| String::from(row.clone()) == text) {
            return row;
        }
        match text.strip_prefix(OWN) {
            Some(name) => Self::Rule(RuleName::Own(name.to_owned())),
            None => Self::Rule(Named { rule: text, own: false }.into()),
        }
    }
}

impl From<Limit> for String {
    fn from(limit: Limit) -> Self {
        match limit {
            Limit::Change => "change".to_owned(),
            Limit::Rule(RuleName::Own(name)) => format!("{OWN}{name}"),
            Limit::Rule(rule) => rule.word().to_owned(),
            Limit::Max => "max".to_owned(),
            Limit::Min => "min".to_owned(),
            Limit::MinIfFunded => "min_if_funded".to_owned(),
            Limit::Off => "off".to_owned(),
            Limit::Pin => "pin".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::language::message::Plain;

    fn kept<T: Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
        serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
    }

    #[test]
    fn a_rule_that_a_planner_calls_like_one_of_ours_stays_theirs() {
        for name in ["carbon cap", "plafond carbone", "carbon", "budget", "group:max", "max"] {
            let rule = RuleName::Own(name.to_owned());
            assert_eq!(kept(&rule), rule);
            assert_eq!(kept(&Limit::Rule(rule.clone())), Limit::Rule(rule.clone()));
            for language in Language::ALL {
                let plain = Plain { language, currency: None };
                assert_eq!(rule.value().write(&plain), name);
            }
        }
    }

    #[test]
    fn our_rules_keep_their_words_in_files_and_have_names_in_both_languages() {
        for rule in RuleName::OURS {
            assert_eq!(kept(&rule), rule);
            assert_eq!(kept(&Limit::Rule(rule.clone())), Limit::Rule(rule.clone()));
            for language in Language::ALL {
                let name = rule.value().write(&Plain { language, currency: None });
                assert!(!name.contains('⟨'), "{name}");
            }
        }
        let unit = |unit: LimitUnit| serde_json::to_value(unit).unwrap();
        assert_eq!(unit(LimitUnit::Carbon), "kgCO2e");
        assert_eq!(unit(LimitUnit::Money), "money");
        assert_eq!(serde_json::to_value(Limit::MinIfFunded).unwrap(), "min_if_funded");
    }
}
