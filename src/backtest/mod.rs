//! History + specification → how well the model would have predicted.
//!
//! Rolling origin: the model is fitted on what ended before an origin and predicts the weeks after
//! it *at the spend that was really made*, beside plain [`baseline`]s that see the same past. A
//! backtest says how well the model predicts; it does not prove what another split would have
//! caused.
//!
//! Every predictor gives a full predictive distribution of every cell's count: the model a mixture
//! over its posterior draws, each baseline a negative binomial whose dispersion is fitted on the
//! training part, so that the scores of [`judge`] compare like with like.

pub mod baseline;
pub mod folds;
pub mod judge;
pub mod negative_binomial;
mod paired;
mod predict;
pub mod scores;
pub(super) mod weekly;

pub use self::folds::Settings;

use self::folds::Cut;
use self::judge::{Predictive, Verdict, judge, pit_histogram, score};
use self::paired::{Paired, gain};
use self::scores::{Against, Backtest, Fold, PredictedPoint, Score};
use self::weekly::WeeklyRow;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use statrs::distribution::{ContinuousCDF, Normal};

use crate::panel::Panel;
use crate::random::{Purpose, Seed};
use crate::segment::Segment;
use crate::train::data::prepare::{by_week, shares_weeks, whole_weeks};
use crate::train::fitted::card::{HeldBack, TENTH};
use crate::train::{Model, Specification, TrainError, fit};
use crate::units::Week;

/// Name of the model among the predictors.
pub const MODEL: &str = "relais";

/// Points kept for the chart of predicted against observed.
const MOST_POINTS: usize = 400;

/// Rows of history under which a segment counts as having few, and from which as having many.
const FEW: usize = 10;
const MANY: usize = 40;

/// A scored cell: where it belongs, and how every predictor did.
struct Scored<'a> {
    segment: &'a Segment,
    network: &'a str,
    /// Which of the origins.
    origin: usize,
    week: Week,
    /// Weeks from the origin to the end of the cell, from 1.
    lead: u32,
    /// `few`, `some` or `many` rows of history before the origin.
    size: &'static str,
    verdicts: BTreeMap<&'static str, Verdict>,
}

/// Backtests a panel.
///
/// Scores over all origins take every origin's longest horizon, so that no cell of an origin
/// counts twice. Rows inside one week are added up to the week first; weeks that the ends of a
/// history of days cut off are left out.
///
/// ```
/// use relais::backtest::folds::Settings;
/// use relais::generate::spec::WorldSpec;
/// use relais::generate::world::World;
/// use relais::random::Seed;
/// use relais::train::Specification;
///
/// # let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/demo/world.toml"));
/// let spec = WorldSpec { segments: 8, weeks: 16, ..WorldSpec::read(text)? };
/// let panel = World::make(&spec, Seed(1)).panel();
/// let settings = Settings { origins: 1, horizons: vec![4], ..Settings::default() };
/// let told = relais::backtest::run(&panel, &Specification::default(), &settings, Seed(1))?;
/// assert!(told.scores["relais"].crps > 0.0 && told.scores.contains_key("forest"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`BacktestError`] for a panel without dates, too short, or on which no model can be fitted.
pub fn run(
    panel: &Panel,
    specification: &Specification,
    settings: &Settings,
    seed: Seed,
) -> Result<Backtest, BacktestError> {
    if panel.cells.iter().all(|cell| cell.period.is_none()) {
        return Err(BacktestError::NoDates);
    }
    let mut dated = panel.clone();
    dated.cells.retain(|cell| cell.period.is_some());
    let days = dated.span().filter(|_| shares_weeks(&dated));
    let panel = by_week(&dated);
    let panel = days.and_then(|days| whole_weeks(&panel, days)).unwrap_or(panel);
    let span = panel.span().ok_or(BacktestError::NoDates)?;
    let cuts = folds::cuts(Week::of(span.start), Week::of(span.end), settings)?;
    let rows = weekly::rows(&panel);
    let mut scored = Vec::with_capacity(cuts.len());
    let mut earlier = None;
    for (id, cut) in cuts.iter().enumerate() {
        let seed = seed.child(id as u64);
        let learner = Learner { specification, settings, seed, origin: id };
        scored.push(at_origin(&panel, &rows, cut, &learner, &mut earlier)?);
    }
    if scored.iter().all(Vec::is_empty) {
        return Err(BacktestError::NothingToScore { origin: cuts[0].origin });
    }
    Ok(summary(&cuts, &scored))
}

/// How the model is learnt at one origin.
struct Learner<'a> {
    specification: &'a Specification,
    settings: &'a Settings,
    seed: Seed,
    /// Which of the origins.
    origin: usize,
}

impl Learner<'_> {
    /// The model of what was known at an origin; `earlier` is that of the origin before.
    fn learn(&self, past: &Panel, earlier: Option<Model>) -> Result<Model, TrainError> {
        match earlier.filter(|_| self.settings.goes_on) {
            Some(model) => model.refit(past, self.seed),
            None => fit(past, self.specification, self.seed),
        }
    }
}

/// All cells of one origin's longest horizon, predicted and judged.
fn at_origin<'a>(
    panel: &'a Panel,
    rows: &[WeeklyRow<'a>],
    cut: &Cut,
    learner: &Learner<'_>,
    earlier: &mut Option<Model>,
) -> Result<Vec<Scored<'a>>, BacktestError> {
    let Learner { settings, seed, .. } = *learner;
    let longest = *cut.horizons.last().expect("a cut has a horizon");
    let wanted = weekly::within(rows, cut.origin, longest);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let past = weekly::before(panel, cut.origin);
    let model = learner
        .learn(&past, earlier.take())
        .map_err(|source| BacktestError::Train { origin: cut.origin, source })?;
    let predictions = predictions(&past, &wanted, cut.origin, longest, &model, learner);
    *earlier = Some(model);
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for row in weekly::rows(&past) {
        *known.entry(row.segment.id.as_str()).or_default() += 1;
    }
    let judged = |(i, row): (usize, &WeeklyRow<'a>)| {
        let verdict = |(p, (name, all)): (usize, (&&'static str, &Vec<Predictive>))| {
            let stream = seed.child(1 + p as u64);
            (*name, judge(&all[i], row.count, settings.draws, stream, i as u64))
        };
        Scored {
            segment: row.segment,
            network: network_of(row.segment),
            origin: learner.origin,
            week: cut.origin.plus(row.weeks.0 - cut.origin.index()),
            lead: (row.weeks.1 - cut.origin.index() + 1) as u32,
            size: size(known.get(row.segment.id.as_str()).copied().unwrap_or(0)),
            verdicts: predictions.iter().enumerate().map(verdict).collect(),
        }
    };
    Ok(wanted.par_iter().enumerate().map(judged).collect())
}

fn network_of(segment: &Segment) -> &str {
    segment.get(crate::segment::Attribute::Network).unwrap_or_default()
}

fn size(rows: usize) -> &'static str {
    match rows {
        0..FEW => "few",
        FEW..MANY => "some",
        _ => "many",
    }
}

/// Predictive distributions of every predictor, in the order of `wanted`.
fn predictions(
    past: &Panel,
    wanted: &[WeeklyRow<'_>],
    origin: Week,
    horizon: u32,
    model: &Model,
    learner: &Learner<'_>,
) -> BTreeMap<&'static str, Vec<Predictive>> {
    let Learner { settings, seed, .. } = *learner;
    let segments: BTreeSet<&Segment> = wanted.iter().map(|row| row.segment).collect();
    let segments: Vec<Segment> = segments.into_iter().cloned().collect();
    let weeks: Vec<Week> = (0..i64::from(horizon)).map(|week| origin.plus(week)).collect();
    let usual: Vec<Option<f64>> = segments.iter().map(|own| weekly_spend(own, wanted)).collect();
    let draws =
        model.draws_around(&segments, &usual, &weeks, settings.draws, seed, Purpose::Predict);
    let known = weekly::cells_by_segment(past);
    let known: BTreeMap<&str, _> = known
        .into_iter()
        .map(|(position, cells)| (past.segments[position].id.as_str(), cells))
        .collect();
    let mut all = baseline::predict(&weekly::rows(past), wanted, seed.child(BASELINES));
    let delay = |segment: &Segment| model.delay(network_of(segment));
    let seed = seed.child(SHOCKS);
    all.insert(MODEL, predict::cells(&draws, delay, &known, wanted, origin, seed));
    all
}

/// Mean weekly money of a segment over the weeks predicted.
fn weekly_spend(segment: &Segment, wanted: &[WeeklyRow<'_>]) -> Option<f64> {
    let own = wanted.iter().filter(|row| row.segment == segment);
    let (money, weeks) =
        own.fold((0.0, 0.0), |(money, weeks), row| (money + row.spend, weeks + row.length()));
    (weeks > 0.0).then(|| money / weeks)
}

/// Seeds of their own, beyond those of the predictors' scores.
const BASELINES: u64 = 1001;
const SHOCKS: u64 = 1002;

fn summary(cuts: &[Cut], scored: &[Vec<Scored<'_>>]) -> Backtest {
    let folds = cuts.iter().zip(scored).flat_map(|(cut, cells)| {
        cut.horizons.iter().map(|&horizon| fold(cut.origin, horizon, cells))
    });
    let all: Vec<&Scored<'_>> = scored.iter().flatten().collect();
    let model: Vec<Verdict> = all.iter().map(|cell| cell.verdicts[MODEL]).collect();
    Backtest {
        folds: folds.collect(),
        scores: by_predictor(&all),
        against: against(&all),
        by_network: of_model_by(&all, |cell| cell.network),
        by_size: of_model_by(&all, |cell| cell.size),
        held_back: held_back(&all),
        pit: pit_histogram(&model),
        points: points(&all),
        digest: None,
    }
}

fn fold(origin: Week, horizon: u32, cells: &[Scored<'_>]) -> Fold {
    let within: Vec<&Scored<'_>> = cells.iter().filter(|cell| cell.lead <= horizon).collect();
    Fold { origin, horizon, cells: within.len(), scores: by_predictor(&within) }
}

fn by_predictor(cells: &[&Scored<'_>]) -> BTreeMap<String, Score> {
    let names = baseline::NAMES.into_iter().chain([MODEL]);
    names
        .map(|name| (name.to_owned(), score(cells.iter().map(|cell| &cell.verdicts[name]))))
        .collect()
}

/// How often the model's 80 % intervals held what happened, and how wide they should have been.
fn held_back(cells: &[&Scored<'_>]) -> Option<HeldBack> {
    let inside = |verdict: &Verdict| (verdict.pit - 0.5).abs() <= 0.4;
    let paired: Vec<Paired<'_>> = cells
        .iter()
        .map(|cell| Paired {
            gain: f64::from(u8::from(inside(&cell.verdicts[MODEL]))) - 0.8,
            segment: &cell.segment.id,
            origin: cell.origin,
        })
        .collect();
    let covered = gain(&paired);
    let pits: Vec<f64> = cells.iter().map(|cell| cell.verdicts[MODEL].pit).collect();
    (!cells.is_empty()).then(|| HeldBack {
        covered: 0.8 + covered.mean,
        error: covered.standard_error,
        told_apart: covered.told_apart,
        cells: cells.len(),
        wider: wider(&pits),
    })
}

/// How many times as wide, in standard deviations of a normal, central intervals must be to hold
/// 80 % of such transforms.
fn wider(pits: &[f64]) -> f64 {
    let normal = Normal::standard();
    let mut away: Vec<f64> =
        pits.iter().map(|pit| normal.inverse_cdf(pit.clamp(1e-6, 1.0 - 1e-6)).abs()).collect();
    away.sort_by(f64::total_cmp);
    let at = (0.8 * away.len() as f64).ceil() as usize;
    away.get(at.max(1) - 1).map_or(1.0, |found| found / -normal.inverse_cdf(TENTH))
}

/// What the model gains over each baseline on the same cells.
fn against(cells: &[&Scored<'_>]) -> BTreeMap<String, Against> {
    let mean = |of: &dyn Fn(&Scored<'_>) -> f64| {
        let paired: Vec<Paired<'_>> = cells
            .iter()
            .map(|cell| Paired { gain: of(cell), segment: &cell.segment.id, origin: cell.origin })
            .collect();
        gain(&paired)
    };
    let beside = |name: &'static str| Against {
        crps: mean(&|cell| cell.verdicts[name].crps - cell.verdicts[MODEL].crps),
        log_score: mean(&|cell| cell.verdicts[MODEL].log_score - cell.verdicts[name].log_score),
    };
    baseline::NAMES.into_iter().map(|name| (name.to_owned(), beside(name))).collect()
}

fn of_model_by<'a>(
    cells: &[&'a Scored<'_>],
    key: impl Fn(&'a Scored<'_>) -> &'a str,
) -> BTreeMap<String, Score> {
    let mut groups: BTreeMap<&str, Vec<&Verdict>> = BTreeMap::new();
    for cell in cells {
        groups.entry(key(cell)).or_default().push(&cell.verdicts[MODEL]);
    }
    groups.into_iter().map(|(name, verdicts)| (name.to_owned(), score(verdicts))).collect()
}

/// The model's predictions, at most so many, evenly taken in cell order.
fn points(cells: &[&Scored<'_>]) -> Vec<PredictedPoint> {
    let step = cells.len().div_ceil(MOST_POINTS).max(1);
    let point = |cell: &&Scored<'_>| {
        let verdict = cell.verdicts[MODEL];
        PredictedPoint {
            segment: cell.segment.id.clone(),
            week: cell.week,
            observed: verdict.observed,
            mean: verdict.mean,
            p10: verdict.p10,
            p90: verdict.p90,
        }
    };
    cells.iter().step_by(step).map(point).collect()
}

mod error;
#[cfg(test)]
mod tests;

pub use error::BacktestError;
