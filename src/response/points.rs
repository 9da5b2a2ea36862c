//! A table of points: piecewise linear, of any shape.

use thiserror::Error;

/// Values at given spends, straight lines between them, flat beyond the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    spends: Vec<f64>,
    values: Vec<f64>,
    concave: bool,
}

/// The pairs make no curve.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum InvalidPoints {
    /// No pair at all.
    #[error("no points")]
    Empty,
    /// A number is negative, infinite or not a number, or spends do not rise.
    #[error("point {position}: found {spend}:{value}, expected finite numbers with rising spends")]
    Pair {
        /// Position, the first is 1.
        position: usize,
        /// Spend found.
        spend: f64,
        /// Value found.
        value: f64,
    },
}

impl Points {
    /// The curve through pairs of spend and value; it starts at 0 for nothing unless a pair says
    /// otherwise.
    ///
    /// # Errors
    ///
    /// [`InvalidPoints`] unless spends rise from 0 or more and all numbers are finite.
    pub fn new(pairs: &[(f64, f64)]) -> Result<Self, InvalidPoints> {
        let mut spends = Vec::with_capacity(pairs.len() + 1);
        let mut values = Vec::with_capacity(pairs.len() + 1);
        if pairs.first().ok_or(InvalidPoints::Empty)?.0 > 0.0 {
            spends.push(0.0);
            values.push(0.0);
        }
        for (position, &(spend, value)) in pairs.iter().enumerate() {
            let rises = spends.last().is_none_or(|last| spend > *last);
            if !(rises && spend >= 0.0 && spend.is_finite() && value.is_finite()) {
                return Err(InvalidPoints::Pair { position: position + 1, spend, value });
            }
            spends.push(spend);
            values.push(value);
        }
        let mut points = Self { spends, values, concave: true };
        // Beyond the last point the slope is 0, so a falling last piece is a turn as well.
        let slopes: Vec<f64> =
            (0..points.spends.len() - 1).map(|j| points.piece_slope(j)).chain([0.0]).collect();
        points.concave = slopes.windows(2).all(|pair| pair[1] <= pair[0]);
        Ok(points)
    }

    /// Whether the slopes never rise.
    #[must_use]
    pub fn is_concave(&self) -> bool {
        self.concave
    }

    /// Corners, by rising spend.
    #[must_use]
    pub fn corners(&self) -> &[f64] {
        &self.spends
    }

    /// The widest run of pieces around a spend whose slopes do not rise.
    #[must_use]
    pub fn concave_around(&self, spend: f64) -> (f64, f64) {
        let last = self.spends.len() - 1;
        // The flat piece beyond the last point counts as piece `last`.
        let slope = |piece: usize| if piece < last { self.piece_slope(piece) } else { 0.0 };
        let mut from = self.spends.partition_point(|s| *s <= spend).max(1) - 1;
        let mut to = from;
        while from > 0 && slope(from - 1) >= slope(from) {
            from -= 1;
        }
        while to < last && slope(to + 1) <= slope(to) {
            to += 1;
        }
        (self.spends[from], if to == last { f64::INFINITY } else { self.spends[to + 1] })
    }

    /// The same curve with all values multiplied.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        Self {
            spends: self.spends.clone(),
            values: self.values.iter().map(|value| value * factor).collect(),
            concave: self.concave,
        }
    }

    fn piece_slope(&self, piece: usize) -> f64 {
        (self.values[piece + 1] - self.values[piece])
            / (self.spends[piece + 1] - self.spends[piece])
    }

    /// Value at a spend.
    #[must_use]
    pub fn value(&self, spend: f64) -> f64 {
        let after = self.spends.partition_point(|s| *s <= spend);
        if after == self.spends.len() {
            return self.values[after - 1];
        }
        let piece = after.max(1) - 1;
        self.values[piece] + self.piece_slope(piece) * (spend - self.spends[piece])
    }

    /// Slope to the right of a spend.
    #[must_use]
    pub fn slope(&self, spend: f64) -> f64 {
        let after = self.spends.partition_point(|s| *s <= spend);
        if after == self.spends.len() { 0.0 } else { self.piece_slope(after.max(1) - 1) }
    }

    /// Where `f(s) − price · s` is greatest over `[low, high]`: at an end or at a corner.
    #[must_use]
    pub fn respond(&self, price: f64, low: f64, high: f64) -> f64 {
        let worth = |spend: f64| self.value(spend) - price * spend;
        let from = self.spends.partition_point(|s| *s <= low);
        let to = self.spends.partition_point(|s| *s < high);
        let mut best = (low, worth(low));
        for j in from..to {
            let corner = self.values[j] - price * self.spends[j];
            if corner > best.1 {
                best = (self.spends[j], corner);
            }
        }
        if worth(high) > best.1 { high } else { best.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_between_points_and_flat_beyond() {
        let points = Points::new(&[(10.0, 5.0), (20.0, 6.0)]).unwrap();
        assert_eq!(
            [0.0, 5.0, 10.0, 15.0, 99.0].map(|s| points.value(s)),
            [0.0, 2.5, 5.0, 5.5, 6.0]
        );
        assert!(points.is_concave());
        assert_eq!(points.slope(10.0), 0.1);
    }

    #[test]
    fn the_best_corner_is_found_on_any_shape() {
        let steps =
            Points::new(&[(0.0, 0.0), (9.0, 0.0), (10.0, 8.0), (19.0, 8.0), (20.0, 20.0)]).unwrap();
        assert!(!steps.is_concave());
        assert_eq!(steps.respond(0.9, 0.0, 15.0), 0.0);
        assert_eq!(steps.respond(0.7, 0.0, 15.0), 10.0);
        assert_eq!(steps.respond(0.7, 0.0, 30.0), 20.0);
    }

    #[test]
    fn points_must_rise() {
        assert_eq!(Points::new(&[]), Err(InvalidPoints::Empty));
        assert!(Points::new(&[(5.0, 1.0), (5.0, 2.0)]).is_err());
        assert!(Points::new(&[(f64::NAN, 1.0)]).is_err());
    }
}
