//! Tables: one list of typed cells, written as HTML, XLSX or CSV.

use jiff::civil::Date;

use crate::report::formatter::{Formatter, clean};
use crate::units::Week;

/// A table with typed cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What it shows, in a sentence.
    pub caption: String,
    /// Column heads.
    pub columns: Vec<Column>,
    /// Rows; each has one cell per column.
    pub rows: Vec<Vec<Cell>>,
    /// A last row of totals.
    pub total: Option<Vec<Cell>>,
}

/// A column of a [`Table`].
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name, in the language of the report.
    pub label: String,
    /// What it means, for the dictionary.
    pub meaning: Option<String>,
    /// Width in characters, for the workbook.
    pub width: f64,
}

/// A typed cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing: not known.
    Empty,
    /// Words.
    Text(String),
    /// A word among numbers: `new` where a difference would stand.
    Note(String),
    /// A number with its decimals.
    Number(f64, usize),
    /// Money with its decimals.
    Money(f64, usize),
    /// A share, shown in per cent with its decimals.
    Percent(f64, usize),
    /// A difference, shown with its sign.
    Change(f64, usize),
    /// A difference of money, shown with its sign.
    MoneyChange(f64, usize),
    /// A day.
    Day(Date),
    /// An ISO week.
    Week(Week),
    /// An interval of numbers, with decimals.
    Range(f64, f64, usize),
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn new(caption: String, columns: Vec<Column>) -> Self {
        Self { caption, columns, rows: Vec::new(), total: None }
    }

    /// Whether a column holds numbers, so that it is set flush right.
    #[must_use]
    pub fn is_numeric(&self, column: usize) -> bool {
        let mut cells = self.rows.iter().filter_map(|row| row.get(column)).peekable();
        cells.peek().is_some() && cells.all(Cell::is_numeric_or_empty)
    }
}

impl Column {
    /// A column by the key of its name; `<key>-meaning` tells what it means.
    #[must_use]
    pub fn new(formatter: &Formatter, key: &str, width: f64) -> Self {
        Self {
            label: formatter.text(key),
            meaning: formatter.language.find(&format!("{key}-meaning")),
            width,
        }
    }

    /// A column whose name is already written.
    #[must_use]
    pub fn named(label: String, width: f64) -> Self {
        Self { label, meaning: None, width }
    }
}

impl Cell {
    /// Words, made safe to show.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(clean(text))
    }

    /// A number that may be unknown.
    #[must_use]
    pub fn number(value: Option<f64>, decimals: usize) -> Self {
        value.filter(|v| v.is_finite()).map_or(Self::Empty, |v| Self::Number(v, decimals))
    }

    /// Money that may be unknown.
    #[must_use]
    pub fn money(value: Option<f64>, decimals: usize) -> Self {
        value.filter(|v| v.is_finite()).map_or(Self::Empty, |v| Self::Money(v, decimals))
    }

    /// A share that may be unknown.
    #[must_use]
    pub fn percent(value: Option<f64>, decimals: usize) -> Self {
        value.filter(|v| v.is_finite()).map_or(Self::Empty, |v| Self::Percent(v, decimals))
    }

    /// The number that a cell holds.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Number(value, _)
            | Self::Money(value, _)
            | Self::Percent(value, _)
            | Self::Change(value, _)
            | Self::MoneyChange(value, _) => Some(*value),
            _ => None,
        }
    }

    fn is_numeric_or_empty(&self) -> bool {
        !matches!(self, Self::Text(_))
    }

    /// The cell for machines: numbers with full precision, days and weeks as ISO 8601.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        match self {
            Self::Empty => serde_json::Value::Null,
            Self::Text(text) | Self::Note(text) => text.as_str().into(),
            Self::Number(value, _)
            | Self::Money(value, _)
            | Self::Percent(value, _)
            | Self::Change(value, _)
            | Self::MoneyChange(value, _) => (*value).into(),
            Self::Day(day) => day.to_string().into(),
            Self::Week(week) => week.to_string().into(),
            Self::Range(low, high, _) => vec![*low, *high].into(),
        }
    }

    /// The cell in the language's own form.
    #[must_use]
    pub fn write(&self, formatter: &Formatter) -> String {
        let language = formatter.language;
        match self {
            Self::Empty => "–".to_owned(),
            Self::Text(text) | Self::Note(text) => text.clone(),
            Self::Number(value, decimals) => language.number(*value, *decimals),
            Self::Money(value, decimals) => {
                language.money_with(*value, formatter.currency, *decimals)
            }
            Self::Percent(value, decimals) => language.percent(*value, *decimals),
            Self::Change(value, decimals) => formatter.signed(*value, *decimals),
            Self::MoneyChange(value, decimals) => formatter.signed_money(*value, *decimals),
            Self::Day(day) => language.date(*day),
            Self::Week(week) => language.week(*week),
            Self::Range(low, high, decimals) => {
                let (low, high) =
                    (language.number(*low, *decimals), language.number(*high, *decimals));
                formatter.say("report-range", &[("low", &low), ("high", &high)])
            }
        }
    }
}
