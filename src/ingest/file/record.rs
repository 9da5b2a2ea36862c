//! A file's records, and what they are read from.

use std::borrow::Cow;

use csv::StringRecord;
use jiff::civil::Date;

use crate::units::number::{Sign, turns};

/// A cell that a workbook gave.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SheetCell {
    Empty,
    Text(String),
    /// With the currency that the cell is shown in.
    Number(f64, Option<Sign>),
    Day(Date),
}

/// Cells of one line.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Text(StringRecord),
    Sheet(Vec<SheetCell>),
}

/// One line of a table.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// Where it begins, from 1.
    pub(crate) line: u64,
    pub(crate) body: Body,
}

impl Record {
    pub(crate) fn len(&self) -> usize {
        match &self.body {
            Body::Text(cells) => cells.len(),
            Body::Sheet(cells) => cells.len(),
        }
    }

    /// About how many bytes it holds.
    pub(crate) fn size(&self) -> usize {
        match &self.body {
            Body::Text(cells) => cells.as_slice().len(),
            Body::Sheet(cells) => cells
                .iter()
                .map(|cell| match cell {
                    SheetCell::Text(text) => text.len(),
                    _ => size_of::<SheetCell>(),
                })
                .sum(),
        }
    }

    /// The cell in a column; a column that the line does not reach is empty.
    pub(crate) fn cell(&self, column: usize) -> Cell<'_> {
        match &self.body {
            Body::Text(cells) => match cells.get(column) {
                Some(text) => cell_of(text),
                None => Cell::Empty,
            },
            Body::Sheet(cells) => match cells.get(column) {
                Some(SheetCell::Text(text)) => cell_of(text),
                Some(SheetCell::Number(value, sign)) => Cell::Number(*value, *sign),
                Some(SheetCell::Day(day)) => Cell::Day(*day),
                Some(SheetCell::Empty) | None => Cell::Empty,
            },
        }
    }

    /// All cells in order.
    pub(crate) fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        (0..self.len()).map(|column| self.cell(column))
    }

    /// Whether no cell holds anything.
    pub(crate) fn is_blank(&self) -> bool {
        self.cells().all(|cell| cell == Cell::Empty)
    }

    /// The cells as text, for headers and messages.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.cells().map(|cell| cell.show().into_owned()).collect()
    }
}

/// A cell as its file holds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell<'a> {
    /// Nothing, or only spaces.
    Empty,
    /// Text without spaces around it.
    Text(&'a str),
    /// A workbook's number, and the currency that it is shown in.
    Number(f64, Option<Sign>),
    /// A workbook's date.
    Day(Date),
}

#[inline]
pub(crate) fn cell_of(text: &str) -> Cell<'_> {
    // By far most cells are plain from end to end.
    if let [first, .., last] | [first @ last] = text.as_bytes()
        && first.is_ascii_graphic()
        && last.is_ascii_graphic()
    {
        return Cell::Text(text);
    }
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || turns(c));
    if text.is_empty() { Cell::Empty } else { Cell::Text(text) }
}

impl<'a> Cell<'a> {
    /// The cell as a person sees it.
    pub(crate) fn show(self) -> Cow<'a, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(value, None) => Cow::Owned(value.to_string()),
            Self::Number(value, Some(sign)) => Cow::Owned(format!("{value} {sign}")),
            Self::Day(day) => Cow::Owned(day.to_string()),
        }
    }
}
