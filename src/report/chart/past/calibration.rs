//! Whether intervals keep what they claim: coverage, and where observations fall (PIT).

use crate::backtest::scores::{Backtest, Score};
use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::canvas::{Align, Canvas, Type};
use crate::report::chart::draw::figure::{Chart, Words};
use crate::report::chart::draw::layout::MARGIN;
use crate::report::chart::draw::palette::{BLUE, INK, ORANGE};
use crate::report::chart::draw::scale::Scale;
use crate::report::formatter::Formatter;
use crate::report::report_data::ReportData;
use crate::report::sheets::table::{Cell, Column, Table};

const NAME: &str = "calibration";
const HEIGHT: f64 = 270.0;

/// The chart; `None` without a backtest.
pub(crate) fn chart(report_data: &ReportData, formatter: &Formatter) -> Option<Chart> {
    let backtest = report_data.backtest.as_ref()?;
    let score = backtest.scores.get("relais").copied().filter(|score| score.cells > 0)?;
    let words = Words::variant(
        formatter,
        NAME,
        ["", "", if backtest.pit.is_empty() { "-plain" } else { "" }],
        &[
            ("claimed", &formatter.percent(0.8, 0)),
            ("kept", &formatter.percent(score.coverage80, 0)),
            ("half", &formatter.percent(score.coverage50, 0)),
            ("most", &formatter.percent(score.coverage95, 0)),
        ],
    );
    Some(Chart::new(NAME, words, table(backtest, score, formatter), HEIGHT, |canvas| {
        coverage(canvas, formatter, score);
        histogram(canvas, formatter, &backtest.pit);
    }))
}

fn claims(score: Score) -> [(f64, f64); 3] {
    [(0.5, score.coverage50), (0.8, score.coverage80), (0.95, score.coverage95)]
}

/// Left half: claimed and kept, as distance from the claim.
fn coverage(canvas: &mut Canvas<'_>, formatter: &Formatter, score: Score) {
    let head = Type::label(INK, Align::Left).bold();
    canvas.fitted(&formatter.text("chart-calibration-coverage"), (MARGIN, 12.0), 370.0, head);
    let x = Scale::new(0.0, 1.0, MARGIN + 8.0, 370.0);
    let (top, bottom) = (64.0, HEIGHT - 44.0);
    crate::report::chart::draw::layout::bottom_axis(canvas, &x, (top, bottom), 5, |share| {
        formatter.percent(share, 0)
    });
    for (i, (claimed, kept)) in claims(score).into_iter().enumerate() {
        let y = top + 24.0 + 50.0 * i as f64;
        canvas.line((x.at(0.0), y), (x.at(kept), y), BLUE, 6.0);
        canvas.line((x.at(claimed), y - 11.0), (x.at(claimed), y + 11.0), ORANGE, 2.5);
        let words = formatter.say(
            "chart-calibration-kept",
            &[("claimed", &formatter.percent(claimed, 0)), ("kept", &formatter.percent(kept, 0))],
        );
        canvas.words(&words, (x.at(0.0) + 2.0, y - 18.0), Type::label(INK, Align::Left));
    }
    let words = formatter.text("chart-calibration-claim");
    canvas.line((x.at(0.0), 38.0 - 7.0), (x.at(0.0), 38.0 + 7.0), ORANGE, 2.5);
    canvas.words(&words, (x.at(0.0) + 8.0, 38.0), Type::label(ORANGE, Align::Left));
}

/// Right half: ten bins that should all hold a tenth.
fn histogram(canvas: &mut Canvas<'_>, formatter: &Formatter, pit: &[f64]) {
    if pit.is_empty() {
        return;
    }
    let (left, right) = (450.0, WIDTH - MARGIN);
    let (top, bottom) = (64.0, HEIGHT - 44.0);
    let head = Type::label(INK, Align::Left).bold();
    canvas.fitted(&formatter.text("chart-calibration-pit"), (left - 40.0, 12.0), 370.0, head);
    let even = 1.0 / pit.len() as f64;
    let y = Scale::from_zero(pit.iter().copied().chain([even]), bottom, top);
    crate::report::chart::draw::layout::left_axis(canvas, &y, (left, right), 3, |share| {
        formatter.percent(share, 0)
    });
    let width = (right - left) / pit.len() as f64;
    for (i, share) in pit.iter().enumerate() {
        let x = left + i as f64 * width;
        canvas.block((x + 2.0, y.at(*share)), (x + width - 2.0, bottom), BLUE, 1.0);
    }
    canvas.dashes(&[(left, y.at(even)), (right, y.at(even))], ORANGE, 2.0, 5.0);
    let words = formatter.text("chart-calibration-even");
    canvas.dashes(&[(left - 40.0, 38.0), (left - 16.0, 38.0)], ORANGE, 2.0, 5.0);
    canvas.words(&words, (left - 10.0, 38.0), Type::label(ORANGE, Align::Left));
    canvas.line((left, bottom), (right, bottom), INK, 1.0);
    canvas.words(
        &formatter.text("chart-calibration-low"),
        (left, bottom + 14.0),
        Type::tick(Align::Left),
    );
    let high = formatter.text("chart-calibration-high");
    canvas.words(&high, (right, bottom + 14.0), Type::tick(Align::Right));
}

fn table(backtest: &Backtest, score: Score, formatter: &Formatter) -> Table {
    let mut table = Table::new(
        formatter.text("chart-calibration-table"),
        vec![
            Column::new(formatter, "report-column-measure", 40.0),
            Column::new(formatter, "report-column-claimed", 12.0),
            Column::new(formatter, "report-column-kept", 12.0),
        ],
    );
    for (claimed, kept) in claims(score) {
        let name = formatter
            .say("chart-calibration-interval", &[("claimed", &formatter.percent(claimed, 0))]);
        table.rows.push(vec![Cell::Text(name), Cell::Percent(claimed, 0), Cell::Percent(kept, 1)]);
    }
    let n = backtest.pit.len().max(1) as f64;
    for (i, share) in backtest.pit.iter().enumerate() {
        let (from, to) = (i as f64 / n, (i + 1) as f64 / n);
        let (from, to) = (formatter.percent(from, 0), formatter.percent(to, 0));
        let name = formatter.say("chart-calibration-bin", &[("from", &from), ("to", &to)]);
        table.rows.push(vec![
            Cell::Text(name),
            Cell::Percent(1.0 / n, 0),
            Cell::Percent(*share, 1),
        ]);
    }
    table
}
