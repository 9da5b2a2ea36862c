//! A finding: what a rule has to say about a plan.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::language::message::{Told, Value};
use crate::units::Currency;

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Note,
    /// A person must look at it.
    Warning,
    /// Not allowed: the budget is forced to 0 unless a written reason overrides it.
    Forbidden,
}

/// What a rule has to say, in a form that both languages can tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// How serious.
    pub severity: Severity,
    /// Stable code such as `minors-meta`; `finding-<code>` is its message key.
    pub code: String,
    /// Segments concerned; empty when the campaign as a whole is.
    pub segments: Vec<String>,
    /// Values for the message.
    pub arguments: BTreeMap<String, String>,
    /// Where the rule comes from, with its date.
    pub source: Option<String>,
    /// The written reason that overrides it.
    pub overridden: Option<String>,
    /// The message in the language of the result.
    pub message: String,
    /// The message apart from its language; absent where the values are in `arguments` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
}

/// For whom findings are written: language, currency, and the reasons that override them by code.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// Language of the result.
    pub language: Language,
    /// Currency of the plan.
    pub currency: Option<Currency>,
    /// Written reasons by code.
    pub overrides: &'a BTreeMap<String, String>,
}

impl Finding {
    /// A finding whose values stay values: its message is `finding-<code>`, in which `$segments`
    /// names the segments concerned.
    #[must_use]
    pub fn new<const N: usize>(
        severity: Severity,
        code: &str,
        mut segments: Vec<String>,
        values: [(&str, Value); N],
        reader: &Reader<'_>,
    ) -> Self {
        segments.sort();
        segments.dedup();
        let told = Told::new(&format!("finding-{code}"), values);
        let mut arguments = told.written(reader.language, reader.currency);
        arguments.insert("segments".to_owned(), reader.language.some_of(&segments));
        let pairs: Vec<(&str, &str)> =
            arguments.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        Self {
            severity,
            code: code.to_owned(),
            segments,
            message: reader.language.say(&told.key, &pairs),
            arguments,
            source: None,
            overridden: reader.overrides.get(code).cloned(),
            told: Some(told),
        }
    }

    /// Whether a person must look at it: the exit code of every command that tells it.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        self.severity >= Severity::Warning && self.overridden.is_none()
    }
}
