//! What can be wrong with a campaign file.

use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use thiserror::Error;

use crate::language::{Explain, Language};
use crate::units::{InvalidMoney, one_reading};

/// A campaign file that cannot be used.
#[derive(Debug, Error)]
pub enum CampaignError {
    /// The file cannot be read.
    #[error("could not read `{path}`: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not TOML, or a value of the wrong kind.
    #[error("`{path}`, line {line}, column {column}: {message}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, 1-based.
        line: usize,
        /// Column, 1-based.
        column: usize,
        /// What the reader said.
        message: String,
    },
    /// A key that no campaign file has.
    #[error("`{path}`, line {line}, column {column}: unknown key `{found}`; allowed: {allowed}")]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// Line, 1-based.
        line: usize,
        /// Column, 1-based.
        column: usize,
        /// What was found.
        found: String,
        /// The nearest known key.
        nearest: Option<String>,
        /// Known keys, joined by commas.
        allowed: String,
    },
    /// A value that is not allowed.
    #[error("`{path}`, `{key}`: found `{found}`, expected {allowed}")]
    Value {
        /// The file.
        path: PathBuf,
        /// Line and column, 1-based, where the file has such a place.
        at: Option<Box<(usize, usize)>>,
        /// The key, with its tables.
        key: String,
        /// What was found.
        found: String,
        /// What is allowed, as a message key.
        allowed: &'static str,
        /// Values for that message.
        detail: String,
    },
    /// A text that is no amount of money, or may be two.
    #[error("`{path}`, `{key}`: {reason}")]
    Money {
        /// The file.
        path: PathBuf,
        /// Line and column, 1-based.
        at: Option<Box<(usize, usize)>>,
        /// The key, with its tables.
        key: String,
        /// What is wrong with it.
        reason: InvalidMoney,
    },
    /// Several of these.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Several(Vec<CampaignError>),
}

impl CampaignError {
    /// All faults as one error, in the order of the file; a single one is itself.
    pub(crate) fn all(mut faults: Vec<Self>) -> Self {
        faults.sort_by_key(Self::at);
        match faults.len() {
            1 => faults.remove(0),
            _ => Self::Several(faults),
        }
    }

    /// Each fault alone.
    pub(crate) fn faults(&self) -> Vec<&Self> {
        match self {
            Self::Several(faults) => faults.iter().collect(),
            own => vec![own],
        }
    }

    /// The key that it is about, with its tables, where the file's reader knows it.
    pub(crate) fn key(&self) -> Option<&str> {
        match self {
            Self::Value { key, .. } | Self::Money { key, .. } => Some(key),
            Self::Syntax { message, .. } => {
                message.strip_prefix("missing field ").map(|key| key.trim_matches('`'))
            }
            _ => None,
        }
    }

    /// What is wrong, for whoever sees where: without the file and its line.
    pub(crate) fn reason(&self, language: Language) -> String {
        match self {
            Self::Value { found, allowed, detail, .. } => {
                let allowed = language.say(allowed, &[("detail", detail)]);
                let values = [("found", found.as_str()), ("allowed", &allowed)];
                language.say("error-campaign-found", &values)
            }
            Self::Money { reason, .. } => reason.explain(language),
            Self::Syntax { message, .. } => language.toml(message),
            own => own.explain(language),
        }
    }

    /// Line and column; what has no place comes last.
    pub(crate) fn at(&self) -> (usize, usize) {
        match self {
            Self::Syntax { line, column, .. } | Self::UnknownKey { line, column, .. } => {
                (*line, *column)
            }
            Self::Value { at, .. } | Self::Money { at, .. } => {
                at.as_deref().copied().unwrap_or((usize::MAX, 0))
            }
            Self::Unreadable { .. } | Self::Several(_) => (usize::MAX, 0),
        }
    }
}

impl Explain for CampaignError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::Several(faults) => {
                let told: Vec<String> = faults.iter().map(|own| own.explain(language)).collect();
                told.join("\n")
            }
            Self::Unreadable { path, source } => language.say(
                "error-campaign-unreadable",
                &[("path", &path.display().to_string()), ("cause", &language.cause(source))],
            ),
            Self::Syntax { path, line, column, message } => language.say(
                "error-campaign-syntax",
                &[
                    ("path", &path.display().to_string()),
                    ("line", &line.to_string()),
                    ("column", &column.to_string()),
                    ("message", &language.toml(message)),
                ],
            ),
            Self::UnknownKey { path, line, column, found, nearest, allowed } => {
                let hint = nearest.as_ref().map_or_else(String::new, |nearest| {
                    language.say("error-campaign-nearest", &[("nearest", nearest)])
                });
                language.say(
                    "error-campaign-unknown-key",
                    &[
                        ("path", &path.display().to_string()),
                        ("line", &line.to_string()),
                        ("column", &column.to_string()),
                        ("found", found),
                        ("hint", &hint),
                        ("allowed", allowed),
                    ],
                )
            }
            Self::Value { path, at, key, found, allowed, detail } => language.say(
                "error-campaign-value",
                &[
                    ("place", &place(path, at.as_deref(), language)),
                    ("key", key),
                    ("found", found),
                    ("allowed", &language.say(allowed, &[("detail", detail)])),
                ],
            ),
            Self::Money { path, at, key, reason } => language.say(
                "error-campaign-money",
                &[
                    ("place", &place(path, at.as_deref(), language)),
                    ("key", key),
                    ("reason", &reason.explain(language)),
                ],
            ),
        }
    }
}

/// The file, with line and column where they are known.
fn place(path: &Path, at: Option<&(usize, usize)>, language: Language) -> String {
    let path = path.display().to_string();
    let Some((line, column)) = at else {
        return language.say("error-campaign-in", &[("path", &path)]);
    };
    let (line, column) = (line.to_string(), column.to_string());
    language.say("error-campaign-at", &[("path", &path), ("line", &line), ("column", &column)])
}

impl Explain for InvalidMoney {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::NoMoney(found) => language.say("error-money-none", &[("found", found)]),
            Self::TooMuch(found) => language.say("error-money-too-much", &[("found", found)]),
            Self::SharedSign { found, sign, codes } => language.say(
                "error-money-shared-sign",
                &[("found", found), ("sign", sign), ("codes", &codes[..2].join(", "))],
            ),
            Self::TwoReadings { found, fraction, thousands, currency } => {
                let shown = |amount: &Decimal| {
                    let decimals = if amount.is_integer() { 0 } else { 3 };
                    language.money_with(amount.to_f64().unwrap_or(f64::NAN), *currency, decimals)
                };
                let code = currency.map_or_else(String::new, |own| format!(" {own}"));
                let plain = |amount: &Decimal| format!("{}{code}", one_reading(*amount));
                language.say(
                    "error-money-two-readings",
                    &[
                        ("found", found),
                        ("fraction", &shown(fraction)),
                        ("thousands", &shown(thousands)),
                        ("plain-fraction", &plain(fraction)),
                        ("plain-thousands", &plain(thousands)),
                    ],
                )
            }
            Self::NotMinor { found, currency } => {
                let digits = u64::from(currency.minor_digits());
                let values = [("found", found.as_str()), ("currency", currency.code())];
                language.count("error-money-not-minor", digits, &values)
            }
        }
    }
}
