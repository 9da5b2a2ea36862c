//! Round trip to the ads manager: the planner's own bulk file, with only budgets and dates of
//! existing ad sets changed.
//!
//! Everything else keeps its bytes. On any doubt nothing is written: a wrong budget costs more
//! than a refusal.

mod dates;
mod delimited;
mod error;
mod names;
mod package;
mod serial;
mod settle;
mod sheet;
mod unit;
mod weeks;

pub use unit::BudgetUnit;

pub use self::error::BulkError;
pub use self::weeks::{next_change, of_weeks, read_weeks};

use self::sheet::Sheet;
use unit::is_meta;

use std::collections::BTreeMap;

use super::formatter::Formatter;
use super::sheets::spreadsheet;
use super::sheets::table::{Cell, Column, Table};
use crate::allocate::plan::Plan;
use crate::allocate::plan::row::Row;
use crate::segment::Attribute;

/// How to fill a bulk file.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Unit of the budget columns; `None`: told by the file, when it has decimals.
    pub unit: Option<BudgetUnit>,
    /// Leave the schedule as it is.
    pub keep_dates: bool,
    /// Segment → ad-set id, for plans whose segments are not ad sets by name.
    pub ad_sets: BTreeMap<String, String>,
}

/// A cell that was changed, or an ad set that a person must pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file's line, from 1.
    pub line: usize,
    /// Ad-set id, as the file has it.
    pub ad_set: String,
    /// The segment of the plan.
    pub segment: String,
    /// Column head; empty for an ad set to pause.
    pub column: String,
    /// What was there.
    pub before: String,
    /// What is there now.
    pub after: String,
}

/// A filled bulk file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The new file.
    pub bytes: Vec<u8>,
    /// Every changed cell, in file order.
    pub changes: Vec<Change>,
    /// Ad sets that the plan does not fund: pause them by hand.
    pub to_pause: Vec<Change>,
}

/// Writes a plan into a bulk file of Meta's ads manager (XLSX, CSV or tab-separated text).
///
/// # Errors
///
/// [`BulkError`] on any doubt: no such column, unit unclear, ad set missing or not the only one.
pub fn fill(bytes: &[u8], plan: &Plan, settings: &Settings) -> Result<Filled, BulkError> {
    let mut file = Sheet::read(bytes)?;
    let columns = settle::Columns::of(&file)?;
    file.without_formulas(&columns.all())?;
    let matched = settle::ad_sets(&file, &columns, plan, &settings.ad_sets)?;
    let unit = settle::unit(&file, &columns, settings.unit)?;
    let order = if settings.keep_dates { None } else { dates::order(&file, &columns)? };
    let mut edits = Vec::new();
    let mut to_pause = Vec::new();
    for (line, row) in &matched {
        let ad_set = file.get(*line, columns.id).to_owned();
        let change = |column: &str, before: &str, after: String| Change {
            line: file.line(*line),
            ad_set: ad_set.clone(),
            segment: row.segment.clone(),
            column: column.to_owned(),
            before: before.to_owned(),
            after,
        };
        if row.budget == 0.0 {
            to_pause.push(change("", "", String::new()));
            continue;
        }
        let (column, after) = settle::budget(&file, &columns, *line, row, plan, unit)?;
        let before = file.get(*line, column);
        if before != after {
            edits.push((*line, column, change(file.head(column), before, after)));
        }
        if let (Some(order), Some(campaign)) = (order, &plan.campaign) {
            let days =
                [(columns.start, campaign.flight.start), (columns.stop, campaign.flight.end)];
            for (column, day) in days {
                let Some(column) = column else { continue };
                let before = file.get(*line, column);
                let after = dates::moved(before, day, order);
                if let Some(after) = after.filter(|after| after != before) {
                    edits.push((*line, column, change(file.head(column), before, after)));
                }
            }
        }
    }
    let cells: Vec<(usize, usize, String)> =
        edits.iter().map(|(line, column, change)| (*line, *column, change.after.clone())).collect();
    file.replace(&cells);
    let changes = edits.into_iter().map(|(_, _, change)| change).collect();
    Ok(Filled { bytes: file.bytes()?, changes, to_pause })
}

/// Columns of the table for the other networks, by the ends of their message keys.
pub const PASTED: [&str; 6] = ["segment", "network", "start", "end", "budget", "per-day"];

/// A plain sheet to paste from, for the networks whose bulk files relais does not write.
///
/// # Errors
///
/// [`ReportError`](super::ReportError) when the sheet cannot be written.
pub fn paste(plan: &Plan, formatter: &Formatter) -> Result<Option<Vec<u8>>, super::ReportError> {
    let others: Vec<&Row> =
        plan.rows.iter().filter(|row| row.budget > 0.0 && !is_meta(row)).collect();
    if others.is_empty() {
        return Ok(None);
    }
    let columns = PASTED.map(|name| Column::new(formatter, &format!("report-column-{name}"), 16.0));
    let mut table = Table::new(String::new(), columns.into());
    let flight = plan.campaign.as_ref().map(|campaign| campaign.flight);
    for row in others {
        let network = row.attributes.get(Attribute::Network.column());
        table.rows.push(vec![
            Cell::text(&row.segment),
            network.map_or(Cell::Empty, |network| Cell::Text(formatter.network(network))),
            flight.map_or(Cell::Empty, |flight| Cell::Day(flight.start)),
            flight.map_or(Cell::Empty, |flight| Cell::Day(flight.end)),
            Cell::Money(row.budget - row.fixed_cost, 2),
            Cell::Money(row.per_day, 2),
        ]);
    }
    table.rows.sort_by_key(|row| row[1].write(formatter));
    spreadsheet::csv(&table, formatter).map(Some)
}

/// The changes as a table.
#[must_use]
pub fn table(filled: &Filled, formatter: &Formatter) -> Table {
    let columns = ["line", "ad-set-id", "segment", "column", "before", "after"];
    let columns =
        columns.map(|name| Column::new(formatter, &format!("report-column-{name}"), 16.0));
    let mut table = Table::new(formatter.text("report-table-changes"), columns.into());
    for change in filled.changes.iter().chain(&filled.to_pause) {
        let column = if change.column.is_empty() {
            Cell::Text(formatter.text("report-bulk-pause"))
        } else {
            Cell::text(&change.column)
        };
        table.rows.push(vec![
            Cell::Number(change.line as f64, 0),
            Cell::text(&change.ad_set),
            Cell::text(&change.segment),
            column,
            Cell::text(&change.before),
            Cell::text(&change.after),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    /// Three ad sets, two of them with two ads; names with quotes, commas and line breaks.
    fn export() -> String {
        let head = "Campaign ID,Campaign Name,Campaign Daily Budget,Ad Set ID,Ad Set Name,Ad Set Time Start,Ad Set Time Stop,Ad Set Daily Budget,Ad Set Lifetime Budget,Ad Name\r\n";
        let row = |id: &str, name: &str, budgets: &str, ad: &str| {
            format!(
                "c:1,\"Lycée, et après\",,{id},{name},01/15/2026 12:00 am,02/28/2026 11:59 pm,{budgets},{ad}\r\n"
            )
        };
        [
            head.to_owned(),
            row("as:11", "instagram · 18-24 · REG-76 · video", ",850.50", "\"a \"\"b\"\"\nc\""),
            row("as:11", "instagram · 18-24 · REG-76 · video", ",850.50", "=1+1"),
            row("as:12", "facebook · 18-24 · REG-76 · video", "20.00,", "d"),
            row("as:13", "autre", ",10.00", "e"),
        ]
        .concat()
    }

    fn plan() -> Plan {
        example::report_data(3).plan
    }

    #[test]
    fn only_budgets_and_dates_change() {
        let (before, plan) = (export(), plan());
        let filled = fill(before.as_bytes(), &plan, &Settings::default()).unwrap();
        let after = String::from_utf8(filled.bytes.clone()).unwrap();
        let of = |id: &str| plan.rows.iter().find(|row| row.segment.starts_with(id)).unwrap();
        let lifetime = format!("{:.2}", of("instagram").budget);
        let daily = format!("{:.2}", of("facebook").per_day);
        let expected = before.replacen(",850.50,", &format!(",{lifetime},"), 2).replacen(
            ",20.00,,",
            &format!(",{daily},,"),
            1,
        );
        let mut lines: Vec<String> = expected.split("\r\n").map(str::to_owned).collect();
        for line in &mut lines[1..4] {
            *line = line.replace("01/15/2026", "03/01/2027").replace("02/28/2026", "04/11/2027");
        }
        assert_eq!(after, lines.join("\r\n"));
        assert_eq!(filled.changes.len(), 9);
    }

    #[test]
    fn every_byte_outside_the_changes_is_kept_in_utf_16_too() {
        let text = export().replace(',', "\t");
        let bytes: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let settings = Settings { keep_dates: true, ..Settings::default() };
        let filled = fill(&bytes, &plan(), &settings).unwrap();
        assert!(filled.bytes.starts_with(&[0xff, 0xfe]));
        assert_eq!(filled.changes.len(), 3);
        let same = Sheet::read(&bytes).unwrap().bytes().unwrap();
        assert_eq!(same, bytes);
    }

    /// The export as a workbook: budgets as numbers, one date as a number and one as a text.
    fn book(budget: &str) -> Vec<u8> {
        use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
        let mut book = Workbook::new();
        let readme = book.add_worksheet();
        readme.set_name("Notes").unwrap().write_string(0, 0, "Rien ici").unwrap();
        let sheet = book.add_worksheet();
        let heads = [
            "Ad Set ID",
            "Ad Set Name",
            "Ad Set Time Start",
            "Ad Set Time Stop",
            "Ad Set Lifetime Budget",
            "Ad Name",
            "Total",
        ];
        for (i, head) in heads.into_iter().enumerate() {
            sheet.write_string(0, i as u16, head).unwrap();
        }
        let day = Format::new().set_num_format("yyyy-mm-dd hh:mm");
        let start = ExcelDateTime::from_ymd(2026, 1, 15).unwrap().and_hms(6, 30, 0).unwrap();
        let lines = [
            ("as:11", "instagram · 18-24 · REG-76 · video"),
            ("as:12", "facebook · 18-24 · REG-76 · video"),
            ("as:13", "autre <&> \"x\""),
        ];
        for (i, (id, name)) in lines.into_iter().enumerate() {
            let row = i as u32 + 1;
            sheet.write_string(row, 0, id).unwrap();
            sheet.write_string(row, 1, name).unwrap();
            sheet.write_datetime_with_format(row, 2, &start, &day).unwrap();
            sheet.write_string(row, 3, "02/28/2026 11:59 pm").unwrap();
            match budget {
                "formula" => sheet.write_formula(row, 4, Formula::new("=400+50.5")).unwrap(),
                "text" => sheet.write_string(row, 4, "850.50").unwrap(),
                number => sheet.write_number(row, 4, number.parse::<f64>().unwrap()).unwrap(),
            };
            sheet.write_string(row, 5, "=1+1").unwrap();
            sheet.write_formula(row, 6, Formula::new("=1+1")).unwrap();
        }
        book.save_to_buffer().unwrap()
    }

    fn parts(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
        use std::io::Read;
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        (0..archive.len())
            .map(|i| {
                let mut file = archive.by_index(i).unwrap();
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes).unwrap();
                (file.name().unwrap().into_owned(), bytes)
            })
            .collect()
    }

    #[test]
    fn a_workbook_keeps_every_other_part_and_cell() {
        use calamine::{Data, Reader, Xlsx};
        let plan = plan();
        for kind in ["850.5", "text"] {
            let before = book(kind);
            let settings = Settings { keep_dates: true, ..Settings::default() };
            let filled = fill(&before, &plan, &settings).unwrap();
            assert_eq!(filled.changes.len(), 2, "{:?}", filled.changes);
            let (old, new) = (parts(&before), parts(&filled.bytes));
            assert_eq!(old.keys().collect::<Vec<_>>(), new.keys().collect::<Vec<_>>());
            let changed: Vec<&String> =
                old.keys().filter(|part| old[*part] != new[*part]).collect();
            assert_eq!(changed, ["xl/worksheets/sheet2.xml"]);
            let open = |bytes: &[u8]| {
                let mut book = Xlsx::new(std::io::Cursor::new(bytes.to_vec())).unwrap();
                book.worksheet_range("Sheet2").unwrap()
            };
            let (old, new) = (open(&before), open(&filled.bytes));
            assert_eq!(old.get_size(), new.get_size());
            for (row, column, value) in old.used_cells() {
                if column != 4 || row == 0 || row == 3 {
                    assert_eq!(new.get((row, column)), Some(value), "{row} {column}");
                }
            }
            let wanted = plan.rows.iter().find(|r| r.segment.starts_with("instagram")).unwrap();
            match new.get((1, 4)).unwrap() {
                Data::Float(money) => assert!((money - wanted.budget).abs() < 0.005),
                Data::String(text) => assert_eq!(text, &format!("{:.2}", wanted.budget)),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_workbook_s_dates_move_and_keep_their_hours() {
        use calamine::{Data, Reader, Xlsx};
        let mut texts = book("850.5");
        let filled = fill(&texts, &plan(), &Settings::default());
        // One column writes month first, the other is a day number: their order differs.
        assert!(matches!(filled, Err(BulkError::DatesUnclear { .. })), "{filled:?}");
        let mut package = match Sheet::read(&texts).unwrap() {
            Sheet::Book(book) => book,
            Sheet::Text(_) => panic!("a workbook"),
        };
        let stop = package.column("Ad Set Time Stop").unwrap();
        let iso: Vec<(usize, usize, String)> =
            package.rows().map(|row| (row, stop, "2026-02-28 23:59".to_owned())).collect();
        package.replace(&iso);
        texts = package.bytes().unwrap();
        let filled = fill(&texts, &plan(), &Settings::default()).unwrap();
        assert_eq!(filled.changes.len(), 6);
        let mut book = Xlsx::new(std::io::Cursor::new(filled.bytes)).unwrap();
        let range = book.worksheet_range("Sheet2").unwrap();
        let Some(Data::DateTime(start)) = range.get((1, 2)) else {
            panic!("{:?}", range.get((1, 2)))
        };
        assert!((start.as_f64() - (46_447.0 + 6.5 / 24.0)).abs() < 1e-6, "{start:?}");
        assert_eq!(range.get((1, 3)), Some(&Data::String("2027-04-11 23:59".to_owned())));
    }

    #[test]
    fn doubts_about_a_workbook_are_refused() {
        let refuse = |bytes: &[u8]| fill(bytes, &plan(), &Settings::default()).unwrap_err();
        assert!(matches!(refuse(&book("formula")), BulkError::Formula { line: 2, .. }));
        let whole = Settings { keep_dates: true, ..Settings::default() };
        let unclear = fill(&book("850"), &plan(), &whole).unwrap_err();
        assert!(matches!(unclear, BulkError::UnitUnclear { .. }), "{unclear:?}");
        let cut = book("850.5");
        assert!(matches!(refuse(&cut[..cut.len() / 2]), BulkError::Package { .. }));
        let mut other = rust_xlsxwriter::Workbook::new();
        other.add_worksheet().write_string(0, 0, "Ad Set ID").unwrap();
        let other = other.save_to_buffer().unwrap();
        assert!(matches!(refuse(&other), BulkError::NoColumn { .. }));
    }

    #[test]
    fn doubts_are_refused() {
        let settings = Settings::default();
        let refuse = |text: &str| fill(text.as_bytes(), &plan(), &settings).unwrap_err();
        let whole = export().replace("850.50", "850").replace("20.00", "20").replace("10.00", "10");
        assert!(matches!(refuse(&whole), BulkError::UnitUnclear { .. }));
        let renamed = export().replace("facebook · 18-24", "facebook · 25-34");
        assert!(matches!(refuse(&renamed), BulkError::Missing { .. }));
        let twice = export().replace("as:13,autre", "as:13,facebook · 18-24 · REG-76 · video");
        assert!(matches!(refuse(&twice), BulkError::Ambiguous { .. }));
        let campaign = export().replace("\"Lycée, et après\",,", "\"Lycée, et après\",50.00,");
        assert!(matches!(refuse(&campaign), BulkError::CampaignBudget { .. }));
        let both = export().replace(",850.50", "20.00,850.50");
        assert!(matches!(refuse(&both), BulkError::BudgetUnclear { .. }));
        let unclear =
            export().replace("01/15/2026", "01/02/2026").replace("02/28/2026", "03/04/2026");
        assert!(matches!(refuse(&unclear), BulkError::DatesUnclear { .. }));
        assert!(matches!(refuse("a,b\n1,2\n"), BulkError::NoColumn { .. }));
        let ragged = export() + "x,y\r\n";
        assert!(matches!(refuse(&ragged), BulkError::Ragged { .. }));
    }

    #[test]
    fn whole_numbers_are_taken_in_the_unit_that_is_stated() {
        let whole =
            export().replace("850.50", "85050").replace("20.00", "2000").replace("10.00", "1000");
        let settings =
            Settings { unit: Some(BudgetUnit::Minor), keep_dates: true, ..Settings::default() };
        let filled = fill(whole.as_bytes(), &plan(), &settings).unwrap();
        let budget =
            plan().rows.iter().find(|row| row.segment.starts_with("instagram")).unwrap().budget;
        assert_eq!(filled.changes[0].after, format!("{:.0}", 100.0 * budget));
        let decimals = fill(export().as_bytes(), &plan(), &settings).unwrap_err();
        assert!(matches!(decimals, BulkError::NotCents { .. }));
    }

    #[test]
    fn other_networks_get_a_sheet_to_paste_from() {
        let report_data = example::report_data(3);
        let formatter = Formatter::new(&report_data, crate::language::Language::En);
        let text =
            String::from_utf8(paste(&report_data.plan, &formatter).unwrap().unwrap()).unwrap();
        assert!(text.contains("TikTok") && !text.contains("Instagram"), "{text}");
    }
}
