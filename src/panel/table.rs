//! Panel → typed columns, from which Arrow and Parquet are written.

use jiff::SignedDuration;
use jiff::civil::{Date, date};

use super::write::hidden_count;
use super::{Cell, Panel};
use crate::action::Action;

const EPOCH: Date = date(1970, 1, 1);

/// Days from 1970-01-01 to a day.
fn number_of(day: Date) -> i32 {
    (day.duration_since(EPOCH).as_hours() / 24) as i32
}

/// The day of a number of days since 1970-01-01; the calendar's end for numbers outside it.
pub(super) fn day_of(number: i64) -> Date {
    EPOCH.saturating_add(SignedDuration::from_hours(number.clamp(-5_000_000, 5_000_000) * 24))
}

/// The values of one column; `None` is *not reported*.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    /// Text in UTF-8.
    Text(Vec<Option<String>>),
    /// Days since 1970-01-01.
    Day(Vec<Option<i32>>),
    /// Double precision.
    Number(Vec<Option<f64>>),
    /// Yes or no.
    Flag(Vec<Option<bool>>),
}

/// Columns of one length, in order, by name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    pub(crate) columns: Vec<(String, Values)>,
    pub(crate) rows: usize,
}

impl Panel {
    /// The panel by columns, in the order of its CSV. A kind of action of which some count is
    /// hidden is text, as the CSV has it (`<5`, `100..104`); all others are numbers.
    pub(crate) fn table(&self) -> Table {
        let text = |value: &dyn Fn(&Cell) -> Option<String>| {
            Values::Text(self.cells.iter().map(value).collect())
        };
        let day = |value: &dyn Fn(&Cell) -> Option<Date>| {
            Values::Day(self.cells.iter().map(|cell| value(cell).map(number_of)).collect())
        };
        let number = |value: &dyn Fn(&Cell) -> Option<f64>| {
            Values::Number(self.cells.iter().map(value).collect())
        };
        let flag = |value: &dyn Fn(&Cell) -> bool| {
            Values::Flag(self.cells.iter().map(|cell| Some(value(cell))).collect())
        };
        let segment = |cell: &Cell| &self.segments[cell.segment];
        let mut columns = vec![
            ("segment".to_owned(), text(&|cell| Some(segment(cell).id.clone()))),
            ("start".to_owned(), day(&|cell| cell.period.map(|period| period.start))),
            ("end".to_owned(), day(&|cell| cell.period.map(|period| period.end))),
        ];
        for name in &self.attributes {
            let own = text(&|cell| segment(cell).attributes.get(name).cloned());
            columns.push((name.clone(), own));
        }
        columns.push(("spend".to_owned(), number(&|cell| Some(cell.spend))));
        columns.push(("impressions".to_owned(), number(&|cell| cell.impressions)));
        columns.push(("reach".to_owned(), number(&|cell| cell.reach)));
        columns.extend(self.actions.iter().map(|kind| (kind.to_string(), self.counts(*kind))));
        columns.push(("from_breakdown".to_owned(), flag(&|cell| cell.from_breakdown)));
        columns.push(("new_creative".to_owned(), flag(&|cell| cell.new_creative)));
        if self.has_designed() {
            columns.push(("designed".to_owned(), flag(&|cell| cell.designed)));
        }
        if let Some(currency) = self.currency {
            columns.push(("currency".to_owned(), text(&|_| Some(currency.code().to_owned()))));
        }
        Table { columns, rows: self.cells.len() }
    }

    fn counts(&self, kind: Action) -> Values {
        if !self.cells.iter().any(|cell| cell.censored.contains(&kind)) {
            return Values::Number(self.cells.iter().map(|cell| cell.actions.get(kind)).collect());
        }
        let shown = |cell: &Cell| {
            let hidden = cell.censored.contains(&kind).then(|| hidden_count(cell, kind));
            hidden.unwrap_or_else(|| cell.actions.get(kind).map(|count| count.to_string()))
        };
        Values::Text(self.cells.iter().map(shown).collect())
    }
}
