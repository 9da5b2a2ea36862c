//! Days on which delivery may have changed for everybody: what was learnt before may not hold after.

use serde::Deserialize;

use crate::language::message::Value;
use crate::reference::Reference;
use crate::rules::basis::Basis;
use crate::rules::finding::Severity;
use crate::rules::inquiry::{Asking, ids, lists, networks};
use crate::rules::table::{RulesError, read};
use crate::segment::Segment;

const FILE: &str = "rules/breaks.toml";

/// The table of breaks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Breaks {
    #[serde(rename = "break")]
    breaks: Vec<Break>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Break {
    /// `rules-break-<key>` is its name.
    key: String,
    companies: Vec<String>,
    countries: Vec<String>,
    origin: Basis,
}

impl Breaks {
    pub(crate) fn load(reference: &Reference) -> Result<Self, RulesError> {
        let table: Self = read(reference, FILE)?;
        for one in &table.breaks {
            if one.origin.begins().is_none() {
                return Err(RulesError::Value {
                    file: FILE.to_owned(),
                    key: format!("{}, from", one.key),
                    found: "always".to_owned(),
                    allowed: "2026-01".to_owned(),
                });
            }
        }
        Ok(table)
    }

    /// Notes each break that lies inside the history that was learnt from.
    pub(in crate::rules) fn judge(&self, asking: &mut Asking<'_>) {
        let Some(history) = asking.inquiry.history else { return };
        for one in &self.breaks {
            let Some(day) =
                one.origin.begins().filter(|day| history.start < *day && *day <= history.end)
            else {
                continue;
            };
            let concerned = |segment: &&Segment| {
                asking.company(segment).is_some_and(|c| lists(&one.companies, Some(c)))
                    && lists(&one.countries, Some(asking.country(segment)))
            };
            let segments: Vec<&Segment> =
                asking.in_question().into_iter().filter(concerned).collect();
            if segments.is_empty() {
                continue;
            }
            let values = [
                ("event", Value::Message(format!("rules-break-{}", one.key))),
                ("day", Value::Date(day)),
                ("networks", networks(asking, &segments)),
            ];
            let origin = Some(&one.origin);
            asking.add(Severity::Note, "delivery-break", ids(&segments), values, origin);
        }
    }
}
