//! What one more unit of money brings in each segment, at the last split and in the plan.

use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::figure::{Chart, Words};

use crate::allocate::plan::row::Row;
use crate::allocate::problem::bound::RuleName;
use crate::report::chart::draw::canvas::{Align, Canvas, Type};
use crate::report::chart::draw::layout::{MARGIN, MOST_ROWS, ROW, Sign, key, names_room, top_axis};
use crate::report::chart::draw::palette::{BLUE, GREEN, GREY, INK, Mark, ORANGE};
use crate::report::chart::draw::scale::Scale;
use crate::report::formatter::Formatter;
use crate::report::report_data::ReportData;
use crate::report::sheets::table::{Cell, Column, Table};

const NAME: &str = "marginal-return";

/// The chart; `None` when no row is funded.
pub(crate) fn chart(report_data: &ReportData, formatter: &Formatter) -> Option<Chart> {
    let mut rows: Vec<&Row> = report_data.plan.rows.iter().filter(|row| row.budget > 0.0).collect();
    rows.sort_by(|a, b| b.budget.total_cmp(&a.budget));
    rows.first()?;
    let price =
        report_data.plan.prices.iter().find(|p| p.rule == RuleName::Budget).map(|p| p.price);
    let held = rows.iter().filter(|row| row.at_limit.is_some()).count();
    let shown = &rows[..rows.len().min(MOST_ROWS)];
    let hidden = formatter.count("chart-hidden", rows.len() - shown.len(), &[]);
    let told = match rows[..] {
        [only] => Some(only.marginal),
        _ => price,
    };
    let has_last = rows.iter().any(|row| row.marginal_last.is_some());
    let title = match rows.len() {
        1 => "-one",
        _ if price.is_some_and(|price| agree(&rows, price)) => "",
        _ => "-plain",
    };
    let words = Words::variant(
        formatter,
        NAME,
        [title, if has_last { "" } else { "-alone" }, if has_last { "" } else { "-alone" }],
        &[
            ("price", &told.map_or_else(|| "–".to_owned(), |price| formatter.points(price))),
            ("held", &formatter.count("chart-marginal-return-held", held, &[])),
            ("hidden", if rows.len() > shown.len() { &hidden } else { "" }),
            ("money", &formatter.language.money(1.0, formatter.currency)),
        ],
    );
    let height = 84.0 + ROW * shown.len() as f64;
    Some(Chart::new(NAME, words, table(&rows, formatter), height, |canvas| {
        paint(canvas, formatter, shown, price);
    }))
}

/// Whether the rows that no limit holds, two at least, bring what the price says.
fn agree(rows: &[&Row], price: f64) -> bool {
    let free = || rows.iter().filter(|row| row.at_limit.is_none());
    free().count() > 1 && free().all(|row| (row.marginal - price).abs() <= 0.05 * price.abs())
}

fn paint(canvas: &mut Canvas<'_>, formatter: &Formatter, rows: &[&Row], price: Option<f64>) {
    let signs = [
        (Sign::Point(Mark::Square, ORANGE), formatter.text("chart-last-split")),
        (Sign::Point(Mark::Disc, BLUE), formatter.text("chart-plan")),
        (Sign::Point(Mark::Triangle, BLUE), formatter.text("chart-marginal-return-limit")),
    ];
    let top = key(canvas, 0.0, &signs) + 26.0;
    let bottom = top + ROW * rows.len() as f64;
    let names: Vec<String> = rows.iter().map(|row| formatter.label(&row.segment)).collect();
    let left = names_room(names.iter().map(String::as_str), 260.0);
    let values = rows.iter().flat_map(|row| [Some(row.marginal), row.marginal_last, price]);
    let x = Scale::from_zero(values.flatten(), left + 8.0, WIDTH - MARGIN - 210.0);
    let decimals = x.decimals(5);
    top_axis(canvas, &x, (top, bottom), 5, |value| formatter.language.number(value, decimals));
    if let Some(price) = price {
        canvas.line((x.at(price), top), (x.at(price), bottom + 6.0), GREEN, 1.6);
        let words =
            formatter.say("chart-marginal-return-price", &[("price", &formatter.short(price))]);
        canvas.words(&words, (x.at(price), bottom + 15.0), Type::label(GREEN, Align::Middle));
    }
    for (i, (row, name)) in rows.iter().zip(&names).enumerate() {
        let y = top + ROW * (i as f64 + 0.5);
        canvas.fitted(name, (left - 8.0, y), left - MARGIN - 10.0, Type::label(INK, Align::Right));
        line(canvas, formatter, row, &x, y);
    }
}

fn line(canvas: &mut Canvas<'_>, formatter: &Formatter, row: &Row, x: &Scale, y: f64) {
    if let Some(last) = row.marginal_last {
        canvas.line((x.at(last), y), (x.at(row.marginal), y), GREY, 1.5);
        canvas.mark(Mark::Square, (x.at(last), y), 4.5, ORANGE);
    }
    let mark = if row.at_limit.is_some() { Mark::Triangle } else { Mark::Disc };
    canvas.mark(mark, (x.at(row.marginal), y), 5.0, BLUE);
    if let Some(limit) = &row.at_limit {
        let words = formatter.limit_in_brief(limit);
        canvas.fitted(
            &words,
            (WIDTH - MARGIN, y),
            190.0,
            Type::label(GREY, Align::Right).size(11.0),
        );
    }
}

fn table(rows: &[&Row], formatter: &Formatter) -> Table {
    let mut table = Table::new(
        formatter.text("chart-marginal-return-table"),
        vec![
            Column::new(formatter, "report-column-segment", 40.0),
            Column::new(formatter, "report-column-marginal-last", 14.0),
            Column::new(formatter, "report-column-marginal", 14.0),
            Column::new(formatter, "report-column-limit", 24.0),
        ],
    );
    table.rows = rows
        .iter()
        .map(|row| {
            vec![
                Cell::Text(formatter.name(&row.segment)),
                Cell::number(row.marginal_last, 3),
                Cell::Number(row.marginal, 3),
                row.at_limit
                    .as_ref()
                    .map_or(Cell::Empty, |limit| Cell::Text(formatter.limit(limit))),
            ]
        })
        .collect();
    table
}
