//! The settings of a campaign in words: the one list that the assumptions of a report and the
//! comparison of plans are made of.

use super::formatter::{Formatter, clean};
use super::sheets::table::Cell;
use crate::campaign::leaves::{Leaf, LeafValue, Owner, Place};
use crate::campaign::{Campaign, OutputFormat};
use crate::segment::Attribute;

/// The settings of a campaign: names in words, values as typed cells, in the order of reading.
#[must_use]
pub fn lines(campaign: &Campaign, formatter: &Formatter) -> Vec<(String, Cell)> {
    campaign
        .leaves()
        .iter()
        .map(|leaf| (name(&leaf.place, formatter), cell(leaf, formatter)))
        .collect()
}

/// The name of a setting in words.
#[must_use]
pub fn name(place: &Place, formatter: &Formatter) -> String {
    let owners: Vec<(&str, String)> =
        place.of.iter().map(|owner| owned(owner, formatter)).collect();
    let arguments: Vec<(&str, &str)> =
        owners.iter().map(|(name, text)| (*name, text.as_str())).collect();
    formatter.say(&format!("report-setting-{}", place.key), &arguments)
}

/// Whose a setting is, as an argument of its message.
fn owned(owner: &Owner, formatter: &Formatter) -> (&'static str, String) {
    match owner {
        Owner::Named(name, n) => ("name", numbered(clean(name), *n)),
        Owner::Audiences(conditions, n) => {
            ("audiences", numbered(audiences(conditions, formatter), *n))
        }
        Owner::Attribute(attribute) => ("attribute", attribute_name(attribute, formatter)),
        Owner::Action(action) => ("action", formatter.keyed("report-action", action.column())),
        Owner::Finding(code) => ("code", formatter.keyed("named", code)),
    }
}

fn numbered(name: String, n: usize) -> String {
    if n > 1 { format!("{name} ({n})") } else { name }
}

fn attribute_name(attribute: &str, formatter: &Formatter) -> String {
    formatter.keyed("report-column", attribute)
}

/// Audiences by the conditions that they satisfy: `LinkedIn, 35–54, Occitanie`.
fn audiences(
    conditions: &std::collections::BTreeMap<String, Vec<String>>,
    formatter: &Formatter,
) -> String {
    let any_of = |(attribute, values): (&String, &Vec<String>)| -> String {
        let words: Vec<String> =
            values.iter().map(|value| formatter.value(attribute, value)).collect();
        words.join("/")
    };
    if conditions.is_empty() {
        return formatter.text("report-everyone");
    }
    let mut ordered: Vec<_> = conditions.iter().collect();
    // The fixed attributes in their order, then a panel's own by name.
    ordered.sort_by_key(|(name, _)| {
        name.parse::<Attribute>().map_or(Attribute::COUNT, Attribute::index)
    });
    ordered.into_iter().map(any_of).collect::<Vec<_>>().join(", ")
}

/// The value of a setting as a cell; a number keeps all its digits.
#[must_use]
pub fn cell(leaf: &Leaf, formatter: &Formatter) -> Cell {
    match &leaf.value {
        LeafValue::Text(text) => Cell::text(text),
        LeafValue::Choice(code) => Cell::Text(formatter.text(&format!("report-{code}"))),
        LeafValue::Preset(name) => Cell::Text(formatter.preset(name)),
        LeafValue::Yes(true) => Cell::Text(formatter.text("report-yes")),
        LeafValue::Yes(false) => Cell::Text(formatter.text("report-no")),
        LeafValue::Money(money) => Cell::Money(*money, money_decimals(*money, formatter)),
        LeafValue::Currency(currency) => Cell::Text(currency.to_string()),
        LeafValue::Share(share) => Cell::Percent(*share, decimals(100.0 * share)),
        LeafValue::Number(number) | LeafValue::Times(number) | LeafValue::Kilograms(number) => {
            Cell::Number(*number, decimals(*number))
        }
        LeafValue::Day(day) => Cell::Day(*day),
        LeafValue::Week(week) => Cell::Week(*week),
        LeafValue::Values(attribute, values) => {
            let words: Vec<String> =
                values.iter().map(|value| formatter.value(attribute, value)).collect();
            Cell::Text(formatter.list(&words))
        }
        LeafValue::Attributes(attributes) => {
            let words: Vec<String> =
                attributes.iter().map(|one| attribute_name(one.column(), formatter)).collect();
            Cell::Text(formatter.list(&words))
        }
        LeafValue::Each(attribute, level) => {
            let attribute = attribute_name(attribute, formatter);
            let Some(level) = level else { return Cell::Text(attribute) };
            let level = formatter.keyed("report-level", level);
            let values = [("attribute", attribute.as_str()), ("level", &level)];
            Cell::Text(formatter.say("report-each-of-level", &values))
        }
        LeafValue::Order(order) => {
            let names: Vec<String> = order.iter().map(|one| audiences(one, formatter)).collect();
            Cell::Text(formatter.list(&names))
        }
        LeafValue::Weights(weights) => {
            let words: Vec<String> = weights
                .iter()
                .map(|weight| formatter.language.number(*weight, decimals(*weight)))
                .collect();
            let weights = formatter.list(&words);
            Cell::Text(formatter.say("report-pacing-weights", &[("weights", &weights)]))
        }
        LeafValue::Formats(formats) if formats.is_empty() => {
            Cell::Text(formatter.text("report-formats-all"))
        }
        LeafValue::Formats(formats) => {
            let words: Vec<String> =
                formats.iter().map(|format| written(*format, formatter)).collect();
            Cell::Text(words.join(", "))
        }
    }
}

/// The name of a kind of file.
fn written(format: OutputFormat, formatter: &Formatter) -> String {
    match format {
        OutputFormat::Brief => return formatter.text("report-formats-brief"),
        OutputFormat::Html => "HTML",
        OutputFormat::Xlsx => "XLSX",
        OutputFormat::Csv => "CSV",
        OutputFormat::Png => "PNG",
        OutputFormat::Svg => "SVG",
    }
    .to_owned()
}

/// No cents where there are none, else those of the currency, more for what is smaller.
fn money_decimals(money: f64, formatter: &Formatter) -> usize {
    match decimals(money) {
        0 => 0,
        needed => {
            needed.max(formatter.currency.map_or(2, |currency| currency.minor_digits() as usize))
        }
    }
}

/// The decimals that a number needs to be told whole, six at most.
fn decimals(number: f64) -> usize {
    const MOST: usize = 6;
    let is_whole = |digits: usize| {
        let scaled = number * 10_f64.powi(digits as i32);
        (scaled - scaled.round()).abs() <= 1e-9 * scaled.abs().max(1.0)
    };
    (0..MOST).find(|digits| is_whole(*digits)).unwrap_or(MOST)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::*;
    use crate::language::Language;
    use crate::report::sheets::tables;
    use crate::report::{ReportData, compare, example};

    /// A campaign in which every rule exists, so that every setting has a value to change.
    const EVERYTHING: &str = r#"
title = "Orientation"
goal = "Faire relayer les dates"
budget = { amount = "12000 EUR", tax = 0.2, fee = 0.08 }
spend = "up_to"
flight = { start = 2027-03-01, end = 2027-03-28 }
engagement = { shares = 4, comments = 2.5 }
objective = "engagement"
sensitive = true
pacing = [1, 2, 3, 4.5]
rounding = "five"
[history]
file = "history.sqlite"
attribution = "7-day click"
currency = "USD"
rate = { from = "USD", to = "EUR", rate = 0.92, date = 2026-11-27, source = "BCE" }
[segments]
where = { age = ["18-24", "25-34"], territory = "REG-76" }
split_by = ["network", "age"]
levers = "any"
[limits]
funded_at_most = 12
change_at_most = 0.25
trust_region = false
carbon = "150 kg"
carbon_price = 80
cost_per_action = "1.50 EUR"
weekly_min = 20
[limits.per_segment]
min = "10 EUR"
max_share = 0.35
pin = "100 EUR"
min_if_funded = "platform"
fixed_cost = "60 EUR"
extrapolate_at_most = 3
[[limits.segment]]
where = { network = "linkedin", age = "35-54" }
min_share = 0.01
max = "900 EUR"
pin_share = 0.02
min_if_funded = "50 EUR"
fixed_cost = "5 EUR"
extrapolate_at_most = 1.5
[[limits.segment]]
where = { network = "x" }
max = "400 EUR"
[[limits.group]]
name = "départements"
each = "territory:DEP"
min_share = 0.04
max_share = 0.5
[[limits.group]]
name = "jeunes"
where = { age = ["18-24", "13-17"] }
min = "500 EUR"
max = "9000 EUR"
[[limits.side]]
name = "heures"
at_most = 40
per_money = [{ where = { network = "x" }, value = 0.01 }, { value = 0.002 }]
[risk]
prudence = 0.3
tail = 0.15
[[shock]]
name = "soldes"
where = { network = ["x"] }
from = "2027-W09"
to = "2027-W11"
probability = 0.5
cpm = 1.3
actions = 0.9
[overrides]
sensitive-topic = "accord écrit"
[output]
folder = "out"
formats = ["html", "csv"]
lang = "fr"
"#;

    /// Texts of which at least one is another allowed value, wherever a text stands.
    const OTHERS: [&str; 23] = [
        "CHF",
        "2027-03-02",
        "2027-W10",
        "13000 EUR",
        "12000 USD",
        "0.21",
        "all",
        "bought",
        "clicks",
        "even",
        "front_loaded",
        "season",
        "unit",
        "minor",
        "xlsx",
        "platform",
        "gender",
        "en",
        "relay",
        "count",
        "territory",
        "saves",
        "REG",
    ];

    /// Every value that differs from a JSON value in one place.
    fn changed(value: &Value) -> Vec<Value> {
        let mut all = vec![Value::Null];
        match value {
            Value::Bool(yes) => all.push(json!(!yes)),
            Value::Number(number) => {
                let number = number.as_f64().unwrap();
                all.extend([json!(number + 1.0), json!(number + 0.001), json!(0.5 * number)]);
                all.push(json!(number as u64 + 1));
            }
            Value::String(text) => {
                all.push(json!(format!("{text} bis")));
                all.extend(OTHERS.iter().map(|other| json!(other)));
            }
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    let with = |other: Option<Value>| {
                        let mut items = items.clone();
                        items.splice(i..=i, other);
                        Value::Array(items)
                    };
                    all.push(with(None));
                    all.extend(changed(item).into_iter().map(|other| with(Some(other))));
                }
            }
            Value::Object(fields) => {
                for (key, field) in fields {
                    let mut without = fields.clone();
                    without.remove(key);
                    all.push(Value::Object(without.clone()));
                    for name in ["topic", "link_clicks", "money", "share"] {
                        let mut renamed = without.clone();
                        renamed.insert(name.to_owned(), field.clone());
                        all.push(Value::Object(renamed));
                    }
                    for other in changed(field) {
                        let mut fields = fields.clone();
                        fields.insert(key.clone(), other);
                        all.push(Value::Object(fields));
                    }
                }
            }
            Value::Null => {}
        }
        all
    }

    /// A dossier of the example with another campaign.
    fn asked(campaign: &Campaign) -> ReportData {
        let mut report_data = example::report_data(3);
        report_data.plan.campaign = Some(campaign.clone());
        report_data
    }

    fn rules(before: &ReportData, after: &ReportData, formatter: &Formatter) -> Vec<Vec<Cell>> {
        let pairs = [("a".to_owned(), before), ("b".to_owned(), after)];
        let parts = compare::parts::parts(&compare::named(&pairs), formatter);
        parts.into_iter().find(|part| part.name == "rules").unwrap().table.rows
    }

    #[test]
    fn every_setting_that_changes_shows_among_the_assumptions_and_in_the_comparison() {
        let campaign = Campaign::parse(EVERYTHING, Path::new("campaign.toml")).unwrap();
        let before = asked(&campaign);
        let formatter = Formatter::new(&before, Language::En);
        let told = tables::hypotheses(&before, &formatter).rows;
        let whole = serde_json::to_value(&campaign).unwrap();
        let mut seen: std::collections::BTreeSet<String> = std::collections::BTreeSet::new();
        for other in changed(&whole) {
            let Ok(changed) = serde_json::from_value::<Campaign>(other) else { continue };
            if changed == campaign {
                continue;
            }
            let after = asked(&changed);
            assert_ne!(tables::hypotheses(&after, &formatter).rows, told, "{changed:#?}");
            let rows = rules(&before, &after, &formatter);
            assert!(!rows.is_empty(), "{changed:#?}");
            seen.extend(rows.iter().map(|row| row[0].write(&formatter)));
        }
        // Nothing is beyond the reach of the changes above.
        for (name, _) in lines(&campaign, &formatter) {
            assert!(seen.contains(&name), "{name}");
        }
    }

    #[test]
    fn every_setting_has_a_name_of_its_own_and_its_words_in_both_languages() {
        let campaign = Campaign::parse(EVERYTHING, Path::new("campaign.toml")).unwrap();
        let report_data = asked(&campaign);
        for language in Language::ALL {
            let formatter = Formatter::new(&report_data, language);
            let mut names = std::collections::BTreeSet::new();
            for (name, cell) in lines(&campaign, &formatter) {
                let text = format!("{name} {}", cell.write(&formatter));
                assert!(!text.contains('⟨') && !text.contains('{'), "{language}: {text}");
                assert!(names.insert(name), "{language}: {text}");
            }
        }
    }

    #[test]
    fn two_groups_of_one_name_stay_two() {
        let twice = EVERYTHING.replace("name = \"jeunes\"", "name = \"départements\"");
        let campaign = Campaign::parse(&twice, Path::new("campaign.toml")).unwrap();
        let mut other = campaign.clone();
        other.limits.groups[1].min = None;
        let (before, after) = (asked(&campaign), asked(&other));
        let formatter = Formatter::new(&before, Language::En);
        let rows = rules(&before, &after, &formatter);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0][0].write(&formatter), "“départements (2)”: at least");
        assert_eq!((&rows[0][1], &rows[0][2]), (&Cell::Money(500.0, 0), &Cell::Empty));
    }

    #[test]
    fn numbers_are_told_with_all_their_digits() {
        for (number, digits) in [(3.0, 0), (0.35, 2), (1.505, 3), (-2.5, 1), (1.0 / 3.0, 6)] {
            assert_eq!(decimals(number), digits, "{number}");
        }
    }
}
