//! Numbers as people and exports write them, read exactly.
//!
//! An export's column says once for all of its cells which mark stands before the fraction
//! ([`number`] under a [`Mark`]); a number that stands alone says it itself or is refused
//! ([`alone`]).

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::currency::Currency;

/// What separates whole from fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mark {
    /// `1,234.56`
    #[default]
    Dot,
    /// `1 234,56` or `1.234,56`
    Comma,
}

/// A number with what was written around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number {
    /// The value, exactly as written; for `<5`, the 5.
    pub(crate) value: Decimal,
    /// `<5`: the true value is below.
    pub(crate) below: bool,
    /// A share and no amount: `5 %`.
    pub(crate) percent: bool,
    /// The currency sign or code beside it.
    pub(crate) sign: Option<Sign>,
}

/// What stands beside an amount: a code or a sign of one currency, or a sign that several share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// `EUR`, `€`.
    One(Currency),
    /// `$`: the sign, and the codes of the currencies that use it.
    Several(&'static str, &'static [&'static str]),
}

impl Sign {
    /// The currency it names; a sign that several share names none.
    pub(crate) fn currency(self) -> Option<Currency> {
        match self {
            Self::One(currency) => Some(currency),
            Self::Several(..) => None,
        }
    }

    /// Whether amounts of a currency may be written with it.
    pub(crate) fn fits(self, currency: Currency) -> bool {
        match self {
            Self::One(own) => own == currency,
            Self::Several(_, codes) => codes.contains(&currency.code()),
        }
    }

    /// Whether two signs may stand beside amounts of one currency.
    pub(crate) fn agrees(self, other: Self) -> bool {
        match (self, other) {
            (Self::Several(one, _), Self::Several(two, _)) => one == two,
            (Self::One(currency), sign) | (sign, Self::One(currency)) => sign.fits(currency),
        }
    }
}

impl std::fmt::Display for Sign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::One(currency) => write!(f, "{currency}"),
            Self::Several(sign, _) => f.write_str(sign),
        }
    }
}

impl Number {
    /// A bare value.
    pub(crate) fn plain(value: Decimal) -> Self {
        Self { value, below: false, percent: false, sign: None }
    }

    pub(crate) fn as_f64(&self) -> f64 {
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
pub(crate) fn number(text: &str, mark: Mark) -> Option<Number> {
    if let Some(value) = plain(text.as_bytes(), mark) {
        return Some(Number::plain(value));
    }
    if is_bare(text, mark) {
        // Up to 28 digits are exact; longer ones are no amount that an export holds.
        let value = Decimal::from_str_exact(text).ok()?;
        return Some(Number::plain(value));
    }
    dressed(text, mark)
}

/// Up to 18 digits with at most one point between them: what nearly every cell is, read in one go.
#[inline]
fn plain(text: &[u8], mark: Mark) -> Option<Decimal> {
    if text.len() > 19 {
        return None;
    }
    // Nineteen digits fit where the sign needs no place.
    let (mut mantissa, mut point) = (0_u64, None);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = mantissa * 10 + u64::from(byte - b'0'),
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
    is_number.then(|| Decimal::new(mantissa as i64, scale as u32))
}

/// Digits with at most one point: by far most cells, without thousands to mistake. Where the
/// comma is the mark, a point before three digits groups thousands and goes the long way.
pub(crate) fn is_bare(text: &str, mark: Mark) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('.') {
        None => digits(text),
        Some((whole, fraction)) => {
            digits(whole) && digits(fraction) && (mark == Mark::Dot || fraction.len() < 3)
        }
    }
}

/// Text with the digits, marks and signs of other scripts (`١٬٢٣٤٫٥٦`, `１２`) as they are elsewhere,
/// under a decimal mark; `None` when it has none of them.
pub(crate) fn western(text: &str, mark: Mark) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let (point, group) = match mark {
        Mark::Dot => ('.', ','),
        Mark::Comma => (',', '.'),
    };
    let digit = |letter: char, zero: char| {
        char::from_digit(u32::from(letter) - u32::from(zero), 10).unwrap_or(letter)
    };
    let letters = text.chars().filter(|letter| !turns(*letter)).map(|letter| match letter {
        '٠'..='٩' => digit(letter, '٠'),
        '۰'..='۹' => digit(letter, '۰'),
        '０'..='９' => digit(letter, '０'),
        '٫' => point,
        '٬' => group,
        '٪' | '％' => '%',
        '．' => '.',
        '，' | '،' => ',',
        '－' => '-',
        _ => letter,
    });
    let western: String = letters.collect();
    (western != text).then_some(western)
}

/// A mark that turns the direction of text and is not seen.
pub(crate) fn turns(letter: char) -> bool {
    matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The long way: currency, percent, `<`, signs, groups.
fn dressed(text: &str, mark: Mark) -> Option<Number> {
    if let Some(western) = western(text, mark) {
        return number(&western, mark);
    }
    let Undressed { digits, below, percent, negative, sign } = undressed(text)?;
    let value = magnitude(digits, mark)?;
    Some(Number { value: if negative { -value } else { value }, below, percent, sign })
}

/// A text taken apart: its digits with their marks, and what stood around them.
struct Undressed<'a> {
    digits: &'a str,
    below: bool,
    percent: bool,
    negative: bool,
    sign: Option<Sign>,
}

/// Signs of numbers below 0: hyphen, minus, the dash that word processors make of a hyphen, and the
/// wide forms.
const MINUS: [char; 5] = ['-', '\u{2212}', '\u{2013}', '\u{fe63}', '\u{ff0d}'];

/// Takes currency, percent, `<` and signs off; `None` where two currencies stand around it.
fn undressed(text: &str) -> Option<Undressed<'_>> {
    if text.len() > 64 {
        return None;
    }
    let mut rest = text.trim();
    let below = rest.starts_with('<');
    rest = rest.trim_start_matches('<').trim_start();
    let (mut rest, first) = without_sign(rest);
    let percent = rest.ends_with('%');
    rest = rest.strip_suffix('%').unwrap_or(rest).trim_end();
    let mut negative = false;
    if let Some(inner) = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')) {
        (rest, negative) = (inner, true);
    }
    if let Some(inner) = rest.strip_prefix(MINUS) {
        (rest, negative) = (inner, true);
    } else if let Some(inner) = rest.strip_suffix(MINUS).filter(|inner| !inner.is_empty()) {
        // Accounts write the sign last.
        (rest, negative) = (inner.trim_end(), true);
    } else if let Some(inner) = rest.strip_prefix('+') {
        rest = inner;
    }
    // `-$5` and `-5 €`: the sign may stand outside the currency as well as inside.
    let (digits, second) = without_sign(rest.trim_start());
    let sign = match (first, second) {
        (Some(first), Some(second)) if !first.agrees(second) => return None,
        // `$5 USD`: the code says which dollar.
        (Some(first), Some(second)) if first.currency().is_none() => Some(second),
        (first, second) => first.or(second),
    };
    Some(Undressed { digits, below, percent, negative, sign })
}

/// The sign or code of a currency, alone.
pub(crate) fn sign(text: &str) -> Option<Sign> {
    match without_sign(&format!("0{}", text.trim())) {
        ("0", sign) => sign,
        _ => None,
    }
}

fn without_sign(text: &str) -> (&str, Option<Sign>) {
    let letters = |part: &str| part.len() == 3 && part.bytes().all(|b| b.is_ascii_uppercase());
    let code = |code: &str| code.parse().ok().map(Sign::One);
    if let Some((first, rest)) = text.split_at_checked(3)
        && letters(first)
        && rest
            .starts_with(|c: char| c.is_whitespace() || c.is_ascii_digit() || "-.,€£$¥".contains(c))
    {
        return (rest.trim(), code(first));
    }
    if let Some((rest, last)) = text.len().checked_sub(3).and_then(|at| text.split_at_checked(at))
        && letters(last)
        && rest.ends_with(|c: char| c.is_whitespace() || c.is_ascii_digit() || "€£$¥.".contains(c))
    {
        return (rest.trim(), code(last));
    }
    for (sign, codes) in SIGNS {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            let sign = match codes {
                [one] => code(one),
                several => Some(Sign::Several(sign, several)),
            };
            return (rest.trim(), sign);
        }
    }
    (text, None)
}

/// Signs and the currencies whose amounts are written with them, longest first.
const SIGNS: &[(&str, &[&str])] = &[
    ("US$", &["USD"]),
    ("CA$", &["CAD"]),
    ("AU$", &["AUD"]),
    ("NZ$", &["NZD"]),
    ("HK$", &["HKD"]),
    ("NT$", &["TWD"]),
    ("MX$", &["MXN"]),
    ("$US", &["USD"]),
    ("$CA", &["CAD"]),
    ("$AU", &["AUD"]),
    ("A$", &["AUD"]),
    ("C$", &["CAD"]),
    ("S$", &["SGD"]),
    ("R$", &["BRL"]),
    ("€", &["EUR"]),
    ("£", &["GBP"]),
    ("₹", &["INR"]),
    ("₺", &["TRY"]),
    ("₽", &["RUB"]),
    ("₴", &["UAH"]),
    ("₪", &["ILS"]),
    ("₩", &["KRW"]),
    ("₫", &["VND"]),
    ("฿", &["THB"]),
    ("₱", &["PHP"]),
    ("₦", &["NGN"]),
    ("zł", &["PLN"]),
    ("Kč", &["CZK"]),
    ("Ft", &["HUF"]),
    ("kr", &["SEK", "NOK", "DKK", "ISK"]),
    (
        "$",
        &[
            "USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN", "ARS", "CLP", "COP", "UYU",
            "DOP", "BSD", "BBD", "BMD", "BND", "BZD", "FJD", "GYD", "JMD", "KYD", "LRD", "NAD",
            "SBD", "SRD", "TTD", "XCD",
        ],
    ),
    ("¥", &["JPY", "CNY"]),
];

/// Why a number that stands alone cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is no number.
    NoNumber,
    /// Three digits after its one separator: thousands to some, a fraction to others.
    TwoReadings {
        /// The separator as a decimal mark.
        fraction: Decimal,
        /// The separator between groups of three digits.
        thousands: Decimal,
    },
}

/// What the language of a file settles about its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Writing {
    /// Nothing: French groups with spaces, and writes both points and commas.
    #[default]
    Any,
    /// English: a comma before three digits stands between thousands. (A point there is refused
    /// all the same: too many Europeans group with it.)
    English,
}

/// Reads a number that no others stand beside. Three digits after one separator are never a
/// fraction.
pub(crate) fn alone(text: &str, writing: Writing) -> Result<Number, Unread> {
    if undressed(text).is_some_and(|own| own.digits.contains(['e', 'E'])) {
        return Err(Unread::NoNumber);
    }
    let (dot, comma) = (number(text, Mark::Dot), number(text, Mark::Comma));
    if let Some((whole, separator, three)) = undressed(text).and_then(|own| of_three(own.digits)) {
        let as_written = dot.or(comma).ok_or(Unread::NoNumber)?;
        let value = |text: String| Decimal::from_str_exact(&text).map_err(|_| Unread::NoNumber);
        let thousands = value(format!("{whole}{three}"))?;
        if writing == Writing::English && separator == ',' && is_first_group(whole) {
            return Ok(Number { value: thousands, ..as_written });
        }
        let fraction = value(format!("0{whole}.{three}"))?;
        return Err(Unread::TwoReadings { fraction, thousands });
    }
    match (dot, comma) {
        (Some(one), Some(other)) if one.value != other.value => {
            Err(Unread::TwoReadings { fraction: one.value, thousands: other.value })
        }
        (one, other) => one.or(other).ok_or(Unread::NoNumber),
    }
}

/// `12,345` as its whole, its separator and its three digits.
fn of_three(digits: &str) -> Option<(&str, char, &str)> {
    let (whole, three) = digits.split_once(['.', ','])?;
    let only = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let separator = digits[whole.len()..].chars().next()?;
    (three.len() == 3 && only(three) && only(whole)).then_some((whole, separator, three))
}

/// Digits that may stand before a group of three: `012,345` groups nothing.
fn is_first_group(whole: &str) -> bool {
    (1..=3).contains(&whole.len()) && !whole.starts_with('0')
}

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
    // A plain space and a narrow one are one separator.
    let kind = |c: char| match c {
        '’' => '\'',
        c if c.is_whitespace() => ' ',
        c => c,
    };
    let separators = {
        let mut all: Vec<char> = whole.chars().filter(|c| is_group(*c)).map(kind).collect();
        all.dedup();
        all
    };
    let parts: Vec<&str> = whole.split(is_group).collect();
    let digits = |part: &&str| part.bytes().all(|b| b.is_ascii_digit());
    let first = parts.first().is_some_and(|part| (1..=3).contains(&part.len()) && digits(part));
    let rest = parts.iter().skip(1).all(|part| part.len() == 3 && digits(part));
    (separators.len() == 1 && first && rest).then(|| parts.concat())
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
    fn nineteen_digits_and_more_are_numbers_or_none_and_never_too_many_to_add_up() {
        for text in ["9999999999999999999", "9999999999999999999.", "99999999999999999999"] {
            number(text, Mark::Dot);
            number(text, Mark::Comma);
        }
        assert_eq!(dot("999999999999999999.9").as_deref(), Some("999999999999999999.9"));
        assert_eq!(dot("99999999999999999.9").as_deref(), Some("99999999999999999.9"));
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
        let sign = |text: &str| number(text, Mark::Dot).unwrap().sign;
        assert_eq!(sign("1 234 €"), Some(Sign::One(Currency::EUR)));
        assert_eq!(sign("$3.50").unwrap().currency(), None);
        assert!(sign("$3.50").unwrap().fits("CAD".parse().unwrap()));
        assert!(!sign("$3.50").unwrap().fits(Currency::EUR));
        assert_eq!(sign("$3.50 CAD"), Some(Sign::One("CAD".parse().unwrap())));
        assert_eq!(dot("€3.50 USD"), None);
        assert_eq!(sign("5 $US"), Some(Sign::One("USD".parse().unwrap())));
        assert!(number("5%", Mark::Dot).unwrap().percent);
    }

    #[test]
    fn a_currencys_sign_or_code_stands_alone() {
        for text in ["EUR", "€", " € "] {
            assert_eq!(super::sign(text), Some(Sign::One(Currency::EUR)), "{text}");
        }
        assert!(super::sign("$").unwrap().fits("CAD".parse().unwrap()));
        for text in ["", "-", "5", "5 €", "euro", "General"] {
            assert_eq!(super::sign(text), None, "{text}");
        }
    }

    #[test]
    fn small_counts_say_that_they_are_below() {
        for text in ["<5", "< 5"] {
            let read = number(text, Mark::Dot).unwrap();
            assert!(read.below && read.value == Decimal::from(5), "{text}");
        }
    }

    #[test]
    fn digits_and_marks_of_other_scripts_are_read() {
        for text in ["١٬٢٣٤٫٥٦", "۱٬۲۳۴٫۵۶", "\u{200f}١٢٣٤٫٥٦ €", "\u{202b}1234٫56\u{202c}"]
        {
            assert_eq!(dot(text).as_deref(), Some("1234.56"), "{text}");
            assert_eq!(comma(text).as_deref(), Some("1234.56"), "{text}");
        }
        assert_eq!(dot("１，２３４．５").as_deref(), Some("1234.5"));
        assert_eq!(dot("٢٠").as_deref(), Some("20"));
        assert_eq!(dot("١٢٬٣٤٫٥"), None);
        assert!(number("٥٪", Mark::Dot).unwrap().percent);
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
    fn three_digits_after_one_separator_are_no_fraction() {
        let two = |fraction: &str, thousands: &str| {
            let decimal = |text: &str| Decimal::from_str_exact(text).unwrap();
            Err(Unread::TwoReadings { fraction: decimal(fraction), thousands: decimal(thousands) })
        };
        let value = |text: &str, writing| alone(text, writing).map(|own| own.value);
        for writing in [Writing::Any, Writing::English] {
            assert_eq!(value("12.000 EUR", writing), two("12.000", "12000"));
            assert_eq!(value("0,500", writing), two("0.500", "0500"));
            assert_eq!(value("1234.567", writing), two("1234.567", "1234567"));
            for (text, read) in [
                ("12 000", "12000"),
                ("12\u{202f}000,50 €", "12000.50"),
                ("12'000.50 CHF", "12000.50"),
                ("12’000,50", "12000.50"),
                ("12,000.50", "12000.50"),
                ("12.000,50", "12000.50"),
                ("€12,000.50", "12000.50"),
                ("1.234.567", "1234567"),
                ("1,234,567", "1234567"),
                ("1 234,567", "1234.567"),
                ("12.0000", "12.0000"),
                ("12,5", "12.5"),
            ] {
                assert_eq!(
                    value(text, writing),
                    Ok(Decimal::from_str_exact(read).unwrap()),
                    "{text}"
                );
            }
            for text in ["1e3", "12 00", "1 2000", "1.23.456", "12,,5", "12 000.000.000", ""] {
                assert_eq!(value(text, writing), Err(Unread::NoNumber), "{text}");
            }
        }
        assert_eq!(value("12,000 €", Writing::Any), two("12.000", "12000"));
        assert_eq!(value("12,000 €", Writing::English), Ok(Decimal::from(12_000)));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = (number(&text, Mark::Dot), number(&text, Mark::Comma), alone(&text, Writing::English));
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
