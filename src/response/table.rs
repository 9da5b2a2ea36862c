//! A curve known by its value and slope at some spends: how averages over draws are carried.

/// Cubic Hermite pieces through nodes `(spend, value, slope)`.
///
/// Sums of tables on the same nodes are tables, so a table can be mixed with another without
/// going back to the draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    spends: Vec<f64>,
    values: Vec<f64>,
    slopes: Vec<f64>,
    /// Second and third coefficient of every cell's cubic, worked out once: a search asks each
    /// table thousands of times.
    bends: Vec<(f64, f64)>,
    concave: bool,
}

impl Table {
    /// A table from nodes by rising spend, at least two.
    ///
    /// # Panics
    ///
    /// When there are fewer than two nodes or their spends do not rise.
    #[must_use]
    pub fn new(nodes: &[(f64, f64, f64)]) -> Self {
        assert!(nodes.len() > 1 && nodes.windows(2).all(|w| w[0].0 < w[1].0), "nodes must rise");
        let slopes: Vec<f64> = nodes.iter().map(|node| node.2).collect();
        // A chord lies between the slopes at its ends exactly when a concave curve fits.
        let concave = nodes.windows(2).all(|w| {
            let chord = (w[1].1 - w[0].1) / (w[1].0 - w[0].0);
            let slack = 1e-9 * slopes[0].abs();
            w[1].2 <= chord + slack && chord <= w[0].2 + slack
        });
        Self {
            spends: nodes.iter().map(|node| node.0).collect(),
            values: nodes.iter().map(|node| node.1).collect(),
            slopes,
            bends: nodes.windows(2).map(|cell| bend(cell[0], cell[1])).collect(),
            concave,
        }
    }

    /// Whether the nodes are those of a concave curve.
    #[must_use]
    pub fn is_concave(&self) -> bool {
        self.concave
    }

    /// The nodes `(spend, value, slope)`.
    pub fn nodes(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        (0..self.spends.len()).map(|j| (self.spends[j], self.values[j], self.slopes[j]))
    }

    /// This table plus `factor` times another on the same nodes.
    #[must_use]
    pub fn plus(&self, other: &Self, factor: f64) -> Self {
        let nodes: Vec<_> = self
            .nodes()
            .zip(other.nodes())
            .map(|(a, b)| (a.0, a.1 + factor * b.1, a.2 + factor * b.2))
            .collect();
        Self::new(&nodes)
    }

    /// The table with all values multiplied.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        let nodes: Vec<_> = self.nodes().map(|n| (n.0, n.1 * factor, n.2 * factor)).collect();
        Self::new(&nodes)
    }

    /// The widest run of cells around a spend whose slopes fall.
    #[must_use]
    pub fn concave_around(&self, spend: f64) -> (f64, f64) {
        let last = self.spends.len() - 1;
        let falls = |cell: usize| self.slopes[cell + 1] <= self.slopes[cell];
        let at = self.cell(spend);
        if !falls(at) {
            return (spend, spend);
        }
        let (mut from, mut to) = (at, at + 1);
        while from > 0 && falls(from - 1) {
            from -= 1;
        }
        while to < last && falls(to) {
            to += 1;
        }
        (self.spends[from], if to == last { f64::INFINITY } else { self.spends[to] })
    }

    fn cell(&self, spend: f64) -> usize {
        self.spends.partition_point(|s| *s <= spend).clamp(1, self.spends.len() - 1) - 1
    }

    /// Slope at the left end and the two further coefficients of `p(x) = v + d x + c x² + e x³`,
    /// `x = s − s_j`.
    fn cubic(&self, j: usize) -> (f64, f64, f64) {
        let (c, e) = self.bends[j];
        (self.slopes[j], c, e)
    }

    /// Value at a spend; the last slope goes on beyond the last node.
    #[must_use]
    pub fn value(&self, spend: f64) -> f64 {
        let j = self.cell(spend);
        let last = self.spends.len() - 1;
        if spend > self.spends[last] {
            return self.values[last] + self.slopes[last] * (spend - self.spends[last]);
        }
        self.in_cell(j, spend)
    }

    fn in_cell(&self, j: usize, spend: f64) -> f64 {
        let (d, c, e) = self.cubic(j);
        let x = spend - self.spends[j];
        self.values[j] + x * (d + x * (c + x * e))
    }

    /// Slope at a spend.
    #[must_use]
    pub fn slope(&self, spend: f64) -> f64 {
        let last = self.spends.len() - 1;
        if spend > self.spends[last] {
            return self.slopes[last];
        }
        let j = self.cell(spend);
        let (d, c, e) = self.cubic(j);
        let x = spend - self.spends[j];
        d + x * (2.0 * c + x * 3.0 * e)
    }

    /// Where `f(s) − price · s` is greatest over `[low, high]`, and how fast it falls with the
    /// price (0 at an end).
    #[must_use]
    pub fn respond(&self, price: f64, low: f64, high: f64) -> (f64, f64) {
        if self.concave {
            return self.respond_concave(price, low, high);
        }
        let (from, to) = (self.cell(low), self.cell(high));
        let mut best = (low, self.value(low) - price * low, 0.0);
        let mut offer = |spend: f64, value: f64, fall: f64| {
            let worth = value - price * spend;
            if worth > best.1 {
                best = (spend, worth, fall);
            }
        };
        for j in from..=to {
            if j > from {
                offer(self.spends[j], self.values[j], 0.0);
            }
            if let Some((spend, fall)) = self.top_of_cell(j, price)
                && low < spend
                && spend < high
            {
                offer(spend, self.in_cell(j, spend), fall);
            }
        }
        offer(high, self.value(high), 0.0);
        (best.0, best.2)
    }

    fn respond_concave(&self, price: f64, low: f64, high: f64) -> (f64, f64) {
        let after = self.slopes.partition_point(|slope| *slope > price);
        if after == 0 {
            return (low.max(self.spends[0]).min(high), 0.0);
        }
        if after == self.slopes.len() {
            return (high, 0.0);
        }
        let j = after - 1;
        let (spend, fall) = self.top_of_cell(j, price).unwrap_or_else(|| {
            // Only rounding can hide the crossing: the slope falls from above to below the price.
            (self.spends[j + 1], 0.0)
        });
        if spend <= low {
            (low, 0.0)
        } else if spend >= high {
            (high, 0.0)
        } else {
            (spend, fall)
        }
    }

    /// The local maximum of `p(x) − price · x` within a cell, and −ds/dprice there.
    fn top_of_cell(&self, j: usize, price: f64) -> Option<(f64, f64)> {
        let width = self.spends[j + 1] - self.spends[j];
        let (d, c, e) = self.cubic(j);
        // 3e x² + 2c x + (d − price) = 0, the root at which the second derivative is negative.
        let gap = d - price;
        let root = c * c - 3.0 * e * gap;
        if root < 0.0 {
            return None;
        }
        let root = root.sqrt();
        // At the maximum 2c + 6e x = −2·root; written so that a vanishing cubic term does no harm.
        let x = if c - root < 0.0 { gap / (root - c) } else { (-c - root) / (3.0 * e) };
        (x >= -1e-12 * width && x <= width * (1.0 + 1e-12) && root > 0.0)
            .then(|| (self.spends[j] + x.clamp(0.0, width), 0.5 / root))
    }
}

/// `(c, e)` of the cubic `v + d x + c x² + e x³` through two nodes `(spend, value, slope)`.
fn bend(left: (f64, f64, f64), right: (f64, f64, f64)) -> (f64, f64) {
    let width = right.0 - left.0;
    let chord = (right.1 - left.1) / width;
    let (d, d1) = (left.2, right.2);
    ((3.0 * chord - 2.0 * d - d1) / width, (d + d1 - 2.0 * chord) / (width * width))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::exposure::Exposure;
    use proptest::prelude::*;

    fn table(curve: &Exposure, nodes: &[f64]) -> Table {
        let nodes: Vec<_> = nodes.iter().map(|&s| (s, curve.value(s), curve.slope(s))).collect();
        Table::new(&nodes)
    }

    #[test]
    fn nodes_are_exact_and_between_them_the_error_is_of_fourth_order() {
        let curve = Exposure { ceiling: 100.0, scale: 40.0, shape: 1.5 };
        let nodes: Vec<f64> = (0..=20).map(|j| f64::from(j) * 5.0).collect();
        let table = table(&curve, &nodes);
        assert_eq!(table.value(35.0), curve.value(35.0));
        // h⁴/384 · max f⁗ = 625/384 · 100/40⁴ · (k+1)(k+2)(k+3)/k³ ≈ 7e-4 at the start.
        assert!((table.value(2.5) - curve.value(2.5)).abs() < 8e-4);
        assert!(table.is_concave());
    }

    proptest! {
        #[test]
        fn the_answer_to_a_price_is_the_best_on_a_fine_grid(
            shape in 0.3..5.0, price in 0.01..3.0, low in 0.0..50.0, more in 0.0..80.0,
            dip in -2.0..2.0,
        ) {
            let curve = Exposure { ceiling: 100.0, scale: 40.0, shape };
            let nodes: Vec<_> = (0..=13)
                .map(|j| f64::from(j) * 10.0)
                .map(|s| (s, curve.value(s) + dip * (s / 9.0).sin(),
                          curve.slope(s) + dip / 9.0 * (s / 9.0).cos()))
                .collect();
            let table = Table::new(&nodes);
            let high = low + more;
            let (spend, _) = table.respond(price, low, high);
            prop_assert!((low..=high).contains(&spend));
            let worth = |s: f64| table.value(s) - price * s;
            let best = (0..=2000)
                .map(|j| worth(low + more * f64::from(j) / 2000.0))
                .fold(f64::MIN, f64::max);
            prop_assert!(worth(spend) >= best - 1e-9 * (1.0 + best.abs()), "{} {best}", worth(spend));
        }
    }
}
