//! Panel + specification → a model that draws jointly from its posterior.
//!
//! One joint density, two engines. `inner` finds the mode and curvature of segments and shared
//! effects given the hyper-parameters, `outer` the hyper-parameters; `posterior` keeps what
//! drawing needs, `sample` draws, `model` is the file.

pub use self::data::followed::{Followed, Following};
pub use self::data::specification::{Baseline, Prior, Specification, SpecificationError};
pub use self::effects::organic::Evidence as OrganicEvidence;
pub use self::fitted::explain::{Explanation, explanation};
pub use self::fitted::export::ArvizDraws;
pub use self::fitted::model::{Model, ModelError};

use self::data::design::{Design, Layers};
use self::data::prepare::{Prepared, prepare};
use self::fitted::note::TrainNote;
use self::nuts::target::{Density, Ground};

use thiserror::Error;

use crate::language::{Explain, Language};
use crate::panel::Panel;
use crate::random::Seed;

/// How the posterior is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// Nested Laplace approximation: fast, and checks itself.
    #[default]
    Nested,
    /// Hamiltonian Monte Carlo on the same log density: slow, exact in the limit.
    Nuts,
    /// The fast engine; where its weights have no mean (Pareto k̂ of the hyper-parameters above 1) and
    /// the panel is small enough to be walked in some ten seconds, the reference engine. Between 0.7
    /// and 1 its widened intervals cover as well as the reference engine's, at a hundredth of the
    /// cost (14 sparse panels of 190 to 780 cells: 81 % of truths in 80 % intervals either way).
    Auto,
}

/// Cells up to which [`Engine::Auto`] falls back to the reference engine.
const FALL_BACK: usize = 800;

impl Engine {
    /// The name used in files and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nested => "nested",
            Self::Nuts => "nuts",
            Self::Auto => "auto",
        }
    }
}

/// No model can be learnt from this panel.
#[derive(Debug, Error)]
pub enum TrainError {
    /// No segment or no cell.
    #[error("the panel has no rows")]
    EmptyPanel,
    /// No row has any spend.
    #[error("no row has any spend: without money there is no response to learn")]
    NoSpend,
    /// No row reports an active kind of action.
    #[error("no row reports an active kind of action (shares, comments, saves, clicks …)")]
    NothingToLearn,
    /// The specification needs reach.
    #[error("the specification `{0}` needs reach, and no row reports any")]
    NeedsReach(String),
    /// A cell holds what no export can.
    #[error("cell {row}, `{column}`: found {found}, expected a finite number of at least 0")]
    BadCell {
        /// Position in the panel, from 1.
        row: usize,
        /// Its column.
        column: String,
        /// What was found.
        found: f64,
    },
    /// Dates that cannot belong to one history.
    #[error("dates run from {from} to {to}, more than 20 years: one of them is wrong")]
    DatesTooFar {
        /// The first day.
        from: jiff::civil::Date,
        /// The last day.
        to: jiff::civil::Date,
    },
    /// The sampler gave up.
    #[error("the sampler gave up: {0}")]
    Sampler(String),
    /// The search found no mode.
    #[error("the fit did not settle: the panel contradicts the model too strongly")]
    DidNotSettle,
}

impl Explain for TrainError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::EmptyPanel => language.text("error-train-empty-panel"),
            Self::NoSpend => language.text("error-train-no-spend"),
            Self::NothingToLearn => language.text("error-train-nothing-to-learn"),
            Self::NeedsReach(name) => language.say("error-train-needs-reach", &[("name", name)]),
            Self::BadCell { row, column, found } => language.say(
                "error-train-bad-cell",
                &[
                    ("row", &language.number(*row as f64, 0)),
                    ("column", column),
                    ("found", &found.to_string()),
                ],
            ),
            Self::DatesTooFar { from, to } => language.say(
                "error-train-dates-too-far",
                &[("from", &language.date(*from)), ("to", &language.date(*to))],
            ),
            Self::Sampler(reason) => language.say("error-train-sampler", &[("reason", reason)]),
            Self::DidNotSettle => language.text("error-train-did-not-settle"),
        }
    }
}

/// Layers that a panel's columns can teach.
fn layers(panel: &Panel) -> Vec<String> {
    let impressions = panel.cells.iter().any(|cell| cell.impressions.is_some());
    let reach = panel.cells.iter().any(|cell| cell.reach.is_some() && cell.impressions.is_some());
    let mut layers = Vec::new();
    for (name, speaks) in [("delivery", impressions), ("reach", reach), ("engagement", true)] {
        if speaks {
            layers.push(name.to_owned());
        }
    }
    layers
}

/// Learns a model with the fast engine.
///
/// # Errors
///
/// [`TrainError`] says why nothing can be learnt.
pub fn fit(panel: &Panel, specification: &Specification, seed: Seed) -> Result<Model, TrainError> {
    fit_with(panel, specification, Engine::Nested, seed)
}

/// Learns a model with a chosen engine.
///
/// # Errors
///
/// [`TrainError`] says why nothing can be learnt.
pub fn fit_with(
    panel: &Panel,
    specification: &Specification,
    engine: Engine,
    seed: Seed,
) -> Result<Model, TrainError> {
    if specification.needs_reach && panel.cells.iter().all(|cell| cell.reach.is_none()) {
        return Err(TrainError::NeedsReach(specification.name.clone()));
    }
    data::design::check(panel)?;
    let followed = Followed::of(panel);
    let Prepared { panel, taught, notes, left_out, bare } = prepare(panel);
    let panel = panel.as_ref();
    let taught = taught.as_ref().unwrap_or(panel);
    let layers = Layers::new(taught, specification)?;
    let mut design = Design::new(taught, specification, &layers)?;
    design.notes.extend(notes);
    design.left_out = left_out;
    design.bare = bare;
    design.followed = followed;
    let mut fitted = laplace::outer::fit(&design, specification, None, seed)?;
    if effects::wander::find(&mut design, &fitted, specification, None) {
        fitted = laplace::outer::fit(&design, specification, Some(&fitted), seed)?;
    }
    fitted.sites = correction::sites::sites(&design, specification, &fitted, seed);
    fitted.centre = correction::centre::centre(&design, specification, &fitted);
    learnt(panel, specification, engine, &design, layers, &fitted, seed)
}

/// What follows from how far the fast engine is to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Its answer stands.
    Stands,
    /// The reference engine was asked for, or takes over.
    Walk,
    /// Its weights have no mean, so that wider intervals may not mend it, and the panel is too
    /// large to be walked unasked, or the fast engine was asked for: a finding. Between
    /// [`laplace::outer::TRUSTED`] and here its intervals are widened, with a note: most panels of some
    /// thousand cells land there by chance, and a finding that comes every time is read by nobody.
    NotConfirmed,
}

impl Verdict {
    fn of(engine: Engine, pareto_k: f64, cells: usize) -> Self {
        let hopeless = pareto_k > laplace::outer::HOPELESS;
        match engine {
            Engine::Nuts => Self::Walk,
            Engine::Auto if hopeless && cells <= FALL_BACK => Self::Walk,
            _ if pareto_k > laplace::outer::SURELY_HOPELESS => Self::NotConfirmed,
            _ => Self::Stands,
        }
    }
}

/// The model of a fit, walked by the reference engine where that is asked for or needed.
fn learnt(
    panel: &Panel,
    specification: &Specification,
    engine: Engine,
    design: &Design,
    layers: Layers,
    fitted: &laplace::outer::Fitted,
    seed: Seed,
) -> Result<Model, TrainError> {
    let verdict = Verdict::of(engine, fitted.pareto_k, design.n_cells);
    let used = if verdict == Verdict::Walk { Engine::Nuts } else { Engine::Nested };
    let mut model = Model::new(panel, specification, used, design, layers, fitted);
    match verdict {
        Verdict::Stands => {}
        Verdict::NotConfirmed => model.say(TrainNote::NotConfirmed),
        Verdict::Walk => {
            if engine == Engine::Auto {
                model.say(TrainNote::FellBack);
            }
            let ground = Ground::new(design, specification, fitted);
            let density = Density::new(design, fitted, &ground);
            model.keep_sample(fitted, &nuts::run::sample(density, seed)?);
        }
    }
    Ok(model)
}

#[cfg(test)]
mod calibration;
pub(crate) mod correction;
pub mod data;
pub(crate) mod density;
pub(crate) mod effects;
pub mod fitted;
pub(crate) mod laplace;
pub(crate) mod nuts;
pub mod posterior;

#[cfg(test)]
pub(crate) mod markets;

#[cfg(test)]
mod suppressed;

#[cfg(test)]
mod worlds;

#[cfg(test)]
mod tests;

#[cfg(test)]
mod thin;
