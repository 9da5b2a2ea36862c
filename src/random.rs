//! The one source of randomness: a seed and its independent streams.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_xoshiro::Xoshiro256Plus;
use serde::{Deserialize, Serialize};

/// The seed of one run, repeated in every result it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

/// What a stream of random numbers is for. Two purposes never share a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Worlds and exports made by the generator.
    Generate = 1,
    /// Starting points and quadrature of a fit.
    Train = 2,
    /// Draws on which a plan is chosen.
    Choose = 3,
    /// Draws on which the chosen plan is promised.
    Promise = 4,
    /// Replicates of a simulation.
    Simulate = 5,
    /// Decisions that a policy takes by chance (Thompson sampling).
    Policy = 6,
    /// Scores of a backtest.
    Backtest = 7,
    /// Predictions asked for by a person.
    Predict = 8,
    /// Grouping of ad sets.
    Group = 9,
    /// How far the form of curves that were not learnt may be wrong.
    Form = 10,
    /// The coins of a test, and those that might have fallen instead.
    Experiment = 11,
    /// What outside tests leave of a posterior.
    Evidence = 12,
}

impl Seed {
    /// The stream of one unit of work (a draw, a replicate, a segment).
    ///
    /// It belongs to the work and not to the thread, so results are the same bytes for any
    /// number of threads.
    #[must_use]
    pub fn stream(self, purpose: Purpose, id: u64) -> ChaCha8Rng {
        // Streams of one ChaCha key never overlap; the purpose makes the key.
        let key = self.0 ^ (purpose as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut rng = ChaCha8Rng::seed_from_u64(key);
        rng.set_stream(id);
        rng
    }

    /// The generator of a unit of work that linfa does: linfa takes those of an older `rand`.
    #[must_use]
    pub fn for_linfa(self, purpose: Purpose, id: u64) -> Xoshiro256Plus {
        let state = self.stream(purpose, id).next_u64();
        rand_xoshiro::rand_core::SeedableRng::seed_from_u64(state)
    }

    /// A seed for a piece of work that makes streams of its own (one world of a study).
    #[must_use]
    pub fn child(self, id: u64) -> Self {
        // SplitMix64 finaliser (Steele, Lea and Flood 2014): neighbours become unrelated.
        let mut z = self.0.wrapping_add((id + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Self(z ^ (z >> 31))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_of_a_stream_are_pinned() {
        let mut rng = Seed(7).stream(Purpose::Simulate, 3);
        let first: [u64; 2] = [rng.next_u64(), rng.next_u64()];
        insta::assert_debug_snapshot!(first);
    }

    #[test]
    fn purposes_and_units_of_work_have_streams_of_their_own() {
        let first = |purpose, id| Seed(7).stream(purpose, id).next_u64();
        let numbers = [
            first(Purpose::Simulate, 0),
            first(Purpose::Simulate, 1),
            first(Purpose::Train, 0),
            Seed(7).child(0).stream(Purpose::Simulate, 0).next_u64(),
        ];
        for (i, a) in numbers.iter().enumerate() {
            assert!(numbers[i + 1..].iter().all(|b| a != b));
        }
    }
}
