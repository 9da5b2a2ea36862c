//! Sums of outer products on a few columns of a large symmetric matrix: what a segment leaves
//! behind when it is taken out of the joint problem.

use pulp::NullaryFnOnce;

use crate::numeric::linalg::{PANEL, dot, dots, partial_cholesky, solve_lower, solve_upper};

/// Adds to the entry of the lower triangle that two columns share.
pub(crate) fn add_lower(matrix: &mut [f64], size: usize, a: usize, b: usize, value: f64) {
    let (row, column) = if a >= b { (a, b) } else { (b, a) };
    matrix[row * size + column] += value;
}

/// `matrix −= WᵀW` on the active columns (lower triangle).
pub(crate) fn subtract_outer(matrix: &mut [f64], size: usize, active: &[u32], w: &[f64], p: usize) {
    pulp::Arch::new().dispatch(Outer { matrix, size, active, w, p });
}

struct Outer<'a> {
    matrix: &'a mut [f64],
    size: usize,
    active: &'a [u32],
    w: &'a [f64],
    p: usize,
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for Outer<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        outer_product(self.matrix, self.size, self.active, self.w, self.p);
    }
}

/// Weeks come first, in ascending order. Weeks without spend are filled with zeros, so that a row
/// of the product is added in one go: a few more sums, but each in a wide register.
#[inline(always)]
#[allow(clippy::inline_always, reason = "only inlined into the dispatch is it compiled wide")]
fn outer_product(matrix: &mut [f64], size: usize, active: &[u32], w: &[f64], p: usize) {
    let width = active.len();
    let Some(first) = active.first().map(|column| *column as usize) else { return };
    let rising = 1 + active.windows(2).take_while(|pair| pair[1] > pair[0]).count();
    let last = active[rising - 1] as usize;
    let filled = filled(&active[..rising], w, width, p);
    let range = last - first + 1;
    for at in 0..width {
        let column = active[at] as usize;
        // A column left of the weeks would belong above the diagonal of their rows.
        let dense = if column >= first { range.min(column - first + 1) } else { 0 };
        let row = &mut matrix[column * size + first..][..dense];
        if p == 2 {
            // The usual case in one pass over the row: the same sums in the same order.
            let (own, second) = (w[at], w[width + at]);
            let (left, right) = filled.split_at(range);
            for ((x, other), another) in row.iter_mut().zip(left).zip(right) {
                *x -= own * other;
                *x -= second * another;
            }
        } else {
            for a in 0..p {
                let own = w[a * width + at];
                for (x, other) in row.iter_mut().zip(&filled[a * range..]) {
                    *x -= own * other;
                }
            }
        }
        if at >= rising {
            let value = |at2: usize| -> f64 {
                (0..p).map(|a| w[a * width + at] * w[a * width + at2]).sum()
            };
            let missed = (0..rising).filter(|&at2| active[at2] as usize >= first + dense);
            for at2 in missed.chain(rising..=at) {
                add_lower(matrix, size, column, active[at2] as usize, -value(at2));
            }
        }
    }
}

/// The rows of `w` over all columns from the first to the last of `rising`, 0 in the gaps.
fn filled(rising: &[u32], w: &[f64], width: usize, p: usize) -> Vec<f64> {
    let first = rising[0];
    let range = (rising[rising.len() - 1] - first) as usize + 1;
    let mut filled = vec![0.0; p * range];
    for a in 0..p {
        for (column, x) in rising.iter().zip(&w[a * width..]) {
            filled[a * range + (column - first) as usize] = *x;
        }
    }
    filled
}

/// The common block while networks are taken out into it.
pub(crate) struct Common {
    pub matrix: Vec<f64>,
    pub gradient: Vec<f64>,
}

/// Step of the common block, its factor, and what both add to determinant and decrement.
pub(crate) struct Solved {
    pub step: Vec<f64>,
    pub factor: Vec<f64>,
    pub log_det: f64,
    pub decrement: f64,
}

impl Common {
    /// A block of zeros.
    pub(crate) fn new(size: usize) -> Self {
        Self { matrix: vec![0.0; size * size], gradient: vec![0.0; size] }
    }

    /// Once every network has left; `None` where nothing is at a maximum.
    pub(crate) fn solved(self) -> Option<Solved> {
        let Self { matrix: mut factor, gradient: mut step } = self;
        let size = step.len();
        let log_det = partial_cholesky(&mut factor, size, size)?;
        solve_lower(&factor, size, size, &mut step);
        let decrement = step.iter().map(|x| x * x).sum();
        solve_upper(&factor, size, size, &mut step);
        Some(Solved { step, factor, log_det, decrement })
    }
}

/// A network's block, own columns first and the common ones after, with its own taken out.
pub(crate) struct Reduced {
    own: usize,
    /// Factor of the own columns, links to the common ones below, what is left for those last.
    pub matrix: Vec<f64>,
    gradient: Vec<f64>,
}

impl Reduced {
    /// Takes the own columns out; with the log of their determinant.
    pub(crate) fn new(
        mut matrix: Vec<f64>,
        mut gradient: Vec<f64>,
        own: usize,
        common: usize,
    ) -> Option<(Self, f64)> {
        let log_det = partial_cholesky(&mut matrix, own + common, own)?;
        solve_lower(&matrix, own + common, own, &mut gradient);
        Some((Self { own, matrix, gradient }, log_det))
    }

    /// Adds what is left to the common block.
    pub(crate) fn leave(&self, common: &mut Common) {
        let (own, size) = (self.own, self.gradient.len());
        let width = size - own;
        for a in 0..width {
            let row = &self.matrix[(own + a) * size..=(own + a) * size + own + a];
            common.gradient[a] += self.gradient[own + a] - dot(&row[..own], &self.gradient[..own]);
            for b in 0..=a {
                common.matrix[a * width + b] += row[own + b];
            }
        }
    }

    /// Step of the own columns given the common ones', and their part of the decrement.
    pub(crate) fn follow(&self, common: &[f64]) -> (Vec<f64>, f64) {
        let (own, size) = (self.own, self.gradient.len());
        let mut step = self.gradient[..own].to_vec();
        let decrement = step.iter().map(|x| x * x).sum();
        for (a, by) in common.iter().enumerate() {
            let row = &self.matrix[(own + a) * size..(own + a) * size + own];
            for (x, l) in step.iter_mut().zip(row) {
                *x -= l * by;
            }
        }
        solve_upper(&self.matrix, size, own, &mut step);
        (step, decrement)
    }
}

/// `matrix += sign · WᵀW` for pairs of columns at these places (lower triangle) of which one at least
/// is not among the `known` first; `w` holds a column of `stride` numbers for each.
pub(crate) fn add_gram(
    matrix: &mut [f64],
    size: usize,
    places: &[usize],
    w: &[f64],
    stride: usize,
    known: usize,
    sign: f64,
) {
    pulp::Arch::new().dispatch(Gram { matrix, size, places, w, stride, known, sign });
}

struct Gram<'a> {
    matrix: &'a mut [f64],
    size: usize,
    places: &'a [usize],
    w: &'a [f64],
    stride: usize,
    known: usize,
    sign: f64,
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for Gram<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { matrix, size, places, w, stride, known, sign } = self;
        for (a, row) in places.iter().enumerate().skip(known) {
            let own = &w[a * stride..(a + 1) * stride];
            let mut b = 0;
            while b <= a {
                let several = (a + 1 - b).min(PANEL);
                let at = |r: usize| (b + r.min(several - 1)) * stride;
                let others = std::array::from_fn(|r| &w[at(r)..at(r) + stride]);
                for (r, sum) in dots(others, own).into_iter().enumerate().take(several) {
                    add_lower(matrix, size, *row, places[b + r], sign * sum);
                }
                b += several;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against the double loop over columns, whatever their order and gaps.
        #[test]
        fn filling_the_gaps_changes_nothing(
            weeks in proptest::collection::btree_set(2_u32..30, 1..20),
            others in proptest::sample::subsequence(vec![40_u32, 35, 0, 31, 38, 1, 36], 0..7),
            seed in 0_u32..1000,
            p in 2_usize..=3,
        ) {
            let size = 42;
            let active: Vec<u32> = weeks.into_iter().chain(others).collect();
            let width = active.len();
            let w: Vec<f64> =
                (0..p * width).map(|i| f64::from((i as u32 * 7919 + seed * 31) % 97) - 48.0).collect();
            let mut fast = vec![1.0; size * size];
            let mut plain = fast.clone();
            subtract_outer(&mut fast, size, &active, &w, p);
            for at in 0..width {
                for at2 in 0..=at {
                    let value: f64 = (0..p).map(|a| w[a * width + at] * w[a * width + at2]).sum();
                    add_lower(&mut plain, size, active[at] as usize, active[at2] as usize, -value);
                }
            }
            // Small whole numbers: sums are exact in any order.
            prop_assert_eq!(fast, plain);
        }
    }
}
