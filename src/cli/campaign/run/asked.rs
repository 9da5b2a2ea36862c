//! Which campaigns a batch, or a part of one, is about.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::arguments::RunArgs;
use crate::batch::job::Settings;
use crate::batch::order::{Common, Order, TrainingJob, by, names, read, refuse_shared};
use crate::batch::{alone, shared};
use crate::campaign::Campaign;
use crate::cli::terminal::context::{Context, Failure};

/// A campaign of the batch.
pub(super) struct Asked {
    pub(super) file: PathBuf,
    /// The advertiser, where the file is a pattern for several.
    pub(super) advertiser: Option<String>,
    /// The name of its folder below the batch's.
    pub(super) name: String,
    /// Whether it is made here, and not by another part of the batch.
    pub(super) own: bool,
    pub(super) order: Result<Order, String>,
}

/// The campaigns of this part, and those of others that may share audiences with them.
pub(super) fn asked(
    args: &RunArgs,
    context: &Context,
    settings: &Settings,
) -> anyhow::Result<Vec<Asked>> {
    let networks = settings.tables.network_keys();
    let (in_words, priors) = (alone::in_words(settings)?, alone::priors(&context.reference));
    let common = Common {
        priors: &priors,
        out: args.out.as_deref(),
        model: args.model.as_deref(),
        advertiser: None,
        earlier: &args.earlier,
        outside: args.allow_outside,
        networks: &networks,
        language: context.language,
        settings: &in_words,
    };
    if let Some(out) = &args.out {
        std::fs::create_dir_all(out).map_err(|error| context.unwritable(out, &error))?;
    }
    let mut all = match (&args.panel, &args.by) {
        (Some(panel), Some(column)) => advertisers(args, (panel, column), &common, context)?,
        _ => campaigns(args, &common),
    };
    refuse_shared(all.iter_mut().map(|own| &mut own.order), context.language);
    shared::bind(&mut all.iter_mut().flat_map(|own| own.order.as_mut()).collect::<Vec<_>>());
    Ok(all)
}

fn advertisers(
    args: &RunArgs,
    (panel, column): (&Path, &str),
    common: &Common<'_>,
    context: &Context,
) -> anyhow::Result<Vec<Asked>> {
    let [pattern] = args.campaigns.as_slice() else {
        return Err(Failure(context.language.text("error-run-by-one-pattern")).into());
    };
    let orders = context.explain(by::orders((pattern, panel, column), args.shard, common))?;
    let asked = |(value, (name, order))| Asked {
        file: pattern.clone(),
        advertiser: Some(value),
        name,
        own: true,
        order,
    };
    Ok(orders.into_iter().map(asked).collect())
}

fn campaigns(args: &RunArgs, common: &Common<'_>) -> Vec<Asked> {
    let named = args.campaigns.iter().zip(names(&args.campaigns));
    let (own, others): (Vec<_>, Vec<_>) = named
        .enumerate()
        .partition(|(_, (_, name))| args.shard.is_none_or(|shard| shard.has(name)));
    let order = |own: bool, (at, (file, name)): (usize, (&PathBuf, String))| {
        let order = read(file, &name, common);
        (at, Asked { file: file.clone(), advertiser: None, name, own, order })
    };
    let mut all: Vec<(usize, Asked)> = own.into_iter().map(|own| order(true, own)).collect();
    let near = near(&all.iter().map(|(_, own)| own).collect::<Vec<_>>(), common);
    let near: Vec<_> = others.into_iter().filter(|(_, (file, _))| near(file)).collect();
    all.extend(near.into_iter().map(|other| order(false, other)));
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, asked)| asked).collect()
}

/// Which campaigns of other parts may share audiences with those of this one: those that learn from
/// the same history, told by their files alone. Where one of this part learns from none, it may be any:
/// whether a history has a row is seen only in it.
fn near(own: &[&Asked], common: &Common<'_>) -> impl Fn(&Path) -> bool + use<> {
    let sound: Vec<&Order> = own.iter().flat_map(|own| own.order.as_ref()).collect();
    let any = common.model.is_some() || sound.iter().any(|own| own.lesson == TrainingJob::Priors);
    let files: BTreeSet<PathBuf> =
        sound.iter().filter_map(|own| own.campaign.history.clone()).collect();
    let any = any && !sound.is_empty();
    move |file| {
        let history = || Campaign::read(file).ok().and_then(|campaign| campaign.history);
        any || (!files.is_empty() && history().is_some_and(|history| files.contains(&history)))
    }
}
