//! What is done to a panel before anything is learnt: days become weeks, and rows that cannot
//! belong with the rest are set aside.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::calendar::weeks_of;
use crate::panel::{Cell, Panel, Period};
use crate::train::fitted::note::TrainNote;
use crate::units::Week;

/// A panel ready to be learnt from, with message keys of what was done to it.
pub(crate) struct Prepared<'a> {
    pub panel: Cow<'a, Panel>,
    /// What is learnt from, when it is less than the panel.
    pub taught: Option<Panel>,
    pub notes: Vec<TrainNote>,
    /// Rows set aside.
    pub left_out: usize,
    /// Segments, by position, with nothing behind them: they answer as their relatives do.
    pub bare: BTreeSet<usize>,
}

/// Adds up rows inside one week and sets outliers aside.
pub(crate) fn prepare(panel: &Panel) -> Prepared<'_> {
    let mut prepared = Prepared {
        panel: Cow::Borrowed(panel),
        taught: None,
        notes: Vec::new(),
        left_out: 0,
        bare: BTreeSet::new(),
    };
    if shares_weeks(panel) {
        prepared.panel = Cow::Owned(by_week(panel));
        prepared.notes.push(TrainNote::DaysAddedUp);
    }
    let outliers = outliers(&prepared.panel);
    if !outliers.is_empty() {
        prepared.left_out = outliers.len();
        prepared.notes.push(TrainNote::Outliers);
        prepared.panel = Cow::Owned(without(&prepared.panel, &outliers));
    }
    if let Some(span) = panel.span()
        && prepared.notes.contains(&TrainNote::DaysAddedUp)
    {
        prepared.taught = whole_weeks(&prepared.panel, span);
    }
    let taught = prepared.taught.as_ref().unwrap_or(prepared.panel.as_ref());
    let dust = Dust::of(taught);
    if !dust.cells.is_empty() {
        prepared.taught = Some(without(taught, &dust.cells));
    }
    prepared.bare = dust.segments;
    prepared
}

/// Money that says nothing: rows that could not be expected to bring an action, beside a typical
/// one of their segment or their panel.
///
/// A row of a cent without actions is no sign of a bad audience, and one with an action no sign of a
/// splendid one; at the foot of a curve it would speak for the hundreds of euros above it.
struct Dust {
    /// Positions of cells.
    cells: BTreeSet<usize>,
    /// Segments of which nothing is left.
    segments: BTreeSet<usize>,
}

/// Actions that money must have been expected to bring to say anything of a segment.
const LEAST_EXPECTED: f64 = 1.0;
/// … and its share of a typical segment's money: where all is thin, nothing is dust.
const LEAST_MONEY: f64 = 0.02;
/// The same for one row beside its segment's typical row.
const LEAST_ROW: f64 = 0.01;

impl Dust {
    fn of(panel: &Panel) -> Self {
        let mut spends: Vec<Vec<f64>> = vec![Vec::new(); panel.segments.len()];
        let (mut actions, mut money) = (0.0, 0.0);
        for cell in panel.cells.iter().filter(|cell| cell.spend > 0.0) {
            if let (Some(count), Some(own)) = (cell.active_range(), spends.get_mut(cell.segment)) {
                own.push(cell.spend / weeks_of(cell));
                actions += 0.5 * (count.0 + count.1);
                money += cell.spend;
            }
        }
        let rate = if money > 0.0 { actions / money } else { 0.0 };
        let mut totals = vec![0.0; panel.segments.len()];
        for cell in &panel.cells {
            totals[cell.segment] += cell.spend;
        }
        let typical = median(totals.iter().copied().filter(|total| *total > 0.0).collect());
        let is_bare = |total: f64| {
            total > 0.0 && total * rate < LEAST_EXPECTED && total < LEAST_MONEY * typical
        };
        let segments: BTreeSet<usize> = (0..totals.len()).filter(|i| is_bare(totals[*i])).collect();
        let rows: Vec<f64> = spends.into_iter().map(median).collect();
        let is_dust = |cell: &Cell| {
            let small = cell.spend * rate < 0.1 * LEAST_EXPECTED
                && cell.spend / weeks_of(cell) < LEAST_ROW * rows[cell.segment];
            segments.contains(&cell.segment) || cell.spend > 0.0 && small
        };
        let cells = panel.cells.iter().enumerate().filter(|(_, cell)| is_dust(cell));
        Self { cells: cells.map(|(at, _)| at).collect(), segments }
    }
}

/// A panel without some of its cells; a creative that was new in one of them is new in the row that
/// follows.
fn without(panel: &Panel, cells: &BTreeSet<usize>) -> Panel {
    let mut new = vec![false; panel.segments.len()];
    let mut kept = Vec::with_capacity(panel.cells.len());
    for (at, cell) in panel.cells.iter().enumerate() {
        let new = &mut new[cell.segment];
        *new |= cell.new_creative;
        if !cells.contains(&at) {
            kept.push(Cell { new_creative: std::mem::take(new), ..cell.clone() });
        }
    }
    Panel { cells: kept, ..panel.clone() }
}

/// Weeks that must remain when those cut off by the ends of a history go.
const LEAST_WEEKS: i64 = 4;

/// A panel by weeks without the weeks that the ends of a history of days cut off: two days of money
/// and actions are not a quiet week. `None` when nothing is cut off, or too little would remain.
pub(crate) fn whole_weeks(panel: &Panel, days: Period) -> Option<Panel> {
    let (first, last) = (Week::of(days.start), Week::of(days.end));
    let cut_first = days.start > first.monday();
    let cut_last = days.end < last.sunday();
    let remain = last.index() - first.index() + 1 - i64::from(cut_first) - i64::from(cut_last);
    if !(cut_first || cut_last) || remain < LEAST_WEEKS {
        return None;
    }
    let cut = |cell: &Cell| {
        let week = cell.period.and_then(|period| period.week());
        week.is_some_and(|week| cut_first && week == first || cut_last && week == last)
    };
    let cells = panel.cells.iter().filter(|cell| !cut(cell)).cloned().collect();
    Some(Panel { cells, ..panel.clone() })
}

/// Whether a segment has several rows inside one ISO week.
pub(crate) fn shares_weeks(panel: &Panel) -> bool {
    let mut seen = BTreeSet::new();
    panel.cells.iter().any(|cell| {
        let week = cell.period.and_then(|period| period.week());
        week.is_some_and(|week| !seen.insert((cell.segment, week)))
    })
}

/// A panel in which all rows of a segment inside one ISO week are one cell of that week.
///
/// Longer rows and rows without dates stay what they are. Reach of days does not add up to reach
/// of a week, so it is kept only where the week was one row.
pub(crate) fn by_week(panel: &Panel) -> Panel {
    let mut sorted: Vec<&Cell> = panel.cells.iter().collect();
    let key = |cell: &Cell| {
        let period = cell.period.map(|period| match period.week() {
            Some(week) => Period { start: week.monday(), end: week.sunday() },
            None => period,
        });
        (cell.segment, period)
    };
    sorted.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.period.cmp(&b.period)));
    let together = |a: &&Cell, b: &&Cell| a.period.is_some() && key(a) == key(b);
    let cells = sorted.chunk_by(together).map(|same| joined(same, key(same[0]).1));
    Panel { cells: cells.collect(), ..panel.clone() }
}

fn joined(cells: &[&Cell], period: Option<Period>) -> Cell {
    let mut sum = cells[0].clone();
    sum.period = period;
    for cell in &cells[1..] {
        sum.spend += cell.spend;
        sum.impressions = sum.impressions.zip(cell.impressions).map(|(a, b)| a + b);
        sum.reach = None;
        sum.add_actions(cell);
        sum.from_breakdown |= cell.from_breakdown;
        sum.new_creative |= cell.new_creative;
        sum.designed &= cell.designed;
    }
    sum
}

/// A row this many logs from its segment's other rows is looked at: thirty times more or less.
const FAR: f64 = 3.4;
/// … when it is also this many typical deviations away.
const DEVIATIONS: f64 = 10.0;
/// Money a thousand times a segment's usual: a slip of units.
const SLIP: f64 = 6.9;
/// Rows that a segment needs before one of them can stand out.
const LEAST: usize = 5;

/// Positions of rows that cannot belong with the rest: a slip of the decimal point, a counter
/// that ran away.
///
/// Within a segment, log actions follow 0.7 of log spend (between proportional and saturated); a
/// row is set aside when it is both [`FAR`] away and far beyond the typical deviation of the whole
/// panel. When more than one row in fifty would go, nothing goes: that is how these data are.
fn outliers(panel: &Panel) -> BTreeSet<usize> {
    let mut by_segment: Vec<Vec<(usize, f64, f64)>> = vec![Vec::new(); panel.segments.len()];
    for (at, cell) in panel.cells.iter().enumerate() {
        let count = cell.actions.active().filter(|_| cell.censored.is_empty());
        let (Some(count), Some(own)) = (count, by_segment.get_mut(cell.segment)) else { continue };
        if cell.spend > 0.0 && count.is_finite() && cell.spend.is_finite() {
            let weeks = weeks_of(cell);
            own.push((at, (count / weeks + 0.5).ln(), (cell.spend / weeks).ln()));
        }
    }
    let mut rows: Vec<(usize, f64, f64)> = Vec::new();
    for own in by_segment.iter().filter(|own| own.len() >= LEAST) {
        let actions = median(own.iter().map(|row| row.1).collect());
        let money = median(own.iter().map(|row| row.2).collect());
        rows.extend(own.iter().map(|row| (row.0, row.1 - actions, row.2 - money)));
    }
    if rows.len() < 2 * LEAST {
        return BTreeSet::new();
    }
    let away = |row: &(usize, f64, f64)| (row.1 - 0.7 * row.2).abs();
    // 1.4826 median absolute deviations are one standard deviation of a normal.
    let typical = 1.4826 * median(rows.iter().map(away).collect());
    let limit = FAR.max(DEVIATIONS * typical);
    let found: BTreeSet<usize> = rows
        .iter()
        .filter(|row| away(row) > limit || row.2.abs() > SLIP.max(limit))
        .map(|row| row.0)
        .collect();
    if found.len() > (rows.len() / 50).max(1) { BTreeSet::new() } else { found }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_bring_no_action_says_nothing() {
        let mut panel = world(&Settings { weeks: 12, ..Settings::default() }, Seed(4)).panel;
        assert!(prepare(&panel).bare.is_empty() && prepare(&panel).taught.is_none());
        let last = panel.segments.len() - 1;
        for cell in panel.cells.iter_mut().filter(|cell| cell.segment == last) {
            cell.spend *= 1e-6;
        }
        let paid = panel.cells.iter().position(|cell| cell.spend > 1.0).unwrap();
        panel.cells[paid].spend = 0.01;
        panel.cells[paid].new_creative = true;
        let prepared = prepare(&panel);
        assert_eq!(prepared.bare.into_iter().collect::<Vec<_>>(), [last]);
        let taught = prepared.taught.unwrap();
        assert!(taught.cells.iter().all(|cell| cell.segment != last && cell.spend != 0.01));
        assert!(taught.cells[paid].new_creative, "the row that follows is new");
    }

    #[test]
    fn where_all_is_thin_nothing_is_dust() {
        let mut panel = world(&Settings { weeks: 12, ..Settings::default() }, Seed(4)).panel;
        for cell in &mut panel.cells {
            cell.spend *= 1e-6;
        }
        assert!(prepare(&panel).bare.is_empty());
    }
    use crate::random::Seed;
    use crate::train::worlds::{Settings, world};

    #[test]
    fn a_slip_of_the_decimal_point_is_set_aside_and_honest_rows_stay() {
        let mut panel = world(&Settings { weeks: 12, ..Settings::default() }, Seed(4)).panel;
        assert!(outliers(&panel).is_empty());
        let paid = panel.cells.iter().position(|cell| cell.spend > 0.0).unwrap();
        let clicks = panel.cells[paid].actions.active().unwrap();
        panel.cells[paid].actions.set(crate::action::Action::Clicks, Some(1000.0 * clicks + 1e4));
        assert_eq!(outliers(&panel).into_iter().collect::<Vec<_>>(), [paid]);
        assert_eq!(prepare(&panel).panel.cells.len(), panel.cells.len() - 1);
    }
}
