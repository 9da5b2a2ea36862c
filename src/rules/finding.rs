//! A finding: what a rule has to say about a plan.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::language::message::{Message, Plain, Value, Writer};
use crate::units::Currency;

/// The value of a message with which a finding ends: the legal state of its rule, and its date.
pub(super) const STANDS: &str = "stands";

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
#[serde(from = "Stored")]
pub struct Finding {
    /// How serious.
    pub severity: Severity,
    /// Stable code such as `minors-meta`.
    pub code: String,
    /// Segments concerned; empty when the campaign as a whole is.
    pub segments: Vec<String>,
    /// Where the rule comes from, with its date.
    pub source: Option<String>,
    /// The same for French readers, where it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_fr: Option<String>,
    /// The source is known at second hand only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub to_be_checked: bool,
    /// The written reason that overrides it.
    pub overridden: Option<String>,
    /// What it says: a message with its values.
    pub told: Message,
    // The same in the language of the result, for scripts that read the file; nothing else does.
    arguments: BTreeMap<String, String>,
    message: String,
}

/// A finding as a file has it; those of earlier versions may hold their message as text alone.
#[derive(Deserialize)]
struct Stored {
    severity: Severity,
    code: String,
    segments: Vec<String>,
    source: Option<String>,
    source_fr: Option<String>,
    #[serde(default)]
    to_be_checked: bool,
    overridden: Option<String>,
    told: Option<Message>,
    arguments: BTreeMap<String, String>,
    message: String,
}

impl From<Stored> for Finding {
    fn from(stored: Stored) -> Self {
        let as_told = || Message::as_it_was(&stored.message);
        Self {
            told: stored.told.unwrap_or_else(as_told),
            severity: stored.severity,
            code: stored.code,
            segments: stored.segments,
            source: stored.source,
            source_fr: stored.source_fr,
            to_be_checked: stored.to_be_checked,
            overridden: stored.overridden,
            arguments: stored.arguments,
            message: stored.message,
        }
    }
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
    pub fn new<'a>(
        severity: Severity,
        code: &str,
        segments: Vec<String>,
        values: impl IntoIterator<Item = (&'a str, Value)>,
        reader: &Reader<'_>,
    ) -> Self {
        let told = Message::new(&format!("finding-{code}"), values);
        Self::of(severity, code, segments, told, reader)
    }

    /// A finding with its message.
    #[must_use]
    pub fn of(
        severity: Severity,
        code: &str,
        mut segments: Vec<String>,
        told: Message,
        reader: &Reader<'_>,
    ) -> Self {
        segments.sort();
        segments.dedup();
        let mut finding = Self {
            severity,
            code: code.to_owned(),
            segments,
            source: None,
            source_fr: None,
            to_be_checked: false,
            overridden: reader.overrides.get(code).cloned(),
            told,
            arguments: BTreeMap::new(),
            message: String::new(),
        };
        let plain = Plain { language: reader.language, currency: reader.currency };
        let text = |(name, value): (&String, &Value)| (name.clone(), value.write(&plain));
        finding.arguments = finding.told.values.iter().map(text).collect();
        let listed = plain.segments(&finding.segments);
        finding.arguments.entry("segments".to_owned()).or_insert(listed);
        finding.message = finding.say(&plain);
        finding
    }

    /// Keeps where its rule comes from, in English and in French words.
    pub fn rest_on(&mut self, english: Option<String>, french: Option<String>) {
        self.source_fr = french.filter(|french| english.as_ref() != Some(french));
        self.source = english;
    }

    /// Where its rule comes from, for readers of a language.
    #[must_use]
    pub fn source_in(&self, language: Language) -> Option<&str> {
        let french = self.source_fr.as_deref().filter(|_| language == Language::Fr);
        french.or(self.source.as_deref())
    }

    /// What it says, as somebody writes it; of a rule, its legal state and date at the end.
    #[must_use]
    pub fn say(&self, writer: &dyn Writer) -> String {
        let said = self.without_stands(writer);
        match self.told.values.get(STANDS) {
            Some(stands) => format!("{said} {}", stands.write(writer)),
            None => said,
        }
    }

    fn without_stands(&self, writer: &dyn Writer) -> String {
        if self.segments.is_empty() {
            return self.told.write(writer);
        }
        let mut told = self.told.clone();
        let segments = || Value::Segments(self.segments.clone());
        told.values.entry("segments".to_owned()).or_insert_with(segments);
        told.write(writer)
    }

    /// Whether a person must look at it: the exit code of every command that tells it.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        self.severity >= Severity::Warning && self.overridden.is_none()
    }
}

/// Segments whose budget must be 0: forbidden, and no written reason says otherwise.
#[must_use]
pub fn forced_to_zero(findings: &[Finding]) -> BTreeSet<String> {
    findings
        .iter()
        .filter(|finding| finding.severity == Severity::Forbidden && finding.overridden.is_none())
        .flat_map(|finding| finding.segments.iter().cloned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_of_an_earlier_version_is_told_as_it_was_written() {
        let file = r#"{ "severity": "note", "code": "small-cells", "segments": [], "source": null,
            "overridden": null, "arguments": {}, "message": "Trop peu de personnes." }"#;
        let finding: Finding = serde_json::from_str(file).unwrap();
        let english = Plain { language: Language::En, currency: None };
        assert_eq!(finding.say(&english), "Trop peu de personnes.");
    }

    #[test]
    fn a_finding_reads_the_same_whatever_language_it_was_made_in() {
        let overrides = BTreeMap::new();
        let made = |language| {
            let reader = Reader { language, currency: Some(Currency::EUR), overrides: &overrides };
            let values = [("times", Value::Short(2.5))];
            let segments = vec!["b".to_owned(), "a".to_owned(), "b".to_owned()];
            let found = Finding::new(
                Severity::Warning,
                "default-ceilings-gave-way",
                segments,
                values,
                &reader,
            );
            let kept = serde_json::to_string(&found).unwrap();
            serde_json::from_str::<Finding>(&kept).unwrap()
        };
        let [french, english] = [Language::Fr, Language::En].map(made);
        assert_eq!(french.segments, ["a", "b"]);
        for language in Language::ALL {
            let plain = Plain { language, currency: Some(Currency::EUR) };
            assert_eq!(french.say(&plain), english.say(&plain));
            assert!(!french.say(&plain).contains('⟨'));
        }
    }
}
