//! Bounded concurrency: tokio keeps the queue and listens for Ctrl-C, rayon does the work.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, oneshot};

/// A wish to stop, seen by every job between its steps.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks everybody to stop.
    pub fn ask(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether somebody asked.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// What kind of trouble left a job without a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// The search spent its nodes, and nobody knows whether there is a plan.
    Undecided,
    /// What was given cannot be worked on.
    BadInput,
    /// A fault of our own.
    Fault,
}

/// Why a job has no result.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The kind of trouble: what the exit code tells.
    pub trouble: Trouble,
    /// The reason, in the person's words.
    pub reason: String,
}

impl Failure {
    /// What was given cannot be worked on, for this reason.
    #[must_use]
    pub fn bad_input(reason: String) -> Self {
        Self { trouble: Trouble::BadInput, reason }
    }
}

/// How one job ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended<T> {
    /// With a result.
    Done(T),
    /// Without one.
    Failed(Failure),
    /// Stopped by Ctrl-C, or never started because of it.
    Interrupted,
}

/// One job's end and how long it took.
#[derive(Debug, Clone, PartialEq)]
pub struct Report<T> {
    /// How it ended.
    pub ended: Ended<T>,
    /// Wall time; a run detail, never part of a result.
    pub took: Duration,
}

/// Why a job gave up.
#[derive(Debug, Clone, PartialEq)]
pub enum GaveUp {
    /// It was asked to stop.
    Stopped,
    /// It failed.
    Failed(Failure),
}

impl GaveUp {
    /// What was given cannot be worked on, for this reason.
    #[must_use]
    pub fn bad_input(reason: String) -> Self {
        Self::Failed(Failure::bad_input(reason))
    }
}

/// Works on all jobs, at most `at_once` at a time; reports come back in the jobs' order.
///
/// A job that fails or panics is reported and stops nobody else. Ctrl-C asks every job to stop
/// and starts no further one.
///
/// # Errors
///
/// When the runtime cannot start.
pub fn run<J, T>(
    jobs: Vec<J>,
    at_once: usize,
    stop: &Stop,
    work: impl Fn(&J, &Stop) -> Result<T, GaveUp> + Send + Sync + 'static,
) -> std::io::Result<Vec<Report<T>>>
where
    J: Send + 'static,
    T: Send + 'static,
{
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_io().build()?;
    let work = Arc::new(work);
    Ok(runtime.block_on(async {
        listen_for_ctrl_c(stop.clone());
        let places = Arc::new(Semaphore::new(at_once.max(1)));
        let tasks: Vec<_> = jobs
            .into_iter()
            .map(|job| tokio::spawn(one(job, places.clone(), stop.clone(), work.clone())))
            .collect();
        let mut reports = Vec::with_capacity(tasks.len());
        for task in tasks {
            reports.push(task.await.expect("a job's panic is caught where it works"));
        }
        reports
    }))
}

fn listen_for_ctrl_c(stop: Stop) {
    tokio::spawn(async move {
        // Without a signal handler Ctrl-C ends the process: work folders are then found partial
        // by name and cleaned by the next run.
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.ask();
        }
    });
}

async fn one<J, T, W>(job: J, places: Arc<Semaphore>, stop: Stop, work: Arc<W>) -> Report<T>
where
    J: Send + 'static,
    T: Send + 'static,
    W: Fn(&J, &Stop) -> Result<T, GaveUp> + Send + Sync + 'static,
{
    let _place = places.acquire().await.expect("the semaphore is never closed");
    let began = Instant::now();
    if stop.is_asked() {
        return Report { ended: Ended::Interrupted, took: Duration::ZERO };
    }
    let (tell, told) = oneshot::channel();
    rayon::spawn(move || {
        let ended = catch_unwind(AssertUnwindSafe(|| work(&job, &stop)));
        // Nobody listens any more only when the whole run is being torn down.
        let _ = tell.send(match ended {
            Ok(Ok(result)) => Ended::Done(result),
            Ok(Err(GaveUp::Stopped)) => Ended::Interrupted,
            Ok(Err(GaveUp::Failed(failure))) => Ended::Failed(failure),
            Err(panic) => Ended::Failed(Failure {
                trouble: Trouble::Fault,
                reason: panic_text(panic.as_ref()),
            }),
        });
    });
    let ended = told.await.unwrap_or(Ended::Interrupted);
    Report { ended, took: began.elapsed() }
}

/// What a panic said.
#[must_use]
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_and_a_panic_stop_nobody_and_order_is_kept() {
        let reports = run((0..6).collect(), 2, &Stop::default(), |job: &i32, _| match job {
            1 => Err(GaveUp::bad_input("no such file".into())),
            2 => panic!("a bug"),
            n => Ok(n * 10),
        })
        .unwrap();
        let ended: Vec<_> = reports.into_iter().map(|report| report.ended).collect();
        assert_eq!(
            ended,
            [
                Ended::Done(0),
                Ended::Failed(Failure::bad_input("no such file".into())),
                Ended::Failed(Failure { trouble: Trouble::Fault, reason: "a bug".into() }),
                Ended::Done(30),
                Ended::Done(40),
                Ended::Done(50),
            ]
        );
    }

    #[test]
    fn after_a_wish_to_stop_no_job_starts() {
        let stop = Stop::default();
        let reports = run((0..4).collect(), 1, &stop, |_: &i32, stop| {
            stop.ask();
            Ok(())
        })
        .unwrap();
        assert_eq!(reports.iter().filter(|r| r.ended == Ended::Done(())).count(), 1);
        assert_eq!(reports.iter().filter(|r| r.ended == Ended::Interrupted).count(), 3);
    }
}
