//! Stretches of time that windows cover together, and amounts divided over them.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::history::day::Span;
use crate::history::question::rows::facts::Measures;

/// Divides measures in proportion to weights; the money of the parts is exactly the whole's.
pub(super) fn divide(whole: &Measures, weights: &[Decimal]) -> Vec<Measures> {
    use rust_decimal::prelude::ToPrimitive;
    let all: Decimal = weights.iter().sum();
    let mut left = whole.spend;
    let last = weights.len() - 1;
    weights
        .iter()
        .enumerate()
        .map(|(i, weight)| {
            let share = if all.is_zero() {
                Decimal::ONE / Decimal::from(weights.len())
            } else {
                weight / all
            };
            let spend = if i == last { left } else { (whole.spend * share).round_dp(12).min(left) };
            left -= spend;
            let share = share.to_f64().unwrap_or_default();
            let mut part = Measures {
                rows: whole.rows,
                spend,
                impressions: whole.impressions.map(|n| n * share),
                reach: None,
                actions: whole.actions,
                hidden: whole.hidden.map(|more| more * share as f32),
            };
            for count in part.actions.0.iter_mut().flatten() {
                *count *= share;
            }
            part
        })
        .collect()
}

/// Stretches of time that no period crosses, in order.
pub(super) fn stretches(spans: impl IntoIterator<Item = Span>) -> Vec<Span> {
    let sorted: BTreeSet<Span> = spans.into_iter().collect();
    let mut stretches: Vec<Span> = Vec::new();
    for span in sorted {
        match stretches.last_mut() {
            Some(last) if last.meets(span) => last.end = last.end.max(span.end),
            _ => stretches.push(span),
        }
    }
    stretches
}

pub(super) fn stretch_of(stretches: &[Span], span: Span) -> usize {
    stretches.partition_point(|stretch| stretch.start <= span.start).saturating_sub(1)
}
