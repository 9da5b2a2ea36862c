//! What was promised and what happened: finished flights, or the backtest's past weeks.

use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::canvas::{Align, Canvas, Type};
use crate::report::chart::draw::figure::{Chart, Words};
use crate::report::chart::draw::layout::{MARGIN, Sign, key, names_room, top_axis};
use crate::report::chart::draw::palette::{BLUE, GREY, INK, Mark, ORANGE};
use crate::report::chart::draw::scale::Scale;
use crate::report::formatter::{Formatter, clean};
use crate::report::report_data::{KeptPromise, ReportData};
use crate::report::sheets::table::{Cell, Column, Table};

const NAME: &str = "promise-kept";
const ROW: f64 = 26.0;

/// The chart; `None` when nothing promised is over yet.
pub(crate) fn chart(report_data: &ReportData, formatter: &Formatter) -> Option<Chart> {
    if report_data.kept.is_empty() {
        of_backtest(report_data, formatter)
    } else {
        of_flights(&report_data.kept, formatter)
    }
}

/// The chart of finished flights; `None` where nothing was promised.
pub(crate) fn of_flights(kept: &[KeptPromise], formatter: &Formatter) -> Option<Chart> {
    let inside = kept.iter().filter(|k| (k.promised.p10..=k.promised.p90).contains(&k.realised));
    let promised: f64 = kept.iter().map(|k| k.promised.mean).sum();
    let realised: f64 = kept.iter().map(|k| k.realised).sum();
    let ratio = if promised > 0.0 { realised / promised } else { return None };
    let words = Words::new(
        formatter,
        NAME,
        &[
            ("ratio", &formatter.percent(ratio, 0)),
            ("inside", &formatter.quantity(inside.count() as f64)),
            ("n", &formatter.quantity(kept.len() as f64)),
        ],
    );
    let height = 66.0 + ROW * kept.len() as f64;
    Some(Chart::new(NAME, words, table_of_flights(kept, formatter), height, |canvas| {
        paint_flights(canvas, formatter, kept);
    }))
}

fn paint_flights(canvas: &mut Canvas<'_>, formatter: &Formatter, kept: &[KeptPromise]) {
    let signs = [
        (Sign::Block(BLUE, 0.22), formatter.text("chart-promise-kept-promised")),
        (Sign::Point(Mark::Diamond, ORANGE), formatter.text("chart-promise-kept-realised")),
    ];
    let top = key(canvas, 0.0, &signs) + 26.0;
    let labels: Vec<String> = kept.iter().map(|k| clean(&k.label.write(formatter))).collect();
    let left = names_room(labels.iter().map(String::as_str), 300.0);
    let values = kept.iter().flat_map(|k| [k.promised.p90, k.realised]);
    let x = Scale::from_zero(values, left + 8.0, WIDTH - MARGIN - 20.0);
    let bottom = top + ROW * kept.len() as f64;
    top_axis(canvas, &x, (top, bottom), 6, |value| formatter.quantity(value));
    for (i, (promise, name)) in kept.iter().zip(&labels).enumerate() {
        let y = top + ROW * (i as f64 + 0.5);
        let label = Type::label(INK, Align::Right);
        canvas.fitted(name, (left - 8.0, y), left - MARGIN - 10.0, label);
        let (low, high) = (x.at(promise.promised.p10), x.at(promise.promised.p90));
        canvas.block((low, y - 7.0), (high, y + 7.0), BLUE, 0.22);
        canvas.frame((low, y - 7.0), (high, y + 7.0), BLUE, 0.8);
        let mean = x.at(promise.promised.mean);
        canvas.line((mean, y - 7.0), (mean, y + 7.0), BLUE, 2.5);
        canvas.mark(Mark::Diamond, (x.at(promise.realised), y), 5.0, ORANGE);
    }
}

fn table_of_flights(kept: &[KeptPromise], formatter: &Formatter) -> Table {
    let mut table = Table::new(
        formatter.text("chart-promise-kept-table"),
        vec![
            Column::new(formatter, "report-column-flight", 30.0),
            Column::new(formatter, "report-column-promised", 14.0),
            Column::new(formatter, "report-column-p10", 10.0),
            Column::new(formatter, "report-column-p90", 10.0),
            Column::new(formatter, "report-column-realised", 14.0),
        ],
    );
    table.rows = kept
        .iter()
        .map(|k| {
            vec![
                Cell::Text(clean(&k.label.write(formatter))),
                Cell::Number(k.promised.mean, 0),
                Cell::Number(k.promised.p10, 0),
                Cell::Number(k.promised.p90, 0),
                Cell::Number(k.realised, 0),
            ]
        })
        .collect();
    table
}

/// One past origin: its first week, how far ahead, predicted ÷ observed.
struct Origin {
    name: String,
    ratio: f64,
    cells: usize,
}

fn of_backtest(report_data: &ReportData, formatter: &Formatter) -> Option<Chart> {
    let folds = &report_data.backtest.as_ref()?.folds;
    let origins: Vec<Origin> = folds
        .iter()
        .filter_map(|fold| {
            let week = formatter.language.week(fold.origin);
            let ahead = formatter.count("chart-n-weeks", fold.horizon as usize, &[]);
            let ratio = fold.scores.get("relais")?.predicted_over_observed;
            let name =
                formatter.say("chart-promise-kept-origin", &[("week", &week), ("ahead", &ahead)]);
            ratio.is_finite().then_some(Origin { name, ratio, cells: fold.cells })
        })
        .collect();
    let worst =
        origins.iter().max_by(|a, b| (a.ratio - 1.0).abs().total_cmp(&(b.ratio - 1.0).abs()))?;
    let close = origins.iter().filter(|origin| (origin.ratio - 1.0).abs() <= 0.2).count();
    let arguments: [(&str, &str); 4] = [
        ("close", &formatter.quantity(close as f64)),
        ("n", &formatter.quantity(origins.len() as f64)),
        ("worst", &worst.name),
        ("ratio", &formatter.percent(worst.ratio, 0)),
    ];
    let say = |part: &str| formatter.say(&format!("chart-promise-kept-{part}-past"), &arguments);
    let words = Words { title: say("title"), subtitle: say("sub"), alternative: say("alt") };
    let height = 66.0 + ROW * origins.len() as f64;
    Some(Chart::new(NAME, words, table_of_origins(&origins, formatter), height, |canvas| {
        paint_origins(canvas, formatter, &origins);
    }))
}

fn paint_origins(canvas: &mut Canvas<'_>, formatter: &Formatter, origins: &[Origin]) {
    let top = 46.0;
    let bottom = top + ROW * origins.len() as f64;
    let left = names_room(origins.iter().map(|o| o.name.as_str()), 260.0);
    let ratios = origins.iter().map(|o| o.ratio).chain([0.7, 1.3]);
    let x = Scale::around(ratios, left + 12.0, WIDTH - MARGIN - 60.0);
    top_axis(canvas, &x, (top, bottom), 6, |ratio| formatter.percent(ratio, 0));
    canvas.block((x.at(0.8), top), (x.at(1.2), bottom), GREY, 0.12);
    canvas.line((x.at(1.0), top - 2.0), (x.at(1.0), bottom), INK, 1.5);
    let words = formatter.text("chart-promise-kept-exact");
    canvas.words(&words, (x.at(1.0), 12.0), Type::label(INK, Align::Middle));
    for (i, origin) in origins.iter().enumerate() {
        let y = top + ROW * (i as f64 + 0.5);
        let label = Type::label(INK, Align::Right);
        canvas.fitted(&origin.name, (left - 6.0, y), left - MARGIN - 8.0, label);
        let close = (origin.ratio - 1.0).abs() <= 0.2;
        let (colour, mark) = if close { (BLUE, Mark::Disc) } else { (ORANGE, Mark::Triangle) };
        canvas.line((x.at(1.0), y), (x.at(origin.ratio), y), colour, 1.5);
        canvas.mark(mark, (x.at(origin.ratio), y), 5.0, colour);
        let number = formatter.percent(origin.ratio, 0);
        canvas.words(&number, (WIDTH - MARGIN, y), Type::label(colour, Align::Right));
    }
}

fn table_of_origins(origins: &[Origin], formatter: &Formatter) -> Table {
    let mut table = Table::new(
        formatter.text("chart-promise-kept-table-past"),
        vec![
            Column::new(formatter, "report-column-origin", 34.0),
            Column::new(formatter, "report-column-ratio", 16.0),
            Column::new(formatter, "report-column-cells", 10.0),
        ],
    );
    table.rows = origins
        .iter()
        .map(|o| {
            vec![Cell::text(&o.name), Cell::Percent(o.ratio, 0), Cell::Number(o.cells as f64, 0)]
        })
        .collect();
    table
}
