//! What the history knows that a campaign may name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::field::BY;
use crate::campaign::Campaign;
use crate::history::PanelOptions;
use crate::serve::desk::Desk;

/// Values of an attribute that are shown as boxes.
const MOST: usize = 40;

/// Values by attribute, as they may be chosen: those of the folder's history.
pub(super) type Known = BTreeMap<String, BTreeSet<String>>;

/// What the history's audiences are told apart by, as this campaign asks; nothing where there is no
/// history that can be read.
pub(super) fn known(text: &str, file: &Path, desk: &Desk) -> Known {
    let campaign = Campaign::parse(text, file).ok();
    let options = campaign.map_or_else(PanelOptions::default, |own| own.of_history());
    let report = desk.history().and_then(Result::ok).and_then(|own| own.panel(&options).ok());
    let mut known = Known::new();
    let segments = report.iter().flat_map(|report| &report.panel.segments);
    for segment in segments.filter(|segment| segment.is_audience()) {
        for (name, value) in &segment.attributes {
            if BY.contains(&name.as_str()) {
                known.entry(name.clone()).or_default().insert(value.clone());
            }
        }
    }
    known.retain(|_, values| values.len() <= MOST);
    known
}
