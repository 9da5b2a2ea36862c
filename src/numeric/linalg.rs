//! Small dense linear algebra: row-major lower Cholesky factors and their triangular solves.
//!
//! Blocks here have a few hundred rows at most; sums run in a fixed order, so results do not
//! depend on threads.

#![allow(clippy::needless_range_loop, reason = "indices are those of the formulas")]

/// Dot product with eight partial sums, so that it can be vectorised.
#[inline(always)]
#[allow(clippy::inline_always, reason = "only inlined into a dispatch is it compiled wide")]
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let tail: f64 = a8.remainder().iter().zip(b8.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a8.zip(b8) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let half = |at: usize| (sums[at] + sums[at + 1]) + (sums[at + 2] + sums[at + 3]);
    half(0) + half(4) + tail
}

/// Factors the first `done` columns of a symmetric matrix whose lower triangle is in `a`
/// (row-major, `n × n`); the trailing block becomes the Schur complement.
///
/// Returns the log determinant of the leading block, or `None` when it is not positive definite.
pub(crate) fn partial_cholesky(a: &mut [f64], n: usize, done: usize) -> Option<f64> {
    // The same sums in the same order, in wider registers where the machine has them.
    pulp::Arch::new().dispatch(Factor { a, n, done })
}

/// A closure in its place would be called and not inlined: compiled for the narrowest registers.
struct Factor<'a> {
    a: &'a mut [f64],
    n: usize,
    done: usize,
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl pulp::NullaryFnOnce for Factor<'_> {
    type Output = Option<f64>;

    #[inline(always)]
    fn call(self) -> Option<f64> {
        factor(self.a, self.n, self.done)
    }
}

/// Rows factored side by side: their sums do not wait for each other.
pub(crate) const PANEL: usize = 4;

/// [`dot`] of one vector with several, each with the same sums in the same order.
#[inline(always)]
#[allow(clippy::inline_always, reason = "only inlined into the dispatch is it compiled wide")]
pub(crate) fn dots(rows: [&[f64]; PANEL], b: &[f64]) -> [f64; PANEL] {
    let rows = rows.map(|row| &row[..b.len()]);
    let whole = b.len() / 8 * 8;
    let mut sums = [[0.0; 8]; PANEL];
    for at in (0..whole).step_by(8) {
        let y = &b[at..at + 8];
        for (sums, row) in sums.iter_mut().zip(rows) {
            let x = &row[at..at + 8];
            for lane in 0..8 {
                sums[lane] += x[lane] * y[lane];
            }
        }
    }
    std::array::from_fn(|r| {
        let tail: f64 = rows[r][whole..].iter().zip(&b[whole..]).map(|(x, y)| x * y).sum();
        let half =
            |at: usize| (sums[r][at] + sums[r][at + 1]) + (sums[r][at + 2] + sums[r][at + 3]);
        half(0) + half(4) + tail
    })
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "only inlined into the dispatch is it compiled wide")]
fn factor(a: &mut [f64], n: usize, done: usize) -> Option<f64> {
    let mut log_det = 0.0;
    let mut ready = 0;
    for i in 0..n {
        if i % PANEL == 0 {
            ready = panel(a, n, done, i);
        }
        let (above, from_i) = a.split_at_mut(i * n);
        let row = &mut from_i[..n];
        for j in ready..i.min(done) {
            let pivot_row = &above[j * n..=j * n + j];
            let value = row[j] - dot(&row[..j], &pivot_row[..j]);
            row[j] = value / pivot_row[j];
        }
        if i < done {
            let pivot = row[i] - dot(&row[..i], &row[..i]);
            if !(pivot > 0.0 && pivot.is_finite()) {
                return None;
            }
            row[i] = pivot.sqrt();
            log_det += pivot.ln();
        } else {
            complement(row, above, n, done, i);
        }
    }
    Some(log_det)
}

/// The columns before a panel of rows that begins at `first`; how many columns are ready then.
#[inline(always)]
#[allow(clippy::inline_always, reason = "only inlined into the dispatch is it compiled wide")]
fn panel(a: &mut [f64], n: usize, done: usize, first: usize) -> usize {
    if first + PANEL > n {
        return 0;
    }
    let (above, rows) = a.split_at_mut(first * n);
    for j in 0..first.min(done) {
        let pivot_row = &above[j * n..=j * n + j];
        let known = std::array::from_fn(|r| &rows[r * n..r * n + j]);
        let sums = dots(known, &pivot_row[..j]);
        for (r, sum) in sums.into_iter().enumerate() {
            rows[r * n + j] = (rows[r * n + j] - sum) / pivot_row[j];
        }
    }
    first.min(done)
}

/// Row `i` of the Schur complement.
#[inline(always)]
#[allow(clippy::inline_always, reason = "only inlined into the dispatch is it compiled wide")]
fn complement(row: &mut [f64], above: &[f64], n: usize, done: usize, i: usize) {
    let mut j = done;
    while j + PANEL <= i {
        let others = std::array::from_fn(|r| &above[(j + r) * n..(j + r) * n + done]);
        for (r, sum) in dots(others, &row[..done]).into_iter().enumerate() {
            row[j + r] -= sum;
        }
        j += PANEL;
    }
    for j in j..i {
        row[j] -= dot(&row[..done], &above[j * n..j * n + done]);
    }
    row[i] -= dot(&row[..done], &row[..done]);
}

/// Solves `L x = b` for the leading `n` of a factor with rows of length `stride`.
pub(crate) fn solve_lower(l: &[f64], stride: usize, n: usize, x: &mut [f64]) {
    for i in 0..n {
        let row = &l[i * stride..=i * stride + i];
        x[i] = (x[i] - dot(&row[..i], &x[..i])) / row[i];
    }
}

/// Solves `Lᵀ x = b` for the leading `n` of a factor with rows of length `stride`.
pub(crate) fn solve_upper(l: &[f64], stride: usize, n: usize, x: &mut [f64]) {
    for i in (0..n).rev() {
        let row = &l[i * stride..=i * stride + i];
        let value = x[i] / row[i];
        x[i] = value;
        for (earlier, factor) in x[..i].iter_mut().zip(row) {
            *earlier -= value * factor;
        }
    }
}

/// A small symmetric matrix of up to three rows: one segment's own block.
pub(crate) type Small = [[f64; 3]; 3];

/// Lower Cholesky factor of the leading `p × p` of a small matrix.
pub(crate) fn small_cholesky(a: &Small, p: usize) -> Option<Small> {
    let mut l = [[0.0; 3]; 3];
    for i in 0..p {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
            let value = a[i][j] - sum;
            if i == j {
                if !(value > 0.0 && value.is_finite()) {
                    return None;
                }
                l[i][i] = value.sqrt();
            } else {
                l[i][j] = value / l[j][j];
            }
        }
    }
    Some(l)
}

/// Solves `L Lᵀ x = b` for a small factor.
pub(crate) fn small_solve(l: &Small, p: usize, mut b: [f64; 3]) -> [f64; 3] {
    small_lower(l, p, &mut b);
    small_upper(l, p, &mut b);
    b
}

/// Solves `L x = b` in place for a small factor.
pub(crate) fn small_lower(l: &Small, p: usize, b: &mut [f64; 3]) {
    for i in 0..p {
        let sum: f64 = (0..i).map(|k| l[i][k] * b[k]).sum();
        b[i] = (b[i] - sum) / l[i][i];
    }
}

/// Solves `Lᵀ x = b` in place for a small factor.
pub(crate) fn small_upper(l: &Small, p: usize, b: &mut [f64; 3]) {
    for i in (0..p).rev() {
        let sum: f64 = (i + 1..p).map(|k| l[k][i] * b[k]).sum();
        b[i] = (b[i] - sum) / l[i][i];
    }
}

/// Inverse of the leading `p × p` of a small positive definite matrix.
pub(crate) fn small_inverse(a: &Small, p: usize) -> Option<Small> {
    Some(small_inverse_of_factor(&small_cholesky(a, p)?, p))
}

/// `(L Lᵀ)⁻¹` for a small factor.
pub(crate) fn small_inverse_of_factor(l: &Small, p: usize) -> Small {
    let mut inverse = [[0.0; 3]; 3];
    for j in 0..p {
        let mut unit = [0.0; 3];
        unit[j] = 1.0;
        let column = small_solve(l, p, unit);
        for i in 0..p {
            inverse[i][j] = column[i];
        }
    }
    inverse
}

/// Eigenvalues and eigenvectors (columns) of a symmetric `n × n` matrix, by Jacobi's rotations:
/// a few dozen rows, so its simplicity is worth more than its speed.
pub(crate) fn eigen(mut a: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut vectors = vec![0.0; n * n];
    for i in 0..n {
        vectors[i * n + i] = 1.0;
    }
    for _ in 0..30 {
        let off: f64 = (0..n)
            .flat_map(|i| (0..i).map(move |j| (i, j)))
            .map(|(i, j)| a[i * n + j].powi(2))
            .sum();
        if off < 1e-28 {
            break;
        }
        for i in 1..n {
            for j in 0..i {
                if a[i * n + j].abs() < 1e-300 {
                    continue;
                }
                let theta = (a[j * n + j] - a[i * n + i]) / (2.0 * a[i * n + j]);
                let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
                let c = 1.0 / t.hypot(1.0);
                let s = t * c;
                for k in 0..n {
                    let (x, y) = (a[k * n + i], a[k * n + j]);
                    a[k * n + i] = c * x - s * y;
                    a[k * n + j] = s * x + c * y;
                }
                for k in 0..n {
                    let (x, y) = (a[i * n + k], a[j * n + k]);
                    a[i * n + k] = c * x - s * y;
                    a[j * n + k] = s * x + c * y;
                }
                for k in 0..n {
                    let (x, y) = (vectors[k * n + i], vectors[k * n + j]);
                    vectors[k * n + i] = c * x - s * y;
                    vectors[k * n + j] = s * x + c * y;
                }
            }
        }
    }
    ((0..n).map(|i| a[i * n + i]).collect(), vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_factor_leaves_the_schur_complement() {
        let a = [4.0, 0.0, 0.0, 2.0, 5.0, 0.0, 1.0, 3.0, 6.0];
        let mut part = a;
        let log_det = partial_cholesky(&mut part, 3, 1).unwrap();
        assert!((log_det - 4.0_f64.ln()).abs() < 1e-12);
        // Schur complement of the first row: [5 − 1, 3 − 0.5; ·, 6 − 0.25].
        assert!((part[4] - 4.0).abs() < 1e-12);
        assert!((part[7] - 2.5).abs() < 1e-12);
        assert!((part[8] - 5.75).abs() < 1e-12);
        let mut whole = a;
        assert!((partial_cholesky(&mut whole, 3, 3).unwrap() - 67.0_f64.ln()).abs() < 1e-12);
        let mut x = [1.0, 2.0, 3.0];
        solve_lower(&whole, 3, 3, &mut x);
        solve_upper(&whole, 3, 3, &mut x);
        let back = [
            4.0 * x[0] + 2.0 * x[1] + x[2],
            2.0 * x[0] + 5.0 * x[1] + 3.0 * x[2],
            x[0] + 3.0 * x[1] + 6.0 * x[2],
        ];
        for (got, wanted) in back.iter().zip([1.0, 2.0, 3.0]) {
            assert!((got - wanted).abs() < 1e-12);
        }
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_is_refused() {
        assert!(partial_cholesky(&mut [1.0, 0.0, 2.0, 1.0], 2, 2).is_none());
        assert!(small_cholesky(&[[f64::NAN; 3]; 3], 2).is_none());
    }

    #[test]
    fn eigenvectors_put_the_matrix_together_again() {
        let n = 5;
        let mut a = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                a[i * n + j] = 1.0 / (1.0 + (i + j) as f64) + if i == j { 1.0 } else { 0.0 };
            }
        }
        let (values, vectors) = eigen(a.clone(), n);
        for i in 0..n {
            for j in 0..n {
                let back: f64 =
                    (0..n).map(|k| vectors[i * n + k] * values[k] * vectors[j * n + k]).sum();
                assert!((back - a[i * n + j]).abs() < 1e-12, "{i} {j}: {back}");
            }
        }
    }
}
