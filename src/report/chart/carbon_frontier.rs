//! Engagement against emissions: the best value under tighter and tighter caps.

use super::canvas::{Align, Canvas, Point, Type};
use super::layout::{MARGIN, axis_room, bottom_axis, left_axis};
use super::palette::{BLUE, GREEN, INK, Mark};
use super::scale::Scale;
use super::{Chart, WIDTH, Words};
use crate::allocate::plan::CarbonPoint;
use crate::report::dossier::Dossier;
use crate::report::table::{Cell, Column, Table};
use crate::report::voice::Voice;

const NAME: &str = "carbon-frontier";
const HEIGHT: f64 = 320.0;

/// The chart; `None` with fewer than two caps tried.
pub(super) fn chart(dossier: &Dossier, voice: &Voice) -> Option<Chart> {
    let mut points = dossier.plan.carbon_frontier.clone();
    points.sort_by(|a, b| a.carbon_kg.total_cmp(&b.carbon_kg));
    let (first, most) = (*points.first()?, *points.last()?);
    if points.len() < 2 || first == most {
        return None;
    }
    let saved = 1.0 - first.carbon_kg / most.carbon_kg;
    let lost = 1.0 - first.value / most.value;
    let words = Words::new(
        voice,
        NAME,
        &[
            ("saved", &voice.percent(saved, 0)),
            ("lost", &voice.percent(lost, 0)),
            ("low", &voice.short(first.carbon_kg)),
            ("high", &voice.short(most.carbon_kg)),
        ],
    );
    let own = dossier.plan.carbon_g.map(|grams| grams / 1000.0);
    let value = dossier.plan.value.mean;
    Some(Chart::new(NAME, words, table(&points, voice), HEIGHT, |canvas| {
        paint(canvas, voice, &points, own.map(|kg| (kg, value)));
    }))
}

fn paint(canvas: &mut Canvas<'_>, voice: &Voice, points: &[CarbonPoint], own: Option<(f64, f64)>) {
    let (top, bottom) = (34.0, HEIGHT - 46.0);
    let values = points.iter().map(|p| p.value).chain(own.map(|own| own.1));
    let y = Scale::from_zero(values, bottom, top);
    let write = |value: f64| voice.quantity(value);
    let left = axis_room(&y, 4, write);
    let right = WIDTH - MARGIN - 40.0;
    let kilograms = points.iter().map(|p| p.carbon_kg).chain(own.map(|own| own.0));
    let x = Scale::from_zero(kilograms, left, right);
    let decimals = x.decimals(6);
    bottom_axis(canvas, &x, (top, bottom), 6, |kg| voice.language.number(kg, decimals));
    left_axis(canvas, &y, (left, right), 4, write);
    canvas.line((left, bottom), (right, bottom), INK, 1.0);
    let unit = voice.text("chart-carbon-frontier-axis");
    canvas.words(&unit, (f64::midpoint(left, right), bottom + 32.0), Type::tick(Align::Middle));
    let line: Vec<Point> = points.iter().map(|p| (x.at(p.carbon_kg), y.at(p.value))).collect();
    canvas.path(&line, GREEN, 2.2);
    for point in &line {
        canvas.mark(Mark::Diamond, *point, 4.0, GREEN);
    }
    if let Some((kg, value)) = own {
        let at = (x.at(kg), y.at(value));
        canvas.mark(Mark::Disc, at, 6.5, BLUE);
        let words = voice.say("chart-carbon-frontier-plan", &[("kg", &voice.short(kg))]);
        // Above and to the left of a rising curve there is always room.
        canvas.words(&words, (at.0 - 10.0, at.1 - 16.0), Type::label(BLUE, Align::Right).bold());
    }
}

fn table(points: &[CarbonPoint], voice: &Voice) -> Table {
    let mut table = Table::new(
        voice.text("chart-carbon-frontier-table"),
        vec![
            Column::new(voice, "report-column-carbon-kg", 16.0),
            Column::new(voice, "report-column-best-value", 16.0),
        ],
    );
    table.rows = points
        .iter()
        .map(|p| vec![Cell::Number(p.carbon_kg, 1), Cell::Number(p.value, 0)])
        .collect();
    table
}
