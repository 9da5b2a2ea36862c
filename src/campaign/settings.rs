//! What a person asks for, checked: the types that a campaign file becomes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::money::{HistoryMoney, OtherCurrency};
use crate::action::Points;
use crate::history::PanelOptions;
use crate::panel::{Panel, Period};
use crate::segment::Attribute;
use crate::units::{Currency, Money, Week};

/// What one campaign was asked to be; every field has been checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Campaign {
    /// Title, as people call it.
    pub title: String,
    /// Who should do what: the strategy in one sentence.
    pub goal: String,
    /// What the sponsor pays in all, tax and fee included.
    pub gross: Money,
    /// Value-added tax as a share of the net amount, 0 when none.
    pub tax: Decimal,
    /// Agency fee as a share of what reaches the platforms, 0 when none.
    pub fee: Decimal,
    /// What reaches the platforms: gross / (1 + tax) / (1 + fee), in whole minor units.
    pub budget: Money,
    /// Spend all of it, or up to it.
    pub spend: SpendRule,
    /// First and last day.
    pub flight: Period,
    /// Points per action.
    pub points: Points,
    /// Name of the preset (`count`, `relay`, `equalised`) or `custom`.
    pub preset: String,
    /// What is maximised.
    pub objective: Objective,
    /// The history to learn from. What is written of a campaign goes out to others: it names the
    /// file, and not whose folders it is in.
    #[serde(serialize_with = "sent")]
    pub history: Option<PathBuf>,
    /// The attribution window whose rows alone are learnt from; all when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution: Option<String>,
    /// Outside tests measured beside it.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "sent")]
    pub tests: Option<PathBuf>,
    /// Tests of one's own whose weeks count as designed.
    #[serde(default, skip_serializing_if = "Vec::is_empty", serialize_with = "all_sent")]
    pub designed: Vec<PathBuf>,
    /// How the history's money stands to the budget's.
    #[serde(default, skip_serializing_if = "HistoryMoney::is_silent")]
    pub history_money: HistoryMoney,
    /// Which segments may be funded.
    pub selection: Selection,
    /// Rules of the split.
    pub limits: Limits,
    /// How the money spreads over the weeks.
    pub pacing: Pacing,
    /// Weight of the mean of the worst `tail` of draws, in [0, 1].
    pub prudence: f64,
    /// The tail, a share of draws in (0, 1].
    pub tail: f64,
    /// Rounding step of a row's budget.
    pub rounding: Rounding,
    /// Shocks to simulate, as the file states them.
    pub shocks: Vec<Shock>,
    /// The subject is one that some networks refuse (`sujet sensible`).
    pub sensitive: bool,
    /// Findings that a person overrides, by code, with the written reason.
    pub overrides: BTreeMap<String, String>,
    /// What to write, and where.
    pub output: Output,
}

/// Spend the whole budget, or as much of it as is worth spending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpendRule {
    /// Every cent.
    All,
    /// Up to the budget; what is left is explained.
    UpTo,
}

/// What is maximised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// Points of active engagement: the product's reason to be.
    Engagement,
    /// The same, of which only what would not have come without the money.
    Incremental,
    /// Link clicks only, for contrast.
    Clicks,
    /// Reach, for contrast.
    Reach,
    /// Follows, for contrast.
    Follows,
}

/// Which of the learnt segments may be funded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    /// Attribute → allowed values; a parent territory contains its children.
    pub conditions: BTreeMap<String, Vec<String>>,
    /// Attributes that make a segment; empty: as the panel has them.
    pub split_by: Vec<Attribute>,
    /// Only audiences bought separately, or also those known from breakdowns.
    pub levers: Levers,
}

/// Which audiences are levers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Levers {
    /// Audiences that were bought separately.
    Bought,
    /// Also audiences known only from breakdowns.
    Any,
}

/// Rules of the split. A rule that is absent does not exist.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Rules for every segment.
    pub per_segment: SegmentRule,
    /// Rules for the segments that match, in file order; a later one wins.
    pub segment: Vec<(BTreeMap<String, Vec<String>>, SegmentRule)>,
    /// Rules for groups of segments.
    pub groups: Vec<GroupRule>,
    /// At most this many funded segments.
    pub funded_at_most: Option<usize>,
    /// Share of the budget that may move against the last split: `Σ|s − s₀| / 2 ≤ share · B`.
    pub change_at_most: Option<f64>,
    /// `false`: no bound but the written ones (see [`crate::allocate`]'s trust region).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_region: Option<bool>,
    /// Cap on emissions, kg CO2e.
    pub carbon_kg: Option<f64>,
    /// Price of emissions in points per kg CO2e, taken off the objective.
    pub carbon_price: Option<f64>,
    /// Highest mean cost per active action, money.
    pub cost_per_action: Option<f64>,
    /// Least money per funded segment and week.
    pub weekly_min: Option<f64>,
    /// Other linear limits: `Σ coefficient · money ≤ limit`, coefficients by segment attributes.
    pub side: Vec<SideRule>,
}

/// Bounds of one segment, in money of the whole flight or shares of the budget.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SegmentRule {
    /// At least.
    pub min: Option<Amount>,
    /// At most.
    pub max: Option<Amount>,
    /// Exactly.
    pub pin: Option<Amount>,
    /// Nothing, or at least this.
    pub min_if_funded: Option<MinIfFunded>,
    /// Money that is due once the segment is funded (creative, translation).
    pub fixed_cost: Option<Amount>,
    /// At most this multiple of the highest spend seen (guard against extrapolation).
    pub extrapolate_at_most: Option<f64>,
}

/// An amount, or a share of the budget.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// Money in units of the campaign's currency.
    Money(f64),
    /// Share of the budget in [0, 1].
    Share(f64),
}

impl Amount {
    /// In units of the currency, for a budget.
    #[must_use]
    pub fn of(self, budget: f64) -> f64 {
        match self {
            Self::Money(money) => money,
            Self::Share(share) => share * budget,
        }
    }
}

/// The least that a funded segment gets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MinIfFunded {
    /// The platform's own minimum per day × days, from the dated table.
    Platform,
    /// This much.
    Amount(Amount),
}

/// A rule for a group, or for each group that an attribute makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupRule {
    /// The planner's name for it.
    pub name: String,
    /// Whom it covers.
    pub members: GroupMembers,
    /// At least.
    pub min: Option<Amount>,
    /// At most.
    pub max: Option<Amount>,
}

/// Whom a group rule covers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupMembers {
    /// One rule per value of the attribute; for territories, per territory of a level
    /// (`territory:DEP`).
    Each {
        /// Attribute name, free text for a panel's own columns.
        attribute: String,
        /// Territory level such as `DEP`.
        level: Option<String>,
    },
    /// One group: all segments that match.
    Where(BTreeMap<String, Vec<String>>),
}

/// A linear limit other than money or carbon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SideRule {
    /// The planner's name for it.
    pub name: String,
    /// `Σ coefficient · money` must not exceed this.
    pub at_most: f64,
    /// Coefficients: the first entry that matches a segment counts, 0 when none does.
    pub per_money: Vec<(BTreeMap<String, Vec<String>>, f64)>,
}

/// How the money of a row spreads over the weeks of the flight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pacing {
    /// The same every day.
    Even,
    /// Each week a fixed share less than the one before.
    FrontLoaded,
    /// In proportion to the learnt season of the segment's network.
    Season,
    /// Explicit weights, one per week of the flight.
    Weights(Vec<f64>),
}

/// Rounding step of row budgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the minor unit (cents).
    Minor,
    /// To whole units.
    Unit,
    /// To steps of five units.
    Five,
}

impl Rounding {
    /// The step in minor units.
    #[must_use]
    pub fn step(self, currency: Currency) -> i64 {
        match self {
            Self::Minor => 1,
            Self::Unit => currency.minor_per_unit(),
            Self::Five => 5 * currency.minor_per_unit(),
        }
    }
}

/// Something that may happen during the flight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shock {
    /// What it is, in the planner's words.
    pub name: String,
    /// Whom it hits; empty: everybody.
    pub conditions: BTreeMap<String, Vec<String>>,
    /// First week it is felt.
    pub from: Week,
    /// Last week it is felt.
    pub to: Week,
    /// Probability that it happens in a future.
    pub probability: f64,
    /// CPM is multiplied by this.
    pub cpm: f64,
    /// Actions are multiplied by this (0: the network refuses the topic and nothing is shown).
    pub actions: f64,
}

/// What to write, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// Folder, relative to the campaign file unless absolute.
    #[serde(serialize_with = "sent")]
    pub folder: Option<PathBuf>,
    /// Which results.
    pub formats: Vec<OutputFormat>,
    /// Language of the results; `None`: that of the command line.
    pub lang: Option<String>,
}

/// A path as others may see it: relative as it is, otherwise its last name alone.
pub(super) fn as_sent(path: &Path) -> String {
    let own = if path.is_absolute() { path.file_name().map(Path::new) } else { None };
    own.unwrap_or(path).display().to_string()
}

/// As [`as_sent`]; serde hands over the field as it is.
#[allow(clippy::ref_option)]
pub(super) fn sent<S: serde::Serializer>(
    path: &Option<PathBuf>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    path.as_deref().map(as_sent).serialize(serializer)
}

fn all_sent<S: serde::Serializer>(paths: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(paths.iter().map(|path| as_sent(path)))
}

/// A kind of result file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputFormat {
    /// The report page.
    Html,
    /// One page to hand over.
    Brief,
    /// The workbook.
    Xlsx,
    /// Tables.
    Csv,
    /// Charts as bitmaps.
    Png,
    /// Charts as vector drawings.
    Svg,
}

impl Campaign {
    /// What to ask the history for: its segments, its currency and its attribution window.
    #[must_use]
    pub fn of_history(&self) -> PanelOptions {
        PanelOptions {
            split_by: self.selection.split_by.clone(),
            currency: self.history_money.currency,
            attribution: self.attribution.clone(),
            ..PanelOptions::default()
        }
    }

    /// A panel of the history with its money in the budget's currency.
    ///
    /// # Errors
    ///
    /// [`OtherCurrency`] where the campaign has no rate for it.
    pub fn in_own_money(&self, panel: Panel) -> Result<Panel, OtherCurrency> {
        self.history_money.convert(panel, self.budget.currency())
    }

    /// Weeks that the flight touches.
    #[must_use]
    pub fn weeks(&self) -> Vec<Week> {
        Week::covering(self.flight.start, self.flight.end)
    }

    /// Days of each week that lie in the flight.
    #[must_use]
    pub fn days_by_week(&self) -> Vec<u32> {
        let Period { start, end } = self.flight;
        self.weeks().iter().map(|week| week.days_within(start, end)).collect()
    }

    /// First day of the flight.
    #[must_use]
    pub fn start(&self) -> Date {
        self.flight.start
    }
}

/// Whether a segment satisfies `attribute → allowed values`.
///
/// `contains` tells whether a territory lies in another (same code included).
#[must_use]
pub fn matches(
    attributes: &BTreeMap<String, String>,
    conditions: &BTreeMap<String, Vec<String>>,
    contains: &dyn Fn(&str, &str) -> bool,
) -> bool {
    conditions.iter().all(|(name, allowed)| {
        attributes.get(name).is_some_and(|value| {
            allowed.iter().any(|want| {
                want == value || (name == Attribute::Territory.column() && contains(want, value))
            })
        })
    })
}
