//! Products whose daily budget is no ceiling for a day: give them a longer one.

use serde::Deserialize;

use crate::language::message::Value;
use crate::reference::Reference;
use crate::rules::basis::Basis;
use crate::rules::finding::Severity;
use crate::rules::inquiry::{Asking, ids, lists};
use crate::rules::table::{RulesError, check_amount, read};
use crate::segment::Segment;
use crate::segment::spelling::{folded, has_word};

const FILE: &str = "rules/overspend.toml";

/// The table of daily budgets that are none.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Overspend {
    product: Vec<Product>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Product {
    name: String,
    companies: Vec<String>,
    /// Words in an audience's names that tell the product.
    words: Vec<String>,
    /// Share beyond the daily budget that one day may cost.
    day: f64,
    /// Daily budgets that a week costs at most.
    week: f64,
    origin: Basis,
}

impl Overspend {
    pub(crate) fn load(reference: &Reference) -> Result<Self, RulesError> {
        let table: Self = read(reference, FILE)?;
        for product in &table.product {
            check_amount(FILE, &product.name, product.day)?;
            check_amount(FILE, &product.name, product.week)?;
        }
        Ok(table)
    }

    pub(in crate::rules) fn judge(&self, asking: &mut Asking<'_>) {
        for product in &self.product {
            let is_told = |text: &str| has_word(&folded(text), &product.words).is_some();
            let concerned = |segment: &&Segment| {
                asking.company(segment).is_some_and(|c| lists(&product.companies, Some(c)))
                    && (is_told(&segment.id) || segment.attributes.values().any(|v| is_told(v)))
            };
            let segments: Vec<&Segment> =
                asking.in_question().into_iter().filter(concerned).collect();
            if segments.is_empty() {
                continue;
            }
            let values = [
                ("product", Value::Name(product.name.clone())),
                ("day", Value::Percent(product.day)),
                ("week", Value::Whole(product.week)),
            ];
            let origin = Some(&product.origin);
            asking.add(Severity::Note, "daily-overspend", ids(&segments), values, origin);
        }
    }
}
