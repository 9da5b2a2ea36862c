//! Whether a plan keeps its own account: a mean inside its own interval, what it was chosen for
//! beside what it promises, no more actions than impressions, and what its model has against
//! itself. What does not hold is a finding; no figure is bent to make it hold.

use rust_decimal::prelude::ToPrimitive;

use crate::allocate::plan::row::Range;
use crate::allocate::plan::{Certificate, Plan};
use crate::allocate::told::Value;
use crate::campaign::HistoryMoney;
use crate::rules::finding::{Finding, Reader, Severity};
use crate::train::fitted::verdict::Doubt;
use crate::units::Currency;

/// Standard errors by which chosen and promised value may differ by chance.
const ERRORS: f64 = 3.0;
/// Share of the promise by which they may always differ: nobody decides by less.
const SHARE: f64 = 0.02;

/// A gap above this is no proof that a person can decide by.
const OPEN: f64 = 0.01;

fn warning<const N: usize>(
    code: &str,
    segments: Vec<String>,
    values: [(&str, Value); N],
    reader: &Reader<'_>,
) -> Finding {
    Finding::new(Severity::Warning, code, segments, values, reader)
}

/// One doubt of a model as a finding.
#[must_use]
pub fn doubt(doubt: &Doubt, reader: &Reader<'_>) -> Finding {
    let (whole, short) = (Vec::new, Value::Short);
    match doubt {
        Doubt::NotConfirmed { pareto_k } => {
            warning("model-not-confirmed", whole(), [("pareto_k", short(*pareto_k))], reader)
        }
        Doubt::Segments { segments, pareto_k } => {
            let values = [("pareto_k", short(*pareto_k))];
            warning("model-segments-not-confirmed", segments.clone(), values, reader)
        }
        Doubt::NotConverged { rhat } => {
            warning("model-not-converged", whole(), [("rhat", short(*rhat))], reader)
        }
        Doubt::Diverged { share } => {
            warning("model-diverged", whole(), [("share", Value::Percent(*share))], reader)
        }
        Doubt::Overconfident { covered, cells } => {
            let cells = Value::Whole(*cells as f64);
            let values = [("covered", Value::Percent(*covered)), ("cells", cells)];
            warning("model-overconfident", whole(), values, reader)
        }
    }
}

/// What a model has against itself, as far as it concerns the funded segments of a plan.
pub(crate) fn doubtful(doubts: &[Doubt], plan: &Plan, reader: &Reader<'_>) -> Vec<Finding> {
    let funded = |id: &String| plan.rows.iter().any(|row| row.budget > 0.0 && row.segment == *id);
    let concerns = |own: &Doubt| match own {
        Doubt::Segments { segments, pareto_k } => {
            let segments: Vec<String> = segments.iter().filter(|id| funded(id)).cloned().collect();
            let pareto_k = *pareto_k;
            (!segments.is_empty()).then_some(Doubt::Segments { segments, pareto_k })
        }
        other => Some(other.clone()),
    };
    doubts.iter().filter_map(concerns).map(|own| doubt(&own, reader)).collect()
}

/// What is assumed of the history's money.
pub(crate) fn assumed(
    said: &HistoryMoney,
    money_in: Option<Currency>,
    reader: &Reader<'_>,
) -> Option<Finding> {
    if let Some(exchange) = &said.exchange {
        let name = |text: &str| Value::Name(text.to_owned());
        let silent = |key: &str| Value::Message(key.to_owned());
        let rate = exchange.rate.normalize();
        let digits = rate.scale() as usize;
        let values = [
            ("from", name(exchange.from.code())),
            ("to", name(exchange.to.code())),
            ("rate", Value::Decimal(rate.to_f64().unwrap_or(f64::NAN), digits)),
            ("day", exchange.date.map_or_else(|| silent("campaign-rate-undated"), Value::Date)),
            (
                "source",
                exchange.source.as_deref().map_or_else(|| silent("campaign-rate-unsourced"), name),
            ),
        ];
        return Some(Finding::new(Severity::Note, "history-rate", Vec::new(), values, reader));
    }
    let said = said.currency.or(money_in);
    let budget = reader.currency.map_or_else(String::new, |own| own.to_string());
    let values = [("currency", Value::Name(budget))];
    said.is_none().then(|| Finding::new(Severity::Note, "no-currency", Vec::new(), values, reader))
}

/// What the plan was chosen for and what it promises, draw by draw, when they differ by more than
/// chance and by more than anybody would decide by.
pub(crate) fn flattered(chosen: &[f64], promised: &[f64], reader: &Reader<'_>) -> Option<Finding> {
    let (had, has) = (Range::of(chosen).mean, Range::of(promised).mean);
    let square = |values: &[f64], mean: f64| {
        let n = values.len() as f64;
        values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0) / n
    };
    let error = (square(chosen, had) + square(promised, has)).sqrt();
    let apart = (had - has).abs();
    // Apart by rounding alone when both streams are the same draws.
    (apart > ERRORS * error && apart > SHARE * has.abs()).then(|| {
        let values = [
            ("chosen", Value::Short(had)),
            ("promised", Value::Short(has)),
            ("error", Value::Short(error)),
        ];
        warning("chosen-not-promised", Vec::new(), values, reader)
    })
}

/// A proof that leaves much open, however the search ended.
pub(crate) fn unproven(certificate: &Certificate, reader: &Reader<'_>) -> Option<Finding> {
    let (reached, bound) = (certificate.objective, certificate.upper_bound);
    (certificate.gap > OPEN).then(|| {
        let values = [
            ("gap", Value::Short(100.0 * certificate.gap)),
            ("reached", Value::Short(reached)),
            ("bound", Value::Short(bound)),
        ];
        warning("proof-open", Vec::new(), values, reader)
    })
}

/// Segments of which more actions are expected than impressions: an action needs one.
pub(crate) fn more_than_shown(plan: &Plan, reader: &Reader<'_>) -> Option<Finding> {
    let rows = plan.rows.iter().filter(|row| {
        row.budget > 0.0 && row.impressions.is_some_and(|shown| row.actions.mean > shown)
    });
    let segments: Vec<String> = rows.map(|row| row.segment.clone()).collect();
    (!segments.is_empty()).then(|| warning("more-actions-than-impressions", segments, [], reader))
}

/// Codes of the findings on heavy tails.
const TAILS: [&str; 3] = ["heavy-tail", "heavy-tail-segments", "heavy-tail-other"];

/// Judges every interval of a plan anew: a mean outside its own is told, with its figures.
pub fn judge_tails(plan: &mut Plan, reader: &Reader<'_>) {
    plan.findings.retain(|finding| !TAILS.contains(&finding.code.as_str()));
    let found = tails(plan, reader);
    plan.findings.extend(found);
    plan.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
}

fn tails(plan: &Plan, reader: &Reader<'_>) -> Vec<Finding> {
    let figures = |range: &Range| {
        [
            ("mean", Value::Short(range.mean)),
            ("low", Value::Short(range.p10)),
            ("high", Value::Short(range.p90)),
        ]
    };
    let mut found = Vec::new();
    let whole = [&plan.actions, &plan.value];
    if let Some(range) = whole.into_iter().find(|range| !range.holds_its_mean()) {
        found.push(warning("heavy-tail", Vec::new(), figures(range), reader));
    }
    let rows = plan.rows.iter().filter(|row| {
        let points = row.curve.iter().map(|point| Range {
            mean: point.mean,
            p10: point.p10,
            p50: point.mean,
            p90: point.p90,
            mostly: None,
        });
        let own = [row.actions, row.value];
        own.into_iter().chain(points).any(|range| !range.holds_its_mean())
    });
    let segments: Vec<String> = rows.map(|row| row.segment.clone()).collect();
    if !segments.is_empty() {
        found.push(warning("heavy-tail-segments", segments, [], reader));
    }
    if let Some(other) = plan.baselines.iter().find(|other| !other.value.holds_its_mean()) {
        let name = Value::Message(format!("allocate-policy-{}", other.name));
        let [mean, low, high] = figures(&other.value);
        found.push(warning(
            "heavy-tail-other",
            Vec::new(),
            [("name", name), mean, low, high],
            reader,
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::solver::solve::Status;
    use crate::allocate::tests::fixture::{campaign, divide, draws, request};
    use crate::allocate::{PlanRequest, plan};
    use crate::campaign::Campaign;
    use crate::language::Language;
    use crate::language::message::Plain;
    use crate::reference::Reference;
    use crate::rules::Tables;

    fn reader(campaign: &Campaign) -> Reader<'_> {
        Reader { language: Language::En, currency: None, overrides: &campaign.overrides }
    }

    #[test]
    fn chosen_and_promised_may_differ_by_chance_or_by_little() {
        let campaign = campaign("");
        let reader = reader(&campaign);
        let around = |mean: f64, spread: f64| -> Vec<f64> {
            (0..100).map(|d| mean + spread * (f64::from(d % 10) - 4.5)).collect()
        };
        let told = |chosen: Vec<f64>, promised: Vec<f64>| flattered(&chosen, &promised, &reader);
        assert_eq!(told(around(100.0, 0.0), around(100.0, 0.0)), None);
        // 10 % apart with standard errors of 5 %; 1.5 % apart without any.
        assert_eq!(told(around(110.0, 17.0), around(100.0, 17.0)), None);
        assert_eq!(told(around(101.5, 0.01), around(100.0, 0.01)), None);
        let found = told(around(110.0, 2.0), around(100.0, 2.0)).unwrap();
        assert_eq!(found.code, "chosen-not-promised");
        assert!(
            found.needs_a_person() && found.told.values["chosen"] == Value::Short(110.0),
            "{found:?}"
        );
    }

    #[test]
    fn a_plan_chosen_on_draws_that_flatter_it_says_so() {
        let fresh = draws(40, 400, 3);
        let mut lucky = draws(40, 60, 3);
        for own in lucky.segments.iter_mut().flat_map(|segment| &mut segment.draws) {
            own.ceiling *= 1.5;
        }
        let plan = divide(&campaign(""), &lucky, &fresh).unwrap();
        assert!(plan.findings.iter().any(|found| found.code == "chosen-not-promised"));
        let honest = divide(&campaign(""), &fresh, &fresh).unwrap();
        assert!(honest.findings.iter().all(|found| found.code != "chosen-not-promised"));
    }

    #[test]
    fn what_a_model_has_against_itself_goes_with_its_plans() {
        let (campaign, choose) = (campaign(""), draws(6, 60, 3));
        let tables = Tables::load(&Reference::default()).unwrap();
        let funded = vec!["segment 1".to_owned(), "segment 5".to_owned()];
        let doubts = [
            Doubt::NotConfirmed { pareto_k: 1.31 },
            Doubt::Segments { segments: funded, pareto_k: 0.9 },
            Doubt::Overconfident { covered: 0.69, cells: 240 },
        ];
        let request = PlanRequest { doubts: &doubts, ..request(&campaign, &choose, &tables) };
        let plan = plan(&request).unwrap();
        // What the rules have to say comes after it.
        let own = || plan.findings.iter().take_while(|found| found.code.starts_with("model-"));
        let codes: Vec<&str> = own().map(|found| found.code.as_str()).collect();
        assert_eq!(
            codes,
            ["model-not-confirmed", "model-segments-not-confirmed", "model-overconfident"]
        );
        assert!(plan.needs_a_person());
        for language in Language::ALL {
            for found in own() {
                let told = found.say(&Plain { language, currency: None });
                assert!(!told.contains('⟨'), "{told}");
            }
        }
        assert_eq!(plan.findings[2].told.values["covered"], Value::Percent(0.69));
    }

    #[test]
    fn a_proof_that_leaves_more_than_a_hundredth_open_needs_a_person() {
        let (campaign, choose) = (campaign(""), draws(6, 60, 3));
        let plan = divide(&campaign, &choose, &choose).unwrap();
        assert!(plan.findings.iter().all(|found| found.code != "proof-open"));
        for status in [Status::Optimal, Status::OptimalBeforeRounding, Status::GapLimit] {
            let of = |gap: f64| {
                let upper_bound = plan.certificate.objective / (1.0 - gap);
                let open = Certificate { upper_bound, gap, status, ..plan.certificate.clone() };
                unproven(&open, &reader(&campaign))
            };
            assert_eq!(of(0.0099), None);
            let found = of(0.02).unwrap();
            assert!(found.needs_a_person(), "{found:?}");
            for (language, gap) in [(Language::En, "2.00 %"), (Language::Fr, "2,00")] {
                let told = found.say(&Plain { language, currency: None });
                assert!(told.contains(gap) && !told.contains('⟨'), "{told}");
            }
        }
    }

    #[test]
    fn more_actions_than_impressions_are_told() {
        let mut choose = draws(6, 60, 3);
        // A million money per thousand impressions: hardly any are shown.
        choose.segments[2].draws.iter_mut().for_each(|own| own.cpm = 1e6);
        let plan = divide(&campaign(""), &choose, &choose).unwrap();
        let found =
            plan.findings.iter().find(|found| found.code == "more-actions-than-impressions");
        assert_eq!(found.unwrap().segments, ["segment 2"]);
    }
}
