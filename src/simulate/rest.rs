//! Money that is left, divided anew within the rules of the campaign.

use std::sync::Arc;

use super::scene::Scene;
use crate::allocate::problem::{Change, Problem};
use crate::allocate::{Settings, maximise};
use crate::response::curve::Curve;
use crate::response::table::Table;

/// Money already spent on each segment, fixed costs included.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rest {
    spent: Vec<f64>,
    funded: Vec<bool>,
}

impl Rest {
    /// Before the first week.
    pub(super) fn new(scene: &Scene<'_>) -> Self {
        Self { spent: vec![0.0; scene.segments], funded: vec![false; scene.segments] }
    }

    /// Media money was spent on a segment; the first time, its fixed cost was due as well.
    pub(super) fn spend(&mut self, scene: &Scene<'_>, segment: usize, media: f64) {
        if media > 0.0 && !self.funded[segment] {
            self.funded[segment] = true;
            self.spent[segment] += scene.problem.seats[segment].fixed_cost;
        }
        self.spent[segment] += media;
    }

    /// Money that is left.
    pub(super) fn left(&self, scene: &Scene<'_>) -> f64 {
        (scene.budget - self.spent.iter().sum::<f64>()).max(0.0)
    }

    /// Most media money that a segment may still get, spread over what is left of the flight like
    /// `shares`.
    pub(super) fn most(&self, scene: &Scene<'_>, segment: usize, shares: &[f64]) -> f64 {
        let seat = &scene.problem.seats[segment];
        let due = if self.funded[segment] { 0.0 } else { seat.fixed_cost };
        let busiest = shares.iter().copied().fold(0.0, f64::max).max(1e-9);
        let vouched = scene.weekly[segment] / busiest;
        ((seat.max - self.spent[segment]).min(self.left(scene)) - due).min(vouched)
    }

    /// The best division of what is left, as media money by segment, over curves given by their
    /// nodes `(media money, value, slope)`; `None` when no division keeps the rules.
    ///
    /// A segment whose nodes are empty gets nothing. Solved to a relative gap of 1e-4: far below
    /// what a week's noise can tell.
    pub(super) fn divide(
        &self,
        scene: &Scene<'_>,
        nodes: &[Vec<(f64, f64, f64)>],
    ) -> Option<Vec<f64>> {
        let problem = self.problem(scene, nodes);
        let settings = Settings { gap: Some(1e-4), nodes: Some(30), without_plan: Some(300) };
        let solution = maximise(&problem, &settings).ok()?;
        let media = |i: usize| (solution.spend[i] - problem.seats[i].fixed_cost).max(0.0);
        Some((0..scene.segments).map(media).collect())
    }

    /// The campaign's problem with what is already spent taken off every limit.
    fn problem(&self, scene: &Scene<'_>, nodes: &[Vec<(f64, f64, f64)>]) -> Problem {
        let mut problem = scene.problem.clone();
        problem.cost_per_action = None;
        problem.budget_minor = (self.left(scene) * problem.minor_per_unit as f64).floor() as i64;
        problem.step = 1;
        for (i, seat) in problem.seats.iter_mut().enumerate() {
            seat.actions = None;
            if nodes[i].len() > 1 {
                seat.curve = Curve::Table(Arc::new(Table::new(&nodes[i])));
            }
            if self.funded[i] {
                seat.min = (seat.least_funded() - self.spent[i]).max(0.0);
                (seat.min_if_funded, seat.fixed_cost) = (0.0, 0.0);
            }
            let most = (seat.max - self.spent[i]).max(0.0);
            // Nodes reach as far as the segment may go.
            let reached = nodes[i].last().map_or(0.0, |node| node.0 + seat.fixed_cost);
            seat.max = if nodes[i].len() > 1 { most.min(reached) } else { 0.0 };
            seat.min = seat.min.min(seat.max);
        }
        for rule in &mut problem.rules {
            let used = rule.used(&self.spent);
            (rule.low, rule.high) = (rule.low - used, rule.high - used);
            for term in &mut rule.terms {
                if self.funded[term.seat as usize] {
                    term.when_funded = 0.0;
                }
            }
        }
        if let Some(Change { reference, .. }) = &mut problem.change {
            reference
                .iter_mut()
                .zip(&self.spent)
                .for_each(|(reference, spent)| *reference -= spent);
        }
        problem
    }
}
