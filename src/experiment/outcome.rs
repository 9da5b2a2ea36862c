//! What happened to a test, from the panel of its history.

use std::collections::BTreeMap;

use super::protocol::Protocol;
use super::reading::{Outcome, Reading};
use crate::panel::{DesignedWeek, Panel};
use crate::units::Week;

impl Protocol {
    /// Counts and money of the test's cells, `shift` weeks later than it was (an A/A comparison
    /// looks at weeks before it). The panel's money is the campaign's.
    #[must_use]
    pub fn outcome(&self, panel: &Panel, shift: i64) -> Outcome {
        let unit = self.campaign.budget.currency().minor_per_unit() as f64;
        let places: BTreeMap<&str, usize> = self
            .audiences
            .iter()
            .enumerate()
            .map(|(i, own)| (own.segment.id.as_str(), i))
            .collect();
        let first = Week::of(self.weeks[0].start).index() + shift;
        let nothing = vec![vec![0.0; self.weeks.len()]; self.audiences.len()];
        let mut outcome = Outcome { counts: nothing.clone(), delivered: nothing };
        for cell in &panel.cells {
            let place = places.get(panel.segments[cell.segment].id.as_str());
            let (Some(&i), Some(period)) = (place, cell.period) else { continue };
            for (week, share) in period.by_week() {
                let at = usize::try_from(week.index() - first).ok();
                let Some(at) = at.filter(|at| *at < self.weeks.len()) else { continue };
                outcome.counts[i][at] += share * cell.counted();
                outcome.delivered[i][at] += share * cell.spend * unit;
            }
        }
        outcome
    }

    /// All weeks of audiences whose money the lot decides.
    #[must_use]
    pub fn drawn(&self) -> Vec<DesignedWeek> {
        self.experiment.design().drawn_cells().into_iter().map(|cell| self.week_of(cell)).collect()
    }

    fn week_of(&self, (i, t): (usize, usize)) -> DesignedWeek {
        DesignedWeek {
            attributes: self.audiences[i].segment.attributes.clone(),
            week: Week::of(self.weeks[t].start),
        }
    }

    /// The cells whose money the schedule set, where it was followed.
    #[must_use]
    pub fn designed(&self, reading: &Reading) -> Vec<DesignedWeek> {
        let strays = |i: usize, t: usize| {
            reading.cells.iter().any(|cell| (cell.audience, cell.week) == (i, t))
        };
        let drawn = self.experiment.design().drawn_cells();
        drawn.into_iter().filter(|(i, t)| !strays(*i, *t)).map(|cell| self.week_of(cell)).collect()
    }
}
