//! How the money of a history stands to the budget's.

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::language::{Explain, Language};
use crate::panel::Panel;
use crate::units::Currency;

/// What a campaign says of its history's money: nothing, mostly.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HistoryMoney {
    /// The currency whose amounts alone are learnt from; amounts without one count as this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The rate that takes them into the budget's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Exchange>,
}

/// A rate between two currencies, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Exchange {
    /// The history's currency.
    pub from: Currency,
    /// The budget's.
    pub to: Currency,
    /// Units of `to` for one unit of `from`.
    pub rate: Decimal,
    /// The day it was read.
    pub date: Option<Date>,
    /// Where.
    pub source: Option<String>,
}

/// A history in another currency than the budget, and no rate between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the budget is in {asked}, the history in {held}")]
pub struct OtherCurrency {
    /// The budget's.
    pub asked: Currency,
    /// The history's.
    pub held: Currency,
}

impl Explain for OtherCurrency {
    fn explain(&self, language: Language) -> String {
        let (asked, held) = (self.asked.code(), self.held.code());
        language.say("error-campaign-other-currency", &[("asked", asked), ("held", held)])
    }
}

impl HistoryMoney {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        *self == Self::default()
    }

    /// What one unit of money of a history, held in a currency or in none that is known, is in
    /// the budget's.
    ///
    /// # Errors
    ///
    /// [`OtherCurrency`] where the campaign has no rate between the two.
    pub fn rate(&self, held: Option<Currency>, asked: Currency) -> Result<f64, OtherCurrency> {
        match (held, &self.exchange) {
            (Some(held), _) if held == asked => Ok(1.0),
            (None, None) => Ok(1.0),
            (Some(held), Some(exchange)) if exchange.from != held => {
                Err(OtherCurrency { asked, held })
            }
            (_, Some(exchange)) => Ok(exchange.rate.to_f64().expect("a decimal has a float near")),
            (Some(held), None) => Err(OtherCurrency { asked, held }),
        }
    }

    /// A panel of the history with its money in the budget's currency; money of which no currency
    /// is known stays such where the campaign says no rate.
    ///
    /// # Errors
    ///
    /// As [`HistoryMoney::rate`].
    pub fn convert(&self, mut panel: Panel, asked: Currency) -> Result<Panel, OtherCurrency> {
        let rate = self.rate(panel.currency, asked)?;
        panel.cells.iter_mut().for_each(|cell| cell.spend *= rate);
        panel.currency = panel.currency.map(|_| asked).or(self.exchange.as_ref().map(|own| own.to));
        Ok(panel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn money_is_only_taken_at_a_rate_that_the_campaign_says() {
        let (euro, dollar, franc) = (currency("EUR"), currency("USD"), currency("CHF"));
        let silent = HistoryMoney::default();
        assert_eq!(silent.rate(Some(euro), euro), Ok(1.0));
        assert_eq!(silent.rate(None, euro), Ok(1.0));
        let apart = OtherCurrency { asked: euro, held: dollar };
        assert_eq!(silent.rate(Some(dollar), euro), Err(apart));
        let exchange = Exchange {
            from: dollar,
            to: euro,
            rate: Decimal::new(92, 2),
            date: None,
            source: None,
        };
        let said = HistoryMoney { currency: None, exchange: Some(exchange) };
        assert_eq!(said.rate(Some(dollar), euro), Ok(0.92));
        assert_eq!(said.rate(None, euro), Ok(0.92));
        // Learnt in euros already: the rate was applied then.
        assert_eq!(said.rate(Some(euro), euro), Ok(1.0));
        assert_eq!(said.rate(Some(franc), euro), Err(OtherCurrency { asked: euro, held: franc }));
        for language in Language::ALL {
            let told = apart.explain(language);
            assert!(told.contains("EUR") && told.contains("USD") && told.contains("rate ="));
        }
    }
}
