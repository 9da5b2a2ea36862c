//! The voice of a report: its language, its currency and the names of its segments.

use std::collections::BTreeMap;

use super::report_data::ReportData;
use crate::allocate::plan::Mostly;
use crate::allocate::problem::bound::{Limit, RuleName};
use crate::allocate::rules::policy::PolicyName;
use crate::allocate::solver::solve::Status;
use crate::language::message::Writer;
use crate::language::{Language, is_unseen, shortened};
use crate::reference::Reference;
use crate::segment::territory::Territories;
use crate::segment::{Attribute, JOINT, made_of};
use crate::units::Currency;

/// How a report speaks.
#[derive(Debug, Clone)]
pub struct Formatter {
    /// Language.
    pub language: Language,
    /// Currency of all money.
    pub currency: Option<Currency>,
    /// Segment id → the words that people read for it.
    names: BTreeMap<String, Name>,
    /// Names of territories; codes stay codes without the table.
    territories: Option<Territories>,
}

/// A segment in words.
#[derive(Debug, Clone)]
struct Name {
    /// One for each attribute that its id is made of, or the id itself.
    whole: Vec<String>,
    /// The same without what all segments of the plan have in common.
    label: Vec<String>,
}

impl Formatter {
    /// The voice for a dossier.
    #[must_use]
    pub fn new(report_data: &ReportData, language: Language) -> Self {
        let mut formatter = Self { currency: report_data.plan.currency, ..Self::plain(language) };
        formatter.know(report_data);
        formatter
    }

    /// The voice where there is no dossier: words of attributes' values.
    #[must_use]
    pub fn plain(language: Language) -> Self {
        let territories = Territories::load(&Reference::default()).ok();
        Self { language, currency: None, names: BTreeMap::new(), territories }
    }

    /// The voice for several dossiers: the last one's, which knows the names of all.
    #[must_use]
    pub fn of_all<'a>(
        all: impl DoubleEndedIterator<Item = &'a ReportData> + Clone,
        language: Language,
    ) -> Option<Self> {
        let mut formatter = Self::new(all.clone().next_back()?, language);
        all.for_each(|report_data| formatter.know(report_data));
        Some(formatter)
    }

    /// Learns the names of a further dossier's segments; those that are known keep theirs.
    pub fn know(&mut self, report_data: &ReportData) {
        let rows = &report_data.plan.rows;
        let parts: Vec<Option<Vec<(&str, &str)>>> =
            rows.iter().map(|row| made_of(&row.segment, &row.attributes)).collect();
        let mut with: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for part in parts.iter().flatten().flatten() {
            *with.entry(*part).or_default() += 1;
        }
        let is_own = |part: &(&str, &str)| rows.len() < 2 || with[part] < rows.len();
        for (row, parts) in rows.iter().zip(&parts) {
            let own = parts.as_ref().map(|parts| parts.iter().map(is_own).collect());
            self.learn(&row.segment, parts.as_deref(), own);
        }
        for segment in &report_data.segments {
            let parts = made_of(&segment.id, &segment.attributes);
            self.learn(&segment.id, parts.as_deref(), None);
        }
    }

    /// Keeps the words of one segment; `own` says which of them its label has.
    fn learn(&mut self, id: &str, parts: Option<&[(&str, &str)]>, own: Option<Vec<bool>>) {
        if self.names.contains_key(id) {
            return;
        }
        let whole: Vec<String> = match parts {
            Some(parts) => parts.iter().map(|(name, value)| self.value(name, value)).collect(),
            None => vec![clean(id)],
        };
        let kept = own.unwrap_or_default();
        let is_kept = |i: usize| kept.get(i).copied().unwrap_or(true);
        let label: Vec<String> =
            (0..whole.len()).filter(|&i| is_kept(i)).map(|i| whole[i].clone()).collect();
        let label = if label.is_empty() { whole.clone() } else { label };
        self.names.insert(id.to_owned(), Name { whole, label });
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
        self.language.find(key).unwrap_or_else(|| clean(fallback))
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
    pub fn policy(&self, name: PolicyName) -> String {
        self.text(&format!("report-policy-{name}"))
    }

    /// How far a proof went, in words.
    #[must_use]
    pub fn status(&self, status: Status) -> String {
        self.text(&format!("report-status-{}", status.key()))
    }

    /// A rule's name in a table: a planner's own as it is.
    #[must_use]
    pub fn rule(&self, rule: &RuleName) -> String {
        match rule {
            RuleName::Own(name) => clean(name),
            ours => self.text(&format!("report-rule-{}", ours.word().replace('_', "-"))),
        }
    }

    /// An engagement preset's name in words.
    #[must_use]
    pub fn preset(&self, name: &str) -> String {
        self.keyed("report-preset", name)
    }

    /// What holds a row: at its ceiling, or by a rule's name.
    #[must_use]
    pub fn limit(&self, limit: &Limit) -> String {
        self.text(match limit {
            Limit::Change => "report-limit-change",
            Limit::Max => "report-limit-max",
            Limit::Min => "report-limit-min",
            Limit::MinIfFunded => "report-limit-min-if-funded",
            Limit::Off => "report-limit-off",
            Limit::Pin => "report-limit-pin",
            Limit::Rule(_) => {
                let name = self.limit_in_brief(limit);
                return self.say("report-limit-group", &[("name", &name)]);
            }
        })
    }

    /// The same within a chart, where the name of a rule says enough.
    #[must_use]
    pub fn limit_in_brief(&self, limit: &Limit) -> String {
        match limit {
            Limit::Rule(rule) => clean(&rule.value().write(self)),
            own => self.limit(own),
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

    /// The name that people read for a segment; one that nothing is known of is its id.
    #[must_use]
    pub fn name(&self, segment: &str) -> String {
        self.names.get(segment).map_or_else(|| clean(segment), |name| name.whole.join(JOINT))
    }

    /// A segment's name for charts, in words: what all segments of the plan share is left out.
    #[must_use]
    pub fn label_words(&self, segment: &str) -> Vec<String> {
        self.names.get(segment).map_or_else(|| vec![clean(segment)], |name| name.label.clone())
    }

    /// The same as one text.
    #[must_use]
    pub fn label(&self, segment: &str) -> String {
        self.label_words(segment).join(JOINT)
    }

    /// A segment's short name within a sentence: `Instagram, 18–24, Hérault`.
    #[must_use]
    pub fn spoken(&self, segment: &str) -> String {
        self.label_words(segment).join(", ")
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
        let words = self.audience_words(attributes);
        if words.is_empty() { self.text("report-everyone") } else { words.join(JOINT) }
    }

    /// The same within a sentence; `otherwise` where no attribute is known.
    #[must_use]
    pub fn audience_within(
        &self,
        attributes: &BTreeMap<String, String>,
        otherwise: &str,
    ) -> String {
        let words = self.audience_words(attributes);
        if words.is_empty() { otherwise.to_owned() } else { words.join(", ") }
    }

    fn audience_words(&self, attributes: &BTreeMap<String, String>) -> Vec<String> {
        in_order(attributes)
            .filter(|(name, _)| *name != Attribute::Network.column())
            .map(|(name, value)| self.value(name, value))
            .collect()
    }

    fn territory(&self, code: &str) -> Option<String> {
        self.territories.as_ref()?.name(code).map(clean)
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

impl Writer for Formatter {
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

/// Text from outside, safe to draw: what acts on the text around it is taken out, and the middle of
/// what nobody would read to its end; white space is single.
#[must_use]
pub fn clean(text: &str) -> String {
    let is_space = |c: char| matches!(c, ' ' | '\u{2028}' | '\u{2029}') || c.is_control();
    let words = text.split(is_space).map(|word| word.replace(is_unseen, ""));
    shortened(&words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;
    use crate::segment::Segment;

    #[test]
    fn hostile_text_keeps_its_words_and_loses_its_tricks() {
        assert_eq!(clean("a\u{0}\nb\u{202e}c  d"), "a bc d");
        assert_eq!(clean("\u{200f}a\u{85}\u{2028}b\u{ad}\u{61c}\u{e0041}c \u{200e}"), "a bc");
        assert_eq!(clean("👩🏽‍🎓 می‌خواهم"), "👩🏽‍🎓 می‌خواهم");
        assert_eq!(clean("<script>alert(1)</script>"), "<script>alert(1)</script>");
    }

    fn segment(id: &str, attributes: &[(&str, &str)]) -> Segment {
        let attributes = attributes.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Segment { id: id.to_owned(), attributes: attributes.collect() }
    }

    #[test]
    fn names_come_from_attributes_and_what_a_person_named_stays() {
        let mut report_data = example::report_data(3);
        let row = &mut report_data.plan.rows[0];
        row.segment = "facebook · video · video".to_owned();
        row.attributes =
            segment("", &[("network", "facebook"), ("ad_set", "video"), ("format", "video")])
                .attributes;
        report_data.segments = vec![
            segment("tiktok · REG-76", &[("network", "tiktok"), ("territory", "REG-76")]),
            segment("été · vidéo · 18-24", &[("age", "18-24"), ("ad_set", "été · vidéo")]),
            segment("linkedin", &[]),
        ];
        let formatter = Formatter::new(&report_data, Language::Fr);
        assert_eq!(formatter.name("facebook · video · video"), "Facebook · video · vidéo");
        // All segments of the plan are videos: the label leaves that out, and keeps the ad set.
        assert_eq!(formatter.spoken("facebook · video · video"), "Facebook, video");
        // Of the model alone, with what is known of them.
        assert_eq!(formatter.name("tiktok · REG-76"), "TikTok · Occitanie");
        assert_eq!(formatter.spoken("été · vidéo · 18-24"), "été · vidéo, 18–24");
        // Nothing is known: the id as it is, whatever it looks like.
        for id in ["linkedin", "facebook · 18-24", "female", "REG-76"] {
            assert_eq!(formatter.name(id), id);
        }
    }

    #[test]
    fn a_difference_of_nothing_has_no_sign() {
        assert_eq!(plus(0.0004, "0,00".to_owned()), "0,00");
        assert_eq!(plus(3.0, "3".to_owned()), "+3");
        assert_eq!(plus(-3.0, "\u{2212}3".to_owned()), "\u{2212}3");
    }
}
