//! The prudent search: branch and bound in which every node finds its own weights of the draws.
//!
//! For any weights of the worst tail the best plan of the weighted mean bounds every plan, so a
//! node's bound is the least over weights *and* prices. Where all on/off choices are made the two
//! meet the plan itself: the gap closes, which no single set of weights could do.

use std::sync::Arc;

use super::tail::{Tail, prudent_value, spread};
use crate::allocate::plan::facing::Facing;
use crate::allocate::problem::draw_table::DrawTable;
use crate::allocate::problem::drawn::{Drawn, Gain, objective};
use crate::allocate::problem::{Problem, relative};
use crate::allocate::rules::emissions::Charge;
use crate::allocate::rules::resolved::Resolved;
use crate::allocate::solver::prices::coupling::{
    CrossingRule, CrossingRules, Effort, Priced, Start, Weights,
};
use crate::allocate::solver::prices::pricing_problem::Domain;
use crate::allocate::solver::prices::tree::Tree;
use crate::allocate::solver::rounding::repair::eliminate;
use crate::allocate::solver::search::{Pricing, Settings, domains, search};
use crate::allocate::solver::solve::{Solution, Unsolvable, check_rules, finish, why_none};
use crate::campaign::Campaign;
use crate::response::curve::Curve;
use crate::response::table::Table;

/// Relative gap of the search.
const GAP: f64 = 5e-7;
/// Most nodes: most of them keep the weights of their parent.
const NODES: u64 = 500;
/// A search asks a node to be priced with fewer tries than this, where it is one of many.
const ONE_OF_MANY: usize = 20;
/// Other weights are looked for where they may take this share of what a node is above the plan.
const WORTHWHILE: f64 = 0.5;
/// The tail gets this much harder after each accepted step.
const HARDER: f64 = 0.12;
/// A child starts with a tail as soft as this share of the spread over draws.
const SOFT: f64 = 3e-4;
/// Searches after the first, each with nodes beside the plan that the one before has found.
const FURTHER: u32 = 2;
/// Where tables make less than this share of what is open, finer ones do not help.
const MATTERS: f64 = 0.1;
/// How close to the root's answers nodes are put, round after round.
const CLOSER: [f64; 2] = [0.05, 2e-4];

/// The pricing of a prudent search.
struct Prudent<'a> {
    /// With actions on the nodes of the lattice.
    problem: Problem,
    tree: &'a Tree,
    outer: &'a CrossingRules,
    drawn: &'a Drawn<'a>,
    draw_table: DrawTable,
    gain: Gain,
    /// What emissions cost.
    charge: Charge<'a>,
    tail: Tail,
    alpha: f64,
}

/// What some weights choose.
struct Tried {
    weights: Vec<f64>,
    priced: Priced,
    /// Value by draw of the mixture.
    totals: Vec<f64>,
}

/// A way in which the combination can move: how readily, what each draw gains, what rules it uses.
struct Direction {
    ease: f64,
    by_draw: Vec<f64>,
    uses: Vec<f64>,
}

/// Chooses the plan whose prudent value is greatest; leaves in the problem the curves of the
/// weights at the root.
pub(crate) fn choose(
    drawn: &Drawn<'_>,
    campaign: &Campaign,
    draw_table: DrawTable,
    charge: Charge<'_>,
    resolved: &mut Resolved,
    settings: &Settings,
) -> Result<(Solution, DrawTable), Unsolvable> {
    let settings = Settings {
        gap: Some(settings.gap.unwrap_or(GAP)),
        nodes: Some(settings.nodes.unwrap_or(NODES)),
        without_plan: settings.without_plan.or(settings.nodes),
    };
    let tree = check_rules(&resolved.problem)?;
    let outer = CrossingRules::new(&resolved.problem, &tree);
    let mut prudent = Prudent {
        problem: resolved.problem.clone(),
        tree: &tree,
        outer: &outer,
        drawn,
        draw_table,
        gain: objective(campaign),
        charge,
        tail: Tail::new(campaign, drawn.draws.len()),
        alpha: campaign.tail,
    };
    let all = domains(&prudent.problem);
    for closer in CLOSER {
        let effort = Effort { tries: 100, precision: 1e-5, enough: f64::NEG_INFINITY };
        let Some(root) = prudent.price(&all, None, effort) else { break };
        let near = prudent.answers(&root, closer);
        prudent.refine(&near);
    }
    let gap = settings.gap.unwrap_or(GAP);
    let mut further = FURTHER;
    loop {
        let found = search(&prudent.problem, &tree, &outer, &prudent, &settings)
            .map_err(|trouble| why_none(&prudent.problem, trouble))?;
        let rooted =
            found.root.problem.clone().unwrap_or_else(|| Arc::new(prudent.problem.clone()));
        let error = prudent.facing(&rooted, &found.root).table_error(&all);
        let (bound, unrounded) = (found.bound + error, prudent.exact(&found.budgets));
        let matters = error > gap * bound.abs() && error > MATTERS * (bound - unrounded);
        if further > 0 && matters {
            // The plan found and its root's answers lie where the tables are too coarse.
            let mut near = prudent.answers(&found.root, CLOSER[1]);
            for (own, beside) in near.iter_mut().zip(prudent.beside(&found.budgets)) {
                own.extend(beside);
            }
            prudent.refine(&near);
            further -= 1;
            continue;
        }
        let value = |budgets: &[f64]| prudent.exact(budgets);
        // What the last unit of money brings is read with the weights of the plan itself.
        let rooted = found.at_plan().problem.clone().unwrap_or(rooted);
        let mut solution = finish(&rooted, &tree, &outer, found, unrounded, &settings, &value)?;
        solution.upper_bound = bound.max(solution.objective);
        solution.gap = relative(solution.upper_bound, solution.objective);
        solution.status = solution.status.after_rounding(solution.gap, &settings, all.len());
        let draw_table = prudent.draw_table;
        resolved.problem.variables.clone_from(&rooted.variables);
        return Ok((solution, draw_table));
    }
}

impl Pricing for Prudent<'_> {
    fn price(&self, domains: &[Domain], parent: Option<&Priced>, effort: Effort) -> Option<Priced> {
        let n = self.tail.draws();
        let known = parent.and_then(|own| Some((own.weights.clone()?, own.problem.clone()?)));
        // Any weights bound every plan: those of the parent are a start that costs no new curves.
        let mut now = match &known {
            Some((own, problem)) => {
                self.under(own.by_draw.clone(), problem.clone(), domains, parent, effort)?
            }
            None => self.at(vec![1.0 / n as f64; n], domains, parent, effort)?,
        };
        let least = 1e-9 * now.priced.bound.abs().max(1e-300);
        let mut softness = known.map_or(1.0, |_| SOFT).mul_add(spread(&now.totals), least);
        let mut best = now.priced.clone();
        let mut step = 1.0;
        for _ in 0..(effort.tries / 8).clamp(3, 40) {
            let open = best.bound - self.prudent(&now.totals);
            if open <= effort.precision * best.bound.abs() || best.bound < effort.enough {
                break;
            }
            // What the combination itself is worth no weights can take away: the node must be split.
            let left = best.bound - effort.enough;
            if effort.tries < ONE_OF_MANY && open <= WORTHWHILE * left {
                break;
            }
            let aim = self.newton(&now, domains, softness);
            let mixed = now.weights.iter().zip(&aim).map(|(w, a)| w + step * (a - w)).collect();
            let next = self.at(mixed, domains, Some(&now.priced), effort)?;
            if next.priced.bound < best.bound {
                best = next.priced.clone();
            }
            let merit =
                |tried: &Tried| self.tail.merit(tried.priced.bound, &tried.weights, softness);
            if merit(&next) <= merit(&now) + 1e-9 * best.bound.abs() {
                now = next;
                softness = (softness * HARDER).max(least);
                step = f64::min(1.0, 2.0 * step);
            } else {
                step *= 0.3;
                if step < 0.02 {
                    // Too hard for the linear picture here: soften and go on.
                    softness *= 6.0;
                    step = 1.0;
                }
            }
        }
        let by_draw = best.weights.as_ref().map_or(now.weights, |own| own.by_draw.clone());
        best.weights = Some(Arc::new(Weights { by_draw, softness }));
        Some(best)
    }

    fn value(&self, budgets: &[f64]) -> f64 {
        let mut totals = vec![0.0; self.tail.draws()];
        for (i, budget) in budgets.iter().enumerate() {
            self.add(i, *budget, 1.0, &mut totals);
        }
        self.prudent(&totals)
    }
}

impl Prudent<'_> {
    /// Adds nodes at the given spends.
    fn refine(&mut self, near: &[Vec<f64>]) {
        self.draw_table.refine(self.drawn, near);
        if let Some(nodes) = self.draw_table.actions(self.drawn, &self.problem) {
            for (variable, nodes) in self.problem.variables.iter_mut().zip(&nodes) {
                variable.actions = Some(Box::new(Curve::Table(Arc::new(Table::new(nodes)))));
            }
        }
    }

    fn prudent(&self, totals: &[f64]) -> f64 {
        prudent_value(totals, self.tail.prudence(), self.alpha).0
    }

    /// The prudent value of budgets, draw by draw, without tables.
    fn exact(&self, budgets: &[f64]) -> f64 {
        let media: Vec<f64> = (0..budgets.len()).map(|i| self.media(i, budgets[i])).collect();
        let mut totals = self.drawn.total_by_draw(self.gain, &media);
        let cost = self.charge.of(&media);
        for total in &mut totals {
            *total -= cost;
        }
        self.prudent(&totals)
    }

    fn media(&self, i: usize, budget: f64) -> f64 {
        (budget - self.problem.variables[i].fixed_cost).max(0.0)
    }

    /// Adds a share of what a budget brings in each draw.
    fn add(&self, i: usize, budget: f64, share: f64, totals: &mut [f64]) {
        let media = self.media(i, budget);
        self.draw_table.add_by_draw(self.drawn, i, media, share, totals);
        let cost = share * self.charge.quickly(i, media);
        if cost != 0.0 {
            for total in totals.iter_mut() {
                *total -= cost;
            }
        }
    }

    /// The best prices for some weights.
    fn at(
        &self,
        weights: Vec<f64>,
        domains: &[Domain],
        parent: Option<&Priced>,
        effort: Effort,
    ) -> Option<Tried> {
        let nodes = self.draw_table.tail_means(self.drawn, self.tail.base(), &weights);
        let mut problem = self.problem.clone();
        for (i, variable) in problem.variables.iter_mut().enumerate() {
            variable.curve = self.charge.curve(i, &nodes[i]);
        }
        self.under(weights, Arc::new(problem), domains, parent, effort)
    }

    /// The best prices for some weights and their curves.
    fn under(
        &self,
        weights: Vec<f64>,
        problem: Arc<Problem>,
        domains: &[Domain],
        parent: Option<&Priced>,
        effort: Effort,
    ) -> Option<Tried> {
        let start = parent.map_or_else(Start::default, Start::after);
        let mut priced = self.outer.minimise(&problem, self.tree, domains, &start, effort)?;
        let mut totals = vec![0.0; weights.len()];
        for i in 0..domains.len() {
            let (more, less, share) = share(&priced, i);
            self.add(i, more, share, &mut totals);
            self.add(i, less, 1.0 - share, &mut totals);
        }
        priced.problem = Some(problem);
        priced.weights =
            Some(Arc::new(Weights { by_draw: weights.clone(), softness: f64::INFINITY }));
        Some(Tried { weights, priced, totals })
    }

    /// Spends around the answers that a root's combination is made of, and around what each segment
    /// would answer if it had to be on.
    fn answers(&self, root: &Priced, closer: f64) -> Vec<Vec<f64>> {
        let problem = root.problem.as_deref().unwrap_or(&self.problem);
        let facing = self.facing(problem, root);
        let all = domains(problem);
        let around = |i: usize| {
            let (more, less, _) = share(root, i);
            let (asked, _) = facing.answer(i, &all[i], more.max(less));
            let mut near = vec![asked];
            for media in [self.media(i, more), self.media(i, less)] {
                // Nodes on top of each other would make the table wavy.
                if near.iter().all(|other| (other - media).abs() > 0.05 * media) {
                    near.push(media);
                }
            }
            near.iter().flat_map(|s| [s * (1.0 - closer), *s, s * (1.0 + closer)]).collect()
        };
        (0..problem.variables.len()).map(around).collect()
    }

    /// Media money beside the budgets of a plan, where the tables get nodes.
    fn beside(&self, budgets: &[f64]) -> Vec<Vec<f64>> {
        let closer = CLOSER[1];
        let near = |(i, budget): (usize, &f64)| {
            let media = self.media(i, *budget);
            vec![media * (1.0 - closer), media, media * (1.0 + closer)]
        };
        budgets.iter().enumerate().map(near).collect()
    }

    fn facing<'p>(&self, problem: &'p Problem, priced: &Priced) -> Facing<'p> {
        Facing::of_priced(problem, self.tree, self.outer, priced)
    }

    /// The weights at which, to first order, the soft worst tail of the combination is the weights
    /// that chose it.
    ///
    /// The combination answers to weights by `dT/dw = G M Gᵀ`: few directions `G` in which it moves,
    /// `M` what the rules that hold leave of their ease. Woodbury's identity then solves for all
    /// draws with a matrix as small as the number of directions, or of draws where those are fewer.
    fn newton(&self, now: &Tried, domains: &[Domain], softness: f64) -> Vec<f64> {
        let (soft, slopes) = self.tail.soft(&now.totals, softness);
        let away: Vec<f64> = soft.iter().zip(&now.weights).map(|(s, w)| s - w).collect();
        let directions = self.directions(now, domains);
        let step = if directions.len() <= away.len() {
            step_by_directions(&directions, &slopes, &away)
        } else {
            step_by_draws(&directions, &slopes, &away)
        };
        if step.iter().any(|x| !x.is_finite()) {
            return soft;
        }
        self.tail.within(now.weights.iter().zip(&step).map(|(w, s)| w + s).collect())
    }

    /// The directions in which the combination moves when curves change a little.
    fn directions(&self, now: &Tried, domains: &[Domain]) -> Vec<Direction> {
        let priced = &now.priced;
        let problem = priced.problem.as_deref().unwrap_or(&self.problem);
        let facing = self.facing(problem, priced);
        let rows = self.active_rows(priced);
        let mut directions = Vec::new();
        // A fractional segment gives way as in a bound smoothed by this much.
        let smoothing = 1e-5 * priced.bound.abs() / domains.len() as f64;
        for (i, domain) in domains.iter().enumerate() {
            let (more, less, share) = share(priced, i);
            for (budget, share) in [(more, share), (less, 1.0 - share)] {
                if share <= 0.0 || budget <= 0.0 || !domain.on {
                    continue;
                }
                let (_, fall) = facing.answer(i, domain, budget);
                if fall > 0.0 && fall.is_finite() {
                    let by_draw =
                        self.draw_table.slope_by_draw(self.drawn, i, self.media(i, budget));
                    let little = 1e-6 * budget;
                    let uses = self.uses(problem, &rows, i, budget, budget - little);
                    let uses = uses.into_iter().map(|used| used / little).collect();
                    directions.push(Direction { ease: share * fall, by_draw, uses });
                }
            }
            if more != less {
                let mut by_draw = vec![0.0; now.totals.len()];
                self.add(i, more, 1.0, &mut by_draw);
                self.add(i, less, -1.0, &mut by_draw);
                let uses = self.uses(problem, &rows, i, more, less);
                let ease = share * (1.0 - share) / smoothing.max(1e-300);
                directions.push(Direction { ease, by_draw, uses });
            }
        }
        directions
    }

    /// What one budget of a segment uses of some rows more than another.
    fn uses(&self, problem: &Problem, rows: &[usize], i: usize, more: f64, less: f64) -> Vec<f64> {
        let nodes = self.tree.nodes.len();
        let terms = self.outer.coupling().terms(i);
        let apart = |of: &dyn Fn(f64) -> f64| of(more) - of(less);
        let use_of = |&row: &usize| match row.checked_sub(nodes).map(|j| self.outer.rules[j]) {
            Some(CrossingRule::Change) => problem
                .change
                .as_ref()
                .map_or(0.0, |change| apart(&|b| 0.5 * (b - change.reference[i]).abs())),
            Some(CrossingRule::Cost) => {
                let cost = problem.cost_per_action.unwrap_or(0.0);
                apart(&|b| b - cost * problem.variables[i].actions(b))
            }
            _ => {
                let own = terms.iter().filter(|term| term.0 as usize == row);
                let funded = |b: f64| f64::from(u8::from(b > 0.0));
                own.map(|term| apart(&|b| term.1 * b + term.2 * funded(b))).sum()
            }
        };
        rows.iter().map(use_of).collect()
    }

    /// Rows of rules that hold: those with a price, and money that must be spent.
    fn active_rows(&self, priced: &Priced) -> Vec<usize> {
        let nodes = self.tree.nodes.len();
        let price = |row: usize| match row {
            0 => priced.relaxed.price[0],
            row if row < nodes => {
                priced.relaxed.price[row] - priced.relaxed.price[self.tree.nodes[row].parent]
            }
            row => priced.prices.get(row - nodes).copied().unwrap_or(0.0),
        };
        let holds = |row: &usize| (*row == 0 && self.problem.spend_all) || price(*row) != 0.0;
        (0..self.outer.coupling().rows()).filter(holds).collect()
    }
}

/// The two answers that a segment's combination is made of, and the share of the first.
fn share(priced: &Priced, i: usize) -> (f64, f64, f64) {
    let (more, less) = (priced.relaxed.more[i], priced.relaxed.less[i]);
    if more == less {
        return (priced.combination[i], priced.combination[i], 1.0);
    }
    (more, less, ((priced.combination[i] - less) / (more - less)).clamp(0.0, 1.0))
}

/// `(I + S G M Gᵀ)⁻¹ away`, `S = diag(slopes) − slopes slopesᵀ / Σ slopes`, with a matrix by
/// direction.
fn step_by_directions(directions: &[Direction], slopes: &[f64], away: &[f64]) -> Vec<f64> {
    let k = directions.len();
    let give = give(directions);
    // S G.
    let stiff: Vec<Vec<f64>> =
        directions.iter().map(|direction| stiffened(&direction.by_draw, slopes)).collect();
    let cross: Vec<Vec<f64>> = directions
        .iter()
        .map(|direction| stiff.iter().map(|stiff| dot(&direction.by_draw, stiff)).collect())
        .collect();
    let pull: Vec<f64> = directions.iter().map(|d| dot(&d.by_draw, away)).collect();
    let matrix: Vec<Vec<f64>> = (0..k)
        .map(|a| {
            let mut line: Vec<f64> =
                (0..k).map(|b| (0..k).map(|c| give[a][c] * cross[c][b]).sum::<f64>()).collect();
            line[a] += 1.0;
            line.push(dot(&give[a], &pull));
            line
        })
        .collect();
    let moves = eliminate(matrix, 1e-14);
    (0..away.len()).map(|d| away[d] - (0..k).map(|a| stiff[a][d] * moves[a]).sum::<f64>()).collect()
}

/// The same with a matrix by draw: hundreds of segments move in more directions than there are draws.
fn step_by_draws(directions: &[Direction], slopes: &[f64], away: &[f64]) -> Vec<f64> {
    let (draws, rows) = (away.len(), directions.first().map_or(0, |own| own.uses.len()));
    // G C Gᵀ, and Aᵀ C Gᵀ by draw.
    let mut ease = vec![vec![0.0; draws]; draws];
    let mut held = vec![vec![0.0; rows]; draws];
    for own in directions {
        for ((line, held), g) in ease.iter_mut().zip(&mut held).zip(&own.by_draw) {
            let g = own.ease * g;
            line.iter_mut().zip(&own.by_draw).for_each(|(x, other)| *x += g * other);
            held.iter_mut().zip(&own.uses).for_each(|(x, used)| *x += g * used);
        }
    }
    let square = square(directions, rows);
    let taken: Vec<Vec<f64>> = held.iter().map(|held| taken_back(&square, held)).collect();
    // By column, for S is applied to columns.
    let columns: Vec<Vec<f64>> = (0..draws)
        .map(|c| {
            let column: Vec<f64> =
                (0..draws).map(|d| ease[d][c] - dot(&held[d], &taken[c])).collect();
            stiffened(&column, slopes)
        })
        .collect();
    let matrix: Vec<Vec<f64>> = (0..draws)
        .map(|d| {
            let mut line: Vec<f64> = columns.iter().map(|column| column[d]).collect();
            line[d] += 1.0;
            line.push(away[d]);
            line
        })
        .collect();
    eliminate(matrix, 1e-14)
}

/// `S v`.
fn stiffened(vector: &[f64], slopes: &[f64]) -> Vec<f64> {
    let sum: f64 = slopes.iter().sum::<f64>().max(1e-300);
    let pairs = || vector.iter().zip(slopes);
    let mean = pairs().map(|(g, s)| g * s).sum::<f64>() / sum;
    pairs().map(|(g, s)| s * (g - mean)).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// `Aᵀ C A`, by pairs of rules that hold.
fn square(directions: &[Direction], rows: usize) -> Vec<Vec<f64>> {
    let product = |a: usize, b: usize| -> f64 {
        directions.iter().map(|d| d.ease * d.uses[a] * d.uses[b]).sum()
    };
    (0..rows).map(|a| (0..rows).map(|b| product(a, b)).collect()).collect()
}

/// `(Aᵀ C A)⁻¹` times one column; rules that say what others say already take nothing.
fn taken_back(square: &[Vec<f64>], column: &[f64]) -> Vec<f64> {
    let rows = square.len();
    let widest = (0..rows).map(|a| square[a][a]).fold(0.0, f64::max);
    let extended = |(line, x): (&Vec<f64>, &f64)| {
        let mut line = line.clone();
        line.push(*x);
        line
    };
    let matrix: Vec<Vec<f64>> = square.iter().zip(column).map(extended).collect();
    if widest > 0.0 { eliminate(matrix, 1e-11 * widest) } else { vec![0.0; rows] }
}

/// `C − C A (Aᵀ C A)⁻¹ Aᵀ C`: the ease of the directions less what the rules `A` take back.
fn give(directions: &[Direction]) -> Vec<Vec<f64>> {
    let k = directions.len();
    let rows = directions.first().map_or(0, |direction| direction.uses.len());
    let square = square(directions, rows);
    (0..k)
        .map(|b| {
            let own = &directions[b];
            let used: Vec<f64> = own.uses.iter().map(|used| own.ease * used).collect();
            let taken = taken_back(&square, &used);
            (0..k)
                .map(|a| {
                    let other = &directions[a];
                    let back: f64 = other.uses.iter().zip(&taken).map(|(u, t)| u * t).sum();
                    f64::from(u8::from(a == b)) * own.ease - other.ease * back
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_matrices_give_the_same_step() {
        let mut state = 7_u64;
        let mut number = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
        };
        for (k, draws, rows) in [(3, 12, 0), (9, 12, 2), (20, 12, 3), (40, 12, 5)] {
            let mut directions: Vec<Direction> = (0..k)
                .map(|_| Direction {
                    ease: 0.6 + number(),
                    by_draw: (0..draws).map(|_| number()).collect(),
                    uses: (0..rows).map(|_| number()).collect(),
                })
                .collect();
            // A rule that says what another says takes nothing back twice.
            if rows > 2 {
                for own in &mut directions {
                    own.uses[rows - 1] = 2.0 * own.uses[0];
                }
            }
            let slopes: Vec<f64> = (0..draws).map(|_| 0.6 + number()).collect();
            let away: Vec<f64> = (0..draws).map(|_| number()).collect();
            let one = step_by_directions(&directions, &slopes, &away);
            let other = step_by_draws(&directions, &slopes, &away);
            for (one, other) in one.iter().zip(&other) {
                assert!((one - other).abs() < 1e-9 * (1.0 + one.abs()), "{k}: {one} {other}");
            }
        }
    }
}
