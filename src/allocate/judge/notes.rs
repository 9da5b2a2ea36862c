//! What the model's panel could not say, as findings of the plans made with that model.

use std::collections::{BTreeMap, BTreeSet};

use crate::allocate::plan::Plan;
use crate::campaign::{Campaign, Objective};
use crate::language::Language;
use crate::language::message::{Message, Value};
use crate::panel::PanelNote;
use crate::rules::finding::{Finding, Reader, Severity};
use crate::segment::Attribute;
use crate::train::evidence::Evidence;
use crate::train::fitted::card::ModelCard;

/// Adds what the panel could not say, and what outside tests ask somebody to look at, to a plan's
/// findings, the most serious first; audiences that the plan cannot fund are no matter of its.
pub fn tell_notes(plan: &mut Plan, card: &ModelCard, language: Language) {
    let notes = card.panel_notes.iter().filter_map(|note| finding(plan, note, language));
    let found: Vec<Finding> = notes.chain(tests(plan, card, language)).collect();
    plan.findings.extend(found);
    plan.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
}

/// Tests that moved nothing or contradict the history, and a plan for incremental actions on networks
/// whose share nobody measured.
fn tests(plan: &Plan, card: &ModelCard, language: Language) -> Vec<Finding> {
    let none = BTreeMap::new();
    let overrides = plan.campaign.as_ref().map_or(&none, |campaign| &campaign.overrides);
    let reader = Reader { language, currency: plan.currency, overrides };
    let of = |severity, code: &str, told| Finding::of(severity, code, Vec::new(), told, &reader);
    let of_test = |own: &Evidence| {
        let code = if own.is_used() { "test-contradicts" } else { "test-refused" };
        own.warning().map(|told| of(Severity::Warning, code, told))
    };
    let mut found: Vec<Finding> = card.tests.iter().filter_map(of_test).collect();
    let unmeasured = unmeasured(plan, card);
    if !unmeasured.is_empty() {
        let networks = Value::Name(unmeasured.into_iter().collect::<Vec<_>>().join(", "));
        let told = Message::new("finding-incremental-unmeasured", [("networks", networks)]);
        found.push(of(Severity::Warning, "incremental-unmeasured", told));
    }
    found
}

/// Funded networks whose incremental share a plan counts with and no test spoke of.
fn unmeasured<'a>(plan: &'a Plan, card: &ModelCard) -> BTreeSet<&'a str> {
    let asks = |campaign: &Campaign| campaign.objective == Objective::Incremental;
    if !plan.campaign.as_ref().is_some_and(asks) {
        return BTreeSet::new();
    }
    let funded = plan.rows.iter().filter(|row| row.budget > 0.0);
    let networks = funded.filter_map(|row| row.attributes.get(Attribute::Network.column()));
    let measured = |name: &&str| card.incremental.iter().any(|own| own.network == *name);
    networks.map(String::as_str).filter(|name| !measured(name)).collect()
}

fn finding(plan: &Plan, note: &PanelNote, language: Language) -> Option<Finding> {
    let code = note.code()?;
    if code == "one-week" && plan.findings.iter().any(|own| own.code == "one-week-funded") {
        return None;
    }
    let about = note.audiences();
    let segments: Vec<String> = about
        .iter()
        .filter(|name| plan.rows.iter().any(|row| row.segment == **name))
        .cloned()
        .collect();
    if segments.is_empty() && !about.is_empty() {
        return None;
    }
    let told = note.about(&segments).message();
    let none = BTreeMap::new();
    let overrides = plan.campaign.as_ref().map_or(&none, |campaign| &campaign.overrides);
    let reader = Reader { language, currency: plan.currency, overrides };
    let severity = if note.needs_a_person() { Severity::Warning } else { Severity::Note };
    Some(Finding::of(severity, code, segments, told, &reader))
}
