//! What a plan promises, judged on futures, and small shares in words.

use crate::allocate::plan::Plan;
use crate::campaign::Campaign;
use crate::cli::terminal::context::Context;
use crate::language::Language;
use crate::rules::Tables;
use crate::simulate::promised;
use crate::train::posterior::draws::Draws;

/// Simulates what the plan promises, and keeps it there.
pub(super) fn promise(
    plan: &mut Plan,
    draws: &Draws,
    of: (&Campaign, &Tables),
    tail: f64,
    context: &Context,
) -> anyhow::Result<()> {
    let how = (context.language, context.seed);
    Ok(context.explain(promised::promise(plan, draws, of, tail, how))?)
}

/// A share in percent with two digits that say something.
pub(super) fn small_share(lang: Language, share: f64) -> String {
    if share > 0.0 && share < TINY {
        let least = lang.percent(TINY, 7);
        return lang.say("allocate-told-gap-tiny", &[("share", &least)]);
    }
    let digits = if share > 0.0 { (-(100.0 * share).log10()).ceil() + 1.0 } else { 0.0 };
    lang.percent(share, digits.clamp(0.0, 12.0) as usize)
}

/// A gap below this share is told as such: its digits are rounding.
pub(super) const TINY: f64 = 1e-9;
