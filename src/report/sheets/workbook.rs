//! The workbook that planners forward: true numbers and dates, the same bytes every time.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet,
    XlsxError, utility,
};

use super::table::{Cell, Column, Table};
use super::tables;
use crate::report::formatter::{Formatter, clean};
use crate::report::report_data::ReportData;
use crate::report::sums;
use crate::segment::Attribute;

/// Longest text that a cell of a workbook may hold (the format's own limit).
const LONGEST: usize = 32_767;

/// The workbook as bytes.
///
/// # Errors
///
/// The library's own, should it refuse a sheet.
pub fn xlsx(report_data: &ReportData, formatter: &Formatter) -> Result<Vec<u8>, XlsxError> {
    let sheets = sheets(report_data, formatter);
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(report_data)?);
    for (i, (name, table)) in sheets.iter().enumerate() {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name)?;
        fill(sheet, table, formatter)?;
        // The first sheet is the plan: what a person decides on is printed.
        let printed = if i == 0 { tables::PLAN_PRINTED } else { table.columns.len() };
        print_on_a4(sheet, name, table, printed)?;
    }
    workbook.save_to_buffer()
}

/// Sheets with their names, in order; those without data are left out. The first column of every
/// sheet about audiences is the key that joins them all.
fn sheets(report_data: &ReportData, formatter: &Formatter) -> Vec<(String, Table)> {
    let name = |key: &str| formatter.text(&format!("workbook-sheet-{key}"));
    let tables = [
        ("plan", Some(tables::plan(report_data, formatter))),
        ("networks", sums::table(report_data, Attribute::Network, formatter)),
        ("territories", sums::table(report_data, Attribute::Territory, formatter)),
        ("calendar", tables::calendar(report_data, formatter)),
        ("weeks", Some(tables::weeks(report_data, formatter))),
        ("segments", tables::segments(report_data, formatter)),
        ("hypotheses", Some(tables::hypotheses(report_data, formatter))),
        ("data", tables::data(report_data, formatter)),
        ("quality", tables::quality(report_data, formatter)),
        ("carbon", tables::carbon(report_data, formatter)),
        ("rules", Some(tables::findings(report_data, formatter))),
        ("prices", tables::prices(report_data, formatter)),
    ];
    let mut sheets: Vec<(String, Table)> = tables
        .into_iter()
        .filter_map(|(key, table)| Some((name(key), flat(&table?, formatter))))
        .collect();
    let dictionary = tables::dictionary(&sheets, formatter);
    sheets.push((name("dictionary"), dictionary));
    sheets
}

/// Intervals become two columns, so that every cell is one number.
fn flat(table: &Table, formatter: &Formatter) -> Table {
    let is_range =
        |i: usize| table.rows.iter().any(|row| matches!(row.get(i), Some(Cell::Range(..))));
    let split: Vec<bool> = (0..table.columns.len()).map(is_range).collect();
    let mut columns = Vec::new();
    for (column, split) in table.columns.iter().zip(&split) {
        if *split {
            for end in ["workbook-low", "workbook-high"] {
                let label = formatter.say(end, &[("column", &column.label)]);
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
fn properties(report_data: &ReportData) -> Result<DocProperties, XlsxError> {
    let title = report_data.plan.campaign.as_ref().map_or("relais", |campaign| &campaign.title);
    let title: String = clean(title).chars().take(255).collect();
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    Ok(DocProperties::new().set_title(title).set_creation_datetime(&created))
}

fn fill(sheet: &mut Worksheet, table: &Table, formatter: &Formatter) -> Result<(), XlsxError> {
    let head = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter)
        .set_background_color(0x00_E6_EE_F4)
        .set_border_bottom(FormatBorder::Thin);
    for (i, column) in table.columns.iter().enumerate() {
        let i = i as u16;
        let side = if table.is_numeric(i.into()) { FormatAlign::Right } else { FormatAlign::Left };
        let indent = u8::from(i > 0 && side == FormatAlign::Left);
        let head = head.clone().set_align(side).set_indent(indent);
        sheet.write_string_with_format(0, i, cut(&column.label), &head)?;
        sheet.set_column_width(i, room(table, i.into(), formatter))?;
    }
    let labels: Vec<&str> = table.columns.iter().map(|column| column.label.as_str()).collect();
    sheet.set_row_height(0, height(&labels, table).max(2.0 * LINE))?;
    for (i, row) in table.rows.iter().enumerate() {
        write_row(sheet, i as u32 + 1, row, table, formatter, false)?;
    }
    let last_row = table.rows.len() as u32;
    let last_column = table.columns.len().saturating_sub(1) as u16;
    if let Some(total) = &table.total {
        // One row apart, so that sorting and filtering leave the total alone.
        write_row(sheet, last_row + 2, total, table, formatter, true)?;
    }
    sheet.autofilter(0, 0, last_row, last_column)?;
    sheet.set_freeze_panes(1, 1)?;
    Ok(())
}

/// A4 across, the first so many columns on the width of one page, the head on every page.
fn print_on_a4(
    sheet: &mut Worksheet,
    name: &str,
    table: &Table,
    columns: usize,
) -> Result<(), XlsxError> {
    const A4: u8 = 9;
    let last_row = table.rows.len() as u32 + if table.total.is_some() { 2 } else { 0 };
    let last_column = columns.saturating_sub(1) as u16;
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
    sheet.set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3).set_print_center_horizontally(true);
    sheet.set_repeat_rows(0, 0)?.set_print_area(0, 0, last_row, last_column)?;
    // `&` begins a code in a footer; two of them are one.
    sheet.set_footer(format!("&L{}&R&P / &N", name.replace('&', "&&")));
    Ok(())
}

/// The width of a column: what it asks for, and what its longest number needs.
fn room(table: &Table, column: usize, formatter: &Formatter) -> f64 {
    let numbers = table.rows.iter().chain(&table.total).filter_map(|row| row.get(column));
    let numbers = numbers.filter(|cell| cell.value().is_some());
    let longest = numbers.map(|cell| cell.write(formatter).chars().count()).max().unwrap_or(0);
    table.columns[column].width.max(8.0).max(longest as f64 + 2.0)
}

/// Height of a line of text in points.
const LINE: f64 = 15.0;
/// The format's own limit for the height of a row, in points.
const HIGHEST: f64 = 409.0;

/// The height that a row of wrapped texts needs: not every program finds it by itself.
fn height(texts: &[&str], table: &Table) -> f64 {
    let lines = texts.iter().zip(&table.columns).map(|(text, column)| {
        let room = letters(column.width);
        wrapped_lines(text, room)
    });
    (lines.max().unwrap_or(1) as f64 * LINE).min(HIGHEST)
}

/// Letters that fit in a column: its width counts digits, and most letters are narrower.
fn letters(width: f64) -> usize {
    (1.08 * width.max(8.0)) as usize
}

/// Lines that a text takes when it is broken between words into so many letters.
fn wrapped_lines(text: &str, room: usize) -> usize {
    let (mut lines, mut used) = (1, 0);
    for word in text.split(' ') {
        let letters = word.chars().count();
        if used > 0 && used + 1 + letters > room {
            lines += 1;
            used = 0;
        }
        used += letters + usize::from(used > 0);
        lines += used.saturating_sub(1) / room;
        used = if used > room { used % room } else { used };
    }
    lines
}

fn write_row(
    sheet: &mut Worksheet,
    line: u32,
    cells: &[Cell],
    table: &Table,
    formatter: &Formatter,
    is_total: bool,
) -> Result<(), XlsxError> {
    let text = |cell: &Cell| match cell {
        Cell::Text(text) | Cell::Note(text) => cut(text),
        _ => String::new(),
    };
    let texts: Vec<String> = cells.iter().map(text).collect();
    let height = height(&texts.iter().map(String::as_str).collect::<Vec<_>>(), table);
    if height > LINE {
        sheet.set_row_height(line, height)?;
    }
    for (i, cell) in cells.iter().enumerate() {
        let room = table.columns.get(i).map_or(0.0, |column| column.width);
        let mut format = format(cell, room, formatter);
        if !table.is_numeric(i) {
            // Among words, numbers stand where the words do; words keep off the number before.
            format = format.set_align(FormatAlign::Left).set_indent(u8::from(i > 0));
        }
        if is_total {
            format = format.set_bold().set_border_top(FormatBorder::Thin);
        }
        let at = (line, i as u16);
        match sum_of(table, i, cell).filter(|_| is_total) {
            Some(formula) => {
                sheet.write_formula_with_format(at.0, at.1, formula, &format)?;
            }
            None => write_cell(sheet, at, cell, &format, formatter)?,
        }
    }
    Ok(())
}

/// The total of a column as a formula, where the total is what the column adds up to: it follows
/// whoever changes an amount. Other totals (an interval, a price) are no sums.
fn sum_of(table: &Table, column: usize, total: &Cell) -> Option<Formula> {
    let total = total.value()?;
    let values = table.rows.iter().filter_map(|row| row.get(column)?.value());
    let sum: f64 = values.sum();
    let adds_up = (sum - total).abs() <= 1e-9 * sum.abs().max(1.0);
    let letter = utility::column_number_to_name(column as u16);
    let last = table.rows.len() + 1;
    // The value as it is known, for readers that do not calculate.
    adds_up.then(|| {
        Formula::new(format!("=SUM({letter}2:{letter}{last})")).set_result(total.to_string())
    })
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    format: &Format,
    formatter: &Formatter,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => sheet.write_blank(row, column, format)?,
        // As a string, always: a text cannot become a formula.
        Cell::Text(text) | Cell::Note(text) => {
            sheet.write_string_with_format(row, column, cut(text), format)?
        }
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
            sheet.write_string_with_format(row, column, formatter.language.week(*week), format)?
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

fn format(cell: &Cell, room: f64, formatter: &Formatter) -> Format {
    let places = |decimals: usize| match decimals {
        0 => "#,##0".to_owned(),
        n => format!("#,##0.{}", "0".repeat(n)),
    };
    let unit = match formatter.currency.map(|currency| currency.code().to_owned()).as_deref() {
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
        Cell::Day(_) => top.set_num_format(match formatter.language {
            crate::language::Language::Fr => "dd/mm/yyyy",
            crate::language::Language::En => "d mmm yyyy",
        }),
        Cell::Text(text) | Cell::Note(text) => {
            let is_long = text.chars().count() > letters(room);
            let wrapped = if is_long { top.set_text_wrap() } else { top };
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

    fn open(report_data: &ReportData, language: Language) -> Xlsx<Cursor<Vec<u8>>> {
        let bytes = xlsx(report_data, &Formatter::new(report_data, language)).unwrap();
        Xlsx::new(Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn the_same_dossier_gives_the_same_bytes() {
        let report_data = example::report_data(3);
        let formatter = Formatter::new(&report_data, Language::Fr);
        assert_eq!(
            xlsx(&report_data, &formatter).unwrap(),
            xlsx(&report_data, &formatter).unwrap()
        );
    }

    #[test]
    fn no_cell_is_a_formula_whatever_its_name() {
        let mut book = open(&example::hostile(), Language::Fr);
        for name in book.sheet_names() {
            let formulas = book.worksheet_formula(&name).unwrap();
            // Ours are the sums below the columns; none comes from a name.
            for (row, _, formula) in formulas.used_cells() {
                assert!(formula.starts_with("SUM("), "{name} {row}: {formula}");
            }
        }
        let plan = book.worksheet_range("Plan").unwrap();
        let names: Vec<String> = plan.rows().map(|row| row[0].to_string()).collect();
        assert!(names.iter().any(|name| name.starts_with("=HYPERLINK")));
    }

    #[test]
    fn budgets_are_numbers_that_add_up_and_days_are_dates() {
        let report_data = example::report_data(12);
        let mut book = open(&report_data, Language::En);
        let plan = book.worksheet_range("Plan").unwrap();
        let heads: Vec<String> =
            plan.rows().next().unwrap().iter().map(ToString::to_string).collect();
        let at = |label: &str| heads.iter().position(|head| head == label).expect(label);
        let (budget, start) = (at("Budget"), at("Start"));
        let mut sum = 0.0;
        for row in plan.rows().skip(1).take(12) {
            let Data::Float(money) = row[budget] else { panic!("{:?}", row[budget]) };
            assert!(matches!(row[start], Data::DateTime(_)), "{:?}", row[start]);
            sum += money;
        }
        assert!((sum - report_data.plan.spent).abs() < 0.005);
    }

    #[test]
    fn every_sheet_is_there_in_both_languages() {
        let report_data = example::report_data(3);
        let wanted = [
            (
                Language::En,
                "Plan Networks Territories Calendar Weeks Segments Hypotheses Data Quality Carbon Rules Prices Dictionary",
            ),
            (
                Language::Fr,
                "Plan Réseaux Territoires Calendrier Semaines Audiences Hypothèses Données Qualité Carbone Règles Prix Dictionnaire",
            ),
        ];
        for (language, names) in wanted {
            let book = open(&report_data, language);
            let first = |name: &String| name.split(' ').next().map(str::to_owned);
            let own: Vec<String> = book.sheet_names().iter().filter_map(first).collect();
            assert_eq!(own.join(" "), names);
        }
    }

    #[test]
    fn the_dictionary_explains_every_column_of_every_sheet() {
        let report_data = example::report_data(3);
        for language in Language::ALL {
            let mut book = open(&report_data, language);
            let mut names = book.sheet_names();
            let dictionary = names.pop().unwrap();
            let known: std::collections::BTreeSet<(String, String)> = book
                .worksheet_range(&dictionary)
                .unwrap()
                .rows()
                .skip(1)
                .map(|row| (row[0].to_string(), row[1].to_string()))
                .collect();
            for name in names {
                let sheet = book.worksheet_range(&name).unwrap();
                for head in sheet.rows().next().unwrap() {
                    let pair = (name.clone(), head.to_string());
                    assert!(known.contains(&pair), "{language}: {pair:?}");
                }
            }
        }
    }

    #[test]
    fn rows_are_as_high_as_their_words_need() {
        assert_eq!(wrapped_lines("", 10), 1);
        assert_eq!(wrapped_lines("une ligne", 10), 1);
        assert_eq!(wrapped_lines("deux lignes ici", 11), 2);
        assert_eq!(wrapped_lines(&"x".repeat(25), 10), 3);
    }

    /// A dossier whose names are hard to carry: emoji, CJK, spaces in a row, a formula.
    fn hard_names() -> ReportData {
        let mut report_data = example::report_data(7);
        let names = ["東京 🎓 18–24", "two  spaces", "=1+1", "été · REG-76"];
        for (i, name) in names.into_iter().enumerate() {
            let old = report_data.plan.rows[i].segment.clone();
            name.clone_into(&mut report_data.plan.rows[i].segment);
            for card in report_data.card.iter_mut().flat_map(|card| &mut card.segments) {
                if card.segment == old {
                    name.clone_into(&mut card.segment);
                }
            }
        }
        report_data
    }

    /// Rows of a sheet below its head and above its total.
    fn rows(book: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str) -> Vec<Vec<Data>> {
        let range = book.worksheet_range(sheet).unwrap();
        let body = range.rows().skip(1).map(<[Data]>::to_vec);
        body.take_while(|row| row.iter().any(|cell| *cell != Data::Empty)).collect()
    }

    fn at(book: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str, label: &str) -> usize {
        let range = book.worksheet_range(sheet).unwrap();
        let head = range.rows().next().unwrap().iter().position(|head| *head == label);
        head.unwrap_or_else(|| panic!("{sheet}: {label}"))
    }

    fn cents(cell: &Data) -> i64 {
        let Data::Float(amount) = cell else { panic!("{cell:?}") };
        (100.0 * amount).round() as i64
    }

    #[test]
    fn one_key_in_the_first_column_joins_every_sheet_and_file() {
        use crate::report::bulk;
        use crate::report::sheets::spreadsheet;
        use std::collections::BTreeSet;
        let report_data = hard_names();
        let all: BTreeSet<String> =
            report_data.plan.rows.iter().map(|row| row.segment.clone()).collect();
        for language in Language::ALL {
            let formatter = Formatter::new(&report_data, language);
            let key = formatter.text("report-column-segment");
            let mut book = open(&report_data, language);
            let mut joined = 0;
            for sheet in book.sheet_names() {
                let range = book.worksheet_range(&sheet).unwrap();
                let heads: Vec<String> =
                    range.rows().next().unwrap().iter().map(ToString::to_string).collect();
                let Some(column) = heads.iter().position(|head| *head == key) else { continue };
                assert_eq!(column, 0, "{sheet}");
                let keys: BTreeSet<String> =
                    rows(&mut book, &sheet).iter().map(|row| row[0].to_string()).collect();
                assert!(!keys.is_empty() && keys.is_subset(&all), "{sheet}: {keys:?}");
                joined += 1;
            }
            assert_eq!(joined, 5, "plan, calendar, weeks, segments, carbon");
            let paste = bulk::paste(&report_data.plan, &formatter).unwrap().unwrap();
            let plan =
                spreadsheet::csv(&tables::plan(&report_data, &formatter), &formatter).unwrap();
            let weeks =
                spreadsheet::csv(&tables::weeks(&report_data, &formatter), &formatter).unwrap();
            for bytes in [paste, plan, weeks] {
                let text = String::from_utf8(bytes).unwrap();
                let text = text.strip_prefix('\u{feff}').expect("Excel asks for the mark");
                let separator = if language == Language::Fr { b';' } else { b',' };
                let mut reader =
                    csv::ReaderBuilder::new().delimiter(separator).from_reader(text.as_bytes());
                assert_eq!(reader.headers().unwrap()[0], key);
                for record in reader.records() {
                    let own = record.unwrap()[0].to_owned();
                    assert!(!own.starts_with(['=', '+', '-', '@']), "{own}");
                    // The apostrophe keeps a spreadsheet from calculating.
                    assert!(all.contains(own.strip_prefix('\'').unwrap_or(&own)), "{own}");
                }
            }
        }
    }

    #[test]
    fn sheets_agree_with_each_other_and_with_their_totals_to_the_cent() {
        for n in [1, 12, 60] {
            let report_data = example::report_data(n);
            let formatter = Formatter::new(&report_data, Language::En);
            let budget = formatter.text("report-column-budget");
            let mut book = open(&report_data, Language::En);
            let mut sheets = 0;
            for sheet in ["Plan", "Networks", "Territories", "Calendar", "Weeks"] {
                let column = at(&mut book, sheet, &budget);
                let body = rows(&mut book, sheet);
                let sum: i64 = body.iter().map(|row| cents(&row[column])).sum();
                assert_eq!(sum, (100.0 * report_data.plan.spent).round() as i64, "{n} {sheet}");
                let range = book.worksheet_range(sheet).unwrap();
                let total = range.rows().next_back().unwrap()[column].clone();
                assert_eq!(cents(&total), sum, "{n} {sheet}");
                let formulas = book.worksheet_formula(sheet).unwrap();
                let letter = utility::column_number_to_name(column as u16);
                let formula = formulas.get_value((body.len() as u32 + 2, column as u32)).unwrap();
                assert_eq!(*formula, format!("SUM({letter}2:{letter}{})", body.len() + 1));
                sheets += 1;
            }
            assert_eq!(sheets, 5);
            // What is shown per day adds up to the total per day, as shown.
            let column = at(&mut book, "Plan", &formatter.text("report-column-per-day"));
            let sum: i64 = rows(&mut book, "Plan").iter().map(|row| cents(&row[column])).sum();
            let range = book.worksheet_range("Plan").unwrap();
            assert_eq!(cents(&range.rows().next_back().unwrap()[column]), sum);
        }
    }

    #[test]
    fn every_sheet_prints_on_a4_with_its_head_and_the_plan_only_what_decides() {
        use std::io::Read;
        let report_data = example::report_data(60);
        let formatter = Formatter::new(&report_data, Language::Fr);
        let plan = tables::plan(&report_data, &formatter);
        let last = &plan.columns[tables::PLAN_PRINTED - 1];
        assert_eq!(last.label, formatter.text("report-column-reason"));
        let printed = plan.columns.iter().take(tables::PLAN_PRINTED);
        // Wider than that, letters are smaller than 7 points on paper.
        assert!(printed.map(|column| column.width).sum::<f64>() < 215.0);
        let bytes = xlsx(&report_data, &formatter).unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut part = |name: &str| {
            let mut text = String::new();
            archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        let sheet = part("xl/worksheets/sheet1.xml");
        for setting in ["paperSize=\"9\"", "orientation=\"landscape\"", "fitToHeight=\"0\""] {
            assert!(sheet.contains(setting), "{setting}");
        }
        let book = part("xl/workbook.xml");
        assert!(book.contains("Plan!$A$1:$M$63"), "{book}");
        assert_eq!(book.matches("_xlnm.Print_Titles").count(), book.matches("<sheet ").count());
    }
}
