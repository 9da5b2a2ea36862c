//! A test moves a model as far as its error says, and one that does not match moves nothing.

use std::path::Path;
use std::sync::LazyLock;

use super::table::parse;
use super::*;
use crate::numeric::summary::{deviation, mean};
use crate::random::Purpose;
use crate::segment::Segment;
use crate::train::worlds::{Settings, world};
use crate::train::{Specification, fit};
use crate::units::{Currency, Week};

/// Twelve audiences of two networks over thirty weeks: 2024-W01 to 2024-W30.
static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let settings = Settings { ages: 3, territories: 2, ..Settings::default() };
    let panel = world(&settings, Seed(4)).panel;
    fit(&panel, &Specification::default(), Seed(1)).unwrap()
});

const LAST: &str = "2024-W30";

/// An A/B test of one audience in the history's last week: twice its usual money against once.
fn doubled(model: &Model, segment: usize) -> OutsideTest {
    let week: Week = LAST.parse().unwrap();
    let usual = model.file().posterior.segments[segment].reference;
    OutsideTest {
        line: 2,
        attributes: model.segments()[segment].attributes.clone(),
        start: week.monday(),
        end: week.sunday(),
        kind: TestKind::Ab,
        action: None,
        unit: EffectUnit::Actions,
        spend_test: 2.0 * usual,
        spend_control: usual,
        effect: 0.0,
        se: 1.0,
        currency: None,
        source: None,
    }
}

/// The effect of such a test by draw, and the network's incremental share, from what anybody can ask
/// of a model.
fn drawn(model: &Model, test: &OutsideTest, segment: usize, n: usize) -> Vec<(f64, f64)> {
    let week = LAST.parse().unwrap();
    let own: Segment = model.segments()[segment].clone();
    let draws = model.draws(&[own], &[week], n, Seed(77), Purpose::Predict);
    let network = draws.segments[0].network;
    let one = |d: usize| {
        let season: f64 = draws.season(d, network).sum();
        let response = draws.response(0, d);
        let over = response.steady(test.spend_test) - response.steady(test.spend_control);
        (season * over, draws.shared[d].incremental[network])
    };
    (0..n).map(one).collect()
}

fn moved(model: &Model) -> Moved {
    match &model.tests()[0].verdict {
        Verdict::Used(moved) => *moved,
        Verdict::Refused(refusal) => panic!("{refusal:?}"),
    }
}

/// Mean and standard deviation under weights.
fn weighed(values: impl Iterator<Item = (f64, f64)> + Clone) -> (f64, f64) {
    let total: f64 = values.clone().map(|(_, w)| w).sum();
    let mean = values.clone().map(|(x, w)| x * w).sum::<f64>() / total;
    let variance = values.map(|(x, w)| w * (x - mean).powi(2)).sum::<f64>() / total;
    (mean, variance.sqrt())
}

#[test]
fn a_test_of_one_curve_moves_it_as_a_conjugate_calculation_says() {
    let test = doubled(&MODEL, 3);
    let before: Vec<f64> = drawn(&MODEL, &test, 3, 4000).iter().map(|own| own.0).collect();
    let (at, wide) = (mean(&before), deviation(&before));
    // As sure as the history, a standard deviation higher: half of the way, and √½ of the spread.
    let test = OutsideTest { effect: at + wide, se: wide, ..test };
    let model = MODEL.clone().with_tests(std::slice::from_ref(&test), Seed(1));
    let after: Vec<f64> = drawn(&model, &test, 3, 4000).iter().map(|own| own.0).collect();
    // The posterior is not quite normal (its effect is an exponential of one), and a thousand points
    // leave a thirtieth of its spread.
    let (found, narrow) = (mean(&after), deviation(&after));
    assert!((found / (at + 0.5 * wide) - 1.0).abs() < 0.05, "{at} ± {wide} → {found}");
    assert!((narrow / (wide / 2.0_f64.sqrt()) - 1.0).abs() < 0.12, "{wide} → {narrow}");
    // What is told is what is drawn.
    let told = moved(&model);
    assert!(
        (told.before.mean / at - 1.0).abs() < 0.03 && (told.after.mean / found - 1.0).abs() < 0.03
    );
    assert!((told.weight - (1.0 - (narrow / wide).powi(2))).abs() < 0.1, "{told:?}");
    assert!((told.surprise - 0.5_f64.sqrt()).abs() < 0.1 && !told.contradicts());
    assert_eq!(told.audiences, 1);
    let tested: Vec<usize> = model.card().segments.iter().map(|own| own.tested).collect();
    assert_eq!((tested[3], tested.iter().sum::<usize>()), (1, 1));
}

#[test]
fn a_lift_moves_share_and_curve_as_weighing_draws_does() {
    let test = OutsideTest { kind: TestKind::Holdout, spend_control: 0.0, ..doubled(&MODEL, 7) };
    let before = drawn(&MODEL, &test, 7, 20_000);
    let at = mean(&before.iter().map(|own| own.0).collect::<Vec<_>>());
    let test = OutsideTest { effect: 0.6 * at, se: 0.06 * at, ..test };
    let log = |own: &(f64, f64)| -0.5 * ((test.effect - own.0 * own.1) / test.se).powi(2);
    let weights: Vec<f64> = before.iter().map(|own| log(own).exp()).collect();
    let under =
        |of: fn(&(f64, f64)) -> f64| weighed(before.iter().map(of).zip(weights.iter().copied()));
    let (share, curve) = (under(|own| own.1), under(|own| own.0));
    let model = MODEL.clone().with_tests(std::slice::from_ref(&test), Seed(1));
    let after = drawn(&model, &test, 7, 4000);
    let of = |of: fn(&(f64, f64)) -> f64| {
        let values: Vec<f64> = after.iter().map(of).collect();
        (mean(&values), deviation(&values))
    };
    // Some 2 000 of the 20 000 weighed draws count: a fiftieth of a spread; the points leave a
    // thirtieth.
    for (found, exact) in [(of(|own| own.1), share), (of(|own| own.0), curve)] {
        assert!((found.0 - exact.0).abs() < 0.12 * exact.1, "{found:?}, {exact:?}");
        assert!((found.1 / exact.1 - 1.0).abs() < 0.1, "{found:?}, {exact:?}");
    }
    // The other network's share is what it was: anything.
    let told = &model.card().incremental;
    assert_eq!(told.len(), 1);
    assert!(model.card().segments.iter().all(|own| own.tested == 0), "a holdout bends no curve");
    assert!((told[0].share.mean - share.0).abs() < 0.12 * share.1, "{told:?}");
    let (known, other) = (&told[0].network, MODEL.segments()[0].attributes["network"].clone());
    assert_ne!(*known, other, "segments 0 and 7 were to be of two networks");
    let free = drawn(&model, &test, 0, 4000).iter().map(|own| own.1).collect::<Vec<_>>();
    assert!((mean(&free) - 0.5).abs() < 0.04 && (deviation(&free) - 0.289).abs() < 0.03);
}

#[test]
fn a_test_far_from_the_history_is_followed_and_told() {
    let test = doubled(&MODEL, 3);
    let before: Vec<f64> = drawn(&MODEL, &test, 3, 2000).iter().map(|own| own.0).collect();
    let (at, wide) = (mean(&before), deviation(&before));
    let test = OutsideTest { effect: at + 5.0 * wide, se: 0.2 * wide, ..test };
    let model = MODEL.clone().with_tests(std::slice::from_ref(&test), Seed(1));
    let told = moved(&model);
    assert!(told.contradicts() && told.surprise > 4.0, "{told:?}");
    assert!((told.after.mean - test.effect).abs() < 2.0 * test.se, "{told:?} for {}", test.effect);
}

#[test]
fn an_old_test_moves_as_one_with_a_larger_error() {
    let week: Week = "2024-W10".parse().unwrap();
    let test = doubled(&MODEL, 3);
    let old = OutsideTest { start: week.monday(), end: week.sunday(), effect: 50.0, ..test };
    let told = moved(&MODEL.clone().with_tests(std::slice::from_ref(&old), Seed(1)));
    // Twenty weeks of a half-life of 52.
    assert_eq!(told.age, 20.0);
    assert!((told.se - 2.0_f64.powf(10.0 / 52.0)).abs() < 1e-4, "{told:?}");
    let mut model = MODEL.clone();
    model.file.specification.tests_half_life = 10.0;
    assert!((moved(&model.with_tests(std::slice::from_ref(&old), Seed(1))).se - 2.0).abs() < 1e-4);
}

#[test]
fn a_test_that_does_not_match_is_refused_and_moves_nothing() {
    let test = doubled(&MODEL, 3);
    let with = |attribute: &str, value: &str| {
        let mut test = test.clone();
        test.attributes.insert(attribute.to_owned(), value.to_owned());
        test
    };
    let week: Week = "2025-W10".parse().unwrap();
    let later = OutsideTest { start: week.monday(), end: week.sunday(), ..test.clone() };
    let clicks = OutsideTest { action: Some(crate::action::Action::Shares), ..test.clone() };
    let dollars = OutsideTest { currency: Some("USD".parse().unwrap()), ..test.clone() };
    let tests = [with("age", "a7"), with("topic", "jobs"), later, clicks, dollars];
    let mut before = MODEL.clone();
    before.file.currency = Some(Currency::EUR);
    let model = before.clone().with_tests(&tests, Seed(1));
    let reasons: Vec<&Verdict> = model.tests().iter().map(|own| &own.verdict).collect();
    insta::assert_debug_snapshot!(reasons);
    for language in [crate::language::Language::En, crate::language::Language::Fr] {
        for verdict in &reasons {
            let Verdict::Refused(refusal) = verdict else { panic!("{verdict:?}") };
            let told = refusal.message().say(language, None);
            assert!(told.len() > 20 && !told.contains('{'), "{told}");
        }
    }
    assert_eq!(model.file.posterior, before.file.posterior);
    assert_eq!(model.card().segments, before.card().segments);
}

#[test]
fn a_model_with_tests_is_read_back_and_does_not_depend_on_threads() {
    let test = OutsideTest { effect: 40.0, se: 20.0, ..doubled(&MODEL, 3) };
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| MODEL.clone().with_tests(std::slice::from_ref(&test), Seed(1)))
    };
    let model = with(1);
    assert_eq!(model.to_json(), with(3).to_json());
    assert_eq!(Model::from_json(&model.to_json()).unwrap(), model);
    // Given others, it forgets these.
    assert_eq!(model.with_tests(&[], Seed(1)), MODEL.clone());
}

#[test]
fn a_table_is_read_with_either_separator_and_its_faults_are_named() {
    let read = |text: &str| parse(text, Path::new("tests.csv"));
    let head = "network,start,end,kind,spend_test,spend_control,effect,se";
    let row = "n0,2024-03-04,2024-03-31,lift,1000,0,120,30";
    let one = read(&format!("{head}\n{row}\n")).unwrap().remove(0);
    assert_eq!((one.line, one.effect, one.se, one.kind), (2, 120.0, 30.0, TestKind::Lift));
    assert_eq!(one.attributes.into_iter().collect::<Vec<_>>(), [("network".into(), "n0".into())]);
    let semicolons = "age;start;end;kind;action;unit;spend_test;spend_control;effect;low;high;level\n\
                      18-24;2024-03-04;2024-03-31;ab;clicks;percent;1 000,50;500;12,5;2,7;22,3;95\n";
    let one = read(semicolons).unwrap().remove(0);
    assert_eq!((one.spend_test, one.effect), (1000.5, 12.5));
    assert!((one.se - 5.0).abs() < 1e-3, "{}", one.se);
    let mut told = Vec::new();
    for (head, row) in [
        (head.replace("effect", "efect"), row.to_owned()),
        (head.replace(",se", ""), row.replace(",30", "")),
        (head.to_owned(), row.replace("lift", "guess")),
        (head.to_owned(), row.replace("2024-03-31", "2024-02-31")),
        (head.to_owned(), row.replace("2024-03-31", "2024-03-01")),
        (head.to_owned(), row.replace("1000", "-1")),
        (head.to_owned(), row.replace("1000", "0")),
        (head.to_owned(), row.replace(",30", ",0")),
        (head.to_owned(), row.replace(",120", ",many")),
        (head.to_owned(), row.replace(",30", "")),
    ] {
        let error = read(&format!("{head}\n{row}\n")).unwrap_err();
        for language in [crate::language::Language::En, crate::language::Language::Fr] {
            told.push(crate::language::Explain::explain(&error, language));
        }
    }
    assert!(matches!(read(&format!("{head}\n")), Err(TestsError::Number { found: 0, .. })));
    insta::assert_snapshot!(told.join("\n"));
}
