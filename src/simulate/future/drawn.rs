//! One future: a joint draw, and everything chance does in it, the same for every policy.

use pulp::NullaryFnOnce;

use super::context::SimulationContext;
use super::parameters::Parameters;
use crate::numeric::sample::elementary::exp;
use crate::numeric::sample::gamma::Gammas;
use crate::numeric::sample::stream::{Single, Stream, unit};
use crate::numeric::sample::{gamma, normal};
use crate::random::{Purpose, Seed};

/// One replicate's world and its luck. Tables of cells are `weeks × segments`, row-major.
///
/// Every policy meets the same future (common random numbers): the same parameters, shocks,
/// delivery and frailty, and for its counts the same normal and uniform number in each cell, so
/// that a difference between policies is theirs and not luck.
#[derive(Debug, Clone)]
pub struct Future {
    /// Its number, from 0.
    pub replicate: u64,
    /// The seed of the run, for policies that decide by chance.
    pub seed: Seed,
    /// Its joint draw.
    pub draw: usize,
    /// All segments' parameters in that draw.
    pub parameters: Parameters,
    /// Which shocks of the campaign file happen.
    pub happened: Vec<bool>,
    /// `weeks × networks`: the unforeseen factor of each network's week, of mean 1.
    pub network_week: Vec<f64>,
    /// Season × shocks on actions, by cell; the unforeseen factor of the network's week included.
    pub lift: Vec<f64>,
    /// Share of the money that is spent, by cell.
    pub shown: Vec<f64>,
    /// The same without luck: its mean.
    pub shown_mean: Vec<f64>,
    /// What dearer CPMs and delivery noise make of impressions, by cell.
    pub delivery: Vec<f64>,
    /// The same without luck: dearer CPMs alone.
    pub delivery_mean: Vec<f64>,
    /// Frailty of each cell: a gamma number of mean 1, the over-dispersion of its count.
    pub frailty: Vec<f64>,
    /// A normal number for each cell's count.
    pub normals: Vec<f64>,
    /// A uniform number (as bits) for each cell's count.
    pub words: Vec<u64>,
    /// Where the rare branches of counting go on.
    pub single: Single,
    laws: Gammas,
}

impl Future {
    /// The future of a replicate: joint draw `replicate mod draws`, and its own stream.
    pub fn new(context: &SimulationContext<'_>, seed: Seed, replicate: u64) -> Self {
        let mut future = Self {
            replicate,
            seed,
            draw: 0,
            parameters: Parameters::default(),
            happened: Vec::new(),
            network_week: Vec::new(),
            lift: Vec::new(),
            shown: Vec::new(),
            shown_mean: Vec::new(),
            delivery: Vec::new(),
            delivery_mean: Vec::new(),
            frailty: Vec::new(),
            normals: Vec::new(),
            words: Vec::new(),
            single: Single::new(&mut seed.stream(Purpose::Simulate, replicate)),
            laws: Gammas::default(),
        };
        future.become_replicate(context, seed, replicate);
        future
    }

    /// Becomes the future of another replicate, keeping the memory.
    pub fn become_replicate(
        &mut self,
        context: &SimulationContext<'_>,
        seed: Seed,
        replicate: u64,
    ) {
        self.replicate = replicate;
        self.draw = (replicate % context.draws.len() as u64) as usize;
        self.parameters.load(context.draws, self.draw, &context.campaign.points);
        let mut rng = seed.stream(Purpose::Simulate, replicate);
        let mut stream = Stream::new(&mut rng);
        // A generator of its own, so that adding a shock to the campaign moves no other luck.
        let mut fate = Single::new(&mut rng);
        let n = context.weeks * context.segments;
        self.words.resize(n, 0);
        self.normals.resize(n, 0.0);
        self.happen(context, &mut fate);
        self.lift_actions(context);
        self.deliver(context, &mut stream);
        self.disperse(context, &mut stream);
        stream.fill(context.arch, &mut self.words);
        normal::fill(&self.words, stream.single(), &mut self.normals);
        stream.fill(context.arch, &mut self.words);
        self.single = stream.single().clone();
    }

    /// Whether a shock of the campaign file happens in it.
    #[must_use]
    pub fn is_shocked(&self) -> bool {
        self.happened.iter().any(|happened| *happened)
    }

    /// Each network's luck of the week, `exp(σ z − σ²/2)`, and which shocks happen.
    fn happen(&mut self, context: &SimulationContext<'_>, single: &mut Single) {
        let shared = &context.draws.shared[self.draw];
        let sd = shared.shock_sd;
        let n = context.weeks * context.draws.networks.len();
        let words: Vec<u64> = (0..n).map(|_| single.word()).collect();
        self.network_week.resize(n, 0.0);
        normal::fill(&words, single, &mut self.network_week);
        self.network_week.iter_mut().for_each(|z| *z = exp(sd * *z - 0.5 * sd * sd));
        self.happened.clear();
        self.happened
            .extend(context.shocks.iter().map(|shock| single.uniform() < shock.probability));
    }

    fn lift_actions(&mut self, context: &SimulationContext<'_>) {
        let networks = context.draws.networks.len();
        let seasons = context.draws.season_len();
        let log_season = &context.draws.shared[self.draw].log_season;
        self.lift.clear();
        let mut of_network = vec![0.0; networks];
        for week in 0..context.weeks {
            for (network, lift) in of_network.iter_mut().enumerate() {
                let season = exp(log_season[network * seasons + week.min(seasons - 1)]);
                *lift = season * self.network_week[week * networks + network];
            }
            self.lift.extend(context.draws.segments.iter().map(|s| of_network[s.network]));
        }
        for (shock, _) in happened(context, &self.happened) {
            shock.cells.iter().for_each(|cell| self.lift[*cell] *= shock.actions);
        }
    }

    /// Money spent and impressions bought: log-normal noise of mean 1 on impressions; where
    /// platforms leave money unspent, a share with `P(spent ≤ x) = x^((1−m)/m)`, mean `1 − m`.
    fn deliver(&mut self, context: &SimulationContext<'_>, stream: &mut Stream) {
        let n = context.weeks * context.segments;
        let sd = context.draws.shared[self.draw].delivery_sd;
        for (table, value) in [
            (&mut self.shown, 1.0),
            (&mut self.shown_mean, 1.0 - context.unspent),
            (&mut self.delivery, 1.0),
            (&mut self.delivery_mean, 1.0),
        ] {
            table.clear();
            table.resize(n, value);
        }
        if sd > 0.0 {
            stream.fill(context.arch, &mut self.words);
            normal::fill(&self.words, stream.single(), &mut self.delivery);
            context.arch.dispatch(LogNormal { sd, numbers: &mut self.delivery });
        }
        if context.unspent > 0.0 {
            stream.fill(context.arch, &mut self.words);
            let power = context.unspent / (1.0 - context.unspent);
            for (shown, word) in self.shown.iter_mut().zip(&self.words) {
                *shown = (1.0 - unit(*word)).powf(power);
            }
        }
        for (shock, _) in happened(context, &self.happened) {
            for cell in &shock.cells {
                self.delivery[*cell] /= shock.cpm;
                self.delivery_mean[*cell] /= shock.cpm;
                if shock.actions == 0.0 {
                    (self.shown[*cell], self.shown_mean[*cell]) = (0.0, 0.0);
                }
            }
        }
    }

    fn disperse(&mut self, context: &SimulationContext<'_>, stream: &mut Stream) {
        let dispersion = &context.draws.shared[self.draw].dispersion;
        self.laws.clear();
        for segment in &context.draws.segments {
            self.laws.push(dispersion[segment.network]);
        }
        let n = context.segments;
        self.frailty.resize(n * context.weeks, 0.0);
        stream.fill(context.arch, &mut self.words);
        normal::fill(&self.words, stream.single(), &mut self.normals);
        stream.fill(context.arch, &mut self.words);
        for week in 0..context.weeks {
            let cells = week * n..(week + 1) * n;
            gamma::fill(
                context.arch,
                &self.laws,
                &self.normals[cells.clone()],
                &self.words[cells.clone()],
                stream.single(),
                &mut self.frailty[cells],
            );
        }
    }
}

/// Normal numbers become log-normal ones of mean 1.
struct LogNormal<'a> {
    sd: f64,
    numbers: &'a mut [f64],
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for LogNormal<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let sd = self.sd;
        self.numbers.iter_mut().for_each(|z| *z = exp(sd * *z - 0.5 * sd * sd));
    }
}

fn happened<'s>(
    context: &'s SimulationContext<'_>,
    happened: &[bool],
) -> impl Iterator<Item = (&'s super::context::ShockCells, bool)> {
    let flags: Vec<bool> = happened.to_vec();
    context.shocks.iter().zip(flags).filter(|(_, happened)| *happened)
}
