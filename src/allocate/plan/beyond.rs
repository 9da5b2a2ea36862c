//! Money that a whole budget puts where it brings next to nothing: what `spend = "up_to"` would
//! keep, and what would be lost.

use super::choosing::tabulated::rough;
use super::context::PlanContext;
use crate::allocate::problem::Problem;
use crate::allocate::solver::divide::{Worth, worth};
use crate::allocate::solver::search::Settings;
use crate::allocate::told::Value;
use crate::rules::finding::{Finding, Reader, Severity};

/// One more unit of money brings next to nothing below this share of what the plan's brings on
/// average.
const HARDLY: f64 = 1e-3;
/// Less of the budget than this is not worth a word.
const WORTH_TELLING: f64 = 0.01;
/// Halvings between a budget that is useful and one that is not.
const HALVINGS: usize = 12;

/// What the plan would keep were it allowed to spend less; `None` where all its money is useful.
pub(crate) fn beyond_use(
    context: &PlanContext<'_>,
    promised: f64,
    settings: &Settings,
    reader: &Reader<'_>,
) -> Option<Finding> {
    let problem = &context.resolved.problem;
    let budget = problem.budget();
    let own = problem.value(&context.solution.spend);
    let hardly = HARDLY * own.abs() / budget;
    // Where the last unit of money is useful, all of it is.
    if !problem.spend_all || own <= 0.0 || context.solution.prices.budget.less > hardly {
        return None;
    }
    let settings = rough(settings);
    let kept = |smaller: &Worth| budget - smaller.spent;
    let told = |smaller: &Worth| kept(smaller) > WORTH_TELLING * budget;
    let all = smaller(problem, budget, &settings)?;
    let (code, least) = if told(&all) {
        ("spent-beyond-use", all)
    } else {
        ("spent-for-little", least_useful(problem, hardly, &settings)?)
    };
    // Told in the measure of the promise.
    let lost = promised * (1.0 - least.value / own);
    let code = if lost < 0.0 { "spent-to-harm" } else { code };
    let values = [
        ("kept", Value::Money(kept(&least))),
        ("rest", Value::Money(least.spent)),
        ("lost", Value::Short(lost.abs())),
        ("value", Value::Short(promised)),
    ];
    told(&least).then(|| Finding::new(Severity::Note, code, Vec::new(), values, reader))
}

/// The best plan of a budget that need not be spent.
fn smaller(problem: &Problem, budget: f64, settings: &Settings) -> Option<Worth> {
    let budget_minor = (budget * problem.minor_per_unit as f64).round() as i64;
    let other = Problem { budget_minor, spend_all: false, step: 1, ..problem.clone() };
    worth(&other, settings)
}

/// About the least budget whose last unit of money brings next to nothing.
fn least_useful(problem: &Problem, hardly: f64, settings: &Settings) -> Option<Worth> {
    let (mut useful, mut idle) = (0.0, problem.budget());
    let mut least = None;
    for _ in 0..HALVINGS {
        let middle = 0.5 * (useful + idle);
        match smaller(problem, middle, settings) {
            Some(found) if found.price.less <= hardly => {
                idle = middle;
                least = Some(found);
            }
            _ => useful = middle,
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use crate::allocate::plan::Plan;
    use crate::allocate::told::Value;
    use crate::allocate::{KnownPlanRequest, Settings, plan_curves, read_curves};
    use crate::campaign::Campaign;
    use crate::language::Language;
    use crate::language::message::Plain;
    use crate::random::Seed;
    use crate::reference::Reference;
    use crate::rules::Tables;

    fn divided(curves: &str, spend: &str) -> Plan {
        let text = format!(
            "title = \"t\"\nbudget = \"1000 EUR\"\nspend = \"{spend}\"\n\
             flight = {{ start = 2027-03-01, end = 2027-03-07 }}\n"
        );
        let campaign = Campaign::parse(&text, std::path::Path::new("c.toml")).unwrap();
        let tables = Tables::load(&Reference::default()).unwrap();
        let curves = read_curves(curves.as_bytes(), "curves.csv").unwrap();
        plan_curves(&KnownPlanRequest {
            campaign: &campaign,
            curves: &curves,
            tables: &tables,
            language: Language::En,
            seed: Seed(1),
            fingerprint: "test",
            settings: Settings::default(),
        })
        .unwrap()
    }

    #[test]
    fn money_beyond_the_point_of_use_is_told_with_what_it_brings() {
        let saturated = "segment,form,p1,p2\na,exponential,100,20\nb,exponential,80,30\n";
        let plan = divided(saturated, "all");
        let found = plan.findings.iter().find(|f| f.code.starts_with("spent-")).unwrap();
        assert_eq!(found.code, "spent-for-little");
        assert!(!found.needs_a_person());
        let value = |name: &str| match &found.told.values[name] {
            Value::Money(number) | Value::Short(number) => *number,
            other => panic!("{other:?}"),
        };
        let (kept, rest, lost) = (value("kept"), value("rest"), value("lost"));
        assert!((kept + rest - 1000.0).abs() < 1e-6 && kept > 400.0, "{found:?}");
        // What the rest of the budget brings by itself, by the curves' own formula: both are worth
        // a thousandth of the average there.
        let hardly = 1e-3 * 180.0 / 1000.0;
        let least: f64 = [(100.0, 20.0), (80.0, 30.0)]
            .iter()
            .map(|(top, scale): &(f64, f64)| scale * (top / scale / hardly).ln())
            .sum();
        assert!((rest / least - 1.0).abs() < 0.01, "{rest} {least}");
        let left: f64 = hardly * (20.0 + 30.0);
        assert!((lost / left - 1.0).abs() < 0.05, "{lost} {left}");
        for language in Language::ALL {
            let told = found.say(&Plain { language, currency: plan.currency });
            assert!(!told.contains('⟨'), "{told}");
        }
        let silent = |plan: &Plan| plan.findings.iter().all(|f| !f.code.starts_with("spent-"));
        assert!(silent(&divided(saturated, "up_to")));
        let useful = "segment,form,p1,p2\na,exponential,100,400\nb,exponential,80,300\n";
        assert!(silent(&divided(useful, "all")));
    }
}
