//! The outer problem: the mode of `ψ` under its Laplace-approximated marginal, its joint spread, and
//! how the shared effects move with it.
//!
//! A few passes coordinate by coordinate with parabolas come near the mode. Then the curvature of
//! the marginal in pairs of hyper-parameters gives uncorrelated axes (saturation, shape and memory
//! pull on each other), along which the mode is finished and a law with a tail of its own
//! to each side is fitted (`tails`: scales have a long tail to one). Far from the mode those axes
//! fit badly and joint steps overshoot: then steps go along one axis after the other, and the axes
//! are looked for anew.

use super::fit::{Axis, Fitted, Narrow, Shift, TRUSTED};

use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

use super::newton::Newton;
use super::subsample_start;
use super::tails::{Law, Tail};
use crate::numeric::linalg::eigen;
use crate::random::{Purpose, Seed};
use crate::train::data::design::Design;
use crate::train::data::specification::Specification;
use crate::train::density::hyper::{HyperSpace, Role};
use crate::train::density::state::{Layout, Problem, State};
use crate::train::error::TrainError;

impl Fitted {
    /// Spread below and above the mode of one hyper-parameter by itself.
    pub(crate) fn spread(&self, i: usize) -> (f64, f64) {
        let (mut below, mut above) = (0.0, 0.0);
        for axis in &self.axes {
            let x = axis.direction[i];
            let (down, up) = (axis.below.sd(), axis.above.sd());
            let (down, up) = if x > 0.0 { (down, up) } else { (up, down) };
            below += (x * down).powi(2);
            above += (x * up).powi(2);
        }
        (below.sqrt(), above.sqrt())
    }
}

impl Axis {
    /// Standard deviation of both sides together, give or take their difference.
    pub(crate) fn sd(&self) -> f64 {
        0.5 * (self.below.sd() + self.above.sd())
    }
}

impl Shift {
    fn scale(&mut self, by: f64) {
        let shared = self.networks.iter_mut().flatten().chain(&mut self.common);
        shared.chain(self.theta.iter_mut().flatten()).for_each(|x| *x *= by);
    }
}

/// One evaluation of the marginal: its value and how everything moves there.
struct Evaluation {
    value: f64,
    step: State,
    /// Of the precision there: common block, then each network's rest.
    pivots: Vec<f64>,
}

struct Search<'a> {
    design: &'a Design,
    space: &'a HyperSpace,
    /// The problem at the last settled point: what stays the same is taken from it.
    base: Problem<'a>,
    learnt: Vec<usize>,
}

/// Cells up to which pairs of hyper-parameters are looked at. Beyond, so much is known that how
/// they pull on each other no longer matters.
const SOME_PAIRS: usize = 120_000;

impl Search<'_> {
    /// Laplace marginal at `psi`, from one Newton step away from `state`.
    fn evaluate(&self, psi: &[f64], state: &State) -> Option<Evaluation> {
        let problem = self.base.moved_to(self.space.decode(psi));
        let newton = problem.newton(state)?;
        let value = newton.laplace() + self.space.log_prior(psi);
        value.is_finite().then_some(Evaluation { value, step: newton.step, pivots: newton.pivots })
    }

    /// The same from two steps away: the curvature is that of the place arrived at.
    fn evaluate_well(&self, psi: &[f64], state: &State) -> Option<Evaluation> {
        if self.design.n_cells > SOME_PAIRS {
            return self.evaluate(psi, state);
        }
        let problem = self.base.moved_to(self.space.decode(psi));
        let first = problem.newton(state)?;
        let (moved, _) = problem.step(state, &first);
        let newton = problem.newton(&moved)?;
        let value = newton.laplace() + self.space.log_prior(psi);
        let step = moved.moved(&newton.step, 1.0).moved(state, -1.0);
        value.is_finite().then_some(Evaluation { value, step, pivots: newton.pivots })
    }

    /// The same from the mode itself: what two steps foretell of a far place may be false.
    fn evaluate_settled(&self, psi: &[f64], state: &State) -> Option<Evaluation> {
        let problem = self.base.moved_to(self.space.decode(psi));
        let (mode, newton) = problem.mode(state, 12)?;
        let value = newton.laplace() + self.space.log_prior(psi);
        let step = mode.moved(state, -1.0);
        value.is_finite().then_some(Evaluation { value, step, pivots: newton.pivots })
    }

    /// The same from one step away of where everything moves with an axis.
    fn evaluate_along(
        &self,
        psi: &[f64],
        state: &State,
        shift: &Shift,
        by: f64,
    ) -> Option<Evaluation> {
        let mut moved = state.clone();
        moved.shift(shift, by);
        let mut evaluation = self.evaluate(psi, &moved)?;
        evaluation.step.shift(shift, by);
        Some(evaluation)
    }

    fn settle(&mut self, psi: &[f64], state: &State, most: usize) -> Option<Place> {
        let problem = self.base.moved_to(self.space.decode(psi));
        let (state, newton) = problem.mode(state, most)?;
        let value = newton.laplace() + self.space.log_prior(psi);
        self.base = problem;
        Some(Place { psi: psi.to_vec(), state, newton, value })
    }
}

/// A settled point.
struct Place {
    psi: Vec<f64>,
    state: State,
    newton: Newton,
    value: f64,
}

/// The mode of segments and shared effects at hyper-parameters kept from an earlier fit: what one
/// more week costs.
pub(crate) fn refit(
    design: &Design,
    specification: &Specification,
    psi: Vec<f64>,
    axes: Vec<Axis>,
    start: impl FnOnce(&Layout) -> State,
) -> Result<Fitted, TrainError> {
    let layout = Layout::new(design);
    let space = HyperSpace::new(design, specification);
    let problem = Problem::new(design, &layout, specification, space.decode(&psi));
    let (state, newton) = problem.mode(&start(&layout), 8).ok_or(TrainError::DidNotSettle)?;
    let evidence = newton.laplace() + space.log_prior(&psi);
    let assembly = newton.assembly(&problem, &state).ok_or(TrainError::DidNotSettle)?;
    Ok(Fitted {
        space,
        layout,
        psi,
        axes,
        state,
        assembly,
        evidence,
        pareto_k: f64::NAN,
        settled: true,
        sites: Vec::new(),
        centre: None,
    })
}

/// Passes over the hyper-parameters one by one; later ones only touch those that still move.
const PASSES: usize = 4;
/// Rounds along the axes.
const ROUNDS: usize = 16;
/// Longest step along an axis, in standard deviations; doubled while steps hold what they promise (a
/// large panel begins dozens of its narrow standard deviations away), up to the second.
const REACH: f64 = 1.5;
const FURTHEST: f64 = 12.0;
/// Rounds after which the axes are looked for anew: those found far from the mode fit it badly.
const ANEW: usize = 3;

/// Finds the mode and the spread.
///
/// `from` is an earlier fit of nearly the same design, to begin at.
pub(crate) fn fit(
    design: &Design,
    specification: &Specification,
    from: Option<&Fitted>,
    seed: Seed,
) -> Result<Fitted, TrainError> {
    let layout = Layout::new(design);
    let space = HyperSpace::new(design, specification);
    let dear = design.n_cells > SOME_PAIRS;
    let part = (dear && from.is_none()).then(|| subsample_start::subsample_start(design));
    // Networks of one segment each leave nothing out.
    let part = part.filter(|part| part.n_cells <= SOME_PAIRS);
    let part = match part {
        Some(part) => Some((fit(&part, specification, None, seed)?, part.n_cells)),
        None => None,
    };
    // Where the search begins, and what its axes are already known from, found with so many cells.
    let (psi, start, known) = match (from, &part) {
        (Some(from), _) => {
            (from.psi.clone(), from.state.clone(), dear.then_some((from, design.n_cells)))
        }
        (None, Some((part, cells))) => {
            let start = subsample_start::start(design, &layout, part);
            (part.psi.clone(), start, Some((part, *cells)))
        }
        (None, None) => (space.start(), State::start(design, &layout, specification), None),
    };
    let mut search = Search {
        design,
        space: &space,
        base: Problem::new(design, &layout, specification, space.decode(&psi)),
        learnt: (0..space.len()).filter(|i| space.is_learnt(*i, design)).collect(),
    };
    let place = search.settle(&psi, &start, 25).ok_or(TrainError::DidNotSettle)?;
    let (place, axes, settled) = if let Some((found, cells)) = known {
        let cells = (cells, design.n_cells);
        let directions = subsample_start::directions(found, cells, search.learnt.len());
        along_axes(&mut search, place, directions, None)?
    } else {
        let mut width: Vec<f64> = vec![0.5; space.len()];
        let place = coordinates(&mut search, place, &mut width)?;
        let directions = self::directions(&search, &place, &width);
        along_axes(&mut search, place, directions, Some(&width))?
    };
    let pareto_k = trust(&search, &place, &axes, seed);
    let mut axes = axes;
    if pareto_k > TRUSTED {
        // Tails heavier than the laws': better a little too wide than too sure.
        for axis in &mut axes {
            axis.below.spread *= WIDER;
            axis.above.spread *= WIDER;
        }
    }
    let Place { psi, state, newton, value } = place;
    let problem = search.base.moved_to(space.decode(&psi));
    let assembly = newton.assembly(&problem, &state).ok_or(TrainError::DidNotSettle)?;
    let fixed = (0..space.len()).filter(|i| !search.learnt.contains(i)).map(|i| {
        let mut direction = vec![0.0; space.len()];
        direction[i] = 1.0;
        let (below, above) = space.parameters[i].prior_spread();
        Axis {
            direction,
            below: Tail::normal(below),
            above: Tail::normal(above),
            shift: None,
            bend: None,
            narrow: None,
        }
    });
    let axes = axes.into_iter().chain(fixed).collect();
    Ok(Fitted {
        pareto_k,
        space: space.clone(),
        layout: layout.clone(),
        psi,
        axes,
        state,
        assembly,
        evidence: value,
        settled,
        sites: Vec::new(),
        centre: None,
    })
}

/// Comes near the mode coordinate by coordinate, each with a parabola through three points.
fn coordinates(
    search: &mut Search<'_>,
    mut place: Place,
    width: &mut [f64],
) -> Result<Place, TrainError> {
    let mut active = search.learnt.clone();
    for _ in 0..PASSES {
        let mut psi = place.psi.clone();
        for &i in &active {
            psi[i] += newton(search, &psi, &place.state, i, &mut width[i]);
        }
        let before = place.psi.clone();
        (place, _) = moved(search, &place, &psi)?;
        active.retain(|&i| (place.psi[i] - before[i]).abs() > 0.5 * width[i]);
        if active.is_empty() {
            break;
        }
    }
    Ok(place)
}

/// Settles at `psi`, or part of the way when coordinates that pull on each other overshot
/// together; with the share of the way, 0 when no part of it is better.
fn moved(search: &mut Search<'_>, from: &Place, psi: &[f64]) -> Result<(Place, f64), TrainError> {
    for share in [1.0, 0.5, 0.2] {
        let part: Vec<f64> =
            psi.iter().zip(&from.psi).map(|(new, old)| old + share * (new - old)).collect();
        if let Some(place) = search.settle(&part, &from.state, 5)
            && place.value >= from.value - 1e-7 * from.value.abs()
        {
            return Ok((place, share));
        }
    }
    let place = search.settle(&from.psi, &from.state, 2).ok_or(TrainError::DidNotSettle)?;
    Ok((place, 0.0))
}

/// A direction that the mode is looked for along.
struct Line {
    direction: Vec<f64>,
    /// How everything moved along it when it was last looked at.
    shift: Option<Shift>,
    /// Whether it is worth looking at before the others have come to rest.
    moves: bool,
}

impl Line {
    fn new(direction: Vec<f64>) -> Self {
        Self { direction, shift: None, moves: true }
    }

    /// Makes it as long as a standard deviation, as far as one look from one place tells.
    fn fit(&mut self, sides: &Sides, here: f64) {
        let by = sides.bend(here).clamp(0.1, 4.0).sqrt().recip();
        self.direction.iter_mut().for_each(|x| *x *= by);
        if let Some(shift) = &mut self.shift {
            shift.scale(by);
        }
    }
}

/// Whether the end was found: no step along an axis, in its standard deviations, is longer.
const ASTRAY: f64 = 0.8;

/// When a search along axes has come near enough.
struct Patience {
    rounds: usize,
    /// Steps below which it has ended, and below which an axis rests until all do.
    near: f64,
    rests: f64,
}

impl Patience {
    /// Where evaluations are dear, standard deviations are so narrow that half of one is nothing.
    fn of(search: &Search<'_>) -> Self {
        if search.design.n_cells > SOME_PAIRS {
            Self { rounds: 6, near: 0.5, rests: 0.4 }
        } else {
            Self { rounds: ROUNDS, near: 0.3, rests: 0.15 }
        }
    }
}

/// Finishes the mode along axes, looks for them anew (with the hyper-parameters' own widths, where
/// those are known) where they fit badly, and measures their spread.
fn along_axes(
    search: &mut Search<'_>,
    mut place: Place,
    directions: Vec<Vec<f64>>,
    width: Option<&[f64]>,
) -> Result<(Place, Vec<Axis>, bool), TrainError> {
    let Patience { rounds, near, rests } = Patience::of(search);
    let (mut round, mut stuck, mut reach) = (0, false, REACH);
    let mut lines: Vec<Line> = directions.into_iter().map(Line::new).collect();
    loop {
        round += 1;
        let last = round >= rounds || stuck;
        if last || lines.iter().all(|line| !line.moves) {
            for line in &mut lines {
                line.moves = true;
            }
        }
        let whole = lines.iter().all(|line| line.moves);
        let look = |line: &Line| {
            line.moves.then(|| sides(search, &place, &line.direction, line.shift.as_ref()))
        };
        let seen: Vec<Option<Sides>> = lines.iter().map(look).collect();
        let step = |sides: &Option<Sides>| {
            sides.as_ref().map_or(0.0, |sides| sides.newton(place.value, reach))
        };
        let steps: Vec<f64> = seen.iter().map(step).collect();
        let largest = steps.iter().fold(0.0_f64, |most, step| most.max(step.abs()));
        if whole && (largest < near || last) {
            let seen = lines.into_iter().zip(seen.into_iter().flatten());
            let axes = seen.map(|(line, sides)| measured(search, &place, line.direction, sides));
            let axes = axes.collect();
            return Ok((place, axes, largest < ASTRAY));
        }
        for (line, sides) in lines.iter_mut().zip(&seen) {
            if let Some(sides) = sides {
                line.shift = sides.shift();
            }
        }
        if largest < near {
            for line in &mut lines {
                line.moves = false;
            }
            continue;
        }
        let mut psi = place.psi.clone();
        for (line, step) in lines.iter().zip(&steps) {
            psi.iter_mut().zip(&line.direction).for_each(|(x, by)| *x += step * by);
        }
        let here = place.value;
        let share;
        (place, share) = moved(search, &place, &psi)?;
        reach = if share == 1.0 { (2.0 * reach).min(FURTHEST) } else { REACH };
        if share == 0.0 {
            place = one_by_one(search, place, &lines, &steps);
            stuck = place.value < here + 1e-3;
        }
        for ((line, sides), step) in lines.iter_mut().zip(&seen).zip(&steps) {
            line.moves = step.abs() >= rests;
            if let (None, Some(sides)) = (width, sides) {
                line.fit(sides, here);
            }
        }
        if let Some(width) = width
            && (share == 0.0 || round % ANEW == 0)
        {
            let anew = self::directions(search, &place, width);
            lines = anew.into_iter().map(Line::new).collect();
        }
    }
}

/// An axis at the mode.
fn measured(search: &Search<'_>, place: &Place, direction: Vec<f64>, sides: Sides) -> Axis {
    let flat = sides.flat();
    let narrow = sides.narrow(&place.newton.pivots);
    let mut axis = Axis { narrow, ..sides.axis(direction, place.value) };
    look_far(search, place, &mut axis, flat);
    axis
}

/// Moves along the axes one after the other, the longest steps first: together they overshot.
/// What does not raise the marginal is left alone.
fn one_by_one(search: &mut Search<'_>, mut place: Place, lines: &[Line], steps: &[f64]) -> Place {
    let mut order: Vec<usize> = (0..steps.len()).filter(|k| steps[*k].abs() > 0.1).collect();
    order.sort_by(|a, b| steps[*b].abs().total_cmp(&steps[*a].abs()));
    for k in order {
        for share in [1.0, 0.3] {
            let step = share * steps[k];
            let psi: Vec<f64> =
                place.psi.iter().zip(&lines[k].direction).map(|(x, per)| x + step * per).collect();
            let Some(moved) = search.settle(&psi, &place.state, 8) else { continue };
            if moved.value > place.value {
                place = moved;
                break;
            }
        }
    }
    place
}

/// Uncorrelated directions, each as long as a standard deviation.
fn directions(search: &Search<'_>, place: &Place, width: &[f64]) -> Vec<Vec<f64>> {
    let learnt = &search.learnt;
    let n = learnt.len();
    let h: Vec<f64> = learnt.iter().map(|&i| width[i].clamp(0.03, 1.0)).collect();
    let at = |moves: &[(usize, f64)]| -> Option<f64> {
        let mut psi = place.psi.clone();
        for (a, by) in moves {
            psi[learnt[*a]] += by * h[*a];
        }
        search.evaluate(&psi, &place.state).map(|evaluation| evaluation.value - place.value)
    };
    let above: Vec<Option<f64>> = (0..n).map(|a| at(&[(a, 1.0)])).collect();
    let below: Vec<Option<f64>> = (0..n).map(|a| at(&[(a, -1.0)])).collect();
    let mut matrix = vec![0.0; n * n];
    for a in 0..n {
        let bend = above[a].zip(below[a]).map_or(1.0, |(up, down)| -(up + down));
        matrix[a * n + a] = bend.clamp(0.2, 4.0);
        for b in 0..a {
            if !couple(search, learnt[a], learnt[b]) {
                continue;
            }
            let (Some(one), Some(other)) = (above[a], above[b]) else { continue };
            let Some(both) = at(&[(a, 1.0), (b, 1.0)]) else { continue };
            // A pair never carries more than nine tenths of what its two ends do.
            let most = 0.9 * (matrix[a * n + a] * matrix[b * n + b]).sqrt();
            let value = (one + other - both).clamp(-most, most);
            matrix[a * n + b] = value;
            matrix[b * n + a] = value;
        }
    }
    let (values, vectors) = eigen(matrix, n);
    (0..n)
        .map(|k| {
            let length = values[k].max(0.15).sqrt();
            let mut direction = vec![0.0; place.psi.len()];
            for a in 0..n {
                direction[learnt[a]] = h[a] * vectors[a * n + k] / length;
            }
            direction
        })
        .collect()
}

/// Whether a pair of hyper-parameters is worth an evaluation: the scales of attributes hardly
/// lean on anything, and a network's dispersion only on what else makes its counts scatter.
fn couple(search: &Search<'_>, a: usize, b: usize) -> bool {
    let role = |i: usize| search.space.parameters[i].role;
    let scatter = |role: Role| matches!(role, Role::Shock | Role::Drift | Role::Carryover);
    let central = |role: Role| {
        let levels = Role::Spread(0) == role || Role::Spread(1) == role;
        scatter(role) || levels || matches!(role, Role::Correlation | Role::Shape | Role::Season)
    };
    let dispersion = |role: Role| matches!(role, Role::Dispersion(_));
    let (a, b) = (role(a), role(b));
    search.design.n_cells <= SOME_PAIRS
        && (central(a) && central(b) || dispersion(a) && scatter(b) || scatter(a) && dispersion(b))
}

/// The marginal to both sides of a place, so many standard deviations away.
struct Sides {
    below: Option<(f64, Evaluation)>,
    above: Option<(f64, Evaluation)>,
}

/// How far out a side is looked at that hardly falls: a memory of nearly nothing, a scale near 0.
const FAR: f64 = 2.5;

/// A rise above the mode found that is looked at closely before it is believed.
const RISE: f64 = 0.3;

/// Both sides of a place; `known` is how everything moved along the direction around the last
/// place, so that one step from there is as good as two from here.
fn sides(search: &Search<'_>, place: &Place, direction: &[f64], known: Option<&Shift>) -> Sides {
    let at = |by: f64| {
        let psi: Vec<f64> = place.psi.iter().zip(direction).map(|(x, per)| x + by * per).collect();
        let mut found = match known {
            Some(shift) => search.evaluate_along(&psi, &place.state, shift, by),
            None => search.evaluate_well(&psi, &place.state),
        };
        if found.as_ref().is_none_or(|found| found.value > place.value + RISE) {
            found = search.evaluate_settled(&psi, &place.state).or(found);
        }
        found.map(|evaluation| (by.abs(), evaluation))
    };
    let side = |sign: f64| {
        let near = at(sign)?;
        // A side that rises is the search's business; one that is flat has a long tail.
        let fall = place.value - near.1.value;
        if (0.0..0.15).contains(&fall) { at(FAR * sign).or(Some(near)) } else { Some(near) }
    };
    Sides { below: side(-1.0), above: side(1.0) }
}

/// Looks further out along an axis for how its tails fall. A side that was `flat` (below, above)
/// has been looked at there already.
fn look_far(search: &Search<'_>, place: &Place, axis: &mut Axis, flat: (bool, bool)) {
    let Some(shift) = &axis.shift else { return };
    if search.design.n_cells > SOME_PAIRS {
        return;
    }
    let fall = |by: f64| {
        let psi: Vec<f64> =
            place.psi.iter().zip(&axis.direction).map(|(x, per)| x + by * per).collect();
        let evaluation = search.evaluate_along(&psi, &place.state, shift, by);
        evaluation.map(|evaluation| place.value - evaluation.value)
    };
    let tail = |tail: Tail, sign: f64| {
        let near = 0.5 * tail.spread.powi(-2);
        let far = fall(sign * FAR).filter(|far| *far > 0.05)?;
        Some(Tail::through(1.0, near, FAR, far))
    };
    let tails = (
        (!flat.0).then(|| tail(axis.below, -1.0)).flatten(),
        (!flat.1).then(|| tail(axis.above, 1.0)).flatten(),
    );
    axis.below = tails.0.unwrap_or(axis.below);
    axis.above = tails.1.unwrap_or(axis.above);
}

impl Sides {
    /// Whether a side, below and above, was only seen from far.
    fn flat(&self) -> (bool, bool) {
        let far = |side: &Option<(f64, Evaluation)>| side.as_ref().is_none_or(|(by, _)| *by != 1.0);
        (far(&self.below), far(&self.above))
    }

    /// Curvature along the line; 1 where it is as long as a standard deviation.
    fn bend(&self, here: f64) -> f64 {
        let fall = |side: &Option<(f64, Evaluation)>| {
            side.as_ref().map(|(far, there)| (here - there.value) / (far * far))
        };
        match (fall(&self.below), fall(&self.above)) {
            (Some(below), Some(above)) => below + above,
            _ => 1.0,
        }
    }

    /// Step to the top of the parabola through both sides, in standard deviations and no longer than
    /// `reach`.
    fn newton(&self, here: f64, reach: f64) -> f64 {
        match (&self.below, &self.above) {
            (Some((down, below)), Some((up, above))) => {
                // Divided differences: the two sides need not be equally far.
                let (fall, rise) = ((here - below.value) / down, (above.value - here) / up);
                let slope = (fall * up + rise * down) / (up + down);
                let bend = 2.0 * (fall - rise) / (up + down);
                (slope / bend.max(0.3)).clamp(-reach, reach)
            }
            (Some(_), None) => -0.5,
            (None, Some(_)) => 0.5,
            (None, None) => 0.0,
        }
    }

    /// How everything moves per standard deviation, by the difference of both sides.
    fn shift(&self) -> Option<Shift> {
        let ((down, below), (up, above)) = self.below.as_ref().zip(self.above.as_ref())?;
        let by = 1.0 / (up + down);
        let slope = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| by * (a - b)).collect();
        let networks = above.step.networks.iter().zip(&below.step.networks);
        let theta = above.step.theta.iter().zip(&below.step.theta);
        Some(Shift {
            networks: networks.map(|(a, b)| slope(a, b)).collect(),
            common: slope(&above.step.common, &below.step.common),
            theta: theta.map(|(a, b)| std::array::from_fn(|j| by * (a[j] - b[j]))).collect(),
        })
    }

    /// How everything moves to the two sides: per standard deviation along them, by half the
    /// difference; and by half the sum, what is added to either.
    fn movements(&self) -> Option<(Shift, Shift)> {
        let ((down, below), (up, above)) = self.below.as_ref().zip(self.above.as_ref())?;
        let half = |sign: f64| {
            let sum = |a: &[f64], b: &[f64]| {
                a.iter().zip(b).map(|(a, b)| 0.5 * (a / up + sign * b / down)).collect()
            };
            let networks = above.step.networks.iter().zip(&below.step.networks);
            Shift {
                networks: networks.map(|(a, b)| sum(a, b)).collect(),
                common: sum(&above.step.common, &below.step.common),
                theta: above
                    .step
                    .theta
                    .iter()
                    .zip(&below.step.theta)
                    .map(|(a, b)| std::array::from_fn(|j| 0.5 * (a[j] / up + sign * b[j] / down)))
                    .collect(),
            }
        };
        Some((half(-1.0), half(1.0)))
    }

    /// How the shared effects' spread changes to the two sides.
    fn narrow(&self, here: &[f64]) -> Option<Narrow> {
        let ((down, below), (up, above)) = self.below.as_ref().zip(self.above.as_ref())?;
        let half = |sign: f64| -> Vec<f64> {
            let both = above.pivots.iter().zip(&below.pivots).zip(here);
            both.map(|((above, below), here)| {
                0.5 * ((above / here).ln() / up + sign * (below / here).ln() / down)
            })
            .collect()
        };
        let narrow = Narrow { straight: half(-1.0), bent: half(1.0) };
        let fine = narrow.straight.iter().chain(&narrow.bent).all(|x| x.is_finite());
        fine.then_some(narrow)
    }

    fn axis(self, direction: Vec<f64>, here: f64) -> Axis {
        let (shift, bend) = self.movements().unzip();
        let (Some((down, below)), Some((up, above))) = (self.below, self.above) else {
            let unknown = Tail::normal(1.0);
            let (below, above) = (unknown, unknown);
            return Axis { direction, below, above, shift: None, bend: None, narrow: None };
        };
        // One standard deviation costs half a log of density.
        let spread =
            |far: f64, value: f64| (far * (0.5 / (here - value).max(1e-6)).sqrt()).clamp(0.5, 3.0);
        Axis {
            direction,
            below: Tail::normal(spread(down, below.value)),
            above: Tail::normal(spread(up, above.value)),
            shift,
            bend,
            narrow: None,
        }
    }
}

/// Draws of `ψ` that the approximation is weighed with.
const WEIGHED: usize = 48;
/// … and when those few make it look doubtful.
const WEIGHED_WELL: usize = 150;

/// Pareto k̂ of importance ratios: marginal of `ψ` over the laws of its axes.
fn trust(search: &Search<'_>, place: &Place, axes: &[Axis], seed: Seed) -> f64 {
    let mut rng = seed.stream(Purpose::Train, 0);
    let laws: Vec<Law> = axes.iter().map(|axis| Law::new(axis.below, axis.above)).collect();
    let mut logs = Vec::with_capacity(WEIGHED);
    let mut weigh = |until: usize, logs: &mut Vec<f64>| -> Option<f64> {
        while logs.len() < until {
            let mut drawn = place.psi.clone();
            let mut state = place.state.clone();
            let mut log_density = 0.0;
            for (axis, law) in axes.iter().zip(&laws) {
                let z: f64 = StandardNormal.sample(&mut rng);
                let by = law.draw(z, rng.random::<f64>());
                drawn.iter_mut().zip(&axis.direction).for_each(|(x, per)| *x += by * per);
                if let Some(shift) = &axis.shift {
                    state.shift(shift, by);
                }
                log_density += law.log_density(by);
            }
            // One step from where everything moves with the axes: nearly the mode there.
            logs.push(search.evaluate(&drawn, &state)?.value - log_density);
        }
        Some(crate::train::nuts::diagnostics::pareto_k(logs))
    };
    let dear = search.design.n_cells > SOME_PAIRS;
    let few = weigh(if dear { WEIGHED / 2 + 2 } else { WEIGHED }, &mut logs);
    let few = few.unwrap_or(f64::INFINITY);
    // A k̂ of some fifty draws scatters by 0.3: only more of them can condemn.
    if few <= TRUSTED || (dear && few <= HOPELESS) {
        return few;
    }
    weigh(WEIGHED_WELL, &mut logs).unwrap_or(f64::INFINITY)
}

/// What an approximation that is not confirmed is widened by.
const WIDER: f64 = 1.15;

/// Largest Pareto k̂ at which importance weights still have a mean (Vehtari et al. 2024).
pub(crate) const HOPELESS: f64 = 1.0;
/// Pareto k̂ from which they surely have none: 1 and one standard error, `(1 + k)/√M`, of an estimate
/// from the tail of [`WEIGHED_WELL`] draws. Healthy panels of some thousand cells, the shipped demo
/// among them, come out around 1.
pub(crate) const SURELY_HOPELESS: f64 = 1.37;

/// Step of one coordinate to the top of the parabola through three points; learns its width.
fn newton(search: &Search<'_>, psi: &[f64], state: &State, i: usize, width: &mut f64) -> f64 {
    let h = (*width).clamp(0.05, 0.6);
    let at = |offset: f64| {
        let mut psi = psi.to_vec();
        psi[i] += offset;
        search.evaluate(&psi, state).map_or(f64::NEG_INFINITY, |e| e.value)
    };
    // The middle is evaluated and not foretold: an error there would be taken for curvature.
    let (below, here, above) = (at(-h), at(0.0), at(h));
    let curvature = (above + below - 2.0 * here) / (h * h);
    let slope = (above - below) / (2.0 * h);
    if !(curvature.is_finite() && slope.is_finite()) {
        return if above > below { 0.5 * h } else { -0.5 * h };
    }
    if curvature < -0.05 {
        *width = (-1.0 / curvature).sqrt().clamp(0.03, 1.5);
        (-slope / curvature).clamp(-2.0 * h, 2.0 * h)
    } else {
        *width = 1.5_f64.min(2.0 * h);
        2.0 * h * slope.signum()
    }
}
