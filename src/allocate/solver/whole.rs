//! Which totals whole segments can make: asked before any search, in minor units, exactly.
//!
//! A segment with an on/off rule takes nothing or an amount between its least and its most. The
//! totals of a few such segments are not one stretch of money but many: 24 packages of exactly
//! 500 € make 0, 500, 1 000 … and nothing between. Here they are added up segment by segment, within
//! the limits of nested groups and a count of funded segments. Rules that cross are left out: what
//! cannot be made without them cannot be made with them.
//!
//! Memory is bounded: at most [`MOST`] stretches are kept at a time (2 MB), [`REMEMBERED`] in all
//! where a combination is to be told (16 MB). Beyond, the narrowest gaps are closed, which lets more
//! through and never refuses what can be made; beyond [`WORK`] stretches looked at there is no
//! answer.

use super::prices::tree::Tree;
use crate::allocate::problem::{Problem, Variable};

/// Stretches of one list of totals.
const MOST: usize = 1 << 17;
/// Stretches of all lists that are kept to tell a combination.
const REMEMBERED: usize = 1 << 20;
/// Stretches looked at in all: some hundredths of a second.
const WORK: usize = 1 << 23;

/// Totals that can be made, in minor units: closed stretches in order that do not touch.
#[derive(Debug, Clone, Default, PartialEq)]
struct Totals(Vec<(i64, i64)>);

impl Totals {
    fn nothing() -> Self {
        Self(vec![(0, 0)])
    }

    /// Takes stretches in any order.
    fn of(mut stretches: Vec<(i64, i64)>) -> Self {
        stretches.sort_unstable();
        let mut totals: Vec<(i64, i64)> = Vec::with_capacity(stretches.len());
        for (low, high) in stretches {
            match totals.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => totals.push((low, high)),
            }
        }
        let mut totals = Self(totals);
        totals.close_gaps();
        totals
    }

    /// Closes the narrowest gaps where there are too many.
    fn close_gaps(&mut self) {
        if self.0.len() <= MOST {
            return;
        }
        let mut gaps: Vec<i64> = self.0.windows(2).map(|pair| pair[1].0 - pair[0].1).collect();
        let closed = (gaps.len() + 1 - MOST / 2).min(gaps.len());
        let widest = *gaps.select_nth_unstable(closed - 1).1;
        let mut kept: Vec<(i64, i64)> = Vec::with_capacity(MOST);
        for &(low, high) in &self.0 {
            match kept.last_mut() {
                Some(last) if low - last.1 <= widest => last.1 = high,
                _ => kept.push((low, high)),
            }
        }
        self.0 = kept;
    }

    /// All sums of one of these totals and one of the others, up to `most`.
    fn plus(&self, others: &Self, most: i64) -> Vec<(i64, i64)> {
        let mut sums = Vec::with_capacity(self.0.len() * others.0.len());
        for (low, high) in &others.0 {
            let moved = self.0.iter().map(|(a, b)| (a + low, (b + high).min(most)));
            sums.extend(moved.take_while(|sum| sum.0 <= most));
        }
        sums
    }

    fn within(&self, low: i64, high: i64) -> Self {
        let cut = self.0.iter().map(|(a, b)| (*a.max(&low), *b.min(&high)));
        Self(cut.filter(|(a, b)| a <= b).collect())
    }

    fn has(&self, total: i64) -> bool {
        let after = self.0.partition_point(|(low, _)| *low <= total);
        after > 0 && total <= self.0[after - 1].1
    }

    /// The nearest totals below and above one that cannot be made.
    fn beside(&self, total: i64) -> (Option<i64>, Option<i64>) {
        let after = self.0.partition_point(|(low, _)| *low <= total);
        (after.checked_sub(1).map(|i| self.0[i].1), self.0.get(after).map(|stretch| stretch.0))
    }
}

/// What one segment may take, in minor units.
#[derive(Debug, Clone, Copy)]
struct Choice {
    low: i64,
    high: i64,
    off: bool,
    on: bool,
    /// Being on counts against the count of funded segments.
    counts: bool,
}

impl Choice {
    fn of(variable: &Variable, units: f64, counts: bool) -> Self {
        // A millionth of a minor unit is float noise of a limit such as 0.35 · 12000.
        let low = (variable.least_funded() * units - 1e-6).ceil() as i64;
        let high = (variable.max * units + 1e-6).floor() as i64;
        let least = variable.least_funded();
        let must = variable.min > 0.0;
        let on = must || (least <= variable.max && variable.max > 0.0);
        Self { low: low.min(high), high, off: !must && (least > 0.0 || counts || !on), on, counts }
    }

    /// Whether it takes any amount from nothing to its most, and no count asks.
    fn is_free(&self) -> bool {
        !self.off || !self.on
    }

    fn stretches(&self) -> Totals {
        let on = self.on.then_some((self.low, self.high));
        Totals::of(self.off.then_some((0, 0)).into_iter().chain(on).collect())
    }
}

/// Why the budget cannot be spent in whole segments, and which budgets near it could.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Indivisible {
    /// The nearest below, in minor units.
    pub(crate) below: Option<i64>,
    /// The nearest above.
    pub(crate) above: Option<i64>,
}

/// The rule that counts funded segments: who counts, and how many there may be.
struct Count {
    counts: Vec<bool>,
    least: usize,
    most: usize,
}

impl Count {
    fn of(problem: &Problem) -> Option<Self> {
        let counts = |rule: &&crate::allocate::problem::Rule| {
            let whole =
                |t: &crate::allocate::problem::Term| t.per_money == 0.0 && t.when_funded == 1.0;
            !rule.terms.is_empty() && rule.terms.iter().all(whole) && rule.high.is_finite()
        };
        let rule = problem.rules.iter().find(counts)?;
        let mut counted = vec![false; problem.variables.len()];
        rule.terms.iter().for_each(|term| counted[term.variable as usize] = true);
        let most = (rule.high + 1e-9).floor().max(0.0) as usize;
        let least = (rule.low - 1e-9).ceil().max(0.0) as usize;
        Some(Self { counts: counted, least, most: most.min(problem.variables.len()) })
    }
}

/// Why no whole segments make the budget; `None` where some do, or where nobody can tell in time.
pub(crate) fn indivisible(problem: &Problem, tree: &Tree) -> Option<Indivisible> {
    let count = Count::of(problem);
    let choices = choices(problem, count.as_ref());
    if choices.iter().all(Choice::is_free) {
        return None;
    }
    let totals = by_tree(problem, tree, &choices, count.as_ref())?;
    let budget = problem.budget_minor;
    let least = if problem.spend_all { budget } else { 0 };
    if !totals.within(least, budget).0.is_empty() {
        return None;
    }
    let (below, above) = totals.beside(budget);
    Some(Indivisible { below: below.filter(|_| problem.spend_all), above })
}

fn choices(problem: &Problem, count: Option<&Count>) -> Vec<Choice> {
    let units = problem.minor_per_unit as f64;
    let counts = |i: usize| count.is_some_and(|count| count.counts[i]);
    problem
        .variables
        .iter()
        .enumerate()
        .map(|(i, variable)| Choice::of(variable, units, counts(i)))
        .collect()
}

/// Totals of all segments, within the limits of groups and of the count.
fn by_tree(
    problem: &Problem,
    tree: &Tree,
    choices: &[Choice],
    count: Option<&Count>,
) -> Option<Totals> {
    let units = problem.minor_per_unit as f64;
    let most_funded = count.map_or(0, |count| count.most);
    // Twice the budget is far enough to tell the nearest that can be made.
    let cap = problem.budget_minor.saturating_mul(2).max(most_of_one(choices));
    let mut work = 0_usize;
    // For each node, totals by the number of funded segments that count.
    let mut sets: Vec<Vec<Totals>> = vec![vec![Totals::nothing()]; tree.nodes.len()];
    let mut free = vec![(0_i64, 0_i64); tree.nodes.len()];
    for (choice, home) in choices.iter().zip(&tree.home) {
        let home = *home as usize;
        if choice.is_free() && !(choice.on && choice.counts) {
            let (low, high) = if choice.on { (choice.low, choice.high) } else { (0, 0) };
            free[home].0 = free[home].0.saturating_add(low);
            free[home].1 = free[home].1.saturating_add(high);
            continue;
        }
        sets[home] = with(&sets[home], choice, most_funded, cap, &mut work)?;
    }
    for node in (0..tree.nodes.len()).rev() {
        let freely = [Totals(vec![free[node]])];
        let own = joined(&sets[node], &freely, most_funded, cap, &mut work)?;
        if node == 0 {
            let least = count.map_or(0, |count| count.least);
            let all = own.into_iter().skip(least).flat_map(|totals| totals.0).collect();
            return Some(Totals::of(all));
        }
        let limits = &tree.nodes[node];
        let low = (limits.low * units - 1e-6).ceil() as i64;
        let high = (limits.high * units + 1e-6).floor().min(9e18) as i64;
        let cut: Vec<Totals> = own.iter().map(|totals| totals.within(low, high)).collect();
        sets[limits.parent] = joined(&sets[limits.parent], &cut, most_funded, cap, &mut work)?;
    }
    None
}

fn most_of_one(choices: &[Choice]) -> i64 {
    choices.iter().map(|choice| choice.low).max().unwrap_or_default()
}

/// Totals by count with one more segment.
fn with(
    before: &[Totals],
    choice: &Choice,
    most_funded: usize,
    cap: i64,
    work: &mut usize,
) -> Option<Vec<Totals>> {
    let on = choice.on.then_some((choice.low, choice.high));
    if !choice.counts {
        return joined(before, &[choice.stretches()], most_funded, cap, work);
    }
    let one = [
        Totals(choice.off.then_some((0, 0)).into_iter().collect()),
        Totals(on.into_iter().collect()),
    ];
    joined(before, &one, most_funded, cap, work)
}

/// All sums of totals of two parts, by the number of funded segments in both.
fn joined(
    one: &[Totals],
    other: &[Totals],
    most_funded: usize,
    cap: i64,
    work: &mut usize,
) -> Option<Vec<Totals>> {
    let counts = (one.len() + other.len() - 1).min(most_funded + 1);
    let mut sums: Vec<Vec<(i64, i64)>> = vec![Vec::new(); counts];
    for (i, a) in one.iter().enumerate() {
        for (j, b) in other.iter().enumerate().take_while(|(j, _)| i + j < counts) {
            *work = work.saturating_add(a.0.len().saturating_mul(b.0.len()));
            if *work > WORK {
                return None;
            }
            sums[i + j].extend(a.plus(b, cap));
        }
    }
    Some(sums.into_iter().map(Totals::of).collect())
}

/// Which segments to have on so that the budget is made, those that are worth most first; `None`
/// where there is nothing to tell, or groups or a count have a say.
pub(crate) fn combination(problem: &Problem, tree: &Tree) -> Option<Vec<bool>> {
    let choices = choices(problem, None);
    let switched: Vec<usize> = (0..choices.len()).filter(|&i| !choices[i].is_free()).collect();
    if tree.nodes.len() > 1 || switched.is_empty() || Count::of(problem).is_some() {
        return None;
    }
    let budget = problem.budget_minor;
    let free = choices.iter().filter(|choice| choice.is_free() && choice.on);
    let (low, high) = free.fold((0_i64, 0_i64), |(low, high), choice| {
        (low.saturating_add(choice.low), high.saturating_add(choice.high))
    });
    // The last in order are decided first.
    let mut order = switched;
    let worth =
        |i: usize| problem.variables[i].value(problem.variables[i].max.min(problem.budget()));
    let density = |i: usize| worth(i) / problem.variables[i].max.max(f64::MIN_POSITIVE);
    order.sort_by(|&a, &b| density(a).total_cmp(&density(b)).then(b.cmp(&a)));
    let mut sums = vec![Totals(vec![(low, high.min(budget))])];
    let mut kept = 0;
    for &i in &order {
        let last = sums.last()?;
        let next = Totals::of(last.plus(&choices[i].stretches(), budget));
        kept += next.0.len();
        if kept > REMEMBERED {
            return None;
        }
        sums.push(next);
    }
    let mut left = if problem.spend_all { budget } else { sums.last()?.0.last()?.1 };
    let mut on: Vec<bool> = choices.iter().map(|choice| choice.on).collect();
    for (step, &i) in order.iter().enumerate().rev() {
        let (before, choice) = (&sums[step], choices[i]);
        // The most that this segment can take so that the others make the rest.
        let taken = before.0.iter().filter_map(|(a, b)| {
            let (low, high) = ((left - b).max(choice.low), (left - a).min(choice.high));
            (low <= high).then_some(high)
        });
        let taken = if choice.on { taken.max() } else { None };
        match taken {
            Some(taken) => left -= taken,
            None if choice.off && before.has(left) => on[i] = false,
            None => return None,
        }
    }
    Some(on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::problem::Rule;
    use crate::response::exponential::Exponential;
    use proptest::prelude::*;

    fn variable(min: i64, max: i64, min_if_funded: i64) -> Variable {
        let curve = Exponential { ceiling: 10.0, scale: 5.0 }.into();
        Variable {
            min_if_funded: min_if_funded as f64,
            ..Variable::new(curve, min as f64, max as f64)
        }
    }

    fn problem(variables: Vec<Variable>, budget: i64) -> Problem {
        Problem { minor_per_unit: 1, budget_minor: budget, ..Problem::new(variables, 1.0) }
    }

    /// Every total that can be made, by trying everything.
    fn tried(problem: &Problem, most: usize) -> Vec<i64> {
        let mut made = std::collections::BTreeSet::from([(Vec::<i64>::new(), 0_i64)]);
        for variable in &problem.variables {
            let mut next = std::collections::BTreeSet::new();
            for (amounts, total) in &made {
                for amount in (0..=variable.max as i64).filter(|a| variable.admits(*a as f64, 0.0))
                {
                    let amounts = amounts.iter().copied().chain([amount]).collect();
                    next.insert((amounts, total + amount));
                }
            }
            made = next;
        }
        let keeps = |amounts: &[i64]| {
            let budgets: Vec<f64> = amounts.iter().map(|a| *a as f64).collect();
            budgets.iter().filter(|b| **b > 0.0).count() <= most
                && problem.rules.iter().all(|rule| {
                    let used = rule.used(&budgets);
                    rule.low <= used && used <= rule.high
                })
        };
        let mut totals: Vec<i64> =
            made.iter().filter(|(amounts, _)| keeps(amounts)).map(|(_, total)| *total).collect();
        totals.sort_unstable();
        totals.dedup();
        totals
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn what_is_refused_cannot_be_made_and_what_is_near_can(
            bounds in proptest::collection::vec((0_i64..3, 3_i64..9, 0_i64..9), 1..5),
            budget in 1_i64..30, spend_all in any::<bool>(),
            group in proptest::option::of((0_i64..5, 4_i64..12)), most in 0_usize..5,
        ) {
            let variables: Vec<Variable> = bounds
                .into_iter()
                .map(|(min, max, least)| variable(if min < 2 { 0 } else { min }, max, least.min(max)))
                .collect();
            let n = variables.len();
            let mut problem = Problem { spend_all, ..problem(variables, budget) };
            if let Some((low, high)) = group {
                problem.rules.push(Rule::group(0..n.div_ceil(2), low as f64, high as f64));
            }
            if most < n {
                problem.rules.push(Rule::funded_at_most(most, n));
            }
            let made = tried(&problem, n);
            let fits = |total: &i64| if spend_all { *total == budget } else { *total <= budget };
            let found = indivisible(&problem, &Tree::new(&problem));
            let is_switched = choices(&problem, Count::of(&problem).as_ref()).iter().any(|c| !c.is_free());
            match found {
                Some(found) => {
                    prop_assert!(!made.iter().any(fits), "{made:?} make {budget}");
                    let below = made.iter().rev().find(|total| **total < budget).copied();
                    let above = made.iter().find(|total| **total > budget).copied();
                    let in_sight = above.filter(|total| *total <= 2 * budget);
                    prop_assert_eq!(found.below, below.filter(|_| spend_all));
                    prop_assert!(in_sight.is_none() || found.above == above);
                }
                None => prop_assert!(!is_switched || made.iter().any(fits), "{made:?} for {budget}"),
            }
        }

        #[test]
        fn a_combination_makes_the_budget(
            bounds in proptest::collection::vec((1_i64..40, 0_i64..6), 1..12), budget in 1_i64..200,
        ) {
            let variables: Vec<Variable> = bounds.iter().map(|(l, width)| variable(0, l + width, *l)).collect();
            let problem = problem(variables, budget);
            let tree = Tree::new(&problem);
            let on = combination(&problem, &tree);
            prop_assert_eq!(on.is_some(), indivisible(&problem, &tree).is_none());
            if let Some(on) = on {
                let sum = |of: fn(&(i64, i64)) -> i64| -> i64 {
                    bounds.iter().zip(&on).filter(|(_, on)| **on).map(|(bound, _)| of(bound)).sum()
                };
                prop_assert!(sum(|b| b.0) <= budget && budget <= sum(|b| b.0 + b.1), "{on:?}");
            }
        }
    }

    #[test]
    fn packages_tell_the_nearest_budgets() {
        let problem = problem(vec![variable(0, 50_000, 50_000); 60], 520_000);
        let found = indivisible(&problem, &Tree::new(&problem));
        assert_eq!(found, Some(Indivisible { below: Some(500_000), above: Some(550_000) }));
    }

    #[test]
    fn many_odd_packages_stay_within_memory_and_are_never_refused_wrongly() {
        // 2^40 combinations; some make the budget, as they were chosen to.
        let prices: Vec<i64> = (0..40).map(|i| 1_000_003 + 7_919 * i * i).collect();
        let budget: i64 = prices.iter().step_by(3).sum();
        let problem = problem(prices.iter().map(|p| variable(0, *p, *p)).collect(), budget);
        assert_eq!(indivisible(&problem, &Tree::new(&problem)), None);
        let many = Totals::of((0..3 * MOST as i64).map(|i| (3 * i, 3 * i)).collect());
        assert!(many.0.len() <= MOST && many.has(3) && many.has(9 * MOST as i64 - 3));
    }
}
