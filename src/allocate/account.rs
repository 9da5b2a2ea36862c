//! Whether a plan keeps its own account: a mean inside its own interval, what it was chosen for
//! beside what it promises, no more actions than impressions, and what its model has against
//! itself. What does not hold is a finding; no figure is bent to make it hold.

use super::plan::{Plan, Range};
use super::told::Value;
use crate::rules::finding::{Finding, Reader, Severity};
use crate::train::verdict::Doubt;

/// Standard errors by which chosen and promised value may differ by chance.
const ERRORS: f64 = 3.0;
/// Share of the promise by which they may always differ: nobody decides by less.
const SHARE: f64 = 0.02;

fn warning<const N: usize>(
    code: &str,
    segments: Vec<String>,
    values: [(&str, Value); N],
    reader: &Reader<'_>,
) -> Finding {
    Finding::new(Severity::Warning, code, segments, values, reader)
}

/// What a model has against itself, as far as it concerns the segments of a plan.
pub(super) fn doubtful(doubts: &[Doubt], plan: &Plan, reader: &Reader<'_>) -> Vec<Finding> {
    let finding = |doubt: &Doubt| -> Option<Finding> {
        let none = Vec::new;
        Some(match doubt {
            Doubt::NotConfirmed { pareto_k } => {
                let values = [("pareto_k", Value::Short(*pareto_k))];
                warning("model-not-confirmed", none(), values, reader)
            }
            Doubt::Segments { segments, pareto_k } => {
                let funded = |id: &&String| {
                    plan.rows.iter().any(|row| row.budget > 0.0 && row.segment == **id)
                };
                let concerned: Vec<String> = segments.iter().filter(funded).cloned().collect();
                if concerned.is_empty() {
                    return None;
                }
                let values = [("pareto_k", Value::Short(*pareto_k))];
                warning("model-segments-not-confirmed", concerned, values, reader)
            }
            Doubt::NotSettled => warning("model-not-settled", none(), [], reader),
            Doubt::NotConverged { rhat } => {
                warning("model-not-converged", none(), [("rhat", Value::Short(*rhat))], reader)
            }
            Doubt::Diverged { share } => {
                warning("model-diverged", none(), [("share", Value::Percent(*share))], reader)
            }
            Doubt::Overconfident { covered, cells } => {
                let values =
                    [("covered", Value::Percent(*covered)), ("cells", Value::Whole(*cells as f64))];
                warning("model-overconfident", none(), values, reader)
            }
        })
    };
    doubts.iter().filter_map(finding).collect()
}

/// What the plan was chosen for and what it promises, draw by draw, when they differ by more than
/// chance and by more than anybody would decide by.
pub(super) fn flattered(chosen: &[f64], promised: &[f64], reader: &Reader<'_>) -> Option<Finding> {
    let (had, has) = (Range::of(chosen).mean, Range::of(promised).mean);
    let square = |values: &[f64], mean: f64| {
        let n = values.len() as f64;
        values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0) / n
    };
    let error = (square(chosen, had) + square(promised, has)).sqrt();
    let apart = (had - has).abs();
    // Apart by rounding alone when both streams are the same draws.
    (apart > ERRORS * error && apart > SHARE * has.abs()).then(|| {
        let values = [
            ("chosen", Value::Short(had)),
            ("promised", Value::Short(has)),
            ("error", Value::Short(error)),
        ];
        warning("chosen-not-promised", Vec::new(), values, reader)
    })
}

/// Segments of which more actions are expected than impressions: an action needs one.
pub(super) fn more_than_shown(plan: &Plan, reader: &Reader<'_>) -> Option<Finding> {
    let rows = plan.rows.iter().filter(|row| {
        row.budget > 0.0 && row.impressions.is_some_and(|shown| row.actions.mean > shown)
    });
    let segments: Vec<String> = rows.map(|row| row.segment.clone()).collect();
    (!segments.is_empty()).then(|| warning("more-actions-than-impressions", segments, [], reader))
}

/// Codes of the findings on heavy tails.
const TAILS: [&str; 3] = ["heavy-tail", "heavy-tail-segments", "heavy-tail-other"];

/// Judges every interval of a plan anew: a mean outside its own is told, with its figures.
pub fn judge_tails(plan: &mut Plan, reader: &Reader<'_>) {
    plan.findings.retain(|finding| !TAILS.contains(&finding.code.as_str()));
    let found = tails(plan, reader);
    plan.findings.extend(found);
    plan.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
}

fn tails(plan: &Plan, reader: &Reader<'_>) -> Vec<Finding> {
    let figures = |range: &Range| {
        [
            ("mean", Value::Short(range.mean)),
            ("low", Value::Short(range.p10)),
            ("high", Value::Short(range.p90)),
        ]
    };
    let mut found = Vec::new();
    let whole = [&plan.actions, &plan.value];
    if let Some(range) = whole.into_iter().find(|range| !range.holds_its_mean()) {
        found.push(warning("heavy-tail", Vec::new(), figures(range), reader));
    }
    let rows = plan.rows.iter().filter(|row| {
        let points = row.curve.iter().map(|point| Range {
            mean: point.mean,
            p10: point.p10,
            p50: point.mean,
            p90: point.p90,
            mostly: None,
        });
        let own = [row.actions, row.value];
        own.into_iter().chain(points).any(|range| !range.holds_its_mean())
    });
    let segments: Vec<String> = rows.map(|row| row.segment.clone()).collect();
    if !segments.is_empty() {
        found.push(warning("heavy-tail-segments", segments, [], reader));
    }
    if let Some(other) = plan.baselines.iter().find(|other| !other.value.holds_its_mean()) {
        let name = Value::Message(format!("allocate-policy-{}", other.name));
        let [mean, low, high] = figures(&other.value);
        found.push(warning(
            "heavy-tail-other",
            Vec::new(),
            [("name", name), mean, low, high],
            reader,
        ));
    }
    found
}
