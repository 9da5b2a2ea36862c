//! Whether a posterior that was read is one: sizes and ranges of all that drawing indexes or
//! divides by.

use super::joint::Likelihood;
use super::kept::{
    NetworkPosterior, Particle, Particles, Posterior, Psi, PsiAxis, SegmentPosterior,
};
use crate::numeric::digits::within;
use crate::numeric::linalg::small_cholesky;
use crate::train::density::hyper::Table;
use crate::train::laplace::fit::Profile;

impl Posterior {
    /// Checks sizes and ranges of everything that drawing indexes or divides by.
    pub(crate) fn check(&self, levels: &[usize]) -> Result<(), String> {
        let p = self.p;
        if self.harmonics > 4 || self.networks.is_empty() || self.networks.len() > 10_000 {
            return Err("harmonics or networks out of range".to_owned());
        }
        let has_reach = self.segments.iter().any(|segment| segment.reach_hint.is_some());
        let attributes: usize = levels.iter().map(|n| n * p).sum();
        let common = 2 * p + usize::from(has_reach) + 2 * self.harmonics + attributes;
        if self.common.len() != common {
            return Err(format!("common block: {} numbers, expected {common}", self.common.len()));
        }
        packed("common factor", &self.common_factor, common)?;
        numbers("common", &self.common)?;
        let table = Table { p, attributes: 1 + levels.len(), networks: self.networks.len() };
        let expected = table.roles().count();
        if self.psi.len() != expected {
            return Err(format!("psi: {} parameters, expected {expected}", self.psi.len()));
        }
        let mut scales = self.psi.iter().zip(table.roles());
        if let Some((psi, role)) = scales.find(|(psi, role)| psi.scale != role.scale()) {
            return Err(format!("`{}` is on a scale of its own, not {:?}", psi.name, role.scale()));
        }
        let mut flat = common;
        for network in &self.networks {
            network.check(p, self.harmonics, common)?;
            flat += network.rest.len() + network.scores;
        }
        for psi in &self.psi {
            psi.check()?;
        }
        if self.axes.len() != self.psi.len() {
            return Err(format!("{} axes for {} hyper-parameters", self.axes.len(), expected));
        }
        for axis in &self.axes {
            axis.check(expected, flat)?;
        }
        for segment in &self.segments {
            segment.check(p, &self.networks, levels)?;
        }
        let length = self.stored_len().1;
        if self.draws.len() > 100_000 || self.draws.iter().any(|draw| draw.len() != length) {
            return Err("stored draws do not fit the model".to_owned());
        }
        self.particles.check(self.segments.len(), self.draws.len())?;
        self.draws.iter().try_for_each(|draw| numbers("draws", draw))
    }
}

impl Particles {
    fn check(&self, segments: usize, draws: usize) -> Result<(), String> {
        let ascending = self.segments.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || self.segments.last().is_some_and(|last| *last >= segments) {
            return Err("points about segments that are not there".to_owned());
        }
        let fits = |point: &Particle| {
            point.streams.len() == self.segments.len()
                && point.stored.is_some() == (draws > 0)
                && point.stored.is_none_or(|at| at < draws)
        };
        if self.points.len() > 100_000 || !self.points.iter().all(fits) {
            return Err("points that do not fit the model".to_owned());
        }
        let bounded = |x: &f64| within("points", *x, -40.0, 40.0);
        self.points.iter().flat_map(|point| &point.normals).try_for_each(bounded)
    }
}

impl Psi {
    fn check(&self) -> Result<(), String> {
        within(&self.name, self.mode, -50.0, 50.0)?;
        within(&self.name, self.below, 1e-6, 200.0)?;
        within(&self.name, self.above, 1e-6, 200.0)?;
        within(&self.name, self.least, -1e3, 1e3)?;
        within(&self.name, self.most, -1e3, 1e3)
    }
}

impl PsiAxis {
    fn check(&self, n_psi: usize, flat: usize) -> Result<(), String> {
        if self.direction.len() != n_psi {
            return Err(format!("an axis has {} numbers, expected {n_psi}", self.direction.len()));
        }
        if !self.shift.is_empty() && self.shift.len() != flat {
            return Err(format!("an axis moves {} numbers, expected {flat}", self.shift.len()));
        }
        self.direction.iter().try_for_each(|x| within("axis", *x, -200.0, 200.0))?;
        within("axis below", self.below, 1e-6, 200.0)?;
        within("axis above", self.above, 1e-6, 200.0)?;
        within("axis below_power", self.below_power, 0.5, 5.0)?;
        within("axis above_power", self.above_power, 0.5, 5.0)?;
        if !self.bend.is_empty() && self.bend.len() != flat {
            return Err(format!("an axis bends {} numbers, expected {flat}", self.bend.len()));
        }
        numbers("axis", &self.bend)?;
        if self.narrow.len() != self.narrow_bend.len() || self.narrow.len() > flat {
            return Err(format!("an axis narrows {} numbers", self.narrow.len()));
        }
        numbers("axis", &self.narrow)?;
        numbers("axis", &self.narrow_bend)?;
        numbers("axis", &self.shift)
    }
}

impl NetworkPosterior {
    fn check(&self, p: usize, harmonics: usize, common: usize) -> Result<(), String> {
        let least = p + 1 + 2 * harmonics;
        let rest = self.rest.len();
        if rest < least || rest > least + 100_000 || self.first_week.abs() > 500_000 {
            return Err(format!("network `{}` has a block of {rest}", self.name));
        }
        if self.links.len() != rest * common
            || self.scores > 64
            || self.score_map.len() != self.scores * (rest + common)
        {
            return Err(format!("network `{}`: links or scores do not fit", self.name));
        }
        numbers("rest", &self.rest)?;
        numbers("links", &self.links)?;
        numbers("score_map", &self.score_map)?;
        within("fall_sd", self.fall_sd, 0.0, 1e3)?;
        within("fall_lean", self.fall_lean, -0.3, 0.3)?;
        packed("factor", &self.factor, rest)?;
        packed("score_factor", &self.score_factor, self.scores)
    }
}

impl SegmentPosterior {
    fn check(
        &self,
        p: usize,
        networks: &[NetworkPosterior],
        levels: &[usize],
    ) -> Result<(), String> {
        let Some(network) = networks.get(self.network) else {
            return Err(format!("segment points to network {}", self.network));
        };
        let fits = self.mode.len() == p
            && self.gradient.len() == p
            && self.information.len() == p * (p + 1) / 2
            && self.links.len() == p * (network.scores + 1)
            && self.levels.len() == levels.len()
            && self
                .levels
                .iter()
                .zip(levels)
                .all(|(level, n)| level.is_none_or(|level| level < *n));
        if !fits {
            return Err("a segment's block does not fit its model".to_owned());
        }
        within("usual", self.reference, 1e-300, 1e16)?;
        within("log_usual", self.log_usual, -100.0, 100.0)?;
        within("reach_hint", self.reach_hint.unwrap_or(0.0), -100.0, 100.0)?;
        numbers("mode", &self.mode)?;
        numbers("gradient", &self.gradient)?;
        numbers("information", &self.information)?;
        numbers("links", &self.links)?;
        numbers("tilt", &self.tilt)?;
        if self.profile.is_some() != (self.tilt.len() == 2) || self.profile.is_some() && p != 2 {
            return Err("a segment's profile does not fit its model".to_owned());
        }
        self.profile.as_ref().map_or(Ok(()), Profile::check)?;
        within("level_variance", self.level_variance, 0.0, 1e4)?;
        // Indefinite information could make a draw's precision indefinite.
        let mut matrix = Likelihood::new(self, p).information;
        for (a, row) in matrix.iter_mut().enumerate() {
            row[a] += 1e-6 + 1e-6 * row[a].abs();
        }
        small_cholesky(&matrix, p)
            .map(|_| ())
            .ok_or_else(|| "a segment's information is not positive".to_owned())
    }
}

fn numbers(name: &str, values: &[f64]) -> Result<(), String> {
    values.iter().try_for_each(|value| within(name, *value, -1e15, 1e15))
}

/// A packed lower factor of `n` rows with a positive diagonal.
fn packed(name: &str, values: &[f64], n: usize) -> Result<(), String> {
    if values.len() != n * (n + 1) / 2 {
        return Err(format!("{name}: {} numbers for {n} rows", values.len()));
    }
    numbers(name, values)?;
    let diagonal = (0..n).map(|i| values[i * (i + 1) / 2 + i]);
    if diagonal.clone().any(|x| x <= 0.0) {
        return Err(format!("{name}: a diagonal is not positive"));
    }
    Ok(())
}
