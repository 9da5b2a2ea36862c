//! Which mark the numbers of an export's columns have before their fraction.

pub(crate) use crate::units::number::{Mark, Number, Sign, number};

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

#[cfg(test)]
mod tests {
    use super::*;

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
