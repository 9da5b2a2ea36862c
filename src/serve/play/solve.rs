//! A wish solved: the campaign with its changes, divided over the curves that the run has learnt.

use std::path::{Path, PathBuf};

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::change::{Terms, changed};
use super::wish::Wish;
use crate::allocate::plan::Plan;
use crate::allocate::{AllocateError, Settings};
use crate::batch::job::DRAWS;
use crate::campaign::Campaign;
use crate::check::seal;
use crate::files;
use crate::language::Explain;
use crate::report::report_data::read_plan;
use crate::rules::Tables;
use crate::serve::answer::{Trouble, work};
use crate::serve::desk::{Desk, Shared, name_of};
use crate::simulate::promised::{self, Asked, PromisedError};
use crate::train::Model;

/// Draws of a provisional answer.
const FEW: usize = 100;

/// What a run was made from, ready to be asked otherwise.
pub(super) struct Ground {
    /// The run's own plan.
    pub(super) kept: Plan,
    /// The text of its campaign file.
    pub(super) text: String,
    /// Where the campaign would stand: its paths are relative to the folder.
    pub(super) path: PathBuf,
    model: Model,
    tables: Tables,
}

/// A wish solved.
pub(super) struct Solved {
    /// The plan.
    pub(super) plan: Plan,
    /// The campaign file that gives it.
    pub(super) text: String,
}

/// Why there is no plan.
pub(super) struct Unsolved {
    /// In the person's words.
    pub(super) text: String,
    /// Whether nobody knows if there is one.
    is_undecided: bool,
}

impl Unsolved {
    fn new(text: String) -> Self {
        Self { text, is_undecided: false }
    }
}

impl Ground {
    /// What a run was made from.
    pub(super) fn of(run: &Path, desk: &Desk) -> Result<Self, Unsolved> {
        let language = desk.settings.language;
        let told = |error: &dyn Explain| Unsolved::new(error.explain(language));
        let file = |name: &str| {
            let lacks = || Unsolved::new(language.say("serve-play-lacks", &[("name", name)]));
            desk.inside(&run.join(name)).ok_or_else(lacks)
        };
        let campaign = file("campaign.toml")?;
        let text = files::read_text(&campaign, files::LARGEST_TEXT)
            .map_err(|error| Unsolved::new(language.unwritable(&campaign, &error)))?;
        Ok(Self {
            kept: read_plan(&file("plan.json")?).map_err(|error| told(&error))?,
            text,
            path: desk.campaign(&format!("{}.toml", name_of(run))),
            model: Model::read(&file("model.json")?).map_err(|error| told(&error))?,
            tables: Tables::load(&desk.settings.reference).map_err(|error| told(&error))?,
        })
    }

    /// The campaign file with the wish in it.
    fn changed(&self, wish: &Wish, desk: &Desk) -> Result<String, Unsolved> {
        let language = desk.settings.language;
        let is_known = |name: &&String| self.kept.rows.iter().any(|row| row.segment == **name);
        if let Some(stranger) = wish.pins.keys().find(|name| !is_known(name)) {
            let told = language.say("serve-play-no-audience", &[("segment", stranger)]);
            return Err(Unsolved::new(told));
        }
        let currency = self.kept.currency;
        let terms = Terms {
            currency: &currency.map_or_else(|| "EUR".to_owned(), |own| own.code().to_owned()),
            digits: currency.map_or(2, |own| own.minor_digits() as usize),
            cap_name: &|network| language.say("serve-play-cap-name", &[("network", network)]),
        };
        changed(&self.text, wish, &terms).map_err(|error| Unsolved::new(error.to_string()))
    }

    /// Solves a wish as `relais plan` would.
    pub(super) fn solve(&self, wish: &Wish, desk: &Desk) -> Result<Solved, Unsolved> {
        let settings = &desk.settings;
        let text = self.changed(wish, desk)?;
        let told = |error: &dyn Explain| Unsolved::new(error.explain(settings.language));
        let campaign = Campaign::parse(&text, &self.path).map_err(|error| told(&error))?;
        let networks = self.tables.network_keys();
        campaign.check_networks(&networks, &self.path).map_err(|error| told(&error))?;
        let mut asked = Asked {
            campaign: &campaign,
            tables: &self.tables,
            draws: DRAWS,
            settings: Settings::default(),
            language: settings.language,
            seed: settings.seed,
            today: settings.today,
            bare: wish.provisional,
        };
        let made = if wish.provisional {
            asked.draws = FEW;
            asked.settings.nodes = Some(1);
            promised::divided(&self.model, &asked).map_err(PromisedError::Divide)
        } else {
            promised::promised(&self.model, &asked)
        };
        let (mut plan, _) = made.map_err(|error| Unsolved {
            text: error.explain(settings.language),
            is_undecided: matches!(error, PromisedError::Divide(AllocateError::Undecided { .. })),
        })?;
        seal(&mut plan);
        Ok(Solved { plan, text })
    }
}

/// `POST /solve`: answers what `relais plan --json` prints for the same inputs.
pub(super) async fn answer(
    State(desk): State<Shared>,
    wish: Result<Json<Wish>, JsonRejection>,
) -> Result<Json<Value>, (StatusCode, Json<Value>)> {
    let room = desk.room();
    let refused = |status, text: &str| (status, Json(json!({ "error": text })));
    let Json(wish) = wish.map_err(|error| refused(error.status(), &error.body_text()))?;
    let solved = work(&room, move || Ok(answered(&wish, &desk))).await;
    let solved = solved.map_err(|trouble| refused(trouble.status(), trouble.text()))?;
    solved.map(Json).map_err(|unsolved| {
        let mut answer = json!({ "error": unsolved.text });
        if unsolved.is_undecided {
            answer["status"] = "undecided".into();
        }
        (StatusCode::UNPROCESSABLE_ENTITY, Json(answer))
    })
}

fn answered(wish: &Wish, desk: &Desk) -> Result<Value, Unsolved> {
    let told = |trouble: Trouble| Unsolved::new(trouble.text().to_owned());
    let named = desk.runs().into_iter().find(|run| name_of(run) == wish.campaign);
    let run = named.map_or_else(|| desk.run(&wish.campaign).map_err(told), Ok)?;
    let solved = Ground::of(&run, desk)?.solve(wish, desk)?;
    let mut answer =
        solved.plan.without_rows().map_err(|error| Unsolved::new(error.to_string()))?;
    if wish.rows {
        answer["rows"] = json!(
            solved
                .plan
                .rows
                .iter()
                .map(|row| json!({
                    "segment": row.segment, "budget": row.budget, "value": row.value,
                }))
                .collect::<Vec<_>>()
        );
    }
    if wish.provisional {
        answer["provisional"] = true.into();
    }
    Ok(answer)
}
