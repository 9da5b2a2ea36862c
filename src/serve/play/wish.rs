//! What somebody wants otherwise than the campaign says.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::allocate::plan::rows::Rows;
use crate::serve::desk::identifier;

/// What `POST /solve` takes: a run, and what is to be otherwise than in its campaign.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Wish {
    /// Identifier or name of a run, whose campaign and model are taken.
    pub(super) campaign: String,
    /// Money in all, in the campaign's currency.
    pub(super) budget: Option<f64>,
    /// Weight of the worst futures, from 0 to 1.
    pub(super) prudence: Option<f64>,
    /// At most so much money, by network.
    pub(super) caps: BTreeMap<String, f64>,
    /// Exactly so much money, by audience.
    pub(super) pins: BTreeMap<String, f64>,
    /// Whether the answer is to have the plan's rows.
    pub(super) rows: bool,
    /// Whether a quick answer will do: fewer draws, one node, no simulated promise.
    pub(super) provisional: bool,
}

/// What stands before the name of a network in a form.
pub(super) const CAP: &str = "cap-";
/// What stands before the identifier of an audience in a form.
pub(super) const PIN: &str = "pin-";

/// A field of a form that holds no number.
#[derive(Debug)]
pub(super) struct NoNumber {
    /// The field.
    pub(super) field: String,
    /// What it holds.
    pub(super) found: String,
}

impl Wish {
    /// What a form asks for; empty fields ask for nothing. `rows` are those of the plan that is
    /// shown.
    pub(super) fn of_form(pairs: &[(String, String)], rows: &Rows) -> Result<Self, NoNumber> {
        let mut wish = Self { rows: true, ..Self::default() };
        for (name, text) in pairs.iter().filter(|(_, text)| !text.trim().is_empty()) {
            let none = || NoNumber { field: name.clone(), found: text.clone() };
            let number =
                || text.trim().replace(',', ".").parse().ok().filter(|n: &f64| n.is_finite());
            if name == "budget" {
                wish.budget = Some(number().ok_or_else(none)?);
            } else if name == "prudence" {
                wish.prudence = Some(number().ok_or_else(none)?);
            } else if let Some(network) = name.strip_prefix(CAP) {
                wish.caps.insert(network.to_owned(), number().ok_or_else(none)?);
            } else if let Some(id) = name.strip_prefix(PIN) {
                let row = rows.iter().find(|row| identifier(row.segment.as_ref()) == id);
                let row = row.ok_or_else(none)?;
                wish.pins.insert(row.segment.clone(), number().ok_or_else(none)?);
            }
        }
        Ok(wish)
    }
}
