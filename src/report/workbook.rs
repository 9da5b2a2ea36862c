//! The workbook that planners forward: true numbers and dates, the same bytes every time.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::dossier::Dossier;
use super::table::{Cell, Column, Table};
use super::tables;
use super::voice::{Voice, clean};

/// Longest text that a cell of a workbook may hold (the format's own limit).
const LONGEST: usize = 32_767;

/// The workbook as bytes.
///
/// # Errors
///
/// The library's own, should it refuse a sheet.
pub fn xlsx(dossier: &Dossier, voice: &Voice) -> Result<Vec<u8>, XlsxError> {
    let sheets = sheets(dossier, voice);
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(dossier)?);
    for (name, table) in &sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name)?;
        fill(sheet, table, voice)?;
    }
    workbook.save_to_buffer()
}

/// Sheets with their names: Plan, Weeks, Segments, Hypotheses, Data, Quality, Carbon, Rules,
/// Prices, Dictionary; those without data are left out.
fn sheets(dossier: &Dossier, voice: &Voice) -> Vec<(String, Table)> {
    let name = |key: &str| voice.text(&format!("workbook-sheet-{key}"));
    let tables = [
        ("plan", Some(tables::plan(dossier, voice))),
        ("weeks", Some(tables::weeks(dossier, voice))),
        ("segments", tables::segments(dossier, voice)),
        ("hypotheses", Some(tables::hypotheses(dossier, voice))),
        ("data", tables::data(dossier, voice)),
        ("quality", tables::quality(dossier, voice)),
        ("carbon", tables::carbon(dossier, voice)),
        ("rules", Some(tables::findings(dossier, voice))),
        ("prices", tables::prices(dossier, voice)),
    ];
    let mut sheets: Vec<(String, Table)> = tables
        .into_iter()
        .filter_map(|(key, table)| Some((name(key), flat(&table?, voice))))
        .collect();
    let dictionary = tables::dictionary(&sheets, voice);
    sheets.push((name("dictionary"), dictionary));
    sheets
}

/// Intervals become two columns, so that every cell is one number.
fn flat(table: &Table, voice: &Voice) -> Table {
    let is_range =
        |i: usize| table.rows.iter().any(|row| matches!(row.get(i), Some(Cell::Range(..))));
    let split: Vec<bool> = (0..table.columns.len()).map(is_range).collect();
    let mut columns = Vec::new();
    for (column, split) in table.columns.iter().zip(&split) {
        if *split {
            for end in ["workbook-low", "workbook-high"] {
                let label = voice.say(end, &[("column", &column.label)]);
                columns.push(Column { label, ..column.clone() });
            }
        } else {
            columns.push(column.clone());
        }
    }
    let spread = |row: &Vec<Cell>| -> Vec<Cell> {
        let cells = row.iter().zip(&split).flat_map(|(cell, split)| match (cell, split) {
            (Cell::Range(low, high, decimals), _) => {
                vec![Cell::Number(*low, *decimals), Cell::Number(*high, *decimals)]
            }
            (cell, true) => vec![cell.clone(), Cell::Empty],
            (cell, false) => vec![cell.clone()],
        });
        cells.collect()
    };
    Table {
        caption: table.caption.clone(),
        columns,
        rows: table.rows.iter().map(spread).collect(),
        total: table.total.as_ref().map(spread),
    }
}

/// Title and a fixed date of creation: nothing in the file tells the clock.
fn properties(dossier: &Dossier) -> Result<DocProperties, XlsxError> {
    let title = dossier.plan.campaign.as_ref().map_or("relais", |campaign| &campaign.title);
    let title: String = clean(title).chars().take(255).collect();
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    Ok(DocProperties::new().set_title(title).set_creation_datetime(&created))
}

fn fill(sheet: &mut Worksheet, table: &Table, voice: &Voice) -> Result<(), XlsxError> {
    let head = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter)
        .set_background_color(0x00_E6_EE_F4)
        .set_border_bottom(FormatBorder::Thin);
    for (i, column) in table.columns.iter().enumerate() {
        let i = i as u16;
        sheet.write_string_with_format(0, i, cut(&column.label), &head)?;
        sheet.set_column_width(i, column.width.max(8.0))?;
    }
    sheet.set_row_height(0, 32)?;
    for (i, row) in table.rows.iter().enumerate() {
        write_row(sheet, i as u32 + 1, row, voice, false)?;
    }
    let last_row = table.rows.len() as u32;
    let last_column = table.columns.len().saturating_sub(1) as u16;
    if let Some(total) = &table.total {
        // One row apart, so that sorting and filtering leave the total alone.
        write_row(sheet, last_row + 2, total, voice, true)?;
    }
    sheet.autofilter(0, 0, last_row, last_column)?;
    sheet.set_freeze_panes(1, 1)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(0, 0)?;
    Ok(())
}

fn write_row(
    sheet: &mut Worksheet,
    line: u32,
    cells: &[Cell],
    voice: &Voice,
    is_total: bool,
) -> Result<(), XlsxError> {
    for (i, cell) in cells.iter().enumerate() {
        let mut format = format(cell, voice);
        if is_total {
            format = format.set_bold().set_border_top(FormatBorder::Thin);
        }
        write_cell(sheet, (line, i as u16), cell, &format)?;
    }
    Ok(())
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    format: &Format,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => sheet.write_blank(row, column, format)?,
        // As a string, always: a text cannot become a formula.
        Cell::Text(text) => sheet.write_string_with_format(row, column, cut(text), format)?,
        Cell::Number(value, _)
        | Cell::Money(value, _)
        | Cell::Percent(value, _)
        | Cell::Change(value, _)
        | Cell::MoneyChange(value, _) => {
            sheet.write_number_with_format(row, column, *value, format)?
        }
        Cell::Day(day) => match excel_day(*day) {
            Some(date) => sheet.write_datetime_with_format(row, column, &date, format)?,
            None => sheet.write_string_with_format(row, column, day.to_string(), format)?,
        },
        Cell::Week(week) => {
            sheet.write_string_with_format(row, column, week.to_string(), format)?
        }
        Cell::Range(low, high, _) => {
            sheet.write_string_with_format(row, column, format!("{low}–{high}"), format)?
        }
    };
    Ok(())
}

fn excel_day(day: jiff::civil::Date) -> Option<ExcelDateTime> {
    let year = u16::try_from(day.year()).ok()?;
    ExcelDateTime::from_ymd(year, day.month().unsigned_abs(), day.day().unsigned_abs()).ok()
}

fn format(cell: &Cell, voice: &Voice) -> Format {
    let places = |decimals: usize| match decimals {
        0 => "#,##0".to_owned(),
        n => format!("#,##0.{}", "0".repeat(n)),
    };
    let unit = match voice.currency.map(|currency| currency.code().to_owned()).as_deref() {
        Some("EUR") => " [$€-40C]".to_owned(),
        Some(code) => format!(" [${code}]"),
        None => String::new(),
    };
    let top = Format::new().set_align(FormatAlign::Top);
    match cell {
        Cell::Number(_, decimals) => top.set_num_format(places(*decimals)),
        Cell::Change(_, decimals) => {
            let plain = places(*decimals);
            top.set_num_format(format!("+{plain};-{plain};{plain}"))
        }
        Cell::Money(_, decimals) => top.set_num_format(places(*decimals) + &unit),
        Cell::MoneyChange(_, decimals) => {
            let plain = places(*decimals) + &unit;
            top.set_num_format(format!("+{plain};-{plain};{plain}"))
        }
        Cell::Percent(_, 0) => top.set_num_format("0%"),
        Cell::Percent(_, decimals) => top.set_num_format(format!("0.{}%", "0".repeat(*decimals))),
        Cell::Day(_) => top.set_num_format(match voice.language {
            crate::language::Language::Fr => "dd/mm/yyyy",
            crate::language::Language::En => "d mmm yyyy",
        }),
        Cell::Text(text) => {
            let wrapped = if text.chars().count() > 40 { top.set_text_wrap() } else { top };
            // Even when a reader edits the cell, it stays text.
            let risky = text.starts_with(['=', '+', '-', '@']);
            if risky { wrapped.set_quote_prefix() } else { wrapped }
        }
        Cell::Empty | Cell::Week(_) | Cell::Range(..) => top,
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST / 2).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader, Xlsx};

    use super::*;
    use crate::language::Language;
    use crate::report::example;

    fn open(dossier: &Dossier, language: Language) -> Xlsx<Cursor<Vec<u8>>> {
        let bytes = xlsx(dossier, &Voice::new(dossier, language)).unwrap();
        Xlsx::new(Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn the_same_dossier_gives_the_same_bytes() {
        let dossier = example::dossier(3);
        let voice = Voice::new(&dossier, Language::Fr);
        assert_eq!(xlsx(&dossier, &voice).unwrap(), xlsx(&dossier, &voice).unwrap());
    }

    #[test]
    fn no_cell_is_a_formula_whatever_its_name() {
        let mut book = open(&example::hostile(), Language::Fr);
        for name in book.sheet_names() {
            let formulas = book.worksheet_formula(&name).unwrap();
            assert!(formulas.used_cells().next().is_none(), "{name}");
        }
        let plan = book.worksheet_range("Plan").unwrap();
        let names: Vec<String> = plan.rows().map(|row| row[0].to_string()).collect();
        assert!(names.iter().any(|name| name.starts_with("=HYPERLINK")));
    }

    #[test]
    fn budgets_are_numbers_that_add_up_and_days_are_dates() {
        let dossier = example::dossier(12);
        let mut book = open(&dossier, Language::En);
        let plan = book.worksheet_range("Plan").unwrap();
        let heads: Vec<String> =
            plan.rows().next().unwrap().iter().map(ToString::to_string).collect();
        let at = |label: &str| heads.iter().position(|head| head == label).expect(label);
        let (budget, start) = (at("Budget"), at("Start"));
        let mut sum = 0.0;
        for row in plan.rows().skip(1) {
            let Data::Float(money) = row[budget] else { panic!("{:?}", row[budget]) };
            assert!(matches!(row[start], Data::DateTime(_)), "{:?}", row[start]);
            sum += money;
        }
        assert!((sum - dossier.plan.spent).abs() < 0.005);
    }

    #[test]
    fn every_sheet_is_there_in_both_languages() {
        let dossier = example::dossier(3);
        for language in Language::ALL {
            let book = open(&dossier, language);
            assert_eq!(book.sheet_names().len(), 10, "{:?}", book.sheet_names());
        }
    }
}
