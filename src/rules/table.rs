//! Reading the dated tables: what they share, and what can be wrong with them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::carbon::CarbonError;
use crate::language::{Explain, Language};
use crate::panel::Period;
use crate::reference::{Reference, ReferenceError};
use crate::segment::territory::TerritoryError;
use crate::units::Currency;

/// Where a rule comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Address or title of the document.
    pub source: String,
    /// Month in which it was read.
    pub read: String,
}

impl Origin {
    /// Both, as a finding shows them.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{} ({})", self.source, self.read)
    }
}

/// What a rule stands on: where it comes from, when it holds, and whether it is law.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// Address or title of the document.
    pub source: String,
    /// Month in which it was read.
    pub read: String,
    /// First day: `always`, a year, a month or a day.
    from: Edge,
    /// Last day: `open`, a year, a month or a day.
    until: Edge,
    /// Whether it binds anybody.
    pub state: State,
    /// Known at second hand only: to be checked before anybody relies on it.
    #[serde(default)]
    pub to_be_checked: bool,
}

/// Whether a rule binds anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A law in force, or a network's terms.
    InForce,
    /// Voted, and not in force yet.
    Voted,
    /// A bill, or a proposal.
    Proposed,
    /// Voted, and struck down by a court.
    StruckDown,
}

impl State {
    /// Its message key.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::InForce => "rules-state-in-force",
            Self::Voted => "rules-state-voted",
            Self::Proposed => "rules-state-proposed",
            Self::StruckDown => "rules-state-struck-down",
        }
    }
}

/// A day as exactly as it is known: all days from the first to the last that it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Edge {
    first: Date,
    last: Date,
}

impl TryFrom<String> for Edge {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let of = |first: Date, last: Date| Ok(Self { first, last });
        match text.as_str() {
            "always" => return of(Date::MIN, Date::MIN),
            "open" => return of(Date::MAX, Date::MAX),
            _ => {}
        }
        let day = |text: String| text.parse::<Date>().ok();
        match text.len() {
            4 if let Some(year) = day(format!("{text}-01-01")) => of(year, year.last_of_year()),
            7 if let Some(month) = day(format!("{text}-01")) => of(month, month.last_of_month()),
            10 if let Some(exact) = day(text.clone()) => of(exact, exact),
            _ => Err(format!("`{text}`: expected `always`, `open`, 2027, 2027-05 or 2027-05-02")),
        }
    }
}

impl Basis {
    /// Where it comes from, as a finding shows it.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{} ({})", self.source, self.read)
    }

    /// Whether it concerns these days, law or not; an edge known to the month counts in full.
    pub(super) fn meets(&self, days: Period) -> bool {
        self.from.first <= days.end && days.start <= self.until.last
    }

    /// Whether it binds in these days.
    pub(super) fn holds(&self, days: Period) -> bool {
        self.state == State::InForce && self.meets(days)
    }

    /// The first day, where it is known.
    pub(super) fn begins(&self) -> Option<Date> {
        (self.from.first > Date::MIN).then_some(self.from.first)
    }
}

/// Amounts by currency.
pub(super) type Amounts = BTreeMap<Currency, f64>;

/// A dated table cannot be used.
#[derive(Debug, Error)]
pub enum RulesError {
    /// It cannot be read.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// It is not what it should be.
    #[error("`{file}`: {source}")]
    Table {
        /// The file, below `data/`.
        file: String,
        /// What the reader says, with the line.
        source: toml::de::Error,
    },
    /// A value is outside what is allowed.
    #[error("`{file}`, `{key}`: found `{found}`, expected {allowed}")]
    Value {
        /// The file, below `data/`.
        file: String,
        /// The key.
        key: String,
        /// What was found.
        found: String,
        /// What is allowed.
        allowed: String,
    },
    /// The territories cannot be used.
    #[error(transparent)]
    Territories(#[from] TerritoryError),
    /// The emission constants cannot be used.
    #[error(transparent)]
    Carbon(#[from] CarbonError),
}

impl Explain for RulesError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::Value { file, key, found, allowed } => language.say(
                "error-rules-value",
                &[("file", file), ("key", key), ("found", found), ("allowed", allowed)],
            ),
            Self::Reference(_) | Self::Table { .. } | Self::Territories(_) | Self::Carbon(_) => {
                language.say("error-rules-table", &[("cause", &self.to_string())])
            }
        }
    }
}

/// Reads one table.
pub(super) fn read<T: DeserializeOwned>(
    reference: &Reference,
    file: &str,
) -> Result<T, RulesError> {
    toml::from_str(&reference.text(file)?)
        .map_err(|source| RulesError::Table { file: file.to_owned(), source })
}

/// Refuses a number that is not finite or is negative.
pub(super) fn check_amount(file: &str, key: &str, found: f64) -> Result<(), RulesError> {
    if (0.0..f64::INFINITY).contains(&found) {
        return Ok(());
    }
    Err(RulesError::Value {
        file: file.to_owned(),
        key: key.to_owned(),
        found: found.to_string(),
        allowed: "≥ 0".to_owned(),
    })
}
