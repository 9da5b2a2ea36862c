//! The panel: segment × period cells, the only thing that training sees.

pub(crate) mod arrow;
mod designed;
mod error;
mod floor;
pub(crate) mod hidden;
pub(crate) mod parquet;
pub mod parts;
mod read;
mod table;
#[cfg(test)]
mod tests;
pub(crate) mod write;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::action::{Action, Counts};
use crate::segment::Segment;
use crate::units::{Currency, Week, days_between};

pub use self::arrow::ArrowFault;
pub use self::designed::DesignedWeek;
pub use self::error::{Allowed, BadCell, PanelError, PanelNote, told_apart};

/// A stretch of days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Period {
    /// First day.
    pub start: Date,
    /// Last day, never before `start`.
    pub end: Date,
}

impl Period {
    /// Number of days, at least 1.
    #[must_use]
    pub fn days(&self) -> u32 {
        days_between(self.start, self.end)
    }

    /// Length in weeks: 1.0 for a full ISO week.
    #[must_use]
    pub fn weeks(&self) -> f64 {
        f64::from(self.days()) / 7.0
    }

    /// The weeks that it touches, each with its share of the days.
    pub fn by_week(&self) -> impl Iterator<Item = (Week, f64)> + use<> {
        let Self { start, end } = *self;
        let days = f64::from(self.days());
        let share = move |week: Week| (week, f64::from(week.days_within(start, end)) / days);
        Week::covering(start, end).into_iter().map(share)
    }

    /// The one week that holds the whole period, if there is one.
    #[must_use]
    pub fn week(&self) -> Option<Week> {
        (Week::of(self.start) == Week::of(self.end)).then(|| Week::of(self.start))
    }
}

/// What one segment did in one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Position in [`Panel::segments`].
    pub segment: usize,
    /// The period; `None` for a panel without dates (each row an independent period).
    pub period: Option<Period>,
    /// Money, in units of the panel's currency. At least 0.
    pub spend: f64,
    /// Impressions, when reported.
    pub impressions: Option<f64>,
    /// Distinct people of this segment in this period, when reported. Never summed over
    /// breakdowns.
    pub reach: Option<f64>,
    /// Counts by kind of action.
    pub actions: Counts,
    /// Kinds of which some count was suppressed as small: for these `actions` holds the upper
    /// limit (exclusive) of what it may be, so the observation is censored.
    pub censored: Vec<Action>,
    /// What a censored kind is at least, where counts that were not suppressed are in the sum; 0
    /// where nothing is said.
    #[serde(default, skip_serializing_if = "Counts::is_empty")]
    pub at_least: Counts,
    /// The platform divided this money, not the planner: rates are evidence, curvature is not.
    pub from_breakdown: bool,
    /// A new ad or post started in this cell (resets the memory of past exposure).
    pub new_creative: bool,
    /// A schedule drawn beforehand set this money, and it was followed: how actions answer to it
    /// is response, never demand.
    #[serde(default, skip_serializing_if = "is_false")]
    pub designed: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Cell {
    /// Active actions; the middle of what a hidden count may be.
    pub(crate) fn counted(&self) -> f64 {
        let middle = |kind| self.range(kind).map_or(0.0, |(least, most)| 0.5 * (least + most));
        self.actions.active_kinds().into_iter().map(middle).sum()
    }

    /// The least and the most that the count of a kind may be: the same number twice where it was
    /// not suppressed; `None` where the kind is not reported.
    #[must_use]
    pub fn range(&self, kind: Action) -> Option<(f64, f64)> {
        let count = self.actions.get(kind)?;
        if !self.censored.contains(&kind) {
            return Some((count, count));
        }
        let least = self.at_least.get(kind).unwrap_or(0.0);
        Some((least, (count.ceil() - 1.0).max(least)))
    }

    /// Sets the least and the most that the count of a kind may be, whole numbers apart.
    pub fn set_range(&mut self, kind: Action, (least, most): (f64, f64)) {
        self.censored.retain(|known| *known != kind);
        if most.floor() <= least {
            self.actions.set(kind, Some(least));
            self.at_least.set(kind, None);
            return;
        }
        self.actions.set(kind, Some(most.floor() + 1.0));
        self.at_least.set(kind, (least > 0.0).then_some(least));
        self.censored.push(kind);
        self.censored.sort_unstable();
    }

    /// Adds another cell's counts; a kind is reported when either reports it.
    pub fn add_actions(&mut self, other: &Self) {
        for kind in Action::ALL {
            let Some((least, most)) = other.range(kind) else { continue };
            let own = self.range(kind).unwrap_or_default();
            self.set_range(kind, (own.0 + least, own.1 + most));
        }
    }

    /// The least and the most that the active actions may be; `None` where no active kind is
    /// reported.
    #[must_use]
    pub fn active_range(&self) -> Option<(f64, f64)> {
        let kinds = self.actions.active_kinds();
        let ranges = kinds.iter().filter_map(|kind| self.range(*kind));
        ranges.reduce(|sum, range| (sum.0 + range.0, sum.1 + range.1))
    }
}

/// Segments and their cells, sorted by segment and then by start.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Panel {
    /// Segments, sorted by id.
    pub segments: Vec<Segment>,
    /// Cells, sorted by segment position and then by start.
    pub cells: Vec<Cell>,
    /// Names of the attribute columns, in the order the file shows them.
    pub attributes: Vec<String>,
    /// Kinds of action that at least one cell reports.
    pub actions: Vec<Action>,
    /// The one currency; `None` when no export names it.
    pub currency: Option<Currency>,
    /// What its readers must know, and the models that learn from it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<PanelNote>,
}

impl Panel {
    /// Total spend over all cells, added in cell order.
    #[must_use]
    pub fn spend(&self) -> f64 {
        self.cells.iter().map(|cell| cell.spend).sum()
    }

    /// Whether each segment is an audience that was bought by itself, at least once: none is money
    /// that nothing breaks down, or a share that the platform gave out.
    #[must_use]
    pub fn is_of_levers(&self) -> bool {
        self.bought()
            .into_iter()
            .zip(&self.segments)
            .all(|(bought, own)| bought && own.is_audience())
    }

    /// Whether the money of some cell was set by a schedule drawn beforehand.
    pub(crate) fn has_designed(&self) -> bool {
        self.cells.iter().any(|cell| cell.designed)
    }

    /// Whether each segment was bought by itself, at least once.
    #[must_use]
    pub fn bought(&self) -> Vec<bool> {
        let mut bought = vec![false; self.segments.len()];
        for cell in self.cells.iter().filter(|cell| !cell.from_breakdown) {
            bought[cell.segment] = true;
        }
        bought
    }

    /// First and last day of all dated cells.
    #[must_use]
    pub fn span(&self) -> Option<Period> {
        let dated = || self.cells.iter().filter_map(|cell| cell.period);
        let start = dated().map(|period| period.start).min()?;
        let end = dated().map(|period| period.end).max()?;
        Some(Period { start, end })
    }
}
