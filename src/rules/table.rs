//! Reading the dated tables: what they share, and what can be wrong with them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::basis::{WrongOrigin, wrong_origin};
use crate::carbon::CarbonError;
use crate::language::{Explain, Language};
use crate::reference::{Reference, ReferenceError};
use crate::segment::territory::TerritoryError;
use crate::units::Currency;

/// Where a rule comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Address or title of the document.
    pub source: String,
    /// The same for French readers, where it has English words.
    pub source_fr: Option<String>,
    /// Month in which it was read.
    pub read: String,
}

impl Origin {
    /// Document and month, as a finding shows them to readers of a language.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let french = self.source_fr.as_ref().filter(|_| language == Language::Fr);
        format!("{} ({})", french.unwrap_or(&self.source), self.read)
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
    /// A rule does not say where it comes from, when it holds, or whether it is law.
    #[error("`{file}`, line {}, `{}`: {}", wrong.line, wrong.key, wrong.explain(Language::En))]
    Origin {
        /// The file, below `data/`.
        file: String,
        /// What is wrong, and where.
        wrong: WrongOrigin,
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
            Self::Origin { file, wrong } => language.say(
                "error-rules-origin",
                &[
                    ("file", file),
                    ("line", &wrong.line.to_string()),
                    ("key", wrong.key),
                    ("expected", &wrong.explain(language)),
                ],
            ),
            Self::Table { file, source } => {
                let said = language.toml_frame(&source.to_string());
                language.say("error-rules-file", &[("file", file), ("cause", &said)])
            }
            Self::Reference(_) | Self::Territories(_) | Self::Carbon(_) => {
                language.say("error-rules-table", &[("cause", &self.to_string())])
            }
        }
    }
}

/// Reads one table; every rule in it says where it comes from, when it holds, and whether it is law.
pub(super) fn read<T: DeserializeOwned>(
    reference: &Reference,
    file: &str,
) -> Result<T, RulesError> {
    let text = reference.text(file)?;
    if let Some(wrong) = wrong_origin(&text) {
        return Err(RulesError::Origin { file: file.to_owned(), wrong });
    }
    toml::from_str(&text).map_err(|source| RulesError::Table { file: file.to_owned(), source })
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
