//! `relais history compare`: a period against the one before and the same one last year.

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::shared::FileArg;
use crate::cli::terminal::context::{Context, Exit};
use crate::cli::terminal::grid::framed as table;
use crate::history::told::{column, shown};
use crate::history::{
    By, Change, CompareQuery, ComparedPeriod, Comparison, Doubt, Filter, FilterError, Measure,
};
use crate::language::Language;
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
        print(&comparison, query.measure, context)?;
        if earlier > 0 {
            let more = context.language.count("history-compare-earlier", earlier as u64, &[]);
            context.answer(&more)?;
        }
    }
    Ok(Exit::Good)
}

/// Periods of a table that a person still reads: of weeks, a quarter of a year.
const A_QUARTER: usize = 13;

fn print(comparison: &Comparison, measure: Measure, context: &Context) -> anyhow::Result<()> {
    let language = context.language;
    let by = match comparison.by {
        By::Week => "week",
        By::Month => "month",
        By::Year => "year",
    };
    let name = column(language, measure.name());
    let title = [("measure", name.as_str()), ("by", &language.text(&format!("history-by-{by}")))];
    context.answer(&language.say("history-compare-title", &title))?;
    let mut header = vec![column(language, "period"), name];
    let mut names = vec!["before", "change"];
    if comparison.by != By::Year {
        names.extend(["year-before", "change"]);
    }
    names.extend(["active", "reactions", "follows", "remark"]);
    header.extend(names.into_iter().map(|name| column(language, name)));
    let writer = Writer { comparison, measure, language };
    let rows = comparison.periods.iter().map(|period| writer.cells(period)).collect();
    context.answer(&table(header, rows, 1).with_remark().to_string())?;
    if comparison.undated_rows > 0 {
        context.note(&language.count("history-compare-undated", comparison.undated_rows, &[]));
    }
    Ok(())
}

/// Writes values of one measure.
struct Writer<'a> {
    comparison: &'a Comparison,
    measure: Measure,
    language: Language,
}

impl Writer<'_> {
    fn cells(&self, period: &ComparedPeriod) -> Vec<String> {
        let count = |value| shown(value, |n| self.language.number(n, 0));
        let mut cells = vec![self.name(period), shown(period.value, |value| self.value(value))];
        for change in std::iter::once(&period.previous).chain(&period.year_before) {
            cells.push(shown(change.value, |value| self.value(value)));
            cells.push(self.change(change));
        }
        cells.extend([period.active, period.reactions, period.follows].map(count));
        cells.push(self.remark(period));
        cells
    }

    fn name(&self, period: &ComparedPeriod) -> String {
        match self.comparison.by {
            By::Week => self.language.week(crate::units::Week::of(period.start)),
            By::Month | By::Year => period.period.clone(),
        }
    }

    fn value(&self, value: f64) -> String {
        match self.measure {
            Measure::Spend | Measure::Cpm | Measure::CostPerActive => {
                self.language.money_with(value, self.comparison.currency, 2)
            }
            Measure::EngagementRate => self.language.percent(value, 2),
            Measure::ActivePerFollower => self.language.short(value),
            _ => self.language.number(value, 0),
        }
    }

    /// `+12 %`, with its interval where counts of actions make it uncertain.
    fn change(&self, change: &Change) -> String {
        let percent = |ratio: f64| {
            let sign = if ratio > 1.0 { "+" } else { "" };
            format!("{sign}{}", self.language.percent(ratio - 1.0, 0))
        };
        match (change.ratio, change.interval) {
            (Some(ratio), Some((low, high))) => {
                format!("{} ({} … {})", percent(ratio), percent(low), percent(high))
            }
            (Some(ratio), None) => percent(ratio),
            (None, _) => "–".to_owned(),
        }
    }

    fn remark(&self, period: &ComparedPeriod) -> String {
        let mut remarks = self.doubts(&period.previous);
        if let Some(change) = &period.year_before {
            remarks.extend(self.doubts(change).into_iter().map(|doubt| {
                self.language.say("history-doubt-against-year", &[("doubt", &doubt)])
            }));
        }
        remarks.join(match self.language {
            Language::Fr => "\u{a0}; ",
            Language::En => "; ",
        })
    }

    fn doubts(&self, change: &Change) -> Vec<String> {
        let mut keys: Vec<&str> = change
            .doubts
            .iter()
            .map(|doubt| match doubt {
                Doubt::NoData => "history-doubt-no-data",
                Doubt::Incomplete => "history-doubt-incomplete",
                Doubt::FewActions => "history-doubt-few-actions",
                Doubt::SpreadByDays => "history-doubt-spread",
            })
            .collect();
        if keys.is_empty() && change.interval.is_some_and(|(low, high)| low < 1.0 && 1.0 < high) {
            keys.push("history-doubt-chance");
        }
        keys.into_iter().map(|key| self.language.text(key)).collect()
    }
}
