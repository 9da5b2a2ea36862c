//! `relais train`: learns response curves from a history or a panel.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::allocate::judge::account;
use crate::cli::arguments::touched::Touched;
use crate::cli::data::source::PanelSource;
use crate::cli::terminal::context::{Context, Exit};
use crate::files;
use crate::language::Language;
use crate::language::message::Plain;
use crate::panel::{Panel, PanelNote};
use crate::rules::finding::{Finding, Reader};
use crate::train::evidence::{Evidence, IncrementalShare, read_tests};
use crate::train::fitted::note::TrainNote;
use crate::train::fitted::verdict::{Doubt, doubts};
use crate::train::{
    Baseline, Engine, Explanation, Followed, Following, Model, Prior, Specification, fit_with,
};

/// Learns response curves from a history or a panel.
#[derive(Debug, Clone, Args)]
pub struct TrainArgs {
    /// What to learn from.
    #[command(flatten)]
    source: PanelSource,
    /// Where the model goes.
    #[arg(long, value_name = "model.json", required_unless_present = "explain")]
    out: Option<PathBuf>,
    /// What to fit: `default`, `reach`, `sparse`, or a file (see `models/`).
    #[arg(long, value_name = "NAME|FILE", default_value = "default")]
    spec: String,
    /// Outside tests (lift, holdout, geo, A/B), one row each: what they measured is believed as far
    /// as their standard errors say.
    #[arg(long, value_name = "tests.csv")]
    tests: Option<PathBuf>,
    /// How to find the posterior.
    #[arg(long, value_enum, default_value_t = EngineName::Auto)]
    engine: EngineName,
    /// Writes posterior draws here as JSON, for `arviz.from_dict(**json.load(open(FILE)))` in
    /// Python: the chains of `--engine nuts`, or 1000 draws of the fast engine.
    #[arg(long, value_name = "draws.json")]
    draws: Option<PathBuf>,
    /// Says what will be fitted and what it would expect before seeing any count; fits nothing.
    #[arg(long)]
    explain: bool,
}

/// The engines by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EngineName {
    /// The fast one; where it does not trust itself and the panel is small, the reference.
    Auto,
    /// Fast nested approximation that checks itself.
    Nested,
    /// Hamiltonian Monte Carlo: slow, the reference.
    Nuts,
}

impl From<EngineName> for Engine {
    fn from(name: EngineName) -> Self {
        match name {
            EngineName::Nested => Self::Nested,
            EngineName::Auto => Self::Auto,
            EngineName::Nuts => Self::Nuts,
        }
    }
}

/// Draws of the fast engine that are exported.
const DRAWS: usize = 1000;

/// The answer of `--json`.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    segments: usize,
    cells: usize,
    engine: &'a str,
    seconds: f64,
    diagnostics: &'a BTreeMap<String, f64>,
    specification: &'a str,
    fingerprint: String,
    notes: &'a [TrainNote],
    followed: &'a [Followed],
    findings: &'a [Finding],
    panel_notes: &'a [PanelNote],
    tests: &'a [Evidence],
    incremental: &'a [IncrementalShare],
}

impl TrainArgs {
    /// The files that it reads and writes.
    pub(crate) fn touched(&self) -> Touched<'_> {
        Touched::default()
            .reads(self.source.files())
            .reads([&self.spec])
            .reads(&self.tests)
            .writes(&self.out)
            .writes(&self.draws)
    }
}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(args: &TrainArgs, context: &Context) -> anyhow::Result<Exit> {
    let specification = specification(&args.spec, context)?;
    let panel = args.source.read(&specification.left_out, context)?;
    if args.explain {
        return explain(&panel, &specification, context);
    }
    let Some(out) = &args.out else { return Ok(Exit::BadInput) };
    let started = Instant::now();
    // A fault of their file is told before anything is learnt.
    let tests = args.tests.as_deref().map(read_tests).transpose();
    let tests = context.explain(tests)?.unwrap_or_default();
    let mut model =
        context.explain(fit_with(&panel, &specification, args.engine.into(), context.seed))?;
    if !tests.is_empty() {
        model = model.with_tests(&tests, context.seed);
    }
    let seconds = started.elapsed().as_secs_f64();
    context.explain(model.write(out))?;
    if let Some(path) = &args.draws {
        let text = serde_json::to_string(&model.arviz(DRAWS, context.seed))?;
        context.put(path, |out| out.write_all(text.as_bytes()))?;
    }
    let doubts = doubts(model.card());
    tell(&model, &doubts, seconds, context)?;
    let followed = model.followed().iter().any(Followed::rings);
    let undecided = model.card().panel_notes.iter().any(PanelNote::needs_a_person);
    let doubted = model.tests().iter().any(Evidence::needs_a_person);
    Ok(if doubts.is_empty() && !followed && !undecided && !doubted {
        Exit::Good
    } else {
        Exit::Findings
    })
}

/// A shipped specification by name, or a person's file.
pub(crate) fn specification(name: &str, context: &Context) -> anyhow::Result<Specification> {
    if let Some(shipped) = Specification::named(name) {
        return Ok(shipped);
    }
    let path = Path::new(name);
    let text = files::read_text(path, files::LARGEST_TEXT).with_context(|| {
        let names = Specification::NAMES.join(", ");
        context.language.say("train-no-such-specification", &[("found", name), ("names", &names)])
    })?;
    Ok(context.explain(Specification::read(&text))?)
}

fn tell(model: &Model, doubts: &[Doubt], seconds: f64, context: &Context) -> anyhow::Result<()> {
    let card = model.card();
    let overrides = BTreeMap::new();
    let reader = Reader { language: context.language, currency: None, overrides: &overrides };
    let findings: Vec<Finding> = doubts.iter().map(|own| account::doubt(own, &reader)).collect();
    if context.json {
        return context.answer_json(&Answer {
            segments: model.segments().len(),
            cells: card.cells,
            engine: &card.engine,
            seconds,
            diagnostics: &card.diagnostics,
            specification: &card.specification,
            fingerprint: model.fingerprint(),
            notes: &card.notes,
            followed: model.followed(),
            findings: &findings,
            panel_notes: &card.panel_notes,
            tests: model.tests(),
            incremental: &card.incremental,
        });
    }
    let lang = context.language;
    context.answer(&lang.say(
        "train-done",
        &[
            ("segments", &lang.number(model.segments().len() as f64, 0)),
            ("cells", &lang.number(card.cells as f64, 0)),
            ("seconds", &lang.number(seconds, 2)),
        ],
    ))?;
    for note in &card.notes {
        context.note(&lang.text(note.key()));
    }
    for note in &card.panel_notes {
        context.note(&note.tell(lang));
    }
    tell_leaning(&card.diagnostics, context);
    tell_followed(model.followed(), context);
    tell_tests(model, context)?;
    let plain = Plain { language: lang, currency: None };
    for finding in &findings {
        context.answer(&finding.say(&plain))?;
    }
    Ok(())
}

/// What each outside test moved.
fn tell_tests(model: &Model, context: &Context) -> anyhow::Result<()> {
    let told = model.tests().iter().flat_map(Evidence::messages);
    for message in told.chain(model.card().incremental.iter().map(IncrementalShare::message)) {
        context.answer(&message.say(context.language, None))?;
    }
    Ok(())
}

/// Where money followed demand, and where the rows cannot tell.
fn tell_followed(followed: &[Followed], context: &Context) {
    let lang = context.language;
    for own in followed.iter().filter(|own| own.rings()) {
        let (at, error) = own.elasticity.unwrap_or_default();
        let key = if own.network.is_empty() {
            "train-followed-rings-anywhere"
        } else {
            "train-followed-rings"
        };
        context.note(&lang.say(
            key,
            &[
                ("network", &own.network),
                ("elasticity", &lang.number(at, 2)),
                ("error", &lang.number(error, 2)),
            ],
        ));
    }
    let unsure: Vec<&str> = followed
        .iter()
        .filter(|own| own.verdict == Following::CannotTell)
        .map(|own| own.network.as_str())
        .collect();
    match unsure[..] {
        [] => {}
        [""] => context.note(&lang.text("train-followed-cannot-tell-anywhere")),
        _ => context
            .note(&lang.say("train-followed-cannot-tell", &[("networks", &unsure.join(", "))])),
    }
}

/// Which priors the answer leans on.
fn tell_leaning(diagnostics: &BTreeMap<String, f64>, context: &Context) {
    let lang = context.language;
    for (key, halved) in diagnostics {
        let name = key.strip_prefix("sensitivity_").and_then(|key| key.strip_suffix("_halved"));
        let doubled = name.and_then(|name| diagnostics.get(&format!("sensitivity_{name}_doubled")));
        if let (Some(name), Some(doubled)) = (name, doubled) {
            context.note(&lang.say(
                "train-leans-on",
                &[
                    ("name", name),
                    ("halved", &lang.number(*halved, 1)),
                    ("doubled", &lang.number(*doubled, 1)),
                ],
            ));
        }
    }
}

/// What will be fitted, and the prior predictive range.
fn explain(
    panel: &Panel,
    specification: &Specification,
    context: &Context,
) -> anyhow::Result<Exit> {
    let lang = context.language;
    let plan = context.explain(crate::train::explanation(panel, specification, context.seed))?;
    if context.json {
        context.answer_json(&plan)?;
        return Ok(Exit::Good);
    }
    context.answer(&lang.say(
        "train-explain-head",
        &[
            ("name", &specification.name),
            ("says", &told_specification(specification, lang)),
            ("segments", &lang.number(plan.segments as f64, 0)),
            ("cells", &lang.number(plan.cells as f64, 0)),
            ("pooled", &plan.pooled.join(", ")),
            ("layers", &plan.layers.join(", ")),
        ],
    ))?;
    context.answer(&told_baseline(&plan, specification, lang))?;
    if !plan.delays.is_empty() {
        let share = |(network, share): (&String, &f64)| {
            format!("{network} {}", lang.percent(*share, 0)).trim_start().to_owned()
        };
        let shares = plan.delays.iter().map(share).collect::<Vec<_>>().join(", ");
        context.answer(&lang.say("train-explain-delay", &[("shares", &shares)]))?;
    }
    let shipped = Specification::default();
    for (name, prior) in &specification.prior {
        context.answer(&lang.say(
            "train-explain-prior",
            &[
                ("name", name),
                ("mean", &lang.short(prior.mean)),
                ("sd", &lang.short(prior.sd)),
                ("says", &told_prior(name, prior, &shipped, lang)),
            ],
        ))?;
    }
    context.answer(&lang.say(
        "train-explain-predictive",
        &[
            ("spend", &lang.money(plan.usual_spend, panel.currency)),
            ("low", &lang.short(plan.predictive[0])),
            ("middle", &lang.short(plan.predictive[2])),
            ("high", &lang.short(plan.predictive[4])),
            ("observed", &lang.short(plan.observed_mean)),
            ("elasticity_low", &lang.number(plan.doubling[0], 2)),
            ("elasticity_high", &lang.number(plan.doubling[4], 2)),
        ],
    ))?;
    Ok(Exit::Good)
}

/// What a specification assumes: the shipped ones in the person's language, others in their own
/// words.
fn told_specification(specification: &Specification, lang: Language) -> String {
    let shipped = Specification::named(&specification.name);
    if shipped.is_some_and(|shipped| shipped.says == specification.says) {
        lang.text(&format!("train-specification-{}", specification.name))
    } else {
        specification.says.clone()
    }
}

/// Whether organic actions are learnt, why, and how to have it otherwise.
fn told_baseline(plan: &Explanation, specification: &Specification, lang: Language) -> String {
    let (Baseline::Auto, organic) = (specification.baseline, plan.organic) else {
        let set =
            if plan.baseline { "train-explain-baseline-on" } else { "train-explain-baseline-off" };
        return lang.text(set);
    };
    let Some(organic) = organic else { return lang.text("train-explain-baseline-no-rows") };
    let decided = if organic.organic {
        "train-explain-baseline-found"
    } else {
        "train-explain-baseline-not-found"
    };
    lang.say(
        decided,
        &[
            ("rows", &lang.number(organic.rows as f64, 0)),
            ("level", &lang.percent(organic.level, 1)),
            ("constant", &lang.percent(organic.constant, 1)),
        ],
    )
}

/// What a prior means, likewise.
fn told_prior(name: &str, prior: &Prior, shipped: &Specification, lang: Language) -> String {
    if shipped.prior.get(name).is_some_and(|shipped| shipped.says == prior.says) {
        lang.text(&format!("train-prior-{name}"))
    } else {
        prior.says.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_priors_are_told_in_both_languages_and_a_persons_own_words_stay() {
        let mut specification = Specification::default();
        let shipped = Specification::default();
        for (name, prior) in &specification.prior {
            assert_eq!(told_prior(name, prior, &shipped, Language::En), prior.says, "{name}");
            assert_ne!(told_prior(name, prior, &shipped, Language::Fr), prior.says, "{name}");
        }
        assert_eq!(told_specification(&specification, Language::En), specification.says);
        let prior = specification.prior.get_mut("season").expect("a shipped prior");
        prior.says = "mine".to_owned();
        assert_eq!(told_prior("season", prior, &shipped, Language::Fr), "mine");
    }
}
