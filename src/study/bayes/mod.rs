//! What any planner could earn in the worlds of a study: the planner of the population.
//!
//! It is told everything about how worlds are made, and of the very world: each network's
//! dispersion, its rise of CPM, its season, drift and every shock, how much people remember, and
//! (unless it is asked otherwise, see [`Belief`]) each network's form of curve. What it must learn,
//! from the panel that the product sees, are the segments' levels (audience, CPM, rate, wear-out,
//! shape, and a Hill curve's slope or a power's exponent), whose population it knows exactly:
//! medians, and every spread between networks, ages, territories, formats and segments. The
//! likelihood is the one that made the history (impressions are taken as delivered, before
//! rounding; kinds of action and reactions are not looked at, so that it reads what the product
//! reads). It draws from its posterior without approximation (a Markov chain, [`chain`]) and takes
//! the split that maximises the mean over draws of what the flight brings, under the same rules,
//! with the same solver.
//!
//! On average over worlds nobody with less information can earn a greater *value*; telling more
//! than a planner could know only raises the bound. Measured on worlds 0 to 39 of seed 1, shares
//! of the oracle's engagement in % with standard errors over worlds (differences are paired):
//!
//! | planner | all | inside (12) | outside (28) |
//! |---|---|---|---|
//! | the product (stop 10) | 92.6 ± 1.1 | 95.3 ± 1.9 | 91.5 ± 1.3 |
//! | own family whatever the form (`BELIEF=1`) | 95.2 ± 0.8 | 98.7 ± 0.2 | 93.8 ± 1.1 |
//! | flexible family, form not told (`BELIEF=2`) | 97.4 ± 0.4 | 98.6 ± 0.2 | 96.8 ± 0.5 |
//! | form told (`BELIEF=0`): the bound | 98.2 ± 0.2 | 98.7 ± 0.2 | 98.1 ± 0.3 |
//!
//! So 95 % is *not* out of reach: the form of the curve, unknown, costs a planner less than one
//! point once its family goes on through the logarithm to powers, and one that saturates always
//! costs three outside. Inside the family the product's loss was one world (75 %): a segment of the
//! network without reach, whose territory's large audience all other networks' reach tells of.
//!
//! The chain is judged by itself: what it expects of its own plan on draws that did not choose it
//! (98.4 %) is what the plan realises (98.2 %), and the truth's ranks within its draws are uniform:
//! 80 % intervals of audience, rate, wear-out, shape, bend, CPM and of what twice the highest
//! week's money brings hold 81.1, 79.8, 78.8, 81.0, 78.6, 80.4 and 79.6 % of the time, mean ranks
//! 0.49 to 0.51 (± 0.01); the two chains' R̂ is at most 1.02 to 1.06 in the worst segment.
//!
//! `WORLDS=40 SEED=1 BELIEF=0 cargo test --release --lib what_any_planner -- --ignored --nocapture`
//! (10 CPU-s a world; `CLOSELY=1` prints the segments where most money goes)

mod belief;
mod chain;
mod observed;
mod prior;

use self::chain::{Chain, Length, State};
use self::observed::{AUDIENCE, BEND, LOOSE, Observed, RATE, SHAPE, WEAR_OUT, logistic, logit};
use self::prior::Design;
use belief::Belief;

use std::fmt::Write as _;
use std::sync::Arc;

use rayon::prelude::*;

use super::decision::{campaign, decide, standard};
use super::lines::mean_and_deviation;
use super::settings::{Limit, Settings};
use super::truth::Truth;
use crate::allocate;
use crate::allocate::maximise;
use crate::allocate::problem::Problem;
use crate::generate::population::Population;
use crate::generate::spec::WorldSpec;
use crate::generate::world::World;
use crate::random::{Purpose, Seed};
use crate::reference::Reference;
use crate::response::curve::Curve;
use crate::response::table::Table;
use crate::rules::Tables;
use crate::train::Specification;

/// A planner's posterior: draws of every segment's curve.
struct Posterior<'a> {
    world: &'a World,
    observed: Vec<Observed>,
    chains: [Vec<State>; 2],
    /// Season and drift of the flight, segments × weeks.
    seasons: Vec<Vec<f64>>,
}

impl<'a> Posterior<'a> {
    fn learn(world: &'a World, belief: Belief, reactions: bool, length: Length) -> Self {
        let design = Design::of(world, belief);
        let observed: Vec<Observed> = (0..world.segments().len())
            .map(|i| Observed::of(world, i, belief, reactions))
            .collect();
        let chains = [0, 1].map(|id| {
            let mut rng = world.seed().stream(Purpose::Train, 1_000 + id);
            Chain::new(world, &design, &observed, belief, &mut rng).run(length, &mut rng)
        });
        let start = world.flight_start();
        let weeks = world.spec().flight_weeks;
        let seasons = (0..world.segments().len())
            .map(|i| (0..weeks).map(|t| world.season(i, start.plus(t as i64))).collect())
            .collect();
        Self { world, observed, chains, seasons }
    }

    /// What a segment's flight brings in one draw.
    fn value(&self, draw: &State, i: usize, budget: f64) -> f64 {
        let (at, log_cpm) = &draw[i];
        let weights = &self.seasons[i];
        let like = self.world.weekly_truth(i);
        self.observed[i].held(at, *log_cpm).weeks(like, budget / weights.len() as f64, weights)
    }

    /// The mean over draws of what the flight brings, as a curve.
    fn table(&self, draws: &[&State], i: usize, most: f64) -> Table {
        const NODES: usize = 40;
        let nodes: Vec<(f64, f64, f64)> = (0..=NODES)
            .map(|j| {
                let spend = most * (f64::from(j as u32) / NODES as f64).powi(3);
                let h = (1e-4 * spend).max(1e-7 * most);
                let (low, high) = ((spend - h).max(0.0), spend + h);
                let (mut below, mut above) = (0.0, 0.0);
                for draw in draws {
                    below += self.value(draw, i, low);
                    above += self.value(draw, i, high);
                }
                let n = draws.len() as f64;
                // A curve bends so little within a ten-thousandth that its middle is the mean.
                let value = if spend > 0.0 { 0.5 * (below + above) / n } else { 0.0 };
                (spend, value, (above - below) / n / (high - low))
            })
            .collect();
        Table::new(&nodes)
    }

    /// The best split for the mean of these draws, and its value by them.
    fn best(&self, draws: &[&State], rules: &Problem) -> (Vec<f64>, Problem) {
        let mut problem = rules.clone();
        for (i, variable) in problem.variables.iter_mut().enumerate() {
            variable.curve = Curve::Table(Arc::new(self.table(draws, i, variable.max.max(1.0))));
            variable.actions = None;
        }
        let Ok(solution) = maximise(&problem, &allocate::Settings::default()) else {
            panic!("the rules have been kept by the product's own plan")
        };
        (solution.spend, problem)
    }
}

/// What is asked of the planner.
#[derive(Clone, Copy)]
struct Asked {
    belief: Belief,
    /// Whether it also looks at reactions, which the generator makes without the weeks'
    /// over-dispersion.
    reactions: bool,
    length: Length,
    /// Print the segments where most money goes.
    closely: bool,
}

/// One world, seen by the planner of the population and by the product.
struct Seen {
    outside: bool,
    forms: String,
    /// Shares of the oracle's.
    product: f64,
    bayes: f64,
    /// What its own posterior expects of it, on draws it was not chosen on.
    expected: f64,
    /// Largest R̂ over segments of the log of what twice the usual budget brings.
    r_hat: f64,
    /// Ranks of the truth: five parameters, CPM, and what twice the highest week's spend brings.
    ranks: [Vec<f64>; RANKED.len()],
    /// Oracle's, product's and planner's value.
    values: [f64; 3],
}

const RANKED: [&str; 7] = ["audience", "rate", "wear-out", "shape", "bend", "cpm", "flight"];

fn see(spec: &WorldSpec, tables: &Tables, seed: Seed, asked: Asked) -> Seen {
    let settings = Settings {
        worlds: 1,
        specification: Specification::default(),
        draws: 400,
        trust_region: true,
        closely: false,
        limit: Limit::LeftOut,
    };
    let world = World::make(spec, seed);
    let campaign = campaign(&world, &standard());
    let truth = Truth::new(&world, &campaign);
    let decision = decide(&world, &campaign, &settings.specification, &settings, tables, seed)
        .unwrap_or_else(|_| panic!("the study has planned this world"));
    let rules = &decision.problem;
    let oracle = truth.value(&truth.oracle(rules).expect("the study has planned this world"));
    let product = truth.value(&decision.budgets);
    let posterior = Posterior::learn(&world, asked.belief, asked.reactions, asked.length);
    let all: Vec<&State> = posterior.chains.iter().flatten().collect();
    // Chosen on every other draw, judged on the rest.
    let choose: Vec<&State> = all.iter().step_by(2).copied().collect();
    let judge: Vec<&State> = all.iter().skip(1).step_by(2).copied().collect();
    let (budgets, _) = posterior.best(&choose, rules);
    let value = truth.value(&budgets);
    if asked.closely {
        look(
            &posterior,
            &all,
            &truth,
            &[&truth.oracle(rules).expect("just found"), &budgets, &decision.budgets],
        );
    }
    let shares: Vec<f64> = judge
        .iter()
        .step_by((judge.len() / 24).max(1))
        .map(|draw| {
            let (best, _) = posterior.best(&[draw], rules);
            let of = |split: &[f64]| -> f64 {
                split.iter().enumerate().map(|(i, b)| posterior.value(draw, i, *b)).sum()
            };
            of(&budgets) / of(&best)
        })
        .collect();
    Seen {
        outside: world.is_outside_family(),
        forms: forms(&world),
        product: product / oracle,
        bayes: value / oracle,
        expected: mean_and_deviation(&shares).0,
        r_hat: worst_r_hat(&posterior),
        ranks: ranks(&posterior, &all),
        values: [oracle, product, value],
    }
}

/// Prints the segments where oracle, planner or product put most money, and what is believed.
#[allow(clippy::print_stdout, reason = "the figures are what it is run for")]
fn look(posterior: &Posterior<'_>, draws: &[&State], truth: &Truth<'_>, splits: &[&Vec<f64>; 3]) {
    let world = posterior.world;
    let total: f64 = splits[0].iter().sum();
    let mut order: Vec<usize> = (0..posterior.observed.len()).collect();
    let most = |i: usize| splits.iter().map(|split| split[i]).fold(0.0, f64::max);
    order.sort_by(|a, b| most(*b).total_cmp(&most(*a)));
    for i in order.into_iter().take(10) {
        let of = |f: &dyn Fn(&State) -> f64| {
            mean_and_deviation(&draws.iter().map(|draw| f(draw)).collect::<Vec<f64>>())
        };
        let scale = of(&|draw| {
            let (at, log_cpm) = draw[i];
            log_cpm - 1000_f64.ln() + at[AUDIENCE] - at[LOOSE] - logistic(at[WEAR_OUT]).ln()
        });
        let bend = of(&|draw| draw[i].0[BEND]);
        let believed = splits.map(|split| of(&|draw| posterior.value(draw, i, split[i])));
        let shares = splits.map(|split| format!("{:.1}", 100.0 * split[i] / total));
        println!(
            "    {:36} seen {:6.0} | oracle/planner/product {:?} % | believed there {} | true {} | ln κ {:.2} ± {:.2} ({:.2}), bend {:.2} ± {:.2}",
            world.segments()[i].id,
            probe(world, i) / 24.0,
            shares,
            believed.map(|(m, s)| format!("{m:.0}±{s:.0}")).join(" "),
            splits.map(|split| format!("{:.0}", truth.segment(i, split[i]))).join(" "),
            scale.0,
            scale.1,
            world.weekly_truth(i).scale.ln(),
            bend.0,
            bend.1,
        );
    }
}

/// First letters of the networks' forms.
fn forms(world: &World) -> String {
    use crate::generate::response::Family;
    let of = |n: usize| {
        let first = (0..world.segments().len()).find(|i| world.truth(*i).network == n);
        first.map_or('-', |i| match world.truth(i).response.family {
            Family::Exposure { .. } => 'o',
            Family::Exponential => 'e',
            Family::Hill { .. } => 'h',
            Family::Power { .. } => 'p',
            Family::Logarithm => 'l',
            Family::Threshold { .. } => 't',
        })
    };
    (0..world.networks().len()).map(of).collect()
}

/// A budget that asks about the curve beyond what was tried: twice the highest week, every week.
fn probe(world: &World, i: usize) -> f64 {
    let panel = world.panel();
    let mine = panel.cells.iter().filter(|cell| cell.segment == i);
    let most = mine.fold(world.spec().spend.weekly, |most: f64, cell| most.max(cell.spend));
    2.0 * most * world.spec().flight_weeks as f64
}

fn worst_r_hat(posterior: &Posterior<'_>) -> f64 {
    (0..posterior.observed.len())
        .map(|i| {
            let budget = probe(posterior.world, i);
            let of = |chain: &Vec<State>| {
                let logs: Vec<f64> =
                    chain.iter().map(|draw| posterior.value(draw, i, budget).ln()).collect();
                mean_and_deviation(&logs)
            };
            let [a, b] = [0, 1].map(|c| of(&posterior.chains[c]));
            let within = 0.5 * (a.1 * a.1 + b.1 * b.1);
            (1.0 + 0.5 * (a.0 - b.0).powi(2) / within).sqrt()
        })
        .fold(1.0, f64::max)
}

/// Share of draws below the truth, of every segment that has the quantity.
fn ranks(posterior: &Posterior<'_>, draws: &[&State]) -> [Vec<f64>; RANKED.len()] {
    use crate::generate::response::Family;
    let world = posterior.world;
    let mut ranks: [Vec<f64>; RANKED.len()] = Default::default();
    for i in 0..posterior.observed.len() {
        let truth = world.truth(i);
        let mut rank = |which: usize, true_value: f64, of: &dyn Fn(&State) -> f64| {
            let below = draws.iter().filter(|draw| of(draw) < true_value).count();
            ranks[which].push(below as f64 / draws.len() as f64);
        };
        rank(AUDIENCE, truth.audience.ln(), &|draw| draw[i].0[AUDIENCE]);
        rank(RATE, truth.rate.ln(), &|draw| draw[i].0[RATE]);
        rank(WEAR_OUT, logit(truth.wear_out), &|draw| draw[i].0[WEAR_OUT]);
        rank(SHAPE, truth.shape.ln(), &|draw| draw[i].0[SHAPE]);
        if let Family::Hill { slope: bend } | Family::Power { exponent: bend } =
            truth.response.family
        {
            rank(BEND, bend, &|draw| draw[i].0[BEND]);
        }
        rank(5, truth.cpm.ln(), &|draw| draw[i].1);
        let budget = probe(world, i);
        let weeks = world.spec().flight_weeks;
        let spends = vec![budget / weeks as f64; weeks];
        let true_value = world.expected_actions(i, &spends, world.flight_start());
        rank(6, true_value, &|draw| posterior.value(draw, i, budget));
    }
    ranks
}

fn from_environment(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// The figures of the module's documentation.
#[test]
#[ignore = "minutes: says what any planner could earn"]
#[allow(clippy::print_stdout, reason = "the figures are what it is run for")]
fn what_any_planner_could_earn() {
    let reference = Reference::default();
    let text = reference.text("study.toml").expect("shipped");
    let spec = Population::read(&text).expect("checked").world;
    let tables = Tables::load(&reference).expect("shipped");
    let seed = Seed(from_environment("SEED", 1) as u64);
    let first = from_environment("FIRST", 0);
    let worlds: Vec<u64> =
        (first..first + from_environment("WORLDS", 40)).map(|w| w as u64).collect();
    let length = Length {
        warm_up: from_environment("WARM_UP", 3000),
        kept: 200,
        every: from_environment("EVERY", 20),
    };
    let asked = Asked {
        belief: [Belief::Message, Belief::Ours, Belief::Flexible]
            [from_environment("BELIEF", 0).min(2)],
        reactions: from_environment("REACTIONS", 0) > 0,
        length,
        closely: from_environment("CLOSELY", 0) > 0,
    };
    let seen: Vec<Seen> = worlds
        .par_iter()
        .map(|w| {
            let seen = see(&spec, &tables, seed.child(*w), asked);
            println!(
                "{w:3} {} product {:.4} bayes {:.4} expected {:.4} R̂ {:.3}",
                seen.forms, seen.product, seen.bayes, seen.expected, seen.r_hat
            );
            seen
        })
        .collect();
    println!("{}", summary(&seen));
}

/// Which worlds a line of the summary is about.
type Kind<'a> = &'a dyn Fn(&&Seen) -> bool;

fn summary(seen: &[Seen]) -> String {
    let mut text = String::new();
    let all = |_: &&Seen| true;
    let kinds: [(&str, Kind<'_>); 3] =
        [("all", &all), ("inside", &|s| !s.outside), ("outside", &|s| s.outside)];
    for (name, is) in kinds {
        let mine: Vec<&Seen> = seen.iter().filter(|s| is(s)).collect();
        let of = |value: &dyn Fn(&Seen) -> f64| {
            let values: Vec<f64> = mine.iter().map(|s| value(s)).collect();
            let (mean, sd) = mean_and_deviation(&values);
            format!("{:.2} ± {:.2}", 100.0 * mean, 100.0 * sd / (values.len() as f64).sqrt())
        };
        let sum = |which: usize| mine.iter().map(|s| s.values[which]).sum::<f64>();
        let _ = writeln!(
            text,
            "{name} ({}): product {}, bayes {}, difference {}, bayes expected {}; sums {:.4} {:.4}",
            mine.len(),
            of(&|s| s.product),
            of(&|s| s.bayes),
            of(&|s| s.bayes - s.product),
            of(&|s| s.expected),
            sum(1) / sum(0),
            sum(2) / sum(0),
        );
    }
    for (which, name) in RANKED.iter().enumerate() {
        let ranks: Vec<f64> = seen.iter().flat_map(|s| s.ranks[which].iter().copied()).collect();
        let mut bins = [0_usize; 10];
        for rank in &ranks {
            bins[((rank * 10.0) as usize).min(9)] += 1;
        }
        let inside = ranks.iter().filter(|rank| (0.1..=0.9).contains(*rank)).count();
        let by_world: Vec<f64> = seen
            .iter()
            .filter(|s| !s.ranks[which].is_empty())
            .map(|s| mean_and_deviation(&s.ranks[which]).0)
            .collect();
        let (mean, sd) = mean_and_deviation(&by_world);
        let _ = writeln!(
            text,
            "{name}: 80 % intervals hold {:.1} %, mean rank {mean:.3} ± {:.3}, tenths {bins:?}",
            100.0 * inside as f64 / ranks.len().max(1) as f64,
            sd / (by_world.len() as f64).sqrt(),
        );
    }
    text
}
