//! From a request to a plan: resolve, divide, judge, explain.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::baselines::baselines;
use super::beyond::beyond_use;
use super::choosing::choose::choose as choose_split;
use super::context::PlanContext;
use super::explain::{BindingRule, Explainer};
use super::request::{KnownPlanRequest, PlanRequest};
use super::row::{Row, WeekBudget};
use super::rows::{Columns, ROWS_IN_FULL, Rows};
use super::{ByDraw, Certificate, Plan, Price, Promise, Promised, Source, Totals, VERSION, extras};
use crate::allocate::candidates::evidence::Evidence;
use crate::allocate::error::AllocateError;
use crate::allocate::judge::{account, warned};
use crate::allocate::problem::bound::{Limit, LimitUnit, RuleName};
use crate::allocate::problem::drawn::{Drawn, Gain, range};
use crate::allocate::problem::{Problem, relative};
use crate::allocate::rules::emissions::{Cap, Charge, Emissions};
use crate::allocate::rules::held::CommittedSpend;
use crate::allocate::rules::pacing::split_minor;
use crate::allocate::rules::resolve::resolve;
use crate::allocate::rules::resolved::{Candidate, Resolved, RuleKind, Trust};
use crate::allocate::rules::{emissions, pacing, shocks, trust};
use crate::allocate::solver::search::Settings;
use crate::allocate::solver::sides::Sides;
use crate::allocate::solver::solve::{Unsolvable, maximise};
use crate::campaign::{Campaign, Levers, matches};
use crate::random::Seed;
use crate::rules::finding::{Finding, Reader};
use crate::rules::{RowFigures, Tables, forced_to_zero};
use crate::segment::{Attribute, Segment};
use crate::train::posterior::draws::Draws;

/// Beyond so many rows a plan keeps to the essentials: no chart points, no second solves.
const ROWS_WITH_EXTRAS: usize = 1_000;
/// Rows of a plan in columns that are kept in full, for those who show a few.
const ROWS_SHOWN: usize = 40;

/// The finding on networks that may refuse the subject while others would not.
const SENSITIVE: &str = "sensitive-topic";

/// Divides a campaign's budget over a model's draws.
///
/// # Errors
///
/// [`AllocateError`] when the rules leave no plan.
pub fn plan(request: &PlanRequest<'_>) -> Result<Plan, AllocateError> {
    divide(request, None)
}

/// Divides what is left of a running flight: the campaign's budget is the whole flight's, its
/// days are those left, and what is spent stays spent.
///
/// # Errors
///
/// [`AllocateError`] when the rules leave no plan for the rest.
pub fn plan_rest(request: &PlanRequest<'_>, held: &CommittedSpend) -> Result<Plan, AllocateError> {
    divide(request, Some(held))
}

fn divide(request: &PlanRequest<'_>, held: Option<&CommittedSpend>) -> Result<Plan, AllocateError> {
    let campaign = request.campaign;
    let felt: Vec<&Segment> = request.choose.segments.iter().map(|own| &own.segment).collect();
    let worlds = shocks::worlds(campaign, &felt, request.tables);
    let drawn = |draws| {
        let fresh = Drawn::new(draws, campaign, &campaign.points).amid(worlds.clone());
        match held {
            Some(held) if !held.weekly.is_empty() => fresh.after(held.weekly.clone()),
            _ => fresh,
        }
    };
    let (choose, promise) = (drawn(request.choose), drawn(request.promise));
    let segments: Vec<Segment> =
        request.choose.segments.iter().map(|s| s.segment.clone()).collect();
    let findings = request.findings(&segments, None);
    let forbidden = forced_to_zero(&findings);
    let refused: BTreeSet<String> = findings
        .iter()
        .filter(|finding| finding.code == SENSITIVE)
        .flat_map(|finding| finding.segments.iter().cloned())
        .collect();
    let candidates = drawn_candidates(request, &choose, &forbidden);
    let emissions = emissions(&promise, campaign, request.tables);
    let reference = scaled(request.last, campaign.budget.as_f64());
    let mut resolved = resolve(campaign, &candidates, request.tables, reference.as_deref())?;
    if let Some(held) = held {
        held.take_off(&mut resolved.problem, campaign);
    }
    // What is spent already cannot move any more.
    let movable = reference.as_ref().map(|last| match held {
        Some(held) => last.iter().zip(&held.spent).map(|(s, gone)| (s - gone).max(0.0)).collect(),
        None => last.clone(),
    });
    let reference = held.map_or(reference, |held| Some(held.left.clone()));
    let trust = Trust::of(campaign, &candidates, &resolved, movable.as_deref(), &request.settings);
    let is_bounded = trust.is_some();
    let name = |resolved: &Resolved, trouble| resolved.name(trouble, campaign, &candidates);
    let own = campaign.limits.carbon_price.unwrap_or(0.0);
    let chosen = |resolved: &mut Resolved, more: f64| {
        let charge = Charge { emissions: &emissions, price: own + more };
        choose_within(trust.as_ref(), resolved, &|resolved| {
            choose_split(&choose, campaign, charge, resolved, &request.settings)
        })
    };
    let gone = held.map_or(0.0, |held| emissions.so_far(&held.weekly));
    let cap = cap(campaign, &resolved, &emissions, gone);
    let (solution, draw_table) = match &cap {
        Some(cap) => cap.choose(&mut resolved, &chosen, &request.settings),
        None => chosen(&mut resolved, 0.0),
    }
    .map_err(|trouble| name(&resolved, trouble))?;
    let evidence = Evidence::Drawn { choose: &choose, promise: &promise };
    let context = PlanContext {
        campaign,
        candidates: &candidates,
        resolved: &resolved,
        solution: &solution,
        evidence: &evidence,
        reference: reference.as_deref(),
        language: request.language,
        tables: request.tables,
        draws: Some(request.choose),
        draw_table: Some(&draw_table),
        emissions: Some(&emissions),
        refused: &refused,
    };
    let around = !request.bare;
    let mut plan = context.plan(request.fingerprint, request.seed, &request.settings, around);
    let figures = context.figures(&plan);
    plan.findings.extend(request.findings(&segments, Some(&figures)));
    let media = context.media(&solution.spend);
    let of = |drawn: &Drawn<'_>| drawn.total_by_draw(Gain::Value, &media);
    request.account(&mut plan, &of(&choose), &of(&promise));
    plan.without_shocks = (!campaign.shocks.is_empty()).then(|| {
        let calm = promise.clone().amid(Vec::new());
        let total = |gain| range(&calm.total_by_draw(gain, &media));
        Totals { actions: total(Gain::Actions), value: total(Gain::Value) }
    });
    plan.findings.extend(is_bounded.then(|| warned::gave_way(request, &plan, &resolved)).flatten());
    plan.findings.extend(warned::followed(request));
    plan.findings.extend(warned::seen_once(request, &plan));
    plan.findings.extend(warned::of_asked(request, held.is_some()));
    plan.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Ok(plan)
}

/// How the defaults are opened further, time after time, where no whole segments fit within them.
pub(crate) const OPENED: [f64; 4] = [1.0, 1.3, 2.0, 5.0];

/// Chooses within what bounds the plan by default; where that leaves no plan of whole segments, the
/// bounds give way until they are gone.
fn choose_within<T>(
    trust: Option<&Trust>,
    resolved: &mut Resolved,
    choose: &dyn Fn(&mut Resolved) -> Result<T, Unsolvable>,
) -> Result<T, Unsolvable> {
    let written = resolved.clone();
    for times in OPENED {
        let Some(trust) = trust else { break };
        *resolved = written.clone();
        let wider = trust.wider(times);
        wider.apply(resolved);
        resolved.trust = Some(wider);
        if let Ok(chosen) = choose(resolved) {
            return Ok(chosen);
        }
    }
    *resolved = written;
    choose(resolved)
}

/// The rules of a campaign for the segments of some draws, as a problem of pure numbers whose
/// curves are flat: for those who bring their own, such as the policies of a simulation.
///
/// # Errors
///
/// [`AllocateError`] when a rule needs what is not there.
pub fn rules(
    campaign: &Campaign,
    draws: &Draws,
    forbidden: &BTreeSet<String>,
    last: Option<&[f64]>,
    tables: &Tables,
) -> Result<Problem, AllocateError> {
    let nothing = vec![0.0; draws.segments.len()];
    Ok(bounds(campaign, draws, forbidden, last, tables, &nothing)?.problem)
}

/// The rules of a campaign, and the most media money of each segment in any one week that its
/// history vouches for by default: those who divide what is left of a flight week by week must not
/// give a last week what the whole flight may have.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// The rules.
    pub problem: Problem,
    /// Media money of a week, by segment; infinite where no default bounds it.
    pub weekly: Vec<f64>,
}

/// The rules of a campaign with the bounds of single weeks; a cap on emissions is seen from a plan,
/// its media money by segment.
///
/// # Errors
///
/// As [`rules`].
pub fn bounds(
    campaign: &Campaign,
    draws: &Draws,
    forbidden: &BTreeSet<String>,
    last: Option<&[f64]>,
    tables: &Tables,
    at: &[f64],
) -> Result<Bounds, AllocateError> {
    let drawn = Drawn::new(draws, campaign, &campaign.points);
    let candidates = candidates(draws, &drawn, forbidden);
    let reference = scaled(last, campaign.budget.as_f64());
    let mut resolved = resolve(campaign, &candidates, tables, reference.as_deref())?;
    let emissions = emissions(&drawn, campaign, tables);
    if let Some(cap) = cap(campaign, &resolved, &emissions, 0.0) {
        resolved.problem.rules[cap.rule] = cap.tangent(&resolved.problem.variables, at);
    }
    let mut weekly = vec![f64::INFINITY; candidates.len()];
    let settings = Settings::default();
    let reference = reference.as_deref();
    if let Some(trust) = Trust::of(campaign, &candidates, &resolved, reference, &settings) {
        trust.apply(&mut resolved);
        for (i, (week, candidate)) in weekly.iter_mut().zip(&candidates).enumerate() {
            if let Some(ceiling) = trust.ceiling(i) {
                let variable = &resolved.problem.variables[i];
                let most = ceiling.max(variable.max) - variable.fixed_cost;
                *week = most.max(0.0) * trust::busiest(candidate.pacing);
            }
        }
    }
    Ok(Bounds { problem: resolved.problem, weekly })
}

fn drawn_candidates<'a>(
    request: &'a PlanRequest<'_>,
    drawn: &'a Drawn<'_>,
    forbidden: &BTreeSet<String>,
) -> Vec<Candidate<'a>> {
    candidates(request.choose, drawn, forbidden)
}

pub(crate) fn candidates<'a>(
    draws: &'a Draws,
    drawn: &'a Drawn<'_>,
    forbidden: &BTreeSet<String>,
) -> Vec<Candidate<'a>> {
    draws
        .segments
        .iter()
        .enumerate()
        .map(|(i, own)| Candidate {
            id: &own.segment.id,
            attributes: &own.segment.attributes,
            known: None,
            observed: own.observed_spend,
            pacing: drawn.pacing_of(i),
            forbidden: forbidden.contains(&own.segment.id),
            ground: own.ground,
        })
        .collect()
}

/// The account of emissions of a campaign's segments.
fn emissions<'a>(drawn: &'a Drawn<'_>, campaign: &Campaign, tables: &Tables) -> Emissions<'a> {
    let grams = |segment: &Segment| {
        let network = segment.get(Attribute::Network).unwrap_or_default();
        tables.carbon().grams_per_impression(network, segment.get(Attribute::Format)).grams
    };
    let grams = drawn.draws.segments.iter().map(|own| grams(&own.segment)).collect();
    Emissions::new(drawn, grams, campaign.budget.as_f64())
}

/// The campaign's cap on emissions, less what is emitted already.
fn cap<'a>(
    campaign: &Campaign,
    resolved: &Resolved,
    emissions: &'a Emissions<'a>,
    gone: f64,
) -> Option<Cap<'a>> {
    let rule = resolved.kinds.iter().position(|kind| *kind == RuleKind::Carbon)?;
    let kilograms = (campaign.limits.carbon_kg? - gone).max(0.0);
    Some(Cap { emissions, rule, kilograms })
}

/// Weights scaled to a budget; `None` when they are all 0.
pub(crate) fn scaled(weights: Option<&[f64]>, budget: f64) -> Option<Vec<f64>> {
    let weights = weights?;
    let sum: f64 = weights.iter().sum();
    (sum > 0.0).then(|| weights.iter().map(|weight| weight / sum * budget).collect())
}

/// Positions of the segments that a campaign may fund: audiences that its conditions cover and,
/// unless it takes any lever, that can be bought by themselves. What is not broken down is none.
#[must_use]
pub fn eligible(
    segments: &[Segment],
    bought: impl Fn(usize) -> bool,
    campaign: &Campaign,
    tables: &Tables,
) -> Vec<usize> {
    let contains = |parent: &str, child: &str| tables.contains(parent, child);
    (0..segments.len())
        .filter(|&i| segments[i].is_audience())
        .filter(|&i| campaign.selection.levers == Levers::Any || bought(i))
        .filter(|&i| matches(&segments[i].attributes, &campaign.selection.conditions, &contains))
        .collect()
}

/// Divides a campaign's budget over known curves.
///
/// ```
/// use std::path::Path;
///
/// use relais::allocate::{KnownPlanRequest, Settings, plan_curves, read_curves};
/// use relais::campaign::Campaign;
/// use relais::check;
/// use relais::language::Language;
/// use relais::random::Seed;
/// use relais::reference::Reference;
/// use relais::rules::Tables;
///
/// let curves = "segment,form,p1,p2,p3\nlyon,hill,900,400,1\nnice,exponential,500,300,\n";
/// let curves = read_curves(curves.as_bytes(), "curves.csv")?;
/// let text = "title = \"t\"\nbudget = \"1000 EUR\"\n\
///             flight = { start = 2027-03-01, end = 2027-03-28 }\n";
/// let campaign = Campaign::parse(text, Path::new("campaign.toml"))?;
/// let plan = plan_curves(&KnownPlanRequest {
///     campaign: &campaign,
///     curves: &curves,
///     tables: &Tables::load(&Reference::default())?,
///     language: Language::En,
///     seed: Seed(1),
///     fingerprint: "curves",
///     settings: Settings::default(),
/// })?;
/// assert_eq!(plan.rows.iter().map(|row| row.budget).sum::<f64>(), plan.spent);
/// // Other code than the solver's agrees.
/// assert!(check::over_curves(&plan, &campaign, &curves, "curves").differences.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`AllocateError`] when the rules leave no plan.
pub fn plan_curves(request: &KnownPlanRequest<'_>) -> Result<Plan, AllocateError> {
    let campaign = request.campaign;
    let pacing = pacing::shares(campaign, None);
    let nothing = BTreeMap::new();
    let candidates: Vec<Candidate<'_>> = request
        .curves
        .iter()
        .map(|known| Candidate {
            id: &known.segment,
            attributes: &nothing,
            known: Some(known),
            observed: 0.0,
            pacing: &pacing,
            forbidden: false,
            ground: None,
        })
        .collect();
    let resolved = resolve(campaign, &candidates, request.tables, None)?;
    let solution = maximise(&resolved.problem, &request.settings)
        .map_err(|trouble| resolved.name(trouble, campaign, &candidates))?;
    let evidence = Evidence::Known(request.curves);
    let context = PlanContext {
        campaign,
        candidates: &candidates,
        resolved: &resolved,
        solution: &solution,
        evidence: &evidence,
        reference: None,
        language: request.language,
        tables: request.tables,
        draws: None,
        draw_table: None,
        emissions: None,
        refused: &BTreeSet::new(),
    };
    Ok(context.plan(request.fingerprint, request.seed, &request.settings, true))
}

impl<'a> PlanContext<'a> {
    /// What emissions cost by the campaign's own price.
    pub(crate) fn charge(&self) -> Option<Charge<'a>> {
        let price = self.campaign.limits.carbon_price.unwrap_or(0.0);
        self.emissions.map(|emissions| Charge { emissions, price })
    }

    /// `around`: with what is asked around the division, where the rows are not too many.
    fn plan(&self, fingerprint: &str, seed: Seed, settings: &Settings, around: bool) -> Plan {
        let problem = &self.resolved.problem;
        let solution = self.solution;
        let extras = around && self.candidates.len() <= ROWS_WITH_EXTRAS;
        let media = self.media(&solution.spend);
        let by_draw = self.evidence.value_by_draw(&media);
        let value = range(&by_draw);
        let actions = range(&self.evidence.actions_by_draw(&media));
        let source = match self.evidence {
            Evidence::Known(_) => Source::Curves,
            Evidence::Drawn { promise, .. } => Source::Draws { draws: promise.draws.len() as u64 },
        };
        let chosen = self.evidence.chosen_value(&media);
        let units = problem.minor_per_unit as f64;
        let spent_minor: i64 = solution.minor.iter().sum();
        let left = problem.budget_minor - spent_minor;
        let explainer = Explainer::new(self);
        let certificate = Certificate {
            objective: solution.objective,
            upper_bound: solution.upper_bound,
            gap: solution.gap,
            gap_before_rounding: relative(solution.upper_bound, solution.unrounded).max(0.0),
            status: solution.status,
            nodes: solution.nodes,
        };
        let row = |i: usize| self.row(i, &explainer, extras);
        let rows: Rows = match self.evidence {
            Evidence::Known(_) if media.len() > ROWS_IN_FULL => {
                let first = (0..ROWS_SHOWN).map(row).collect();
                self.columns(&media, &explainer).beginning_with(first).into()
            }
            _ => (0..media.len()).into_par_iter().map(row).collect::<Vec<Row>>().into(),
        };
        let left_told = (left > 0).then(|| explainer.left_because(left as f64 / units));
        let carbon = |row: &Row| if row.budget > 0.0 { row.carbon_g } else { Some(0.0) };
        Plan {
            version: VERSION,
            currency: Some(self.campaign.budget.currency()),
            budget: problem.budget(),
            spent: spent_minor as f64 / units,
            left_because: left_told
                .as_ref()
                .map(|told| told.say(self.language, Some(self.campaign.budget.currency()))),
            left_told,
            promise: Some(Promise {
                actions: Promised { range: actions, source },
                value: Promised { range: value, source },
            }),
            actions,
            value,
            expected: None,
            without_shocks: None,
            next_test: None,
            incremental: self.evidence.incremental(&media),
            by_draw: Some(ByDraw::of(self.evidence, &media, &by_draw, seed)),
            findings: self.findings(&certificate, value.mean, settings, extras),
            certificate,
            chosen_over_promised: if value.mean > 0.0 { chosen / value.mean } else { 1.0 },
            prices: self.prices(extras, settings),
            carbon_g: match self.evidence {
                Evidence::Known(_) => None,
                Evidence::Drawn { .. } => rows.iter().map(carbon).sum(),
            },
            rows,
            baselines: if extras { baselines(self, &by_draw, &media, seed) } else { Vec::new() },
            budget_curve: if extras {
                extras::budget_curve(self, value.mean, settings)
            } else {
                Vec::new()
            },
            sensitivity: if extras { extras::sensitivity(self, settings) } else { Vec::new() },
            carbon_frontier: if extras {
                extras::carbon_frontier(self, value.mean, settings)
            } else {
                Vec::new()
            },
            carryover_range: extras::carryover_range(self, &media),
            fallback: extras::fallback(self, settings),
            resumed: None,
            next: if extras { extras::next_money(self, settings) } else { None },
            campaign: Some(self.campaign.clone()),
            fingerprint: fingerprint.to_owned(),
            tables: self.tables.fingerprints().clone(),
            seed,
            digest: None,
        }
    }

    /// What the division itself has to say.
    fn findings(
        &self,
        certificate: &Certificate,
        promised: f64,
        settings: &Settings,
        extras: bool,
    ) -> Vec<Finding> {
        let reader = Reader {
            language: self.language,
            currency: Some(self.campaign.budget.currency()),
            overrides: &self.campaign.overrides,
        };
        let beyond = extras.then(|| beyond_use(self, promised, settings, &reader)).flatten();
        account::unproven(certificate, &reader).into_iter().chain(beyond).collect()
    }

    /// Media money of rows: without fixed costs.
    pub(crate) fn media(&self, budgets: &[f64]) -> Vec<f64> {
        emissions::media(&self.resolved.problem, budgets)
    }

    fn row(&self, i: usize, explainer: &Explainer<'_>, extras: bool) -> Row {
        let candidate = &self.candidates[i];
        let variable = &self.resolved.problem.variables[i];
        let budget = self.solution.spend[i];
        let media = (budget - variable.fixed_cost).max(0.0);
        let (value, actions) = self.evidence.row(i, media);
        let hold = explainer.hold(i);
        let (impressions, reach) = match self.evidence {
            Evidence::Known(_) => (None, None),
            Evidence::Drawn { promise, .. } => {
                let (impressions, reach, _) = promise.figures(i, media);
                (impressions, reach)
            }
        };
        let emitted = self.emissions.and_then(|emissions| emissions.of(i, media));
        let busiest = candidate.pacing.iter().copied().fold(0.0, f64::max);
        let last = self.reference.map(|reference| reference[i]);
        let decides = 2.0 * media.max(last.unwrap_or(0.0));
        let chart_top = {
            let seen = candidate.observed / busiest.max(1e-9);
            (1.5 * media)
                .max(1.2 * last.unwrap_or(0.0))
                .max(1.2 * seen)
                .max(0.1 * self.resolved.problem.budget() / self.candidates.len() as f64)
        };
        let reason = explainer.reason(i, &hold);
        Row {
            segment: candidate.id.to_owned(),
            attributes: candidate.attributes.clone(),
            budget,
            fixed_cost: if budget > 0.0 { variable.fixed_cost } else { 0.0 },
            per_day: media / f64::from(self.campaign.flight.days()),
            weeks: if self.candidates.len() <= ROWS_IN_FULL {
                self.weeks(i, variable.fixed_cost)
            } else {
                Vec::new()
            },
            last,
            value,
            actions,
            impressions,
            reach,
            carbon_g: emitted.map(|(kilograms, _)| 1000.0 * kilograms),
            marginal: variable.brings(budget),
            marginal_last: last.map(|last| variable.brings(last)),
            at_limit: hold.limit(),
            reason: reason.say(self.language, Some(self.campaign.budget.currency())),
            reason_told: Some(reason),
            extrapolates: candidate.observed > 0.0
                && media * busiest > candidate.observed * (1.0 + 1e-9),
            prior_only: self.draws.is_some_and(|draws| draws.segments[i].prior_only),
            observed_spend: candidate.observed,
            curve: if extras {
                self.evidence.curve(i, if decides > 0.0 { decides } else { chart_top }, chart_top)
            } else {
                Vec::new()
            },
        }
    }

    /// Rows over known curves in columns.
    fn columns(&self, media: &[f64], explainer: &Explainer<'_>) -> Columns {
        let (variables, spend) = (&self.resolved.problem.variables, &self.solution.spend);
        let days = f64::from(self.campaign.flight.days());
        let each = |of: &(dyn Fn(usize) -> f64 + Sync)| -> Vec<f64> {
            (0..variables.len()).into_par_iter().map(of).collect()
        };
        let fixed = |i: usize| if spend[i] > 0.0 { variables[i].fixed_cost } else { 0.0 };
        Columns::of_segments(self.candidates.iter().map(|candidate| candidate.id))
            .with("budget", spend.clone())
            .with("fixed_cost", each(&fixed))
            .with("per_day", each(&|i| media[i] / days))
            .with("value.mean", each(&|i| self.evidence.row(i, media[i]).0.mean))
            .with("marginal", each(&|i| variables[i].slope(spend[i])))
            .held_by((0..variables.len()).map(|i| explainer.hold(i).limit()))
    }

    /// Money by week: the fixed cost in the first, media money by pacing.
    fn weeks(&self, i: usize, fixed_cost: f64) -> Vec<WeekBudget> {
        let units = self.resolved.problem.minor_per_unit as f64;
        let total = self.solution.minor[i];
        let fixed = ((fixed_cost * units).round() as i64).min(total);
        let mut parts = split_minor(total - fixed, self.candidates[i].pacing);
        if let Some(first) = parts.first_mut() {
            *first += fixed;
        }
        let weeks = self.campaign.weeks().into_iter().zip(parts);
        weeks.map(|(week, part)| WeekBudget { week, budget: part as f64 / units }).collect()
    }

    fn prices(&self, extras: bool, settings: &Settings) -> Vec<Price> {
        let problem = &self.resolved.problem;
        let solution = self.solution;
        let spent = solution.spend.iter().sum();
        let mut prices = vec![Price {
            default: false,
            rule: RuleName::Budget,
            price: solution.prices.budget.more,
            price_less: solution.prices.budget.kink(),
            cost: None,
            limit: problem.budget(),
            used: spent,
            unit: LimitUnit::Money,
        }];
        for (j, (rule, kind)) in problem.rules.iter().zip(&self.resolved.kinds).enumerate() {
            let price = solution.prices.rules[j];
            let holds = price != Sides::default();
            let limit =
                if price.holding() < 0.0 || rule.high.is_infinite() { rule.low } else { rule.high };
            let used = rule.used(&solution.spend);
            // The rule is the cap's tangent at the plan: there both are as far from their limit.
            let emitted = self.emissions.filter(|_| *kind == RuleKind::Carbon);
            let (used, limit) = emitted.map_or((used, limit), |emissions| {
                let emitted = emissions.total(&self.media(&solution.spend));
                (emitted, emitted + limit - used)
            });
            // A count of segments speaks through who is on, not through money.
            let full = *kind == RuleKind::Funded && used >= limit - 0.5;
            prices.push(Price {
                default: *kind == RuleKind::Untried,
                rule: kind.name(),
                price: price.more,
                price_less: price.kink(),
                cost: (extras && (holds || full) && prices.len() <= 40)
                    .then(|| extras::cost_of_rule(self, j, settings))
                    .flatten(),
                limit,
                used,
                unit: kind.unit(),
            });
        }
        if let Some(change) = &problem.change {
            let trust = self.resolved.trust.as_ref();
            let holds = solution.prices.change != Sides::default();
            prices.push(Price {
                default: trust.is_some_and(Trust::bounds_movement),
                rule: RuleName::ChangeAtMost,
                price: solution.prices.change.more,
                price_less: solution.prices.change.kink(),
                cost: (extras && holds).then(|| extras::cost_of_change(self, settings)).flatten(),
                limit: change.at_most,
                used: crate::allocate::problem::moved(&solution.spend, &change.reference),
                unit: LimitUnit::Money,
            });
        }
        if let Some(cost) = problem.cost_per_action {
            let actions = problem.actions(&solution.spend);
            prices.push(Price {
                default: false,
                rule: RuleName::CostPerAction,
                price: solution.prices.cost_per_action.more,
                price_less: solution.prices.cost_per_action.kink(),
                cost: None,
                limit: cost,
                used: if actions > 0.0 { spent / actions } else { 0.0 },
                unit: LimitUnit::Money,
            });
        }
        prices.extend(self.price_of_ceilings(extras, settings));
        prices
    }

    /// The ceilings of single audiences that hold by default: what a factor more on all of them
    /// would bring, to first order; `None` where none binds.
    fn price_of_ceilings(&self, extras: bool, settings: &Settings) -> Option<Price> {
        let trust = self.resolved.trust.as_ref()?;
        let (variables, solution) = (&self.resolved.problem.variables, self.solution);
        let full = |i: usize| trust.ceiling(i).map(|ceiling| solution.spend[i] / ceiling);
        let used = (0..variables.len()).filter_map(full).fold(0.0, f64::max);
        let price: f64 = (0..variables.len())
            .filter(|&i| full(i).is_some_and(|share| share > 1.0 - 1e-3))
            .map(|i| {
                let above = variables[i].slope(solution.spend[i]) - solution.row_prices[i];
                above.max(0.0) * trust.ceiling(i).unwrap_or(0.0)
            })
            .sum();
        (price > 0.0).then(|| Price {
            default: true,
            rule: RuleName::ExtrapolateAtMost,
            price,
            price_less: None,
            cost: extras.then(|| extras::cost_of_ceilings(self, trust, settings)).flatten(),
            limit: trust.factor,
            used: used * trust.factor,
            unit: LimitUnit::Times,
        })
    }

    /// What the rules are asked about once there is a plan.
    fn figures(&self, plan: &Plan) -> Vec<RowFigures> {
        let weeks = self.campaign.flight.weeks();
        plan.rows
            .iter()
            .enumerate()
            .map(|(i, row)| {
                let audience = self.draws.and_then(|draws| {
                    let own = &draws.segments[i].draws;
                    let mean = own.iter().map(|d| d.audience).sum::<f64>() / own.len() as f64;
                    mean.is_finite().then_some(mean)
                });
                RowFigures {
                    segment: row.segment.clone(),
                    budget: row.budget - row.fixed_cost,
                    actions_per_week: row.actions.mean / weeks,
                    reach: row.reach,
                    audience,
                }
            })
            .collect()
    }
}

impl BindingRule {
    /// What of it a row says.
    fn limit(&self) -> Option<Limit> {
        match self {
            Self::Free => None,
            Self::Forbidden
            | Self::Off
            | Self::OffForMinimum
            | Self::OffForCount
            | Self::OffForRoom
            | Self::OffForDefault { .. } => Some(Limit::Off),
            Self::Pin => Some(Limit::Pin),
            Self::Min => Some(Limit::Min),
            Self::Max { .. } => Some(Limit::Max),
            Self::MinIfFunded => Some(Limit::MinIfFunded),
            Self::Change { .. } => Some(Limit::Change),
            Self::Group { rule, .. } => Some(Limit::Rule(rule.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::rules::policy::PolicyName;
    use crate::allocate::tests::fixture::{campaign, divide, draws, request};
    use crate::reference::Reference;

    #[test]
    fn a_plan_over_draws_adds_up_is_proven_and_beats_its_baselines_on_its_own_draws() {
        let choose = draws(10, 80, 3);
        let plan = divide(&campaign(""), &choose, &choose).unwrap();
        let cents = |x: f64| (x * 100.0).round() as i64;
        assert_eq!(plan.rows.iter().map(|row| cents(row.budget)).sum::<i64>(), 600_000);
        for row in &plan.rows {
            let weeks: i64 = row.weeks.iter().map(|week| cents(week.budget)).sum();
            assert_eq!(weeks, cents(row.budget));
        }
        // Rounding to cents is all that is left of the gap: second order in cents.
        assert!(plan.certificate.gap < 1e-8, "{:?}", plan.certificate);
        assert!((plan.certificate.objective - plan.value.mean).abs() < 1e-9 * plan.value.mean);
        assert!((plan.chosen_over_promised - 1.0).abs() < 1e-12);
        for baseline in &plan.baselines {
            assert!(baseline.value.mean <= plan.certificate.upper_bound * (1.0 + 1e-9));
        }
        assert_eq!(plan.baselines[0].name, PolicyName::Last);
        // All free rows have the same marginal return: the budget's price.
        for row in plan.rows.iter().filter(|row| row.at_limit.is_none()) {
            assert!((row.marginal / plan.prices[0].price - 1.0).abs() < 1e-3, "{}", row.reason);
        }
        let rising = plan.budget_curve.windows(2).all(|w| w[0].value <= w[1].value * (1.0 + 1e-6));
        assert!(rising && plan.budget_curve.len() > 8);
        assert!(plan.carryover_range.is_some_and(|range| range.high < range.none));
        assert!(!plan.carbon_frontier.is_empty());
    }

    #[test]
    fn a_limit_on_change_keeps_near_the_last_split() {
        let choose = draws(8, 60, 4);
        let plan =
            divide(&campaign("[limits]\nchange_at_most = 0.01\n"), &choose, &choose).unwrap();
        let moved: f64 =
            plan.rows.iter().map(|row| (row.budget - row.last.unwrap()).abs() / 2.0).sum();
        assert!(moved <= 60.0 + 1e-6, "{moved}");
        let price = plan.prices.iter().find(|price| price.rule == RuleName::ChangeAtMost).unwrap();
        assert!(price.price > 0.0 && price.cost.is_some_and(|cost| cost > 0.0));
        // No row claims that its last euro brings what it brings everywhere.
        let keys: Vec<&str> = plan
            .rows
            .iter()
            .map(|row| row.reason_told.as_ref().map_or("", |told| told.key.as_str()))
            .collect();
        assert!(!keys.contains(&"allocate-reason-free"), "{keys:?}");
        assert!(keys.contains(&"allocate-reason-change-up"), "{keys:?}");
    }

    #[test]
    fn a_row_that_is_worth_less_than_elsewhere_does_not_blame_its_group() {
        let mut choose = draws(10, 60, 5);
        for draw in &mut choose.segments[3].draws {
            draw.ceiling *= 0.01;
        }
        let rules = "[[limits.group]]\nname = \"g\"\nwhere = { network = \"linkedin\" }\n\
            max_share = 0.3\n";
        let plan = divide(&campaign(rules), &choose, &choose).unwrap();
        let key = |i: usize| plan.rows[i].reason_told.as_ref().unwrap().key.as_str();
        assert_eq!((plan.rows[3].budget, key(3)), (0.0, "allocate-reason-off"));
        assert!((5..10).step_by(2).all(|i| key(i) == "allocate-reason-group-ceiling"));
    }

    #[test]
    fn on_off_rules_and_a_count_over_draws_are_proven_too() {
        let choose = draws(14, 60, 7);
        let rules = "[limits]\nfunded_at_most = 6\n\
            per_segment = { min_if_funded = 400, max_share = 0.4 }\n";
        let plan = divide(&campaign(rules), &choose, &choose).unwrap();
        assert!(plan.certificate.gap < 1e-5, "{:?}", plan.certificate);
        let funded: Vec<f64> =
            plan.rows.iter().map(|row| row.budget).filter(|budget| *budget > 0.0).collect();
        assert!(funded.len() <= 6 && funded.iter().all(|b| (400.0..=2400.0).contains(b)));
    }

    #[test]
    fn the_fallback_plan_goes_without_the_networks_that_refuse_the_subject() {
        let mut choose = draws(10, 60, 8);
        for own in &mut choose.segments {
            if own.segment.attributes["network"] == "linkedin" {
                own.segment.attributes.insert("network".to_owned(), "pinterest".to_owned());
            }
        }
        let rules = "sensitive = true\n[limits]\nper_segment = { max_share = 0.4 }\n";
        let plan = divide(&campaign(rules), &choose, &choose).unwrap();
        let finding = plan.findings.iter().find(|f| f.code == "sensitive-topic").unwrap();
        let fallback = plan.fallback.as_ref().unwrap();
        let network = |id: &str| {
            let row = plan.rows.iter().find(|row| row.segment == id).unwrap();
            row.attributes["network"].clone()
        };
        // Facebook refuses such subjects; what it is told is what is left out.
        assert!(fallback.rows.iter().all(|share| network(&share.segment) == "pinterest"));
        assert!(fallback.without.iter().all(|id| network(id) == "facebook"));
        assert_eq!(fallback.without.len(), finding.segments.len());
        let sum: f64 = fallback.rows.iter().map(|share| share.amount).sum();
        assert!((sum - 6000.0).abs() < 1e-6, "{sum}");
        assert!(fallback.rows.iter().all(|share| share.amount <= 2400.0 + 1e-6));
        // It keeps the same rules with less to choose from.
        assert!(fallback.value > 0.0 && fallback.value < plan.value.mean);
        // Without the subject there is nothing to fall back from.
        assert!(divide(&campaign(""), &choose, &choose).unwrap().fallback.is_none());
    }

    #[test]
    fn what_people_remember_of_a_running_flight_is_worth_less_again() {
        let choose = draws(6, 60, 9);
        let campaign = campaign("");
        let tables = Tables::load(&Reference::default()).unwrap();
        let request = request(&campaign, &choose, &tables);
        let mut held =
            CommittedSpend { spent: vec![0.0; 6], left: vec![1000.0; 6], weekly: Vec::new() };
        held.spent[0] = 1500.0;
        let fresh = plan_rest(&request, &held).unwrap();
        held.weekly = vec![vec![0.0; 3]; 6];
        held.weekly[0] = vec![500.0; 3];
        let full = plan_rest(&request, &held).unwrap();
        // Who has seen the message already is worth less at any further spend.
        assert!(full.rows[0].budget < fresh.rows[0].budget, "{}", full.rows[0].budget);
        assert!(full.value.mean < fresh.value.mean);
        // The others have seen nothing: what they get is theirs as before, and more of it.
        assert!((1..6).all(|i| full.rows[i].budget > fresh.rows[i].budget));
        assert!(full.certificate.gap < 1e-4, "{:?}", full.certificate);
    }

    #[test]
    fn the_same_plan_for_any_number_of_threads() {
        let (choose, promise) = (draws(9, 50, 5), draws(9, 50, 6));
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| divide(&campaign("[limits]\nfunded_at_most = 5\n"), &choose, &promise))
        };
        assert_eq!(with(1), with(8));
    }
}
