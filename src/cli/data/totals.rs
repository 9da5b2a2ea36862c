//! What a history adds up to, for machines.

use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value};

use crate::history::Totals;

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
