//! Predictive distributions of cells from a model's joint draws, at the spend really made.

use std::collections::BTreeMap;

use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use super::judge::Predictive;
use super::weekly::{WeeklyRow, weekly_spends};
use crate::panel::Cell;
use crate::random::{Purpose, Seed};
use crate::response::flight::WeeklyResponse;
use crate::response::memory::{Remembered, WEEKS};
use crate::segment::Segment;
use crate::train::effects::delay::Stock;
use crate::train::posterior::draws::Draws;
use crate::units::Week;

/// Weeks that are played before the first one predicted: all that can be remembered, and as many for
/// money that works a week later.
const MEMORY: i64 = 2 * (WEEKS as i64 - 1);

/// Predicts the wanted cells of one segment each, in their order.
///
/// `draws` are for the segments of `wanted` over the weeks from `origin`; `past` has the cells of
/// each segment that the model was fitted on, by segment id; `delay` is the share of a segment's money
/// that the model found to bring its actions a week later.
pub(super) fn cells(
    draws: &Draws,
    delay: impl Fn(&Segment) -> f64 + Sync,
    past: &BTreeMap<&str, Vec<&Cell>>,
    wanted: &[WeeklyRow<'_>],
    origin: Week,
    seed: Seed,
) -> Vec<Predictive> {
    let shocks = shocks(draws, seed);
    let mut by_segment: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, row) in wanted.iter().enumerate() {
        by_segment.entry(&row.segment.id).or_default().push(i);
    }
    let positions: BTreeMap<&str, usize> = draws
        .segments
        .iter()
        .enumerate()
        .map(|(position, segment)| (segment.segment.id.as_str(), position))
        .collect();
    let groups: Vec<(&str, Vec<usize>)> = by_segment.into_iter().collect();
    let predicted: Vec<Vec<Predictive>> = groups
        .par_iter()
        .map(|(id, members)| {
            let rows: Vec<&WeeklyRow<'_>> = members.iter().map(|&i| &wanted[i]).collect();
            let known = past.get(id).map_or(&[][..], Vec::as_slice);
            one_segment(draws, &delay, positions[id], known, &rows, origin, &shocks)
        })
        .collect();
    let mut all: Vec<Option<Predictive>> = vec![None; wanted.len()];
    for ((_, members), predictions) in groups.iter().zip(predicted) {
        for (&i, prediction) in members.iter().zip(predictions) {
            all[i] = Some(prediction);
        }
    }
    all.into_iter().map(|p| p.expect("every cell belongs to a segment")).collect()
}

/// Shocks of the weeks ahead, `draws × (networks × weeks)`, of mean exponent 1: all segments of a
/// network share them.
fn shocks(draws: &Draws, seed: Seed) -> Vec<Vec<f64>> {
    let width = draws.networks.len() * draws.season_len();
    let one = |(d, shared): (usize, &crate::train::posterior::draws::SharedDraw)| {
        let mut rng = seed.stream(Purpose::Backtest, d as u64);
        let sd = shared.shock_sd;
        let shock = |z: f64| (sd * z - 0.5 * sd * sd).exp();
        (0..width).map(|_| shock(StandardNormal.sample(&mut rng))).collect()
    };
    draws.shared.iter().enumerate().map(one).collect()
}

fn one_segment(
    draws: &Draws,
    delay: impl Fn(&Segment) -> f64,
    segment: usize,
    known: &[&Cell],
    rows: &[&WeeklyRow<'_>],
    origin: Week,
    shocks: &[Vec<f64>],
) -> Vec<Predictive> {
    let first = origin.index();
    let last = first + draws.season_len() as i64;
    let mut cells: Vec<&Cell> = known.to_vec();
    cells.extend(rows.iter().map(|row| row.cell));
    let spends = weekly_spends(&cells, played_from(known, first), last);
    let delay = delay(&draws.segments[segment].segment);
    let at_work = at_work(&spends, delay, known.is_empty());
    let usual = usual_spend(known);
    let network = draws.segments[segment].network;
    let n_weeks = draws.season_len();
    let before = spends.len() - n_weeks;
    let mut predictions: Vec<Predictive> = rows
        .iter()
        .map(|_| Predictive {
            means: Vec::with_capacity(draws.len()),
            dispersions: Vec::with_capacity(draws.len()),
        })
        .collect();
    for (d, shared) in draws.shared.iter().enumerate() {
        let response = draws.response(segment, d);
        let ahead = played(&response, &at_work, before, known.is_empty());
        let baseline = draws.segments[segment].draws[d].baseline;
        let season: Vec<f64> = draws
            .season(d, network)
            .zip(&shocks[d][network * n_weeks..(network + 1) * n_weeks])
            .map(|(season, shock)| season * shock)
            .collect();
        for (row, prediction) in rows.iter().zip(&mut predictions) {
            let mut mean = 0.0;
            for week in row.weeks.0..=row.weeks.1 {
                let t = (week - first) as usize;
                let gain = if let Some(usual) = usual.filter(|_| row.cell.from_breakdown) {
                    // The platform divided this money: more of it is more of the same.
                    response.steady(usual) * row.spend / row.length() / usual
                } else {
                    let whole = spends[before + t].0;
                    ahead[t] * row.spend / row.length() / whole
                };
                mean += baseline + gain * season[t];
            }
            prediction.means.push(mean);
            prediction.dispersions.push(shared.dispersion[network]);
        }
    }
    predictions
}

/// The week from which a segment is played: its first cell, or [`MEMORY`] weeks before the first one
/// predicted. What lies before the first cell is not known to be empty: an audience taken to be
/// fresh would promise a short history far more than a draw with a long memory has learnt.
fn played_from(known: &[&Cell], first: i64) -> i64 {
    let starts = known.iter().filter_map(|cell| cell.period);
    let shown = starts.map(|period| Week::of(period.start).index()).min().unwrap_or(first);
    shown.clamp(first - MEMORY, first)
}

/// Money at work by week: a share of each week's is still to bring its actions a week later. Before
/// the first week shown a segment ran as in it; a new one had nothing.
fn at_work(spends: &[(f64, bool)], delay: f64, new: bool) -> Vec<(f64, bool)> {
    let past = if new { 0.0 } else { spends.first().map_or(0.0, |(spend, _)| *spend) };
    let mut stock = Stock::new(delay, past);
    let weeks = spends.iter().enumerate();
    weeks.map(|(week, (spend, fresh))| (stock.at(week as i64, *spend), *fresh)).collect()
}

/// Expected actions of each week ahead, without season; so many weeks `before` them are shown.
///
/// A segment seen before is taken to have run as in its first week shown, as in training; a new one
/// starts with nobody having seen anything.
fn played(response: &WeeklyResponse, spends: &[(f64, bool)], before: usize, new: bool) -> Vec<f64> {
    let mut remembered =
        if new { Remembered::NOTHING } else { Remembered::steady(response.exposure(spends[0].0)) };
    let mut ahead = Vec::with_capacity(spends.len() - before);
    for (t, (spend, fresh)) in spends.iter().enumerate() {
        let exposure = response.exposure(*spend);
        if *fresh {
            remembered = Remembered::NOTHING;
        }
        if t >= before {
            ahead.push(response.gain(&remembered, exposure));
        }
        remembered.pass(exposure);
    }
    ahead
}

/// Mean weekly spend over the weeks with spend.
fn usual_spend(cells: &[&Cell]) -> Option<f64> {
    let paid = || cells.iter().filter(|cell| cell.spend > 0.0);
    let weeks: f64 = paid().map(|c| c.period.map_or(1.0, |p| p.weeks().max(1.0))).sum();
    let spend: f64 = paid().map(|cell| cell.spend).sum();
    (weeks > 0.0).then(|| spend / weeks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(carryover: f64) -> WeeklyResponse {
        WeeklyResponse {
            ceiling: 200.0,
            scale: 100.0,
            shape: 1.0,
            cpm_rise: 0.1,
            reference_spend: 50.0,
            carryover,
        }
    }

    #[test]
    fn a_steady_spend_brings_the_steady_response() {
        let response = response(0.4);
        let spends = vec![(70.0, false); MEMORY as usize + 3];
        for week in played(&response, &spends, MEMORY as usize, false) {
            assert!((week - response.steady(70.0)).abs() < 1e-9);
        }
    }

    #[test]
    fn delayed_money_works_a_week_later_and_steady_money_as_ever() {
        let rising = [(10.0, false), (10.0, false), (40.0, false), (0.0, true)];
        assert_eq!(at_work(&rising, 0.0, true), rising);
        let expected = [(10.0, false), (10.0, false), (32.5, false), (8.125, true)];
        assert_eq!(at_work(&rising, 0.25, false), expected);
        assert_eq!(at_work(&rising, 0.25, true)[0], (7.5, false));
    }

    #[test]
    fn a_new_post_starts_without_memory() {
        let response = response(0.6);
        let mut spends = vec![(70.0, false); MEMORY as usize + 2];
        spends[MEMORY as usize].1 = true;
        let ahead = played(&response, &spends, MEMORY as usize, false);
        assert!((ahead[0] - response.week(70.0)).abs() < 1e-9);
        assert!(ahead[1] < ahead[0]);
    }

    #[test]
    fn a_history_is_played_from_its_first_cell_or_as_far_as_memory_goes() {
        let cell = |start: jiff::civil::Date, weeks: i64| Cell {
            segment: 0,
            period: Some(crate::panel::Period {
                start,
                end: start.saturating_add(jiff::Span::new().days(7 * weeks - 1)),
            }),
            spend: 10.0,
            impressions: None,
            reach: None,
            actions: crate::action::Counts::default(),
            censored: Vec::new(),
            at_least: crate::action::Counts::default(),
            from_breakdown: false,
            new_creative: false,
            designed: false,
        };
        let origin = Week::of(jiff::civil::date(2026, 3, 2)).index();
        let recent = cell(jiff::civil::date(2026, 2, 9), 1);
        assert_eq!(played_from(&[&recent], origin), origin - 3);
        let old = cell(jiff::civil::date(2024, 1, 1), 1);
        assert_eq!(played_from(&[&old, &recent], origin), origin - MEMORY);
        assert_eq!(played_from(&[], origin), origin);
    }

    #[test]
    fn it_agrees_with_the_response_module() {
        let response = response(0.5);
        let mut spends = vec![(0.0, false); MEMORY as usize];
        spends.extend([(30.0, false), (0.0, false), (90.0, false)]);
        let mut memory = Remembered::NOTHING;
        let expected: Vec<f64> = response.weeks([30.0, 0.0, 90.0], &mut memory).collect();
        for (found, expected) in
            played(&response, &spends, MEMORY as usize, true).iter().zip(expected)
        {
            assert!((found - expected).abs() < 1e-12);
        }
    }
}
