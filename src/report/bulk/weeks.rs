//! A plan as some of its weeks want it: what an ads manager is told when budgets change on the way.

use jiff::ToSpan as _;

use super::error::BulkError;
use crate::allocate::plan::Plan;
use crate::allocate::plan::row::Row;
use crate::units::{Week, days_between};

/// A plan whose daily budgets are those of some weeks, and whose whole budgets and last day reach to
/// their end: an ad set that goes on has spent what came before.
///
/// # Errors
///
/// [`BulkError::Weeks`] when they are no weeks of the plan.
pub fn of_weeks(plan: &Plan, first: Week, last: Week) -> Result<Plan, BulkError> {
    let flight = plan.campaign.as_ref().map(|campaign| campaign.flight);
    let known = plan.rows.iter().find_map(|row| Some((row.weeks.first()?, row.weeks.last()?)));
    let (Some(flight), Some((from, to))) = (flight, known) else {
        return Err(BulkError::NoWeeks);
    };
    if first > last || first < from.week || last > to.week {
        return Err(BulkError::Weeks { found: (first, last), known: (from.week, to.week) });
    }
    let begins = flight.start.max(first.monday());
    let ends = flight.end.min(last.sunday());
    let days = f64::from(days_between(begins, ends));
    let cents = |money: f64| (money * 100.0).round() / 100.0;
    let changed = |row: &Row| {
        let until = |end: Week| -> f64 {
            row.weeks.iter().filter(|own| own.week <= end).map(|own| own.budget).sum()
        };
        let before = until(first.plus(-1));
        // What a segment costs at all is no money of an ad set, and falls into its first week.
        let fixed = |money: f64| (money - row.fixed_cost).max(0.0);
        let own = fixed(until(last)) - fixed(before);
        Row { budget: cents(until(last)), per_day: cents(own / days), ..row.clone() }
    };
    let mut own = plan.clone();
    own.rows = plan.rows.iter().map(changed).collect::<Vec<_>>().into();
    if let Some(campaign) = &mut own.campaign {
        campaign.flight.end = ends;
    }
    Ok(own)
}

/// `2026-W48`, or `2026-W48..2026-W49`; `None` for anything else.
#[must_use]
pub fn read_weeks(text: &str) -> Option<(Week, Week)> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
}

/// The day after which budgets must be changed again; `None` at the flight's end.
#[must_use]
pub fn next_change(plan: &Plan, last: Week) -> Option<jiff::civil::Date> {
    let end = plan.campaign.as_ref()?.flight.end;
    (last.sunday() < end).then(|| last.sunday().saturating_add(1.day()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::plan::row::WeekBudget;
    use crate::report::example;

    #[test]
    fn a_block_has_its_own_daily_budgets_and_all_blocks_make_the_plan() {
        let mut plan = example::report_data(3).plan;
        let weeks = plan.campaign.as_ref().unwrap().weeks();
        for (i, row) in plan.rows.iter_mut().enumerate() {
            let money = |t: usize| 10.0 * (1.0 + ((t + i) % 3) as f64);
            let own = weeks.iter().enumerate();
            row.weeks = own.map(|(t, week)| WeekBudget { week: *week, budget: money(t) }).collect();
            row.budget = row.weeks.iter().map(|own| own.budget).sum();
            row.fixed_cost = if i == 0 { 4.0 } else { 0.0 };
        }
        let mut spent = vec![0.0; plan.rows.len()];
        for block in weeks.chunks(2) {
            let (first, last) = (block[0], *block.last().unwrap());
            let own = of_weeks(&plan, first, last).unwrap();
            let flight = plan.campaign.as_ref().unwrap().flight;
            let days =
                days_between(flight.start.max(first.monday()), flight.end.min(last.sunday()));
            for ((row, before), spent) in own.rows.iter().zip(plan.rows.iter()).zip(&mut spent) {
                *spent += row.per_day * f64::from(days);
                // What a daily budget has brought so far is what a whole one says, to a cent a day.
                assert!(
                    (*spent - (row.budget - before.fixed_cost)).abs() < 0.01 * f64::from(6 * days)
                );
            }
            assert_eq!(own.campaign.unwrap().flight.end, flight.end.min(last.sunday()));
        }
        let whole = of_weeks(&plan, weeks[0], *weeks.last().unwrap()).unwrap();
        for (own, row) in whole.rows.iter().zip(plan.rows.iter()) {
            assert!((own.budget - row.budget).abs() < 1e-9);
        }
        let (first, last) = (weeks[0], weeks[0].plus(-1));
        assert!(matches!(of_weeks(&plan, first, last), Err(BulkError::Weeks { .. })));
        let beyond = weeks.last().unwrap().plus(1);
        assert!(matches!(of_weeks(&plan, first, beyond), Err(BulkError::Weeks { .. })));
        assert_eq!(read_weeks("2026-W48..2026-W49").map(|own| own.1.iso()), Some((2026, 49)));
        assert_eq!(read_weeks("2026-W48").map(|own| own.0.iso()), Some((2026, 48)));
        assert_eq!(read_weeks("W48"), None);
    }
}
