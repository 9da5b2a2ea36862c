//! What a plan's rules cost and where further money would go, in sentences.

use crate::allocate::plan::{NextShare, Plan, Price};
use crate::allocate::problem::bound::LimitUnit;
use crate::language::Language;
use crate::language::message::Plain;

/// Rules told with what they cost.
const RULES_SHOWN: usize = 6;

/// How a rule is told: a floor has a price below 0, less of it would bring more; at a kink both
/// sides are said.
fn rule_key(price: &Price) -> &'static str {
    match price.price_less {
        None if price.price < 0.0 => "allocate-told-rule-floor",
        None if price.price == 0.0 => "allocate-told-rule-alone",
        None => "allocate-told-rule",
        Some(less) if less <= 0.0 => "allocate-told-rule-floor-kink",
        Some(_) if price.price < 0.0 => "allocate-told-rule-fixed",
        Some(_) => "allocate-told-rule-kink",
    }
}

/// What the rules cost, the dearest first.
#[must_use]
pub fn rules(plan: &Plan, lang: Language) -> Vec<String> {
    let money = |amount: f64| lang.money(amount, plan.currency);
    let points = |value: f64| points(value, lang);
    let plain = Plain { language: lang, currency: plan.currency };
    let mut rules: Vec<(&Price, f64, String)> = plan
        .prices
        .iter()
        // A default that costs nothing worth the name is not worth a line.
        .filter(|price| !price.default || price.cost > Some(1e-3 * plan.value.mean))
        .filter_map(|price| {
            let unit = match price.unit {
                LimitUnit::Segments => lang.text("allocate-rule-unit-segments"),
                LimitUnit::Carbon => lang.text("allocate-rule-unit-kg"),
                LimitUnit::Side => lang.text("allocate-rule-unit-side"),
                LimitUnit::Times => lang.text("allocate-rule-unit-times"),
                LimitUnit::Money => money(1.0),
            };
            Some((price, price.cost?, unit))
        })
        .collect();
    rules.sort_by(|a, b| b.1.total_cmp(&a.1));
    rules
        .into_iter()
        .take(RULES_SHOWN)
        .map(|(rule, cost, unit)| {
            let name = rule.rule.value().write(&plain);
            if rule.default {
                let values = [("name", &name[..]), ("cost", &points(cost))];
                return lang.say("allocate-told-rule-default", &values);
            }
            let less = rule.price_less.unwrap_or(rule.price);
            let key = rule_key(rule);
            // A floor is told by what less of it would bring.
            let price = if key == "allocate-told-rule-floor" { less } else { rule.price };
            let (cost, price, less) =
                (points(cost), lang.short(price.abs()), lang.short(less.abs()));
            let values = [("name", &name[..]), ("cost", &cost), ("price", &price), ("unit", &unit)];
            lang.say(key, &[&values[..], &[("less", &less)]].concat())
        })
        .collect()
}

/// Where further money would go, and what it would bring; nothing where that is not known.
#[must_use]
pub fn next(plan: &Plan, lang: Language) -> Option<String> {
    let next = plan.next.as_ref()?;
    let money = |amount: f64| lang.money(amount, plan.currency);
    let row = |share: &NextShare| {
        let amount = money(share.amount);
        lang.say("allocate-told-next-row", &[("segment", &share.segment), ("amount", &amount)])
    };
    let rows: Vec<String> = next.rows.iter().map(row).collect();
    Some(lang.say(
        "allocate-told-next",
        &[
            ("amount", &money(next.amount)),
            ("rows", &lang.some_of(&rows)),
            ("gain", &points(next.value, lang)),
        ],
    ))
}

fn points(value: f64, lang: Language) -> String {
    if value >= 1000.0 { lang.number(value, 0) } else { lang.short(value) }
}
