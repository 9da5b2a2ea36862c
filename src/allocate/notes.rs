//! What the model's panel could not say, as findings of the plans made with that model.

use super::plan::Plan;
use crate::language::Language;
use crate::panel::PanelNote;
use crate::rules::finding::{Finding, Severity};

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
    let about = note.audiences();
    let segments: Vec<String> = about
        .iter()
        .filter(|name| plan.rows.iter().any(|row| row.segment == **name))
        .cloned()
        .collect();
    if segments.is_empty() && !about.is_empty() {
        return None;
    }
    let note = note.about(&segments);
    let (key, arguments) = note.message(language);
    let values: Vec<(&str, &str)> =
        arguments.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Some(Finding {
        severity: if note.needs_a_person() { Severity::Warning } else { Severity::Note },
        code: code.to_owned(),
        message: language.say(&key, &values),
        arguments: values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        source: None,
        overridden: plan.campaign.as_ref().and_then(|own| own.overrides.get(code).cloned()),
        segments,
        told: None,
    })
}
