//! The schedule of a test that costs no budget: who exchanges how much money with whom, and when.
//!
//! Audiences of one network exchange equal amounts in pairs: in a block of weeks one has `a` more
//! and the other `a` less, in as many blocks the other way round. So every week's total, every
//! network's and every audience's over the flight stand to the cent, whatever the coins say. The
//! other network's weeks are no help: a shock that a network's audiences share would count as
//! response.

use rand::Rng;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::exchange::{Row, Tier, exchange, joined, least_change, paired, room};
use super::flight::{Flight, Impossible, MOST, Wish, checked};
use crate::random::{Purpose, Seed};

/// The rule by which a schedule is drawn: everything about a test but its coins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Design {
    network: Vec<usize>,
    planned: Vec<Vec<i64>>,
    block_weeks: usize,
    tiers: Vec<Tier>,
    at_plan: Vec<AtPlan>,
}

/// Cells that the test leaves as they were planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AtPlan {
    /// Positions of the audiences.
    pub audiences: Vec<usize>,
    /// Positions of the weeks.
    pub weeks: Vec<usize>,
    /// Why.
    pub reason: Reason,
}

/// Why cells are left as planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Money is at its minimum or its ceiling, or there is none.
    NoRoom,
    /// Nobody was left to exchange with.
    NoPartner,
    /// Blocks come in twos, and this one has less room than the others.
    OddBlock,
    /// The last weeks are fewer than a block.
    ShortBlock,
    /// No part of the test: weeks after it or of fewer than seven days, audiences that it leaves out.
    Outside,
}

/// One outcome of the lot: money by audience and week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Minor units, `audiences × weeks`.
    pub money: Vec<Vec<i64>>,
    /// Who exchanges with whom.
    pub pairs: Vec<[usize; 2]>,
}

impl Design {
    /// Chooses who takes part and what is exchanged, from what was planned alone.
    pub fn new(flight: &Flight, wish: &Wish) -> Result<Self, Impossible> {
        let weeks = checked(flight, wish)?;
        let rows: Vec<Row> = (0..flight.planned.len()).map(|i| Row::of(flight, i, wish)).collect();
        let tiers = joined(&flight.network, paired(&flight.network, &rows, wish), &rows, wish);
        if tiers.is_empty() {
            return Err(least_change(flight, &rows, wish));
        }
        let mut design = Self {
            network: flight.network.clone(),
            planned: flight.planned.clone(),
            block_weeks: wish.block_weeks,
            tiers: tiers.into_iter().map(|(tier, _)| tier).collect(),
            at_plan: Vec::new(),
        };
        design.at_plan = design.left(flight, &rows, wish, weeks);
        Ok(design)
    }

    /// Weeks that keep one factor.
    pub(super) fn block_weeks(&self) -> usize {
        self.block_weeks
    }

    /// Network of each audience.
    pub fn network(&self) -> &[usize] {
        &self.network
    }

    /// Money planned, minor units.
    pub fn planned(&self) -> &[Vec<i64>] {
        &self.planned
    }

    /// Audiences that take part.
    pub fn tiers(&self) -> &[Tier] {
        &self.tiers
    }

    /// What is left as planned, and why.
    pub fn at_plan(&self) -> &[AtPlan] {
        &self.at_plan
    }

    /// The schedule that a seed stands for.
    pub fn draw(&self, seed: Seed) -> Schedule {
        self.drawn(&mut seed.stream(Purpose::Experiment, 0))
    }

    /// One more schedule of the same rule.
    pub(super) fn drawn(&self, rng: &mut impl Rng) -> Schedule {
        let mut schedule = Schedule { money: self.planned.clone(), pairs: Vec::new() };
        for tier in &self.tiers {
            let mut order = tier.audiences.clone();
            order.shuffle(rng);
            for pair in order.chunks_exact(2) {
                schedule.pairs.push([pair[0], pair[1]]);
                for stratum in &tier.strata {
                    let mut blocks = stratum.clone();
                    blocks.shuffle(rng);
                    // Of an odd number the last stays at plan.
                    let mut halves = blocks.chunks_exact(blocks.len() / 2);
                    for [to, from] in [[0, 1], [1, 0]] {
                        let gains = halves.next().unwrap_or_default();
                        for week in gains.iter().flat_map(|&block| self.weeks_of(block)) {
                            schedule.money[pair[to]][week] += tier.moved[week];
                            schedule.money[pair[from]][week] -= tier.moved[week];
                        }
                    }
                }
            }
        }
        schedule
    }

    /// Log of scheduled over planned money, row by row; 0 where nothing is planned.
    pub fn log_factors(&self, money: &[Vec<i64>]) -> Vec<f64> {
        let cells = money.iter().flatten().zip(self.planned.iter().flatten());
        cells.map(|(&m, &p)| if p == m { 0.0 } else { (m as f64 / p as f64).ln() }).collect()
    }

    /// Cells of audiences and weeks whose money the lot decides.
    pub(super) fn drawn_cells(&self) -> Vec<(usize, usize)> {
        let of = |tier: &Tier| -> Vec<(usize, usize)> {
            let weeks = (0..tier.moved.len()).filter(|week| tier.moved[*week] > 0);
            let weeks: Vec<usize> = weeks.collect();
            tier.audiences.iter().flat_map(|i| weeks.iter().map(|t| (*i, *t))).collect()
        };
        self.tiers.iter().flat_map(of).collect()
    }

    /// The smallest factor that any schedule can give a cell; 0 where nothing is planned.
    pub(super) fn lowest_factors(&self) -> Vec<Vec<f64>> {
        let share = |money: i64, of: i64| if of > 0 { money as f64 / of as f64 } else { 0.0 };
        let mut lowest: Vec<Vec<f64>> =
            self.planned.iter().map(|row| row.iter().map(|&p| share(p, p)).collect()).collect();
        for tier in &self.tiers {
            for &i in &tier.audiences {
                let cells = self.planned[i].iter().zip(&tier.moved);
                lowest[i] = cells.map(|(&p, &moved)| share(p - moved, p)).collect();
            }
        }
        lowest
    }

    /// How many schedules the rule can draw, at least, as a power of ten.
    ///
    /// A pair has as many as there are ways to halve its sets of blocks, `n`. Of `k` pairs drawn by
    /// lot at least those are counted in which no two pairs move alike, so that who belongs to whom
    /// can be told: `(2k − 1)!! · n (n − 2) (n − 4) …`, or `nᵏ` where that is more.
    pub fn log10_possible(&self) -> f64 {
        let halves = |m: usize| -> f64 {
            let ways = (1..=m / 2).map(|i| ((m / 2 + i) as f64 / i as f64).log10()).sum::<f64>();
            ways + if m % 2 == 1 { (m as f64).log10() } else { 0.0 }
        };
        let one = |tier: &Tier| {
            let n: f64 = tier.strata.iter().map(|stratum| halves(stratum.len())).sum();
            let pairs = tier.audiences.len() / 2;
            let told_apart = |j: usize| {
                let left = 1.0 - 2.0 * j as f64 * 10_f64.powf(-n);
                // Rounding aside, nothing is left once all ways are taken.
                (2.0 * j as f64 + 1.0).log10() + n + if left > 1e-9 { left.log10() } else { -1e9 }
            };
            (pairs as f64 * n).max((0..pairs).map(told_apart).sum())
        };
        self.tiers.iter().map(one).sum()
    }

    /// Coins whose sides may fall independently: what estimates of noise can rest on.
    pub(super) fn freedom(&self) -> usize {
        let of_pair = |tier: &Tier| -> usize { tier.strata.iter().map(|s| s.len() - 1).sum() };
        self.tiers.iter().map(|tier| tier.audiences.len() / 2 * of_pair(tier)).sum()
    }

    fn weeks_of(&self, block: usize) -> std::ops::Range<usize> {
        block * self.block_weeks..(block + 1) * self.block_weeks
    }

    fn left(&self, flight: &Flight, rows: &[Row], wish: &Wish, n_weeks: usize) -> Vec<AtPlan> {
        let (everyone, strangers): (Vec<usize>, Vec<usize>) =
            (0..rows.len()).partition(|i| flight.audiences[*i]);
        let (asked, outside): (Vec<usize>, Vec<usize>) =
            (0..n_weeks).partition(|week| flight.weeks[*week]);
        let blocks = n_weeks / self.block_weeks;
        let tail = |week: &usize| *week >= blocks * self.block_weeks;
        let takes_no_part = |i: &usize| !self.tiers.iter().any(|tier| tier.audiences.contains(i));
        let (alone, full): (Vec<usize>, Vec<usize>) =
            (everyone.iter().copied().filter(takes_no_part))
                .partition(|&i| exchange(&[i], rows, wish).is_some());
        let left = |audiences: &[usize], weeks: Vec<usize>, reason| AtPlan {
            audiences: audiences.to_vec(),
            weeks,
            reason,
        };
        let mut all = vec![
            left(&strangers, (0..n_weeks).collect(), Reason::Outside),
            left(&everyone, outside, Reason::Outside),
            left(&full, asked.clone(), Reason::NoRoom),
            left(&alone, asked.clone(), Reason::NoPartner),
            left(&everyone, asked.iter().copied().filter(tail).collect(), Reason::ShortBlock),
        ];
        for tier in &self.tiers {
            let used = |block: &usize| tier.strata.iter().any(|stratum| stratum.contains(block));
            let (odd, full): (Vec<usize>, Vec<usize>) = (0..blocks)
                .filter(|block| !used(block))
                .partition(|&block| room(&tier.audiences, rows, wish, block).is_some());
            for (blocks, reason) in [(odd, Reason::OddBlock), (full, Reason::NoRoom)] {
                let weeks = blocks.into_iter().flat_map(|block| self.weeks_of(block));
                let weeks = weeks.filter(|week| flight.weeks[*week]).collect();
                all.push(left(&tier.audiences, weeks, reason));
            }
        }
        all.retain(|left| !left.audiences.is_empty() && !left.weeks.is_empty());
        all
    }
}

/// A design as a file says it.
#[derive(Deserialize)]
struct Unchecked {
    network: Vec<usize>,
    planned: Vec<Vec<i64>>,
    block_weeks: usize,
    tiers: Vec<Tier>,
    at_plan: Vec<AtPlan>,
}

/// A file's design is none that the program makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the design contradicts itself")]
pub struct Unsound;

impl TryFrom<Unchecked> for Design {
    type Error = Unsound;

    /// Whatever can be drawn must keep every total: sets are of equal amounts, nobody and
    /// no block stands twice, and a cell gives less than it has.
    fn try_from(file: Unchecked) -> Result<Self, Unsound> {
        let Unchecked { network, planned, block_weeks, tiers, at_plan } = file;
        let design = Self { network, planned, block_weeks, tiers, at_plan };
        let n_weeks = design.planned.first().map_or(0, Vec::len);
        let tables = block_weeks > 0
            && !design.tiers.is_empty()
            && design.planned.iter().flatten().all(|p| (0..=MOST).contains(p))
            && design.planned.len() == design.network.len()
            && design.planned.iter().all(|row| row.len() == n_weeks);
        let mut free = vec![true; design.planned.len()];
        let once = |free: &mut Vec<bool>, i: usize| free.get_mut(i).is_some_and(std::mem::take);
        let mut tier_is_sound = |tier: &Tier| {
            let moved = |block: usize| design.weeks_of(block).map(|t| tier.moved[t]).sum::<i64>();
            let mut blocks = vec![true; n_weeks / block_weeks];
            let gives_less = |&i: &usize| {
                let cells = design.planned[i].iter().zip(&tier.moved);
                cells.clone().all(|(&p, &m)| m == 0 || (0 < m && m < p))
            };
            tier.moved.len() == n_weeks
                && !tier.audiences.is_empty()
                && !tier.strata.is_empty()
                && tier.audiences.len().is_multiple_of(2)
                && tier.audiences.iter().all(|&i| once(&mut free, i))
                && tier.audiences.iter().all(gives_less)
                && tier.audiences.windows(2).all(|i| design.network[i[0]] == design.network[i[1]])
                && tier.strata.iter().all(|stratum| {
                    stratum.len() > 1
                        && stratum.iter().all(|&block| once(&mut blocks, block))
                        && stratum.windows(2).all(|b| moved(b[0]) == moved(b[1]))
                })
        };
        let is_told = |left: &AtPlan| {
            left.audiences.iter().all(|&i| i < design.planned.len())
                && left.weeks.iter().all(|&week| week < n_weeks)
        };
        let is_sound = tables
            && design.tiers.iter().all(&mut tier_is_sound)
            && design.at_plan.iter().all(is_told);
        if is_sound { Ok(design) } else { Err(Unsound) }
    }
}
