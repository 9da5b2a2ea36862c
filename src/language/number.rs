//! Numbers, money, dates and weeks in a language's own form.

use jiff::civil::Date;

use super::Language;
use crate::units::{Currency, Week};

/// Narrow no-break space: groups thousands in French.
const NARROW: char = '\u{202f}';
/// No-break space: between a number and its unit in French.
const NO_BREAK: char = '\u{a0}';

impl Language {
    /// A number with a fixed number of decimals: `12 345,6` or `12,345.6`.
    #[must_use]
    pub fn number(self, value: f64, decimals: usize) -> String {
        let (group, point) = match self {
            Self::Fr => (NARROW, ','),
            Self::En => (',', '.'),
        };
        let plain = format!("{:.decimals$}", value.abs());
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let mut text = String::new();
        if value < 0.0 && plain.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
            text.push('\u{2212}');
        }
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                text.push(group);
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push(point);
            text.push_str(fraction);
        }
        text
    }

    /// A number with about three significant digits: `0,412`, `41,2`, `4 120`.
    #[must_use]
    pub fn short(self, value: f64) -> String {
        let magnitude = value.abs();
        let decimals = match magnitude {
            m if m == 0.0 || m >= 100.0 => 0,
            m if m >= 10.0 => 1,
            m if m >= 1.0 => 2,
            m if m >= 0.1 => 3,
            _ => 4,
        };
        self.number(value, decimals)
    }

    /// A share as a percentage: `4,2 %` or `4.2%`.
    #[must_use]
    pub fn percent(self, share: f64, decimals: usize) -> String {
        let number = self.number(100.0 * share, decimals);
        match self {
            Self::Fr => format!("{number}{NO_BREAK}%"),
            Self::En => format!("{number}%"),
        }
    }

    /// An amount: `1 250 €` or `€1,250`; other currencies by code. Cents only when there are any.
    #[must_use]
    pub fn money(self, amount: f64, currency: Option<Currency>) -> String {
        let digits = currency.map_or(2, |currency| currency.minor_digits()) as usize;
        let whole = (amount - amount.round()).abs() < 0.5 / 10_f64.powi(digits as i32);
        self.money_with(amount, currency, if whole { 0 } else { digits })
    }

    /// An amount with a fixed number of decimals.
    #[must_use]
    pub fn money_with(self, amount: f64, currency: Option<Currency>, decimals: usize) -> String {
        let number = self.number(amount, decimals);
        let Some(currency) = currency else { return number };
        let symbol = match currency.code() {
            "EUR" => "€",
            "USD" => "$",
            "GBP" => "£",
            code => return format!("{number}{NO_BREAK}{code}"),
        };
        match self {
            Self::Fr => format!("{number}{NO_BREAK}{symbol}"),
            Self::En => match number.strip_prefix('\u{2212}') {
                Some(positive) => format!("\u{2212}{symbol}{positive}"),
                None => format!("{symbol}{number}"),
            },
        }
    }

    /// A day: `22/11/2026` or `22 Nov 2026`.
    #[must_use]
    pub fn date(self, day: Date) -> String {
        match self {
            Self::Fr => format!("{:02}/{:02}/{}", day.day(), day.month(), day.year()),
            Self::En => {
                let months = [
                    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
                    "Dec",
                ];
                let month = months[usize::from(day.month().unsigned_abs()) - 1];
                format!("{} {month} {}", day.day(), day.year())
            }
        }
    }

    /// An ISO week: `S47 2026` or `W47 2026`.
    #[must_use]
    pub fn week(self, week: Week) -> String {
        let (year, number) = week.iso();
        match self {
            Self::Fr => format!("S{number:02}{NO_BREAK}{year}"),
            Self::En => format!("W{number:02}{NO_BREAK}{year}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn french_and_english_write_numbers_their_own_way() {
        assert_eq!(Language::Fr.number(12345.6, 1), "12\u{202f}345,6");
        assert_eq!(Language::En.number(12345.6, 1), "12,345.6");
        assert_eq!(Language::Fr.number(-0.001, 1), "0,0");
        assert_eq!(Language::En.number(-1234.0, 0), "\u{2212}1,234");
        assert_eq!(Language::Fr.percent(0.042, 1), "4,2\u{a0}%");
        assert_eq!(Language::Fr.money(1250.0, Some(Currency::EUR)), "1\u{202f}250\u{a0}€");
        assert_eq!(Language::En.money(1250.5, Some(Currency::EUR)), "€1,250.50");
        assert_eq!(Language::Fr.date(date(2026, 11, 22)), "22/11/2026");
        assert_eq!(Language::Fr.week("2026-W47".parse().unwrap()), "S47\u{a0}2026");
    }
}
