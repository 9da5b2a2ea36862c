//! What other budgets would bring: best value against total money, with the current budget and
//! the one that breaks even with the last split.
//!
//! The curve is found on the draws that the plan was chosen on, the promise on others: the chart
//! shows shares of the plan's value, which agree on both.

use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::figure::{Chart, Words};

use plotters::style::RGBColor;

use crate::allocate::plan::BudgetPoint;
use crate::allocate::rules::policy::PolicyName;
use crate::report::chart::draw::canvas::{Align, Canvas, Point, Type};
use crate::report::chart::draw::layout::{MARGIN, axis_room, bottom_axis, left_axis};
use crate::report::chart::draw::palette::{BLUE, GREEN, GREY, INK, Mark, ORANGE};
use crate::report::chart::draw::scale::Scale;
use crate::report::formatter::Formatter;
use crate::report::report_data::ReportData;
use crate::report::sheets::table::{Cell, Column, Table};

const NAME: &str = "budget-curve";
const HEIGHT: f64 = 370.0;
/// The smaller budget that the title tells, as a share of the plan's.
const CUT: f64 = 0.8;

/// The chart; `None` with fewer than three budgets tried.
pub(crate) fn chart(report_data: &ReportData, formatter: &Formatter) -> Option<Chart> {
    let points = &report_data.plan.budget_curve;
    if points.len() < 3 {
        return None;
    }
    let budget = report_data.plan.spent;
    let now = value_at(points, budget);
    // Shares of nothing say nothing.
    if now <= 0.0 {
        return None;
    }
    let lost = 1.0 - value_at(points, CUT * budget) / now;
    let is_tried = points[0].budget <= CUT * budget && lost.is_finite();
    let (title, alternative) = match is_tried {
        false => ("-plain", "-plain"),
        true if lost < 0.000_5 => ("-none", "-none"),
        true => ("", ""),
    };
    let rises =
        if flattens(points) { formatter.text("chart-budget-curve-rises") } else { String::new() };
    let slope = |money: f64| marginal_at(points, money);
    let words = Words::variant(
        formatter,
        NAME,
        [title, "", alternative],
        &[
            ("rises", &rises),
            ("lost", &formatter.part_of(lost)),
            ("cut", &formatter.percent(1.0 - CUT, 0)),
            ("budget", &formatter.money(budget)),
            ("marginal", &formatter.points(slope(budget))),
            ("money", &formatter.language.money(1.0, formatter.currency)),
        ],
    );
    let even = Even::of(report_data, points, now);
    let mut words = words;
    if let Some(Even::Last { money, of, .. }) = even {
        let arguments: [(&str, &str); 2] =
            [("money", &formatter.money(money)), ("budget", &formatter.money(of))];
        words.alternative = format!(
            "{} {}",
            words.alternative,
            formatter.say("chart-budget-curve-alt-even", &arguments)
        );
    }
    Some(Chart::new(NAME, words, table(points, now, formatter), HEIGHT, |canvas| {
        paint(canvas, formatter, points, budget, even);
    }))
}

/// The budget to break even at.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Even {
    /// The plan's way of dividing is worth there what the last split is worth at the whole budget.
    Last { money: f64, share: f64, of: f64 },
    /// From there on, each further unit brings less than half as much as the first did.
    Half(f64),
}

impl Even {
    /// Against the last split when it is known and worth less; else where returns have halved.
    fn of(report_data: &ReportData, points: &[BudgetPoint], now: f64) -> Option<Self> {
        let plan = &report_data.plan;
        let last = plan.baselines.iter().find(|baseline| baseline.name == PolicyName::Last);
        let share = last.map(|last| last.value.mean / plan.value.mean);
        let money = share.and_then(|share| {
            let after = points.iter().position(|p| p.value >= share * now).filter(|i| *i > 0)?;
            let (a, b) = (points[after - 1], points[after]);
            Some(a.budget + (b.budget - a.budget) * (share * now - a.value) / (b.value - a.value))
        });
        if let (Some(share), Some(money)) = (share, money)
            && money < 0.97 * plan.spent
        {
            let of = last.map_or(0.0, |last| last.budgets.iter().sum());
            return Some(Self::Last { money, share, of });
        }
        let first = points.iter().map(|p| p.marginal).fold(0.0, f64::max);
        let after = points.iter().position(|p| p.marginal < 0.5 * first)?;
        let stays = points[after..].iter().all(|p| p.marginal < 0.5 * first);
        (after > 0 && stays).then(|| Self::Half(points[after].budget))
    }
}

/// Whether every step of money brings something, and none more than the step before.
fn flattens(points: &[BudgetPoint]) -> bool {
    let slope =
        |pair: &[BudgetPoint]| (pair[1].value - pair[0].value) / (pair[1].budget - pair[0].budget);
    let slopes: Vec<f64> = points.windows(2).map(slope).collect();
    let slack = 1e-3 * slopes.iter().copied().fold(0.0, f64::max);
    slopes.iter().all(|slope| *slope > 0.0)
        && slopes.windows(2).all(|pair| pair[1] <= pair[0] + slack)
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
    formatter: &Formatter,
    points: &[BudgetPoint],
    budget: f64,
    even: Option<Even>,
) {
    let now = value_at(points, budget);
    let (top, bottom) = (48.0, HEIGHT - 46.0);
    let y = Scale::from_zero(points.iter().map(|p| p.value / now), bottom, top);
    let write = |share: f64| formatter.percent(share, 0);
    let left = axis_room(&y, 5, write);
    let right = WIDTH - MARGIN - 24.0;
    let x = Scale::from_zero(points.iter().map(|p| p.budget), left, right);
    bottom_axis(canvas, &x, (top, bottom), 6, |m| formatter.language.money(m, formatter.currency));
    left_axis(canvas, &y, (left, right), 5, write);
    canvas.line((left, bottom), (right, bottom), INK, 1.0);
    let curve: Vec<Point> = points.iter().map(|p| (x.at(p.budget), y.at(p.value / now))).collect();
    canvas.path(&curve, BLUE, 2.5);
    let middle = f64::midpoint(left, right);
    let unit = formatter.text("chart-budget-curve-axis");
    canvas.words(&unit, (middle, bottom + 32.0), Type::tick(Align::Middle));
    let frame = Frame { x, y, left, right, bottom };
    frame.even(canvas, formatter, points, (budget, even));
    frame.tried(canvas, formatter, points, budget);
}

/// Where things stand on the sheet.
struct Frame {
    x: Scale,
    y: Scale,
    left: f64,
    right: f64,
    bottom: f64,
}

impl Frame {
    /// The point of a budget on the curve, in shares of the plan's value.
    fn at(&self, points: &[BudgetPoint], money: f64, now: f64) -> Point {
        (self.x.at(money), self.y.at(value_at(points, money) / now))
    }

    /// The budget that breaks even.
    fn even(
        &self,
        canvas: &mut Canvas<'_>,
        formatter: &Formatter,
        points: &[BudgetPoint],
        (budget, even): (f64, Option<Even>),
    ) {
        let Self { x, y, left, right, bottom } = self;
        match even {
            Some(Even::Last { money, share, of }) => {
                let at = (x.at(money), y.at(share));
                canvas.dashes(&[(*left, at.1), at, (at.0, *bottom)], ORANGE, 1.6, 4.0);
                canvas.mark(Mark::Ring, at, 5.0, ORANGE);
                let words = formatter.say(
                    "chart-budget-curve-last",
                    &[("money", &formatter.money(money)), ("budget", &formatter.money(of))],
                );
                // Below a rising curve, and right of the point, nothing else stands.
                let room = right - at.0 - 12.0;
                let kind = Type::label(ORANGE, Align::Left);
                let lines = crate::report::chart::draw::font::wrap(&words, 12.0, false, room);
                for (i, line) in lines.iter().enumerate() {
                    let up = 16.0 * (lines.len() - i) as f64;
                    canvas.words(line, (at.0 + 10.0, bottom - up + 2.0), kind);
                }
            }
            Some(Even::Half(money)) if money <= x.ends().1 => {
                let at = self.at(points, money, value_at(points, budget));
                let middle = f64::midpoint(*left, *right);
                canvas.dashes(&[(at.0, *bottom), at], GREY, 1.4, 4.0);
                let words =
                    formatter.say("chart-budget-curve-even", &[("money", &formatter.money(money))]);
                let align = if at.0 > middle { Align::Right } else { Align::Left };
                let side = if at.0 > middle { -6.0 } else { 6.0 };
                canvas.words(&words, (at.0 + side, bottom - 14.0), Type::label(GREY, align));
            }
            _ => {}
        }
    }

    /// The plan's budget, and a little less and more.
    fn tried(
        &self,
        canvas: &mut Canvas<'_>,
        formatter: &Formatter,
        points: &[BudgetPoint],
        budget: f64,
    ) {
        let now = value_at(points, budget);
        let curve: Vec<Point> = points.iter().map(|p| self.at(points, p.budget, now)).collect();
        let tried: Vec<Tried> = TRIED
            .into_iter()
            .filter(|tried| points.last().is_some_and(|p| tried.0 * budget <= p.budget))
            .collect();
        let at: Vec<Point> =
            tried.iter().map(|tried| self.at(points, tried.0 * budget, now)).collect();
        let labels: Vec<String> = tried
            .iter()
            .map(|(share, _, _, key)| {
                let (money, value) = (share * budget, value_at(points, share * budget));
                let difference = formatter.signed_percent(value / now - 1.0);
                formatter
                    .say(key, &[("money", &formatter.money(money)), ("difference", &difference)])
            })
            .collect();
        // Each label stands left of its point, above the curve, and above the label before it.
        let mut free = f64::INFINITY;
        let places: Vec<f64> = at
            .iter()
            .zip(&labels)
            .map(|(at, words)| {
                let from = at.0 - 10.0 - crate::report::chart::draw::font::width(words, 12.0, true);
                let above =
                    curve.iter().chain([at]).filter(|point| point.0 >= from && point.0 <= at.0);
                let highest = above.map(|point| point.1).fold(f64::INFINITY, f64::min);
                free = (highest - 14.0).min(free - 18.0);
                free
            })
            .collect();
        for (((tried, at), place), words) in tried.iter().zip(at).zip(places).zip(&labels) {
            let (_, mark, colour, _) = *tried;
            canvas.mark(mark, at, 6.0, colour);
            canvas.fitted(
                words,
                (at.0 - 10.0, place),
                at.0 - 14.0,
                Type::label(colour, Align::Right).bold(),
            );
        }
    }
}

/// A share of the budget to mark, how, and the key of its words.
type Tried = (f64, Mark, RGBColor, &'static str);

const TRIED: [Tried; 3] = [
    (CUT, Mark::Square, ORANGE, "chart-budget-curve-less"),
    (1.0, Mark::Disc, BLUE, "chart-budget-curve-now"),
    (1.2, Mark::Triangle, GREEN, "chart-budget-curve-more"),
];

fn table(points: &[BudgetPoint], now: f64, formatter: &Formatter) -> Table {
    let mut table = Table::new(
        formatter.text("chart-budget-curve-table"),
        vec![
            Column::new(formatter, "report-column-total-budget", 14.0),
            Column::new(formatter, "report-column-best-value", 14.0),
            Column::new(formatter, "report-column-of-plan", 14.0),
            Column::new(formatter, "report-column-marginal", 16.0),
        ],
    );
    table.rows = points
        .iter()
        .map(|p| {
            vec![
                Cell::Money(p.budget, 0),
                Cell::Number(p.value, 0),
                Cell::Percent(p.value / now, 1),
                Cell::Number(p.marginal, 3),
            ]
        })
        .collect();
    table
}
