//! Weights of draws that prove a prudent plan.
//!
//! A prudent value is the least of `Σ w_d T_d` over weights between `base` and `base + most` that
//! sum to 1 (Rockafellar & Uryasev 2000), `T_d` the plan's total in draw `d`. Whatever such weights
//! are, the best plan of the mean they make bounds every prudent plan. Weights are read off the
//! plan: those at which its own rows are as near as can be to the best of that mean, to second
//! order in what they would move.

/// Limits of weights.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) base: f64,
    pub(super) most: f64,
}

/// A free row of the plan: its slope by draw, and how fast the slope of its mean falls.
pub(super) struct Free {
    pub(super) slopes: Vec<f64>,
    pub(super) fall: f64,
}

/// Steps of the projected gradient.
const STEPS: usize = 4_000;

impl Limits {
    pub(super) fn new(prudence: f64, tail: f64, draws: usize) -> Self {
        let n = draws as f64;
        Self { base: (1.0 - prudence) / n, most: prudence / (tail * n) }
    }

    /// The prudent value of totals, and the weights of the worst draws that give it.
    pub(super) fn worst(&self, totals: &[f64]) -> (f64, Vec<f64>) {
        let mut order: Vec<usize> = (0..totals.len()).collect();
        order.sort_by(|&a, &b| totals[a].total_cmp(&totals[b]));
        let mut weights = vec![self.base; totals.len()];
        let mut left = 1.0 - self.base * totals.len() as f64;
        for d in order {
            let more = left.min(self.most).max(0.0);
            weights[d] += more;
            left -= more;
        }
        (weights.iter().zip(totals).map(|(w, t)| w * t).sum(), weights)
    }

    /// The nearest weights within the limits that sum to 1.
    fn nearest(&self, aim: &[f64]) -> Vec<f64> {
        let (floor, ceiling) = (self.base, self.base + self.most);
        let shifted = |by: f64| aim.iter().map(move |w| (w - by).clamp(floor, ceiling));
        let (mut low, mut high) = (-1.0_f64, 1.0_f64);
        let far = aim.iter().fold(0.0_f64, |far, w| far.max(w.abs()));
        (low, high) = (low * (far + 2.0 * ceiling), high * (far + 2.0 * ceiling));
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if shifted(middle).sum::<f64>() > 1.0 { low = middle } else { high = middle }
        }
        shifted(0.5 * (low + high)).collect()
    }

    /// Weights under which the plan's free rows gain least by moving: the least of
    /// `Σ w_d T_d + ½ Σ_i (slope_i(w) − price(w))² / fall_i`.
    pub(super) fn read_off(&self, totals: &[f64], rows: &[Free]) -> Vec<f64> {
        let draws = totals.len();
        let ease: Vec<f64> = rows.iter().map(|row| 1.0 / row.fall).collect();
        let sum: f64 = ease.iter().sum();
        // What each row's slope is away from the price that all free rows share.
        let away = |w: &[f64]| -> Vec<f64> {
            let slope = |row: &Free| row.slopes.iter().zip(w).map(|(s, w)| s * w).sum::<f64>();
            let slopes: Vec<f64> = rows.iter().map(slope).collect();
            let price = slopes.iter().zip(&ease).map(|(s, e)| s * e).sum::<f64>() / sum;
            slopes.iter().zip(&ease).map(|(s, e)| (s - price) * e).collect()
        };
        let pull = |w: &[f64]| -> Vec<f64> {
            let mut pull = vec![0.0; draws];
            for (row, away) in rows.iter().zip(away(w)) {
                pull.iter_mut().zip(&row.slopes).for_each(|(p, s)| *p += away * s);
            }
            pull
        };
        let (_, mut now) = self.worst(totals);
        if rows.len() < 2 {
            return now;
        }
        let steep = steepest(draws, &pull);
        let mean: f64 = totals.iter().sum::<f64>() / draws as f64;
        let (mut before, mut momentum) = (now.clone(), 1.0_f64);
        for _ in 0..STEPS {
            let next = 0.5 * (1.0 + (1.0 + 4.0 * momentum * momentum).sqrt());
            let carry = (momentum - 1.0) / next;
            let ahead: Vec<f64> =
                now.iter().zip(&before).map(|(n, b)| n + carry * (n - b)).collect();
            let gradient = pull(&ahead);
            let aim: Vec<f64> =
                (0..draws).map(|d| ahead[d] - (totals[d] - mean + gradient[d]) / steep).collect();
            let found = self.nearest(&aim);
            // Momentum that leads up again is dropped.
            let back: f64 = (0..draws).map(|d| (ahead[d] - found[d]) * (found[d] - now[d])).sum();
            momentum = if back > 0.0 { 1.0 } else { next };
            before = std::mem::replace(&mut now, found);
        }
        now
    }
}

/// The largest eigenvalue of a linear map, a little above.
fn steepest(n: usize, map: &dyn Fn(&[f64]) -> Vec<f64>) -> f64 {
    let mut at: Vec<f64> = (0..n).map(|d| 1.0 + (d % 7) as f64 / 7.0).collect();
    let mut size = 0.0;
    for _ in 0..60 {
        let next = map(&at);
        size = next.iter().map(|x| x * x).sum::<f64>().sqrt();
        if size <= 0.0 {
            return f64::MIN_POSITIVE;
        }
        at = next.iter().map(|x| x / size).collect();
    }
    1.05 * size
}
