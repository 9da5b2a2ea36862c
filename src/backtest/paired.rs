//! Whether one predictor's lead over another could be chance.
//!
//! Two predictors are judged on the same cells, so the difference of their scores has a standard
//! error of its own; but cells of one segment, and cells predicted from one origin (one fit, the
//! same weeks, the same shocks), are no independent proofs. The error is clustered both ways
//! (Cameron, Gelbach and Miller 2011, eq. 2.3, each term with its `G/(G − 1)`), and judged by
//! Student's law with as many degrees of freedom as the smaller way has clusters, less one.

use std::collections::BTreeMap;

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::scores::Gain;

/// One cell's gain, and the two clusters it belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paired<'a> {
    pub(super) gain: f64,
    pub(super) segment: &'a str,
    pub(super) origin: usize,
}

/// The chance of calling two equal predictors different.
const CHANCE: f64 = 0.05;

/// The mean gain and how far it may be chance.
///
/// From one origin nothing is told: what happened to all segments in those weeks happened once. One
/// segment is judged by its origins alone.
pub(super) fn gain(cells: &[Paired<'_>]) -> Gain {
    if cells.is_empty() {
        return Gain::default();
    }
    let n = cells.len() as f64;
    let mean = cells.iter().map(|cell| cell.gain).sum::<f64>() / n;
    let variance = |clusters: Clusters| clusters.map(|(square, _)| square / (n * n));
    let by_segment = clusters(cells, mean, |cell| (cell.segment, 0));
    let by_origin = clusters(cells, mean, |cell| ("", cell.origin));
    let both = clusters(cells, mean, |cell| (cell.segment, cell.origin));
    let (segments, origins) = (variance(by_segment), variance(by_origin));
    let two_way = segments.unwrap_or(0.0) + origins.unwrap_or(0.0)
        - segments.and(origins).and(variance(both)).unwrap_or(0.0);
    // The third term may take away more than the others have by chance alone.
    let square = two_way.max(segments.unwrap_or(0.0)).max(origins.unwrap_or(0.0));
    let fewest = [by_segment, by_origin].into_iter().flatten().map(|(_, groups)| groups).min();
    let standard_error = square.sqrt();
    let told_apart = by_origin.and(fewest).is_some_and(|groups| {
        let law = StudentsT::new(0.0, 1.0, (groups - 1) as f64);
        let limit = law.map_or(f64::INFINITY, |law| law.inverse_cdf(1.0 - 0.5 * CHANCE));
        mean.abs() > limit * standard_error
    });
    Gain { mean, standard_error: fewest.map(|_| standard_error), told_apart }
}

/// Sum of squared sums of residuals with its correction, and how many clusters; `None` for one.
type Clusters = Option<(f64, usize)>;

fn clusters<'a>(
    cells: &[Paired<'a>],
    mean: f64,
    key: impl Fn(&Paired<'a>) -> (&'a str, usize),
) -> Clusters {
    let mut sums: BTreeMap<(&str, usize), f64> = BTreeMap::new();
    for cell in cells {
        *sums.entry(key(cell)).or_default() += cell.gain - mean;
    }
    let groups = sums.len();
    let square: f64 = sums.values().map(|sum| sum * sum).sum();
    (groups > 1).then(|| (square * groups as f64 / (groups - 1) as f64, groups))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Seed};
    use rand_distr::{Distribution, StandardNormal};

    const NAMES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

    /// Gains of 12 segments from 6 origins, three weeks each, that share parts by either.
    fn made(mean: f64, by_segment: f64, by_origin: f64, seed: u64) -> Vec<Paired<'static>> {
        let mut rng = Seed(seed).stream(Purpose::Backtest, 0);
        let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
        let segments: Vec<f64> = NAMES.iter().map(|_| by_segment * normal()).collect();
        let origins: Vec<f64> = (0..6).map(|_| by_origin * normal()).collect();
        let mut cells = Vec::new();
        for (segment, own) in NAMES.into_iter().zip(&segments) {
            for (origin, shared) in origins.iter().enumerate() {
                for _ in 0..3 {
                    let gain = mean + own + shared + normal();
                    cells.push(Paired { gain, segment, origin });
                }
            }
        }
        cells
    }

    #[test]
    fn equal_predictors_are_seldom_told_apart_even_where_cells_move_together() {
        for (by_segment, by_origin) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.7, 0.7)] {
            let told =
                (0..400).filter(|seed| gain(&made(0.0, by_segment, by_origin, *seed)).told_apart);
            // 5 % of 400 claimed; few clusters make clustered errors a little small, and four
            // standard errors are 4.4 points. Errors of single cells would tell half apart.
            let told = told.count();
            assert!(told <= 45, "{by_segment} {by_origin}: {told} of 400");
        }
    }

    #[test]
    fn a_lead_that_every_segment_and_origin_shares_is_told() {
        let told = gain(&made(1.5, 0.3, 0.3, 1));
        assert!(told.told_apart && told.mean > 1.0, "{told:?}");
        let behind = gain(&made(-1.5, 0.3, 0.3, 1));
        assert!(behind.told_apart && behind.mean < -1.0, "{behind:?}");
    }

    #[test]
    fn independent_cells_have_the_plain_standard_error() {
        let cells: Vec<Paired<'_>> = [1.0, 3.0, 2.0, 6.0]
            .into_iter()
            .enumerate()
            .map(|(origin, gain)| Paired { gain, segment: "a", origin })
            .collect();
        let found = gain(&cells);
        // Standard deviation of 1, 3, 2, 6 is √(14/3); over √4.
        assert!((found.standard_error.unwrap() - (14.0_f64 / 12.0).sqrt()).abs() < 1e-12);
        assert_eq!(found.mean, 3.0);
    }

    #[test]
    fn one_origin_tells_nothing() {
        let cells: Vec<Paired<'_>> = NAMES
            .into_iter()
            .map(|segment| Paired { gain: 5.0 + segment.len() as f64, segment, origin: 0 })
            .collect();
        let found = gain(&cells);
        assert!(!found.told_apart && found.standard_error.is_some());
        let alone = gain(&cells[..1]);
        assert!(!alone.told_apart && alone.standard_error.is_none());
        assert_eq!(gain(&[]), Gain::default());
    }
}
