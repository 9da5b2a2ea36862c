//! What the model's panel could not say, as findings of the plans made with that model.

use std::collections::BTreeMap;

use crate::allocate::plan::Plan;
use crate::language::Language;
use crate::panel::PanelNote;
use crate::rules::finding::{Finding, Reader, Severity};

/// Adds what the panel could not say to a plan's findings, the most serious first; audiences that
/// the plan cannot fund are no matter of its.
pub fn tell_panel_notes(plan: &mut Plan, notes: &[PanelNote], language: Language) {
    let found: Vec<Finding> =
        notes.iter().filter_map(|note| finding(plan, note, language)).collect();
    plan.findings.extend(found);
    plan.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
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
