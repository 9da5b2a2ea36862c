//! What a history says, as the likelihood asks for it.

use super::belief::Belief;
use crate::action::Action;
use crate::generate::response::{Family, TrueResponse};
use crate::generate::world::World;
use crate::numeric::sample::elementary::{exp, ln, ln_1p};
use crate::response::exposure::saturation;
use crate::response::memory;
use crate::response::memory::{Remembered, WEEKS};

/// Position of each level in a segment's parameters.
pub(super) const AUDIENCE: usize = 0;
pub(super) const RATE: usize = 1;
pub(super) const WEAR_OUT: usize = 2;
pub(super) const SHAPE: usize = 3;
/// Slope of a Hill curve, exponent of a power; of the flexible curve `ln(1 + k)`.
pub(super) const BEND: usize = 4;
/// Logarithm of what the curve's scale is beside the `p/A` of reach; 0 where the form is told.
pub(super) const LOOSE: usize = 5;
/// Parameters of a segment that its counts and reach speak of: `ln A`, `ln q`, `logit p`, `ln k`,
/// the bend, and how loose the scale is.
pub(super) const PARAMETERS: usize = 6;

/// A segment's parameters.
pub(super) type Point = [f64; PARAMETERS];

/// The form that a planner holds a curve for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// One of the generator's.
    Known(Family),
    /// `(1 + k)/k · [1 − (1 + z/(1 + k))^(−k)]`: exponential for `k → ∞`, a logarithm at 0, a
    /// power for `−1 < k < 0`; slope 1 and bend −1 at no exposure.
    Flexible(f64),
}

impl Form {
    fn cumulated(self, z: f64) -> f64 {
        match self {
            Self::Known(family) => family.cumulated(z),
            Self::Flexible(k) => flexible(z, k),
        }
    }
}

#[inline]
fn flexible(z: f64, k: f64) -> f64 {
    let room = 1.0 + k;
    let grown = ln_1p(z / room);
    // Near the logarithm the difference of two almost equal numbers is its series.
    if (k * grown).abs() < 1e-5 {
        room * grown * (1.0 - 0.5 * k * grown)
    } else {
        room / k * (1.0 - exp(-k * grown))
    }
}

/// A curve over a flight, as one planner holds it.
pub(super) struct CommittedSpend {
    form: Form,
    ceiling: f64,
    scale: f64,
}

impl CommittedSpend {
    /// Expected actions of each week, as [`TrueResponse::weeks`] has them.
    pub(super) fn weeks(&self, like: &TrueResponse, spend: f64, weights: &[f64]) -> f64 {
        let effective = like.effective_spend(spend);
        let (shares, exposure) = (memory::shares(like.carryover), effective / self.scale);
        let lucky = HERMITE.map(|(node, share)| {
            (exposure * (like.delivery_sd * (node - 0.5 * like.delivery_sd)).exp(), share)
        });
        let cumulated = |z: f64| if z > 0.0 { self.form.cumulated(z) } else { 0.0 };
        let (mut remembered, mut sum) = (Remembered::NOTHING, 0.0);
        for weight in weights {
            let gain: f64 = lucky
                .iter()
                .map(|(now, share)| share * memory::gain(&shares, &remembered, *now, cumulated))
                .sum();
            remembered.pass(exposure);
            sum += weight * self.ceiling * gain;
        }
        sum
    }
}

/// Three-point Gauss-Hermite rule for a standard normal: for noise of a tenth good to 1e-6.
const HERMITE: [(f64, f64); 3] =
    [(-1.732_050_807_568_877_2, 1.0 / 6.0), (0.0, 2.0 / 3.0), (1.732_050_807_568_877_2, 1.0 / 6.0)];

/// One segment's history.
pub(super) struct Observed {
    form: Family,
    belief: Belief,
    /// Impressions remembered by week. The scaled exposure is `p/A` times it, whatever the CPM.
    remembered: Vec<Remembered>,
    /// Memory across weeks, as the planner knows it.
    shares: [f64; WEEKS],
    /// Season, drift and shock.
    level: Vec<f64>,
    counts: Vec<f64>,
    dispersion: f64,
    /// Reactions are Poisson at so many times the mean; `None`: not looked at.
    reactions: Option<(f64, Vec<f64>)>,
    impressions: Vec<f64>,
    /// Reported reach, where it is reported.
    reach: Vec<f64>,
    reach_sd: f64,
    /// Weeks, and the mean of what each says of `ln CPM`.
    pub(super) cpm: (f64, f64),
}

impl Observed {
    /// Reads one segment's cells off the panel that the product sees.
    pub(super) fn of(world: &World, segment: usize, belief: Belief, reactions_too: bool) -> Self {
        let panel = world.panel();
        let truth = world.truth(segment);
        let network = &world.networks()[truth.network];
        let spec = world.spec();
        let response = &truth.response;
        let mut seen = Self {
            form: response.family,
            belief,
            remembered: Vec::new(),
            shares: memory::shares(world.carryover()),
            level: Vec::new(),
            counts: Vec::new(),
            dispersion: network.dispersion,
            reactions: None,
            impressions: Vec::new(),
            reach: Vec::new(),
            reach_sd: spec.noise.reach,
            cpm: (0.0, 0.0),
        };
        let mut reactions = Vec::new();
        let mut remembered = Remembered::NOTHING;
        let mut log_cpm = 0.0;
        for cell in panel.cells.iter().filter(|cell| cell.segment == segment) {
            let week = cell.period.and_then(|period| period.week()).expect("a panel of weeks");
            let impressions = cell.impressions.expect("every network reports impressions");
            if cell.new_creative {
                remembered = Remembered::NOTHING;
            }
            seen.remembered.push(remembered);
            remembered.pass(impressions);
            let at = (week.index() - world.first_week().index()) as usize;
            seen.level.push(world.season(segment, week) * network.shock[at].exp());
            let active = Action::ACTIVE.iter().filter_map(|kind| cell.actions.get(*kind));
            seen.counts.push(active.sum());
            reactions.push(cell.actions.get(Action::Reactions).unwrap_or(0.0));
            seen.impressions.push(impressions);
            if let Some(reach) = cell.reach {
                seen.reach.push(reach);
            }
            let bought = 1000.0 * response.effective_spend(cell.spend);
            log_cpm += (bought / impressions).ln() - 0.5 * spec.noise.delivery.powi(2);
        }
        let weeks = seen.counts.len() as f64;
        seen.cpm = (weeks, log_cpm / weeks.max(1.0));
        let ratio = spec.networks[truth.network].reactions;
        if reactions_too && ratio > 0.0 {
            seen.reactions = Some((ratio, reactions));
        }
        seen
    }

    /// The curve of these parameters and this CPM.
    pub(super) fn held(&self, at: &Point, log_cpm: f64) -> CommittedSpend {
        let (form, per_person, ceiling) = self.curve(at);
        CommittedSpend { form, ceiling, scale: log_cpm.exp() / (1000.0 * per_person) }
    }

    /// Form, scaled exposure per impression, and what one unit of the form stands for.
    fn curve(&self, at: &Point) -> (Form, f64, f64) {
        let shape = at[SHAPE].exp();
        let wear_out = logistic(at[WEAR_OUT]);
        let per_person = wear_out * (at[LOOSE] - at[AUDIENCE]).exp();
        let ceiling = at[RATE].exp() / per_person;
        let ours = Family::Exposure { shape };
        let family = match (self.belief, self.form) {
            (Belief::Flexible, _) => {
                return (Form::Flexible(at[BEND].exp() - 1.0), per_person, ceiling);
            }
            (Belief::Ours, _) => return (Form::Known(ours), per_person, ceiling),
            (Belief::Message, Family::Exposure { .. }) => ours,
            (Belief::Message, Family::Hill { .. }) => Family::Hill { slope: at[BEND] },
            (Belief::Message, Family::Power { .. }) => Family::Power { exponent: at[BEND] },
            (Belief::Message, other) => other,
        };
        let meet = saturation(1.0, shape) / family.cumulated(1.0);
        (Form::Known(family), per_person, ceiling * meet)
    }

    /// Logarithm of the likelihood of counts and reach, up to a constant.
    pub(super) fn log_likelihood(&self, at: &Point) -> f64 {
        let (form, per_person, ceiling) = self.curve(at);
        let counted = match form {
            Form::Known(Family::Exposure { shape }) => {
                self.counted(per_person, ceiling, |z| 1.0 - exp(-shape * ln_1p(z / shape)))
            }
            Form::Known(Family::Exponential) => {
                self.counted(per_person, ceiling, |z| 1.0 - exp(-z))
            }
            Form::Known(Family::Hill { slope } | Family::Threshold { slope }) => {
                self.counted(per_person, ceiling, |z| {
                    // Nothing remembered is no exposure at all.
                    let power = exp(slope * ln(z.max(1e-300)));
                    power / (1.0 + power)
                })
            }
            Form::Known(Family::Power { exponent }) => {
                self.counted(per_person, ceiling, |z| exp(exponent * ln(z.max(1e-300))))
            }
            Form::Known(Family::Logarithm) => self.counted(per_person, ceiling, ln_1p),
            Form::Flexible(k) => self.counted(per_person, ceiling, |z| flexible(z, k)),
        };
        counted + self.reached(at)
    }

    fn counted(&self, per_person: f64, ceiling: f64, form: impl Fn(f64) -> f64) -> f64 {
        let phi = self.dispersion;
        let mut sum = 0.0;
        for t in 0..self.counts.len() {
            let remembered = self.remembered[t].scaled(per_person);
            let now = per_person * self.impressions[t];
            let gain = memory::gain(&self.shares, &remembered, now, &form);
            let mean = (ceiling * self.level[t] * gain).max(1e-100);
            let log_mean = ln(mean);
            sum += self.counts[t] * log_mean - (self.counts[t] + phi) * ln(mean + phi);
            if let Some((ratio, reactions)) = &self.reactions {
                sum += reactions[t] * log_mean - ratio * mean;
            }
        }
        sum
    }

    fn reached(&self, at: &Point) -> f64 {
        if self.reach.is_empty() {
            return 0.0;
        }
        let (shape, sd) = (at[SHAPE].exp(), self.reach_sd);
        let mut sum = 0.0;
        for (reach, impressions) in self.reach.iter().zip(&self.impressions) {
            let exposure = impressions * exp(-at[AUDIENCE]);
            let people = 1.0 - exp(-shape * ln_1p(exposure / shape));
            let middle = at[AUDIENCE] + ln(people) - 0.5 * sd * sd;
            if reach < impressions {
                let off = (ln(*reach) - middle) / sd;
                sum -= 0.5 * off * off;
            } else {
                // Never more people than impressions: what is known is that it was at least so.
                let off = (ln(*impressions) - middle) / sd;
                let tail = 0.5 * statrs::function::erf::erfc(off / std::f64::consts::SQRT_2);
                sum += tail.max(1e-300).ln();
            }
        }
        sum
    }
}

pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

pub(super) fn logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}
