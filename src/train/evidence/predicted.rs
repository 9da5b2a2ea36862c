//! What a joint draw expects a test to measure.

use super::matched::Matched;
use super::table::EffectUnit;
use crate::response::flight::WeeklyResponse;
use crate::train::data::design::drift_weights;
use crate::train::posterior::file::ModelFile;
use crate::train::posterior::joint::{Horizon, JointDraw, share};
use crate::units::Week;

/// Tests beside a model, ready to be asked about draws.
pub(super) struct Asked<'a> {
    file: &'a ModelFile,
    tests: &'a [&'a Matched],
    pub horizon: Horizon<'a>,
    weeks: Vec<Week>,
    /// All audiences of the tests, ascending.
    pub segments: Vec<usize>,
    /// Normals that a draw takes, by whether it is one of the reference engine's.
    normals: usize,
}

/// What test and control bring, `audiences` of one test.
pub(super) type Arms = Vec<[f64; 2]>;

impl<'a> Asked<'a> {
    pub(super) fn new(file: &'a ModelFile, tests: &'a [&'a Matched]) -> Self {
        let mut weeks: Vec<Week> =
            tests.iter().flat_map(|test| test.weeks.iter().map(|(week, _)| *week)).collect();
        weeks.sort_unstable();
        weeks.dedup();
        let audiences = tests.iter().flat_map(|test| &test.audiences);
        let mut segments: Vec<usize> = audiences.map(|own| own.segment).collect();
        segments.sort_unstable();
        segments.dedup();
        let horizon = Horizon::new(file, &weeks);
        let stored = (!file.posterior.draws.is_empty()).then_some(0);
        let normals = horizon.normals(stored);
        Self { file, tests, horizon, weeks, segments, normals }
    }

    /// Normals of a point: those of its draw, then one per network.
    pub(super) fn normals(&self) -> usize {
        self.normals + self.file.posterior.networks.len()
    }

    /// The draw that normals make.
    pub(super) fn draw(&self, stored: Option<usize>, normals: &[f64]) -> JointDraw {
        let mut numbers = normals[..self.normals].iter().copied();
        let mut draw = self.horizon.draw(stored, &mut || numbers.next().unwrap_or(0.0));
        draw.incremental = normals[self.normals..].iter().map(|own| share(*own)).collect();
        draw
    }

    /// What the arms of every test bring, given each audience's stream.
    pub(super) fn arms(&self, draw: &JointDraw, streams: &[u32]) -> Vec<Arms> {
        let responses: Vec<WeeklyResponse> = self
            .segments
            .iter()
            .zip(streams)
            .map(|(segment, stream)| self.horizon.response(draw, *segment, *stream))
            .collect();
        let mut arms = vec![Vec::new(); self.tests.len()];
        for (test, arms) in self.tests.iter().zip(&mut arms) {
            for audience in &test.audiences {
                let at = self.segments.binary_search(&audience.segment).unwrap_or_default();
                arms.push(self.both(draw, test, audience.segment, &responses[at]));
            }
        }
        arms
    }

    /// The arms anew of one audience, at a position of `segments`.
    pub(super) fn renew(&self, draw: &JointDraw, at: usize, stream: u32, arms: &mut [Arms]) {
        let segment = self.segments[at];
        let response = self.horizon.response(draw, segment, stream);
        for (test, arms) in self.tests.iter().zip(arms) {
            for (audience, own) in test.audiences.iter().zip(arms) {
                if audience.segment == segment {
                    *own = self.both(draw, test, segment, &response);
                }
            }
        }
    }

    fn both(
        &self,
        draw: &JointDraw,
        test: &Matched,
        segment: usize,
        response: &WeeklyResponse,
    ) -> [f64; 2] {
        let network = self.file.posterior.segments[segment].network;
        let level = self.level(draw, test, network);
        let audience = test.audiences.iter().find(|own| own.segment == segment);
        audience.map_or([0.0; 2], |own| {
            own.spend.map(|money| own.counts * level * test.length * response.steady(money))
        })
    }

    /// Mean factor of a test's weeks against the average week of now.
    fn level(&self, draw: &JointDraw, test: &Matched, network: usize) -> f64 {
        let n = self.weeks.len();
        let own = &draw.log_season[network * n..(network + 1) * n];
        let factor = |(week, share): &(Week, f64)| {
            let at = self.weeks.binary_search(week).unwrap_or_default();
            share * (own[at] + self.drift(draw, network, *week)).exp()
        };
        test.weeks.iter().map(factor).sum()
    }

    /// Log of a network's slow level in a week of the history against that of its last.
    fn drift(&self, draw: &JointDraw, network: usize, week: Week) -> f64 {
        let posterior = &self.file.posterior;
        let own = &posterior.networks[network];
        let before = posterior.p + 1 + 2 * posterior.harmonics;
        let knots = own.rest.len() - before;
        let back = (own.first_week + own.n_weeks as i64 - 1 - week.index()).max(0) as f64;
        let weights = drift_weights(knots, back / f64::from(self.file.specification.drift_weeks));
        let at = |knot: usize| own.rest[before + knot] + draw.shared.rest[network][before + knot];
        weights.iter().filter(|(_, by)| *by != 0.0).map(|(knot, by)| by * at(*knot)).sum()
    }

    /// What each test is expected to measure.
    pub(super) fn effects(&self, draw: &JointDraw, arms: &[Arms]) -> Vec<f64> {
        let own = self.tests.iter().zip(arms);
        own.map(|(test, arms)| self.effect(draw, test, arms)).collect()
    }

    fn effect(&self, draw: &JointDraw, test: &Matched, arms: &Arms) -> f64 {
        if test.unit == EffectUnit::Percent {
            let [more, less] = [0, 1].map(|arm| arms.iter().map(|own| own[arm]).sum::<f64>());
            return 100.0 * (more / less - 1.0);
        }
        let share = |segment: usize| {
            let network = self.file.posterior.segments[segment].network;
            if test.reported { 1.0 } else { draw.incremental[network] }
        };
        let own = test.audiences.iter().zip(arms);
        let over: f64 = own.map(|(own, arms)| share(own.segment) * (arms[0] - arms[1])).sum();
        if test.unit == EffectUnit::ActionsPerWeek { over / test.length } else { over }
    }

    /// Log likelihood of expected effects.
    pub(super) fn log_likelihood(&self, effects: &[f64]) -> f64 {
        let own = self.tests.iter().zip(effects);
        let log =
            |(test, effect): (&&Matched, &f64)| -0.5 * ((test.effect - effect) / test.se).powi(2);
        let sum: f64 = own.map(log).sum();
        if sum.is_finite() { sum } else { f64::MIN }
    }
}
