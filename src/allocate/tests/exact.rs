//! Random problems of forms that are hard for prices, against exact programs over whole steps.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::allocate::problem::{Change, Problem, Rule, Term, Variable};
use crate::allocate::{Settings, Solution, Unsolvable, maximise};
use crate::response::curve::Curve;
use crate::response::exponential::Exponential;
use crate::response::exposure::Exposure;
use crate::response::hill::Hill;
use crate::response::points::Points;
use crate::response::power::Power;

/// Even numbers from a seed.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Between two numbers.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of so many.
    pub(super) fn of(&mut self, many: usize) -> usize {
        (self.next() % many as u64) as usize
    }

    pub(super) fn coin(&mut self) -> bool {
        self.of(2) == 0
    }
}

/// Forms of curves that a problem may hold.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    /// Straight lines.
    Line,
    /// Worth nothing.
    Nothing,
    /// Powers with an exponent near 1.
    NearLine,
    /// A Hill curve that is all but a step.
    Cliff,
    /// Steps of a table, a hundredth of a cent wide.
    Stairs,
    Smooth,
    Sigmoid,
}

const FORMS: [Form; 7] = [
    Form::Line,
    Form::Nothing,
    Form::NearLine,
    Form::Cliff,
    Form::Stairs,
    Form::Smooth,
    Form::Sigmoid,
];

fn curve(form: Form, dice: &mut Dice) -> Curve {
    let (ceiling, scale) = (dice.between(20.0, 200.0), dice.between(5.0, 60.0));
    let power = |coefficient, exponent| Curve::Power(Power { coefficient, exponent });
    match form {
        Form::Line => power(dice.between(0.5, 4.0), 1.0),
        Form::Nothing if dice.coin() => power(0.0, 1.0),
        Form::Nothing => Curve::Points(Arc::new(Points::new(&[(10.0, 0.0)]).unwrap())),
        Form::NearLine => power(dice.between(0.5, 4.0), [0.999, 1.001, 0.99, 1.01][dice.of(4)]),
        Form::Cliff => Curve::Hill(Hill::new(ceiling, scale, [1e3, 1e5, 3e6][dice.of(3)])),
        Form::Stairs => {
            let mut pairs = vec![(0.0, 0.0)];
            for _ in 0..=dice.of(4) {
                let (at, worth) = pairs[pairs.len() - 1];
                let next = at + dice.between(3.0, 30.0);
                pairs.push((next, worth));
                pairs.push((next + 1e-4, worth + dice.between(2.0, 60.0)));
            }
            Curve::Points(Arc::new(Points::new(&pairs).unwrap()))
        }
        Form::Smooth if dice.coin() => Exponential { ceiling, scale }.into(),
        Form::Smooth => Exposure { ceiling, scale, shape: dice.between(0.3, 3.0) }.into(),
        Form::Sigmoid => Curve::Hill(Hill::new(ceiling, scale, dice.between(1.5, 4.0))),
    }
}

/// A random problem whose limits are whole steps of `step` units of money.
fn any_problem(dice: &mut Dice, n: usize, steps: usize, step: f64) -> Problem {
    let mut forms = [FORMS[dice.of(7)], FORMS[dice.of(7)]];
    if dice.of(3) == 0 {
        forms[1] = forms[0];
    }
    let whole =
        |dice: &mut Dice, from: usize, to: usize| (from + dice.of(to - from + 1)) as f64 * step;
    let variables: Vec<Variable> = (0..n)
        .map(|_| {
            let form = forms[dice.of(2)];
            let mut variable = Variable::new(curve(form, dice), 0.0, whole(dice, steps / 4, steps));
            match dice.of(4) {
                0 => variable.min = whole(dice, 1, steps / 8),
                1 => variable.min_if_funded = whole(dice, 1, steps / 3),
                2 => variable.fixed_cost = whole(dice, 1, steps / 6),
                _ => {}
            }
            variable.max = variable.max.max(variable.least_funded());
            variable
        })
        .collect();
    let mut problem = Problem::new(variables, steps as f64 * step);
    problem.step = (step * 100.0).round() as i64;
    problem.spend_all = dice.of(3) > 0;
    let half = n.div_ceil(2);
    let high = whole(dice, steps / 3, steps);
    problem.rules.push(Rule::group(0..half, 0.0, high));
    if dice.coin() {
        let low = whole(dice, 0, steps / 4);
        problem.rules.push(Rule::group(half..n, low, f64::INFINITY));
    }
    problem
}

/// The best plan in whole steps under nested groups, by a program over sums: each row's values,
/// added up group by group.
fn best_nested(problem: &Problem, steps: usize, step: f64) -> f64 {
    let add = |one: &[f64], other: &[f64]| {
        let mut sums = vec![f64::NEG_INFINITY; steps + 1];
        for (a, x) in one.iter().enumerate().filter(|(_, x)| x.is_finite()) {
            for (b, y) in other.iter().enumerate().take(steps + 1 - a) {
                sums[a + b] = sums[a + b].max(x + y);
            }
        }
        sums
    };
    let row = |variable: &Variable| -> Vec<f64> {
        (0..=steps)
            .map(|k| k as f64 * step)
            .map(|b| if variable.admits(b, 1e-9) { variable.value(b) } else { f64::NEG_INFINITY })
            .collect()
    };
    let mut nothing = vec![f64::NEG_INFINITY; steps + 1];
    nothing[0] = 0.0;
    let mut taken = vec![false; problem.variables.len()];
    let mut all = nothing.clone();
    for rule in &problem.rules {
        let mut group = nothing.clone();
        for term in &rule.terms {
            taken[term.variable as usize] = true;
            group = add(&group, &row(&problem.variables[term.variable as usize]));
        }
        for (k, value) in group.iter_mut().enumerate() {
            let money = k as f64 * step;
            if money < rule.low - 1e-9 || money > rule.high + 1e-9 {
                *value = f64::NEG_INFINITY;
            }
        }
        all = add(&all, &group);
    }
    for (variable, taken) in problem.variables.iter().zip(taken) {
        if !taken {
            all = add(&all, &row(variable));
        }
    }
    if problem.spend_all {
        all[steps]
    } else {
        all.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }
}

/// The same with rules that do not nest: a group across the two, a side limit of unequal weights, or
/// a count.
fn any_crossed(dice: &mut Dice, n: usize, steps: usize, step: f64) -> Problem {
    let mut problem = any_problem(dice, n, steps, step);
    let whole =
        |dice: &mut Dice, from: usize, to: usize| (from + dice.of(to - from + 1)) as f64 * step;
    let kinds = 1 + dice.of(7);
    if kinds & 1 > 0 {
        let (low, high) = (whole(dice, 0, steps / 6), whole(dice, steps / 3, steps));
        problem.rules.push(Rule::group(n / 4..=n.div_ceil(2), low, high));
    }
    if kinds & 2 > 0 {
        let term = |variable: usize| Term {
            variable: variable as u32,
            per_money: 1.0 + dice.of(2) as f64,
            when_funded: 0.0,
        };
        let terms = (0..n).map(term).collect();
        let high = whole(dice, steps, 2 * steps);
        problem.rules.push(Rule { low: f64::NEG_INFINITY, high, terms });
    }
    if kinds & 4 > 0 {
        problem.rules.push(Rule::funded_at_most(1 + dice.of(n), n));
    }
    problem
}

/// The best plan in whole steps under any rules, by a program over what is used of each: money in
/// steps, segments by number, three digits each. Of plans that use the same, the one that is worth
/// most costs least per action.
fn best_crossed(problem: &Problem, steps: usize, step: f64) -> f64 {
    const DIGITS: i128 = 1_000;
    let (total, moved) = (problem.rules.len(), problem.rules.len() + 1);
    let place: Vec<i128> = (0..=moved).map(|j| (0..j).fold(1, |place, _| place * DIGITS)).collect();
    let used = |uses: i128, j: usize| (uses / place[j] % DIGITS) as i64;
    // Of each rule: the least and the most, in its own unit.
    let limits: Vec<(i64, i64)> = problem
        .rules
        .iter()
        .map(|rule| {
            let counts = rule.terms.iter().all(|term| term.per_money == 0.0);
            let unit = if counts { 1.0 } else { step };
            ((rule.low / unit - 1e-9).ceil() as i64, (rule.high / unit + 1e-9).floor() as i64)
        })
        .chain([(if problem.spend_all { steps as i64 } else { 0 }, steps as i64)])
        .chain([(
            0,
            problem
                .change
                .as_ref()
                .map_or(DIGITS as i64, |change| (2.0 * change.at_most / step).round() as i64),
        )])
        .collect();
    let mut best = BTreeMap::from([(0_i128, 0.0)]);
    for (i, variable) in problem.variables.iter().enumerate() {
        let mut each = vec![(place[total], 0)];
        for (j, rule) in problem.rules.iter().enumerate() {
            for term in rule.terms.iter().filter(|term| term.variable as usize == i) {
                each.push((term.per_money as i128 * place[j], term.when_funded as i128 * place[j]));
            }
        }
        let reference = problem.change.as_ref().map(|c| (c.reference[i] / step).round() as i64);
        let mut next: BTreeMap<i128, f64> = BTreeMap::new();
        for k in (0..=steps as i64).filter(|k| variable.admits(*k as f64 * step, 1e-9)) {
            let value = variable.value(k as f64 * step);
            let own: i128 = each
                .iter()
                .map(|(money, on)| i128::from(k) * money + i128::from(k.signum()) * on)
                .sum();
            let away = reference.map_or(0, |reference| (k - reference).abs());
            let own = own + i128::from(away) * place[moved];
            for (before, worth) in &best {
                let now = before + own;
                if (0..=moved).all(|j| used(now, j) <= limits[j].1) {
                    let slot = next.entry(now).or_insert(f64::NEG_INFINITY);
                    *slot = slot.max(worth + value);
                }
            }
        }
        best = next;
    }
    let cost = problem.cost_per_action.unwrap_or(f64::INFINITY);
    let kept = best.iter().filter(|(uses, worth)| {
        let money = used(**uses, total) as f64 * step;
        money == 0.0 || money <= cost * **worth * (1.0 + 1e-12)
    });
    let kept = kept.filter(|(uses, _)| (0..=total).all(|j| used(**uses, j) >= limits[j].0));
    kept.map(|(_, worth)| *worth).fold(f64::NEG_INFINITY, f64::max)
}

/// The same with what does not nest in other ways: more groups across each other, movement away from
/// a split, a cost per action. Cliffs become steep hills: cliffs under that many rules are not always
/// proven within the limit of nodes.
fn any_moved(dice: &mut Dice, n: usize, steps: usize, step: f64) -> Problem {
    let mut problem = any_crossed(dice, n, steps, step);
    for variable in &mut problem.variables {
        if let Curve::Hill(hill) = &mut variable.curve
            && hill.slope > 100.0
        {
            *hill = Hill::new(hill.ceiling, hill.scale, 6.0);
        }
    }
    let whole =
        |dice: &mut Dice, from: usize, to: usize| (from + dice.of(to - from + 1)) as f64 * step;
    for _ in 0..dice.of(4) {
        let first = dice.of(n - 1);
        let (low, high) = (whole(dice, 0, steps / 8), whole(dice, steps / 4, steps));
        problem.rules.push(Rule::group(first..=first + 1, low, high));
    }
    let kinds = dice.of(4);
    if kinds & 1 > 0 {
        let reference = (0..n).map(|_| whole(dice, 0, 2 * steps / n)).collect();
        problem.change = Some(Change { reference, at_most: whole(dice, steps / 5, steps) });
    }
    if kinds & 2 > 0 {
        problem.spend_all = false;
        let most = problem.variables.iter().map(|variable| variable.value(variable.max));
        let usual = problem.budget() / most.sum::<f64>().max(1e-9);
        problem.cost_per_action = Some(usual * dice.between(0.5, 6.0));
    }
    problem
}

/// What is wrong with an answer, where the best plan in whole steps is worth so much.
fn faults(problem: &Problem, best: f64, found: &Result<Solution, Unsolvable>) -> Vec<String> {
    let mut faults = Vec::new();
    match found {
        Ok(solution) => {
            // Rules may leave next to nothing of what a segment alone could bring.
            let alone = |variable: &Variable| variable.value(variable.max.min(problem.budget()));
            let scale = problem.variables.iter().map(alone).fold(1e-9, f64::max);
            let gap =
                (solution.upper_bound - solution.unrounded) / solution.upper_bound.abs().max(scale);
            if problem.violation(&solution.spend) > 1e-9 {
                faults.push("breaks a rule".to_owned());
            }
            if solution.minor.iter().any(|minor| minor % problem.step != 0) && best.is_finite() {
                faults.push(format!("not in steps: {:?}", solution.minor));
            }
            if solution.upper_bound < best - 1e-9 * best.abs() {
                faults.push(format!("bound {} below {best}", solution.upper_bound));
            }
            if gap > 1e-6 {
                faults.push(format!("gap {gap:.2e} {:?} {}", solution.status, solution.nodes));
            }
            if solution.objective < best - 1e-6 * best.abs().max(1e-6 * scale) {
                let lost = 1.0 - solution.objective / best;
                faults.push(format!("rounding loses {lost:.2e} of {best}"));
            }
        }
        Err(trouble) if best.is_finite() => faults.push(format!("{trouble:?} but {best}")),
        Err(_) => {}
    }
    faults
}

/// How a random problem is made, and its best plan in whole steps.
type Kind = (fn(&mut Dice, usize, usize, f64) -> Problem, fn(&Problem, usize, f64) -> f64);
const NESTED: Kind = (any_problem, best_nested);
const CROSSED: Kind = (any_crossed, best_crossed);
const MOVED: Kind = (any_moved, best_crossed);

/// Solves so many random problems; panics with those that went wrong.
fn try_many(
    (any, best): Kind,
    seeds: std::ops::Range<u64>,
    size: impl Fn(&mut Dice) -> (usize, usize, f64),
) {
    let many = seeds.end - seeds.start;
    let mut wrong = Vec::new();
    for seed in seeds {
        let mut dice = Dice::new(seed);
        let (n, steps, step) = size(&mut dice);
        let problem = any(&mut dice, n, steps, step);
        let best = best(&problem, steps, step);
        let found = maximise(&problem, &Settings::default());
        let faults = faults(&problem, best, &found);
        if !faults.is_empty() {
            wrong.push(format!("{seed}: {}", faults.join("; ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {many}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn nested_problems_of_every_form_are_solved_to_the_best_whole_steps() {
    let size = |dice: &mut Dice| (2 + dice.of(7), 20 + dice.of(60), [1.0, 5.0, 0.5][dice.of(3)]);
    try_many(NESTED, 0..800, size);
}

#[test]
fn nested_problems_of_every_form_are_solved_to_the_cent() {
    let size = |dice: &mut Dice| (2 + dice.of(4), 2_000 + dice.of(4_000), 0.01);
    try_many(NESTED, 0..25, size);
}

#[test]
fn crossed_problems_of_every_form_are_solved_to_the_best_whole_steps() {
    let size = |dice: &mut Dice| (3 + dice.of(3), 10 + dice.of(14), [1.0, 5.0, 0.5][dice.of(3)]);
    try_many(CROSSED, 0..300, size);
}

#[test]
fn movement_and_cost_per_action_are_rounded_to_the_best_whole_steps() {
    let size = |dice: &mut Dice| (3 + dice.of(3), 10 + dice.of(10), [1.0, 5.0, 0.5][dice.of(3)]);
    try_many(MOVED, 0..600, size);
}

/// The best values of so many steps within some rows.
fn block(variables: &[Variable], steps: usize, step: f64) -> Vec<f64> {
    let mut all = vec![f64::NEG_INFINITY; steps + 1];
    all[0] = 0.0;
    for variable in variables {
        let most = steps.min((variable.max / step + 1e-9) as usize);
        let row: Vec<f64> = (0..=most).map(|k| variable.value(k as f64 * step)).collect();
        for total in (0..=steps).rev() {
            let with = (0..=most.min(total)).map(|k| all[total - k] + row[k]);
            all[total] = with.fold(f64::NEG_INFINITY, f64::max);
        }
    }
    all
}

#[test]
fn three_hundred_rows_bought_by_fives_are_the_best_fives() {
    const ROWS: usize = 300;
    const STEPS: usize = 600;
    for seed in 0..4 {
        let mut dice = Dice::new(seed);
        let mut variable = || Variable::new(curve(Form::Smooth, &mut dice), 0.0, 200.0);
        let mut problem = Problem::new((0..ROWS).map(|_| variable()).collect(), 5.0 * STEPS as f64);
        problem.step = 500;
        // Two groups that share the third block of four.
        let (first, second) = (STEPS / 2 - 20, STEPS / 3 - 20);
        problem.rules.push(Rule::group(0..150, 0.0, 5.0 * first as f64));
        if seed % 2 == 1 {
            problem.rules.push(Rule::group(100..200, 0.0, 5.0 * second as f64));
        }
        let [a, b, c, d] = [0..100, 100..150, 150..200, 200..300]
            .map(|rows| block(&problem.variables[rows], STEPS, 5.0));
        let second = if seed % 2 == 1 { second } else { STEPS };
        let mut best = f64::NEG_INFINITY;
        // The last two blocks together, where the third is held by nothing.
        let free: Vec<f64> = (0..=STEPS)
            .map(|t| (0..=t).map(|j| c[j] + d[t - j]).fold(f64::NEG_INFINITY, f64::max))
            .collect();
        for (j, &of_b) in b.iter().enumerate().take(first.min(second) + 1) {
            for (i, &of_a) in a.iter().enumerate().take(first - j + 1) {
                let left = STEPS - i - j;
                let rest = if second == STEPS {
                    free[left]
                } else {
                    (0..=left.min(second - j)).map(|k| c[k] + d[left - k]).fold(0.0, f64::max)
                };
                best = best.max(of_a + of_b + rest);
            }
        }
        let solution = maximise(&problem, &Settings::default()).unwrap();
        let lost = 1.0 - solution.objective / best;
        assert!(lost.abs() <= 1e-9, "{seed}: {lost}");
    }
}

/// On/off windows of two sizes whose curves are unlike.
fn windows(n: usize, budget: f64, side: Option<f64>) -> Problem {
    let variable = |i: usize| {
        let curve = Exponential { ceiling: 100.0 + i as f64, scale: 300.0 }.into();
        let (low, high) = if i.is_multiple_of(2) { (480.0, 520.0) } else { (493.0, 533.0) };
        Variable { min_if_funded: low, ..Variable::new(curve, 0.0, high) }
    };
    let mut problem = Problem::new((0..n).map(variable).collect(), budget);
    problem.rules.extend(side.map(|high| {
        let per_money = |variable: u32| if variable.is_multiple_of(2) { 1.0 } else { 2.0 };
        let term = |variable| Term { variable, per_money: per_money(variable), when_funded: 0.0 };
        Rule {
            low: f64::NEG_INFINITY,
            high: high * budget,
            terms: (0..n as u32).map(term).collect(),
        }
    }));
    problem
}

#[test]
fn windows_of_unlike_segments_are_counted() {
    for n in [24, 60] {
        for budget in [5_160.0, 5_200.0] {
            for side in [None, Some(1.37)] {
                let solution = maximise(&windows(n, budget, side), &Settings::default()).unwrap();
                let what = format!("{n} {budget} {side:?}: {} {}", solution.gap, solution.nodes);
                assert!(solution.gap <= 1e-6 && solution.nodes <= 300, "{what}");
            }
        }
    }
}

#[test]
fn a_rule_that_asks_for_nothing_changes_nothing() {
    let variable = |ceiling| Variable::new(Exponential { ceiling, scale: 30.0 }.into(), 0.0, 100.0);
    let mut problem = Problem::new([60.0, 90.0, 120.0].map(variable).into(), 100.0);
    problem.rules.push(Rule::group(0..2, 0.0, 40.0));
    let without = maximise(&problem, &Settings::default()).unwrap();
    // It crosses the first, and asks for no money of two segments.
    problem.rules.push(Rule::group(1..3, 0.0, f64::INFINITY));
    let with = maximise(&problem, &Settings::default()).unwrap();
    assert!((with.objective - without.objective).abs() <= 1e-6 * without.objective);
    assert!(with.gap <= 1e-6, "{}", with.gap);
}

/// S-curves whose numbers lie within `spread` of each other, a budget of so much of their scales,
/// and groups held within 1.3 times their even part.
fn s_curves(n: usize, numbers: [f64; 4], groups: usize, seed: u64) -> Problem {
    let [slope, share, cap, spread] = numbers;
    let mut dice = Dice::new(seed);
    let mut near = |x: f64| x * (1.0 + spread * dice.between(-1.0, 1.0));
    let variable = |_| {
        let curve = Curve::Hill(Hill::new(near(100.0), near(50.0), near(slope)));
        Variable::new(curve, 0.0, cap * 50.0)
    };
    let variables = (0..n).map(variable).collect();
    let budget = (share * 50.0 * n as f64).round();
    let mut problem = Problem::new(variables, budget);
    for group in 0..groups {
        let members: Vec<usize> = (0..n).filter(|i| i % groups == group).collect();
        let part = members.len() as f64 / n as f64 * budget;
        problem.rules.push(Rule::group(members, 0.0, (1.3 * part).round()));
    }
    problem
}

#[test]
fn s_curves_that_are_alike_are_proven_whatever_their_groups() {
    for n in [20, 60] {
        for numbers in [[2.0, 0.254, 4.0, 0.0], [3.0, 0.254, 4.0, 0.0], [2.0, 0.254, 4.0, 0.01]] {
            for groups in [0, 5] {
                let problem = s_curves(n, numbers, groups, 7);
                let settings = Settings { nodes: Some(600), ..Settings::default() };
                let solution = maximise(&problem, &settings).unwrap();
                let what = format!("{n} {numbers:?} {groups}: {} {}", solution.gap, solution.nodes);
                // Which of those that are only nearly alike, in which group: that takes longer.
                let most = if groups > 0 && numbers[3] > 0.0 { 1e-3 } else { 1e-6 };
                assert!(solution.gap <= most, "{what}");
                let best = best_nested(&problem, 300, problem.budget() / 300.0);
                assert!(solution.upper_bound >= best * (1.0 - 1e-9), "{what}");
            }
        }
    }
}
