//! Exact amounts of a currency.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::currency::Currency;
use super::number::{Sign, Unread, Writing, alone};

/// An exact amount of a known currency in its minor unit (cents), written `12000 EUR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// The text is not an amount with its currency, or may be two amounts.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidMoney {
    /// No amount, or without a currency.
    #[error("found `{0}`, expected an amount and a currency such as `12000 EUR`")]
    NoMoney(String),
    /// A sign that several currencies share.
    #[error("found `{found}`; `{sign}` is the sign of several currencies")]
    SharedSign {
        /// The text.
        found: String,
        /// The sign.
        sign: &'static str,
        /// Codes of the currencies that use it, the most frequent first.
        codes: &'static [&'static str],
    },
    /// Three digits after the one separator.
    #[error("found `{found}`, which may be {fraction} or {thousands}")]
    TwoReadings {
        /// The text.
        found: String,
        /// The separator read as a decimal mark.
        fraction: Decimal,
        /// The separator read as one of thousands.
        thousands: Decimal,
        /// The currency, where the text says one.
        currency: Option<Currency>,
    },
    /// More than is counted.
    #[error("found `{0}`, which is more than is counted")]
    TooMuch(String),
    /// Finer than the currency's minor unit.
    #[error("found `{found}`; {currency} has {} decimals", currency.minor_digits())]
    NotMinor {
        /// The text.
        found: String,
        /// The currency.
        currency: Currency,
    },
}

impl InvalidMoney {
    /// The text as it was found.
    #[must_use]
    pub fn found(&self) -> &str {
        match self {
            Self::NoMoney(found)
            | Self::TooMuch(found)
            | Self::SharedSign { found, .. }
            | Self::TwoReadings { found, .. }
            | Self::NotMinor { found, .. } => found,
        }
    }
}

impl Money {
    /// An amount in minor units (cents).
    #[must_use]
    pub fn of_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The exact amount, in units of the currency.
    #[must_use]
    pub fn amount(&self) -> Decimal {
        Decimal::new(self.minor, self.currency.minor_digits())
    }

    /// The amount as a float for the solver, in units of the currency.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        self.minor as f64 / self.currency.minor_per_unit() as f64
    }

    /// The currency.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The amount in minor units (cents).
    #[must_use]
    pub fn minor(&self) -> i64 {
        self.minor
    }

    /// Reads an amount with its currency: `12000 EUR`, `12 000,50 €`, `EUR 12,000.50`. Three digits
    /// after one separator are never a fraction.
    ///
    /// # Errors
    ///
    /// [`InvalidMoney`] with both readings where a text has two.
    pub fn read(text: &str, writing: Writing) -> Result<Self, InvalidMoney> {
        let (amount, currency) = priced(text, writing)?;
        let too_much = || InvalidMoney::TooMuch(text.to_owned());
        let minor = amount.checked_mul(currency.minor_per_unit().into()).ok_or_else(too_much)?;
        if !minor.is_integer() {
            return Err(InvalidMoney::NotMinor { found: text.to_owned(), currency });
        }
        Ok(Self { minor: minor.to_i64().ok_or_else(too_much)?, currency })
    }
}

/// Reads what [`Money::read`] reads, finer amounts than the minor unit as well: a price per action.
///
/// # Errors
///
/// As [`Money::read`].
pub(crate) fn priced(text: &str, writing: Writing) -> Result<(Decimal, Currency), InvalidMoney> {
    // More digits than a decimal has are no number to the reader.
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let no_money = || match digits {
        0..=28 => InvalidMoney::NoMoney(text.to_owned()),
        _ => InvalidMoney::TooMuch(text.to_owned()),
    };
    // Codes may be in small letters in a file that a person writes.
    let read = match alone(text, writing) {
        Err(Unread::NoNumber) => alone(&text.to_ascii_uppercase(), writing),
        read => read,
    };
    let number = read.map_err(|unread| match unread {
        Unread::NoNumber => no_money(),
        Unread::TwoReadings { fraction, thousands } => InvalidMoney::TwoReadings {
            found: text.to_owned(),
            fraction,
            thousands,
            currency: currency_beside(text),
        },
    })?;
    if number.below || number.percent {
        return Err(no_money());
    }
    match number.sign {
        Some(Sign::One(currency)) => Ok((number.value, currency)),
        Some(Sign::Several(sign, codes)) => {
            Err(InvalidMoney::SharedSign { found: text.to_owned(), sign, codes })
        }
        None => Err(no_money()),
    }
}

/// The currency that stands beside a number which has two readings.
fn currency_beside(text: &str) -> Option<Currency> {
    // The whole part alone has one reading, whatever the separator says.
    let whole: String = text.chars().filter(|c| !matches!(c, '.' | ',')).collect();
    alone(&whole.to_ascii_uppercase(), Writing::Any).ok()?.sign?.currency()
}

impl FromStr for Money {
    type Err = InvalidMoney;

    /// Reads as [`Money::read`] does where nothing settles a language.
    fn from_str(text: &str) -> Result<Self, InvalidMoney> {
        Self::read(text, Writing::Any)
    }
}

impl TryFrom<String> for Money {
    type Error = InvalidMoney;

    fn try_from(text: String) -> Result<Self, InvalidMoney> {
        text.parse()
    }
}

impl From<Money> for String {
    fn from(money: Money) -> Self {
        money.to_string()
    }
}

impl fmt::Display for Money {
    /// In a form that has one reading: `12000 EUR`, `12000.50 EUR`, `1.2340 TND`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", one_reading(self.amount()), self.currency)
    }
}

/// A decimal as a text that has one reading: three digits after a point get a zero behind them.
pub(crate) fn one_reading(amount: Decimal) -> String {
    let mut plain = amount;
    if amount.is_integer() {
        plain.rescale(0);
    } else if amount.scale() == 3 {
        plain.rescale(4);
    }
    plain.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn amounts_are_read_exactly_in_both_ways_of_writing() {
        for text in [
            "12000.50 EUR",
            "12 000,50 EUR",
            "12000.5 eur",
            "EUR 12000.50",
            "12\u{202f}000,50 €",
            "12\u{a0}000,50\u{a0}€",
            "€12,000.50",
            "12.000,50 EUR",
            "12'000.50 EUR",
            "12000,50€",
        ] {
            for writing in [Writing::Any, Writing::English] {
                let money = Money::read(text, writing).unwrap();
                assert_eq!((money.minor(), money.currency()), (1_200_050, Currency::EUR), "{text}");
            }
        }
        assert_eq!("12 000 €".parse::<Money>().unwrap().to_string(), "12000 EUR");
        for text in
            ["12000", "EUR", "1e3 EUR", "", "5 % EUR", "<5 EUR", "€5 USD", "12 00 EUR", "1 000 500"]
        {
            assert_eq!(text.parse::<Money>(), Err(InvalidMoney::NoMoney(text.to_owned())));
        }
        assert!(matches!("$5".parse::<Money>(), Err(InvalidMoney::SharedSign { sign: "$", .. })));
    }

    #[test]
    fn two_readings_are_told_with_their_currency() {
        for (text, code) in [("12,000 EUR", "EUR"), ("€12.000", "EUR"), ("12,000 chf", "CHF")] {
            let Err(InvalidMoney::TwoReadings { fraction, thousands, currency: own, .. }) =
                text.parse::<Money>()
            else {
                panic!("{text} was read");
            };
            assert_eq!((fraction, thousands), (12.into(), 12_000.into()), "{text}");
            assert_eq!(own, Some(currency(code)), "{text}");
        }
        assert_eq!(Money::read("12,000 EUR", Writing::English).unwrap().minor(), 1_200_000);
        assert!(Money::read("12.000 EUR", Writing::English).is_err());
    }

    #[test]
    fn no_amount_is_finer_than_its_currency() {
        for text in ["12.3456 EUR", "0.5 JPY", "1.23456 TND"] {
            assert!(matches!(text.parse::<Money>(), Err(InvalidMoney::NotMinor { .. })), "{text}");
        }
        for text in ["99999999999999999999 EUR".to_owned(), format!("{} EUR", "9".repeat(400))] {
            assert_eq!(text.parse::<Money>(), Err(InvalidMoney::TooMuch(text)));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            minor in prop_oneof![-100_000_i64..100_000, any::<i64>()],
            code in prop_oneof!["JPY", "EUR", "TND", "CHF", "XOF"],
        ) {
            let money = Money::of_minor(minor, currency(&code));
            for writing in [Writing::Any, Writing::English] {
                prop_assert_eq!(Money::read(&money.to_string(), writing), Ok(money));
            }
        }

        #[test]
        fn three_digits_after_one_separator_are_refused(
            whole in 1_u32..1_000_000,
            three in 0_u32..1000,
            code in prop_oneof!["JPY", "EUR", "TND"],
        ) {
            for (separator, writing) in
                [('.', Writing::Any), (',', Writing::Any), ('.', Writing::English)]
            {
                let text = format!("{whole}{separator}{three:03} {code}");
                let read = Money::read(&text, writing);
                let is_refused = matches!(read, Err(InvalidMoney::TwoReadings { .. }));
                prop_assert!(is_refused, "{text}");
            }
            let grouped = Money::read(&format!("{whole},{three:03} {code}"), Writing::English);
            if whole < 1000 {
                let minor = i64::from(1000 * whole + three) * currency(&code).minor_per_unit();
                prop_assert_eq!(grouped.map(|money| money.minor()), Ok(minor));
            } else {
                prop_assert!(grouped.is_err());
            }
        }
    }
}
