//! One audience through everything that a run says of it: curve, next unit of money, history, weeks
//! held back, promise, what holds it.

use super::{drawn, table};
use crate::backtest::scores::PredictedPoint;
use crate::report::chart;
use crate::report::error::ReportError;
use crate::report::formatter::Formatter;
use crate::report::report_data::{HistorySummary, ReportData, WeekTotals};
use crate::report::sheets::table::{Cell, Table};
use crate::report::sheets::tables;

/// What a run says of one audience.
#[derive(Debug, Clone)]
pub struct Audience {
    /// Its name in words.
    pub name: String,
    /// Every figure of its row of the plan, its reason among them: names and values.
    pub facts: Vec<(String, String)>,
    /// Charts with their numbers beside them, as HTML.
    pub figures: Vec<String>,
    /// Money by week, as HTML.
    pub weeks: Vec<String>,
}

/// The audience of a segment; `weeks` is its history. `None` where the plan has no such segment.
///
/// # Errors
///
/// [`ReportError::Page`] when a template does not render.
pub fn audience(
    report_data: ReportData,
    segment: &str,
    weeks: Vec<WeekTotals>,
    formatter: &Formatter,
) -> Result<Option<Audience>, ReportError> {
    let Some(own) = narrowed(report_data, segment, weeks) else { return Ok(None) };
    let points: Vec<&PredictedPoint> =
        own.backtest.iter().flat_map(|backtest| &backtest.points).collect();
    let charts = chart::of_audience(&own, &points, formatter);
    let plan = tables::plan(&own, formatter);
    let across = tables::weeks_across(&own, formatter);
    let written = |(i, built): (usize, &Table)| {
        // A total of one audience is that audience.
        let alone = Table { total: None, ..built.clone() };
        table(&alone, &format!("weeks-{}", i + 1), formatter)
    };
    Ok(Some(Audience {
        name: formatter.spoken(segment),
        facts: facts(&plan, formatter),
        figures: charts.iter().map(|chart| drawn(chart, formatter)).collect::<Result<_, _>>()?,
        weeks: across.iter().enumerate().map(written).collect::<Result<_, _>>()?,
    }))
}

/// The same run with this one segment.
fn narrowed(
    mut report_data: ReportData,
    segment: &str,
    weeks: Vec<WeekTotals>,
) -> Option<ReportData> {
    let row = report_data.plan.rows.iter().find(|row| row.segment == segment)?.clone();
    report_data.plan.rows = vec![row].into();
    if let Some(backtest) = &mut report_data.backtest {
        backtest.points.retain(|point| point.segment == segment);
    }
    report_data.history = Some(HistorySummary { weeks, ..HistorySummary::default() });
    Some(report_data)
}

/// The cells of the only row that say something, each with its column's name.
fn facts(plan: &Table, formatter: &Formatter) -> Vec<(String, String)> {
    let says = |cell: &Cell| !matches!(cell, Cell::Empty);
    let cells = plan.columns.iter().zip(plan.rows.iter().flatten());
    let told = cells.filter(|(_, cell)| says(cell));
    let told = told.map(|(column, cell)| (column.label.clone(), cell.write(formatter)));
    told.filter(|(_, value)| !value.is_empty()).collect()
}
