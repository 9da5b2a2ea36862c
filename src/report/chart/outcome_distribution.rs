//! What may come of the plan beside other splits: twenty dots, each one future in twenty.

use plotters::style::RGBColor;

use super::canvas::{Align, Canvas, Type};
use super::layout::{MARGIN, bottom_axis, names_room};
use super::palette::{BLUE, GREY, INK, ORANGE};
use super::scale::Scale;
use super::{Chart, WIDTH, Words};
use crate::allocate::plan::Source;
use crate::allocate::policy::PolicyName;
use crate::report::dossier::Dossier;
use crate::report::standing::{BesideLast, Standing};
use crate::report::table::{Cell, Column, Table};
use crate::report::voice::Voice;
use crate::simulate::outcomes::PolicyOutcome;

const NAME: &str = "outcome-distribution";
/// Radius of a dot.
const DOT: f64 = 5.2;
/// Futures are shown in twentieths (quantile dot plots: Kay et al. 2016).
const DOTS: usize = 20;

/// The chart; `None` without a simulation.
pub(super) fn chart(dossier: &Dossier, voice: &Voice) -> Option<Chart> {
    let policies: Vec<&PolicyOutcome> = dossier.outcomes.as_ref()?.policies.iter().collect();
    let plan = policies.iter().find(|policy| policy.name == PolicyName::Plan)?;
    let last = policies.iter().find(|policy| policy.name == PolicyName::Last);
    // The plan's interval is the one that it promises, here as everywhere.
    let own = dossier.plan.promise.map(|promise| promise.value);
    let own = own.filter(|value| matches!(value.source, Source::Futures { .. }));
    let (low, high, mostly) = match own.map(|own| own.range) {
        Some(range) => (range.p10, range.p90, range.mostly),
        None => (plan.value.p10, plan.value.p90, plan.value.mostly),
    };
    let ends = [("low", &*voice.quantity(low)), ("high", &voice.quantity(high))];
    let range = match mostly {
        Some(mostly) => voice.mostly(mostly, "chart-outcome-distribution-mostly"),
        None => voice.say("chart-outcome-distribution-range", &ends),
    };
    let standing = BesideLast::of(dossier).map(|beside| beside.standing(&dossier.plan));
    let (title, alternative) = match last {
        None => ("-alone", "-alone"),
        Some(_) if standing == Some(Standing::Same) => ("-same", "-same"),
        Some(_) => ("", ""),
    };
    let words = Words::variant(
        voice,
        NAME,
        [title, "", alternative],
        &[
            ("p", &voice.chance(plan.p_beats_last)),
            ("range", &range),
            ("median", &voice.quantity(plan.value.p50)),
            ("last", &last.map_or_else(String::new, |last| voice.quantity(last.value.p50))),
        ],
    );
    let layout = Layout::new(&policies, voice);
    let height = layout.bottom + 44.0;
    Some(Chart::new(NAME, words, table(&policies, voice), height, |canvas| {
        layout.paint(canvas, &policies, voice);
    }))
}

struct Layout {
    x: Scale,
    left: f64,
    /// Base line of each policy's dots.
    bases: Vec<f64>,
    bottom: f64,
}

impl Layout {
    fn new(policies: &[&PolicyOutcome], voice: &Voice) -> Self {
        let names: Vec<String> = policies.iter().map(|p| voice.policy(p.name)).collect();
        let left = names_room(names.iter().map(String::as_str), 260.0).max(190.0);
        let values = policies.iter().flat_map(|p| twentieths(p));
        let x = Scale::around(values, left + 10.0, WIDTH - MARGIN - 20.0);
        let mut base = 8.0;
        let mut bases = Vec::with_capacity(policies.len());
        for policy in policies {
            let tallest = stacks(policy, &x).iter().map(|stack| stack.1).max().unwrap_or(1);
            base += (tallest as f64 * 2.0 * DOT + 14.0).max(46.0);
            bases.push(base);
        }
        Self { x, left, bases, bottom: base + 8.0 }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, policies: &[&PolicyOutcome], voice: &Voice) {
        bottom_axis(canvas, &self.x, (6.0, self.bottom), 6, |value| voice.quantity(value));
        let middle = f64::midpoint(self.left + 10.0, WIDTH - MARGIN);
        let unit = voice.text("chart-points");
        canvas.words(&unit, (middle, self.bottom + 30.0), Type::tick(Align::Middle));
        for (policy, base) in policies.iter().zip(&self.bases) {
            self.policy(canvas, policy, *base, voice);
        }
    }

    fn policy(&self, canvas: &mut Canvas<'_>, policy: &PolicyOutcome, base: f64, voice: &Voice) {
        let colour = colour(policy.name);
        canvas.line((self.left, base), (WIDTH - MARGIN, base), GREY, 0.8);
        for (x, height) in stacks(policy, &self.x) {
            for i in 0..height {
                let y = base - DOT - 1.0 - i as f64 * 2.0 * DOT;
                if policy.name == PolicyName::Plan {
                    canvas.disc((x, y), DOT - 0.3, colour, 1.0);
                } else {
                    canvas.ring((x, y), DOT - 1.2, colour);
                }
            }
        }
        let median = self.x.at(policy.value.p50);
        canvas.line((median, base - 1.0), (median, base + 6.0), INK, 2.0);
        let name = Type::label(colour, Align::Right).bold();
        let room = self.left - MARGIN - 8.0;
        canvas.fitted(&voice.policy(policy.name), (self.left - 10.0, base - 24.0), room, name);
        let beats = voice.chance(policy.p_beats_last);
        let note = match policy.name {
            PolicyName::Last => voice.text("chart-outcome-distribution-reference"),
            _ => voice.say("chart-outcome-distribution-beats", &[("p", &beats)]),
        };
        let small = Type::label(GREY, Align::Right).size(11.0);
        canvas.fitted(&note, (self.left - 10.0, base - 8.0), room, small);
    }
}

fn colour(policy: PolicyName) -> RGBColor {
    match policy {
        PolicyName::Plan => BLUE,
        PolicyName::Last => ORANGE,
        _ => GREY,
    }
}

/// The middles of twenty equal parts of a policy's futures.
fn twentieths(policy: &PolicyOutcome) -> Vec<f64> {
    let known = &policy.quantiles;
    if known.len() < DOTS {
        let value = policy.value;
        return vec![value.p10, value.p50, value.p90];
    }
    let at = |i: usize| {
        let place = (i as f64 + 0.5) / DOTS as f64 * (known.len() + 1) as f64 - 1.0;
        known[(place.round().max(0.0) as usize).min(known.len() - 1)]
    };
    (0..DOTS).map(at).collect()
}

/// Dots that would overlap stand on each other: middle of each stack and its height.
fn stacks(policy: &PolicyOutcome, x: &Scale) -> Vec<(f64, usize)> {
    let mut stacks: Vec<(f64, usize)> = Vec::new();
    let mut first = f64::NEG_INFINITY;
    for value in twentieths(policy) {
        let at = x.at(value);
        match stacks.last_mut() {
            Some(stack) if at - first < 2.0 * DOT => {
                stack.1 += 1;
                stack.0 += (at - stack.0) / stack.1 as f64;
            }
            _ => {
                first = at.max(stacks.last().map_or(at, |stack| stack.0 + 2.0 * DOT));
                stacks.push((first, 1));
            }
        }
    }
    for i in 1..stacks.len() {
        stacks[i].0 = stacks[i].0.max(stacks[i - 1].0 + 2.0 * DOT);
    }
    stacks
}

fn table(policies: &[&PolicyOutcome], voice: &Voice) -> Table {
    let mut table = Table::new(
        voice.text("chart-outcome-distribution-table"),
        vec![
            Column::new(voice, "report-column-policy", 28.0),
            Column::new(voice, "report-column-mean", 12.0),
            Column::new(voice, "report-column-p10", 12.0),
            Column::new(voice, "report-column-p50", 12.0),
            Column::new(voice, "report-column-p90", 12.0),
            Column::new(voice, "report-column-worst", 14.0),
            Column::new(voice, "report-column-beats", 14.0),
            Column::new(voice, "report-column-cost", 12.0),
        ],
    );
    table.rows = policies
        .iter()
        .map(|policy| {
            let value = policy.value;
            vec![
                Cell::Text(voice.policy(policy.name)),
                Cell::Number(value.mean, 0),
                Cell::Number(value.p10, 0),
                Cell::Number(value.p50, 0),
                Cell::Number(value.p90, 0),
                Cell::Number(policy.worst_tenth, 0),
                if policy.name == PolicyName::Last {
                    Cell::Empty
                } else {
                    Cell::Note(voice.chance(policy.p_beats_last))
                },
                Cell::money(policy.cost_per_action, 2),
            ]
        })
        .collect();
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    #[test]
    fn every_policy_has_its_twenty_dots_and_none_overlap() {
        let dossier = example::dossier(12);
        for policy in &dossier.outcomes.expect("the example has outcomes").policies {
            let stacks = stacks(policy, &Scale::around(policy.quantiles.clone(), 0.0, 300.0));
            assert_eq!(stacks.iter().map(|stack| stack.1).sum::<usize>(), DOTS, "{}", policy.name);
            for pair in stacks.windows(2) {
                assert!(pair[1].0 - pair[0].0 >= 2.0 * DOT - 1e-9, "{}", policy.name);
            }
        }
    }
}
