//! Weeks whose money a schedule drawn beforehand had set.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Panel;
use crate::units::Week;

/// An audience's week of a designed schedule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DesignedWeek {
    /// The audience's attributes.
    pub attributes: BTreeMap<String, String>,
    /// The week.
    pub week: Week,
}

impl Panel {
    /// Marks weeks as designed: cells of one such week, of segments that have the audience's
    /// attributes and perhaps finer ones.
    pub fn mark_designed(&mut self, weeks: &[DesignedWeek]) {
        let mut by_week: BTreeMap<i64, Vec<&DesignedWeek>> = BTreeMap::new();
        for own in weeks {
            by_week.entry(own.week.index()).or_default().push(own);
        }
        for cell in &mut self.cells {
            let Some(period) = cell.period else { continue };
            let week = Week::of(period.start);
            let attributes = &self.segments[cell.segment].attributes;
            let same = |own: &&DesignedWeek| {
                own.attributes.iter().all(|(name, value)| attributes.get(name) == Some(value))
            };
            cell.designed |= week == Week::of(period.end)
                && by_week.get(&week.index()).is_some_and(|own| own.iter().any(same));
        }
    }
}
