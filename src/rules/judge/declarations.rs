//! What must be declared to a network when a campaign is set up.

use serde::Deserialize;

use crate::reference::Reference;
use crate::rules::basis::Basis;
use crate::rules::finding::Severity;
use crate::rules::inquiry::{Asking, ids, lists, networks};
use crate::rules::table::{RulesError, read};
use crate::segment::Segment;

/// The table of declarations.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Declarations {
    declaration: Vec<Declaration>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Declaration {
    /// `finding-<code>` is its message.
    code: String,
    companies: Vec<String>,
    countries: Vec<String>,
    origin: Basis,
}

impl Declarations {
    pub(crate) fn load(reference: &Reference) -> Result<Self, RulesError> {
        read(reference, "rules/declarations.toml")
    }

    pub(in crate::rules) fn judge(&self, asking: &mut Asking<'_>) {
        for declaration in &self.declaration {
            let concerned = |segment: &&Segment| {
                asking.company(segment).is_some_and(|c| lists(&declaration.companies, Some(c)))
                    && lists(&declaration.countries, Some(asking.country(segment)))
            };
            let segments: Vec<&Segment> =
                asking.in_question().into_iter().filter(concerned).collect();
            if segments.is_empty() {
                continue;
            }
            let values = [("networks", networks(asking, &segments))];
            let origin = Some(&declaration.origin);
            asking.add(Severity::Note, &declaration.code, ids(&segments), values, origin);
        }
    }
}
