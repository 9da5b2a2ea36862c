//! What is written down before a test, and what is read from it afterwards.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::randomise::{Comparison, Residuals};
use super::schedule::{Design, Schedule};
use crate::random::{Purpose, Seed};

/// A test as it was settled before its first euro: design, coins, statistic, rule of decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Experiment {
    design: Design,
    seed: Seed,
    schedule: Schedule,
    weights: Vec<Vec<f64>>,
    statistic: Statistic,
    rule: Rule,
    #[serde(skip_serializing_if = "is_one")]
    straight: f64,
}

/// What is compared between schedules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// `Σ w z̃ (l − β z) / √(Σ w z̃²)` with `l = ln(y + ½)`, and −1 for no action.
    #[default]
    StandardisedSlope,
}

/// How a test is decided; settled before it.
///
/// *Broken*: the schedule was not followed in cells that hold more than `unfollowed` of the money
/// it moves. Cells that it does not move count for nothing here: whatever happened in them would
/// have happened under any schedule.
///
/// *Learnt*: counts rise with the schedule (`p ≤ significance` and a slope above 0; where nothing
/// follows, at most half that share of tests says so) **and** the interval says something about saturation: it lies below "no
/// saturation", or is so narrow (`half_width`) that near-proportion is itself the news. A half-width
/// of 0.3 is what tells an exponent of 0.4 from 0.7 or 0.7 from 1: without it a plan would not
/// change. "No saturation" is not 1 but the slope of delivered on scheduled money where that is
/// smaller, times the exponent that a straight response would show: a schedule followed by halves, and
/// actions that come without money, make any response look flat.
///
/// *Underpowered*: everything else, and any test that could have drawn fewer than
/// `least_possible` schedules.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Level of the interval.
    pub level: f64,
    /// Largest p value of "nothing follows the schedule".
    pub significance: f64,
    /// Half-width of an interval that speaks about saturation wherever it lies.
    pub half_width: f64,
    /// Schedules that must have been possible for an interval to be claimed.
    pub least_possible: f64,
    /// Delivered money may differ from scheduled by this share of it.
    pub tolerance: f64,
    /// Largest share of the moved money that may lie in cells that were not followed.
    pub unfollowed: f64,
    /// Schedules re-drawn. The p value is exact for any number; an end of the interval varies by
    /// some 0.03 standard errors between seeds.
    pub n_redrawn: usize,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            level: 0.9,
            significance: 0.05,
            half_width: 0.3,
            least_possible: 1000.0,
            tolerance: 0.1,
            unfollowed: 0.2,
            n_redrawn: 4999,
        }
    }
}

/// What happened, `audiences × weeks`.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Actions counted.
    pub counts: Vec<Vec<f64>>,
    /// Money delivered, minor units.
    pub delivered: Vec<Vec<f64>>,
}

/// What was learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Whether it is believed.
    pub verdict: Verdict,
    /// Percent more actions per percent more money; `None` where the schedule moves nothing that
    /// has weight.
    pub estimate: Option<f64>,
    /// The interval at the rule's level; `None` where none is claimed.
    pub interval: Option<(f64, f64)>,
    /// p value of "nothing follows the schedule".
    pub p_nothing: f64,
    /// p value of "no saturation" (exponent 1, or what a straight response would show).
    pub p_proportion: f64,
    /// How many schedules were possible, at least: a power of ten.
    pub log10_possible: f64,
    /// Share of the moved money in cells that were not followed.
    pub unfollowed: f64,
    /// Log factor delivered per log factor scheduled; 1 where the schedule was followed.
    pub follows: f64,
    /// Cells that were not followed.
    pub cells: Vec<Cell>,
}

/// The answer of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The exponent's interval may be believed and used.
    Learnt,
    /// Nothing was learnt.
    Underpowered,
    /// The schedule was not followed (where: [`Reading::cells`]).
    Broken,
}

/// A cell whose delivery was not as scheduled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Position of the audience.
    pub audience: usize,
    /// Position of the week.
    pub week: usize,
    /// Minor units.
    pub scheduled: i64,
    /// Minor units.
    pub delivered: f64,
}

/// Numbers that a test cannot be read from.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum Unreadable {
    /// A table has not one number per audience and week of the design.
    #[error("expected {audiences} audiences × {weeks} weeks")]
    Shape {
        /// Audiences of the design.
        audiences: usize,
        /// Its weeks.
        weeks: usize,
    },
    /// A weight, count or amount is not a finite number of at least 0.
    #[error("found {0}, expected a finite number of at least 0")]
    Number(f64),
    /// The schedule is not the one that the seed draws.
    #[error("the schedule is not the one that seed {} draws", .0.0)]
    OtherSchedule(Seed),
}

/// Delivered money below this share of what was planned counts as this share: its log has an end.
const LEAST_DELIVERED: f64 = 0.01;
/// Minor units by which any cell may differ.
const FEW: f64 = 5.0;

impl Experiment {
    /// Settles a test: draws its schedule. `weights` come from beliefs held before it
    /// ([`super::Noise::weights`]).
    pub fn new(
        design: Design,
        weights: Vec<Vec<f64>>,
        rule: Rule,
        seed: Seed,
    ) -> Result<Self, Unreadable> {
        checked(&design, &weights)?;
        let schedule = design.draw(seed);
        let statistic = Statistic::default();
        Ok(Self { design, seed, schedule, weights, statistic, rule, straight: 1.0 })
    }

    /// Settles the exponent that a straight response would show, below 1 where actions come without
    /// money too.
    #[must_use]
    pub fn with_straight(self, straight: f64) -> Self {
        Self { straight: straight.clamp(0.0, 1.0), ..self }
    }

    /// The exponent that a straight response would show.
    pub fn straight(&self) -> f64 {
        self.straight
    }

    /// Who exchanges how much, and when.
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// What the schedule was drawn by.
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// How it is decided.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// The schedule that was drawn.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The schedule beside others of the same rule; `None` where it moves nothing that has weight.
    pub fn compare(&self, counts: &[Vec<f64>]) -> Option<Comparison> {
        let log_counts: Vec<f64> = counts.iter().flatten().map(|&y| log_count(y)).collect();
        let mut rng = self.seed.stream(Purpose::Experiment, 2);
        let redrawn = (0..self.rule.n_redrawn).map(|_| self.design.drawn(&mut rng));
        Comparison::new(
            &self.residuals(),
            &log_counts,
            &self.design.log_factors(&self.schedule.money),
            redrawn.map(|other| self.design.log_factors(&other.money)),
        )
    }

    /// Reads the test.
    pub fn read(&self, outcome: &Outcome) -> Result<Reading, Unreadable> {
        checked(&self.design, &outcome.counts)?;
        checked(&self.design, &outcome.delivered)?;
        let compared = self.compare(&outcome.counts);
        let log10_possible = self.design.log10_possible();
        let enough = log10_possible >= self.rule.least_possible.log10();
        let p = |beta: f64| compared.as_ref().map_or(1.0, |compared| compared.p(beta));
        let mut reading = Reading {
            verdict: Verdict::Underpowered,
            estimate: compared.as_ref().map(Comparison::estimate).filter(|beta| beta.is_finite()),
            interval: compared
                .as_ref()
                .map(|compared| compared.interval(self.rule.level))
                .filter(|(low, high)| enough && low.is_finite() && high.is_finite()),
            p_nothing: p(0.0),
            p_proportion: p(self.straight),
            log10_possible,
            unfollowed: 0.0,
            follows: self.follows(&outcome.delivered),
            cells: self.not_followed(&outcome.delivered),
        };
        reading.unfollowed = self.share_of_moved(&reading.cells);
        reading.verdict = self.rule.verdict(&reading, self.straight);
        Ok(reading)
    }

    fn residuals(&self) -> Residuals {
        Residuals::new(self.design.network(), &self.weights)
    }

    /// Slope of delivered on scheduled log factors, with the weights of the reading.
    fn follows(&self, delivered: &[Vec<f64>]) -> f64 {
        let residuals = self.residuals();
        let z = residuals.of(&self.design.log_factors(&self.schedule.money));
        let factor = |(&money, &planned): (&f64, &i64)| {
            if planned > 0 { (money / planned as f64).max(LEAST_DELIVERED).ln() } else { 0.0 }
        };
        let cells = delivered.iter().flatten().zip(self.design.planned().iter().flatten());
        let factors: Vec<f64> = cells.map(factor).collect();
        let square = residuals.product(&z, &z);
        if square > 0.0 { residuals.product(&z, &factors) / square } else { 0.0 }
    }

    fn not_followed(&self, delivered: &[Vec<f64>]) -> Vec<Cell> {
        let rows = self.schedule.money.iter().zip(delivered).enumerate();
        let cells = rows.flat_map(|(audience, (scheduled, delivered))| {
            let cells = scheduled.iter().zip(delivered).enumerate();
            cells.map(move |(week, (&scheduled, &delivered))| Cell {
                audience,
                week,
                scheduled,
                delivered,
            })
        });
        let strays = |cell: &Cell| {
            let scheduled = cell.scheduled as f64;
            (cell.delivered - scheduled).abs() > FEW.max(self.rule.tolerance * scheduled)
        };
        cells.filter(strays).collect()
    }

    /// Share of the money that the schedule moves which lies in `cells`.
    fn share_of_moved(&self, cells: &[Cell]) -> f64 {
        let moved = |i: usize, t: usize| {
            (self.schedule.money[i][t] - self.design.planned()[i][t]).unsigned_abs() as f64
        };
        let (n, weeks) = (self.schedule.money.len(), self.schedule.money[0].len());
        let all: f64 = (0..n).flat_map(|i| (0..weeks).map(move |t| moved(i, t))).sum();
        cells.iter().map(|cell| moved(cell.audience, cell.week)).sum::<f64>() / all
    }
}

impl Rule {
    pub(super) fn verdict(&self, reading: &Reading, straight: f64) -> Verdict {
        if reading.unfollowed > self.unfollowed {
            return Verdict::Broken;
        }
        let speaks = reading.interval.is_some_and(|(low, high)| {
            high < straight * reading.follows.min(1.0) || high - low <= 2.0 * self.half_width
        });
        let follows = reading.p_nothing <= self.significance
            && reading.estimate.is_some_and(|exponent| exponent > 0.0);
        if follows && speaks { Verdict::Learnt } else { Verdict::Underpowered }
    }
}

/// A test as a file says it.
#[derive(Deserialize)]
struct Unchecked {
    design: Design,
    seed: Seed,
    schedule: Schedule,
    weights: Vec<Vec<f64>>,
    statistic: Statistic,
    rule: Rule,
    #[serde(default = "one")]
    straight: f64,
}

fn one() -> f64 {
    1.0
}

/// Serde hands over the field as it is.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_one(straight: &f64) -> bool {
    *straight == 1.0
}

impl TryFrom<Unchecked> for Experiment {
    type Error = Unreadable;

    fn try_from(file: Unchecked) -> Result<Self, Unreadable> {
        let Unchecked { design, seed, schedule, weights, statistic, rule, straight } = file;
        checked(&design, &weights)?;
        if !(0.0..=1.0).contains(&straight) {
            return Err(Unreadable::Number(straight));
        }
        if design.draw(seed) != schedule {
            return Err(Unreadable::OtherSchedule(seed));
        }
        Ok(Self { design, seed, schedule, weights, statistic, rule, straight })
    }
}

/// A log of counts whose mean moves with the log of their expectation down to small ones: by 0.98 of
/// it from 4 to 2 (negative binomial of size 6; Poisson: 1.01), where `ln(y + ½)` for no action too
/// moves by 0.92 only and a straight response would look saturated.
pub(super) fn log_count(y: f64) -> f64 {
    if y > 0.0 { (y + 0.5).ln() } else { -1.0 }
}

/// Whether a table has one number of at least 0 for each cell of a design.
fn checked(design: &Design, table: &[Vec<f64>]) -> Result<(), Unreadable> {
    let (audiences, weeks) = (design.planned().len(), design.planned()[0].len());
    if table.len() != audiences || table.iter().any(|row| row.len() != weeks) {
        return Err(Unreadable::Shape { audiences, weeks });
    }
    let wrong = table.iter().flatten().find(|x| !(0.0..f64::INFINITY).contains(*x));
    wrong.map_or(Ok(()), |&x| Err(Unreadable::Number(x)))
}
