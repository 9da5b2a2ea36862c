//! The split of two runs, segment by segment, the largest changes first.

use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::canvas::{Align, Canvas, Type};
use crate::report::chart::draw::figure::{Chart, Words};
use crate::report::chart::draw::layout::{MARGIN, ROW, Sign, key, names_room, top_axis};
use crate::report::chart::draw::palette::{BLUE, INK, Mark, ORANGE};
use crate::report::chart::draw::scale::Scale;
use crate::report::compare::{Moved, Run};
use crate::report::formatter::Formatter;
use crate::report::sheets::table::{Cell, Column, Table};

const NAME: &str = "compare-split";
/// Most rows: the largest changes.
const MOST: usize = 30;

/// The chart; `None` when no budget changed.
pub(crate) fn chart(before: &Run<'_>, after: &Run<'_>, formatter: &Formatter) -> Option<Chart> {
    let moved = Moved::between(&before.report_data.plan, &after.report_data.plan);
    let most = moved.first()?;
    let total: f64 = moved.iter().map(|m| m.change().max(0.0)).sum();
    let shown = &moved[..moved.len().min(MOST)];
    let hidden = match moved.len() - shown.len() {
        0 => String::new(),
        n => formatter.count("chart-hidden", n, &[]),
    };
    let arguments: [(&str, &str); 4] = [
        ("total", &formatter.money(total)),
        ("most", &formatter.spoken(&most.segment)),
        ("change", &formatter.signed_money(most.change().round(), 0)),
        ("hidden", &hidden),
    ];
    let mut words = Words::new(formatter, NAME, &arguments);
    words.title = formatter.count("chart-compare-split-title", moved.len(), &arguments);
    let height = 72.0 + ROW * shown.len() as f64;
    Some(Chart::new(NAME, words, table(&moved, formatter), height, |canvas| {
        paint(canvas, formatter, (&before.name, &after.name), shown);
    }))
}

fn paint(canvas: &mut Canvas<'_>, formatter: &Formatter, runs: (&str, &str), moved: &[Moved]) {
    let short = |name: &str| crate::report::chart::draw::font::fit(name, 12.0, false, 300.0);
    let signs = [
        (Sign::Point(Mark::Square, ORANGE), short(runs.0)),
        (Sign::Point(Mark::Disc, BLUE), short(runs.1)),
    ];
    let top = key(canvas, 0.0, &signs) + 26.0;
    let bottom = top + ROW * moved.len() as f64;
    let names: Vec<String> = moved.iter().map(|m| formatter.label(&m.segment)).collect();
    let left = names_room(names.iter().map(String::as_str), 290.0);
    let x = Scale::from_zero(
        moved.iter().flat_map(|m| [m.before, m.after]),
        left + 8.0,
        WIDTH - MARGIN - 90.0,
    );
    top_axis(canvas, &x, (top, bottom), 5, |money| {
        formatter.language.money(money, formatter.currency)
    });
    for (i, (moved, name)) in moved.iter().zip(&names).enumerate() {
        let y = top + ROW * (i as f64 + 0.5);
        canvas.fitted(name, (left - 8.0, y), left - MARGIN - 10.0, Type::label(INK, Align::Right));
        let colour = if moved.change() >= 0.0 { BLUE } else { ORANGE };
        let (from, to) = ((x.at(moved.before), y), (x.at(moved.after), y));
        canvas.line(from, to, colour, 2.5);
        canvas.mark(Mark::Square, from, 5.0, ORANGE);
        canvas.mark(Mark::Disc, to, 4.5, BLUE);
        let change = formatter.signed_money(moved.change().round(), 0);
        canvas.words(&change, (WIDTH - MARGIN, y), Type::label(INK, Align::Right));
    }
}

fn table(moved: &[Moved], formatter: &Formatter) -> Table {
    let columns = ["segment", "before", "after", "difference"];
    let columns =
        columns.map(|name| Column::new(formatter, &format!("report-column-{name}"), 16.0));
    let mut table = Table::new(formatter.text("chart-compare-split-table"), columns.into());
    table.rows = moved
        .iter()
        .map(|m| {
            vec![
                Cell::Text(formatter.name(&m.segment)),
                Cell::Money(m.before, 2),
                Cell::Money(m.after, 2),
                Cell::MoneyChange(m.change(), 2),
            ]
        })
        .collect();
    table
}
