//! How often a run's intervals held what happened in weeks that its model had not seen.

use crate::report::ReportData;
use crate::report::formatter::Formatter;
use crate::train::fitted::card::HeldBack;

/// What the intervals of a promise claim.
pub(super) const CLAIMED: f64 = 0.8;

/// The coverage of one run.
#[derive(Debug)]
pub(super) struct Coverage {
    /// Share inside.
    pub(super) kept: (f64, String),
    /// The band around it, drawn and in words.
    pub(super) band: Option<(f64, f64, String)>,
    /// Cells.
    pub(super) cells: (usize, String),
    /// Predicted over observed.
    pub(super) ratio: String,
    /// Whether it is another share than claimed.
    pub(super) verdict: String,
}

impl Coverage {
    /// Of a run; `None` where nothing was held back.
    pub(super) fn of(report_data: &ReportData, formatter: &Formatter) -> Option<Self> {
        let backtest = report_data.backtest.as_ref()?;
        let score = backtest.scores.get("relais").filter(|score| score.cells > 0)?;
        let held = backtest.held_back;
        let kept = held.map_or(score.coverage80, |held| held.covered);
        let cells = held.map_or(score.cells, |held| held.cells);
        let band = held.as_ref().and_then(HeldBack::band);
        let verdict = held.map_or("serve-trust-unknown", |held| {
            if held.told_apart { "serve-trust-apart" } else { "serve-trust-chance" }
        });
        let percent = |share| formatter.percent(share, 0);
        let words = |low, high| format!("{} – {}", percent(low), percent(high));
        Some(Self {
            kept: (kept, percent(kept)),
            band: band.map(|(low, high)| (100.0 * low, 100.0 * (high - low), words(low, high))),
            cells: (cells, formatter.quantity(cells as f64)),
            ratio: percent(score.predicted_over_observed),
            verdict: formatter.text(verdict),
        })
    }
}
