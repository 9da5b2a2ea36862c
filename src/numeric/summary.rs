//! Means, spreads and quantiles.

/// Standard deviation.
pub(crate) fn spread(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}

/// Quantiles at [`LEVELS`], by linear interpolation (Hyndman and Fan's type 7).
pub(crate) fn quantiles(values: &mut [f64]) -> [f64; 5] {
    values.sort_by(f64::total_cmp);
    LEVELS.map(|level| {
        let Some(last) = values.len().checked_sub(1) else { return f64::NAN };
        let at = level * last as f64;
        let below = at.floor() as usize;
        let above = (below + 1).min(last);
        values[below] + (at - at.floor()) * (values[above] - values[below])
    })
}

/// Shares below which the quantiles of a [`Prediction`] lie.
pub(crate) const LEVELS: [f64; 5] = [0.05, 0.10, 0.50, 0.90, 0.95];
