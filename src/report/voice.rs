//! The voice of a report: its language, its currency and the names of its segments.

use std::collections::{BTreeMap, BTreeSet};

use super::dossier::Dossier;
use crate::allocate::plan::Mostly;
use crate::language::Language;
use crate::language::message::Writer;
use crate::reference::Reference;
use crate::segment::Attribute;
use crate::segment::territory::Territories;
use crate::units::Currency;

/// What stands between the attributes of a segment's id.
const SEPARATOR: &str = " · ";

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
    /// Names of territories; codes stay codes without the table.
    territories: Option<Territories>,
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
            territories: Territories::load(&Reference::default()).ok(),
        };
        let rows = &dossier.plan.rows;
        let mut with: BTreeMap<&str, usize> = BTreeMap::new();
        for row in rows {
            for part in row.segment.split(SEPARATOR).collect::<BTreeSet<&str>>() {
                *with.entry(part).or_default() += 1;
            }
        }
        for row in rows {
            let words = voice.spell(&row.segment, &row.attributes);
            voice.names.insert(row.segment.clone(), words.join(SEPARATOR));
            let own: Vec<String> = words
                .iter()
                .zip(row.segment.split(SEPARATOR))
                .filter(|(_, part)| rows.len() < 2 || with[part] < rows.len())
                .map(|(word, _)| word.clone())
                .collect();
            let label = if own.is_empty() { words.join(SEPARATOR) } else { own.join(SEPARATOR) };
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

    /// A probability in per cent; never quite 0 % or 100 %, which no simulation can know.
    #[must_use]
    pub fn chance(&self, p: f64) -> String {
        match p {
            p if p > 0.99 => self.say("report-more-than", &[("share", &self.percent(0.99, 0))]),
            p if p < 0.01 => self.say("report-less-than", &[("share", &self.percent(0.01, 0))]),
            p => self.percent(p, 0),
        }
    }

    /// A value that nearly every outcome takes, with its probability, in the words of a key.
    #[must_use]
    pub fn mostly(&self, mostly: Mostly, key: &str) -> String {
        let value = self.quantity(mostly.value);
        self.say(key, &[("value", &value), ("chance", &self.chance(mostly.probability))])
    }

    /// A share of a whole in per cent: `< 1 %` is not nothing, `> 99 %` not all.
    #[must_use]
    pub fn part_of(&self, share: f64) -> String {
        if share > 0.0 && share < 0.005 {
            return format!("<\u{a0}{}", self.percent(0.01, 0));
        }
        if (0.995..1.0 - 1e-9).contains(&share) {
            return format!(">\u{a0}{}", self.percent(0.99, 0));
        }
        self.percent(share, 0)
    }

    /// So many points, in the number that the language asks for: `1,5 point`, `2,07 points`.
    #[must_use]
    pub fn points(&self, value: f64) -> String {
        let n = match self.language {
            // French takes the plural from two on.
            Language::Fr => value.abs().trunc() as usize,
            Language::En if value.abs() == 1.0 => 1,
            Language::En => 2,
        };
        self.count("report-points-count", n, &[("text", &self.short(value))])
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

    /// By how much more or less, in per cent with its sign: small ones with a decimal.
    #[must_use]
    pub fn gain(&self, share: f64) -> String {
        plus(share, self.language.percent(share, usize::from(share.abs() < 0.0995)))
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

    /// The same within a chart, where the name of a group rule says enough.
    #[must_use]
    pub fn limit_in_brief(&self, limit: &str) -> String {
        match limit.split_once(':') {
            Some(("group", name)) => clean(name),
            _ => self.limit(limit),
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
        self.names.get(segment).cloned().unwrap_or_else(|| self.phrase(segment))
    }

    /// A segment or audience that is not of the plan, in words: each part by what it looks like.
    #[must_use]
    pub fn phrase(&self, id: &str) -> String {
        id.split(SEPARATOR).map(|part| self.part(part)).collect::<Vec<_>>().join(SEPARATOR)
    }

    fn part(&self, part: &str) -> String {
        if let Some(name) = self.territory(part) {
            return name;
        }
        let is_age = part.starts_with(|c: char| c.is_ascii_digit())
            && part.bytes().all(|b| b.is_ascii_digit() || b"-+".contains(&b));
        if is_age {
            return self.value(Attribute::Age.column(), part);
        }
        let known = ["network", "format", "gender"]
            .into_iter()
            .map(|kind| self.keyed(&format!("report-{kind}"), part))
            .find(|word| word != part);
        known.unwrap_or_else(|| clean(part))
    }

    /// A text with the ids of the plan's segments replaced by the names that people read.
    #[must_use]
    pub fn renamed(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if !text.contains(SEPARATOR) {
            return text;
        }
        let mut ids: Vec<&String> =
            self.names.keys().filter(|id| id.contains(SEPARATOR) && text.contains(*id)).collect();
        // The longest first: an id may be the beginning of another.
        ids.sort_by_key(|id| std::cmp::Reverse(id.len()));
        // In two steps, so that a name is never taken for an id again.
        for (i, id) in ids.iter().enumerate() {
            text = text.replace(id.as_str(), &format!("\u{0}{i}\u{0}"));
        }
        for (i, id) in ids.iter().enumerate() {
            text = text.replace(&format!("\u{0}{i}\u{0}"), &self.spoken(id));
        }
        text
    }

    /// A segment's name for charts: what all segments of the plan share is left out.
    #[must_use]
    pub fn label(&self, segment: &str) -> String {
        self.labels.get(segment).cloned().unwrap_or_else(|| self.phrase(segment))
    }

    /// A segment's short name within a sentence: `Instagram, 18–24, Hérault`.
    #[must_use]
    pub fn spoken(&self, segment: &str) -> String {
        self.label(segment).replace(" · ", ", ")
    }

    /// Names one after the other, as the language separates them.
    #[must_use]
    pub fn list(&self, names: &[String]) -> String {
        names.join(match self.language {
            Language::Fr => "\u{a0}; ",
            Language::En => "; ",
        })
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
        if words.is_empty() { self.text("report-everyone") } else { words.join(SEPARATOR) }
    }

    fn territory(&self, code: &str) -> Option<String> {
        self.territories.as_ref()?.name(code).map(clean)
    }

    /// The words of a segment's id when it is made of its attributes; else its own name.
    fn spell(&self, id: &str, attributes: &BTreeMap<String, String>) -> Vec<String> {
        let name_of = |part: &str| {
            attributes.iter().find(|(_, value)| *value == part).map(|(name, _)| name.as_str())
        };
        let spelled: Option<Vec<String>> = id
            .split(SEPARATOR)
            .map(|part| name_of(part).map(|name| self.value(name, part)))
            .collect();
        spelled.unwrap_or_else(|| vec![clean(id)])
    }

    /// An attribute's value in words: `instagram` → Instagram, `18-24` → 18–24.
    #[must_use]
    pub fn value(&self, attribute: &str, value: &str) -> String {
        match attribute {
            "network" | "format" | "gender" => self.keyed(&format!("report-{attribute}"), value),
            "territory" => self.territory(value).unwrap_or_else(|| clean(value)),
            "age" if value == "unknown" => self.text("report-age-unknown"),
            "age" => clean(value).replace('-', "–"),
            _ => clean(value),
        }
    }
}

impl Writer for Voice {
    fn language(&self) -> Language {
        self.language
    }

    fn currency(&self) -> Option<Currency> {
        self.currency
    }

    fn segment(&self, id: &str) -> String {
        self.spoken(id)
    }

    fn segments(&self, ids: &[String]) -> String {
        const SHOWN: usize = 3;
        let names =
            |some: &[String]| self.list(&some.iter().map(|id| self.spoken(id)).collect::<Vec<_>>());
        if ids.len() <= SHOWN + 1 {
            return names(ids);
        }
        let first = names(&ids[..SHOWN]);
        self.count("report-and-more", ids.len() - SHOWN, &[("first", &first)])
    }
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
