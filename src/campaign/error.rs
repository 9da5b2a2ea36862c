//! What can be wrong with a campaign file.

use std::path::PathBuf;

use thiserror::Error;

use crate::language::{Explain, Language};

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
        /// The key, with its tables.
        key: String,
        /// What was found.
        found: String,
        /// What is allowed, as a message key.
        allowed: &'static str,
        /// Values for that message.
        detail: String,
    },
}

impl Explain for CampaignError {
    fn explain(&self, language: Language) -> String {
        match self {
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
            Self::Value { path, key, found, allowed, detail } => language.say(
                "error-campaign-value",
                &[
                    ("path", &path.display().to_string()),
                    ("key", key),
                    ("found", found),
                    ("allowed", &language.say(allowed, &[("detail", detail)])),
                ],
            ),
        }
    }
}
