//! Which mark the numbers of an export's columns have before their fraction.

pub(crate) use crate::units::number::{Mark, Number, Sign, number, sign};

use super::key::folded;
use crate::units::number::is_bare;

/// What one cell says about the mark of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hint {
    /// Only a decimal point reads it so.
    Dot,
    /// Only a decimal comma.
    Comma,
    /// Both would read it, as different numbers: `1,234`.
    Either,
    /// Says nothing: `1234`, or no number.
    Nothing,
}

/// What a cell says about the mark.
pub(crate) fn hint(text: &str) -> Hint {
    if !text.contains(['.', ',']) {
        return Hint::Nothing;
    }
    match (number(text, Mark::Dot), number(text, Mark::Comma)) {
        (Some(_), None) => Hint::Dot,
        (None, Some(_)) => Hint::Comma,
        (Some(dot), Some(comma)) if dot.value != comma.value => Hint::Either,
        // A bare `12.5` is read under either mark, but only the point explains it.
        (Some(_), Some(_)) if is_bare(text, Mark::Comma) => Hint::Dot,
        _ => Hint::Nothing,
    }
}

/// Whether a text is what stands where a calculation failed (`#DIV/0!`, `#NOM?`, `Err:502`, `NaN`),
/// or a formula without its result: there is a number, and the file does not have it.
pub(crate) fn is_failed(text: &str) -> bool {
    let plain = folded(text);
    let after = |mark: &str| plain.strip_prefix(mark).and_then(|rest| rest.chars().next());
    matches!(plain.as_str(), "nan" | "-nan" | "inf" | "-inf" | "infinity" | "-infinity")
        || after("#").is_some_and(|first| first.is_alphabetic() || first == '¡')
        || after("err:").is_some_and(|first| first.is_ascii_digit())
        || after("=").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_told_from_what_is_not_there() {
        for text in [
            "#DIV/0!",
            "#N/A",
            "#REF!",
            "#NOM?",
            "#¡DIV/0!",
            "#ZAHL!",
            "NaN",
            "Err:502",
            "=SUM(A1:A3)",
        ] {
            assert!(is_failed(text), "{text}");
        }
        for text in ["", "-", "--", "n/a", "#1", "###", "=", "12", "Err", "error"] {
            assert!(!is_failed(text), "{text}");
        }
    }

    #[test]
    fn a_cell_tells_its_mark_only_when_it_can() {
        assert_eq!(hint("12.5"), Hint::Dot);
        assert_eq!(hint("1 234,5"), Hint::Comma);
        assert_eq!(hint("1,234"), Hint::Either);
        assert_eq!(hint("1.234"), Hint::Either);
        assert_eq!(hint("1,234.5"), Hint::Dot);
        assert_eq!(hint("1.234,5"), Hint::Comma);
        assert_eq!(hint("1234"), Hint::Nothing);
    }
}
