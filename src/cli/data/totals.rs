//! What a history adds up to, in words and for machines.

use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value};

use crate::history::Totals;
use crate::language::Language;

/// Totals for machines.
pub(crate) fn history_json(totals: &Totals) -> Value {
    let mut object = Map::new();
    object.insert("rows".into(), totals.rows.into());
    // Amounts of two currencies have no sum.
    let one = totals.currency().is_ok();
    object.insert("spend".into(), totals.spend.to_f64().filter(|_| one).into());
    let each = totals.currencies.iter().map(|(code, spend)| (code.clone(), spend.to_f64().into()));
    object.insert("spend_by_currency".into(), each.collect::<Map<_, _>>().into());
    object.insert("impressions".into(), totals.impressions.into());
    for (action, count) in &totals.actions {
        object.insert(action.column().into(), (*count).into());
    }
    object.into()
}

/// The money of a total; amounts of two currencies stand beside each other, never as a sum.
pub(crate) fn spend(language: Language, totals: &Totals) -> String {
    let shown = |spend: rust_decimal::Decimal, currency| {
        language.money(spend.to_f64().unwrap_or(f64::NAN), currency)
    };
    match totals.currency() {
        Ok(currency) => shown(totals.spend, currency),
        Err(all) => {
            let each = all.into_iter().map(|(currency, spend)| {
                let spend = shown(spend, currency);
                if currency.is_some() {
                    return spend;
                }
                language.say("ingest-spend-without-currency", &[("spend", &spend)])
            });
            each.collect::<Vec<_>>().join(" + ")
        }
    }
}
