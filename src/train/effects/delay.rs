//! Actions that come in the weeks after the money: a geometric delay, as media-mix models have it
//! (adstock; Jin et al. 2017): the money at work in a week is `x_t = (1 − a) s_t + a x_{t−1}`.
//!
//! At a steady spend `x = s`, so the curve that is learnt, planned with and predicted from is that of
//! steady weeks. It is not the memory of exposure (`ρ`, in the likelihood), by which earlier weeks
//! use up an audience: a delay makes them bring actions now.
//!
//! `a` is found before the fit, one number per network, because that costs next to nothing and a
//! history without it (the usual case: networks attribute an action to the day of the click) is
//! then learnt as if there were no such thing. For each share tried, every segment's counts (square
//! roots, whose noise is even) are regressed on a smooth form of the money at work, on season and
//! trend; the shares' profile likelihoods are added up over segments. A delay is believed when it
//! is worth [`WORTH`] logs more than the prior takes and than the same delay backwards in time: what
//! moves slowly beside the money looks alike in both directions, what money causes comes after it.
//! And the smallest share tried must be better than none already: where earlier weeks take actions
//! away (an audience remembers) it is worse.
//! That `a` is then taken as known (its profile is some hundredths wide where it is believed).
//!
//! Measured on panels made as Robyn, Meridian and PyMC-Marketing make them (`a` 0.2 to 0.6; 12 to 24
//! segments, 80 to 140 weeks): worth 27 to 250 logs, `a` within 0.05 mostly; on real exports and on
//! twenty kinds of panels without any delay (season in the money, shocks, trends): at most 3.
//! What it repairs (80 % intervals at the usual spend and at twice, median error; before, after): a
//! delay of 0.4 alone 62 and 47 %, now 86 and 83 %, error 3.3 and 5.5 %; with an organic level,
//! season and trend besides, error 37 to 58 % with hardly a truth inside, now 6 to 8 % with 64 to
//! 78 % inside.
//!
//! Plans and simulations take weeks as steady: what a flight's money brings after its last week is
//! counted in the flight, and what earlier money still brings in its first weeks is not.

use std::collections::BTreeMap;

use crate::panel::{Cell, Panel};
use crate::train::data::calendar::{network_of, weeks_of};
use crate::train::data::specification::Specification;
use crate::units::Week;

/// Shares that are tried.
const STEP: f64 = 0.05;
const STEPS: usize = 17;
/// Logs of likelihood that a delay must be worth.
const WORTH: f64 = 6.0;
/// How far one network's delay departs from the common one.
const BETWEEN_NETWORKS: f64 = 0.15;
/// What a segment needs to be asked: rows, rows with money, actions.
const LEAST_ROWS: usize = 12;
const LEAST_PAID: usize = 8;
const LEAST_ACTIONS: f64 = 20.0;
/// Segments that are asked at most, evenly taken: more of them add digits alone.
const MOST_SEGMENTS: usize = 400;
/// Spread of the prior where a specification names none.
const PRIOR: f64 = 0.3;

/// Share of money at work a week later, by network; a network without delay is not in it.
pub(crate) type Delays = BTreeMap<String, f64>;

/// Money at work: what is left of earlier weeks, and this week's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stock {
    share: f64,
    left: f64,
    last: Option<i64>,
}

impl Stock {
    /// Before the first row, `past` money per week was at work.
    pub(crate) fn new(share: f64, past: f64) -> Self {
        Self { share, left: past, last: None }
    }

    /// Money at work in a week of `spend`; weeks between rows had none.
    pub(crate) fn at(&mut self, week: i64, spend: f64) -> f64 {
        if self.share > 0.0 {
            let gone = self.last.map_or(0, |last| (week - last - 1).clamp(0, 1000) as i32);
            self.left = (1.0 - self.share) * spend + self.share * self.left * self.share.powi(gone);
            self.last = Some(week);
            self.left
        } else {
            spend
        }
    }
}

/// Money per week before a segment's first row: as in its own weeks where the history begins with
/// it, none where the history is older.
pub(crate) fn past(first: i64, history: i64, mean: f64) -> f64 {
    if first <= history { mean } else { 0.0 }
}

/// Week of a cell that is one week or part of it.
pub(crate) fn week_of(cell: &Cell) -> Option<i64> {
    let period = cell.period?;
    (weeks_of(cell) < 1.5).then(|| Week::of(period.start).index())
}

/// One segment as the regression sees it.
struct Series {
    network: usize,
    weeks: Vec<i64>,
    /// Money over its usual, and roots of counts.
    spends: Vec<f64>,
    roots: Vec<f64>,
    past: f64,
}

/// Profile log likelihoods against no delay, forwards and backwards in time.
#[derive(Debug, Clone, Default)]
struct Profile {
    forwards: [f64; STEPS],
    backwards: [f64; STEPS],
}

/// Looks for a delay.
pub(crate) fn find(panel: &Panel, specification: &Specification) -> Delays {
    let names: Vec<&str> = {
        let mut names: Vec<&str> = panel.segments.iter().map(network_of).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let series = series(panel, &names);
    let mut profiles = vec![Profile::default(); names.len()];
    for own in &series {
        let (forwards, backwards) = (own.profile(false), own.profile(true));
        let profile = &mut profiles[own.network];
        for at in 0..STEPS {
            profile.forwards[at] += forwards[at];
            profile.backwards[at] += backwards[at];
        }
    }
    let sum = |of: &dyn Fn(&Profile) -> [f64; STEPS]| {
        let mut sum = [0.0; STEPS];
        for profile in &profiles {
            sum.iter_mut().zip(of(profile)).for_each(|(sum, value)| *sum += value);
        }
        sum
    };
    let prior = specification.prior.get("delay").map_or(PRIOR, |prior| prior.sd);
    let forwards = sum(&|profile| profile.forwards);
    let (common, worth) = best(&forwards, |a| -0.5 * (a / prior).powi(2));
    let (_, other) = best(&sum(&|profile| profile.backwards), |_| 0.0);
    if forwards[1] <= 0.0 || worth - other < WORTH {
        return Delays::new();
    }
    let of_network = |profile: &Profile| {
        best(&profile.forwards, |a| -0.5 * ((a - common) / BETWEEN_NETWORKS).powi(2)).0
    };
    let found =
        names.iter().zip(&profiles).map(|(name, own)| ((*name).to_owned(), of_network(own)));
    found.filter(|(_, share)| *share > 0.0).collect()
}

/// Highest place of a profile and a penalty, between the shares tried, and its height.
fn best(profile: &[f64; STEPS], penalty: impl Fn(f64) -> f64) -> (f64, f64) {
    let value = |at: usize| profile[at] + penalty(at as f64 * STEP);
    let top = (0..STEPS).max_by(|a, b| value(*a).total_cmp(&value(*b))).unwrap_or(0);
    if top == 0 || top + 1 == STEPS {
        return (top as f64 * STEP, value(top));
    }
    let (before, here, after) = (value(top - 1), value(top), value(top + 1));
    let bend = (before - 2.0 * here + after).min(-1e-9);
    let off = (0.5 * (before - after) / bend).clamp(-0.5, 0.5);
    ((top as f64 + off) * STEP, here)
}

fn series(panel: &Panel, names: &[&str]) -> Vec<Series> {
    let mut cells: Vec<Vec<(i64, f64, f64)>> = vec![Vec::new(); panel.segments.len()];
    let mut whole = vec![true; panel.segments.len()];
    let mut history = i64::MAX;
    for cell in &panel.cells {
        let count = cell.actions.active().filter(|_| cell.censored.is_empty());
        match (week_of(cell), count) {
            (Some(week), Some(count)) if !cell.from_breakdown => {
                history = history.min(week);
                cells[cell.segment].push((week, cell.spend, count));
            }
            _ => whole[cell.segment] = false,
        }
    }
    let speaks = |own: &[(i64, f64, f64)]| {
        own.len() >= LEAST_ROWS
            && own.iter().filter(|row| row.1 > 0.0).count() >= LEAST_PAID
            && own.iter().map(|row| row.2).sum::<f64>() >= LEAST_ACTIONS
    };
    let able: Vec<usize> = (0..cells.len()).filter(|i| whole[*i] && speaks(&cells[*i])).collect();
    let every = able.len().div_ceil(MOST_SEGMENTS).max(1);
    able.into_iter()
        .step_by(every)
        .map(|i| {
            let own = &mut cells[i];
            own.sort_by_key(|row| row.0);
            let paid: Vec<f64> = own.iter().map(|row| row.1).filter(|s| *s > 0.0).collect();
            let usual = paid.iter().sum::<f64>() / paid.len() as f64;
            let mean = paid.iter().sum::<f64>() / usual / own.len() as f64;
            let network = network_of(&panel.segments[i]);
            Series {
                network: names.binary_search(&network).expect("names come from the same segments"),
                weeks: own.iter().map(|row| row.0).collect(),
                spends: own.iter().map(|row| row.1 / usual).collect(),
                roots: own.iter().map(|row| row.2.sqrt()).collect(),
                past: past(own[0].0, history, mean),
            }
        })
        .collect()
}

impl Series {
    /// Log likelihood of each share tried against none.
    fn profile(&self, backwards: bool) -> [f64; STEPS] {
        let half = 0.5 * self.roots.len() as f64;
        let squares: [f64; STEPS] =
            std::array::from_fn(|at| self.squares(&self.at_work(at as f64 * STEP, backwards)));
        squares.map(|own| half * (squares[0] / own).ln())
    }

    /// Money at work in each row; backwards, what later weeks' money would have done.
    fn at_work(&self, share: f64, backwards: bool) -> Vec<f64> {
        let mut stock = Stock::new(share, if backwards { self.spends[0] } else { self.past });
        let rows = self.weeks.iter().zip(&self.spends);
        if backwards {
            let mut at_work: Vec<f64> =
                rows.rev().map(|(week, spend)| stock.at(-week, *spend)).collect();
            at_work.reverse();
            at_work
        } else {
            rows.map(|(week, spend)| stock.at(*week, *spend)).collect()
        }
    }

    /// Squares left by a smooth form of the money at work, season and trend.
    fn squares(&self, at_work: &[f64]) -> f64 {
        let angle =
            |week: i64| std::f64::consts::TAU * week as f64 / crate::train::data::calendar::YEAR;
        let of = |form: &dyn Fn(f64) -> f64| at_work.iter().map(|x| form(*x)).collect::<Vec<f64>>();
        let weeks = |form: &dyn Fn(i64) -> f64| self.weeks.iter().map(|w| form(*w)).collect();
        // No more freedom than a bent line: in a history of few different spends a freer form finds
        // its way through any weeks at work.
        let mut columns = vec![of(&|_| 1.0), of(&|x| x / (1.0 + x)), of(&|x| x)];
        if self.weeks.len() >= 20 {
            let first = self.weeks[0];
            columns.push(weeks(&|week| (week - first) as f64));
            columns.push(weeks(&|week| angle(week).sin()));
            columns.push(weeks(&|week| angle(week).cos()));
        }
        left_over(&self.roots, columns).max(1e-3)
    }
}

/// Sum of squares that a regression on `columns` leaves, by orthogonalising one after another.
fn left_over(values: &[f64], mut columns: Vec<Vec<f64>>) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut rest = values.to_vec();
    for at in 0..columns.len() {
        let (done, todo) = columns.split_at_mut(at);
        let column = &mut todo[0];
        let before = dot(column, column);
        for earlier in done.iter() {
            let along = dot(column, earlier);
            column.iter_mut().zip(earlier).for_each(|(x, q)| *x -= along * q);
        }
        let size = dot(column, column);
        // A column that the others hold already adds nothing but rounding.
        let scale = if size > 1e-9 * before { size.sqrt().recip() } else { 0.0 };
        for x in column.iter_mut() {
            *x *= scale;
        }
        let along = dot(&rest, column);
        rest.iter_mut().zip(column.iter()).for_each(|(x, q)| *x -= along * q);
    }
    dot(&rest, &rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;
    use crate::train::worlds::{Settings, world};

    #[test]
    fn money_at_work_is_the_spend_of_steady_weeks_and_fades_without_it() {
        let mut stock = Stock::new(0.4, 50.0);
        assert!((stock.at(10, 50.0) - 50.0).abs() < 1e-12);
        assert!((stock.at(11, 0.0) - 20.0).abs() < 1e-12);
        // Two weeks without a row, then a row.
        assert!((stock.at(14, 0.0) - 20.0 * 0.4_f64.powi(3)).abs() < 1e-12);
        assert_eq!(Stock::new(0.0, 50.0).at(10, 7.0), 7.0);
    }

    #[test]
    fn what_a_regression_leaves_is_what_its_columns_do_not_hold() {
        let ones = vec![1.0; 4];
        let line = vec![0.0, 1.0, 2.0, 3.0];
        let values = [1.0, 3.0, 5.0, 8.0];
        // By hand: slope 2.3, intercept 0.8, residuals 0.2, -0.1, -0.4, 0.3.
        let twice = vec![ones, line.clone(), line];
        assert!((left_over(&values, twice) - 0.3).abs() < 1e-12);
    }

    #[test]
    fn a_delay_is_found_where_there_is_one_and_nowhere_else() {
        let specification = Specification::default();
        for delay in [0.0, 0.25, 0.5] {
            for (seed, baseline) in [(1, false), (2, true), (3, false)] {
                let settings = Settings { delay, baseline, weeks: 60, ..Settings::default() };
                let found = find(&world(&settings, Seed(seed)).panel, &specification);
                if delay == 0.0 {
                    assert!(found.is_empty(), "{found:?}");
                } else {
                    assert_eq!(found.len(), 2);
                    for share in found.values() {
                        assert!((share - delay).abs() < 0.1, "{delay}: {found:?}");
                    }
                }
            }
        }
    }
}
