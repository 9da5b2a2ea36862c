//! What makes a world's history hard to learn from, beside noise: every part is absent unless the
//! specification asks for it, and a world without any is the same, byte for byte, as before.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::range::{Range, Scatter, SpecError, within};

/// Response that rises and falls for reasons other than money, and money that follows it.
///
/// The log of demand is autoregressive and stationary, the mean of its exponent 1; after the
/// history nobody knows it, so it is expected at 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// Whose it is.
    pub of: Whose,
    /// Standard deviation of its log.
    pub sd: f64,
    /// Autocorrelation from one week to the next.
    pub persistence: f64,
    /// Exponent: money is proportional to demand to this power.
    pub money: f64,
}

/// Whom a movement concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Every segment has its own.
    Segment,
    /// All segments of a network share it.
    Network,
}

/// Creatives that wear out with the money behind them, until a new one starts.
///
/// What a week brings is multiplied by the freshness at its beginning,
/// `floor + (1 − floor) · 2^(−M / (half · κ))`, `M` being the money since the creative began and
/// `κ` the segment's scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fatigue {
    /// Money, in scales `κ`, that takes half of what fades.
    pub half: f64,
    /// Share that never fades.
    pub floor: f64,
    /// Exponent: the planner's money is proportional to freshness to this power.
    pub money: f64,
}

impl Fatigue {
    /// Freshness once so much money (in scales `κ`) stands behind a creative.
    #[must_use]
    pub fn freshness(&self, money: f64) -> f64 {
        self.floor + (1.0 - self.floor) * (-money / self.half).exp2()
    }
}

/// Rare weeks of a segment that bring many times what its money does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Viral {
    /// Probability that a week of a segment is one.
    pub chance: f64,
    /// What it is multiplied by, log-normal.
    pub factor: Scatter,
}

impl Viral {
    /// Mean factor of a week.
    #[must_use]
    pub fn mean(&self) -> f64 {
        let Scatter { median, sd } = self.factor;
        1.0 + self.chance * (median * (0.5 * sd * sd).exp() - 1.0)
    }
}

/// People whom several networks reach: segments that differ by network alone share them.
///
/// A shared person acts once, whoever reached them: out of `n` segments that would each bring this
/// person to act with probability `C_j`, one of them does with `1 − Π (1 − C_j)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Overlap {
    /// Share of a segment's people who are shared.
    pub share: f64,
    /// Who reports their actions.
    pub claims: Claims,
}

/// Who reports the action of a person whom several networks reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Claims {
    /// One of them: reports add up to what happened.
    Once,
    /// Each of them: reports add up to more than happened.
    Each,
}

/// Segments of which history holds next to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Thin {
    /// Share of segments with a few weeks alone.
    pub few_weeks: f64,
    /// How many weeks those have.
    pub weeks: Range,
    /// Share of segments with next to no money.
    pub few_cents: f64,
    /// Money of a week of those, log-normal.
    pub spend: Scatter,
}

/// One network that is not what it was from some week on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Break {
    /// How many weeks before the end of history, uniform over a range.
    pub weeks_ago: Range,
    /// Response is multiplied or divided (a coin decides) by this.
    pub response: f64,
    /// CPM is multiplied or divided (another coin) by this.
    pub price: f64,
}

impl Demand {
    pub(crate) fn check(&self) -> Result<(), SpecError> {
        within("demand.sd", self.sd, 0.0, 3.0)?;
        within("demand.persistence", self.persistence, 0.0, 0.999)?;
        within("demand.money", self.money, -2.0, 2.0)
    }
}

impl Fatigue {
    pub(crate) fn check(&self) -> Result<(), SpecError> {
        within("fatigue.half", self.half, 1e-3, 1e6)?;
        within("fatigue.floor", self.floor, 0.0, 1.0)?;
        within("fatigue.money", self.money, -2.0, 4.0)
    }
}

impl Viral {
    pub(crate) fn check(&self) -> Result<(), SpecError> {
        within("viral.chance", self.chance, 0.0, 1.0)?;
        within("viral.factor", self.factor.median, 1e-3, 1e3)?;
        within("viral.factor", self.factor.sd, 0.0, 3.0)
    }
}

impl Overlap {
    /// Probabilities of acting need curves with a ceiling, and weeks that remember nothing.
    pub(crate) fn check(&self, outside: f64, carryover: Range) -> Result<(), SpecError> {
        within("overlap.share", self.share, 0.0, 1.0)?;
        within("families.worlds_outside", outside, 0.0, 0.0)?;
        within("carryover", carryover.to, 0.0, 0.0)
    }
}

impl Thin {
    pub(crate) fn check(&self) -> Result<(), SpecError> {
        within("thin.few_weeks", self.few_weeks, 0.0, 1.0)?;
        within("thin.few_cents", self.few_cents, 0.0, 1.0 - self.few_weeks)?;
        within("thin.weeks", self.weeks.from, 1.0, 520.0)?;
        within("thin.weeks", self.weeks.to, self.weeks.from, 520.0)?;
        within("thin.spend", self.spend.median, 1e-2, 1e9)?;
        within("thin.spend", self.spend.sd, 0.0, 3.0)
    }
}

impl Break {
    pub(crate) fn check(&self) -> Result<(), SpecError> {
        within("break.weeks_ago", self.weeks_ago.from, 0.0, 520.0)?;
        within("break.weeks_ago", self.weeks_ago.to, self.weeks_ago.from, 520.0)?;
        within("break.response", self.response, 1e-2, 1e2)?;
        within("break.price", self.price, 1e-2, 1e2)
    }
}
