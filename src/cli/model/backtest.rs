//! `relais backtest`: scores predictions on held-back weeks.

use clap::Args;

use super::train::specification;
use crate::backtest::scores::{Against, Backtest, Gain, Score};
use crate::backtest::{MODEL, Settings, run as backtest};
use crate::check::Marked as _;
use crate::cli::data::source::PanelSource;
use crate::cli::terminal::context::{Context, Exit};
use crate::cli::terminal::grid::{Kind, framed, of};
use crate::language::Language;

/// Scores predictions on held-back weeks.
///
/// Cuts the history at several origins, fits the model on what came before each, and predicts the
/// weeks after it at the spend that was really made, beside plain baselines.
#[derive(Debug, Clone, Args)]
pub struct BacktestArgs {
    #[command(flatten)]
    source: PanelSource,
    /// What to fit: `default`, `reach`, `sparse`, or a file (see `models/`).
    #[arg(long, value_name = "NAME|FILE", default_value = "default")]
    spec: String,
    /// Origins, evenly spread over the second half of the history.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=200))]
    origins: u32,
    /// Weeks predicted.
    #[arg(long, value_delimiter = ',', default_value = "1,4,8",
          value_parser = clap::value_parser!(u32).range(1..=104))]
    horizons: Vec<u32>,
    /// Draws of every predictive distribution.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(50..=20_000))]
    draws: u32,
}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(args: &BacktestArgs, context: &Context) -> anyhow::Result<Exit> {
    let specification = specification(&args.spec, context)?;
    let panel = args.source.read(&specification.left_out, context)?;
    let settings = Settings {
        origins: args.origins as usize,
        horizons: args.horizons.clone(),
        draws: args.draws as usize,
        goes_on: false,
    };
    let mut scores = context.explain(backtest(&panel, &specification, &settings, context.seed))?;
    if context.json {
        scores.seal();
        context.answer_json(&scores)?;
        return Ok(Exit::Good);
    }
    tell(&scores, context)?;
    Ok(Exit::Good)
}

fn tell(scores: &Backtest, context: &Context) -> anyhow::Result<()> {
    let lang = context.language;
    let rows = |scores: &std::collections::BTreeMap<String, Score>| -> Vec<(String, Score)> {
        scores.iter().map(|(name, score)| (name.clone(), *score)).collect()
    };
    let mut predictors: Vec<(String, Score)> = rows(&scores.scores);
    predictors.sort_by(|a, b| a.1.crps.total_cmp(&b.1.crps).then_with(|| a.0.cmp(&b.0)));
    let named = |(name, score)| (lang.text(&format!("backtest-predictor-{name}")), score);
    let predictors: Vec<(String, Score)> = predictors.into_iter().map(named).collect();
    context.answer(&table("backtest-by-predictor", &predictors, lang))?;
    context.answer(&gains(scores, lang))?;

    let mut horizons: Vec<u32> = scores.folds.iter().map(|fold| fold.horizon).collect();
    horizons.sort_unstable();
    horizons.dedup();
    let by_horizon: Vec<(String, Score)> = horizons
        .into_iter()
        .map(|horizon| {
            let folds = scores.folds.iter().filter(|fold| fold.horizon == horizon);
            let name = lang.count("backtest-horizon", u64::from(horizon), &[]);
            (name, mean(folds.map(|fold| fold.scores[MODEL])))
        })
        .collect();
    context.answer(&table("backtest-by-horizon", &by_horizon, lang))?;
    let network = |name: &str| {
        lang.find(&format!("report-network-{name}")).unwrap_or_else(|| name.to_owned())
    };
    let networks: Vec<(String, Score)> =
        scores.by_network.iter().map(|(name, score)| (network(name), *score)).collect();
    context.answer(&table("backtest-by-network", &networks, lang))?;
    let sizes: Vec<(String, Score)> = ["few", "some", "many"]
        .into_iter()
        .filter_map(|size| {
            Some((lang.text(&format!("backtest-size-{size}")), *scores.by_size.get(size)?))
        })
        .collect();
    context.answer(&table("backtest-by-size", &sizes, lang))?;
    context.answer(&verdict(scores, lang))
}

/// Scores of several folds in one, weighted by their cells.
fn mean(scores: impl Iterator<Item = Score>) -> Score {
    let scores: Vec<Score> = scores.collect();
    let cells: usize = scores.iter().map(|score| score.cells).sum();
    let weighted = |f: fn(&Score) -> f64| {
        scores.iter().map(|score| f(score) * score.cells as f64).sum::<f64>() / cells.max(1) as f64
    };
    Score {
        crps: weighted(|s| s.crps),
        log_score: weighted(|s| s.log_score),
        coverage50: weighted(|s| s.coverage50),
        coverage80: weighted(|s| s.coverage80),
        coverage95: weighted(|s| s.coverage95),
        predicted_over_observed: weighted(|s| s.predicted_over_observed),
        cells,
    }
}

fn table(title: &str, rows: &[(String, Score)], lang: Language) -> String {
    let columns = ["crps", "log", "coverage50", "coverage80", "coverage95", "ratio", "cells"];
    let mut header = vec![lang.text(title)];
    header.extend(columns.map(|column| lang.text(&format!("backtest-column-{column}"))));
    let cells = |(name, score): &(String, Score)| {
        vec![
            if name.is_empty() { "–".to_owned() } else { name.clone() },
            lang.short(score.crps),
            lang.number(score.log_score, 2),
            lang.percent(score.coverage50, 0),
            lang.percent(score.coverage80, 0),
            lang.percent(score.coverage95, 0),
            lang.number(score.predicted_over_observed, 2),
            lang.number(score.cells as f64, 0),
        ]
    };
    framed(header, rows.iter().map(cells).collect(), 1).to_string()
}

/// What the model gains over each baseline, and whether that may be chance.
fn gains(scores: &Backtest, lang: Language) -> String {
    let header = ["backtest-against", "backtest-column-gain-crps", "backtest-column-gain-log"]
        .map(|key| lang.text(key));
    let told = |gain: Gain, short: &dyn Fn(f64) -> String| {
        let both = gain.standard_error.map_or_else(
            || short(gain.mean),
            |error| {
                let numbers = [("mean", short(gain.mean)), ("error", short(error))];
                lang.say("backtest-gain", &numbers.each_ref().map(|(k, v)| (*k, v.as_str())))
            },
        );
        let key = if gain.told_apart { "backtest-gain-apart" } else { "backtest-gain-chance" };
        lang.say(key, &[("gain", &both)])
    };
    let rows = scores.against.iter().map(|(name, against)| {
        vec![
            lang.text(&format!("backtest-predictor-{name}")),
            told(against.crps, &|x| lang.short(x)),
            told(against.log_score, &|x| lang.number(x, 2)),
        ]
    });
    let kinds = vec![Kind::Name, Kind::Words, Kind::Words];
    of(header.to_vec(), rows.collect(), kinds).to_string()
}

/// Which baselines the model beats, and whether that may be chance; and what a backtest cannot say.
fn verdict(scores: &Backtest, lang: Language) -> String {
    let named = |keep: &dyn Fn(&Against) -> bool| -> String {
        let kept = scores.against.iter().filter(|(_, against)| keep(against));
        let names = kept.map(|(name, _)| lang.text(&format!("backtest-predictor-{name}")));
        names.collect::<Vec<String>>().join(", ")
    };
    let one_origin = scores.folds.windows(2).all(|pair| pair[0].origin == pair[1].origin);
    let behind = |against: &Against| against.crps.mean <= 0.0;
    let chance = |against: &Against| !against.crps.told_apart;
    let mut sentences = Vec::new();
    if !scores.against.values().any(behind) {
        sentences.push(lang.text("backtest-beats-all"));
    }
    for (key, names) in [
        ("backtest-beaten-by", named(&|own| behind(own) && !chance(own))),
        ("backtest-loss-may-be-chance", named(&|own| behind(own) && chance(own))),
        ("backtest-lead-may-be-chance", named(&|own| !one_origin && !behind(own) && chance(own))),
    ] {
        if !names.is_empty() {
            sentences.push(lang.say(key, &[("names", &names)]));
        }
    }
    if one_origin {
        sentences.push(lang.text("backtest-one-origin"));
    }
    sentences.push(lang.text("backtest-caveat"));
    sentences.join("\n")
}
