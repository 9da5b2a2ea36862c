//! What a history answers, in words: the same cells for a terminal and for a page.

mod compare;
mod journal;
mod posts;
mod weekly;

pub use self::compare::{compared, comparison};
pub use self::journal::{journal, undone};
pub use self::posts::{few, notes, posts};
pub use self::weekly::weekly;

use std::path::Path;

use rust_decimal::prelude::ToPrimitive;

use super::{Measure, Renaming, Totals};
use crate::language::{Language, quoted};
use crate::segment::Attribute;
use crate::units::Currency;

/// A table in words: its header, its lines.
pub type Cells = (Vec<String>, Vec<Vec<String>>);

/// The name of a column.
#[must_use]
pub fn column(language: Language, name: &str) -> String {
    language.text(&format!("history-column-{name}"))
}

/// A number where it is known, a dash where it is not.
pub(crate) fn shown(value: Option<f64>, write: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), write)
}

/// A value of one measure.
pub(crate) fn value(
    measure: Measure,
    value: f64,
    currency: Option<Currency>,
    language: Language,
) -> String {
    match measure {
        Measure::Spend | Measure::Cpm | Measure::CostPerActive => {
            language.money_with(value, currency, 2)
        }
        Measure::EngagementRate => language.percent(value, 2),
        Measure::ActivePerFollower => language.short(value),
        _ => language.number(value, 0),
    }
}

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

/// A likely renaming, and what settles it.
#[must_use]
pub fn renaming(language: Language, own: &Renaming, path: &Path) -> String {
    let mut spend = language.money(own.spend.to_f64().unwrap_or_default(), own.currency);
    if own.at_least {
        spend = language.say("history-at-least", &[("value", &spend)]);
    }
    let level = language.text(&format!("history-column-{}", own.level.column()));
    let command = command(own, path);
    language.count(
        "history-likely-renaming",
        own.rows,
        &[
            ("level", level.as_str()),
            ("before", &own.before),
            ("now", &own.now),
            ("spend", &spend),
            ("command", &command),
        ],
    )
}

/// The command that takes the two names for one.
#[must_use]
pub fn command(own: &Renaming, path: &Path) -> String {
    let level = match own.level {
        Attribute::Campaign => String::new(),
        other => format!("--level {} ", other.column()),
    };
    let path = quoted(&path.display().to_string());
    let (before, now) = (quoted(&own.before), quoted(&own.now));
    format!("relais history rename {level}--history {path} -- {before} {now}")
}
