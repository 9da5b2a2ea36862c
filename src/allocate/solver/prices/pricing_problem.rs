//! What segments want at a price: their domains, their answers.

use crate::allocate::problem::Variable;
use crate::response::curve::MoneyPrice;

/// What a segment may do in one node of the search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Domain {
    /// Least budget when on.
    pub(crate) low: f64,
    /// Greatest budget when on.
    pub(crate) high: f64,
    /// Being at 0 is a choice of its own.
    pub(crate) off: bool,
    /// Being on is a choice.
    pub(crate) on: bool,
}

/// Prices of the rules outside the tree, variable by variable.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Extra {
    /// Further price of money.
    pub(crate) money: Vec<f64>,
    /// Price of being funded.
    pub(crate) funded: Vec<f64>,
    /// Price of money that moves, and the reference; empty without that rule.
    pub(crate) moved: f64,
    pub(crate) reference: Vec<f64>,
    /// Further price of money for every variable (cost per action).
    pub(crate) all_money: f64,
}

/// One segment's answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) budget: f64,
    pub(crate) fall: f64,
    /// Value less prices; 0 unless asked for.
    pub(crate) worth: f64,
}

/// What the segments answer with, in one node of the search.
#[derive(Clone, Copy)]
pub(crate) struct PricingProblem<'a> {
    pub(crate) variables: &'a [Variable],
    pub(crate) domains: &'a [Domain],
    pub(crate) extra: Option<&'a Extra>,
}

impl PricingProblem<'_> {
    /// The global maximum of value less prices over a segment's choices.
    #[inline]
    pub(crate) fn answer(&self, i: usize, price: MoneyPrice, want_worth: bool) -> Answer {
        self.answer_in(i, &self.domains[i], price, want_worth)
    }

    /// The same when the segment must be on.
    pub(crate) fn answer_on(&self, i: usize, price: MoneyPrice) -> Answer {
        self.answer_in(i, &Domain { off: false, ..self.domains[i] }, price, true)
    }

    /// The best budget of a segment that is on with at least so much.
    pub(crate) fn top_from(&self, i: usize, price: MoneyPrice, least: f64) -> f64 {
        let domain = Domain { low: least, off: false, ..self.domains[i] };
        self.answer_in(i, &domain, price, true).budget
    }

    /// Value of a budget less its prices.
    pub(crate) fn worth(&self, i: usize, price: MoneyPrice, budget: f64) -> f64 {
        let mut worth = self.variables[i].value(budget) - price.value * budget;
        if let Some(extra) = self.extra {
            worth -= (extra.money.get(i).unwrap_or(&0.0) + extra.all_money) * budget;
            if budget > 0.0 {
                worth -= extra.funded.get(i).unwrap_or(&0.0);
            }
            if let Some(reference) = extra.reference.get(i) {
                worth -= extra.moved / 2.0 * (budget - reference).abs();
            }
        }
        worth
    }

    #[inline]
    fn answer_in(&self, i: usize, domain: &Domain, price: MoneyPrice, want_worth: bool) -> Answer {
        let variable = &self.variables[i];
        let Some(extra) = self.extra else {
            return plain_answer(variable, domain, price, 0.0, want_worth);
        };
        let funded = extra.funded.get(i).copied().unwrap_or(0.0);
        let further = extra.money.get(i).copied().unwrap_or(0.0) + extra.all_money;
        if extra.reference.is_empty() {
            let price = if further == 0.0 { price } else { MoneyPrice::new(price.value + further) };
            return plain_answer(variable, domain, price, funded, want_worth);
        }
        self.answer_near(i, domain, price.value + further, funded, extra.moved / 2.0)
    }

    /// The same when moving away from a reference has a price on either side.
    fn answer_near(
        &self,
        i: usize,
        domain: &Domain,
        price: f64,
        funded: f64,
        moved: f64,
    ) -> Answer {
        let variable = &self.variables[i];
        let reference = self.extra.map_or(0.0, |extra| extra.reference[i]);
        let still = Domain { off: false, ..*domain };
        let mut best: Option<Answer> = None;
        let mut offer = |answer: Answer| {
            if best.is_none_or(|best| answer.worth > best.worth) {
                best = Some(answer);
            }
        };
        if domain.off || !domain.on {
            offer(Answer {
                budget: 0.0,
                fall: 0.0,
                worth: variable.value(0.0) - moved * reference,
            });
        }
        if domain.on && domain.high > reference {
            let above = Domain { low: domain.low.max(reference), ..still };
            let mut answer =
                plain_answer(variable, &above, MoneyPrice::new(price + moved), funded, true);
            answer.worth += moved * reference;
            offer(answer);
        }
        if domain.on && domain.low <= reference {
            let below = Domain { high: domain.high.min(reference), ..still };
            let mut answer =
                plain_answer(variable, &below, MoneyPrice::new(price - moved), funded, true);
            answer.worth -= moved * reference;
            offer(answer);
        }
        best.unwrap_or(Answer { budget: domain.low, fall: 0.0, worth: f64::NEG_INFINITY })
    }
}

#[inline]
pub(crate) fn plain_answer(
    variable: &Variable,
    domain: &Domain,
    price: MoneyPrice,
    funded: f64,
    want_worth: bool,
) -> Answer {
    if !domain.on {
        let worth = if want_worth { variable.value(0.0) } else { 0.0 };
        return Answer { budget: 0.0, fall: 0.0, worth };
    }
    let cost = variable.fixed_cost;
    let on = variable.curve.respond(price, domain.low - cost, domain.high - cost);
    let budget = on.spend + cost;
    if !want_worth && !domain.off {
        return Answer { budget, fall: on.fall, worth: 0.0 };
    }
    let worth = variable.curve.value(on.spend) - price.value * budget - funded;
    if domain.off {
        let nothing = variable.curve.value(0.0);
        if nothing >= worth {
            return Answer { budget: 0.0, fall: 0.0, worth: nothing };
        }
    }
    Answer { budget, fall: on.fall, worth }
}

/// A settled node: two prices and the share of the first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settled {
    pub(crate) more: f64,
    pub(crate) less: f64,
    pub(crate) mix: f64,
    pub(crate) price: f64,
}
