//! A test, and then the rest of the flight by what it taught.

use super::adaptive::{Choice, Learning};
use super::player::{Player, Policy};
use crate::allocate::rules::policy::PolicyName;
use crate::simulate::future::context::SimulationContext;
use crate::simulate::future::drawn::Future;
use crate::simulate::inputs::TestSchedule;

/// Keeps to a test's schedule in its weeks, and divides what is left as the expected curves then say,
/// as the greedy twin does.
#[derive(Debug, Clone)]
pub(super) struct AfterTest(pub(super) TestSchedule);

impl Policy for AfterTest {
    fn name(&self) -> PolicyName {
        PolicyName::Tested
    }

    fn begin<'a>(
        &'a self,
        context: &'a SimulationContext<'a>,
        future: &'a Future,
    ) -> Option<Box<dyn Player + 'a>> {
        let learning = Learning::new(context, future, Choice::Greedy);
        Some(Box::new(Testing { schedule: &self.0, segments: context.segments, learning }))
    }

    fn replicates_at_most(&self) -> u64 {
        200
    }
}

struct Testing<'a> {
    schedule: &'a TestSchedule,
    segments: usize,
    learning: Learning<'a>,
}

impl Player for Testing<'_> {
    fn money(&mut self, week: usize, out: &mut [f64]) {
        if week < self.schedule.weeks {
            let first = week * self.segments;
            out.copy_from_slice(&self.schedule.cells[first..first + self.segments]);
        } else {
            self.learning.money(week, out);
        }
    }

    fn learn(&mut self, week: usize, spent: &[f64], counts: &[f64]) {
        self.learning.learn(week, spent, counts);
    }
}
