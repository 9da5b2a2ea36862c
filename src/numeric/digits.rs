//! Numbers as short as files keep them, and their bounds when they are read back.

/// Keeps seven significant digits: more would only be noise in the file.
pub(crate) fn short(x: f64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return 0.0;
    }
    format!("{x:.6e}").parse().expect("a formatted float reads back")
}

/// A number in its range; NaN and infinity never are.
pub(crate) fn within(name: &str, value: f64, low: f64, high: f64) -> Result<(), String> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(format!("{name}: found {value}, expected {low} to {high}"))
}
