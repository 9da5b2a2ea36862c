//! Flights that are over: what their plans promised beside what the history says happened.

use std::path::{Path, PathBuf};

use crate::allocate::plan::Plan;
use crate::history::{History, PanelOptions};
use crate::language::message::{Message, Value};
use crate::language::{Explain, Language};
use crate::panel::Panel;
use crate::report::formatter::clean;
use crate::report::report_data::{KeptPromise, read_plan};
use crate::review::{Review, flight_of, known_until, review};
use crate::units::Week;

/// The promises of earlier plans, as the history kept them; the error is in the person's words.
///
/// # Errors
///
/// A plan that cannot be read or has no flight, a history that does not reach a flight's end.
pub fn kept(
    plans: &[PathBuf],
    history: &Path,
    language: Language,
) -> Result<Vec<KeptPromise>, String> {
    let told = |error: &dyn Explain| error.explain(language);
    let history = History::open_existing(history).map_err(|error| told(&error))?;
    let panel = |options: &PanelOptions| -> Result<Panel, String> {
        history.panel(options).map(|report| report.panel).map_err(|error| told(&error))
    };
    plans
        .iter()
        .map(|path| {
            let plan = read_plan(path).map_err(|error| told(&error))?;
            let (options, flight) = flight_of(&plan).map_err(|error| told(&error))?;
            let last = known_until(&history, &options).map_err(|error| told(&error))?;
            if last.is_none_or(|last| last < flight.end) {
                return Err(not_over(path, flight.end, last, language));
            }
            let found = review(&plan, &panel(&options)?, last).map_err(|error| told(&error))?;
            Ok(promise(&plan, &found))
        })
        .collect()
}

/// What a plan promised for a flight that is over, and what came of it.
#[must_use]
pub fn promise(plan: &Plan, found: &Review) -> KeptPromise {
    let title = plan.campaign.as_ref().map_or_else(String::new, |own| clean(&own.title));
    let start = plan.campaign.as_ref().map(|own| Value::Week(Week::of(own.flight.start)));
    let values = std::iter::once(("title", Value::Name(title)));
    let values: Vec<_> = values.chain(start.map(|start| ("start", start))).collect();
    let label = Message::new("chart-promise-kept-flight", values);
    KeptPromise { label, promised: found.promised, realised: found.happened }
}

fn not_over(
    path: &Path,
    end: jiff::civil::Date,
    last: Option<jiff::civil::Date>,
    language: Language,
) -> String {
    let path = path.display().to_string();
    let last = last.map_or_else(|| "–".to_owned(), |last| language.date(last));
    language.say(
        "error-run-earlier-not-over",
        &[("path", &path), ("end", &language.date(end)), ("last", &last)],
    )
}
