//! What the campaign asks for that no report can answer: ages across bands, unknown networks.

use std::collections::BTreeMap;

use super::finding::Severity;
use super::inquiry::Asking;
use crate::segment::Attribute;
use crate::segment::age::AgeBand;

pub(super) fn judge(asking: &mut Asking<'_>) {
    judge_networks(asking);
    judge_ages(asking);
}

/// Networks that the tables do not know have no platform rules.
fn judge_networks(asking: &mut Asking<'_>) {
    let mut unknown: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for segment in asking.inquiry.segments {
        if let Some(network) = segment.get(Attribute::Network)
            && asking.tables.company(network).is_none()
        {
            unknown.entry(network).or_default().push(segment.id.clone());
        }
    }
    for (network, segments) in unknown {
        let arguments = [("network", network.to_owned())];
        asking.add(Severity::Note, "unknown-network", segments, &arguments, None);
    }
}

/// Ages that the campaign asks for and that the segments' bands do not make up.
fn judge_ages(asking: &mut Asking<'_>) {
    let bands: Vec<AgeBand> = asking
        .inquiry
        .segments
        .iter()
        .filter_map(|segment| segment.get(Attribute::Age)?.parse().ok())
        .collect();
    let asked = asking.inquiry.campaign.selection.conditions.get(Attribute::Age.column());
    let across: Vec<String> = asked
        .into_iter()
        .flatten()
        .filter(|text| {
            let band = text.parse::<AgeBand>();
            band.is_ok_and(|band| band.common().is_err() && band.rebuilt_from(&bands).is_none())
        })
        .cloned()
        .collect();
    if !across.is_empty() {
        let common = AgeBand::COMMON.map(|band| band.to_string()).join(", ");
        let arguments = [("bands", across.join(", ")), ("common", common)];
        asking.add(Severity::Note, "age-across-bands", Vec::new(), &arguments, None);
    }
}
