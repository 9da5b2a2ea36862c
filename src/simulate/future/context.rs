//! What every future of one simulation shares: segments, weeks, money, rules, shocks.

use std::collections::BTreeMap;

use pulp::Arch;

use crate::allocate::judge::odds;
use crate::allocate::plan::Plan;
use crate::allocate::problem::Problem;
use crate::allocate::rules::policy::PolicyName;
use crate::allocate::{Bounds, bounds};
use crate::campaign::{Campaign, matches};
use crate::rules::{Tables, forced_to_zero};
use crate::segment::{Attribute, Segment};
use crate::simulate::error::SimulateError;
use crate::simulate::inputs::{Inputs, Settings};
use crate::train::posterior::draws::Draws;

/// Segments × weeks with the money of the plan, and what may happen to it.
///
/// Tables of cells are `weeks × segments`, row-major.
#[derive(Debug, Clone)]
pub struct SimulationContext<'a> {
    /// Joint posterior draws, in the order of the plan's rows.
    pub draws: &'a Draws,
    /// The campaign.
    pub campaign: &'a Campaign,
    /// Number of segments.
    pub segments: usize,
    /// Number of weeks.
    pub weeks: usize,
    /// Money that may be spent.
    pub budget: f64,
    /// Row budgets of the plan, fixed costs included.
    pub plan: Vec<f64>,
    /// Media money of the plan by cell.
    pub plan_cells: Vec<f64>,
    /// Row budgets of the last split; `None` without history.
    pub last: Option<Vec<f64>>,
    /// Splits that the plan was compared with: name and row budgets.
    pub baselines: Vec<(PolicyName, Vec<f64>)>,
    /// Share of a segment's media money in each week, by cell.
    pub pacing: Vec<f64>,
    /// Media money that each segment spent in the weeks just before, the oldest first: people
    /// remember it. Empty where a flight begins with a new creative.
    pub past: Vec<Vec<f64>>,
    /// The rules of the campaign; its curves are not used.
    pub problem: Problem,
    /// Most media money of each segment in any one week, where a default bounds it.
    pub weekly: Vec<f64>,
    /// g CO2e per impression.
    pub grams: Vec<f64>,
    /// What may happen, from the campaign file.
    pub shocks: Vec<ShockCells>,
    /// Mean share of a week's money that platforms leave unspent.
    pub unspent: f64,
    /// Season's factor by draw, network and week of the horizon.
    seasons: Vec<f64>,
    /// Whether the form of any curve is open.
    pub is_open: bool,
    /// The widest vector registers at hand; results do not depend on it.
    pub arch: Arch,
}

/// A shock of the campaign file, and the cells it hits.
#[derive(Debug, Clone, PartialEq)]
pub struct ShockCells {
    /// Probability that it happens.
    pub probability: f64,
    /// Multiplies CPM.
    pub cpm: f64,
    /// Multiplies actions; at 0 nothing is shown and nothing is spent.
    pub actions: f64,
    /// Cells that it hits.
    pub cells: Vec<usize>,
}

impl<'a> SimulationContext<'a> {
    /// Checks that plan, draws and campaign belong together and lays them out.
    ///
    /// # Errors
    ///
    /// [`SimulateError`] names what does not fit.
    pub fn new(inputs: &Inputs<'a>, settings: &Settings) -> Result<Self, SimulateError> {
        let Inputs { draws, plan, campaign, tables } = inputs;
        check_rows(inputs)?;
        check_draws(draws)?;
        let weeks = campaign.weeks().len();
        if !draws.weeks.is_empty() && draws.weeks.len() != weeks {
            let draws = draws.weeks.len();
            return Err(SimulateError::OtherWeeks { flight: weeks, draws });
        }
        let segments = plan.rows.len();
        let audience = || draws.segments.iter().map(|segment| &segment.segment);
        let last: Option<Vec<f64>> = plan.rows.iter().map(|row| row.last).collect();
        let last = last.filter(|last| last.iter().sum::<f64>() > 0.0);
        let forbidden = forced_to_zero(&plan.findings);
        let media: Vec<f64> = plan.rows.iter().map(|row| row.budget - row.fixed_cost).collect();
        let Bounds { problem, weekly } =
            bounds(campaign, draws, &forbidden, last.as_deref(), tables, &media)
                .map_err(|error| SimulateError::Rules(Box::new(error)))?;
        let mut plan_cells = vec![0.0; weeks * segments];
        for (i, row) in plan.rows.iter().enumerate() {
            // A plan of very many rows leaves the weeks out: even by days then.
            if row.weeks.is_empty() {
                for (week, days) in campaign.days_by_week().into_iter().enumerate() {
                    let share = f64::from(days) / f64::from(campaign.flight.days());
                    plan_cells[week * segments + i] = (row.budget - row.fixed_cost) * share;
                }
            }
            for (week, money) in row.weeks.iter().take(weeks).enumerate() {
                // The fixed cost is in the first week, as the plan has it.
                let fixed = if week == 0 { row.fixed_cost } else { 0.0 };
                plan_cells[week * segments + i] = (money.budget - fixed).max(0.0);
            }
        }
        let networks: Vec<usize> = draws.segments.iter().map(|segment| segment.network).collect();
        let baselines = plan.baselines.iter().filter(|other| other.budgets.len() == segments);
        Ok(Self {
            draws,
            campaign,
            segments,
            weeks,
            budget: plan.budget,
            plan: plan.rows.iter().map(|row| row.budget).collect(),
            pacing: pacing(&plan_cells, &networks, &campaign.days_by_week()),
            plan_cells,
            last,
            past: past(plan),
            baselines: baselines.map(|b| (b.name, b.budgets.clone())).collect(),
            problem,
            weekly,
            grams: audience().map(|segment| grams(segment, tables)).collect(),
            shocks: shocks(campaign, draws, tables),
            unspent: settings.unspent,
            seasons: (0..draws.len() * draws.networks.len())
                .flat_map(|at| draws.season(at / draws.networks.len(), at % draws.networks.len()))
                .collect(),
            is_open: odds::is_open(draws),
            arch: Arch::new(),
        })
    }

    /// Media money by cell of row budgets, spread like the plan's.
    #[must_use]
    pub fn cells(&self, budgets: &[f64]) -> Vec<f64> {
        let media = |i: usize| (budgets[i] - self.problem.variables[i].fixed_cost).max(0.0);
        (0..self.weeks * self.segments)
            .map(|cell| self.pacing[cell] * media(cell % self.segments))
            .collect()
    }

    /// Season's factors of a network in a draw, by week of the horizon.
    #[must_use]
    pub fn season(&self, draw: usize, network: usize) -> &[f64] {
        let n = self.draws.season_len();
        let from = (draw * self.draws.networks.len() + network) * n;
        &self.seasons[from..from + n]
    }

    /// What a segment spent in the weeks just before, the oldest first.
    #[must_use]
    pub fn past_of(&self, segment: usize) -> &[f64] {
        self.past.get(segment).map_or(&[], Vec::as_slice)
    }

    /// The split of this name that the plan was compared with.
    #[must_use]
    pub fn baseline(&self, name: PolicyName) -> Option<Vec<f64>> {
        self.baselines.iter().find(|(known, _)| *known == name).map(|(_, budgets)| budgets.clone())
    }

    /// Whether a segment may get money at all.
    #[must_use]
    pub fn is_open(&self, segment: usize) -> bool {
        self.problem.variables[segment].max > 0.0
    }

    /// Divides the budget in proportion to weights, 0 for segments that may not be funded.
    #[must_use]
    pub fn in_proportion(&self, weights: impl Iterator<Item = f64>) -> Vec<f64> {
        let open = weights.enumerate().map(|(i, w)| if self.is_open(i) { w } else { 0.0 });
        let weights: Vec<f64> = open.collect();
        let total: f64 = weights.iter().sum();
        weights.iter().map(|w| if total > 0.0 { self.budget * w / total } else { 0.0 }).collect()
    }
}

/// What the segments of a running flight spent so far, week by week; empty for a new flight.
fn past(plan: &Plan) -> Vec<Vec<f64>> {
    let held = plan.resumed.iter().flat_map(|resumed| &resumed.rows);
    let weekly: BTreeMap<&str, &Vec<f64>> =
        held.map(|row| (row.segment.as_str(), &row.weekly)).collect();
    if weekly.values().all(|weeks| weeks.iter().all(|money| *money <= 0.0)) {
        return Vec::new();
    }
    let of = |segment: &str| weekly.get(segment).map_or_else(Vec::new, |weeks| (*weeks).clone());
    plan.rows.iter().map(|row| of(&row.segment)).collect()
}

fn check_rows(inputs: &Inputs<'_>) -> Result<(), SimulateError> {
    let (rows, segments) = (&inputs.plan.rows, &inputs.draws.segments);
    if rows.is_empty() {
        return Err(SimulateError::NoRows);
    }
    for (i, row) in rows.iter().enumerate() {
        let there = segments.get(i).map_or("", |segment| segment.segment.id.as_str());
        if there != row.segment {
            return Err(SimulateError::OtherSegments {
                row: i + 1,
                plan: row.segment.clone(),
                draws: there.to_owned(),
            });
        }
    }
    if segments.len() > rows.len() {
        return Err(SimulateError::OtherSegments {
            row: rows.len() + 1,
            plan: String::new(),
            draws: segments[rows.len()].segment.id.clone(),
        });
    }
    Ok(())
}

/// A model file is untrusted: every number that enters a loop is looked at once.
fn check_draws(draws: &Draws) -> Result<(), SimulateError> {
    const SHAPE: &str = "a finite number above -1 other than 0";
    const SIGNED: &str = "a finite number with the sign of the shape";
    const SHARE: &str = "a number from 0 to below 1";
    const NOT_NEGATIVE: &str = "a finite number of at least 0";
    if draws.is_empty() {
        return Err(SimulateError::NoDraws);
    }
    let positive = |x: f64| (f64::MIN_POSITIVE..f64::INFINITY).contains(&x);
    let not_negative = |x: f64| (0.0..f64::INFINITY).contains(&x);
    for segment in &draws.segments {
        for (d, draw) in segment.draws.iter().enumerate() {
            for (parameter, found, good, allowed) in [
                ("shape", draw.shape, draw.shape > -1.0 && positive(draw.shape.abs()), SHAPE),
                ("ceiling", draw.ceiling, not_negative(draw.ceiling * draw.shape), SIGNED),
                ("scale", draw.scale, positive(draw.scale * draw.shape), SIGNED),
                ("cpm_rise", draw.cpm_rise, (0.0..1.0).contains(&draw.cpm_rise), SHARE),
                ("baseline", draw.baseline, not_negative(draw.baseline), NOT_NEGATIVE),
            ] {
                if !good {
                    let segment = segment.segment.id.clone();
                    let draw = d + 1;
                    return Err(SimulateError::BadDraw {
                        segment,
                        draw,
                        parameter,
                        found,
                        allowed,
                    });
                }
            }
        }
    }
    for (d, shared) in draws.shared.iter().enumerate() {
        let bad = |segment: &str, parameter, found, allowed| SimulateError::BadDraw {
            segment: segment.to_owned(),
            draw: d + 1,
            parameter,
            found,
            allowed,
        };
        if !(0.0..=1.0).contains(&shared.carryover) {
            return Err(bad("ρ", "carryover", shared.carryover, SHARE));
        }
        for sd in [shared.shock_sd, shared.delivery_sd] {
            if !(0.0..10.0).contains(&sd) {
                return Err(bad("noise", "standard deviation", sd, "a number from 0 to 10"));
            }
        }
        for (network, phi) in draws.networks.iter().zip(&shared.dispersion) {
            // An infinite dispersion is a Poisson law: allowed.
            if phi.is_nan() || *phi <= 0.0 {
                return Err(bad(network, "dispersion", *phi, "a number above 0"));
            }
        }
        if let Some(log) = shared.log_season.iter().find(|log| log.is_nan() || log.abs() >= 50.0) {
            return Err(bad("season", "log season", *log, "a number between −50 and 50"));
        }
    }
    Ok(())
}

/// Shares of the weeks: a segment's own where the plan funds it, else those of its network's
/// money, else those of all money, else by days.
fn pacing(cells: &[f64], networks: &[usize], days: &[u32]) -> Vec<f64> {
    let (segments, weeks) = (networks.len(), days.len());
    let all_days: u32 = days.iter().sum();
    let by_days: Vec<f64> = days.iter().map(|d| f64::from(*d) / f64::from(all_days)).collect();
    let shares = |member: &dyn Fn(usize) -> bool| -> Option<Vec<f64>> {
        let row = |week: usize| &cells[week * segments..(week + 1) * segments];
        let sum = |week: usize| (0..segments).filter(|i| member(*i)).map(|i| row(week)[i]).sum();
        let by_week: Vec<f64> = (0..weeks).map(sum).collect();
        let total: f64 = by_week.iter().sum();
        (total > 0.0).then(|| by_week.iter().map(|money| money / total).collect())
    };
    let overall = shares(&|_| true).unwrap_or(by_days);
    let n_networks = networks.iter().max().map_or(0, |n| n + 1);
    let by_network: Vec<Vec<f64>> = (0..n_networks)
        .map(|n| shares(&|i| networks[i] == n).unwrap_or_else(|| overall.clone()))
        .collect();
    let mut pacing = vec![0.0; cells.len()];
    for i in 0..segments {
        let total: f64 = (0..weeks).map(|week| cells[week * segments + i]).sum();
        for (week, usual) in by_network[networks[i]].iter().enumerate() {
            let cell = week * segments + i;
            pacing[cell] = if total > 0.0 { cells[cell] / total } else { *usual };
        }
    }
    pacing
}

fn grams(segment: &Segment, tables: &Tables) -> f64 {
    let network = segment.get(Attribute::Network).unwrap_or_default();
    tables.carbon().grams_per_impression(network, segment.get(Attribute::Format)).grams
}

fn shocks(campaign: &Campaign, draws: &Draws, tables: &Tables) -> Vec<ShockCells> {
    let contains = |parent: &str, child: &str| tables.contains(parent, child);
    let segments = draws.segments.len();
    let weeks = campaign.weeks();
    let cells = |shock: &crate::campaign::Shock| {
        let hit = |i: &usize| {
            matches(&draws.segments[*i].segment.attributes, &shock.conditions, &contains)
        };
        let felt = weeks.iter().enumerate().filter(|(_, w)| (shock.from..=shock.to).contains(*w));
        felt.flat_map(|(week, _)| {
            (0..segments).filter(hit).map(move |i| week * segments + i).collect::<Vec<_>>()
        })
        .collect()
    };
    campaign
        .shocks
        .iter()
        .map(|shock| ShockCells {
            probability: shock.probability,
            cpm: shock.cpm,
            actions: shock.actions,
            cells: cells(shock),
        })
        .collect()
}
