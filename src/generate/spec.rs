//! What worlds have in common: spreads, dispersions, families, habits of the past planner.

pub mod range;
pub mod trouble;

use self::range::{Allowed, Range, Scatter, SpecError, value, within};
use self::trouble::{Break, Demand, Fatigue, Overlap, Thin, Viral};

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::units::Week;

/// The specification of a population of worlds (TOML).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorldSpec {
    /// Name, for people.
    pub title: String,
    /// Number of segments, picked at random from the blocks; at most what they hold.
    pub segments: usize,
    /// Number of weeks of history, 2 to 520.
    pub weeks: usize,
    /// The last week of history.
    #[schemars(with = "String")]
    pub last_week: Week,
    /// Length of the flight that decisions are about, in weeks.
    pub flight_weeks: usize,
    /// The networks.
    #[serde(rename = "network")]
    pub networks: Vec<NetworkSpec>,
    /// Audiences: each block is every combination of its lists.
    #[serde(rename = "block")]
    pub blocks: Vec<Block>,
    /// People who can be reached in a week `A`; spreads on the log.
    pub audience: Level,
    /// Base CPM, money per thousand impressions; spreads on the log.
    pub cpm: Level,
    /// Active actions per first impression `q`; spreads on the log.
    pub rate: Level,
    /// Wear-out `p` in (0, 1]; spreads on the logit.
    pub wear_out: Level,
    /// Heterogeneity of exposure `k`; spreads on the log.
    pub shape: Level,
    /// Rise of CPM with spend `γ`, one per network, uniform over a range within [0, 1).
    pub cpm_rise: Range,
    /// Share `ρ` of exposure remembered next week, one per world, uniform over a range.
    pub carryover: Range,
    /// Dispersion `φ` of weekly counts (`Var = μ + μ²/φ`), one per network, log-normal.
    pub dispersion: Scatter,
    /// Standard deviations of what moves week by week.
    pub noise: Noise,
    /// Which families of curves.
    pub families: Families,
    /// How the past planner spent.
    pub spend: SpendSpec,
    /// Organic actions per week and segment at no spend; 0 for ads exports.
    pub baseline: f64,
    /// Concentration of one week's mix of actions around the segment's (Dirichlet).
    pub mix_concentration: f64,
    /// Whether the history has lost its dates: its rows, a week each, do not say which.
    #[serde(default, skip_serializing_if = "is_false")]
    pub undated: bool,
    /// Share of a week's money that is still at work the week after (geometric).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lag: f64,
    /// Response that moves for reasons other than money, and money that follows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demand: Option<Demand>,
    /// Creatives that wear out with the money behind them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fatigue: Option<Fatigue>,
    /// Rare weeks that bring many times what their money does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viral: Option<Viral>,
    /// People whom several networks reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<Overlap>,
    /// Segments of which history holds next to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thin: Option<Thin>,
    /// One network that is not what it was.
    #[serde(default, rename = "break", skip_serializing_if = "Option::is_none")]
    pub broken: Option<Break>,
}

/// What [`WorldSpec`] leaves unsaid when it is off, so that older worlds are told as before.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// One network: what it reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkSpec {
    /// Its name, as segments carry it.
    pub name: String,
    /// Shares of its active actions by kind; kinds that it does not report are absent.
    pub mix: BTreeMap<Action, f64>,
    /// Likes and reactions per active action.
    pub reactions: f64,
    /// Follows per thousand impressions.
    pub follows: f64,
    /// Whether its exports have reach.
    pub reach: bool,
}

/// Audiences that exist: every combination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Networks, by name.
    pub network: Vec<String>,
    /// Age bands.
    pub age: Vec<String>,
    /// Territories.
    pub territory: Vec<String>,
    /// Formats.
    pub format: Vec<String>,
    /// Weeks of history of these audiences, when they are new; all of them otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_weeks: Option<usize>,
}

/// A quantity of segments: its median and how far the parts of a segment move it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Median.
    pub median: f64,
    /// Standard deviation between networks.
    pub network: f64,
    /// Between age bands.
    pub age: f64,
    /// Between territories.
    pub territory: f64,
    /// Between formats.
    pub format: f64,
    /// Of what is left for each segment.
    pub segment: f64,
    /// Known factors by attribute value, such as `"REG-76" = 6.0`, on the natural scale
    /// (on the odds for wear-out).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub of: BTreeMap<String, f64>,
}

/// Standard deviations of logs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    /// Scale of the half-normal amplitude of a network's yearly season.
    pub season: f64,
    /// One weekly step of a network's random walk.
    pub drift: f64,
    /// Shock of one network and week (mean of its exponent 1).
    pub shock: f64,
    /// Impressions bought for the money.
    pub delivery: f64,
    /// The platform's estimate of reach.
    pub reach: f64,
}

/// Families of curves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Families {
    /// Share of worlds whose curves lie outside the model's family.
    pub worlds_outside: f64,
    /// Forms of such worlds; every segment of a network has the same form.
    pub outside: Vec<Form>,
    /// Slope of Hill curves.
    pub hill_slope: Range,
    /// Exponent of power curves.
    pub power_exponent: Range,
    /// Slope of curves with a threshold, above 1.
    #[serde(default = "steep", skip_serializing_if = "is_steep")]
    pub threshold_slope: Range,
}

/// Slope of curves with a threshold where nothing is said: next to nothing at half the scale.
fn steep() -> Range {
    Range { from: 2.5, to: 4.0 }
}

fn is_steep(slope: &Range) -> bool {
    *slope == steep()
}

/// The form of a curve outside the model's family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Even exposure; a limit of the model's family.
    Exponential,
    /// Hill with a slope drawn per segment.
    Hill,
    /// Power with an exponent drawn per segment.
    Power,
    /// Logarithm.
    Logarithm,
    /// Hill with a slope above 1, drawn per segment: little below a level.
    Threshold,
}

/// How the past planner spent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpendSpec {
    /// Median spend of a segment in a week with spend, money.
    pub weekly: f64,
    /// Exponent on a segment's own scale `κ` over the median one: 0 knows nothing of it, 1 is
    /// proportional.
    pub follows_scale: f64,
    /// Standard deviation of the log of a segment's base level: habits without reason.
    pub habit: f64,
    /// Standard deviation of the log of one run of weeks against the base level.
    pub run: f64,
    /// Standard deviation of the log of one week against its run (stationary, autoregressive).
    pub week: f64,
    /// Autocorrelation of those weeks.
    pub persistence: f64,
    /// Share of segment-weeks without spend.
    pub share_without: f64,
    /// Mean length of a run of weeks with spend.
    pub run_weeks: f64,
    /// Exponent on a segment's actions per first money `V/κ` over the median one: 0 knows nothing
    /// of it, 1 is proportional.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub follows_rate: f64,
    /// Whether weeks were designed: half, once or one and a half times the base level, drawn
    /// beforehand.
    #[serde(default, skip_serializing_if = "is_false")]
    pub designed: bool,
    /// A test that ends the history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<TestSpec>,
}

/// Weeks of a schedule drawn beforehand: `1/factor`, once or `factor` times the base level, by
/// chance, whatever demand is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestSpec {
    /// The last so many weeks of the history.
    pub weeks: usize,
    /// The highest factor.
    pub factor: f64,
    /// Whether the history says which weeks these are.
    #[serde(default = "is_marked")]
    pub marked: bool,
    /// Nothing is kept but the test's weeks.
    #[serde(default, skip_serializing_if = "is_false")]
    pub alone: bool,
}

fn is_marked() -> bool {
    true
}

impl SpendSpec {
    /// The test that a week of a history of so many belongs to.
    pub(super) fn test_in(&self, weeks: usize, week: usize) -> Option<TestSpec> {
        self.test.filter(|test| week + test.weeks >= weeks)
    }
}

impl WorldSpec {
    /// Reads and checks a specification.
    ///
    /// # Errors
    ///
    /// [`SpecError`] names the key, what was found and what is allowed.
    pub fn read(text: &str) -> Result<Self, SpecError> {
        let spec: Self = toml::from_str(text)?;
        spec.check()?;
        Ok(spec)
    }

    pub(super) fn check(&self) -> Result<(), SpecError> {
        self.check_sizes()?;
        self.check_networks()?;
        self.check_levels()?;
        self.check_ranges()?;
        self.check_spend()?;
        self.check_trouble()
    }

    fn check_trouble(&self) -> Result<(), SpecError> {
        within("lag", self.lag, 0.0, 0.95)?;
        self.demand.as_ref().map_or(Ok(()), Demand::check)?;
        self.fatigue.as_ref().map_or(Ok(()), Fatigue::check)?;
        self.viral.as_ref().map_or(Ok(()), Viral::check)?;
        self.thin.as_ref().map_or(Ok(()), Thin::check)?;
        self.broken.as_ref().map_or(Ok(()), Break::check)?;
        match &self.overlap {
            Some(overlap) => overlap.check(self.families.worlds_outside, self.carryover),
            None => Ok(()),
        }
    }

    fn check_sizes(&self) -> Result<(), SpecError> {
        within("weeks", self.weeks as f64, 2.0, 520.0)?;
        within("flight_weeks", self.flight_weeks as f64, 1.0, 104.0)?;
        within("segments", self.segments as f64, 1.0, 20_000.0)?;
        within("baseline", self.baseline, 0.0, 1e9)?;
        within("mix_concentration", self.mix_concentration, 1e-3, 1e9)
    }

    fn check_networks(&self) -> Result<(), SpecError> {
        let names: Vec<&str> = self.networks.iter().map(|n| n.name.as_str()).collect();
        let used = self.blocks.iter().flat_map(|block| &block.network);
        if let Some(found) = used.into_iter().find(|name| !names.contains(&name.as_str())) {
            return Err(SpecError::Network { found: found.clone(), allowed: names.join(", ") });
        }
        for network in &self.networks {
            let total: f64 = network.mix.values().sum();
            within("network.mix", total, 1e-9, 1e9)?;
            for share in network.mix.values() {
                within("network.mix", *share, 0.0, 1e9)?;
            }
            if let Some(kind) = network.mix.keys().find(|kind| !Action::ACTIVE.contains(kind)) {
                return Err(value("network.mix", kind, Allowed::ActiveKinds));
            }
            within("network.reactions", network.reactions, 0.0, 1e6)?;
            within("network.follows", network.follows, 0.0, 1e3)?;
        }
        let any = self.blocks.iter().any(|block| {
            [&block.network, &block.age, &block.territory, &block.format]
                .iter()
                .all(|list| !list.is_empty())
        });
        if any { Ok(()) } else { Err(value("block", &"[]", Allowed::Audience)) }
    }

    fn check_levels(&self) -> Result<(), SpecError> {
        for (key, level, highest) in [
            ("audience", &self.audience, 1e9),
            ("cpm", &self.cpm, 1e6),
            ("rate", &self.rate, 1.0),
            ("wear_out", &self.wear_out, 1.0),
            ("shape", &self.shape, 1e6),
        ] {
            within(key, level.median, 1e-9, highest)?;
            for sd in [level.network, level.age, level.territory, level.format, level.segment] {
                within(key, sd, 0.0, 5.0)?;
            }
            for factor in level.of.values() {
                within(key, *factor, 1e-6, 1e6)?;
            }
        }
        Ok(())
    }

    fn check_ranges(&self) -> Result<(), SpecError> {
        let families = &self.families;
        for (key, range, lowest, highest) in [
            ("cpm_rise", self.cpm_rise, 0.0, 0.95),
            ("carryover", self.carryover, 0.0, 1.0),
            ("families.hill_slope", families.hill_slope, 0.05, 1.0),
            ("families.power_exponent", families.power_exponent, 0.05, 1.0),
        ] {
            within(key, range.from, lowest, highest)?;
            within(key, range.to, range.from, highest)?;
        }
        let slope = families.threshold_slope;
        within("families.threshold_slope", slope.from, 1.0, 20.0)?;
        within("families.threshold_slope", slope.to, slope.from, 20.0)?;
        within("families.worlds_outside", families.worlds_outside, 0.0, 1.0)?;
        if families.worlds_outside > 0.0 && families.outside.is_empty() {
            return Err(value("families.outside", &"[]", Allowed::Form));
        }
        within("dispersion.median", self.dispersion.median, 1e-3, 1e9)?;
        within("dispersion.sd", self.dispersion.sd, 0.0, 3.0)?;
        let noise = self.noise;
        for sd in [noise.season, noise.drift, noise.shock, noise.delivery, noise.reach] {
            within("noise", sd, 0.0, 2.0)?;
        }
        Ok(())
    }

    fn check_spend(&self) -> Result<(), SpecError> {
        let spend = self.spend;
        within("spend.weekly", spend.weekly, 1e-2, 1e9)?;
        within("spend.follows_scale", spend.follows_scale, -2.0, 2.0)?;
        within("spend.follows_rate", spend.follows_rate, -2.0, 2.0)?;
        for sd in [spend.habit, spend.run, spend.week] {
            within("spend", sd, 0.0, 3.0)?;
        }
        if let Some(test) = spend.test {
            within("spend.test.weeks", test.weeks as f64, 1.0, self.weeks as f64)?;
            within("spend.test.factor", test.factor, 1.0, 20.0)?;
        }
        within("spend.persistence", spend.persistence, 0.0, 0.999)?;
        within("spend.share_without", spend.share_without, 0.0, 0.95)?;
        within("spend.run_weeks", spend.run_weeks, 1.0, 520.0)
    }
}
