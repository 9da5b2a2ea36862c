//! No history at all: responses drawn from the shipped priors of each network.
//!
//! `data/priors.toml` holds, by network, prices, rates, audiences and wear-out as laws of one
//! middle and one factor. With `A` people, `q` actions per first impression, price `CPM` and
//! wear-out `p` a segment's week has the ceiling `V = A q / p` and the scale `κ = A CPM / (1000 p)`
//! (README, "The model"). Segments of one network have one law and are uncertain together in part, so
//! that their sums are as uncertain as they are.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::action::Action;
use crate::allocate::AllocateError;
use crate::campaign::Campaign;
use crate::files::hex;
use crate::language::Language;
use crate::language::message::Value;
use crate::random::{Purpose, Seed};
use crate::reference::{Reference, ReferenceError};
use crate::rules::Origin;
use crate::rules::finding::{Finding, Reader, Severity};
use crate::segment::{Attribute, JOINT, Segment};
use crate::train::fitted::verdict::FORM_SD;
use crate::train::posterior::draws::{Draws, ResponseDraw, SegmentDraws, SharedDraw};
use crate::units::Currency;

const FILE: &str = "priors.toml";
/// Standard normal quantile of 90 %: 8 cases of 10 lie within it on either side.
const NINETY: f64 = 1.281_551_565_544_600_4;
/// Streams of networks, and of segments, by name.
const NETWORKS: u64 = 1 << 62;
const SEGMENTS: u64 = 1 << 63;
/// Streams of networks' incremental shares.
const SHARES: u64 = 1 << 61;

/// The shipped priors, or those of a person's own folder.
#[derive(Debug, Clone)]
pub struct Priors {
    table: Table,
    fingerprint: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    version: u32,
    currency: Currency,
    carryover: f64,
    shared: f64,
    segments_at_most: usize,
    network: BTreeMap<String, Network>,
}

/// Log-normal: 8 cases of 10 lie between `middle / factor` and `middle · factor`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Law {
    middle: f64,
    factor: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Network {
    cpm: Law,
    actions: Law,
    audience: Law,
    shape: Law,
    wear_out: Law,
    dispersion: f64,
    mix: BTreeMap<Action, f64>,
    follows: f64,
    origin: Origin,
}

/// The laws of one network.
const LAWS: usize = 5;

impl Law {
    /// The value at a standard normal number.
    fn at(self, z: f64) -> f64 {
        self.middle * (z * self.factor.ln() / NINETY).exp()
    }
}

impl Network {
    fn laws(&self) -> [Law; LAWS] {
        [self.cpm, self.actions, self.audience, self.shape, self.wear_out]
    }
}

impl Priors {
    /// Reads and checks the table.
    ///
    /// # Errors
    ///
    /// [`AllocateError::Priors`] when it is missing or holds what cannot be.
    pub fn load(reference: &Reference) -> Result<Self, AllocateError> {
        let fail = |reason: String| AllocateError::Priors { file: FILE.to_owned(), reason };
        let text = reference.text(FILE).map_err(|error: ReferenceError| fail(error.to_string()))?;
        let table: Table = toml::from_str(&text).map_err(|error| fail(error.to_string()))?;
        table.check().map_err(fail)?;
        let fingerprint = hex(&Sha256::digest(text.as_bytes()));
        Ok(Self { table, fingerprint })
    }

    /// Fingerprint of the table.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The segments that a campaign's conditions spell out: every combination of their values.
    ///
    /// # Errors
    ///
    /// [`AllocateError`] when the conditions name no network, leave out an attribute that makes
    /// segments, or multiply to too many.
    pub fn segments(&self, campaign: &Campaign) -> Result<Vec<Segment>, AllocateError> {
        let asked = campaign.budget.currency();
        if asked != self.table.currency {
            return Err(AllocateError::PriorCurrency { asked, held: self.table.currency });
        }
        let conditions = &campaign.selection.conditions;
        let columns: Vec<&str> = if campaign.selection.split_by.is_empty() {
            in_column_order(conditions)
        } else {
            campaign.selection.split_by.iter().map(|attribute| attribute.column()).collect()
        };
        let network = Attribute::Network.column();
        let unlisted = |column: &&str| conditions.get(*column).is_none_or(Vec::is_empty);
        let others = columns.iter().copied().filter(|column| *column != network);
        let missing: Vec<&str> = std::iter::once(network).chain(others).filter(unlisted).collect();
        if !missing.is_empty() {
            let known = self.table.network.keys().cloned().collect::<Vec<_>>().join(", ");
            let known = if missing.contains(&network) { known } else { String::new() };
            let keys = missing.into_iter().map(str::to_owned).collect();
            return Err(AllocateError::PriorConditions { keys, known });
        }
        let strange = conditions[network].iter().find(|n| !self.table.network.contains_key(*n));
        if let Some(strange) = strange {
            return Err(AllocateError::PriorNetwork(strange.clone()));
        }
        let mut columns = columns;
        if !columns.contains(&network) {
            columns.insert(0, network);
        }
        let most = self.table.segments_at_most;
        let count = columns.iter().try_fold(1_usize, |count, column| {
            count.checked_mul(conditions[*column].len()).filter(|count| *count <= most)
        });
        if count.is_none() {
            return Err(AllocateError::PriorSegments { most });
        }
        // A condition with one value that makes no segments is true of all of them.
        let fixed: BTreeMap<String, String> = conditions
            .iter()
            .filter(|(key, values)| values.len() == 1 && !columns.contains(&key.as_str()))
            .map(|(key, values)| (key.clone(), values[0].clone()))
            .collect();
        Ok(combinations(&columns, conditions, &fixed))
    }

    /// Draws of segments over weeks, all of them marked as prior only.
    #[must_use]
    pub fn draws(
        &self,
        segments: &[Segment],
        campaign: &Campaign,
        n: usize,
        seed: Seed,
        purpose: Purpose,
    ) -> Draws {
        let weeks = campaign.weeks();
        let of = |segment: &Segment| segment.get(Attribute::Network).unwrap_or_default().to_owned();
        let names: BTreeSet<String> = segments.iter().map(of).collect();
        let networks: Vec<String> = names.into_iter().collect();
        let mut streams: Vec<_> =
            networks.iter().map(|name| seed.stream(purpose, SHARES | of_name(name))).collect();
        let shared = (0..n)
            .map(|_| SharedDraw {
                carryover: self.table.carryover,
                dispersion: networks.iter().map(|n| self.table.network[n].dispersion).collect(),
                log_season: vec![0.0; networks.len() * weeks.len().max(1)],
                shock_sd: 0.2,
                incremental: streams.iter_mut().map(rand::RngExt::random).collect(),
                delivery_sd: 0.2,
            })
            .collect();
        let common: Vec<Common> = networks
            .iter()
            .map(|name| {
                let mut rng = seed.stream(purpose, NETWORKS | of_name(name));
                Common::new(&self.table.network[name], n, &mut rng)
            })
            .collect();
        let drawn = segments
            .iter()
            .map(|segment| {
                let name = of(segment);
                let network = networks.iter().position(|n| *n == name).unwrap_or(0);
                let mut rng = seed.stream(purpose, SEGMENTS | of_name(&segment.id));
                SegmentDraws {
                    segment: segment.clone(),
                    network,
                    prior_only: true,
                    observed_spend: 0.0,
                    reference_spend: 1.0,
                    ground: None,
                    form_sd: FORM_SD,
                    draws: common[network].of_segment(self.table.shared, &mut rng),
                }
            })
            .collect();
        Draws { weeks, networks, tested: Vec::new(), shared, segments: drawn }
    }

    /// What a plan by priors alone must say of itself, with the sources of its figures.
    #[must_use]
    pub fn finding(&self, segments: &[Segment], reader: &Reader<'_>) -> Finding {
        let networks: BTreeSet<&str> =
            segments.iter().filter_map(|segment| segment.get(Attribute::Network)).collect();
        let known = networks.iter().filter_map(|name| self.table.network.get_key_value(*name));
        let origins: Vec<(&String, &Origin)> =
            known.map(|(name, network)| (name, &network.origin)).collect();
        let sources = |language: Language, (colon, between): (&str, &str)| {
            let sources = origins.iter();
            let sources =
                sources.map(|(name, own)| format!("{name}{colon} {}", own.text(language)));
            Some(sources.collect::<Vec<_>>().join(between))
        };
        let values = [("file", Value::Name(format!("data/{FILE}")))];
        let mut finding = Finding::new(Severity::Warning, "prior-only", Vec::new(), values, reader);
        let french = sources(Language::Fr, ("\u{a0}:", "\u{a0}; "));
        finding.rest_on(sources(Language::En, (":", "; ")), french);
        finding
    }
}

/// What the segments of one network have in common: the responses that any of them may have, and
/// how each draw finds the network as a whole.
struct Common {
    /// The least efficient first.
    responses: Vec<ResponseDraw>,
    mood: Vec<f64>,
}

impl Common {
    fn new(network: &Network, n: usize, rng: &mut impl Rng) -> Self {
        let mut responses: Vec<ResponseDraw> = (0..n).map(|_| network.response(rng)).collect();
        // Actions of the first unit of money.
        let efficiency = |draw: &ResponseDraw| draw.ceiling / draw.scale;
        responses.sort_by(|a, b| efficiency(a).total_cmp(&efficiency(b)));
        Self { responses, mood: (0..n).map(|_| normal(rng)).collect() }
    }

    /// The same responses in an order of the segment's own: nothing tells two segments of a
    /// network apart, so their mean curves are one, yet each is good or bad in other draws. The
    /// ranks of their efficiencies are correlated by what is `shared`.
    fn of_segment(&self, shared: f64, rng: &mut impl Rng) -> Vec<ResponseDraw> {
        let (together, alone) = (shared.sqrt(), (1.0 - shared).sqrt());
        let luck: Vec<f64> =
            self.mood.iter().map(|mood| together * mood + alone * normal(rng)).collect();
        let mut order: Vec<usize> = (0..luck.len()).collect();
        order.sort_by(|&a, &b| luck[a].total_cmp(&luck[b]).then(a.cmp(&b)));
        let mut draws = self.responses.clone();
        for (response, &d) in self.responses.iter().zip(&order) {
            draws[d] = *response;
        }
        draws
    }
}

impl Network {
    fn response(&self, rng: &mut impl Rng) -> ResponseDraw {
        let [cpm, actions, audience, shape, wear_out] = self.laws().map(|law| law.at(normal(rng)));
        let wear_out = wear_out.min(1.0);
        let mut mix = [0.0; Action::COUNT];
        let whole: f64 = self.mix.values().sum();
        for (action, share) in &self.mix {
            mix[action.index()] = share / whole;
        }
        ResponseDraw {
            ceiling: audience * actions / 1000.0 / wear_out,
            scale: audience * cpm / 1000.0 / wear_out,
            shape,
            cpm_rise: 0.0,
            baseline: 0.0,
            cpm,
            audience,
            reach_shape: shape,
            mix,
            follows_rate: self.follows / cpm,
        }
    }
}

impl Table {
    /// What must hold of every number, told as `key: found, expected`.
    fn check(&self) -> Result<(), String> {
        if self.version != 1 {
            return Err(format!("`version`: found {}, expected 1", self.version));
        }
        for (key, share) in [("shared", self.shared), ("carryover", self.carryover)] {
            if !(0.0..=1.0).contains(&share) {
                return Err(format!("`{key}`: found {share}, expected 0 to 1"));
            }
        }
        let law = |key: &str, law: Law| {
            let sound = law.middle > 0.0
                && law.middle.is_finite()
                && law.factor >= 1.0
                && law.factor.is_finite();
            let found = format!("middle {}, factor {}", law.middle, law.factor);
            let told = format!("`{key}`: found {found}, expected middle above 0, factor from 1");
            sound.then_some(()).ok_or(told)
        };
        for (name, network) in &self.network {
            for (key, own) in
                ["cpm", "actions", "audience", "shape", "wear_out"].iter().zip(network.laws())
            {
                law(&format!("network.{name}.{key}"), own)?;
            }
            let shares = network.mix.values().all(|share| *share >= 0.0 && share.is_finite());
            if !shares || network.mix.values().sum::<f64>() <= 0.0 {
                return Err(format!(
                    "`network.{name}.mix`: expected shares of at least 0, one above"
                ));
            }
            if !(network.dispersion > 0.0 && network.follows >= 0.0) {
                return Err(format!(
                    "`network.{name}`: expected dispersion above 0, follows from 0"
                ));
            }
        }
        Ok(())
    }
}

/// Conditions in the order of the columns of a panel; others after them.
fn in_column_order(conditions: &BTreeMap<String, Vec<String>>) -> Vec<&str> {
    let known = Attribute::ALL.into_iter().map(Attribute::column);
    let first: Vec<&str> = known.filter(|column| conditions.contains_key(*column)).collect();
    let rest = conditions.keys().map(String::as_str).filter(|key| !first.contains(key));
    first.iter().copied().chain(rest).collect()
}

/// Every combination of the columns' values, the first column varying slowest.
fn combinations(
    columns: &[&str],
    conditions: &BTreeMap<String, Vec<String>>,
    fixed: &BTreeMap<String, String>,
) -> Vec<Segment> {
    let mut rows: Vec<Vec<&str>> = vec![Vec::new()];
    for column in columns {
        rows = rows
            .iter()
            .flat_map(|row| {
                conditions[*column].iter().map(move |value| {
                    row.iter().copied().chain([value.as_str()]).collect::<Vec<_>>()
                })
            })
            .collect();
    }
    let segment = |values: Vec<&str>| {
        let own = columns.iter().zip(&values);
        let own = own.map(|(column, value)| ((*column).to_owned(), (*value).to_owned()));
        Segment {
            id: values.join(JOINT),
            attributes: fixed.clone().into_iter().chain(own).collect(),
        }
    };
    rows.into_iter().map(segment).collect()
}

fn normal(rng: &mut impl Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// A number of a name below the bits that tell streams apart: order and neighbours change no draw.
fn of_name(name: &str) -> u64 {
    let digest = Sha256::digest(name.as_bytes());
    let first: [u8; 8] = std::array::from_fn(|k| digest[k]);
    u64::from_le_bytes(first) >> 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::tests::fixture::campaign;
    use crate::language::Explain;
    use crate::language::Language;

    fn shipped() -> Priors {
        Priors::load(&Reference::default()).unwrap()
    }

    const WHERE: &str = "[segments]\nsplit_by = [\"network\", \"age\"]\n\
        where = { network = [\"tiktok\", \"linkedin\"], age = [\"18-24\", \"25-34\"], territory = \"REG-76\" }\n";

    #[test]
    fn segments_are_every_combination_of_the_conditions() {
        let segments = shipped().segments(&campaign(WHERE)).unwrap();
        let ids: Vec<&str> = segments.iter().map(|segment| segment.id.as_str()).collect();
        let asked = ["tiktok · 18-24", "tiktok · 25-34", "linkedin · 18-24", "linkedin · 25-34"];
        assert_eq!(ids, asked);
        assert!(segments.iter().all(|s| s.get(Attribute::Territory) == Some("REG-76")));
    }

    #[test]
    fn what_no_history_can_fill_in_is_asked_for() {
        let priors = shipped();
        let no_network = campaign("[segments]\nwhere = { age = \"18-24\" }\n");
        assert!(matches!(
            priors.segments(&no_network),
            Err(AllocateError::PriorConditions { keys, .. }) if keys == ["network"]
        ));
        let no_age = campaign(
            "[segments]\nsplit_by = [\"network\", \"age\"]\nwhere = { network = \"x\" }\n",
        );
        assert!(matches!(
            priors.segments(&no_age),
            Err(AllocateError::PriorConditions { keys, known }) if keys == ["age"] && known.is_empty()
        ));
        // Everything that is missing is asked for at once.
        let nothing = campaign("[segments]\nsplit_by = [\"age\", \"network\", \"territory\"]\n");
        let trouble = priors.segments(&nothing).unwrap_err();
        assert!(matches!(
            &trouble,
            AllocateError::PriorConditions { keys, .. } if keys == &["network", "age", "territory"]
        ));
        for language in [Language::En, Language::Fr] {
            let told = trouble.explain(language);
            assert!(told.contains("network, age, territory"), "{told}");
            assert!(
                told.contains("where = { network = [\"…\"], age = [\"…\"], territory = [\"…\"] }"),
                "{told}"
            );
            assert!(told.contains("tiktok"), "{told}");
        }
    }

    #[test]
    fn draws_lie_where_the_table_says_and_do_not_depend_on_company() {
        let priors = shipped();
        let campaign = campaign(WHERE);
        let segments = priors.segments(&campaign).unwrap();
        let n = 4000;
        let draws = priors.draws(&segments, &campaign, n, Seed(5), Purpose::Choose);
        let law = priors.table.network["tiktok"].cpm;
        let within = draws.segments[0]
            .draws
            .iter()
            .filter(|d| (law.middle / law.factor..law.middle * law.factor).contains(&d.cpm))
            .count();
        // Four standard errors of 80 % over 4000 draws: 2.5 points.
        assert!((within as f64 / n as f64 - 0.8).abs() < 0.025, "{within}");
        for draw in &draws.segments[0].draws {
            let first = draw.ceiling / draw.scale;
            let rate = draw.follows_rate / priors.table.network["tiktok"].follows;
            // Actions of the first euro: rate / price, whatever the audience.
            assert!((first * draw.cpm - first / rate).abs() < 1e-9 * first * draw.cpm);
        }
        let alone = priors.draws(&segments[1..2], &campaign, n, Seed(5), Purpose::Choose);
        assert_eq!(alone.segments[0].draws, draws.segments[1].draws);
        // Nothing tells two segments of a network apart: one mean curve.
        let mean_cpm = |i: usize| draws.segments[i].draws.iter().map(|d| d.cpm).sum::<f64>();
        assert!((mean_cpm(0) / mean_cpm(1) - 1.0).abs() < 1e-12);
        // Yet they are uncertain together only in part.
        let log = |i: usize, d: usize| {
            let own = draws.segments[i].draws[d];
            (own.ceiling / own.scale).ln()
        };
        let mean = |i: usize| (0..n).map(|d| log(i, d)).sum::<f64>() / n as f64;
        let spread = |i: usize, j: usize| {
            (0..n).map(|d| (log(i, d) - mean(i)) * (log(j, d) - mean(j))).sum::<f64>() / n as f64
        };
        let together = spread(0, 1) / (spread(0, 0) * spread(1, 1)).sqrt();
        assert!((together - priors.table.shared).abs() < 0.06, "{together}");
        assert!((spread(0, 2) / (spread(0, 0) * spread(2, 2)).sqrt()).abs() < 0.08);
    }

    #[test]
    fn a_table_that_cannot_be_is_refused() {
        let mut table = shipped().table;
        table.network.get_mut("x").unwrap().cpm.factor = 0.5;
        assert!(table.check().unwrap_err().contains("network.x.cpm"));
    }
}
