//! What the campaign asks for that no report can answer: ages across bands, unknown networks.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::language::message::Value;
use crate::reference::Reference;
use crate::rules::basis::Basis;
use crate::rules::finding::Severity;
use crate::rules::inquiry::Asking;
use crate::rules::table::{RulesError, read};
use crate::segment::Attribute;
use crate::segment::age::AgeBand;

/// Age bands that networks sell.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ages {
    bands: Vec<Bands>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bands {
    companies: Vec<String>,
    target: Vec<AgeBand>,
    origin: Basis,
}

impl Ages {
    pub(crate) fn load(reference: &Reference) -> Result<Self, RulesError> {
        read(reference, "rules/ages.toml")
    }

    /// The bands that a company sells; `None` when it sells any age, or nothing is known.
    pub(crate) fn of(&self, company: &str) -> Option<&[AgeBand]> {
        self.entry(company).map(|bands| bands.target.as_slice())
    }

    fn entry(&self, company: &str) -> Option<&Bands> {
        self.bands.iter().find(|bands| bands.companies.iter().any(|own| own == company))
    }

    pub(in crate::rules) fn judge(&self, asking: &mut Asking<'_>) {
        judge_networks(asking);
        judge_ages(asking);
        self.judge_bands(asking);
    }

    /// Segments whose age no ad set of their network can be set to.
    fn judge_bands(&self, asking: &mut Asking<'_>) {
        let mut by_band: BTreeMap<(&str, AgeBand), Vec<String>> = BTreeMap::new();
        for (company, segments) in asking.by_company() {
            let Some(bands) = self.entry(company) else { continue };
            for segment in segments {
                let age = segment.get(Attribute::Age).and_then(|text| text.parse().ok());
                if let Some(age) =
                    age.filter(|age: &AgeBand| age.rebuilt_from(&bands.target).is_none())
                {
                    by_band.entry((company, age)).or_default().push(segment.id.clone());
                }
            }
        }
        for ((company, age), segments) in by_band {
            let Some(bands) = self.entry(company) else { continue };
            let sold: Vec<String> = bands.target.iter().map(ToString::to_string).collect();
            let values = [
                ("company", Value::Name(company.to_owned())),
                ("band", Value::Name(age.to_string())),
                ("sold", Value::Names(sold)),
            ];
            let origin = Some(&bands.origin);
            asking.add(Severity::Warning, "age-not-sold", segments, values, origin);
        }
    }
}

/// Networks that the tables do not know have no platform rules.
fn judge_networks(asking: &mut Asking<'_>) {
    let mut unknown: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for segment in asking.inquiry.segments {
        if let Some(network) = segment.get(Attribute::Network)
            && asking.known.company(network).is_none()
        {
            unknown.entry(network).or_default().push(segment.id.clone());
        }
    }
    for (network, segments) in unknown {
        let values = [("network", Value::Name(network.to_owned()))];
        asking.add(Severity::Note, "unknown-network", segments, values, None);
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
        let common = AgeBand::COMMON.map(|band| band.to_string()).to_vec();
        let values = [("bands", Value::Names(across)), ("common", Value::Names(common))];
        asking.add(Severity::Note, "age-across-bands", Vec::new(), values, None);
    }
}
