//! Panel + specification → a model that draws jointly from its posterior.
//!
//! One joint density, two engines (symbols and derivations: `docs/MODEL.md`).
//!
//! 1. `data`: the panel prepared and laid out as the likelihood sees it.
//! 2. `effects`: what is fitted first and handed on: delivery, reach, mix, delays, organic levels.
//! 3. `density`: the log density of segments, shared effects and hyper-parameters.
//! 4. `laplace`: `inner` finds the mode of segments and shared effects given the
//!    hyper-parameters, `outer` the hyper-parameters and how everything moves with them.
//! 5. `correction`: what a normal cannot say of a segment, and the mean beside the mode.
//! 6. `posterior`: what is kept of a fit, and joint draws of any segments over any weeks.
//! 7. `evidence`: what outside tests leave of the posterior.
//! 8. `fitted`: the model's file, card, verdict, explanation and exports.
//!
//! `nuts` walks on the same density: the reference that the fast engine is held against.

#[cfg(test)]
mod calibration;
pub(crate) mod correction;
pub mod data;
pub(crate) mod density;
pub(crate) mod effects;
mod engine;
pub mod error;
pub mod evidence;
pub mod fitted;
pub(crate) mod laplace;
#[cfg(test)]
pub(crate) mod markets;
pub(crate) mod nuts;
pub mod posterior;
#[cfg(test)]
mod suppressed;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod thin;
#[cfg(test)]
mod worlds;

pub use self::data::followed::{Followed, Following, Tested};
pub use self::data::specification::{Baseline, Prior, Specification, SpecificationError};
pub use self::effects::organic::Evidence as OrganicEvidence;
pub use self::engine::Engine;
pub use self::error::TrainError;
pub use self::fitted::explain::{Explanation, explanation};
pub use self::fitted::export::ArvizDraws;
pub use self::fitted::model::ModelError;
pub use self::posterior::file::Model;

use self::data::design::{Design, Layers};
use self::data::prepare::{Prepared, prepare};
use self::engine::FALL_BACK;
use self::fitted::note::TrainNote;
use self::nuts::target::{Density, NutsInputs};

use crate::panel::Panel;
use crate::random::Seed;

/// Learns a model with the fast engine.
///
/// ```
/// use relais::generate::spec::WorldSpec;
/// use relais::generate::world::World;
/// use relais::random::Seed;
/// use relais::train::posterior::prediction::Question;
/// use relais::train::{Specification, fit};
///
/// # let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/demo/world.toml"));
/// let spec = WorldSpec { segments: 8, weeks: 12, ..WorldSpec::read(text)? };
/// let panel = World::make(&spec, Seed(1)).panel();
/// let model = fit(&panel, &Specification::default(), Seed(1))?;
/// let segment = panel.segments[0].clone();
/// let at = |spend| Question { segment: segment.clone(), spend, week: None };
/// let told = model.predict(&[at(100.0), at(200.0)], 400, Seed(2));
/// // More money brings more, and less than in proportion.
/// assert!(told[0].mean < told[1].mean && told[1].mean < 2.0 * told[0].mean);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    design.believe(followed);
    let mut fitted = laplace::outer::fit(&design, specification, None, seed)?;
    if effects::local_level::find(&mut design, &fitted, specification, None) {
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
    /// `laplace::fit::TRUSTED` and here its intervals are widened, with a note: most panels of some
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
    fitted: &laplace::fit::Fitted,
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
            let ground = NutsInputs::new(design, specification, fitted);
            let density = Density::new(design, fitted, &ground);
            model.keep_sample(fitted, &nuts::run::sample(density, seed)?);
        }
    }
    Ok(model)
}
