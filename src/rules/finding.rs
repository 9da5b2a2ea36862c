//! A finding: what a rule has to say about a plan.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
}
