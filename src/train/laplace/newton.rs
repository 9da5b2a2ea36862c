//! Newton steps of the inner problem, in whichever order is cheaper.
//!
//! `inner` takes segments out first: its cost is linear in segments, and what draws are made from
//! comes out of it. But a network of few segments and many weeks then factors a matrix of its weeks.
//! Given everything else its weeks are independent (each is touched by cells of that week alone), so
//! there they leave first, as one number each, and what is left are the parameters of its segments
//! beside a few dozen columns. The value, the determinant and the step are the same.

#![allow(clippy::needless_range_loop, reason = "indices are those of the formulas")]

use rayon::prelude::*;

use super::schur::{Reduced, Solved, add_gram, add_lower};
use crate::train::data::design::Design;
use crate::train::density::cells::Cells;
use crate::train::density::state::{Assembly, Layout, Own, Problem, State};

/// One Newton step: what the search for `ψ` needs of an [`Assembly`].
pub(crate) struct Newton {
    /// Log joint density at the state (without the prior of `ψ`).
    pub value: f64,
    pub log_det: f64,
    /// Newton decrement `gᵀ H⁻¹ g`.
    pub decrement: f64,
    pub step: State,
    /// Pivots of the shared effects' precision: of the common block, then of each network's rest.
    pub pivots: Vec<f64>,
    /// All the rest, where segments were taken out first.
    whole: Option<Box<Assembly>>,
}

impl Newton {
    /// Laplace approximation of `log p(y | ψ)` around the state the step leads to.
    pub(crate) fn laplace(&self) -> f64 {
        self.value + 0.5 * self.decrement - 0.5 * self.log_det
    }

    /// Everything that the posterior is built from.
    pub(crate) fn assembly(self, problem: &Problem<'_>, state: &State) -> Option<Assembly> {
        match self.whole {
            Some(whole) => Some(*whole),
            None => problem.assemble(state),
        }
    }
}

/// Whether weeks are taken out first: multiplications of both orders are counted.
pub(crate) fn weeks_first(design: &Design, layout: &Layout) -> bool {
    // A network of which nothing is left to learn from has no weeks to take out.
    if design.networks.iter().any(|network| network.n_weeks == 0) {
        return false;
    }
    let mut cells = design.segments.iter().flat_map(|segment| &segment.cells);
    if !cells.all(|cell| cell.to == cell.from + 1) {
        return false;
    }
    let factor = |own: f64, common: f64| {
        own.powi(3) / 6.0 + own * own * common / 2.0 + own * common * common / 2.0
    };
    let (mut first, mut last) = (0.0, 0.0);
    for (n, network) in design.networks.iter().enumerate() {
        let (weeks, rest) = (network.n_weeks as f64, layout.rest(n) as f64);
        let theta = (layout.p * network.segments.len()) as f64;
        let common = layout.common as f64;
        first += 0.5 * (theta + rest).powi(2) * weeks + factor(theta + rest, common);
        last += 0.5 * theta * (weeks + rest).powi(2) + factor(weeks + rest, common);
    }
    first < last
}

impl Problem<'_> {
    /// One Newton step from a state; `None` where the density is not at all like a normal's.
    pub(crate) fn newton(&self, state: &State) -> Option<Newton> {
        if self.weeks_first {
            return self.newton_weeks_first(state);
        }
        let mut whole = Box::new(self.assemble(state)?);
        let empty = State { theta: Vec::new(), networks: Vec::new(), common: Vec::new() };
        let step = std::mem::replace(&mut whole.step, empty);
        let Assembly { value, log_det, decrement, .. } = *whole;
        let mut pivots = diagonal(&whole.common, self.layout.common, 0..self.layout.common);
        for (n, factor) in whole.factors.iter().enumerate() {
            let own = self.layout.own(n);
            let rest = self.layout.weeks[n]..own;
            pivots.extend(diagonal(factor, own + self.layout.common, rest));
        }
        Some(Newton { value, log_det, decrement, step, pivots, whole: Some(whole) })
    }

    fn newton_weeks_first(&self, state: &State) -> Option<Newton> {
        let networks = (0..self.design.networks.len()).into_par_iter();
        let networks: Vec<Option<Network>> =
            networks.map(|n| Network::new(self, n, state)).collect();
        let mut shared = self.common_block(state);
        let (mut value, mut log_det) = (self.norm() + self.shared_value(state), 0.0);
        let networks: Vec<Network> = networks.into_iter().collect::<Option<_>>()?;
        for network in &networks {
            value += network.value;
            log_det += network.log_det;
            network.reduced.leave(&mut shared);
        }
        let Solved { step: common, factor, log_det: of_common, mut decrement } = shared.solved()?;
        let mut pivots = diagonal(&factor, common.len(), 0..common.len());
        for (n, network) in networks.iter().enumerate() {
            let theta = self.layout.p * self.design.networks[n].segments.len();
            let own = theta + self.layout.rest(n);
            pivots.extend(diagonal(&network.reduced.matrix, own + common.len(), theta..own));
        }
        let mut step = State {
            theta: vec![[0.0; 3]; state.theta.len()],
            networks: Vec::with_capacity(networks.len()),
            common,
        };
        for (n, network) in networks.iter().enumerate() {
            decrement += network.follow(self, n, &mut step);
        }
        let log_det = log_det + of_common;
        Some(Newton { value, log_det, decrement, step, pivots, whole: None })
    }
}

/// Some places of the diagonal of a matrix with rows of length `size`.
fn diagonal(matrix: &[f64], size: usize, places: std::ops::Range<usize>) -> Vec<f64> {
    places.map(|a| matrix[a * (size + 1)]).collect()
}

/// A network with its weeks taken out.
struct Network {
    value: f64,
    log_det: f64,
    weeks: Weeks,
    /// Columns: its segments' parameters, the rest of its block; then the common block.
    reduced: Reduced,
}

/// A network's weeks: each one's precision, and everything over its root.
struct Weeks {
    /// Numbers of a column, filled up with zeros to whole registers.
    stride: usize,
    /// `1/√d` of every week.
    root: Vec<f64>,
    gradient: Vec<f64>,
    /// Columns that weeks are linked with: season, drift and common season (`prior` of them), then
    /// the segments' parameters and log fall.
    links: Vec<f64>,
    /// Where those columns are in the network's own-then-common order.
    places: Vec<usize>,
    prior: usize,
}

impl Network {
    fn new(problem: &Problem<'_>, n: usize, state: &State) -> Option<Self> {
        let (design, layout) = (problem.design, problem.layout);
        let own_segments = &design.networks[n].segments;
        let (p, common) = (layout.p, layout.common);
        let theta = p * own_segments.len();
        let own = theta + layout.rest(n);
        let size = own + common;
        // From `inner`'s order, weeks first, to this one.
        let place = |column: usize| column + theta - layout.weeks[n];
        let (mut matrix, mut gradient) = (vec![0.0; size * size], vec![0.0; size]);
        let mut weeks = Weeks::new(layout, n, theta);
        let mut sums = Said::new(layout.weeks[n]);
        let fall = theta + layout.log_fall();
        let mut value = 0.0;
        for (s, &i) in own_segments.iter().enumerate() {
            let segment = &design.segments[i];
            let said = Cells::at(problem, i, state).sums(segment, p);
            let Own { columns, block, gradient: slopes, pull } = problem.own(i, state, &said);
            value += said.value + problem.residual_value(segment, &state.theta[i], state);
            let width = said.touched.len() + 1;
            for a in 0..p {
                let row = p * s + a;
                gradient[row] += slopes[a];
                for b in 0..=a {
                    matrix[row * size + p * s + b] += block[a][b];
                }
                matrix[fall * size + row] += said.links[(a + 1) * width - 1];
                let links = weeks.links_mut(weeks.prior + row);
                for (t, x) in said.touched.iter().zip(&said.links[a * width..]) {
                    links[*t as usize] += x;
                }
            }
            for (column, j, x) in &columns {
                gradient[place(*column)] += pull[*j] * x;
                for a in 0..p {
                    let value = -problem.precision()[a][*j] * x;
                    add_lower(&mut matrix, size, place(*column), p * s + a, value);
                }
            }
            problem.add_columns(&columns, &mut matrix, size, place);
            gradient[fall] += said.k_gradient;
            matrix[fall * (size + 1)] += said.k_information;
            let links = weeks.links_mut(weeks.prior + theta);
            for (at, t) in said.touched.iter().enumerate() {
                links[*t as usize] += said.week_k[at];
                sums.gradient[*t as usize] += said.week_gradient[at];
                sums.weight[*t as usize] += said.week_weight[at];
            }
        }
        for (residual, precision, columns) in problem.network_residuals(n, state) {
            match columns {
                [(t, _), links @ ..] if *t < layout.weeks[n] => {
                    weeks.add_prior(layout, n, *t, residual, precision, links, &mut sums);
                }
                _ => {
                    for (index, (column, x)) in columns.iter().enumerate() {
                        gradient[place(*column)] -= precision * residual * x;
                        for (other, y) in &columns[..=index] {
                            let value = precision * x * y;
                            add_lower(&mut matrix, size, place(*column), place(*other), value);
                        }
                    }
                }
            }
        }
        let of_weeks = weeks.leave(&sums, &mut matrix, &mut gradient);
        let (reduced, log_det) = Reduced::new(matrix, gradient, own, common)?;
        Some(Self { value, log_det: log_det + of_weeks, weeks, reduced })
    }

    /// Writes the network's step; its part of the decrement.
    fn follow(&self, problem: &Problem<'_>, n: usize, step: &mut State) -> f64 {
        let (own, mut decrement) = self.reduced.follow(&step.common);
        let p = problem.layout.p;
        let at = |place: usize| match place.checked_sub(own.len()) {
            None => own[place],
            Some(column) => step.common[column],
        };
        let mut weeks = self.weeks.gradient.clone();
        decrement += weeks.iter().map(|x| x * x).sum::<f64>();
        for (c, place) in self.weeks.places.iter().enumerate() {
            let by = at(*place);
            let links = &self.weeks.links[c * self.weeks.stride..][..self.weeks.stride];
            weeks.iter_mut().zip(links).for_each(|(x, link)| *x -= by * link);
        }
        weeks.iter_mut().zip(&self.weeks.root).for_each(|(x, root)| *x *= root);
        weeks.truncate(problem.layout.weeks[n]);
        let segments = &problem.design.networks[n].segments;
        weeks.extend(&own[p * segments.len()..]);
        for (i, theta) in segments.iter().zip(own.chunks(p)) {
            step.theta[*i][..p].copy_from_slice(theta);
        }
        step.networks.push(weeks);
        decrement
    }
}

/// What speaks of a network's weeks: its cells, and the prior.
struct Said {
    gradient: Vec<f64>,
    /// Precision that the cells add.
    weight: Vec<f64>,
    prior_gradient: Vec<f64>,
    prior_precision: f64,
}

impl Said {
    fn new(weeks: usize) -> Self {
        let zeros = || vec![0.0; weeks];
        Self { gradient: zeros(), weight: zeros(), prior_gradient: zeros(), prior_precision: 1.0 }
    }
}

/// Numbers that `dots` adds at once.
const REGISTER: usize = 8;

impl Weeks {
    fn new(layout: &Layout, n: usize, theta: usize) -> Self {
        let stride = layout.weeks[n].next_multiple_of(REGISTER);
        let own = theta + layout.rest(n);
        let seasons = 2 * layout.harmonics;
        let mut places: Vec<usize> = (theta + layout.season()..own).collect();
        places.extend((0..seasons).map(|h| own + layout.common_season() + h));
        let prior = places.len();
        places.extend(0..theta);
        places.push(theta + layout.log_fall());
        Self {
            stride,
            root: vec![0.0; stride],
            gradient: vec![0.0; stride],
            links: vec![0.0; places.len() * stride],
            places,
            prior,
        }
    }

    fn links_mut(&mut self, column: usize) -> &mut [f64] {
        &mut self.links[column * self.stride..(column + 1) * self.stride]
    }

    /// Adds a week's own prior: its distance from season and drift, whose factors are `columns`.
    #[allow(clippy::too_many_arguments, reason = "one residual's parts and where they go")]
    fn add_prior(
        &mut self,
        layout: &Layout,
        n: usize,
        t: usize,
        residual: f64,
        precision: f64,
        columns: &[(usize, f64)],
        sums: &mut Said,
    ) {
        let (weeks, own) = (layout.weeks[n], layout.own(n));
        sums.prior_gradient[t] = -precision * residual;
        sums.prior_precision = precision;
        for (column, x) in columns {
            let of_common = own + layout.common_season();
            let at = match column.checked_sub(of_common) {
                Some(h) => self.prior - 2 * layout.harmonics + h,
                None => column - weeks - layout.season(),
            };
            self.links[at * self.stride + t] += x;
        }
    }

    /// Takes the weeks out; the log of their determinant. Until here the links of season and drift
    /// are their factors alone.
    fn leave(&mut self, sums: &Said, matrix: &mut [f64], gradient: &mut [f64]) -> f64 {
        let (size, stride, prior) = (gradient.len(), self.stride, self.prior);
        let mut log_det = 0.0;
        // What a week's precision leaves of the prior's: λ − λ²/d, and the gradient likewise.
        let (mut left, mut pull) = (vec![0.0; stride], vec![0.0; stride]);
        let shock = sums.prior_precision;
        for t in 0..sums.weight.len() {
            let total = shock + sums.weight[t];
            let slope = sums.gradient[t] + sums.prior_gradient[t];
            log_det += total.ln();
            self.root[t] = total.sqrt().recip();
            self.gradient[t] = slope * self.root[t];
            left[t] = (shock * sums.weight[t] / total).sqrt();
            pull[t] = sums.prior_gradient[t] - shock * slope / total;
        }
        let (of_prior, of_cells) = self.links.split_at_mut(prior * stride);
        let mut stays = of_prior.to_vec();
        for (c, column) in stays.chunks_mut(stride).enumerate() {
            gradient[self.places[c]] += crate::numeric::linalg::dot(column, &pull);
            column.iter_mut().zip(&left).for_each(|(x, left)| *x *= left);
        }
        add_gram(matrix, size, &self.places[..prior], &stays, stride, 0, 1.0);
        for column in of_prior.chunks_mut(stride) {
            column.iter_mut().zip(&self.root).for_each(|(x, root)| *x *= shock * root);
        }
        for (c, column) in of_cells.chunks_mut(stride).enumerate() {
            column.iter_mut().zip(&self.root).for_each(|(x, root)| *x *= root);
            gradient[self.places[prior + c]] -= crate::numeric::linalg::dot(column, &self.gradient);
        }
        add_gram(matrix, size, &self.places, &self.links, stride, prior, -1.0);
        log_det
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;
    use crate::train::data::design::Layers;
    use crate::train::data::specification::Specification;
    use crate::train::density::hyper::HyperSpace;
    use crate::train::worlds::{Settings, world};

    #[test]
    fn both_orders_take_the_same_step() {
        for baseline in [false, true] {
            let settings = Settings { weeks: 33, baseline, ..Settings::default() };
            let panel = world(&settings, Seed(6)).panel;
            let specification =
                Specification { baseline: baseline.into(), ..Specification::default() };
            let layers = Layers::new(&panel, &specification).unwrap();
            let design = Design::new(&panel, &specification, &layers).unwrap();
            let layout = Layout::new(&design);
            let space = HyperSpace::new(&design, &specification);
            let hyper = space.decode(&space.start());
            let mut problem = Problem::new(&design, &layout, &specification, hyper);
            let mut state = State::start(&design, &layout, &specification);
            for _ in 0..3 {
                problem.weeks_first = false;
                let one = problem.newton(&state).unwrap();
                problem.weeks_first = true;
                let other = problem.newton(&state).unwrap();
                let near = |a: f64, b: f64| (a - b).abs() < 1e-7 * (1.0 + b.abs());
                assert!(near(other.value, one.value) && near(other.log_det, one.log_det));
                assert!(near(other.decrement, one.decrement));
                let all = |step: &State| {
                    let networks = step.networks.iter().flatten();
                    let theta = step.theta.iter().flatten();
                    theta.chain(networks).chain(&step.common).copied().collect::<Vec<_>>()
                };
                let (one, other) = (all(&one.step), all(&other.step));
                assert_eq!(one.len(), other.len());
                for (at, (one, other)) in one.iter().zip(&other).enumerate() {
                    assert!(near(*other, *one), "{at}: {other} for {one}");
                }
                let newton = problem.newton(&state).unwrap();
                state = problem.step(&state, &newton).0;
            }
        }
    }

    #[test]
    fn a_few_segments_of_many_weeks_take_weeks_first_and_many_segments_do_not() {
        let first = |territories: usize, weeks: usize| {
            let settings = Settings { territories, weeks, ..Settings::default() };
            let panel = world(&settings, Seed(7)).panel;
            let specification = Specification::default();
            let layers = Layers::new(&panel, &specification).unwrap();
            let design = Design::new(&panel, &specification, &layers).unwrap();
            weeks_first(&design, &Layout::new(&design))
        };
        assert!(first(2, 104));
        assert!(!first(40, 12));
    }
}
