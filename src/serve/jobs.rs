//! Work under way: which campaigns are run, how far each is, and how each ended.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::storing::Storing;
use crate::batch::job::Step;
use crate::batch::schedule::Stop;

/// Between two looks at work that is to stop.
const PAUSE: Duration = Duration::from_millis(20);

/// How far one campaign's work is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum State {
    /// Others are before it.
    Waiting,
    /// At a step.
    At(Step),
    /// Done: the identifier of its run, and how many findings ask for a person.
    Done(String, usize),
    /// It has no result, for this reason.
    Failed(String),
    /// Somebody stopped it.
    Stopped,
}

/// One campaign's work.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// The campaign file's name.
    pub(crate) campaign: String,
    /// How far it is.
    pub(crate) state: State,
    stop: Stop,
}

impl Job {
    /// Whether it still goes on.
    pub(crate) fn goes_on(&self) -> bool {
        matches!(self.state, State::Waiting | State::At(_))
    }
}

/// All work of one start.
#[derive(Debug, Clone, Default)]
pub struct Jobs {
    runs: Arc<Mutex<Vec<Job>>>,
    /// Exports that are being stored.
    pub(crate) storing: Storing,
}

impl Jobs {
    fn all_of(&self) -> MutexGuard<'_, Vec<Job>> {
        // A fault of one job leaves the list as it was.
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of them, in the order in which they began.
    pub(crate) fn all(&self) -> Vec<Job> {
        self.all_of().clone()
    }

    /// Takes a campaign up, unless it is worked on already; its number, and how it hears of a wish to
    /// stop.
    pub(crate) fn begin(&self, campaign: &str) -> Option<(usize, Stop)> {
        let mut all = self.all_of();
        if all.iter().any(|job| job.campaign == campaign && job.goes_on()) {
            return None;
        }
        let stop = Stop::default();
        let job = Job { campaign: campaign.to_owned(), state: State::Waiting, stop: stop.clone() };
        all.push(job);
        Some((all.len() - 1, stop))
    }

    /// Notes how far one is.
    pub(crate) fn tell(&self, number: usize, state: State) {
        if let Some(job) = self.all_of().get_mut(number) {
            job.state = state;
        }
    }

    /// Asks one to stop; whether there is one.
    pub(crate) fn stop_one(&self, number: usize) -> bool {
        self.all_of().get(number).map(|job| job.stop.ask()).is_some()
    }

    /// Asks all to stop, and waits until they have, between two steps they hear it, and until
    /// exports are stored.
    pub async fn stop(&self) {
        for job in self.all_of().iter() {
            job.stop.ask();
        }
        while self.all_of().iter().any(Job::goes_on) || self.storing.goes_on() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}
