//! What a fit promises: truths inside intervals, files that read back, the same bytes.

use super::data::design;
use super::fitted::note::TrainNote;
use super::laplace::outer;
use super::nuts::{diagnostics, run, target};
use super::posterior::{draws, joint, prediction, sample};
use super::worlds::{Columns, Form, Settings, World, world};
use super::*;
use crate::action::{Action, Counts};
use crate::language::{Explain, Language};
use crate::panel::{Cell, Period};
use crate::random::Purpose;
use crate::response::flight::WeeklyResponse;
use crate::response::memory::Remembered;
use crate::segment::Segment;
use crate::units::Week;

/// Quantile by sorting.
fn quantile(values: &mut [f64], q: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * q).round() as usize]
}

/// Truths inside the central interval, and the median absolute relative error of the median, at
/// `times` the usual spend.
fn scored(world: &World, model: &Model, times: f64, level: f64) -> (usize, Vec<f64>) {
    let draws = model.draws(model.segments(), &[], 400, Seed(3), Purpose::Predict);
    let mut inside = 0;
    let mut errors = Vec::new();
    for i in 0..world.usual.len() {
        let spend = times * world.usual[i];
        let truth = world.response(i, spend);
        let mut values: Vec<f64> =
            (0..draws.len()).map(|d| draws.response(i, d).steady(spend)).collect();
        let low = quantile(&mut values, 0.5 - level / 2.0);
        let high = quantile(&mut values, 0.5 + level / 2.0);
        let median = quantile(&mut values, 0.5);
        inside += usize::from(low <= truth && truth <= high);
        errors.push((median / truth - 1.0).abs());
    }
    (inside, errors)
}

/// `WORLDS=50 cargo test --release --lib coverage_by_form -- --ignored --nocapture` (`FORM="power;baseline"`
/// for some lines only). Last measured over 50 worlds of 40 segments a line, 80 % intervals at the
/// usual spend and at twice; all but the last two lines report money and clicks alone:
///
/// | truth | usual | twice |
/// |---|---|---|
/// | saturating | 81.3 | 84.5 |
/// | undated | 79.0 | 79.7 |
/// | exponential | 82.5 | 81.4 |
/// | slow Hill | 79.3 | 84.5 |
/// | power | 82.2 | 84.5 |
/// | 10 weeks | 82.8 | 84.4 |
/// | 10 weeks, few actions | 81.5 | 84.4 |
/// | baseline | 84.2 | 85.9 |
/// | dispersion 3 | 82.1 | 84.9 |
/// | missing reach | 83.0 | 84.0 |
/// | nothing missing | 84.0 | 86.8 |
/// | delay (10 worlds) | 78.2 | 86.5 |
#[test]
#[ignore = "a measurement: prints coverage and error by form of the truth"]
fn coverage_by_form() {
    let n: u64 = std::env::var("WORLDS").ok().and_then(|n| n.parse().ok()).unwrap_or(10);
    let only = std::env::var("FORM").ok();
    for (name, settings) in forms() {
        if only.as_ref().is_some_and(|only| !only.split(';').any(|only| only == name)) {
            continue;
        }
        let started = std::time::Instant::now();
        let mut covered = Covered::default();
        for w in 0..n {
            covered.look(&settings, 1000 + w);
        }
        let [usual, twice] = covered.stretched(1.0);
        let [error, error2] = covered.median_errors();
        eprintln!(
            "{name:14} 80 % intervals at usual {:.1} %, at twice {:.1} %; median error {error:.3}, {error2:.3}; {:.2} s per fit",
            100.0 * usual,
            100.0 * twice,
            started.elapsed().as_secs_f64() / n as f64,
        );
        // Over 20 worlds the share's own standard error is some 2.5 points.
        if n >= 20 {
            assert!((0.72..0.92).contains(&usual) && (0.72..0.92).contains(&twice), "{name}");
        }
    }
}

/// Truths inside and outside the model's family.
fn forms() -> [(&'static str, Settings); 13] {
    let sparse = Settings { weeks: 10, ..Settings::default() };
    [
        ("saturating", Settings::default()),
        ("undated", Settings { dated: false, ..Settings::default() }),
        ("exponential", Settings { form: Form::Exponential, ..Settings::default() }),
        ("slow hill", Settings { form: Form::SlowHill, ..Settings::default() }),
        ("power", Settings { form: Form::Power, ..Settings::default() }),
        ("10 weeks", sparse.clone()),
        ("10 weeks, few", Settings { size: 3.0, ..sparse }),
        ("baseline", Settings { baseline: true, ..Settings::default() }),
        ("delay", Settings { delay: 0.4, ..Settings::default() }),
        ("delay, baseline", Settings { delay: 0.4, baseline: true, ..Settings::default() }),
        ("dispersion 3", Settings { dispersion: 3.0, ..Settings::default() }),
        ("missing reach", Settings { columns: Columns::Impressions, ..Settings::default() }),
        ("nothing missing", Settings { columns: Columns::Reach, ..Settings::default() }),
    ]
}

/// How truths lie in posteriors, at the usual spend and at twice.
#[derive(Default)]
struct Covered {
    /// How many times its 80 % interval's half width a truth is from the median, on its own side.
    far: [Vec<f64>; 2],
    /// Absolute relative errors of the medians.
    errors: [Vec<f64>; 2],
}

impl Covered {
    /// Fits one world and looks where its truths lie.
    fn look(&mut self, settings: &Settings, seed: u64) {
        let world = world(settings, Seed(seed));
        let model = fit(&world.panel, &Specification::default(), Seed(1)).unwrap();
        let draws = model.draws(model.segments(), &[], 400, Seed(3), Purpose::Predict);
        for (times, (far, errors)) in
            [1.0, 2.0].into_iter().zip(self.far.iter_mut().zip(&mut self.errors))
        {
            for i in 0..world.usual.len() {
                let spend = times * world.usual[i];
                let truth = world.response(i, spend);
                let mut values: Vec<f64> =
                    (0..draws.len()).map(|d| draws.response(i, d).steady(spend)).collect();
                let [low, median, high] = [0.1, 0.5, 0.9].map(|q| quantile(&mut values, q));
                let side = if truth < median { median - low } else { high - median };
                far.push((truth - median).abs() / side);
                errors.push((median / truth - 1.0).abs());
            }
        }
    }

    /// Shares of truths inside the 80 % intervals, these as many times as wide about their medians.
    fn stretched(&self, times: f64) -> [f64; 2] {
        [0, 1].map(|at: usize| {
            let inside = self.far[at].iter().filter(|far| **far <= times).count();
            inside as f64 / self.far[at].len() as f64
        })
    }

    fn median_errors(&mut self) -> [f64; 2] {
        [0, 1].map(|at: usize| quantile(&mut self.errors[at], 0.5))
    }
}

/// The shared benches' dense panel: `PANEL=panel_dense.csv TRUTH=truth_dense.json
/// cargo test --release --lib one_panel -- --ignored --nocapture`; `SPEC=file.toml` for other priors.
#[test]
#[ignore = "a measurement: fits the panel named by PANEL, into the file named by MODEL"]
fn one_panel() {
    let Ok(path) = std::env::var("PANEL") else { return };
    let (panel, _) = Panel::read_csv(std::path::Path::new(&path)).unwrap();
    let own = std::env::var("SPEC").map(|path| std::fs::read_to_string(path).unwrap());
    let own = own.map(|text| Specification::read(&text).unwrap());
    let specification = own.unwrap_or_default();
    let started = cpu_seconds();
    let model = fit(&panel, &specification, Seed(1)).unwrap();
    eprintln!("{:.2} CPU-s, {:?}", cpu_seconds() - started, model.card().diagnostics);
    if let Ok(out) = std::env::var("MODEL") {
        model.write(std::path::Path::new(&out)).unwrap();
    }
    if let Ok(truth) = std::env::var("TRUTH") {
        against_truth(&model, &std::fs::read_to_string(truth).unwrap());
    }
}

/// Median error and coverage of 90 % intervals, as the shared benches score; against their truth
/// (a week without season) and against that truth in the average week, which is what is predicted.
fn against_truth(model: &Model, truth: &str) {
    let truth: serde_json::Value = serde_json::from_str(truth).unwrap();
    let list = |key: &str| -> Vec<f64> {
        truth[key].as_array().unwrap().iter().map(|x| x.as_f64().unwrap_or(f64::NAN)).collect()
    };
    let ids: Vec<&str> =
        truth["segments"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    let season = list("season_log");
    let average = season[..52.min(season.len())].iter().map(|x| x.exp()).sum::<f64>()
        / season.len().min(52) as f64;
    let draws = model.draws(model.segments(), &[], 4000, Seed(3), Purpose::Predict);
    let spends = list("mean_pos_spend");
    for (times, key) in [(1.0, "response_at_mean"), (2.0, "response_at_2x")] {
        for factor in [1.0, average] {
            let (mut errors, mut signed, mut inside) = (Vec::new(), Vec::new(), 0);
            for ((id, spend), true_response) in ids.iter().zip(&spends).zip(list(key)) {
                let i = model.segments().iter().position(|own| own.id.ends_with(id)).unwrap();
                let mut values: Vec<f64> = (0..draws.len())
                    .map(|d| {
                        let curve = draws.response(i, d);
                        curve.steady(times * spend)
                    })
                    .collect();
                let [low, middle, high] = [0.05, 0.5, 0.95].map(|q| quantile(&mut values, q));
                let wanted = factor * true_response;
                signed.push(middle / wanted - 1.0);
                errors.push((middle / wanted - 1.0).abs());
                inside += usize::from(low <= wanted && wanted <= high);
            }
            eprintln!(
                "{times} x, truth x {factor:.4}: median error {:.2} %, signed {:+.2} %, 90 % intervals hold {:.1} %",
                100.0 * quantile(&mut errors, 0.5),
                100.0 * quantile(&mut signed, 0.5),
                100.0 * inside as f64 / ids.len() as f64,
            );
        }
    }
}

fn small() -> Settings {
    Settings { networks: 2, ages: 3, territories: 2, weeks: 12, ..Settings::default() }
}

pub(super) fn cell(segment: usize, week: Option<Week>, spend: f64, clicks: f64) -> Cell {
    let mut actions = Counts::default();
    actions.set(Action::Clicks, Some(clicks));
    Cell {
        segment,
        period: week.map(|week| Period { start: week.monday(), end: week.sunday() }),
        spend,
        impressions: None,
        reach: None,
        actions,
        censored: Vec::new(),
        at_least: Counts::default(),
        from_breakdown: false,
        new_creative: false,
        designed: false,
    }
}

/// Segments `s0, s1 …` without attributes.
fn bare(n: usize, cells: Vec<Cell>) -> Panel {
    let segment =
        |i| Segment { id: format!("s{i:05}"), attributes: std::collections::BTreeMap::new() };
    Panel {
        segments: (0..n).map(segment).collect(),
        cells,
        actions: vec![Action::Clicks],
        ..Panel::default()
    }
}

fn finite(model: &Model, spend: f64) {
    let questions: Vec<prediction::Question> = model
        .segments()
        .iter()
        .map(|segment| prediction::Question { segment: segment.clone(), spend, week: None })
        .collect();
    for (answer, question) in model.predict(&questions, 200, Seed(1)).iter().zip(&questions) {
        let id = &question.segment.id;
        assert!(answer.mean.is_finite() && answer.sd.is_finite(), "{id}: {answer:?}");
        assert!(answer.quantiles.is_sorted(), "{id}: {answer:?}");
    }
}

/// Two worlds of each form of the truth. Segments of a world share its season, so the share's own
/// standard error is near 2 points (26 worlds, 1 040 segments), and it was 80 to 86 % in the long
/// form; four errors either side refuse intervals that are 0.7 or 1.5 times as wide, which is looked
/// at as well.
#[test]
fn truths_lie_inside_intervals_about_as_often_as_promised() {
    let mut covered = Covered::default();
    let forms = forms();
    // Without optimisation one world of three forms, for the arithmetic's sake.
    let (some, worlds) = if cfg!(debug_assertions) { (3, 1) } else { (forms.len(), 2) };
    for (_, settings) in &forms[..some] {
        for w in 0..worlds {
            covered.look(settings, 50 + w);
        }
    }
    let holds = |share: f64| (0.75..=0.90).contains(&share);
    let told = [0.7, 1.0, 1.5].map(|times| covered.stretched(times));
    if cfg!(debug_assertions) {
        assert!(told[1].iter().all(|share| (0.65..=0.97).contains(share)), "{told:?}");
        return;
    }
    assert!(told[1].iter().all(|share| holds(*share)), "{told:?}");
    assert!(!told[0].iter().any(|share| holds(*share)), "{told:?}");
    assert!(!told[2].iter().any(|share| holds(*share)), "{told:?}");
}

#[test]
fn a_model_file_reads_back_as_itself_and_does_not_depend_on_threads() {
    let world = world(&small(), Seed(4));
    let fit_on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fit(&world.panel, &Specification::default(), Seed(9)).unwrap().to_json())
    };
    let json = fit_on(1);
    assert_eq!(json, fit_on(8));
    let model = Model::from_json(&json).unwrap();
    assert_eq!(model.to_json(), json);
    let draws =
        |segments: &[Segment]| model.draws(segments, &[], 20, Seed(2), Purpose::Choose).segments;
    let all = draws(model.segments());
    let one = draws(&model.segments()[3..4]);
    // Through text, because a CPM that nobody reported is NaN.
    let text = |draws: &draws::SegmentDraws| format!("{draws:?}");
    assert!(text(&all[3]) == text(&one[0]), "a segment's draws depend on the others asked for");
}

#[test]
fn a_file_cut_off_or_edited_is_an_error_with_a_reason() {
    let world = world(&small(), Seed(4));
    let json = fit(&world.panel, &Specification::default(), Seed(9)).unwrap().to_json();
    for cut in [0, 1, json.len() / 3, json.len() - 1] {
        assert!(Model::from_json(&json[..cut]).is_err(), "accepted {cut} bytes");
    }
    let edits: [(&str, &str); 7] = [
        ("\"version\":4", "\"version\":3"),
        ("\"relais-model\"", "\"other\""),
        ("\"network\":0", "\"network\":99"),
        ("\"p\":2", "\"p\":3"),
        ("\"harmonics\":2", "\"harmonics\":4"),
        ("\"recent\":[[0,", "\"recent\":[[0,-"),
        ("\"common_factor\":[", "\"common_factor\":[-1,"),
    ];
    for (from, to) in edits {
        assert!(json.contains(from), "the file has no {from}");
        assert!(Model::from_json(&json.replacen(from, to, 1)).is_err(), "accepted {to}");
    }
    let mut value: serde_json::Value = serde_json::from_str(&json).unwrap();
    value["posterior"]["segments"][0]["information"] = serde_json::json!([1.0, 50.0, 1.0]);
    assert!(Model::from_json(&value.to_string()).is_err(), "accepted an indefinite information");
}

#[test]
fn a_model_with_another_number_in_it_is_not_believed() {
    let world = world(&small(), Seed(4));
    let model = fit(&world.panel, &Specification::default(), Seed(9)).unwrap();
    let json = model.to_json();
    assert_eq!(Model::from_json(&format!("{json}\n")).unwrap().to_json(), json);
    // Nothing about it is impossible: only the digest tells.
    let number = json.find("\"log_rate\":").unwrap() + "\"log_rate\":".len();
    let end = number + json[number..].find(',').unwrap();
    let edited = format!("{}-4.5{}", &json[..number], &json[end..]);
    assert!(Model::of_any(&edited).is_ok());
    assert!(matches!(Model::from_json(&edited), Err(ModelError::Changed)));
    let at = json.rfind(",\"digest\"").unwrap();
    let bare = format!("{}}}", &json[..at]);
    assert!(matches!(Model::from_json(&bare), Err(ModelError::Bare)));
    assert_eq!(Model::of_any(&bare).unwrap().fingerprint(), model.fingerprint());
}

#[test]
fn poor_panels_are_learnt_and_impossible_ones_refused() {
    let week: Week = "2026-W10".parse().unwrap();
    let one = bare(1, vec![cell(0, Some(week), 100.0, 7.0)]);
    finite(&fit(&one, &Specification::default(), Seed(1)).unwrap(), 200.0);
    let undated = bare(5, (0..5).map(|i| cell(i, None, 50.0 + i as f64, 3.0)).collect());
    finite(&fit(&undated, &Specification::default(), Seed(1)).unwrap(), 1000.0);
    let zeros = bare(
        3,
        (0..30).map(|t| cell(t / 10, Some(week.plus((t % 10) as i64)), 20.0, 0.0)).collect(),
    );
    let model = fit(&zeros, &Specification::default(), Seed(1)).unwrap();
    finite(&model, 20.0);
    assert!(model.card().segments[0].response.0 < 0.5, "{:?}", model.card().segments[0]);
    let huge = bare(2, vec![cell(0, None, 1e12, 1e11), cell(1, None, 1e-6, 0.0)]);
    finite(&fit(&huge, &Specification::default(), Seed(1)).unwrap(), 1.0);

    let refused = |panel: &Panel| fit(panel, &Specification::default(), Seed(1)).unwrap_err();
    assert!(matches!(refused(&Panel::default()), TrainError::EmptyPanel));
    assert!(matches!(refused(&bare(1, vec![cell(0, None, 0.0, 0.0)])), TrainError::NoSpend));
    let nan = bare(1, vec![cell(0, None, f64::NAN, 0.0)]);
    assert!(matches!(refused(&nan), TrainError::BadCell { row: 1, .. }));
    let mut silent = cell(0, None, 5.0, 0.0);
    silent.actions = Counts::default();
    assert!(matches!(refused(&bare(1, vec![silent])), TrainError::NothingToLearn));
    let reach = Specification::named("reach").unwrap();
    assert!(matches!(fit(&one, &reach, Seed(1)), Err(TrainError::NeedsReach(_))));
}

#[test]
fn breakdown_rows_teach_rates_but_no_curvature() {
    let mut world = world(&small(), Seed(6));
    for cell in &mut world.panel.cells {
        cell.from_breakdown = true;
    }
    let model = fit(&world.panel, &Specification::default(), Seed(1)).unwrap();
    for (i, card) in model.card().segments.iter().enumerate() {
        assert!(!card.curvature_identified, "{card:?}");
        assert!(!model.bought(i));
        let observed = card.actions / 12.0;
        assert!((card.response.0 / observed).ln().abs() < 0.7, "{card:?}");
    }
}

#[test]
fn a_segment_never_seen_is_wider_than_its_relatives() {
    let world = world(&Settings::default(), Seed(7));
    let model = fit(&world.panel, &Specification::default(), Seed(1)).unwrap();
    let mut stranger = model.segments()[0].clone();
    stranger.id = "never seen".to_owned();
    let ask = |segment: &Segment| prediction::Question {
        segment: segment.clone(),
        spend: world.usual[0],
        week: None,
    };
    let answers = model.predict(&[ask(&model.segments()[0]), ask(&stranger)], 500, Seed(1));
    assert!(answers[1].prior_only && !answers[0].prior_only);
    assert!(answers[1].sd / answers[1].mean > 1.5 * answers[0].sd / answers[0].mean);
    let beyond =
        prediction::Question { spend: 100.0 * world.usual[0], ..ask(&model.segments()[0]) };
    let answer = &model.predict(&[beyond], 500, Seed(1))[0];
    assert!(answer.extrapolation);
    assert!(answer.sd / answer.mean > 1.5 * answers[0].sd / answers[0].mean, "{answer:?}");
}

#[test]
fn a_power_is_learnt_far_beyond_the_usual_spend() {
    let settings =
        Settings { form: Form::Power, weeks: 60, dispersion: 60.0, ..Settings::default() };
    let world = world(&settings, Seed(21));
    // Mean log of what is predicted at four times the usual spend over what is true.
    let off = |specification: &Specification| {
        let model = fit(&world.panel, specification, Seed(1)).unwrap();
        let draws = model.draws(model.segments(), &[], 200, Seed(3), Purpose::Predict);
        let segment = |i: usize| {
            let spend = 4.0 * world.usual[i];
            let mean = |d: usize| draws.response(i, d).steady(spend) / draws.len() as f64;
            let predicted: f64 = (0..draws.len()).map(mean).sum();
            (predicted / world.response(i, spend)).ln()
        };
        let all = 0..world.usual.len();
        all.clone().map(segment).sum::<f64>() / all.len() as f64
    };
    let learnt = off(&Specification::default());
    // Told that every curve has a ceiling (k = 1), the same panel falls short.
    let mut saturating = Specification::default();
    saturating.prior.get_mut("shape").unwrap().mean = 2.0_f64.ln();
    for name in ["shape", "shape_by_network"] {
        saturating.prior.get_mut(name).unwrap().sd = 0.01;
    }
    let told = off(&saturating);
    assert!(learnt.abs() < 0.06, "{learnt}");
    assert!(told < learnt - 0.05, "told {told}, learnt {learnt}");
}

#[test]
fn memory_of_past_weeks_is_found() {
    // Spend in bursts; half of the people still remember a week later; k = 1.
    let response = WeeklyResponse {
        ceiling: 3000.0,
        scale: 150.0,
        shape: 1.0,
        cpm_rise: 0.0,
        reference_spend: 100.0,
        carryover: 0.5,
    };
    let mut panel = bare(12, Vec::new());
    let first: Week = "2024-W01".parse().unwrap();
    for segment in 0..12 {
        let mut remembered = Remembered::NOTHING;
        for t in 0..60_i64 {
            let spend = [100.0, 180.0, 20.0, 60.0, 150.0][((t * 7 + segment) % 5) as usize];
            let gain = response.weeks([spend], &mut remembered).next().unwrap();
            let week = first.plus(t);
            let mut own = cell(segment as usize, Some(week), spend, gain.round());
            // Nobody remembers anything in the first week.
            own.new_creative = t == 0;
            panel.cells.push(own);
        }
    }
    let model = fit(&panel, &Specification::default(), Seed(1)).unwrap();
    let (_, low, high) = model.card().hyperparameters["carryover"];
    assert!(low < 0.52 && high > 0.48, "carryover {low} to {high}");
}

#[test]
fn organic_actions_and_delay_are_understood_without_being_told() {
    let says = |model: &Model, note: TrainNote| model.card().notes.contains(&note);
    let ads = world(&small(), Seed(4));
    let model = fit(&ads.panel, &Specification::default(), Seed(1)).unwrap();
    assert_eq!(model.specification().baseline, Baseline::Off);
    assert!(!says(&model, TrainNote::OrganicFound) && !says(&model, TrainNote::Delay));
    let settings = Settings { baseline: true, delay: 0.4, weeks: 60, ..small() };
    let mix = world(&settings, Seed(4));
    let model = fit(&mix.panel, &Specification::default(), Seed(1)).unwrap();
    assert_eq!(model.specification().baseline, Baseline::On);
    assert!(says(&model, TrainNote::OrganicFound) && says(&model, TrainNote::Delay));
    for network in ["n0", "n1"] {
        assert!((model.delay(network) - 0.4).abs() < 0.1, "{}", model.delay(network));
    }
    let (inside, mut errors) = scored(&mix, &model, 1.0, 0.9);
    assert!(2 * inside > errors.len() && quantile(&mut errors, 0.5) < 0.15, "{inside} {errors:?}");
    // What was decided holds when it learns again, and a person's word holds against it.
    let again = model.refit(&mix.panel, Seed(2)).unwrap();
    assert_eq!(again.specification(), model.specification());
    assert!((again.delay("n0") - model.delay("n0")).abs() < 1e-9);
    let told = Specification { baseline: Baseline::Off, ..Specification::default() };
    let model = fit(&mix.panel, &told, Seed(1)).unwrap();
    assert_eq!(model.specification().baseline, Baseline::Off);
    assert!(!says(&model, TrainNote::OrganicFound));
    let plan = explanation(&mix.panel, &Specification::default(), Seed(1)).unwrap();
    assert!(plan.baseline && plan.organic.unwrap().level > 0.05 && plan.delays.len() == 2);
}

#[test]
fn the_last_split_and_earlier_years_are_what_the_panel_says() {
    let first: Week = "2024-W01".parse().unwrap();
    let cells = (0..2)
        .flat_map(|i| (0..60).map(move |t| (i, t)))
        .map(|(i, t)| cell(i, Some(first.plus(t)), (1 + i) as f64 * 10.0, 4.0))
        .collect();
    let model = fit(&bare(2, cells), &Specification::default(), Seed(1)).unwrap();
    assert_eq!(model.last_split(28), vec![40.0, 80.0]);
    let weeks: Vec<Week> = vec!["2025-W03".parse().unwrap(), "2025-W04".parse().unwrap()];
    assert_eq!(model.earlier_spend(&weeks), vec![(2024, 60.0)]);
}

#[test]
fn specifications_are_read_overridden_and_refused_with_the_key() {
    for name in Specification::NAMES {
        assert!(Specification::named(name).is_some(), "{name}");
    }
    let own = "name = \"mine\"\nbased_on = \"default\"\n[prior.season]\nsd = 0.4\n";
    let read = Specification::read(own).unwrap();
    assert_eq!((read.prior("season").sd, read.prior("shock").sd), (0.4, 0.15));
    for (text, key) in [
        ("based_on = \"default\"\nbaselin = true", "baselin"),
        ("based_on = \"default\"\n[prior.seson]\nmean = 0.0\nsd = 1.0\nsays = \"\"", "season"),
        ("based_on = \"default\"\n[prior.season]\nsd = 0.0", "prior.season.sd"),
        ("based_on = \"nothing\"", "nothing"),
        ("name = 3", "name"),
    ] {
        let error = Specification::read(text).unwrap_err().to_string();
        assert!(error.contains(key), "{text}: {error}");
    }
    for (text, meant) in
        [("true", Baseline::On), ("false", Baseline::Off), ("\"auto\"", Baseline::Auto)]
    {
        let own = format!("based_on = \"default\"\nbaseline = {text}");
        let read = Specification::read(&own).unwrap();
        assert_eq!(read.baseline, meant);
        let json = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Specification>(&json).unwrap(), read);
    }
    let wrong = Specification::read("based_on = \"default\"\nbaseline = \"perhaps\"").unwrap_err();
    for language in Language::ALL {
        let told = wrong.explain(language);
        assert!(told.contains("\"auto\"") && told.contains("baseline"), "{told}");
        assert!(!told.contains("told-"), "{told}");
    }
}

#[test]
fn learning_again_after_one_more_week_agrees_with_learning_from_scratch() {
    let world = world(&Settings { weeks: 26, ..small() }, Seed(12));
    let last = world.panel.span().unwrap().end;
    let mut before = world.panel.clone();
    before.cells.retain(|cell| cell.period.unwrap().end < last);
    let old = fit(&before, &Specification::default(), Seed(1)).unwrap();
    let again = old.refit(&world.panel, Seed(1)).unwrap();
    let scratch = fit(&world.panel, &Specification::default(), Seed(1)).unwrap();
    for (a, b) in again.card().segments.iter().zip(&scratch.card().segments) {
        let (low, high) = (b.response.1, b.response.2);
        // Within a quarter of the interval's half-width: hyper-parameters hardly moved.
        assert!((a.response.0 - b.response.0).abs() < 0.125 * (high - low), "{a:?} {b:?}");
    }
}

/// `cargo test --release --lib cost_by_size -- --ignored --nocapture`
#[test]
#[ignore = "a measurement: CPU seconds and megabytes by number of segments"]
fn cost_by_size() {
    for (ages, territories, weeks) in [(4, 5, 104), (10, 20, 52), (20, 100, 52), (40, 250, 52)] {
        let settings = Settings { networks: 2, ages, territories, weeks, ..Settings::default() };
        let world = world(&settings, Seed(3));
        let specification = Specification { most_levels: 300, ..Specification::default() };
        let clock = cpu_seconds();
        let model = fit(&world.panel, &specification, Seed(1)).unwrap();
        let whole = cpu_seconds() - clock;
        let clock = cpu_seconds();
        let _ = model.refit(&world.panel, Seed(1)).unwrap();
        eprintln!(
            "{} segments x {weeks}: fit {whole:.2} CPU s, refit {:.2} s, file {:.1} MB, {:?}",
            world.panel.segments.len(),
            cpu_seconds() - clock,
            model.to_json().len() as f64 / 1e6,
            model.card().notes,
        );
    }
}

#[test]
fn what_follows_from_doubt_depends_on_who_was_asked_and_on_size() {
    let of = Verdict::of;
    for engine in [Engine::Nested, Engine::Auto] {
        assert_eq!(of(engine, 0.5, 100_000), Verdict::Stands);
        // A refit weighs nothing.
        assert_eq!(of(engine, f64::NAN, 100), Verdict::Stands);
        assert_eq!(of(engine, 0.9, FALL_BACK + 1), Verdict::Stands);
        assert_eq!(of(engine, 1.5, FALL_BACK + 1), Verdict::NotConfirmed);
        assert_eq!(of(engine, f64::INFINITY, FALL_BACK + 1), Verdict::NotConfirmed);
    }
    assert_eq!(of(Engine::Auto, 0.9, FALL_BACK), Verdict::Stands);
    assert_eq!(of(Engine::Auto, 1.1, FALL_BACK), Verdict::Walk);
    assert_eq!(of(Engine::Nested, 1.5, FALL_BACK), Verdict::NotConfirmed);
    assert_eq!(of(Engine::Nuts, 0.1, 100_000), Verdict::Walk);
}

#[test]
fn an_engine_in_doubt_is_taken_over_or_told_of() {
    let settings = Settings { ages: 2, territories: 1, weeks: 8, ..small() };
    let world = world(&settings, Seed(21));
    let specification = Specification::default();
    let forced = |engine: Engine| {
        let layers = design::Layers::new(&world.panel, &specification).unwrap();
        let design = Design::new(&world.panel, &specification, &layers).unwrap();
        let mut fitted = outer::fit(&design, &specification, None, Seed(1)).unwrap();
        fitted.pareto_k = 1.5;
        learnt(&world.panel, &specification, engine, &design, layers, &fitted, Seed(1)).unwrap()
    };
    let says = |model: &Model, note: TrainNote| model.card().notes.contains(&note);
    let told = forced(Engine::Nested);
    assert!(says(&told, TrainNote::NotConfirmed) && says(&told, TrainNote::Widened));
    assert_eq!(told.card().engine, "nested");
    let walked = forced(Engine::Auto);
    assert!(says(&walked, TrainNote::FellBack), "{:?}", walked.card().notes);
    assert!(!says(&walked, TrainNote::NotConfirmed) && !says(&walked, TrainNote::Widened));
    assert_eq!(walked.card().engine, "nuts");
    assert!(walked.card().diagnostics["chains"] == 4.0);
    assert!(!walked.file().posterior.draws.is_empty());
    // Both speak of the same posterior, the fast one 15 % wider.
    for (a, b) in told.card().segments.iter().zip(&walked.card().segments) {
        assert!((a.response.0 / b.response.0).ln().abs() < 0.25, "{a:?} {b:?}");
    }
}

/// Three segments of one size say little of what size does: held beyond it, a segment a thousand
/// times smaller has the rate of the smallest that they can speak of.
#[test]
fn size_is_not_extrapolated_to_strangers_far_smaller_than_any_segment() {
    let settings = Settings { networks: 1, ages: 3, territories: 1, weeks: 12, ..small() };
    let panel = world(&settings, Seed(4)).panel;
    let model = fit(&panel, &Specification::default(), Seed(1)).unwrap();
    let mut stranger = panel.segments[0].clone();
    stranger.id = "nobody".to_owned();
    let rate = |usual: f64| {
        let segments = [stranger.clone()];
        let draws =
            model.draws_around(&segments, &[Some(usual)], &[], 100, Seed(2), Purpose::Predict);
        let steady = |d: usize| draws.response(0, d).week(usual) / usual;
        (0..100).map(steady).collect::<Vec<f64>>()
    };
    for (a, b) in rate(1e-4).into_iter().zip(rate(1e-6)) {
        assert!((a / b).ln().abs() < 1e-6, "{a} {b}");
    }
}

/// What is learnt of engagement is learnt of money at the base price: where prices rise with spend,
/// the same money of a stranger buys less, as a known segment's does.
#[test]
fn a_stranger_is_promised_no_more_than_its_dearer_money_buys() {
    let settings = Settings {
        networks: 1,
        ages: 3,
        territories: 1,
        weeks: 12,
        columns: Columns::Impressions,
        ..small()
    };
    let panel = world(&settings, Seed(4)).panel;
    let model = fit(&panel, &Specification::default(), Seed(1)).unwrap();
    let mut stranger = panel.segments[0].clone();
    stranger.id = "nobody".to_owned();
    let at_usual = |rise: f64| {
        let mut model = model.clone();
        model.file.delivery.as_mut().expect("impressions are known").rise.0 = rise;
        let segments = [stranger.clone()];
        let draws =
            model.draws_around(&segments, &[Some(100.0)], &[], 50, Seed(2), Purpose::Predict);
        (0..50).map(|d| draws.response(0, d).week(100.0)).collect::<Vec<f64>>()
    };
    // At its usual spend, money is worth `2^(−γ)` of what it is worth at the base price.
    for (flat, dearer) in at_usual(0.0).into_iter().zip(at_usual(0.3)) {
        assert!((dearer / flat * 2_f64.powf(0.3) - 1.0).abs() < 1e-9, "{flat} {dearer}");
    }
}

/// `cargo test --release --lib what_learning_again_loses -- --ignored --nocapture`
#[test]
#[ignore = "a measurement: learning again against learning from scratch"]
fn what_learning_again_loses() {
    for settings in
        [Settings { weeks: 26, ..small() }, Settings { weeks: 52, ..Settings::default() }]
    {
        let world = world(&settings, Seed(12));
        let last = world.panel.span().unwrap().end;
        let mut before = world.panel.clone();
        before.cells.retain(|cell| cell.period.unwrap().end < last);
        let old = fit(&before, &Specification::default(), Seed(1)).unwrap();
        let clock = cpu_seconds();
        let scratch = fit(&world.panel, &Specification::default(), Seed(1)).unwrap();
        let whole = cpu_seconds() - clock;
        let clock = cpu_seconds();
        let again = (0..20).map(|_| old.refit(&world.panel, Seed(1)).unwrap()).next_back().unwrap();
        let part = (cpu_seconds() - clock) / 20.0;
        for times in [1.0, 2.0] {
            let responses = |model: &Model| -> Vec<Vec<f64>> {
                let draws = model.draws(model.segments(), &[], 8000, Seed(3), Purpose::Predict);
                let of = |i: usize, d: usize| draws.response(i, d).steady(times * world.usual[i]);
                (0..world.usual.len())
                    .map(|i| (0..draws.len()).map(|d| of(i, d)).collect())
                    .collect()
            };
            let gaps = gaps(&responses(&again), &responses(&scratch));
            eprintln!(
                "{} x {}, {times}: {gaps:.3?}; {whole:.3} s, again {part:.4} s",
                world.usual.len(),
                settings.weeks
            );
        }
    }
}

/// Seconds of CPU time that this process has used.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or("");
    let ticks: f64 =
        after.split_whitespace().skip(11).take(2).filter_map(|x| x.parse::<f64>().ok()).sum();
    ticks / 100.0
}

#[test]
#[ignore = "a measurement: R-hat of every hyper-parameter and segment on one world"]
fn how_the_chains_mix() {
    let get = |name: &str, or: usize| -> usize {
        std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(or)
    };
    let settings = Settings {
        networks: get("NETWORKS", 2),
        ages: get("AGES", 3),
        territories: get("TERRITORIES", 2),
        weeks: get("WEEKS", 40),
        baseline: get("BASELINE", 0) == 1,
        ..Settings::default()
    };
    let world = world(&settings, Seed(get("WORLD", 21) as u64));
    let specification = Specification::default();
    let layers = design::Layers::new(&world.panel, &specification).unwrap();
    let design = Design::new(&world.panel, &specification, &layers).unwrap();
    let fitted = outer::fit(&design, &specification, None, Seed(1)).unwrap();
    let ground = NutsInputs::new(&design, &specification, &fitted);
    let density = Density::new(&design, &fitted, &ground);
    let before = cpu_seconds();
    let sampled = run::sample(density, Seed(get("SEED", 1) as u64)).unwrap();
    let spent = cpu_seconds() - before;
    let ess = sampled.diagnostics["min_ess_bulk"];
    eprintln!("pareto k {:.2}, dim {}", fitted.pareto_k, density.dim());
    eprintln!("{:?}: {spent:.1} CPU-s, {:.2} ESS per CPU-s", sampled.diagnostics, ess / spent);
    let chains = |read: &dyn Fn(&target::Point) -> f64| -> Vec<Vec<f64>> {
        let points = &sampled.points;
        points.chunks(points.len() / 4).map(|chain| chain.iter().map(read).collect()).collect()
    };
    let mut theta: Vec<(f64, usize, usize)> = Vec::new();
    for i in 0..design.segments.len() {
        for j in 0..design.p() {
            theta.push((diagnostics::ess_bulk(&chains(&|point| point.state.theta[i][j])), i, j));
        }
    }
    theta.sort_by(|a, b| a.0.total_cmp(&b.0));
    eprintln!("segments' least ess (segment, parameter): {:?}", &theta[..5]);
    for (i, parameter) in fitted.space.parameters.iter().enumerate() {
        let chains = chains(&|point| point.psi[i]);
        let all: Vec<f64> = chains.concat();
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        let sd = (all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / all.len() as f64).sqrt();
        let (below, above) = fitted.spread(i);
        eprintln!(
            "{:32} mode {:6.2} -{below:.2} +{above:.2}  chains {mean:6.2} sd {sd:.2}  R-hat {:.3} ess {:.0}",
            parameter.name,
            fitted.psi[i],
            diagnostics::rhat(&chains),
            diagnostics::ess_bulk(&chains),
        );
    }
}

/// How far the fast engine is from the reference on one panel.
#[derive(Debug)]
struct Gaps {
    /// Worst gap of a segment's mean, in the reference's standard deviations.
    mean: f64,
    /// Worst ratio of a segment's standard deviations, as a log.
    sd: f64,
    /// Worst and typical gap of the correlation of two segments.
    correlation: (f64, f64),
    /// The reference's own standard error, of a segment's mean and of the log of its standard
    /// deviation: half the difference of the first two chains and the last two, root mean square.
    noise: (f64, f64),
}

/// The two engines on one world: their gaps at the usual spend and at twice, and the reference's
/// diagnostics.
fn compared(
    name: &str,
    settings: &Settings,
    seed: u64,
) -> ([Gaps; 2], [std::collections::BTreeMap<String, f64>; 2]) {
    let world = world(settings, Seed(seed));
    let specification = Specification::default();
    let nested = fit(&world.panel, &specification, Seed(1)).unwrap();
    let walked = || fit_with(&world.panel, &specification, Engine::Nuts, Seed(1)).unwrap();
    // Long chains are walked once and kept where `REFERENCE` says.
    let kept = std::env::var("REFERENCE").ok().map(|folder| format!("{folder}/{name} {seed}.json"));
    let nuts = match kept {
        Some(path) => Model::read(std::path::Path::new(&path)).unwrap_or_else(|_| {
            let model = walked();
            model.write(std::path::Path::new(&path)).unwrap();
            model
        }),
        None => walked(),
    };
    if std::env::var("TRACE").is_ok() {
        trace(&nested, &nuts);
    }
    // The reference's own draws, each once.
    let [fast, slow] =
        [&nested, &nuts].map(|model| sample::Sampler::all(model.file(), 16_000, Seed(3)));
    let gaps = [1.0, 2.0].map(|times| {
        let of = |sampler: &sample::Sampler<'_>, model: &Model| -> Vec<Vec<f64>> {
            let segments = model.segments().iter().enumerate();
            segments
                .map(|(i, segment)| {
                    let drawn = sampler.known(i, segment);
                    let usual = drawn.reference_spend;
                    let draws = drawn.draws.iter().enumerate();
                    let curve = draws.map(|(d, own)| {
                        joint::weekly(own, usual, sampler.carryover(d))
                            .steady(times * world.usual[i])
                    });
                    curve.collect()
                })
                .collect()
        };
        gaps(&of(&fast, &nested), &of(&slow, &nuts))
    });
    (gaps, [&nested, &nuts].map(|model| model.card().diagnostics.clone()))
}

/// Prints the two engines' mean and spread of every number.
fn trace(fast: &Model, slow: &Model) {
    let all = |model: &Model| sample::Sampler::all(model.file(), 16_000, Seed(3)).traced();
    for ((name, fast), (_, slow)) in all(fast).into_iter().zip(all(slow)) {
        let moments = |values: &[f64]| {
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let central =
                |power: i32| values.iter().map(|x| (x - mean).powi(power)).sum::<f64>() / n;
            let sd = central(2).sqrt();
            (mean, sd, central(3) / sd.powi(3))
        };
        let ((a, sa, ga), (b, sb, gb)) = (moments(&fast), moments(&slow));
        eprintln!(
            "  {name:32} {b:8.3} sd {sb:.3} skew {gb:+.2}: mean {:+.3} sd, sd {:+.1} %, skew {ga:+.2}",
            (a - b) / sb,
            100.0 * (sa / sb - 1.0),
        );
    }
}

fn gaps(fast: &[Vec<f64>], slow: &[Vec<f64>]) -> Gaps {
    let moments = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let square = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        (mean, (square / values.len() as f64).sqrt())
    };
    let correlation = |a: &[f64], b: &[f64]| {
        let ((ma, sa), (mb, sb)) = (moments(a), moments(b));
        let product: f64 = a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)).sum();
        product / (a.len() as f64 * sa * sb)
    };
    let (mut mean, mut sd, mut apart) = (0.0_f64, 0.0_f64, Vec::new());
    let mut noise = (0.0, 0.0);
    for i in 0..fast.len() {
        let ((ma, sa), (mb, sb)) = (moments(&fast[i]), moments(&slow[i]));
        let (first, last) = slow[i].split_at(slow[i].len() / 2);
        let ((first, sd_first), (last, sd_last)) = (moments(first), moments(last));
        noise.0 += (0.5 * (first - last) / sb).powi(2) / fast.len() as f64;
        noise.1 += (0.5 * (sd_first / sd_last).ln()).powi(2) / fast.len() as f64;
        mean = mean.max((ma - mb).abs() / sb);
        sd = sd.max((sa / sb).ln().abs());
        for j in 0..i {
            let both = |all: &[Vec<f64>]| correlation(&all[i], &all[j]);
            apart.push((both(fast) - both(slow)).abs());
        }
        if std::env::var("EACH").is_ok() {
            eprintln!(
                "  {i}: mean {:+.3} sd, sd {:+.1} %",
                (ma - mb) / sb,
                100.0 * (sa / sb - 1.0)
            );
        }
    }
    let typical = quantile(&mut apart, 0.5);
    let noise = (noise.0.sqrt(), noise.1.sqrt());
    Gaps { mean, sd, correlation: (quantile(&mut apart, 1.0), typical), noise }
}

/// `CHAIN=10000 cargo test --release --lib the_two_engines_agree -- --ignored --nocapture`, some
/// 90 CPU-s; with `REFERENCE=folder` the chains are kept there for the next time, `EACH=1` and
/// `TRACE=1` tell more, and without `CHAIN` short chains leave noise of their own.
///
/// Wanted: means within 0.1 posterior standard deviations, standard deviations within 10 %,
/// correlations alike (0.1, the typical pair); to the first two the reference's own standard error is
/// added, told by its chains' halves (0.005 to 0.016 standard deviations, 0.4 to 1.6 %). Last measured,
/// the worst segment at the usual spend and at twice, then the typical gap of correlations:
///
/// | panel | world | means | sds, % | correlations |
/// |---|---|---|---|---|
/// | 12 x 12 | 21 | 0.059, 0.056 | 5, 5 | 0.02, 0.02 |
/// | | 5 | 0.049, 0.047 | 4, 4 | 0.02, 0.03 |
/// | | 22 | 0.085, 0.072 | **14**, **13** | 0.04, 0.04 |
/// | | 33 | 0.077, 0.080 | 4, 4 | 0.02, 0.02 |
/// | 12 x 60 | 21 | 0.055, 0.051 | 4, 4 | 0.01, 0.01 |
/// | | 5 | 0.048, 0.058 | 4, 7 | 0.03, 0.02 |
/// | | 22 | **0.118**, **0.115** | 8, 9 | 0.03, 0.04 |
/// | | 33 | 0.039, 0.045 | 6, 3 | 0.03, 0.03 |
/// | 12 x 40 undated | 21 | 0.031, 0.037 | 2, 3 | 0.01, 0.01 |
/// | | 5 | 0.037, 0.054 | 2, 6 | 0.01, 0.02 |
/// | | 22 | 0.071, 0.085 | 2, 6 | 0.01, 0.05 |
/// | | 33 | 0.043, 0.075 | 2, 6 | 0.01, 0.03 |
/// | 6 x 40 | 21 | 0.061, 0.066 | 7, 4 | 0.05, 0.04 |
/// | | 5 | **0.115**, **0.176** | 8, 10 | 0.04, 0.02 |
/// | | 22 | 0.074, **0.108** | 7, 8 | 0.02, 0.03 |
/// | | 33 | 0.046, 0.054 | 7, 8 | 0.03, 0.03 |
///
/// Measured with a prior of saturation of 1.0 ± 1.0. With that of today (1.4 ± 1.2; `CHAIN=3000`) world 21
/// has 0.041, 0.046 and 5, 6 %; 0.043, 0.051 and 4, 4 %; 0.024, 0.035 and 2, 4 %; 0.052, 0.070 and
/// 7, 4 %; the others were not walked again.
///
/// World 21 (the default) passes; `WORLD=5`, `22`, `33` are others. Before segments' saturation was
/// drawn from a table (`profile`), log fall leant (`centre`) and shared effects narrowed with their
/// scales (`outer`), world 21 had means up to 0.105 and sds up to 11 %, the others means up to 0.169 and
/// sds up to 13 %. What is left (bold) comes from the laws of the hyper-parameters: with those of the
/// reference put in their place, world 5 of 6 x 40 went from 0.17 to 0.07 and world 22 of 12 x 12 from 14
/// to 11 %; with its shared effects as well, all of them were within 0.07 but for 0.09 of one. Drawing them from
/// 1500 points by their weights (Pareto-smoothed) takes world 22 of 12 x 12 to 0.05 and 6 %, at four times
/// the steps of the search, and leaves 12 x 60 no better; 256 points leave more noise than they
/// take away. A straight fall of the tails of small scales changes nothing by more than 0.01.
#[test]
#[ignore = "minutes: the two engines on four panels"]
fn the_two_engines_agree() {
    let panels = [
        ("12 x 12", small()),
        ("12 x 60", Settings { weeks: 60, ..small() }),
        ("12 x 40 undated", Settings { dated: false, weeks: 40, ..small() }),
        ("6 x 40", Settings { territories: 1, weeks: 40, ..small() }),
    ];
    // The noise of short chains: some 0.03 standard deviations a segment, and 2 % of its spread.
    let noise = if std::env::var("CHAIN").is_ok() { 0.0 } else { 0.06 };
    let seed = std::env::var("WORLD").ok().and_then(|n| n.parse().ok()).unwrap_or(21);
    let mut wrong = Vec::new();
    for (name, settings) in panels {
        if std::env::var("ONLY").is_ok_and(|only| only != name) {
            continue;
        }
        let before = cpu_seconds();
        let (gaps, [nested, nuts]) = compared(name, &settings, seed);
        let spent = cpu_seconds() - before;
        eprintln!("{name}: {gaps:.3?}\n  {nested:?}\n  {nuts:?} {spent:.1} CPU-s");
        for gap in gaps {
            let most = 0.1 + noise;
            let (mean, sd) = (gap.mean - gap.noise.0, gap.sd - gap.noise.1);
            if mean > most || sd > most || gap.correlation.1 > 0.1 {
                wrong.push(format!("{name}: {gap:?}"));
            }
        }
        if nuts["max_rhat"] > 1.05 {
            wrong.push(format!("{name}: R-hat {}", nuts["max_rhat"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// The same on a panel small enough for every run: 4 segments x 12 weeks, with room for what so
/// little leaves to skewness and to the chains' own noise.
#[test]
fn the_two_engines_agree_on_a_small_panel() {
    let settings =
        Settings { networks: 2, ages: 2, territories: 1, weeks: 12, ..Settings::default() };
    let (gaps, [_, nuts]) = compared("4 x 12", &settings, 21);
    assert!(nuts["max_rhat"] < 1.05, "{nuts:?}");
    for gap in gaps {
        assert!(gap.mean < 0.3 && gap.sd < 0.25, "{gap:?}");
    }
}

#[test]
fn days_are_learnt_from_as_weeks_and_dates_of_two_ages_are_refused() {
    let first: Week = "2025-W02".parse().unwrap();
    let day = |segment: usize, week: i64, day: i64| {
        let date = first.plus(week).monday().checked_add(jiff::Span::new().days(day)).unwrap();
        let mut cell = cell(segment, None, 10.0 + day as f64, 4.0);
        cell.period = Some(Period { start: date, end: date });
        cell
    };
    let days: Vec<Cell> = (0..2)
        .flat_map(|segment| (0..8).flat_map(move |week| (0..7).map(move |d| (segment, week, d))))
        .map(|(segment, week, d)| day(segment, week, d))
        .collect();
    let model = fit(&bare(2, days.clone()), &Specification::default(), Seed(1)).unwrap();
    assert_eq!(model.card().cells, 16);
    assert!(model.card().notes.contains(&TrainNote::DaysAddedUp));
    // Seven days of 10 to 16 are 91 a week, and bring some 28 actions.
    finite(&model, 91.0);
    let asked =
        prediction::Question { segment: model.segments()[0].clone(), spend: 91.0, week: None };
    let answer = &model.predict(&[asked], 400, Seed(1))[0];
    assert!((18.0..42.0).contains(&answer.mean), "{answer:?}");
    let mut far = days;
    far[3].period =
        Some(Period { start: jiff::civil::date(2999, 1, 1), end: jiff::civil::date(2999, 1, 1) });
    let refused = fit(&bare(2, far), &Specification::default(), Seed(1));
    assert!(matches!(refused, Err(TrainError::DatesTooFar { .. })), "{refused:?}");
}

#[test]
fn a_segment_that_moves_by_itself_is_predicted_from_where_it_is() {
    // One of twelve segments triples over 40 weeks, step by step; the others do not move.
    let first: Week = "2025-W02".parse().unwrap();
    let level = |segment: usize, t: usize| {
        let wobble = ((segment * 31 + t * 17) % 23) as f64 / 23.0 - 0.5;
        let grown = (3.0_f64.ln() * t as f64 / 39.0).exp();
        let down = if segment.is_multiple_of(2) { grown } else { 3.0 / grown };
        (100.0 * down * (0.1 * wobble).exp()).round()
    };
    let spend = |segment: usize, t: usize| 80.0 + ((segment * 13 + t * 7) % 11) as f64 * 4.0;
    let cells = (0..12)
        .flat_map(|s| (0..40).map(move |t| (s, t)))
        .map(|(s, t)| cell(s, Some(first.plus(t as i64)), spend(s, t), level(s, t)))
        .collect();
    let model = fit(&bare(12, cells), &Specification::default(), Seed(1)).unwrap();
    assert!(model.card().diagnostics.contains_key("segment_drift"));
    for (i, expected) in [(0, 300.0), (1, 100.0)] {
        let segment = model.segments()[i].clone();
        let asked = prediction::Question { segment, spend: 100.0, week: Some(first.plus(40)) };
        let answer = &model.predict(&[asked], 400, Seed(1))[0];
        // The history's average would be 180 for both; a third off today's level is far too far.
        let ratio = answer.mean / expected;
        assert!((0.75..1.35).contains(&ratio), "{i}: {ratio} {answer:?}");
    }
}

#[test]
fn draws_for_arviz_have_a_chain_a_draw_and_every_segment() {
    let world = world(&small(), Seed(4));
    let model = fit(&world.panel, &Specification::default(), Seed(9)).unwrap();
    let json = serde_json::to_value(model.arviz(30, Seed(1))).unwrap();
    let response = &json["posterior"]["response"];
    let lengths = [response, &response[0], &response[0][0]].map(|x| x.as_array().unwrap().len());
    assert_eq!(lengths, [1, 30, world.usual.len()]);
    assert_eq!(json["coords"]["segment"].as_array().unwrap().len(), world.usual.len());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: 60,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn a_damaged_file_is_an_error_or_a_model_that_draws(
        at in 0.0..1.0_f64, damage in 0_usize..6,
    ) {
        let json = damaged(at, damage);
        if let Ok(model) = Model::of_any(&json) {
            // What passes the checks must be usable: no panic, whatever it says.
            let draws = model.draws(model.segments(), &[], 3, Seed(2), Purpose::Choose);
            proptest::prop_assert_eq!(draws.segments.len(), model.segments().len());
        }
    }
}

/// A small model's file with a number, a bracket or a stretch changed at a place.
fn damaged(at: f64, damage: usize) -> String {
    static FILE: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let json = FILE.get_or_init(|| {
        let world = world(&small(), Seed(4));
        fit(&world.panel, &Specification::default(), Seed(9)).unwrap().to_json()
    });
    let place = (at * json.len() as f64) as usize;
    // From there on, the next number.
    let from = json[place..].find(|c: char| c.is_ascii_digit()).map_or(place, |i| place + i);
    let until = json[from..]
        .find(|c: char| !(c.is_ascii_digit() || ".e-+".contains(c)))
        .map_or(json.len(), |i| from + i);
    let with = |new: &str| format!("{}{new}{}", &json[..from], &json[until..]);
    match damage {
        0 => with("-1e300"),
        1 => with("1e308"),
        2 => with("null"),
        3 => with("-1"),
        4 => format!("{}{}", &json[..place], &json[(place + 40).min(json.len())..]),
        _ => with("0,0,0,0"),
    }
}
