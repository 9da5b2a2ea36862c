//! What each segment promised, what its curve expected at the money really spent, what happened.

use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::canvas::{Align, Canvas, Type};
use crate::report::chart::draw::figure::{Chart, Words};
use crate::report::chart::draw::layout::{MARGIN, MOST_ROWS, ROW, Sign, key, names_room, top_axis};
use crate::report::chart::draw::palette::{BLUE, GREY, INK, Mark, ORANGE};
use crate::report::chart::draw::scale::Scale;
use crate::report::formatter::Formatter;
use crate::report::sheets::table::{Cell, Column, Table};
use crate::review::{Review, ReviewRow};

const NAME: &str = "review-segments";

/// The chart; `None` when the plan funded nothing.
pub(crate) fn chart(review: &Review, formatter: &Formatter) -> Option<Chart> {
    let mut rows: Vec<&ReviewRow> = review.rows.iter().collect();
    rows.sort_by(|a, b| b.promised.mean.total_cmp(&a.promised.mean));
    rows.first()?;
    let inside = |row: &&&ReviewRow| row.inside;
    let shown = &rows[..rows.len().min(MOST_ROWS)];
    let hidden = match rows.len() - shown.len() {
        0 => String::new(),
        n => formatter.count("chart-hidden", n, &[]),
    };
    let words = Words::new(
        formatter,
        NAME,
        &[
            ("inside", &formatter.quantity(rows.iter().filter(inside).count() as f64)),
            ("n", &formatter.count("chart-n-segments", rows.len(), &[])),
            ("hidden", &hidden),
        ],
    );
    let height = 72.0 + ROW * shown.len() as f64;
    Some(Chart::new(NAME, words, table(&rows, formatter), height, |canvas| {
        paint(canvas, formatter, shown);
    }))
}

fn paint(canvas: &mut Canvas<'_>, formatter: &Formatter, rows: &[&ReviewRow]) {
    let signs = [
        (Sign::Block(BLUE, 0.22), formatter.text("chart-promise-kept-promised")),
        (Sign::Point(Mark::Ring, GREY), formatter.text("chart-review-segments-expected")),
        (Sign::Point(Mark::Diamond, ORANGE), formatter.text("chart-promise-kept-realised")),
    ];
    let top = key(canvas, 0.0, &signs) + 26.0;
    let bottom = top + ROW * rows.len() as f64;
    let names: Vec<String> = rows.iter().map(|row| formatter.label(&row.segment)).collect();
    let left = names_room(names.iter().map(String::as_str), 280.0);
    let values =
        rows.iter().flat_map(|row| [row.promised.p90, row.happened, row.expected_at_spent]);
    let x = Scale::from_zero(values, left + 8.0, WIDTH - MARGIN - 20.0);
    top_axis(canvas, &x, (top, bottom), 6, |value| formatter.quantity(value));
    for (i, (row, name)) in rows.iter().zip(&names).enumerate() {
        let y = top + ROW * (i as f64 + 0.5);
        canvas.fitted(name, (left - 8.0, y), left - MARGIN - 10.0, Type::label(INK, Align::Right));
        let (low, high) = (x.at(row.promised.p10), x.at(row.promised.p90));
        canvas.block((low, y - 6.0), (high.max(low + 1.0), y + 6.0), BLUE, 0.22);
        canvas.frame((low, y - 6.0), (high.max(low + 1.0), y + 6.0), BLUE, 0.8);
        let mean = x.at(row.promised.mean);
        canvas.line((mean, y - 6.0), (mean, y + 6.0), BLUE, 2.5);
        canvas.mark(Mark::Ring, (x.at(row.expected_at_spent), y), 4.0, GREY);
        canvas.mark(Mark::Diamond, (x.at(row.happened), y), 4.0, ORANGE);
    }
}

/// Every funded row with its money, its points and the two causes.
pub(crate) fn table(rows: &[&ReviewRow], formatter: &Formatter) -> Table {
    let columns = [
        ("segment", 40.0),
        ("planned", 12.0),
        ("spent", 12.0),
        ("promised", 12.0),
        ("value-range", 16.0),
        ("expected-at-spent", 14.0),
        ("realised", 12.0),
        ("delivery", 12.0),
        ("response-change", 12.0),
    ];
    let columns = columns
        .map(|(name, width)| Column::new(formatter, &format!("report-column-{name}"), width));
    let mut table = Table::new(formatter.text("chart-review-segments-table"), columns.into());
    table.rows = rows
        .iter()
        .map(|row| {
            vec![
                Cell::Text(formatter.name(&row.segment)),
                Cell::Money(row.planned, 0),
                Cell::Money(row.spent, 0),
                Cell::Number(row.promised.mean, 0),
                Cell::Range(row.promised.p10, row.promised.p90, 0),
                Cell::Number(row.expected_at_spent, 0),
                Cell::Number(row.happened, 0),
                Cell::Change(row.expected_at_spent - row.promised.mean, 0),
                Cell::Change(row.happened - row.expected_at_spent, 0),
            ]
        })
        .collect();
    table
}
