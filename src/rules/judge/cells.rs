//! Cells too small to be shown: they would tell of single people, and of nothing else.

use serde::Deserialize;

use crate::language::message::Value;
use crate::reference::Reference;
use crate::rules::basis::Basis;
use crate::rules::finding::Severity;
use crate::rules::inquiry::Asking;
use crate::rules::table::{RulesError, check_amount, read};

const FILE: &str = "rules/cells.toml";

/// The smallest cell that may be shown to others.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cells {
    reach: f64,
    actions: f64,
    origin: Basis,
}

impl Cells {
    pub(crate) fn load(reference: &Reference) -> Result<Self, RulesError> {
        let cells: Self = read(reference, FILE)?;
        check_amount(FILE, "reach", cells.reach)?;
        check_amount(FILE, "actions", cells.actions)?;
        Ok(cells)
    }

    pub(crate) fn is_small(&self, reach: Option<f64>, actions: Option<f64>) -> bool {
        reach.is_some_and(|people| people < self.reach)
            || actions.is_some_and(|actions| actions < self.actions)
    }

    pub(in crate::rules) fn judge(&self, asking: &mut Asking<'_>) {
        let weeks = asking.inquiry.campaign.flight.weeks();
        let small: Vec<String> = asking
            .funded()
            .iter()
            .filter(|(_, row)| self.is_small(row.reach, Some(row.actions_per_week * weeks)))
            .map(|(segment, _)| segment.id.clone())
            .collect();
        if small.is_empty() {
            return;
        }
        let values = [("reach", Value::Whole(self.reach)), ("actions", Value::Whole(self.actions))];
        asking.add(Severity::Note, "small-cells", small, values, Some(&self.origin));
    }
}
