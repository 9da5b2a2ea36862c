//! What is wrong with a campaign, field by field.

use std::collections::BTreeMap;
use std::path::Path;

use toml_edit::Document;

use super::field::{BY, WHERE, all};
use super::text::at;
use super::values::of_where;
use crate::campaign::error::CampaignError;
use crate::language::{Explain, line_and_column};
use crate::serve::answer::{Answer, Trouble};
use crate::serve::campaigns::text::fault;
use crate::serve::desk::Desk;

/// Faults by the field that they stand at, and those that stand at none.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// By field.
    pub(super) at: BTreeMap<String, Vec<String>>,
    /// Of what the form does not know.
    pub(super) other: Vec<String>,
}

impl Faults {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.at.is_empty() && self.other.is_empty()
    }
}

/// What is wrong with the text of a campaign file, as `relais plan` would say it.
pub(super) fn faults(text: &str, file: &Path, desk: &Desk) -> Answer<Faults> {
    let told = fault(text, file, desk).map_err(|error| Trouble::of(&desk.room(), &error))?;
    Ok(told.map_or_else(Faults::default, |error| sorted(&error, text, desk)))
}

fn sorted(error: &CampaignError, text: &str, desk: &Desk) -> Faults {
    let language = desk.settings.language;
    let mut faults = Faults::default();
    for fault in error.faults() {
        match field(fault, text) {
            Some(name) => faults.at.entry(name).or_default().push(fault.reason(language)),
            None => faults.other.extend(fault.explain(language).lines().map(str::to_owned)),
        }
    }
    faults
}

/// The field that a fault is about: by its key, or by its place in the text.
fn field(fault: &CampaignError, text: &str) -> Option<String> {
    let of_key = |key: &str| {
        let key = if key == "budget" { "budget.amount" } else { key };
        let attribute = key.strip_prefix("segments.where.").filter(|own| BY.contains(own));
        let known = all().find(|field| field.key == key).map(|field| field.key.to_owned());
        known.or_else(|| attribute.map(|own| format!("{WHERE}{own}")))
    };
    fault.key().and_then(of_key).or_else(|| placed(fault.at(), text))
}

/// The field whose value stands at a place.
fn placed(place: (usize, usize), text: &str) -> Option<String> {
    let document = Document::parse(text).ok()?;
    let wheres = BY.iter().map(|own| (of_where(own), format!("{WHERE}{own}")));
    let fields = all().map(|field| (field.key.to_owned(), field.key.to_owned()));
    fields.chain(wheres).find_map(|(key, name)| {
        let span = at(document.as_table(), &key)?.span()?;
        let is_here =
            (line_and_column(text, span.start)..line_and_column(text, span.end)).contains(&place);
        is_here.then_some(name)
    })
}
