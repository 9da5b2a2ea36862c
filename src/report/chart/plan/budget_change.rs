//! Budget by segment, last split → plan, as dumbbells.

use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::figure::{Chart, Words};

use crate::allocate::plan::row::Row;
use crate::report::chart::draw::canvas::{Align, Canvas, Type};
use crate::report::chart::draw::layout::{MARGIN, MOST_ROWS, ROW, Sign, key, names_room, top_axis};
use crate::report::chart::draw::palette::{BLUE, GREY, INK, Mark, ORANGE};
use crate::report::chart::draw::scale::Scale;
use crate::report::formatter::Formatter;
use crate::report::report_data::ReportData;
use crate::report::sheets::table::{Cell, Column, Table};
use crate::report::standing::{Shift, change};

const NAME: &str = "budget-change";

/// One row of the chart: a segment, or the many that have no row of their own.
struct Line {
    name: String,
    last: Option<f64>,
    budget: f64,
    /// A sum over many segments, told in words: as a dot it would dwarf the others.
    is_rest: bool,
}

/// The chart; `None` when nothing is or was funded.
pub(crate) fn chart(report_data: &ReportData, formatter: &Formatter) -> Option<Chart> {
    let rows = funded(&report_data.plan.rows);
    if rows.is_empty() {
        return None;
    }
    let lines = lines(&rows, formatter);
    let words = words(report_data, &rows, formatter);
    let height = 66.0 + ROW * lines.len() as f64;
    Some(Chart::new(NAME, words, table(&rows, formatter), height, |canvas| {
        paint(canvas, formatter, &lines);
    }))
}

fn funded(rows: &[Row]) -> Vec<&Row> {
    let mut rows: Vec<&Row> = rows
        .iter()
        .filter(|row| row.budget > 0.0 || row.last.is_some_and(|last| last > 0.0))
        .collect();
    rows.sort_by(|a, b| {
        let money = b.budget.total_cmp(&a.budget);
        money.then(b.last.unwrap_or(0.0).total_cmp(&a.last.unwrap_or(0.0)))
    });
    rows
}

fn lines(rows: &[&Row], formatter: &Formatter) -> Vec<Line> {
    let line = |row: &&Row| Line {
        name: formatter.label(&row.segment),
        last: row.last,
        budget: row.budget,
        is_rest: false,
    };
    if rows.len() <= MOST_ROWS {
        return rows.iter().map(line).collect();
    }
    let (shown, rest) = rows.split_at(MOST_ROWS - 1);
    let mut lines: Vec<Line> = shown.iter().map(line).collect();
    let has_last = rest.iter().any(|row| row.last.is_some());
    lines.push(Line {
        name: formatter.count("chart-others", rest.len(), &[]),
        last: has_last.then(|| rest.iter().filter_map(|row| row.last).sum()),
        budget: rest.iter().map(|row| row.budget).sum(),
        is_rest: true,
    });
    lines
}

fn words(report_data: &ReportData, rows: &[&Row], formatter: &Formatter) -> Words {
    let plan = &report_data.plan;
    let Some(shift) = Shift::of(plan) else {
        let funded = rows.iter().filter(|row| row.budget > 0.0).count();
        let n = formatter.count("chart-n-segments", funded, &[]);
        return Words::variant(formatter, NAME, ["-new"; 3], &[("n", &n)]);
    };
    let told = |key: &str, row: Option<&Row>| {
        row.map_or_else(String::new, |row| {
            let by =
                formatter.signed_money(change(row), if change(row).abs() < 1.0 { 2 } else { 0 });
            let name = formatter.spoken(&row.segment);
            formatter.say(key, &[("name", &name), ("by", &by)])
        })
    };
    let share = if plan.spent > 0.0 { shift.money / plan.spent } else { 0.0 };
    let least = shift.cut.map_or_else(String::new, |row| formatter.spoken(&row.segment));
    let most = shift.rise.map_or_else(String::new, |row| formatter.spoken(&row.segment));
    let arguments: [(&str, &str); 6] = [
        ("share", &formatter.part_of(share)),
        ("moved", &formatter.money(shift.money)),
        ("most", &most),
        ("least", &least),
        ("rise", &told("chart-budget-change-rise", shift.rise)),
        ("cut", &told("chart-budget-change-cut", shift.cut)),
    ];
    let variant = match (shift.rise, shift.cut) {
        (None, None) => ["-same", "", "-same"],
        (None, Some(_)) => ["-cut", "", "-cut"],
        (Some(_), _) => [""; 3],
    };
    Words::variant(formatter, NAME, variant, &arguments)
}

fn paint(canvas: &mut Canvas<'_>, formatter: &Formatter, lines: &[Line]) {
    let signs = [
        (Sign::Point(Mark::Square, ORANGE), formatter.text("chart-last-split")),
        (Sign::Point(Mark::Disc, BLUE), formatter.text("chart-plan")),
    ];
    let top = key(canvas, 0.0, &signs) + 26.0;
    let bottom = top + ROW * lines.len() as f64;
    let left = names_room(lines.iter().map(|line| line.name.as_str()), 280.0);
    let right = WIDTH - MARGIN - 166.0;
    for (x, key) in [(WIDTH - MARGIN - 84.0, "chart-plan"), (WIDTH - MARGIN, "chart-difference")] {
        canvas.words(&formatter.text(key), (x, top - 9.0), Type::tick(Align::Right));
    }
    let shown = lines.iter().filter(|line| !line.is_rest);
    let money = shown.flat_map(|line| [line.budget, line.last.unwrap_or(0.0)]);
    let x = Scale::from_zero(money, left + 8.0, right);
    top_axis(canvas, &x, (top, bottom), 4, |money| {
        formatter.language.money(money, formatter.currency)
    });
    for (i, line) in lines.iter().enumerate() {
        let y = top + ROW * (i as f64 + 0.5);
        dumbbell(canvas, formatter, line, &x, (left, y));
    }
}

fn dumbbell(
    canvas: &mut Canvas<'_>,
    formatter: &Formatter,
    line: &Line,
    x: &Scale,
    (left, y): (f64, f64),
) {
    let off = line.budget == 0.0;
    let colour = if off { GREY } else { INK };
    canvas.fitted(
        &line.name,
        (left - 8.0, y),
        left - MARGIN - 10.0,
        Type::label(colour, Align::Right),
    );
    if line.is_rest {
        let last = line.last.map_or_else(|| "–".to_owned(), |last| formatter.money(last));
        let words = format!("{last} → {}", formatter.money(line.budget));
        canvas.words(&words, (x.at(0.0) + 4.0, y), Type::label(GREY, Align::Left));
    } else {
        marks(canvas, line, x, y);
    }
    let change = match line.last {
        Some(last) if off && last > 0.0 && !line.is_rest => {
            formatter.text("chart-budget-change-off")
        }
        Some(last) => formatter.signed_money((line.budget - last).round(), 0),
        None => formatter.text("chart-budget-change-new"),
    };
    canvas.words(&change, (WIDTH - MARGIN, y), Type::label(colour, Align::Right));
    if !off && !line.is_rest {
        let budget = formatter.language.money_with(line.budget, formatter.currency, 0);
        let kind = Type::label(BLUE, Align::Right).bold();
        canvas.words(&budget, (WIDTH - MARGIN - 84.0, y), kind);
    }
}

fn marks(canvas: &mut Canvas<'_>, line: &Line, x: &Scale, y: f64) {
    let to = x.at(line.budget);
    if let Some(last) = line.last {
        canvas.line((x.at(last), y), (to, y), if line.budget >= last { BLUE } else { ORANGE }, 2.5);
        canvas.mark(Mark::Square, (x.at(last), y), 5.2, ORANGE);
    }
    canvas.mark(Mark::Disc, (to, y), 4.5, BLUE);
}

fn table(rows: &[&Row], formatter: &Formatter) -> Table {
    let mut table = Table::new(
        formatter.text("chart-budget-change-table"),
        vec![
            Column::new(formatter, "report-column-segment", 40.0),
            Column::new(formatter, "report-column-last", 12.0),
            Column::new(formatter, "report-column-budget", 12.0),
            Column::new(formatter, "report-column-change", 12.0),
        ],
    );
    table.rows = rows
        .iter()
        .map(|row| {
            let change = row.last.map(|last| row.budget - last);
            vec![
                Cell::Text(formatter.name(&row.segment)),
                Cell::money(row.last, 0),
                Cell::Money(row.budget, 0),
                change.map_or(Cell::Empty, |change| Cell::MoneyChange(change, 0)),
            ]
        })
        .collect();
    table
}
