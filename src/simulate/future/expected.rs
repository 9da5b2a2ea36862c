//! Expected points of a fixed split, draw by draw, so that replicates of one draw share the work.

use rayon::prelude::*;

use super::context::SimulationContext;
use super::drawn::Future;
use super::figures::Figures;
use super::parameters::{Memory, Parameters};
use super::state::SimulationState;
use crate::numeric::summary::mean;

/// Expectation of one split in one draw, before the unforeseen factors of the weeks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expectation {
    /// Points that money brings, `weeks × networks`.
    money: Vec<f64>,
    /// Points that come without money.
    organic: f64,
    /// Figures beside engagement.
    pub(crate) figures: Figures,
}

impl Expectation {
    /// One per draw.
    #[must_use]
    pub(crate) fn by_draw(context: &SimulationContext<'_>, cells: &[f64]) -> Vec<Self> {
        let draws = 0..context.draws.len();
        draws.into_par_iter().with_min_len(16).map(|draw| Self::of(context, cells, draw)).collect()
    }

    fn of(context: &SimulationContext<'_>, cells: &[f64], draw: usize) -> Self {
        let (n, networks) = (context.segments, context.draws.networks.len());
        let mut parameters = Parameters::default();
        parameters.load(context.draws, draw, &context.campaign.points);
        let ones = vec![1.0; n];
        let (mut memory, mut means) = (Memory::nothing(n), vec![0.0; n]);
        memory.recall(&parameters, &context.past);
        let spent: Vec<f64> = cells.iter().map(|money| money * (1.0 - context.unspent)).collect();
        let mut money = vec![0.0; context.weeks * networks];
        let mut organic = 0.0;
        for week in 0..context.weeks {
            let row = &spent[week * n..(week + 1) * n];
            parameters.week(context.arch, row, &ones, &ones, &mut memory, &mut means);
            for (i, segment) in context.draws.segments.iter().enumerate() {
                let (points, baseline) = (parameters.points[i], parameters.baseline[i]);
                money[week * networks + segment.network] += points * (means[i] - baseline);
                organic += points * baseline;
            }
        }
        let seasons = context.draws.season_len();
        for network in 0..networks {
            let season = context.season(draw, network);
            for week in 0..context.weeks {
                money[week * networks + network] *= season[week.min(seasons - 1)];
            }
        }
        let figures = Figures::of(context, draw, &parameters, &spent, &vec![1.0; spent.len()]);
        Self { money, organic, figures }
    }

    /// Expected points given the future's parameters, season and shocks.
    #[must_use]
    pub(crate) fn given(&self, future: &Future) -> f64 {
        let money: f64 = self.money.iter().zip(&future.network_week).map(|(a, b)| a * b).sum();
        self.organic + money
    }
}

/// Points expected of a split over all draws, organic ones included.
pub(crate) fn expected_points(context: &SimulationContext<'_>, cells: &[f64]) -> f64 {
    let of = |own: &Expectation| own.organic + own.money.iter().sum::<f64>();
    let draws: Vec<f64> = Expectation::by_draw(context, cells).iter().map(of).collect();
    mean(&draws)
}

/// Actions and points that each segment's money brings, draw by draw, shocks left out.
pub(crate) fn bought(context: &SimulationContext<'_>, cells: &[f64]) -> Vec<Vec<(f64, f64)>> {
    let n = context.segments;
    let of = |draw: usize| {
        let mut parameters = Parameters::default();
        parameters.load(context.draws, draw, &context.campaign.points);
        let ones = vec![1.0; n];
        let (mut memory, mut means) = (Memory::nothing(n), vec![0.0; n]);
        memory.recall(&parameters, &context.past);
        let mut sums = vec![(0.0, 0.0); n];
        for week in 0..context.weeks {
            let row = &cells[week * n..(week + 1) * n];
            parameters.week(context.arch, row, &ones, &ones, &mut memory, &mut means);
            for (i, sum) in sums.iter_mut().enumerate() {
                let season = context.season(draw, context.draws.segments[i].network);
                let factor = season[week.min(season.len() - 1)];
                let actions = factor * (means[i] - parameters.baseline[i]);
                sum.0 += actions;
                sum.1 += parameters.points[i] * actions;
            }
        }
        sums
    };
    (0..context.draws.len()).into_par_iter().map(of).collect()
}

/// The same worked out in full, for futures in which a shock of the campaign file happens.
#[must_use]
pub(crate) fn in_full(
    context: &SimulationContext<'_>,
    future: &Future,
    state: &mut SimulationState,
    cells: &[f64],
) -> f64 {
    let n = context.segments;
    state.begin(context, future);
    (0..context.weeks)
        .map(|week| state.expect(context, future, week, &cells[week * n..(week + 1) * n]))
        .sum()
}

/// The same in full with what each segment brings multiplied by a factor of its own; what comes
/// without money stays.
#[must_use]
pub(crate) fn doubted(
    context: &SimulationContext<'_>,
    future: &Future,
    state: &mut SimulationState,
    cells: &[f64],
    factors: &[f64],
) -> f64 {
    let n = context.segments;
    let parameters = &future.parameters;
    state.begin(context, future);
    let mut sum = 0.0;
    for week in 0..context.weeks {
        state.expect(context, future, week, &cells[week * n..(week + 1) * n]);
        for (i, factor) in factors.iter().enumerate() {
            let organic = parameters.baseline[i];
            let bought = state.means[i] - organic;
            sum += parameters.points[i] * (organic + bought * factor);
        }
    }
    sum
}

/// Figures of a split in a future in which a shock of the campaign file happens.
#[must_use]
pub(crate) fn figures_in_full(
    context: &SimulationContext<'_>,
    future: &Future,
    cells: &[f64],
) -> Figures {
    let spent: Vec<f64> = cells.iter().zip(&future.shown_mean).map(|(a, b)| a * b).collect();
    Figures::of(context, future.draw, &future.parameters, &spent, &future.delivery_mean)
}
