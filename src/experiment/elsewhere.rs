//! A test that somebody else designed, given its schedule as a table.
//!
//! How its schedule came about is not known, so a law is supposed and told: the order of each
//! audience's factors was drawn by lot, audience by audience. The schedule is then compared with
//! others of the same factors in another order.

use std::collections::BTreeMap;

use rand::seq::SliceRandom;
use thiserror::Error;

use super::randomise::{Comparison, Residuals};
use super::reading::{Cell, Reading, Rule, Verdict, log_count};
use super::table::ScheduledWeek;
use crate::language::{Explain, Language};
use crate::panel::{DesignedWeek, Panel};
use crate::random::{Purpose, Seed};
use crate::segment::Attribute;
use crate::units::Week;

/// Factor and money of an audience, week by week, where the table has a row.
type FactorRow = Vec<Option<(f64, f64)>>;

/// A schedule, audience by audience and week by week.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    /// Positions in the panel's segments.
    audiences: Vec<usize>,
    first: Week,
    weeks: usize,
    rows: Vec<FactorRow>,
}

/// Why a schedule cannot be read.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ElsewhereError {
    /// The history knows no such audience.
    #[error("found the segment `{found}`, known: {known:?}")]
    Segment {
        /// What was found.
        found: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A row has no factor above 0.
    #[error("`{segment}`, {week}: no factor")]
    Factor {
        /// The audience.
        segment: String,
        /// The week.
        week: Week,
    },
    /// Fewer than two weeks, or more than any test has.
    #[error("{0} weeks")]
    Weeks(i64),
}

impl Explain for ElsewhereError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::Segment { found, known } => {
                let known = language.some_of(known);
                language.say("experiment-error-segment", &[("found", found), ("known", &known)])
            }
            Self::Factor { segment, week } => {
                let week = week.to_string();
                language.say("experiment-error-factor", &[("segment", segment), ("week", &week)])
            }
            Self::Weeks(found) => language.count(
                "experiment-error-weeks",
                u64::try_from(*found).unwrap_or_default(),
                &[],
            ),
        }
    }
}

/// No test has more weeks.
const MOST_WEEKS: i64 = 520;
/// Dispersion of weekly counts that weights suppose.
const SIZE: f64 = 6.0;
/// Cells are told in hundredths of a unit of money.
const UNIT: f64 = 100.0;

impl Elsewhere {
    /// Lays a table out over the segments of a panel.
    ///
    /// # Errors
    ///
    /// [`ElsewhereError`] says which row is none of a test's.
    pub fn new(table: &[ScheduledWeek], panel: &Panel) -> Result<Self, ElsewhereError> {
        let indices = || table.iter().map(|row| row.week.index());
        let (from, to) = (indices().min().unwrap_or(0), indices().max().unwrap_or(0));
        if !(1..MOST_WEEKS).contains(&(to - from)) {
            return Err(ElsewhereError::Weeks(to - from + 1));
        }
        let weeks = (to - from + 1) as usize;
        let mut rows: BTreeMap<usize, FactorRow> = BTreeMap::new();
        for row in table {
            let place = panel.segments.iter().position(|own| own.id == row.segment);
            let place = place.ok_or_else(|| ElsewhereError::Segment {
                found: row.segment.clone(),
                known: panel.segments.iter().map(|own| own.id.clone()).collect(),
            })?;
            let Some(factor) = row.factor.filter(|factor| *factor > 0.0) else {
                let segment = row.segment.clone();
                return Err(ElsewhereError::Factor { segment, week: row.week });
            };
            let own = rows.entry(place).or_insert_with(|| vec![None; weeks]);
            own[(row.week.index() - from) as usize] = Some((factor, row.budget));
        }
        let first = table.iter().map(|row| row.week).min().expect("there are weeks");
        let (audiences, rows) = rows.into_iter().unzip();
        Ok(Self { audiences, first, weeks, rows })
    }

    /// The last week.
    #[must_use]
    pub fn last(&self) -> Week {
        self.first.plus(self.weeks as i64 - 1)
    }

    /// The first week.
    #[must_use]
    pub fn first(&self) -> Week {
        self.first
    }

    /// Ids of the audiences, in the order of a reading's cells.
    #[must_use]
    pub fn ids<'a>(&self, panel: &'a Panel) -> Vec<&'a str> {
        self.audiences.iter().map(|i| panel.segments[*i].id.as_str()).collect()
    }

    /// Reads the test, and which of its weeks were designed; `None` where the panel has no money in
    /// any of them.
    #[must_use]
    pub fn read(
        &self,
        panel: &Panel,
        rule: &Rule,
        seed: Seed,
    ) -> Option<(Reading, Vec<DesignedWeek>)> {
        let (counts, delivered) = self.outcome(panel);
        if delivered.iter().flatten().all(|money| *money == 0.0) {
            return None;
        }
        let residuals = Residuals::new(&self.networks(panel), &self.weights(panel));
        let log_counts: Vec<f64> = counts.iter().flatten().map(|y| log_count(*y)).collect();
        let z = log_factors(&self.rows);
        let mut rng = seed.stream(Purpose::Experiment, 3);
        let redrawn = (0..rule.n_redrawn).map(|_| {
            let mut rows = self.rows.clone();
            for row in &mut rows {
                let mut factors: Vec<_> = row.iter().copied().flatten().collect();
                factors.shuffle(&mut rng);
                for (cell, factor) in row.iter_mut().filter(|cell| cell.is_some()).zip(factors) {
                    *cell = Some(factor);
                }
            }
            log_factors(&rows)
        });
        let compared = Comparison::new(&residuals, &log_counts, &z, redrawn);
        let log10_possible = self.rows.iter().map(orders).sum::<f64>();
        let enough = log10_possible >= rule.least_possible.log10();
        let p = |beta: f64| compared.as_ref().map_or(1.0, |own| own.p(beta));
        let cells = self.strays(&delivered, rule);
        let money = |cells: &mut dyn Iterator<Item = (usize, usize)>| -> f64 {
            cells.filter_map(|(i, t)| self.rows[i][t]).map(|(_, budget)| budget).sum()
        };
        let all = (0..self.rows.len()).flat_map(|i| (0..self.weeks).map(move |t| (i, t)));
        let astray = money(&mut cells.iter().map(|cell| (cell.audience, cell.week)));
        let mut reading = Reading {
            verdict: Verdict::Underpowered,
            estimate: compared.as_ref().map(Comparison::estimate).filter(|beta| beta.is_finite()),
            interval: compared
                .as_ref()
                .map(|own| own.interval(rule.level))
                .filter(|(low, high)| enough && low.is_finite() && high.is_finite()),
            p_nothing: p(0.0),
            p_proportion: p(1.0),
            log10_possible,
            unfollowed: astray / money(&mut { all }).max(f64::MIN_POSITIVE),
            follows: self.follows(&residuals, &z, &delivered),
            cells,
        };
        reading.verdict = rule.verdict(&reading, 1.0);
        let designed = self.designed(panel, &reading);
        Some((reading, designed))
    }

    fn outcome(&self, panel: &Panel) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
        let nothing = vec![vec![0.0; self.weeks]; self.audiences.len()];
        let (mut counts, mut delivered) = (nothing.clone(), nothing);
        for cell in &panel.cells {
            let place = self.audiences.binary_search(&cell.segment);
            let (Ok(i), Some(period)) = (place, cell.period) else { continue };
            for (week, share) in period.by_week() {
                let at = usize::try_from(week.index() - self.first.index()).ok();
                let Some(t) = at.filter(|t| *t < self.weeks) else { continue };
                counts[i][t] += share * cell.counted();
                delivered[i][t] += share * cell.spend;
            }
        }
        (counts, delivered)
    }

    fn networks(&self, panel: &Panel) -> Vec<usize> {
        let name = |i: &usize| panel.segments[*i].get(Attribute::Network).unwrap_or_default();
        let mut names: Vec<&str> = self.audiences.iter().map(name).collect();
        let all = names.clone();
        names.sort_unstable();
        names.dedup();
        all.iter().map(|own| names.partition_point(|name| name < own)).collect()
    }

    /// The inverse variance of a log count of each audience's weeks before the test: they know
    /// nothing of the schedule. Without any, all alike.
    fn weights(&self, panel: &Panel) -> Vec<Vec<f64>> {
        let mut before = vec![(0.0, 0.0); self.audiences.len()];
        for cell in panel.cells.iter().filter(|cell| cell.spend > 0.0) {
            let place = self.audiences.binary_search(&cell.segment);
            let (Ok(i), Some(period)) = (place, cell.period) else { continue };
            if Week::of(period.end) < self.first {
                before[i].0 += cell.counted();
                before[i].1 += period.weeks();
            }
        }
        let row = |((actions, weeks), row): (&(f64, f64), &FactorRow)| {
            let weight = if *weeks > 0.0 && *actions > 0.0 {
                1.0 / (weeks / actions + 1.0 / SIZE)
            } else {
                1.0
            };
            row.iter().map(|cell| if cell.is_some() { weight } else { 0.0 }).collect()
        };
        before.iter().zip(&self.rows).map(row).collect()
    }

    fn strays(&self, delivered: &[Vec<f64>], rule: &Rule) -> Vec<Cell> {
        let mut strays = Vec::new();
        for (audience, (row, delivered)) in self.rows.iter().zip(delivered).enumerate() {
            for (week, (cell, delivered)) in row.iter().zip(delivered).enumerate() {
                let Some((_, budget)) = cell else { continue };
                if (delivered - budget).abs() > (rule.tolerance * budget).max(0.05) {
                    let (scheduled, delivered) = ((budget * UNIT).round() as i64, delivered * UNIT);
                    strays.push(Cell { audience, week, scheduled, delivered });
                }
            }
        }
        strays
    }

    /// Log factor delivered per log factor scheduled.
    fn follows(&self, residuals: &Residuals, z: &[f64], delivered: &[Vec<f64>]) -> f64 {
        let factor = |(cell, money): (&Option<(f64, f64)>, &f64)| {
            let planned = cell.map(|(factor, budget)| budget / factor).filter(|own| *own > 0.0);
            planned.map_or(0.0, |planned| (money / planned).max(0.01).ln())
        };
        let cells = self.rows.iter().flatten().zip(delivered.iter().flatten());
        let factors: Vec<f64> = cells.map(factor).collect();
        let own = residuals.of(z);
        let square = residuals.product(&own, &own);
        if square > 0.0 { residuals.product(&own, &factors) / square } else { 0.0 }
    }

    fn designed(&self, panel: &Panel, reading: &Reading) -> Vec<DesignedWeek> {
        let strays = |cell: &(usize, usize)| {
            reading.cells.iter().any(|own| (own.audience, own.week) == *cell)
        };
        self.told(panel, |cell| !strays(cell))
    }

    /// All weeks that the table has.
    #[must_use]
    pub fn drawn(&self, panel: &Panel) -> Vec<DesignedWeek> {
        self.told(panel, |_| true)
    }

    fn told(&self, panel: &Panel, keeps: impl Fn(&(usize, usize)) -> bool) -> Vec<DesignedWeek> {
        let cells = (0..self.rows.len()).flat_map(|i| (0..self.weeks).map(move |t| (i, t)));
        cells
            .filter(|cell| self.rows[cell.0][cell.1].is_some() && keeps(cell))
            .map(|(i, t)| DesignedWeek {
                attributes: panel.segments[self.audiences[i]].attributes.clone(),
                week: self.first.plus(t as i64),
            })
            .collect()
    }
}

/// Log (base 10) of the number of orders of a row's factors.
fn orders(row: &FactorRow) -> f64 {
    let mut factors: Vec<f64> = row.iter().flatten().map(|cell| cell.0).collect();
    factors.sort_by(f64::total_cmp);
    let factorial = |n: usize| (1..=n).map(|k| (k as f64).log10()).sum::<f64>();
    let alike = factors.chunk_by(|a, b| a == b).map(|own| factorial(own.len())).sum::<f64>();
    factorial(factors.len()) - alike
}

fn log_factors(rows: &[FactorRow]) -> Vec<f64> {
    rows.iter().flatten().map(|cell| cell.map_or(0.0, |(factor, _)| factor.ln())).collect()
}

#[cfg(test)]
mod tests {
    use rand_distr::{Distribution, Poisson, StandardNormal};

    use super::*;
    use crate::action::{Action, Counts};
    use crate::panel::Period;
    use crate::segment::Segment;

    /// Eight audiences over twelve weeks at a half, once or one and a half times 100, in an order
    /// drawn by lot; actions follow money by 0.6 of its log, and a week moves all of them.
    fn world(seed: u64) -> (Vec<ScheduledWeek>, Panel) {
        let mut rng = Seed(seed).stream(Purpose::Generate, 0);
        let first: Week = "2026-W10".parse().unwrap();
        let mut panel = Panel { actions: vec![Action::Clicks], ..Panel::default() };
        let shocks: Vec<f64> = (0..12).map(|_| 0.2 * rng_normal(&mut rng)).collect();
        let mut table = Vec::new();
        for i in 0..8 {
            let id = format!("a{i}");
            let attributes = [("network".to_owned(), format!("n{}", i % 2))].into();
            panel.segments.push(Segment { id: id.clone(), attributes });
            let mut factors = [0.5, 1.0, 1.5].repeat(4);
            factors.shuffle(&mut rng);
            for (t, factor) in factors.into_iter().enumerate() {
                let week = first.plus(t as i64);
                let mean = 60.0 * f64::powf(factor, 0.6) * shocks[t].exp();
                let mut cell = crate::panel::Cell {
                    segment: i,
                    period: Some(Period { start: week.monday(), end: week.sunday() }),
                    spend: 100.0 * factor,
                    impressions: None,
                    reach: None,
                    actions: Counts::default(),
                    censored: Vec::new(),
                    at_least: Counts::default(),
                    from_breakdown: false,
                    new_creative: false,
                    designed: false,
                };
                let count = Poisson::new(mean).unwrap().sample(&mut rng);
                cell.actions.set(Action::Clicks, Some(count));
                panel.cells.push(cell);
                let (segment, budget) = (id.clone(), 100.0 * factor);
                table.push(ScheduledWeek { segment, week, factor: Some(factor), budget });
            }
        }
        (table, panel)
    }

    fn rng_normal(rng: &mut impl rand::Rng) -> f64 {
        StandardNormal.sample(rng)
    }

    fn read(table: &[ScheduledWeek], panel: &Panel) -> (Reading, Vec<DesignedWeek>) {
        let rule = Rule { n_redrawn: 199, ..Rule::default() };
        Elsewhere::new(table, panel).unwrap().read(panel, &rule, Seed(1)).unwrap()
    }

    #[test]
    fn a_schedule_drawn_elsewhere_is_read_by_the_orders_it_might_have_had() {
        // 36 of 40 are expected; 31 or fewer have a chance of 1 %. Last measured: 36.
        let readings: Vec<Reading> = (0..40)
            .map(|seed| {
                let (table, panel) = world(seed);
                read(&table, &panel).0
            })
            .collect();
        let covers = |own: &&Reading| own.interval.is_some_and(|(a, b)| a <= 0.6 && 0.6 <= b);
        let covered = readings.iter().filter(covers).count();
        assert!((32..40).contains(&covered), "{covered} of 40");
        assert!(readings.iter().filter(|own| own.verdict == Verdict::Learnt).count() > 30);
        // (12! / 4!³)⁸ orders.
        assert!((readings[0].log10_possible - 8.0 * 34_650.0_f64.log10()).abs() < 1e-9);
    }

    #[test]
    fn what_was_not_followed_is_told_and_not_marked() {
        let (table, mut panel) = world(1);
        panel.cells[3].spend *= 1.3;
        let (reading, designed) = read(&table, &panel);
        assert_eq!(reading.cells.len(), 1);
        assert_eq!((reading.cells[0].audience, reading.cells[0].week), (0, 3));
        assert_eq!(designed.len(), 8 * 12 - 1);
        panel.cells.iter_mut().step_by(2).for_each(|cell| cell.spend *= 0.5);
        assert_eq!(read(&table, &panel).0.verdict, Verdict::Broken);
    }

    #[test]
    fn a_table_that_is_no_schedule_is_refused() {
        let (table, panel) = world(2);
        let refused = |change: &dyn Fn(&mut ScheduledWeek)| {
            let mut table = table.clone();
            change(&mut table[5]);
            Elsewhere::new(&table, &panel).unwrap_err()
        };
        let unknown = refused(&|row| row.segment = "b".to_owned());
        assert!(matches!(unknown, ElsewhereError::Segment { found, .. } if found == "b"));
        assert!(matches!(refused(&|row| row.factor = None), ElsewhereError::Factor { .. }));
        assert!(matches!(refused(&|row| row.factor = Some(0.0)), ElsewhereError::Factor { .. }));
        let far = refused(&|row| row.week = "2050-W01".parse().unwrap());
        assert!(matches!(far, ElsewhereError::Weeks(_)));
    }
}
