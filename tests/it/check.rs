//! Plans that were changed since they were written are believed by no command.

use std::path::Path;

use relais::check::Marked as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::exits::relais;

const CURVES: &str = "segment,form,p1,p2,p3,min,max,min_if_funded,fixed_cost,group\n\
    a,exposure,900,300,1.2,,,50,20,north\n\
    b,hill,800,250,2.5,,600,100,,north\n\
    c,exponential,500,200,,,,,,south\n\
    d,power,12,0.6,,,400,,,south\n\
    e,points,0:0;100:90;300:200,,,,,,,south\n";

/// A folder with a plan over known curves, in `out/`.
fn planned(rules: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let campaign = format!(
        "title = \"t\"\nbudget = \"1000 EUR\"\n\
         flight = {{ start = 2027-03-01, end = 2027-04-11 }}\n{rules}"
    );
    std::fs::write(folder.path().join("c.toml"), campaign).unwrap();
    std::fs::write(folder.path().join("curves.csv"), CURVES).unwrap();
    let (exit, _, err) =
        relais(folder.path(), &["plan", "c.toml", "--curves", "curves.csv", "--out", "out"]);
    assert!(exit <= 1, "{err}");
    folder
}

fn read(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("out/plan.json")).unwrap()).unwrap()
}

fn write(folder: &Path, plan: &Value) {
    std::fs::write(folder.join("out/plan.json"), plan.to_string()).unwrap();
}

#[test]
fn every_command_refuses_a_plan_that_was_edited_and_says_what_differs() {
    let folder = planned("");
    let (at, plan) = (folder.path(), read(folder.path()));
    std::fs::create_dir(at.join("other")).unwrap();
    std::fs::copy(at.join("out/plan.json"), at.join("other/plan.json")).unwrap();
    std::fs::write(at.join("model.json"), "{}").unwrap();
    let budget = plan["rows"][0]["budget"].as_f64().unwrap();
    let mut edited = plan.clone();
    edited["rows"][0]["budget"] = json!(-50.0);
    let mut swapped = plan.clone();
    swapped["rows"][0]["segment"] = json!("b");
    swapped["rows"][1]["segment"] = json!("a");
    for (plan, said) in [(&edited, "weeks add up to"), (&swapped, "rows (segments")] {
        write(at, plan);
        for command in ACTING {
            let (exit, out, err) = relais(at, command);
            assert_eq!(exit, 2, "{command:?}: {out}{err}");
            assert!(err.contains(said) && err.contains("pin = 450"), "{command:?}: {err}");
            assert!(!at.join("new.csv").exists());
        }
    }
    // In French, amounts as they are written there.
    write(at, &edited);
    let (_, _, err) = relais(at, &["report", "out", "--lang", "fr"]);
    assert!(err.contains("n’est pas un budget") && err.contains("€"), "{err}");
    assert!(budget > 0.0 && err.contains("la somme de ses semaines donne"), "{err}");
    // As it was written, it is believed, whatever its spaces.
    write(at, &plan);
    let (exit, _, err) = relais(at, &["report", "out"]);
    assert!(exit <= 1, "{err}");
}

/// Commands that act on the plan in `out`.
const ACTING: [&[&str]; 5] = [
    &["report", "out"],
    &["report", "--compare", "other", "out"],
    &["report", "--bulk", "c.toml", "--plan", "out/plan.json", "--out", "new.csv"],
    &["review", "--plan", "out/plan.json", "--history", "h.sqlite"],
    &["plan", "--resume", "out/plan.json", "--history", "h.sqlite"],
];

#[test]
fn a_plan_whose_digest_was_taken_off_is_believed_by_nobody() {
    let folder = planned("");
    let (at, plan) = (folder.path(), read(folder.path()));
    std::fs::create_dir(at.join("other")).unwrap();
    std::fs::copy(at.join("out/plan.json"), at.join("other/plan.json")).unwrap();
    let with = |edit: &dyn Fn(&mut serde_json::Map<String, Value>)| {
        let mut edited = plan.clone();
        edit(edited.as_object_mut().unwrap());
        edited
    };
    // An edit that no sum tells: the promise of a row.
    let taken = with(&|plan| {
        plan.remove("digest");
        plan["rows"][0]["value"]["p90"] = json!(99_999.0);
    });
    let nulled = with(&|plan| plan["digest"] = Value::Null);
    let dated_back = with(&|plan| {
        plan.remove("digest");
        plan["version"] = json!(1);
    });
    let half = with(&|plan| plan["version"] = json!(1));
    let later = with(&|plan| plan["version"] = json!(99));
    for (edited, said) in [
        (&taken, ["carries no digest", "was removed, and nobody", "plan --check"]),
        (&nulled, ["carries no digest", "was removed, and nobody", "plan --check"]),
        (&dated_back, ["carries no digest", "from before there were digests", "plan --check"]),
        (&half, ["the digests themselves", "version", "plan again"]),
        (&later, ["version 99", "later relais", "up to 2"]),
    ] {
        write(at, edited);
        for command in ACTING {
            let (exit, out, err) = relais(at, command);
            assert_eq!(exit, 2, "{command:?}: {out}{err}");
            assert!(said.iter().all(|said| err.contains(said)), "{command:?}: {err}");
            assert!(!at.join("new.csv").exists());
        }
    }
    write(at, &taken);
    let (_, _, err) = relais(at, &["report", "out", "--lang", "fr"]);
    assert!(err.contains("ne porte pas d’empreinte") && err.contains("a été retirée"), "{err}");
    // The referee looks at it, and does not call it sound.
    write(at, &nulled);
    let (exit, out, _) = check(at, &[]);
    assert_eq!(exit, 1, "{out}");
    assert!(out.contains("the plan carries no digest"), "{out}");
}

#[test]
fn outcomes_beside_a_plan_are_believed_as_they_were_written() {
    let folder = planned("");
    let at = folder.path();
    let plan: relais::allocate::plan::Plan = serde_json::from_value(read(at)).unwrap();
    let mut whole = relais::report::example::report_data(6);
    whole.plan = plan;
    let outcomes = whole.outcomes.as_mut().unwrap();
    outcomes.seal();
    let sound = serde_json::to_value(&*outcomes).unwrap();
    let file = at.join("out/outcomes.json");
    let write = |outcomes: &Value| std::fs::write(&file, outcomes.to_string()).unwrap();
    write(&sound);
    let (exit, _, err) = relais(at, &["report", "out"]);
    assert!(exit <= 1, "{err}");
    let mut faster = sound.clone();
    faster["cells_per_second"] = json!(1e6);
    write(&faster);
    assert!(relais(at, &["report", "out"]).0 <= 1);
    let mut edited = sound.clone();
    edited["policies"][0]["p_beats_last"] = json!(1.0);
    let mut bare = edited.clone();
    bare.as_object_mut().unwrap().remove("digest");
    for (outcomes, said) in [(&edited, "was changed since"), (&bare, "carries no digest")] {
        write(outcomes);
        let (exit, out, err) = relais(at, &["report", "out"]);
        assert_eq!(exit, 2, "{out}");
        assert!(err.contains(said) && err.contains("outcomes.json"), "{err}");
    }
    // So with the scores of weeks held back that stand beside it.
    write(&sound);
    let backtest = whole.backtest.as_mut().unwrap();
    backtest.seal();
    let scores = serde_json::to_value(&*backtest).unwrap();
    let beside = at.join("out/backtest.json");
    let mut better = scores.clone();
    better["pit"][0] = json!(0.5);
    let mut bare = scores.clone();
    bare.as_object_mut().unwrap().remove("digest");
    for (scores, said) in [(&better, "was changed since"), (&bare, "carries no digest")] {
        std::fs::write(&beside, scores.to_string()).unwrap();
        let (exit, out, err) = relais(at, &["report", "out"]);
        assert_eq!(exit, 2, "{out}");
        assert!(err.contains(said) && err.contains("backtest.json"), "{err}");
    }
    std::fs::write(&beside, scores.to_string()).unwrap();
    assert!(relais(at, &["report", "out"]).0 <= 1);
    std::fs::remove_file(&beside).unwrap();
    // So with everything that a run keeps for its report.
    whole.seal();
    let sound = serde_json::to_value(&whole).unwrap();
    let file = at.join("out/dossier.json");
    let write = |report_data: &Value| std::fs::write(&file, report_data.to_string()).unwrap();
    write(&sound);
    let (exit, _, err) = relais(at, &["report", "out"]);
    assert!(exit <= 1, "{err}");
    let mut edited = sound.clone();
    edited["history"]["spend"] = json!(1.0);
    let mut bare = edited.clone();
    bare.as_object_mut().unwrap().remove("digest");
    for (report_data, said) in [(&edited, "was changed since"), (&bare, "carries no digest")] {
        write(report_data);
        let (exit, out, err) = relais(at, &["report", "out"]);
        assert_eq!(exit, 2, "{out}");
        assert!(err.contains(said) && err.contains("dossier.json"), "{err}");
    }
}

fn check(folder: &Path, more: &[&str]) -> (i32, String, String) {
    let line = ["plan", "--check", "out/plan.json", "--curves", "curves.csv"];
    relais(folder, &[&line[..], more].concat())
}

#[test]
fn plans_of_every_kind_hold_before_the_referee() {
    let kinds = [
        ("", 1e-7),
        ("spend = \"up_to\"\n[limits]\ncost_per_action = 0.9\n", 1e-6),
        ("rounding = \"five\"\n", 1e-3),
        ("[limits]\nfunded_at_most = 3\n", 1e-6),
        (
            "[limits]\nper_segment = { min_if_funded = 210, fixed_cost = 15, max_share = 0.5 }\n",
            1e-6,
        ),
        (
            "[limits]\nweekly_min = 20\n[[limits.segment]]\nwhere = { segment = \"c\" }\npin = 150\n",
            1e-6,
        ),
        (
            "[[limits.group]]\nname = \"each its part\"\neach = \"group\"\nmin_share = 0.45\n\
             [[limits.group]]\nname = \"a pair\"\nwhere = { segment = [\"a\", \"c\"] }\nmax = 400\n",
            1e-6,
        ),
        (
            "[[limits.side]]\nname = \"hours\"\nat_most = 900\n\
             per_money = [{ where = { group = \"north\" }, value = 1.5 }, { value = 0.5 }]\n",
            1e-6,
        ),
    ];
    for (rules, within) in kinds {
        let folder = planned(rules);
        let (exit, out, err) = check(folder.path(), &["--json"]);
        let verdict: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((exit, verdict["agrees"].as_bool()), (0, Some(true)), "{rules}: {out} {err}");
        let number = |path: &str| verdict.pointer(path).unwrap().as_f64().unwrap();
        let (value, bound) = (number("/value/own"), number("/upper_bound/own"));
        assert!(bound >= value * (1.0 - 1e-9), "{rules}: {out}");
        assert!(number("/gap/own") <= within, "{rules}: {out}");
        // With the campaign file in hand as well.
        let (exit, ..) = check(folder.path(), &["c.toml"]);
        assert_eq!(exit, 0, "{rules}");
    }
}

/// A change to a plan as its file has it.
type Edit = fn(&mut Value);

#[test]
fn what_was_edited_in_a_plan_is_named_by_the_referee() {
    let rules = "[limits]\nfunded_at_most = 4\n[[limits.group]]\nname = \"north\"\n\
        where = { group = \"north\" }\nmin = 500\n";
    let folder = planned(rules);
    let (at, plan) = (folder.path(), read(folder.path()));
    let edits: [(Edit, &str); 8] = [
        (|plan| plan["rows"][0]["budget"] = json!(1.0), "check-row-weeks"),
        (|plan| plan["certificate"]["objective"] = json!(2000.0), "check-value"),
        (|plan| plan["certificate"]["upper_bound"] = json!(1.0), "check-bound-too-low"),
        (|plan| plan["campaign"]["limits"]["funded_at_most"] = json!(1), "check-rule-above"),
        (|plan| plan["prices"][1]["limit"] = json!(77.0), "check-rule-limit"),
        (|plan| plan["prices"][1]["used"] = json!(77.0), "check-rule-used"),
        (|plan| plan["fingerprint"] = json!("0"), "check-other-curves"),
        (
            |plan| {
                // Two rows change places with their money and weeks: all sums stay as they are.
                let one = plan["rows"][0]["segment"].take();
                let other = plan["rows"][1]["segment"].take();
                plan["rows"][0]["segment"] = other;
                plan["rows"][1]["segment"] = one;
            },
            "check-value",
        ),
    ];
    for (edit, key) in edits {
        let mut edited = plan.clone();
        edit(&mut edited);
        write(at, &edited);
        let (exit, out, err) = check(at, &["--json"]);
        assert_eq!(exit, 1, "{key}: {out}{err}");
        let verdict: Value = serde_json::from_str(&out).unwrap();
        let found = verdict["differences"].as_array().unwrap();
        assert!(found.iter().any(|one| one["what"] == key), "{key}: {out}");
    }
    // A person reads amounts in their unit and language.
    let mut edited = plan.clone();
    edited["rows"][0]["budget"] = json!(1234.5);
    write(at, &edited);
    let (_, out, _) = check(at, &["--lang", "fr"]);
    let out = out.replace(['\u{a0}', '\u{202f}'], " ");
    assert!(out.contains("« budget » :") && out.contains("1 234,50 €"), "{out}");
    assert!(!out.contains("1234.5") && out.contains(" points"), "{out}");
    // A rule that the campaign file has, and the plan does not keep.
    write(at, &plan);
    let asked = std::fs::read_to_string(at.join("c.toml")).unwrap();
    std::fs::write(at.join("c.toml"), asked.replace("min = 500", "min = 990")).unwrap();
    let (exit, out, _) = check(at, &["c.toml", "--lang", "fr"]);
    assert_eq!(exit, 1);
    assert!(out.contains("au moins 990\u{a0}€ demandés") && out.contains("non"), "{out}");
    let (exit, out, _) = check(at, &[]);
    assert_eq!((exit, out.contains("The plan holds")), (0, true), "{out}");
    // What cannot be judged is bad input.
    let (exit, _, err) = relais(at, &["plan", "--check", "out/plan.json"]);
    assert_eq!((exit, err.contains("--curves")), (2, true), "{err}");
    let (exit, ..) = relais(at, &["plan", "--check", "nowhere.json", "--curves", "curves.csv"]);
    assert_eq!(exit, 2);
}

#[test]
fn a_bound_that_was_lowered_is_not_proven() {
    let folder =
        planned("[[limits.group]]\nname = \"s\"\nwhere = { segment = \"a\" }\nmax = 300\n");
    // On curves that are concave throughout, prices prove what there is to prove.
    let concave = "segment,form,p1,p2,p3\na,exposure,900,300,1.2\nb,hill,800,250,0.8\n\
        c,exponential,500,200,\nd,power,12,0.6,\n";
    std::fs::write(folder.path().join("curves.csv"), concave).unwrap();
    let make = ["plan", "c.toml", "--curves", "curves.csv", "--out", "out", "--gap", "0.01"];
    assert_eq!(relais(folder.path(), &make).0, 0);
    let (exit, out, _) = check(folder.path(), &["--json"]);
    assert_eq!(exit, 0, "{out}");
    // The whole plan is moved away from its optimum, its figures made to agree.
    let mut plan = read(folder.path());
    let verdict: Value = serde_json::from_str(&out).unwrap();
    assert!(verdict["gap"]["own"].as_f64().unwrap() < 1e-6, "{out}");
    let shift = 20.0;
    for (row, by) in [(1, shift), (2, -shift)] {
        let row = &mut plan["rows"][row];
        row["budget"] = json!(row["budget"].as_f64().unwrap() + by);
        let week = row["weeks"][0]["budget"].as_f64().unwrap();
        row["weeks"][0]["budget"] = json!(((week + by) * 100.0).round() / 100.0);
    }
    let media: Vec<f64> =
        plan["rows"].as_array().unwrap().iter().map(|r| r["budget"].as_f64().unwrap()).collect();
    let hill = |s: f64| 800.0 / (1.0 + (-0.8 * (s / 250.0_f64).ln()).exp());
    let value = 900.0 * (1.0 - (1.0 + media[0] / 360.0).powf(-1.2))
        + hill(media[1])
        + 500.0 * (1.0 - (-media[2] / 200.0).exp())
        + 12.0 * media[3].powf(0.6);
    let proof = &mut plan["certificate"];
    proof["objective"] = json!(value);
    proof["upper_bound"] = json!(value);
    proof["gap"] = json!(0.0);
    plan.as_object_mut().unwrap().remove("digest");
    write(folder.path(), &plan);
    let (exit, out, _) = check(folder.path(), &["--json"]);
    let verdict: Value = serde_json::from_str(&out).unwrap();
    let found = verdict["differences"].as_array().unwrap();
    assert_eq!(exit, 1, "{out}");
    let what: Vec<&str> = found.iter().map(|one| one["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["check-bound-unproven", "check-no-digest"], "{out}");
}

/// A panel of six audiences over twenty weeks, whose money varied.
fn panel(folder: &Path) {
    use std::fmt::Write as _;
    let mut rows = String::from("segment,network,format,start,end,spend,impressions,link_clicks\n");
    for week in 0..20_i64 {
        let start = jiff::civil::date(2026, 6, 1).saturating_add(jiff::Span::new().weeks(week));
        let end = start.saturating_add(jiff::Span::new().days(6));
        for k in 0..6_i64 {
            let network = ["facebook", "instagram", "tiktok"][k as usize % 3];
            let spend = 30.0 + ((week * 37 + k * 53 + week * k * 7) % 90) as f64;
            let shown = spend * 150.0;
            let clicks = (40.0 + 9.0 * k as f64) * (1.0 - (-spend / 90.0).exp());
            writeln!(rows, "a{k},{network},video,{start},{end},{spend:.2},{shown:.0},{clicks:.0}")
                .unwrap();
        }
    }
    std::fs::write(folder.join("panel.csv"), rows).unwrap();
    let train = ["train", "--panel", "panel.csv", "--out", "m.json"];
    let (exit, _, err) = relais(folder, &train);
    assert!(exit <= 1, "{err}");
}

#[test]
fn plans_over_draws_hold_before_the_referee() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    panel(at);
    let kinds = [
        ("", 1e-5),
        (
            "[limits]\nper_segment = { max_share = 0.3, min_if_funded = 180 }\nfunded_at_most = 4\n",
            1e-4,
        ),
        ("[limits]\nchange_at_most = 0.1\n", 1e-4),
        ("[limits]\ncarbon_price = 2\ntrust_region = false\n", 1e-4),
        ("[risk]\nprudence = 0.4\n[limits]\ntrust_region = false\n", 1e-3),
    ];
    for (rules, within) in kinds {
        let campaign = format!(
            "title = \"t\"\nbudget = \"1500 EUR\"\n\
             flight = {{ start = 2026-11-02, end = 2026-12-13 }}\n{rules}"
        );
        std::fs::write(at.join("c.toml"), campaign).unwrap();
        let make = ["plan", "c.toml", "--model", "m.json", "--out", "out", "--draws", "60"];
        let (exit, _, err) = relais(at, &make);
        assert!(exit <= 1, "{rules}: {err}");
        let judge = ["plan", "--check", "out/plan.json", "--model", "m.json", "--json"];
        let (exit, out, err) = relais(at, &judge);
        assert_eq!(exit, 0, "{rules}: {out}{err}");
        let verdict: Value = serde_json::from_str(&out).unwrap();
        let number = |path: &str| verdict.pointer(path).unwrap().as_f64().unwrap();
        assert!(
            number("/upper_bound/own") >= number("/value/own") * (1.0 - 1e-9),
            "{rules}: {out}"
        );
        assert!(number("/gap/own") <= within, "{rules}: {out}");
    }
    // Another model than the one it was made with, and an edit that keeps all sums.
    let mut plan = read(at);
    plan["fingerprint"] = json!("0");
    write(at, &plan);
    let judge = ["plan", "--check", "out/plan.json", "--model", "m.json", "--json"];
    let (exit, out, _) = relais(at, &judge);
    assert_eq!((exit, out.contains("check-other-model")), (1, true), "{out}");
}

#[test]
fn a_plan_by_the_shipped_priors_holds_too() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let campaign = "title = \"t\"\nbudget = \"3000 EUR\"\n\
        flight = { start = 2027-03-01, end = 2027-04-11 }\n[segments]\n\
        where = { network = [\"facebook\", \"instagram\", \"tiktok\"], age = [\"18-24\", \"25-34\"], \
        territory = [\"REG-76\"], format = [\"video\"] }\n";
    std::fs::write(at.join("c.toml"), campaign).unwrap();
    let (exit, _, err) = relais(at, &["plan", "c.toml", "--out", "out", "--draws", "60"]);
    assert!(exit <= 1, "{err}");
    let (exit, out, err) = relais(at, &["plan", "--check", "out/plan.json", "--lang", "fr"]);
    assert_eq!(exit, 0, "{out}{err}");
    assert!(out.contains("Le plan tient"), "{out}");
}
