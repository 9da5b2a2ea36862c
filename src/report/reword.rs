//! Words and numbers that were already written in one language, written in the other.
//!
//! A finding keeps its values as texts; a report in the other language must not show them as they
//! were. Only texts that are beyond doubt a date, an amount or a known word are touched.

use jiff::civil::Date;

use super::voice::Voice;
use crate::language::Language;
use crate::units::Currency;

/// Messages that stand as values within other messages.
const KEYS: [&str; 10] = [
    "rules-ballot-municipal",
    "rules-ballot-regional",
    "rules-ballot-presidential",
    "rules-ballot-other",
    "rules-category-religion",
    "rules-category-health",
    "rules-category-opinion",
    "rules-category-origin",
    "rules-category-orientation",
    "rules-category-union",
];

/// A value of a message in the language of the voice.
#[must_use]
pub fn reworded(text: &str, voice: &Voice) -> String {
    let known = KEYS
        .into_iter()
        .find(|key| Language::ALL.into_iter().any(|language| language.text(key) == text));
    if let Some(key) = known {
        return voice.text(key);
    }
    if let Some(day) = day(text) {
        return voice.language.date(day);
    }
    if let Some((value, decimals)) = decimal(text) {
        return voice.language.number(value, decimals);
    }
    match amount(text) {
        Some((value, decimals, currency)) => {
            voice.language.money_with(value, Some(currency), decimals)
        }
        None => text.to_owned(),
    }
}

/// `2.1` or `2,1`: with one or two decimals, what stands before them is no thousand.
fn decimal(text: &str) -> Option<(f64, usize)> {
    let (whole, part) = text.split_once(['.', ','])?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 {
        return None;
    }
    Some((format!("{whole}.{part}").parse().ok()?, part.len()))
}

/// `22/11/2026` or `22 Nov 2026`.
fn day(text: &str) -> Option<Date> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let parts: Vec<&str> = text.split(['/', ' ']).collect();
    let [day, month, year] = parts[..] else { return None };
    let month = match MONTHS.iter().position(|name| *name == month) {
        Some(place) => place as i8 + 1,
        None if text.contains('/') => month.parse().ok()?,
        None => return None,
    };
    if year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()
}

/// `1 250,50 €` or `€1,250.50`: value, decimals, currency.
fn amount(text: &str) -> Option<(f64, usize, Currency)> {
    let symbol = |text: &str| match text {
        "€" => Some(Currency::EUR),
        "$" => "USD".parse().ok(),
        "£" => "GBP".parse().ok(),
        _ => None,
    };
    if let Some((number, unit)) = text.rsplit_once('\u{a0}') {
        let plain = number.replace('\u{202f}', "").replace(',', ".");
        return number_of(&plain).and_then(|(value, n)| Some((value, n, symbol(unit)?)));
    }
    let first = text.chars().next()?;
    let unit = symbol(first.encode_utf8(&mut [0; 4]))?;
    let (value, decimals) = number_of(&text[first.len_utf8()..].replace(',', ""))?;
    Some((value, decimals, unit))
}

/// A plain number and how many decimals it has.
fn number_of(text: &str) -> Option<(f64, usize)> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    plain.then(|| Some((text.parse().ok()?, decimals))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    #[test]
    fn what_is_beyond_doubt_changes_its_language_and_nothing_else_does() {
        let dossier = example::dossier(1);
        let [fr, en] = Language::ALL.map(|language| Voice::new(&dossier, language));
        for (french, english) in [
            ("22/11/2026", "22 Nov 2026"),
            ("2,1", "2.1"),
            ("1\u{202f}250\u{a0}€", "€1,250"),
            ("1\u{202f}250,50\u{a0}€", "€1,250.50"),
            ("la santé", en.text("rules-category-health").as_str()),
        ] {
            assert_eq!(reworded(french, &en), english);
            assert_eq!(reworded(english, &fr), french);
            assert_eq!(reworded(french, &fr), french);
        }
        for other in ["Instagram", "12", "1,5", "10/12", "", "a €", "€", "2026"] {
            assert_eq!(reworded(other, &fr), other);
        }
    }
}
