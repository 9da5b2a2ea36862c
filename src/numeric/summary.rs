//! Means, spreads and quantiles.

/// Arithmetic mean, added in order.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Standard deviation of the values themselves, not of what they are a sample of.
pub(crate) fn spread(values: &[f64]) -> f64 {
    let mean = mean(values);
    (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}

/// Sample standard deviation; 0 for one value.
pub(crate) fn deviation(values: &[f64]) -> f64 {
    let centre = mean(values);
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    (squares / (values.len().max(2) - 1) as f64).sqrt()
}

/// Value below which a share `p` of ascending `sorted` lies, interpolated (Hyndman and Fan 1996,
/// type 7).
pub(crate) fn quantile(sorted: &[f64], p: f64) -> f64 {
    let at = p * (sorted.len() - 1) as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    sorted[low] + (at - at.floor()) * (sorted[high] - sorted[low])
}

/// Shares below which the quantiles of a prediction lie.
pub(crate) const LEVELS: [f64; 5] = [0.05, 0.10, 0.50, 0.90, 0.95];

/// Quantiles at [`LEVELS`]; NaN of no values.
pub(crate) fn quantiles(values: &mut [f64]) -> [f64; 5] {
    values.sort_by(f64::total_cmp);
    LEVELS.map(|level| if values.is_empty() { f64::NAN } else { quantile(values, level) })
}
