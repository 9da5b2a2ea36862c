//! Tables as CSV, in the form that the reader's spreadsheet opens without a question.

use super::table::{Cell, Table};
use crate::language::Language;
use crate::report::error::ReportError;
use crate::report::formatter::Formatter;

/// A table as CSV, with the byte-order mark by which Excel knows UTF-8: French with `;` and decimal
/// comma; English with `,` and a point. Numbers have no grouping and no unit, dates and weeks are
/// ISO 8601. Totals are left out: whoever adds up a column gets its sum.
///
/// # Errors
///
/// [`ReportError::Table`] when a row has not as many cells as the head.
pub fn csv(table: &Table, formatter: &Formatter) -> Result<Vec<u8>, ReportError> {
    let trouble = |trouble| ReportError::Table { name: table.caption.clone(), trouble };
    let separator = match formatter.language {
        Language::Fr => b';',
        Language::En => b',',
    };
    let mut bytes = b"\xef\xbb\xbf".to_vec();
    let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(&mut bytes);
    let heads = table.columns.iter().map(|column| neutral(&column.label));
    writer.write_record(heads).map_err(trouble)?;
    for row in &table.rows {
        let cells = row.iter().map(|cell| plain(cell, formatter.language));
        writer.write_record(cells).map_err(trouble)?;
    }
    writer.flush().map_err(|error| trouble(error.into()))?;
    drop(writer);
    Ok(bytes)
}

/// A cell without grouping, unit or ornament.
fn plain(cell: &Cell, language: Language) -> String {
    let number = |value: f64, decimals: usize| {
        let text = format!("{value:.decimals$}");
        match language {
            Language::Fr => text.replace('.', ","),
            Language::En => text,
        }
    };
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) | Cell::Note(text) => neutral(text),
        Cell::Number(value, decimals)
        | Cell::Money(value, decimals)
        | Cell::Change(value, decimals)
        | Cell::MoneyChange(value, decimals) => number(*value, *decimals),
        Cell::Percent(share, decimals) => number(*share, decimals + 2),
        Cell::Day(day) => day.to_string(),
        Cell::Week(week) => week.to_string(),
        Cell::Range(low, high, decimals) => {
            format!("{}–{}", number(*low, *decimals), number(*high, *decimals))
        }
    }
}

/// Text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV
/// injection").
#[must_use]
pub fn neutral(text: &str) -> String {
    let first = text.trim_start().chars().next();
    match first {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '|' | '%' | '＝' | '＋' | '－' | '＠') => {
            format!("'{text}")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;
    use crate::report::sheets::tables;

    #[test]
    fn text_never_becomes_a_formula_and_numbers_stay_numbers() {
        for text in ["=1+1", "+33", "-2", "@A1", " =1", "\t=1"] {
            assert!(neutral(text).starts_with('\''), "{text:?}");
        }
        assert_eq!(neutral("Instagram · 18–24"), "Instagram · 18–24");
        assert_eq!(plain(&Cell::Change(-12.5, 1), Language::Fr), "-12,5");
    }

    #[test]
    fn what_is_written_is_read_back_in_both_forms() {
        let report_data = example::hostile();
        for (language, separator) in [(Language::Fr, b';'), (Language::En, b',')] {
            let formatter = Formatter::new(&report_data, language);
            let table = tables::plan(&report_data, &formatter);
            let bytes = csv(&table, &formatter).unwrap();
            assert!(bytes.starts_with("\u{feff}".as_bytes()), "Excel would not know UTF-8");
            let mut reader = csv::ReaderBuilder::new().delimiter(separator).from_reader(&bytes[..]);
            let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            assert_eq!(rows.len(), table.rows.len());
            for row in &rows {
                assert_eq!(row.len(), table.columns.len());
                for field in row {
                    let risky = field.starts_with(['=', '+', '@']);
                    assert!(!risky, "{field}");
                }
            }
        }
    }
}
