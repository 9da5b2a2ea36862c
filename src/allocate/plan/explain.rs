//! Why each row gets what it gets, in one sentence that either language can say.

use rayon::prelude::*;

use super::context::Maker;
use crate::allocate::problem::bound::RuleName;
use crate::allocate::rules::resolved::RuleKind;
use crate::allocate::told::{Told, Value};
use crate::response::curve::MoneyPrice;

/// What holds a row where it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Hold {
    /// Nothing: the last unit of money brings as much as anywhere.
    Free,
    /// A rule of the world forbids it.
    Forbidden,
    /// Its first unit of money brings less than elsewhere.
    Off,
    /// Its minimum or fixed cost is not worth paying.
    OffForMinimum,
    /// Only so many segments may be funded, and others use the place better.
    OffForCount,
    /// It would be worth its minimum, but that money is worth more in whole elsewhere.
    OffForRoom,
    /// Its minimum is more than what its history vouches for, which bounds it by default.
    OffForDefault { ceiling: f64 },
    /// The planner fixed it.
    Pin,
    /// Its minimum.
    Min,
    /// Its maximum, and what lifting it would bring.
    Max { gain: f64 },
    /// The least a funded segment gets.
    MinIfFunded,
    /// The limit on change against the last split, in which it had so much.
    Change { from: f64 },
    /// A rule on a group; `floor` when it lifts the row.
    Group { rule: RuleName, floor: bool },
}

/// Explains rows against the solution's prices.
pub(crate) struct Explainer<'a> {
    maker: &'a Maker<'a>,
    /// What giving way of each rule would bring, negative where its floor holds.
    prices: Vec<f64>,
    /// The dearest rule that each row is in.
    rule: Vec<Option<u32>>,
    /// No further segment may be funded.
    count_is_full: bool,
    slack: f64,
    /// What one more unit of money brings in rows that nothing holds.
    elsewhere: f64,
    /// All rows that no limit holds, two at least, bring as much as elsewhere.
    is_level: bool,
}

/// What one more unit of money brings in rows that nothing holds: the price of the budget. Where
/// the mean cost per action holds the plan instead, `f′ + ν c a′ = μ + ν` with `ν` its price and
/// `c` the cost; actions follow value as they do in the plan as a whole.
fn elsewhere(maker: &Maker<'_>) -> f64 {
    let (prices, problem) = (&maker.solution.prices, &maker.resolved.problem);
    if prices.cost_per_action.more <= 0.0 {
        return prices.budget.more.max(0.0);
    }
    let actions = problem.actions(&maker.solution.spend);
    let held = prices.cost_per_action.more / actions.max(f64::MIN_POSITIVE);
    let per_value = actions / problem.value(&maker.solution.spend).max(f64::MIN_POSITIVE);
    let worth = 1.0 + held * problem.cost_per_action.unwrap_or(0.0) * per_value;
    ((prices.budget.more + held) / worth).max(0.0)
}

impl<'a> Explainer<'a> {
    pub(crate) fn new(maker: &'a Maker<'a>) -> Self {
        let problem = &maker.resolved.problem;
        let mut rule = vec![None; problem.seats.len()];
        let holding = maker.solution.prices.rules.iter().map(|sides| sides.holding());
        let prices: Vec<f64> = holding.collect();
        let small = 1e-7 * maker.solution.prices.budget.more.abs();
        for (j, own) in problem.rules.iter().enumerate() {
            // The count of funded segments speaks through who is off, not through money.
            if prices[j].abs() <= small || maker.resolved.kinds[j] == RuleKind::Funded {
                continue;
            }
            for term in &own.terms {
                let slot: &mut Option<u32> = &mut rule[term.seat as usize];
                if slot.is_none_or(|other| prices[other as usize].abs() < prices[j].abs()) {
                    *slot = Some(j as u32);
                }
            }
        }
        let slack = 1.01 * problem.step as f64 / problem.minor_per_unit as f64;
        let full = |(rule, kind): (&crate::allocate::problem::Rule, &RuleKind)| {
            *kind == RuleKind::Funded && rule.used(&maker.solution.spend) >= rule.high - 0.5
        };
        let count_is_full = problem.rules.iter().zip(&maker.resolved.kinds).any(full);
        let elsewhere = elsewhere(maker);
        let mut own = Self { maker, prices, rule, count_is_full, slack, elsewhere, is_level: true };
        let rows = (0..maker.solution.spend.len()).into_par_iter();
        let said: Vec<bool> = rows
            .filter(|&i| own.is_funded(i) && own.hold(i) == Hold::Free)
            .map(|i| own.is_as_elsewhere(i))
            .collect();
        own.is_level = said.len() > 1 && said.iter().all(|same| *same);
        own
    }

    fn is_funded(&self, i: usize) -> bool {
        self.maker.solution.spend[i] > 0.0
    }

    /// Whether one more unit of money brings in a row what it brings elsewhere.
    fn is_as_elsewhere(&self, i: usize) -> bool {
        let brings = self.maker.resolved.problem.seats[i].brings(self.maker.solution.spend[i]);
        (brings - self.elsewhere).abs() <= 0.01 * self.elsewhere
    }

    /// What holds a row.
    pub(crate) fn hold(&self, i: usize) -> Hold {
        let seat = &self.maker.resolved.problem.seats[i];
        let budget = self.maker.solution.spend[i];
        let near = |limit: f64| (budget - limit).abs() <= self.slack;
        if self.maker.candidates[i].forbidden {
            return Hold::Forbidden;
        }
        let trust = self.maker.resolved.trust.as_ref();
        let written = trust.map_or(seat.max, |trust| trust.written()[i]);
        if seat.min > 0.0 && written - seat.min <= self.slack {
            return Hold::Pin;
        }
        if budget == 0.0 {
            return self.why_off(i);
        }
        if seat.min > 0.0 && near(seat.min) && seat.max < written {
            return Hold::Min;
        }
        if near(seat.max) && seat.max < self.maker.resolved.problem.budget() - self.slack {
            return Hold::Max { gain: self.gain_of_lifting(i) };
        }
        if seat.min > 0.0 && near(seat.min) {
            return Hold::Min;
        }
        if seat.least_funded() > 0.0 && near(seat.least_funded()) {
            return Hold::MinIfFunded;
        }
        match self.rule[i] {
            Some(j) => Hold::Group {
                rule: self.maker.resolved.kinds[j as usize].name(),
                floor: self.prices[j as usize] < 0.0,
            },
            None => self.held_by_change(i).unwrap_or(Hold::Free),
        }
    }

    /// Whether the limit on change against the last split keeps a row from saying what the others
    /// say.
    fn held_by_change(&self, i: usize) -> Option<Hold> {
        let change = self.maker.resolved.problem.change.as_ref()?;
        let prices = &self.maker.solution.prices;
        let from = *change.reference.get(i)?;
        (prices.change.more > 1e-7 * prices.budget.more.abs()).then_some(Hold::Change { from })
    }

    /// The default ceiling of a row, where that bounds it.
    fn by_default(&self, i: usize) -> Option<f64> {
        let seat = &self.maker.resolved.problem.seats[i];
        let ceiling = self.maker.resolved.trust.as_ref()?.ceiling(i)?;
        (seat.max <= ceiling + self.slack).then_some(ceiling)
    }

    /// Why a row gets nothing, in the order in which a planner would ask.
    fn why_off(&self, i: usize) -> Hold {
        let seat = &self.maker.resolved.problem.seats[i];
        if let Some(ceiling) = self.by_default(i).filter(|most| *most < seat.least_funded()) {
            return Hold::OffForDefault { ceiling };
        }
        let elsewhere = self.elsewhere;
        let on_off = seat.least_funded() > 0.0;
        if on_off && self.best_per_money(i) < elsewhere {
            return Hold::OffForMinimum;
        }
        if self.count_is_full {
            return Hold::OffForCount;
        }
        match self.rule[i] {
            // Below what money brings outside the group, lifting the rule would change nothing.
            Some(j) if !on_off && self.prices[j as usize] > 0.0 && seat.slope(0.0) > elsewhere => {
                Hold::Group { rule: self.maker.resolved.kinds[j as usize].name(), floor: false }
            }
            _ if on_off => Hold::OffForRoom,
            _ => Hold::Off,
        }
    }

    /// The most value per unit of money that a row with an on/off rule could reach.
    fn best_per_money(&self, i: usize) -> f64 {
        let problem = &self.maker.resolved.problem;
        let seat = &problem.seats[i];
        let least = seat.least_funded().max(1e-9);
        let most = seat.max.min(problem.budget()).max(least);
        let at = |b: f64| seat.value(b) / b;
        (0..=32).map(|k| at(least * (most / least).powf(f64::from(k) / 32.0))).fold(0.0, f64::max)
    }

    /// What a row would bring more without its maximum, at the plan's prices (the others give up
    /// money at their price, so this is what is really gained, to first order from above).
    fn gain_of_lifting(&self, i: usize) -> f64 {
        let seat = &self.maker.resolved.problem.seats[i];
        let price = self.maker.solution.row_prices[i];
        let budget = self.maker.solution.spend[i];
        let top = self.maker.resolved.problem.budget() - seat.fixed_cost;
        let media = budget - seat.fixed_cost;
        let free = seat.curve.respond(MoneyPrice::new(price), media, top.max(media)).spend;
        let worth = |media: f64| seat.curve.value(media) - price * media;
        (worth(free) - worth(media)).max(0.0)
    }

    /// The sentence. What the last unit of money brings is read where the plan was chosen (a
    /// prudent plan weighs its draws), so that free rows say the same.
    pub(crate) fn reason(&self, i: usize, hold: &Hold) -> Told {
        let seat = &self.maker.resolved.problem.seats[i];
        let last = self.maker.solution.spend[i].max(seat.least_funded());
        let unit = || ("unit", Value::Money(1.0));
        let brings = || ("brings", Value::Short(seat.brings(last)));
        let elsewhere = || ("elsewhere", Value::Short(self.elsewhere));
        match hold {
            Hold::Free => {
                let key = if self.is_level {
                    "allocate-reason-free"
                } else {
                    "allocate-reason-free-alone"
                };
                Told::new(key, [unit(), brings()])
            }
            Hold::Forbidden => Told::new("allocate-reason-forbidden", []),
            Hold::Off => {
                let first = seat.value(last + 1.0) - seat.value(last);
                let brings = ("brings", Value::Short(first));
                Told::new("allocate-reason-off", [unit(), brings, elsewhere()])
            }
            Hold::OffForMinimum => {
                let least = seat.least_funded();
                let per = self.best_per_money(i);
                Told::new(
                    "allocate-reason-off-minimum",
                    [
                        ("least", Value::Money(least)),
                        ("brings", Value::Short(per)),
                        elsewhere(),
                        unit(),
                    ],
                )
            }
            Hold::OffForCount => Told::new("allocate-reason-off-count", []),
            Hold::OffForRoom => Told::new(
                "allocate-reason-off-room",
                [("least", Value::Money(seat.least_funded()))],
            ),
            Hold::Pin => Told::new("allocate-reason-pin", [("amount", Value::Money(seat.min))]),
            Hold::Min => Told::new(
                "allocate-reason-min",
                [("amount", Value::Money(seat.min)), unit(), brings(), elsewhere()],
            ),
            Hold::OffForDefault { ceiling } => Told::new(
                "allocate-reason-off-default",
                [("least", Value::Money(seat.least_funded())), ("amount", Value::Money(*ceiling))],
            ),
            Hold::Max { gain } if self.by_default(i).is_some() => {
                let gain = if *gain >= 10.0 { Value::Whole(*gain) } else { Value::Short(*gain) };
                let amount = ("amount", Value::Money(seat.max));
                Told::new("allocate-reason-max-default", [amount, ("gain", gain)])
            }
            Hold::Max { gain } => {
                let share = seat.max / self.maker.resolved.problem.budget();
                let gain = if *gain >= 10.0 { Value::Whole(*gain) } else { Value::Short(*gain) };
                Told::new(
                    "allocate-reason-max",
                    [
                        ("amount", Value::Money(seat.max)),
                        ("share", Value::Percent(share)),
                        ("gain", gain),
                    ],
                )
            }
            Hold::MinIfFunded => Told::new(
                "allocate-reason-min-if-funded",
                [("amount", Value::Money(seat.least_funded()))],
            ),
            Hold::Change { from } => {
                let from_amount = ("amount", Value::Money(*from));
                let budget = self.maker.solution.spend[i];
                if (budget - from).abs() <= self.slack {
                    return Told::new("allocate-reason-change-still", [from_amount]);
                }
                let key = if budget > *from {
                    "allocate-reason-change-up"
                } else {
                    "allocate-reason-change-down"
                };
                Told::new(key, [from_amount, unit(), brings(), elsewhere()])
            }
            Hold::Group { rule, floor } => {
                let key = if *floor {
                    "allocate-reason-group-floor"
                } else {
                    "allocate-reason-group-ceiling"
                };
                Told::new(key, [("name", rule.value()), unit(), brings(), elsewhere()])
            }
        }
    }

    /// Why money is left.
    pub(crate) fn left_because(&self, left: f64) -> Told {
        let problem = &self.maker.resolved.problem;
        let prices = &self.maker.solution.prices;
        let rule = (0..problem.rules.len())
            .filter(|&j| self.prices[j] > 1e-12)
            .max_by(|&a, &b| self.prices[a].total_cmp(&self.prices[b]));
        let full = problem.seats.iter().zip(&self.maker.solution.spend);
        let all_full = full.clone().all(|(seat, b)| *b >= seat.max - self.slack || *b == 0.0);
        let amount = ("amount", Value::Money(left));
        let key = if left < self.slack * problem.seats.len() as f64 {
            "allocate-left-rounding"
        } else if problem.cost_per_action.is_some() && prices.cost_per_action.more > 0.0 {
            "allocate-left-cost"
        } else if let Some(j) = rule {
            let name = self.maker.resolved.kinds[j].name().value();
            return Told::new("allocate-left-rule", [amount, ("name", name)]);
        } else if all_full {
            "allocate-left-maximums"
        } else if prices.budget.more <= 1e-12 {
            "allocate-left-saturated"
        } else {
            // Spending less is allowed, and the plan is the best there is: so much is always true.
            "allocate-left-better"
        };
        Told::new(key, [amount])
    }
}
