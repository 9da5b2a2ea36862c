//! Audiences over time in words.

use super::{Cells, column, shown, value};
use crate::history::Measure;
use crate::history::question::weekly::Weekly;
use crate::language::Language;

/// Audiences by the latest weeks, the newest week last: header and lines. The columns after what tells
/// audiences apart are numbers.
#[must_use]
pub fn weekly(weekly: &Weekly, measure: Measure, last: usize, language: Language) -> Cells {
    let first = weekly.weeks.len().saturating_sub(last);
    let mut header: Vec<String> =
        weekly.split_by.iter().map(|own| column(language, own.column())).collect();
    header.push(column(language, "spend"));
    header.extend(weekly.weeks[first..].iter().map(|week| language.week(*week)));
    let lines = weekly.audiences.iter().map(|own| {
        let names = own.values.iter().map(|name| name.as_deref().unwrap_or("–").to_owned());
        let spend = language.money(own.spend, weekly.currency);
        let told = |number| value(measure, number, weekly.currency, language);
        let weeks = own.by_week[first..].iter().map(|number| shown(*number, told));
        names.chain([spend]).chain(weeks).collect()
    });
    (header, lines.collect())
}
