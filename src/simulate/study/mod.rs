//! Decision quality over worlds whose truth is known: history → train → plan → truth.
//!
//! Each world of a population (the standard one is `data/study.toml`) makes a history; the model
//! learns it, a plan is made on its draws, and the plan is judged by the *expected* actions that
//! it brings under the world's truth, beside the last split and beside the oracle: the same
//! solver, the same rules, on the true curves.

mod decision;
mod limit;
mod score;
mod truth;

pub use self::score::{Study, WorldScore};

use rayon::prelude::*;

use self::decision::{campaign, decide};
use self::truth::Truth;
use crate::allocate::AllocateError;
use crate::generate::spec::WorldSpec;
use crate::generate::world::World;
use crate::language::{Explain, Language};
use crate::random::Seed;
use crate::rules::Tables;
use crate::train::{Specification, TrainError};

/// How worlds are studied.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many worlds.
    pub worlds: u64,
    /// What the model assumes.
    pub specification: Specification,
    /// Posterior draws to choose on, and as many to promise on.
    pub draws: usize,
    /// Also plan on a model that is told the true hyper-parameters.
    pub limit: Limit,
}

/// Whether to compare with the pipeline that is told the true hyper-parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Yes: every world is learnt twice.
    Compared,
    /// No.
    LeftOut,
}

/// A world could not be studied.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// Nothing to study.
    #[error("found 0 worlds, expected at least 1")]
    NoWorlds,
    /// Its history could not be learnt.
    #[error("world {world}: {source}")]
    Train {
        /// The world, from 0.
        world: u64,
        /// Why.
        source: TrainError,
    },
    /// Its budget could not be divided.
    #[error("world {world}: {source}")]
    Allocate {
        /// The world, from 0.
        world: u64,
        /// Why.
        source: AllocateError,
    },
}

impl Explain for StudyError {
    fn explain(&self, language: Language) -> String {
        let told = |world: u64, cause: String| {
            let world = language.number(world as f64, 0);
            language.say("error-simulate-world", &[("world", &world), ("cause", &cause)])
        };
        match self {
            Self::NoWorlds => language.text("error-simulate-no-worlds"),
            Self::Train { world, source } => told(*world, source.explain(language)),
            Self::Allocate { world, source } => told(*world, source.explain(language)),
        }
    }
}

/// Worlds between two looks at whether to stop.
const BATCH: u64 = 8;

/// Studies so many worlds of a population, in parallel; world `w` has the seed's child `w`.
///
/// `progress` hears how many are done; when it says `false` the answer is from those.
///
/// # Errors
///
/// [`StudyError`] names the first world that could not be studied.
pub fn study(
    spec: &WorldSpec,
    settings: &Settings,
    tables: &Tables,
    seed: Seed,
    progress: &dyn Fn(u64) -> bool,
) -> Result<Study, StudyError> {
    if settings.worlds == 0 {
        return Err(StudyError::NoWorlds);
    }
    let mut scores = Vec::new();
    let mut done = 0;
    while done < settings.worlds {
        let end = settings.worlds.min(done + BATCH);
        let batch: Result<Vec<WorldScore>, StudyError> = (done as usize..end as usize)
            .into_par_iter()
            .map(|w| one_world(spec, settings, tables, seed, w as u64))
            .collect();
        scores.extend(batch?);
        done = end;
        if !progress(done) {
            break;
        }
    }
    Ok(Study::new(seed, settings.worlds, scores))
}

fn one_world(
    spec: &WorldSpec,
    settings: &Settings,
    tables: &Tables,
    seed: Seed,
    number: u64,
) -> Result<WorldScore, StudyError> {
    let seed = seed.child(number);
    let world = World::make(spec, seed);
    let campaign = campaign(&world);
    let truth = Truth::new(&world, &campaign);
    let failed = |source| StudyError::Allocate { world: number, source };
    let decision = decide(&world, &campaign, &settings.specification, settings, tables, seed)
        .map_err(|trouble| trouble.of_world(number))?;
    let oracle = truth.oracle(&decision.problem).map_err(failed)?;
    let limit = match settings.limit {
        Limit::LeftOut => None,
        Limit::Compared => {
            let told = limit::told(&world, &settings.specification);
            let limit = decide(&world, &campaign, &told, settings, tables, seed);
            Some(limit.map_err(|trouble| trouble.of_world(number))?)
        }
    };
    Ok(WorldScore {
        world: number,
        outside: world.is_outside_family(),
        value: truth.value(&decision.budgets),
        last: truth.value(&decision.last),
        oracle: truth.value(&oracle),
        limit: limit.map(|limit| truth.value(&limit.budgets)),
        promised: decision.promised,
        violation: decision.violation,
        chosen_over_promised: decision.chosen_over_promised,
    })
}
