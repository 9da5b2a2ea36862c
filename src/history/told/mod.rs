//! What a history answers, in words: the same cells for a terminal and for a page.

use rust_decimal::prelude::ToPrimitive;

use super::Totals;
use crate::language::Language;

/// The money of a total; amounts of two currencies stand beside each other, never as a sum.
#[must_use]
pub fn spend(language: Language, totals: &Totals) -> String {
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
