//! Outside tests as evidence: what a lift study, a holdout, a geo test or an A/B test measured.
//!
//! 1. `table`: the file of tests.
//! 2. `matched`: a test beside a model: its audiences, its weeks, its age, or why it is not believed.
//! 3. `predicted`: what a joint draw expects a test to measure.
//! 4. `weighed`: the posterior given the tests, as equally weighed points.
//! 5. `answer`: what each test moved.
//!
//! The law of a test (symbols: `docs/MODEL.md`):
//!
//! ```text
//! effect ~ N( ι [f(test) − f(control)], se² · 2^(age / half-life) )
//! ```
//!
//! with ι = 1 for an A/B test, whose arms are both counted by the platform, and the network's
//! incremental share otherwise.

pub mod answer;
pub(in crate::train) mod matched;
mod predicted;
pub mod table;
#[cfg(test)]
mod tests;
mod weighed;

pub use self::answer::{Evidence, IncrementalShare, Moved, Refusal, Verdict};
pub use self::table::{EffectUnit, OutsideTest, TestKind, TestsError, read_tests};

use self::matched::Matched;
use crate::random::Seed;
use crate::train::posterior::file::Model;

impl Model {
    /// The model given outside tests, in place of those that it was given before.
    ///
    /// Tests that do not match what it learnt from are kept with the reason and move nothing.
    #[must_use]
    pub fn with_tests(mut self, tests: &[OutsideTest], seed: Seed) -> Self {
        self.forget_tests();
        let matched: Vec<Result<Matched, Refusal>> =
            tests.iter().map(|test| Matched::new(test, self.file())).collect();
        let believed: Vec<&Matched> = matched.iter().filter_map(|own| own.as_ref().ok()).collect();
        let weighed = (!believed.is_empty()).then(|| weighed::weigh(self.file(), &believed, seed));
        let mut moved = weighed.iter().flat_map(|own| own.moved.iter().copied());
        let verdicts = matched.iter().map(|own| match own {
            Ok(_) => moved.next().map_or(Verdict::Refused(Refusal::Money), Verdict::Used),
            Err(refusal) => Verdict::Refused(refusal.clone()),
        });
        let evidence = tests.iter().zip(verdicts);
        let evidence =
            evidence.map(|(test, verdict)| Evidence { test: test.clone(), verdict }).collect();
        self.keep_tests(evidence);
        if let Some(own) = weighed {
            self.keep_points(own.particles, own.shares);
        }
        self
    }
}
