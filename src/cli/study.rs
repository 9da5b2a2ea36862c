//! `relais study`: measures decision quality over many worlds.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use anyhow::Context as _;
use clap::Args;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::context::{Context, Exit};
use super::simulate::interrupted;
use crate::generate::spec::WorldSpec;
use crate::rules::Tables;
use crate::simulate::study::{Limit, Settings, Study, study};
use crate::train::Specification;

/// Measures decision quality over many worlds.
#[derive(Debug, Clone, Args)]
pub struct StudyArgs {
    /// How many worlds.
    #[arg(long, value_name = "N", default_value_t = 200)]
    worlds: u64,
    /// The population of worlds (default: the standard study, `data/study.toml`).
    #[arg(long, value_name = "WORLDS.toml")]
    population: Option<PathBuf>,
    /// What the model assumes: `default`, `reach`, `sparse`, or a file.
    #[arg(long, value_name = "NAME|FILE", default_value = "default")]
    spec: String,
    /// Posterior draws to choose on, and as many fresh ones to promise on.
    #[arg(long, value_name = "N", default_value_t = 400)]
    draws: usize,
    /// Leaves out the comparison with the pipeline that is told the true hyper-parameters.
    #[arg(long)]
    no_limit: bool,
}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(args: &StudyArgs, context: &Context) -> anyhow::Result<Exit> {
    let text = match &args.population {
        Some(path) => {
            std::fs::read_to_string(path).with_context(|| format!("`{}`", path.display()))?
        }
        None => context.reference.text("study.toml")?,
    };
    let population = context.told(WorldSpec::read(&text))?;
    let tables = context.told(Tables::load(&context.reference))?;
    let settings = Settings {
        worlds: args.worlds,
        specification: specification(&args.spec, context)?,
        draws: args.draws.max(2),
        limit: if args.no_limit { Limit::LeftOut } else { Limit::Compared },
    };
    let bar = context.bar(args.worlds, &context.language.text("simulate-study-progress"));
    let stop = interrupted();
    let studied = study(&population, &settings, &tables, context.seed, &|done| {
        bar.set_position(done);
        !stop.load(Ordering::Relaxed)
    });
    bar.finish_and_clear();
    let studied = context.told(studied)?;
    if context.json {
        context.answer_json(&studied)?;
    } else {
        tell(&studied, context)?;
    }
    let whole = studied.worlds == studied.asked;
    Ok(if whole && studied.violations == 0 { Exit::Good } else { Exit::Findings })
}

fn specification(name: &str, context: &Context) -> anyhow::Result<Specification> {
    if let Some(shipped) = Specification::named(name) {
        return Ok(shipped);
    }
    let text = std::fs::read_to_string(name).with_context(|| format!("`{name}`"))?;
    Ok(context.told(Specification::read(&text))?)
}

/// One line of the answer: message key, what was found, the range that it should lie in.
type Line = (&'static str, f64, Option<(f64, f64)>);

/// Measures with the study's targets.
fn lines(studied: &Study) -> Vec<Line> {
    let [inside, outside] = studied.by_family;
    let mut lines: Vec<Line> = vec![
        ("share-of-oracle", studied.share_of_oracle, Some((0.95, f64::INFINITY))),
        ("inside", inside.share_of_oracle, None),
        ("outside", outside.share_of_oracle, None),
    ];
    if let Some(share) = studied.share_of_bayes_limit {
        lines.push(("share-of-bayes-limit", share, Some((0.98, f64::INFINITY))));
    }
    lines.extend([
        ("beats-last", studied.beats_last, Some((0.95, f64::INFINITY))),
        ("gain-over-last", studied.gain_over_last, None),
        ("last-over-oracle", studied.last_over_oracle, Some((0.45, 0.65))),
        ("promised-over-realised", studied.promised_over_realised, Some((0.95, 1.05))),
        ("coverage80", studied.coverage80, Some((0.76, 0.84))),
    ]);
    lines
}

fn tell(studied: &Study, context: &Context) -> anyhow::Result<()> {
    let lang = context.language;
    let text = |key: &str| lang.text(&format!("simulate-study-{key}"));
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["measure", "found", "target"].map(text));
    let mut missed = 0;
    for (key, found, target) in lines(studied) {
        let wanted = target.map_or_else(String::new, |(low, high)| {
            let low = lang.percent(low, 0);
            if high.is_finite() {
                format!("{low} – {}", lang.percent(high, 0))
            } else {
                format!("≥ {low}")
            }
        });
        missed += u32::from(target.is_some_and(|(low, high)| !(low..=high).contains(&found)));
        table.add_row([text(key), lang.percent(found, 1), wanted]);
    }
    missed += u32::from(studied.violations > 0);
    let violations = lang.number(studied.violations as f64, 0);
    table.add_row([text("violations"), violations, "0".to_owned()]);
    for column in [1, 2] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    context.answer(&table.to_string())?;
    context.answer(&lang.say(
        "simulate-study-told",
        &[
            ("worlds", &lang.number(studied.worlds as f64, 0)),
            ("seed", &studied.seed.0.to_string()),
            ("error", &lang.percent(studied.share_of_oracle_error, 1)),
        ],
    ))?;
    if missed > 0 {
        let n = lang.number(f64::from(missed), 0);
        context.answer(&lang.say("simulate-study-missed", &[("n", &n)]))?;
    }
    Ok(())
}
