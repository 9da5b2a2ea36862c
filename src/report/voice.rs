//! The voice of a report: its language, its currency and the names of its segments.

use std::collections::BTreeMap;

use super::dossier::Dossier;
use crate::language::Language;
use crate::reference::Reference;
use crate::segment::Attribute;
use crate::segment::territory::Territories;
use crate::units::Currency;

/// How a report speaks.
#[derive(Debug, Clone)]
pub struct Voice {
    /// Language.
    pub language: Language,
    /// Currency of all money.
    pub currency: Option<Currency>,
    /// Segment id → the name that people read.
    names: BTreeMap<String, String>,
    /// Segment id → its name without what all segments of the plan have in common.
    labels: BTreeMap<String, String>,
    /// Territory code → its name.
    territories: BTreeMap<String, String>,
}

impl Voice {
    /// The voice for a dossier.
    #[must_use]
    pub fn new(dossier: &Dossier, language: Language) -> Self {
        let mut voice = Self {
            language,
            currency: dossier.plan.currency,
            names: BTreeMap::new(),
            labels: BTreeMap::new(),
            territories: territories(dossier),
        };
        let rows = &dossier.plan.rows;
        for row in rows {
            let words = voice.spell(&row.segment, &row.attributes);
            voice.names.insert(row.segment.clone(), words.join(" · "));
            let differs = |part: &str| !rows.iter().all(|other| has(&other.segment, part));
            let own: Vec<String> = words
                .iter()
                .zip(row.segment.split(" · "))
                .filter(|(_, part)| rows.len() < 2 || differs(part))
                .map(|(word, _)| word.clone())
                .collect();
            let label = if own.is_empty() { words.join(" · ") } else { own.join(" · ") };
            voice.labels.insert(row.segment.clone(), label);
        }
        voice
    }

    /// The message of a key.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.language.text(key)
    }

    /// The message of a key with arguments.
    #[must_use]
    pub fn say(&self, key: &str, arguments: &[(&str, &str)]) -> String {
        self.language.say(key, arguments)
    }

    /// The message of a key whose wording depends on a count.
    #[must_use]
    pub fn count(&self, key: &str, n: usize, arguments: &[(&str, &str)]) -> String {
        self.language.count(key, n as u64, arguments)
    }

    /// The message of a key, or `fallback` when no resource has it.
    #[must_use]
    pub fn text_or(&self, key: &str, fallback: &str) -> String {
        let text = self.language.text(key);
        if text.starts_with('⟨') { clean(fallback) } else { text }
    }

    /// Money without decimals when it is large, with those of the currency when small.
    #[must_use]
    pub fn money(&self, amount: f64) -> String {
        if amount.abs() >= 100.0 {
            self.language.money_with(amount.round(), self.currency, 0)
        } else {
            self.language.money(amount, self.currency)
        }
    }

    /// Money with the decimals that a small price needs.
    #[must_use]
    pub fn price(&self, amount: f64) -> String {
        let decimals = if amount.abs() < 0.1 { 3 } else { 2 };
        self.language.money_with(amount, self.currency, decimals)
    }

    /// A count of people or actions: no decimals from ten on.
    #[must_use]
    pub fn quantity(&self, value: f64) -> String {
        if value.abs() >= 10.0 || value.fract() == 0.0 {
            self.language.number(value, 0)
        } else {
            self.language.number(value, 1)
        }
    }

    /// A weight as people write it: `4`, `2.5`.
    #[must_use]
    pub fn short_points(&self, points: f64) -> String {
        self.language.number(points, if points.fract() == 0.0 { 0 } else { 2 })
    }

    /// About three digits.
    #[must_use]
    pub fn short(&self, value: f64) -> String {
        self.language.short(value)
    }

    /// A share in per cent.
    #[must_use]
    pub fn percent(&self, share: f64, decimals: usize) -> String {
        self.language.percent(share, decimals)
    }

    /// A number with its sign.
    #[must_use]
    pub fn signed(&self, value: f64, decimals: usize) -> String {
        plus(value, self.language.number(value, decimals))
    }

    /// Money with its sign.
    #[must_use]
    pub fn signed_money(&self, value: f64, decimals: usize) -> String {
        plus(value, self.language.money_with(value, self.currency, decimals))
    }

    /// A share in per cent with its sign.
    #[must_use]
    pub fn signed_percent(&self, share: f64) -> String {
        plus(share, self.language.percent(share, 0))
    }

    /// A policy's name in words.
    #[must_use]
    pub fn policy(&self, name: &str) -> String {
        self.keyed("report-policy", name)
    }

    /// An engagement preset's name in words.
    #[must_use]
    pub fn preset(&self, name: &str) -> String {
        self.keyed("report-preset", name)
    }

    /// What holds a row: `max` → at its ceiling; `group:<name>` → the planner's own name.
    #[must_use]
    pub fn limit(&self, limit: &str) -> String {
        match limit.split_once(':') {
            Some(("group", name)) => self.say("report-limit-group", &[("name", &clean(name))]),
            _ => self.keyed("report-limit", limit),
        }
    }

    /// The message of `<kind>-<code>`; the code itself when no resource has it.
    #[must_use]
    pub fn keyed(&self, kind: &str, code: &str) -> String {
        let plain = !code.is_empty()
            && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_ ".contains(&b));
        if !plain {
            return clean(code);
        }
        let code_key = code.to_lowercase().replace([' ', '_'], "-");
        self.text_or(&format!("{kind}-{code_key}"), code)
    }

    /// The name that people read for a segment.
    #[must_use]
    pub fn name(&self, segment: &str) -> String {
        self.names.get(segment).cloned().unwrap_or_else(|| clean(segment))
    }

    /// A segment's name for charts: what all segments of the plan share is left out.
    #[must_use]
    pub fn label(&self, segment: &str) -> String {
        self.labels.get(segment).cloned().unwrap_or_else(|| clean(segment))
    }

    /// A segment's short name within a sentence: `Instagram, 18–24, Hérault`.
    #[must_use]
    pub fn spoken(&self, segment: &str) -> String {
        self.label(segment).replace(" · ", ", ")
    }

    /// A network's own name.
    #[must_use]
    pub fn network(&self, network: &str) -> String {
        self.value(Attribute::Network.column(), network)
    }

    /// The audience of a row: its attributes but the network.
    #[must_use]
    pub fn audience(&self, attributes: &BTreeMap<String, String>) -> String {
        let words: Vec<String> = in_order(attributes)
            .filter(|(name, _)| *name != Attribute::Network.column())
            .map(|(name, value)| self.value(name, value))
            .collect();
        if words.is_empty() { self.text("report-everyone") } else { words.join(" · ") }
    }

    /// The words of a segment's id when it is made of its attributes; else its own name.
    fn spell(&self, id: &str, attributes: &BTreeMap<String, String>) -> Vec<String> {
        let name_of = |part: &str| {
            attributes.iter().find(|(_, value)| *value == part).map(|(name, _)| name.as_str())
        };
        let spelled: Option<Vec<String>> =
            id.split(" · ").map(|part| name_of(part).map(|name| self.value(name, part))).collect();
        spelled.unwrap_or_else(|| vec![clean(id)])
    }

    /// An attribute's value in words: `instagram` → Instagram, `18-24` → 18–24.
    #[must_use]
    pub fn value(&self, attribute: &str, value: &str) -> String {
        match attribute {
            "network" | "format" | "gender" => self.keyed(&format!("report-{attribute}"), value),
            "territory" => self.territories.get(value).cloned().unwrap_or_else(|| clean(value)),
            "age" if value == "unknown" => self.text("report-age-unknown"),
            "age" => clean(value).replace('-', "–"),
            _ => clean(value),
        }
    }
}

/// Names of the territories that the plan's rows lie in; codes stay codes without the table.
fn territories(dossier: &Dossier) -> BTreeMap<String, String> {
    let column = Attribute::Territory.column();
    let mut codes =
        dossier.plan.rows.iter().filter_map(|row| row.attributes.get(column)).peekable();
    let known = codes.peek().and_then(|_| Territories::load(&Reference::default()).ok());
    let Some(known) = known else { return BTreeMap::new() };
    codes.filter_map(|code| Some((code.clone(), clean(known.name(code)?)))).collect()
}

/// Whether a segment's id has this part.
fn has(segment: &str, part: &str) -> bool {
    segment.split(" · ").any(|own| own == part)
}

/// Attributes in the order of the fixed columns, then the panel's own by name.
fn in_order(attributes: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    let fixed = Attribute::ALL.map(Attribute::column);
    let known = fixed.into_iter().filter_map(|name| Some((name, attributes.get(name)?.as_str())));
    let own = attributes.iter().filter(move |(name, _)| !fixed.contains(&name.as_str()));
    known.chain(own.map(|(name, value)| (name.as_str(), value.as_str())))
}

fn plus(value: f64, text: String) -> String {
    let is_zero = !text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    if value > 0.0 && !is_zero { format!("+{text}") } else { text }
}

/// Text from outside, safe to draw: control characters, and marks that reorder what follows, are
/// taken out; white space is single.
#[must_use]
pub fn clean(text: &str) -> String {
    let reorders =
        |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let kept: String = text
        .chars()
        .filter(|c| !reorders(*c) && !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    kept.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_keeps_its_words_and_loses_its_tricks() {
        assert_eq!(clean("a\u{0}\nb\u{202e}c  d"), "a bc d");
        assert_eq!(clean("<script>alert(1)</script>"), "<script>alert(1)</script>");
    }

    #[test]
    fn a_difference_of_nothing_has_no_sign() {
        assert_eq!(plus(0.0004, "0,00".to_owned()), "0,00");
        assert_eq!(plus(3.0, "3".to_owned()), "+3");
        assert_eq!(plus(-3.0, "\u{2212}3".to_owned()), "\u{2212}3");
    }
}
