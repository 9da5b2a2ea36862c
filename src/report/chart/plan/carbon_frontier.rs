//! Engagement against emissions: where the plan stands, what its limit is, what less would cost.

use crate::allocate::plan::CarbonPoint;
use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::canvas::{Align, Canvas, Point, Type};
use crate::report::chart::draw::figure::{Chart, Words};
use crate::report::chart::draw::layout::{MARGIN, axis_room, bottom_axis, left_axis};
use crate::report::chart::draw::palette::{BLUE, GREEN, INK, Mark, ORANGE};
use crate::report::chart::draw::scale::Scale;
use crate::report::formatter::Formatter;
use crate::report::report_data::ReportData;
use crate::report::sheets::table::{Cell, Column, Table};

const NAME: &str = "carbon-frontier";
const HEIGHT: f64 = 320.0;

/// The chart; `None` with fewer than two caps tried.
pub(crate) fn chart(report_data: &ReportData, formatter: &Formatter) -> Option<Chart> {
    let mut points = report_data.plan.carbon_frontier.clone();
    points.sort_by(|a, b| a.carbon_kg.total_cmp(&b.carbon_kg));
    let (first, most) = (*points.first()?, *points.last()?);
    if points.len() < 2 || first == most {
        return None;
    }
    let own = report_data.plan.carbon_g.map(|grams| grams / 1000.0);
    let here = own.unwrap_or(most.carbon_kg).min(most.carbon_kg);
    let whole = value_at(&points, here);
    if whole <= 0.0 || here <= 0.0 {
        return None;
    }
    let tried = telling(&points, here, whole);
    let limit = report_data.plan.campaign.as_ref().and_then(|campaign| campaign.limits.carbon_kg);
    let lost = 1.0 - tried.value / whole;
    let variant = match () {
        () if tried.carbon_kg > 0.995 * here => "-plain",
        () if lost < 0.000_5 => "-free",
        () => "",
    };
    let rises = if flattens(&points) { "chart-carbon-frontier-rises" } else { "" };
    let ends =
        [("low", &*formatter.short(first.carbon_kg)), ("high", &formatter.short(most.carbon_kg))];
    let rises = if rises.is_empty() { String::new() } else { formatter.say(rises, &ends) };
    let mut words = Words::variant(
        formatter,
        NAME,
        [variant, "", variant],
        &[
            ("rises", &rises),
            ("saved", &formatter.percent(1.0 - tried.carbon_kg / here, 0)),
            ("lost", &formatter.part_of(lost.max(0.0))),
            ("low", &formatter.short(first.carbon_kg)),
            ("high", &formatter.short(most.carbon_kg)),
        ],
    );
    if let Some(kg) = limit {
        let limit =
            formatter.say("chart-carbon-frontier-alt-limit", &[("kg", &formatter.short(kg))]);
        words.alternative = format!("{} {limit}", words.alternative);
    }
    let shares: Vec<Point> = points.iter().map(|p| (p.carbon_kg, p.value / whole)).collect();
    Some(Chart::new(NAME, words, table(&points, whole, formatter), HEIGHT, |canvas| {
        paint(canvas, formatter, &shares, own, limit);
    }))
}

/// Whether the value rises with the emissions allowed, ever more slowly.
fn flattens(points: &[CarbonPoint]) -> bool {
    let slope = |pair: &[CarbonPoint]| {
        (pair[1].value - pair[0].value) / (pair[1].carbon_kg - pair[0].carbon_kg)
    };
    let slopes: Vec<f64> = points.windows(2).map(slope).collect();
    let slack = 1e-3 * slopes.iter().copied().fold(0.0, f64::max);
    slopes.iter().all(|slope| *slope >= 0.0)
        && slopes.windows(2).all(|pair| pair[1] <= pair[0] + slack)
}

/// Value of the frontier at so many kilograms, straight between the caps that were tried.
fn value_at(points: &[CarbonPoint], kg: f64) -> f64 {
    match points.iter().position(|p| p.carbon_kg >= kg) {
        Some(0) => points[0].value,
        None => points.last().map_or(0.0, |p| p.value),
        Some(i) => {
            let (a, b) = (points[i - 1], points[i]);
            a.value + (b.value - a.value) * (kg - a.carbon_kg) / (b.carbon_kg - a.carbon_kg)
        }
    }
}

/// The cap that saves most for what it costs: the one to tell in a sentence.
fn telling(points: &[CarbonPoint], here: f64, whole: f64) -> CarbonPoint {
    let kept = |p: &CarbonPoint| p.value / whole - p.carbon_kg / here;
    let below = points.iter().filter(|p| p.carbon_kg < 0.98 * here);
    *below.max_by(|a, b| kept(a).total_cmp(&kept(b))).unwrap_or(&points[0])
}

/// A limit further away than so many times what the frontier covers is told without being drawn.
const FAR: f64 = 1.4;
/// Room between two labels of the curve.
const APART: f64 = 18.0;

fn paint(
    canvas: &mut Canvas<'_>,
    formatter: &Formatter,
    points: &[Point],
    own: Option<f64>,
    limit: Option<f64>,
) {
    let (top, bottom) = (34.0, HEIGHT - 46.0);
    let y = Scale::from_zero(points.iter().map(|p| p.1).chain([1.0]), bottom, top);
    let write = |share: f64| formatter.percent(share, 0);
    let left = axis_room(&y, 4, write);
    let right = WIDTH - MARGIN - 40.0;
    let kilograms = || points.iter().map(|p| p.0).chain(own);
    let most = FAR * kilograms().fold(0.0, f64::max);
    let near = limit.filter(|kg| *kg <= most);
    let x = Scale::from_zero(kilograms().chain(near), left, right);
    let decimals = x.decimals(6);
    bottom_axis(canvas, &x, (top, bottom), 6, |kg| formatter.language.number(kg, decimals));
    left_axis(canvas, &y, (left, right), 4, write);
    canvas.line((left, bottom), (right, bottom), INK, 1.0);
    let unit = formatter.text("chart-carbon-frontier-axis");
    canvas.words(&unit, (f64::midpoint(left, right), bottom + 32.0), Type::tick(Align::Middle));
    let line: Vec<Point> = points.iter().map(|p| (x.at(p.0), y.at(p.1))).collect();
    canvas.path(&line, GREEN, 2.2);
    if let Some(kg) = limit {
        let key = if near.is_some() { "limit" } else { "limit-far" };
        let key = format!("chart-carbon-frontier-{key}");
        let words = formatter.say(&key, &[("kg", &formatter.short(kg))]);
        let at = near.map_or(right, |kg| x.at(kg));
        if near.is_some() {
            canvas.dashes(&[(at, top - 6.0), (at, bottom)], ORANGE, 2.0, 5.0);
        }
        let kind = Type::label(ORANGE, Align::Right).bold();
        canvas.words(&words, (at - 8.0, bottom - 14.0), kind);
    }
    let crossed = near.map_or(right, |kg| x.at(kg) - 6.0);
    lower(canvas, formatter, points, &line, (crossed, bottom - 36.0));
    if let Some(kg) = own {
        let at = (x.at(kg), y.at(1.0));
        canvas.mark(Mark::Disc, at, 6.5, BLUE);
        let words = formatter.say("chart-carbon-frontier-plan", &[("kg", &formatter.short(kg))]);
        // Above and to the left of a rising curve there is always room.
        canvas.words(&words, (at.0 - 10.0, at.1 - 16.0), Type::label(BLUE, Align::Right).bold());
    }
}

/// The caps that were tried, with what each would cost: to the right of a rising curve, as far as
/// there is room.
fn lower(
    canvas: &mut Canvas<'_>,
    formatter: &Formatter,
    points: &[Point],
    line: &[Point],
    (right, lowest): Point,
) {
    let mut free = f64::NEG_INFINITY;
    for (point, at) in points.iter().zip(line).rev().skip(1) {
        canvas.mark(Mark::Diamond, *at, 4.5, GREEN);
        let y = at.1 + 13.0;
        if y < free || y > lowest {
            continue;
        }
        let difference = formatter.signed_percent(point.1 - 1.0);
        let arguments = [("kg", formatter.short(point.0)), ("difference", difference)];
        let arguments = arguments.each_ref().map(|(name, value)| (*name, value.as_str()));
        let words = formatter.say("chart-carbon-frontier-less", &arguments);
        // Beside the plan's limit there may be none: the next one down tells as much.
        if at.0 + 12.0 + crate::report::chart::draw::font::width(&words, 12.0, false) <= right {
            free = y + APART;
            canvas.words(&words, (at.0 + 12.0, y), Type::label(GREEN, Align::Left));
        }
    }
}

fn table(points: &[CarbonPoint], whole: f64, formatter: &Formatter) -> Table {
    let mut table = Table::new(
        formatter.text("chart-carbon-frontier-table"),
        vec![
            Column::new(formatter, "report-column-carbon-kg", 16.0),
            Column::new(formatter, "report-column-best-value", 16.0),
            Column::new(formatter, "report-column-of-plan", 16.0),
        ],
    );
    table.rows = points
        .iter()
        .map(|p| {
            vec![
                Cell::Number(p.carbon_kg, 1),
                Cell::Number(p.value, 0),
                Cell::Percent(p.value / whole, 1),
            ]
        })
        .collect();
    table
}
