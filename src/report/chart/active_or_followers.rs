//! Active engagement against followers: what chasing followers would cost.

use super::canvas::{Align, Canvas, Type};
use super::layout::{MARGIN, apart, axis_room, bottom_axis, left_axis};
use super::palette::{BLUE, GREY, INK, Mark, ORANGE, PURPLE};
use super::scale::Scale;
use super::{Chart, WIDTH, Words, font};
use crate::report::dossier::Dossier;
use crate::report::table::{Cell, Column, Table};
use crate::report::voice::Voice;
use crate::simulate::outcomes::PolicyOutcome;

const NAME: &str = "active-or-followers";
const HEIGHT: f64 = 340.0;

/// A policy with its two results.
struct Result {
    name: String,
    actions: f64,
    follows: f64,
}

/// The chart; `None` unless the plan and another split have follows to show.
pub(super) fn chart(dossier: &Dossier, voice: &Voice) -> Option<Chart> {
    let results: Vec<Result> =
        dossier.outcomes.as_ref()?.policies.iter().filter_map(result).collect();
    let plan = results.iter().find(|result| result.name == "plan")?;
    let other = results
        .iter()
        .filter(|result| result.name != "plan")
        .max_by(|a, b| a.follows.total_cmp(&b.follows))?;
    let words = Words::new(
        voice,
        NAME,
        &[
            ("policy", &voice.policy(&other.name)),
            ("lost", &voice.percent((1.0 - other.actions / plan.actions).max(0.0), 0)),
            ("follows", &voice.quantity((other.follows - plan.follows).max(0.0))),
            ("actions", &voice.quantity(plan.actions)),
        ],
    );
    Some(Chart::new(NAME, words, table(&results, voice), HEIGHT, |canvas| {
        paint(canvas, voice, &results);
    }))
}

fn result(policy: &PolicyOutcome) -> Option<Result> {
    let known = !matches!(policy.name.as_str(), "oracle" | "greedy");
    let follows = policy.follows.filter(|_| known)?;
    Some(Result { name: policy.name.clone(), actions: policy.actions.mean, follows })
}

fn paint(canvas: &mut Canvas<'_>, voice: &Voice, results: &[Result]) {
    let (top, bottom) = (34.0, HEIGHT - 46.0);
    let y = Scale::from_zero(results.iter().map(|r| r.actions), bottom, top);
    let write = |value: f64| voice.quantity(value);
    let left = axis_room(&y, 4, write);
    let right = WIDTH - MARGIN - 150.0;
    let x = Scale::from_zero(results.iter().map(|r| r.follows), left, right);
    bottom_axis(canvas, &x, (top, bottom), 6, write);
    left_axis(canvas, &y, (left, right), 4, write);
    canvas.line((left, bottom), (right, bottom), INK, 1.0);
    canvas.words(
        &voice.text("chart-active-or-followers-y"),
        (MARGIN, 12.0),
        Type::tick(Align::Left),
    );
    let below = (f64::midpoint(left, right), bottom + 32.0);
    canvas.words(&voice.text("chart-active-or-followers-x"), below, Type::tick(Align::Middle));
    let wanted: Vec<f64> = results.iter().map(|r| y.at(r.actions)).collect();
    let places = apart(&wanted, 16.0, top - 8.0, bottom - 6.0);
    for (result, place) in results.iter().zip(places) {
        let at = (x.at(result.follows), y.at(result.actions));
        let (colour, mark) = match result.name.as_str() {
            "plan" => (BLUE, Mark::Disc),
            "last" => (ORANGE, Mark::Square),
            "followers" => (PURPLE, Mark::Diamond),
            _ => (GREY, Mark::Ring),
        };
        canvas.mark(mark, at, 6.0, colour);
        let words = voice.policy(&result.name);
        let end = at.0 + 14.0 + font::width(&words, 12.0, false);
        let label = (at.0 + 14.0, place);
        if (place - at.1).abs() > 6.0 {
            canvas.line((at.0 + 7.0, at.1), (label.0 - 2.0, place), GREY, 0.8);
        }
        let room = if end > WIDTH { WIDTH - label.0 - 4.0 } else { 400.0 };
        canvas.fitted(&words, label, room, Type::label(colour, Align::Left).bold());
    }
}

fn table(results: &[Result], voice: &Voice) -> Table {
    let mut table = Table::new(
        voice.text("chart-active-or-followers-table"),
        vec![
            Column::new(voice, "report-column-policy", 28.0),
            Column::new(voice, "report-column-actions", 14.0),
            Column::new(voice, "report-column-follows", 14.0),
        ],
    );
    table.rows = results
        .iter()
        .map(|r| {
            vec![
                Cell::Text(voice.policy(&r.name)),
                Cell::Number(r.actions, 0),
                Cell::Number(r.follows, 0),
            ]
        })
        .collect();
    table
}
