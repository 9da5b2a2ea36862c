//! The page of play: a form whose fields stand in the address, so that the way back is the browser's.

use askama::Template;
use axum::extract::{Path as Part, Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse};

use super::solve::{Ground, Solved};
use super::wish::{CAP, NoNumber, PIN, Wish};
use crate::allocate::plan::Plan;
use crate::allocate::plan::row::Row;
use crate::report::ReportData;
use crate::report::compare::{named, odds, parts};
use crate::report::formatter::Formatter;
use crate::report::page::{fragment, headline::Headline};
use crate::report::priced;
use crate::report::sheets::table::Table;
use crate::serve::answer::{Answer, Trouble, page as rendered, work};
use crate::serve::desk::{Desk, Shared, identifier};
use crate::serve::room::Room;

/// Audiences shown, those with the most money first; the others take pins by `POST /solve`.
const SHOWN: usize = 200;
/// Budgets that a slider reaches, as shares of the kept plan's.
const REACH: (f64, f64) = (0.5, 2.0);

#[derive(Template)]
#[template(path = "play.html", config = "src/serve/askama.toml")]
struct Page<'a> {
    room: &'a Room,
    title: String,
    id: &'a str,
    pairs: &'a [(String, String)],
    budget: Field,
    prudence: Field,
    caps: Vec<Field>,
    lines: Vec<Line>,
    /// The money that the widest bar stands for.
    largest: f64,
    more: u64,
    trouble: Option<String>,
    kept: Headline,
    now: Option<Now>,
}

/// A field of the form.
struct Field {
    name: String,
    words: String,
    value: String,
    hint: String,
    least: f64,
    most: f64,
    step: f64,
    /// What the kept plan has.
    own: f64,
}

/// An audience.
struct Line {
    id: String,
    segment: String,
    name: String,
    kept: String,
    now: String,
    was_width: f64,
    now_width: f64,
    pin: String,
    held: String,
}

/// What the solved wish says.
struct Now {
    headline: Headline,
    proof: String,
    prices: Vec<String>,
    next: Option<String>,
    tables: Vec<String>,
    is_other: bool,
}

/// The page.
pub(super) async fn page(
    State(desk): State<Shared>,
    Part(id): Part<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer<Html<String>> {
    let room = desk.room();
    work(&room, move || shown(&id, &pairs, &desk)).await
}

/// What a form asks for, or which of its fields holds no number.
pub(super) fn wish(pairs: &[(String, String)], kept: &Plan, room: &Room) -> Result<Wish, String> {
    Wish::of_form(pairs, &kept.rows).map_err(|NoNumber { field, found }| {
        let told = [("field", field.as_str()), ("found", &found)];
        room.language.say("serve-play-no-number", &told)
    })
}

fn shown(id: &str, pairs: &[(String, String)], desk: &Desk) -> Answer<Html<String>> {
    let (room, run) = (desk.room(), desk.run(id)?);
    let ground = Ground::of(&run, desk).map_err(|none| Trouble::bad(&room, &none.text))?;
    let solved = wish(pairs, &ground.kept, &room)
        .and_then(|wish| ground.solve(&wish, desk).map_err(|none| none.text));
    let kept = ReportData::of_plan(ground.kept.clone());
    let formatter = Formatter::new(&kept, room.language);
    let (now, trouble) = match &solved {
        Ok(solved) => (Some(told(&kept, solved, &formatter, &room)?), None),
        Err(text) => (None, Some(text.clone())),
    };
    let plan = solved.as_ref().ok().map(|solved| &solved.plan);
    let value = |name: &str| pairs.iter().find(|pair| pair.0 == name).map_or("", |pair| &pair.1);
    let (lines, largest, more) = lines(&ground.kept, plan, &value, &formatter);
    let page = Page {
        title: room.text("serve-play"),
        room: &room,
        id,
        pairs,
        budget: budget(&ground.kept, value("budget"), &room),
        prudence: prudence(&ground.kept, value("prudence"), &room),
        caps: caps(&ground.kept, &value, &formatter),
        lines,
        largest,
        more,
        trouble,
        kept: Headline::of(&kept, &formatter),
        now,
    };
    rendered(&page, &room)
}

fn budget(kept: &Plan, value: &str, room: &Room) -> Field {
    let gross = kept.campaign.as_ref().map_or(kept.budget, |campaign| campaign.gross.as_f64());
    Field {
        name: "budget".to_owned(),
        words: room.text("serve-play-budget"),
        value: value.to_owned(),
        hint: room.language.money(gross, kept.currency),
        least: REACH.0 * gross,
        most: REACH.1 * gross,
        step: (gross / 100.0).max(1.0).round(),
        own: gross,
    }
}

fn prudence(kept: &Plan, value: &str, room: &Room) -> Field {
    let own = kept.campaign.as_ref().map_or(0.0, |campaign| campaign.prudence);
    Field {
        name: "prudence".to_owned(),
        words: room.text("serve-play-prudence"),
        value: value.to_owned(),
        hint: room.language.number(own, 2),
        least: 0.0,
        most: 1.0,
        step: 0.05,
        own,
    }
}

/// A cap for each network that may be funded.
fn caps<'a>(kept: &Plan, value: &dyn Fn(&str) -> &'a str, formatter: &Formatter) -> Vec<Field> {
    let mut money = std::collections::BTreeMap::<&str, f64>::new();
    for row in &kept.rows {
        if let Some(network) = row.attributes.get("network") {
            *money.entry(network).or_default() += row.budget;
        }
    }
    let field = |(network, spent): (&str, f64)| {
        let name = format!("{CAP}{network}");
        let words = formatter.network(network);
        let words = formatter.say("serve-play-cap", &[("network", &words)]);
        let hint = formatter.money(spent);
        let value = value(&name).to_owned();
        let step = (kept.budget / 100.0).max(1.0).round();
        Field { name, words, value, hint, least: 0.0, most: kept.budget, step, own: spent }
    };
    money.into_iter().map(field).collect()
}

/// Audiences with their money then and now, and how many are not shown.
fn lines<'a>(
    kept: &Plan,
    now: Option<&Plan>,
    value: &dyn Fn(&str) -> &'a str,
    formatter: &Formatter,
) -> (Vec<Line>, f64, u64) {
    let of_now: std::collections::BTreeMap<&str, &Row> = now
        .iter()
        .flat_map(|plan| plan.rows.iter())
        .map(|row| (row.segment.as_str(), row))
        .collect();
    let money = |row: &Row| of_now.get(row.segment.as_str()).map(|row| row.budget);
    let mut rows: Vec<&Row> = kept.rows.iter().collect();
    let most = |row: &Row| row.budget.max(money(row).unwrap_or(0.0));
    rows.sort_by(|a, b| most(b).total_cmp(&most(a)));
    let largest = rows.first().map_or(1.0, |row| most(row)).max(1.0);
    let line = |row: &Row| {
        let id = identifier(row.segment.as_ref());
        let pin = value(&format!("{PIN}{id}")).to_owned();
        let budget = money(row);
        let held = of_now.get(row.segment.as_str()).and_then(|row| row.at_limit.as_ref());
        Line {
            id,
            segment: row.segment.clone(),
            name: formatter.spoken(&row.segment),
            kept: formatter.money(row.budget),
            now: budget.map_or_else(String::new, |money| formatter.money(money)),
            was_width: width(row.budget, largest),
            now_width: width(budget.unwrap_or(0.0), largest),
            pin,
            held: held.map_or_else(String::new, |limit| formatter.limit(limit)),
        }
    };
    let more = rows.len().saturating_sub(SHOWN) as u64;
    (rows.into_iter().take(SHOWN).map(line).collect(), largest, more)
}

/// Hundredths of the widest bar, to a tenth.
fn width(money: f64, largest: f64) -> f64 {
    (1000.0 * money / largest).round() / 10.0
}

/// What the solved wish says, beside the kept plan.
fn told(kept: &ReportData, solved: &Solved, formatter: &Formatter, room: &Room) -> Answer<Now> {
    let mut now = ReportData::of_plan(solved.plan.clone());
    if let (Some(own), Some(before)) = (&mut now.plan.campaign, &kept.plan.campaign) {
        // Where files stand is no wish of anybody's.
        own.history.clone_from(&before.history);
        own.tests.clone_from(&before.tests);
        own.designed.clone_from(&before.designed);
        own.output.folder.clone_from(&before.output.folder);
    }
    let pairs = [(room.text("serve-play-kept"), kept), (room.text("serve-play-now"), &now)];
    let mut runs = named(&pairs);
    for (run, (name, _)) in runs.iter_mut().zip(&pairs) {
        run.name.clone_from(name);
    }
    let changes = parts::parts(&runs, formatter).into_iter().filter(|part| part.name == "rules");
    let changes: Vec<Table> =
        changes.map(|part| part.table).filter(|table| !table.rows.is_empty()).collect();
    let is_other = !changes.is_empty();
    let beside = is_other.then(|| odds::table(&runs[0], &runs[1], formatter));
    let tables = beside.iter().chain(&changes).enumerate().map(|(i, table)| {
        let html = fragment(table, &format!("played-{i}"), formatter);
        html.map_err(|error| Trouble::fault(room, &error.to_string()))
    });
    let proof = &solved.plan.certificate;
    let status = room.text(&format!("allocate-status-{}", proof.status.key()));
    let gap = room.language.percent(proof.gap, 4);
    Ok(Now {
        headline: Headline::of(&now, formatter),
        proof: room.language.say("serve-play-proof", &[("status", &status), ("gap", &gap)]),
        prices: priced::rules(&solved.plan, room.language),
        next: priced::next(&solved.plan, room.language),
        tables: tables.collect::<Answer<_>>()?,
        is_other,
    })
}

/// The script that answers while a slider moves.
pub(super) async fn script() -> impl IntoResponse {
    let script = include_str!("../page/play.js");
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], script)
}
