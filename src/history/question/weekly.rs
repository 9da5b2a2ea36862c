//! Audiences over time: what each brought week by week.

use std::collections::BTreeMap;

use serde::Serialize;

use super::filter::Measure;
use super::rows::asked::PanelOptions;
use crate::history::error::HistoryError;
use crate::history::store::open::History;
use crate::history::store::seal;
use crate::panel::{Cell, Panel, PanelNote, Period};
use crate::segment::Attribute;
use crate::units::{Currency, Week};

/// Audiences by week.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Weekly {
    /// What tells audiences apart.
    pub split_by: Vec<Attribute>,
    /// Currency of amounts.
    pub currency: Option<Currency>,
    /// Weeks without a gap, the oldest first.
    pub weeks: Vec<Week>,
    /// Audiences, those with the most money first.
    pub audiences: Vec<Audience>,
    /// What its readers must know.
    pub notes: Vec<PanelNote>,
}

/// One audience.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Audience {
    /// What it is called by each attribute that tells audiences apart; absent where it has none.
    pub values: Vec<Option<String>>,
    /// Money of all its cells, those without dates included.
    pub spend: f64,
    /// The measure by week; absent where nothing is known of it.
    pub by_week: Vec<Option<f64>>,
}

/// What one audience adds up to in a week.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    spend: f64,
    impressions: f64,
    active: f64,
}

impl Sums {
    fn add(&mut self, cell: &Cell, share: f64) {
        self.spend += share * cell.spend;
        self.impressions += share * cell.impressions.unwrap_or_default();
        self.active += share * cell.counted();
    }

    /// A measure; `None` where it is not known, or is not of a week of an audience.
    fn value(&self, measure: Measure) -> Option<f64> {
        let per = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        match measure {
            Measure::Spend => Some(self.spend),
            Measure::Impressions => Some(self.impressions),
            Measure::Active => Some(self.active),
            Measure::EngagementRate => per(self.active, self.impressions),
            Measure::Cpm => per(1000.0 * self.spend, self.impressions),
            Measure::CostPerActive => per(self.spend, self.active),
            Measure::Reach | Measure::Action(_) | Measure::ActivePerFollower => None,
        }
    }
}

impl Weekly {
    /// Measures that an audience has by week.
    pub const MEASURES: [Measure; 6] = [
        Measure::Spend,
        Measure::Impressions,
        Measure::Active,
        Measure::EngagementRate,
        Measure::Cpm,
        Measure::CostPerActive,
    ];

    fn of(panel: &Panel, split_by: Vec<Attribute>, measure: Measure) -> Self {
        let mut sums = vec![BTreeMap::<Week, Sums>::new(); panel.segments.len()];
        let mut spend = vec![0.0; panel.segments.len()];
        for cell in &panel.cells {
            spend[cell.segment] += cell.spend;
            for (week, share) in cell.period.iter().flat_map(Period::by_week) {
                sums[cell.segment].entry(week).or_default().add(cell, share);
            }
        }
        let known = || sums.iter().flat_map(BTreeMap::keys);
        let weeks = match (known().min(), known().max()) {
            (Some(first), Some(last)) => Week::covering(first.monday(), last.sunday()),
            _ => Vec::new(),
        };
        let audience = |(at, weekly): (usize, &BTreeMap<Week, Sums>)| Audience {
            values: split_by
                .iter()
                .map(|attribute| panel.segments[at].get(*attribute).map(str::to_owned))
                .collect(),
            spend: spend[at],
            by_week: weeks.iter().map(|week| weekly.get(week)?.value(measure)).collect(),
        };
        let mut audiences: Vec<Audience> = sums.iter().enumerate().map(audience).collect();
        // Of equals the one that comes first in the panel.
        audiences.sort_by(|a, b| b.spend.total_cmp(&a.spend));
        let (currency, notes) = (panel.currency, panel.notes.clone());
        Self { split_by, currency, weeks, audiences, notes }
    }
}

impl History {
    /// Audiences week by week, as the panel has them: every amount once, long rows spread over their
    /// days.
    ///
    /// # Errors
    ///
    /// As [`Self::panel`].
    pub fn weekly(&self, options: &PanelOptions, measure: Measure) -> Result<Weekly, HistoryError> {
        let report = self.panel(options)?;
        Ok(Weekly::of(&report.panel, report.split_by, measure))
    }

    /// The values that an attribute has ever had, from A to Z.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the file cannot be read.
    pub fn values(&self, attribute: Attribute) -> Result<Vec<String>, HistoryError> {
        let _one_moment = self.reading()?;
        if self.is_blank()? {
            return Ok(Vec::new());
        }
        self.hold(&seal::LABELS)?;
        let name = attribute.column();
        let told = |error: rusqlite::Error| self.failure(&error);
        let sql = format!("SELECT DISTINCT {name} FROM label WHERE {name} > '' ORDER BY {name}");
        let mut statement = self.store.prepare(&sql).map_err(told)?;
        let found = statement.query_map([], |row| row.get(0)).map_err(told)?;
        found.collect::<Result<_, _>>().map_err(told)
    }
}
