//! The campaign file as written: TOML, unknown keys are errors, a missing key is no rule.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Error as _, Unexpected};

/// A campaign file, before any check of its values.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignFile {
    /// Title, as people call it.
    #[schemars(required)]
    pub title: Option<String>,
    /// Who should do what: the strategy in one sentence.
    #[serde(default)]
    pub goal: String,
    /// `"12000 EUR"`, or `{ amount = "12000 EUR", tax = 0.2, fee = 0.08 }`.
    #[schemars(required)]
    pub budget: Option<BudgetText>,
    /// `"all"` (default) or `"up_to"`.
    pub spend: Option<String>,
    /// First and last day, both included.
    #[schemars(required)]
    pub flight: Option<FlightText>,
    /// `"count"`, `"relay"` (default), `"equalised"`, or a table of points per action.
    pub engagement: Option<EngagementText>,
    /// `"engagement"` (default), or for contrast `"clicks"`, `"reach"`, `"follows"`.
    pub objective: Option<String>,
    /// The subject is one that some networks refuse.
    #[serde(default)]
    pub sensitive: bool,
    /// How the money spreads over the weeks: `"even"` (default), `"front_loaded"`, `"season"`, or
    /// a list of weights, one per week.
    pub pacing: Option<PacingText>,
    /// Rounding of row budgets: `"minor"` (default, cents), `"unit"` or `"five"`.
    pub rounding: Option<String>,
    /// What to learn from.
    pub history: Option<HistoryText>,
    /// Which segments may be funded.
    #[serde(default)]
    pub segments: SegmentsText,
    /// Rules of the split.
    #[serde(default)]
    pub limits: LimitsText,
    /// Prudence.
    #[serde(default)]
    pub risk: RiskText,
    /// What may happen during the flight.
    #[serde(default)]
    pub shock: Vec<ShockText>,
    /// Finding code → written reason why it does not apply.
    #[serde(default)]
    pub overrides: BTreeMap<String, String>,
    /// What to write, and where.
    #[serde(default)]
    pub output: OutputText,
}

/// A budget: money, or money with what comes off it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "told-wanted-budget")]
pub enum BudgetText {
    /// All of it reaches the platforms.
    Plain(String),
    /// Tax and fee come off first.
    Detailed(DetailedBudget),
}

/// Money with what comes off it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DetailedBudget {
    /// Amount paid in all.
    pub amount: String,
    /// Value-added tax, as a share of the net amount.
    #[serde(default)]
    pub tax: f64,
    /// Agency fee, as a share of what reaches the platforms.
    #[serde(default)]
    pub fee: f64,
}

/// First and last day of the flight.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlightText {
    /// First day.
    pub start: Day,
    /// Last day.
    pub end: Day,
}

/// A day, as a TOML date or as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
pub struct Day(#[schemars(with = "String")] pub Date);

/// A TOML date or a text.
#[derive(Deserialize)]
#[serde(untagged, expecting = "told-wanted-date")]
enum DateOrText {
    Toml(toml::value::Datetime),
    Text(String),
}

impl DateOrText {
    fn text(self) -> String {
        match self {
            Self::Toml(date) => date.to_string(),
            Self::Text(text) => text,
        }
    }
}

/// A week, or a day of it, as it is written.
#[derive(Debug, Clone)]
pub struct WeekText(pub String);

impl<'de> Deserialize<'de> for WeekText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        DateOrText::deserialize(deserializer).map(|written| Self(written.text()))
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = DateOrText::deserialize(deserializer)?.text();
        let found = || D::Error::invalid_value(Unexpected::Str(&text), &"told-wanted-date");
        text.parse().map(Self).map_err(|_| found())
    }
}

/// A preset's name or points per action.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "told-wanted-points")]
pub enum EngagementText {
    /// Preset.
    Preset(String),
    /// Points per action.
    Points(BTreeMap<String, f64>),
}

/// How money spreads over weeks.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "told-wanted-pacing")]
pub enum PacingText {
    /// By name.
    Named(String),
    /// One weight per week.
    Weights(Vec<f64>),
}

/// What to learn from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HistoryText {
    /// The history file, relative to the campaign file; may be missing beside a model.
    pub file: Option<PathBuf>,
    /// Only rows whose actions were counted under this attribution window, such as
    /// `"7-day click, 1-day view"`.
    pub attribution: Option<String>,
    /// Outside tests (lift, holdout, geo, A/B) that were measured beside it, relative to the campaign
    /// file: a table as `relais train --tests` reads it.
    pub tests: Option<PathBuf>,
    /// Tests of one's own whose weeks count as designed once they are over and as far as they were
    /// followed, relative to the campaign file: each an `experiment.json`, or a schedule as
    /// `relais experiment read --schedule` reads it.
    #[serde(default)]
    pub designed: Vec<PathBuf>,
    /// Only amounts of this currency, such as `"EUR"`; amounts without one count as this.
    pub currency: Option<String>,
    /// What takes the history's money into the budget's, such as
    /// `{ from = "USD", to = "EUR", rate = 0.92, date = 2026-11-27, source = "ECB" }`.
    pub rate: Option<RateText>,
}

/// A rate between two currencies.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateText {
    /// The history's currency.
    pub from: String,
    /// The budget's currency.
    pub to: String,
    /// Units of `to` for one unit of `from`.
    pub rate: f64,
    /// The day the rate was read.
    pub date: Option<Day>,
    /// Where it was read.
    pub source: Option<String>,
}

/// Attribute → one value or several.
pub type Conditions = BTreeMap<String, OneOrMany>;

/// One text or several.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "told-wanted-texts")]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// As a list.
    #[must_use]
    pub fn list(&self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text.clone()],
            Self::Many(texts) => texts.clone(),
        }
    }
}

/// Which segments may be funded.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentsText {
    /// Attribute → allowed values; a parent territory contains its children.
    #[serde(default, rename = "where")]
    pub conditions: Conditions,
    /// Attributes that make a segment.
    #[serde(default)]
    pub split_by: Vec<String>,
    /// `"bought"` (default) or `"any"`.
    pub levers: Option<String>,
}

/// An amount of money: `"500 EUR"` or a number in the campaign's currency.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "told-wanted-amount")]
pub enum AmountText {
    /// With its currency.
    Text(String),
    /// In the campaign's currency.
    Number(f64),
}

/// Rules of the split.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsText {
    /// Rules for every segment.
    #[serde(default)]
    pub per_segment: SegmentRuleText,
    /// Rules for the segments that match.
    #[serde(default)]
    pub segment: Vec<MatchedRuleText>,
    /// Rules for groups.
    #[serde(default)]
    pub group: Vec<GroupText>,
    /// Linear limits of other kinds.
    #[serde(default)]
    pub side: Vec<SideText>,
    /// At most this many funded segments.
    pub funded_at_most: Option<usize>,
    /// Share of the budget that may move against the last split.
    pub change_at_most: Option<f64>,
    /// `false`: no bound but the written ones. By default no week of an audience goes above 1.5
    /// times its highest (1 time where its curve was not learnt), and at most 20 % of the budget
    /// moves where money followed demand or few curves were learnt.
    pub trust_region: Option<bool>,
    /// Cap on emissions, such as `"150 kg"`.
    pub carbon: Option<String>,
    /// Price of emissions, points per kg CO2e.
    pub carbon_price: Option<f64>,
    /// Highest mean cost per active action.
    pub cost_per_action: Option<AmountText>,
    /// Least money per funded segment and week.
    pub weekly_min: Option<AmountText>,
}

/// Bounds of a segment.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentRuleText {
    /// At least (money of the whole flight).
    pub min: Option<AmountText>,
    /// At most.
    pub max: Option<AmountText>,
    /// Exactly.
    pub pin: Option<AmountText>,
    /// At least, share of the budget.
    pub min_share: Option<f64>,
    /// At most, share of the budget.
    pub max_share: Option<f64>,
    /// Exactly, share of the budget.
    pub pin_share: Option<f64>,
    /// Nothing, or at least this: money, or `"platform"` for the platform's own minimum.
    pub min_if_funded: Option<AmountText>,
    /// Money due once the segment is funded.
    pub fixed_cost: Option<AmountText>,
    /// At most this multiple of the highest spend seen, in place of the default of
    /// `limits.trust_region`.
    pub extrapolate_at_most: Option<f64>,
}

/// Bounds of the segments that match.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct MatchedRuleText {
    /// Whom it covers.
    #[serde(rename = "where")]
    pub conditions: Conditions,
    /// The bounds. (`flatten` and `deny_unknown_fields` exclude each other: unknown keys are
    /// looked for by hand.)
    #[serde(flatten)]
    #[schemars(with = "SegmentRuleText")]
    pub rule: BTreeMap<String, toml::Value>,
}

/// A rule for a group.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupText {
    /// The planner's name for it.
    #[serde(default)]
    pub name: String,
    /// One rule per value of an attribute: `"network"`, `"territory:DEP"`.
    pub each: Option<String>,
    /// One group of all that match.
    #[serde(rename = "where")]
    pub conditions: Option<Conditions>,
    /// At least.
    pub min: Option<AmountText>,
    /// At most.
    pub max: Option<AmountText>,
    /// At least, share of the budget.
    pub min_share: Option<f64>,
    /// At most, share of the budget.
    pub max_share: Option<f64>,
}

/// A linear limit.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SideText {
    /// The planner's name for it.
    pub name: String,
    /// The limit.
    pub at_most: f64,
    /// Coefficients per unit of money; the first that matches counts.
    pub per_money: Vec<CoefficientText>,
}

/// A coefficient of a linear limit.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoefficientText {
    /// Whom it covers.
    #[serde(default, rename = "where")]
    pub conditions: Conditions,
    /// Units of the limit per unit of money.
    pub value: f64,
}

/// Prudence.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskText {
    /// Weight of the mean of the worst draws, in [0, 1].
    pub prudence: Option<f64>,
    /// Share of draws that are "the worst", in (0, 1]; 0.2 when missing.
    pub tail: Option<f64>,
}

/// Something that may happen.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShockText {
    /// What it is.
    pub name: String,
    /// Whom it hits.
    #[serde(default, rename = "where")]
    pub conditions: Conditions,
    /// First week, such as `"2027-W10"` or a day of it, `2027-03-10`; the flight's first when
    /// missing.
    #[schemars(with = "Option<String>")]
    pub from: Option<WeekText>,
    /// Last week; the flight's last when missing.
    #[schemars(with = "Option<String>")]
    pub to: Option<WeekText>,
    /// Probability; 1 when missing.
    pub probability: Option<f64>,
    /// Factor on CPM; 1 when missing.
    pub cpm: Option<f64>,
    /// Factor on actions; 1 when missing.
    pub actions: Option<f64>,
}

/// What to write, and where.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutputText {
    /// Folder, relative to the campaign file.
    pub folder: Option<PathBuf>,
    /// `html`, `xlsx`, `csv`, `png`, `svg`; all when missing.
    pub formats: Option<Vec<String>>,
    /// `fr` or `en`.
    pub lang: Option<String>,
}
