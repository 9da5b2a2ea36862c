//! Clarabel: the concave problem in conic form.

use clarabel::algebra::CscMatrix;
use clarabel::solver::SupportedConeT::{
    ExponentialConeT, NonnegativeConeT, PowerConeT, SecondOrderConeT, ZeroConeT,
};
use clarabel::solver::{
    DefaultSettingsBuilder, DefaultSolver, IPSolver, SolverStatus, SupportedConeT,
};

use crate::problem::{Curve, Problem};

/// Money is counted in hundreds, which keeps the cones well scaled.
const UNIT: f64 = 100.0;

/// Rows `b − A x ∈ cone`, collected as triplets.
#[derive(Default)]
struct Rows {
    triplets: Vec<(usize, usize, f64)>,
    right: Vec<f64>,
    cones: Vec<SupportedConeT<f64>>,
}

impl Rows {
    /// One row `right − Σ a x`.
    fn row(&mut self, right: f64, terms: &[(usize, f64)]) {
        let at = self.right.len();
        self.triplets.extend(terms.iter().map(|&(column, a)| (at, column, a)));
        self.right.push(right);
    }
}

/// The optimum; `None` when the rules leave no plan.
pub fn optimum(problem: &Problem) -> Option<f64> {
    let n = problem.segments.len();
    // Columns: money, then one helper per segment.
    let mut rows = Rows::default();
    let everyone: Vec<(usize, f64)> = (0..n).map(|i| (i, 1.0)).collect();
    rows.row(problem.budget / UNIT, &everyone);
    rows.cones.push(ZeroConeT(1));
    let before = rows.right.len();
    for (i, segment) in problem.segments.iter().enumerate() {
        rows.row(-segment.min / UNIT, &[(i, -1.0)]);
        rows.row(segment.max / UNIT, &[(i, 1.0)]);
    }
    for group in &problem.groups {
        let sum = |sign: f64| group.members.iter().map(|&i| (i, sign)).collect::<Vec<_>>();
        if group.min > 0.0 {
            rows.row(-group.min / UNIT, &sum(-1.0));
        }
        if group.max.is_finite() {
            rows.row(group.max / UNIT, &sum(1.0));
        }
    }
    rows.cones.push(NonnegativeConeT(rows.right.len() - before));
    // Minimise Σ cost · helper; the constant is what the curves would reach at best.
    let (mut cost, mut constant) = (vec![0.0; 2 * n], 0.0);
    for (i, segment) in problem.segments.iter().enumerate() {
        let t = n + i;
        match segment.curve {
            Curve::Exponential { ceiling, scale } => {
                // t ≥ exp(−s/κ)
                rows.row(0.0, &[(i, UNIT / scale)]);
                rows.row(1.0, &[]);
                rows.row(0.0, &[(t, -1.0)]);
                rows.cones.push(ExponentialConeT());
                cost[t] = ceiling;
                constant += ceiling;
            }
            Curve::Exposure { ceiling, scale } => {
                // (1 + s/κ) · t ≥ 1, as a second-order cone.
                let slope = UNIT / scale;
                rows.row(1.0, &[(i, -slope), (t, -1.0)]);
                rows.row(1.0, &[(i, -slope), (t, 1.0)]);
                rows.row(2.0, &[]);
                rows.cones.push(SecondOrderConeT(3));
                cost[t] = ceiling;
                constant += ceiling;
            }
            Curve::Power { coefficient, exponent } => {
                // |t| ≤ s^b · 1^(1−b)
                rows.row(0.0, &[(i, -1.0)]);
                rows.row(1.0, &[]);
                rows.row(0.0, &[(t, -1.0)]);
                rows.cones.push(PowerConeT(exponent));
                cost[t] = -coefficient * UNIT.powf(exponent);
            }
            Curve::Points(_) => return None,
        }
    }
    let (mut at_row, mut at_column, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (row, column, value) in rows.triplets {
        at_row.push(row);
        at_column.push(column);
        values.push(value);
    }
    let matrix = CscMatrix::new_from_triplets(rows.right.len(), 2 * n, at_row, at_column, values);
    let nothing = CscMatrix::<f64>::zeros((2 * n, 2 * n));
    let settings = DefaultSettingsBuilder::default()
        .verbose(false)
        .tol_gap_abs(1e-9)
        .tol_gap_rel(1e-9)
        .tol_feas(1e-9)
        .build()
        .expect("the settings are sound");
    let mut solver =
        DefaultSolver::new(&nothing, &cost, &matrix, &rows.right, &rows.cones, settings).ok()?;
    solver.solve();
    match solver.solution.status {
        SolverStatus::Solved | SolverStatus::AlmostSolved => {
            Some(constant - solver.solution.obj_val)
        }
        _ => None,
    }
}
