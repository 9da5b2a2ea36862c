//! Runs side by side: the page of `relais report --compare`.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::language::Explain;
use crate::report::{ReportData, compare};
use crate::serve::answer::{Answer, Trouble, document, work};
use crate::serve::desk::{Desk, Shared, name_of};

/// Most runs side by side: more columns than anybody reads.
const MOST: usize = 20;

/// The comparison of the runs in the address.
pub(in crate::serve) async fn page(
    State(desk): State<Shared>,
    Query(asked): Query<Vec<(String, String)>>,
) -> Answer<Response> {
    let room = desk.room();
    let ids: Vec<String> =
        asked.into_iter().filter(|(name, _)| name == "run").map(|(_, id)| id).collect();
    if !(2..=MOST).contains(&ids.len()) {
        return Err(Trouble::told(StatusCode::UNPROCESSABLE_ENTITY, &room, "serve-compare-two"));
    }
    work(&room, move || side_by_side(&ids, &desk)).await
}

fn side_by_side(ids: &[String], desk: &Desk) -> Answer<Response> {
    let (room, language) = (desk.room(), desk.settings.language);
    let read = |id: &String| {
        let run = desk.run(id)?;
        let read = ReportData::read(&run);
        let report_data = read.map_err(|error| Trouble::bad(&room, &error.explain(language)))?;
        Ok((name_of(&run), report_data))
    };
    let runs: Vec<(String, ReportData)> = ids.iter().map(read).collect::<Result<_, _>>()?;
    let html = compare::html(&runs, language);
    html.map(|html| document(html.into_bytes()))
        .map_err(|error| Trouble::fault(&room, &error.explain(language)))
}
