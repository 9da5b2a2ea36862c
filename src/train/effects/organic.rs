//! Whether a panel has an organic level: actions that come in weeks without money and that late
//! attribution of ads does not explain.
//!
//! An export of ads attributes every action to an ad, so weeks without money hold none, or the few
//! that come after an ad has stopped. In a media-mix or post-level panel people act in every week,
//! paid or not; left out of the model, that level is mistaken for what money brings, and for a
//! curve that flattens early. So the weeks without money are asked, each count over its segment's
//! mean count in weeks with money:
//!
//! 1. Together they must hold at least [`LEAST_LEVEL`] of that and [`LEAST_ACTIONS`] actions, also
//!    without the segment that holds most of them (one ad set booked wrongly is no organic level).
//! 2. What is left of earlier weeks with money (their counts, fading by a share per week, and
//!    bent, as a saturated response to fading money is) must not explain them: either a constant
//!    explains them about as well ([`CLEARLY`]), or a constant beside the fading one remains,
//!    [`LEAST_LEVEL`] or more and twice its standard error.
//!
//!    Where a delay was found ([`delay`]) this is not asked: the fit knows what earlier money still
//!    brings, and tells it from a level by itself.
//!
//! Measured: real exports of ads (Meta, `TikTok`, X, display: 413 rows without money) hold 0 to 0.05 %
//! in them (one row of all has an action), media-mix panels of other people's simulators 7 to 66 %. Learnt where there is none, a level costs nothing as long as there are weeks without
//! money: on panels with a delay and no level
//! the median error is 2.4 % with it.
//!
//! A panel with money in every week shows no such weeks, and nothing is decided by its curvature:
//! see [`Evidence::of`].

use std::collections::BTreeMap;

use serde::Serialize;

use super::delay;
use super::delay::{Delays, Stock};
use crate::panel::{Cell, Panel};
use crate::train::data::calendar::{network_of, weeks_of};
use crate::units::Week;

/// Share of the segments' mean count in weeks with money that is worth a parameter.
const LEAST_LEVEL: f64 = 0.02;
/// Fewer actions than this say nothing.
const LEAST_ACTIONS: f64 = 10.0;
/// Logs of likelihood by which fading must explain the counts better than a constant.
const CLEARLY: f64 = 4.0;
/// Standard errors by which a constant must stand out beside fading.
const STANDS_OUT: f64 = 2.0;
/// Shares of earlier money still at work a week later that are tried, …
const FADES: [f64; 4] = [0.15, 0.3, 0.5, 0.7];
/// … and powers by which their effect is bent.
const BENDS: [f64; 3] = [0.4, 0.7, 1.0];
/// A mean count above this says no more about a ratio: dispersion and differences between segments
/// are the larger noise.
const ENOUGH: f64 = 30.0;

/// What the weeks without money say.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Evidence {
    /// Rows without money that report actions or their absence.
    pub rows: usize,
    /// Their actions, over the mean count of their segments in weeks with money.
    pub level: f64,
    /// The same once what fades after money is taken away.
    pub constant: f64,
    /// Whether an organic level is learnt.
    pub organic: bool,
}

/// A week without money: its segment, its count and its segment's mean count in weeks with money,
/// and what is left of earlier money.
#[derive(Debug, Clone)]
struct Unpaid {
    segment: usize,
    count: f64,
    usual: f64,
    left: Left,
}

/// Counts of earlier weeks that fade as each of [`FADES`] says, and last the money that the delay
/// found in this network has still at work.
type Left = [f64; FADES.len() + 1];

impl Evidence {
    /// Reads the weeks without money; `None` where there is none.
    ///
    /// A panel with money in every week is not asked by its curvature whether it has an organic
    /// level, although a level makes response look flatter than any curve through 0. Saturation and
    /// a level are told apart by weeks of little money alone; elsewhere prior and form of the curve
    /// decide, and wrongly as often as not: on panels of 24 segments by 104 weeks of money in every
    /// week, what money brings is off by 2 % without and 13 % with a level learnt where there is
    /// none, and by 33 % and 11 % where a third comes by itself; with a delay besides, by 30 % and
    /// 47 %. `baseline = true` is for the person who knows.
    pub(crate) fn of(panel: &Panel, delays: &Delays) -> Option<Self> {
        let unpaid = unpaid(panel, delays);
        if unpaid.is_empty() {
            return None;
        }
        let level = level(unpaid.iter());
        let nothing = Self { rows: unpaid.len(), level, constant: 0.0, organic: false };
        if !speaks(&unpaid) {
            return Some(nothing);
        }
        let constant = regression(&unpaid, |_| 0.0, true);
        let bent = (0..=FADES.len()).flat_map(|at| BENDS.map(|bend| (at, bend)));
        let (mut fading, mut both) = (f64::INFINITY, constant);
        for (at, bend) in bent {
            let left = |row: &Unpaid| row.left[at].powf(bend);
            let alone = regression(&unpaid, left, false);
            let beside = regression(&unpaid, left, true);
            fading = fading.min(alone.squares);
            if beside.by_left > 0.0 && beside.squares < both.squares {
                both = if beside.constant > 0.0 { beside } else { alone };
            }
        }
        let better = 0.5 * unpaid.len() as f64 * (constant.squares / fading.max(1e-300)).ln();
        let remains =
            both.constant >= LEAST_LEVEL && both.constant >= STANDS_OUT * both.standard_error;
        let organic = !delays.is_empty() || better <= CLEARLY || remains;
        Some(Self { constant: both.constant, organic, ..nothing })
    }
}

/// Whether there are actions enough, in more than one segment where there are several.
fn speaks(unpaid: &[Unpaid]) -> bool {
    let mut by_segment: BTreeMap<usize, f64> = BTreeMap::new();
    for row in unpaid {
        *by_segment.entry(row.segment).or_default() += row.count;
    }
    let most = by_segment.iter().max_by(|a, b| a.1.total_cmp(b.1)).map(|(segment, _)| *segment);
    let others = |row: &&Unpaid| by_segment.len() < 3 || Some(row.segment) != most;
    let enough = unpaid.iter().map(|row| row.count).sum::<f64>() >= LEAST_ACTIONS;
    enough
        && level(unpaid.iter()) >= LEAST_LEVEL
        && level(unpaid.iter().filter(others)) >= LEAST_LEVEL
}

fn level<'a>(rows: impl Iterator<Item = &'a Unpaid>) -> f64 {
    let (count, usual) = rows.fold((0.0, 0.0), |sum, row| (sum.0 + row.count, sum.1 + row.usual));
    if usual > 0.0 { count / usual } else { 0.0 }
}

/// The weeks without money, each with what is left of its segment's earlier weeks with money.
fn unpaid(panel: &Panel, delays: &Delays) -> Vec<Unpaid> {
    let mut by_segment: Vec<Vec<(Option<i64>, &Cell, f64)>> =
        vec![Vec::new(); panel.segments.len()];
    for cell in &panel.cells {
        let known = cell.actions.active().filter(|_| cell.censored.is_empty());
        if let Some(count) = known {
            let week = cell.period.map(|period| Week::of(period.start).index());
            by_segment[cell.segment].push((week, cell, count / weeks_of(cell)));
        }
    }
    let history = panel.cells.iter().filter_map(delay::week_of).min().unwrap_or(0);
    let mean = |own: &[(Option<i64>, &Cell, f64)]| {
        let paid: Vec<f64> =
            own.iter().filter(|(_, cell, _)| cell.spend > 0.0).map(|row| row.2).collect();
        (!paid.is_empty()).then(|| paid.iter().sum::<f64>() / paid.len() as f64)
    };
    let means: Vec<f64> =
        by_segment.iter().filter_map(|own| mean(own)).filter(|mean| *mean > 0.0).collect();
    if means.is_empty() {
        return Vec::new();
    }
    // A segment that never had money, or none of whose money brought anything, has the others'.
    let common = means.iter().sum::<f64>() / means.len() as f64;
    let mut unpaid = Vec::new();
    for (segment, own) in by_segment.iter_mut().enumerate() {
        own.sort_by_key(|row| row.0);
        let usual = mean(own).filter(|mean| *mean > 0.0).unwrap_or(common);
        let mut money = at_work(own, delays.get(network_of(&panel.segments[segment])), history);
        let (mut left, mut last): ([f64; FADES.len()], Option<i64>) = ([0.0; FADES.len()], None);
        for (week, cell, count) in own.iter() {
            let gone = week.zip(last).map(|(week, last)| (week - last - 1).clamp(0, 1000) as i32);
            for (left, fade) in left.iter_mut().zip(FADES) {
                // A row without a date is remembered by no other.
                *left = gone.map_or(0.0, |gone| *left * fade.powi(gone));
            }
            let paid = cell.spend > 0.0;
            if !paid {
                let mut all = [money.next().unwrap_or(0.0); FADES.len() + 1];
                all[..FADES.len()].copy_from_slice(&left);
                unpaid.push(Unpaid { segment, count: *count, usual, left: all });
            }
            for (left, fade) in left.iter_mut().zip(FADES) {
                *left = fade * *left + if paid { count / usual } else { 0.0 };
            }
            last = *week;
        }
    }
    unpaid
}

/// Money still at work in a segment's weeks without money, over its usual spend; 0 without delay.
fn at_work(
    own: &[(Option<i64>, &Cell, f64)],
    share: Option<&f64>,
    history: i64,
) -> std::vec::IntoIter<f64> {
    let paid: Vec<f64> = own.iter().map(|row| row.1.spend).filter(|spend| *spend > 0.0).collect();
    let (Some(share), Some(first)) = (share, own.first().and_then(|row| row.0)) else {
        return Vec::new().into_iter();
    };
    let total = paid.iter().sum::<f64>();
    if paid.is_empty() {
        return Vec::new().into_iter();
    }
    let past = delay::past(first, history, total / own.len() as f64);
    let mut stock = Stock::new(*share, past);
    let usual = total / paid.len() as f64;
    let rows = own
        .iter()
        .map(|(week, cell, _)| (cell.spend, stock.at(week.unwrap_or(first), cell.spend) / usual));
    let unpaid: Vec<f64> = rows.filter(|row| row.0 <= 0.0).map(|row| row.1).collect();
    unpaid.into_iter()
}

/// One weighted regression of the ratios on a constant and on what is left of earlier money.
#[derive(Debug, Clone, Copy, Default)]
struct Regression {
    constant: f64,
    by_left: f64,
    /// Weighted sum of squared residuals, and the constant's standard error (robust to uneven
    /// noise: White 1980).
    squares: f64,
    standard_error: f64,
}

fn regression(rows: &[Unpaid], left: impl Fn(&Unpaid) -> f64, level: bool) -> Regression {
    let one = f64::from(u8::from(level));
    let all = || {
        rows.iter().map(|row| {
            let weight = row.usual / (1.0 + row.usual / ENOUGH);
            (weight, row.count / row.usual, one, left(row))
        })
    };
    let mut normal = [1e-12_f64; 3];
    normal[1] = 0.0;
    let mut right = [0.0; 2];
    for (weight, ratio, one, left) in all() {
        normal[0] += weight * one * one;
        normal[1] += weight * one * left;
        normal[2] += weight * left * left;
        right[0] += weight * one * ratio;
        right[1] += weight * left * ratio;
    }
    let determinant = (normal[0] * normal[2] - normal[1] * normal[1]).max(1e-300);
    let solve = |a: f64, b: f64| {
        (
            (normal[2] * a - normal[1] * b) / determinant,
            (normal[0] * b - normal[1] * a) / determinant,
        )
    };
    let (constant, by_left) = solve(right[0], right[1]);
    let (mut squares, mut variance) = (0.0, 0.0);
    for (weight, ratio, one, left) in all() {
        let residual = ratio - constant * one - by_left * left;
        squares += weight * residual * residual;
        variance += (solve(weight * one * residual, weight * left * residual).0).powi(2);
    }
    Regression { constant, by_left, squares, standard_error: variance.sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Action;
    use crate::random::Seed;
    use crate::train::worlds::{Settings, world};

    fn actions(cell: &mut Cell, count: f64) {
        cell.actions.set(Action::Clicks, Some(count.round()));
    }

    #[test]
    fn an_organic_level_is_seen_in_every_world_that_has_one() {
        for seed in 0..6 {
            for dated in [true, false] {
                let settings = Settings { baseline: true, dated, ..Settings::default() };
                let found =
                    Evidence::of(&world(&settings, Seed(seed)).panel, &Delays::new()).unwrap();
                assert!(found.organic && found.constant > 0.02, "{seed}: {found:?}");
            }
        }
    }

    #[test]
    fn ads_without_actions_where_there_is_no_money_have_no_organic_level() {
        let panel = world(&Settings::default(), Seed(3)).panel;
        let found = Evidence::of(&panel, &Delays::new()).unwrap();
        assert!(!found.organic && found.level == 0.0 && found.rows > 100, "{found:?}");
        let paid = world(&Settings { idle: 0.0, ..Settings::default() }, Seed(3)).panel;
        assert_eq!(Evidence::of(&paid, &Delays::new()), None);
    }

    #[test]
    fn actions_that_fade_after_the_money_are_the_ads() {
        for seed in 0..6 {
            let mut panel = world(&Settings::default(), Seed(seed)).panel;
            let mut late: BTreeMap<usize, f64> = BTreeMap::new();
            for cell in &mut panel.cells {
                let before = late.entry(cell.segment).or_default();
                if cell.spend == 0.0 {
                    actions(cell, 0.12 * *before);
                    *before *= 0.12;
                } else {
                    *before = cell.actions.active().unwrap();
                }
            }
            let found = Evidence::of(&panel, &Delays::new()).unwrap();
            assert!(found.level > 0.05 && !found.organic, "{seed}: {found:?}");
        }
    }

    #[test]
    fn one_segment_booked_wrongly_is_no_organic_level() {
        let mut panel = world(&Settings::default(), Seed(3)).panel;
        for cell in panel.cells.iter_mut().filter(|cell| cell.spend == 0.0 && cell.segment == 4) {
            actions(cell, 2000.0);
        }
        let found = Evidence::of(&panel, &Delays::new()).unwrap();
        assert!(found.level > LEAST_LEVEL && !found.organic, "{found:?}");
    }
}
