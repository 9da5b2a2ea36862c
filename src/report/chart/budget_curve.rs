//! What other budgets would bring: best value against total money, with the current budget and
//! the one from which a further unit of money brings less than half of what it brings now.

use plotters::style::RGBColor;

use super::canvas::{Align, Canvas, Point, Type};
use super::layout::{MARGIN, apart, axis_room, bottom_axis, left_axis};
use super::palette::{BLUE, GREEN, GREY, INK, Mark, ORANGE};
use super::scale::Scale;
use super::{Chart, WIDTH, Words};
use crate::allocate::plan::BudgetPoint;
use crate::report::dossier::Dossier;
use crate::report::table::{Cell, Column, Table};
use crate::report::voice::Voice;

const NAME: &str = "budget-curve";
const HEIGHT: f64 = 350.0;

/// The chart; `None` with fewer than three budgets tried.
pub(super) fn chart(dossier: &Dossier, voice: &Voice) -> Option<Chart> {
    let points = &dossier.plan.budget_curve;
    if points.len() < 3 {
        return None;
    }
    let budget = dossier.plan.spent;
    let now = value_at(points, budget);
    let less = value_at(points, 0.8 * budget);
    let lost = if now > 0.0 { 1.0 - less / now } else { 0.0 };
    let slope = |money: f64| marginal_at(points, money);
    let words = Words::new(
        voice,
        NAME,
        &[
            ("lost", &voice.percent(lost, 0)),
            ("cut", &voice.percent(0.2, 0)),
            ("value", &voice.quantity(now)),
            ("budget", &voice.money(budget)),
            ("marginal", &voice.short(slope(budget))),
            ("money", &voice.language.money(1.0, voice.currency)),
        ],
    );
    let even = break_even(points);
    Some(Chart::new(NAME, words, table(points, voice), HEIGHT, |canvas| {
        paint(canvas, voice, points, budget, even);
    }))
}

/// The largest budget tried at which another unit of money still brings the average of the
/// first: beyond it, each further unit brings less than half as much as the first did.
fn break_even(points: &[BudgetPoint]) -> Option<f64> {
    let first = points.iter().map(|p| p.marginal).fold(0.0, f64::max);
    let after = points.iter().position(|p| p.marginal < 0.5 * first)?;
    (after > 0).then(|| points[after].budget)
}

fn value_at(points: &[BudgetPoint], money: f64) -> f64 {
    between(points, money, |p| p.value)
}

fn marginal_at(points: &[BudgetPoint], money: f64) -> f64 {
    between(points, money, |p| p.marginal)
}

fn between(points: &[BudgetPoint], money: f64, of: impl Fn(&BudgetPoint) -> f64) -> f64 {
    match points.iter().position(|p| p.budget >= money) {
        Some(0) => of(&points[0]),
        None => points.last().map_or(0.0, &of),
        Some(i) => {
            let (a, b) = (points[i - 1], points[i]);
            of(&a) + (of(&b) - of(&a)) * (money - a.budget) / (b.budget - a.budget)
        }
    }
}

fn paint(
    canvas: &mut Canvas<'_>,
    voice: &Voice,
    points: &[BudgetPoint],
    budget: f64,
    even: Option<f64>,
) {
    let (top, bottom) = (20.0, HEIGHT - 46.0);
    let y = Scale::from_zero(points.iter().map(|p| p.value), bottom, top);
    let write = |value: f64| voice.quantity(value);
    let left = axis_room(&y, 5, write);
    let right = WIDTH - MARGIN - 24.0;
    let x = Scale::from_zero(points.iter().map(|p| p.budget), left, right);
    bottom_axis(canvas, &x, (top, bottom), 6, |m| voice.language.money(m, voice.currency));
    left_axis(canvas, &y, (left, right), 5, write);
    canvas.line((left, bottom), (right, bottom), INK, 1.0);
    let curve: Vec<Point> = points.iter().map(|p| (x.at(p.budget), y.at(p.value))).collect();
    canvas.path(&curve, BLUE, 2.5);
    let middle = f64::midpoint(left, right);
    let unit = voice.text("chart-budget-curve-axis");
    canvas.words(&unit, (middle, bottom + 32.0), Type::tick(Align::Middle));
    if let Some(even) = even.filter(|money| *money <= x.ends().1) {
        let at = (x.at(even), y.at(value_at(points, even)));
        canvas.dashes(&[(at.0, bottom), at], GREY, 1.4, 4.0);
        let words = voice.say("chart-budget-curve-even", &[("money", &voice.money(even))]);
        let align = if at.0 > middle { Align::Right } else { Align::Left };
        let side = if at.0 > middle { -6.0 } else { 6.0 };
        canvas.words(&words, (at.0 + side, bottom - 14.0), Type::label(GREY, align));
    }
    let tried: Vec<Tried> = TRIED
        .into_iter()
        .filter(|tried| points.last().is_some_and(|p| tried.0 * budget <= p.budget))
        .collect();
    let at: Vec<Point> = tried
        .iter()
        .map(|tried| (x.at(tried.0 * budget), y.at(value_at(points, tried.0 * budget))))
        .collect();
    // Above and to the left of a concave curve there is room for every label.
    let wanted: Vec<f64> = at.iter().map(|at| at.1 - 16.0).collect();
    let places = apart(&wanted, 18.0, 4.0, bottom);
    for ((tried, at), place) in tried.iter().zip(at).zip(places) {
        let (share, mark, colour, key) = *tried;
        canvas.mark(mark, at, 6.0, colour);
        let (money, value) = (share * budget, value_at(points, share * budget));
        let arguments: [(&str, &str); 3] = [
            ("money", &voice.money(money)),
            ("value", &voice.quantity(value)),
            ("difference", &voice.signed(value - value_at(points, budget), 0)),
        ];
        let words = voice.say(key, &arguments);
        canvas.fitted(
            &words,
            (at.0 - 10.0, place),
            at.0 - 14.0,
            Type::label(colour, Align::Right).bold(),
        );
    }
}

/// A share of the budget to mark, how, and the key of its words.
type Tried = (f64, Mark, RGBColor, &'static str);

const TRIED: [Tried; 3] = [
    (0.8, Mark::Square, ORANGE, "chart-budget-curve-less"),
    (1.0, Mark::Disc, BLUE, "chart-budget-curve-now"),
    (1.2, Mark::Triangle, GREEN, "chart-budget-curve-more"),
];

fn table(points: &[BudgetPoint], voice: &Voice) -> Table {
    let mut table = Table::new(
        voice.text("chart-budget-curve-table"),
        vec![
            Column::new(voice, "report-column-total-budget", 14.0),
            Column::new(voice, "report-column-best-value", 14.0),
            Column::new(voice, "report-column-marginal", 16.0),
        ],
    );
    table.rows = points
        .iter()
        .map(|p| {
            vec![Cell::Money(p.budget, 0), Cell::Number(p.value, 0), Cell::Number(p.marginal, 3)]
        })
        .collect();
    table
}
