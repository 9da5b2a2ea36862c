//! What a study tries, and why it cannot.

use crate::allocate::AllocateError;
use crate::language::{Explain, Language};
use crate::simulate::SimulateError;
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
    /// Whether plans keep to the product's own trust region; the oracle never does.
    pub trust_region: bool,
    /// Keep what was believed of every segment, and what is true.
    pub closely: bool,
    /// Also plan on a model that is told the true hyper-parameters, in families that ask for it.
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
    /// Its plan could not be played beside the last split.
    #[error("world {world}: {source}")]
    Simulate {
        /// The world, from 0.
        world: u64,
        /// Why.
        source: SimulateError,
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
            Self::Simulate { world, source } => told(*world, source.explain(language)),
        }
    }
}
