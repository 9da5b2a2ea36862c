//! The panel by weeks, cut at an origin: what is known, and what is to be predicted.

use std::collections::BTreeMap;

use crate::panel::{Cell, Panel};
use crate::segment::{Attribute, Segment};
use crate::units::Week;

/// The cells that ended before the origin, and the segments that have any.
pub(super) fn before(panel: &Panel, origin: Week) -> Panel {
    let known = |cell: &&Cell| cell.period.is_some_and(|period| period.end < origin.monday());
    let mut position = vec![None; panel.segments.len()];
    let mut segments = Vec::new();
    let mut cells = Vec::new();
    // Cells come sorted by segment, so positions are handed out in segment order.
    for cell in panel.cells.iter().filter(known) {
        let place = *position[cell.segment].get_or_insert_with(|| {
            segments.push(panel.segments[cell.segment].clone());
            segments.len() - 1
        });
        cells.push(Cell { segment: place, ..cell.clone() });
    }
    Panel { segments, cells, ..panel.clone() }
}

/// A cell as predictors see it: where, when, how much money, and how many actions there were.
#[derive(Debug, Clone, Copy)]
pub(super) struct WeeklyRow<'a> {
    /// The segment.
    pub(super) segment: &'a Segment,
    /// Its first and last week on the number line of weeks.
    pub(super) weeks: (i64, i64),
    /// Money.
    pub(super) spend: f64,
    /// Active actions.
    pub(super) count: f64,
    /// The cell itself.
    pub(super) cell: &'a Cell,
}

impl WeeklyRow<'_> {
    /// The segment's network; empty when it names none.
    #[must_use]
    pub(super) fn network(&self) -> &str {
        self.segment.get(Attribute::Network).unwrap_or_default()
    }

    /// Number of weeks touched.
    #[must_use]
    pub(super) fn length(&self) -> f64 {
        (self.weeks.1 - self.weeks.0 + 1) as f64
    }
}

/// The cells that can be learnt from and scored: dated, with money, with a reported count that
/// was not suppressed.
pub(super) fn rows(panel: &Panel) -> Vec<WeeklyRow<'_>> {
    let row = |cell| {
        let cell: &Cell = cell;
        let period = cell.period?;
        let kinds = cell.actions.active_kinds();
        let hidden = kinds.iter().any(|kind| cell.censored.contains(kind));
        let count = cell.actions.active().filter(|_| !hidden && cell.spend > 0.0)?;
        Some(WeeklyRow {
            segment: &panel.segments[cell.segment],
            weeks: (Week::of(period.start).index(), Week::of(period.end).index()),
            spend: cell.spend,
            count,
            cell,
        })
    };
    panel.cells.iter().filter_map(row).collect()
}

/// The rows that lie within so many weeks from an origin.
pub(super) fn within<'a>(rows: &[WeeklyRow<'a>], origin: Week, horizon: u32) -> Vec<WeeklyRow<'a>> {
    let first = origin.index();
    let last = first + i64::from(horizon) - 1;
    rows.iter().filter(|row| first <= row.weeks.0 && row.weeks.1 <= last).copied().collect()
}

/// Money and a new start by week of one segment, for the weeks `from..to`.
pub(super) fn weekly_spends(cells: &[&Cell], from: i64, to: i64) -> Vec<(f64, bool)> {
    let mut weeks = vec![(0.0, false); (to - from).max(0) as usize];
    for cell in cells {
        let Some(period) = cell.period else { continue };
        let (first, last) = (Week::of(period.start).index(), Week::of(period.end).index());
        let share = cell.spend / (last - first + 1) as f64;
        for week in first.max(from)..=last.min(to - 1) {
            weeks[(week - from) as usize].0 += share;
            weeks[(week - from) as usize].1 |= cell.new_creative && week == first;
        }
    }
    weeks
}

/// Cells by segment position, in order of time.
pub(super) fn cells_by_segment(panel: &Panel) -> BTreeMap<usize, Vec<&Cell>> {
    let mut by_segment: BTreeMap<usize, Vec<&Cell>> = BTreeMap::new();
    for cell in &panel.cells {
        by_segment.entry(cell.segment).or_default().push(cell);
    }
    by_segment
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Action, Counts};
    use crate::panel::Period;
    use crate::train::data::prepare::by_week;
    use jiff::civil::{Date, date};

    fn cell(segment: usize, start: Date, end: Date, spend: f64, clicks: f64) -> Cell {
        let mut actions = Counts::default();
        actions.set(Action::Clicks, Some(clicks));
        Cell {
            segment,
            period: Some(Period { start, end }),
            spend,
            impressions: None,
            reach: Some(5.0),
            actions,
            censored: Vec::new(),
            at_least: Counts::default(),
            from_breakdown: false,
            new_creative: false,
            designed: false,
        }
    }

    fn panel(cells: Vec<Cell>) -> Panel {
        let segments = ["a", "b"].map(|id| Segment { id: id.into(), attributes: BTreeMap::new() });
        Panel { segments: segments.to_vec(), cells, ..Panel::default() }
    }

    #[test]
    fn days_become_weeks_and_longer_rows_stay() {
        // 2026-01-05 is a Monday.
        let days = panel(vec![
            cell(0, date(2026, 1, 5), date(2026, 1, 5), 10.0, 1.0),
            cell(0, date(2026, 1, 11), date(2026, 1, 11), 20.0, 2.0),
            cell(0, date(2026, 1, 12), date(2026, 1, 12), 40.0, 4.0),
            cell(1, date(2026, 1, 5), date(2026, 2, 1), 80.0, 8.0),
        ]);
        let weeks = by_week(&days);
        let told: Vec<(usize, f64, Option<f64>)> =
            weeks.cells.iter().map(|c| (c.segment, c.spend, c.actions.active())).collect();
        assert_eq!(told, [(0, 30.0, Some(3.0)), (0, 40.0, Some(4.0)), (1, 80.0, Some(8.0))]);
        assert_eq!(weeks.cells[0].reach, None);
        assert_eq!(weeks.cells[2].period.unwrap().days(), 28);
    }

    #[test]
    fn nothing_after_the_origin_is_known() {
        let origin = Week::of(date(2026, 1, 12));
        let all = by_week(&panel(vec![
            cell(0, date(2026, 1, 12), date(2026, 1, 18), 40.0, 4.0),
            cell(1, date(2026, 1, 5), date(2026, 1, 11), 30.0, 3.0),
            cell(1, date(2026, 1, 5), date(2026, 1, 18), 80.0, 8.0),
        ]));
        let past = before(&all, origin);
        assert_eq!(past.cells.len(), 1);
        assert_eq!(past.segments.len(), 1);
        assert_eq!(past.segments[past.cells[0].segment].id, "b");
        let rows = rows(&all);
        let ahead = within(&rows, origin, 1);
        assert_eq!(ahead.len(), 1);
        assert_eq!(ahead[0].segment.id, "a");
    }

    #[test]
    fn suppressed_and_unpaid_cells_are_not_scored() {
        let mut hidden = cell(0, date(2026, 1, 5), date(2026, 1, 11), 40.0, 5.0);
        hidden.censored.push(Action::Clicks);
        let unpaid = cell(1, date(2026, 1, 5), date(2026, 1, 11), 0.0, 3.0);
        assert!(rows(&panel(vec![hidden, unpaid])).is_empty());
    }

    #[test]
    fn money_of_long_rows_is_shown_by_week() {
        let long = cell(0, date(2026, 1, 5), date(2026, 2, 1), 80.0, 8.0);
        let first = Week::of(date(2026, 1, 5)).index();
        let spends = weekly_spends(&[&long], first - 1, first + 3);
        assert_eq!(spends.iter().map(|w| w.0).collect::<Vec<_>>(), [0.0, 20.0, 20.0, 20.0]);
    }
}
