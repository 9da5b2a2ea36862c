//! Why each row gets what it gets, in one sentence that either language can say.

use rayon::prelude::*;

use super::context::PlanContext;
use crate::allocate::problem::bound::RuleName;
use crate::allocate::rules::resolved::RuleKind;
use crate::allocate::told::{Message, Value};
use crate::response::curve::MoneyPrice;

/// What holds a row where it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum BindingRule {
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
    context: &'a PlanContext<'a>,
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
fn elsewhere(context: &PlanContext<'_>) -> f64 {
    let (prices, problem) = (&context.solution.prices, &context.resolved.problem);
    if prices.cost_per_action.more <= 0.0 {
        return prices.budget.more.max(0.0);
    }
    let actions = problem.actions(&context.solution.spend);
    let held = prices.cost_per_action.more / actions.max(f64::MIN_POSITIVE);
    let per_value = actions / problem.value(&context.solution.spend).max(f64::MIN_POSITIVE);
    let worth = 1.0 + held * problem.cost_per_action.unwrap_or(0.0) * per_value;
    ((prices.budget.more + held) / worth).max(0.0)
}

impl<'a> Explainer<'a> {
    pub(crate) fn new(context: &'a PlanContext<'a>) -> Self {
        let problem = &context.resolved.problem;
        let mut rule = vec![None; problem.variables.len()];
        let holding = context.solution.prices.rules.iter().map(|sides| sides.holding());
        let prices: Vec<f64> = holding.collect();
        let small = 1e-7 * context.solution.prices.budget.more.abs();
        for (j, own) in problem.rules.iter().enumerate() {
            // The count of funded segments speaks through who is off, not through money.
            if prices[j].abs() <= small || context.resolved.kinds[j] == RuleKind::Funded {
                continue;
            }
            for term in &own.terms {
                let slot: &mut Option<u32> = &mut rule[term.variable as usize];
                if slot.is_none_or(|other| prices[other as usize].abs() < prices[j].abs()) {
                    *slot = Some(j as u32);
                }
            }
        }
        let slack = 1.01 * problem.step as f64 / problem.minor_per_unit as f64;
        let full = |(rule, kind): (&crate::allocate::problem::Rule, &RuleKind)| {
            *kind == RuleKind::Funded && rule.used(&context.solution.spend) >= rule.high - 0.5
        };
        let count_is_full = problem.rules.iter().zip(&context.resolved.kinds).any(full);
        let elsewhere = elsewhere(context);
        let mut own =
            Self { context, prices, rule, count_is_full, slack, elsewhere, is_level: true };
        let rows = (0..context.solution.spend.len()).into_par_iter();
        let said: Vec<bool> = rows
            .filter(|&i| own.is_funded(i) && own.hold(i) == BindingRule::Free)
            .map(|i| own.is_as_elsewhere(i))
            .collect();
        own.is_level = said.len() > 1 && said.iter().all(|same| *same);
        own
    }

    fn is_funded(&self, i: usize) -> bool {
        self.context.solution.spend[i] > 0.0
    }

    /// Whether one more unit of money brings in a row what it brings elsewhere.
    fn is_as_elsewhere(&self, i: usize) -> bool {
        let brings =
            self.context.resolved.problem.variables[i].brings(self.context.solution.spend[i]);
        (brings - self.elsewhere).abs() <= 0.01 * self.elsewhere
    }

    /// What holds a row.
    pub(crate) fn hold(&self, i: usize) -> BindingRule {
        let variable = &self.context.resolved.problem.variables[i];
        let budget = self.context.solution.spend[i];
        let near = |limit: f64| (budget - limit).abs() <= self.slack;
        if self.context.candidates[i].forbidden {
            return BindingRule::Forbidden;
        }
        let trust = self.context.resolved.trust.as_ref();
        let written = trust.map_or(variable.max, |trust| trust.written()[i]);
        if variable.min > 0.0 && written - variable.min <= self.slack {
            return BindingRule::Pin;
        }
        if budget == 0.0 {
            return self.why_off(i);
        }
        if variable.min > 0.0 && near(variable.min) && variable.max < written {
            return BindingRule::Min;
        }
        if near(variable.max) && variable.max < self.context.resolved.problem.budget() - self.slack
        {
            return BindingRule::Max { gain: self.gain_of_lifting(i) };
        }
        if variable.min > 0.0 && near(variable.min) {
            return BindingRule::Min;
        }
        if variable.least_funded() > 0.0 && near(variable.least_funded()) {
            return BindingRule::MinIfFunded;
        }
        match self.rule[i] {
            Some(j) => BindingRule::Group {
                rule: self.context.resolved.kinds[j as usize].name(),
                floor: self.prices[j as usize] < 0.0,
            },
            None => self.held_by_change(i).unwrap_or(BindingRule::Free),
        }
    }

    /// Whether the limit on change against the last split keeps a row from saying what the others
    /// say.
    fn held_by_change(&self, i: usize) -> Option<BindingRule> {
        let change = self.context.resolved.problem.change.as_ref()?;
        let prices = &self.context.solution.prices;
        let from = *change.reference.get(i)?;
        (prices.change.more > 1e-7 * prices.budget.more.abs())
            .then_some(BindingRule::Change { from })
    }

    /// The default ceiling of a row, where that bounds it.
    fn by_default(&self, i: usize) -> Option<f64> {
        let variable = &self.context.resolved.problem.variables[i];
        let ceiling = self.context.resolved.trust.as_ref()?.ceiling(i)?;
        (variable.max <= ceiling + self.slack).then_some(ceiling)
    }

    /// Why a row gets nothing, in the order in which a planner would ask.
    fn why_off(&self, i: usize) -> BindingRule {
        let variable = &self.context.resolved.problem.variables[i];
        if let Some(ceiling) = self.by_default(i).filter(|most| *most < variable.least_funded()) {
            return BindingRule::OffForDefault { ceiling };
        }
        let elsewhere = self.elsewhere;
        let on_off = variable.least_funded() > 0.0;
        if on_off && self.best_per_money(i) < elsewhere {
            return BindingRule::OffForMinimum;
        }
        if self.count_is_full {
            return BindingRule::OffForCount;
        }
        match self.rule[i] {
            // Below what money brings outside the group, lifting the rule would change nothing.
            Some(j)
                if !on_off && self.prices[j as usize] > 0.0 && variable.slope(0.0) > elsewhere =>
            {
                BindingRule::Group {
                    rule: self.context.resolved.kinds[j as usize].name(),
                    floor: false,
                }
            }
            _ if on_off => BindingRule::OffForRoom,
            _ => BindingRule::Off,
        }
    }

    /// The most value per unit of money that a row with an on/off rule could reach.
    fn best_per_money(&self, i: usize) -> f64 {
        let problem = &self.context.resolved.problem;
        let variable = &problem.variables[i];
        let least = variable.least_funded().max(1e-9);
        let most = variable.max.min(problem.budget()).max(least);
        let at = |b: f64| variable.value(b) / b;
        (0..=32).map(|k| at(least * (most / least).powf(f64::from(k) / 32.0))).fold(0.0, f64::max)
    }

    /// What a row would bring more without its maximum, at the plan's prices (the others give up
    /// money at their price, so this is what is really gained, to first order from above).
    fn gain_of_lifting(&self, i: usize) -> f64 {
        let variable = &self.context.resolved.problem.variables[i];
        let price = self.context.solution.row_prices[i];
        let budget = self.context.solution.spend[i];
        let top = self.context.resolved.problem.budget() - variable.fixed_cost;
        let media = budget - variable.fixed_cost;
        let free = variable.curve.respond(MoneyPrice::new(price), media, top.max(media)).spend;
        let worth = |media: f64| variable.curve.value(media) - price * media;
        (worth(free) - worth(media)).max(0.0)
    }

    /// The sentence. What the last unit of money brings is read where the plan was chosen (a
    /// prudent plan weighs its draws), so that free rows say the same.
    pub(crate) fn reason(&self, i: usize, hold: &BindingRule) -> Message {
        let variable = &self.context.resolved.problem.variables[i];
        let last = self.context.solution.spend[i].max(variable.least_funded());
        let unit = || ("unit", Value::Money(1.0));
        let brings = || ("brings", Value::Short(variable.brings(last)));
        let elsewhere = || ("elsewhere", Value::Short(self.elsewhere));
        match hold {
            BindingRule::Free => {
                let key = if self.is_level {
                    "allocate-reason-free"
                } else {
                    "allocate-reason-free-alone"
                };
                Message::new(key, [unit(), brings()])
            }
            BindingRule::Forbidden => Message::new("allocate-reason-forbidden", []),
            BindingRule::Off => {
                let first = variable.value(last + 1.0) - variable.value(last);
                let brings = ("brings", Value::Short(first));
                Message::new("allocate-reason-off", [unit(), brings, elsewhere()])
            }
            BindingRule::OffForMinimum => {
                let least = variable.least_funded();
                let per = self.best_per_money(i);
                Message::new(
                    "allocate-reason-off-minimum",
                    [
                        ("least", Value::Money(least)),
                        ("brings", Value::Short(per)),
                        elsewhere(),
                        unit(),
                    ],
                )
            }
            BindingRule::OffForCount => Message::new("allocate-reason-off-count", []),
            BindingRule::OffForRoom => Message::new(
                "allocate-reason-off-room",
                [("least", Value::Money(variable.least_funded()))],
            ),
            BindingRule::Pin => {
                Message::new("allocate-reason-pin", [("amount", Value::Money(variable.min))])
            }
            BindingRule::Min => Message::new(
                "allocate-reason-min",
                [("amount", Value::Money(variable.min)), unit(), brings(), elsewhere()],
            ),
            BindingRule::OffForDefault { ceiling } => Message::new(
                "allocate-reason-off-default",
                [
                    ("least", Value::Money(variable.least_funded())),
                    ("amount", Value::Money(*ceiling)),
                ],
            ),
            BindingRule::Max { gain } if self.by_default(i).is_some() => {
                let gain = if *gain >= 10.0 { Value::Whole(*gain) } else { Value::Short(*gain) };
                let amount = ("amount", Value::Money(variable.max));
                Message::new("allocate-reason-max-default", [amount, ("gain", gain)])
            }
            BindingRule::Max { gain } => {
                let share = variable.max / self.context.resolved.problem.budget();
                let gain = if *gain >= 10.0 { Value::Whole(*gain) } else { Value::Short(*gain) };
                Message::new(
                    "allocate-reason-max",
                    [
                        ("amount", Value::Money(variable.max)),
                        ("share", Value::Percent(share)),
                        ("gain", gain),
                    ],
                )
            }
            BindingRule::MinIfFunded => Message::new(
                "allocate-reason-min-if-funded",
                [("amount", Value::Money(variable.least_funded()))],
            ),
            BindingRule::Change { from } => {
                let from_amount = ("amount", Value::Money(*from));
                let budget = self.context.solution.spend[i];
                if (budget - from).abs() <= self.slack {
                    return Message::new("allocate-reason-change-still", [from_amount]);
                }
                let key = if budget > *from {
                    "allocate-reason-change-up"
                } else {
                    "allocate-reason-change-down"
                };
                Message::new(key, [from_amount, unit(), brings(), elsewhere()])
            }
            BindingRule::Group { rule, floor } => {
                let key = if *floor {
                    "allocate-reason-group-floor"
                } else {
                    "allocate-reason-group-ceiling"
                };
                Message::new(key, [("name", rule.value()), unit(), brings(), elsewhere()])
            }
        }
    }

    /// Why money is left.
    pub(crate) fn left_because(&self, left: f64) -> Message {
        let problem = &self.context.resolved.problem;
        let prices = &self.context.solution.prices;
        let rule = (0..problem.rules.len())
            .filter(|&j| self.prices[j] > 1e-12)
            .max_by(|&a, &b| self.prices[a].total_cmp(&self.prices[b]));
        let full = problem.variables.iter().zip(&self.context.solution.spend);
        let all_full =
            full.clone().all(|(variable, b)| *b >= variable.max - self.slack || *b == 0.0);
        let amount = ("amount", Value::Money(left));
        let key = if left < self.slack * problem.variables.len() as f64 {
            "allocate-left-rounding"
        } else if problem.cost_per_action.is_some() && prices.cost_per_action.more > 0.0 {
            "allocate-left-cost"
        } else if let Some(j) = rule {
            let name = self.context.resolved.kinds[j].name().value();
            return Message::new("allocate-left-rule", [amount, ("name", name)]);
        } else if all_full {
            "allocate-left-maximums"
        } else if prices.budget.more <= 1e-12 {
            "allocate-left-saturated"
        } else {
            // Spending less is allowed, and the plan is the best there is: so much is always true.
            "allocate-left-better"
        };
        Message::new(key, [amount])
    }
}
