//! What a rule stands on: its source, its days, its legal state; and what is wrong with those that
//! lack any of them.

use jiff::civil::Date;
use serde::Deserialize;
use thiserror::Error;
use toml::de::{DeTable, DeValue};

use crate::language::message::{Message, Value};
use crate::language::{Explain, Language, line_and_column};
use crate::panel::Period;

/// What a rule stands on: where it comes from, when it holds, and whether it is law.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// The document, with its address.
    pub source: String,
    /// The same for French readers, where it has English words.
    pub source_fr: Option<String>,
    /// Month or day on which it was read.
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
    /// A law in force.
    InForce,
    /// A platform's own policy: it binds whoever buys there.
    Platform,
    /// A law adopted, and not in force yet.
    Voted,
    /// A bill, or a proposal.
    Proposed,
    /// Adopted, and struck down by a court.
    StruckDown,
}

impl State {
    const NAMES: [(&str, Self); 5] = [
        ("in_force", Self::InForce),
        ("platform", Self::Platform),
        ("voted", Self::Voted),
        ("proposed", Self::Proposed),
        ("struck_down", Self::StruckDown),
    ];

    /// Whether it binds: a law in force, or a platform's policy.
    pub(super) fn binds(self) -> bool {
        matches!(self, Self::InForce | Self::Platform)
    }

    /// Its message key, within a sentence.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::InForce => "rules-state-in-force",
            Self::Platform => "rules-state-platform",
            Self::Voted => "rules-state-voted",
            Self::Proposed => "rules-state-proposed",
            Self::StruckDown => "rules-state-struck-down",
        }
    }

    /// Its message key, at the beginning of a sentence.
    fn heading(self) -> &'static str {
        match self {
            Self::InForce => "rules-stands-in-force",
            Self::Platform => "rules-stands-platform",
            Self::Voted => "rules-stands-voted",
            Self::Proposed => "rules-stands-proposed",
            Self::StruckDown => "rules-stands-struck-down",
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
        Self::read(&text).ok_or_else(|| format!("`{text}`: no day, month or year"))
    }
}

impl Edge {
    fn read(text: &str) -> Option<Self> {
        let of = |first: Date, last: Date| Some(Self { first, last });
        match text {
            "always" => return of(Date::MIN, Date::MIN),
            "open" => return of(Date::MAX, Date::MAX),
            _ => {}
        }
        let day = |text: String| text.parse::<Date>().ok();
        match text.len() {
            4 => day(format!("{text}-01-01")).and_then(|year| of(year, year.last_of_year())),
            7 => day(format!("{text}-01")).and_then(|month| of(month, month.last_of_month())),
            10 => day(text.to_owned()).and_then(|exact| of(exact, exact)),
            _ => None,
        }
    }

    /// As a sentence names it: a day, `October 2019`, or `2018`.
    fn told(self) -> Value {
        let year = || self.first.year().to_string();
        if self.first == self.last {
            return Value::Date(self.first);
        }
        if self.last == self.first.last_of_year() {
            return Value::Name(year());
        }
        let month = u64::from(self.first.month().unsigned_abs());
        let values = [("month", Value::Count(month)), ("year", Value::Name(year()))];
        Value::Nested(Box::new(Message::new("rules-month", values)))
    }
}

impl Basis {
    /// Where it comes from, as a finding shows it to readers of a language.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let french = self.source_fr.as_ref().filter(|_| language == Language::Fr);
        format!("{} ({})", french.unwrap_or(&self.source), self.read)
    }

    /// Whether it concerns these days, law or not; an edge known to the month counts in full.
    pub(super) fn meets(&self, days: Period) -> bool {
        self.from.first <= days.end && days.start <= self.until.last
    }

    /// Whether it binds in these days.
    pub(super) fn holds(&self, days: Period) -> bool {
        self.state.binds() && self.meets(days)
    }

    /// The first day, where it is known.
    pub(super) fn begins(&self) -> Option<Date> {
        (self.from.first > Date::MIN).then_some(self.from.first)
    }

    /// When its source was read, as a sentence.
    pub(super) fn was_read(&self) -> Value {
        let message = Message::new("rules-was-read", [("date", self.read_on())]);
        Value::Nested(Box::new(message))
    }

    fn read_on(&self) -> Value {
        Edge::read(&self.read).map_or_else(|| Value::Name(self.read.clone()), Edge::told)
    }

    /// Its legal state and its date, as a sentence: since when it binds, or else when it was read.
    pub(super) fn stands(&self) -> Value {
        let (key, date) = match self.begins().filter(|_| self.state.binds()) {
            Some(_) if self.from.first == self.from.last => {
                ("rules-stands-since-day", self.from.told())
            }
            Some(_) => ("rules-stands-since", self.from.told()),
            None => ("rules-stands-read", self.read_on()),
        };
        let values = [("state", Value::Message(self.state.heading().to_owned())), ("date", date)];
        Value::Nested(Box::new(Message::new(key, values)))
    }
}

/// What is wrong with a rule's origin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}, `{key}`")]
pub struct WrongOrigin {
    /// Line, 1-based.
    pub line: usize,
    /// The key.
    pub key: &'static str,
    /// What was found; nothing where the key is missing.
    pub found: Option<String>,
    /// `rules-allowed-<allowed>` says what is allowed.
    pub allowed: &'static str,
}

impl Explain for WrongOrigin {
    fn explain(&self, language: Language) -> String {
        let allowed = language.text(&format!("rules-allowed-{}", self.allowed));
        match &self.found {
            Some(found) => {
                language.say("rules-found-expected", &[("found", found), ("allowed", &allowed)])
            }
            None => language.say("rules-missing-expected", &[("allowed", &allowed)]),
        }
    }
}

/// The first rule of a table that does not say where it comes from, when it holds, and whether it
/// is law. Entries of a list of tables are rules, unless the file has one origin for all.
pub(super) fn wrong_origin(text: &str) -> Option<WrongOrigin> {
    let whole = DeTable::parse(text).ok()?;
    let root = whole.get_ref();
    if let Some(origin) = root.get("origin") {
        let wrong = wrong(origin.get_ref(), text, origin.span().start);
        if wrong.is_some() {
            return wrong;
        }
    }
    for (name, entries) in root {
        let DeValue::Array(entries) = entries.get_ref() else { continue };
        for entry in entries {
            let DeValue::Table(rule) = entry.get_ref() else { continue };
            // An entry begins at its name or at its first value, as the reader has it.
            let at = rule.values().map(|value| value.span().start).min();
            let at = at.map_or(entry.span().start, |at| at.min(name.span().start.max(at)));
            let wrong = match rule.get("origin") {
                Some(origin) => wrong(origin.get_ref(), text, origin.span().start),
                None if root.contains_key("origin") => None,
                None => Some(WrongOrigin {
                    line: line_and_column(text, at).0,
                    key: "origin",
                    found: None,
                    allowed: "origin",
                }),
            };
            if wrong.is_some() {
                return wrong;
            }
        }
    }
    None
}

fn wrong(origin: &DeValue<'_>, text: &str, at: usize) -> Option<WrongOrigin> {
    let DeValue::Table(origin) = origin else {
        let line = line_and_column(text, at).0;
        return Some(WrongOrigin { line, key: "origin", found: None, allowed: "origin" });
    };
    let edge = |word: &'static str| move |text: &str| text == word || is_date(text);
    let is_right = |key: &str, text: &str| match key {
        "source" => text.contains("https://"),
        "read" => text.len() >= 7 && is_date(text),
        "from" => edge("always")(text),
        "until" => edge("open")(text),
        _ => State::NAMES.iter().any(|(name, _)| *name == text),
    };
    // What is allowed is told under the key's own name.
    for key in ["source", "read", "from", "until", "state"] {
        let allowed = key;
        let value = origin.get(key);
        let line = line_and_column(text, value.map_or(at, |value| value.span().start)).0;
        let found = value.map(|value| match value.get_ref() {
            DeValue::String(own) => own.to_string(),
            _ => text.get(value.span()).unwrap_or_default().to_owned(),
        });
        if !found.as_deref().is_some_and(|text| is_right(key, text)) {
            return Some(WrongOrigin { line, key, found, allowed });
        }
    }
    let day = |key: &str| match origin[key].get_ref() {
        DeValue::String(own) => Edge::read(own).map(|edge| (edge, own.to_string())),
        _ => None,
    };
    let ((from, _), (until, found)) = (day("from")?, day("until")?);
    (until.last < from.first).then(|| WrongOrigin {
        line: line_and_column(text, origin["until"].span().start).0,
        key: "until",
        found: Some(found),
        allowed: "until-after-from",
    })
}

/// Whether a text is a year, a month or a day.
fn is_date(text: &str) -> bool {
    !matches!(text, "always" | "open") && Edge::read(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::message::Plain;

    fn basis(from: &str, read: &str, state: State) -> Basis {
        let edge = |text| Edge::read(text).unwrap();
        Basis {
            source: "https://example.org".into(),
            source_fr: None,
            read: read.into(),
            from: edge(from),
            until: edge("open"),
            state,
            to_be_checked: false,
        }
    }

    #[test]
    fn a_rule_tells_its_legal_state_and_its_date() {
        for (from, state, french, english) in [
            (
                "2025-10-06",
                State::Platform,
                "Politique de la plateforme depuis le 06/10/2025.",
                "Platform policy since 6 Oct 2025.",
            ),
            (
                "2019-10",
                State::Platform,
                "Politique de la plateforme depuis octobre 2019.",
                "Platform policy since October 2019.",
            ),
            ("2018", State::InForce, "Droit en vigueur depuis 2018.", "Law in force since 2018."),
            (
                "2026-09-17",
                State::Proposed,
                "Simple proposition (source lue en novembre 2026).",
                "A mere proposal (source read November 2026).",
            ),
        ] {
            let told = basis(from, "2026-11", state).stands();
            let by = |language| told.write(&Plain { language, currency: None });
            assert_eq!((by(Language::Fr), by(Language::En)), (french.into(), english.into()));
        }
    }

    #[test]
    fn a_rule_without_source_days_or_state_is_found_with_its_line() {
        let full = "source = \"https://e.org\", read = \"2026-11\", from = \"2026\", \
                    until = \"open\", state = \"platform\"";
        let table = |origin: &str| {
            format!("# a table\nadult = 18\n\n[[rule]]\nage = 15\norigin = {{ {origin} }}\n")
        };
        assert_eq!(wrong_origin(&table(full)), None);
        for (from, to, key, found) in [
            ("https://e.org", "somebody", "source", Some("somebody")),
            ("2026-11", "lately", "read", Some("lately")),
            ("2026-11", "2026", "read", Some("2026")),
            ("\"2026\"", "\"soon\"", "from", Some("soon")),
            ("\"2026\"", "\"open\"", "from", Some("open")),
            ("\"open\"", "\"always\"", "until", Some("always")),
            ("\"open\"", "\"2025-12\"", "until", Some("2025-12")),
            ("\"platform\"", "\"law\"", "state", Some("law")),
            ("\"platform\"", "true", "state", Some("true")),
            (", state = \"platform\"", "", "state", None),
            ("source = \"https://e.org\", ", "", "source", None),
        ] {
            let wrong = wrong_origin(&table(&full.replace(from, to))).expect(to);
            assert_eq!((wrong.line, wrong.key, wrong.found.as_deref()), (6, key, found), "{to}");
        }
        let none = wrong_origin("[[rule]]\nage = 18\n").unwrap();
        assert_eq!((none.line, none.key, none.found), (2, "origin", None));
        // One origin for a whole file is enough.
        let one = format!("origin = {{ {full} }}\n[[category]]\nkey = \"a\"\n");
        assert_eq!(wrong_origin(&one), None);
    }
}
