//! The pooled regression that a fit begins at: log actions per unit of money on usual spend, network
//! and attributes, one row per segment (linfa's Tweedie regressor with a log link).
//!
//! Power 1.5 (compound Poisson–gamma) holds segments without any action beside segments of
//! thousands; rows are segments and not cells, so that it costs next to nothing (under 5 ms at 400
//! segments). It moves nothing but the place that the search sets out from, and saves little: all
//! modes but the first begin at a mode already. Newton steps to the first mode from the prior's
//! means and from here, and of the whole fit:
//!
//! | | from the prior | from here | whole fit |
//! |---|---|---|---|
//! | 12 × 12 | 8 | 8 | 369 |
//! | 40 × 104 | 26 | 26 | 710 |
//! | 400 × 52 | 16 | 13 | 1935 |
//! | 40 × 52, a third silent, a third a million times louder | 26 | 26 | 2281 |
//!
//! (26 is the most that are allowed.) Measured with
//! `cargo test --release --lib what_a_start_is_worth -- --ignored --nocapture`.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_linear::{Link, TweedieRegressor};
use ndarray::{Array1, Array2};

use crate::train::data::design::{Design, SegmentData};
use crate::train::data::specification::Specification;
use crate::train::density::state::{Layout, State, prior_mean};

/// Segments that speak for all of them: a few hundred effects need no more rows.
const MOST_SEGMENTS: usize = 1000;
/// Fewer segments have nothing to pool.
const LEAST_SEGMENTS: usize = 4;
/// Columns beyond which the regression would cost more than the steps that it saves.
const MOST_COLUMNS: usize = 200;
/// No effect begins further than this from 0, in logs.
const FURTHEST: f64 = 6.0;
/// Actions that a segment's own rate weighs against the regression's as much as.
const HALF_WAY: f64 = 4.0;

/// Everything at its prior mean, but for what the regression says of efficiency.
pub(crate) fn start(design: &Design, layout: &Layout, specification: &Specification) -> State {
    let mut state = State::start(design, layout, specification);
    let Some(effects) = Columns::of(design, layout).effects(design, layout) else { return state };
    for (column, by) in effects {
        match column {
            Column::Common(at) => state.common[at] += by,
            Column::Network(n) => state.networks[n][layout.weeks[n]] += by,
        }
    }
    state.theta = design
        .segments
        .iter()
        .map(|segment| {
            let mut theta = prior_mean(design, layout, &state, segment);
            theta[0] += own(segment, theta[0]);
            theta
        })
        .collect();
    state
}

/// How far a segment's own rate lies from the one foretold, drawn back where few actions tell.
fn own(segment: &SegmentData, foretold: f64) -> f64 {
    let Some(rate) = rate(segment) else { return 0.0 };
    let money: f64 = segment.cells.iter().map(|cell| cell.spend * cell.weeks).sum();
    let (count, expected) = (rate * money, (foretold - segment.usual.ln()).exp() * money);
    let by = ((count + 1.0) / (expected + 1.0)).ln() * expected / (expected + HALF_WAY);
    if by.is_finite() { by.clamp(-FURTHEST, FURTHEST) } else { 0.0 }
}

/// Where an effect belongs.
#[derive(Debug, Clone, Copy)]
enum Column {
    /// A column of the common block.
    Common(usize),
    /// The effect of a network on efficiency.
    Network(usize),
}

/// The columns of the regression.
struct Columns {
    all: Vec<Column>,
    /// Where each stands among them: of the common block, then of the networks.
    common: Vec<Option<usize>>,
    networks: Vec<Option<usize>>,
}

impl Columns {
    fn of(design: &Design, layout: &Layout) -> Self {
        // Level, usual spend, then every value of an attribute, as far as they move efficiency.
        let attributes = layout.attribute_columns();
        let efficiency = attributes.iter().filter(|(.., parameter)| *parameter == 0);
        let mut all = vec![Column::Common(0), Column::Common(1)];
        all.extend(efficiency.map(|(at, ..)| Column::Common(*at)));
        if design.networks.len() > 1 {
            all.extend((0..design.networks.len()).map(Column::Network));
        }
        let mut columns = Self {
            common: vec![None; layout.common],
            networks: vec![None; design.networks.len()],
            all,
        };
        for (at, column) in columns.all.iter().enumerate() {
            match column {
                Column::Common(own) => columns.common[*own] = Some(at),
                Column::Network(own) => columns.networks[*own] = Some(at),
            }
        }
        columns
    }

    /// Effects on log efficiency; `None` where the regression finds none.
    fn effects(&self, design: &Design, layout: &Layout) -> Option<Vec<(Column, f64)>> {
        let rows: Vec<(&SegmentData, f64)> =
            design.segments.iter().filter_map(|segment| Some((segment, rate(segment)?))).collect();
        let step = rows.len().div_ceil(MOST_SEGMENTS).max(1);
        let rows: Vec<(&SegmentData, f64)> = rows.into_iter().step_by(step).collect();
        if rows.len() < LEAST_SEGMENTS || self.all.len() > MOST_COLUMNS {
            return None;
        }
        let rates: Array1<f64> =
            rows.iter().map(|(_, rate)| rate * (-design.log_rate).exp()).collect();
        // What stands for 1 in every column: the search's first step is the whole gradient, a sum
        // over rows, and must not carry predictions beyond what `exp` holds.
        let unit = 1.0 / (rows.len() as f64).sqrt();
        let mut records = Array2::zeros((rows.len(), self.all.len()));
        for ((segment, _), mut line) in rows.iter().zip(records.rows_mut()) {
            let levels = &segment.levels;
            layout.each_mean_column(0, segment.log_usual, None, levels, |column, x| {
                if let Some(at) = self.common[column] {
                    line[at] = unit * x;
                }
            });
            if let Some(at) = self.networks[segment.network] {
                line[at] = unit;
            }
        }
        let fitted = TweedieRegressor::params()
            .power(1.5)
            .link(Link::Log)
            .fit_intercept(false)
            // A ridge that weighs like one segment.
            .alpha(unit * unit)
            .max_iter(40)
            .tol(1e-3)
            .fit(&DatasetBase::new(records, rates))
            .ok()?;
        let effects: Vec<(Column, f64)> = self
            .all
            .iter()
            .zip(&fitted.coef)
            .map(|(column, x)| (*column, (x * unit).clamp(-FURTHEST, FURTHEST)))
            .collect();
        effects.iter().all(|(_, x)| x.is_finite()).then_some(effects)
    }
}

/// Actions per unit of money of a segment's history.
fn rate(segment: &SegmentData) -> Option<f64> {
    let paid = segment.cells.iter().filter(|cell| cell.spend > 0.0);
    let (count, money) = paid.fold((0.0, 0.0), |(count, money), cell| {
        // What is only known to lie below a bound counts half of it.
        let high = if cell.count.high.is_finite() { cell.count.high } else { cell.count.low };
        (count + 0.5 * (cell.count.low + high), money + cell.spend * cell.weeks)
    });
    (money > 0.0).then(|| count / money)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::Panel;
    use crate::random::Seed;
    use crate::train::data::design::Layers;
    use crate::train::density::hyper::HyperSpace;
    use crate::train::density::state::Problem;
    use crate::train::worlds::{Settings, world};

    fn design(panel: &Panel, specification: &Specification) -> Design {
        let layers = Layers::new(panel, specification).unwrap();
        Design::new(panel, specification, &layers).unwrap()
    }

    #[test]
    fn the_search_begins_nearer_and_ends_in_the_same_place() {
        let specification = Specification::default();
        let panel = world(&Settings { networks: 3, ..Settings::default() }, Seed(3)).panel;
        let design = design(&panel, &specification);
        let layout = Layout::new(&design);
        let space = HyperSpace::new(&design, &specification);
        let hyper = space.decode(&space.start());
        let problem = Problem::new(&design, &layout, &specification, hyper);
        let cold = State::start(&design, &layout, &specification);
        let warm = start(&design, &layout, &specification);
        assert!(problem.value(&warm) > problem.value(&cold));
        let modes = [&cold, &warm].map(|from| problem.mode(from, 60).unwrap().0);
        for (a, b) in modes[0].theta.iter().flatten().zip(modes[1].theta.iter().flatten()) {
            assert!((a - b).abs() < 1e-3, "{a} {b}");
        }
    }

    #[test]
    fn silent_and_deafening_segments_leave_a_start_of_finite_numbers() {
        let specification = Specification::default();
        let mut panel = world(&Settings::default(), Seed(5)).panel;
        for cell in &mut panel.cells {
            for action in crate::action::Action::ALL {
                let times = if cell.segment % 3 == 0 { 0.0 } else { 1e6 };
                let count = cell.actions.get(action).map(|count| count * times);
                cell.actions.set(action, count);
            }
        }
        let design = design(&panel, &specification);
        let layout = Layout::new(&design);
        let begun = start(&design, &layout, &specification);
        let numbers = begun.theta.iter().flatten().chain(&begun.common);
        assert!(numbers.chain(begun.networks.iter().flatten()).all(|x| x.is_finite()));
    }
}
