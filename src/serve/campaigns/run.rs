//! Runs a campaign in the background: the same results as `relais run`, in its folder or not at all.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use axum::extract::{Path as Part, State as Extract};
use axum::http::StatusCode;
use axum::response::Redirect;

use crate::batch::alone;
use crate::batch::job::Settings;
use crate::batch::order::Order;
use crate::batch::schedule::{GaveUp, Stop, panic_text};
use crate::language::Explain;
use crate::rules::Tables;
use crate::serve::answer::{Answer, Trouble, work};
use crate::serve::desk::{Desk, Shared, name_of};
use crate::serve::jobs::State;
use crate::train::Specification;

/// Begins, and goes back to the list.
pub(super) async fn begin(
    Extract(desk): Extract<Shared>,
    Part(id): Part<String>,
) -> Answer<Redirect> {
    let room = desk.room();
    let told = room.clone();
    work(&room, move || {
        desk.may_write()?;
        let file = desk.campaign_of(&id)?;
        let campaign = name_of(&file);
        let settings = settings(&file, &desk).map_err(|text| Trouble::bad(&told, &text))?;
        std::fs::create_dir_all(desk.out())
            .map_err(|error| Trouble::bad(&told, &told.language.unwritable(&desk.out(), &error)))?;
        let order = alone::order(&file, &desk.out(), &settings)
            .map_err(|text| Trouble::bad(&told, &text))?;
        stays(&order, &desk)?;
        let begun = desk.jobs.begin(&campaign);
        let (number, stop) =
            begun.ok_or_else(|| Trouble::told(StatusCode::CONFLICT, &told, "serve-job-there"))?;
        // Threads of its own: pages answer while it works.
        let pool = rayon::ThreadPoolBuilder::new().build();
        let pool = pool.map_err(|error| Trouble::fault(&told, &error.to_string()))?;
        std::thread::spawn(move || {
            pool.install(|| run(&order, &settings, (number, &stop), &desk));
        });
        Ok(Redirect::to("/campaigns#work"))
    })
    .await
}

/// Refuses a campaign that reads what lies elsewhere.
fn stays(order: &Order, desk: &Desk) -> Answer<()> {
    let campaign = &order.campaign;
    let reads: Vec<&PathBuf> =
        campaign.history.iter().chain(&campaign.tests).chain(&campaign.designed).collect();
    let Some(strange) = reads.into_iter().find(|path| !desk.holds(path)) else { return Ok(()) };
    let room = desk.room();
    let told = [("path", &*strange.display().to_string())];
    Err(Trouble::bad(&room, &room.language.say("serve-outside", &told)))
}

/// What `relais run` does by default.
fn settings(file: &Path, desk: &Desk) -> Result<Settings, String> {
    let own = &desk.settings;
    let tables = Tables::load(&own.reference).map_err(|error| error.explain(own.language))?;
    Ok(Settings {
        seed: own.seed,
        tables,
        specification: Specification::named("default").ok_or("default")?,
        replicates: None,
        backtest: true,
        language: own.language,
        reference: own.reference.clone(),
        today: own.today,
        command: format!("relais run \"{}\" --out out --seed {}", name_of(file), own.seed.0),
    })
}

fn run(order: &Order, settings: &Settings, (number, stop): (usize, &Stop), desk: &Desk) {
    let tell = |step| desk.jobs.tell(number, State::At(step));
    let ended = catch_unwind(AssertUnwindSafe(|| alone::run(order, settings, &tell, stop)));
    desk.jobs.tell(
        number,
        match ended {
            Ok(Ok(findings)) => State::Done(desk.id(&order.folder), findings.len()),
            Ok(Err(GaveUp::Stopped)) => State::Stopped,
            Ok(Err(GaveUp::Failed(failure))) => State::Failed(failure.reason),
            Err(panic) => {
                let what = panic_text(panic.as_ref());
                State::Failed(settings.language.say("error-fault", &[("what", &what)]))
            }
        },
    );
}

/// Asks one to stop: it leaves nothing half-written.
pub(super) async fn stop(
    Extract(desk): Extract<Shared>,
    Part(number): Part<usize>,
) -> Answer<Redirect> {
    if desk.jobs.stop_one(number) {
        return Ok(Redirect::to("/campaigns#work"));
    }
    Err(Trouble::nowhere(&desk.room()))
}
