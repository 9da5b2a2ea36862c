//! `relais history posts`: posts of all networks, filtered and sorted.

use clap::Args;
use jiff::civil::Date;

use super::shared::{FileArg, neutral};
use crate::action::Action;
use crate::cli::terminal::context::{Context, Exit};
use crate::cli::terminal::grid::framed as table;
use crate::cli::terminal::screen;
use crate::history::told;
use crate::history::{Field, Filter, FilterError, Post, PostQuery, Posts};
use crate::units::Currency;

/// Lists posts, filtered and sorted by what people did.
#[derive(Debug, Clone, Args)]
pub(super) struct PostsArgs {
    #[command(flatten)]
    file: FileArg,
    /// Conditions, such as `network = instagram and age = 18-24 and engagement_rate > 3 %`.
    #[arg(long = "where", value_name = "CONDITIONS", default_value = "")]
    filter: String,
    /// What to sort by, such as `engagement_rate` (default: spend).
    #[arg(long, value_name = "NAME")]
    sort: Option<String>,
    /// First day.
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Last day.
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// At most so many posts (default: 20 in a table, all in CSV and JSON).
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Only amounts of this currency.
    #[arg(long, value_name = "CODE")]
    currency: Option<Currency>,
    /// Prints CSV instead of a table.
    #[arg(long)]
    csv: bool,
}

/// Rows of a table that a person still reads.
const SCREENFUL: usize = 20;

pub(super) fn run(args: &PostsArgs, context: &Context) -> anyhow::Result<Exit> {
    let filter: Filter = context.explain(args.filter.parse())?;
    let sort: Result<Option<Field>, FilterError> = args.sort.as_deref().map(str::parse).transpose();
    let sort = context.explain(sort)?;
    let history = args.file.open(context)?;
    let for_people = !args.csv && !context.json;
    let query = PostQuery {
        filter,
        sort,
        from: args.from,
        to: args.to,
        limit: args.limit.or(for_people.then_some(SCREENFUL)),
        currency: args.currency,
    };
    let posts = context.explain(history.posts(&query))?;
    if context.json {
        context.answer_json(&posts)?;
    } else if args.csv {
        screen::data(|out| print_csv(&posts, out))?;
    } else {
        print_table(&posts, context)?;
    }
    Ok(Exit::Good)
}

fn print_table(posts: &Posts, context: &Context) -> anyhow::Result<()> {
    let language = context.language;
    if posts.posts.is_empty() {
        return context.answer(&language.text("history-posts-none"));
    }
    let (header, rows) = told::posts(posts, language);
    let numbers = posts.attributes.len() + 1;
    context.answer(&table(header, rows, numbers).to_string())?;
    let key =
        if posts.found > posts.posts.len() { "history-posts-some" } else { "history-posts-found" };
    let shown = [("shown", &*language.number(posts.posts.len() as f64, 0))];
    context.answer(&language.count(key, posts.found as u64, &shown))?;
    if let Some(few) = told::few(posts, language) {
        context.answer(&few)?;
    }
    for note in told::notes(posts, language) {
        context.note(&note);
    }
    Ok(())
}

fn print_csv(posts: &Posts, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let actions: Vec<Action> = Action::ALL
        .into_iter()
        .filter(|action| posts.posts.iter().any(|post| post.actions.contains_key(action)))
        .collect();
    let mut writer = csv::Writer::from_writer(out);
    let mut header: Vec<&str> = posts.attributes.iter().map(|a| a.column()).collect();
    header.extend(["first", "last", "currency", "spend", "impressions", "reach"]);
    header.extend(actions.iter().map(|action| action.column()));
    header.extend([
        "active",
        "engagement_rate",
        "engagement_rate_p05",
        "engagement_rate_p95",
        "engagement_rate_plain",
        "few_data",
    ]);
    writer.write_record(header)?;
    for post in &posts.posts {
        writer.write_record(csv_cells(post, posts, &actions))?;
    }
    writer.flush()
}

fn csv_cells(post: &Post, posts: &Posts, actions: &[Action]) -> Vec<String> {
    let number = |value: Option<f64>| value.map_or_else(String::new, |n| n.to_string());
    let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
    let mut cells: Vec<String> = posts
        .attributes
        .iter()
        .map(|attribute| {
            post.attributes.get(attribute).map_or_else(String::new, |text| neutral(text))
        })
        .collect();
    cells.extend([day(post.first), day(post.last)]);
    cells.push(posts.currency.map_or_else(String::new, |currency| currency.to_string()));
    cells.extend([Some(post.spend), post.impressions, post.reach].map(number));
    cells.extend(actions.iter().map(|action| number(post.actions.get(action).copied())));
    let rate = post.engagement_rate;
    cells.push(number(post.active));
    cells.extend([
        number(rate.map(|rate| rate.mean)),
        number(rate.map(|rate| rate.low)),
        number(rate.map(|rate| rate.high)),
        number(rate.map(|rate| rate.plain)),
        rate.map_or_else(String::new, |rate| rate.few_data.to_string()),
    ]);
    cells
}
