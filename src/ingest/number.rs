//! Numbers as exports write them, read exactly.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::units::Currency;

/// What separates whole from fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mark {
    /// `1,234.56`
    #[default]
    Dot,
    /// `1 234,56` or `1.234,56`
    Comma,
}

/// A number with what was written around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    /// The value, exactly as written; for `<5`, the 5.
    pub(super) value: Decimal,
    /// `<5`: the true value is below.
    pub(super) below: bool,
    /// A currency beside it, when the sign tells which (`€`, `£`, a code; `$` does not).
    pub(super) currency: Option<Currency>,
}

impl Number {
    pub(super) fn as_f64(&self) -> f64 {
        if self.value.scale() == 0
            && let Ok(whole) = i64::try_from(self.value.mantissa())
            && whole.unsigned_abs() < 1 << 53
        {
            return whole as f64;
        }
        self.value.to_f64().unwrap_or(f64::NAN)
    }
}

/// Reads a number; `None` when the text is not one under this mark.
pub(super) fn number(text: &str, mark: Mark) -> Option<Number> {
    if let Some(value) = plain(text.as_bytes(), mark) {
        return Some(Number { value, below: false, currency: None });
    }
    if is_bare(text, mark) {
        // Up to 28 digits are exact; longer ones are no amount that an export holds.
        let value = Decimal::from_str_exact(text).ok()?;
        return Some(Number { value, below: false, currency: None });
    }
    dressed(text, mark)
}

/// Up to 18 digits with at most one point between them: what nearly every cell is, read in one go.
#[inline]
fn plain(text: &[u8], mark: Mark) -> Option<Decimal> {
    if text.len() > 19 {
        return None;
    }
    let (mut mantissa, mut point) = (0_i64, None);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = mantissa * 10 + i64::from(byte - b'0'),
            b'.' if point.is_none() && at > 0 => point = Some(at + 1),
            _ => return None,
        }
    }
    let scale = match point {
        // Without a point 19 digits may be too many.
        None if text.is_empty() || text.len() > 18 => return None,
        None => 0,
        Some(after) => text.len() - after,
    };
    let is_number = point.is_none() || (scale > 0 && (mark == Mark::Dot || scale < 3));
    is_number.then(|| Decimal::new(mantissa, scale as u32))
}

/// Digits with at most one point: by far most cells, without thousands to mistake. Where the
/// comma is the mark, a point before three digits groups thousands and goes the long way.
fn is_bare(text: &str, mark: Mark) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('.') {
        None => digits(text),
        Some((whole, fraction)) => {
            digits(whole) && digits(fraction) && (mark == Mark::Dot || fraction.len() < 3)
        }
    }
}

/// The long way: currency, percent, `<`, signs, groups.
fn dressed(text: &str, mark: Mark) -> Option<Number> {
    if text.len() > 64 {
        return None;
    }
    let mut rest = text.trim();
    let below = rest.starts_with('<');
    rest = rest.trim_start_matches('<').trim_start();
    let (mut rest, currency) = without_currency(rest);
    rest = rest.strip_suffix('%').unwrap_or(rest).trim_end();
    let mut negative = false;
    if let Some(inner) = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')) {
        (rest, negative) = (inner, true);
    }
    if let Some(inner) = rest.strip_prefix(['-', '\u{2212}']) {
        (rest, negative) = (inner, true);
    } else if let Some(inner) = rest.strip_prefix('+') {
        rest = inner;
    }
    // `-$5` and `-5 €`: the sign may stand outside the currency as well as inside.
    let (rest, second) = without_currency(rest.trim_start());
    let value = magnitude(rest, mark)?;
    let value = if negative { -value } else { value };
    Some(Number { value, below, currency: currency.or(second) })
}

fn without_currency(text: &str) -> (&str, Option<Currency>) {
    for (sign, code) in SIGNS {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            return (rest.trim(), code.parse().ok());
        }
    }
    let letters = |part: &str| part.len() == 3 && part.bytes().all(|b| b.is_ascii_uppercase());
    if let Some((code, rest)) = text.split_at_checked(3)
        && letters(code)
        && rest.starts_with(|c: char| c.is_whitespace() || c.is_ascii_digit() || c == '-')
    {
        return (rest.trim(), code.parse().ok());
    }
    if let Some((rest, code)) = text.len().checked_sub(3).and_then(|at| text.split_at_checked(at))
        && letters(code)
        && rest.ends_with(|c: char| c.is_whitespace() || c.is_ascii_digit())
    {
        return (rest.trim(), code.parse().ok());
    }
    (text, None)
}

/// Signs, longest first. A bare `$` or `¥` belongs to several currencies, so it names none (an
/// empty code does not parse).
const SIGNS: [(&str, &str); 10] = [
    ("US$", "USD"),
    ("CA$", "CAD"),
    ("AU$", "AUD"),
    ("A$", "AUD"),
    ("C$", "CAD"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("₹", "INR"),
    ("$", ""),
    ("¥", ""),
];

/// The unsigned value under a mark, with groups of three digits checked.
fn magnitude(text: &str, mark: Mark) -> Option<Decimal> {
    if text.bytes().any(|b| matches!(b, b'e' | b'E')) {
        return scientific(text, mark);
    }
    let (point, group) = match mark {
        Mark::Dot => ('.', ','),
        Mark::Comma => (',', '.'),
    };
    let (whole, fraction) = match text.split_once(point) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let mut plain = ungrouped(whole, group)?;
    if let Some(fraction) = fraction {
        if !fraction.bytes().all(|b| b.is_ascii_digit())
            || (fraction.is_empty() && plain.is_empty())
        {
            return None;
        }
        if !fraction.is_empty() {
            plain.push('.');
            plain.push_str(fraction);
        }
    }
    if plain.starts_with('.') {
        plain.insert(0, '0');
    }
    Decimal::from_str_exact(&plain).ok()
}

/// `1.2E-5`, as spreadsheets write what they find small.
fn scientific(text: &str, mark: Mark) -> Option<Decimal> {
    let well_formed = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'e' | b'E' | b'-' | b'+' | b'.' | b','));
    let plain = match mark {
        Mark::Dot => text.to_owned(),
        Mark::Comma => text.replace(',', "."),
    };
    well_formed.then(|| Decimal::from_scientific(&plain).ok()).flatten()
}

/// The digits of `1 234 567`, when every group after the first has three.
fn ungrouped(whole: &str, group: char) -> Option<String> {
    if whole.bytes().all(|b| b.is_ascii_digit()) {
        return Some(whole.to_owned());
    }
    let is_group = |c: char| c == group || c == '\'' || c == '’' || c.is_whitespace();
    let separators = {
        let mut all: Vec<char> = whole.chars().filter(|c| is_group(*c)).collect();
        all.dedup();
        all
    };
    let parts: Vec<&str> = whole.split(is_group).collect();
    let digits = |part: &&str| part.bytes().all(|b| b.is_ascii_digit());
    let first = parts.first().is_some_and(|part| (1..=3).contains(&part.len()) && digits(part));
    let rest = parts.iter().skip(1).all(|part| part.len() == 3 && digits(part));
    (separators.len() == 1 && first && rest).then(|| parts.concat())
}

/// What one cell says about the mark of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
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
pub(super) fn hint(text: &str) -> Hint {
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
    use proptest::prelude::*;

    fn dot(text: &str) -> Option<String> {
        number(text, Mark::Dot).map(|n| n.value.to_string())
    }

    fn comma(text: &str) -> Option<String> {
        number(text, Mark::Comma).map(|n| n.value.to_string())
    }

    #[test]
    fn amounts_are_read_exactly_as_written() {
        assert_eq!(dot("12.233571428571").as_deref(), Some("12.233571428571"));
        assert_eq!(dot("10,000.00").as_deref(), Some("10000.00"));
        assert_eq!(dot("£1.23").as_deref(), Some("1.23"));
        assert_eq!(dot("GBP 1,234.56").as_deref(), Some("1234.56"));
        assert_eq!(dot("-$5").as_deref(), Some("-5"));
        assert_eq!(dot("(12.50)").as_deref(), Some("-12.50"));
        assert_eq!(dot("1.72169539").as_deref(), Some("1.72169539"));
        assert_eq!(dot("1.234").as_deref(), Some("1.234"));
        assert_eq!(dot("1.2E-5").as_deref(), Some("0.000012"));
        assert_eq!(comma("1\u{202f}234,56\u{a0}€").as_deref(), Some("1234.56"));
        assert_eq!(comma("1.234,56").as_deref(), Some("1234.56"));
        assert_eq!(comma("1.234").as_deref(), Some("1234"));
        assert_eq!(comma("12,5 %").as_deref(), Some("12.5"));
        assert_eq!(number("1 234,56 €", Mark::Comma).unwrap().currency, Some(Currency::EUR));
        assert_eq!(number("$3.50", Mark::Dot).unwrap().currency, None);
    }

    #[test]
    fn small_counts_say_that_they_are_below() {
        for text in ["<5", "< 5"] {
            let read = number(text, Mark::Dot).unwrap();
            assert!(read.below && read.value == Decimal::from(5), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in
            ["12,5", "1,23,456", "abc", "12.5.6", "", "-", "1,234 567", "0x10", "NaN", "inf"]
        {
            assert_eq!(dot(text), None, "{text}");
        }
        assert_eq!(comma("1.23"), Some("1.23".into()), "the short way reads a bare point");
        assert_eq!(dot(&"9".repeat(200)), None);
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

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = (number(&text, Mark::Dot), number(&text, Mark::Comma), hint(&text));
        }

        #[test]
        fn grouping_changes_nothing(cents in 0_u64..10_000_000_000) {
            let plain = format!("{}.{:02}", cents / 100, cents % 100);
            let mut whole = (cents / 100).to_string();
            let mut at = whole.len();
            while at > 3 {
                at -= 3;
                whole.insert(at, '\u{a0}');
            }
            let french = format!("{whole},{:02} €", cents % 100);
            prop_assert_eq!(comma(&french), dot(&plain));
        }
    }
}
