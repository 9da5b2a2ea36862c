//! Round trip to the ads manager: the planner's own bulk file, with only budgets and dates of
//! existing ad sets changed.
//!
//! Everything else keeps its bytes. On any doubt nothing is written: a wrong budget costs more
//! than a refusal.

mod dates;
mod delimited;
mod error;
mod settle;

pub use self::error::BulkError;

use std::collections::BTreeMap;

use self::delimited::Delimited;
use super::spreadsheet;
use super::table::{Cell, Column, Table};
use super::voice::Voice;
use crate::allocate::plan::{Plan, Row};
use crate::segment::Attribute;

/// In which unit the file's budget columns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BudgetUnit {
    /// Units of the currency: `87.01`.
    Units,
    /// Its smallest unit: `8701`.
    Minor,
}

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

/// Writes a plan into a bulk file of Meta's ads manager (CSV or tab-separated text).
///
/// # Errors
///
/// [`BulkError`] on any doubt: no such column, unit unclear, ad set missing or not the only one.
pub fn fill(bytes: &[u8], plan: &Plan, settings: &Settings) -> Result<Filled, BulkError> {
    let mut file = Delimited::read(bytes)?;
    let columns = settle::Columns::of(&file)?;
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
    Ok(Filled { bytes: file.bytes(), changes, to_pause })
}

/// Rows of the plan that a Meta bulk file can hold; rows that name no network may all be.
pub(super) fn is_meta(row: &Row) -> bool {
    row.attributes
        .get(Attribute::Network.column())
        .is_none_or(|network| matches!(network.as_str(), "facebook" | "instagram" | "meta"))
}

/// A plain sheet to paste from, for the networks whose bulk files relais does not write.
#[must_use]
pub fn paste(plan: &Plan, voice: &Voice) -> Option<Vec<u8>> {
    let others: Vec<&Row> =
        plan.rows.iter().filter(|row| row.budget > 0.0 && !is_meta(row)).collect();
    if others.is_empty() {
        return None;
    }
    let columns = ["network", "segment", "start", "end", "budget", "per-day"];
    let columns = columns.map(|name| Column::new(voice, &format!("report-column-{name}"), 16.0));
    let mut table = Table::new(String::new(), columns.into());
    let flight = plan.campaign.as_ref().map(|campaign| campaign.flight);
    for row in others {
        let network = row.attributes.get(Attribute::Network.column());
        table.rows.push(vec![
            network.map_or(Cell::Empty, |network| Cell::Text(voice.network(network))),
            Cell::text(&row.segment),
            flight.map_or(Cell::Empty, |flight| Cell::Day(flight.start)),
            flight.map_or(Cell::Empty, |flight| Cell::Day(flight.end)),
            Cell::Money(row.budget - row.fixed_cost, 2),
            Cell::Money(row.per_day, 2),
        ]);
    }
    table.rows.sort_by_key(|row| row[0].write(voice));
    Some(spreadsheet::csv(&table, voice))
}

/// The changes as a table.
#[must_use]
pub fn table(filled: &Filled, voice: &Voice) -> Table {
    let columns = ["line", "ad-set-id", "segment", "column", "before", "after"];
    let columns = columns.map(|name| Column::new(voice, &format!("report-column-{name}"), 16.0));
    let mut table = Table::new(voice.text("report-table-changes"), columns.into());
    for change in filled.changes.iter().chain(&filled.to_pause) {
        let column = if change.column.is_empty() {
            Cell::Text(voice.text("report-bulk-pause"))
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
        example::dossier(3).plan
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
        let same = Delimited::read(&bytes).unwrap().bytes();
        assert_eq!(same, bytes);
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
        assert!(matches!(decimals, BulkError::UnitUnclear { .. }));
    }

    #[test]
    fn other_networks_get_a_sheet_to_paste_from() {
        let dossier = example::dossier(3);
        let voice = Voice::new(&dossier, crate::language::Language::En);
        let text = String::from_utf8(paste(&dossier.plan, &voice).unwrap()).unwrap();
        assert!(text.contains("TikTok") && !text.contains("Instagram"), "{text}");
    }
}
