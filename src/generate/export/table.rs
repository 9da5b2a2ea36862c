//! A table of cells, written as CSV or as a workbook of one sheet.

use csv::{QuoteStyle, WriterBuilder};
use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

/// A cell.
pub(super) enum Value {
    /// Text, as it stands.
    Text(String),
    /// A number: real in a workbook, shortest form in CSV.
    Number(f64),
    /// Nothing.
    Empty,
}

impl Value {
    /// A count as Meta writes it: nothing for zero.
    pub(super) fn count(count: f64) -> Self {
        if count == 0.0 { Self::Empty } else { Self::Number(count) }
    }

    fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Empty => String::new(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

/// A header and its rows.
pub(super) struct Table {
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<Value>>,
}

impl Table {
    /// As delimited text with line feeds.
    pub(super) fn csv(&self, delimiter: u8, quotes: QuoteStyle) -> String {
        let mut writer =
            WriterBuilder::new().delimiter(delimiter).quote_style(quotes).from_writer(Vec::new());
        let rows = self.rows.iter().map(|row| row.iter().map(Value::plain).collect());
        for record in std::iter::once(self.header.clone()).chain(rows) {
            writer.write_record(&record).expect("memory takes every record of the header's length");
        }
        let bytes = writer.into_inner().expect("memory does not refuse a flush");
        String::from_utf8(bytes).expect("cells are text")
    }

    /// As a workbook of one sheet whose properties carry `created` and no clock.
    pub(super) fn xlsx(&self, sheet: &str, created: Date) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        let (year, month) = (created.year().unsigned_abs(), created.month().unsigned_abs());
        let day = ExcelDateTime::from_ymd(year, month, created.day().unsigned_abs())?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&day));
        let page = workbook.add_worksheet().set_name(sheet)?;
        for (column, name) in self.header.iter().enumerate() {
            page.write_string(0, column as u16, name)?;
        }
        for (row, cells) in self.rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                let (row, column) = (row as u32 + 1, column as u16);
                match cell {
                    Value::Text(text) => page.write_string(row, column, text)?,
                    Value::Number(number) => page.write_number(row, column, *number)?,
                    Value::Empty => continue,
                };
            }
        }
        workbook.save_to_buffer()
    }
}
