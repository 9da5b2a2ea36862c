//! Numbers of the command line, within what the program can bear.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Most draws or futures held at once.
const MOST_DRAWS: usize = 100_000;

/// A whole number or a share in its range; the error is `FOUND is not in LOW..=HIGH`, which the help
/// puts into the person's words.
fn within<T>(text: &str, range: &RangeInclusive<T>) -> Result<T, String>
where
    T: FromStr<Err: Display> + PartialOrd + Display,
{
    let number: T = text.parse().map_err(|error: T::Err| error.to_string())?;
    // A number that is none is in no range.
    if range.contains(&number) {
        return Ok(number);
    }
    Err(format!("{number} is not in {}..={}", range.start(), range.end()))
}

/// Posterior draws; fewer than two have no spread.
pub(super) fn draws(text: &str) -> Result<usize, String> {
    within(text, &(2..=MOST_DRAWS))
}

/// Futures of a simulation.
pub(super) fn replicates(text: &str) -> Result<u64, String> {
    within(text, &(1..=10_000_000))
}

/// Threads: more than a machine has cores help nobody.
pub(super) fn threads(text: &str) -> Result<usize, String> {
    within(text, &(1..=1024))
}

/// A relative gap.
pub(super) fn gap(text: &str) -> Result<f64, String> {
    within(text, &(0.0..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_bearing_are_refused_with_their_range() {
        assert_eq!(draws("400"), Ok(400));
        assert_eq!(draws("0").unwrap_err(), "0 is not in 2..=100000");
        assert!(draws("99999999999999999999").is_err());
        assert_eq!(gap("nan").unwrap_err(), "NaN is not in 0..=1");
        assert!(gap("-1e-9").is_err() && gap("inf").is_err() && gap("x").is_err());
        assert_eq!(gap("0"), Ok(0.0));
        assert!(threads("0").is_err() && replicates("18446744073709551615").is_err());
    }
}
