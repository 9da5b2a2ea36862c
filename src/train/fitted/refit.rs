//! Learning again after one more week: hyper-parameters are kept, everything else moves.
//!
//! The mean beside the mode is looked for as in a fit from scratch, and to first order that holds
//! what each segment's own skewness does; the points by which a fit weighs every segment are left
//! out. Worst segment's mean against a fit from scratch, at the usual spend and at twice (posterior
//! standard deviations; CPU on one panel of 40 × 52, where a fit takes 0.3 s):
//!
//! | | 12 × 26 | 40 × 52 | CPU |
//! |---|---|---|---|
//! | mode alone | 0.10, 0.31 | 0.06, 0.19 | 1 ms |
//! | mean beside it | 0.11, 0.25 | 0.06, 0.08 | 1 ms |
//! | and segments weighed | 0.11, 0.24 | 0.06, 0.08 | 2 ms |
//!
//! What is left on the small panel is the hyper-parameters', which are kept. Measured with
//! `cargo test --release --lib what_learning_again_loses -- --ignored --nocapture`.

use crate::panel::Panel;
use crate::random::Seed;
use crate::train::data::design::{Design, Layers};
use crate::train::data::prepare::{Prepared, prepare};
use crate::train::density::state::{Layout, State};
use crate::train::engine::Engine;
use crate::train::error::TrainError;
use crate::train::fit;
use crate::train::laplace::fit::Axis;
use crate::train::laplace::outer;
use crate::train::posterior::file::Model;

impl Model {
    /// Learns from a panel that has grown by a few weeks, starting from this model.
    ///
    /// Hyper-parameters (spreads, dispersions, memory) stay what they were: a few weeks hardly
    /// move them, and finding them is nearly all the cost of a fit. A panel with other networks
    /// or other attribute values is learnt from scratch.
    ///
    /// # Errors
    ///
    /// [`TrainError`] as for [`fit`].
    pub fn refit(&self, panel: &Panel, seed: Seed) -> Result<Self, TrainError> {
        let file = self.file();
        crate::train::data::design::check(panel)?;
        let Prepared { panel: prepared, taught, notes, left_out, bare } = prepare(panel);
        let taught = taught.as_ref().unwrap_or(prepared.as_ref());
        let layers = Layers::new(taught, &file.specification)?;
        let mut design =
            Design::delayed(taught, &file.specification, &layers, file.delays.clone())?;
        design.notes.extend(notes);
        design.left_out = left_out;
        design.bare = bare;
        design.believe(crate::train::data::followed::Followed::of(panel));
        if !self.fits(&design) {
            let model = fit(panel, &file.specification, seed)?;
            return Ok(model.given_tests_of(self, seed));
        }
        let psi = file.posterior.psi.iter().map(|psi| psi.mode).collect();
        let axes = file.posterior.axes.iter().map(|axis| {
            let (below, above) = axis.tails();
            let direction = axis.direction.clone();
            Axis { direction, below, above, shift: None, bend: None, narrow: None }
        });
        let start = |layout: &Layout| self.start(&design, layout);
        let mut fitted = outer::refit(&design, &file.specification, psi, axes.collect(), start)?;
        if crate::train::effects::local_level::find(
            &mut design,
            &fitted,
            &file.specification,
            Some(file.segment_drift),
        ) {
            let (psi, axes, state) = (fitted.psi, fitted.axes, fitted.state);
            fitted = outer::refit(&design, &file.specification, psi, axes, |_| state)?;
        }
        fitted.centre =
            crate::train::correction::centre::centre(&design, &file.specification, &fitted);
        let mut model =
            Self::new(&prepared, &file.specification, Engine::Nested, &design, layers, &fitted);
        model.keep_movements(self);
        Ok(model.given_tests_of(self, seed))
    }

    /// The model given the tests that an earlier one was given.
    fn given_tests_of(self, earlier: &Self, seed: Seed) -> Self {
        let tests: Vec<_> = earlier.tests().iter().map(|own| own.test.clone()).collect();
        if tests.is_empty() { self } else { self.with_tests(&tests, seed) }
    }

    /// Whether the shared effects of this model are those of a design.
    fn fits(&self, design: &Design) -> bool {
        let file = self.file();
        let networks = file.posterior.networks.iter().map(|network| &network.name);
        let pooled = file.pooled.iter().map(|pooled| (&pooled.name, &pooled.levels));
        file.posterior.p == design.p()
            && file.posterior.harmonics == design.harmonics
            && file.posterior.segments.iter().any(|s| s.reach_hint.is_some()) == design.has_reach
            && networks.eq(design.networks.iter().map(|network| &network.name))
            && pooled.eq(design.pooled.iter().map(|pooled| (&pooled.name, &pooled.levels)))
    }

    /// This model's mode as a starting point for a design; week effects begin at their season.
    fn start(&self, design: &Design, layout: &Layout) -> State {
        let file = self.file();
        let mut state = State::start(design, layout, &file.specification);
        state.common.clone_from(&file.posterior.common);
        for (n, (own, kept)) in state.networks.iter_mut().zip(&file.posterior.networks).enumerate()
        {
            let weeks = layout.weeks[n];
            // Effects, log fall and season; drift knots are counted from the last week, which moved.
            let fixed = layout.p + 1 + 2 * layout.harmonics;
            own[weeks..weeks + fixed].copy_from_slice(&kept.rest[..fixed]);
            for (t, level) in own[..weeks].iter_mut().enumerate() {
                let terms = design.fourier(design.networks[n].first_week + t as i64);
                let seasons = &kept.rest[layout.season()..fixed];
                let common = &state.common[layout.common_season()..];
                *level = terms
                    .iter()
                    .zip(seasons.iter().zip(common))
                    .map(|(x, (own, common))| x * (own + common))
                    .sum();
            }
        }
        for (i, segment) in design.segments.iter().enumerate() {
            state.theta[i] =
                crate::train::density::state::prior_mean(design, layout, &state, segment);
        }
        state
    }
}
