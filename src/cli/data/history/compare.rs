//! `relais history compare`: a period against the one before and the same one last year.

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::shared::FileArg;
use crate::cli::terminal::context::{Context, Exit};
use crate::cli::terminal::grid::framed as table;
use crate::history::told;
use crate::history::{By, CompareQuery, Filter, FilterError, Measure};
use crate::units::Currency;

/// Compares weeks, months or years.
#[derive(Debug, Clone, Args)]
pub(super) struct CompareArgs {
    #[command(flatten)]
    file: FileArg,
    /// Length of the periods.
    #[arg(long, value_enum, default_value = "week")]
    by: Length,
    /// What to compare: spend, impressions, cpm, active, engagement_rate, cost_per_active,
    /// active_per_follower, or a kind of action such as shares.
    #[arg(long, value_name = "NAME", default_value = "engagement_rate")]
    metric: String,
    /// Conditions on attributes, such as `network = instagram`.
    #[arg(long = "where", value_name = "CONDITIONS", default_value = "")]
    filter: String,
    /// First day shown.
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Last day shown.
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Only amounts of this currency.
    #[arg(long, value_name = "CODE")]
    currency: Option<Currency>,
    /// Only the latest N periods (default: 13 in a table, all in JSON).
    #[arg(long, value_name = "N")]
    last: Option<usize>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Length {
    /// ISO weeks.
    Week,
    /// Calendar months.
    Month,
    /// Calendar years.
    Year,
}

pub(super) fn run(args: &CompareArgs, context: &Context) -> anyhow::Result<Exit> {
    let measure: Result<Measure, FilterError> = args.metric.parse();
    let query = CompareQuery {
        by: match args.by {
            Length::Week => By::Week,
            Length::Month => By::Month,
            Length::Year => By::Year,
        },
        measure: context.explain(measure)?,
        filter: context.explain(args.filter.parse::<Filter>())?,
        from: args.from,
        to: args.to,
        currency: args.currency,
    };
    let history = args.file.open(context)?;
    let mut comparison = context.explain(history.compare(&query))?;
    let last = args.last.or((!context.json).then_some(A_QUARTER));
    let earlier = last.map_or(0, |last| comparison.periods.len().saturating_sub(last.max(1)));
    comparison.periods.drain(..earlier);
    if context.json {
        context.answer_json(&comparison)?;
    } else {
        let (language, measure) = (context.language, query.measure);
        context.answer(&told::compared(&comparison, measure, language))?;
        let (header, rows) = told::comparison(&comparison, measure, language);
        context.answer(&table(header, rows, 1).with_remark().to_string())?;
        if comparison.undated_rows > 0 {
            context.note(&language.count("history-compare-undated", comparison.undated_rows, &[]));
        }
        if earlier > 0 {
            let more = context.language.count("history-compare-earlier", earlier as u64, &[]);
            context.answer(&more)?;
        }
    }
    Ok(Exit::Good)
}

/// Periods of a table that a person still reads: of weeks, a quarter of a year.
const A_QUARTER: usize = 13;
