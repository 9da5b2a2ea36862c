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

impl<'a> Truth<'a> {
    pub(super) fn new(world: &'a World, campaign: &Campaign) -> Self {
        Self { world, start: world.flight_start(), weeks: campaign.weeks().len() }
    }

    /// Expected actions of one segment for money spread evenly.
    pub(super) fn segment(&self, segment: usize, budget: f64) -> f64 {
        let spends = vec![budget / self.weeks as f64; self.weeks];
        self.world.expected_actions(segment, &spends, self.start)
    }

    /// Expected actions of a split: no shock, no count noise.
    pub(super) fn value(&self, budgets: &[f64]) -> f64 {
        budgets.iter().enumerate().map(|(i, budget)| self.segment(i, *budget)).sum()
    }

    /// The same by network.
    pub(super) fn by_network(&self, budgets: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.world.networks().len()];
        for (i, budget) in budgets.iter().enumerate() {
            sums[self.world.truth(i).network] += self.segment(i, *budget);
        }
        sums
    }

    /// The best split within the rules, by the plan's own solver on the true curves.
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
        for (i, seat) in problem.seats.iter_mut().enumerate() {
            seat.max = seat.max.min(most(i));
            seat.curve = Curve::Table(Arc::new(self.curve(i, seat.max.max(1.0))));
            seat.actions = None;
        }
        let solution = maximise(&problem, &allocate::Settings::default());
        // The plan has just been found within the same rules, so there is a split.
        Ok(solution.map_err(|_| AllocateError::NoSegments)?.spend)
    }

    /// A true curve by its nodes: values are exact, slopes central differences.
    fn curve(&self, segment: usize, most: f64) -> Table {
        const NODES: usize = 60;
        let spends = (0..=NODES).map(|j| most * (j as f64 / NODES as f64).powi(3));
        let nodes: Vec<(f64, f64, f64)> = spends
            .map(|spend| {
                let h = (1e-4 * spend).max(1e-6 * most);
                let (low, high) = ((spend - h).max(0.0), spend + h);
                let slope =
                    (self.segment(segment, high) - self.segment(segment, low)) / (high - low);
                (spend, self.segment(segment, spend), slope)
            })
            .collect();
        Table::new(&nodes)
    }
}
