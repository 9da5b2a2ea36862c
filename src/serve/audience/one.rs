//! One audience of a run.

use askama::Template;
use axum::extract::{Path as Part, State};
use axum::response::Html;

use super::list::read;
use crate::batch::summary::weeks_of;
use crate::language::Explain;
use crate::report::formatter::Formatter;
use crate::report::page::audience::{Audience, audience};
use crate::report::report_data::{ReportData, WeekTotals};
use crate::serve::answer::{Answer, Trouble, page as rendered, work};
use crate::serve::desk::{Desk, Shared, identifier};
use crate::serve::room::Room;

#[derive(Template)]
#[template(path = "audience.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    id: &'a str,
    own: Audience,
    /// The next with less money, and the one with more: addresses and names.
    before: Option<(String, String)>,
    after: Option<(String, String)>,
    /// Why its history is not shown.
    trouble: Option<String>,
}

/// The page.
pub(super) async fn page(
    State(desk): State<Shared>,
    Part((run, id)): Part<(String, String)>,
) -> Answer<Html<String>> {
    let room = desk.room();
    work(&room, move || shown(&run, &id, &desk)).await
}

fn shown(run: &str, id: &str, desk: &Desk) -> Answer<Html<String>> {
    let (room, language) = (desk.room(), desk.settings.language);
    let report_data = read(&desk.run(run)?, &room)?;
    let formatter = Formatter::new(&report_data, language);
    let mut order: Vec<(f64, String)> =
        report_data.plan.rows.iter().map(|row| (row.budget, row.segment.clone())).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let at = order.iter().position(|(_, segment)| identifier(segment.as_ref()) == id);
    let at = at.ok_or_else(|| Trouble::nowhere(&room))?;
    let (weeks, trouble) = match weeks(&report_data, &order[at].1, desk) {
        Ok(weeks) => (weeks, None),
        Err(text) => (Vec::new(), Some(text)),
    };
    let own = audience(report_data, &order[at].1, weeks, &formatter)
        .map_err(|error| Trouble::fault(&room, &error.explain(language)))?
        .ok_or_else(|| Trouble::nowhere(&room))?;
    let link =
        |(_, segment): &(f64, String)| (identifier(segment.as_ref()), formatter.spoken(segment));
    let before = at.checked_sub(1).map(|at| link(&order[at]));
    let after = order.get(at + 1).map(link);
    let title = own.name.clone();
    rendered(&Page { room: &room, title, id: run, own, before, after, trouble }, &room)
}

/// What the folder's history knows of a segment, week by week, asked as the run's campaign asks.
fn weeks(report_data: &ReportData, segment: &str, desk: &Desk) -> Result<Vec<WeekTotals>, String> {
    let language = desk.settings.language;
    let (Some(campaign), Some(history)) = (&report_data.plan.campaign, desk.history()) else {
        return Err(language.text("serve-audience-no-history"));
    };
    let report = history.and_then(|history| history.panel(&campaign.of_history()));
    let panel = report.map_err(|error| error.explain(language))?.panel;
    let panel = campaign.in_own_money(panel).map_err(|error| error.explain(language))?;
    Ok(weeks_of(&panel, segment))
}
