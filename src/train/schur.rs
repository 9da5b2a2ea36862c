//! Sums of outer products on a few columns of a large symmetric matrix: what a segment leaves
//! behind when it is taken out of the joint problem.

/// Adds to the entry of the lower triangle that two columns share.
pub(super) fn add_lower(matrix: &mut [f64], size: usize, a: usize, b: usize, value: f64) {
    let (row, column) = if a >= b { (a, b) } else { (b, a) };
    matrix[row * size + column] += value;
}

/// `matrix −= WᵀW` on the active columns (lower triangle).
pub(super) fn subtract_outer(matrix: &mut [f64], size: usize, active: &[u32], w: &[f64], p: usize) {
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || outer_product(matrix, size, active, w, p),
    );
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
