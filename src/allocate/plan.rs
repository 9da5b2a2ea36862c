//! The plan: how the budget is divided, why, and what it promises.

pub(crate) mod assemble;
pub(crate) mod baselines;
pub(crate) mod beyond;
pub(crate) mod choosing;
pub(crate) mod context;
pub(crate) mod explain;
pub(crate) mod extras;
pub(crate) mod facing;
pub(crate) mod prior_only;
pub(crate) mod request;
pub mod row;
pub mod rows;

pub use crate::train::posterior::prediction::Mostly;

use self::row::{IncrementalActions, Range};

use self::rows::Rows;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::problem::bound::{LimitUnit, RuleName};
use super::rules::policy::PolicyName;
use super::solver::solve::Status;
use super::told::Message;
use crate::campaign::Campaign;
use crate::random::Seed;
use crate::rules::finding::Finding;
use crate::units::Currency;

/// Version of `plan.json`.
pub(crate) const VERSION: u32 = 2;

/// The version of plans from which on all are sealed: their digests cover the version and one
/// another, and what is written beside a plan has a digest too.
pub(crate) const SEALED: u32 = 2;

/// A divided budget. `plan.json` is this, as it stands.
///
/// Money is in units of `currency`; every amount is a whole number of minor units, and the rows
/// add up to `spent` exactly (checked in minor units).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Version of this format.
    pub version: u32,
    /// Currency of all amounts; `None` when neither campaign nor history names one.
    pub currency: Option<Currency>,
    /// What may be spent on the platforms.
    pub budget: f64,
    /// What the rows spend.
    pub spent: f64,
    /// Why money is left, in the person's language; absent when none is.
    pub left_because: Option<String>,
    /// The same apart from its language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_told: Option<Message>,
    /// What the plan promises; absent in plans of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<Promise>,
    /// Active actions (unweighted) of the whole plan: the promise's numbers.
    pub actions: Range,
    /// Value in points of the whole plan: the promise's numbers.
    pub value: Range,
    /// What is expected without the chance of single weeks: spread of the curves' parameters
    /// alone; absent where the promise is no wider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Totals>,
    /// What networks whose incremental share was tested report of this plan, and how much of it would
    /// not have come without the money: spread of the parameters alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incremental: Vec<IncrementalActions>,
    /// The test that would teach most, where somebody looked for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_test: Option<NextTest>,
    /// What would be expected if no shock of the campaign file could happen: spread of the curves'
    /// parameters alone; absent where the file names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_shocks: Option<Totals>,
    /// The same draw by draw; absent in plans of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_draw: Option<ByDraw>,
    /// Proof of optimality.
    pub certificate: Certificate,
    /// Value on the draws the plan was chosen on ÷ value on fresh draws (`value.mean`).
    pub chosen_over_promised: f64,
    /// Prices of the rules.
    pub prices: Vec<Price>,
    /// What the rule tables say.
    pub findings: Vec<Finding>,
    /// One per segment that may be funded, unfunded ones included (budget 0); beyond
    /// [`ROWS_IN_FULL`](self::rows::ROWS_IN_FULL) in columns.
    pub rows: Rows,
    /// Other splits of the same budget on the same draws: last split, equal, …
    pub baselines: Vec<Baseline>,
    /// Value against total budget.
    pub budget_curve: Vec<BudgetPoint>,
    /// What the plan would be under other points per action.
    pub sensitivity: Vec<WeightSensitivity>,
    /// Engagement against a tightening carbon cap.
    pub carbon_frontier: Vec<CarbonPoint>,
    /// Emissions of the plan, g CO2e; `None` when impressions are unknown.
    pub carbon_g: Option<f64>,
    /// Promise at other carry-over values (0 and the upper end of its interval).
    pub carryover_range: Option<CarryoverRange>,
    /// Where further money would go; absent for very large plans.
    #[serde(default)]
    pub next: Option<NextMoney>,
    /// The plan without the networks that may refuse a sensitive subject; absent otherwise.
    #[serde(default)]
    pub fallback: Option<Fallback>,
    /// What was held when a running flight was divided again.
    #[serde(default)]
    pub resumed: Option<Resumed>,
    /// The resolved campaign; absent for `plan --curves` without one.
    pub campaign: Option<Campaign>,
    /// Fingerprint of the model (SHA-256 of its file) or of the curves file.
    pub fingerprint: String,
    /// Fingerprints of the dated tables that the plan keeps to, by their names; empty in plans of
    /// earlier versions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, String>,
    /// The seed.
    pub seed: Seed,
    /// Digests of all this; nobody acts on a plan without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

/// A test that the plan's own weeks could carry: audiences exchange money, every total stays.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NextTest {
    /// Weeks of the flight that it takes.
    pub weeks: u64,
    /// Audiences whose money moves.
    pub audiences: u64,
    /// Points that it gives up against the plan, expected.
    pub price: f64,
    /// Points that dividing by its result should bring over the rest of the flight and the next one.
    pub gain: f64,
}

impl NextTest {
    /// Whether it brings more than it costs.
    #[must_use]
    pub fn pays(&self) -> bool {
        self.gain > self.price
    }
}

/// What a plan said when it was written, in digests: an edited plan shows. SHA-256, its first half
/// in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// The version that wrote them: it alone compares the parts but `rows`.
    pub by: String,
    /// Rows: segments, money by week, what they promise.
    pub rows: String,
    /// Budget, money spent, promise.
    pub totals: String,
    /// Certificate and prices.
    pub proof: String,
    /// Campaign, tables, model or curves, seed.
    pub rules: String,
    /// Findings, comparisons, further solves.
    pub rest: String,
    /// Everything that rows say, prices and reasons too, as the file has it; absent in plans of
    /// version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// Of these digests, so that none of them is taken for another's; absent in plans of version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<String>,
}

/// The digest of what is written beside a plan: what may come of it, everything a report tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The version that wrote it: it alone compares it.
    pub by: String,
    /// SHA-256, its first half in hexadecimal digits.
    pub told: String,
}

impl Plan {
    /// Findings that need a person: neither notes nor overridden with a reason.
    pub fn open_findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.needs_a_person())
    }

    /// The plan for machines, without its rows: what `plan --json` answers.
    ///
    /// # Errors
    ///
    /// When a number cannot be written.
    pub fn without_rows(&self) -> serde_json::Result<serde_json::Value> {
        let mut answer = serde_json::to_value(Self { rows: Rows::default(), ..self.clone() })?;
        if let Some(object) = answer.as_object_mut() {
            object.remove("rows");
        }
        Ok(answer)
    }

    /// Codes of those, in their order.
    #[must_use]
    pub fn open_codes(&self) -> Vec<String> {
        self.open_findings().map(|finding| finding.code.clone()).collect()
    }

    /// Whether a finding asks for a person: exit code 1 of every command that makes or tells it.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        self.open_findings().next().is_some()
    }
}

/// What a plan promises, once for all who tell it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Promise {
    /// Active actions, unweighted.
    pub actions: Promised,
    /// Value in points.
    pub value: Promised,
}

/// One promised quantity: its mean, its interval, and where the interval is from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Promised {
    /// Mean and interval.
    #[serde(flatten)]
    pub range: Range,
    /// Where the interval is from.
    pub source: Source,
}

/// Where an interval is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Curves that are taken as known: no interval.
    Curves,
    /// Posterior draws of the curves' parameters, without the chance of single weeks.
    Draws {
        /// How many.
        draws: u64,
    },
    /// Simulated futures, chance and shocks inside.
    Futures {
        /// How many.
        futures: u64,
    },
}

/// Actions and value of a plan or a row.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Active actions, unweighted.
    pub actions: Range,
    /// Value in points.
    pub value: Range,
}

/// What a plan is expected to bring in each draw of its promise, shocks by their expectation and
/// the chance of single weeks left out. Plans over the same model and seed share these draws:
/// [`Contrast`](super::judge::contrast::Contrast) compares them one by one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ByDraw {
    /// Active actions.
    pub actions: Vec<f64>,
    /// Value in points.
    pub value: Vec<f64>,
    /// The same were the form of curves not learnt off (see [`super::judge::odds`]); absent where every
    /// curve was learnt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubted: Option<Doubted>,
}

/// What a plan is expected to bring in each draw were the form of curves not learnt off.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Doubted {
    /// Active actions.
    pub actions: Vec<f64>,
    /// Value in points.
    pub value: Vec<f64>,
    /// Positions of the rows whose curves were not learnt.
    pub rows: Vec<usize>,
}

/// Proof: no plan within the rules is better than `upper_bound`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// Objective of the rounded plan, on the draws it was chosen on.
    pub objective: f64,
    /// Bound by weak duality (and branch and bound).
    pub upper_bound: f64,
    /// `(upper_bound − objective) / |upper_bound|`.
    pub gap: f64,
    /// The same gap before rounding to whole minor units.
    #[serde(default)]
    pub gap_before_rounding: f64,
    /// How far the proof went.
    pub status: Status,
    /// Branch-and-bound nodes.
    pub nodes: u64,
}

/// What one unit more of a rule's limit would bring, every segment on or off as the plan has it and
/// every other limit as it stands in money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// Which rule.
    #[serde(flatten)]
    pub rule: RuleName,
    /// Value that one more unit of the limit brings (money, kg CO2e, segments); negative where a
    /// floor holds, 0 where the rule does not hold the plan.
    pub price: f64,
    /// Value that one unit less of it costs, where that is another number by more than 2 %: the
    /// plan stands at a kink (every row at a minimum, a maximum or a corner of its curve, or two
    /// rules that hold the same rows). Absent where `price` says both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_less: Option<f64>,
    /// Value that the rule costs in all, found by solving without it; `None` when not solved.
    pub cost: Option<f64>,
    /// The limit.
    pub limit: f64,
    /// What the plan uses of it.
    pub used: f64,
    /// Unit of the limit.
    pub unit: LimitUnit,
    /// It holds by default: nobody wrote it, and `cost` is what lifting it would bring if the
    /// curves hold there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
}

impl Price {
    /// Whether the rule holds the plan; the budget's price is told in any case.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.rule == RuleName::Budget
            || self.price != 0.0
            || self.price_less.is_some()
            || self.cost.is_some()
    }
}

/// Another split of the same budget, judged on the same draws.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Which split.
    pub name: PolicyName,
    /// Money by row, in row order.
    pub budgets: Vec<f64>,
    /// Value in points.
    pub value: Range,
    /// Share of draws in which the plan is better.
    pub p_plan_better: f64,
    /// Whether it keeps the campaign's rules.
    pub allowed: bool,
    /// Whether it keeps them and goes beyond what bounds this plan by default.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub beyond_default: bool,
    /// Follows expected, for contrast.
    pub follows: Option<f64>,
}

/// A point of the budget curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BudgetPoint {
    /// Total budget.
    pub budget: f64,
    /// Best value at it.
    pub value: f64,
    /// Value of one more unit of money.
    pub marginal: f64,
}

/// The same budget and rules without the networks that may refuse the subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fallback {
    /// Segments left out.
    pub without: Vec<String>,
    /// Money of the others, the most first.
    pub rows: Vec<NextShare>,
    /// Expected value.
    pub value: f64,
}

/// A flight divided again while it runs: what is spent stays spent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resumed {
    /// The last day whose spend is held.
    pub until: jiff::civil::Date,
    /// The whole flight's budget.
    pub budget: f64,
    /// What its segments spent so far.
    pub spent: f64,
    /// What other segments of the history spent in the same days, for information.
    pub spent_elsewhere: f64,
    /// Segment by segment.
    pub rows: Vec<HeldRow>,
    /// The campaign as it was first asked for: whole budget, whole flight.
    pub campaign: Campaign,
}

/// What one segment has spent, and what the plan before had left for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldRow {
    /// The segment.
    pub segment: String,
    /// Spent so far.
    pub spent: f64,
    /// Left of what the plan before gave it.
    pub left: f64,
    /// What was spent by week of the flight so far, the oldest first: people remember it. Empty
    /// in plans of earlier versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weekly: Vec<f64>,
}

/// Where further money would go, the funded segments as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NextMoney {
    /// The further money.
    pub amount: f64,
    /// Value that it would bring.
    pub value: f64,
    /// Segments that would get some of it, the most first.
    pub rows: Vec<NextShare>,
}

/// One segment's share of further money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NextShare {
    /// The segment.
    pub segment: String,
    /// Its share.
    pub amount: f64,
}

/// The plan under other points per action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeightSensitivity {
    /// Preset name.
    pub preset: String,
    /// Money by row, in row order.
    pub budgets: Vec<f64>,
    /// Rank correlation of row budgets with the plan.
    pub rank_correlation: f64,
    /// Segments funded here and not in the plan, or the reverse.
    pub flips: Vec<String>,
}

/// A point of the carbon frontier.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CarbonPoint {
    /// Emissions, kg CO2e.
    pub carbon_kg: f64,
    /// Best value.
    pub value: f64,
}

/// The promise at other values of the carry-over.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CarryoverRange {
    /// Mean value when every week is a fresh audience.
    pub none: f64,
    /// Upper end of the carry-over's 80 % interval.
    pub high_carryover: f64,
    /// Mean value there.
    pub high: f64,
}
