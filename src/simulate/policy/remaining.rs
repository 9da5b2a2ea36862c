//! Money that is left, divided anew within the rules of the campaign.

use std::sync::Arc;

use crate::allocate::problem::Problem;
use crate::allocate::rules::held::{Least, take_off};
use crate::allocate::{Near, Settings, divide_near};
use crate::response::curve::Curve;
use crate::response::table::Table;
use crate::simulate::future::context::SimulationContext;

/// Money already spent on each segment, fixed costs included.
#[derive(Debug, Clone)]
pub(crate) struct RemainingBudget {
    spent: Vec<f64>,
    funded: Vec<bool>,
    /// Prices of the last division: the next one's are near.
    near: Option<Near>,
}

impl RemainingBudget {
    /// Before the first week.
    pub(crate) fn new(context: &SimulationContext<'_>) -> Self {
        Self {
            spent: vec![0.0; context.segments],
            funded: vec![false; context.segments],
            near: None,
        }
    }

    /// Media money was spent on a segment; the first time, its fixed cost was due as well.
    pub(crate) fn spend(&mut self, context: &SimulationContext<'_>, segment: usize, media: f64) {
        if media > 0.0 && !self.funded[segment] {
            self.funded[segment] = true;
            self.spent[segment] += context.problem.variables[segment].fixed_cost;
        }
        self.spent[segment] += media;
    }

    /// Money that is left.
    pub(crate) fn left(&self, context: &SimulationContext<'_>) -> f64 {
        (context.budget - self.spent.iter().sum::<f64>()).max(0.0)
    }

    /// Most media money that a segment may still get, spread over what is left of the flight like
    /// `shares`.
    pub(crate) fn most(
        &self,
        context: &SimulationContext<'_>,
        segment: usize,
        shares: &[f64],
    ) -> f64 {
        let variable = &context.problem.variables[segment];
        let due = if self.funded[segment] { 0.0 } else { variable.fixed_cost };
        let busiest = shares.iter().copied().fold(0.0, f64::max).max(1e-9);
        let vouched = context.weekly[segment] / busiest;
        ((variable.max - self.spent[segment]).min(self.left(context)) - due).min(vouched)
    }

    /// The best division of what is left, as media money by segment, over curves given by their
    /// nodes `(media money, value, slope)`; `None` when no division keeps the rules.
    ///
    /// A segment whose nodes are empty gets nothing. Solved to a relative gap of 1e-4: far below
    /// what a week's noise can tell.
    pub(crate) fn divide(
        &mut self,
        context: &SimulationContext<'_>,
        nodes: &[Vec<(f64, f64, f64)>],
    ) -> Option<Vec<f64>> {
        let problem = self.problem(context, nodes);
        let settings = Settings { gap: Some(1e-4), nodes: Some(30), without_plan: Some(300) };
        let (budgets, near) = divide_near(&problem, &settings, self.near.as_ref())?;
        self.near = Some(near);
        let media = |i: usize| (budgets[i] - problem.variables[i].fixed_cost).max(0.0);
        Some((0..context.segments).map(media).collect())
    }

    /// The campaign's problem with what is already spent taken off every limit.
    fn problem(&self, context: &SimulationContext<'_>, nodes: &[Vec<(f64, f64, f64)>]) -> Problem {
        let mut problem = context.problem.clone();
        (problem.cost_per_action, problem.step) = (None, 1);
        take_off(&mut problem, &self.spent, Least::OfTheFlight);
        for (variable, nodes) in problem.variables.iter_mut().zip(nodes) {
            variable.actions = None;
            // Nodes reach as far as the segment may go.
            let reached = match nodes.last() {
                Some(last) if nodes.len() > 1 => last.0 + variable.fixed_cost,
                _ => 0.0,
            };
            if reached > 0.0 {
                variable.curve = Curve::Table(Arc::new(Table::new(nodes)));
            }
            variable.max = variable.max.min(reached);
            variable.min = variable.min.min(variable.max);
        }
        problem
    }
}
