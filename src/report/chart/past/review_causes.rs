//! From what was promised to what happened, step by step: delivery, response.

use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::canvas::{Align, Canvas, Type};
use crate::report::chart::draw::figure::{Chart, Words};
use crate::report::chart::draw::layout::{MARGIN, bottom_axis, names_room};
use crate::report::chart::draw::palette::{BLUE, GREEN, GREY, INK, ORANGE};
use crate::report::chart::draw::scale::Scale;
use crate::report::formatter::Formatter;
use crate::report::sheets::table::{Cell, Column, Table};
use crate::review::Review;

const NAME: &str = "review-causes";
const ROW: f64 = 46.0;

/// A bar of the staircase.
struct Step {
    name: String,
    from: f64,
    to: f64,
    /// A difference, not a level.
    is_change: bool,
}

pub(crate) fn chart(review: &Review, formatter: &Formatter) -> Chart {
    let promised = review.promised;
    let has_promise = promised.mean > 0.0;
    let ratio = if has_promise { review.happened / promised.mean } else { 0.0 };
    let words = Words::variant(
        formatter,
        NAME,
        [if has_promise { "" } else { "-plain" }, "", ""],
        &[
            ("ratio", &formatter.percent(ratio, 0)),
            ("promised", &formatter.quantity(promised.mean)),
            ("happened", &formatter.quantity(review.happened)),
            ("delivery", &formatter.signed(review.delivery, 0)),
            ("response", &formatter.signed(review.response, 0)),
            ("low", &formatter.quantity(promised.p10)),
            ("high", &formatter.quantity(promised.p90)),
        ],
    );
    let mut words = words;
    if review.until.is_some() {
        let ratio = formatter.percent(ratio, 0);
        words.title = formatter.say("chart-review-causes-title-so-far", &[("ratio", &ratio)]);
    }
    let steps = steps(review, formatter);
    let height = 26.0 + ROW * steps.len() as f64 + 36.0;
    Chart::new(NAME, words, table(&steps, formatter), height, |canvas| {
        paint(canvas, formatter, review, &steps);
    })
}

fn steps(review: &Review, formatter: &Formatter) -> Vec<Step> {
    let name = |key: &str| formatter.text(&format!("chart-review-causes-{key}"));
    let due = if review.until.is_some() { "promised-so-far" } else { "promised" };
    let promised = review.promised.mean;
    let delivered = promised + review.delivery;
    vec![
        Step { name: name(due), from: 0.0, to: promised, is_change: false },
        Step { name: name("delivery"), from: promised, to: delivered, is_change: true },
        Step { name: name("response"), from: delivered, to: review.happened, is_change: true },
        Step { name: name("happened"), from: 0.0, to: review.happened, is_change: false },
    ]
}

fn paint(canvas: &mut Canvas<'_>, formatter: &Formatter, review: &Review, steps: &[Step]) {
    let left = names_room(steps.iter().map(|step| step.name.as_str()), 270.0);
    let values = steps.iter().map(|step| step.to.max(step.from)).chain([review.promised.p90]);
    let x = Scale::from_zero(values, left + 8.0, WIDTH - MARGIN - 110.0);
    let (top, bottom) = (26.0, 26.0 + ROW * steps.len() as f64);
    let (low, high) = (x.at(review.promised.p10), x.at(review.promised.p90));
    canvas.block((low, top), (high, bottom), BLUE, 0.13);
    let words = formatter.text("chart-review-causes-range");
    let middle = f64::midpoint(low, high);
    canvas.fitted(&words, (middle, 12.0), 300.0, Type::label(BLUE, Align::Middle).size(11.0));
    bottom_axis(canvas, &x, (top, bottom), 6, |value| formatter.quantity(value));
    for (i, step) in steps.iter().enumerate() {
        let y = top + ROW * (i as f64 + 0.5);
        let name = Type::label(INK, Align::Right).bold();
        canvas.fitted(&step.name, (left - 8.0, y), left - MARGIN - 10.0, name);
        let (from, to) = (x.at(step.from.min(step.to)), x.at(step.from.max(step.to)));
        let (a, b) = ((from, y - 11.0), (to.max(from + 1.5), y + 11.0));
        let (colour, words) = if step.is_change {
            let colour = if step.to >= step.from { GREEN } else { ORANGE };
            canvas.hatch(a, b, colour);
            (colour, formatter.signed(step.to - step.from, 0))
        } else {
            let colour = if i == 0 { BLUE } else { INK };
            canvas.block(a, b, colour, 1.0);
            (colour, formatter.quantity(step.to))
        };
        canvas.words(&words, (b.0 + 8.0, y), Type::label(colour, Align::Left).bold());
        if i + 1 < steps.len() {
            let end = x.at(step.to);
            canvas.line((end, y + 11.0), (end, y + ROW - 11.0), GREY, 1.0);
        }
    }
    let unit = formatter.text("chart-points");
    let middle = f64::midpoint(left, WIDTH - MARGIN - 110.0);
    canvas.words(&unit, (middle, bottom + 29.0), Type::tick(Align::Middle));
}

fn table(steps: &[Step], formatter: &Formatter) -> Table {
    let mut table = Table::new(
        formatter.text("chart-review-causes-table"),
        vec![
            Column::new(formatter, "report-column-measure", 40.0),
            Column::new(formatter, "report-column-value", 14.0),
        ],
    );
    let cell = |step: &Step| {
        if step.is_change { Cell::Change(step.to - step.from, 0) } else { Cell::Number(step.to, 0) }
    };
    table.rows = steps.iter().map(|step| vec![Cell::Text(step.name.clone()), cell(step)]).collect();
    table
}
