//! How far a segment's own weekly money varied: what its curve can be read from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::calendar::weeks_of;
use crate::numeric::digits::{short, within};
use crate::numeric::summary::spread;
use crate::panel::{Cell, Panel};
use crate::units::Week;

/// The weeks of money that a segment was really tried at.
///
/// Rows that the platform divided say nothing of a curve, and rows of many weeks hide how the money
/// lay in them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tried {
    /// How many there are.
    pub weeks: u32,
    /// Standard deviation of the log of their money per week.
    pub spread: f64,
    /// Money of the highest week; `None` without dates.
    pub highest: Option<f64>,
    /// Calendar weeks with such money; 0 without dates.
    #[serde(default)]
    pub calendar: u32,
}

/// A row of more weeks than this does not say what its weeks were.
pub(crate) const LONGEST_ROW: f64 = 2.0;
/// Fewer weeks than this draw no curve: with six, three numbers of a curve leave three to doubt it.
const LEAST_WEEKS: u32 = 6;
/// Money within some 15 % of its usual all the time was tried at one place.
const LEAST_SPREAD: f64 = 0.15;
/// Of the spread that the priors leave to what twice the usual spend brings, less than this share is
/// left where a curve counts as learnt. A year of weeks at half, once and one and a half times the
/// usual leaves 0.5 to 0.75, four such months 0.6 to 1, four weeks 0.8 to 1.
const LEFT: f64 = 0.85;

impl Tried {
    /// Of every segment, in the panel's order: weeks that tell how its curve bends, and the highest
    /// of all. `only_designed`: whether a segment's weeks tell of its bend only where they were
    /// designed.
    pub(crate) fn of(panel: &Panel, only_designed: impl Fn(usize) -> bool) -> Vec<Self> {
        let mut logs: Vec<Vec<f64>> = vec![Vec::new(); panel.segments.len()];
        let bends = |cell: &&Cell| cell.designed || !only_designed(cell.segment);
        for cell in panel.cells.iter().filter(|cell| is_lever(cell)).filter(bends) {
            logs[cell.segment].push((cell.spend / weeks_of(cell)).ln());
        }
        let of = |(logs, (highest, calendar)): (&Vec<f64>, (Option<f64>, u32))| {
            let spread = if logs.is_empty() { 0.0 } else { short(spread(logs)) };
            Self { weeks: logs.len() as u32, spread, highest: highest.map(short), calendar }
        };
        logs.iter().zip(highest_weeks(panel)).map(of).collect()
    }

    /// Whether a curve counts as learnt from these weeks, of which the posterior leaves a share
    /// `left` of the prior's spread.
    pub(crate) fn is_learnt(self, left: f64) -> bool {
        self.weeks >= LEAST_WEEKS && self.spread >= LEAST_SPREAD && left < LEFT
    }

    pub(crate) fn check(self, id: &str) -> Result<(), String> {
        within(&format!("`{id}` spread of its money"), self.spread, 0.0, 100.0)?;
        within(&format!("`{id}` highest week"), self.highest.unwrap_or(0.0), 0.0, 1e18)
    }
}

/// Money of each segment's highest week: the week's rows together, a row across weeks by its days;
/// a row of up to two weeks counts at least by its mean. And how many weeks there are.
fn highest_weeks(panel: &Panel) -> Vec<(Option<f64>, u32)> {
    let mut weeks: BTreeMap<(usize, Week), f64> = BTreeMap::new();
    let mut highest: Vec<Option<f64>> = vec![None; panel.segments.len()];
    let mut raise = |segment: usize, money: f64| {
        highest[segment] = Some(highest[segment].map_or(money, |most: f64| most.max(money)));
    };
    for cell in panel.cells.iter().filter(|cell| is_lever(cell)) {
        let Some(period) = cell.period else { continue };
        for (week, share) in period.by_week() {
            *weeks.entry((cell.segment, week)).or_insert(0.0) += share * cell.spend;
        }
        raise(cell.segment, cell.spend / weeks_of(cell));
    }
    let mut calendar = vec![0; panel.segments.len()];
    for ((segment, _), money) in weeks {
        raise(segment, money);
        calendar[segment] += 1;
    }
    highest.into_iter().zip(calendar).collect()
}

/// Whether a row says what a segment does at a week's money that a person chose.
pub(crate) fn is_lever(cell: &Cell) -> bool {
    cell.spend > 0.0 && !cell.from_breakdown && weeks_of(cell) <= LONGEST_ROW
}

#[cfg(test)]
mod tests {
    use crate::random::Seed;
    use crate::train::markets::{Form, Market, Planner, Settings};
    use crate::train::{Specification, fit};

    /// Share of curves that count as learnt, over three markets of twelve audiences.
    fn learnt(settings: &Settings) -> f64 {
        let mut share = 0.0;
        for seed in 1..=3 {
            let settings = Settings { segments: 12, networks: 2, ..settings.clone() };
            let market = Market::make(&settings, Seed(seed));
            let model = fit(&market.panel, &Specification::default(), Seed(1)).unwrap();
            share += (0..12).filter(|&i| model.curve_learnt(i)).count() as f64 / 36.0;
        }
        share
    }

    #[test]
    fn a_curve_is_learnt_from_weeks_at_designed_spends_and_not_from_weeks_at_one() {
        let of = |planner, weeks, form| {
            learnt(&Settings { weeks, planner, form, ..Settings::default() })
        };
        for form in [Form::Saturating, Form::Power] {
            let long = of(Planner::Designs, 60, form);
            let wandering = of(Planner::Wanders, 60, form);
            assert!(long > 0.85 && wandering > 0.5, "{form:?}: {long} {wandering}");
            assert_eq!(of(Planner::Repeats, 60, form), 0.0, "{form:?}: one spend");
            assert_eq!(of(Planner::Designs, 4, form), 0.0, "{form:?}: four weeks");
            // Weeks that followed demand bend as demand does.
            assert!(of(Planner::Follows(0.9), 60, form) < 0.1, "{form:?}: followed");
        }
    }

    #[test]
    fn the_highest_week_adds_up_what_lies_in_it() {
        let mut panel =
            Market::make(&Settings { weeks: 4, idle: 0.0, ..Settings::default() }, Seed(1)).panel;
        panel.cells.retain(|cell| cell.segment < 3);
        for (at, cell) in panel.cells.iter_mut().enumerate() {
            cell.spend = [100.0, 300.0, 200.0, 50.0][at % 4];
        }
        // Days of one week; a row of ten days, of which seven lie in one week; a row of a month.
        let period = |cell: &crate::panel::Cell| cell.period.unwrap();
        let (start, day) = (period(&panel.cells[0]).start, |n: i64| jiff::Span::new().days(n));
        let mut days: Vec<crate::panel::Cell> = vec![panel.cells[0].clone(); 2];
        for (at, cell) in days.iter_mut().enumerate() {
            let on = start.saturating_add(day(at as i64));
            cell.period = Some(crate::panel::Period { start: on, end: on });
            cell.spend = 180.0;
        }
        panel.cells.splice(0..1, days);
        panel.cells[5].period =
            Some(crate::panel::Period { start, end: start.saturating_add(day(9)) });
        panel.cells[5].spend = 500.0;
        for cell in panel.cells.iter_mut().skip(9) {
            cell.period = Some(crate::panel::Period { start, end: start.saturating_add(day(27)) });
        }
        let highest: Vec<Option<f64>> =
            super::Tried::of(&panel, |_| false).iter().take(3).map(|own| own.highest).collect();
        // 7 of 10 days of 500 make 350, and a second week of 300 has the other three days' 150.
        assert_eq!(highest, [Some(360.0), Some(450.0), None]);
    }
}
