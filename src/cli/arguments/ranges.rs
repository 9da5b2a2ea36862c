//! Numbers of the command line, within what the program can bear.

use clap::builder::RangedU64ValueParser;

/// Posterior draws; fewer than two have no spread, more than these are no longer held at once.
pub(crate) fn draws() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(2..=100_000)
}

/// Futures of a simulation.
pub(crate) fn replicates() -> RangedU64ValueParser {
    RangedU64ValueParser::new().range(1..=10_000_000)
}

/// Threads: more than a machine has cores help nobody.
pub(crate) fn threads() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=1024)
}

/// A relative gap; the error has the form of clap's own for whole numbers, which the help puts into
/// the person's words.
pub(crate) fn gap(text: &str) -> Result<f64, String> {
    let gap: f64 = text.parse().map_err(|error: std::num::ParseFloatError| error.to_string())?;
    // A number that is none is in no range.
    if (0.0..=1.0).contains(&gap) { Ok(gap) } else { Err(format!("{gap} is not in 0..=1")) }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::ffi::OsStr;

    use clap::Command;
    use clap::builder::TypedValueParser;

    use super::*;

    /// What a parser makes of a text, or why nothing.
    fn read<P: TypedValueParser>(parser: &P, text: &str) -> Result<P::Value, String> {
        let parsed = parser.parse_ref(&Command::new("relais"), None, OsStr::new(text));
        parsed.map_err(|error| error.source().map(ToString::to_string).unwrap_or_default())
    }

    #[test]
    fn numbers_beyond_bearing_are_refused_with_their_range() {
        assert_eq!(read(&draws(), "400"), Ok(400));
        assert_eq!(read(&draws(), "0").unwrap_err(), "0 is not in 2..=100000");
        assert!(read(&draws(), "99999999999999999999").is_err());
        assert_eq!(gap("nan").unwrap_err(), "NaN is not in 0..=1");
        assert!(gap("-1e-9").is_err() && gap("inf").is_err() && gap("x").is_err());
        assert_eq!(gap("0"), Ok(0.0));
        assert!(
            read(&threads(), "0").is_err() && read(&replicates(), "18446744073709551615").is_err()
        );
    }
}
