//! The history in totals, as a report tells it.

use std::collections::BTreeMap;
use std::path::Path;

use rust_decimal::prelude::ToPrimitive;

use crate::action::Action;
use crate::history::{History, HistoryError, JournalEntry};
use crate::panel::{Cell, Panel};
use crate::report::report_data::{HistoryFile, HistorySummary, WeekTotals};
use crate::units::Week;

/// Totals of a history, its weeks as the panel has them.
///
/// # Errors
///
/// [`HistoryError`] when the history cannot be read.
pub fn of_history(history: &History, panel: &Panel) -> Result<HistorySummary, HistoryError> {
    let totals = history.totals()?;
    Ok(HistorySummary {
        files: files(&history.journal()?),
        rows: totals.rows,
        // In the panel's money where the history has other money too.
        spend: match totals.currency() {
            Ok(currency) if currency == panel.currency => totals.spend.to_f64().unwrap_or_default(),
            _ => panel.spend(),
        },
        impressions: Some(totals.impressions).filter(|impressions| *impressions > 0.0),
        actions: totals
            .actions
            .iter()
            .map(|(action, count)| (action.column().to_owned(), *count))
            .collect(),
        weeks: weeks(&panel.cells),
        unused: Vec::new(),
    })
}

/// Totals of a panel that came without a history.
#[must_use]
pub fn of_panel(panel: &Panel) -> HistorySummary {
    let sum = |action: Action| {
        let counts = || panel.cells.iter().filter_map(|cell| cell.actions.get(action));
        counts().next().map(|_| (action.column().to_owned(), counts().sum()))
    };
    let impressions: Vec<f64> = panel.cells.iter().filter_map(|cell| cell.impressions).collect();
    HistorySummary {
        files: Vec::new(),
        rows: panel.cells.len() as u64,
        spend: panel.spend(),
        impressions: (!impressions.is_empty()).then(|| impressions.iter().sum()),
        actions: Action::ALL.into_iter().filter_map(sum).collect(),
        weeks: weeks(&panel.cells),
        unused: Vec::new(),
    }
}

fn files(journal: &[JournalEntry]) -> Vec<HistoryFile> {
    journal
        .iter()
        .flat_map(|entry| &entry.files)
        .map(|file| HistoryFile {
            name: Path::new(&file.name)
                .file_name()
                .map_or_else(|| file.name.clone(), |name| name.to_string_lossy().into_owned()),
            format: file.format.clone(),
            fingerprint: file.fingerprint.clone(),
            rows: file.imported + file.replaced,
            left_out: file.duplicate,
        })
        .collect()
}

/// Totals by week, over cells that lie inside one week.
fn weeks<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Vec<WeekTotals> {
    let mut totals: BTreeMap<Week, WeekTotals> = BTreeMap::new();
    for cell in cells {
        if let Some(week) = cell.period.and_then(|period| period.week()) {
            add(totals.entry(week).or_insert_with(|| empty(week)), cell);
        }
    }
    totals.into_values().collect()
}

/// The same of one segment; none where the panel does not know it.
#[must_use]
pub fn weeks_of(panel: &Panel, segment: &str) -> Vec<WeekTotals> {
    let own = panel.segments.iter().position(|own| own.id == segment);
    weeks(panel.cells.iter().filter(|cell| Some(cell.segment) == own))
}

fn empty(week: Week) -> WeekTotals {
    WeekTotals { week, spend: 0.0, active: 0.0, reactions: None, follows: None, impressions: None }
}

fn add(total: &mut WeekTotals, cell: &Cell) {
    let plus = |sum: &mut Option<f64>, more: Option<f64>| {
        if let Some(more) = more {
            *sum = Some(sum.unwrap_or_default() + more);
        }
    };
    total.spend += cell.spend;
    total.active += cell.active_range().map_or(0.0, |range| range.0);
    plus(&mut total.reactions, cell.actions.get(Action::Reactions));
    plus(&mut total.follows, cell.actions.get(Action::Follows));
    plus(&mut total.impressions, cell.impressions);
}
