//! Campaign files: proposed from the history, changed as text.

use std::path::Path;

use axum::extract::{Form, Path as Part, State};
use axum::response::{Html, Redirect, Response};
use serde::Deserialize;

use crate::campaign::Campaign;
use crate::campaign::error::CampaignError;
use crate::draft::draft;
use crate::language::Explain;
use crate::rules::{RulesError, Tables};
use crate::serve::answer::{Answer, Trouble, work};
use crate::serve::desk::{Desk, Shared};
use crate::serve::edit::{Edit, Sent};
use crate::serve::name::{file_name, written};

/// The name of a new campaign.
#[derive(Deserialize)]
pub(super) struct Named {
    name: String,
}

/// The page of a campaign.
pub(super) async fn page(
    State(desk): State<Shared>,
    Part(id): Part<String>,
) -> Answer<Html<String>> {
    let room = desk.room();
    work(&room, move || edited(&desk, &id, |edit| edit.page(&desk))).await
}

/// Keeps the text, if it is sound and the file is as it was seen.
pub(super) async fn keep(
    State(desk): State<Shared>,
    Part(id): Part<String>,
    Form(sent): Form<Sent>,
) -> Answer<Response> {
    let room = desk.room();
    work(&room, move || {
        desk.may_write()?;
        edited(&desk, &id, |edit| edit.keep(&desk, &sent))
    })
    .await
}

fn edited<T>(desk: &Desk, id: &str, then: impl FnOnce(&Edit<'_>) -> Answer<T>) -> Answer<T> {
    let file = desk.campaign_of(id)?;
    then(&Edit {
        file: &file,
        address: format!("/campaigns/{id}"),
        label: "serve-campaign-label",
        back: ("/campaigns".to_owned(), "serve-to-campaigns"),
        errors: &|text| errors(text, &file, desk),
    })
}

/// What is wrong with a text, as `relais plan` would say it: a line for each.
fn errors(text: &str, file: &Path, desk: &Desk) -> Vec<String> {
    let language = desk.settings.language;
    let Ok(Some(error)) = fault(text, file, desk) else { return Vec::new() };
    error.explain(language).lines().map(str::to_owned).collect()
}

/// What `relais plan` would refuse of a campaign's text before it reads a model.
pub(super) fn fault(
    text: &str,
    file: &Path,
    desk: &Desk,
) -> Result<Option<CampaignError>, RulesError> {
    let campaign = match Campaign::parse(text, file) {
        Ok(campaign) => campaign,
        Err(error) => return Ok(Some(error)),
    };
    let tables = Tables::load(&desk.settings.reference)?;
    Ok(campaign.check_networks(&tables.network_keys(), file).err())
}

/// Proposes a campaign from the history, as `relais init --history` does, and opens it.
pub(super) async fn propose(
    State(desk): State<Shared>,
    Form(named): Form<Named>,
) -> Answer<Redirect> {
    let room = desk.room();
    let told = room.clone();
    work(&room, move || {
        desk.may_write()?;
        let (own, language) = (&desk.settings, told.language);
        let bad = |error: &dyn Explain| Trouble::bad(&told, &error.explain(language));
        let file = desk.campaign(&format!("{}.toml", file_name(&named.name, &told)?));
        let lacks = || Trouble::bad(&told, &told.text("serve-no-history"));
        let history = desk.history().ok_or_else(lacks)?.map_err(|error| bad(&error))?;
        let tables = Tables::load(&own.reference).map_err(|error| bad(&error))?;
        let proposed = draft(&history, &desk.history_path(), &file, &tables, own.today);
        let text = proposed.map_err(|error| bad(&error))?.write(language);
        written(&file, &text, &told)?;
        Ok(Redirect::to(&format!("/campaigns/{}/form", desk.id(&file))))
    })
    .await
}
