//! The one account of emissions: what the media money of each segment emits over the flight.
//!
//! Emissions are grams per impression times the impressions that money is expected to buy; where a
//! CPM rises with spend they rise less than money. A row's emissions, the plan's total, the cap, its
//! price, the price of carbon and the frontier all read this account.
//!
//! A cap on what rises less and less is no convex rule. The search keeps its tangent at a plan
//! instead: as a curve lies below its tangents, whatever keeps the tangent keeps the cap, and the
//! plan found is where the next tangent touches. The proof does not rest on tangents: whatever
//! keeps the cap is worth no more than the best plan that pays a price for every kilogram, plus
//! that price times the cap.

use std::sync::{Arc, OnceLock};

use super::resolved::Resolved;
use crate::allocate::problem::draw_table::DrawTable;
use crate::allocate::problem::drawn::Drawn;
use crate::allocate::problem::{Problem, Rule, Term, Variable, relative};
use crate::allocate::solver::search::Settings;
use crate::allocate::solver::solve::{Solution, Status, Unsolvable};
use crate::response::curve::Curve;
use crate::response::table::Table;

/// Grams per kilogram.
const GRAMS: f64 = 1000.0;
/// Tangents tried before the plan that the last one gave stands.
const TANGENTS: usize = 8;
/// A tangent that brings less than this share more than the one before is the last.
const WORTH: f64 = 1e-8;

/// Emissions of each segment.
#[derive(Debug)]
pub(crate) struct Emissions<'a> {
    drawn: &'a Drawn<'a>,
    /// Grams per impression.
    grams: Vec<f64>,
    /// The account as a table, for those who ask thousands of times.
    tables: Vec<OnceLock<Option<Table>>>,
    /// How far the tables reach.
    most: f64,
}

impl<'a> Emissions<'a> {
    /// `drawn` says what impressions money buys, `grams` what each emits, by segment.
    pub(crate) fn new(drawn: &'a Drawn<'a>, grams: Vec<f64>, budget: f64) -> Self {
        let tables = grams.iter().map(|_| OnceLock::new()).collect();
        Self { drawn, grams, tables, most: 2.0 * budget }
    }

    /// Kilograms of one segment's media money over the flight, and their slope; `None` where its
    /// impressions are not known.
    pub(crate) fn of(&self, i: usize, media: f64) -> Option<(f64, f64)> {
        let (shown, slope) = self.drawn.impressions(i, media)?;
        let each = self.grams[i] / GRAMS;
        Some((each * shown, each * slope))
    }

    /// The same from a table.
    fn quickly(&self, i: usize, media: f64) -> f64 {
        let table = self.tables[i].get_or_init(|| {
            let nodes: Option<Vec<(f64, f64, f64)>> = Drawn::grid(self.most)
                .into_iter()
                .map(|s| self.of(i, s).map(|(kg, slope)| (s, kg, slope)))
                .collect();
            nodes.map(|nodes| Table::new(&nodes))
        });
        table.as_ref().map_or(0.0, |table| table.value(media))
    }

    /// Kilograms of a plan, its media money by segment; segments of unknown impressions count
    /// nothing.
    pub(crate) fn total(&self, media: &[f64]) -> f64 {
        (0..media.len()).filter(|i| media[*i] > 0.0).map(|i| self.kilograms(i, media[i])).sum()
    }

    fn kilograms(&self, i: usize, media: f64) -> f64 {
        self.of(i, media).map_or(0.0, |(kg, _)| kg)
    }

    /// Kilograms of what a running flight has shown so far, its money by segment and week.
    pub(crate) fn so_far(&self, weekly: &[Vec<f64>]) -> f64 {
        let each = |(i, weeks): (usize, &Vec<f64>)| {
            self.drawn.impressions_of_weeks(i, weeks).unwrap_or(0.0) * self.grams[i] / GRAMS
        };
        weekly.iter().enumerate().map(each).sum()
    }

    /// The cap as seen from a plan: its tangent there.
    pub(crate) fn tangent(&self, variables: &[Variable], media: &[f64], cap: f64) -> Rule {
        let mut above = 0.0;
        let mut terms = Vec::new();
        for (i, variable) in variables.iter().enumerate() {
            let Some((kg, slope)) = self.of(i, media[i]).filter(|at| at.1 > 0.0) else { continue };
            above += kg - slope * media[i];
            terms.push(term(i, slope, variable));
        }
        Rule { low: f64::NEG_INFINITY, high: cap - above, terms }
    }

    /// The cap as it can at most allow: every segment's chord up to its maximum.
    fn chord(&self, variables: &[Variable], cap: f64) -> Rule {
        let slope = |(i, variable): (usize, &Variable)| {
            let most = (variable.max - variable.fixed_cost).max(0.0);
            let per_money = if most > 0.0 { self.kilograms(i, most) / most } else { 0.0 };
            term(i, per_money, variable)
        };
        let terms = variables.iter().enumerate().map(slope).filter(|term| term.per_money > 0.0);
        Rule { low: f64::NEG_INFINITY, high: cap, terms: terms.collect() }
    }
}

fn term(i: usize, per_money: f64, variable: &Variable) -> Term {
    Term { variable: i as u32, per_money, when_funded: -per_money * variable.fixed_cost }
}

/// What a kilogram costs in points, by the account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Charge<'a> {
    pub(crate) emissions: &'a Emissions<'a>,
    /// Points per kilogram.
    pub(crate) price: f64,
}

impl Charge<'_> {
    /// Whether emissions cost anything.
    pub(crate) fn is_free(&self) -> bool {
        self.price == 0.0
    }

    /// Points that one segment's media money costs, and their slope.
    pub(crate) fn at(&self, i: usize, media: f64) -> (f64, f64) {
        if self.is_free() {
            return (0.0, 0.0);
        }
        let (kg, slope) = self.emissions.of(i, media).unwrap_or_default();
        (self.price * kg, self.price * slope)
    }

    /// Points that a plan costs, its media money by segment.
    pub(crate) fn of(&self, media: &[f64]) -> f64 {
        (0..media.len()).map(|i| self.at(i, media[i]).0).sum()
    }

    /// The points of one segment alone, from a table.
    pub(crate) fn quickly(&self, i: usize, media: f64) -> f64 {
        if self.is_free() { 0.0 } else { self.price * self.emissions.quickly(i, media) }
    }

    /// The curve of a segment's nodes `(spend, value, slope)`, what it emits paid.
    pub(crate) fn curve(&self, i: usize, nodes: &[(f64, f64, f64)]) -> Curve {
        if self.is_free() {
            return Curve::Table(Arc::new(Table::new(nodes)));
        }
        let paid = |(spend, value, slope): &(f64, f64, f64)| {
            let (cost, by) = self.at(i, *spend);
            (*spend, value - cost, slope - by)
        };
        Curve::Table(Arc::new(Table::new(&nodes.iter().map(paid).collect::<Vec<_>>())))
    }
}

/// A cap to keep.
pub(crate) struct Cap<'a> {
    pub(crate) emissions: &'a Emissions<'a>,
    /// Which of the problem's rules it is.
    pub(crate) rule: usize,
    pub(crate) kilograms: f64,
}

/// A plan for some price of carbon on top of the campaign's own.
type Choose<'a> = &'a dyn Fn(&mut Resolved, f64) -> Result<(Solution, DrawTable), Unsolvable>;

impl Cap<'_> {
    /// Chooses within the cap; leaves its tangent at the plan in the problem.
    pub(crate) fn choose(
        &self,
        resolved: &mut Resolved,
        choose: Choose<'_>,
        settings: &Settings,
    ) -> Result<(Solution, DrawTable), Unsolvable> {
        let written = resolved.clone();
        let with = |rule: Rule| -> Resolved {
            let mut other = written.clone();
            other.problem.rules[self.rule] = rule;
            other
        };
        let variables = &written.problem.variables;
        let nothing = Rule { low: f64::NEG_INFINITY, high: 0.0, terms: Vec::new() };
        *resolved = with(nothing.clone());
        let free = choose(resolved, 0.0)?;
        let mut at = media(&resolved.problem, &free.0.spend);
        if self.emissions.total(&at) <= self.kilograms {
            resolved.problem.rules[self.rule] = self.tangent(variables, &at);
            return Ok(free);
        }
        let mut best: Option<(Resolved, (Solution, DrawTable))> = None;
        let mut starts = 0;
        for _ in 0..TANGENTS {
            let mut next = with(self.tangent(variables, &at));
            match choose(&mut next, 0.0) {
                Ok(chosen) => {
                    at = media(&next.problem, &chosen.0.spend);
                    let before = best.as_ref().map(|best| best.1.0.objective);
                    let gain = before.map_or(f64::INFINITY, |old| chosen.0.objective - old);
                    if gain > 0.0 {
                        best = Some((next, chosen));
                    }
                    if gain <= WORTH * before.unwrap_or(1.0).abs() {
                        break;
                    }
                }
                // Seen from there nothing keeps the cap: from the plan that it can at most allow,
                // and at last from nothing spent.
                Err(_) if best.is_none() && starts == 0 => {
                    let mut other = with(self.emissions.chord(variables, self.kilograms));
                    let most = choose(&mut other, 0.0)?;
                    at = media(&other.problem, &most.0.spend);
                    starts = 1;
                }
                Err(_) if best.is_none() && starts == 1 => {
                    at = vec![0.0; variables.len()];
                    starts = 2;
                }
                Err(trouble) if best.is_none() => return Err(trouble),
                Err(_) => break,
            }
        }
        let (found, (mut solution, draw_table)) = best.ok_or(Unsolvable::NoCombination)?;
        *resolved = found;
        let price = solution.prices.rules[self.rule].between().max(0.0);
        let paid = choose(&mut with(nothing), price)?.0.upper_bound + price * self.kilograms;
        let at = media(&resolved.problem, &solution.spend);
        resolved.problem.rules[self.rule] = self.tangent(&resolved.problem.variables, &at);
        prove(&mut solution, paid.min(free.0.upper_bound), settings);
        Ok((solution, draw_table))
    }

    /// It as seen from a plan, its media money by segment.
    pub(crate) fn tangent(&self, variables: &[Variable], media: &[f64]) -> Rule {
        self.emissions.tangent(variables, media, self.kilograms)
    }
}

/// Puts a bound on every plan into a solution.
fn prove(solution: &mut Solution, bound: f64, settings: &Settings) {
    solution.upper_bound = bound.max(solution.objective);
    solution.gap = relative(solution.upper_bound, solution.objective);
    let whole = relative(solution.upper_bound, solution.unrounded);
    let asked = settings.gap(solution.spend.len()).max(1e-6);
    solution.status = match solution.status {
        Status::NodeLimit => Status::NodeLimit,
        _ if solution.gap <= asked => Status::Optimal,
        _ if whole <= asked => Status::OptimalBeforeRounding,
        _ => Status::GapLimit,
    };
}

/// Media money of row budgets.
pub(crate) fn media(problem: &Problem, budgets: &[f64]) -> Vec<f64> {
    problem
        .variables
        .iter()
        .zip(budgets)
        .map(|(variable, b)| (b - variable.fixed_cost).max(0.0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::plan::Plan;
    use crate::allocate::tests::fixture::{campaign, divide, draws};
    use crate::train::posterior::draws::Draws;

    /// Segments whose CPM rises with spend, on formats that emit one to three.
    fn emitting(n: usize, count: usize, seed: u64) -> Draws {
        let mut draws = draws(n, count, seed);
        for (i, own) in draws.segments.iter_mut().enumerate() {
            let format = ["video", "image", "story"][i % 3];
            own.segment.attributes.insert("format".to_owned(), format.to_owned());
            own.draws.iter_mut().for_each(|draw| draw.cpm_rise = 0.25);
        }
        draws
    }

    fn close(a: f64, b: f64, share: f64) -> bool {
        (a - b).abs() <= share * a.abs().max(b.abs())
    }

    /// One account: rows add up to the total, which the rule uses; the frontier starts at the plan
    /// and nothing on it is worth more.
    fn one_account(plan: &Plan, told: &str) -> f64 {
        let total = plan.carbon_g.unwrap();
        let rows: f64 = plan.rows.iter().filter_map(|row| row.carbon_g).sum();
        assert!(close(rows, total, 1e-9), "{told}: {rows} {total}");
        let frontier = &plan.carbon_frontier;
        assert!(frontier.len() > 3, "{told}: {frontier:?}");
        assert!(close(1000.0 * frontier[0].carbon_kg, total, 1e-9), "{told}: {frontier:?}");
        assert!(close(frontier[0].value, plan.value.mean, 1e-9), "{told}: {frontier:?}");
        for pair in frontier.windows(2) {
            assert!(pair[1].carbon_kg < pair[0].carbon_kg, "{told}: {pair:?}");
            assert!(pair[1].value <= pair[0].value, "{told}: {pair:?}");
        }
        if let Some(price) = plan
            .prices
            .iter()
            .find(|price| price.rule == crate::allocate::problem::bound::RuleName::Carbon)
        {
            assert!(close(1000.0 * price.used, total, 1e-9), "{told}: {price:?}");
        }
        assert!(plan.certificate.objective <= plan.certificate.upper_bound, "{told}");
        total / 1000.0
    }

    #[test]
    fn the_plan_lies_on_its_own_frontier_with_and_without_a_cap_and_a_price() {
        let choose = emitting(9, 40, 3);
        let rules = [
            "",
            "[limits]\ncarbon_price = 4\n",
            "[risk]\nprudence = 0.5\n",
            "[limits]\nfunded_at_most = 4\nper_segment = { min_if_funded = 500 }\n",
        ];
        for more in rules {
            let free = divide(&campaign(more), &choose, &choose).unwrap();
            let emitted = one_account(&free, more);
            for share in [0.9, 0.7] {
                let cap = share * emitted;
                let line = format!("carbon = \"{cap} kg\"\n");
                let capped = if more.contains("[limits]\n") {
                    more.replace("[limits]\n", &format!("[limits]\n{line}"))
                } else {
                    format!("{more}[limits]\n{line}")
                };
                // Spending less is the only way to emit less than the leanest split.
                let capped = format!("spend = \"up_to\"\n{capped}");
                let plan = divide(&campaign(&capped), &choose, &choose).unwrap();
                let own = one_account(&plan, &capped);
                assert!(own <= cap * (1.0 + 1e-9) && own > 0.97 * cap, "{capped}: {own} of {cap}");
                assert!(plan.certificate.objective < free.certificate.objective, "{capped}");
                assert!(plan.certificate.gap < 0.05, "{capped}: {:?}", plan.certificate);
                // No worse than what the free plan's frontier found under the same cap.
                let seen = free.carbon_frontier.iter().find(|point| point.carbon_kg <= cap * 1.001);
                let worth = seen.map_or(0.0, |point| point.value);
                assert!(plan.value.mean >= worth * (1.0 - 1e-2), "{capped}: {worth}");
            }
        }
    }

    #[test]
    fn nothing_that_keeps_the_cap_is_worth_more_than_the_proof_says() {
        let choose = emitting(3, 20, 7);
        let free = divide(&campaign(""), &choose, &choose).unwrap();
        let cap = 0.8 * free.carbon_g.unwrap() / 1000.0;
        let rules =
            format!("spend = \"up_to\"\n[limits]\ncarbon = \"{cap} kg\"\ntrust_region = false\n");
        let campaign = campaign(&rules);
        let plan = divide(&campaign, &choose, &choose).unwrap();
        let drawn = Drawn::new(&choose, &campaign, &campaign.points);
        let each = |i: usize| {
            let row = &plan.rows[i];
            let grams = row.carbon_g.unwrap() / row.impressions.unwrap();
            move |shown: f64| shown * grams / 1000.0
        };
        // Every split in steps of a hundredth, by curves and impressions themselves.
        let tables: Vec<Vec<(f64, f64)>> = (0..3)
            .map(|i| {
                let at = |step: usize| {
                    let media = 60.0 * step as f64;
                    let gain = crate::allocate::problem::drawn::objective(&campaign);
                    let shown = drawn.impressions(i, media).unwrap().0;
                    (drawn.mean(i, gain, media, None).0, each(i)(shown))
                };
                (0..=100).map(at).collect()
            })
            .collect();
        let mut best = 0.0_f64;
        for a in 0..=100 {
            for b in 0..=100 - a {
                for c in 0..=100 - a - b {
                    let rows = [tables[0][a], tables[1][b], tables[2][c]];
                    let (value, kg) = rows.iter().fold((0.0, 0.0), |s, r| (s.0 + r.0, s.1 + r.1));
                    if kg <= cap {
                        best = best.max(value);
                    }
                }
            }
        }
        let proof = &plan.certificate;
        assert!(best <= proof.upper_bound * (1.0 + 1e-9), "{best} {proof:?}");
        assert!(best <= proof.objective * (1.0 + 1e-6), "{best} {proof:?}");
        assert!(best > 0.995 * proof.objective, "the grid is too coarse: {best} {proof:?}");
    }
}
