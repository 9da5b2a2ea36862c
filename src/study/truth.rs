//! What a split really brings in a world, and the best one that who knows could choose.

use std::sync::Arc;

use crate::allocate::problem::Problem;
use crate::allocate::{self, AllocateError, maximise};
use crate::campaign::Campaign;
use crate::generate::world::World;
use crate::response::curve::Curve;
use crate::response::table::Table;
use crate::units::Week;

/// A world's truth over the weeks of the decision, money spread evenly.
pub(super) struct Truth<'a> {
    world: &'a World,
    start: Week,
    weeks: usize,
}

/// Steps in which the best split of segments that share people is looked for.
const STEPS: usize = 40;
/// A step that gains less than this share ends the search.
const SETTLED: f64 = 1e-7;
/// Nodes of a true curve.
const NODES: usize = 60;

impl<'a> Truth<'a> {
    pub(super) fn new(world: &'a World, campaign: &Campaign) -> Self {
        Self { world, start: world.flight_start(), weeks: campaign.weeks().len() }
    }

    /// Expected actions of one segment for money spread evenly, no other segment reaching any of
    /// its people.
    pub(super) fn segment(&self, segment: usize, budget: f64) -> f64 {
        let spends = vec![budget / self.weeks as f64; self.weeks];
        self.world.expected_actions(segment, &spends, self.start)
    }

    /// Expected actions of a split, every person counted once: no shock, no count noise.
    pub(super) fn value(&self, budgets: &[f64]) -> f64 {
        self.sum(budgets, World::counted_once).iter().sum()
    }

    /// Expected actions that the networks will report of a split: what is promised.
    pub(super) fn reported(&self, budgets: &[f64]) -> f64 {
        self.sum(budgets, World::reported).iter().sum()
    }

    /// The same by network.
    pub(super) fn by_network(&self, budgets: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.world.networks().len()];
        for (i, actions) in self.sum(budgets, World::reported).into_iter().enumerate() {
            sums[self.world.truth(i).network] += actions;
        }
        sums
    }

    /// Expected actions by segment, given how much of them counts beside the others'.
    fn sum(&self, budgets: &[f64], counts: fn(&World, usize, &[f64]) -> f64) -> Vec<f64> {
        let weekly: Vec<f64> = budgets.iter().map(|budget| budget / self.weeks as f64).collect();
        let of = |i: usize| self.segment(i, budgets[i]) * counts(self.world, i, &weekly);
        (0..budgets.len()).map(of).collect()
    }

    /// Expected actions that a segment's network will report of it beside others' budgets.
    pub(super) fn beside(&self, segment: usize, budget: f64, budgets: &[f64]) -> f64 {
        let mut weekly: Vec<f64> =
            budgets.iter().map(|budget| budget / self.weeks as f64).collect();
        weekly[segment] = budget / self.weeks as f64;
        self.segment(segment, budget) * self.world.reported(segment, &weekly)
    }

    /// The best split within the rules, by the plan's own solver on the true curves, which bend as
    /// they do: the solver's maximum is global. Where segments share people it is climbed to from
    /// there, in steps that are solved the same way.
    pub(super) fn oracle(&self, rules: &Problem) -> Result<Vec<f64>, AllocateError> {
        self.oracle_within(rules, |_| f64::INFINITY)
    }

    /// The same with a ceiling of its own for every segment.
    pub(super) fn oracle_within(
        &self,
        rules: &Problem,
        most: impl Fn(usize) -> f64,
    ) -> Result<Vec<f64>, AllocateError> {
        let mut problem = rules.clone();
        for (i, variable) in problem.variables.iter_mut().enumerate() {
            variable.max = variable.max.min(most(i));
        }
        let alone = solved(&mut problem, |i, spend| self.segment(i, spend))?;
        let apart = (0..alone.len()).all(|i| self.world.relatives(i).is_empty());
        if apart { Ok(alone) } else { self.climb(problem, &alone) }
    }

    /// Climbs from a split whose segments share people.
    ///
    /// Each step solves the separable problem in which every segment is alone to move (the same
    /// slopes here, so its answer lies uphill) and goes to the highest point on the way there.
    fn climb(&self, mut problem: Problem, from: &[f64]) -> Result<Vec<f64>, AllocateError> {
        let (mut split, mut value) = (from.to_vec(), self.value(from));
        for _ in 0..STEPS {
            let ahead = solved(&mut problem, |i, spend| self.alone_to_move(i, spend, &split))?;
            let at = |share: f64| -> Vec<f64> {
                split
                    .iter()
                    .zip(&ahead)
                    .map(|(here, there)| here + share * (there - here))
                    .collect()
            };
            let share = highest(|share| self.value(&at(share)));
            let next = at(share);
            let gained = self.value(&next) - value;
            if gained > 0.0 {
                (split, value) = (next, value + gained);
            }
            if gained <= SETTLED * value {
                break;
            }
        }
        Ok(split)
    }

    /// Actions of all who share people with a segment, as it alone moves.
    fn alone_to_move(&self, segment: usize, spend: f64, split: &[f64]) -> f64 {
        let mut weekly: Vec<f64> = split.iter().map(|budget| budget / self.weeks as f64).collect();
        weekly[segment] = spend / self.weeks as f64;
        let once =
            |i: usize, budget: f64| self.segment(i, budget) * self.world.counted_once(i, &weekly);
        let relatives = self.world.relatives(segment).iter();
        once(segment, spend) + relatives.map(|j| once(*j, split[*j])).sum::<f64>()
    }
}

/// Divides a problem's money over curves given by their values.
fn solved(
    problem: &mut Problem,
    value: impl Fn(usize, f64) -> f64,
) -> Result<Vec<f64>, AllocateError> {
    for (i, variable) in problem.variables.iter_mut().enumerate() {
        variable.curve =
            Curve::Table(Arc::new(table(|spend| value(i, spend), variable.max.max(1.0))));
        variable.actions = None;
    }
    let solution = maximise(problem, &allocate::Settings::default());
    // The plan has just been found within the same rules, so there is a split.
    Ok(solution.map_err(|_| AllocateError::NoSegments)?.spend)
}

/// A curve by its nodes: values are exact, slopes central differences.
fn table(value: impl Fn(f64) -> f64, most: f64) -> Table {
    let nothing = value(0.0);
    let spends = (0..=NODES).map(|j| most * (j as f64 / NODES as f64).powi(3));
    let nodes: Vec<(f64, f64, f64)> = spends
        .map(|spend| {
            let h = (1e-4 * spend).max(1e-6 * most);
            let (low, high) = ((spend - h).max(0.0), spend + h);
            let slope = (value(high) - value(low)) / (high - low);
            (spend, value(spend) - nothing, slope)
        })
        .collect();
    Table::new(&nodes)
}

/// Where in [0, 1] a function of one number is highest, by golden sections; the ends included.
fn highest(value: impl Fn(f64) -> f64) -> f64 {
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..24 {
        let step = golden * (high - low);
        let (left, right) = (high - step, low + step);
        if value(left) < value(right) { low = left } else { high = right }
    }
    let middle = 0.5 * (low + high);
    [middle, 1.0, 0.0].into_iter().max_by(|a, b| value(*a).total_cmp(&value(*b))).unwrap_or(0.0)
}
