//! The segments' mean curves as tables, kept draw by draw where there is room: other weights of
//! the draws or other points per action then cost a sum, not a simulation.

use rayon::prelude::*;

use super::Problem;
use super::drawn::{Drawn, Gain, Nodes};
use crate::campaign::Objective;

/// Segments × draws up to which every node is kept draw by draw (some 40 nodes of 16 bytes each).
const KEPT: usize = 120_000;

/// One node's spend, then what is kept of it and its slope draw by draw: actions, or the gain itself
/// where it does not count them.
type Kept = (f64, Box<[(f64, f64)]>);

/// Nodes of every segment's curve.
#[derive(Debug, Clone)]
pub(crate) struct DrawTable {
    gain: Gain,
    weights: Option<Vec<f64>>,
    /// Weighted means.
    nodes: Nodes,
    /// `[segment][node]`.
    kept: Option<Vec<Vec<Kept>>>,
}

/// What is kept of a gain: actions, where it is they times something that does not depend on money.
fn kept(gain: Gain) -> Gain {
    match gain {
        Gain::Objective(Objective::Reach | Objective::Follows) => gain,
        _ => Gain::Actions,
    }
}

/// What one unit of what is kept counts for a gain in one draw.
fn each(drawn: &Drawn<'_>, i: usize, d: usize, gain: Gain) -> f64 {
    if kept(gain) == gain { 1.0 } else { drawn.per_action(i, d, gain) }
}

impl DrawTable {
    /// Nodes up to each segment's greatest media money: the cube of an even grid, dense where
    /// curves bend.
    pub(crate) fn new(
        drawn: &Drawn<'_>,
        gain: Gain,
        most: &[f64],
        weights: Option<&[f64]>,
    ) -> Self {
        let work = drawn.draws.len() * most.len();
        let weights = weights.map(<[f64]>::to_vec);
        if work > KEPT {
            let nodes = drawn.nodes(gain, most, weights.as_deref());
            return Self { gain, weights, nodes, kept: None };
        }
        let kept = most
            .par_iter()
            .enumerate()
            .map(|(i, most)| {
                Drawn::grid(*most).into_iter().map(|s| (s, drawn.at(i, kept(gain), s))).collect()
            })
            .collect();
        let mut draw_table = Self { gain, weights, nodes: Vec::new(), kept: Some(kept) };
        draw_table.nodes = draw_table.means(drawn, draw_table.gain, draw_table.weights.as_deref());
        draw_table
    }

    /// The weighted mean curves.
    pub(crate) fn nodes(&self) -> &Nodes {
        &self.nodes
    }

    /// The mean curves of actions on the same nodes, where the cost per action asks for them.
    pub(crate) fn actions(&self, drawn: &Drawn<'_>, problem: &Problem) -> Option<Nodes> {
        problem.cost_per_action?;
        if self.is_kept() && kept(self.gain) == Gain::Actions {
            return Some(self.means(drawn, Gain::Actions, None));
        }
        let spends = |nodes: &Vec<(f64, f64, f64)>| nodes.iter().map(|node| node.0).collect();
        Some(drawn.means_at(Gain::Actions, &self.nodes.iter().map(spends).collect::<Vec<_>>()))
    }

    /// Whether draws are kept: other weights and points cost little.
    pub(crate) fn is_kept(&self) -> bool {
        self.kept.is_some()
    }

    /// Adds nodes at the given spends.
    pub(crate) fn refine(&mut self, drawn: &Drawn<'_>, near: &[Vec<f64>]) {
        let Some(kept) = &mut self.kept else {
            drawn.refine(&mut self.nodes, self.gain, near, self.weights.as_deref());
            return;
        };
        let gain = self::kept(self.gain);
        kept.par_iter_mut().enumerate().for_each(|(i, nodes)| {
            let top = nodes.last().map_or(0.0, |node| node.0);
            let apart = |a: f64, b: f64| (a - b).abs() > 1e-6 * a.max(b) + 1e-9 * top;
            for &s in near[i].iter().filter(|s| **s > 0.0 && **s < top) {
                let at = nodes.partition_point(|node| node.0 < s);
                let lower = at == 0 || apart(nodes[at - 1].0, s);
                if lower && nodes.get(at).is_none_or(|node| apart(node.0, s)) {
                    nodes.insert(at, (s, drawn.at(i, gain, s)));
                }
            }
        });
        self.nodes = self.means(drawn, self.gain, self.weights.as_deref());
    }

    /// Mean curves of a gain under weights of the draws; the table of draws' own when nothing is kept.
    pub(crate) fn means(&self, drawn: &Drawn<'_>, gain: Gain, weights: Option<&[f64]>) -> Nodes {
        let Some(kept) = &self.kept else { return self.nodes.clone() };
        let n = drawn.draws.len();
        kept.par_iter()
            .enumerate()
            .map(|(i, nodes)| {
                let even = 1.0 / n as f64;
                let factors: Vec<f64> = (0..n)
                    .map(|d| weights.map_or(even, |w| w[d]) * each(drawn, i, d, gain))
                    .collect();
                nodes.iter().map(|(spend, draws)| weigh(*spend, draws, &factors)).collect()
            })
            .collect()
    }

    /// Mean curves under weights that lie above a base for few draws: the base's part is the even
    /// mean, already known.
    pub(crate) fn tail_means(&self, drawn: &Drawn<'_>, base: f64, weights: &[f64]) -> Nodes {
        let Some(kept) = &self.kept else { return self.nodes.clone() };
        let n = weights.len() as f64;
        let tail: Vec<(usize, f64)> = weights
            .iter()
            .map(|weight| weight - base)
            .enumerate()
            .filter(|(_, more)| *more > 1e-12 * base.max(1.0 / n))
            .collect();
        if self.weights.is_some() || 2 * tail.len() > weights.len() {
            return self.means(drawn, self.gain, Some(weights));
        }
        kept.par_iter()
            .zip(&self.nodes)
            .enumerate()
            .map(|(i, (nodes, means))| {
                let factors: Vec<(usize, f64)> = tail
                    .iter()
                    .map(|(d, more)| (*d, more * each(drawn, i, *d, self.gain)))
                    .collect();
                let add = |((spend, draws), mean): (&(f64, Box<[_]>), &(f64, f64, f64))| {
                    let mut sum = (base * n * mean.1, base * n * mean.2);
                    for (d, factor) in &factors {
                        let (value, slope): (f64, f64) = draws[*d];
                        sum.0 += factor * value;
                        sum.1 += factor * slope;
                    }
                    (*spend, sum.0, sum.1)
                };
                nodes.iter().zip(means).map(add).collect()
            })
            .collect()
    }

    /// Value by draw of one segment's media money, read from the kept nodes.
    pub(crate) fn add_by_draw(
        &self,
        drawn: &Drawn<'_>,
        i: usize,
        media: f64,
        share: f64,
        totals: &mut [f64],
    ) {
        let Some(nodes) = self.kept.as_ref().map(|kept| &kept[i]) else { return };
        if media <= 0.0 || share == 0.0 {
            return;
        }
        let (spends, cell) = cell(nodes, media);
        let (a, b) = (&nodes[cell].1, &nodes[cell + 1].1);
        for (d, total) in totals.iter_mut().enumerate() {
            let nodes = [(spends.0, a[d].0, a[d].1), (spends.1, b[d].0, b[d].1)];
            *total += share * each(drawn, i, d, self.gain) * hermite(nodes, media).0;
        }
    }

    /// Slope of value by draw of one segment's media money, read from the kept nodes.
    pub(crate) fn slope_by_draw(&self, drawn: &Drawn<'_>, i: usize, media: f64) -> Vec<f64> {
        let Some(nodes) = self.kept.as_ref().map(|kept| &kept[i]) else { return Vec::new() };
        let (spends, cell) = cell(nodes, media);
        let (a, b) = (&nodes[cell].1, &nodes[cell + 1].1);
        (0..a.len())
            .map(|d| {
                let nodes = [(spends.0, a[d].0, a[d].1), (spends.1, b[d].0, b[d].1)];
                each(drawn, i, d, self.gain) * hermite(nodes, media).1
            })
            .collect()
    }
}

/// The cell of kept nodes that a spend lies in, and the spends at its ends.
fn cell(nodes: &[Kept], media: f64) -> ((f64, f64), usize) {
    let cell = nodes.partition_point(|node| node.0 <= media).clamp(1, nodes.len() - 1) - 1;
    ((nodes[cell].0, nodes[cell + 1].0), cell)
}

fn weigh(spend: f64, draws: &[(f64, f64)], factors: &[f64]) -> (f64, f64, f64) {
    let mut sum = (0.0, 0.0);
    for ((value, slope), factor) in draws.iter().zip(factors) {
        sum.0 += factor * value;
        sum.1 += factor * slope;
    }
    (spend, sum.0, sum.1)
}

/// Value and slope of the cubic through two nodes `(spend, value, slope)`.
fn hermite(nodes: [(f64, f64, f64); 2], spend: f64) -> (f64, f64) {
    let [a, b] = nodes;
    let width = b.0 - a.0;
    let chord = (b.1 - a.1) / width;
    let second = (3.0 * chord - 2.0 * a.2 - b.2) / width;
    let third = (a.2 + b.2 - 2.0 * chord) / (width * width);
    let x = spend - a.0;
    (a.1 + x * (a.2 + x * (second + x * third)), a.2 + x * (2.0 * second + 3.0 * x * third))
}
