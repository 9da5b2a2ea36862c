//! Which test: who takes part, how much moves, for how long. Chosen by what it is worth.

use serde::{Deserialize, Serialize};

use super::flight::{Flight, Impossible, Wish};
use super::power::{Noise, Power};
use super::reading::{Experiment, Rule, Unreadable};
use super::schedule::Design;
use super::worth::{Contrast, Judge};
use crate::allocate::plan::NextTest;
use crate::campaign::matches;
use crate::numeric::digits::short;
use crate::numeric::summary::mean;
use crate::random::Seed;
use crate::response::memory::WEEKS;
use crate::rules::Tables;
use crate::segment::Attribute;
use crate::simulate::future::context::SimulationContext;

/// What a person asks of a test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    /// The flight's first so many weeks; `None`: as many as are worth most.
    pub weeks: Option<usize>,
    /// Largest share of the flight's expected points that the test may give up.
    pub share: f64,
}

impl Default for Asked {
    fn default() -> Self {
        Self { weeks: None, share: 0.05 }
    }
}

/// Rows of a plan up to which a test is looked for unasked.
const ROWS_UNASKED: usize = 300;

/// The test that would teach most of a flight, in brief; `None` where no schedule keeps the rules, and
/// for very large plans.
#[must_use]
pub fn next_test(context: &SimulationContext<'_>, tables: &Tables, seed: Seed) -> Option<NextTest> {
    if context.segments > ROWS_UNASKED {
        return None;
    }
    let proposal = propose(context, tables, &Asked::default(), seed).ok()?;
    Some(NextTest {
        weeks: proposal.weeks as u64,
        audiences: 2 * proposal.experiment.schedule().pairs.len() as u64,
        price: short(proposal.worth.price),
        gain: short(proposal.worth.gain),
    })
}

/// Why there is no test.
#[derive(Debug, thiserror::Error)]
pub enum NoProposal {
    /// No schedule keeps the rules.
    #[error(transparent)]
    Impossible(#[from] Impossible),
    /// No division of the budget does.
    #[error("no division of the budget keeps the rules")]
    NoDivision,
    /// The weeks that are asked for are not in the flight.
    #[error("{asked} weeks asked of a flight of {weeks}")]
    Weeks {
        /// Weeks asked for.
        asked: usize,
        /// Weeks of the flight.
        weeks: usize,
    },
    /// A design of our own that its reading refuses.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// So few actions are expected that no test would see anything.
    #[error("too few actions are expected for any test to see anything")]
    Unseen,
    /// Each test gives up more than the share allowed.
    #[error(
        "every test gives up more than {share} of the flight's points; the cheapest {cheapest}"
    )]
    TooDear {
        /// The share allowed.
        share: f64,
        /// The share that the cheapest gives up.
        cheapest: f64,
    },
}

/// A test that is proposed.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The test, its coins drawn.
    pub experiment: Experiment,
    /// What it is worth.
    pub worth: Worth,
    /// What it can see.
    pub power: Power,
    /// Weeks of the flight that it takes.
    pub weeks: usize,
    /// Weeks of one block.
    pub block_weeks: usize,
}

impl Proposal {
    /// Enough schedules for an interval come first, then what pays by how much; of tests that do not
    /// pay the one that sees most.
    fn is_better(&self, other: &Self) -> bool {
        let of = |own: &Self| {
            let worth = if own.worth.pays() { own.worth.value } else { 0.0 };
            (own.is_enough(), worth, -own.power.standard_error)
        };
        let ((a, b, c), (x, y, z)) = (of(self), of(other));
        a.cmp(&x).then(b.total_cmp(&y)).then(c.total_cmp(&z)).is_gt()
    }

    fn is_enough(&self) -> bool {
        is_enough(self.experiment.design())
    }
}

/// Whether a design has schedules enough for an interval to be claimed.
fn is_enough(design: &Design) -> bool {
    design.log10_possible() >= Rule::default().least_possible.log10()
}

/// What a test is worth, in points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Worth {
    /// What the schedule gives up against the plan, expected; below 0 where it brings more.
    pub price: f64,
    /// The same as a share of what the plan brings in the flight.
    pub price_share: f64,
    /// What dividing anew by its result is expected to gain over the rest of the flight and the next
    /// one.
    pub gain: f64,
    /// The same, were everything known.
    pub gain_if_all_known: f64,
    /// Gain less price.
    pub value: f64,
    /// Probability that "no saturation" is ruled out, were the exponent what is now expected.
    pub power: f64,
    /// The exponent now expected: percent more actions per percent more money.
    pub exponent: f64,
}

impl Worth {
    /// Whether the test brings more than it costs.
    #[must_use]
    pub fn pays(&self) -> bool {
        self.value > 0.0
    }
}

/// Shares of money that move: factors of about ⅔ and 1⅓, and of 0.3 and 1.7.
const AMPLITUDES: [f64; 2] = [0.35, 0.7];
/// Blocks in which a pair's coins can fall in enough ways.
const LEAST_BLOCKS: usize = 4;
/// A week later fewer than this share of people remember: their week is forgotten.
const FORGOTTEN: f64 = 0.1;
/// Demand of an audience's own that wanders while it is tested: log, per week, and how much lasts.
const DEMAND: (f64, f64) = (0.15, 0.6);

/// The test that is worth most.
///
/// # Errors
///
/// [`NoProposal`] says why there is none, and what would make one possible.
pub fn propose(
    context: &SimulationContext<'_>,
    tables: &Tables,
    asked: &Asked,
    seed: Seed,
) -> Result<Proposal, NoProposal> {
    if let Some(weeks) = asked.weeks.filter(|weeks| *weeks > context.weeks) {
        return Err(NoProposal::Weeks { asked: weeks, weeks: context.weeks });
    }
    let bench = Bench::new(context, tables);
    let block_weeks = bench.block_weeks;
    let needed = 2 * block_weeks;
    if let Some(weeks) = asked.weeks.filter(|weeks| *weeks < needed) {
        return Err(Impossible::TooShort { weeks, needed }.into());
    }
    let judge = Judge::new(context, seed).ok_or(NoProposal::NoDivision)?;
    let (mut best, mut dear): (Option<Proposal>, Option<f64>) = (None, None);
    let mut refused = None;
    for weeks in lengths(context.weeks, block_weeks, asked.weeks) {
        for amplitude in AMPLITUDES {
            for part in [1.0, 0.5] {
                let wish = Wish { step: bench.step, block_weeks, amplitude };
                let design = match Design::new(&bench.flight(weeks, part), &wish) {
                    Ok(design) => design,
                    Err(error) => {
                        refused.get_or_insert(error);
                        continue;
                    }
                };
                let Some(own) = bench.judged(design, &judge, (weeks, block_weeks), seed)? else {
                    continue;
                };
                if own.worth.price_share > asked.share {
                    let cheapest = dear.get_or_insert(own.worth.price_share);
                    *cheapest = cheapest.min(own.worth.price_share);
                } else if best.as_ref().is_none_or(|best| own.is_better(best)) {
                    best = Some(own);
                }
            }
        }
    }
    best.ok_or_else(|| match (dear, refused) {
        (Some(cheapest), _) => NoProposal::TooDear { share: asked.share, cheapest },
        (None, Some(error)) => error.into(),
        (None, None) => NoProposal::Unseen,
    })
}

/// How many weeks a test may take: all of the flight, or half of it where that leaves enough blocks.
fn lengths(weeks: usize, block_weeks: usize, asked: Option<usize>) -> Vec<usize> {
    if let Some(asked) = asked {
        // Whole blocks only.
        return vec![asked / block_weeks * block_weeks];
    }
    let half = (weeks / 2).div_ceil(block_weeks) * block_weeks;
    if half >= LEAST_BLOCKS * block_weeks && half < weeks { vec![weeks, half] } else { vec![weeks] }
}

/// What is planned and believed, laid out for tests.
struct Bench<'a> {
    context: &'a SimulationContext<'a>,
    /// Minor units of one unit of the currency.
    unit: f64,
    step: i64,
    /// Weeks that keep one factor.
    block_weeks: usize,
    /// What is planned, and the whole weeks that could take part.
    flight: Flight,
    noise: Noise,
    /// Actions per week that come without money, by audience.
    organic: Vec<f64>,
    /// How much of an audience's money is at stake: its budget by what its curve may do.
    stakes: Vec<f64>,
}

impl<'a> Bench<'a> {
    fn new(context: &'a SimulationContext<'a>, tables: &Tables) -> Self {
        let campaign = context.campaign;
        let currency = campaign.budget.currency();
        let unit = currency.minor_per_unit() as f64;
        let (n, weeks) = (context.segments, context.weeks);
        let minor = |money: f64| (money * unit).round() as i64;
        let table = |of: &dyn Fn(usize, usize) -> i64| -> Vec<Vec<i64>> {
            (0..n).map(|i| (0..weeks).map(|week| of(i, week)).collect()).collect()
        };
        let planned = table(&|i, week| minor(context.plan_cells[week * n + i]));
        let days = campaign.days_by_week();
        let audience = |i: usize| &context.draws.segments[i];
        let least = table(&|i, week| {
            let network = audience(i).segment.attributes.get(Attribute::Network.column());
            let platform =
                network.and_then(|own| tables.platform_minimum(own, Some(currency), days[week]));
            let weekly =
                campaign.limits.weekly_min.map_or(0.0, |least| least * f64::from(days[week]) / 7.0);
            // Rounding up: a cent below a minimum is below it.
            (platform.unwrap_or(0.0).max(weekly) * unit).ceil() as i64
        });
        let farthest = |i: usize| {
            let limits = &campaign.limits;
            let own = limits.segment.iter().rev().filter(|(conditions, _)| {
                let contains = |outer: &str, inner: &str| tables.contains(outer, inner);
                matches(&audience(i).segment.attributes, conditions, &contains)
            });
            let mut rules = own.map(|(_, rule)| rule).chain([&limits.per_segment]);
            let times = rules.find_map(|rule| rule.extrapolate_at_most)?;
            Some(times * audience(i).observed_spend).filter(|most| *most > 0.0)
        };
        // A written bound, or what the history vouches for by default.
        let most = table(&|i, week| {
            let most = farthest(i).unwrap_or(f64::INFINITY).min(context.weekly[i]);
            ((most * unit).floor().min(MOST as f64) as i64).max(planned[i][week])
        });
        let whole: Vec<bool> = days.iter().map(|days| *days == 7).collect();
        let network: Vec<usize> = (0..n).map(|i| audience(i).network).collect();
        let noise = noise(context, &network, &whole);
        let stakes = (0..n).map(|i| stake(context, i)).collect();
        let step = context.problem.step.max(1);
        // A block lasts as long as memory does and a week more, two weeks at least.
        let block_weeks = 1 + noise.settling.max(1);
        let flight =
            Flight { network, planned, least, most, audiences: vec![true; n], weeks: whole };
        let organic = (0..n)
            .map(|i| mean(&audience(i).draws.iter().map(|own| own.baseline).collect::<Vec<_>>()));
        let organic = organic.collect();
        Self { context, unit, step, block_weeks, flight, noise, organic, stakes }
    }

    /// The flight whose first weeks, as far as they are whole, and whose audiences of the largest
    /// stakes take part. One that is not funded changes nothing, and may be what a test lacks.
    fn flight(&self, weeks: usize, part: f64) -> Flight {
        let staked = |i: &usize| self.stakes[*i] > 0.0;
        let mut order: Vec<usize> = (0..self.stakes.len()).filter(staked).collect();
        order.sort_by(|a, b| self.stakes[*b].total_cmp(&self.stakes[*a]));
        order.truncate((part * order.len() as f64).ceil() as usize);
        let mut flight = self.flight.clone();
        for i in 0..self.stakes.len() {
            let is_open = self.stakes[i] == 0.0 && self.context.is_open(i);
            flight.audiences[i] = is_open || order.contains(&i);
        }
        for week in weeks..flight.weeks.len() {
            flight.weeks[week] = false;
        }
        flight
    }

    /// What a design is worth; `None` where nothing that it moves has any say.
    fn judged(
        &self,
        design: Design,
        judge: &Judge<'_>,
        (weeks, block_weeks): (usize, usize),
        seed: Seed,
    ) -> Result<Option<Proposal>, NoProposal> {
        let Some(power) = Power::of(&design, &self.noise, seed) else { return Ok(None) };
        let (weights, enough) = (self.noise.weights(&design), is_enough(&design));
        let straight = self.straight(&design, &weights);
        let experiment = Experiment::new(design, weights, Rule::default(), seed)?;
        let experiment = experiment.with_straight(straight);
        let n = self.stakes.len();
        let scheduled = &experiment.schedule().money;
        let mut cells = self.context.plan_cells.clone();
        for (i, row) in scheduled.iter().enumerate() {
            for (week, money) in row.iter().enumerate() {
                cells[week * n + i] += (money - self.flight.planned[i][week]) as f64 / self.unit;
            }
        }
        let contrasts: Vec<Option<Contrast>> =
            (0..n).map(|i| self.contrast(i, &scheduled[i])).collect();
        let price = judge.price(&cells);
        let (gain, all) = judge.gain(&contrasts, seed);
        // The rest of this flight, and one more like it.
        let flights = 1.0 + (self.context.weeks - weeks) as f64 / self.context.weeks as f64;
        let exponent = judge.exponent(&contrasts);
        let worth = Worth {
            price,
            price_share: price / judge.planned().max(f64::MIN_POSITIVE),
            gain: flights * gain.max(0.0),
            gain_if_all_known: flights * all,
            value: flights * gain.max(0.0) - price,
            power: if enough { power.rules_out_proportion(exponent, straight) } else { 0.0 },
            exponent,
        };
        Ok(Some(Proposal { experiment, worth, power, weeks, block_weeks }))
    }

    /// The exponent that counts would show were what money brings in proportion to it: 1, less where
    /// actions come without money.
    fn straight(&self, design: &Design, weights: &[Vec<f64>]) -> f64 {
        let (mut sum, mut all, lowest) = (0.0, 0.0, design.lowest_factors());
        for (i, week) in design.drawn_cells() {
            let (share, organic) = (1.0 - lowest[i][week], self.organic[i]);
            let bought = (self.noise.expected[i][week] - organic).max(0.0);
            let [less, more] = [1.0 - share, 1.0 + share];
            let counted = ((organic + more * bought) / (organic + less * bought)).ln();
            let weight = weights[i][week] * (more / less).ln().powi(2);
            if weight > 0.0 {
                sum += weight * counted / (more / less).ln();
                all += weight;
            }
        }
        if all > 0.0 { sum / all } else { 1.0 }
    }

    /// How well an audience's weeks of less and of more money are told apart.
    fn contrast(&self, i: usize, scheduled: &[i64]) -> Option<Contrast> {
        let mut sides = [(0.0, 0.0, 0.0); 2];
        for (week, (money, planned)) in scheduled.iter().zip(&self.flight.planned[i]).enumerate() {
            if money == planned {
                continue;
            }
            let side = &mut sides[usize::from(money > planned)];
            side.0 += 1.0;
            side.1 += *money as f64 / self.unit;
            // Actions follow money by some three fifths of its log.
            side.2 += self.noise.expected[i][week] * (*money as f64 / *planned as f64).powf(0.6);
        }
        // What a week does to all is told by the partner, whose counts scatter as much; demand that
        // lasts makes weeks of one block alike.
        let variance = |(weeks, _, actions): &(f64, f64, f64)| {
            let wander = DEMAND.0.powi(2) * (1.0 + DEMAND.1);
            2.0 * (1.0 / actions.max(1e-9) + (1.0 / self.noise.size[i] + wander) / weeks)
        };
        let both = sides.iter().all(|side| side.0 > 0.0);
        both.then(|| Contrast {
            money: sides.map(|(weeks, money, _)| money / weeks),
            sd: sides.iter().map(variance).sum::<f64>().sqrt(),
        })
    }
}

/// No cell of a test has more money than this, in minor units.
const MOST: i64 = 1 << 50;

/// Weeks that an action can lag behind its money.
fn lag(context: &SimulationContext<'_>) -> usize {
    let shared = &context.draws.shared;
    let remembered = mean(&shared.iter().map(|own| own.carryover).collect::<Vec<_>>());
    (1..WEEKS).take_while(|weeks| remembered.powi(*weeks as i32) >= FORGOTTEN).count()
}

/// How counts are believed to scatter, at the planned money. A week of fewer than seven days, which is
/// not `whole`, says nothing: it is counted with what was before or comes after the flight.
fn noise(context: &SimulationContext<'_>, network: &[usize], whole: &[bool]) -> Noise {
    let (n, draws) = (context.segments, context.draws.len());
    let over = |of: &dyn Fn(usize) -> f64| (0..draws).map(of).sum::<f64>() / draws as f64;
    let expected = |i: usize, week: usize| {
        if !whole[week] {
            return 0.0;
        }
        let money = context.plan_cells[week * n + i];
        over(&|draw| {
            let season = context.season(draw, network[i]);
            let own = &context.draws.segments[i].draws[draw];
            let bought = context.draws.response(i, draw).steady(money);
            own.baseline + bought * season[week.min(season.len() - 1)]
        })
    };
    Noise {
        expected: (0..n)
            .map(|i| (0..context.weeks).map(|week| expected(i, week)).collect())
            .collect(),
        size: network
            .iter()
            .map(|own| 1.0 / over(&|draw| 1.0 / context.draws.shared[draw].dispersion[*own]))
            .collect(),
        demand: DEMAND.0,
        memory: DEMAND.1,
        settling: lag(context),
    }
}

/// Money of an audience times the spread of what doubling it would bring.
fn stake(context: &SimulationContext<'_>, i: usize) -> f64 {
    let n = context.segments;
    let weekly = (0..context.weeks).map(|week| context.plan_cells[week * n + i]).sum::<f64>()
        / context.weeks as f64;
    if weekly <= 0.0 {
        return 0.0;
    }
    let doubled = |draw: usize| {
        let own = context.draws.response(i, draw);
        (own.steady(2.0 * weekly) / own.steady(weekly).max(f64::MIN_POSITIVE)).ln()
    };
    let logs: Vec<f64> = (0..context.draws.len()).map(doubled).collect();
    weekly * crate::numeric::summary::spread(&logs)
}

#[cfg(test)]
mod tests {
    use super::super::flight::Need;
    use super::super::reading::{Outcome, Verdict};
    use super::super::schedule::Reason;
    use super::*;
    use crate::allocate::plan::Plan;
    use crate::campaign::Campaign;
    use crate::reference::Reference;
    use crate::simulate::fixture;
    use crate::simulate::{Inputs, Settings};
    use crate::train::posterior::draws::Draws;

    /// Twelve audiences of three networks over so many weeks, in equal parts.
    struct Desk {
        draws: Draws,
        campaign: Campaign,
        tables: Tables,
        plan: Plan,
    }

    impl Desk {
        fn new(weeks: usize) -> Self {
            let draws = fixture::draws(12, 40, weeks, 3);
            let campaign = fixture::campaign(weeks);
            let plan = fixture::plan(&draws, &campaign, &[10_000.0 / 12.0; 12]);
            let tables = Tables::load(&Reference::default()).unwrap();
            Self { draws, campaign, tables, plan }
        }

        fn context(&self) -> SimulationContext<'_> {
            let Self { draws, campaign, tables, plan } = self;
            SimulationContext::new(&Inputs { draws, plan, campaign, tables }, &Settings::default())
                .unwrap()
        }
    }

    const ASKED: Asked = Asked { weeks: None, share: 1.0 };

    fn proposed(desk: &Desk, context: &SimulationContext<'_>) -> Result<Proposal, NoProposal> {
        propose(context, &desk.tables, &ASKED, Seed(5))
    }

    #[test]
    fn a_fixed_cost_is_no_money_that_a_schedule_divides() {
        let mut desk = Desk::new(8);
        for row in &mut desk.plan.rows {
            row.fixed_cost = 100.0;
            row.weeks.iter_mut().for_each(|week| week.budget = (row.budget - 100.0) / 8.0);
            row.weeks[0].budget += 100.0;
        }
        let context = desk.context();
        let media = (10_000.0 / 12.0 - 100.0) / 8.0;
        assert!(context.plan_cells.iter().all(|cell| (cell - media).abs() < 1e-9));
    }

    #[test]
    fn no_week_goes_above_what_the_history_vouches_for() {
        let desk = Desk::new(8);
        let mut context = desk.context();
        let planned = context.plan_cells[0];
        for (i, weekly) in context.weekly.iter_mut().enumerate() {
            *weekly = planned * (1.15 + 0.05 * (i % 4) as f64);
        }
        let test = proposed(&desk, &context).unwrap();
        let mut moved = 0;
        for (i, row) in test.experiment.schedule().money.iter().enumerate() {
            for money in row {
                assert!(*money as f64 <= 100.0 * context.weekly[i], "{i}: {money}");
                moved += usize::from((*money as f64 - 100.0 * planned).abs() > 1.0);
            }
        }
        assert!(moved > 0, "narrower steps are a test too");
    }

    #[test]
    fn what_a_refusal_says_is_needed_makes_a_test_possible() {
        let mut desk = Desk::new(8);
        // One audience of each network has all the money, and a week asks for more than nothing.
        let budgets: Vec<f64> = (0..12).map(|i| if i < 3 { 10_000.0 / 3.0 } else { 0.0 }).collect();
        desk.plan = fixture::plan(&desk.draws, &desk.campaign, &budgets);
        desk.campaign.limits.weekly_min = Some(90.0);
        let mut context = desk.context();
        let refused = proposed(&desk, &context).unwrap_err();
        let NoProposal::Impossible(Impossible::NoRoom { needs }) = refused else {
            panic!("expected what is needed, found {refused:?}");
        };
        assert!(!needs.is_empty());
        for Need { audience, per_week, ceiling } in &needs {
            assert!(*per_week > 9_000, "less than the weekly minimum: {needs:?}");
            context.weekly[*audience] = context.weekly[*audience].max(*ceiling as f64 / 100.0);
            for week in 0..8 {
                let cell = &mut context.plan_cells[12 * week + audience];
                *cell = cell.max(*per_week as f64 / 100.0);
            }
        }
        proposed(&desk, &context).unwrap();
    }

    #[test]
    fn weeks_of_fewer_than_seven_days_keep_their_money_and_say_nothing() {
        let mut desk = Desk::new(8);
        desk.campaign.flight.start =
            desk.campaign.flight.start.saturating_add(jiff::Span::new().days(2));
        let context = desk.context();
        let test = proposed(&desk, &context).unwrap();
        let design = test.experiment.design();
        assert!(design.drawn_cells().iter().all(|(_, week)| *week > 0));
        let outside = design.at_plan().iter().find(|left| left.weeks == [0]).unwrap();
        assert_eq!(outside.reason, Reason::Outside);
        let mut outcome = followed(&test);
        let before = test.experiment.read(&outcome).unwrap();
        outcome.counts.iter_mut().enumerate().for_each(|(i, row)| row[0] += 100.0 * i as f64);
        let after = test.experiment.read(&outcome).unwrap();
        assert_eq!(before.estimate, after.estimate);
    }

    /// Money as scheduled, five actions per unit of money.
    fn followed(test: &Proposal) -> Outcome {
        let money = &test.experiment.schedule().money;
        let table = |of: fn(f64) -> f64| -> Vec<Vec<f64>> {
            money.iter().map(|row| row.iter().map(|own| of(*own as f64)).collect()).collect()
        };
        Outcome { counts: table(|cents| (0.05 * cents).round()), delivered: table(|cents| cents) }
    }

    #[test]
    fn weeks_that_remember_another_block_have_no_say() {
        let desk = Desk::new(12);
        let context = desk.context();
        let test = proposed(&desk, &context).unwrap();
        assert_eq!(test.block_weeks, 2);
        let mut outcome = followed(&test);
        let before = test.experiment.read(&outcome).unwrap();
        for (i, row) in outcome.counts.iter_mut().enumerate() {
            for week in (2..12).step_by(2) {
                row[week] *= 1.0 + (i % 5) as f64;
            }
        }
        assert_eq!(test.experiment.read(&outcome).unwrap().estimate, before.estimate);
        outcome.counts[test.experiment.design().drawn_cells()[0].0][3] *= 9.0;
        assert_ne!(test.experiment.read(&outcome).unwrap().estimate, before.estimate);
    }

    #[test]
    fn actions_that_come_without_money_are_no_saturation() {
        let mut desk = Desk::new(12);
        let context = desk.context();
        let without = proposed(&desk, &context).unwrap();
        assert_eq!(without.experiment.straight(), 1.0);
        drop(context);
        let organic = |own: &Proposal| {
            // Half of the actions come anyhow, the others in proportion to money.
            let mut outcome = followed(own);
            let planned = own.experiment.design().planned();
            for (row, planned) in outcome.counts.iter_mut().zip(planned) {
                let each = 0.05 * planned[0] as f64;
                for count in row {
                    *count = (*count + each).round();
                }
            }
            outcome
        };
        for segment in &mut desk.draws.segments {
            let bought: f64 = segment.draws.iter().map(|own| own.ceiling).sum::<f64>() / 40.0;
            segment.draws.iter_mut().for_each(|own| own.baseline = 0.5 * bought);
        }
        let context = desk.context();
        let with = proposed(&desk, &context).unwrap();
        let told = |own: &Proposal| own.worth.exponent;
        assert!(told(&with) < 0.8 * told(&without), "{} {}", told(&with), told(&without));
        let straight = with.experiment.straight();
        assert!((0.2..0.9).contains(&straight), "{straight}");
        let narrow = Rule { half_width: 0.0, ..Rule::default() };
        let read = |straight: f64| {
            let own = &with.experiment;
            let weights = context_weights(&desk, own.design());
            let own = Experiment::new(own.design().clone(), weights, narrow, Seed(5)).unwrap();
            own.with_straight(straight).read(&organic(&with)).unwrap().verdict
        };
        assert_eq!(read(1.0), Verdict::Learnt, "taken for saturation");
        assert_eq!(read(0.45), Verdict::Underpowered);
    }

    fn context_weights(desk: &Desk, design: &Design) -> Vec<Vec<f64>> {
        Bench::new(&desk.context(), &desk.tables).noise.weights(design)
    }

    #[test]
    fn what_is_left_out_of_a_test_is_told_as_such() {
        let desk = Desk::new(12);
        let context = desk.context();
        let bench = Bench::new(&context, &desk.tables);
        let flight = bench.flight(8, 0.5);
        let wish = Wish { step: bench.step, block_weeks: 2, amplitude: 0.5 };
        let design = Design::new(&flight, &wish).unwrap();
        let outside: Vec<_> =
            design.at_plan().iter().filter(|left| left.reason == Reason::Outside).collect();
        assert_eq!(outside.len(), 2, "{outside:?}");
        assert_eq!((outside[0].audiences.len(), outside[0].weeks.len()), (6, 12));
        assert_eq!((outside[1].audiences.len(), &outside[1].weeks[..]), (6, &[8, 9, 10, 11][..]));
        // The others are weeks and audiences of the test's own.
        let own = design.at_plan().iter().filter(|left| left.reason != Reason::Outside);
        for left in own {
            assert!(left.weeks.iter().all(|week| *week < 8), "{left:?}");
            assert!(left.audiences.iter().all(|i| outside[1].audiences.contains(i)), "{left:?}");
        }
    }
}
